//! `casepost init`: flags or answers become files that `check` finds good.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use super::{House, Said};
use crate::imap_client::ImapClient;
use crate::servers::{new_user, port};

fn bare() -> House {
    let house = House::new();
    for file in ["casepost.toml", "desk.toml"] {
        std::fs::remove_file(house.path().join(file)).unwrap();
    }
    house
}

/// Every answer that has no default, for the mail servers of the tests.
fn flags(user: &str) -> Vec<String> {
    let imap = format!("localhost:{}", port("CASEPOST_TEST_IMAP_PORT"));
    let smtp = format!("localhost:{}", port("CASEPOST_TEST_SMTP_PORT"));
    let pairs = [
        ("--desk", "LIN"),
        ("--desk-name", "Lindeboom \"Support\""),
        ("--address", user),
        ("--expert", "Joost de Wit <joost@dewit.example>"),
        ("--imap", &imap),
        ("--smtp", &smtp),
        ("--smtp-user", "none"),
        ("--client", "AMR"),
        ("--client-name", "Amersfoorts Museum"),
        ("--coordinator", "Anne Bakker <anne@museum.example>"),
    ];
    let given = pairs.iter().flat_map(|(flag, value)| [(*flag).to_owned(), (*value).to_owned()]);
    std::iter::once("init".to_owned()).chain(given).collect()
}

fn run(house: &House, args: &[String], more: &[&str], input: &[u8]) -> Said {
    let args: Vec<&str> = args.iter().map(String::as_str).chain(more.iter().copied()).collect();
    house.run_with(&args, input)
}

fn mode(house: &House, file: &str) -> u32 {
    std::fs::metadata(house.path().join(file)).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn flags_become_files_that_check_finds_good() {
    let (house, user) = (bare(), new_user());
    ImapClient::log_in(&user).await.run("STATUS INBOX (MESSAGES)").await;
    let said = run(&house, &flags(&user), &["--password-stdin"], b"secret\n");
    assert_eq!(said.code, 0, "{}", said.err);
    let said = said.out.replace(&*house.path().canonicalize().unwrap().to_string_lossy(), "HERE");
    assert!(said.contains("HERE/mail.password  for casepost alone (mode 600)\n"), "{said}");
    assert!(
        said.contains(
            "Next:\n  1. casepost --config HERE/casepost.toml import HERE/desk.toml --reason \"the beginning\"\n  \
             2. casepost --config HERE/casepost.toml check\n  3. casepost --config HERE/casepost.toml run\n\nWhose word"
        ),
        "{said}"
    );
    assert_eq!((mode(&house, "mail.password"), mode(&house, "casepost.toml")), (0o600, 0o640));
    let config = std::fs::read_to_string(house.path().join("casepost.toml")).unwrap();
    assert!(!config.contains("secret\n") && config.contains("delivery = \"hold\""), "{config}");
    house.ok(&["import", "desk.toml", "--reason", "the beginning"]);
    let said = house.ok(&["check"]);
    assert!(said.contains("ok   directory of LIN: 1 client, 1 expert"), "{said}");
    assert!(said.ends_with("Everything works. But read the warnings.\n"), "{said}");
}

#[test]
fn what_is_there_is_never_written_over() {
    let house = House::new();
    let before = std::fs::read_to_string(house.path().join("casepost.toml")).unwrap();
    let said = run(&house, &flags("support@lindeboom.example"), &["--password-stdin"], b"secret\n");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("casepost.toml is there already") && said.err.contains("--config"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(house.path().join("casepost.toml")).unwrap(), before);

    let more = ["--password-stdin", "--config", "other.toml"];
    let said = run(&house, &flags("support@lindeboom.example"), &more, b"secret\n");
    assert!(said.err.contains("desk.toml is there already") && said.err.contains("--directory"), "{}", said.err);
    assert!(!house.path().join("other.toml").exists() && !house.path().join("mail.password").exists());
}

#[test]
fn what_is_missing_or_wrong_is_told_and_nothing_is_written() {
    let house = bare();
    house.refused(&["init"], &["give --desk-name, --desk, --address, --expert, --imap, --smtp, ", "on a terminal"]);
    let given = flags("support@lindeboom.example");
    let refused = |more: &[&str], words: &str| {
        let said = run(&house, &given, more, b"\n");
        assert_eq!(said.code, 1, "{more:?} {}", said.out);
        assert!(said.err.contains(words), "{more:?}: {}", said.err);
    };
    refused(&["--password-stdin"], "the first line of standard input is empty");
    refused(&["--password-file", "none"], "none is not there: write the secret in it and chmod 600 it");
    refused(&["--password-env", "X", "--strips", "many"], "--strips \"many\": a number such as 20");
    refused(&["--password-env", "X", "--language", "fr"], "--language \"fr\": use nl or en");
    refused(&["--password-env", "X", "--alarm-to", "support@lindeboom.example"], "name a person");
    house.write("open", "secret\n");
    std::fs::set_permissions(house.path().join("open"), std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(&["--password-file", "open"], "chmod 600");
    assert!(!house.path().join("casepost.toml").exists() && !house.path().join("desk.toml").exists());
}

#[test]
fn a_rehearsal_prints_both_files_and_writes_none() {
    let house = bare();
    let said = run(&house, &flags("support@lindeboom.example"), &["--dry-run", "--password-env", "MAIL"], b"");
    assert_eq!(said.code, 0, "{}", said.err);
    for words in ["password_env = \"MAIL\"", "reply_address = \"plus\"", "[[card]]", "holder = \"anne-bakker\""] {
        assert!(said.out.contains(words), "{words} is not in\n{}", said.out);
    }
    assert!(!house.path().join("casepost.toml").exists());
}

#[test]
fn microsoft_and_google_end_in_a_login() {
    let common = ["--desk", "LIN", "--desk-name", "L", "--address", "support@l.example", "--expert", "J <j@x.example>"];
    let client = ["--client", "AMR", "--client-name", "A", "--coordinator", "B <b@gmail.com>", "--strips", "0"];
    for provider in ["microsoft", "google"] {
        let house = bare();
        house.write("client.secret", "s\n");
        std::fs::set_permissions(house.path().join("client.secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
        let own = ["--provider", provider, "--tenant", "t.example", "--client-id", "i"];
        let secret = ["--client-secret-file", "client.secret"];
        let said = house.ok(&[&["init"][..], &common, &client, &own, &secret].concat());
        assert!(said.contains("Next:\n  1. casepost --config ") && said.contains("auth login support\n"), "{said}");
        let config = std::fs::read_to_string(house.path().join("casepost.toml")).unwrap();
        assert!(config.contains(&format!("provider = \"{provider}\"")), "{config}");
        let directory = std::fs::read_to_string(house.path().join("desk.toml")).unwrap();
        assert!(directory.contains("domains = []") && !directory.contains("[[card]]"), "{directory}");
        assert!(house.run(&["check"]).out.contains("ok   configuration"));
    }
}

#[test]
fn microsoft_in_the_name_of_the_application_needs_no_login() {
    let house = bare();
    house.write("client.secret", "s\n");
    std::fs::set_permissions(house.path().join("client.secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let microsoft =
        ["--provider", "microsoft", "--tenant", "t.example", "--client-id", "i", "--grant", "client-credentials"];
    let given = [&flags("support@lindeboom.example")[..], &microsoft.map(str::to_owned)].concat();
    let said = run(&house, &given, &[], b"");
    assert!(said.code == 1 && said.err.contains("give --client-secret-file; or"), "{}", said.err);
    let said = run(&house, &given, &["--client-secret-file", "client.secret"], b"");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains("auth login"), "{}", said.out);
    let config = std::fs::read_to_string(house.path().join("casepost.toml")).unwrap();
    assert!(config.contains("\ngrant = \"client-credentials\"\nclient_secret_file = \""), "{config}");
    assert!(house.run(&["check"]).out.contains("ok   configuration"));
}

#[test]
fn whom_to_trust_is_read_off_a_mail() {
    let house = bare();
    house.write(
        "mail.eml",
        "Authentication-Results: mx.desk.example; dmarc=pass header.from=museum.example\n\
         Received: from mail.museum.example by mx.desk.example; x\n\nHello\n",
    );
    house.write("bare.eml", "Subject: x\n\nHello\n");
    let given = flags("support@lindeboom.example");
    let said = run(&house, &given, &["--dry-run", "--password-env", "X", "--mail", "bare.eml"], b"");
    assert!(said.code == 1 && said.err.contains("--mail \"bare.eml\": there is no Received line"), "{}", said.err);
    let said = run(&house, &given, &["--dry-run", "--password-env", "X", "--mail", "mail.eml"], b"");
    let trust = "\ntrusted_hosts = [\"mx.desk.example\"]\nauthserv_ids = [\"mx.desk.example\"]\n";
    assert!(said.out.contains(trust), "{}{}", said.out, said.err);
    let said = run(&house, &given, &["--password-env", "X"], b"");
    assert!(said.out.contains("casepost check --mail FILE"), "{}", said.out);
}

#[test]
fn on_a_terminal_everything_is_asked() {
    let house = bare();
    house.write("mail.eml", "Received: from mail.museum.example by mx.desk.example; x\n\nHello\n");
    house.write("bare.eml", "Subject: x\n\nHello\n");
    let answers = "Lindeboom Support\nLIN\n\n\nno address\nsupport@lindeboom.example\nJoost de Wit <joost@dewit.example>\n\n\n\
        localhost:1143\n\n\nhush-hush\nlocalhost:2525\n\nnone\nnone\nnone.eml\nbare.eml\nmail.eml\nAmersfoorts Museum\nAMR\n\n\
        Anne Bakker <anne@museum.example>\n\n\n\n";
    let mut terminal = Command::new("script");
    let command = format!("'{}' init", env!("CARGO_BIN_EXE_casepost"));
    terminal.args(["-qec", &command, "/dev/null"]).current_dir(house.path()).env("CASEPOST_CONFIG", "casepost.toml");
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), answers.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.success(), "{out}");
    assert!(out.contains("Language of letters, nl or en [nl]: ") && out.contains("(not shown)"), "{out}");
    let config = std::fs::read_to_string(house.path().join("casepost.toml")).unwrap();
    assert!(config.contains("port = 1143\ntls = \"none\"\nuser = \"support@lindeboom.example\""), "{config}");
    assert!(out.contains("none.eml can't be read") && out.contains("there is no Received line"), "{out}");
    assert!(config.contains("\ntrusted_hosts = [\"mx.desk.example\"]\n# authserv_ids"), "{config}");
    assert!(config.contains("reply_address = \"none\"") && !config.contains("hush-hush"), "{config}");
    assert_eq!(std::fs::read_to_string(house.path().join("mail.password")).unwrap(), "hush-hush\n");
    assert_eq!(mode(&house, "mail.password"), 0o600);
}
