//! The formatted form of what a person wrote, line by line, and the part of it that says what a text says.
//!
//! What is new in a mail is cut out of its text. The formatted form takes that cut: line by line its words are held
//! against the words of the cut text, and a line that they don't follow is left out (a quote, a signature, a tag). So
//! the page never shows a word more than the text, and where it would show one less there is no page at all.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::identity::scrub_tokens;

/// The most lines with a `#` that are looked at.
const MOST_TAGS: usize = 50;
/// Over how many lines a tag is wrapped at most.
const MOST_WRAPPED: usize = 10;

/// The formatted form of a mail's text, made by the mail room; without lines where the mail has none that could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its lines, in the order in which they are read.
    pub lines: Vec<PageLine>,
}

/// One line as a reader sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageLine {
    /// Its words.
    pub words: String,
    /// Its words as a letter without markup says them: pictures by their names in brackets, addresses beside links.
    pub told: String,
    /// Its words in harmless markup; whatever is opened here is closed here.
    pub html: String,
    /// The pictures that stand in it.
    pub pictures: Vec<Picture>,
    /// What it stands in, outermost first: a list, its item, …
    pub places: Vec<Place>,
    /// Whether there is a gap above it.
    pub begins_paragraph: bool,
    /// Whether it stands in a quote.
    pub is_quoted: bool,
    /// Whether the writer's mail program marked it as part of their signature.
    pub is_signature: bool,
}

/// A picture that goes along with the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its Content-ID, without brackets.
    pub content_id: String,
    /// Its markup.
    pub html: String,
}

/// An element around lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Tells elements apart.
    pub id: u32,
    /// What it is.
    pub shape: Shape,
    /// The markup that opens it.
    pub open: String,
    /// The markup that closes it.
    pub close: &'static str,
    /// What stands before its first line in a letter without markup: `* `, `1. `, `> `.
    pub mark: String,
}

/// What an element around lines is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It holds other elements only: a list, a table.
    Holder,
    /// The row of a table.
    Row,
    /// It holds lines: an item, a cell, a heading.
    Leaf,
    /// It holds paragraphs.
    Quote,
}

/// The part of a page that says what a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// In harmless markup.
    pub html: String,
    /// The same without markup.
    pub text: String,
    /// The Content-IDs of pictures in the rest of the page: in a quote or a signature. They stay behind.
    pub left_behind: Vec<String>,
}

impl Page {
    /// The part that says what `text` says, where `text` is `fresh` (what is new in the mail) without the lines that
    /// are tags. None where the two can't be brought together word by word.
    #[must_use]
    pub fn excerpt(&self, fresh: &str, text: &str) -> Option<Excerpt> {
        let is_new = self.lines_saying(fresh)?;
        let new: Vec<PageLine> =
            self.lines.iter().zip(&is_new).filter(|(_, is_new)| **is_new).map(|(line, _)| line.clone()).collect();
        let new = Self { lines: new };
        let said = new.lines_saying(text)?;
        let kept: Vec<Kept> = new.lines.iter().zip(&said).map(|(line, is_said)| Kept::of(line, *is_said)).collect();
        let shown: HashSet<&str> = new.pictures().collect();
        let mut left_behind: Vec<String> =
            self.pictures().filter(|id| !shown.contains(id)).map(str::to_owned).collect();
        left_behind.dedup();
        Some(Excerpt { html: markup(&kept), text: scrub_tokens(&plain(&kept)), left_behind })
    }

    /// What is new in the mail, with each line that begins with `#` whole again: mail programs wrap their text part, and
    /// the rest of a wrapped tag would be read as words for the client.
    #[must_use]
    pub fn unwrapped(&self, fresh: &str) -> String {
        let begins_tag =
            |line: &str| line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '#').starts_with('#');
        let whole = self.lines.iter().filter(|line| !line.is_quoted && line.words.contains('#')).take(MOST_TAGS);
        let whole: Vec<String> = whole.map(|line| bare(&line.words)).collect();
        let lines: Vec<&str> = fresh.lines().collect();
        let mut unwrapped: Vec<String> = Vec::with_capacity(lines.len());
        let mut at = 0;
        while at < lines.len() {
            let of_tag = || whole.iter().find_map(|words| wrapped_over(&lines[at..], words));
            let count = if begins_tag(lines[at]) { of_tag().unwrap_or(1) } else { 1 };
            unwrapped.push(lines[at..at + count].join(" "));
            at += count;
        }
        unwrapped.join("\n")
    }

    /// The pictures above the line that reads so, or above the last tag where no line is asked for; of a line that is not
    /// there none.
    #[must_use]
    pub fn pictures_above(&self, line: Option<&str>) -> Vec<&str> {
        let end = match line {
            Some(line) => self.lines.iter().position(|own| !own.is_quoted && signs(&own.words) == signs(line)),
            None => self.lines.iter().rposition(|own| !own.is_quoted && own.words.trim_start().starts_with('#')),
        };
        let above = self.lines[..end.unwrap_or(0)].iter().filter(|own| !own.is_quoted);
        above.flat_map(|own| &own.pictures).map(|picture| picture.content_id.as_str()).collect()
    }

    /// The words of the signature that the writer's mail program marked, as one who reads the text part may meet them:
    /// first without, then with what stands for pictures and addresses. Nothing where none is marked.
    #[must_use]
    pub fn marked_signature(&self) -> [String; 2] {
        let own = || self.lines.iter().filter(|line| line.is_signature && !line.is_quoted);
        [own().map(|line| bare(&line.words)).collect(), own().map(|line| bare(&line.told)).collect()]
    }

    fn pictures(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flat_map(|line| &line.pictures).map(|picture| picture.content_id.as_str())
    }

    /// Which lines together say the text, no word more and no word less.
    fn lines_saying(&self, text: &str) -> Option<Vec<bool>> {
        let wanted = bare(text);
        if wanted.is_empty() || self.lines.is_empty() {
            return None;
        }
        // Some programs name pictures in their text part, and some quote by indenting alone.
        let ways = [(false, false), (true, false), (false, true), (true, true)];
        let mut found = ways.iter().find_map(|(is_told, with_quotes)| self.follow(&wanted, *is_told, *with_quotes))?;
        self.take_wordless(text, &mut found);
        Some(found)
    }

    /// Follows the wanted words line by line; every line is all there or not at all.
    fn follow(&self, wanted: &str, is_told: bool, with_quotes: bool) -> Option<Vec<bool>> {
        let mut rest = wanted;
        let mut found = vec![false; self.lines.len()];
        for (line, is_found) in self.lines.iter().zip(&mut found) {
            let words = bare(if is_told { &line.told } else { &line.words });
            if words.is_empty() || line.is_quoted && !with_quotes {
                continue;
            }
            if let Some(behind) = rest.strip_prefix(words.as_str()) {
                rest = behind;
                *is_found = true;
            }
        }
        rest.is_empty().then_some(found)
    }

    /// Lines without a letter or digit count where the text has such a line; those with pictures alone, where they
    /// stand beside lines that count.
    fn take_wordless(&self, text: &str, found: &mut [bool]) {
        let has_words = |line: &PageLine| !bare(&line.words).is_empty();
        let seen: HashSet<String> = text.lines().map(signs).collect();
        let first = self.lines.iter().zip(found.iter()).find(|(line, _)| has_words(line));
        let mut is_beside = first.is_none_or(|(_, is_found)| *is_found);
        let mut signed = self.lines.iter().zip(found.iter()).filter(|(line, _)| line.is_signature && has_words(line));
        // A logo may stand above the name: nothing but the mark tells that it belongs to what is left out.
        let is_unsigned = signed.clone().next().is_some() && signed.all(|(_, is_found)| !is_found);
        for (line, is_found) in self.lines.iter().zip(found) {
            if has_words(line) {
                is_beside = *is_found;
                continue;
            }
            let own = signs(&line.words);
            // A row of signs that the text lacks begins a signature or a quote.
            is_beside &= own.is_empty() || seen.contains(&own);
            is_beside &= !(is_unsigned && line.is_signature);
            *is_found = is_beside && !line.is_quoted;
        }
    }
}

/// Over how many of the first lines the words go, if they are all that stands there.
fn wrapped_over(lines: &[&str], words: &str) -> Option<usize> {
    let mut said = String::new();
    for (index, line) in lines.iter().enumerate().take(MOST_WRAPPED) {
        said.push_str(&bare(line));
        if said == words {
            return Some(index + 1);
        }
        if said.is_empty() || !words.starts_with(&said) {
            return None;
        }
    }
    None
}

/// What is seen of a line.
fn signs(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace() && !is_unseen(*c)).collect()
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Letters and digits alone: mail programs wrap, number and decorate lines of their text part in many ways, and put
/// addresses and names of pictures into it.
pub(super) fn bare(text: &str) -> String {
    let text = BESIDE_WORDS.replace_all(text, "");
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[expect(clippy::unwrap_used, reason = "constant pattern")]
static BESIDE_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    // Addresses of links (behind their words, or by number at the end), names of pictures, numbers of list items.
    Regex::new(r"(?m)<(?:https?:|mailto:|tel:)[^<>\s]*>|\[(?:cid|image):[^\]\n]*\]|^[\s>]*\d{1,3}[.)]\s|\]\(https?:[^()\s]*\)|\[\d{1,2}\]|^Links:\s*(?:-+\s*)?(?:\[\d{1,2}\] \S+\s*)*\z").unwrap()
});

/// What is written of a line.
struct Kept<'a> {
    line: &'a PageLine,
    html: String,
    told: &'a str,
    is_said: bool,
}

impl<'a> Kept<'a> {
    /// Of a line that is a tag its pictures stay.
    fn of(line: &'a PageLine, is_said: bool) -> Self {
        let pictures = || line.pictures.iter().map(|picture| picture.html.as_str()).collect::<String>();
        let scrubbed = scrub_tokens(&line.words);
        let html = match is_said {
            true if scrubbed == line.words => line.html.clone(),
            // Markup can stand within a token.
            true => escaped(&scrubbed) + &pictures(),
            false => pictures(),
        };
        Self { line, html, told: if is_said { &line.told } else { "" }, is_said }
    }

    fn is_empty(&self) -> bool {
        self.html.is_empty()
    }

    fn row(&self) -> Option<u32> {
        self.line.places.iter().rev().find(|place| place.shape == Shape::Row).map(|place| place.id)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Above and below a paragraph.
const PARAGRAPH: &str = "<p style=\"margin:0 0 16px\">";

/// The lines in their elements.
fn markup(kept: &[Kept<'_>]) -> String {
    let rows: HashSet<u32> = kept.iter().filter(|line| line.is_said).filter_map(Kept::row).collect();
    let mut writer = Writer::default();
    for line in kept {
        let is_in_row = line.row().is_some_and(|row| rows.contains(&row));
        writer.has_gap |= line.line.begins_paragraph;
        if !line.is_empty() || is_in_row {
            writer.write(line);
        }
    }
    writer.move_to(&[]);
    writer.end_paragraph();
    writer.html
}

#[derive(Default)]
struct Writer<'a> {
    html: String,
    open: Vec<&'a Place>,
    is_in_paragraph: bool,
    /// Whether the innermost element has a line already.
    has_line: bool,
    has_gap: bool,
}

impl<'a> Writer<'a> {
    fn write(&mut self, kept: &Kept<'a>) {
        self.move_to(&kept.line.places);
        if kept.is_empty() {
            return;
        }
        let is_flow = self.open.last().is_none_or(|place| place.shape == Shape::Quote);
        if is_flow && (self.has_gap || !self.has_line) {
            self.end_paragraph();
            self.html.push_str(PARAGRAPH);
            self.is_in_paragraph = true;
        } else if self.has_line {
            self.html.push_str(if self.has_gap { "<br>\n<br>\n" } else { "<br>\n" });
        }
        self.html.push_str(&kept.html);
        (self.has_line, self.has_gap) = (true, false);
    }

    fn end_paragraph(&mut self) {
        if self.is_in_paragraph {
            self.html.push_str("</p>\n");
        }
        self.is_in_paragraph = false;
    }

    /// Closes what the next line does not stand in, and opens what it does.
    fn move_to(&mut self, places: &'a [Place]) {
        let shared = self.open.iter().zip(places).take_while(|(own, next)| own.id == next.id).count();
        if shared == self.open.len() && shared == places.len() {
            return;
        }
        self.end_paragraph();
        while self.open.len() > shared {
            if let Some(place) = self.open.pop() {
                self.html.push_str(place.close);
            }
        }
        for place in &places[shared..] {
            self.html.push_str(&place.open);
            self.open.push(place);
        }
        self.has_line = false;
    }
}

/// The lines without markup.
fn plain(kept: &[Kept<'_>]) -> String {
    let mut text = String::new();
    let mut before: &[Place] = &[];
    let mut has_gap = false;
    for line in kept {
        has_gap |= line.line.begins_paragraph;
        let told = line.told.trim_end();
        if told.is_empty() {
            continue;
        }
        let places = line.line.places.as_slice();
        let shared = before.iter().zip(places).take_while(|(own, next)| own.id == next.id).count();
        let is_other_block = before.first().map(|place| place.id) != places.first().map(|place| place.id);
        let row = |places: &[Place]| places.iter().rfind(|place| place.shape == Shape::Row).map(|place| place.id);
        if !text.is_empty() && row(before).is_some() && row(before) == row(places) && shared < places.len() {
            text.push_str(" | ");
        } else if !text.is_empty() {
            let is_in_list = !is_other_block && places.iter().any(|place| place.shape == Shape::Holder);
            text.push_str(if is_other_block || has_gap && !is_in_list { "\n\n" } else { "\n" });
        }
        if !text.ends_with(" | ") {
            text.push_str(&marks(places, shared));
        }
        text.push_str(told);
        (before, has_gap) = (places, false);
    }
    text
}

/// What stands before a line: the mark of an item that begins with it, room for those that go on.
fn marks(places: &[Place], shared: usize) -> String {
    let mut marks = String::new();
    for (depth, place) in places.iter().enumerate() {
        match place.shape {
            Shape::Quote => marks.push_str(&place.mark),
            _ if depth >= shared => marks.push_str(&place.mark),
            _ => marks.push_str(&" ".repeat(place.mark.len())),
        }
    }
    marks
}

#[cfg(test)]
mod tests;
