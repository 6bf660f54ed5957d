//! Quotes that HTML marks by more than a blockquote: their lines get `>` too, whatever language they are in.
//!
//! Where a mail program's own mark stands, an invisible sign goes through the renderer with the text; afterwards
//! the lines around it decide. Marks: Gmail `gmail_quote`/`gmail_attr`, Thunderbird `moz-cite-prefix`, Proton
//! `protonmail_quote`, Yahoo `yahoo_quoted`, Outlook `divRplyFwdMsg`, `OLK_SRC_BODY_SECTION` and the border above its
//! header, Hotmail `stopSpelling`, Zimbra `zwchr` and `__DIVIDER__`.
//!
//! A container is never hidden as a whole: people write their answers into it.

use std::borrow::Cow;

/// A line that introduces a quote begins here.
const INTRODUCTION: char = '\u{e000}';
/// What is below was written before.
const HISTORY: char = '\u{e001}';
/// How much of a tag is looked at, in bytes.
const MAX_TAG: usize = 600;
/// Over how many lines a quote is introduced.
const MAX_INTRODUCTION: usize = 4;

/// Puts signs into the source where programs marked a quote.
pub fn mark(html: &str) -> Cow<'_, str> {
    let mut marked = String::new();
    let mut copied = 0;
    for (at, _) in html.match_indices('<') {
        let Some(sign) = sign_of(&html[at..]) else { continue };
        let Some(end) = html[at..].find('>').map(|length| at + length + 1) else { break };
        marked.push_str(&html[copied..end]);
        marked.push(sign);
        copied = end;
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    marked.push_str(&html[copied..]);
    Cow::Owned(marked)
}

/// The sign for an opening tag.
fn sign_of(html: &str) -> Option<char> {
    let bytes = html.as_bytes();
    let is_name = |name: &[u8]| bytes.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    if !(is_name(b"div ") || is_name(b"hr ") || is_name(b"span ") || is_name(b"div\n") || is_name(b"div\r")) {
        return None;
    }
    let tag = &bytes[..bytes.len().min(MAX_TAG)];
    let tag = tag.split(|byte| *byte == b'>').next().unwrap_or_default();
    let tag: String = tag.iter().filter(|b| !b.is_ascii_whitespace()).map(|b| b.to_ascii_lowercase() as char).collect();
    let has = |words: &[&str]| words.iter().any(|word| tag.contains(word));
    if has(&["divrplyfwdmsg", "olk_src_body_section", "stopspelling", "zwchr", "__divider__", "yahoo_quoted"])
        // Outlook 2007 and later, and Windows Mail, draw this border above the header of the mail they answer.
        || has(&["border-top:solid#e1e1e11.0pt", "border-top:solid#b5c4df1.0pt"])
        || has(&["border-top-color:rgb(229,229,229)"]) && has(&["border-top-style:solid"])
    {
        return Some(HISTORY);
    }
    has(&["gmail_attr", "gmail_quote", "moz-cite-prefix", "protonmail_quote"]).then_some(INTRODUCTION)
}

/// Turns the signs into `>` where the lines agree, and takes them out.
pub fn settle(text: String) -> String {
    if !text.contains([INTRODUCTION, HISTORY]) {
        return text;
    }
    let lines: Vec<String> = text.lines().map(|line| line.replace([INTRODUCTION, HISTORY], "")).collect();
    let mut settled = String::with_capacity(text.len());
    let mut is_history = false;
    let mut quoted_until = 0;
    for (at, raw) in text.lines().enumerate() {
        let line = &lines[at];
        let is_inner = line.trim_start().starts_with('>');
        is_history |= !is_inner && raw.contains(HISTORY) && is_header(&lines[at..]);
        if !is_inner && raw.contains(INTRODUCTION) {
            quoted_until = quoted_until.max(at + introduction(&lines[at..]));
        }
        if line.trim().is_empty() && raw.len() != line.len() {
            continue;
        }
        if !line.trim().is_empty() && (is_history || at < quoted_until) {
            settled.push_str("> ");
        }
        settled.push_str(line);
        settled.push('\n');
    }
    settled
}

/// Whether fields or "On … wrote:" stand here.
fn is_header(lines: &[String]) -> bool {
    let filled = || lines.iter().take(20).map(|line| line.trim()).filter(|line| !line.is_empty()).take(8);
    let is_field = |line: &&str| line.char_indices().take(30).any(|(at, c)| at > 0 && matches!(c, ':' | '：'));
    filled().filter(is_field).count() >= 2
        || filled().take(2).any(|line| line.ends_with([':', '：']) && line.contains(|c: char| c.is_numeric()))
}

/// How many lines introduce the quote that follows at once; none where something else follows.
fn introduction(lines: &[String]) -> usize {
    let mut count = 0;
    for (index, line) in lines.iter().take(2 * MAX_INTRODUCTION).enumerate() {
        let line = line.trim();
        if line.starts_with('>') {
            return if count > 0 && lines[..index].iter().rev().any(|line| line.trim().ends_with([':', '：'])) {
                index
            } else {
                0
            };
        }
        count += usize::from(!line.is_empty());
        if count > MAX_INTRODUCTION {
            break;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::super::to_text;

    fn check(html: &str, expected: &str) {
        let lines: Vec<String> =
            to_text(html).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.join("|"), expected, "{html:?}");
    }

    #[test]
    fn what_introduces_a_quote_belongs_to_it() {
        check(
            "Nieuw<div class=\"gmail_quote\"><div dir=ltr class=\"gmail_attr\">Xyz 2026 Ann abc:<br></div><blockquote>oud</blockquote></div>",
            "Nieuw|> Xyz 2026 Ann abc:|> oud",
        );
        check(
            "Nieuw<div class=\"moz-cite-prefix\">Xyz Ann abc:<br></div><blockquote type=cite>oud</blockquote>Onder",
            "Nieuw|> Xyz Ann abc:|> oud|Onder",
        );
    }

    #[test]
    fn answers_within_a_quote_stay() {
        check(
            "<div class=gmail_quote><div class=gmail_attr>Xyz Ann abc:</div><blockquote>Een?</blockquote><div>Ja</div><blockquote>Twee?</blockquote><div>Nee</div></div>",
            "> Xyz Ann abc:|> Een?|Ja|> Twee?|Nee",
        );
        check("<div class=gmail_quote>Dit is nieuw.</div>", "Dit is nieuw.");
        check("<div class=gmail_quote>Kijk.<blockquote>oud</blockquote></div>", "Kijk.|> oud");
    }

    #[test]
    fn below_the_header_of_outlook_all_is_history() {
        check(
            "<p>Nieuw</p><hr><div id=\"divRplyFwdMsg\"><b>Xa:</b> Ann<br><b>Yb:</b> maandag<br></div><div>oud</div>",
            "Nieuw|> Xa: Ann|> Yb: maandag|> oud",
        );
        check(
            "<p>Nieuw</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>Xa:</b> Ann<br><b>Yb:</b> ma</p></div><p>oud</p>",
            "Nieuw|> Xa: Ann|> Yb: ma|> oud",
        );
        check(
            "<p>A</p><div style='border-top:solid #E1E1E1 1.0pt'><p>Een lijn staat hier.</p></div><p>B</p>",
            "A|Een lijn staat hier.|B",
        );
        check(
            "<div class=yahoo_quoted><div>Xyz 23 abc 2026, Ann abc:</div><div>oud</div></div>",
            "> Xyz 23 abc 2026, Ann abc:|> oud",
        );
    }
}
