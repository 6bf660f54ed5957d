//! Experts are reminded of mails that were to open a case and wait for a mend.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::desk::office::ago;
use crate::domain::command;
use crate::domain::decision::{Facts, ParkedWords, opening_reminder};
use crate::domain::directory::Directory;
use crate::domain::promise;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, marks, messages, requests};

use super::Tick;

/// So much service time such a mail may wait until its expert hears of it once more.
const PATIENCE: Duration = Duration::from_secs(2 * 60 * 60);

impl Tick<'_> {
    /// As for other parked mails: after two hours of the service time of the client that the mail names, and within it;
    /// without one, after two hours.
    pub(super) async fn remind_of_openings(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut count = 0;
        for parked in requests::list_openings(tx, desk, ago(until, SignedDuration::from_hours(2))).await? {
            let Some(mail) = messages::find(tx, desk, &parked.fingerprint).await? else { continue };
            let client = command::opening(mail.words()).client;
            let calendar = client.and_then(|client| promise::calendar_of(directory, &client, parked.parked_at));
            let due = calendar.map_or(until, |calendar| calendar.due(parked.parked_at, PATIENCE));
            let cause = format!("parked/{}", parked.fingerprint);
            let is_closed = calendar.is_some_and(|calendar| !calendar.is_open(self.now));
            if due > until || is_closed || marks::find(tx, desk, &cause, self.now).await? {
                continue;
            }
            let Some(expert) = directory.expert(&parked.person) else { continue };
            // One reminder a person and day: what else waits for them may have taken it.
            let today = self.office.facts.time_zone.to_datetime(self.now).date();
            if !marks::claim(tx, desk, &format!("reminder/{}/{today}", parked.person), self.now).await? {
                continue;
            }
            marks::claim(tx, desk, &cause, self.now).await?;
            let words = ParkedWords { text: mail.words().to_owned(), subject: mail.subject, lines: parked.lines };
            let mailbox = self.mailbox.facts(false);
            let facts = Facts::of_desk(directory, &self.office.facts, &mailbox);
            let letter = opening_reminder(expert, &parked.fingerprint, words, &facts);
            count += letter.iter().count();
            self.post(tx, numbers, letter.as_slice(), &cause).await?;
        }
        Ok(count)
    }
}
