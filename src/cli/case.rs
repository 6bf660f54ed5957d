//! `casepost case`: cases, with all that happened on them.

mod deadline;

use anyhow::Context as _;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use crate::desk::casework::change_case;
use crate::desk::import::By;
use crate::desk::worker::Worker;
use crate::domain::case::{Case, CaseNumber, Party};
use crate::domain::clock::{Explained, explain};
use crate::domain::decision::DeskChange;
use crate::domain::directory::Directory;
use crate::domain::names::ClientCode;
use crate::domain::promise;
use crate::store::audit::AuditLine;
use crate::store::cards::StoredEntry;
use crate::store::letters::StoredLetter;
use crate::store::messages::StoredMessage;
use crate::store::{audit, cards, cases, clocks, letters, messages};

use super::card::ledger_table;
use super::opened::{Opened, actor};
use super::output::{self, maybe_time, or_dash, short, time};
use super::{Form, Reason};

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// The newest cases.
    List {
        /// Only this client's.
        #[arg(long, value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        most: u32,
        #[command(flatten)]
        form: Form,
    },
    /// A case: its people, its deadlines and why they lie where they do, what was written and booked, who did what.
    Show {
        /// The number, such as AMR-2026-0042.
        number: CaseNumber,
        #[command(flatten)]
        form: Form,
    },
    /// Open a resolved or closed case again, however long ago it ended.
    Reopen {
        /// The number, such as AMR-2026-0042.
        number: CaseNumber,
        #[command(flatten)]
        reason: Reason,
    },
    /// Hand a case to another expert, with its whole history; those who had it leave it.
    Assign {
        /// The number, such as AMR-2026-0042.
        number: CaseNumber,
        /// The expert: key, first name, whole name or address.
        expert: String,
        #[command(flatten)]
        reason: Reason,
    },
    /// Move a case that was opened for the wrong client: it gets a number of the right one, its time moves with it.
    SetClient {
        /// The number, such as AMR-2026-0042.
        number: CaseNumber,
        /// The right client's code.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: ClientCode,
        #[command(flatten)]
        reason: Reason,
    },
    /// Part a case from the one in which it ended by #merge: it goes on as it was.
    Unmerge {
        /// The number of the case that ended, such as AMR-2026-0042.
        number: CaseNumber,
        #[command(flatten)]
        reason: Reason,
    },
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: CaseCommand) -> anyhow::Result<()> {
    match command {
        CaseCommand::Reopen { number, reason } => change(opened, &number, DeskChange::Reopen, reason).await,
        CaseCommand::Assign { number, expert, reason } => {
            change(opened, &number, DeskChange::Assign(expert), reason).await
        }
        CaseCommand::SetClient { number, client, reason } => {
            change(opened, &number, DeskChange::SetClient(client), reason).await
        }
        CaseCommand::Unmerge { number, reason } => change(opened, &number, DeskChange::Unmerge, reason).await,
        CaseCommand::List { client, most, form } => list(opened, client.as_ref(), most, form).await,
        CaseCommand::Show { number, form } => show(opened, &number, form).await,
    }
}

/// Changes a case in the desk's name; the letters leave with the next round of the outbox.
async fn change(opened: &Opened, number: &CaseNumber, change: DeskChange, reason: Reason) -> anyhow::Result<()> {
    let mailbox = opened.config.mailboxes_of(&opened.desk.code).next();
    let mailbox = mailbox.with_context(|| format!("desk {} has no mailbox any more", opened.code()))?;
    let worker = Worker::open(opened.config.clone(), opened.clock).await?;
    let by = By { actor: actor(), reason: reason.reason, at: opened.now() };
    let done = change_case(&worker.intake(mailbox)?, number, &change, &by).await;
    worker.db.close().await;
    output::say(&format!("{}.", done?));
    Ok(())
}

async fn list(opened: &Opened, client: Option<&ClientCode>, most: u32, form: Form) -> anyhow::Result<()> {
    let client = client.map(ClientCode::as_str);
    let list = cases::list(&opened.db, opened.code(), client, i64::from(most)).await?;
    if form.json {
        return output::say_json(&list);
    }
    let mut table = output::table(&["number", "status", "kind", "priority", "subject", "opened", "answer due"]);
    for case in list {
        table.add_row(vec![
            case.number.to_string(),
            case.status.to_string(),
            case.kind.to_string(),
            case.priority.to_string(),
            short(&case.subject, 45),
            time(case.opened_at, opened.zone()),
            maybe_time(case.response_due.filter(|_| case.responded_at.is_none()), opened.zone()),
        ]);
    }
    output::say_table(&table, "No cases.");
    Ok(())
}

/// A case with all that belongs to it.
struct Whole {
    case: Case,
    parties: Vec<Party>,
    messages: Vec<StoredMessage>,
    letters: Vec<StoredLetter>,
    ledger: Vec<StoredEntry>,
    trail: Vec<AuditLine>,
    /// The number of the case in which it ended.
    goes_on_in: Option<CaseNumber>,
    /// The numbers of the cases that ended in it.
    took_in: Vec<CaseNumber>,
    /// The runs of its clocks, and why their moments lie where they do.
    clocks: Vec<Explained>,
}

impl Whole {
    async fn find(opened: &Opened, directory: &Directory, number: &CaseNumber) -> anyhow::Result<Whole> {
        let (db, desk) = (&opened.db, opened.code());
        let case = cases::find_by_number(db, desk, &number.to_string())
            .await?
            .with_context(|| format!("there is no case {number}: see \"casepost case list\""))?;
        let mut goes_on_in = None;
        if let Some(case_no) = case.merged_into {
            goes_on_in = cases::find_by_no(db, desk, case_no).await?.map(|case| case.number);
        }
        let mut took_in = Vec::new();
        for case_no in &case.merged_from {
            took_in.extend(cases::find_by_no(db, desk, *case_no).await?.map(|case| case.number));
        }
        let mut ledger = cards::list(db, desk, case.client.as_str()).await?;
        ledger.retain(|line| line.entry.case.as_ref() == Some(number));
        let events = clocks::list_events_now(db, desk, case.case_no).await?;
        let clocks = explain(&events, &promise::terms_of(directory, &case.client), opened.now());
        Ok(Whole {
            clocks,
            parties: cases::list_parties(db, desk, case.case_no).await?,
            messages: messages::list_of_case(db, desk, case.case_no).await?,
            letters: letters::list_of_case(db, desk, case.case_no).await?,
            trail: audit::list_of_case(db, desk, case.case_no).await?,
            ledger,
            goes_on_in,
            took_in,
            case,
        })
    }
}

async fn show(opened: &Opened, number: &CaseNumber, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    let whole = Whole::find(opened, &directory, number).await?;
    if form.json {
        let Whole { case, parties, messages, letters, ledger, trail, goes_on_in, took_in, clocks } = &whole;
        return output::say_json(&json!({ "case": case, "parties": parties, "messages": messages,
            "letters": letters, "entries": ledger, "audit": trail, "goes_on_in": goes_on_in, "took_in": took_in,
            "clocks": clocks }));
    }
    output::say(&head(opened, &directory, &whole));
    if !whole.clocks.is_empty() {
        output::say("\nBy when, and why");
        output::say(&deadline::lines(&whole.clocks, opened.zone()));
    }
    output::say("\nWhat was written");
    output::say_table(&timeline(opened, &whole), "Nothing.");
    if !whole.ledger.is_empty() {
        output::say("\nWhat was booked");
        output::say_table(&ledger_table(&whole.ledger.iter().collect::<Vec<_>>()), "");
    }
    output::say("\nWho did what");
    output::say_table(&super::audit::trail_table(&whole.trail, opened.zone()), "Nothing.");
    Ok(())
}

fn head(opened: &Opened, directory: &Directory, whole: &Whole) -> String {
    let case = &whole.case;
    let zone = opened.zone();
    let name = |key| directory.name_of(key).map_or_else(|| key.to_string(), str::to_owned);
    let client = directory.client(&case.client).map_or("", |client| client.name.as_str());
    let parties: Vec<String> =
        whole.parties.iter().map(|party| format!("{} ({})", name(&party.person), party.role)).collect();
    let mut lines = vec![
        format!("{}  {}", case.number, output::plain(&case.subject).replace('\n', " ")),
        format!("{} · {} · {} priority", case.status, case.kind, case.priority),
        format!("Client:       {} {client}", case.client),
        format!("Coordinator:  {}", or_dash(case.coordinator.as_ref().map(name))),
        format!("With:         {}", if parties.is_empty() { "–".to_owned() } else { parties.join(", ") }),
        format!("Opened:       {}", time(case.opened_at, zone)),
    ];
    let moments = [
        ("Answer due:  ", case.response_due),
        ("Answered:    ", case.responded_at),
        ("Solution due:", case.resolution_due),
        ("Resolved:    ", case.resolved_at),
        ("Closed:      ", case.closed_at),
    ];
    lines.extend(case.estimate_minutes.map(|estimate| format!("Estimate:     {}", output::minutes(estimate))));
    lines.extend(whole.goes_on_in.as_ref().map(|number| format!("Goes on in:   {number}")));
    lines.extend(whole.took_in.iter().map(|number| format!("Took in:      {number}")));
    lines.extend(moments.iter().filter_map(|(what, at)| at.map(|at| format!("{what} {}", time(at, zone)))));
    lines.join("\n")
}

fn timeline(opened: &Opened, whole: &Whole) -> comfy_table::Table {
    let mut rows: Vec<(Timestamp, Vec<String>)> = Vec::new();
    for message in &whole.messages {
        let from = message.sender_name.as_deref().filter(|name| !name.is_empty()).or(message.sender.as_deref());
        rows.push((
            message.received_at,
            vec![
                format!("mail {}", message.message_no),
                format!("from {}", short(from.unwrap_or("?"), 32)),
                message.outcome.clone(),
                short(&message.fresh, 60),
            ],
        ));
    }
    for letter in &whole.letters {
        rows.push((
            letter.enqueued_at,
            vec![
                format!("letter {}", letter.letter_no),
                format!("to {}", short(&letter.recipient, 32)),
                letter.state.clone(),
                format!("[{}] {}", letter.notice, short(&letter.subject, 45)),
            ],
        ));
    }
    rows.sort_by_key(|(at, _)| *at);
    let mut table = output::table(&["when", "what", "who", "state", "words"]);
    for (at, cells) in rows {
        table.add_row(std::iter::once(time(at, opened.zone())).chain(cells).collect::<Vec<_>>());
    }
    table
}
