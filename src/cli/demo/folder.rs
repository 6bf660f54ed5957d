//! The demonstration's data folder: a configuration, a directory, a Maildir, a folder for letters.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The directory of the demonstration's small desk.
const DESK: &str = include_str!("desk.toml");

/// The configuration. It is an ordinary one: a Maildir that is read, a folder to which letters go.
const CONFIG: &str = r##"# The demonstration's configuration; casepost.example.toml explains every setting.
data_dir = "data"

[operation]
log_level = "warn"

[[desk]]
code = "LIN"
name = "Lindeboom Support"
language = "nl"
time_zone = "Europe/Amsterdam"
subject_tag = "LIN"
footer = "Lindeboom Support, Utrecht"
alarm_to = ["wacht@lindeboom.example"]

[[mailbox]]
name = "support"
desk = "LIN"
address = "support@lindeboom.example"
reply_address = "plus"
authserv_ids = ["mx.lindeboom.example"]
trusted_hosts = ["mx.lindeboom.example"]
adopt_since = "all"
[mailbox.maildir]
path = "maildir"

[outlet]
delivery = "send"
[outlet.folder]
path = "letters"
"##;

/// Where everything lies.
pub struct Folder {
    /// The folder itself.
    pub root: PathBuf,
    /// casepost.toml.
    pub config: PathBuf,
    /// The directory file.
    pub desk: PathBuf,
    /// The mailbox.
    pub maildir: PathBuf,
    /// The letters.
    pub outbox: PathBuf,
    /// Whether it was there before.
    pub is_old: bool,
}

/// Makes the folder, or finds the one that an earlier run made. What is there is left as it is.
///
/// # Errors
/// A folder with other things in it, or one that can't be written.
pub fn prepare(root: &Path) -> anyhow::Result<Folder> {
    let folder = Folder {
        root: root.to_owned(),
        config: root.join("casepost.toml"),
        desk: root.join("desk.toml"),
        maildir: root.join("maildir"),
        outbox: root.join("letters"),
        is_old: root.join("desk.toml").exists(),
    };
    if folder.is_old && !std::fs::read_to_string(&folder.config).is_ok_and(|text| text == CONFIG) {
        bail!(
            "{} is not as the demonstration made it, so nothing was touched; choose another folder with --folder",
            folder.config.display()
        );
    }
    if !folder.is_old && root.exists() && std::fs::read_dir(root)?.any(|entry| entry.is_ok_and(|e| !is_ours(&e))) {
        bail!("{} holds other things; choose another folder with --folder", root.display());
    }
    for part in [folder.maildir.join("new"), folder.maildir.join("cur"), folder.maildir.join("tmp")] {
        std::fs::create_dir_all(&part).with_context(|| format!("making {}", part.display()))?;
    }
    std::fs::create_dir_all(&folder.outbox)?;
    if !folder.is_old {
        std::fs::write(&folder.config, CONFIG)?;
        // Last: where the directory file lies, the folder was made whole.
        std::fs::write(&folder.desk, DESK)?;
    }
    Ok(folder)
}

/// What a run that was ended early may have left.
fn is_ours(entry: &std::fs::DirEntry) -> bool {
    ["maildir", "letters", "casepost.toml"].iter().any(|name| entry.file_name() == *name)
}
