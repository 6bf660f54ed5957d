use super::*;
use jiff::civil::date;
use proptest::prelude::*;

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
