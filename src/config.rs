//! casepost.toml as types: where mail is read and sent, for which desks, and where data is kept.
//!
//! [`Config::load`] reads and checks the file as a whole and tells every fault with its line and its mend. What is
//! here is settled: defaults are filled in, paths stand on the folder of the file, exactly one way of reading and one
//! of sending is chosen. Who writes and what they agreed on is no configuration but the desk's directory.

mod alarms;
mod check;
mod file;
pub mod oauth;
mod secret;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::domain::address::Address;
use crate::domain::directory::MailDomain;
use crate::domain::names::{DeskCode, Language, MailboxName};
use crate::domain::retention::KeepFor;
use crate::domain::toml_lines::TomlLines;

use oauth::{OAuth, TokenAccount, TokenSource};

pub use alarms::{AlarmForm, Channel, Watch, Way};
pub use secret::{Secret, SecretError, SecretSource};

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder for everything that casepost keeps.
    pub data_dir: PathBuf,
    /// The URL of the database: `sqlite:PATH` (on the file's folder) or `postgres://…`, which may hold a password.
    pub database: Secret,
    /// How it is watched.
    pub operation: Operation,
    /// How it watches itself.
    pub watch: Watch,
    /// The desks, in the order of the file; at least one.
    pub desks: Vec<Desk>,
    /// The mailboxes that are read; at least one.
    pub mailboxes: Vec<Mailbox>,
    /// How letters leave.
    pub outlet: Outlet,
    /// Who is asked for the keys of signatures.
    pub dns: DnsSettings,
    /// What bounds casepost's own mail and a storm of others'.
    pub limits: Limits,
    /// The file of the installation's keys, made by the first start.
    pub key_file: PathBuf,
    /// What is allowed but odd, for `check` and the log.
    pub warnings: Vec<ConfigFault>,
}

/// Who is asked for the keys of DKIM signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsSettings {
    /// Whether anybody is: without that only the verdict of the receiving hosts counts.
    pub verifies_signatures: bool,
    /// The name servers; those of this machine where none are given.
    pub servers: Vec<SocketAddr>,
    /// How long one lookup may take.
    pub patience: Duration,
}

/// How a running casepost is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Where /healthz and /metrics listen.
    pub listen: SocketAddr,
    /// How log lines look.
    pub log_format: LogFormat,
    /// A filter such as `info` or `casepost=debug`.
    pub log_level: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

/// A desk as letters show it.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Its code.
    pub code: DeskCode,
    /// The name in whose name letters go out.
    pub name: String,
    /// The language where nobody's own is known.
    pub language: Language,
    /// The zone of its years, days and duty managers.
    pub time_zone: TimeZone,
    /// The word that stands before a case's number in subjects; tells this installation's numbers from others'.
    pub subject_tag: String,
    /// The colour of letters, `#rrggbb`.
    pub colour: String,
    /// The last lines of each letter.
    pub footer: String,
    /// A picture at the head of each letter's page: a small PNG, JPEG or GIF.
    pub logo: Option<PathBuf>,
    /// A folder whose templates go before the built-in ones.
    pub templates: Option<PathBuf>,
    /// The domain part of our Message-IDs.
    pub host: String,
    /// Who is told when the desk must act: outages, quarantined mail, breaches.
    pub alarm_to: Vec<Address>,
    /// Whether clients and desk get their weekly summaries by themselves; a command sends them in any event.
    pub weekly_summaries: bool,
    /// For how long the bytes of mails are kept where a client's declaration says nothing else.
    pub keep_raw_for: KeepFor,
    /// The reverse path of letters; without one each mailbox's own address with `+bounce`, where it has plus addresses.
    pub bounce_address: Option<Address>,
}

/// A mailbox that casepost reads for a desk.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its name in logs and commands.
    pub name: MailboxName,
    /// Its desk.
    pub desk: DeskCode,
    /// The support address to which its mail is sent.
    pub address: Address,
    /// How a case's own reply address is made.
    pub reply_address: ReplyAddress,
    /// Where the mail is.
    pub inbox: InboxSettings,
    /// The folder that is read.
    pub folder: String,
    /// The folder into which handled mail is moved; without one it stays and is marked.
    pub file_into: Option<String>,
    /// Folders of suspected junk: read too, but only proven people of the directory count there.
    pub junk_folders: Vec<String>,
    /// The names by which our own receiving hosts sign their verdicts (RFC 8601 authserv-id).
    pub authserv_ids: Vec<String>,
    /// The hosts whose `Received` lines are believed.
    pub trusted_hosts: Vec<String>,
    /// The longest pause between two looks, also where the server tells of new mail.
    pub poll: Duration,
    /// How many mails are handled in one transaction.
    pub batch: usize,
    /// A larger mail is refused with a letter.
    pub max_bytes: u64,
    /// Which mail is adopted at the first start.
    pub adopt_since: AdoptSince,
}

/// How a case's own reply address is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyAddress {
    /// `support+CASE.TOKEN@…`
    Plus,
    /// `CASE.TOKEN@` a domain all of whose mail comes into this mailbox.
    CatchAll(MailDomain),
    /// None: only the thread and the subject tell.
    None,
}

/// Which mail of a mailbox is adopted at the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptSince {
    /// Only what arrives from then on.
    Activation,
    /// What was received from that moment on.
    Moment(Timestamp),
    /// Everything.
    All,
}

/// Where a mailbox is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxSettings {
    /// On a server.
    Imap(Server),
    /// In a Maildir folder of this machine.
    Maildir(PathBuf),
}

/// A mail server and the account on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name; the certificate must be for it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is kept from others' eyes.
    pub tls: Tls,
    /// Certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The account; none only for an SMTP server that asks for none.
    pub account: Option<Account>,
    /// How many connections at most (SMTP; 1 for IMAP).
    pub connections: usize,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one command may take.
    pub command_timeout: Duration,
}

/// An account on a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The login name.
    pub user: String,
    /// What proves that it is ours.
    pub login: Login,
}

/// What proves to a mail server that an account is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A password, which is read when it is used.
    Password(SecretSource),
    /// Access tokens.
    OAuth(Box<OAuth>),
}

/// How a connection is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// TLS from the first byte.
    #[default]
    Implicit,
    /// STARTTLS, and nothing is said before it succeeded.
    Starttls,
    /// None: only to this machine itself.
    None,
}

/// How letters leave.
#[derive(Debug, Clone)]
pub struct Outlet {
    /// By which way.
    pub transport: TransportSettings,
    /// Whether they leave at all.
    pub delivery: DeliveryMode,
    /// The pause after each failed try; after the last one a letter is given up.
    pub retry_pauses: Vec<Duration>,
    /// By how much a pause is varied at most, in percent, so that letters don't come all at once.
    pub jitter_percent: u8,
}

/// By which way letters leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportSettings {
    /// To a mail server.
    Smtp(Server),
    /// Into a folder, one file a letter: for trials.
    Folder(PathBuf),
}

/// Whether letters leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryMode {
    /// At once.
    #[default]
    Send,
    /// They wait in the outbox until they are released.
    Hold,
    /// As [`Self::Hold`], and handled mail stays where it is: others go on working in the mailbox.
    Shadow,
}

impl DeliveryMode {
    /// Whether letters wait until they are released.
    #[must_use]
    pub fn holds_letters(self) -> bool {
        matches!(self, Self::Hold | Self::Shadow)
    }
}

/// What bounds casepost's own mail, and a storm of others'.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Automatic letters to one address within the window; letters of persons are never counted. Challenges take half
    /// of it at most.
    pub automatic_letters_per_address: u32,
    /// Automatic letters on one case within the window.
    pub automatic_letters_per_case: u32,
    /// The window of both, in minutes.
    pub automatic_letters_window_minutes: u32,
    /// New cases from one sender within an hour; what is above is quarantined as a storm and can be replayed.
    pub new_cases_per_sender_per_hour: u32,
    /// The largest letter that is sent, in bytes; larger attachments stay with casepost.
    pub letter_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            automatic_letters_per_address: 10,
            automatic_letters_per_case: 10,
            automatic_letters_window_minutes: 60,
            new_cases_per_sender_per_hour: 20,
            letter_bytes: 25 * 1024 * 1024,
        }
    }
}

/// One thing in the file that is wrong (or odd, as a warning).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The line of the setting, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, where, and how to mend it.
    pub what: String,
}

impl std::fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{}: {source}: casepost.example.toml shows what it looks like", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file has faults, all of them.
    #[error("{}:\n{}", path.display(), faults.iter().map(|f| format!("  {f}")).collect::<Vec<_>>().join("\n"))]
    Faulty {
        /// The file.
        path: PathBuf,
        /// Each fault, in the order of the file's sections; at least one.
        faults: Vec<ConfigFault>,
    },
}

impl Config {
    /// Reads and checks the file, and that each password can be read.
    ///
    /// # Errors
    /// [`ConfigError`] with all faults at once.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let config = Self::read(path)?;
        let fault = |(place, secret): (String, &SecretSource)| {
            let error = secret.read().err()?;
            Some(ConfigFault { line: None, what: format!("{place}: {error}") })
        };
        let faults: Vec<ConfigFault> = config.secrets().into_iter().filter_map(fault).collect();
        if faults.is_empty() { Ok(config) } else { Err(ConfigError::Faulty { path: path.to_owned(), faults }) }
    }

    /// Reads and checks the file alone: whether its passwords can be read is left open.
    ///
    /// # Errors
    /// [`ConfigError`] with all faults at once.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let absolute = std::path::absolute(path).map_err(unreadable)?;
        let folder = absolute.parent().unwrap_or(Path::new("/"));
        Self::parse(&text, folder).map_err(|faults| ConfigError::Faulty { path: path.to_owned(), faults })
    }

    /// Reads and checks a text whose relative paths stand on `folder`. Opens no other file.
    ///
    /// # Errors
    /// All faults at once; a text that is no TOML or has an unknown or missing setting gives one.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<ConfigFault>> {
        let lines = TomlLines::new(text);
        let line = |span: Option<std::ops::Range<usize>>| span.map(|span| lines.line_at(span.start));
        let input = toml::Deserializer::parse(text)
            .map_err(|e| vec![ConfigFault { line: line(e.span()), what: e.message().to_owned() }])?;
        let file = serde_path_to_error::deserialize(input).map_err(|error| {
            let what = match error.path().to_string() {
                path if path == "." => error.inner().message().to_owned(),
                path => format!("{path}: {}", error.inner().message()),
            };
            vec![ConfigFault { line: line(error.inner().span()), what }]
        })?;
        check::settle(file, folder, lines)
    }

    /// The desk of that code.
    #[must_use]
    pub fn desk(&self, code: &DeskCode) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.code == *code)
    }

    /// The mailboxes of a desk, in the order of the file; letters go out from the first one's address.
    pub fn mailboxes_of<'a>(&'a self, desk: &'a DeskCode) -> impl Iterator<Item = &'a Mailbox> {
        self.mailboxes.iter().filter(move |mailbox| mailbox.desk == *desk)
    }

    /// The accounts that log in with access tokens, each once, those of mailboxes first.
    #[must_use]
    pub fn token_accounts(&self) -> Vec<&TokenAccount> {
        let inboxes = self.mailboxes.iter().filter_map(|mailbox| match &mailbox.inbox {
            InboxSettings::Imap(server) => server.account.as_ref(),
            InboxSettings::Maildir(_) => None,
        });
        let outlet = match &self.outlet.transport {
            TransportSettings::Smtp(server) => server.account.as_ref(),
            TransportSettings::Folder(_) => None,
        };
        let mut found: Vec<&TokenAccount> = Vec::new();
        for account in inboxes.chain(outlet) {
            if let Login::OAuth(oauth) = &account.login
                && found.iter().all(|known| known.name != oauth.account.name)
            {
                found.push(&oauth.account);
            }
        }
        found
    }

    /// Where its passwords and client secrets are kept, each with the part of the file that names it.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, &SecretSource)> {
        let inboxes = self.mailboxes.iter().filter_map(|mailbox| match &mailbox.inbox {
            InboxSettings::Imap(server) => Some((format!("mailbox \"{}\"", mailbox.name), server)),
            InboxSettings::Maildir(_) => None,
        });
        let outlet = match &self.outlet.transport {
            TransportSettings::Smtp(server) => Some(("outlet".to_owned(), server)),
            TransportSettings::Folder(_) => None,
        };
        inboxes.chain(outlet).filter_map(|(place, server)| Some((place, server.secret()?))).collect()
    }
}

impl Server {
    /// What is kept of the account's login; nothing where a program makes its tokens.
    fn secret(&self) -> Option<&SecretSource> {
        match &self.account.as_ref()?.login {
            Login::Password(password) => Some(password),
            Login::OAuth(oauth) => match &oauth.account.source {
                TokenSource::Issuer(issuer) => issuer.client_secret.as_ref(),
                TokenSource::Command(_) => None,
            },
        }
    }
}

impl Mailbox {
    /// The reverse path of letters that leave for this mailbox's desk: the desk's bounce address, else this address
    /// with `+bounce` where plus addresses work, else this address.
    #[must_use]
    pub fn bounce_address(&self, desk: &Desk) -> Address {
        if let Some(address) = &desk.bounce_address {
            return address.clone();
        }
        let plus = format!("{}+bounce@{}", self.address.local(), self.address.domain());
        match self.reply_address {
            ReplyAddress::Plus => Address::new(&plus).unwrap_or_else(|_| self.address.clone()),
            _ => self.address.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
