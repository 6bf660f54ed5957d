//! The words of a reminder of several matters.

use jiff::Timestamp;

use crate::domain::case::Case;
use crate::domain::identity::scrub_tokens;
use crate::domain::notice::{AnswerWay, CaseHead, CaseReminder, ParkedReminder, Reminder, RequestReminder, TagLine};

use super::outgoing::head_of;
use super::reminders::{CaseMatter, Matter, ParkedMatter, Telling, request_head};
use super::{Facts, RequestFacts};

/// So many letters of a text stand in a letter about one matter, and in one about several.
const MOST_ALONE: usize = 4000;
const MOST_OF_SEVERAL: usize = 400;

/// What stands in the letter, the longest waiting first in each part.
pub(super) fn of(tellings: &[Telling], facts: &Facts<'_>, now: Timestamp) -> Reminder {
    let is_bundle = tellings.len() > 1;
    let mut words = Reminder {
        case: None,
        count: tellings.len(),
        is_bundle,
        may_decide: false,
        requests: Vec::new(),
        parked: Vec::new(),
        cases: Vec::new(),
    };
    let mut ordered: Vec<&Telling> = tellings.iter().collect();
    ordered.sort_by_key(|telling| telling.silence.waited.since);
    for telling in ordered {
        match &telling.silence.matter {
            Matter::Request(request) => words.requests.push(request_line(request, telling, is_bundle, facts, now)),
            Matter::Parked(parked) => words.parked.push(parked_line(parked, is_bundle, facts)),
            Matter::Case(waiting) => words.cases.push(case_line(waiting, telling, is_bundle, facts)),
        }
    }
    words.may_decide = words.requests.iter().any(|one| one.answer.is_some());
    words
}

fn request_line(
    request: &RequestFacts,
    telling: &Telling,
    is_bundle: bool,
    facts: &Facts<'_>,
    now: Timestamp,
) -> RequestReminder {
    let may_decide = telling.holding(facts, now).is_some();
    let first = telling.instead_of(facts, now);
    let mut head = request_head(request, facts);
    head.subject = scrub_tokens(&head.subject);
    let way = AnswerWay {
        about: head.reference.clone(),
        number: head.reference.clone(),
        subject: head.subject.clone(),
        address: None,
        link: None,
    };
    RequestReminder {
        reporter: scrub_tokens(request.reporter.display()),
        text: said(&request.text, is_bundle),
        instead_of: first.clone().filter(|_| may_decide),
        undecided_by: first.filter(|_| !may_decide),
        decision_due: may_decide.then(|| telling.ends_at(facts.directory, now)),
        answer: (is_bundle && may_decide).then_some(way),
        request: head,
    }
}

fn parked_line(parked: &ParkedMatter, is_bundle: bool, facts: &Facts<'_>) -> ParkedReminder {
    let about = format!("P-{}", parked.message_no);
    ParkedReminder {
        case: bare_head(&parked.case, facts),
        subject: scrub_tokens(&parked.words.subject),
        needs_text: parked.words.needs_text(),
        lines: parked.words.lines.iter().map(bare_line).collect(),
        text: said(&parked.words.text, is_bundle),
        answer: is_bundle.then(|| AnswerWay { about, ..answer_way(&parked.case) }),
    }
}

fn case_line(waiting: &CaseMatter, telling: &Telling, is_bundle: bool, facts: &Facts<'_>) -> CaseReminder {
    CaseReminder {
        case: bare_head(&waiting.case, facts),
        waiting_at: telling.silence.waited.since,
        expert: waiting.expert.clone(),
        asked: waiting.asked.as_deref().map(|text| said(text, is_bundle)),
        answer: is_bundle.then(|| answer_way(&waiting.case)),
    }
}

/// What every letter on a case shows, without reply tokens.
fn bare_head(case: &Case, facts: &Facts<'_>) -> CaseHead {
    let head = head_of(case, facts);
    CaseHead { subject: scrub_tokens(&head.subject), ..head }
}

fn bare_line(line: &TagLine) -> TagLine {
    TagLine { tag: scrub_tokens(&line.tag), value: scrub_tokens(&line.value), ..line.clone() }
}

fn answer_way(case: &Case) -> AnswerWay {
    let number = case.number.to_string();
    AnswerWay { about: number.clone(), number, subject: scrub_tokens(&case.subject), address: None, link: None }
}

/// A text as the letter repeats it: without reply tokens, for the letter has its own, and not too long.
fn said(text: &str, is_bundle: bool) -> String {
    let text = scrub_tokens(text.trim());
    let most = if is_bundle { MOST_OF_SEVERAL } else { MOST_ALONE };
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", text[..end].trim_end()),
        None => text,
    }
}
