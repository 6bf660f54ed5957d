//! A backup of everything that only casepost has, in one file, taken while it works.
//!
//! The database is copied first, then the files that the copy names: a file is on the disk before a row that names it can
//! be committed. The file grows under another name and takes its own when it is whole, so that a backup that breaks off
//! leaves the one before as it was.

mod archive;
mod programs;
mod restore;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::config::Config;
use crate::store::snapshot::{self, PgMoment};
use crate::store::{Db, LockKeeper, StoreError, schema};

use super::boundary;
use super::worker::WorkerError;

pub use archive::{ArchiveError, Head, Kind};
pub use restore::{By, Restored, look_at, refuse_half, restore};

use archive::{KEYS, RAW, Writing};

/// Where a copy of the database stands while it is packed, below the data folder.
const SCRATCH: &str = "backup.half";

/// Why there is no backup, or nothing is restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of the backup.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A restore that broke off.
    #[error(transparent)]
    Half(#[from] WorkerError),
    /// Something stands in the way; the text names it and the mend.
    #[error("{0}")]
    Refused(String),
}

impl BackupError {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        BackupError::Refused(format!("{}: {error}", path.display()))
    }
}

/// Where a backup goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file, which is replaced when the backup is whole.
    File(PathBuf),
    /// Standard output.
    Standard,
}

/// What was packed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Packed {
    /// What the backup is.
    #[serde(flatten)]
    pub head: Head,
    /// How many files of large mails it has.
    pub files: usize,
    /// How many files the database names that are not there: removed meanwhile, or on another machine.
    pub gone: usize,
    /// How many bytes it has.
    pub bytes: u64,
}

/// Writes a backup.
///
/// # Errors
/// [`BackupError`]; then an earlier backup of that name is as it was.
pub async fn back_up(config: &Config, target: Target, now: Timestamp) -> Result<Packed, BackupError> {
    restore::refuse_half(config)?;
    let db = Db::open_as_is(config.database.expose()).await?;
    let packed = back_up_from(&db, config, target, now).await;
    db.close().await;
    packed
}

async fn back_up_from(db: &Db, config: &Config, target: Target, now: Timestamp) -> Result<Packed, BackupError> {
    schema::refuse_newer(db).await?;
    let lacks = || BackupError::Refused("the database holds nothing yet: there is nothing to keep".to_owned());
    let state = schema::find_state(db).await?.ok_or_else(lacks)?;
    let locks = LockKeeper::new(db, config.data_dir.join("locks"));
    let busy = || BackupError::Refused("another backup is being taken: wait for its end".to_owned());
    let _lock = locks.try_hold("backup").await?.ok_or_else(busy)?;
    let scratch = config.data_dir.join(SCRATCH);
    // What a backup that broke off left.
    remove_folder(&scratch)?;
    make_folder(&scratch)?;
    let done = pack_all(db, config, &scratch, target, (state, now)).await;
    remove_folder(&scratch)?;
    done
}

async fn pack_all(
    db: &Db,
    config: &Config,
    scratch: &Path,
    target: Target,
    (state, now): (i64, Timestamp),
) -> Result<Packed, BackupError> {
    let kind = if db.is_sqlite() { Kind::Sqlite } else { Kind::Postgres };
    let copy = scratch.join(kind.entry());
    let files = match kind {
        Kind::Sqlite => {
            let no_room = |error: StoreError| {
                BackupError::Refused(format!("the database can't be copied to {}: {error}", copy.display()))
            };
            snapshot::write_copy(db, &copy).await.map_err(no_room)?;
            let copied = Db::open_as_is(&format!("sqlite:{}", copy.display())).await?;
            let files = snapshot::list_files(&copied).await;
            copied.close().await;
            files?
        }
        Kind::Postgres => {
            let mut moment = PgMoment::hold(db).await?;
            programs::dump(config.database.expose(), &moment.name, &copy).await?;
            moment.list_files().await?
        }
    };
    boundary::reach("backup-copied");
    let head = Head::of(state, kind, now);
    let from = Sources { copy, keys: config.key_file.clone(), raw: config.data_dir.join("raw"), files };
    let packing = move || match target {
        Target::Standard => pack(std::io::stdout().lock(), &head, &from).map(|(packed, _)| packed),
        Target::File(path) => pack_file(&path, &head, &from),
    };
    tokio::task::spawn_blocking(packing)
        .await
        .map_err(|error| BackupError::Refused(format!("the backup broke off: {error}")))?
}

/// What is packed, from where.
struct Sources {
    copy: PathBuf,
    keys: PathBuf,
    raw: PathBuf,
    files: Vec<String>,
}

fn pack_file(path: &Path, head: &Head, from: &Sources) -> Result<Packed, BackupError> {
    let half = with_ending(path, ".half");
    let bad = |error: std::io::Error| BackupError::file(&half, &error);
    let file = new_private_file(&half).map_err(bad)?;
    let packed = pack(file, head, from).and_then(|(packed, file)| file.sync_all().map(|()| packed).map_err(bad));
    let packed = packed.inspect_err(|_| {
        // What was wrong is told; the next backup removes what can't be removed now.
        let _ = std::fs::remove_file(&half);
    })?;
    boundary::reach("backup-written");
    std::fs::rename(&half, path).map_err(bad)?;
    sync_folder_of(path)?;
    boundary::reach("backup-renamed");
    Ok(packed)
}

fn pack<W: Write>(to: W, head: &Head, from: &Sources) -> Result<(Packed, W), BackupError> {
    let mut writing = Writing::begin(Counting { to, bytes: 0 }, head)?;
    let lacks = |path: &Path| BackupError::Refused(format!("{} is not there", path.display()));
    if !writing.add_file(head.database.entry(), &from.copy)? {
        return Err(lacks(&from.copy));
    }
    boundary::reach("backup-entry");
    if !writing.add_file(KEYS, &from.keys)? {
        return Err(lacks(&from.keys));
    }
    let (mut files, mut gone) = (0, 0);
    for name in &from.files {
        // What is kept no longer may be removed meanwhile.
        match writing.add_file(&format!("{RAW}{name}"), &from.raw.join(name))? {
            true => files += 1,
            false => gone += 1,
        }
        boundary::reach("backup-entry");
    }
    let Counting { to, bytes } = writing.finish()?;
    Ok((Packed { head: head.clone(), files, gone, bytes }, to))
}

/// Counts what passes.
struct Counting<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let count = self.to.write(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

/// A new empty file for its owner alone, in the place of what is there.
fn new_private_file(path: &Path) -> std::io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// The path with an ending behind its name.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn make_folder(path: &Path) -> Result<(), BackupError> {
    std::fs::create_dir_all(path).map_err(|error| BackupError::file(path, &error))
}

fn remove_folder(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(BackupError::file(path, &error)),
        _ => Ok(()),
    }
}

/// Makes the name of a file durable.
fn sync_folder_of(path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| BackupError::file(folder, &error))
}
