//! A weekly summary sent by command: now, and also where it was sent before.

use std::sync::Arc;

use jiff::Timestamp;

use super::{ByHand, ByHandError, client_of};
use crate::desk::summary::{OF_DESK, ask_client, ask_desk, contract_of};
use crate::domain::decision::Outgoing;
use crate::domain::names::ClientCode;
use crate::domain::summary::{IsoWeek, desk_letters, weekly_letters};
use crate::store::summary;

/// What a command sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentSummary {
    /// The client's code; of the desk's own summary the desk's.
    pub whose: String,
    /// The week.
    pub week: IsoWeek,
    /// The addresses to which it goes.
    pub readers: Vec<String>,
    /// It was made before: these are further letters.
    pub is_again: bool,
}

impl ByHand<'_> {
    /// Mails a client's week to its readers. It counts as made then: the clock does not send it once more.
    ///
    /// # Errors
    /// [`ByHandError`]; then nothing is to be committed.
    pub async fn send_summary(
        &mut self,
        code: &ClientCode,
        week: IsoWeek,
        as_of: Timestamp,
    ) -> Result<SentSummary, ByHandError> {
        let directory = Arc::clone(&self.directory);
        let client = client_of(&directory, code)?;
        must_be_over(week, week.ends_at(client.time_zone.time_zone()), as_of)?;
        let lacks = || ByHandError::Lacking(format!("{code} had no contract in {week}: see \"casepost client list\""));
        let contract = contract_of(&directory, client, week).ok_or_else(lacks)?;
        let figures = ask_client(&mut self.tx, self.office, (client, contract), week, as_of).await?;
        let (letters, cause) = weekly_letters(&figures, &directory, client, contract);
        if letters.is_empty() {
            let what = format!("{code} has no coordinator with an address, and its contract names no summary_to");
            return Err(ByHandError::Lacking(what));
        }
        self.send(code.as_str(), code.as_str(), week, (letters, cause)).await
    }

    /// Mails the desk's own week to the duty manager and the addresses of `alarm_to`.
    ///
    /// # Errors
    /// [`ByHandError`]; then nothing is to be committed.
    pub async fn send_desk_summary(&mut self, week: IsoWeek, as_of: Timestamp) -> Result<SentSummary, ByHandError> {
        let directory = Arc::clone(&self.directory);
        must_be_over(week, week.ends_at(&self.office.facts.time_zone), as_of)?;
        let figures = ask_desk(&mut self.tx, self.office, &directory, week, as_of).await?;
        let (letters, cause) = desk_letters(&figures, &directory, &self.office.facts);
        if letters.is_empty() {
            let what = "nobody reads it: declare a duty-manager, or set alarm_to of the desk".to_owned();
            return Err(ByHandError::Lacking(what));
        }
        let office = self.office;
        self.send(office.code(), OF_DESK, week, (letters, cause)).await
    }

    async fn send(
        &mut self,
        whose: &str,
        name: &str,
        week: IsoWeek,
        (letters, cause): (Vec<Outgoing>, String),
    ) -> Result<SentSummary, ByHandError> {
        let desk = self.office.code();
        let through = self.numbers.peek("entry") - 1;
        let is_again = !summary::claim(&mut self.tx, desk, week, name, self.by.at, through).await?;
        // Further letters of the same week are letters of their own.
        let cause = if is_again { format!("{cause}/again/{}", self.numbers.peek("audit")) } else { cause };
        let readers: Vec<String> =
            letters.iter().map(|letter| letter.notice.to.person.address.as_str().to_owned()).collect();
        self.note("send-summary", format!("{week} of {whose} to {}", readers.join(", ")), None).await?;
        self.post(&letters, &cause).await?;
        Ok(SentSummary { whose: whose.to_owned(), week, readers, is_again })
    }
}

/// A week that still runs would be told in part, and then not once more.
fn must_be_over(week: IsoWeek, ends_at: Timestamp, as_of: Timestamp) -> Result<(), ByHandError> {
    if ends_at <= as_of {
        return Ok(());
    }
    let before = week.before(1);
    Err(ByHandError::Lacking(format!("{week} is not over yet: send {before}, or look at it with --preview")))
}
