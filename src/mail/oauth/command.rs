//! A program of the desk's own that prints a token.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use crate::config::Secret;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much of its output is read.
const LONGEST_OUTPUT: u64 = 64 << 10;

/// Runs it and takes the first line that it prints.
///
/// # Errors
/// What went wrong. What the program printed is not told: a token may stand in it.
pub(super) async fn run(words: &[String]) -> Result<Secret, String> {
    let [program, arguments @ ..] = words else { return Err("token_command is empty".to_owned()) };
    let told = |why: &str| format!("token_command {program} {why}: run it by hand as casepost's user");
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| told(&format!("can't be started ({e})")))?;
    let output = child.stdout.take();
    let work = async {
        let mut text = Vec::new();
        if let Some(output) = output {
            output.take(LONGEST_OUTPUT).read_to_end(&mut text).await.map_err(|e| e.to_string())?;
        }
        let status = child.wait().await.map_err(|e| e.to_string())?;
        Ok::<_, String>((status, text))
    };
    let (status, text) = match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|why| told(&format!("broke ({why})")))?,
        Err(_) => return Err(told(&format!("did not end within {} s", PATIENCE.as_secs()))),
    };
    if !status.success() {
        return Err(told(&format!("failed ({status})")));
    }
    let token = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned();
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(told("printed no token in its first line"));
    }
    Ok(Secret::new(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(script: &str, expected: Result<&str, &str>) {
        let words = ["sh", "-c", script].map(str::to_owned);
        match (run(&words).await, expected) {
            (Ok(token), Ok(expected)) => assert_eq!(token.expose(), expected),
            (Err(why), Err(expected)) => assert!(why.contains(expected) && !why.contains("hush"), "{why}"),
            (other, _) => panic!("{script}: {other:?}"),
        }
    }

    #[tokio::test]
    async fn the_first_line_is_the_token() {
        check("echo abc; echo second", Ok("abc")).await;
        check("printf '  abc\\r\\n'", Ok("abc")).await;
        check("true", Err("printed no token")).await;
        check("echo hush hush", Err("printed no token")).await;
        check("echo hush; exit 3", Err("failed (exit status: 3)")).await;
        let none = ["/nowhere/program".to_owned()];
        assert!(run(&none).await.unwrap_err().contains("can't be started"));
    }
}
