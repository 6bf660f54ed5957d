//! Who or what wrote a mail: a person, a program that answers for a person, or a server that reports.
//!
//! Rules in falling strength: the form of a report (RFC 3464, 5965, 8098), what the header says of itself
//! (RFC 3834, 5436), the empty reverse path (RFC 5321), list headers (RFC 2369, 2919). A subject is weak evidence:
//! it counts only where another sign stands beside it, since people answer automatic mails too.

use super::address::Address;
use super::message::{DeliveryAction, DeliveryReport, FeedbackType, Origin};

/// What the header says, as far as it tells who wrote the mail. Values as they stand in the mail.
#[derive(Debug, Clone, Default)]
pub struct HeaderFacts {
    /// The sender, where there is exactly one.
    pub from: Option<Address>,
    /// The text of `From` as it stands; where it holds no address it may still name a server.
    pub from_text: String,
    /// The decoded subject.
    pub subject: String,
    /// The values of `Auto-Submitted`.
    pub auto_submitted: Vec<String>,
    /// The values of `Precedence`.
    pub precedence: Vec<String>,
    /// The values of `X-Auto-Response-Suppress`.
    pub auto_response_suppress: Vec<String>,
    /// Names and values of headers by which programs mark automatic answers (`X-Autoreply: yes`).
    pub autoreply_marks: Vec<(String, String)>,
    /// The names of the list headers that are there.
    pub list_headers: Vec<String>,
    /// Whether the reverse path is `<>`.
    pub reverse_path_is_null: bool,
    /// The type of the whole mail, such as `multipart/report`, in small letters.
    pub media_type: String,
    /// The `report-type` of a `multipart/report`, in small letters.
    pub report_type: String,
    /// Whether a calendar part answers an invitation (`method=REPLY`, RFC 5546).
    pub is_calendar_reply: bool,
    /// The addresses in `X-Failed-Recipients`.
    pub has_failed_recipients: bool,
    /// Whether the mail names a mail that it answers.
    pub answers_a_mail: bool,
    /// Whether a list program refuses a mail to its list (fml marks its own mails with `X-MLServer`).
    pub is_list_program: bool,
}

/// What came out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// What kind of mail it is.
    pub origin: Origin,
    /// Whether an automatic letter may go back.
    pub may_auto_reply: bool,
    /// The reasons, in words.
    pub evidence: Vec<String>,
}

/// Subjects that programs give to automatic answers, in small letters, at the very start.
const AUTOREPLY_SUBJECTS: &[&str] = &[
    "automatic reply",
    "automatisch antwoord",
    "automatische antwort",
    "auto reply",
    "auto-reply",
    "autoreply",
    "out of office",
    "out of the office",
    "afwezig",
    "abwesenheit",
    "réponse automatique",
    "autosvar",
    "vacation",
    "niet aanwezig",
    "buiten kantoor",
    "on vacation",
    "auto:",
    "auto response",
    "autoresponse",
];

/// Subjects that servers give to reports of failure.
const BOUNCE_SUBJECTS: &[&str] = &[
    "undelivered mail",
    "undeliverable",
    "undeliver",
    "mail delivery failed",
    "mail delivery failure",
    "failure notice",
    "delivery status notification (failure)",
    "returned mail",
    "mail delivery system",
    "delivery failure",
    "onbestelbaar",
    "niet bezorgd",
    "niet-bezorgd",
    "unzustellbar",
    "delivery has failed",
    "message not delivered",
    "mail system error",
    "mail could not be delivered",
    "delivery report",
    "delivery status notification",
    "mail failure",
    "nondeliverable",
    "delivery notification",
];

/// Subjects that servers give to reports of delay.
const DELAY_SUBJECTS: &[&str] = &[
    "delayed",
    "delivery status notification (delay)",
    "warning: could not send",
    "warning: message",
    "vertraagd",
    "delay",
];

/// Decides what kind of mail it is.
#[must_use]
pub fn classify(facts: &HeaderFacts, reports: &[DeliveryReport], feedback: &[FeedbackType]) -> Classification {
    let mut evidence = Vec::new();
    let origin = feedback_origin(facts, feedback, &mut evidence)
        .or_else(|| report_origin(facts, reports, &mut evidence))
        .or_else(|| automatic_origin(facts, &mut evidence))
        .or_else(|| list_origin(facts, &mut evidence))
        .unwrap_or(Origin::Human);
    let may_auto_reply = origin == Origin::Human && may_answer(facts, &mut evidence);
    Classification { origin, may_auto_reply, evidence }
}

fn feedback_origin(facts: &HeaderFacts, feedback: &[FeedbackType], evidence: &mut Vec<String>) -> Option<Origin> {
    let is_report =
        facts.media_type == "multipart/report" && matches!(facts.report_type.as_str(), "feedback-report" | "tlsrpt");
    if is_report || !feedback.is_empty() || is_domain_report(facts) {
        evidence.push("a feedback report (RFC 5965, 7489, 8460)".into());
        return Some(Origin::Feedback);
    }
    None
}

fn report_origin(facts: &HeaderFacts, reports: &[DeliveryReport], evidence: &mut Vec<String>) -> Option<Origin> {
    let is_report = facts.media_type == "multipart/report";
    if is_report && facts.report_type == "disposition-notification" {
        evidence.push("a notice of reading (RFC 8098)".into());
        return Some(Origin::DeliveryNotice);
    }
    let has = |action| reports.iter().any(|report| report.action == action);
    let is_from_server = may_be_server(facts);
    if !reports.is_empty() && is_from_server {
        evidence.push("a report of delivery (RFC 3464)".into());
        return Some(if has(DeliveryAction::Failed) {
            Origin::Bounce
        } else if has(DeliveryAction::Delayed) {
            Origin::DelayNotice
        } else {
            Origin::DeliveryNotice
        });
    }
    let subject = facts.subject.to_lowercase();
    if is_from_server && DELAY_SUBJECTS.iter().any(|words| subject.contains(words)) {
        evidence.push("a server's mail whose subject tells of a delay".into());
        return Some(Origin::DelayNotice);
    }
    let is_failure = facts.has_failed_recipients || BOUNCE_SUBJECTS.iter().any(|words| subject.contains(words));
    if is_from_server && is_failure || is_report && facts.report_type == "delivery-status" {
        evidence.push("a server's mail that tells of a failed delivery".into());
        return Some(Origin::Bounce);
    }
    None
}

/// Whether a mail server may have written it, so that its words about deliveries can be a report.
///
/// A vacation program uses the empty reverse path too (RFC 3834 section 3.3), but its subject or header says so. People
/// write from postmaster addresses: what answers a mail or passes one on is theirs.
#[must_use]
pub fn may_be_server(facts: &HeaderFacts) -> bool {
    if facts.media_type == "multipart/report" {
        return matches!(facts.report_type.as_str(), "" | "delivery-status");
    }
    let subject = facts.subject.to_lowercase();
    let is_vacation = AUTOREPLY_SUBJECTS.iter().any(|words| subject.starts_with(words))
        || facts.autoreply_marks.iter().any(|(_, value)| is_affirmed(value));
    if is_vacation {
        return false;
    }
    let is_passed_on = ["fw:", "fwd:", "wg:", "tr:", "doorst:"].iter().any(|mark| subject.starts_with(mark));
    facts.reverse_path_is_null
        || is_daemon(facts)
        || facts.is_list_program
        || is_postmaster(facts) && !facts.answers_a_mail && !is_passed_on
}

/// The subject that RFC 7489 section 7.2.1.1 prescribes for DMARC reports.
fn is_domain_report(facts: &HeaderFacts) -> bool {
    let subject = facts.subject.to_lowercase();
    subject.starts_with("report domain:") && subject.contains("submitter:")
}

fn automatic_origin(facts: &HeaderFacts, evidence: &mut Vec<String>) -> Option<Origin> {
    let said: Vec<String> = facts.auto_submitted.iter().map(|value| keyword(value)).collect();
    // RFC 3834 section 5: any keyword but "no" means that no person sent it.
    if let Some(word) = said.iter().find(|word| !word.is_empty() && *word != "no") {
        evidence.push(format!("Auto-Submitted: {word}"));
        return Some(Origin::AutoReply);
    }
    if said.iter().any(|word| word == "no") {
        evidence.push("Auto-Submitted: no".into());
        return None;
    }
    if let Some((name, value)) = facts.autoreply_marks.iter().find(|(_, value)| is_affirmed(value)) {
        evidence.push(format!("{name}: {}", value.trim()));
        return Some(Origin::AutoReply);
    }
    if facts.precedence.iter().any(|value| matches!(keyword(value).as_str(), "auto_reply" | "auto-reply" | "autoreply"))
    {
        evidence.push("Precedence: auto_reply".into());
        return Some(Origin::AutoReply);
    }
    if facts.is_calendar_reply {
        evidence.push("an answer to an invitation".into());
        return Some(Origin::AutoReply);
    }
    if facts.reverse_path_is_null {
        evidence.push("empty reverse path".into());
        return Some(Origin::AutoReply);
    }
    weak_signs(facts, evidence)
}

/// A subject alone is a person's; with a second sign beside it, it is a program's.
fn weak_signs(facts: &HeaderFacts, evidence: &mut Vec<String>) -> Option<Origin> {
    let subject = facts.subject.to_lowercase();
    if !AUTOREPLY_SUBJECTS.iter().any(|words| subject.starts_with(words)) {
        return None;
    }
    evidence.push("the subject reads like an automatic answer".into());
    let is_bulk = facts.precedence.iter().any(|value| matches!(keyword(value).as_str(), "bulk" | "junk"));
    let second = [
        (!facts.auto_response_suppress.is_empty(), "X-Auto-Response-Suppress"),
        (is_bulk, "Precedence"),
        (is_unanswerable(facts), "an address that takes no answers"),
        (facts.answers_a_mail && subject.contains(':'), "it answers a mail"),
    ];
    let (_, words) = second.into_iter().find(|(is_there, _)| *is_there)?;
    evidence.push(format!("and beside it: {words}"));
    Some(Origin::AutoReply)
}

fn list_origin(facts: &HeaderFacts, evidence: &mut Vec<String>) -> Option<Origin> {
    if let Some(name) = facts.list_headers.first() {
        evidence.push(format!("{name} is there"));
        return Some(Origin::List);
    }
    let word = facts.precedence.iter().map(|v| keyword(v)).find(|w| matches!(w.as_str(), "bulk" | "list" | "junk"))?;
    evidence.push(format!("Precedence: {word}"));
    Some(Origin::List)
}

fn may_answer(facts: &HeaderFacts, evidence: &mut Vec<String>) -> bool {
    if !facts.auto_response_suppress.is_empty() {
        // Servers add it to mails of people, to keep out-of-office answers away; an acknowledgement is none.
        evidence.push("X-Auto-Response-Suppress alone does not make it automatic".into());
    }
    if facts.from.is_none() {
        evidence.push("no single sender to answer".into());
        return false;
    }
    if is_postmaster(facts) || is_unanswerable(facts) {
        evidence.push("the sender's address takes no answers".into());
        return false;
    }
    true
}

/// Whether a mail server speaks: by its address, or by its name where the address is empty (`MAILER-DAEMON <>`).
fn is_postmaster(facts: &HeaderFacts) -> bool {
    is_daemon(facts) || plain_name(facts).starts_with("postmaster")
}

/// As [`is_postmaster`], by a name that no person has. An empty `From: <>` is a server's too.
fn is_daemon(facts: &HeaderFacts) -> bool {
    let plain = plain_name(facts);
    let display: String =
        facts.from_text.chars().take(60).filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    facts.from_text.trim() == "<>"
        || ["maildeliver", "mailerdaemon"].iter().any(|server| display.starts_with(server))
        || ["mailerdaemon", "maildaemon", "maildeliverysystem", "maildeliverysubsystem"]
            .iter()
            .any(|server| plain.starts_with(server))
}

fn plain_name(facts: &HeaderFacts) -> String {
    let name = facts.from.as_ref().map_or(facts.from_text.as_str(), Address::local);
    name.chars().take(200).filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

fn is_unanswerable(facts: &HeaderFacts) -> bool {
    facts.from.as_ref().is_some_and(|from| {
        let plain: String = from.local().chars().filter(char::is_ascii_alphanumeric).collect();
        ["noreply", "donotreply", "nietantwoorden", "mailerdaemon"].iter().any(|name| plain.starts_with(name))
    })
}

/// The first word in small letters, without comment and parameters: `No ; x` and `no (human)` are `no`.
fn keyword(value: &str) -> String {
    let value = value.trim_start();
    let value =
        if value.starts_with('(') { value.split_once(')').map_or("", |(_, rest)| rest).trim_start() } else { value };
    let end = value.find(|c: char| c.is_whitespace() || c == ';' || c == '(').unwrap_or(value.len());
    value[..end].to_lowercase()
}

fn is_affirmed(value: &str) -> bool {
    !matches!(keyword(value).as_str(), "" | "no" | "false" | "0" | "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn human() -> HeaderFacts {
        HeaderFacts { from: Address::new("ann@client.nl").ok(), subject: "Site down".into(), ..HeaderFacts::default() }
    }

    fn check(change: impl Fn(&mut HeaderFacts), origin: Origin, may_auto_reply: bool) {
        let mut facts = human();
        change(&mut facts);
        let found = classify(&facts, &[], &[]);
        assert_eq!((found.origin, found.may_auto_reply), (origin, may_auto_reply), "{facts:?} {:?}", found.evidence);
    }

    #[test]
    fn auto_submitted_in_all_its_forms() {
        let check =
            |value: &str, origin| check(|f| f.auto_submitted = vec![value.into()], origin, origin == Origin::Human);
        check("no", Origin::Human);
        check("No ; by hand", Origin::Human);
        check("NO (a person)", Origin::Human);
        check("(a person) no\r\n", Origin::Human);
        check("", Origin::Human);
        check("auto-replied", Origin::AutoReply);
        check("Auto-Generated", Origin::AutoReply);
        check("auto-replied (vacation); x=y", Origin::AutoReply);
        check("auto-notified; owner-email=\"a@b.nl\"", Origin::AutoReply);
        check("yes", Origin::AutoReply);
    }

    #[test]
    fn servers_of_people_add_headers_that_change_nothing() {
        check(|f| f.auto_response_suppress = vec!["All".into()], Origin::Human, true);
        check(|f| f.precedence = vec!["normal".into()], Origin::Human, true);
        check(|f| f.precedence = vec!["first-class".into()], Origin::Human, true);
        check(|f| f.autoreply_marks = vec![("X-Autoreply".into(), "no".into())], Origin::Human, true);
    }

    #[test]
    fn lists_and_crowds_get_no_automatic_letter() {
        check(|f| f.precedence = vec!["Bulk".into()], Origin::List, false);
        check(|f| f.precedence = vec!["normal".into(), "list".into()], Origin::List, false);
        check(|f| f.list_headers = vec!["List-Id".into()], Origin::List, false);
    }

    #[test]
    fn a_subject_alone_is_weak() {
        check(|f| f.subject = "Afwezig volgende week".into(), Origin::Human, true);
        check(|f| f.subject = "Re: Automatic reply: x".into(), Origin::Human, true);
        let is_auto = |f: &mut HeaderFacts| {
            f.subject = "Automatisch antwoord: x".into();
            f.auto_response_suppress = vec!["All".into()];
        };
        check(is_auto, Origin::AutoReply, false);
    }

    #[test]
    fn programs_and_servers() {
        check(|f| f.autoreply_marks = vec![("X-Autoreply".into(), "yes".into())], Origin::AutoReply, false);
        check(|f| f.reverse_path_is_null = true, Origin::AutoReply, false);
        check(|f| f.is_calendar_reply = true, Origin::AutoReply, false);
        check(|f| f.from = Address::new("no-reply@x.nl").ok(), Origin::Human, false);
        check(|f| f.from = None, Origin::Human, false);
        let bounce = |f: &mut HeaderFacts| {
            f.from = Address::new("MAILER-DAEMON@x.nl").ok();
            f.subject = "Undelivered Mail Returned to Sender".into();
        };
        check(bounce, Origin::Bounce, false);
        let nameless = |f: &mut HeaderFacts| {
            f.from = None;
            f.from_text = "MAILER-DAEMON <>".into();
            f.subject = "Mail delivery failed".into();
        };
        check(nameless, Origin::Bounce, false);
        check(|f| f.subject = "Report domain: x.nl Submitter: y.nl Report-ID: 1".into(), Origin::Feedback, false);
        let report = |kind: &'static str| {
            move |f: &mut HeaderFacts| {
                f.media_type = "multipart/report".into();
                f.report_type = kind.into();
            }
        };
        check(report("tlsrpt"), Origin::Feedback, false);
        check(report("feedback-report"), Origin::Feedback, false);
        check(report("disposition-notification"), Origin::DeliveryNotice, false);
        check(report("delivery-status"), Origin::Bounce, false);
    }

    #[test]
    fn a_person_who_writes_about_a_bounce_is_a_person() {
        check(|f| f.subject = "Undeliverable: what to do?".into(), Origin::Human, true);
        check(|f| f.subject = "Mail delivery failed".into(), Origin::Human, true);
    }
}
