//! `casepost forget`: a person's right to be forgotten.

use clap::Args;
use serde_json::json;

use crate::desk::forgetting::{Forgetting, Report};
use crate::desk::import::By;
use crate::domain::address::Address;

use super::Form;
use super::opened::{Opened, actor};
use super::output;

/// What a forgetting asks for.
#[derive(Debug, Args)]
pub struct ForgetArgs {
    /// An address of theirs; all other addresses of the same person in the directory go, too.
    #[arg(value_name = "ADDRESS", value_parser = |text: &str| Address::new(text))]
    person: Address,
    /// Tell what it would touch and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Why, in words: it stands in the audit trail, without their name.
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
    #[command(flatten)]
    form: Form,
}

/// Forgets somebody, and prints what remains.
pub async fn forget(opened: &Opened, args: &ForgetArgs) -> anyhow::Result<()> {
    let office = opened.office()?;
    let by = By { actor: actor(), reason: args.reason.clone().unwrap_or_default(), at: opened.now() };
    let forgetting = Forgetting { db: &opened.db, raw: &opened.raw, office: &office, by };
    let report = forgetting.forget(&args.person, args.dry_run).await?;
    if args.form.json {
        let Report { pseudonym, counts } = &report;
        return output::say_json(&json!({ "is_dry_run": args.dry_run, "pseudonym": pseudonym, "counts": counts }));
    }
    if report.is_empty() {
        output::say("Nothing is kept of them.");
    } else {
        output::say(&words(&report, args.dry_run));
    }
    Ok(())
}

fn words(report: &Report, is_rehearsal: bool) -> String {
    let Report { pseudonym, counts } = report;
    let head = if is_rehearsal { "It would go" } else { "It is gone" };
    let lines = [
        format!("{head}:"),
        format!("  the words of {} mails and {} requests of theirs", counts.mails, counts.requests),
        format!("  the texts of {} letters to them, and of all letters on {} cases of theirs", counts.letters, counts.cases),
        format!("  the bytes of {} mails and letters, attachments included", counts.raw_mails),
        format!("  their names and addresses in {} rows of others' words and of records", counts.redacted),
        format!("  {} declarations of the directory", counts.items),
        format!("In their place stands {pseudonym}. What remains, without their words:"),
        "  the ledger: minutes, dates, case numbers".to_owned(),
        "  the cases' numbers, states and deadlines, and what others wrote on them".to_owned(),
        "  that mails came and letters went, and when; by a digest a mail of theirs is known if it is fetched again".to_owned(),
        "  the audit trail: who did what and when".to_owned(),
        "Not here: mails on the mail server and in people's mailboxes, backups, and raw mail of open cases that has them in \
         Cc (forget again when these are closed)."
            .to_owned(),
    ];
    lines.join("\n")
}
