//! The fields of a delivery report (RFC 3464 section 2): groups between empty lines, the first about the letter, each
//! other about a recipient.

use super::MAX_REPORTS;
use super::codes;
use crate::domain::address::Address;
use crate::domain::message::DeliveryAction;
use crate::mail::bounds;
use crate::mail::fields::Fields;

/// What a group says about one recipient.
#[derive(Debug)]
pub struct StatusGroup {
    /// Who was to get the letter in the end.
    pub recipient: Option<Address>,
    /// Whom the letter was written to, where that is another address.
    pub original_recipient: Option<Address>,
    /// What was done; from the status where the group has no action.
    pub action: Option<DeliveryAction>,
    /// The field `Status`.
    pub status: Option<String>,
    /// The field `Diagnostic-Code` without its type.
    pub diagnostic: String,
}

/// The groups about recipients in a delivery-status part.
pub fn read(content: &[u8], groups: &mut Vec<StatusGroup>) {
    let mut rest = content;
    while !rest.is_empty() && groups.len() < MAX_REPORTS {
        let end = bounds::body_start(rest);
        let fields = Fields::read(&rest[..end]);
        groups.extend(split(&fields).into_iter().filter_map(|own| group(&own)));
        rest = &rest[end..];
    }
}

/// QUIRK: AOL leaves out the empty lines; a recipient named anew begins another group.
fn split(fields: &Fields) -> Vec<Vec<(&str, &str)>> {
    let mut groups: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
    for field in fields.iter() {
        let is_new = matches!(field.0, "final-recipient" | "original-recipient")
            && groups.last().is_some_and(|own| own.iter().any(|(name, _)| *name == field.0));
        if is_new && groups.len() < MAX_REPORTS {
            groups.push(Vec::new());
        }
        if let Some(own) = groups.last_mut() {
            own.push(field);
        }
    }
    groups
}

/// QUIRK: Amazon WorkMail and some old servers put the same fields into the readable text.
pub fn read_in_text(text: &str, groups: &mut Vec<StatusGroup>) {
    let names = ["final-recipient:", "original-recipient:"];
    let is_field =
        |line: &str| names.iter().any(|name| line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)));
    if text.lines().any(is_field) {
        read(text.as_bytes(), groups);
    }
}

/// Nothing for a group that names neither recipient nor action.
fn group(fields: &[(&str, &str)]) -> Option<StatusGroup> {
    let first = |name: &str| fields.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
    let (last, original) = (first("final-recipient"), first("original-recipient"));
    let action = first("action").map(first_word);
    if last.is_none() && original.is_none() && action.is_none() {
        return None;
    }
    let diagnostic = first("diagnostic-code").map(behind_type).unwrap_or_default().to_owned();
    let status = first("status").and_then(codes::first_status);
    let action = action.as_deref().and_then(action_of).or(match status.as_deref() {
        Some(code) if code.starts_with('4') => Some(DeliveryAction::Delayed),
        _ => None,
    });
    let original = original.and_then(address_in);
    let recipient = last.and_then(address_in).or_else(|| original.clone());
    let original_recipient = original.filter(|address| Some(address) != recipient.as_ref());
    Some(StatusGroup { recipient, original_recipient, action, status, diagnostic })
}

/// `rfc822; bob@x.nl`, `<bob@x.nl>`, `rfc822;"bob"@x.nl`; a path in a file system (Exim) is none.
fn address_in(value: &str) -> Option<Address> {
    let value = behind_type(value);
    let inner = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or_default());
    let word = inner.split_whitespace().find(|word| word.contains('@'))?;
    Address::new(&word.replace('"', "")).ok()
}

fn action_of(word: &str) -> Option<DeliveryAction> {
    match word {
        "failed" | "failure" | "fail" => Some(DeliveryAction::Failed),
        "delayed" | "deferred" => Some(DeliveryAction::Delayed),
        // Postfix answers a probe (`sendmail -bv`) with "deliverable".
        "delivered" | "deliverable" => Some(DeliveryAction::Delivered),
        "relayed" => Some(DeliveryAction::Relayed),
        "expanded" => Some(DeliveryAction::Expanded),
        _ => None,
    }
}

/// `rfc822; ann@client.nl` without its type. A type is one word without blanks.
fn behind_type(value: &str) -> &str {
    match value.split_once(';') {
        Some((kind, rest)) if !kind.trim().contains(char::is_whitespace) => rest.trim(),
        _ => value.trim(),
    }
}

fn first_word(value: &str) -> String {
    let word = value.split(|c: char| c.is_whitespace() || c == ';' || c == '(').find(|word| !word.is_empty());
    word.unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &[(&str, &str, Option<DeliveryAction>)]) {
        let mut groups = Vec::new();
        read(raw.as_bytes(), &mut groups);
        let found: Vec<_> = groups
            .iter()
            .map(|g| (g.recipient.as_ref().map_or("", Address::as_str), g.status.as_deref().unwrap_or(""), g.action))
            .collect();
        assert_eq!(found, expected, "{raw:?}");
    }

    #[test]
    fn a_group_a_recipient() {
        check(
            "Reporting-MTA: dns; mx.x.nl\r\n\r\nFinal-Recipient: rfc822; Bob@x.nl\r\nAction: failed\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no\r\n such user\r\n\r\nFinal-Recipient: RFC822;<eve@x.nl>\r\nAction: Delayed (x)\r\nStatus: 4.4.7\r\n",
            &[
                ("bob@x.nl", "5.1.1", Some(DeliveryAction::Failed)),
                ("eve@x.nl", "4.4.7", Some(DeliveryAction::Delayed)),
            ],
        );
        check(
            "Final-Recipient: rfc822; a@x.nl\nStatus: 4.2.2 (full)",
            &[("a@x.nl", "4.2.2", Some(DeliveryAction::Delayed))],
        );
        check("Final-Recipient: rfc822; nobody\nAction: failed\n", &[("", "", Some(DeliveryAction::Failed))]);
        check(
            "Original-Recipient: <bob@x.nl>\nAction: deliverable",
            &[("bob@x.nl", "", Some(DeliveryAction::Delivered))],
        );
        check("Final-Recipient: rfc822; /spool/bob\nOriginal-Recipient: rfc822;bob@x.nl", &[("bob@x.nl", "", None)]);
        check(
            "Arrival-Date: x\nFinal-Recipient: rfc822; a@x.nl\nStatus: 5.2.2\nFinal-Recipient: rfc822; b@x.nl\nStatus: 5.1.1",
            &[("a@x.nl", "5.2.2", None), ("b@x.nl", "5.1.1", None)],
        );
        check("Reporting-MTA: dns; x\n\n\n\n", &[]);
        check("", &[]);
    }
}
