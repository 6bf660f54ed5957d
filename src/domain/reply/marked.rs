//! The signature that the writer's own mail program marked in its HTML: the text part of the same mail has it too, without
//! a mark. It is cut out of the text by its words.
//!
//! People write into that part of a mail as well, so it is believed to be a signature only where it reads like one. And
//! one that nothing marks stays in the text, but for the tags below it.

use super::line::{is_reachable, lower, trim};
use super::{Reply, closing, without_outer_blanks};
use crate::domain::page::{Page, bare};

/// The most lines with words of a signature.
const MAX_LINES: usize = 25;
/// The most lines with words below a name that nothing marks.
const MAX_BELOW: usize = 10;

impl Reply {
    /// The same cut, where the page of the same mail marks a signature in what is new here: those lines go to the
    /// signature. None where nothing changes: no mark, none of its words here, or it does not read like the signature
    /// of `writer`, whose name this is.
    #[must_use]
    pub fn cut_as_marked(&self, page: &Page, writer: &str) -> Option<Self> {
        let lines: Vec<&str> = self.fresh.lines().collect();
        let below = bare(&self.signature);
        let (from, until) = page.marked_signature().iter().find_map(|marked| {
            // "Sent from my …" and the like at its end were found without the mark.
            let wanted = marked.strip_suffix(below.as_str()).unwrap_or(marked);
            lines_saying(&lines, wanted)
        })?;
        let signature = without_outer_blanks(&lines[from..until]);
        let kept: Vec<&str> = lines[..from].iter().chain(&lines[until..]).copied().collect();
        let fresh = without_outer_blanks(&kept);
        if fresh.is_empty() || !is_signature(&signature, writer) {
            return None;
        }
        let parts = [signature.as_str(), self.signature.as_str()];
        let signature = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
        Some(Self { fresh, quoted: self.quoted.clone(), signature })
    }
}

/// The tags at the end of a text that stand below its writer's signature, where nothing marks that: a farewell or the
/// writer's name with what tells how to reach them. A farewell and a name alone are the end of a letter, below which many
/// write their tags.
#[must_use]
pub fn below_signature<'a>(text: &'a str, writer: &str) -> &'a str {
    let is_tag = |line: &str| trim(line).trim_start_matches(['-', '*', '•', ' ', '\u{a0}']).starts_with('#');
    let mut end = text.len();
    let mut has_tag = false;
    for (at, line) in with_places(text).into_iter().rev() {
        if !trim(line).is_empty() && !is_tag(line) {
            break;
        }
        has_tag |= is_tag(line);
        end = at;
    }
    let above = text[..end].trim_end();
    let signs = match closing::split(above).1 {
        "" => name_and_below(above, writer),
        farewell => farewell,
    };
    if has_tag && signs.lines().any(is_reachable) { text[end..].trim() } else { "" }
}

/// The last line that is the writer's name, with what goes with a name below it.
fn name_and_below<'a>(text: &'a str, writer: &str) -> &'a str {
    let mut count = 0;
    for (at, line) in with_places(text).into_iter().rev() {
        let is_name = names(line, writer) && line.split_whitespace().count() <= writer.split_whitespace().count() + 2;
        if is_name {
            return &text[at..];
        }
        count += usize::from(!trim(line).is_empty());
        if count > MAX_BELOW || !trim(line).is_empty() && !closing::goes_with_a_name(line) {
            break;
        }
    }
    ""
}

/// The lines, each with where it begins.
fn with_places(text: &str) -> Vec<(usize, &str)> {
    let mut begin = 0;
    let place = |line: &'_ str| {
        let at = begin;
        begin += line.len();
        at
    };
    let places: Vec<usize> = text.split_inclusive('\n').map(place).collect();
    places.into_iter().zip(text.lines()).collect()
}

/// The last lines that say these words, no more and no less.
fn lines_saying(lines: &[&str], wanted: &str) -> Option<(usize, usize)> {
    let words: Vec<String> = lines.iter().map(|line| bare(line)).collect();
    let says = |from: usize| {
        let mut rest = wanted;
        let mut until = from;
        while !rest.is_empty() {
            rest = rest.strip_prefix(words.get(until)?.as_str())?;
            until += 1;
        }
        Some((from, until))
    };
    let begins = |from: &usize| !words[*from].is_empty() && wanted.starts_with(words[*from].as_str());
    (0..lines.len()).rev().filter(begins).find_map(says)
}

/// Whether the lines read like a signature: they begin with a farewell or the writer's name, or all of them go with a
/// name and one tells how to reach its bearer.
fn is_signature(text: &str, writer: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(trim).filter(|line| !line.is_empty()).collect();
    let Some(first) = lines.first().filter(|_| lines.len() <= MAX_LINES) else { return false };
    let is_asking = lines.iter().any(|line| line.ends_with('?'));
    let is_told = || {
        let is_plain = |line: &&str| line.starts_with('#') || closing::goes_with_a_name(line);
        lines.iter().all(is_plain) && lines.iter().any(|line| is_reachable(line))
    };
    !is_asking && (closing::is_farewell(first) || names(first, writer) || is_told())
}

/// Whether a short line has a name in it: each of its words.
fn names(line: &str, writer: &str) -> bool {
    let line = lower(line);
    let writer = lower(writer);
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut own = writer.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    own.peek().is_some() && words.len() <= 10 && own.all(|name| words.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::super::cut;
    use super::*;
    use crate::domain::page::PageLine;

    /// `text` is the text part; the lines of the page that begin with `|` are marked. Expected is what is new and, below
    /// a line of three dashes, the signature.
    fn check(text: &str, page: &str, expected: &str) {
        let line = |line: &str| {
            let (is_signature, words) = line.strip_prefix('|').map_or((false, line), |words| (true, words));
            PageLine { words: words.into(), told: words.into(), is_signature, ..PageLine::default() }
        };
        let page = Page { lines: page.lines().map(line).collect() };
        let found = cut(text).cut_as_marked(&page, "Ann de Vries");
        let found = found.map_or("as it was".to_owned(), |cut| format!("{}\n---\n{}", cut.fresh, cut.signature));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn the_marked_lines_are_cut_out_of_the_text() {
        check(
            "Klaar.\n\nAnn de Vries\nBeheer | Firma\n06 12345678\n",
            "Klaar.\n|Ann de Vries\n|Beheer | Firma\n|06 12345678",
            "Klaar.\n---\nAnn de Vries\nBeheer | Firma\n06 12345678",
        );
        // Wrapped elsewhere, an address beside its link, and the program's own line below.
        check(
            "Klaar.\n\nMet vriendelijke groet,\nAnn\nwww.x.nl<http://www.x.nl> een lange\nspreuk die over de lijn loopt\n\nVerstuurd vanaf mijn iPhone\n",
            "Klaar.\n|Met vriendelijke groet,\n|Ann\n|www.x.nl een lange spreuk die over de lijn loopt\n|Verstuurd vanaf mijn iPhone",
            "Klaar.\n---\nMet vriendelijke groet,\nAnn\nwww.x.nl<http://www.x.nl> een lange\nspreuk die over de lijn loopt\nVerstuurd vanaf mijn iPhone",
        );
        check(
            "Klaar.\n\nServicedesk Firma\nhelp@firma.nl\n#tijd 40m\n",
            "Klaar.\n|Servicedesk Firma\n|help@firma.nl\n|#tijd 40m",
            "Klaar.\n---\nServicedesk Firma\nhelp@firma.nl\n#tijd 40m",
        );
        // The last of two that read alike, and what was written below stays.
        check(
            "Ann de Vries\nbelde.\n\nAnn de Vries\n\nPS: de sleutel ligt er.",
            "Ann de Vries\nbelde.\n|Ann de Vries\nPS: de sleutel ligt er.",
            "Ann de Vries\nbelde.\n\n\nPS: de sleutel ligt er.\n---\nAnn de Vries",
        );
    }

    #[test]
    fn what_was_written_into_that_part_stays() {
        check("Het werkt weer.", "|Het werkt weer.", "as it was");
        check("Hallo Bob,\nHet werkt weer.\nAnn", "Hallo Bob,\n|Het werkt weer.\n|Ann", "as it was");
        check("Dag\nGroet,\nAnn\nKun je bellen?", "Dag\n|Groet,\n|Ann\n|Kun je bellen?", "as it was");
        check("Dag\n\nIets anders\n06 12345678", "Dag\n|Ann\n|06 12345678", "as it was");
        check("Dag", "Dag", "as it was");
        check("Dag\n\n-- \nAnn", "Dag\n|Ann", "as it was");
    }

    #[test]
    fn tags_below_a_signature_that_nothing_marks() {
        let below =
            |text: &str, expected: &str| assert_eq!(below_signature(text, "Ann de Vries"), expected, "{text:?}");
        below("Klaar.\n\nAnn de Vries\n06 12345678\n\n#tijd 40m\n- #opgelost\n", "#tijd 40m\n- #opgelost");
        below("Klaar.\n\nMet vriendelijke groet,\nAnn\nwww.x.nl\n#tijd 40m", "#tijd 40m");
        below("Klaar.\n\nGroet,\nAnn\n\n#tijd 40m", "");
        below("Klaar.\n#tijd 40m\n\nAnn de Vries\n06 12345678", "");
        below("Bel de leverancier op 06 12345678.\n#tijd 40m", "");
        below("Bel Ann de Vries van de leverancier maar op\n06 12345678\n#tijd 40m", "");
        below("#tijd 40m", "");
    }
}
