//! Stands between casepost and Dovecot and spoils what a test tells it to spoil.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::imap_client::ImapClient;
use super::servers::port;

/// What happens to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoil {
    /// The proxy answers NO itself.
    Refuse,
    /// The connection ends in the middle of the first literal of the answer.
    CutInLiteral,
    /// Dovecot does it, but the connection ends before the answer.
    LoseAnswer,
    /// Another client of that user removes the message of this uid first.
    RemoveFirst(String, u32),
    /// Another client of that user moves the message of this uid into the folder Elsewhere first.
    MoveFirst(String, u32),
}

/// A command that contains a text is spoilt so many times.
type Rule = (&'static str, Spoil, usize);

/// The proxy; it ends with its value.
pub struct ImapProxy {
    /// Where it listens, without TLS.
    pub port: u16,
    rules: Arc<Mutex<Vec<Rule>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for ImapProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ImapProxy {
    /// Starts it. `hides_move` makes Dovecot a server that cannot MOVE.
    pub async fn start(hides_move: bool, rules: Vec<Rule>) -> Self {
        Self::begin(if hides_move { &[" MOVE"] } else { &[] }, rules).await
    }

    /// Starts it in front of a Dovecot that seems to lack these capabilities, each with the blank before it.
    pub async fn hiding(hides: &'static [&'static str]) -> Self {
        Self::begin(hides, Vec::new()).await
    }

    async fn begin(hides: &'static [&'static str], rules: Vec<Rule>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own_port = listener.local_addr().unwrap().port();
        let rules = Arc::new(Mutex::new(rules));
        let shared = Arc::clone(&rules);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port("CASEPOST_TEST_IMAP_PORT"))).await.unwrap();
                tokio::spawn(converse(client, server, Arc::clone(&shared), hides));
            }
        });
        Self { port: own_port, rules, task }
    }

    /// From now on nothing else is spoilt.
    pub fn set(&self, rules: Vec<Rule>) {
        *self.rules.lock().unwrap() = rules;
    }

    /// Whether every rule was used as often as it says.
    pub fn is_used_up(&self) -> bool {
        self.rules.lock().unwrap().iter().all(|rule| rule.2 == 0)
    }
}

/// What the way back is told by the way there.
#[derive(Default)]
struct Pending {
    cuts: bool,
    loses: Option<String>,
    refused: Vec<u8>,
}

async fn converse(client: TcpStream, server: TcpStream, rules: Arc<Mutex<Vec<Rule>>>, hides: &'static [&'static str]) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let pending = Arc::new(tokio::sync::Mutex::new(Pending::default()));
    let wake = Arc::new(tokio::sync::Notify::new());
    let there = forward(from_client, to_server, rules, Arc::clone(&pending), Arc::clone(&wake));
    // Whichever side ends, both connections end.
    tokio::select! {
        () = there => {}
        () = answer(from_server, to_client, pending, wake, hides) => {}
    }
}

async fn forward(
    client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    rules: Arc<Mutex<Vec<Rule>>>,
    pending: Arc<tokio::sync::Mutex<Pending>>,
    wake: Arc<tokio::sync::Notify>,
) {
    let mut client = BufReader::new(client);
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let spoil = {
            let mut rules = rules.lock().unwrap();
            let rule = rules.iter_mut().find(|rule| rule.2 > 0 && line.contains(rule.0));
            rule.map(|rule| {
                rule.2 -= 1;
                rule.1.clone()
            })
        };
        let tag = line.split(' ').next().unwrap_or_default().to_owned();
        match spoil {
            Some(Spoil::Refuse) => {
                pending.lock().await.refused.extend(format!("{tag} NO spoilt by the test\r\n").into_bytes());
                wake.notify_one();
                continue;
            }
            Some(Spoil::CutInLiteral) => pending.lock().await.cuts = true,
            Some(Spoil::LoseAnswer) => pending.lock().await.loses = Some(format!("{tag} ")),
            Some(Spoil::RemoveFirst(user, uid)) => {
                let mut other = ImapClient::log_in(&user).await;
                other.run("SELECT INBOX").await;
                other.run(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await;
                other.run("EXPUNGE").await;
            }
            Some(Spoil::MoveFirst(user, uid)) => {
                let mut other = ImapClient::log_in(&user).await;
                other.run("CREATE Elsewhere").await;
                other.run("SELECT INBOX").await;
                other.run(&format!("UID MOVE {uid} Elsewhere")).await;
            }
            None => {}
        }
        if server.write_all(line.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn answer(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    pending: Arc<tokio::sync::Mutex<Pending>>,
    wake: Arc<tokio::sync::Notify>,
    hides: &'static [&'static str],
) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = tokio::select! {
            () = wake.notified() => 0,
            read = server.read(&mut buffer) => match read {
                Ok(0) | Err(_) => return,
                Ok(count) => count,
            },
        };
        let mut chunk = buffer[..count].to_vec();
        let mut pending = pending.lock().await;
        let text = String::from_utf8_lossy(&chunk).into_owned();
        if pending.cuts
            && let Some(at) = text.find("}\r\n")
        {
            let _ = client.write_all(&chunk[..(at + 30).min(chunk.len())]).await;
            return;
        }
        if let Some(tag) = &pending.loses
            && (text.starts_with(tag.as_str()) || text.contains(&format!("\n{tag}")))
        {
            return;
        }
        if !hides.is_empty() && text.contains("CAPABILITY") {
            chunk = hides.iter().fold(text, |text, hidden| text.replace(hidden, "")).into_bytes();
        }
        chunk.append(&mut pending.refused);
        if client.write_all(&chunk).await.is_err() {
            return;
        }
    }
}
