//! The ledger's laws over random histories: 10,000 of them, and 100,000 where `tests/run --long` asks.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::rules::correct_by_desk;
use super::*;
use crate::domain::case::CaseNumber;
use crate::domain::names::{CardNumber, ClientCode, PersonKey};

const TODAY: Date = Date::constant(2027, 2, 10);
const EXPERTS: [&str; 3] = ["ann", "bob", "cas"];

fn config() -> ProptestConfig {
    let is_long = std::env::var_os("CASEPOST_TEST_LONG").is_some();
    let cases = if is_long { 100_000 } else { 10_000 };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A ledger as it grows, beside the account that its entries make.
struct History {
    entries: Vec<Entry>,
    account: Account,
    tariff: Tariff,
    today: Date,
    mails: u32,
    contract: [bool; 2],
}

/// One thing that can happen.
#[derive(Debug, Clone)]
enum Step {
    Buy { days_ago: i64, minutes: i64 },
    Settle { card: usize },
    Book { expert: usize, case: usize, minutes: i64, days_ago: i64 },
    Correct { expert: usize, case: usize, minutes: i64 },
    CorrectByDesk { expert: Option<usize>, case: usize, minutes: i64 },
    Transfer { from: usize, to: usize, minutes: i64 },
    Expire,
    Move { case: usize, to_contract: bool },
    Wait { days: i64 },
}

fn any_step() -> impl Strategy<Value = Step> {
    let expert = || 0..EXPERTS.len();
    prop_oneof![
        1 => (0_usize..4).prop_map(|card| Step::Settle { card }),
        2 => (-60_i64..400, 1_i64..400).prop_map(|(days_ago, minutes)| Step::Buy { days_ago, minutes }),
        6 => (expert(), 0_usize..2, 1_i64..200, 0_i64..61)
            .prop_map(|(expert, case, minutes, days_ago)| Step::Book { expert, case, minutes, days_ago }),
        4 => (expert(), 0_usize..2, 1_i64..200).prop_map(|(expert, case, minutes)| Step::Correct { expert, case, minutes }),
        1 => (proptest::option::of(expert()), 0_usize..2, 1_i64..200)
            .prop_map(|(expert, case, minutes)| Step::CorrectByDesk { expert, case, minutes }),
        1 => (0_usize..4, 0_usize..4, 1_i64..200).prop_map(|(from, to, minutes)| Step::Transfer { from, to, minutes }),
        1 => Just(Step::Expire),
        1 => (0_usize..2, any::<bool>()).prop_map(|(case, to_contract)| Step::Move { case, to_contract }),
        1 => (1_i64..200).prop_map(|days| Step::Wait { days }),
    ]
}

fn any_rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(Rounding::PerEntry), Just(Rounding::PerCase), Just(Rounding::None)]
}

fn case(index: usize) -> CaseNumber {
    let counter = u32::try_from(index).unwrap() + 1;
    CaseNumber { client: ClientCode::new("AMR").unwrap(), year: 2027, counter }
}

fn person(index: usize) -> PersonKey {
    PersonKey::new(EXPERTS[index]).unwrap()
}

impl History {
    fn new(rounding: Rounding) -> Self {
        let tariff = Tariff { rounding, strip_minutes: 15 };
        let (entries, account) = (Vec::new(), Account::default());
        Self { entries, account, tariff, today: TODAY, mails: 0, contract: [false; 2] }
    }

    fn write(&mut self, new: Vec<Entry>) {
        self.account.extend(&new);
        self.entries.extend(new);
    }

    fn key(&mut self, expert: usize) -> BookingKey {
        self.mails += 1;
        BookingKey { expert: person(expert), message_id: format!("{}@x", self.mails), ordinal: 1 }
    }

    fn side(&self, case: usize) -> ChargeTo {
        if self.contract[case] { ChargeTo::Contract } else { ChargeTo::StripCard }
    }

    /// Carries a step out; what is refused changes nothing, and a tag that was carried out is refused from then on.
    fn step(&mut self, step: &Step) {
        let today = self.today;
        match *step {
            Step::Buy { days_ago, minutes } => {
                let number = CardNumber::new(format!("C{}", self.entries.len())).unwrap();
                let new = NewCard { number, purchased_on: today.saturating_sub(days_ago.days()), minutes };
                self.write(purchase(&self.account, &new, today).unwrap());
            }
            Step::Settle { card } => {
                let number = self.account.cards().get(card).map(|card| card.number.clone());
                if let Some(number) = number {
                    self.write(settle(&self.account, &number, today));
                }
            }
            Step::Book { expert, case: on, minutes, days_ago } => {
                let (key, work_date) = (self.key(expert), today.saturating_sub(days_ago.days()));
                let charge_to = self.side(on);
                let asked = Booking { key, case: case(on), work_date, minutes, text: String::new(), charge_to };
                // An expert's time is never refused.
                self.write(book(&self.account, &asked, self.tariff, today).unwrap());
                assert_eq!(book(&self.account, &asked, self.tariff, today), Err(Refusal::AlreadyBooked));
            }
            Step::Correct { expert, case: on, minutes } => {
                let asked = CorrectionOfTime { key: self.key(expert), case: case(on), minutes, text: String::new() };
                if let Ok(new) = correct(&self.account, &asked, self.tariff, today) {
                    self.write(new);
                    assert_eq!(correct(&self.account, &asked, self.tariff, today), Err(Refusal::AlreadyBooked));
                }
            }
            Step::CorrectByDesk { expert, case: on, minutes } => {
                let asked =
                    DeskCorrection { expert: expert.map(person), case: case(on), minutes, reason: String::new() };
                self.write(correct_by_desk(&self.account, &asked, self.tariff, today).unwrap_or_default());
            }
            Step::Transfer { from, to, minutes } => {
                let numbers: Vec<CardNumber> = self.account.cards().iter().map(|card| card.number.clone()).collect();
                if let (Some(from), Some(to)) = (numbers.get(from), numbers.get(to)) {
                    self.write(transfer(&self.account, (from, to), minutes, "x", today).unwrap_or_default());
                }
            }
            Step::Expire => self.write(expire(&self.account, today)),
            Step::Move { case: of, to_contract } => {
                self.contract[of] = to_contract;
                self.write(move_charges(&self.account, &case(of), self.side(of), self.tariff, today));
            }
            Step::Wait { days } => self.today = today.saturating_add(days.days()),
        }
    }

    /// Balances are sums of entries, pot by pot, and no pot of cards is below zero.
    fn check_balances(&self) {
        let account = &self.account;
        assert_eq!(account.balance_minutes(), self.entries.iter().map(|entry| entry.charged_minutes).sum::<i64>());
        let mut pots: BTreeMap<Option<&CardNumber>, i64> = BTreeMap::new();
        for entry in &self.entries {
            *pots.entry(entry.card.as_ref()).or_default() += entry.charged_minutes;
        }
        assert_eq!(account.overdraft_minutes(), -pots.get(&None).copied().unwrap_or_default());
        assert!(account.overdraft_minutes() >= 0);
        for card in account.cards() {
            assert!(card.minutes >= 0 && card.expired_minutes >= 0, "{card:?}");
            assert_eq!(pots.get(&Some(&card.number)), Some(&card.minutes));
        }
    }

    /// What was bought is left, expired, or borne by bookings; what is owed is owed by bookings.
    fn check_minutes_are_kept(&self) {
        let borne = |pot: Option<&CardNumber>| -> i64 {
            let parts = self.account.charges().iter().flat_map(|charge| &charge.parts);
            parts.filter(|part| part.card.as_ref() == pot).map(|part| part.minutes).sum()
        };
        for card in self.account.cards() {
            let is_move =
                |entry: &&Entry| entry.kind == EntryKind::Transfer && entry.card.as_ref() == Some(&card.number);
            let moved: i64 = self.entries.iter().filter(is_move).map(|entry| entry.charged_minutes).sum();
            let found = card.minutes + card.expired_minutes + borne(Some(&card.number));
            assert_eq!(card.bought_minutes + moved, found, "{card:?}");
        }
        assert_eq!(self.account.overdraft_minutes(), borne(None));
        let real: i64 = self.entries.iter().map(|entry| entry.real_minutes).sum();
        assert_eq!(real, self.account.charges().iter().map(|charge| charge.real_minutes).sum::<i64>());
    }

    /// By the entries alone: no booking ever gives back more than it took, nor more work than was done.
    fn check_nothing_is_given_twice(&self) {
        let mut given: BTreeMap<&BookingKey, (i64, i64)> = BTreeMap::new();
        for entry in &self.entries {
            let Some(key) = &entry.charge else { continue };
            let (taken, worked) = given.entry(key).or_default();
            *taken -= entry.charged_minutes;
            *worked += entry.real_minutes;
            assert!(*worked >= 0, "{key:?} has less than no work left");
        }
        // One correction may stand in several lines, so only the whole counts.
        for (key, (taken, _)) in given {
            assert!(taken >= 0, "{key:?} gave back {} more than it took", -taken);
        }
    }

    /// What is charged follows from what was worked, by the contract's way to round.
    fn check_rounding(&self) {
        for charge in self.account.charges() {
            if charge.is_on_contract {
                assert_eq!(charge.charged_minutes(), 0);
            } else if self.tariff.rounding != Rounding::PerCase {
                assert_eq!(charge.charged_minutes(), self.tariff.charged(charge.real_minutes));
            }
        }
        if self.tariff.rounding == Rounding::PerCase {
            for index in 0..2 {
                let number = case(index);
                let on_card = |charge: &&Charge| charge.case.as_ref() == Some(&number) && !charge.is_on_contract;
                let charges = || self.account.charges().iter().filter(on_card);
                let real = charges().map(|charge| charge.real_minutes).sum();
                assert_eq!(charges().map(Charge::charged_minutes).sum::<i64>(), self.tariff.charged(real));
            }
        }
    }

    /// Totals by expert and by case: real minutes, and charged minutes of the whole.
    fn totals(&self) -> (BTreeMap<String, i64>, BTreeMap<String, i64>, i64) {
        let (mut by_expert, mut by_case) = (BTreeMap::new(), BTreeMap::new());
        for charge in self.account.charges() {
            *by_expert.entry(charge.key.expert.to_string()).or_default() += charge.real_minutes;
            let case = charge.case.as_ref().map(ToString::to_string).unwrap_or_default();
            *by_case.entry(case).or_default() += charge.charged_minutes();
        }
        (by_expert, by_case, self.account.balance_minutes())
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_happens_the_books_balance(
        rounding in any_rounding(),
        steps in proptest::collection::vec(any_step(), 1..25),
    ) {
        let mut history = History::new(rounding);
        for step in &steps {
            history.step(step);
            history.check_balances();
            history.check_minutes_are_kept();
            history.check_nothing_is_given_twice();
            history.check_rounding();
        }
        prop_assert_eq!(Account::from_entries(&history.entries), history.account);
    }

    /// Bookings of experts and corrections of earlier work that came in the same instant. An expert who corrects books
    /// nothing in it: "the latest entry" of the rules is a matter of order by itself.
    #[test]
    fn the_order_of_mails_of_one_instant_changes_no_total(
        rounding in any_rounding(),
        cards in proptest::collection::vec((0_i64..200, 1_i64..400), 0..3),
        before in proptest::collection::vec((0_usize..2, 1_i64..200), 0..4),
        bookings in proptest::collection::vec((0_usize..2, 0_usize..2, 1_i64..200, 0_i64..61), 1..5),
        corrections in proptest::collection::vec((0_usize..2, 1_i64..60), 0..2),
        turn in 0_usize..5,
    ) {
        let mut mails: Vec<Step> = bookings.into_iter()
            .map(|(expert, case, minutes, days_ago)| Step::Book { expert, case, minutes, days_ago })
            .chain(corrections.into_iter().map(|(case, minutes)| Step::Correct { expert: 2, case, minutes }))
            .collect();
        let run = |mails: &[Step]| {
            let mut history = History::new(rounding);
            for (days_ago, minutes) in &cards {
                history.step(&Step::Buy { days_ago: *days_ago, minutes: *minutes });
            }
            for (case, minutes) in &before {
                history.step(&Step::Book { expert: 2, case: *case, minutes: *minutes, days_ago: 0 });
            }
            mails.iter().for_each(|mail| history.step(mail));
            history.totals()
        };
        let one = run(&mails);
        let turn = turn % mails.len();
        mails.rotate_left(turn);
        let two = run(&mails);
        mails.reverse();
        prop_assert_eq!(&one, &two);
        prop_assert_eq!(one, run(&mails));
    }

    #[test]
    fn statements_of_periods_follow_on_each_other(
        steps in proptest::collection::vec((any_step(), 0_i64..20), 1..15),
        edge in 0_i64..200,
    ) {
        let mut history = History::new(Rounding::PerEntry);
        let mut ledger: Vec<LedgerLine> = Vec::new();
        let mut day = TODAY;
        for (step, days) in &steps {
            history.step(step);
            for entry in &history.entries[ledger.len()..] {
                let entry_no = i64::try_from(ledger.len()).unwrap() + 1;
                ledger.push(LedgerLine { entry_no, booked_on: day, entry: entry.clone(), subject: None, expert: None });
            }
            day = day.saturating_add(days.days());
        }
        let edge = TODAY.saturating_add(edge.days());
        let whole = statement(&ledger, Scope::default());
        let first = statement(&ledger, Scope { through: Some(edge), ..Scope::default() });
        let second = statement(&ledger, Scope { from: Some(edge.tomorrow().unwrap()), ..Scope::default() });
        prop_assert_eq!(whole.closing_minutes, history.account.balance_minutes());
        prop_assert_eq!(first.closing_minutes, second.opening_minutes);
        prop_assert_eq!(second.closing_minutes, whole.closing_minutes);
        prop_assert_eq!(first.real_minutes + second.real_minutes, whole.real_minutes);
        prop_assert_eq!(first.lines.len() + second.lines.len(), ledger.len());
        prop_assert_eq!(whole.opening_minutes + whole.charged_minutes, whole.closing_minutes);
        prop_assert_eq!(whole.lines.last().map_or(0, |line| line.balance_minutes), whole.closing_minutes);
        // Together the cards' statements and the overdraft are the client's.
        let of_cards: i64 = history.account.cards().iter()
            .map(|card| statement(&ledger, Scope { card: Some(card.number.clone()), ..Scope::default() }).closing_minutes)
            .sum();
        prop_assert_eq!(of_cards - history.account.overdraft_minutes(), whole.closing_minutes);
    }
}

#[test]
fn the_pace_tells_when_a_card_runs_out() {
    let mut history = History::new(Rounding::None);
    history.step(&Step::Buy { days_ago: 100, minutes: 1000 });
    assert_eq!(run_out_on(&history.account, TODAY), None, "nothing was used");
    // 560 minutes in 56 days: 10 a day, and 440 are left: the 44 days from today on are covered.
    for days_ago in [0, 20, 55, 56] {
        let minutes = if days_ago == 0 { 160 } else { 200 };
        let key = history.key(0);
        let work_date = TODAY.saturating_sub(i64::from(days_ago).days());
        let asked =
            Booking { key, case: case(0), work_date, minutes, text: String::new(), charge_to: ChargeTo::StripCard };
        history.write(book(&history.account, &asked, history.tariff, TODAY).unwrap());
    }
    // The one of 56 days ago is no longer counted, but it was taken.
    assert_eq!(pace(&history.account, TODAY), Some(Pace { charged_minutes: 560, days: 56 }));
    assert_eq!(history.account.valid_minutes(TODAY), 240);
    assert_eq!(run_out_on(&history.account, TODAY), Some(date(2027, 3, 6)));
    // Five days of work are covered by a card that ends on 14 February; what is lost with it covers none.
    history.step(&Step::Buy { days_ago: 360, minutes: 5000 });
    assert_eq!(run_out_on(&history.account, TODAY), Some(date(2027, 3, 11)));
    let mut ending = History::new(Rounding::None);
    ending.step(&Step::Buy { days_ago: 360, minutes: 5000 });
    ending.step(&Step::Book { expert: 0, case: 0, minutes: 56, days_ago: 0 });
    assert_eq!(run_out_on(&ending.account, TODAY), None, "it ends before it runs out");
    let mut young = History::new(Rounding::None);
    young.step(&Step::Buy { days_ago: 9, minutes: 300 });
    young.step(&Step::Book { expert: 0, case: 0, minutes: 100, days_ago: 0 });
    assert_eq!(pace(&young.account, TODAY), Some(Pace { charged_minutes: 100, days: 10 }));
    assert_eq!(run_out_on(&young.account, TODAY), Some(date(2027, 3, 2)));
    young.step(&Step::Book { expert: 0, case: 0, minutes: 200, days_ago: 0 });
    assert_eq!(run_out_on(&young.account, TODAY), None, "used up already");
}

#[test]
fn a_booking_is_one_line_of_an_invoice() {
    let mut history = History::new(Rounding::PerEntry);
    history.step(&Step::Buy { days_ago: 10, minutes: 30 });
    let from = history.entries.len();
    history.step(&Step::Book { expert: 0, case: 0, minutes: 40, days_ago: 1 });
    history.step(&Step::Correct { expert: 0, case: 0, minutes: 20 });
    let client = ClientCode::new("AMR").unwrap();
    let lines: Vec<WorkLine> = history.entries[from..]
        .chunk_by(|one, next| one.booking == next.booking)
        .flat_map(|booking| work_lines(&client, TODAY, booking.iter()))
        .collect();
    let shown: Vec<_> = lines.iter().map(|line| (line.what, line.real_minutes, line.charged_minutes)).collect();
    assert_eq!(shown, [("deduction", 40, 45), ("correction", -20, -15)]);
    assert_eq!(work_totals(&lines), (20, 30));
    let csv = work_csv(&lines);
    assert!(csv.ends_with(",,,,,total,,20,30\r\n"), "{csv}");
    assert!(csv.contains("2027-02-09,2027-02-10,AMR,AMR-2027-0001,ann,deduction,,40,45\r\n"), "{csv}");
}
