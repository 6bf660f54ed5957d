//! What an HTML mail holds but does not show: its text is nobody's words.
//!
//! Previews of newsletters, texts for screen readers, and whatever somebody wants read by machines alone. A tag in such
//! a text must book nothing, so it is taken out before the document becomes text. Looked at are the document's own
//! attributes and the simple rules of its `<style>`; rules for some screens (`@media`) hide nothing for good.

use std::rc::Rc;

use html2text::{Comment, Document, Element, Handle, RcDom};

/// The most rules of style sheets that are kept.
const MAX_RULES: usize = 200;

/// Elements whose content is never shown.
const NEVER_SHOWN: &[&str] = &[
    "head", "title", "script", "style", "template", "noembed", "noframes", "datalist", "xml", "meta", "link", "select",
];

/// Whether the element of that name (small letters) never shows its content.
#[must_use]
pub fn is_never_shown(name: &str) -> bool {
    NEVER_SHOWN.contains(&name)
}

/// What a text inherits from what it stands in.
#[derive(Clone, Copy, Default)]
struct Around {
    is_tiny: bool,
    is_invisible: bool,
    is_quoted: bool,
    color: Option<Paint>,
    /// Nothing is set: the reader's own background, mostly white.
    background: Option<Paint>,
}

impl Around {
    fn with(self, name: &str, style: Style) -> Self {
        Self {
            is_tiny: style.is_tiny.unwrap_or(self.is_tiny),
            is_invisible: style.is_invisible.unwrap_or(self.is_invisible),
            is_quoted: self.is_quoted || name == "blockquote",
            color: style.color.or(self.color),
            background: style.background.or(self.background),
        }
    }

    fn is_seen(self, hides_white: bool) -> bool {
        let is_same = match (self.color, self.background) {
            (Some(Paint::Plain(color)), Some(Paint::Plain(background))) => color.is_like(background),
            (Some(Paint::Plain(color)), None) => hides_white && color.is_like(Color(255, 255, 255)),
            _ => false,
        };
        !self.is_tiny && !self.is_invisible && !is_same
    }
}

/// Takes everything hidden out of a document.
pub fn take_out(dom: &RcDom) {
    let rules = rules_of(&dom.document);
    // Who writes in white on a dark screen sends white words on nothing: they are the mail, unless it has others.
    let mut has_words = false;
    walk(dom, &rules, |text, around| {
        has_words |= !around.is_quoted && around.is_seen(true) && text.chars().any(char::is_alphanumeric);
        true
    });
    walk(dom, &rules, |_, around| around.is_seen(has_words));
}

/// Goes through all texts of a document but those of elements that are gone, and keeps those that `keeps` says.
fn walk(dom: &RcDom, rules: &[Rule], mut keeps: impl FnMut(&str, Around) -> bool) {
    let mut open: Vec<(Handle, Around)> = vec![(Rc::clone(&dom.document), Around::default())];
    while let Some((node, around)) = open.pop() {
        node.children.borrow_mut().retain(|child| match &child.data {
            Element { name, .. } => {
                let style = style_of(child, rules);
                if style.is_gone() {
                    return false;
                }
                open.push((Rc::clone(child), around.with(&name.local, style)));
                true
            }
            Comment { .. } | Document => true,
            // Text; the library has no public name for it.
            _ => keeps(&words_in(child), around),
        });
    }
}

fn words_in(text: &Handle) -> String {
    let mut written = Vec::new();
    if text.serialize(&mut written).is_err() {
        return String::new();
    }
    String::from_utf8_lossy(&written).into_owned()
}

/// Whether the start tag (its text between `<` and `>`) hides what it holds. For documents too wild for a parser.
#[must_use]
pub fn is_hiding_tag(tag: &str) -> bool {
    // Most tags are too short to say anything of the kind.
    if tag.len() < "p hidden".len() {
        return false;
    }
    let tag: String =
        tag.chars().take(4_000).map(|c| if c.is_whitespace() { ' ' } else { c.to_ascii_lowercase() }).collect();
    let style = tag.find(" style=").map(|at| tag[at + 7..].trim_start_matches(['"', '\''])).unwrap_or_default();
    let style = Style::default().read(style.split(['"', '\'', '>']).next().unwrap_or_default());
    let has_attribute =
        tag.split('>').next().unwrap_or_default().split(' ').any(|word| matches!(word, "hidden" | "hidden=\"\""));
    has_attribute || style.is_gone() || !Around::default().with("", style).is_seen(false)
}

/// What a style says about being seen; nothing where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Style {
    is_not_displayed: Option<bool>,
    is_hidden_in_outlook: Option<bool>,
    is_clear: Option<bool>,
    is_clipped: Option<bool>,
    is_far_away: Option<bool>,
    has_no_size: Option<bool>,
    hides_overflow: Option<bool>,
    is_tiny: Option<bool>,
    is_invisible: Option<bool>,
    color: Option<Paint>,
    background: Option<Paint>,
}

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Color(u8, u8, u8);

impl Color {
    /// Whether nobody sees one upon the other.
    fn is_like(self, other: Self) -> bool {
        let is_near = |a: u8, b: u8| a.abs_diff(b) <= 10;
        is_near(self.0, other.0) && is_near(self.1, other.1) && is_near(self.2, other.2)
    }
}

/// The color of a text, or what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    Plain(Color),
    /// A picture, a course of colours, or a name that is not known: nothing is said of what is seen on it.
    Unknown,
}

/// `#fff`, `#ffffff`, `fff000`, `rgb(255, 255, 255)`, `white`.
fn color(value: &str) -> Option<Color> {
    let value = value.trim();
    match value {
        "white" => return Some(Color(255, 255, 255)),
        "black" => return Some(Color(0, 0, 0)),
        "snow" | "ghostwhite" | "whitesmoke" | "ivory" => return Some(Color(250, 250, 250)),
        _ => {}
    }
    if let Some(parts) = value.strip_prefix("rgb").and_then(|rest| rest.trim_start_matches('a').strip_prefix('(')) {
        let mut numbers = parts.trim_end_matches(')').split([',', ' ', '/']).filter(|part| !part.is_empty());
        let mut next = || numbers.next()?.parse().ok();
        return Some(Color(next()?, next()?, next()?));
    }
    let digits = value.strip_prefix('#')?;
    let byte = |at: usize, length: usize| {
        let part = digits.get(at..at + length)?;
        u8::from_str_radix(&if length == 1 { part.repeat(2) } else { part.to_owned() }, 16).ok()
    };
    match digits.len() {
        3 => Some(Color(byte(0, 1)?, byte(1, 1)?, byte(2, 1)?)),
        6 => Some(Color(byte(0, 2)?, byte(2, 2)?, byte(4, 2)?)),
        _ => None,
    }
}

/// A background; none where it lets through what is behind it.
fn paint(value: &str) -> Option<Paint> {
    let is_clear = |word: &str| matches!(word, "" | "none" | "transparent" | "inherit" | "initial" | "unset");
    if is_clear(value) || value.starts_with("rgba(") {
        return None;
    }
    let plain = color(value).or_else(|| value.split(' ').find_map(color));
    Some(plain.filter(|_| !value.contains("url(")).map_or(Paint::Unknown, Paint::Plain))
}

impl Style {
    /// Whether the element goes with all it holds.
    fn is_gone(&self) -> bool {
        let is = |fact: Option<bool>| fact == Some(true);
        is(self.is_not_displayed)
            || is(self.is_hidden_in_outlook)
            || is(self.is_clear)
            || is(self.is_clipped)
            || is(self.is_far_away)
            || is(self.has_no_size) && is(self.hides_overflow)
    }

    /// With the declarations of a style; later ones win.
    fn read(mut self, declarations: &str) -> Self {
        for declaration in declarations.split(';').take(100) {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let value = value.trim().to_ascii_lowercase();
            let value = value.trim_end_matches("!important").trim();
            match property.trim().to_ascii_lowercase().as_str() {
                "display" => self.is_not_displayed = Some(value == "none"),
                "mso-hide" => self.is_hidden_in_outlook = Some(value == "all"),
                "visibility" => self.is_invisible = Some(matches!(value, "hidden" | "collapse")),
                "opacity" => self.is_clear = Some(length(value).is_some_and(|(size, _)| size <= 0.02)),
                "font-size" => self.is_tiny = length(value).map(is_tiny).or(self.is_tiny),
                "font" if value.starts_with("0/") || value.starts_with("0px/") => self.is_tiny = Some(true),
                "height" | "max-height" | "width" | "max-width" => {
                    let is_none = length(value).is_some_and(|(size, _)| size == 0.0);
                    self.has_no_size = Some(is_none || self.has_no_size == Some(true));
                }
                "overflow" | "overflow-y" => self.hides_overflow = Some(value == "hidden"),
                "color" if value == "transparent" => self.is_invisible = Some(true),
                "color" => self.color = paint(value).or(self.color),
                "background" | "background-color" => self.background = paint(value).or(self.background),
                "clip" => self.is_clipped = Some(value.starts_with("rect(0") || value.starts_with("rect(1px")),
                "text-indent" | "left" | "top" | "margin-left" => {
                    let is_far = length(value).is_some_and(|(size, _)| size <= -999.0);
                    self.is_far_away = Some(is_far || self.is_far_away == Some(true));
                }
                _ => {}
            }
        }
        self
    }
}

/// `0`, `1px`, `12.5pt`, `-9999px`.
fn length(value: &str) -> Option<(f64, &str)> {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(value.len());
    value[..end].parse().ok().map(|number| (number, value[end..].trim()))
}

fn is_tiny((size, unit): (f64, &str)) -> bool {
    size <= 0.0 || size <= 1.0 && matches!(unit, "px" | "pt")
}

/// A rule of a style sheet whose last part names one element, class or id.
struct Rule {
    tag: Option<String>,
    class: Option<String>,
    id: Option<String>,
    style: Style,
}

fn style_of(node: &Handle, rules: &[Rule]) -> Style {
    let Element { name, attrs, .. } = &node.data else { return Style::default() };
    let tag: &str = &name.local;
    let mut style = Style::default();
    let attributes = attrs.borrow();
    let value = |wanted: &str| attributes.iter().find(|own| &*own.name.local == wanted).map(|own| &*own.value);
    let (class, id) = (value("class").unwrap_or_default(), value("id").unwrap_or_default());
    for rule in rules {
        let fits = rule.tag.as_ref().is_none_or(|own| own == tag)
            && rule.id.as_ref().is_none_or(|own| own == id)
            && rule.class.as_ref().is_none_or(|own| class.split_ascii_whitespace().any(|word| word == own));
        if fits {
            style = merged(style, rule.style);
        }
    }
    if is_never_shown(tag) || value("hidden").is_some() || tag == "input" {
        style.is_not_displayed = Some(true);
    }
    let colors = [("color", "color"), ("text", "color"), ("bgcolor", "background")];
    for (attribute, property) in colors.into_iter().filter(|(name, _)| *name != "text" || tag == "body") {
        let own = value(attribute).map(|own| own.trim_start_matches('#').to_owned()).unwrap_or_default();
        let is_number = own.len() == 6 && own.chars().all(|c| c.is_ascii_hexdigit());
        if !own.is_empty() {
            style = style.read(&format!("{property}:{}{own}", if is_number { "#" } else { "" }));
        }
    }
    match value("style") {
        Some(own) => style.read(own),
        None => style,
    }
}

fn merged(under: Style, over: Style) -> Style {
    Style {
        is_not_displayed: over.is_not_displayed.or(under.is_not_displayed),
        is_hidden_in_outlook: over.is_hidden_in_outlook.or(under.is_hidden_in_outlook),
        is_clear: over.is_clear.or(under.is_clear),
        is_clipped: over.is_clipped.or(under.is_clipped),
        is_far_away: over.is_far_away.or(under.is_far_away),
        has_no_size: over.has_no_size.or(under.has_no_size),
        hides_overflow: over.hides_overflow.or(under.hides_overflow),
        is_tiny: over.is_tiny.or(under.is_tiny),
        is_invisible: over.is_invisible.or(under.is_invisible),
        color: over.color.or(under.color),
        background: over.background.or(under.background),
    }
}

/// The rules of all `<style>` elements that say something about being seen.
fn rules_of(document: &Handle) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut open = vec![Rc::clone(document)];
    while let Some(node) = open.pop() {
        if matches!(&node.data, Element { name, .. } if &*name.local == "style") {
            let mut sheet = Vec::new();
            if node.serialize(&mut sheet).is_ok() {
                let sheet = String::from_utf8_lossy(&sheet);
                read_rules(sheet.split_once('>').map_or("", |(_, rules)| rules), &mut rules);
            }
        }
        open.extend(node.children.borrow().iter().filter(|child| matches!(child.data, Element { .. })).cloned());
    }
    rules
}

fn read_rules(sheet: &str, rules: &mut Vec<Rule>) {
    let sheet = without_comments(sheet);
    let mut rest = sheet.as_str();
    while let Some((selectors, behind)) = rest.split_once('{') {
        if selectors.trim_start().starts_with('@') {
            rest = behind_block(behind);
            continue;
        }
        let (declarations, behind) = behind.split_once('}').unwrap_or((behind, ""));
        rest = behind;
        let style = Style::default().read(declarations);
        if style != Style::default() {
            for selector in selectors.split(',') {
                if rules.len() < MAX_RULES {
                    rules.extend(rule(selector.trim(), style));
                }
            }
        }
    }
}

/// `.note`, `#note`, `div.note`: nothing more, since what is not understood hides nothing.
fn rule(selector: &str, style: Style) -> Option<Rule> {
    let is_word = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let at = selector.find(['.', '#']).unwrap_or(selector.len());
    let (tag, rest) = selector.split_at(at);
    let name = rest.get(1..).unwrap_or_default();
    if !is_word(tag) || !is_word(name) || selector.is_empty() || !rest.is_empty() && name.is_empty() {
        return None;
    }
    let of = |sign: char| rest.starts_with(sign).then(|| name.to_owned());
    Some(Rule { tag: (!tag.is_empty()).then(|| tag.to_ascii_lowercase()), class: of('.'), id: of('#'), style })
}

fn without_comments(sheet: &str) -> String {
    let mut plain = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, behind)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = behind.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.replace("<!--", "").replace("-->", "")
}

/// What stands behind the block that was opened.
fn behind_block(text: &str) -> &str {
    let mut depth = 1_usize;
    for (at, sign) in text.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use crate::mail::html::to_text;

    fn check(html: &str, expected: &str) {
        assert_eq!(to_text(html).trim(), expected, "{html:?}");
    }

    #[test]
    fn what_is_not_shown_gives_no_text() {
        let tag = "#time 40m";
        check(&format!("<html><head><title>{tag}</title></head><body>Klaar</body></html>"), "Klaar");
        check(&format!("<title>{tag}</title>Klaar"), "Klaar");
        check(&format!("Klaar<div style=\"display:none\">{tag}</div>"), "Klaar");
        check(&format!("Klaar<DIV STYLE='Color:red; DISPLAY : None !important'><p>{tag}</p></DIV>"), "Klaar");
        check(&format!("Klaar<p hidden>{tag}</p>"), "Klaar");
        check(&format!("Klaar<p hidden=\"hidden\">{tag}</p>"), "Klaar");
        check(&format!("Klaar<span style='mso-hide:all'>{tag}</span>"), "Klaar");
        check(&format!("Klaar<div style='visibility:hidden'><b>{tag}</b></div>"), "Klaar");
        check(&format!("Klaar<span style='font-size:0'>{tag}</span>"), "Klaar");
        check(&format!("Klaar<span style='font-size:0px;line-height:0'><i>{tag}</i></span>"), "Klaar");
        check(&format!("Klaar<font style='font-size:1px;color:#fff'>{tag}</font>"), "Klaar");
        check(&format!("Klaar<div style='opacity:0'>{tag}</div>"), "Klaar");
        check(&format!("Klaar<div style='max-height:0;overflow:hidden'>{tag}</div>"), "Klaar");
        check(&format!("Klaar<div style='position:absolute;left:-9999px'>{tag}</div>"), "Klaar");
        check(&format!("Klaar<template>{tag}</template><textarea hidden>{tag}</textarea>"), "Klaar");
        check(&format!("Klaar<p style='display:none'>{tag}<br>{tag}"), "Klaar");
        check(&format!("Klaar<!-- {tag} --><!--[if mso]><p>{tag}</p><![endif]-->"), "Klaar");
    }

    #[test]
    fn style_sheets_hide_too() {
        let tag = "#time 40m";
        let style = "<style>/* x */ .pre, #pre { display:none } p.quiet{visibility:hidden} @media print { .seen { display:none } }</style>";
        check(&format!("{style}Klaar<span class='a pre'>{tag}</span>"), "Klaar");
        check(&format!("{style}Klaar<span id=pre>{tag}</span>"), "Klaar");
        check(&format!("{style}<p class=quiet>{tag}</p><div class=quiet>Klaar</div>"), "Klaar");
        check(&format!("{style}<p class=seen>Klaar</p>"), "Klaar");
        check(&format!("{style}<p class=pre style='display:block'>Klaar</p>"), "Klaar");
        check("<style>{}}}{ .a{ @ @media{{{</style>Klaar", "Klaar");
    }

    #[test]
    fn words_in_the_color_of_their_background_give_no_text() {
        let tag = "#time 40m";
        check(&format!("Klaar<span style='color:#fff'>{tag}</span>"), "Klaar");
        check(&format!("Klaar<span style='color: rgb(255, 255, 255)'><b>{tag}</b></span>"), "Klaar");
        check(&format!("Klaar<font color=white>{tag}</font>"), "Klaar");
        check(&format!("Klaar<font color=FEFEFE>{tag}</font>"), "Klaar");
        check(&format!("Klaar<p style='color:transparent'>{tag}</p>"), "Klaar");
        check(
            &format!(
                "Klaar<div style='background:#eef url()'><i></i></div><div style='background-color:#ff0000'><p style='color:rgb(255,0,0)'>{tag}</p></div>"
            ),
            "Klaar",
        );
        check(
            &format!("<table><tr><td bgcolor='#000000'><font color='#000001'>{tag}</font></td></tr></table>Klaar"),
            "Klaar",
        );
        check(&format!("<style>.w{{color:white}}</style>Klaar<span class=w>{tag}</span>"), "Klaar");
        check(&format!("Klaar<div style='opacity:0.01'>{tag}</div>"), "Klaar");
    }

    #[test]
    fn white_words_are_read_where_they_are_seen_or_alone() {
        check("<body bgcolor=black text=white><p>Klaar</p></body>", "Klaar");
        check("<div style='background-color:#222'><p style='color:#fff'>Klaar</p></div>", "Klaar");
        check("<div style='background:url(x.png)'><p style='color:#fff'>Klaar</p></div>", "Klaar");
        check("<div style='color:rgb(255,255,255)'>Klaar</div>", "Klaar");
        check("<div style='color:#fff'>Klaar</div><blockquote>x</blockquote>", "Klaar\n\n> x");
        check("<div style='color:white'><span style='color:windowtext'>Klaar</span></div>", "Klaar");
        check("<p style='color:#333;background:white'>Klaar</p>", "Klaar");
        check("<p style='color:red;background:#000'>Klaar</p>", "Klaar");
        check("<p style='color:Red;background-color:Red'>Klaar</p>", "Klaar");
        check("<p style='background:black;color:black'><span style='background:white'>Klaar</span></p>", "Klaar");
    }

    #[test]
    fn what_is_shown_stays() {
        check("<td style='font-size:0'><div style='font-size:14px'>Klaar</div></td>", "Klaar");
        check("<div style='visibility:hidden'><b style='visibility:visible'>Klaar</b></div>", "Klaar");
        check("<div style='height:0'>Klaar</div>", "Klaar");
        check("<p style='display:none'>x</p><p>Klaar</p>", "Klaar");
        check("<p style='display:none'>x<p>Klaar", "Klaar");
        check("<div style='display: block; opacity: 0.9; font-size: 1em'>Klaar</div>", "Klaar");
        check("<span data-hidden=1 class=hidden>Klaar</span>", "Klaar");
    }

    #[test]
    fn documents_too_wild_for_a_parser_hide_the_same() {
        let wild = |inner: &str| format!("{}{inner}Klaar{}", "<div>".repeat(1_000), "</div>".repeat(1_000));
        check(&wild("<div style=\"display:none\">#time 40m<div>x</div>y</div>"), "Klaar");
        check(&wild("<p hidden>#time 40m</p>"), "Klaar");
        check(&wild("<title>#time 40m</title>"), "Klaar");
        check(&wild("<span style='font-size:0'>#time 40m</span>"), "Klaar");
    }
}
