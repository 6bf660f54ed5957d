//! What is new in a mail: the text cut into newly written lines, quoted lines and the signature.
//!
//! First every line gets a kind by its own form; then the kinds, in their order, tell where each line goes.
//! Every look ahead is bounded, so the time grows with the length of the text only.

/// A text cut in three. No line is lost: each stands in exactly one of the parts, in its order; only blank
/// lines at the ends of a part are dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// What the writer wrote now.
    pub fresh: String,
    /// What was written before: quotes with the lines that introduce them.
    pub quoted: String,
    /// The signature of this mail, `-- ` line and "Sent from my …" included.
    pub signature: String,
}

/// How many lines a wrapped "On … wrote:" may take.
const MAX_ATTRIBUTION_LINES: usize = 5;
/// Within how many lines the fields of a quoted header must follow its `From:`.
const MAX_HEADER_LINES: usize = 8;
/// The most lines with words of a signature that begins with `--` without the blank of RFC 3676.
const MAX_LOOSE_SIGNATURE: usize = 12;
/// The part of a line that is looked at, in bytes.
const MAX_LINE: usize = 500;

/// What a line is by its own form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Text,
    /// Begins with `>`.
    Quote,
    /// Part of "On … wrote:".
    Attribution,
    /// From here everything is quoted: "-----Original Message-----", or `From:` of a quoted header.
    History,
    /// `-- ` or `--`.
    Dashes,
    /// "Sent from my …".
    Mobile,
}

/// Where a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Fresh,
    Quoted,
    Signature,
}

/// Cuts the readable text of a mail.
#[must_use]
pub fn cut(text: &str) -> Reply {
    let lines: Vec<&str> = text.lines().collect();
    let kinds = classify(&lines);
    let places = place(&lines, &kinds);
    let part = |wanted: Place| {
        let own = lines.iter().zip(&places).filter(|(_, place)| **place == wanted).map(|(line, _)| *line);
        without_outer_blanks(&own.collect::<Vec<_>>())
    };
    Reply { fresh: part(Place::Fresh), quoted: part(Place::Quoted), signature: part(Place::Signature) }
}

fn classify(lines: &[&str]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = lines.iter().map(|line| by_form(line)).collect();
    let mut at = 0;
    while at < lines.len() {
        if kinds[at] == Kind::Text {
            if is_history_start(lines, at) {
                kinds[at] = Kind::History;
            } else if let Some(length) = attribution(lines, &kinds, at) {
                kinds[at..at + length].fill(Kind::Attribution);
                at += length - 1;
            }
        }
        at += 1;
    }
    kinds
}

fn by_form(line: &str) -> Kind {
    let trimmed = trim(line);
    if trimmed.is_empty() {
        Kind::Blank
    } else if trimmed.starts_with('>') && trimmed != ">:" {
        // `>:` is the end of an attribution that was wrapped within its address.
        Kind::Quote
    } else if matches!(trimmed, "--" | "—" | "–") && !line.starts_with([' ', '\t']) {
        Kind::Dashes
    } else if is_mobile(trimmed) {
        Kind::Mobile
    } else {
        Kind::Text
    }
}

/// Tells each line its place.
fn place(lines: &[&str], kinds: &[Kind]) -> Vec<Place> {
    let end = history_start(lines, kinds);
    let mut places = vec![Place::Quoted; lines.len()];
    let mut at = 0;
    while at < end {
        if is_quoted(kinds[at]) {
            at += 1;
            continue;
        }
        // A run of lines up to the next quote. Blank lines alone between quotes belong to the quote.
        let stop = (at..end).find(|&next| is_quoted(kinds[next])).unwrap_or(end);
        if kinds[at..stop].iter().any(|kind| *kind != Kind::Blank) {
            place_run(lines, kinds, at, stop, &mut places);
        }
        at = stop;
    }
    places
}

fn is_quoted(kind: Kind) -> bool {
    matches!(kind, Kind::Quote | Kind::Attribution | Kind::History)
}

/// Places the lines of a run that holds no quotes: new text, then perhaps a signature.
fn place_run(lines: &[&str], kinds: &[Kind], start: usize, stop: usize, places: &mut [Place]) {
    places[start..stop].fill(Place::Fresh);
    let mut words = 0;
    let dashes = (start..stop).rev().find(|&at| {
        words += usize::from(kinds[at] != Kind::Blank);
        kinds[at] == Kind::Dashes && (lines[at] == "-- " || words <= MAX_LOOSE_SIGNATURE + 1)
    });
    if let Some(at) = dashes {
        places[at..stop].fill(Place::Signature);
    }
    let Some(last) = (start..dashes.unwrap_or(stop)).rev().find(|&at| kinds[at] != Kind::Blank) else { return };
    if kinds[last] == Kind::Mobile {
        places[last..stop].fill(Place::Signature);
    }
}

/// The first line from which everything is history: a quoted header, a separator, or an "On … wrote:" that
/// no `>` line follows (programs that quote without marks).
fn history_start(lines: &[&str], kinds: &[Kind]) -> usize {
    let mut next_words = Kind::Blank;
    let mut first = lines.len();
    // From the end, so that what follows an attribution is known when it is met.
    for at in (0..lines.len()).rev() {
        let is_bare =
            kinds[at] == Kind::Attribution && !matches!(next_words, Kind::Quote | Kind::Attribution | Kind::Blank);
        if kinds[at] == Kind::History || is_bare {
            first = at;
        }
        if kinds[at] != Kind::Blank {
            next_words = if first == at { Kind::History } else { kinds[at] };
        }
    }
    // A rule of underscores above a quoted header belongs to it, and so do the attribution's first lines.
    while first > 0 && first < lines.len() && kinds[first - 1] == Kind::Attribution {
        first -= 1;
    }
    let above = (0..first).rev().take(3).find(|&at| kinds[at] != Kind::Blank);
    match above {
        Some(at) if first < lines.len() && is_rule(lines[at]) => at,
        _ => first,
    }
}

/// "-----Original Message-----" and its kin, or a header block as Outlook writes it.
fn is_history_start(lines: &[&str], at: usize) -> bool {
    is_separator(trim(lines[at])) || is_titled_header(lines, at) || is_header_block(lines, at)
}

/// A title between dashes right above three fields, one with an address: the form that programs share in
/// all languages.
fn is_titled_header(lines: &[&str], at: usize) -> bool {
    let line = trim(lines[at]);
    let is_title = line.starts_with("----") && line.ends_with("----") && !is_rule(line) && line.len() <= 100;
    let next = || lines[at + 1..].iter().take(3);
    is_title
        && next().filter(|line| field_name(line).is_some()).count() == 3
        && next().any(|line| lower(line).contains('@'))
}

fn is_separator(line: &str) -> bool {
    let inner = line.trim_start_matches(['-', '_', ' ', '*']).trim_end_matches(['-', '_', ' ', '*', ':']);
    if !["--", "__", "Begin"].iter().any(|start| line.starts_with(start)) {
        return false;
    }
    matches!(
        lower(inner).as_str(),
        "original message"
            | "oorspronkelijk bericht"
            | "origineel bericht"
            | "oorspronkelijke e-mail"
            | "ursprüngliche nachricht"
            | "message d'origine"
            | "forwarded message"
            | "doorgestuurd bericht"
            | "begin forwarded message"
            | "begin doorgestuurd bericht"
            | "original appointment"
            | "oorspronkelijke afspraak"
            | "reply message"
            | "original email"
    )
}

/// `From:` followed at once by at least two of date, addressee and subject.
fn is_header_block(lines: &[&str], at: usize) -> bool {
    if !matches!(field_name(lines[at]).as_deref(), Some("from" | "van" | "von" | "de" | "expéditeur")) {
        return false;
    }
    let next = lines[at + 1..].iter().take(MAX_HEADER_LINES).filter_map(|line| field_name(line));
    let is_field = |name: &String| {
        matches!(
            name.as_str(),
            "sent"
                | "date"
                | "verzonden"
                | "datum"
                | "gesendet"
                | "envoyé"
                | "verstuurd"
                | "to"
                | "aan"
                | "an"
                | "à"
                | "cc"
                | "subject"
                | "onderwerp"
                | "betreff"
                | "objet"
                | "reply-to"
                | "antwoord aan"
        )
    };
    next.filter(is_field).count() >= 2
}

/// The word before a colon at the start of a line, without marks for bold, in small letters.
fn field_name(line: &str) -> Option<String> {
    let (name, _) = trim(line).trim_start_matches('*').split_once(':')?;
    let name = name.trim_end_matches(['*', ' ', '\u{a0}']);
    (1..=20).contains(&name.len()).then(|| name.to_lowercase())
}

/// How many lines an "On … wrote:" takes that begins here.
fn attribution(lines: &[&str], kinds: &[Kind], at: usize) -> Option<usize> {
    let mut joined = String::new();
    let is_opened = is_attribution_opening(trim(lines[at]));
    for (index, line) in lines[at..].iter().take(MAX_ATTRIBUTION_LINES).enumerate() {
        if kinds[at + index] != Kind::Text {
            return None;
        }
        joined.push_str(&lower(trim(line)));
        joined.push(' ');
        if joined.len() > MAX_LINE {
            return None;
        }
        if joined.trim_end().ends_with(':') {
            let is_introduced = is_opened && has_moment(&joined) && says_wrote(&joined);
            let next = kinds[at + index + 1..].iter().take(3).find(|kind| **kind != Kind::Blank);
            // Right above a quote, the verb or an address beside a moment will do, in whatever language.
            let is_above_quote = next == Some(&Kind::Quote) && (says_wrote(&joined) || names_writer(&joined));
            return (is_introduced || index <= 1 && is_above_quote).then_some(index + 1);
        }
        if !is_opened && index >= 1 {
            return None;
        }
    }
    None
}

fn is_attribution_opening(line: &str) -> bool {
    let opening = lower(line.get(..12).unwrap_or(line));
    ["on ", "op ", "am ", "le ", "in a message", "el ", "il "].iter().any(|word| opening.starts_with(word))
        || line.starts_with(|c: char| c.is_ascii_digit())
}

fn says_wrote(joined: &str) -> bool {
    let end = joined.trim_end_matches(|c: char| c == ':' || c.is_whitespace());
    ["wrote", "schreef", "geschreven", "schrieb", "a écrit", "writes", "schrijft", "het volgende", "écrit", "scritto"]
        .iter()
        .any(|verb| end.ends_with(verb))
        // Gmail in Dutch and Outlook for the web put the name behind the verb.
        || [" schreef ", " schrieb ", " wrote "].iter().any(|verb| end.contains(verb)) && (end.ends_with('>') || end.len() < 200)
}

/// A year, a time of day or a mail address: what an attribution has and a sentence seldom.
fn has_moment(joined: &str) -> bool {
    let signs = joined.as_bytes();
    let is_time = |w: &[u8]| {
        w[0].is_ascii_digit() && matches!(w[1], b':' | b'.') && w[2].is_ascii_digit() && w[3].is_ascii_digit()
    };
    joined.contains('@')
        || signs.windows(4).any(|w| is_time(w) || w.iter().all(u8::is_ascii_digit))
        || signs.windows(5).filter(|w| w[0].is_ascii_digit() && matches!(w[1], b'-' | b'/')).count() > 0
}

/// A mail address in angle brackets and a year or time of day.
fn names_writer(joined: &str) -> bool {
    let has_address = joined.split('<').skip(1).any(|rest| rest.contains('@') && rest.contains('>'));
    has_address && has_moment(&joined.replace('@', " "))
}

/// Lines that programs on telephones add: a few words, unlike a sentence that begins in the same way.
fn is_mobile(line: &str) -> bool {
    const OPENINGS: &[&str] = &[
        "sent from my ",
        "sent from mail for ",
        "sent from outlook",
        "sent from yahoo",
        "sent from samsung",
        "sent from proton",
        "sent from a mobile",
        "sent via ",
        "sent with ",
        "get outlook for ",
        "verstuurd vanaf ",
        "verzonden vanaf ",
        "verzonden met ",
        "verstuurd met ",
        "verstuurd via ",
        "outlook voor ",
        "download outlook",
        "von meinem ",
        "gesendet von ",
        "gesendet mit ",
        "envoyé de mon ",
        "envoyé depuis ",
        "vanaf mijn ",
        "sent by outlook",
        "verzonden via ",
        "sent on the go",
        "sent using ",
        "outlook for ",
    ];
    let opening = lower(line).replace(['[', '*', '_'], "");
    line.split_whitespace().count() <= 9 && OPENINGS.iter().any(|words| opening.trim_start().starts_with(words))
}

/// A line of underscores or dashes only.
fn is_rule(line: &str) -> bool {
    let line = trim(line);
    line.len() >= 10 && line.chars().all(|c| matches!(c, '_' | '-' | '─' | '—'))
}

fn trim(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{200e}' | '\u{200f}'))
}

/// The start of a line in small letters.
fn lower(line: &str) -> String {
    let end = (0..=MAX_LINE.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    line[..end].to_lowercase()
}

fn without_outer_blanks(lines: &[&str]) -> String {
    let is_filled = |line: &&str| !trim(line).is_empty();
    let Some(first) = lines.iter().position(is_filled) else { return String::new() };
    let last = lines.iter().rposition(is_filled).unwrap_or(first);
    lines[first..=last].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, fresh: &str, quoted_has: &str, signature: &str) {
        let reply = cut(text);
        assert_eq!((reply.fresh.as_str(), reply.signature.as_str()), (fresh, signature), "{text:?}\n{reply:?}");
        assert!(reply.quoted.contains(quoted_has), "{quoted_has:?} not in {:?}", reply.quoted);
        let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let parts = [&reply.fresh, &reply.quoted, &reply.signature];
        let mut kept: Vec<&str> = parts.iter().flat_map(|p| p.lines()).filter(|line| !line.trim().is_empty()).collect();
        lines.sort_unstable();
        kept.sort_unstable();
        assert_eq!(lines, kept, "no line is lost");
    }

    #[test]
    fn a_mail_without_quotes_is_new() {
        check("Hello\n\nThe site is down.\n", "Hello\n\nThe site is down.", "", "");
        check("", "", "", "");
        check("On Monday he wrote:\nsomething", "On Monday he wrote:\nsomething", "", "");
        check("From: me to you\nthanks", "From: me to you\nthanks", "", "");
    }

    #[test]
    fn gmail_and_apple_in_dutch_and_english() {
        check(
            "Ja, graag.\n\nOp ma 23 nov 2026 om 10:00 schreef Desk <desk@x.nl>:\n\n> Zal ik?\n> Groet\n",
            "Ja, graag.",
            "Zal ik?",
            "",
        );
        check(
            "Ja.\n\nOp ma 23 nov 2026 om 10:00 schreef Een Heel Lange Naam\n<desk@x.nl>:\n> Zal ik?\n",
            "Ja.",
            "schreef Een",
            "",
        );
        check("Yes.\n\nOn Mon, Nov 23, 2026 at 10:00 AM Desk <desk@x.nl> wrote:\n> Shall I?\n", "Yes.", "wrote:", "");
        check(
            "Yes.\n\nOn Mon, Nov 23, 2026 at 10:00 AM A Very Long Name\n<desk@x.nl>\nwrote:\n\n> Shall I?\n",
            "Yes.",
            "On Mon",
            "",
        );
        let apple = "Prima\n\nVerstuurd vanaf mijn iPhone\n\n> Op 23 nov 2026 om 10:00 heeft Desk <d@x.nl> het volgende geschreven:\n> \n> Zal ik?";
        check(apple, "Prima", "Zal ik?", "Verstuurd vanaf mijn iPhone");
        check(
            "Goed\n\nOp 23 nov 2026, om 10:00 heeft Desk <d@x.nl> het volgende geschreven:\n\nZal ik?",
            "Goed",
            "Zal ik?",
            "",
        );
        check("OK\n\nOp 23-11-2026 om 10:00 schreef Jan:\n> Zal ik?", "OK", "schreef Jan", "");
    }

    #[test]
    fn outlook_quotes_without_marks() {
        check(
            "Akkoord.\n\nGroet, Ann\n\nVan: Desk <desk@x.nl>\nVerzonden: maandag 23 november 2026 10:00\nAan: Ann\nOnderwerp: RE: x\n\nZal ik?",
            "Akkoord.\n\nGroet, Ann",
            "Zal ik?",
            "",
        );
        check(
            "Fine.\n\n________________________________\nFrom: Desk\nSent: Monday\nTo: Ann\nSubject: x\n\n#time 1h",
            "Fine.",
            "____",
            "",
        );
        check("Fine.\n\n-----Original Message-----\nFrom: Desk\n\nShall I?", "Fine.", "Shall I?", "");
        check("Goed.\n\n-----Oorspronkelijk bericht-----\nVan: Desk\n\nZal ik?", "Goed.", "Zal ik?", "");
        check("Fine.\n\n*From:* Desk\n*Sent:* Monday\n*Subject:* x\n\nold", "Fine.", "old", "");
        check(
            "Get Outlook for iOS\n________________________________\nFrom: D\nSent: M\nTo: A\nSubject: x\nold",
            "",
            "old",
            "Get Outlook for iOS",
        );
    }

    #[test]
    fn other_languages_are_known_by_their_form() {
        check("Ja\n\n29 грудня 2017 р. о 19:09 <d@x.nl> написав:\n> старе", "Ja", "написав", "");
        check("Ja\n\ntir. 18. apr. 2017 kl. 13:09 skrev Desk <d@x.nl\n>:\n\n> gammel", "Ja", "skrev", "");
        check(
            "Ja\n\n-------- Oprindelig besked --------\nFra: D <d@x.nl>\nDato: 4.7.2024\nTil: a@b.dk\n\ngammel",
            "Ja",
            "Fra:",
            "",
        );
        check(
            "Zie:\n---- lijst ----\nAan: 1\nUit: 2\nRust: 3",
            "Zie:\n---- lijst ----\nAan: 1\nUit: 2\nRust: 3",
            "",
            "",
        );
    }

    #[test]
    fn answers_between_quotes_stay_new() {
        check(
            "On Mon, Nov 23, 2026 at 10:00 AM Desk <d@x.nl> wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n-- \nAnn",
            "Yes.\n\n\nNo.",
            "Two?",
            "-- \nAnn",
        );
        check("Op 10:00 schrijf ik dit:\nJa\n> Twee?", "Op 10:00 schrijf ik dit:\nJa", "Twee?", "");
        check("Zie mijn mail van 10:00:\n> Twee?\nJa", "Zie mijn mail van 10:00:\nJa", "Twee?", "");
        check("> Question\n\nAnswer below\n", "Answer below", "Question", "");
    }

    #[test]
    fn signatures() {
        check("Hello\n-- \nAnn\nClient BV\n", "Hello", "", "-- \nAnn\nClient BV");
        check("Hello\n--\nAnn", "Hello", "", "--\nAnn");
        check("Hello\n\nSent from my iPhone", "Hello", "", "Sent from my iPhone");
        check(
            "Hi\n\nSent from my desk, which is much easier than the telephone.",
            "Hi\n\nSent from my desk, which is much easier than the telephone.",
            "",
            "",
        );
        check("Sent from my desk a parcel.\nDid it arrive?", "Sent from my desk a parcel.\nDid it arrive?", "", "");
        check("Hi\n-- \nAnn\n\nOn 23-11-2026 10:00, Desk wrote:\n> old\n> -- \n> Desk", "Hi", "> Desk", "-- \nAnn");
    }

    #[test]
    fn hostile_texts_end() {
        for piece in
            ["On ", "On 2026\n", "From: x\n", "> ", ">\n\n", "-- \n", "--\nx\n", "Op 10:00 schreef\n", "\n", "é", "_"]
        {
            let text = piece.repeat(200_000);
            let _ = cut(&text);
        }
    }
}
