//! What is asked? Tags in the newly written text of a mail.
//!
//! A tag is `#name` at the start of a line, after blanks or a bullet, in any letter case, in Dutch or English. Lines
//! that begin with `>` are somebody else's words and never count; nor does a line that also stands in the letter that
//! is answered.

mod argument;
mod decision;
mod ledger;
mod tag;

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

pub use self::decision::{Decision, Opening, beside_decision, decision, opening};
pub use self::ledger::{LedgerQuestion, ledger_question};
pub use self::tag::Tag;
use super::case::{CaseNumber, Kind, Priority};
use super::duration::{self, DurationFault};
use super::names::ClientCode;

/// For whom a case waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitFor {
    /// The client.
    Client,
    /// The supplier.
    Supplier,
}

/// What a well-written tag asks. Who may ask it, and whether it can be done, is decided elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `#time D [on DATE] [text]`.
    Time {
        /// Real minutes; minus lowers what was booked.
        minutes: i64,
        /// The day of the work, where it is not the day of the mail.
        on: Option<Date>,
        /// What was done.
        text: String,
        /// The place among the `#time` tags of this mail, from 1.
        ordinal: u32,
    },
    /// `#note`.
    Note,
    /// `#resolved`.
    Resolved,
    /// `#wait client|supplier [until DATE]`.
    Wait {
        /// For whom.
        on: WaitFor,
        /// The day on which the case is taken up in any event.
        until: Option<Date>,
    },
    /// `#prio PRIORITY`.
    Priority(Priority),
    /// `#kind KIND`.
    Kind(Kind),
    /// `#estimate D`, in real minutes above zero.
    Estimate(i64),
    /// `#assign NAME`; the name as written.
    Assign(String),
    /// `#client CODE`.
    Client(ClientCode),
    /// `#merge CASE`.
    Merge(CaseNumber),
    /// `#reopen`.
    Reopen,
    /// `#undo`.
    Undo,
    /// `#status`.
    Status,
    /// `#help`.
    Help,
    /// `#approve`.
    Approve,
    /// `#reject reason`.
    Reject(String),
    /// `#bundle CASE`.
    Bundle(CaseNumber),
    /// `#balance`.
    Balance,
    /// `#statement`.
    Statement,
}

impl Command {
    /// The tag that asks it.
    #[must_use]
    pub fn tag(&self) -> Tag {
        match self {
            Self::Time { .. } => Tag::Time,
            Self::Note => Tag::Note,
            Self::Resolved => Tag::Resolved,
            Self::Wait { .. } => Tag::Wait,
            Self::Priority(_) => Tag::Priority,
            Self::Kind(_) => Tag::Kind,
            Self::Estimate(_) => Tag::Estimate,
            Self::Assign(_) => Tag::Assign,
            Self::Client(_) => Tag::Client,
            Self::Merge(_) => Tag::Merge,
            Self::Reopen => Tag::Reopen,
            Self::Undo => Tag::Undo,
            Self::Status => Tag::Status,
            Self::Help => Tag::Help,
            Self::Approve => Tag::Approve,
            Self::Reject(_) => Tag::Reject,
            Self::Bundle(_) => Tag::Bundle,
            Self::Balance => Tag::Balance,
            Self::Statement => Tag::Statement,
        }
    }

    /// What stands behind the tag and is no duration, in its canonical word: `high` for `#prio hoog`.
    #[must_use]
    pub fn argument(&self) -> Option<String> {
        match self {
            Self::Wait { on: WaitFor::Client, .. } => Some("client".to_owned()),
            Self::Wait { on: WaitFor::Supplier, .. } => Some("supplier".to_owned()),
            Self::Priority(priority) => Some(priority.to_string()),
            Self::Kind(kind) => Some(kind.to_string()),
            Self::Assign(name) => Some(name.clone()),
            Self::Client(code) => Some(code.to_string()),
            Self::Merge(number) | Self::Bundle(number) => Some(number.to_string()),
            Self::Reject(reason) => Some(reason.clone()),
            _ => None,
        }
    }

    /// Whether it is a coordinator's to ask; all others are an expert's, and `#client` is both's.
    #[must_use]
    pub fn is_for_coordinator(&self) -> bool {
        matches!(
            self,
            Self::Approve | Self::Reject(_) | Self::Bundle(_) | Self::Balance | Self::Statement | Self::Client(_)
        )
    }
}

/// What is wrong with a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagProblem {
    /// A slip of the finger, or an unknown `#word` before a duration.
    Mistyped,
    /// A tag that does not stand at the start of its line.
    InMidLine,
    /// The duration can't be read.
    Duration(DurationFault),
    /// The date can't be read.
    Date,
    /// Something that the tag needs is missing or is none of what it takes.
    Argument,
    /// More stands behind the tag than it takes.
    TooMuch,
    /// The tag exists but does nothing yet.
    NotAvailable,
    /// The tag stands below what was taken for a signature.
    InSignature,
}

impl TagProblem {
    /// The word by which letters name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mistyped => "mistyped",
            Self::InMidLine => "in-mid-line",
            Self::Duration(fault) => fault.as_str(),
            Self::Date => "date",
            Self::Argument => "argument",
            Self::TooMuch => "too-much",
            Self::NotAvailable => "not-available",
            Self::InSignature => "in-signature",
        }
    }
}

/// A tag that can't be carried out: the mail is parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFault {
    /// The number of the line in the newly written text, from 1; 0 where it does not stand there.
    pub line: usize,
    /// What was read: the line, without blanks around it.
    pub read: String,
    /// What is wrong with it.
    pub problem: TagProblem,
    /// How the line should read, as far as it can be guessed; else the form of the tag, with its places in capitals.
    pub mend: String,
}

/// What was found in a newly written text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commands {
    /// What the well-written tags ask, in their order.
    pub commands: Vec<Command>,
    /// The text without the lines that are tags.
    pub text: String,
    /// What is wrong; with any, nothing of the mail is carried out.
    pub faults: Vec<TagFault>,
}

/// Reads the tags of an expert's or coordinator's newly written text. `answered` is the text of the letter that is
/// answered (empty without one): lines that stand there too are plain text.
#[must_use]
pub fn read_commands(fresh: &str, answered: &str) -> Commands {
    // What stands quoted there is what people wrote before: who writes the same tag again means it.
    let answered: HashSet<String> = answered.lines().filter(|line| !is_quoted(line)).map(fold).collect();
    let mut found = Commands::default();
    let mut kept: Vec<&str> = Vec::new();
    let mut times = 0;
    for (index, line) in fresh.lines().enumerate() {
        let bare = after_bullets(line);
        if is_quoted(line) || answered.contains(&fold(line)) {
            kept.push(line);
            continue;
        }
        match read_line(bare) {
            Line::Plain => kept.push(line),
            Line::Fault(problem, mend) => {
                kept.push(line);
                found.faults.push(TagFault { line: index + 1, read: bare.trim().to_owned(), problem, mend });
            }
            Line::Command(mut command) => {
                if let Command::Time { ordinal, .. } = &mut command {
                    times += 1;
                    *ordinal = times;
                }
                found.commands.push(command);
                // The tag leaves no hole: of the empty lines around it one is enough.
                if kept.last().is_some_and(|last| fold(last).is_empty()) {
                    kept.pop();
                }
            }
        }
    }
    found.text = tidy(&kept);
    found
}

/// The tags below a line that was taken for the beginning of a signature (`--`, `__`, a legal notice). They never count,
/// but their writer must learn that. What a signature says for other reasons (`#1 in hosting`) is no tag.
#[must_use]
pub fn tags_in_signature(signature: &str, answered: &str) -> Vec<TagFault> {
    let found = read_commands(signature, answered);
    let is_meant = |fault: &TagFault| match fault.problem {
        TagProblem::InMidLine | TagProblem::NotAvailable => false,
        TagProblem::Mistyped => fault.mend.starts_with("#time "),
        _ => true,
    };
    let kept: HashSet<&str> = found.text.lines().collect();
    let is_command = |line: &&str| !kept.contains(line) && !fold(line).is_empty();
    let commands = signature.lines().filter(is_command).map(|line| after_bullets(line).trim().to_owned());
    let faults = found.faults.iter().filter(|fault| is_meant(fault)).map(|fault| fault.read.clone());
    let of = |read: String| TagFault { line: 0, mend: read.clone(), read, problem: TagProblem::InSignature };
    commands.chain(faults).map(of).collect()
}

/// What one line is.
enum Line {
    Plain,
    Command(Command),
    Fault(TagProblem, String),
}

/// Judges a line, without the bullets before it.
fn read_line(line: &str) -> Line {
    if let Some(slip) = apart(line).or_else(|| glued(line)) {
        return slip;
    }
    let Some((word, rest)) = split_tag(line) else { return mid_line(line) };
    if let Some(tag) = Tag::named(word) {
        // Another tag further on is named first: read as an argument it would only confuse.
        if let Line::Fault(problem, mend) = mid_line(rest) {
            return Line::Fault(problem, mend);
        }
        return match argument::read(tag, rest) {
            Ok(command) => Line::Command(command),
            Err((problem, mend)) => Line::Fault(problem, mend),
        };
    }
    if let Some(name) = Tag::nearest_name(word) {
        return Line::Fault(TagProblem::Mistyped, format!("#{name} {rest}").trim_end().to_owned());
    }
    if duration::begins_with_duration(rest) {
        return Line::Fault(TagProblem::Mistyped, format!("#time {rest}"));
    }
    mid_line(rest)
}

/// A tag whose sign stands apart, as in `# notitie`: a slip, by which an internal word would go to the client.
fn apart(line: &str) -> Option<Line> {
    let after = line.strip_prefix(['#', '＃']).filter(|after| after.starts_with(is_blank))?;
    let joined = format!("#{}", after.trim_start_matches(is_blank));
    let (word, _) = split_tag(&joined)?;
    Tag::named(word)?;
    Some(Line::Fault(TagProblem::Mistyped, joined))
}

/// A tag that takes a duration, without a blank before it, as in `#tijd40m` and `#time-15m`: time that nobody would book.
fn glued(line: &str) -> Option<Line> {
    let after = line.strip_prefix(['#', '＃'])?;
    let (word, rest) = after.split_at(after.find(|c: char| !c.is_alphabetic())?);
    let is_timed = matches!(Tag::named(word)?, Tag::Time | Tag::Estimate);
    let is_glued = rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '–' | '−'));
    let is_meant = is_timed && is_glued && duration::begins_with_duration(rest);
    is_meant.then(|| Line::Fault(TagProblem::Mistyped, format!("#{word} {rest}")))
}

/// A known tag behind other words.
fn mid_line(line: &str) -> Line {
    let tags = MID_LINE.captures_iter(line).filter_map(|found| found.get(1));
    match tags.filter(|word| Tag::named(word.as_str()).is_some()).min_by_key(regex::Match::start) {
        Some(word) => Line::Fault(TagProblem::InMidLine, format!("#{}", &line[word.start()..])),
        None => Line::Plain,
    }
}

/// `#word` at the start of a line, and what follows it.
fn split_tag(line: &str) -> Option<(&str, &str)> {
    let after = line.strip_prefix(['#', '＃'])?;
    let end = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
    let (word, rest) = after.split_at(end);
    let is_word = word.chars().next().is_some_and(char::is_alphabetic);
    // `#time-out` and `#note_1` are other words.
    let goes_on = rest.starts_with(['-', '_', '/', '\'']) && !rest.starts_with("- ");
    let rest = rest.trim_start_matches(|c: char| is_blank(c) || c == ':').trim_end_matches(is_blank);
    (is_word && !goes_on).then_some((word, rest))
}

/// The line without the blanks and bullets before its words. The number of an item, and the letter that Word draws a
/// bullet with, are bullets where a `#` follows.
fn after_bullets(line: &str) -> &str {
    let bare = line.trim_start_matches(is_bullet).trim_end_matches(is_blank);
    let tag = NUMBER.captures(bare).and_then(|found| found.name("tag"));
    tag.map_or(bare, |tag| &bare[tag.start()..])
}

/// Blanks, the bullets of mail programs, and those of the fonts Symbol and Wingdings.
fn is_bullet(c: char) -> bool {
    const BULLETS: &str = "-*+•·∙◦○●▪▫■□‣⁃►➢➤➔→✓✔–—−§\u{f0a7}\u{f0b7}\u{f0d8}\u{f0fc}";
    is_blank(c) || BULLETS.contains(c)
}

/// Blanks, and characters that are not seen at all.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn is_quoted(line: &str) -> bool {
    line.trim_start_matches(is_blank).starts_with('>')
}

/// A line for comparison: quote signs and bullets gone, blanks folded.
fn fold(line: &str) -> String {
    let line = line.trim_start_matches(|c: char| is_blank(c) || c == '>');
    after_bullets(line).split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Lines without empty ones at both ends.
fn tidy(lines: &[&str]) -> String {
    let is_empty = |line: &&str| line.chars().all(is_blank);
    let first = lines.iter().position(|line| !is_empty(line)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !is_empty(line)).map_or(first, |last| last + 1);
    lines[first..end].join("\n")
}

/// `1. `, `2) `, `a. ` before a tag, and the `o` of Word's second level.
#[expect(clippy::unwrap_used, reason = "constant pattern")]
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:\d{1,3}[.)]|\(\d{1,3}\)|[a-z][.)]|o)\s+(?P<tag>[#＃])").unwrap());

/// `#word` behind a blank, or a sign that ends or encloses words; within a word (`C#note`, `/page#help`) it is none.
#[expect(clippy::unwrap_used, reason = "constant pattern")]
static MID_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r##"(?:^|[\s(\[{<,;.:!?"'“”„‘’«»`*_\\#])#(\p{Alphabetic}+)(?:$|[^\p{Alphabetic}\p{N}_/-])"##).unwrap()
});

#[cfg(test)]
mod tests;
