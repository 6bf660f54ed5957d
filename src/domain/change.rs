//! What a tag or a command changed on a case, kept so that it can be taken back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case::{Case, Party, Status};
use super::names::PersonKey;

/// What sort of change it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// `#resolved`.
    Resolved,
    /// `#reopen`, or `case reopen`.
    Reopened,
    /// `#wait`.
    Waits,
    /// `#prio`.
    Priority,
    /// `#kind`.
    Kind,
    /// `#assign`, or `case assign`.
    Assigned,
    /// `#merge`, kept with the case in which the other one ended.
    Merged,
}

impl ChangeKind {
    /// The tag that makes such a change, as an expert writes it in English.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Resolved => "#resolved",
            Self::Reopened => "#reopen",
            Self::Waits => "#wait",
            Self::Priority => "#prio",
            Self::Kind => "#kind",
            Self::Assigned => "#assign",
            Self::Merged => "#merge",
        }
    }
}

/// One change of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What sort of change it was.
    pub kind: ChangeKind,
    /// The expert who made it; nobody for a command of the desk.
    pub by: Option<PersonKey>,
    /// The receipt of the mail, or the moment of the command.
    pub at: Timestamp,
    /// The fingerprint of the mail; what the letters about it name as their cause.
    pub cause: String,
    /// The case as it was. Of a merge: the case that ended.
    pub before: Case,
    /// The state that it came into: a case that left it since has nothing to take back.
    pub status_after: Status,
    /// Of a merge: the case that goes on, as it was.
    pub other_before: Option<Box<Case>>,
    /// Who takes part since.
    pub joined: Vec<Party>,
    /// Who left.
    pub left: Vec<Party>,
}

/// A change that was not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownChange {
    /// Its number.
    pub change_no: i64,
    /// What was changed.
    pub change: Change,
    /// The persons to whom the letters about it went, with the kind of letter.
    pub told: Vec<Told>,
}

/// Somebody who was told of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub person: PersonKey,
    /// The kind of letter.
    pub notice: String,
}
