//! Canonical forms of header fields and bodies (RFC 6376 section 3.4), made from the bytes as they came.
//!
//! QUIRK: mails in a Maildir have bare LF as line end; each counts as CRLF, as it was on the way.

use std::collections::HashMap;
use std::sync::Mutex;

use ring::digest::{Context, SHA256};

use crate::mail::fields::trim_line_end;

/// How much the way may change without breaking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Canon {
    /// Nothing.
    Simple,
    /// Folding, runs of blanks, capitals of names.
    Relaxed,
}

impl Canon {
    /// The forms of header and body in a `c=` tag (RFC 6376 section 3.5); without one both are simple, with one name
    /// the body is.
    ///
    /// # Errors
    /// When it names another.
    pub fn read(tag: Option<&str>) -> Result<(Canon, Canon), String> {
        let Some(tag) = tag else { return Ok((Canon::Simple, Canon::Simple)) };
        let one = |name: &str| match name {
            "simple" => Ok(Canon::Simple),
            "relaxed" => Ok(Canon::Relaxed),
            other => Err(format!("c={other} is unknown")),
        };
        let (header, body) = tag.split_once('/').unwrap_or((tag, "simple"));
        Ok((one(header)?, one(body)?))
    }
}

/// One field of a header with every byte of it.
#[derive(Debug, Clone, Copy)]
pub struct RawField<'a> {
    /// The name as it is written, without blanks behind it.
    pub name: &'a [u8],
    /// From the name to the end of the last folded line, without that line's end.
    pub bytes: &'a [u8],
}

impl<'a> RawField<'a> {
    /// What stands behind the colon.
    #[must_use]
    pub fn value(&self) -> &'a [u8] {
        let colon = self.bytes.iter().position(|&b| b == b':');
        colon.map_or(&[], |at| &self.bytes[at + 1..])
    }

    /// Whether it has that name; capitals don't count.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// A mail as signatures see it: fields from the top, and the body.
#[derive(Debug)]
pub struct RawMail<'a> {
    /// The fields, topmost first.
    pub fields: Vec<RawField<'a>>,
    /// What stands below the first empty line.
    pub body: &'a [u8],
    /// Whether the header has a line that is no field, or a bare CR: readers may disagree where it ends, and show as
    /// text what nobody signed.
    pub is_odd: bool,
    /// The places of the fields of each name (small letters), topmost first.
    places: HashMap<Vec<u8>, Vec<usize>>,
    /// Digests of the body that were asked for.
    digests: Mutex<Vec<(BodyForm, Option<[u8; 32]>)>>,
}

/// A canonical form of a body, and how much of it.
type BodyForm = (Canon, Option<u64>);

/// The most forms in which the body of one mail is read: two, and a few lengths that mailing lists sign.
const MAX_FORMS: usize = 4;

impl<'a> RawMail<'a> {
    /// Cuts a mail. Lines that are no field are left out, with what follows folded. The first line of an mbox file
    /// (`From ann@client.nl Mon …`) is none either, and nothing odd.
    #[must_use]
    pub fn read(raw: &'a [u8]) -> Self {
        let (mut fields, mut starts, mut at, mut start) = (Vec::new(), Vec::new(), 0, 0);
        let mut body = &raw[raw.len()..];
        let mut end = raw.len();
        for line in raw.split_inclusive(|&b| b == b'\n') {
            let plain = trim_line_end(line);
            if plain.is_empty() {
                (end, body) = (at, &raw[at + line.len()..]);
                break;
            }
            if at > 0 && !plain.starts_with(b" ") && !plain.starts_with(b"\t") {
                starts.push(start);
                start = at;
            }
            at += line.len();
        }
        starts.push(start);
        let mut is_odd = raw[..end].windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
        for (index, &start) in starts.iter().enumerate() {
            let bytes = &raw[start..starts.get(index + 1).copied().unwrap_or(end)];
            let field = field(bytes);
            is_odd |= field.is_none() && !bytes.is_empty() && !(start == 0 && bytes.starts_with(b"From "));
            fields.extend(field);
        }
        let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            places.entry(field.name.to_ascii_lowercase()).or_default().push(index);
        }
        Self { fields, body, is_odd, places, digests: Mutex::default() }
    }

    /// All fields of that name (small letters), topmost first.
    pub fn all<'m>(&'m self, name: &str) -> impl Iterator<Item = RawField<'a>> + 'm {
        self.places.get(name.as_bytes()).into_iter().flatten().map(|&at| self.fields[at])
    }

    /// The digest of the body in that form; each is made once. None where the body is too short, and beyond the forms
    /// that a mail may ask for.
    #[must_use]
    pub fn body_hash(&self, canon: Canon, length: Option<u64>) -> Option<[u8; 32]> {
        let mut digests = self.digests.lock().ok()?;
        if let Some((_, known)) = digests.iter().find(|(form, _)| *form == (canon, length)) {
            return *known;
        }
        if digests.len() >= MAX_FORMS {
            return None;
        }
        let digest = body_hash(canon, self.body, length);
        digests.push(((canon, length), digest));
        digest
    }

    /// The fields that a list of names selects: of each name the undermost first, the next one each time it is named
    /// again (RFC 6376 section 5.4.2). A name that has no field left selects nothing.
    #[must_use]
    pub fn select(&self, names: &[String]) -> Vec<RawField<'a>> {
        let mut used: HashMap<&str, usize> = HashMap::new();
        let mut found = Vec::new();
        for name in names {
            let Some(places) = self.places.get(name.as_bytes()) else { continue };
            let used = used.entry(name).or_default();
            if let Some(&place) = places.len().checked_sub(*used + 1).and_then(|at| places.get(at)) {
                found.push(self.fields[place]);
                *used += 1;
            }
        }
        found
    }
}

fn field(bytes: &[u8]) -> Option<RawField<'_>> {
    let bytes = trim_line_end(bytes);
    let colon = bytes.iter().position(|&b| b == b':')?;
    let name = bytes[..colon].trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then_some(RawField { name, bytes })
}

/// Writes a field in its canonical form, with its line end (RFC 6376 sections 3.4.1 and 3.4.2).
pub fn write_field(canon: Canon, bytes: &[u8], to: &mut Vec<u8>) {
    match canon {
        Canon::Simple => {
            for line in bytes.split_inclusive(|&b| b == b'\n') {
                to.extend_from_slice(trim_line_end(line));
                to.extend_from_slice(b"\r\n");
            }
        }
        Canon::Relaxed => {
            let colon = bytes.iter().position(|&b| b == b':').unwrap_or(bytes.len());
            to.extend(bytes[..colon].trim_ascii_end().iter().map(u8::to_ascii_lowercase));
            to.push(b':');
            let value = bytes.get(colon + 1..).unwrap_or_default();
            let unfolded: Vec<u8> = value.split_inclusive(|&b| b == b'\n').flat_map(trim_line_end).copied().collect();
            push_relaxed(trim_blanks(&unfolded), to);
            to.extend_from_slice(b"\r\n");
        }
    }
}

/// The field of a signature with the value of its `b=` taken out, blanks around it too (RFC 6376 section 3.7).
#[must_use]
pub fn without_signature(bytes: &[u8]) -> Vec<u8> {
    let colon = bytes.iter().position(|&b| b == b':').map_or(0, |at| at + 1);
    let (name, value) = bytes.split_at(colon);
    let mut out = name.to_vec();
    for (index, spec) in value.split(|&b| b == b';').enumerate() {
        if index > 0 {
            out.push(b';');
        }
        match spec.iter().position(|&b| b == b'=') {
            Some(equals) if spec[..equals].trim_ascii() == b"b" => out.extend_from_slice(&spec[..=equals]),
            _ => out.extend_from_slice(spec),
        }
    }
    out
}

/// The SHA-256 of a body in its canonical form, or of its first `length` bytes (`l=`). None where the body is shorter
/// than that.
#[must_use]
pub fn body_hash(canon: Canon, body: &[u8], length: Option<u64>) -> Option<[u8; 32]> {
    let mut sink = Sink { context: Context::new(&SHA256), left: length };
    let (mut empty_lines, mut is_empty) = (0_usize, true);
    let mut relaxed = Vec::new();
    for line in body.split_inclusive(|&b| b == b'\n') {
        let line = trim_line_end(line);
        let line = match canon {
            Canon::Simple => line,
            Canon::Relaxed => {
                let line = trim_blanks_behind(line);
                // Most lines have nothing to change.
                let is_plain = !line.contains(&b'\t') && !line.windows(2).any(|pair| pair == b"  ");
                if is_plain {
                    line
                } else {
                    relaxed.clear();
                    push_relaxed(line, &mut relaxed);
                    &relaxed
                }
            }
        };
        // Empty lines count only where something follows them: those at the end are no part of the form.
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty_lines) {
            sink.write(b"\r\n");
        }
        sink.write(line);
        sink.write(b"\r\n");
        is_empty = false;
    }
    // An empty body is one line end in the simple form, nothing in the relaxed one.
    if is_empty && canon == Canon::Simple {
        sink.write(b"\r\n");
    }
    sink.finish()
}

struct Sink {
    context: Context,
    left: Option<u64>,
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) {
        let Some(left) = &mut self.left else { return self.context.update(bytes) };
        let part = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
        self.context.update(&bytes[..part]);
        *left -= part as u64;
    }

    fn finish(self) -> Option<[u8; 32]> {
        let is_whole = self.left.is_none_or(|left| left == 0);
        is_whole.then(|| self.context.finish().as_ref().try_into().ok()).flatten()
    }
}

/// Runs of blanks become one.
fn push_relaxed(text: &[u8], to: &mut Vec<u8>) {
    let mut was_blank = false;
    for &b in text {
        let is_blank = is_blank(b);
        if !is_blank {
            to.push(b);
        } else if !was_blank {
            to.push(b' ');
        }
        was_blank = is_blank;
    }
}

fn is_blank(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

fn trim_blanks_behind(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&b| !is_blank(b)).map_or(0, |at| at + 1);
    &text[..end]
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let text = trim_blanks_behind(text);
    let start = text.iter().position(|&b| !is_blank(b)).unwrap_or(text.len());
    &text[start..]
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn check(canon: Canon, field: &str, expected: &str) {
        let mut out = Vec::new();
        write_field(canon, field.as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{field:?}");
    }

    #[test]
    fn fields_in_their_canonical_form() {
        // RFC 6376 section 3.4.5.
        check(Canon::Relaxed, "A: X", "a:X\r\n");
        check(Canon::Relaxed, "B : Y\t\r\n\tZ  ", "b:Y Z\r\n");
        check(Canon::Simple, "B : Y\t\r\n\tZ  ", "B : Y\t\r\n\tZ  \r\n");
        check(Canon::Simple, "B: Y\n Z", "B: Y\r\n Z\r\n");
        check(Canon::Relaxed, "C:", "c:\r\n");
        check(Canon::Relaxed, "C: \r\n  \r\n x", "c:x\r\n");
    }

    fn check_body(canon: Canon, body: &str, expected: &str) {
        let expected: [u8; 32] = Sha256::digest(expected.as_bytes()).into();
        assert_eq!(body_hash(canon, body.as_bytes(), None), Some(expected), "{body:?}");
    }

    #[test]
    fn bodies_in_their_canonical_form() {
        check_body(Canon::Relaxed, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
        check_body(Canon::Simple, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n");
        check_body(Canon::Simple, "a\n\nb", "a\r\n\r\nb\r\n");
        check_body(Canon::Relaxed, "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n");
        // Lines of blanks at the end are empty lines in the relaxed form.
        check_body(Canon::Relaxed, "a\r\n \t \r\n  \r\n", "a\r\n");
        check_body(Canon::Relaxed, " \r\n\t\r\n", "");
        check_body(Canon::Simple, "a\r\n \r\n", "a\r\n \r\n");
        check_body(Canon::Relaxed, "", "");
        check_body(Canon::Simple, "", "\r\n");
        check_body(Canon::Simple, "\r\n\r\n", "\r\n");
    }

    #[test]
    fn a_length_cuts_the_canonical_body() {
        let of = |text: &str| -> [u8; 32] { Sha256::digest(text.as_bytes()).into() };
        assert_eq!(body_hash(Canon::Simple, b"abc\r\nevil", Some(3)), Some(of("abc")));
        assert_eq!(body_hash(Canon::Simple, b"abc", Some(0)), Some(of("")));
        assert_eq!(body_hash(Canon::Simple, b"abc", Some(6)), None);
    }

    #[test]
    fn fields_are_cut_and_selected_from_below() {
        let mail = RawMail::read(b"A: 1\r\nnonsense\r\n folded\r\nB: x\r\n y\r\na : 2\r\n\r\nbody\r\n\r\n");
        let names: Vec<&[u8]> = mail.fields.iter().map(|f| f.name).collect();
        assert_eq!(names, [b"A", b"B", b"a"]);
        assert_eq!(mail.body, b"body\r\n\r\n");
        assert_eq!(mail.fields[1].bytes, b"B: x\r\n y");
        let names = ["a", "b", "a", "a", "c"].map(str::to_owned);
        let found: Vec<&[u8]> = mail.select(&names).iter().map(RawField::value).collect();
        assert_eq!(found, [&b" 2"[..], b" x\r\n y", b" 1"]);
        for (raw, count) in
            [(&b""[..], 0), (b"\r\n", 0), (b"A: 1", 1), (b"A: 1\n", 1), (b"\nA: 1", 0), (b" x\nA: 1\n", 1)]
        {
            let mail = RawMail::read(raw);
            assert_eq!((mail.fields.len(), mail.body.is_empty()), (count, raw != b"\nA: 1"), "{raw:?}");
        }
    }

    #[test]
    fn lines_that_are_no_fields_are_noticed() {
        let check = |raw: &str, expected: bool| assert_eq!(RawMail::read(raw.as_bytes()).is_odd, expected, "{raw:?}");
        check("A: 1\r\n b\r\nB:\r\n\r\nno field\r\n", false);
        check("From ann@client.nl Mon Jan  1 00:00:00 2024\nA: 1\n\n", false);
        check("A: 1\nFrom ann@client.nl Mon Jan  1 00:00:00 2024\n\n", true);
        check("A: 1\r\nhello\r\nB: 1\r\n\r\n", true);
        check("A: 1\r\nPlease pay: 1\r\n\r\n", true);
        check("A: 1\rB: 2\r\n\r\n", true);
        check("", false);
        check("\r\nx", false);
    }

    #[test]
    fn a_signature_is_taken_out_of_its_own_field() {
        let check = |field: &str, expected: &str| {
            assert_eq!(String::from_utf8(without_signature(field.as_bytes())).unwrap(), expected, "{field:?}");
        };
        check("D: a=x; b=abc=; bh=q", "D: a=x; b=; bh=q");
        check("D: a=x; b = a\r\n b ;bh=q", "D: a=x; b =;bh=q");
        check("D: a=x; bh=q; b=abc\r\n\t", "D: a=x; bh=q; b=");
        check("D: b=abc", "D: b=");
        check("D: B=abc; bb=1", "D: B=abc; bb=1");
    }
}
