//! Mail of monitors and suppliers: known addresses that are no persons of a client.

use jiff::{SignedDuration, Timestamp};

use crate::domain::case::{CaseEvent, Kind, Next, Status};
use crate::domain::clock::Opener;
use crate::domain::directory::{AddressOwner, Monitor, Proof, Supplier};
use crate::domain::message::{Message, SenderProof};
use crate::domain::monitor::{self, State};
use crate::domain::notice::Acknowledgement;

use super::client::join;
use super::opening::Opening;
use super::outgoing::{Outgoing, about, alarms, alarms_of_desk, head_of, relays};
use super::{Decision, Facts, Outcome, Role};

/// A resolved incident of the same check is opened again for so long; later a new one begins.
const FLAPPING: SignedDuration = SignedDuration::from_hours(1);

/// Decides a mail of a monitor or a supplier; None for anybody else.
pub fn decide(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Option<Decision> {
    let sender = message.sender()?;
    match facts.directory.owner_of(&sender.address) {
        AddressOwner::Monitor(monitor) => Some(decide_monitor(message, facts, monitor, now).by(None, Role::Monitor)),
        AddressOwner::Supplier(found) => Some(decide_supplier(message, facts, found, now).by(None, Role::Supplier)),
        _ => None,
    }
}

/// Whose name a mail is in.
struct Named<'a> {
    what: &'static str,
    /// The cause of the quarantine of an unproven mail.
    cause: &'static str,
    key: &'a str,
    name: &'a str,
    accept: Proof,
}

/// What becomes of a mail that nothing proves to be of the monitor or supplier in whose name it is; None where it
/// counts. A machine answers no challenge, so the mail waits for a person of the desk, who hears of it once an hour: it
/// may be a forged one, or an outage told by a server that signs nothing (then `accept = "from-header"` is the mend).
fn not_believed(message: &Message, facts: &Facts<'_>, named: &Named<'_>, now: Timestamp) -> Option<Decision> {
    if facts.is_released {
        return None;
    }
    let Named { what, cause, key, name, accept } = named;
    let why = match &message.proof {
        SenderProof::Proven { .. } => return None,
        SenderProof::Contradicted { by } => {
            let why = format!("a mail in the name of {what} \"{key}\" that its domain disowns: {by}");
            return Some(Decision::quarantined("sender-contradicted", why));
        }
        SenderProof::Unproven { why } | SenderProof::UnknownForNow { why } => why,
    };
    if facts.mailbox.is_junk {
        return Some(Decision::new(Outcome::Noted, "junk that nothing proves to be of a known machine"));
    }
    if *accept == Proof::FromHeader {
        return None;
    }
    let mut decision = Decision::quarantined(cause, format!("nothing proves that {what} \"{key}\" wrote this: {why}"));
    let text = format!(
        "\"{}\" came in the name of {name}, and nothing proves that it is so: {why}. It waits in quarantine, as will \
         further ones. Release it if it is true; if {what} \"{key}\" can't prove its mail, give it accept = \
         \"from-header\" in the directory",
        message.subject
    );
    decision.letters = alarms_of_desk(cause, &text, facts.directory, facts.desk, Some(key), now);
    Some(decision)
}

/// A DOWN opens one incident per check; its UP is noted on it.
fn decide_monitor(message: &Message, facts: &Facts<'_>, monitor: &Monitor, now: Timestamp) -> Decision {
    let (key, name) = (monitor.key.as_str(), monitor.name.as_str());
    let named = Named { what: "monitor", cause: "monitor-unproven", key, name, accept: monitor.accept };
    if let Some(decision) = not_believed(message, facts, &named, now) {
        return decision;
    }
    let report = monitor::read(&message.subject);
    let of_client = facts.evidence.iter().filter(|found| found.case.client == monitor.client);
    let known = of_client.into_iter().find(|found| {
        let case = &found.case;
        let is_recent = case.resolved_at.is_none_or(|at| message.received_at.duration_since(at) < FLAPPING);
        let is_alive = case.status.is_unsettled() || (case.status == Status::Resolved && is_recent);
        case.kind == Kind::Incident && case.subject == report.check && is_alive
    });
    match (known, report.state) {
        (Some(found), state) => {
            let mut case = found.case.clone();
            if state != State::Up
                && let Next::Becomes(status) = case.status.after(CaseEvent::ClientWrote)
            {
                case.status = status;
            }
            let mut decision = join(message, facts, found, case, Role::Monitor, now);
            decision.why = format!("check \"{}\": {}", report.check, report.state.as_str());
            decision
        }
        (None, State::Up) => Decision::new(Outcome::Noted, format!("\"{}\" is up; no incident was open", report.check)),
        (None, _) => open_incident(message, facts, monitor, &report.check, now),
    }
}

fn open_incident(message: &Message, facts: &Facts<'_>, monitor: &Monitor, check: &str, now: Timestamp) -> Decision {
    let Some(client) = facts.directory.client(&monitor.client) else {
        return Decision::quarantined("client-ended", format!("{} is no client any more", monitor.client));
    };
    let opening = Opening { message, facts, client, refers_to: None, received_at: message.received_at };
    let coordinators = facts.directory.coordinators(&client.code, message.received_at);
    let coordinator = coordinators.first().map(|holding| holding.human);
    let (mut case, why_due) = opening.case(coordinator.map(|human| human.key), true);
    case.subject = check.to_owned();
    case.last_client_message_id = None;
    case.last_client_cc = Vec::new();
    let experts = opening.experts(&case, now);
    let mut decision = Decision::new(Outcome::Opened, format!("{} reports \"{check}\": {}", monitor.name, case.number));
    decision.case_no = Some(case.case_no);
    if let Some(human) = coordinator {
        let words = Acknowledgement {
            case: head_of(&case, facts),
            received_at: message.received_at,
            coordinator: human.name.to_owned(),
            is_reader: true,
            response_due: case.response_due,
            why_due,
            expert: experts.first().and_then(|key| facts.directory.name_of(key)).map(str::to_owned),
            balance: None,
            is_incident: true,
            follows: None,
            reference: None,
        };
        decision.letters.extend(Outgoing::to_human(words, &human, about(&case), facts));
    }
    decision.letters.extend(relays(&case, None, &experts, message, Role::Monitor, facts, now));
    decision.letters.extend(opening.alarm(&case, now));
    decision.effects.extend(opening.effects(case, experts, Opener::Monitor));
    decision
}

/// A supplier's mail joins a case of a client that it serves; without one a person of the desk looks at it.
fn decide_supplier(message: &Message, facts: &Facts<'_>, supplier: &Supplier, now: Timestamp) -> Decision {
    let (key, name) = (supplier.key.as_str(), supplier.name.as_str());
    let named = Named { what: "supplier", cause: "supplier-unproven", key, name, accept: supplier.accept };
    if let Some(decision) = not_believed(message, facts, &named, now) {
        return decision;
    }
    let serves = |client| supplier.clients.is_empty() || supplier.clients.contains(client);
    let Some(found) = facts.evidence.iter().find(|found| serves(&found.case.client)) else {
        let text = format!("{} wrote \"{}\" and no case was found for it", supplier.name, message.subject);
        let mut decision = Decision::quarantined("supplier-without-case", text.clone());
        decision.letters = alarms("supplier-without-case", &text, None, facts, now);
        return decision;
    };
    let mut case = found.case.clone();
    if let Next::Becomes(status) = case.status.after(CaseEvent::SupplierWrote) {
        case.status = status;
    }
    join(message, facts, found, case, Role::Supplier, now)
}
