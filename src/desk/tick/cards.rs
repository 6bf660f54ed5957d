//! What time brings to strip cards: their end is told, and what is left then expires.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::decision::{About, DeskFacts, Once, Outgoing, card_lines};
use crate::domain::directory::{Client, Directory};
use crate::domain::notice::CardExpiring;
use crate::domain::strip_card::{self, Account, Entry, EntryKind, ExpiryNotice};
use crate::store::cards::StoredEntry;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cards, marks};

use super::Tick;
use crate::desk::ledger::{self, Writing};

impl Tick<'_> {
    /// Once a day for each client, on the client's own day: cards that near their end are told, each notice once a card
    /// and in this transaction, and what is left on ended cards expires.
    pub(super) async fn expire_cards(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut told = 0;
        for client in directory.clients() {
            let today = client.time_zone.time_zone().to_datetime(until).date();
            let mark = ledger::looked_mark(client, until);
            if !marks::claim(tx, desk, &mark, self.now).await? {
                continue;
            }
            let stored = cards::list_in(tx, desk, client.code.as_str()).await?;
            let mut account = Account::from_entries(stored.iter().map(|line| &line.entry));
            self.begin_cards(tx, numbers, client, &stored, &mut account, until).await?;
            let mut letters = card_endings(&account, client, directory, &self.office.facts, today, until);
            for entry in strip_card::expire(&account, today) {
                let card = entry.card.as_ref().map_or_else(String::new, ToString::to_string);
                let key = format!("{desk}/expiry/{}/{card}/{today}", client.code);
                self.write_line(tx, numbers, client, &key, &[entry], &mut account, until).await?;
            }
            letters.extend(ledger::notices(tx, self.office, directory, &client.code, &account, until).await?);
            told += letters.len();
            // A second look on one day makes letters of its own.
            let cause = format!("{mark}/{}", numbers.peek("entry"));
            self.post(tx, numbers, &letters, &cause).await?;
        }
        Ok(told)
    }

    /// Cards that were bought before their first day settle the overdraft on it.
    async fn begin_cards(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        client: &Client,
        stored: &[StoredEntry],
        account: &mut Account,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        let zone = client.time_zone.time_zone();
        let today = zone.to_datetime(until).date();
        let is_ahead = |line: &&StoredEntry| {
            let day = line.entry.work_date;
            line.entry.kind == EntryKind::Purchase && day <= today && zone.to_datetime(line.booked_at).date() < day
        };
        for number in stored.iter().filter(is_ahead).filter_map(|line| line.entry.card.as_ref()) {
            // Once: what is owed later waits for the next card.
            if marks::claim(tx, desk, &format!("card/{}/{number}/begun", client.code), self.now).await? {
                let key = format!("{desk}/settlement/{}/{number}", client.code);
                let entries = strip_card::settle(account, number, today);
                self.write_line(tx, numbers, client, &key, &entries, account, until).await?;
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one write; a struct would only rename them")]
    async fn write_line(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        client: &Client,
        booking_key: &str,
        entries: &[Entry],
        account: &mut Account,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        account.extend(entries);
        let (case_no, position) = (None, None);
        let writing = Writing { client: &client.code, case_no, booking_key, position, booked_at: until };
        ledger::write(tx, self.office.code(), numbers, writing, entries).await
    }
}

/// The letters to a client's coordinator about cards that end soon with minutes on them.
fn card_endings(
    account: &Account,
    client: &Client,
    directory: &Directory,
    desk: &DeskFacts,
    today: Date,
    at: Timestamp,
) -> Vec<Outgoing> {
    let coordinators = directory.coordinators(&client.code, at);
    let (Some(holding), Some(contract)) = (coordinators.first(), directory.contract(&client.code, at)) else {
        return Vec::new();
    };
    let lines = card_lines(account, contract, today);
    let near = strip_card::expiry_notices(account, today).into_iter();
    near.filter_map(|(number, notice)| {
        let card = lines.iter().find(|line| line.number == number.as_str())?.clone();
        let words = CardExpiring { client_name: client.name.clone(), card };
        let mut letter = Outgoing::of_desk(words, &holding.human, About::Nothing, directory, desk)?;
        let days = match notice {
            ExpiryNotice::ThirtyDays => 30,
            ExpiryNotice::SevenDays => 7,
        };
        letter.client = Some(client.code.clone());
        letter.once = Some(Once { mark: format!("card/{}/{number}/ends-in-{days}", client.code), until: None });
        Some(letter)
    })
    .collect()
}
