//! What happened on a case, as far as its clocks ask. The clocks are counted from these events anew each time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::run::Clock;
use crate::domain::case::{Case, Kind, Priority, Status};
use crate::domain::change::ChangeKind;
use crate::domain::directory::Pause as PausesOn;

/// Something that happened on a case. Written once, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockEvent {
    /// When: the receipt of the mail, the moment of the command, or how far the desk's time had come. Whole microseconds.
    pub at: Timestamp,
    /// What caused it: the fingerprint of a mail, `command/17`, `tick`. Events of one cause can be taken back together.
    pub cause: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

impl ClockEvent {
    /// An event at that moment, cut to whole microseconds as it will be kept.
    #[must_use]
    pub fn new(at: Timestamp, cause: &str, what: What) -> Self {
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        Self { at, cause: cause.to_owned(), what }
    }
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    /// The case began; its clocks start here.
    Opened {
        /// Whose mail opened it.
        by: Opener,
        /// Its priority.
        priority: Priority,
        /// Its kind.
        kind: Kind,
    },
    /// A person of the client wrote.
    ClientWrote {
        /// Of a mail that was kept back and released: its receipt. No answer before the release can have answered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received_at: Option<Timestamp>,
    },
    /// A person of the desk wrote, and it went to the client.
    Answered,
    /// The case waits for somebody outside the desk.
    Waits {
        /// For whom.
        on: PausesOn,
    },
    /// It waits no more.
    WentOn,
    /// It is settled.
    Resolved,
    /// It is settled for good.
    Closed,
    /// It is open again, and goes on with what it had used.
    Reopened,
    /// Another priority promises something else, from the same start.
    Priority {
        /// The priority since.
        to: Priority,
    },
    /// Another kind; it promises nothing else.
    Kind {
        /// The kind since.
        to: Kind,
    },
    /// The contract or its calendar was changed, or the case belongs to another client: all is counted by the new terms
    /// from the start.
    TermsChanged {
        /// How the runs stood by the earlier terms. What was done by then stays judged by them; what is missed by the new
        /// ones alone is reclassified.
        judged: Vec<Judged>,
    },
    /// Another case ended in this one, which keeps the earlier start.
    TookIn {
        /// The key of the other case.
        case_no: i64,
        /// How that one stood.
        #[serde(flatten)]
        standing: Standing,
    },
    /// This case ended in another one.
    Merged {
        /// Its key.
        into: i64,
    },
    /// A change was taken back: it is as if it had never been made.
    Undone {
        /// What had caused the change.
        cause: String,
        /// What sort of change it was.
        change: ChangeKind,
    },
    /// A promised moment passed, and nothing was done.
    Missed {
        /// Of which clock.
        clock: Clock,
        /// Of which run.
        generation: i64,
    },
    /// A letter about a clock was written, or stood in for by a stronger one.
    Told {
        /// About which clock.
        clock: Clock,
        /// About which run.
        generation: i64,
        /// What it told.
        telling: Telling,
    },
}

/// Whose mail opened a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opener {
    /// A person of the client.
    Client,
    /// A machine that reports outages.
    Monitor,
    /// An expert, after the client spoke to them: nobody waits for a first response.
    Expert,
}

/// How a run stood when the terms changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Which clock.
    pub clock: Clock,
    /// Which run.
    pub generation: i64,
    /// The promised moment by the earlier terms.
    pub due: Option<Timestamp>,
    /// Whether it was missed by them.
    pub missed_at: Option<Timestamp>,
}

/// How a case stands with its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where its clocks start.
    pub started_at: Timestamp,
    /// Whether the client heard from a person of the desk.
    pub has_responded: bool,
    /// When they first did by mail.
    pub responded_at: Option<Timestamp>,
    /// The oldest unanswered mail of the client since.
    pub unanswered_since: Option<Timestamp>,
}

/// What a letter tells about a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Telling {
    /// Half of the time is used.
    Half,
    /// Four fifths of the time are used.
    Nearly,
    /// A change moved the promised moment to where it had passed.
    Reclassified,
    /// The promised moment passed.
    Missed,
}

impl Telling {
    /// All of them, the strongest last.
    pub const ALL: [Self; 4] = [Self::Half, Self::Nearly, Self::Reclassified, Self::Missed];
}

/// What the difference between a case before and after a decision says about its clocks.
#[must_use]
pub fn differences(before: &Case, after: &Case) -> Vec<What> {
    let mut found = Vec::new();
    let is_over = |status| matches!(status, Status::Resolved | Status::Closed);
    match (before.status, after.status) {
        (from, to) if from == to => {}
        (_, Status::WaitingClient) => found.push(What::Waits { on: PausesOn::WaitingClient }),
        (_, Status::WaitingSupplier) => found.push(What::Waits { on: PausesOn::WaitingSupplier }),
        (from, Status::Resolved) if from != Status::Closed => found.push(What::Resolved),
        (_, Status::Closed) => found.push(What::Closed),
        (_, Status::Merged) => found.extend(after.merged_into.map(|into| What::Merged { into })),
        (from, _) if is_over(from) => found.push(What::Reopened),
        (from, _) if from.is_waiting() => found.push(What::WentOn),
        _ => {}
    }
    if after.priority != before.priority {
        found.push(What::Priority { to: after.priority });
    }
    if after.kind != before.kind {
        found.push(What::Kind { to: after.kind });
    }
    found
}
