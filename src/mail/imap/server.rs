//! Where an IMAP mailbox is, and how it is reached.

use std::path::PathBuf;
use std::time::Duration;

use super::super::credentials::Credentials;

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS from the first byte (RFC 8314), mostly port 993.
    Implicit,
    /// Plain at first, then STARTTLS before anything is said; never without it.
    StartTls,
    /// No TLS: only to this machine itself.
    None,
}

/// How long each step may take. After any of them the connection is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP and, once more, the TLS handshake.
    pub connect: Duration,
    /// A command until its confirmation.
    pub command: Duration,
    /// The next message of a set; a large one gets more.
    pub fetch_item: Duration,
    /// How long an IDLE runs before it is begun anew (servers hang up after 10 to 30 minutes).
    pub idle: Duration,
    /// The end of an IDLE.
    pub done: Duration,
}

impl Default for Timeouts {
    /// 10 s, 60 s, 60 s, 9 min, 15 s.
    fn default() -> Self {
        let [connect, command, fetch_item, idle, done] = [10, 60, 60, 540, 15].map(Duration::from_secs);
        Self { connect, command, fetch_item, idle, done }
    }
}

/// Where a mailbox is, and how it is reached.
#[derive(Debug, Clone)]
pub struct ImapServer {
    /// Host name, as in its certificate.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection of the connection.
    pub tls: TlsMode,
    /// A PEM file with certificate authorities beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Who logs in.
    pub credentials: Credentials,
    /// Bounds of time.
    pub timeouts: Timeouts,
}
