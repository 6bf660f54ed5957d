//! What the desk sees of strip cards and booked time, and what it can take back. Days are counted from the present one.

use casepost::desk::clock::Clock;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::{DIRECTORY, House};

/// The present day in Amsterdam, or so many days ago.
fn day(ago: i64) -> Date {
    let today = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap().to_datetime(Clock::system().now()).date();
    today.saturating_sub(ago.days())
}

/// Noon in Amsterdam, so many days ago; today the present moment.
fn noon(ago: i64) -> Timestamp {
    match ago {
        0 => Clock::system().now(),
        _ => day(ago).at(12, 0, 0, 0).in_tz("Europe/Amsterdam").unwrap().timestamp(),
    }
}

/// A house in which AMR bought 20 strips 19 days ago.
fn house() -> House {
    let house = House::new();
    let bought = format!("purchased_on = {}", day(19));
    house.write("desk.toml", &DIRECTORY.replace("purchased_on = 2026-03-01", &bought));
    house.ok(&["import", "desk.toml", "--reason", "the beginning"]);
    house
}

/// Somebody's proven mail, received so many days ago.
fn receive(house: &House, ago: i64, from: &str, subject: &str, text: &str) {
    let at = jiff::fmt::rfc2822::to_string(&noon(ago).in_tz("UTC").unwrap()).unwrap();
    let (_, domain) = from.split_once('@').unwrap();
    let id = house.json(&["message", "list", "--json"]).as_array().unwrap().len();
    let mail = format!(
        "Received: from out.{domain} by mx.lindeboom.example with ESMTP id {id};\r\n\t{at}\r\n\
         Authentication-Results: mx.lindeboom.example; dmarc=pass header.from={domain}\r\n\
         From: <{from}>\r\nTo: support@lindeboom.example\r\nSubject: {subject}\r\nDate: {at}\r\n\
         Message-ID: <{id}@{domain}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    );
    assert_eq!(house.deliver(&mail), 0, "{text}");
}

const ANNE: &str = "anne.bakker@amersfoortsmuseum.example";
const GRACE: &str = "grace.hall@northwick.example";
const JOOST: &str = "joost@dewit-web.example";
const MIRA: &str = "mira@jansen-ict.example";

/// Somebody opens a case so many days ago; its number.
fn opened(house: &House, ago: i64, from: &str) -> String {
    receive(house, ago, from, "Agenda", "De agenda is leeg.");
    house.json(&["case", "list", "--json"])[0]["number"].as_str().unwrap().to_owned()
}

/// An expert writes these tags on a case, so many days ago.
fn tags(house: &House, ago: i64, from: &str, case: &str, text: &str) {
    receive(house, ago, from, &format!("Re: [LIN {case}] Agenda"), text);
    let got = &house.json(&["message", "list", "--json"])[0];
    assert_eq!(got["outcome"], "joined", "{got}");
}

/// Joost worked for AMR and took some of it back, Mira for NWK; both numbers.
fn worked(house: &House) -> (String, String) {
    let amr = opened(house, 10, ANNE);
    tags(house, 10, JOOST, &amr, "#time 90m formulier");
    tags(house, 3, JOOST, &amr, &format!("#time 20m on {} overleg", day(4)));
    tags(house, 2, JOOST, &amr, "#time -5m te veel");
    let nwk = opened(house, 2, GRACE);
    tags(house, 2, MIRA, &nwk, "#time 40m");
    (amr, nwk)
}

fn numbers(list: &Value, name: &str) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|line| line[name].as_i64().unwrap()).collect()
}

/// The lines of the trail with that action: who did it, and why.
fn trail(house: &House, action: &str) -> Vec<(String, String)> {
    let all = house.json(&["audit", "list", "--json"]);
    let lines = all.as_array().unwrap().iter().filter(|line| line["action"] == action);
    let mut found: Vec<(String, String)> = lines
        .map(|line| (line["actor"].as_str().unwrap().into(), line["reason"].as_str().unwrap_or("").into()))
        .collect();
    // What concerns two cases stands in the trail of both.
    found.dedup();
    found
}

/// The letters since the number of letters that were there, as `case-changed anne.bakker`.
fn letters_since(house: &House, before: usize) -> Vec<String> {
    let all = house.json(&["outbox", "list", "--json"]);
    let mut found: Vec<(i64, String)> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|letter| {
            let to = letter["recipient"].as_str().unwrap().split('@').next().unwrap();
            (letter["letter_no"].as_i64().unwrap(), format!("{} {to}", letter["notice"].as_str().unwrap()))
        })
        .collect();
    found.sort();
    found.into_iter().skip(before).map(|(_, line)| line).collect()
}

fn count_letters(house: &House) -> usize {
    house.json(&["outbox", "list", "--json"]).as_array().unwrap().len()
}

fn by_tester(reason: &str) -> [(String, String); 1] {
    [("command:tester".to_owned(), reason.to_owned())]
}

#[test]
fn booked_time_is_listed_for_an_expert_s_own_invoice() {
    let house = house();
    let (amr, nwk) = worked(&house);
    let list = |more: &[&str]| house.json(&[&["time", "list", "--format", "json"], more].concat());
    let of_joost = list(&["--expert", "joost"]);
    assert_eq!(numbers(&of_joost["lines"], "real_minutes"), [90, 20, -5]);
    assert_eq!(numbers(&of_joost["lines"], "charged_minutes"), [90, 30, -15]);
    assert_eq!((&of_joost["real_minutes"], &of_joost["charged_minutes"]), (&105.into(), &105.into()));
    let all = list(&[]);
    assert_eq!(
        (&all["real_minutes"], &all["charged_minutes"]),
        (&145.into(), &105.into()),
        "the contract bears Mira's"
    );
    // A line belongs to the day on which it was booked, whatever day was worked on.
    let (from, to) = (day(3).to_string(), day(3).to_string());
    let one = list(&["--expert", "joost", "--from", &from, "--to", &to]);
    assert_eq!((&one["real_minutes"], &one["charged_minutes"]), (&20.into(), &30.into()), "{one}");
    assert_eq!(one["lines"][0]["work_date"], day(4).to_string());
    assert_eq!(list(&["--client", "NWK"])["lines"][0]["case"], nwk);
    assert_eq!(list(&["--from", &day(1).to_string()])["lines"].as_array().unwrap().len(), 0);

    let csv = house.ok(&["time", "list", "--expert", "joost", "--from", &from, "--to", &to, "--format", "csv"]);
    let day_of = |ago| day(ago).to_string();
    assert_eq!(
        csv,
        format!(
            "work_date,booked_on,client,case,expert,what,description,real_minutes,charged_minutes\r\n\
             {},{},AMR,{amr},joost,deduction,overleg,20,30\r\n,,,,,total,,20,30\r\n",
            day_of(4),
            day_of(3)
        )
    );
    assert!(house.ok(&["time", "list"]).ends_with("Together: 2 h 25 min worked, 1 h 45 min charged\n"));
    let backwards = ["time", "list", "--from", &day(1).to_string(), "--to", &from].map(str::to_owned);
    house.refused(&backwards.each_ref().map(String::as_str), &["lies before --from", "name the first day first"]);
    house.refused(&["time", "list", "--client", "AMX"], &["there is no client AMX"]);
}

#[test]
fn all_clients_are_listed_by_what_they_have_left_with_the_day_on_which_it_runs_out() {
    let house = house();
    assert!(house.ok(&["card", "list"]).contains("AMR"));
    worked(&house);
    // In London the day begins an hour after Amsterdam's.
    let yesterday = day(1).to_string();
    house.ok(&["card", "add", "NWK", "N-1", "--strips", "4", "--purchased-on", &yesterday, "--reason", "invoice 1"]);
    let all = house.json(&["card", "list", "--json"]);
    let codes: Vec<&str> = all.as_array().unwrap().iter().map(|left| left["client"].as_str().unwrap()).collect();
    assert_eq!(codes, ["NWK", "AMR"], "the lowest first");
    assert_eq!(numbers(&all, "left_minutes"), [60, 195]);
    assert_eq!(all[0]["run_out_on"], Value::Null, "no pace yet");
    // 105 minutes in 20 days are 5.25 a day: 195 are enough for 37 days.
    assert_eq!(all[1]["run_out_on"], day(-37).to_string());
    assert_eq!(all[1]["next_end"], day(19).saturating_add(1.year()).yesterday().unwrap().to_string());
    let table = house.ok(&["card", "list"]);
    assert!(table.find("NWK").unwrap() < table.find("AMR").unwrap(), "{table}");
    assert!(table.contains(&day(-37).to_string()) && table.contains("3 h 15 min"), "{table}");
    // Above what was bought is below nothing left.
    let amr = opened(&house, 0, ANNE);
    tags(&house, 0, JOOST, &amr, "#time 4h");
    let all = house.json(&["card", "list", "--json"]);
    assert_eq!((&all[0]["client"], &all[0]["overdraft_minutes"]), (&"AMR".into(), &45.into()), "{all}");
    assert!(house.ok(&["card", "list"]).contains("used up"));
}

#[test]
fn a_card_with_a_later_first_day_is_shown_as_one_to_come() {
    let house = house();
    let begins = day(-30).to_string();
    let add = ["card", "add", "AMR", "next", "--strips", "10", "--purchased-on", &begins, "--reason", "invoice 2"];
    assert_eq!(house.ok(&add), format!("Card next of AMR is added. AMR has 5 h left. It counts from {begins} on.\n"));
    let shown = house.json(&["card", "show", "AMR", "--json"]);
    assert_eq!((&shown["left_minutes"], &shown["minutes_to_come"]), (&300.into(), &150.into()), "{shown}");
    let text = house.ok(&["card", "show", "AMR"]);
    assert!(
        text.contains("Left: 5 h\n") && text.contains(&format!("To come: 2 h 30 min on card next from {begins} on"))
    );
    let text = house.ok(&["card", "show", "AMR", "next"]);
    assert!(text.contains("Left: 0 min\n") && text.contains("To come: 2 h 30 min"), "{text}");
    assert_eq!(house.json(&["card", "list", "--json"])[0]["left_minutes"], 300);
    let cards = house.json(&["card", "list", "AMR", "--json"]);
    let now: Vec<&str> = cards["cards"].as_array().unwrap().iter().map(|card| card["now"].as_str().unwrap()).collect();
    assert_eq!(now, ["valid", "to come"]);
    house.refused(&["card", "show", "AMR", "none"], &["AMR has no card none", "casepost card list AMR"]);
    assert_eq!(trail(&house, "declare").iter().filter(|(_, why)| why == "invoice 2").count(), 1);

    let before = count_letters(&house);
    let moved = house.ok(&["card", "transfer", "AMR", "2026-001", "next", "--minutes", "60", "--reason", "asked"]);
    assert_eq!(moved, "1 h moved from card 2026-001 to card next of AMR.\n");
    assert_eq!(letters_since(&house, before), ["card-changed anne.bakker"]);
    assert_eq!(trail(&house, "transfer-minutes"), by_tester("asked"));
    assert_eq!(house.json(&["card", "show", "AMR", "--json"])["left_minutes"], 240);
}

#[test]
fn a_statement_says_the_same_as_the_ledger_in_every_format() {
    let house = house();
    let (amr, _) = worked(&house);
    let begins = day(-30).to_string();
    house.ok(&["card", "add", "AMR", "next", "--strips", "10", "--purchased-on", &begins, "--reason", "invoice 2"]);
    let ledger = house.json(&["card", "show", "AMR", "--json"]);
    // A statement tells by the day of booking, and the cards were declared last.
    let mut entries = ledger["entries"].as_array().unwrap().clone();
    entries.sort_by_key(|line| (line["booked_at"].to_string(), line["entry_no"].as_i64()));
    let charged: Vec<i64> = entries.iter().map(|line| line["entry"]["charged_minutes"].as_i64().unwrap()).collect();
    let statement = |more: &[&str]| house.ok(&[&["card", "statement"], more].concat());
    let json =
        |more: &[&str]| -> Value { serde_json::from_str(&statement(&[more, &["--format", "json"]].concat())).unwrap() };

    let whole = json(&["AMR"]);
    assert_eq!(whole["closing_minutes"].as_i64().unwrap(), charged.iter().sum::<i64>());
    let lines = whole["lines"].as_array().unwrap();
    let mut running = 0;
    for (line, charged) in lines.iter().zip(&charged) {
        running += charged;
        assert_eq!(
            (&line["entry"]["charged_minutes"], &line["balance_minutes"]),
            (&(*charged).into(), &running.into()),
            "{line}"
        );
    }
    assert_eq!(lines.len(), charged.len());
    // Of one card, and of a part of the time: what one ends with the next begins with.
    let card = json(&["2026-001"]);
    assert_eq!((&card["closing_minutes"], &json(&["next"])["closing_minutes"]), (&195.into(), &150.into()));
    let (first, second) =
        (json(&["2026-001", "--to", &day(4).to_string()]), json(&["2026-001", "--from", &day(3).to_string()]));
    assert_eq!(first["closing_minutes"], second["opening_minutes"]);
    assert_eq!((&first["closing_minutes"], &second["closing_minutes"]), (&(-90).into(), &195.into()));

    let csv = statement(&["2026-001", "--format", "csv"]);
    assert!(csv.ends_with(",total,,,,,,105,195,195\r\n"), "{csv}");
    assert!(csv.contains(&format!(",deduction,2026-001,{amr},Agenda,formulier,Joost de Wit,90,-90,-90\r\n")), "{csv}");
    let (text, page) = (statement(&["2026-001"]), statement(&["2026-001", "--format", "html"]));
    for words in ["formulier", "overleg", "te veel", amr.as_str(), "Agenda", "\u{2212}1:45", "3:15"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
        assert!(page.contains(words), "{words} is not in\n{page}");
    }
    assert!(text.contains("Saldo na afloop: 3:15"), "{text}");

    let before = count_letters(&house);
    assert_eq!(house.run(&["card", "statement", "2026-001", "--send"]).code, 2, "a reason is asked");
    assert_eq!(count_letters(&house), before);
    let sent = statement(&["2026-001", "--send", "--reason", "asked by phone"]);
    assert!(sent.starts_with("The statement goes to anne.bakker@amersfoortsmuseum.example"), "{sent}");
    assert_eq!(letters_since(&house, before), ["card-statement anne.bakker"]);
    assert_eq!(trail(&house, "send-statement"), by_tester("asked by phone"));
}

#[test]
fn what_was_done_on_a_case_is_taken_back_with_a_reason_and_told() {
    let house = house();
    let amr = opened(&house, 10, ANNE);
    tags(&house, 10, JOOST, &amr, "Verholpen.\n\n#time 40m\n#resolved");
    let before = count_letters(&house);
    assert_eq!(house.ok(&["case", "reopen", &amr, "--reason", "not yet"]), format!("{amr} is open again.\n"));
    let mut told = letters_since(&house, before);
    told.sort();
    assert_eq!(told, ["case-changed anne.bakker", "case-changed joost"]);
    assert_eq!(trail(&house, "reopen-case"), by_tester("not yet"));

    let other = opened(&house, 9, ANNE);
    receive(&house, 9, JOOST, &format!("Re: [LIN {other}] Agenda"), &format!("#merge {amr}"));
    let before = count_letters(&house);
    let parted = house.ok(&["case", "unmerge", &other, "--reason", "another matter"]);
    assert_eq!(parted, format!("{other} and {amr} are two cases.\n"));
    assert!(letters_since(&house, before).contains(&"case-changed anne.bakker".to_owned()));
    assert_eq!(trail(&house, "unmerge-case"), by_tester("another matter"));

    let before = count_letters(&house);
    house.ok(&["case", "assign", &amr, "mira", "--reason", "holidays"]);
    assert_eq!(letters_since(&house, before).len(), 2, "who leaves and who takes over");
    assert_eq!(trail(&house, "assign-case"), by_tester("holidays"));
    let before = count_letters(&house);
    house.ok(&["card", "correct", &amr, "--minutes", "40", "--reason", "free of charge"]);
    assert_eq!(letters_since(&house, before), ["card-changed anne.bakker", "card-changed joost"]);
    assert_eq!(trail(&house, "correct-time"), by_tester("free of charge"));
    let before = count_letters(&house);
    house.ok(&["case", "set-client", &other, "NWK", "--reason", "theirs"]);
    let told = letters_since(&house, before);
    assert!(
        ["case-changed grace.hall", "case-changed anne.bakker"].iter().all(|line| told.contains(&(*line).to_owned()))
    );
    assert_eq!(trail(&house, "set-client"), by_tester("theirs"));

    for command in [
        vec!["case", "reopen", &amr],
        vec!["case", "assign", &amr, "joost"],
        vec!["case", "set-client", &amr, "NWK"],
        vec!["case", "unmerge", &other],
        vec!["card", "correct", &amr, "--minutes", "5"],
        vec!["card", "transfer", "AMR", "2026-001", "next", "--minutes", "5"],
        vec!["card", "add", "AMR", "x", "--strips", "5", "--purchased-on", "2026-03-01"],
    ] {
        let said = house.run(&command);
        assert!(said.code == 2 && said.err.contains("--reason"), "{command:?}: {}", said.err);
    }
}
