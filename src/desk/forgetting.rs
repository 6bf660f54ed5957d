//! A person's right to be forgotten: what they wrote and what names them goes, what the law lets a firm keep stays.

use jiff::civil::Date;

use crate::domain::address::Address;
use crate::domain::case::Status;
use crate::domain::directory::{COMMAND_SOURCE, Item, ItemKind, StoredItem};
use crate::domain::forgetting::Identity;
use crate::domain::names::PersonKey;
use crate::store::audit::AuditLine;
use crate::store::forgetting::{self, Forgotten};
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{Db, StoreError, Tx, audit, cases, directory};

use super::import::By;
use super::office::{Office, read_items};

/// Why somebody can't be forgotten now; then nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// The address is no client's person.
    #[error("{0}")]
    NobodyToForget(String),
    /// What must be settled first, each with its mend.
    #[error("not yet:\n  {}", .0.join("\n  "))]
    NotYet(Vec<String>),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was forgotten, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What stands in the person's place.
    pub pseudonym: PersonKey,
    /// How much.
    pub counts: Forgotten,
}

impl Report {
    /// Whether nothing of the person was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts == Forgotten::default()
    }
}

/// A desk that is to forget somebody.
pub struct Forgetting<'a> {
    /// The store.
    pub db: &'a Db,
    /// The bytes of mails and letters.
    pub raw: &'a RawMails,
    /// The desk.
    pub office: &'a Office,
    /// Who asked for it, why, when.
    pub by: By,
}

impl Forgetting<'_> {
    /// Forgets the person with that address, in one transaction; then the files of large mails go. A rehearsal changes
    /// nothing and gives the same answer.
    ///
    /// # Errors
    /// [`ForgetError`]; then nothing was changed. When the files can't be removed, the next start does it.
    pub async fn forget(&self, address: &Address, is_rehearsal: bool) -> Result<Report, ForgetError> {
        let desk = self.office.code();
        // Read beside all other work: it takes its time.
        let mut tx = self.db.begin().await?;
        let items = read_items(directory::list_in(&mut tx, desk).await?)?;
        let who = self.identity(&mut tx, &items, address).await?;
        drop(tx);
        let naming = self.naming(&who).await?;
        let mut tx = self.db.begin_for(desk).await?;
        let items = read_items(directory::list_in(&mut tx, desk).await?)?;
        let who = self.identity(&mut tx, &items, address).await?;
        let cases = forgetting::list_cases(&mut tx, desk, &who).await?;
        let hindrances = self.hindrances(&mut tx, &who, &items, &cases).await?;
        if !hindrances.is_empty() {
            return Err(ForgetError::NotYet(hindrances));
        }
        let mut counts = forgetting::save_forgotten(&mut tx, desk, &who, &cases, self.by.at).await?;
        for one in naming {
            counts.raw_mails += forgetting::end_bytes(&mut tx, desk, one, self.by.at).await?;
        }
        counts.items = self.forget_items(&mut tx, &who, &items).await?;
        let report = Report { pseudonym: who.pseudonym.clone(), counts };
        if is_rehearsal || report.is_empty() {
            return Ok(report);
        }
        self.note(&mut tx, &who, &report).await?;
        directory::save_version(&mut tx, desk).await?;
        tx.commit().await?;
        self.raw.end_files(self.db).await?;
        Ok(report)
    }

    /// All by which they are known.
    async fn identity(&self, tx: &mut Tx, items: &[StoredItem], address: &Address) -> Result<Identity, ForgetError> {
        if let Some(mailbox) = self.office.mailboxes.iter().find(|mailbox| mailbox.receives(address)) {
            let what =
                format!("{address} is the desk's own address (mailbox {}): it is nobody to forget", mailbox.name);
            return Err(ForgetError::NobodyToForget(what));
        }
        let has_address = |stored: &&StoredItem| {
            let body = &stored.item.body;
            let many = body["addresses"].as_array().into_iter().flatten();
            let mut own = many.chain(body.get("address")).filter_map(|value| value.as_str());
            own.any(|own| own.eq_ignore_ascii_case(address.as_str()))
        };
        let owners = || items.iter().filter(has_address).filter(|stored| stored.item.kind != ItemKind::Client);
        if let Some(other) = owners().find(|stored| stored.item.kind != ItemKind::Person) {
            let what = match other.item.kind {
                ItemKind::Expert => "their name tells in the ledger whose work it is, which a firm must keep",
                _ => "take the address out of the directory first",
            };
            let (kind, key) = (other.item.kind, &other.item.key);
            return Err(ForgetError::NobodyToForget(format!("{address} is that of {kind} {key}: {what}")));
        }
        let person = owners().find(|stored| stored.ended_at.is_none()).or_else(|| owners().next());
        let key = person.and_then(|stored| PersonKey::new(stored.item.key.as_str()).ok());
        let mut addresses = vec![address.clone()];
        let mut names = Vec::new();
        if let Some(stored) = person {
            let declared = stored.item.body["addresses"].as_array().into_iter().flatten();
            addresses.extend(declared.filter_map(|value| Address::new(value.as_str()?).ok()));
            names.extend(stored.item.body["name"].as_str().map(str::to_owned));
        }
        addresses.sort();
        addresses.dedup();
        for address in &addresses {
            names.extend(forgetting::list_names(tx, self.office.code(), address.as_str()).await?);
        }
        // Who writes in somebody else's name must not take it from them.
        names.retain(|name| {
            let is_other = |item: &Item| {
                Some(item.key.as_str()) != key.as_ref().map(PersonKey::as_str)
                    && item.body["name"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(name))
            };
            *name != self.office.facts.name && !items.iter().any(|stored| is_other(&stored.item))
        });
        let who = key.as_ref().map_or(address.as_str(), PersonKey::as_str);
        let pseudonym = self.office.keys.pseudonym(&self.office.facts.code, who);
        let pseudonym = PersonKey::new(pseudonym).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
        Ok(Identity::new(key, addresses, names, pseudonym))
    }

    /// The mails and letters whose bytes name an address of theirs and are needed no more.
    async fn naming(&self, who: &Identity) -> Result<Vec<(bool, i64)>, StoreError> {
        let desk = self.office.code();
        let mut naming = Vec::new();
        for of_letters in [false, true] {
            let mut behind = i64::MIN;
            loop {
                let some = forgetting::list_bytes(self.db, desk, of_letters, behind).await?;
                let Some((last, _)) = some.last() else { break };
                behind = *last;
                for (number, digest) in some {
                    match self.raw.find(self.db, desk, &digest).await {
                        Ok(bytes) if who.stands_in(&bytes) => naming.push((of_letters, number)),
                        Ok(_) | Err(StoreError::Gone(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Ok(naming)
    }

    /// What must be settled before, each with its mend.
    async fn hindrances(
        &self,
        tx: &mut Tx,
        who: &Identity,
        items: &[StoredItem],
        cases: &[i64],
    ) -> Result<Vec<String>, StoreError> {
        let desk = self.office.code();
        let today = self.office.facts.time_zone.to_datetime(self.by.at).date();
        let living = items.iter().filter(|stored| stored.ended_at.is_none() && mentions(who, &stored.item));
        let mut told: Vec<String> = living.filter_map(|stored| hindrance(stored, who, today)).collect();
        let mut open = Vec::new();
        for case_no in cases {
            let Some(case) = cases::find(tx, desk, *case_no).await? else { continue };
            if !matches!(case.status, Status::Resolved | Status::Closed | Status::Merged) {
                open.push(format!("{} ({})", case.number, case.status));
            }
        }
        if !open.is_empty() {
            told.push(format!("they take part in open cases, {}: resolve these first", open.join(", ")));
        }
        let held = forgetting::list_held(tx, desk, who).await?;
        if !held.is_empty() {
            let held: Vec<String> = held.iter().map(|number| format!("R-{number}")).collect();
            told.push(format!("the coordinator has not decided their request {} yet", held.join(", ")));
        }
        let waiting = forgetting::list_waiting(tx, desk, who, cases).await?;
        if !waiting.is_empty() {
            let waiting: Vec<String> = waiting.iter().map(ToString::to_string).collect();
            let what = "are still to go to them or on their cases: wait, or casepost outbox drop what is held";
            told.push(format!("letters {} {what}", waiting.join(", ")));
        }
        Ok(told)
    }

    async fn forget_items(&self, tx: &mut Tx, who: &Identity, items: &[StoredItem]) -> Result<u64, StoreError> {
        let mut count = 0;
        for stored in items.iter().filter(|stored| mentions(who, &stored.item)) {
            let Item { kind, key, body } = &stored.item;
            let body = who.redact_json(&body.to_string(), |text| without_name(who, text));
            let new_key = who.redact_record(key);
            forgetting::save_item(tx, self.office.code(), (kind.as_str(), key), (&new_key, &body), self.by.at).await?;
            count += 1;
        }
        Ok(count)
    }

    async fn note(&self, tx: &mut Tx, who: &Identity, report: &Report) -> Result<(), StoreError> {
        let desk = self.office.code();
        let mut numbers = Numbers::list(tx, desk).await?;
        let Forgotten { mails, letters, cases, requests, raw_mails, redacted, items } = report.counts;
        let line = AuditLine {
            at: self.by.at,
            actor: self.by.actor.clone(),
            action: "forget-person".into(),
            case_no: None,
            fingerprint: None,
            position: None,
            reason: who.redact_closely(&self.by.reason).into_owned(),
            detail: format!(
                "{}: {mails} mails, {letters} letters, {requests} requests, {cases} cases; {raw_mails} raw mails deleted, \
                 {redacted} rows redacted, {items} declarations ended",
                report.pseudonym
            ),
        };
        audit::record(tx, desk, &mut numbers, &line).await?;
        numbers.save(tx, desk).await
    }
}

/// Whether a declaration names them.
fn mentions(who: &Identity, item: &Item) -> bool {
    let body = item.body.to_string();
    let is_own = item.kind == ItemKind::Person && who.key.as_ref().is_some_and(|key| key.as_str() == item.key);
    is_own || who.redact_json(&body, str::to_owned) != body
}

/// A name as a declaration has it: wholly theirs, or untouched but for what names them in it.
fn without_name(who: &Identity, text: &str) -> String {
    if who.names.iter().any(|name| name == text) { who.pseudonym.to_string() } else { who.redact(text).into_owned() }
}

/// Why a declaration that holds must be changed first; nothing where it ends with the person.
fn hindrance(stored: &StoredItem, who: &Identity, today: Date) -> Option<String> {
    let StoredItem { item, source, .. } = stored;
    let (kind, key) = (item.kind, &item.key);
    let is_own = kind == ItemKind::Person && who.key.as_ref().is_some_and(|own| own.as_str() == key);
    let until = item.body["until"].as_str().and_then(|day| day.parse::<Date>().ok());
    let is_over = kind == ItemKind::Position && until.is_some_and(|until| until < today);
    if !is_own && !is_over {
        let mend = match kind {
            ItemKind::Position => "end it or hand it over first (casepost position hand-over)",
            _ => "take them out of it first",
        };
        return Some(format!("{kind} {key} names them: {mend}"));
    }
    if source == COMMAND_SOURCE {
        return None;
    }
    Some(format!("{kind} {key} stands in {source}, whose next import would declare them again: take it out and import"))
}
