//! `casepost check --send`: a mail of casepost's own goes out by the outlet and has to come back, to the mailbox's address
//! and to a reply address of it. What came back tells how the way of a real answer is.
//!
//! The trials carry casepost's keyed mark, so a worker that reads them meanwhile takes them for its own and opens nothing.

mod verdict;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::config::{Config, Desk, InboxSettings, Mailbox, ReplyAddress};
use crate::desk::clock::Clock;
use crate::desk::secrets;
use crate::desk::worker::open_transport;
use crate::domain::address::{Address, NamedAddress};
use crate::domain::identity::{Keys, LetterCause, ReplyLocal};
use crate::domain::message::{Message, MessageId};
use crate::domain::names::PersonKey;
use crate::domain::notice::AutoSubmitted;
use crate::mail::compose::Draft;
use crate::mail::inbox::{Fetched, Filing, Inbox, InboxError, Uid};
use crate::mail::oauth::Tokens;
use crate::mail::outlet::{Envelope, Sent, Transport};
use crate::mail::parse::parse_header;

use super::mailbox::{filing_name, open, tell};
use super::{Findings, clock, trust};

/// How often the folders are looked at while a trial is on its way.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A case number that no case has, so that the trial's reply address is as long as a real one.
const NO_CASE: &str = "CHECK-2026-0000";

/// A mail on its way to ourselves.
struct Trial {
    to: Address,
    id: MessageId,
    mark: String,
    sent_at: Timestamp,
    begun: Instant,
}

/// One that came back.
struct Came {
    folder: String,
    /// Whether a worker filed it before we came to it.
    is_filed: bool,
    mail: Fetched,
    message: Message,
    seen_at: Timestamp,
    after: Duration,
}

/// What is needed for each mailbox.
pub(super) struct Sending<'a> {
    pub config: &'a Config,
    pub tokens: &'a Tokens,
    pub clock: Clock,
    /// How long a trial may be on its way.
    pub patience: Duration,
}

impl Sending<'_> {
    /// Sends the trials of each mailbox in turn, and tells what became of them.
    pub(super) async fn check(&self, found: &mut Findings) {
        let transport = match open_transport(self.config, self.tokens) {
            Ok(transport @ Transport::Smtp(_)) => transport,
            Ok(Transport::Folder(_)) => {
                let text = "letters go into a folder, so no mail can come back";
                return found.warn("round trip", text, "set [outlet.smtp] before you go live");
            }
            // The outlet told it.
            Err(_) => return,
        };
        let is_new = !self.config.key_file.exists();
        let keys = match secrets::load_or_make(&self.config.key_file) {
            Ok(keys) => keys,
            // The keys told it.
            Err(_) => return,
        };
        if is_new {
            let file = self.config.key_file.display();
            found.ok("keys", &format!("{file} was made now, to mark the trials: keep a copy with the database's"));
        }
        for mailbox in &self.config.mailboxes {
            let Some(desk) = self.config.desk(&mailbox.desk) else { continue };
            let round = Round { sending: self, transport: &transport, keys: &keys, desk, mailbox };
            round.go(found).await;
        }
    }
}

/// The trials of one mailbox.
struct Round<'a> {
    sending: &'a Sending<'a>,
    transport: &'a Transport,
    keys: &'a Keys,
    desk: &'a Desk,
    mailbox: &'a Mailbox,
}

impl Round<'_> {
    fn name(&self) -> String {
        format!("round trip of {}", self.mailbox.name)
    }

    fn reply_name(&self) -> String {
        format!("reply addresses of {}", self.mailbox.name)
    }

    async fn go(&self, found: &mut Findings) {
        // What keeps the mailbox from being opened was told already.
        let Ok(mut inbox) = open(self.mailbox, self.sending.tokens) else { return };
        if let Err(error) = self.go_round(found, &mut inbox).await {
            tell(found, &self.name(), &error, self.mailbox);
        }
        // What was said at the end changes nothing about what was found.
        let _ = inbox.log_out().await;
    }

    async fn go_round(&self, found: &mut Findings, inbox: &mut Inbox) -> Result<(), InboxError> {
        let mut watched = Watched::begin(inbox, self.mailbox).await?;
        let plain = match self.send(self.mailbox.address.clone()).await {
            Ok(trial) => trial,
            Err(why) => {
                let text = format!("the outlet refused a mail to {}: {why}", self.mailbox.address);
                let mend = "let the outlet take mail from and to this address, or mend address";
                found.fail(&self.name(), &text, mend);
                return Ok(());
            }
        };
        let reply = match self.reply_address() {
            Some(to) => Some((to.clone(), self.send(to).await)),
            None => None,
        };
        let trials: Vec<&Trial> =
            std::iter::once(&plain).chain(reply.iter().filter_map(|(_, t)| t.as_ref().ok())).collect();
        let mut came = watched.wait(inbox, &trials, self.sending).await?;
        let plain_came = came.remove(plain.id.as_str());
        self.tell_plain(found, &plain, plain_came.as_ref());
        let mut reply_came = None;
        match &reply {
            Some((to, Ok(trial))) => {
                reply_came = came.remove(trial.id.as_str());
                self.tell_reply(found, to, reply_came.as_ref());
            }
            Some((to, Err(why))) => self.fail_reply(found, &format!("the mail server refused {to}: {why}")),
            None => found
                .ok(&self.reply_name(), "there are none (reply_address): Message-IDs and subjects lead to the case"),
        }
        let all: Vec<&Came> = plain_came.iter().chain(&reply_came).collect();
        if let Some(one) = all.first() {
            self.tell_of(found, &plain, one);
        }
        self.put_away(found, inbox, &all).await;
        Ok(())
    }

    /// The address to which an answer about a case would come.
    fn reply_address(&self) -> Option<Address> {
        let nobody = PersonKey::new("check").ok()?;
        let token = self.keys.reply_token(&self.desk.code, NO_CASE, &nobody);
        let local = ReplyLocal { about: NO_CASE.to_owned(), token };
        let own = &self.mailbox.address;
        let made = match &self.mailbox.reply_address {
            ReplyAddress::Plus => format!("{}+{local}@{}", own.local(), own.domain()),
            ReplyAddress::CatchAll(domain) => format!("{local}@{}", domain.as_str()),
            ReplyAddress::None => return None,
        };
        Address::new(&made).ok()
    }

    async fn send(&self, to: Address) -> Result<Trial, String> {
        let sent_at = self.sending.clock.now();
        let cause = LetterCause {
            desk: &self.desk.code,
            about: "",
            cause: &format!("check/{sent_at}"),
            notice: "check",
            ordinal: 0,
            recipient: to.as_str(),
        };
        let id = self.keys.letter_id(&self.desk.host, cause);
        let mark = self.keys.own_mark(&self.desk.code, &id);
        let draft = Draft {
            from: NamedAddress::new(&self.desk.name, self.mailbox.address.clone()),
            to: vec![NamedAddress::new("", to.clone())],
            cc: Vec::new(),
            reply_to: None,
            message_id: id.as_str().to_owned(),
            in_reply_to: None,
            references: Vec::new(),
            subject: "A trial of casepost check".to_owned(),
            date: sent_at,
            auto_submitted: Some(AutoSubmitted::AutoGenerated),
            casepost_id: mark.clone(),
            text: "casepost check sent this mail to itself, to see that it comes back. It opens no case and may be deleted.\n"
                .to_owned(),
            html: None,
            attachments: Vec::new(),
        };
        let bytes = draft.to_bytes().map_err(|error| error.to_string())?;
        let envelope =
            Envelope { reverse_path: Some(self.mailbox.bounce_address(self.desk)), recipients: vec![to.clone()] };
        match self.transport.send(&envelope, &bytes, "check").await {
            Sent::Accepted { .. } => Ok(Trial { to, id, mark, sent_at, begun: Instant::now() }),
            Sent::Transient { why } | Sent::Permanent { why } | Sent::Uncertain { why } => Err(why),
        }
    }

    fn tell_plain(&self, found: &mut Findings, trial: &Trial, came: Option<&Came>) {
        let Some(came) = came else {
            let text = format!(
                "a mail to {} was taken by the outlet and is after {} s in none of {}",
                trial.to,
                self.sending.patience.as_secs(),
                folders_of(self.mailbox).join(", ")
            );
            let mend = "look for it at your provider (queue, spam, forwarding), or give it more time with --wait";
            return found.fail(&self.name(), &text, mend);
        };
        let seconds = came.after.as_secs_f32();
        let text = format!("a mail to {} came back into {} within {seconds:.1} s", trial.to, came.folder);
        if self.mailbox.junk_folders.contains(&came.folder) {
            found.warn(&self.name(), &text, "tell your provider that mail of the outlet is no junk");
        } else {
            found.ok(&self.name(), &text);
        }
    }

    fn tell_reply(&self, found: &mut Findings, to: &Address, came: Option<&Came>) {
        let Some(came) = came else {
            let seconds = self.sending.patience.as_secs();
            return self
                .fail_reply(found, &format!("a mail to {to} was taken and did not come back within {seconds} s"));
        };
        let message = &came.message;
        let mut written_to = message.to.iter().chain(&message.cc).map(|to| &to.address).chain(&message.delivered_to);
        if !written_to.any(|address| address == to) {
            let text = format!("a mail to {to} came back into {}, but its address was changed on the way", came.folder);
            return self.fail_reply(found, &text);
        }
        let text = format!("a mail to {to} came back into {} with its address whole", came.folder);
        if self.mailbox.junk_folders.contains(&came.folder) {
            found.warn(&self.reply_name(), &text, "tell your provider that mail of the outlet is no junk");
        } else {
            found.ok(&self.reply_name(), &text);
        }
    }

    fn fail_reply(&self, found: &mut Findings, text: &str) {
        let mend = match self.mailbox.reply_address {
            ReplyAddress::CatchAll(_) => {
                "let all mail of reply_domain come into this mailbox, or set reply_address = \"none\""
            }
            _ => {
                "let your provider deliver plus addresses (Postfix: recipient_delimiter = +), or set reply_address = \"none\""
            }
        };
        found.fail(&self.reply_name(), text, mend);
    }

    /// What the mail that came back shows of the way.
    fn tell_of(&self, found: &mut Findings, plain: &Trial, came: &Came) {
        let bytes = trust::bytes(&came.mail);
        if came.message.own_marks.is_empty() {
            let text =
                "X-Casepost-Id was taken off on the way: a letter that comes back is known by its Message-ID alone";
            found.warn(&self.name(), text, "let your provider leave the header as it is");
        }
        verdict::tell(found, self.mailbox, bytes);
        if let InboxSettings::Imap(_) = self.mailbox.inbox {
            clock::hold_against_trial(found, self.mailbox, (plain.sent_at, came.seen_at), came.mail.arrived_at);
        }
    }

    /// Files the trials as handled mail is filed; without such a folder they are removed.
    async fn put_away(&self, found: &mut Findings, inbox: &mut Inbox, all: &[&Came]) {
        let what = filing_name(self.mailbox);
        let into = self.mailbox.file_into.as_deref();
        let was_there = match into {
            Some(into) => matches!(inbox.find_filing(into).await, Ok(Filing::There(_))),
            None => true,
        };
        let mut by_folder: BTreeMap<&str, Vec<Uid>> = BTreeMap::new();
        for came in all.iter().filter(|came| !came.is_filed) {
            by_folder.entry(&came.folder).or_default().push(came.mail.uid.clone());
        }
        for (folder, uids) in by_folder {
            let done = async {
                inbox.select(folder).await?;
                match into {
                    Some(into) => inbox.file_away(&uids, into).await,
                    None => inbox.remove_own(&uids).await,
                }
            };
            match (done.await, into) {
                (Ok(()), Some(into)) if was_there => found.ok(&what, &format!("the trials were filed into {into}")),
                (Ok(()), Some(into)) => {
                    found.ok(&what, &format!("the folder {into} was made, and the trials filed into it"))
                }
                (Ok(()), None) => found.ok(&what, &format!("the trials were taken out of {folder}")),
                (Err(error), _) => {
                    let text = format!("the trials stay in {folder}, as they can't be filed: {error}");
                    found.fail(&what, &text, "mend file_into, or let the account make folders and move mails");
                }
            }
        }
    }
}

/// The folders into which a mail to the mailbox may come.
fn folders_of(mailbox: &Mailbox) -> Vec<&str> {
    let own = std::iter::once(mailbox.folder.as_str());
    own.chain(mailbox.junk_folders.iter().map(String::as_str)).chain(mailbox.file_into.as_deref()).collect()
}

/// The folders in which trials are looked for, and what stood there before.
struct Watched<'a> {
    mailbox: &'a Mailbox,
    before: BTreeMap<String, Before>,
}

/// What a folder held before the trials were sent.
#[derive(Default)]
struct Before {
    /// The last uid, where the folder counts them.
    after: Option<u32>,
    /// All of them, in a Maildir.
    known: Vec<Uid>,
}

impl<'a> Watched<'a> {
    async fn begin(inbox: &mut Inbox, mailbox: &'a Mailbox) -> Result<Self, InboxError> {
        let mut watched = Self { mailbox, before: BTreeMap::new() };
        for folder in watched.folders(inbox).await? {
            let state = inbox.select(&folder).await?;
            let before = match inbox {
                Inbox::Maildir(_) => {
                    let known = inbox.list_new(None, None).await?.into_iter().map(|listed| listed.uid).collect();
                    Before { after: None, known }
                }
                Inbox::Imap(_) => Before { after: last_uid(inbox, state.uid_next).await?, known: Vec::new() },
            };
            watched.before.insert(folder, before);
        }
        Ok(watched)
    }

    /// Those of the folders that are there now: a worker may make the one for filed mails meanwhile.
    async fn folders(&self, inbox: &mut Inbox) -> Result<Vec<String>, InboxError> {
        let report = inbox.check(&self.mailbox.folder).await?;
        let mut folders = vec![self.mailbox.folder.clone()];
        folders.extend(self.mailbox.junk_folders.iter().filter(|folder| report.folders.contains(folder)).cloned());
        if let Some(into) = &self.mailbox.file_into
            && let Filing::There(name) = inbox.find_filing(into).await?
        {
            folders.push(name);
        }
        Ok(folders)
    }

    /// Looks until all trials are there or the patience ends. Gives what came, by Message-ID.
    async fn wait(
        &mut self,
        inbox: &mut Inbox,
        trials: &[&Trial],
        sending: &Sending<'_>,
    ) -> Result<BTreeMap<String, Came>, InboxError> {
        let mut came = BTreeMap::new();
        let deadline = Instant::now() + sending.patience;
        loop {
            for folder in self.folders(inbox).await? {
                self.look_into(inbox, &folder, trials, sending.clock, &mut came).await?;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if came.len() == trials.len() || left.is_zero() {
                return Ok(came);
            }
            inbox.select(&self.mailbox.folder).await?;
            inbox.wait_for_news(LOOK_EVERY.min(left)).await?;
        }
    }

    async fn look_into(
        &mut self,
        inbox: &mut Inbox,
        folder: &str,
        trials: &[&Trial],
        clock: Clock,
        came: &mut BTreeMap<String, Came>,
    ) -> Result<(), InboxError> {
        let before = self.before.entry(folder.to_owned()).or_default();
        inbox.select(folder).await?;
        let listed = inbox.list_new(before.after, None).await?.into_iter().map(|listed| listed.uid);
        let new: Vec<Uid> = listed.filter(|uid| !before.known.contains(uid)).collect();
        let is_filed = *folder != self.mailbox.folder && !self.mailbox.junk_folders.iter().any(|junk| junk == folder);
        let mails = inbox.fetch(&new).await?.mails;
        before.known.extend(new);
        for mail in mails {
            let seen_at = clock.now();
            let message = parse_header(trust::bytes(&mail), &trust::trust_of(self.mailbox), mail.arrived_at, seen_at);
            let trial = trials.iter().find(|trial| {
                message.own_marks.contains(&trial.mark) || message.message_id.as_ref() == Some(&trial.id)
            });
            let Some(trial) = trial else { continue };
            let after = trial.begun.elapsed();
            came.insert(
                trial.id.as_str().to_owned(),
                Came { folder: folder.to_owned(), is_filed, mail, message, seen_at, after },
            );
        }
        Ok(())
    }
}

/// The uid of the newest mail, where the server does not say which comes next.
async fn last_uid(inbox: &mut Inbox, next: Option<u32>) -> Result<Option<u32>, InboxError> {
    if let Some(next) = next {
        return Ok(Some(next.saturating_sub(1)));
    }
    Ok(inbox.list_newest(1).await?.pop().and_then(|listed| match listed.uid {
        Uid::Imap(number) => Some(number),
        Uid::Maildir(_) => None,
    }))
}
