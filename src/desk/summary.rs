//! The weekly summaries: figures asked in one transaction, letters enqueued in the same.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::directory::{Client, Contract, Directory};
use crate::domain::names::ClientCode;
use crate::domain::summary::{
    ClientFacts, ClientWeek, DeskWeek, DeskWeekFacts, IsoWeek, Period, breaches, client_week, desk_week,
};
use crate::store::{StoreError, Tx, summary};

use super::office::Office;

/// The name under which the desk's own summary is noted as made.
pub const OF_DESK: &str = "";

/// The contract that held at the end of a client's week, also where it ended with it.
#[must_use]
pub fn contract_of<'d>(directory: &'d Directory, client: &Client, week: IsoWeek) -> Option<&'d Contract> {
    let last = week.ends_at(client.time_zone.time_zone()).as_second() - 1;
    directory.contract(&client.code, Timestamp::from_second(last).ok()?)
}

/// The week of a client, as its letters tell it: on its own clock, as of a moment.
///
/// # Errors
/// What the database said.
pub async fn ask_client(
    tx: &mut Tx,
    office: &Office,
    (client, contract): (&Client, &Contract),
    week: IsoWeek,
    as_of: Timestamp,
) -> Result<ClientWeek, StoreError> {
    let period = Period { week, zone: client.time_zone.time_zone().clone(), as_of };
    let facts = facts_of(tx, office, client, contract, &period).await?;
    Ok(client_week(&facts, &period))
}

async fn facts_of<'a>(
    tx: &mut Tx,
    office: &Office,
    client: &'a Client,
    contract: &'a Contract,
    period: &Period,
) -> Result<ClientFacts<'a>, StoreError> {
    let (desk, code) = (office.code(), client.code.as_str());
    let told_through = summary::find_told_through(tx, desk, code, period.week).await?;
    let ledger = summary::list_ledger(tx, desk, code).await?;
    // Late bookings may name older cases.
    let oldest = ledger.iter().filter(|line| told_through.is_some_and(|through| line.entry_no > through));
    let oldest = oldest.map(|line| line.booked_at).min().unwrap_or(period.from()).min(period.from());
    let trend_from = period.trend_from();
    Ok(ClientFacts {
        client,
        contract,
        cases: summary::list_cases(tx, desk, code, trend_from).await?,
        experts: summary::list_experts(tx, desk, code).await?,
        held: summary::list_held(tx, desk, code).await?,
        judged: summary::list_judged(tx, desk, &client.code, trend_from, period.to()).await?,
        running: summary::list_running(tx, desk, &client.code).await?,
        subjects: summary::list_subjects(tx, desk, code, oldest).await?,
        ledger,
        told_through,
    })
}

/// The week of the desk: that of all clients who had a contract in it, on the desk's clock.
///
/// # Errors
/// What the database said.
pub async fn ask_desk(
    tx: &mut Tx,
    office: &Office,
    directory: &Directory,
    week: IsoWeek,
    as_of: Timestamp,
) -> Result<DeskWeek, StoreError> {
    let desk = office.code();
    let period = Period { week, zone: office.facts.time_zone.clone(), as_of };
    let mut clients = Vec::new();
    for client in directory.clients() {
        let Some(contract) = contract_of(directory, client, week) else { continue };
        let facts = facts_of(tx, office, client, contract, &period).await?;
        clients.push((client_week(&facts, &period), breaches(&facts, &period)));
    }
    let (waiting, waiting_in_all) = summary::list_waiting(tx, desk, period.from()).await?;
    let facts = DeskWeekFacts {
        clients,
        parked: summary::list_parked(tx, desk).await?,
        waiting,
        waiting_in_all,
        undelivered: summary::list_undelivered(tx, desk, period.from()).await?,
        mailboxes: summary::list_mailboxes(tx, desk).await?,
        letters: summary::find_letters(tx, desk).await?,
    };
    Ok(desk_week(facts, &period))
}

/// The summaries that are due and not made: of clients, each with the week, and of the desk. Of several weeks the newest
/// only. A client that came to the directory after its week is told of the next one.
///
/// # Errors
/// What the database said.
pub async fn list_due(
    tx: &mut Tx,
    office: &Office,
    directory: &Directory,
    until: Timestamp,
) -> Result<(Vec<(ClientCode, IsoWeek)>, Option<IsoWeek>), StoreError> {
    let desk_zone = &office.facts.time_zone;
    let desk_week = IsoWeek::newest_due(until, desk_zone);
    let of_clients = directory.clients().into_iter().map(|client| {
        let week = IsoWeek::newest_due(until, client.time_zone.time_zone());
        (client, week)
    });
    let mut clients: Vec<(&Client, IsoWeek)> =
        of_clients.filter(|(client, week)| contract_of(directory, client, *week).is_some()).collect();
    let weeks: HashSet<IsoWeek> = clients.iter().map(|(_, week)| *week).chain([desk_week]).collect();
    let mut is_desk_due = true;
    for week in weeks {
        let made: HashSet<String> = summary::list_made(tx, office.code(), week).await?.into_iter().collect();
        clients.retain(|(client, of)| *of != week || !made.contains(client.code.as_str()));
        is_desk_due &= week != desk_week || !made.contains(OF_DESK);
    }
    if clients.is_empty() && !is_desk_due {
        return Ok((Vec::new(), None));
    }
    let known = summary::list_known_since(tx, office.code()).await?;
    clients.retain(|(client, week)| {
        let since = known.get(client.code.as_str());
        since.is_some_and(|since| *since < week.ends_at(client.time_zone.time_zone()))
    });
    is_desk_due &= known.values().any(|since| *since < desk_week.ends_at(desk_zone));
    let clients = clients.into_iter().map(|(client, week)| (client.code.clone(), week)).collect();
    Ok((clients, is_desk_due.then_some(desk_week)))
}
