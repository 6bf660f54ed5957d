//! What time brings to cases: they close, and those that waited until a date go on.

use jiff::Timestamp;

use crate::desk::clocks::Recount;
use crate::domain::case::{CaseEvent, Next};
use crate::domain::clock::{ClockEvent, What};
use crate::domain::directory::Directory;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cases};

use super::Tick;

impl Tick<'_> {
    pub(super) async fn close_cases(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        for mut case in cases::list_to_close(tx, desk, until).await? {
            let Next::Becomes(status) = case.status.after(CaseEvent::ReopenPeriodEnded) else { continue };
            case.status = status;
            case.closed_at = case.close_due;
            case.changed_at = case.close_due.unwrap_or(until);
            cases::save(tx, desk, &case).await?;
            let closed = ClockEvent::new(case.changed_at, "tick", What::Closed);
            let client = &case.client;
            let mut recount = Recount { tx, numbers, directory, desk, case_no: case.case_no, client };
            recount.happened(None, &[closed]).await?;
            let reason = "nobody wrote within the days in which an answer opens it again";
            self.audit(tx, numbers, "close-case", Some(&case), reason).await?;
        }
        Ok(())
    }

    pub(super) async fn wake_cases(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        for mut case in cases::list_to_wake(tx, desk, until).await? {
            let mut events = Vec::new();
            if let Next::Becomes(status) = case.status.after(CaseEvent::WaitEnded) {
                case.status = status;
                events.push(ClockEvent::new(case.wait_due.unwrap_or(until), "tick", What::WentOn));
            }
            case.changed_at = case.wait_due.unwrap_or(until);
            case.wait_due = None;
            cases::save(tx, desk, &case).await?;
            let client = &case.client;
            let mut recount = Recount { tx, numbers, directory, desk, case_no: case.case_no, client };
            recount.happened(None, &events).await?;
            self.audit(tx, numbers, "wake-case", Some(&case), "the date until which it waited has come").await?;
        }
        Ok(())
    }
}
