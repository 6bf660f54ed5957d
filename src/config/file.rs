//! casepost.toml as it is written. Every field stands in casepost.example.toml; a test sees to it.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::alarms::{ChannelFile, WatchFile};
use super::oauth::{GrantKind, Mechanism, Provider};
use super::{Limits, LogFormat, Tls};
use crate::domain::address::Address;
use crate::domain::directory::{MailDomain, Zone};
use crate::domain::names::{DeskCode, Language, MailboxName};
use crate::domain::retention::KeepFor;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub data_dir: Option<PathBuf>,
    pub database: Option<String>,
    #[serde(default)]
    pub operation: OperationFile,
    #[serde(default)]
    pub desk: Vec<DeskFile>,
    #[serde(default)]
    pub mailbox: Vec<MailboxFile>,
    pub outlet: OutletFile,
    #[serde(default)]
    pub dns: DnsFile,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub secrets: SecretsFile,
    #[serde(default)]
    pub watch: WatchFile,
    #[serde(default)]
    pub alarm: Vec<ChannelFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationFile {
    pub listen: Option<SocketAddr>,
    pub log_format: Option<LogFormat>,
    pub log_level: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskFile {
    pub code: DeskCode,
    pub name: String,
    pub language: Language,
    pub time_zone: Zone,
    pub subject_tag: Option<String>,
    pub colour: Option<String>,
    pub footer: Option<String>,
    pub logo: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    pub host: Option<MailDomain>,
    #[serde(default)]
    pub alarm_to: Vec<Address>,
    pub weekly_summaries: Option<bool>,
    pub keep_raw_for: Option<KeepFor>,
    pub bounce_address: Option<Address>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailboxFile {
    pub name: MailboxName,
    pub desk: String,
    pub address: Address,
    pub reply_address: Option<ReplyAddressFile>,
    pub reply_domain: Option<MailDomain>,
    pub imap: Option<ImapFile>,
    pub maildir: Option<MaildirFile>,
    pub folder: Option<String>,
    pub file_into: Option<String>,
    #[serde(default)]
    pub junk_folders: Vec<String>,
    #[serde(default)]
    pub authserv_ids: Vec<String>,
    #[serde(default)]
    pub trusted_hosts: Vec<String>,
    pub poll_seconds: Option<u64>,
    pub batch: Option<usize>,
    pub max_bytes: Option<u64>,
    pub adopt_since: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReplyAddressFile {
    Plus,
    CatchAll,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImapFile {
    pub host: String,
    pub port: Option<u16>,
    pub tls: Option<Tls>,
    pub ca_file: Option<PathBuf>,
    pub user: String,
    pub password_file: Option<PathBuf>,
    pub password_env: Option<String>,
    pub oauth: Option<OAuthFile>,
    pub connect_seconds: Option<u64>,
    pub command_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OAuthFile {
    pub provider: Option<Provider>,
    pub tenant: Option<String>,
    pub grant: Option<GrantKind>,
    pub client_id: Option<String>,
    pub client_secret_file: Option<PathBuf>,
    pub client_secret_env: Option<String>,
    pub scope: Option<String>,
    pub token_url: Option<String>,
    pub device_url: Option<String>,
    pub authorize_url: Option<String>,
    pub token_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    pub token_command: Option<Vec<String>>,
    pub mechanism: Option<Mechanism>,
    pub same_as: Option<MailboxName>,
}

impl OAuthFile {
    /// Whether anything says who gives out tokens, and how.
    pub(super) fn names_issuer(&self) -> bool {
        let urls = [&self.token_url, &self.device_url, &self.authorize_url];
        let words = [&self.tenant, &self.client_id, &self.client_secret_env, &self.scope];
        let files = [&self.client_secret_file, &self.token_file, &self.ca_file];
        self.provider.is_some()
            || self.grant.is_some()
            || urls.iter().chain(&words).any(|text| text.is_some())
            || files.iter().any(|file| file.is_some())
    }

    /// Whether anything says where tokens come from.
    pub(super) fn has_source(&self) -> bool {
        self.token_command.is_some() || self.names_issuer()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaildirFile {
    pub path: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutletFile {
    pub smtp: Option<SmtpFile>,
    pub folder: Option<FolderFile>,
    pub delivery: Option<super::DeliveryMode>,
    pub retry_pauses_seconds: Option<Vec<u64>>,
    pub jitter_percent: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SmtpFile {
    pub host: String,
    pub port: Option<u16>,
    pub tls: Option<Tls>,
    pub ca_file: Option<PathBuf>,
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub password_env: Option<String>,
    pub oauth: Option<OAuthFile>,
    pub connections: Option<usize>,
    pub connect_seconds: Option<u64>,
    pub command_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FolderFile {
    pub path: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DnsFile {
    pub verify_signatures: Option<bool>,
    #[serde(default)]
    pub servers: Vec<SocketAddr>,
    pub lookup_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretsFile {
    pub key_file: Option<PathBuf>,
}
