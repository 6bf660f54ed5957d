//! `casepost summary`: the week of a client or of the desk, on the screen, as figures, or by mail.

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use crate::desk::by_hand::{ByHand, ByHandError, SentSummary};
use crate::desk::import::By;
use crate::desk::office::Office;
use crate::desk::summary::{ask_client, ask_desk, contract_of};
use crate::desk::worker::known_until;
use crate::domain::address::{Address, NamedAddress};
use crate::domain::directory::{Client, Directory};
use crate::domain::names::{ClientCode, Language};
use crate::domain::notice::{Notice, Recipient, Words};
use crate::domain::summary::{IsoWeek, desk_words, weekly_words};
use crate::store::mailboxes;

use super::opened::{Opened, actor};
use super::output;

/// Which week, whose, and what to do with it.
#[derive(Debug, Clone, Args)]
pub struct SummaryArgs {
    /// The week, such as 2026-W47; default: the last one that is over.
    #[arg(long, value_name = "WEEK")]
    week: Option<IsoWeek>,
    /// Only this client; default: every client that had a contract in the week.
    #[arg(long, value_name = "CODE", value_parser = |text: &str| ClientCode::new(text), conflicts_with = "desk_summary")]
    client: Option<ClientCode>,
    /// The desk's own summary: all clients, the worst first.
    #[arg(long)]
    desk_summary: bool,
    /// Print the letter; this is done where nothing else is asked.
    #[arg(long, conflicts_with = "send")]
    preview: bool,
    /// How the letter is printed.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text, conflicts_with_all = ["send", "json"])]
    format: SummaryFormat,
    /// Enqueue the letters now, also where they were sent before.
    #[arg(long, requires = "reason", conflicts_with = "json")]
    send: bool,
    /// Why it is sent: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", requires = "send",
        value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Print all figures as JSON.
    #[arg(long, conflicts_with = "preview")]
    json: bool,
}

/// How a letter is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SummaryFormat {
    /// Its text part.
    Text,
    /// Its page.
    Html,
}

/// Shows the summary, or sends it.
pub async fn run(opened: &Opened, args: SummaryArgs) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    if let (true, Some(reason)) = (args.send, &args.reason) {
        return send(opened, &directory, &args, reason).await;
    }
    let as_of = as_of(opened).await?;
    if args.desk_summary {
        return show_desk(opened, &directory, &args, as_of).await;
    }
    let mut values = Vec::new();
    let clients = clients(&directory, args.client.as_ref())?;
    for client in &clients {
        let week = week_of(&args, client, as_of);
        let Some(contract) = contract_of(&directory, client, week) else {
            if args.client.is_some() {
                bail!("{} had no contract in {week}: see \"casepost client list\"", client.code);
            }
            continue;
        };
        let office = opened.office()?;
        let mut tx = opened.db.begin().await?;
        let figures = ask_client(&mut tx, &office, (client, contract), week, as_of).await?;
        if args.json {
            values.push(serde_json::to_value(&figures)?);
        } else {
            let words = Words::from(weekly_words(&figures, &directory));
            let zone = client.time_zone.time_zone().clone();
            print(&office, words, client.language, zone, (args.format, as_of))?;
        }
    }
    match (args.json, args.client.is_some()) {
        (true, true) => output::say_json(values.first().context("one client was asked")?),
        (true, false) => output::say_json(&values),
        (false, _) => Ok(()),
    }
}

async fn show_desk(opened: &Opened, directory: &Directory, args: &SummaryArgs, as_of: Timestamp) -> anyhow::Result<()> {
    let office = opened.office()?;
    let week = args.week.unwrap_or_else(|| IsoWeek::newest_over(as_of, opened.zone()));
    let mut tx = opened.db.begin().await?;
    let figures = ask_desk(&mut tx, &office, directory, week, as_of).await?;
    if args.json {
        return output::say_json(&figures);
    }
    let words = Words::from(desk_words(&figures, directory));
    print(&office, words, opened.desk.language, opened.zone().clone(), (args.format, as_of))
}

/// Up to when everything is known: the present, unless a mailbox was not read to its end since.
async fn as_of(opened: &Opened) -> anyhow::Result<Timestamp> {
    let fetched = mailboxes::list_fetched(&opened.db).await?;
    let prefix = format!("{}/", opened.code());
    let of_desk: Vec<_> = fetched.iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(_, at)| *at).collect();
    // Mail that was never fetched says nothing of when; the figures are those of the present then.
    Ok(if of_desk.iter().any(Option::is_none) { opened.now() } else { known_until(&of_desk, opened.now()) })
}

fn week_of(args: &SummaryArgs, client: &Client, as_of: Timestamp) -> IsoWeek {
    args.week.unwrap_or_else(|| IsoWeek::newest_over(as_of, client.time_zone.time_zone()))
}

fn clients<'d>(directory: &'d Directory, asked: Option<&ClientCode>) -> anyhow::Result<Vec<&'d Client>> {
    match asked {
        None => Ok(directory.clients()),
        Some(code) => {
            let client = directory.client(code);
            Ok(vec![client.with_context(|| format!("there is no client {code}: see \"casepost client list\""))?])
        }
    }
}

fn print(
    office: &Office,
    words: Words,
    language: Language,
    time_zone: jiff::tz::TimeZone,
    (format, at): (SummaryFormat, Timestamp),
) -> anyhow::Result<()> {
    let address = Address::new("nobody@invalid").context("a constant address")?;
    let to = Recipient { person: NamedAddress::new("", address), language, time_zone };
    let notice = Notice { words, to, cc: Vec::new() };
    let letter = office.stationery.templates.render(&notice, &office.stationery.letterhead, at)?;
    match format {
        SummaryFormat::Text => output::say(&output::plain(&letter.text)),
        SummaryFormat::Html => output::say(&letter.html.context("the desk's templates have no page for a summary")?),
    }
    Ok(())
}

async fn send(opened: &Opened, directory: &Directory, args: &SummaryArgs, reason: &str) -> anyhow::Result<()> {
    let office = opened.office()?;
    let as_of = as_of(opened).await?;
    let by = By { actor: actor(), reason: reason.to_owned(), at: opened.now() };
    let mut by_hand = ByHand::begin(&opened.db, &opened.raw, &office, by).await?;
    let mut sent = Vec::new();
    if args.desk_summary {
        let week = args.week.unwrap_or_else(|| IsoWeek::newest_over(as_of, opened.zone()));
        sent.push(by_hand.send_desk_summary(week, as_of).await?);
    } else {
        for client in clients(directory, args.client.as_ref())? {
            let week = week_of(args, client, as_of);
            if args.client.is_none() && contract_of(directory, client, week).is_none() {
                continue;
            }
            match by_hand.send_summary(&client.code, week, as_of).await {
                // Who can't be told keeps no other client waiting.
                Err(ByHandError::Lacking(why)) if args.client.is_none() => output::complain(&why),
                done => sent.push(done?),
            }
        }
    }
    if sent.is_empty() {
        bail!("nothing is sent");
    }
    by_hand.commit().await?;
    for SentSummary { whose, week, readers, is_again } in &sent {
        let again = if *is_again { ", once more" } else { "" };
        output::say(&format!("The summary of {week} of {whose} goes to {}{again}.", readers.join(", ")));
    }
    output::say("See \"casepost outbox list\".");
    Ok(())
}
