//! What a decision means for the clocks of a case: the events that are kept, and the moments that letters name.

use jiff::Timestamp;

use crate::domain::case::{Case, Status};
use crate::domain::clock::{ClockEvent, Count, Opener, Standing, TermsAt, What, count, differences};
use crate::domain::message::Message;
use crate::domain::promise;

use super::{CaseFacts, Effect, Facts, Role};

/// When something happened, and by what.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub at: Timestamp,
    /// The fingerprint of the mail, or the command.
    pub cause: &'a str,
}

impl Moment<'_> {
    /// The event that this happened then.
    pub fn event(self, what: What) -> ClockEvent {
        ClockEvent::new(self.at, self.cause, what)
    }
}

/// What begins with a new case.
pub(super) fn opened(case: &Case, by: Opener, cause: &str) -> ClockEvent {
    ClockEvent::new(case.opened_at, cause, What::Opened { by, priority: case.priority, kind: case.kind })
}

/// The effect that keeps the start of a new case.
pub(super) fn begin(case: &Case, by: Opener, cause: &str) -> Effect {
    Effect::Happened {
        case_no: case.case_no,
        client: case.client.clone(),
        known: Some(Vec::new()),
        events: vec![opened(case, by, cause)],
    }
}

/// Of a case that one mail opens and works on: it began before what happened to it.
pub(super) fn begin_with(effects: &mut [Effect], begun: ClockEvent) {
    for effect in effects {
        if let Effect::Happened { known, events, .. } = effect {
            *known = Some(Vec::new());
            events.insert(0, begun.clone());
        }
    }
}

/// What happened to a case that goes on: what was said on it, and what differs from how it was found. Its promised moments
/// are brought in line.
pub(super) fn go_on(
    case: &mut Case,
    found: &CaseFacts,
    said: Vec<ClockEvent>,
    moment: Moment<'_>,
    facts: &Facts<'_>,
) -> Effect {
    let is_taken_back = said.iter().any(|event| matches!(event.what, What::Undone { .. }));
    // What is taken back is as if it had never been; the case differs by nothing else.
    let differing = if is_taken_back { Vec::new() } else { differences(&found.case, case) };
    let differing = differing.into_iter().map(|what| moment.event(what));
    let events: Vec<ClockEvent> = said.into_iter().chain(differing).collect();
    let all: Vec<ClockEvent> = found.events.iter().chain(&events).cloned().collect();
    bring_in_line(case, &all, facts);
    Effect::Happened { case_no: case.case_no, client: case.client.clone(), known: Some(found.events.clone()), events }
}

/// What had happened to a case goes along to another client, by whose terms it is counted from now on.
pub(super) fn move_to(case: &mut Case, found: &CaseFacts, moment: Moment<'_>, facts: &Facts<'_>) -> Effect {
    let earlier = count(&found.events, &promise::terms_of(facts.directory, &found.case.client));
    let mut events = found.events.clone();
    events.push(moment.event(What::TermsChanged { judged: earlier.judged() }));
    bring_in_line(case, &events, facts);
    Effect::Happened { case_no: case.case_no, client: case.client.clone(), known: Some(Vec::new()), events }
}

/// The promised moments of a case by what happened on it.
pub(super) fn bring_in_line(case: &mut Case, events: &[ClockEvent], facts: &Facts<'_>) {
    let client = case.client.clone();
    let count = count(events, &promise::terms_of(facts.directory, &client));
    case.response_due = count.response_due();
    case.resolution_due = count.resolution_due();
}

/// What a mail of this role says on a case: a person of the client waits for an answer since its receipt. A mail that was
/// kept back and released was known to nobody before.
pub(super) fn written(message: &Message, role: Role, facts: &Facts<'_>, now: Timestamp) -> Vec<ClockEvent> {
    let is_of_client = matches!(role, Role::Coordinator | Role::FunctionalAdministrator | Role::Reporter);
    if !is_of_client {
        return Vec::new();
    }
    let (at, received_at) = match facts.is_released {
        true => (now, Some(message.received_at)),
        false => (message.received_at, None),
    };
    vec![ClockEvent::new(at, &message.fingerprint.to_hex(), What::ClientWrote { received_at })]
}

/// How a case stands with its client before it ends in another one.
pub(super) fn standing(case: &Case, found: &CaseFacts, facts: &Facts<'_>) -> Standing {
    let terms_at = promise::terms_of(facts.directory, &case.client);
    let counted: Count = count(&found.events, &terms_at as &TermsAt<'_>);
    counted.standing.unwrap_or(Standing {
        started_at: case.opened_at,
        has_responded: case.status != Status::New,
        responded_at: case.responded_at,
        unanswered_since: None,
    })
}
