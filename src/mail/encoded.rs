//! Texts and files of letters in ASCII. The mail library does that too, a sign at a time and after several looks at each:
//! it took a quarter of what a letter costs.

use lettre::message::Body;
use lettre::message::header::ContentTransferEncoding;

/// No line of quoted-printable has more characters (RFC 2045 section 6.7), its soft break included.
const LINE: usize = 76;
/// With so many characters a line is too long to go as it stands; the two of its break are counted.
const LONG: usize = 76;

/// A text whose lines end in LF alone, without CR, as the body of a part, in the encoding that makes it shortest: as it
/// stands, quoted-printable, or base64 where more than a third of it would be escapes. The lines end in CRLF.
#[must_use]
pub fn text(text: &str) -> Body {
    let looks = Looks::of(text);
    if looks.is_plain {
        return Body::dangerous_pre_encoded(with_crlf(text).into_bytes(), ContentTransferEncoding::SevenBit);
    }
    if looks.escapes <= looks.length / 3 {
        // Three characters for an escape, and some for soft breaks and "=".
        let room = looks.length + 2 * looks.escapes + looks.length / 8;
        return Body::dangerous_pre_encoded(quoted_printable(text, room), ContentTransferEncoding::QuotedPrintable);
    }
    Body::new(with_crlf(text))
}

/// A file as the body of a part: base64 in lines (RFC 2045 section 6.8).
#[must_use]
pub fn file(bytes: &[u8]) -> Body {
    let encoded = data_encoding::BASE64.encode(bytes).into_bytes();
    let mut lines = Vec::with_capacity(encoded.len() / LINE * 2 + encoded.len());
    for line in encoded.chunks(LINE) {
        if !lines.is_empty() {
            lines.extend_from_slice(b"\r\n");
        }
        lines.extend_from_slice(line);
    }
    Body::dangerous_pre_encoded(lines, ContentTransferEncoding::Base64)
}

/// QUIRK: the library puts in each missing CR by moving all the rest: a text of a million lines would take a minute.
fn with_crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// What decides about the encoding, as counted with CRLF.
struct Looks {
    /// ASCII in short lines.
    is_plain: bool,
    /// Bytes in all.
    length: usize,
    /// Bytes that are no printable ASCII, line breaks among them.
    escapes: usize,
}

impl Looks {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let breaks = memchr::memchr_iter(b'\n', bytes).count();
        let is_plain = text.is_ascii() && longest_line(bytes) < LONG;
        Self { is_plain, length: text.len() + breaks, escapes: count_strange(bytes) + breaks }
    }
}

/// How long the longest line is. The break before a line counts with its LF, the one behind it with its CR.
fn longest_line(text: &[u8]) -> usize {
    let (mut longest, mut begin) = (0, 0);
    for end in memchr::memchr_iter(b'\n', text) {
        longest = longest.max(end - begin + 1 + usize::from(begin > 0));
        begin = end + 1;
    }
    longest.max(text.len() - begin + usize::from(begin > 0))
}

/// RFC 2045 section 6.7. A blank at the end of a line is an escape too, so that no server on the way drops it.
fn quoted_printable(text: &str, room: usize) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(room);
    let mut rest = text.as_bytes();
    while let Some(end) = memchr::memchr(b'\n', rest) {
        push_line(&mut encoded, &rest[..end]);
        encoded.extend_from_slice(b"\r\n");
        rest = &rest[end + 1..];
    }
    push_line(&mut encoded, rest);
    encoded
}

fn push_line(encoded: &mut Vec<u8>, line: &[u8]) {
    // All but the last sign of a line must leave room for a soft break behind them.
    let Some((&last, others)) = line.split_last() else { return };
    let (mut rest, mut used) = (others, 0);
    while let Some(&first) = rest.first() {
        let room = LINE - 1 - used;
        let fitting = &rest[..room.min(rest.len())];
        let run = literal_run(fitting);
        if run > 0 {
            encoded.extend_from_slice(&rest[..run]);
            (rest, used) = (&rest[run..], used + run);
        } else if !is_literal(first) && room >= 3 {
            encoded.extend_from_slice(&escape(first));
            (rest, used) = (&rest[1..], used + 3);
        } else {
            encoded.extend_from_slice(b"=\r\n");
            used = 0;
        }
    }
    let is_bare = is_literal(last) && !matches!(last, b' ' | b'\t');
    if used + if is_bare { 1 } else { 3 } > LINE {
        encoded.extend_from_slice(b"=\r\n");
    }
    if is_bare { encoded.push(last) } else { encoded.extend_from_slice(&escape(last)) }
}

/// How many bytes are no printable ASCII.
fn count_strange(bytes: &[u8]) -> usize {
    // Counts of one byte are added up many at once, and one of a chunk this long does not run over.
    let of_chunk = |chunk: &[u8]| chunk.iter().fold(0_u8, |count, &b| count + u8::from(is_strange(b)));
    bytes.chunks(usize::from(u8::MAX)).map(|chunk| usize::from(of_chunk(chunk))).sum()
}

/// Whether a byte is no printable ASCII: without a jump and without a table, so that many are looked at at once.
fn is_strange(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') > b'~' - b' ') & (byte != b'\t')
}

/// How many bytes from the front go as they are.
fn literal_run(bytes: &[u8]) -> usize {
    /// So many are looked at together.
    const BLOCK: usize = 16;
    // To the end of the block, whatever stands in it.
    let is_literal_block =
        |block: &[u8; BLOCK]| !block.iter().fold(false, |strange, &b| strange | is_strange(b) | (b == b'='));
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let whole = blocks.iter().take_while(|block| is_literal_block(block)).count();
    // What is left behind the last whole block is looked at with the end of that block.
    if whole == blocks.len() && bytes.last_chunk::<BLOCK>().is_some_and(is_literal_block) {
        return bytes.len();
    }
    let behind = &bytes[whole * BLOCK..];
    whole * BLOCK + behind.iter().position(|&b| !is_literal(b)).unwrap_or(behind.len())
}

fn is_literal(byte: u8) -> bool {
    /// Looking it up is quicker than three comparisons.
    const LITERAL: [bool; 256] = {
        let mut literal = [false; 256];
        let mut byte = b' ';
        while byte <= b'~' {
            literal[byte as usize] = byte != b'=';
            byte += 1;
        }
        literal[b'\t' as usize] = true;
        literal
    };
    LITERAL[usize::from(byte)]
}

fn escape(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(String::from_utf8(quoted_printable(text, 0)).unwrap(), expected, "{text:?}");
    }

    #[test]
    fn what_is_no_plain_ascii_is_escaped() {
        check("", "");
        check("café = \n\n x\t", "caf=C3=A9 =3D=20\r\n\r\n x=09");
        check(&"x".repeat(76), &"x".repeat(76));
        check(&"x".repeat(77), &format!("{}=\r\nxx", "x".repeat(75)));
        check(&format!("{}é\n", "x".repeat(70)), &format!("{}=C3=A9\r\n", "x".repeat(70)));
        check(&format!("{}é", "x".repeat(71)), &format!("{}=C3=\r\n=A9", "x".repeat(71)));
        check(&format!("{} ", "x".repeat(74)), &format!("{}=\r\n=20", "x".repeat(74)));
    }

    fn same(ours: Body, theirs: Body) -> Result<(), TestCaseError> {
        prop_assert_eq!(ours.encoding(), theirs.encoding());
        prop_assert_eq!(String::from_utf8(ours.into_vec()), String::from_utf8(theirs.into_vec()));
        Ok(())
    }

    proptest! {
        /// The library is the oracle: it is slower, and written by others.
        #[test]
        fn the_mail_library_says_the_same(text in "([ -~\t]{0,3}|[é€=\n]{0,3}| {0,3}|x{60,80}){0,40}") {
            same(super::text(&text), Body::new(with_crlf(&text)))?;
        }

        #[test]
        fn of_files_too(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let theirs = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64);
            same(file(&bytes), theirs.unwrap_or_else(Body::new))?;
        }
    }
}
