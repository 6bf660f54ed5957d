//! Who reads a summary, and the letters to them.

use jiff::Timestamp;

use super::{ClientWeek, DeskWeek, IsoWeek, desk_words, weekly_words};
use crate::domain::address::NamedAddress;
use crate::domain::decision::{About, Carried, DeskFacts, Outgoing, alarm_readers};
use crate::domain::directory::{Client, Contract, Directory, Human, Reader};
use crate::domain::names::{Language, PersonKey};
use crate::domain::notice::{Notice, Recipient, Words};

/// Somebody who gets a client's summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryReader {
    /// Name and address.
    pub address: NamedAddress,
    /// Who they are, where the directory knows them.
    pub person: Option<PersonKey>,
    /// The language in which they are written to.
    pub language: Language,
}

/// The coordinators at a moment (the first deputy only where nobody holds the position), then whom the contract names;
/// nobody twice.
#[must_use]
pub fn client_readers(
    directory: &Directory,
    client: &Client,
    contract: &Contract,
    at: Timestamp,
) -> Vec<SummaryReader> {
    let of_human = |human: &Human<'_>| {
        let address = NamedAddress::new(human.name, human.addresses.first()?.clone());
        Some(SummaryReader { address, person: Some(human.key.clone()), language: human.language })
    };
    let coordinators = directory.coordinators(&client.code, at);
    let has_holder = coordinators.iter().any(|holding| !holding.is_deputy);
    let most = if has_holder { coordinators.len() } else { 1 };
    let meant = coordinators.iter().filter(|holding| holding.is_deputy != has_holder).take(most);
    let mut readers: Vec<SummaryReader> = Vec::new();
    let further = contract.summary_to.iter().filter_map(|reader| match reader {
        Reader::Person(key) => of_human(&directory.human(key)?),
        Reader::Address(address) => Some(SummaryReader {
            address: NamedAddress::new("", address.clone()),
            person: None,
            language: client.language,
        }),
    });
    for reader in meant.filter_map(|holding| of_human(&holding.human)).chain(further) {
        if readers.iter().all(|known| known.address.address != reader.address.address) {
            readers.push(reader);
        }
    }
    readers
}

/// What makes the letters of one period what they are: together with kind and recipient it gives their Message-ID.
fn cause(of: &str, week: IsoWeek) -> String {
    format!("summary/{of}/{week}")
}

/// The letters of a client's week, one a reader, with what caused them.
#[must_use]
pub fn weekly_letters(
    summary: &ClientWeek,
    directory: &Directory,
    client: &Client,
    contract: &Contract,
) -> (Vec<Outgoing>, String) {
    let words = Words::from(weekly_words(summary, directory));
    let letters = client_readers(directory, client, contract, summary.as_of).into_iter().map(|reader| Outgoing {
        notice: Notice {
            words: words.clone(),
            to: Recipient {
                person: reader.address,
                language: reader.language,
                time_zone: client.time_zone.time_zone().clone(),
            },
            cc: Vec::new(),
        },
        person: reader.person,
        about: About::Nothing,
        client: Some(client.code.clone()),
        writer: None,
        in_reply_to: None,
        carried: Carried::Nothing,
        once: None,
        mended: None,
    });
    (letters.collect(), cause(client.code.as_str(), summary.week))
}

/// The letters of the desk's own week, to the duty manager and the addresses that the desk named.
#[must_use]
pub fn desk_letters(summary: &DeskWeek, directory: &Directory, desk: &DeskFacts) -> (Vec<Outgoing>, String) {
    let words = Words::from(desk_words(summary, directory));
    let letters = alarm_readers(directory, desk, summary.as_of).into_iter().map(|(person, language)| Outgoing {
        notice: Notice {
            words: words.clone(),
            to: Recipient { person, language, time_zone: desk.time_zone.clone() },
            cc: Vec::new(),
        },
        person: None,
        about: About::Nothing,
        client: None,
        writer: None,
        in_reply_to: None,
        carried: Carried::Nothing,
        once: None,
        mended: None,
    });
    (letters.collect(), cause("desk", summary.week))
}
