//! What casepost reads in a mail, as JSON for programs.

use serde_json::{Value, json};

use crate::domain::address::NamedAddress;
use crate::domain::command::{Command, Commands, read_commands};
use crate::domain::message::{Attachment, Message, Origin};

/// All of it. Times are RFC 3339 in UTC; ids stand without angle brackets; digests are hexadecimal.
pub fn facts(message: &Message) -> Value {
    let found = read_commands(&message.reply.fresh, "");
    json!({
        "fingerprint": message.fingerprint,
        "subject": message.subject,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": message.references,
        "date": message.date,
        "received_at": message.received_at,
        "from": addresses(&message.from),
        "sender": message.sender().map(address),
        "to": addresses(&message.to),
        "cc": addresses(&message.cc),
        "reply_to": addresses(&message.reply_to),
        "text": message.text,
        "fresh_text": message.reply.message(),
        "quoted_text": message.reply.quoted,
        "signature": message.reply.signed(),
        "attachments": message.attachments.iter().map(attachment).collect::<Vec<_>>(),
        "class": class_of(message.origin),
        "auto_submitted": message.origin.is_automatic(),
        "may_auto_reply": message.may_auto_reply,
        "evidence": message.evidence,
        "bounce": bounce(message),
        "feedback": message.feedback.first().map(|kind| json!({ "type": kind, "count": message.feedback.len() })),
        "proof": message.proof,
        "tags": found.commands.iter().map(tag).collect::<Vec<_>>(),
        "warnings": warnings(message, &found),
    })
}

/// A program reads in `action` whether a letter failed or is late: both are bounces to it (RFC 3464 knows one form).
fn class_of(origin: Origin) -> Origin {
    if origin == Origin::DelayNotice { Origin::Bounce } else { origin }
}

fn addresses(list: &[NamedAddress]) -> Vec<Value> {
    list.iter().map(address).collect()
}

fn address(one: &NamedAddress) -> Value {
    json!({ "name": one.name, "address": one.address })
}

fn attachment(file: &Attachment) -> Value {
    json!({
        "name": file.name,
        "type": file.media_type,
        "size": file.size,
        "sha256": data_encoding::HEXLOWER.encode(&file.sha256),
        "cid": file.content_id,
        "inline": file.is_inline,
        "from_tnef": file.is_from_tnef,
    })
}

fn bounce(message: &Message) -> Vec<Value> {
    let report = |report: &crate::domain::message::DeliveryReport| {
        json!({
            "recipient": report.final_recipient,
            "status": report.status,
            "reply": report.reply_code.map(|code| code.to_string()),
            "coarse": report.reason,
            "action": report.action,
            "temporary": report.is_temporary,
            "diagnostic": report.diagnostic,
            "original_message_id": report.original_message_id,
        })
    };
    message.reports.iter().map(report).collect()
}

/// A tag under its English name, whatever was typed.
fn tag(command: &Command) -> Value {
    let mut value = json!({ "name": command.tag().as_str() });
    if let Command::Time { minutes, .. } | Command::Estimate(minutes) = command {
        value["minutes"] = json!(minutes);
    }
    if let Some(argument) = command.argument() {
        value["arg"] = json!(argument);
    }
    value
}

/// Every defect of the mail, and every tag that can't be carried out.
fn warnings(message: &Message, found: &Commands) -> Vec<String> {
    let defects = message.defects.iter().map(|defect| defect.text.clone());
    let faults = found.faults.iter().map(|fault| format!("{}: {}", fault.read, fault.problem.as_str()));
    defects.chain(faults).collect()
}
