//! What the desk changes on a case by command, with a reason: told to who was told before.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::case::{Case, CaseNumber, Party, PartyRole, Status};
use crate::domain::change::{Change, ChangeKind, Told};
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::notice::CaseChanged;
use crate::domain::strip_card::{self, Account, Booking, BookingKey, DeskCorrection, WORK_DATE_DAYS};

use super::booking::{charge_to, tariff};
use super::clocks::{self, Moment};
use super::outgoing::{About, Outgoing, about, client_holding, head_of, human_of, passed_on, today, told_of_client};
use super::{CaseFacts, Decision, Effect, Facts, Outcome, handing_over, merging};

/// What the desk asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskChange {
    /// A resolved or closed case is open again, however long ago it ended.
    Reopen,
    /// Another expert has it from now on; those who had it leave.
    Assign(String),
    /// It was opened for the wrong client: it goes on under a number of the right one.
    SetClient(ClientCode),
    /// It goes on by itself after a merge.
    Unmerge,
}

/// A change with all that it takes to decide on it.
pub struct DeskOrder<'a> {
    /// What is asked.
    pub change: &'a DeskChange,
    /// Why.
    pub reason: &'a str,
    /// What letters and changes name as their cause.
    pub cause: &'a str,
    /// The case, as it is; of a merged one that very case, not the one in which it goes on.
    pub found: &'a CaseFacts,
    /// The case in which it ended.
    pub other: Option<&'a CaseFacts>,
    /// Who ever got letters on the case.
    pub told: &'a [Told],
    /// When.
    pub now: Timestamp,
}

/// Decides on a change that a person of the desk asks by command.
///
/// # Errors
/// Why it can't be done and what can be, in words for that person.
pub fn change_by_desk(order: &DeskOrder<'_>, facts: &Facts<'_>) -> Result<Decision, String> {
    match order.change {
        DeskChange::Reopen => reopen(order, facts),
        DeskChange::Assign(name) => assign(order, name, facts),
        DeskChange::SetClient(client) => set_client(order, client, facts),
        DeskChange::Unmerge => unmerge(order, facts),
    }
}

/// The decision that does so, on that case.
fn done(case_no: i64, why: String) -> Decision {
    let mut decision = Decision::new(Outcome::Noted, why);
    decision.case_no = Some(case_no);
    decision
}

impl DeskOrder<'_> {
    fn moment(&self) -> Moment<'_> {
        Moment { at: self.now, cause: self.cause }
    }

    fn change(&self, kind: ChangeKind, status_after: Status, joined: Vec<Party>, left: Vec<Party>) -> Box<Change> {
        Box::new(Change {
            kind,
            by: None,
            at: self.now,
            cause: self.cause.to_owned(),
            before: self.found.case.clone(),
            status_after,
            other_before: None,
            joined,
            left,
        })
    }

    /// The words for an expert, with the desk's reason.
    fn to_expert(&self, person: &PersonKey, case: &Case, words: CaseChanged, facts: &Facts<'_>) -> Option<Outgoing> {
        let expert = facts.directory.expert(person)?;
        let words = CaseChanged { is_staff: true, reason: Some(self.reason.to_owned()), ..words };
        let letter = Outgoing::to_human(words, &human_of(expert), about(case), facts)?;
        Some(Outgoing { client: Some(case.client.clone()), ..letter })
    }

    /// The words for the client's people who were told by these letters.
    fn to_client(&self, told: &[Told], case: &Case, words: &CaseChanged, facts: &Facts<'_>) -> Vec<Outgoing> {
        let people = told_of_client(case, told, facts, self.now);
        let letter = |human| Outgoing::to_human(words.clone(), human, about(case), facts);
        let letters = people.iter().filter_map(letter);
        letters.map(|letter| Outgoing { client: Some(case.client.clone()), ..letter }).collect()
    }

    /// The words for all experts on a case and for the client's people who were told.
    fn to_all(&self, told: &[Told], case: &Case, words: &CaseChanged, facts: &Facts<'_>) -> Vec<Outgoing> {
        let experts = self.found.experts();
        let mut letters: Vec<Outgoing> =
            experts.filter_map(|key| self.to_expert(key, case, words.clone(), facts)).collect();
        letters.extend(self.to_client(told, case, words, facts));
        letters
    }
}

fn reopen(order: &DeskOrder<'_>, facts: &Facts<'_>) -> Result<Decision, String> {
    let mut case = order.found.case.clone();
    if !matches!(case.status, Status::Resolved | Status::Closed) {
        return Err(format!("{} is {}: only a resolved or closed case can be opened again", case.number, case.status));
    }
    case.status = Status::Open;
    case.changed_at = order.now;
    (case.resolved_at, case.close_due, case.closed_at) = (None, None, None);
    let mut decision = done(case.case_no, format!("{} is open again", case.number));
    let resolved = facts.changes_of(case.case_no).find(|known| known.change.kind == ChangeKind::Resolved);
    let told = resolved.map_or(&[][..], |known| known.told.as_slice());
    let words = CaseChanged { case: head_of(&case, facts), is_reopened: true, ..CaseChanged::default() };
    decision.letters = order.to_all(told, &case, &words, facts);
    decision.effects.extend(resolved.map(|known| Effect::TakeBack { change_no: known.change_no }));
    let change = order.change(ChangeKind::Reopened, case.status, Vec::new(), Vec::new());
    decision.effects.push(Effect::KeepChange { case_no: case.case_no, change });
    let happened = clocks::go_on(&mut case, order.found, Vec::new(), order.moment(), facts);
    decision.effects.push(Effect::SaveCase(Box::new(case)));
    decision.effects.push(happened);
    Ok(decision)
}

fn assign(order: &DeskOrder<'_>, name: &str, facts: &Facts<'_>) -> Result<Decision, String> {
    let found = order.found;
    let case_no = found.case.case_no;
    if found.case.status == Status::Merged {
        return Err(format!("{} ended in another case: assign that one", found.case.number));
    }
    let only = handing_over::meant(facts.directory, name)
        .map_err(|(_, names)| format!("\"{name}\" does not point to one expert: there are {names}"))?;
    let is_leaving = |party: &&Party| party.role == PartyRole::Expert && party.person != only.key;
    let left: Vec<Party> = found.parties.iter().filter(is_leaving).cloned().collect();
    let is_on = found.has_expert(&only.key);
    if left.is_empty() && is_on {
        return Err(format!("{} is with {} already", found.case.number, only.name));
    }
    let mut case = found.case.clone();
    if case.status == Status::New {
        case.status = Status::Open;
    }
    case.changed_at = order.now;
    let mut decision = done(case_no, format!("{} is with {}", case.number, only.name));
    for Party { person, role, .. } in &left {
        decision.effects.push(Effect::EndParty { case_no, person: person.clone(), role: *role });
        let words =
            CaseChanged { case: head_of(&case, facts), handed_to: Some(only.name.clone()), ..CaseChanged::default() };
        decision.letters.extend(order.to_expert(person, &case, words, facts));
    }
    let new = Party { person: only.key.clone(), role: PartyRole::Expert, since: order.now };
    let joined = if is_on { Vec::new() } else { vec![new] };
    for Party { person, role, .. } in &joined {
        decision.effects.push(Effect::AddParty { case_no, person: person.clone(), role: *role });
    }
    let with_history = passed_on(found, std::slice::from_ref(&only.key), facts, order.now);
    if with_history.is_empty() {
        let words = CaseChanged { case: head_of(&case, facts), is_handed_back: true, ..CaseChanged::default() };
        decision.letters.extend(order.to_expert(&only.key, &case, words, facts));
    }
    decision.letters.extend(with_history);
    let change = order.change(ChangeKind::Assigned, case.status, joined, left);
    decision.effects.push(Effect::KeepChange { case_no, change });
    decision.effects.push(Effect::SaveCase(Box::new(case)));
    Ok(decision)
}

fn unmerge(order: &DeskOrder<'_>, facts: &Facts<'_>) -> Result<Decision, String> {
    let number = &order.found.case.number;
    let not_merged = || format!("{number} did not end in another case by #merge: there is nothing to part");
    let other = order.other.ok_or_else(not_merged)?;
    let is_meant =
        |change: &Change| change.kind == ChangeKind::Merged && change.before.case_no == order.found.case.case_no;
    let known = facts.changes_of(other.case.case_no).find(|known| is_meant(&known.change)).ok_or_else(not_merged)?;
    let mut parted = merging::parted(&known.change, &other.case);
    (parted.ended.changed_at, parted.other.changed_at) = (order.now, order.now);
    let other_no = parted.other.case_no;
    let mut decision = done(parted.ended.case_no, format!("{number} and {} are two cases", parted.other.number));
    for Party { person, role, .. } in &known.change.joined {
        decision.effects.push(Effect::EndParty { case_no: other_no, person: person.clone(), role: *role });
    }
    decision.effects.push(Effect::TakeBack { change_no: known.change_no });
    let parted_from = Some(number.to_string());
    let words = CaseChanged { case: head_of(&parted.other, facts), parted_from, ..CaseChanged::default() };
    let mut experts: Vec<PersonKey> = order.found.experts().chain(other.experts()).cloned().collect();
    experts.sort();
    experts.dedup();
    decision.letters =
        experts.iter().filter_map(|key| order.to_expert(key, &parted.ended, words.clone(), facts)).collect();
    decision.letters.extend(order.to_client(&known.told, &parted.other, &words, facts));
    let events = merging::parted_events(&known.change, &other.case, &parted.other);
    let events = events.into_iter().map(|what| order.moment().event(what)).collect();
    let happened = [
        merging::came_back(&parted.ended, &known.change, order.moment()),
        clocks::go_on(&mut parted.other, other, events, order.moment(), facts),
    ];
    decision.effects.push(Effect::SaveCase(Box::new(parted.ended)));
    decision.effects.push(Effect::SaveCase(Box::new(parted.other)));
    decision.effects.extend(happened);
    Ok(decision)
}

/// The case goes on under a number of the right client; the old number only leads the desk's people there. Its time
/// moves with it.
fn set_client(order: &DeskOrder<'_>, client: &ClientCode, facts: &Facts<'_>) -> Result<Decision, String> {
    let old = &order.found.case;
    let right = facts.directory.client(client).ok_or_else(|| format!("there is no client {client}"))?;
    if *client == old.client {
        return Err(format!("{} is a case of {client} already", old.number));
    }
    if old.status == Status::Merged {
        return Err(format!("{} ended in another case: move that one", old.number));
    }
    // A case that was moved itself, and may be moved back, has the one that it was before among them.
    if facts.changes_of(old.case_no).any(|known| known.change.kind == ChangeKind::Merged) {
        return Err(format!("other cases ended in {}: part them first with \"casepost case unmerge\"", old.number));
    }
    if facts.directory.contract(client, order.now).is_none() {
        return Err(format!("{client} has no contract at the moment: nobody could bear the time"));
    }
    let mut case = moved(order, client, facts);
    let mut ended = Case {
        status: Status::Merged,
        merged_into: Some(case.case_no),
        changed_at: order.now,
        close_due: None,
        wait_due: None,
        ..old.clone()
    };
    let mut decision = done(case.case_no, format!("{} goes on as {} of {}", old.number, case.number, right.name));
    let experts: Vec<PersonKey> = order.found.experts().cloned().collect();
    let happened = [
        clocks::move_to(&mut case, order.found, order.moment(), facts),
        clocks::go_on(&mut ended, order.found, Vec::new(), order.moment(), facts),
    ];
    decision.effects.push(Effect::OpenCase { case: Box::new(case.clone()), experts: experts.clone() });
    decision.effects.push(Effect::SaveCase(Box::new(ended)));
    decision.effects.extend(happened);
    decision.effects.extend(move_time(order, &case, facts)?);
    let formerly = Some(old.number.to_string());
    let words = CaseChanged { case: head_of(&case, facts), formerly, ..CaseChanged::default() };
    decision.letters = experts.iter().filter_map(|key| order.to_expert(key, &case, words.clone(), facts)).collect();
    if let Some(holding) = client_holding(&case, facts, order.now) {
        let letter = Outgoing::to_human(words, &holding.human, about(&case), facts);
        decision.letters.extend(letter.map(|letter| Outgoing { client: Some(client.clone()), ..letter }));
    }
    // Whoever heard of the case at the wrong client hears that it ended there, and nothing of where it went. Who also
    // speaks for the right client was just told.
    let heard: Vec<Told> =
        order.told.iter().map(|told| Told { notice: "case-changed".into(), ..told.clone() }).collect();
    let told_now: Vec<PersonKey> = decision.letters.iter().filter_map(|letter| letter.person.clone()).collect();
    let words = CaseChanged { case: head_of(old, facts), is_mistake: true, ..CaseChanged::default() };
    let mistaken = order.to_client(&heard, old, &words, facts).into_iter();
    let mistaken = mistaken.filter(|letter| letter.person.as_ref().is_none_or(|person| !told_now.contains(person)));
    decision.letters.extend(mistaken.map(|letter| Outgoing { about: About::Nothing, ..letter }));
    Ok(decision)
}

/// The case as it goes on with the right client: its own number, coordinator and promise, the same start.
fn moved(order: &DeskOrder<'_>, client: &ClientCode, facts: &Facts<'_>) -> Case {
    let old = &order.found.case;
    let year = facts.desk.time_zone.to_datetime(old.opened_at).date().year();
    let counter = facts.next.counter(client.as_str(), year);
    let coordinators = facts.directory.coordinators(client, order.now);
    let coordinator = coordinators.iter().find(|holding| Some(holding.human.key) == old.coordinator.as_ref());
    let coordinator = coordinator.or(coordinators.first()).map(|holding| holding.human.key.clone());
    // The thread in the mail program of somebody else's client is nothing that the right one's could stand in.
    let is_same_person = coordinator.is_some() && coordinator == old.coordinator;
    Case {
        case_no: facts.next.case_no,
        number: CaseNumber { client: client.clone(), year, counter },
        client: client.clone(),
        changed_at: order.now,
        last_client_message_id: old.last_client_message_id.clone().filter(|_| is_same_person),
        last_client_cc: Vec::new(),
        merged_into: None,
        merged_from: vec![old.case_no],
        refers_to: None,
        coordinator,
        ..old.clone()
    }
}

/// What was booked on the case: given back to the old client by entries, booked anew for the right one.
fn move_time(order: &DeskOrder<'_>, case: &Case, facts: &Facts<'_>) -> Result<Vec<Effect>, String> {
    let old = &order.found.case;
    let (from, to) = (account(&old.client, facts), account(&case.client, facts));
    let charges = from.charges().iter().filter(|charge| charge.case.as_ref() == Some(&old.number));
    let charges: Vec<_> = charges.filter(|charge| charge.real_minutes > 0).collect();
    let mut by_expert: BTreeMap<PersonKey, i64> = BTreeMap::new();
    for charge in &charges {
        *by_expert.entry(charge.key.expert.clone()).or_default() += charge.real_minutes;
    }
    let tariff_of = |client| facts.directory.contract_or_last(client, order.now).map(tariff).unwrap_or_default();
    let day = today(&old.client, facts, order.now);
    let (mut left, mut given_back) = (from.clone(), Vec::new());
    for (expert, minutes) in by_expert {
        let asked = DeskCorrection {
            expert: Some(expert),
            case: old.number.clone(),
            minutes,
            reason: format!("{}: {}", case.number, order.reason),
        };
        let entries = strip_card::correct_by_desk(&left, &asked, tariff_of(&old.client), day)
            .map_err(|refusal| format!("the time on {} can't be given back: {refusal}", old.number))?;
        left.extend(&entries);
        given_back.extend(entries);
    }
    let contract = facts.directory.contract(&case.client, order.now);
    let day = today(&case.client, facts, order.now);
    let (mut booked, mut entries) = (to, Vec::new());
    for (place, charge) in charges.iter().enumerate() {
        // The tag booked with the old client once and for all; with the right one the move is what books.
        let ordinal = u32::try_from(place + 1).unwrap_or(u32::MAX);
        let key = BookingKey { expert: charge.key.expert.clone(), message_id: order.cause.to_owned(), ordinal };
        let asked = Booking {
            key,
            case: case.number.clone(),
            work_date: charge.work_date,
            minutes: charge.real_minutes,
            text: format!("{}: {}", old.number, order.reason),
            charge_to: contract.map_or(strip_card::ChargeTo::Contract, |contract| charge_to(contract, case.kind)),
        };
        // The desk moves old work too, which nobody may book by mail any more.
        let latest = charge.work_date.saturating_add(jiff::Span::new().days(WORK_DATE_DAYS));
        let new = strip_card::book(&booked, &asked, tariff_of(&case.client), day.min(latest).max(charge.work_date))
            .map_err(|refusal| format!("the time on {} can't be booked for {}: {refusal}", old.number, case.client))?;
        booked.extend(&new);
        entries.extend(new);
    }
    let book = |client: &ClientCode, case_no, entries: Vec<_>| Effect::Book {
        client: client.clone(),
        case_no,
        key: format!("{}/{client}", order.cause),
        entries,
    };
    let both = [book(&old.client, old.case_no, given_back), book(&case.client, case.case_no, entries)];
    Ok(both
        .into_iter()
        .filter(|effect| !matches!(effect, Effect::Book { entries, .. } if entries.is_empty()))
        .collect())
}

fn account(client: &ClientCode, facts: &Facts<'_>) -> Account {
    facts.accounts.get(client).map(|account| (**account).clone()).unwrap_or_default()
}
