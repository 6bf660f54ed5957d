//! One desk at work: its settings, keys, words and directory, as the flows need them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::config::{self, Config, ReplyAddress};
use crate::domain::address::{Address, NamedAddress};
use crate::domain::decision::{DeskFacts, MailboxFacts};
use crate::domain::directory::{Directory, Item, ItemKind, StoredItem};
use crate::domain::identity::{Keys, ReplyLocal};
use crate::domain::message::Message;
use crate::domain::names::{ClientCode, MailboxName};
use crate::domain::retention::KeepFor;
use crate::domain::strip_card::Account;
use crate::store::{Db, StoreError, Tx, directory};
use crate::templates::{Letterhead, Logo, TemplateError, Templates};

use super::stationery::Stationery;

/// How long a mail waits for a DNS answer that failed for a moment before it counts as unproven.
const PROOF_PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// One desk at work.
pub struct Office {
    /// What the rules may know of it.
    pub facts: DeskFacts,
    /// Its installation tag in subjects.
    pub subject_tag: String,
    /// The domain of its Message-IDs.
    pub host: String,
    /// The secrets of the installation.
    pub keys: Arc<Keys>,
    /// Its words and looks.
    pub stationery: Arc<Stationery>,
    /// Its mailboxes.
    pub mailboxes: Vec<OfficeMailbox>,
    /// How many automatic letters go to one address, and how many of them on one case, within the window.
    pub caps: Caps,
    /// Whether weekly summaries go out by themselves.
    pub sends_summaries: bool,
    /// For how long raw mail is kept where a client's declaration says nothing else.
    pub keep_raw_for: KeepFor,
    /// Whether letters wait until a person lets them go.
    pub holds_letters: bool,
    directory: Mutex<Option<(i64, Arc<Directory>)>>,
    accounts: Mutex<(i64, HashMap<ClientCode, Arc<Account>>)>,
}

/// Caps on automatic letters.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// To one address.
    pub per_address: i64,
    /// To one address on one case.
    pub per_case: i64,
    /// Within so long.
    pub window: SignedDuration,
}

/// A mailbox as the flows need it.
#[derive(Debug, Clone)]
pub struct OfficeMailbox {
    /// Its name in the configuration.
    pub name: MailboxName,
    /// Its support address.
    pub address: Address,
    /// How reply addresses are made.
    pub reply_address: ReplyAddress,
    /// Where reports on letters go that leave for this mailbox.
    pub bounce_address: Address,
}

impl OfficeMailbox {
    /// As it is configured, for those who only ask about addresses: without the desk's own bounce address.
    #[must_use]
    pub fn of(mailbox: &config::Mailbox) -> Self {
        Self {
            name: mailbox.name.clone(),
            address: mailbox.address.clone(),
            reply_address: mailbox.reply_address.clone(),
            bounce_address: mailbox.address.clone(),
        }
    }

    /// What the rules may know of it.
    #[must_use]
    pub fn facts(&self, is_junk: bool) -> MailboxFacts {
        MailboxFacts { address: self.address.clone(), is_junk }
    }

    /// The address to which answers about a case or request come back.
    #[must_use]
    pub fn reply_to(&self, local: Option<&ReplyLocal>) -> Address {
        let plain = self.address.clone();
        let Some(local) = local else { return plain };
        let made = match &self.reply_address {
            ReplyAddress::Plus => format!("{}+{local}@{}", plain.local(), plain.domain()),
            ReplyAddress::CatchAll(domain) => format!("{local}@{}", domain.as_str()),
            ReplyAddress::None => return plain,
        };
        Address::new(&made).unwrap_or(plain)
    }

    /// Whether mail to this address comes into this mailbox.
    #[must_use]
    pub fn receives(&self, address: &Address) -> bool {
        let own = &self.address;
        *address == *own
            || match &self.reply_address {
                ReplyAddress::Plus => {
                    let plus = address.local().strip_prefix(own.local()).is_some_and(|rest| rest.starts_with('+'));
                    plus && address.domain() == own.domain()
                }
                ReplyAddress::CatchAll(domain) => address.domain() == domain.as_str(),
                ReplyAddress::None => false,
            }
    }

    /// Reads a reply address that [`OfficeMailbox::reply_to`] made, or one with any token.
    #[must_use]
    pub fn read_reply_address(&self, address: &Address) -> Option<ReplyLocal> {
        match &self.reply_address {
            ReplyAddress::Plus if address.domain() == self.address.domain() => {
                ReplyLocal::read(address.local().strip_prefix(self.address.local())?.strip_prefix('+')?)
            }
            ReplyAddress::CatchAll(domain) if address.domain() == domain.as_str() => ReplyLocal::read(address.local()),
            _ => None,
        }
    }
}

impl Office {
    /// Opens the desk as it is configured.
    ///
    /// # Errors
    /// When a template of the desk is broken, its logo unfit, or nothing is written in its language.
    pub fn open(config: &Config, desk: &config::Desk, keys: Arc<Keys>) -> Result<Office, TemplateError> {
        let limits = &config.limits;
        let mailboxes = config.mailboxes_of(&desk.code).map(|mailbox| OfficeMailbox {
            bounce_address: mailbox.bounce_address(desk),
            ..OfficeMailbox::of(mailbox)
        });
        let mailboxes: Vec<OfficeMailbox> = mailboxes.collect();
        let templates = Templates::load(desk.templates.as_deref())?;
        templates.check_language(desk.language)?;
        let logo = desk.logo.as_deref().map(Logo::read).transpose()?;
        let letterhead = letterhead(config, desk, logo.as_ref());
        Ok(Office {
            facts: DeskFacts {
                code: desk.code.clone(),
                name: desk.name.clone(),
                language: desk.language,
                time_zone: desk.time_zone.clone(),
                alarm_to: desk.alarm_to.clone(),
                storm_limit: i64::from(limits.new_cases_per_sender_per_hour),
                proof_patience: PROOF_PATIENCE,
                transcript_frames: templates.transcript_frames(&letterhead)?,
            },
            subject_tag: desk.subject_tag.clone(),
            host: desk.host.clone(),
            keys,
            stationery: Arc::new(Stationery { templates, letterhead, logo }),
            mailboxes,
            caps: Caps {
                per_address: i64::from(limits.automatic_letters_per_address),
                per_case: i64::from(limits.automatic_letters_per_case),
                window: SignedDuration::from_mins(i64::from(limits.automatic_letters_window_minutes)),
            },
            sends_summaries: desk.weekly_summaries,
            keep_raw_for: desk.keep_raw_for,
            holds_letters: config.outlet.delivery.holds_letters(),
            directory: Mutex::new(None),
            accounts: Mutex::default(),
        })
    }

    /// The mail without our own logo, which comes back in the quotes of answers: it is no file of its sender.
    #[must_use]
    pub fn without_logo(&self, mut message: Message) -> Message {
        if let Some(logo) = &self.stationery.logo {
            message.attachments.retain(|file| file.bytes != logo.bytes);
        }
        message
    }

    /// Whether mail to this address comes to the desk.
    #[must_use]
    pub fn receives(&self, address: &Address) -> bool {
        self.mailboxes.iter().any(|mailbox| mailbox.receives(address))
    }

    /// The desk's code as text.
    #[must_use]
    pub fn code(&self) -> &str {
        self.facts.code.as_str()
    }

    /// The directory as it is in this transaction; a copy in memory serves until the version changes.
    ///
    /// # Errors
    /// What the database said, or an item that can't be read.
    pub async fn directory(&self, tx: &mut Tx) -> Result<Arc<Directory>, StoreError> {
        let version = directory::find_version(tx, self.code()).await?;
        if let Ok(kept) = self.directory.lock()
            && let Some((kept_version, kept)) = &*kept
            && *kept_version == version
        {
            return Ok(Arc::clone(kept));
        }
        let items = read_items(directory::list_in(tx, self.code()).await?)?;
        let read = Directory::from_items(&items, self.facts.time_zone.clone())
            .map_err(|e| StoreError::Inconsistent(e.to_string()))?;
        let read = Arc::new(read);
        if let Ok(mut kept) = self.directory.lock() {
            *kept = Some((version, Arc::clone(&read)));
        }
        Ok(read)
    }

    /// The directory as it is now, outside of any transaction; a copy in memory serves until the version changes.
    ///
    /// # Errors
    /// What the database said, or an item that can't be read.
    pub async fn directory_now(&self, db: &Db) -> Result<Arc<Directory>, StoreError> {
        let version = directory::find_version_now(db, self.code()).await?;
        if let Ok(kept) = self.directory.lock()
            && let Some((kept_version, kept)) = &*kept
            && *kept_version == version
        {
            return Ok(Arc::clone(kept));
        }
        read_directory(db, self.code(), self.facts.time_zone.clone()).await.map(Arc::new)
    }

    /// The account of a client while the next entry of the desk's ledger has this number: each entry takes one, so
    /// nothing was booked since.
    #[must_use]
    pub fn account(&self, next_entry: i64, client: &ClientCode) -> Option<Arc<Account>> {
        let kept = self.accounts.lock().ok()?;
        kept.1.get(client).filter(|_| kept.0 == next_entry).cloned()
    }

    /// Keeps an account as it was when the next entry had this number, all before it being committed.
    pub fn keep_account(&self, next_entry: i64, client: &ClientCode, account: &Arc<Account>) {
        if let Ok(mut kept) = self.accounts.lock() {
            if kept.0 != next_entry {
                *kept = (next_entry, HashMap::new());
            }
            kept.1.insert(client.clone(), Arc::clone(account));
        }
    }

    /// The sender that stands in From: a person's name before the desk's where they wrote, else the desk's.
    #[must_use]
    pub fn from(&self, mailbox: &OfficeMailbox, writer: Option<&str>) -> NamedAddress {
        let name = writer.map_or_else(|| self.facts.name.clone(), |writer| format!("{writer} via {}", self.facts.name));
        NamedAddress::new(&name, mailbox.address.clone())
    }
}

/// What the desk puts on each letter, as it is configured.
#[must_use]
pub fn letterhead(config: &Config, desk: &config::Desk, logo: Option<&Logo>) -> Letterhead {
    let mailbox = config.mailboxes_of(&desk.code).next();
    Letterhead {
        desk_name: desk.name.clone(),
        desk_address: mailbox.map_or_else(String::new, |mailbox| mailbox.address.to_string()),
        subject_tag: desk.subject_tag.clone(),
        colour: desk.colour.clone(),
        footer: desk.footer.clone(),
        logo: logo.map(|logo| logo.content_id.clone()),
    }
}

/// Rows of the directory as items.
///
/// # Errors
/// [`StoreError::Inconsistent`] for a kind or body that can't be read.
pub fn read_items(rows: Vec<directory::ItemRow>) -> Result<Vec<StoredItem>, StoreError> {
    rows.into_iter()
        .map(|row| {
            let bad =
                |what: String| StoreError::Inconsistent(format!("directory item {}/{}: {what}", row.kind, row.key));
            let kind = ItemKind::parse(&row.kind).ok_or_else(|| bad("unknown kind".into()))?;
            let body = serde_json::from_str(&row.body).map_err(|e| bad(e.to_string()))?;
            let item = Item { kind, key: row.key.clone(), body };
            Ok(StoredItem { item, source: row.source.clone(), ended_at: row.ended_at })
        })
        .collect()
}

/// The directory of a desk, read outside of any transaction.
///
/// # Errors
/// What the database said, or an item that can't be read.
pub async fn read_directory(db: &Db, desk: &str, zone: jiff::tz::TimeZone) -> Result<Directory, StoreError> {
    let items = read_items(directory::list(db, desk).await?)?;
    Directory::from_items(&items, zone).map_err(|e| StoreError::Inconsistent(e.to_string()))
}

/// A moment some time ago.
#[must_use]
pub fn ago(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_sub(span).unwrap_or(Timestamp::MIN)
}
