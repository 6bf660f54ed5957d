//! Standstills, from their alarm to the work that waited: told in time and once, ended when mended, and what came
//! meanwhile is taken in its order, with its own time of receipt, and breaks no promise that was kept.
//!
//! | what stands still | told and ended, once each | what waited |
//! | --- | --- | --- |
//! | a mailbox can't be read | `a_mailbox_away…` here, `alarms::a_mailbox_that_stands_still…` | both |
//! | a token is refused | `oauth::worker::a_refused_token_is_told_by_the_watch…` | the same |
//! | the outbox grows old | `letters_that_waited…` here | the letters leave in their order |
//! | letters are given up | `alarms::letters_that_wait_or_are_given_up…` | `outbox retry` |
//! | quarantine, storm | `alarms::a_storm_and_mails_that_can_t_be_handled…` | `storm.rs`: replayed with their time |
//! | the disk is low | `alarms::a_full_disk…` | `faults.rs` |
//! | the database is away | `a_database_away…` here | the same |
//! | an expert's address bounces | `a_bounce_of_an_expert_is_over_after_a_day` here | nothing waits |
//! | the clock stands | `alarms::a_mailbox_that_stands_still…` | the same |
//! | the canary is lost | `alarms::a_canary_goes_out…` | nothing waits |

use casepost::store::letters;

use super::alarms::{looks, told, trial, watcher, work};
use super::scripted_smtp::ScriptedSmtp;
use super::trial::{Backend, Trial, Who, answer, letter, note, number, start, texts};

/// The mail as another person's of another domain, received at that moment of the day.
fn of(mail: Vec<u8>, (from, by): (&str, &str), at: &str) -> Vec<u8> {
    let text = String::from_utf8(mail).unwrap();
    let domain = |person: &str| person.trim_end_matches('>').rsplit('@').next().unwrap().to_owned();
    let text = text.replace(from, by).replace(&domain(from), &domain(by));
    text.replacen("Tue, 21 Apr 2026 08:00:00 +0000", &format!("Tue, 21 Apr 2026 {at} +0000"), 1).into_bytes()
}

const ANNE: &str = "Anne Bakker <anne.bakker@amersfoortsmuseum.example>";
const GRACE: &str = "Grace Hall <grace.hall@northwick.example>";
const JOOST: &str = "Joost de Wit <joost@dewit-web.example>";
const MIRA: &str = "Mira Jansen <mira@jansen-ict.example>";

fn lines(trial: &Trial, word: &str) -> Vec<String> {
    told(trial).into_iter().filter(|line| line.contains(word)).collect()
}

#[tokio::test]
async fn a_mailbox_away_makes_no_breach_of_what_was_answered_in_time() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let trial = trial("", sink.port, backend).await;
        trial.put(&of(note(Who::Anne, "one"), (ANNE, GRACE), "08:00:00")).await;
        work(&trial, 0).await;
        let db = trial.db().await;
        assert_eq!(texts(&db, "SELECT number FROM cases").await, ["NWK-2026-0001"]);
        let worker = trial.worker().await;
        let mut watcher = watcher(&worker);
        // The answer is due at noon (UTC); from ten past eight on nobody reads the mailbox.
        std::fs::rename(trial.path("maildir"), trial.path("away")).unwrap();
        for minutes in [20, 250, 500] {
            work(&trial, minutes).await;
        }
        looks(&mut watcher, &[9, 11, 12, 200, 500]).await;
        assert_eq!(lines(&trial, "silent")[0], "raised mailbox-silent support");
        assert!(lines(&trial, "silent")[1..].iter().all(|line| line.starts_with("lasts")));
        assert_eq!(number(&db, "SELECT COUNT(*) FROM clocks WHERE missed_at IS NOT NULL").await, 0);
        // Mira answered at nine, Grace wrote twice more; all of it lay in the mailbox.
        std::fs::rename(trial.path("away"), trial.path("maildir")).unwrap();
        let relay = letter(&db, &trial.raw(), "relay", "mira@jansen-ict.example").await;
        let mail = answer(Who::Joost, "two", &relay, "Which browser?\n");
        trial.put(&of(mail, (JOOST, MIRA), "09:00:00")).await;
        for (id, at) in [("three", "10:00:00"), ("four", "11:00:00")] {
            trial.put(&of(note(Who::Anne, id), (ANNE, GRACE), at)).await;
        }
        work(&trial, 501).await;
        looks(&mut watcher, &[502, 503]).await;
        assert_eq!(lines(&trial, "silent").last().unwrap(), "resolved mailbox-silent support");
        let received =
            "SELECT subject || ' ' || CAST((received_at - 1776758400000000) / 60000000 AS TEXT) FROM messages
            ORDER BY message_no";
        let order = ["Vraag one 0", "Re: [LIN NWK-2026-0001] Vraag one 60", "Vraag three 120", "Vraag four 180"];
        assert_eq!(texts(&db, received).await, order);
        let missed = "SELECT COUNT(*) FROM clocks WHERE case_no = 1 AND clock = 'response' AND missed_at IS NOT NULL";
        assert_eq!(number(&db, missed).await, 0, "it was answered in time");
        assert_eq!(number(&db, "SELECT COUNT(*) FROM clocks WHERE case_no = 1 AND met_at IS NOT NULL").await, 1);
        worker.db.close().await;
        db.close().await;
        trial.end().await;
    }
}

#[tokio::test]
async fn letters_that_waited_leave_in_their_order_and_the_alarm_ends() {
    // Nobody listens there.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut trial = trial("", closed, Backend::Sqlite).await;
    for id in ["one", "two"] {
        trial.put(&note(Who::Anne, id)).await;
    }
    work(&trial, 0).await;
    let worker = trial.worker().await;
    let mut watcher = watcher(&worker);
    looks(&mut watcher, &[14, 16, 17]).await;
    assert_eq!(lines(&trial, "outbox"), ["raised outbox-old outbox"]);
    let sink = ScriptedSmtp::start(Vec::new()).await;
    trial.smtp_port = sink.port;
    work(&trial, 20).await;
    looks(&mut watcher, &[21, 22]).await;
    assert_eq!(lines(&trial, "outbox"), ["raised outbox-old outbox", "resolved outbox-old outbox"]);
    let all = letters::list(&worker.db, "LIN", None, 100).await.unwrap();
    assert!(all.len() >= 4 && all.iter().all(|letter| letter.state == "sent"), "{all:#?}");
    assert_eq!(sink.letters().len(), all.len(), "none twice");
    worker.db.close().await;
}

#[tokio::test]
async fn a_bounce_of_an_expert_is_over_after_a_day() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("", sink.port, Backend::Sqlite).await;
    trial.put(&note(Who::Anne, "one")).await;
    work(&trial, 0).await;
    let worker = trial.worker().await;
    let all = letters::list(&worker.db, "LIN", None, 100).await.unwrap();
    let relay = all.iter().find(|letter| letter.notice == "relay").unwrap();
    let mut tx = worker.db.begin().await.unwrap();
    letters::save_bounced(&mut tx, "LIN", relay.letter_no, start(), "no such user").await.unwrap();
    tx.commit().await.unwrap();
    let mut watcher = watcher(&worker);
    looks(&mut watcher, &[1, 2, 24 * 60 + 1, 24 * 60 + 2]).await;
    let ends = ["raised staff-bounces joost@dewit-web.example", "resolved staff-bounces joost@dewit-web.example"];
    assert_eq!(lines(&trial, "staff"), ends);
    worker.db.close().await;
}

#[tokio::test]
async fn a_database_away_leaves_the_mail_where_it_is_and_it_is_taken_in_its_order() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = trial("", sink.port, Backend::Sqlite).await;
    work(&trial, 0).await;
    let worker = trial.worker().await;
    let mut at_work = watcher(&worker);
    worker.db.close().await;
    for (id, at) in [("one", "08:01:00"), ("two", "08:02:00"), ("three", "08:03:00")] {
        trial.put(&of(note(Who::Anne, id), (ANNE, ANNE), at)).await;
    }
    assert!(worker.run_once(None, &|_| ()).await.is_err());
    assert_eq!(trial.mailbox_counts().await, (3, 0));
    looks(&mut at_work, &[1, 2]).await;
    assert_eq!(lines(&trial, "database"), ["raised database-away database"]);
    drop(at_work);
    work(&trial, 5).await;
    let worker = trial.worker().await;
    looks(&mut watcher(&worker), &[6, 7]).await;
    assert_eq!(lines(&trial, "database"), ["raised database-away database", "resolved database-away database"]);
    let received = "SELECT subject || ' ' || CAST((received_at - 1776758400000000) / 60000000 AS TEXT) FROM messages
        ORDER BY message_no";
    assert_eq!(texts(&worker.db, received).await, ["Vraag one 1", "Vraag two 2", "Vraag three 3"]);
    worker.db.close().await;
}
