//! A whole casepost on trial: its folder, its database, its mailbox, a mail server that takes its letters, and child
//! processes that can be told to die.
//!
//! A child is this test binary itself, started with the one test [`child`] and an environment that names the trial.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use casepost::config::Config;
use casepost::desk::backup::{self, By, Target};
use casepost::desk::clock::Clock;
use casepost::desk::intake::ReadingAgain;
use casepost::desk::refetch::Refetch;
use casepost::desk::worker::{Drained, Worker};
use casepost::domain::directory::parse_directory;
use casepost::domain::strip_card::{Account, NewCard, purchase};
use casepost::store::cards::{self, StoredEntry};
use casepost::store::directory::{self, ItemRow};
use casepost::store::numbers::Numbers;
use casepost::store::raw::RawMails;
use casepost::store::{Db, letters};
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::imap_client::ImapClient;
use super::servers::{new_user, port, variable};

const DIRECTORY: &str = include_str!("../../src/cli/demo/desk.toml");

/// The same keys in every trial, so that every letter has the same Message-ID in every run.
const KEYS: &str = "identity = \"0707070707070707070707070707070707070707070707070707070707070707\"\n\
    tokens = [\"0808080808080808080808080808080808080808080808080808080808080808\"]\n";

/// Which database a trial runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the trial's folder.
    Sqlite,
    /// A database of its own on the server of `tests/run`.
    Postgres,
}

/// Where a trial's mails lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A Maildir in the trial's folder.
    Maildir,
    /// A user's mailbox on Dovecot.
    Dovecot(String),
    /// The same, by way of a proxy on this port.
    Proxied(String, u16),
    /// A user's mailbox on Dovecot, into which one logs in with access tokens: the lines of `[mailbox.imap.oauth]`.
    Token(String, String),
}

/// The moment at which every trial begins: a Tuesday, 10:00 in Amsterdam.
pub fn start() -> Timestamp {
    "2026-04-21T08:00:00Z".parse().unwrap()
}

/// One casepost on trial.
pub struct Trial {
    folder: TempDir,
    /// Which database.
    pub backend: Backend,
    database: Option<String>,
    /// Where the mails lie.
    pub source: Source,
    /// Where letters go.
    pub smtp_port: u16,
    /// Further lines of `[[desk]]`.
    pub desk_lines: String,
    /// Further lines of `[[mailbox]]`.
    pub mailbox_lines: String,
    /// Further sections of the configuration.
    pub sections: String,
    /// Whether the first start adopts all mail, or only what comes from then on.
    pub adopts_all: bool,
    /// The pauses after failed attempts, as TOML.
    pub retry_pauses: String,
    /// A limit in KiB on the size of each file that a child writes.
    pub largest_file: Option<u64>,
    /// How long after [`start`] the trial begins.
    pub passed: SignedDuration,
    began: Instant,
    mails: AtomicU32,
    children: AtomicU32,
}

impl Trial {
    /// A trial with an empty mailbox, whose desk has its directory and its card.
    pub async fn new(backend: Backend, source: Source, smtp_port: u16) -> Self {
        let mut trial = Self::bare(backend, source, smtp_port);
        trial.database = (backend == Backend::Postgres).then(new_name);
        if let Some(name) = &trial.database {
            on_server(&format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        }
        std::fs::write(trial.path("secret.key"), KEYS).unwrap();
        set_mode(&trial.path("secret.key"), 0o600);
        for side in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(trial.path("maildir").join(side)).unwrap();
        }
        let db = trial.db().await;
        declare(&db).await;
        db.close().await;
        trial
    }

    fn bare(backend: Backend, source: Source, smtp_port: u16) -> Self {
        Self {
            folder: tempfile::Builder::new().prefix("casepost trial ").tempdir().unwrap(),
            backend,
            database: None,
            source,
            smtp_port,
            desk_lines: String::new(),
            mailbox_lines: String::new(),
            sections: String::new(),
            adopts_all: true,
            retry_pauses: "[1, 1, 1, 1, 1, 1, 1, 1]".into(),
            largest_file: None,
            passed: SignedDuration::ZERO,
            began: Instant::now(),
            mails: AtomicU32::new(0),
            children: AtomicU32::new(0),
        }
    }

    /// A trial that starts where this one stands. Nobody may use its database meanwhile.
    pub async fn copy(&self, source: Source, smtp_port: u16) -> Self {
        let mut copy = Self::bare(self.backend, source, smtp_port);
        copy.desk_lines.clone_from(&self.desk_lines);
        copy.mailbox_lines.clone_from(&self.mailbox_lines);
        copy.mails.store(self.mails.load(Ordering::Relaxed), Ordering::Relaxed);
        copy_folder(self.folder.path(), copy.folder.path());
        if let Some(name) = &self.database {
            let new = new_name();
            on_server(&format!("CREATE DATABASE {new} TEMPLATE {name}")).await;
            copy.database = Some(new);
        }
        copy
    }

    /// Removes its database on the server.
    pub async fn end(self) {
        if let Some(name) = &self.database {
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        match &self.database {
            Some(name) => format!("{}/{name}", variable("CASEPOST_TEST_PG_URL").rsplit_once('/').unwrap().0),
            None => format!("sqlite:{}", self.path("casepost.db").display()),
        }
    }

    /// Its database.
    pub async fn db(&self) -> Db {
        Db::open(&self.url()).await.unwrap()
    }

    /// Where it keeps the bytes.
    pub fn raw(&self) -> RawMails {
        RawMails::new(self.path("data/raw"))
    }

    /// The present moment: as long after its beginning as the trial lasts.
    pub fn now(&self) -> Timestamp {
        start() + self.passed + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    /// Writes its configuration, and tells where.
    pub fn config_path(&self) -> PathBuf {
        let inbox = match &self.source {
            Source::Maildir => "[mailbox.maildir]\npath = \"maildir\"".to_owned(),
            Source::Dovecot(user) => format!(
                "[mailbox.imap]\nhost = \"localhost\"\nport = {}\nca_file = \"{}\"\nuser = \"{user}\"\n\
                 password_file = \"password\"",
                port("CASEPOST_TEST_IMAPS_PORT"),
                variable("CASEPOST_TEST_CA"),
            ),
            Source::Token(user, lines) => format!(
                "[mailbox.imap]\nhost = \"localhost\"\nport = {}\nca_file = \"{}\"\nuser = \"{user}\"\n\
                 [mailbox.imap.oauth]\n{lines}",
                port("CASEPOST_TEST_IMAPS_PORT"),
                variable("CASEPOST_TEST_CA"),
            ),
            Source::Proxied(user, port) => format!(
                "[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"{user}\"\n\
                 password_file = \"password\"\ncommand_seconds = 3\nconnect_seconds = 3",
            ),
        };
        let since = if self.adopts_all { "adopt_since = \"all\"\n" } else { "" };
        let batch = if self.mailbox_lines.contains("batch") { "" } else { "batch = 3\n" };
        let text = format!(
            "data_dir = \"data\"\ndatabase = \"{}\"\n\
             [[desk]]\ncode = \"LIN\"\nname = \"Lindeboom Support\"\nlanguage = \"nl\"\n\
             time_zone = \"Europe/Amsterdam\"\nalarm_to = [\"alarm@lindeboom.example\"]\n{}\n\
             [[mailbox]]\nname = \"support\"\ndesk = \"LIN\"\naddress = \"support@lindeboom.example\"\n\
             reply_address = \"plus\"\nfile_into = \"Filed\"\npoll_seconds = 10\n{since}{batch}{}\n\
             authserv_ids = [\"mx.lindeboom.example\"]\ntrusted_hosts = [\"mx.lindeboom.example\"]\n{inbox}\n\
             [outlet]\nretry_pauses_seconds = {}\njitter_percent = 0\n\
             [outlet.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nconnections = 2\nconnect_seconds = 2\n\
             command_seconds = 2\n\
             [limits]\nautomatic_letters_per_address = 1000\nautomatic_letters_per_case = 1000\n\
             new_cases_per_sender_per_hour = 1000\n\
             [secrets]\nkey_file = \"secret.key\"\n{}",
            self.url(),
            self.desk_lines,
            self.mailbox_lines,
            self.retry_pauses,
            self.smtp_port,
            self.sections,
        );
        self.place("password", "secret\n");
        self.place("casepost.toml", &text);
        self.path("casepost.toml")
    }

    /// Puts a file there at once: a child that starts meanwhile never reads half of it.
    fn place(&self, name: &str, text: &str) {
        let half = self.path(&format!("{name}.half"));
        std::fs::write(&half, text).unwrap();
        set_mode(&half, 0o600);
        std::fs::rename(half, self.path(name)).unwrap();
    }

    /// Its configuration.
    pub fn config(&self) -> Config {
        Config::load(&self.config_path()).unwrap()
    }

    /// A worker in this process.
    pub async fn worker(&self) -> Worker {
        Worker::open(self.config(), Clock::rehearsal(self.now())).await.unwrap()
    }

    /// One pass in this process.
    pub async fn run_once(&self) -> Drained {
        let worker = self.worker().await;
        let drained = worker.run_once(None, &|_| ()).await.unwrap();
        worker.db.close().await;
        drained
    }

    /// Works in this process until every mail is taken and every letter is sent.
    pub async fn drain(&self) {
        let worker = self.worker().await;
        drain(&worker).await;
        worker.db.close().await;
    }

    /// Puts a mail into the mailbox.
    pub async fn put(&self, mail: &[u8]) {
        let count = self.mails.fetch_add(1, Ordering::Relaxed);
        match &self.source {
            Source::Maildir => {
                let name = format!("{count:06}.trial");
                let tmp = self.path("maildir/tmp").join(&name);
                std::fs::write(&tmp, mail).unwrap();
                let micros = u64::try_from(self.now().as_microsecond()).unwrap();
                let at = std::time::UNIX_EPOCH + Duration::from_micros(micros);
                std::fs::File::options().write(true).open(&tmp).unwrap().set_modified(at).unwrap();
                std::fs::rename(tmp, self.path("maildir/new").join(name)).unwrap();
            }
            Source::Dovecot(user) | Source::Proxied(user, _) | Source::Token(user, _) => {
                let text = std::str::from_utf8(mail).unwrap();
                ImapClient::log_in(user).await.append("INBOX", "", text).await;
            }
        }
    }

    /// How many mails lie unhandled in the mailbox, and how many are filed.
    pub async fn mailbox_counts(&self) -> (usize, usize) {
        let count = |folder: &str| std::fs::read_dir(self.path(folder)).map_or(0, Iterator::count);
        match &self.source {
            Source::Maildir => (count("maildir/new") + count("maildir/cur"), count("maildir/.Filed/cur")),
            Source::Dovecot(user) | Source::Proxied(user, _) | Source::Token(user, _) => {
                let mut client = ImapClient::log_in(user).await;
                let open = client.count("INBOX").await as usize;
                let folders = client.run("LIST \"\" \"*\"").await;
                let is_there = folders.iter().any(|line| line.contains("Filed"));
                (open, if is_there { client.count("Filed").await as usize } else { 0 })
            }
        }
    }

    /// The disk with its database, keys and mails is lost; its mailbox and its backup are elsewhere.
    pub async fn lose(&self) {
        if let Some(name) = &self.database {
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
            on_server(&format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        }
        std::fs::remove_dir_all(self.path("data")).unwrap();
        for name in ["secret.key", "casepost.db", "casepost.db-wal", "casepost.db-shm"] {
            // A database that was closed well has no file beside it.
            let _ = std::fs::remove_file(self.path(name));
        }
    }

    /// Where its backups go.
    pub fn backup_path(&self) -> PathBuf {
        self.path("casepost.backup")
    }

    /// Starts a child: `once` works until all is done, `run` goes on for ever, `backup`, `restore` and `refetch` do as they
    /// say.
    pub fn start_child(&self, mode: &str, die_at: Option<&str>) -> Child {
        let count = self.children.fetch_add(1, Ordering::Relaxed);
        let log = self.path(&format!("child-{count}.log"));
        let me = std::env::current_exe().unwrap();
        let mut command = match self.largest_file {
            None => tokio::process::Command::new(me),
            Some(kilobytes) => {
                // The signal that comes with the limit is ignored, so that the write fails instead.
                let mut shell = tokio::process::Command::new("bash");
                shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"")]).arg(me);
                shell
            }
        };
        command.args(["--exact", "trial::child", "--nocapture", "--test-threads", "1"]);
        command.env("CASEPOST_TRIAL", self.config_path()).env("CASEPOST_TRIAL_MODE", mode);
        command.env("CASEPOST_TRIAL_NOW", self.now().to_string()).env_remove("CASEPOST_DIE_AT");
        command.env("CASEPOST_TRIAL_BACKUP", self.backup_path());
        if let Some(die_at) = die_at {
            command.env("CASEPOST_DIE_AT", die_at);
        }
        if let Ok(limit) = std::env::var("CASEPOST_TRIAL_LOG") {
            command.env("CASEPOST_TRIAL_LOG", limit);
        }
        let file = std::fs::File::create(&log).unwrap();
        command.stdout(Stdio::null()).stderr(Stdio::from(file)).kill_on_drop(true);
        Child { process: command.spawn().unwrap(), log }
    }
}

/// A casepost in a process of its own.
pub struct Child {
    process: tokio::process::Child,
    log: PathBuf,
}

impl Child {
    /// Waits for its end, which must come within a minute.
    pub async fn wait(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(Duration::from_secs(60), self.process.wait()).await;
        ended.unwrap_or_else(|_| panic!("a child hangs:\n{}", self.log())).unwrap()
    }

    /// Whether it still lives.
    pub fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Kills it as the system does: nothing is flushed, nothing cleaned up.
    pub async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// What it told.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// What a child does; without the environment of a trial it is no child.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(path) = std::env::var("CASEPOST_TRIAL") else { return };
    let level = std::env::var("CASEPOST_TRIAL_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(level);
    log.init();
    let now: Timestamp = variable("CASEPOST_TRIAL_NOW").parse().unwrap();
    let config = Config::load(Path::new(&path)).unwrap();
    let file = PathBuf::from(variable("CASEPOST_TRIAL_BACKUP"));
    let worker = async |config| Worker::open(config, Clock::rehearsal(now)).await.unwrap();
    match variable("CASEPOST_TRIAL_MODE").as_str() {
        "backup" => drop(backup::back_up(&config, Target::File(file), now).await.unwrap()),
        "refetch" => {
            let worker = worker(config).await;
            drop(worker.refetch(&filed(&worker), &tester(), &|_, _| ()).await.unwrap());
        }
        "restore" => drop(backup::restore(&config, file, &tester(), now).await.unwrap()),
        "once" => drain(&worker(config).await).await,
        _ => std::sync::Arc::new(worker(config).await).run(CancellationToken::new()).await.unwrap(),
    }
}

/// The folder of filed mails, to be read again.
pub fn filed(worker: &Worker) -> Refetch {
    Refetch {
        mailbox: worker.config.mailboxes[0].clone(),
        folder: "Filed".into(),
        since: "2026-01-01T00:00:00Z".parse().unwrap(),
        is_dry: false,
        reading: ReadingAgain { is_received_now: false },
    }
}

/// Who does what a person does.
pub fn tester() -> By {
    By { actor: "command:tester".into(), reason: "a trial".into() }
}

async fn drain(worker: &Worker) {
    let begun = Instant::now();
    loop {
        let drained = worker.run_once(None, &|_| ()).await.unwrap();
        let (waiting, _) = letters::list_waiting(&worker.db).await.unwrap();
        if drained.unread.is_empty() && waiting == 0 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{waiting} letters wait; {drained:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A mailbox that no other test uses.
pub fn new_dovecot() -> Source {
    Source::Dovecot(new_user())
}

fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("trial_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn on_server(sql: &str) {
    // A template may not be in use: its last users may just be leaving, or another trial may copy it.
    for attempt in 0.. {
        let mut admin = sqlx::PgConnection::connect(&variable("CASEPOST_TEST_PG_URL")).await.unwrap();
        let done = admin.execute(sqlx::AssertSqlSafe(sql.to_owned())).await;
        admin.close().await.unwrap();
        match done {
            Ok(_) => return,
            Err(error) if attempt < 200 && error.to_string().contains("is being accessed") => {}
            Err(error) => panic!("{sql}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn declare(db: &Db) {
    let declared = parse_directory(DIRECTORY, "desk.toml").unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mut tx = db.begin_for("LIN").await.unwrap();
    for item in declared.items() {
        let row = ItemRow {
            kind: item.kind.as_str().into(),
            key: item.key.clone(),
            source: "desk.toml".into(),
            body: serde_json::to_string(&item.body).unwrap(),
            ended_at: None,
        };
        directory::save(&mut tx, "LIN", &row, start()).await.unwrap();
    }
    directory::save_version(&mut tx, "LIN").await.unwrap();
    let mut numbers = Numbers::list(&mut tx, "LIN").await.unwrap();
    for card in &declared.cards {
        let minutes = i64::from(card.strips) * i64::from(card.minutes_per_strip.unwrap_or(15));
        let bought = NewCard { number: card.number.clone(), purchased_on: card.purchased_on, minutes };
        let account = Account::from_entries(std::iter::empty());
        for (part, entry) in purchase(&account, &bought, bought.purchased_on).unwrap().into_iter().enumerate() {
            let line = StoredEntry {
                entry_no: numbers.draw("entry"),
                entry,
                booked_at: start(),
                booking_key: format!("card/{}/{}", card.client, card.number),
                position: None,
            };
            let part = i64::try_from(part).unwrap();
            cards::record(&mut tx, "LIN", card.client.as_str(), part, None, &line).await.unwrap();
        }
    }
    numbers.save(&mut tx, "LIN").await.unwrap();
    tx.commit().await.unwrap();
}

// ------------------------------------------------------------------------------------------------ mails and letters

/// Who writes.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// The coordinator of the client with the strip card.
    Anne,
    /// The expert.
    Joost,
    /// Nobody knows him.
    Sam,
}

impl Who {
    fn from(self) -> &'static str {
        match self {
            Who::Anne => "Anne Bakker <anne.bakker@amersfoortsmuseum.example>",
            Who::Joost => "Joost de Wit <joost@dewit-web.example>",
            Who::Sam => "Sam Lee <sam@elsewhere.example>",
        }
    }
}

/// A second of its own for each mail: of two mails of one second with one text, one is a copy.
fn written_at(id: &str) -> String {
    let digest = id.bytes().fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    let start: jiff::Timestamp = "2026-04-21T08:00:00Z".parse().unwrap();
    let at = start - jiff::SignedDuration::from_secs(i64::from(digest % 10_000_000));
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// A mail, proven by the receiving host.
pub fn mail(who: Who, id: &str, to: &str, headers: &str, body: &str) -> Vec<u8> {
    let from = who.from();
    let domain = from.trim_end_matches('>').rsplit('@').next().unwrap();
    let written = written_at(id);
    format!(
        "Received: from mail.{domain} (mail.{domain} [192.0.2.7])\n by mx.lindeboom.example with ESMTPS id {id};\n \
         Tue, 21 Apr 2026 08:00:00 +0000\n\
         Authentication-Results: mx.lindeboom.example; dmarc=pass header.from={domain}\n\
         From: {from}\nTo: {to}\nDate: {written}\nMessage-ID: <{id}@{domain}>\n\
         MIME-Version: 1.0\n{headers}\n{body}"
    )
    .replace('\n', "\r\n")
    .into_bytes()
}

const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\n";

/// A new request, with an attachment.
pub fn request(id: &str) -> Vec<u8> {
    let headers = format!("Subject: Vraag {id}\nContent-Type: multipart/mixed; boundary=\"b\"\n");
    let body = "--b\nContent-Type: text/plain; charset=utf-8\n\nGoedemorgen,\n\nDe site is traag. Kijken jullie even?\n\
        --b\nContent-Type: application/pdf; name=\"meting.pdf\"\n\
        Content-Disposition: attachment; filename=\"meting.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n\
        --b--\n";
    mail(Who::Anne, id, "support@lindeboom.example", &headers, body)
}

/// A request without anything else, of anybody.
pub fn note(who: Who, id: &str) -> Vec<u8> {
    let headers = format!("Subject: Vraag {id}\n{PLAIN}");
    mail(who, id, "support@lindeboom.example", &headers, "Goedemorgen, kunnen jullie even kijken?\n")
}

/// What a mail program makes of an answer to this letter.
pub fn answer(who: Who, id: &str, letter: &Letter, text: &str) -> Vec<u8> {
    let own = letter.header("Message-ID");
    let headers = format!(
        "Subject: Re: {}\nIn-Reply-To: {own}\nReferences: {} {own}\n{PLAIN}",
        letter.header("Subject").trim_start_matches("Re: "),
        letter.header("References"),
    );
    mail(who, id, &letter.header("Reply-To"), &headers, text)
}

/// A mail server's report that this letter could not be delivered.
pub fn bounce(id: &str, letter: &Letter, recipient: &str) -> Vec<u8> {
    format!(
        "Return-Path: <>\nFrom: Mail Delivery System <mailer-daemon@mx.amersfoortsmuseum.example>\n\
         To: support+bounce@lindeboom.example\nSubject: Undelivered Mail Returned to Sender\n\
         Date: Tue, 21 Apr 2026 08:00:00 +0000\nMessage-ID: <{id}@mx.amersfoortsmuseum.example>\n\
         Auto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.amersfoortsmuseum.example\n\n\
         Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {}\n\n--b--\n",
        letter.header("Message-ID")
    )
    .replace('\n', "\r\n")
    .into_bytes()
}

/// A finished letter.
pub struct Letter(String);

impl Letter {
    /// From its bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(String::from_utf8(bytes).unwrap())
    }

    /// A header, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.0.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        let value = line.unwrap_or_else(|| panic!("no {name} in {head}"));
        // Reply-To carries the desk's name; an answer goes to the address.
        match value.split_once('<') {
            Some((_, address)) if name == "Reply-To" => address.trim_end_matches('>').to_owned(),
            _ => value,
        }
    }
}

/// The newest letter of that kind to that address.
pub async fn letter(db: &Db, raw: &RawMails, notice: &str, recipient: &str) -> Letter {
    let all = letters::list(db, "LIN", None, 1000).await.unwrap();
    let told: Vec<_> = all.iter().map(|letter| (&letter.notice, &letter.recipient)).collect();
    let found = all.iter().find(|letter| letter.notice == notice && letter.recipient == recipient);
    let found = found.unwrap_or_else(|| panic!("no {notice} to {recipient} among {told:?}"));
    Letter::new(raw.find(db, "LIN", &found.raw_digest).await.unwrap())
}

/// The first column of an answer.
pub async fn texts(db: &Db, sql: &'static str) -> Vec<String> {
    db.fetch(sql, &[]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect()
}

/// One number.
pub async fn number(db: &Db, sql: &'static str) -> i64 {
    db.fetch(sql, &[]).await.unwrap()[0].int(0).unwrap()
}
