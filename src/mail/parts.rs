//! The parts of a mail: attachments, calendar, and the digest of each part.

use std::borrow::Cow;

use mail_parser::{Encoding, Message as Parsed, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};

use super::fields::{Fields, lines_of, trim_line_end};
use super::transfer::Transfer;
use super::{params, tnef, words};
use crate::domain::message::{Attachment, Defect, DefectKind, is_bidi_control};

/// The most bytes of all attachments together.
const MAX_ATTACHED_BYTES: usize = 64 * 1024 * 1024;
/// The deepest message within messages whose attachments are listed.
const MAX_DEPTH: usize = 20;
/// The most lines of a calendar part that are looked through for its method.
const MAX_CALENDAR_LINES: usize = 50;

/// Everything that hangs on the mail.
pub fn attachments_of(parsed: &Parsed<'_>, defects: &mut Vec<Defect>) -> Vec<Attachment> {
    let mut list = List { room: MAX_ATTACHED_BYTES, all: Vec::new(), defects };
    list.add_all(parsed, 0);
    list.all
}

struct List<'a> {
    room: usize,
    all: Vec<Attachment>,
    defects: &'a mut Vec<Defect>,
}

impl List<'_> {
    fn add_all(&mut self, parsed: &Parsed<'_>, depth: usize) {
        let shown: String = parsed.html_bodies().filter_map(|part| part.text_contents()).collect();
        for part in parsed.attachments() {
            let bytes = bytes_of(parsed, part);
            let unpacked = if is_tnef(parsed, part) { tnef::unpack(&bytes) } else { None };
            if !self.add(attachment(parsed, part, &bytes, &shown)) {
                return;
            }
            if let Some(unpacked) = unpacked {
                self.add_unpacked(unpacked);
            }
        }
        // Forwarded whole and without a word: what hangs on the inner mail is what was sent, however often it was passed on.
        if depth == MAX_DEPTH {
            return;
        }
        let only = only_messages(parsed);
        let is_passed_on = depth > 0 && only.is_empty();
        let within = parsed.attachments().filter_map(|part| part.message()).filter(|_| is_passed_on);
        for inner in only.into_iter().chain(within) {
            self.add_all(inner, depth + 1);
        }
    }

    /// Whether there was room for it.
    fn add(&mut self, attachment: Attachment) -> bool {
        let has_room = attachment.bytes.len() <= self.room;
        if has_room {
            self.room -= attachment.bytes.len();
            self.all.push(attachment);
        } else {
            let text = format!("attachments above {MAX_ATTACHED_BYTES} bytes were left out");
            self.defects.push(Defect { kind: DefectKind::Limit, text });
        }
        has_room
    }

    fn add_unpacked(&mut self, unpacked: tnef::Unpacked) {
        if unpacked.is_cut {
            let text = "winmail.dat is broken or too large; the rest of it was left out".to_owned();
            self.defects.push(Defect { kind: DefectKind::Form, text });
        }
        for file in unpacked.files {
            let is_shown = file.content_id.as_ref().is_some_and(|id| unpacked.html.contains(&format!("cid:{id}")));
            let media_type = file.media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            let is_added = self.add(Attachment {
                name: file_name(&file.name),
                media_type: plain_type(&media_type),
                size: file.bytes.len() as u64,
                sha256: Sha256::digest(&file.bytes).into(),
                content_id: file.content_id,
                is_inline: is_shown,
                is_from_tnef: true,
                bytes: file.bytes,
            });
            if !is_added {
                return;
            }
        }
    }
}

fn attachment(parsed: &Parsed<'_>, part: &MessagePart<'_>, bytes: &[u8], shown: &str) -> Attachment {
    let media_type = media_type(part);
    let content_id =
        part.content_id().map(|id| id.trim_matches(['<', '>', ' ']).to_owned()).filter(|id| !id.is_empty());
    let is_shown = content_id.as_ref().is_some_and(|id| shown.contains(&format!("cid:{id}")));
    let is_placed = part.content_disposition().is_some_and(|d| d.is_inline());
    Attachment {
        name: name_of(parsed, part),
        is_inline: is_shown || is_placed && content_id.is_some() && media_type.starts_with("image/"),
        media_type,
        size: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
        content_id,
        is_from_tnef: false,
        bytes: bytes.to_vec(),
    }
}

/// The name of a part as its header gives it; a mail within the mail is named by its subject.
fn name_of(parsed: &Parsed<'_>, part: &MessagePart<'_>) -> String {
    let fields = Fields::read(header_of(parsed, part));
    let told = |field: &str, name: &str| fields.first(field).and_then(|value| params::value_of(value, name));
    let name = told("content-disposition", "filename").or_else(|| told("content-type", "name"));
    if let Some(name) = name.or_else(|| part.attachment_name().map(str::to_owned)) {
        return file_name(&name);
    }
    let PartType::Message(inner) = &part.body else { return String::new() };
    let subject = inner.subject().map(words::decode).unwrap_or_default();
    let subject = file_name(&subject);
    if subject.is_empty() { subject } else { format!("{subject}.eml") }
}

/// The decoded content of an attachment. A mail within the mail has the line ends of RFC 5322 section 2.3 and no empty
/// lines at its end, so that it is the same file whether IMAP or a folder of files gave it.
fn bytes_of<'a>(parsed: &'a Parsed<'_>, part: &'a MessagePart<'_>) -> Cow<'a, [u8]> {
    if matches!(part.body, PartType::Message(_)) {
        return Cow::Owned(with_crlf(content_of(parsed, part).trim_ascii_end()));
    }
    let transfer = transfer_of(part);
    let is_broken = part.is_encoding_problem && media_type(part).starts_with("text/");
    match raw_of(parsed, part) {
        Some(raw) if is_missed(part, transfer) && !is_broken => transfer.decode(raw),
        _ => Cow::Borrowed(content_of(parsed, part)),
    }
}

fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(text.len() + text.len() / 32);
    for line in lines_of(text) {
        let bare = trim_line_end(line);
        lines.extend_from_slice(bare);
        if bare.len() < line.len() {
            lines.extend_from_slice(b"\r\n");
        }
    }
    lines
}

/// The encoding that the part names.
pub fn transfer_of(part: &MessagePart<'_>) -> Transfer {
    part.content_transfer_encoding().map_or(Transfer::Plain, Transfer::of)
}

/// Whether the part is encoded and the library left it as it stands.
pub fn is_missed(part: &MessagePart<'_>, transfer: Transfer) -> bool {
    part.encoding == Encoding::None && transfer != Transfer::Plain
}

/// The bytes of a part as they stand in the mail.
pub fn raw_of<'a>(parsed: &'a Parsed<'_>, part: &MessagePart<'_>) -> Option<&'a [u8]> {
    parsed.raw_message.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize)
}

fn header_of<'a>(parsed: &'a Parsed<'_>, part: &MessagePart<'_>) -> &'a [u8] {
    let range = part.raw_header_offset() as usize..part.raw_body_offset() as usize;
    parsed.raw_message.get(range).unwrap_or_default()
}

/// The mails within the mail, where they are all that hangs on it and it has no text: a mail forwarded whole, a digest
/// (RFC 2046 section 5.1.5). None otherwise.
pub fn only_messages<'a>(parsed: &'a Parsed<'_>) -> Vec<&'a Parsed<'a>> {
    let is_all = parsed.attachments().all(|part| matches!(part.body, PartType::Message(_)));
    if is_all && has_no_text(parsed) {
        parsed.attachments().filter_map(|part| part.message()).collect()
    } else {
        Vec::new()
    }
}

fn has_no_text(parsed: &Parsed<'_>) -> bool {
    let is_blank = |part: &MessagePart<'_>| part.text_contents().is_none_or(|text| text.trim().is_empty());
    parsed.text_bodies().all(is_blank) && parsed.html_bodies().all(|part| !part.is_text_html() || is_blank(part))
}

/// Whether the part is the `winmail.dat` of Outlook (MS-OXTNEF; both types are in use).
pub fn is_tnef(parsed: &Parsed<'_>, part: &MessagePart<'_>) -> bool {
    let kind = media_type(part);
    matches!(kind.as_str(), "application/ms-tnef" | "application/vnd.ms-tnef")
        || kind == "application/octet-stream" && name_of(parsed, part).eq_ignore_ascii_case("winmail.dat")
}

/// What a calendar part asks, in capitals; see [`crate::domain::message::Message::calendar_method`].
pub fn calendar_method(parsed: &Parsed<'_>) -> Option<String> {
    let part =
        parsed.parts.iter().find(|part| matches!(media_type(part).as_str(), "text/calendar" | "application/ics"))?;
    let told = part.content_type().and_then(|kind| kind.attribute("method")).map(str::to_owned);
    let written = || {
        let lines = part.text_contents()?.lines().take(MAX_CALENDAR_LINES);
        let mut methods = lines.filter_map(|line| line.trim().split_once(':'));
        methods.find(|(name, _)| name.eq_ignore_ascii_case("method")).map(|(_, method)| method.to_owned())
    };
    let method = told.or_else(written).unwrap_or_default();
    Some(
        method
            .trim()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .take(40)
            .collect::<String>()
            .to_uppercase(),
    )
}

/// The decoded content of a part; a message within the mail as it stands there.
pub fn content_of<'a>(parsed: &'a Parsed<'_>, part: &'a MessagePart<'_>) -> &'a [u8] {
    let PartType::Message(inner) = &part.body else { return part.contents() };
    let whole: &[u8] = &inner.raw_message;
    let start = inner.parts.first().map_or(0, |root| root.raw_header_offset() as usize);
    let rest = whole.get(start..).unwrap_or_default();
    if part.encoding != Encoding::None {
        return rest;
    }
    // It shares the bytes of the mail around it, up to the boundary there. QUIRK: the library's own end of
    // such a part is wrong where the inner mail has boundaries too (attached_mails_are_kept_whole).
    match outer_boundary(parsed, part) {
        Some(boundary) => before_boundary(rest, boundary),
        None => rest,
    }
}

/// The boundary of the multipart that holds the part.
fn outer_boundary<'a>(parsed: &'a Parsed<'_>, part: &MessagePart<'_>) -> Option<&'a str> {
    let id = parsed.parts.iter().position(|own| std::ptr::eq(own, part))?;
    let is_holder =
        |own: &&MessagePart<'_>| own.sub_parts().is_some_and(|ids| ids.iter().any(|own| *own as usize == id));
    parsed.parts.iter().find(is_holder)?.content_type()?.attribute("boundary")
}

/// The text up to the line `--boundary`, without the line end that belongs to it (RFC 2046 section 5.1.1).
fn before_boundary<'a>(text: &'a [u8], boundary: &str) -> &'a [u8] {
    let mut end = 0;
    for line in lines_of(text) {
        if line.strip_prefix(b"--").is_some_and(|rest| rest.starts_with(boundary.as_bytes())) {
            return trim_line_end(&text[..end]);
        }
        end += line.len();
    }
    text
}

/// The type in small letters; `text/plain` where none is told (RFC 2045 section 5.2).
pub fn media_type(part: &MessagePart<'_>) -> String {
    let Some(kind) = part.content_type() else {
        let is_message = matches!(part.body, PartType::Message(_));
        return if is_message { "message/rfc822" } else { "text/plain" }.to_owned();
    };
    plain_type(&match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    })
}

fn plain_type(kind: &str) -> String {
    if kind.len() <= 127 && kind.bytes().all(|b| b.is_ascii_graphic()) {
        return kind.to_ascii_lowercase();
    }
    kind.chars().filter(|c| !c.is_control()).take(127).collect::<String>().to_lowercase()
}

/// A name that can be saved anywhere: on one line, without marks of folders and such as turn the direction of writing.
///
/// A name with a slash is a name ("offerte 12/2026.pdf") and keeps its words; a whole path of Windows, as old programs
/// send it, keeps its last part (RFC 2183 section 2.3 allows neither to say where the file is to go).
fn file_name(name: &str) -> String {
    let is_path = name.starts_with("\\\\") || name.get(1..3) == Some(":\\");
    let own = if is_path { name.rsplit('\\').next().unwrap_or_default() } else { name };
    let is_plain = |c: &char| !c.is_control() && !is_bidi_control(*c) && !['/', '\\', ':'].contains(c);
    let pieces = own.split(['/', '\\']).filter(|piece| !matches!(piece.trim(), "." | ".."));
    let plain: String = pieces.flat_map(str::chars).filter(is_plain).take(200).collect();
    plain.trim().trim_start_matches('.').to_owned()
}

/// Feeds the digest of every decoded part that holds content, in its order.
///
/// Line ends and blank lines at the end are evened out: they change on the way.
pub fn digest_parts(parsed: &Parsed<'_>, into: &mut Sha256) {
    for part in &parsed.parts {
        let content = match &part.body {
            PartType::Multipart(_) => continue,
            _ => content_of(parsed, part),
        };
        let mut own = Sha256::new();
        match &part.body {
            PartType::Binary(_) | PartType::InlineBinary(_) => own.update(content),
            _ => digest_lines(content, &mut own),
        }
        into.update(own.finalize());
    }
}

/// About so many bytes are put together before they are digested.
const DIGESTED_TOGETHER: usize = 16 * 1024;

fn digest_lines(content: &[u8], into: &mut Sha256) {
    // Line by line the digest would spend its time on halves of its blocks.
    let content = content.trim_ascii_end();
    let mut lines = Vec::with_capacity(content.len().min(DIGESTED_TOGETHER));
    let mut from = 0;
    for at in memchr::memchr_iter(b'\r', content).filter(|at| content.get(at + 1) == Some(&b'\n')) {
        lines.extend_from_slice(&content[from..at]);
        from = at + 1;
        if lines.len() >= DIGESTED_TOGETHER {
            into.update(&lines);
            lines.clear();
        }
    }
    into.update(&lines);
    into.update(&content[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        assert_eq!(file_name(name), expected, "{name:?}");
    }

    #[test]
    fn file_names_are_harmless() {
        check("offerte.pdf", "offerte.pdf");
        check("../../etc/passwd", "etcpasswd");
        check("offerte 12/2026.pdf", "offerte 122026.pdf");
        check("http://x.nl/a.pdf", "httpx.nla.pdf");
        check("\\\\server\\map\\a.doc", "a.doc");
        check("C:\\tmp\\a.doc", "a.doc");
        check(".htaccess", "htaccess");
        check("a\r\nb\u{202e}fdp.exe", "abfdp.exe");
        check("", "");
    }

    #[test]
    fn line_ends_do_not_change_the_digest() {
        let digest = |text: &str| {
            let mut own = Sha256::new();
            digest_lines(text.as_bytes(), &mut own);
            own.finalize()
        };
        assert_eq!(digest("a\r\nb\r\n\r\n"), digest("a\nb\n"));
        assert_ne!(digest("a\nb"), digest("ab"));
    }
}
