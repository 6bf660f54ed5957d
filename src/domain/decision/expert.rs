//! A mail of an expert: it goes to the client in the desk's name, its tags are carried out, or it is parked.

use jiff::Timestamp;

use crate::domain::case::{Case, Party, PartyRole};
use crate::domain::command::{self, Command, Commands, Tag, TagFault, TagProblem};
use crate::domain::directory::{AddressOwner, Expert};
use crate::domain::message::{DefectKind, Message};
use crate::domain::names::PersonKey;
use crate::domain::notice::{Cause, TagLine, Transcript, Words};
use crate::domain::reply::{self, AnsweredText};

use super::client::{challenge, is_loop, looped};
use super::outgoing::{About, Outgoing, about, head_of, human_of};
pub(super) use super::work::Work;
use super::{CaseFacts, Decision, Effect, Facts, Outcome, ParkedFacts, Role, handing_over, phone, taking_back};

/// Letters on a case that nobody gets but people of the client.
const LETTERS_TO_CLIENTS: [&str; 2] = ["acknowledgement", "answer"];

/// Whether an expert who may also hold a position of a client speaks as an expert: the role is that of the letter
/// which is answered, where only clients get such a letter; else it counts on cases they are on, and with `#client CODE`.
pub fn speaks_as_expert(key: &PersonKey, facts: &Facts<'_>, message: &Message) -> bool {
    let positions = facts.directory.positions_of(key, message.received_at);
    let is_coordinator = positions.iter().any(|holding| holding.position.client.is_some());
    let own = facts.answered.as_ref().filter(|letter| letter.person.as_ref() == Some(key));
    let is_to_client = own.is_some_and(|letter| LETTERS_TO_CLIENTS.contains(&letter.notice.as_str()));
    let is_on_case = facts.evidence.iter().any(|found| found.has_expert(key)) && !is_to_client;
    !is_coordinator || is_on_case || command::opening(&message.reply.fresh).client.is_some()
}

/// Decides an expert's mail.
pub fn decide(message: &Message, facts: &Facts<'_>, expert: &Expert, now: Timestamp) -> Decision {
    if !facts.is_released && !message.proof.is_proven() {
        return challenge(message, facts, None).by(Some(&expert.key), Role::Expert);
    }
    let cut = message.reply.cut_as_marked(&facts.pages.own, &expert.name);
    let cut = cut.map(|reply| Message { reply, ..message.clone() });
    let message = cut.as_ref().unwrap_or(message);
    let found = facts.evidence.iter().find(|found| found.has_expert(&expert.key));
    if facts.has_booked {
        let why = "the same mail came before under another Message-ID, and was booked";
        let mut decision = Decision::new(Outcome::SeenBefore, why).by(Some(&expert.key), Role::Expert);
        decision.case_no = found.map(|found| found.case.case_no);
        return decision;
    }
    let decision = match found {
        Some(found) if is_loop(found, facts, now) => looped(message, facts, now),
        Some(found) => on_case(message, facts, expert, found, now),
        None => off_case(message, facts, expert, now),
    };
    decision.by(Some(&expert.key), Role::Expert)
}

/// Who is not on the case may yet hand it over as duty manager, or take back that they left it.
fn off_case(message: &Message, facts: &Facts<'_>, expert: &Expert, now: Timestamp) -> Decision {
    let wish = read_wish(message, facts);
    if let Some(found) = facts.evidence.iter().find(|found| taking_back::may_return(found, facts, expert, &wish)) {
        return on_case(message, facts, expert, found, now);
    }
    if let Some((found, position)) = handing_over::as_duty_manager(message, facts, expert, &wish) {
        let mut decision = by_duty_manager(message, facts, expert, found, wish, now);
        decision.position = Some(position);
        return decision;
    }
    without_case(message, facts, expert, now)
}

/// What the duty manager writes beside `#assign` is a note: they are not on the case, and speak to no client of it.
fn by_duty_manager(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    found: &CaseFacts,
    mut wish: Wish,
    now: Timestamp,
) -> Decision {
    wish.commands.push(Command::Note);
    let mut refused: Vec<TagLine> = wish.faults.iter().map(line_of_fault).chain(not_read_whole(message)).collect();
    let mut work = Work::new(message, facts, expert, found, now);
    work.is_manager = true;
    if refused.is_empty() {
        refused = work.carry_out(&wish);
    }
    match refused.is_empty() {
        true => work.finish(&wish),
        false => park(message, facts, expert, Some(&found.case), (refused, &wish.fresh)),
    }
}

/// What an expert asks and says, before it is known whether it can be done.
pub(super) struct Wish {
    /// What the tags ask.
    pub commands: Vec<Command>,
    /// What goes to the client.
    pub text: String,
    /// The new text with its tags, without what it repeats of the letter that is answered.
    pub fresh: String,
    /// A line of that letter in the text, or the whole of it, that is for the desk alone.
    pub repeated: Option<String>,
    /// Tags that can't be read.
    pub faults: Vec<TagFault>,
    /// The mail that is mended: its id makes the bookings, its files go along.
    pub mends: Option<(String, String)>,
}

impl Wish {
    /// Whether it asks this.
    pub fn has(&self, tag: Tag) -> bool {
        self.commands.iter().any(|command| command.tag() == tag)
    }
}

/// The tags and the text. A tags-only answer to a transcript mends the parked mail; an answer with text replaces it.
pub(super) fn read_wish(message: &Message, facts: &Facts<'_>) -> Wish {
    let answered = facts.answered.as_ref().map_or_else(String::new, |letter| match &facts.parked {
        Some(parked) => without_lines_of(&letter.text, &parked.fresh),
        None => letter.text.clone(),
    });
    let letter = answered_text(facts);
    let whole = facts.pages.own.unwrapped(&message.reply.fresh);
    let fresh = letter.cut_from(&whole);
    let Commands { commands, text, mut faults } = command::read_commands(&fresh, &answered);
    faults.extend(command::tags_in_signature(message.reply.guessed_signature(), &answered));
    faults.extend(command::tags_in_signature(reply::below_signature(&fresh, writer(message, facts)), &answered));
    let has_nothing_new = fresh.is_empty() && fresh != whole.trim() && message.attachments.is_empty();
    // A note goes to nobody whom the desk's words must not reach, and may say again what an earlier one said.
    let is_note = commands.iter().any(|command| command.tag() == Tag::Note);
    let repeated = match has_nothing_new {
        true => whole.trim().lines().next(),
        false => letter.internal_line_in(&text).filter(|_| !is_note),
    };
    let repeated = repeated.map(str::to_owned);
    match &facts.parked {
        Some(parked) if text.trim().is_empty() && !commands.is_empty() && !parked.needs_text => {
            let fresh = facts.pages.parked.unwrapped(&parked.fresh);
            let kept = command::read_commands(&fresh, "");
            let faulty: Vec<usize> = kept.faults.iter().map(|fault| fault.line).collect();
            let lines = fresh.lines().enumerate().filter(|(index, _)| !faulty.contains(&(index + 1)));
            let without_faults: Vec<&str> = lines.map(|(_, line)| line).collect();
            let text = command::read_commands(&without_faults.join("\n"), "").text;
            let id = parked.message_id.as_ref().map_or_else(String::new, ToString::to_string);
            Wish { commands, text, fresh, repeated, faults, mends: Some((parked.fingerprint.clone(), id)) }
        }
        _ => Wish { commands, text, fresh, repeated, faults, mends: None },
    }
}

/// The name of the expert who wrote it; empty of somebody else.
fn writer<'a>(message: &Message, facts: &Facts<'a>) -> &'a str {
    match message.sender().map(|sender| facts.directory.owner_of(&sender.address)) {
        Some(AddressOwner::Expert(expert)) => &expert.name,
        _ => "",
    }
}

/// The letter of ours that is answered, by whose words stand in it.
fn answered_text(facts: &Facts<'_>) -> AnsweredText {
    let Some(letter) = &facts.answered else { return AnsweredText::default() };
    let is_internal = letter.person.as_ref().is_some_and(|person| facts.directory.expert(person).is_some());
    let lines = facts.evidence.iter().flat_map(|found| &found.history);
    let said = lines.filter(|line| !line.is_internal).map(|line| line.text.as_str());
    let own = facts.parked.as_ref().map_or("", |parked| parked.fresh.as_str());
    AnsweredText::new(&letter.text, said, own, is_internal)
}

/// A transcript repeats the tags of the parked mail, and who mends it writes the right ones again: a line of the parked
/// mail, or a tag that the transcript names (four blanks in), does not stand in the answered letter.
fn without_lines_of(letter: &str, parked: &str) -> String {
    let repeated: Vec<&str> = parked.lines().map(str::trim).collect();
    letter
        .lines()
        .filter(|line| !repeated.contains(&line.trim()) && !line.starts_with("    #"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What stands behind the end of what was read may be a tag: `#note` above all.
pub(super) fn not_read_whole(message: &Message) -> Option<TagLine> {
    let is_cut = |kind| matches!(kind, DefectKind::Limit | DefectKind::Unreadable);
    message.defects.iter().any(|defect| is_cut(defect.kind)).then(|| line("", Some(Cause::NotReadWhole), ""))
}

fn on_case(message: &Message, facts: &Facts<'_>, expert: &Expert, found: &CaseFacts, now: Timestamp) -> Decision {
    let wish = read_wish(message, facts);
    let mut refused: Vec<TagLine> = wish.faults.iter().map(line_of_fault).chain(not_read_whole(message)).collect();
    refused.extend(wish.repeated.as_ref().map(|repeated| line("", Some(Cause::RepeatsLetter), repeated)));
    if facts.has_twin && wish.mends.is_none() {
        refused.push(line("", Some(Cause::ChangedCopy), ""));
    }
    // Words would be lost with the line of a tag that stands among them, or were never read.
    if facts.parked.as_ref().is_some_and(|parked| parked.needs_text) && wish.text.trim().is_empty() {
        refused.push(line("", Some(Cause::NeedsText), ""));
    }
    let mut work = Work::new(message, facts, expert, found, now);
    if refused.is_empty() {
        refused = work.carry_out(&wish);
    }
    if !refused.is_empty() {
        return match facts.parked.as_ref().filter(|_| is_mend_alone(&wish)) {
            Some(parked) => park_again(message, facts, expert, Some(&found.case), parked, refused),
            None => park(message, facts, expert, Some(&found.case), (refused, &wish.fresh)),
        };
    }
    let mut decision = work.finish(&wish);
    if let Some(parked) = &facts.parked {
        decision.effects.push(Effect::EndParked { fingerprint: parked.fingerprint.clone() });
    }
    decision
}

/// Nothing is sent on and nothing changes; the expert gets a line per tag with what to mend.
pub(super) fn park(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    case: Option<&Case>,
    (lines, fresh): (Vec<TagLine>, &str),
) -> Decision {
    let faults: Vec<&str> = lines.iter().map(|line| line.tag.as_str()).filter(|tag| !tag.is_empty()).collect();
    let why = format!(
        "nothing was sent on, because of {}",
        if faults.is_empty() { "the mail as a whole".into() } else { faults.join(", ") }
    );
    let mut decision = Decision::new(Outcome::Parked, why);
    decision.cause = Some("tag");
    decision.case_no = case.map(|case| case.case_no);
    decision.said = Some(fresh.to_owned());
    let words = Transcript {
        case: case.map(|case| head_of(case, facts)),
        subject: message.subject.clone(),
        needs_text: lines.iter().filter_map(|line| line.cause).any(Cause::needs_text),
        lines,
        text: fresh.to_owned(),
        is_reminder: false,
        is_parked: true,
    };
    let lines = words.lines.clone();
    let letter = Outgoing::to_human(words, &human_of(expert), case.map_or(About::Nothing, about), facts);
    decision.letters.extend(letter.map(|letter| letter.answering(message)));
    decision.effects.push(Effect::Park { case_no: decision.case_no, person: expert.key.clone(), lines });
    decision
}

/// What the reminder of a parked mail repeats of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ParkedWords {
    /// The mail's subject.
    pub subject: String,
    /// Its newly written text.
    pub text: String,
    /// What is wrong with its tags.
    pub lines: Vec<TagLine>,
}

impl ParkedWords {
    /// Whether tags alone can't mend it.
    pub(super) fn needs_text(&self) -> bool {
        self.lines.iter().filter_map(|line| line.cause).any(Cause::needs_text)
    }
}

/// The transcript once more, to an expert who has not mended a parked mail. An answer to it mends as an answer to the
/// first one does. Nobody is reminded who left the case or the desk since.
#[must_use]
pub(super) fn parked_reminder(
    case: &Case,
    parties: &[Party],
    person: &PersonKey,
    fingerprint: &str,
    words: ParkedWords,
    facts: &Facts<'_>,
) -> Option<Outgoing> {
    let is_on = parties.iter().any(|party| party.role == PartyRole::Expert && party.person == *person);
    let expert = facts.directory.expert(person).filter(|_| is_on)?;
    let needs_text = words.needs_text();
    let ParkedWords { subject, text, lines } = words;
    let words = Transcript {
        case: Some(head_of(case, facts)),
        subject,
        lines,
        text,
        is_reminder: true,
        needs_text,
        is_parked: true,
    };
    let letter = Outgoing::to_human(words, &human_of(expert), about(case), facts)?;
    let client = Some(case.client.clone());
    Some(Outgoing { mended: Some(fingerprint.to_owned()), client, ..letter })
}

/// Whether a mail holds nothing but tags, right or wrong.
pub(super) fn is_mend_alone(wish: &Wish) -> bool {
    let is_faulty = |row: &str| wish.faults.iter().any(|fault| fault.read == row.trim());
    wish.mends.is_some() || wish.text.lines().all(|row| row.trim().is_empty() || is_faulty(row))
}

/// A mend that has a fault itself changes nothing: the parked mail goes on waiting, and the next answer mends it.
pub(super) fn park_again(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    case: Option<&Case>,
    parked: &ParkedFacts,
    lines: Vec<TagLine>,
) -> Decision {
    let mut decision = park(message, facts, expert, case, (lines, ""));
    decision.effects.retain(|effect| !matches!(effect, Effect::Park { .. }));
    for letter in &mut decision.letters {
        letter.mended = Some(parked.fingerprint.clone());
        if let Words::Transcript(words) = &mut letter.notice.words {
            words.text.clone_from(&parked.fresh);
        }
    }
    decision
}

pub(super) fn line(tag: &str, cause: Option<Cause>, value: &str) -> TagLine {
    TagLine { tag: tag.to_owned(), is_done: cause.is_none(), cause, value: value.to_owned() }
}

pub(super) fn line_of_fault(fault: &TagFault) -> TagLine {
    use crate::domain::duration::DurationFault;
    let cause = match fault.problem {
        TagProblem::Mistyped => Cause::Mistyped,
        TagProblem::InMidLine => Cause::MidLine,
        TagProblem::Duration(DurationFault::Zero) => Cause::Zero,
        TagProblem::Duration(DurationFault::OverADay) => Cause::OverADay,
        TagProblem::Duration(DurationFault::BareDecimal) => Cause::BareDecimal,
        TagProblem::Duration(DurationFault::TwoReadings) => Cause::TwoReadings,
        TagProblem::Duration(_) => Cause::BadDuration,
        TagProblem::Date => Cause::BadDate,
        TagProblem::Argument | TagProblem::TooMuch => Cause::BadArgument,
        TagProblem::NotAvailable => Cause::NotYet,
        TagProblem::InSignature => Cause::InSignature,
    };
    line(&fault.read, Some(cause), &fault.mend)
}

/// An expert's mail that belongs to no case of theirs.
fn without_case(message: &Message, facts: &Facts<'_>, expert: &Expert, now: Timestamp) -> Decision {
    if let Some(parked) = facts.parked.as_ref().filter(|parked| parked.is_opening && parked.person == expert.key) {
        return phone::mended(message, facts, expert, parked, now);
    }
    if phone::is_meant(message) {
        return phone::opened(message, facts, expert, now);
    }
    let (cause, why) = if facts.evidence.is_empty() {
        (Cause::NoCase, "an expert's mail without a case")
    } else {
        (Cause::NotOnCase, "the expert is not on this case")
    };
    let code = if cause == Cause::NoCase { "expert-without-case" } else { "not-on-case" };
    let mut decision = Decision::quarantined(code, why);
    let words = Transcript {
        case: None,
        subject: message.subject.clone(),
        lines: vec![line("", Some(cause), "")],
        text: message.reply.fresh.clone(),
        is_reminder: false,
        needs_text: false,
        is_parked: false,
    };
    if message.may_auto_reply {
        let letter = Outgoing::to_human(words, &human_of(expert), About::Nothing, facts);
        decision.letters.extend(letter.map(|letter| letter.answering(message)));
    }
    decision
}
