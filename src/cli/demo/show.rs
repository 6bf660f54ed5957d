//! What became of everything, in tables that a person reads from top to bottom.

use comfy_table::{CellAlignment, ColumnConstraint, LineStyle, Table, TableStyle};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::folder::Folder;
use crate::cli::output;
use crate::desk::office::Office;
use crate::desk::worker::Worker;
use crate::domain::case::Case;
use crate::domain::clock::Clock;
use crate::domain::directory::{Client, Directory};
use crate::domain::names::PersonKey;
use crate::domain::strip_card::EntryKind;
use crate::store::cards::StoredEntry;
use crate::store::clocks::StoredRun;
use crate::store::{audit, cards, cases, clocks, letters, messages};

/// One line below the headings; rows that wrap are told apart by their first column.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// More than the demonstration ever has.
const ALL: i64 = 10_000;

/// What the folder is.
pub fn beginning(folder: &Folder) {
    let root = folder.root.display();
    if folder.is_old {
        output::say(&format!("{root} holds a demonstration already. Its mails were delivered then and are not again."));
    } else {
        output::say(&format!(
            "A small desk, Lindeboom Support, was made in {root}: two clients, their people, two experts, a supplier,\n\
             a monitor. Its mailbox is a Maildir; its letters become files. Time is a rehearsal's."
        ));
    }
}

/// Mails, cases, ledgers, letters.
///
/// # Errors
/// What the store said.
pub async fn everything(worker: &Worker, folder: &Folder, now: Timestamp) -> anyhow::Result<()> {
    for office in &worker.offices {
        let zone = &office.facts.time_zone;
        let mut tx = worker.db.begin_for(office.code()).await?;
        let directory = office.directory(&mut tx).await?;
        drop(tx);
        output::say(&format!("It is {}.", now.to_zoned_datetime(zone.clone()).strftime("%A %-d %B %Y, %H:%M")));
        mails(worker, office).await?;
        cases_of(worker, office, &directory, now).await?;
        for client in directory.clients() {
            ledger(worker, office, client).await?;
        }
        letters_of(worker, office, &directory, folder).await?;
    }
    Ok(())
}

/// What to try next.
pub fn end(folder: &Folder) {
    let config = folder.config.display().to_string();
    let config = if config.contains(char::is_whitespace) { format!("'{config}'") } else { config };
    output::say(&format!(
        "\nGo on:\n\
         \x20 casepost --config {config} case show AMR-2026-0001\n\
         \x20 casepost --config {config} card show AMR\n\
         \x20 casepost --config {config} quarantine list\n\
         \x20 casepost --config {config} message show 1 --raw\n\
         (from a clone: cargo run -- --config {config} case show AMR-2026-0001)"
    ));
}

/// One line of the first table.
struct Line {
    at: Timestamp,
    from: String,
    subject: String,
    outcome: String,
    why: String,
}

async fn mails(worker: &Worker, office: &Office) -> anyhow::Result<()> {
    let known = messages::list(&worker.db, office.code(), None, ALL).await?;
    let line = |mail: &messages::StoredMessage| Line {
        at: mail.received_at,
        from: mail.sender_name.clone().filter(|name| !name.is_empty()).or(mail.sender.clone()).unwrap_or_default(),
        subject: mail.subject.clone(),
        outcome: mail.outcome.clone(),
        why: mail.why.clone(),
    };
    let mut lines: Vec<Line> = known.iter().map(line).collect();
    for again in audit::list(&worker.db, office.code(), ALL).await?.into_iter().filter(|l| l.action == "seen-before") {
        let first = known.iter().find(|mail| Some(&mail.fingerprint) == again.fingerprint.as_ref());
        // The copy's own receipt is not kept: it stands below its twin.
        lines.extend(first.map(|mail| Line {
            at: mail.received_at + SignedDuration::from_nanos(1),
            outcome: again.action,
            why: again.reason,
            ..line(mail)
        }));
    }
    lines.sort_by_key(|line| line.at);
    title(&format!("What became of {} mails", lines.len()));
    let mut table = table(&["received", "from", "subject", "outcome", "why"]);
    for line in lines {
        let from = output::short(&line.from, 20);
        let subject = output::short(&line.subject, 48);
        table.add_row([day_time(line.at, &office.facts.time_zone), from, subject, line.outcome, line.why]);
    }
    print(&table);
    Ok(())
}

async fn cases_of(worker: &Worker, office: &Office, directory: &Directory, now: Timestamp) -> anyhow::Result<()> {
    let mut known = cases::list(&worker.db, office.code(), None, ALL).await?;
    known.reverse();
    title(&format!("{} cases", known.len()));
    let mut table = table(&["number", "client", "subject", "state", "priority", "first response"]);
    for case in known {
        let client = directory.client(&case.client).map_or(case.client.to_string(), |client| client.name.clone());
        let runs = clocks::list_of_case(&worker.db, office.code(), case.case_no).await?;
        table.add_row([
            case.number.to_string(),
            client,
            output::short(&case.subject, 60),
            case.status.as_str().to_owned(),
            case.priority.as_str().to_owned(),
            response(&case, &runs, &office.facts.time_zone, now),
        ]);
    }
    print(&table);
    Ok(())
}

/// How the promise of a first response stands, in words.
fn response(case: &Case, runs: &[StoredRun], zone: &TimeZone, now: Timestamp) -> String {
    let first = runs.iter().map(|stored| &stored.run).find(|run| run.clock == Clock::FirstResponse);
    let moment = |at: Timestamp| {
        let (at, today) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()).date());
        let is_today = at.date() == today;
        if is_today { at.strftime("today %H:%M").to_string() } else { at.strftime("%a %-d %b %H:%M").to_string() }
    };
    match (first.and_then(|run| run.due), case.responded_at) {
        (None, None) => "best effort".to_owned(),
        (None, Some(at)) => format!("best effort; answered {}", moment(at)),
        (Some(due), Some(at)) if at <= due => format!("in time: {}, due {}", moment(at), moment(due)),
        (Some(due), Some(at)) => format!("late: {}, due {}", moment(at), moment(due)),
        (Some(due), None) if now < due => format!("due {}", moment(due)),
        (Some(due), None) => format!("missed, was due {}", moment(due)),
    }
}

async fn ledger(worker: &Worker, office: &Office, client: &Client) -> anyhow::Result<()> {
    let entries = cards::list(&worker.db, office.code(), client.code.as_str()).await?;
    if entries.is_empty() {
        return Ok(());
    }
    let has_card = entries.iter().any(|line| line.entry.kind == EntryKind::Purchase);
    let words = if has_card { "strip card, in minutes" } else { "time borne by the contract, in minutes" };
    title(&format!("{}: {words}", client.name));
    let mut table = table(&["work date", "what", "case", "expert", "worked", "charged", "balance"]);
    for column in table.column_iter_mut().skip(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut balance = 0;
    for StoredEntry { entry, .. } in entries {
        balance += entry.charged_minutes;
        let expert = entry.booking.as_ref().map(|booking| booking.expert.to_string()).unwrap_or_default();
        table.add_row([
            entry.work_date.to_string(),
            entry.kind.as_str().to_owned(),
            entry.case.map(|case| case.to_string()).unwrap_or_default(),
            expert,
            signed(entry.real_minutes),
            signed(entry.charged_minutes),
            balance.to_string(),
        ]);
    }
    print(&table);
    Ok(())
}

fn signed(minutes: i64) -> String {
    if minutes == 0 { String::new() } else { format!("{minutes:+}") }
}

async fn letters_of(worker: &Worker, office: &Office, directory: &Directory, folder: &Folder) -> anyhow::Result<()> {
    let mut known = letters::list(&worker.db, office.code(), None, ALL).await?;
    known.sort_by_key(|letter| letter.letter_no);
    title(&format!("{} letters, in {}", known.len(), folder.outbox.display()));
    let mut table = table(&["written", "to", "subject", "file"]);
    if let Some(file) = table.column_mut(3) {
        file.set_constraint(ColumnConstraint::ContentWidth);
    }
    for letter in known {
        let eml = format!("{}-{:06}-{}.eml", letter.desk, letter.letter_no, letter.notice);
        let person = letter.person.and_then(|key| PersonKey::new(key).ok());
        let name = person.and_then(|key| directory.name_of(&key).map(str::to_owned));
        let file = if folder.outbox.join(&eml).exists() { eml } else { format!("({})", letter.state) };
        table.add_row([
            day_time(letter.enqueued_at, &office.facts.time_zone),
            name.unwrap_or(letter.recipient),
            output::short(&letter.subject, 70),
            file,
        ]);
    }
    print(&table);
    Ok(())
}

fn print(table: &Table) {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    output::say(&lines.join("\n"));
}

fn title(text: &str) {
    output::say(&format!("\n{text}\n"));
}

/// A table as wide as the screen.
fn table(headings: &[&str]) -> Table {
    let mut table = output::table(headings);
    table.load_style(STYLE);
    if let Some(width) = Table::new().width() {
        table.set_width(width.clamp(60, 160));
    }
    table
}

fn day_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %H:%M").to_string()
}
