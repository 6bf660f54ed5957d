//! What the rules say must come of a script, computed with nothing of casepost but the dates of the calendar.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Desk;
use super::clients::{Client, Promises, Span};
use super::hours::OpenTime;
use super::script::{Event, Script, Step};

/// Which promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// The first answer.
    Response,
    /// The answer to a later mail.
    NextResponse,
    /// The end of the case.
    Resolution,
}

/// One run of a clock of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The case, by its place in the script.
    pub case: usize,
    /// Which promise.
    pub clock: Clock,
    /// From 1.
    pub generation: i64,
    /// When it was broken.
    pub missed_at: Option<Timestamp>,
    /// When half, four fifths and the end are told, as far as they come before it is kept: when the desk works.
    pub told: [Option<Timestamp>; 3],
    /// When it is due; none while the case waits.
    pub due: Option<Timestamp>,
    /// When it was kept.
    pub met_at: Option<Timestamp>,
}

/// Where a matter stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody asked yet.
    Unknown,
    /// A request that waits for the coordinator since then.
    Held(Timestamp),
    /// A request that the coordinator did not want.
    Rejected,
    /// An open case.
    Open,
    /// An open case that waits for the client since then.
    Waits(Timestamp),
    /// Resolved then, and not opened again.
    Resolved(Timestamp),
}

/// What must come of a script.
#[derive(Debug, Default)]
pub struct Expected {
    /// All runs of all clocks.
    pub runs: Vec<Run>,
    /// What happened to each matter, in order.
    pub lives: Vec<Vec<Event>>,
    /// By client, in order.
    pub booked: BTreeMap<usize, Vec<Booked>>,
}

/// One booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// When its mail was received.
    pub at: Timestamp,
    /// The case, by its place in the script.
    pub case: usize,
    /// As worked.
    pub real: i64,
    /// As charged where a card pays: whole strips of a quarter of an hour.
    pub charged: i64,
}

/// A promise that runs: what it allows and what is used of it.
struct Running {
    clock: Clock,
    generation: i64,
    allowed: i64,
    used: i64,
    /// Since when it runs; none while the case waits.
    since: Option<Timestamp>,
    missed_at: Option<Timestamp>,
    told: [Option<Timestamp>; 3],
    /// Used before it was opened again: what has to be told of that as soon as the desk works.
    used_before: Option<usize>,
}

impl Running {
    fn new(clock: Clock, generation: i64, span: Span, at: Timestamp, time: &OpenTime) -> Self {
        let allowed = match span {
            Span::Hours(hours) => hours * 3600,
            Span::Days(days) => time.elapsed(at, time.end_of_working_day(at, days)),
        };
        Self {
            clock,
            generation,
            allowed,
            used: 0,
            since: Some(at),
            missed_at: None,
            told: [None; 3],
            used_before: None,
        }
    }

    fn thresholds(&self) -> [i64; 3] {
        [self.allowed / 2, self.allowed / 5 * 4, self.allowed]
    }

    /// Runs until that moment and stops.
    fn stop(&mut self, at: Timestamp, time: &OpenTime) {
        let Some(since) = self.since.take() else { return };
        let until = self.used + time.elapsed(since, at);
        if let Some(place) = self.used_before {
            let opening = time.opening(since);
            if opening < at {
                self.told[place] = Some(opening);
                self.used_before = None;
            }
        }
        for (place, threshold) in self.thresholds().into_iter().enumerate() {
            if threshold <= self.used || threshold > until {
                continue;
            }
            let moment = time.due(since, threshold - self.used);
            let opening = time.opening(moment);
            if place == 2 && moment < at {
                (self.missed_at, self.told[place]) = (Some(moment), Some(opening));
            } else if place < 2 && opening < at {
                self.told[place] = Some(opening);
            }
        }
        self.used = until;
    }

    fn end(mut self, case: usize, met_at: Option<Timestamp>, until: Timestamp, time: &OpenTime) -> Run {
        let running = self.since;
        let used = self.used;
        self.stop(met_at.unwrap_or(until), time);
        let due = match running {
            Some(since) if self.allowed > used => Some(time.due(since, self.allowed - used)),
            _ => self.missed_at,
        };
        let Self { clock, generation, missed_at, told, .. } = self;
        Run { case, clock, generation, missed_at, told, due, met_at }
    }

    /// The same clock after the case was opened again: it goes on with what was used. A promise that was broken before
    /// is not made again.
    fn again(&self, at: Timestamp) -> Option<Self> {
        let Self { clock, generation, allowed, used, .. } = *self;
        let used_before = (0..2).rev().find(|place| self.thresholds()[*place] <= used);
        let (generation, since) = (generation + 1, Some(at));
        let goes_on = Self { clock, generation, allowed, used, since, missed_at: None, told: [None; 3], used_before };
        (used < allowed).then_some(goes_on)
    }
}

impl Expected {
    /// What must have come of the script by the end.
    pub fn of(script: &Script, clients: &[Client], times: &[OpenTime], end: Timestamp) -> Self {
        let mut expected = Self::default();
        for (case, place) in script.cases.iter().enumerate() {
            let client = &clients[*place];
            let events: Vec<Event> = script.events.iter().filter(|event| event.case == case).copied().collect();
            expected.clocks(case, &events, client, &times[client.hours as usize], end);
            expected.lives.push(events);
        }
        for event in &script.events {
            if let Step::Answers(minutes) | Step::Resolves(minutes) | Step::Notes(minutes) | Step::Mends(minutes) =
                event.step
            {
                let charged = (minutes + 14) / 15 * 15;
                let booked = Booked { at: event.at, case: event.case, real: minutes, charged };
                expected.booked.entry(script.cases[event.case]).or_default().push(booked);
            }
        }
        expected
    }

    /// The runs of a case's clocks as they stood at a moment, counted anew from what had happened by then.
    pub fn runs_at(&self, case: usize, desk: &Desk<'_>, at: Timestamp) -> Vec<Run> {
        let client = desk.client_of(case);
        let until: Vec<Event> = self.lives[case].iter().take_while(|event| event.at <= at).copied().collect();
        let mut then = Self::default();
        then.clocks(case, &until, client, desk.time_of(client), at);
        then.runs
    }

    /// Since when a mail of the expert waits for its mend at a moment.
    pub fn parked_since(&self, case: usize, at: Timestamp) -> Option<Timestamp> {
        self.lives[case].iter().take_while(|event| event.at <= at).fold(None, |before, event| match event.step {
            Step::Parks => Some(event.at),
            Step::Mends(_) => None,
            _ => before,
        })
    }

    /// When a case began; never for a request that did not become one.
    pub fn opened(&self, case: usize) -> Option<Timestamp> {
        self.lives[case].iter().find(|event| matches!(event.step, Step::Asks | Step::Approves)).map(|event| event.at)
    }

    /// When a matter came to the desk.
    pub fn asked(&self, case: usize) -> Timestamp {
        self.lives[case][0].at
    }

    /// Where a matter stands at a moment, as far as mails tell.
    pub fn standing(&self, case: usize, at: Timestamp) -> Standing {
        let until = self.lives[case].iter().take_while(|event| event.at <= at);
        until.fold(Standing::Unknown, |before, event| match event.step {
            Step::Asks | Step::Approves | Step::Writes => Standing::Open,
            Step::Requests => Standing::Held(event.at),
            Step::Rejects => Standing::Rejected,
            Step::AnswersAndWaits => Standing::Waits(event.at),
            Step::Resolves(_) => Standing::Resolved(event.at),
            Step::Answers(_) | Step::Notes(_) | Step::Parks | Step::Mends(_) => before,
        })
    }

    /// All runs of a case, from its beginning to the end that is given.
    fn clocks(&mut self, case: usize, events: &[Event], client: &Client, time: &OpenTime, end: Timestamp) {
        let begins = events.iter().position(|event| matches!(event.step, Step::Asks | Step::Approves));
        if let (Some(promises), Some(begins)) = (&client.promises, begins) {
            self.responses(case, &events[begins..], promises, time, end);
            self.resolution(case, &events[begins..], promises, time, end);
        }
    }

    fn responses(&mut self, case: usize, events: &[Event], promises: &Promises, time: &OpenTime, end: Timestamp) {
        let mut open = Some(Running::new(Clock::Response, 1, promises.first, events[0].at, time));
        let mut count = 1;
        for event in &events[1..] {
            match event.step {
                Step::Answers(_) | Step::AnswersAndWaits | Step::Resolves(_) | Step::Mends(_) => {
                    let kept = open.take().map(|running| running.end(case, Some(event.at), end, time));
                    self.runs.extend(kept);
                }
                // Later mails do not move what the oldest one waits for.
                Step::Writes if open.is_none() => {
                    open = promises.next.map(|span| Running::new(Clock::NextResponse, count, span, event.at, time));
                    count += i64::from(open.is_some());
                }
                _ => {}
            }
        }
        self.runs.extend(open.map(|running| running.end(case, None, end, time)));
    }

    fn resolution(&mut self, case: usize, events: &[Event], promises: &Promises, time: &OpenTime, end: Timestamp) {
        let Some(span) = promises.resolution else { return };
        let mut open = Some(Running::new(Clock::Resolution, 1, span, events[0].at, time));
        let mut before = None;
        for event in &events[1..] {
            match event.step {
                Step::AnswersAndWaits if promises.pauses => {
                    if let Some(running) = &mut open {
                        running.stop(event.at, time);
                    }
                }
                Step::Writes => match (&mut open, before.take()) {
                    (Some(running), _) => running.since = running.since.or(Some(event.at)),
                    (None, Some(running)) => open = Running::again(&running, event.at),
                    (None, None) => {}
                },
                Step::Resolves(_) => {
                    if let Some(mut running) = open.take() {
                        let met_at = Some(event.at);
                        running.stop(event.at, time);
                        let Running { clock, generation, missed_at, told, .. } = running;
                        self.runs.push(Run { case, clock, generation, missed_at, told, due: missed_at, met_at });
                        before = Some(running);
                    }
                }
                _ => {}
            }
        }
        self.runs.extend(open.map(|running| running.end(case, None, end, time)));
    }
}
