//! Raw mail that is kept no longer: looked for beside all other work, deleted in small steps.

use jiff::Timestamp;

use crate::domain::case::Status;
use crate::domain::directory::Directory;
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::retention::{self, Deleted, Ended};
use crate::store::{Db, StoreError, audit, cases};

use super::office::{Office, read_directory};

/// So many steps at a tick: each holds the desk for a moment only, and mail goes first.
const STEPS: usize = 5;

/// One look at what a desk keeps no longer.
pub struct Sweep<'a> {
    /// The store.
    pub db: &'a Db,
    /// The bytes of mails and letters.
    pub raw: &'a RawMails,
    /// The desk.
    pub office: &'a Office,
    /// The present moment.
    pub now: Timestamp,
}

impl Sweep<'_> {
    /// Deletes some of what is kept no longer; gives whether that was all. The audit trail gets a line for each step
    /// that deleted something.
    ///
    /// # Errors
    /// What the database or the file system said. Each step is done whole or not at all.
    pub async fn run(&self) -> Result<bool, StoreError> {
        let desk = self.office.code();
        let directory = read_directory(self.db, desk, self.office.facts.time_zone.clone()).await?;
        let mut steps = 0;
        for (client, before) in self.ends(&directory) {
            let ended = Ended { desk, client: client.as_deref(), before };
            while self.step(ended).await? {
                steps += 1;
                if steps == STEPS {
                    self.raw.end_files(self.db).await?;
                    return Ok(false);
                }
            }
        }
        self.raw.end_files(self.db).await?;
        Ok(true)
    }

    /// For each client, and for mail of no client (none): what ended up to then is kept no longer. The mail of clients
    /// that the directory knows no more is kept like the desk's.
    fn ends(&self, directory: &Directory) -> Vec<(Option<String>, Timestamp)> {
        let kept = self.office.keep_raw_for;
        let zone = &self.office.facts.time_zone;
        let mut ends: Vec<_> = kept.ends_before(self.now, zone).map(|before| (None, before)).into_iter().collect();
        for client in directory.clients() {
            let kept = client.keep_raw_for.unwrap_or(kept);
            let before = kept.ends_before(self.now, client.time_zone.time_zone());
            ends.extend(before.map(|before| (Some(client.code.to_string()), before)));
        }
        ends
    }

    /// Deletes a little; false where nothing is left to delete.
    async fn step(&self, ended: Ended<'_>) -> Result<bool, StoreError> {
        // Looked for beside all writers: mostly nothing is found, and then nobody waited for it.
        let due = retention::list_cases(self.db, ended).await?;
        if due.is_empty() && !retention::find_loose(self.db, ended).await? {
            return Ok(false);
        }
        let mut tx = self.db.begin_for(ended.desk).await?;
        let mut deleted = Deleted::default();
        for case_no in due {
            // It may have been opened again since.
            let case = cases::find(&mut tx, ended.desk, case_no).await?;
            if case.is_some_and(|case| case.status == Status::Closed) {
                deleted.add(retention::end_case(&mut tx, ended.desk, case_no, self.now).await?);
            }
        }
        deleted.add(retention::end_loose(&mut tx, ended, self.now).await?);
        if deleted == Deleted::default() {
            return Ok(false);
        }
        let mut numbers = Numbers::list(&mut tx, ended.desk).await?;
        let whose = ended.client.map_or("of no client".to_owned(), |client| format!("of {client}"));
        let Deleted { cases, mails, letters } = deleted;
        let line = AuditLine {
            at: self.now,
            actor: "casepost".into(),
            action: "delete-raw-mail".into(),
            case_no: None,
            fingerprint: None,
            position: None,
            reason: "the time for which raw mail is kept is over".into(),
            detail: format!("{whose}, ended before {}: {cases} cases, {mails} mails, {letters} letters", ended.before),
        };
        audit::record(&mut tx, ended.desk, &mut numbers, &line).await?;
        numbers.save(&mut tx, ended.desk).await?;
        tx.commit().await?;
        Ok(true)
    }
}
