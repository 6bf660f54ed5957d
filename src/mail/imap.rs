//! A folder on an IMAP server as an inlet (RFC 3501, with IDLE, MOVE and UIDPLUS where offered).
//!
//! Flags are nobody's state here: a message that a human has read is listed like any other, and
//! fetching never marks it. While a command runs the connection is out of its place, so a call that
//! fails or is dropped half-way leaves no connection behind on which answers could be mixed up.

mod answers;
mod server;
mod text;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use imap_proto::{MailboxDatum, Response, ResponseCode};
use jiff::Timestamp;
use tokio::time::Instant;

use self::answers::{take_body, take_folder, take_listed};
pub use self::server::{ImapServer, Timeouts, TlsMode};
use self::text::{quoted_folder, search_day, uid_set};
use self::wire::{Confirmed, Connection};
use super::inbox::{
    Fetched, FetchedSet, Filing, FolderState, InboxError, InboxReport, Listed, Raw, Result, SizeLimit, Uid,
};

/// Messages of a set whose sizes are asked, or that are filed, in one command.
const SET_OF_UIDS: usize = 200;
/// Messages of a set whose bodies are asked in one command.
const SET_OF_BODIES: usize = 50;
/// Bytes of bodies that are asked in one command.
const SET_OF_BYTES: u64 = 16 << 20;
/// The slowest line on which a large message is still waited for, in bytes a second.
const SLOWEST_LINE: u64 = 32 << 10;
/// How long is waited between two looks at a server that cannot tell of news itself.
const POLL_EVERY: Duration = Duration::from_secs(60);

/// A mailbox on an IMAP server. It connects when it is first used.
#[derive(Debug)]
pub struct ImapInbox {
    server: ImapServer,
    limit: SizeLimit,
    connection: Option<Connection>,
    folder: Option<(String, FolderState)>,
    /// Messages that were copied but could not be removed yet, by folder and UIDVALIDITY: they are not copied a
    /// second time.
    all_copied: BTreeMap<(String, u32), BTreeSet<u32>>,
    is_idle_refused: bool,
}

impl ImapInbox {
    /// A mailbox that is not connected yet.
    #[must_use]
    pub fn new(server: ImapServer, limit: SizeLimit) -> Self {
        Self { server, limit, connection: None, folder: None, all_copied: BTreeMap::new(), is_idle_refused: false }
    }

    pub(super) async fn open(&mut self) -> Result<()> {
        self.connection = Some(self.connected().await?);
        Ok(())
    }

    pub(super) async fn select(&mut self, folder: &str) -> Result<FolderState> {
        let mut connection = self.connected().await?;
        let state = select_on(&mut connection, folder).await;
        self.keep(connection, state.as_ref().err());
        let state = state?;
        self.all_copied.retain(|(name, uid_validity), _| name != folder || *uid_validity == state.uid_validity);
        self.folder = Some((folder.to_owned(), state));
        Ok(state)
    }

    pub(super) async fn list_new(&mut self, after: Option<u32>, since: Option<Timestamp>) -> Result<Vec<Listed>> {
        let Some(first) = after.unwrap_or(0).checked_add(1) else { return Ok(Vec::new()) };
        // A server may tell of new messages only at the end of a command.
        self.run("NOOP", "NOOP", |_| false).await?;
        let day = since.map(|since| format!(" SINCE {}", search_day(since))).unwrap_or_default();
        let mut uids = self.search(&format!("UID {first}:*{day}")).await?;
        // RFC 3501 section 6.4.8: `n:*` names the last message also if its uid is below n.
        uids.retain(|&uid| uid >= first);
        let mut listed = Vec::new();
        for set in uids.chunks(SET_OF_UIDS) {
            listed.extend(self.describe(set).await?.into_values());
        }
        listed.retain(|mail| since.is_none_or(|since| mail.arrived_at >= since));
        Ok(listed)
    }

    pub(super) async fn fetch(&mut self, uids: &[Uid]) -> Result<FetchedSet> {
        let numbers = numbers(uids);
        let mails = match self.fetch_set(&numbers).await {
            // RFC 5530: somebody else expunged one of them. After a NOOP the server knows it too.
            Err(InboxError::Refused { text, .. }) if is_expunged(&text) => {
                self.run("NOOP", "NOOP", |_| false).await?;
                self.fetch_set(&numbers).await?
            }
            other => other?,
        };
        Ok(in_asked_order(uids, mails))
    }

    async fn fetch_set(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Fetched>> {
        let mut mails = BTreeMap::new();
        for set in uids.chunks(SET_OF_UIDS) {
            let described = self.describe(set).await?;
            for part in parts_of(&described, self.limit) {
                let bodies = self.bodies(&part).await?;
                for (uid, bytes) in bodies {
                    if let Some(listed) = described.get(&uid) {
                        mails.insert(uid, self.as_fetched(listed, bytes));
                    }
                }
            }
            let missing: Vec<u32> = described.into_keys().filter(|uid| !mails.contains_key(uid)).collect();
            self.make_sure_gone(&missing).await?;
        }
        Ok(mails)
    }

    /// A message that was described, but whose bytes did not come, was removed in between, or else the
    /// server keeps something from us: that must not pass for "gone".
    async fn make_sure_gone(&mut self, uids: &[u32]) -> Result<()> {
        if uids.is_empty() {
            return Ok(());
        }
        self.run("NOOP", "NOOP", |_| false).await?;
        match self.describe(uids).await?.into_keys().next() {
            Some(uid) => Err(without_bytes(uid)),
            None => Ok(()),
        }
    }

    /// Sizes are not to be trusted: what came decides.
    fn as_fetched(&self, listed: &Listed, mut bytes: Vec<u8>) -> Fetched {
        let came = bytes.len() as u64;
        let is_whole = listed.size <= self.limit.whole && came <= self.limit.whole;
        let size = if is_whole { came } else { came.max(listed.size) };
        let raw = if is_whole {
            Raw::Whole(bytes)
        } else {
            bytes.truncate(usize::try_from(self.limit.head).unwrap_or(usize::MAX));
            Raw::TooLarge { head: bytes }
        };
        Fetched { uid: listed.uid.clone(), arrived_at: listed.arrived_at, size, raw }
    }

    pub(super) async fn file_away(&mut self, uids: &[Uid], into: &str) -> Result<()> {
        for set in numbers(uids).chunks(SET_OF_UIDS) {
            match self.file_set(set, into).await {
                // Somebody removed the folder since we made sure of it.
                Err(InboxError::Refused { text, .. }) if text.contains("TRYCREATE") => {
                    if let Some(connection) = &mut self.connection {
                        connection.filing = None;
                    }
                    self.file_set(set, into).await?;
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn file_set(&mut self, uids: &[u32], into: &str) -> Result<()> {
        let folder = quoted_folder(&self.filing_folder(into).await?);
        let set = uid_set(uids);
        if self.can("MOVE").await? {
            self.run("MOVE", &format!("UID MOVE {set} {folder}"), |_| false).await?;
            return Ok(());
        }
        let present = self.search(&format!("UID {set}")).await?;
        let copied = self.copied();
        let to_copy: Vec<u32> = present.iter().copied().filter(|uid| !copied.contains(uid)).collect();
        if !to_copy.is_empty() {
            self.run("COPY", &format!("UID COPY {} {folder}", uid_set(&to_copy)), |_| false).await?;
            self.copied().extend(to_copy);
        }
        if present.is_empty() {
            return Ok(());
        }
        let ours = uid_set(&present);
        self.run("STORE", &format!("UID STORE {ours} +FLAGS.SILENT (\\Deleted)"), |_| false).await?;
        self.expunge(&present).await
    }

    /// What was copied out of the selected folder.
    fn copied(&mut self) -> &mut BTreeSet<u32> {
        let key =
            self.folder.as_ref().map_or_else(Default::default, |(name, state)| (name.clone(), state.uid_validity));
        self.all_copied.entry(key).or_default()
    }

    /// Removes messages that stand in the filing folder. A server without UIDPLUS can only remove all
    /// that carry the \Deleted flag: then nothing is removed as long as others' messages carry it.
    async fn expunge(&mut self, uids: &[u32]) -> Result<()> {
        if self.can("UIDPLUS").await? {
            self.run("EXPUNGE", &format!("UID EXPUNGE {}", uid_set(uids)), |_| false).await?;
        } else {
            let deleted = self.search("DELETED").await?;
            let copied = self.copied();
            if deleted.iter().any(|uid| !copied.contains(uid)) {
                return Ok(());
            }
            self.run("EXPUNGE", "EXPUNGE", |_| false).await?;
        }
        self.copied().retain(|uid| !uids.contains(uid));
        Ok(())
    }

    pub(super) async fn wait_for_news(&mut self, at_most: Duration) -> Result<()> {
        let mut connection = self.ready().await?;
        if !connection.can("IDLE") || self.is_idle_refused {
            self.connection = Some(connection);
            tokio::time::sleep(at_most.min(POLL_EVERY)).await;
            return self.run("NOOP", "NOOP", |_| false).await.map(|_| ());
        }
        let at_most = at_most.min(self.server.timeouts.idle);
        // A token that is about to expire ends the waiting: then it is time to log in anew.
        let at_most = connection.renew_at.map_or(at_most, |at| at_most.min(at.duration_since(Instant::now())));
        let result = connection.idle(at_most).await;
        if let Err(InboxError::Refused { .. }) = &result {
            self.is_idle_refused = true;
        }
        self.keep(connection, result.as_ref().err());
        result
    }

    pub(super) async fn check(&mut self, folder: &str) -> Result<InboxReport> {
        let state = self.select(folder).await?;
        let mut folders = Vec::new();
        self.run("LIST", "LIST \"\" \"*\"", |answer| take_folder(answer, &mut folders)).await?;
        let connection = self.ready().await?;
        let capabilities = connection.capabilities.clone();
        self.connection = Some(connection);
        Ok(InboxReport {
            folders: folders.into_iter().map(|(name, _)| name).collect(),
            folder: state,
            tells_news: capabilities.contains("IDLE"),
            moves: capabilities.contains("MOVE"),
            capabilities,
        })
    }

    pub(super) async fn log_out(&mut self) -> Result<()> {
        if let Some(mut connection) = self.connection.take() {
            // The server answers with a goodbye, which any other command takes for a broken line.
            match connection.run_patiently("LOGOUT", "LOGOUT", self.server.timeouts.done, |_| false).await {
                Ok(_) | Err(InboxError::Connection(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// The uids that match, ascending.
    async fn search(&mut self, what: &str) -> Result<Vec<u32>> {
        let mut uids = BTreeSet::new();
        self.run("SEARCH", &format!("UID SEARCH {what}"), |answer| match answer {
            Response::MailboxData(MailboxDatum::Search(found)) => {
                uids.extend(found.iter().copied());
                true
            }
            _ => false,
        })
        .await?;
        Ok(uids.into_iter().collect())
    }

    /// Time of arrival and size of those that are still there.
    async fn describe(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Listed>> {
        if uids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut found = BTreeMap::new();
        let command = format!("UID FETCH {} (UID INTERNALDATE RFC822.SIZE)", uid_set(uids));
        self.run("FETCH", &command, |answer| take_listed(answer, &mut found)).await?;
        found.retain(|uid, _| uids.contains(uid));
        found
            .into_iter()
            .map(|(uid, (arrived_at, size))| {
                let arrived_at = arrived_at
                    .ok_or_else(|| InboxError::Protocol(format!("message {uid} has no readable INTERNALDATE")))?;
                Ok((uid, Listed { uid: Uid::Imap(uid), arrived_at, size }))
            })
            .collect()
    }

    async fn bodies(&mut self, part: &Part) -> Result<BTreeMap<u32, Vec<u8>>> {
        let slice = part.head.map(|head| format!("<0.{head}>")).unwrap_or_default();
        let command = format!("UID FETCH {} (UID BODY.PEEK[]{slice})", uid_set(&part.uids));
        let patience = self.server.timeouts.fetch_item + Duration::from_secs(part.largest / SLOWEST_LINE);
        let mut bodies = BTreeMap::new();
        self.run_patiently("FETCH", &command, patience, |answer| take_body(answer, &mut bodies)).await?;
        bodies.retain(|uid, _| part.uids.contains(uid));
        bodies
            .into_iter()
            .map(|(uid, body)| match body {
                Some(bytes) => Ok((uid, bytes)),
                // NIL: the message is there, but the server cannot read it. That is not "gone".
                None => Err(without_bytes(uid)),
            })
            .collect()
    }

    /// The filing folder's name on the server; it is created if need be. Some servers keep all
    /// folders below INBOX, with a delimiter of their own.
    async fn filing_folder(&mut self, wanted: &str) -> Result<String> {
        let known = self.connection.as_ref().and_then(|connection| connection.filing.clone());
        if let Some((_, actual)) = known.filter(|(name, _)| name == wanted) {
            return Ok(actual);
        }
        let Places { found, plain, below } = self.look_for(wanted).await?;
        let actual = match found {
            Some(name) => name,
            None => match self.create(&plain).await {
                Err(InboxError::Refused { .. }) => self.create(&below).await.map(|()| below)?,
                other => other.map(|()| plain)?,
            },
        };
        if let Some(connection) = &mut self.connection {
            connection.filing = Some((wanted.to_owned(), actual.clone()));
        }
        Ok(actual)
    }

    /// Where the filing folder is or may be made. The folders that the server lists tell the delimiter.
    async fn look_for(&mut self, wanted: &str) -> Result<Places> {
        let mut folders = Vec::new();
        self.run("LIST", "LIST \"\" \"*\"", |answer| take_folder(answer, &mut folders)).await?;
        let delimiter = folders.iter().find_map(|(_, delimiter)| delimiter.clone()).unwrap_or_else(|| "/".into());
        let plain = wanted.replace('/', &delimiter);
        let below = format!("INBOX{delimiter}{plain}");
        let found = [&plain, &below].into_iter().find(|name| folders.iter().any(|(folder, _)| folder == *name));
        Ok(Places { found: found.cloned(), plain, below })
    }

    /// What a server says of the state of a folder that is not there tells whether it would take the name
    /// (RFC 5530: CANNOT, NOPERM).
    pub(super) async fn find_filing(&mut self, wanted: &str) -> Result<Filing> {
        let Places { found, plain, below } = self.look_for(wanted).await?;
        if let Some(name) = found {
            return Ok(Filing::There(name));
        }
        let mut refusal = None;
        for folder in [plain, below] {
            match self.run("STATUS", &format!("STATUS {} (MESSAGES)", quoted_folder(&folder)), |_| false).await {
                Err(InboxError::Refused { text, .. }) if is_impossible(&text) => refusal = refusal.or(Some(text)),
                Err(InboxError::Refused { .. }) | Ok(_) => return Ok(Filing::Absent),
                Err(error) => return Err(error),
            }
        }
        Ok(refusal.map_or(Filing::Absent, |why| Filing::Impossible { why }))
    }

    pub(super) async fn list_newest(&mut self, count: usize) -> Result<Vec<Listed>> {
        self.run("NOOP", "NOOP", |_| false).await?;
        let uids = self.search("ALL").await?;
        let newest = &uids[uids.len().saturating_sub(count)..];
        Ok(self.describe(newest).await?.into_values().collect())
    }

    pub(super) async fn remove(&mut self, uids: &[Uid]) -> Result<()> {
        let set = uid_set(&numbers(uids));
        if set.is_empty() {
            return Ok(());
        }
        self.run("STORE", &format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| false).await?;
        if self.can("UIDPLUS").await? {
            self.run("EXPUNGE", &format!("UID EXPUNGE {set}"), |_| false).await?;
        }
        Ok(())
    }

    async fn create(&mut self, folder: &str) -> Result<()> {
        self.run("CREATE", &format!("CREATE {}", quoted_folder(folder)), |_| false).await.map(|_| ())
    }

    async fn can(&mut self, what: &str) -> Result<bool> {
        let connection = self.ready().await?;
        let can = connection.can(what);
        self.connection = Some(connection);
        Ok(can)
    }

    async fn run(
        &mut self,
        name: &'static str,
        command: &str,
        take: impl FnMut(&Response<'_>) -> bool,
    ) -> Result<Confirmed> {
        self.run_patiently(name, command, self.server.timeouts.command, take).await
    }

    async fn run_patiently(
        &mut self,
        name: &'static str,
        command: &str,
        patience: Duration,
        take: impl FnMut(&Response<'_>) -> bool,
    ) -> Result<Confirmed> {
        let mut connection = self.ready().await?;
        let result = connection.run_patiently(name, command, patience, take).await;
        self.keep(connection, result.as_ref().err());
        result
    }

    /// After a refusal the connection is still good; after anything else nobody knows.
    fn keep(&mut self, connection: Connection, error: Option<&InboxError>) {
        if matches!(error, None | Some(InboxError::Refused { .. })) {
            self.connection = Some(connection);
        }
    }

    async fn connected(&mut self) -> Result<Connection> {
        match self.connection.take() {
            Some(connection) if connection.renew_at.is_none_or(|at| Instant::now() < at) => Ok(connection),
            Some(mut connection) => {
                // What the server says to the goodbye of a connection that is given up matters to nobody.
                let _ = connection.run_patiently("LOGOUT", "LOGOUT", self.server.timeouts.done, |_| false).await;
                Connection::open(&self.server).await
            }
            None => Connection::open(&self.server).await,
        }
    }

    /// A connection with the folder selected. After a reconnection the uids must still mean the same.
    async fn ready(&mut self) -> Result<Connection> {
        let mut connection = self.connected().await?;
        if let Some((folder, before)) = &self.folder
            && connection.selected.as_deref() != Some(folder)
        {
            let state = select_on(&mut connection, folder).await?;
            if state.uid_validity != before.uid_validity {
                return Err(InboxError::Renumbered { folder: folder.clone() });
            }
        }
        Ok(connection)
    }
}

async fn select_on(connection: &mut Connection, folder: &str) -> Result<FolderState> {
    connection.selected = None;
    let mut uid_validity = None;
    let mut uid_next = None;
    let mut count = 0;
    let command = format!("SELECT {}", quoted_folder(folder));
    let done = connection
        .run("SELECT", &command, |answer| {
            match answer {
                Response::MailboxData(MailboxDatum::Exists(exists)) => count = *exists,
                Response::Data { outcome, .. } => match outcome.code {
                    Some(ResponseCode::UidValidity(number)) => uid_validity = Some(number),
                    Some(ResponseCode::UidNext(number)) => uid_next = Some(number),
                    _ => {}
                },
                _ => {}
            }
            false
        })
        .await?;
    if done.is_read_only {
        return Err(InboxError::Configuration(format!("the folder \"{folder}\" may only be read")));
    }
    let uid_validity =
        uid_validity.ok_or_else(|| InboxError::Protocol(format!("the folder \"{folder}\" has no UIDVALIDITY")))?;
    connection.selected = Some(folder.to_owned());
    Ok(FolderState { uid_validity, uid_next, count })
}

/// Messages whose bodies are asked in one command.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    uids: Vec<u32>,
    /// Only as many bytes of each.
    head: Option<u32>,
    /// The size of the largest, in bytes.
    largest: u64,
}

fn parts_of(described: &BTreeMap<u32, Listed>, limit: SizeLimit) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut bytes = 0;
    for (&uid, listed) in described {
        let head = (listed.size > limit.whole).then_some(limit.head);
        let size = head.map_or(listed.size, u64::from);
        match parts.last_mut() {
            Some(part) if part.head == head && part.uids.len() < SET_OF_BODIES && bytes + size <= SET_OF_BYTES => {
                part.uids.push(uid);
                part.largest = part.largest.max(size);
                bytes += size;
            }
            _ => {
                parts.push(Part { uids: vec![uid], head, largest: size });
                bytes = size;
            }
        }
    }
    parts
}

fn in_asked_order(uids: &[Uid], mut mails: BTreeMap<u32, Fetched>) -> FetchedSet {
    let mut set = FetchedSet::default();
    for uid in uids {
        let mail = match uid {
            Uid::Imap(number) => mails.remove(number),
            Uid::Maildir(_) => None,
        };
        match mail {
            Some(mail) => set.mails.push(mail),
            None => set.gone.push(uid.clone()),
        }
    }
    set
}

fn numbers(uids: &[Uid]) -> Vec<u32> {
    uids.iter()
        .filter_map(|uid| match uid {
            Uid::Imap(number) => Some(*number),
            Uid::Maildir(_) => None,
        })
        .collect()
}

fn without_bytes(uid: u32) -> InboxError {
    InboxError::Refused { command: "FETCH", text: format!("message {uid} has no bytes") }
}

/// The names that a filing folder has or may get.
struct Places {
    found: Option<String>,
    plain: String,
    below: String,
}

fn is_impossible(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["[cannot]", "[noperm]", "invalid", "not allowed", "permission denied"].iter().any(|words| text.contains(words))
}

fn is_expunged(text: &str) -> bool {
    text.contains("EXPUNGEISSUED") || text.contains("no longer exist")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sizes: &[u64], expected: &[(&[u32], Option<u32>, u64)]) {
        let described = sizes
            .iter()
            .zip(1..)
            .map(|(&size, uid)| (uid, Listed { uid: Uid::Imap(uid), arrived_at: Timestamp::UNIX_EPOCH, size }))
            .collect();
        let parts = parts_of(&described, SizeLimit { whole: 10 << 20, head: 100 });
        let expected: Vec<Part> =
            expected.iter().map(|&(uids, head, largest)| Part { uids: uids.to_vec(), head, largest }).collect();
        assert_eq!(parts, expected);
    }

    #[test]
    fn bodies_are_asked_in_parts_of_bounded_size() {
        const MB: u64 = 1 << 20;
        check(&[], &[]);
        check(&[5, 7, 6], &[(&[1, 2, 3], None, 7)]);
        check(&[10 * MB, 6 * MB, 1], &[(&[1, 2], None, 10 * MB), (&[3], None, 1)]);
        check(&[5, 11 * MB, 12 * MB, 6], &[(&[1], None, 5), (&[2, 3], Some(100), 100), (&[4], None, 6)]);
        let fifty: Vec<u32> = (1..=50).collect();
        check(&[1; 51], &[(&fifty, None, 1), (&[51], None, 1)]);
    }
}
