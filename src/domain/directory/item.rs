//! One declared thing as the store keeps it: a kind, a key and a body.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::contract::Contract;
use super::declarations::Declarations;
use super::nouns::{Card, Client, ClosedPeriod, Expert, Monitor, Person, Position, PositionRole, Supplier};
use crate::domain::calendar::CalendarDeclaration;
use crate::domain::names::DeskCode;

/// The source of items that were added by a command, not by a file. A file never ends them.
pub const COMMAND_SOURCE: &str = "command";

/// What sort of thing an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// [`Expert`], by its key.
    Expert,
    /// [`CalendarDeclaration`], by its key.
    Calendar,
    /// [`ClosedPeriod`], by client (none for the desk) and first day: `AMR/2026-08-03`, `2026-08-03`.
    Closure,
    /// [`Client`], by its code.
    Client,
    /// [`Contract`], by client and first day: `AMR/2026-01-01`.
    Contract,
    /// [`Person`], by its key.
    Person,
    /// [`Position`], by role, client, holder and first day: `coordinator/AMR/anne/2026-01-01`.
    Position,
    /// [`Supplier`], by its key.
    Supplier,
    /// [`Monitor`], by its key.
    Monitor,
    /// [`Card`], by client and number: `AMR/2026-7`.
    Card,
}

impl ItemKind {
    /// All kinds, in the order in which a file declares them.
    pub const ALL: [Self; 10] = [
        Self::Expert,
        Self::Calendar,
        Self::Closure,
        Self::Client,
        Self::Contract,
        Self::Person,
        Self::Position,
        Self::Supplier,
        Self::Monitor,
        Self::Card,
    ];

    /// The word by which it is stored, and the name of its table in a file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expert => "expert",
            Self::Calendar => "calendar",
            Self::Closure => "closure",
            Self::Client => "client",
            Self::Contract => "contract",
            Self::Person => "person",
            Self::Position => "position",
            Self::Supplier => "supplier",
            Self::Monitor => "monitor",
            Self::Card => "card",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl std::fmt::Display for ItemKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One declared thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What sort of thing it is.
    pub kind: ItemKind,
    /// Its key, unique for the desk and kind.
    pub key: String,
    /// The declaration as a JSON object; settings at "none" are left out.
    pub body: Value,
}

/// An item as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    /// The item.
    pub item: Item,
    /// The file that declared it, or [`COMMAND_SOURCE`].
    pub source: String,
    /// When it was ended; none while it holds.
    pub ended_at: Option<Timestamp>,
}

/// A stored body that can't be read as what its kind says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {key} in the store can't be read: {why}")]
pub struct BadItem {
    /// The kind of the item.
    pub kind: ItemKind,
    /// The key of the item.
    pub key: String,
    /// What the reader says.
    pub why: String,
}

/// A type that is kept as an item.
pub(super) trait Noun: Serialize + DeserializeOwned {
    const KIND: ItemKind;

    fn item_key(&self) -> String;

    fn to_item(&self) -> Item {
        // Serialising plain data to a JSON value can't fail: no maps with odd keys, no own serialisers that refuse.
        let body = serde_json::to_value(self).unwrap_or(Value::Null);
        Item { kind: Self::KIND, key: self.item_key(), body }
    }

    fn from_item(item: &Item) -> Result<Self, BadItem> {
        serde_json::from_value(item.body.clone()).map_err(|e| BadItem {
            kind: item.kind,
            key: item.key.clone(),
            why: e.to_string(),
        })
    }
}

macro_rules! nouns {
    ($($type:ident, $kind:ident, |$value:ident| $key:expr;)+) => {
        $(impl Noun for $type {
            const KIND: ItemKind = ItemKind::$kind;
            fn item_key(&self) -> String {
                let $value = self;
                $key
            }
        })+
    };
}

nouns! {
    Expert, Expert, |it| it.key.to_string();
    CalendarDeclaration, Calendar, |it| it.key.to_string();
    ClosedPeriod, Closure, |it| closure_key(it);
    Client, Client, |it| it.code.to_string();
    Contract, Contract, |it| format!("{}/{}", it.client, it.start);
    Person, Person, |it| it.key.to_string();
    Position, Position, |it| position_key(it);
    Supplier, Supplier, |it| it.key.to_string();
    Monitor, Monitor, |it| it.key.to_string();
    Card, Card, |it| format!("{}/{}", it.client, it.number);
}

fn closure_key(closure: &ClosedPeriod) -> String {
    match &closure.client {
        Some(client) => format!("{client}/{}", closure.from),
        None => closure.from.to_string(),
    }
}

fn position_key(position: &Position) -> String {
    let Position { role, holder, client, from, .. } = position;
    match client {
        Some(client) => format!("{role}/{client}/{holder}/{from}"),
        None => format!("{role}/{holder}/{from}"),
    }
}

impl Position {
    /// The key by which the audit trail names it: role, client, holder, first day.
    #[must_use]
    pub fn key(&self) -> String {
        position_key(self)
    }
}

impl std::fmt::Display for PositionRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Coordinator => "coordinator",
            Self::FunctionalAdministrator => "functional-administrator",
            Self::LeadExpert => "lead-expert",
            Self::DutyManager => "duty-manager",
        })
    }
}

impl Declarations {
    /// What is declared, one item each, in the order of [`ItemKind::ALL`].
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        fn push<T: Noun>(items: &mut Vec<Item>, nouns: &[T]) {
            items.extend(nouns.iter().map(Noun::to_item));
        }
        let mut items = Vec::new();
        push(&mut items, &self.experts);
        push(&mut items, &self.calendars);
        push(&mut items, &self.closures);
        push(&mut items, &self.clients);
        push(&mut items, &self.contracts);
        push(&mut items, &self.persons);
        push(&mut items, &self.positions);
        push(&mut items, &self.suppliers);
        push(&mut items, &self.monitors);
        push(&mut items, &self.cards);
        items
    }

    /// A desk without anything.
    #[must_use]
    pub fn empty(desk: DeskCode) -> Self {
        Self {
            desk,
            experts: vec![],
            calendars: vec![],
            closures: vec![],
            clients: vec![],
            contracts: vec![],
            persons: vec![],
            positions: vec![],
            suppliers: vec![],
            monitors: vec![],
            cards: vec![],
            warnings: vec![],
        }
    }

    /// The declarations that these items are.
    ///
    /// # Errors
    /// [`BadItem`] for a body that is not what its kind says.
    pub fn from_items<'a>(desk: DeskCode, items: impl IntoIterator<Item = &'a Item>) -> Result<Self, BadItem> {
        let mut all = Self::empty(desk);
        for item in items {
            all.add(item)?;
        }
        Ok(all)
    }

    /// Adds one item as it is, without checks.
    pub(super) fn add(&mut self, item: &Item) -> Result<(), BadItem> {
        match item.kind {
            ItemKind::Expert => self.experts.push(Noun::from_item(item)?),
            ItemKind::Calendar => self.calendars.push(Noun::from_item(item)?),
            ItemKind::Closure => self.closures.push(Noun::from_item(item)?),
            ItemKind::Client => self.clients.push(Noun::from_item(item)?),
            ItemKind::Contract => self.contracts.push(Noun::from_item(item)?),
            ItemKind::Person => self.persons.push(Noun::from_item(item)?),
            ItemKind::Position => self.positions.push(Noun::from_item(item)?),
            ItemKind::Supplier => self.suppliers.push(Noun::from_item(item)?),
            ItemKind::Monitor => self.monitors.push(Noun::from_item(item)?),
            ItemKind::Card => self.cards.push(Noun::from_item(item)?),
        }
        Ok(())
    }
}
