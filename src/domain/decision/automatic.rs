//! Reports on letters of ours, and automatic mail: noted, never opening a case, never changing a state.

use jiff::{SignedDuration, Timestamp};

use crate::domain::message::{DeliveryAction, DeliveryReport, Message, Origin, SenderProof};
use crate::domain::notice::Undeliverable;

use super::outgoing::{Outgoing, alarms, head_of, human_of};
use super::{CaseFacts, Decision, Effect, Facts, Outcome, ReportedLetter, absence};

/// No automatic letter goes to an address for so long after it bounced. Reports are easily forged, so the time is
/// short, and what a person writes always goes.
const HUSH: SignedDuration = SignedDuration::from_hours(24);

/// Decides a report or an automatic mail; None for a person's.
pub fn decide(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Option<Decision> {
    match message.origin {
        Origin::Human | Origin::List => None,
        Origin::Bounce | Origin::DelayNotice | Origin::DeliveryNotice => Some(report(message, facts, now)),
        Origin::AutoReply | Origin::Feedback => {
            absence::decide(message, facts, now).or_else(|| Some(automatic(message, facts)))
        }
    }
}

fn automatic(message: &Message, facts: &Facts<'_>) -> Decision {
    let what = if message.origin == Origin::Feedback { "an abuse report" } else { "an automatic answer" };
    let mut decision = Decision::new(Outcome::Noted, format!("{what}: {}", message.evidence.join("; ")));
    // What the domain's owner disowns is shown on nobody's case.
    let is_disowned = matches!(message.proof, SenderProof::Contradicted { .. });
    let sender = message.sender().map(|s| &s.address).filter(|_| !is_disowned);
    let found = facts.evidence.iter().find(|found| is_party(found, facts, sender));
    if let Some(found) = found {
        decision.case_no = Some(found.case.case_no);
        decision.why.push_str(&format!("; noted on {}", found.case.number));
    }
    decision
}

/// An automatic mail is shown on a case only when its sender takes part there.
fn is_party(found: &CaseFacts, facts: &Facts<'_>, sender: Option<&crate::domain::address::Address>) -> bool {
    let Some(sender) = sender else { return false };
    let of_client = facts.directory.clients_by_domain(sender).iter().any(|client| client.code == found.case.client)
        || facts.directory.person_by_address(sender).is_some_and(|p| p.client == found.case.client);
    of_client || facts.directory.expert_by_address(sender).is_some_and(|expert| found.has_expert(&expert.key))
}

/// A report counts only when it names a letter of ours *and* the address that letter went to.
fn report(message: &Message, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let known: Vec<(&ReportedLetter, &DeliveryReport)> = facts
        .reported
        .iter()
        .filter_map(|letter| Some((letter, message.reports.get(letter.report)?)))
        .filter(|(letter, report)| {
            [&report.final_recipient, &report.original_recipient].contains(&&Some(letter.recipient.clone()))
        })
        .collect();
    let Some((first, _)) = known.first() else {
        return Decision::new(Outcome::Noted, "a report on no letter of ours: nothing follows from it");
    };
    let mut decision = Decision::new(Outcome::Noted, format!("a report on letter {}", first.letter_no));
    decision.case_no = first.case_no;
    for (letter, report) in known {
        if report.action == DeliveryAction::Failed {
            failed(&mut decision, message, facts, letter, report, now);
        }
    }
    decision
}

fn failed(
    decision: &mut Decision,
    message: &Message,
    facts: &Facts<'_>,
    letter: &ReportedLetter,
    report: &DeliveryReport,
    now: Timestamp,
) {
    let status = report.status.as_deref().unwrap_or("no status");
    let why = format!("{status} {}", report.diagnostic).trim().to_owned();
    decision.why = format!("letter {} did not reach {}: {why}", letter.letter_no, letter.recipient);
    decision.effects.push(Effect::NoteBounce { letter_no: letter.letter_no, why: why.clone() });
    if !report.is_temporary
        && let Ok(until) = now.checked_add(HUSH)
    {
        decision.effects.push(Effect::HushAddress { address: letter.recipient.clone(), until });
    }
    let is_staff = facts.directory.expert_by_address(&letter.recipient).is_some();
    if is_staff {
        let text = format!("letters to {} come back: {why}. The letter was \"{}\"", letter.recipient, letter.subject);
        let all = alarms("staff-undeliverable", &text, None, facts, now);
        // A letter to the very address that bounces would only bounce again.
        decision.letters.extend(all.into_iter().filter(|l| l.notice.to.person.address != letter.recipient));
        return;
    }
    let found = facts.evidence.iter().find(|found| Some(found.case.case_no) == letter.case_no);
    let words = Undeliverable {
        case: found.map(|found| head_of(&found.case, facts)),
        subject: letter.subject.clone(),
        recipient: letter.recipient.clone(),
        response: why,
        written_at: message.received_at,
        is_bounce: true,
        text: None,
    };
    let experts: Vec<_> =
        found.into_iter().flat_map(CaseFacts::experts).filter_map(|k| facts.directory.expert(k)).collect();
    for expert in experts {
        let about = found.map_or(super::outgoing::About::Nothing, |found| super::outgoing::about(&found.case));
        decision.letters.extend(Outgoing::to_human(words.clone(), &human_of(expert), about, facts));
    }
}
