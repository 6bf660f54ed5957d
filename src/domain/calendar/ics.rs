//! Holidays from an iCalendar file (RFC 5545): the whole-day events, once or each year, with their names.
//!
//! What can't be taken over exactly is refused with its line: a holiday that is missing or falls on a wrong day would
//! make promises wrong without anybody seeing it.

use std::ops::Range;

use jiff::civil::{Date, Weekday};

use super::day_off::{DayOff, Repeats};

/// Why a file is refused, and the line (from 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct IcsFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and how to mend it.
    pub what: String,
}

/// Reads the days off of an iCalendar file. Cancelled events are left out; one that stands there twice is taken once.
///
/// # Errors
/// [`IcsFault`] for the first thing that is no iCalendar, is no whole day, or repeats otherwise than yearly.
pub fn read_ics(text: &str) -> Result<Vec<DayOff>, IcsFault> {
    let lines = unfold(text);
    if !lines.first().is_some_and(|line| line.is("BEGIN", "VCALENDAR")) {
        return Err(fault(1, "this is no iCalendar file: it begins with BEGIN:VCALENDAR"));
    }
    let mut days_off = Vec::new();
    // The components that are open, the innermost last.
    let mut open: Vec<String> = Vec::new();
    let mut event: Option<Event> = None;
    for line in &lines {
        match (line.name.as_str(), &mut event) {
            ("BEGIN", _) => {
                open.push(line.value.to_ascii_uppercase());
                if line.is("BEGIN", "VEVENT") {
                    event = Some(Event { line: line.number, ..Event::default() });
                }
            }
            ("END", _) => {
                if open.pop() != Some(line.value.to_ascii_uppercase()) {
                    return Err(fault(line.number, format!("END:{} closes what is not open", line.value)));
                }
                if line.is("END", "VEVENT")
                    && let Some(day_off) = event.take().map(Event::day_off).transpose()?.flatten()
                    && !days_off.contains(&day_off)
                {
                    days_off.push(day_off);
                }
            }
            // An alarm within an event has times of its own.
            (_, Some(event)) if open.last().is_some_and(|name| name == "VEVENT") => event.take(line)?,
            _ => {}
        }
    }
    match (open.last(), lines.last()) {
        (Some(name), Some(last)) => {
            Err(fault(last.number, format!("the file ends within {name}: END:{name} is missing")))
        }
        _ if days_off.is_empty() => Err(fault(1, "the file holds no day off")),
        _ => Ok(days_off),
    }
}

/// One property: a name, its parameters, a value.
struct Line {
    number: usize,
    name: String,
    parameters: String,
    value: String,
}

impl Line {
    fn is(&self, name: &str, value: &str) -> bool {
        self.name == name && self.value.eq_ignore_ascii_case(value)
    }
}

/// The properties of a text. A line that begins with a blank goes on with the one before.
fn unfold(text: &str) -> Vec<Line> {
    let mut whole: Vec<(usize, String)> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), whole.last_mut()) {
            (Some(more), Some((_, last))) => last.push_str(more),
            _ if line.trim().is_empty() => {}
            _ => whole.push((index + 1, line.to_owned())),
        }
    }
    whole.into_iter().map(|(number, line)| property(number, &line)).collect()
}

/// `NAME;PARAMETERS:VALUE`; a colon within quotes belongs to a parameter.
fn property(number: usize, line: &str) -> Line {
    let mut is_quoted = false;
    let colon = line.find(|c: char| {
        is_quoted ^= c == '"';
        c == ':' && !is_quoted
    });
    let (head, value) = colon.map_or((line, ""), |colon| (&line[..colon], &line[colon + 1..]));
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Line {
        number,
        name: name.trim().to_ascii_uppercase(),
        parameters: parameters.to_ascii_uppercase(),
        value: value.trim().to_owned(),
    }
}

/// What an event says, as far as it was read.
#[derive(Default)]
struct Event {
    line: usize,
    name: String,
    start: Option<Date>,
    /// The day after the last one.
    end: Option<Date>,
    days: Option<i64>,
    rule: Option<(usize, String)>,
    is_cancelled: bool,
}

impl Event {
    fn take(&mut self, line: &Line) -> Result<(), IcsFault> {
        match line.name.as_str() {
            "SUMMARY" => self.name = unescape(&line.value),
            "DTSTART" => self.start = Some(whole_day(line)?),
            "DTEND" => self.end = Some(whole_day(line)?),
            "DURATION" => self.days = Some(whole_days(line)?),
            "RRULE" if self.rule.is_some() => return Err(fault(line.number, "a second RRULE is not understood")),
            "RRULE" => self.rule = Some((line.number, line.value.to_ascii_uppercase())),
            "STATUS" => self.is_cancelled = line.value.eq_ignore_ascii_case("CANCELLED"),
            "RDATE" | "EXDATE" | "RECURRENCE-ID" => {
                let what = format!("{} is not understood: write each day as an event of its own", line.name);
                return Err(fault(line.number, what));
            }
            _ => {}
        }
        Ok(())
    }

    fn day_off(self) -> Result<Option<DayOff>, IcsFault> {
        if self.is_cancelled {
            return Ok(None);
        }
        let here = |what: &str| fault(self.line, what);
        let from = self.start.ok_or_else(|| here("the event has no DTSTART"))?;
        let days = match (self.end, self.days) {
            (Some(end), _) => end.duration_since(from).as_hours() / 24,
            (None, days) => days.unwrap_or(1),
        };
        if days < 0 {
            return Err(here("the event ends before it starts"));
        }
        // An end on the first day itself is a single day, though the format asks for the day after.
        let until = match days {
            0 | 1 => None,
            _ => Some(from.checked_add(jiff::Span::new().days(days - 1)).map_err(|e| here(&e.to_string()))?),
        };
        let (repeats, last_year) = match &self.rule {
            Some((line, rule)) => yearly(rule, from).map_err(|what| fault(*line, what))?,
            None => (None, None),
        };
        let name = if self.name.is_empty() { return Err(here("the event has no SUMMARY")) } else { self.name.clone() };
        let day_off = DayOff { name, from, until, repeats, last_year };
        match day_off.fault() {
            Some((problem, _)) => Err(here(&problem)),
            None => Ok(Some(day_off)),
        }
    }
}

/// How a rule repeats, and the last year in which it does. The first day must be one of the rule's own.
fn yearly(rule: &str, from: Date) -> Result<(Option<Repeats>, Option<i16>), String> {
    let not_understood = |part: &str| {
        format!("RRULE with {part} is not understood: only yearly days are, others as an event for each day")
    };
    let (mut repeats, mut last_year, mut is_yearly) = (Repeats::Date, None, false);
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let is_own = match name {
            "FREQ" => {
                is_yearly = value == "YEARLY";
                is_yearly
            }
            "INTERVAL" => value == "1",
            "WKST" => true,
            "BYMONTH" => value.parse() == Ok(from.month()),
            "BYMONTHDAY" => value.parse() == Ok(from.day()),
            "BYDAY" => {
                repeats = nth_weekday(value, from).ok_or_else(|| not_understood(part))?;
                rule.contains("BYMONTH=")
            }
            "COUNT" => {
                last_year = value.parse::<i16>().ok().filter(|count| *count > 0).map(|count| from.year() + count - 1);
                // Leap days and fifth Mondays don't come each year: those would have to be counted.
                last_year.is_some() && from.day() <= 28
            }
            "UNTIL" => {
                let last = civil_date(value.get(..8).unwrap_or_default());
                let is_before = |last: Date| (last.month(), last.day()) < (from.month(), from.day());
                last_year = last.map(|last| last.year() - i16::from(is_before(last)));
                last.is_some() && !rule.contains("BYDAY")
            }
            _ => false,
        };
        if !is_own {
            return Err(not_understood(part));
        }
    }
    if is_yearly { Ok((Some(repeats), last_year)) } else { Err(not_understood("no FREQ=YEARLY")) }
}

/// `3MO` or `-1MO`, where the first day is such a Monday.
fn nth_weekday(value: &str, from: Date) -> Option<Repeats> {
    let names = [
        (Weekday::Monday, "MO"),
        (Weekday::Tuesday, "TU"),
        (Weekday::Wednesday, "WE"),
        (Weekday::Thursday, "TH"),
        (Weekday::Friday, "FR"),
        (Weekday::Saturday, "SA"),
        (Weekday::Sunday, "SU"),
    ];
    let name = names.iter().find(|(day, _)| *day == from.weekday()).map(|(_, name)| name)?;
    let which: i8 = value.strip_suffix(name)?.parse().ok()?;
    match which {
        -1 => (from.days_in_month() - from.day() < 7).then_some(Repeats::LastWeekday),
        1..=5 => ((from.day() - 1) / 7 + 1 == which).then_some(Repeats::Weekday),
        _ => None,
    }
}

/// A date, or midnight: an event from midnight to midnight is a whole day too.
fn whole_day(line: &Line) -> Result<Date, IcsFault> {
    let (day, time) = line.value.split_once('T').unwrap_or((&line.value, "000000"));
    let date = civil_date(day).ok_or_else(|| {
        fault(line.number, format!("{} \"{}\" is no day: write it as 20261224", line.name, line.value))
    })?;
    let is_midnight = time == "000000" && !(line.parameters.contains("VALUE=DATE-TIME") && line.value.len() == 8);
    if is_midnight {
        Ok(date)
    } else {
        let what = format!(
            "{} \"{}\" is a time of day: only whole days are holidays; leave the event out, or give the day its hours under open",
            line.name, line.value
        );
        Err(fault(line.number, what))
    }
}

/// `20261224`.
fn civil_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |range: Range<usize>| text.get(range);
    Date::new(part(0..4)?.parse().ok()?, part(4..6)?.parse().ok()?, part(6..8)?.parse().ok()?).ok()
}

/// `P2D` or `P1W`.
fn whole_days(line: &Line) -> Result<i64, IcsFault> {
    let text = line.value.strip_prefix('+').unwrap_or(&line.value);
    let count = |unit: char, days: i64| {
        let number = text.strip_prefix('P')?.strip_suffix(unit)?.parse::<i64>().ok()?;
        (1..=366).contains(&number).then_some(number * days)
    };
    count('D', 1).or_else(|| count('W', 7)).ok_or_else(|| {
        fault(line.number, format!("DURATION \"{}\" is not a number of whole days such as P2D", line.value))
    })
}

/// The text of a value: `\,` is a comma, `\n` a new line, which a name has none of.
fn unescape(value: &str) -> String {
    let mut text = String::new();
    let mut signs = value.chars();
    while let Some(sign) = signs.next() {
        let escaped = |sign| if matches!(sign, 'n' | 'N') { ' ' } else { sign };
        text.extend(if sign == '\\' { signs.next().map(escaped) } else { Some(sign) });
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fault(line: usize, what: impl Into<String>) -> IcsFault {
    IcsFault { line, what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(events: &[&str]) -> String {
        let events: String = events.iter().map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")).collect();
        format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n").replace('\n', "\r\n")
    }

    fn check(event: &str, expected: &str) {
        let told = match read_ics(&file(&[event])) {
            Ok(days_off) => serde_json::to_string(&days_off).unwrap(),
            Err(fault) => fault.to_string(),
        };
        assert!(told.contains(expected), "{event}\n{told}");
    }

    #[test]
    fn whole_days_are_read_with_their_names() {
        check(
            "SUMMARY:Karfreitag\nDTSTART;VALUE=DATE:20260403\nDTEND;VALUE=DATE:20260404\nTRANSP:TRANSPARENT",
            r#"[{"name":"Karfreitag","from":"2026-04-03"}]"#,
        );
        check(
            "SUMMARY;LANGUAGE=de:Heiligabend\\, Wei\n hnachten\nDTSTART:20261224\nDTEND:20261227",
            r#"[{"name":"Heiligabend, Weihnachten","from":"2026-12-24","until":"2026-12-26"}]"#,
        );
        check(
            "SUMMARY:Fermeture\nDTSTART;TZID=\"a:b\":20260803T000000\nDTEND:20260817T000000",
            r#""from":"2026-08-03","until":"2026-08-16""#,
        );
        check("SUMMARY:Ferie\nDTSTART:20260803\nDURATION:P1W", r#""until":"2026-08-09""#);
        check("SUMMARY:Un giorno\nDTSTART:20260815\nDTEND:20260815", r#"[{"name":"Un giorno","from":"2026-08-15"}]"#);
        check(
            "SUMMARY:Karfreitag\nDTSTART:20260403\nBEGIN:VALARM\nSUMMARY:Wecker\nDURATION:PT5M\nEND:VALARM",
            r#"[{"name":"Karfreitag","from":"2026-04-03"}]"#,
        );
    }

    #[test]
    fn yearly_days_are_read() {
        check(
            "SUMMARY:Einheit\nDTSTART:19901003\nRRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=10;BYMONTHDAY=3",
            r#"[{"name":"Einheit","from":"1990-10-03","repeats":"date"}]"#,
        );
        check("SUMMARY:King\nDTSTART:20260119\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=3MO", r#""repeats":"weekday""#);
        check("SUMMARY:Mem\nDTSTART:20260525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", r#""repeats":"last-weekday""#);
        check("SUMMARY:X\nDTSTART:20200103\nRRULE:FREQ=YEARLY;COUNT=3", r#""last_year":2022"#);
        check("SUMMARY:X\nDTSTART:20200103\nRRULE:FREQ=YEARLY;UNTIL=20230102", r#""last_year":2022"#);
        check("SUMMARY:X\nDTSTART:20200103\nRRULE:FREQ=YEARLY;UNTIL=20230103T000000Z", r#""last_year":2023"#);
    }

    #[test]
    fn what_would_be_wrong_is_refused_with_its_line() {
        check("SUMMARY:X\nDTSTART:20200103\nRRULE:FREQ=WEEKLY", "line 6: RRULE with FREQ=WEEKLY is not understood");
        check("SUMMARY:X\nDTSTART:20200103\nRRULE:FREQ=YEARLY;INTERVAL=2", "RRULE with INTERVAL=2");
        check("SUMMARY:X\nDTSTART:20200103\nRRULE:FREQ=YEARLY;BYMONTH=2", "RRULE with BYMONTH=2");
        check("SUMMARY:X\nDTSTART:20260119\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=2MO", "RRULE with BYDAY=2MO");
        check("SUMMARY:X\nDTSTART:20260119\nRRULE:FREQ=YEARLY;BYEASTER=1", "RRULE with BYEASTER=1");
        check("SUMMARY:X\nDTSTART:20240229\nRRULE:FREQ=YEARLY;COUNT=2", "RRULE with COUNT=2");
        check("SUMMARY:X\nDTSTART:20200103\nEXDATE:20210103", "line 6: EXDATE is not understood");
        check("SUMMARY:X\nDTSTART:20200103T120000", "line 5: DTSTART \"20200103T120000\" is a time of day");
        check("SUMMARY:X\nDTSTART:20200132", "line 5: DTSTART \"20200132\" is no day");
        check("SUMMARY:X\nDTSTART:20200103\nDTEND:20200101", "line 3: the event ends before it starts");
        check("SUMMARY:X\nDTSTART:20200103\nDTEND:20230101", "line 3: \"X\" lasts longer than a year");
        check("SUMMARY:X\nDTSTART:20200103\nDURATION:PT8H", "line 6: DURATION \"PT8H\" is not a number of whole days");
        check("SUMMARY:X", "line 3: the event has no DTSTART");
        check("DTSTART:20200103", "line 3: the event has no SUMMARY");
        check("SUMMARY:X\nDTSTART:20200103\nSTATUS:CANCELLED", "the file holds no day off");
    }

    #[test]
    fn a_file_that_is_none_or_not_whole_is_refused() {
        let check = |text: &str, expected: &str| {
            assert_eq!(read_ics(text).unwrap_err().to_string(), expected, "{text}");
        };
        check("", "line 1: this is no iCalendar file: it begins with BEGIN:VCALENDAR");
        check("<html>", "line 1: this is no iCalendar file: it begins with BEGIN:VCALENDAR");
        check("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "line 2: the file ends within VEVENT: END:VEVENT is missing");
        check("BEGIN:VCALENDAR\nEND:VEVENT\n", "line 2: END:VEVENT closes what is not open");
        check("\u{feff}BEGIN:VCALENDAR\nEND:VCALENDAR\n", "line 1: the file holds no day off");
    }

    #[test]
    fn an_event_that_stands_twice_is_taken_once() {
        let event = "SUMMARY:Karfreitag\nDTSTART:20260403";
        assert_eq!(read_ics(&file(&[event, event])).unwrap().len(), 1);
    }
}
