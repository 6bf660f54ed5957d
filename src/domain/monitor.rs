//! What a monitor's subject says: which check, and whether it is down or up.

use std::sync::LazyLock;

use regex::Regex;

/// Whether the checked thing works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does not.
    Down,
    /// It does again.
    Up,
    /// The subject does not say; treated as trouble.
    Unknown,
}

impl State {
    /// The word for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Down => "down",
            State::Up => "up",
            State::Unknown => "state not told",
        }
    }
}

/// One report of a monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The name of the check: the subject without state words and decoration.
    pub check: String,
    /// What it says.
    pub state: State,
}

#[expect(clippy::unwrap_used, reason = "constant pattern")]
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?: (?P<up> is\s+(?:back\s+)?up | back\s+up | up | recover(?:ed|y) | resolved | ok | online | hersteld)
        | (?P<down> is\s+(?:currently\s+)?down | down | problem | critical | failed | failing | offline | unreachable
            | storing | onbereikbaar ) )\b",
    )
    .unwrap()
});

#[expect(clippy::unwrap_used, reason = "constant pattern")]
static DECORATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:monitor|alert|notification|host|service)\b\s*:?|[\[\](){}*!|]|\p{So}").unwrap()
});

/// Reads a subject. The last state word decides: "PROBLEM RECOVERY" is a recovery.
#[must_use]
pub fn read(subject: &str) -> Report {
    let state = WORDS
        .captures_iter(subject)
        .last()
        .map_or(State::Unknown, |found| if found.name("up").is_some() { State::Up } else { State::Down });
    let bare = DECORATION.replace_all(subject, " ");
    let bare = WORDS.replace_all(&bare, " ");
    let words: Vec<&str> = bare.split_whitespace().collect();
    let check = words.join(" ");
    let check = check.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | ',' | '.')).to_owned();
    Report { check: if check.is_empty() { subject.trim().to_owned() } else { check }, state }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(subject: &str, name: &str, state: State) {
        assert_eq!(read(subject), Report { check: name.into(), state }, "{subject:?}");
    }

    #[test]
    fn a_check_has_one_name_down_and_up() {
        check("Monitor is DOWN: www.northwick.example", "www.northwick.example", State::Down);
        check("Monitor is UP: www.northwick.example", "www.northwick.example", State::Up);
        check("[DOWN] Northwick tenant portal", "Northwick tenant portal", State::Down);
        check("[UP] Northwick tenant portal", "Northwick tenant portal", State::Up);
        check("PROBLEM: disk full on db1", "disk full on db1", State::Down);
        check("RECOVERY: disk full on db1", "disk full on db1", State::Up);
        check("✅ portal is back up", "portal", State::Up);
        check("Upload queue long", "Upload queue long", State::Unknown);
    }
}
