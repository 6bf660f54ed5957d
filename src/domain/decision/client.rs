//! A mail of a client's person, or of nobody we know: coordinator, reporter, stranger.

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::NamedAddress;
use crate::domain::case::{Case, CaseEvent, Next, PartyRole, Status};
use crate::domain::clock::Opener;
use crate::domain::command;
use crate::domain::directory::{AddressOwner, Client, Holding, IncidentsFrom, Proof};
use crate::domain::message::{Message, SenderProof};
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::notice::{
    Acknowledgement, Challenge, ClientChoice, ClientUnclear, Contribution, Refusal, ReminderUnclear,
};
use crate::domain::reply::Reply;
use crate::domain::subject;

use super::clocks::{self, Moment};
use super::opening::Opening;
use super::outgoing::{
    About, Carried, Once, Outgoing, about, alarms, attachment_lines, head_of, human_of, relays, writer_of,
};
use super::{
    AnsweredLetter, CaseFacts, Decision, Effect, EvidenceKind, Facts, HistoryLine, Outcome, Role, ledger, routing,
};

/// The word that releases a challenged mail, in each language that letters are written in.
pub const RELEASE_WORDS: &[&str] = &["bevestig", "confirm"];

/// The letter that asks for which client a mail is, and the cause for which it is kept.
const CLIENT_UNCLEAR: &str = "client-unclear";

/// Decides a mail of anybody but an expert.
pub fn decide(message: &Message, facts: &Facts<'_>, person: Option<&PersonKey>, now: Timestamp) -> Decision {
    let Some(sender) = message.sender() else {
        return Decision::quarantined("no-single-sender", "From names nobody, or more than one");
    };
    let clients = match facts.directory.owner_of(&sender.address) {
        AddressOwner::Person(person) => {
            let codes = std::iter::once(&person.client).chain(&person.further_clients);
            codes.filter_map(|code| facts.directory.client(code)).collect()
        }
        AddressOwner::AtClients(clients) => clients,
        _ => Vec::new(),
    };
    let coordinated = coordinated_clients(person, facts, message.received_at);
    let candidates = if coordinated.is_empty() { clients } else { coordinated };
    if let Some(said) = client_said(message, facts, sender, &candidates) {
        return said.by(person, Role::Coordinator);
    }
    match choose_client(&candidates, message, facts) {
        Choice::Nobody => stranger(message, facts, now),
        Choice::Unclear if message.proof.is_proven() && answers_bundle(message, facts) => {
            ask_which(message, facts, person).by(person, Role::Coordinator)
        }
        Choice::Unclear => client_unclear(message, facts, &candidates).by(person, Role::Coordinator),
        Choice::Client(client) => decide_for(message, facts, person, client, now),
    }
}

fn coordinated_clients<'a>(person: Option<&PersonKey>, facts: &'a Facts<'_>, at: Timestamp) -> Vec<&'a Client> {
    person.map_or_else(Vec::new, |person| facts.directory.coordinated_by(person, at))
}

enum Choice<'a> {
    Nobody,
    Unclear,
    Client(&'a Client),
}

/// One person may speak for several clients: the thread decides, then the client's own support address, then
/// `#client CODE` in the first line, there or in the answer to our question. Never a guess.
fn choose_client<'a>(candidates: &[&'a Client], message: &Message, facts: &Facts<'_>) -> Choice<'a> {
    match candidates {
        [] => return Choice::Nobody,
        [only] => return Choice::Client(only),
        _ => {}
    }
    let by_code = |code: &ClientCode| candidates.iter().copied().find(|client| client.code == *code);
    let by_case = facts.evidence.iter().find_map(|found| by_code(&found.case.client));
    let by_thread = by_case.or_else(|| facts.request.as_ref().and_then(|request| by_code(&request.client)));
    let by_address = || {
        let written_to = message.to.iter().chain(&message.cc).map(|to| &to.address).chain(&message.delivered_to);
        written_to.filter_map(|a| facts.directory.client_by_support_address(a)).find_map(|c| by_code(&c.code))
    };
    let by_tag = || command::opening(&message.reply.fresh).client.as_ref().and_then(by_code);
    let by_answer = || facts.chosen.as_ref().and_then(by_code);
    by_thread.or_else(by_address).or_else(by_tag).or_else(by_answer).map_or(Choice::Unclear, Choice::Client)
}

/// Keeps a mail that may be for any of several clients, and asks its sender for which one it is. The answer decides it
/// with its original time of receipt; one that doesn't tell either is kept too, and the question is asked again.
fn client_unclear(message: &Message, facts: &Facts<'_>, candidates: &[&Client]) -> Decision {
    if !facts.is_released && !message.proof.is_proven() {
        return challenge(message, facts, candidates.first().copied());
    }
    let asked = facts.answered.as_ref().filter(|letter| letter.notice == CLIENT_UNCLEAR);
    let mut decision = match asked {
        None => Decision::new(
            Outcome::Challenged,
            "the sender speaks for several clients, and neither thread, address nor #client tells which: they are asked",
        ),
        Some(_) => Decision::quarantined(
            CLIENT_UNCLEAR,
            "an answer to the question for which client a mail is, without #client",
        ),
    };
    decision.cause = Some(CLIENT_UNCLEAR);
    let Some(sender) = message.sender().filter(|_| message.may_auto_reply) else { return decision };
    let words = ClientUnclear {
        subject: subject::base_subject(&message.subject),
        received_at: asked.is_none().then_some(message.received_at),
        text: message.reply.fresh.clone(),
        clients: candidates.iter().map(|c| ClientChoice { code: c.code.clone(), name: c.name.clone() }).collect(),
    };
    let mut letter = Outgoing::to_address(words, sender, candidates.first().copied(), facts).answering(message);
    // It concerns none of them yet.
    letter.client = None;
    letter.mended = asked.map(|letter| letter.cause.clone());
    decision.letters.push(letter);
    decision
}

/// The answer to our question for which client a mail is: the one who was asked names one that they speak for, and the
/// kept mail is decided for it.
fn client_said(
    message: &Message,
    facts: &Facts<'_>,
    sender: &NamedAddress,
    candidates: &[&Client],
) -> Option<Decision> {
    let asked = facts.answered.as_ref().filter(|letter| letter.notice == CLIENT_UNCLEAR)?;
    if asked.recipient != sender.address || !(message.proof.is_proven() || facts.is_released) {
        return None;
    }
    let named = command::opening(&message.reply.fresh).client?;
    let client = candidates.iter().find(|client| client.code == named)?.code.clone();
    let why = format!("the sender said for which client their mail is ({client}): it is decided");
    let mut decision = Decision::new(Outcome::Noted, why);
    decision.effects.push(Effect::ReleaseChallenged { fingerprint: asked.cause.clone(), client: Some(client) });
    Some(decision)
}

fn decide_for(
    message: &Message,
    facts: &Facts<'_>,
    person: Option<&PersonKey>,
    client: &Client,
    now: Timestamp,
) -> Decision {
    let at = message.received_at;
    let holding =
        facts.directory.coordinators(&client.code, at).into_iter().find(|h| person.is_some_and(|p| h.human.key == p));
    let administers = facts
        .directory
        .functional_administrators(&client.code, at)
        .iter()
        .any(|h| person.is_some_and(|p| h.human.key == p));
    let role = match (&holding, administers) {
        (Some(_), _) => Role::Coordinator,
        (None, true) => Role::FunctionalAdministrator,
        (None, false) => Role::Reporter,
    };
    let question = ledger::question(message, facts, holding.as_ref());
    // Beside a question the text is a request like any other, without the tag.
    let without_tag = question.as_ref().filter(|question| !question.is_alone).map(|question| {
        let reply = Reply { fresh: question.text.clone(), ..message.reply.clone() };
        Message { reply, ..message.clone() }
    });
    let message = without_tag.as_ref().unwrap_or(message);
    let mut decision = match check_proof(message, facts, client) {
        Some(refused) => refused,
        None if is_storm(facts) => storm(message, facts, now),
        None if own_case(message, facts, client).is_some_and(|found| is_loop(found, facts, now)) => {
            looped(message, facts, now)
        }
        None => match (&holding, &facts.request) {
            _ if question.as_ref().is_some_and(|question| question.is_alone) => ledger::asked_alone(client),
            (Some(holding), Some(request)) if request.client == client.code => {
                super::request::decide_request(message, facts, holding, request, now)
            }
            (Some(_), _) if answers_bundle(message, facts) => ask_which(message, facts, person),
            (Some(holding), _) => coordinator(message, facts, client, holding, now),
            (None, _) => ledger::told_to_others(message, facts, client, now)
                .unwrap_or_else(|| reporter(message, facts, client, role, now)),
        },
    };
    if let (Some(question), Some(holding), true) = (&question, &holding, decision.outcome != Outcome::Quarantined) {
        decision.letters.extend(ledger::answers(question, message, facts, client, holding, now));
        decision.effects.push(ledger::audit(question, client));
    }
    decision.position = holding.map(|h| position_name(&h));
    decision.by(person, role)
}

/// How the audit trail names the position by which somebody acted.
fn position_name(holding: &Holding<'_>) -> String {
    let position = holding.position;
    let client = position.client.as_ref().map_or("", |c| c.as_str());
    let deputy = if holding.is_deputy { " (deputy)" } else { "" };
    format!("coordinator of {client} from {}{deputy}", position.from)
}

/// None where the sender may go on; else what becomes of the mail. Opening a request needs proof, or the From header
/// alone where the client's contract accepts it.
fn check_proof(message: &Message, facts: &Facts<'_>, client: &Client) -> Option<Decision> {
    if facts.is_released || message.proof.is_proven() {
        return None;
    }
    let contract = facts.directory.contract(&client.code, message.received_at);
    let accepts_header = contract.is_some_and(|c| c.accept == Proof::FromHeader);
    let is_contradicted = matches!(message.proof, SenderProof::Contradicted { .. });
    let is_request = facts.request.is_none();
    if accepts_header && is_request && !is_contradicted && !facts.mailbox.is_junk {
        return None;
    }
    Some(challenge(message, facts, Some(client)))
}

/// Keeps the mail and asks its sender for one word. A mail that its domain's owner disowns gets no letter when the
/// desk's servers say so: the letter would go to somebody who did not write.
pub(super) fn challenge(message: &Message, facts: &Facts<'_>, client: Option<&Client>) -> Decision {
    let (cause, why) = match &message.proof {
        SenderProof::Contradicted { by } => ("sender-contradicted", format!("the sender is not who From says: {by}")),
        SenderProof::UnknownForNow { why } | SenderProof::Unproven { why } => {
            ("sender-unproven", format!("nothing proves the sender: {why}"))
        }
        SenderProof::Proven { by } => ("sender-unproven", format!("proof does not suffice: {by}")),
    };
    let mut decision = Decision { cause: Some(cause), ..Decision::new(Outcome::Challenged, why) };
    if facts.mailbox.is_junk {
        decision.outcome = Outcome::Noted;
        decision.why.push_str("; it lay in a junk folder, where only proven people of the directory count");
        return decision;
    }
    if let (true, Some(sender)) = (message.may_auto_reply, message.sender()) {
        let language = client.map_or(facts.desk.language, |c| c.language);
        let words = Challenge {
            subject: message.subject.clone(),
            received_at: message.received_at,
            text: message.reply.fresh.clone(),
            word: if language.code() == "nl" { RELEASE_WORDS[0] } else { RELEASE_WORDS[1] }.to_owned(),
        };
        decision.letters.push(Outgoing::to_address(words, sender, client, facts).answering(message));
    }
    decision
}

fn is_storm(facts: &Facts<'_>) -> bool {
    facts.evidence.is_empty() && facts.request.is_none() && facts.recent_openings >= facts.desk.storm_limit
}

/// Programs on both sides that answer each other stay on one case, where no number of new cases would tell.
pub(super) fn is_loop(found: &CaseFacts, facts: &Facts<'_>, now: Timestamp) -> bool {
    let is_recent = |at: Timestamp| now.duration_since(at) < SignedDuration::from_hours(1);
    let recent = found.history.iter().filter(|line| is_recent(line.at)).count();
    i64::try_from(recent).unwrap_or(i64::MAX) >= 2 * facts.desk.storm_limit
}

/// Keeps a mail of a case on which far more is written than people write.
pub(super) fn looped(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let case = facts.evidence.first().map(|found| &found.case);
    let number = case.map_or_else(String::new, |case| case.number.to_string());
    let sender = message.sender().map_or("?", |s| s.address.as_str());
    let text = format!(
        "{number}: so many mails within the hour look like programs that answer each other. Further mails, the first \
         by {sender}, wait in quarantine; replay them when all is well"
    );
    let mut decision = Decision::quarantined("storm", text.clone());
    decision.letters = alarms("storm", &text, case, facts, now);
    decision
}

fn storm(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let sender = message.sender().map_or("?", |s| s.address.as_str());
    let text = format!(
        "{sender} opened {} cases within the hour. Further mails wait in quarantine; replay them when all is well",
        facts.recent_openings
    );
    let mut decision = Decision::quarantined("storm", text.clone());
    decision.letters = alarms("storm", &text, None, facts, now);
    decision
}

/// A stranger is refused once a day, however much they write.
const REFUSAL_REST: SignedDuration = SignedDuration::from_hours(24);

fn stranger(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Decision {
    if facts.mailbox.is_junk {
        return Decision::new(Outcome::Noted, "junk of nobody we know").by(None, Role::Stranger);
    }
    let mut decision =
        Decision::quarantined("unknown-sender", "the sender is nobody of the directory").by(None, Role::Stranger);
    // A refusal to a forged sender would only trouble somebody who never wrote.
    if let (true, true, Some(sender)) = (message.proof.is_proven(), message.may_auto_reply, message.sender()) {
        let words = Refusal { subject: message.subject.clone(), received_at: message.received_at };
        let mut letter = Outgoing::to_address(words, sender, None, facts).answering(message);
        let mark = format!("refusal/{}", sender.address);
        letter.once = Some(Once { mark, until: now.checked_add(REFUSAL_REST).ok() });
        decision.letters.push(letter);
    }
    decision
}

/// The case that a coordinator's mail belongs to. Somebody else's number or id counts for nothing, without a word.
fn own_case<'a>(message: &Message, facts: &'a Facts<'_>, client: &Client) -> Option<&'a CaseFacts> {
    let found = facts.evidence.iter().find(|found| found.case.client == client.code)?;
    let is_forward = subject::is_forward(&message.subject) && found.kind != EvidenceKind::Token;
    (!is_forward).then_some(found)
}

/// Whether a mail answers a reminder of several matters as a whole: nothing tells of which one it speaks.
fn answers_bundle(message: &Message, facts: &Facts<'_>) -> bool {
    let is_bundle = |letter: &AnsweredLetter| {
        letter.notice == "reminder" && letter.case_no.is_none() && letter.request_no.is_none()
    };
    let is_pointed = !facts.evidence.is_empty() || facts.request.is_some() || subject::is_forward(&message.subject);
    !is_pointed && facts.answered.as_ref().is_some_and(is_bundle)
}

/// Never a guess: the mail waits for a person of the desk, and its sender reads how to answer each matter by itself.
fn ask_which(message: &Message, facts: &Facts<'_>, person: Option<&PersonKey>) -> Decision {
    let mut decision =
        Decision::quarantined("matter-unclear", "an answer to a reminder of several matters, and not to one of them");
    if message.may_auto_reply
        && let Some(human) = person.and_then(|key| facts.directory.human(key))
    {
        let words = ReminderUnclear { text: message.reply.fresh.clone() };
        let letter = Outgoing::to_human(words, &human, About::Nothing, facts);
        decision.letters.extend(letter.map(|letter| letter.answering(message)));
    }
    decision
}

fn coordinator(
    message: &Message,
    facts: &Facts<'_>,
    client: &Client,
    holding: &Holding<'_>,
    now: Timestamp,
) -> Decision {
    let Some(found) = own_case(message, facts, client) else {
        let refers_to = facts.evidence.iter().find(|f| f.case.client == client.code).map(|f| f.case.case_no);
        return open(message, facts, client, holding, refers_to, now);
    };
    let mut case = settle(&found.case, message.received_at);
    let approved = approved_contribution(message, facts, found);
    let taken_in = approved.map(|line| with_contribution(message, line));
    match case.status.after(CaseEvent::ClientWrote) {
        Next::OpensNewCase => {
            return open(taken_in.as_ref().unwrap_or(message), facts, client, holding, Some(case.case_no), now);
        }
        Next::Becomes(status) => case.status = status,
        Next::Stays | Next::FollowsMerge | Next::Refused => {}
    }
    match (approved, taken_in) {
        (Some(line), Some(taken_in)) => take_in(&taken_in, line, facts, found, case, now),
        _ => join(message, facts, found, case, Role::Coordinator, now),
    }
}

/// The contribution of somebody else to the case that the coordinator makes part of it by this answer.
fn approved_contribution<'a>(message: &Message, facts: &Facts<'_>, found: &'a CaseFacts) -> Option<&'a HistoryLine> {
    let letter = facts.answered.as_ref().filter(|letter| letter.notice == "contribution")?;
    let is_approval = command::decision(&message.reply.fresh) == Some(command::Decision::Approve);
    found.history.iter().find(|line| is_approval && line.fingerprint == letter.cause)
}

/// The coordinator's mail with what the other one wrote, and their own words below it.
fn with_contribution(message: &Message, line: &HistoryLine) -> Message {
    let own = command::beside_decision(&message.reply.fresh);
    let fresh = match (own.is_empty(), message.sender()) {
        (false, Some(sender)) => format!("{}\n\n{}:\n{own}", line.text, sender.display()),
        _ => line.text.clone(),
    };
    Message { reply: Reply { fresh, ..message.reply.clone() }, ..message.clone() }
}

/// What somebody else wrote counts as the client's word from now on, and who wrote it takes part if the directory knows
/// them. Each expert gets it once, however often it is approved.
fn take_in(
    taken_in: &Message,
    line: &HistoryLine,
    facts: &Facts<'_>,
    found: &CaseFacts,
    case: Case,
    now: Timestamp,
) -> Decision {
    let (case_no, number) = (case.case_no, case.number.clone());
    let writer = line.address.as_ref().map(|address| NamedAddress::new(&line.author, address.clone()));
    let contributed = Message { from: writer.into_iter().collect(), ..taken_in.clone() };
    let person = line.address.as_ref().and_then(|address| facts.directory.person_by_address(address));
    let joins = person.filter(|person| person.is_of(&case.client)).map(|person| person.key.clone());
    let mut decision = join(&contributed, facts, found, case, Role::Reporter, now);
    for letter in decision.letters.iter_mut().filter(|letter| letter.carried == Carried::OfThisMail) {
        letter.carried = Carried::OfMail(line.fingerprint.clone());
        let reader = letter.person.as_ref().map_or("", |person| person.as_str());
        letter.once = Some(Once { mark: format!("contribution/{}/{reader}", line.fingerprint), until: None });
    }
    decision.why = format!("the coordinator made what {} wrote part of {number}", line.author);
    decision.effects.extend(joins.map(|person| Effect::AddParty { case_no, person, role: PartyRole::Contributor }));
    decision
}

/// A case as it stood when the mail was received: a resolved one whose days to reopen had ended is closed, and one
/// that was closed since is still resolved, whenever the clock has ticked.
pub(super) fn settle(case: &Case, received_at: Timestamp) -> Case {
    let mut case = case.clone();
    if let Some(due) = case.close_due {
        case.status = match case.status {
            Status::Resolved if due <= received_at => Status::Closed,
            Status::Closed if received_at < due => Status::Resolved,
            other => other,
        };
    }
    case
}

/// Adds the mail to a case and brings it to the experts on it.
pub(super) fn join(
    message: &Message,
    facts: &Facts<'_>,
    found: &CaseFacts,
    mut case: Case,
    role: Role,
    now: Timestamp,
) -> Decision {
    case.changed_at = message.received_at;
    // The next answer goes to the client and replies to the client's newest mail, not to a machine's or supplier's.
    if !matches!(role, Role::Supplier | Role::Monitor) {
        case.last_client_message_id = message.message_id.as_ref().map(|id| id.as_str().to_owned());
        case.last_client_cc = routing::written_beside(message);
    }
    if !case.status.is_waiting() {
        case.wait_due = None;
    }
    let is_reopened = case.status == Status::Open && matches!(found.case.status, Status::Resolved | Status::Closed);
    if is_reopened {
        (case.resolved_at, case.close_due, case.closed_at) = (None, None, None);
    }
    let fingerprint = message.fingerprint.to_hex();
    let moment = Moment { at: message.received_at, cause: &fingerprint };
    let written = clocks::written(message, role, facts, now);
    let happened = clocks::go_on(&mut case, found, written, moment, facts);
    let route = routing::route(found, facts, now);
    let mut decision = Decision::new(Outcome::Joined, {
        let reopened = if is_reopened { ", which is open again" } else { "" };
        format!("belongs to {} by its {}{reopened}", case.number, found.kind.as_str())
    });
    decision.case_no = Some(case.case_no);
    decision.letters = relays(&case, Some(found), &route.experts, message, role, facts, now);
    decision.letters.extend(route.alarms(&case, facts, now));
    decision.effects.extend(route.effects(case.case_no));
    decision.effects.push(Effect::SaveCase(Box::new(case)));
    decision.effects.push(happened);
    decision
}

fn open(
    message: &Message,
    facts: &Facts<'_>,
    client: &Client,
    holding: &Holding<'_>,
    refers_to: Option<i64>,
    now: Timestamp,
) -> Decision {
    let opening = Opening { message, facts, client, refers_to, received_at: message.received_at };
    let (case, why_due) = opening.case(Some(holding.human.key), opening.is_incident());
    let experts = opening.experts(&case, now);
    let mut decision = Decision::new(Outcome::Opened, format!("a request of the coordinator opened {}", case.number));
    decision.case_no = Some(case.case_no);
    if message.may_auto_reply
        && let Some(sender) = message.sender()
    {
        let words = opening.acknowledgement(&case, &why_due, holding.human.name, &experts, now);
        decision.letters.extend(to_coordinator(words, holding, sender, &case, facts).map(|l| l.answering(message)));
    }
    decision.letters.extend(relays(&case, None, &experts, message, Role::Coordinator, facts, now));
    decision.letters.extend(opening.alarm(&case, now));
    decision.effects.extend(opening.effects(case, experts, Opener::Client));
    decision
}

/// An answer to the coordinator goes to the address from which they wrote.
pub(super) fn to_coordinator(
    words: Acknowledgement,
    holding: &Holding<'_>,
    sender: &crate::domain::address::NamedAddress,
    case: &Case,
    facts: &Facts<'_>,
) -> Option<Outgoing> {
    let mut letter = Outgoing::to_human(words, &holding.human, about(case), facts)?;
    letter.notice.to.person.address = sender.address.clone();
    letter.client = Some(case.client.clone());
    Some(letter)
}

/// A mail of somebody of the client who is not its coordinator.
fn reporter(message: &Message, facts: &Facts<'_>, client: &Client, role: Role, now: Timestamp) -> Decision {
    if let Some(found) = own_case(message, facts, client) {
        let case = settle(&found.case, message.received_at);
        let person = message.sender().and_then(|s| facts.directory.person_by_address(&s.address)).map(|p| &p.key);
        let is_party = role == Role::FunctionalAdministrator
            || person.is_some_and(|key| {
                found.parties.iter().any(|party| party.role == PartyRole::Contributor && party.person == *key)
            });
        if is_party && case.status != Status::Closed {
            return coordinator_like(message, facts, found, case, role, now);
        }
        return contribution(message, facts, client, found, role, now);
    }
    let opening = Opening { message, facts, client, refers_to: None, received_at: message.received_at };
    let contract = facts.directory.contract(&client.code, message.received_at);
    let may_report = contract.is_some_and(|c| c.incidents_from == IncidentsFrom::Anyone);
    let coordinators = facts.directory.coordinators(&client.code, message.received_at);
    if may_report && opening.is_incident() {
        return reported_incident(&opening, coordinators.first(), role, now);
    }
    match coordinators.first() {
        Some(holding) => super::request::hold(message, facts, client, holding, role),
        None => {
            let text = format!("{} has no coordinator at the moment; a request waits in quarantine", client.name);
            let mut decision = Decision::quarantined("no-coordinator", text.clone());
            decision.letters = alarms("no-coordinator", &text, None, facts, now);
            decision
        }
    }
}

fn coordinator_like(
    message: &Message,
    facts: &Facts<'_>,
    found: &CaseFacts,
    mut case: Case,
    role: Role,
    now: Timestamp,
) -> Decision {
    if let Next::Becomes(status) = case.status.after(CaseEvent::ClientWrote) {
        case.status = status;
    }
    join(message, facts, found, case, role, now)
}

fn reported_incident(opening: &Opening<'_>, coordinator: Option<&Holding<'_>>, role: Role, now: Timestamp) -> Decision {
    let (case, why_due) = opening.case(coordinator.map(|h| h.human.key), true);
    let experts = opening.experts(&case, now);
    let (facts, message) = (opening.facts, opening.message);
    let mut decision = Decision::new(Outcome::Opened, format!("an incident opened {}", case.number));
    decision.case_no = Some(case.case_no);
    if let Some(holding) = coordinator {
        let words = opening.acknowledgement(&case, &why_due, holding.human.name, &experts, now);
        decision.letters.extend(Outgoing::to_human(words, &holding.human, about(&case), facts));
    }
    decision.letters.extend(relays(&case, None, &experts, message, role, facts, now));
    decision.letters.extend(opening.alarm(&case, now));
    decision.effects.extend(opening.effects(case, experts, Opener::Client));
    decision
}

/// Kept on the case and shown to coordinator and experts; nobody is bound by it.
fn contribution(
    message: &Message,
    facts: &Facts<'_>,
    client: &Client,
    found: &CaseFacts,
    role: Role,
    now: Timestamp,
) -> Decision {
    let case = &found.case;
    let mut decision =
        Decision::new(Outcome::Contributed, format!("somebody who is no party of {} wrote in its thread", case.number));
    decision.case_no = Some(case.case_no);
    let words = |may_approve| Contribution {
        case: head_of(case, facts),
        sender: writer_of(message, role),
        received_at: message.received_at,
        text: message.reply.fresh.clone(),
        attachments: attachment_lines(message),
        may_approve,
    };
    let coordinators = facts.directory.coordinators(&client.code, now);
    let to_coordinator = coordinators.first().map(|holding| (holding.human, true));
    let route = routing::route(found, facts, now);
    decision.effects.extend(route.effects(case.case_no));
    let experts = route.experts.iter().filter_map(|key| facts.directory.expert(key));
    let to_experts = experts.map(|expert| (human_of(expert), false));
    for (human, may_approve) in to_coordinator.into_iter().chain(to_experts) {
        if let Some(mut letter) = Outgoing::to_human(words(may_approve), &human, about(case), facts) {
            letter.carried = Carried::OfThisMail;
            letter.client = Some(case.client.clone());
            decision.letters.push(letter);
        }
    }
    decision
}
