//! Who is it: what a signature by the sender's own domain proves, beside what our receiving servers found.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::alignment::is_aligned;
use super::message::SenderProof;

/// One DKIM signature (RFC 6376), read and perhaps verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSignature {
    /// The domain that signed (`d=`), in small letters; empty where it can't be read.
    pub domain: String,
    /// The name of its key (`s=`).
    pub selector: String,
    /// What became of it.
    pub result: SignatureResult,
    /// The fields that it signs, in small letters, as often as it names each.
    pub signed: Vec<String>,
    /// Fields that may stand in a mail only once (RFC 5322 section 3.6) and stand in this one more often than they are
    /// signed, in small letters.
    pub uncovered: Vec<String>,
    /// The addresses in the To and Cc that it signs.
    pub recipients: Vec<Address>,
    /// Whether it leaves what stands behind a part of the text unsigned (`l=`).
    pub has_length: bool,
    /// Whether the owner of the key says that it is only being tried out (`t=y`).
    pub is_testing: bool,
}

/// What became of a signature, in the words of RFC 8601 section 2.7.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "result")]
pub enum SignatureResult {
    /// The mail is as it was signed.
    Pass,
    /// It is not.
    Fail {
        /// Why, in words.
        why: String,
    },
    /// The signature or its key can't be used, and no later try will change that.
    PermError {
        /// Why, in words.
        why: String,
    },
    /// Its key could not be had at the moment.
    TempError {
        /// Why, in words.
        why: String,
    },
    /// Nobody was asked for its key.
    #[serde(rename = "not-looked-up")]
    NotLookedUp,
}

impl SignatureResult {
    /// Its word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::PermError { .. } => "permerror",
            Self::TempError { .. } => "temperror",
            Self::NotLookedUp => "not-looked-up",
        }
    }

    /// Why, in words; empty for what needs none.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Fail { why } | Self::PermError { why } | Self::TempError { why } => why,
            Self::Pass | Self::NotLookedUp => "",
        }
    }
}

/// The fields without which nobody can tell who wrote what to whom.
const NEEDED: [&str; 3] = ["from", "subject", "to"];

impl DkimSignature {
    /// Why this signature would prove nothing about the sender even if it is good; None where it would.
    ///
    /// `is_ours` tells which addresses are the desk's: a signed mail to somebody else that is sent on to the desk is no
    /// word to the desk.
    #[must_use]
    pub fn lacks(&self, from: &Address, is_ours: &dyn Fn(&Address) -> bool) -> Option<String> {
        if !is_aligned(from.domain(), &self.domain) {
            return Some("it is of another domain than From".to_owned());
        }
        if self.has_length {
            return Some("it signs only the beginning of the text (l=)".to_owned());
        }
        if let Some(missing) = NEEDED.iter().find(|name| !self.signed.iter().any(|own| own == *name)) {
            return Some(format!("it does not sign {missing}"));
        }
        if let Some(name) = self.uncovered.first() {
            return Some(format!("the mail has more of {name} than it signs"));
        }
        if !self.recipients.iter().any(is_ours) {
            return Some("the mail that it signs is not to the desk".to_owned());
        }
        if self.is_testing {
            return Some("its owner only tries it out (t=y)".to_owned());
        }
        None
    }
}

/// What is known about the sender, from the verdict of our own receiving servers and the signatures.
///
/// A server's word that the domain's owner disowns the mail is not overruled: it saw more than the mail.
#[must_use]
pub fn prove(
    from: &Address,
    signatures: &[DkimSignature],
    is_ours: &dyn Fn(&Address) -> bool,
    by_servers: SenderProof,
) -> SenderProof {
    let why = match &by_servers {
        SenderProof::Proven { .. } | SenderProof::Contradicted { .. } => return by_servers,
        SenderProof::Unproven { why } | SenderProof::UnknownForNow { why } => why.clone(),
    };
    let mut reasons = vec![why];
    let mut waits = matches!(by_servers, SenderProof::UnknownForNow { .. });
    for signature in signatures {
        let DkimSignature { domain, selector, result, .. } = signature;
        let lacks = signature.lacks(from, is_ours);
        match (result, lacks) {
            (SignatureResult::Pass, None) => {
                return SenderProof::Proven { by: format!("{BY_SIGNATURE}{domain} ({selector})") };
            }
            (SignatureResult::TempError { why }, None) => {
                waits = true;
                reasons.push(format!("signature of {domain}: {why}"));
            }
            (_, Some(lack)) => reasons.push(format!("signature of {domain}: {lack}")),
            (result, None) if !result.why().is_empty() => {
                reasons.push(format!("signature of {domain}: {}", result.why()));
            }
            (_, None) => reasons.push(format!("signature of {domain}: its key was not looked up")),
        }
    }
    reasons.truncate(MAX_REASONS);
    let why = reasons.join("; ");
    if waits { SenderProof::UnknownForNow { why } } else { SenderProof::Unproven { why } }
}

/// How a proof by a signature begins.
pub const BY_SIGNATURE: &str = "dkim signature of ";

/// The most reasons that are told.
const MAX_REASONS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn signature() -> DkimSignature {
        DkimSignature {
            domain: "client.nl".into(),
            selector: "s1".into(),
            result: SignatureResult::Pass,
            signed: ["from", "to", "subject", "date"].map(str::to_owned).into(),
            uncovered: vec![],
            recipients: vec![Address::new("support@desk.nl").unwrap()],
            has_length: false,
            is_testing: false,
        }
    }

    fn unproven() -> SenderProof {
        SenderProof::Unproven { why: "no verdict".into() }
    }

    fn said(signatures: &[DkimSignature], by_servers: SenderProof) -> String {
        let from = Address::new("ann@client.nl").unwrap();
        match prove(&from, signatures, &|to| to.as_str() == "support@desk.nl", by_servers) {
            SenderProof::Proven { by } => format!("proven {by}"),
            SenderProof::Unproven { why } => format!("unproven {why}"),
            SenderProof::Contradicted { by } => format!("contradicted {by}"),
            SenderProof::UnknownForNow { why } => format!("unknown {why}"),
        }
    }

    fn check(change: impl Fn(&mut DkimSignature), expected: &str) {
        let mut one = signature();
        change(&mut one);
        let said = said(&[one], unproven());
        assert!(said.starts_with(expected.split('…').next().unwrap()), "{said}");
        assert!(said.ends_with(expected.split('…').next_back().unwrap()), "{said}");
    }

    #[test]
    fn a_signature_proves_the_sender_only_as_a_whole() {
        check(|_| {}, "proven dkim signature of client.nl (s1)");
        check(|s| s.domain = "mail.client.nl".into(), "proven…(s1)");
        check(|s| s.domain = "evil.nl".into(), "unproven…of another domain than From");
        check(|s| s.has_length = true, "unproven…(l=)");
        check(|s| s.signed.retain(|name| name != "subject"), "unproven…does not sign subject");
        check(|s| s.signed.retain(|name| name != "to"), "unproven…does not sign to");
        check(|s| s.uncovered = vec!["from".into()], "unproven…more of from than it signs");
        check(|s| s.recipients = vec![Address::new("other@desk.nl").unwrap()], "unproven…not to the desk");
        check(|s| s.is_testing = true, "unproven…(t=y)");
        check(|s| s.result = SignatureResult::Fail { why: "changed".into() }, "unproven…changed");
        check(|s| s.result = SignatureResult::PermError { why: "no key".into() }, "unproven…no key");
        check(|s| s.result = SignatureResult::NotLookedUp, "unproven…not looked up");
        check(|s| s.result = SignatureResult::TempError { why: "slow".into() }, "unknown…slow");
    }

    #[test]
    fn a_signature_that_proves_nothing_anyway_makes_nobody_wait() {
        let slow = SignatureResult::TempError { why: "slow".into() };
        check(|s| (s.domain, s.result) = ("evil.nl".into(), slow.clone()), "unproven…");
        check(|s| (s.has_length, s.result) = (true, slow.clone()), "unproven…");
    }

    #[test]
    fn one_proof_is_enough_and_a_disowned_mail_stays_disowned() {
        let slow = DkimSignature { result: SignatureResult::TempError { why: "slow".into() }, ..signature() };
        assert!(said(&[slow.clone(), signature()], unproven()).starts_with("proven"));
        assert!(said(&[slow], SenderProof::Proven { by: "dmarc".into() }).starts_with("proven dmarc"));
        let unknown = SenderProof::UnknownForNow { why: "dmarc=temperror".into() };
        assert!(said(&[signature()], unknown.clone()).starts_with("proven dkim"));
        assert!(said(&[], unknown).starts_with("unknown dmarc=temperror"));
        assert!(said(&[signature()], SenderProof::Contradicted { by: "p=reject".into() }).starts_with("contradicted"));
        assert_eq!(said(&[], unproven()), "unproven no verdict");
    }
}
