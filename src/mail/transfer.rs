//! Content-Transfer-Encoding where the mail library gives up: labels with more than their word, broken base64, uuencode.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

/// The encodings that are read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// As it stands.
    Plain,
    /// RFC 2045 section 6.8.
    Base64,
    /// RFC 2045 section 6.7.
    QuotedPrintable,
    /// The older way of Unix, `x-uuencode`.
    Uuencode,
}

impl Transfer {
    /// By the field's value, comments and trailing marks allowed; what is unknown is taken as it stands.
    #[must_use]
    pub fn of(label: &str) -> Self {
        let label = label.trim().trim_start_matches(['"', '\'']).to_ascii_lowercase();
        match label.split([';', ' ', '(', '"', '\'', '\t', ',']).next().unwrap_or_default() {
            "base64" | "b" | "x-base64" | "base-64" => Self::Base64,
            "quoted-printable" | "q" | "quotedprintable" | "quoted_printable" => Self::QuotedPrintable,
            "x-uuencode" | "uuencode" | "x-uue" | "uue" | "x-uu" => Self::Uuencode,
            _ => Self::Plain,
        }
    }

    /// The content of a text that may be no base64 although it says so: some programs write the field alone.
    #[must_use]
    pub fn decode_likely(self, raw: &[u8]) -> Cow<'_, [u8]> {
        let is_strange = |line: &[u8]| {
            let line = line.trim_ascii();
            !line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        };
        let mut lines = raw.split(|&b| b == b'\n').take_while(|line| !line.starts_with(b"--")).take(LOOK_AHEAD);
        match self {
            Self::Base64 if lines.any(is_strange) => Cow::Borrowed(raw),
            _ => self.decode(raw),
        }
    }

    /// The content, as far as it can be read.
    #[must_use]
    pub fn decode(self, raw: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Plain => Cow::Borrowed(raw),
            Self::Base64 => Cow::Owned(base64(raw)),
            Self::QuotedPrintable => quoted_printable_decode(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
            Self::Uuencode => uuencoded(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
        }
    }
}

/// How many lines tell whether a text is base64.
const LOOK_AHEAD: usize = 50;

/// Whatever is no sign of the alphabet is passed over (RFC 2045 section 6.8). It ends at a line with two
/// hyphens: no such line is base64, so it is the boundary of a part around a part that never ended.
fn base64(raw: &[u8]) -> Vec<u8> {
    let lines = raw.split(|&b| b == b'\n').take_while(|line| !line.starts_with(b"--"));
    let is_sign = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let signs: Vec<u8> = lines.flatten().copied().filter(is_sign).collect();
    base64_decode(&signs).unwrap_or_default()
}

/// The first block between `begin` and `end`; nothing where there is none.
fn uuencoded(raw: &[u8]) -> Option<Vec<u8>> {
    let mut lines = raw.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end);
    lines.find(|line| line.starts_with(b"begin "))?;
    let mut bytes = Vec::with_capacity(raw.len() / 4 * 3);
    for line in lines.take_while(|line| *line != b"end") {
        let Some((&count, signs)) = line.split_first() else { continue };
        let mut left = usize::from(count.wrapping_sub(b' ') & 63);
        for group in signs.chunks(4) {
            let value = |at: usize| group.get(at).map_or(0, |b| u32::from(b.wrapping_sub(b' ') & 63));
            let word = value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3);
            let taken = left.min(3);
            bytes.extend(&word.to_be_bytes()[1..=taken]);
            left -= taken;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(label: &str, raw: &str, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&Transfer::of(label).decode(raw.as_bytes())), expected, "{label:?} {raw:?}");
    }

    #[test]
    fn contents_are_read_as_far_as_they_go() {
        check("base64", "SGFs\r\nbG8=\r\n", "Hallo");
        check("BASE64;", "SGFs*!bG8", "Hallo");
        check("base64 (really)", "====", "");
        check("base64", "SGFs\nbG8=\n\n--b--\n", "Hallo");
        check("quoted-printable ;", "caf=C3=A9=\r\n!", "café!");
        check("7-bit", "a=20b", "a=20b");
        check("x-uuencode", "x\nbegin 644 a.txt\n%2&%L;&\\\n`\nend\n", "Hallo");
        check("uuencode", "no block", "no block");
        check("uuencode", "begin 644 a\nM", "");
    }

    #[test]
    fn a_text_that_is_no_base64_stays() {
        assert_eq!(&*Transfer::Base64.decode_likely(b"Dag Ann,\ntot zo"), b"Dag Ann,\ntot zo");
        assert_eq!(&*Transfer::Base64.decode_likely(b"SGFs\r\nbG8=\r\n"), b"Hallo");
    }
}
