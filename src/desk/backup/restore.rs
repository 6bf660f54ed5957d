//! Back from a backup, into an empty place.
//!
//! Everything is unpacked aside and held against its digests before anything takes its place. A mark stands in the data
//! folder from the first step to the last: casepost does not start beside it, and who finds it repeats the restore.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::config::Config;
use crate::desk::boundary;
use crate::desk::worker::WorkerError;
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::{Db, StoreError, audit, directory, restores, schema, snapshot};

use super::archive::{self, Head, KEYS, Kind};
use super::{BackupError, make_folder, programs, remove_folder, sync_folder_of, with_ending};

/// The mark, below the data folder.
const MARK: &str = "restore.half";
/// Where the backup is unpacked, below the data folder.
const SCRATCH: &str = "restore.unpacked";

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// What the backup is.
    #[serde(flatten)]
    pub head: Head,
    /// How many entries it has.
    pub entries: usize,
    /// How many letters were still to go, and are set aside until the desk is resumed.
    pub set_aside: u64,
}

/// Who restores, and why: for the audit trail.
#[derive(Debug, Clone)]
pub struct By {
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Refuses to work beside a restore that broke off.
///
/// # Errors
/// [`WorkerError::Setup`], with the mend.
pub fn refuse_half(config: &Config) -> Result<(), WorkerError> {
    let mark = config.data_dir.join(MARK);
    if !mark.exists() {
        return Ok(());
    }
    Err(WorkerError::Setup(format!(
        "a restore broke off or is under way ({} is there), so what stands here is not whole: repeat casepost restore FILE \
         --reason TEXT until it ends well",
        mark.display()
    )))
}

/// Reads a backup to its end and holds every entry against its digest; changes nothing. Gives what it is and how many
/// entries it has.
///
/// # Errors
/// [`BackupError`], naming the entry.
pub async fn look_at(file: PathBuf) -> Result<(Head, usize), BackupError> {
    unpack(file, None).await
}

/// Restores a backup into an empty place. The desks wait for somebody to resume them: they read no mail, and letters that
/// were still to go are set aside, for each may have left since.
///
/// # Errors
/// [`BackupError`]: before anything took its place all is as it was, later the mark stands and the restore is repeated.
pub async fn restore(config: &Config, file: PathBuf, by: &By, now: Timestamp) -> Result<Restored, BackupError> {
    let mark = config.data_dir.join(MARK);
    let is_again = mark.exists();
    if !is_again {
        refuse_what_is_there(config).await?;
    }
    make_folder(&config.data_dir)?;
    let _held = hold_mark(&mark, &file)?;
    boundary::reach("restore-marked");
    let scratch = config.data_dir.join(SCRATCH);
    remove_folder(&scratch)?;
    make_folder(&scratch)?;
    let (head, entries) = match unpack_here(config, file, &scratch).await {
        Ok(unpacked) => unpacked,
        Err(error) => {
            remove_folder(&scratch)?;
            if !is_again {
                remove_mark(&mark)?;
            }
            return Err(error);
        }
    };
    boundary::reach("restore-unpacked");
    let set_aside = place_all(config, &scratch, &head, is_again, (by, now)).await?;
    remove_folder(&scratch)?;
    boundary::reach("restore-placed");
    remove_mark(&mark)?;
    Ok(Restored { head, entries, set_aside })
}

async fn unpack_here(config: &Config, file: PathBuf, scratch: &Path) -> Result<(Head, usize), BackupError> {
    let (head, entries) = unpack(file, Some(scratch.to_owned())).await?;
    let kind = match snapshot::path_of(config.database.expose())? {
        Some(_) => Kind::Sqlite,
        None => Kind::Postgres,
    };
    if head.database != kind {
        return Err(BackupError::Refused(format!(
            "the backup holds a database of {}, and database in the configuration names one of {}: name one of {} to \
             restore into",
            head.database.as_str(),
            kind.as_str(),
            head.database.as_str()
        )));
    }
    if head.schema > schema::newest() {
        return Err(BackupError::Refused(format!(
            "the backup was taken by casepost {} (schema {}), and this is casepost {} (schema {}): install that casepost \
             or a newer one, then restore",
            head.casepost,
            head.schema,
            schema::casepost_version(),
            schema::newest()
        )));
    }
    Ok((head, entries))
}

async fn unpack(file: PathBuf, into: Option<PathBuf>) -> Result<(Head, usize), BackupError> {
    let reading = move || {
        let bad = |what: String| BackupError::Refused(format!("{}: {what}", file.display()));
        let from = File::open(&file).map_err(|error| bad(error.to_string()))?;
        archive::read(std::io::BufReader::with_capacity(1 << 20, from), into.as_deref())
            .map_err(|error| bad(error.to_string()))
    };
    tokio::task::spawn_blocking(reading)
        .await
        .map_err(|error| BackupError::Refused(format!("the restore broke off: {error}")))?
}

/// A restore never takes the place of anything.
async fn refuse_what_is_there(config: &Config) -> Result<(), BackupError> {
    let refused = |what: String, mend: &str| {
        Err(BackupError::Refused(format!("{what}, and a restore takes the place of nothing: {mend}")))
    };
    if config.key_file.exists() {
        return refused(
            format!("{} is there", config.key_file.display()),
            "move it away with the rest of that casepost",
        );
    }
    let raw = config.data_dir.join("raw");
    if std::fs::read_dir(&raw).is_ok_and(|mut entries| entries.next().is_some()) {
        return refused(format!("{} holds mails", raw.display()), "move it away, or name an empty data_dir");
    }
    let url = config.database.expose();
    match snapshot::path_of(url)? {
        Some(path) if path.exists() => refused(
            format!("there is a database already, {}", path.display()),
            "move it away, or name an empty data_dir",
        ),
        Some(_) => Ok(()),
        None => {
            let db = Db::open_as_is(url).await?;
            let is_empty = schema::is_empty(&db).await;
            db.close().await;
            match is_empty? {
                true => Ok(()),
                false => refused(
                    "the database on the server holds tables already".to_owned(),
                    "name an empty one (createdb NAME) in the configuration",
                ),
            }
        }
    }
}

/// Puts the mark there and locks it: two restores at once would mix.
fn hold_mark(mark: &Path, file: &Path) -> Result<File, BackupError> {
    let bad = |error: std::io::Error| BackupError::file(mark, &error);
    let mut held = OpenOptions::new().write(true).create(true).truncate(false).open(mark).map_err(bad)?;
    match held.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            return Err(BackupError::Refused("another restore is under way: wait for its end".to_owned()));
        }
        Err(std::fs::TryLockError::Error(error)) => return Err(bad(error)),
    }
    writeln!(held, "casepost restore {} has not ended: repeat it", file.display()).map_err(bad)?;
    held.sync_all().map_err(bad)?;
    sync_folder_of(mark)?;
    Ok(held)
}

fn remove_mark(mark: &Path) -> Result<(), BackupError> {
    std::fs::remove_file(mark).map_err(|error| BackupError::file(mark, &error))?;
    sync_folder_of(mark)
}

/// Puts everything in its place: the database comes last, with its letters set aside already where it is a file.
async fn place_all(
    config: &Config,
    scratch: &Path,
    head: &Head,
    is_again: bool,
    because: (&By, Timestamp),
) -> Result<u64, BackupError> {
    place_raw(&scratch.join("raw"), &config.data_dir.join("raw"))?;
    boundary::reach("restore-raw");
    place(&scratch.join(KEYS), &config.key_file)?;
    boundary::reach("restore-keys");
    let url = config.database.expose();
    let unpacked = scratch.join(head.database.entry());
    match snapshot::path_of(url)? {
        Some(path) => {
            let set_aside = set_aside(&format!("sqlite:{}", unpacked.display()), head, because).await?;
            boundary::reach("restore-set-aside");
            // What another database of that name left beside it would be read as changes of this one.
            for ending in ["-wal", "-shm"] {
                remove_file(&with_ending(&path, ending))?;
            }
            place(&unpacked, &path)?;
            boundary::reach("restore-database");
            Ok(set_aside)
        }
        None => {
            programs::read_back(url, &unpacked, is_again).await?;
            boundary::reach("restore-database");
            let set_aside = set_aside(url, head, because).await?;
            boundary::reach("restore-set-aside");
            Ok(set_aside)
        }
    }
}

/// Every desk of the database waits for somebody to resume it. Also brings the schema up to date.
async fn set_aside(url: &str, head: &Head, (by, now): (&By, Timestamp)) -> Result<u64, StoreError> {
    let db = Db::open(url).await?;
    let desks = directory::list_desks(&db).await?;
    let mut tx = db.begin().await?;
    let mut all = 0;
    for desk in desks {
        let set_aside = restores::record(&mut tx, &desk, head.taken_at, now).await?;
        all += set_aside;
        let mut numbers = Numbers::list(&mut tx, &desk).await?;
        let line = AuditLine {
            at: now,
            actor: by.actor.clone(),
            action: "restore".to_owned(),
            case_no: None,
            fingerprint: None,
            position: None,
            reason: by.reason.clone(),
            detail: format!("backup of {}; {set_aside} letters set aside", head.taken_at),
        };
        audit::record(&mut tx, &desk, &mut numbers, &line).await?;
        numbers.save(&mut tx, &desk).await?;
    }
    tx.commit().await?;
    db.close().await;
    Ok(all)
}

/// Files of mails keep their names: whoever put one there put the same.
fn place_raw(from: &Path, to: &Path) -> Result<(), BackupError> {
    make_folder(to)?;
    for shelf in list(from)? {
        let shelf_there = to.join(shelf.file_name().unwrap_or_default());
        make_folder(&shelf_there)?;
        for file in list(&shelf)? {
            place(&file, &shelf_there.join(file.file_name().unwrap_or_default()))?;
        }
    }
    sync_folder_of(&to.join("x"))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let bad = |error: std::io::Error| BackupError::file(folder, &error);
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(bad)).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(bad(error)),
    }
}

/// Moves a file to its place, also where that is another disk.
fn place(from: &Path, to: &Path) -> Result<(), BackupError> {
    let bad = |error: std::io::Error| BackupError::file(to, &error);
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder)?;
    }
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let half = with_ending(to, ".half");
            let mut file = super::new_private_file(&half).map_err(bad)?;
            let mut source = File::open(from).map_err(bad)?;
            std::io::copy(&mut source, &mut file).and_then(|_| file.sync_all()).map_err(bad)?;
            std::fs::rename(&half, to).map_err(bad)?;
        }
        other => other.map_err(bad)?,
    }
    sync_folder_of(to)
}

fn remove_file(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(BackupError::file(path, &error)),
        _ => Ok(()),
    }
}
