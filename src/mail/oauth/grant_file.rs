//! The file that keeps a refresh token: readable by its owner alone, replaced as a whole, one user at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Secret;

/// How long another process may keep the file to itself: it asks the issuer meanwhile.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// The file of one account.
#[derive(Debug, Clone)]
pub struct GrantFile(PathBuf);

/// The right to read, ask and write, until it is dropped or its process dies.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "the lock is the open file")] File);

#[derive(Serialize, Deserialize)]
struct Content {
    refresh_token: String,
}

impl GrantFile {
    /// The file at this path, which need not exist.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Waits for the right to use it: two processes that renew at once would lose one of two refresh tokens.
    ///
    /// # Errors
    /// The folder can't be written, or somebody holds it for too long.
    pub async fn hold(&self) -> Result<Held, String> {
        let told = |why: &dyn std::fmt::Display| format!("token file {}: {why}", self.0.display());
        if let Some(folder) = self.0.parent() {
            std::fs::create_dir_all(folder).map_err(|e| told(&e))?;
        }
        let path = self.beside("lock");
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(path).map_err(|e| told(&e))?;
        let begun = tokio::time::Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Held(file)),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(told(&"another casepost holds it for too long")),
                Err(TryLockError::Error(error)) => return Err(told(&error)),
            }
        }
    }

    /// The refresh token; none where there is no file yet.
    ///
    /// # Errors
    /// A file that others may read, or that is none of ours, with the mend.
    pub fn read(&self) -> Result<Option<Secret>, String> {
        let place = self.0.display();
        let told = |why: &dyn std::fmt::Display| format!("token file {place}: {why}");
        let mode = match std::fs::metadata(&self.0) {
            Ok(found) => found.permissions().mode(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(&error)),
        };
        if mode & 0o077 != 0 {
            return Err(told(&format!("others may read it (mode {:03o}): chmod 600 {place}", mode & 0o777)));
        }
        let text = std::fs::read_to_string(&self.0).map_err(|e| told(&e))?;
        // The parser's own words would show what it read.
        let content: Content = serde_json::from_str(&text).map_err(|_| told(&"it holds no token: log in anew"))?;
        Ok(Some(Secret::new(content.refresh_token)))
    }

    /// Writes beside and renames, so that the file is always whole; it is on the disk before this returns.
    ///
    /// # Errors
    /// What the system said.
    pub fn save(&self, _held: &Held, refresh_token: &Secret) -> Result<(), String> {
        let told = |e: std::io::Error| format!("token file {} can't be written: {e}", self.0.display());
        let content = Content { refresh_token: refresh_token.expose().to_owned() };
        let text = serde_json::to_string(&content).map_err(|e| told(e.into()))?;
        let draft = self.beside("new");
        // A draft that a dead process left may have another mode.
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(told(error)),
            _ => {}
        }
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.0)?;
            File::open(self.0.parent().unwrap_or(Path::new(".")))?.sync_all()
        };
        write().map_err(told)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.0.as_os_str().to_owned();
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, GrantFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = GrantFile::new(&folder.path().join("tokens/support.json"));
        (folder, file)
    }

    #[tokio::test]
    async fn a_token_survives_the_file_and_only_its_owner_reads_it() {
        let (_folder, file) = file();
        assert_eq!(file.read(), Ok(None));
        let held = file.hold().await.unwrap();
        for token in ["first", "second"] {
            file.save(&held, &Secret::new(token)).unwrap();
            assert_eq!(file.read().unwrap().unwrap().expose(), token);
        }
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let names: Vec<_> = std::fs::read_dir(file.path().parent().unwrap()).unwrap().flatten().collect();
        assert_eq!(names.len(), 2, "the file and its lock: {names:?}");
    }

    #[tokio::test]
    async fn a_file_that_others_may_read_is_refused_with_the_mend() {
        let (_folder, file) = file();
        let held = file.hold().await.unwrap();
        file.save(&held, &Secret::new("hush")).unwrap();
        for mode in [0o640, 0o604, 0o660] {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            let told = file.read().unwrap_err();
            assert!(told.contains(&format!("mode {mode:03o}")) && told.contains("chmod 600"), "{told}");
        }
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(file.path(), "hush").unwrap();
        let told = file.read().unwrap_err();
        assert!(told.contains("log in anew") && !told.contains("hush"), "{told}");
    }

    #[tokio::test]
    async fn one_holds_the_file_at_a_time() {
        let (_folder, file) = file();
        let held = file.hold().await.unwrap();
        let other = file.clone();
        let waiting = tokio::spawn(async move { other.hold().await });
        tokio::time::sleep(PAUSE * 3).await;
        assert!(!waiting.is_finished());
        drop(held);
        waiting.await.unwrap().unwrap();
    }
}
