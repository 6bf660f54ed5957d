//! The walls of the house, kept by a test: who may import whom, and which room is the one door to a package.

#![expect(clippy::expect_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("build", &[]),
    ("domain", &[]),
    ("config", &["domain"]),
    ("templates", &["domain"]),
    ("store", &["domain"]),
    ("mail", &["domain", "config"]),
    ("desk", &["domain", "config", "templates", "mail", "store"]),
    ("portal", &["domain", "config", "templates", "store", "desk"]),
    ("cli", &["domain", "config", "templates", "mail", "store", "desk", "portal"]),
];

/// Each package and the rooms that may know it.
const DOORS: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("lz4_flex", &["store"]),
    ("async_imap", &["mail"]),
    ("imap_proto", &["mail"]),
    ("mail_parser", &["mail"]),
    ("mail_auth", &["mail"]),
    ("hickory_resolver", &["mail"]),
    ("ring", &["mail"]),
    ("psl", &["domain"]),
    ("lettre", &["mail"]),
    ("html2text", &["mail"]),
    ("hyper", &["mail"]),
    ("hyper_util", &["mail"]),
    ("http_body_util", &["mail"]),
    ("rustix", &["desk", "cli"]),
    ("tar", &["desk"]),
    ("rustls", &["mail"]),
    ("tokio_rustls", &["mail"]),
    ("form_urlencoded", &["mail"]),
    ("handlebars", &["templates"]),
    ("axum", &["portal"]),
    ("metrics_exporter_prometheus", &["portal"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("comfy_table", &["cli"]),
    ("indicatif", &["cli"]),
    ("tracing_subscriber", &["cli"]),
    ("anyhow", &["cli"]),
    ("tokio", &["mail", "store", "desk", "portal", "cli"]),
    ("tokio_util", &["mail", "desk", "portal", "cli"]),
    ("tracing", &["config", "templates", "mail", "store", "desk", "portal", "cli"]),
];

/// Files of 400 lines without tests ask for a second look; beyond this a file answers more than one question.
const LONGEST_FILE: usize = 620;

/// Tables about the database itself.
const OF_ALL_DESKS: &[&str] = &["UPGRADES ("];

struct Source {
    /// Below `src`, such as `domain/case.rs`.
    path: String,
    /// The room, such as `domain`; `main` and `lib` for the two roots.
    room: String,
    /// Without comments and without the tests at the end.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let read = |file: PathBuf| {
        let path = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let room = path.split(['/', '.']).next().unwrap_or_default().to_owned();
        let text = fs::read_to_string(&file).expect("readable");
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        Source { path, room, code: text.lines().filter(is_code).collect::<Vec<_>>().join("\n") }
    };
    // A file named tests.rs stands behind #[cfg(test)] in its parent.
    let files = files.into_iter().filter(|file| !file.ends_with("tests.rs"));
    files.map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// Whether the code names `word` as the first part of a path: `word::…`, not `other::word::…` or `keyword::`.
fn names(code: &str, word: &str) -> bool {
    let needle = format!("{word}::");
    code.match_indices(&needle).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

#[test]
fn rooms_import_only_what_stands_below_them() {
    for source in sources() {
        let allowed: &[&str] = match source.room.as_str() {
            "lib" => continue,
            "main" => &["cli"],
            room => ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed).unwrap_or_else(|| {
                panic!("{} stands in no room: add \"{room}\" to the rooms and say what it may import", source.path)
            }),
        };
        for (room, _) in ROOMS.iter().filter(|(room, _)| *room != source.room && !allowed.contains(room)) {
            let own = if source.room == "main" { "casepost" } else { "crate" };
            assert!(
                !source.code.contains(&format!("{own}::{room}::")) && !source.code.contains(&format!("{own}::{room};")),
                "{} imports {room}, which {} may not",
                source.path,
                source.room
            );
        }
    }
}

#[test]
fn each_package_has_one_door() {
    for source in sources().iter().filter(|source| source.room != "lib" && source.room != "main") {
        for (package, doors) in DOORS.iter().filter(|(_, doors)| !doors.contains(&source.room.as_str())) {
            assert!(!names(&source.code, package), "{} uses {package}, which is known to {doors:?} only", source.path);
        }
    }
}

#[test]
fn the_domain_neither_waits_nor_reads_the_clock() {
    for source in sources().iter().filter(|source| source.room == "domain") {
        for word in [".await", "async fn", "std::fs", "std::net", "std::env", "Instant::now", "Timestamp::now"] {
            assert!(!source.code.contains(word), "{} says {word}", source.path);
        }
    }
}

#[test]
fn files_answer_one_question() {
    for source in sources() {
        let lines = source.code.lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines of code", source.path);
    }
}

#[test]
fn nothing_is_left_undone() {
    for source in sources() {
        for word in ["todo!(", "unimplemented!(", "TODO", "FIXME", "#[allow("] {
            assert!(!source.code.contains(word), "{} says {word}", source.path);
        }
    }
}

#[test]
fn sql_is_the_same_text_for_both_databases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for entry in fs::read_dir(root).expect("migrations").flatten() {
        let text = fs::read_to_string(entry.path()).expect("readable").to_uppercase();
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        for word in ["AUTOINCREMENT", "SERIAL", "BOOLEAN", "TIMESTAMP", "INTEGER ", "JSONB", "UUID"] {
            assert!(!code.contains(word), "{:?} uses {word}: BIGINT, TEXT and BYTEA serve both", entry.path());
        }
        for table in code.split("CREATE TABLE").skip(1) {
            let is_of_all = OF_ALL_DESKS.iter().any(|name| table.trim_start().starts_with(name));
            let has_desk = table.trim_start().contains("DESK TEXT NOT NULL");
            assert!(has_desk || is_of_all, "a table without its desk: {table:.60}");
        }
    }
}
