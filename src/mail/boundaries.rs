//! The boundaries of multiparts, followed line by line without looking at what they hold.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// The longest boundary that is followed; RFC 2046 section 5.1.1 allows 70 signs.
const MAX_BOUNDARY: usize = 200;
/// The most boundaries that are declared and not met yet.
const MAX_UNMET: usize = 50;

/// The most boundaries that are told to stand within lines.
const MAX_WITHIN: usize = 4;

/// The boundaries that were declared, each with the number of declarations since it was last met.
#[derive(Default)]
pub struct Boundaries {
    known: HashMap<Vec<u8>, usize>,
    lengths: BTreeSet<usize>,
    unmet: usize,
    /// Those that began and did not end yet, the innermost last.
    open: Vec<Vec<u8>>,
}

impl Boundaries {
    /// Notes each `boundary=` in a header or a line of one.
    pub fn declare(&mut self, text: &[u8]) {
        for declared in declared_in(text) {
            self.unmet += 1;
            // In pieces (`boundary*0=`, RFC 2231) it stays unknown, and so unmet.
            let Some(place) = declared else { continue };
            self.lengths.insert(place.len());
            *self.known.entry(text[place].to_vec()).or_default() += 1;
        }
    }

    /// Those that stand behind `--` within a line too, where they end nothing (RFC 2046 section 5.1.1).
    pub fn met_within_lines(&self, body: &[u8]) -> Vec<Vec<u8>> {
        let is_within = |boundary: &&Vec<u8>| {
            let delimiter = [b"--", boundary.as_slice()].concat();
            memchr::memmem::find_iter(body, &delimiter).any(|at| at > 0 && body[at - 1] != b'\n')
        };
        let mut within: Vec<Vec<u8>> = self.known.keys().take(MAX_UNMET).filter(is_within).cloned().collect();
        within.sort_unstable();
        within.truncate(MAX_WITHIN);
        within
    }

    /// Whether more are declared than met: for each that never comes the library looks through the rest of the mail,
    /// each time anew.
    pub fn has_too_many_unmet(&self) -> bool {
        self.unmet > MAX_UNMET
    }

    /// Where the line is `--` and a known boundary: the boundaries that should have ended before it, innermost first.
    pub fn meet(&mut self, line: &[u8]) -> Option<Vec<Vec<u8>>> {
        let rest = line.strip_prefix(b"--")?;
        let (mut is_met, mut whole) = (false, None);
        for length in self.lengths.iter().take_while(|length| **length <= rest.len()) {
            let (boundary, behind) = rest.split_at(*length);
            if let Some(declared) = self.known.get_mut(boundary) {
                self.unmet -= std::mem::take(declared);
                is_met = true;
                if behind.trim_ascii().is_empty() || behind.starts_with(b"--") {
                    whole = Some((boundary, behind.starts_with(b"--")));
                }
            }
        }
        let missing = whole.map(|(boundary, is_end)| self.turn_to(boundary, is_end));
        is_met.then(|| missing.unwrap_or_default())
    }

    /// Whether one began that did not end.
    pub fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// RFC 2046 section 5.1.2: a boundary of an outer part ends all that is open within it.
    fn turn_to(&mut self, boundary: &[u8], is_end: bool) -> Vec<Vec<u8>> {
        let Some(at) = self.open.iter().rposition(|own| own == boundary) else {
            if !is_end {
                self.open.push(boundary.to_vec());
            }
            return Vec::new();
        };
        let mut missing = self.open.split_off(at + 1);
        missing.reverse();
        if is_end {
            self.open.pop();
        }
        missing
    }
}

/// Where each `boundary=` of the text has its value; nothing for one that can't be followed.
fn declared_in(text: &[u8]) -> Vec<Option<Range<usize>>> {
    let lower = text.to_ascii_lowercase();
    let mut declared = Vec::new();
    let mut from = 0;
    while let Some(found) = find(&lower[from..], b"boundary") {
        from += found + 8;
        declared.push(value_at(text, from));
    }
    declared
}

fn value_at(text: &[u8], name_end: usize) -> Option<Range<usize>> {
    let value = text[name_end..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (value, is_end): (&[u8], fn(&u8) -> bool) = match value.strip_prefix(b"\"") {
        Some(quoted) => (quoted, |b| *b == b'"'),
        None => (value, |b| b.is_ascii_whitespace() || *b == b';'),
    };
    let start = text.len() - value.len();
    let length = value.iter().position(is_end).unwrap_or(value.len());
    (1..=MAX_BOUNDARY).contains(&length).then_some(start..start + length)
}

/// The line with the boundary under another name, if it declares it (`is_in_type`) or is it.
pub fn renamed(line: &[u8], is_in_type: bool, boundary: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let behind = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
    // Another boundary may begin as this one does.
    if let Some(behind) = behind.filter(|behind| behind.trim_ascii().is_empty() || behind.starts_with(b"--")) {
        return Some([b"--", other, behind].concat());
    }
    let places = if is_in_type { declared_in(line) } else { Vec::new() };
    let place = places.into_iter().flatten().find(|place| &line[place.clone()] == boundary)?;
    let is_quoted = place.start > 0 && line[place.start - 1] == b'"';
    let other = if is_quoted { other.to_vec() } else { [b"\"", other, b"\""].concat() };
    Some([&line[..place.start], &other, &line[place.end..]].concat())
}

/// Where `wanted` stands.
pub fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}
