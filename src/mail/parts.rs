//! The parts of a mail: readable text, attachments, and the digest of each part.

use mail_parser::{Encoding, Message as Parsed, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};

use super::fields::{cut_at, trim_line_end};
use super::html;
use crate::domain::message::{Attachment, Defect, DefectKind};

/// The longest text that is kept, in bytes.
const MAX_TEXT_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes of all attachments together.
const MAX_ATTACHED_BYTES: usize = 64 * 1024 * 1024;

/// The readable text, and whether there is an HTML form of it.
pub fn text_of(parsed: &Parsed<'_>, defects: &mut Vec<Defect>) -> (String, bool) {
    let has_html = parsed.html_bodies().any(|part| part.is_text_html());
    let mut text = String::new();
    for part in parsed.text_bodies() {
        append(&mut text, part);
    }
    if text.trim().is_empty() {
        text.clear();
        for part in parsed.html_bodies().filter(|part| part.is_text_html()) {
            append(&mut text, part);
        }
    }
    if text.len() > MAX_TEXT_BYTES {
        text.truncate(cut_at(&text, MAX_TEXT_BYTES).len());
        defects.push(Defect { kind: DefectKind::Limit, text: format!("a text above {MAX_TEXT_BYTES} bytes was cut") });
    }
    (text, has_html)
}

fn append(text: &mut String, part: &MessagePart<'_>) {
    let converted;
    let piece = match &part.body {
        PartType::Text(plain) => plain.as_ref(),
        PartType::Html(source) => {
            converted = html::to_text(source);
            &converted
        }
        _ => return,
    };
    if !text.is_empty() && !text.ends_with('\n') && !piece.is_empty() {
        text.push('\n');
    }
    if text.len() <= MAX_TEXT_BYTES {
        push_clean(text, piece);
    }
}

/// One kind of line end, and no control characters.
fn push_clean(text: &mut String, piece: &str) {
    text.reserve(piece.len());
    let piece = piece.strip_prefix('\u{feff}').unwrap_or(piece);
    for line in piece.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.chars().any(|c| c.is_control() && c != '\t') {
            text.extend(line.chars().filter(|c| !c.is_control() || *c == '\t'));
        } else {
            text.push_str(line);
        }
        text.push_str(end);
    }
}

/// Everything that hangs on the mail.
pub fn attachments_of(parsed: &Parsed<'_>, defects: &mut Vec<Defect>) -> Vec<Attachment> {
    let shown: String = parsed.html_bodies().filter_map(|part| part.text_contents()).collect();
    let mut room = MAX_ATTACHED_BYTES;
    let mut all = Vec::new();
    for part in parsed.attachments() {
        let bytes = content_of(parsed, part);
        if bytes.len() > room {
            let text = format!("attachments above {MAX_ATTACHED_BYTES} bytes were left out");
            defects.push(Defect { kind: DefectKind::Limit, text });
            break;
        }
        room -= bytes.len();
        all.push(attachment(part, bytes, &shown));
    }
    all
}

fn attachment(part: &MessagePart<'_>, bytes: &[u8], shown: &str) -> Attachment {
    let media_type = media_type(part);
    let content_id =
        part.content_id().map(|id| id.trim_matches(['<', '>', ' ']).to_owned()).filter(|id| !id.is_empty());
    let is_shown = content_id.as_ref().is_some_and(|id| shown.contains(&format!("cid:{id}")));
    let is_placed = part.content_disposition().is_some_and(|d| d.is_inline());
    Attachment {
        name: file_name(part.attachment_name().unwrap_or_default()),
        is_inline: is_shown || is_placed && content_id.is_some() && media_type.starts_with("image/"),
        media_type,
        size: bytes.len() as u64,
        sha256: Sha256::digest(bytes).into(),
        content_id,
        bytes: bytes.to_vec(),
    }
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
    for line in text.split_inclusive(|&b| b == b'\n') {
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
    let name = match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    };
    name.chars().filter(|c| !c.is_control()).take(127).collect::<String>().to_lowercase()
}

/// A file name without folders, control characters and marks that turn the direction of writing.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain =
        |c: &char| !c.is_control() && !('\u{202a}'..='\u{202e}').contains(c) && !('\u{2066}'..='\u{2069}').contains(c);
    let plain: String = last.chars().filter(is_plain).take(200).collect();
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

fn digest_lines(content: &[u8], into: &mut Sha256) {
    let content = content.trim_ascii_end();
    let mut rest = content;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
        into.update(&rest[..at]);
        rest = &rest[at + 1..];
    }
    into.update(rest);
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
        check("../../etc/passwd", "passwd");
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
