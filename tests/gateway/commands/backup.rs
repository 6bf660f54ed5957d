//! A backup and the way back, by command.

use super::{House, mail};

fn put(house: &House, id: &str) {
    house.write(&format!("the mail/new/{id}"), &mail(id, "pass"));
}

/// The disk with everything of casepost's own is lost.
fn lose(house: &House) {
    std::fs::remove_dir_all(house.path().join("data")).unwrap();
}

/// A desk with one case in its backup and one since.
fn lost() -> House {
    let house = House::furnished();
    put(&house, "first");
    house.ok(&["run", "--once"]);
    let said = house.ok(&["backup", "nightly.backup"]);
    assert!(said.starts_with("nightly.backup is whole: ") && said.contains("(SQLite)"), "{said}");
    put(&house, "second");
    house.ok(&["run", "--once"]);
    lose(&house);
    house
}

fn numbers(house: &House) -> Vec<String> {
    let cases = house.json(&["case", "list", "--json"]);
    let mut numbers: Vec<String> =
        cases.as_array().unwrap().iter().map(|case| case["number"].to_string().replace('"', "")).collect();
    numbers.sort();
    numbers
}

fn letters_in(house: &House) -> usize {
    std::fs::read_dir(house.path().join("letters")).unwrap().count()
}

#[test]
fn a_lost_disk_comes_back_from_its_backup_and_its_mailbox() {
    let house = lost();
    let sent = letters_in(&house);
    let said = house.ok(&["restore", "nightly.backup", "--dry-run"]);
    assert!(said.starts_with("nightly.backup is whole: ") && said.contains("by casepost 0.1.0 from SQLite"), "{said}");
    assert!(!house.path().join("data/casepost.db").exists(), "a dry run changes nothing");
    let said = house.ok(&["restore", "nightly.backup", "--reason", "the disk died"]);
    assert!(said.contains("The desks read no mail yet"), "{said}");

    // Until it is resumed, mail waits and check tells what to do.
    house.refused(&["run", "--once"], &["casepost refetch, then casepost resume"]);
    assert_eq!(house.deliver(&mail("third", "pass")), 75);
    let checked = house.run(&["check"]);
    assert!(checked.code == 1 && checked.out.contains("FAIL restore: desk LIN was restored"), "{}", checked.out);

    let again = ["refetch", "--folder", "INBOX", "--since", "2020-01-01"];
    let said = house.ok(&[&again[..], &["--dry-run"]].concat());
    assert!(said.contains("2 mails, 1 known, 1 not known") && said.contains("nothing was decided"), "{said}");
    assert_eq!(numbers(&house), ["AMR-2026-0001"]);
    let done = house.json(&[&again[..], &["--json", "--reason", "after the restore"]].concat());
    assert_eq!((&done["known"], &done["new"], &done["outcomes"]["opened"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(numbers(&house), ["AMR-2026-0001", "AMR-2026-0002"]);
    let held = house.json(&["outbox", "list", "--state", "held", "--json"]);
    let held = held.as_array().unwrap();
    assert!(!held.is_empty() && held.iter().all(|letter| !letter["uncertain_at"].is_null()), "{held:?}");

    let said = house.ok(&["resume", "--reason", "all is read"]);
    assert_eq!(said, format!("Desk LIN reads its mail again; {} letters go.\n", held.len()));
    house.ok(&["run", "--once"]);
    assert_eq!(house.json(&["outbox", "list", "--state", "held", "--json"]), serde_json::json!([]));
    // A letter's file is named by its number, so one that goes again takes the place of the first.
    assert_eq!(letters_in(&house), sent);
    let trail = house.json(&["audit", "list", "--json"]);
    let actions: Vec<&str> = trail.as_array().unwrap().iter().filter_map(|line| line["action"].as_str()).collect();
    assert!(["restore", "refetch", "resume"].iter().all(|action| actions.contains(action)), "{actions:?}");
}

#[test]
fn letters_that_were_set_aside_may_be_dropped() {
    let house = lost();
    let sent = letters_in(&house);
    house.ok(&["restore", "nightly.backup", "--reason", "x"]);
    house.ok(&["refetch", "--folder", "INBOX", "--since", "2020-01-01", "--reason", "x"]);
    assert!(house.ok(&["resume", "--letters", "drop", "--reason", "they all went"]).contains("are dropped"));
    house.ok(&["run", "--once"]);
    assert_eq!(letters_in(&house), sent);
    assert_eq!(house.ok(&["resume", "--reason", "again"]), "Desk LIN did not wait; no letter was set aside.\n");
}

#[test]
fn a_backup_may_go_to_standard_output() {
    let house = House::furnished();
    house.ok(&["run", "--once"]);
    let said = house.run(&["backup", "-"]);
    assert_eq!(said.code, 0, "{}", said.err);
    std::fs::write(house.path().join("piped.backup"), &said.bytes).unwrap();
    assert!(house.ok(&["restore", "piped.backup", "--dry-run"]).contains("is whole"));
}

#[test]
fn what_cant_be_restored_is_refused_in_one_line() {
    let house = House::furnished();
    house.ok(&["run", "--once"]);
    house.ok(&["backup", "nightly.backup"]);
    house.refused(&["restore", "nightly.backup", "--reason", "x"], &["takes the place of nothing", "move it away"]);
    house.refused(&["restore", "nowhere.backup", "--dry-run"], &["nowhere.backup: "]);
    house.refused(&["restore", "desk.toml", "--dry-run"], &["desk.toml: it is no backup that casepost wrote"]);
    let bytes = std::fs::read(house.path().join("nightly.backup")).unwrap();
    std::fs::write(house.path().join("cut.backup"), &bytes[..9000]).unwrap();
    house.refused(&["restore", "cut.backup", "--dry-run"], &["cut short", "entry database.sqlite"]);
    house.refused(&["refetch", "--folder", "Nowhere", "--since", "2020-01-01", "--dry-run"], &["Nowhere"]);
    // Half a restore keeps everything else from working.
    std::fs::write(house.path().join("data/restore.half"), "").unwrap();
    for args in [&["case", "list"][..], &["run", "--once"], &["backup", "x.backup"]] {
        house.refused(args, &["repeat casepost restore"]);
    }
    assert!(!house.path().join("x.backup").exists());
}
