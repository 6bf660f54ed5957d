//! Numbers that are given out: of cases, requests, messages, letters, entries.
//!
//! They are read once under the desk's lock and written before the commit, so a transaction that fails leaves no
//! gap. A copy taken before a message and put back when the message is undone keeps them gapless within a batch too.

use std::collections::HashMap;

use super::lists::{fifty, list_of, texts};
use super::{StoreError, Tx, args, statements};

statements! {
    LIST = "SELECT name, value FROM counters WHERE desk = $1 AND name NOT LIKE 'case/%'";
    LIST_OF_CASES = concat!("SELECT name, value FROM counters WHERE desk = $1 AND name IN (", fifty!(), ")");
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
    /// Reads them; the caller holds the desk's lock ([`super::Db::begin_for`]). Those of the clients' cases, a row for
    /// each client and year, are read where they are asked for ([`Numbers::ask_cases`]).
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

    /// Reads the counters of the cases of some clients, each in a year, as far as they are not known.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask_cases(&mut self, tx: &mut Tx, desk: &str, asked: &[(&str, i16)]) -> Result<(), StoreError> {
        let names = asked.iter().map(|(client, year)| case_counter(client, *year));
        let mut names: Vec<String> = names.filter(|name| !self.values.contains_key(name)).collect();
        names.sort_unstable();
        names.dedup();
        let asked: Vec<&str> = names.iter().map(String::as_str).collect();
        for row in list_of(tx, LIST_OF_CASES, desk, &texts(&asked), None).await? {
            self.values.insert(row.text(0)?, row.int(1)?);
        }
        for name in names {
            self.values.entry(name).or_insert(0);
        }
        Ok(())
    }

    /// The number that [`Numbers::draw_case`] would give next.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] where nobody asked for that counter: a number must never be given out twice.
    pub fn peek_case(&self, client: &str, year: i16) -> Result<i64, StoreError> {
        let name = case_counter(client, year);
        let last = self.values.get(&name).copied();
        last.map(|last| last + 1).ok_or_else(|| StoreError::Inconsistent(format!("the counter {name} was not read")))
    }

    /// Gives out the next number of a client's cases in a year, from 1 on.
    ///
    /// # Errors
    /// As for [`Numbers::peek_case`].
    pub fn draw_case(&mut self, client: &str, year: i16) -> Result<i64, StoreError> {
        self.peek_case(client, year)?;
        Ok(self.draw(&case_counter(client, year)))
    }

    /// Leaves out so many numbers of a client's cases in a year: they are never given out.
    ///
    /// # Errors
    /// As for [`Numbers::peek_case`].
    pub fn skip_cases(&mut self, client: &str, year: i16, count: u32) -> Result<(), StoreError> {
        let last = self.peek_case(client, year)? - 1 + i64::from(count);
        self.put(&case_counter(client, year), last);
        Ok(())
    }

    /// The number that [`Numbers::draw`] would give next.
    #[must_use]
    pub fn peek(&self, name: &str) -> i64 {
        self.values.get(name).copied().unwrap_or(0) + 1
    }

    /// Gives out the next number, from 1 on.
    pub fn draw(&mut self, name: &str) -> i64 {
        let next = self.peek(name);
        self.put(name, next);
        next
    }

    fn put(&mut self, name: &str, last: i64) {
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
fn case_counter(client: &str, year: i16) -> String {
    format!("case/{client}/{year}")
}
