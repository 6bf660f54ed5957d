//! What time brings to strip cards: their end is told, and what is left then expires.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::decision::{About, DeskFacts, Once, Outgoing, card_lines};
use crate::domain::directory::{Client, Directory};
use crate::domain::notice::CardExpiring;
use crate::domain::strip_card::{self, Account, ExpiryNotice};
use crate::store::cards::StoredEntry;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cards, marks};

use super::Tick;

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
            let mark = format!("expiry/{}/{today}", client.code);
            if !marks::claim(tx, desk, &mark, self.now).await? {
                continue;
            }
            let stored = cards::list_in(tx, desk, client.code.as_str()).await?;
            let account = Account::from_entries(stored.iter().map(|line| &line.entry));
            let near = card_endings(&account, client, directory, &self.office.facts, today, until);
            told += near.len();
            self.post(tx, numbers, &near, &mark).await?;
            for entry in strip_card::expire(&account, today) {
                let card = entry.card.as_ref().map_or_else(String::new, ToString::to_string);
                let line = StoredEntry {
                    entry_no: numbers.draw("entry"),
                    entry,
                    booked_at: until,
                    booking_key: format!("{desk}/expiry/{}/{card}/{today}", client.code),
                    position: None,
                };
                cards::record(tx, desk, client.code.as_str(), 0, None, &line).await?;
            }
        }
        Ok(told)
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
