//! The parameters of `Content-Type` and `Content-Disposition` (RFC 2045 section 5.1, RFC 2183, RFC 2231).
//!
//! File names come in more shapes than any standard allows: words of RFC 2047 in quotes, pieces of RFC 2231 in any order,
//! no quotes at all, two equals signs. The mail library reads the lawful ones; this reads what people see.

use std::collections::BTreeMap;

use super::{charset, words};

/// The most parameters that are read.
const MAX_PARAMS: usize = 200;

/// The value of a parameter (small letters), decoded; nothing where it is missing or empty.
#[must_use]
pub fn value_of(field: &str, name: &str) -> Option<String> {
    let mut plain: Option<&str> = None;
    let mut pieces: BTreeMap<u32, (bool, &str)> = BTreeMap::new();
    let all = split(field);
    for (key, value) in &all {
        let mut keys = key.split('*');
        if keys.next() != Some(name) {
            continue;
        }
        match (keys.next(), keys.next()) {
            (None, _) => plain = plain.or(Some(value)),
            (Some(""), _) => _ = pieces.entry(0).or_insert((true, value)),
            (Some(number), end) => {
                if let Ok(number) = number.parse() {
                    pieces.entry(number).or_insert((end.is_some(), value));
                }
            }
        }
    }
    let decoded = if pieces.is_empty() { words::decode(plain?) } else { joined(&pieces) };
    let decoded = decoded.trim();
    (!decoded.is_empty()).then(|| decoded.to_owned())
}

/// RFC 2231 sections 3 and 4: pieces in their order, the coded ones with `%`; the first names the charset.
fn joined(pieces: &BTreeMap<u32, (bool, &str)>) -> String {
    let mut label = None;
    let mut bytes = Vec::new();
    for (index, (is_coded, value)) in pieces.values().enumerate() {
        let mut value = *value;
        if index == 0 && *is_coded {
            let mut quoted = value.splitn(3, '\'');
            if let (Some(charset), Some(_), Some(rest)) = (quoted.next(), quoted.next(), quoted.next()) {
                (label, value) = (Some(charset).filter(|charset| !charset.is_empty()), rest);
            }
        }
        if *is_coded { bytes.extend(unescaped(value.as_bytes())) } else { bytes.extend(value.as_bytes()) }
    }
    // QUIRK: some programs cut an encoded word of RFC 2047 into pieces of RFC 2231.
    words::decode(&charset::decode(&bytes, label.or(Some("utf-8"))))
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let digit = |b: &u8| char::from(*b).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match behind {
            [high, low, after @ ..] if byte == b'%' => {
                if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    rest = after;
                    continue;
                }
            }
            _ => {}
        }
        bytes.push(byte);
    }
    bytes
}

/// Names in small letters and raw values, in their order.
fn split(field: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let Some((_, mut rest)) = field.split_once(';') else { return all };
    while all.len() < MAX_PARAMS {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        let Some(end) = rest.find(['=', ';']) else { break };
        let name = rest[..end].trim().to_ascii_lowercase();
        if rest[end..].starts_with(';') {
            rest = &rest[end..];
            continue;
        }
        // `name==?utf-8?q?x?=`: the second sign belongs to the word.
        let value = rest[end + 1..].trim_start();
        let (value, behind) = match value.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted),
            None => bare_value(value),
        };
        all.push((name, value));
        rest = behind;
    }
    all
}

/// A quote ends at the `"` behind which the value can end: some programs leave quotes in names as they are.
fn quoted_value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        let behind = &text[at + sign.len_utf8()..];
        match sign {
            // Only these two are escaped; anything else is a folder of Windows.
            '\\' if behind.starts_with(['"', '\\']) => value.extend(signs.next().map(|(_, escaped)| escaped)),
            '"' if can_end(behind) => return (value, behind),
            _ => value.push(sign),
        }
    }
    // It never ends: up to the next parameter then.
    let end = text.find(';').unwrap_or(text.len());
    (text[..end].trim_end_matches(['"', ' ']).to_owned(), &text[end..])
}

/// Whether another parameter, a comment or nothing follows.
fn can_end(behind: &str) -> bool {
    let rest = behind.trim_start_matches([' ', '\t']);
    let word = rest.bytes().take(30).take_while(|b| b.is_ascii_alphabetic() || matches!(b, b'*' | b'-')).count();
    rest.is_empty() || rest.starts_with([';', '(']) || word > 0 && rest[word..].starts_with('=')
}

fn bare_value(text: &str) -> (String, &str) {
    let end = text.find(';').unwrap_or(text.len());
    (text[..end].trim().to_owned(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, expected: &str) {
        assert_eq!(value_of(field, "filename").as_deref().unwrap_or(""), expected, "{field:?}");
    }

    #[test]
    fn lawful_names() {
        check("attachment; filename=a.pdf", "a.pdf");
        check("attachment; FileName=\"a b.pdf\"; size=3", "a b.pdf");
        check("attachment; filename=\"a\\\"b.pdf\"", "a\"b.pdf");
        check("attachment; filename*=utf-8'nl'caf%C3%A9.pdf", "café.pdf");
        check("attachment; filename*=iso-8859-1''caf%E9.pdf", "café.pdf");
        check("attachment; filename=cafe.pdf; filename*=utf-8''caf%C3%A9.pdf", "café.pdf");
        check("attachment; filename*0=\"een heel \"; filename*1=\"lange naam.pdf\"", "een heel lange naam.pdf");
        check("attachment; filename*1*=%A9.pdf; filename*0*=utf-8''caf%C3", "café.pdf");
        check("attachment; filename*0*=utf-8''a%20; filename*1=\"b%20c\"", "a b%20c");
        check("attachment; other=x", "");
        check("attachment", "");
    }

    #[test]
    fn names_as_programs_write_them() {
        check("attachment; filename=\"=?utf-8?q?caf=C3=A9.pdf?=\"", "café.pdf");
        check("attachment; filename==?koi8-r?B?8NLJLnR4dA==?=", "При.txt");
        check("attachment; filename=\"=?utf-8?B?Y2Fmw6k=?= =?utf-8?B?LnBkZg==?=\"", "café.pdf");
        check("attachment; filename*0=\"=?utf-8?q?caf=C3\"; filename*1=\"=A9.pdf?=\"", "café.pdf");
        check("attachment;;  filename = \t\"a.pdf\" ;", "a.pdf");
        check("attachment; filename=offerte van mei.pdf; size=1", "offerte van mei.pdf");
        check("attachment; filename=\"de \"nieuwe\" lijst.txt\"", "de \"nieuwe\" lijst.txt");
        check("attachment; filename=\"open.pdf", "open.pdf");
        check("attachment; filename=\"a.pdf\" size=3", "a.pdf");
        check("attachment; filename=\"open.pdf; size=1", "open.pdf");
        check("attachment; filename=\"C:\\tmp\\a.pdf\"", "C:\\tmp\\a.pdf");
        check("attachment; filename*=caf%C3%A9.pdf", "café.pdf");
        check("attachment; filename*=\"utf-8''caf%C3%A9.pdf\"", "café.pdf");
        check("attachment; filename*0*=utf-8''100%; filename*2*=%zz", "100%%zz");
        check("; filename=x; =y; =", "x");
    }

    #[test]
    fn a_field_of_nothing_but_marks_ends() {
        check(&"; \"".repeat(50_000), "");
        check(&format!("a; {}", "filename*1=x; ".repeat(50_000)), "x");
        assert!(value_of(&format!("a; filename=\"{}", "\\\"".repeat(50_000)), "filename").is_some());
    }
}
