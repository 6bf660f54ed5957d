//! The letters to clients, read by a second mail library that shares nothing with the first.

use std::sync::LazyLock;

use mailparse::{DispositionType, MailHeaderMap as _, ParsedMail, parse_mail};
use regex::Regex;

use super::bodies::{Block, Body};
use super::write::{LOGO, PICTURE, Program};
use crate::world::Letter;

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    let names = "time|tijd|note|notitie|resolved|opgelost|wait|wacht|prio|kind|soort|estimate|schatting|assign|toewijzen|\
                 client|klant|merge|samenvoegen|reopen|heropen|undo|ongedaan|status|help|tiem|tjid";
    Regex::new(&format!(r"(?i)#(?:<[^>]*>)*(?:{names})\b")).unwrap()
});

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[a-z]{2,5}-\d{4}-\d{4,9}(?:<[^>]*>)*\.(?:<[^>]*>)*[a-z2-7]{16}").unwrap());

static MARKUP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<[^>]*>").unwrap());

/// The entries are those bookings and no others.
pub fn booked(what: &str, entries: &[String], minutes: &[i64]) {
    let real = |entry: &String| -> i64 {
        let words: Vec<&str> = entry.split([' ', ',']).collect();
        let at = words.iter().position(|word| *word == "real").unwrap_or_else(|| panic!("{what}: {entry}"));
        words[at - 1].parse().unwrap()
    };
    // An entry that spans a card and overdraft has two lines; the second has no real minutes of its own.
    let found: Vec<i64> = entries.iter().map(real).filter(|minutes| *minutes != 0).collect();
    assert_eq!(found.iter().sum::<i64>(), minutes.iter().sum::<i64>(), "{what}: {entries:?}");
    assert!(found.len() >= minutes.len(), "{what}: {entries:?}");
}

fn leaves<'a>(mail: &'a ParsedMail<'a>, into: &mut Vec<&'a ParsedMail<'a>>) {
    if mail.subparts.is_empty() {
        into.push(mail);
    }
    mail.subparts.iter().for_each(|part| leaves(part, into));
}

/// What is read of a page.
fn seen(html: &str) -> String {
    let body = html.split("<body").nth(1).unwrap_or_default().split_once('>').map_or("", |(_, body)| body);
    let text = MARKUP.replace_all(body, "").replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#x3D;", "=")
        .replace("&amp;", "&")
}

/// The letter says what the body says, in both of its parts, and nothing internal.
pub fn letter(what: &str, letter: &Letter, relay: &Letter, body: &Body, program: Program) {
    let raw = letter.raw().as_bytes().to_vec();
    let mail = parse_mail(&raw).unwrap();
    let mut parts = Vec::new();
    leaves(&mail, &mut parts);
    let of = |kind: &str| parts.iter().find(|part| part.ctype.mimetype == kind).map(|part| part.get_body().unwrap());
    let text = of("text/plain").unwrap_or_else(|| panic!("{what}: no text"));
    let html = of("text/html").unwrap_or_else(|| panic!("{what}: no HTML"));
    // What the client wrote stands quoted below, whatever it is; the line is the client's own.
    let own = |text: &str| text.split("Goedemorgen,").next().unwrap_or_default().to_owned();
    let (own_text, own_html) = (own(&text), own(&html));
    for (kind, part) in [("text", &own_text), ("HTML", &own_html)] {
        assert!(!TAG.is_match(part), "{what}: a tag in the {kind}\n{part}");
        assert!(
            !part.contains("06 12345678") || !program.marks_signature(),
            "{what}: a signature in the {kind}\n{part}"
        );
        assert!(
            !part.contains("certifica") || body.name.starts_with("a long"),
            "{what}: text of a tag in the {kind}\n{part}"
        );
        for words in ["schreef", "wrote", "Verzonden:", "Sent:", "Oorspronkelijk", "Original"] {
            assert!(!part.contains(words), "{what}: what introduces the quote in the {kind}\n{part}");
        }
        for program in ["vanaf mijn", "from my", "Outlook", "Galaxy"] {
            assert!(!part.contains(program), "{what}: the program's own line in the {kind}\n{part}");
        }
    }
    assert!(!TOKEN.is_match(&text) && !TOKEN.is_match(&html), "{what}: a token");
    let secret = relay.reply_to().split(['.', '@']).nth(1).unwrap().to_owned();
    let headers = letter.raw().split("\r\n\r\n").next().unwrap();
    let without_headers = letter.raw().replacen(headers, "", 1).replace("=\r\n", "");
    assert!(!without_headers.contains(&secret), "{what}: the expert's token");
    internal(what, &own_text, &seen(&html), relay, &letter.text());
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in &body.says {
        assert!(flat(&text).contains(words), "{what}: {words:?} is not in the text\n{text}");
        assert!(flat(&seen(&html)).contains(words), "{what}: {words:?} is not in the HTML\n{html}");
    }
    formatted(what, &html, &text, body, &parts);
}

/// No line of the relay letter that is the desk's own.
fn internal(what: &str, text: &str, html: &str, relay: &Letter, whole: &str) {
    let foot: Vec<&str> = whole.lines().skip_while(|line| !line.starts_with("--")).collect();
    let relay_text = relay.text();
    let lines = relay_text.lines().map(str::trim).filter(|line| line.chars().count() > 14);
    for line in lines.filter(|line| !foot.iter().any(|own| own.contains(line))) {
        let bare = line.split("  ").next().unwrap_or_default();
        assert!(
            !text.contains(line) && (bare.len() < 14 || !text.contains(bare)),
            "{what}: {line:?} of the relay\n{text}"
        );
        assert!(!html.contains(line), "{what}: {line:?} of the relay is in the HTML\n{html}");
    }
}

/// The form is kept: this is no text with line ends.
fn formatted(what: &str, html: &str, text: &str, body: &Body, parts: &[&ParsedMail<'_>]) {
    assert!(html.contains("<div class=\"said\""), "{what}: not formatted\n{html}");
    assert!(!html.contains("Mso") && !html.contains("<script") && !html.contains("javascript:"), "{what}\n{html}");
    let has = |wanted: fn(&Block) -> bool| body.blocks.iter().any(wanted);
    if has(|block| matches!(block, Block::Line(line) if line.contains("**"))) {
        assert!(html.contains("<strong>"), "{what}: nothing is bold\n{html}");
        assert!(!text.contains("**"), "{what}\n{text}");
    }
    if has(|block| matches!(block, Block::Line(line) if line.contains("]("))) {
        assert!(html.contains("<a href=\"https://handleiding.example/a?b=1&amp;c=2\""), "{what}: no link\n{html}");
    }
    if has(|block| matches!(block, Block::List(_))) && body.name.starts_with("a long") {
        assert_eq!((html.matches("<ul").count(), html.matches("<li").count()), (1, 2), "{what}: no list\n{html}");
    }
    if has(|block| matches!(block, Block::Table(_))) {
        assert!(
            html.contains("<table") && html.matches("<td style=\"padding:5px").count() == 4,
            "{what}: no table\n{html}"
        );
    }
    let picture = |id: &str| {
        parts.iter().find(|part| part.get_headers().get_first_value("Content-ID").is_some_and(|own| own.contains(id)))
    };
    if has(|block| matches!(block, Block::Picture)) {
        assert!(html.contains(&format!("src=\"cid:{PICTURE}\"")), "{what}: the picture is not shown\n{html}");
        let part = picture(PICTURE).unwrap_or_else(|| panic!("{what}: the picture does not go along"));
        assert_eq!(part.get_content_disposition().disposition, DispositionType::Inline, "{what}");
        assert!(part.get_body_raw().unwrap().starts_with(b"\x89PNG"), "{what}");
    }
    assert!(!html.contains(LOGO), "{what}: the logo of the signature");
}
