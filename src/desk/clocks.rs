//! Keeping the runs of a case's clocks in line with what happened on it.

use jiff::Timestamp;

use crate::domain::clock::{ClockEvent, Count, Run, count};
use crate::domain::directory::Directory;
use crate::domain::names::ClientCode;
use crate::domain::promise;
use crate::store::clocks::{self, StoredRun};
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cases};

/// The clocks of one case, within a transaction that holds the desk's lock.
pub struct Recount<'a> {
    pub tx: &'a mut Tx,
    pub numbers: &'a mut Numbers,
    pub directory: &'a Directory,
    pub desk: &'a str,
    pub case_no: i64,
    pub client: &'a ClientCode,
}

impl Recount<'_> {
    /// Adds what happened and writes the runs that are others since. `known` is what had happened before, where the caller
    /// knows it; then the case itself was written with its promised moments already.
    ///
    /// # Errors
    /// What the database said.
    pub async fn happened(&mut self, known: Option<&[ClockEvent]>, events: &[ClockEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut all = match known {
            Some(known) => known.to_vec(),
            None => clocks::list_events(self.tx, self.desk, self.case_no).await?,
        };
        let is_first = all.is_empty();
        let before = self.count(&all);
        self.record(events).await?;
        all.extend_from_slice(events);
        let after = self.count(&all);
        let runs = changed(&before, &after, events[events.len() - 1].at);
        self.save(&runs, is_first).await?;
        match known {
            Some(_) => Ok(()),
            None => self.save_promised(&after).await,
        }
    }

    /// Adds what happened, and leaves the runs as they are.
    ///
    /// # Errors
    /// What the database said.
    pub async fn record(&mut self, events: &[ClockEvent]) -> Result<(), StoreError> {
        for event in events {
            let event_no = self.numbers.draw("event");
            clocks::record_event(self.tx, self.desk, self.case_no, event_no, event).await?;
        }
        Ok(())
    }

    /// The runs by the terms of the directory as it is.
    #[must_use]
    pub fn count(&self, events: &[ClockEvent]) -> Count {
        count(events, &promise::terms_of(self.directory, self.client))
    }

    /// Writes runs; `is_first` where no run of the case was ever written.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save(&mut self, runs: &[Run], is_first: bool) -> Result<(), StoreError> {
        for run in runs {
            let (case_no, client) = (self.case_no, self.client.as_str().to_owned());
            let stored = StoredRun { case_no, client, run: run.clone() };
            clocks::save(self.tx, self.desk, &stored, is_first).await?;
        }
        Ok(())
    }

    /// Writes the runs that differ between two counts; what is no longer there ended now.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save_all(&mut self, before: &Count, after: &Count, at: Timestamp) -> Result<(), StoreError> {
        self.save(&changed(before, after, at), false).await
    }

    /// Writes by when the case is to be answered and resolved.
    ///
    /// # Errors
    /// What the database said.
    pub async fn save_promised(&mut self, count: &Count) -> Result<(), StoreError> {
        cases::save_promised(self.tx, self.desk, self.case_no, count.response_due(), count.resolution_due()).await
    }
}

fn changed(before: &Count, after: &Count, at: Timestamp) -> Vec<Run> {
    let gone = before.runs.iter().filter(|run| !after.runs.iter().any(|other| is_same(run, other)));
    let gone = gone.map(|run| Run { ended_at: run.ended_at.or(Some(at)), tick_due: None, ..run.clone() });
    after.runs.iter().filter(|run| !before.runs.contains(run)).cloned().chain(gone).collect()
}

fn is_same(run: &Run, other: &Run) -> bool {
    run.clock == other.clock && run.generation == other.generation
}
