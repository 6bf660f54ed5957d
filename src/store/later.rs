//! Statements that nobody waits for, until they are sent together.
//!
//! Each statement wakes another thread (SQLite) or crosses the network (PostgreSQL) and is waited for, which costs more
//! than most statements do. So they are gathered up to the next one that has an answer, and rows of the same INSERT go
//! as one statement. Whatever is not an INSERT of plain rows keeps its place among the statements of its table.
//!
//! A read sends what waits first, unless every waiting statement told what it is about ([`Topic`]) and the read is about
//! something else.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;

use sqlx::{Arguments, Database, Encode, Type};

use super::db::asked_args;
use super::raw::NewFile;
use super::{StoreError, Value};

/// So many single statements go as one text at most: the database keeps each combination prepared.
const MOST_JOINED: usize = 16;
/// So many rows go as one statement at most. Groups are cut into powers of two, for the same reason.
const MOST_ROWS: usize = 32;
/// With so many bytes of arguments they are sent, whatever comes.
const MOST_BYTES: usize = 6 * 1024 * 1024;
/// With so many rows in the making they are waited for, whatever comes.
const MOST_MAKINGS: usize = 128;

/// What a statement writes or reads, as far as reads that pass by waiting statements are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic<'a> {
    /// A case with its parties and mails.
    Case(i64),
    /// The letters on a case.
    Letters(i64),
    /// A Message-ID, in or out.
    Id(&'a str),
    /// The entries of a client.
    Ledger(&'a str),
    /// The letters to an address.
    Recipient(&'a str),
    /// Which case has a number.
    Number(&'a str),
}

impl Topic<'_> {
    pub(super) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// Statements in their order, with their arguments.
#[derive(Default)]
pub struct Later {
    groups: Vec<Group>,
    /// Where further rows of a statement belong, until a statement of its table keeps its place.
    open: HashMap<&'static str, usize>,
    /// Digests of what the waiting statements are about.
    topics: HashSet<u64>,
    /// Whether one of them did not tell.
    is_untold: bool,
    bytes: usize,
    files: Vec<NewFile>,
    makings: Vec<Making>,
    /// The tables whose rows are in the making.
    tables_in_making: HashSet<&'static str>,
}

/// Rows that are being made elsewhere while the transaction goes on.
pub type Making = Pin<Box<dyn Future<Output = Result<Made, StoreError>> + Send>>;

/// What comes of a [`Making`].
#[derive(Debug, Default)]
pub struct Made {
    /// INSERTs of plain rows, with their arguments.
    pub rows: Vec<(&'static str, Vec<Owned>)>,
    /// Files that are to be written before the commit.
    pub files: Vec<NewFile>,
}

struct Group {
    sql: &'static str,
    rows: Vec<Vec<Owned>>,
}

/// An argument that waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owned {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
    /// BYTEA.
    Bytes(Option<Vec<u8>>),
}

/// What goes to the database at once.
pub struct Unit {
    /// One statement, or several behind each other.
    pub text: String,
    /// Their arguments, numbered on from one to the next.
    pub args: Vec<Owned>,
}

impl Later {
    /// Puts a statement at the end, or its row beside the others of the same INSERT. PostgreSQL refuses to update a row
    /// twice in one statement, so there (`is_sqlite` false) what may update stays single.
    pub fn add(&mut self, sql: &'static str, args: &[Value<'_>], topics: Option<&[Topic<'_>]>, is_sqlite: bool) {
        self.add_owned(sql, owned_row(args), topics, is_sqlite);
    }

    /// As [`Later::add`], of arguments that need no copy.
    pub fn add_owned(&mut self, sql: &'static str, row: Vec<Owned>, topics: Option<&[Topic<'_>]>, is_sqlite: bool) {
        debug_assert_eq!(asked_args(sql), row.len(), "{sql}");
        match topics {
            Some(topics) => self.topics.extend(topics.iter().map(Topic::digest)),
            None => self.is_untold = true,
        }
        self.bytes += row.iter().map(length).sum::<usize>();
        if let Some(place) = self.open.get(sql) {
            self.groups[*place].rows.push(row);
            return;
        }
        if row_form(sql).is_none() {
            self.open.retain(|other, _| table(other) != table(sql));
        } else if is_sqlite || !sql.contains("DO UPDATE") {
            self.open.insert(sql, self.groups.len());
        }
        self.groups.push(Group { sql, rows: vec![row] });
    }

    /// Whether a read about these topics may pass by: nothing that waits concerns it.
    #[must_use]
    pub fn is_apart(&self, topics: &[Topic<'_>]) -> bool {
        self.is_empty() || !self.is_untold && topics.iter().all(|topic| !self.topics.contains(&topic.digest()))
    }

    /// Keeps a file until it is written with all others.
    pub fn add_file(&mut self, file: NewFile) {
        self.bytes += file.len();
        self.files.push(file);
    }

    /// The files that are to be written.
    pub fn take_files(&mut self) -> Vec<NewFile> {
        std::mem::take(&mut self.files)
    }

    /// Keeps rows of these tables that are still being made, with how many bytes about they will have.
    pub fn add_making(&mut self, tables: &[&'static str], topics: &[Topic<'_>], bytes: usize, making: Making) {
        self.tables_in_making.extend(tables);
        self.topics.extend(topics.iter().map(Topic::digest));
        self.bytes += bytes;
        self.makings.push(making);
    }

    /// Whether what is in the making must be there first: the statement reads, or touches rows of the same table.
    #[must_use]
    pub fn waits_for_makings(&self, sql: &'static str) -> bool {
        let concerns = || match table(sql) {
            "" => true,
            table => self.tables_in_making.contains(table),
        };
        !self.makings.is_empty() && concerns() && row_form(sql).is_none()
    }

    /// What is in the making, to be waited for.
    pub fn take_makings(&mut self) -> Vec<Making> {
        self.tables_in_making.clear();
        std::mem::take(&mut self.makings)
    }

    /// How many bytes wait, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.makings.is_empty()
    }

    /// Whether so much waits that it should go.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES || self.makings.len() >= MOST_MAKINGS
    }

    /// Whether this statement waits.
    #[must_use]
    pub fn has(&self, sql: &str) -> bool {
        self.groups.iter().any(|group| group.sql == sql)
    }

    /// What is to be sent, in its order. SQLite takes several single statements as one text.
    #[must_use]
    pub fn into_units(self, is_sqlite: bool) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        let mut joined = 0;
        for group in self.groups {
            let form = row_form(group.sql).filter(|_| group.rows.len() > 1);
            let mut rows = group.rows.into_iter().peekable();
            let mut left = rows.len();
            while left > 0 {
                let size = if form.is_some() { MOST_ROWS.min(1 << left.ilog2()) } else { 1 };
                let args: Vec<Owned> = rows.by_ref().take(size).flatten().collect();
                left -= size;
                if let (Some(form), true) = (&form, size > 1) {
                    units.push(Unit { text: form.repeated(size, is_sqlite), args });
                    joined = 0;
                } else if let (Some(last), true) = (units.last_mut(), is_sqlite && (1..MOST_JOINED).contains(&joined)) {
                    last.text.push(';');
                    push_renumbered(&mut last.text, group.sql, last.args.len());
                    last.args.extend(args);
                    joined += 1;
                } else {
                    units.push(Unit { text: group.sql.to_owned(), args });
                    joined = 1;
                }
            }
        }
        units
    }
}

/// The table that a statement changes; empty for one that changes none.
fn table(sql: &str) -> &str {
    let mut words = sql.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("INSERT"), Some("INTO"), Some(table)) | (Some("DELETE"), Some("FROM"), Some(table)) => table,
        (Some("UPDATE"), Some(table), _) => table,
        _ => "",
    }
}

/// A copy of the arguments.
pub(super) fn owned_row(args: &[Value<'_>]) -> Vec<Owned> {
    args.iter().map(owned).collect()
}

fn owned(value: &Value<'_>) -> Owned {
    match *value {
        Value::Int(value) => Owned::Int(value),
        Value::Text(value) => Owned::Text(value.map(str::to_owned)),
        Value::Bytes(value) => Owned::Bytes(value.map(<[u8]>::to_vec)),
    }
}

fn length(value: &Owned) -> usize {
    match value {
        Owned::Int(_) => 8,
        Owned::Text(text) => text.as_ref().map_or(0, String::len),
        Owned::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
    }
}

/// The arguments as the library takes them.
///
/// # Errors
/// The library's, which plain values don't cause.
pub fn bound<D: Database>(args: Vec<Owned>) -> Result<D::Arguments, StoreError>
where
    D::Arguments: Default,
    Option<i64>: for<'q> Encode<'q, D> + Type<D>,
    Option<String>: for<'q> Encode<'q, D> + Type<D>,
    Option<Vec<u8>>: for<'q> Encode<'q, D> + Type<D>,
{
    let mut arguments = D::Arguments::default();
    for arg in args {
        let added = match arg {
            Owned::Int(value) => arguments.add(value),
            Owned::Text(value) => arguments.add(value),
            Owned::Bytes(value) => arguments.add(value),
        };
        added.map_err(|error| StoreError::Database(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}

/// A statement of plain rows: `… VALUES (row) …`, with arguments nowhere but in the row, each once and in their order.
struct RowForm {
    before: &'static str,
    row: &'static str,
    behind: &'static str,
}

fn row_form(sql: &'static str) -> Option<RowForm> {
    let at = sql.find("VALUES (")? + "VALUES ".len();
    let mut depth = 0;
    let closes = |c: char| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    };
    let end = at + sql[at..].find(closes)? + 1;
    let form = RowForm { before: &sql[..at], row: &sql[at..end], behind: &sql[end..] };
    let number = |rest: &str| rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok();
    let in_order = form.row.split('$').skip(1).map(number).eq((1..=asked_args(form.row)).map(Some));
    (in_order && !form.before.contains('$') && !form.behind.contains('$')).then_some(form)
}

impl RowForm {
    /// The statement for several rows. SQLite looks for the number behind each `$` in a list of all of them, once a bound
    /// value, so it gets plain `?`s: the arguments of a row stand in their order.
    fn repeated(&self, rows: usize, is_sqlite: bool) -> String {
        let each = asked_args(self.row);
        let unnumbered = is_sqlite.then(|| unnumbered(self.row));
        let mut text =
            String::with_capacity(self.before.len() + self.behind.len() + rows * (self.row.len() + 2 * each));
        text.push_str(self.before);
        for row in 0..rows {
            text.push_str(if row > 0 { ", " } else { "" });
            match &unnumbered {
                Some(row) => text.push_str(row),
                None => push_renumbered(&mut text, self.row, row * each),
            }
        }
        text.push_str(self.behind);
        text
    }
}

fn unnumbered(row: &str) -> String {
    let mut pieces = row.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push('?');
        text.push_str(piece.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
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

    const INSERT: &str = "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING";
    const UPSERT: &str = "INSERT INTO u (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = 1";
    const UPDATE: &str = "UPDATE t SET b = $2 WHERE a = $1";

    fn check(statements: &[(&'static str, usize)], is_sqlite: bool, expected: &[&str]) {
        let mut later = Later::default();
        for (sql, args) in statements {
            later.add(sql, &vec![Value::Int(Some(1)); *args], None, is_sqlite);
        }
        let units = later.into_units(is_sqlite);
        let texts: Vec<&str> = units.iter().map(|unit| unit.text.as_str()).collect();
        assert_eq!(texts, expected);
        for unit in &units {
            let asked = unit.text.matches(['$', '?']).count();
            assert_eq!(unit.args.len(), asked, "{}", unit.text);
        }
    }

    #[test]
    fn rows_of_one_insert_go_together() {
        check(
            &[(INSERT, 2), (UPSERT, 1), (INSERT, 2), (UPSERT, 1), (INSERT, 2)],
            true,
            &[
                "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO NOTHING",
                INSERT,
                "INSERT INTO u (a) VALUES (?), (?) ON CONFLICT (a) DO UPDATE SET b = 1",
            ],
        );
        check(
            &[(INSERT, 2), (UPSERT, 1), (INSERT, 2), (UPSERT, 1)],
            false,
            &["INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT (a) DO NOTHING", UPSERT, UPSERT],
        );
    }

    #[test]
    fn an_update_keeps_its_place_in_its_table() {
        check(&[(INSERT, 2), (UPDATE, 2), (INSERT, 2)], false, &[INSERT, UPDATE, INSERT]);
        const OTHER: &str = "UPDATE u SET b = $2 WHERE a = $1";
        let both = "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT (a) DO NOTHING";
        check(&[(INSERT, 2), (OTHER, 2), (INSERT, 2)], false, &[both, OTHER]);
    }

    #[test]
    fn a_read_passes_by_what_does_not_concern_it() {
        let mut later = Later::default();
        assert!(later.is_apart(&[Topic::Case(1)]));
        later.add(UPDATE, &[Value::Int(None), Value::Int(None)], Some(&[Topic::Case(1), Topic::Id("a")]), true);
        assert!(!later.is_apart(&[Topic::Case(1)]));
        assert!(!later.is_apart(&[Topic::Case(2), Topic::Id("a")]));
        assert!(later.is_apart(&[Topic::Case(2), Topic::Id("b")]));
        later.add(UPDATE, &[Value::Int(None), Value::Int(None)], None, true);
        assert!(!later.is_apart(&[Topic::Case(2)]), "one did not tell");
    }

    #[test]
    fn single_statements_are_joined_for_sqlite() {
        check(
            &[(INSERT, 2), (UPDATE, 2), (UPSERT, 1)],
            true,
            &["INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING;UPDATE t SET b = $4 WHERE a = $3;\
               INSERT INTO u (a) VALUES ($5) ON CONFLICT (a) DO UPDATE SET b = 1"],
        );
    }

    #[test]
    fn only_plain_rows_have_a_form() {
        let has_form = |sql| row_form(sql).is_some();
        assert!(has_form("INSERT INTO t VALUES ($1, 'queued', NULL)"));
        assert!(has_form("DELETE FROM t WHERE (a, b) IN (VALUES ($1, CAST($2 AS BIGINT)))"));
        assert!(!has_form("INSERT INTO t VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = $2"));
        assert!(!has_form("INSERT INTO t VALUES ($2, $1)"));
        assert!(!has_form("UPDATE t SET a = $1"));
    }
}
