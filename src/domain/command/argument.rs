//! What stands behind a tag.

use jiff::civil::Date;

use super::tag::Tag;
use super::{Command, TagProblem, WaitFor};
use crate::domain::case::{CaseNumber, Kind, Priority};
use crate::domain::duration::{self, DurationFault};
use crate::domain::names::ClientCode;

/// A problem and its mend.
type Fault = (TagProblem, String);

/// Reads the argument of a tag.
pub(super) fn read(tag: Tag, rest: &str) -> Result<Command, Fault> {
    match tag {
        Tag::Time => time(rest),
        Tag::Wait => wait(rest),
        Tag::Estimate => estimate(rest),
        Tag::Priority => {
            one_word(rest, priority).map(Command::Priority).ok_or_else(|| argument("#prio critical|high|normal|low"))
        }
        Tag::Kind => {
            one_word(rest, kind).map(Command::Kind).ok_or_else(|| argument("#kind incident|support|maintenance|change"))
        }
        Tag::Assign if rest.is_empty() => Err(argument("#assign NAME")),
        Tag::Assign => Ok(Command::Assign(rest.to_owned())),
        Tag::Client => one_word(rest, client).map(Command::Client).ok_or_else(|| argument("#client CODE")),
        Tag::Merge => one_word(rest, case).map(Command::Merge).ok_or_else(|| argument("#merge AMR-2026-0042")),
        Tag::Bundle => one_word(rest, case).map(Command::Bundle).ok_or_else(|| argument("#bundle AMR-2026-0042")),
        Tag::Reject if rest.is_empty() => Err(argument("#reject REASON")),
        Tag::Reject => Ok(Command::Reject(rest.to_owned())),
        Tag::Supplier => Err((TagProblem::NotAvailable, String::new())),
        Tag::Note => alone(tag, rest, Command::Note),
        Tag::Resolved => alone(tag, rest, Command::Resolved),
        Tag::Reopen => alone(tag, rest, Command::Reopen),
        Tag::Undo => alone(tag, rest, Command::Undo),
        Tag::Status => alone(tag, rest, Command::Status),
        Tag::Help => alone(tag, rest, Command::Help),
        Tag::Approve => alone(tag, rest, Command::Approve),
        Tag::Balance => alone(tag, rest, Command::Balance),
        Tag::Statement => alone(tag, rest, Command::Statement),
    }
}

/// The date at the start of a text, as `2026-11-20` or `20-11-2026`, and what follows it.
pub(super) fn split_date(text: &str) -> Option<(Date, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let parts: Vec<&str> = word.split('-').collect();
    let [a, b, c] = parts[..] else { return None };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    let is_form = year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    is_form.then(|| (date, rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '.'))))
}

/// The case that a word names, with or without brackets and a full stop around it.
pub(super) fn case(word: &str) -> Option<CaseNumber> {
    word.trim_matches(['[', ']', '.', ',', '#']).parse().ok()
}

/// The client whose code a word is, in any letter case.
pub(super) fn client(word: &str) -> Option<ClientCode> {
    ClientCode::new(word.trim_end_matches([':', '.', ',']).to_uppercase()).ok()
}

fn time(rest: &str) -> Result<Command, Fault> {
    let bad = |fault: DurationFault| (TagProblem::Duration(fault), "#time 40m".to_owned());
    let (minutes, rest) = duration::split_minutes(rest).map_err(bad)?;
    // "on" and "op" also begin ordinary words of the text: only before something like a date they ask for one.
    let (on, text) = match after_word(rest, &["on", "op"]).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        Some(dated) => {
            let mend = || (TagProblem::Date, format!("#time {minutes}m on 2026-11-20"));
            let (date, text) = split_date(dated).ok_or_else(mend)?;
            (Some(date), text)
        }
        None => (None, rest),
    };
    Ok(Command::Time { minutes, on, text: text.to_owned(), ordinal: 0 })
}

fn wait(rest: &str) -> Result<Command, Fault> {
    let form = || argument("#wait client|supplier until 2026-11-20");
    let (word, rest) = split_word(rest);
    let on = match word.to_lowercase().as_str() {
        "client" | "klant" => WaitFor::Client,
        "supplier" | "leverancier" => WaitFor::Supplier,
        _ => return Err(form()),
    };
    if rest.is_empty() {
        return Ok(Command::Wait { on, until: None });
    }
    let dated = after_word(rest, &["until", "tot"]).ok_or_else(form)?;
    match split_date(dated) {
        Some((date, "")) => Ok(Command::Wait { on, until: Some(date) }),
        Some(_) => Err((TagProblem::TooMuch, form().1)),
        None => Err((TagProblem::Date, form().1)),
    }
}

fn estimate(rest: &str) -> Result<Command, Fault> {
    let bad = |fault| (TagProblem::Duration(fault), "#estimate 4h".to_owned());
    match duration::parse_minutes(rest) {
        Ok(minutes) if minutes > 0 => Ok(Command::Estimate(minutes)),
        Ok(_) => Err(bad(DurationFault::Nonsense)),
        Err(fault) => Err(bad(fault)),
    }
}

fn priority(word: &str) -> Option<Priority> {
    match word.to_lowercase().as_str() {
        "critical" | "kritiek" => Some(Priority::Critical),
        "high" | "hoog" => Some(Priority::High),
        "normal" | "normaal" => Some(Priority::Normal),
        "low" | "laag" => Some(Priority::Low),
        _ => None,
    }
}

fn kind(word: &str) -> Option<Kind> {
    match word.to_lowercase().as_str() {
        "onderhoud" => Some(Kind::Maintenance),
        "wijziging" => Some(Kind::Change),
        "ondersteuning" => Some(Kind::Support),
        word => Kind::parse(word),
    }
}

/// A tag that takes nothing; a full stop behind it is forgiven.
fn alone(tag: Tag, rest: &str, command: Command) -> Result<Command, Fault> {
    if rest.trim_matches(['.', '!']).is_empty() {
        Ok(command)
    } else {
        Err((TagProblem::TooMuch, format!("#{}", tag.as_str())))
    }
}

/// The value of a text that is one word.
fn one_word<T>(rest: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (word, rest) = split_word(rest);
    if rest.is_empty() { read(word.trim_end_matches('.')) } else { None }
}

fn argument(form: &str) -> Fault {
    (TagProblem::Argument, form.to_owned())
}

/// The first word and what follows it.
pub(super) fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// What follows the first word, if it is one of these in any letter case.
fn after_word<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let (word, rest) = split_word(text);
    words.iter().any(|known| word.eq_ignore_ascii_case(known)).then_some(rest)
}
