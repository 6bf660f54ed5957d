//! What is asked for a whole set of mails at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::decision::Outcome;
use crate::domain::directory::AddressOwner;
use crate::domain::message::{Message, MessageId};
use crate::domain::subject;
use crate::store::{StoreError, Tx, cases, clocks, letters, marks, messages};

use super::facts::{STORM_WINDOW, answered_ids};
use super::intake::{Batch, hush_mark};
use super::office::{Office, OfficeMailbox, ago};
use super::posted::Posted;

/// So many case numbers of a mail are asked for ahead at most.
const MOST_NUMBERS: usize = 20;

/// The addresses that wrote the mails of a set, each once.
fn senders(set: &[Message]) -> Vec<&str> {
    let mut senders: Vec<&str> = set.iter().filter_map(Message::sender).map(|sender| sender.address.as_str()).collect();
    senders.sort_unstable();
    senders.dedup();
    senders
}

/// The case numbers that a mail names in its subject, or by the address to which it was sent.
fn numbers(message: &Message, office: &Office, mailbox: &OfficeMailbox) -> Vec<String> {
    let tags = subject::case_tags(&message.subject, &office.subject_tag).into_iter().map(str::to_owned);
    let written_to = message.to.iter().chain(&message.cc).map(|to| &to.address).chain(&message.delivered_to);
    let about = written_to.filter_map(|address| mailbox.read_reply_address(address)).map(|local| local.about);
    tags.chain(about).take(MOST_NUMBERS).collect()
}

/// What a set asks before its first mail is decided, so that most mails need not ask it singly. The desk's lock is
/// held, so only the set itself adds to it.
#[derive(Default)]
pub struct Ahead {
    /// Fingerprints of the set that are recorded, or were in this set.
    fingerprints: HashSet<String>,
    /// Message-IDs of the set that came in before, or did in this set.
    ids: HashSet<String>,
    /// How many cases each sender of the set has opened lately.
    recent: HashMap<String, i64>,
}

impl Ahead {
    /// Asks.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask(tx: &mut Tx, desk: &str, set: &[Message], now: Timestamp) -> Result<Ahead, StoreError> {
        let prints: Vec<String> = set.iter().map(|mail| mail.fingerprint.to_hex()).collect();
        let prints: Vec<&str> = prints.iter().map(String::as_str).collect();
        let ids: Vec<&str> = set.iter().filter_map(|mail| mail.message_id.as_ref()).map(|id| id.as_str()).collect();
        let senders = senders(set);
        let mut recent: HashMap<String, i64> = senders.iter().map(|sender| ((*sender).to_owned(), 0)).collect();
        recent.extend(messages::list_recent_counts(tx, desk, &senders, ago(now, STORM_WINDOW)).await?);
        Ok(Ahead {
            fingerprints: messages::list_known(tx, desk, &prints).await?.into_iter().collect(),
            ids: messages::list_known_ids(tx, desk, &ids).await?.into_iter().collect(),
            recent,
        })
    }

    /// Asks whether letters may go to those who wrote the set: most letters that it causes go to them.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask_gates(
        tx: &mut Tx,
        office: &Office,
        set: &[Message],
        posted: &mut Posted,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let senders = senders(set);
        let since = ago(now, office.caps.window);
        let counts = letters::list_automatic_counts(tx, office.code(), &senders, since).await?;
        let counts: HashMap<String, i64> = counts.into_iter().collect();
        let hushes: Vec<String> = senders.iter().map(|sender| hush_mark(sender)).collect();
        let hushes: Vec<&str> = hushes.iter().map(String::as_str).collect();
        let hushed = marks::list_standing(tx, office.code(), &hushes, now).await?;
        posted.note_addresses(senders.iter().zip(&hushes).map(|(sender, hush)| {
            let count = counts.get(*sender).copied().unwrap_or_default();
            ((*sender).to_owned(), (count, hushed.iter().any(|standing| standing == hush)))
        }));
        Ok(())
    }

    /// Asks for the case numbers that the clients who wrote the set would get next.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask_numbers(
        tx: &mut Tx,
        office: &Office,
        set: &[Message],
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        if set.len() < 2 {
            return Ok(());
        }
        let directory = Arc::clone(&batch.directory);
        let mut counters: Vec<(&str, i16)> = Vec::new();
        for message in set {
            let Some(sender) = message.sender() else { continue };
            let year = office.facts.time_zone.to_datetime(message.received_at).date().year();
            match directory.owner_of(&sender.address) {
                AddressOwner::Person(person) => counters.push((person.client.as_str(), year)),
                AddressOwner::AtClients(at) => counters.extend(at.iter().map(|client| (client.code.as_str(), year))),
                _ => {}
            }
        }
        batch.numbers.ask_cases(tx, office.code(), &counters).await
    }

    /// Asks for the cases to which the mails of a set point, with all that was written on them: the transaction keeps the
    /// answers, and gives them where each mail asks. A single mail asks for itself.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ask_threads(
        tx: &mut Tx,
        office: &Office,
        mailbox: &OfficeMailbox,
        set: &[Message],
        posted: &mut Posted,
    ) -> Result<(), StoreError> {
        if set.len() < 2 {
            return Ok(());
        }
        let desk = office.code();
        let mut ids: Vec<&str> = set.iter().flat_map(answered_ids).map(|id| id.as_str()).collect();
        let numbers: Vec<String> = set.iter().flat_map(|message| numbers(message, office, mailbox)).collect();
        let mut numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        for asked in [&mut ids, &mut numbers] {
            asked.sort_unstable();
            asked.dedup();
        }
        // Of our letters in a thread the first is the one that is answered.
        let is_own = |id: &&MessageId| id.as_str().ends_with(&office.host);
        let mut own: Vec<&str> =
            set.iter().filter_map(|mail| answered_ids(mail).find(is_own)).map(MessageId::as_str).collect();
        own.sort_unstable();
        own.dedup();
        letters::ask_ids(tx, desk, &own).await?;
        let mut found = messages::ask_ids(tx, desk, &ids).await?;
        found.extend(cases::ask_numbers(tx, desk, &numbers).await?);
        found.sort_unstable();
        found.dedup();
        cases::ask(tx, desk, &found).await?;
        messages::ask_of_cases(tx, desk, &found).await?;
        clocks::ask_events(tx, desk, &found).await?;
        if let Some(newest) = letters::list_newest(tx, desk, &found).await? {
            posted.note_newest(&found, newest);
        }
        Ok(())
    }

    /// Whether this very mail may be recorded.
    #[must_use]
    pub fn may_know(&self, fingerprint: &str) -> bool {
        self.fingerprints.contains(fingerprint)
    }

    /// Whether a mail with this id may have come in before.
    #[must_use]
    pub fn may_know_id(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// How many cases the sender has opened lately; None where it is to be asked.
    #[must_use]
    pub fn recent(&self, sender: &str) -> Option<i64> {
        self.recent.get(sender).copied()
    }

    /// The counts of senders may be wrong from here on; they are asked singly.
    pub fn forget_counts(&mut self) {
        self.recent.clear();
    }

    /// A mail of the set is about to be recorded. If it is undone after all, later mails only ask once more.
    pub fn note(&mut self, message: &Message, outcome: Outcome, is_first: bool) {
        self.fingerprints.insert(message.fingerprint.to_hex());
        self.ids.extend(message.message_id.as_ref().map(|id| id.as_str().to_owned()));
        let sender = message.sender().map(|sender| sender.address.as_str());
        let Some(sender) = sender else { return };
        if !is_first {
            // When it was first recorded is not known here.
            self.recent.remove(sender);
        } else if let (Outcome::Opened | Outcome::Held, Some(count)) = (outcome, self.recent.get_mut(sender)) {
            *count += 1;
        }
    }
}
