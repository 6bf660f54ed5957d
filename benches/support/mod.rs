//! What the measurements of a whole desk share: a desk on SQLite in a temporary folder, and a case as it begins.

use std::error::Error;
use std::sync::Arc;

use casepost::config::Config;
use casepost::desk::import::{By, World};
use casepost::desk::office::Office;
use casepost::desk::tick::Tick;
use casepost::domain::case::{Case, CaseNumber, Kind, Priority, Status};
use casepost::domain::directory::DirectoryFile;
use casepost::domain::identity::Keys;
use casepost::domain::names::ClientCode;
use casepost::store::Db;
use casepost::store::raw::RawMails;
use jiff::Timestamp;
use tempfile::TempDir;

/// A measurement stops at what it did not expect.
pub type Failed = Box<dyn Error>;

/// The desk's code.
pub const DESK: &str = "LIN";

const CONFIG: &str = r#"
    [[desk]]
    code = "LIN"
    name = "Lindeboom"
    language = "nl"
    time_zone = "Europe/Amsterdam"
    alarm_to = ["desk@lindeboom.example"]
    [[mailbox]]
    name = "support"
    desk = "LIN"
    address = "support@lindeboom.example"
    [mailbox.maildir]
    path = "maildir"
    [outlet.folder]
    path = "letters"
"#;

/// A desk with a database of its own, that is gone with it.
pub struct Desk {
    /// Its database.
    pub db: Db,
    raw: RawMails,
    office: Office,
    _folder: TempDir,
}

impl Desk {
    /// A desk that knows a directory since that moment.
    pub async fn open(directory: &str, at: Timestamp) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let config = Config::parse(CONFIG, folder.path()).map_err(|faults| format!("{faults:?}"))?;
        let keys = Keys { identity: [7; 32], tokens: vec![[8; 32].into()] };
        let office = Office::open(&config, &config.desks[0], Arc::new(keys))?;
        let db = Db::open(&format!("sqlite:{}", folder.path().join("casepost.db").display())).await?;
        let by = By { actor: "bench".into(), reason: "bench".into(), at };
        let world = World { db: &db, desk: &office.facts.code, zone: &office.facts.time_zone };
        world.import(&DirectoryFile::alone("desk.toml", directory), &by, false).await?;
        let raw = RawMails::new(folder.path().join("raw"));
        Ok(Self { db, raw, office, _folder: folder })
    }

    /// Lets the clock tick; gives how many letters that made.
    pub async fn tick(&self, now: Timestamp) -> Result<usize, Failed> {
        let mailbox = self.office.mailboxes.first().ok_or("no mailbox")?;
        let tick = Tick { db: &self.db, raw: &self.raw, office: &self.office, mailbox, tokens: &[], now };
        Ok(tick.run().await?)
    }
}

/// A case as it is when its client's request has just come in.
pub fn case(case_no: i64, client: &ClientCode, counter: i64, opened_at: Timestamp) -> Result<Case, Failed> {
    Ok(Case {
        case_no,
        number: CaseNumber { client: client.clone(), year: 2026, counter: u32::try_from(counter)? },
        client: client.clone(),
        subject: "A request".into(),
        status: Status::New,
        kind: Kind::Support,
        priority: Priority::Normal,
        coordinator: None,
        opened_at,
        changed_at: opened_at,
        response_due: None,
        responded_at: None,
        resolution_due: None,
        resolved_at: None,
        close_due: None,
        closed_at: None,
        wait_due: None,
        refers_to: None,
        last_client_message_id: None,
        last_client_cc: Vec::new(),
        estimate_minutes: None,
        merged_into: None,
        merged_from: Vec::new(),
    })
}
