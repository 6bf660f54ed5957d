//! A store that has been at work for years: many small mails, each with its case, its letter and its trail.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{Case, CaseNumber, Kind, PartyRole, Priority, Status};
use crate::domain::names::{ClientCode, PersonKey};
use crate::store::audit::AuditLine;
use crate::store::letters::StoredLetter;
use crate::store::messages::StoredMessage;
use crate::store::numbers::Numbers;
use crate::store::{Db, Tx, audit, cases, letters, messages, raw};

use super::mails;

/// Mails in one transaction.
const SET: usize = 1_000;
/// The year of the stored cases' numbers.
const YEAR: i16 = 2020;
/// The stored mails came so far apart.
const APART: SignedDuration = SignedDuration::from_secs(300);

/// Stores so many mails of so many clients for a desk, the newest a day before `now`.
///
/// # Errors
/// What the database said.
pub async fn fill(db: &Db, desk: &str, (count, clients): (usize, usize), now: Timestamp) -> anyhow::Result<()> {
    let newest = now.checked_sub(SignedDuration::from_hours(24))?;
    for first in (0..count).step_by(SET) {
        let mut tx = db.begin_for(desk).await?;
        let mut numbers = Numbers::list(&mut tx, desk).await?;
        for no in first..count.min(first + SET) {
            let age = APART.checked_mul(i32::try_from(count - no)?).unwrap_or_default();
            let mut filling = Filling { tx: &mut tx, numbers: &mut numbers, desk, at: newest.checked_sub(age)? };
            filling.store(no % clients, no).await?;
        }
        numbers.save(&mut tx, desk).await?;
        tx.commit().await?;
    }
    Ok(())
}

struct Filling<'a> {
    tx: &'a mut Tx,
    numbers: &'a mut Numbers,
    desk: &'a str,
    at: Timestamp,
}

impl Filling<'_> {
    async fn store(&mut self, client: usize, no: usize) -> anyhow::Result<()> {
        let coordinator = format!("coordinator@client-{client}.example");
        self.numbers.ask_cases(self.tx, self.desk, &[(&mails::client_code(client), YEAR)]).await?;
        let case = self.case(client)?;
        let (desk, code) = (self.desk, case.client.to_string());
        let own = Some((case.case_no, code.as_str()));
        let expert = PersonKey::new(format!("expert-{}", client % 8))?;
        cases::record(self.tx, desk, &case).await?;
        cases::record_party(self.tx, desk, case.case_no, &expert, PartyRole::Expert, self.at).await?;

        let raw_digest = raw::sha256(format!("stored {no}").as_bytes());
        let text = format!("A small mail, the {no}th of those that were stored before.");
        raw::record_bare(self.tx, desk, &raw_digest, text.as_bytes()).await?;
        let mail = self.mail(raw_digest.clone(), text.clone(), &case, &coordinator);
        messages::record(self.tx, desk, &mail).await?;
        let id = mail.message_id.as_deref().unwrap_or_default();
        messages::record_id(self.tx, desk, id, "in", mail.message_no, own).await?;

        let letter = self.letter(raw_digest, text, &case, &coordinator, &mail.fingerprint);
        letters::enqueue(self.tx, &letter).await?;
        letters::save_sent(self.tx, &letter, self.at, "250 ok").await?;

        let line = AuditLine {
            at: self.at,
            actor: format!("coordinator-{client}"),
            action: "opened".into(),
            case_no: Some(case.case_no),
            fingerprint: Some(mail.fingerprint),
            position: None,
            reason: "mail".into(),
            detail: "stored before the measurement".into(),
        };
        Ok(audit::record(self.tx, desk, self.numbers, &line).await?)
    }

    fn case(&mut self, client: usize) -> anyhow::Result<Case> {
        let code = ClientCode::new(mails::client_code(client))?;
        let counter = u32::try_from(self.numbers.draw_case(code.as_str(), YEAR)?)?;
        Ok(Case {
            case_no: self.numbers.draw("case"),
            number: CaseNumber { client: code.clone(), year: YEAR, counter },
            client: code,
            subject: "A request of long ago".into(),
            status: Status::Closed,
            kind: Kind::Support,
            priority: Priority::Normal,
            coordinator: Some(PersonKey::new(format!("coordinator-{client}"))?),
            opened_at: self.at,
            changed_at: self.at,
            response_due: None,
            responded_at: None,
            resolution_due: None,
            resolved_at: Some(self.at),
            close_due: None,
            closed_at: Some(self.at),
            wait_due: None,
            refers_to: None,
            last_client_message_id: None,
            last_client_cc: Vec::new(),
            estimate_minutes: None,
            merged_into: None,
            merged_from: Vec::new(),
        })
    }

    fn mail(&mut self, raw_digest: String, text: String, case: &Case, sender: &str) -> StoredMessage {
        let message_no = self.numbers.draw("message");
        StoredMessage {
            fingerprint: raw::sha256(format!("mail {message_no}").as_bytes()),
            message_no,
            message_id: Some(format!("stored-{message_no}@{}", mails::HOST)),
            raw_digest,
            mailbox: "support".into(),
            sender: Some(sender.to_owned()),
            sender_name: None,
            person: case.coordinator.as_ref().map(ToString::to_string),
            role: Some("coordinator".into()),
            subject: case.subject.clone(),
            received_at: self.at,
            claimed_at: self.at,
            origin: "human".into(),
            proof: "proven: stored".into(),
            fresh: text,
            said: None,
            outcome: "opened".into(),
            cause: None,
            why: "stored before the measurement".into(),
            case_no: Some(case.case_no),
            request_no: None,
        }
    }

    fn letter(&mut self, raw_digest: String, text: String, case: &Case, to: &str, cause: &str) -> StoredLetter {
        let letter_no = self.numbers.draw("letter");
        StoredLetter {
            desk: self.desk.to_owned(),
            letter_no,
            message_id: format!("letter-{letter_no}@bench.example"),
            notice: "acknowledgement".into(),
            cause: cause.to_owned(),
            case_no: Some(case.case_no),
            request_no: None,
            client: Some(case.client.to_string()),
            person: case.coordinator.as_ref().map(ToString::to_string),
            recipient: to.to_owned(),
            reverse_path: None,
            subject: case.subject.clone(),
            text,
            raw_digest,
            is_automatic: true,
            state: "queued".into(),
            enqueued_at: self.at,
            attempt_due: self.at,
            attempts: 0,
            uncertain_at: None,
            sent_at: None,
            bounced_at: None,
            answer: None,
            set_aside_at: None,
        }
    }
}
