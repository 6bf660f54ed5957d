//! A receiver of mail that says yes at once and keeps nothing: what is left is the sender's own work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A running receiver.
pub struct Sink {
    /// Where it listens on loopback.
    pub port: u16,
    taken: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    /// Starts it.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start() -> std::io::Result<Sink> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                // A sender that hangs up is done.
                tokio::spawn(async move {
                    let _ = serve(stream, &counter).await;
                });
            }
        });
        Ok(Sink { port, taken, task })
    }

    /// How many mails came.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, taken: &AtomicUsize) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::with_capacity(64 * 1024, reader);
    writer.write_all(b"220 sink\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let verb: Vec<u8> = line.iter().take(4).map(u8::to_ascii_uppercase).collect();
        let answer: &[u8] = match verb.as_slice() {
            b"EHLO" => b"250-sink\r\n250 8BITMIME\r\n",
            b"QUIT" => b"221 bye\r\n",
            b"DATA" => {
                writer.write_all(b"354 go\r\n").await?;
                loop {
                    line.clear();
                    if reader.read_until(b'\n', &mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == b".\r\n" {
                        break;
                    }
                }
                taken.fetch_add(1, Ordering::Relaxed);
                b"250 taken\r\n"
            }
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer).await?;
    }
}
