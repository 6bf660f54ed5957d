//! Sends letters to one mail server (RFC 5321) over a few kept connections.
//!
//! lettre speaks the protocol; the steps are driven here, because its own transport can neither bound a
//! silent server in time nor tell "never handed over" from "lost after the final dot".

use crate::config::oauth::Mechanism;
use crate::domain::address::Address;
use crate::mail::credentials::Credentials;
use crate::mail::oauth::{AccessToken, sasl};
use crate::mail::outlet::{Envelope, Reached, Sent};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte (RFC 8314 section 3.3), mostly port 465.
    Implicit,
    /// STARTTLS, and nothing is sent if the server does not offer it (RFC 3207), mostly port 587.
    StartTls,
    /// Nothing: only for a server on this machine.
    None,
}

/// Which server, and how patiently.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Host name, as in its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS or not.
    pub protection: Protection,
    /// Who logs in, where the server asks for that.
    pub login: Option<Credentials>,
    /// The name by which we greet (EHLO).
    pub hello: String,
    /// How many connections at most.
    pub pool_size: usize,
    /// For the connection, TLS and greeting.
    pub connect_timeout: Duration,
    /// For everything after that, one letter.
    pub send_timeout: Duration,
    /// A further root certificate (PEM), for a server with a certificate of the house.
    pub extra_root_pem: Option<Vec<u8>>,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSettings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl SmtpSettings {
    /// The defaults: STARTTLS on 587, four connections, 10 s to connect, 60 s a letter.
    #[must_use]
    pub fn new(host: &str, hello: &str) -> Self {
        Self {
            host: host.into(),
            port: 587,
            protection: Protection::StartTls,
            login: None,
            hello: hello.into(),
            pool_size: 4,
            connect_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(60),
            extra_root_pem: None,
        }
    }
}

/// Settings that can't work, or must not.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSettingsError {
    /// Letters would travel in the open.
    #[error("mail to {0} would go unencrypted; without TLS only a server on this machine is used")]
    Unprotected(String),
    /// A certificate or name can't be used.
    #[error("TLS to {host}: {why}")]
    Tls {
        /// The server.
        host: String,
        /// What is wrong.
        why: String,
    },
}

/// A mail server that takes our letters.
pub struct SmtpOutlet {
    settings: SmtpSettings,
    tls: Option<Tls>,
    idle: Mutex<Vec<Idle>>,
    places: Semaphore,
    reached: Reached,
}

enum Tls {
    Implicit(tokio_rustls::TlsConnector, ServerName<'static>),
    StartTls(TlsParameters),
}

struct Idle {
    connection: Open,
    since: Instant,
}

/// A connection that is logged in.
struct Open {
    smtp: AsyncSmtpConnection,
    /// When the token of the login is to be renewed: servers hang up when it has expired.
    renew_at: Option<Instant>,
}

/// Servers mostly hang up after a minute or more of silence; before that a connection is used unasked.
const FRESH: Duration = Duration::from_secs(15);
const STALE: Duration = Duration::from_secs(120);

impl std::fmt::Debug for SmtpOutlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpOutlet").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SmtpOutlet {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// [`SmtpSettingsError`] where TLS is off for a server elsewhere, or can't be set up.
    pub fn new(settings: SmtpSettings, reached: Reached) -> Result<Self, SmtpSettingsError> {
        let is_here = settings.host == "localhost"
            || settings.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let tls = match settings.protection {
            Protection::None if is_here => None,
            Protection::None => return Err(SmtpSettingsError::Unprotected(settings.host)),
            Protection::StartTls => Some(Tls::StartTls(starttls_parameters(&settings)?)),
            Protection::Implicit => Some(implicit_tls(&settings)?),
        };
        let places = Semaphore::new(settings.pool_size.max(1));
        Ok(Self { settings, tls, idle: Mutex::new(Vec::new()), places, reached })
    }

    /// How many letters can be on their way at once.
    #[must_use]
    pub fn width(&self) -> usize {
        self.settings.pool_size.max(1)
    }

    /// Connects, greets and logs in as for a letter, and sends none.
    ///
    /// # Errors
    /// What was said or what broke, in words.
    pub async fn check(&self) -> Result<(), String> {
        let mut connection = self.log_in().await?;
        connection.smtp.quit().await.map_err(|e| told(&e))?;
        Ok(())
    }

    /// Sends one letter once. Ends within the two time-outs, however silent the server is; where a token must be had
    /// first, the issuer has its own bounds.
    pub async fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Sent {
        let path = match Path::of(envelope) {
            Ok(path) => path,
            Err(why) => return Sent::Permanent { why },
        };
        let Ok(_place) = self.places.acquire().await else {
            return Sent::Transient { why: "shutting down".into() };
        };
        // A server may hang up on a kept connection at any moment; then a new one gets the letter at once,
        // as long as nothing of it was handed over and the server had said nothing against it.
        loop {
            let (connection, is_kept) = match self.connection().await {
                Ok(connection) => connection,
                Err(sent) => return sent,
            };
            match self.send_over(connection, &path, bytes).await {
                Attempt::Told(sent) => return sent,
                Attempt::HungUp(why) if !is_kept => return Sent::Transient { why },
                Attempt::HungUp(_) => {}
            }
        }
    }

    async fn send_over(&self, mut connection: Open, path: &Path, bytes: &[u8]) -> Attempt {
        let handed_over = AtomicBool::new(false);
        let steps = self.hand_over(&mut connection.smtp, path, bytes, &handed_over);
        let outcome = timeout(self.settings.send_timeout, steps).await;
        let is_lost = handed_over.load(Ordering::Acquire);
        let sent = match outcome {
            Ok(Ok(response)) => Sent::Accepted { response },
            Ok(Err(error)) if !is_lost && error.status().is_none() => return Attempt::HungUp(told(&error)),
            Ok(Err(error)) => outcome_of(&error, is_lost),
            Err(_) if is_lost => Sent::Uncertain { why: "no answer after the final dot".into() },
            Err(_) => Sent::Transient { why: "the server did not answer in time".into() },
        };
        self.put_back(connection, &sent).await;
        Attempt::Told(sent)
    }

    /// The steps of RFC 5321 section 3.3. `handed_over` turns true just before the final dot is written:
    /// what breaks before it was surely not taken, what breaks after it may have been.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        path: &Path,
        bytes: &[u8],
        handed_over: &AtomicBool,
    ) -> Result<String, Error> {
        connection.command(Mail::new(path.from.clone(), Vec::new())).await?;
        for recipient in &path.to {
            connection.command(Rcpt::new(recipient.clone(), Vec::new())).await?;
        }
        connection.command(Data).await?;
        (self.reached)("before-data");
        // The final dot brings its own line end (RFC 5321 section 4.1.1.4).
        let body = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let until_dot = std::iter::once(body).chain(std::iter::from_fn(|| {
            handed_over.store(true, Ordering::Release);
            None
        }));
        let response = connection.message_iter(until_dot).await?;
        (self.reached)("after-final-dot");
        Ok(format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" ")))
    }

    /// A kept connection that seems to live (true), or a new one.
    async fn connection(&self) -> Result<(Open, bool), Sent> {
        while let Some(mut idle) = self.take_idle() {
            let silent = idle.since.elapsed();
            if silent > STALE || idle.connection.renew_at.is_some_and(|at| at <= Instant::now()) {
                continue;
            }
            // A dropped connection costs nothing here: nothing of the letter was sent yet.
            let mut check = async || timeout(Duration::from_secs(5), idle.connection.smtp.command(Rset)).await;
            if silent < FRESH || matches!(check().await, Ok(Ok(_))) {
                return Ok((idle.connection, true));
            }
        }
        match self.log_in().await {
            Ok(connection) => Ok((connection, false)),
            Err(why) => Err(Sent::Transient { why }),
        }
    }

    /// A connection that is logged in. A token that the server refuses before its time is renewed once. Everything that
    /// fails here is told as "again later": a wrong password or certificate is the desk's to mend, and no letter may be
    /// given up for it.
    async fn log_in(&self) -> Result<Open, String> {
        let Some(Credentials::Token { keeper, .. }) = &self.settings.login else {
            return self.connect_in_time(None).await.map_err(|failed| failed.why);
        };
        let token = keeper.access_token().await.map_err(|e| format!("no access token: {e}"))?;
        let opened = match self.connect_in_time(Some(&token)).await {
            Err(failed) if failed.is_refusal => {
                let token = keeper.after_refusal(&token, &failed.why).await.map_err(|e| e.to_string())?;
                self.connect_in_time(Some(&token)).await
            }
            other => other,
        };
        let opened = opened.map_err(|failed| failed.why)?;
        keeper.note_accepted().await;
        Ok(opened)
    }

    async fn connect_in_time(&self, token: Option<&AccessToken>) -> Result<Open, Failed> {
        match timeout(self.settings.connect_timeout, self.connect(token)).await {
            Ok(opened) => opened,
            Err(_) => Err("no connection in time".to_owned().into()),
        }
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    async fn connect(&self, token: Option<&AccessToken>) -> Result<Open, Failed> {
        let mut smtp = self.greet().await?;
        match (&self.settings.login, token) {
            (Some(Credentials::Password { user, password }), _) => {
                let login = authentication::Credentials::new(user.clone(), password.clone());
                let ways = [authentication::Mechanism::Plain, authentication::Mechanism::Login];
                smtp.auth(&ways, &login).await.map_err(|e| told(&e))?;
            }
            (Some(Credentials::Token { user, mechanism, .. }), Some(token)) => {
                let (host, port) = (&self.settings.host, self.settings.port);
                let words = sasl::first_words(*mechanism, user, host, port, token.secret.expose());
                show_token(&mut smtp, *mechanism, &words).await?;
            }
            _ => {}
        }
        Ok(Open { smtp, renew_at: token.and_then(|token| token.renew_at) })
    }

    async fn greet(&self) -> Result<AsyncSmtpConnection, String> {
        let settings = &self.settings;
        let tell = |error: Error| told(&error);
        let stream = TcpStream::connect((settings.host.as_str(), settings.port)).await.map_err(|e| e.to_string())?;
        // Commands are small and each waits for its answer: Nagle's algorithm would cost 40 ms a letter.
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let peer = stream.peer_addr().map_err(|e| e.to_string())?;
        let hello = ClientId::Domain(settings.hello.clone());
        Ok(match &self.tls {
            Some(Tls::Implicit(connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(|e| e.to_string())?;
                let stream = Box::new(Encrypted { stream, peer });
                AsyncSmtpConnection::connect_with_transport(stream, &hello).await.map_err(tell)?
            }
            Some(Tls::StartTls(parameters)) => {
                let mut connection =
                    AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.map_err(tell)?;
                connection.starttls(parameters.clone(), &hello).await.map_err(tell)?;
                connection
            }
            None => AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await.map_err(tell)?,
        })
    }

    /// Keeps a connection that ended clean. A refusal leaves it in the middle of a letter: RSET cleans it.
    async fn put_back(&self, mut connection: Open, sent: &Sent) {
        let second = Duration::from_secs(1);
        let is_clean = match sent {
            Sent::Accepted { .. } => true,
            Sent::Permanent { .. } => matches!(timeout(second, connection.smtp.command(Rset)).await, Ok(Ok(_))),
            Sent::Transient { .. } | Sent::Uncertain { .. } => false,
        };
        if is_clean {
            let idle = Idle { connection, since: Instant::now() };
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
        }
    }
}

/// Why nobody is logged in.
struct Failed {
    why: String,
    /// Whether it was the token that the server refused.
    is_refusal: bool,
}

impl From<String> for Failed {
    fn from(why: String) -> Self {
        Self { why, is_refusal: false }
    }
}

/// Logs in with a token (RFC 4954). lettre knows no OAUTHBEARER and answers no challenge of a refusal, so the dialogue
/// is driven here. The mechanism is named first and the token shown only to a server that knows it; so a long token
/// never stands in the command's line, either, which may have 512 bytes.
async fn show_token(smtp: &mut AsyncSmtpConnection, mechanism: Mechanism, words: &str) -> Result<(), Failed> {
    let encode = |bytes: &[u8]| format!("{}\r\n", data_encoding::BASE64.encode(bytes));
    let begun = smtp.command(format!("AUTH {}\r\n", mechanism.as_str())).await.map_err(|e| told(&e))?;
    if !begun.has_code(334) {
        return Err(format!("{} to AUTH {}", begun.code(), mechanism.as_str()).into());
    }
    let refused = |error: &Error, reason: Option<String>| {
        let is_refusal = error.status().is_some_and(|code| (530..540).contains(&u16::from(code)));
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        Failed { why: format!("{}{reason}", told(error)), is_refusal }
    };
    let answer = smtp.command(encode(words.as_bytes())).await.map_err(|e| refused(&e, None))?;
    if !answer.has_code(334) {
        return Ok(());
    }
    let challenge = answer.first_word().and_then(|word| data_encoding::BASE64.decode(word.as_bytes()).ok());
    let reason = sasl::told(&challenge.unwrap_or_default());
    match smtp.command(encode(sasl::answer_to_refusal(mechanism))).await {
        Ok(answer) => Err(Failed { why: format!("{} after a refusal: {reason}", answer.code()), is_refusal: true }),
        Err(error) => Err(refused(&error, Some(reason))),
    }
}

enum Attempt {
    /// The end of it.
    Told(Sent),
    /// The connection broke before anything of the letter was handed over.
    HungUp(String),
}

/// The envelope as lettre holds it.
struct Path {
    from: Option<lettre::Address>,
    to: Vec<lettre::Address>,
}

impl Path {
    /// Only ASCII goes out: SMTPUTF8 (RFC 6531) would have to hold on every server of the way.
    fn of(envelope: &Envelope) -> Result<Self, String> {
        let wire = |address: &Address| -> Result<lettre::Address, String> {
            let text = address.as_str();
            let parsed = if text.is_ascii() { text.parse().ok() } else { None };
            parsed.ok_or_else(|| format!("{text} can't be written in ASCII"))
        };
        let to = envelope.recipients.iter().map(wire).collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err("no recipient".into());
        }
        Ok(Self { from: envelope.reverse_path.as_ref().map(wire).transpose()?, to })
    }
}

/// A coded answer is clear wherever it comes; anything else is unclear once the final dot was written.
/// The codes 53x (RFC 4954 section 6) speak of our login, not of the letter: the desk mends it, the letter waits.
fn outcome_of(error: &Error, is_lost: bool) -> Sent {
    let why = told(error);
    let is_login = error.status().is_some_and(|code| (530..540).contains(&u16::from(code)));
    if is_login {
        Sent::Transient { why }
    } else if error.is_permanent() {
        Sent::Permanent { why }
    } else if error.is_transient() || !is_lost {
        Sent::Transient { why }
    } else {
        Sent::Uncertain { why }
    }
}

/// The code and the server's words, else what broke.
fn told(error: &Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => format!("{code} {source}").trim().to_owned(),
        None => error.to_string(),
    }
}

fn starttls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SmtpSettingsError> {
    let bad = |why: String| SmtpSettingsError::Tls { host: settings.host.clone(), why };
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.extra_root_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|e| bad(e.to_string()))?);
    }
    builder.build().map_err(|e| bad(e.to_string()))
}

fn implicit_tls(settings: &SmtpSettings) -> Result<Tls, SmtpSettingsError> {
    let bad = |why: String| SmtpSettingsError::Tls { host: settings.host.clone(), why };
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in CertificateDer::pem_slice_iter(settings.extra_root_pem.as_deref().unwrap_or_default()) {
        roots.add(certificate.map_err(|e| bad(e.to_string()))?).map_err(|e| bad(e.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(settings.host.clone()).map_err(|e| bad(e.to_string()))?;
    Ok(Tls::Implicit(tokio_rustls::TlsConnector::from(Arc::new(config)), name))
}

/// lettre takes a foreign stream if it can tell its peer.
#[derive(Debug)]
struct Encrypted {
    stream: tokio_rustls::client::TlsStream<TcpStream>,
    peer: SocketAddr,
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
