//! What a directory file would change in the stored world.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::declarations::{Declarations, DirectoryFault};
use super::item::{COMMAND_SOURCE, Item, ItemKind, StoredItem};

/// What is to be changed so that the store holds what a file declares.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    /// New, or declared again after it was ended.
    pub added: Vec<Item>,
    /// Declared otherwise than before.
    pub changed: Vec<Change>,
    /// The same as a command added: from now on the file's.
    pub taken_over: Vec<Item>,
    /// No longer in the file from which it came.
    pub ended: Vec<Item>,
}

/// An item whose settings changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The item as it is now declared.
    pub item: Item,
    /// Each setting that differs, by name; at least one.
    pub fields: Vec<FieldChange>,
}

/// A setting before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// What it was; none where it was left out.
    pub old: Option<Value>,
    /// What it is; none where it is left out.
    pub new: Option<Value>,
}

/// Compares the stored world with a file. Only what came from the same `source` is ended; what commands added stays,
/// and becomes the file's where the file declares it.
///
/// # Errors
/// What a file can't do: change or withdraw a strip card (bought time is corrected by a command, with a reason), or
/// declare what another file declares.
pub fn diff(stored: &[StoredItem], declared: &Declarations, source: &str) -> Result<Difference, Vec<DirectoryFault>> {
    let mut difference = Difference::default();
    let mut faults = Vec::new();
    let mut fault = |what| faults.push(DirectoryFault { file: source.to_owned(), line: None, what });
    let held: HashMap<(ItemKind, &str), &StoredItem> = stored
        .iter()
        .filter(|stored| stored.ended_at.is_none())
        .map(|stored| ((stored.item.kind, stored.item.key.as_str()), stored))
        .collect();
    let items = declared.items();
    for item in &items {
        let Some(before) = held.get(&(item.kind, item.key.as_str())) else {
            difference.added.push(item.clone());
            continue;
        };
        let Item { kind, key, .. } = item;
        if before.source != source && before.source != COMMAND_SOURCE {
            fault(format!("{kind} \"{key}\" is declared in {} too: keep it in one file", before.source));
            continue;
        }
        let fields = changed_fields(&settled(declared, &before.item), &item.body);
        if fields.is_empty() {
            if before.source != source {
                difference.taken_over.push(item.clone());
            }
        } else if *kind == ItemKind::Card {
            let names: Vec<_> = fields.iter().map(|change| change.field.as_str()).collect();
            fault(format!(
                "card \"{key}\": {} can't be changed by a file: use \"casepost card correct\"",
                names.join(", ")
            ));
        } else {
            difference.changed.push(Change { item: item.clone(), fields });
        }
    }
    let kept: BTreeSet<_> = items.iter().map(|item| (item.kind, item.key.as_str())).collect();
    for before in stored.iter().filter(|stored| stored.ended_at.is_none() && stored.source == source) {
        let Item { kind, key, .. } = &before.item;
        if kept.contains(&(*kind, key.as_str())) {
            continue;
        }
        if *kind == ItemKind::Card {
            fault(format!(
                "card \"{key}\" can't be withdrawn by a file: put it back, or use \"casepost card correct\""
            ));
        } else {
            difference.ended.push(before.item.clone());
        }
    }
    if faults.is_empty() { Ok(difference) } else { Err(faults) }
}

/// A stored body as this release would write it, so that a setting that is new with it is no change.
fn settled(declared: &Declarations, item: &Item) -> Value {
    let again = Declarations::from_items(declared.desk.clone(), [item]).ok();
    again.and_then(|one| one.items().pop()).map_or_else(|| item.body.clone(), |item| item.body)
}

fn changed_fields(old: &Value, new: &Value) -> Vec<FieldChange> {
    let names = |body: &Value| body.as_object().map(|o| o.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default();
    let all: BTreeSet<String> = names(old).union(&names(new)).cloned().collect();
    all.into_iter()
        .filter(|field| old.get(field) != new.get(field))
        .map(|field| {
            let (old, new) = (old.get(&field).cloned(), new.get(&field).cloned());
            FieldChange { field, old, new }
        })
        .collect()
}

impl Difference {
    /// Whether the store holds already what the file declares.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.taken_over.is_empty() && self.ended.is_empty()
    }
}

/// One line each: `+` new, `~` changed (setting: old → new), `=` taken over, `-` ended.
impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for item in &self.added {
            let name = item.body.get("name").and_then(Value::as_str).map(|name| format!(" {name}")).unwrap_or_default();
            writeln!(f, "+ {} {}{name}", item.kind, item.key)?;
        }
        for change in &self.changed {
            let fields = change
                .fields
                .iter()
                .map(|field| format!("{}: {} → {}", field.field, words(field.old.as_ref()), words(field.new.as_ref())));
            writeln!(f, "~ {} {} {}", change.item.kind, change.item.key, fields.collect::<Vec<_>>().join("; "))?;
        }
        for item in &self.taken_over {
            writeln!(f, "= {} {}", item.kind, item.key)?;
        }
        for item in &self.ended {
            writeln!(f, "- {} {}", item.kind, item.key)?;
        }
        Ok(())
    }
}

/// A setting in words: no quotes, lists with commas, a dash for nothing.
fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.is_empty() => "–".to_owned(),
        Some(Value::Array(list)) => list.iter().map(|one| words(Some(one))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(table)) => {
            let pairs: Vec<_> = table.iter().map(|(key, value)| format!("{key} {}", words(Some(value)))).collect();
            format!("({})", pairs.join(", "))
        }
        Some(other) => other.to_string(),
    }
}
