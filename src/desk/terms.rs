//! Other terms: which promises of living cases a changed contract or calendar moves, and counting them anew.

use serde::Serialize;

use crate::domain::case::{Case, CaseNumber};
use crate::domain::clock::{ClockEvent, MovedRun, What, count, moved};
use crate::domain::directory::{Difference, Directory, Item, ItemKind};
use crate::domain::names::ClientCode;
use crate::domain::promise;
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, audit, cases, clocks};

use super::clocks::Recount;
use super::import::By;

/// A promise of a living case that other terms move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The case.
    pub number: CaseNumber,
    /// The run and its moments.
    #[serde(flatten)]
    pub run: MovedRun,
}

/// A change of the directory on its way through the clocks of the cases, in the transaction that makes it.
pub struct Moving<'a> {
    /// The transaction that holds the desk's lock.
    pub tx: &'a mut Tx,
    /// The numbers that are given out.
    pub numbers: &'a mut Numbers,
    /// The desk's code.
    pub desk: &'a str,
    /// The world before.
    pub earlier: &'a Directory,
    /// The world after.
    pub later: &'a Directory,
    /// Who changed it, and why.
    pub by: &'a By,
}

impl Moving<'_> {
    /// Counts the living cases anew whose terms the difference may touch; gives what moved.
    ///
    /// # Errors
    /// What the database said.
    pub async fn recount(mut self, difference: &Difference) -> Result<Vec<Moved>, StoreError> {
        let mut all = Vec::new();
        for client in self.clients(difference) {
            for case in cases::list_living(self.tx, self.desk, client.as_str()).await? {
                all.extend(self.recount_case(&case).await?);
            }
        }
        Ok(all)
    }

    /// The clients whose terms may be others since.
    fn clients(&self, difference: &Difference) -> Vec<ClientCode> {
        let changed = difference.changed.iter().map(|change| &change.item);
        let items: Vec<&Item> = difference.added.iter().chain(changed).chain(&difference.ended).collect();
        let named = |item: &Item, field: &str| {
            item.body.get(field).and_then(|code| code.as_str()).and_then(|code| ClientCode::new(code).ok())
        };
        let mut clients = Vec::new();
        for item in items {
            match item.kind {
                ItemKind::Contract => clients.extend(named(item, "client")),
                ItemKind::Client => clients.extend(named(item, "code")),
                ItemKind::Expert
                | ItemKind::Person
                | ItemKind::Position
                | ItemKind::Supplier
                | ItemKind::Monitor
                | ItemKind::Card => {}
                // A calendar is any client's.
                _ => clients.extend(self.later.clients().iter().map(|client| client.code.clone())),
            }
        }
        clients.sort();
        clients.dedup();
        clients
    }

    async fn recount_case(&mut self, case: &Case) -> Result<Vec<Moved>, StoreError> {
        let mut events = clocks::list_events(self.tx, self.desk, case.case_no).await?;
        let before = count(&events, &promise::terms_of(self.earlier, &case.client));
        let bare = count(&events, &promise::terms_of(self.later, &case.client));
        let runs = moved(&before, &bare);
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let audit_no = self.numbers.peek("audit");
        let cause = format!("command/{audit_no}");
        let changed = ClockEvent::new(self.by.at, &cause, What::TermsChanged { judged: before.judged() });
        events.push(changed.clone());
        let (case_no, client, directory) = (case.case_no, &case.client, self.later);
        let mut recount = Recount { tx: self.tx, numbers: self.numbers, directory, desk: self.desk, case_no, client };
        recount.record(std::slice::from_ref(&changed)).await?;
        let after = recount.count(&events);
        recount.save_all(&before, &after, self.by.at).await?;
        recount.save_promised(&after).await?;
        let found: Vec<Moved> = runs.iter().map(|run| Moved { number: case.number.clone(), run: *run }).collect();
        self.note(case, &found).await?;
        Ok(found)
    }

    async fn note(&mut self, case: &Case, moved: &[Moved]) -> Result<(), StoreError> {
        let word = |due: Option<jiff::Timestamp>| due.map_or_else(|| "none".to_owned(), |due| due.to_string());
        let told = moved
            .iter()
            .map(|Moved { run, .. }| format!("{} {} -> {}", run.clock.as_str(), word(run.was_due), word(run.due)));
        let line = AuditLine {
            at: self.by.at,
            actor: self.by.actor.clone(),
            action: "move-deadlines".into(),
            case_no: Some(case.case_no),
            fingerprint: None,
            position: None,
            reason: self.by.reason.clone(),
            detail: told.collect::<Vec<_>>().join(", "),
        };
        audit::record(self.tx, self.desk, self.numbers, &line).await
    }
}
