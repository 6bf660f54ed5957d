//! Reports of delivery (RFC 3464): who did not get which letter, and why.

use mail_parser::{Message as Parsed, MessagePart, PartType};

use super::fields::{Fields, cut_at};
use super::parse::message_ids;
use super::parts::{content_of, media_type};
use crate::domain::address::Address;
use crate::domain::message::{DeliveryAction, DeliveryReport, MessageId};

/// The most recipients of one report.
const MAX_REPORTS: usize = 200;
/// The longest text of a server that is kept, in bytes.
const MAX_DIAGNOSTIC: usize = 1_000;

/// The reports in a mail, one a recipient; none where it is no report.
pub fn reports_of(parsed: &Parsed<'_>, fields: &Fields) -> Vec<DeliveryReport> {
    let mut reports = Vec::new();
    for part in parsed.parts.iter().filter(|part| is_status(part)) {
        read_status(content_of(parsed, part), &mut reports);
    }
    if reports.is_empty() {
        reports = failed_recipients(fields);
    }
    if !reports.is_empty() {
        let original = original_id(parsed);
        for report in &mut reports {
            report.original_message_id.clone_from(&original);
        }
    }
    reports
}

fn is_status(part: &MessagePart<'_>) -> bool {
    matches!(media_type(part).as_str(), "message/delivery-status" | "message/global-delivery-status")
}

/// Groups of fields between empty lines; the first is about the letter, each other about a recipient.
fn read_status(content: &[u8], reports: &mut Vec<DeliveryReport>) {
    let mut rest = content;
    while !rest.is_empty() && reports.len() < MAX_REPORTS {
        let end = super::bounds::body_start(rest);
        let fields = Fields::read(&rest[..end]);
        reports.extend(report(&fields));
        rest = &rest[end..];
    }
}

/// One report; nothing for a group that names neither recipient nor action.
fn report(fields: &Fields) -> Option<DeliveryReport> {
    let recipient = fields.first("final-recipient").or_else(|| fields.first("original-recipient"));
    let action = fields.first("action").map(first_word);
    if recipient.is_none() && action.is_none() {
        return None;
    }
    let diagnostic = fields.first("diagnostic-code").map(|value| one_line(behind_type(value))).unwrap_or_default();
    let status = fields.first("status").and_then(status_code).or_else(|| status_code(&diagnostic));
    let action = action.as_deref().and_then(action_of).unwrap_or(match status.as_deref() {
        Some(code) if code.starts_with('4') => DeliveryAction::Delayed,
        Some(code) if code.starts_with('2') => DeliveryAction::Delivered,
        _ => DeliveryAction::Failed,
    });
    let is_temporary = action == DeliveryAction::Delayed || status.as_deref().is_some_and(|code| code.starts_with('4'));
    let final_recipient =
        recipient.and_then(|value| Address::new(behind_type(value).trim().trim_matches(['<', '>'])).ok());
    Some(DeliveryReport { final_recipient, status, diagnostic, action, is_temporary, original_message_id: None })
}

/// Exim names who failed in the header, and often sends no status part.
fn failed_recipients(fields: &Fields) -> Vec<DeliveryReport> {
    let addresses = fields.all("x-failed-recipients").flat_map(|value| value.split(','));
    addresses
        .filter_map(|text| Address::new(text).ok())
        .take(MAX_REPORTS)
        .map(|address| DeliveryReport {
            final_recipient: Some(address),
            status: None,
            diagnostic: String::new(),
            action: DeliveryAction::Failed,
            is_temporary: false,
            original_message_id: None,
        })
        .collect()
}

/// The id of the letter that came back, whole or as its header.
fn original_id(parsed: &Parsed<'_>) -> Option<MessageId> {
    let is_returned = |part: &&MessagePart<'_>| {
        matches!(part.body, PartType::Message(_))
            || matches!(
                media_type(part).as_str(),
                "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers"
            )
    };
    let returned = parsed.parts.iter().find(is_returned)?;
    let fields = Fields::read(content_of(parsed, returned).trim_ascii_start());
    fields.first("message-id").and_then(|value| message_ids(value, 1).pop())
}

fn action_of(word: &str) -> Option<DeliveryAction> {
    match word {
        "failed" | "failure" => Some(DeliveryAction::Failed),
        "delayed" => Some(DeliveryAction::Delayed),
        "delivered" => Some(DeliveryAction::Delivered),
        "relayed" => Some(DeliveryAction::Relayed),
        "expanded" => Some(DeliveryAction::Expanded),
        _ => None,
    }
}

/// `rfc822; ann@client.nl` without its type.
fn behind_type(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

fn first_word(value: &str) -> String {
    let word = value.split(|c: char| c.is_whitespace() || c == ';' || c == '(').find(|word| !word.is_empty());
    word.unwrap_or_default().to_lowercase()
}

/// The first `5.1.1` in a text (RFC 3463 section 2).
fn status_code(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find(|word| is_status_code(word)).map(ToOwned::to_owned)
}

fn is_status_code(word: &str) -> bool {
    let mut numbers = word.split('.');
    let is_number = |part: Option<&str>| part.is_some_and(|p| (1..=3).contains(&p.len()));
    matches!(numbers.next(), Some("2" | "4" | "5"))
        && is_number(numbers.next())
        && is_number(numbers.next())
        && numbers.next().is_none()
}

fn one_line(value: &str) -> String {
    let words: Vec<&str> = cut_at(value, MAX_DIAGNOSTIC).split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &[(&str, &str, DeliveryAction, bool)]) {
        let mut reports = Vec::new();
        read_status(raw.as_bytes(), &mut reports);
        let found: Vec<_> = reports
            .iter()
            .map(|r| {
                let recipient = r.final_recipient.as_ref().map_or("", Address::as_str);
                (recipient, r.status.as_deref().unwrap_or(""), r.action, r.is_temporary)
            })
            .collect();
        assert_eq!(found, expected, "{raw:?}");
    }

    #[test]
    fn a_group_a_recipient() {
        check(
            "Reporting-MTA: dns; mx.x.nl\r\n\r\nFinal-Recipient: rfc822; Bob@x.nl\r\nAction: failed\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no\r\n such user\r\n\r\nFinal-Recipient: RFC822;<eve@x.nl>\r\nAction: Delayed (x)\r\nStatus: 4.4.7\r\n",
            &[
                ("bob@x.nl", "5.1.1", DeliveryAction::Failed, false),
                ("eve@x.nl", "4.4.7", DeliveryAction::Delayed, true),
            ],
        );
        check(
            "Final-Recipient: rfc822; a@x.nl\nDiagnostic-Code: smtp; 452 4.2.2 full",
            &[("a@x.nl", "4.2.2", DeliveryAction::Delayed, true)],
        );
        check("Final-Recipient: rfc822; nobody\nAction: failed\n", &[("", "", DeliveryAction::Failed, false)]);
        check("Reporting-MTA: dns; x\n\n\n\n", &[]);
        check("", &[]);
    }
}
