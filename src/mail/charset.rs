//! From bytes to signs, whatever the mail says about its charset. Never fails and loses nothing on purpose.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Decodes a text by its label. A label that is unknown, missing, or plainly wrong costs no letters: what is UTF-8 is
/// read as UTF-8, all else as windows-1252, which gives every byte a sign (as WHATWG Encoding does for unlabelled text).
#[must_use]
pub fn decode(bytes: &[u8], label: Option<&str>) -> String {
    if bytes.is_ascii() && !bytes.contains(&0x1b) && label.is_none() {
        return std::str::from_utf8(bytes).unwrap_or_default().to_owned();
    }
    let label = label.map(str::trim).unwrap_or_default().trim_matches(['"', '\'']).to_ascii_lowercase();
    let is_plain = matches!(label.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "ansi_x3.4-1968");
    if !is_plain && let Some(decoder) = decoder(&label) {
        return decoder(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) if is_mostly_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Err(_) => charset_decoder(b"windows-1252").map_or_else(String::new, |decoder| decoder(bytes)),
    }
}

/// Whether the library knows the charset.
#[must_use]
pub fn is_known(label: &str) -> bool {
    decoder(&label.trim().to_ascii_lowercase()).is_some()
}

fn decoder(label: &str) -> Option<fn(&[u8]) -> String> {
    // QUIRK: `cp-1252`, `win1252`, `x-sjis` and the like are written for what is registered as windows-1252, Shift_JIS.
    let number = label.trim_start_matches(|c: char| !c.is_ascii_digit());
    let is_code_page = ["cp", "win", "windows", "ibm", "ms"].iter().any(|word| label.starts_with(word));
    let tries = [label.to_owned(), label.trim_start_matches("x-").to_owned(), format!("windows-{number}")];
    let sized = |name: &&String| (1..=45).contains(&name.len());
    tries.iter().take(if is_code_page { 3 } else { 2 }).filter(sized).find_map(|name| charset_decoder(name.as_bytes()))
}

/// Whether a text that is no whole UTF-8 is UTF-8 that was damaged, rather than something else: it has more whole
/// signs of several bytes than broken ones.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], label: Option<&str>, expected: &str) {
        assert_eq!(decode(bytes, label), expected, "{bytes:?} {label:?}");
    }

    #[test]
    fn labels_are_believed_where_they_can_be() {
        check(b"caf\xe9", Some("iso-8859-1"), "café");
        check(b"\xcf\xf0\xe8", Some("windows-1251"), "При");
        check(b"\xcf\xf0\xe8", Some("CP-1251"), "При");
        check(b"\x1b$B$3$s\x1b(B", Some("iso-2022-jp"), "こん");
        check("é".as_bytes(), Some(" \"UTF-8\" "), "é");
    }

    #[test]
    fn wrong_and_unknown_labels_cost_no_letters() {
        check(b"caf\xe9 cr\xe8me", Some("utf-8"), "café crème");
        check(b"caf\xe9", Some("us-ascii"), "café");
        check(b"caf\xe9", Some("x-unknown"), "café");
        check(b"caf\xe9", None, "café");
        check("café".as_bytes(), Some("us-ascii"), "café");
        check("café".as_bytes(), Some("nonsense"), "café");
        check(b"caf\xc3\xa9 \xe2\x82\xac \xe2", Some("utf-8"), "café € \u{fffd}");
        check(b"", None, "");
    }
}
