//! Whose the data folder is. What root writes into the folder of another user can't be written by that user any more, and
//! casepost's service would stop at it.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::bail;

use crate::config::Config;

/// A user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its name, or its number where it has none.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of the folder's group.
    pub gid: u32,
}

/// Whose the folder is, where we are root and it is not ours.
pub fn stranger_of(folder: &Path) -> Option<Owner> {
    let found = std::fs::metadata(folder).ok()?;
    if !rustix::process::geteuid().is_root() || found.uid() == 0 {
        return None;
    }
    Some(Owner { name: name_of(found.uid()), uid: found.uid(), gid: found.gid() })
}

/// Refuses to go on as root in the folder of another user.
///
/// # Errors
/// Names the user and the mend.
pub fn must_be_ours(config: &Config) -> anyhow::Result<()> {
    let Some(owner) = stranger_of(&config.data_dir) else { return Ok(()) };
    bail!(
        "{} belongs to {}, and what root writes there {} can't change: run it as that user: runuser -u {} -- casepost …",
        config.data_dir.display(),
        owner.name,
        owner.name,
        owner.name
    )
}

fn name_of(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = uid.to_string();
    let name = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == number).then(|| name.to_owned())
    });
    name.unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_is_a_stranger_in_the_folder_of_another() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(stranger_of(folder.path()), None);
        assert_eq!(stranger_of(&folder.path().join("none")), None);
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(8), Some(8)).unwrap();
            let owner = stranger_of(folder.path()).unwrap();
            assert_eq!((owner.name.as_str(), owner.uid, owner.gid), ("mail", 8, 8));
        }
    }
}
