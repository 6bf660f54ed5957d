//! The key file: made once, never changed by casepost, readable by its owner alone.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use serde::Deserialize;

use crate::domain::identity::{Keys, TokenKey};

use super::worker::WorkerError;

/// The key file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    identity: String,
    tokens: Vec<Token>,
}

/// A key for reply tokens as it is written: alone, or with the day (UTC) from which it counts no more.
#[derive(Deserialize)]
#[serde(untagged)]
enum Token {
    Key(String),
    Dated { key: String, valid_until: jiff::civil::Date },
}

/// Reads the key file, or makes one with fresh random keys if there is none.
///
/// # Errors
/// [`WorkerError::Setup`] when it can't be read or made, or is open to others.
pub fn load_or_make(path: &Path) -> Result<Keys, WorkerError> {
    if !path.exists() {
        make(path)?;
    }
    load(path)
}

fn load(path: &Path) -> Result<Keys, WorkerError> {
    let bad = |what: String| WorkerError::Setup(format!("key file {}: {what}", path.display()));
    let mode = std::fs::metadata(path).map_err(|e| bad(e.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(bad(format!("others may read it (mode {:03o}): chmod 600 {}", mode & 0o777, path.display())));
    }
    let text = std::fs::read_to_string(path).map_err(|e| bad(e.to_string()))?;
    // The parser's own words would show the line, and the line is the secret.
    let file: KeyFile = toml::from_str(&text).map_err(|_| {
        bad("it is not a key file: restore it from a backup; a new one would break every thread".into())
    })?;
    let key = |hex: &str| -> Result<[u8; 32], WorkerError> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| bad("a key is not 64 hexadecimal digits: restore the file from a backup".into()))
    };
    let token = |token: &Token| -> Result<TokenKey, WorkerError> {
        match token {
            Token::Key(hex) => Ok(TokenKey::from(key(hex)?)),
            Token::Dated { key: hex, valid_until } => {
                let midnight = valid_until.to_datetime(jiff::civil::Time::midnight());
                let until = jiff::tz::TimeZone::UTC.to_timestamp(midnight).map_err(|e| bad(e.to_string()))?;
                Ok(TokenKey { key: key(hex)?, valid_until: Some(until) })
            }
        }
    };
    let tokens = file.tokens.iter().map(token).collect::<Result<Vec<_>, _>>()?;
    if tokens.first().is_none_or(|first| first.valid_until.is_some()) {
        return Err(bad("the first of tokens makes new ones: it must be a key without valid_until".into()));
    }
    Ok(Keys { identity: key(&file.identity)?, tokens })
}

/// Writes beside and links, so that of two processes that start together one makes the file and both read it.
fn make(path: &Path) -> Result<(), WorkerError> {
    let bad = |what: String| WorkerError::Setup(format!("key file {} can't be made: {what}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| bad(e.to_string()))?;
    }
    let mut random = [[0u8; 32]; 2];
    for key in &mut random {
        getrandom::fill(key).map_err(|e| bad(e.to_string()))?;
    }
    let hex = |key: &[u8]| data_encoding::HEXLOWER.encode(key);
    let text = format!(
        "# The secrets of this casepost. Keep a copy with your backups and show it to nobody.\n\
         # identity makes the Message-IDs of letters and never changes.\n\
         # tokens make reply addresses. To rotate, put a new key first, and keep the old one while answers may come:\n\
         # tokens = [\"NEW\", {{ key = \"OLD\", valid_until = \"2027-07-01\" }}]\n\
         identity = \"{}\"\ntokens = [\"{}\"]\n",
        hex(&random[0]),
        hex(&random[1])
    );
    let half = path.with_extension(format!("{}.half", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&half)
        .map_err(|e| bad(e.to_string()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| bad(e.to_string()))?;
    let linked = std::fs::hard_link(&half, path);
    std::fs::remove_file(&half).map_err(|e| bad(e.to_string()))?;
    match linked {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(bad(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/secret.key");
        let first = load_or_make(&path).unwrap();
        assert_eq!(first.identity, load_or_make(&path).unwrap().identity);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(load_or_make(&path).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn an_older_token_key_may_have_its_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let (new, old) = ("ab".repeat(32), "cd".repeat(32));
        let load_with = |tokens: &str| {
            std::fs::write(&path, format!("identity = \"{new}\"\ntokens = [{tokens}]")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            load_or_make(&path)
        };
        let dated = format!("{{ key = \"{old}\", valid_until = \"2027-07-01\" }}");
        let keys = load_with(&format!("\"{new}\", {dated}, \"{old}\"")).unwrap();
        let days: Vec<_> = keys.tokens.iter().map(|own| own.valid_until.map(|until| until.to_string())).collect();
        assert_eq!(days, [None, Some("2027-07-01T00:00:00Z".to_owned()), None]);
        assert!(load_with(&dated).unwrap_err().to_string().contains("without valid_until"));
        assert!(load_with("").unwrap_err().to_string().contains("without valid_until"));
    }

    #[test]
    fn a_broken_key_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        std::fs::write(&path, "identity = \"hush\"\ntokens = [\"hush\"]").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let said = load_or_make(&path).unwrap_err().to_string();
        assert!(said.contains("64 hexadecimal digits") && !said.contains("hush"), "{said}");
    }
}
