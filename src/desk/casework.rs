//! What a person of the desk changes on a case by command: one transaction with its letters and its line in the trail.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::case::{Case, CaseNumber};
use crate::domain::change::Told;
use crate::domain::decision::{
    CaseFacts, Decision, DeskChange, DeskOrder, EvidenceKind, Facts, NextNumbers, change_by_desk,
};
use crate::domain::message::Message;
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::strip_card::Account;
use crate::mail::parse::parse;
use crate::store::audit::AuditLine;
use crate::store::messages::StoredMessage;
use crate::store::{StoreError, Tx, audit, cases, changes, letters};

use super::effects::Applying;
use super::facts::Asking;
use super::import::By;
use super::intake::{Batch, Intake};
use super::post::{Again, Posting};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum CaseworkError {
    /// It can't be done; the words say why, and what can be.
    #[error("{0}")]
    Refused(String),
    /// What the database said.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes a case in the desk's name, and tells who was told before. Gives what was done, in words.
///
/// # Errors
/// [`CaseworkError`]; then nothing was changed.
pub async fn change_case(
    intake: &Intake,
    number: &CaseNumber,
    change: &DeskChange,
    by: &By,
) -> Result<String, CaseworkError> {
    let office = &intake.office;
    let mut tx = intake.db.begin_for(office.code()).await?;
    let mut batch = Batch::begin(office, &mut tx, by.at).await?;
    let case = cases::find_by_number_in(&mut tx, office.code(), &number.to_string()).await?;
    let case =
        case.ok_or_else(|| CaseworkError::Refused(format!("there is no case {number}: see \"casepost case list\"")))?;
    // A command's letters and entries are found by it, as those of a mail are by its fingerprint.
    let cause = format!("command/{}", batch.numbers.peek("audit"));
    let desk = Desk { intake, by, cause };
    let (decision, case) = desk.decide(&mut tx, &mut batch, case, change).await?;
    desk.write(&mut tx, &mut batch, &decision, &case, change).await?;
    batch.numbers.save(&mut tx, office.code()).await?;
    tx.commit().await?;
    Ok(decision.why)
}

struct Desk<'a> {
    intake: &'a Intake,
    by: &'a By,
    cause: String,
}

impl Desk<'_> {
    async fn decide(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        case: Case,
        change: &DeskChange,
    ) -> Result<(Decision, Case), CaseworkError> {
        let (office, now) = (&self.intake.office, self.by.at);
        let directory = Arc::clone(&batch.directory);
        let mut asking = Asking {
            office,
            mailbox: &self.intake.mailbox,
            directory: &directory,
            tx: &mut *tx,
            numbers: &mut batch.numbers,
            accounts: &mut batch.accounts,
            ahead: None,
            ledger_before: batch.ledger_before,
            reading: None,
        };
        let found = asking.read_case(EvidenceKind::SubjectTag, case.clone()).await?;
        let mut clients = vec![case.client.clone()];
        if let DeskChange::SetClient(client) = change {
            clients.push(client.clone());
        }
        let accounts = accounts_of(&mut asking, &clients).await?;
        let other: Option<CaseFacts> = match case.merged_into {
            Some(case_no) => match cases::find(asking.tx, office.code(), case_no).await? {
                Some(case) => Some(asking.read_case(EvidenceKind::SubjectTag, case).await?),
                None => None,
            },
            None => None,
        };
        let mut next = NextNumbers { case_no: batch.numbers.peek("case"), request_no: 0, counters: HashMap::new() };
        let year = office.facts.time_zone.to_datetime(case.opened_at).date().year();
        let counters: Vec<(&str, i16)> = clients.iter().map(|client| (client.as_str(), year)).collect();
        batch.numbers.ask_cases(tx, office.code(), &counters).await?;
        for client in &clients {
            let last = batch.numbers.peek_case(client.as_str(), year)? - 1;
            next.counters.insert((client.as_str().to_owned(), year), u32::try_from(last).unwrap_or(u32::MAX - 1));
        }
        let mut known = Vec::new();
        for case_no in std::iter::once(case.case_no).chain(case.merged_into) {
            let of_case = changes::list(tx, office.code(), case_no).await?;
            known.extend(of_case.into_iter().map(|change| (case_no, change)));
        }
        let sent = letters::list_of_case_in(tx, office.code(), case.case_no).await?;
        let told = sent.iter().filter_map(|letter| {
            let person = letter.person.as_deref().and_then(|key| PersonKey::new(key).ok())?;
            Some(Told { person, notice: letter.notice.clone() })
        });
        let told: Vec<Told> = told.collect();
        let mailbox = self.intake.mailbox.facts(false);
        let facts = Facts {
            accounts,
            next,
            changes: known,
            absences: batch.absences.clone(),
            ..Facts::of_desk(&directory, &office.facts, &mailbox)
        };
        let order = DeskOrder {
            change,
            reason: &self.by.reason,
            cause: &self.cause,
            found: &found,
            other: other.as_ref(),
            told: &told,
            now,
        };
        let decision = change_by_desk(&order, &facts).map_err(CaseworkError::Refused)?;
        Ok((decision, case))
    }

    async fn write(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        decision: &Decision,
        case: &Case,
        change: &DeskChange,
    ) -> Result<(), StoreError> {
        let (intake, now) = (self.intake, self.by.at);
        // Nothing of a mail goes along with a command.
        let nothing: Message = parse(b"", &intake.trust, now, now);
        let stored = no_mail(&self.cause, now);
        let mut applying = Applying {
            office: &intake.office,
            tx: &mut *tx,
            batch: &mut *batch,
            stored: &stored,
            message: &nothing,
            now,
            booked: BTreeMap::new(),
        };
        applying.apply_effects(decision).await?;
        let notices = applying.card_notices().await?;
        let mut posting = Posting {
            office: &intake.office,
            mailbox: &intake.mailbox,
            raw: &intake.raw,
            trust: &intake.trust,
            tx: &mut *tx,
            numbers: &mut batch.numbers,
            posted: &mut batch.posted,
            again: Again::default(),
            now,
        };
        posting.post_all(&decision.letters, &nothing, &self.cause).await?;
        posting.post_all(&notices, &nothing, &self.cause).await?;
        let mut touched = vec![case.case_no];
        touched.extend(case.merged_into);
        touched.extend(decision.case_no);
        touched.sort_unstable();
        touched.dedup();
        for case_no in touched {
            let line = AuditLine {
                at: now,
                actor: self.by.actor.clone(),
                action: action(change).to_owned(),
                case_no: Some(case_no),
                fingerprint: None,
                position: None,
                reason: self.by.reason.clone(),
                detail: decision.why.clone(),
            };
            audit::record(tx, intake.office.code(), &mut batch.numbers, &line).await?;
        }
        Ok(())
    }
}

async fn accounts_of(
    asking: &mut Asking<'_>,
    clients: &[ClientCode],
) -> Result<HashMap<ClientCode, Arc<Account>>, StoreError> {
    let mut accounts = HashMap::new();
    for client in clients {
        accounts.insert(client.clone(), asking.account(client).await?);
    }
    Ok(accounts)
}

/// The verb in the audit trail.
fn action(change: &DeskChange) -> &'static str {
    match change {
        DeskChange::Reopen => "reopen-case",
        DeskChange::Assign(_) => "assign-case",
        DeskChange::SetClient(_) => "set-client",
        DeskChange::Unmerge => "unmerge-case",
    }
}

/// What stands for the mail where a command asks.
fn no_mail(cause: &str, now: Timestamp) -> StoredMessage {
    StoredMessage {
        fingerprint: cause.to_owned(),
        message_no: 0,
        message_id: None,
        raw_digest: String::new(),
        mailbox: String::new(),
        sender: None,
        sender_name: None,
        person: None,
        role: None,
        subject: String::new(),
        received_at: now,
        claimed_at: now,
        origin: String::new(),
        proof: String::new(),
        fresh: String::new(),
        said: None,
        outcome: String::new(),
        cause: None,
        why: String::new(),
        case_no: None,
        request_no: None,
    }
}
