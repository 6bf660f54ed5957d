//! The test language: a desk with a real database, mails that come in, letters that somebody must look at.
//!
//! A dialogue runs on SQLite and on PostgreSQL. Every mail is received twice, and the second time must change
//! nothing. A letter that no line of the dialogue looked at fails it at the end.

mod by_hand;
mod clocks;
mod forgetting;
mod letter;
mod mail;
mod restored;
mod signature;
mod stored;

pub use clocks::clock_desk;
pub use letter::Letter;
pub use mail::Mail;
pub use signature::{key_name, key_record};
pub use stored::Bare;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;

use casepost::config::Config;
use casepost::desk::again::Anew;
use casepost::desk::casework::change_case;
use casepost::desk::clock::Clock;
use casepost::desk::import::By;
use casepost::desk::intake::{Arrived, Intake, Taken};
use casepost::desk::office::{Office, read_items};
use casepost::domain::case::{Case, PartyRole};
use casepost::domain::clock::Run;
use casepost::domain::decision::{DeskChange, Outcome};
use casepost::domain::directory::parse_directory;
use casepost::domain::identity::Keys;
use casepost::domain::strip_card::{Account, NewCard, purchase};
use casepost::mail::dns::Dns;
use casepost::mail::parse::Trust;
use casepost::store::audit::{self, AuditLine};
use casepost::store::cards::{self, StoredEntry};
use casepost::store::directory::{self, ItemRow};
use casepost::store::letters::StoredLetter;
use casepost::store::messages::{self, StoredMessage};
use casepost::store::numbers::Numbers;
use casepost::store::raw::RawMails;
use casepost::store::{Db, cases, letters};

use crate::servers::variable;

/// The declared world of the small desk.
pub const DESK: &str = include_str!("world/desk.toml");

const CONFIG: &str = r#"
    [[desk]]
    code = "LIN"
    name = "Lindeboom Support"
    language = "nl"
    time_zone = "Europe/Amsterdam"
    footer = "Lindeboom Support, Utrecht"
    alarm_to = []
    weekly_summaries = false

    [[mailbox]]
    name = "support"
    desk = "LIN"
    address = "support@lindeboom.example"
    reply_address = "plus"
    authserv_ids = ["mx.lindeboom.example"]
    trusted_hosts = ["mx.lindeboom.example"]
    [mailbox.maildir]
    path = "maildir"

    [outlet.folder]
    path = "letters"
"#;

/// Runs a dialogue on both databases, as `NAME::sqlite` and `NAME::postgres`.
#[macro_export]
macro_rules! dialogue {
    ($name:ident, |$world:ident| $body:block) => {
        async fn $name(mut $world: $crate::world::World) {
            $body
            $world.done().await;
        }
        mod $name {
            use $crate::world::World;
            #[tokio::test]
            async fn sqlite() {
                super::$name(World::on_sqlite().await).await;
            }
            #[tokio::test]
            async fn postgres() {
                super::$name(World::on_postgres().await).await;
            }
        }
    };
}

/// A desk at work, and everybody who writes to it.
pub struct World {
    /// Its database.
    pub db: Db,
    /// The present moment; a test moves it.
    pub now: Timestamp,
    /// Whether every mail is received a second time; off where a test counts many.
    pub is_received_twice: bool,
    url: String,
    intake: Intake,
    mails: u32,
    looked_at: HashSet<i64>,
    folder: TempDir,
}

/// What became of a mail.
#[derive(Debug)]
pub struct Received {
    /// The outcome's word; `seen-before` and `waits` too.
    pub outcome: String,
    /// The mail as it is kept; none for one that waits.
    pub kept: Option<StoredMessage>,
    /// The number of its case.
    pub case: Option<String>,
}

impl Received {
    /// The mail ended so.
    #[track_caller]
    pub fn is(&self, outcome: &str) -> &Self {
        assert_eq!(self.outcome, outcome, "{:#?}", self.kept);
        self
    }

    /// On that case.
    #[track_caller]
    pub fn on(&self, number: &str) -> &Self {
        assert_eq!(self.case.as_deref(), Some(number), "{:#?}", self.kept);
        self
    }

    /// On no case.
    #[track_caller]
    pub fn on_no_case(&self) -> &Self {
        assert_eq!(self.case, None, "{:#?}", self.kept);
        self
    }

    /// With that cause code.
    #[track_caller]
    pub fn because(&self, cause: &str) -> &Self {
        assert_eq!(self.kept.as_ref().and_then(|m| m.cause.as_deref()), Some(cause), "{:#?}", self.kept);
        self
    }

    /// Why, in the desk's own words.
    pub fn why(&self) -> &str {
        self.kept.as_ref().map_or("", |m| m.why.as_str())
    }
}

/// The present moment of every dialogue at its start: a Tuesday, 10:00 in Amsterdam.
pub fn start() -> Timestamp {
    "2026-04-21T08:00:00Z".parse().unwrap()
}

/// A database of the test's own on the PostgreSQL server of `tests/run`.
pub async fn new_postgres() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("world_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let server = variable("CASEPOST_TEST_PG_URL");
    let mut admin = sqlx::PgConnection::connect(&server).await.expect("the PostgreSQL of tests/run");
    let create = format!("CREATE DATABASE {name} TEMPLATE template0");
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    admin.close().await.unwrap();
    let (place, _) = server.rsplit_once('/').unwrap();
    format!("{place}/{name}")
}

/// Keys that every test shares, so that every letter is the same in every run.
pub fn keys() -> Keys {
    Keys { identity: [7; 32], tokens: vec![[8; 32].into()] }
}

impl World {
    /// On SQLite in a folder of its own.
    pub async fn on_sqlite() -> Self {
        Self::on_sqlite_with(DESK).await
    }

    /// On a PostgreSQL database of its own.
    pub async fn on_postgres() -> Self {
        Self::on_postgres_with(DESK).await
    }

    async fn on_sqlite_with(directory: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("casepost.db").display());
        Self::open(&url, folder, directory).await
    }

    async fn on_postgres_with(directory: &str) -> Self {
        Self::open(&new_postgres().await, tempfile::tempdir().unwrap(), directory).await
    }

    /// The desk of somebody else, at another domain and with other keys, on SQLite. Its code is LIN too.
    pub async fn elsewhere(domain: &str, directory: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("casepost.db").display());
        let config =
            CONFIG.replace("lindeboom.example", domain).replace("code =", "subject_tag = \"ELSE\"\n    code =");
        let keys = Keys { identity: [3; 32], tokens: vec![[4; 32].into()] };
        Self::open_as(&url, folder, directory, &config, keys).await
    }

    /// On SQLite, with another directory and at another time.
    pub async fn on_sqlite_at(directory: &str, now: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("casepost.db").display());
        let db = Db::open(&url).await.unwrap();
        let intake = Self::intake(&db, CONFIG, folder.path(), keys());
        let mut world =
            Self { db, now, is_received_twice: true, intake, mails: 0, looked_at: HashSet::new(), folder, url };
        world.declare(directory).await;
        world
    }

    async fn open(url: &str, folder: TempDir, directory: &str) -> Self {
        Self::open_as(url, folder, directory, CONFIG, keys()).await
    }

    async fn open_as(url: &str, folder: TempDir, directory: &str, config: &str, keys: Keys) -> Self {
        let db = Db::open(url).await.unwrap();
        let intake = Self::intake(&db, config, folder.path(), keys);
        let mut world = Self {
            db,
            now: start(),
            is_received_twice: true,
            url: url.to_owned(),
            intake,
            mails: 0,
            looked_at: HashSet::new(),
            folder,
        };
        world.declare(directory).await;
        world
    }

    fn intake(db: &Db, config: &str, folder: &Path, keys: Keys) -> Intake {
        let config = Config::parse(config, folder).unwrap();
        let office = Office::open(&config, &config.desks[0], Arc::new(keys)).unwrap();
        let mailbox = &config.mailboxes[0];
        Intake {
            db: db.clone(),
            raw: RawMails::new(folder.join("raw")),
            mailbox: office.mailboxes[0].clone(),
            office: Arc::new(office),
            trust: Arc::new(Trust {
                authserv_ids: mailbox.authserv_ids.clone(),
                trusted_hosts: mailbox.trusted_hosts.clone(),
            }),
            max_bytes: mailbox.max_bytes,
            clock: Clock::standing(start()),
            dns: Arc::new(Dns::table([])),
            reading: None,
        }
    }

    /// What the domain name system answers from now on: names and their texts; a name without text gives no answer in
    /// time, every other has none.
    pub fn names(&mut self, table: &[(&str, Option<&str>)]) {
        self.intake.dns = Arc::new(Dns::table(table.iter().copied()));
    }

    /// The domain publishes the key with which [`Mail::signed`] signs.
    pub fn publish_key(&mut self, domain: &str) {
        self.names(&[(&key_name(domain), Some(&key_record()))]);
    }

    /// Sets the desk up anew with further lines of casepost.toml, such as `[limits]`.
    pub fn configure(&mut self, further: &str) {
        self.intake = Self::intake(&self.db, &format!("{CONFIG}\n{further}"), self.folder.path(), keys());
    }

    /// Sets the desk up anew with another line in casepost.toml.
    pub fn configure_otherwise(&mut self, from: &str, to: &str) {
        assert!(CONFIG.contains(from), "casepost.toml lacks {from}");
        self.intake = Self::intake(&self.db, &CONFIG.replace(from, to), self.folder.path(), keys());
    }

    /// From now on the desk has this file in the place of a built-in one, such as `nl/words.toml`.
    pub fn word_otherwise(&mut self, file: &str, text: &str) {
        let path = self.folder.path().join("own").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.configure_otherwise("alarm_to = []", "alarm_to = []\n    templates = \"own\"");
    }

    /// Lets the clock send weekly summaries, which other dialogues go without.
    pub fn send_summaries(&mut self) {
        self.configure_otherwise("weekly_summaries = false", "weekly_summaries = true");
    }

    /// As [`World::send_summaries`], with further lines of casepost.toml.
    pub fn send_summaries_with(&mut self, further: &str) {
        let config = format!("{}\n{further}", CONFIG.replace("weekly_summaries = false", "weekly_summaries = true"));
        self.intake = Self::intake(&self.db, &config, self.folder.path(), keys());
    }

    /// The process ends and another one begins, on the same SQLite file.
    pub async fn restart(&mut self) {
        self.db.close().await;
        let url = format!("sqlite:{}", self.folder.path().join("casepost.db").display());
        self.db = Db::open(&url).await.unwrap();
        self.intake.db = self.db.clone();
    }

    /// As [`World::declare`], in a world whose client never bought the first card.
    pub async fn declare_first(&mut self, text: &str) {
        let fresh =
            if self.db.is_sqlite() { Self::on_sqlite_with(text).await } else { Self::on_postgres_with(text).await };
        let now = self.now;
        *self = fresh;
        self.now = now;
    }

    /// Takes this directory over: what is no longer declared ends now. New cards are bought.
    pub async fn declare(&mut self, text: &str) {
        let declared = parse_directory(text, "desk.toml").unwrap_or_else(|faults| panic!("{faults:#?}"));
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        let before = directory::list_in(&mut tx, "LIN").await.unwrap();
        let items = declared.items();
        for item in &items {
            let row = ItemRow {
                kind: item.kind.as_str().into(),
                key: item.key.clone(),
                source: "desk.toml".into(),
                body: serde_json::to_string(&item.body).unwrap(),
                ended_at: None,
            };
            directory::save(&mut tx, "LIN", &row, self.now).await.unwrap();
        }
        for row in read_items(before.clone()).unwrap() {
            if !items.iter().any(|item| item.kind == row.item.kind && item.key == row.item.key) {
                let (kind, key) = (row.item.kind.as_str(), row.item.key.as_str());
                directory::save_end(&mut tx, "LIN", kind, key, self.now).await.unwrap();
            }
        }
        directory::save_version(&mut tx, "LIN").await.unwrap();
        let mut numbers = Numbers::list(&mut tx, "LIN").await.unwrap();
        for card in &declared.cards {
            let client = card.client.as_str();
            let booked = cards::list_in(&mut tx, "LIN", client).await.unwrap();
            let account = Account::from_entries(booked.iter().map(|stored| &stored.entry));
            if account.card(&card.number).is_some() {
                continue;
            }
            let minutes = i64::from(card.strips) * i64::from(card.minutes_per_strip.unwrap_or(15));
            let bought = NewCard { number: card.number.clone(), purchased_on: card.purchased_on, minutes };
            for (part, entry) in purchase(&account, &bought, jiff::tz::TimeZone::UTC.to_datetime(self.now).date())
                .unwrap()
                .into_iter()
                .enumerate()
            {
                let line = StoredEntry {
                    entry_no: numbers.draw("entry"),
                    entry,
                    booked_at: self.now,
                    booking_key: format!("card/{client}/{}", card.number),
                    position: None,
                };
                cards::record(&mut tx, "LIN", client, i64::try_from(part).unwrap(), None, &line).await.unwrap();
            }
        }
        numbers.save(&mut tx, "LIN").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Lets time pass.
    pub fn pass(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    /// Goes to a moment, such as `2026-04-28T10:00:00Z`.
    pub fn at(&mut self, moment: &str) {
        self.now = moment.parse().unwrap();
    }

    /// A mail of somebody (see [`mail::address_of`]) to the support address, proven by the receiving host.
    pub fn mail_from(&mut self, who: &str) -> Mail {
        self.mails += 1;
        Mail::new(self.mails, mail::address_of(who), self.now)
    }

    /// The answer that a mail program makes of this letter: to its Reply-To, in its thread, with its text quoted.
    pub fn reply_to(&mut self, letter: &Letter) -> Mail {
        self.mails += 1;
        Mail::new(self.mails, letter.recipient(), self.now).answering(letter)
    }

    /// A report of a mail server that this letter could not be delivered.
    pub fn bounce_of(&mut self, letter: &Letter) -> Mail {
        self.mails += 1;
        Mail::bounce(self.mails, letter, letter.recipient_address(), self.now)
    }

    /// Receives a mail, and the very same once more.
    pub async fn receive(&mut self, mail: Mail) -> Received {
        self.pass_seconds(30);
        let received = self.receive_raw(&mail.to_bytes(), mail.is_junk).await;
        if self.is_received_twice && received.outcome != "waits" {
            let before = self.state().await;
            let again = self.receive_raw(&mail.to_bytes(), mail.is_junk).await;
            if received.outcome != "seen-before" {
                assert_eq!(again.outcome, "seen-before", "{:#?}", again.kept);
            }
            assert_eq!(before, self.state().await, "the same mail again changed something");
        }
        received
    }

    fn pass_seconds(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// Decides a kept mail anew, as `quarantine replay` does.
    pub async fn replay(&mut self, received: &Received) -> Option<&'static str> {
        let fingerprint = &received.kept.as_ref().unwrap().fingerprint;
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        let mut batch = self.intake.batch(&mut tx).await.unwrap();
        let outcome =
            self.intake.decide_again(&mut tx, &mut batch, fingerprint, self.now, Anew::default()).await.unwrap();
        batch.numbers.save(&mut tx, "LIN").await.unwrap();
        tx.commit().await.unwrap();
        outcome.map(Outcome::as_str)
    }

    /// Receives bytes once.
    pub async fn receive_raw(&mut self, raw: &[u8], is_junk: bool) -> Received {
        let mail = Arrived { arrived_at: self.now, raw: raw.to_vec(), too_large: None, is_junk, is_deadly: false };
        self.take(&[mail]).await.remove(0)
    }

    /// Receives a set in one transaction.
    pub async fn take(&mut self, set: &[Arrived]) -> Vec<Received> {
        self.intake.clock = Clock::standing(self.now);
        let taken = self.intake.take(set).await.unwrap();
        let mut received = Vec::new();
        for taken in taken {
            let (outcome, message_no) = match taken {
                Taken::Done { outcome, message_no } => (outcome.as_str(), message_no),
                Taken::SeenBefore { message_no } => (Outcome::SeenBefore.as_str(), message_no),
                Taken::Waits { .. } => {
                    received.push(Received { outcome: "waits".into(), kept: None, case: None });
                    continue;
                }
            };
            let kept = messages::find_by_number(&self.db, "LIN", message_no).await.unwrap().unwrap();
            let case = match kept.case_no {
                Some(case_no) => Some(self.case_by_no(case_no).await.number.to_string()),
                None => None,
            };
            received.push(Received { outcome: outcome.into(), kept: Some(kept), case });
        }
        received
    }

    /// A person of the desk changes a case by command; what was done or why not, in words.
    pub async fn change(&mut self, number: &str, change: DeskChange) -> Result<String, String> {
        self.intake.clock = Clock::standing(self.now);
        let by = By { actor: "command:tester".into(), reason: "because the desk says so".into(), at: self.now };
        let done = change_case(&self.intake, &number.parse().unwrap(), &change, &by).await;
        done.map_err(|refused| refused.to_string())
    }

    async fn case_by_no(&self, case_no: i64) -> Case {
        let all = cases::list(&self.db, "LIN", None, 10_000).await.unwrap();
        all.into_iter().find(|case| case.case_no == case_no).unwrap()
    }

    /// A case by its number.
    pub async fn case(&self, number: &str) -> Case {
        cases::find_by_number(&self.db, "LIN", number).await.unwrap().unwrap_or_else(|| panic!("no case {number}"))
    }

    /// Where a case stands, in one line: state, kind, priority.
    pub async fn state_of(&self, number: &str) -> String {
        let case = self.case(number).await;
        format!("{} {} {}", case.status, case.kind, case.priority)
    }

    /// The numbers of all cases.
    pub async fn cases(&self) -> Vec<String> {
        let all = cases::list(&self.db, "LIN", None, 10_000).await.unwrap();
        let mut numbers: Vec<String> = all.iter().map(|case| case.number.to_string()).collect();
        numbers.sort();
        numbers
    }

    /// The experts on a case.
    pub async fn experts_on(&self, number: &str) -> Vec<String> {
        let case_no = self.case(number).await.case_no;
        let parties = cases::list_parties(&self.db, "LIN", case_no).await.unwrap();
        let experts = parties.iter().filter(|party| party.role == PartyRole::Expert);
        experts.map(|party| party.person.to_string()).collect()
    }

    /// The ledger of a client without its purchases: `deduction -45 on 2026-001, 40 real, joost`.
    pub async fn ledger(&self, client: &str) -> Vec<String> {
        let entries = cards::list(&self.db, "LIN", client).await.unwrap();
        let lines = entries.iter().map(|stored| &stored.entry).filter(|entry| entry.kind.as_str() != "purchase");
        lines
            .map(|entry| {
                let card = entry.card.as_ref().map_or("no card".to_owned(), ToString::to_string);
                let who = entry.booking.as_ref().map_or("the desk".to_owned(), |key| key.expert.to_string());
                let (kind, minutes, real) = (entry.kind.as_str(), entry.charged_minutes, entry.real_minutes);
                format!("{kind} {minutes} on {card}, {real} real, {who}")
            })
            .collect()
    }

    /// The minutes left on each card of a client, and what is open beside them.
    pub async fn cards(&self, client: &str) -> String {
        let entries = cards::list(&self.db, "LIN", client).await.unwrap();
        let account = Account::from_entries(entries.iter().map(|stored| &stored.entry));
        let cards: Vec<String> =
            account.cards().iter().map(|card| format!("{}: {}", card.number, card.minutes)).collect();
        format!("{}; overdraft {}", cards.join(", "), account.overdraft_minutes())
    }

    /// The audit trail of a case.
    pub async fn trail(&self, number: &str) -> Vec<AuditLine> {
        let case_no = self.case(number).await.case_no;
        audit::list_of_case(&self.db, "LIN", case_no).await.unwrap()
    }

    /// All letters of the outbox, in the order in which they were written.
    pub async fn all_letters(&self) -> Vec<Letter> {
        let mut all = Vec::new();
        for stored in self.outbox().await {
            all.push(self.whole(stored).await);
        }
        all
    }

    /// The letters on a case, oldest first, as the outbox lists them.
    pub async fn letters_on(&self, number: &str) -> Vec<StoredLetter> {
        let case_no = self.case(number).await.case_no;
        letters::list_of_case(&self.db, "LIN", case_no).await.unwrap()
    }

    /// All letters, oldest first, as the outbox lists them.
    pub async fn outbox(&self) -> Vec<StoredLetter> {
        let mut stored = letters::list(&self.db, "LIN", None, 100_000).await.unwrap();
        stored.sort_by_key(|letter| letter.letter_no);
        stored
    }

    /// A letter of the outbox with its bytes.
    pub async fn whole(&self, stored: StoredLetter) -> Letter {
        let bytes = self.intake.raw.find(&self.db, "LIN", &stored.raw_digest).await.unwrap();
        Letter::new(stored, bytes)
    }

    /// The runs of the clocks of a case.
    pub async fn runs(&self, number: &str) -> Vec<Run> {
        let case_no = self.case(number).await.case_no;
        let stored = casepost::store::clocks::list_of_case(&self.db, "LIN", case_no).await.unwrap();
        stored.into_iter().map(|stored| stored.run).collect()
    }

    /// The letters that nobody looked at.
    pub async fn unread(&self) -> Vec<Letter> {
        let all = self.all_letters().await;
        all.into_iter().filter(|letter| !self.looked_at.contains(&letter.stored.letter_no)).collect()
    }

    /// The oldest letter to somebody that nobody looked at yet.
    pub async fn letter_to(&mut self, who: &str) -> Letter {
        let (_, address) = mail::address_of(who);
        let unread = self.unread().await;
        let list: Vec<String> = unread.iter().map(Letter::line).collect();
        let found = unread.into_iter().find(|letter| letter.stored.recipient == address);
        let letter = found.unwrap_or_else(|| panic!("no letter to {who}; unread are {list:#?}"));
        self.looked_at.insert(letter.stored.letter_no);
        letter
    }

    /// Looks at all letters that are left; only their kinds and recipients: `acknowledgement to anne.bakker`.
    pub async fn rest(&mut self) -> Vec<String> {
        let unread = self.unread().await;
        self.looked_at.extend(unread.iter().map(|letter| letter.stored.letter_no));
        unread.iter().map(Letter::line).collect()
    }

    /// Nobody was written to.
    pub async fn no_letters(&self) {
        let unread: Vec<String> = self.unread().await.iter().map(|letter| letter.whole()).collect();
        assert!(unread.is_empty(), "letters that nobody expected:\n{}", unread.join("\n---\n"));
    }

    /// Everything that a mail can change, but for the trail of having seen it.
    pub async fn state(&self) -> BTreeMap<String, Vec<String>> {
        let mut state = BTreeMap::new();
        let mut put = |what: &str, lines: Vec<String>| state.insert(what.to_owned(), lines);
        let all = messages::list(&self.db, "LIN", None, 10_000).await.unwrap();
        put("messages", all.iter().map(|m| format!("{m:?}")).collect());
        let all = cases::list(&self.db, "LIN", None, 10_000).await.unwrap();
        put("cases", all.iter().map(|case| format!("{case:?}")).collect());
        for case in &all {
            let parties = cases::list_parties(&self.db, "LIN", case.case_no).await.unwrap();
            put(&format!("parties of {}", case.number), parties.iter().map(|p| format!("{p:?}")).collect());
        }
        let clients: BTreeSet<String> = all.iter().map(|case| case.client.to_string()).collect();
        for client in clients.iter().map(String::as_str).chain(["AMR", "NWK"]) {
            let entries = cards::list(&self.db, "LIN", client).await.unwrap();
            put(&format!("ledger of {client}"), entries.iter().map(|e| format!("{e:?}")).collect());
        }
        let letters = letters::list(&self.db, "LIN", None, 10_000).await.unwrap();
        put("letters", letters.iter().map(|letter| format!("{letter:?}")).collect());
        state
    }

    /// The bytes of a mail as they are kept.
    pub async fn kept_bytes(&self, kept: &StoredMessage) -> Vec<u8> {
        self.intake.raw.find(&self.db, "LIN", &kept.raw_digest).await.unwrap()
    }

    /// What would become of a mail that waits if a person of the desk released it; none where it does not wait.
    /// Nothing of it is written.
    pub async fn would_release(&self, kept: &StoredMessage) -> Option<Outcome> {
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        let mut batch = self.intake.batch(&mut tx).await.unwrap();
        let anew = Anew { is_released: true, client: None };
        self.intake.decide_again(&mut tx, &mut batch, &kept.fingerprint, self.now, anew).await.unwrap()
    }

    /// A person of the desk has a mail that waits decided again, as if its sender were proven or just as it is.
    pub async fn decide_again(&self, kept: &StoredMessage, is_released: bool) -> Option<Outcome> {
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        let mut batch = self.intake.batch(&mut tx).await.unwrap();
        let decided = self.intake.decide_again(
            &mut tx,
            &mut batch,
            &kept.fingerprint,
            self.now,
            Anew { is_released, client: None },
        );
        let outcome = decided.await.unwrap();
        batch.numbers.save(&mut tx, "LIN").await.unwrap();
        tx.commit().await.unwrap();
        outcome
    }

    /// All mails that were recorded, oldest first.
    pub async fn mails(&self) -> Vec<StoredMessage> {
        let mut all = messages::list(&self.db, "LIN", None, 10_000).await.unwrap();
        all.sort_by_key(|mail| mail.message_no);
        all
    }

    /// The end of a dialogue: every letter was looked at.
    pub async fn done(self) {
        self.no_letters().await;
        self.db.close().await;
    }
}
