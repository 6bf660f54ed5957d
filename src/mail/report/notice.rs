//! The words of a mail server, apart from the letter that it sends back.
//!
//! Servers paste the letter, or its header, below their own words: qmail under `--- Below this line is a copy of the
//! message.`, Exim under `------ This is a copy of the message`, Gmail under `----- Original message -----`. What stands
//! there names other addresses and figures, so it is cut off first: at such a line, or where a mail's header begins.

use mail_parser::{Message as Parsed, PartType};

use super::codes::Codes;
use super::{id_in, media_type};
use crate::domain::address::Address;
use crate::domain::message::MessageId;
use crate::mail::fields::{Fields, cut_at};
use crate::mail::html;
use crate::mail::parts::content_of;

/// How much of the words is read, in bytes.
const MAX_NOTICE: usize = 128 * 1024;

/// What a server wrote itself, and what it sent back.
#[derive(Debug, Default)]
pub struct Notice {
    /// The subject in small letters.
    pub subject: String,
    /// The server's words, without the letter.
    pub text: String,
    /// Whether the letter, or its header, came back.
    pub has_letter: bool,
    /// The id of the letter.
    pub original_id: Option<MessageId>,
    /// The addressees of the letter.
    pub original_to: Vec<Address>,
    /// Who the report is to and from: the server's own addresses and the letter's sender.
    pub own: Vec<Address>,
}

impl Notice {
    /// Takes the words from the readable parts, or from the body as it stands where there is none.
    pub fn read(parsed: &Parsed<'_>, fields: &Fields, raw: &[u8]) -> Self {
        let mut whole = String::new();
        for part in &parsed.parts {
            let kind = media_type(part);
            match &part.body {
                PartType::Text(text) if matches!(kind.as_str(), "text/plain" | "") => push(&mut whole, text),
                PartType::Html(source) if whole.trim().is_empty() => {
                    push(&mut whole, &html::to_text(cut_at(source, MAX_NOTICE)))
                }
                _ => {}
            }
        }
        if whole.trim().is_empty() {
            let body = raw.get(crate::mail::bounds::body_start(raw)..).unwrap_or_default();
            push(&mut whole, &String::from_utf8_lossy(&body[..body.len().min(MAX_NOTICE)]));
        }
        let cut = cut_of(&whole);
        let (words, pasted) = whole.split_at(cut);
        // A report that is nothing but the letter keeps what it has.
        let text = if words.trim().is_empty() { whole.clone() } else { words.to_owned() };
        let returned = returned_header(parsed).unwrap_or_else(|| pasted_header(pasted).into_bytes());
        let letter = Fields::read(returned.trim_ascii_start());
        let mut own: Vec<Address> = ["from", "to", "sender", "reply-to", "delivered-to", "envelope-to"]
            .into_iter()
            .filter_map(|name| fields.first(name))
            .flat_map(addresses_in)
            .collect();
        own.extend(letter.first("from").into_iter().flat_map(addresses_in));
        Self {
            subject: parsed.subject().unwrap_or_default().to_lowercase(),
            text,
            has_letter: ["message-id", "received", "from", "to"].iter().any(|name| letter.first(name).is_some()),
            original_id: id_in(&returned),
            original_to: letter.first("to").map(addresses_in).unwrap_or_default(),
            own,
        }
    }

    /// Whether it tells that a letter did not arrive, or not yet. A vacation program that writes with the empty
    /// reverse path tells nothing of the kind.
    pub fn tells_of_failure(&self, codes: &Codes) -> bool {
        if codes.has_refusal() {
            return true;
        }
        let words = cut_at(&self.text, 16 * 1024).to_lowercase().replace('\n', " ");
        FAILURES.iter().chain(DELAYS).any(|sign| words.contains(sign) || self.subject.contains(sign))
    }

    /// Whether the subject alone tells it.
    pub fn subject_tells_of_failure(&self) -> bool {
        FAILURES.iter().chain(DELAYS).any(|sign| self.subject.contains(sign))
    }

    /// Whether the letter is still tried.
    pub fn is_delay(&self) -> bool {
        let words = cut_at(&self.text, 16 * 1024).to_lowercase();
        DELAYS.iter().any(|delay| words.contains(delay) || self.subject.contains(delay))
    }
}

/// What servers say of a letter that did not arrive, in small letters.
const FAILURES: &[&str] = &[
    "not be delivered",
    "couldn't be delivered",
    "can't be delivered",
    "not delivered",
    "wasn't delivered",
    "not been delivered",
    "cannot be sent",
    "could not be sent",
    "unable to deliver",
    "undeliver",
    "delivery failed",
    "delivery failure",
    "delivery has failed",
    "delivery to the following",
    "failed to deliver",
    "mail failure",
    "failure notice",
    "failure notification",
    "failure reason",
    "delivery problem",
    "delivery error",
    "delivery status",
    "did not reach",
    "returned mail",
    "returned to sender",
    "returning message",
    "mail system error",
    "permanent error",
    "permanent failure",
    "permanent fatal error",
    "fatal error",
    "error delivering",
    "error sending",
    "attempting to deliver",
    "trouble delivering",
    "delayed",
    "rejected recipient",
    "was rejected",
    "no such user",
    "user unknown",
    "unknown user",
    "invalid user address",
    "not a member",
    "not member",
    "mail is rejected",
    "reject mail",
    "onbestelbaar",
    "niet bezorgd",
    "niet worden bezorgd",
    "niet afgeleverd",
    "niet worden afgeleverd",
    "unzustellbar",
    "nicht zugestellt",
    "nicht ausgeliefert",
    "non remis",
    "pas pu être remis",
    "pas pu être distribué",
    "non distribuable",
    "no se pudo entregar",
    "no se ha podido entregar",
    "impossibile recapitare",
    "mancata consegna",
    "não pôde ser entregue",
    "не доставлено",
    "не может быть доставлено",
    "配信できません",
    "送信できません",
    "配送できません",
];

/// What servers say of a letter that they still try to deliver.
const DELAYS: &[&str] = &[
    "has been delayed",
    "is delayed",
    "delayed mail",
    "(delay)",
    "still being retried",
    "will be retried",
    "not yet been delivered",
    "will keep trying",
    "warning: could not send",
    "warning: message",
    "warning message only",
    "this is a warning only",
    "only a temporary failure",
    "delay reason:",
];

fn push(whole: &mut String, text: &str) {
    if !whole.is_empty() && !whole.ends_with('\n') {
        whole.push('\n');
    }
    let room = MAX_NOTICE.saturating_sub(whole.len());
    whole.push_str(&cut_at(text, room).replace("\r\n", "\n").replace('\r', "\n"));
}

/// Where the letter begins: at a line that says so, or at a mail's header.
fn cut_of(text: &str) -> usize {
    let mut at = 0;
    let mut run = HeaderRun::default();
    for line in text.split_inclusive('\n') {
        if is_marker(line) {
            return run.start_if_header().unwrap_or(at);
        }
        run.add(line, at);
        if let Some(start) = run.start_if_header() {
            return start;
        }
        at += line.len();
    }
    text.len()
}

/// `--- Below this line is a copy of the message.` and its like.
fn is_marker(line: &str) -> bool {
    let line = cut_at(line.trim(), 200);
    let is_framed = line.starts_with(['-', '=', '*', '_']);
    let lower = line.to_lowercase();
    let is_opening = is_framed || lower.contains("follow") || lower.ends_with(':');
    is_opening && !lower.contains(" was received") && LETTERS.iter().any(|words| lower.contains(words))
}

/// How servers call the letter that they send back.
const LETTERS: &[&str] = &[
    "original message",
    "original mail",
    "ursprüngliche nachricht",
    "copy of the message",
    "copy of your message",
    "copy of the first part",
    "copy of the original",
    "below this line",
    "returned message",
    "unsent message",
    "undelivered message",
    "rejected message",
    "failed message",
    "message follows",
    "message header",
    "headers follow",
    "header of the original",
    "headers of the original",
    "header follows",
    "text of your message",
    "body of the message",
    "start of returned",
];

/// Lines one below the other that look like header fields.
#[derive(Default)]
struct HeaderRun {
    start: usize,
    fields: usize,
    /// Whether a field is there that only a mail's header has, and how many that often stand there.
    has_trace: bool,
    common: usize,
}

impl HeaderRun {
    fn add(&mut self, line: &str, at: usize) {
        let is_folded = line.starts_with([' ', '\t']) && !line.trim().is_empty();
        if is_folded && self.fields > 0 {
            return;
        }
        let name = line.split_once(':').map_or("", |(name, _)| name);
        let is_field = name.len() >= 2
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_field {
            *self = Self::default();
            return;
        }
        if self.fields == 0 {
            self.start = at;
        }
        self.fields += 1;
        match name.to_ascii_lowercase().as_str() {
            "received" | "return-path" | "message-id" | "dkim-signature" | "mime-version" | "x-received" => {
                self.has_trace = true;
            }
            "from" | "to" | "subject" | "date" | "content-type" => self.common += 1,
            _ => {}
        }
    }

    fn start_if_header(&self) -> Option<usize> {
        let is_header = self.fields >= 2 && self.has_trace || self.fields >= 4 && self.common >= 4;
        is_header.then_some(self.start)
    }
}

/// The header of the letter that came back as a part of its own.
fn returned_header(parsed: &Parsed<'_>) -> Option<Vec<u8>> {
    let is_returned = |part: &&mail_parser::MessagePart<'_>| {
        matches!(part.body, PartType::Message(_))
            || matches!(
                media_type(part).as_str(),
                "text/rfc822-headers" | "text/rfc822-header" | "message/rfc822-headers" | "message/global-headers"
            )
    };
    parsed.parts.iter().find(is_returned).map(|part| content_of(parsed, part).trim_ascii_start().to_vec())
}

/// The header of the letter in the text: from its first field to the empty line.
fn pasted_header(pasted: &str) -> String {
    let is_field = |line: &&str| {
        line.split_once(':')
            .is_some_and(|(name, _)| name.len() >= 2 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    let lines = pasted.lines().skip_while(|line| !is_field(line)).take_while(|line| !line.trim().is_empty());
    lines.take(500).fold(String::new(), |header, line| header + line + "\n")
}

/// The addresses of a field, simply.
fn addresses_in(value: &str) -> Vec<Address> {
    let words = cut_at(value, 4_000).split(|c: char| c.is_whitespace() || "<>,;\"()".contains(c));
    words.filter(|word| word.contains('@')).filter_map(|word| Address::new(word).ok()).take(50).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(&text[..cut_of(text)], expected, "{text:?}");
    }

    #[test]
    fn the_letter_is_cut_off() {
        check("gone\n--- Below this line is a copy of the message.\n\nTo: x", "gone\n");
        check("gone\n\nOriginal message follows.\nTo: x", "gone\n\n");
        check("gone\n    Below is a copy of the original message:\n", "gone\n");
        check("gone\nReturn-Path: <x>\nReceived: from y\n\tby z\n", "gone\n");
        check("gone\nFrom: a\nTo: b\nSubject: c\nDate: d\n\nx", "gone\n");
    }

    #[test]
    fn the_servers_words_stay() {
        let check = |text: &str| check(text, text);
        check("The original message was received at 12:00\nfrom mx.x.nl\n");
        check("Your message\n\n  To: bob@x.nl\n  Subject: y\n\ndid not reach\n");
        check("   ----- Transcript of session follows -----\n<<< 550 no\n");
        check("host: mx.x.nl\nReason: gone\n");
    }
}
