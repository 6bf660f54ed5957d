//! "On … Ann wrote:": the lines that introduce a quote, in the shapes and languages of the usual mail programs.
//!
//! Programs agree on little: the moment, the writer (often with an address) and mostly a verb, in any order, over
//! one to five lines. So the parts are told apart by their form and weighed together; only verbs, first words and
//! names of days come from [`super::words`]. Without `>` below, more is asked than with it: a person's sentence
//! must never hide what they wrote under it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::line::{MAX_LINE, find_word, has_address, lower, trim};
use super::words;

/// How many lines a wrapped attribution may take.
pub const MAX_LINES: usize = 5;

/// The parts that an attribution has.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one observed sign")]
struct Signs {
    /// Begins as attributions do: "On", a day of the week, a date.
    is_opened: bool,
    has_date: bool,
    has_time: bool,
    has_address: bool,
    /// Words before and behind the verb.
    verb: Option<(usize, usize)>,
    /// The verb is the writer's own: "I wrote".
    is_own: bool,
    ends_in_colon: bool,
    /// An address in brackets is the last word.
    ends_in_address: bool,
    words: usize,
}

/// How many lines the attribution takes that begins with the first of these; `is_above_quote` tells whether a quote
/// follows that many lines.
pub fn length(lines: &[&str], is_above_quote: impl Fn(usize) -> bool) -> Option<usize> {
    let found = length_from(lines, &is_above_quote)?;
    // A sentence that runs into the next line's attribution is none.
    let begins_later = (1..found).any(|skip| {
        length_from(&lines[skip..found], &|count| is_above_quote(skip + count)).is_some_and(|own| skip + own == found)
            && signs(&joined(&lines[skip..found])).is_opened
    });
    (!begins_later).then_some(found)
}

fn length_from(lines: &[&str], is_above_quote: &impl Fn(usize) -> bool) -> Option<usize> {
    let first = lines.first()?;
    lines.iter().take(MAX_LINES).find(|line| may_end(trim(line)))?;
    let is_opened = is_opened(plain(&lower(trim(first))));
    let most = if is_opened { MAX_LINES } else { 3 };
    let mut end = 0;
    for (index, line) in lines.iter().take(most).enumerate() {
        end += line.len();
        if end > MAX_LINE {
            return None;
        }
        if !may_end(trim(line)) {
            continue;
        }
        let raw = joined(&lines[..=index]);
        // A moment or an address is asked of all but names right above a quote.
        if !raw.contains(|c: char| c.is_numeric() || c == '@') && !is_above_quote(index + 1) {
            continue;
        }
        let signs = signs(&raw);
        if is_certain(&signs, &raw) || is_above_quote(index + 1) && is_likely(&signs, &raw) {
            return Some(index + 1);
        }
        if trim(line).ends_with([':', '：']) {
            return None;
        }
    }
    None
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| trim(line)).collect::<Vec<_>>().join(" ")
}

/// Without the dashes, stars and `>` that stand around some attributions.
fn plain(text: &str) -> &str {
    text.trim_start_matches(['-', '*', '>', ' ', '_', '"', '|'])
}

/// Whether an attribution may end with this line (trimmed).
pub fn may_end(line: &str) -> bool {
    line.ends_with([':', '：', '-', '>', '*', '_']) || is_short_dated(line) || ends_in_verb(line)
}

/// "2016-03-03 17:21 GMT+01:00 Ann Doe" and "Posted by ann on 01/21/2016" have no colon.
fn is_short_dated(line: &str) -> bool {
    line.len() < 120
        && (memchr::memchr(b'G', line.as_bytes()).is_some() && line.contains("GMT") || line.starts_with("Posted by "))
}

fn ends_in_verb(line: &str) -> bool {
    line.len() < 200
        && [" wrote", " écrit", " schrieb", " escribió", " escreveu", " scritto"].iter().any(|w| line.ends_with(w))
}

fn signs(raw: &str) -> Signs {
    let small = lower(raw);
    let text = plain(&small);
    let ends_in_colon = text.trim_end_matches(['-', ' ', '*', '_']).ends_with(':');
    let body = text.trim_end_matches([':', '-', ' ', '*', '_', '.']);
    let (verb, is_own) = verb(body);
    let moments = moments(body);
    Signs {
        is_opened: is_opened(text),
        has_date: moments.0,
        has_time: moments.1,
        has_address: has_address(body),
        verb,
        is_own,
        ends_in_colon,
        ends_in_address: body.ends_with(['>', ']', ')'])
            && body.rfind(['<', '[', '(']).is_some_and(|at| has_address(&body[at..])),
        words: body.split_whitespace().count(),
    }
}

/// What a program wrote, whatever follows.
fn is_certain(signs: &Signs, raw: &str) -> bool {
    if signs.is_own || raw.contains('?') && !raw.contains("=?") || signs.words > 40 {
        return false;
    }
    // "Ann said:" introduces what a person tells, too.
    let is_told = [" said:", " says:", " a dit:", " a dit :"].iter().any(|verb| raw.ends_with(verb));
    if is_told {
        return false;
    }
    let has_moment = signs.has_date || signs.has_time;
    let is_dated = signs.has_date && signs.has_time || signs.has_address && has_moment;
    let is_ended = signs.ends_in_colon || signs.has_address && signs.is_opened;
    match signs.verb {
        // On DATE, NAME <ADDRESS> wrote:
        Some((_, 0)) if signs.is_opened && is_ended => is_dated || signs.has_address && raw.starts_with("In "),
        // Op DATE schreef NAME <ADDRESS>:
        Some((_, behind)) if signs.is_opened && signs.ends_in_colon => {
            is_dated && behind <= 12 && is_name_behind(raw, behind)
        }
        // NAME <ADDRESS> wrote:  and  NAME <ADDRESS> schrieb am DATE:
        Some((_, behind)) if signs.has_address && signs.ends_in_colon => {
            is_name_before_address(raw) && (signs.has_date && signs.has_time || behind == 0 && signs.words <= 12)
        }
        // Thu, 26 Jun 2014 14:00:51 +0400 NAME <ADDRESS>:  and  2013/10/2 NAME <ADDRESS>
        _ => is_moment_and_writer(signs, raw),
    }
}

/// Forms without a verb: the moment, then the writer.
fn is_moment_and_writer(signs: &Signs, raw: &str) -> bool {
    let small = lower(raw);
    let text = plain(&small);
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_iso = first.len() >= 8 && first.starts_with("20") && first.split(['-', '/']).count() == 3;
    let speaks = text.split_whitespace().any(|word| matches!(word, "i" | "ik" | "ich" | "we" | "wij" | "wir"));
    if speaks || signs.words > 20 {
        return false;
    }
    let name = name_behind_moment(raw);
    if is_iso && signs.ends_in_address {
        return name.len() == 1 || !name.is_empty() && name.iter().all(|word| is_name_word(word));
    }
    if is_iso && signs.has_time && text.contains(" gmt") {
        return (1..=4).contains(&name.len()) && name.iter().all(|word| is_name_word(word));
    }
    if let Some(rest) = text.strip_prefix("posted by ") {
        return signs.has_date && signs.words <= 8 && rest.contains(" on ");
    }
    // "Op 23 november 2026 om 10:00 komt Ann <ann@x.nl>:" is a sentence.
    let is_between = |word: &&str| is_name_word(word) || BETWEEN.contains(&word.trim_end_matches([',', '.']));
    let is_written =
        signs.is_opened && signs.has_date && signs.has_time && signs.ends_in_address && signs.ends_in_colon;
    is_written && name.iter().all(is_between)
}

/// What may stand between a moment and a writer's name.
const BETWEEN: &[&str] = &[
    "от",
    "from",
    "by",
    "г",
    "р",
    "в",
    "о",
    "at",
    "am",
    "pm",
    "a.m",
    "p.m",
    "uhr",
    "de",
    "von",
    "van",
    "da",
    "od",
    "пользователь",
    "користувач",
];

/// The words between the last one with a digit and the address.
fn name_behind_moment(raw: &str) -> Vec<&str> {
    let before = raw.find(['<', '(', '[']).filter(|at| raw[*at..].contains('@')).map_or(raw, |at| &raw[..at]);
    let all: Vec<&str> = before.split_whitespace().collect();
    let behind = all.iter().rposition(|word| word.contains(|c: char| c.is_numeric())).map_or(0, |at| at + 1);
    all[behind..].to_vec()
}

/// Enough right above a quote.
fn is_likely(signs: &Signs, raw: &str) -> bool {
    let has_moment = signs.has_date || signs.has_time;
    if signs.is_own || signs.words > 40 || !signs.ends_in_colon {
        return false;
    }
    match signs.verb {
        Some((_, 0)) => signs.is_opened && has_moment || signs.has_address || is_name_alone(raw, signs.words),
        // NAME schreef op DATE:
        Some((before, behind)) if signs.has_date && signs.has_time && behind <= 6 && is_name(raw, before) => true,
        Some((_, behind)) => (signs.is_opened || signs.has_address) && has_moment && behind <= 12,
        None => signs.has_address && has_moment && signs.ends_in_address,
    }
}

/// The verb that stands last, as words before and behind it, and whether the writer speaks of themselves.
fn verb(body: &str) -> (Option<(usize, usize)>, bool) {
    if let Some(verb) = words::WROTE_UNSPACED.iter().find(|verb| body.ends_with(**verb)) {
        return (Some((body[..body.len() - verb.len()].split_whitespace().count(), 0)), false);
    }
    // Only verbs whose first word stands there are searched for.
    static VERBS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
        let mut verbs: HashMap<&str, Vec<&str>> = HashMap::new();
        for verb in words::WROTE {
            verbs.entry(first_run(verb)).or_default().push(verb);
        }
        verbs
    });
    let runs = body.split(|c: char| !c.is_alphanumeric());
    let verbs = runs.filter_map(|run| VERBS.get(run)).flatten();
    let place = |verb: &&str| find_word(body, verb).map(|at| (at, at + verb.len()));
    // The one that ends last; of those the longest.
    let found = verbs.filter_map(place).max_by_key(|(start, end)| (*end, usize::MAX - start));
    let Some((start, end)) = found else { return (None, false) };
    let (before, behind) = (&body[..start], &body[end..]);
    let is_self = |word: Option<&str>| {
        word.is_some_and(|word| words::SELF.contains(&word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')))
    };
    let is_own = is_self(before.split_whitespace().next_back()) || is_self(behind.split_whitespace().next())
        // "schreef ik jullie het volgende": the verb proper stands before.
        || before.split_whitespace().rev().take(4).any(|word| matches!(word, "ik" | "i" | "ich" | "wij" | "we" | "wir"));
    (Some((before.split_whitespace().count(), behind.split_whitespace().count())), is_own)
}

fn first_run(verb: &str) -> &str {
    verb.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

/// Whether a date with its year stands there, and whether a time of day.
fn moments(body: &str) -> (bool, bool) {
    let (mut has_date, mut has_time) = (false, false);
    for word in body.split_whitespace().filter(|word| !word.contains('@') && !word.contains("://")) {
        let runs: Vec<&str> = word.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
        let is_year = |run: &&str| run.len() == 4 && (run.starts_with("19") || run.starts_with("20"));
        has_date |= runs.iter().any(is_year);
        let is_joined = |c: char| word.contains(c);
        has_date |= runs.len() == 3 && (is_joined('/') || is_joined('-') || is_joined('.')) && !is_joined(':');
        let is_clock = |pair: &[&str]| pair[0].len() <= 2 && pair[1].len() == 2;
        let is_parted = is_joined(':') || is_joined('h') || is_joined('.') && runs.len() == 2;
        has_time |= is_parted && runs.windows(2).any(is_clock);
        // 2017年5月8日12:00 holds both.
        has_date |= is_joined('年');
    }
    (has_date, has_time)
}

fn is_opened(text: &str) -> bool {
    if words::OPENINGS_UNSPACED.iter().any(|word| text.starts_with(word)) {
        return true;
    }
    let is_word = |word: &&&str| text.strip_prefix(**word).is_some_and(|rest| rest.starts_with(' '));
    if words::OPENINGS.iter().any(|word| is_word(&word)) {
        return true;
    }
    let mut parts = text.split_whitespace();
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.take(3).collect();
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        // Not the number of a list: "1. Ann wrote".
        let is_number = first.trim_end_matches(['.', ')']).chars().all(|c| c.is_ascii_digit());
        return !is_number || rest.iter().any(|word| has_digit(word));
    }
    let day = first.trim_end_matches([',', '.', ';']);
    (words::WEEKDAYS.contains(&day) || words::MONTHS.contains(&day)) && rest.iter().any(|word| has_digit(word))
}

/// The last words are a name: an address, or not more than seven that begin with capitals.
fn is_name_behind(raw: &str, count: usize) -> bool {
    let all: Vec<&str> = raw.split_whitespace().collect();
    let tail = &all[all.len().saturating_sub(count)..];
    has_address(&tail.join(" ").to_lowercase()) || count <= 7 && tail.iter().take(1).all(|word| is_name_word(word))
}

/// Before the address stand names only: "Zie de mail van Ann <ann@x.nl>" is a sentence.
fn is_name_before_address(raw: &str) -> bool {
    let before = raw.split(['<', '(', '[']).next().unwrap_or_default();
    before.split_whitespace().count() <= 8 && before.split_whitespace().all(is_name_word)
}

/// "Ann de Vries wrote:", "ann via Forum wrote:".
fn is_name_alone(raw: &str, words: usize) -> bool {
    if words > 7 {
        return false;
    }
    let mut all: Vec<&str> = raw.split_whitespace().collect();
    all.pop();
    all.contains(&"via") || !all.is_empty() && all.len() <= 4 && all.iter().all(|word| is_name_word(word))
}

/// The first words, up to four, are a name.
fn is_name(raw: &str, count: usize) -> bool {
    (1..=4).contains(&count) && raw.split_whitespace().take(count).all(is_name_word)
}

fn is_name_word(word: &str) -> bool {
    const PARTICLES: &[&str] = &[
        "de", "van", "der", "den", "het", "ten", "ter", "te", "von", "zu", "da", "di", "du", "la", "le", "el", "via",
        "-", "|", "/", "&",
    ];
    let sign = word.trim_start_matches(['"', '\'', '“', '„', '«', '(', '*']).chars().next();
    PARTICLES.contains(&word) || sign.is_none_or(|c| !c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many lines are an attribution without a quote below, and above one.
    fn check(text: &str, bare: usize, above_quote: usize) {
        let lines: Vec<&str> = text.lines().collect();
        let found = (length(&lines, |_| false).unwrap_or(0), length(&lines, |n| n == lines.len()).unwrap_or(0));
        assert_eq!(found, (bare, above_quote), "{text:?} {:?}", signs(&joined(&lines)));
    }

    #[test]
    fn on_date_somebody_wrote_in_many_languages() {
        for line in [
            "On Mon, Nov 23, 2026 at 10:00 AM Ann Doe <ann@x.nl> wrote:",
            "On 23 Nov 2026, at 10:00, Ann Doe <ann@x.nl> wrote:",
            "On Nov 23, 2026, at 10:00 AM, ann<ann@x.nl>wrote:",
            "On 01/03/26 7:07 PM, Ann Doe wrote:",
            "On Mon, 2026-11-23 at 13:58 +0000, Ann Doe wrote:",
            "At 6/16/2026 08:32 PM, you wrote:",
            "In message <1234@x.nl> Ann Doe <ann@x.nl> writes:",
            "---- On Mon, 23 Nov 2026 14:02:50 +0100 ann@x.nl wrote ----",
            "Op ma 23 nov 2026 om 10:00 schreef Ann de Vries <ann@x.nl>:",
            "Op 23-11-2026 om 10:00 schreef Ann:",
            "Op 23 nov. 2026 om 16:48 heeft Ann <ann@x.nl> het volgende geschreven:",
            "Am 23.11.2026 um 16:24 schrieb Ann <ann@x.de>:",
            "Am Mo., 23. Nov. 2026 um 11:53 Uhr schrieb Ann Muster <ann@x.de>:",
            "Le lun. 23 nov. 2026 à 19:42, Ann - Société <ann@x.fr> a écrit :",
            "Le 23/11/2026 à 19:42, Ann Dupont a écrit :",
            "El lun, 23 nov 2026 a las 12:00, Ann (<ann@x.es>) escribió:",
            "Il giorno lun 23 nov 2026 alle ore 12:00 Ann <ann@x.it> ha scritto:",
            "Em seg., 23 de nov. de 2026 às 12:00, Ann <ann@x.pt> escreveu:",
            "Den 23. nov. 2026 kl. 10.00 skrev Ann <ann@x.dk>:",
            "ons. 25. nov. 2026 kl. 10:00 skrev Ann <ann@x.no>:",
            "Den mån 23 nov. 2026 kl 10:00 skrev Ann <ann@x.se>:",
            "4 dec. 2026 kl. 18:36 skrev Ann Berg <ann@x.se>:",
            "ma 23. marrask. 2026 klo 10.00 Ann (ann@x.fi) kirjoitti:",
            "pon., 23 lis 2026 o 10:00 Ann <ann@x.pl> napisał(a):",
            "Dnia 23 listopada 2026 12:08 Ann <ann@x.pl> napisał(a):",
            "W dniu 23.11.2026 o 12:08, Ann pisze:",
            "po 23. 11. 2026 v 10:00 odesílatel Ann <ann@x.cz> napsal:",
            "Dne 23.11.2026 v 10:00 Ann napsal(a):",
            "понедельник, 23 ноября 2026 г. в 10:00 пользователь Ann <ann@x.ru> написал:",
            "пн, 23 лист. 2026 р. о 10:00 Ann <ann@x.ua> пише:",
            "Στις Δευ 23 Νοε 2026 στις 10:00 π.μ., ο χρήστης Ann <ann@x.gr> έγραψε:",
            "În lun., 23 nov. 2026 la 10:00, Ann <ann@x.ro> a scris:",
            "Vào Th 2, 23 thg 11, 2026 vào lúc 10:00 Ann <ann@x.vn> đã viết:",
            "2026年11月23日(月) 10:00 Ann <ann@x.jp>:",
            "2026/11/23 10:00、Ann <ann@x.jp>のメッセージ:",
            "2026년 11월 23일 (월) 오전 10:00, Ann <ann@x.kr>님이 작성:",
            "在 2026年11月23日，上午10:00，Ann <ann@x.cn> 写道：",
            "Pada tanggal Sen, 23 Nov 2026 pukul 10.00 Ann <ann@x.id> menulis:",
        ] {
            check(line, 1, 1);
        }
    }

    #[test]
    fn somebody_first_and_no_verb_at_all() {
        for line in [
            "Ann Doe <ann@x.nl> wrote:",
            "Ann Muster <ann@x.de> schrieb am Mo., 23. Nov. 2026 um 11:53 Uhr:",
            "Ann <ann@x.hu> ezt írta (időpont: 2026. nov. 23., H, 10:00):",
            "Ann <ann@x.pt> escreveu (segunda, 23/11/2026 à(s) 10:00):",
            "Ann <ann@x.tr>, 23 Kas 2026 Pzt, 10:00 tarihinde şunu yazdı:",
            "张安 <ann@x.cn> 于2026年11月23日周一 上午10:00写道：",
            "11:00 AM, November 23, 2026, \"Ann - Client\" <ann@x.nl>:",
            "23.11.2026, 10:00, \"Ann Doe\" <ann@x.ru>:",
            "Nov 23, 2026, 10:00 AM from Ann Doe <ann@x.nl>:",
            "Thu, 26 Nov 2026 14:00:51 +0400 от Ann Doe <ann@x.ru>:",
            "ср, 25 нояб. 2026, 18:29, Ann Doe <ann@x.ru>:",
            "2026-11-23 10:00 GMT+01:00 Ann Doe <ann@x.nl>:",
            "2026/11/2 anndoe <ann@x.nl>",
            "2026-03-03 17:21 GMT+01:00 Ann Doe",
            "Posted by ann on 01/21/2026",
        ] {
            check(line, 1, 1);
        }
        check("ann via Forum wrote:", 0, 1);
        check("Ann de Vries schreef op 2026-11-23 10:00:", 0, 1);
        check("Ann Muster schrieb am 23.11.2026 10:00:", 0, 1);
        check("Ik schreef op 2026-11-23 10:00:", 0, 0);
        check("Wat ik wilde zeggen en schreef op 2026-11-23 10:00:", 0, 0);
        check("Ann de Vries schreef:", 0, 1);
        check("On Thursday, June 27, 2026, ann via Forum wrote:", 0, 1);
    }

    #[test]
    fn wrapped_lines_belong_together() {
        check("Op ma 23 nov 2026 om 10:00 schreef Een Lange Naam\n<desk@x.nl>:", 2, 2);
        check("Op 12 december 2026 19:05 schreef Bedrijf Vragen <\nvragen@x.nl>:", 2, 2);
        check("On Mon, Nov 23, 2026 at 10:00 AM A Very Long Name\n<desk@x.nl>\nwrote:", 3, 3);
        check("On Jun 17, 2026, at 14:15, Ann - Client <ann@x.nl<\nmailto:ann@x.nl>> wrote:", 2, 2);
        check("Em 10 de julho de 2026 às 16:32:35, Ann - Loja (\nann@x.pt) escreveu:", 2, 2);
        check("02.04.2026 14:20 пользователь \"ann@x.ru\" <\nann@x.ru> написал:", 2, 2);
        check("Il giovedì 8 dicembre 2026, Ann <ann@x.it>\nha scritto:", 2, 2);
    }

    #[test]
    fn sentences_of_persons_stay() {
        for line in [
            "On Monday he wrote:",
            "Op 10:00 schrijf ik dit:",
            "Op 12 maart 2026 om 10:00 schreef ik jullie het volgende:",
            "On 3 March 2026 at 10:00 I wrote:",
            "Am 3. März 2026 um 10:00 habe ich geschrieben:",
            "Zie mijn mail van 10:00:",
            "Zie de mail van Ann <ann@x.nl> van 3 mei 2026 10:00 waarin hij schreef:",
            "On 3 May 2026 Ann wrote that it works.",
            "1. Ann wrote at 10:00 that:",
            "2024-01-15 14:30:25",
            "Op maandag 23 november 2026 om 10:00 komt Ann <ann@x.nl>:",
            "Nov 23 10:00:02 2026 mx postfix: to=<bob@x.nl>:",
            "2026-11-23 10:01 GMT+01:00 error",
            "On 23 November 2026 at 10:00 the supplier (support@x.nl) said:",
            "Jan 15, 2026 at 14:30",
        ] {
            check(
                line,
                0,
                usize::from(
                    line.contains("waarin") || line.contains("bob@") || line.contains("komt") || line.contains("said"),
                ),
            );
        }
        check("Op vrijdag ben ik er om 10:00 in 2026.\nOp 23 nov 2026 om 10:00 schreef Ann <ann@x.nl>:", 0, 0);
    }
}
