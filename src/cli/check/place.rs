//! Tries the folders and the files of secrets: who may read and write them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{Access, access};

use crate::config::oauth::{GrantKind, TokenSource};
use crate::config::{Config, SecretSource, Way};
use crate::desk::secrets;
use crate::mail::oauth::GrantFile;

use super::Findings;

/// Nobody but the owner and the group.
const OTHERS: u32 = 0o007;
/// Nobody but the owner.
const ALL_BUT_OWNER: u32 = 0o077;

/// A folder into which casepost writes; one that the first start `makes` need not be there yet.
pub(super) fn check_folder(found: &mut Findings, name: &str, folder: &Path, makes: bool) {
    let place = folder.display();
    if folder.exists() {
        return match try_write(folder) {
            Ok(()) => found.ok(name, &format!("{place} can be written")),
            Err(error) => {
                found.fail(name, &format!("{place} can't be written ({error})"), "give it to casepost's user");
            }
        };
    }
    if !makes {
        return found.fail(name, &format!("{place} is not there"), "make the folder for casepost's user");
    }
    let above = folder.ancestors().skip(1).find(|above| above.exists()).unwrap_or(Path::new("/"));
    match access(above, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => found.ok(name, &format!("{place} is not there yet: the first start makes it")),
        Err(error) => found.fail(
            name,
            &format!("{place} is not there, and {} can't be written ({error})", above.display()),
            "make the folder for casepost's user",
        ),
    }
}

fn try_write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".casepost-check-{}", std::process::id()));
    std::fs::write(&path, b"x")?;
    std::fs::remove_file(&path)
}

/// Every file that holds a secret. False where a password can't be had, so that no login can be tried.
pub(super) fn check_secrets(found: &mut Findings, config: &Config, file: &Path) -> bool {
    check_configuration(found, config, file);
    let mut can_log_in = true;
    for (place, source) in config.secrets() {
        can_log_in &= check_secret(found, &format!("secret of {}", place.replace('"', "")), source);
    }
    for account in config.token_accounts() {
        let TokenSource::Issuer(issuer) = &account.source else { continue };
        let is_kept = issuer.grant == GrantKind::RefreshToken && issuer.token_file.exists();
        let name = format!("grant of {}", account.name);
        // Where nobody logged in yet, the mailbox tells it.
        if is_kept && is_private(found, &name, &issuer.token_file, ALL_BUT_OWNER) {
            match GrantFile::new(&issuer.token_file).read() {
                Ok(_) => found.ok(&name, &told(&issuer.token_file)),
                Err(why) => found.fail(&name, &why, ""),
            }
        }
    }
    check_keys(found, &config.key_file);
    can_log_in
}

/// The configuration itself may hold the database's password, and addresses of webhooks that are as good as one.
fn check_configuration(found: &mut Findings, config: &Config, file: &Path) {
    let url = config.database.expose();
    let user = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
    let has_password = user.is_some_and(|(user, _)| user.contains(':'));
    let has_webhook = config.watch.channels.iter().any(|channel| matches!(channel.way, Way::Webhook { .. }));
    let name = "secrets of configuration";
    if (has_password || has_webhook) && is_private(found, name, file, OTHERS) {
        found.ok(name, &told(file));
    }
}

fn check_secret(found: &mut Findings, name: &str, source: &SecretSource) -> bool {
    let place = match source {
        SecretSource::File(path) if path.exists() && !is_private(found, name, path, OTHERS) => return false,
        SecretSource::File(path) => told(path),
        SecretSource::Environment(variable) => format!("the environment variable {variable}"),
    };
    match source.read() {
        Ok(_) => found.ok(name, &place),
        Err(error) => {
            found.fail(name, &error.to_string(), "");
            return false;
        }
    }
    true
}

fn check_keys(found: &mut Findings, file: &Path) {
    if !file.exists() {
        return found.ok("keys", &format!("{} is not there yet: the first start makes it", file.display()));
    }
    if !is_private(found, "keys", file, ALL_BUT_OWNER) {
        return;
    }
    match secrets::load_or_make(file) {
        Ok(_) => found.ok("keys", &format!("{}: keep a copy with the database's", told(file))),
        Err(error) => found.fail("keys", &error.to_string(), ""),
    }
}

/// Tells where others may read the file.
fn is_private(found: &mut Findings, name: &str, file: &Path, others: u32) -> bool {
    let place = file.display();
    match std::fs::metadata(file).map(|about| about.permissions().mode()) {
        Ok(mode) if mode & others == 0 => true,
        Ok(mode) => {
            let who = if mode & OTHERS == 0 { "its group" } else { "every user of this machine" };
            let text = format!("{place} may be read by {who} (mode {:03o})", mode & 0o777);
            // A group that may read, such as that of casepost's user, goes on reading.
            let right = if others == OTHERS && mode & 0o040 != 0 { "640" } else { "600" };
            found.fail(name, &text, &format!("chmod {right} {place}"));
            false
        }
        Err(error) => {
            found.fail(name, &format!("{place} can't be looked at ({error})"), "give it to casepost's user");
            false
        }
    }
}

/// The file with its mode.
fn told(file: &Path) -> String {
    let mode = std::fs::metadata(file).map_or(0, |about| about.permissions().mode() & 0o777);
    format!("{} (mode {mode:03o})", file.display())
}
