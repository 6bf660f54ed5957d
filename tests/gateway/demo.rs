//! `casepost demo`, run as a user runs it: what it shows, and that a second run does no harm.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `casepost` in a folder.
fn casepost(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casepost"));
    command.current_dir(folder).args(args).env("CASEPOST_CONFIG", "casepost.toml");
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(folder: &Path, args: &[&str]) -> Vec<serde_json::Value> {
    let args = [&["--config", "casepost-demo/casepost.toml"], args, &["--json"]].concat();
    serde_json::from_str(&text(&casepost(folder, &args))).unwrap()
}

/// Every file of the folder with its content; the database's own files apart, which change when it is opened.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if !path.starts_with(folder.join("data")) {
                found.insert(path.strip_prefix(folder).unwrap().display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The tables, without the words above them and the hints below.
fn tables(shown: &str) -> &str {
    let begin = shown.find("It is ").unwrap();
    &shown[begin..shown.find("Go on:").unwrap()]
}

#[test]
fn the_demo_shows_what_became_of_each_mail_and_a_second_run_changes_nothing() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("a folder with spaces");
    std::fs::create_dir(&folder).unwrap();
    let first = text(&casepost(&folder, &["demo"]));
    check_mails(&folder, &first);
    check_cases(&folder);
    check_ledger(&first);
    check_letters(&folder, &first);

    let before = files(&folder.join("casepost-demo"));
    let second = text(&casepost(&folder, &["demo"]));
    assert!(second.starts_with("casepost-demo holds a demonstration already."), "{second}");
    assert_eq!(tables(&first), tables(&second));
    assert!(before == files(&folder.join("casepost-demo")), "the second run changed a file");
}

/// Outcomes by sender and words of the subject.
fn check_mails(folder: &Path, shown: &str) {
    assert!(shown.contains("What became of 27 mails"), "{shown}");
    let mut mails: Vec<(String, String)> = json(folder, &["message", "list"])
        .iter()
        .map(|mail| {
            let word = |key: &str| mail[key].as_str().unwrap_or_default().to_owned();
            (format!("{} {}", word("sender"), word("subject")), word("outcome"))
        })
        .collect();
    mails.sort();
    let expected = [
        ("anne.bakker@amersfoortsmuseum.example Agenda", "opened"),
        ("anne.bakker@amersfoortsmuseum.example Café-opening", "opened"),
        ("anne.bakker@amersfoortsmuseum.example Re: [LIN AMR-2026-0002] Café-opening", "joined"),
        ("anne.bakker@amersfoortsmuseum.example Re: [LIN R-1]", "opened"),
        ("anne.bakker@amersfoortsmuseum.example Spoed", "challenged"),
        ("grace.hall@northwick.example Automatic reply: [LIN NWK-2026-0003]", "noted"),
        ("grace.hall@northwick.example Re: [LIN NWK-2026-0002] Tenant portal", "joined"),
        ("grace.hall@northwick.example Rent statements", "opened"),
        ("grace.hall@northwick.example Repair requests", "opened"),
        ("grace.hall@northwick.example Tenant portal", "opened"),
        ("jan.degroot@amersfoortsmuseum.example Foto's", "held"),
        ("joost@dewit-web.example Re: [LIN AMR-2026-0001] Agenda", "joined"),
        ("joost@dewit-web.example Re: [LIN AMR-2026-0001] Agenda", "joined"),
        ("joost@dewit-web.example Re: [LIN AMR-2026-0002] Café-opening", "joined"),
        ("joost@dewit-web.example Re: [LIN AMR-2026-0003] Geparkeerd", "joined"),
        ("joost@dewit-web.example Re: [LIN AMR-2026-0003] Openingstijden", "parked"),
        ("mailer-daemon@mail.amersfoortsmuseum.example Undelivered Mail", "noted"),
        ("mira@jansen-ict.example Re: [LIN NWK-2026-0001]", "joined"),
        ("mira@jansen-ict.example Re: [LIN NWK-2026-0002]", "joined"),
        ("mira@jansen-ict.example Re: [LIN NWK-2026-0002]", "joined"),
        ("mira@jansen-ict.example Re: [LIN NWK-2026-0003]", "joined"),
        ("monitor@uptime.example DOWN", "opened"),
        ("monitor@uptime.example UP", "joined"),
        ("piet.smit@amersfoortsmuseum.example Openingstijden", "opened"),
        ("support@hostwell.example Re: [LIN NWK-2026-0001] memory", "joined"),
        ("tim@brightrank.example Page one", "quarantined"),
    ];
    assert_eq!(mails.len(), expected.len(), "{mails:#?}");
    for ((mail, outcome), (begin, expected)) in mails.iter().zip(expected) {
        assert!(mail.to_lowercase().starts_with(&begin.to_lowercase()), "{mail} where {begin} is expected");
        assert_eq!(outcome, expected, "{mail}");
    }
    // The 27th is the copy by the second address.
    assert_eq!(shown.matches("seen-before").count(), 1);
}

fn check_cases(folder: &Path) {
    let mut cases: Vec<String> = json(folder, &["case", "list"])
        .iter()
        .map(|case| {
            let word = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {} {}", word("number"), word("status"), word("kind"), word("priority"))
        })
        .collect();
    cases.sort();
    let expected = [
        "AMR-2026-0001 open support normal",
        // Resolved on Thursday, and open again since the coordinator's answer on Friday.
        "AMR-2026-0002 open support normal",
        "AMR-2026-0003 open support normal",
        // The reporter's request, approved.
        "AMR-2026-0004 new support normal",
        "NWK-2026-0001 resolved incident critical",
        "NWK-2026-0002 resolved support normal",
        "NWK-2026-0003 open support normal",
        "NWK-2026-0004 new incident critical",
    ];
    assert_eq!(cases, expected);
}

/// A card of 20 strips of 15 minutes is 300. 40 minutes are 3 strips (−45), 1u30 is 6 (−90). Ten of the 40 are taken
/// back: 30 are 2 strips, so one strip comes back (+15). The mended 20 minutes are 2 strips (−30): 150 are left.
fn check_ledger(shown: &str) {
    let begin = shown.find("Amersfoorts Museum: strip card").unwrap();
    let end = begin + shown[begin..].find("Northwick Housing: time borne").unwrap();
    let rows: Vec<Vec<&str>> = shown[begin..end]
        .lines()
        .filter(|line| line.trim_start().starts_with("2026-"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let expected: [&[&str]; 5] = [
        &["2026-03-01", "purchase", "+300", "300"],
        &["2026-11-19", "deduction", "AMR-2026-0001", "joost", "+40", "-45", "255"],
        &["2026-11-19", "deduction", "AMR-2026-0002", "joost", "+90", "-90", "165"],
        &["2026-11-19", "correction", "AMR-2026-0001", "joost", "-10", "+15", "180"],
        &["2026-11-19", "deduction", "AMR-2026-0003", "joost", "+20", "-30", "150"],
    ];
    assert_eq!(rows, expected);
}

fn check_letters(folder: &Path, shown: &str) {
    let letters = folder.join("casepost-demo/letters");
    let mut count = 0;
    for entry in std::fs::read_dir(&letters).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".eml") {
            assert!(shown.contains(&name), "{name} is not shown");
            count += 1;
        }
    }
    assert!(shown.contains(&format!("{count} letters, in casepost-demo/letters")), "{count} files");
    let read = |name: &str| {
        let raw = std::fs::read(letters.join(name)).unwrap();
        String::from_utf8(raw).unwrap().replace("=\r\n", "")
    };
    let due = read("LIN-000034-acknowledgement.eml");
    assert!(due.contains("You will hear from us today before 09:20."), "{due}");
    assert!(shown.contains("due today 10:20"), "the desk reads its own time");
    let told = read("LIN-000030-transcript.eml");
    assert!(told.contains("    #tiem 20m"), "{told}");
}

#[test]
fn the_demo_leaves_a_folder_of_somebody_else_alone() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("notes.txt"), "mine").unwrap();
    let refused = casepost(outside.path(), &["demo", "--folder", "."]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("holds other things"));
    assert_eq!(files(outside.path()).len(), 1);
}
