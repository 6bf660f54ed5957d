//! Raw mail goes when its time is over; what still waits for somebody does not, nor does what was decided and booked.

use casepost::desk::clock::Clock;
use casepost::desk::worker::Worker;
use casepost::store::raw::RawMails;
use casepost::store::{Db, StoreError, letters, messages};
use jiff::SignedDuration;

use super::scripted_smtp::ScriptedSmtp;
use super::trial::{Backend, Source, Trial, Who, mail, note, number, request, start, texts};

/// A worker does all that there is to do, so many days after the start.
async fn work(trial: &Trial, days: i64) {
    let clock = Clock::rehearsal(start() + SignedDuration::from_hours(24 * days));
    let worker = Worker::open(trial.config(), clock).await.unwrap();
    worker.run_once(None, &|_| ()).await.unwrap();
    worker.db.close().await;
}

/// A request with a picture that is too large for the database.
fn large(id: &str) -> Vec<u8> {
    let mut state = 7_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let picture = data_encoding::BASE64.encode(&noise.take(400_000).collect::<Vec<u8>>());
    let lines: Vec<&str> = (0..picture.len()).step_by(76).map(|at| &picture[at..picture.len().min(at + 76)]).collect();
    let headers = format!("Subject: Foto {id}\nContent-Type: multipart/mixed; boundary=\"b\"\n");
    let body = format!(
        "--b\nContent-Type: text/plain\n\nZie de foto.\n--b\nContent-Type: image/jpeg\n\
         Content-Transfer-Encoding: base64\n\n{}\n--b--\n",
        lines.join("\n")
    );
    mail(Who::Anne, id, "support@lindeboom.example", &headers, &body)
}

/// The mails whose bytes are still there.
async fn kept(db: &Db, raw: &RawMails) -> Vec<String> {
    let mut kept = Vec::new();
    for mail in messages::list(db, "LIN", None, 100).await.unwrap().iter().rev() {
        match raw.find(db, "LIN", &mail.raw_digest).await {
            Ok(_) => kept.push(mail.subject.clone()),
            Err(StoreError::Gone(_)) => assert!(raw.find_deleted(db, "LIN", &mail.raw_digest).await.unwrap().is_some()),
            Err(error) => panic!("{error}"),
        }
    }
    kept
}

fn files(trial: &Trial) -> usize {
    let shelves = std::fs::read_dir(trial.path("data/raw")).unwrap().flatten();
    shelves.map(|shelf| std::fs::read_dir(shelf.path()).unwrap().count()).sum()
}

async fn change(db: &Db, sql: &'static str) {
    let mut tx = db.begin().await.unwrap();
    tx.execute(sql, &[]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Two requests, one large; a third one; a stranger's mail; an out-of-office. The first two are closed.
async fn filled(backend: Backend, sink: &ScriptedSmtp) -> Trial {
    let mut trial = Trial::new(backend, Source::Maildir, sink.port).await;
    trial.desk_lines = "keep_raw_for = \"1 year\"\n".into();
    for mail in [request("one"), large("two"), request("three"), note(Who::Sam, "four")] {
        trial.put(&mail).await;
    }
    let headers = "Subject: Afwezig\nAuto-Submitted: auto-replied\nContent-Type: text/plain\n";
    trial.put(&mail(Who::Anne, "five", "support@lindeboom.example", headers, "Ik ben er niet.\n")).await;
    work(&trial, 0).await;
    let db = trial.db().await;
    change(&db, "UPDATE cases SET status = 'closed', closed_at = opened_at WHERE case_no IN (1, 2)").await;
    change(&db, "UPDATE cases SET status = 'merged', merged_into = 1, closed_at = NULL WHERE case_no = 2").await;
    db.close().await;
    trial
}

#[tokio::test]
async fn raw_mail_of_closed_cases_goes_in_its_time_and_all_else_stays() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let trial = filled(backend, &sink).await;
        let (db, raw) = (trial.db().await, trial.raw());
        assert_eq!(files(&trial), 2, "the picture came, and went on to the expert");
        work(&trial, 364).await;
        assert_eq!(kept(&db, &raw).await.len(), 5);
        let counts = "SELECT (SELECT COUNT(*) FROM messages WHERE outcome <> 'own') * 1000
            + (SELECT COUNT(*) FROM message_ids WHERE way = 'in')";
        let before = number(&db, counts).await;
        work(&trial, 366).await;
        // A stranger's mail waits in quarantine, the third case is open.
        let words = texts(&db, "SELECT outcome FROM messages WHERE subject = 'Vraag four'").await;
        assert_eq!(words, ["quarantined"]);
        assert_eq!(kept(&db, &raw).await, ["Vraag three", "Vraag four"]);
        assert_eq!(files(&trial), 0);
        assert_eq!(number(&db, counts).await, before, "the rows stay");
        let told = "SELECT detail FROM audit WHERE action = 'delete-raw-mail' ORDER BY audit_no";
        let lines = texts(&db, told).await;
        let is_told = |line: &String| line.starts_with("of AMR, ended before") && line.contains(": 1 cases, 2 mails, ");
        assert_eq!(lines.iter().filter(|line| is_told(line)).count(), 1, "{lines:?}");
        // The bytes of letters of the closed case are gone, those of the open one are there.
        for letter in letters::list(&db, "LIN", None, 100).await.unwrap() {
            let is_there = raw.find(&db, "LIN", &letter.raw_digest).await.is_ok();
            match letter.case_no {
                Some(1 | 2) => assert!(!is_there, "{letter:?}"),
                Some(3) => assert!(is_there, "{letter:?}"),
                _ => {}
            }
        }
        work(&trial, 366).await;
        assert_eq!(texts(&db, told).await, lines, "nothing is deleted twice");
        db.close().await;
        trial.end().await;
    }
}

#[tokio::test]
async fn a_client_s_own_time_goes_before_the_desk_s() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let trial = filled(backend, &sink).await;
        let (db, raw) = (trial.db().await, trial.raw());
        change(
            &db,
            "UPDATE directory_items SET body = REPLACE(body, '\"code\":\"AMR\"', '\"code\":\"AMR\",\"keep_raw_for\":\"for ever\"')
             WHERE kind = 'client'",
        )
        .await;
        work(&trial, 800).await;
        assert_eq!(
            kept(&db, &raw).await,
            ["Vraag one", "Foto two", "Vraag three", "Vraag four"],
            "but for the automatic one"
        );
        db.close().await;
        trial.end().await;
    }
}

#[tokio::test]
async fn bytes_that_are_gone_are_told_so_and_a_letter_without_them_is_given_up() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = filled(Backend::Sqlite, &sink).await;
    let (db, raw) = (trial.db().await, trial.raw());
    // After half of the work: the rows are written, the file is still there.
    change(&db, "UPDATE raw_mails SET packed = NULL, deleted_at = 1776758400000000, deleted_for = 'retention'").await;
    assert_eq!(files(&trial), 2, "the picture came, and went on to the expert");
    let all = letters::list(&db, "LIN", None, 1).await.unwrap();
    let told = raw.find(&db, "LIN", &all[0].raw_digest).await.unwrap_err();
    assert_eq!(told.to_string(), "raw mail was deleted on 2026-04-21 under the retention rule");
    assert!(!told.is_transient());
    change(&db, "UPDATE letters SET state = 'queued', attempt_due = 0 WHERE notice = 'relay' AND case_no = 3").await;
    work(&trial, 1).await;
    assert_eq!(files(&trial), 0, "the next sweep removes it");
    let answers =
        texts(&db, "SELECT state || ': ' || answer FROM letters WHERE notice = 'relay' AND case_no = 3").await;
    assert_eq!(answers, ["given-up: raw mail was deleted on 2026-04-21 under the retention rule"]);
    db.close().await;
}
