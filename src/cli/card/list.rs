//! `casepost card list`: who runs out of time, and when.

use anyhow::Context as _;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::domain::directory::Client;
use crate::domain::names::ClientCode;
use crate::domain::strip_card::{Account, run_out_on};
use crate::store::cards;

use super::super::opened::Opened;
use super::super::output::{self, minutes, or_dash, short};
use super::{Form, no_client};

/// What one client has left.
#[derive(Debug, Serialize)]
struct Left {
    client: ClientCode,
    name: String,
    /// Of all valid cards.
    left_minutes: i64,
    overdraft_minutes: i64,
    /// Left, less the overdraft.
    balance_minutes: i64,
    /// How many valid cards have minutes.
    cards: usize,
    /// The day after which the first of them ends.
    next_end: Option<Date>,
    /// At the pace of the last 56 days.
    run_out_on: Option<Date>,
}

/// All clients that ever had a card or overdraft, the lowest first.
pub async fn all(opened: &Opened, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    let mut all: Vec<Left> = Vec::new();
    for client in directory.clients() {
        let account = account(opened, client).await?;
        if !account.cards().is_empty() || account.overdraft_minutes() > 0 {
            all.push(left_of(client, &account, today(opened, client)));
        }
    }
    all.sort_by(|a, b| (a.balance_minutes, &a.client).cmp(&(b.balance_minutes, &b.client)));
    if form.json {
        return output::say_json(&all);
    }
    let mut table = output::table(&["client", "name", "left", "owed", "cards", "next ends after", "runs out on"]);
    for left in &all {
        table.add_row(vec![
            left.client.to_string(),
            short(&left.name, 28),
            minutes(left.left_minutes),
            if left.overdraft_minutes == 0 { "–".to_owned() } else { minutes(left.overdraft_minutes) },
            left.cards.to_string(),
            or_dash(left.next_end),
            if left.left_minutes == 0 { "used up".to_owned() } else { or_dash(left.run_out_on) },
        ]);
    }
    output::say_table(&table, "No cards.");
    Ok(())
}

fn left_of(client: &Client, account: &Account, today: Date) -> Left {
    let valid = || account.cards().iter().filter(|card| card.is_valid_on(today) && card.minutes > 0);
    let (left, owed) = (account.valid_minutes(today), account.overdraft_minutes());
    Left {
        client: client.code.clone(),
        name: client.name.clone(),
        left_minutes: left,
        overdraft_minutes: owed,
        balance_minutes: left - owed,
        cards: valid().count(),
        next_end: valid().map(|card| card.last_valid_day).min(),
        run_out_on: run_out_on(account, today),
    }
}

/// The cards of one client.
pub async fn of_client(opened: &Opened, code: &ClientCode, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    let client = directory.client(code).with_context(|| no_client(code))?;
    let today = today(opened, client);
    let account = account(opened, client).await?;
    let mut table = output::table(&["card", "bought on", "valid through", "left", "now"]);
    let mut values = Vec::new();
    for card in account.cards() {
        let now = if card.is_valid_on(today) {
            "valid"
        } else if card.purchased_on > today {
            "to come"
        } else {
            "expired"
        };
        table.add_row(vec![
            card.number.to_string(),
            card.purchased_on.to_string(),
            card.last_valid_day.to_string(),
            minutes(card.minutes),
            now.to_owned(),
        ]);
        values.push(json!({
            "number": card.number, "purchased_on": card.purchased_on, "last_valid_day": card.last_valid_day,
            "minutes_left": card.minutes, "now": now,
        }));
    }
    let left = left_of(client, &account, today);
    if form.json {
        return output::say_json(&json!({ "client": left, "cards": values }));
    }
    output::say_table(&table, "No cards.");
    if left.overdraft_minutes > 0 {
        output::say(&format!("Overdraft: {}", minutes(left.overdraft_minutes)));
    }
    if let Some(day) = left.run_out_on {
        output::say(&format!("At the pace of the last eight weeks this runs out on {day}."));
    }
    Ok(())
}

async fn account(opened: &Opened, client: &Client) -> anyhow::Result<Account> {
    let ledger = cards::list(&opened.db, opened.code(), client.code.as_str()).await?;
    Ok(Account::from_entries(ledger.iter().map(|line| &line.entry)))
}

fn today(opened: &Opened, client: &Client) -> Date {
    client.time_zone.time_zone().to_datetime(opened.now()).date()
}
