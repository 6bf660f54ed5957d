//! From what happened to the runs of the clocks: a fold over the events in the order of their moments.
//!
//! What is fixed here beside the rules of a contract:
//! - The first response stands for every mail of the client before it; the clock of the next response begins with the
//!   first mail after an answer.
//! - A case that an expert opened after a call owes no first response: somebody just spoke to the client.
//! - `#resolved` ends the clock of the next response without an answer, because nothing is left to answer; the first
//!   response is owed until somebody writes to the client or the case is closed or merged.
//! - What was met or missed stays so when the priority changes later. A promise that was missed before a case was
//!   resolved is not promised again when it is reopened.

use jiff::Timestamp;

use super::event::{ClockEvent, Judged, Opener, Standing, Telling, What};
use super::run::{Clock, Run};
use super::terms::{Terms, TermsAt};
use super::{Deadline, Pause, telling};
use crate::domain::case::Priority;
use crate::domain::change::ChangeKind;

/// What the events of one case come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// The runs of its clocks in the order in which they started.
    pub runs: Vec<Run>,
    /// The priority by which each of them was counted last, in the same places.
    pub priorities: Vec<Priority>,
    /// The stretches in which the resolution clock stood still: waiting, and resolved until it was reopened.
    pub stops: Vec<Pause>,
    /// How it stands with the client; nothing before it was opened.
    pub standing: Option<Standing>,
    /// Its priority.
    pub priority: Option<Priority>,
    /// What was told about which run.
    pub told: Vec<(Clock, i64, Telling)>,
}

impl Count {
    /// The run of a clock that is neither met nor ended.
    #[must_use]
    pub fn running(&self, clock: Clock) -> Option<&Run> {
        self.runs.iter().rev().find(|run| run.clock == clock && run.is_running())
    }

    /// How the runs stand, to be kept when the terms change.
    #[must_use]
    pub fn judged(&self) -> Vec<Judged> {
        let judged =
            |run: &Run| Judged { clock: run.clock, generation: run.generation, due: run.due, missed_at: run.missed_at };
        self.runs.iter().map(judged).collect()
    }

    /// By when the client is to hear from a person of the desk: the first response, or the answer to their oldest
    /// unanswered mail.
    #[must_use]
    pub fn response_due(&self) -> Option<Timestamp> {
        let first = self.running(Clock::FirstResponse);
        first.or_else(|| self.running(Clock::NextResponse)).and_then(|run| run.due)
    }

    /// By when the case is to be resolved; nothing while it waits or is resolved.
    #[must_use]
    pub fn resolution_due(&self) -> Option<Timestamp> {
        self.running(Clock::Resolution).and_then(|run| run.due)
    }
}

/// Counts the clocks of a case. The events stand in the order in which they were written down; their own moments count.
#[must_use]
pub fn count(events: &[ClockEvent], terms_at: &TermsAt<'_>) -> Count {
    let mut valid: Vec<&ClockEvent> =
        (0..events.len()).filter(|place| !is_undone(events, *place)).map(|place| &events[place]).collect();
    valid.sort_by_key(|event| event.at);
    let mut counting = Counting::new(terms_at);
    for event in valid {
        counting.take(event);
    }
    counting.finish()
}

/// Whether an event was taken back later: as if it had never been.
fn is_undone(events: &[ClockEvent], place: usize) -> bool {
    let event = &events[place];
    let kind = match event.what {
        What::Resolved => ChangeKind::Resolved,
        What::Reopened => ChangeKind::Reopened,
        What::Waits { .. } | What::WentOn => ChangeKind::Waits,
        What::Priority { .. } => ChangeKind::Priority,
        What::Kind { .. } => ChangeKind::Kind,
        What::TookIn { .. } | What::Merged { .. } => ChangeKind::Merged,
        _ => return false,
    };
    let takes_back = |later: &ClockEvent| matches!(&later.what, What::Undone { cause, change } if *cause == event.cause && *change == kind);
    events[place + 1..].iter().any(takes_back)
}

struct Counting<'t, 'a> {
    terms_at: &'t TermsAt<'a>,
    count: Count,
    start: Option<Timestamp>,
    priority: Priority,
    /// The client has yet to hear from a person of the desk.
    owes_first: bool,
    responded_at: Option<Timestamp>,
    unanswered_since: Option<Timestamp>,
    is_resolved: bool,
    /// Closed or merged: nothing is owed any more.
    is_over: bool,
}

impl<'t, 'a> Counting<'t, 'a> {
    fn new(terms_at: &'t TermsAt<'a>) -> Self {
        Self {
            terms_at,
            count: Count::default(),
            start: None,
            priority: Priority::Normal,
            owes_first: false,
            responded_at: None,
            unanswered_since: None,
            is_resolved: false,
            is_over: false,
        }
    }

    fn take(&mut self, event: &ClockEvent) {
        let at = event.at;
        self.judge(at);
        match &event.what {
            What::Opened { by, priority, .. } => {
                (self.start, self.priority) = (Some(at), *priority);
                self.owes_first = *by != Opener::Expert;
            }
            What::ClientWrote { received_at } => {
                if !self.owes_first {
                    self.unanswered_since = self.unanswered_since.or(Some(received_at.unwrap_or(at)));
                }
            }
            What::Answered => self.answered(at),
            What::Waits { on } => {
                let pauses = self.terms(self.start).is_some_and(|terms| terms.pause_on.contains(on));
                if pauses { self.stop(at) } else { self.go_on(at) }
            }
            What::WentOn => self.go_on(at),
            What::Resolved => self.resolved(at),
            What::Closed if self.is_resolved => {
                (self.is_over, self.owes_first) = (true, false);
            }
            What::Reopened => self.reopened(at),
            What::Priority { to } => self.priority = *to,
            What::TermsChanged { judged } => self.new_terms(at, judged),
            What::TookIn { standing, .. } => self.took_in(standing),
            What::Merged { .. } => self.is_over = true,
            What::Told { clock, generation, telling } => {
                self.count.told.push((*clock, *generation, *telling));
                return;
            }
            What::Closed | What::Kind { .. } | What::Undone { .. } | What::Missed { .. } => return,
        }
        let is_change = matches!(event.what, What::Priority { .. } | What::TookIn { .. } | What::TermsChanged { .. });
        let is_standing = matches!(event.what, What::ClientWrote { .. } | What::Answered);
        self.bring_in_line(at, is_change, is_standing);
    }

    /// What is not done by now although its moment has passed is missed.
    fn judge(&mut self, at: Timestamp) {
        for run in self.count.runs.iter_mut().filter(|run| run.is_running() && run.reclassified_at.is_none()) {
            run.missed_at = run.missed_at.or(run.due.filter(|due| *due < at));
        }
    }

    fn answered(&mut self, at: Timestamp) {
        self.responded_at = self.responded_at.or(Some(at));
        (self.owes_first, self.unanswered_since) = (false, None);
        self.meet(Clock::FirstResponse, at);
        self.meet(Clock::NextResponse, at);
    }

    fn resolved(&mut self, at: Timestamp) {
        if self.is_resolved {
            return;
        }
        self.is_resolved = true;
        self.meet(Clock::Resolution, at);
        self.stop(at);
        self.unanswered_since = None;
    }

    fn reopened(&mut self, at: Timestamp) {
        (self.is_resolved, self.is_over) = (false, false);
        self.go_on(at);
    }

    fn meet(&mut self, clock: Clock, at: Timestamp) {
        if let Some(run) = self.open(clock) {
            run.met_at = Some(at);
        }
    }

    fn stop(&mut self, at: Timestamp) {
        if self.count.stops.last().is_none_or(|stop| stop.to.is_some()) {
            self.count.stops.push(Pause { from: at, to: None });
        }
    }

    fn go_on(&mut self, at: Timestamp) {
        if let Some(stop) = self.count.stops.last_mut()
            && !self.is_resolved
        {
            stop.to = stop.to.or(Some(at));
        }
    }

    /// The terms were others until now. What is over stays as it was judged by them; all else is counted by the new.
    fn new_terms(&mut self, at: Timestamp, judged: &[Judged]) {
        for run in &mut self.count.runs {
            let before = judged.iter().find(|before| before.clock == run.clock && before.generation == run.generation);
            if let Some(before) = before.filter(|_| !run.is_running()) {
                (run.due, run.missed_at) = (before.due, before.missed_at);
            } else if run.missed_at.is_some() && before.is_none_or(|before| before.missed_at.is_none()) {
                (run.missed_at, run.reclassified_at) = (None, Some(at));
            } else if run.missed_at.is_none() && run.is_running() {
                // By the new terms it was never missed: if it will be, that is told.
                let (clock, generation) = (run.clock, run.generation);
                let is_lost = |telling| telling >= Telling::Reclassified;
                self.count.told.retain(|told| (told.0, told.1) != (clock, generation) || !is_lost(told.2));
            }
        }
    }

    /// The other case's client waits as long as they did there, and its start is this one's if it is earlier.
    fn took_in(&mut self, other: &Standing) {
        let Some(own_start) = self.start else { return };
        let started_at = own_start.min(other.started_at);
        self.start = Some(started_at);
        let owed_there = if other.has_responded { other.unanswered_since } else { Some(other.started_at) };
        if self.owes_first && !other.has_responded {
            if let Some(run) = self.open(Clock::FirstResponse) {
                run.started_at = started_at;
            }
        } else {
            let owed_here = if self.owes_first { Some(own_start) } else { self.unanswered_since };
            self.unanswered_since = [owed_here, owed_there].into_iter().flatten().min();
            // Where the other case heard from the desk, its run tells how that went; this one's own is not counted.
            if self.owes_first {
                (self.owes_first, self.responded_at) = (false, other.responded_at);
            }
        }
        let (since, generation) = (self.unanswered_since, self.generation(Clock::Resolution));
        if let (Some(run), Some(since)) = (self.open(Clock::NextResponse), since) {
            run.started_at = since.min(run.started_at);
        }
        if let Some(run) = self.open(Clock::Resolution).filter(|_| generation == 1) {
            run.started_at = started_at;
        }
    }

    fn terms(&self, start: Option<Timestamp>) -> Option<Terms<'a>> {
        (self.terms_at)(start?)
    }

    fn place(&self, clock: Clock) -> Option<usize> {
        self.count.runs.iter().rposition(|run| run.clock == clock && run.is_running())
    }

    fn open(&mut self, clock: Clock) -> Option<&mut Run> {
        let place = self.place(clock)?;
        self.count.runs.get_mut(place)
    }

    fn generation(&self, clock: Clock) -> i64 {
        self.count.runs.iter().filter(|run| run.clock == clock).map(|run| run.generation).max().unwrap_or(0)
    }

    /// Since when a clock counts for which something is owed.
    fn owed_since(&self, clock: Clock) -> Option<Timestamp> {
        match clock {
            _ if self.is_over => None,
            Clock::FirstResponse => self.start.filter(|_| self.owes_first),
            Clock::NextResponse => self.unanswered_since,
            Clock::Resolution => self.start.filter(|_| !self.is_resolved),
        }
    }

    /// Starts, moves and ends runs until they are what is owed now. What started before moves only where its terms or its
    /// stops are others (`is_standing` false).
    fn bring_in_line(&mut self, at: Timestamp, is_change: bool, is_standing: bool) {
        for clock in Clock::ALL {
            let owed_since = self.owed_since(clock);
            let terms = self.terms(owed_since);
            let promised = terms.filter(|terms| terms.allowance(clock, self.priority).is_some()).zip(owed_since);
            let priority = self.priority;
            match (promised, self.place(clock).is_some()) {
                (None, false) => {}
                (None, true) => {
                    if let Some(run) = self.open(clock) {
                        run.ended_at = Some(at);
                    }
                }
                (Some(_), true) if is_standing => {}
                (Some((terms, since)), true) => {
                    let stops = if clock == Clock::Resolution { self.count.stops.clone() } else { Vec::new() };
                    let moments = terms.deadline(clock, priority, since, &stops);
                    let place = self.place(clock).filter(|place| self.count.runs[*place].missed_at.is_none());
                    let Some(place) = place else { continue };
                    let run = &mut self.count.runs[place];
                    set(run, moments);
                    if is_change {
                        let is_past = run.due.is_some_and(|due| due < at);
                        run.reclassified_at = if is_past { run.reclassified_at.or(Some(at)) } else { None };
                    }
                    self.count.priorities[place] = priority;
                }
                (Some((terms, since)), false) => self.begin(clock, terms, since, at, is_change),
            }
        }
    }

    fn begin(&mut self, clock: Clock, terms: Terms<'_>, since: Timestamp, at: Timestamp, is_change: bool) {
        let generation = self.generation(clock) + 1;
        let stops: &[Pause] = if clock == Clock::Resolution { &self.count.stops } else { &[] };
        let moments = terms.deadline(clock, self.priority, since, stops);
        let is_past = moments.is_some_and(|moments| moments.due <= at);
        if is_past && clock == Clock::Resolution && generation > 1 {
            return;
        }
        let started_at = if clock == Clock::Resolution && generation > 1 { at } else { since };
        let mut run = Run::starting(clock, generation, started_at);
        set(&mut run, moments);
        run.reclassified_at = (is_past && is_change).then_some(at);
        self.count.runs.push(run);
        self.count.priorities.push(self.priority);
    }

    fn finish(mut self) -> Count {
        self.count.standing = self.start.map(|started_at| Standing {
            started_at,
            has_responded: !self.owes_first,
            responded_at: self.responded_at,
            unanswered_since: self.unanswered_since,
        });
        self.count.priority = self.start.map(|_| self.priority);
        for place in 0..self.count.runs.len() {
            self.count.runs[place].tick_due = telling::tick_due(&self.count, place, self.terms_at);
        }
        self.count
    }
}

fn set(run: &mut Run, moments: Option<Deadline>) {
    run.due = moments.map(|moments| moments.due);
    run.half_due = moments.map(|moments| moments.half_used_at);
    run.nearly_due = moments.map(|moments| moments.nearly_used_at);
}
