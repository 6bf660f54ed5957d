//! What the letters look like, without a case: for the check of templates and for a look at them.

use super::{Letterhead, Rendered, TemplateError, Templates};
use crate::domain::address::{Address, NamedAddress};
use crate::domain::names::Language;
use crate::domain::notice::{Recipient, Words};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A letter to look at.
#[derive(Debug, Clone)]
pub struct Preview<'a> {
    /// Its name, such as `acknowledgement`.
    pub kind: &'a str,
    /// With every option empty; else with every field filled.
    pub is_minimal: bool,
    /// Whom it is written to.
    pub to: &'a Recipient,
    /// The desk.
    pub letterhead: &'a Letterhead,
    /// Names of the sample, and what stands in their place.
    pub names: &'a [(&'a str, String)],
}

impl Templates {
    /// The letter with sample data, as if written on 21 April 2026.
    ///
    /// # Errors
    /// [`TemplateError`] when there is no such language, or a template can't be filled.
    pub fn preview(&self, preview: &Preview<'_>) -> Result<Rendered, TemplateError> {
        let samples = Words::samples().into_iter().filter(|(full, _)| full.kind_name() == preview.kind);
        let words = samples.map(|(full, minimal)| if preview.is_minimal { minimal } else { full }).next();
        let words = words.ok_or_else(|| TemplateError::NoLetter(preview.kind.to_owned()))?;
        let mut data = self.data(&words, preview.to, preview.letterhead, sample_now())?;
        rename(&mut data, preview.names);
        self.fill_all(preview.kind, preview.to.language, data)
    }
}

fn rename(data: &mut Value, names: &[(&str, String)]) {
    match data {
        Value::String(text) => {
            for (sample, name) in names {
                *text = text.replace(sample, name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(fields) => fields.values_mut().for_each(|field| rename(field, names)),
        _ => {}
    }
}

/// Whom a sample is written to.
#[must_use]
pub fn sample_recipient(language: Language) -> Recipient {
    #[expect(clippy::unwrap_used, reason = "constant address")]
    let address = Address::new("anneke@amersloot.example").unwrap();
    let time_zone = TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC);
    Recipient { person: NamedAddress::new("Anneke de Vries", address), language, time_zone }
}

/// When a sample is written.
#[must_use]
pub fn sample_now() -> Timestamp {
    Timestamp::from_second(1_776_758_700).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// In whose name a sample is written.
#[must_use]
pub fn sample_letterhead() -> Letterhead {
    Letterhead {
        desk_name: "Servicedesk Zuidplein".into(),
        desk_address: "support@zuidplein.example".into(),
        subject_tag: "ZUID".into(),
        colour: "#1f5f8b".into(),
        footer: "Maandag t/m vrijdag 09:00–17:00 · 010 123 45 67".into(),
        logo: None,
    }
}
