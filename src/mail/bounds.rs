//! Limits that hold before any library sees a mail: what is above them is left out, with a defect.
//!
//! The mail library is fast but takes whatever comes: nested messages are values within values, and a
//! chain of some ten thousand of them would break the stack, which no `catch_unwind` catches.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::boundaries::{self, Boundaries, find};
use super::fields::{lines_of, trim_line_end};
use super::words;
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

/// The mail within the limits, and what was left out.
pub fn bounded(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<Defect>) {
    // QUIRK: some programs fold between the equals sign and the boundary, which the mail library does not follow.
    if let Some(joined) = with_boundaries_joined(raw) {
        let (bounded, defects) = bounded(&joined);
        return (Cow::Owned(bounded.into_owned()), defects);
    }
    // QUIRK: some programs save mails with bare CR as line end (against RFC 5322 section 2.3).
    if !raw.contains(&b'\n') && raw.contains(&b'\r') {
        let lines: Vec<u8> = raw.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect();
        let (bounded, mut defects) = limited(&lines);
        defects.push(Defect { kind: DefectKind::Form, text: "lines end in a bare CR".to_owned() });
        return (Cow::Owned(bounded.into_owned()), defects);
    }
    limited(raw)
}

/// With each `boundary=` on one line with its value; nothing where it is so already.
fn with_boundaries_joined(raw: &[u8]) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"boundary=";
    if !memchr::memchr_iter(b'=', raw).any(|at| ends_line_in(raw, at, NAME)) {
        return None;
    }
    let mut joined: Option<Vec<u8>> = None;
    let (mut is_open, mut at) = (false, 0);
    for line in lines_of(raw) {
        let is_folded = line.first().is_some_and(|b| *b == b' ' || *b == b'\t');
        if is_open && is_folded {
            let all = joined.get_or_insert_with(|| raw[..at].to_vec());
            all.truncate(all.trim_ascii_end().len());
            all.extend_from_slice(line.trim_ascii_start());
        } else if let Some(all) = &mut joined {
            all.extend_from_slice(line);
        }
        at += line.len();
        let end = line.trim_ascii_end();
        is_open = end.len().checked_sub(NAME.len()).is_some_and(|start| end[start..].eq_ignore_ascii_case(NAME));
    }
    joined
}

/// Whether the line ends in the name whose last sign stands there.
fn ends_line_in(raw: &[u8], at: usize, name: &[u8]) -> bool {
    let is_name = (at + 1).checked_sub(name.len()).is_some_and(|start| raw[start..=at].eq_ignore_ascii_case(name));
    is_name && lines_of(&raw[at + 1..]).next().is_none_or(|rest| rest.trim_ascii().is_empty())
}

fn limited(raw: &[u8]) -> (Cow<'_, [u8]>, Vec<Defect>) {
    within_limits(raw, true)
}

fn within_limits(raw: &[u8], may_rename: bool) -> (Cow<'_, [u8]>, Vec<Defect>) {
    let mut defects = Vec::new();
    let body_at = body_start(raw);
    let (header, body) = raw.split_at(body_at);
    let facts = look_over(body, header);
    if !facts.has_parts
        && let Some(guessed) = with_boundary_guessed(header, body)
    {
        let (bounded, mut defects) = limited(&guessed);
        let text = "the parts are not divided as the header says; it was guessed how".to_owned();
        defects.push(Defect { kind: DefectKind::Form, text });
        return (Cow::Owned(bounded.into_owned()), defects);
    }
    let within_lines = if may_rename { facts.within_lines.as_slice() } else { &[] };
    if let Some(renamed) = with_boundaries_renamed(header, body, within_lines) {
        let (bounded, defects) = within_limits(&renamed, false);
        return (Cow::Owned(bounded.into_owned()), defects);
    }
    let body_end = facts.end;
    let body = with_ends(&body[..body_end], &facts.missing_ends);
    if facts.is_cut_off {
        let text = "a part has no end: the mail was cut off on its way".to_owned();
        defects.push(Defect { kind: DefectKind::Form, text });
    }
    if body_at + body_end < raw.len() {
        let text = format!("more than {MAX_PARTS} parts or {MAX_MESSAGES} messages within it; the rest was left out");
        defects.push(Defect { kind: DefectKind::Limit, text });
    }
    let Some(short) = shortened_header(header) else {
        return match (words::mended(header), body) {
            (Cow::Borrowed(_), Cow::Borrowed(_)) => (Cow::Borrowed(&raw[..body_at + body_end]), defects),
            (header, body) => (Cow::Owned([&*header, &*body].concat()), defects),
        };
    };
    let text = format!("a header above {MAX_FIELDS} fields or {MAX_HEADER_BYTES} bytes; the rest was left out");
    defects.push(Defect { kind: DefectKind::Limit, text });
    // A second From could stand in what was left out.
    let text = "the header is too long to tell who sent it".to_owned();
    defects.push(Defect { kind: DefectKind::From, text });
    let mut all = words::mended(&short).into_owned();
    all.extend_from_slice(&body);
    (Cow::Owned(all), defects)
}

/// Where the body begins: behind the first empty line.
pub fn body_start(raw: &[u8]) -> usize {
    let mut at = 0;
    for line in lines_of(raw) {
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
    if header.len() <= MAX_FIELD_BYTES && memchr::memchr_iter(b'\n', header).count() <= MAX_FIELDS {
        return None;
    }
    let (mut fields, mut field_bytes, mut is_over) = (0, 0, header.len() > MAX_HEADER_BYTES);
    let mut kept = Vec::new();
    for line in lines_of(header) {
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

/// What one look over the body tells.
struct BodyFacts {
    /// How much of it may be read: up to the line that opens one part too many.
    end: usize,
    /// The ends of parts that are missing, each with the place where it belongs.
    missing_ends: Vec<(usize, Vec<u8>)>,
    /// Whether any boundary stands in it.
    has_parts: bool,
    /// Whether it ends within a part: the mail was cut off on its way.
    is_cut_off: bool,
    /// The boundaries that stand within lines too.
    within_lines: Vec<Vec<u8>>,
}

fn look_over(body: &[u8], header: &[u8]) -> BodyFacts {
    let mut boundaries = Boundaries::default();
    boundaries.declare(header);
    let (mut at, mut declared, mut separated, mut messages) = (0, 0, 0, 0);
    let (mut is_in_type, mut ends) = (false, Vec::new());
    for line in lines_of(body) {
        // Most lines begin with a sign that no boundary, folded line or field of a part begins with.
        if !matches!(line[0], b'-' | b'c' | b'C') && !line[0].is_ascii_whitespace() {
            is_in_type = false;
            at += line.len();
            continue;
        }
        let is_folded = line.first().is_some_and(|b| *b == b' ' || *b == b'\t');
        if let Some(missing) = boundaries.meet(line) {
            separated += 1;
            ends.extend(missing.into_iter().map(|end| (at, end)));
        }
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
        if is_over || boundaries.has_too_many_unmet() {
            let within_lines = Vec::new();
            return BodyFacts { end: at, missing_ends: ends, has_parts: true, is_cut_off: false, within_lines };
        }
        at += line.len();
    }
    BodyFacts {
        end: at,
        missing_ends: ends,
        has_parts: separated > 0,
        is_cut_off: boundaries.has_open(),
        within_lines: boundaries.met_within_lines(body),
    }
}

/// QUIRK: the mail library takes `--boundary` for the end of a part within a line too ("see --b here", where b is the mail's
/// own), and what stands behind it would be lost. Such a boundary gets a name that stands nowhere else.
fn with_boundaries_renamed(header: &[u8], body: &[u8], boundaries: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut all = None;
    for boundary in boundaries {
        let other = format!("=_{}", data_encoding::HEXLOWER.encode(&Sha256::digest(body)[..12]));
        let other = format!("{other}_{}", data_encoding::HEXLOWER.encode(&Sha256::digest(boundary)[..6]));
        let source = all.unwrap_or_else(|| [header, body].concat());
        let mut renamed = Vec::with_capacity(source.len() + 1024);
        let mut is_in_type = false;
        for line in lines_of(&source) {
            let is_folded = line.first().is_some_and(|b| *b == b' ' || *b == b'\t');
            is_in_type = starts_with_content_type(line) || is_in_type && is_folded;
            match boundaries::renamed(line, is_in_type, boundary, other.as_bytes()) {
                Some(line) => renamed.extend(line),
                None => renamed.extend_from_slice(line),
            }
        }
        all = Some(renamed);
    }
    all
}

/// A multipart whose boundary is missing or stands nowhere: the first line that looks like one and has a field of a part
/// behind it is taken. The last field of a name counts for the mail library, so that it is put last.
fn with_boundary_guessed(header: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    if !contains(&header.to_ascii_lowercase(), b"\ncontent-type: multipart/") {
        return None;
    }
    let mut lines = body.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end).peekable();
    let boundary = loop {
        let line = lines.next()?;
        let is_field = |next: &&[u8]| next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
        match line.strip_prefix(b"--") {
            Some(boundary) if (1..=70).contains(&boundary.len()) && lines.peek().is_some_and(is_field) => {
                break boundary;
            }
            _ => {}
        }
    };
    if boundary.contains(&b'"') || boundary.contains(&b'\\') {
        return None;
    }
    let fields = header.trim_ascii_end();
    Some([fields, b"\nContent-Type: multipart/mixed; boundary=\"", boundary, b"\"\n\n", body].concat())
}

fn with_ends<'a>(body: &'a [u8], ends: &[(usize, Vec<u8>)]) -> Cow<'a, [u8]> {
    if ends.is_empty() {
        return Cow::Borrowed(body);
    }
    let mut all = Vec::with_capacity(body.len() + ends.len() * 80);
    let mut from = 0;
    for (at, boundary) in ends.iter().filter(|(at, _)| *at <= body.len()) {
        all.extend_from_slice(&body[from..*at]);
        for piece in [b"--", boundary.as_slice(), b"--\n"] {
            all.extend_from_slice(piece);
        }
        from = *at;
    }
    all.extend_from_slice(&body[from..]);
    Cow::Owned(all)
}

fn starts_with_content_type(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.get(..12).is_some_and(|head| head.eq_ignore_ascii_case(b"content-type"))
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    find(text, wanted).is_some()
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
    fn a_boundary_within_a_line_ends_nothing() {
        let raw =
            "Content-Type: multipart/alternative;\r\n boundary=b\r\n\r\n--b\r\n\r\nZie --b hier\r\nen dit\r\n--b--\r\n";
        let (kept, defects) = bounded(raw.as_bytes());
        let kept = String::from_utf8_lossy(&kept).into_owned();
        assert!(defects.is_empty(), "{defects:?}");
        assert!(kept.contains("Zie --b hier\r\nen dit\r\n--=_"), "{kept}");
        let other = kept.split_once("boundary=\"").unwrap().1.split_once('"').unwrap().0;
        assert_eq!(kept.matches(other).count(), 3, "{kept}");
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
    fn a_boundary_folded_from_its_name_is_put_behind_it() {
        let raw = "Content-Type: multipart/mixed; boundary=\r\n\t\"b\"\r\nTo: x\r\n\r\n--b\r\nboundary=\r\nx";
        let joined = "Content-Type: multipart/mixed; boundary=\"b\"\r\nTo: x\r\n\r\n--b\r\nboundary=\r\nx";
        assert_eq!(String::from_utf8_lossy(&bounded(raw.as_bytes()).0), joined);
    }

    #[test]
    fn a_boundary_that_the_header_does_not_tell_is_guessed() {
        let body = "x\n--not\n\n--b\nContent-Type: text/plain\n\nx\n--b--\n";
        let raw = format!("From: a@b.nl\nContent-Type: multipart/mixed; boundary=other\n\n{body}");
        let (mended, defects) = bounded(raw.as_bytes());
        assert!(
            String::from_utf8_lossy(&mended)
                .contains("other\nContent-Type: multipart/mixed; boundary=\"b\"\n\nx\n--not")
        );
        assert_eq!(defects.len(), 1);
        check(&format!("From: a@b.nl\nContent-Type: text/plain\n\n{body}"), 1_000);
        assert!(bounded(b"A: b\nContent-Type: multipart/mixed\n\n--b\n").1.is_empty());
    }

    #[test]
    fn a_part_that_never_ends_ends_with_the_one_around_it() {
        let head = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=ab\n\n--ab\n\nx\n";
        let mended =
            |tail: &str| String::from_utf8(bounded(format!("{head}{tail}").as_bytes()).0.into_owned()).unwrap();
        assert_eq!(mended("--a\n\ny\n--a--\n"), format!("{head}--ab--\n--a\n\ny\n--a--\n"));
        assert_eq!(mended("--ab--\n--a--\n"), format!("{head}--ab--\n--a--\n"));
        assert_eq!(mended("--abc\n--a b\n"), format!("{head}--abc\n--a b\n"));
        let levels: String =
            (0..900).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
        let raw = format!("{levels}{}", "--b0\n".repeat(500));
        assert!(bounded(raw.as_bytes()).0.len() < 2 * raw.len());
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
