//! casepost watches itself: every few seconds it looks at its mailboxes, outbox, clock, disk and database, and tells
//! troubles in ways that need no mail. What was told is kept in a file, so that not even a database is needed.

mod look;
mod tell;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::{error, info, warn};

use crate::config::{Channel, Config};
use crate::domain::address::NamedAddress;
use crate::domain::alarm::{Alarm, Memory};
use crate::domain::decision::{About, Carried, Outgoing};
use crate::domain::notice::{Canary, Notice, Recipient};
use crate::mail::oauth::Tokens;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{Db, Lock, LockKeeper, StoreError, watch};

use super::by_hand;
use super::office::{Office, OfficeMailbox, ago};

/// The lock of the one process that watches.
const WATCH_LOCK: &str = "watch";
/// A canary is forgotten after so long.
const CANARY_LIFE: SignedDuration = SignedDuration::from_hours(48);
/// An alarm that nobody took is tried again after this, then after twice as long each time, up to a quarter of an hour.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_RETRY: SignedDuration = SignedDuration::from_mins(15);
/// An alarm that nobody took for so long helps nobody any more.
const ALARM_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// When each desk's clock last ticked, as the loop that ticks it tells.
pub type Ticks = Arc<Mutex<BTreeMap<String, Timestamp>>>;

/// What is kept from one look to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    memory: Memory,
    unsent: Vec<Unsent>,
}

/// An alarm on its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Unsent {
    channel: String,
    alarm: Alarm,
    attempts: u32,
    due: Timestamp,
}

/// One watcher of one instance.
pub struct Watcher {
    config: Config,
    db: Db,
    raw: RawMails,
    offices: Vec<Arc<Office>>,
    locks: LockKeeper,
    ticks: Ticks,
    tokens: Tokens,
    since: Timestamp,
    file: PathBuf,
    kept: Kept,
    lock: Option<Lock>,
}

impl Watcher {
    /// Begins to watch; goes on from what an earlier process told.
    #[must_use]
    pub fn begin(
        config: &Config,
        (db, raw, locks): (&Db, &RawMails, &LockKeeper),
        offices: &[Arc<Office>],
        (ticks, tokens): (&Ticks, &Tokens),
        now: Timestamp,
    ) -> Self {
        let file = config.data_dir.join("alarms.json");
        let kept = read(&file);
        Self {
            config: config.clone(),
            db: db.clone(),
            raw: raw.clone(),
            offices: offices.to_vec(),
            locks: locks.clone(),
            since: now,
            ticks: Arc::clone(ticks),
            tokens: tokens.clone(),
            file,
            kept,
            lock: None,
        }
    }

    /// Looks once, tells what there is to tell, and sends canaries. Gives whether letters were written.
    pub async fn look(&mut self, now: Timestamp) -> bool {
        if !self.is_mine().await {
            return false;
        }
        let seen = look::look(self, now).await;
        let before = self.kept.memory.clone();
        let alarms = self.kept.memory.advance(&seen.observations, &seen.unseen, now, self.config.watch.caps);
        for alarm in &alarms {
            tell_log(alarm);
            for channel in &self.config.watch.channels {
                let channel = channel.name.clone();
                self.kept.unsent.push(Unsent { channel, alarm: alarm.clone(), attempts: 0, due: now });
            }
        }
        let is_sending = !self.kept.unsent.is_empty();
        if is_sending || before != self.kept.memory {
            // What has to be said survives a crash while it is said.
            self.save();
        }
        self.send(now).await;
        if is_sending {
            self.save();
        }
        match self.send_canaries(now).await {
            Ok(is_sent) => is_sent,
            Err(error) => {
                error!(%error, "no canary can be sent");
                false
            }
        }
    }

    /// One process watches. With a database that can't be asked who that is, each does.
    async fn is_mine(&mut self) -> bool {
        if let Some(lock) = &mut self.lock
            && lock.is_held().await
        {
            return true;
        }
        self.lock = None;
        match self.locks.try_hold(WATCH_LOCK).await {
            Ok(Some(lock)) => {
                self.lock = Some(lock);
                true
            }
            Ok(None) => false,
            Err(error) => {
                warn!(%error, "nobody can tell which process watches: this one does");
                true
            }
        }
    }

    async fn send(&mut self, now: Timestamp) {
        let mut later = Vec::new();
        for mut unsent in std::mem::take(&mut self.kept.unsent) {
            let channel = self.config.watch.channels.iter().find(|channel| channel.name == unsent.channel);
            // A channel that is no longer configured takes nothing with it.
            let Some(channel) = channel else { continue };
            if unsent.due > now {
                later.push(unsent);
                continue;
            }
            if let Err(why) = tell::tell(channel, &unsent.alarm).await {
                unsent.attempts += 1;
                unsent.due = now + (FIRST_RETRY * (1 << unsent.attempts.min(6))).min(LONGEST_RETRY);
                let name = &channel.name;
                if now.duration_since(unsent.alarm.at) > ALARM_LIFE {
                    error!(name, why, "an alarm could not be told for a day and is dropped");
                } else {
                    error!(name, why, "an alarm could not be told; it is tried again");
                    later.push(unsent);
                }
            }
        }
        self.kept.unsent = later;
    }

    /// Each mailbox gets a mail of our own now and then, which has to come back.
    async fn send_canaries(&self, now: Timestamp) -> Result<bool, StoreError> {
        let Some(pause) = self.config.watch.canary_pause else { return Ok(false) };
        let mut is_sent = false;
        for office in self.offices.iter().filter(|office| !office.holds_letters) {
            for mailbox in &office.mailboxes {
                let (address, name) = (mailbox.address.as_str(), mailbox.name.as_str());
                let last_at = watch::find_canaries(&self.db, office.code(), address, name).await?.last_at;
                if last_at.is_none_or(|last_at| now.duration_since(last_at) >= pause) {
                    self.send_canary(office, mailbox, now).await?;
                    is_sent = true;
                }
            }
        }
        Ok(is_sent)
    }

    async fn send_canary(&self, office: &Office, mailbox: &OfficeMailbox, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.db.begin_for(office.code()).await?;
        let mut numbers = Numbers::list(&mut tx, office.code()).await?;
        watch::end_canaries(&mut tx, office.code(), ago(now, CANARY_LIFE)).await?;
        let letter = Outgoing {
            notice: Notice {
                words: Canary { mailbox: mailbox.name.to_string(), sent_at: now }.into(),
                to: Recipient {
                    person: NamedAddress::new("", mailbox.address.clone()),
                    language: office.facts.language,
                    time_zone: office.facts.time_zone.clone(),
                },
                cc: Vec::new(),
            },
            person: None,
            about: About::Nothing,
            client: None,
            writer: None,
            in_reply_to: None,
            carried: Carried::Nothing,
            once: None,
            mended: None,
        };
        let cause = format!("canary/{}/{now}", mailbox.name);
        by_hand::post(&mut tx, &mut numbers, (office, mailbox, &self.raw), &[letter], &cause, now).await?;
        numbers.save(&mut tx, office.code()).await?;
        tx.commit().await
    }

    fn save(&self) {
        if let Err(error) = write(&self.file, &self.kept) {
            // A full disk may be the very trouble: the alarms go out all the same.
            warn!(%error, "what was told of troubles can't be written to alarms.json");
        }
    }
}

/// Tries a channel with an alarm that says it is a trial, for `check`.
///
/// # Errors
/// Why nobody was told.
pub async fn try_channel(channel: &Channel, alarm: &Alarm) -> Result<(), String> {
    tell::tell(channel, alarm).await
}

fn tell_log(alarm: &Alarm) {
    let (trouble, matter, text) = (alarm.trouble.as_str(), &alarm.matter, &alarm.text);
    match alarm.state {
        crate::domain::alarm::Turn::Resolved => info!(trouble, matter, "a trouble is over"),
        _ => error!(trouble, matter, text, "a trouble"),
    }
}

fn read(file: &Path) -> Kept {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Kept::default(),
        Err(error) => {
            warn!(%error, "alarms.json can't be read: troubles that last are told anew");
            return Kept::default();
        }
    };
    serde_json::from_str(&text).unwrap_or_else(|error| {
        warn!(%error, "alarms.json can't be read: troubles that last are told anew");
        Kept::default()
    })
}

fn write(file: &Path, kept: &Kept) -> std::io::Result<()> {
    let half = file.with_extension("half");
    std::fs::write(&half, serde_json::to_vec(kept)?)?;
    std::fs::rename(half, file)
}
