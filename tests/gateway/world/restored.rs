//! What happens around a restore: the desk waits, a folder is read again, the desk is resumed.

use casepost::desk::backup::By;
use casepost::desk::intake::ReadingAgain;
use casepost::desk::resume::{Aside, Resuming, resume};
use casepost::store::restores;
use jiff::Timestamp;

use super::World;

impl World {
    /// The desk is restored now, from a backup of that moment.
    pub async fn restored_from(&self, taken_at: Timestamp) {
        let mut tx = self.db.begin_for("LIN").await.unwrap();
        restores::record(&mut tx, "LIN", taken_at, self.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// From here on mails are read again from a folder.
    pub fn reads_again(&mut self, is_received_now: bool) {
        self.intake.reading = Some(ReadingAgain { is_received_now });
    }

    /// From here on mails come in.
    pub fn reads_what_comes_in(&mut self) {
        self.intake.reading = None;
    }

    /// Somebody lets the desk go on.
    pub async fn resumed(&mut self, aside: Aside) {
        self.reads_what_comes_in();
        let by = By { actor: "command:tester".into(), reason: "all is read".into() };
        let how = Resuming { aside, skipped_numbers: 0, year: 2026 };
        resume(&self.db, "LIN", how, &by, self.now).await.unwrap();
    }

    /// Kind, state and whether it may have left before, of every letter that nobody looked at.
    pub async fn states(&mut self) -> Vec<String> {
        let unread = self.unread().await;
        self.rest().await;
        let line = |letter: &super::Letter| {
            let mark = if letter.stored.uncertain_at.is_some() { " uncertain" } else { "" };
            format!("{} {}{mark}", letter.line(), letter.stored.state)
        };
        unread.iter().map(line).collect()
    }
}
