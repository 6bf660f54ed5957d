//! Where in a TOML text a setting stands, so that a fault found after reading can still name its line.

use toml::de::{DeTable, DeValue};

/// A step on the way to a setting: a key, or the place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// The place in a list, from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A TOML text that can be asked for the line of a setting.
#[derive(Debug, Clone, Copy)]
pub struct TomlLines<'a> {
    text: &'a str,
}

impl<'a> TomlLines<'a> {
    /// Takes the text; one that is no TOML has no lines to tell.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The line (from 1) of a place in the text, in bytes.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
    }

    /// The line of the setting at this path, or of the nearest table above it that is in the text.
    #[must_use]
    pub fn line_of(&self, path: &[Step]) -> Option<usize> {
        let root = DeTable::parse(self.text).ok()?;
        let mut steps = path.iter();
        let Some(Step::Key(first)) = steps.next() else { return None };
        let (key, mut value) = root.get_ref().iter().find(|(key, _)| key.get_ref() == first)?;
        let mut offset = key.span().start;
        for step in steps {
            let next = match (step, value.get_ref()) {
                (Step::Key(name), DeValue::Table(table)) => {
                    table.iter().find(|(key, _)| key.get_ref() == name).map(|(key, value)| (key.span().start, value))
                }
                (Step::Index(index), DeValue::Array(list)) => list.get(*index).map(|value| (value.span().start, value)),
                _ => None,
            };
            let Some((start, below)) = next else { break };
            offset = start;
            value = below;
        }
        Some(self.line_at(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &[Step], expected: Option<usize>) {
        let text = "a = 1\n\n[[b]]\nc = 2\n\n[[b]]\nc = 3\nd = [\n  1,\n  2,\n]\n";
        assert_eq!(TomlLines::new(text).line_of(path), expected, "{path:?}");
    }

    #[test]
    fn lines_of_settings() {
        check(&["a".into()], Some(1));
        check(&["b".into(), 0.into()], Some(3));
        check(&["b".into(), 1.into(), "c".into()], Some(7));
        check(&["b".into(), 1.into(), "d".into(), 1.into()], Some(10));
        check(&["b".into(), 1.into(), "missing".into()], Some(6));
        check(&["missing".into()], None);
    }
}
