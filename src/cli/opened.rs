//! What most commands need: the configuration, the store, one desk, and the mark that a change leaves.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::{Config, Desk};
use crate::desk::backup::refuse_half;
use crate::desk::clock::Clock;
use crate::desk::office::{Office, read_directory, read_items};
use crate::desk::secrets;
use crate::domain::directory::{Directory, StoredItem};
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{Db, Tx, audit, directory};

use super::{Place, logging, owner};

/// An installation that was opened for a command, seen from one desk.
pub struct Opened {
    /// The configuration.
    pub config: Config,
    /// The store.
    pub db: Db,
    /// The bytes of mails and letters.
    pub raw: RawMails,
    /// What time it is.
    pub clock: Clock,
    /// The desk that the command is about.
    pub desk: Desk,
}

impl Opened {
    /// Opens what the arguments name.
    ///
    /// # Errors
    /// A configuration, desk or database that can't be had.
    pub async fn open(place: &Place) -> anyhow::Result<Opened> {
        let config = Config::load(&place.config)?;
        logging::begin(&config.operation, Some("warn"))?;
        owner::must_be_ours(&config)?;
        let desk = choose_desk(&config, place.desk.as_deref())?.clone();
        refuse_half(&config)?;
        let db = Db::open(config.database.expose()).await.context("the store can't be opened")?;
        let raw = RawMails::new(config.data_dir.join("raw"));
        Ok(Opened { config, db, raw, clock: Clock::system(), desk })
    }

    /// The desk's code as text.
    pub fn code(&self) -> &str {
        self.desk.code.as_str()
    }

    /// The zone in which the desk reads times.
    pub fn zone(&self) -> &TimeZone {
        &self.desk.time_zone
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The desk as letters are written for it.
    ///
    /// # Errors
    /// Keys or templates that can't be read.
    pub fn office(&self) -> anyhow::Result<Office> {
        let keys = Arc::new(secrets::load_or_make(&self.config.key_file)?);
        Ok(Office::open(&self.config, &self.desk, keys)?)
    }

    /// The directory as it is now.
    ///
    /// # Errors
    /// What the database said, or an item that can't be read.
    pub async fn directory(&self) -> anyhow::Result<Directory> {
        Ok(read_directory(&self.db, self.code(), self.zone().clone()).await?)
    }

    /// Everything that was ever declared for the desk.
    ///
    /// # Errors
    /// What the database said, or an item that can't be read.
    pub async fn items(&self) -> anyhow::Result<Vec<StoredItem>> {
        Ok(read_items(directory::list(&self.db, self.code()).await?)?)
    }

    /// Begins a change under the desk's lock.
    ///
    /// # Errors
    /// When the database is locked or away.
    pub async fn begin(&self, reason: &str) -> anyhow::Result<Changing> {
        let mut tx = self.db.begin_for(self.code()).await?;
        let numbers = Numbers::list(&mut tx, self.code()).await?;
        Ok(Changing { tx, numbers, desk: self.code().to_owned(), at: self.now(), reason: reason.to_owned() })
    }
}

/// A change under way: one transaction, with what the audit trail will say of it.
pub struct Changing {
    /// The transaction, which holds the desk's lock.
    pub tx: Tx,
    /// The numbers that are given out.
    pub numbers: Numbers,
    /// The desk's code.
    pub desk: String,
    /// When it is done.
    pub at: Timestamp,
    /// Why, as the user gave it.
    pub reason: String,
}

impl Changing {
    /// Adds a line to the audit trail.
    ///
    /// # Errors
    /// What the database said.
    pub async fn note(
        &mut self,
        action: &str,
        detail: String,
        case_no: Option<i64>,
        fingerprint: Option<String>,
    ) -> anyhow::Result<()> {
        let line = AuditLine {
            at: self.at,
            actor: actor(),
            action: action.to_owned(),
            case_no,
            fingerprint,
            position: None,
            reason: self.reason.clone(),
            detail,
        };
        Ok(audit::record(&mut self.tx, &self.desk, &mut self.numbers, &line).await?)
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// What the database said.
    pub async fn commit(mut self) -> anyhow::Result<()> {
        self.numbers.save(&mut self.tx, &self.desk).await?;
        Ok(self.tx.commit().await?)
    }
}

/// Who the audit trail names for a command: the user of this machine, also behind sudo.
pub fn actor() -> String {
    let user =
        ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|u| !u.is_empty()));
    format!("command:{}", user.as_deref().unwrap_or("unknown"))
}

/// The desk of that code, or the only one.
///
/// # Errors
/// No such desk, or several and none named.
pub fn choose_desk<'a>(config: &'a Config, code: Option<&str>) -> anyhow::Result<&'a Desk> {
    let codes = || config.desks.iter().map(|desk| desk.code.as_str()).collect::<Vec<_>>().join(", ");
    match (code, config.desks.as_slice()) {
        (Some(code), desks) => match desks.iter().find(|desk| desk.code.as_str() == code) {
            Some(desk) => Ok(desk),
            None => bail!("desk \"{code}\" is not in the configuration: it has {}", codes()),
        },
        (None, [only]) => Ok(only),
        (None, _) => bail!("there are several desks ({}): say which with --desk", codes()),
    }
}
