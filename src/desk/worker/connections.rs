//! Inboxes, transports and name servers as they are configured, not yet connected.

use tracing::warn;

use crate::config::{
    Account, Config, DnsSettings, InboxSettings, Login, Mailbox, SecretError, Server, Tls, TransportSettings,
};
use crate::mail::dns::Dns;
use crate::mail::inbox::{Credentials, ImapServer, Inbox, SizeLimit, Timeouts, TlsMode};
use crate::mail::oauth::Tokens;
use crate::mail::outlet::{FolderOutlet, Transport};
use crate::mail::smtp::{Protection, SmtpOutlet, SmtpSettings};

use super::WorkerError;
use crate::desk::boundary;

/// The name servers as they are configured. A machine that has none proves senders without them.
#[must_use]
pub fn open_dns(settings: &DnsSettings) -> Dns {
    if !settings.verifies_signatures {
        return Dns::Off;
    }
    Dns::servers(&settings.servers, settings.patience).unwrap_or_else(|why| {
        warn!(%why, "signatures are not verified: set [dns] servers, or verify_signatures = false");
        Dns::Off
    })
}

/// The inbox of a mailbox as it is configured, not yet connected.
///
/// # Errors
/// A password that can't be read.
pub fn open_inbox(mailbox: &Mailbox, tokens: &Tokens) -> Result<Inbox, WorkerError> {
    let limit = SizeLimit { whole: mailbox.max_bytes, ..SizeLimit::default() };
    match &mailbox.inbox {
        InboxSettings::Maildir(path) => Ok(Inbox::maildir(path.clone(), mailbox.file_into.is_some(), limit)),
        InboxSettings::Imap(server) => {
            let name = format!("mailbox \"{}\"", mailbox.name);
            let account = server.account.as_ref();
            let account = account.ok_or_else(|| WorkerError::Setup(format!("{name}: user is missing")))?;
            let credentials = credentials(account, tokens).map_err(|e| WorkerError::Setup(format!("{name}: {e}")))?;
            let timeouts =
                Timeouts { connect: server.connect_timeout, command: server.command_timeout, ..Timeouts::default() };
            let server = ImapServer {
                host: server.host.clone(),
                port: server.port,
                tls: match server.tls {
                    Tls::Implicit => TlsMode::Implicit,
                    Tls::Starttls => TlsMode::StartTls,
                    Tls::None => TlsMode::None,
                },
                ca_file: server.ca_file.clone(),
                credentials,
                timeouts,
            };
            Ok(Inbox::imap(server, limit))
        }
    }
}

/// The transport as it is configured, not yet connected.
///
/// # Errors
/// A password or certificate that can't be read, or a server that letters would reach unprotected.
pub fn open_transport(config: &Config, tokens: &Tokens) -> Result<Transport, WorkerError> {
    match &config.outlet.transport {
        TransportSettings::Folder(path) => Ok(Transport::Folder(FolderOutlet::new(path.clone(), boundary::reach))),
        TransportSettings::Smtp(server) => {
            let hello = config.desks.first().map_or("localhost", |desk| desk.host.as_str());
            let settings = smtp_settings(server, hello, tokens)?;
            let outlet = SmtpOutlet::new(settings, boundary::reach)
                .map_err(|e| WorkerError::Setup(format!("outlet.smtp: {e}")))?;
            Ok(Transport::Smtp(Box::new(outlet)))
        }
    }
}

fn credentials(account: &Account, tokens: &Tokens) -> Result<Credentials, SecretError> {
    let user = account.user.clone();
    Ok(match &account.login {
        Login::Password(source) => Credentials::Password { user, password: source.read()?.expose().to_owned() },
        Login::OAuth(oauth) => {
            Credentials::Token { user, mechanism: oauth.mechanism, keeper: tokens.keeper(&oauth.account) }
        }
    })
}

fn smtp_settings(server: &Server, hello: &str, tokens: &Tokens) -> Result<SmtpSettings, WorkerError> {
    let bad = |what: String| WorkerError::Setup(format!("outlet.smtp: {what}"));
    let login = match &server.account {
        Some(account) => Some(credentials(account, tokens).map_err(|e| bad(e.to_string()))?),
        None => None,
    };
    let extra_root_pem = match &server.ca_file {
        Some(path) => Some(std::fs::read(path).map_err(|e| bad(format!("ca_file {}: {e}", path.display())))?),
        None => None,
    };
    Ok(SmtpSettings {
        port: server.port,
        protection: match server.tls {
            Tls::Implicit => Protection::Implicit,
            Tls::Starttls => Protection::StartTls,
            Tls::None => Protection::None,
        },
        login,
        pool_size: server.connections,
        connect_timeout: server.connect_timeout,
        send_timeout: server.command_timeout,
        extra_root_pem,
        ..SmtpSettings::new(&server.host, hello)
    })
}
