//! The inlet: a mailbox that casepost reads, whatever it is kept in.
//!
//! Every function either tells the whole truth or fails: "no mail" is said only when the server
//! confirmed it. After an error the connection is dropped; the next call connects anew. How long to
//! wait in between is the caller's affair.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

pub use super::credentials::Credentials;
pub use super::imap::{ImapInbox, ImapServer, Timeouts, TlsMode};
pub use super::maildir::MaildirInbox;
use super::oauth::TokenError;

/// A mailbox, by the way in which it is reached.
#[derive(Debug)]
pub enum Inbox {
    /// A folder on an IMAP server (RFC 3501).
    Imap(Box<ImapInbox>),
    /// A Maildir on this machine.
    Maildir(MaildirInbox),
}

/// The name of one message in its folder, stable as long as the folder's `uid_validity` is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Uid {
    /// An IMAP unique identifier (RFC 3501 section 2.3.1.1), never 0.
    Imap(u32),
    /// A Maildir file's base name: what stands before the `:2,` of its flags.
    Maildir(String),
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Uid::Imap(number) => write!(f, "imap:{number}"),
            Uid::Maildir(name) => write!(f, "maildir:{name}"),
        }
    }
}

/// A text that is no [`Uid`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not the uid of a message (imap:NUMBER or maildir:NAME)")]
pub struct BadUid(String);

impl FromStr for Uid {
    type Err = BadUid;

    fn from_str(text: &str) -> std::result::Result<Self, BadUid> {
        let bad = || BadUid(text.to_owned());
        match text.split_once(':') {
            Some(("imap", number)) => number.parse().ok().filter(|&number| number > 0).map(Uid::Imap).ok_or_else(bad),
            Some(("maildir", name)) if is_base_name(name) => Ok(Uid::Maildir(name.to_owned())),
            _ => Err(bad()),
        }
    }
}

/// Whether the text can be the base name of a Maildir file: it never leads out of the folder.
pub(super) fn is_base_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', ':', '\0'])
}

/// What a folder says when it is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderState {
    /// When this number changes, all uids known so far are void. 0 for a Maildir.
    pub uid_validity: u32,
    /// The uid that the next message will have; some servers do not tell.
    pub uid_next: Option<u32>,
    /// How many messages the folder holds.
    pub count: u32,
}

/// A message as the folder lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The message's name in the folder.
    pub uid: Uid,
    /// When the server took it in: INTERNALDATE, or the time of the file.
    pub arrived_at: Timestamp,
    /// Its size in bytes.
    pub size: u64,
}

/// The bytes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// All of them.
    Whole(Vec<u8>),
    /// The message is over the limit: only its beginning was fetched.
    TooLarge {
        /// The first bytes, as many as the inbox was told to fetch of a large message.
        head: Vec<u8>,
    },
}

/// A message that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The message's name in the folder.
    pub uid: Uid,
    /// When the server took it in: INTERNALDATE, or the time of the file.
    pub arrived_at: Timestamp,
    /// Its whole size in bytes, also if it was too large.
    pub size: u64,
    /// Its bytes.
    pub raw: Raw,
}

/// What became of a set of uids that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchedSet {
    /// The messages, in the order in which they were asked.
    pub mails: Vec<Fetched>,
    /// Uids that are no longer there: the server confirmed the command and left them out.
    pub gone: Vec<Uid>,
}

/// How much of a message is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit {
    /// A message of more bytes is not fetched whole.
    pub whole: u64,
    /// As many bytes are fetched of one that is larger.
    pub head: u32,
}

impl Default for SizeLimit {
    /// 40 MB whole, 256 KB of a larger one.
    fn default() -> Self {
        Self { whole: 40 << 20, head: 256 << 10 }
    }
}

/// What a check of the mailbox found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxReport {
    /// What the server can do, as it says itself. Empty for a Maildir.
    pub capabilities: BTreeSet<String>,
    /// All folders, by the names that people read.
    pub folders: Vec<String>,
    /// The state of the folder that was asked for.
    pub folder: FolderState,
    /// Whether the server tells of new mail by itself (IDLE).
    pub tells_news: bool,
    /// Whether messages can be moved in one step (MOVE).
    pub moves: bool,
}

/// How it stands with the folder into which messages are to be filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filing {
    /// It is there, under this name.
    There(String),
    /// It is not there. Nothing speaks against making it.
    Absent,
    /// It is not there, and can't be made.
    Impossible {
        /// The server's or the system's words.
        why: String,
    },
}

/// Why a mailbox could not be read or tidied.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The server could not be reached, or the connection broke.
    #[error("the connection to the mail server failed: {0}")]
    Connection(String),
    /// The server kept silent for longer than is allowed for this step.
    #[error("the mail server did not answer {step} in {} s", after.as_secs_f32())]
    TimedOut {
        /// What was waited for.
        step: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// The server said NO or BAD.
    #[error("the mail server refused {command}: {text}")]
    Refused {
        /// The command, without its arguments.
        command: &'static str,
        /// The server's words.
        text: String,
    },
    /// The server's answer made no sense.
    #[error("the mail server broke the protocol: {0}")]
    Protocol(String),
    /// The server does not accept user and password, or the access token.
    #[error("the mail server refused to log in: {0}")]
    Credentials(String),
    /// There is no access token to log in with.
    #[error("no access token: {0}")]
    Token(#[from] TokenError),
    /// The configuration cannot work: a certificate file, plain text to a far host, a bad folder name.
    #[error("the mailbox is configured wrongly: {0}")]
    Configuration(String),
    /// The folder numbers its messages anew (another UIDVALIDITY) since it was selected: the uids
    /// known so far are void. Select it again.
    #[error("the folder {folder} was renumbered")]
    Renumbered {
        /// The folder.
        folder: String,
    },
    /// A Maildir could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// The system's words.
        source: std::io::Error,
    },
}

impl InboxError {
    /// Whether the same call may succeed later without anybody's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            InboxError::Connection(_) | InboxError::TimedOut { .. } | InboxError::Protocol(_) => true,
            InboxError::Refused { .. } | InboxError::Renumbered { .. } | InboxError::File { .. } => true,
            InboxError::Token(error) => matches!(error, TokenError::Waiting { .. }),
            InboxError::Credentials(_) | InboxError::Configuration(_) => false,
        }
    }
}

/// Short for what every call returns.
pub type Result<T> = std::result::Result<T, InboxError>;

impl Inbox {
    /// A mailbox on an IMAP server; it connects when it is first used.
    #[must_use]
    pub fn imap(server: ImapServer, limit: SizeLimit) -> Self {
        Inbox::Imap(Box::new(ImapInbox::new(server, limit)))
    }

    /// A Maildir by its folder. `is_filing` tells whether handled messages are filed in a folder of
    /// their own; if not, `new/` is read and `cur/` is where they are filed.
    #[must_use]
    pub fn maildir(root: PathBuf, is_filing: bool, limit: SizeLimit) -> Self {
        Inbox::Maildir(MaildirInbox::new(root, is_filing, limit))
    }

    /// Reaches the mailbox: connects and logs in unless that is done already.
    ///
    /// # Errors
    /// Whatever keeps it from being reached.
    pub async fn open(&mut self) -> Result<()> {
        match self {
            Inbox::Imap(imap) => imap.open().await,
            Inbox::Maildir(maildir) => maildir.open().await,
        }
    }

    /// Selects the folder that the other calls work on; it is selected again after a reconnection,
    /// which fails if its UIDVALIDITY is another by then. A Maildir takes `INBOX` as itself, any
    /// other name as the subfolder `.NAME`.
    ///
    /// # Errors
    /// The folder does not exist, or the server cannot be reached.
    pub async fn select(&mut self, folder: &str) -> Result<FolderState> {
        match self {
            Inbox::Imap(imap) => imap.select(folder).await,
            Inbox::Maildir(maildir) => maildir.select(folder).await,
        }
    }

    /// Lists the messages with a uid above `after` (IMAP only) that arrived at `since` or later,
    /// oldest uid first; whether somebody has read them plays no part.
    ///
    /// # Errors
    /// Anything but a list that the server confirmed.
    pub async fn list_new(&mut self, after: Option<u32>, since: Option<Timestamp>) -> Result<Vec<Listed>> {
        match self {
            Inbox::Imap(imap) => imap.list_new(after, since).await,
            Inbox::Maildir(maildir) => maildir.list_new(since).await,
        }
    }

    /// Fetches the messages without marking them as read. One that is gone is reported as such.
    ///
    /// # Errors
    /// Anything but an answer that the server confirmed for the whole set.
    pub async fn fetch(&mut self, uids: &[Uid]) -> Result<FetchedSet> {
        match self {
            Inbox::Imap(imap) => imap.fetch(uids).await,
            Inbox::Maildir(maildir) => maildir.fetch(uids).await,
        }
    }

    /// Moves the messages to the folder `into`, which is created if need be. Those that are gone
    /// already are no error, so the call may be repeated after a failure.
    ///
    /// # Errors
    /// The messages may stand in both folders, but never in none.
    pub async fn file_away(&mut self, uids: &[Uid], into: &str) -> Result<()> {
        match self {
            Inbox::Imap(imap) => imap.file_away(uids, into).await,
            Inbox::Maildir(maildir) => maildir.file_away(uids, Some(into)).await,
        }
    }

    /// Returns when the server told of a change, or `at_most` later. List anyway afterwards: servers
    /// forget to tell.
    ///
    /// # Errors
    /// The connection broke while waiting.
    pub async fn wait_for_news(&mut self, at_most: Duration) -> Result<()> {
        match self {
            Inbox::Imap(imap) => imap.wait_for_news(at_most).await,
            Inbox::Maildir(maildir) => maildir.wait_for_news(at_most).await,
        }
    }

    /// Looks at everything without changing anything.
    ///
    /// # Errors
    /// Whatever would keep the worker from reading `folder`.
    pub async fn check(&mut self, folder: &str) -> Result<InboxReport> {
        match self {
            Inbox::Imap(imap) => imap.check(folder).await,
            Inbox::Maildir(maildir) => maildir.check(folder).await,
        }
    }

    /// Looks for the folder into which messages are filed, and makes none.
    ///
    /// # Errors
    /// Whatever keeps it from being looked for.
    pub async fn find_filing(&mut self, into: &str) -> Result<Filing> {
        match self {
            Inbox::Imap(imap) => imap.find_filing(into).await,
            Inbox::Maildir(maildir) => maildir.find_filing(into).await,
        }
    }

    /// The newest messages of the folder, at most so many, oldest first.
    ///
    /// # Errors
    /// Anything but a list that the server confirmed.
    pub async fn list_newest(&mut self, count: usize) -> Result<Vec<Listed>> {
        match self {
            Inbox::Imap(imap) => imap.list_newest(count).await,
            Inbox::Maildir(maildir) => {
                let mut listed = maildir.list_new(None).await?;
                Ok(listed.split_off(listed.len().saturating_sub(count)))
            }
        }
    }

    /// Takes messages of casepost's own out of the folder for ever. In a Maildir they are marked as read instead; on a
    /// server without UIDPLUS they stay marked as deleted, as removing them would remove what others marked.
    ///
    /// # Errors
    /// The messages may stand there still.
    pub async fn remove_own(&mut self, uids: &[Uid]) -> Result<()> {
        match self {
            Inbox::Imap(imap) => imap.remove(uids).await,
            Inbox::Maildir(maildir) => maildir.file_away(uids, None).await,
        }
    }

    /// Says goodbye. The next call connects again.
    ///
    /// # Errors
    /// None that matters to what was done before.
    pub async fn log_out(&mut self) -> Result<()> {
        match self {
            Inbox::Imap(imap) => imap.log_out().await,
            Inbox::Maildir(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Uid>) {
        let read = text.parse::<Uid>().ok();
        assert_eq!(read, expected, "{text}");
        if let Some(uid) = read {
            assert_eq!(uid.to_string(), text);
        }
    }

    #[test]
    fn a_uid_survives_the_way_through_text() {
        check("imap:7", Some(Uid::Imap(7)));
        check("imap:4294967295", Some(Uid::Imap(u32::MAX)));
        check("imap:0", None);
        check("imap:4294967296", None);
        check("imap:", None);
        check("7", None);
        check("maildir:1700000000.M1P2.host,S=12", Some(Uid::Maildir("1700000000.M1P2.host,S=12".into())));
        check("maildir:../../etc/passwd", None);
        check("maildir:a:2,S", None);
        check("maildir:", None);
    }
}
