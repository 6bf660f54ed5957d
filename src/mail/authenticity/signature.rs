//! `DKIM-Signature` (RFC 6376 section 3.5) and what verifies it. `ARC-Message-Signature` is of the same form
//! (RFC 8617 section 4.1.2).

use jiff::Timestamp;

use super::canon::{Canon, RawField, RawMail, without_signature, write_field};
use super::key::{Algorithm, Key};
use super::tags::{Tags, items};
use crate::mail::dns::{Dns, TxtAnswer};

/// The most names in `h=`; real ones have some thirty.
const MAX_NAMES: usize = 200;
/// The most records of one name that are tried as a key; there should be one.
const MAX_KEYS: usize = 5;

/// A signature over header and body, as its field says.
#[derive(Debug, Clone)]
pub struct MessageSignature {
    /// The domain that signed, in small letters.
    pub domain: String,
    /// The name of its key.
    pub selector: String,
    /// The names of the signed fields in small letters.
    pub names: Vec<String>,
    /// How many bytes of the body are signed, where that is told.
    pub length: Option<u64>,
    /// The domain in `i=`, in small letters.
    pub identity: Option<String>,
    /// From when on it must not be believed (`x=`), in seconds.
    pub expires_at: Option<u64>,
    algorithm: Algorithm,
    header_canon: Canon,
    body_canon: Canon,
    body_hash: Vec<u8>,
    signature: Vec<u8>,
}

impl MessageSignature {
    /// Reads a `DKIM-Signature`.
    ///
    /// # Errors
    /// Why it can't be used.
    pub fn read_dkim(tags: &Tags<'_>) -> Result<Self, String> {
        if tags.get("v") != Some("1") {
            return Err("v= is not 1".to_owned());
        }
        let mut signature = Self::read(tags)?;
        if let Some(identity) = tags.get("i") {
            // The local part may be empty, and may hold an @ in quotes.
            let (_, domain) = identity.rsplit_once('@').ok_or("i= is no identity")?;
            let domain = domain.to_lowercase();
            let is_below = domain.strip_suffix(&signature.domain).is_some_and(|rest| rest.ends_with('.'));
            if domain != signature.domain && !is_below {
                return Err("i= is of another domain than d=".to_owned());
            }
            signature.identity = Some(domain);
        }
        Ok(signature)
    }

    /// Reads what both kinds have in common. `i=` means something else in each.
    ///
    /// # Errors
    /// Why it can't be used.
    pub fn read(tags: &Tags<'_>) -> Result<Self, String> {
        let (header_canon, body_canon) = Canon::read(tags.get("c"))?;
        if tags.get("q").is_some_and(|methods| !items(methods).any(|method| method == "dns/txt")) {
            return Err("q= knows no way to the key".to_owned());
        }
        let names: Vec<String> =
            items(tags.required("h")?).filter(|name| !name.is_empty()).map(str::to_ascii_lowercase).collect();
        if names.len() > MAX_NAMES {
            return Err("h= names too many fields".to_owned());
        }
        if !names.iter().any(|name| name == "from") {
            return Err("From is not signed".to_owned());
        }
        let (signed_at, expires_at) = (tags.number("t")?, tags.number("x")?);
        if signed_at.zip(expires_at).is_some_and(|(from, to)| to <= from) {
            return Err("x= is not after t=".to_owned());
        }
        let (domain, selector) = place(tags)?;
        Ok(Self {
            domain,
            selector,
            names,
            length: tags.number("l")?,
            identity: None,
            expires_at,
            algorithm: Algorithm::read(tags.required("a")?)?,
            header_canon,
            body_canon,
            body_hash: tags.base64("bh")?,
            signature: tags.base64("b")?,
        })
    }

    /// Whether it may still be believed.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check_time(&self, at: Timestamp) -> Result<(), String> {
        let now = u64::try_from(at.as_second()).unwrap_or(0);
        let is_expired = self.expires_at.is_some_and(|expires_at| expires_at <= now);
        if is_expired { Err("it is expired".to_owned()) } else { Ok(()) }
    }

    /// Whether the body is the signed one.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check_body(&self, mail: &RawMail<'_>) -> Result<(), String> {
        if mail.is_odd {
            return Err("the header has a line that is no field".to_owned());
        }
        match mail.body_hash(self.body_canon, self.length) {
            None => Err("the body is shorter than l= says, or signed in too many ways".to_owned()),
            Some(hash) if hash[..] == self.body_hash[..] => Ok(()),
            Some(_) => Err("the body was changed".to_owned()),
        }
    }

    /// Whether the key signed these fields.
    ///
    /// # Errors
    /// Why it did not.
    pub fn check_header(&self, mail: &RawMail<'_>, own: RawField<'_>, key: &Key) -> Result<(), String> {
        if key.is_strict && self.identity.as_ref().is_some_and(|identity| *identity != self.domain) {
            return Err("i= is of a domain below d=, which the key forbids".to_owned());
        }
        let mut signed = Vec::new();
        for field in mail.select(&self.names) {
            write_field(self.header_canon, field.bytes, &mut signed);
        }
        write_field(self.header_canon, &without_signature(own.bytes), &mut signed);
        // The own field counts without its line end.
        signed.truncate(signed.len() - 2);
        key.verify(self.algorithm, &signed, &self.signature)
    }

    /// Whether it is a good signature.
    pub async fn verify(&self, mail: &RawMail<'_>, own: RawField<'_>, dns: &Dns, at: Timestamp) -> Verified {
        // A changed body needs no key. A length of its own makes work of its own: the key goes first.
        let early = if self.length.is_none() { self.check_body(mail) } else { Ok(()) };
        if let Err(why) = self.check_time(at).and(early) {
            return Verified::Bad(why);
        }
        match find_key(dns, &self.domain, &self.selector).await {
            Found::Key(key) => match self.check_header(mail, own, &key).and_then(|()| self.check_body(mail)) {
                Ok(()) => Verified::Good { is_testing: key.is_testing },
                Err(why) => Verified::Bad(why),
            },
            Found::None(why) => Verified::NoKey(why),
            Found::Later(why) => Verified::Later(why),
            Found::NotAsked => Verified::NotAsked,
        }
    }
}

/// What verifying a signature gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// It is good; `is_testing` where the owner of the key only tries it out.
    Good {
        /// `t=y`
        is_testing: bool,
    },
    /// It is not.
    Bad(String),
    /// There is no key that can be believed.
    NoKey(String),
    /// The key can't be had at the moment.
    Later(String),
    /// Nobody was asked for the key.
    NotAsked,
}

/// A key, or why there is none.
#[derive(Debug, Clone)]
pub enum Found {
    /// This one.
    Key(Box<Key>),
    /// None that can be believed.
    None(String),
    /// No answer at the moment.
    Later(String),
    /// Nobody was asked.
    NotAsked,
}

/// The key of a signature (RFC 6376 section 3.6.2).
pub async fn find_key(dns: &Dns, domain: &str, selector: &str) -> Found {
    match dns.txt(&format!("{selector}._domainkey.{domain}")).await {
        TxtAnswer::Found(records) => {
            let mut keys = records.iter().take(MAX_KEYS).map(|record| Key::read(record));
            let first = keys.next().unwrap_or_else(|| Err("there is no key of that name".to_owned()));
            match first.or_else(|why| keys.find_map(Result::ok).ok_or(why)) {
                Ok(key) => Found::Key(Box::new(key)),
                Err(why) => Found::None(why),
            }
        }
        TxtAnswer::Absent => Found::None("there is no key of that name".to_owned()),
        TxtAnswer::Failed(why) => Found::Later(format!("its key can't be looked up: {why}")),
        TxtAnswer::NotAsked => Found::NotAsked,
    }
}

/// The domain in small letters and the selector; together they name the key.
///
/// # Errors
/// When one of them is missing or no name.
pub fn place(tags: &Tags<'_>) -> Result<(String, String), String> {
    let (domain, selector) = (tags.required("d")?, tags.required("s")?);
    if !is_domain(domain) {
        return Err("d= is no domain name".to_owned());
    }
    if !is_domain(selector) {
        return Err("s= is no selector".to_owned());
    }
    Ok((domain.to_lowercase(), selector.to_lowercase()))
}

/// Labels of letters, digits, "-" and "_", or of signs beyond ASCII (RFC 8616).
fn is_domain(name: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || !c.is_ascii() && c.is_alphanumeric();
    name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()) && label.chars().all(is_sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: (&str, &str), expected: Result<(), &str>) {
        let whole = "v=1; a=rsa-sha256; c=relaxed/simple; d=client.nl; s=s1; h=From:To; bh=aGk=; b=aGk=; t=10; x=20";
        assert!(whole.contains(change.0), "{change:?}");
        let text = whole.replacen(change.0, change.1, 1);
        let found = Tags::read(&text).and_then(|tags| MessageSignature::read_dkim(&tags)).map(|_| ());
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
            _ => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn signatures_that_can_be_used() {
        check(("v=1", "v=1"), Ok(()));
        check(("v=1; ", ""), Err("v="));
        check(("v=1", "v=2"), Err("v="));
        check(("rsa-sha256", "rsa-sha1"), Err("no longer"));
        check(("rsa-sha256", "dsa-sha256"), Err("unknown"));
        check(("relaxed/simple", "relaxed"), Ok(()));
        check(("relaxed/simple", "relaxed/strict"), Err("c="));
        check(("relaxed/simple", ""), Err("c="));
        check(("d=client.nl", "d="), Err("d="));
        check(("d=client.nl", "d=client nl"), Err("d="));
        check(("d=client.nl", "d=.nl"), Err("d="));
        check(("s=s1", "s=a/b"), Err("s="));
        check(("h=From:To", "h= from : to "), Ok(()));
        check(("h=From:To", "h=from::to"), Ok(()));
        check(("h=From:To", "h=to"), Err("From is not signed"));
        check(("h=From:To", "h="), Err("h="));
        check(("bh=aGk=", "bh="), Err("bh="));
        check(("; b=aGk=", ""), Err("b="));
        check(("x=20", "x=10"), Err("x="));
        check(("x=20", "x=never"), Err("x="));
        check(("x=20", "l=-1"), Err("l="));
        check(("x=20", "q=dns/txt:other"), Ok(()));
        check(("x=20", "q=http"), Err("q="));
        check(("x=20", "i=@mail.client.nl"), Ok(()));
        check(("x=20", "i=ann@CLIENT.nl"), Ok(()));
        check(("x=20", "i=@other.nl"), Err("i="));
        check(("x=20", "i=@evilclient.nl"), Err("i="));
        check(("x=20", "i=client.nl"), Err("i="));
    }
}
