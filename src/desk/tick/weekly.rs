//! On Monday morning each client and the desk are told their week, once.

use jiff::Timestamp;
use tracing::error;

use crate::desk::boundary;
use crate::desk::summary::{OF_DESK, ask_client, ask_desk, contract_of, list_due};
use crate::domain::directory::{Client, Directory, QuietWeeks};
use crate::domain::names::ClientCode;
use crate::domain::summary::{IsoWeek, desk_letters, weekly_letters};
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, summary};

use super::Tick;

/// So many clients are told in one transaction: mail that comes in meanwhile waits no longer than for these.
const CLIENTS_AT_ONCE: usize = 20;

/// The summaries that are due and not made.
#[derive(Debug, Default)]
pub(super) struct DueSummaries {
    clients: Vec<(ClientCode, IsoWeek)>,
    desk: Option<IsoWeek>,
}

impl Tick<'_> {
    /// The summaries that are due: of several weeks the newest only.
    pub(super) async fn due_summaries(
        &self,
        tx: &mut Tx,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<DueSummaries, StoreError> {
        if !self.office.sends_summaries {
            return Ok(DueSummaries::default());
        }
        list_due(tx, self.office, directory, until).await.map(|(clients, desk)| DueSummaries { clients, desk })
    }

    /// Makes them. Each is noted as made in the transaction that enqueues its letters; the desk's own comes last.
    pub(super) async fn send_summaries(
        &self,
        due: &DueSummaries,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut told = 0;
        boundary::reach("before-summaries");
        for clients in due.clients.chunks(CLIENTS_AT_ONCE) {
            let mut tx = self.db.begin_for(self.office.code()).await?;
            let mut numbers = Numbers::list(&mut tx, self.office.code()).await?;
            for (code, week) in clients {
                let Some(client) = directory.client(code) else { continue };
                told += self.send_summary_alone(&mut tx, &mut numbers, directory, (client, *week), until).await?;
            }
            numbers.save(&mut tx, self.office.code()).await?;
            boundary::reach("before-summaries-commit");
            tx.commit().await?;
            boundary::reach("after-summaries-commit");
        }
        match due.desk {
            Some(week) => Ok(told + self.send_desk_summary(directory, week, until).await?),
            None => Ok(told),
        }
    }

    /// What can't be told of one client holds up nobody else's letter, and is tried again at the next tick.
    async fn send_summary_alone(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        (client, week): (&Client, IsoWeek),
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        tx.savepoint().await?;
        let before = numbers.clone();
        let done = match self.send_summary(tx, numbers, directory, (client, week), until).await {
            Ok(count) => tx.release().await.map(|()| count),
            Err(error) => Err(error),
        };
        match done {
            Err(error) if !error.is_transient() => {
                error!(client = client.code.as_str(), %error, "a client's week can't be told");
                tx.undo().await?;
                *numbers = before;
                Ok(0)
            }
            done => done,
        }
    }

    async fn send_summary(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        (client, week): (&Client, IsoWeek),
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let Some(contract) = contract_of(directory, client, week) else { return Ok(0) };
        let through = numbers.peek("entry") - 1;
        if !summary::claim(tx, self.office.code(), week, client.code.as_str(), self.now, through).await? {
            return Ok(0);
        }
        boundary::reach("after-summary-claim");
        let figures = ask_client(tx, self.office, (client, contract), week, until).await?;
        if figures.is_quiet() && contract.quiet_weeks == QuietWeeks::None {
            return Ok(0);
        }
        let (letters, cause) = weekly_letters(&figures, directory, client, contract);
        self.post(tx, numbers, &letters, &cause).await?;
        boundary::reach("after-summary-post");
        Ok(letters.len())
    }

    async fn send_desk_summary(
        &self,
        directory: &Directory,
        week: IsoWeek,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut tx = self.db.begin_for(desk).await?;
        let mut numbers = Numbers::list(&mut tx, desk).await?;
        if !summary::claim(&mut tx, desk, week, OF_DESK, self.now, numbers.peek("entry") - 1).await? {
            return Ok(0);
        }
        boundary::reach("after-desk-claim");
        let figures = ask_desk(&mut tx, self.office, directory, week, until).await?;
        let (letters, cause) = desk_letters(&figures, directory, &self.office.facts);
        self.post(&mut tx, &mut numbers, &letters, &cause).await?;
        boundary::reach("after-desk-post");
        numbers.save(&mut tx, desk).await?;
        tx.commit().await?;
        boundary::reach("after-desk-commit");
        Ok(letters.len())
    }
}
