//! Holds this machine's clock against the mail server's: deadlines run from the times that the server notes.

use jiff::{SignedDuration, Timestamp};

use crate::config::Mailbox;
use crate::mail::inbox::Fetched;

use super::Findings;

/// Clocks that are further apart tell different times of receipt to a client and to the desk.
const MOST_APART: SignedDuration = SignedDuration::from_mins(2);

const MEND: &str = "set the clock of this machine (timedatectl set-ntp true), or have the server's set";

fn name(mailbox: &Mailbox) -> String {
    format!("clock by {}", mailbox.name)
}

/// A mail that was there before we looked can't have come later. Whether this clock is ahead it does not tell.
pub(super) fn hold_against_newest(found: &mut Findings, mailbox: &Mailbox, newest: Option<&Fetched>, now: Timestamp) {
    let is_ahead = newest.filter(|newest| newest.arrived_at.duration_since(now) > MOST_APART);
    match is_ahead {
        Some(mail) => {
            let apart = told(mail.arrived_at.duration_since(now));
            let text = format!(
                "the newest mail came at {} by the mail server's clock, and here it is {}: {apart} earlier",
                moment(mail.arrived_at),
                moment(now)
            );
            found.warn(&name(mailbox), &text, MEND);
        }
        None => found.ok(
            &name(mailbox),
            &format!("it is {} here, and no mail came later (check --send holds it against the server's)", moment(now)),
        ),
    }
}

/// A mail that left and came back while we waited came at a time in between, by any clock that is right.
pub(super) fn hold_against_trial(
    found: &mut Findings,
    mailbox: &Mailbox,
    (sent_at, seen_at): (Timestamp, Timestamp),
    arrived_at: Timestamp,
) {
    let behind = arrived_at.duration_since(seen_at);
    let ahead = sent_at.duration_since(arrived_at);
    let (apart, way) = if behind > ahead { (behind, "behind") } else { (ahead, "ahead of") };
    let came = format!("the trial mail came at {} by the mail server's clock", moment(arrived_at));
    if apart > MOST_APART {
        let text = format!("{came}: this machine's clock is {} {way} it", told(apart));
        found.warn(&name(mailbox), &text, MEND);
    } else {
        found.ok(&name(mailbox), &format!("{came}, which this machine's agrees with"));
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn told(apart: SignedDuration) -> String {
    match apart.as_mins() {
        0 => format!("{} s", apart.as_secs()),
        minutes if minutes < 120 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}
