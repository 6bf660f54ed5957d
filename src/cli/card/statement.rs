//! `casepost card statement`: the ledger as the client reads it, on the screen, in a file, or by mail.

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use crate::desk::by_hand::ByHand;
use crate::desk::import::By;
use crate::desk::ledger;
use crate::domain::address::{Address, NamedAddress};
use crate::domain::decision::{StatementFor, balance_in, statement_words};
use crate::domain::directory::{Client, Directory};
use crate::domain::names::{CardNumber, ClientCode};
use crate::domain::notice::{Notice, Recipient, Words};
use crate::domain::strip_card::{Account, Scope, Statement, statement};
use crate::templates::Rendered;

use super::super::opened::{Opened, actor};
use super::super::output;

/// What to state, and how.
#[derive(Debug, Clone, Args)]
pub struct StatementArgs {
    /// A card's number or a client's code.
    #[arg(value_name = "CARD|CLIENT")]
    of: String,
    /// The first day of booking, such as 2026-03-01; default: from the beginning.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day of booking; default: to this day.
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = StatementFormat::Text)]
    format: StatementFormat,
    /// Mail it to the client's coordinators, with the CSV beside it.
    #[arg(long, requires = "reason")]
    send: bool,
    /// Why it is sent: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", requires = "send",
        value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
}

/// How a statement is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatementFormat {
    /// As in the text of a letter.
    Text,
    /// As in the page of a letter.
    Html,
    /// For a spreadsheet.
    Csv,
    /// For programs.
    Json,
}

/// Shows the statement, or sends it.
pub async fn run(opened: &Opened, args: StatementArgs) -> anyhow::Result<()> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && to < from
    {
        bail!("--to {to} lies before --from {from}: name the first day first");
    }
    let directory = opened.directory().await?;
    let (client, card) = find(opened, &directory, &args.of).await?;
    let scope = Scope { card, from: args.from, through: args.to };
    if let (true, Some(reason)) = (args.send, &args.reason) {
        return send(opened, client, scope, reason).await;
    }
    let lines = ledger::list(&opened.db, opened.code(), opened.zone(), &directory, &client.code).await?;
    let made = statement(&lines, scope);
    match args.format {
        StatementFormat::Json => output::say_json(&made),
        StatementFormat::Csv => Ok(output::say_bytes(made.to_csv().as_bytes())?),
        StatementFormat::Text => {
            let text = written(opened, &directory, client, &made).await?.text;
            output::say(&output::plain(&text));
            Ok(())
        }
        StatementFormat::Html => {
            let page = written(opened, &directory, client, &made).await?.html;
            output::say(&page.context("the desk's templates have no page for a statement")?);
            Ok(())
        }
    }
}

/// A client of that code, or the one client that has a card of that number.
async fn find<'d>(
    opened: &Opened,
    directory: &'d Directory,
    of: &str,
) -> anyhow::Result<(&'d Client, Option<CardNumber>)> {
    if let Some(client) = ClientCode::new(of).ok().and_then(|code| directory.client(&code)) {
        return Ok((client, None));
    }
    let unknown = || format!("there is no client and no card \"{of}\": see \"casepost card list\"");
    let number = CardNumber::new(of).ok().with_context(unknown)?;
    let mut having = Vec::new();
    for client in directory.clients() {
        let ledger = crate::store::cards::list(&opened.db, opened.code(), client.code.as_str()).await?;
        if Account::from_entries(ledger.iter().map(|line| &line.entry)).card(&number).is_some() {
            having.push(client);
        }
    }
    match having.as_slice() {
        [only] => Ok((only, Some(number))),
        [] => bail!(unknown()),
        several => {
            let codes: Vec<&str> = several.iter().map(|client| client.code.as_str()).collect();
            bail!("{} have a card {number} each: name the client instead", codes.join(" and "))
        }
    }
}

/// The letter without its salutation, in the client's language and time zone.
async fn written(
    opened: &Opened,
    directory: &Directory,
    client: &Client,
    made: &Statement,
) -> anyhow::Result<Rendered> {
    let now = opened.now();
    let contract = directory.contract_or_last(&client.code, now).with_context(|| no_contract(client))?;
    let ledger = crate::store::cards::list(&opened.db, opened.code(), client.code.as_str()).await?;
    let account = Account::from_entries(ledger.iter().map(|line| &line.entry));
    let time_zone = client.time_zone.time_zone().clone();
    let today = time_zone.to_datetime(now).date();
    let about = StatementFor {
        client,
        contract,
        balance: Some(balance_in(&account, contract, today)),
        is_asked: false,
        is_letter: false,
    };
    let office = opened.office()?;
    let address = Address::new("nobody@invalid").context("a constant address")?;
    let notice = Notice {
        words: Words::from(statement_words(made, &about)),
        to: Recipient { person: NamedAddress::new("", address), language: client.language, time_zone },
        cc: Vec::new(),
    };
    Ok(office.stationery.templates.render(&notice, &office.stationery.letterhead, now)?)
}

async fn send(opened: &Opened, client: &Client, scope: Scope, reason: &str) -> anyhow::Result<()> {
    let office = opened.office()?;
    let by = By { actor: actor(), reason: reason.to_owned(), at: opened.now() };
    let mut by_hand = ByHand::begin(&opened.db, &opened.raw, &office, by).await?;
    let sent_to = by_hand.send_statement(&client.code, scope).await?;
    if sent_to.is_empty() {
        bail!("{} has no coordinator with an address: nobody can be sent the statement", client.code);
    }
    by_hand.commit().await?;
    output::say(&format!("The statement goes to {}: see \"casepost outbox list\".", sent_to.join(", ")));
    Ok(())
}

fn no_contract(client: &Client) -> String {
    format!("{} never had a contract, which tells how long a strip is: see \"casepost client list\"", client.code)
}
