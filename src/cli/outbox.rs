//! `casepost outbox`: letters that go out, and what became of them.

use anyhow::{Context as _, bail};
use clap::Subcommand;

use crate::store::letters::{self, StoredLetter};

use super::message::{case_numbers, letter_table};
use super::opened::Opened;
use super::output::{self, maybe_time, or_dash, plain, time};
use super::{Form, Reason};

/// What to do with letters.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// The newest letters, or those in one state.
    List {
        /// Only those in one state.
        #[arg(long, value_parser = ["held", "queued", "sending", "sent", "given-up", "dropped"])]
        state: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        most: u32,
        #[command(flatten)]
        form: Form,
    },
    /// A letter: its words and what became of it.
    Show {
        /// Its number.
        number: i64,
        /// Print its bytes as they leave.
        #[arg(long, conflicts_with = "json")]
        raw: bool,
        #[command(flatten)]
        form: Form,
    },
    /// Try letters again now: given-up ones, and ones that wait for their next attempt.
    Retry {
        /// Their numbers.
        #[arg(required = true)]
        numbers: Vec<i64>,
        #[command(flatten)]
        reason: Reason,
    },
    /// Let held letters go.
    Release {
        /// Their numbers.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        numbers: Vec<i64>,
        /// All that are held.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        reason: Reason,
    },
    /// Let held letters never go.
    Drop {
        /// Their numbers.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        numbers: Vec<i64>,
        /// All that are held.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        reason: Reason,
    },
}

/// What is done with a letter.
#[derive(Clone, Copy)]
enum Act {
    Retry,
    Release,
    Drop,
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: OutboxCommand) -> anyhow::Result<()> {
    match command {
        OutboxCommand::List { state, most, form } => {
            let list = letters::list(&opened.db, opened.code(), state.as_deref(), i64::from(most)).await?;
            if form.json {
                return output::say_json(&list);
            }
            output::say_table(&letter_table(opened, &list), "No letters.");
            Ok(())
        }
        OutboxCommand::Show { number, raw, form } => show(opened, number, raw, form).await,
        OutboxCommand::Retry { numbers, reason } => act(opened, &numbers, Act::Retry, reason).await,
        OutboxCommand::Release { all: true, reason, .. } => act_on_held(opened, Act::Release, reason).await,
        OutboxCommand::Release { numbers, reason, .. } => act(opened, &numbers, Act::Release, reason).await,
        OutboxCommand::Drop { all: true, reason, .. } => act_on_held(opened, Act::Drop, reason).await,
        OutboxCommand::Drop { numbers, reason, .. } => act(opened, &numbers, Act::Drop, reason).await,
    }
}

async fn act_on_held(opened: &Opened, what: Act, reason: Reason) -> anyhow::Result<()> {
    let held = letters::list(&opened.db, opened.code(), Some("held"), i64::MAX).await?;
    let numbers: Vec<i64> = held.iter().map(|letter| letter.letter_no).collect();
    if numbers.is_empty() {
        output::say("No letter is held.");
        return Ok(());
    }
    act(opened, &numbers, what, reason).await
}

/// All of them in one transaction, or none.
async fn act(opened: &Opened, numbers: &[i64], act: Act, reason: Reason) -> anyhow::Result<()> {
    let (action, done) = match act {
        Act::Retry => ("retry-letter", "tried again"),
        Act::Release => ("release-letter", "released"),
        Act::Drop => ("drop-letter", "dropped"),
    };
    let mut changing = opened.begin(&reason.reason).await?;
    for &number in numbers {
        let letter = letters::find_in(&mut changing.tx, opened.code(), number)
            .await?
            .with_context(|| format!("there is no letter {number}: see \"casepost outbox list\""))?;
        let at = changing.at;
        let is_done = match act {
            Act::Retry => letters::save_retry(&mut changing.tx, opened.code(), number, at).await?,
            Act::Release => letters::save_released(&mut changing.tx, opened.code(), number, at).await?,
            Act::Drop => letters::save_dropped(&mut changing.tx, opened.code(), number).await?,
        };
        if !is_done {
            bail!("letter {number} is {}: {}; nothing was changed", letter.state, why_not(act));
        }
        let detail = format!("letter {number} ({}) to {}", letter.notice, letter.recipient);
        changing.note(action, detail, letter.case_no, None).await?;
    }
    changing.commit().await?;
    let what = if numbers.len() == 1 { "letter is" } else { "letters are" };
    output::say(&format!("{} {what} {done}.", numbers.len()));
    Ok(())
}

fn why_not(act: Act) -> &'static str {
    match act {
        Act::Retry => "only letters that are given up or queued can be tried again",
        Act::Release => "only held letters can be released",
        Act::Drop => "only held letters can be dropped",
    }
}

async fn show(opened: &Opened, number: i64, raw: bool, form: Form) -> anyhow::Result<()> {
    let letter = letters::find(&opened.db, opened.code(), number)
        .await?
        .with_context(|| format!("there is no letter {number}: see \"casepost outbox list\""))?;
    if raw {
        let bytes = opened.raw.find(&opened.db, opened.code(), &letter.raw_digest).await?;
        return Ok(output::say_bytes(&bytes)?);
    }
    if form.json {
        return output::say_json(&letter);
    }
    let numbers = case_numbers(opened, letter.case_no.into_iter()).await?;
    output::say(&head(opened, &letter, letter.case_no.and_then(|no| numbers.get(&no))));
    if let Some(deleted) = opened.raw.find_deleted(&opened.db, opened.code(), &letter.raw_digest).await? {
        output::say(&format!("Note        {deleted}"));
    }
    output::say(&format!("\n{}", plain(letter.text.trim_end())));
    Ok(())
}

fn head(opened: &Opened, letter: &StoredLetter, case: Option<&String>) -> String {
    let zone = opened.zone();
    let lines = [
        ("Letter", format!("{} ({})", letter.letter_no, letter.notice)),
        ("To", letter.recipient.clone()),
        ("Subject", letter.subject.clone()),
        ("State", letter.state.clone()),
        ("Case", or_dash(case)),
        ("Message-ID", letter.message_id.clone()),
        ("Bounces to", letter.reverse_path.clone().unwrap_or_else(|| "nobody (empty reverse path)".to_owned())),
        ("Decided", time(letter.enqueued_at, zone)),
        ("Attempts", letter.attempts.to_string()),
        ("Next", maybe_time((letter.state == "queued").then_some(letter.attempt_due), zone)),
        ("Set aside", maybe_time(letter.set_aside_at, zone)),
        ("Uncertain", maybe_time(letter.uncertain_at, zone)),
        ("Sent", maybe_time(letter.sent_at, zone)),
        ("Bounced", maybe_time(letter.bounced_at, zone)),
        ("Server", or_dash(letter.answer.as_ref())),
    ];
    let lines = lines.iter().filter(|(_, text)| text != "–");
    lines.map(|(what, text)| format!("{what:<11} {}", plain(text).replace('\n', " "))).collect::<Vec<_>>().join("\n")
}
