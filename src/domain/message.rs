//! An incoming mail as the desk understands it: a value without any mail library in it.
//!
//! Parsing never fails. What was wrong with a mail stands in [`Message::defects`], and every field holds
//! the best that could be read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::address::{Address, NamedAddress};
use super::reply::Reply;

/// What makes two copies of a mail the same mail, whatever way each came: a SHA-256 over Message-ID,
/// From, Date and the digest of every decoded part. Fields that servers add on the way don't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a fingerprint (64 hexadecimal digits)")]
pub struct BadFingerprint(pub String);

impl Fingerprint {
    /// A fingerprint from the 32 bytes of a finished SHA-256.
    #[must_use]
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 small hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// Reads what [`Fingerprint::to_hex`] wrote; capitals are taken too.
    ///
    /// # Errors
    /// [`BadFingerprint`] for anything but 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, BadFingerprint> {
        let bad = || BadFingerprint(text.chars().take(100).collect());
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map_err(|_| bad())?;
        bytes.try_into().map(Self).map_err(|_| bad())
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = BadFingerprint;
    fn try_from(text: String) -> Result<Self, BadFingerprint> {
        Self::from_hex(&text)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> String {
        fingerprint.to_hex()
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// A Message-ID (RFC 5322 section 3.6.4) without its angle brackets. Ids are compared exactly, sign by
/// sign: the standard gives no other way, and servers that change letters make another id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct MessageId(String);

impl MessageId {
    /// The longest id that is kept as it is, in bytes (the longest line that RFC 5322 allows).
    pub const MAX_LEN: usize = 998;

    /// Takes an id with or without its brackets. Control characters are dropped; an id above
    /// [`MessageId::MAX_LEN`] is kept as `sha256.DIGEST@long.invalid`, so that copies still meet.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix('<').unwrap_or(text);
        let text = text.strip_suffix('>').unwrap_or(text).trim();
        if text.len() > Self::MAX_LEN {
            let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
            return Self(format!("sha256.{digest}@long.invalid"));
        }
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic());
        Self(if is_plain { text.to_owned() } else { text.chars().filter(|c| !c.is_control()).collect() })
    }

    /// The id without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for MessageId {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> String {
        id.0
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One incoming mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What makes copies of this mail the same mail.
    pub fingerprint: Fingerprint,
    /// The sender's own id, where there is one.
    pub message_id: Option<MessageId>,
    /// The ids in `In-Reply-To`, in their order.
    pub in_reply_to: Vec<MessageId>,
    /// The ids in `References`, oldest first.
    pub references: Vec<MessageId>,
    /// Who claims to have written it. Ask [`Message::sender`], which refuses doubtful ones.
    pub from: Vec<NamedAddress>,
    /// Where answers are asked to go; never tells who the sender is.
    pub reply_to: Vec<NamedAddress>,
    /// The addressees.
    pub to: Vec<NamedAddress>,
    /// The addressees of copies.
    pub cc: Vec<NamedAddress>,
    /// The addresses at which it was really delivered, as servers noted in `Delivered-To`,
    /// `X-Original-To`, `Envelope-To`, `X-Envelope-To` and `X-Delivered-To`. Anybody can write these.
    pub delivered_to: Vec<Address>,
    /// The subject, decoded, on one line, without control characters, at most 1,000 characters.
    pub subject: String,
    /// What the sender says about the time of writing.
    pub date: Option<jiff::Timestamp>,
    /// When the desk's own servers got it. Service clocks start here.
    pub received_at: jiff::Timestamp,
    /// The whole readable text; a mail that is HTML only is converted.
    pub text: String,
    /// Whether there is an HTML form of the text.
    pub has_html: bool,
    /// The text cut into what is new, what is quoted and the signature.
    pub reply: Reply,
    /// Everything that hangs on the mail, inline pictures included.
    pub attachments: Vec<Attachment>,
    /// What a calendar part asks, in capitals (RFC 5546 section 1.4): `REQUEST`, `REPLY`, `CANCEL`. Empty where there
    /// is such a part that does not say; nothing where there is none.
    pub calendar_method: Option<String>,
    /// What kind of mail it is.
    pub origin: Origin,
    /// Whether an automatic letter may go back (RFC 3834 section 2).
    pub may_auto_reply: bool,
    /// Why `origin` and `may_auto_reply` are what they are, in words for people.
    pub evidence: Vec<String>,
    /// Whether it was sent with the empty reverse path `<>`, as reports are (RFC 5321 section 4.5.5).
    pub reverse_path_is_null: bool,
    /// The values of `X-Casepost-Id`: they claim that a letter of this desk came back. Worth nothing
    /// until checked with the desk's key.
    pub own_marks: Vec<String>,
    /// What is known about the sender being who the mail says.
    pub proof: SenderProof,
    /// What it tells about the delivery of letters, a report a recipient (RFC 3464).
    pub reports: Vec<DeliveryReport>,
    /// What its complaints are about, one a complaint (RFC 5965).
    pub feedback: Vec<FeedbackType>,
    /// What was wrong with the mail.
    pub defects: Vec<Defect>,
}

impl Message {
    /// The one who speaks: there only when `From` holds exactly one well-formed mailbox. Two mailboxes,
    /// two `From` fields or a broken one leave it open who is meant, so nobody is.
    #[must_use]
    pub fn sender(&self) -> Option<&NamedAddress> {
        let is_doubtful = self.defects.iter().any(|defect| defect.kind == DefectKind::From);
        match self.from.as_slice() {
            [only] if !is_doubtful => Some(only),
            _ => None,
        }
    }
}

/// Something that hangs on a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file name, without any folder; empty where the mail names none.
    pub name: String,
    /// The type in small letters, such as `application/pdf`.
    pub media_type: String,
    /// The length of the decoded content in bytes.
    pub size: u64,
    /// The digest of the decoded content.
    pub sha256: [u8; 32],
    /// The id by which an HTML text shows it (`cid:`), without brackets.
    pub content_id: Option<String>,
    /// Whether it is part of the text (a picture in a signature) rather than a file that was added.
    pub is_inline: bool,
    /// Whether it was packed in a `winmail.dat` (MS-OXTNEF) of Outlook.
    pub is_from_tnef: bool,
    /// The decoded content.
    pub bytes: Vec<u8>,
}

/// Whether the sign turns the direction of the text behind it (Unicode UAX #9 section 2). In a line that people read as
/// one thing, such as a subject, a name or a file name, it makes `exe.fdp` of `pdf.exe`.
#[must_use]
pub fn is_bidi_control(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// What kind of mail this is: who or what wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A person.
    Human,
    /// A program that answers for a person (RFC 3834): out of office, vacation, a ticket system.
    AutoReply,
    /// A report that a letter could not be delivered (RFC 3464 `failed`).
    Bounce,
    /// A report that a letter is late but still tried (RFC 3464 `delayed`).
    DelayNotice,
    /// A report that a letter arrived, was relayed, or was read (RFC 3464, RFC 8098).
    DeliveryNotice,
    /// A complaint about a letter (RFC 5965).
    Feedback,
    /// A mail through a mailing list or to a crowd.
    List,
}

impl Origin {
    /// Whether a program sent it of its own accord. A list passes on what people wrote.
    #[must_use]
    pub fn is_automatic(self) -> bool {
        !matches!(self, Self::Human | Self::List)
    }
}

/// What is known about the sender being who the mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderProof {
    /// The From address is the sender's.
    Proven {
        /// What proves it, such as `dmarc=pass (mx.desk.nl)`.
        by: String,
    },
    /// Nothing either way.
    Unproven {
        /// What is missing.
        why: String,
    },
    /// The owner of the From domain says that this mail is to be refused.
    Contradicted {
        /// What says so.
        by: String,
    },
    /// A lookup failed for a moment; another try may tell.
    UnknownForNow {
        /// What failed.
        why: String,
    },
}

impl SenderProof {
    /// Whether the sender is who the mail says.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Proven { .. })
    }
}

/// What happened to one letter for one recipient (RFC 3464 section 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Who was to get it, in the end: behind forwards and aliases (RFC 3464 section 2.3.2).
    pub final_recipient: Option<Address>,
    /// Whom the letter was written to, where that is another address (section 2.3.1).
    pub original_recipient: Option<Address>,
    /// The status code of RFC 3463, such as `5.1.1`: the most telling one of the report.
    pub status: Option<String>,
    /// The reply of SMTP (RFC 5321 section 4.2), such as 550.
    pub reply_code: Option<u16>,
    /// Why, in few classes.
    pub reason: ReasonClass,
    /// What the server said, on one line; empty where it said nothing.
    pub diagnostic: String,
    /// What was done.
    pub action: DeliveryAction,
    /// Whether a later try may succeed.
    pub is_temporary: bool,
    /// The id of the letter that the report is about, from the returned part.
    pub original_message_id: Option<MessageId>,
}

/// Why a letter did not arrive, as far as a rule or a person acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonClass {
    /// Nobody has that address, or not any more.
    NoSuchRecipient,
    /// The domain is none, or takes no mail.
    NoSuchDomain,
    /// The mailbox has no room.
    MailboxFull,
    /// It was tried for long, or the time ran out.
    Expired,
    /// The server did not want it: policy, content, reputation, or for a reason of its own.
    Rejected,
    /// It did arrive.
    Delivered,
}

/// What a server did with a letter (RFC 3464 section 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryAction {
    /// It gave up.
    Failed,
    /// It still tries.
    Delayed,
    /// It delivered.
    Delivered,
    /// It passed the letter to a server that makes no reports.
    Relayed,
    /// It delivered to the many addresses behind a name.
    Expanded,
}

/// What a complaint is about (RFC 5965 section 3.1, RFC 6591 section 3.1, RFC 6430).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedbackType {
    /// Unwanted mail.
    Abuse,
    /// Deceit, phishing.
    Fraud,
    /// A virus in it.
    Virus,
    /// A mail that was wrongly taken for unwanted.
    NotSpam,
    /// A signature or policy failed.
    AuthFailure,
    /// A wish to get no more of it.
    OptOut,
    /// A mail that was put in the wrong class.
    Miscategorized,
    /// Anything else.
    Other,
}

/// Something wrong with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What kind of fault.
    pub kind: DefectKind,
    /// The fault in words.
    pub text: String,
}

/// The kinds of faults, as far as a rule depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefectKind {
    /// `From` is missing, broken, or names several.
    From,
    /// The times of receipt disagree.
    Time,
    /// More than casepost takes: parts, depth, headers, addresses, bytes. The rest was left out.
    Limit,
    /// The form of the mail is broken; what could be read was read.
    Form,
    /// The reader itself failed on this mail; only the raw bytes can be trusted.
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(MessageId::new(text).as_str(), expected, "{text:?}");
    }

    #[test]
    fn message_ids_lose_only_their_brackets() {
        check("<a.B@c.nl>", "a.B@c.nl");
        check("  a@c  ", "a@c");
        check("< a@c >", "a@c");
        check("<a\r\n@c>", "a@c");
    }

    #[test]
    fn a_very_long_id_is_kept_as_its_digest() {
        let id = MessageId::new(&format!("<{}@x>", "a".repeat(2_000)));
        assert!(id.as_str().len() < 100);
        assert_eq!(id, MessageId::new(&format!("{}@x", "a".repeat(2_000))));
        assert_ne!(id, MessageId::new(&format!("{}@x", "a".repeat(2_001))));
    }

    #[test]
    fn a_fingerprint_is_read_back_from_its_digits() {
        let fingerprint = Fingerprint::new([0xab; 32]);
        assert_eq!(Fingerprint::from_hex(&fingerprint.to_string()), Ok(fingerprint));
        assert!(Fingerprint::from_hex("ab").is_err());
        assert!(Fingerprint::from_hex(&"zz".repeat(32)).is_err());
    }
}
