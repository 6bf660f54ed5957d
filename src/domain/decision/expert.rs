//! A mail of an expert: it goes to the client in the desk's name, its tags are carried out, or it is parked.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::case::{Case, CaseEvent, Kind, Next, PartyRole, Status};
use crate::domain::clock;
use crate::domain::command::{self, Command, Commands, Tag, TagFault, TagProblem, WaitFor};
use crate::domain::directory::{Client, Expert};
use crate::domain::message::Message;
use crate::domain::names::PersonKey;
use crate::domain::notice::{AnswerCopy, Cause, CommandDone, TagLine, Transcript, Words};
use crate::domain::{promise, subject};

use super::answer;
use super::booking::{self, Bookings};
use super::client::{challenge, is_loop, looped};
use super::opening::Opening;
use super::outgoing::{About, Carried, Outgoing, about, alarms, balance_of, head_of, human_of, relays};
use super::{CaseFacts, Decision, Effect, Facts, Outcome, ParkedFacts, Role};

/// Whether an expert who may also hold a position of a client speaks as an expert: the role is that of the letter
/// which is answered; without one it counts on cases they are on, and with `#client CODE`.
pub fn speaks_as_expert(key: &PersonKey, facts: &Facts<'_>, message: &Message) -> bool {
    let positions = facts.directory.positions_of(key, message.received_at);
    let is_coordinator = positions.iter().any(|holding| holding.position.client.is_some());
    let is_on_case = facts.evidence.iter().any(|found| found.has_expert(key));
    !is_coordinator || is_on_case || command::opening(&message.reply.fresh).client.is_some()
}

/// Decides an expert's mail.
pub fn decide(message: &Message, facts: &Facts<'_>, expert: &Expert, now: Timestamp) -> Decision {
    if !facts.is_released && !message.proof.is_proven() {
        return challenge(message, facts, None).by(Some(&expert.key), Role::Expert);
    }
    let decision = match facts.evidence.iter().find(|found| found.has_expert(&expert.key)) {
        Some(found) if is_loop(found, facts, now) => looped(message, facts, now),
        Some(found) => on_case(message, facts, expert, found, now),
        None => without_case(message, facts, expert, now),
    };
    decision.by(Some(&expert.key), Role::Expert)
}

/// What an expert asks and says, before it is known whether it can be done.
pub(super) struct Wish {
    /// What the tags ask.
    pub commands: Vec<Command>,
    /// What goes to the client.
    pub text: String,
    /// Tags that can't be read.
    pub faults: Vec<TagFault>,
    /// The mail that is mended: its id makes the bookings, its files go along.
    pub mends: Option<(String, String)>,
}

impl Wish {
    fn has(&self, tag: Tag) -> bool {
        self.commands.iter().any(|command| command.tag() == tag)
    }
}

/// The tags and the text. A tags-only answer to a transcript mends the parked mail; an answer with text replaces it.
fn read_wish(message: &Message, facts: &Facts<'_>) -> Wish {
    let answered = facts.answered.as_ref().map_or_else(String::new, |letter| match &facts.parked {
        Some(parked) => without_lines_of(&letter.text, &parked.fresh),
        None => letter.text.clone(),
    });
    let Commands { commands, text, faults } = command::read_commands(&message.reply.fresh, &answered);
    match &facts.parked {
        Some(parked) if text.trim().is_empty() && !commands.is_empty() => {
            let kept = command::read_commands(&parked.fresh, "");
            let faulty: Vec<usize> = kept.faults.iter().map(|fault| fault.line).collect();
            let lines = parked.fresh.lines().enumerate().filter(|(index, _)| !faulty.contains(&(index + 1)));
            let without_faults: Vec<&str> = lines.map(|(_, line)| line).collect();
            let text = command::read_commands(&without_faults.join("\n"), "").text;
            let id = parked.message_id.as_ref().map_or_else(String::new, ToString::to_string);
            Wish { commands, text, faults, mends: Some((parked.fingerprint.clone(), id)) }
        }
        _ => Wish { commands, text, faults, mends: None },
    }
}

/// A transcript repeats the tags of the parked mail, and who mends it writes the right ones again: a line of the parked
/// mail does not stand in the answered letter.
fn without_lines_of(letter: &str, parked: &str) -> String {
    let repeated: Vec<&str> = parked.lines().map(str::trim).collect();
    letter.lines().filter(|line| !repeated.contains(&line.trim())).collect::<Vec<_>>().join("\n")
}

fn on_case(message: &Message, facts: &Facts<'_>, expert: &Expert, found: &CaseFacts, now: Timestamp) -> Decision {
    let wish = read_wish(message, facts);
    let mut refused: Vec<TagLine> = wish.faults.iter().map(line_of_fault).collect();
    if facts.has_twin && wish.mends.is_none() {
        refused.push(line("", Some(Cause::ChangedCopy), ""));
    }
    let mut work = Work::new(message, facts, expert, found, now);
    if refused.is_empty() {
        refused = work.carry_out(&wish);
    }
    if !refused.is_empty() {
        return match facts.parked.as_ref().filter(|_| is_mend_alone(&wish)) {
            Some(parked) => park_again(message, facts, expert, &found.case, parked, refused),
            None => park(message, facts, expert, &found.case, refused),
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
    case: &Case,
    lines: Vec<TagLine>,
) -> Decision {
    let faults: Vec<&str> = lines.iter().map(|line| line.tag.as_str()).filter(|tag| !tag.is_empty()).collect();
    let why = format!(
        "nothing was sent on, because of {}",
        if faults.is_empty() { "the mail as a whole".into() } else { faults.join(", ") }
    );
    let mut decision = Decision::new(Outcome::Parked, why);
    decision.cause = Some("tag");
    decision.case_no = Some(case.case_no);
    let words = Transcript {
        case: Some(head_of(case, facts)),
        subject: message.subject.clone(),
        lines,
        text: message.reply.fresh.clone(),
        is_reminder: false,
    };
    let letter = Outgoing::to_human(words, &human_of(expert), about(case), facts);
    decision.letters.extend(letter.map(|letter| letter.answering(message)));
    decision.effects.push(Effect::Park { case_no: case.case_no, person: expert.key.clone() });
    decision
}

/// Whether a mail holds nothing but tags, right or wrong.
fn is_mend_alone(wish: &Wish) -> bool {
    let is_faulty = |row: &str| wish.faults.iter().any(|fault| fault.read == row.trim());
    wish.mends.is_some() || wish.text.lines().all(|row| row.trim().is_empty() || is_faulty(row))
}

/// A mend that has a fault itself changes nothing: the parked mail goes on waiting, and the next answer mends it.
fn park_again(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    case: &Case,
    parked: &ParkedFacts,
    lines: Vec<TagLine>,
) -> Decision {
    let mut decision = park(message, facts, expert, case, lines);
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

fn line_of_fault(fault: &TagFault) -> TagLine {
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
    };
    line(&fault.read, Some(cause), &fault.mend)
}

/// A case on its way through the tags of one mail.
pub(super) struct Work<'a> {
    pub message: &'a Message,
    pub facts: &'a Facts<'a>,
    pub expert: &'a Expert,
    pub found: &'a CaseFacts,
    pub case: Case,
    pub now: Timestamp,
    pub bookings: Bookings,
    pub joins: Vec<PersonKey>,
    pub done: Vec<TagLine>,
}

impl<'a> Work<'a> {
    fn new(
        message: &'a Message,
        facts: &'a Facts<'a>,
        expert: &'a Expert,
        found: &'a CaseFacts,
        now: Timestamp,
    ) -> Self {
        let case = found.case.clone();
        Self {
            message,
            facts,
            expert,
            found,
            case,
            now,
            bookings: Bookings::default(),
            joins: Vec::new(),
            done: Vec::new(),
        }
    }

    /// Carries out all tags, or tells which can't be; then nothing of it counts.
    fn carry_out(&mut self, wish: &Wish) -> Vec<TagLine> {
        let is_answer = !wish.text.trim().is_empty() && !wish.has(Tag::Note);
        if is_answer {
            self.step(CaseEvent::ExpertAnswered);
        }
        let mut refused = Vec::new();
        for command in &wish.commands {
            let result = self.carry_out_one(command, wish);
            let shown = format!("#{}", command.tag().as_str());
            match result {
                Ok(value) => self.done.push(line(&shown, None, &value)),
                Err((cause, value)) => refused.push(line(&shown, Some(cause), &value)),
            }
        }
        refused
    }

    fn carry_out_one(&mut self, command: &Command, wish: &Wish) -> Result<String, (Cause, String)> {
        match command {
            Command::Time { .. } => booking::book(self, command, wish),
            Command::Note | Command::Status | Command::Help => Ok(String::new()),
            Command::Resolved => self.resolve(),
            Command::Wait { on, until } => self.wait(*on, *until),
            Command::Priority(priority) => {
                self.case.priority = *priority;
                let promised =
                    promise::promise(self.facts.directory, &self.case.client, *priority, self.case.opened_at);
                self.case.response_due = promised.response_due;
                self.case.resolution_due = promised.resolution_due;
                Ok(priority.as_str().to_owned())
            }
            Command::Kind(kind) => {
                booking::move_charges(self, *kind);
                self.case.kind = *kind;
                Ok(kind.as_str().to_owned())
            }
            Command::Assign(name) => self.assign(name),
            Command::Reopen => self.reopen(),
            Command::Client(_) => Err((Cause::WrongState, self.case.number.to_string())),
            Command::Estimate(_) | Command::Merge(_) | Command::Undo => Err((Cause::NotYet, String::new())),
            Command::Approve | Command::Reject(_) | Command::Bundle(_) | Command::Balance | Command::Statement => {
                Err((Cause::NotAllowed, String::new()))
            }
        }
    }

    fn step(&mut self, event: CaseEvent) {
        if let Next::Becomes(status) = self.case.status.after(event) {
            self.case.status = status;
        }
    }

    fn turn(&mut self, event: CaseEvent) -> Result<String, (Cause, String)> {
        // A tag without words opens the case as an answer would have.
        if self.case.status == Status::New {
            self.step(CaseEvent::Assigned);
        }
        match self.case.status.after(event) {
            Next::Becomes(status) => {
                self.case.status = status;
                Ok(status.as_str().to_owned())
            }
            Next::Stays => Ok(self.case.status.as_str().to_owned()),
            _ => Err((Cause::WrongState, self.case.status.as_str().to_owned())),
        }
    }

    /// Waits, at most until the day begins in the client's time zone; another wait replaces the date.
    fn wait(&mut self, on: WaitFor, until: Option<Date>) -> Result<String, (Cause, String)> {
        let event = match on {
            WaitFor::Client => CaseEvent::WaitsForClient,
            WaitFor::Supplier => CaseEvent::WaitsForSupplier,
        };
        let zone = self.facts.directory.client(&self.case.client).map(|client| client.time_zone.time_zone());
        let zone = zone.unwrap_or(&self.facts.desk.time_zone);
        let wakes_at = until.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)).ok());
        if wakes_at.is_some_and(|at| at <= self.message.received_at) {
            return Err((Cause::DateIsPast, until.map_or_else(String::new, |day| day.to_string())));
        }
        let turned = self.turn(event)?;
        self.case.wait_due = wakes_at;
        Ok(turned)
    }

    /// Settled: until the end of the fifth working day an answer of the client opens it again.
    fn resolve(&mut self) -> Result<String, (Cause, String)> {
        let turned = self.turn(CaseEvent::Resolved)?;
        let at = self.message.received_at;
        self.case.resolved_at = Some(at);
        let calendar = promise::calendar_of(self.facts.directory, &self.case.client, at);
        self.case.close_due = calendar.map(|calendar| clock::reopens_until(at, calendar));
        Ok(turned)
    }

    fn reopen(&mut self) -> Result<String, (Cause, String)> {
        let day = jiff::SignedDuration::from_hours(crate::domain::case::TAKE_BACK_HOURS);
        let is_late = self.case.resolved_at.is_some_and(|at| self.message.received_at.duration_since(at) > day);
        if is_late {
            return Err((Cause::TooLate, String::new()));
        }
        let turned = self.turn(CaseEvent::Reopened)?;
        (self.case.resolved_at, self.case.close_due) = (None, None);
        Ok(turned)
    }

    /// By key, first name or whole name, in any letter case; a name that two experts have is none.
    fn assign(&mut self, name: &str) -> Result<String, (Cause, String)> {
        let wanted = name.trim().to_lowercase();
        let is_meant = |expert: &&Expert| {
            let whole = expert.name.to_lowercase();
            expert.key.as_str() == wanted || whole == wanted || whole.split(' ').next() == Some(wanted.as_str())
        };
        let experts = self.facts.directory.experts();
        let meant: Vec<&Expert> = experts.into_iter().filter(is_meant).collect();
        let [only] = meant.as_slice() else {
            return Err((Cause::NoSuchPerson, name.to_owned()));
        };
        self.step(CaseEvent::Assigned);
        self.joins.push(only.key.clone());
        Ok(only.name.clone())
    }

    /// The decision of a mail whose tags could all be carried out.
    fn finish(mut self, wish: &Wish) -> Decision {
        if !self.case.status.is_waiting() {
            self.case.wait_due = None;
        }
        let is_note = wish.has(Tag::Note);
        let text = wish.text.trim().to_owned();
        let is_answer = !text.is_empty() && !is_note;
        self.case.changed_at = self.message.received_at;
        if is_answer && self.case.responded_at.is_none() {
            self.case.responded_at = Some(self.message.received_at);
        }
        let mut decision = Decision::new(Outcome::Joined, self.told(is_note));
        decision.case_no = Some(self.case.case_no);
        decision.cause = is_note.then_some("note");
        if is_answer {
            decision.letters.extend(answer::to_client(&self, wish, &text));
        }
        if !text.is_empty() {
            decision.letters.extend(self.copies(&text, is_note));
        }
        if text.is_empty() || wish.has(Tag::Status) || wish.has(Tag::Help) {
            decision.letters.extend(self.command_done(wish));
        }
        decision.letters.extend(self.hand_overs());
        decision.letters.extend(booking::card_notices(&self));
        decision.effects.push(Effect::SaveCase(Box::new(self.case.clone())));
        decision.effects.extend(booking::effects(&self));
        for person in &self.joins {
            let (case_no, person) = (self.case.case_no, person.clone());
            decision.effects.push(Effect::AddParty { case_no, person, role: PartyRole::Expert });
        }
        decision
    }

    /// The other experts on the case see what was answered or noted.
    /// What the mail did, for the message's record: `an expert's mail on AMR-2026-0042; #time 40 → 45, #resolved`.
    fn told(&self, is_note: bool) -> String {
        let what = if is_note { "a note" } else { "an expert's mail" };
        let with_value = |line: &TagLine| format!("{} {}", line.tag, line.value).trim_end().to_owned();
        let tags: Vec<String> = self.done.iter().map(with_value).collect();
        let sign = if tags.is_empty() { "" } else { "; " };
        format!("{what} on {}{sign}{}", self.case.number, tags.join(", "))
    }

    fn copies(&self, text: &str, is_note: bool) -> Vec<Outgoing> {
        let words = AnswerCopy {
            case: head_of(&self.case, self.facts),
            expert: self.expert.name.clone(),
            text: text.to_owned(),
            is_note,
            is_resolved: self.case.status == Status::Resolved,
        };
        let others = self.found.experts().filter(|key| **key != self.expert.key);
        others
            .filter_map(|key| self.facts.directory.expert(key))
            .filter_map(|other| {
                let mut letter = Outgoing::to_human(words.clone(), &human_of(other), about(&self.case), self.facts)?;
                letter.carried = Carried::OfThisMail;
                letter.writer = Some(self.expert.name.clone());
                letter.client = Some(self.case.client.clone());
                Some(letter)
            })
            .collect()
    }

    fn command_done(&self, wish: &Wish) -> Option<Outgoing> {
        let words = CommandDone {
            case: Some(head_of(&self.case, self.facts)),
            lines: self.done.clone(),
            status: Some(booking::status_of(self)),
            balance: self.bookings.balance(self).or_else(|| balance_of(&self.case.client, self.facts, self.now)),
            tags: if wish.has(Tag::Help) { super::outgoing::fitting_tags(&self.case) } else { Vec::new() },
        };
        let letter = Outgoing::to_human(words, &human_of(self.expert), about(&self.case), self.facts)?;
        Some(letter.answering(self.message))
    }

    /// Who takes the case over gets it with the whole history.
    fn hand_overs(&self) -> Vec<Outgoing> {
        let mut letters =
            relays(&self.case, Some(self.found), &self.joins, self.message, Role::Expert, self.facts, self.now);
        for letter in &mut letters {
            if let crate::domain::notice::Words::Relay(relay) = &mut letter.notice.words {
                relay.is_handed_over = true;
            }
        }
        letters
    }
}

/// An expert's mail that belongs to no case of theirs.
fn without_case(message: &Message, facts: &Facts<'_>, expert: &Expert, now: Timestamp) -> Decision {
    let opening = command::opening(&message.reply.fresh);
    let is_forward = subject::is_forward(&message.subject);
    match opening.client.as_ref().and_then(|code| facts.directory.client(code)) {
        Some(client) if !is_forward => work_by_phone(message, facts, expert, client, &opening, now),
        _ => {
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
            };
            if message.may_auto_reply {
                let letter = Outgoing::to_human(words, &human_of(expert), About::Nothing, facts);
                decision.letters.extend(letter.map(|letter| letter.answering(message)));
            }
            decision
        }
    }
}

/// `#client CODE` opens a case for a client that spoke by phone: the subject is its title, `#time` books on it.
fn work_by_phone(
    message: &Message,
    facts: &Facts<'_>,
    expert: &Expert,
    client: &Client,
    marked: &command::Opening,
    now: Timestamp,
) -> Decision {
    let coordinators = facts.directory.coordinators(&client.code, message.received_at);
    let coordinator = coordinators.first().map(|holding| holding.human.key.clone());
    let opening = Opening { message, facts, client, refers_to: None, received_at: message.received_at };
    let (mut case, _) = opening.case(coordinator.as_ref(), marked.incident);
    case.last_client_message_id = None;
    let experts = vec![expert.key.clone()];
    let found = CaseFacts {
        kind: super::EvidenceKind::Token,
        case: case.clone(),
        parties: vec![crate::domain::case::Party {
            person: expert.key.clone(),
            role: PartyRole::Expert,
            since: message.received_at,
        }],
        history: Vec::new(),
    };
    let Commands { commands, text, faults } = command::read_commands(&marked.text, "");
    let wish = Wish { commands, text, faults, mends: None };
    let mut refused: Vec<TagLine> = wish.faults.iter().map(line_of_fault).collect();
    let mut work = Work::new(message, facts, expert, &found, now);
    if refused.is_empty() {
        refused = work.carry_out(&wish);
    }
    if !refused.is_empty() {
        let mut decision = Decision::quarantined("tag", "a tag of a mail that opens a case could not be carried out");
        let words = Transcript {
            case: None,
            subject: message.subject.clone(),
            lines: refused,
            text: message.reply.fresh.clone(),
            is_reminder: false,
        };
        decision.letters.extend(Outgoing::to_human(words, &human_of(expert), About::Nothing, facts));
        return decision;
    }
    let mut decision = work.finish(&wish);
    decision.outcome = Outcome::Opened;
    decision.why = format!("an expert opened {} for the client", case.number);
    let saved = decision.effects.iter().find_map(|effect| match effect {
        Effect::SaveCase(case) => Some(case.clone()),
        _ => None,
    });
    let case = saved.unwrap_or_else(|| Box::new(case));
    decision.effects.retain(|effect| !matches!(effect, Effect::SaveCase(_)));
    decision.effects.insert(0, Effect::OpenCase { case: case.clone(), experts });
    if coordinators.is_empty() {
        let text = format!("{} has no coordinator at the moment; nobody was told of {}", client.name, case.number);
        decision.letters.extend(alarms("no-coordinator", &text, Some(&case), facts, now));
    }
    debug_assert!(case.kind == Kind::Support || marked.incident);
    decision
}
