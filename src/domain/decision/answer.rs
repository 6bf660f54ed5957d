//! An expert's answer on its way to the client, in the desk's name.

use crate::domain::case::Status;
use crate::domain::directory::Holding;
use crate::domain::message::MessageId;
use crate::domain::notice::Answer;

use super::expert::{Wish, Work};
use super::outgoing::{Carried, Outgoing, about, alarms, head_of};

/// The letter to the coordinator in whose name the case runs, while they hold the position; else to who holds it
/// now. Without one the desk is alarmed: the answer must not vanish.
pub(super) fn to_client(work: &Work<'_>, wish: &Wish, text: &str) -> Vec<Outgoing> {
    let coordinators = work.facts.directory.coordinators(&work.case.client, work.now);
    let by_case = |holding: &&Holding<'_>| Some(holding.human.key) == work.case.coordinator.as_ref();
    let holding = coordinators.iter().find(by_case).or_else(|| coordinators.first());
    let Some(holding) = holding else {
        let text =
            format!("{} has no coordinator; the answer on {} went to nobody", work.case.client, work.case.number);
        return alarms("no-coordinator", &text, Some(&work.case), work.facts, work.now);
    };
    let is_resolved = work.case.status == Status::Resolved;
    let words = Answer {
        case: head_of(&work.case, work.facts),
        expert: work.expert.name.clone(),
        text: text.to_owned(),
        booked: work.bookings.booked(work),
        is_resolved,
        reopen_due: work.case.close_due.filter(|_| is_resolved),
        history: newest_of_client(work),
    };
    let letter = Outgoing::to_human(words, &holding.human, about(&work.case), work.facts);
    letter
        .map(|mut letter| {
            letter.writer = Some(work.expert.name.clone());
            letter.in_reply_to = work.case.last_client_message_id.as_deref().map(MessageId::new);
            letter.client = Some(work.case.client.clone());
            letter.carried = match &wish.mends {
                Some((fingerprint, _)) => Carried::OfMail(fingerprint.clone()),
                None => Carried::OfThisMail,
            };
            letter
        })
        .into_iter()
        .collect()
}

/// What the answer is about: the newest words of the client, which stand quoted below it.
fn newest_of_client(work: &Work<'_>) -> Option<String> {
    let newest = work.found.history.iter().rev().find(|line| line.is_of_client && !line.is_internal)?;
    Some(newest.text.clone())
}
