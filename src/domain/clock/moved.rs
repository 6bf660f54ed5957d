//! Which promises other terms would move.

use jiff::Timestamp;
use serde::Serialize;

use super::count::Count;
use super::run::{Clock, Run};

/// A run whose promised moment is another one by other terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MovedRun {
    /// Which clock.
    pub clock: Clock,
    /// Which run.
    pub generation: i64,
    /// The moment so far; nothing where nothing was promised or the clock stands still.
    pub was_due: Option<Timestamp>,
    /// The moment from now on; nothing where nothing is promised any more.
    pub due: Option<Timestamp>,
}

/// The runs that still go on and whose moments differ between two counts of the same events.
#[must_use]
pub fn moved(before: &Count, after: &Count) -> Vec<MovedRun> {
    let going = |count: &Count| -> Vec<Run> { count.runs.iter().filter(|run| run.is_running()).cloned().collect() };
    let (before, after) = (going(before), going(after));
    let is_same = |one: &Run, other: &Run| one.clock == other.clock && one.generation == other.generation;
    let changed = before.iter().map(|run| {
        let due = after.iter().find(|other| is_same(run, other)).and_then(|run| run.due);
        MovedRun { clock: run.clock, generation: run.generation, was_due: run.due, due }
    });
    let new = after.iter().filter(|run| !before.iter().any(|other| is_same(run, other)));
    let new = new.map(|run| MovedRun { clock: run.clock, generation: run.generation, was_due: None, due: run.due });
    changed.chain(new).filter(|moved| moved.was_due != moved.due).collect()
}
