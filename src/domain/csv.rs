//! Rows as CSV (RFC 4180): comma, CRLF, UTF-8, quotes where they are needed, and nothing that a spreadsheet runs.

/// One cell of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words. What a spreadsheet would read as a formula gets an apostrophe before it, so that it stays words.
    Text(String),
    /// A whole number, minus and all.
    Number(i64),
}

impl Cell {
    /// A text that may not be there; an empty cell for none.
    #[must_use]
    pub fn maybe<T: ToString>(value: Option<T>) -> Self {
        Self::Text(value.map_or_else(String::new, |value| value.to_string()))
    }

    fn written(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => quoted(&harmless(text)),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// The whole file: a line of headings, then a line a row.
#[must_use]
pub fn to_csv(headings: &[&str], rows: &[Vec<Cell>]) -> String {
    let mut text = headings.join(",");
    text.push_str("\r\n");
    for row in rows {
        text.push_str(&row.iter().map(Cell::written).collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    }
    text
}

/// Spreadsheets run a cell that begins with `=`, `+`, `-` or `@`, also behind blanks, a tab, a line break or in the wide
/// forms of these signs.
fn harmless(text: &str) -> String {
    let first = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).chars().next();
    let is_formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    let needs_quotes = text.contains([',', '"', '\r', '\n', ';']) || text.trim() != text;
    if needs_quotes { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(to_csv(&["a"], &[vec![Cell::from(text)]]), format!("a\r\n{expected}\r\n"));
    }

    #[test]
    fn words_are_quoted_where_they_must_be() {
        check("plain", "plain");
        check("a, b", "\"a, b\"");
        check("he said \"yes\"", "\"he said \"\"yes\"\"\"");
        check("two\nlines", "\"two\nlines\"");
        check("a;b", "\"a;b\"");
        check("", "");
    }

    #[test]
    fn no_cell_is_run() {
        check("=1+1", "'=1+1");
        check("+31 10 123", "'+31 10 123");
        check("-15m te veel", "'-15m te veel");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1+1", "'\t=1+1");
        check(" =HYPERLINK(\"http://x\",\"y\")", "\"' =HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        check("a=b", "a=b");
    }

    #[test]
    fn a_number_stays_a_number() {
        assert_eq!(to_csv(&["n", "t"], &[vec![Cell::from(-45), Cell::maybe(None::<&str>)]]), "n,t\r\n-45,\r\n");
    }
}
