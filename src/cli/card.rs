//! `casepost card`: strip cards and their ledger.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use jiff::civil::Date;
use serde_json::json;

use crate::desk::import::{By, World};
use crate::domain::case::CaseNumber;
use crate::domain::decision::tariff;
use crate::domain::directory::{Card, Declarations};
use crate::domain::names::{CardNumber, ClientCode, PersonKey};
use crate::domain::strip_card::{Account, DeskCorrection, correct_by_desk};
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
    /// Take booked time back: lowers what an expert booked on a case, for any reason.
    Correct {
        /// The case, such as AMR-2026-0042.
        case: CaseNumber,
        /// Whose bookings are lowered.
        #[arg(long, value_name = "KEY", value_parser = |text: &str| PersonKey::new(text))]
        expert: PersonKey,
        /// By how many minutes of work.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
        minutes: i64,
        #[command(flatten)]
        reason: Reason,
    },
    /// The cards and what is left on them.
    List {
        /// Only this client's.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        #[command(flatten)]
        form: Form,
    },
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

/// Does what the command says.
pub async fn run(opened: &Opened, command: CardCommand) -> anyhow::Result<()> {
    match command {
        CardCommand::Add { client, number, strips, purchased_on, minutes_per_strip, reason } => {
            add(opened, Card { client, number, strips, minutes_per_strip, purchased_on }, reason).await
        }
        CardCommand::Correct { case, expert, minutes, reason } => {
            correct(opened, DeskCorrection { expert, case, minutes, reason: reason.reason }).await
        }
        CardCommand::List { client, form } => list(opened, client.as_ref(), form).await,
        CardCommand::Show { client, number, form } => show(opened, &client, number.as_ref(), form).await,
    }
}

async fn add(opened: &Opened, card: Card, reason: Reason) -> anyhow::Result<()> {
    let (client, number) = (card.client.clone(), card.number.clone());
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
    let left = minutes(account.balance_minutes());
    output::say(&format!("Card {number} of {client} is added. {client} has {left} left."));
    Ok(())
}

/// Lowers bookings under the desk's lock, so that nobody books between reading the account and writing the lines.
async fn correct(opened: &Opened, correction: DeskCorrection) -> anyhow::Result<()> {
    let number = correction.case.clone();
    let directory = opened.directory().await?;
    let mut changing = opened.begin(&correction.reason).await?;
    let case = cases::find_by_number_in(&mut changing.tx, opened.code(), &number.to_string())
        .await?
        .with_context(|| format!("there is no case {number}: see \"casepost case list\""))?;
    let zone = directory.client(&case.client).map_or(opened.zone(), |client| client.time_zone.time_zone());
    let today = changing.at.to_zoned_datetime(zone.clone()).date();
    let tariff = directory.contract(&case.client, changing.at).map(tariff).unwrap_or_default();
    let ledger = cards::list_in(&mut changing.tx, opened.code(), case.client.as_str()).await?;
    let account = Account::from_entries(ledger.iter().map(|line| &line.entry));
    let entries = correct_by_desk(&account, &correction, tariff, today).with_context(|| {
        format!("{} minutes of {} on {number} can't be taken back", correction.minutes, correction.expert)
    })?;
    let booking_key = format!("correct/{}/{}", case.client, changing.numbers.peek("entry"));
    for (part, entry) in (0..).zip(entries) {
        let line = StoredEntry {
            entry_no: changing.numbers.draw("entry"),
            entry,
            booked_at: changing.at,
            booking_key: booking_key.clone(),
            position: None,
        };
        cards::record(&mut changing.tx, opened.code(), case.client.as_str(), part, Some(case.case_no), &line).await?;
    }
    let detail = format!("{} of {} on {number} taken back", minutes(correction.minutes), correction.expert);
    changing.note("correct-time", detail.clone(), Some(case.case_no), None).await?;
    changing.commit().await?;
    output::say(&format!("{detail}."));
    Ok(())
}

async fn list(opened: &Opened, client: Option<&ClientCode>, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    if let Some(client) = client {
        directory.client(client).with_context(|| no_client(client))?;
    }
    let mut table = output::table(&["client", "card", "bought on", "valid through", "left", "now"]);
    let mut values = Vec::new();
    for of in directory.clients().into_iter().filter(|of| client.is_none_or(|client| of.code == *client)) {
        let today = opened.now().to_zoned_datetime(of.time_zone.time_zone().clone()).date();
        let ledger = cards::list(&opened.db, opened.code(), of.code.as_str()).await?;
        let account = Account::from_entries(ledger.iter().map(|line| &line.entry));
        for card in account.cards() {
            let now = if card.is_valid_on(today) {
                "valid"
            } else if card.purchased_on > today {
                "to come"
            } else {
                "expired"
            };
            table.add_row(vec![
                of.code.to_string(),
                card.number.to_string(),
                card.purchased_on.to_string(),
                card.last_valid_day.to_string(),
                minutes(card.minutes),
                now.to_owned(),
            ]);
            values.push(json!({
                "client": of.code, "number": card.number, "purchased_on": card.purchased_on,
                "last_valid_day": card.last_valid_day, "minutes_left": card.minutes, "now": now,
            }));
        }
        if account.overdraft_minutes() > 0 {
            let owed = account.overdraft_minutes();
            let (code, dash) = (of.code.to_string(), "–".to_owned());
            table.add_row(vec![code, "overdraft".to_owned(), dash.clone(), dash.clone(), minutes(-owed), dash]);
            values.push(json!({ "client": of.code, "overdraft_minutes": owed }));
        }
    }
    if form.json {
        return output::say_json(&values);
    }
    output::say_table(&table, "No cards.");
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
    if form.json {
        return output::say_json(&json!({ "client": client, "balance_minutes": account.balance_minutes(),
            "overdraft_minutes": account.overdraft_minutes(), "entries": lines }));
    }
    output::say_table(&ledger_table(&lines), "No lines.");
    let left = number.and_then(|number| account.card(number)).map_or(account.balance_minutes(), |card| card.minutes);
    output::say(&format!("Left: {}", minutes(left)));
    Ok(())
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
