//! The first new line: a coordinator's decision on a held request, and the markers of a new mail.

use super::argument::{case, client, split_word};
use super::tag::Tag;
use super::{after_bullets, fold, is_quoted, split_tag, tidy};
use crate::domain::case::CaseNumber;
use crate::domain::names::ClientCode;

/// What a coordinator decides about a held request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It becomes a case.
    Approve,
    /// It ends here.
    Reject {
        /// Why, in the coordinator's words: the rest of the line, or the text below it. May be empty.
        reason: String,
    },
    /// It becomes part of a case.
    Bundle {
        /// Which one.
        case: CaseNumber,
    },
}

/// The decision in the first line that is not empty; nothing if that line is no decision.
#[must_use]
pub fn decision(fresh: &str) -> Option<Decision> {
    let (line, below) = first_line(fresh)?;
    let (word, rest) = split_tag(after_bullets(line))?;
    match Tag::named(word)? {
        Tag::Approve => Some(Decision::Approve),
        Tag::Reject if rest.is_empty() => {
            let words: Vec<&str> = below.lines().take_while(|line| !is_quoted(line)).collect();
            Some(Decision::Reject { reason: tidy(&words) })
        }
        Tag::Reject => Some(Decision::Reject { reason: rest.to_owned() }),
        Tag::Bundle => case(split_word(rest).0).map(|case| Decision::Bundle { case }),
        _ => None,
    }
}

/// The words beside a decision: the text without its tag. A text without a decision stays whole.
#[must_use]
pub fn beside_decision(fresh: &str) -> String {
    if decision(fresh).is_none() {
        return fresh.to_owned();
    }
    let (line, below) = first_line(fresh).unwrap_or_default();
    let (_, rest) = split_tag(after_bullets(line)).unwrap_or_default();
    let lines: Vec<&str> = std::iter::once(rest).chain(below.lines()).collect();
    tidy(&lines)
}

/// What the first lines of a new mail say about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opening {
    /// `#incident` or `#spoed`: it is an incident.
    pub incident: bool,
    /// `#client CODE`: whose case it is.
    pub client: Option<ClientCode>,
    /// The text without these markers; words behind `#incident` stay.
    pub text: String,
}

/// Reads the markers with which a new mail begins, each on a line of its own, in any order.
#[must_use]
pub fn opening(fresh: &str) -> Opening {
    let mut opening = Opening::default();
    let mut left = fresh;
    let mut kept = "";
    while let Some((line, below)) = first_line(left) {
        let Some((word, rest)) = split_tag(after_bullets(line)) else { break };
        if matches!(word.to_lowercase().as_str(), "incident" | "spoed") && !opening.incident {
            opening.incident = true;
            if !rest.is_empty() {
                (kept, left) = (rest, below);
                break;
            }
        } else if Tag::named(word) == Some(Tag::Client) && opening.client.is_none() {
            let (code, words) = split_word(rest);
            let Some(code) = client(code) else { break };
            opening.client = Some(code);
            if !words.is_empty() {
                (kept, left) = (words, below);
                break;
            }
        } else {
            break;
        }
        left = below;
    }
    let lines: Vec<&str> = std::iter::once(kept).chain(left.lines()).collect();
    opening.text = tidy(&lines);
    opening
}

/// The first line that is not empty, and what stands below it.
fn first_line(text: &str) -> Option<(&str, &str)> {
    let mut below = text;
    while !below.is_empty() {
        let (line, rest) = below.split_once('\n').unwrap_or((below, ""));
        if !fold(line).is_empty() || is_quoted(line) {
            return Some((line, rest));
        }
        below = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fresh: &str, expected: Option<Decision>) {
        assert_eq!(decision(fresh), expected, "{fresh:?}");
    }

    #[test]
    fn a_decision_is_the_first_new_line() {
        let reject = |reason: &str| Some(Decision::Reject { reason: reason.to_owned() });
        let case = "AMR-2026-0042".parse().unwrap();
        check("\n  #Approve\nthanks", Some(Decision::Approve));
        check("#akkoord!", Some(Decision::Approve));
        check("#reject we have that already", reject("we have that already"));
        check("#afwijzen\n\nNot this year.\n> old words", reject("Not this year."));
        check("#reject", reject(""));
        check("#bundelen amr-2026-0042.", Some(Decision::Bundle { case }));
        check("#bundle that one", None);
        check("Hello,\n#approve", None);
        check("> #approve", None);
        check("#approved", None);
        check("akkoord", None);
        check("", None);
    }

    #[test]
    fn a_new_mail_begins_with_markers() {
        let check = |fresh: &str, incident: bool, client: Option<&str>, text: &str| {
            let client = client.map(|code| ClientCode::new(code).unwrap());
            assert_eq!(opening(fresh), Opening { incident, client, text: text.to_owned() }, "{fresh:?}");
        };
        check("#incident\n\nThe site is down", true, None, "The site is down");
        check("#SPOED: site ligt plat\nHelp", true, None, "site ligt plat\nHelp");
        check("#client amr\n#incident\nDown", true, Some("AMR"), "Down");
        check("#klant AMR", false, Some("AMR"), "");
        check("#client\nx", false, None, "#client\nx");
        check("Hello\n#incident", false, None, "Hello\n#incident");
        check("> #incident", false, None, "> #incident");
        check("#incidents happen", false, None, "#incidents happen");
    }
}
