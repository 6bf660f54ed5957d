//! What the receiving hosts say of the desk's own mail: whom to trust, and SPF, DKIM and DMARC of the desk's domain.

use crate::cli::check::{Findings, trust};
use crate::config::Mailbox;
use crate::mail::advice::{Advice, advise};

/// Reads both off a trial that came back.
pub(super) fn tell(found: &mut Findings, mailbox: &Mailbox, bytes: &[u8]) {
    let advice = advise(bytes);
    let trusted = format!("trusted hosts of {}", mailbox.name);
    if advice.hosts.is_empty() {
        let text = "the trial that came back names no host in Received: take a mail from outside, check --mail FILE";
        found.warn(&trusted, text, "");
    } else {
        trust::judge(found, mailbox, &advice, ("the trial", false));
    }
    tell_domain(found, mailbox, &advice);
}

fn tell_domain(found: &mut Findings, mailbox: &Mailbox, advice: &Advice) {
    let domain = mailbox.address.domain();
    let name = format!("own domain of {}", mailbox.name);
    let methods = ["spf", "dkim", "dmarc"].map(|method| (method, advice.result(method)));
    if methods.iter().all(|(_, result)| result.is_none()) {
        let text = format!("the receiving hosts did not judge {domain}, as they may not within one house");
        let mend =
            "write a letter to an address elsewhere, and look there for spf, dkim and dmarc in Authentication-Results";
        return found.warn(&name, &text, mend);
    }
    let told: Vec<String> =
        methods.iter().map(|(method, result)| format!("{method}={}", result.unwrap_or("not told"))).collect();
    let by = advice.authserv_ids.join(", ");
    let text = format!("{domain} as {by} sees it: {}", told.join(" "));
    let mend = format!(
        "let the outlet sign for {domain} (DKIM), name it in the domain's SPF record, and publish _dmarc.{domain}: without that \
         letters end in junk"
    );
    let bad = |result: &str| matches!(result, "fail" | "permerror" | "policy");
    match advice.result("dmarc") {
        _ if methods.iter().all(|(_, result)| *result == Some("pass")) => found.ok(&name, &text),
        Some(dmarc) if bad(dmarc) => found.fail(&name, &text, &mend),
        None if methods.iter().any(|(_, result)| result.is_some_and(bad)) => found.fail(&name, &text, &mend),
        _ => found.warn(&name, &text, &mend),
    }
}
