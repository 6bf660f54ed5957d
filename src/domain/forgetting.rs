//! Who somebody is in texts, and what stands there when they are forgotten.

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

use super::address::Address;
use super::names::PersonKey;

/// What stands where somebody's own words stood.
pub const FORGOTTEN: &str = "(forgotten)";

/// The fields of kept JSON that hold words of people, and those that hold somebody's key.
const FIELDS_OF_WORDS: &[&str] = &["subject", "text", "reason", "tag", "value", "guideline", "name"];
const FIELDS_OF_KEYS: &[&str] =
    &["person", "coordinator", "by", "holder", "deputies", "deputy", "key", "lead_expert", "summary_to", "reporter"];

/// Particles of names: they name nobody.
const PARTICLES: &[&str] = &["van", "von", "der", "den", "ter", "ten", "the", "del", "los", "las", "und", "bin", "dos"];

/// Everything by which a person is known, and the name that takes its place.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Their key in the directory.
    pub key: Option<PersonKey>,
    /// All their addresses.
    pub addresses: Vec<Address>,
    /// Their names, as the directory and their own mails have them.
    pub names: Vec<String>,
    /// What stands in the place of all that: the same one each time, and nobody finds the person by it.
    pub pseudonym: PersonKey,
    anywhere: Option<Regex>,
    in_records: Option<Regex>,
    closely: Option<Regex>,
}

impl Identity {
    /// A person by all that is known of them. Names of fewer than three letters are left out: they stand in many words.
    #[must_use]
    pub fn new(
        key: Option<PersonKey>,
        addresses: Vec<Address>,
        names: impl IntoIterator<Item = String>,
        pseudonym: PersonKey,
    ) -> Self {
        let mut names: Vec<String> = names.into_iter().map(|name| name.trim().to_owned()).collect();
        names.retain(|name| name.chars().filter(|c| c.is_alphabetic()).count() >= 3);
        names.sort();
        names.dedup();
        let whole: Vec<&str> = addresses
            .iter()
            .map(Address::as_str)
            .chain(names.iter().map(String::as_str).filter(|n| is_whole(n)))
            .collect();
        let key_text = key.as_ref().map(PersonKey::as_str);
        let in_records: Vec<&str> = whole.iter().copied().chain(key_text).collect();
        let parts =
            names.iter().flat_map(|name| name.split(|c: char| !c.is_alphabetic() && c != '\'')).filter(|part| {
                part.chars().count() >= 3
                    && part.starts_with(char::is_uppercase)
                    && !PARTICLES.contains(&part.to_lowercase().as_str())
            });
        let closely: Vec<&str> = in_records.iter().copied().chain(parts).collect();
        let (anywhere, in_records, closely) = (any_of(&whole), any_of(&in_records), any_of(&closely));
        Self { key, addresses, names, pseudonym, anywhere, in_records, closely }
    }

    /// The address that stands in the place of theirs; no mail ever comes to it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}@forgotten.invalid", self.pseudonym)
    }

    /// What a row holds that may name them: their addresses and whole names, and their key.
    pub fn needles(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().map(String::as_str).filter(|name| is_whole(name));
        self.addresses.iter().map(Address::as_str).chain(names).chain(self.key.as_ref().map(PersonKey::as_str))
    }

    /// A text that people wrote, without their addresses and whole names.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.replace(self.anywhere.as_ref(), text)
    }

    /// What casepost itself wrote (a record, JSON): without their key, too.
    #[must_use]
    pub fn redact_record<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.replace(self.in_records.as_ref(), text)
    }

    /// A text on a case of theirs, where a first or last name alone means them.
    #[must_use]
    pub fn redact_closely<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.replace(self.closely.as_ref(), text)
    }

    /// Kept JSON without them: each field by what it may hold, so that it can be read as before. `words` treats what people
    /// wrote.
    #[must_use]
    pub fn redact_json(&self, json: &str, words: impl Fn(&str) -> String) -> String {
        let Ok(mut value) = serde_json::from_str::<Value>(json) else { return self.redact_record(json).into_owned() };
        let before = value.clone();
        self.walk(&mut value, "", &words);
        if value == before { json.to_owned() } else { value.to_string() }
    }

    fn walk(&self, value: &mut Value, field: &str, words: &impl Fn(&str) -> String) {
        match value {
            Value::String(text) if FIELDS_OF_WORDS.contains(&field) => *text = words(text),
            Value::String(text) if FIELDS_OF_KEYS.contains(&field) && self.is_key(text) => {
                *text = self.pseudonym.to_string();
            }
            Value::String(text) if text.contains('@') => *text = self.redact(text).into_owned(),
            Value::Array(list) => list.iter_mut().for_each(|value| self.walk(value, field, words)),
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    self.walk(value, name, words);
                }
            }
            _ => {}
        }
    }

    fn is_key(&self, text: &str) -> bool {
        self.key.as_ref().is_some_and(|key| key.as_str() == text)
    }

    /// Whether the bytes of a mail name an address of theirs, in whatever case.
    #[must_use]
    pub fn stands_in(&self, bytes: &[u8]) -> bool {
        let mut addresses = self.addresses.iter().map(|address| address.as_str().as_bytes());
        addresses.any(|address| bytes.windows(address.len()).any(|window| window.eq_ignore_ascii_case(address)))
    }

    fn replace<'t>(&self, pattern: Option<&Regex>, text: &'t str) -> Cow<'t, str> {
        let Some(pattern) = pattern else { return Cow::Borrowed(text) };
        pattern.replace_all(
            text,
            |found: &regex::Captures<'_>| {
                if found[0].contains('@') { self.address() } else { self.pseudonym.to_string() }
            },
        )
    }
}

/// Whether a name tells one person anywhere: it has more than one word.
fn is_whole(name: &str) -> bool {
    name.split_whitespace().count() > 1
}

/// Any of the texts as whole words, the longest first, in whatever case.
fn any_of(texts: &[&str]) -> Option<Regex> {
    let mut texts: Vec<&str> = texts.iter().copied().filter(|text| !text.is_empty()).collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let forms: Vec<String> = texts
        .iter()
        .map(|text| {
            let begin = if is_word(text.chars().next()) { r"\b" } else { "" };
            let end = if is_word(text.chars().next_back()) { r"\b" } else { "" };
            format!("{begin}{}{end}", regex::escape(text))
        })
        .collect();
    if forms.is_empty() {
        return None;
    }
    // A pattern of escaped words is always one; were it too large, nothing would be left of the words to look for.
    Regex::new(&format!("(?i){}", forms.join("|"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anne() -> Identity {
        Identity::new(
            Some(PersonKey::new("anne").unwrap()),
            vec![Address::new("anne.bakker@museum.example").unwrap()],
            ["Anne van den Bakker".to_owned(), "Anne".to_owned(), "A".to_owned()],
            PersonKey::new("forgotten-x").unwrap(),
        )
    }

    #[test]
    fn addresses_and_whole_names_go_from_any_text() {
        let check = |text: &str, expected: &str| assert_eq!(anne().redact(text), expected);
        check("van Anne.Bakker@Museum.example.", "van forgotten-x@forgotten.invalid.");
        check("ANNE VAN DEN BAKKER belde", "forgotten-x belde");
        check("joanne.bakker@museum.example", "joanne.bakker@museum.example");
        check("anne.bakker@museum.examples", "anne.bakker@museum.examples");
        // Another Anne may be meant.
        check("Dag Anne,", "Dag Anne,");
        check("", "");
    }

    #[test]
    fn a_key_goes_from_records_and_parts_of_the_name_from_their_own_cases() {
        assert_eq!(anne().redact_record("coordinator/AMR/anne/2026-01-01"), "coordinator/AMR/forgotten-x/2026-01-01");
        assert_eq!(anne().redact_record(r#"{"coordinator":"anne"}"#), r#"{"coordinator":"forgotten-x"}"#);
        assert_eq!(anne().redact_closely("Dag Anne, is het Bakker?"), "Dag forgotten-x, is het forgotten-x?");
        assert_eq!(anne().redact_closely("van den Heuvel, Anneke, Bakkerij"), "van den Heuvel, Anneke, Bakkerij");
    }

    #[test]
    fn kept_json_is_read_as_before() {
        let check = |json: &str, expected: &str| {
            assert_eq!(anne().redact_json(json, |text| anne().redact_closely(text).into_owned()), expected);
        };
        check(r#"{"coordinator":"anne","status":"anne"}"#, r#"{"coordinator":"forgotten-x","status":"anne"}"#);
        check(
            r#"{"cc":["ANNE.bakker@museum.example","b@x.example"],"text":"Anne belt"}"#,
            r#"{"cc":["forgotten-x@forgotten.invalid","b@x.example"],"text":"forgotten-x belt"}"#,
        );
        check(r#"{ "text" : "Piet" }"#, r#"{ "text" : "Piet" }"#);
        check("no JSON of anne", "no JSON of forgotten-x");
    }

    #[test]
    fn bytes_of_a_mail_name_an_address_in_any_case() {
        assert!(anne().stands_in(b"Cc: ANNE.BAKKER@museum.example\r\n"));
        assert!(!anne().stands_in(b"Cc: bakker@museum.example\r\n"));
        assert!(!anne().stands_in(b""));
    }

    #[test]
    fn who_has_only_an_address_is_forgotten_by_it() {
        let stranger =
            Identity::new(None, vec![Address::new("s@x.example").unwrap()], [], PersonKey::new("p").unwrap());
        assert_eq!(stranger.redact_closely("s@x.example, Anne"), "p@forgotten.invalid, Anne");
        assert_eq!(stranger.needles().collect::<Vec<_>>(), ["s@x.example"]);
    }
}
