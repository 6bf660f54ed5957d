//! Tells the program which commit it was built from.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=CASEPOST_COMMIT");
    for file in ["HEAD", "refs/heads"] {
        // Absent in a source archive; asked of git, since the folder of a work tree lies elsewhere.
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = std::env::var("CASEPOST_COMMIT").ok().or_else(|| git(&["rev-parse", "--short=10", "HEAD"]));
    println!("cargo::rustc-env=CASEPOST_COMMIT={}", commit.as_deref().unwrap_or("no commit"));
}

/// What git says; nothing without git or outside a clone.
fn git(args: &[&str]) -> Option<String> {
    let done = Command::new("git").args(args).output().ok().filter(|done| done.status.success())?;
    let text = String::from_utf8(done.stdout).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
