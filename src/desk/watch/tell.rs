//! An alarm, told in a way that needs no mail.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::config::{AlarmForm, Channel, Secret, Way};
use crate::domain::alarm::{Alarm, Turn};
use crate::mail::http;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells one alarm once, within bounded time.
///
/// # Errors
/// Why nobody was told, without the address of a webhook: it may hold a token.
pub(super) async fn tell(channel: &Channel, alarm: &Alarm) -> Result<(), String> {
    match &channel.way {
        Way::Command(words) => {
            let running = run(words, alarm);
            tokio::time::timeout(PATIENCE, running)
                .await
                .map_err(|_| format!("{} did not end within {} s", words.join(" "), PATIENCE.as_secs()))?
        }
        Way::Webhook { url, form } => post(url, *form, alarm).await,
    }
}

async fn run(words: &[String], alarm: &Alarm) -> Result<(), String> {
    let (program, args) = words.split_first().ok_or("the command is empty")?;
    let json = serde_json::to_vec(alarm).map_err(|error| error.to_string())?;
    let mut command = tokio::process::Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command.env("CASEPOST_ALARM", alarm.line());
    let mut child = command.spawn().map_err(|error| format!("{program} can't be started: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        // A program that does not read what it gets may end before all of it is written.
        let _ = input.write_all(&json).await;
    }
    let done = child.wait_with_output().await.map_err(|error| format!("{program}: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    Err(format!("{program} ended with {}: {}", done.status, told.lines().next().unwrap_or_default()))
}

async fn post(url: &Secret, form: AlarmForm, alarm: &Alarm) -> Result<(), String> {
    let line = alarm.line();
    let (headers, body) = written(form, alarm, &line)?;
    let answer = http::post(url.expose(), &headers, body, None).await?;
    match answer.status {
        200..300 => Ok(()),
        status => Err(format!("the webhook answered {status}")),
    }
}

/// An alarm as a webhook reads it.
type Written<'a> = (Vec<(&'static str, &'a str)>, Vec<u8>);

fn written<'a>(form: AlarmForm, alarm: &'a Alarm, line: &'a str) -> Result<Written<'a>, String> {
    let json = |value: &serde_json::Value| serde_json::to_vec(value).map_err(|error| error.to_string());
    let as_json = vec![("Content-Type", "application/json")];
    Ok(match form {
        AlarmForm::Json => (as_json, serde_json::to_vec(alarm).map_err(|error| error.to_string())?),
        AlarmForm::Chat => (as_json, json(&serde_json::json!({ "text": line }))?),
        AlarmForm::Ntfy => {
            let (priority, tag) = match alarm.state {
                Turn::Raised | Turn::Lasts => ("high", "warning"),
                Turn::Resolved => ("default", "white_check_mark"),
            };
            let headers = vec![
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Title", alarm.trouble.as_str()),
                ("Priority", priority),
                ("Tags", tag),
            ];
            (headers, line.as_bytes().to_vec())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alarm::Trouble;

    fn alarm(state: Turn) -> Alarm {
        let at = "2026-03-02T09:00:00Z".parse().unwrap();
        let (matter, text) = ("support".into(), "It was read to its end 12 minutes ago.".into());
        Alarm { trouble: Trouble::MailboxSilent, state, matter, text, since: at, at }
    }

    fn check(form: AlarmForm, state: Turn, header: &str, expected: &str) {
        let alarm = alarm(state);
        let line = alarm.line();
        let (headers, body) = written(form, &alarm, &line).unwrap();
        let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert!(headers.contains(&header.to_owned()), "{headers:?}");
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    #[test]
    fn each_webhook_gets_what_it_reads() {
        check(
            AlarmForm::Json,
            Turn::Raised,
            "Content-Type: application/json",
            r#"{"alarm":"mailbox-silent","state":"raised","matter":"support","text":"It was read to its end 12 minutes ago.","since":"2026-03-02T09:00:00Z","at":"2026-03-02T09:00:00Z"}"#,
        );
        check(
            AlarmForm::Chat,
            Turn::Raised,
            "Content-Type: application/json",
            r#"{"text":"casepost: mailbox-silent (support): It was read to its end 12 minutes ago."}"#,
        );
        let over = "casepost: mailbox-silent (support) is over; it lasted since 2026-03-02T09:00:00Z";
        check(AlarmForm::Ntfy, Turn::Resolved, "Tags: white_check_mark", over);
    }

    #[tokio::test]
    async fn a_program_that_fails_or_is_not_there_is_told() {
        let run = |words: &[&str]| {
            let way = Way::Command(words.iter().map(|word| (*word).to_owned()).collect());
            Channel { name: "x".into(), way }
        };
        let raised = alarm(Turn::Raised);
        assert_eq!(
            tell(&run(&["/bin/sh", "-c", "grep -q mailbox-silent && test -n \"$CASEPOST_ALARM\""]), &raised).await,
            Ok(())
        );
        let failed = tell(&run(&["/bin/sh", "-c", "echo no line >&2; exit 3"]), &raised).await.unwrap_err();
        assert!(failed.contains("exit status: 3: no line"), "{failed}");
        let absent = tell(&run(&["/nowhere/page"]), &raised).await.unwrap_err();
        assert!(absent.contains("/nowhere/page can't be started"), "{absent}");
    }
}
