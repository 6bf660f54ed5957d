//! Where finished letters leave the house: a mail server, or a folder for trials and tests.

use crate::domain::address::Address;
use crate::mail::smtp::SmtpOutlet;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Who a letter is carried for and to (RFC 5321 section 2.3.1); no header decides this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Where a bounce goes; none (`<>`) for letters of the program itself (RFC 3834 section 3.3).
    pub reverse_path: Option<Address>,
    /// Who gets it; normally one.
    pub recipients: Vec<Address>,
}

/// What became of one attempt to send a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The server took it and answers for it (RFC 5321 section 6.1).
    Accepted {
        /// The server's words.
        response: String,
    },
    /// It surely was not taken; again later. Safe to repeat.
    Transient {
        /// What was said or what broke.
        why: String,
    },
    /// It surely was not taken, and never will be.
    Permanent {
        /// What was said.
        why: String,
    },
    /// The connection was lost after the whole letter had been handed over: it may have been taken.
    /// A repetition carries the same Message-ID and is marked.
    Uncertain {
        /// What broke.
        why: String,
    },
}

/// Told at the named steps of a sending, so that a test can end the process there: `before-data` (nothing
/// of the letter was handed over) and `after-final-dot` (the server took it, nobody noted it yet).
pub type Reached = fn(&'static str);

/// The [`Reached`] of real life.
pub fn nobody_listens(_step: &'static str) {}

/// A way out.
#[derive(Debug)]
pub enum Transport {
    /// A mail server.
    Smtp(Box<SmtpOutlet>),
    /// A folder.
    Folder(FolderOutlet),
}

impl Transport {
    /// Sends one letter once, within bounded time. `name` is the outbox's name of the letter; the same name
    /// always comes with the same bytes.
    pub async fn send(&self, envelope: &Envelope, bytes: &[u8], name: &str) -> Sent {
        match self {
            Self::Smtp(outlet) => outlet.send(envelope, bytes).await,
            Self::Folder(outlet) => outlet.send(envelope, bytes, name).await,
        }
    }

    /// How many letters can be on their way at once.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Smtp(outlet) => outlet.width(),
            Self::Folder(_) => 1,
        }
    }
}

/// Writes each letter as `NAME.eml`, the bytes untouched, with its envelope beside it in `NAME.envelope.json`.
#[derive(Debug, Clone)]
pub struct FolderOutlet {
    folder: PathBuf,
    reached: Reached,
}

impl FolderOutlet {
    /// Letters go into this folder, which must exist.
    #[must_use]
    pub fn new(folder: PathBuf, reached: Reached) -> Self {
        Self { folder, reached }
    }

    async fn send(&self, envelope: &Envelope, bytes: &[u8], name: &str) -> Sent {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
            return Sent::Permanent { why: format!("\"{name}\" can't be a file name") };
        }
        let envelope = match serde_json::to_vec(envelope) {
            Ok(envelope) => envelope,
            Err(error) => return Sent::Permanent { why: error.to_string() },
        };
        (self.reached)("before-data");
        let (folder, name, bytes) = (self.folder.clone(), name.to_owned(), bytes.to_vec());
        let written = tokio::task::spawn_blocking(move || {
            // The letter comes last: who sees `NAME.eml` finds its envelope beside it.
            write_whole(&folder, &format!("{name}.envelope.json"), &envelope)?;
            write_whole(&folder, &format!("{name}.eml"), &bytes)
        })
        .await;
        match written {
            Ok(Ok(())) => {
                (self.reached)("after-final-dot");
                Sent::Accepted { response: "written".into() }
            }
            Ok(Err(error)) => Sent::Transient { why: format!("{}: {error}", self.folder.display()) },
            Err(error) => Sent::Transient { why: error.to_string() },
        }
    }
}

/// All or nothing, and on the disk before it returns. A second writing of the same file changes nothing.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let draft = folder.join(format!(".{name}.tmp"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, folder.join(name))?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_stands_in_the_folder_once_with_its_envelope() {
        let folder = tempfile::tempdir().unwrap();
        let outlet = Transport::Folder(FolderOutlet::new(folder.path().into(), nobody_listens));
        let envelope = Envelope { reverse_path: None, recipients: vec![Address::new("ann@client.example").unwrap()] };
        for _ in 0..2 {
            let sent = outlet.send(&envelope, b"Subject: x\r\n\r\n.\r\n", "0001-ab").await;
            assert_eq!(sent, Sent::Accepted { response: "written".into() });
        }
        assert_eq!(std::fs::read(folder.path().join("0001-ab.eml")).unwrap(), b"Subject: x\r\n\r\n.\r\n");
        let sidecar = std::fs::read(folder.path().join("0001-ab.envelope.json")).unwrap();
        assert_eq!(serde_json::from_slice::<Envelope>(&sidecar).unwrap(), envelope);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(matches!(outlet.send(&envelope, b"x", "../x").await, Sent::Permanent { .. }));
        let gone = Transport::Folder(FolderOutlet::new(folder.path().join("none"), nobody_listens));
        assert!(matches!(gone.send(&envelope, b"x", "x").await, Sent::Transient { .. }));
    }
}
