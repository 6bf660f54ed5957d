//! The letters on mails that no case came of yet: requests that wait, and senders who are asked.

use super::{AttachmentLine, Writer};
use crate::domain::names::ClientCode;
use jiff::Timestamp;
use serde::Serialize;

/// What is known of a request that has no case yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestHead {
    /// Such as `R-17`.
    pub reference: String,
    /// Its subject.
    pub subject: String,
    /// The client's name.
    pub client_name: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// See [`super::Words::RequestHeld`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestHeld {
    /// The request.
    pub request: RequestHead,
    /// The coordinator who decides.
    pub coordinator: String,
}

/// See [`super::Words::ApprovalRequest`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApprovalRequest {
    /// The request.
    pub request: RequestHead,
    /// Who asks.
    pub reporter: Writer,
    /// What they wrote.
    pub text: String,
    /// Files that came with it.
    pub attachments: Vec<AttachmentLine>,
    /// It was asked before.
    pub is_reminder: bool,
    /// The coordinator in whose place the reader is asked, when it is the deputy.
    pub instead_of: Option<String>,
    /// The request ends undecided at this moment.
    pub decision_due: Option<Timestamp>,
}

/// See [`super::Words::RequestApproved`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestApproved {
    /// The request.
    pub request: RequestHead,
    /// Who decided.
    pub coordinator: String,
    /// The case that it became or was bundled with; the reporter may be told or not.
    pub case_number: Option<String>,
    /// It joined a case that was there.
    pub is_bundled: bool,
}

/// See [`super::Words::RequestRejected`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestRejected {
    /// The request.
    pub request: RequestHead,
    /// Who decided.
    pub coordinator: String,
    /// Their words.
    pub reason: String,
}

/// See [`super::Words::RequestEnded`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestEnded {
    /// The request.
    pub request: RequestHead,
    /// Who could have decided.
    pub coordinator: String,
    /// Who asked.
    pub reporter: String,
    /// Whether the reader is the reporter; else the coordinator.
    pub is_reporter: bool,
    /// The coordinator has just answered, too late.
    pub is_late: bool,
}

/// See [`super::Words::Refusal`]. It names nobody and no client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The subject of the refused mail.
    pub subject: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// See [`super::Words::Challenge`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Challenge {
    /// The subject of the kept mail.
    pub subject: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// What it says.
    pub text: String,
    /// The one word that releases it.
    pub word: String,
}

/// See [`super::Words::ClientUnclear`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientUnclear {
    /// The subject of the kept mail.
    pub subject: String,
    /// When it was received; none where the question is asked again.
    pub received_at: Option<Timestamp>,
    /// What it says; printed indented.
    pub text: String,
    /// The clients for whom its sender speaks, at least two.
    pub clients: Vec<ClientChoice>,
}

/// A client that a sender may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientChoice {
    /// The code that stands behind `#client`.
    pub code: ClientCode,
    /// The client's name.
    pub name: String,
}
