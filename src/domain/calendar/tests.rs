use super::*;
use jiff::civil::date;
use proptest::prelude::*;

mod oracle;

/// Whether there is time for many more examples.
fn is_long() -> bool {
    std::env::var_os("CASEPOST_TEST_LONG").is_some()
}

fn calendar(lines: &str) -> ServiceCalendar {
    let toml = format!("key = \"office\"\ntime_zone = \"Europe/Amsterdam\"\n{lines}");
    ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(&toml).unwrap()).unwrap()
}

const OFFICE: &str = r#"hours = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"],
    thu = ["09:00-17:00"], fri = ["09:00-17:00"] }
    holidays = "nl""#;

fn office() -> ServiceCalendar {
    calendar(&OFFICE.replace('\n', " ").replace("] } ", "] }\n"))
}

fn lunch() -> ServiceCalendar {
    calendar(
        "hours = { mon = [\"09:00-12:30\", \"13:00-17:00\"], sat = [\"00:00-24:00\"], sun = [\"00:00-02:30\", \"02:30-06:00\"] }\n\
         holidays = \"be\"\nclosed = [\"2026-06-08\"]\nyearly = [\"12-28\"]\nopen = [{ date = \"2026-04-06\", hours = [\"10:00-12:00\"] }]",
    )
}

fn always() -> ServiceCalendar {
    ServiceCalendar::around_the_clock(CalendarKey::new("always").unwrap(), TimeZone::get("Europe/Amsterdam").unwrap())
}

fn at(calendar: &ServiceCalendar, local: &str) -> Timestamp {
    let wall: DateTime = local.parse().unwrap();
    calendar.zone.to_ambiguous_timestamp(wall).compatible().unwrap()
}

fn check(calendar: &ServiceCalendar, start: &str, minutes: u64, expected: &str) {
    let (start, service_time) = (at(calendar, start), Duration::from_secs(minutes * 60));
    let due = calendar.due(start, service_time);
    assert_eq!(calendar.zone.to_datetime(due).to_string(), expected, "{minutes} min from {start}");
    assert_eq!(calendar.elapsed(start, due), service_time);
}

#[test]
fn due_moments_in_office_hours() {
    let office = office();
    check(&office, "2026-04-24T16:00:00", 240, "2026-04-28T12:00:00");
    check(&office, "2026-11-20T10:00:00", 360, "2026-11-20T16:00:00");
    check(&office, "2026-11-23T10:00:00", 120, "2026-11-23T12:00:00");
    check(&office, "2026-11-20T10:00:30", 480, "2026-11-23T10:00:30");
    check(&office, "2026-11-20T16:00:00", 60, "2026-11-20T17:00:00");
    check(&office, "2026-11-20T17:00:00", 60, "2026-11-23T10:00:00");
    check(&office, "2026-11-21T03:00:00", 480, "2026-11-23T17:00:00");
    check(&office, "2026-12-24T16:59:59", 1, "2026-12-28T09:00:59");
    check(&office, "2026-11-21T03:00:00", 0, "2026-11-21T03:00:00");
}

#[test]
fn a_pause_is_measured_in_service_time() {
    let office = office();
    let paused = office.elapsed(at(&office, "2026-11-20T16:00:00"), at(&office, "2026-11-23T10:00:00"));
    assert_eq!(paused, Duration::from_secs(2 * 3600));
    assert_eq!(office.elapsed(at(&office, "2026-11-23T10:00:00"), at(&office, "2026-11-20T16:00:00")), Duration::ZERO);
}

#[test]
fn several_intervals_closed_days_and_special_openings() {
    let lunch = lunch();
    check(&lunch, "2026-11-23T12:00:00", 30, "2026-11-23T12:30:00");
    check(&lunch, "2026-11-23T12:00:00", 31, "2026-11-23T13:01:00");
    check(&lunch, "2026-04-06T08:00:00", 120, "2026-04-06T12:00:00");
    check(&lunch, "2026-06-08T10:00:00", 60, "2026-06-13T01:00:00");
    assert!(!lunch.is_open(at(&lunch, "2026-11-23T12:30:00")));
    assert!(lunch.is_open(at(&lunch, "2026-11-23T13:00:00")));
    assert!(!lunch.is_open(at(&lunch, "2026-12-28T10:00:00")));
    assert_eq!(lunch.next_opening(at(&lunch, "2026-11-23T12:30:00")), Some(at(&lunch, "2026-11-23T13:00:00")));
    assert_eq!(lunch.next_opening(at(&lunch, "2026-11-23T12:29:00")), Some(at(&lunch, "2026-11-23T12:29:00")));
}

#[test]
fn nights_in_which_the_clocks_change_count_what_passed() {
    let always = always();
    check(&always, "2026-03-28T12:00:00", 24 * 60, "2026-03-29T13:00:00");
    check(&always, "2026-10-24T12:00:00", 24 * 60, "2026-10-25T11:00:00");
    let lunch = lunch();
    let elapsed = |from, to| lunch.elapsed(at(&lunch, from), at(&lunch, to)).as_secs() / 60;
    assert_eq!(elapsed("2026-03-29T00:00:00", "2026-03-29T12:00:00"), 5 * 60);
    assert_eq!(elapsed("2026-10-25T00:00:00", "2026-10-25T12:00:00"), 7 * 60);
}

#[test]
fn working_days_end_at_closing_time() {
    let office = office();
    let check_days = |from, days, expected: &str| {
        let end = office.add_working_days(at(&office, from), days);
        assert_eq!(office.zone.to_datetime(end).to_string(), expected, "{days} after {from}");
    };
    check_days("2026-11-23T10:00:00", 5, "2026-11-30T17:00:00");
    check_days("2026-11-21T10:00:00", 1, "2026-11-23T17:00:00");
    check_days("2026-04-24T16:00:00", 1, "2026-04-28T17:00:00");
    check_days("2026-11-23T20:00:00", 1, "2026-11-24T17:00:00");
    check_days("2026-11-23T10:00:00", 0, "2026-11-23T10:00:00");
}

#[test]
fn closed_days_are_explained() {
    let office = office();
    let days = office.holiday_between(at(&office, "2026-04-24T16:00:00"), at(&office, "2026-04-28T12:00:00"));
    assert_eq!(days, [(date(2026, 4, 27), Closure::KingsDay)]);
}

#[test]
fn no_question_hangs() {
    let office = office();
    let far = office.due(Timestamp::UNIX_EPOCH, Duration::MAX);
    assert!(far > at(&office, "2069-01-01T00:00:00"));
    assert_eq!(office.due(Timestamp::MAX, Duration::from_secs(60)), Timestamp::MAX);
    assert!(office.add_working_days(Timestamp::UNIX_EPOCH, u32::MAX) > at(&office, "2069-01-01T00:00:00"));
    assert!(office.next_opening(Timestamp::MAX).is_none());
}

fn any_calendar() -> impl Strategy<Value = ServiceCalendar> {
    prop_oneof![Just(office()), Just(lunch()), Just(always())]
}

/// 2025 to 2028, to the second.
fn any_moment() -> impl Strategy<Value = Timestamp> {
    (1_735_689_600_i64..1_861_920_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

proptest! {
    #[test]
    fn what_is_due_has_elapsed(calendar in any_calendar(), start in any_moment(), seconds in 0_u64..2_000_000) {
        let service_time = Duration::from_secs(seconds);
        let due = calendar.due(start, service_time);
        prop_assert_eq!(calendar.elapsed(start, due), service_time);
        prop_assert!(due >= start);
    }

    #[test]
    fn elapsed_time_adds_up(calendar in any_calendar(), mut moments in proptest::array::uniform3(any_moment())) {
        moments.sort();
        let [a, b, c] = moments;
        prop_assert_eq!(calendar.elapsed(a, b) + calendar.elapsed(b, c), calendar.elapsed(a, c));
    }

    #[test]
    fn the_next_opening_is_open(calendar in any_calendar(), at in any_moment()) {
        let opening = calendar.next_opening(at).unwrap();
        prop_assert!(calendar.is_open(opening));
        prop_assert_eq!(calendar.elapsed(at, opening), Duration::ZERO);
    }
}

#[test]
fn a_named_closure_is_told_and_special_opening_days_win_over_it() {
    let break_of = |name: &str, from, until| DayOff {
        name: name.to_owned(),
        from,
        until: Some(until),
        repeats: None,
        last_year: None,
    };
    let calendar = calendar(&format!(
        "{}\nopen = [{{ date = \"2026-08-08\", hours = [\"10:00-12:00\"] }}]",
        OFFICE.replace('\n', " ").replace("] } ", "] }\n")
    ));
    let closed = calendar.closed_during(&[break_of("Zomersluiting", date(2026, 8, 3), date(2026, 8, 16))]);
    check(&closed, "2026-07-31T16:00:00", 120, "2026-08-08T11:00:00");
    check(&closed, "2026-07-31T16:00:00", 240, "2026-08-17T10:00:00");
    let days = closed.holiday_between(at(&closed, "2026-08-06T12:00:00"), at(&closed, "2026-08-11T12:00:00"));
    let days: Vec<_> = days.iter().map(|(date, closure)| format!("{date} {}", closure.as_str())).collect();
    // Not the weekend, which is closed anyway, and not the special opening on the 8th.
    assert_eq!(
        days,
        [
            "2026-08-06 Zomersluiting",
            "2026-08-07 Zomersluiting",
            "2026-08-10 Zomersluiting",
            "2026-08-11 Zomersluiting"
        ]
    );
    // The calendar itself stays as it was, though it was asked before.
    check(&calendar, "2026-07-31T16:00:00", 120, "2026-08-03T10:00:00");
    // A holiday within a break keeps its own name.
    let closed = calendar.closed_during(&[break_of("Voorjaar", date(2026, 4, 24), date(2026, 4, 28))]);
    let days = closed.holiday_between(at(&closed, "2026-04-27T00:00:00"), at(&closed, "2026-04-28T00:00:00"));
    assert_eq!(days, [(date(2026, 4, 27), Closure::KingsDay), (date(2026, 4, 28), Closure::Named("Voorjaar".into()))]);
}

#[test]
fn a_week_with_few_open_days_finds_its_hours() {
    let mondays = calendar("hours = { mon = [\"09:00-09:30\"] }\nholidays = \"nl\"");
    // 26 weeks of half an hour, without Easter Monday, King's Day and Whit Monday of 2026.
    check(&mondays, "2026-01-05T09:00:00", 26 * 30, "2026-07-20T09:30:00");
}

#[test]
fn zones_that_jump_at_midnight_or_by_half_an_hour() {
    let always = |zone| ServiceCalendar::around_the_clock(CalendarKey::new("x").unwrap(), TimeZone::get(zone).unwrap());
    let office = |zone: &str| {
        let toml = format!(
            "key = \"x\"\ntime_zone = \"{zone}\"\nhours = {{ sat = [\"00:00-24:00\"], sun = [\"00:00-01:00\", \"09:00-10:00\"] }}"
        );
        ServiceCalendar::try_from(toml::from_str::<CalendarDeclaration>(&toml).unwrap()).unwrap()
    };
    let minutes = |calendar: &ServiceCalendar, from: &str, to: &str| {
        calendar.elapsed(at(calendar, from), at(calendar, to)).as_secs() / 60
    };
    // Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October 2026, back on 5 April 2026.
    let howe = always("Australia/Lord_Howe");
    assert_eq!(minutes(&howe, "2026-10-04T00:00:00", "2026-10-05T00:00:00"), 24 * 60 - 30);
    assert_eq!(minutes(&howe, "2026-04-05T00:00:00", "2026-04-06T00:00:00"), 24 * 60 + 30);
    // Beirut skips midnight to 01:00 on Sunday 29 March 2026: Saturday is whole, Sunday's first hour is none.
    let beirut = office("Asia/Beirut");
    assert_eq!(minutes(&beirut, "2026-03-28T00:00:00", "2026-03-29T12:00:00"), 24 * 60 + 60);
    // Cuba comes back from 01:00 to midnight on Sunday 1 November 2026: the hour from midnight lasts two.
    let havana = office("America/Havana");
    assert_eq!(minutes(&havana, "2026-10-31T12:00:00", "2026-11-01T12:00:00"), 12 * 60 + 120 + 60);
    // Samoa had no 30 December 2011.
    let samoa = always("Pacific/Apia");
    assert_eq!(minutes(&samoa, "2011-12-29T00:00:00", "2012-01-01T00:00:00"), 2 * 24 * 60);
}

#[test]
fn spans_of_years_count_each_day() {
    let office = office();
    // 2026 has 261 weekdays; seven Dutch holidays of that year fall on one (New Year, Good Friday, Easter Monday,
    // King's Day, Ascension, Whit Monday, Christmas Day; Boxing Day is a Saturday).
    let hours = |from: &str, to: &str| office.elapsed(at(&office, from), at(&office, to)).as_secs() / 3600;
    assert_eq!(hours("2026-01-01T00:00:00", "2027-01-01T00:00:00"), (261 - 7) * 8);
    assert_eq!(hours("2026-12-31T16:00:00", "2027-01-04T10:00:00"), 2);
    check(&office, "2026-01-02T09:00:00", 254 * 8 * 60, "2026-12-31T17:00:00");
    check(&office, "2026-01-02T09:00:00", 254 * 8 * 60 + 1, "2027-01-04T09:01:00");
}

#[test]
fn ninety_working_days_and_two_years_keep_the_hour_over_each_change_of_the_clocks() {
    let weekdays = calendar(&OFFICE.replace('\n', " ").replace("] } ", "] }\n").replace("holidays = \"nl\"", ""));
    // Eighteen weeks, over the start and over the end of summer time.
    check(&weekdays, "2026-01-05T10:00:30", 90 * 8 * 60, "2026-05-11T10:00:30");
    check(&weekdays, "2026-08-03T10:00:30", 90 * 8 * 60, "2026-12-07T10:00:30");
    // 2026 and 2027 have 261 weekdays each.
    let hours = |from: &str, to: &str| weekdays.elapsed(at(&weekdays, from), at(&weekdays, to)).as_secs() / 3600;
    assert_eq!(hours("2026-01-01T00:00:00", "2028-01-01T00:00:00"), 2 * 261 * 8);
    check(&weekdays, "2026-01-01T09:00:00", 2 * 261 * 8 * 60, "2027-12-31T17:00:00");
    let always = always();
    check(&always, "2026-01-05T10:00:30", 90 * 24 * 60, "2026-04-05T11:00:30");
    check(&always, "2026-08-03T10:00:30", 90 * 24 * 60, "2026-11-01T09:00:30");
}

#[test]
fn a_closed_day_begins_and_ends_at_midnight_of_its_own_zone() {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| format!("{day} = [\"00:00-24:00\"]"));
    let calendar = calendar(&format!("closed = [\"2026-04-27\"]\nhours = {{ {} }}", days.join(", ")));
    let is_open = |local: &str| calendar.is_open(at(&calendar, local));
    assert!(is_open("2026-04-26T23:59:59") && !is_open("2026-04-27T00:00:00"));
    assert!(!is_open("2026-04-27T23:59:59") && is_open("2026-04-28T00:00:00"));
    check(&calendar, "2026-04-26T23:00:00", 60, "2026-04-27T00:00:00");
    check(&calendar, "2026-04-26T23:00:00", 61, "2026-04-28T00:01:00");
}

proptest! {
    #[test]
    fn due_is_never_earlier_for_a_later_start_or_a_longer_time(
        calendar in any_calendar(),
        starts in (any_moment(), 0_u64..4_000_000),
        times in (0_u64..3_000_000, 0_u64..100_000),
    ) {
        let later = starts.0.checked_add(Duration::from_secs(starts.1)).unwrap();
        let (short, long) = (Duration::from_secs(times.0), Duration::from_secs(times.0 + times.1));
        prop_assert!(calendar.due(starts.0, short) <= calendar.due(later, short));
        prop_assert!(calendar.due(starts.0, short) <= calendar.due(starts.0, long));
    }

    #[test]
    fn one_more_day_off_never_moves_a_due_moment_earlier(
        calendar in any_calendar(),
        start in any_moment(),
        seconds in 0_u64..2_000_000,
        (day, length) in (0_i32..1461, 0_i32..30),
    ) {
        let from = date(2025, 1, 1).saturating_add(jiff::Span::new().days(day));
        let until = Some(from.saturating_add(jiff::Span::new().days(length)));
        let closed = calendar.closed_during(&[DayOff { name: "x".into(), from, until, repeats: None, last_year: None }]);
        let time = Duration::from_secs(seconds);
        prop_assert!(calendar.due(start, time) <= closed.due(start, time));
        prop_assert!(calendar.elapsed(start, calendar.due(start, time)) >= closed.elapsed(start, calendar.due(start, time)));
    }
}
