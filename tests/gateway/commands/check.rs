//! `casepost check`: what is wrong is found before anybody's mail suffers from it, and nothing is changed by looking.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

use super::{CONFIG, House, Said, mail};
use crate::imap_client::ImapClient;
use crate::imap_proxy::{ImapProxy, Spoil};
use crate::scripted_smtp::ScriptedSmtp;
use crate::servers::{new_user, port, variable};

/// What the Postfix of the tests writes into `Received`.
const HOSTS: &str = "authserv_ids = [\"mx.example.test\"]\ntrusted_hosts = [\"mx.example.test\"]";

/// A house whose mailbox is on Dovecot and whose letters leave by Postfix.
struct Online {
    house: House,
    user: String,
    imap_port: u16,
    smtp_port: u16,
    /// Lines of `[[mailbox]]`.
    lines: String,
}

impl Online {
    /// `prefix` is what Postfix knows the user by.
    fn new(prefix: &str) -> Self {
        let house = House::furnished();
        house.write("password", "secret\n");
        set_mode(&house, "password", 0o600);
        let lines = format!("reply_address = \"plus\"\nfile_into = \"Handled\"\n{HOSTS}");
        let (imap_port, smtp_port) = (port("CASEPOST_TEST_IMAP_PORT"), port("CASEPOST_TEST_SMTP_PORT"));
        Self { house, user: format!("{prefix}{}", new_user()), imap_port, smtp_port, lines }
    }

    fn configure(&self) {
        let (head, _) = CONFIG.split_once("[[mailbox]]").unwrap();
        let text = format!(
            "{head}[[mailbox]]\nname = \"support\"\ndesk = \"LIN\"\naddress = \"{}\"\nadopt_since = \"all\"\n{}\n\
             [mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nuser = \"{}\"\npassword_file = \"password\"\n\
             [outlet.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n[dns]\nverify_signatures = false\n",
            self.user, self.lines, self.imap_port, self.user, self.smtp_port
        );
        self.house.write("casepost.toml", &text);
    }

    async fn run(&self, args: &[&str]) -> Said {
        self.configure();
        let args: Vec<String> = std::iter::once("check").chain(args.iter().copied()).map(str::to_owned).collect();
        let mut command = tokio::process::Command::from(self.house.command(&[]));
        let out = command.args(args).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: out.status.code().unwrap(), out: text(&out.stdout), err: text(&out.stderr), bytes: out.stdout }
    }

    async fn put(&self, date: &str, mail: &str) {
        ImapClient::log_in(&self.user).await.append_at("INBOX", date, mail).await;
    }

    /// Lets all mail of INBOX have come so long after 1970. Dovecot takes no mail of the future, but believes the time of its
    /// file.
    fn move_to(&self, since_1970: Duration) {
        let maildir = PathBuf::from(variable("CASEPOST_TEST_DIR")).join("dovecot/mail").join(&self.user);
        for file in ["new", "cur"].iter().flat_map(|side| std::fs::read_dir(maildir.join(side)).unwrap()) {
            let file = std::fs::File::options().write(true).open(file.unwrap().path()).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + since_1970).unwrap();
        }
    }

    async fn count(&self, folder: &str) -> u32 {
        ImapClient::log_in(&self.user).await.count(folder).await
    }
}

fn set_mode(house: &House, file: &str, mode: u32) {
    std::fs::set_permissions(house.path().join(file), std::fs::Permissions::from_mode(mode)).unwrap();
}

/// What JSON says of one thing, the worst of it: state, text and mend.
fn finding(said: &Said, name: &str) -> (String, String, String) {
    let report: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}\n{}", said.out, said.err));
    let of_name = report["findings"].as_array().unwrap().iter().filter(|finding| finding["name"] == name);
    let rank = |finding: &&Value| ["ok", "warn", "fail"].iter().position(|state| finding["state"] == *state);
    let worst = of_name.max_by_key(rank).unwrap_or_else(|| panic!("nothing about {name}: {}", said.out));
    let text = |key: &str| worst[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("text"), text("mend"))
}

fn check(said: &Said, code: i32, name: &str, state: &str, text: &str, mend: &str) {
    let found = finding(said, name);
    assert_eq!(said.code, code, "{name}: {}\n{}", said.out, said.err);
    assert_eq!(found.0, state, "{name}: {found:?}");
    assert!(found.1.contains(text), "{name}: {found:?} does not say {text:?}");
    assert!(found.2.contains(mend), "{name}: {found:?} does not mend by {mend:?}");
}

#[test]
fn check_tells_each_fault_with_its_mend() {
    let house = House::furnished();
    let said = house.run(&["check"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    assert!(said.out.lines().filter(|line| line.starts_with("ok   ")).count() >= 7, "{}", said.out);
    assert!(said.out.ends_with("Everything works.\n"), "{}", said.out);

    std::fs::remove_dir_all(house.path().join("the mail")).unwrap();
    let said = house.run(&["check"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("FAIL mailbox support: "), "{}", said.out);
    assert!(said.out.contains("make the Maildir"), "{}", said.out);
    assert!(said.out.ends_with("1 thing to mend.\n"), "{}", said.out);
    let said = house.run(&["check", "--json"]);
    check(&said, 1, "mailbox support", "fail", "the mail", "make the Maildir");
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["state"], "fail");
    for finding in report["findings"].as_array().unwrap() {
        let keys: Vec<&String> = finding.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["mend", "name", "state", "text"], "programs rely on them");
    }
    assert_eq!(finding(&said, "data_dir").2, "", "nothing to mend");

    std::fs::remove_dir_all(house.path().join("letters")).unwrap();
    let said = house.run(&["check", "--json"]);
    check(&said, 1, "outlet", "fail", "letters is not there", "make the folder");
    assert!(!house.path().join("letters").exists(), "looking makes nothing");

    house.write("casepost.toml", &CONFIG.replace("code = \"LIN\"", "kode = \"LIN\""));
    let said = house.run(&["check"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("FAIL configuration: casepost.toml"), "{}", said.out);
    assert!(said.out.contains("line 5") && said.out.contains("kode"), "{}", said.out);
}

#[test]
fn check_makes_nothing_before_the_first_start() {
    let house = House::new();
    let said = house.run(&["check", "--json"]);
    check(&said, 1, "directory of LIN", "fail", "nobody is declared", "casepost import");
    check(&said, 1, "database", "ok", "the first start makes it", "");
    check(&said, 1, "data_dir", "ok", "the first start makes it", "");
    check(&said, 1, "keys", "ok", "the first start makes it", "");
    assert!(!house.path().join("data").exists());
}

async fn at_schema(house: &House, sql: &'static str) -> Vec<u8> {
    let file = house.path().join("data/casepost.db");
    let mut db = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    db.execute(sql).await.unwrap();
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    db.close().await.unwrap();
    std::fs::read(file).unwrap()
}

#[tokio::test]
async fn check_counts_migrations_and_runs_none() {
    let house = House::furnished();
    let last = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    let before = at_schema(&house, last).await;
    let said = house.run(&["check", "--json"]);
    check(&said, 0, "database", "warn", "1 migration waits", "make a backup");
    let newer = "INSERT INTO _sqlx_migrations VALUES (9999, 'x', CURRENT_TIMESTAMP, 1, x'00', 0)";
    assert!(before == std::fs::read(house.path().join("data/casepost.db")).unwrap(), "nothing was written");
    let before = at_schema(&house, newer).await;
    let said = house.run(&["check", "--json"]);
    check(&said, 1, "database", "fail", "install the newer casepost again", "");
    assert!(before == std::fs::read(house.path().join("data/casepost.db")).unwrap(), "nothing was written");
}

#[tokio::test]
async fn check_tells_every_secret_that_others_may_read() {
    let online = Online::new("");
    online.configure();
    let house = &online.house;
    // The keys are made when they are first needed.
    house.ok(&["run", "--once"]);
    let token = "[mailbox.imap.oauth]\ntoken_url = \"https://issuer.example/token\"\ndevice_url = \"https://issuer.example/device\"\n\
        client_id = \"i\"\n\
        client_secret_file = \"client.secret\"\ntoken_file = \"grant.json\"\n[[alarm]]\nname = \"x\"\n\
        webhook = \"https://hooks.example/secret\"\n";
    let config = std::fs::read_to_string(house.path().join("casepost.toml")).unwrap();
    let with_token = config.replace("password_file = \"password\"\n", token);
    let keys = "data/secret.key";
    for (config, file, mode, name, mend) in [
        (&config, "password", 0o644, "secret of mailbox support", "chmod 640 "),
        (&config, "password", 0o602, "secret of mailbox support", "chmod 600 "),
        (&config, keys, 0o640, "keys", "chmod 600 "),
        (&with_token, "client.secret", 0o604, "secret of mailbox support", "chmod 600 "),
        (&with_token, "grant.json", 0o640, "grant of support", "chmod 600 "),
        (&with_token, "casepost.toml", 0o644, "secrets of configuration", "chmod 640 "),
    ] {
        house.write("casepost.toml", config);
        house.write("client.secret", "s\n");
        house.write("grant.json", "{\"refresh_token\": \"hush\"}");
        for (file, mode) in [("casepost.toml", 0o640), ("client.secret", 0o600), ("grant.json", 0o600)] {
            set_mode(house, file, mode);
        }
        set_mode(house, "password", 0o600);
        set_mode(house, keys, 0o600);
        set_mode(house, file, mode);
        let said = house.run(&["check", "--json"]);
        check(&said, 1, name, "fail", &format!("(mode {mode:03o})"), mend);
        check(&said, 1, name, "fail", file, file);
        assert!(!said.out.contains("hush"), "{}", said.out);
    }
}

#[tokio::test]
async fn check_looks_for_the_filing_folder_and_makes_none() {
    let mut online = Online::new("");
    let said = online.run(&["--json"]).await;
    check(&said, 0, "filing of support", "ok", "there is no folder Handled yet", "");
    let folders = ImapClient::log_in(&online.user).await.run("LIST \"\" \"*\"").await;
    assert!(!folders.iter().any(|line| line.contains("Handled")), "{folders:?}");
    online.lines = online.lines.replace("Handled", "a//b");
    let said = online.run(&["--json"]).await;
    check(&said, 1, "filing of support", "fail", "adjacent hierarchy separators", "mend file_into");
}

#[tokio::test]
async fn check_tells_what_the_server_can_not() {
    let mut online = Online::new("");
    let proxy = ImapProxy::hiding(&[" IDLE", " MOVE", " UIDPLUS"]).await;
    online.imap_port = proxy.port;
    let said = online.run(&["--json"]).await;
    check(&said, 0, "capabilities of support", "warn", "neither MOVE nor UIDPLUS", "");
    assert!(said.out.contains("no IDLE: new mail is seen only every 60 s"), "{}", said.out);
    online.imap_port = port("CASEPOST_TEST_IMAP_PORT");
    check(&online.run(&["--json"]).await, 0, "capabilities of support", "ok", "IDLE, MOVE, UIDPLUS", "");
}

#[tokio::test]
async fn check_reads_trusted_hosts_off_a_mail_that_is_there() {
    let mut online = Online::new("");
    let name = "trusted hosts of support";
    check(&online.run(&["--json"]).await, 0, name, "ok", "no mail of somebody else", "");
    online.put("02-Mar-2026 09:00:01 +0000", &mail("one", "pass").replace("mx.lindeboom", "mx.host")).await;
    let said = online.run(&["--json"]).await;
    let lines = "\ntrusted_hosts = [\"mx.example.test\", \"mx.host.example\"]\n\
        authserv_ids = [\"mx.example.test\", \"mx.host.example\"]";
    check(&said, 1, name, "fail", "the mail of 2026-03-02 09:00 UTC in INBOX", lines);
    let with_hosts = online.lines.clone();
    online.lines = with_hosts.replace(HOSTS, "");
    let lines = "\ntrusted_hosts = [\"mx.host.example\"]\nauthserv_ids = [\"mx.host.example\"]";
    check(&online.run(&["--json"]).await, 0, name, "warn", "trusted_hosts lacks mx.host.example", lines);
    online.lines = with_hosts.replace("mx.example.test", "mx.host.example");
    check(&online.run(&["--json"]).await, 0, name, "ok", "came by mx.host.example", "");
}

#[tokio::test]
async fn check_sees_a_clock_that_is_behind_the_mail_servers() {
    let online = Online::new("");
    check(&online.run(&["--json"]).await, 0, "clock by support", "ok", "no mail came later", "");
    let mail = mail("one", "pass").replace("mx.lindeboom.example", "mx.example.test");
    online.put("02-Mar-2026 09:00:01 +0000", &mail).await;
    online.move_to(Duration::from_secs(2_145_866_400));
    check(&online.run(&["--json"]).await, 0, "clock by support", "warn", "2037-12-31 10:00:00 UTC", "set the clock");
}

// ------------------------------------------------------------------------------------------------ check --send

/// What a desk keeps, and may not be changed by looking.
fn kept(house: &House) -> Value {
    house.json(&["message", "list", "--json"])
}

#[tokio::test]
async fn trials_come_back_and_are_filed_and_nothing_else_is_touched() {
    let online = Online::new("judged-pass");
    online.configure();
    online
        .put("02-Mar-2026 09:00:01 +0000", &mail("one", "pass").replace("mx.lindeboom.example", "mx.example.test"))
        .await;
    let said = online.run(&["--send", "--wait", "30", "--json"]).await;
    let plus = format!("{}+check-2026-0000.", online.user.split('@').next().unwrap());
    check(&said, 0, "round trip of support", "ok", &format!("a mail to {} came back into INBOX", online.user), "");
    check(&said, 0, "reply addresses of support", "ok", &plus, "");
    check(
        &said,
        0,
        "own domain of support",
        "ok",
        "example.test as mx.example.test sees it: spf=pass dkim=pass dmarc=pass",
        "",
    );
    check(&said, 0, "clock by support", "ok", "", "");
    assert!(said.out.contains("the folder Handled was made, and the trials filed into it"), "{}", said.out);
    assert!(said.out.contains("secret.key was made now"), "{}", said.out);
    assert_eq!((online.count("INBOX").await, online.count("Handled").await), (1, 2));
    assert_eq!(kept(&online.house).as_array().unwrap().len(), 0, "the mail of somebody else was not adopted");
    let said = online.run(&["--send", "--wait", "30"]).await;
    assert!(said.out.contains("\nok   filing of support: the trials were filed into Handled\n"), "{}", said.out);
}

#[tokio::test]
async fn trials_that_can_not_be_filed_are_known_to_the_worker() {
    let mut online = Online::new("");
    let proxy = ImapProxy::start(false, vec![("CREATE", Spoil::Refuse, 1000)]).await;
    online.imap_port = proxy.port;
    let said = online.run(&["--send", "--wait", "30", "--json"]).await;
    check(&said, 1, "filing of support", "fail", "the trials stay in INBOX", "let the account make folders");
    check(
        &said,
        1,
        "own domain of support",
        "warn",
        "did not judge example.test",
        "write a letter to an address elsewhere",
    );
    online.imap_port = port("CASEPOST_TEST_IMAP_PORT");
    online.configure();
    online.house.ok(&["run", "--once"]);
    let kept = kept(&online.house);
    let outcomes: Vec<&Value> = kept.as_array().unwrap().iter().map(|mail| &mail["outcome"]).collect();
    assert_eq!(outcomes, ["own", "own"], "{kept}");
    assert_eq!((online.count("INBOX").await, online.count("Handled").await), (0, 2));
}

#[tokio::test]
async fn without_a_filing_folder_trials_are_removed() {
    let mut online = Online::new("");
    online.lines = online.lines.replace("file_into = \"Handled\"\n", "");
    let said = online.run(&["--send", "--wait", "30", "--json"]).await;
    check(&said, 0, "filing of support", "ok", "", "");
    assert!(said.out.contains("the trials were taken out of INBOX"), "{}", said.out);
    assert_eq!(online.count("INBOX").await, 0);
}

#[tokio::test]
async fn a_server_that_refuses_plus_addresses_is_told() {
    let said = Online::new("noplus").run(&["--send", "--wait", "30", "--json"]).await;
    check(&said, 1, "reply addresses of support", "fail", "Recipient address rejected", "reply_address = \"none\"");
    check(&said, 1, "round trip of support", "ok", "came back into INBOX", "");
}

#[tokio::test]
async fn a_trial_that_is_lost_is_told() {
    let said = Online::new("lost").run(&["--send", "--wait", "2", "--json"]).await;
    check(&said, 1, "reply addresses of support", "fail", "did not come back within 2 s", "recipient_delimiter");
    check(&said, 1, "round trip of support", "ok", "came back into INBOX", "");
}

#[tokio::test]
async fn a_domain_that_fails_dmarc_is_told() {
    let said = Online::new("judged-fail").run(&["--send", "--wait", "30", "--json"]).await;
    let judged = "example.test as mx.example.test sees it: spf=pass dkim=none dmarc=fail";
    check(&said, 1, "own domain of support", "fail", judged, "publish _dmarc.example.test");
}

/// Takes the trials of a check in place of a mail server, and puts them back as `change` makes them, received `date`.
async fn by_hand(online: &mut Online, date: &str, change: impl Fn(&str) -> String) -> Said {
    let server = ScriptedSmtp::start(Vec::new()).await;
    online.smtp_port = server.port;
    let user = online.user.clone();
    let post = async {
        let mut client = ImapClient::log_in(&user).await;
        let mut done = 0;
        loop {
            for letter in server.letters().iter().skip(done) {
                client.append_at("INBOX", date, &change(std::str::from_utf8(&letter.bytes).unwrap())).await;
                done += 1;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        said = online.run(&["--send", "--wait", "30", "--json"]) => said,
        () = post => unreachable!("it ends with the check"),
    }
}

#[tokio::test]
async fn a_changed_address_a_wrong_clock_and_unknown_hosts_are_read_off_the_trial() {
    let mut online = Online::new("");
    online.lines = online.lines.replace(HOSTS, "");
    let received = "Received: from a by mx.far.example; Mon, 2 Mar 2026 10:00:00 +0000\r\n";
    let said = by_hand(&mut online, "02-Mar-2026 09:00:00 +0000", |letter| {
        let lines = letter.split("\r\n").map(|line| match line.split_once('+').filter(|_| line.starts_with("To: ")) {
            Some((before, after)) => format!("{before}@{}", after.split_once('@').unwrap().1),
            None => line.to_owned(),
        });
        format!("{received}{}", lines.collect::<Vec<_>>().join("\r\n"))
    })
    .await;
    check(
        &said,
        1,
        "reply addresses of support",
        "fail",
        "its address was changed on the way",
        "deliver plus addresses",
    );
    check(&said, 1, "clock by support", "warn", "this machine's clock is", "set the clock");
    assert!(finding(&said, "clock by support").1.contains(" h ahead of it"), "{}", said.out);
    let lines = "\ntrusted_hosts = [\"mx.far.example\"]\nauthserv_ids = []";
    check(&said, 1, "trusted hosts of support", "warn", "the trial tells your hosts", lines);
}
