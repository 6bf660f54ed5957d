//! Until when is somebody away? The day that an automatic answer names, in Dutch or English.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

/// Where no day can be read, an absence counts for so many days.
pub const UNDATED_DAYS: i64 = 7;

/// A day further off than this is none on which somebody comes back (a copyright line, a year in a signature).
const FARTHEST_DAYS: i64 = 370;

/// A day without a year that has just passed was this year's.
const FARTHEST_DAYS_WITHOUT_YEAR: i64 = 300;

/// So many lines are read: what stands further down is a signature or a quote.
const MOST_LINES: usize = 40;

/// The months in Dutch and English, short or whole.
const MONTH: &str = "(?:jan(?:uary|uari)?|feb(?:ruary|ruari)?|maart|mrt|mar(?:ch)?|apr(?:il)?|mei|may|jun[ei]?|\
    jul[yi]?|aug(?:ust(?:us)?)?|sep(?:t(?:ember)?)?|o[ck]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)";

/// A day in words or digits, with what stands before it: `t/m 5 mei 2026`, `until May 5th`, `2026-05-05`, `05-05-2026`.
#[expect(clippy::unwrap_used, reason = "constant pattern")]
static DAY: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"(?xi) (?P<before> [^\n]{0,40}? )
        (?: \b(?P<y1>20\d\d)-(?P<m1>\d\d?)-(?P<d1>\d\d?)\b
          | \b(?P<d2>\d\d?)[-/.](?P<m2>\d\d?)(?:[-/.](?P<y2>\d{4}|\d\d))?\b
          | \b(?P<d3>\d\d?)(?:st|nd|rd|th|e)?\s+(?:of\s+)?(?P<n3>MONTH)\b\.?(?:,?\s+(?P<y3>\d{4})\b|\s+['’](?P<y5>\d\d)\b)?
          | \b(?P<n4>MONTH)\s+(?P<d4>\d\d?)(?:st|nd|rd|th)?\b(?:,?\s+(?P<y4>\d{4})\b|,?\s+['’](?P<y6>\d\d)\b)? )";
    Regex::new(&form.replace("MONTH", MONTH)).unwrap()
});

/// Words that make the day they stand before the last one away, not the first one back.
#[expect(clippy::unwrap_used, reason = "constant pattern")]
static THROUGH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\bt/m\b|\btot\s+en\s+met\b|\bthrough\b|\bthru\b|\b(?:and|to)\s+including\b|\bup\s+to\s+and\s+including\b|\binclusive\s+of\b)[\s\w,]{0,14}$").unwrap()
});

/// The first day on which somebody is back, as their automatic answer of that day says: the last of the days it names,
/// or the one after, where the answer counts that day in.
#[must_use]
pub fn back_on(subject: &str, text: &str, received_on: Date) -> Option<Date> {
    let read: String = std::iter::once(subject).chain(text.lines().take(MOST_LINES)).collect::<Vec<_>>().join("\n");
    let mut last: Option<Date> = None;
    for found in DAY.captures_iter(&read) {
        let Some(day) = day_of(&found, received_on) else { continue };
        let is_through = found.name("before").is_some_and(|before| THROUGH.is_match(before.as_str()));
        let back = if is_through { day.tomorrow().unwrap_or(day) } else { day };
        let is_meant = back > received_on && back <= received_on.saturating_add(FARTHEST_DAYS.days());
        if is_meant && last.is_none_or(|last| back > last) {
            last = Some(back);
        }
    }
    last
}

fn day_of(found: &regex::Captures<'_>, received_on: Date) -> Option<Date> {
    let number = |names: &[&str]| -> Option<i16> {
        names.iter().find_map(|name| found.name(name)).and_then(|digits| digits.as_str().parse().ok())
    };
    let day = i8::try_from(number(&["d1", "d2", "d3", "d4"])?).ok()?;
    let month: i8 = match ["n3", "n4"].iter().find_map(|name| found.name(name)) {
        Some(name) => month_of(name.as_str())?,
        None => i8::try_from(number(&["m1", "m2"])?).ok()?,
    };
    let year = number(&["y1", "y2", "y3", "y4", "y5", "y6"]);
    match year {
        Some(year) => Date::new(if year < 100 { 2000 + year } else { year }, month, day).ok(),
        // Without a year it is the next such day, unless that is nearly a year off.
        None => {
            let this_year = Date::new(received_on.year(), month, day).ok()?;
            if this_year >= received_on {
                return Some(this_year);
            }
            let next_year = Date::new(received_on.year() + 1, month, day).ok()?;
            let is_near = next_year <= received_on.saturating_add(FARTHEST_DAYS_WITHOUT_YEAR.days());
            Some(if is_near { next_year } else { this_year })
        }
    }
}

/// The month of a name that [`MONTH`] reads.
fn month_of(name: &str) -> Option<i8> {
    const STEMS: [&[&str]; 12] = [
        &["jan"],
        &["feb"],
        &["mar", "maa", "mrt"],
        &["apr"],
        &["may", "mei"],
        &["jun"],
        &["jul"],
        &["aug"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec"],
    ];
    let name = name.to_lowercase();
    let place = STEMS.iter().position(|stems| stems.iter().any(|stem| name.starts_with(stem)))?;
    i8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(subject: &str, text: &str, expected: Option<Date>) {
        assert_eq!(back_on(subject, text, date(2026, 4, 21)), expected, "{subject} / {text}");
    }

    #[test]
    fn a_day_is_read_in_dutch_and_english() {
        let back = Some(date(2026, 5, 5));
        check("Afwezig tot 5 mei", "", back);
        check("", "Ik ben er weer op dinsdag 5 mei 2026.", back);
        check("", "Ik ben afwezig t/m maandag 4 mei.", back);
        check("", "Ik ben met vakantie tot en met 4 mei 2026", back);
        check("", "Vanaf 05-05-2026 ben ik weer bereikbaar", back);
        check("Out of office until 5 May", "", back);
        check("", "I am away through May 4th, 2026.", back);
        check("", "I will be back on Tuesday, May 5.", back);
        check("", "Back on 2026-05-05.", back);
        check("", "I am on leave up to and including Monday 4 May.", back);
        check("", "Terug 5/5", back);
        check("", "Maandag 4 mei ben ik de laatste dag weg; dinsdag 5 mei terug.", back);
    }

    #[test]
    fn of_several_days_the_last_one_counts() {
        check("", "Van 24 april tot 5 mei ben ik afwezig", Some(date(2026, 5, 5)));
        check("Afwezig tot 5 mei", "Sinds 20 april ben ik op reis.", Some(date(2026, 5, 5)));
        check("", "From 27 April through 4 May 2026", Some(date(2026, 5, 5)));
    }

    #[test]
    fn a_day_without_a_year_is_the_next_one() {
        check("", "Terug op 3 januari", Some(date(2027, 1, 3)));
    }

    #[test]
    fn what_names_no_day_to_come_names_none() {
        check("Afwezig", "Ik ben er even niet. Bel 06 12345678 of Mira.", None);
        check("", "Sinds 1 april 2026 ben ik weg.", None);
        check("", "Maybe 4 of us are in. Route 66.", None);
        check("", "Sinds 1995. Kamer 12 marmer", None);
        check("", "Sinds 20 april ben ik weg", None);
        check("", "terug op 31 april", None);
        check("", "In 2031 op 5 mei 2031", None);
        check("", "Ik was weg tot 5 mei 2025", None);
        check("", "Sinds 05-05-1999 in dienst", None);
        check("", "Since May 5, 1999", None);
        check("", "Bijgewerkt op 5 mei '25", None);
        check("", "Updated May 5 ’25", None);
        check("", "Terug 5-5-26, 10:00", Some(date(2026, 5, 5)));
        check("", "Terug op 5 mei 10 uur", Some(date(2026, 5, 5)));
    }
}
