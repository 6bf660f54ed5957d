//! What time alone brings, one file a subject: cases close, cards expire, letters that were given up are told,
//! people are reminded of what waits for them.

mod cards;
mod cases;
mod clocks;
mod given_up;
mod openings;
mod reminders;
mod tokens;
mod weekly;

use jiff::Timestamp;

use crate::domain::case::Case;
use crate::domain::decision::Outgoing;
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{Db, StoreError, Tx, audit, mailboxes, restores};

use super::by_hand;
use super::office::{Office, OfficeMailbox};
use super::post::Again;
use super::worker::known_until;

/// One tick of one desk.
pub struct Tick<'a> {
    /// The store.
    pub db: &'a Db,
    /// The bytes of mails and letters.
    pub raw: &'a RawMails,
    /// The desk.
    pub office: &'a Office,
    /// The mailbox for which its letters leave.
    pub mailbox: &'a OfficeMailbox,
    /// How things stand with the access tokens that matter to the desk.
    pub tokens: &'a [TokenNews],
    /// The present moment.
    pub now: Timestamp,
}

/// How things stand with the access tokens of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenNews {
    /// The account's name.
    pub account: String,
    /// What the desk must be told, if anything.
    pub trouble: Option<String>,
}

impl Tick<'_> {
    /// Does what is due; gives how many letters that made. A desk that waits after a restore does not know what happened
    /// since its backup was taken, so for it no time goes on.
    ///
    /// # Errors
    /// What the database said; then nothing was changed.
    pub async fn run(&self) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let restore = restores::find(self.db, desk).await?;
        if restore.is_some_and(|restore| restore.is_waiting()) {
            return Ok(0);
        }
        let fetched = mailboxes::list_fetched(self.db).await?;
        let prefix = format!("{desk}/");
        let of_desk: Vec<_> = fetched.iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(_, at)| *at).collect();
        let until = known_until(&of_desk, self.now);
        let mut tx = self.db.begin_for(desk).await?;
        let mut numbers = Numbers::list(&mut tx, desk).await?;
        let directory = self.office.directory(&mut tx).await?;
        self.close_cases(&mut tx, &mut numbers, &directory, until).await?;
        self.wake_cases(&mut tx, &mut numbers, &directory, until).await?;
        let mut told = self.tell_deadlines(&mut tx, &mut numbers, &directory, until).await?;
        told += self.expire_cards(&mut tx, &mut numbers, &directory, until).await?;
        told += self.remind(&mut tx, &mut numbers, &directory, until).await?;
        told += self.remind_of_openings(&mut tx, &mut numbers, &directory, until).await?;
        told += self.tell_given_up(&mut tx, &mut numbers, &directory).await?;
        told += self.tell_token_trouble(&mut tx, &mut numbers, &directory).await?;
        let due = self.due_summaries(&mut tx, &directory, until).await?;
        numbers.save(&mut tx, desk).await?;
        tx.commit().await?;
        told += self.send_summaries(&due, &directory, until).await?;
        if restore.is_some_and(|restore| restore.is_catching_up() && until >= restore.restored_at) {
            let mut tx = self.db.begin().await?;
            restores::save_caught_up(&mut tx, desk, self.now).await?;
            tx.commit().await?;
        }
        Ok(told)
    }

    /// What came due before a restore may have been told before it.
    async fn again(&self, tx: &mut Tx) -> Result<Again, StoreError> {
        let restore = restores::find_in(tx, self.office.code()).await?;
        Ok(Again { may_repeat: restore.is_some_and(|restore| restore.is_catching_up()), is_set_aside: false })
    }

    async fn post(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        outgoing: &[Outgoing],
        cause: &str,
    ) -> Result<usize, StoreError> {
        let again = self.again(tx).await?;
        let place = (self.office, self.mailbox, self.raw);
        by_hand::post_again(tx, numbers, place, outgoing, (cause, again), self.now).await
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        action: &str,
        case: Option<&Case>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let line = AuditLine {
            at: self.now,
            actor: "casepost".into(),
            action: action.to_owned(),
            case_no: case.map(|case| case.case_no),
            fingerprint: None,
            position: None,
            reason: reason.to_owned(),
            detail: String::new(),
        };
        audit::record(tx, self.office.code(), numbers, &line).await
    }
}
