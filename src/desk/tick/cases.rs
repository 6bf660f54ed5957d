//! What time brings to cases: they close, and those that waited until a date go on.

use jiff::Timestamp;

use crate::domain::case::{CaseEvent, Next};
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cases};

use super::Tick;

impl Tick<'_> {
    pub(super) async fn close_cases(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        for mut case in cases::list_to_close(tx, desk, until).await? {
            let Next::Becomes(status) = case.status.after(CaseEvent::ReopenPeriodEnded) else { continue };
            case.status = status;
            case.closed_at = case.close_due;
            case.changed_at = case.close_due.unwrap_or(until);
            cases::save(tx, desk, &case).await?;
            let reason = "nobody wrote within the days in which an answer opens it again";
            self.audit(tx, numbers, "close-case", Some(&case), reason).await?;
        }
        Ok(())
    }

    pub(super) async fn wake_cases(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        for mut case in cases::list_to_wake(tx, desk, until).await? {
            if let Next::Becomes(status) = case.status.after(CaseEvent::WaitEnded) {
                case.status = status;
            }
            case.changed_at = case.wait_due.unwrap_or(until);
            case.wait_due = None;
            cases::save(tx, desk, &case).await?;
            self.audit(tx, numbers, "wake-case", Some(&case), "the date until which it waited has come").await?;
        }
        Ok(())
    }
}
