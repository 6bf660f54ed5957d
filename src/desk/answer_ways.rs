//! The reply addresses of a letter about several matters: each with the reader's token for that one.

use std::borrow::Cow;

use crate::domain::identity::ReplyLocal;
use crate::domain::names::PersonKey;
use crate::domain::notice::{AnswerWay, Notice, Words};

use super::office::{Office, OfficeMailbox};

/// The notice with every way to answer filled in. Where the mailbox has no reply addresses they stay empty, and the
/// letter names the earlier one that is to be answered.
pub fn fill<'a>(
    notice: &'a Notice,
    reader: Option<&PersonKey>,
    office: &Office,
    mailbox: &OfficeMailbox,
) -> Cow<'a, Notice> {
    let (Words::Reminder(words), Some(reader)) = (&notice.words, reader) else { return Cow::Borrowed(notice) };
    let mut words = words.clone();
    for way in words.answers_mut() {
        let token = office.keys.reply_token(&office.facts.code, &way.about, reader);
        let address = mailbox.reply_to(Some(&ReplyLocal { about: way.about.clone(), token }));
        if address != mailbox.address {
            way.link = Some(link(address.as_str(), way, &office.subject_tag));
            way.address = Some(address.as_str().to_owned());
        }
    }
    Cow::Owned(Notice { words: words.into(), to: notice.to.clone(), cc: notice.cc.clone() })
}

/// RFC 6068: a link by which a mail program opens an answer.
fn link(address: &str, way: &AnswerWay, tag: &str) -> String {
    let subject = format!("[{tag} {}] {}", way.number, way.subject);
    format!("mailto:{}?subject={}", encoded(address), encoded(&subject))
}

/// RFC 6068 section 2: all but letters, digits and a few signs stands as `%` and two digits.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@+".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(subject: &str, expected: &str) {
        let way =
            AnswerWay { about: "R-1".into(), number: "R-1".into(), subject: subject.into(), address: None, link: None };
        assert_eq!(link("support+r-1.abc@lindeboom.example", &way, "LIN"), expected);
    }

    #[test]
    fn a_link_holds_address_and_subject() {
        let address = "mailto:support+r-1.abc@lindeboom.example?subject=%5BLIN%20R-1%5D%20";
        check("Nieuwe collega", &format!("{address}Nieuwe%20collega"));
        check("50% & \"meer\"?", &format!("{address}50%25%20%26%20%22meer%22%3F"));
        check("Café", &format!("{address}Caf%C3%A9"));
    }
}
