//! HTML documents made ready to be read as lines: the cells of a row side by side, addresses of links beside their words.

use std::rc::Rc;

use html2text::{Comment, Element, Handle, RcDom};

/// The longest address that is shown beside its words.
const MAX_URL: usize = 300;
/// The longest text of a cell that still is a cell of data; longer ones are layout.
const MAX_CELL: usize = 300;
/// The deepest nesting that is looked into for the text of an element.
const MAX_LOOK: usize = 2_000;

/// Elements that begin a line.
const BLOCKS: &[&str] = &[
    "table",
    "div",
    "p",
    "ul",
    "ol",
    "li",
    "dl",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "br",
    "section",
    "article",
];

/// Pieces that are put in: the library gives no way to make a node but to read one.
pub struct Pieces {
    bar: Option<Handle>,
    blank: Option<Handle>,
    line_end: Option<Handle>,
}

impl Pieces {
    /// From a document `<i> | </i><b> </b><br>`.
    #[must_use]
    pub fn of(dom: &RcDom) -> Self {
        Self { bar: first(&dom.document, "i"), blank: first(&dom.document, "b"), line_end: first(&dom.document, "br") }
    }

    /// What such a document looks like.
    pub const SOURCE: &'static [u8] = b"<i> | </i><b> </b><br>";
}

fn first(document: &Handle, tag: &str) -> Option<Handle> {
    let mut open = vec![Rc::clone(document)];
    while let Some(node) = open.pop() {
        if is(&node, &[tag]) {
            return Some(node);
        }
        open.extend(node.children.borrow().iter().cloned());
    }
    None
}

/// Makes the document ready.
pub fn prepare(dom: &RcDom, pieces: &Pieces) {
    let mut open = vec![Rc::clone(&dom.document)];
    while let Some(node) = open.pop() {
        open.extend(node.children.borrow().iter().filter(|child| matches!(child.data, Element { .. })).cloned());
        if is(&node, &["tr"]) {
            join_cells(&node, pieces);
        } else if is(&node, &["a"]) {
            mark_link(&node);
        }
        end_lines_at_rules(&node, pieces);
    }
}

/// The address to show beside the words of a link; empty where the words say it.
#[must_use]
pub fn shown_address(url: &str, words: &str) -> String {
    let url = behind_safe_link(url.trim());
    let lower = url.to_ascii_lowercase();
    let Some((_, rest)) = lower.strip_prefix("http").and_then(|rest| rest.split_once("://")) else {
        return String::new();
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let is_plain = url.len() <= MAX_URL && !url.contains(|c: char| c.is_control() || c.is_whitespace());
    if !is_plain || host.is_empty() || words.trim().is_empty() || words.to_lowercase().contains(host) {
        return String::new();
    }
    url
}

/// QUIRK: Microsoft Defender (Safe Links) puts its own address around each one; the real one stands in `url=`.
#[must_use]
pub fn behind_safe_link(url: &str) -> String {
    let inner = url.split_once(".safelinks.protection.outlook.com/").and_then(|(_, rest)| rest.split_once("url="));
    let Some((_, inner)) = inner else { return url.to_owned() };
    percent_decoded(inner.split('&').next().unwrap_or_default())
}

/// An address with its `%2B` read (RFC 3986 section 2.1); as it is where that is no text.
#[must_use]
pub fn percent_decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let code = behind.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) if byte == b'%' => {
                bytes.push(code);
                rest = &behind[2..];
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| address.to_owned())
}

/// Leaves an address in `href` only where it is to be shown.
fn mark_link(link: &Handle) {
    let Element { attrs, .. } = &link.data else { return };
    let words = text_of(link);
    for attribute in attrs.borrow_mut().iter_mut().filter(|own| &*own.name.local == "href") {
        let shown = shown_address(&attribute.value, &words);
        attribute.value.clear();
        attribute.value.push_slice(&shown);
    }
}

/// A row of data becomes one line. A row whose cells hold several lines each is layout and stays as it is.
fn join_cells(row: &Handle, pieces: &Pieces) {
    let cells: Vec<Handle> = row.children.borrow().iter().filter(|child| is(child, &["td", "th"])).cloned().collect();
    let Some(holders) = cells.iter().map(holder_of_line).collect::<Option<Vec<_>>>() else { return };
    let texts: Vec<String> = cells.iter().map(text_of).collect();
    let last = texts.iter().rposition(|text| !text.trim().is_empty()).unwrap_or(0);
    if texts.iter().filter(|text| !text.trim().is_empty()).count() < 2 || texts.iter().any(|text| text.len() > MAX_CELL)
    {
        return;
    }
    let mut line: Vec<Handle> = Vec::new();
    for (place, holder) in holders.iter().enumerate().take(last + 1) {
        // `Van:` and what stands behind it are a field, not two columns.
        let is_field = place > 0 && texts[place - 1].trim().ends_with(':');
        let gap = if is_field { &pieces.blank } else { &pieces.bar };
        line.extend(gap.iter().filter(|_| place > 0).cloned());
        // Moved, not shared: a node that is dropped takes the children of all below it.
        line.append(&mut holder.children.borrow_mut());
    }
    if let Some(cell) = cells.first() {
        *cell.children.borrow_mut() = line;
        row.children.borrow_mut().retain(|child| !is(child, &["td", "th"]) || Rc::ptr_eq(child, cell));
    }
}

/// The element that holds the words of a cell, where they are one line: the paragraph around it falls away (Outlook writes one into each cell).
fn holder_of_line(cell: &Handle) -> Option<Handle> {
    let mut holder = Rc::clone(cell);
    for _ in 0..4 {
        let told: Vec<Handle> = holder.children.borrow().iter().filter(|child| is_told(child)).cloned().collect();
        match told.as_slice() {
            [only] if is(only, &["p", "div"]) => holder = Rc::clone(only),
            _ => break,
        }
    }
    let mut open: Vec<Handle> = holder.children.borrow().iter().cloned().collect();
    let mut seen = 0;
    while let Some(node) = open.pop() {
        seen += 1;
        if is(&node, BLOCKS) || seen > MAX_LOOK {
            return None;
        }
        open.extend(node.children.borrow().iter().cloned());
    }
    Some(holder)
}

/// Whether the node shows anything.
fn is_told(node: &Handle) -> bool {
    match &node.data {
        Element { .. } => true,
        Comment { .. } => false,
        _ => !text_of(node).trim().is_empty(),
    }
}

/// The renderer runs words before and behind an `<hr>` together.
fn end_lines_at_rules(node: &Handle, pieces: &Pieces) {
    let Some(line_end) = &pieces.line_end else { return };
    let has_rule = node.children.borrow().iter().any(|child| is(child, &["hr"]));
    if has_rule {
        let children: Vec<Handle> = node.children.borrow_mut().drain(..).collect();
        let with_end = |child: Handle| if is(&child, &["hr"]) { Rc::clone(line_end) } else { child };
        node.children.borrow_mut().extend(children.into_iter().map(with_end));
    }
}

fn is(node: &Handle, tags: &[&str]) -> bool {
    matches!(&node.data, Element { name, .. } if tags.contains(&&*name.local))
}

/// The text below a node, up to a length that tells enough.
#[must_use]
pub fn text_of(node: &Handle) -> String {
    let mut source = Vec::new();
    let mut open = vec![Rc::clone(node)];
    let mut seen = 0;
    while let Some(node) = open.pop() {
        seen += 1;
        if seen > MAX_LOOK || source.len() > 2 * MAX_CELL {
            break;
        }
        match &node.data {
            Element { .. } => open.extend(node.children.borrow().iter().rev().cloned()),
            Comment { .. } => {}
            // A text; the library has no public name for it, but it can write it down.
            _ => _ = node.serialize(&mut source),
        }
    }
    String::from_utf8_lossy(&source).replace("&nbsp;", " ").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::html::to_text;

    fn check(html: &str, expected: &str) {
        assert_eq!(to_text(html).trim(), expected, "{html:?}");
    }

    #[test]
    fn rows_of_data_are_lines() {
        check(
            "<table><tr><th>Naam<th>Aantal</tr><tr><td>Piet<td>3</tr><tr><td>Jan<td></tr></table>",
            "Naam | Aantal\nPiet | 3\nJan",
        );
        check(
            "<table><tr><td><p class=MsoNormal>Piet<o:p></o:p></p></td><td> <p><b>3</b></p> </td></tr></table>",
            "Piet | 3",
        );
        check(
            "<table><tr><td>Van:</td><td>Ann</td></tr><tr><td>Aan:</td><td>Bob</td></tr></table>",
            "Van: Ann\nAan: Bob",
        );
        check("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\n\nb\nc");
        check("<table><tr><td>&nbsp;</td><td>a</td></tr></table>", "a");
    }

    #[test]
    fn links_show_where_they_lead() {
        check(
            "<a href='https://www.voorbeeld.nl/pad?x=1'>Klik hier</a>.",
            "Klik hier <https://www.voorbeeld.nl/pad?x=1>.",
        );
        check("<a href='https://voorbeeld.nl/'>www.voorbeeld.nl</a>", "www.voorbeeld.nl");
        check("<a href='mailto:a@b.nl'>schrijf</a> <a href='#x'>x</a> <a name=y>y</a>", "schrijf x y");
        check("<a href='https://x.nl'><img src=a></a>", "");
        let safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fvoorbeeld.nl%2Fa&data=05";
        assert_eq!(shown_address(safe, "hier"), "https://voorbeeld.nl/a");
        assert_eq!(shown_address("https://goed.nl@kwaad.nl/", "goed.nl"), "https://goed.nl@kwaad.nl/");
        assert_eq!(shown_address(&format!("https://x.nl/{}", "a".repeat(400)), "x"), "");
        assert_eq!(shown_address("javascript:alert(1)", "x"), "");
    }

    #[test]
    fn rules_end_lines() {
        check("tekst<hr>einde", "tekst\neinde");
    }
}
