//! How a calendar day is written in files: as text or as TOML's own date.

use jiff::civil::Date;

/// Reads a day written as text (`"2026-03-01"`) or as TOML's own date (`2026-03-01`).
pub mod day {
    use super::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a day such as 2026-03-01 is asked")]
    enum Written {
        Text(String),
        Toml(toml::value::Datetime),
    }

    /// Writes it as text.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    /// Reads it.
    ///
    /// # Errors
    /// The reader's, or a text that is no day.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = match Written::deserialize(from)? {
            Written::Text(text) => text,
            Written::Toml(value) => value.to_string(),
        };
        text.parse().map_err(|_| serde::de::Error::custom(format!("\"{text}\" is not a day such as 2026-03-01")))
    }
}

/// As [`day`], for a day that may be left out.
pub mod optional_day {
    use super::{Date, day};
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    struct Day(#[serde(with = "day")] Date);

    /// Writes it as text.
    ///
    /// # Errors
    /// The writer's.
    pub fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// The reader's, or a text that is no day.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        Ok(Option::<Day>::deserialize(from)?.map(|Day(day)| day))
    }
}
