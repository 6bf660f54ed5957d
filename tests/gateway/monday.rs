//! Each week is told once, wherever the process is killed between deciding and recording it, and however many tell it.

use casepost::desk::boundary;
use jiff::SignedDuration;

use super::scripted_smtp::ScriptedSmtp;
use super::trial::{Backend, Source, Trial, request, texts};

/// From Tuesday 10:00 to Monday 09:00 in Amsterdam: in London it is 08:00, and all summaries are due.
const TO_MONDAY: SignedDuration = SignedDuration::from_hours(5 * 24 + 23);

/// A desk with a case of a week that is over, on Monday morning before anything was told.
async fn monday(backend: Backend, smtp_port: u16) -> Trial {
    let mut trial = Trial::new(backend, Source::Maildir, smtp_port).await;
    trial.put(&request("first")).await;
    trial.drain().await;
    trial.passed = TO_MONDAY;
    trial
}

/// Another such desk that starts where this one stands.
async fn copy(base: &Trial, smtp_port: u16) -> Trial {
    let mut trial = base.copy(Source::Maildir, smtp_port).await;
    trial.passed = TO_MONDAY;
    trial
}

/// The letters that tell a week, by kind and reader; the same in the database and at the mail server.
async fn told(trial: &Trial, sink: &ScriptedSmtp) -> Vec<String> {
    let db = trial.db().await;
    let all = "SELECT notice || ' to ' || recipient || ' ' || message_id FROM letters
        WHERE notice IN ('weekly-summary', 'desk-summary') ORDER BY notice, recipient, message_id";
    let told = texts(&db, all).await;
    let made = texts(&db, "SELECT week || ' ' || client FROM summaries ORDER BY week, client").await;
    db.close().await;
    let arrived = sink.letters();
    for letter in &told {
        let id = letter.rsplit(' ').next().unwrap();
        let count =
            arrived.iter().filter(|one| String::from_utf8_lossy(&one.bytes).contains(&format!("Message-ID: <{id}>")));
        assert_eq!(count.count(), 1, "{letter}");
    }
    told.into_iter().chain(made).collect()
}

async fn is_told_once(backend: Backend) {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let base = monday(backend, sink.port).await;
    let undisturbed = copy(&base, sink.port).await;
    undisturbed.drain().await;
    let expected = told(&undisturbed, &sink).await;
    let of = |notice: &str| expected.iter().filter(|line| line.starts_with(notice)).count();
    assert_eq!(of("weekly-summary to "), 3, "one for each client and reader: {expected:#?}");
    assert_eq!(of("desk-summary to "), 2, "{expected:#?}");
    undisturbed.end().await;
    let mut killed = Vec::new();
    for at in boundary::OF_SUMMARIES {
        for time in ["", ":2"] {
            let sink = ScriptedSmtp::start(Vec::new()).await;
            let trial = copy(&base, sink.port).await;
            let mut child = trial.start_child("once", Some(&format!("{at}{time}")));
            let is_killed = !child.wait().await.success();
            killed.extend(is_killed.then_some((*at, time)));
            let mut child = trial.start_child("once", None);
            assert!(child.wait().await.success(), "{}", child.log());
            assert_eq!(told(&trial, &sink).await, expected, "killed {at}{time}");
            trial.end().await;
        }
    }
    for at in boundary::OF_SUMMARIES {
        assert!(killed.contains(&(*at, "")), "{at} was never reached");
    }
    // Several workers at the same moment.
    for _ in 0..3 {
        let sink = ScriptedSmtp::start(Vec::new()).await;
        let trial = copy(&base, sink.port).await;
        let mut children = [trial.start_child("once", None), trial.start_child("once", None)];
        for child in &mut children {
            assert!(child.wait().await.success(), "{}", child.log());
        }
        assert_eq!(told(&trial, &sink).await, expected, "two workers");
        trial.end().await;
    }
    base.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_week_is_told_once_whoever_dies_or_works_beside_on_sqlite() {
    is_told_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_week_is_told_once_whoever_dies_or_works_beside_on_postgres() {
    is_told_once(Backend::Postgres).await;
}
