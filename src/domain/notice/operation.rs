//! The letters on the running of the desk: alarms, what could not be delivered or read, the canary.

use super::CaseHead;
use crate::domain::address::Address;
use jiff::Timestamp;
use serde::Serialize;

/// See [`super::Words::Alarm`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alarm {
    /// A code for search, such as `quarantine.parse`.
    pub code: String,
    /// What happened and what to do, in plain words.
    pub text: String,
    /// When.
    pub happened_at: Timestamp,
    /// The case it concerns.
    pub case_number: Option<String>,
}

/// See [`super::Words::Undeliverable`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undeliverable {
    /// The case, when the letter belonged to one.
    pub case: Option<CaseHead>,
    /// Subject of the letter.
    pub subject: String,
    /// Who did not get it.
    pub recipient: Address,
    /// What the mail server said.
    pub response: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// It came back after it had been accepted; else we gave up.
    pub is_bounce: bool,
    /// What it said; printed indented.
    pub text: Option<String>,
}

/// See [`super::Words::TooLarge`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TooLarge {
    /// Subject of the mail.
    pub subject: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// How large it was.
    pub size_bytes: u64,
    /// How large a mail may be.
    pub limit_bytes: u64,
}

/// See [`super::Words::Canary`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Canary {
    /// The mailbox that is to read it.
    pub mailbox: String,
    /// When it was written.
    pub sent_at: Timestamp,
}

impl Canary {
    /// The name of the notice, and the cause of a returned one.
    pub const KIND: &'static str = "canary";
}
