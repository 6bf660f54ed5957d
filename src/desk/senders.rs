//! Proving the senders of a set by their signatures, before its transaction begins: nobody waits for the domain name
//! system while the desk is locked.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use crate::domain::address::Address;
use crate::domain::message::{Message, SenderProof};
use crate::mail::authenticity::prove_by_signature;
use crate::mail::dns::Dns;

use super::intake::Arrived;
use super::office::Office;

/// How many mails are looked up for at the same time.
const AT_ONCE: usize = 8;

/// How long all lookups of a set may take. What is not known by then waits for the next look at the mailbox.
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds what the signatures prove to what our receiving hosts said.
pub async fn prove(set: &[Arrived], parsed: &mut [Message], office: &Office, dns: &Dns) {
    if dns.is_off() {
        return;
    }
    let deadline = Instant::now() + PATIENCE;
    let is_ours = |address: &Address| office.receives(address);
    let open = set.iter().zip(parsed.iter()).enumerate().filter(|(_, (mail, message))| {
        // Of a mail that was too large only the head is here.
        mail.too_large.is_none()
            && !mail.is_deadly
            && matches!(message.proof, SenderProof::Unproven { .. } | SenderProof::UnknownForNow { .. })
    });
    let lookups = open.map(|(index, (mail, message))| {
        let is_ours = &is_ours;
        async move { (index, prove_by_signature(&mail.raw, message, is_ours, dns, deadline).await) }
    });
    let lookups: Vec<_> = lookups.collect();
    let proofs: Vec<(usize, SenderProof)> = stream::iter(lookups).buffer_unordered(AT_ONCE).collect().await;
    for (index, proof) in proofs {
        if let Some(message) = parsed.get_mut(index) {
            message.proof = proof;
        }
    }
}
