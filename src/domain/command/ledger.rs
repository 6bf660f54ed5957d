//! `#balance` and `#statement`: what a coordinator asks of the strip cards.

use std::collections::HashSet;

use crate::domain::reply::Reply;

use super::{Command, Line, after_bullets, fold, is_blank, is_quoted, read_line, tidy};

/// What a coordinator's mail asks of the strip cards, and what else it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerQuestion {
    /// `#balance`.
    pub balance: bool,
    /// `#statement`.
    pub statement: bool,
    /// The text without these tags.
    pub text: String,
    /// Whether nothing else is said: beside the tags only a salutation, thanks, a farewell or `#client CODE`.
    pub is_alone: bool,
}

/// Reads the question; nothing where neither tag stands there. Lines that stand in the letter that is answered never
/// count. `writer` is the sender's name, with which they may have signed.
#[must_use]
pub fn ledger_question(fresh: &str, answered: &str, writer: &str) -> Option<LedgerQuestion> {
    // Most mails hold no tag at all, and a long letter below them need not be looked at.
    if !fresh.contains('#') && !fresh.contains('＃') {
        return None;
    }
    let answered: HashSet<String> = answered.lines().map(fold).collect();
    let mut question = LedgerQuestion::default();
    let (mut kept, mut said): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for line in fresh.lines() {
        let is_own = !is_quoted(line) && !answered.contains(&fold(line));
        match is_own.then(|| read_line(after_bullets(line))) {
            Some(Line::Command(Command::Balance)) => question.balance = true,
            Some(Line::Command(Command::Statement)) => question.statement = true,
            Some(Line::Command(Command::Client(_))) => kept.push(line),
            _ => {
                kept.push(line);
                said.push(line);
            }
        }
    }
    question.text = tidy(&kept);
    question.is_alone = says_nothing(&tidy(&said), writer);
    (question.balance || question.statement).then_some(question)
}

/// First words of a salutation.
const SALUTATIONS: &[&str] = &[
    "hallo",
    "hoi",
    "hi",
    "hello",
    "hey",
    "dag",
    "beste",
    "dear",
    "geachte",
    "goedemorgen",
    "goedemiddag",
    "goedenavond",
    "goedendag",
    "goeiemorgen",
    "goeiemiddag",
    "good",
];

/// Thanks and pleas that ask for nothing else.
const COURTESIES: &[&str] = &[
    "alvast bedankt",
    "alvast dank",
    "bedankt",
    "bij voorbaat dank",
    "dank",
    "dank u",
    "dank u wel",
    "dank je wel",
    "dankjewel",
    "graag",
    "please",
    "thank you",
    "thanks",
    "thanks in advance",
    "many thanks",
    "svp",
    "s.v.p",
];

/// Whether a text is courtesy alone. A line of which that is not certain counts as said.
fn says_nothing(text: &str, writer: &str) -> bool {
    // A farewell is known as one below other words: the tag's place is kept by a sign.
    let reply = Reply { fresh: format!("#\n{text}"), ..Reply::default() };
    let lines = reply.message().lines().skip(1).map(|line| line.trim_matches(is_edge).to_lowercase());
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    let writer = writer.to_lowercase();
    let is_name = |line: &str| line.split(' ').all(|word| writer.split(' ').any(|name| name == word));
    lines.iter().enumerate().all(|(index, line)| {
        let first = line.split(' ').next().unwrap_or_default().trim_matches(is_edge);
        let is_salutation =
            index == 0 && SALUTATIONS.contains(&first) && line.split(' ').count() <= 4 && !line.contains('?');
        is_salutation || COURTESIES.contains(&line.as_str()) || is_name(line)
    })
}

fn is_edge(c: char) -> bool {
    is_blank(c) || matches!(c, ',' | '.' | '!')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fresh: &str, expected: Option<(bool, bool, bool, &str)>) {
        let found = ledger_question(fresh, "", "Anne Bakker");
        let found = found.as_ref().map(|q| (q.balance, q.statement, q.is_alone, q.text.as_str()));
        assert_eq!(found, expected, "{fresh}");
    }

    #[test]
    fn the_question_stands_alone_or_beside_a_request() {
        check("#saldo", Some((true, false, true, "")));
        check(" * #Balance.\n", Some((true, false, true, "")));
        check("#overzicht\n#saldo", Some((true, true, true, "")));
        check(
            "Goedemorgen Joost,\n\n#overzicht\n\nAlvast bedankt!",
            Some((false, true, true, "Goedemorgen Joost,\n\n\nAlvast bedankt!")),
        );
        check(
            "#saldo\n\nMet vriendelijke groet,\nAnne Bakker",
            Some((true, false, true, "Met vriendelijke groet,\nAnne Bakker")),
        );
        check("#saldo\n\nAnne", Some((true, false, true, "Anne")));
        check("#klant AMR\n#saldo", Some((true, false, true, "#klant AMR")));
        check("Het formulier is stuk.\n#saldo", Some((true, false, false, "Het formulier is stuk.")));
        check("Hallo is er iemand?\n#saldo", Some((true, false, false, "Hallo is er iemand?")));
    }

    #[test]
    fn other_words_are_no_question() {
        check("Wat is het #saldo?", None);
        check("> #saldo", None);
        check("#saldo is een tag", None);
        check("#saldobewaking staat uit", None);
        check("saldo", None);
        // It stands in the letter that is answered.
        assert_eq!(ledger_question("#saldo", "> - #saldo", ""), None);
    }
}
