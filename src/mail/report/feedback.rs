//! Complaints about a letter (RFC 5965): what each is about.

use mail_parser::{Message as Parsed, MessagePart, PartType};

use super::MAX_REPORTS;
use crate::domain::message::FeedbackType;
use crate::mail::bounds::body_start;
use crate::mail::fields::Fields;
use crate::mail::parts::{content_of, media_type};

/// The type of each complaint in a mail.
pub fn types_of(parsed: &Parsed<'_>) -> Vec<FeedbackType> {
    let parts = parsed.parts.iter().filter(|part| media_type(part) == "message/feedback-report");
    let types: Vec<_> = parts.take(MAX_REPORTS).map(|part| type_in(content_of(parsed, part))).collect();
    if types.is_empty() && is_junk_mail_report(parsed) { vec![FeedbackType::Abuse] } else { types }
}

/// Outlook.com's Junk Mail Reporting Program sends the letter as it is, without a report part; it marks it with the
/// reader's address (Microsoft, "Smart Network Data Services and Junk Mail Reporting Program").
fn is_junk_mail_report(parsed: &Parsed<'_>) -> bool {
    let subject = parsed.subject().unwrap_or_default().to_lowercase();
    let is_marked = |part: &&MessagePart<'_>| {
        matches!(part.body, PartType::Message(_))
            && Fields::read(content_of(parsed, part)).first("x-hmxmroriginalrecipient").is_some()
    };
    subject.starts_with("complaint about message from") && parsed.parts.iter().any(|part| is_marked(&part))
}

/// RFC 5965 section 3.1; section 7.3: a type that nobody knows counts as "other". QUIRK: some reports begin with an
/// empty line, and some name fields without a type.
fn type_in(content: &[u8]) -> FeedbackType {
    let content = content.trim_ascii_start();
    let fields = Fields::read(&content[..body_start(content)]);
    match fields.first("feedback-type").map(|word| word.trim().to_ascii_lowercase()).as_deref() {
        Some("abuse" | "complaint" | "spam") => FeedbackType::Abuse,
        Some("fraud" | "phishing") => FeedbackType::Fraud,
        Some("virus") => FeedbackType::Virus,
        Some("opt-out") => FeedbackType::OptOut,
        Some("miscategorized") => FeedbackType::Miscategorized,
        Some("not-spam") => FeedbackType::NotSpam,
        Some("auth-failure") => FeedbackType::AuthFailure,
        _ => FeedbackType::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, expected: FeedbackType) {
        assert_eq!(type_in(content.as_bytes()), expected, "{content:?}");
    }

    #[test]
    fn types_of_complaints() {
        check("Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n", FeedbackType::Abuse);
        check("\r\nVersion: 0.1\r\nFeedback-type: Fraud \r\n", FeedbackType::Fraud);
        check("Feedback-Type: virus", FeedbackType::Virus);
        check("Feedback-Type: not-spam", FeedbackType::NotSpam);
        check("Feedback-Type: auth-failure\nAuth-Failure: dmarc", FeedbackType::AuthFailure);
        check("Feedback-Type: other", FeedbackType::Other);
        check("Feedback-Type: opt-out", FeedbackType::OptOut);
        check("Feedback-Type: x-nobody-knows", FeedbackType::Other);
        check("", FeedbackType::Other);
    }
}
