//! Every function of the store does the same on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use casepost::desk::delivery::{free_the_dead, presence};
use casepost::domain::case::{CaseNumber, PartyRole};
use casepost::domain::names::{CardNumber, PersonKey};
use casepost::domain::strip_card::{BookingKey, Entry, EntryKind};
use casepost::store::cards::{self, StoredEntry};
use casepost::store::letters::{self, StoredLetter};
use casepost::store::mailboxes::{self, FolderKey, FolderMark};
use casepost::store::messages::{self, StoredMessage};
use casepost::store::numbers::Numbers;
use casepost::store::requests::{self, StoredRequest};
use casepost::store::{Db, LockKeeper, Value, all_statements, cases, marks};

use crate::world::{new_postgres, start};

/// Runs a test of the store on both databases, as `NAME::sqlite` and `NAME::postgres`.
macro_rules! on_both {
    ($name:ident, |$place:ident| $body:block) => {
        async fn $name($place: Place) {
            $body
        }
        mod $name {
            use super::Place;
            #[tokio::test]
            async fn sqlite() {
                super::$name(Place::sqlite().await).await;
            }
            #[tokio::test]
            async fn postgres() {
                super::$name(Place::postgres().await).await;
            }
        }
    };
}

mod bytes;

/// An empty database and a folder beside it.
struct Place {
    db: Db,
    url: String,
    folder: TempDir,
}

impl Place {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("casepost.db").display());
        Self { db: Db::open(&url).await.unwrap(), url, folder }
    }

    async fn postgres() -> Self {
        let url = new_postgres().await;
        Self { db: Db::open(&url).await.unwrap(), url, folder: tempfile::tempdir().unwrap() }
    }

    fn locks(&self) -> LockKeeper {
        LockKeeper::new(&self.db, self.folder.path().join("locks"))
    }
}

fn later(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

fn letter(letter_no: i64, case_no: Option<i64>, recipient: &str) -> StoredLetter {
    StoredLetter {
        desk: "LIN".into(),
        letter_no,
        message_id: format!("l{letter_no}@lindeboom.example"),
        notice: "answer".into(),
        cause: "cause".into(),
        case_no,
        request_no: None,
        client: Some("AMR".into()),
        person: None,
        recipient: recipient.into(),
        reverse_path: None,
        subject: "Vraag".into(),
        text: "Tekst met é en \u{1f600}".into(),
        raw_digest: "digest".into(),
        is_automatic: false,
        state: "queued".into(),
        enqueued_at: start(),
        attempt_due: start(),
        attempts: 0,
        uncertain_at: None,
        sent_at: None,
        bounced_at: None,
        answer: None,
        set_aside_at: None,
    }
}

fn numbers_of(letters: &[StoredLetter]) -> Vec<i64> {
    letters.iter().map(|letter| letter.letter_no).collect()
}

async fn enqueue(db: &Db, all: &[StoredLetter]) {
    let mut tx = db.begin_for("LIN").await.unwrap();
    for letter in all {
        letters::enqueue(&mut tx, letter).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn lease(db: &Db, owner: &str, at: Timestamp, most: i64) -> Vec<StoredLetter> {
    let mut tx = db.begin().await.unwrap();
    let leased = letters::lease(&mut tx, owner, at, most).await.unwrap();
    tx.commit().await.unwrap();
    leased
}

on_both!(every_statement_can_be_prepared, |place| {
    let all = all_statements();
    assert!(all.len() > 60, "only {} statements", all.len());
    for (name, sql) in all {
        if let Err(error) = place.db.prepare(sql).await {
            let is_of_the_other = name.ends_with("_LITE") || name.ends_with("_PG");
            let is_ours = name.ends_with(if place.db.is_sqlite() { "_LITE" } else { "_PG" });
            assert!(is_of_the_other && !is_ours, "{name}: {error}\n{sql}");
        }
    }
});

on_both!(a_database_is_opened_again_as_it_was_left, |place| {
    enqueue(&place.db, &[letter(1, None, "a@x.example")]).await;
    place.db.close().await;
    let again = Db::open(&place.url).await.unwrap();
    assert_eq!(letters::find(&again, "LIN", 1).await.unwrap(), Some(letter(1, None, "a@x.example")));
});

on_both!(a_database_of_a_newer_casepost_is_refused_with_both_versions_and_the_mend, |place| {
    let mut tx = place.db.begin().await.unwrap();
    for sql in [
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
            VALUES (9999, 'what comes', TRUE, CAST('x' AS BYTEA), 1)",
        "INSERT INTO upgrades (migration, casepost) VALUES (9999, '7.1.0')",
    ] {
        tx.execute(sql, &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
    place.db.close().await;
    let said = Db::open(&place.url).await.map(|_| ()).unwrap_err().to_string();
    let words = "brought up to date by casepost 7.1.0 (schema 9999), and this is casepost 0.1.0 (schema ";
    assert!(said.contains(words) && said.contains("install the newer casepost again"), "{said}");
});

on_both!(letters_leave_in_order_per_case_and_recipient_and_nobody_waits_for_others, |place| {
    let all = [
        letter(1, Some(1), "anne@x.example"),
        letter(2, Some(1), "anne@x.example"),
        letter(3, Some(1), "joost@x.example"),
        letter(4, Some(2), "anne@x.example"),
        letter(5, None, "anne@x.example"),
        letter(6, None, "anne@x.example"),
    ];
    enqueue(&place.db, &all).await;
    let first = lease(&place.db, "a/1", start(), 10).await;
    assert_eq!(numbers_of(&first), [1, 3, 4, 5, 6]);
    assert!(lease(&place.db, "b/1", start(), 10).await.is_empty(), "what is on its way is not taken twice");
    // The first is tried again later: its follower waits, nobody else does.
    let mut tx = place.db.begin().await.unwrap();
    letters::save_later(&mut tx, &first[0], later(60), "451 later", Some(start())).await.unwrap();
    for letter in &first[1..] {
        letters::save_sent(&mut tx, letter, start(), "250 ok").await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(lease(&place.db, "a/2", later(59), 10).await.is_empty());
    let again = lease(&place.db, "a/3", later(60), 10).await;
    assert_eq!(numbers_of(&again), [1]);
    assert_eq!((again[0].attempts, again[0].uncertain_at), (2, Some(start())));
    // Given up: its follower goes.
    let mut tx = place.db.begin().await.unwrap();
    letters::save_given_up(&mut tx, &again[0], "550 no", None).await.unwrap();
    tx.commit().await.unwrap();
    let last = lease(&place.db, "a/4", later(60), 10).await;
    assert_eq!(numbers_of(&last), [2]);
    let given_up = letters::find(&place.db, "LIN", 1).await.unwrap().unwrap();
    assert_eq!((given_up.state.as_str(), given_up.uncertain_at), ("given-up", Some(start())));
});

on_both!(two_workers_share_the_outbox_without_taking_a_letter_twice, |place| {
    let all: Vec<StoredLetter> =
        (1..=60).map(|no| letter(no, Some(no % 7), &format!("r{}@x.example", no % 5))).collect();
    enqueue(&place.db, &all).await;
    let mut sent = BTreeSet::new();
    for round in 0..100 {
        let (one, two) = (format!("a/{round}"), format!("b/{round}"));
        let (a, b) = tokio::join!(lease(&place.db, &one, start(), 4), lease(&place.db, &two, start(), 4));
        let mut tx = place.db.begin().await.unwrap();
        for letter in a.iter().chain(&b) {
            assert!(sent.insert(letter.letter_no), "letter {} was taken twice", letter.letter_no);
            let earlier = all.iter().filter(|l| {
                l.case_no == letter.case_no && l.recipient == letter.recipient && l.letter_no < letter.letter_no
            });
            assert!(earlier.clone().all(|l| sent.contains(&l.letter_no)), "letter {} overtook", letter.letter_no);
            letters::save_sent(&mut tx, letter, start(), "250 ok").await.unwrap();
        }
        tx.commit().await.unwrap();
        if sent.len() == 60 {
            return;
        }
    }
    panic!("only {} of 60 letters left", sent.len());
});

on_both!(the_same_letter_is_kept_once, |place| {
    enqueue(&place.db, &[letter(1, Some(1), "a@x.example")]).await;
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    let again = StoredLetter { letter_no: 2, ..letter(1, Some(1), "a@x.example") };
    letters::enqueue(&mut tx, &again).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(numbers_of(&letters::list(&place.db, "LIN", None, 10).await.unwrap()), [1]);
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    // As an older casepost wrote it down a second time.
    for (way, owner_no) in [("out", 1), ("in", 7)] {
        messages::record_id(&mut tx, "LIN", &again.message_id, way, owner_no, Some((1, "AMR"))).await.unwrap();
    }
    let leads = messages::find_id(&mut tx, "LIN", &again.message_id).await.unwrap();
    let told: Vec<(&str, i64, i64, Option<&str>)> =
        leads.iter().map(|id| (id.way.as_str(), id.owner_no, id.case_no, id.client.as_deref())).collect();
    assert_eq!(told, [("out", 1, 1, Some("AMR")), ("in", 7, 1, Some("AMR"))], "our own letter first, and once");
});

on_both!(held_letters_wait_for_a_person_and_keep_nobody_waiting, |place| {
    let held = StoredLetter { state: "held".into(), ..letter(1, Some(1), "a@x.example") };
    let other = StoredLetter { state: "held".into(), ..letter(2, Some(1), "a@x.example") };
    enqueue(&place.db, &[held, other, letter(3, Some(1), "a@x.example")]).await;
    assert_eq!(numbers_of(&lease(&place.db, "a/1", start(), 10).await), [3]);
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    assert!(letters::save_released(&mut tx, "LIN", 1, later(5)).await.unwrap());
    assert!(!letters::save_released(&mut tx, "LIN", 1, later(5)).await.unwrap(), "released once");
    assert!(letters::save_dropped(&mut tx, "LIN", 2).await.unwrap());
    tx.commit().await.unwrap();
    let states: Vec<String> =
        letters::list_of_case(&place.db, "LIN", 1).await.unwrap().into_iter().map(|l| l.state).collect();
    assert_eq!(states, ["queued", "dropped", "sending"]);
});

on_both!(the_letters_of_a_dead_worker_are_freed_and_those_of_a_living_one_are_not, |place| {
    enqueue(&place.db, &[letter(1, Some(1), "a@x.example"), letter(2, Some(2), "a@x.example")]).await;
    let locks = place.locks();
    let living = locks.try_hold(&presence("living")).await.unwrap().unwrap();
    assert_eq!(numbers_of(&lease(&place.db, "living/1", start(), 1).await), [1]);
    assert_eq!(numbers_of(&lease(&place.db, "dead/1", start(), 1).await), [2]);
    // Another process asks: it has locks of its own.
    let other = Db::open(&place.url).await.unwrap();
    let locks = LockKeeper::new(&other, place.folder.path().join("locks"));
    assert_eq!(free_the_dead(&other, &locks, "me", later(9)).await.unwrap(), 1);
    let freed = letters::find(&other, "LIN", 2).await.unwrap().unwrap();
    assert_eq!((freed.state.as_str(), freed.uncertain_at), ("queued", Some(later(9))));
    assert_eq!(letters::find(&other, "LIN", 1).await.unwrap().unwrap().state, "sending");
    drop(living);
    // A connection that ends frees its locks a moment later.
    for _ in 0..100 {
        if free_the_dead(&other, &locks, "me", later(10)).await.unwrap() == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the letter of the second worker was not freed");
});

on_both!(a_lock_is_held_once_and_freed_when_it_is_dropped, |place| {
    let mine = place.locks().try_hold("mailbox support").await.unwrap();
    assert!(mine.is_some());
    let other = Db::open(&place.url).await.unwrap();
    let theirs = LockKeeper::new(&other, place.folder.path().join("locks"));
    assert!(theirs.try_hold("mailbox support").await.unwrap().is_none());
    assert!(theirs.try_hold("mailbox sales").await.unwrap().is_some());
    let mut mine = mine.unwrap();
    assert!(mine.is_held().await);
    drop(mine);
    for _ in 0..100 {
        if theirs.try_hold("mailbox support").await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the lock outlived its holder");
});

on_both!(numbers_have_no_gaps_after_an_undo, |place| {
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    let mut numbers = Numbers::list(&mut tx, "LIN").await.unwrap();
    assert_eq!((numbers.peek("case"), numbers.draw("case")), (1, 1));
    numbers.save(&mut tx, "LIN").await.unwrap();
    tx.commit().await.unwrap();
    // Rolled back as a whole.
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    let mut numbers = Numbers::list(&mut tx, "LIN").await.unwrap();
    assert_eq!(numbers.draw("case"), 2);
    numbers.save(&mut tx, "LIN").await.unwrap();
    drop(tx);
    // Undone for one message, the way a set does it.
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    let mut numbers = Numbers::list(&mut tx, "LIN").await.unwrap();
    tx.savepoint().await.unwrap();
    let before = numbers.clone();
    assert_eq!(numbers.draw("case"), 2);
    tx.undo().await.unwrap();
    numbers = before;
    assert_eq!(numbers.draw("case"), 2);
    numbers.save(&mut tx, "LIN").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    assert_eq!(Numbers::list(&mut tx, "LIN").await.unwrap().peek("case"), 3);
    assert_eq!(Numbers::list(&mut tx, "NWK").await.unwrap().peek("case"), 1, "each desk counts for itself");
});

/// Statements that may look through a table that grows for ever: counts for a chart, the list of a backup, and a list from
/// an index of the few rows that it is about.
const LOOK_THROUGH: &[&str] = &["COUNT_BY_OUTCOME", "LIST_FILES", "LIST_TO_REMOVE"];
/// Tables with a few rows of the installation.
const SMALL: &[&str] = &["desks", "mailbox_folders", "sqlite_master", "upgrades", "CONSTANT"];

/// Statements that may look through all that a desk has in a table that grows, each with the table. None of them is for a
/// mail or a letter, but for an expert's automatic answer (`LIST_RELAYED`), which is rare.
#[rustfmt::skip]
const LOOK_THROUGH_A_DESK: &[&str] = &[
    // What commands show: of the newest rows as many as are asked for; letters in one state until there are so many.
    "LIST audit", "LIST cases", "LIST letters", "LIST messages", "LIST_BY_STATE letters",
    // A desk that was restored.
    "COUNT_LETTERS letters", "DOUBT letters", "SET_ASIDE letters",
    // A person who is to be forgotten.
    "END_MARKS marks", "FORGET_REQUESTS requests", "HOLDING_AUDIT audit", "HOLDING_CASES cases",
    "HOLDING_CHANGES case_changes", "HOLDING_ENTRIES entries", "HOLDING_IDS message_ids", "HOLDING_LETTERS letters",
    "HOLDING_MAILS messages", "HOLDING_REQUESTS requests", "LIST_CASES_BY_ADDRESS cases", "LIST_CASES_BY_ADDRESS messages",
    "LIST_CASES_BY_ADDRESS requests", "LIST_CASES_BY_KEY case_parties", "LIST_CASES_BY_KEY cases",
    "LIST_CASES_BY_KEY letters", "LIST_CASES_BY_KEY messages", "LIST_HELD requests", "LIST_MAIL_BYTES q",
    "LIST_NAMES requests", "LIST_OWN_SUBJECTS c", "RENAME_CASES cases", "RENAME_DECISIONS requests",
    "RENAME_LETTERS letters", "RENAME_MAILS messages", "RENAME_PARTIES case_parties",
    // Bytes whose time is over, beside all other work: a mail's request is looked for among all requests of the desk.
    "END_MAILS_OF_CASE q", "END_MAILS_OF_CLIENT q", "END_MAILS_OF_DESK q", "FIND_MAIL_OF_CLIENT q", "FIND_MAIL_OF_DESK q",
    "LIST_CASES q",
    "LIST_RELAYED letters",
];
/// Tables of which a desk has few rows.
const FEW_OF_A_DESK: &[&str] = &["restores", "counters", "directory_items", "absences", "parked", "p"];

/// The steps by which SQLite answers each statement, with the statement's name.
async fn plans(place: &Place) -> Vec<(&'static str, String)> {
    let mut steps = Vec::new();
    for (name, sql) in all_statements() {
        let numbers = sql.split('$').skip(1).filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse::<usize>().ok()
        });
        let args = vec![Value::Text(None); numbers.max().unwrap_or(0)];
        // Statements of the other database can't be explained.
        let Ok(plan) = place.db.fetch(format!("EXPLAIN QUERY PLAN {sql}").leak(), &args).await else { continue };
        steps.extend(plan.iter().map(|row| (name, row.text(3).unwrap())));
    }
    steps
}

#[tokio::test]
async fn only_few_statements_look_through_a_table_that_grows() {
    let place = Place::sqlite().await;
    let plans = plans(&place).await;
    let scans = plans.iter().filter(|(_, step)| {
        let table = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        table.is_some_and(|table| !SMALL.contains(&table))
    });
    let found: BTreeSet<_> = scans.map(|(name, _)| *name).collect();
    assert_eq!(found, LOOK_THROUGH.iter().copied().collect());
}

#[tokio::test]
async fn only_few_statements_look_through_all_of_a_desk() {
    let place = Place::sqlite().await;
    let few = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'";
    let few: Vec<String> = place.db.fetch(few, &[]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect();
    let mut found = BTreeSet::new();
    for (name, step) in plans(&place).await {
        let words: Vec<&str> = step.split(' ').collect();
        let is_small = words.get(1).is_some_and(|table| SMALL.contains(table) || FEW_OF_A_DESK.contains(table));
        let is_of_few = words.iter().any(|word| few.iter().any(|index| index == word));
        // What is not NULL is most of them.
        let is_desk = step.ends_with("(desk=?)") || step.ends_with("(desk=? AND case_no>?)");
        if step.starts_with("SEARCH ") && is_desk && !is_small && !is_of_few {
            found.insert(format!("{name} {}", words[1]));
        }
    }
    assert_eq!(found, LOOK_THROUGH_A_DESK.iter().map(ToString::to_string).collect());
}

on_both!(a_booking_stands_in_the_ledger_once, |place| {
    let key = BookingKey { expert: PersonKey::new("joost").unwrap(), message_id: "m@x".into(), ordinal: 1 };
    let entry = Entry {
        kind: EntryKind::Deduction,
        real_minutes: 40,
        charged_minutes: -45,
        card: Some(CardNumber::new("2026-001").unwrap()),
        work_date: "2026-04-21".parse().unwrap(),
        booking: Some(key.clone()),
        charge: Some(key),
        case: Some("AMR-2026-0001".parse::<CaseNumber>().unwrap()),
        valid_through: None,
        text: "formulier".into(),
    };
    let line = |entry_no| StoredEntry {
        entry_no,
        entry: entry.clone(),
        booked_at: start(),
        booking_key: "LIN/joost/m@x/1".into(),
        position: None,
    };
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    cards::record(&mut tx, "LIN", "AMR", 0, Some(1), &line(1)).await.unwrap();
    cards::record(&mut tx, "LIN", "AMR", 1, Some(1), &line(2)).await.unwrap();
    assert!(cards::find_booking(&mut tx, "LIN", "LIN/joost/m@x/1").await.unwrap());
    assert!(!cards::find_booking(&mut tx, "LIN", "LIN/joost/m@x/2").await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    assert!(!cards::record(&mut tx, "LIN", "AMR", 0, Some(1), &line(3)).await.unwrap());
    tx.commit().await.unwrap();
    let kept = cards::list(&place.db, "LIN", "AMR").await.unwrap();
    assert_eq!(kept, [line(1), line(2)]);
    assert!(cards::list(&place.db, "LIN", "NWK").await.unwrap().is_empty());
});

on_both!(a_broken_statement_undoes_its_own_message_and_not_the_set, |place| {
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    tx.savepoint().await.unwrap();
    letters::enqueue(&mut tx, &letter(1, None, "a@x.example")).await.unwrap();
    tx.release().await.unwrap();
    tx.savepoint().await.unwrap();
    letters::enqueue(&mut tx, &letter(2, None, "a@x.example")).await.unwrap();
    let same_number = StoredLetter { message_id: "other@x".into(), ..letter(1, None, "a@x.example") };
    // A statement that nobody waits for tells its fault at the release at the latest.
    let error = match letters::enqueue(&mut tx, &same_number).await {
        Ok(()) => tx.release().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(!error.is_transient(), "{error}");
    tx.undo().await.unwrap();
    tx.savepoint().await.unwrap();
    letters::enqueue(&mut tx, &letter(3, None, "a@x.example")).await.unwrap();
    tx.release().await.unwrap();
    tx.commit().await.unwrap();
    let mut kept = numbers_of(&letters::list(&place.db, "LIN", None, 10).await.unwrap());
    kept.sort_unstable();
    assert_eq!(kept, [1, 3]);
});

fn message(no: i64, case_no: Option<i64>) -> StoredMessage {
    StoredMessage {
        fingerprint: format!("f{no}"),
        message_no: no,
        message_id: Some(format!("m{no}@x")),
        raw_digest: "d".into(),
        mailbox: "support".into(),
        sender: Some("anne@x.example".into()),
        sender_name: Some("Anne".into()),
        person: None,
        role: Some("coordinator".into()),
        subject: "Vraag é".into(),
        received_at: later(no),
        claimed_at: later(no),
        origin: "human".into(),
        proof: "proven".into(),
        fresh: "tekst".into(),
        said: Some("gezegd".into()),
        outcome: "opened".into(),
        cause: None,
        why: "why".into(),
        case_no,
        request_no: None,
    }
}

on_both!(a_mail_is_recorded_once_and_found_by_each_of_its_keys, |place| {
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    messages::record(&mut tx, "LIN", &message(1, Some(7))).await.unwrap();
    tx.savepoint().await.unwrap();
    messages::record(&mut tx, "LIN", &message(1, Some(7))).await.unwrap();
    let refused = tx.release().await.unwrap_err();
    assert!(!refused.is_transient(), "{refused}");
    tx.undo().await.unwrap();
    // Another desk's own.
    messages::record(&mut tx, "OTH", &message(1, None)).await.unwrap();
    let case = Some((7, "AMR"));
    messages::record_id(&mut tx, "LIN", "m1@x", "in", 1, case).await.unwrap();
    messages::record_id(&mut tx, "LIN", "m1@x", "in", 1, case).await.unwrap();
    messages::record_id(&mut tx, "LIN", "seen@x", "mention", 1, case).await.unwrap();
    let found = messages::find_id(&mut tx, "LIN", "seen@x").await.unwrap();
    assert_eq!(found.iter().map(|id| (id.way.as_str(), id.case_no)).collect::<Vec<_>>(), [("mention", 7)]);
    assert_eq!(messages::find_id(&mut tx, "LIN", "m1@x").await.unwrap().len(), 1);
    assert!(messages::find_id(&mut tx, "OTH", "m1@x").await.unwrap().is_empty());
    let twin = messages::find_by_message_id(&mut tx, "LIN", "m1@x").await.unwrap();
    assert_eq!(twin, Some(message(1, Some(7))));
    let count = messages::find_recent_count(&mut tx, "LIN", "anne@x.example", start()).await.unwrap();
    assert_eq!(count, 1);
    let changed = StoredMessage { outcome: "joined".into(), cause: Some("note".into()), ..message(1, Some(8)) };
    messages::save_outcome(&mut tx, "LIN", &changed).await.unwrap();
    tx.commit().await.unwrap();
    let kept = messages::list(&place.db, "LIN", Some("joined"), 10).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].case_no, kept[0].cause.as_deref()), (Some(8), Some("note")));
    assert_eq!(messages::find_by_number(&place.db, "LIN", 1).await.unwrap().map(|m| m.fingerprint), Some("f1".into()));
});

on_both!(a_request_is_decided_once, |place| {
    let request = StoredRequest {
        request_no: 1,
        client: "AMR".into(),
        fingerprint: "f1".into(),
        reporter: "kees@x.example".into(),
        reporter_name: "Kees".into(),
        subject: "Vraag".into(),
        received_at: start(),
        state: "held".into(),
        case_no: None,
        decided_at: None,
    };
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    requests::record(&mut tx, "LIN", &request).await.unwrap();
    assert!(requests::save_decision(&mut tx, "LIN", 1, "approved", "anne", later(1), Some(4)).await.unwrap());
    assert!(!requests::save_decision(&mut tx, "LIN", 1, "rejected", "anne", later(2), None).await.unwrap());
    requests::record_parked(&mut tx, "LIN", "f2", Some(4), "joost", &[], start()).await.unwrap();
    let parked = requests::find_parked(&mut tx, "LIN", "f2").await.unwrap().unwrap();
    assert_eq!((parked.case_no, parked.person.as_str()), (4, "joost"));
    assert!(requests::end_parked(&mut tx, "LIN", "f2", later(3)).await.unwrap());
    assert!(!requests::end_parked(&mut tx, "LIN", "f2", later(3)).await.unwrap());
    let decided = requests::find(&mut tx, "LIN", 1).await.unwrap().unwrap();
    assert_eq!((decided.state.as_str(), decided.case_no), ("approved", Some(4)));
    tx.commit().await.unwrap();
});

on_both!(a_party_joins_ends_and_joins_again, |place| {
    let joost = PersonKey::new("joost").unwrap();
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    cases::record_party(&mut tx, "LIN", 1, &joost, PartyRole::Expert, start()).await.unwrap();
    cases::record_party(&mut tx, "LIN", 1, &joost, PartyRole::Expert, later(5)).await.unwrap();
    assert_eq!(cases::list_parties_in(&mut tx, "LIN", 1).await.unwrap().len(), 1);
    cases::end_party(&mut tx, "LIN", 1, &joost, PartyRole::Expert, later(6)).await.unwrap();
    assert!(cases::list_parties_in(&mut tx, "LIN", 1).await.unwrap().is_empty());
    cases::record_party(&mut tx, "LIN", 1, &joost, PartyRole::Expert, later(7)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cases::list_parties(&place.db, "LIN", 1).await.unwrap().len(), 1);
});

on_both!(what_is_asked_for_many_at_once_is_what_is_asked_for_one, |place| {
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    let mut mails = vec![message(1, Some(1)), message(2, Some(1)), message(3, Some(2)), message(4, None)];
    mails[0].received_at = later(60);
    mails[2].fresh = "é".repeat(3_000_000);
    for mail in &mails {
        messages::record(&mut tx, "LIN", mail).await.unwrap();
        let case = mail.case_no.map(|case_no| (case_no, "AMR"));
        messages::record_id(&mut tx, "LIN", &format!("m{}@x", mail.message_no), "in", mail.message_no, case)
            .await
            .unwrap();
    }
    let mut letters =
        [letter(1, Some(1), "a@x.example"), letter(2, Some(1), "a@x.example"), letter(3, Some(2), "b@x.example")];
    letters[1].text = "é".repeat(100_000);
    for letter in &letters {
        letters::enqueue(&mut tx, letter).await.unwrap();
    }
    let ids = ["m1@x", "m3@x", "m4@x", "l2@lindeboom.example", "nobody@x"];
    let cases = messages::ask_ids(&mut tx, "LIN", &ids).await.unwrap();
    assert_eq!(cases.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([1, 2]));
    messages::ask_of_cases(&mut tx, "LIN", &[1, 2, 3]).await.unwrap();
    let own: Vec<&str> = letters.iter().map(|letter| letter.message_id.as_str()).chain(["nobody@x"]).collect();
    letters::ask_ids(&mut tx, "LIN", &own).await.unwrap();
    let newest: BTreeSet<_> =
        letters::list_newest(&mut tx, "LIN", &[1, 2, 3]).await.unwrap().unwrap().into_iter().collect();
    let to = |case_no, to: &str, no| (case_no, to.to_owned(), format!("l{no}@lindeboom.example"));
    assert_eq!(newest, BTreeSet::from([to(1, "a@x.example", 2), to(2, "b@x.example", 3)]));

    // Each is asked twice: what was kept is given once, and the second time the database answers.
    for _ in 0..2 {
        for id in ids {
            let found = messages::find_id(&mut tx, "LIN", id).await.unwrap();
            let expected = match id {
                "m1@x" => vec![1],
                "m3@x" => vec![2],
                "l2@lindeboom.example" => vec![1],
                _ => vec![],
            };
            assert_eq!(found.iter().map(|known| known.case_no).collect::<Vec<_>>(), expected, "{id}");
        }
        let of_case = async |tx: &mut casepost::store::Tx, case_no| {
            let mails = messages::list_of_case_in(tx, "LIN", case_no).await.unwrap();
            mails.iter().map(|mail| mail.message_no).collect::<Vec<_>>()
        };
        assert_eq!(of_case(&mut tx, 1).await, [2, 1], "by their times of receipt");
        assert_eq!(of_case(&mut tx, 2).await, [3], "too long to be asked for with others");
        assert_eq!(of_case(&mut tx, 3).await, [0_i64; 0]);
        for letter in &letters {
            let found = letters::find_by_message_id(&mut tx, "LIN", &letter.message_id).await.unwrap();
            assert_eq!(found.as_ref(), Some(letter));
        }
        assert_eq!(letters::find_by_message_id(&mut tx, "LIN", "nobody@x").await.unwrap(), None);
    }
    messages::ask_of_cases(&mut tx, "LIN", &[1]).await.unwrap();
    messages::record(&mut tx, "LIN", &message(5, Some(1))).await.unwrap();
    assert_eq!(messages::list_of_case_in(&mut tx, "LIN", 1).await.unwrap().len(), 3, "it was written since");
    tx.commit().await.unwrap();
});

#[tokio::test]
async fn sqlite_s_log_is_carried_over_beside_and_stays_short() {
    let place = Place::sqlite().await;
    let size = |name: &str| std::fs::metadata(place.folder.path().join(name)).map_or(0, |file| file.len());
    let write = async |no: i64| {
        let mut tx = place.db.begin_for("LIN").await.unwrap();
        let large = StoredMessage { fresh: "x".repeat(4_000_000), ..message(no, None) };
        messages::record(&mut tx, "LIN", &large).await.unwrap();
        tx.commit().await.unwrap();
    };
    write(1).await;
    for _ in 0..100 {
        if size("casepost.db") > 4_000_000 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(size("casepost.db") > 4_000_000, "nobody waited for it, and no commit found the log long");
    for no in 2..=20 {
        write(no).await;
    }
    assert!(size("casepost.db-wal") < 40_000_000, "{}", size("casepost.db-wal"));
    place.db.close().await;
    assert_eq!(size("casepost.db-wal"), 0);
    assert!(size("casepost.db") > 80_000_000);
}

on_both!(a_mark_is_claimed_once_and_another_ends_by_itself, |place| {
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    assert!(marks::claim(&mut tx, "LIN", "card/used-up", start()).await.unwrap());
    assert!(!marks::claim(&mut tx, "LIN", "card/used-up", later(9_999_999)).await.unwrap());
    marks::save(&mut tx, "LIN", "hush/a", start(), later(60)).await.unwrap();
    assert!(marks::find(&mut tx, "LIN", "hush/a", later(59)).await.unwrap());
    assert!(!marks::find(&mut tx, "LIN", "hush/a", later(60)).await.unwrap());
    assert!(!marks::find(&mut tx, "OTH", "hush/a", start()).await.unwrap());
    marks::end(&mut tx, "LIN", "hush/a").await.unwrap();
    assert!(!marks::find(&mut tx, "LIN", "hush/a", start()).await.unwrap());
});

on_both!(a_folder_remembers_how_far_it_was_read_and_what_is_open, |place| {
    let key = FolderKey { desk: "LIN".into(), mailbox: "support".into(), folder: "INBOX".into() };
    assert_eq!(mailboxes::find_folder(&place.db, &key).await.unwrap(), None);
    let mark = FolderMark { uid_validity: 3, last_uid: 10, adopted_since: start(), fetched_at: None };
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    mailboxes::save_folder(&mut tx, &key, &mark).await.unwrap();
    mailboxes::record_attempt(&mut tx, &key, 3, "11").await.unwrap();
    mailboxes::record_attempt(&mut tx, &key, 3, "11").await.unwrap();
    mailboxes::record_attempt(&mut tx, &key, 3, "12").await.unwrap();
    mailboxes::record_taken(&mut tx, &key, 3, "12", later(1)).await.unwrap();
    mailboxes::save_fetched(&mut tx, &key, later(2)).await.unwrap();
    tx.commit().await.unwrap();
    let notes = mailboxes::list_notes(&place.db, &key, 3).await.unwrap();
    let told: Vec<(&str, i64, bool)> =
        notes.iter().map(|note| (note.uid.as_str(), note.attempts, note.taken_at.is_some())).collect();
    assert_eq!(told, [("11", 2, false), ("12", 1, true)]);
    let kept = mailboxes::find_folder(&place.db, &key).await.unwrap().unwrap();
    assert_eq!((kept.uid_validity, kept.last_uid, kept.fetched_at), (3, 10, Some(later(2))));
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    mailboxes::end_note(&mut tx, &key, 3, "12").await.unwrap();
    mailboxes::end_older_notes(&mut tx, &key, 4).await.unwrap();
    tx.commit().await.unwrap();
    assert!(mailboxes::list_notes(&place.db, &key, 3).await.unwrap().is_empty());
});

on_both!(two_transactions_that_decide_for_one_desk_queue_up, |place| {
    let count = |db: Db| async move {
        for _ in 0..10 {
            let mut tx = db.begin_for("LIN").await.unwrap();
            let mut numbers = Numbers::list(&mut tx, "LIN").await.unwrap();
            numbers.draw("case");
            tokio::task::yield_now().await;
            numbers.save(&mut tx, "LIN").await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let other = Db::open(&place.url).await.unwrap();
    tokio::join!(count(place.db.clone()), count(place.db.clone()), count(other));
    let mut tx = place.db.begin_for("LIN").await.unwrap();
    assert_eq!(Numbers::list(&mut tx, "LIN").await.unwrap().peek("case"), 31, "no number was given out twice");
});
