//! Which hosts and names a mailbox should trust, read from one real mail that came into it.

use super::fields::Fields;
use super::parse::Trust;
use super::trace;
use crate::domain::alignment::organisation;
use crate::domain::authentication_results::{AuthenticationResults, believed, parse};

/// The most lines of a trace that are looked at.
const MAX_LINES: usize = 60;

/// Domains of one owner whose hosts take turns in one trace.
const ONE_OWNER: [&[&str]; 2] =
    [&["outlook.com", "office365.com", "exchangelabs.com"], &["google.com", "gmail.com", "googlemail.com"]];

/// The addresses by which hosts within Gmail are known.
const GMAIL: &str = "2002:a00::/24";

/// What one mail tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// What stands in the header, from the top, and what follows from it.
    pub lines: Vec<String>,
    /// The hosts of ours that wrote a `Received`, each by its whole name, from the top.
    pub hosts: Vec<String>,
    /// For `trusted_hosts`.
    pub trusted_hosts: Vec<String>,
    /// For `authserv_ids`.
    pub authserv_ids: Vec<String>,
    /// What our hosts found out about the sender, from the top.
    pub results: Vec<AuthenticationResults>,
    /// What to look after.
    pub warnings: Vec<String>,
}

/// Reads the header from the top, where the mailbox's own servers wrote last. Its topmost `Received` is by a host of
/// ours; so are the next ones as far as they are of the same owner.
#[must_use]
pub fn advise(raw: &[u8]) -> Advice {
    let fields = Fields::read(raw);
    let mut advice = Advice::default();
    let mut owner: Option<String> = None;
    let mut is_ours = true;
    let mut headers: Vec<AuthenticationResults> = Vec::new();
    let mut below: Vec<AuthenticationResults> = Vec::new();
    let shown = fields.iter().filter(|(name, _)| matches!(*name, "received" | "authentication-results"));
    for (name, value) in shown.take(MAX_LINES) {
        if name == "authentication-results" {
            let header = parse(value);
            advice.lines.push(told(&header, is_ours));
            if is_ours { &mut headers } else { &mut below }.push(header);
            continue;
        }
        let host = trace::by_host(value);
        let host_owner = host.as_deref().map(owner_of);
        is_ours = is_ours && host_owner.is_some() && (owner.is_none() || owner == host_owner);
        let shown = host.as_deref().unwrap_or("a host without name");
        if let (true, Some(host)) = (is_ours, &host) {
            owner = owner.or(host_owner);
            advice.lines.push(format!("Received by {shown}: a host of yours"));
            push_new(&mut advice.hosts, host.clone());
            push_new(&mut advice.trusted_hosts, pattern(host));
        } else {
            advice.lines.push(format!("Received by {shown}: of somebody else; from here on anybody may have written"));
        }
    }
    choose_ids(&mut advice, &headers, owner.as_deref());
    warn(&mut advice, &headers, &below);
    headers.retain(|header| advice.authserv_ids.contains(&header.authserv_id));
    advice.results = believed(headers);
    advice
}

impl Advice {
    /// What the mailbox would trust.
    #[must_use]
    pub fn trust(&self) -> Trust {
        Trust { authserv_ids: self.authserv_ids.clone(), trusted_hosts: self.trusted_hosts.clone() }
    }

    /// What the topmost of our hosts that tried this method (`spf`, `dkim`, `dmarc`) says of it.
    #[must_use]
    pub fn result(&self, method: &str) -> Option<&str> {
        let mut all = self.results.iter().flat_map(|header| &header.results);
        all.find(|result| result.method == method).map(|result| result.result.as_str())
    }

    /// The two lines for casepost.toml.
    #[must_use]
    pub fn toml(&self) -> String {
        let list = |items: &[String]| items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ");
        format!("trusted_hosts = [{}]\nauthserv_ids = [{}]", list(&self.trusted_hosts), list(&self.authserv_ids))
    }
}

fn told(header: &AuthenticationResults, is_ours: bool) -> String {
    let results: Vec<String> = header.results.iter().map(|r| format!("{}={}", r.method, r.result)).collect();
    let place = if is_ours { "where your hosts write" } else { "where anybody may have written" };
    format!("Authentication-Results of \"{}\" ({}): {place}", header.authserv_id, results.join(" "))
}

/// The names under which our hosts sign: those of the same owner, and the missing name of Exchange Online. A name of
/// somebody else counts only as the topmost, which nobody but our last host can have written.
fn choose_ids(advice: &mut Advice, headers: &[AuthenticationResults], owner: Option<&str>) {
    let Some(owner) = owner else { return };
    for (index, header) in headers.iter().enumerate() {
        let id = &header.authserv_id;
        let is_same = owner_of(id) == owner || id.is_empty() && owner == "outlook.com";
        let is_first = index == 0 && advice.lines.first().is_some_and(|line| line.starts_with("Authentication"));
        if is_same || is_first {
            push_new(&mut advice.authserv_ids, id.clone());
        } else {
            advice.warnings.push(format!(
                "\"{id}\" is of another owner than your hosts: if it is your provider's, add it to authserv_ids; the sender \
                 may have written it"
            ));
        }
    }
}

fn warn(advice: &mut Advice, headers: &[AuthenticationResults], below: &[AuthenticationResults]) {
    let mut warnings = Vec::new();
    if advice.trusted_hosts.is_empty() {
        warnings.push(
            "there is no Received line of a host: take a mail that came in from outside, as the mailbox keeps it"
                .to_owned(),
        );
    }
    let own: Vec<_> = headers.iter().filter(|h| advice.authserv_ids.contains(&h.authserv_id)).collect();
    let names = |header: &AuthenticationResults, method: &str| header.results.iter().any(|r| r.method == method);
    if own.is_empty() {
        warnings.push(
            "your hosts wrote no Authentication-Results: only mail that is signed (DKIM) proves its sender. An own Postfix \
             writes them with OpenDMARC or Rspamd beside it"
                .to_owned(),
        );
    } else if !own.iter().any(|header| names(header, "dmarc")) {
        warnings.push(
            "your hosts tell of no dmarc: only an aligned dkim=pass proves a sender, and nothing disowns a forged one"
                .to_owned(),
        );
    }
    for method in ["dmarc", "dkim", "spf"] {
        for (index, header) in own.iter().enumerate() {
            let above = own[..index].iter().any(|h| h.authserv_id == header.authserv_id && names(h, method));
            if above && names(header, method) {
                warnings.push(format!(
                    "a second Authentication-Results of \"{}\" tells of {method}: where it came with the mail, your host does \
                     not take away what others write in its name (RFC 8601 section 5); only the upper one is believed",
                    header.authserv_id
                ));
            }
        }
    }
    let all: Vec<AuthenticationResults> = own.iter().map(|header| (*header).clone()).collect();
    if believed(all.clone()) != all {
        warnings.push(
            "a dmarc result stands below one of your host's headers that tells none: it came with the mail, and is not \
             believed"
                .to_owned(),
        );
    }
    for header in below.iter().filter(|h| advice.authserv_ids.contains(&h.authserv_id)) {
        warnings.push(format!(
            "below your hosts somebody else signs as \"{}\", and your host let it stand (RFC 8601 section 5 wants it taken \
             away): it is not believed",
            header.authserv_id
        ));
    }
    advice.warnings.append(&mut warnings);
}

/// The owner of a host: its organisational domain, one name for owners of several; an address for itself.
fn owner_of(host: &str) -> String {
    if is_address(host) {
        return if trace::is_within(host, GMAIL) { "google.com" } else { host }.to_owned();
    }
    let domain = organisation(host).unwrap_or(host);
    let group = ONE_OWNER.iter().find(|group| group.contains(&domain));
    group.map_or(domain, |group| group[0]).to_owned()
}

fn is_address(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

/// How the host is written in `trusted_hosts`: machines of a farm take turns, so their numbered names give way to what
/// stands behind them; an address within Gmail gives way to its network.
fn pattern(host: &str) -> String {
    if is_address(host) {
        return if trace::is_within(host, GMAIL) { GMAIL } else { host }.to_owned();
    }
    let least = organisation(host).unwrap_or(host);
    let mut rest = host;
    while let Some((label, parent)) = rest.split_once('.') {
        let is_numbered = label.bytes().filter(u8::is_ascii_digit).count() >= 2;
        if !is_numbered || parent.len() < least.len() {
            break;
        }
        rest = parent;
    }
    if rest == host { host.to_owned() } else { format!(".{rest}") }
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, toml: &str, warnings: &[&str]) {
        let advice = advise(format!("{header}\n\nbody").as_bytes());
        assert_eq!(advice.toml(), toml, "{header}");
        assert_eq!(advice.warnings.len(), warnings.len(), "{:#?}", advice.warnings);
        for (told, expected) in advice.warnings.iter().zip(warnings) {
            assert!(told.contains(expected), "{told:?} does not say {expected:?}");
        }
    }

    #[test]
    fn an_own_server_with_programs_beside_it() {
        check(
            "Received: from mx.desk.nl by store.desk.nl with LMTP; x\n\
             Authentication-Results: mx.desk.nl; dmarc=pass header.from=client.nl\n\
             Authentication-Results: mx.desk.nl; dkim=pass header.d=client.nl\n\
             Received: from mail.client.nl by mx.desk.nl; x\n\
             Received: from pc by mail.client.nl; x\n\
             Authentication-Results: mail.client.nl; auth=pass\n",
            "trusted_hosts = [\"store.desk.nl\", \"mx.desk.nl\"]\nauthserv_ids = [\"mx.desk.nl\"]",
            &[],
        );
    }

    #[test]
    fn large_providers() {
        check(
            "Received: by 2002:a05:6402:1::b with SMTP id x; x\n\
             Received: from mail.client.nl by mx.google.com with ESMTPS id y; x\n\
             Authentication-Results: mx.google.com; dkim=pass; spf=pass; dmarc=pass header.from=client.nl\n\
             Received: by mail.client.nl; x\n",
            "trusted_hosts = [\"2002:a00::/24\", \"mx.google.com\"]\nauthserv_ids = [\"mx.google.com\"]",
            &[],
        );
        check(
            "Received: from DB9P1.EURP189.PROD.OUTLOOK.COM by AM9PR01MB12.eurprd01.prod.exchangelabs.com with HTTPS; x\n\
             Received: from mail.client.nl by AM5EUR03FT012.mail.protection.outlook.com; x\n\
             Authentication-Results: spf=pass smtp.mailfrom=client.nl; dkim=pass; dmarc=pass action=none\n\
             Received: by mail.client.nl; x\n",
            "trusted_hosts = [\".prod.exchangelabs.com\", \".mail.protection.outlook.com\"]\nauthserv_ids = [\"\"]",
            &[],
        );
    }

    #[test]
    fn what_to_look_after() {
        let top = "Received: from mail.client.nl by mx.desk.nl; x\n";
        let hosts = "trusted_hosts = [\"mx.desk.nl\"]\nauthserv_ids = ";
        check(top, &format!("{hosts}[]"), &["wrote no Authentication-Results"]);
        check(
            &format!("{top}Authentication-Results: mx.desk.nl; spf=pass\n"),
            &format!("{hosts}[\"mx.desk.nl\"]"),
            &["tell of no dmarc"],
        );
        check(
            &format!(
                "{top}Authentication-Results: mx.desk.nl; dmarc=none\n\
                 Authentication-Results: mx.desk.nl; dmarc=pass header.from=client.nl\n"
            ),
            &format!("{hosts}[\"mx.desk.nl\"]"),
            &["a second"],
        );
        check(
            &format!(
                "{top}Authentication-Results: mx.desk.nl; dmarc=none\nReceived: by mail.client.nl; x\n\
                 Authentication-Results: mx.desk.nl; dmarc=pass header.from=client.nl\n"
            ),
            &format!("{hosts}[\"mx.desk.nl\"]"),
            &["let it stand"],
        );
        check(
            &format!(
                "{top}Authentication-Results: mx.desk.nl; spf=pass\n\
                 Authentication-Results: mx.desk.nl; dmarc=pass header.from=client.nl\n"
            ),
            &format!("{hosts}[\"mx.desk.nl\"]"),
            &["came with the mail"],
        );
        check(
            &format!("{top}Authentication-Results: mx.evil.nl; dmarc=pass\n"),
            &format!("{hosts}[]"),
            &["another owner", "wrote no"],
        );
        check("Subject: x", "trusted_hosts = []\nauthserv_ids = []", &["no Received", "wrote no"]);
    }
}
