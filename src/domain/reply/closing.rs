//! The farewell at the end of new text: "Met vriendelijke groet, / Ann". It is shown apart, but it belongs to what the
//! person wrote: nothing is decided without it, and letters that are sent on keep it.

use super::line::{has_address, has_link, lower, trim};
use super::words;

/// How many lines with words may stand below the farewell.
const MAX_BELOW: usize = 10;

/// Parts the text before its farewell; the second part is empty where none is certain.
pub fn split(text: &str) -> (&str, &str) {
    let at = start(text).unwrap_or(text.len());
    (text[..at].trim_end(), &text[at..])
}

fn start(text: &str) -> Option<usize> {
    // The last lines with words, from the end, each with its place.
    let mut last: Vec<(usize, &str)> = Vec::new();
    let mut end = text.len();
    while last.len() <= MAX_BELOW + 1 {
        let begin = text[..end].rfind('\n').map_or(0, |at| at + 1);
        let line = trim(&text[begin..end]);
        if !line.is_empty() {
            last.push((begin, line));
        }
        if begin == 0 {
            break;
        }
        end = begin - 1;
    }
    let has_words_above = |at: usize| !text[..at].trim().is_empty();
    // The highest farewell whose lines below are a name and what goes with it.
    let found = (0..last.len()).rev().find(|&index| {
        let below: Vec<&str> = last[..index].iter().rev().map(|(_, line)| *line).collect();
        is_farewell_with(last[index].1, &below) && has_words_above(last[index].0)
    });
    found.map(|index| last[index].0).or_else(|| {
        let (at, line) = *last.first()?;
        let is_apart = text[..at].ends_with("\n\n") && has_words_above(at);
        (is_apart && is_dashed_name(line) && !text[..at].lines().any(|line| line.starts_with('-'))).then_some(at)
    })
}

fn is_farewell_with(line: &str, below: &[&str]) -> bool {
    let Some(named) = farewell(line) else { return false };
    let is_signed = match (named, below.first()) {
        // "Groet, Ann"
        (Named::Here, _) => true,
        (_, Some(first)) => is_name(first),
        // "Thanks!" alone is said, not signed.
        (Named::Formally, None) => true,
        (Named::Thankfully, None) => false,
    };
    is_signed && below.iter().all(|line| goes_with_a_name(line))
}

/// Whether the line is a farewell alone: "Met vriendelijke groet,".
pub(super) fn is_farewell(line: &str) -> bool {
    farewell(line).is_some()
}

/// What kind of farewell a line is.
enum Named {
    /// With the name in the same line.
    Here,
    Thankfully,
    Formally,
}

fn farewell(line: &str) -> Option<Named> {
    if line.len() > 80 {
        return None;
    }
    let small = lower(line);
    let is_end = |c: char| {
        matches!(c, ',' | '.' | '!' | ';' | '~' | '-' | '，' | '。' | '！' | '、' | '*' | ' ' | ':' | '–' | '—')
    };
    let bare = small.trim_matches(is_end);
    let is_known = |words: &str| words::FAREWELLS.contains(&words.trim_matches(is_end));
    if is_known(bare) || bare.split_once(" / ").is_some_and(|(a, b)| is_known(a) && is_known(b)) {
        const THANKS: &[&str] = &[
            "than",
            "thx",
            "dank",
            "bedankt",
            "alvast",
            "bij voorbaat",
            "merci",
            "gracias",
            "muchas",
            "grazie",
            "obrigad",
            "muito",
            "tak",
            "tack",
            "takk",
            "mange tak",
            "på forhånd",
            "kiit",
            "viel",
            "best dank",
            "besten dank",
            "herzlichen dank",
            "dzięk",
            "děku",
            "ďaku",
            "hvala",
            "köszön",
            "teşekk",
            "ευχαρ",
            "спасибо",
            "благодар",
            "дякую",
            "谢",
            "謝",
            "감사",
            "고맙",
            "cảm ơn",
            "תודה",
            "much appreciated",
            "with thanks",
            "many",
            "fijn",
            "fijne",
            "tot ziens",
            "bonne",
            "ihr",
            "dein",
            "best",
            "love",
            "以上",
            "t",
            "salam",
        ];
        let is_thanks =
            THANKS.iter().any(|word| bare == *word || word.len() > 3 && bare.starts_with(word) && *word != "best");
        return Some(if is_thanks { Named::Thankfully } else { Named::Formally });
    }
    // "Groet, Ann" in one line: a comma, then a name of at most three words.
    let (words, name) = line.split_once(',')?;
    let is_short = (1..=3).contains(&name.split_whitespace().count());
    (is_known(&lower(words)) && is_short && is_name(trim(name)) && !line.ends_with(['!', '?', '.']))
        .then_some(Named::Here)
}

/// A name: few words, each with a capital, or one word in small letters.
fn is_name(line: &str) -> bool {
    let line = line.trim_matches(['*', '_', ' ']);
    let count = line.split_whitespace().count();
    let is_sentence = line.ends_with(['?', '!', ':', ';']) || line.ends_with('.') && count > 3;
    let is_word = |word: &str| {
        let first = word.trim_start_matches(['"', '(', '\'']).chars().next();
        matches!(
            word,
            "de" | "van"
                | "der"
                | "den"
                | "het"
                | "ten"
                | "ter"
                | "te"
                | "von"
                | "zu"
                | "da"
                | "di"
                | "du"
                | "la"
                | "le"
                | "el"
                | "and"
                | "en"
                | "&"
                | "|"
                | "-"
                | "/"
                | "und"
                | "et"
        ) || first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
    };
    let is_single = count == 1
        && line.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | ','))
        && line.chars().count() <= 20;
    let is_capital = count <= 6 && line.chars().count() <= 60 && line.split_whitespace().all(is_word);
    !is_sentence && !line.starts_with(['#', '>', '-']) && (is_single || is_capital)
}

/// What may stand under a name: a role, a firm, ways to reach them. No sentence, question, list or tag.
pub(super) fn goes_with_a_name(line: &str) -> bool {
    let small = lower(line);
    let count = line.split_whitespace().count();
    let is_reachable = has_address(&small) || has_link(&small);
    !line.starts_with(['#', '>', '•', '-'])
        && !line.ends_with(['?', ':'])
        && !line.split_whitespace().any(|word| word.starts_with('#') && word.len() > 2)
        && (is_reachable && count <= 14 || count <= 9 && !(line.ends_with('.') && count > 6))
}

/// "-Ann Doe", "~ Ann", "/Ann", "-- Ann".
fn is_dashed_name(line: &str) -> bool {
    let name = line.trim_start_matches(['-', '–', '—', '~', '/']);
    let signs = line.chars().count() - name.chars().count();
    (1..=2).contains(&signs)
        && (1..=3).contains(&name.split_whitespace().count())
        && is_name(trim(name))
        && trim(name).chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\''))
        && trim(name).chars().next().is_some_and(|c| !c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (words, closing) = split(text);
        assert_eq!(closing, expected, "{text:?}");
        assert_eq!(format!("{words}{closing}").replace('\n', ""), text.replace('\n', ""), "nothing is lost");
    }

    #[test]
    fn farewells_with_a_name() {
        check("Prima.\n\nMet vriendelijke groet,\nAnn de Vries", "Met vriendelijke groet,\nAnn de Vries");
        check("Prima.\n\nGroet, Ann", "Groet, Ann");
        check("Fine.\n\nThank you,\nAnn", "Thank you,\nAnn");
        check(
            "Fine.\n\nBest regards\n\nAnn Doe\nSales | Client BV\n+31 20 123 45 67\nwww.x.nl",
            "Best regards\n\nAnn Doe\nSales | Client BV\n+31 20 123 45 67\nwww.x.nl",
        );
        check("Gut.\n\nMit freundlichen Grüßen\nAnn Muster", "Mit freundlichen Grüßen\nAnn Muster");
        check("Bien.\n\nCordialement,\nAnn", "Cordialement,\nAnn");
        check("Fint.\n\nMed venlig hilsen\nAnn Olsen", "Med venlig hilsen\nAnn Olsen");
        check("Fint.\n\nKh\nAnn", "Kh\nAnn");
        check("Bra.\n\nMvh,\nAnn B", "Mvh,\nAnn B");
        check("Dobrze.\n\nPozdrawiam,\nAnna", "Pozdrawiam,\nAnna");
        check("Dobře.\n\nS pozdravem,\nAnna", "S pozdravem,\nAnna");
        check("Хорошо.\n\nС уважением,\nАнна", "С уважением,\nАнна");
        check("好的。\n\n谢谢，\n张安", "谢谢，\n张安");
        check("Fine.\n\nRegards,", "Regards,");
        check("Having it would be great.\n\n-Ann Doe", "-Ann Doe");
    }

    #[test]
    fn words_of_the_letter_stay() {
        for text in [
            "I hope you can check it\n\nThanks!",
            "Thanks,\nAnn",
            "Bedankt,\nik kijk ernaar en laat het weten",
            "Prima.\n\nGroet,\nAnn\n#tijd 1u",
            "Prima.\n\nGroet,\nAnn\n\nPS. Kunnen jullie ook naar de printer kijken, die doet het weer niet?",
            "Lijst:\n- Melk\n- Brood\n\n-Kaas",
            "Groet de klant van mij.\n\nTot morgen",
            "Thanks for the help.\nIt works.",
        ] {
            check(text, "");
        }
    }
}
