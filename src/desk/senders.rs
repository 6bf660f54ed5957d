//! Proving the senders of a set by their signatures, before its transaction begins: nobody waits for the domain name
//! system while the desk is locked.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::time::Instant;

use crate::domain::address::Address;
use crate::domain::directory::{AddressOwner, Directory};
use crate::domain::message::{Message, SenderProof};
use crate::mail::authenticity::prove_by_signature;
use crate::mail::dns::Dns;

use super::intake::Arrived;
use super::office::Office;

/// How many mails are looked up for at the same time.
const AT_ONCE: usize = 8;

/// How long all lookups of a set may take. What is not known by then waits for the next look at the mailbox.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for the lookups of strangers, which nobody waits for.
const PATIENCE_WITH_STRANGERS: Duration = Duration::from_secs(2);

/// Adds what the signatures prove to what our receiving hosts said.
///
/// Anybody can write from a domain whose name servers never answer. So senders of the directory come first, and strangers
/// can make neither them nor their own mail wait.
pub async fn prove(set: &[Arrived], parsed: &mut [Message], office: &Office, directory: &Directory, dns: &Dns) {
    let is_stranger = |message: &Message| {
        message.sender().is_none_or(|who| directory.owner_of(&who.address) == AddressOwner::Stranger)
    };
    let (strangers, known): (Vec<usize>, Vec<usize>) =
        (0..set.len()).filter(|at| is_open(&set[*at], &parsed[*at])).partition(|at| is_stranger(&parsed[*at]));
    for (at, proof) in look_up(set, parsed, &known, office, dns, PATIENCE).await {
        parsed[at].proof = proof;
    }
    for (at, proof) in look_up(set, parsed, &strangers, office, &dns.for_strangers(), PATIENCE_WITH_STRANGERS).await {
        parsed[at].proof = match proof {
            SenderProof::UnknownForNow { why } => SenderProof::Unproven { why },
            known => known,
        };
    }
}

/// Whether our hosts left the sender open. Of a mail that was too large only the head is here.
fn is_open(mail: &Arrived, message: &Message) -> bool {
    mail.too_large.is_none()
        && !mail.is_deadly
        && matches!(message.proof, SenderProof::Unproven { .. } | SenderProof::UnknownForNow { .. })
}

async fn look_up(
    set: &[Arrived],
    parsed: &[Message],
    places: &[usize],
    office: &Office,
    dns: &Dns,
    patience: Duration,
) -> Vec<(usize, SenderProof)> {
    let deadline = Instant::now() + patience;
    let is_ours = |address: &Address| office.receives(address);
    let lookups = places.iter().map(|at| {
        let is_ours = &is_ours;
        async move { (*at, prove_by_signature(&set[*at].raw, &parsed[*at], is_ours, dns, deadline).await) }
    });
    let lookups: Vec<_> = lookups.collect();
    stream::iter(lookups).buffer_unordered(AT_ONCE).collect().await
}
