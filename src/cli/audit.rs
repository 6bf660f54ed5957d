//! `casepost audit`: who changed what, and why.

use clap::Subcommand;
use jiff::tz::TimeZone;

use crate::store::audit::{self, AuditLine};

use super::Form;
use super::opened::Opened;
use super::output::{self, short, time};

/// What to do with the trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// The newest lines, newest first.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        most: u32,
        #[command(flatten)]
        form: Form,
    },
}

/// Does what the command says.
pub async fn run(opened: &Opened, command: AuditCommand) -> anyhow::Result<()> {
    let AuditCommand::List { most, form } = command;
    let lines = audit::list(&opened.db, opened.code(), i64::from(most)).await?;
    if form.json {
        return output::say_json(&lines);
    }
    output::say_table(&trail_table(&lines, opened.zone()), "Nothing was done yet.");
    Ok(())
}

/// The trail as a table.
pub fn trail_table(lines: &[AuditLine], zone: &TimeZone) -> comfy_table::Table {
    let mut table = output::table(&["when", "who", "what", "why", "more"]);
    for line in lines {
        let detail: Vec<String> = line.detail.lines().take(6).map(|detail| short(detail, 60)).collect();
        table.add_row(vec![
            time(line.at, zone),
            short(&line.actor, 24),
            line.action.clone(),
            short(&line.reason, 120),
            detail.join("\n"),
        ]);
    }
    table
}
