//! An expert's answer on its way to the client, in the desk's name.

use crate::domain::address::{Address, NamedAddress};
use crate::domain::case::Status;
use crate::domain::directory::AddressOwner;
use crate::domain::message::MessageId;
use crate::domain::notice::Answer;
use crate::domain::page::Excerpt;

use super::HistoryLine;
use super::expert::{Wish, Work};
use super::outgoing::{Carried, Outgoing, about, alarms, client_holding, head_of, readers_beside};

/// The letter to the coordinator in whose name the case runs, while they hold the position; else to who holds it
/// now. Without one the desk is alarmed: the answer must not vanish.
pub(super) fn to_client(work: &Work<'_>, wish: &Wish, text: &str) -> Vec<Outgoing> {
    let Some(holding) = client_holding(&work.case, work.facts, work.now) else {
        let text =
            format!("{} has no coordinator; the answer on {} went to nobody", work.case.client, work.case.number);
        return alarms("no-coordinator", &text, Some(&work.case), work.facts, work.now);
    };
    let is_resolved = work.case.status == Status::Resolved;
    let excerpt = excerpt(work, wish, text);
    let words = Answer {
        case: head_of(&work.case, work.facts),
        expert: work.expert.name.clone(),
        text: excerpt.as_ref().map_or_else(|| text.to_owned(), |excerpt| excerpt.text.clone()),
        page: excerpt.as_ref().map(|excerpt| excerpt.html.clone()),
        left_behind: match excerpt {
            Some(excerpt) => excerpt.left_behind,
            None if text.is_empty() => unsaid_pictures(work, wish),
            None => Vec::new(),
        },
        booked: work.bookings.booked(work),
        is_resolved,
        reopen_due: work.case.close_due.filter(|_| is_resolved),
        history: newest_of_client(work),
    };
    // Who reads along gets a letter of their own, so that nobody else sees a balance, or another's reply address. Only
    // an answer of the coordinator opens the case again.
    let beside = Answer { booked: None, reopen_due: None, history: newest_to_readers(work), ..words.clone() };
    let readers = readers_beside(&work.case, work.facts);
    let readers = readers.iter().filter(|human| human.key != holding.human.key).map(|human| (beside.clone(), human));
    let known = std::iter::once((words, &holding.human)).chain(readers);
    let mut letters: Vec<Outgoing> =
        known.filter_map(|(words, human)| Outgoing::to_human(words, human, about(&work.case), work.facts)).collect();
    let reporters = reporters_beside(work, &beside, &letters);
    letters.extend(reporters);
    letters
        .into_iter()
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
        .collect()
}

/// The letters to the reporters whose approved request the case is, where the contract keeps them informed: to those who
/// get none yet.
fn reporters_beside(work: &Work<'_>, words: &Answer, known: &[Outgoing]) -> Vec<Outgoing> {
    let directory = work.facts.directory;
    let is_new =
        |reporter: &&NamedAddress| known.iter().all(|letter| letter.notice.to.person.address != reporter.address);
    let reporters = work.found.reporters.iter().filter(is_new);
    reporters
        .filter_map(|reporter| {
            let person = directory.person_by_address(&reporter.address).filter(|one| one.is_of(&work.case.client));
            match person.and_then(|person| directory.human(&person.key)) {
                Some(human) => Outgoing::to_human(words.clone(), &human, about(&work.case), work.facts),
                None => {
                    let client = directory.client(&work.case.client);
                    let letter = Outgoing::to_address(words.clone(), reporter, client, work.facts);
                    Some(Outgoing { about: about(&work.case), ..letter })
                }
            }
        })
        .collect()
}

/// The pictures of a mail without words that are not its answer: those of a signature.
fn unsaid_pictures(work: &Work<'_>, wish: &Wish) -> Vec<String> {
    let unsaid = work.message.attachments.iter().filter(|file| !work.is_said(file, wish));
    unsaid.filter_map(|file| file.content_id.clone()).collect()
}

/// The formatted form of the answer, where its mail has one that says the same.
fn excerpt(work: &Work<'_>, wish: &Wish, text: &str) -> Option<Excerpt> {
    let pages = &work.facts.pages;
    match (&wish.mends, &work.facts.parked) {
        (Some(_), Some(parked)) => pages.parked.excerpt(&parked.fresh, text),
        _ => pages.own.excerpt(&work.message.reply.fresh, text),
    }
}

/// What the answer is about: the newest words of the client, which stand quoted below it.
fn newest_of_client(work: &Work<'_>) -> Option<String> {
    // A case that was opened for another client by mistake has words of theirs.
    let directory = work.facts.directory;
    let is_theirs = |address: &Address| match directory.owner_of(address) {
        AddressOwner::Person(person) => person.is_of(&work.case.client),
        _ => directory.clients_by_domain(address).iter().any(|client| client.code == work.case.client),
    };
    let is_quoted =
        |line: &&HistoryLine| line.is_of_client && !line.is_internal && line.address.as_ref().is_none_or(is_theirs);
    let newest = work.found.history.iter().rev().find(is_quoted)?;
    Some(newest.text.clone())
}

/// Who reads along had the newest mail of the client, and nothing that somebody else wrote to the desk beside it.
fn newest_to_readers(work: &Work<'_>) -> Option<String> {
    let id = work.case.last_client_message_id.as_ref()?;
    let had = work.found.history.iter().rev().find(|line| line.is_of_client && line.message_id.as_ref() == Some(id))?;
    Some(had.text.clone())
}
