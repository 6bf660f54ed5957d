//! Experts are reminded of mails that wait for a mend.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::desk::office::ago;
use crate::domain::decision::{Facts, ParkedWords, parked_reminder};
use crate::domain::directory::Directory;
use crate::domain::promise;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cases, messages, requests};

use super::Tick;

/// So much service time a parked mail may wait until its expert hears of it once more.
const PARKED_PATIENCE: Duration = Duration::from_secs(2 * 60 * 60);

impl Tick<'_> {
    /// An expert whose mail is parked hears of it once more, after two hours of the client's service time.
    pub(super) async fn remind_of_parked(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut count = 0;
        for parked in requests::list_parked(tx, desk, ago(until, SignedDuration::from_hours(2))).await? {
            let Some(case) = cases::find(tx, desk, parked.case_no).await? else { continue };
            let calendar = promise::calendar_of(directory, &case.client, parked.parked_at);
            let due = calendar.map_or(until, |calendar| calendar.due(parked.parked_at, PARKED_PATIENCE));
            if due > until || !requests::save_reminded(tx, desk, &parked.fingerprint, self.now).await? {
                continue;
            }
            let Some(mail) = messages::find(tx, desk, &parked.fingerprint).await? else { continue };
            let words =
                ParkedWords { subject: mail.subject.clone(), text: mail.words().to_owned(), lines: parked.lines };
            let mailbox = self.mailbox.facts(false);
            let facts = Facts::of_desk(directory, &self.office.facts, &mailbox);
            let parties = cases::list_parties_in(tx, desk, case.case_no).await?;
            let letter = parked_reminder(&case, &parties, &parked.person, &parked.fingerprint, words, &facts);
            let cause = format!("parked/{}", parked.fingerprint);
            count += letter.iter().count();
            self.post(tx, numbers, letter.as_slice(), &cause).await?;
        }
        Ok(count)
    }
}
