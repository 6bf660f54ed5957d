//! What is measured, each in a process of its own, so that peaks of memory are told apart.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::config::{AdoptSince, Config, Mailbox};
use crate::desk::clock::Clock;
use crate::desk::import::{By, World};
use crate::desk::intake::Taken;
use crate::desk::worker::{Worker, open_inbox};
use crate::domain::directory::DirectoryFile;
use crate::mail::inbox::Uid;
use crate::mail::oauth::Tokens;
use crate::store::{Db, letters, raw};

use super::dovecot::{HANDLED, PASSWORD};
use super::usage::{Cost, Meter};
use super::{fill, mails};
use crate::cli::logging;

/// As many mails are taken in one set, which is casepost's own default.
const SET: usize = 50;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// A bare client: fetch the mailbox in sets and move each.
    Fetch,
    /// The bare database: insert the same bytes as they are, a transaction for each set.
    Insert,
    /// casepost, from the mailbox to committed cases and finished letters.
    Drain,
    /// casepost's delivery of the acknowledgements to a receiver that says yes at once.
    Deliver,
    /// Not measured: lets the acknowledgements go.
    Release,
    /// Not measured: stores many small mails.
    Fill,
}

/// All that a phase must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Spec {
    /// What to do.
    pub phase: Phase,
    /// How many mails lie in the mailbox, or are to be stored.
    pub count: usize,
    /// How many clients write.
    pub clients: usize,
    /// The folder of this phase's data.
    pub folder: PathBuf,
    /// Where the mails lie as files, for [`Phase::Insert`].
    pub mails: PathBuf,
    /// The mailbox.
    pub user: String,
    /// The desk's code.
    pub desk: String,
    /// Where Dovecot listens.
    pub imap_port: u16,
    /// Its certificate.
    pub certificate: PathBuf,
    /// Where the receiver of letters listens.
    pub smtp_port: u16,
    /// A database that is used in place of a file in the folder.
    pub database: Option<String>,
}

impl Spec {
    /// Does it, and tells what it cost.
    ///
    /// # Errors
    /// Whatever went wrong.
    pub async fn run(&self) -> anyhow::Result<Cost> {
        std::fs::create_dir_all(&self.folder)?;
        let config = self.config()?;
        logging::begin(&config.operation, None)?;
        match self.phase {
            Phase::Fetch => self.fetch(mailbox(&config)?).await,
            Phase::Insert => self.insert(&config).await,
            Phase::Drain => self.drain(config).await,
            Phase::Deliver => self.deliver(config).await,
            Phase::Release => self.release(&config).await,
            Phase::Fill => self.fill(&config).await,
        }
    }

    /// A desk as any user would configure it; only the limits that guard against storms are lifted.
    fn config(&self) -> anyhow::Result<Config> {
        let database = self.database.as_ref().map_or_else(String::new, |url| format!("database = \"{url}\"\n"));
        let outlet = if self.phase == Phase::Deliver {
            format!("[outlet.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n", self.smtp_port)
        } else {
            "delivery = \"hold\"\n[outlet.folder]\npath = \"letters\"\n".to_owned()
        };
        std::fs::create_dir_all(self.folder.join("letters"))?;
        let password = self.folder.join("password");
        std::fs::write(&password, PASSWORD)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&password, mode)?;
        let (support, host, desk) = (mails::SUPPORT, mails::HOST, &self.desk);
        let text = format!(
            "{database}\
             [[desk]]\ncode = \"{desk}\"\nname = \"Bench Support\"\nlanguage = \"nl\"\n\
             time_zone = \"Europe/Amsterdam\"\ncolour = \"#1f5f8b\"\nfooter = \"Bench Support, Utrecht\"\n\
             alarm_to = [\"alarm@desk.example\"]\n\
             [[mailbox]]\nname = \"support\"\ndesk = \"{desk}\"\naddress = \"{support}\"\nreply_address = \"plus\"\n\
             file_into = \"{HANDLED}\"\nauthserv_ids = [\"{host}\"]\ntrusted_hosts = [\"{host}\"]\nbatch = {SET}\n\
             [mailbox.imap]\nhost = \"localhost\"\nport = {port}\nca_file = {certificate:?}\nuser = \"{user}\"\n\
             password_file = {password:?}\n\
             [limits]\nautomatic_letters_per_address = 1000000\nautomatic_letters_per_case = 1000000\n\
             new_cases_per_sender_per_hour = 1000000\n\
             [outlet]\n{outlet}",
            port = self.imap_port,
            certificate = self.certificate,
            user = self.user,
        );
        Config::parse(&text, &self.folder).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the measurement's configuration is refused: {}", faults.join("; "))
        })
    }

    async fn fetch(&self, mailbox: &Mailbox) -> anyhow::Result<Cost> {
        let mut inbox = open_inbox(mailbox, &Tokens::default())?;
        inbox.open().await?;
        let meter = Meter::begin()?;
        inbox.select(&mailbox.folder).await?;
        let listed = inbox.list_new(None, None).await?;
        let mut fetched = 0;
        for set in listed.chunks(SET) {
            let uids: Vec<Uid> = set.iter().map(|mail| mail.uid.clone()).collect();
            fetched += inbox.fetch(&uids).await?.mails.len();
            inbox.file_away(&uids, HANDLED).await?;
        }
        let cost = meter.end(fetched)?;
        inbox.log_out().await?;
        self.counted(cost)
    }

    async fn insert(&self, config: &Config) -> anyhow::Result<Cost> {
        let db = Db::open(config.database.expose()).await?;
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&self.mails)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        files.sort();
        let mut meter = Meter::begin()?;
        let mut inserted = 0;
        for (no, set) in files.chunks(SET).enumerate() {
            let reading = Instant::now();
            let bytes: Vec<Vec<u8>> = set.iter().map(std::fs::read).collect::<Result<_, _>>()?;
            meter.leave_out(reading.elapsed());
            let mut tx = db.begin().await?;
            for (place, bytes) in bytes.iter().enumerate() {
                raw::record_bare(&mut tx, &self.desk, &format!("bare-{}", no * SET + place), bytes).await?;
                inserted += 1;
            }
            tx.commit().await?;
        }
        let cost = meter.end(inserted)?;
        db.close().await;
        self.counted(cost)
    }

    async fn drain(&self, config: Config) -> anyhow::Result<Cost> {
        let worker = Worker::open(config, Clock::system()).await?;
        self.import(&worker.config, &worker.db).await?;
        let mailbox = mailbox(&worker.config)?;
        let mut reader = worker.reader(mailbox, Some(AdoptSince::All))?;
        reader.inbox.open().await?;
        let meter = Meter::begin()?;
        let taken = reader.drain().await?;
        let mut cost = meter.end(taken.len())?;
        reader.inbox.log_out().await?;
        for taken in &taken {
            let word = match taken {
                Taken::Done { outcome, .. } => outcome.as_str(),
                Taken::SeenBefore { .. } => "seen-before",
                Taken::Waits { .. } => "waits",
            };
            *cost.told.entry(word.to_owned()).or_default() += 1;
        }
        worker.db.close().await;
        self.counted(cost)
    }

    async fn release(&self, config: &Config) -> anyhow::Result<Cost> {
        let db = Db::open(config.database.expose()).await?;
        let (now, meter) = (Clock::system().now(), Meter::begin()?);
        let held = letters::list(&db, &self.desk, Some("held"), i64::MAX).await?;
        let mut tx = db.begin_for(&self.desk).await?;
        let mut released = 0;
        for letter in held.iter().filter(|letter| letter.notice == "acknowledgement") {
            released += usize::from(letters::save_released(&mut tx, &self.desk, letter.letter_no, now).await?);
        }
        tx.commit().await?;
        db.close().await;
        meter.end(released)
    }

    async fn deliver(&self, config: Config) -> anyhow::Result<Cost> {
        let worker = Worker::open(config, Clock::system()).await?;
        let delivery = worker.delivery()?;
        let meter = Meter::begin()?;
        let mut sent = 0;
        loop {
            let round = delivery.round().await?;
            if round.is_empty() {
                break;
            }
            if round.later + round.given_up > 0 {
                bail!("the receiver took not all letters: {round:?}");
            }
            sent += round.sent;
        }
        let cost = meter.end(sent)?;
        worker.db.close().await;
        self.counted(cost)
    }

    async fn fill(&self, config: &Config) -> anyhow::Result<Cost> {
        let db = Db::open(config.database.expose()).await?;
        self.import(config, &db).await?;
        let meter = Meter::begin()?;
        fill::fill(&db, &self.desk, (self.count, self.clients), Clock::system().now()).await?;
        let cost = meter.end(self.count)?;
        db.close().await;
        Ok(cost)
    }

    async fn import(&self, config: &Config, db: &Db) -> anyhow::Result<()> {
        let desk = config.desks.first().context("no desk")?;
        let world = World { db, desk: &desk.code, zone: &desk.time_zone };
        let by = By { actor: "command:bench".into(), reason: "measurement".into(), at: Clock::system().now() };
        let text = mails::directory(&self.desk, self.clients);
        world.import(&DirectoryFile::alone("bench.toml", &text), &by, false).await?;
        Ok(())
    }

    fn counted(&self, cost: Cost) -> anyhow::Result<Cost> {
        if cost.messages != self.count {
            bail!("{} of {} mails were handled: {:?}", cost.messages, self.count, cost.told);
        }
        Ok(cost)
    }
}

fn mailbox(config: &Config) -> anyhow::Result<&Mailbox> {
    config.mailboxes.first().context("no mailbox")
}
