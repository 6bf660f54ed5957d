//! What goes into a statement and what comes out of a row, alike for both databases.

use sqlx::Row as _;

use super::StoreError;

/// One argument of a statement. The empty ones carry their type, because PostgreSQL asks for it.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<&'a str>),
    /// BYTEA.
    Bytes(Option<&'a [u8]>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(Some(value))
    }
}
impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Value::Int(value)
    }
}
impl From<jiff::Timestamp> for Value<'_> {
    fn from(value: jiff::Timestamp) -> Self {
        Value::Int(Some(super::to_micros(value)))
    }
}
impl From<Option<jiff::Timestamp>> for Value<'_> {
    fn from(value: Option<jiff::Timestamp>) -> Self {
        Value::Int(value.map(super::to_micros))
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(Some(value))
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Value::Text(Some(value))
    }
}
impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Value::Text(value)
    }
}
impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        Value::Text(value.as_deref())
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Value::Bytes(Some(value))
    }
}
impl<'a> From<Option<&'a [u8]>> for Value<'a> {
    fn from(value: Option<&'a [u8]>) -> Self {
        Value::Bytes(value)
    }
}

/// One row of an answer, read by position.
pub enum Row {
    /// From SQLite.
    Lite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL.
    Pg(sqlx::postgres::PgRow),
}

macro_rules! reader {
    ($(#[$doc:meta])* $name:ident -> $type:ty) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// When the column is not there or holds something else: the schema and the code disagree.
        pub fn $name(&self, column: usize) -> Result<$type, StoreError> {
            Ok(match self {
                Row::Lite(row) => row.try_get(column)?,
                Row::Pg(row) => row.try_get(column)?,
            })
        }
    };
}

impl Row {
    reader!(
        /// A BIGINT that is there.
        int -> i64
    );
    reader!(
        /// A BIGINT that may be NULL.
        maybe_int -> Option<i64>
    );
    reader!(
        /// A TEXT that is there.
        text -> String
    );
    reader!(
        /// A TEXT that may be NULL.
        maybe_text -> Option<String>
    );
    reader!(
        /// Bytes that may be NULL.
        maybe_bytes -> Option<Vec<u8>>
    );

    /// A moment that is there.
    ///
    /// # Errors
    /// As for [`Row::int`].
    pub fn time(&self, column: usize) -> Result<jiff::Timestamp, StoreError> {
        Ok(super::from_micros(self.int(column)?))
    }

    /// A moment that may be NULL.
    ///
    /// # Errors
    /// As for [`Row::int`].
    pub fn maybe_time(&self, column: usize) -> Result<Option<jiff::Timestamp>, StoreError> {
        Ok(self.maybe_int(column)?.map(super::from_micros))
    }

    /// A TEXT that was written from a checked type and must read back as one.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when it does not.
    pub fn parsed<T, E: std::fmt::Display>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        let text = self.text(column)?;
        parse(&text).map_err(|e| StoreError::Inconsistent(format!("column {column} holds \"{text}\": {e}")))
    }

    /// As [`Row::parsed`], for a TEXT that may be NULL.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when it does not read back.
    pub fn maybe_parsed<T, E: std::fmt::Display>(
        &self,
        column: usize,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.maybe_text(column)? else { return Ok(None) };
        let shown = text.clone();
        parse(text).map(Some).map_err(|e| StoreError::Inconsistent(format!("column {column} holds \"{shown}\": {e}")))
    }
}
