//! A whole casepost whose mailbox is opened with access tokens.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::issuer::{Realm, browse};
use crate::alarms::{looks, told, watch_with};
use crate::scripted_smtp::ScriptedSmtp;
use crate::trial::{Backend, Source, Trial, Who, note, number, texts};

async fn trial(realm: &Realm, backend: Backend, sink: &ScriptedSmtp) -> Trial {
    let lines = format!(
        "client_id = \"casepost\"\nclient_secret_file = \"{}\"\nscope = \"mail\"\ntoken_url = \"{}\"\n\
         device_url = \"{}\"\nauthorize_url = \"{}\"\ntoken_file = \"{}\"",
        realm.secret_file().display(),
        realm.url("token"),
        realm.url("device"),
        realm.url("authorize"),
        realm.token_file().display(),
    );
    Trial::new(backend, Source::Token(realm.user.clone(), lines), sink.port).await
}

fn casepost(trial: &Trial, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casepost"));
    command.arg("--config").arg(trial.config_path()).args(args).env("USER", "tester").env_remove("SUDO_USER");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn said(trial: &Trial, args: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = casepost(trial, args).output().await.unwrap();
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// A login that has said something and waits, and the first word of it that `find` takes.
async fn begin_login(
    trial: &Trial,
    args: &[&str],
    find: impl Fn(&str) -> Option<String>,
) -> (Child, Lines<BufReader<ChildStdout>>, String) {
    let mut child = casepost(trial, args).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(found) = find(&line) {
            return (child, lines, found);
        }
    }
    panic!("it told nothing to do: {:?}", child.wait_with_output().await);
}

async fn end_login((mut child, mut lines, _): (Child, Lines<BufReader<ChildStdout>>, String)) {
    let mut told = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        told.push_str(&line);
    }
    assert!(child.wait().await.unwrap().success(), "{told}");
    assert!(told.contains("The grant of support is kept in") && told.contains("casepost check tries"), "{told}");
}

async fn log_in_by_code(trial: &Trial, realm: &Realm) {
    let code = |line: &str| line.split_once("2. enter  ").map(|(_, code)| code.to_owned());
    let login = begin_login(trial, &["auth", "login", "support", "--reason", "it was taken back"], code).await;
    realm.control(&[("approve", &login.2)]).await;
    end_login(login).await;
}

async fn log_in_by_browser(trial: &Trial) {
    let address = |line: &str| line.trim().starts_with("http://").then(|| line.trim().to_owned());
    let login = begin_login(trial, &["auth", "login", "support", "--by", "browser"], address).await;
    browse(&login.2).await;
    end_login(login).await;
}

const ALARMS: &str = "SELECT recipient FROM letters WHERE notice = 'alarm'";
const REVOKED: &str = "FAIL mailbox support: no access token: the grant was revoked: run casepost auth login support";

/// A request that our own host received at this moment of the trial's day.
fn received(id: &str, at: &str) -> Vec<u8> {
    let text = String::from_utf8(note(Who::Anne, id)).unwrap();
    assert!(text.contains("Tue, 21 Apr 2026 08:00:00 +0000"));
    text.replacen("Tue, 21 Apr 2026 08:00:00 +0000", &format!("Tue, 21 Apr 2026 {at} +0000"), 1).into_bytes()
}

async fn a_revoked_grant(backend: Backend) {
    let realm = Realm::new().await;
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial(&realm, backend, &sink).await;
    let (is_good, told) = said(&trial, &["check"]).await;
    assert!(!is_good && told.contains("nobody logged in yet: run casepost auth login support"), "{told}");
    log_in_by_browser(&trial).await;
    let (_, told) = said(&trial, &["check"]).await;
    assert!(told.contains("ok   mailbox support"), "{told}");
    trial.put(&note(Who::Anne, "first")).await;
    trial.drain().await;

    realm.control(&[("revoke_all", "1")]).await;
    for (id, at) in [("second", "07:10:00"), ("third", "07:20:00"), ("fourth", "07:30:00")] {
        trial.put(&received(id, at)).await;
    }
    for _ in 0..3 {
        let drained = trial.run_once().await;
        assert!(drained.unread[0].1.contains("run casepost auth login support"), "{drained:?}");
    }
    let db = trial.db().await;
    let alarmed = texts(&db, ALARMS).await;
    let mut once = alarmed.clone();
    once.dedup();
    assert!(alarmed.contains(&"alarm@lindeboom.example".to_owned()) && alarmed == once, "{alarmed:?}");
    let text = texts(&db, "SELECT text FROM letters WHERE notice = 'alarm'").await;
    assert!(text[0].contains("the account \"support\" has no access token: the grant was revoked"), "{text:?}");
    let (is_good, told) = said(&trial, &["check"]).await;
    assert!(!is_good && told.contains(REVOKED), "{told}");
    let (is_good, told) = said(&trial, &["auth", "status", "--json"]).await;
    assert!(!is_good && told.contains("\"stopped\""), "{told}");

    log_in_by_code(&trial, &realm).await;
    trial.drain().await;
    let subjects = texts(&db, "SELECT subject FROM messages ORDER BY message_no").await;
    assert_eq!(subjects, ["Vraag first", "Vraag second", "Vraag third", "Vraag fourth"]);
    let rows = db.fetch("SELECT received_at FROM messages ORDER BY message_no", &[]).await.unwrap();
    let received_at: Vec<String> = rows[1..].iter().map(|row| row.time(0).unwrap().to_string()).collect();
    let arrived_at = ["2026-04-21T07:10:00Z", "2026-04-21T07:20:00Z", "2026-04-21T07:30:00Z"];
    assert_eq!(received_at, arrived_at, "they count from when they came, not from when they were fetched");
    let noted = "SELECT reason FROM audit WHERE action = 'auth-login' ORDER BY audit_no";
    assert_eq!(texts(&db, noted).await, ["a new grant", "it was taken back"]);
    // The next trouble is a new one.
    realm.control(&[("revoke_all", "1")]).await;
    trial.run_once().await;
    assert_eq!(number(&db, "SELECT COUNT(*) FROM marks WHERE mark LIKE 'token-trouble/%'").await, 1);
    db.close().await;
    trial.end().await;
}

#[tokio::test]
async fn a_revoked_grant_is_told_once_and_its_mails_are_taken_after_a_new_login_on_sqlite() {
    a_revoked_grant(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_revoked_grant_is_told_once_and_its_mails_are_taken_after_a_new_login_on_postgres() {
    a_revoked_grant(Backend::Postgres).await;
}

#[tokio::test]
async fn a_refused_token_is_told_by_the_watch_once_and_its_mails_keep_their_time() {
    let realm = Realm::new().await;
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let mut trial = trial(&realm, Backend::Sqlite, &sink).await;
    watch_with(&mut trial, "");
    realm.give_grant().await;
    let worker = trial.worker().await;
    let mut watcher = worker.watcher();
    let refused = |trial: &Trial| told(trial).into_iter().filter(|line| line.contains("token")).collect::<Vec<_>>();
    worker.run_once(None, &|_| ()).await.unwrap();
    looks(&mut watcher, &[1]).await;
    assert_eq!(refused(&trial), [""; 0]);
    realm.control(&[("revoke_all", "1")]).await;
    for (id, at) in [("one", "07:10:00"), ("two", "07:20:00"), ("three", "07:30:00")] {
        trial.put(&received(id, at)).await;
    }
    let drained = worker.run_once(None, &|_| ()).await.unwrap();
    assert_eq!(drained.unread.len(), 1, "{drained:?}");
    looks(&mut watcher, &[2, 3, 4]).await;
    assert_eq!(refused(&trial), ["raised token-refused support"]);
    log_in_by_code(&trial, &realm).await;
    worker.run_once(None, &|_| ()).await.unwrap();
    looks(&mut watcher, &[5, 6]).await;
    assert_eq!(refused(&trial), ["raised token-refused support", "resolved token-refused support"]);
    let received = "SELECT subject || ' ' || CAST((received_at - 1776754800000000) / 60000000 AS TEXT) FROM messages
        ORDER BY message_no";
    assert_eq!(texts(&worker.db, received).await, ["Vraag one 10", "Vraag two 20", "Vraag three 30"]);
    worker.db.close().await;
}

#[tokio::test]
async fn a_casepost_that_runs_tells_of_a_revoked_grant_and_goes_on_after_a_login() {
    let realm = Realm::new().await;
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial(&realm, Backend::Sqlite, &sink).await;
    realm.control(&[("lifetime", "5"), ("rotate", "1")]).await;
    realm.give_grant().await;
    let mut child = trial.start_child("run", None);
    let db = trial.db().await;
    let until = async |what: &str, seconds, sql, count: i64| {
        let begun = Instant::now();
        while number(&db, sql).await < count {
            assert!(begun.elapsed() < Duration::from_secs(seconds), "{what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    const MAILS: &str = "SELECT COUNT(*) FROM messages";
    // Over several lives of a token, also in the middle of an IDLE, mails are taken at once.
    for (id, count) in [("one", 1), ("two", 2), ("three", 3)] {
        tokio::time::sleep(Duration::from_secs(4)).await;
        trial.put(&note(Who::Anne, id)).await;
        until(id, 5, MAILS, count).await;
    }
    assert!(realm.asked().await.len() >= 3);
    assert!(!child.log().contains("ERROR"), "a token that ends is no fault:\n{}", child.log());
    realm.control(&[("revoke_all", "1")]).await;
    let alarms = "SELECT COUNT(*) FROM letters WHERE notice = 'alarm' AND state = 'sent'";
    until("the alarm", 60, alarms, 1).await;
    let asked = realm.asked().await.len();
    trial.put(&note(Who::Anne, "four")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(realm.asked().await.len(), asked, "it asks no more");
    log_in_by_code(&trial, &realm).await;
    until("the mail", 70, MAILS, 4).await;
    let told = child.log();
    assert!(told.contains("no access token until somebody does something") && child.is_alive(), "{told}");
    for secret in realm.secrets().await {
        assert!(!told.contains(&secret), "{told}");
    }
    child.kill().await;
    db.close().await;
}

#[tokio::test]
async fn a_login_says_what_is_wrong_with_its_wish() {
    let realm = Realm::new().await;
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial(&realm, Backend::Sqlite, &sink).await;
    let (is_good, told) = said(&trial, &["auth", "login", "sales"]).await;
    assert!(
        !is_good && told.contains("\"sales\" does not log in with access tokens of its own: use support"),
        "{told}"
    );
    realm.control(&[("deny", "1")]).await;
    let (is_good, told) = said(&trial, &["auth", "login", "support"]).await;
    assert!(!is_good && told.contains("the login was refused in the browser"), "{told}");
    assert!(!realm.token_file().exists());
}
