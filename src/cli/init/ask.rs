//! How a person is asked: a question, its default in brackets, and again until the answer can be used.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::config::Secret;

/// Asks on the terminal, or nobody.
pub struct Asking {
    is_terminal: bool,
}

impl Asking {
    /// Questions can be asked where standard input is a terminal.
    pub fn new() -> Self {
        Self { is_terminal: std::io::stdin().is_terminal() }
    }

    /// Whether anybody can be asked.
    pub fn is_possible(&self) -> bool {
        self.is_terminal
    }

    /// The answer to a question: what was given by a flag, else what a person says, else the default.
    ///
    /// # Errors
    /// A flag that can't be used, an answer that nobody can give, or the end of the answers.
    pub fn answer<T>(
        &self,
        (flag, given): (&str, Option<&str>),
        question: &str,
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> anyhow::Result<T> {
        if let Some(given) = given {
            return read(given).map_err(|why| anyhow::anyhow!("--{flag} {given:?}: {why}"));
        }
        if !self.is_terminal {
            let Some(default) = default else {
                bail!("--{flag} is missing: give it, or run casepost init on a terminal, where it asks");
            };
            return read(default)
                .map_err(|why| anyhow::anyhow!("--{flag} is missing, and \"{default}\" won't do: {why}"));
        }
        loop {
            let shown = default.map(|default| format!(" [{default}]")).unwrap_or_default();
            prompt(&format!("{question}{shown}: "));
            let line = read_line(flag)?;
            let answer = if line.trim().is_empty() { default.unwrap_or_default() } else { line.trim() };
            match read(answer) {
                Ok(answer) => return Ok(answer),
                Err(why) => prompt(&format!("  {why}\n")),
            }
        }
    }

    /// A secret, which is not shown while it is typed.
    ///
    /// # Errors
    /// The end of the answers.
    pub fn secret(&self, flag: &str, question: &str) -> anyhow::Result<Secret> {
        loop {
            prompt(&format!("{question} (not shown): "));
            let shown = hide();
            let line = read_line(flag);
            if let Some(shown) = shown {
                show(&shown);
                prompt("\n");
            }
            let line = line?;
            if !line.is_empty() {
                return Ok(Secret::new(line));
            }
            prompt("  it can't be empty\n");
        }
    }
}

/// The first line of standard input, for a script.
///
/// # Errors
/// When there is none.
pub fn secret_from_stdin() -> anyhow::Result<Secret> {
    let line = read_line("password-stdin")?;
    if line.is_empty() {
        bail!("--password-stdin: the first line of standard input is empty: write the password there");
    }
    Ok(Secret::new(line))
}

fn read_line(flag: &str) -> anyhow::Result<String> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line).context("standard input can't be read")? == 0 {
        bail!("the answers ended at --{flag}: nothing was written");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Questions go to standard error, so that --dry-run can be redirected.
fn prompt(text: &str) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to be asked: the next read tells.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Stops the terminal from showing what is typed; gives how it was. What was typed ahead stays.
fn hide() -> Option<rustix::termios::Termios> {
    let stdin = std::io::stdin();
    let before = tcgetattr(&stdin).ok()?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Drain, &hidden).ok()?;
    Some(before)
}

fn show(before: &rustix::termios::Termios) {
    // A terminal that is gone shows nothing anyway.
    let _ = tcsetattr(std::io::stdin(), OptionalActions::Drain, before);
}
