//! What a template may print: every variable of a notice, what it means, and what it looks like.
//!
//! The variables are those of the notice's full sample as the template gets it. Their meaning is the doc comment of the
//! field that they come from, read from the source, so that it is never told otherwise than it is; only what the words of
//! a language add has its meaning here.

use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The sources whose structs reach a template.
const SOURCES: &[&str] = &[
    include_str!("../domain/notice.rs"),
    include_str!("../domain/notice/card.rs"),
    include_str!("../domain/notice/case.rs"),
    include_str!("../domain/notice/deadline.rs"),
    include_str!("../domain/notice/operation.rs"),
    include_str!("../domain/notice/reminder.rs"),
    include_str!("../domain/notice/request.rs"),
    include_str!("../domain/notice/summary.rs"),
    include_str!("../domain/notice/transcript.rs"),
    include_str!("letterhead.rs"),
];

/// What [`super::words`] and the renderer add: the end of a variable's name, and its meaning.
const ADDED: &[(&str, &str)] = &[
    ("_due_is_past", "Whether that promise has passed by now: then it is printed no more."),
    ("left_strips", "The same in whole strips."),
    ("holiday", "The holiday's name, where a public holiday is the reason."),
    ("closure", "The desk's own words, where its closure is the reason."),
    ("what", "What is wrong, or what the tag does."),
    ("mend", "How to mend it."),
    ("tag", "The tag with an example."),
    ("line", "Tag and explanation in columns, for text."),
    ("to_name", "The reader's name; may be empty."),
    ("language", "The letter's language, such as nl."),
];

/// One thing that a template may print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name, such as `case.number`; `x[].y` is `{{y}}` within `{{#each x}}`.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// What it looks like in the letter of the full sample.
    pub example: String,
}

/// A field of a struct.
struct Field {
    doc: String,
    /// The struct that it holds, one or several.
    holds: String,
}

/// What the sources say of structs, and of the notices by their key.
struct Docs {
    structs: HashMap<&'static str, HashMap<&'static str, Field>>,
    /// The struct of a notice, and whom it goes to and why.
    notices: HashMap<&'static str, (&'static str, String)>,
}

static DOCS: LazyLock<Docs> = LazyLock::new(|| Docs::read(SOURCES));

impl Docs {
    fn read(sources: &[&'static str]) -> Self {
        let mut docs = Self { structs: HashMap::new(), notices: HashMap::new() };
        for source in sources {
            docs.read_source(source);
        }
        docs
    }

    fn read_source(&mut self, source: &'static str) {
        let mut doc = String::new();
        let mut within: Option<&'static str> = None;
        for line in source.lines() {
            let code = line.trim();
            if let Some(text) = code.strip_prefix("///") {
                doc.push_str(if doc.is_empty() { "" } else { " " });
                doc.push_str(&text.trim().replace('`', ""));
                continue;
            }
            if code.starts_with("#[") {
                continue;
            }
            let name = code.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {"));
            if let Some(name) = name {
                within = Some(name);
            } else if line == "}" {
                within = None;
            } else if let (Some(within), Some((name, holds))) = (within, field(code)) {
                let field = Field { doc: std::mem::take(&mut doc), holds: holds.to_owned() };
                self.structs.entry(within).or_default().insert(name, field);
            } else if let Some((name, key)) = notice(code) {
                self.notices.insert(key, (name, std::mem::take(&mut doc)));
            }
            doc.clear();
        }
    }
}

/// `pub name: Type,`, with the innermost type.
fn field(code: &'static str) -> Option<(&'static str, &'static str)> {
    let (name, held) = code.strip_prefix("pub ")?.strip_suffix(',')?.split_once(": ")?;
    let held = held.rsplit(['<', ':']).next().unwrap_or(held).trim_end_matches('>');
    Some((name, held))
}

/// `Name "key" HOW;`, a line of the list of notices.
fn notice(code: &'static str) -> Option<(&'static str, &'static str)> {
    let (name, rest) = code.strip_suffix(';')?.split_once(" \"")?;
    let (key, _) = rest.split_once('"')?;
    let is_name = name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric);
    is_name.then_some((name, key))
}

/// To whom a notice goes and why; empty for one that is not known.
pub(super) fn purpose(kind: &str) -> &'static str {
    DOCS.notices.get(kind).map_or("", |(_, doc)| doc.as_str())
}

/// Every variable in the data that a template gets, by name.
pub(super) fn list(kind: &str, data: &Value) -> Vec<Variable> {
    let mut found = Vec::new();
    let root = DOCS.notices.get(kind).map_or("", |(name, _)| *name);
    collect("", root, data, &mut found);
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn collect(path: &str, within: &str, data: &Value, found: &mut Vec<Variable>) {
    let Value::Object(fields) = data else { return };
    for (key, value) in fields {
        let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let known = DOCS.structs.get(within).and_then(|fields| fields.get(key.as_str()));
        let holds = match (known, key.as_str()) {
            (None, "desk") if path.is_empty() => "Letterhead",
            (known, _) => known.map_or("", |field| field.holds.as_str()),
        };
        match value {
            Value::Object(_) => collect(&name, holds, value, found),
            Value::Array(items) if items.first().is_some_and(Value::is_object) => {
                found.push(Variable { name: name.clone(), meaning: meaning(known, key), example: String::new() });
                collect(&format!("{name}[]"), holds, &super::lint::union(items), found);
            }
            value => found.push(Variable { name, meaning: meaning(known, key), example: example(value) }),
        }
    }
}

fn meaning(field: Option<&Field>, key: &str) -> String {
    let added = || ADDED.iter().find(|(end, _)| key.ends_with(end)).map_or("", |(_, meaning)| meaning);
    field.map_or_else(|| added().to_owned(), |field| field.doc.clone())
}

fn example(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(example).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::Language;
    use crate::domain::notice::Words;
    use crate::templates::Templates;

    #[test]
    fn every_variable_of_every_letter_has_a_meaning() {
        let templates = Templates::load(None).unwrap();
        for kind in Words::KIND_NAMES {
            assert!(purpose(kind).starts_with("To "), "{kind}: no doc comment in the list of notices");
            let variables = templates.variables(kind, Language::NL).unwrap();
            assert!(variables.iter().any(|variable| variable.name == "desk.desk_name"), "{kind}");
            for Variable { name, meaning, .. } in variables {
                assert!(
                    !meaning.is_empty(),
                    "{kind}: {name} has no meaning: give its field a doc comment, and name its file in SOURCES"
                );
            }
        }
    }

    #[test]
    fn a_variable_is_told_with_its_meaning_and_look() {
        let templates = Templates::load(None).unwrap();
        let variables = templates.variables("acknowledgement", Language::NL).unwrap();
        let told = |name: &str| {
            let variable = variables.iter().find(|variable| variable.name == name).unwrap();
            (variable.example.as_str(), variable.meaning.as_str())
        };
        assert_eq!(told("case.number"), ("AMR-2026-0042", "Such as AMR-2026-0042."));
        assert_eq!(told("balance.left_strips"), ("26 strippen", "The same in whole strips."));
        assert_eq!(told("days_off[].holiday").0, "Koningsdag");
        assert_eq!(told("response_due_is_past").0, "no");
        assert_eq!(told("desk.footer").1, "Last lines, such as telephone number and opening hours; may be empty.");
    }
}
