//! A mail server that says what a test tells it to say.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How a connection goes; what is not named goes well.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Step (`greeting`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, a recipient's address, `DATA`, `.`) and what happens there.
    pub steps: Vec<(&'static str, Act)>,
    /// TLS from the first byte, or offered.
    pub tls: Option<Tls>,
}

/// How the server protects the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// After STARTTLS.
    Offered,
}

/// The server's own certificate, for `localhost`.
pub const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.crt.pem");
const KEY: &[u8] = include_bytes!("tls/localhost.key.pem");

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()))
}

/// What the server does at a step in place of a friendly answer.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// Answers this line.
    Say(&'static str),
    /// Says nothing and keeps the connection open.
    Silence,
    /// Hangs up.
    Cut,
    /// Answers well, but late.
    Late(Duration),
}

/// A letter that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Of `MAIL FROM`, with its brackets.
    pub from: String,
    /// Of each `RCPT TO`.
    pub to: Vec<String>,
    /// The letter, dots unstuffed.
    pub bytes: Vec<u8>,
}

/// The server; it ends with its value.
pub struct ScriptedSmtp {
    /// Where it listens.
    pub port: u16,
    letters: Arc<Mutex<Vec<Captured>>>,
    connections: Arc<Mutex<usize>>,
    open: Arc<Mutex<Vec<tokio::task::AbortHandle>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for ScriptedSmtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ScriptedSmtp {
    /// Each connection follows its own script in turn, the last one for ever.
    pub async fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let letters = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let open = Arc::new(Mutex::new(Vec::new()));
        let conversations = Arc::clone(&open);
        let (taken, count) = (Arc::clone(&letters), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut count = count.lock().unwrap();
                    *count += 1;
                    *count - 1
                };
                let script = scripts.get(number).or(scripts.last()).cloned().unwrap_or_default();
                let taken = Arc::clone(&taken);
                let conversation = tokio::spawn(async move {
                    let _ = welcome(stream, &script, &taken).await;
                });
                conversations.lock().unwrap().push(conversation.abort_handle());
            }
        });
        Self { port, letters, connections, open, task }
    }

    /// What was taken so far, whether or not it was answered.
    pub fn letters(&self) -> Vec<Captured> {
        self.letters.lock().unwrap().clone()
    }

    /// Ends every open connection without a word, as a server does with an idle one.
    pub fn hang_up(&self) {
        self.open.lock().unwrap().drain(..).for_each(|conversation| conversation.abort());
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn welcome(stream: TcpStream, script: &Script, taken: &Mutex<Vec<Captured>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    if script.tls == Some(Tls::Implicit) {
        let mut stream = BufReader::new(acceptor().accept(stream).await?);
        stream.write_all(b"220 scripted ESMTP\r\n").await?;
        stream.flush().await?;
        return converse(&mut stream, script, taken).await;
    }
    let mut stream = BufReader::new(stream);
    if !answer(&mut stream, script, "greeting", "220 scripted ESMTP").await? {
        return Ok(());
    }
    if script.tls == Some(Tls::Offered) {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        stream.write_all(b"250-scripted\r\n250 STARTTLS\r\n").await?;
        stream.read_line(&mut line).await?;
        assert!(line.ends_with("STARTTLS\r\n"), "{line}");
        stream.write_all(b"220 go on\r\n").await?;
        let mut stream = BufReader::new(acceptor().accept(stream.into_inner()).await?);
        return converse(&mut stream, script, taken).await;
    }
    converse(&mut stream, script, taken).await
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    script: &Script,
    taken: &Mutex<Vec<Captured>>,
) -> std::io::Result<()> {
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_uppercase();
        let goes_on = match verb.as_str() {
            "EHLO" => answer(stream, script, "EHLO", "250-scripted\r\n250-AUTH PLAIN\r\n250 8BITMIME").await?,
            "AUTH" => answer(stream, script, "AUTH", "235 welcome").await?,
            "MAIL" => {
                from = line.trim()[10..].to_owned();
                to.clear();
                answer(stream, script, "MAIL", "250 ok").await?
            }
            "RCPT" => {
                to.push(line.trim()[8..].to_owned());
                // A step may be named by an address too: then it is about that recipient alone.
                let own = script.steps.iter().find(|(step, _)| step.contains('@') && line.contains(step));
                answer(stream, script, own.map_or("RCPT", |(step, _)| step), "250 ok").await?
            }
            "DATA" => {
                let is_asked = answer(stream, script, "DATA", "354 go on").await?;
                if is_asked && !script.refuses("DATA") {
                    let bytes = read_letter(stream).await?;
                    taken.lock().unwrap().push(Captured { from: from.clone(), to: to.clone(), bytes });
                    answer(stream, script, ".", "250 queued as 1").await?
                } else {
                    is_asked
                }
            }
            "QUIT" => return Ok(()),
            _ => answer(stream, script, &verb, "250 ok").await?,
        };
        if !goes_on {
            return Ok(());
        }
    }
}

impl Script {
    fn act(&self, step: &str) -> Option<Act> {
        self.steps.iter().find(|(name, _)| *name == step).map(|&(_, act)| act)
    }

    fn refuses(&self, step: &str) -> bool {
        matches!(self.act(step), Some(Act::Say(_)))
    }
}

/// False where the conversation ends.
async fn answer<S: AsyncWrite + Unpin>(
    stream: &mut S,
    script: &Script,
    step: &str,
    well: &str,
) -> std::io::Result<bool> {
    let line = match script.act(step) {
        None => well,
        Some(Act::Say(line)) => line,
        Some(Act::Cut) => return Ok(false),
        Some(Act::Silence) => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return Ok(false);
        }
        Some(Act::Late(delay)) => {
            tokio::time::sleep(delay).await;
            well
        }
    };
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await?;
    Ok(true)
}

async fn read_letter<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(bytes);
        }
        bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
