//! PostgreSQL's own programs, which alone know how to write a database down whole.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::store::snapshot::server_environment;

use super::BackupError;

/// Writes the database down as it was at the moment of that name.
pub(super) async fn dump(url: &str, moment: &str, to: &Path) -> Result<(), BackupError> {
    let mut command = Command::new("pg_dump");
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--no-password"]);
    command.arg(format!("--snapshot={moment}")).arg("--file").arg(to);
    run("pg_dump", command, url).await
}

/// Writes what was written down into the database: all of it or nothing. `is_again` replaces what an earlier try left.
pub(super) async fn read_back(url: &str, from: &Path, is_again: bool) -> Result<(), BackupError> {
    let environment = server_environment(url)?;
    let name = environment.iter().find(|(name, _)| *name == "PGDATABASE").map(|(_, value)| value.clone());
    let mut command = Command::new("pg_restore");
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]);
    if is_again {
        command.args(["--clean", "--if-exists"]);
    }
    command.arg("--dbname").arg(name.unwrap_or_default()).arg(from);
    run("pg_restore", command, url).await
}

async fn run(program: &str, mut command: Command, url: &str) -> Result<(), BackupError> {
    command.envs(server_environment(url)?).env("LC_ALL", "C").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let done = command.output().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => BackupError::Refused(format!(
            "a PostgreSQL database is written down by {program}, and there is none on this machine: install it \
             (Debian: postgresql-client, as new as the server)"
        )),
        _ => BackupError::Refused(format!("{program} can't be started: {error}")),
    })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.trim().lines().take(5).collect::<Vec<_>>().join("; ");
    Err(BackupError::Refused(format!("{program} failed ({}): {said}", done.status)))
}
