//! The loops that drive the flows: one reader per mailbox, delivery, the clock's tick.

mod connections;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::config::{AdoptSince, Config, DeliveryMode, Mailbox, Watch};
use crate::domain::names::MailboxName;
use crate::mail::dns::Dns;
use crate::mail::inbox::InboxError;
use crate::mail::oauth::{TokenState, Tokens};
use crate::mail::parse::Trust;
use crate::store::raw::RawMails;
use crate::store::{Db, Lock, LockKeeper, StoreError};

use super::backup::refuse_half;
use super::clock::Clock;
use super::delivery::{Delivery, RetryPlan, Round, free_the_dead, presence};
use super::intake::{Arrived, Intake, Taken};
use super::office::{Office, OfficeMailbox, read_directory};
use super::reader::{Memory, ReadError, Reader};
use super::resume::{self, Gate};
use super::retention::Sweep;
use super::secrets;
use super::tick::{Tick, TokenNews};
use super::watch::{Ticks, Watcher};

pub use connections::{open_dns, open_inbox, open_transport};

/// Why the worker cannot work.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something configured cannot work; the text names it and the mend.
    #[error("{0}")]
    Setup(String),
}

impl WorkerError {
    /// Whether the same call may work later without anybody's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, WorkerError::Store(error) if error.is_transient())
    }
}

/// What a drained run did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Drained {
    /// How many mails got each outcome, by its word; those that wait are counted under `waits`.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// What became of letters.
    pub letters: Round,
    /// Mailboxes that could not be read, and why.
    pub unread: Vec<(MailboxName, String)>,
}

/// All of one instance at work.
pub struct Worker {
    /// The configuration.
    pub config: Config,
    /// The store.
    pub db: Db,
    /// The bytes of mails and letters.
    pub raw: RawMails,
    /// Locks among processes.
    pub locks: LockKeeper,
    /// The desks.
    pub offices: Vec<Arc<Office>>,
    /// What time it is.
    pub clock: Clock,
    /// Who is asked for the keys of signatures.
    pub dns: Arc<Dns>,
    /// Who has the access tokens of accounts.
    pub tokens: Tokens,
    /// The name of this process in leases, with the lock that tells that it lives.
    owner: String,
    presence: tokio::sync::Mutex<Lock>,
    news: Arc<Notify>,
    ticks: Ticks,
    gate: Gate,
    /// Until when each desk has nothing to delete.
    swept_until: Mutex<BTreeMap<String, Timestamp>>,
}

/// The pause after a failure, doubled each time, and how long it gets.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How often another process is asked for a mailbox that it reads, for letters of the dead, and for the time.
const LOCK_PAUSE: Duration = Duration::from_millis(500);
const TICK_PAUSE: Duration = Duration::from_secs(20);

/// How often raw mail is looked for that is kept no longer, where nothing is left of it.
const SWEEP_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// How often the outbox is looked at when nothing tells of letters: another process may have written some.
const OUTBOX_PAUSE: Duration = Duration::from_secs(2);

/// A file of a large mail that no row names is swept when it is this old: a transaction may still be about to name it.
const ORPHAN_AGE: Duration = Duration::from_secs(3600);

impl Worker {
    /// Opens the store, the keys and the desks.
    ///
    /// # Errors
    /// What can't be opened, with the mend.
    pub async fn open(config: Config, clock: Clock) -> Result<Worker, WorkerError> {
        refuse_half(&config)?;
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|e| WorkerError::Setup(format!("data_dir = \"{}\": {e}", config.data_dir.display())))?;
        let db = Db::open(config.database.expose()).await?;
        let locks = LockKeeper::new(&db, config.data_dir.join("locks"));
        let raw = RawMails::new(config.data_dir.join("raw"));
        let keys = Arc::new(secrets::load_or_make(&config.key_file)?);
        let mut offices = Vec::new();
        for desk in &config.desks {
            let office = Office::open(&config, desk, Arc::clone(&keys));
            offices.push(Arc::new(office.map_err(|e| WorkerError::Setup(e.to_string()))?));
        }
        let owner = draw_name()?;
        let held = locks.try_hold(&presence(&owner)).await?;
        let presence = held.ok_or_else(|| WorkerError::Setup("two workers drew one name; start again".into()))?;
        let news = Arc::new(Notify::new());
        let dns = Arc::new(open_dns(&config.dns));
        let presence = tokio::sync::Mutex::new(presence);
        let ticks = Ticks::default();
        let tokens = Tokens::new(&config);
        let gate = Gate::default();
        let swept_until = Mutex::default();
        Ok(Worker {
            config,
            db,
            raw,
            locks,
            offices,
            clock,
            dns,
            tokens,
            owner,
            presence,
            news,
            ticks,
            gate,
            swept_until,
        })
    }

    /// Reads every mailbox to its end, delivers what is due, and lets the clock tick: then it is done. `since`
    /// overrides from when on mail is adopted on a first start.
    ///
    /// # Errors
    /// What the store said, or a transport that can't work. A mailbox that can't be read is told in the result.
    pub async fn run_once(
        &self,
        since: Option<AdoptSince>,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Drained, WorkerError> {
        self.find_directories().await?;
        let mut drained = Drained::default();
        for mailbox in &self.config.mailboxes {
            progress(&format!("reading {}", mailbox.name));
            match self.drain_once(mailbox, since).await? {
                Ok(taken) => taken.iter().for_each(|t| *drained.outcomes.entry(word(t)).or_default() += 1),
                Err(why) => drained.unread.push((mailbox.name.clone(), why)),
            }
        }
        self.tick().await?;
        free_the_dead(&self.db, &self.locks, &self.owner, self.clock.now()).await?;
        let delivery = self.delivery()?;
        loop {
            let round = delivery.round().await?;
            if round.is_empty() {
                break;
            }
            drained.letters.sent += round.sent;
            drained.letters.later += round.later;
            drained.letters.given_up += round.given_up;
            progress(&format!("delivered {}", drained.letters.sent));
        }
        if drained.letters.given_up > 0 {
            self.tick().await?;
        }
        Ok(drained)
    }

    /// Without a directory every client is a stranger and would be refused by letter: such a desk takes no mail.
    pub(super) async fn find_directories(&self) -> Result<(), WorkerError> {
        for office in &self.offices {
            let directory = read_directory(&self.db, office.code(), office.facts.time_zone.clone()).await?;
            if directory.clients().is_empty() {
                return Err(WorkerError::Setup(format!(
                    "the directory of {} names no client yet, so everybody would be a stranger: declare who is who in a \
                     TOML file and take it over with casepost import FILE --reason TEXT",
                    office.code()
                )));
            }
            office.stationery.templates.check_languages(directory.languages()).map_err(WorkerError::Setup)?;
        }
        Ok(())
    }

    async fn drain_once(
        &self,
        mailbox: &Mailbox,
        since: Option<AdoptSince>,
    ) -> Result<Result<Vec<Taken>, String>, WorkerError> {
        let Some(_lock) = self.locks.try_hold(&mailbox_lock(mailbox)).await? else {
            return Ok(Err("another casepost process reads it".into()));
        };
        if let Some(why) = resume::why_waiting(&self.db, mailbox.desk.as_str()).await? {
            return Ok(Err(why));
        }
        let mut reader = self.reader(mailbox, since)?;
        let result = reader.drain().await;
        if let Err(error) = reader.inbox.log_out().await {
            warn!(mailbox = %mailbox.name, %error, "log-out failed");
        }
        match result {
            Ok(taken) => Ok(Ok(taken)),
            Err(ReadError::Store(error)) => Err(error.into()),
            Err(ReadError::Inbox(error)) => Ok(Err(error.to_string())),
        }
    }

    /// Runs all loops until `stop`; what is in flight is finished first.
    ///
    /// # Errors
    /// What is configured and can't work. Faults that may pass are logged and tried again with growing pauses.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<(), WorkerError> {
        self.find_directories().await?;
        let delivery = self.delivery()?;
        for mailbox in &self.config.mailboxes {
            // A mailbox that is configured wrongly is told at the start, not at the first mail.
            self.reader(mailbox, None)?;
        }
        let swept = self.raw.sweep(&self.db, ORPHAN_AGE).await? + self.raw.end_files(&self.db).await?;
        // After the letters of the dead are free, the files that told of their lives are of no use.
        free_the_dead(&self.db, &self.locks, &self.owner, self.clock.now()).await?;
        self.locks.sweep(&presence("")).await?;
        info!(desks = self.offices.len(), mailboxes = self.config.mailboxes.len(), swept, "casepost runs");
        let tasks = TaskTracker::new();
        let delivery = Arc::new(delivery);
        for index in 0..self.config.mailboxes.len() {
            let (me, until) = (Arc::clone(&self), stop.clone());
            let work = move || Arc::clone(&me).read_for_ever(index, until.clone());
            tasks.spawn(keep_going("reading", stop.clone(), work));
        }
        let (me, until) = (Arc::clone(&self), stop.clone());
        let work = move || Arc::clone(&me).deliver_for_ever(Arc::clone(&delivery), until.clone());
        tasks.spawn(keep_going("delivery", stop.clone(), work));
        let (me, until) = (Arc::clone(&self), stop.clone());
        tasks.spawn(keep_going("the clock", stop.clone(), move || Arc::clone(&me).tick_for_ever(until.clone())));
        let (me, until) = (Arc::clone(&self), stop.clone());
        tasks.spawn(keep_going("the watch", stop.clone(), move || Arc::clone(&me).watch_for_ever(until.clone())));
        tasks.close();
        tasks.wait().await;
        info!("casepost stopped");
        Ok(())
    }

    /// One process reads a mailbox; the others wait for its lock, which is free at once when it dies.
    async fn read_for_ever(self: Arc<Self>, index: usize, stop: CancellationToken) {
        let mailbox = self.config.mailboxes[index].clone();
        let mut pause = FIRST_PAUSE;
        // It lives on over faults: it knows what it copied but could not remove, and which mails broke the connection.
        let mut reader = None;
        while !stop.is_cancelled() {
            let lock = match self.locks.try_hold(&mailbox_lock(&mailbox)).await {
                Ok(Some(lock)) => lock,
                Ok(None) => {
                    rest(LOCK_PAUSE, &stop).await;
                    continue;
                }
                Err(error) => {
                    error!(mailbox = %mailbox.name, %error, "the mailbox's lock can't be asked");
                    rest(next(&mut pause), &stop).await;
                    continue;
                }
            };
            match self.read_while_held(&mailbox, &mut reader, lock, &stop, &mut pause).await {
                Ok(()) => {}
                Err(why) => {
                    error!(mailbox = %mailbox.name, why, retry_seconds = pause.as_secs(), "mailbox can't be read");
                    metrics::counter!("casepost_mailbox_failures_total", "mailbox" => mailbox.name.to_string())
                        .increment(1);
                    rest(next(&mut pause), &stop).await;
                }
            }
        }
    }

    async fn read_while_held(
        &self,
        mailbox: &Mailbox,
        kept: &mut Option<Reader>,
        mut lock: Lock,
        stop: &CancellationToken,
        pause: &mut Duration,
    ) -> Result<(), String> {
        let reader = match kept {
            Some(reader) => reader,
            None => kept.insert(self.reader(mailbox, None).map_err(|e| e.to_string())?),
        };
        reader.stop = stop.clone();
        while !stop.is_cancelled() {
            if !lock.is_held().await {
                return Err("the lock on the mailbox was lost".into());
            }
            if self.gate.is_shut(&self.db, mailbox.desk.as_str()).await.map_err(|e| e.to_string())? {
                rest(OUTBOX_PAUSE, stop).await;
                continue;
            }
            if let Err(error) = reader.drain().await {
                if let ReadError::Inbox(InboxError::Credentials(_)) = &error {
                    // The password may be another by now: it is read again.
                    *kept = None;
                }
                return Err(error.to_string());
            }
            *pause = FIRST_PAUSE;
            tokio::select! {
                () = stop.cancelled() => break,
                waited = reader.inbox.wait_for_news(mailbox.poll) => waited.map_err(|e| e.to_string())?,
            }
        }
        if let Err(error) = reader.inbox.log_out().await {
            warn!(mailbox = %mailbox.name, %error, "log-out failed");
        }
        Ok(())
    }

    /// Whoever's presence lock is free counts as dead, and its letters are sent again: a session lock that was lost
    /// with its connection is taken anew.
    async fn keep_presence(&self) -> Result<(), StoreError> {
        let mut presence_lock = self.presence.lock().await;
        if !presence_lock.is_held().await {
            warn!("the connection that tells of this worker's life was lost");
            if let Some(lock) = self.locks.try_hold(&presence(&self.owner)).await? {
                *presence_lock = lock;
            }
        }
        Ok(())
    }

    async fn deliver_for_ever(self: Arc<Self>, delivery: Arc<Delivery>, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            if let Err(error) = self.keep_presence().await {
                error!(%error, "the outbox waits: this worker can't tell that it lives");
                rest(next(&mut pause), &stop).await;
                continue;
            }
            match delivery.round().await {
                Ok(round) if round.is_empty() => {
                    pause = FIRST_PAUSE;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = self.news.notified() => {}
                        () = tokio::time::sleep(OUTBOX_PAUSE) => {}
                    }
                }
                Ok(_) => pause = FIRST_PAUSE,
                Err(error) => {
                    error!(%error, "the outbox can't be read");
                    rest(next(&mut pause), &stop).await;
                }
            }
        }
    }

    async fn tick_for_ever(self: Arc<Self>, stop: CancellationToken) {
        let mut until_tick = Duration::ZERO;
        while !stop.is_cancelled() {
            if let Err(error) = free_the_dead(&self.db, &self.locks, &self.owner, self.clock.now()).await {
                error!(%error, "letters of dead workers can't be looked for");
            }
            if until_tick.is_zero() {
                until_tick = TICK_PAUSE;
                if let Err(error) = self.tick().await {
                    error!(%error, "the clock can't tick");
                }
            }
            rest(OUTBOX_PAUSE, &stop).await;
            until_tick = until_tick.saturating_sub(OUTBOX_PAUSE);
        }
    }

    async fn watch_for_ever(self: Arc<Self>, stop: CancellationToken) {
        let mut watcher = self.watcher();
        while !stop.is_cancelled() {
            if watcher.look(self.clock.now()).await {
                self.news.notify_one();
            }
            rest(Watch::PAUSE, &stop).await;
        }
    }

    /// Who watches this worker.
    #[must_use]
    pub fn watcher(&self) -> Watcher {
        let stores = (&self.db, &self.raw, &self.locks);
        Watcher::begin(&self.config, stores, &self.offices, (&self.ticks, &self.tokens), self.clock.now())
    }

    async fn tick(&self) -> Result<(), WorkerError> {
        let mut failed = None;
        for office in &self.offices {
            let Some(mailbox) = office.mailboxes.first() else { continue };
            let tokens = self.token_news(office);
            let tick = Tick { db: &self.db, raw: &self.raw, office, mailbox, tokens: &tokens, now: self.clock.now() };
            let done = tick.run().await;
            if done.is_ok() {
                note_tick(&self.ticks, office.code(), self.clock.now());
                // Nothing waits for it, and it is tried again at the next tick.
                if let Err(error) = self.sweep(office).await {
                    error!(desk = office.code(), %error, "raw mail that is kept no longer can't be deleted");
                }
            }
            match done {
                Ok(0) => {}
                Ok(_) => self.news.notify_one(),
                // One desk's fault is not the others'.
                Err(error) => {
                    error!(desk = office.code(), %error, "the desk's clock can't tick");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Deletes some of the raw mail that a desk keeps no longer.
    async fn sweep(&self, office: &Office) -> Result<(), StoreError> {
        let (desk, now) = (office.code(), self.clock.now());
        let until = || self.swept_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if until().get(desk).is_some_and(|until| now < *until) {
            return Ok(());
        }
        let is_all = Sweep { db: &self.db, raw: &self.raw, office, now }.run().await?;
        if is_all {
            until().insert(desk.to_owned(), now + SWEEP_PAUSE);
        }
        Ok(())
    }

    /// What this process knows of the accounts of a desk's mailboxes and of the outlet, which serves every desk. Who
    /// never asked for a token knows nothing.
    fn token_news(&self, office: &Office) -> Vec<TokenNews> {
        let is_others = |name: &str| {
            let mut mailboxes = self.config.mailboxes.iter();
            mailboxes.any(|mailbox| mailbox.name.as_str() == name && mailbox.desk != office.facts.code)
        };
        let news = self.tokens.states().into_iter().filter_map(|(account, state)| {
            let trouble = state.trouble(tokio::time::Instant::now()).map(str::to_owned);
            let is_known = trouble.is_some() || state == TokenState::Good;
            (is_known && !is_others(&account)).then_some(TokenNews { account, trouble })
        });
        news.collect()
    }

    /// Takes over one mail that an MTA handed in, as [`Reader`] would have.
    ///
    /// # Errors
    /// What the store said ([`WorkerError::is_transient`]: the MTA is to try again), or an unknown mailbox.
    pub async fn deliver_one(&self, mailbox: Option<&MailboxName>, raw: Vec<u8>) -> Result<Taken, WorkerError> {
        let mailboxes = &self.config.mailboxes;
        let found = match mailbox {
            Some(name) => mailboxes.iter().find(|mailbox| mailbox.name == *name),
            None => mailboxes.first().filter(|_| mailboxes.len() == 1),
        };
        let found = found.ok_or_else(|| {
            let names: Vec<&str> = mailboxes.iter().map(|mailbox| mailbox.name.as_str()).collect();
            WorkerError::Setup(format!("say which mailbox: --mailbox with one of {}", names.join(", ")))
        })?;
        self.find_directories().await?;
        if let Some(why) = resume::why_waiting(&self.db, found.desk.as_str()).await? {
            return Err(WorkerError::Setup(why));
        }
        let size = raw.len() as u64;
        let too_large = (size > found.max_bytes).then_some(size);
        let mail = Arrived { arrived_at: self.clock.now(), raw, too_large, is_junk: false, is_deadly: false };
        let taken = self.intake(found)?.take(std::slice::from_ref(&mail)).await?;
        taken.into_iter().next().ok_or_else(|| WorkerError::Setup("the mail got no outcome".into()))
    }

    /// The intake of a mailbox.
    ///
    /// # Errors
    /// When the mailbox names a desk that is not configured.
    pub fn intake(&self, mailbox: &Mailbox) -> Result<Intake, WorkerError> {
        let office = self.offices.iter().find(|office| office.facts.code == mailbox.desk);
        let office = office.ok_or_else(|| WorkerError::Setup(format!("no desk {} is configured", mailbox.desk)))?;
        Ok(Intake {
            db: self.db.clone(),
            raw: self.raw.clone(),
            office: Arc::clone(office),
            mailbox: office_mailbox(office, mailbox)?,
            trust: Arc::new(Trust {
                authserv_ids: mailbox.authserv_ids.clone(),
                trusted_hosts: mailbox.trusted_hosts.clone(),
            }),
            max_bytes: mailbox.max_bytes,
            clock: self.clock,
            dns: Arc::clone(&self.dns),
            reading: None,
        })
    }

    /// The reader of a mailbox, not yet connected.
    ///
    /// # Errors
    /// A password that can't be read, a desk that is not configured.
    pub fn reader(&self, mailbox: &Mailbox, since: Option<AdoptSince>) -> Result<Reader, WorkerError> {
        let news = Arc::clone(&self.news);
        Ok(Reader {
            intake: self.intake(mailbox)?,
            mailbox: mailbox.clone(),
            inbox: open_inbox(mailbox, &self.tokens)?,
            adopt: since.unwrap_or(mailbox.adopt_since),
            clock: self.clock,
            on_set: Arc::new(move |taken: &[Taken]| {
                if !taken.is_empty() {
                    news.notify_one();
                }
            }),
            memory: Memory::default(),
            stop: CancellationToken::new(),
            is_shadow: self.config.outlet.delivery == DeliveryMode::Shadow,
        })
    }

    /// The delivery of this worker.
    ///
    /// # Errors
    /// A transport that can't work: a password or certificate that can't be read.
    pub fn delivery(&self) -> Result<Delivery, WorkerError> {
        let transport = open_transport(&self.config, &self.tokens)?;
        let at_once = transport.width() * 8;
        Ok(Delivery {
            db: self.db.clone(),
            raw: self.raw.clone(),
            transport,
            retry: RetryPlan {
                pauses: self.config.outlet.retry_pauses.clone(),
                jitter_percent: u32::from(self.config.outlet.jitter_percent),
            },
            owner: self.owner.clone(),
            clock: self.clock,
            at_once,
            leases: AtomicU64::new(0),
            open_leases: Mutex::default(),
        })
    }
}

fn office_mailbox(office: &Office, mailbox: &Mailbox) -> Result<OfficeMailbox, WorkerError> {
    let found = office.mailboxes.iter().find(|known| known.name == mailbox.name);
    found.cloned().ok_or_else(|| WorkerError::Setup(format!("mailbox \"{}\" is not of this desk", mailbox.name)))
}

fn mailbox_lock(mailbox: &Mailbox) -> String {
    format!("mailbox-{}-{}", mailbox.desk, mailbox.name)
}

fn draw_name() -> Result<String, WorkerError> {
    let mut random = [0u8; 8];
    getrandom::fill(&mut random).map_err(|e| WorkerError::Setup(format!("no random numbers: {e}")))?;
    Ok(format!("{}-{}", std::process::id(), data_encoding::HEXLOWER.encode(&random)))
}

fn word(taken: &Taken) -> &'static str {
    match taken {
        Taken::Done { outcome, .. } => outcome.as_str(),
        Taken::SeenBefore { .. } => "seen-before",
        Taken::Waits { .. } => "waits",
    }
}

fn next(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(LONGEST_PAUSE);
    now
}

/// Starts the work anew when it broke off in a panic. A mail that makes it do so twice is quarantined by then, and
/// what a panicking task held is rolled back.
async fn keep_going<F>(what: &'static str, stop: CancellationToken, work: impl Fn() -> F + Send)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut pause = FIRST_PAUSE;
    while let Err(error) = tokio::spawn(work()).await {
        error!(what, %error, "the work broke off; it is started anew");
        metrics::counter!("casepost_panics_total", "what" => what).increment(1);
        rest(next(&mut pause), &stop).await;
        if stop.is_cancelled() {
            break;
        }
    }
}

fn note_tick(ticks: &Ticks, desk: &str, at: Timestamp) {
    let mut ticks = ticks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    ticks.insert(desk.to_owned(), at);
}

async fn rest(pause: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}

/// The last moment up to which every mailbox of a desk was read to its end; time goes on only to there, so that an
/// outage of the mail server makes no false breach.
#[must_use]
pub fn known_until(fetched: &[Option<Timestamp>], now: Timestamp) -> Timestamp {
    fetched.iter().map(|at| at.unwrap_or(Timestamp::UNIX_EPOCH)).min().map_or(now, |at| at.min(now))
}
