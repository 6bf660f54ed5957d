//! The list of `name=value` tags of DKIM and ARC (RFC 6376 section 3.2).

/// The tags of one field or key record, each name once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags<'a> {
    list: Vec<(&'a str, &'a str)>,
}

/// The most tags of one list; real ones have about a dozen.
const MAX_TAGS: usize = 100;

impl<'a> Tags<'a> {
    /// Reads a list. One semicolon may end it; an empty place between two, a name that is none, or the same name twice
    /// breaks the list as a whole (RFC 6376 section 3.2: "tags with duplicate names MUST NOT occur").
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn read(text: &'a str) -> Result<Self, String> {
        let text = trim(text);
        let text = text.strip_suffix(';').unwrap_or(text);
        let mut list: Vec<(&str, &str)> = Vec::new();
        for spec in text.split(';') {
            let (name, value) = spec.split_once('=').ok_or("a tag without \"=\"")?;
            let (name, value) = (trim(name), trim(value));
            if !is_name(name) || !value.chars().all(is_value_sign) {
                return Err("a tag is not well-formed".to_owned());
            }
            if list.iter().any(|(known, _)| *known == name) {
                return Err(format!("the tag {name}= stands twice"));
            }
            if list.len() >= MAX_TAGS {
                return Err("too many tags".to_owned());
            }
            list.push((name, value));
        }
        Ok(Self { list })
    }

    /// The value of a tag, without the blanks around it. Names depend on case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.list.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    /// The name of the first tag.
    #[must_use]
    pub fn first(&self) -> Option<&'a str> {
        self.list.first().map(|(name, _)| *name)
    }

    /// A tag that must be there and hold something.
    ///
    /// # Errors
    /// When it is missing or empty.
    pub fn required(&self, name: &str) -> Result<&'a str, String> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| format!("the tag {name}= is missing or empty"))
    }

    /// A tag that holds base64, in which blanks don't count.
    ///
    /// # Errors
    /// When it is missing, empty, or no base64.
    pub fn base64(&self, name: &str) -> Result<Vec<u8>, String> {
        decode(self.required(name)?).ok_or_else(|| format!("the tag {name}= is no base64"))
    }

    /// A tag of digits, where there is one.
    ///
    /// # Errors
    /// When it holds anything else.
    pub fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let is_number = !value.is_empty() && value.len() <= 18 && value.bytes().all(|b| b.is_ascii_digit());
        match value.parse() {
            Ok(number) if is_number => Ok(Some(number)),
            _ => Err(format!("the tag {name}= is no number")),
        }
    }
}

/// Base64 without the blanks in it.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    data_encoding::BASE64.decode(&packed).ok()
}

/// The items between colons, without blanks around them.
pub fn items(value: &str) -> impl Iterator<Item = &str> {
    value.split(':').map(trim)
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// VALCHAR, blanks between, and what RFC 8616 section 3 allows beside ASCII.
fn is_value_sign(c: char) -> bool {
    matches!(c, '!'..=':' | '<'..='~' | ' ' | '\t' | '\r' | '\n') || !c.is_ascii() && !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, expected: Result<Option<&str>, ()>) {
        let found = Tags::read(text).map(|tags| tags.get(name).map(str::to_owned)).map_err(|_| ());
        assert_eq!(found, expected.map(|value| value.map(str::to_owned)), "{text:?}");
    }

    #[test]
    fn tags_are_read_as_the_standard_writes_them() {
        check("a=1; b=2", "b", Ok(Some("2")));
        check(" a = 1 ;\r\n\tb=2;", "a", Ok(Some("1")));
        check("a=1;b=x=y==;", "b", Ok(Some("x=y==")));
        check("a=;b=2", "a", Ok(Some("")));
        check("A=1", "a", Ok(None));
        check("a=1 2", "a", Ok(Some("1 2")));
        check("a=1;;b=2", "a", Err(()));
        check(";a=1", "a", Err(()));
        check("a=1;;", "a", Err(()));
        check("a=1;a=1", "a", Err(()));
        check("a=1; b", "a", Err(()));
        check("a b=1", "a", Err(()));
        check("=1", "a", Err(()));
        check("", "a", Err(()));
    }

    #[test]
    fn numbers_and_base64_are_strict_about_everything_but_blanks() {
        let tags = Tags::read("t=12; x=1a; e=; b=aG\r\n k=; z=!; n=99999999999999999999").unwrap();
        assert_eq!(tags.number("t"), Ok(Some(12)));
        assert_eq!(tags.number("none"), Ok(None));
        assert!(tags.number("x").is_err() && tags.number("e").is_err() && tags.number("n").is_err());
        assert_eq!(tags.base64("b"), Ok(b"hi".to_vec()));
        assert!(tags.base64("z").is_err() && tags.base64("e").is_err() && tags.base64("none").is_err());
    }
}
