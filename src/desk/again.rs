//! A kept mail that is decided anew: released by its sender or a person of the desk, or replayed after a mend.

use jiff::Timestamp;

use crate::domain::decision::{Outcome, Verdict};
use crate::domain::message::SenderProof;
use crate::domain::names::ClientCode;
use crate::domain::sender_proof::BY_SIGNATURE;
use crate::mail::parse::parse;
use crate::store::{StoreError, Tx, messages};

use super::intake::{Arrived, Batch, Intake, PROVEN};

/// What has become known of a mail since it came.
#[derive(Debug, Clone, Default)]
pub struct Anew {
    /// Its sender showed that it is theirs, or the desk released it: it counts as proven.
    pub is_released: bool,
    /// The client for which its sender says that it is.
    pub client: Option<ClientCode>,
}

impl Intake {
    /// Decides a kept mail anew, with its original time of receipt: after a release, or after a fix or a changed
    /// directory just as it is. Only what waits is decided again.
    ///
    /// # Errors
    /// What the database said.
    pub async fn decide_again(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        fingerprint: &str,
        now: Timestamp,
        anew: Anew,
    ) -> Result<Option<Outcome>, StoreError> {
        let desk = self.office.code();
        let Some(before) = messages::find(tx, desk, fingerprint).await? else { return Ok(None) };
        if !matches!(before.outcome.as_str(), "challenged" | "quarantined") {
            return Ok(None);
        }
        let raw = self.raw.find_in(tx, desk, &before.raw_digest).await?;
        let mut message = self.office.without_logo(parse(&raw, &self.trust, before.received_at, now));
        message.received_at = before.received_at;
        // What a signature proved when the mail came stays proven: keys are withdrawn in time.
        let proven = before.proof.strip_prefix(PROVEN).filter(|by| by.starts_with(BY_SIGNATURE));
        if let (Some(by), false) = (proven, message.proof.is_proven()) {
            message.proof = SenderProof::Proven { by: by.to_owned() };
        }
        let mail = Arrived { arrived_at: before.received_at, raw, too_large: None, is_junk: false, is_deadly: false };
        let Verdict::Decided(decision) = self.decide(tx, batch, &mail, &message, now, anew).await? else {
            return Ok(None);
        };
        let stored = self.stored(&message, &decision, before.raw_digest.clone(), before.message_no, now);
        if let Some(ahead) = &mut batch.ahead {
            // Its sender need not be the one of the mail that released it.
            ahead.forget_counts();
        }
        messages::save_outcome(tx, desk, &stored).await?;
        self.apply(tx, batch, &message, &decision, &stored, now).await?;
        Ok(Some(decision.outcome))
    }
}
