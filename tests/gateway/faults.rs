//! What goes wrong around casepost: the database, the mail servers, other people at the same mailbox. Whatever it is,
//! no mail is lost and nothing is doubled.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use casepost::config::AdoptSince;
use casepost::desk::intake::{Arrived, Taken};
use casepost::desk::worker::Worker;
use casepost::store::{Db, letters};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::imap_client::ImapClient;
use super::imap_proxy::{ImapProxy, Spoil};
use super::scripted_smtp::{Act, Script, ScriptedSmtp};
use super::servers::{new_user, variable};
use super::trial::{
    Backend, Letter, Source, Trial, Who, answer, letter, mail, new_dovecot, note, number, request, texts,
};

const ANNE: &str = "anne.bakker@amersfoortsmuseum.example";
const JOOST: &str = "joost@dewit-web.example";

async fn sink() -> ScriptedSmtp {
    ScriptedSmtp::start(Vec::new()).await
}

/// As many requests as were put in are cases now, each with one acknowledgement that was sent, and all is filed.
async fn check_taken(trial: &Trial, requests: i64) {
    let db = trial.db().await;
    let told = texts(&db, "SELECT outcome || ' ' || why FROM messages ORDER BY message_no").await.join("\n");
    assert_eq!(number(&db, "SELECT COUNT(*) FROM messages").await, requests, "{told}");
    assert_eq!(number(&db, "SELECT COUNT(*) FROM cases").await, requests, "{told}");
    let acknowledged = "SELECT COUNT(*) FROM letters WHERE notice = 'acknowledgement' AND state = 'sent'";
    assert_eq!(number(&db, acknowledged).await, requests, "{told}");
    assert_eq!(number(&db, "SELECT COUNT(*) FROM uid_notes").await, 0, "{told}");
    db.close().await;
    assert_eq!(trial.mailbox_counts().await, (0, usize::try_from(requests).unwrap()));
}

async fn until(what: &str, most: Duration, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < most, "{what}: not within {most:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn messages_in(db: &Db) -> i64 {
    number(db, "SELECT COUNT(*) FROM messages").await
}

// ------------------------------------------------------------------------------------------------ the database

#[tokio::test]
async fn a_database_that_another_process_locks_delays_mails_and_loses_none() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    let script = "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        c.execute('BEGIN IMMEDIATE')\nprint('locked', flush=True)\ntime.sleep(12)\nc.execute('ROLLBACK')";
    let mut child = trial.start_child("run", None);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut other = tokio::process::Command::new("/usr/bin/python3")
        .args(["-c", script])
        .arg(trial.path("casepost.db"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    assert_eq!(line, "locked\n");
    for id in ["one", "two", "three"] {
        trial.put(&request(id)).await;
    }
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!(child.log().contains("database is locked"), "the fault is told:\n{}", child.log());
    other.wait().await.unwrap();
    let db = trial.db().await;
    until("all is taken", Duration::from_secs(10), async || messages_in(&db).await == 3).await;
    assert!(child.is_alive());
    child.kill().await;
    db.close().await;
    trial.drain().await;
    check_taken(&trial, 3).await;
}

/// SQLite ends the transaction by itself when it is full, behind the driver's back.
#[tokio::test]
async fn a_full_database_keeps_mails_in_the_mailbox_until_there_is_room() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    for id in ["one", "two", "three", "four"] {
        trial.put(&request(id)).await;
    }
    let worker = trial.worker().await;
    let Db::Lite { writer, .. } = &worker.db else { panic!("SQLite") };
    let mailbox = worker.config.mailboxes[0].clone();
    let mut reader = worker.reader(&mailbox, None).unwrap();
    let mut failures = 0;
    for pages in [0, 1, 2, 4, 8, 16] {
        let used: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(writer).await.unwrap();
        let limit = format!("PRAGMA max_page_count = {}", used + pages);
        sqlx::query(sqlx::AssertSqlSafe(limit)).execute(writer).await.unwrap();
        if let Err(error) = reader.drain().await {
            assert!(error.to_string().contains("full"), "{error}");
            failures += 1;
            let filed = trial.mailbox_counts().await.1;
            assert_eq!(i64::try_from(filed).unwrap(), messages_in(&worker.db).await, "only what is kept is filed");
        }
    }
    assert!(failures >= 2, "it was full {failures} times");
    sqlx::query("PRAGMA max_page_count = 1000000").execute(writer).await.unwrap();
    reader.drain().await.unwrap();
    worker.db.close().await;
    trial.drain().await;
    check_taken(&trial, 4).await;
}

#[tokio::test]
async fn a_limit_on_files_is_told_and_no_mail_is_lost() {
    let sink = sink().await;
    let mut trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    // Text that no packing makes small, so that it lies in a file beside the database.
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
    };
    let large: String = (0..12_000).map(|_| (0..76).map(|_| noise()).collect::<String>() + "\n").collect();
    let headers = "Subject: Groot\nContent-Type: text/plain; charset=utf-8\n";
    trial.put(&mail(Who::Anne, "large", "support@lindeboom.example", headers, &large)).await;
    trial.put(&request("small")).await;
    trial.largest_file = Some(400);
    let mut child = trial.start_child("once", None);
    assert!(!child.wait().await.success());
    assert!(child.log().contains("File too large") || child.log().contains("full"), "{}", child.log());
    assert_eq!(trial.mailbox_counts().await.0, 2);
    trial.largest_file = None;
    trial.drain().await;
    check_taken(&trial, 2).await;
}

/// A mail that the database can't take, for what it holds, is that mail's own affair.
async fn a_mail_that_cannot_be_kept_stops_no_other(backend: Backend) {
    let sink = sink().await;
    let trial = Trial::new(backend, Source::Maildir, sink.port).await;
    let long = "x".repeat(9000);
    let odd = "Subject: a\u{0}b =?utf-8?q?c=00d?=\nContent-Type: text/plain; charset=utf-8\n";
    trial.put(&mail(Who::Anne, "odd", "support@lindeboom.example", odd, "Hallo\u{0}\n")).await;
    let (domain, text) = ("elsewhere.example", "Content-Type: text/plain\n");
    trial.put(format!("From: x@{domain}\nMessage-ID: <{long}@{domain}>\n{text}\nHallo\n").as_bytes()).await;
    trial.put(format!("From: {long}@{domain}\nSubject: x\n{text}\nHallo\n").as_bytes()).await;
    trial.put(format!("From: \"\u{0}\" <y@{domain}>\nReferences: <{long}@{domain}>\n{text}\nHallo\n").as_bytes()).await;
    trial.put(&request("good")).await;
    trial.drain().await;
    let db = trial.db().await;
    assert_eq!(messages_in(&db).await, 5);
    assert_eq!(
        number(&db, "SELECT COUNT(*) FROM letters WHERE notice = 'acknowledgement' AND subject LIKE '%good%'").await,
        1
    );
    db.close().await;
    assert_eq!(trial.mailbox_counts().await, (0, 5));
    trial.end().await;
}

#[tokio::test]
async fn a_mail_that_cannot_be_kept_stops_no_other_on_sqlite() {
    a_mail_that_cannot_be_kept_stops_no_other(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_mail_that_cannot_be_kept_stops_no_other_on_postgres() {
    a_mail_that_cannot_be_kept_stops_no_other(Backend::Postgres).await;
}

/// PEERS 32. Each books the last strip: one gets it, the other goes into overdraft, and both stand in the ledger.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_that_book_the_last_strip_at_once_both_count() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Postgres, Source::Maildir, sink.port).await;
    trial.put(&request("first")).await;
    trial.drain().await;
    let db = trial.db().await;
    let relayed = letter(&db, &trial.raw(), "relay", JOOST).await;
    trial.put(&answer(Who::Joost, "most", &relayed, "Gedaan.\n\n#time 4h45m gebouwd\n")).await;
    trial.drain().await;
    let workers = [trial.worker().await, trial.worker().await];
    let book = async |worker: &Worker, id: &str| {
        let raw = answer(Who::Joost, id, &relayed, "Gedaan.\n\n#time 15m gekeken\n");
        let mail = Arrived { arrived_at: trial.now(), raw, too_large: None, is_junk: false, is_deadly: false };
        worker.intake(&worker.config.mailboxes[0]).unwrap().take(&[mail]).await.unwrap()
    };
    let (one, two) = tokio::join!(book(&workers[0], "one"), book(&workers[1], "two"));
    assert!(matches!((&one[0], &two[0]), (Taken::Done { .. }, Taken::Done { .. })));
    let kinds = texts(&db, "SELECT kind FROM entries WHERE case_no IS NOT NULL ORDER BY entry_no").await;
    assert_eq!(kinds, ["deduction", "deduction", "overdraft"]);
    assert_eq!(number(&db, "SELECT CAST(SUM(charged_minutes) AS BIGINT) FROM entries WHERE card IS NOT NULL").await, 0);
    assert_eq!(number(&db, "SELECT CAST(SUM(charged_minutes) AS BIGINT) FROM entries").await, -15);
    db.close().await;
    drop(workers);
    trial.end().await;
}

// ------------------------------------------------------------------------------------------------ the mail server

/// Mails on Dovecot behind a proxy that spoils something; worked on until all is done.
async fn through(hides_move: bool, rules: Vec<(&'static str, Spoil, usize)>) {
    let told = format!("{rules:?}");
    let sink = sink().await;
    let proxy = ImapProxy::start(hides_move, rules).await;
    let trial = Trial::new(Backend::Sqlite, Source::Proxied(new_user(), proxy.port), sink.port).await;
    // In sets of three: twelve are filed while the others are decided.
    let mails = 14;
    for no in 0..mails {
        trial.put(&request(&format!("no-{no}"))).await;
    }
    let worker = trial.worker().await;
    let mailbox = worker.config.mailboxes[0].clone();
    let mut reader = worker.reader(&mailbox, None).unwrap();
    for _ in 0..6 {
        // What fails is tried again, as the worker does after a pause.
        let _ = reader.drain().await;
    }
    assert!(proxy.is_used_up(), "never spoilt: {told}");
    reader.drain().await.unwrap();
    worker.db.close().await;
    trial.drain().await;
    check_taken(&trial, mails).await;
}

/// Commits of sets don't wait for the disk, so the filing does.
#[tokio::test]
async fn no_mail_is_filed_before_what_was_made_of_it_is_on_the_disk() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    let worker = trial.worker().await;
    let mailbox = worker.config.mailboxes[0].clone();
    let mut reader = worker.reader(&mailbox, None).unwrap();
    reader.drain().await.unwrap();
    for id in ["one", "two"] {
        trial.put(&request(id)).await;
    }
    // All connections are there: a later one would make a new log.
    futures_util::future::join_all((0..3).map(|_| messages_in(&worker.db))).await;
    let [log, away] = ["casepost.db-wal", "away"].map(|name| trial.path(name));
    std::fs::rename(&log, &away).unwrap();
    // The second time there is nothing new, only what was decided before.
    for _ in 0..2 {
        let error = reader.drain().await.unwrap_err();
        assert!(error.to_string().contains("casepost.db-wal"), "{error}");
        assert_eq!(trial.mailbox_counts().await, (2, 0));
    }
    std::fs::rename(&away, &log).unwrap();
    reader.drain().await.unwrap();
    assert_eq!(trial.mailbox_counts().await, (0, 2));
    worker.db.close().await;
    drop(reader);
    trial.drain().await;
    check_taken(&trial, 2).await;
}

#[tokio::test]
async fn a_connection_cut_inside_a_literal_loses_and_doubles_nothing() {
    through(false, vec![("BODY.PEEK", Spoil::CutInLiteral, 3)]).await;
}

#[tokio::test]
async fn a_server_that_refuses_commands_for_a_while_loses_and_doubles_nothing() {
    through(false, vec![("BODY.PEEK", Spoil::Refuse, 3)]).await;
    through(false, vec![("RFC822.SIZE", Spoil::Refuse, 2)]).await;
    through(false, vec![("UID SEARCH", Spoil::Refuse, 2)]).await;
    through(false, vec![("UID MOVE", Spoil::Refuse, 3)]).await;
    through(true, vec![("UID STORE", Spoil::Refuse, 3)]).await;
    through(true, vec![("UID COPY", Spoil::Refuse, 3)]).await;
    through(true, vec![("UID EXPUNGE", Spoil::Refuse, 3)]).await;
}

#[tokio::test]
async fn an_answer_that_is_lost_loses_and_doubles_nothing() {
    through(false, vec![("UID MOVE", Spoil::LoseAnswer, 2)]).await;
    through(false, vec![("BODY.PEEK", Spoil::LoseAnswer, 2)]).await;
    through(true, vec![("UID STORE", Spoil::LoseAnswer, 2)]).await;
    through(true, vec![("UID EXPUNGE", Spoil::LoseAnswer, 2)]).await;
}

#[tokio::test]
async fn one_mail_on_which_the_connection_always_breaks_holds_up_no_other() {
    let sink = sink().await;
    let proxy = ImapProxy::start(
        false,
        vec![
            ("UID FETCH 2 (UID BODY.PEEK", Spoil::CutInLiteral, 1000),
            ("UID FETCH 1:3 (UID BODY.PEEK", Spoil::CutInLiteral, 1000),
            ("UID FETCH 1:4 (UID BODY.PEEK", Spoil::CutInLiteral, 1000),
        ],
    )
    .await;
    let trial = Trial::new(Backend::Sqlite, Source::Proxied(new_user(), proxy.port), sink.port).await;
    for id in ["one", "two", "three", "four"] {
        trial.put(&request(id)).await;
    }
    let mut child = trial.start_child("run", None);
    let db = trial.db().await;
    until("the others are taken", Duration::from_secs(20), async || messages_in(&db).await == 3).await;
    assert!(child.log().contains("a mail can't be fetched; it stays open"), "{}", child.log());
    child.kill().await;
    db.close().await;
    proxy.set(Vec::new());
    trial.drain().await;
    check_taken(&trial, 4).await;
}

#[tokio::test]
async fn a_new_uidvalidity_doubles_nothing() {
    let sink = sink().await;
    let user = new_user();
    let proxy = ImapProxy::start(false, vec![("UID MOVE", Spoil::Refuse, 1000)]).await;
    let trial = Trial::new(Backend::Sqlite, Source::Proxied(user.clone(), proxy.port), sink.port).await;
    for id in ["one", "two", "three"] {
        trial.put(&request(id)).await;
    }
    trial.drain().await;
    assert_eq!(trial.mailbox_counts().await, (3, 0));
    let validity = async |user: &str| ImapClient::log_in(user).await.run("STATUS INBOX (UIDVALIDITY)").await;
    let before = validity(&user).await;
    // UIDVALIDITY is a time in seconds on Dovecot.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let folder = std::path::Path::new(&variable("CASEPOST_TEST_DIR")).join("dovecot/mail").join(&user);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("dovecot") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert_ne!(before, validity(&user).await);
    proxy.set(Vec::new());
    trial.put(&request("four")).await;
    trial.drain().await;
    check_taken(&trial, 4).await;
}

#[tokio::test]
async fn other_clients_may_read_move_and_remove_mails_meanwhile() {
    let sink = sink().await;
    let user = new_user();
    let proxy = ImapProxy::start(
        false,
        vec![("BODY.PEEK", Spoil::RemoveFirst(user.clone(), 1), 1), ("UID MOVE", Spoil::MoveFirst(user.clone(), 2), 1)],
    )
    .await;
    let trial = Trial::new(Backend::Sqlite, Source::Proxied(user.clone(), proxy.port), sink.port).await;
    let mut human = ImapClient::log_in(&user).await;
    for (id, flags) in [("one", ""), ("two", ""), ("three", "\\Seen"), ("four", "\\Seen \\Answered")] {
        human.append("INBOX", flags, &String::from_utf8(request(id)).unwrap()).await;
    }
    trial.drain().await;
    trial.drain().await;
    assert!(proxy.is_used_up());
    let db = trial.db().await;
    // The first was removed before it could be fetched; the second was moved after it was taken.
    assert_eq!(number(&db, "SELECT COUNT(*) FROM cases").await, 3);
    assert_eq!(number(&db, "SELECT COUNT(*) FROM uid_notes").await, 0);
    db.close().await;
    assert_eq!(trial.mailbox_counts().await, (0, 2));
}

/// PEERS 24.
#[tokio::test]
async fn the_archive_does_not_grow_while_filing_fails() {
    let sink = sink().await;
    let proxy =
        ImapProxy::start(true, vec![("UID STORE", Spoil::LoseAnswer, 4), ("UID STORE", Spoil::Refuse, 1000)]).await;
    let user = new_user();
    let mut trial = Trial::new(Backend::Sqlite, Source::Proxied(user.clone(), proxy.port), sink.port).await;
    // A second folder that is selected in between.
    ImapClient::log_in(&user).await.run("CREATE Junk").await;
    trial.mailbox_lines = "junk_folders = [\"Junk\"]".into();
    for id in ["one", "two"] {
        trial.put(&request(id)).await;
    }
    let mut child = trial.start_child("run", None);
    let db = trial.db().await;
    until("all is taken", Duration::from_secs(10), async || messages_in(&db).await == 2).await;
    for _ in 0..8 {
        trial.put(&request("two")).await;
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    assert!(child.is_alive());
    let (open, filed) = trial.mailbox_counts().await;
    assert!(filed <= open, "{filed} copies of {open} mails");
    proxy.set(Vec::new());
    until("all is filed", Duration::from_secs(20), async || trial.mailbox_counts().await.0 == 0).await;
    assert_eq!(trial.mailbox_counts().await.1, 10);
    assert_eq!(messages_in(&db).await, 2);
    child.kill().await;
    db.close().await;
}

// ------------------------------------------------------------------------------------------------ several processes

async fn the_second_of_two_processes_takes_over(backend: Backend) {
    let sink = sink().await;
    let trial = Trial::new(backend, new_dovecot(), sink.port).await;
    let db = trial.db().await;
    let mut first = trial.start_child("run", None);
    trial.put(&request("one")).await;
    until("the first works", Duration::from_secs(10), async || messages_in(&db).await == 1).await;
    let mut second = trial.start_child("run", None);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    trial.put(&request("two")).await;
    until("the first still works", Duration::from_secs(5), async || messages_in(&db).await == 2).await;
    assert!(first.is_alive() && second.is_alive());
    assert!(!second.log().contains("mail taken"), "the second waits:\n{}", second.log());
    first.kill().await;
    trial.put(&request("three")).await;
    until("the second takes over", Duration::from_secs(4), async || messages_in(&db).await == 3).await;
    let unsent = "SELECT COUNT(*) FROM letters WHERE state <> 'sent'";
    until("its letters leave", Duration::from_secs(10), async || number(&db, unsent).await == 0).await;
    second.kill().await;
    db.close().await;
    trial.drain().await;
    check_taken(&trial, 3).await;
    trial.end().await;
}

#[tokio::test]
async fn of_two_processes_the_second_takes_over_at_once_on_sqlite() {
    the_second_of_two_processes_takes_over(Backend::Sqlite).await;
}

#[tokio::test]
async fn of_two_processes_the_second_takes_over_at_once_on_postgres() {
    the_second_of_two_processes_takes_over(Backend::Postgres).await;
}

#[tokio::test]
async fn a_mail_that_kills_the_process_twice_is_quarantined_and_stops_no_other() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, new_dovecot(), sink.port).await;
    for id in ["one", "two", "three", "four"] {
        trial.put(&request(id)).await;
    }
    for _ in 0..2 {
        assert!(!trial.start_child("once", Some("after-parse")).wait().await.success());
    }
    trial.drain().await;
    let db = trial.db().await;
    let told = texts(&db, "SELECT outcome || ' ' || COALESCE(cause, '') FROM messages ORDER BY message_no").await;
    assert_eq!(told, ["quarantined deadly", "opened ", "opened ", "opened "]);
    db.close().await;
    assert_eq!(trial.mailbox_counts().await, (0, 4));
}

/// Two sets are under way when it dies; then each of their mails goes alone, and nothing is read beside it.
#[tokio::test]
async fn what_is_read_ahead_of_a_deadly_mail_is_not_blamed() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, new_dovecot(), sink.port).await;
    for place in 0..9 {
        trial.put(&request(&format!("ahead-{place}"))).await;
    }
    assert!(!trial.start_child("once", Some("after-parse-ahead")).wait().await.success());
    let db = trial.db().await;
    let attempts = texts(&db, "SELECT CAST(attempts AS TEXT) FROM uid_notes WHERE taken_at IS NULL").await;
    assert_eq!(attempts, ["1"; 6], "nothing is read ahead that is not noted");
    assert!(!trial.start_child("once", Some("after-parse")).wait().await.success());
    trial.drain().await;
    let told = texts(&db, "SELECT outcome || ' ' || COALESCE(cause, '') FROM messages ORDER BY message_no").await;
    // The second set is read once the first is decided, which may be committed by then, or not.
    let deadly = told.iter().position(|told| told == "quarantined deadly");
    assert!(matches!(deadly, Some(0 | 3)), "{told:?}");
    assert_eq!(told.iter().filter(|told| *told == "opened ").count(), 8, "{told:?}");
    db.close().await;
    assert_eq!(trial.mailbox_counts().await, (0, 9));
}

/// The database gives up while one set is decided and the next is under way: nobody's mail is deadly for it.
#[tokio::test]
async fn a_store_that_fails_blames_neither_the_set_nor_what_is_read_ahead() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, new_dovecot(), sink.port).await;
    for place in 0..9 {
        trial.put(&request(&format!("full-{place}"))).await;
    }
    let worker = trial.worker().await;
    let full =
        "CREATE TRIGGER full BEFORE INSERT ON cases WHEN NEW.case_no = 5 BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    let Db::Lite { writer, .. } = &worker.db else { panic!("SQLite was asked for") };
    sqlx::query(full).execute(writer).await.unwrap();
    for _ in 0..3 {
        let _ = worker.run_once(None, &|_| {}).await;
        let attempts =
            texts(&worker.db, "SELECT CAST(MAX(attempts) AS TEXT) FROM uid_notes WHERE taken_at IS NULL").await;
        assert_eq!(attempts, ["0"]);
    }
    sqlx::query("DROP TRIGGER full").execute(writer).await.unwrap();
    worker.db.close().await;
    trial.drain().await;
    let db = trial.db().await;
    let told = texts(&db, "SELECT outcome || ' ' || COALESCE(cause, '') FROM messages ORDER BY message_no").await;
    assert_eq!(told, ["opened "; 9]);
    db.close().await;
    assert_eq!(trial.mailbox_counts().await, (0, 9));
}

/// A long backlog is left between two sets; what was read ahead waits for the next start, and is nobody's suspect.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_casepost_waits_for_no_backlog() {
    const BACKLOG: i64 = 90;
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, new_dovecot(), sink.port).await;
    for place in 0..BACKLOG {
        trial.put(&request(&format!("backlog-{place}"))).await;
    }
    let (worker, stop, db) = (std::sync::Arc::new(trial.worker().await), CancellationToken::new(), trial.db().await);
    let running = tokio::spawn(std::sync::Arc::clone(&worker).run(stop.clone()));
    while number(&db, "SELECT COUNT(*) FROM messages").await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    let taken = number(&db, "SELECT COUNT(*) FROM messages").await;
    assert!(taken < BACKLOG, "it read on to the end");
    let notes = texts(&db, "SELECT attempts || ' ' || COALESCE(taken_at, 0) FROM uid_notes").await;
    assert!(notes.iter().all(|note| note == "0 0"), "{notes:?}");
    let filed = usize::try_from(taken).unwrap();
    assert_eq!(trial.mailbox_counts().await, (usize::try_from(BACKLOG).unwrap() - filed, filed));
    worker.db.close().await;
    drop(worker);
    trial.drain().await;
    assert_eq!(number(&db, "SELECT COUNT(*) FROM messages WHERE outcome = 'opened'").await, BACKLOG);
    db.close().await;
}

/// PEERS 26.
#[tokio::test]
async fn an_acknowledgement_leaves_after_a_restart() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    trial.put(&request("one")).await;
    assert!(!trial.start_child("once", Some("after-commit")).wait().await.success());
    assert!(sink.letters().is_empty());
    trial.drain().await;
    check_taken(&trial, 1).await;
    assert!(sink.letters().iter().any(|letter| letter.to == [format!("<{ANNE}>")]));
}

#[tokio::test]
async fn a_first_start_adopts_only_what_comes_from_then_on() {
    for source in [Source::Maildir, new_dovecot()] {
        let sink = sink().await;
        let mut trial = Trial::new(Backend::Sqlite, source, sink.port).await;
        trial.adopts_all = false;
        for id in ["old", "older"] {
            trial.put(&request(id)).await;
        }
        tokio::time::sleep(Duration::from_millis(1100)).await;
        trial.drain().await;
        trial.put(&request("new")).await;
        trial.drain().await;
        let db = trial.db().await;
        let told = texts(&db, "SELECT subject FROM messages").await;
        assert_eq!(told, ["Vraag new"], "{:?}", trial.source);
        db.close().await;
        assert_eq!(trial.mailbox_counts().await, (2, 1));
    }
}

#[tokio::test]
async fn a_first_start_with_since_adopts_older_mail() {
    let sink = sink().await;
    let mut trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    trial.adopts_all = false;
    trial.put(&request("old")).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let worker = trial.worker().await;
    worker.run_once(Some(AdoptSince::Moment(super::trial::start())), &|_| ()).await.unwrap();
    worker.db.close().await;
    check_taken(&trial, 1).await;
}

// ------------------------------------------------------------------------------------------------ letters

/// PEERS 25. What a server does to the first tries of a letter, and what then stands in the outbox.
async fn check_delivery(act: (&'static str, Act), expected: &str, arrived: usize) {
    let spoilt = Script { steps: vec![act], tls: None };
    let sink = ScriptedSmtp::start(vec![spoilt, Script::default()]).await;
    let mut trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    trial.retry_pauses = "[1, 1, 1, 1, 1, 1]".into();
    trial.put(&note(Who::Joost, "nothing")).await;
    trial.put(&request("one")).await;
    // One letter at a time: those to the expert go when the coordinator's is settled.
    let worker = trial.worker().await;
    worker.run_once(None, &|_| ()).await.unwrap();
    worker.db.close().await;
    trial.drain().await;
    let db = trial.db().await;
    let told = texts(
        &db,
        "SELECT state || CASE WHEN uncertain_at IS NULL THEN '' ELSE ' uncertain' END FROM letters
            ORDER BY attempts DESC, letter_no LIMIT 1",
    )
    .await;
    assert_eq!(told, [expected], "{act:?}");
    let most = sink.letters().iter().map(|one| same(&sink, &one.bytes)).max().unwrap_or(0);
    assert_eq!(most, arrived, "{act:?}");
    db.close().await;
}

/// How often the letter of that Message-ID arrived.
fn same(sink: &ScriptedSmtp, bytes: &[u8]) -> usize {
    let id = |bytes: &[u8]| Letter::new(bytes.to_vec()).header("Message-ID");
    sink.letters().iter().filter(|other| id(&other.bytes) == id(bytes)).count()
}

#[tokio::test]
async fn a_letter_is_tried_again_and_marked_where_it_may_have_arrived() {
    check_delivery(("RCPT", Act::Say("450 busy")), "sent", 1).await;
    check_delivery(("DATA", Act::Cut), "sent", 1).await;
    check_delivery(("greeting", Act::Silence), "sent", 1).await;
    check_delivery((".", Act::Say("451 later")), "sent", 2).await;
    check_delivery((".", Act::Cut), "sent uncertain", 2).await;
    check_delivery((".", Act::Silence), "sent uncertain", 2).await;
}

#[tokio::test]
async fn a_letter_that_is_refused_is_given_up_and_told_once() {
    for (act, tries) in [(Act::Say("550 5.1.1 no such user"), 1), (Act::Say("450 4.2.1 later"), 3)] {
        let sink = ScriptedSmtp::start(vec![Script { steps: vec![(ANNE, act)], tls: None }]).await;
        let mut trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
        trial.retry_pauses = "[1, 1]".into();
        trial.put(&request("one")).await;
        for _ in 0..3 {
            trial.drain().await;
        }
        let db = trial.db().await;
        let all = letters::list(&db, "LIN", None, 100).await.unwrap();
        let lost: Vec<_> = all.iter().filter(|letter| letter.recipient == ANNE).collect();
        assert!(lost.iter().all(|letter| letter.state == "given-up" && letter.attempts == tries), "{lost:#?}");
        let told = all.iter().filter(|letter| letter.notice == "undeliverable").count();
        assert_eq!(told, lost.len(), "{all:#?}");
        db.close().await;
    }
}

#[tokio::test]
async fn a_recipient_who_is_deferred_holds_up_no_other_and_gets_letters_in_order() {
    let deferring = Script { steps: vec![(ANNE, Act::Say("450 4.2.1 later"))], tls: None };
    let sink = ScriptedSmtp::start(vec![deferring.clone(), deferring, Script::default()]).await;
    let trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    trial.put(&request("one")).await;
    trial.run_once().await;
    let to =
        |sink: &ScriptedSmtp, who: &str| sink.letters().iter().filter(|one| one.to == [format!("<{who}>")]).count();
    assert_eq!((to(&sink, ANNE), to(&sink, JOOST)), (0, 1), "the expert has the request already");
    let db = trial.db().await;
    let relayed = letter(&db, &trial.raw(), "relay", JOOST).await;
    trial.put(&answer(Who::Joost, "two", &relayed, "Gedaan, graag testen.\n")).await;
    trial.drain().await;
    let order = "SELECT notice FROM letters WHERE recipient LIKE 'anne%' ORDER BY letter_no";
    let expected = texts(&db, order).await;
    let by_time = "SELECT notice FROM letters WHERE recipient LIKE 'anne%' ORDER BY sent_at, letter_no";
    assert!(expected.len() >= 2, "{expected:?}");
    assert_eq!(texts(&db, by_time).await, expected);
    db.close().await;
}

/// Some providers give our letters other Message-IDs on the way; the case's own id in References stays.
#[tokio::test]
async fn an_answer_finds_its_case_when_the_provider_replaced_our_message_id() {
    let sink = sink().await;
    let trial = Trial::new(Backend::Sqlite, Source::Maildir, sink.port).await;
    trial.put(&request("one")).await;
    trial.drain().await;
    let db = trial.db().await;
    let told = letter(&db, &trial.raw(), "acknowledgement", ANNE).await;
    let own = told.header("Message-ID");
    let root = told.header("References").split(' ').next().unwrap().to_owned();
    let headers = format!(
        "Subject: Re: iets anders\nIn-Reply-To: <replaced@provider.example>\n\
         References: {root} <replaced@provider.example>\nContent-Type: text/plain; charset=utf-8\n"
    );
    assert!(!headers.contains(&own));
    trial.put(&mail(Who::Anne, "two", "support@lindeboom.example", &headers, "Het is al beter.\n")).await;
    trial.drain().await;
    let told = texts(&db, "SELECT outcome || ' ' || CAST(case_no AS TEXT) FROM messages ORDER BY message_no").await;
    assert_eq!(told, ["opened 1", "joined 1"]);
    db.close().await;
}
