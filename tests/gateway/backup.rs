//! A disk is lost, its backup is not: nothing is lost, nothing doubled, and no letter is sent twice without a mark.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use casepost::config::Config;
use casepost::desk::backup::{self, Target};
use casepost::desk::boundary;
use casepost::desk::clock::Clock;
use casepost::desk::refetch::{Refetch, Refetched};
use casepost::desk::resume::{self, Aside, Resumed, Resuming};
use casepost::desk::worker::Worker;
use casepost::store::Db;

use super::kill::state;
use super::scripted_smtp::ScriptedSmtp;
use super::trial::{
    Backend, Letter, Source, Trial, Who, answer, filed, letter, mail, new_dovecot, note, number, request, start,
    tester, texts,
};

const JOOST: &str = "joost@dewit-web.example";

/// A request with a file that is too large for the database, and packs badly.
fn large_request(id: &str) -> Vec<u8> {
    let headers = format!("Subject: Vraag {id}\nContent-Type: multipart/mixed; boundary=\"b\"\n");
    let mut seed = 1_u64;
    let mut line = || {
        let numbers = (0..4).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:016X}", seed ^ (seed >> 29))
        });
        numbers.collect::<String>()
    };
    let file: Vec<String> = (0..12_000).map(|_| line()).collect();
    let body = format!(
        "--b\nContent-Type: text/plain; charset=utf-8\n\nZie de bijlage.\n--b\nContent-Type: application/octet-stream\n\
         Content-Disposition: attachment; filename=\"groot.bin\"\nContent-Transfer-Encoding: base64\n\n{}\n--b--\n",
        file.join("\n")
    );
    mail(Who::Anne, id, "support@lindeboom.example", &headers, &body)
}

/// Waits until what is asked for is so.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(40), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn is_settled(db: &Db, mails: i64) -> bool {
    number(db, "SELECT COUNT(*) FROM messages").await == mails
        && number(db, "SELECT COUNT(*) FROM uid_notes").await == 0
        && number(db, "SELECT COUNT(*) FROM letters WHERE state IN ('queued', 'sending')").await == 0
}

/// Reads the folder of filed mails again.
async fn refetch(trial: &Trial, is_dry: bool) -> Refetched {
    let worker = trial.worker().await;
    let what = Refetch { is_dry, ..filed(&worker) };
    let done = worker.refetch(&what, &tester(), &|_, _| ()).await.unwrap();
    worker.db.close().await;
    done
}

/// What is known of cases, mails, bookings and letters, whatever became of the letters since.
async fn known(db: &Db) -> Vec<String> {
    let state = state(db).await;
    let mut known: Vec<String> = state
        .into_iter()
        .filter(|line| !line.starts_with("under way "))
        .map(|line| match line.starts_with("letter ") {
            true => line.rsplit_once(' ').unwrap().0.to_owned(),
            false => line,
        })
        .collect();
    known.sort();
    known
}

/// How often each letter arrived.
fn arrivals(sink: &ScriptedSmtp) -> BTreeMap<String, usize> {
    let mut arrived = BTreeMap::new();
    for captured in sink.letters() {
        let id = Letter::new(captured.bytes).header("Message-ID").trim_matches(['<', '>']).to_owned();
        *arrived.entry(id).or_default() += 1;
    }
    arrived
}

/// Mails trickle in; in the middle of them a backup is taken; then the disk is lost.
async fn lost_after_a_backup(trial: &Trial) -> Vec<String> {
    trial.put(&request("first")).await;
    trial.put(&large_request("large")).await;
    trial.drain().await;
    let db = trial.db().await;
    let relayed = letter(&db, &trial.raw(), "relay", JOOST).await;
    let mut running = trial.start_child("run", None);
    let mut backing_up = None;
    for count in 0..12 {
        let id = format!("trickle-{count}");
        let mail = match count % 3 {
            0 => request(&id),
            1 => answer(Who::Joost, &id, &relayed, "Verder gekeken.\n\n#time 15m gekeken\n"),
            _ => note(Who::Sam, &id),
        };
        trial.put(&mail).await;
        if count == 4 {
            until("some of the trickle", async || number(&db, "SELECT COUNT(*) FROM messages").await > 2).await;
            backing_up = Some(trial.start_child("backup", None));
        }
    }
    let ended = backing_up.as_mut().unwrap().wait().await;
    assert!(ended.success(), "{}", backing_up.unwrap().log());
    trial.put(&large_request("after the backup")).await;
    until("all of the trickle", async || is_settled(&db, 15).await).await;
    assert!(running.is_alive(), "{}", running.log());
    running.kill().await;
    let before = known(&db).await;
    db.close().await;
    trial.lose().await;
    before
}

async fn nothing_is_lost_or_doubled(backend: Backend) {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = Trial::new(backend, new_dovecot(), sink.port).await;
    let before = lost_after_a_backup(&trial).await;
    let mode = std::fs::metadata(trial.backup_path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{mode:o}");
    let restored = backup::restore(&trial.config(), trial.backup_path(), &tester(), trial.now()).await.unwrap();
    assert!(restored.entries >= 4, "{restored:?}");

    // Mail that comes in now waits, with what is in the mailbox.
    trial.put(&request("meanwhile")).await;
    let sent_before = arrivals(&sink);
    let drained = trial.run_once().await;
    assert!(drained.outcomes.is_empty() && drained.letters.sent == 0, "{drained:?}");
    assert!(drained.unread[0].1.contains("casepost refetch"), "{drained:?}");

    // One that is killed is repeated.
    let mut child = trial.start_child("refetch", Some("after-commit"));
    let ended = child.wait().await;
    assert_eq!(ended.signal(), Some(9), "{}", child.log());
    let tried = refetch(&trial, true).await;
    let done = refetch(&trial, false).await;
    let db = trial.db().await;
    let what_is_known = (tried.found, tried.known, tried.new, tried.outcomes.len());
    assert_eq!(what_is_known, (15, done.known, done.new, 0), "the dry run counted the same and decided nothing");
    assert!(done.new >= 1 && done.known >= 2, "the backup was taken in the middle: {done:?}");
    assert_eq!(done.outcomes.values().sum::<usize>(), done.new);
    let (after, wanted) = (BTreeSet::from_iter(known(&db).await), BTreeSet::from_iter(before));
    let lost: Vec<&String> = wanted.difference(&after).collect();
    let new: Vec<&String> = after.difference(&wanted).collect();
    assert!(lost.is_empty() && new.is_empty(), "lost: {lost:#?}\nnew: {new:#?}");
    assert_eq!(refetch(&trial, false).await.known, 15, "what was read again is known");
    assert_eq!(arrivals(&sink), sent_before, "nothing left before the desk was resumed");
    let held = number(&db, "SELECT COUNT(*) FROM letters WHERE state = 'held' AND uncertain_at IS NOT NULL").await;
    assert!(held >= done.set_aside && done.set_aside > 0, "{held} letters are held");

    let by = tester();
    let how = Resuming { aside: Aside::Release, skipped_numbers: 10, year: 2026 };
    let resumed = resume::resume(&db, "LIN", how, &by, trial.now()).await.unwrap();
    let expected = Resumed { was_waiting: true, released: u64::try_from(held).unwrap(), dropped: 0, kept: 0 };
    assert_eq!(resumed, expected);
    trial.drain().await;
    check_letters(&db, &sink).await;
    assert_eq!(number(&db, "SELECT COUNT(*) FROM cases").await, 8, "one for each request");
    let last = texts(&db, "SELECT number FROM cases ORDER BY case_no DESC LIMIT 1").await;
    assert_eq!(last, ["AMR-2026-0018"], "ten numbers are left out");
    assert_eq!(trial.mailbox_counts().await, (0, 16));
    db.close().await;
    trial.end().await;
}

/// Every letter arrived, and each that arrived twice is marked.
async fn check_letters(db: &Db, sink: &ScriptedSmtp) {
    let arrived = arrivals(sink);
    let uncertain: BTreeSet<String> =
        texts(db, "SELECT message_id FROM letters WHERE uncertain_at IS NOT NULL").await.into_iter().collect();
    for (id, count) in &arrived {
        assert!(*count == 1 || uncertain.contains(id), "{id} arrived {count} times and is not marked");
    }
    let sent: BTreeSet<String> =
        texts(db, "SELECT message_id FROM letters WHERE state = 'sent'").await.into_iter().collect();
    assert_eq!(sent, arrived.into_keys().collect(), "what was sent arrived, and nothing else");
    assert_eq!(number(db, "SELECT COUNT(*) FROM letters WHERE state <> 'sent'").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_after_a_restore_on_sqlite() {
    nothing_is_lost_or_doubled(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_after_a_restore_on_postgres() {
    nothing_is_lost_or_doubled(Backend::Postgres).await;
}

/// A desk with a case and a large mail.
async fn small(backend: Backend, sink: &ScriptedSmtp) -> Trial {
    let trial = Trial::new(backend, Source::Maildir, sink.port).await;
    trial.put(&request("first")).await;
    trial.put(&large_request("large")).await;
    trial.drain().await;
    trial
}

fn names_in(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// A backup that is killed leaves the one before as it was, and the next one is whole.
async fn killed_while_backing_up(backend: Backend) {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = small(backend, &sink).await;
    let path = trial.backup_path();
    backup::back_up(&trial.config(), Target::File(path.clone()), trial.now()).await.unwrap();
    for at in boundary::OF_BACKUP.iter().copied().chain(["backup-entry:2"]) {
        let before = std::fs::read(&path).unwrap();
        let mut child = trial.start_child("backup", Some(at));
        let ended = child.wait().await;
        assert_eq!(ended.signal(), Some(9), "{at}: {ended}\n{}", child.log());
        let is_same = std::fs::read(&path).unwrap() == before;
        assert_eq!(is_same, at != "backup-renamed", "{at}: the file is the old one until the new one is whole");
        backup::look_at(path.clone()).await.unwrap();
        let mut child = trial.start_child("backup", None);
        assert!(child.wait().await.success(), "{at}: {}", child.log());
        assert!(std::fs::read(&path).unwrap() != before, "{at}: the next one took its place");
        assert_eq!(backup::look_at(path.clone()).await.unwrap().1, 5, "{at}: head, database, keys, mail, letter");
        let left: Vec<String> = names_in(&trial.path("")).into_iter().chain(names_in(&trial.path("data"))).collect();
        assert!(!left.iter().any(|name| name.ends_with(".half")), "{at}: {left:?}");
    }
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_the_one_before_on_sqlite() {
    killed_while_backing_up(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_the_one_before_on_postgres() {
    killed_while_backing_up(Backend::Postgres).await;
}

/// A disk that is full leaves the backup before as it was, and nothing half.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_finds_no_room_leaves_the_one_before() {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let mut trial = small(Backend::Sqlite, &sink).await;
    let path = trial.backup_path();
    backup::back_up(&trial.config(), Target::File(path.clone()), trial.now()).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let kilobytes = before.len() as u64 / 1024;
    for (limit, place) in [(kilobytes - 100, "entry raw/"), (100, "the database can't be copied")] {
        trial.largest_file = Some(limit);
        let mut child = trial.start_child("backup", None);
        assert!(!child.wait().await.success());
        assert!(child.log().contains(place), "{place}: {}", child.log());
        assert!(std::fs::read(&path).unwrap() == before, "{place}");
        let left: Vec<String> = names_in(&trial.path("")).into_iter().chain(names_in(&trial.path("data"))).collect();
        assert!(!left.iter().any(|name| name.ends_with(".half")), "{place}: {left:?}");
    }
    trial.end().await;
}

/// A restore that is killed is seen, keeps casepost from starting, and is repeated.
async fn killed_while_restoring(backend: Backend) {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = small(backend, &sink).await;
    backup::back_up(&trial.config(), Target::File(trial.backup_path()), trial.now()).await.unwrap();
    let db = trial.db().await;
    let before = known(&db).await;
    db.close().await;
    for at in boundary::OF_RESTORE {
        trial.lose().await;
        let mut child = trial.start_child("restore", Some(at));
        let ended = child.wait().await;
        assert_eq!(ended.signal(), Some(9), "{at}: {ended}\n{}", child.log());
        let refused = Worker::open(trial.config(), Clock::rehearsal(trial.now())).await.map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains("repeat casepost restore"), "{at}: {refused}");
        let mut child = trial.start_child("restore", None);
        assert!(child.wait().await.success(), "{at}: {}", child.log());
        let db = trial.db().await;
        assert_eq!(known(&db).await, before, "{at}");
        assert_eq!(number(&db, "SELECT COUNT(*) FROM restores").await, 1, "{at}");
        let restores = number(&db, "SELECT COUNT(*) FROM audit WHERE action = 'restore'").await;
        assert_eq!(restores, 1, "{at}: told once");
        for mail in texts(&db, "SELECT raw_digest FROM messages").await {
            trial.raw().find(&db, "LIN", &mail).await.unwrap();
        }
        db.close().await;
        let left = names_in(&trial.path("data"));
        assert!(!left.iter().any(|name| name.starts_with("restore")), "{at}: {left:?}");
    }
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_is_repeated_on_sqlite() {
    killed_while_restoring(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_is_repeated_on_postgres() {
    killed_while_restoring(Backend::Postgres).await;
}

async fn refused(config: &Config, file: std::path::PathBuf) -> String {
    backup::restore(config, file, &tester(), start()).await.unwrap_err().to_string()
}

/// What is not whole, not ours or in the way is refused before anything is changed.
async fn refused_before_anything_is_changed(backend: Backend) {
    let sink = ScriptedSmtp::start(Vec::new()).await;
    let trial = small(backend, &sink).await;
    let (config, path) = (trial.config(), trial.backup_path());
    backup::back_up(&config, Target::File(path.clone()), trial.now()).await.unwrap();

    let said = refused(&config, path.clone()).await;
    assert!(said.contains("takes the place of nothing"), "{said}");
    std::fs::rename(trial.path("secret.key"), trial.path("kept.key")).unwrap();
    let said = refused(&config, path.clone()).await;
    assert!(said.contains("data/raw holds mails"), "{said}");
    std::fs::rename(trial.path("data/raw"), trial.path("kept raw")).unwrap();
    let said = refused(&config, path.clone()).await;
    assert!(said.contains("there is a database already") || said.contains("holds tables already"), "{said}");

    trial.lose().await;
    let whole = std::fs::read(&path).unwrap();
    let broken = trial.path("broken.backup");
    std::fs::write(&broken, &whole[..whole.len() / 2]).unwrap();
    let said = refused(&config, broken.clone()).await;
    assert!(said.contains("broken.backup: it is cut short or broken after the beginning of entry "), "{said}");
    let mut changed = whole.clone();
    let middle = changed.len() - 200_000;
    changed[middle] ^= 1;
    std::fs::write(&broken, &changed).unwrap();
    let said = refused(&config, broken).await;
    assert!(said.contains("entry raw/") && said.contains("is damaged"), "{said}");
    assert!(names_in(&trial.path("data")).is_empty(), "nothing was changed");

    backup::restore(&config, path, &tester(), trial.now()).await.unwrap();
    trial.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_whole_or_in_the_way_is_refused_on_sqlite() {
    refused_before_anything_is_changed(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_whole_or_in_the_way_is_refused_on_postgres() {
    refused_before_anything_is_changed(Backend::Postgres).await;
}
