//! Encoded words in header fields (RFC 2047), as mail programs really write them.
//!
//! Against the standard, programs cut one sign of several bytes over two words, put words in quotes and in the middle of
//! other words, name a charset that nobody knows, and write bare 8-bit signs. All of that is read as it was meant.

use std::borrow::Cow;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode_char};

use super::charset;
use super::fields::{lines_of, trim_line_end};

/// The longest encoded word that is looked for. RFC 2047 section 2 allows 75 signs; some programs never fold.
const MAX_WORD: usize = 16 * 1024;

/// One encoded word: its charset, its bytes, and its length in the text.
struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
    length: usize,
}

/// A text with its encoded words decoded; blanks between two of them are dropped (RFC 2047 section 6.2).
#[must_use]
pub fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let (words, length) = run(rest);
        if words.is_empty() {
            decoded.push_str("=?");
            rest = &rest[2..];
        } else {
            decoded.push_str(&text_of(&words));
            rest = &rest[length..];
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The header with what the mail library can't read put in other words: bare 8-bit signs become UTF-8, and encoded words
/// that hold a sign only together, or name an unknown charset, one good word. The rest stays as it is.
#[must_use]
pub fn mended(header: &[u8]) -> Cow<'_, [u8]> {
    let is_clean = std::str::from_utf8(header).is_ok();
    if is_clean && memchr::memmem::find(header, b"=?").is_none() {
        return Cow::Borrowed(header);
    }
    let text = match std::str::from_utf8(header) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(in_utf8(header)),
    };
    let mut good = String::with_capacity(text.len());
    let (mut rest, mut has_mended) = (text.as_ref(), !is_clean);
    while let Some(at) = rest.find("=?") {
        good.push_str(&rest[..at]);
        rest = &rest[at..];
        let (words, length) = run(rest);
        if words.is_empty() || words.iter().all(is_good) {
            let length = length.max(2);
            good.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        let encoded = data_encoding::BASE64.encode(text_of(&words).as_bytes());
        good.push_str("=?utf-8?B?");
        good.push_str(&encoded);
        good.push_str("?=");
        rest = &rest[length..];
        has_mended = true;
    }
    good.push_str(rest);
    if has_mended { Cow::Owned(good.into_bytes()) } else { Cow::Borrowed(header) }
}

/// Each line by itself: a header often mixes UTF-8 of one server with the 8-bit signs of another.
fn in_utf8(header: &[u8]) -> String {
    let charset = charset_of(header);
    let lines = lines_of(header);
    lines.map(|line| charset::decode(line, if std::str::from_utf8(line).is_ok() { None } else { charset })).collect()
}

/// The charset that the mail names for its body: old programs write their subjects in the same, unmarked. Only where it
/// leaves ASCII alone, so that no field can appear that was none.
fn charset_of(header: &[u8]) -> Option<&str> {
    let known = ["iso-8859-", "windows-125", "koi8-", "gb2312", "gbk", "euc-", "big5"];
    header.split(|&b| b == b'\n').find_map(|line| {
        let line = std::str::from_utf8(trim_line_end(line)).ok()?;
        let at = line.to_ascii_lowercase().find("charset=")?;
        let value = line.get(at + 8..)?.trim_start_matches('"');
        let label = value.split(['"', ';', ' ']).next()?;
        let lower = label.to_ascii_lowercase();
        known.iter().any(|start| lower.starts_with(start)).then_some(label)
    })
}

/// The encoded words that stand one after the other at the start, and their length together.
fn run(text: &str) -> (Vec<Word<'_>>, usize) {
    let (mut words, mut length) = (Vec::new(), 0);
    let mut rest = text;
    while let Some(word) = word(rest) {
        length = text.len() - rest.len() + word.length;
        words.push(word);
        // A fold is a line end and a blank; a line end alone would begin the next field.
        let behind = &text[length..];
        rest = behind.trim_start_matches([' ', '\t', '\r', '\n']);
        let gap = &behind[..behind.len() - rest.len()];
        if gap.ends_with('\n') {
            break;
        }
    }
    (words, length)
}

fn word(text: &str) -> Option<Word<'_>> {
    let inner = text.strip_prefix("=?")?;
    let (charset, rest) = inner.split_at(inner.as_bytes().iter().take(80).position(|b| *b == b'?')?);
    // RFC 2231 section 5: a language may stand behind the charset.
    let charset = charset.split('*').next().unwrap_or_default();
    if charset.contains(char::is_whitespace) {
        return None;
    }
    let rest = rest.strip_prefix('?')?;
    let coded = rest.get(1..)?.strip_prefix('?')?;
    let end = end_of_word(coded.as_bytes())?;
    let data = coded.get(..end)?;
    let bytes = match rest.as_bytes().first()? {
        b'b' | b'B' => unpacked(data).filter(|bytes| !is_utf8(charset) || !is_noise(bytes))?,
        b'q' | b'Q' => unquoted(data.as_bytes()),
        _ => return None,
    };
    Some(Word { charset, bytes, length: text.len() - coded.len() + end + 2 })
}

/// Where `?=` stands. Neither a line end nor another word may begin before it, so that each sign is looked at once.
fn end_of_word(coded: &[u8]) -> Option<usize> {
    for (at, byte) in coded.iter().enumerate().take(MAX_WORD) {
        match (byte, coded.get(at + 1), coded.get(at + 2)) {
            (b'?', Some(b'='), _) => return Some(at),
            (b'\n', _, _) => return None,
            (b'=', Some(b'?'), Some(next)) if *next != b'=' => return None,
            _ => {}
        }
    }
    None
}

fn unpacked(data: &str) -> Option<Vec<u8>> {
    let plain: Vec<u8> =
        data.bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')).collect();
    base64_decode(&plain)
}

/// Whether base64 was damaged on its way, so that what comes out is nobody's text: no UTF-8, and with control characters.
/// Such a word stays as it stands. Half a sign, as programs cut it, has no such characters.
fn is_noise(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err() && bytes.iter().any(|b| *b < 0x20 && !b.is_ascii_whitespace())
}

/// RFC 2047 section 4.2; a `=` that begins no number stays.
fn unquoted(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let coded = match behind {
            [a, b, ..] if byte == b'=' => quoted_printable_decode_char(*a, *b),
            _ => None,
        };
        if let Some(coded) = coded {
            bytes.push(coded);
            rest = &behind[2..];
        } else {
            bytes.push(if byte == b'_' { b' ' } else { byte });
        }
    }
    bytes
}

/// Whether the word says all of its signs by itself.
fn is_good(word: &Word<'_>) -> bool {
    (charset::is_known(word.charset) || is_utf8(word.charset))
        && (std::str::from_utf8(&word.bytes).is_ok()
            || !charset::decode(&word.bytes, Some(word.charset)).contains('\u{fffd}'))
        && (!is_utf8(word.charset) || std::str::from_utf8(&word.bytes).is_ok())
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Neighbours of one charset are decoded as one text.
fn text_of(words: &[Word<'_>]) -> String {
    let same = |a: &Word<'_>, b: &Word<'_>| a.charset.eq_ignore_ascii_case(b.charset);
    words
        .chunk_by(same)
        .map(|chunk| {
            let bytes = chunk.iter().flat_map(|word| word.bytes.iter().copied()).collect::<Vec<_>>();
            charset::decode(&bytes, chunk.first().map(|word| word.charset))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(decode(text), expected, "{text:?}");
    }

    #[test]
    fn words_are_decoded_wherever_they_stand() {
        check("=?utf-8?q?Caf=C3=A9_open?= nu", "Café open nu");
        check("=?iso-8859-1?B?Y2Fm6Q==?= =?iso-8859-1?B?IG9wZW4=?=", "café open");
        check("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c");
        check("bericht=?utf-8?q?=C3=A9n?=lijst", "berichténlijst");
        check("\"=?utf-8?q?=C3=A9.pdf?=\"", "\"é.pdf\"");
        check("=?utf-8*nl?q?=C3=A9?=", "é");
    }

    #[test]
    fn signs_cut_over_two_words_are_joined() {
        check("=?utf-8?B?w?= =?utf-8?B?6Q==?=", "é");
        check("=?UTF-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café");
        check("=?utf-8?Q?=E2=82?=\r\n\t=?utf-8?Q?=AC_5?=", "€ 5");
    }

    #[test]
    fn broken_words_stay_readable() {
        check("=?utf-8?q?caf=E9?=", "café");
        check("=?x-own?q?caf=E9?=", "café");
        check("=?utf-8?q?open", "=?utf-8?q?open");
        check("=?utf-8?z?x?= y", "=?utf-8?z?x?= y");
        check("=?=?=?", "=?=?=?");
        check("=?utf-8?q?50=_korting?=", "50= korting");
        check("=?utf-8?q?a b?=", "a b");
        check("a =?", "a =?");
        check("=?utf-8?B?A4Hx/xs=?= x", "=?utf-8?B?A4Hx/xs=?= x");
    }

    #[test]
    fn a_header_is_mended_only_where_it_must_be() {
        let good = b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nFrom: a@b.nl\r\n\r\n";
        assert!(matches!(mended(good), Cow::Borrowed(_)));
        let mend = |header: &[u8]| String::from_utf8(mended(header).into_owned()).unwrap();
        assert_eq!(mend(b"Subject: caf\xe9\nFrom: a@b.nl\n"), "Subject: café\nFrom: a@b.nl\n");
        let russian = b"Subject: \xf0\xd2\xc9\nContent-Type: text/plain; charset=koi8-r\n";
        assert!(mend(russian).starts_with("Subject: При\n"));
        assert_eq!(mend(b"Subject: =?utf-8?Q?=C3?=\n =?utf-8?Q?=A9?=\nTo: x\n"), "Subject: =?utf-8?B?w6k=?=\nTo: x\n");
        assert_eq!(mend(b"Subject: =?utf-8?Q?=C3?=\nTo: =?utf-8?Q?=A9?=\n").lines().count(), 2);
    }

    #[test]
    fn a_header_full_of_words_costs_no_more_than_its_length() {
        let many = "=?utf-8?q?=C3?= ".repeat(20_000);
        assert!(decode(&many).len() < many.len());
        let open = "=?utf-8?q?".repeat(20_000);
        assert_eq!(decode(&open), open);
    }
}
