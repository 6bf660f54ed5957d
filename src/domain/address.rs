//! Mail addresses, compared as people mean them.

use serde::{Deserialize, Serialize};

use super::message::is_bidi_control;

/// An addr-spec (RFC 5322 section 3.4.1), held in small letters so that equal means the same person.
///
/// QUIRK: RFC 5321 section 2.4 lets the local part depend on case; no mail service in use does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// A text that is no mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a mail address (local@domain)")]
pub struct BadAddress(pub String);

impl Address {
    /// Takes `local@domain`; blanks around it are dropped, control characters and blanks inside are refused.
    ///
    /// # Errors
    /// [`BadAddress`] when it is not one address.
    pub fn new(text: &str) -> Result<Self, BadAddress> {
        let trimmed = text.trim();
        let bad = || BadAddress(text.to_owned());
        let (local, domain) = trimmed.rsplit_once('@').ok_or_else(bad)?;
        let is_plain = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;\"()[]\\".contains(c))
        };
        if trimmed.len() > 320 || !is_plain(local) || !is_plain(domain) || local.contains('@') {
            return Err(bad());
        }
        if domain.starts_with('.') || domain.ends_with('.') || domain.contains("..") {
            return Err(bad());
        }
        Ok(Self(trimmed.to_lowercase()))
    }

    /// The whole address in small letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the last `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The part behind the last `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether the address is at this domain or at one below it.
    #[must_use]
    pub fn is_within(&self, domain: &str) -> bool {
        let own = self.domain();
        own == domain || own.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;
    fn try_from(text: String) -> Result<Self, BadAddress> {
        Self::new(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.0
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address with the name that stands before it (RFC 5322 `name-addr`); the name may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NamedAddress {
    /// The display name, decoded, on one line.
    pub name: String,
    /// The address itself.
    pub address: Address,
}

impl NamedAddress {
    /// A name and an address; line breaks and control characters in the name become blanks.
    #[must_use]
    pub fn new(name: &str, address: Address) -> Self {
        let name: String =
            name.chars().filter(|c| !is_bidi_control(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { name: name.split_whitespace().collect::<Vec<_>>().join(" "), address }
    }

    /// The name where there is one, else the address.
    #[must_use]
    pub fn display(&self) -> &str {
        if self.name.is_empty() { self.address.as_str() } else { &self.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Address::new(text).ok().as_ref().map(Address::as_str), expected, "{text:?}");
    }

    #[test]
    fn addresses() {
        check("Ann@Client.NL", Some("ann@client.nl"));
        check(" ann@client.nl ", Some("ann@client.nl"));
        check("a$(id)@client.nl", None);
        check("a%_'@client.nl", Some("a%_'@client.nl"));
        check("ann", None);
        check("ann@", None);
        check("@client.nl", None);
        check("ann@client..nl", None);
        check("ann@b@client.nl", None);
        check("ann@client.nl\nBcc: x@y.z", None);
    }

    #[test]
    fn a_domain_is_never_matched_in_part() {
        let is_within = |address: &str, domain: &str| Address::new(address).is_ok_and(|a| a.is_within(domain));
        assert!(is_within("ann@client.nl", "client.nl"));
        assert!(is_within("ann@mail.client.nl", "client.nl"));
        assert!(!is_within("ann@myclient.nl", "client.nl"));
        assert!(!is_within("ann@client.nl.evil.tld", "client.nl"));
    }
}
