//! One run of a clock: from its start to its end, and how it came out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is promised to a client, each with a clock of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// From the receipt of the request to the first mail of a person of the desk.
    #[serde(rename = "response")]
    FirstResponse,
    /// From the oldest unanswered mail of the client to the answer.
    NextResponse,
    /// From the receipt of the request to `#resolved`, without the pauses.
    Resolution,
}

impl Clock {
    /// All clocks.
    pub const ALL: [Self; 3] = [Self::FirstResponse, Self::NextResponse, Self::Resolution];

    /// The word by which it is stored and shown: `response`, `next-response` or `resolution`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "response",
            Self::NextResponse => "next-response",
            Self::Resolution => "resolution",
        }
    }

    /// The clock of that word (exactly as [`Self::as_str`] gives it).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clock| clock.as_str() == word)
    }
}

/// One run of a clock of one case. A clock that is started anew (by an answer's next question, or because a resolved
/// case is open again) gets another generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Which promise.
    pub clock: Clock,
    /// The how-manieth run of this clock on this case, from 1.
    pub generation: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// The promised moment; nothing while the clock stands still, and nothing where nothing is promised.
    pub due: Option<Timestamp>,
    /// Half of the time is used from here on.
    pub half_due: Option<Timestamp>,
    /// Four fifths of the time are used from here on.
    pub nearly_due: Option<Timestamp>,
    /// When what was promised was done; it may have been late.
    pub met_at: Option<Timestamp>,
    /// The promised moment, where it passed and nothing was done: the promise was broken.
    pub missed_at: Option<Timestamp>,
    /// When a change of priority or contract moved the promised moment to where it had passed already. Such a run
    /// counts neither as met nor as missed.
    pub reclassified_at: Option<Timestamp>,
    /// When the promise fell away: the case ended in another one, or nothing is promised any more.
    pub ended_at: Option<Timestamp>,
    /// When the desk's tick has to look at it next; nothing when there is nothing left to tell.
    pub tick_due: Option<Timestamp>,
}

impl Run {
    /// A run that starts, with nothing due yet.
    #[must_use]
    pub fn starting(clock: Clock, generation: i64, started_at: Timestamp) -> Self {
        Self {
            clock,
            generation,
            started_at,
            due: None,
            half_due: None,
            nearly_due: None,
            met_at: None,
            missed_at: None,
            reclassified_at: None,
            ended_at: None,
            tick_due: None,
        }
    }

    /// Whether it still runs or pauses: nothing was done yet, and the promise stands.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.met_at.is_none() && self.ended_at.is_none()
    }
}
