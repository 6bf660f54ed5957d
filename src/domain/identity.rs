//! Identities that are derived, never drawn: Message-IDs of our letters, reply tokens, marks on our own mail.
//!
//! Whatever is made twice from the same cause is the same, so a retry makes the same letters and every write is
//! idempotent by its key.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit as _, Mac as _};
use regex::Regex;
use sha2::{Digest, Sha256};

use super::case::CaseNumber;
use super::message::{Fingerprint, Message, MessageId};
use super::names::{DeskCode, PersonKey};

/// A key that makes reply tokens.
#[derive(Clone)]
pub struct TokenKey {
    /// The key.
    pub key: [u8; 32],
    /// From when on its tokens count no more; without it they always count.
    pub valid_until: Option<jiff::Timestamp>,
}

impl From<[u8; 32]> for TokenKey {
    fn from(key: [u8; 32]) -> Self {
        Self { key, valid_until: None }
    }
}

/// The secrets of an installation.
#[derive(Clone)]
pub struct Keys {
    /// Makes Message-IDs. It never rotates: a retry years later must make the same id.
    pub identity: [u8; 32],
    /// Make reply tokens; the first makes new ones, the others are accepted until their day.
    pub tokens: Vec<TokenKey>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(secret)")
    }
}

/// What a letter is about: with the kind of notice and the recipient it makes the letter's Message-ID.
#[derive(Debug, Clone, Copy)]
pub struct LetterCause<'a> {
    /// The desk in whose name it goes.
    pub desk: &'a DeskCode,
    /// The case's number, the request's reference or the client's code; empty where there is none.
    pub about: &'a str,
    /// The fingerprint of the mail, the command or the period that caused it.
    pub cause: &'a str,
    /// The kind of notice.
    pub notice: &'a str,
    /// The place among letters of that kind from that cause to that recipient, from 0.
    pub ordinal: u32,
    /// Who gets it.
    pub recipient: &'a str,
}

fn digest(key: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    // RFC 2104 section 2: a key shorter than the block is filled up with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        // A length before each part: ("ab", "c") must not be ("a", "bc").
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

fn base32(bytes: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

impl Keys {
    /// The Message-ID of a letter. `host` is the desk's own domain.
    #[must_use]
    pub fn letter_id(&self, host: &str, letter: LetterCause<'_>) -> MessageId {
        let LetterCause { desk, about, cause, notice, ordinal, recipient } = letter;
        let parts = ["letter", desk.as_str(), about, cause, notice, &ordinal.to_string(), recipient];
        MessageId::new(&format!("{}@{host}", base32(&digest(&self.identity, &parts)[..20])))
    }

    /// The id that stands first in the References of every letter of a case. A provider that replaces our
    /// Message-IDs leaves References alone, so the answer still finds its case.
    #[must_use]
    pub fn case_id(&self, host: &str, desk: &DeskCode, number: &CaseNumber) -> MessageId {
        let number = number.to_string().to_lowercase();
        let check = base32(&digest(&self.identity, &["case", desk.as_str(), &number])[..10]);
        MessageId::new(&format!("{number}.{check}@{host}"))
    }

    /// What stands in `X-Casepost-Id` of a letter: its Message-ID and a keyed check.
    #[must_use]
    pub fn own_mark(&self, desk: &DeskCode, id: &MessageId) -> String {
        let check = base32(&digest(&self.identity, &["mark", desk.as_str(), id.as_str()])[..10]);
        format!("{id} {check}")
    }

    /// The Message-ID in a mark that this installation made; nothing for anybody else's.
    #[must_use]
    pub fn read_own_mark(&self, desk: &DeskCode, mark: &str) -> Option<MessageId> {
        let (id, check) = mark.trim().rsplit_once(' ')?;
        let id = MessageId::new(id.trim());
        let expected = base32(&digest(&self.identity, &["mark", desk.as_str(), id.as_str()])[..10]);
        is_same(check, &expected).then_some(id)
    }

    /// The token in a reply address: 16 letters bound to the desk, the case (or request) and the person.
    #[must_use]
    pub fn reply_token(&self, desk: &DeskCode, about: &str, person: &PersonKey) -> String {
        self.tokens.first().map_or_else(String::new, |own| token(&own.key, desk, about, person))
    }

    /// Whether the token of a mail received `at` was made for this case (or request) and person, by the present key or
    /// an older one that still counted.
    #[must_use]
    pub fn is_reply_token(
        &self,
        given: &str,
        desk: &DeskCode,
        about: &str,
        person: &PersonKey,
        at: jiff::Timestamp,
    ) -> bool {
        let counting = self.tokens.iter().filter(|own| own.valid_until.is_none_or(|until| at < until));
        counting.fold(false, |found, own| found | is_same(given, &token(&own.key, desk, about, person)))
    }

    /// The name that stands for a person who was forgotten, by their key or address. It never changes, and without the
    /// installation's key nobody can try addresses until one fits.
    #[must_use]
    pub fn pseudonym(&self, desk: &DeskCode, who: &str) -> String {
        let check = digest(&self.identity, &["forgotten", desk.as_str(), &who.to_lowercase()]);
        format!("forgotten-{}", base32(&check[..10]))
    }

    /// What makes a booking by command unique.
    #[must_use]
    pub fn booking_key(desk: &DeskCode, expert: &PersonKey, message_id: &str, ordinal: u32) -> String {
        format!("{desk}/{expert}/{message_id}/{ordinal}")
    }
}

fn token(key: &[u8; 32], desk: &DeskCode, about: &str, person: &PersonKey) -> String {
    base32(&digest(key, &["token", desk.as_str(), &about.to_lowercase(), person.as_str()])[..10])
}

/// Compares without telling by the time taken how much was right.
fn is_same(given: &str, expected: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    given.to_ascii_lowercase().as_bytes().ct_eq(expected.as_bytes()).into()
}

/// A mail without a Message-ID is known by its fingerprint.
#[must_use]
pub fn stand_in_id(fingerprint: &Fingerprint) -> MessageId {
    MessageId::new(&format!("fingerprint.{fingerprint}@missing.invalid"))
}

/// What makes a mail the same by its content where a server gave a copy another Message-ID: sender, time of writing to
/// the second, subject and new text. None for a mail that lacks one of the first two.
#[must_use]
pub fn content_digest(message: &Message) -> Option<String> {
    let (sender, date) = (message.sender()?, message.date?);
    let parts = [sender.address.as_str(), &date.as_second().to_string(), &message.subject, &message.reply.fresh];
    let digest = Sha256::digest(parts.join("\u{0}").as_bytes());
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The part of a reply address that selects a case, a request (`R-17`) or a parked mail (`P-31`): `support+amr-2026-0042.TOKEN@…` or, with a domain of its own,
/// `amr-2026-0042.TOKEN@cases.desk.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyLocal {
    /// The case's number, the request's reference or `P-` and the number of the parked mail, in capitals.
    pub about: String,
    /// The token.
    pub token: String,
}

impl ReplyLocal {
    /// Reads `ABOUT.TOKEN`.
    #[must_use]
    pub fn read(text: &str) -> Option<ReplyLocal> {
        let (about, token) = text.rsplit_once('.')?;
        let is_token = token.len() == 16 && token.bytes().all(|b| b.is_ascii_alphanumeric());
        (is_token && !about.is_empty()).then(|| ReplyLocal { about: about.to_uppercase(), token: token.to_lowercase() })
    }
}

impl std::fmt::Display for ReplyLocal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.about.to_lowercase(), self.token)
    }
}

/// A reply token with what stands before it in a reply address.
const TOKEN_PATTERN: &str = r"(?i-u)\+?\b(?:[a-z]{2,5}-[0-9]{4}-[0-9]{4,9}|[rp]-[0-9]{1,9})\.[a-z2-7]{16}@";

#[expect(clippy::unwrap_used, reason = "constant pattern")]
static TOKEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(TOKEN_PATTERN).unwrap());

#[expect(clippy::unwrap_used, reason = "constant pattern")]
static TOKEN_IN_BYTES: LazyLock<regex::bytes::Regex> =
    LazyLock::new(|| regex::bytes::Regex::new(TOKEN_PATTERN).unwrap());

/// The text without reply tokens: they travel in quotes and forwards, and must not leave with what we send on.
#[must_use]
pub fn scrub_tokens(text: &str) -> String {
    TOKEN.replace_all(text, "@").into_owned()
}

/// As [`scrub_tokens`], of a text that needs no copy where it has none.
#[must_use]
pub fn without_tokens(text: String) -> String {
    match TOKEN.replace_all(&text, "@") {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(scrubbed) => scrubbed,
    }
}

/// A file without reply tokens, whatever its charset; every other byte stays as it is.
#[must_use]
pub fn scrub_tokens_in_file(bytes: Vec<u8>) -> Vec<u8> {
    match TOKEN_IN_BYTES.replace_all(&bytes, &b"@"[..]) {
        std::borrow::Cow::Borrowed(_) => bytes,
        std::borrow::Cow::Owned(scrubbed) => scrubbed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(first: u8) -> Keys {
        let valid_until = Some("2026-07-01T00:00:00Z".parse().unwrap());
        let older = TokenKey { key: [9; 32], valid_until };
        Keys { identity: [7; 32], tokens: vec![TokenKey::from([first; 32]), older] }
    }

    fn desk() -> DeskCode {
        DeskCode::new("LIN").unwrap()
    }

    #[test]
    fn the_same_cause_makes_the_same_letter() {
        let cause = LetterCause {
            desk: &desk(),
            about: "AMR-2026-0001",
            cause: "abc",
            notice: "acknowledgement",
            ordinal: 0,
            recipient: "anne@amr.example",
        };
        let id = keys(1).letter_id("desk.example", cause);
        assert_eq!(id, keys(2).letter_id("desk.example", cause), "token keys rotate, ids stay");
        assert_ne!(id, keys(1).letter_id("desk.example", LetterCause { ordinal: 1, ..cause }));
        assert_ne!(id, Keys { identity: [8; 32], tokens: vec![] }.letter_id("desk.example", cause));
    }

    #[test]
    fn a_token_is_bound_to_case_and_person() {
        let (anne, piet) = (PersonKey::new("anne").unwrap(), PersonKey::new("piet").unwrap());
        let old = keys(9).reply_token(&desk(), "AMR-2026-0001", &anne);
        let rotated = keys(1);
        let in_june = "2026-06-30T23:59:59Z".parse().unwrap();
        assert!(rotated.is_reply_token(&old, &desk(), "amr-2026-0001", &anne, in_june));
        assert!(!rotated.is_reply_token(&old, &desk(), "AMR-2026-0001", &piet, in_june));
        assert!(!rotated.is_reply_token(&old, &desk(), "AMR-2026-0002", &anne, in_june));
        assert!(!rotated.is_reply_token("", &desk(), "AMR-2026-0001", &anne, in_june));
        let in_july = "2026-07-01T00:00:00Z".parse().unwrap();
        assert!(!rotated.is_reply_token(&old, &desk(), "AMR-2026-0001", &anne, in_july), "the old key's day has come");
        let new = rotated.reply_token(&desk(), "AMR-2026-0001", &anne);
        assert!(rotated.is_reply_token(&new, &desk(), "AMR-2026-0001", &anne, in_july));
        let local = ReplyLocal { about: "AMR-2026-0001".into(), token: old };
        assert_eq!(ReplyLocal::read(&local.to_string()), Some(local));
        assert_eq!(ReplyLocal::read("news.letter"), None);
    }

    #[test]
    fn tokens_do_not_leave_with_a_text() {
        let check = |text: &str, expected: &str| assert_eq!(scrub_tokens(text), expected);
        check("<support+amr-2026-0042.abcdefgh234567ab@desk.example>", "<support@desk.example>");
        check("Support+R-17.ABCDEFGH234567AB@desk.example", "Support@desk.example");
        check("amr-2026-0042.abcdefgh234567ab@cases.desk.example", "@cases.desk.example");
        check("support@desk.example, AMR-2026-0042", "support@desk.example, AMR-2026-0042");
        let file = b"\xe9t\xe9 <support+r-17.abcdefgh234567ab@desk.example>\xff".to_vec();
        assert_eq!(scrub_tokens_in_file(file), b"\xe9t\xe9 <support@desk.example>\xff");
    }

    #[test]
    fn a_mark_is_believed_only_with_our_key() {
        let id = MessageId::new("abc@desk.example");
        let mark = keys(1).own_mark(&desk(), &id);
        assert_eq!(keys(1).read_own_mark(&desk(), &mark), Some(id));
        assert_eq!(Keys { identity: [1; 32], tokens: vec![] }.read_own_mark(&desk(), &mark), None);
        assert_eq!(keys(1).read_own_mark(&desk(), "abc@desk.example"), None);
    }
}
