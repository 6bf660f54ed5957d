//! `casepost backup` and `casepost restore`: everything that only casepost has, in one file and back.

use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::config::Config;
use crate::desk::backup::{self, By, Head, Packed, Target};
use crate::desk::clock::Clock;

use super::opened::actor;
use super::output::{self, time};
use super::{Form, Place, logging};

/// Where a backup goes.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file, or "-" for standard output. One that is there is replaced when the new one is whole.
    file: PathBuf,
    #[command(flatten)]
    form: Form,
}

/// What is restored.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The file that casepost backup wrote.
    file: PathBuf,
    /// Read it to its end, hold every entry against its digest, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Why, in words: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run",
        value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
    #[command(flatten)]
    form: Form,
}

/// Writes a backup, while casepost may be running.
pub async fn back_up(place: &Place, args: BackupArgs) -> anyhow::Result<()> {
    let config = Config::load(&place.config)?;
    logging::begin(&config.operation, Some("warn"))?;
    let is_standard = args.file.as_os_str() == "-";
    let target = if is_standard { Target::Standard } else { Target::File(args.file.clone()) };
    let packed = backup::back_up(&config, target, Clock::system().now()).await?;
    if packed.gone > 0 {
        output::complain(&format!(
            "note: {} files of large mails that the database names are not in {}: they were removed meanwhile, or lie on \
             another machine",
            packed.gone,
            config.data_dir.join("raw").display()
        ));
    }
    if is_standard {
        // Standard output is the backup itself.
        return Ok(());
    }
    if args.form.json {
        return output::say_json(&packed);
    }
    output::say(&told(&packed, &args));
    Ok(())
}

fn told(packed: &Packed, args: &BackupArgs) -> String {
    format!(
        "{} is whole: {} bytes, the database ({}) of {} with {} files of large mails.\n\
         It holds mails and keys: keep it where nobody else reads it, and keep the configuration, templates and passwords too.",
        args.file.display(),
        packed.bytes,
        packed.head.database.as_str(),
        time(packed.head.taken_at, &TimeZone::UTC) + " UTC",
        packed.files,
    )
}

/// Goes back to a backup.
pub async fn restore(place: &Place, args: RestoreArgs) -> anyhow::Result<()> {
    let config = Config::load(&place.config)?;
    logging::begin(&config.operation, Some("warn"))?;
    let Some(reason) = args.reason.filter(|_| !args.dry_run) else {
        let (head, entries) = backup::look_at(args.file.clone()).await?;
        if args.form.json {
            return output::say_json(&json!({ "backup": head, "entries": entries }));
        }
        output::say(&format!("{} is whole: {entries} entries, {}.", args.file.display(), about(&head)));
        return Ok(());
    };
    let by = By { actor: actor(), reason };
    let restored = backup::restore(&config, args.file.clone(), &by, Clock::system().now()).await?;
    if args.form.json {
        return output::say_json(&restored);
    }
    output::say(&format!(
        "Restored {} entries, {}. {} letters that were still to go are set aside.\n\
         The desks read no mail yet: read again what came in since with casepost refetch, then casepost resume.",
        restored.entries,
        about(&restored.head),
        restored.set_aside
    ));
    Ok(())
}

fn about(head: &Head) -> String {
    format!(
        "taken at {} UTC by casepost {} from {}",
        time(head.taken_at, &TimeZone::UTC),
        head.casepost,
        head.database.as_str()
    )
}
