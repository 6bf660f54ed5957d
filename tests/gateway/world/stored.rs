//! A desk on a database that was there before.

use casepost::store::Db;
use casepost::store::mailboxes::{self, FolderKey};

use super::{CONFIG, World, keys};

/// A database with nothing in it, not even a schema.
pub struct Bare {
    /// Its URL.
    pub url: String,
    folder: tempfile::TempDir,
}

impl Bare {
    /// An SQLite file in a folder of its own.
    pub fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: format!("sqlite:{}?mode=rwc", folder.path().join("casepost.db").display()), folder }
    }

    /// A database of its own on the PostgreSQL server of `tests/run`.
    pub async fn on_postgres() -> Self {
        Self { url: super::new_postgres().await, folder: tempfile::tempdir().unwrap() }
    }

    /// Brings the schema up to date and opens the desk on it, at a moment.
    pub async fn open(self, moment: &str) -> World {
        let url = self.url.trim_end_matches("?mode=rwc").to_owned();
        let db = Db::open(&url).await.unwrap();
        let intake = World::intake(&db, CONFIG, self.folder.path(), keys());
        let mut world = World {
            db,
            now: moment.parse().unwrap(),
            is_received_twice: true,
            intake,
            // No mail has the Message-ID of one that is stored.
            mails: 1_000,
            looked_at: Default::default(),
            folder: self.folder,
            url,
        };
        world.rest().await;
        world
    }
}

impl World {
    /// The URL of its database.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// A mail is under way from the mail server.
    pub async fn begin_mail(&self, uid: &str) {
        let key = FolderKey { desk: "LIN".into(), mailbox: "support".into(), folder: "INBOX".into() };
        let mut tx = self.db.begin().await.unwrap();
        mailboxes::record_attempt(&mut tx, &key, 1, uid).await.unwrap();
        tx.commit().await.unwrap();
    }
}
