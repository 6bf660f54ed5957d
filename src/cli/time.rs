//! `casepost time`: what experts booked, for their own invoices.

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;
use serde_json::json;

use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::strip_card::{LedgerLine, WorkLine, work_csv, work_lines, work_totals};
use crate::store::cards;

use super::opened::Opened;
use super::output::{self, minutes, or_dash, short};

/// What to do with booked time.
#[derive(Debug, Subcommand)]
pub enum TimeCommand {
    /// What was booked in a period, line by line, with totals. A line belongs to the day on which it was booked (the
    /// receipt of the mail), so that it stands on exactly one invoice; the day of the work is shown, too.
    List {
        /// Only this expert's.
        #[arg(long, value_name = "KEY", value_parser = |text: &str| PersonKey::new(text))]
        expert: Option<PersonKey>,
        /// Only for this client.
        #[arg(long, value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        /// The first day of booking, such as 2026-03-01.
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// The last day of booking.
        #[arg(long, value_name = "DAY")]
        to: Option<Date>,
        /// How it is written.
        #[arg(long, value_enum, default_value_t = TimeFormat::Text)]
        format: TimeFormat,
    },
}

/// How booked time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TimeFormat {
    /// A table for the screen.
    Text,
    /// For a spreadsheet.
    Csv,
    /// For programs.
    Json,
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: TimeCommand) -> anyhow::Result<()> {
    let TimeCommand::List { expert, client, from, to, format } = command;
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        bail!("--to {to} lies before --from {from}: name the first day first");
    }
    let directory = opened.directory().await?;
    if let Some(key) = &expert {
        directory.name_of(key).with_context(|| format!("there is no expert {key}: see \"casepost export\""))?;
    }
    if let Some(code) = &client {
        directory.client(code).with_context(|| format!("there is no client {code}: see \"casepost client list\""))?;
    }
    let mut lines: Vec<WorkLine> = Vec::new();
    for of in directory.clients().into_iter().filter(|of| client.as_ref().is_none_or(|code| of.code == *code)) {
        let stored = cards::list(&opened.db, opened.code(), of.code.as_str()).await?;
        for booking in stored.chunk_by(|one, next| one.booking_key == next.booking_key) {
            let Some(first) = booking.first() else { continue };
            let booked_on = LedgerLine::day(first.booked_at, opened.zone());
            lines.extend(work_lines(&of.code, booked_on, booking.iter().map(|line| &line.entry)));
        }
    }
    let is_meant = |line: &WorkLine| {
        expert.as_ref().is_none_or(|key| line.expert == *key)
            && from.is_none_or(|from| from <= line.booked_on)
            && to.is_none_or(|to| line.booked_on <= to)
    };
    lines.retain(is_meant);
    lines.sort_by(|a, b| (a.work_date, a.booked_on, &a.client).cmp(&(b.work_date, b.booked_on, &b.client)));
    say(&lines, format)
}

fn say(lines: &[WorkLine], format: TimeFormat) -> anyhow::Result<()> {
    let (real, charged) = work_totals(lines);
    match format {
        TimeFormat::Csv => output::say_bytes(work_csv(lines).as_bytes())?,
        TimeFormat::Json => {
            output::say_json(&json!({ "lines": lines, "real_minutes": real, "charged_minutes": charged }))?;
        }
        TimeFormat::Text => {
            let mut table = output::table(&["work date", "case", "expert", "what", "work", "charged", "words"]);
            for line in lines {
                table.add_row(vec![
                    line.work_date.to_string(),
                    or_dash(line.case.as_ref()),
                    line.expert.to_string(),
                    line.what.to_owned(),
                    minutes(line.real_minutes),
                    minutes(line.charged_minutes),
                    short(&line.description, 30),
                ]);
            }
            output::say_table(&table, "No time.");
            output::say(&format!("Together: {} worked, {} charged", minutes(real), minutes(charged)));
        }
    }
    Ok(())
}
