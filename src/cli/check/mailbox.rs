//! Tries a mailbox: the login, its folders, what its server can do, and whom its mails tell to trust.

use crate::config::{AdoptSince, InboxSettings, Login, Mailbox, Server};
use crate::desk::clock::Clock;
use crate::desk::worker::{WorkerError, open_inbox};
use crate::mail::inbox::{Fetched, Filing, Inbox, InboxError, InboxReport, Uid};
use crate::mail::oauth::Tokens;
use crate::store::Db;
use crate::store::mailboxes::{self, FolderKey};

use super::super::output::counted;
use super::{Findings, clock, trust};

/// How many of the newest mails are looked at for one of somebody else.
const NEWEST: usize = 20;
/// As much of a mail is read, in bytes: its header is meant.
const HEAD: u64 = 64 << 10;

/// Logs in, and looks into the folders.
pub(super) async fn check(found: &mut Findings, db: Option<&Db>, mailbox: &Mailbox, tokens: &Tokens, clock: Clock) {
    let what = format!("mailbox {}", mailbox.name);
    let mut inbox = match open(mailbox, tokens) {
        Ok(inbox) => inbox,
        Err(error) => return found.fail(&what, &error.to_string(), ""),
    };
    if let Err(error) = look_into(found, &mut inbox, db, mailbox, clock).await {
        tell(found, &what, &error, mailbox);
    }
    // What was said at the end changes nothing about what was found.
    let _ = inbox.log_out().await;
}

/// The inbox, of whose mails only the beginning is read.
///
/// # Errors
/// A password that can't be read.
pub(super) fn open(mailbox: &Mailbox, tokens: &Tokens) -> Result<Inbox, WorkerError> {
    open_inbox(&Mailbox { max_bytes: HEAD, ..mailbox.clone() }, tokens)
}

/// Tells why a mailbox can't be used.
pub(super) fn tell(found: &mut Findings, what: &str, error: &InboxError, mailbox: &Mailbox) {
    match error {
        // The words about a token name their own mend.
        InboxError::Token(_) => found.fail(what, &error.to_string(), ""),
        _ => found.fail(what, &error.to_string(), &mend(error, mailbox)),
    }
}

async fn look_into(
    found: &mut Findings,
    inbox: &mut Inbox,
    db: Option<&Db>,
    mailbox: &Mailbox,
    clock: Clock,
) -> Result<(), InboxError> {
    let what = format!("mailbox {}", mailbox.name);
    let report = inbox.check(&mailbox.folder).await?;
    let adopted = adopted(inbox, db, mailbox).await?;
    found.ok(&what, &format!("{} in {}, {adopted}", counted(report.folder.count as usize, "mail"), mailbox.folder));
    for folder in mailbox.junk_folders.iter().filter(|folder| !report.folders.contains(folder)) {
        let text = format!("junk_folders: there is no folder \"{folder}\"");
        found.fail(&what, &text, &format!("name some of these: {}", report.folders.join(", ")));
    }
    if let InboxSettings::Imap(_) = &mailbox.inbox {
        check_capabilities(found, mailbox, &report);
    }
    let filing = check_filing(found, inbox, mailbox).await?;
    let mut newest = read_newest(inbox, &mailbox.folder).await?;
    clock::hold_against_newest(found, mailbox, newest.last(), clock.now());
    let mut folder = mailbox.folder.clone();
    if let Some(filing) = filing.filter(|_| !newest.iter().any(|mail| trust::is_of_others(mailbox, mail))) {
        newest = read_newest(inbox, &filing).await?;
        folder = filing;
    }
    trust::read_off(found, mailbox, &folder, &newest);
    Ok(())
}

/// The newest mails of the folder, oldest first.
async fn read_newest(inbox: &mut Inbox, folder: &str) -> Result<Vec<Fetched>, InboxError> {
    inbox.select(folder).await?;
    let uids: Vec<Uid> = inbox.list_newest(NEWEST).await?.into_iter().map(|listed| listed.uid).collect();
    Ok(inbox.fetch(&uids).await?.mails)
}

/// What the server says that it can do, as far as casepost makes use of it.
fn check_capabilities(found: &mut Findings, mailbox: &Mailbox, report: &InboxReport) {
    let what = format!("capabilities of {}", mailbox.name);
    let removes = report.capabilities.contains("UIDPLUS");
    let mut is_good = true;
    if !report.tells_news {
        is_good = false;
        let seconds = mailbox.poll.as_secs().min(60);
        found.warn(&what, &format!("the server has no IDLE: new mail is seen only every {seconds} s"), "");
    }
    if mailbox.file_into.is_some() && !report.moves && !removes {
        is_good = false;
        let text = "the server has neither MOVE nor UIDPLUS: a mail that is filed stays in its folder, too, as long as others \
                    mark mails there as deleted";
        found.warn(&what, text, "");
    }
    if is_good {
        let way = if report.moves { "MOVE" } else { "no MOVE (mails are copied and removed)" };
        let removal = if removes { ", UIDPLUS" } else { "" };
        found.ok(&what, &format!("IDLE, {way}{removal}"));
    }
}

/// Where mails are filed. Gives the folder's name on the server if it is there.
async fn check_filing(
    found: &mut Findings,
    inbox: &mut Inbox,
    mailbox: &Mailbox,
) -> Result<Option<String>, InboxError> {
    let what = filing_name(mailbox);
    let Some(folder) = &mailbox.file_into else {
        let how = match &mailbox.inbox {
            InboxSettings::Imap(_) => "and stay as they are",
            InboxSettings::Maildir(_) => "marked as read",
        };
        found.ok(&what, &format!("without file_into mails stay in {}, {how}", mailbox.folder));
        return Ok(None);
    };
    match inbox.find_filing(folder).await? {
        Filing::There(name) => {
            found.ok(&what, &format!("the folder {name} is there"));
            return Ok(Some(name));
        }
        Filing::Absent => found.ok(
            &what,
            &format!(
                "there is no folder {folder} yet: the first mail that is filed makes it (check --send tries that)"
            ),
        ),
        Filing::Impossible { why } => {
            found.fail(&what, &format!("there is no folder {folder}, and none can be made: {why}"), "mend file_into");
        }
    }
    Ok(None)
}

/// The name of what is found about the filing folder.
pub(super) fn filing_name(mailbox: &Mailbox) -> String {
    format!("filing of {}", mailbox.name)
}

/// How many mails the next start would take over.
async fn adopted(inbox: &mut Inbox, db: Option<&Db>, mailbox: &Mailbox) -> Result<String, InboxError> {
    let key = FolderKey {
        desk: mailbox.desk.as_str().to_owned(),
        mailbox: mailbox.name.as_str().to_owned(),
        folder: mailbox.folder.clone(),
    };
    let mark = match db {
        // A database that is away was told of already.
        Some(db) => mailboxes::find_folder(db, &key).await.ok().flatten(),
        None => None,
    };
    let state = inbox.select(&mailbox.folder).await?;
    if let Some(mark) = mark {
        let after = u32::try_from(mark.last_uid).ok().filter(|_| mark.uid_validity == i64::from(state.uid_validity));
        let new = inbox.list_new(after, Some(mark.adopted_since)).await?.len();
        return Ok(format!("{new} of them new"));
    }
    let count = match mailbox.adopt_since {
        AdoptSince::Activation => 0,
        AdoptSince::Moment(at) => inbox.list_new(None, Some(at)).await?.len(),
        AdoptSince::All => inbox.list_new(None, None).await?.len(),
    };
    Ok(format!("{count} would be adopted by the first start (adopt_since, or run --since)"))
}

/// Whether the account logs in with access tokens.
pub(super) fn is_by_token(server: &Server) -> bool {
    server.account.as_ref().is_some_and(|account| matches!(account.login, Login::OAuth(_)))
}

fn mend(error: &InboxError, mailbox: &Mailbox) -> String {
    match (error, &mailbox.inbox) {
        (InboxError::Credentials(_), InboxSettings::Imap(server)) if is_by_token(server) => {
            format!(
                "mend user, scope or mechanism, let the mail server allow the application, or run casepost auth login {}",
                mailbox.name
            )
        }
        (InboxError::Credentials(_), _) => "mend user and password".to_owned(),
        (InboxError::Refused { .. } | InboxError::Renumbered { .. }, _) => {
            format!("mend folder = \"{}\"", mailbox.folder)
        }
        (InboxError::Configuration(_), _) => "mend the configuration".to_owned(),
        (_, InboxSettings::Imap(server)) => {
            format!("mend host, port, tls or ca_file ({}:{})", server.host, server.port)
        }
        (_, InboxSettings::Maildir(path)) => format!("make the Maildir {} for casepost's user", path.display()),
    }
}
