//! The route of a message: from fetched bytes to a committed decision with its finished letters.
//!
//! A set of messages is one transaction; where one of them can't be written, with a savepoint each. A crash before the
//! commit changes nothing, nor a loss of power before it is on the disk; after it the same message is answered with
//! `seen-before`.

mod parsing;
mod progress;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, info, warn};

use crate::domain::decision::{Decision, Facts, Outcome, Pages, Verdict, decide, too_large};
use crate::domain::directory::Directory;
use crate::domain::message::{Message, SenderProof};
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::page::Page;
use crate::domain::strip_card::Account;
use crate::mail::dns::Dns;
use crate::mail::parse::Trust;
use crate::store::audit::AuditLine;
use crate::store::messages::StoredMessage;
use crate::store::numbers::Numbers;
use crate::store::raw::{Owner, Packed, RawMails};
use crate::store::{Db, StoreError, Tx, audit, changes, messages, restores};

use super::again::Anew;
use super::ahead::Ahead;
use super::boundary;
use super::clock::Clock;
use super::effects::Applying;
use super::facts::{Asking, Known};
use super::office::{Office, OfficeMailbox};
use super::pages;
use super::post::{Again, Posting};
use super::posted::Posted;
use super::senders;
use progress::save_progress;

pub use parsing::Parsed;
pub use progress::{NotedUid, Progress, end_notes};

/// A mail as it was fetched.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// When the server took it in: INTERNALDATE, or the time of the file.
    pub arrived_at: Timestamp,
    /// The bytes, or the first of them.
    pub raw: Vec<u8>,
    /// The whole size in bytes, when it was too large to be fetched.
    pub too_large: Option<u64>,
    /// Whether it lay in a junk folder.
    pub is_junk: bool,
    /// Whether its handling has killed the process before, so that it goes to quarantine unread.
    pub is_deadly: bool,
}

/// What became of one mail of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It has its outcome.
    Done {
        /// The outcome.
        outcome: Outcome,
        /// Its number.
        message_no: i64,
    },
    /// The same mail has an outcome already.
    SeenBefore {
        /// The number of the mail that came first.
        message_no: i64,
    },
    /// It must wait for a lookup that failed for a moment; it stays where it is.
    Waits {
        /// For what.
        why: String,
    },
}

/// Takes mails over.
pub struct Intake {
    /// The store.
    pub db: Db,
    /// The bytes of mails and letters.
    pub raw: RawMails,
    /// The desk.
    pub office: Arc<Office>,
    /// The mailbox by which the mails come.
    pub mailbox: OfficeMailbox,
    /// Which servers are the desk's own.
    pub trust: Arc<Trust>,
    /// A mail of more bytes is not read whole.
    pub max_bytes: u64,
    /// What time it is.
    pub clock: Clock,
    /// Who is asked for the keys of signatures.
    pub dns: Arc<Dns>,
    /// That its mails are read again from a folder; None for mail that comes in.
    pub reading: Option<ReadingAgain>,
}

/// Mails are read again from a folder in which they lie: the one to which they were filed, or a backlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingAgain {
    /// Whether they count as received now, so that no deadline has run meanwhile: a backlog to which nothing was promised.
    pub is_received_now: bool,
}

/// A mail of a set, with what was made of it before the transaction.
struct Read<'a> {
    mail: &'a Arrived,
    message: &'a Message,
    packed: Packed,
}

/// How the mails of a set are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// As one: a fault of any undoes all.
    Together,
    /// Each behind a savepoint: a fault undoes that mail alone.
    Singly,
}

/// What a set shares while its transaction lasts.
pub struct Batch {
    /// The numbers that are given out.
    pub numbers: Numbers,
    /// The directory.
    pub directory: Arc<Directory>,
    /// Accounts that were read.
    pub accounts: HashMap<ClientCode, Arc<Account>>,
    /// What was asked for the whole set at once.
    pub ahead: Option<Ahead>,
    /// The experts who are away, and until when.
    pub absences: HashMap<PersonKey, Timestamp>,
    /// What is known of the letters that it wrote.
    pub posted: Posted,
    /// The number that the next entry of the ledger had when the transaction began.
    pub ledger_before: i64,
    /// When the desk was restored from a backup, if it ever was.
    pub restored_at: Option<Timestamp>,
}

impl Intake {
    /// Decides a set of mails in one transaction.
    ///
    /// # Errors
    /// As for [`Intake::take_parsed`].
    pub async fn take(&self, set: &[Arrived]) -> Result<Vec<Taken>, StoreError> {
        self.take_parsed(set, self.parse(set), None).await
    }

    /// Decides a set of mails in one transaction. How far their folder was read (`progress`) stands or falls with it.
    ///
    /// All goes well nearly always, so the set is first written as one, and only when something in it can't be is it
    /// begun anew with a savepoint for each mail.
    ///
    /// # Errors
    /// What the database said; then nothing was changed and the whole set is to be tried again.
    pub async fn take_parsed(
        &self,
        set: &[Arrived],
        parsed: Parsed,
        progress: Option<&Progress>,
    ) -> Result<Vec<Taken>, StoreError> {
        let now = self.clock.now();
        let Parsed { messages: mut parsed, packed } = parsed;
        if self.reading.is_some_and(|reading| reading.is_received_now) {
            parsed.iter_mut().for_each(|message| message.received_at = now);
        }
        if !self.dns.is_off() {
            let directory = self.office.directory_now(&self.db).await?;
            senders::prove(set, &mut parsed, &self.office, &directory, &self.dns).await;
        }
        boundary::reach("after-parse");
        let read = |packed: Vec<Packed>| -> Vec<Read> {
            let read = set.iter().zip(&parsed).zip(packed);
            read.map(|((mail, message), packed)| Read { mail, message, packed }).collect()
        };
        let taken = match self.take_all(read(packed), &parsed, progress, now, Care::Together).await {
            Err(error) if !error.is_transient() => {
                warn!(%error, "one mail of a set can't be written; each is tried singly");
                let again = set.iter().map(|mail| RawMails::pack(&mail.raw)).collect();
                self.take_all(read(again), &parsed, progress, now, Care::Singly).await?
            }
            done => done?,
        };
        for outcome in &taken {
            log(outcome);
        }
        Ok(taken)
    }

    /// What makes each mail the same as its copies, and whether it has an outcome.
    ///
    /// # Errors
    /// What the database said.
    pub async fn find_known(&self, set: &[Arrived]) -> Result<Vec<(String, bool)>, StoreError> {
        let parsed = self.parse(set);
        let prints: Vec<String> = parsed.messages.iter().map(|message| message.fingerprint.to_hex()).collect();
        let asked: Vec<&str> = prints.iter().map(String::as_str).collect();
        let mut tx = self.db.begin().await?;
        let known = messages::list_known(&mut tx, self.office.code(), &asked).await?;
        tx.commit().await?;
        Ok(prints.into_iter().map(|print| (print.clone(), known.contains(&print))).collect())
    }

    async fn take_all(
        &self,
        set: Vec<Read<'_>>,
        parsed: &[Message],
        progress: Option<&Progress>,
        now: Timestamp,
        care: Care,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut tx = match progress {
            // They stay in their folder until it is durable.
            Some(_) => self.db.begin_repeatable_for(self.office.code()).await?,
            None => self.db.begin_for(self.office.code()).await?,
        };
        boundary::reach("after-begin");
        let mut batch = Batch {
            ahead: Some(Ahead::ask(&mut tx, self.office.code(), parsed, now).await?),
            ..self.batch(&mut tx).await?
        };
        Ahead::ask_gates(&mut tx, &self.office, parsed, &mut batch.posted, now).await?;
        if care == Care::Together {
            Ahead::ask_numbers(&mut tx, &self.office, parsed, &mut batch).await?;
            Ahead::ask_threads(&mut tx, &self.office, &self.mailbox, parsed, &mut batch.posted).await?;
        }
        if let (Some(_), Some(ahead)) = (self.reading, &mut batch.ahead) {
            // They count from now; what is read again is as old as it is.
            ahead.forget_counts();
        }
        let mut taken = Vec::with_capacity(set.len());
        for read in set {
            boundary::reach("before-message");
            taken.push(match care {
                Care::Together => self.take_one(&mut tx, &mut batch, read, now).await?,
                Care::Singly => self.take_alone(&mut tx, &mut batch, read, now).await?,
            });
            boundary::reach("after-message");
        }
        batch.numbers.save(&mut tx, self.office.code()).await?;
        if let Some(progress) = progress {
            save_progress(&mut tx, progress, &taken, now).await?;
            progress.decided.notify_one();
        }
        boundary::reach("before-commit");
        tx.commit().await?;
        boundary::reach("after-commit");
        Ok(taken)
    }

    /// One mail behind its own savepoint: a fault that only this mail has undoes it alone and quarantines it.
    async fn take_alone(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        read: Read<'_>,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        tx.savepoint().await?;
        let numbers = batch.numbers.clone();
        let Read { mail, message, .. } = read;
        let done = self.take_one(tx, batch, read, now).await;
        match released(tx, done).await {
            Ok(taken) => Ok(taken),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                error!(%error, "a mail could not be handled; it is quarantined");
                tx.undo().await?;
                batch.numbers = numbers;
                batch.accounts.clear();
                batch.absences = changes::list_absences(tx, self.office.code(), now).await?;
                batch.posted = Posted::default();
                if let Some(ahead) = &mut batch.ahead {
                    ahead.forget_counts();
                }
                let read = Read { mail, message, packed: RawMails::pack(&mail.raw) };
                self.quarantine(tx, batch, read, &error, now).await
            }
        }
    }

    /// A mail that can't even be quarantined stays where it is and holds up no other.
    async fn quarantine(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        read: Read<'_>,
        failed: &StoreError,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        tx.savepoint().await?;
        let numbers = batch.numbers.clone();
        let decision = Decision::quarantined("failed", format!("handling failed: {failed}"));
        let desk = self.office.code();
        let recorded = match messages::find(tx, desk, &read.message.fingerprint.to_hex()).await {
            Ok(before) => self.record(tx, batch, read, &decision, now, before).await,
            Err(error) => Err(error),
        };
        match released(tx, recorded).await {
            Ok(taken) => Ok(taken),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                error!(%error, "a mail could not be quarantined either; it stays in the mailbox");
                tx.undo().await?;
                batch.numbers = numbers;
                Ok(Taken::Waits { why: format!("it can't be recorded: {error}") })
            }
        }
    }

    async fn take_one(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        read: Read<'_>,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let Read { mail, message, .. } = read;
        let fingerprint = message.fingerprint.to_hex();
        let before = match &batch.ahead {
            Some(ahead) if !ahead.may_know(&fingerprint) => None,
            _ => messages::find(tx, self.office.code(), &fingerprint).await?,
        };
        let is_better = message.proof.is_proven() && before.as_ref().is_some_and(gives_way);
        if let Some(before) = &before
            && !is_better
        {
            return self.note_seen(tx, batch, before, now).await;
        }
        boundary::reach("after-claim");
        if mail.is_deadly {
            let why = "the process died twice while handling it; replay it after an update";
            let decision = Decision::quarantined("deadly", why);
            return self.record(tx, batch, read, &decision, now, before).await;
        }
        match self.decide(tx, batch, mail, message, now, Anew::default()).await? {
            Verdict::Wait { why } => Ok(Taken::Waits { why }),
            Verdict::Decided(decision) => self.record(tx, batch, read, &decision, now, before).await,
        }
    }

    /// Asks for the facts and lets the rules think.
    ///
    /// # Errors
    /// What the database said.
    pub async fn decide(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        mail: &Arrived,
        message: &Message,
        now: Timestamp,
        anew: Anew,
    ) -> Result<Verdict, StoreError> {
        let Anew { is_released, client: chosen } = anew;
        let directory = Arc::clone(&batch.directory);
        let mut asking = Asking {
            office: &self.office,
            mailbox: &self.mailbox,
            directory: &directory,
            tx,
            numbers: &mut batch.numbers,
            accounts: &mut batch.accounts,
            ahead: batch.ahead.as_ref(),
            ledger_before: batch.ledger_before,
            reading: self.reading,
        };
        let known: Known = asking.ask(message, now).await?;
        let is_believed = is_released || message.proof.is_proven();
        let own = if is_believed { pages::own(mail, message, &directory) } else { Page::default() };
        let pages = Pages { own, parked: self.parked_page(tx, &known).await? };
        boundary::reach("after-facts");
        let mailbox = self.mailbox.facts(mail.is_junk);
        let facts = Facts {
            directory: &directory,
            desk: &self.office.facts,
            mailbox: &mailbox,
            is_own: known.is_own,
            is_canary: known.is_canary,
            is_released,
            chosen,
            is_read_again: self.reading.is_some(),
            evidence: known.evidence,
            answered: known.answered,
            request: known.request,
            parked: known.parked,
            pages,
            reported: known.reported,
            has_twin: known.has_twin,
            has_booked: known.has_booked,
            accounts: known.accounts,
            ledgers: known.ledgers,
            recent_openings: known.recent_openings,
            next: known.next,
            absences: batch.absences.clone(),
            named: known.named,
            changes: known.changes,
            relayed: known.relayed,
        };
        let verdict = match mail.too_large {
            Some(size) => Verdict::Decided(Box::new(too_large(message, size, self.max_bytes, &facts))),
            None => decide(message, &facts, now),
        };
        boundary::reach("after-decide");
        Ok(verdict)
    }

    async fn note_seen(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        before: &StoredMessage,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let line = AuditLine {
            at: now,
            actor: "casepost".into(),
            action: Outcome::SeenBefore.as_str().into(),
            case_no: before.case_no,
            fingerprint: Some(before.fingerprint.clone()),
            position: None,
            reason: format!("the same mail as {} came again by {}", before.message_no, self.mailbox.name),
            detail: String::new(),
        };
        audit::record(tx, self.office.code(), &mut batch.numbers, &line).await?;
        Ok(Taken::SeenBefore { message_no: before.message_no })
    }

    /// Writes the mail with its outcome, what changes, and the letters.
    async fn record(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        read: Read<'_>,
        decision: &Decision,
        now: Timestamp,
        before: Option<StoredMessage>,
    ) -> Result<Taken, StoreError> {
        let (desk, message) = (self.office.code(), read.message);
        if let Some(ahead) = &mut batch.ahead {
            ahead.note(message, decision.outcome, before.is_none());
        }
        let message_no = before.as_ref().map_or_else(|| batch.numbers.draw("message"), |b| b.message_no);
        let raw_digest = self.raw.record(tx, desk, Owner::Mail(message_no), read.packed).await?;
        boundary::reach("after-raw");
        let stored = self.stored(message, decision, raw_digest, message_no, now);
        match &before {
            Some(before) => {
                messages::save_outcome(tx, desk, &stored).await?;
                // What was decided rests on the bytes of this copy, and none may stay that no row names.
                if before.raw_digest != stored.raw_digest {
                    self.raw.end(tx, desk, &before.raw_digest).await?;
                }
            }
            None => messages::record(tx, desk, &stored).await?,
        }
        boundary::reach("after-record");
        self.apply(tx, batch, message, decision, &stored, now).await?;
        Ok(Taken::Done { outcome: decision.outcome, message_no })
    }

    /// Writes the effects of a decision and its letters; also for a mail that is released or replayed.
    ///
    /// # Errors
    /// What the database said.
    pub async fn apply(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        message: &Message,
        decision: &Decision,
        stored: &StoredMessage,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (office, booked) = (&*self.office, BTreeMap::new());
        let mut applying = Applying { office, tx: &mut *tx, batch: &mut *batch, stored, message, now, booked };
        let released = applying.apply(decision).await?;
        let notices = applying.card_notices().await?;
        boundary::reach("after-booking");
        let mut posting = Posting {
            office: &self.office,
            mailbox: &self.mailbox,
            raw: &self.raw,
            trust: &self.trust,
            tx: &mut *tx,
            numbers: &mut batch.numbers,
            posted: &mut batch.posted,
            again: Again {
                may_repeat: batch.restored_at.is_some_and(|restored_at| message.received_at < restored_at),
                is_set_aside: self.reading.is_some(),
            },
            now,
        };
        posting.post_all(&decision.letters, message, &stored.fingerprint).await?;
        posting.post_all(&notices, message, &stored.fingerprint).await?;
        for (fingerprint, anew) in released {
            Box::pin(self.decide_again(tx, batch, &fingerprint, now, anew)).await?;
        }
        Ok(())
    }

    /// The mail as it is kept, with its outcome.
    pub(super) fn stored(
        &self,
        message: &Message,
        decision: &Decision,
        raw_digest: String,
        message_no: i64,
        now: Timestamp,
    ) -> StoredMessage {
        let sender = message.sender();
        let mut why = decision.why.clone();
        for defect in message.defects.iter().take(5) {
            why.push_str(&format!("; defect: {}", defect.text));
        }
        StoredMessage {
            fingerprint: message.fingerprint.to_hex(),
            message_no,
            message_id: message.message_id.as_ref().map(|id| id.as_str().to_owned()),
            raw_digest,
            mailbox: self.mailbox.name.to_string(),
            sender: sender.map(|s| s.address.as_str().to_owned()),
            sender_name: sender.map(|s| s.name.clone()),
            person: decision.person.as_ref().map(|key| key.as_str().to_owned()),
            role: decision.role.map(|role| role.as_str().to_owned()),
            subject: message.subject.clone(),
            received_at: message.received_at,
            claimed_at: now,
            origin: origin_word(message),
            proof: proof_words(&message.proof),
            fresh: message.reply.fresh.replace('\0', "\u{fffd}"),
            said: decision.said.as_ref().map(|said| said.replace('\0', "\u{fffd}")),
            outcome: decision.outcome.as_str().to_owned(),
            cause: decision.cause.map(str::to_owned),
            why,
            case_no: decision.case_no,
            request_no: decision.request_no,
        }
    }

    /// What a set needs, outside of a set: for commands that release or replay.
    ///
    /// # Errors
    /// What the database said.
    pub async fn batch(&self, tx: &mut Tx) -> Result<Batch, StoreError> {
        Batch::begin(&self.office, tx, self.clock.now()).await
    }
}

impl Batch {
    /// What a transaction shares that holds the desk's lock.
    ///
    /// # Errors
    /// What the database said.
    pub async fn begin(office: &Office, tx: &mut Tx, now: Timestamp) -> Result<Batch, StoreError> {
        let numbers = Numbers::list(tx, office.code()).await?;
        Ok(Batch {
            ledger_before: numbers.peek("entry"),
            numbers,
            directory: office.directory(tx).await?,
            accounts: HashMap::new(),
            ahead: None,
            absences: changes::list_absences(tx, office.code(), now).await?,
            posted: Posted::default(),
            restored_at: restores::find_in(tx, office.code()).await?.map(|restore| restore.restored_at),
        })
    }
}

/// Whether a copy with a better proof is decided anew: a forged or unproven one must not take the true one's place. What
/// the fingerprint leaves out (marks, `Auto-Submitted`) may have let the forged one be taken for automatic or our own.
fn gives_way(before: &StoredMessage) -> bool {
    let is_idle = matches!(before.outcome.as_str(), "challenged" | "quarantined" | "noted" | "own");
    // Of a person who was forgotten nothing is taken anew.
    let is_forgotten = before.cause.as_deref() == Some(FORGOTTEN_CAUSE);
    is_idle && !is_forgotten && !before.proof.starts_with("proven")
}

/// Ends the savepoint of a mail that is done. A statement that nobody waited for tells its fault here.
async fn released(tx: &mut Tx, done: Result<Taken, StoreError>) -> Result<Taken, StoreError> {
    let taken = done?;
    tx.release().await?;
    Ok(taken)
}

fn origin_word(message: &Message) -> String {
    serde_json::to_value(message.origin).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// How a proof begins in words.
pub(super) const PROVEN: &str = "proven: ";

fn proof_words(proof: &SenderProof) -> String {
    match proof {
        SenderProof::Proven { by } => format!("{PROVEN}{by}"),
        SenderProof::Unproven { why } => format!("unproven: {why}"),
        SenderProof::Contradicted { by } => format!("contradicted: {by}"),
        SenderProof::UnknownForNow { why } => format!("unknown for now: {why}"),
    }
}

fn log(taken: &Taken) {
    let outcome = match taken {
        Taken::Done { outcome, message_no } => {
            info!(message_no, outcome = outcome.as_str(), "mail taken");
            outcome.as_str()
        }
        Taken::SeenBefore { message_no } => {
            info!(message_no, outcome = "seen-before", "mail came again");
            Outcome::SeenBefore.as_str()
        }
        Taken::Waits { why } => {
            warn!(%why, "mail waits");
            "waits"
        }
    };
    metrics::counter!("casepost_messages_total", "outcome" => outcome).increment(1);
}

/// The cause of a mail whose sender was forgotten: it is known, so that it is not taken anew, and that is all.
pub const FORGOTTEN_CAUSE: &str = "forgotten";

/// The mark under which an address gets no automatic letters.
#[must_use]
pub fn hush_mark(address: &str) -> String {
    format!("hush/{address}")
}
