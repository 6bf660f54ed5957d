//! Who sent a mail: the words of the desk's own receiving hosts, and the signatures that we verify ourselves.
//!
//! QUIRK: signatures and chains are verified here on `ring`, not by mail-auth. mail-auth 0.13.3 (the last that builds on
//! Rust 1.95) takes its own time of day, tells neither the size nor the flags of a key nor what a signature covers, lets
//! the sender make it ask for further names (`r=y`, ATPS), fails good signatures over bodies that end in lines of blanks,
//! and takes malformed tag lists, which RFC 8617 section 5.2 makes a failure of the chain.

pub mod arc;
mod canon;
mod key;
mod signature;
mod tags;

use std::time::Duration;

use jiff::Timestamp;
use mail_parser::{HeaderName, HeaderValue, MessageParser};
use tokio::time::{Instant, timeout_at};

use self::arc::Chain;
use self::canon::{RawField, RawMail};
use self::signature::{MessageSignature, Verified};
use self::tags::{Tags, items};
use super::dns::Dns;
use super::fields::{Fields, cut_at};
use super::parse::Trust;
use super::trace::{self, Trace};
use crate::domain::address::Address;
use crate::domain::authentication_results::{AuthenticationResults, believed, parse, prove};
use crate::domain::message::{Message, SenderProof};
use crate::domain::sender_proof::{self, DkimSignature, SignatureResult};

/// The most headers that are read; a receiving host writes one to three.
const MAX_HEADERS: usize = 20;
/// The most signatures of a mail that are read.
const MAX_SIGNATURES: usize = 20;
/// The most signatures of a mail for which keys are looked up to prove its sender.
const MAX_LOOKUPS: usize = 4;
/// A longer header is not verified; so long a one has a defect that leaves the sender open anyway.
const MAX_HEADER_BYTES: usize = 512 * 1024;
/// How long the lookups of one mail may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What our own receiving hosts say about the sender.
pub fn judge(sender: Option<&Address>, fields: &Fields, trace: &Trace, trust: &Trust) -> SenderProof {
    let Some(sender) = sender else {
        return SenderProof::Unproven { why: "From does not name exactly one sender".to_owned() };
    };
    if trust.trusted_hosts.is_empty() || trust.authserv_ids.is_empty() {
        return SenderProof::Unproven { why: "no receiving host is configured as trusted".to_owned() };
    }
    let headers = results_of(fields, trace, trust);
    let headers = headers.into_iter().filter(|(_, is_trusted)| *is_trusted).map(|(header, _)| header);
    prove(sender, &believed(headers.take(MAX_HEADERS).collect()))
}

/// The `Authentication-Results` of a mail, topmost first, each with whether it stands where only our own hosts write and
/// under a name of theirs.
fn results_of(fields: &Fields, trace: &Trace, trust: &Trust) -> Vec<(AuthenticationResults, bool)> {
    let headers = fields.iter().enumerate().filter(|(_, (name, _))| *name == "authentication-results");
    let read = |(place, (_, value)): (usize, (&str, &str))| {
        let header = parse(cut_at(value, 16 * 1024));
        let is_trusted = place < trace.trusted_fields && trust.is_authserv_id(&header.authserv_id);
        (header, is_trusted)
    };
    headers.take(5 * MAX_HEADERS).map(read).collect()
}

/// Everything that tells who sent a mail, for people to look at.
#[derive(Debug)]
pub struct Evidence {
    /// Its signatures, topmost first.
    pub signatures: Vec<DkimSignature>,
    /// Its chain.
    pub chain: Chain,
    /// Its `Authentication-Results`, topmost first, and whether each is believed.
    pub results: Vec<(AuthenticationResults, bool)>,
}

/// Verifies every signature and the chain of a mail, as of the time at which it says it was received, not after `now`.
pub async fn examine(raw: &[u8], trust: &Trust, dns: &Dns, now: Timestamp) -> Evidence {
    let fields = Fields::read(raw);
    let at = trace::claimed_at(&fields).map_or(now, |at| at.min(now));
    let results = results_of(&fields, &trace::read(&fields, trust), trust);
    let mail = RawMail::read(raw);
    if raw.len() - mail.body.len() > MAX_HEADER_BYTES {
        let chain = Chain::Fail("the header is too long to be verified".to_owned());
        return Evidence { signatures: Vec::new(), chain, results };
    }
    let mut signatures = Vec::new();
    for mut claim in claims(&mail) {
        claim.verify(&mail, dns, at).await;
        signatures.push(claim.facts);
    }
    Evidence { signatures, chain: arc::validate(&mail, dns, at).await, results }
}

/// What is known about the sender when the signatures are taken into account, too. Keys are looked up only for
/// signatures that would prove the sender, and only where our hosts left it open; not beyond `deadline`.
pub async fn prove_by_signature(
    raw: &[u8],
    message: &Message,
    is_ours: &(dyn Fn(&Address) -> bool + Sync),
    dns: &Dns,
    deadline: Instant,
) -> SenderProof {
    let open = matches!(message.proof, SenderProof::Unproven { .. } | SenderProof::UnknownForNow { .. });
    let Some(sender) = message.sender().filter(|_| open && !dns.is_off()) else { return message.proof.clone() };
    let mail = RawMail::read(raw);
    if raw.len() - mail.body.len() > MAX_HEADER_BYTES {
        return message.proof.clone();
    }
    let deadline = deadline.min(Instant::now() + PATIENCE);
    let mut signatures = Vec::new();
    let mut lookups = 0;
    for mut claim in claims(&mail) {
        let is_worth_it = claim.facts.lacks(&sender.address, is_ours).is_none();
        if is_worth_it && claim.facts.result == SignatureResult::NotLookedUp && lookups < MAX_LOOKUPS {
            lookups += 1;
            if timeout_at(deadline, claim.verify(&mail, dns, message.received_at)).await.is_err() {
                claim.facts.result = SignatureResult::TempError { why: "no answer in time".to_owned() };
            }
        }
        signatures.push(claim.facts);
    }
    sender_proof::prove(&sender.address, &signatures, &|address| is_ours(address), message.proof.clone())
}

/// A signature of a mail: what it says of itself, and what it takes to verify it.
struct Claim<'a> {
    field: RawField<'a>,
    facts: DkimSignature,
    /// None where it can't be used; then the facts say why.
    signature: Option<MessageSignature>,
}

impl Claim<'_> {
    async fn verify(&mut self, mail: &RawMail<'_>, dns: &Dns, at: Timestamp) {
        let Some(signature) = &self.signature else { return };
        self.facts.result = match signature.verify(mail, self.field, dns, at).await {
            Verified::Good { is_testing } => {
                self.facts.is_testing = is_testing;
                SignatureResult::Pass
            }
            Verified::Bad(why) => SignatureResult::Fail { why },
            Verified::NoKey(why) => SignatureResult::PermError { why },
            Verified::Later(why) => SignatureResult::TempError { why },
            Verified::NotAsked => SignatureResult::NotLookedUp,
        };
    }
}

/// The signatures of a mail, topmost first.
fn claims<'a>(mail: &RawMail<'a>) -> Vec<Claim<'a>> {
    mail.all("dkim-signature").take(MAX_SIGNATURES).map(|field| claim(mail, field)).collect()
}

fn claim<'a>(mail: &RawMail<'a>, field: RawField<'a>) -> Claim<'a> {
    let value = String::from_utf8_lossy(field.value());
    let tags = Tags::read(&value);
    let tag = |name: &str| tags.as_ref().ok().and_then(|tags| tags.get(name)).unwrap_or_default();
    let names: Vec<String> =
        items(tag("h")).filter(|name| !name.is_empty()).take(200).map(str::to_ascii_lowercase).collect();
    let mut facts = DkimSignature {
        domain: tag("d").to_lowercase(),
        selector: tag("s").to_lowercase(),
        result: SignatureResult::NotLookedUp,
        uncovered: uncovered(mail, &names),
        recipients: recipients(mail, &names),
        signed: names,
        has_length: tags.as_ref().is_ok_and(|tags| tags.get("l").is_some()),
        is_testing: false,
    };
    let read = tags.as_ref().map_err(Clone::clone).and_then(MessageSignature::read_dkim);
    let signature = match read {
        Ok(signature) => Some(signature),
        Err(why) => {
            facts.result = SignatureResult::PermError { why };
            None
        }
    };
    Claim { field, facts, signature }
}

/// Fields that may stand only once (RFC 5322 section 3.6, RFC 2045 section 3).
const SINGLE: [&str; 13] = [
    "from",
    "to",
    "cc",
    "subject",
    "sender",
    "reply-to",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// Of these even one that is not signed leaves open who wrote what to whom.
const VITAL: [&str; 4] = ["from", "to", "cc", "subject"];

/// Single fields of which the mail has more than are signed: one was added on the way, and a reader may take that one
/// (RFC 6376 section 8.15).
fn uncovered(mail: &RawMail<'_>, names: &[String]) -> Vec<String> {
    let is_uncovered = |name: &str| {
        let signed = names.iter().filter(|own| *own == name).count();
        let present = mail.all(name).count();
        present > signed && (signed > 0 || VITAL.contains(&name))
    };
    SINGLE.iter().filter(|name| is_uncovered(name)).map(|name| (*name).to_owned()).collect()
}

/// The addresses in the To and Cc that are signed.
fn recipients(mail: &RawMail<'_>, names: &[String]) -> Vec<Address> {
    let names: Vec<String> = names.iter().filter(|name| *name == "to" || *name == "cc").cloned().collect();
    let mut header = Vec::new();
    for field in mail.select(&names) {
        header.extend_from_slice(field.bytes);
        header.extend_from_slice(b"\r\n");
    }
    header.extend_from_slice(b"\r\n");
    let Some(parsed) = MessageParser::default().parse_headers(&header[..]) else { return Vec::new() };
    let both = [HeaderName::To, HeaderName::Cc];
    let lists = both.into_iter().flat_map(|name| parsed.header_values(name).filter_map(HeaderValue::as_address));
    let addresses = lists.flat_map(|list| list.iter()).take(1_000);
    addresses.filter_map(|entry| Address::new(entry.address()?).ok()).collect()
}

#[cfg(test)]
mod tests;
