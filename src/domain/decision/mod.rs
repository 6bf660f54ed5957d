//! What becomes of a mail: facts in, one decision out.
//!
//! [`decide`] asks in this order: our own letter? a known monitor or supplier? a report on a letter of ours?
//! automatic? a person. Each role of a person has a file of its own.

mod absence;
mod answer;
mod automatic;
mod booking;
mod by_desk;
mod client;
mod clocks;
mod deadlines;
mod expert;
mod facts;
mod handing_over;
mod ledger;
mod machine;
mod merging;
mod opening;
mod outgoing;
mod phone;
mod reminder_words;
mod reminders;
mod request;
mod routing;
mod taking_back;
mod work;

pub use booking::tariff;
pub use by_desk::{DeskChange, DeskOrder, change_by_desk};
pub use deadlines::{ClockNews, deadline_letters};
pub use expert::ParkedWords;
pub use facts::{
    AnsweredLetter, CaseFacts, DeskFacts, EvidenceKind, Facts, HistoryLine, MailboxFacts, NextNumbers, Pages,
    ParkedFacts, ReportedLetter, RequestFacts,
};
pub use ledger::{CardNotice, StatementFor, card_lines, card_notice, pays_by_card, statement_file, statement_words};
pub use outgoing::{About, Carried, Once, Outgoing, alarm_readers, alarms_of_desk, balance_in};
pub use phone::opening_reminder;
pub use reminders::{CaseMatter, Matter, ParkedMatter, Silence, Step, Telling, Waited, letter as reminder_letter};
pub use request::ended as ended_request;

use jiff::Timestamp;
use serde::Serialize;

use super::address::{Address, NamedAddress};
use super::case::{Case, PartyRole, RequestReference};
use super::change::Change;
use super::clock::ClockEvent;
use super::directory::AddressOwner;
use super::message::{Message, SenderProof};
use super::names::{ClientCode, PersonKey};
use super::notice::{Canary, TagLine, TooLarge};
use super::strip_card::Entry;

/// The one recorded end of every mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It opened a case.
    Opened,
    /// It joined a case.
    Joined,
    /// A reporter added to a coordinator's case; nobody is bound by it.
    Contributed,
    /// A reporter's request waits for the coordinator.
    Held,
    /// The sender must first show that the mail is theirs.
    Challenged,
    /// An expert's mail waits for a mend of its tags.
    Parked,
    /// It can't be handled, or nobody we know sent it; kept for a person of the desk.
    Quarantined,
    /// Automatic mail or a report: noted, nothing else follows.
    Noted,
    /// The same mail came before.
    SeenBefore,
    /// A letter of ours came back.
    Own,
}

impl Outcome {
    /// The word by which it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Opened => "opened",
            Outcome::Joined => "joined",
            Outcome::Contributed => "contributed",
            Outcome::Held => "held",
            Outcome::Challenged => "challenged",
            Outcome::Parked => "parked",
            Outcome::Quarantined => "quarantined",
            Outcome::Noted => "noted",
            Outcome::SeenBefore => "seen-before",
            Outcome::Own => "own",
        }
    }
}

/// In which role the sender spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Works for the desk.
    Expert,
    /// The client's single point of definition, or their deputy.
    Coordinator,
    /// Decides on major changes.
    FunctionalAdministrator,
    /// Anybody else of a client.
    Reporter,
    /// A third party that the client chose.
    Supplier,
    /// A machine that reports outages.
    Monitor,
    /// Nobody we know.
    Stranger,
}

impl Role {
    /// The word by which it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Expert => "expert",
            Role::Coordinator => "coordinator",
            Role::FunctionalAdministrator => "functional-administrator",
            Role::Reporter => "reporter",
            Role::Supplier => "supplier",
            Role::Monitor => "monitor",
            Role::Stranger => "stranger",
        }
    }
}

/// A change that the shell writes, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A new case, with the experts on it. Its numbers were peeked in the facts and are drawn now.
    OpenCase {
        /// The case.
        case: Box<Case>,
        /// Who works on it from the start.
        experts: Vec<PersonKey>,
    },
    /// A case as it is from now on.
    SaveCase(Box<Case>),
    /// What happened on a case, for its clocks.
    Happened {
        /// The case's key.
        case_no: i64,
        /// Whose case it is.
        client: ClientCode,
        /// What had happened before; none where that was not asked.
        known: Option<Vec<ClockEvent>>,
        /// What happened now, in its order.
        events: Vec<ClockEvent>,
    },
    /// Somebody takes part from now on.
    AddParty {
        /// The case's key.
        case_no: i64,
        /// Who.
        person: PersonKey,
        /// In which role.
        role: PartyRole,
    },
    /// Somebody no longer takes part.
    EndParty {
        /// The case's key.
        case_no: i64,
        /// Who.
        person: PersonKey,
        /// In which role they did.
        role: PartyRole,
    },
    /// A change that may be taken back.
    KeepChange {
        /// The case's key.
        case_no: i64,
        /// What was changed.
        change: Box<Change>,
    },
    /// A change was taken back.
    TakeBack {
        /// Its number.
        change_no: i64,
    },
    /// An expert is away, as their out-of-office says.
    NoteAbsence {
        /// Who.
        person: PersonKey,
        /// Until when.
        until: Timestamp,
    },
    /// An expert who was away wrote: they are back.
    EndAbsence {
        /// Who.
        person: PersonKey,
    },
    /// A reporter's request waits.
    HoldRequest {
        /// Its reference, peeked in the facts.
        reference: RequestReference,
        /// Whose coordinator decides.
        client: ClientCode,
    },
    /// A held request is decided.
    DecideRequest {
        /// Its number.
        request_no: i64,
        /// `approved`, `rejected` or `bundled`.
        state: &'static str,
        /// Who decided.
        by: PersonKey,
        /// The case that it became or joined.
        case_no: Option<i64>,
        /// The fingerprint of the reporter's mail, which becomes part of the case.
        fingerprint: String,
    },
    /// Lines for the ledger.
    Book {
        /// Whose account.
        client: ClientCode,
        /// The case worked on.
        case_no: i64,
        /// What makes the booking unique.
        key: String,
        /// The lines.
        entries: Vec<Entry>,
    },
    /// The expert's mail waits for a mend.
    Park {
        /// The case's key; none yet for a mail that was to open one.
        case_no: Option<i64>,
        /// The expert.
        person: PersonKey,
        /// What is wrong with its tags, for the reminder.
        lines: Vec<TagLine>,
    },
    /// A parked mail was mended or replaced.
    EndParked {
        /// Its fingerprint.
        fingerprint: String,
    },
    /// A report says that one of our letters did not arrive.
    NoteBounce {
        /// The letter's number.
        letter_no: i64,
        /// What the report says.
        why: String,
    },
    /// No automatic letters to this address for a while.
    HushAddress {
        /// The address.
        address: Address,
        /// Until when.
        until: Timestamp,
    },
    /// The sender of a challenged mail said what was asked: decide it now.
    ReleaseChallenged {
        /// Its fingerprint.
        fingerprint: String,
        /// The client for which it is, where that was asked.
        client: Option<ClientCode>,
    },
    /// A line for the audit trail beside the one that every mail gets.
    Audit {
        /// A short verb.
        action: &'static str,
        /// As a person reads it.
        detail: String,
    },
}

/// What becomes of a mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The one outcome.
    pub outcome: Outcome,
    /// A short code for what waits: why it is quarantined, challenged or parked.
    pub cause: Option<&'static str>,
    /// Why, in words for the people of the desk.
    pub why: String,
    /// Who sent it, where the directory knows them.
    pub person: Option<PersonKey>,
    /// In which role.
    pub role: Option<Role>,
    /// The position by which they were allowed to.
    pub position: Option<String>,
    /// The case that it opened or joined.
    pub case_no: Option<i64>,
    /// The request that it made or decided.
    pub request_no: Option<i64>,
    /// What counts of its new text, where that is something else: without tags and repeated lines, or mended.
    pub said: Option<String>,
    /// What changes.
    pub effects: Vec<Effect>,
    /// What is said, and to whom.
    pub letters: Vec<Outgoing>,
}

impl Decision {
    /// A decision that changes and says nothing.
    #[must_use]
    pub fn new(outcome: Outcome, why: impl Into<String>) -> Self {
        Self {
            outcome,
            cause: None,
            why: why.into(),
            person: None,
            role: None,
            position: None,
            case_no: None,
            request_no: None,
            said: None,
            effects: Vec::new(),
            letters: Vec::new(),
        }
    }

    /// The mail is kept for a person of the desk.
    #[must_use]
    pub fn quarantined(cause: &'static str, why: impl Into<String>) -> Self {
        Self { cause: Some(cause), ..Self::new(Outcome::Quarantined, why) }
    }

    /// With the sender that was found.
    #[must_use]
    pub fn by(mut self, person: Option<&PersonKey>, role: Role) -> Self {
        self.person = person.cloned();
        self.role = Some(role);
        self
    }
}

/// Decides, or tells that the decision must wait because a lookup failed for a moment.
#[must_use]
pub fn decide(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    if facts.is_own {
        let mut decision = Decision::new(Outcome::Own, "a letter of this desk came back");
        decision.cause = facts.is_canary.then_some(Canary::KIND);
        return Verdict::Decided(Box::new(decision));
    }
    if let SenderProof::UnknownForNow { why } = &message.proof
        && now.duration_since(message.received_at) < facts.desk.proof_patience
    {
        return Verdict::Wait { why: why.clone() };
    }
    let decision = machine::decide(message, facts, now)
        .or_else(|| automatic::decide(message, facts, now))
        .unwrap_or_else(|| decide_person(message, facts, now));
    Verdict::Decided(Box::new(decision))
}

/// What [`decide`] says.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// This becomes of the mail.
    Decided(Box<Decision>),
    /// Not yet: the mail stays where it is, with its time of receipt.
    Wait {
        /// What is waited for.
        why: String,
    },
}

fn decide_person(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let Some(sender) = message.sender() else {
        return Decision::quarantined("no-single-sender", "From names nobody, or more than one");
    };
    if let Some(decision) = released_by_word(message, facts, sender) {
        return decision;
    }
    let mut decision = match facts.directory.owner_of(&sender.address) {
        AddressOwner::Expert(found) if expert::speaks_as_expert(&found.key, facts, message) => {
            expert::decide(message, facts, found, now)
        }
        AddressOwner::Expert(found) => client::decide(message, facts, Some(&found.key), now),
        AddressOwner::Person(person) => client::decide(message, facts, Some(&person.key), now),
        _ => client::decide(message, facts, None, now),
    };
    decision.effects.extend(absence::ended_by(message, facts, sender));
    decision
}

/// An answer to a challenge releases the one mail that the challenge was about, when the address that got the
/// challenge says the word. Whoever only forged that address never saw the challenge's Message-ID; if they did (it was
/// forwarded to them) the domain's owner may disown them still. Of anybody else the answer counts as any other mail.
fn released_by_word(message: &Message, facts: &Facts<'_>, sender: &NamedAddress) -> Option<Decision> {
    let challenge = facts.answered.as_ref().filter(|letter| letter.notice == "challenge")?;
    let is_disowned = matches!(message.proof, SenderProof::Contradicted { .. });
    if challenge.recipient != sender.address || is_disowned || facts.is_released {
        return None;
    }
    let first = message.reply.fresh.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let word = first.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if !client::RELEASE_WORDS.contains(&word.as_str()) {
        let why = "an answer to a challenge without the word: the kept mail goes on waiting, and this one too";
        return Some(Decision::quarantined("word-missing", why));
    }
    let mut decision = Decision::new(Outcome::Noted, "the sender said the word: the kept mail is decided");
    decision.effects.push(Effect::ReleaseChallenged { fingerprint: challenge.cause.clone(), client: None });
    Some(decision)
}

/// A mail that was too large to be read: its head is kept, and a sender of the directory is told.
#[must_use]
pub fn too_large(message: &Message, size_bytes: u64, limit_bytes: u64, facts: &Facts<'_>) -> Decision {
    let mut decision = Decision::quarantined("too-large", format!("{size_bytes} bytes; only the head was read"));
    let Some(sender) = message.sender() else { return decision };
    let client = facts.directory.clients_by_domain(&sender.address).first().copied();
    let is_known = client.is_some() || facts.directory.owner_of(&sender.address) != AddressOwner::Stranger;
    if is_known && message.may_auto_reply {
        let words =
            TooLarge { subject: message.subject.clone(), received_at: message.received_at, size_bytes, limit_bytes };
        decision.letters.push(Outgoing::to_address(words, sender, client, facts).answering(message));
    }
    decision
}
