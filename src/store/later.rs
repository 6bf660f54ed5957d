//! Statements that nobody waits for, until they are sent together.

use sqlx::Arguments as _;
use sqlx::sqlite::SqliteArguments;

use super::db::asked_args;
use super::{StoreError, Value};

/// So many statements travel together at most: the database keeps each combination prepared.
const MOST: usize = 16;

/// Statements in their order, with their arguments.
#[derive(Default)]
pub struct Later {
    statements: Vec<(&'static str, Vec<Owned>)>,
}

enum Owned {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Later {
    /// Puts a statement at the end.
    pub fn add(&mut self, sql: &'static str, args: &[Value<'_>]) {
        debug_assert_eq!(asked_args(sql), args.len(), "{sql}");
        let args = args.iter().map(|arg| match *arg {
            Value::Int(value) => Owned::Int(value),
            Value::Text(value) => Owned::Text(value.map(str::to_owned)),
            Value::Bytes(value) => Owned::Bytes(value.map(<[u8]>::to_vec)),
        });
        self.statements.push((sql, args.collect()));
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Whether so many wait that they should go.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.statements.len() >= MOST
    }

    /// Whether this statement waits.
    #[must_use]
    pub fn has(&self, sql: &str) -> bool {
        self.statements.iter().any(|(waiting, _)| *waiting == sql)
    }

    /// One text of all statements, whose arguments are numbered on from one to the next, and the arguments.
    ///
    /// # Errors
    /// The library's, which plain values don't cause.
    pub fn joined(self) -> Result<(String, SqliteArguments), StoreError> {
        let mut text = String::with_capacity(self.statements.iter().map(|(sql, _)| sql.len() + 16).sum());
        let mut arguments = SqliteArguments::default();
        let mut before = 0;
        for (sql, args) in self.statements {
            if !text.is_empty() {
                text.push(';');
            }
            push_renumbered(&mut text, sql, before);
            before += args.len();
            for arg in args {
                let added = match arg {
                    Owned::Int(value) => arguments.add(value),
                    Owned::Text(value) => arguments.add(value),
                    Owned::Bytes(value) => arguments.add(value),
                };
                added.map_err(|error| StoreError::Database(sqlx::Error::Encode(error)))?;
            }
        }
        Ok((text, arguments))
    }
}

/// The statement with every `$n` as `$(n + before)`. No text in quotes of ours holds such a sign.
fn push_renumbered(text: &mut String, sql: &str, before: usize) {
    let mut pieces = sql.split('$');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        let number = piece[..end].parse::<usize>().unwrap_or(0) + before;
        text.push('$');
        text.push_str(&number.to_string());
        text.push_str(&piece[end..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, before: usize, expected: &str) {
        let mut text = String::new();
        push_renumbered(&mut text, sql, before);
        assert_eq!(text, expected);
    }

    #[test]
    fn arguments_are_numbered_on() {
        check("SELECT 1", 3, "SELECT 1");
        check(
            "INSERT INTO t VALUES ($1, $2) ON CONFLICT DO UPDATE SET a = $2",
            10,
            "INSERT INTO t VALUES ($11, $12) ON CONFLICT DO UPDATE SET a = $12",
        );
        check("a = $10", 0, "a = $10");
    }
}
