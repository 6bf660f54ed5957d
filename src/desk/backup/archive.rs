//! The file of a backup: a tar whose first entry tells what it is and whose last one lists the digest of every other.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::store::schema;

/// What the file is; the first entry.
pub(super) const HEAD: &str = "casepost-backup.json";
/// The keys.
pub(super) const KEYS: &str = "secret.key";
/// The database, where it is SQLite.
pub(super) const DATABASE_LITE: &str = "database.sqlite";
/// The database as `pg_dump` wrote it.
pub(super) const DATABASE_PG: &str = "database.pgdump";
/// The folder of large mails.
pub(super) const RAW: &str = "raw/";
/// What the entries must be; the last entry.
const DIGESTS: &str = "digests.json";
/// The format of the file. Another one is not read.
const FORMAT: u32 = 1;
/// Entries of casepost's own are small.
const LONGEST_LIST: u64 = 256 * 1024 * 1024;

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format of the file.
    pub format: u32,
    /// The version of the casepost that wrote it.
    pub casepost: String,
    /// The state of the schema.
    pub schema: i64,
    /// Which kind of database it holds.
    pub database: Kind,
    /// The moment that it keeps.
    pub taken_at: Timestamp,
}

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A dump of a server's database.
    Postgres,
}

impl Kind {
    /// As people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
        }
    }

    /// The entry that holds it.
    pub(super) fn entry(self) -> &'static str {
        match self {
            Kind::Sqlite => DATABASE_LITE,
            Kind::Postgres => DATABASE_PG,
        }
    }
}

impl Head {
    /// The head of a backup that this casepost writes.
    pub(super) fn of(schema: i64, database: Kind, taken_at: Timestamp) -> Self {
        Self { format: FORMAT, casepost: schema::casepost_version().to_owned(), schema, database, taken_at }
    }
}

/// The last entry.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Digests {
    entries: BTreeMap<String, Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Digest {
    size: u64,
    sha256: String,
}

/// Why a backup can't be written or read; the text names the entry and the mend.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ArchiveError(pub String);

/// Writes a backup entry by entry.
pub(super) struct Writing<W: Write> {
    tar: tar::Builder<W>,
    digests: Digests,
    at: Timestamp,
}

impl<W: Write> Writing<W> {
    pub(super) fn begin(to: W, head: &Head) -> Result<Self, ArchiveError> {
        let mut writing = Self { tar: tar::Builder::new(to), digests: Digests::default(), at: head.taken_at };
        writing.add_json(HEAD, head)?;
        Ok(writing)
    }

    /// Adds a file; false when it is not there (any more).
    pub(super) fn add_file(&mut self, name: &str, path: &Path) -> Result<bool, ArchiveError> {
        let bad = |error: std::io::Error| ArchiveError(format!("{}: {error}", path.display()));
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(bad(error)),
        };
        let size = file.metadata().map_err(bad)?.len();
        self.add(name, size, file)?;
        Ok(true)
    }

    /// Writes the last entry, and gives back what was written to.
    pub(super) fn finish(mut self) -> Result<W, ArchiveError> {
        let digests = std::mem::take(&mut self.digests);
        self.add_json(DIGESTS, &digests)?;
        let written = self.tar.into_inner().and_then(|mut to| to.flush().map(|()| to));
        written.map_err(|error| ArchiveError(format!("the backup can't be written: {error}")))
    }

    fn add_json(&mut self, name: &str, value: &impl Serialize) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec_pretty(value).map_err(|error| ArchiveError(format!("{name}: {error}")))?;
        self.add(name, text.len() as u64, text.as_slice())
    }

    fn add(&mut self, name: &str, size: u64, from: impl Read) -> Result<(), ArchiveError> {
        let mut header = tar::Header::new_ustar();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.at.as_second()).unwrap_or_default());
        let mut hashing = Hashing::new(from.take(size));
        let added = self.tar.append_data(&mut header, name, &mut hashing);
        added.map_err(|error| ArchiveError(format!("entry {name} can't be written: {error}")))?;
        let digest = hashing.digest();
        if digest.size != size {
            return Err(ArchiveError(format!("{name} changed while it was read: start the backup again")));
        }
        self.digests.entries.insert(name.to_owned(), digest);
        Ok(())
    }
}

/// Reads a backup to its end and holds every entry against its digest. Entries are written below `into`; with None nothing
/// is. Gives what the backup is and how many entries it has.
pub(super) fn read(from: impl Read, into: Option<&Path>) -> Result<(Head, usize), ArchiveError> {
    let mut tar = tar::Archive::new(from);
    let mut found: BTreeMap<String, Digest> = BTreeMap::new();
    let mut head: Option<Head> = None;
    let mut last = "its beginning".to_owned();
    let broken = |after: &str, error: std::io::Error| {
        ArchiveError(format!("it is cut short or broken after {after} ({error}): take another copy of the backup"))
    };
    for entry in tar.entries().map_err(|error| broken(&last, error))? {
        let mut entry = entry.map_err(|error| if head.is_none() { no_backup() } else { broken(&last, error) })?;
        let name = entry.path().map_err(|error| broken(&last, error))?.to_string_lossy().into_owned();
        let in_entry = format!("the beginning of entry {name}");
        if head.is_none() {
            head = Some(read_head(&name, &mut entry, &mut found).ok_or_else(no_backup)??);
        } else if name == DIGESTS {
            let mut text = Vec::new();
            entry.take(LONGEST_LIST).read_to_end(&mut text).map_err(|error| broken(&in_entry, error))?;
            let digests = serde_json::from_slice(&text).map_err(|error| broken(&in_entry, error.into()))?;
            hold_against(&found, &digests)?;
            return head.map(|head| (head, found.len())).ok_or_else(no_backup);
        } else {
            let size = entry.size();
            let digest = unpack(&name, entry, into).map_err(|error| match error {
                Unpacked::Broken(error) => broken(&in_entry, error),
                Unpacked::Refused(error) => error,
            })?;
            if digest.size != size {
                return Err(broken(&in_entry, std::io::ErrorKind::UnexpectedEof.into()));
            }
            found.insert(name.clone(), digest);
        }
        last = format!("entry {name}");
    }
    let what = if head.is_none() { return Err(no_backup()) } else { last };
    Err(ArchiveError(format!("it is cut short after {what}: take another copy of the backup")))
}

fn no_backup() -> ArchiveError {
    ArchiveError("it is no backup that casepost wrote".to_owned())
}

fn read_head(
    name: &str,
    entry: &mut impl Read,
    found: &mut BTreeMap<String, Digest>,
) -> Option<Result<Head, ArchiveError>> {
    if name != HEAD {
        return None;
    }
    let mut hashing = Hashing::new(entry.take(LONGEST_LIST));
    let mut text = Vec::new();
    hashing.read_to_end(&mut text).ok()?;
    found.insert(name.to_owned(), hashing.digest());
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let format = value.get("format").and_then(serde_json::Value::as_u64)?;
    if format != u64::from(FORMAT) {
        let why = format!("its format is {format}, and this casepost reads {FORMAT}: use the casepost that wrote it");
        return Some(Err(ArchiveError(why)));
    }
    Some(serde_json::from_value(value).map_err(|error| ArchiveError(format!("{HEAD}: {error}"))))
}

/// Why an entry was not unpacked: the backup's fault, or this machine's.
enum Unpacked {
    Broken(std::io::Error),
    Refused(ArchiveError),
}

fn unpack(name: &str, entry: impl Read, into: Option<&Path>) -> Result<Digest, Unpacked> {
    if !is_known(name) {
        let why = format!("entry {name} is none that casepost writes: nothing of it is unpacked");
        return Err(Unpacked::Refused(ArchiveError(why)));
    }
    let mut hashing = Hashing::new(entry);
    let Some(folder) = into else {
        std::io::copy(&mut hashing, &mut std::io::sink()).map_err(Unpacked::Broken)?;
        return Ok(hashing.digest());
    };
    let path: PathBuf = folder.join(name);
    let here = |error: std::io::Error| {
        Unpacked::Refused(ArchiveError(format!("{} can't be written: {error}", path.display())))
    };
    std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(here)?;
    let mut file = super::new_private_file(&path).map_err(here)?;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let count = hashing.read(&mut buffer).map_err(Unpacked::Broken)?;
        if count == 0 {
            break;
        }
        file.write_all(&buffer[..count]).map_err(here)?;
    }
    file.sync_all().map_err(here)?;
    Ok(hashing.digest())
}

/// Only names that casepost writes, so that none leads out of the folder.
fn is_known(name: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
    };
    match name.strip_prefix(RAW) {
        Some(below) => below.split('/').count() == 2 && below.split('/').all(is_plain),
        None => [KEYS, DATABASE_LITE, DATABASE_PG].contains(&name),
    }
}

fn hold_against(found: &BTreeMap<String, Digest>, expected: &Digests) -> Result<(), ArchiveError> {
    for (name, expected) in &expected.entries {
        match found.get(name) {
            None => return Err(ArchiveError(format!("entry {name} is missing: take another copy of the backup"))),
            Some(found) if found != expected => {
                return Err(ArchiveError(format!(
                    "entry {name} is damaged: its SHA-256 is {}, and it was {}: take another copy of the backup",
                    found.sha256, expected.sha256
                )));
            }
            Some(_) => {}
        }
    }
    match found.keys().find(|name| !expected.entries.contains_key(*name)) {
        Some(name) => Err(ArchiveError(format!("entry {name} was added since it was written: it is not trusted"))),
        None => Ok(()),
    }
}

/// Passes bytes on, and knows their digest.
struct Hashing<R> {
    from: R,
    sha256: Sha256,
    size: u64,
}

impl<R: Read> Hashing<R> {
    fn new(from: R) -> Self {
        Self { from, sha256: Sha256::new(), size: 0 }
    }

    fn digest(self) -> Digest {
        Digest { size: self.size, sha256: data_encoding::HEXLOWER.encode(&self.sha256.finalize()) }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.sha256.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let head = Head::of(11, Kind::Sqlite, "2026-04-21T08:00:00Z".parse().unwrap());
        let mut writing = Writing::begin(Vec::new(), &head).unwrap();
        assert!(writing.add_file(DATABASE_LITE, &file("db", &"all that is known ".repeat(100))).unwrap());
        assert!(writing.add_file("raw/ab/abcd.lz4", &file("raw", "a mail")).unwrap());
        assert!(!writing.add_file("raw/ab/gone.lz4", &folder.path().join("gone")).unwrap());
        assert!(writing.add_file(KEYS, &file("key", "hush")).unwrap());
        writing.finish().unwrap()
    }

    /// What is said of these bytes; nothing where they are good.
    fn check(bytes: &[u8], expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let said = read(bytes, Some(folder.path())).map(|(_, count)| count).map_err(|error| error.to_string());
        assert_eq!(read(bytes, None).map(|(_, count)| count).map_err(|error| error.to_string()), said);
        match expected {
            Some(words) => assert!(said.as_ref().unwrap_err().contains(words), "{said:?} lacks {words}"),
            None => assert_eq!(said, Ok(4)),
        }
    }

    #[test]
    fn a_backup_is_read_as_it_was_written() {
        let bytes = written();
        check(&bytes, None);
        let folder = tempfile::tempdir().unwrap();
        let (head, _) = read(bytes.as_slice(), Some(folder.path())).unwrap();
        assert_eq!((head.schema, head.database), (11, Kind::Sqlite));
        assert_eq!(std::fs::read_to_string(folder.path().join("raw/ab/abcd.lz4")).unwrap(), "a mail");
        assert_eq!(std::fs::read_to_string(folder.path().join(KEYS)).unwrap(), "hush");
    }

    #[test]
    fn a_cut_is_told_with_the_entry_wherever_it_is() {
        let bytes = written();
        check(&[], Some("no backup"));
        check(b"From: Anne Bakker\r\n", Some("no backup"));
        // Behind the list of digests there is nothing but zeros.
        let end = bytes.iter().rposition(|byte| *byte == b'}').unwrap();
        for length in (0..=end).step_by(256) {
            let folder = tempfile::tempdir().unwrap();
            assert!(read(&bytes[..length], Some(folder.path())).is_err(), "{length} of {} bytes pass", bytes.len());
        }
        check(&bytes[..2048], Some("entry database.sqlite"));
    }

    #[test]
    fn a_changed_byte_is_told_with_the_entry() {
        let bytes = written();
        let at = |text: &str| bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
        let change = |text: &str, to: &str| {
            let mut changed = bytes.clone();
            changed[at(text)..at(text) + to.len()].copy_from_slice(to.as_bytes());
            changed
        };
        check(&change("a mail", "A mail"), Some("entry raw/ab/abcd.lz4 is damaged"));
        check(&change("hush", "Hush"), Some("entry secret.key is damaged"));
        check(&change("\"format\": 1", "\"format\": 2"), Some("its format is 2"));
    }

    #[test]
    fn a_name_that_casepost_does_not_write_is_not_unpacked() {
        for name in ["../etc/passwd", "raw/../x", "raw/ab/../../x", "/etc/passwd", "raw/ab", "raw//x", "casepost.toml"]
        {
            assert!(!is_known(name), "{name}");
        }
        assert!(is_known("raw/ab/abcd.lz4"));
    }
}
