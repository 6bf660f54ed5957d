//! What is asked for a whole set of mails at once.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::decision::Outcome;
use crate::domain::message::Message;
use crate::store::{StoreError, Tx, letters, marks, messages};

use super::facts::STORM_WINDOW;
use super::intake::hush_mark;
use super::office::{Office, ago};
use super::posted::Posted;

/// The addresses that wrote the mails of a set, each once.
fn senders(set: &[Message]) -> Vec<&str> {
    let mut senders: Vec<&str> = set.iter().filter_map(Message::sender).map(|sender| sender.address.as_str()).collect();
    senders.sort_unstable();
    senders.dedup();
    senders
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
