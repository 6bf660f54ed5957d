//! A reporter's request: held for the coordinator, and what the coordinator decides.

use jiff::Timestamp;

use crate::domain::case::{CaseNumber, RequestReference};
use crate::domain::clock::Opener;
use crate::domain::command;
use crate::domain::directory::{Client, Holding};
use crate::domain::message::Message;
use crate::domain::notice::{ApprovalRequest, RequestApproved, RequestHead, RequestHeld, RequestRejected};
use crate::domain::subject;

use super::client::{join, to_coordinator};
use super::opening::Opening;
use super::outgoing::{About, Carried, Outgoing, attachment_lines, relays, writer_of};
use super::{Decision, Effect, Facts, Outcome, RequestFacts, Role};

/// A reporter's request waits for the coordinator: a reference, no number, no clock.
pub(super) fn hold(
    message: &Message,
    facts: &Facts<'_>,
    client: &Client,
    holding: &Holding<'_>,
    role: Role,
) -> Decision {
    let reference = RequestReference(u32::try_from(facts.next.request_no).unwrap_or(u32::MAX));
    let request = RequestHead {
        reference: reference.to_string(),
        subject: subject::base_subject(&message.subject),
        client_name: client.name.clone(),
        received_at: message.received_at,
    };
    let mut decision = Decision::new(Outcome::Held, format!("{reference} waits for {}", holding.human.name));
    decision.request_no = Some(facts.next.request_no);
    decision.effects.push(Effect::HoldRequest { reference, client: client.code.clone() });
    let ask = ApprovalRequest {
        request: request.clone(),
        reporter: writer_of(message, role),
        text: message.reply.fresh.clone(),
        attachments: attachment_lines(message),
        is_reminder: false,
        instead_of: None,
        decision_due: None,
    };
    if let Some(mut letter) = Outgoing::to_human(ask, &holding.human, About::Request(reference), facts) {
        letter.carried = Carried::OfThisMail;
        letter.client = Some(client.code.clone());
        decision.letters.push(letter);
    }
    if let (true, Some(sender)) = (message.may_auto_reply, message.sender()) {
        let words = RequestHeld { request, coordinator: holding.human.name.to_owned() };
        decision.letters.push(Outgoing::to_address(words, sender, Some(client), facts).answering(message));
    }
    decision
}

/// The coordinator's answer about a reporter's request.
pub(super) fn decide_request(
    message: &Message,
    facts: &Facts<'_>,
    holding: &Holding<'_>,
    request: &RequestFacts,
    now: Timestamp,
) -> Decision {
    let reference = RequestReference(u32::try_from(request.request_no).unwrap_or(u32::MAX));
    if !request.is_held {
        let mut decision = Decision::new(Outcome::Noted, format!("{reference} was decided before"));
        decision.request_no = Some(request.request_no);
        return decision;
    }
    match command::decision(&message.reply.fresh) {
        Some(command::Decision::Approve) => approve(message, facts, holding, request, now),
        Some(command::Decision::Reject { reason }) => reject(facts, holding, request, reason),
        Some(command::Decision::Bundle { case }) => bundle(message, facts, holding, request, &case, now),
        None => ask_again(facts, holding, request, "the answer has neither #approve nor #reject nor #bundle"),
    }
}

fn head_of_request(request: &RequestFacts, facts: &Facts<'_>, at: Timestamp) -> RequestHead {
    RequestHead {
        reference: format!("R-{}", request.request_no),
        subject: request.subject.clone(),
        client_name: facts.directory.client(&request.client).map_or_else(String::new, |c| c.name.clone()),
        received_at: at,
    }
}

fn to_reporter(words: impl Into<crate::domain::notice::Words>, request: &RequestFacts, facts: &Facts<'_>) -> Outgoing {
    let client = facts.directory.client(&request.client);
    let mut letter = Outgoing::to_address(words, &request.reporter, client, facts);
    letter.in_reply_to = request.message_id.clone();
    letter
}

/// It becomes a case in the coordinator's name; the clock starts at the receipt of the approval.
fn approve(
    message: &Message,
    facts: &Facts<'_>,
    holding: &Holding<'_>,
    request: &RequestFacts,
    now: Timestamp,
) -> Decision {
    let Some(client) = facts.directory.client(&request.client) else {
        return Decision::quarantined("client-ended", format!("{} is no client any more", request.client));
    };
    let mut asked = message.clone();
    asked.subject.clone_from(&request.subject);
    asked.reply.fresh = with_coordinator_words(request, &message.reply.fresh, holding);
    asked.from = vec![request.reporter.clone()];
    let opening = Opening { message: &asked, facts, client, refers_to: None, received_at: message.received_at };
    let (mut case, why_due) = opening.case(Some(holding.human.key), false);
    case.last_client_message_id = message.message_id.as_ref().map(|id| id.as_str().to_owned());
    // Whether the reporter reads along is the contract's to say, not theirs.
    case.last_client_cc = Vec::new();
    let experts = opening.experts(&case, now);
    let mut decision =
        Decision::new(Outcome::Opened, format!("R-{} was approved and opened {}", request.request_no, case.number));
    (decision.case_no, decision.request_no) = (Some(case.case_no), Some(request.request_no));
    let mut words = opening.acknowledgement(&case, why_due, holding, &experts, now);
    words.reference = Some(format!("R-{}", request.request_no));
    if let Some(sender) = message.sender() {
        decision.letters.extend(to_coordinator(words, holding, sender, &case, facts).map(|l| l.answering(message)));
    }
    let told = RequestApproved {
        request: head_of_request(request, facts, message.received_at),
        coordinator: holding.human.name.to_owned(),
        case_number: None,
        is_bundled: false,
    };
    decision.letters.push(to_reporter(told, request, facts));
    for mut letter in relays(&case, None, &experts, &asked, Role::Reporter, facts, now) {
        letter.carried = Carried::OfMail(request.fingerprint.clone());
        decision.letters.push(letter);
    }
    let case_no = case.case_no;
    decision.effects.extend(opening.effects(case, experts, Opener::Client));
    decision.effects.push(decided(request, "approved", holding, Some(case_no)));
    decision
}

/// What the reporter asked, and what the coordinator wrote beside the decision.
fn with_coordinator_words(request: &RequestFacts, fresh: &str, holding: &Holding<'_>) -> String {
    match command::beside_decision(fresh) {
        words if words.is_empty() => request.text.clone(),
        words => format!("{}\n\n{}:\n{words}", request.text, holding.human.name),
    }
}

fn decided(request: &RequestFacts, state: &'static str, holding: &Holding<'_>, case_no: Option<i64>) -> Effect {
    Effect::DecideRequest {
        request_no: request.request_no,
        state,
        by: holding.human.key.clone(),
        case_no,
        fingerprint: request.fingerprint.clone(),
    }
}

fn reject(facts: &Facts<'_>, holding: &Holding<'_>, request: &RequestFacts, reason: String) -> Decision {
    let mut decision = Decision::new(Outcome::Noted, format!("R-{} was rejected: {reason}", request.request_no));
    decision.request_no = Some(request.request_no);
    let words = RequestRejected {
        request: head_of_request(request, facts, request.received_at),
        coordinator: holding.human.name.to_owned(),
        reason,
    };
    decision.letters.push(to_reporter(words, request, facts));
    decision.effects.push(decided(request, "rejected", holding, None));
    decision
}

fn bundle(
    message: &Message,
    facts: &Facts<'_>,
    holding: &Holding<'_>,
    request: &RequestFacts,
    number: &CaseNumber,
    now: Timestamp,
) -> Decision {
    let found = facts.evidence.iter().find(|f| f.case.number == *number && f.case.client == request.client);
    let Some(found) = found.filter(|f| f.case.status.is_unsettled()) else {
        return ask_again(facts, holding, request, "no open case of that number");
    };
    let mut asked = message.clone();
    asked.reply.fresh.clone_from(&request.text);
    asked.from = vec![request.reporter.clone()];
    let mut decision = join(&asked, facts, found, found.case.clone(), Role::Reporter, now);
    for letter in &mut decision.letters {
        letter.carried = Carried::OfMail(request.fingerprint.clone());
    }
    decision.why = format!("R-{} was bundled with {number}", request.request_no);
    decision.request_no = Some(request.request_no);
    let words = RequestApproved {
        request: head_of_request(request, facts, request.received_at),
        coordinator: holding.human.name.to_owned(),
        case_number: None,
        is_bundled: true,
    };
    decision.letters.push(to_reporter(words, request, facts));
    decision.effects.push(decided(request, "bundled", holding, Some(found.case.case_no)));
    decision
}

fn ask_again(facts: &Facts<'_>, holding: &Holding<'_>, request: &RequestFacts, why: &str) -> Decision {
    let reference = RequestReference(u32::try_from(request.request_no).unwrap_or(u32::MAX));
    let mut decision = Decision::new(Outcome::Noted, format!("{reference} is asked again: {why}"));
    decision.request_no = Some(request.request_no);
    let words = ApprovalRequest {
        request: head_of_request(request, facts, request.received_at),
        reporter: crate::domain::notice::Writer {
            name: request.reporter.display().to_owned(),
            address: request.reporter.address.clone(),
            role: Role::Reporter.as_str().to_owned(),
        },
        text: request.text.clone(),
        attachments: Vec::new(),
        is_reminder: true,
        instead_of: None,
        decision_due: None,
    };
    decision.letters.extend(Outgoing::to_human(words, &holding.human, About::Request(reference), facts));
    decision
}
