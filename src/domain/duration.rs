//! How long a piece of work took, as people write it.

use std::sync::LazyLock;

use regex::Regex;

/// No single duration is longer: what is longer was mistyped.
pub const MOST_MINUTES: i64 = 24 * 60;

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DurationFault {
    /// Nothing was worked.
    #[error("a duration of zero books nothing")]
    Zero,
    /// More than 24 hours.
    #[error("a duration is at most 24 hours")]
    OverADay,
    /// `1,5`: hours or minutes?
    #[error("a decimal needs its unit: 1.5h")]
    BareDecimal,
    /// `1.30h`: an hour and 30 minutes, or 1.3 hours? `1h 30 servers`: is 30 part of it?
    #[error("this can be read in two ways: write it as 1h30 or 90m")]
    TwoReadings,
    /// `0.333h`, `1.5m`: not a whole number of minutes.
    #[error("a duration is a whole number of minutes")]
    NoWholeMinutes,
    /// No duration at all.
    #[error("not a duration: write 40m, 1h30 or 1.5h")]
    Nonsense,
}

impl DurationFault {
    /// The word by which letters name the reason.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::OverADay => "over-a-day",
            Self::BareDecimal => "bare-decimal",
            Self::TwoReadings => "two-readings",
            Self::NoWholeMinutes => "no-whole-minutes",
            Self::Nonsense => "nonsense",
        }
    }
}

/// Reads a whole text as signed minutes: `90`, `90m`, `1h30`, `1u30`, `1:30`, `1.5h`, `1,5 uur`,
/// `1 hour 30 minutes`, `-15m`. Letter case and blanks do not matter; a bare whole number is minutes.
///
/// # Errors
/// [`DurationFault`] with the reason. Also when more follows than the duration.
pub fn parse_minutes(text: &str) -> Result<i64, DurationFault> {
    let (minutes, rest) = split_minutes(text)?;
    if rest.is_empty() { Ok(minutes) } else { Err(DurationFault::Nonsense) }
}

/// Reads the duration with which a text begins, and gives what follows it (without blanks or a separator before it).
///
/// # Errors
/// [`DurationFault`]. Two readings, too, when a number follows that could belong to it (`1h 30 servers`).
pub fn split_minutes(text: &str) -> Result<(i64, &str), DurationFault> {
    let text = text.trim();
    let found = FORMS.iter().find_map(|form| form.captures(text)).ok_or(DurationFault::Nonsense)?;
    let part = |name: &str| found.name(name).map_or("", |m| m.as_str());
    let rest = &text[found.get(0).map_or(0, |m| m.end())..];
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '\u{bd}') {
        return Err(DurationFault::Nonsense);
    }
    if NUMBER_FOLLOWS.is_match(rest) {
        return Err(DurationFault::TwoReadings);
    }
    let has_unit = !part("hour").is_empty() || !part("minute").is_empty() || !part("colon").is_empty();
    let amount = if part("fraction").is_empty() {
        whole(part("hours"), part("minutes"), !part("colon").is_empty())?
    } else if !has_unit {
        return Err(DurationFault::BareDecimal);
    } else if part("hour").is_empty() {
        return Err(DurationFault::NoWholeMinutes);
    } else {
        decimal_hours(part("hours"), part("fraction"))?
    };
    let follows_hours = part("minute").is_empty() && part("minutes").is_empty() && !part("hour").is_empty();
    if follows_hours && BARE_NUMBER_FOLLOWS.is_match(rest) {
        return Err(DurationFault::TwoReadings);
    }
    if amount == 0 {
        return Err(DurationFault::Zero);
    }
    if amount > MOST_MINUTES {
        return Err(DurationFault::OverADay);
    }
    let signed = if part("sign").is_empty() { amount } else { -amount };
    Ok((
        signed,
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | ',' | '-' | '–' | '—' | '.')),
    ))
}

/// Whether a text begins with a duration, be it one of two readings. A bare decimal (`release 1.5`) or a number over
/// 24 hours (`ticket 123456`) is none.
#[must_use]
pub fn begins_with_duration(text: &str) -> bool {
    matches!(split_minutes(text), Ok(_) | Err(DurationFault::TwoReadings))
}

/// Hours and minutes of whole numbers; minutes beside hours stay under sixty.
fn whole(hours: &str, minutes: &str, has_colon: bool) -> Result<i64, DurationFault> {
    let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<i64>() };
    let (Ok(hours_value), Ok(minutes_value)) = (number(hours), number(minutes)) else {
        return Err(DurationFault::OverADay);
    };
    if has_colon && minutes.len() == 1 {
        return Err(DurationFault::TwoReadings);
    }
    if !hours.is_empty() && minutes_value > 59 {
        return Err(DurationFault::TwoReadings);
    }
    Ok(hours_value.saturating_mul(60).saturating_add(minutes_value))
}

/// `1.5` hours as minutes. Two decimals that could be minutes (`1.30h`) are refused, but for quarters of an hour.
fn decimal_hours(hours: &str, fraction: &str) -> Result<i64, DurationFault> {
    let digits = fraction.trim_end_matches('0');
    let is_clear = fraction.len() != 2 || matches!(fraction, "25" | "50" | "75" | "00") || *fraction >= *"60";
    if !is_clear {
        return Err(DurationFault::TwoReadings);
    }
    if digits.len() > 6 {
        return Err(DurationFault::NoWholeMinutes);
    }
    let (Ok(hours), Ok(part)) = (hours.parse::<i64>(), format!("0{digits}").parse::<i64>()) else {
        return Err(DurationFault::OverADay);
    };
    let scale = 10_i64.pow(u32::try_from(digits.len()).unwrap_or(0));
    if (part * 60) % scale != 0 {
        return Err(DurationFault::NoWholeMinutes);
    }
    Ok(hours.saturating_mul(60).saturating_add(part * 60 / scale))
}

/// Minutes as Dutch people write them (`1 u 25 min`) or as English ones do (`1 h 25 min`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HourSign {
    /// `h`.
    H,
    /// `u`, for *uur*.
    U,
}

/// Minutes as people write them: `1 h 25 min`, `40 min`, `2 h`, `-15 min`.
#[must_use]
pub fn show_minutes(minutes: i64, sign: HourSign) -> String {
    let letter = match sign {
        HourSign::H => 'h',
        HourSign::U => 'u',
    };
    let minus = if minutes < 0 { "-" } else { "" };
    match (minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60) {
        (0, minutes) => format!("{minus}{minutes} min"),
        (hours, 0) => format!("{minus}{hours} {letter}"),
        (hours, minutes) => format!("{minus}{hours} {letter} {minutes} min"),
    }
}

/// The ways to write a duration, the longest first; each is tried at the start of the text.
#[expect(clippy::unwrap_used, reason = "constant patterns")]
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    const SIGN: &str = r"(?P<sign>[-−–]\s*)?";
    const HOUR: &str = r"(?P<hour>hours?|hrs?|uren|uur|u|h)\b\.?";
    const MINUTE: &str = r"(?P<minute>minutes?|minuten|minuut|mins?|m)\b\.?";
    let hour_joined = HOUR.replace(r"\b", "");
    [
        format!(r"{SIGN}(?P<hours>\d+)\s*{hour_joined}\s*(?:(?:and|en|,)\s+)?(?P<minutes>\d+)\s*{MINUTE}"),
        format!(r"{SIGN}(?P<hours>\d+)\s*{hour_joined}(?P<minutes>\d+)"),
        format!(r"{SIGN}(?P<hours>\d+)\s*{HOUR}\s+(?P<minutes>\d+)\s*$"),
        format!(r"{SIGN}(?P<hours>\d+)(?P<colon>:)(?P<minutes>\d+)(?:\s*(?P<hour>hours?|uur|u|h)\b)?"),
        format!(r"{SIGN}(?P<hours>\d+)[.,](?P<fraction>\d+)\s*{HOUR}"),
        format!(r"{SIGN}(?P<hours>\d+)[.,](?P<fraction>\d+)\s*{MINUTE}"),
        format!(r"{SIGN}(?P<hours>\d+)[.,](?P<fraction>\d+)"),
        format!(r"{SIGN}(?P<hours>\d+)\s*{HOUR}"),
        format!(r"{SIGN}(?P<minutes>\d+)\s*{MINUTE}"),
        format!(r"{SIGN}(?P<minutes>\d+)"),
    ]
    .iter()
    .map(|form| Regex::new(&format!("^(?i:{form})")).unwrap())
    .collect()
});

/// What would make another duration of the rest: a number with a unit, or glued to the first by a sign of its own.
#[expect(clippy::unwrap_used, reason = "constant pattern")]
static NUMBER_FOLLOWS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?i:[:.,]\d|\s*(?:(?:and|en)\s+)?[-+]?\s*\d+(?:[.,]\d+)?\s*(?:hours?|hrs?|uren|uur|u|h|minutes?|minuten|minuut|mins?|m)\b)").unwrap()
});

/// A bare number right behind hours.
#[expect(clippy::unwrap_used, reason = "constant pattern")]
static BARE_NUMBER_FOLLOWS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\s+\d").unwrap());

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Result<i64, DurationFault>) {
        assert_eq!(parse_minutes(text), expected, "{text:?}");
    }

    #[test]
    fn durations_as_people_write_them() {
        check("90", Ok(90));
        check("90m", Ok(90));
        check("90 min.", Ok(90));
        check("1h30", Ok(90));
        check("1H30M", Ok(90));
        check("1u30", Ok(90));
        check("1u5", Ok(65));
        check("1h 30", Ok(90));
        check("1h 30m", Ok(90));
        check("1:30", Ok(90));
        check("1:30 uur", Ok(90));
        check("1.5h", Ok(90));
        check("1,5 uur", Ok(90));
        check("1.25h", Ok(75));
        check("1.75 h", Ok(105));
        check("0,1 uur", Ok(6));
        check("1 hour 30 minutes", Ok(90));
        check("1 uur en 30 minuten", Ok(90));
        check("2 hours", Ok(120));
        check("2u", Ok(120));
        check("-15m", Ok(-15));
        check("- 15", Ok(-15));
        check("24h", Ok(1440));
        check("\u{a0}40\u{a0}m ", Ok(40));
        check("1", Ok(1));
        check("0:05", Ok(5));
        check("2h", Ok(120));
        check("1,5u", Ok(90));
        check("1h 5m", Ok(65));
        check("1 uur en 15 minuten", Ok(75));
        check("1 hour and 15 minutes", Ok(75));
        check("1 uur, 15 minuten", Ok(75));
        check("0,25 uur", Ok(15));
        check("0.5 hrs", Ok(30));
        check("10:00", Ok(600));
        check("1u", Ok(60));
        check("3 uren", Ok(180));
        check("15 minuut", Ok(15));
        check("1440", Ok(1440));
        check("23h59", Ok(1439));
        check("−15m", Ok(-15));
        check("–1h30", Ok(-90));
        check("-1,5 uur", Ok(-90));
        check("01:05", Ok(65));
        check("1\u{202f}h\u{202f}30", Ok(90));
        check("90 MINUTES", Ok(90));
    }

    #[test]
    fn refusals_name_the_reason() {
        use DurationFault as F;
        check("0", Err(F::Zero));
        check("0h00", Err(F::Zero));
        check("24h01", Err(F::OverADay));
        check("1441", Err(F::OverADay));
        check("99999999999999999999", Err(F::OverADay));
        check("1,5", Err(F::BareDecimal));
        check("1.5", Err(F::BareDecimal));
        check("1.30h", Err(F::TwoReadings));
        check("1,15 uur", Err(F::TwoReadings));
        check("1h90", Err(F::TwoReadings));
        check("1:5", Err(F::TwoReadings));
        check("1h 40m 1h", Err(F::TwoReadings));
        check("1:30:00", Err(F::TwoReadings));
        check("0.333h", Err(F::NoWholeMinutes));
        check("1.5m", Err(F::NoWholeMinutes));
        check("", Err(F::Nonsense));
        check("soon", Err(F::Nonsense));
        check("40x", Err(F::Nonsense));
        check("1½h", Err(F::Nonsense));
        check("een uur", Err(F::Nonsense));
        check("half an hour", Err(F::Nonsense));
        check("25h", Err(F::OverADay));
        check("-25h", Err(F::OverADay));
        check("24:01", Err(F::OverADay));
        check("0:00", Err(F::Zero));
        check("-0", Err(F::Zero));
        check("0,0 uur", Err(F::Zero));
        check("1:90", Err(F::TwoReadings));
        check("1h60m", Err(F::TwoReadings));
        check("1.20 uur", Err(F::TwoReadings));
        check("40m 20m", Err(F::TwoReadings));
        check("1h-30m", Err(F::TwoReadings));
        check("2,75", Err(F::BareDecimal));
        check("0.001h", Err(F::NoWholeMinutes));
        check("--15m", Err(F::Nonsense));
        check("1d", Err(F::Nonsense));
        check("40m klaar", Err(F::Nonsense));
        check("1e2", Err(F::Nonsense));
        check("h30", Err(F::Nonsense));
        check("1,5,5 uur", Err(F::TwoReadings));
        check(":30", Err(F::Nonsense));
    }

    #[test]
    fn words_may_follow() {
        assert_eq!(split_minutes("40m on 2026-11-20 disk"), Ok((40, "on 2026-11-20 disk")));
        assert_eq!(split_minutes("40m: disk replaced"), Ok((40, "disk replaced")));
        assert_eq!(split_minutes("40m 3 servers"), Ok((40, "3 servers")));
        assert_eq!(split_minutes("1h 30 servers"), Err(DurationFault::TwoReadings));
        assert_eq!(split_minutes("1h30 servers"), Ok((90, "servers")));
    }

    #[test]
    fn minutes_are_shown_as_people_write_them() {
        assert_eq!(show_minutes(85, HourSign::H), "1 h 25 min");
        assert_eq!(show_minutes(85, HourSign::U), "1 u 25 min");
        assert_eq!(show_minutes(-15, HourSign::U), "-15 min");
        assert_eq!(show_minutes(120, HourSign::H), "2 h");
        assert_eq!(show_minutes(0, HourSign::H), "0 min");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(minutes in -MOST_MINUTES..=MOST_MINUTES) {
            prop_assume!(minutes != 0);
            prop_assert_eq!(parse_minutes(&show_minutes(minutes, HourSign::H)), Ok(minutes));
            prop_assert_eq!(parse_minutes(&show_minutes(minutes, HourSign::U)), Ok(minutes));
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = parse_minutes(&text);
        }
    }
}
