//! The directory as a file again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::declarations::Declarations;
use super::item::Noun;

/// Writes declarations as a directory file; reading it gives the same items.
///
/// # Errors
/// The TOML writer's, which plain declarations don't cause.
pub fn export(all: &Declarations) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct Head<'a> {
        desk: &'a str,
    }
    let mut text = String::from("# The directory of a desk, as casepost knows it.\n");
    text.push_str(&toml::to_string(&Head { desk: all.desk.as_str() })?);
    section(&mut text, "Who does the work.", &all.experts)?;
    section(&mut text, "When the desk is open.", &all.calendars)?;
    section(&mut text, "When it, or a client, is shut for some days.", &all.closures)?;
    section(&mut text, "The organisations with a contract.", &all.clients)?;
    section(&mut text, "What was agreed with them.", &all.contracts)?;
    section(&mut text, "The people at the clients.", &all.persons)?;
    section(&mut text, "Who may decide what, from when to when.", &all.positions)?;
    section(&mut text, "Third parties, mostly hosting firms.", &all.suppliers)?;
    section(&mut text, "Machines that report outages.", &all.monitors)?;
    section(&mut text, "Time bought in advance.", &all.cards)?;
    Ok(text)
}

fn section<T: Noun>(text: &mut String, comment: &str, nouns: &[T]) -> Result<(), toml::ser::Error> {
    if nouns.is_empty() {
        return Ok(());
    }
    let tables = BTreeMap::from([(T::KIND.as_str(), nouns)]);
    text.push_str(&format!("\n# {comment}\n{}", toml::to_string(&tables)?));
    Ok(())
}
