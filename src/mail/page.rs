//! The formatted form of a mail's text: its HTML, rebuilt from an allow-list.
//!
//! Nothing of the source is passed on but words, which are escaped, and the addresses of links and pictures, which
//! must be harmless: every tag and style that is written stands in this file or in `page/format.rs`.

mod format;
mod signature;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use html2text::{Comment, Element, Handle};
use mail_parser::{MessageParser, MimeHeaders as _};

use super::{body, bounds, html, markup, parts};
use crate::domain::page::{Page, PageLine, Picture, Place, Shape};
use format::Format;

/// A page of more lines is none: people don't write that much into a mail.
const MAX_LINES: usize = 5_000;
/// The most bytes of markup.
const MAX_MARKUP: usize = 512 * 1024;
/// The most nodes of a document that are looked at.
const MAX_NODES: usize = 200_000;
/// The deepest nesting of nodes; a parser can nest deeper than the source does.
const MAX_DEPTH: usize = 400;
/// The most pictures.
const MAX_PICTURES: usize = 100;

/// The formatted form of what a mail says; without lines where it has no HTML, or none within the limits. Never fails.
#[must_use]
pub fn read(raw: &[u8]) -> Page {
    catch_unwind(AssertUnwindSafe(|| {
        let (bounded, _) = bounds::bounded(raw);
        let parsed = MessageParser::default().parse(bounded.as_ref())?;
        let source = body::html_of(&parsed);
        let is_picture = |part: &&mail_parser::MessagePart<'_>| parts::media_type(part).starts_with("image/");
        let ids = parsed.attachments().filter(is_picture).filter_map(|part| part.content_id());
        let ids: Vec<String> = ids.map(|id| id.trim_matches(['<', '>', ' ']).to_owned()).collect();
        page_of(&source, &ids)
    }))
    .ok()
    .flatten()
    .unwrap_or_default()
}

/// The lines of a document; `content_ids` are those of the pictures that the mail brings.
fn page_of(source: &str, content_ids: &[String]) -> Option<Page> {
    let dom = html::document(source)?;
    let mut walk = Walk { content_ids, ..Walk::new() };
    walk.children(&dom.document, 0)?;
    walk.end_line();
    let markup: usize = walk.lines.iter().map(|line| line.html.len()).sum();
    (markup <= MAX_MARKUP).then_some(Page { lines: walk.lines })
}

/// A walk through a document, in the order in which it is read.
struct Walk<'a> {
    content_ids: &'a [String],
    lines: Vec<PageLine>,
    line: PageLine,
    /// What the words to come look like.
    formats: Vec<Format>,
    /// What of that is open in the line.
    open: Vec<Format>,
    places: Vec<Place>,
    /// Lists that are open: the number of the next item, where they are numbered.
    lists: Vec<Option<u32>>,
    /// How many lines there were behind the last item of Word.
    word_list: Option<usize>,
    is_word_item: bool,
    has_gap: bool,
    is_pre: bool,
    quotes: usize,
    /// How many marks of a signature are open.
    signatures: usize,
    nodes: usize,
    pictures: usize,
    next_id: u32,
}

impl Walk<'_> {
    fn new() -> Self {
        Walk {
            content_ids: &[],
            lines: Vec::new(),
            line: PageLine::default(),
            formats: Vec::new(),
            open: Vec::new(),
            places: Vec::new(),
            lists: Vec::new(),
            word_list: None,
            is_word_item: false,
            has_gap: false,
            is_pre: false,
            quotes: 0,
            signatures: 0,
            nodes: 0,
            pictures: 0,
            next_id: 0,
        }
    }

    /// None where a limit is reached.
    fn children(&mut self, node: &Handle, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut is_announced = false;
        for child in node.children.borrow().iter() {
            self.nodes += 1;
            if self.nodes > MAX_NODES || self.lines.len() > MAX_LINES {
                return None;
            }
            match &child.data {
                Element { name, .. } => {
                    let is_signature = is_announced || signature::is_marked(child);
                    self.signatures += usize::from(is_signature);
                    self.element(child, &name.local, depth + 1)?;
                    self.signatures -= usize::from(is_signature);
                    is_announced = signature::announces(child);
                }
                Comment { .. } => {}
                // A text (or the type of the document); the library has no public name for it, but it can write it.
                _ => self.text(&text_of(child)),
            }
        }
        Some(())
    }

    fn element(&mut self, node: &Handle, tag: &str, depth: usize) -> Option<()> {
        match tag {
            "br" => self.end_or_gap(),
            "hr" => {
                self.end_line();
                self.has_gap = true;
            }
            "img" => self.picture(node),
            "svg" | "math" | "iframe" | "object" | "audio" | "video" | "canvas" | "noscript" | "button" => {}
            "ul" | "ol" => self.list(node, tag, depth)?,
            "li" => self.item(node, depth)?,
            "table" if format::is_data(node) => {
                self.has_gap = true;
                self.within(Shape::Holder, format::TABLE, "</table></div>\n", "", node, depth)?;
                self.has_gap = true;
            }
            "tr" if self.is_in_table() => self.within(Shape::Row, "<tr>", "</tr>\n", "", node, depth)?,
            "td" | "th" if self.is_in_row() => self.cell(node, tag, depth)?,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.has_gap = true;
                self.within(Shape::Leaf, format::HEADING, "</h3>\n", "", node, depth)?;
                self.has_gap = true;
            }
            "pre" => self.preformatted(node, depth)?,
            "blockquote" => self.quote(node, depth)?,
            "p" if format::word_list(node).is_some() => self.word_item(node, depth)?,
            "p" => {
                self.end_line();
                let is_apart = !format::is_tight(node);
                self.has_gap |= is_apart;
                self.children(node, depth)?;
                self.end_or_nothing();
                self.has_gap |= is_apart;
            }
            _ if format::is_block(tag) => {
                self.end_line();
                self.children(node, depth)?;
                self.end_or_nothing();
            }
            _ => self.inline(node, tag, depth)?,
        }
        Some(())
    }

    fn inline(&mut self, node: &Handle, tag: &str, depth: usize) -> Option<()> {
        if self.is_word_item && format::is_word_bullet(node) {
            // It belongs to the words, since the text part has it, and to what the list draws.
            self.line.words.push_str(&format!("{} ", markup::text_of(node).replace('\u{a0}', " ").trim()));
            return Some(());
        }
        let before = self.formats.clone();
        format::apply(node, tag, &mut self.formats);
        let link = (tag == "a").then(|| format::address_beside(node)).filter(|address| !address.is_empty());
        let lines = self.lines.len();
        self.children(node, depth)?;
        if let Some(address) = link.filter(|_| lines == self.lines.len() && !self.line.told.trim().is_empty()) {
            self.line.told.push_str(&format!(" <{address}>"));
        }
        self.formats = before;
        Some(())
    }

    fn within(
        &mut self,
        shape: Shape,
        open: impl Into<String>,
        close: &'static str,
        mark: &str,
        node: &Handle,
        depth: usize,
    ) -> Option<()> {
        self.end_line();
        self.next_id += 1;
        self.places.push(Place { id: self.next_id, shape, open: open.into(), close, mark: mark.to_owned() });
        self.children(node, depth)?;
        self.end_line();
        self.places.pop();
        Some(())
    }

    fn list(&mut self, node: &Handle, tag: &str, depth: usize) -> Option<()> {
        let start = format::attribute(node, "start").and_then(|start| start.trim().parse::<u32>().ok());
        let start = start.filter(|start| (1..1_000).contains(start)).unwrap_or(1);
        self.lists.push((tag == "ol").then_some(start));
        let is_outermost = self.lists.len() == 1;
        let (open, close) = match tag {
            "ol" => (format::ordered_list(start, is_outermost), "</ol>\n"),
            _ => (format::list(is_outermost), "</ul>\n"),
        };
        self.has_gap |= is_outermost;
        self.within(Shape::Holder, open, close, "", node, depth)?;
        self.lists.pop();
        self.has_gap |= is_outermost;
        Some(())
    }

    fn item(&mut self, node: &Handle, depth: usize) -> Option<()> {
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", *number - 1)
            }
            _ => "* ".to_owned(),
        };
        if self.lists.is_empty() {
            return self.within(Shape::Quote, "", "", "", node, depth);
        }
        self.within(Shape::Leaf, format::item(1), "</li>\n", &mark, node, depth)
    }

    /// QUIRK: Word writes the items of a list as paragraphs, each with its bullet in front.
    fn word_item(&mut self, node: &Handle, depth: usize) -> Option<()> {
        self.end_line();
        let (level, bullet) = format::word_list(node)?;
        let number = bullet.trim_end_matches(['.', ')']).parse::<u32>().ok().filter(|number| *number < 1_000);
        let before = self.lines.last().and_then(|line| line.places.get(self.places.len()));
        let is_next = |list: &&Place| {
            list.shape == Shape::Holder && list.open.starts_with(if number.is_some() { "<ol" } else { "<ul" })
        };
        let list =
            before.filter(is_next).filter(|_| !self.has_gap && self.word_list == Some(self.lines.len())).cloned();
        self.next_id += 1;
        let (open, close) = match number {
            Some(number) => (format::ordered_list(number, true), "</ol>\n"),
            None => (format::list(true), "</ul>\n"),
        };
        let is_first = list.is_none();
        let own = Place { id: self.next_id, shape: Shape::Holder, open, close, mark: String::new() };
        self.has_gap |= is_first;
        self.places.push(list.unwrap_or(own));
        let mark = number.map_or_else(|| "* ".to_owned(), |number| format!("{number}. "));
        self.is_word_item = true;
        let done = self.within(Shape::Leaf, format::item(level), "</li>\n", &mark, node, depth);
        self.is_word_item = false;
        self.places.pop();
        self.word_list = Some(self.lines.len());
        done
    }

    fn cell(&mut self, node: &Handle, tag: &str, depth: usize) -> Option<()> {
        let lines = self.lines.len();
        let (open, close) = if tag == "th" { (format::HEAD_CELL, "</th>") } else { (format::CELL, "</td>") };
        self.end_line();
        self.next_id += 1;
        let place = Place { id: self.next_id, shape: Shape::Leaf, open: open.into(), close, mark: String::new() };
        self.places.push(place);
        self.has_gap = false;
        self.children(node, depth)?;
        self.end_line();
        if lines == self.lines.len() {
            // The columns to its right stay where they are.
            self.lines.push(PageLine { places: self.places.clone(), ..PageLine::default() });
        }
        self.places.pop();
        self.has_gap = false;
        Some(())
    }

    fn preformatted(&mut self, node: &Handle, depth: usize) -> Option<()> {
        let was_pre = std::mem::replace(&mut self.is_pre, true);
        self.has_gap = true;
        self.within(Shape::Leaf, format::PRE, "</div>\n", "", node, depth)?;
        (self.is_pre, self.has_gap) = (was_pre, true);
        Some(())
    }

    fn quote(&mut self, node: &Handle, depth: usize) -> Option<()> {
        self.quotes += 1;
        self.has_gap = true;
        self.within(Shape::Quote, format::QUOTE, "</div>\n", "> ", node, depth)?;
        self.quotes -= 1;
        self.has_gap = true;
        Some(())
    }

    fn is_in_table(&self) -> bool {
        self.places.last().is_some_and(|place| place.shape == Shape::Holder && place.open == format::TABLE)
    }

    fn is_in_row(&self) -> bool {
        self.places.last().is_some_and(|place| place.shape == Shape::Row)
    }

    fn picture(&mut self, node: &Handle) {
        let name = format::attribute(node, "alt").unwrap_or_default();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ").replace(['[', ']'], "");
        let source = format::attribute(node, "src").unwrap_or_default();
        let known = source.trim().strip_prefix("cid:").and_then(|id| self.content_ids.iter().find(|own| *own == id));
        if let Some(id) = known.filter(|id| format::is_plain_id(id) && self.pictures < MAX_PICTURES) {
            self.pictures += 1;
            let html = format::picture(id, &name, format::attribute(node, "width").as_deref());
            self.close_formats(0);
            self.line.html.push_str(&html);
            self.line.is_signature |= self.signatures > 0;
            self.line.pictures.push(Picture { content_id: id.clone(), html });
        }
        if !name.is_empty() {
            self.line.told.push_str(&format!("[{name}]"));
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_pre {
            for (index, piece) in text.split('\n').enumerate() {
                if index > 0 {
                    self.end_or_gap();
                }
                self.push(&piece.replace('\t', "    ").replace(' ', "\u{a0}"));
            }
            return;
        }
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        let mut words = String::with_capacity(text.len());
        for c in text.chars() {
            let is_after_blank = match words.is_empty() {
                true => self.line.html.is_empty() || self.line.words.ends_with(' '),
                false => words.ends_with(' '),
            };
            if !is_blank(c) {
                words.push(c);
            } else if !is_after_blank {
                words.push(' ');
            }
        }
        self.push(&words);
    }

    fn push(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let shared = self.open.iter().zip(&self.formats).take_while(|(open, wanted)| open == wanted).count();
        self.close_formats(shared);
        for format in &self.formats[shared..] {
            self.line.html.push_str(&format.open());
            self.open.push(format.clone());
        }
        let words: String = words.chars().filter(|c| !c.is_control()).collect();
        self.line.is_signature |= self.signatures > 0;
        self.line.html.push_str(&format::escaped(&words));
        let plain = words.replace('\u{a0}', " ");
        self.line.words.push_str(&plain);
        self.line.told.push_str(&plain);
    }

    fn close_formats(&mut self, kept: usize) {
        while self.open.len() > kept {
            if let Some(format) = self.open.pop() {
                self.line.html.push_str(format.close());
            }
        }
    }

    /// A line that shows nothing is a gap.
    fn end_or_gap(&mut self) {
        if !self.end_line() {
            self.has_gap = true;
        }
    }

    /// At the end of a block: what holds blanks alone (`<p>&nbsp;</p>`) is a gap, what holds nothing is nothing.
    fn end_or_nothing(&mut self) {
        let is_blank = !self.line.html.is_empty();
        if !self.end_line() && is_blank {
            self.has_gap = true;
        }
    }

    /// Whether there was a line to end.
    fn end_line(&mut self) -> bool {
        self.close_formats(0);
        let mut line = std::mem::take(&mut self.line);
        if line.words.trim().is_empty() && line.pictures.is_empty() && line.told.trim().is_empty() {
            return false;
        }
        line.html.truncate(line.html.trim_end().len());
        line.begins_paragraph = std::mem::take(&mut self.has_gap);
        line.places.clone_from(&self.places);
        line.is_quoted = self.quotes > 0;
        self.lines.push(line);
        true
    }
}

/// The words of a text node.
fn text_of(node: &Handle) -> String {
    let mut source = Vec::new();
    if matches!(node.data, html2text::Document) || Rc::clone(node).serialize(&mut source).is_err() {
        return String::new();
    }
    let source = String::from_utf8_lossy(&source);
    if source.starts_with("<!") {
        return String::new();
    }
    let source = source.replace("&nbsp;", "\u{a0}").replace("&lt;", "<").replace("&gt;", ">");
    source.replace("&amp;", "&")
}

#[cfg(test)]
mod tests;
