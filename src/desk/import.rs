//! Taking over what a file or a command declares: checked as a whole, shown as a difference, written in one
//! transaction under the desk's lock. New strip cards become purchases in the ledger.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::directory::{
    BadItem, COMMAND_SOURCE, Card, Declarations, Difference, Directory, DirectoryFault, DirectoryFile, Item, ItemKind,
    StoredItem, diff, export, parse_directory_beside,
};
use crate::domain::names::DeskCode;
use crate::domain::strip_card::{Account, NewCard, Refusal, purchase};
use crate::store::audit::AuditLine;
use crate::store::directory::ItemRow;
use crate::store::numbers::Numbers;
use crate::store::{Db, StoreError, Tx, audit, cards, directory};

use super::ledger::{self, Writing};
use super::office::read_items;
use super::terms::{Moved, Moving};

/// The name under which a command's own declarations are checked beside everything that is stored.
const THIS_COMMAND: &str = "this command";

/// Minutes of a strip where neither the card nor a contract says otherwise.
const USUAL_STRIP_MINUTES: u32 = 15;

/// Who changes the directory, why, and when.
#[derive(Debug, Clone)]
pub struct By {
    /// Who, as the audit trail names them: `command:USER`.
    pub actor: String,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A desk's world that is to be changed.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The store.
    pub db: &'a Db,
    /// The desk.
    pub desk: &'a DeskCode,
    /// The desk's zone.
    pub zone: &'a TimeZone,
}

/// What an import changed, or would change.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The difference to what was stored.
    pub difference: Difference,
    /// What is odd but no fault.
    pub warnings: Vec<DirectoryFault>,
    /// The promises of living cases that it moved, or would move.
    pub moved: Vec<Moved>,
}

/// Why a declaration is not taken over; then nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The declaration has faults, all of them.
    #[error("{}", lines(.0))]
    Faulty(Vec<DirectoryFault>),
    /// The ledger refuses a card.
    #[error("card {card}: {refusal}")]
    Card {
        /// Client and number.
        card: String,
        /// Why.
        refusal: Refusal,
    },
    /// A declaration that this release can't read back.
    #[error(transparent)]
    Item(#[from] BadItem),
    /// The TOML writer's.
    #[error("the declaration can't be written as a file: {0}")]
    Unwritable(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lines(faults: &[DirectoryFault]) -> String {
    let told = faults.iter().map(|fault| match fault.file.as_str() {
        THIS_COMMAND => fault.what.clone(),
        _ => fault.to_string(),
    });
    told.collect::<Vec<_>>().join("\n  ")
}

impl World<'_> {
    /// Takes over a file. Its name counts: only what came from a file of that name is ended when the file no
    /// longer declares it. A rehearsal changes nothing and gives the same answer.
    ///
    /// # Errors
    /// [`ImportError`]; then nothing was changed.
    pub async fn import(self, file: &DirectoryFile<'_>, by: &By, is_rehearsal: bool) -> Result<Imported, ImportError> {
        let mut tx = self.db.begin_for(self.desk.as_str()).await?;
        let stored = read_items(directory::list_in(&mut tx, self.desk.as_str()).await?)?;
        let declared = parse_directory_beside(file, &stored).map_err(ImportError::Faulty)?;
        let difference = diff(&stored, &declared, file.name).map_err(ImportError::Faulty)?;
        let mut moved = Vec::new();
        if !difference.is_empty() {
            moved = self.apply(&mut tx, &difference, file.name, by).await?;
        }
        // What is not committed never happened: a rehearsal has done all of it, and knows what it moves.
        if !is_rehearsal && !difference.is_empty() {
            tx.commit().await?;
        }
        Ok(Imported { difference, warnings: declared.warnings, moved })
    }

    /// Adds or changes single declarations, as commands do: checked beside everything that is stored. What a file
    /// declared stays that file's.
    ///
    /// # Errors
    /// [`ImportError`]; then nothing was changed.
    pub async fn declare(self, declared: &Declarations, by: &By) -> Result<Imported, ImportError> {
        let text = export(declared).map_err(|e| ImportError::Unwritable(e.to_string()))?;
        let mut tx = self.db.begin_for(self.desk.as_str()).await?;
        let stored = read_items(directory::list_in(&mut tx, self.desk.as_str()).await?)?;
        let checked =
            parse_directory_beside(&DirectoryFile::alone(THIS_COMMAND, &text), &stored).map_err(ImportError::Faulty)?;
        // Each item is compared as if its own source declared it, so that nothing else counts as withdrawn.
        let mut difference = Difference::default();
        for item in checked.items() {
            let alone = Declarations::from_items(self.desk.clone(), [&item])?;
            let before: Vec<StoredItem> = stored.iter().filter(|s| is_same(&s.item, &item)).cloned().collect();
            let source = before.first().map_or(COMMAND_SOURCE, |before| before.source.as_str());
            let one = diff(&before, &alone, source).map_err(ImportError::Faulty)?;
            difference.added.extend(one.added);
            difference.changed.extend(one.changed);
        }
        let mut moved = Vec::new();
        if !difference.is_empty() {
            moved = self.apply(&mut tx, &difference, COMMAND_SOURCE, by).await?;
            tx.commit().await?;
        }
        Ok(Imported { difference, warnings: checked.warnings, moved })
    }

    async fn apply(
        self,
        tx: &mut Tx,
        difference: &Difference,
        source: &str,
        by: &By,
    ) -> Result<Vec<Moved>, ImportError> {
        let desk = self.desk.as_str();
        let mut numbers = Numbers::list(tx, desk).await?;
        let stored = directory::list_in(tx, desk).await?;
        let earlier = Directory::from_items(&read_items(stored.clone())?, self.zone.clone())?;
        for item in &difference.added {
            directory::save(tx, desk, &row(item, source), by.at).await?;
        }
        for change in &difference.changed {
            let item = &change.item;
            let before = stored.iter().find(|row| row.kind == item.kind.as_str() && row.key == item.key);
            // A command that changes what a file declares leaves it the file's.
            let keeps = before.filter(|_| source == COMMAND_SOURCE).map(|row| row.source.clone());
            directory::save(tx, desk, &row(item, keeps.as_deref().unwrap_or(source)), by.at).await?;
        }
        for item in &difference.taken_over {
            directory::save(tx, desk, &row(item, source), by.at).await?;
        }
        for item in &difference.ended {
            directory::save_end(tx, desk, item.kind.as_str(), &item.key, by.at).await?;
        }
        self.buy_cards(tx, &mut numbers, &difference.added, by).await?;
        directory::save_version(tx, desk).await?;
        let later = Directory::from_items(&read_items(directory::list_in(tx, desk).await?)?, self.zone.clone())?;
        let moved = Moving { tx, numbers: &mut numbers, desk, earlier: &earlier, later: &later, by };
        let moved = moved.recount(difference).await?;
        let action = if source == COMMAND_SOURCE { "declare" } else { "import" };
        let line = AuditLine {
            at: by.at,
            actor: by.actor.clone(),
            action: action.to_owned(),
            case_no: None,
            fingerprint: None,
            position: None,
            reason: by.reason.clone(),
            detail: format!("{source}\n{difference}"),
        };
        audit::record(tx, desk, &mut numbers, &line).await?;
        numbers.save(tx, desk).await?;
        Ok(moved)
    }

    /// A new card is a purchase in the ledger, once: its booking key is made of client and number.
    async fn buy_cards(self, tx: &mut Tx, numbers: &mut Numbers, added: &[Item], by: &By) -> Result<(), ImportError> {
        let desk = self.desk.as_str();
        let items = read_items(directory::list_in(tx, desk).await?)?;
        let world = Directory::from_items(&items, self.zone.clone())?;
        for item in added.iter().filter(|item| item.kind == ItemKind::Card) {
            let declared = Declarations::from_items(self.desk.clone(), [item])?;
            for card in &declared.cards {
                let booking_key = format!("purchase/{}/{}", card.client, card.number);
                if cards::find_booking(tx, desk, &booking_key).await? {
                    continue;
                }
                let ledger = cards::list_in(tx, desk, card.client.as_str()).await?;
                let account = Account::from_entries(ledger.iter().map(|line| &line.entry));
                let refused = |refusal| ImportError::Card { card: item.key.clone(), refusal };
                let client = world.client(&card.client);
                let zone = client.map_or(self.zone, |client| client.time_zone.time_zone());
                let today = zone.to_datetime(by.at).date();
                let mut entries = purchase(&account, &new_card(&world, card), today).map_err(refused)?;
                if let Some(bought) = entries.first_mut() {
                    bought.text.clone_from(&by.reason);
                }
                let (case_no, position) = (None, None);
                let writing =
                    Writing { client: &card.client, case_no, booking_key: &booking_key, position, booked_at: by.at };
                ledger::write(tx, desk, numbers, writing, &entries).await?;
                if let Some(client) = client {
                    ledger::look_again(tx, desk, client, by.at).await?;
                }
            }
        }
        Ok(())
    }
}

/// A strip is as long as the card says, else as the contract of the day of purchase, else a quarter of an hour.
fn new_card(world: &Directory, card: &Card) -> NewCard {
    let bought_at = world
        .client(&card.client)
        .and_then(|client| card.purchased_on.to_zoned_datetime(client.time_zone.time_zone().clone()).ok())
        .map(|day| day.timestamp());
    let agreed = bought_at.and_then(|at| world.contract(&card.client, at)).map(|contract| contract.strip_minutes);
    let strip_minutes = card.minutes_per_strip.or(agreed).unwrap_or(USUAL_STRIP_MINUTES);
    NewCard {
        number: card.number.clone(),
        purchased_on: card.purchased_on,
        minutes: i64::from(card.strips) * i64::from(strip_minutes),
    }
}

fn is_same(one: &Item, other: &Item) -> bool {
    one.kind == other.kind && one.key == other.key
}

fn row(item: &Item, source: &str) -> ItemRow {
    ItemRow {
        kind: item.kind.as_str().to_owned(),
        key: item.key.clone(),
        source: source.to_owned(),
        body: item.body.to_string(),
        ended_at: None,
    }
}
