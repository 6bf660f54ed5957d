//! `casepost message`: mails that came in, and what became of each.

use std::collections::HashMap;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use crate::store::letters::StoredLetter;
use crate::store::messages::{self, StoredMessage};
use crate::store::{cases, letters};

use super::Form;
use super::opened::Opened;
use super::output::{self, or_dash, plain, short, time};

/// What to do with mails.
#[derive(Debug, Subcommand)]
pub enum MessageCommand {
    /// The newest mails.
    List {
        /// Only those of one outcome.
        #[arg(long, value_parser = [
            "opened", "joined", "contributed", "held", "challenged", "parked", "quarantined", "noted", "own",
        ])]
        outcome: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        most: u32,
        #[command(flatten)]
        form: Form,
    },
    /// A mail: its outcome and why, its proof, the letters that it caused.
    Show {
        /// Its number.
        number: i64,
        /// Print its bytes as they came.
        #[arg(long, conflicts_with = "json")]
        raw: bool,
        #[command(flatten)]
        form: Form,
    },
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: MessageCommand) -> anyhow::Result<()> {
    match command {
        MessageCommand::List { outcome, most, form } => {
            let list = messages::list(&opened.db, opened.code(), outcome.as_deref(), i64::from(most)).await?;
            say_list(opened, &list, form, "No mails.").await
        }
        MessageCommand::Show { number, raw: true, .. } => {
            let message = find(opened, number).await?;
            let bytes = opened.raw.find(&opened.db, opened.code(), &message.raw_digest).await?;
            Ok(output::say_bytes(&bytes)?)
        }
        MessageCommand::Show { number, form, .. } => show(opened, number, form).await,
    }
}

/// The mail of that number.
///
/// # Errors
/// When there is none.
pub async fn find(opened: &Opened, number: i64) -> anyhow::Result<StoredMessage> {
    messages::find_by_number(&opened.db, opened.code(), number)
        .await?
        .with_context(|| format!("there is no mail {number}: see \"casepost message list\""))
}

/// Prints mails as a table.
pub async fn say_list(opened: &Opened, list: &[StoredMessage], form: Form, when_empty: &str) -> anyhow::Result<()> {
    if form.json {
        return output::say_json(list);
    }
    let numbers = case_numbers(opened, list.iter().filter_map(|message| message.case_no)).await?;
    let mut table = output::table(&["no", "received", "from", "subject", "outcome", "case / cause"]);
    for message in list {
        let case = message.case_no.and_then(|no| numbers.get(&no).cloned());
        table.add_row(vec![
            message.message_no.to_string(),
            time(message.received_at, opened.zone()),
            short(message.sender.as_deref().unwrap_or("–"), 32),
            short(&message.subject, 40),
            message.outcome.clone(),
            or_dash(case.or_else(|| message.cause.clone())),
        ]);
    }
    output::say_table(&table, when_empty);
    Ok(())
}

/// Prints one mail with all that is known of it.
pub async fn show(opened: &Opened, number: i64, form: Form) -> anyhow::Result<()> {
    let message = find(opened, number).await?;
    let caused = letters::list_of_cause(&opened.db, opened.code(), &message.fingerprint).await?;
    let deleted = opened.raw.find_deleted(&opened.db, opened.code(), &message.raw_digest).await?;
    if form.json {
        let raw_deleted_at = deleted.map(|deleted| deleted.at);
        return output::say_json(&json!({ "message": message, "letters": caused, "raw_deleted_at": raw_deleted_at }));
    }
    let numbers = case_numbers(opened, message.case_no.into_iter()).await?;
    output::say(&head(opened, &message, message.case_no.and_then(|no| numbers.get(&no))));
    if let Some(deleted) = deleted {
        output::say(&format!("Note        {deleted}"));
    }
    output::say("\nWhat is new in it");
    let fresh = plain(message.fresh.trim_end());
    output::say(if fresh.is_empty() { "(nothing)" } else { &fresh });
    output::say("\nLetters that it caused");
    output::say_table(&letter_table(opened, &caused), "None.");
    Ok(())
}

fn head(opened: &Opened, message: &StoredMessage, case: Option<&String>) -> String {
    let sender = match (message.sender_name.as_deref(), message.sender.as_deref()) {
        (Some(name), Some(address)) if !name.is_empty() => format!("{name} <{address}>"),
        (_, address) => or_dash(address),
    };
    let lines = [
        ("Mail", message.message_no.to_string()),
        ("Subject", message.subject.clone()),
        ("From", sender),
        (
            "Person",
            match (&message.person, &message.role) {
                (Some(person), Some(role)) => format!("{person} ({role})"),
                (None, Some(role)) => role.clone(),
                (person, None) => or_dash(person.as_ref()),
            },
        ),
        ("Proof", message.proof.clone()),
        ("Received", format!("{} by {}", time(message.received_at, opened.zone()), message.mailbox)),
        ("Taken", time(message.claimed_at, opened.zone())),
        ("Kind", message.origin.clone()),
        ("Message-ID", or_dash(message.message_id.as_ref())),
        ("Outcome", message.outcome.clone()),
        ("Cause", or_dash(message.cause.as_ref())),
        ("Why", message.why.clone()),
        ("Case", or_dash(case)),
        ("Request", or_dash(message.request_no.map(|no| format!("R-{no}")))),
    ];
    let lines = lines.iter().filter(|(_, text)| text != "–");
    lines.map(|(what, text)| format!("{what:<11} {}", plain(text).replace('\n', " "))).collect::<Vec<_>>().join("\n")
}

/// Letters as a table.
pub fn letter_table(opened: &Opened, list: &[StoredLetter]) -> comfy_table::Table {
    let mut table = output::table(&["no", "decided", "to", "notice", "subject", "state"]);
    for letter in list {
        let mark = if letter.uncertain_at.is_some() { ", uncertain" } else { "" };
        let bounced = if letter.bounced_at.is_some() { ", bounced" } else { "" };
        table.add_row(vec![
            letter.letter_no.to_string(),
            time(letter.enqueued_at, opened.zone()),
            short(&letter.recipient, 32),
            letter.notice.clone(),
            short(&letter.subject, 40),
            format!("{}{mark}{bounced}", letter.state),
        ]);
    }
    table
}

/// The numbers of cases by their keys.
///
/// # Errors
/// What the database said.
pub async fn case_numbers(opened: &Opened, keys: impl Iterator<Item = i64>) -> anyhow::Result<HashMap<i64, String>> {
    let mut numbers = HashMap::new();
    for key in keys {
        if numbers.contains_key(&key) {
            continue;
        }
        if let Some(case) = cases::find_by_no(&opened.db, opened.code(), key).await? {
            numbers.insert(key, case.number.to_string());
        }
    }
    Ok(numbers)
}
