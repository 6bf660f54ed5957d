//! What is new in a mail: the text cut into newly written lines, quoted lines and the signature.
//!
//! First every line gets a kind by its own form; then the kinds, in their order, tell where each line goes.
//! Every look ahead is bounded, so the time grows with the length of the text only.
//!
//! In doubt a line is new: cutting hides, and what a person wrote must not be hidden.

mod attribution;
mod closing;
mod header;
mod line;
mod marked;
mod repeated;
mod signature;
mod words;

use line::{is_rule, trim};

pub use marked::below_signature;
pub use repeated::AnsweredText;

/// A text cut in three. No line is lost: each stands in exactly one of the parts, in its order; only blank
/// lines at the ends of a part are dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// What the writer wrote now, their farewell included.
    pub fresh: String,
    /// What was written before: quotes with the lines that introduce them.
    pub quoted: String,
    /// The signature of this mail, `-- ` line and "Sent from my …" included.
    pub signature: String,
}

impl Reply {
    /// What is new without the farewell ("Groet, / Ann") at its end.
    #[must_use]
    pub fn message(&self) -> &str {
        self.parted().0
    }

    /// The farewell at the end of what is new, and the signature.
    #[must_use]
    pub fn signed(&self) -> String {
        let parts = [self.parted().1, self.signature.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The signature, where it is one by guess: it does not begin with the `-- ` of RFC 3676 section 4.3.
    #[must_use]
    pub fn guessed_signature(&self) -> &str {
        if self.signature.lines().next() == Some("-- ") { "" } else { &self.signature }
    }

    /// Who marks a signature with a delimiter says where it begins: a farewell above that is part of the letter.
    fn parted(&self) -> (&str, &str) {
        if signature::is_delimited(&self.signature) { (&self.fresh, "") } else { closing::split(&self.fresh) }
    }
}

/// How wide a quoted line is whose rest a mail server put onto the next line, without a mark.
const WRAPPED_WIDTH: usize = 70;

/// What a line is by its own form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Text,
    /// Begins with `>`, or goes on such a line.
    Quote,
    /// Part of "On … wrote:".
    Attribution,
    /// From here everything is quoted: "-----Original Message-----", or a quoted header.
    History,
}

/// Where a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Fresh,
    Quoted,
    Signature,
}

/// Cuts the readable text of a mail.
#[must_use]
pub fn cut(text: &str) -> Reply {
    let lines: Vec<&str> = text.lines().collect();
    let kinds = classify(&lines);
    let places = place(&lines, &kinds);
    let part = |wanted: Place| {
        let own = lines.iter().zip(&places).filter(|(_, place)| **place == wanted).map(|(line, _)| *line);
        without_outer_blanks(&own.collect::<Vec<_>>())
    };
    Reply { fresh: part(Place::Fresh), quoted: part(Place::Quoted), signature: part(Place::Signature) }
}

fn classify(lines: &[&str]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        kinds.push(by_form(line, at.checked_sub(1).map(|before| lines[before])));
    }
    mark_wrapped_quotes(lines, &mut kinds);
    let may_end = |line: &&str| attribution::may_end(trim(line));
    let mut next_end = lines.iter().position(may_end);
    let mut has_words = false;
    let mut at = 0;
    while at < lines.len() {
        if kinds[at] == Kind::Text {
            if header::is_history_start(lines, at, !has_words) {
                // All below is history, whatever it looks like.
                kinds[at..].fill(Kind::History);
                break;
            }
            if next_end.is_some_and(|end| end < at) {
                next_end = lines[at..].iter().position(may_end).map(|end| at + end);
            }
            // An attribution is short, so the next line that may end one is near.
            let is_near = next_end.is_some_and(|end| end < at + attribution::MAX_LINES);
            let attribution = if is_near { attribution_at(lines, &kinds, at) } else { None };
            if let Some(length) = attribution {
                kinds[at..at + length].fill(Kind::Attribution);
                at += length - 1;
            } else {
                has_words = true;
            }
        }
        at += 1;
    }
    kinds
}

fn by_form(line: &str, before: Option<&str>) -> Kind {
    let trimmed = trim(line);
    if trimmed.is_empty() {
        Kind::Blank
    } else if trimmed.starts_with('>') && !closes_address(trimmed, before) {
        Kind::Quote
    } else {
        Kind::Text
    }
}

/// The end of an attribution that was wrapped within its address: `<ann@x.nl` and `> wrote:`.
fn closes_address(line: &str, before: Option<&str>) -> bool {
    let is_open =
        |before: &str| before.rfind('<').is_some_and(|at| before[at..].contains('@') && !before[at..].contains('>'));
    line.len() <= 60 && line.ends_with([':', '：']) && !line.starts_with(">>") && before.is_some_and(is_open)
}

/// Finds lines without a mark that a mail server broke off a long quoted line.
///
/// Once one is certain (the quoted line is full and stops within a sentence), lines in small letters behind other
/// full lines of the same quote are believed too. An answer between quotes is neither.
fn mark_wrapped_quotes(lines: &[&str], kinds: &mut [Kind]) {
    let mut is_wrapped = false;
    for pass in 0..2 {
        for at in 1..lines.len().saturating_sub(1) {
            if kinds[at] != Kind::Text || kinds[at - 1] != Kind::Quote || kinds[at + 1] != Kind::Quote {
                continue;
            }
            let (before, line) = (trim(lines[at - 1]), trim(lines[at]));
            let next_word = line.split_whitespace().next().map_or(0, |word| word.chars().count());
            let is_full = before.chars().count() + 1 + next_word > WRAPPED_WIDTH;
            let goes_on = line.starts_with(char::is_lowercase);
            let is_broken = !before.ends_with(['.', '?', '!', ':', ';', '>']);
            if is_full && goes_on && (is_broken || is_wrapped && !before.ends_with(['?', ':'])) {
                kinds[at] = Kind::Quote;
                is_wrapped = true;
            }
        }
        if !is_wrapped || pass == 1 {
            break;
        }
    }
}

fn attribution_at(lines: &[&str], kinds: &[Kind], at: usize) -> Option<usize> {
    let run = kinds[at..].iter().take(attribution::MAX_LINES).take_while(|kind| **kind == Kind::Text).count();
    let is_above_quote = |count: usize| {
        kinds[at + count..].iter().take(4).find(|kind| **kind != Kind::Blank).is_some_and(|kind| *kind == Kind::Quote)
    };
    attribution::length(&lines[at..at + run], is_above_quote)
}

/// Tells each line its place.
fn place(lines: &[&str], kinds: &[Kind]) -> Vec<Place> {
    let end = history_start(lines, kinds);
    let mut places = vec![Place::Quoted; lines.len()];
    let mut at = 0;
    while at < end {
        if is_quoted(kinds[at]) {
            at += 1;
            continue;
        }
        // A run of lines up to the next quote. Blank lines alone between quotes belong to the quote.
        let stop = (at..end).find(|&next| is_quoted(kinds[next])).unwrap_or(end);
        if kinds[at..stop].iter().any(|kind| *kind != Kind::Blank) {
            places[at..stop].fill(Place::Fresh);
            sign(lines, kinds, at, stop, &mut places);
        }
        at = stop;
    }
    places
}

/// Takes from a run of new lines what programs and servers put at its ends.
fn sign(lines: &[&str], kinds: &[Kind], start: usize, stop: usize, places: &mut [Place]) {
    let is_first = kinds[..start].iter().all(|kind| *kind == Kind::Blank);
    if let Some(from) = signature::start(&lines[start..stop], is_first) {
        places[start + from..stop].fill(Place::Signature);
    }
    if is_first {
        places[start..start + signature::banner(&lines[start..stop])].fill(Place::Signature);
    }
}

fn is_quoted(kind: Kind) -> bool {
    matches!(kind, Kind::Quote | Kind::Attribution | Kind::History)
}

/// The first line from which everything is history: a quoted header, a separator, or an "On … wrote:" that
/// no `>` line follows (programs that quote without marks).
fn history_start(lines: &[&str], kinds: &[Kind]) -> usize {
    let mut next_words = Kind::Blank;
    let mut first = lines.len();
    // From the end, so that what follows an attribution is known when it is met.
    for at in (0..lines.len()).rev() {
        let is_bare =
            kinds[at] == Kind::Attribution && !matches!(next_words, Kind::Quote | Kind::Attribution | Kind::Blank);
        if kinds[at] == Kind::History || is_bare {
            first = at;
        }
        if kinds[at] != Kind::Blank {
            next_words = if first == at { Kind::History } else { kinds[at] };
        }
    }
    if first == lines.len() {
        return first;
    }
    while first > 0 && kinds[first - 1] == Kind::Attribution {
        first -= 1;
    }
    // A rule above a quoted header belongs to it.
    let above = (0..first).rev().take(3).find(|&at| kinds[at] != Kind::Blank);
    above.filter(|&at| is_rule(lines[at])).unwrap_or(first)
}

fn without_outer_blanks(lines: &[&str]) -> String {
    let is_filled = |line: &&str| !trim(line).is_empty();
    let Some(first) = lines.iter().position(is_filled) else { return String::new() };
    let last = lines.iter().rposition(is_filled).unwrap_or(first);
    lines[first..=last].join("\n")
}

#[cfg(test)]
mod tests;
