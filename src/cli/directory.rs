//! `casepost import` and `casepost export`: the directory from a file, and as a file.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::tz::TimeZone;

use crate::desk::import::{By, World};
use crate::desk::terms::Moved;
use crate::domain::directory::{COMMAND_SOURCE, Declarations, export as to_file, parse_directory};

use super::opened::{Opened, actor};
use super::output;

/// What an import asks for.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The directory file. Its name (without the folder) is remembered: only what came from a file of that name is
    /// ended when it no longer stands there.
    file: PathBuf,
    /// Show the difference and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Why, in words: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
}

/// Takes over a directory file.
pub async fn import(opened: &Opened, args: &ImportArgs) -> anyhow::Result<()> {
    let path = args.file.display();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("{path} can't be read"))?;
    let source = args.file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if source.is_empty() || source == COMMAND_SOURCE {
        bail!("{path}: a directory file can't have this name: call it desk.toml or the like");
    }
    is_for(opened, &text, source)?;
    let by = By { actor: actor(), reason: args.reason.clone().unwrap_or_default(), at: opened.now() };
    let world = World { db: &opened.db, desk: &opened.desk.code, zone: opened.zone() };
    let imported =
        world.import(&text, source, &by, args.dry_run).await.with_context(|| format!("{path} is not taken over"))?;
    for warning in &imported.warnings {
        output::complain(&format!("warning: {warning}"));
    }
    let difference = &imported.difference;
    if difference.is_empty() {
        output::say("Nothing to do: the directory holds all of it already.");
        return Ok(());
    }
    output::say(&difference.to_string());
    let counts = [
        (difference.added.len(), "new"),
        (difference.changed.len(), "changed"),
        (difference.taken_over.len(), "taken over from commands"),
        (difference.ended.len(), "ended"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    for line in moved_lines(&imported.moved, opened.zone()) {
        output::say(&line);
    }
    let end = if args.dry_run { "nothing was changed (--dry-run)" } else { "done" };
    output::say(&format!("{}: {end}.", counts.join(", ")));
    Ok(())
}

/// The promises of living cases that other terms move, a line each.
fn moved_lines(moved: &[Moved], zone: &TimeZone) -> Vec<String> {
    let due = |due| output::maybe_time(due, zone);
    moved
        .iter()
        .map(|Moved { number, run }| {
            format!("{number}  {}: {} -> {}", run.clock.as_str(), due(run.was_due), due(run.due))
        })
        .collect()
}

/// A file for another desk must not end this one's world.
fn is_for(opened: &Opened, text: &str, source: &str) -> anyhow::Result<()> {
    #[derive(serde::Deserialize)]
    struct Head {
        desk: Option<String>,
    }
    let head: Option<Head> = toml::from_str(text).ok();
    match head.and_then(|head| head.desk) {
        Some(desk) if desk == opened.code() => Ok(()),
        Some(desk) => {
            bail!("{source} is for desk \"{desk}\", not for \"{}\": use --desk or another file", opened.code())
        }
        None => match parse_directory(text, source) {
            Ok(_) => Ok(()),
            Err(faults) => bail!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")),
        },
    }
}

/// Writes what holds now as a directory file.
pub async fn export(opened: &Opened) -> anyhow::Result<()> {
    let items = opened.items().await?;
    let living = items.iter().filter(|stored| stored.ended_at.is_none()).map(|stored| &stored.item);
    let declared = Declarations::from_items(opened.desk.code.clone(), living)?;
    output::say(&to_file(&declared)?);
    Ok(())
}
