//! Where the servers are that `tests/run` started.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use casepost::mail::inbox::{Credentials, ImapServer, Inbox, SizeLimit, Timeouts, TlsMode};

/// A value that `tests/run` hands over.
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run tests/run, or tests/run --servers and take over what it prints")
    })
}

/// A port that `tests/run` hands over.
pub fn port(name: &str) -> u16 {
    variable(name).parse().expect("a port number")
}

/// A user of Dovecot that no other test uses, with an empty mailbox. The password is "secret".
pub fn new_user() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("user{}-{count}@example.test", std::process::id())
}

/// Short bounds, so that a silent server is found out within a test's patience.
pub fn short_timeouts() -> Timeouts {
    let short = Duration::from_secs(1);
    Timeouts { connect: short, command: short, fetch_item: short, idle: Duration::from_secs(5), done: short }
}

/// Dovecot over TLS, as the given user.
pub fn dovecot(user: &str) -> ImapServer {
    ImapServer {
        host: "localhost".into(),
        port: port("CASEPOST_TEST_IMAPS_PORT"),
        tls: TlsMode::Implicit,
        ca_file: Some(PathBuf::from(variable("CASEPOST_TEST_CA"))),
        credentials: Credentials::Password { user: user.into(), password: "secret".into() },
        timeouts: Timeouts::default(),
    }
}

/// The mailbox of the given user on Dovecot.
pub fn inbox(user: &str) -> Inbox {
    Inbox::imap(dovecot(user), SizeLimit::default())
}
