//! Limits that hold before any library sees a mail: what is above them is left out, with a defect.
//!
//! The mail library is fast but takes whatever comes: nested messages are values within values, and a
//! chain of some ten thousand of them would break the stack, which no `catch_unwind` catches.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::fields::trim_line_end;
use crate::domain::message::{Defect, DefectKind};

/// The most fields of the header that are read.
const MAX_FIELDS: usize = 2_000;
/// The most bytes of one field.
const MAX_FIELD_BYTES: usize = 64 * 1024;
/// The most bytes of the header.
const MAX_HEADER_BYTES: usize = 512 * 1024;
/// The most parts of a mail, as lines that declare or separate one.
const MAX_PARTS: usize = 1_000;
/// The most messages within messages.
const MAX_MESSAGES: usize = 100;

/// The longest boundary that is followed; RFC 2046 section 5.1.1 allows 70 signs.
const MAX_BOUNDARY: usize = 200;
/// The most boundaries that are declared and not met yet.
const MAX_UNMET: usize = 50;

/// The mail within the limits, and what was left out.
pub fn bounded(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<Defect>) {
    // QUIRK: some programs save mails with bare CR as line end (against RFC 5322 section 2.3).
    if !raw.contains(&b'\n') && raw.contains(&b'\r') {
        let lines: Vec<u8> = raw.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect();
        let (bounded, mut defects) = limited(&lines);
        defects.push(Defect { kind: DefectKind::Form, text: "lines end in a bare CR".to_owned() });
        return (Cow::Owned(bounded.into_owned()), defects);
    }
    limited(raw)
}

fn limited(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<Defect>) {
    let mut defects = Vec::new();
    let body_at = body_start(raw);
    let (header, body) = raw.split_at(body_at);
    let body_end = body_limit(body, header);
    if body_end < body.len() {
        let text = format!("more than {MAX_PARTS} parts or {MAX_MESSAGES} messages within it; the rest was left out");
        defects.push(Defect { kind: DefectKind::Limit, text });
    }
    let Some(short) = shortened_header(header) else {
        return (Cow::Borrowed(&raw[..body_at + body_end]), defects);
    };
    let text = format!("a header above {MAX_FIELDS} fields or {MAX_HEADER_BYTES} bytes; the rest was left out");
    defects.push(Defect { kind: DefectKind::Limit, text });
    // A second From could stand in what was left out.
    let text = "the header is too long to tell who sent it".to_owned();
    defects.push(Defect { kind: DefectKind::From, text });
    let mut all = short;
    all.extend_from_slice(&body[..body_end]);
    (Cow::Owned(all), defects)
}

/// Where the body begins: behind the first empty line.
pub fn body_start(raw: &[u8]) -> usize {
    let mut at = 0;
    for line in raw.split_inclusive(|&b| b == b'\n') {
        at += line.len();
        if trim_line_end(line).is_empty() {
            return at;
        }
    }
    raw.len()
}

/// The header without what is above the limits; nothing where it is within them.
fn shortened_header(header: &[u8]) -> Option<Vec<u8>> {
    let is_folded = |line: &[u8]| line.starts_with(b" ") || line.starts_with(b"\t");
    let (mut fields, mut field_bytes, mut is_over) = (0, 0, header.len() > MAX_HEADER_BYTES);
    let mut kept = Vec::new();
    for line in header.split_inclusive(|&b| b == b'\n') {
        let is_end = trim_line_end(line).is_empty();
        field_bytes = if is_folded(line) { field_bytes + line.len() } else { line.len() };
        fields += usize::from(!is_folded(line) && !is_end);
        let has_room = fields <= MAX_FIELDS && field_bytes <= MAX_FIELD_BYTES;
        if is_end || has_room && kept.len() + line.len() <= MAX_HEADER_BYTES {
            kept.extend_from_slice(line);
        } else {
            is_over = true;
        }
    }
    is_over.then_some(kept)
}

/// How much of the body may be read: up to the line that opens one part too many.
fn body_limit(body: &[u8], header: &[u8]) -> usize {
    let mut boundaries = Boundaries::default();
    boundaries.declare(header);
    let (mut at, mut declared, mut separated, mut messages) = (0, 0, 0, 0);
    let mut is_in_type = false;
    for line in body.split_inclusive(|&b| b == b'\n') {
        let is_folded = line.first().is_some_and(|b| *b == b' ' || *b == b'\t');
        separated += usize::from(boundaries.meet(line));
        if starts_with_content_type(line) {
            declared += 1;
            is_in_type = true;
        } else if !is_folded {
            is_in_type = false;
        }
        if is_in_type {
            boundaries.declare(line);
            let lower = line.to_ascii_lowercase();
            messages += usize::from(contains(&lower, b"message") || contains(&lower, b"digest"));
        }
        let is_over = declared > MAX_PARTS || separated > 2 * MAX_PARTS || messages > MAX_MESSAGES;
        if is_over || boundaries.unmet > MAX_UNMET {
            return at;
        }
        at += line.len();
    }
    at
}

/// The boundaries that were declared, each with the number of declarations since it was last met.
///
/// For a boundary that never comes the library looks through the rest of the mail, each time anew.
#[derive(Default)]
struct Boundaries {
    known: HashMap<Vec<u8>, usize>,
    lengths: BTreeSet<usize>,
    unmet: usize,
}

impl Boundaries {
    /// Notes each `boundary=` in a header or a line of one.
    fn declare(&mut self, text: &[u8]) {
        let lower = text.to_ascii_lowercase();
        let mut from = 0;
        while let Some(found) = find(&lower[from..], b"boundary") {
            let at = from + found + 8;
            from = at;
            self.unmet += 1;
            // In pieces (`boundary*0=`, RFC 2231) it stays unknown, and so unmet.
            let Some(value) = text[at..].trim_ascii_start().strip_prefix(b"=") else { continue };
            let value = value.trim_ascii_start();
            let (value, is_end): (&[u8], fn(&u8) -> bool) = match value.strip_prefix(b"\"") {
                Some(quoted) => (quoted, |b| *b == b'"'),
                None => (value, |b| b.is_ascii_whitespace() || *b == b';'),
            };
            let end = value.iter().position(is_end).unwrap_or(value.len());
            if (1..=MAX_BOUNDARY).contains(&end) {
                *self.known.entry(value[..end].to_vec()).or_default() += 1;
                self.lengths.insert(end);
            }
        }
    }

    /// Whether the line is `--` and a known boundary.
    fn meet(&mut self, line: &[u8]) -> bool {
        let Some(rest) = line.strip_prefix(b"--") else { return false };
        let mut is_met = false;
        for length in self.lengths.iter().take_while(|length| **length <= rest.len()) {
            if let Some(declared) = self.known.get_mut(&rest[..*length]) {
                self.unmet -= std::mem::take(declared);
                is_met = true;
            }
        }
        is_met
    }
}

fn starts_with_content_type(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.get(..12).is_some_and(|head| head.eq_ignore_ascii_case(b"content-type"))
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    find(text, wanted).is_some()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: usize) {
        let (kept, defects) = bounded(raw.as_bytes());
        assert_eq!(defects.is_empty(), kept.len() == raw.len(), "{defects:?}");
        assert!(kept.len() <= expected, "{} > {expected}", kept.len());
    }

    #[test]
    fn ordinary_mails_pass_untouched() {
        let raw = "From: a@b.nl\r\n\r\nHello\r\n";
        check(raw, raw.len());
        assert!(matches!(bounded(raw.as_bytes()).0, Cow::Borrowed(_)));
    }

    #[test]
    fn long_headers_and_many_parts_are_cut() {
        check(&"X: y\n".repeat(100_000), 5 * MAX_FIELDS);
        check(&format!("To: {}\nFrom: a@b.nl\n\n", "a@b.nl,\n ".repeat(100_000)), MAX_FIELD_BYTES + 100);
        check(&format!("A: b\n\n{}", "Content-Type: message/rfc822\n\n".repeat(50_000)), 3_500);
        let parts = "--x\n\n".repeat(100_000);
        check(&format!("Content-Type: multipart/mixed; boundary=x\n\n{parts}"), 10_100);
    }

    #[test]
    fn boundaries_that_never_come_are_few() {
        let part = "--b\nContent-Type: multipart/mixed; boundary=";
        let hunts: String = (0..900).map(|n| format!("{part}c{n}\n\n")).collect();
        check(&format!("Content-Type: multipart/mixed; boundary=b\n\n{hunts}"), 3_000);
        let honest: String = (0..300).map(|n| format!("{part}c{n}\n\n--c{n}\n\nx\n--c{n}--\n")).collect();
        let raw = format!("Content-Type: multipart/mixed; boundary=b\n\n{honest}--b--\n");
        assert_eq!(bounded(raw.as_bytes()).0.len(), raw.len());
    }

    #[test]
    fn the_first_fields_stay_when_one_is_too_long() {
        let (kept, _) = bounded(b"A: 1\n\nbody");
        assert_eq!(&*kept, b"A: 1\n\nbody");
        let raw = format!("To: {}\nFrom: a@b.nl\n\nbody", "a@b.nl,\n ".repeat(100_000));
        let kept = String::from_utf8(bounded(raw.as_bytes()).0.into_owned()).unwrap();
        assert!(kept.ends_with("From: a@b.nl\n\nbody"), "{}", &kept[kept.len() - 50..]);
    }
}
