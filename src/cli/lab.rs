//! `casepost lab`: single rules on examples, for those who compare casepost with other programs.

mod sla;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::clock::Clock;
use crate::domain::duration;
use crate::domain::thread::{Threadable, threads};
use crate::mail::parse::{Trust, parse};

use super::output;

/// The rules that can be tried.
#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// Which of these mails belong together, whatever order they come in.
    Thread {
        /// The mails as files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON: {"threads": [[file, ..], ..]}.
        #[arg(long)]
        json: bool,
    },
    /// Service time. Reads JSON lines {"id", "op", "calendar", ..} with op due, elapsed, due-days or holidays; writes
    /// {"id", "due" | "seconds" | "days"} or {"id", "error"}.
    Sla {
        /// Write JSON lines; there is no other form.
        #[arg(long)]
        json: bool,
    },
    /// How many minutes texts stand for. Reads JSON lines {"id", "text"}, writes {"id", "minutes"} or {"id", "error"}.
    Duration {
        /// Write JSON lines; there is no other form.
        #[arg(long)]
        json: bool,
    },
}

/// Does what is asked.
///
/// # Errors
/// When a file or a line of standard input can't be read.
pub fn run(command: &LabCommand) -> anyhow::Result<()> {
    match command {
        LabCommand::Thread { files, json } => show_threads(files, *json),
        LabCommand::Sla { .. } => answer_lines(&sla::answer),
        LabCommand::Duration { .. } => answer_lines(&minutes),
    }
}

fn show_threads(files: &[PathBuf], is_json: bool) -> anyhow::Result<()> {
    let mails = files.iter().map(threadable).collect::<anyhow::Result<Vec<_>>>()?;
    let name = |place: &usize| files[*place].display().to_string();
    let groups: Vec<Vec<String>> = threads(&mails).iter().map(|group| group.iter().map(name).collect()).collect();
    if is_json {
        return output::say_json(&json!({ "threads": groups }));
    }
    output::say(&groups.iter().map(|group| group.join("\n")).collect::<Vec<_>>().join("\n\n"));
    Ok(())
}

fn threadable(file: &PathBuf) -> anyhow::Result<Threadable> {
    let raw = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let now = Clock::system().now();
    let message = parse(&raw, &Trust::default(), now, now);
    let references = match message.references.is_empty() {
        true => message.in_reply_to.into_iter().take(1).collect(),
        false => message.references,
    };
    Ok(Threadable { message_id: message.message_id, references, subject: message.subject })
}

/// A question of one line.
#[derive(Debug, Deserialize)]
struct Text {
    id: Value,
    text: String,
}

fn minutes(line: &str) -> anyhow::Result<Value> {
    let Text { id, text } = serde_json::from_str(line)?;
    Ok(match duration::parse_minutes(&text) {
        Ok(minutes) => json!({ "id": id, "minutes": minutes }),
        Err(fault) => json!({ "id": id, "error": fault.to_string() }),
    })
}

/// Answers each line of standard input with one line.
fn answer_lines(answer: &dyn Fn(&str) -> anyhow::Result<Value>) -> anyhow::Result<()> {
    let input = std::io::read_to_string(std::io::stdin().lock()).context("standard input can't be read")?;
    let lines = input.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let answers = lines.map(|(index, line)| answer(line).with_context(|| format!("line {}", index + 1)));
    let answers = answers.collect::<anyhow::Result<Vec<_>>>()?;
    output::say(&answers.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
    Ok(())
}
