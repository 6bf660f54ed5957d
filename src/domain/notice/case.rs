//! The letters on a case: to the client, and between the desk and its experts.

use super::{AttachmentLine, Balance, Booked, CaseHead, DaysOff, Writer};
use jiff::Timestamp;
use serde::Serialize;

/// See [`super::Words::Acknowledgement`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acknowledgement {
    /// The case.
    pub case: CaseHead,
    /// When the mail was received.
    pub received_at: Timestamp,
    /// The coordinator (or deputy) in whose name the case was opened.
    pub coordinator: String,
    /// First response is promised before this moment; none for best effort.
    pub response_due: Option<Timestamp>,
    /// The days off that put it further away.
    pub days_off: Vec<DaysOff>,
    /// The desk was closed when the mail came: the time runs from this moment, when it opens.
    pub runs_from_at: Option<Timestamp>,
    /// The expert who leads the case, when one is known.
    pub expert: Option<String>,
    /// What is left on the strip card; only for coordinators alone.
    pub balance: Option<Balance>,
    /// It was reported as an incident.
    pub is_incident: bool,
    /// The closed case that this one continues.
    pub follows: Option<String>,
    /// The held request (`R-17`) that became this case.
    pub reference: Option<String>,
}

/// See [`super::Words::Relay`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Relay {
    /// The case.
    pub case: CaseHead,
    /// It opened the case; else a further mail.
    pub is_first: bool,
    /// The case was handed over to the reader, with its history.
    pub is_handed_over: bool,
    /// Whose mail it would be, when the reader stands in for somebody who is away.
    pub stands_in_for: Option<String>,
    /// Name of the contract's plan, such as `Basic`.
    pub plan: String,
    /// A response is due before this moment.
    pub response_due: Option<Timestamp>,
    /// The case is to be resolved before this moment.
    pub resolution_due: Option<Timestamp>,
    /// How much work was estimated.
    pub estimate_minutes: Option<i64>,
    /// What is left on the strip card.
    pub balance: Option<Balance>,
    /// Who wrote.
    pub sender: Writer,
    /// When it was received.
    pub received_at: Timestamp,
    /// What is new in the mail, tokens scrubbed.
    pub text: String,
    /// What stood below it.
    pub history: Option<String>,
    /// Files that came with it.
    pub attachments: Vec<AttachmentLine>,
    /// Keys of the tags that fit now (`time`, `note`, `resolved`, `wait`, `prio`, `kind`, `estimate`,
    /// `assign`, `merge`, `reopen`, `undo`, `status`, `help`). They are printed indented, so that no answer
    /// which quotes them is read as tags.
    pub tags: Vec<String>,
}

/// See [`super::Words::Answer`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The case.
    pub case: CaseHead,
    /// The expert's name.
    pub expert: String,
    /// What the expert wrote, without tags and internal text.
    pub text: String,
    /// The same in harmless markup, where their mail was formatted.
    pub page: Option<String>,
    /// The Content-IDs of pictures that the mail shows elsewhere, in a quote or a signature: they don't go along.
    pub left_behind: Vec<String>,
    /// What it booked; only for letters to coordinators alone.
    pub booked: Option<Booked>,
    /// The case is resolved by it.
    pub is_resolved: bool,
    /// An answer before this moment opens the case again.
    pub reopen_due: Option<Timestamp>,
    /// What it answers, as text.
    pub history: Option<String>,
}

/// See [`super::Words::AnswerCopy`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerCopy {
    /// The case.
    pub case: CaseHead,
    /// Who answered.
    pub expert: String,
    /// What they wrote to the client (or, as a note, to the desk).
    pub text: String,
    /// It was a note: the client did not get it.
    pub is_note: bool,
    /// The case is resolved by it.
    pub is_resolved: bool,
}

/// See [`super::Words::Contribution`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// The case.
    pub case: CaseHead,
    /// Who wrote.
    pub sender: Writer,
    /// When it was received.
    pub received_at: Timestamp,
    /// What they wrote.
    pub text: String,
    /// Files that came with it.
    pub attachments: Vec<AttachmentLine>,
    /// Whether the reader may approve it (the coordinator).
    pub may_approve: bool,
}

/// See [`super::Words::CaseChanged`]. Exactly one of the changes is filled.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct CaseChanged {
    /// The case.
    pub case: CaseHead,
    /// The expert who did it; nobody where the desk did.
    pub expert: Option<String>,
    /// The reader works for the desk; else for the client.
    pub is_staff: bool,
    /// It is open again.
    pub is_reopened: bool,
    /// It is resolved after all.
    pub is_resolved: bool,
    /// Who works on it now, where the reader no longer does.
    pub handed_to: Option<String>,
    /// The reader works on it again.
    pub is_handed_back: bool,
    /// A tag that was taken back, such as `#prio`.
    pub taken_back: Option<String>,
    /// The number of the case in which it goes on.
    pub goes_on_in: Option<String>,
    /// The number of the case that ended in it.
    pub took_in: Option<String>,
    /// The number of the case of which it was part: both go on by themselves.
    pub parted_from: Option<String>,
    /// The number that it had while it was another client's.
    pub formerly: Option<String>,
    /// It was opened for the reader's organisation by mistake, and has ended.
    pub is_mistake: bool,
    /// Why, in the desk's words; for experts alone.
    pub reason: Option<String>,
    /// What was written on the case that ended; for experts alone.
    pub history: Option<String>,
}
