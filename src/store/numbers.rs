//! Numbers that are given out: of cases, requests, messages, letters, entries.
//!
//! They are read once under the desk's lock and written before the commit, so a transaction that fails leaves no
//! gap. A copy taken before a message and put back when the message is undone keeps them gapless within a batch too.

use std::collections::HashMap;

use super::{StoreError, Tx, args, statements};

statements! {
    LIST = "SELECT name, value FROM counters WHERE desk = $1";
    SAVE = "INSERT INTO counters (desk, name, value) VALUES ($1, $2, $3)
        ON CONFLICT (desk, name) DO UPDATE SET value = $3";
}

/// The counters of one desk, inside a transaction that holds the desk's lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    values: HashMap<String, i64>,
    changed: Vec<String>,
}

impl Numbers {
    /// Reads them; the caller holds the desk's lock ([`super::Db::begin_for`]).
    ///
    /// # Errors
    /// What the database said.
    pub async fn list(tx: &mut Tx, desk: &str) -> Result<Numbers, StoreError> {
        let mut values = HashMap::new();
        for row in tx.fetch(LIST, args![desk]).await? {
            values.insert(row.text(0)?, row.int(1)?);
        }
        Ok(Numbers { values, changed: Vec::new() })
    }

    /// The number that [`Numbers::draw`] would give next.
    #[must_use]
    pub fn peek(&self, name: &str) -> i64 {
        self.values.get(name).copied().unwrap_or(0) + 1
    }

    /// Gives out the next number, from 1 on.
    pub fn draw(&mut self, name: &str) -> i64 {
        let next = self.peek(name);
        self.values.insert(name.to_owned(), next);
        if !self.changed.iter().any(|changed| changed == name) {
            self.changed.push(name.to_owned());
        }
        next
    }

    /// Leaves out so many numbers: they are never given out.
    pub fn skip(&mut self, name: &str, count: u32) {
        let last = self.peek(name) - 1 + i64::from(count);
        self.values.insert(name.to_owned(), last);
        if !self.changed.iter().any(|changed| changed == name) {
            self.changed.push(name.to_owned());
        }
    }

    /// Writes what was given out; to be called before the commit.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save(&mut self, tx: &mut Tx, desk: &str) -> Result<(), StoreError> {
        for name in std::mem::take(&mut self.changed) {
            let value = self.values.get(&name).copied().unwrap_or(0);
            tx.execute_later(SAVE, args![desk, &name, value]).await?;
        }
        Ok(())
    }
}

/// The counter of a client's cases in a year.
#[must_use]
pub fn case_counter(client: &str, year: i16) -> String {
    format!("case/{client}/{year}")
}
