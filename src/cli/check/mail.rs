//! `casepost check --mail FILE`: which hosts and names to trust, shown on one mail that came in.

use std::path::Path;

use anyhow::Context as _;

use crate::cli::inspect::verdict;
use crate::cli::output::{self, plain};
use crate::desk::clock::Clock;
use crate::mail::advice::advise;
use crate::mail::parse::parse;

/// Explains the header from the top and prints the two lines for casepost.toml.
pub fn check(file: &Path) -> anyhow::Result<()> {
    let raw = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let advice = advise(&raw);
    let now = Clock::system().now();
    let message = parse(&raw, &advice.trust(), now, now);
    let mut lines = vec!["From the top, as your servers wrote last:".to_owned()];
    lines.extend(advice.lines.iter().map(|line| format!("  {line}")));
    lines.push("\nFor [[mailbox]] in casepost.toml:".to_owned());
    lines.push(advice.toml());
    lines.push(format!("\nWith these the sender of this mail is: {}", verdict(&message.proof)));
    lines.extend(advice.warnings.iter().map(|warning| format!("note: {warning}")));
    output::say(&plain(&lines.join("\n")));
    Ok(())
}
