//! HTML to readable text: quotes become `>` lines, so that the rules for plain text hold for both.

mod quotes;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use html2text::render::TextDecorator;

use super::{hidden, markup};

/// Above this the plain stripper does it: the renderer's time grows with nesting.
const MAX_BYTES: usize = 1024 * 1024;
/// The most tags that the renderer gets.
const MAX_TAGS: usize = 50_000;
/// The deepest nesting that the renderer gets; tables are counted apart.
const MAX_DEPTH: i64 = 300;
/// The deepest nesting of tables that the renderer gets.
const MAX_TABLES: i64 = 30;
/// The most lines `-- ` that keep their blank.
const MAX_DELIMITERS: usize = 20;
/// Wide enough that no line of a person is wrapped.
const WIDTH: usize = 10_000;

/// The readable text of an HTML document. Never fails: what the renderer cannot do, a plain stripper does.
#[must_use]
pub fn to_text(html: &str) -> String {
    let with_delimiter = keep_delimiter(html);
    let marked = quotes::mark(&with_delimiter);
    if is_tame(&marked)
        && let Ok(Some(text)) = catch_unwind(AssertUnwindSafe(|| render(&marked)))
    {
        return evened(&quotes::settle(text));
    }
    evened(&quotes::settle(strip(&marked)))
}

/// Stands for the blank of `-- ` (RFC 3676 section 4.3) while a renderer is at work, which would take it away.
const DELIMITER_BLANK: char = '\u{e002}';

/// `-- ` at the end of an element or line keeps its blank, which tells a signature from a line of dashes.
fn keep_delimiter(html: &str) -> Cow<'_, str> {
    let is_alone = |at: usize, length: usize| {
        html[..at].ends_with(['>', '\n']) && html[at + length..].trim_start_matches(['\r', '\n']).starts_with('<')
            || html[..at].ends_with(['>', '\n']) && html[at + length..].starts_with(['\r', '\n'])
    };
    let forms = ["-- ", "--&nbsp;", "--\u{a0}"];
    let found = forms.iter().flat_map(|form| html.match_indices(form)).filter(|(at, form)| is_alone(*at, form.len()));
    let mut places: Vec<(usize, usize)> = found.take(MAX_DELIMITERS).map(|(at, form)| (at, form.len())).collect();
    if places.is_empty() {
        return Cow::Borrowed(html);
    }
    places.sort_unstable();
    let mut kept = String::with_capacity(html.len() + 8);
    let mut copied = 0;
    for (at, length) in places {
        kept.push_str(&html[copied..at]);
        kept.push_str("--");
        kept.push(DELIMITER_BLANK);
        copied = at + length;
    }
    kept.push_str(&html[copied..]);
    Cow::Owned(kept)
}

/// Lines of blanks alone (Outlook writes `<p>&nbsp;</p>`) are empty, and runs of empty lines are one.
fn evened(text: &str) -> String {
    let is_unseen = |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
    let mut even = String::with_capacity(text.len());
    let mut is_gap = false;
    for line in text.lines() {
        let is_empty = line.chars().all(is_unseen);
        if line.contains(DELIMITER_BLANK) {
            even.push_str(&line.replace(DELIMITER_BLANK, " "));
            even.push('\n');
        } else if !(is_empty && is_gap) {
            even.push_str(if is_empty { "" } else { line });
            even.push('\n');
        }
        is_gap = is_empty;
    }
    even
}

/// The document as it is shown, without what is hidden; none where it is too wild for a parser.
#[must_use]
pub fn document(html: &str) -> Option<html2text::RcDom> {
    if !is_tame(html) {
        return None;
    }
    let dom = html2text::config::with_decorator(Plain::default()).parse_html(html.as_bytes()).ok()?;
    hidden::take_out(&dom);
    Some(dom)
}

fn render(html: &str) -> Option<String> {
    let config = html2text::config::with_decorator(Plain::default())
        .raw_mode(true)
        .no_table_borders()
        .allow_width_overflow()
        .no_link_wrapping();
    let dom = config.parse_html(html.as_bytes()).ok()?;
    hidden::take_out(&dom);
    // Kept until the end: a document that goes empties its pieces.
    let pieces = config.parse_html(markup::Pieces::SOURCE).ok()?;
    markup::prepare(&dom, &markup::Pieces::of(&pieces));
    config.render_to_string(config.dom_to_render_tree(&dom).ok()?, WIDTH).ok()
}

/// Whether the document is within the limits of the renderer.
fn is_tame(html: &str) -> bool {
    if html.len() > MAX_BYTES {
        return false;
    }
    let (mut tags, mut depth, mut tables) = (0, 0_i64, 0_i64);
    for piece in html.split('<').skip(1) {
        tags += 1;
        let (is_closing, name) = tag_name(piece);
        let step = match (is_closing, name.as_str()) {
            // Nothing stands within these, or the next of its kind closes them.
            (_, "br" | "img" | "hr" | "meta" | "link" | "input" | "!--" | "!doctype" | "col" | "wbr" | "") => 0,
            (_, "p" | "li" | "td" | "tr" | "th" | "option") => 0,
            (true, _) => -1,
            (false, _) => 1,
        };
        depth = (depth + step).max(0);
        if name == "table" {
            tables = (tables + step).max(0);
        }
        if tags > MAX_TAGS || depth > MAX_DEPTH || tables > MAX_TABLES {
            return false;
        }
    }
    true
}

/// Name of the tag behind `<`, in small letters, and whether it closes.
fn tag_name(piece: &str) -> (bool, String) {
    if piece.starts_with("!--") {
        return (false, "!--".to_owned());
    }
    let (is_closing, piece) = piece.strip_prefix('/').map_or((false, piece), |rest| (true, rest));
    let name = piece.chars().take(12).take_while(|c| c.is_ascii_alphanumeric() || *c == '!' || *c == '-');
    (is_closing, name.map(|c| c.to_ascii_lowercase()).collect())
}

/// Drops tags, scripts and styles in one pass; blocks begin a line, the commonest entities are decoded.
fn strip(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    // The element that hides what follows, and how many of its name stand open.
    let mut hiding: Option<(String, usize)> = None;
    for (index, piece) in html.split('<').enumerate() {
        if index == 0 {
            text.extend(piece.chars().filter(|c| !is_mark(*c)));
            continue;
        }
        let (is_closing, name) = tag_name(piece);
        if let Some((open, count)) = &mut hiding {
            *count = still_open(open, *count, is_closing, &name, piece);
            if *count > 0 {
                continue;
            }
            if open == "!--" {
                text.push_str(piece.split_once("-->").map_or("", |(_, behind)| behind));
                hiding = None;
                continue;
            }
            hiding = None;
        } else if !is_closing && hides(&name, piece) {
            hiding = Some((name, 1));
            continue;
        }
        match (name.as_str(), is_closing) {
            ("blockquote", false) => text.push(QUOTE_BEGINS),
            ("blockquote", true) => text.push(QUOTE_ENDS),
            ("br" | "p" | "div" | "tr" | "table" | "li" | "h1" | "h2" | "h3" | "hr", _) => text.push('\n'),
            _ => {}
        }
        let end = if name == "!--" { "-->" } else { ">" };
        text.extend(piece.split_once(end).map_or("", |(_, behind)| behind).chars().filter(|c| !is_mark(*c)));
    }
    let decoded = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    with_quote_marks(&decoded.replace("&#39;", "'").replace("&amp;", "&"))
}

/// Stand in the stripped text where a quote begins and ends; no mail has these signs for anything.
const QUOTE_BEGINS: char = '\u{2}';
const QUOTE_ENDS: char = '\u{3}';
/// The most marks of quotes before a line.
const MAX_QUOTES: usize = 5;

fn is_mark(sign: char) -> bool {
    sign == QUOTE_BEGINS || sign == QUOTE_ENDS
}

/// What stands in a quote gets its `>`, as the renderer gives it: no tag in it may count as new.
fn with_quote_marks(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut depth = 0_usize;
    for piece in text.split_inclusive(is_mark) {
        for line in piece.trim_end_matches(is_mark).split_inclusive('\n') {
            if depth > 0 && (marked.is_empty() || marked.ends_with('\n')) {
                marked.push_str(&"> ".repeat(depth.min(MAX_QUOTES)));
            }
            marked.push_str(line);
        }
        match piece.chars().next_back() {
            Some(QUOTE_BEGINS) => depth += 1,
            Some(QUOTE_ENDS) => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if !marked.ends_with('\n') {
            marked.push('\n');
        }
    }
    marked
}

/// Whether the start tag or comment hides what stands behind it.
fn hides(name: &str, piece: &str) -> bool {
    match name {
        "!--" => !piece.contains("-->"),
        "br" | "img" | "input" | "meta" | "link" | "hr" | "col" | "wbr" => false,
        _ => hidden::is_never_shown(name) || hidden::is_hiding_tag(piece),
    }
}

/// How many elements of the hiding one's name stand open behind this tag; 0 ends the hiding.
fn still_open(open: &str, count: usize, is_closing: bool, name: &str, piece: &str) -> usize {
    match open {
        "!--" => usize::from(!piece.contains("-->")),
        _ if open != name => count,
        _ if is_closing => count - 1,
        // No such thing stands within another.
        "script" | "style" | "title" => count,
        // The next one closes the one before.
        "p" | "li" | "td" | "th" | "tr" | "option" => usize::from(hidden::is_hiding_tag(piece)),
        _ => count + 1,
    }
}

/// No marks but quotes and lists: the text is read by people and by the rules for replies.
#[derive(Clone, Debug, Default)]
struct Plain {
    /// The addresses of the links that are open; empty for those that say it themselves.
    links: Vec<String>,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.links.push(url.to_owned());
        (String::new(), ())
    }
    fn decorate_link_end(&mut self) -> String {
        self.links.pop().filter(|url| !url.is_empty()).map_or_else(String::new, |url| format!(" <{url}>"))
    }
    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_em_end(&self) -> String {
        String::new()
    }
    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strong_end(&self) -> String {
        String::new()
    }
    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }
    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_code_end(&self) -> String {
        String::new()
    }
    fn decorate_preformat_first(&self) {}
    fn decorate_preformat_cont(&self) {}
    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (if title.is_empty() { String::new() } else { format!("[{title}]") }, ())
    }
    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }
    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }
    fn unordered_item_prefix(&self) -> String {
        "* ".to_owned()
    }
    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }
    fn make_subblock_decorator(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(to_text(html).trim_end(), expected, "{html:?}");
    }

    #[test]
    fn html_reads_like_the_text_it_shows() {
        check("<p>Hallo <b>Ann</b>,</p><p>Tot <a href='http://x'>ziens</a></p>", "Hallo Ann,\n\nTot ziens <http://x>");
        check("Nieuw<blockquote>oud<br>ouder</blockquote>", "Nieuw\n\n> oud\n> ouder");
        check("<style>p{}</style><script>x</script>Een&nbsp;twee", "Een\u{a0}twee");
        check("<ul><li>a</li><li>b</li></ul>", "* a\n* b");
        check("<div>a<br>-- <br>Ann</div>", "a\n-- \nAnn");
        check("a<div><span>--&nbsp;</span><br>Ann</div>", "a\n-- \nAnn");
        check("a<pre>-- \nAnn</pre>", "a\n\n-- \nAnn");
        check("a<br>--<br>b -- <i>c</i>", "a\n--\nb -- c");
        check("<p>a</p><p>&nbsp;</p><p><span>&nbsp;&#8203; </span></p><p>b</p>", "a\n\nb");
    }

    #[test]
    fn wild_documents_are_stripped() {
        let deep = format!("{}x<br>&lt;y{}", "<div>".repeat(5_000), "</div>".repeat(5_000));
        assert_eq!(to_text(&deep).trim(), "x\n<y");
        let tables = format!("{}x", "<table><tr><td>".repeat(2_000));
        assert_eq!(to_text(&tables).trim(), "x");
        assert_eq!(strip("<head><title>t</title></head>a<script>if (a<b) {}</script>b"), "ab");
        assert_eq!(
            strip("x<blockquote>oud<br>ouder<blockquote>oudst</blockquote></blockquote>na"),
            "x\n> oud\n> ouder\n> > oudst\nna"
        );
        assert_eq!(strip("a<!-- <b>x</b> > y -->b<p hidden>x<p>c"), "ab\nc");
        let _ = to_text("<table><tr><td rowspan=0 colspan=0>x</td></tr></table>");
    }
}
