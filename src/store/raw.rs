//! The bytes of mails and letters: packed in the database, or as a file when they are large.
//!
//! They are known by their digest: their SHA-256 behind whose they are, such as `m0000000042-9f86…`. So what is kept one
//! after the other stands side by side in the index; by the SHA-256 alone each would stand anywhere, and a set of mails
//! would write a page of the index for each. What an older casepost kept is known by the SHA-256 alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use sha2::Digest as _;

use super::later::Made;
use super::{Db, Owned, Row, StoreError, Tx, args, statements};

statements! {
    RECORD = "INSERT INTO raw_mails (desk, digest, size, packed, file) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (desk, digest) DO NOTHING";
    FIND = "SELECT packed, file, size, deleted_at, deleted_for FROM raw_mails WHERE desk = $1 AND digest = $2";
    FIND_DELETED = "SELECT deleted_at, deleted_for FROM raw_mails WHERE desk = $1 AND digest = $2
        AND deleted_at IS NOT NULL";
    END = "DELETE FROM raw_mails WHERE desk = $1 AND digest = $2";
    FIND_FILE = "SELECT 1 FROM raw_mails WHERE desk IN (SELECT desk FROM desks) AND digest = $1 AND file = $2 LIMIT 1";
    LIST_TO_REMOVE = "SELECT desk, digest, file FROM raw_mails WHERE deleted_at IS NOT NULL AND file IS NOT NULL LIMIT 100";
    FIND_IN_USE = "SELECT 1 FROM raw_mails WHERE desk IN (SELECT desk FROM desks) AND digest = $1
        AND file IS NOT NULL AND deleted_at IS NULL LIMIT 1";
    SAVE_REMOVED = "UPDATE raw_mails SET file = NULL WHERE desk = $1 AND digest = $2 AND deleted_at IS NOT NULL";
}

/// Packed bytes above this size lie beside the database, so that the database stays small enough to copy.
const LARGEST_IN_DATABASE: usize = 256 * 1024;

/// How the name of such a file ends.
const EXTENSION: &str = ".lz4";

/// Where the bytes of mails are kept. This is the one door to them; an object store can come behind it later.
#[derive(Debug, Clone)]
pub struct RawMails {
    folder: PathBuf,
}

/// Why bytes are kept no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedFor {
    /// Their time was over.
    Retention,
    /// Somebody was to be forgotten.
    Forgotten,
}

/// When and why the bytes of a mail or letter were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: DeletedFor,
}

impl std::fmt::Display for Deleted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = self.at.strftime("%Y-%m-%d");
        match self.why {
            DeletedFor::Retention => write!(f, "raw mail was deleted on {day} under the retention rule"),
            DeletedFor::Forgotten => write!(f, "raw mail was deleted on {day} because somebody was to be forgotten"),
        }
    }
}

/// As a row tells it, from that column on.
fn deleted(row: &Row, column: usize) -> Result<Option<Deleted>, StoreError> {
    let why = match row.maybe_text(column + 1)?.as_deref() {
        Some("forgotten") => DeletedFor::Forgotten,
        _ => DeletedFor::Retention,
    };
    Ok(row.maybe_time(column)?.map(|at| Deleted { at, why }))
}

/// The SHA-256 of the bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

/// Inserts bytes under a name of the caller's, neither packed nor digested: the durable storage against which `casepost
/// bench` holds everything else.
///
/// # Errors
/// What the database said.
pub async fn record_bare(tx: &mut Tx, desk: &str, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    tx.execute(RECORD, args![desk, name, size, bytes, None::<&str>]).await.map(|_| ())
}

/// Whose bytes they are, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A mail's.
    Mail(i64),
    /// A letter's.
    Letter(i64),
}

impl Owner {
    /// The digest by which its bytes of that SHA-256 are known.
    fn digest(self, sha256: &str) -> String {
        let (kind, number) = match self {
            Owner::Mail(number) => ('m', number),
            Owner::Letter(number) => ('l', number),
        };
        format!("{kind}{number:010}-{sha256}")
    }
}

/// The SHA-256 in a digest.
fn sha256_in(digest: &str) -> &str {
    digest.rsplit('-').next().unwrap_or(digest)
}

/// The folder for the file of these bytes, one for a thousand numbers: a set of mails has one or two to sync.
fn shelf(digest: &str) -> &str {
    let numbered = digest.find('-').and_then(|end| digest.get(..end.saturating_sub(3)));
    numbered.unwrap_or_else(|| digest.get(..2).unwrap_or(digest))
}

/// Bytes that are ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    sha256: String,
    /// Of the bytes before they were packed.
    size: usize,
    bytes: Vec<u8>,
}

/// A file that is still to be written.
#[derive(Debug, PartialEq, Eq)]
pub struct NewFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl NewFile {
    /// How many bytes it holds.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl RawMails {
    /// Keeps large mails in this folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Packs bytes, on whatever thread, so that they can be kept.
    #[must_use]
    pub fn pack(bytes: &[u8]) -> Packed {
        Packed { sha256: sha256(bytes), size: bytes.len(), bytes: lz4_flex::compress_prepend_size(bytes) }
    }

    /// Keeps the bytes and gives their digest; what is there already of that mail or letter costs nothing. Large ones go to
    /// a file, which is written and synced before the row that names it can be committed.
    ///
    /// # Errors
    /// What the database or the file system said, at the latest with the commit.
    pub async fn record(&self, tx: &mut Tx, desk: &str, of: Owner, packed: Packed) -> Result<String, StoreError> {
        let (digest, made) = self.rows(desk, of, packed);
        for file in made.files {
            tx.write_later(file).await?;
        }
        for (sql, row) in made.rows {
            tx.execute_owned(&[], sql, row).await?;
        }
        Ok(digest)
    }

    /// The digest by which the bytes are known, and what is written to keep them.
    pub(super) fn rows(&self, desk: &str, of: Owner, Packed { sha256, size, bytes }: Packed) -> (String, Made) {
        let digest = of.digest(&sha256);
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let (bytes, file, files) = if bytes.len() <= LARGEST_IN_DATABASE {
            (Some(bytes), None, Vec::new())
        } else {
            let file = format!("{}/{digest}{EXTENSION}", shelf(&digest));
            let new = NewFile { path: self.folder.join(&file), bytes };
            (None, Some(file), vec![new])
        };
        let text = |text: &str| Owned::Text(Some(text.to_owned()));
        let row = vec![text(desk), text(&digest), Owned::Int(Some(size)), Owned::Bytes(bytes), Owned::Text(file)];
        (digest, Made { rows: vec![(RECORD, row)], files })
    }

    /// The bytes as they came, to the byte.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when they are kept no longer, [`StoreError::Inconsistent`] when they are not there or were
    /// changed on disk.
    pub async fn find(&self, db: &Db, desk: &str, digest: &str) -> Result<Vec<u8>, StoreError> {
        let row = db.fetch(FIND, args![desk, digest]).await?.into_iter().next();
        self.unpack(row, digest).await
    }

    /// As [`RawMails::find`], inside a transaction.
    ///
    /// # Errors
    /// As for [`RawMails::find`].
    pub async fn find_in(&self, tx: &mut Tx, desk: &str, digest: &str) -> Result<Vec<u8>, StoreError> {
        let row = tx.find(FIND, args![desk, digest]).await?;
        self.unpack(row, digest).await
    }

    /// Bytes in whose place others are kept. A file of theirs is swept when no row names it any more.
    ///
    /// # Errors
    /// What the database said.
    pub async fn end(&self, tx: &mut Tx, desk: &str, digest: &str) -> Result<(), StoreError> {
        tx.execute_later(END, args![desk, digest]).await
    }

    /// When and why these bytes were deleted, if they were.
    ///
    /// # Errors
    /// What the database said.
    pub async fn find_deleted(&self, db: &Db, desk: &str, digest: &str) -> Result<Option<Deleted>, StoreError> {
        let rows = db.fetch(FIND_DELETED, args![desk, digest]).await?;
        rows.first().map_or(Ok(None), |row| deleted(row, 0))
    }

    async fn unpack(&self, row: Option<Row>, digest: &str) -> Result<Vec<u8>, StoreError> {
        let row = row.ok_or_else(|| StoreError::Inconsistent(format!("raw mail {digest} is not there")))?;
        if let Some(deleted) = deleted(&row, 3)? {
            return Err(StoreError::Gone(deleted));
        }
        let packed = match (row.maybe_bytes(0)?, row.maybe_text(1)?) {
            (Some(packed), _) => packed,
            (None, Some(file)) => {
                let path = self.folder.join(&file);
                tokio::fs::read(&path)
                    .await
                    .map_err(|error| StoreError::File { what: format!("raw mail {}", path.display()), error })?
            }
            (None, None) => return Err(StoreError::Inconsistent(format!("raw mail {digest} has no bytes"))),
        };
        let bytes = lz4_flex::decompress_size_prepended(&packed)
            .map_err(|e| StoreError::Inconsistent(format!("raw mail {digest} cannot be unpacked: {e}")))?;
        if sha256(&bytes) != sha256_in(digest) {
            return Err(StoreError::Inconsistent(format!("raw mail {digest} was changed on disk")));
        }
        Ok(bytes)
    }

    /// Removes the files of bytes that were deleted, some at a time; gives how many. What a crash between the commit
    /// that deleted them and this leaves is found again, because each row names its file until then. No desk decides
    /// anything meanwhile, so none can be about to keep the same bytes.
    ///
    /// # Errors
    /// What the database or the file system said.
    pub async fn end_files(&self, db: &Db) -> Result<usize, StoreError> {
        let mut removed = 0;
        while !db.fetch(LIST_TO_REMOVE, args![]).await?.is_empty() {
            let mut tx = db.begin_alone().await?;
            for row in tx.fetch(LIST_TO_REMOVE, args![]).await? {
                let (desk, digest, file) = (row.text(0)?, row.text(1)?, row.text(2)?);
                // Another desk may keep the same bytes.
                if tx.find(FIND_IN_USE, args![&digest]).await?.is_none() {
                    remove_file(&self.folder.join(&file))?;
                    removed += 1;
                }
                tx.execute_later(SAVE_REMOVED, args![&desk, &digest]).await?;
            }
            tx.commit().await?;
        }
        Ok(removed)
    }

    /// Removes files that no row names: what a crash between writing and committing left. Only safe while nothing
    /// else writes, so it is called when the worker starts, under the delivery lock. Files younger than `older_than` stay.
    ///
    /// # Errors
    /// What the database or the file system said.
    pub async fn sweep(&self, db: &Db, older_than: std::time::Duration) -> Result<usize, StoreError> {
        let mut swept = 0;
        for path in list_files(&self.folder)? {
            let is_old = std::fs::metadata(&path)
                .and_then(|meta| meta.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > older_than));
            let file = path.strip_prefix(&self.folder).unwrap_or(&path).to_string_lossy().into_owned();
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let digest = name.strip_suffix(EXTENSION).unwrap_or(&name);
            if is_old && db.fetch(FIND_FILE, args![digest, &file]).await?.is_empty() {
                std::fs::remove_file(&path)
                    .map_err(|error| StoreError::File { what: format!("orphan {}", path.display()), error })?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

/// So many files are written at once: the disk syncs several together.
const WRITTEN_TOGETHER: usize = 8;

/// Writes the files and syncs them and the folders that name them.
///
/// # Errors
/// What the file system said.
pub(super) async fn write_files(files: Vec<NewFile>) -> Result<(), StoreError> {
    if files.is_empty() {
        return Ok(());
    }
    let mut folders: Vec<PathBuf> = Vec::new();
    for file in &files {
        // A shelf that is new stands in the folder above it.
        folders.extend(file.path.ancestors().skip(1).take(2).map(Path::to_path_buf));
    }
    folders.sort_unstable();
    folders.dedup();
    let mut files = files.into_iter();
    loop {
        let some = files.by_ref().take(WRITTEN_TOGETHER);
        let writing: Vec<_> = some.map(|file| tokio::task::spawn_blocking(move || write_file(&file))).collect();
        if writing.is_empty() {
            break;
        }
        for writing in writing {
            writing.await.map_err(panicked)??;
        }
    }
    tokio::task::spawn_blocking(move || folders.iter().try_for_each(|folder| sync_folder(folder)))
        .await
        .map_err(panicked)?
}

fn panicked(error: tokio::task::JoinError) -> StoreError {
    StoreError::Inconsistent(format!("a file task broke off: {error}"))
}

fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::File { what: format!("folder {}", folder.display()), error })
}

#[expect(clippy::disallowed_methods, reason = "the age of a file is the file system's, whatever the desk's clock says")]
fn write_file(new: &NewFile) -> Result<(), StoreError> {
    let path = &new.path;
    let wrap = |error| StoreError::File { what: format!("raw mail {}", path.display()), error };
    // A file that is there may be what an earlier crash left: as a young one it is safe from the sweep until the row
    // that names it is committed.
    if std::fs::File::open(path).and_then(|file| file.set_modified(std::time::SystemTime::now())).is_ok() {
        return Ok(());
    }
    std::fs::create_dir_all(path.parent().unwrap_or(path)).map_err(wrap)?;
    // Two transactions may write the same bytes at once: each its own half.
    static HALVES: AtomicU64 = AtomicU64::new(0);
    let half = format!("{}-{}.half", std::process::id(), HALVES.fetch_add(1, Ordering::Relaxed));
    let half = path.with_extension(half);
    let mut file = std::fs::File::create(&half).map_err(wrap)?;
    file.write_all(&new.bytes).and_then(|()| file.sync_all()).map_err(wrap)?;
    std::fs::rename(&half, path).map_err(wrap)
}

fn remove_file(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::File { what: format!("deleted raw mail {}", path.display()), error })
        }
        _ => Ok(()),
    }
}

fn list_files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    let Ok(shelves) = std::fs::read_dir(folder) else { return Ok(files) };
    for shelf in shelves.flatten() {
        let entries = std::fs::read_dir(shelf.path())
            .map_err(|error| StoreError::File { what: format!("folder {}", shelf.path().display()), error })?;
        files.extend(entries.flatten().map(|entry| entry.path()));
    }
    Ok(files)
}
