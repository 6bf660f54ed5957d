//! The small values of which declarations are made.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::domain::address::Address;
pub(super) use crate::domain::dates::{day, optional_day};
use crate::domain::names::PersonKey;

/// A text that is not the value that was asked for. Says what it is not, and an example of what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {form}")]
pub struct BadValue {
    /// What was given.
    pub text: String,
    /// What was asked, with an example.
    pub form: &'static str,
}

/// A time zone by its IANA name, such as `Europe/Amsterdam`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Finds the zone in the time zone database (the system's, else the one that is built in).
    ///
    /// # Errors
    /// [`BadValue`] when the database has no such name.
    pub fn new(name: &str) -> Result<Self, BadValue> {
        let form = "a time zone (such as Europe/Amsterdam)";
        match TimeZone::get(name) {
            Ok(zone) if zone.iana_name().is_some() => Ok(Self(zone)),
            _ => Err(BadValue { text: name.to_owned(), form }),
        }
    }

    /// The rules of the zone.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl TryFrom<String> for Zone {
    type Error = BadValue;
    fn try_from(name: String) -> Result<Self, BadValue> {
        Self::new(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> String {
        zone.name().to_owned()
    }
}

/// A length of service time as a contract states it: hours and minutes on the service calendar
/// (`4h`, `30m`, `1h 30m`) or whole working days of it (`2d`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ServiceSpan {
    /// Minutes of open time.
    Minutes(u32),
    /// Working days of the calendar: the same time of day so many open days later.
    WorkingDays(u32),
}

impl ServiceSpan {
    /// Reads `4h`, `30m`, `1h30m`, `1h 30m` or `2d`; never zero, at most 366 days or 8784 hours.
    ///
    /// # Errors
    /// [`BadValue`] for any other text.
    pub fn new(text: &str) -> Result<Self, BadValue> {
        let bad = || BadValue {
            text: text.to_owned(),
            form: "a service time (such as 4h, 30m, 1h30m or 2d for working days)",
        };
        let compact: String = text.chars().filter(|c| *c != ' ').collect();
        let number = |digits: &str| digits.parse::<u32>().ok().filter(|n| *n <= 527_040).ok_or_else(bad);
        let span = if let Some(days) = compact.strip_suffix('d') {
            Self::WorkingDays(number(days)?)
        } else {
            let (hours, rest) = match compact.split_once('h') {
                Some((hours, rest)) => (number(hours)?, rest),
                None => (0, compact.as_str()),
            };
            let minutes = match rest.strip_suffix('m') {
                Some(minutes) => number(minutes)?,
                None if rest.is_empty() => 0,
                None => return Err(bad()),
            };
            Self::Minutes(hours.saturating_mul(60).saturating_add(minutes))
        };
        match span {
            Self::Minutes(1..=527_040) | Self::WorkingDays(1..=366) => Ok(span),
            _ => Err(bad()),
        }
    }
}

impl std::fmt::Display for ServiceSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::WorkingDays(days) => write!(f, "{days}d"),
            Self::Minutes(minutes) if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            Self::Minutes(minutes) if minutes < 60 => write!(f, "{minutes}m"),
            Self::Minutes(minutes) => write!(f, "{}h{}m", minutes / 60, minutes % 60),
        }
    }
}

impl TryFrom<String> for ServiceSpan {
    type Error = BadValue;
    fn try_from(text: String) -> Result<Self, BadValue> {
        Self::new(&text)
    }
}

impl From<ServiceSpan> for String {
    fn from(span: ServiceSpan) -> String {
        span.to_string()
    }
}

/// Somebody who is written to: a person or expert of the directory by key, or an address that it need not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Reader {
    /// By key; letters go to their first address, in their language.
    Person(PersonKey),
    /// An address; letters go there in the client's language.
    Address(Address),
}

impl TryFrom<String> for Reader {
    type Error = BadValue;
    fn try_from(text: String) -> Result<Self, BadValue> {
        let read = if text.contains('@') {
            Address::new(&text).ok().map(Self::Address)
        } else {
            PersonKey::new(&text).ok().map(Self::Person)
        };
        let form = "a reader (the key of a person, such as anne-bakker, or a mail address)";
        read.ok_or(BadValue { text, form })
    }
}

impl From<Reader> for String {
    fn from(reader: Reader) -> String {
        match reader {
            Reader::Person(key) => key.to_string(),
            Reader::Address(address) => address.to_string(),
        }
    }
}

/// A mail domain in small letters, such as `client.example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailDomain(String);

/// Domains at which anybody can have an address: an address there proves no membership of a client.
const PUBLIC_DOMAINS: &[&str] = &[
    "aol.com",
    "casema.nl",
    "chello.nl",
    "fastmail.com",
    "freedom.nl",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hccnet.nl",
    "hetnet.nl",
    "home.nl",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.nl",
    "icloud.com",
    "kpnmail.nl",
    "kpnplanet.nl",
    "live.co.uk",
    "live.com",
    "live.nl",
    "mac.com",
    "mail.com",
    "me.com",
    "msn.com",
    "online.nl",
    "outlook.com",
    "outlook.nl",
    "planet.nl",
    "proton.me",
    "protonmail.com",
    "quicknet.nl",
    "solcon.nl",
    "telfort.nl",
    "telfortglasvezel.nl",
    "tele2.nl",
    "tiscali.nl",
    "t-online.de",
    "upcmail.nl",
    "versatel.nl",
    "web.de",
    "xs4all.nl",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.nl",
    "ymail.com",
    "zeelandnet.nl",
    "ziggo.nl",
    "zonnet.nl",
];

impl MailDomain {
    /// Takes a domain of at least two labels; international ones in their ASCII form or as written.
    ///
    /// # Errors
    /// [`BadValue`] when it is no domain.
    pub fn new(text: &str) -> Result<Self, BadValue> {
        let domain = text.trim().to_lowercase();
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label) {
            Ok(Self(domain))
        } else {
            Err(BadValue { text: text.to_owned(), form: "a mail domain (such as client.example)" })
        }
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether anybody can get an address at it, so that it can't tell who belongs to a client.
    #[must_use]
    pub fn is_public(&self) -> bool {
        PUBLIC_DOMAINS.contains(&self.as_str())
    }
}

impl TryFrom<String> for MailDomain {
    type Error = BadValue;
    fn try_from(text: String) -> Result<Self, BadValue> {
        Self::new(&text)
    }
}

impl From<MailDomain> for String {
    fn from(domain: MailDomain) -> String {
        domain.0
    }
}

impl std::fmt::Display for MailDomain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(ServiceSpan::new(text).ok().map(|s| s.to_string()).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn service_times() {
        check("4h", Some("4h"));
        check("30m", Some("30m"));
        check("90m", Some("1h30m"));
        check("1h 30m", Some("1h30m"));
        check("2d", Some("2d"));
        check("0h", None);
        check("0d", None);
        check("4", None);
        check("-4h", None);
        check("1d4h", None);
        check("4 weeks", None);
        check("99999999999h", None);
        check("", None);
    }

    #[test]
    fn domains_and_zones() {
        assert_eq!(MailDomain::new("Client.Example").map(|d| d.to_string()), Ok("client.example".to_owned()));
        assert!(MailDomain::new("client").is_err());
        assert!(MailDomain::new("@client.example").is_err());
        assert!(MailDomain::new("gmail.com").is_ok_and(|d| d.is_public()));
        assert_eq!(Zone::new("Europe/Amsterdam").map(String::from), Ok("Europe/Amsterdam".to_owned()));
        assert!(Zone::new("Amsterdam").is_err());
    }
}
