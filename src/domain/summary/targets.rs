//! How the promises of a contract were kept.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::clock::{Clock, Run};

/// A run of a clock, and of which case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRun {
    /// The case's key.
    pub case_no: i64,
    /// The run.
    pub run: Run,
}

/// All runs, each once, as they stand at a moment: what is not done by then although its moment has passed is missed,
/// whether or not the clock has said so yet.
#[must_use]
pub fn runs_as_of(judged: &[CaseRun], running: &[CaseRun], as_of: Timestamp) -> Vec<CaseRun> {
    let key = |of_case: &CaseRun| (of_case.case_no, of_case.run.clock, of_case.run.generation);
    let known: HashSet<_> = running.iter().map(key).collect();
    let mut runs: Vec<CaseRun> =
        judged.iter().filter(|of_case| !known.contains(&key(of_case))).chain(running).cloned().collect();
    for Run { missed_at, due, .. } in runs.iter_mut().map(|of_case| &mut of_case.run).filter(|run| run.is_running()) {
        *missed_at = missed_at.or(due.filter(|due| *due < as_of));
    }
    runs
}

/// How often one promise was kept within some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TargetCount {
    /// Which promise.
    pub clock: Clock,
    /// Done in time.
    pub met: i64,
    /// Not done in time: counted when the time ran out, not when it was done after all.
    pub missed: i64,
    /// Missed only because the priority or the contract was changed; neither met nor missed.
    pub reclassified: i64,
}

/// What the runs say from a moment on and before another one, of each promise that was judged then.
#[must_use]
pub fn target_counts(runs: &[CaseRun], from: Timestamp, to: Timestamp) -> Vec<TargetCount> {
    let is_within = |at: Option<Timestamp>| at.is_some_and(|at| from <= at && at < to);
    let count = |clock: Clock| {
        let mut count = TargetCount { clock, met: 0, missed: 0, reclassified: 0 };
        for run in runs.iter().map(|of_case| &of_case.run).filter(|run| run.clock == clock) {
            if run.reclassified_at.is_some() {
                count.reclassified += i64::from(is_within(run.reclassified_at));
            } else if run.missed_at.is_some() {
                count.missed += i64::from(is_within(run.missed_at));
            } else {
                count.met += i64::from(is_within(run.met_at));
            }
        }
        count
    };
    Clock::ALL.into_iter().map(count).filter(|count| count.met + count.missed + count.reclassified > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(met: Option<&str>, missed: Option<&str>, reclassified: Option<&str>) -> CaseRun {
        let at = |text: Option<&str>| text.map(|day| format!("2026-04-{day}T10:00:00Z").parse().unwrap());
        let run = Run {
            clock: Clock::FirstResponse,
            generation: 1,
            started_at: "2026-04-01T10:00:00Z".parse().unwrap(),
            due: None,
            half_due: None,
            nearly_due: None,
            met_at: at(met),
            missed_at: at(missed),
            reclassified_at: at(reclassified),
            ended_at: None,
            tick_due: None,
        };
        CaseRun { case_no: 1, run }
    }

    fn check(run: CaseRun, expected: Option<(i64, i64, i64)>) {
        let (from, to) = ("2026-04-19T22:00:00Z".parse().unwrap(), "2026-04-26T22:00:00Z".parse().unwrap());
        let counts = target_counts(std::slice::from_ref(&run), from, to);
        let found = counts.first().map(|count| (count.met, count.missed, count.reclassified));
        assert_eq!(found, expected, "{run:?}");
    }

    #[test]
    fn a_promise_is_kept_broken_or_moved_and_counts_once() {
        check(run(Some("21"), None, None), Some((1, 0, 0)));
        check(run(None, Some("21"), None), Some((0, 1, 0)));
        check(run(Some("23"), Some("21"), None), Some((0, 1, 0)));
        check(run(Some("23"), None, Some("21")), Some((0, 0, 1)));
        check(run(None, None, None), None);
    }

    #[test]
    fn what_is_overdue_counts_before_the_clock_says_so_and_once() {
        let as_of = "2026-04-27T05:00:00Z".parse().unwrap();
        let mut running = run(None, None, None);
        running.run.due = Some("2026-04-24T10:00:00Z".parse().unwrap());
        let mut told = running.clone();
        told.run.missed_at = told.run.due;
        for (judged, running) in [(vec![], running), (vec![told.clone()], told)] {
            let runs = runs_as_of(&judged, std::slice::from_ref(&running), as_of);
            let counts = target_counts(&runs, "2026-04-19T22:00:00Z".parse().unwrap(), as_of);
            assert_eq!(counts.iter().map(|count| (count.met, count.missed)).collect::<Vec<_>>(), [(0, 1)]);
        }
        // What is due at this very moment can still be met.
        let mut running = run(None, None, None);
        running.run.due = Some(as_of);
        assert_eq!(runs_as_of(&[], &[running], as_of)[0].run.missed_at, None);
    }

    #[test]
    fn what_was_late_counts_in_the_week_in_which_the_time_ran_out() {
        check(run(Some("21"), Some("17"), None), None);
        check(run(Some("28"), Some("24"), None), Some((0, 1, 0)));
        check(run(Some("17"), None, None), None);
        check(run(Some("27"), None, None), None);
    }
}
