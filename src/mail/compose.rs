//! A draft in, finished bytes out (RFC 5322, RFC 2045): the same draft always gives the same bytes.

use crate::domain::address::NamedAddress;
use crate::domain::notice::AutoSubmitted;
use crate::mail::encoded;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentDisposition, ContentId, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// All that a letter consists of, before it is bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The desk's support address; never a person's.
    pub from: NamedAddress,
    /// Whom it is written to, at least one.
    pub to: Vec<NamedAddress>,
    /// Who reads it too. There is no Bcc: nobody reads along unseen.
    pub cc: Vec<NamedAddress>,
    /// Where an answer goes, with its token.
    pub reply_to: Option<NamedAddress>,
    /// Without angle brackets, `left@right`.
    pub message_id: String,
    /// The Message-ID that is answered, without angle brackets.
    pub in_reply_to: Option<String>,
    /// The thread, oldest first, without angle brackets; cut to the first 4 and the last 6.
    pub references: Vec<String>,
    /// Decoded, on one line.
    pub subject: String,
    /// When it was written.
    pub date: Timestamp,
    /// RFC 3834; none where the words are a person's.
    pub auto_submitted: Option<AutoSubmitted>,
    /// Our own mark (`X-Casepost-Id`), by which we know the letter where a provider replaced its Message-ID.
    pub casepost_id: String,
    /// The text part.
    pub text: String,
    /// The HTML part that says the same.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type such as `image/png`; what can't be read becomes `application/octet-stream`.
    pub media_type: String,
    /// The decoded content.
    pub bytes: Vec<u8>,
    /// Content-ID without angle brackets, for pictures inside the HTML.
    pub content_id: Option<String>,
    /// Shown inside the HTML rather than listed.
    pub is_inline: bool,
}

/// Why a draft can't become a letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Nobody to write to.
    #[error("the letter has no recipient")]
    NoRecipient,
    /// A Message-ID that is not `left@right` of plain ASCII.
    #[error("\"{0}\" can't be a Message-ID")]
    BadMessageId(String),
    /// The builder refused; a defect of ours.
    #[error("the letter could not be built: {0}")]
    Build(String),
}

impl Draft {
    /// The letter as it goes over the wire: ASCII, CRLF, no line above 998 characters.
    ///
    /// Names, subjects and file names lose their control characters, so that no text of a stranger can end a
    /// header (RFC 5322 section 2.2). The MIME boundaries come from the Message-ID. Letters of the program
    /// itself carry `Auto-Submitted` (RFC 3834) and `X-Auto-Response-Suppress` with all but `NDR`: Exchange
    /// then sends no out-of-office, while a bounce must still come back. There is no `Precedence`: RFC 3834
    /// section 3.1.8 makes no use of it, and providers file `bulk` with advertisements.
    ///
    /// # Errors
    /// [`ComposeError`] for a draft without recipient, a malformed Message-ID or an address that can't be
    /// written in ASCII.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ComposeError> {
        if self.to.is_empty() {
            return Err(ComposeError::NoRecipient);
        }
        if !is_message_id(&self.message_id) {
            return Err(ComposeError::BadMessageId(self.message_id.clone()));
        }
        let builder = self.head()?;
        let letter = match (&self.html, self.attachments.is_empty()) {
            (None, true) => builder.singlepart(plain(&self.text)),
            _ => builder.multipart(self.body()),
        };
        let bytes = letter.map_err(|error| ComposeError::Build(error.to_string()))?.formatted();
        if bytes.is_ascii() { Ok(bytes) } else { Err(ComposeError::Build("not plain ASCII".into())) }
    }

    fn head(&self) -> Result<MessageBuilder, ComposeError> {
        let mut builder = lettre::Message::builder()
            .envelope(self.envelope()?)
            .from(mailbox(&self.from)?)
            .date(written_at(self.date))
            .message_id(Some(format!("<{}>", self.message_id)))
            .subject(cut(one_line(&self.subject), 250));
        for to in &self.to {
            builder = builder.to(mailbox(to)?);
        }
        for cc in &self.cc {
            builder = builder.cc(mailbox(cc)?);
        }
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(mailbox(reply_to)?);
        }
        if let Some(id) = self.in_reply_to.as_deref().filter(|id| is_message_id(id)) {
            builder = builder.in_reply_to(format!("<{id}>"));
        }
        let references = capped(&self.references);
        if !references.is_empty() {
            builder = builder.references(references);
        }
        if let Some(auto_submitted) = self.auto_submitted {
            builder = builder
                .raw_header(header("Auto-Submitted", auto_submitted.as_str())?)
                .raw_header(header("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")?);
        }
        if !self.casepost_id.is_empty() {
            builder = builder.raw_header(header("X-Casepost-Id", &self.casepost_id)?);
        }
        Ok(builder)
    }

    /// The library would read it out of the finished header. Delivery has its own.
    fn envelope(&self) -> Result<Envelope, ComposeError> {
        let to = self.to.iter().map(|to| Ok(mailbox(to)?.email)).collect::<Result<_, _>>()?;
        Envelope::new(None, to).map_err(|error| ComposeError::Build(error.to_string()))
    }

    /// `mixed( alternative( plain, related( html, pictures ) ), files )`, each level only where it is needed.
    fn body(&self) -> MultiPart {
        let (pictures, files): (Vec<_>, Vec<_>) =
            self.attachments.iter().partition(|file| file.is_inline && self.html.is_some());
        let words = self.html.as_ref().map(|html| {
            let words = MultiPart::alternative().boundary(self.boundary("words")).singlepart(plain(&self.text));
            if pictures.is_empty() {
                return words.singlepart(text_part(ContentType::TEXT_HTML, html));
            }
            let page = MultiPart::related().boundary(self.boundary("page"));
            let page = page.singlepart(text_part(ContentType::TEXT_HTML, html));
            words.multipart(pictures.iter().fold(page, |page, file| page.singlepart(file.part())))
        });
        let mixed = MultiPart::mixed().boundary(self.boundary("mixed"));
        let mixed = match (words, files.is_empty()) {
            (Some(words), true) => return words,
            (Some(words), false) => mixed.multipart(words),
            (None, _) => mixed.singlepart(plain(&self.text)),
        };
        files.iter().fold(mixed, |mixed, file| mixed.singlepart(file.part()))
    }

    /// `=_` stands in no quoted-printable or base64 line; the rest is drawn from the Message-ID.
    fn boundary(&self, level: &str) -> String {
        let digest = Sha256::digest(format!("{}\n{level}", self.message_id));
        format!("=_{}", data_encoding::HEXLOWER.encode(&digest[..18]))
    }
}

impl Attachment {
    fn part(&self) -> SinglePart {
        let name = cut(one_line(&self.name), 120);
        let name = if name.is_empty() { "attachment".to_owned() } else { name };
        let mut builder = SinglePart::builder().header(self.content_type());
        if let Some(id) = self.content_id.as_deref().filter(|id| is_plain_id(id)) {
            builder = builder.header(ContentId::from(format!("<{id}>")));
        }
        let disposition = match self.is_inline {
            true => ContentDisposition::inline_with_name(&name),
            false => ContentDisposition::attachment(&name),
        };
        builder.header(disposition).body(encoded::file(&self.bytes))
    }

    /// RFC 2046 section 5.2.1 forbids base64 for `message/…` and `multipart/…`, so those go as plain files:
    /// their content was written by others and is not ours to re-wrap.
    fn content_type(&self) -> ContentType {
        let known = self.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_token = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
        };
        let is_fit = known.len() <= 100
            && known
                .split_once('/')
                .is_some_and(|(kind, sub)| is_token(kind) && is_token(sub) && kind != "message" && kind != "multipart");
        let octets = || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
        if is_fit { ContentType::parse(&known).unwrap_or_else(|_| octets()) } else { octets() }
    }
}

/// The header `Date` knows whole seconds.
fn written_at(date: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(date.as_second()).unwrap_or(0))
}

fn plain(text: &str) -> SinglePart {
    text_part(ContentType::TEXT_PLAIN, text)
}

fn text_part(content_type: ContentType, text: &str) -> SinglePart {
    let is_stray = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    // Bytes are quicker to look through: 0xC2 leads the control characters beyond ASCII, among others.
    let may_be_stray = |b: u8| (b < 0x20) & (b != b'\n') & (b != b'\t') | (b == 0x7f) | (b == 0xc2);
    // To the end, without a jump: many bytes are looked at at once.
    let body = match text.bytes().fold(false, |stray, b| stray | may_be_stray(b)) {
        true => encoded::text(&text.replace(is_stray, "")),
        false => encoded::text(text),
    };
    SinglePart::builder().header(content_type).body(body)
}

fn header(name: &'static str, value: &str) -> Result<HeaderValue, ComposeError> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| ComposeError::Build(e.to_string()))?;
    Ok(HeaderValue::new(name, one_line(value)))
}

fn mailbox(person: &NamedAddress) -> Result<Mailbox, ComposeError> {
    let address = person.address.as_str();
    let bad = || ComposeError::Build(format!("the address {address} can't be written in ASCII"));
    if !address.is_ascii() {
        return Err(bad());
    }
    let name = cut(one_line(&person.name), 120);
    Ok(Mailbox::new(Some(name).filter(|name| !name.is_empty()), address.parse().map_err(|_| bad())?))
}

/// Control characters (line breaks among them) and line separators become blanks; runs of blanks one.
fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || c.is_whitespace();
    text.split(is_break).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A word can't be folded, so a header is only as short as its longest word: cut before that can matter.
fn cut(text: String, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn is_plain_id(id: &str) -> bool {
    (1..=250).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
}

fn is_message_id(id: &str) -> bool {
    is_plain_id(id) && id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
}

/// The first 4 and the last 6: the thread keeps its root (our own id of the case) and its newest letters.
fn capped(references: &[String]) -> String {
    let ids: Vec<&String> = references.iter().filter(|id| is_plain_id(id)).collect();
    let kept = if ids.len() <= 10 { ids } else { [&ids[..4], &ids[ids.len() - 6..]].concat() };
    kept.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::Address;

    fn person(name: &str) -> NamedAddress {
        NamedAddress { name: name.into(), address: Address::new("ann@client.example").unwrap() }
    }

    fn draft() -> Draft {
        Draft {
            from: NamedAddress::new("Servicedesk Zuidplein", Address::new("support@desk.example").unwrap()),
            to: vec![person("Anneke de Vries")],
            cc: Vec::new(),
            reply_to: None,
            message_id: "abc123@desk.example".into(),
            in_reply_to: Some("m1@client.example".into()),
            references: (1..=14).map(|n| format!("id-{n}@client.example")).collect(),
            subject: "[ZUID AMR-2026-0042] Réseau".into(),
            date: Timestamp::UNIX_EPOCH,
            auto_submitted: Some(AutoSubmitted::AutoReplied),
            casepost_id: "k7x".into(),
            text: "Beste Anneke,\n\nTot morgen.\n".into(),
            html: None,
            attachments: Vec::new(),
        }
    }

    fn written(draft: &Draft) -> String {
        String::from_utf8(draft.to_bytes().unwrap()).unwrap()
    }

    fn head(draft: &Draft) -> String {
        written(draft).split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn a_letter_reads_as_it_was_drafted() {
        insta::assert_snapshot!(written(&draft()).replace("\r\n", "\n"));
    }

    #[test]
    fn the_same_draft_gives_the_same_bytes() {
        let mut full = draft();
        full.html = Some("<p>Tot morgen</p><img src=\"cid:pic\">".into());
        full.attachments = vec![
            Attachment {
                name: "plan é.pdf".into(),
                media_type: "application/pdf".into(),
                bytes: vec![0, 255, 10],
                content_id: None,
                is_inline: false,
            },
            Attachment {
                name: "p.png".into(),
                media_type: "image/png".into(),
                bytes: vec![1; 2000],
                content_id: Some("pic".into()),
                is_inline: true,
            },
        ];
        assert_eq!(full.to_bytes(), full.to_bytes());
        insta::assert_snapshot!(written(&full).replace("\r\n", "\n"));
    }

    #[test]
    fn no_text_of_a_stranger_becomes_a_header() {
        let mut evil = draft();
        let attack = "x\r\nBcc: spy@evil.example\r\n\r\nbody\u{2028}\u{85}\0";
        evil.subject = format!("{attack} =?utf-8?q?=0D=0ABcc:_spy@evil.example?=");
        evil.from.name = attack.into();
        evil.to = vec![person(attack), person("\"quoted\\ <spy@evil.example>,"), person("=?utf-8?q?=0D=0ABcc:x?=")];
        evil.casepost_id = attack.into();
        evil.in_reply_to = Some(attack.into());
        evil.references = vec![attack.into()];
        evil.attachments = vec![Attachment {
            name: attack.into(),
            media_type: format!("text/plain\r\nBcc: {attack}"),
            bytes: b"hi".to_vec(),
            content_id: Some(attack.into()),
            is_inline: false,
        }];
        let bytes = written(&evil);
        assert!(!bytes.to_lowercase().contains("\nbcc"), "{bytes}");
        let parsed = mail_parser::MessageParser::default().parse(bytes.as_bytes()).unwrap();
        assert!(parsed.bcc().is_none() && parsed.in_reply_to().as_text().is_none());
        assert_eq!(parsed.to().unwrap().iter().count(), 3);
        assert!(parsed.to().unwrap().iter().all(|a| a.address() == Some("ann@client.example")), "{bytes}");
        assert_eq!(parsed.attachment_count(), 1);
    }

    #[test]
    fn lines_are_ascii_and_short_whatever_comes() {
        let mut wide = draft();
        wide.text = format!("{}\n.\n..\nFrom x\n\0{}", "x".repeat(5000), "é".repeat(3000));
        wide.subject = format!("{} {}", "y".repeat(1500), "ü".repeat(500));
        wide.to[0].name = "n".repeat(1200);
        wide.references = (0..10).map(|n| format!("{n}{}@x.example", "r".repeat(200))).collect();
        wide.html = Some("<p>".to_owned() + &"z".repeat(3000));
        let bytes = wide.to_bytes().unwrap();
        assert!(bytes.is_ascii() && !bytes.contains(&0));
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        let longest = text.split("\r\n").map(str::len).max().unwrap();
        assert!(longest <= 998, "{longest}");
        let parsed = mail_parser::MessageParser::default().parse(text.as_bytes()).unwrap();
        assert!(parsed.body_text(0).unwrap().contains(&"é".repeat(3000)));
        assert_eq!(parsed.references().as_text_list().unwrap().len(), 10);
    }

    #[test]
    fn a_thread_keeps_its_root_and_its_newest() {
        let head = head(&draft()).replace("\r\n ", " ");
        let ids = [1, 2, 3, 4, 9, 10, 11, 12, 13, 14].map(|n| format!("<id-{n}@client.example>")).join(" ");
        assert!(head.contains(&format!("References: {ids}")), "{head}");
    }

    #[test]
    fn words_of_a_person_are_not_marked_automatic() {
        let mut answer = draft();
        answer.auto_submitted = None;
        let head = head(&answer);
        assert!(!head.contains("Auto-Submitted") && !head.contains("X-Auto-Response"), "{head}");
    }

    #[test]
    fn a_draft_that_cannot_be_sent_is_refused() {
        let mut nobody = draft();
        nobody.to.clear();
        assert_eq!(nobody.to_bytes(), Err(ComposeError::NoRecipient));
        let mut bad = draft();
        bad.message_id = "a b@c".into();
        assert!(matches!(bad.to_bytes(), Err(ComposeError::BadMessageId(_))));
        let mut wide = draft();
        wide.to[0].address = Address::new("jürgen@client.example").unwrap();
        assert!(matches!(wide.to_bytes(), Err(ComposeError::Build(_))));
    }
}
