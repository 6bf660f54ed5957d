//! Why a letter did not arrive: a class from what the server said, from its status code (RFC 3463) and its reply.
//!
//! Words come first where they are plain: servers that refuse unknown names with 5.7.1 or a full mailbox with 5.0.0 are
//! many, and a table of codes can't tell.

use super::codes::Choice;
use crate::domain::message::{DeliveryAction, ReasonClass};
use crate::mail::fields::cut_at;

/// The class.
pub fn class_of(codes: &Choice, action: DeliveryAction, said: &str, beside: &str) -> ReasonClass {
    if matches!(action, DeliveryAction::Delivered | DeliveryAction::Relayed | DeliveryAction::Expanded) {
        return ReasonClass::Delivered;
    }
    by_words(said)
        .or_else(|| by_status(codes.status.as_deref().unwrap_or_default()))
        .or_else(|| by_words(beside))
        .or(match codes.reply {
            Some(421) => Some(ReasonClass::Expired),
            Some(550 | 551 | 553) if said.trim().is_empty() => Some(ReasonClass::NoSuchRecipient),
            Some(556) => Some(ReasonClass::NoSuchDomain),
            Some(552) => Some(ReasonClass::MailboxFull),
            _ => None,
        })
        .or((action == DeliveryAction::Delayed).then_some(ReasonClass::Expired))
        .unwrap_or(ReasonClass::Rejected)
}

/// Whether a server calls a failure one that may pass.
pub fn is_called_temporary(text: &str) -> bool {
    let text = cut_at(text, 16 * 1024).to_lowercase();
    text.contains("temporar") && !text.contains("permanent")
}

fn by_status(status: &str) -> Option<ReasonClass> {
    let (class, detail) = status.split_once('.')?;
    Some(match detail {
        "1.1" | "1.3" | "1.6" => ReasonClass::NoSuchRecipient,
        "2.1" if class == "5" => ReasonClass::NoSuchRecipient,
        "1.2" | "1.10" | "4.4" => ReasonClass::NoSuchDomain,
        "2.2" => ReasonClass::MailboxFull,
        "4.7" => ReasonClass::Expired,
        "4.1" | "4.2" if class == "4" => ReasonClass::Expired,
        _ if detail.starts_with("7.") || detail.starts_with("6.") => ReasonClass::Rejected,
        _ => return None,
    })
}

/// The phrases that servers use, in small letters; the first class with one of its phrases counts.
const PHRASES: &[(ReasonClass, &[&str])] = &[
    (
        ReasonClass::Rejected,
        &[
            "spam",
            "blacklist",
            "block list",
            "blocklist",
            "blocked",
            "reverse dns",
            "ptr record",
            "dmarc",
            "spf ",
            "rate limit",
            "too many",
            "virus",
            "user complaints",
            "unexpected volume",
            "sender was rejected",
            "name was rejected",
            "insufficient disk",
            "service refuse",
        ],
    ),
    (
        ReasonClass::MailboxFull,
        &[
            "mailbox full",
            "mailbox is full",
            "over quota",
            "overquota",
            "quota exceed",
            "exceeded quota",
            "exceeded storage",
            "exceeds quota",
            "quota is full",
            "storage quota",
            "mailbox size limit",
            "not enough storage",
            "out of storage",
            "inbox is full",
        ],
    ),
    (
        ReasonClass::NoSuchDomain,
        &[
            "host unknown",
            "unknown host",
            "host not found",
            "domain not found",
            "domain does not exist",
            "domain name not found",
            "no such domain",
            "no mx",
            "null mx",
            "no smtp service",
            "does not accept mail",
            "unrouteable mail domain",
            "unrouteable address",
            "bad destination system",
            "name service error",
            "couldn't find any host",
        ],
    ),
    (
        ReasonClass::NoSuchRecipient,
        &[
            "user unknown",
            "unknown user",
            "unknown recipient",
            "unknown address",
            "no such user",
            "no such recipient",
            "no such mailbox",
            "no such person",
            "no such address",
            "no mailbox",
            "mailbox not found",
            "mailbox unavailable",
            "recipient not found",
            "user not found",
            "address not found",
            "recipient unknown",
            "address unknown",
            "does not exist",
            "doesn't exist",
            "doesn't have a",
            "not listed in",
            "recipient name is not recognized",
            "invalid recipient",
            "invalid mailbox",
            "invalid user",
            "unknown or illegal",
            "is disabled",
            "is inactive",
            "is suspended",
            "is frozen",
            "is locked",
            "temporary locked",
            "has been disabled",
            "recipient address rejected: access denied",
            "has been suspended",
            "account that you tried to reach",
            "no longer available",
        ],
    ),
    (
        ReasonClass::Expired,
        &[
            "timed out",
            "timeout",
            "expired",
            "too long",
            "giving up",
            "deferred",
            "delayed",
            "not reachable",
            "will be retried",
            "could not deliver for",
            "did not accept our requests",
        ],
    ),
];

fn by_words(text: &str) -> Option<ReasonClass> {
    let text = cut_at(text, 8 * 1024).to_lowercase();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    PHRASES.iter().find(|(_, phrases)| phrases.iter().any(|phrase| text.contains(phrase))).map(|(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: &str, said: &str, expected: ReasonClass) {
        let codes = Choice { status: Some(status.to_owned()).filter(|s| !s.is_empty()), reply: None };
        assert_eq!(class_of(&codes, DeliveryAction::Failed, said, ""), expected, "{status:?} {said:?}");
    }

    #[test]
    fn words_then_codes() {
        check("5.7.1", "550 5.7.1 no such user", ReasonClass::NoSuchRecipient);
        check("5.0.0", "Mailbox\n is full", ReasonClass::MailboxFull);
        check("5.1.1", "", ReasonClass::NoSuchRecipient);
        check("5.1.2", "550 5.1.2 no", ReasonClass::NoSuchDomain);
        check("5.2.2", "552 5.2.2 no", ReasonClass::MailboxFull);
        check("4.4.1", "", ReasonClass::Expired);
        check("5.1.1", "refused as spam", ReasonClass::Rejected);
        check("", "no reason", ReasonClass::Rejected);
    }
}
