//! What waits for a person who says nothing: who is reminded of it, when, and in which one letter of the day.
//!
//! A held request is told to the coordinator again after 2 working days, to their deputy after 5 (without one to the
//! coordinator once more and to the duty manager), and ends after 20. A parked mail is told to its expert again after 2
//! service hours. A case that waits for the client, and not just until a date, is told to the coordinator after 5 working
//! days and then every 5. The end of a request is no reminder: it is told at once, also to whom a reminder went that day,
//! each in a letter that belongs to its request. Working days are those of the client's service calendar and end at closing time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::calendar::ServiceCalendar;
use crate::domain::case::{Case, Party, PartyRole, RequestReference};
use crate::domain::directory::{Directory, Holding};
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::notice::{ApprovalRequest, Reminder, RequestHead, Writer};
use crate::domain::promise;

use super::expert::{ParkedWords, parked_reminder};
use super::outgoing::{About, Carried, Outgoing, about, client_holding, head_of};
use super::{Facts, RequestFacts, Role, reminder_words};

/// So much service time a parked mail may wait until its expert hears of it once more.
const PARKED_PATIENCE: Duration = Duration::from_secs(2 * 60 * 60);
/// After so many working days the coordinator hears of a held request once more.
const TO_COORDINATOR_DAYS: u32 = 2;
/// After so many the deputy does.
const TO_DEPUTY_DAYS: u32 = 5;
/// After so many it ends.
const ENDS_AFTER_DAYS: u32 = 20;
/// A request that was told late, after a standstill, still waits so many working days for a decision.
const LAST_CHANCE_DAYS: u32 = 1;
/// After so many working days, and every so many from then on, a case that waits for its client is told.
const CASE_DAYS: u32 = 5;
/// Calendars and contracts may change while something waits: no later than this it is looked at again.
const LONGEST_LOOK: SignedDuration = SignedDuration::from_hours(24);

/// The reminders of a request, in their order.
const COORDINATOR: i64 = 1;
const DEPUTY: i64 = 2;
const MANAGER: i64 = 3;

/// How long something waits, and what was told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// Since when it waits.
    pub since: Timestamp,
    /// How many reminders were told.
    pub stage: i64,
    /// When the last one was told.
    pub told_at: Option<Timestamp>,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// The client whose calendar counts.
    pub client: ClientCode,
    /// How long, and what was told.
    pub waited: Waited,
    /// What it is.
    pub matter: Matter,
}

/// What waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Matter {
    /// A reporter's request, for the coordinator's decision.
    Request(Box<RequestFacts>),
    /// An expert's mail, for a mend.
    Parked(Box<ParkedMatter>),
    /// A case, for the client's answer.
    Case(Box<CaseMatter>),
}

/// An expert's mail that waits for a mend.
#[derive(Debug, Clone, PartialEq)]
pub struct ParkedMatter {
    /// Its number among all mails.
    pub message_no: i64,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Who wrote it.
    pub person: PersonKey,
    /// The case that it belongs to.
    pub case: Case,
    /// Who takes part in that case.
    pub parties: Vec<Party>,
    /// What the reminder repeats of it.
    pub words: ParkedWords,
}

/// A case that waits for the client's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseMatter {
    /// The case.
    pub case: Case,
    /// Who of the desk wrote to the client last.
    pub expert: Option<String>,
    /// What they wrote, without tags.
    pub asked: Option<String>,
}

/// What becomes of something that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing before this moment.
    NotBefore(Timestamp),
    /// A reminder is due; the stage that it reaches.
    Remind(i64),
    /// The request ends undecided.
    End,
}

/// The end of the n-th working day after a moment. Without a calendar (the client has no contract any more) days are
/// plain ones.
fn after_days(calendar: Option<&ServiceCalendar>, from: Timestamp, days: u32) -> Timestamp {
    match calendar {
        Some(calendar) => calendar.add_working_days(from, days),
        None => from.checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX),
    }
}

/// When a request that waits so long ends, if nobody decides. Whoever is reminded late, because casepost stood still,
/// keeps a working day.
fn ends_at(waited: Waited, calendar: Option<&ServiceCalendar>) -> Timestamp {
    let end = after_days(calendar, waited.since, ENDS_AFTER_DAYS);
    waited.told_at.map_or(end, |told_at| end.max(after_days(calendar, told_at, LAST_CHANCE_DAYS)))
}

/// What is due of a held request at a moment up to which everything is known. Nobody's request ends before somebody was
/// reminded of it.
fn step_of_request(waited: Waited, has_deputy: bool, calendar: Option<&ServiceCalendar>, until: Timestamp) -> Step {
    let due = |days| after_days(calendar, waited.since, days);
    let is_late = due(TO_DEPUTY_DAYS) <= until;
    match waited.stage {
        // After a standstill: without a deputy both reminders would go to the coordinator.
        ..COORDINATOR if is_late && !has_deputy => Step::Remind(DEPUTY),
        ..COORDINATOR if due(TO_COORDINATOR_DAYS) <= until => Step::Remind(COORDINATOR),
        ..COORDINATOR => Step::NotBefore(due(TO_COORDINATOR_DAYS)),
        COORDINATOR if is_late => Step::Remind(DEPUTY),
        COORDINATOR => Step::NotBefore(due(TO_DEPUTY_DAYS)),
        DEPUTY if !has_deputy => Step::Remind(MANAGER),
        _ if ends_at(waited, calendar) <= until => Step::End,
        _ => Step::NotBefore(ends_at(waited, calendar)),
    }
}

/// What is due of a case that waits for its client: every so many working days, counted anew from each reminder.
fn step_of_case(waited: Waited, calendar: Option<&ServiceCalendar>, until: Timestamp) -> Step {
    let from = waited.told_at.map_or(waited.since, |told_at| told_at.max(waited.since));
    match after_days(calendar, from, CASE_DAYS) {
        due if due <= until => Step::Remind(waited.stage + 1),
        due => Step::NotBefore(due),
    }
}

fn step_of_parked(waited: Waited, calendar: Option<&ServiceCalendar>, until: Timestamp) -> Step {
    let due = calendar.map_or(waited.since, |calendar| calendar.due(waited.since, PARKED_PATIENCE));
    if due <= until { Step::Remind(waited.stage + 1) } else { Step::NotBefore(due) }
}

/// The deputy of who is asked first; without a coordinator there is nobody to stand in for.
fn deputy_of<'a>(coordinators: &[Holding<'a>]) -> Option<Holding<'a>> {
    let first = coordinators.first()?;
    coordinators.iter().copied().find(|holding| holding.is_deputy && holding.human.key != first.human.key)
}

impl Silence {
    fn calendar<'a>(&self, directory: &'a Directory, at: Timestamp) -> Option<&'a ServiceCalendar> {
        promise::calendar_of(directory, &self.client, at)
    }

    /// What is due of it. `until` is the moment up to which every mail is known, `now` the present: nothing is told or
    /// ended outside of the client's service hours.
    #[must_use]
    pub fn step(&self, directory: &Directory, until: Timestamp, now: Timestamp) -> Step {
        let calendar = self.calendar(directory, until);
        let step = match &self.matter {
            Matter::Request(_) => {
                let coordinators = directory.coordinators(&self.client, now);
                let has_deputy = coordinators.is_empty() || deputy_of(&coordinators).is_some();
                step_of_request(self.waited, has_deputy, calendar, until)
            }
            Matter::Parked(_) => step_of_parked(self.waited, calendar, until),
            Matter::Case(_) => step_of_case(self.waited, calendar, until),
        };
        match step {
            Step::End if !self.is_open(directory, now) => Step::NotBefore(self.next_opening(directory, now)),
            step => step,
        }
    }

    /// Whether the desk works for this client now.
    #[must_use]
    pub fn is_open(&self, directory: &Directory, now: Timestamp) -> bool {
        self.calendar(directory, now).is_none_or(|calendar| calendar.is_open(now))
    }

    /// When the desk works for this client from a moment on.
    #[must_use]
    pub fn next_opening(&self, directory: &Directory, from: Timestamp) -> Timestamp {
        self.calendar(directory, from).and_then(|calendar| calendar.next_opening(from)).unwrap_or(from)
    }

    /// When it is to be looked at next: at `due`, and within a day in any event.
    #[must_use]
    pub fn look_due(due: Timestamp, until: Timestamp) -> Timestamp {
        until.checked_add(LONGEST_LOOK).map_or(due, |latest| due.min(latest))
    }

    /// Who is reminded at that stage, as they hold their positions now. Nobody: the expert left the case or the desk, or
    /// neither the client nor the desk has anybody to tell.
    #[must_use]
    pub fn reader(&self, stage: i64, facts: &Facts<'_>, now: Timestamp) -> Option<PersonKey> {
        let manager = || facts.directory.duty_manager(now).map(|human| human.key.clone());
        let coordinators = facts.directory.coordinators(&self.client, now);
        let first = coordinators.first().copied();
        match &self.matter {
            Matter::Request(_) => {
                let asked = match stage {
                    MANAGER => None,
                    DEPUTY => deputy_of(&coordinators).or(first),
                    _ => first,
                };
                asked.map(|holding| holding.human.key.clone()).or_else(manager)
            }
            Matter::Parked(parked) => {
                let is_on = |party: &Party| party.role == PartyRole::Expert && party.person == parked.person;
                let is_here = facts.directory.expert(&parked.person).is_some();
                (is_here && parked.parties.iter().any(is_on)).then(|| parked.person.clone())
            }
            Matter::Case(waiting) => client_holding(&waiting.case, facts, now).map(|holding| holding.human.key.clone()),
        }
    }
}

/// Something that is due to be told to a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Telling {
    /// To whom.
    pub reader: PersonKey,
    /// The stage that it reaches.
    pub stage: i64,
    /// What waits.
    pub silence: Silence,
}

impl Telling {
    /// When the request ends if nobody decides, once this was told.
    pub(super) fn ends_at(&self, directory: &Directory, now: Timestamp) -> Timestamp {
        let waited = Waited { told_at: Some(now), ..self.silence.waited };
        ends_at(waited, self.silence.calendar(directory, now))
    }

    /// The position by which the reader may decide on a request of the client; none for the duty manager.
    pub(super) fn holding<'a>(&self, facts: &'a Facts<'_>, now: Timestamp) -> Option<Holding<'a>> {
        let coordinators = facts.directory.coordinators(&self.silence.client, now);
        coordinators.into_iter().find(|holding| *holding.human.key == self.reader)
    }

    /// The coordinator in whose place the reader is asked.
    pub(super) fn instead_of(&self, facts: &Facts<'_>, now: Timestamp) -> Option<String> {
        let first = facts.directory.coordinators(&self.silence.client, now).into_iter().next()?;
        (*first.human.key != self.reader).then(|| first.human.name.to_owned())
    }
}

/// The one letter to a person about all that is due for them. A matter that stands alone goes as the letter that was
/// written about it before, so that a plain reply is answer enough; of several each has its own way to be answered.
#[must_use]
pub fn letter(tellings: &[Telling], facts: &Facts<'_>, now: Timestamp) -> Option<Outgoing> {
    let first = tellings.first()?;
    let human = facts.directory.human(&first.reader)?;
    let client = tellings.iter().all(|one| one.silence.client == first.silence.client);
    let client = client.then(|| first.silence.client.clone());
    let bundle = |words: Reminder, about: About| {
        let letter = Outgoing::of_desk(words, &human, about, facts.directory, facts.desk)?;
        Some(Outgoing { client: client.clone(), ..letter })
    };
    match (&first.silence.matter, tellings) {
        (Matter::Request(request), [telling]) if telling.holding(facts, now).is_some() => {
            asked_again(request, telling, facts, now)
        }
        (Matter::Parked(parked), [_]) => {
            let ParkedMatter { case, parties, person, fingerprint, words, .. } = parked.as_ref();
            parked_reminder(case, parties, person, fingerprint, words.clone(), facts)
        }
        (Matter::Case(waiting), [telling]) => {
            let case = Some(head_of(&waiting.case, facts));
            bundle(
                Reminder { case, ..reminder_words::of(std::slice::from_ref(telling), facts, now) },
                about(&waiting.case),
            )
        }
        _ => bundle(reminder_words::of(tellings, facts, now), About::Nothing),
    }
}

/// The question to the coordinator once more, with the reporter's files.
fn asked_again(request: &RequestFacts, telling: &Telling, facts: &Facts<'_>, now: Timestamp) -> Option<Outgoing> {
    let human = facts.directory.human(&telling.reader)?;
    let words = ApprovalRequest {
        request: request_head(request, facts),
        reporter: Writer {
            name: request.reporter.display().to_owned(),
            address: request.reporter.address.clone(),
            role: Role::Reporter.as_str().to_owned(),
        },
        text: request.text.clone(),
        attachments: Vec::new(),
        is_reminder: true,
        instead_of: telling.instead_of(facts, now),
        decision_due: Some(telling.ends_at(facts.directory, now)),
    };
    let reference = RequestReference(u32::try_from(request.request_no).unwrap_or(u32::MAX));
    let letter = Outgoing::of_desk(words, &human, About::Request(reference), facts.directory, facts.desk)?;
    let carried = Carried::OfMail(request.fingerprint.clone());
    Some(Outgoing { carried, client: Some(request.client.clone()), ..letter })
}

/// What every letter on a request shows.
pub(super) fn request_head(request: &RequestFacts, facts: &Facts<'_>) -> RequestHead {
    RequestHead {
        reference: format!("R-{}", request.request_no),
        subject: request.subject.clone(),
        client_name: facts.directory.client(&request.client).map_or_else(String::new, |c| c.name.clone()),
        received_at: request.received_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::CalendarDeclaration;
    use proptest::prelude::*;

    const OFFICE: &str = "key = \"office\"\ntime_zone = \"Europe/Amsterdam\"\nholidays = \"nl\"\n[hours]\n\
        mon = [\"09:00-17:00\"]\ntue = [\"09:00-17:00\"]\nwed = [\"09:00-17:00\"]\nthu = [\"09:00-17:00\"]\n\
        fri = [\"09:00-17:00\"]";

    fn office() -> ServiceCalendar {
        ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(OFFICE).unwrap()).unwrap()
    }

    fn at(moment: &str) -> Timestamp {
        moment.parse().unwrap()
    }

    /// Held on Tuesday 21 April at 10:00; King's Day is Monday the 27th, Ascension Day Thursday 14 May.
    fn waited(stage: i64, told_at: Option<&str>) -> Waited {
        Waited { since: at("2026-04-21T08:00:00Z"), stage, told_at: told_at.map(at) }
    }

    fn check(stage: i64, told_at: Option<&str>, has_deputy: bool, until: &str, expected: Step) {
        let step = step_of_request(waited(stage, told_at), has_deputy, Some(&office()), at(until));
        assert_eq!(step, expected, "stage {stage} told {told_at:?} at {until}");
    }

    #[test]
    fn a_request_is_told_after_two_and_five_working_days_and_ends_after_twenty() {
        let not_before = |moment| Step::NotBefore(at(moment));
        check(0, None, true, "2026-04-21T08:00:00Z", not_before("2026-04-23T15:00:00Z"));
        check(0, None, true, "2026-04-23T14:59:59Z", not_before("2026-04-23T15:00:00Z"));
        check(0, None, true, "2026-04-23T15:00:00Z", Step::Remind(COORDINATOR));
        let told = Some("2026-04-24T07:00:00Z");
        check(1, told, true, "2026-04-24T07:00:00Z", not_before("2026-04-29T15:00:00Z"));
        check(1, told, true, "2026-04-29T15:00:00Z", Step::Remind(DEPUTY));
        check(1, told, false, "2026-04-29T15:00:00Z", Step::Remind(DEPUTY));
        let told = Some("2026-04-30T07:00:00Z");
        check(2, told, true, "2026-04-30T07:00:00Z", not_before("2026-05-21T15:00:00Z"));
        check(2, told, false, "2026-04-30T07:00:00Z", Step::Remind(MANAGER));
        check(3, told, false, "2026-04-30T07:00:00Z", not_before("2026-05-21T15:00:00Z"));
        check(2, told, true, "2026-05-21T14:59:59Z", not_before("2026-05-21T15:00:00Z"));
        check(2, told, true, "2026-05-21T15:00:00Z", Step::End);
        check(3, told, false, "2026-05-21T15:00:00Z", Step::End);
        // A deputy who came later needs no further letter, and one who left makes none but the manager's.
        check(3, told, true, "2026-05-01T07:00:00Z", not_before("2026-05-21T15:00:00Z"));
    }

    #[test]
    fn after_a_standstill_each_is_told_and_keeps_a_day() {
        check(0, None, true, "2026-06-08T07:00:00Z", Step::Remind(COORDINATOR));
        check(0, None, false, "2026-06-08T07:00:00Z", Step::Remind(DEPUTY));
        let told = Some("2026-06-08T07:00:00Z");
        check(1, told, true, "2026-06-08T07:00:00Z", Step::Remind(DEPUTY));
        check(2, told, true, "2026-06-08T07:01:00Z", Step::NotBefore(at("2026-06-09T15:00:00Z")));
        check(2, told, true, "2026-06-09T15:00:00Z", Step::End);
    }

    #[test]
    fn a_waiting_case_is_told_every_five_working_days_from_the_last_time() {
        let check = |told_at: Option<&str>, until: &str, expected: Step| {
            assert_eq!(step_of_case(waited(0, told_at), Some(&office()), at(until)), expected, "{told_at:?} {until}");
        };
        check(None, "2026-04-29T14:00:00Z", Step::NotBefore(at("2026-04-29T15:00:00Z")));
        check(None, "2026-04-29T15:00:00Z", Step::Remind(1));
        check(Some("2026-04-30T07:00:00Z"), "2026-04-30T07:00:00Z", Step::NotBefore(at("2026-05-07T15:00:00Z")));
        // What was told of an earlier wait does not count.
        check(Some("2026-03-02T08:00:00Z"), "2026-04-29T14:00:00Z", Step::NotBefore(at("2026-04-29T15:00:00Z")));
    }

    #[test]
    fn a_parked_mail_is_told_after_two_service_hours() {
        let check = |until: &str, expected: Step| {
            let waited = Waited { since: at("2026-04-24T14:00:00Z"), stage: 0, told_at: None };
            assert_eq!(step_of_parked(waited, Some(&office()), at(until)), expected, "{until}");
        };
        check("2026-04-24T15:00:00Z", Step::NotBefore(at("2026-04-28T08:00:00Z")));
        check("2026-04-28T08:00:00Z", Step::Remind(1));
    }

    #[test]
    fn without_a_contract_days_are_plain_ones() {
        let step = |until: &str| step_of_request(waited(0, None), true, None, at(until));
        assert_eq!(step("2026-04-23T07:59:59Z"), Step::NotBefore(at("2026-04-23T08:00:00Z")));
        assert_eq!(step("2026-04-23T08:00:00Z"), Step::Remind(COORDINATOR));
    }

    proptest! {
        /// However irregularly the clock ticks and deputies come and go: each stage is told once and in its order, none
        /// before its time, and the request ends, after somebody was reminded.
        #[test]
        fn each_stage_comes_once_and_in_order(
            start in 1_767_225_600_i64..1_798_761_600,
            ticks in proptest::collection::vec((60_i64..700_000, any::<bool>()), 120),
        ) {
            let office = office();
            let since = Timestamp::from_second(start).unwrap();
            let mut waited = Waited { since, stage: 0, told_at: None };
            let mut now = since;
            let mut has_ended = false;
            for (seconds, has_deputy) in ticks {
                now += SignedDuration::from_secs(seconds);
                match step_of_request(waited, has_deputy, Some(&office), now) {
                    Step::NotBefore(later) => prop_assert!(later > now),
                    Step::Remind(stage) => {
                        prop_assert!(stage > waited.stage && stage <= MANAGER);
                        let days = if stage == COORDINATOR { TO_COORDINATOR_DAYS } else { TO_DEPUTY_DAYS };
                        prop_assert!(now >= office.add_working_days(since, days));
                        waited = Waited { stage, told_at: Some(now), ..waited };
                    }
                    Step::End => {
                        prop_assert!(waited.stage >= DEPUTY);
                        prop_assert!(now >= office.add_working_days(since, ENDS_AFTER_DAYS));
                        prop_assert!(now >= office.add_working_days(waited.told_at.unwrap(), LAST_CHANCE_DAYS));
                        has_ended = true;
                        break;
                    }
                }
            }
            prop_assert!(has_ended || now < office.add_working_days(since, 80));
        }
    }
}
