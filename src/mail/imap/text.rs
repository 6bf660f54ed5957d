//! The small texts of IMAP: folder names, sets of uids, dates.

use std::fmt::Write as _;

use data_encoding::{Encoding, Specification};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The alphabet of modified UTF-7 (RFC 3501 section 5.1.3): base64 with `,` for `/`, no padding.
#[expect(clippy::unwrap_used, reason = "constant alphabet")]
static BASE64: std::sync::LazyLock<Encoding> = std::sync::LazyLock::new(|| {
    let mut alphabet = Specification::new();
    alphabet.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    alphabet.check_trailing_bits = false;
    alphabet.encoding().unwrap()
});

/// A folder's name as IMAP wants it: modified UTF-7 in quotes.
pub(super) fn quoted_folder(name: &str) -> String {
    format!("\"{}\"", encode_folder(name).replace('\\', "\\\\").replace('"', "\\\""))
}

/// RFC 3501 section 5.1.3: printable ASCII stands for itself, `&` is `&-`, the rest is UTF-16 in base64.
fn encode_folder(name: &str) -> String {
    let mut encoded = String::new();
    let mut shifted = Vec::new();
    for letter in name.chars() {
        if matches!(letter, ' '..='~') {
            end_shift(&mut encoded, &mut shifted);
            encoded.push(letter);
            if letter == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            shifted.extend(letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    end_shift(&mut encoded, &mut shifted);
    encoded
}

fn end_shift(encoded: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        let _ = write!(encoded, "&{}-", BASE64.encode(shifted));
        shifted.clear();
    }
}

/// The name that people read. What is no modified UTF-7 is left as it is.
pub(super) fn decode_folder(name: &str) -> String {
    let mut decoded = String::new();
    let mut rest = name;
    while let Some((plain, shift)) = rest.split_once('&') {
        decoded.push_str(plain);
        let Some((base64, after)) = shift.split_once('-') else { return name.to_owned() };
        if base64.is_empty() {
            decoded.push('&');
        } else {
            let Ok(bytes) = BASE64.decode(base64.as_bytes()) else { return name.to_owned() };
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            decoded.push_str(&String::from_utf16_lossy(&units));
        }
        rest = after;
    }
    decoded + rest
}

/// A set of uids as `1:3,7`, ascending; empty for none.
pub(super) fn uid_set(uids: &[u32]) -> String {
    let mut uids = uids.to_vec();
    uids.sort_unstable();
    uids.dedup();
    let mut set = String::new();
    for run in uids.chunk_by(|a, b| a + 1 == *b) {
        let comma = if set.is_empty() { "" } else { "," };
        let _ = match run {
            [first, .., last] => write!(set, "{comma}{first}:{last}"),
            [single] => write!(set, "{comma}{single}"),
            [] => Ok(()),
        };
    }
    set
}

/// The day before the given time in UTC, as SEARCH wants it. SINCE compares days in the server's own
/// zone, so one day earlier is always early enough.
pub(super) fn search_day(time: Timestamp) -> String {
    let day = TimeZone::UTC.to_datetime(time).date();
    let day = day.yesterday().unwrap_or(day);
    let month = usize::try_from(day.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("Jan");
    format!("{}-{month}-{:04}", day.day(), day.year())
}

/// INTERNALDATE (RFC 3501 section 9, `date-time`): ` 7-Jul-1996 02:44:25 -0700`.
pub(super) fn internal_date(text: &str) -> Option<Timestamp> {
    let mut words = text.split_whitespace();
    let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
    let mut date = date.split('-');
    let (day, month, year) = (date.next()?, date.next()?, date.next()?);
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = zone.split_at_checked(2)?;
    if words.next().is_some() || !matches!(sign, "+" | "-") {
        return None;
    }
    format!("{year}-{month:02}-{day:0>2}T{time}{sign}{hours}:{minutes}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, encoded: &str) {
        assert_eq!(encode_folder(name), encoded);
        assert_eq!(decode_folder(encoded), name);
    }

    #[test]
    fn folder_names_survive_modified_utf_7() {
        check("Processed", "Processed");
        check("Q&A", "Q&-A");
        check("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        check("Geïnd", "Ge&AO8-nd");
        check("😀", "&2D3eAA-");
        check("a\r\nb", "a&AA0ACg-b");
        assert_eq!(decode_folder("a&b"), "a&b");
        assert_eq!(decode_folder("a&*-"), "a&*-");
        assert_eq!(quoted_folder("a\"b\\"), "\"a\\\"b\\\\\"");
    }

    #[test]
    fn uids_are_written_as_runs() {
        assert_eq!(uid_set(&[7, 1, 2, 3, 9, 8, 3]), "1:3,7:9");
        assert_eq!(uid_set(&[5]), "5");
        assert_eq!(uid_set(&[u32::MAX, 1]), "1,4294967295");
        assert_eq!(uid_set(&[u32::MAX, u32::MAX - 1]), "4294967294:4294967295");
        assert_eq!(uid_set(&[]), "");
    }

    #[test]
    fn internal_dates_keep_their_zone() {
        let read = |text| internal_date(text).map(|time| time.to_string());
        assert_eq!(read("17-Jul-1996 02:44:25 -0700").as_deref(), Some("1996-07-17T09:44:25Z"));
        assert_eq!(read(" 7-Jul-1996 02:44:25 +0200").as_deref(), Some("1996-07-07T00:44:25Z"));
        assert_eq!(read("17-Jux-1996 02:44:25 -0700"), None);
        assert_eq!(read("yesterday"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_search_starts_a_day_early() {
        let day = |text: &str| search_day(text.parse::<Timestamp>().unwrap());
        assert_eq!(day("2026-03-01T00:10:00Z"), "28-Feb-2026");
        assert_eq!(day("2026-11-23T20:00:00Z"), "22-Nov-2026");
    }
}
