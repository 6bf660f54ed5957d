//! `Received` (RFC 5321 section 4.4): which lines our own hosts wrote, and when the mail reached them.

use super::fields::Fields;
use super::parse::Trust;

/// What the trace says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// How many fields, counted from the top, stand above the first `Received` that is not of a trusted
    /// host. Everything below may have been written by anybody.
    pub trusted_fields: usize,
    /// When the topmost trusted host got it.
    pub received_at: Option<jiff::Timestamp>,
}

/// Reads the trace from the top, where the last server wrote. Without trusted hosts nothing is trusted.
#[must_use]
pub fn read(fields: &Fields, trust: &Trust) -> Trace {
    let mut trace = Trace::default();
    if trust.trusted_hosts.is_empty() {
        return trace;
    }
    let mut has_trusted = false;
    for (index, (name, value)) in fields.iter().enumerate() {
        if name == "received" {
            if !by_host(value).is_some_and(|host| trust.is_host(&host)) {
                trace.trusted_fields = if has_trusted { index } else { 0 };
                return trace;
            }
            has_trusted = true;
            trace.received_at = trace.received_at.or_else(|| stamp(value));
        }
        trace.trusted_fields = index + 1;
    }
    // No line of a trusted host at all: nobody can tell who wrote the header.
    if !has_trusted {
        trace.trusted_fields = 0;
    }
    trace
}

/// When a mail was received as its topmost `Received` says, whoever wrote that, or else when it was written. For
/// looking at mails of old: a signature that has expired since was good then.
#[must_use]
pub fn claimed_at(fields: &Fields) -> Option<jiff::Timestamp> {
    let written = || timestamp(&mail_parser::DateTime::parse_rfc822(fields.first("date")?.trim())?);
    fields.first("received").and_then(stamp).or_else(written)
}

/// The host that wrote the line: the word after `by`, in small letters.
///
/// Words come in pairs (`from X by Y`), so that a sender who calls itself `by` in its greeting gains nothing.
pub fn by_host(value: &str) -> Option<String> {
    let plain = without_comments(value);
    let before_date = plain.split(';').next().unwrap_or_default();
    let mut words = before_date.split_whitespace();
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "by" => return words.next().map(|host| host.trim_end_matches('.').to_lowercase()),
            "from" | "via" | "with" | "id" | "for" => {
                words.next();
            }
            _ => {}
        }
    }
    None
}

/// Whether a host that has an address for a name is in a network such as `10.0.0.0/8`.
///
/// QUIRK: within Gmail lines are by addresses of 2002:a00::/24, which stand for 10.0.0.0/8 (RFC 3056 section 2).
pub fn is_within(host: &str, network: &str) -> bool {
    use std::net::IpAddr;
    let Some((base, length)) = network.split_once('/') else { return false };
    let length: Option<u32> = length.parse().ok();
    match (host.trim_matches(['[', ']']).parse(), base.parse(), length) {
        (Ok(IpAddr::V6(host)), Ok(IpAddr::V6(base)), Some(length @ 1..=128)) => {
            (host.to_bits() ^ base.to_bits()) >> (128 - length) == 0
        }
        (Ok(IpAddr::V4(host)), Ok(IpAddr::V4(base)), Some(length @ 1..=32)) => {
            (host.to_bits() ^ base.to_bits()) >> (32 - length) == 0
        }
        _ => false,
    }
}

/// The time behind the last semicolon.
fn stamp(value: &str) -> Option<jiff::Timestamp> {
    let (_, date) = value.rsplit_once(';')?;
    timestamp(&mail_parser::DateTime::parse_rfc822(date.trim())?)
}

/// A moment from the mail library's date, unless it is no date at all.
pub fn timestamp(date: &mail_parser::DateTime) -> Option<jiff::Timestamp> {
    date.is_valid().then(|| jiff::Timestamp::from_second(date.to_timestamp()).ok()).flatten()
}

/// The text without comments, nested ones included, and without what stands in quotes. One pass.
pub fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut depth, mut is_quoted) = (0_usize, false);
    let mut signs = text.chars();
    while let Some(c) = signs.next() {
        match c {
            '\\' => {
                signs.next();
            }
            '"' if depth == 0 => {
                is_quoted = !is_quoted;
                plain.push('"');
            }
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                plain.push(' ');
            }
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, host: Option<&str>) {
        assert_eq!(by_host(value).as_deref(), host, "{value:?}");
    }

    #[test]
    fn the_host_stands_behind_by() {
        check(
            "from a.nl (a.nl [1.2.3.4]) by MX.desk.nl. (Postfix) with ESMTPS id 4; Mon, 23 Nov 2026 10:00:00 +0100",
            Some("mx.desk.nl"),
        );
        check("by mx.desk.nl; Mon, 23 Nov 2026 10:00:00 +0100", Some("mx.desk.nl"));
        check("from by (x by mx.desk.nl) by real.nl with SMTP", Some("real.nl"));
        check("from \"by mx.desk.nl\" by real.nl", Some("real.nl"));
        check("from (by mx.desk.nl", None);
        check("; by mx.desk.nl", None);
        check("", None);
    }

    #[test]
    fn networks() {
        let check = |host: &str, network: &str, expected: bool| {
            assert_eq!(is_within(host, network), expected, "{host} {network}");
        };
        check("2002:a05:6402:1::b", "2002:a00::/24", true);
        check("2002:adf:b343:0:0:0:0:0", "2002:a00::/24", true);
        check("2002:b05::1", "2002:a00::/24", false);
        check("[10.1.2.3]", "10.0.0.0/8", true);
        check("11.1.2.3", "10.0.0.0/8", false);
        check("10.1.2.3", "2002:a00::/24", false);
        check("mx.desk.nl", "10.0.0.0/8", false);
        check("10.1.2.3", "10.0.0.0/0", false);
        check("10.1.2.3", "10.0.0.0/99", false);
        check("10.1.2.3", "10.1.2.3", false);
    }

    #[test]
    fn the_time_of_an_old_mail_is_what_it_says() {
        let at = |raw: &str| claimed_at(&Fields::read(raw.as_bytes())).map(|at| at.to_string());
        let date = "Date: Mon, 23 Nov 2026 09:00:00 +0100\n";
        let received = "Received: by x; Mon, 23 Nov 2026 10:00:00 +0100\n";
        assert_eq!(at(&format!("{date}{received}")).as_deref(), Some("2026-11-23T09:00:00Z"));
        assert_eq!(at(&format!("{date}Received: by x\n")).as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(at("Subject: x"), None);
    }

    fn trusted(raw: &str) -> (usize, Option<String>) {
        let trust = Trust { authserv_ids: vec![], trusted_hosts: vec!["mx.desk.nl".into(), ".hosting.nl".into()] };
        let trace = read(&Fields::read(raw.as_bytes()), &trust);
        (trace.trusted_fields, trace.received_at.map(|at| at.to_string()))
    }

    #[test]
    fn trust_ends_at_the_first_line_of_another_host() {
        let own = "Received: from x by mx.desk.nl; Mon, 23 Nov 2026 10:00:00 +0100\n";
        let farm = "Received: from x by a7.hosting.nl; Mon, 23 Nov 2026 10:00:01 +0100\n";
        let other = "Received: from y by evil.nl; Mon, 23 Nov 2026 09:00:00 +0100\n";
        assert_eq!(trusted(&format!("A: 1\n{own}B: 2\n{other}C: 3\n{own}")), (3, Some("2026-11-23T09:00:00Z".into())));
        assert_eq!(trusted(&format!("{farm}{own}A: 1\n")), (3, Some("2026-11-23T09:00:01Z".into())));
        assert_eq!(trusted(&format!("A: 1\n{other}{own}")), (0, None));
        assert_eq!(trusted("A: 1\n"), (0, None));
        assert_eq!(trusted("Received: by evilhosting.nl; Mon, 23 Nov 2026 10:00:01 +0100\n"), (0, None));
    }
}
