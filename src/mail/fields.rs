//! Header fields as they stand in the mail: names, unfolded values, in their order.
//!
//! The mail library is asked for what must be decoded. What rests on the order of fields and on each single
//! one (trace, trust, marks) is read here, simply.

use super::charset;

/// The fields of one header section, topmost first.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    list: Vec<(String, String)>,
}

impl Fields {
    /// Reads fields up to the first empty line. A line that is no field is passed over.
    #[must_use]
    pub fn read(raw: &[u8]) -> Self {
        let mut list: Vec<(String, String)> = Vec::new();
        for line in lines_of(raw) {
            let line = trim_line_end(line);
            if line.is_empty() {
                break;
            }
            let text = charset::decode(line, None);
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = list.last_mut() {
                    value.push_str(&text);
                }
            } else if let Some((name, value)) = text.split_once(':') {
                list.push((name.trim_end().to_ascii_lowercase(), value.trim_start().to_owned()));
            } else {
                // What follows folded belongs to this broken line, not to the field above it.
                list.push((String::new(), String::new()));
            }
        }
        Self { list }
    }

    /// All fields: name in small letters, value in one line.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The values of all fields of that name (small letters).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The value of the topmost field of that name (small letters).
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The values of all fields of that name, at most `max`, each cut at 998 bytes.
    #[must_use]
    pub fn values(&self, name: &str, max: usize) -> Vec<String> {
        self.all(name).take(max).map(|value| cut_at(value.trim(), 998).to_owned()).collect()
    }
}

/// The lines of a text with their ends, found many bytes at a time.
pub fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, behind) = rest.split_at(memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1));
        rest = behind;
        Some(line)
    })
}

/// The text up to `max` bytes, never within a sign.
pub fn cut_at(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// A line without its `\n` or `\r\n`.
pub fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &[(&str, &str)]) {
        let fields = Fields::read(raw.as_bytes());
        assert_eq!(fields.iter().filter(|(name, _)| !name.is_empty()).collect::<Vec<_>>(), expected, "{raw:?}");
    }

    #[test]
    fn fields_are_unfolded_and_end_at_the_empty_line() {
        check("A: 1\r\n  2\r\nB : 3\r\n\r\nC: 4", &[("a", "1  2"), ("b", "3")]);
        check("A: 1\nnonsense\n folded\nB: 2\n", &[("a", "1"), ("b", "2")]);
        check("", &[]);
        check("\nA: 1", &[]);
    }

    #[test]
    fn texts_are_cut_between_signs() {
        assert_eq!(cut_at("aé", 2), "a");
        assert_eq!(cut_at("aé", 3), "aé");
    }
}
