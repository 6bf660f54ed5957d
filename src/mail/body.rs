//! The readable text of a mail, and whether its sender wrote it there as the mail's own text.

use mail_parser::{Message as Parsed, MessagePart, MimeHeaders, PartType};

use super::fields::cut_at;
use super::transfer::Transfer;
use super::{charset, html, parts, tnef};
use crate::domain::message::{Defect, DefectKind};

/// The longest text that is kept, in bytes.
const MAX_TEXT_BYTES: usize = 2 * 1024 * 1024;
/// The deepest message within messages whose text stands in for a missing one.
const MAX_DEPTH: usize = 20;

/// A text and where it is from.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The readable text; HTML is converted.
    pub text: String,
    /// Whether there is an HTML form of it.
    pub has_html: bool,
    /// Whether it stood in an attachment: a mail within the mail, or a file that is all there is. People should read
    /// it, but nobody wrote it here, so that no tag in it counts.
    pub is_attached: bool,
}

/// The text of a mail.
pub fn body_of(parsed: &Parsed<'_>, defects: &mut Vec<Defect>) -> Body {
    let mut body = body_at(parsed, 0);
    if body.text.len() > MAX_TEXT_BYTES {
        body.text.truncate(cut_at(&body.text, MAX_TEXT_BYTES).len());
        defects.push(Defect { kind: DefectKind::Limit, text: format!("a text above {MAX_TEXT_BYTES} bytes was cut") });
    }
    body
}

fn body_at(parsed: &Parsed<'_>, depth: usize) -> Body {
    let has_html = parsed.html_bodies().any(|part| part.is_text_html());
    let mut text = String::new();
    for part in parsed.text_bodies() {
        append(&mut text, parsed, part);
    }
    // Of a mail that is HTML alone the same parts stand in both lists.
    if is_blank(&text) && parsed.text_body != parsed.html_body {
        text.clear();
        for part in parsed.html_bodies().filter(|part| part.is_text_html()) {
            append(&mut text, parsed, part);
        }
    }
    append_broken(&mut text, parsed);
    if !is_blank(&text) {
        return Body { text, has_html, is_attached: false };
    }
    packed_body(parsed).or_else(|| body_that_is_a_file(parsed)).or_else(|| body_within(parsed, depth)).unwrap_or(Body {
        text,
        has_html,
        is_attached: false,
    })
}

/// The HTML source of the mail's own text; empty where there is none.
#[must_use]
pub fn html_of(parsed: &Parsed<'_>) -> String {
    let mut whole = String::new();
    for part in parsed.html_bodies() {
        let PartType::Html(source) = &part.body else { continue };
        whole.push_str(read_again(parsed, part, source).as_deref().unwrap_or(source));
        if whole.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    whole
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The text that Outlook packed away with its attachments.
fn packed_body(parsed: &Parsed<'_>) -> Option<Body> {
    let packed = parsed.attachments().filter(|part| parts::is_tnef(parsed, part));
    packed.filter_map(|part| tnef::unpack(parts::content_of(parsed, part))).find_map(|found| {
        let has_html = !is_blank(&found.html);
        let mut text = String::new();
        push_clean(&mut text, &if is_blank(&found.text) { html::to_text(&found.html) } else { found.text });
        (!is_blank(&text)).then_some(Body { text, has_html, is_attached: false })
    })
}

/// A mail that is one text with a file name: there is nothing else to read.
fn body_that_is_a_file(parsed: &Parsed<'_>) -> Option<Body> {
    let root = parsed.parts.first()?;
    let mut text = String::new();
    append(&mut text, parsed, root);
    let is_attached = root.content_disposition().is_some_and(|place| !place.is_inline());
    (!is_blank(&text)).then_some(Body { text, has_html: root.is_text_html(), is_attached })
}

/// The texts of the mails that this mail consists of: one forwarded whole without a word, or a digest.
fn body_within(parsed: &Parsed<'_>, depth: usize) -> Option<Body> {
    let mut body = Body { is_attached: true, ..Body::default() };
    if depth == MAX_DEPTH {
        return None;
    }
    for inner in parts::only_messages(parsed) {
        let own = body_at(inner, depth + 1);
        if !body.text.is_empty() {
            body.text.push_str("\n\n");
        }
        body.text.push_str(own.text.trim_end());
        body.has_html |= own.has_html;
        if body.text.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    (!is_blank(&body.text)).then_some(body)
}

fn append(text: &mut String, parsed: &Parsed<'_>, part: &MessagePart<'_>) {
    let (source, is_html) = match &part.body {
        PartType::Text(plain) => (plain.as_ref(), false),
        PartType::Html(source) => (source.as_ref(), true),
        _ => return,
    };
    if text.len() > MAX_TEXT_BYTES {
        return;
    }
    let again = read_again(parsed, part, source);
    let source = again.as_deref().unwrap_or(source);
    let converted = if is_html { Some(html::to_text(source)) } else { None };
    let piece = converted.as_deref().unwrap_or(source);
    if !text.is_empty() && !text.ends_with('\n') && !piece.is_empty() {
        text.push('\n');
    }
    match is_flowed(part) {
        true => push_clean(text, &with_whole_tags(piece)),
        false => push_clean(text, piece),
    }
}

/// Whether lines of the part may go on in the next one (RFC 3676 section 4).
fn is_flowed(part: &MessagePart<'_>) -> bool {
    let format = part.content_type().and_then(|kind| kind.attribute("format"));
    format.is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
}

/// A flowed text whose lines that begin with `#` are whole: the rest of a tag is not words for the client. Other lines
/// stay as they are; where they end makes no difference to anybody.
fn with_whole_tags(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut goes_on = false;
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let bare = line.trim_start_matches([' ', '-', '*', '•', '\u{a0}']);
        goes_on &= !bare.is_empty() && !bare.starts_with(['#', '>']);
        if !goes_on && !whole.is_empty() {
            whole.push('\n');
        }
        whole.push_str(line);
        goes_on = (goes_on || bare.starts_with('#')) && line.ends_with(' ');
    }
    whole.push('\n');
    whole
}

/// The text of a part that the library could not decode whole: its charset or its encoding is not what it says.
fn read_again(parsed: &Parsed<'_>, part: &MessagePart<'_>, read: &str) -> Option<String> {
    let transfer = parts::transfer_of(part);
    let is_missed = !part.is_encoding_problem && parts::is_missed(part, transfer);
    if !is_missed && !read.contains('\u{fffd}') {
        return None;
    }
    let raw = parts::raw_of(parsed, part)?;
    let transfer = if part.is_encoding_problem { Transfer::Plain } else { transfer };
    let label = part.content_type().and_then(|kind| kind.attribute("charset"));
    let again = charset::decode(&transfer.decode(raw), label);
    let lost = |text: &str| text.matches('\u{fffd}').count();
    (is_missed || lost(&again) < lost(read)).then_some(again)
}

/// Texts that the library gave up on, as in a mail that was cut off on its way: what is there can be read. They stay
/// attachments too, since they may not be whole.
fn append_broken(text: &mut String, parsed: &Parsed<'_>) {
    let is_broken = |part: &&MessagePart<'_>| {
        part.is_encoding_problem
            && part.attachment_name().is_none()
            && part.content_disposition().is_none_or(|place| place.is_inline())
    };
    for part in parsed.attachments().filter(is_broken) {
        let kind = parts::media_type(part);
        let is_html = kind == "text/html";
        if kind != "text/plain" && !(is_html && is_blank(text)) {
            continue;
        }
        let Some(raw) = parts::raw_of(parsed, part) else { continue };
        let label = part.content_type().and_then(|kind| kind.attribute("charset"));
        let source = charset::decode(&parts::transfer_of(part).decode_likely(raw), label);
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        push_clean(text, &if is_html { html::to_text(&source) } else { source });
    }
}

/// One kind of line end, and no control characters.
fn push_clean(text: &mut String, piece: &str) {
    text.reserve(piece.len());
    let piece = piece.strip_prefix('\u{feff}').unwrap_or(piece);
    if has_strays(piece.as_bytes()) {
        text.extend(piece.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n')));
        return;
    }
    let mut from = 0;
    for at in memchr::memchr_iter(b'\r', piece.as_bytes()) {
        text.push_str(&piece[from..at]);
        from = at + 1;
    }
    text.push_str(&piece[from..]);
}

/// Whether control characters may stand in it, but for those between lines and words. 0xC2 leads those beyond ASCII, among
/// others. Blocks without a branch within are looked through many bytes at a time.
fn has_strays(bytes: &[u8]) -> bool {
    let is_stray = |b: u8| (b < 0x20) & (b != b'\n') & (b != b'\r') & (b != b'\t') | (b == 0x7f) | (b == 0xc2);
    bytes.chunks(256).any(|block| block.iter().fold(false, |found, b| found | is_stray(*b)))
}
