//! Each trouble is told within its time and once, without any mail, and so is its end.

use casepost::desk::clock::Clock;
use casepost::desk::watch::Watcher;
use casepost::desk::worker::Worker;
use casepost::store::Db;
use casepost::store::letters;
use jiff::{SignedDuration, Timestamp};

use super::scripted_smtp::ScriptedSmtp;
use super::trial::{Backend, Source, Trial, Who, mail, note, number, request, start, texts};

/// A trial whose alarms go to a program that writes them to a file.
pub(super) async fn trial(watch: &str, smtp_port: u16, backend: Backend) -> Trial {
    let mut trial = Trial::new(backend, Source::Maildir, smtp_port).await;
    watch_with(&mut trial, watch);
    trial
}

pub(super) fn watch_with(trial: &mut Trial, watch: &str) {
    trial.sections = format!(
        "[watch]\ndisk_free_mb = 0\n{watch}\n[[alarm]]\nname = \"file\"\n\
         command = [\"/bin/sh\", \"-c\", \"cat >>\\\"$0\\\"; echo >>\\\"$0\\\"\", \"{}\"]\n",
        trial.path("told").display()
    )
    .replace("disk_free_mb = 0\ndisk_free_mb", "disk_free_mb");
}

/// What was told, a line an alarm: `raised mailbox-silent support`.
pub(super) fn told(trial: &Trial) -> Vec<String> {
    let text = std::fs::read_to_string(trial.path("told")).unwrap_or_default();
    let read = |line: &str| {
        let alarm: serde_json::Value = serde_json::from_str(line).unwrap();
        let word = |name: &str| alarm[name].as_str().unwrap().to_owned();
        assert!(!word("text").is_empty());
        format!("{} {} {}", word("state"), word("alarm"), word("matter"))
    };
    text.lines().map(read).collect()
}

fn after(minutes: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minutes)
}

/// A worker does all that there is to do, so many minutes after the start.
pub(super) async fn work(trial: &Trial, minutes: i64) {
    let worker = Worker::open(trial.config(), Clock::rehearsal(after(minutes))).await.unwrap();
    worker.run_once(None, &|_| ()).await.unwrap();
    worker.db.close().await;
}

/// A watcher whose process began with the trial.
pub(super) fn watcher(worker: &Worker) -> Watcher {
    worker.watcher()
}

pub(super) async fn looks(watcher: &mut Watcher, minutes: &[i64]) {
    for minute in minutes {
        watcher.look(after(*minute)).await;
    }
}

#[tokio::test]
async fn a_mailbox_that_stands_still_is_told_once_and_its_mails_keep_their_time() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let trial = trial("", sink.port, backend).await;
        let worker = trial.worker().await;
        let mut watcher = watcher(&worker);
        for id in ["one", "two", "three"] {
            trial.put(&request(id)).await;
        }
        looks(&mut watcher, &[1, 4]).await;
        assert_eq!(told(&trial), [""; 0]);
        looks(&mut watcher, &[6, 9]).await;
        assert_eq!(told(&trial), ["raised clock-behind LIN"]);
        looks(&mut watcher, &[11, 12, 13, 200]).await;
        assert_eq!(told(&trial)[1..], ["raised mailbox-silent support"]);
        worker.run_once(None, &|_| ()).await.unwrap();
        looks(&mut watcher, &[1]).await;
        let ends = ["resolved clock-behind LIN", "resolved mailbox-silent support"];
        assert_eq!(told(&trial)[2..], ends);
        // What waited is taken in its order, with its own time; no deadline counts from the repair.
        let subjects = texts(&worker.db, "SELECT subject FROM messages ORDER BY message_no").await;
        assert_eq!(subjects, ["Vraag one", "Vraag two", "Vraag three"]);
        let late = "SELECT COUNT(*) FROM messages WHERE received_at > 1776758400000000 + 60000000";
        assert_eq!(number(&worker.db, late).await, 0);
        worker.db.close().await;
        trial.end().await;
    }
}

#[tokio::test]
async fn letters_that_wait_or_are_given_up_are_told_and_a_restart_tells_nothing_twice() {
    // Nobody listens there.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut trial = trial("", closed, Backend::Sqlite).await;
    trial.retry_pauses = "[3600]".into();
    trial.put(&note(Who::Anne, "one")).await;
    let worker = trial.worker().await;
    worker.run_once(None, &|_| ()).await.unwrap();
    looks(&mut watcher(&worker), &[5]).await;
    assert_eq!(told(&trial), [""; 0]);
    looks(&mut watcher(&worker), &[16]).await;
    // The same process began at the start of the trial: its mailbox and clock count, too.
    let first: Vec<String> = told(&trial).into_iter().filter(|line| line.contains("outbox")).collect();
    assert_eq!(first, ["raised outbox-old outbox"]);
    looks(&mut watcher(&worker), &[17]).await;
    assert_eq!(told(&trial).iter().filter(|line| line.contains("outbox")).count(), 1, "another process knows it");
    give_up(&worker.db).await;
    worker.run_once(None, &|_| ()).await.unwrap();
    looks(&mut watcher(&worker), &[18, 19]).await;
    let lines: Vec<String> =
        told(&trial).into_iter().filter(|line| line.contains("letters") || line.contains("outbox")).collect();
    // The desk's mail about it waits, too: the outbox is no younger.
    assert_eq!(lines, ["raised outbox-old outbox", "raised letters-given-up LIN"]);
    looks(&mut watcher(&worker), &[25 * 60]).await;
    assert_eq!(told(&trial).iter().filter(|line| *line == "resolved letters-given-up LIN").count(), 1);
    worker.db.close().await;
}

/// All letters that wait are given up, as after their last attempt.
async fn give_up(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for letter in letters::list(db, "LIN", Some("queued"), 100).await.unwrap() {
        letters::save_given_up(&mut tx, &letter, "nobody listens", None).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_storm_and_mails_that_can_t_be_handled_are_told() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("", sink.port, Backend::Sqlite).await;
    for number in 0..3 {
        trial.put(&note(Who::Anne, &format!("m{number}"))).await;
    }
    let worker = trial.worker().await;
    worker.run_once(None, &|_| ()).await.unwrap();
    for (cause, place) in [("storm", 1), ("deadly", 2)] {
        let sql = format!("UPDATE messages SET outcome = 'quarantined', cause = '{cause}' WHERE message_no = {place}");
        let Db::Lite { writer, .. } = &worker.db else { panic!("SQLite") };
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(writer).await.unwrap();
    }
    let mut watcher = watcher(&worker);
    looks(&mut watcher, &[1, 2]).await;
    assert_eq!(told(&trial), ["raised quarantine LIN deadly", "raised storm LIN"]);
    let Db::Lite { writer, .. } = &worker.db else { panic!("SQLite") };
    sqlx::query("UPDATE messages SET outcome = 'joined'").execute(writer).await.unwrap();
    looks(&mut watcher, &[3]).await;
    assert_eq!(told(&trial)[2..], ["resolved quarantine LIN deadly", "resolved storm LIN"]);
    worker.db.close().await;
}

#[tokio::test]
async fn an_expert_whose_mail_comes_back_is_told() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("", sink.port, Backend::Sqlite).await;
    trial.put(&note(Who::Anne, "one")).await;
    let worker = trial.worker().await;
    worker.run_once(None, &|_| ()).await.unwrap();
    let all = letters::list(&worker.db, "LIN", None, 100).await.unwrap();
    let relay = all.iter().find(|letter| letter.notice == "relay").unwrap();
    let mut tx = worker.db.begin().await.unwrap();
    letters::save_bounced(&mut tx, "LIN", relay.letter_no, start(), "no such user").await.unwrap();
    tx.commit().await.unwrap();
    let mut watcher = watcher(&worker);
    looks(&mut watcher, &[1, 2]).await;
    assert_eq!(told(&trial), ["raised staff-bounces joost@dewit-web.example"]);
    worker.db.close().await;
}

#[tokio::test]
async fn a_full_disk_is_told_although_nothing_can_be_noted_of_it() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let mut trial = trial("disk_free_mb = 1000000000", sink.port, Backend::Sqlite).await;
    let worker = trial.worker().await;
    looks(&mut watcher(&worker), &[1, 2]).await;
    let data = trial.path("data").display().to_string();
    assert_eq!(told(&trial), [format!("raised disk-low {data}")]);
    worker.db.close().await;
    watch_with(&mut trial, "");
    let worker = trial.worker().await;
    looks(&mut watcher(&worker), &[3]).await;
    assert_eq!(told(&trial)[1..], [format!("resolved disk-low {data}")]);
    worker.db.close().await;
}

#[tokio::test]
async fn a_database_that_is_away_hides_no_other_trouble_and_ends_none() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("", sink.port, Backend::Sqlite).await;
    let worker = trial.worker().await;
    let mut at_work = watcher(&worker);
    looks(&mut at_work, &[11]).await;
    worker.db.close().await;
    looks(&mut at_work, &[12, 13]).await;
    let begun = ["raised mailbox-silent support", "raised clock-behind LIN", "raised database-away database"];
    assert_eq!(told(&trial), begun, "the mailbox may be silent still: nobody can tell");
    drop(at_work);
    let worker = trial.worker().await;
    worker.run_once(None, &|_| ()).await.unwrap();
    looks(&mut watcher(&worker), &[14]).await;
    let ends = told(&trial)[3..].to_vec();
    assert!(ends.contains(&"resolved database-away database".to_owned()), "{ends:?}");
    worker.db.close().await;
}

#[tokio::test]
async fn a_canary_goes_out_comes_back_and_opens_no_case() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("canary_minutes = 30\ncanary_lost_minutes = 15", sink.port, Backend::Sqlite).await;
    let canary = |line: &String| line.contains("canary");
    work(&trial, 0).await;
    let worker = trial.worker().await;
    let mut watcher = watcher(&worker);
    looks(&mut watcher, &[1, 2, 3]).await;
    work(&trial, 4).await;
    let sent = sink.letters();
    assert_eq!(sent.len(), 1, "one in half an hour");
    assert_eq!(sent[0].to, ["<support@lindeboom.example>"]);
    // It lies in the mailbox: the way is whole.
    let head = b"Received: from mx.lindeboom.example (localhost [127.0.0.1])\r\n by mx.lindeboom.example with ESMTP; Tue, 21 Apr 2026 08:04:00 +0000\r\n";
    trial.put(&[&head[..], &sent[0].bytes].concat()).await;
    work(&trial, 5).await;
    assert_eq!(texts(&worker.db, "SELECT outcome || ' ' || cause FROM messages").await, ["own canary"]);
    assert_eq!(number(&worker.db, "SELECT COUNT(*) FROM cases").await, 0);
    looks(&mut watcher, &[9]).await;
    assert_eq!(told(&trial).into_iter().filter(canary).collect::<Vec<_>>(), [""; 0]);
    // The next one never returns.
    looks(&mut watcher, &[31, 40]).await;
    work(&trial, 41).await;
    assert_eq!(told(&trial).into_iter().filter(canary).collect::<Vec<_>>(), [""; 0]);
    looks(&mut watcher, &[47, 48]).await;
    assert_eq!(told(&trial).into_iter().filter(canary).collect::<Vec<_>>(), ["raised canary-lost support"]);
    let sent = sink.letters();
    assert_eq!(sent.len(), 2);
    trial.put(&[&head[..], &sent[1].bytes].concat()).await;
    work(&trial, 48).await;
    looks(&mut watcher, &[49]).await;
    let lines: Vec<String> = told(&trial).into_iter().filter(canary).collect();
    assert_eq!(lines, ["raised canary-lost support", "resolved canary-lost support"]);
    // Two days later they are forgotten, bytes and all.
    looks(&mut watcher, &[3 * 24 * 60]).await;
    assert_eq!(number(&worker.db, "SELECT COUNT(*) FROM messages").await, 0);
    assert_eq!(number(&worker.db, "SELECT COUNT(*) FROM letters").await, 1, "the next canary");
    assert_eq!(number(&worker.db, "SELECT COUNT(*) FROM raw_mails").await, 1);
    assert_eq!(number(&worker.db, "SELECT COUNT(*) FROM message_ids").await, 0);
    worker.db.close().await;
}

#[tokio::test]
async fn nobody_s_mail_passes_for_a_canary() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("canary_minutes = 30", sink.port, Backend::Sqlite).await;
    let worker = trial.worker().await;
    let headers = "Subject: Test of the mail chain: please ignore\nX-Casepost-Id: canary\nContent-Type: text/plain\n";
    trial.put(&mail(Who::Anne, "one", "support@lindeboom.example", headers, "casepost sent this to itself\n")).await;
    worker.run_once(None, &|_| ()).await.unwrap();
    assert_eq!(texts(&worker.db, "SELECT outcome FROM messages").await, ["opened"]);
    worker.db.close().await;
}

#[tokio::test]
async fn an_alarm_that_nobody_took_is_tried_again_and_told_once() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let mut trial = trial("", sink.port, Backend::Sqlite).await;
    let flag = trial.path("flag");
    trial.sections = format!(
        "[watch]\ndisk_free_mb = 1000000000\n[[alarm]]\nname = \"file\"\n\
         command = [\"/bin/sh\", \"-c\", \"test -e \\\"$1\\\" && cat >>\\\"$0\\\" && echo >>\\\"$0\\\"\", \"{}\", \"{}\"]\n",
        trial.path("told").display(),
        flag.display()
    );
    let worker = trial.worker().await;
    looks(&mut watcher(&worker), &[1]).await;
    assert_eq!(told(&trial), [""; 0]);
    std::fs::write(&flag, "").unwrap();
    // Another process finds it in the file.
    looks(&mut watcher(&worker), &[2, 3, 4, 5]).await;
    assert_eq!(told(&trial).len(), 1);
    worker.db.close().await;
}

#[tokio::test]
async fn a_webhook_is_posted_to_and_one_that_refuses_is_tried_again() {
    use std::sync::{Arc, Mutex};
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let mut trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    let taken: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&taken);
    let take = move |headers: axum::http::HeaderMap, body: String| {
        let mut taken = noted.lock().unwrap();
        let title = headers.get("title").map_or("", |title| title.to_str().unwrap());
        taken.push(format!("{title}: {body}"));
        let is_first = taken.len() == 1;
        async move { if is_first { axum::http::StatusCode::BAD_GATEWAY } else { axum::http::StatusCode::OK } }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = axum::Router::new().route("/desk", axum::routing::post(take));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    trial.sections = format!(
        "[watch]\ndisk_free_mb = 1000000000\n[[alarm]]\nname = \"ntfy\"\n\
         webhook = \"http://127.0.0.1:{port}/desk?token=hush\"\nform = \"ntfy\"\n"
    );
    let worker = trial.worker().await;
    looks(&mut watcher(&worker), &[1, 2, 3, 4]).await;
    let taken = taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 2, "refused, then taken, then never again: {taken:?}");
    assert!(taken.iter().all(|line| line.starts_with("disk-low: casepost: disk-low (")), "{taken:?}");
    server.abort();
    worker.db.close().await;
}
