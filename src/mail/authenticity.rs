//! Which words about the sender are believed: only those that the desk's own receiving hosts wrote.

use super::fields::{Fields, cut_at};
use super::parse::Trust;
use super::trace::Trace;
use crate::domain::address::Address;
use crate::domain::authentication_results::{AuthenticationResults, parse, prove};
use crate::domain::message::SenderProof;

/// The most headers that are read; a receiving host writes one to three.
const MAX_HEADERS: usize = 20;

/// What is known about the sender.
pub fn judge(sender: Option<&Address>, fields: &Fields, trace: &Trace, trust: &Trust) -> SenderProof {
    let Some(sender) = sender else {
        return SenderProof::Unproven { why: "From does not name exactly one sender".to_owned() };
    };
    if trust.trusted_hosts.is_empty() || trust.authserv_ids.is_empty() {
        return SenderProof::Unproven { why: "no receiving host is configured as trusted".to_owned() };
    }
    prove(sender, &believed(fields, trace, trust))
}

fn believed(fields: &Fields, trace: &Trace, trust: &Trust) -> Vec<AuthenticationResults> {
    fields
        .iter()
        .take(trace.trusted_fields)
        .filter(|(name, _)| *name == "authentication-results")
        .map(|(_, value)| parse(cut_at(value, 16 * 1024)))
        .filter(|header| trust.is_authserv_id(&header.authserv_id))
        .take(MAX_HEADERS)
        .collect()
}
