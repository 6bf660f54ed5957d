//! What the store knows about a mail, asked before anything is decided.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::{Address, NamedAddress};
use crate::domain::case::{Case, CaseNumber, Party, PartyRole};
use crate::domain::change::KnownChange;
use crate::domain::clock::ClockEvent;
use crate::domain::directory::Directory;
use crate::domain::message::MessageId;
use crate::domain::names::{ClientCode, DeskCode, Language, PersonKey};
use crate::domain::page::Page;
use crate::domain::strip_card::{Account, LedgerLine};
use crate::domain::subject::Frame;

/// Everything that [`super::decide`] may know beside the mail itself.
pub struct Facts<'a> {
    /// The declared world.
    pub directory: &'a Directory,
    /// The desk.
    pub desk: &'a DeskFacts,
    /// The mailbox by which the mail came.
    pub mailbox: &'a MailboxFacts,
    /// Whether it is a letter of ours that came back.
    pub is_own: bool,
    /// Whether that letter is one that was sent only to come back.
    pub is_canary: bool,
    /// Whether the sender showed by an answer to a challenge that this mail is theirs, or the desk released it.
    pub is_released: bool,
    /// The client for which its sender said that it is, when asked.
    pub chosen: Option<ClientCode>,
    /// Whether it is read again from a folder, so that it may have been decided before, or answered by hand.
    pub is_read_again: bool,
    /// The cases that the mail may belong to, strongest evidence first.
    pub evidence: Vec<CaseFacts>,
    /// The letter of ours that it answers.
    pub answered: Option<AnsweredLetter>,
    /// The held request that it answers.
    pub request: Option<RequestFacts>,
    /// The parked mail that it mends or replaces.
    pub parked: Option<ParkedFacts>,
    /// The formatted forms of what an expert wrote.
    pub pages: Pages,
    /// The letters of ours that its delivery reports name.
    pub reported: Vec<ReportedLetter>,
    /// Another mail of the same Message-ID and other content has an outcome already.
    pub has_twin: bool,
    /// A mail of the same sender, time, subject and text has booked, whatever its Message-ID.
    pub has_booked: bool,
    /// The accounts of the clients that the mail may concern.
    pub accounts: HashMap<ClientCode, Arc<Account>>,
    /// The ledgers of the clients that the mail may concern; read only where the mail asks for a statement.
    pub ledgers: HashMap<ClientCode, Vec<LedgerLine>>,
    /// How many cases and requests this sender opened in the storm window.
    pub recent_openings: i64,
    /// The numbers that would be given next.
    pub next: NextNumbers,
    /// The experts who are away, and until when.
    pub absences: HashMap<PersonKey, Timestamp>,
    /// The cases that a `#merge` of the mail names, by that number.
    pub named: Vec<(CaseNumber, CaseFacts)>,
    /// What may be taken back on a case that the mail belongs to; read only where it asks so.
    pub changes: Vec<(i64, KnownChange)>,
    /// Of an expert's automatic answer to a letter of ours: the cases on which they were lately written to.
    pub relayed: Vec<CaseFacts>,
}

impl<'a> Facts<'a> {
    /// What is known without any mail: for what time alone brings, and for commands.
    #[must_use]
    pub fn of_desk(directory: &'a Directory, desk: &'a DeskFacts, mailbox: &'a MailboxFacts) -> Self {
        Self {
            directory,
            desk,
            mailbox,
            is_own: false,
            is_canary: false,
            is_released: false,
            chosen: None,
            is_read_again: false,
            evidence: Vec::new(),
            answered: None,
            request: None,
            parked: None,
            reported: Vec::new(),
            has_twin: false,
            has_booked: false,
            accounts: HashMap::new(),
            recent_openings: 0,
            next: NextNumbers::default(),
            pages: Pages::default(),
            ledgers: HashMap::new(),
            absences: HashMap::new(),
            named: Vec::new(),
            changes: Vec::new(),
            relayed: Vec::new(),
        }
    }

    /// The changes of a case that may be taken back, the newest first.
    pub fn changes_of(&self, case_no: i64) -> impl Iterator<Item = &KnownChange> {
        self.changes.iter().filter(move |(of, _)| *of == case_no).map(|(_, change)| change)
    }
}

/// The desk's own settings.
#[derive(Debug, Clone)]
pub struct DeskFacts {
    /// Its code.
    pub code: DeskCode,
    /// Its name, as it stands in letters.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// Its time zone: case numbers carry the year of this zone.
    pub time_zone: jiff::tz::TimeZone,
    /// Where alarms go beside the duty manager.
    pub alarm_to: Vec<Address>,
    /// Above so many new cases from one sender within the storm window the rest is quarantined.
    pub storm_limit: i64,
    /// How long a mail waits for a lookup that failed for a moment.
    pub proof_patience: SignedDuration,
    /// What its transcripts put around the subject of a parked mail: who answers one has these words in the subject.
    pub transcript_frames: Vec<Frame>,
}

/// The mailbox by which a mail came.
#[derive(Debug, Clone)]
pub struct MailboxFacts {
    /// The support address.
    pub address: Address,
    /// Whether the mail lay in a junk folder: there only proven people of the directory count.
    pub is_junk: bool,
}

/// How strongly a mail points to a case; the strongest is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// A reply token of this case and of the sender.
    Token,
    /// In-Reply-To or References, against every Message-ID received or sent.
    References,
    /// The subject tag of this installation.
    SubjectTag,
    /// An id that both mails mention and nobody has seen: only within one client.
    Mention,
}

impl EvidenceKind {
    /// The word for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "reply address",
            Self::References => "thread",
            Self::SubjectTag => "subject",
            Self::Mention => "thread of mails seen elsewhere",
        }
    }
}

/// A case that the mail may belong to.
#[derive(Debug, Clone)]
pub struct CaseFacts {
    /// What points to it.
    pub kind: EvidenceKind,
    /// The case.
    pub case: Case,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// What was written on it, oldest first.
    pub history: Vec<HistoryLine>,
    /// Where the contract keeps them informed: the reporters whose approved request it is.
    pub reporters: Vec<NamedAddress>,
    /// What happened on it, as far as its clocks ask, in the order in which it was written down.
    pub events: Vec<ClockEvent>,
}

impl CaseFacts {
    /// Whether the person works on the case now.
    #[must_use]
    pub fn has_expert(&self, person: &PersonKey) -> bool {
        self.parties.iter().any(|party| party.role == PartyRole::Expert && party.person == *person)
    }

    /// The experts on the case.
    pub fn experts(&self) -> impl Iterator<Item = &PersonKey> {
        self.parties.iter().filter(|party| party.role == PartyRole::Expert).map(|party| &party.person)
    }
}

/// Something that was written on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// When it was received or decided.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: String,
    /// What was written.
    pub text: String,
    /// Whether only the desk may see it.
    pub is_internal: bool,
    /// Whether it is an expert's that waits for a mend, so that it went nowhere yet.
    pub is_parked: bool,
    /// Whether a person of the client wrote it.
    pub is_of_client: bool,
    /// Whether an expert wrote it.
    pub is_of_expert: bool,
    /// The writer's role; empty where nobody knew them.
    pub role: String,
    /// The address that it came from.
    pub address: Option<Address>,
    /// The mail's fingerprint, for the files that came with it.
    pub fingerprint: String,
    /// Its Message-ID, without brackets.
    pub message_id: Option<String>,
}

/// The letter of ours that a mail answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredLetter {
    /// Its number.
    pub letter_no: i64,
    /// The kind of notice.
    pub notice: String,
    /// To whom it went.
    pub recipient: Address,
    /// The person, where the directory knows them.
    pub person: Option<PersonKey>,
    /// What caused it: a fingerprint.
    pub cause: String,
    /// Its case.
    pub case_no: Option<i64>,
    /// Its request.
    pub request_no: Option<i64>,
    /// Its text: tags in lines that stand here never count.
    pub text: String,
}

/// The held request that a mail answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// Its number.
    pub request_no: i64,
    /// The client's code.
    pub client: ClientCode,
    /// The fingerprint of the reporter's mail.
    pub fingerprint: String,
    /// The reporter.
    pub reporter: NamedAddress,
    /// What it is about.
    pub subject: String,
    /// What the reporter wrote.
    pub text: String,
    /// The Message-ID of the reporter's mail.
    pub message_id: Option<MessageId>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether it still waits.
    pub is_held: bool,
    /// When it ended because nobody had decided.
    pub ended_at: Option<Timestamp>,
}

/// The parked mail that an expert mends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedFacts {
    /// Whose mail it is.
    pub person: PersonKey,
    /// Whether it is to open a case.
    pub is_opening: bool,
    /// Its subject.
    pub subject: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its newly written text, tags and all.
    pub fresh: String,
    /// Its Message-ID: what it books is booked under this id.
    pub message_id: Option<MessageId>,
    /// When it was received.
    pub received_at: Timestamp,
    /// Whether tags alone can't mend it.
    pub needs_text: bool,
}

/// The formatted forms of what an expert wrote; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// Of the mail that is decided.
    pub own: Page,
    /// Of the parked mail that it mends or replaces.
    pub parked: Page,
}

/// A letter of ours that a delivery report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedLetter {
    /// Its number.
    pub letter_no: i64,
    /// To whom it went.
    pub recipient: Address,
    /// The person, where the directory knows them.
    pub person: Option<PersonKey>,
    /// Its case.
    pub case_no: Option<i64>,
    /// Its subject.
    pub subject: String,
    /// Which of the mail's reports names it, counted from 0.
    pub report: usize,
}

/// The numbers that the next case and request of a client would get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NextNumbers {
    /// The key of the next case.
    pub case_no: i64,
    /// The number of the next request.
    pub request_no: i64,
    /// The counters of the clients' cases, by client and year.
    pub counters: HashMap<(String, i16), u32>,
}

impl NextNumbers {
    /// The counter that the client's next case of that year gets.
    #[must_use]
    pub fn counter(&self, client: &str, year: i16) -> u32 {
        self.counters.get(&(client.to_owned(), year)).copied().unwrap_or(0) + 1
    }
}
