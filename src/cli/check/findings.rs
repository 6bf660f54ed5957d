//! What `check` found: told line by line to a person, or at the end as JSON to a program.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::output::{self, plain};

/// How it stands with one thing; the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// It works.
    Ok,
    /// It works, and should be better.
    Warn,
    /// It is to be mended.
    Fail,
}

/// One thing that was tried. Programs rely on these names.
#[derive(Debug, Serialize)]
struct Finding {
    /// What was tried, such as `mailbox support`.
    name: String,
    state: State,
    /// What was seen.
    text: String,
    /// What to do; none where there is nothing to do or the text says it itself.
    mend: Option<String>,
}

/// All of it, as programs read it.
#[derive(Debug, Serialize)]
struct Report<'a> {
    /// The worst of all states.
    state: State,
    findings: &'a [Finding],
}

/// Everything that was found so far.
pub(super) struct Findings {
    is_json: bool,
    list: Vec<Finding>,
}

impl Findings {
    /// Nothing yet.
    pub(super) fn new(is_json: bool) -> Self {
        Self { is_json, list: Vec::new() }
    }

    /// It works.
    pub(super) fn ok(&mut self, name: &str, text: &str) {
        self.add(State::Ok, name, text, "");
    }

    /// It works, and should be better; where the text says how, `mend` is empty.
    pub(super) fn warn(&mut self, name: &str, text: &str, mend: &str) {
        self.add(State::Warn, name, text, mend);
    }

    /// It is to be mended; where the text says how, `mend` is empty.
    pub(super) fn fail(&mut self, name: &str, text: &str, mend: &str) {
        self.add(State::Fail, name, text, mend);
    }

    fn add(&mut self, state: State, name: &str, text: &str, mend: &str) {
        // Texts of servers and senders are in it.
        let (text, mend) = (plain(text), Some(plain(mend)).filter(|mend| !mend.is_empty()));
        if !self.is_json {
            let label = match state {
                State::Ok => "ok  ",
                State::Warn => "warn",
                State::Fail => "FAIL",
            };
            let mend = mend.as_ref().map(|mend| format!(": {mend}")).unwrap_or_default();
            output::say(&format!("{label} {name}: {text}{mend}"));
        }
        self.list.push(Finding { name: name.to_owned(), state, text, mend });
    }

    /// Says how it ends. The exit code is 1 when anything is to be mended.
    pub(super) fn end(self) -> ExitCode {
        let count = |state| self.list.iter().filter(|finding| finding.state == state).count();
        let (failed, warned) = (count(State::Fail), count(State::Warn));
        let code = if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        if self.is_json {
            let state = self.list.iter().map(|finding| finding.state).max().unwrap_or(State::Ok);
            if let Err(error) = output::say_json(&Report { state, findings: &self.list }) {
                output::complain(&format!("{error:#}"));
                return ExitCode::FAILURE;
            }
            return code;
        }
        output::say(&match (failed, warned) {
            (0, 0) => "Everything works.".to_owned(),
            (0, _) => "Everything works. But read the warnings.".to_owned(),
            (1, _) => "1 thing to mend.".to_owned(),
            (failed, _) => format!("{failed} things to mend."),
        });
        code
    }
}
