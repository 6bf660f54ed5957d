//! Words that must not be seen: passwords and keys.

use std::path::{Path, PathBuf};

/// A password or key. It is shown nowhere: `Debug` prints dots, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: only for the moment of its use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The first line of a file that only its owner (and group) may read.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

/// Why a secret can't be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file can't be read.
    #[error("{}: {source}: write the password in it, readable by casepost's user alone", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Everybody on the machine may read the file.
    #[error("{0} may be read by every user of this machine: chmod 600 {0}")]
    WorldReadable(String),
    /// The file's first line is empty.
    #[error("{0} is empty: write the password in its first line")]
    Empty(String),
    /// The environment variable is missing or empty.
    #[error("the environment variable {0} is not set: set it, or use password_file")]
    NotSet(String),
}

impl SecretSource {
    /// Reads the secret. Files are read anew each time, so that a changed password needs no restart.
    ///
    /// # Errors
    /// [`SecretError`] when it is missing, empty, or open to everybody.
    pub fn read(&self) -> Result<Secret, SecretError> {
        match self {
            Self::Environment(name) => std::env::var(name)
                .ok()
                .filter(|text| !text.is_empty())
                .map(Secret)
                .ok_or_else(|| SecretError::NotSet(name.clone())),
            Self::File(path) => {
                let text = read_private(path)?;
                let first = text.lines().next().unwrap_or_default();
                if first.is_empty() {
                    return Err(SecretError::Empty(path.display().to_string()));
                }
                Ok(Secret::new(first))
            }
        }
    }
}

fn read_private(path: &Path) -> Result<String, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(SecretError::WorldReadable(path.display().to_string()));
        }
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_open_to_everybody_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "hunter2\n").unwrap();
        let source = SecretSource::File(path.clone());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(source.read(), Err(SecretError::WorldReadable(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(source.read().unwrap().expose(), "hunter2");
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(source.read(), Err(SecretError::Empty(_))));
    }
}
