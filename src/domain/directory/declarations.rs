//! A directory file as a whole: what it declares, and what is wrong with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::check;
use super::contract::Contract;
use super::item::StoredItem;
use super::nouns::{Card, Client, ClosedPeriod, Expert, Monitor, Person, Position, Supplier};
use crate::domain::calendar::{CalendarDeclaration, read_ics};
use crate::domain::names::DeskCode;
use crate::domain::toml_lines::{Step, TomlLines};

/// All that one file declares for one desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declarations {
    /// The desk whose world this is.
    pub desk: DeskCode,
    /// `[[expert]]`
    #[serde(default, rename = "expert", skip_serializing_if = "Vec::is_empty")]
    pub experts: Vec<Expert>,
    /// `[[calendar]]`
    #[serde(default, rename = "calendar", skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<CalendarDeclaration>,
    /// `[[closure]]`
    #[serde(default, rename = "closure", skip_serializing_if = "Vec::is_empty")]
    pub closures: Vec<ClosedPeriod>,
    /// `[[client]]`
    #[serde(default, rename = "client", skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Client>,
    /// `[[contract]]`
    #[serde(default, rename = "contract", skip_serializing_if = "Vec::is_empty")]
    pub contracts: Vec<Contract>,
    /// `[[person]]`
    #[serde(default, rename = "person", skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<Person>,
    /// `[[position]]`
    #[serde(default, rename = "position", skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<Position>,
    /// `[[supplier]]`
    #[serde(default, rename = "supplier", skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<Supplier>,
    /// `[[monitor]]`
    #[serde(default, rename = "monitor", skip_serializing_if = "Vec::is_empty")]
    pub monitors: Vec<Monitor>,
    /// `[[card]]`
    #[serde(default, rename = "card", skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// What is odd but no fault, such as a client without a coordinator.
    #[serde(skip)]
    pub warnings: Vec<DirectoryFault>,
}

/// A directory file with what it names beside itself.
#[derive(Debug, Clone)]
pub struct DirectoryFile<'a> {
    /// Its name, without the folder.
    pub name: &'a str,
    /// What stands in it.
    pub text: &'a str,
    /// The texts of its `holidays_file`s, by the names that [`holidays_files`] gives.
    pub holidays: BTreeMap<String, String>,
}

impl<'a> DirectoryFile<'a> {
    /// A file that names no other.
    #[must_use]
    pub fn alone(name: &'a str, text: &'a str) -> Self {
        Self { name, text, holidays: BTreeMap::new() }
    }
}

/// The holiday files that the calendars of a directory file name, to be read before it is parsed. None of a text that
/// can't be read: parsing tells why.
#[must_use]
pub fn holidays_files(text: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        calendar: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        holidays_file: Option<String>,
    }
    let head: Option<Head> = toml::from_str(text).ok();
    head.into_iter().flat_map(|head| head.calendar).filter_map(|part| part.holidays_file).collect()
}

/// One thing that is wrong in a directory file, told so that it can be mended without looking further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {what}", line.map(|n| format!(" line {n}")).unwrap_or_default())]
pub struct DirectoryFault {
    /// The file's name as it was given.
    pub file: String,
    /// The line of the setting, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, where, and how to mend it, in one line.
    pub what: String,
}

/// Reads a directory file and checks it as a whole: it must stand by itself.
///
/// # Errors
/// Every fault that was found; a text that is no TOML or has an unknown setting gives one.
pub fn parse_directory(text: &str, file: &str) -> Result<Declarations, Vec<DirectoryFault>> {
    parse_directory_beside(&DirectoryFile::alone(file, text), &[])
}

/// As [`parse_directory`], for a file that may name what other files and commands declared: `stored` is what the store
/// holds. Items that came from the same file don't count, nor do those that the file declares itself. The days of
/// holiday files are taken over into their calendars.
///
/// # Errors
/// Every fault that was found, also of the stored items in the light of the file.
pub fn parse_directory_beside(
    input: &DirectoryFile<'_>,
    stored: &[StoredItem],
) -> Result<Declarations, Vec<DirectoryFault>> {
    let (text, file) = (input.text, input.name);
    let mut declared = read(text, file)?;
    let mut faults = take_holidays(&mut declared, input);
    let own = declared.items();
    let is_other = |other: &&StoredItem| {
        other.ended_at.is_none()
            && other.source != file
            && !own.iter().any(|item| item.kind == other.item.kind && item.key == other.item.key)
    };
    let mut world = declared.clone();
    for other in stored.iter().filter(is_other) {
        if let Err(bad) = world.add(&other.item) {
            faults.push(DirectoryFault { file: file.to_owned(), line: None, what: bad.to_string() });
        }
    }
    let lines = TomlLines::new(text);
    for finding in check(&world) {
        let is_own = finding.index < own.iter().filter(|item| item.kind == finding.kind).count();
        let mut path: Vec<Step> = vec![finding.kind.as_str().into(), finding.index.into()];
        path.extend(finding.field.map(Step::from));
        let line = if is_own { lines.line_of(&path) } else { None };
        let fault = DirectoryFault { file: file.to_owned(), line, what: finding.what };
        if finding.is_warning { declared.warnings.push(fault) } else { faults.push(fault) }
    }
    if faults.is_empty() { Ok(declared) } else { Err(faults) }
}

/// Puts the days of holiday files in their place.
fn take_holidays(declared: &mut Declarations, input: &DirectoryFile<'_>) -> Vec<DirectoryFault> {
    let lines = TomlLines::new(input.text);
    let mut faults = Vec::new();
    for (index, calendar) in declared.calendars.iter_mut().enumerate() {
        let Some(name) = calendar.holidays_file.take() else { continue };
        let read = match input.holidays.get(&name) {
            Some(text) => read_ics(text).map_err(|fault| fault.to_string()),
            None => Err("the file was not read: keep it beside the directory file, and import that".to_owned()),
        };
        match read {
            Ok(days_off) => calendar.day_off.extend(days_off),
            Err(why) => faults.push(DirectoryFault {
                file: input.name.to_owned(),
                line: lines.line_of(&["calendar".into(), index.into(), "holidays_file".into()]),
                what: format!("calendar \"{}\", holidays_file: {name} {why}", calendar.key),
            }),
        }
    }
    faults
}

fn read(text: &str, file: &str) -> Result<Declarations, Vec<DirectoryFault>> {
    let lines = TomlLines::new(text);
    let fault = |span: Option<std::ops::Range<usize>>, what| {
        vec![DirectoryFault { file: file.to_owned(), line: span.map(|span| lines.line_at(span.start)), what }]
    };
    let input = toml::Deserializer::parse(text).map_err(|e| fault(e.span(), e.message().to_owned()))?;
    serde_path_to_error::deserialize(input).map_err(|error| {
        let what = match error.path().to_string() {
            path if path == "." => error.inner().message().to_owned(),
            path => format!("{path}: {}", error.inner().message()),
        };
        fault(error.inner().span(), what)
    })
}
