//! A finished letter, read back from its bytes.

use casepost::store::letters::StoredLetter;
use mail_parser::{MessageParser, MimeHeaders as _};

/// A letter of the outbox.
#[derive(Clone)]
pub struct Letter {
    /// Its row.
    pub stored: StoredLetter,
    raw: String,
}

impl Letter {
    /// A letter and the bytes of it that were kept or that arrived.
    pub fn new(stored: StoredLetter, bytes: Vec<u8>) -> Self {
        Self { stored, raw: String::from_utf8(bytes).expect("letters are plain ASCII") }
    }

    /// The finished bytes.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// A header as it stands in the letter, unfolded; empty where it is not there.
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let found = unfolded.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    }

    /// The names of its headers, in their order.
    pub fn header_names(&self) -> Vec<String> {
        let head = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.lines().filter(|line| !line.starts_with([' ', '\t']));
        lines.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
    }

    fn ids(&self, name: &str) -> Vec<String> {
        self.header(name).split_whitespace().map(|id| id.trim_matches(['<', '>']).to_owned()).collect()
    }

    /// Its Message-ID.
    pub fn message_id(&self) -> String {
        self.ids("Message-ID").remove(0)
    }

    /// What it answers; empty without.
    pub fn in_reply_to(&self) -> String {
        self.ids("In-Reply-To").into_iter().next().unwrap_or_default()
    }

    /// Its thread, oldest first.
    pub fn references(&self) -> Vec<String> {
        self.ids("References")
    }

    fn parsed(&self) -> mail_parser::Message<'_> {
        MessageParser::default().parse(self.raw.as_bytes()).expect("a mail")
    }

    fn address(&self, list: Option<&mail_parser::Address<'_>>) -> Option<(String, String)> {
        let first = list?.first()?;
        Some((first.name().unwrap_or_default().to_owned(), first.address().unwrap_or_default().to_owned()))
    }

    /// From, as a mail program shows it.
    pub fn from(&self) -> String {
        let (name, address) = self.address(self.parsed().from()).expect("From");
        format!("{name} <{address}>")
    }

    /// Where an answer goes: Reply-To, else From.
    pub fn reply_to(&self) -> String {
        let parsed = self.parsed();
        let (_, address) = self.address(parsed.reply_to().or(parsed.from())).expect("From");
        address
    }

    /// Its recipient.
    pub fn recipient_address(&self) -> &str {
        &self.stored.recipient
    }

    pub(super) fn recipient(&self) -> (&'static str, String) {
        let (name, address) = self.address(self.parsed().to()).expect("To");
        (name.leak(), address)
    }

    /// Everybody in Cc.
    pub fn cc(&self) -> String {
        self.header("Cc")
    }

    /// The plain text.
    pub fn text(&self) -> String {
        self.parsed().body_text(0).expect("a text part").replace("\r\n", "\n")
    }

    /// The HTML part; empty without.
    pub fn html(&self) -> String {
        let parsed = self.parsed();
        match parsed.html_bodies().next() {
            Some(part) if part.is_text_html() => part.text_contents().unwrap_or_default().to_owned(),
            _ => String::new(),
        }
    }

    /// The names of the files that go along.
    pub fn files(&self) -> Vec<String> {
        let parsed = self.parsed();
        parsed.attachments().map(|part| part.attachment_name().unwrap_or("unnamed").to_owned()).collect()
    }

    /// The decoded contents of the files that go along, one after the other.
    pub fn contents(&self) -> String {
        let parsed = self.parsed();
        parsed.attachments().map(|part| String::from_utf8_lossy(part.contents()).into_owned()).collect()
    }

    /// In one line: `acknowledgement to anne.bakker`.
    pub fn line(&self) -> String {
        let local = self.stored.recipient.split('@').next().unwrap_or_default();
        format!("{} to {local}", self.stored.notice)
    }

    /// Subject and text, without blanks at the ends of lines.
    pub fn whole(&self) -> String {
        let subject = self.parsed().subject().unwrap_or_default().to_owned();
        let text = format!("Subject: {subject}\n\n{}", self.text());
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n").trim().to_owned()
    }

    /// The letter reads so, whole; `expected` may be indented.
    #[track_caller]
    pub fn reads(&self, expected: &str) -> &Self {
        let expected = undented(expected);
        let whole = self.whole();
        assert!(whole == expected, "the letter reads\n{whole}\n\nand not\n{expected}\n");
        self
    }

    /// It is of that kind.
    #[track_caller]
    pub fn is(&self, notice: &str) -> &Self {
        assert_eq!(self.stored.notice, notice, "{}", self.whole());
        self
    }

    /// Somewhere it says so, in the text.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.whole().contains(words), "\"{words}\" is not in\n{}", self.whole());
        self
    }

    /// Nowhere does it say so: neither in the text nor in HTML.
    #[track_caller]
    pub fn does_not_say(&self, words: &str) -> &Self {
        assert!(!self.whole().contains(words) && !self.html().contains(words), "\"{words}\" is in\n{}", self.whole());
        self
    }
}

/// Text without the indentation that all of its lines share.
fn undented(text: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
    lines.join("\n").trim().to_owned()
}
