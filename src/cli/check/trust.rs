//! Whom to trust, read off a mail that came in: the receiving hosts, and the names under which they tell of senders.

use crate::config::Mailbox;
use crate::mail::advice::{Advice, advise};
use crate::mail::inbox::{Fetched, Raw};
use crate::mail::parse::{Trust, parse_header};

use super::Findings;

/// The bytes that were read of a mail.
pub(super) fn bytes(mail: &Fetched) -> &[u8] {
    match &mail.raw {
        Raw::Whole(bytes) | Raw::TooLarge { head: bytes } => bytes,
    }
}

/// What the mailbox trusts.
pub(super) fn trust_of(mailbox: &Mailbox) -> Trust {
    Trust { authserv_ids: mailbox.authserv_ids.clone(), trusted_hosts: mailbox.trusted_hosts.clone() }
}

/// Whether somebody else wrote it, so that it went the way of clients' mail.
pub(super) fn is_of_others(mailbox: &Mailbox, mail: &Fetched) -> bool {
    let message = parse_header(bytes(mail), &Trust::default(), mail.arrived_at, mail.arrived_at);
    message.own_marks.is_empty() && message.from.iter().all(|from| from.address != mailbox.address)
}

/// Holds the configuration against the newest mail of somebody else.
pub(super) fn read_off(found: &mut Findings, mailbox: &Mailbox, folder: &str, newest: &[Fetched]) {
    let with_hosts = |mail: &&Fetched| is_of_others(mailbox, mail) && !advise(bytes(mail)).hosts.is_empty();
    match newest.iter().rev().find(with_hosts) {
        Some(mail) => {
            let came = mail.arrived_at.strftime("%Y-%m-%d %H:%M UTC");
            let advice = advise(bytes(mail));
            judge(found, mailbox, &advice, (&format!("the mail of {came} in {folder}"), true));
            for warning in &advice.warnings {
                found.warn(&name(mailbox), warning, "");
            }
        }
        None => found.ok(
            &name(mailbox),
            &format!("no mail of somebody else is among the newest of {folder}: check again when one came in"),
        ),
    }
}

/// The name of what is found about hosts.
fn name(mailbox: &Mailbox) -> String {
    format!("trusted hosts of {}", mailbox.name)
}

/// Holds the configuration against what a mail shows. One of our own may come by other hosts than those from outside, so
/// it proves nothing wrong.
pub(super) fn judge(found: &mut Findings, mailbox: &Mailbox, advice: &Advice, (source, is_from_outside): (&str, bool)) {
    let trust = trust_of(mailbox);
    let strange: Vec<&str> = advice.hosts.iter().filter(|host| !trust.is_host(host)).map(String::as_str).collect();
    let unknown: Vec<&str> =
        advice.authserv_ids.iter().filter(|id| !trust.is_authserv_id(&id.to_lowercase())).map(String::as_str).collect();
    if strange.is_empty() && unknown.is_empty() {
        let hosts = advice.hosts.join(", ");
        return found.ok(&name(mailbox), &format!("{source} came by {hosts}, as the configuration says"));
    }
    let mut missing = Vec::new();
    if !strange.is_empty() {
        missing.push(format!("trusted_hosts lacks {}", strange.join(", ")));
    }
    if !unknown.is_empty() {
        missing.push(format!("authserv_ids lacks {}", quoted(&unknown)));
    }
    let text = format!("{source} tells your hosts: {}", missing.join(", and "));
    let mend = format!("write below [[mailbox]] name = \"{}\":\n{}", mailbox.name, advice_for(mailbox, advice).toml());
    // Then the configuration believes somebody, and nothing of this mail.
    let is_deaf = advice.hosts.first().is_some_and(|top| strange.contains(&top.as_str()))
        || !unknown.is_empty() && unknown.len() == advice.authserv_ids.len();
    let is_set = !trust.trusted_hosts.is_empty() || !trust.authserv_ids.is_empty();
    if is_from_outside && is_set && is_deaf {
        found.fail(&name(mailbox), &text, &mend);
    } else {
        found.warn(&name(mailbox), &text, &mend);
    }
}

/// What is configured stays beside what the mail shows: other mail may come by other hosts.
fn advice_for(mailbox: &Mailbox, advice: &Advice) -> Advice {
    let both = |old: &[String], new: &[String]| {
        let mut all = old.to_vec();
        all.extend(new.iter().filter(|item| !old.contains(item)).cloned());
        all
    };
    Advice {
        trusted_hosts: both(&mailbox.trusted_hosts, &advice.trusted_hosts),
        authserv_ids: both(&mailbox.authserv_ids, &advice.authserv_ids),
        ..Advice::default()
    }
}

fn quoted(items: &[&str]) -> String {
    items.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join(", ")
}
