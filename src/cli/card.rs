//! `casepost card`: strip cards and their ledger.

mod list;
mod statement;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::json;

use crate::desk::by_hand::ByHand;
use crate::desk::import::{By, World};
use crate::domain::case::CaseNumber;
use crate::domain::directory::{Card, Declarations, Directory};
use crate::domain::names::{CardNumber, ClientCode, PersonKey};
use crate::domain::strip_card::{Account, DeskCorrection};
use crate::store::cards::{self, StoredEntry};
use crate::store::cases;

use super::opened::{Opened, actor};
use super::output::{self, minutes, or_dash, short};
use super::{Form, Reason};

/// What to do with cards.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// A client bought a card.
    Add {
        /// The client's code.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: ClientCode,
        /// The card's number, as printed on the invoice.
        #[arg(value_parser = |text: &str| CardNumber::new(text))]
        number: CardNumber,
        /// How many strips were bought.
        #[arg(long)]
        strips: u32,
        /// The day of purchase, such as 2026-03-01.
        #[arg(long, value_name = "DAY")]
        purchased_on: Date,
        /// How many minutes a strip has; default: as the contract says.
        #[arg(long, value_name = "MINUTES")]
        minutes_per_strip: Option<u32>,
        #[command(flatten)]
        reason: Reason,
    },
    /// Take booked time back: lowers what was booked on a case, the latest booking first. Coordinator and expert get a
    /// letter, and the reason stands in it and on the statement.
    Correct {
        /// The case, such as AMR-2026-0042.
        case: CaseNumber,
        /// Whose bookings are lowered; default: the latest, whoever booked them.
        #[arg(long, value_name = "KEY", value_parser = |text: &str| PersonKey::new(text))]
        expert: Option<PersonKey>,
        /// By how many minutes of work.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
        minutes: i64,
        #[command(flatten)]
        reason: Reason,
    },
    /// Move minutes from one card of a client to another. The coordinator gets a letter with the reason.
    Transfer(Transfer),
    /// What is left, a line a client, the lowest first, with the day on which it runs out at the pace of the last eight
    /// weeks; of one client its cards.
    List {
        /// Only this client's cards.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        #[command(flatten)]
        form: Form,
    },
    /// A card or a client over a period, as the client reads it: every entry with its case, and the balance running.
    Statement(statement::StatementArgs),
    /// A client's ledger, line by line, with the balance.
    Show {
        /// The client's code.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: ClientCode,
        /// Only this card's lines.
        #[arg(value_parser = |text: &str| CardNumber::new(text))]
        number: Option<CardNumber>,
        #[command(flatten)]
        form: Form,
    },
}

/// Minutes that move.
#[derive(Debug, Clone, Args)]
pub struct Transfer {
    /// The client's code.
    #[arg(value_parser = |text: &str| ClientCode::new(text))]
    client: ClientCode,
    /// From which card.
    #[arg(value_parser = |text: &str| CardNumber::new(text))]
    from: CardNumber,
    /// To which card.
    #[arg(value_parser = |text: &str| CardNumber::new(text))]
    to: CardNumber,
    /// How many minutes.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    minutes: i64,
    #[command(flatten)]
    reason: Reason,
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: CardCommand) -> anyhow::Result<()> {
    match command {
        CardCommand::Add { client, number, strips, purchased_on, minutes_per_strip, reason } => {
            add(opened, Card { client, number, strips, minutes_per_strip, purchased_on }, reason).await
        }
        CardCommand::Correct { case, expert, minutes, reason } => {
            correct(opened, DeskCorrection { expert, case, minutes, reason: reason.reason }).await
        }
        CardCommand::Transfer(args) => transfer(opened, args).await,
        CardCommand::Statement(args) => statement::run(opened, args).await,
        CardCommand::List { client: Some(client), form } => list::of_client(opened, &client, form).await,
        CardCommand::List { client: None, form } => list::all(opened, form).await,
        CardCommand::Show { client, number, form } => show(opened, &client, number.as_ref(), form).await,
    }
}

async fn add(opened: &Opened, card: Card, reason: Reason) -> anyhow::Result<()> {
    let (client, number, purchased_on) = (card.client.clone(), card.number.clone(), card.purchased_on);
    if let Some(before) = opened.directory().await?.cards_of(&client).into_iter().find(|one| one.number == number) {
        if *before == card {
            output::say(&format!("Nothing to do: card {number} of {client} is there already."));
            return Ok(());
        }
        let (strips, day) = (before.strips, before.purchased_on);
        bail!("{client} has a card {number} already, with {strips} strips bought on {day}: use another number");
    }
    let mut declared = Declarations::empty(opened.desk.code.clone());
    declared.cards.push(card);
    let by = By { actor: actor(), reason: reason.reason, at: opened.now() };
    let world = World { db: &opened.db, desk: &opened.desk.code, zone: opened.zone() };
    world.declare(&declared, &by).await.with_context(|| format!("card {number} is not added"))?;
    let ledger = cards::list(&opened.db, opened.code(), client.as_str()).await?;
    let account = Account::from_entries(ledger.iter().map(|line| &line.entry));
    let today = today_of(opened, &opened.directory().await?, &client);
    let to_come = if purchased_on > today { format!(" It counts from {purchased_on} on.") } else { String::new() };
    let left = minutes(account.balance_minutes() - account.minutes_to_come(today));
    output::say(&format!("Card {number} of {client} is added. {client} has {left} left.{to_come}"));
    Ok(())
}

async fn correct(opened: &Opened, correction: DeskCorrection) -> anyhow::Result<()> {
    let number = correction.case.clone();
    let whose = correction.expert.as_ref().map_or_else(String::new, |key| format!(" of {key}"));
    let office = opened.office()?;
    let by = By { actor: actor(), reason: correction.reason.clone(), at: opened.now() };
    let mut by_hand = ByHand::begin(&opened.db, &opened.raw, &office, by).await?;
    let case = cases::find_by_number_in(by_hand.tx(), opened.code(), &number.to_string())
        .await?
        .with_context(|| format!("there is no case {number}: see \"casepost case list\""))?;
    by_hand
        .correct(&case, &correction)
        .await
        .with_context(|| format!("{} minutes{whose} on {number} can't be taken back", correction.minutes))?;
    by_hand.commit().await?;
    output::say(&format!("{}{whose} on {number} taken back.", minutes(correction.minutes)));
    Ok(())
}

async fn transfer(opened: &Opened, args: Transfer) -> anyhow::Result<()> {
    let Transfer { client, from, to, minutes: moved, reason } = args;
    let office = opened.office()?;
    let by = By { actor: actor(), reason: reason.reason, at: opened.now() };
    let mut by_hand = ByHand::begin(&opened.db, &opened.raw, &office, by).await?;
    let done = by_hand.transfer(&client, (&from, &to), moved).await;
    done.with_context(|| format!("{moved} minutes can't move from card {from} to card {to} of {client}"))?;
    by_hand.commit().await?;
    output::say(&format!("{} moved from card {from} to card {to} of {client}.", minutes(moved)));
    Ok(())
}

async fn show(opened: &Opened, client: &ClientCode, number: Option<&CardNumber>, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    directory.client(client).with_context(|| no_client(client))?;
    let ledger = cards::list(&opened.db, opened.code(), client.as_str()).await?;
    let account = Account::from_entries(ledger.iter().map(|line| &line.entry));
    if let Some(number) = number {
        account
            .card(number)
            .with_context(|| format!("{client} has no card {number}: see \"casepost card list {client}\""))?;
    }
    let lines: Vec<&StoredEntry> =
        ledger.iter().filter(|line| number.is_none_or(|number| line.entry.card.as_ref() == Some(number))).collect();
    let today = today_of(opened, &directory, client);
    // A card counts from its first day on.
    let left = match number.and_then(|number| account.card(number)) {
        Some(card) if card.purchased_on > today => 0,
        Some(card) => card.minutes,
        None => account.balance_minutes() - account.minutes_to_come(today),
    };
    let to_come: Vec<_> = account.cards().iter().filter(|card| card.purchased_on > today && card.minutes > 0).collect();
    if form.json {
        return output::say_json(&json!({ "client": client, "balance_minutes": account.balance_minutes(),
            "left_minutes": left, "minutes_to_come": account.minutes_to_come(today),
            "overdraft_minutes": account.overdraft_minutes(), "entries": lines }));
    }
    output::say_table(&ledger_table(&lines), "No lines.");
    output::say(&format!("Left: {}", minutes(left)));
    for card in to_come.iter().filter(|card| number.is_none_or(|number| card.number == *number)) {
        output::say(&format!(
            "To come: {} on card {} from {} on",
            minutes(card.minutes),
            card.number,
            card.purchased_on
        ));
    }
    Ok(())
}

/// The present day of a client; the desk's own day for one that is not declared.
fn today_of(opened: &Opened, directory: &Directory, client: &ClientCode) -> Date {
    let zone = directory.client(client).map_or(opened.zone(), |client| client.time_zone.time_zone());
    zone.to_datetime(opened.now()).date()
}

/// The ledger as a table.
pub fn ledger_table(lines: &[&StoredEntry]) -> comfy_table::Table {
    let mut table = output::table(&["no", "day", "what", "card", "work", "charged", "case", "words"]);
    for line in lines {
        let entry = &line.entry;
        table.add_row(vec![
            line.entry_no.to_string(),
            entry.work_date.to_string(),
            entry.kind.as_str().to_owned(),
            or_dash(entry.card.as_ref()),
            if entry.real_minutes == 0 { "–".to_owned() } else { minutes(entry.real_minutes) },
            minutes(entry.charged_minutes),
            or_dash(entry.case.as_ref()),
            short(&entry.text, 40),
        ]);
    }
    table
}

fn no_client(client: &ClientCode) -> String {
    format!("there is no client {client}: see \"casepost client list\"")
}
