//! How long the Monday morning of a large desk takes, on one core: the summaries of 1,000 clients and the desk's own,
//! from the database to the finished letters in the outbox.
//!
//! `cargo bench --bench summary [-- CLIENTS]`: SQLite in a temporary folder; each client has a strip card or targets, 40
//! cases of twelve weeks, and a ledger of 120 lines.

#![expect(clippy::print_stdout, reason = "a table is what it is for")]
#![expect(clippy::unwrap_used, reason = "a measurement stops at what it did not expect")]

mod support;

use std::time::Instant;

use casepost::domain::case::{Case, PartyRole, Status};
use casepost::domain::clock::{Clock, Run};
use casepost::domain::names::{CardNumber, ClientCode, PersonKey};
use casepost::domain::strip_card::{Account, Booking, BookingKey, ChargeTo, NewCard, Rounding, Tariff, book, purchase};
use casepost::store::cards::{self, StoredEntry};
use casepost::store::clocks::{self, StoredRun};
use casepost::store::numbers::Numbers;
use casepost::store::{Db, Tx, cases, letters};
use jiff::{SignedDuration, Timestamp};

use support::{DESK, Desk};

/// Monday of 2026-W17 in Amsterdam, 07:00.
const MONDAY: i64 = 1_777_266_000;
const CASES: i64 = 40;
const BOOKINGS: u32 = 120;
/// Goal for 1,000 clients.
const GOAL_SECONDS: f64 = 30.0;

fn main() {
    let clients = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(clients));
}

async fn measure(clients: usize) {
    let now = Timestamp::from_second(MONDAY).unwrap();
    // Within the week that is told: no earlier one is due.
    let desk = Desk::open(&declared(clients), now - SignedDuration::from_hours(4 * 24)).await.unwrap();
    fill(&desk.db, clients).await;
    // What else a tick does is done before: each coordinator is told that less than a quarter of the card is left.
    let told = desk.tick(now - SignedDuration::from_hours(6)).await.unwrap();
    assert_eq!((count(&desk.db, "card-low").await, told), (clients, clients));
    let begun = Instant::now();
    let made = desk.tick(now).await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let again = desk.tick(now + SignedDuration::from_mins(1)).await.unwrap();
    let idle = begun.elapsed().as_secs_f64();
    let written = (count(&desk.db, "weekly-summary").await, count(&desk.db, "desk-summary").await);
    assert_eq!((made, again, written), (clients + 1, 0, (clients, 1)));
    println!("{clients} clients, {CASES} cases and {BOOKINGS} bookings each");
    println!(
        "summaries of all clients and the desk's own: {took:.2} s ({:.2} ms a client)",
        took * 1e3 / clients as f64
    );
    println!("the tick after it:                           {idle:.3} s");
    println!("goal for 1,000 clients: under {GOAL_SECONDS} s");
}

/// How many letters of that kind are in the outbox.
async fn count(db: &Db, notice: &str) -> usize {
    let all = letters::list(db, DESK, None, 100_000).await.unwrap();
    all.iter().filter(|letter| letter.notice == notice).count()
}

fn code(no: usize) -> String {
    let letter = |place: usize| char::from(b'A' + u8::try_from(no / 26_usize.pow(place as u32) % 26).unwrap());
    format!("C{}{}{}", letter(2), letter(1), letter(0))
}

fn declared(clients: usize) -> String {
    let mut text = String::from(
        "desk = \"LIN\"\n[[expert]]\nkey = \"joost\"\nname = \"Joost de Wit\"\naddresses = [\"joost@expert.example\"]\nlanguage = \
         \"nl\"\n[[calendar]]\nkey = \"office\"\ntime_zone = \"Europe/Amsterdam\"\nholidays = \"nl\"\n[calendar.hours]\nmon = \
         [\"09:00-17:00\"]\ntue = [\"09:00-17:00\"]\n",
    );
    for no in 0..clients {
        let (code, key) = (code(no), format!("p{no}"));
        let plan = if no % 2 == 0 {
            "plan = \"basic\"\n".to_owned()
        } else {
            "plan = \"sla\"\ntargets = { normal = { first_response = \"4h\", resolution = \"5d\" } }\n".to_owned()
        };
        text.push_str(&format!(
            "[[client]]\ncode = \"{code}\"\nname = \"Client {no}\"\ndomains = [\"client{no}.example\"]\nlanguage = \
             \"nl\"\ntime_zone = \"Europe/Amsterdam\"\n[[contract]]\nclient = \"{code}\"\nstart = 2025-01-01\ncalendar = \
             \"office\"\n{plan}[[person]]\nkey = \"{key}\"\nclient = \"{code}\"\nname = \"Person {no}\"\naddresses = \
             [\"{key}@client{no}.example\"]\n[[position]]\nrole = \"coordinator\"\nclient = \"{code}\"\nholder = \
             \"{key}\"\nfrom = 2025-01-01\n"
        ));
    }
    text
}

async fn fill(db: &Db, clients: usize) {
    let mut tx = db.begin_for(DESK).await.unwrap();
    let mut numbers = Numbers::list(&mut tx, DESK).await.unwrap();
    for no in 0..clients {
        fill_client(&mut tx, &mut numbers, no).await;
    }
    numbers.save(&mut tx, DESK).await.unwrap();
    tx.commit().await.unwrap();
}

async fn fill_client(tx: &mut Tx, numbers: &mut Numbers, no: usize) {
    let client = ClientCode::new(code(no)).unwrap();
    let joost = PersonKey::new("joost").unwrap();
    let hours_ago = |hours: i64| Timestamp::from_second(MONDAY - hours * 3600).unwrap();
    let mut known = Vec::new();
    for place in 0..CASES {
        // One every second day; the newest five are open.
        let opened_at = hours_ago((CASES - place) * 50);
        let is_open = place >= CASES - 5;
        let case = case(numbers.draw("case"), &client, place, opened_at, is_open);
        cases::record(tx, DESK, &case).await.unwrap();
        cases::record_party(tx, DESK, case.case_no, &joost, PartyRole::Expert, opened_at).await.unwrap();
        for clock in [Clock::FirstResponse, Clock::Resolution] {
            let is_late = place % 9 == 0;
            let due = opened_at + SignedDuration::from_hours(30);
            let run = Run {
                clock,
                generation: 1,
                started_at: opened_at,
                due: Some(due),
                half_due: None,
                nearly_due: None,
                met_at: (!is_open).then(|| opened_at + SignedDuration::from_hours(if is_late { 31 } else { 20 })),
                missed_at: is_late.then_some(due),
                reclassified_at: None,
                ended_at: None,
                tick_due: None,
            };
            let stored = StoredRun { case_no: case.case_no, client: client.to_string(), run };
            clocks::save(tx, DESK, &stored, true).await.unwrap();
        }
        known.push(case);
    }
    let card = NewCard {
        number: CardNumber::new("2026-1").unwrap(),
        purchased_on: "2025-09-01".parse().unwrap(),
        minutes: 15 * 400,
    };
    let mut account = Account::default();
    let bought = purchase(&account, &card, card.purchased_on).unwrap();
    record(tx, numbers, &client, (hours_ago(2000), "card".into(), None), &bought).await;
    account.extend(&bought);
    for ordinal in 1..=BOOKINGS {
        let booked_at = hours_ago(i64::from(BOOKINGS - ordinal) * 16 + 8);
        let case = &known[(ordinal as usize * 7) % known.len()];
        let booking = Booking {
            key: BookingKey { expert: joost.clone(), message_id: format!("m{ordinal}@expert.example"), ordinal: 1 },
            case: case.number.clone(),
            minutes: i64::from(10 + ordinal % 50),
            work_date: jiff::tz::TimeZone::UTC.to_datetime(booked_at).date(),
            text: "gewerkt".into(),
            charge_to: ChargeTo::StripCard,
        };
        let agreed = Tariff { strip_minutes: 15, rounding: Rounding::PerEntry };
        let entries = book(&account, &booking, agreed, booking.work_date).unwrap();
        record(tx, numbers, &client, (booked_at, format!("b{ordinal}"), Some(case.case_no)), &entries).await;
        account.extend(&entries);
    }
}

async fn record(
    tx: &mut Tx,
    numbers: &mut Numbers,
    client: &ClientCode,
    (booked_at, key, case_no): (Timestamp, String, Option<i64>),
    entries: &[casepost::domain::strip_card::Entry],
) {
    for (part, entry) in (0..).zip(entries) {
        let line = StoredEntry {
            entry_no: numbers.draw("entry"),
            entry: entry.clone(),
            booked_at,
            booking_key: format!("{client}/{key}"),
            position: None,
        };
        cards::record(tx, DESK, client.as_str(), part, case_no, &line).await.unwrap();
    }
}

fn case(case_no: i64, client: &ClientCode, place: i64, opened_at: Timestamp, is_open: bool) -> Case {
    let resolved_at = (!is_open).then(|| opened_at + SignedDuration::from_hours(40));
    Case {
        subject: format!("Question {place} about the site"),
        status: if is_open { Status::Open } else { Status::Closed },
        resolved_at,
        closed_at: resolved_at,
        ..support::case(case_no, client, place + 1, opened_at).unwrap()
    }
}
