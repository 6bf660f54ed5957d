//! What a package carries beside the program: manual pages and what shells complete, both made from the commands.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, output};

/// Where the manual pages go.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder; it is made if it is missing.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Which shell asks.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes a manual page for each command: `casepost.1`, `casepost-case-show.1` and so on.
///
/// # Errors
/// A folder or file that can't be written.
pub fn write_man(args: &ManArgs) -> anyhow::Result<()> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .with_context(|| format!("the pages can't be written to {}", folder.display()))?;
    let count = std::fs::read_dir(folder)?.count();
    output::say(&format!("{count} manual pages in {}", folder.display()));
    Ok(())
}

/// Prints the script with which a shell completes the commands.
///
/// # Errors
/// When nobody reads it.
pub fn say_completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "casepost", &mut script);
    output::say(&String::from_utf8(script)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_manual_page() {
        let folder = tempfile::tempdir().unwrap();
        write_man(&ManArgs { folder: folder.path().to_owned() }).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(read("casepost.1").contains(".TH casepost 1"));
        let page = read("casepost-outbox-release.1");
        assert!(page.contains("casepost outbox release") && page.contains("reason"), "{page}");
        assert!(!folder.path().join("casepost-bench-phase.1").exists(), "a command for itself alone has none");
    }

    #[test]
    fn each_shell_completes() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "casepost", &mut script);
            assert!(String::from_utf8(script).unwrap().contains("quarantine"), "{shell}");
        }
    }
}
