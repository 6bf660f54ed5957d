//! Who sent a mail, as `inspect` shows it: signatures, chain, the words of receiving servers.

use serde_json::{Value, json};

use crate::domain::authentication_results::AuthenticationResults;
use crate::domain::message::SenderProof;
use crate::domain::sender_proof::DkimSignature;
use crate::mail::authenticity::Evidence;
use crate::mail::authenticity::arc::Chain;

/// The evidence for programs.
pub fn facts(evidence: &Evidence) -> Value {
    json!({
        "arc": { "result": evidence.chain.as_str(), "why": why_of(&evidence.chain) },
        "dkim": evidence.signatures.iter().map(signature).collect::<Vec<_>>(),
        "authentication_results": evidence.results.iter().map(results).collect::<Vec<_>>(),
    })
}

fn signature(one: &DkimSignature) -> Value {
    json!({
        "domain": one.domain,
        "selector": one.selector,
        "result": one.result.as_str(),
        "why": one.result.why(),
        "signed": one.signed,
        "testing": one.is_testing,
    })
}

fn results((header, is_believed): &(AuthenticationResults, bool)) -> Value {
    let result = |result: &crate::domain::authentication_results::MethodResult| {
        let properties: serde_json::Map<String, Value> =
            result.properties.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({ "method": result.method, "result": result.result, "reason": result.reason, "properties": properties })
    };
    json!({
        "authserv_id": header.authserv_id,
        "believed": is_believed,
        "results": header.results.iter().map(result).collect::<Vec<_>>(),
    })
}

fn why_of(chain: &Chain) -> String {
    match chain {
        Chain::None => String::new(),
        Chain::Pass(1) => "one set".to_owned(),
        Chain::Pass(count) => format!("{count} sets"),
        Chain::Fail(why) | Chain::Later(why) => why.clone(),
        Chain::NotAsked => "nobody was asked for the keys".to_owned(),
    }
}

/// The evidence for a person, a line each.
pub fn lines(proof: &SenderProof, evidence: &Evidence, knows_desk: bool) -> Vec<String> {
    let mut lines = vec![format!("Proof        {}", verdict(proof))];
    if !knows_desk {
        lines.push(
            "             without a configuration nobody knows which hosts and addresses are the desk's".to_owned(),
        );
    }
    for one in &evidence.signatures {
        let why = one.result.why();
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        lines.push(format!("Signature    of {} ({}): {}{why}", one.domain, one.selector, shown(one.result.as_str())));
    }
    if evidence.chain != Chain::None {
        lines.push(format!("ARC          {}: {}", shown(evidence.chain.as_str()), why_of(&evidence.chain)));
    }
    for (header, is_believed) in &evidence.results {
        let name = if header.authserv_id.is_empty() { "a nameless server" } else { &header.authserv_id };
        let told: Vec<String> = header.results.iter().map(|r| format!("{}={}", r.method, r.result)).collect();
        let believed = if *is_believed { "believed" } else { "not believed" };
        lines.push(format!("Verdict      of {name} ({believed}): {}", told.join(" ")));
    }
    lines
}

/// What is known about the sender, in words.
pub fn verdict(proof: &SenderProof) -> String {
    match proof {
        SenderProof::Proven { by } => format!("proven by {by}"),
        SenderProof::Unproven { why } => format!("none: {why}"),
        SenderProof::Contradicted { by } => format!("contradicted by {by}"),
        SenderProof::UnknownForNow { why } => format!("unknown for now: {why}"),
    }
}

fn shown(word: &str) -> &str {
    if word == "not-looked-up" { "not looked up (--dns FILE or --ask-dns)" } else { word }
}
