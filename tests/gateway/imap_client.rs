//! Another mail program on the same mailbox: it appends, reads, moves and removes behind casepost's back.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::servers::port;

/// A plain connection to Dovecot that is logged in.
pub struct ImapClient {
    stream: BufReader<TcpStream>,
    count: u32,
}

impl ImapClient {
    /// Logs in as the user.
    pub async fn log_in(user: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port("CASEPOST_TEST_IMAP_PORT"))).await.expect("Dovecot");
        let mut client = Self { stream: BufReader::new(stream), count: 0 };
        client.line().await;
        client.run(&format!("LOGIN {user} secret")).await;
        client
    }

    /// Sends a command and returns all lines of the answer; it must be OK.
    pub async fn run(&mut self, command: &str) -> Vec<String> {
        self.count += 1;
        let tag = format!("c{}", self.count);
        self.send(&format!("{tag} {command}\r\n")).await;
        self.until_done(&tag, command).await
    }

    /// Puts a mail into the folder.
    pub async fn append(&mut self, folder: &str, flags: &str, mail: &str) {
        self.count += 1;
        let tag = format!("c{}", self.count);
        self.send(&format!("{tag} APPEND {folder} ({flags}) {{{}}}\r\n", mail.len())).await;
        assert!(self.line().await.starts_with('+'));
        self.send(&format!("{mail}\r\n")).await;
        self.until_done(&tag, "APPEND").await;
    }

    /// Puts a mail into the folder as if it had come at that time, such as `02-Mar-2026 09:00:00 +0000`.
    pub async fn append_at(&mut self, folder: &str, date: &str, mail: &str) {
        self.count += 1;
        let tag = format!("c{}", self.count);
        self.send(&format!("{tag} APPEND {folder} \"{date}\" {{{}}}\r\n", mail.len())).await;
        assert!(self.line().await.starts_with('+'));
        self.send(&format!("{mail}\r\n")).await;
        self.until_done(&tag, "APPEND").await;
    }

    /// How many messages the folder holds.
    pub async fn count(&mut self, folder: &str) -> u32 {
        let lines = self.run(&format!("STATUS {folder} (MESSAGES)")).await;
        let line = lines.iter().find(|line| line.contains("MESSAGES")).expect("a status");
        let digits = line.split("MESSAGES ").nth(1).expect("a count").trim_end_matches([')', '\r', '\n']);
        digits.parse().expect("a number")
    }

    async fn send(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).await.expect("sent");
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).await.expect("a line");
        line
    }

    async fn until_done(&mut self, tag: &str, command: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            assert!(!line.is_empty(), "hung up during {command}");
            if let Some(status) = line.strip_prefix(&format!("{tag} ")) {
                assert!(status.starts_with("OK"), "{command}: {status}");
                return lines;
            }
            if let Some(length) = line.trim_end().strip_suffix('}').and_then(|l| l.rsplit_once('{')) {
                let mut literal = vec![0; length.1.parse().expect("a length")];
                self.stream.read_exact(&mut literal).await.expect("a literal");
            }
            lines.push(line);
        }
    }
}
