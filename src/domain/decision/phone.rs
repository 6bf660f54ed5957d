//! Work by phone: an expert's mail that begins with `#client CODE` opens a case, or is parked and opens it when it is
//! mended.

use jiff::Timestamp;

use crate::domain::case::{Party, PartyRole};
use crate::domain::clock::Opener;
use crate::domain::command::{self, Command, Tag, TagProblem};
use crate::domain::directory::{Client, Expert};
use crate::domain::message::Message;
use crate::domain::names::ClientCode;
use crate::domain::notice::{Cause, TagLine, Transcript};
use crate::domain::reply::Reply;
use crate::domain::subject;

use super::expert::{ParkedWords, Wish, Work, line, line_of_fault, not_read_whole, park, park_again, read_wish};
use super::opening::Opening;
use super::outgoing::{About, Outgoing, alarms, human_of};
use super::{CaseFacts, Decision, Effect, EvidenceKind, Facts, Outcome, ParkedFacts, clocks};

/// Whether the mail is to open a case: it begins with `#client`, well written or not. A forward never opens one.
pub(super) fn is_meant(message: &Message) -> bool {
    let fresh = &message.reply.fresh;
    let first = fresh.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let found = command::read_commands(first, "");
    let is_named = |fault: &command::TagFault| {
        let word = fault.mend.trim_start_matches('#').split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        fault.problem != TagProblem::InMidLine && Tag::named(word) == Some(Tag::Client)
    };
    let is_client = command::opening(fresh).client.is_some() || found.faults.iter().any(is_named);
    is_client && !subject::is_forward(&message.subject)
}

/// The mail opens a case, or waits for a mend.
pub(super) fn opened(message: &Message, facts: &Facts<'_>, expert: &Expert, now: Timestamp) -> Decision {
    let marked = command::opening(&message.reply.fresh);
    // Words may stand behind the code.
    let fresh = if marked.client.is_some() { &marked.text } else { &message.reply.fresh };
    let reply = Reply { fresh: fresh.clone(), ..message.reply.clone() };
    let wish = read_wish(&Message { reply, ..message.clone() }, facts);
    let wish = Wish { fresh: message.reply.fresh.clone(), ..wish };
    match open(message, facts, expert, (marked.client.as_ref(), marked.incident), &wish, now) {
        Ok(decision) => decision,
        Err(refused) => park(message, facts, expert, None, (refused, &wish.fresh)),
    }
}

/// An answer to the transcript of such a mail: tags alone mend it, text replaces it. The client is the one that the
/// answer names, else the one that the parked mail named.
pub(super) fn mended(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    parked: &ParkedFacts,
    now: Timestamp,
) -> Decision {
    let wish = read_wish(message, facts);
    let before = command::opening(&parked.fresh);
    let named = wish.commands.iter().find_map(|command| match command {
        Command::Client(code) => Some(code.clone()),
        _ => None,
    });
    let is_incident = before.incident || command::opening(&message.reply.fresh).incident;
    let client = named.or(before.client);
    // The case has the title of the mail that was to open it.
    let reply = Reply { fresh: wish.text.clone(), ..message.reply.clone() };
    let title = Message { subject: title_of(&parked.subject, facts), reply, ..message.clone() };
    let mut refused = Vec::new();
    if parked.needs_text && wish.text.trim().is_empty() {
        refused.push(line("", Some(Cause::NeedsText), ""));
    }
    let done = match refused.is_empty() {
        true => open(&title, facts, expert, (client.as_ref(), is_incident), &wish, now),
        false => Err(refused),
    };
    match done {
        Ok(mut decision) => {
            decision.effects.push(Effect::EndParked { fingerprint: parked.fingerprint.clone() });
            decision
        }
        Err(refused) if super::expert::is_mend_alone(&wish) => {
            park_again(message, facts, expert, None, parked, refused)
        }
        Err(refused) => {
            let mut decision = park(&title, facts, expert, None, (refused, &with_client(client.as_ref(), &wish)));
            decision.effects.push(Effect::EndParked { fingerprint: parked.fingerprint.clone() });
            decision
        }
    }
}

/// The subject as its writer wrote it: one who was told already answers with the words of our transcripts around it.
fn title_of(subject: &str, facts: &Facts<'_>) -> String {
    let within = facts.desk.transcript_frames.iter().find_map(|frame| frame.within(subject));
    within.unwrap_or_else(|| subject::base_subject(subject))
}

/// A text that replaces a parked one and has a fault itself still knows whose case it is to open.
fn with_client(client: Option<&ClientCode>, wish: &Wish) -> String {
    match client.filter(|_| command::opening(&wish.fresh).client.is_none()) {
        Some(code) => format!("#client {code}\n{}", wish.fresh),
        None => wish.fresh.clone(),
    }
}

/// Opens the case: the subject is its title, `#time` books on it. Or tells which tags can't be carried out.
fn open(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    (code, is_incident): (Option<&ClientCode>, bool),
    wish: &Wish,
    now: Timestamp,
) -> Result<Decision, Vec<TagLine>> {
    let mut refused: Vec<TagLine> = wish.faults.iter().map(line_of_fault).chain(not_read_whole(message)).collect();
    refused.extend(wish.repeated.as_ref().map(|repeated| line("", Some(Cause::RepeatsLetter), repeated)));
    let client = code.and_then(|code| facts.directory.client(code));
    if let (Some(code), None) = (code, client) {
        refused.push(line(&format!("#client {code}"), Some(Cause::NoSuchClient), ""));
    }
    let Some(client) = client else {
        if refused.is_empty() {
            refused.push(line("", Some(Cause::NoCase), ""));
        }
        return Err(refused);
    };
    let wish = Wish {
        commands: wish.commands.iter().filter(|command| command.tag() != Tag::Client).cloned().collect(),
        text: command::opening(&wish.text).text,
        fresh: wish.fresh.clone(),
        repeated: None,
        faults: Vec::new(),
        mends: wish.mends.clone(),
    };
    let found = case_to_open(message, facts, expert, client, is_incident);
    let mut work = Work::new(message, facts, expert, &found, now);
    if refused.is_empty() {
        refused = work.carry_out(&wish);
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    Ok(as_opened(work.finish(&wish), &found, facts, expert, client, now))
}

/// The case as it will be recorded, with its expert.
fn case_to_open(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    client: &Client,
    is_incident: bool,
) -> CaseFacts {
    let coordinators = facts.directory.coordinators(&client.code, message.received_at);
    let coordinator = coordinators.first().map(|holding| holding.human.key.clone());
    let opening = Opening { message, facts, client, refers_to: None, received_at: message.received_at };
    let (mut case, _) = opening.case(coordinator.as_ref(), is_incident);
    case.last_client_message_id = None;
    let begun = clocks::opened(&case, Opener::Expert, &message.fingerprint.to_hex());
    let party = Party { person: expert.key.clone(), role: PartyRole::Expert, since: message.received_at };
    CaseFacts {
        kind: EvidenceKind::Token,
        case,
        parties: vec![party],
        history: Vec::new(),
        reporters: Vec::new(),
        events: vec![begun],
    }
}

/// What was decided as if the case were there already, with the case being opened by it.
fn as_opened(
    mut decision: Decision,
    found: &CaseFacts,
    facts: &Facts<'_>,
    expert: &Expert,
    client: &Client,
    now: Timestamp,
) -> Decision {
    decision.outcome = Outcome::Opened;
    decision.why = format!("an expert opened {} for the client", found.case.number);
    let saved = decision.effects.iter().find_map(|effect| match effect {
        Effect::SaveCase(case) => Some(case.clone()),
        _ => None,
    });
    let case = saved.unwrap_or_else(|| Box::new(found.case.clone()));
    decision.effects.retain(|effect| !matches!(effect, Effect::SaveCase(_)));
    for begun in &found.events {
        clocks::begin_with(&mut decision.effects, begun.clone());
    }
    decision.effects.insert(0, Effect::OpenCase { case: case.clone(), experts: vec![expert.key.clone()] });
    if facts.directory.coordinators(&client.code, now).is_empty() {
        let text = format!("{} has no coordinator at the moment; nobody was told of {}", client.name, case.number);
        decision.letters.extend(alarms("no-coordinator", &text, Some(&case), facts, now));
    }
    decision
}

/// The transcript once more, to an expert who has not mended a mail that was to open a case.
#[must_use]
pub fn opening_reminder(expert: &Expert, fingerprint: &str, words: ParkedWords, facts: &Facts<'_>) -> Option<Outgoing> {
    let ParkedWords { subject, text, lines } = words;
    let needs_text = lines.iter().filter_map(|line| line.cause).any(Cause::needs_text);
    let words = Transcript { case: None, subject, lines, text, is_reminder: true, needs_text, is_parked: true };
    let letter = Outgoing::to_human(words, &human_of(expert), About::Nothing, facts)?;
    Some(Outgoing { mended: Some(fingerprint.to_owned()), ..letter })
}
