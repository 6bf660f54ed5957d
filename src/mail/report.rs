//! Reports of delivery: who did not get which letter, and why. Complaints about a letter.
//!
//! Best is the form of RFC 3464, read in [`status_fields`]. Many servers write plain words instead, or beside it:
//! [`notice`] finds these words, [`recipients`] who is meant, [`codes`] what the server said in figures, and
//! [`reason`] what it comes to.

mod codes;
mod feedback;
mod notice;
mod notification;
mod reason;
mod recipients;
mod status_fields;

use mail_parser::{Message as Parsed, MessagePart, PartType};

use self::codes::Codes;
use self::notice::Notice;
use self::status_fields::StatusGroup;
use super::fields::{Fields, cut_at};
use super::parts::{content_of, media_type};
use crate::domain::address::Address;
use crate::domain::message::{DeliveryAction, DeliveryReport, FeedbackType, MessageId};
use crate::domain::origin::Speaker;

/// The most recipients of one report.
const MAX_REPORTS: usize = 200;
/// The longest text of a server that is kept, in bytes.
const MAX_DIAGNOSTIC: usize = 1_000;

/// What a mail reports.
#[derive(Debug, Default)]
pub struct Reports {
    /// What happened to letters, one a recipient.
    pub deliveries: Vec<DeliveryReport>,
    /// What is complained about, one a complaint.
    pub feedback: Vec<FeedbackType>,
}

/// Reads what a mail reports. Plain words are believed only where a mail server speaks, and only where they tell of a
/// failed delivery; anything else a person or a vacation program could have written.
pub fn reports_of(parsed: &Parsed<'_>, fields: &Fields, raw: &[u8], speaker: Speaker) -> Reports {
    if speaker == Speaker::Service {
        let text = parsed.body_text(0).unwrap_or_default();
        return notification::read(&text).unwrap_or_default();
    }
    let feedback = feedback::types_of(parsed);
    let mut groups = Vec::new();
    for part in parsed.parts.iter().filter(|part| is_status(part)) {
        status_fields::read(content_of(parsed, part), &mut groups);
    }
    if speaker == Speaker::Person && groups.is_empty() || !feedback.is_empty() {
        return Reports { deliveries: Vec::new(), feedback };
    }
    let notice = Notice::read(parsed, fields, raw);
    // Exchange and Gmail name the letter here too, also where they return nothing of it.
    let answered = || fields.first("in-reply-to").and_then(|value| super::parse::message_ids(value, 1).pop());
    let original_id = notice.original_id.clone().or_else(answered);
    let has_status_part = !groups.is_empty();
    if !has_status_part {
        status_fields::read_in_text(&notice.text, &mut groups);
    }
    let mut deliveries = from_groups(&groups, &notice);
    let is_believed = match speaker {
        Speaker::Person | Speaker::Service => false,
        // A person at such an address may write about deliveries; a server returns the letter, or quotes the refusal under
        // a subject that tells of it.
        Speaker::Postmaster => {
            let has_refusal = || Codes::read(&notice.text).has_refusal();
            notice.has_letter || notice.subject_tells_of_failure() && has_refusal()
        }
        Speaker::Server => true,
    };
    if deliveries.is_empty() && is_believed {
        deliveries = inner_report(parsed, &notice).unwrap_or_else(|| from_words(&notice, fields));
    }
    for report in deliveries.iter_mut().filter(|report| report.original_message_id.is_none()) {
        report.original_message_id.clone_from(&original_id);
    }
    Reports { deliveries, feedback }
}

/// QUIRK: some gateways (Trend Micro) put a report into one of their own that names nobody; the inner one counts.
fn inner_report(parsed: &Parsed<'_>, notice: &Notice) -> Option<Vec<DeliveryReport>> {
    if recipients::names_any(notice) {
        return None;
    }
    let inner = parsed.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    })?;
    let mut groups = Vec::new();
    for part in inner.parts.iter().filter(|part| is_status(part)) {
        status_fields::read(content_of(inner, part), &mut groups);
    }
    let notice = Notice::read(inner, &Fields::default(), &[]);
    let mut deliveries = from_groups(&groups, &notice);
    for report in &mut deliveries {
        report.original_message_id.clone_from(&notice.original_id);
    }
    Some(deliveries).filter(|all| !all.is_empty())
}

fn is_status(part: &MessagePart<'_>) -> bool {
    matches!(media_type(part).as_str(), "message/delivery-status" | "message/global-delivery-status")
}

/// The reports of a delivery-status part. What it leaves open, the words beside it often tell.
fn from_groups(groups: &[StatusGroup], notice: &Notice) -> Vec<DeliveryReport> {
    let mut reports: Vec<DeliveryReport> = Vec::new();
    for group in groups {
        let own = Codes::read(&group.diagnostic);
        let beside = match &group.recipient {
            Some(recipient) if groups.len() > 1 => Codes::read(&recipients::section_about(notice, recipient)),
            _ => Codes::read(&notice.text),
        };
        let found = codes::choose(group.status.as_deref(), &own, &beside);
        let facts = Facts {
            recipient: group.recipient.clone(),
            original_recipient: group.original_recipient.clone(),
            action: group.action,
            codes: found,
            said: &group.diagnostic,
            beside: &notice.text,
        };
        let report = facts.into_report();
        // QUIRK: some servers report one recipient in two groups, once without an address.
        let is_known =
            |known: &DeliveryReport| known.final_recipient == report.final_recipient && known.action == report.action;
        if reports.len() < MAX_REPORTS && !reports.iter().any(is_known) {
            reports.push(report);
        }
    }
    reports
}

/// The reports of a mail in plain words; none where it does not tell of a delivery.
fn from_words(notice: &Notice, fields: &Fields) -> Vec<DeliveryReport> {
    let failed: Vec<Address> = fields
        .all("x-failed-recipients")
        .flat_map(|value| value.split(','))
        .filter_map(|text| Address::new(text.trim().trim_matches(['<', '>'])).ok())
        .take(MAX_REPORTS)
        .collect();
    let whole = Codes::read(&notice.text);
    if failed.is_empty() && !notice.tells_of_failure(&whole) {
        return Vec::new();
    }
    let action = notice.is_delay().then_some(DeliveryAction::Delayed);
    let found = recipients::of(notice, &failed);
    if found.is_empty() {
        let codes = codes::choose(None, &whole, &Codes::default());
        let facts = Facts { recipient: None, original_recipient: None, action, codes, said: &notice.text, beside: "" };
        return vec![facts.into_report()];
    }
    let is_only = found.len() == 1;
    let report = |one: recipients::Recipient| {
        let own = Codes::read(&one.said);
        let codes = codes::choose(None, &own, &whole);
        let beside = if is_only || one.said.is_empty() { notice.text.as_str() } else { "" };
        Facts { recipient: Some(one.address), original_recipient: None, action, codes, said: &one.said, beside }
            .into_report()
    };
    found.into_iter().take(MAX_REPORTS).map(report).collect()
}

/// What was read about one recipient.
struct Facts<'a> {
    recipient: Option<Address>,
    original_recipient: Option<Address>,
    action: Option<DeliveryAction>,
    codes: codes::Choice,
    /// What was said about this recipient.
    said: &'a str,
    /// What was said around it.
    beside: &'a str,
}

impl Facts<'_> {
    fn into_report(self) -> DeliveryReport {
        let class = self.codes.class();
        let action = self.action.unwrap_or(match class {
            Some('2') => DeliveryAction::Delivered,
            _ => DeliveryAction::Failed,
        });
        let is_temporary = match class {
            Some(class) => class == '4',
            None => {
                action == DeliveryAction::Delayed
                    || reason::is_called_temporary(self.said)
                    || reason::is_called_temporary(self.beside)
            }
        };
        DeliveryReport {
            reason: reason::class_of(&self.codes, action, self.said, self.beside),
            final_recipient: self.recipient,
            original_recipient: self.original_recipient,
            status: self.codes.status,
            reply_code: self.codes.reply,
            diagnostic: one_line(self.said),
            action,
            is_temporary,
            original_message_id: None,
        }
    }
}

/// The id of a letter, from its header.
fn id_in(header: &[u8]) -> Option<MessageId> {
    let fields = Fields::read(header.trim_ascii_start());
    fields.first("message-id").and_then(|value| super::parse::message_ids(value, 1).pop())
}

fn one_line(value: &str) -> String {
    let words: Vec<&str> = cut_at(value, MAX_DIAGNOSTIC).split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests;
