//! The short names by which the desk's records know each other.
//!
//! Each is a newtype, so that a client's code can never be passed where a person's key is meant.

use serde::{Deserialize, Serialize};

/// Declares a newtype over a text that was checked when it was made.
macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $is_valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes the text if it has the form that this name must have.
            ///
            /// # Errors
            /// [`BadName`] tells the text and the form that is asked.
            pub fn new(text: impl Into<String>) -> Result<Self, BadName> {
                let text = text.into();
                let is_valid: fn(&str) -> bool = $is_valid;
                if is_valid(&text) { Ok(Self(text)) } else { Err(BadName { text, form: $what }) }
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A text that does not have the form of the name it was given for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {form}")]
pub struct BadName {
    /// What was given.
    pub text: String,
    /// The form that is asked, in words.
    pub form: &'static str,
}

fn is_key(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.as_bytes()[0] != b'-'
}

fn is_code(text: &str) -> bool {
    (2..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

text_name!(
    /// A desk: the firm that runs casepost. Everything belongs to exactly one desk.
    DeskCode, "a desk's code (2 to 5 capitals)", is_code
);
text_name!(
    /// A client: an organisation with a contract. It stands in every number of its cases.
    ClientCode, "a client's code (2 to 5 capitals)", is_code
);
text_name!(
    /// A human in the directory, whatever their roles: expert, coordinator, reporter.
    PersonKey, "a key (1 to 40 of a-z, 0-9 and -)", is_key
);
text_name!(
    /// A supplier: a third party, mostly the hosting firm that a client chose.
    SupplierKey, "a key (1 to 40 of a-z, 0-9 and -)", is_key
);
text_name!(
    /// A monitor: a machine that reports outages of one client.
    MonitorKey, "a key (1 to 40 of a-z, 0-9 and -)", is_key
);
text_name!(
    /// A service calendar.
    CalendarKey, "a key (1 to 40 of a-z, 0-9 and -)", is_key
);
text_name!(
    /// A strip card's number, as printed on the invoice.
    CardNumber, "a card number (1 to 40 of A-Z, a-z, 0-9, -, . and /)", |text| {
        (1..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/'))
    }
);
text_name!(
    /// A mailbox that casepost reads, by its name in the configuration.
    MailboxName, "a key (1 to 40 of a-z, 0-9 and -)", is_key
);

/// A language by its two-letter ISO 639-1 code. Which languages can be written is a matter of the
/// template folders, not of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 2]);

impl Language {
    /// English.
    pub const EN: Language = Language(*b"en");
    /// Dutch.
    pub const NL: Language = Language(*b"nl");

    /// Takes a two-letter code.
    ///
    /// # Errors
    /// [`BadName`] for anything but two small letters.
    pub fn new(code: &str) -> Result<Self, BadName> {
        match code.as_bytes() {
            &[a, b] if a.is_ascii_lowercase() && b.is_ascii_lowercase() => Ok(Self([a, b])),
            _ => Err(BadName { text: code.into(), form: "a language (two small letters, such as nl)" }),
        }
    }

    /// The code, such as `nl`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("en")
    }
}

impl TryFrom<String> for Language {
    type Error = BadName;
    fn try_from(code: String) -> Result<Self, BadName> {
        Self::new(&code)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> String {
        language.code().to_owned()
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_form() {
        assert!(ClientCode::new("AMR").is_ok());
        assert!(ClientCode::new("A").is_err());
        assert!(ClientCode::new("amr").is_err());
        assert!(PersonKey::new("anne-marie").is_ok());
        assert!(PersonKey::new("-anne").is_err());
        assert!(PersonKey::new("").is_err());
        assert!(CardNumber::new("2026/17").is_ok());
        assert_eq!(Language::new("nl").map(|l| l.to_string()), Ok("nl".to_owned()));
        assert!(Language::new("NL").is_err());
    }
}
