//! The built command in a folder of its own: what it prints, what it changes, and its exit codes.

mod backup;
mod check;
mod init;
mod ledger;
mod template;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const CONFIG: &str = r#"
[operation]
listen = "127.0.0.1:0"
[[desk]]
code = "LIN"
name = "Lindeboom Support"
language = "nl"
time_zone = "Europe/Amsterdam"
alarm_to = ["joost@lindeboom.example"]
[[mailbox]]
name = "support"
desk = "LIN"
address = "support@lindeboom.example"
reply_address = "plus"
authserv_ids = ["mx.lindeboom.example"]
trusted_hosts = ["mx.lindeboom.example"]
adopt_since = "all"
[mailbox.maildir]
path = "the mail"
[outlet]
[outlet.folder]
path = "letters"
[dns]
verify_signatures = false
"#;

const DIRECTORY: &str = include_str!("../../src/cli/demo/desk.toml");

/// A mail of AMR's coordinator; `verdict` is what the desk's own server says of its sender.
fn mail(id: &str, verdict: &str) -> String {
    format!(
        "Received: from out.amersfoortsmuseum.example by mx.lindeboom.example with ESMTP id {id};\r\n\
         \tMon, 2 Mar 2026 10:00:00 +0100\r\n\
         Authentication-Results: mx.lindeboom.example; dmarc={verdict} header.from=amersfoortsmuseum.example\r\n\
         From: Anne Bakker <anne.bakker@amersfoortsmuseum.example>\r\n\
         To: support@lindeboom.example\r\n\
         Subject: De agenda is leeg\r\n\
         Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n\
         Message-ID: <{id}@amersfoortsmuseum.example>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         \r\n\
         Goedemorgen, de agenda ({id}) is leeg \u{2013} caf\u{e9}.\r\n"
    )
}

/// An installation in a folder whose name has a space in it.
struct House {
    folder: TempDir,
}

struct Said {
    code: i32,
    out: String,
    err: String,
    bytes: Vec<u8>,
}

impl House {
    fn new() -> House {
        let folder = tempfile::Builder::new().prefix("case post ").tempdir().unwrap();
        let house = House { folder };
        for below in ["the mail/new", "the mail/cur", "the mail/tmp", "letters"] {
            std::fs::create_dir_all(house.path().join(below)).unwrap();
        }
        house.write("casepost.toml", CONFIG);
        house.write("desk.toml", DIRECTORY);
        house
    }

    /// As [`House::new`], with the directory taken over.
    fn furnished() -> House {
        let house = House::new();
        house.ok(&["import", "desk.toml", "--reason", "the beginning"]);
        house
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casepost"));
        command.args(args).current_dir(self.path()).env("USER", "tester").env_remove("SUDO_USER");
        // Where casepost is installed, another one would be the usual one.
        command.env("CASEPOST_CONFIG", "casepost.toml");
        command
    }

    fn run_with(&self, args: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses before it reads closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Said {
            code: status.code().unwrap(),
            out: String::from_utf8_lossy(&stdout).into_owned(),
            err: String::from_utf8_lossy(&stderr).into_owned(),
            bytes: stdout,
        }
    }

    fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, b"")
    }

    fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}\n{}\n{}", said.out, said.err);
        said.out
    }

    fn refused(&self, args: &[&str], words: &[&str]) {
        let said = self.run(args);
        assert_eq!(said.code, 1, "{args:?}\n{}\n{}", said.out, said.err);
        for word in words {
            assert!(said.err.contains(word), "{args:?}: {:?} lacks {word:?}", said.err);
        }
        assert_eq!(
            said.err.lines().filter(|line| line.starts_with("casepost: ")).count(),
            1,
            "told once: {}",
            said.err
        );
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(args)).unwrap()
    }

    fn deliver(&self, mail: &str) -> i32 {
        self.run_with(&["deliver"], mail.as_bytes()).code
    }
}

#[test]
fn an_import_shows_its_difference_and_is_done_once() {
    let house = House::new();
    let shown = house.ok(&["import", "desk.toml", "--dry-run"]);
    assert!(shown.contains("+ client AMR Amersfoorts Museum\n"), "{shown}");
    assert!(shown.contains("19 new: nothing was changed (--dry-run)."), "{shown}");
    assert!(house.ok(&["client", "list"]).contains("No clients"));

    assert!(house.ok(&["import", "desk.toml", "--reason", "first"]).contains("19 new: done."));
    assert_eq!(
        house.ok(&["import", "desk.toml", "--reason", "again"]),
        "Nothing to do: the directory holds all of it already.\n"
    );
    let ledger = house.json(&["card", "show", "AMR", "--json"]);
    assert_eq!(ledger["balance_minutes"], 300);
    assert_eq!(ledger["entries"].as_array().unwrap().len(), 1);
    assert_eq!(ledger["entries"][0]["booking_key"], "purchase/AMR/2026-001");
    let trail = house.json(&["audit", "list", "--json"]);
    assert_eq!(trail.as_array().unwrap().len(), 1);
    assert_eq!((&trail[0]["actor"], &trail[0]["reason"]), (&"command:tester".into(), &"first".into()));
}

#[test]
fn a_broken_directory_file_changes_nothing() {
    let house = House::furnished();
    house.write("desk.toml", &DIRECTORY.replace("deputy = \"mira\"", "deputy = \"mina\""));
    house.refused(&["import", "desk.toml", "--reason", "x"], &["desk.toml line 11", "did you mean \"mira\"?"]);
    house.write("desk.toml", &DIRECTORY.replace("desk = \"LIN\"", "desk = \"ELM\""));
    house.refused(&["import", "desk.toml", "--reason", "x"], &["is for desk \"ELM\""]);
    house.refused(&["import", "nowhere.toml", "--reason", "x"], &["nowhere.toml can't be read"]);
    house.write("desk.toml", DIRECTORY);
    assert!(house.ok(&["import", "desk.toml", "--dry-run"]).contains("Nothing to do"));
}

#[test]
fn an_export_declares_the_same_again() {
    let house = House::furnished();
    let exported = house.ok(&["export"]);
    house.write("desk.toml", &exported);
    let said = house.ok(&["import", "desk.toml", "--dry-run"]);
    assert!(said.contains("Nothing to do"), "{said}\n{exported}");
    let other = House::new();
    other.write("desk.toml", &exported);
    other.ok(&["import", "desk.toml", "--reason", "moved"]);
    assert_eq!(other.ok(&["export"]), exported);
}

#[test]
fn a_calendar_takes_its_holidays_from_a_file_and_shows_what_closes_it() {
    let house = House::new();
    let directory = DIRECTORY.replacen("holidays = \"nl\"", "holidays_file = \"de.ics\"", 1);
    let closure = "\n[[closure]]\nclient = \"AMR\"\nname = \"Zomersluiting\"\nfrom = 2026-08-03\nuntil = 2026-08-04\n";
    house.write("desk.toml", &format!("{directory}{closure}"));
    house.refused(&["import", "desk.toml", "--reason", "x"], &["holidays_file", "de.ics", "can't be read"]);
    let event = "BEGIN:VEVENT\r\nSUMMARY:Karfreitag\r\nDTSTART;VALUE=DATE:20260403\r\nEND:VEVENT\r\n";
    house.write("de.ics", &format!("BEGIN:VCALENDAR\r\n{event}"));
    house
        .refused(&["import", "desk.toml", "--reason", "x"], &["calendar \"office\"", "de.ics line 5", "END:VCALENDAR"]);
    house.write("de.ics", &format!("BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n"));
    house.ok(&["import", "desk.toml", "--reason", "German holidays"]);
    assert!(house.ok(&["import", "desk.toml", "--dry-run"]).contains("Nothing to do"));

    let show = ["calendar", "show", "office", "--closed", "--json", "--from", "2026-04-01", "--to", "2026-08-31"];
    let closed_by = |args: &[&str]| {
        let days = house.json(args);
        let told = days.as_array().unwrap().iter().map(|day| format!("{} {}", day["date"], day["closed_by"]));
        told.collect::<Vec<_>>().join(", ").replace('"', "")
    };
    assert_eq!(closed_by(&show), "2026-04-03 Karfreitag");
    assert_eq!(
        closed_by(&[&show[..], &["--client", "AMR"]].concat()),
        "2026-04-03 Karfreitag, 2026-08-03 Zomersluiting, 2026-08-04 Zomersluiting"
    );
    let listed = house.json(&["calendar", "list", "--json"]);
    assert_eq!(listed["closures"][0]["name"], "Zomersluiting");
    house.refused(&["calendar", "show", "ofice"], &["\"ofice\" is not declared", "24x7, office"]);

    // What is stored needs the file no more.
    let other = House::new();
    other.write("desk.toml", &house.ok(&["export"]));
    other.ok(&["import", "desk.toml", "--reason", "moved"]);
    assert_eq!(other.json(&show), house.json(&show));
}

#[test]
fn what_commands_added_stays_and_only_the_same_file_ends_what_it_declared() {
    let house = House::furnished();
    let person = ["person", "add", "kees", "--client", "AMR", "--name", "Kees Bos", "--address"];
    house.ok(&[&person[..], &["kees@amersfoortsmuseum.example", "--reason", "new there"]].concat());
    house.refused(
        &[&person[..], &["kees@amersfoortsmuseum.example", "--reason", "again"]].concat(),
        &["person \"kees\" is there already"],
    );
    let monitor = DIRECTORY.split("\n[[monitor]]").next().unwrap();
    let rest = DIRECTORY.split("\n[[card]]").nth(1).unwrap();
    house.write("desk.toml", &format!("{monitor}\n[[card]]{rest}"));
    let said = house.ok(&["import", "desk.toml", "--reason", "no monitor"]);
    assert_eq!(said, "- monitor uptime-nwk\n1 ended: done.\n");
    assert!(house.ok(&["person", "list", "AMR"]).contains("Kees Bos"));
    house.write("other.toml", "desk = \"LIN\"\n");
    assert!(house.ok(&["import", "other.toml", "--reason", "x"]).contains("Nothing to do"));
}

#[test]
fn a_week_is_shown_as_letter_and_figures_and_sent_with_a_reason() {
    let house = House::furnished();
    assert_eq!(house.deliver(&mail("week", "pass")), 0);
    let week = |more: &[&'static str]| [&["summary", "--week", "2026-W10"][..], more].concat();
    let figures = house.json(&week(&["--client", "AMR", "--json"]));
    assert_eq!(figures["week"], "2026-W10");
    assert_eq!(figures["opened"][0]["number"], "AMR-2026-0001");
    assert_eq!(figures["open"][0]["waits_for"], "desk");
    assert_eq!(figures["card"]["left_minutes"], 300);
    assert_eq!(figures["trend"].as_array().unwrap().len(), 12);
    let all = house.json(&week(&["--json"]));
    assert_eq!(all.as_array().unwrap().len(), 2, "of both clients");
    let text = house.ok(&week(&["--client", "AMR", "--preview"]));
    assert!(text.contains("Week 10 van Amersfoorts Museum\nmaandag 2 maart t/m zondag 8 maart"), "{text}");
    let page = house.ok(&week(&["--client", "AMR", "--format", "html"]));
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("bgcolor"), "{page}");
    assert_eq!(house.json(&week(&["--desk-summary", "--json"]))["opened"], 1);
    assert!(house.ok(&week(&["--desk-summary"])).contains("- Amersfoorts Museum"));
    // Nothing was sent by looking.
    let letters = |house: &House| {
        let all = house.json(&["outbox", "list", "--json"]);
        all.as_array().unwrap().iter().filter(|letter| letter["notice"].as_str().unwrap().ends_with("summary")).count()
    };
    assert_eq!(letters(&house), 0);
    let said = house.ok(&week(&["--client", "AMR", "--send", "--reason", "asked by phone"]));
    let readers = "anne.bakker@amersfoortsmuseum.example, els.visser@amersfoortsmuseum.example";
    assert!(said.starts_with(&format!("The summary of 2026-W10 of AMR goes to {readers}.\n")), "{said}");
    house.ok(&week(&["--client", "AMR", "--send", "--reason", "asked again"]));
    house.ok(&week(&["--desk-summary", "--send", "--reason", "for the meeting"]));
    assert_eq!(letters(&house), 6, "twice two of the client, one to the duty manager and one to alarm_to");
    let trail = house.json(&["audit", "list", "--json"]);
    assert_eq!((&trail[0]["action"], &trail[0]["reason"]), (&"send-summary".into(), &"for the meeting".into()));
    house.refused(&["summary", "--client", "XYZ"], &["there is no client XYZ", "casepost client list"]);
    house.refused(&["summary", "--week", "2025-W10", "--client", "AMR"], &["AMR had no contract in 2025-W10"]);
    let later = ["summary", "--week", "2090-W10", "--client", "AMR", "--send", "--reason", "x"];
    house.refused(&later, &["2090-W10 is not over yet"]);
}

#[test]
fn a_card_is_bought_once() {
    let house = House::furnished();
    let add =
        ["card", "add", "AMR", "2026-9", "--strips", "10", "--purchased-on", "2026-03-02", "--reason", "invoice 9"];
    assert_eq!(house.ok(&add), "Card 2026-9 of AMR is added. AMR has 7 h 30 min left.\n");
    assert!(house.ok(&add).starts_with("Nothing to do"));
    let other = [&add[..5], &["20"], &add[6..]].concat();
    house.refused(&other, &["AMR has a card 2026-9 already, with 10 strips"]);
    let unknown = [&["card", "add", "AMX"], &add[3..]].concat();
    house.refused(&unknown, &["client \"AMX\" is not declared", "did you mean \"AMR\"?"]);
    assert!(house.ok(&["card", "list", "AMR"]).contains("2026-9"));
    let all = house.json(&["card", "list", "--json"]);
    assert_eq!((&all[0]["client"], &all[0]["overdraft_minutes"]), (&"AMR".into(), &0.into()), "{all}");
    house.refused(&["card", "list", "AMX"], &["there is no client AMX"]);
    house.refused(&["card", "show", "AMX"], &["there is no client AMX"]);
}

#[test]
fn booked_time_is_taken_back_with_a_reason() {
    let house = House::furnished();
    assert_eq!(house.deliver(&mail("one", "pass")), 0);
    let answer = "Received: from out.jansen-ict.example by mx.lindeboom.example; Mon, 2 Mar 2026 11:00:00 +0100\r\n\
        Authentication-Results: mx.lindeboom.example; dmarc=pass header.from=dewit-web.example\r\n\
        From: Joost de Wit <joost@dewit-web.example>\r\nTo: support@lindeboom.example\r\n\
        Subject: Re: [LIN AMR-2026-0001] De agenda is leeg\r\nDate: Mon, 2 Mar 2026 11:00:00 +0100\r\n\
        Message-ID: <answer@dewit-web.example>\r\n\r\nHij staat er weer.\r\n\r\n#time 40m\r\n";
    assert_eq!(house.deliver(answer), 0);
    let left = || house.json(&["card", "show", "AMR", "--json"])["balance_minutes"].clone();
    assert_eq!(left(), 255, "{}", house.ok(&["message", "show", "2"]));
    let correct = ["card", "correct", "AMR-2026-0001", "--expert", "joost", "--reason", "agreed", "--minutes"];
    let statement = |more: &[&str]| house.ok(&[&["card", "statement"], more].concat());
    let csv = statement(&["AMR", "--format", "csv"]);
    assert!(csv.contains(",deduction,2026-001,AMR-2026-0001,De agenda is leeg,,Joost de Wit,40,-45,"), "{csv}");
    assert!(csv.ends_with(",total,,,,,,40,255,255\r\n"), "{csv}");
    assert!(statement(&["2026-001"]).contains("AMR-2026-0001 De agenda is leeg"));
    assert!(statement(&["AMR", "--format", "html"]).contains("</html>"));
    let json: serde_json::Value = serde_json::from_str(&statement(&["AMR", "--format", "json"])).unwrap();
    assert_eq!(json["closing_minutes"], 255);
    assert!(statement(&["AMR", "--to", "2026-03-01"]).contains("Saldo na afloop: 0:00"));
    house.refused(&["card", "statement", "AMX"], &["no client and no card \"AMX\""]);
    house.refused(
        &["card", "statement", "AMR", "--from", "2026-03-02", "--to", "2026-03-01"],
        &["--to 2026-03-01 lies before --from 2026-03-02"],
    );
    let sent = statement(&["AMR", "--send", "--reason", "as agreed"]);
    assert!(sent.starts_with("The statement goes to anne.bakker@amersfoortsmuseum.example"), "{sent}");
    assert!(house.ok(&["outbox", "list", "--json"]).contains("Overzicht strippenkaart"));
    assert!(house.ok(&["audit", "list"]).contains("send-statement"));
    assert_eq!(house.ok(&[&correct[..], &["20"]].concat()), "20 min of joost on AMR-2026-0001 taken back.\n");
    assert_eq!(left(), 270);
    let time = house.json(&["time", "list", "--expert", "joost", "--format", "json"]);
    assert_eq!((&time["real_minutes"], &time["charged_minutes"]), (&20.into(), &30.into()), "{time}");
    let time = house.ok(&["time", "list", "--from", "2026-03-02", "--to", "2026-03-02", "--format", "csv"]);
    assert!(time.ends_with(",,,,,total,,40,45\r\n"), "{time}");
    assert!(time.contains("2026-03-02,2026-03-02,AMR,AMR-2026-0001,joost,deduction,,40,45\r\n"), "{time}");
    house.refused(&["time", "list", "--expert", "nobody"], &["there is no expert nobody"]);
    house.refused(&[&correct[..], &["21"]].concat(), &["21 minutes of joost", "only 20 minutes"]);
    assert!(house.ok(&["case", "show", "AMR-2026-0001"]).contains("correct-time"));
    assert!(house.ok(&["outbox", "list", "--json"]).contains("door ons gecorrigeerd"));
    let refused = ["card", "transfer", "AMR", "2026-001", "2026-9", "--minutes", "5", "--reason", "x"];
    house.refused(&refused, &["5 minutes can't move", "there is no card 2026-9"]);
}

#[test]
fn a_case_is_changed_with_a_reason_and_its_people_are_told() {
    let house = House::furnished();
    assert_eq!(house.deliver(&mail("one", "pass")), 0);
    let assign = ["case", "assign", "AMR-2026-0001", "mira", "--reason", "Joost is ill"];
    assert_eq!(house.ok(&assign), "AMR-2026-0001 is with Mira Jansen.\n");
    house.refused(&assign, &["is with Mira Jansen already"]);
    house.refused(&["case", "reopen", "AMR-2026-0001", "--reason", "x"], &["only a resolved or closed case"]);
    house.refused(&["case", "unmerge", "AMR-2026-0001", "--reason", "x"], &["did not end in another case"]);
    house.refused(&["case", "assign", "AMR-2026-0009", "mira", "--reason", "x"], &["there is no case AMR-2026-0009"]);
    house.refused(&["case", "set-client", "AMR-2026-0001", "XYZ", "--reason", "x"], &["there is no client XYZ"]);
    let shown = house.ok(&["case", "show", "AMR-2026-0001"]);
    for words in ["Mira Jansen (expert)", "assign-case", "Joost is ill", "command:tester", "[relay]", "[case-changed]"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let moved = house.ok(&["case", "set-client", "AMR-2026-0001", "NWK", "--reason", "another museum"]);
    assert_eq!(moved, "AMR-2026-0001 goes on as NWK-2026-0001 of Northwick Housing.\n");
    let shown = house.ok(&["case", "show", "AMR-2026-0001"]);
    assert!(shown.contains("Goes on in:   NWK-2026-0001") && shown.contains("another museum"), "{shown}");
    let shown = house.ok(&["case", "show", "NWK-2026-0001"]);
    assert!(shown.contains("Took in:      AMR-2026-0001") && shown.contains("set-client"), "{shown}");
    // Its promises are explained, and a changed contract tells first what it would move.
    let shown = || house.ok(&["case", "show", "NWK-2026-0001"]);
    let before = shown();
    assert!(before.contains("4 h of \"office\" at normal priority, counted from 20"), "{before}");
    house.write("desk.toml", &DIRECTORY.replace("first_response = \"4h\"", "first_response = \"6h\""));
    let said = house.ok(&["import", "desk.toml", "--dry-run"]);
    assert!(said.contains("NWK-2026-0001  response: 20") && said.contains(" -> 20"), "{said}");
    assert_eq!(shown(), before);
    house.ok(&["import", "desk.toml", "--reason", "as agreed"]);
    assert!(shown().contains("6 h of \"office\" at normal priority, counted from 20"), "{}", shown());
}

#[test]
fn a_position_is_handed_over_on_a_day() {
    let house = House::furnished();
    let hand =
        ["position", "hand-over", "coordinator", "--client", "AMR", "--on", "2026-06-01", "--reason", "x", "--to"];
    house.refused(&[&hand[..], &["nobody"]].concat(), &["\"nobody\"", "not declared"]);
    let said = house.ok(&[&hand[..], &["piet-smit"]].concat());
    assert!(said.contains("+ position coordinator/AMR/piet-smit/2026-06-01"), "{said}");
    assert!(said.contains("until: – → 2026-05-31"), "{said}");
    let list = house.json(&["position", "list", "AMR", "--json"]);
    let holders: Vec<_> = list.as_array().unwrap().iter().filter(|p| p["role"] == "coordinator").collect();
    assert_eq!(holders.len(), 2, "{list}");
    let none = ["position", "hand-over", "lead-expert", "--client", "AMR", "--on", "2026-06-01", "--reason", "x"];
    house.refused(&[&none[..], &["--to", "mira"]].concat(), &["nobody holds lead-expert of AMR on 2026-06-01"]);
}

#[test]
fn check_reads_from_a_mail_whom_to_trust() {
    let house = House::new();
    house.write("one.eml", &mail("one", "pass"));
    let said = house.ok(&["check", "--mail", "one.eml"]);
    let lines = "trusted_hosts = [\"mx.lindeboom.example\"]\nauthserv_ids = [\"mx.lindeboom.example\"]\n";
    assert!(said.contains(lines), "{said}");
    assert!(said.contains("proven by dmarc=pass (mx.lindeboom.example)"), "{said}");
    house.refused(&["check", "--mail", "none.eml"], &["none.eml can't be read"]);
}

/// The mail and key of RFC 8463 appendix A.
const SIGNED: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n \
    d=football.example.com; i=@football.example.com;\n \
    q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n subject : date : message-id : from : subject : date;\n \
    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n \
    b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\n\
    From: Joe SixPack <joe@football.example.com>\nTo: Suzie Q <suzie@shopping.example.net>\n\
    Subject: Is dinner ready?\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\n\n\
    Hi.\n\nWe lost the game.  Are you hungry yet?\n\nJoe.\n";

#[test]
fn inspect_asks_a_table_of_names_and_otherwise_nobody() {
    let house = House::new();
    house.write("one.eml", SIGNED);
    let name = "brisbane._domainkey.football.example.com";
    let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    house.write("keys.json", &format!("{{\"{name}\": \"{key}\"}}"));
    house.write("slow.json", &format!("{{\"{name}\": null}}"));
    let result = |args: &[&str]| {
        let auth = &house.json(&[&["inspect", "one.eml", "--json"], args].concat())["auth"];
        (auth["dkim"][0]["result"].clone(), auth["arc"]["result"].clone())
    };
    assert_eq!(result(&["--dns", "keys.json"]), ("pass".into(), "none".into()));
    assert_eq!(result(&["--dns", "slow.json"]), ("temperror".into(), "none".into()));
    assert_eq!(result(&[]), ("not-looked-up".into(), "none".into()));
    let said = house.ok(&["inspect", "one.eml", "--dns", "keys.json"]);
    assert!(said.contains("Signature    of football.example.com (brisbane): pass"), "{said}");
    assert!(said.contains("the mail that it signs is not to the desk"), "{said}");
    house.refused(&["inspect", "one.eml", "--dns", "one.eml"], &["is no JSON object of names and texts"]);
}

#[test]
fn check_counts_the_mails_that_would_be_adopted() {
    let house = House::furnished();
    house.write("the mail/new/1.a.host", &mail("one", "pass"));
    assert!(house.ok(&["check"]).contains("1 would be adopted"));
    house.write("casepost.toml", &CONFIG.replace("adopt_since = \"all\"", ""));
    assert!(house.ok(&["check"]).contains("1 mail in INBOX, 0 would be adopted"));
}

#[test]
fn an_outlet_that_does_not_answer_is_told() {
    let house = House::furnished();
    let smtp = "[outlet.smtp]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"";
    house.write("casepost.toml", &CONFIG.replace("[outlet.folder]\npath = \"letters\"", smtp));
    let said = house.run(&["check"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("FAIL outlet: 127.0.0.1:1: "), "{}", said.out);
}

#[test]
fn a_desk_without_a_directory_takes_no_mail() {
    let house = House::new();
    house.write("the mail/new/1.a.host", &mail("one", "pass"));
    house.refused(&["run", "--once"], &["the directory of LIN names no client yet", "casepost import"]);
    house.refused(&["run"], &["the directory of LIN names no client yet"]);
    assert_eq!(house.deliver(&mail("two", "pass")), 75);
    assert_eq!(house.json(&["message", "list", "--json"]).as_array().unwrap().len(), 0);
    house.ok(&["import", "desk.toml", "--reason", "first"]);
    assert!(house.ok(&["run", "--once"]).contains("1 opened"));
}

#[test]
fn deliver_answers_as_mail_servers_expect() {
    let house = House::furnished();
    assert_eq!(house.deliver(&mail("one", "pass")), 0);
    assert_eq!(house.deliver(&mail("one", "pass")), 0, "a copy is taken, too");
    assert_eq!(house.deliver(""), 65);
    assert_eq!(house.deliver("\r\n"), 65);
    // A fault of the configuration must not make the server bounce a client's mail.
    assert_eq!(house.run_with(&["deliver", "--mailbox", "sales"], mail("two", "pass").as_bytes()).code, 75);
    assert_eq!(house.run_with(&["deliver", "--config", "none.toml"], mail("two", "pass").as_bytes()).code, 75);
    assert_eq!(house.json(&["message", "list", "--json"]).as_array().unwrap().len(), 1);
    // A database that cannot be opened may be there again in a moment: nothing is lost.
    let broken = CONFIG.replace("[operation]", "database = \"postgres://nobody@127.0.0.1:1/none\"\n[operation]");
    house.write("broken.toml", &broken);
    let said = house.run_with(&["deliver", "--config", "broken.toml"], mail("three", "pass").as_bytes());
    assert_eq!(said.code, 75, "{}", said.err);
}

#[test]
fn a_mail_is_kept_to_the_byte_and_explained() {
    let house = House::furnished();
    let raw = mail("one", "pass");
    assert_eq!(house.deliver(&raw), 0);
    assert_eq!(house.run(&["message", "show", "1", "--raw"]).bytes, raw.as_bytes());
    let shown = house.ok(&["message", "show", "1"]);
    for words in
        ["opened", "proven: dmarc=pass", "anne-bakker (coordinator)", "AMR-2026-0001", "acknowledgement", "relay"]
    {
        assert!(shown.contains(words), "{words} is not in\n{shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 200));
    let case = house.ok(&["case", "show", "AMR-2026-0001"]);
    for words in ["De agenda is leeg", "Anne Bakker", "letter 1", "mail 1", "Joost de Wit (expert)"] {
        assert!(case.contains(words), "{words} is not in\n{case}");
    }
    let whole = house.json(&["case", "show", "AMR-2026-0001", "--json"]);
    assert_eq!(whole["letters"].as_array().unwrap().len(), 2);
    house.refused(&["message", "show", "7"], &["there is no mail 7"]);
    house.refused(&["case", "show", "AMR-2026-0009"], &["there is no case AMR-2026-0009"]);
    assert_eq!(house.run(&["case", "show", "nine"]).code, 2);
}

#[test]
fn a_challenged_mail_is_released_with_a_reason() {
    let house = House::furnished();
    assert_eq!(house.deliver(&mail("one", "none")), 0);
    assert_eq!(house.json(&["quarantine", "list", "--json"])[0]["outcome"], "challenged");
    let said = house.ok(&["quarantine", "replay", "1", "--reason", "nothing changed"]);
    assert!(said.starts_with("Mail 1: challenged → challenged"), "{said}");
    let said = house.ok(&["quarantine", "release", "1", "--reason", "called her"]);
    assert!(said.starts_with("Mail 1: challenged → opened (AMR-2026-0001)"), "{said}");
    house.refused(&["quarantine", "release", "1", "--reason", "again"], &["mail 1 does not wait: it is opened"]);
    assert!(house.ok(&["quarantine", "list"]).contains("Nothing waits."));
    let trail = house.json(&["audit", "list", "--json"]);
    let line = trail.as_array().unwrap().iter().find(|line| line["action"] == "release-mail").unwrap();
    assert_eq!((&line["actor"], &line["reason"]), (&"command:tester".into(), &"called her".into()));
    assert_eq!(house.json(&["case", "list", "--json"])[0]["opened_at"], "2026-03-02T09:00:00Z");
}

#[test]
fn held_letters_wait_for_a_person() {
    let house = House::furnished();
    house.write("casepost.toml", &CONFIG.replace("[outlet]", "[outlet]\ndelivery = \"hold\""));
    assert_eq!(house.deliver(&mail("one", "pass")), 0);
    house.ok(&["run", "--once"]);
    assert_eq!(std::fs::read_dir(house.path().join("letters")).unwrap().count(), 0);
    house.refused(&["outbox", "retry", "1", "--reason", "x"], &["letter 1 is held"]);
    house.refused(&["outbox", "release", "1", "9", "--reason", "x"], &["there is no letter 9"]);
    assert_eq!(house.json(&["outbox", "list", "--state", "held", "--json"]).as_array().unwrap().len(), 2);
    house.ok(&["outbox", "drop", "2", "--reason", "not this one"]);
    assert_eq!(house.ok(&["outbox", "release", "--all", "--reason", "go"]), "1 letter is released.\n");
    assert!(house.ok(&["run", "--once"]).contains("letters: 1 sent"));
    assert!(house.ok(&["outbox", "show", "1"]).contains("State       sent"));
    let raw = house.run(&["outbox", "show", "1", "--raw"]).bytes;
    assert!(raw.starts_with(b"From: ") || raw.windows(6).any(|six| six == b"\r\nFrom"), "a whole mail");
}

#[test]
fn in_shadow_mode_everything_is_decided_and_nothing_moves_or_leaves() {
    let house = House::furnished();
    let count = |folder: &str| std::fs::read_dir(house.path().join(folder)).unwrap().count();
    house.write("casepost.toml", &CONFIG.replace("[outlet]", "[outlet]\ndelivery = \"shadow\""));
    house.write("the mail/new/1.a.host", &mail("one", "pass"));
    assert!(house.ok(&["run", "--once"]).starts_with("mails: 1 opened\nletters: 0 sent"));
    assert_eq!((count("the mail/new"), count("the mail/cur"), count("letters")), (1, 0, 0));
    assert_eq!(house.json(&["outbox", "list", "--state", "held", "--json"]).as_array().unwrap().len(), 2);
    // It is decided once, however often it is seen.
    assert!(house.ok(&["run", "--once"]).starts_with("mails: none\n"));
    house.refused(&["outbox", "release", "7", "--reason", "x"], &["there is no letter 7"]);
    house.ok(&["outbox", "release", "1", "--reason", "reads well"]);
    assert!(house.ok(&["run", "--once"]).contains("letters: 1 sent"));
    // A letter in the folder is two files: itself and its envelope.
    assert_eq!((count("the mail/new"), count("letters")), (1, 2));
    // Once it is over, what was read meanwhile is filed away.
    house.write("casepost.toml", &CONFIG.replace("[outlet]", "[outlet]\ndelivery = \"hold\""));
    assert!(house.ok(&["run", "--once"]).starts_with("mails: none\n"));
    assert_eq!((count("the mail/new"), count("the mail/cur")), (0, 1));
}

#[test]
fn a_mailbox_is_drained_once() {
    let house = House::furnished();
    house.write("the mail/new/1.a.host", &mail("one", "pass"));
    let said = house.ok(&["run", "--once", "--now", "2026-03-02T10:00:00Z"]);
    assert!(said.contains("mails: 1 opened\nletters: 2 sent"), "{said}");
    assert!(house.ok(&["run", "--once"]).contains("mails: none"));
    std::fs::remove_dir_all(house.path().join("the mail")).unwrap();
    house.refused(&["run", "--once"], &["mailbox \"support\": ", "casepost check"]);
}

#[test]
fn a_rehearsal_never_writes_to_the_world() {
    let house = House::furnished();
    let smtp = "[outlet.smtp]\nhost = \"smtp.lindeboom.example\"\nport = 465";
    house.write("casepost.toml", &CONFIG.replace("[outlet.folder]\npath = \"letters\"", smtp));
    house.refused(&["run", "--once", "--now", "2026-03-02T10:00:00Z"], &["smtp.lindeboom.example", "[outlet.folder]"]);
    assert_eq!(house.run(&["run", "--now", "2026-03-02T10:00:00Z"]).code, 2);
}

#[test]
fn mistakes_in_the_command_are_told_apart_from_refusals() {
    let house = House::new();
    assert_eq!(house.run(&["cases"]).code, 2);
    assert_eq!(house.run(&["import", "desk.toml"]).code, 2);
    assert_eq!(house.run(&["outbox", "release", "--reason", "x"]).code, 2);
    assert_eq!(house.run(&["--help"]).code, 0);
    house.refused(&["case", "list", "--desk", "ELM"], &["desk \"ELM\" is not in the configuration: it has LIN"]);
    house.refused(&["case", "list", "--config", "none.toml"], &["none.toml", "casepost.example.toml"]);
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what} did not come");
}

#[test]
fn a_running_casepost_shows_its_state_and_stops_when_asked() {
    let house = House::furnished();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("listen = \"127.0.0.1:{port}\"");
    house.write("casepost.toml", &CONFIG.replace("listen = \"127.0.0.1:0\"", &listen));
    house.write("the mail/new/1.a.host", &mail("one", "pass"));
    let log = std::fs::File::create(house.path().join("log")).unwrap();
    let mut running = Running(house.command(&["run"]).stderr(log).spawn().unwrap());

    wait_for("the letters", || {
        let letters = std::fs::read_dir(house.path().join("letters")).unwrap().flatten();
        (letters.filter(|l| l.path().extension().is_some_and(|e| e == "eml")).count() == 2).then_some(())
    });
    let health = wait_for("a healthy state", || get(port, "/healthz").filter(|health| health.contains("LIN/support")));
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    assert!(health.contains("\"database\":\"ok\""), "{health}");
    let metrics =
        wait_for("an empty outbox", || get(port, "/metrics").filter(|m| m.contains("casepost_outbox_letters 0")));
    for line in [
        "casepost_messages{outcome=\"opened\"} 1",
        "casepost_messages_total{outcome=\"opened\"} 1",
        "casepost_last_fetch_seconds{mailbox=\"LIN/support/INBOX\"}",
        "casepost_database_up 1",
        "casepost_letters_sent_total 2",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(get(port, "/other").unwrap().starts_with("HTTP/1.1 404"));

    let begun = Instant::now();
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = wait_for("the end", || running.0.try_wait().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(10));
    let log = std::fs::read_to_string(house.path().join("log")).unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("anne.bakker"), "no addresses in the log: {log}");
}

#[test]
fn a_taken_port_is_told_at_the_start() {
    let house = House::furnished();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("listen = \"{}\"", taken.local_addr().unwrap());
    house.write("casepost.toml", &CONFIG.replace("listen = \"127.0.0.1:0\"", &listen));
    house.refused(&["run"], &["operation.listen", "is another casepost running?"]);
}

#[test]
fn inspect_explains_a_mail_without_storing_it() {
    let house = House::new();
    house.write("one.eml", &mail("one", "pass"));
    let said = house.ok(&["inspect", "one.eml"]);
    for words in ["anne.bakker@amersfoortsmuseum.example", "dmarc=pass", "human", "Goedemorgen"] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    assert_eq!(house.json(&["inspect", "one.eml", "--json"])["message_id"], "one@amersfoortsmuseum.example");
    assert!(!house.path().join("data").exists());
    house.refused(&["inspect", "none.eml"], &["none.eml can't be read"]);
}
