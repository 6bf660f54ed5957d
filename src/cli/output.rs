//! How results look: tables that fit 100 columns, times in the desk's zone, JSON.

use std::io::Write as _;

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// Tables are no wider than this, also where nobody tells the width of the screen.
const WIDTH: u16 = 100;

/// One line below the headings; rows need none.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Prints a result, with a line end. A reader that hung up (`| head`) is no fault.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    // Nobody is left to be told.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush());
}

/// Prints bytes as they are.
///
/// # Errors
/// When they can't be written whole: a half mail must not pass for a whole one.
pub fn say_bytes(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Prints a value as JSON.
///
/// # Errors
/// The JSON writer's, which plain rows don't cause.
pub fn say_json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Tells on standard error what is wrong.
pub fn complain(text: &str) {
    // Nobody is left to be told.
    let _ = writeln!(std::io::stderr(), "casepost: {text}");
}

/// A table with these headings.
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(headings.to_vec());
    table
}

/// Prints the table, or the words where it has no rows.
pub fn say_table(table: &Table, when_empty: &str) {
    if table.row_count() == 0 { say(when_empty) } else { say(&table.trim_fmt()) }
}

/// A moment as a person of the desk reads it: `2026-03-02 09:15`.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A moment that may not have come; a dash for none.
pub fn maybe_time(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map_or_else(|| "–".to_owned(), |at| time(at, zone))
}

/// A text that may not be there; a dash for none.
pub fn or_dash<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// A number with its noun: `1 mail`, `3 mails`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The text on one line, with at most `most` characters; control characters become spaces.
pub fn short(text: &str, most: usize) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() > most {
        line = line.chars().take(most.saturating_sub(1)).collect();
        line.push('…');
    }
    line
}

/// A text of several lines without signs that could steer a terminal.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect()
}

/// Minutes as hours and minutes: `1 h 05 min`.
pub fn minutes(minutes: i64) -> String {
    let (sign, whole) = (if minutes < 0 { "-" } else { "" }, minutes.unsigned_abs());
    match (whole / 60, whole % 60) {
        (0, rest) => format!("{sign}{rest} min"),
        (hours, 0) => format!("{sign}{hours} h"),
        (hours, rest) => format!("{sign}{hours} h {rest:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: i64, expected: &str) {
        assert_eq!(minutes(given), expected);
    }

    #[test]
    fn minutes_read_as_hours() {
        check(0, "0 min");
        check(40, "40 min");
        check(60, "1 h");
        check(65, "1 h 05 min");
        check(-75, "-1 h 15 min");
    }

    #[test]
    fn a_cell_stays_on_one_line() {
        assert_eq!(short("a\nb\u{1b}[31m", 20), "a b [31m");
        assert_eq!(short("abcdef", 4), "abc…");
        assert_eq!(plain("a\u{1b}[31m\nb"), "a[31m\nb");
    }

    #[test]
    fn times_stand_in_the_zone_of_the_desk() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        assert_eq!(time("2026-07-02T07:15:00Z".parse().unwrap(), &zone), "2026-07-02 09:15");
        assert_eq!(maybe_time(None, &zone), "–");
    }

    #[test]
    fn a_table_fits_one_hundred_columns() {
        let mut wide = table(&["no", "subject"]);
        wide.add_row(vec!["1".to_owned(), "word ".repeat(60)]);
        assert!(wide.trim_fmt().lines().all(|line| line.chars().count() <= 100));
    }
}
