//! `Authentication-Results` (RFC 8601): what a receiving server found out about the sender, and what that proves.
//!
//! Which of these headers may be believed at all is decided where the mail is read; here every header is
//! taken at its word.

use super::address::Address;
use super::alignment::is_aligned;
use super::message::SenderProof;

/// One `Authentication-Results` header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthenticationResults {
    /// The name of the server that judged, in small letters. Empty where the header has none.
    ///
    /// QUIRK: Exchange Online writes no name although RFC 8601 section 2.2 asks for one.
    pub authserv_id: String,
    /// The version of the header's form, where it is told; 1 is the only one there is.
    pub version: Option<u32>,
    /// The results in their order; empty for `none`.
    pub results: Vec<MethodResult>,
}

/// What one method found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodResult {
    /// The method in small letters: `dkim`, `spf`, `dmarc`, `arc`, …
    pub method: String,
    /// The result in small letters: `pass`, `fail`, `none`, `temperror`, …
    pub result: String,
    /// Why, in the server's words.
    pub reason: Option<String>,
    /// What stood in comments, such as `p=REJECT sp=NONE`.
    pub comment: String,
    /// What the method looked at: name in small letters (`header.from`) and value.
    pub properties: Vec<(String, String)>,
}

impl MethodResult {
    /// The value of the first property of that name, such as `header.d`.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the value of one header. Total: what cannot be read is left out.
#[must_use]
pub fn parse(value: &str) -> AuthenticationResults {
    let mut header = AuthenticationResults::default();
    for (index, segment) in segments(value).into_iter().enumerate() {
        if index == 0 && segment.pairs.is_empty() {
            let mut words = segment.words.into_iter();
            header.authserv_id = words.next().unwrap_or_default().to_lowercase();
            header.version = words.next().and_then(|word| word.parse().ok());
        } else if let Some(result) = method_result(segment) {
            header.results.push(result);
        }
    }
    header
}

/// The headers of our own hosts, topmost first, without the words that can't be theirs.
///
/// Several programs of one host may write a header each, the later one above the earlier: OpenDMARC above OpenDKIM, whose
/// result it builds on. So `dmarc` below a header of the same name that tells of `spf` or `dkim` and not of `dmarc` was
/// there before our host looked: a host that judges no dmarc, and does not take away what a sender wrote in its name.
/// Hosts that tell all in one header, as Exchange Online and Gmail do, and those that use a name for each method, as
/// iCloud does, are not touched. A sender's own header below a host that writes nothing can't be told from the host's.
#[must_use]
pub fn believed(mut headers: Vec<AuthenticationResults>) -> Vec<AuthenticationResults> {
    let mut without_dmarc: Vec<String> = Vec::new();
    let mut with_dmarc: Vec<String> = Vec::new();
    for header in &mut headers {
        if without_dmarc.contains(&header.authserv_id) {
            header.results.retain(|result| result.method != "dmarc");
        } else if header.results.iter().any(|result| result.method == "dmarc") {
            with_dmarc.push(header.authserv_id.clone());
        } else if !with_dmarc.contains(&header.authserv_id)
            && header.results.iter().any(|result| matches!(result.method.as_str(), "spf" | "dkim"))
        {
            without_dmarc.push(header.authserv_id.clone());
        }
    }
    headers
}

/// What the believed headers, topmost first, prove about the From address.
///
/// For each method only the topmost header that names it counts: whatever a sender may have slipped in
/// stands below the header of the server that received the mail. `spf` proves nothing: it is about the
/// reverse path, and relays are shared by many.
#[must_use]
pub fn prove(from: &Address, headers: &[AuthenticationResults]) -> SenderProof {
    let dmarc = topmost(headers, "dmarc");
    if let Some((result, server)) = find(&dmarc, |r| r.result == "fail") {
        let said = format!("dmarc=fail ({server})");
        return if asks_refusal(result) {
            SenderProof::Contradicted { by: said }
        } else {
            SenderProof::Unproven { why: said }
        };
    }
    let is_from = |r: &MethodResult| {
        r.result == "pass"
            && r.property("header.from").is_some_and(|domain| is_aligned(from.domain(), domain_of(domain)))
    };
    if let Some((_, server)) = find(&dmarc, is_from) {
        return SenderProof::Proven { by: format!("dmarc=pass ({server})") };
    }
    let dkim = topmost(headers, "dkim");
    let is_signed = |r: &MethodResult| r.result == "pass" && signer(r).is_some_and(|d| is_aligned(from.domain(), d));
    if let Some((result, server)) = find(&dkim, is_signed) {
        let domain = signer(result).unwrap_or_default();
        return SenderProof::Proven { by: format!("dkim=pass of {domain} ({server})") };
    }
    let is_for_now = |r: &MethodResult| r.result == "temperror";
    // A signature of somebody else would prove nothing anyway.
    let is_own_for_now = |r: &MethodResult| is_for_now(r) && signer(r).is_none_or(|d| is_aligned(from.domain(), d));
    if let Some((result, server)) = find(&dmarc, is_for_now).or_else(|| find(&dkim, is_own_for_now)) {
        return SenderProof::UnknownForNow { why: format!("{}=temperror ({server})", result.method) };
    }
    let why = if headers.is_empty() { "no trusted Authentication-Results" } else { "no aligned dmarc or dkim pass" };
    SenderProof::Unproven { why: why.to_owned() }
}

/// The results of one method in the topmost header that names it, each with its server.
fn topmost<'a>(headers: &'a [AuthenticationResults], method: &str) -> Vec<(&'a MethodResult, &'a str)> {
    headers
        .iter()
        .find(|header| header.results.iter().any(|r| r.method == method))
        .map(|header| {
            let own = header.results.iter().filter(|r| r.method == method);
            own.map(|r| (r, header.authserv_id.as_str())).collect()
        })
        .unwrap_or_default()
}

fn find<'a>(
    results: &[(&'a MethodResult, &'a str)],
    is_wanted: impl Fn(&MethodResult) -> bool,
) -> Option<(&'a MethodResult, &'a str)> {
    results.iter().copied().find(|(result, _)| is_wanted(result))
}

/// Whether the owner of the domain, or the server, wants a failed mail refused. Servers tell the policy in
/// a comment (`p=REJECT dis=QUARANTINE`), as `policy.…` properties, or as Exchange's `action=`.
fn asks_refusal(result: &MethodResult) -> bool {
    let is_refusal = |value: &str| matches!(value, "reject" | "quarantine" | "oreject" | "permerror-reject");
    let comment = result.comment.to_lowercase();
    let in_comment = comment
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter_map(|word| word.split_once('='))
        .any(|(name, value)| matches!(name, "p" | "dis" | "policy" | "disposition") && is_refusal(value));
    in_comment
        || result.properties.iter().any(|(name, value)| {
            (name.starts_with("policy.") || matches!(name.as_str(), "action" | "policy" | "dis" | "p"))
                && is_refusal(&value.to_lowercase())
        })
}

/// The signing domain: `header.d`, else the domain of `header.i`.
fn signer(result: &MethodResult) -> Option<&str> {
    result.property("header.d").or_else(|| result.property("header.i")).map(domain_of)
}

fn domain_of(value: &str) -> &str {
    value.rsplit_once('@').map_or(value, |(_, domain)| domain).trim_end_matches('.')
}

fn method_result(segment: Segment) -> Option<MethodResult> {
    let mut pairs = segment.pairs.into_iter();
    let (name, value) = pairs.next()?;
    let method = name.split('/').next().unwrap_or_default().to_lowercase();
    let mut result = MethodResult { method, result: value.to_lowercase(), ..MethodResult::default() };
    for (name, value) in pairs {
        let name = name.to_lowercase();
        if name == "reason" && result.reason.is_none() {
            result.reason = Some(value);
        } else {
            result.properties.push((name, value));
        }
    }
    result.comment = segment.comment;
    Some(result)
}

/// What stands between two semicolons.
#[derive(Default)]
struct Segment {
    words: Vec<String>,
    pairs: Vec<(String, String)>,
    comment: String,
}

/// Cuts at semicolons outside quotes and comments, and into words and `name=value` pairs. One pass.
fn segments(value: &str) -> Vec<Segment> {
    let mut all = vec![];
    let mut now = Segment::default();
    let mut name: Option<String> = None;
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        match first {
            ';' => {
                name = None;
                all.push(std::mem::take(&mut now));
                rest = &rest[1..];
            }
            '(' => rest = take_comment(rest, &mut now.comment),
            '=' => {
                // The word before it was a name.
                name = now.words.pop();
                rest = &rest[1..];
            }
            c if c.is_whitespace() => rest = &rest[c.len_utf8()..],
            _ => {
                let (word, behind) = take_word(rest, name.is_some());
                match name.take() {
                    Some(name) => now.pairs.push((name, word)),
                    None => now.words.push(word),
                }
                rest = behind;
            }
        }
    }
    all.push(now);
    all
}

/// Takes a word; parts in quotes belong to it. In a value `=` is an ordinary sign (`header.b=abc=`).
fn take_word(text: &str, is_value: bool) -> (String, &str) {
    let mut word = String::new();
    let mut is_quoted = false;
    let mut signs = text.char_indices();
    while let Some((at, c)) = signs.next() {
        match c {
            '\\' if is_quoted => word.extend(signs.next().map(|(_, escaped)| escaped)),
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => word.push(c),
            ';' | '(' => return (word, &text[at..]),
            '=' if !is_value => return (word, &text[at..]),
            c if c.is_whitespace() => return (word, &text[at..]),
            _ => word.push(c),
        }
    }
    (word, "")
}

/// Takes a comment, nested ones included, and adds its words to `comment`.
fn take_comment<'a>(text: &'a str, comment: &mut String) -> &'a str {
    let mut depth = 0_usize;
    let mut signs = text.char_indices();
    if !comment.is_empty() {
        comment.push(' ');
    }
    while let Some((at, c)) = signs.next() {
        match c {
            '\\' => comment.extend(signs.next().map(|(_, escaped)| escaped)),
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return &text[at + 1..];
                }
            }
            _ => comment.push(c),
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[&str], expected: &str) {
        let from = Address::new("ann@client.nl").unwrap();
        let parsed = believed(headers.iter().map(|value| parse(value)).collect());
        let said = match prove(&from, &parsed) {
            SenderProof::Proven { by } => format!("proven {by}"),
            SenderProof::Unproven { why } => format!("unproven {why}"),
            SenderProof::Contradicted { by } => format!("contradicted {by}"),
            SenderProof::UnknownForNow { why } => format!("unknown {why}"),
        };
        assert!(said.starts_with(expected), "{headers:?}: {said}");
    }

    #[test]
    fn a_header_is_read_with_comments_and_quotes() {
        let header = parse(
            "mx.Desk.nl 1; dkim=pass (2048-bit (rsa) key; ok) header.d=client.nl header.b=\"a;b=\";\r\n \
             spf = fail reason=\"not; allowed\" smtp.mailfrom=\"a b\"@x.nl; dmarc/1=pass (p=NONE) header.from=client.nl",
        );
        assert_eq!((header.authserv_id.as_str(), header.version), ("mx.desk.nl", Some(1)));
        let names: Vec<_> = header.results.iter().map(|r| (r.method.as_str(), r.result.as_str())).collect();
        assert_eq!(names, [("dkim", "pass"), ("spf", "fail"), ("dmarc", "pass")]);
        assert_eq!(header.results[0].property("header.b"), Some("a;b="));
        assert_eq!(header.results[1].reason.as_deref(), Some("not; allowed"));
        assert_eq!(header.results[1].property("smtp.mailfrom"), Some("a b@x.nl"));
        assert_eq!(header.results[2].comment, "p=NONE");
    }

    #[test]
    fn odd_headers_never_stop_the_reader() {
        assert_eq!(parse("mx.desk.nl; none").results, []);
        assert_eq!(parse("").authserv_id, "");
        for text in ["(", ")", "\"", "=", ";;;", "a=", "=b", "x; (((", "x; a=\"", "x; \\", "é=ü; (ß"] {
            let _ = parse(text);
        }
        assert_eq!(parse(&"(".repeat(100_000)).results, []);
        // Exchange Online writes no authserv-id.
        let header = parse("spf=pass smtp.mailfrom=x.nl; dmarc=pass action=none header.from=client.nl");
        assert_eq!((header.authserv_id.as_str(), header.results.len()), ("", 2));
    }

    #[test]
    fn proofs() {
        check(&["mx; dmarc=pass header.from=client.nl"], "proven dmarc=pass (mx)");
        check(&["mx; dmarc=pass header.from=evil.nl"], "unproven");
        check(&["mx; dmarc=pass"], "unproven");
        check(&["mx; dkim=pass header.d=client.nl"], "proven dkim");
        check(&["mx; dkim=pass header.i=@mail.client.nl"], "proven dkim");
        check(&["mx; dkim=pass header.d=myclient.nl"], "unproven");
        check(&["mx; dkim=pass header.d=nl"], "unproven");
        check(&["mx; dkim=pass header.d=client.nl.evil.tld"], "unproven");
        check(&["mx; dkim=fail header.d=client.nl; dkim=pass header.d=client.nl"], "proven");
        check(&["mx; spf=pass smtp.mailfrom=ann@client.nl"], "unproven");
        check(&["mx; dmarc=fail (p=REJECT dis=NONE) header.from=client.nl"], "contradicted");
        check(&["mx; dmarc=fail action=oreject header.from=client.nl"], "contradicted");
        check(&["mx; dmarc=fail policy.dmarc=quarantine header.from=client.nl"], "contradicted");
        check(&["mx; dmarc=fail (p=none sp=reject) header.from=client.nl; dkim=pass header.d=client.nl"], "unproven");
        check(&["mx; dmarc=temperror header.from=client.nl"], "unknown");
        check(&["mx; dkim=temperror header.d=client.nl"], "unknown");
        check(&["mx; dkim=temperror header.d=other.nl"], "unproven");
        check(&["mx; dmarc=temperror; dkim=pass header.d=client.nl"], "proven dkim");
        check(&["mx; dmarc=bestguesspass header.from=client.nl"], "unproven");
        check(&["mx; x=y (dmarc=pass header.from=client.nl)"], "unproven");
        check(&["mx; spf=pass reason=\"dmarc=pass header.from=client.nl\""], "unproven");
        check(&[], "unproven no trusted");
    }

    #[test]
    fn of_two_headers_the_upper_counts() {
        check(&["mx; dmarc=none", "mx; dmarc=pass header.from=client.nl"], "unproven");
        check(&["mx; dmarc=fail (p=reject)", "mx; dmarc=pass header.from=client.nl"], "contradicted");
        // One name for each method, or programs of one host in the order in which they work.
        check(&["dkim.mx; dkim=none", "dmarc.mx; dmarc=pass header.from=client.nl"], "proven");
        check(&["mx; dmarc=pass header.from=client.nl", "mx; spf=pass", "mx; dkim=pass header.d=other.nl"], "proven");
        check(&["mx; dmarc=none", "mx; spf=none", "mx; dkim=pass header.d=client.nl"], "proven dkim");
        check(&["mx; x-tls=pass", "mx; dmarc=pass header.from=client.nl"], "proven");
    }

    #[test]
    fn a_verdict_that_our_host_never_gives_is_not_its_own() {
        check(&["mx; spf=pass", "mx; dmarc=pass header.from=client.nl"], "unproven");
        check(&["mx; dkim=none; spf=pass", "mx; dmarc=pass header.from=client.nl; spf=pass"], "unproven");
        check(&["mx; spf=pass", "mx; dkim=pass header.d=client.nl", "mx; dmarc=fail (p=reject)"], "proven dkim");
    }
}
