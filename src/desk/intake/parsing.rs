//! What is made of mails before their transaction: they are read, and their bytes packed.

use std::sync::Arc;

use jiff::Timestamp;

use crate::desk::office::Office;
use crate::domain::message::Message;
use crate::mail::parse::{Trust, parse, parse_header};
use crate::store::raw::{Packed, RawMails};

use super::{Arrived, Intake};

/// Below so many mails a second core is not worth waking.
const PARSED_TOGETHER: usize = 8;

/// What was made of the mails of a set before its transaction.
#[derive(Debug, Default)]
pub struct Parsed {
    pub(super) messages: Vec<Message>,
    pub(super) packed: Vec<Packed>,
}

impl Intake {
    /// Reads the mails, and packs their bytes for keeping, half of them on a second core.
    #[must_use]
    pub fn parse(&self, set: &[Arrived]) -> Parsed {
        let now = self.clock.now();
        let read = |mails: &[Arrived]| parse_all(mails, &self.office, &self.trust, now);
        let (here, there) = set.split_at(set.len() / 2);
        if here.len() < PARSED_TOGETHER {
            return read(set);
        }
        std::thread::scope(|scope| {
            let second = scope.spawn(|| read(there));
            let mut parsed = read(here);
            let behind = second.join().unwrap_or_else(|_| read(there));
            parsed.messages.extend(behind.messages);
            parsed.packed.extend(behind.packed);
            parsed
        })
    }

    /// As [`Intake::parse`], on another core, while a set before is decided. None where that failed: then the set is
    /// parsed when it is decided.
    pub async fn parse_ahead(&self, set: Vec<Arrived>) -> (Vec<Arrived>, Option<Parsed>) {
        let (office, trust, now) = (Arc::clone(&self.office), Arc::clone(&self.trust), self.clock.now());
        let set = Arc::new(set);
        let read = Arc::clone(&set);
        let parsed = tokio::spawn(async move { parse_all(&read, &office, &trust, now) }).await;
        (Arc::unwrap_or_clone(set), parsed.ok())
    }
}

fn parse_all(mails: &[Arrived], office: &Office, trust: &Trust, now: Timestamp) -> Parsed {
    let read_one = |mail: &Arrived| match mail.is_deadly {
        true => parse_header(&mail.raw, trust, mail.arrived_at, now),
        false => office.without_logo(parse(&mail.raw, trust, mail.arrived_at, now)),
    };
    let read = mails.iter().map(|mail| (read_one(mail), RawMails::pack(&mail.raw)));
    let (messages, packed) = read.unzip();
    Parsed { messages, packed }
}
