//! `casepost quarantine`: mails that wait for a decision of the desk.

use anyhow::{Context as _, bail};
use clap::Subcommand;

use crate::desk::again::Anew;
use crate::desk::worker::Worker;
use crate::store::audit;
use crate::store::audit::AuditLine;
use crate::store::messages::{self, StoredMessage};

use super::opened::{Opened, actor};
use super::output;
use super::{Form, Reason, message};

/// What to do with mails that wait.
#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Mails in quarantine and mails whose sender was asked for a proof.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        most: u32,
        #[command(flatten)]
        form: Form,
    },
    /// A mail that waits, and why.
    Show {
        /// Its number.
        number: i64,
        #[command(flatten)]
        form: Form,
    },
    /// Decide a mail as if its sender were proven; it keeps its time of receipt.
    Release {
        /// Its number.
        number: i64,
        #[command(flatten)]
        reason: Reason,
    },
    /// Decide a mail again just as it is: after an update, or after the directory was changed.
    Replay {
        /// Its number.
        number: i64,
        #[command(flatten)]
        reason: Reason,
    },
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: QuarantineCommand) -> anyhow::Result<()> {
    match command {
        QuarantineCommand::List { most, form } => list(opened, i64::from(most), form).await,
        QuarantineCommand::Show { number, form } => {
            waiting(opened, number).await?;
            message::show(opened, number, form).await
        }
        QuarantineCommand::Release { number, reason } => decide_again(opened, number, reason, true).await,
        QuarantineCommand::Replay { number, reason } => decide_again(opened, number, reason, false).await,
    }
}

async fn list(opened: &Opened, most: i64, form: Form) -> anyhow::Result<()> {
    let mut list = messages::list(&opened.db, opened.code(), Some("quarantined"), most).await?;
    list.extend(messages::list(&opened.db, opened.code(), Some("challenged"), most).await?);
    list.sort_by_key(|message| std::cmp::Reverse(message.message_no));
    message::say_list(opened, &list, form, "Nothing waits.").await
}

async fn waiting(opened: &Opened, number: i64) -> anyhow::Result<StoredMessage> {
    let message = message::find(opened, number).await?;
    if !matches!(message.outcome.as_str(), "quarantined" | "challenged") {
        bail!("mail {number} does not wait: it is {}", message.outcome);
    }
    Ok(message)
}

async fn decide_again(opened: &Opened, number: i64, reason: Reason, is_released: bool) -> anyhow::Result<()> {
    let before = waiting(opened, number).await?;
    let mailboxes = || opened.config.mailboxes_of(&opened.desk.code);
    let mailbox = mailboxes()
        .find(|mailbox| mailbox.name.as_str() == before.mailbox)
        .or_else(|| mailboxes().next())
        .with_context(|| format!("desk {} has no mailbox any more", opened.code()))?;
    let worker = Worker::open(opened.config.clone(), opened.clock).await?;
    let intake = worker.intake(mailbox)?;
    let now = opened.now();
    let mut tx = worker.db.begin_for(opened.code()).await?;
    let mut batch = intake.batch(&mut tx).await?;
    let anew = Anew { is_released, client: None };
    let Some(outcome) = intake.decide_again(&mut tx, &mut batch, &before.fingerprint, now, anew).await? else {
        bail!(
            "mail {number} can't be decided now: a lookup failed for a moment, or somebody else was faster; try again"
        );
    };
    let line = AuditLine {
        at: now,
        actor: actor(),
        action: if is_released { "release-mail" } else { "replay-mail" }.to_owned(),
        case_no: messages::find(&mut tx, opened.code(), &before.fingerprint).await?.and_then(|after| after.case_no),
        fingerprint: Some(before.fingerprint.clone()),
        position: None,
        reason: reason.reason,
        detail: format!("mail {number}: {} → {}", before.outcome, outcome.as_str()),
    };
    audit::record(&mut tx, opened.code(), &mut batch.numbers, &line).await?;
    batch.numbers.save(&mut tx, opened.code()).await?;
    tx.commit().await?;
    worker.db.close().await;
    let after = message::find(opened, number).await?;
    let numbers = message::case_numbers(opened, after.case_no.into_iter()).await?;
    let case = after.case_no.and_then(|no| numbers.get(&no)).map_or_else(String::new, |case| format!(" ({case})"));
    output::say(&format!("Mail {number}: {} → {}{case}: {}", before.outcome, after.outcome, after.why));
    if after.outcome == "quarantined" && after.cause.as_deref() == Some("unknown-sender") {
        output::say(&format!(
            "Add the sender (casepost person add, or the directory file), then release {number} again."
        ));
    }
    Ok(())
}
