//! One connection to an IMAP server: TCP, TLS, login, and commands whose answers are believed only
//! when the server confirmed them.
//!
//! async-imap's own FETCH, STORE and SEARCH end quietly when the server refuses or hangs up, so that
//! a failure looks like "no mail". Therefore every command goes through [`Connection::run`].

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use async_imap::error::Error as ImapError;
use async_imap::{Client, Session};
use imap_proto::{Capability, MailboxDatum, Response, ResponseCode, Status};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::super::credentials::Credentials;
use super::super::inbox::{InboxError, Result};
use super::super::oauth::{AccessToken, Keeper, sasl};
use super::super::tls::client_config;
use super::{ImapServer, Timeouts, TlsMode};
use crate::config::oauth::Mechanism;

/// What a session talks through: a socket, with or without TLS.
trait Pipe: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync + fmt::Debug> Pipe for T {}
type Stream = Box<dyn Pipe>;

/// A connection that is logged in.
#[derive(Debug)]
pub(super) struct Connection {
    session: Session<Stream>,
    timeouts: Timeouts,
    /// What the server can do, in capitals.
    pub(super) capabilities: BTreeSet<String>,
    /// The folder that is selected, as the caller names it.
    pub(super) selected: Option<String>,
    /// A filing folder whose existence was made sure: the name asked for and the name on the server.
    pub(super) filing: Option<(String, String)>,
    /// When the token of the login is to be renewed: servers hang up when it has expired.
    pub(super) renew_at: Option<Instant>,
}

/// A command that the server confirmed.
#[derive(Debug, Default)]
pub(super) struct Confirmed {
    /// Whether the answer was given on a folder that may only be read.
    pub(super) is_read_only: bool,
}

impl Connection {
    /// Connects and logs in. A token that the server refuses before its time is renewed once.
    pub(super) async fn open(server: &ImapServer) -> Result<Self> {
        match &server.credentials {
            Credentials::Password { user, password } => {
                let client = greeted(server).await?;
                let session = within("LOGIN", server.timeouts.command, client.login(user, password))
                    .await?
                    .map_err(|(error, _)| login_error(error))?;
                Self::begin(session, server, None).await
            }
            Credentials::Token { user, mechanism, keeper } => {
                let token = keeper.access_token().await?;
                match authenticate(server, *mechanism, user, &token).await {
                    Err(InboxError::Credentials(why)) => {
                        let token = keeper.after_refusal(&token, &why).await?;
                        let session = authenticate(server, *mechanism, user, &token).await?;
                        Self::begin_with(session, server, &token, keeper).await
                    }
                    session => Self::begin_with(session?, server, &token, keeper).await,
                }
            }
        }
    }

    async fn begin_with(
        session: Session<Stream>,
        server: &ImapServer,
        token: &AccessToken,
        keeper: &Keeper,
    ) -> Result<Self> {
        keeper.note_accepted().await;
        Self::begin(session, server, token.renew_at).await
    }

    async fn begin(session: Session<Stream>, server: &ImapServer, renew_at: Option<Instant>) -> Result<Self> {
        let capabilities = BTreeSet::new();
        let timeouts = server.timeouts;
        let mut connection = Self { session, timeouts, capabilities, selected: None, filing: None, renew_at };
        let mut capabilities = BTreeSet::new();
        connection.run("CAPABILITY", "CAPABILITY", |answer| note_capabilities(answer, &mut capabilities)).await?;
        connection.capabilities = capabilities;
        Ok(connection)
    }

    /// Whether the server says that it can do this.
    pub(super) fn can(&self, what: &str) -> bool {
        self.capabilities.contains(what)
    }

    /// Sends a command and reads until the server confirms it. What `take` gathered counts only then.
    pub(super) async fn run(
        &mut self,
        name: &'static str,
        command: &str,
        take: impl FnMut(&Response<'_>) -> bool,
    ) -> Result<Confirmed> {
        self.run_patiently(name, command, self.timeouts.command, take).await
    }

    /// As [`Connection::run`] with a patience of its own. It starts anew with every answer of which
    /// `take` says that it brought us further: a server that only says "still here" gets no more time.
    pub(super) async fn run_patiently(
        &mut self,
        name: &'static str,
        command: &str,
        patience: Duration,
        mut take: impl FnMut(&Response<'_>) -> bool,
    ) -> Result<Confirmed> {
        let id = within(name, patience, self.session.run_command(command)).await?.map_err(broken)?;
        let mut deadline = Instant::now() + patience;
        loop {
            let Ok(answer) = tokio::time::timeout_at(deadline, self.session.read_response()).await else {
                return Err(InboxError::TimedOut { step: name, after: patience });
            };
            let Some(answer) = answer.map_err(io_error)? else { return Err(hung_up(name)) };
            match answer.parsed() {
                Response::Done { tag, status, outcome } if *tag == id => {
                    return confirm(name, status, outcome.code.as_ref(), outcome.information.as_deref());
                }
                Response::Data { status: Status::Bye, outcome } => return Err(bye(outcome.information.as_deref())),
                other => {
                    if take(other) {
                        deadline = Instant::now() + patience;
                    }
                }
            }
        }
    }

    /// RFC 2177: waits until the server tells of a new message, at most the given time.
    pub(super) async fn idle(&mut self, at_most: Duration) -> Result<()> {
        let patience = self.timeouts.command;
        let id = within("IDLE", patience, self.session.run_command("IDLE")).await?.map_err(broken)?;
        let mut deadline = Instant::now() + patience;
        let mut has_begun = false;
        let mut is_news = false;
        while !(has_begun && is_news) {
            let answer = match tokio::time::timeout_at(deadline, self.session.read_response()).await {
                Ok(answer) => answer.map_err(io_error)?.ok_or_else(|| hung_up("IDLE"))?,
                Err(_) if has_begun => break,
                Err(_) => return Err(InboxError::TimedOut { step: "IDLE", after: patience }),
            };
            match answer.parsed() {
                Response::Continue(_) => {
                    has_begun = true;
                    deadline = Instant::now() + at_most;
                }
                Response::Done { tag, status, outcome } if *tag == id => {
                    confirm("IDLE", status, outcome.code.as_ref(), outcome.information.as_deref())?;
                    return Ok(());
                }
                Response::Data { status: Status::Bye, outcome } => return Err(bye(outcome.information.as_deref())),
                Response::MailboxData(MailboxDatum::Exists(_)) => is_news = true,
                _ => {}
            }
        }
        self.end_idle(&id).await
    }

    async fn end_idle(&mut self, id: &imap_proto::RequestId) -> Result<()> {
        let patience = self.timeouts.done;
        let end = async {
            self.session.run_command_untagged("DONE").await.map_err(broken)?;
            loop {
                let answer = self.session.read_response().await.map_err(io_error)?.ok_or_else(|| hung_up("DONE"))?;
                if let Response::Done { tag, status, outcome } = answer.parsed()
                    && tag == id
                {
                    confirm("IDLE", status, outcome.code.as_ref(), outcome.information.as_deref())?;
                    return Ok(());
                }
            }
        };
        within("DONE", patience, end).await?
    }
}

fn note_capabilities(answer: &Response<'_>, capabilities: &mut BTreeSet<String>) -> bool {
    let Response::Capabilities(list) = answer else { return false };
    capabilities.extend(list.iter().map(|capability| match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(way) => format!("AUTH={}", way.to_ascii_uppercase()),
        Capability::Atom(atom) => atom.to_ascii_uppercase(),
    }));
    true
}

fn confirm(
    command: &'static str,
    status: &Status,
    code: Option<&ResponseCode<'_>>,
    text: Option<&str>,
) -> Result<Confirmed> {
    if *status == Status::Ok {
        return Ok(Confirmed { is_read_only: matches!(code, Some(ResponseCode::ReadOnly)) });
    }
    let code = match code {
        Some(ResponseCode::TryCreate) => "[TRYCREATE] ",
        _ => "",
    };
    Err(InboxError::Refused { command, text: format!("{code}{}", text.unwrap_or("without a word")) })
}

/// Bounds one step. After [`InboxError::TimedOut`] the connection is of no use any more.
async fn within<T>(step: &'static str, after: Duration, work: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(after, work).await.map_err(|_| InboxError::TimedOut { step, after })
}

fn broken(error: ImapError) -> InboxError {
    InboxError::Connection(error.to_string())
}

/// The parser's complaint is passed off as an input error, with the bytes in it: keep them short.
fn io_error(error: std::io::Error) -> InboxError {
    if error.kind() == std::io::ErrorKind::Other {
        InboxError::Protocol(error.to_string().chars().take(200).collect())
    } else {
        InboxError::Connection(error.to_string())
    }
}

fn hung_up(step: &str) -> InboxError {
    InboxError::Connection(format!("the server hung up during {step}"))
}

fn bye(text: Option<&str>) -> InboxError {
    InboxError::Connection(format!("the server said goodbye: {}", text.unwrap_or("without a word")))
}

/// RFC 5530: some refusals mean "not now", and are no fault of the password.
fn login_error(error: ImapError) -> InboxError {
    match error {
        ImapError::No(text) | ImapError::Bad(text) => {
            if ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN"].iter().any(|code| text.contains(code)) {
                InboxError::Refused { command: "LOGIN", text }
            } else {
                InboxError::Credentials(text)
            }
        }
        ImapError::Validate(_) => InboxError::Configuration("user or password contain a line break".into()),
        other => InboxError::Connection(other.to_string()),
    }
}

async fn greeted(server: &ImapServer) -> Result<Client<Stream>> {
    let mut client = Client::new(connect(server).await?);
    if server.tls != TlsMode::StartTls {
        greeting(&mut client, server.timeouts.command).await?;
    }
    Ok(client)
}

/// Answers the challenges of a login by token, and keeps what the server says against it.
struct Bearer {
    words: Option<String>,
    mechanism: Mechanism,
    refusal: std::sync::Arc<std::sync::OnceLock<String>>,
}

impl async_imap::Authenticator for Bearer {
    type Response = Vec<u8>;

    fn process(&mut self, challenge: &[u8]) -> Vec<u8> {
        match self.words.take() {
            Some(words) => words.into_bytes(),
            None => {
                // Only the first words of a refusal are told.
                let _ = self.refusal.set(sasl::told(challenge));
                sasl::answer_to_refusal(self.mechanism).to_vec()
            }
        }
    }
}

async fn authenticate(
    server: &ImapServer,
    mechanism: Mechanism,
    user: &str,
    token: &AccessToken,
) -> Result<Session<Stream>> {
    let client = greeted(server).await?;
    let refusal = std::sync::Arc::default();
    let words = sasl::first_words(mechanism, user, &server.host, server.port, token.secret.expose());
    let bearer = Bearer { words: Some(words), mechanism, refusal: std::sync::Arc::clone(&refusal) };
    within("AUTHENTICATE", server.timeouts.command, client.authenticate(mechanism.as_str(), bearer)).await?.map_err(
        |(error, _)| match (login_error(error), refusal.get()) {
            (InboxError::Credentials(text), Some(why)) => InboxError::Credentials(format!("{text}: {why}")),
            (other, _) => other,
        },
    )
}

async fn greeting(client: &mut Client<Stream>, patience: Duration) -> Result<()> {
    let answer = within("the greeting", patience, client.read_response()).await?;
    let answer = answer.map_err(io_error)?.ok_or_else(|| hung_up("the greeting"))?;
    match answer.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(()),
        Response::Data { status: Status::Bye, outcome } => Err(bye(outcome.information.as_deref())),
        _ => Err(InboxError::Protocol("the greeting is none that allows a login".into())),
    }
}

async fn connect(server: &ImapServer) -> Result<Stream> {
    let socket = within("the connection", server.timeouts.connect, connect_tcp(server)).await??;
    match server.tls {
        TlsMode::None => Ok(Box::new(socket)),
        TlsMode::Implicit => {
            within("the TLS handshake", server.timeouts.connect, start_tls(server, Box::new(socket))).await?
        }
        TlsMode::StartTls => {
            let mut client = Client::new(Box::new(socket) as Stream);
            greeting(&mut client, server.timeouts.command).await?;
            within("STARTTLS", server.timeouts.command, client.run_command_and_check_ok("STARTTLS", None))
                .await?
                .map_err(|error| match error {
                    ImapError::No(text) | ImapError::Bad(text) => InboxError::Refused { command: "STARTTLS", text },
                    other => broken(other),
                })?;
            // What somebody on the way slipped in behind the OK is thrown away with the buffer.
            within("the TLS handshake", server.timeouts.connect, start_tls(server, client.into_inner())).await?
        }
    }
}

async fn connect_tcp(server: &ImapServer) -> Result<TcpStream> {
    let unreachable =
        |error: &dyn fmt::Display| InboxError::Connection(format!("{}:{}: {error}", server.host, server.port));
    let found = tokio::net::lookup_host((server.host.as_str(), server.port)).await.map_err(|e| unreachable(&e))?;
    let mut failure = unreachable(&"the name has no address");
    for address in found {
        if server.tls == TlsMode::None && !address.ip().is_loopback() {
            return Err(InboxError::Configuration(format!(
                "{} is not this machine: a password is never sent there without TLS",
                server.host
            )));
        }
        match connect_one(address).await {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = unreachable(&error),
        }
    }
    Err(failure)
}

async fn connect_one(address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_keepalive(true)?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

async fn start_tls(server: &ImapServer, stream: Stream) -> Result<Stream> {
    let ca_file = server.ca_file.clone();
    let config = tokio::task::spawn_blocking(move || client_config(ca_file.as_deref()))
        .await
        .map_err(|stop| InboxError::Connection(stop.to_string()))?
        .map_err(InboxError::Configuration)?;
    let name = ServerName::try_from(server.host.clone())
        .map_err(|_| InboxError::Configuration(format!("\"{}\" is no host name", server.host)))?;
    let stream = TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(|error| InboxError::Connection(format!("TLS with {}: {error}", server.host)))?;
    Ok(Box::new(stream))
}
