//! Times, durations, sizes and keys in the words of a language.

use crate::domain::notice::{Cause, Words};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The file `words.toml` of a language.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Monday first.
    pub weekdays: [String; 7],
    /// January first.
    pub months: [String; 12],
    /// Stands where a mail has no subject.
    pub no_subject: String,
    /// Small words: `today`, `tomorrow`, `before`, `before_midnight`, `at`.
    pub time: BTreeMap<String, String>,
    /// One and many of `day`, `hour`, `minute`, `strip`.
    pub units: BTreeMap<String, [String; 2]>,
    /// Kinds of case.
    pub kind: BTreeMap<String, String>,
    /// Priorities.
    pub priority: BTreeMap<String, String>,
    /// Roles.
    pub role: BTreeMap<String, String>,
    /// States of a case.
    pub state: BTreeMap<String, String>,
    /// Targets of a contract.
    pub target: BTreeMap<String, String>,
    /// Kinds of entry of the strip cards' ledger, as a client reads them.
    pub entry: BTreeMap<String, String>,
    /// Free days, by the keys of the calendar.
    pub holiday: BTreeMap<String, String>,
    /// What a tag does.
    pub tags: BTreeMap<String, TagWords>,
    /// Why a tag was not carried out, and how to mend it; `{}` stands for the value.
    pub causes: BTreeMap<String, CauseWords>,
    /// The subject of each letter, a template.
    pub subjects: BTreeMap<String, String>,
}

/// A tag as one writes it, and what it does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagWords {
    /// With an example of its argument.
    pub tag: String,
    /// What it does.
    pub what: String,
}

/// What is wrong with a tag, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseWords {
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

impl Phrases {
    /// The words that the letters need and that are not there.
    pub(super) fn missing(&self, causes: &[Cause]) -> Vec<String> {
        let missing = |what: &str, key: &str| format!("[{what}] lacks \"{key}\"");
        let mut all = Vec::new();
        all.extend(
            Words::KIND_NAMES.iter().filter(|k| !self.subjects.contains_key(**k)).map(|k| missing("subjects", k)),
        );
        for cause in causes {
            let key = serde_json::to_value(cause).unwrap_or_default();
            let key = key.as_str().unwrap_or_default();
            if !self.causes.contains_key(key) {
                all.push(missing("causes", key));
            }
        }
        for (table, keys) in CLOSED {
            all.extend(keys.iter().filter_map(|key| self.word(table, key).err()));
        }
        let units = ["day", "hour", "minute", "strip"];
        all.extend(units.iter().filter(|unit| !self.units.contains_key(**unit)).map(|unit| missing("units", unit)));
        all
    }

    fn word(&self, table: &str, key: &str) -> Result<&str, String> {
        let lacks = || format!("[{table}] lacks \"{key}\"");
        let words = match table {
            "kind" => &self.kind,
            "priority" => &self.priority,
            "role" => &self.role,
            "state" => &self.state,
            "target" => &self.target,
            "entry" => &self.entry,
            "holiday" => &self.holiday,
            "tags" => return self.tags.get(key).map(|tag| tag.what.as_str()).ok_or_else(lacks),
            _ => &self.time,
        };
        words.get(key).map(String::as_str).ok_or_else(lacks)
    }

    /// For a page its two halves, for the text part the line with its columns.
    fn tag(&self, key: &str) -> Result<Value, String> {
        let words = self.tags.get(key).ok_or_else(|| format!("[tags] lacks \"{key}\""))?;
        let line = format!("{:<22} {}", words.tag, words.what);
        Ok(serde_json::json!({ "tag": words.tag, "what": words.what, "line": line }))
    }

    fn small(&self, key: &str) -> &str {
        self.time.get(key).map_or("", String::as_str)
    }

    fn counted(&self, count: i64, unit: &str) -> String {
        let forms = self.units.get(unit).map_or(["", ""], |[one, many]| [one.as_str(), many.as_str()]);
        format!("{count} {}", forms[usize::from(count != 1)])
    }

    /// `1 uur 30 minuten`.
    #[must_use]
    pub fn duration(&self, minutes: i64) -> String {
        let sign = if minutes < 0 { "−" } else { "" };
        let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
        let words = match (hours, rest) {
            (0, rest) => self.counted(rest, "minute"),
            (hours, 0) => self.counted(hours, "hour"),
            (hours, rest) => format!("{} {}", self.counted(hours, "hour"), self.counted(rest, "minute")),
        };
        format!("{sign}{words}")
    }

    /// `6 dagen`, and `vandaag` where none has passed.
    #[must_use]
    pub fn age(&self, days: i64) -> String {
        if days <= 0 { self.small("today").to_owned() } else { self.counted(days, "day") }
    }

    /// `dinsdag 28 april`, with the year where it is another one than today's.
    #[must_use]
    pub fn date(&self, date: Date, today: Date) -> String {
        let weekday = self.weekday(date);
        let month = &self.months[usize::from(date.month().unsigned_abs()) - 1];
        let year = if date.year() == today.year() { String::new() } else { format!(" {}", date.year()) };
        format!("{weekday} {} {month}{year}", date.day())
    }

    /// `vandaag`, `morgen`, `maandag` within the week to come, else `maandag 27 april`.
    #[must_use]
    pub fn day(&self, date: Date, today: Date) -> String {
        match today.until(date).map_or(i32::MAX, |until| until.get_days()) {
            0 => self.small("today").to_owned(),
            1 => self.small("tomorrow").to_owned(),
            2..=6 => self.weekday(date).to_owned(),
            _ => self.date(date, today),
        }
    }

    fn weekday(&self, date: Date) -> &str {
        &self.weekdays[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
    }

    /// `dinsdag 28 april om 12:00`.
    #[must_use]
    pub fn moment(&self, at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
        let (at, today) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()).date());
        let date = self.date(at.date(), today);
        format!("{date} {} {:02}:{:02}", self.small("at"), at.hour(), at.minute())
    }

    /// `vandaag vóór 16:30`, `morgen vóór 10:00`, `dinsdag 28 april vóór 12:00`; rounded down to the minute.
    /// None once the printed minute has come: a promise that can't be kept is never printed.
    #[must_use]
    pub fn deadline(&self, due: Timestamp, zone: &TimeZone, now: Timestamp) -> Option<String> {
        let minute = Timestamp::from_second(due.as_second().div_euclid(60) * 60).ok()?;
        if minute <= now {
            return None;
        }
        let (due, today) = (minute.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()).date());
        // Midnight belongs to the day that it ends: "before 00:00 tomorrow" is read a day too late.
        let is_midnight = due.hour() == 0 && due.minute() == 0;
        let day = if is_midnight { due.date().yesterday().ok()? } else { due.date() };
        let day = match day {
            day if day == today => self.small("today").to_owned(),
            day if today.checked_add(1.day()).is_ok_and(|tomorrow| day == tomorrow) => {
                self.small("tomorrow").to_owned()
            }
            day => self.date(day, today),
        };
        Some(match is_midnight {
            true => format!("{day} {}", self.small("before_midnight")),
            false => format!("{day} {} {:02}:{:02}", self.small("before"), due.hour(), due.minute()),
        })
    }
}

/// The keys that the domain can ask for.
const CLOSED: &[(&str, &[&str])] = &[
    ("time", &["today", "tomorrow", "before", "before_midnight", "at"]),
    ("kind", &["incident", "support", "maintenance", "change", "external"]),
    ("priority", &["critical", "high", "normal", "low"]),
    ("role", &["coordinator", "functional-administrator", "reporter", "expert", "supplier", "monitor"]),
    (
        "state",
        &[
            "new",
            "open",
            "waiting-client",
            "waiting-supplier",
            "waiting-approval",
            "scheduled",
            "resolved",
            "closed",
            "merged",
        ],
    ),
    ("target", &["first-response", "next-response", "resolution"]),
    (
        "entry",
        &[
            "purchase",
            "deduction",
            "overdraft",
            "settlement",
            "correction",
            "expiry",
            "return",
            "transfer",
            "charge-to-contract",
            "charge-moved",
        ],
    ),
    (
        "holiday",
        &[
            "new-year",
            "good-friday",
            "easter-sunday",
            "easter-monday",
            "kings-day",
            "labour-day",
            "liberation-day",
            "ascension-day",
            "whit-sunday",
            "whit-monday",
            "belgian-national-day",
            "assumption-day",
            "all-saints",
            "armistice",
            "christmas-day",
            "boxing-day",
        ],
    ),
    (
        "tags",
        &[
            "time", "note", "resolved", "wait", "prio", "kind", "estimate", "assign", "client", "merge", "reopen",
            "undo", "status", "help",
        ],
    ),
];

/// Puts words in the place of times, durations, sizes and keys, each known by the name of its field.
pub(super) fn spell_out(data: &mut Value, phrases: &Phrases, zone: &TimeZone, now: Timestamp) -> Result<(), String> {
    match data {
        Value::Array(items) => items.iter_mut().try_for_each(|item| spell_out(item, phrases, zone, now)),
        Value::Object(fields) => spell_out_fields(fields, phrases, zone, now),
        _ => Ok(()),
    }
}

fn spell_out_fields(
    fields: &mut Map<String, Value>,
    phrases: &Phrases,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(), String> {
    let mut added: Vec<(String, Value)> = Vec::new();
    let left = fields.get("left_minutes").and_then(Value::as_i64);
    if let (Some(left), Some(strip)) = (left, fields.get("strip_minutes").and_then(Value::as_i64)) {
        added.push(("left_strips".into(), phrases.counted(left / strip.max(1), "strip").into()));
    }
    let replaced = fields.get("value").and_then(Value::as_str).unwrap_or_default();
    let is_state = fields.get("cause").and_then(Value::as_str) == Some("wrong-state");
    let state = phrases.state.get(replaced).filter(|_| is_state);
    let replaced = state.map_or(replaced, String::as_str).to_owned();
    for (key, value) in fields.iter_mut() {
        match (key.as_str(), &*value) {
            ("kind" | "priority" | "role" | "state" | "target" | "entry", Value::String(word)) => {
                *value = phrases.word(key, word)?.into();
            }
            ("day_off", why) => {
                let words = why.as_str().map(|key| (phrases.holiday.get(key), key));
                let (holiday, closure) = match words {
                    Some((Some(holiday), _)) => (Some(holiday.as_str()), None),
                    Some((None, own)) => (None, Some(own)),
                    None => (None, None),
                };
                added.push(("holiday".into(), holiday.into()));
                added.push(("closure".into(), closure.into()));
            }
            ("cause", Value::String(cause)) => {
                if let Some(words) = phrases.causes.get(cause) {
                    added.push(("what".into(), words.what.replace("{}", &replaced).into()));
                    added.push(("mend".into(), words.mend.replace("{}", &replaced).into()));
                }
            }
            ("tags", Value::Array(tags)) => {
                let help = tags.iter().filter_map(Value::as_str).map(|tag| phrases.tag(tag));
                *value = Value::Array(help.collect::<Result<_, _>>()?);
            }
            ("subject", Value::String(subject)) if subject.trim().is_empty() => {
                *value = phrases.no_subject.as_str().into();
            }
            (name, Value::String(text)) if name.ends_with("_due") => {
                let deadline = phrases.deadline(timestamp(text)?, zone, now);
                added.push((format!("{name}_is_past"), deadline.is_none().into()));
                *value = deadline.into();
            }
            (name, Value::String(text)) if name.ends_with("_at") => {
                *value = phrases.moment(timestamp(text)?, zone, now).into();
            }
            (name, Value::String(text)) if name.ends_with("_on") || name.ends_with("_day") => {
                let date: Date = text.parse().map_err(|error| format!("{name}: {error}"))?;
                let today = now.to_zoned_datetime(zone.clone()).date();
                let is_near = name.ends_with("_day");
                *value = if is_near { phrases.day(date, today) } else { phrases.date(date, today) }.into();
            }
            ("overdraft_minutes", Value::Number(minutes)) if minutes.as_i64() == Some(0) => *value = Value::Null,
            (name, Value::Number(number)) if name.ends_with("_minutes") => {
                *value = phrases.duration(number.as_i64().unwrap_or_default()).into();
            }
            (name, Value::Number(number)) if name.ends_with("_age") => {
                *value = phrases.age(number.as_i64().unwrap_or_default()).into();
            }
            (name, Value::Number(number)) if name.ends_with("_tally") => {
                *value = tally(number.as_i64().unwrap_or_default()).into();
            }
            (name, Value::Number(number)) if name.ends_with("_bytes") => {
                *value = size(number.as_u64().unwrap_or_default()).into();
            }
            (_, Value::Array(_) | Value::Object(_)) => spell_out(value, phrases, zone, now)?,
            _ => {}
        }
    }
    fields.extend(added);
    Ok(())
}

fn timestamp(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// Minutes in a column: `4:15`, `−0:45`.
fn tally(minutes: i64) -> String {
    let sign = if minutes < 0 { "−" } else { "" };
    format!("{sign}{}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
}

/// `180 kB`, `26 MB`: rounded up, so that nothing is ever `0 kB`.
fn size(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} kB", bytes.div_ceil(1000)) } else { format!("{} MB", bytes.div_ceil(1_000_000)) }
}

#[cfg(test)]
mod tests {
    use super::super::builtin;
    use super::*;
    use crate::templates::sample_now;

    fn phrases(language: &str) -> Phrases {
        let name = format!("{language}/words.toml");
        let (_, source) = builtin::FILES.iter().find(|(file, _)| *file == name).unwrap();
        toml::from_str(source).unwrap()
    }

    fn check(language: &str, now: &str, due: &str, expected: Option<&str>) {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let deadline = phrases(language).deadline(due.parse().unwrap(), &zone, now.parse().unwrap());
        assert_eq!(deadline.as_deref(), expected, "{now} {due}");
    }

    #[test]
    fn a_deadline_is_told_in_the_readers_day_and_never_once_it_has_come() {
        let now = "2026-04-21T08:05:00Z";
        check("nl", now, "2026-04-21T14:30:59Z", Some("vandaag vóór 16:30"));
        check("en", now, "2026-04-21T14:30:00Z", Some("today before 16:30"));
        check("nl", now, "2026-04-22T08:00:00Z", Some("morgen vóór 10:00"));
        check("en", now, "2026-04-22T08:00:00Z", Some("tomorrow before 10:00"));
        check("nl", now, "2026-04-28T10:00:00Z", Some("dinsdag 28 april vóór 12:00"));
        check("en", now, "2026-04-28T10:00:00Z", Some("Tuesday 28 April before 12:00"));
        check("en", now, "2027-01-04T09:00:00Z", Some("Monday 4 January 2027 before 10:00"));
        check("nl", now, "2026-04-21T22:00:00Z", Some("vandaag vóór middernacht"));
        check("nl", "2026-04-21T21:59:00Z", "2026-04-21T22:30:00Z", Some("morgen vóór 00:30"));
        check("nl", now, "2026-04-21T08:05:59Z", None);
        check("nl", now, "2026-04-21T08:06:00Z", Some("vandaag vóór 10:06"));
        check("nl", now, "2026-04-20T10:00:00Z", None);
        // The night in which the clock goes back: both days and hours are the wall's.
        check("nl", "2026-10-24T20:00:00Z", "2026-10-25T01:30:00Z", Some("morgen vóór 02:30"));
    }

    #[test]
    fn a_day_off_is_told_by_its_word_or_by_the_name_that_the_desk_gave() {
        let told = |key: &str| {
            let mut data = serde_json::json!({ "day_off": key });
            spell_out(&mut data, &phrases("nl"), &TimeZone::UTC, sample_now()).unwrap();
            (data["holiday"].clone(), data["closure"].clone())
        };
        assert_eq!(told("kings-day"), ("Koningsdag".into(), Value::Null));
        assert_eq!(told("Zomersluiting"), (Value::Null, "Zomersluiting".into()));
    }

    #[test]
    fn durations_and_sizes_are_words() {
        let (nl, en) = (phrases("nl"), phrases("en"));
        let told = |minutes| (nl.duration(minutes), en.duration(minutes));
        assert_eq!(told(1), ("1 minuut".into(), "1 minute".into()));
        assert_eq!(told(60), ("1 uur".into(), "1 hour".into()));
        assert_eq!(told(390), ("6 uur 30 minuten".into(), "6 hours 30 minutes".into()));
        assert_eq!(told(0), ("0 minuten".into(), "0 minutes".into()));
        assert_eq!(told(-15), ("−15 minuten".into(), "−15 minutes".into()));
        assert_eq!([size(1), size(184_320), size(26_214_400)], ["1 kB", "185 kB", "27 MB"]);
    }
}
