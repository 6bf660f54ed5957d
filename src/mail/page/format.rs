//! The tags and styles that a letter may have, and what of an HTML document leads to them.

use std::rc::Rc;

use html2text::{Element, Handle};

use crate::domain::identity::scrub_tokens;
use crate::mail::markup;

/// A table of data; one too wide for a telephone is moved sideways.
pub const TABLE: &str = "<div style=\"margin:0 0 16px;overflow-x:auto\"><table cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"border-collapse:collapse;font-size:15px;line-height:22px\">";
/// A cell of data. Words are not broken in narrow columns.
pub const CELL: &str = "<td style=\"padding:5px 10px;border:1px solid #d5dae0;vertical-align:top;word-break:normal;overflow-wrap:break-word\">";
/// A cell that names its column or row.
pub const HEAD_CELL: &str = "<th style=\"padding:5px 10px;border:1px solid #d5dae0;vertical-align:top;text-align:left;font-weight:bold;word-break:normal\">";
/// A heading; letters are too short for several levels.
pub const HEADING: &str = "<h3 style=\"margin:4px 0 8px;font-size:17px;line-height:24px;font-weight:bold\">";
/// Lines of a program.
pub const PRE: &str = "<div class=\"code\" style=\"margin:0 0 16px;padding:10px 14px;background:#f3f5f7;font-family:Consolas,Menlo,monospace;font-size:14px;line-height:20px\">";
/// Words of somebody else that the writer quotes.
pub const QUOTE: &str =
    "<div class=\"quote\" style=\"margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #d5dae0;color:#5b6570\">";
/// A list without numbers; one within another stands close to its item.
#[must_use]
pub fn list(is_outermost: bool) -> String {
    format!("<ul style=\"margin:{};padding:0 0 0 24px\">", list_margin(is_outermost))
}

/// A list with numbers, from this one on.
#[must_use]
pub fn ordered_list(start: u32, is_outermost: bool) -> String {
    let from = if start == 1 { String::new() } else { format!(" start=\"{start}\"") };
    format!("<ol{from} style=\"margin:{};padding:0 0 0 24px\">", list_margin(is_outermost))
}

/// An item of a list; items of Word stand in one list, at their level.
#[must_use]
pub fn item(level: u32) -> String {
    match level {
        0 | 1 => "<li style=\"margin:0 0 4px\">".to_owned(),
        _ => format!("<li style=\"margin:0 0 4px {}px\">", 24 * (level.min(6) - 1)),
    }
}

/// The level of an item of Word, from 1, and its bullet.
#[must_use]
pub fn word_list(paragraph: &Handle) -> Option<(u32, String)> {
    let style = attribute(paragraph, "style")?.to_ascii_lowercase();
    let (_, list) = style.split_once("mso-list:")?;
    let level = list.split("level").nth(1).and_then(|rest| rest.chars().next()).and_then(|digit| digit.to_digit(10));
    let mut open = vec![Rc::clone(paragraph)];
    for _ in 0..20 {
        let node = open.pop()?;
        if is_word_bullet(&node) {
            return Some((level.unwrap_or(1), markup::text_of(&node).replace('\u{a0}', " ").trim().to_owned()));
        }
        open.extend(node.children.borrow().iter().rev().cloned());
    }
    None
}

/// Whether it is the bullet of an item of Word.
#[must_use]
pub fn is_word_bullet(node: &Handle) -> bool {
    let style = attribute(node, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    style.contains("mso-list:ignore")
}

fn list_margin(is_outermost: bool) -> &'static str {
    if is_outermost { "0 0 16px" } else { "4px 0 0" }
}

/// How words look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Underlined.
    Underlined,
    /// Struck through.
    Struck,
    /// Words of a program.
    Code,
    /// Below the line.
    Sub,
    /// Above the line.
    Super,
    /// A link to this harmless address.
    Link(String),
}

impl Format {
    /// The markup that opens it.
    #[must_use]
    pub fn open(&self) -> String {
        match self {
            Self::Strong => "<strong>".into(),
            Self::Emphasis => "<em>".into(),
            Self::Underlined => "<u>".into(),
            Self::Struck => "<s>".into(),
            Self::Code => "<code style=\"font-family:Consolas,Menlo,monospace;font-size:14px\">".into(),
            Self::Sub => "<sub>".into(),
            Self::Super => "<sup>".into(),
            Self::Link(address) => {
                format!("<a href=\"{}\" rel=\"noopener noreferrer\" style=\"color:#1a5f96\">", escaped(address))
            }
        }
    }

    /// The markup that closes it.
    #[must_use]
    pub fn close(&self) -> &'static str {
        match self {
            Self::Strong => "</strong>",
            Self::Emphasis => "</em>",
            Self::Underlined => "</u>",
            Self::Struck => "</s>",
            Self::Code => "</code>",
            Self::Sub => "</sub>",
            Self::Super => "</sup>",
            Self::Link(_) => "</a>",
        }
    }
}

/// Sets what words within the element look like.
pub fn apply(node: &Handle, tag: &str, formats: &mut Vec<Format>) {
    let own = match tag {
        "b" | "strong" => Some(Format::Strong),
        "i" | "em" | "cite" | "dfn" | "var" => Some(Format::Emphasis),
        "u" | "ins" => Some(Format::Underlined),
        "s" | "strike" | "del" => Some(Format::Struck),
        "code" | "tt" | "kbd" | "samp" => Some(Format::Code),
        "sub" => Some(Format::Sub),
        "sup" => Some(Format::Super),
        "a" => attribute(node, "href").and_then(|href| harmless(&href)).map(Format::Link),
        _ => None,
    };
    let is_link = |format: &Format| matches!(format, Format::Link(_));
    if let Some(own) = own
        && !formats.contains(&own)
        && !(is_link(&own) && formats.iter().any(is_link))
    {
        formats.push(own);
    }
    let Some(style) = attribute(node, "style") else { return };
    for declaration in style.split(';').take(100) {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let value = value.trim().to_ascii_lowercase();
        let (format, is_so) = match property.trim().to_ascii_lowercase().as_str() {
            "font-weight" => (Format::Strong, is_bold(&value)),
            "font-style" => (Format::Emphasis, value == "italic" || value == "oblique"),
            "text-decoration" | "text-decoration-line" if value.contains("underline") => (Format::Underlined, true),
            "text-decoration" | "text-decoration-line" if value.contains("line-through") => (Format::Struck, true),
            _ => continue,
        };
        // Mail programs underline links by themselves.
        let is_of_link = format == Format::Underlined && formats.iter().any(is_link);
        if !is_so {
            formats.retain(|own| *own != format);
        } else if !formats.contains(&format) && !is_of_link {
            formats.push(format);
        }
    }
}

fn is_bold(value: &str) -> bool {
    matches!(value, "bold" | "bolder") || value.parse::<u32>().is_ok_and(|weight| weight >= 600)
}

/// The address of a link, where it leads to the web, to a mailbox or to a telephone and holds no reply token.
#[must_use]
pub fn harmless(address: &str) -> Option<String> {
    let address: String = address.trim().chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')).collect();
    let address = markup::behind_safe_link(&address);
    let lower = address.to_ascii_lowercase();
    let is_of = |scheme: &str| lower.len() > scheme.len() && lower.starts_with(scheme);
    let is_kind = ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| is_of(scheme));
    let is_plain = address.len() <= 2_000 && !address.contains(|c: char| c.is_control() || c.is_whitespace());
    let read = markup::percent_decoded(&address);
    (is_kind && is_plain && scrub_tokens(&read) == read && scrub_tokens(&address) == address).then_some(address)
}

/// The address that a letter without markup shows beside the words of a link.
#[must_use]
pub fn address_beside(link: &Handle) -> String {
    let address = attribute(link, "href").and_then(|href| harmless(&href)).unwrap_or_default();
    markup::shown_address(&address, &markup::text_of(link))
}

/// A picture of the mail.
#[must_use]
pub fn picture(content_id: &str, name: &str, width: Option<&str>) -> String {
    let width = width.and_then(|width| width.trim().trim_end_matches("px").parse::<u32>().ok());
    let width = width.filter(|width| (1..=2_000).contains(width)).map(|width| width.min(556));
    let width = width.map_or_else(String::new, |width| format!(" width=\"{width}\""));
    let name = escaped(name);
    format!("<img src=\"cid:{content_id}\" alt=\"{name}\"{width} style=\"max-width:100%;height:auto;border:0\">")
}

/// Whether an id can stand in an address as it is.
#[must_use]
pub fn is_plain_id(id: &str) -> bool {
    (1..=250).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@' | b'$' | b'+' | b'='))
}

/// Words as they stand in a document.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{a0}' => safe.push_str("&nbsp;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// The value of an attribute.
#[must_use]
pub fn attribute(node: &Handle, name: &str) -> Option<String> {
    let Element { attrs, .. } = &node.data else { return None };
    attrs.borrow().iter().find(|own| &*own.name.local == name).map(|own| own.value.chars().take(8_000).collect())
}

/// Elements that begin a line of their own.
#[must_use]
pub fn is_block(tag: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "html",
        "body",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "center",
        "address",
        "figure",
        "figcaption",
        "dl",
        "dt",
        "dd",
        "form",
        "fieldset",
        "details",
        "summary",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "menu",
        "dir",
        "li",
        "ul",
        "ol",
    ];
    BLOCKS.contains(&tag)
}

/// Paragraphs without a gap: those of Outlook, whose style sheet takes it away, and those that say so themselves.
#[must_use]
pub fn is_tight(paragraph: &Handle) -> bool {
    let class = attribute(paragraph, "class").unwrap_or_default();
    let style = attribute(paragraph, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    ["MsoNormal", "MsoPlainText", "MsoListParagraph"].iter().any(|word| class.starts_with(word))
        || style.split(';').any(|own| {
            matches!(own, "margin:0" | "margin:0px" | "margin:0cm" | "margin-bottom:0" | "margin-bottom:0px")
        })
        || style.contains("margin-top:0") && style.contains("margin-bottom:0")
}

/// Whether a table holds data: rows of cells side by side and no table within. All else is layout.
#[must_use]
pub fn is_data(table: &Handle) -> bool {
    const MAX_LOOK: usize = 5_000;
    let mut open = vec![Rc::clone(table)];
    let (mut seen, mut is_wide) = (0, false);
    while let Some(node) = open.pop() {
        seen += 1;
        if seen > MAX_LOOK {
            return false;
        }
        for child in node.children.borrow().iter() {
            let Element { name, .. } = &child.data else { continue };
            match &*name.local {
                "table" => return false,
                "tr" => {
                    let cells = child.children.borrow();
                    let is_cell = |node: &&Handle| matches!(&node.data, Element { name, .. } if matches!(&*name.local, "td" | "th"));
                    is_wide |=
                        cells.iter().filter(is_cell).filter(|cell| !markup::text_of(cell).trim().is_empty()).count()
                            > 1;
                }
                _ => {}
            }
            open.push(Rc::clone(child));
        }
    }
    is_wide
}
