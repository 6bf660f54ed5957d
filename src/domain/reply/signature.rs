//! Where the signature begins at the end of what was written: a delimiter, the line of a telephone, the footer of a
//! list, a legal notice. Without one of these nothing is taken for a signature.

use super::line::{is_reachable, is_rule, lower, trim};
use super::words;

/// The most lines with words of a signature that begins with `--` without the blank of RFC 3676 section 4.3.
const MAX_LOOSE_LINES: usize = 12;
/// The most lines with words below a rule that is drawn with other signs.
const MAX_RULED_LINES: usize = 8;
/// The most words of the line of a telephone.
const MAX_MOBILE_WORDS: usize = 16;
/// How many paragraphs of a legal notice are looked at.
const MAX_NOTICES: usize = 8;
/// How many signatures may hang under each other (a person's, a telephone's, a list's).
const MAX_SIGNATURES: usize = 5;

/// The line from which the rest of these lines is a signature. `is_first`: no words and no quotes stand above them.
pub fn start(lines: &[&str], is_first: bool) -> Option<usize> {
    let mut end = lines.len();
    for _ in 0..MAX_SIGNATURES {
        let kept = &lines[..end];
        let found =
            delimited(kept, is_first).or_else(|| mobile(kept)).or_else(|| notice(kept)).or_else(|| ornament(kept));
        let Some(found) = found else { break };
        end = found;
    }
    (end < lines.len()).then_some(end)
}

/// Whether the line is `-- ` (RFC 3676 section 4.3) or what people and programs write for it.
fn is_delimiter(line: &str) -> bool {
    matches!(trim(line), "--" | "—" | "–" | "__") && !line.starts_with([' ', '\t'])
}

/// Whether a signature begins with a delimiter.
pub fn is_delimited(signature: &str) -> bool {
    signature.lines().next().is_some_and(is_delimiter)
}

fn delimited(lines: &[&str], is_first: bool) -> Option<usize> {
    let proper = lines.iter().rposition(|line| *line == "-- ");
    let mut words = 0;
    for (at, line) in lines.iter().enumerate().rev() {
        if Some(at) == proper {
            return proper;
        }
        if is_delimiter(line) {
            return (words <= MAX_LOOSE_LINES).then_some(at);
        }
        if is_drawn(line) && (1..=MAX_RULED_LINES).contains(&words) {
            let has_words_above = lines[..at].iter().any(|line| !trim(line).is_empty());
            if (has_words_above || !is_first) && is_footer(&lines[at + 1..]) {
                return Some(at);
            }
        }
        words += usize::from(!trim(line).is_empty());
        if words > MAX_LOOSE_LINES {
            return proper;
        }
    }
    None
}

/// A rule that some put above their signature, and others between two parts of a text.
fn is_drawn(line: &str) -> bool {
    is_rule(line) || matches!(trim(line), "---" | "----" | "___" | "____" | "===" | "====" | "***" | "++" | "==")
}

/// Below a drawn rule only what can be nothing else: few short lines, one with an address, a link or a telephone
/// number, none a sentence, a question or a tag.
fn is_footer(lines: &[&str]) -> bool {
    let words = || lines.iter().map(|line| trim(line)).filter(|line| !line.is_empty());
    let is_plain = |line: &str| {
        line.chars().count() <= 90
            && !line.starts_with(['#', '-', '*', '>', '•'])
            && !line.ends_with(['?', ':'])
            && (is_reachable(line) || line.split_whitespace().count() <= 7)
    };
    words().any(is_reachable) && words().all(is_plain)
}

/// Lines without a letter or digit at the end: rules under which nothing came, the dot of a mail tracker (U+1427).
fn ornament(lines: &[&str]) -> Option<usize> {
    let is_drawn = |line: &&str| {
        let line = trim(line);
        line.chars()
            .all(|c| matches!(c, '-' | '_' | ',' | '=' | '+' | '~' | '#' | '*' | '—' | '–' | '─' | ' ' | '\u{1427}'))
            && (line.is_empty() || line.chars().count() >= 2 || line == "\u{1427}")
    };
    let last = lines.iter().rposition(|line| !is_drawn(line))?;
    let first = lines[last + 1..].iter().position(|line| !trim(line).is_empty())?;
    Some(last + 1 + first)
}

/// "Sent from my iPhone" as the last line.
fn mobile(lines: &[&str]) -> Option<usize> {
    let last = lines.iter().rposition(|line| !trim(line).is_empty() && !is_rule(line))?;
    if is_mobile(lines[last]) {
        return Some(last);
    }
    // The link of the program may stand on its own line, or an excuse.
    let small = lower(trim(lines[last]));
    let is_aside =
        small.starts_with("<http") || small.starts_with("http") || small.contains("excuse") && small.len() < 80;
    let before = lines[..last].iter().rposition(|line| !trim(line).is_empty())?;
    (is_aside && is_mobile(lines[before])).then_some(before)
}

/// Lines that programs on telephones add: a few words, unlike a sentence that begins in the same way.
fn is_mobile(line: &str) -> bool {
    let line = trim(line);
    if line.len() > 250 {
        return false;
    }
    let small = lower(line).replace("[outlook", "outlook").replace("[proton", "proton");
    let bare = small.trim_start_matches(['[', '(', '<', '*', '_', '~', '-', '"', '>', ' ', '.']);
    let link = ["<http", "(http", "[http", "](", "http", "<mailto"].iter().filter_map(|mark| bare.find(mark)).min();
    let bare = bare[..link.unwrap_or(bare.len())]
        .trim_end_matches(['[', '(', '<', ']', ')', '>', '*', '_', '.', ' ', '"', '-']);
    let count = bare.split_whitespace().take(MAX_MOBILE_WORDS + 1).count();
    if count > MAX_MOBILE_WORDS {
        return false;
    }
    let names_device = words::DEVICES.iter().any(|word| bare.contains(word));
    let is_excused = ["k-9", "brevity", "typos", "excuse", "tikfouten", "kürze"].iter().any(|word| bare.contains(word));
    let most = if is_excused || bare.ends_with("gesendet") { MAX_MOBILE_WORDS } else { 9 };
    let is_opened = words::MOBILE.iter().any(|opening| bare.starts_with(opening));
    let is_closed =
        words::MOBILE_ENDINGS.iter().any(|ending| bare.ends_with(ending.trim_end_matches('.'))) && count <= 6;
    // Nobody begins a sentence of five words so but in jest: "Sent from a tin can".
    let is_jest = bare.starts_with("sent from ") && count <= 7 && !bare.contains(',') && !line.ends_with('.');
    count <= most && names_device && (is_opened || is_closed) || is_jest
}

/// A legal notice, which may take several paragraphs.
fn notice(lines: &[&str]) -> Option<usize> {
    let mut end = lines.len();
    let mut found = None;
    for _ in 0..MAX_NOTICES {
        let last = lines[..end].iter().rposition(|line| !trim(line).is_empty())?;
        let first = lines[..last].iter().rposition(|line| trim(line).is_empty()).map_or(0, |blank| blank + 1);
        // What stands alone is what the person wrote.
        if first == 0 || lines[..first].iter().all(|line| trim(line).is_empty()) {
            break;
        }
        let text = paragraph(&lines[first..=last]);
        let hits = words::LEGAL.iter().filter(|word| text.contains(**word)).count();
        let is_opened = words::LEGAL_OPENINGS
            .iter()
            .any(|word| text.trim_start_matches(['*', '_', '-', ' ', '"']).starts_with(word));
        let is_on_printing = text.len() < 300 && words::PRINTING.iter().any(|word| text.contains(word));
        if is_opened && hits >= 2 || hits >= 4 || is_on_printing {
            found = Some(first);
        } else if hits == 0 && !lines[first..=last].iter().all(|line| is_rule(line)) {
            break;
        }
        end = first;
    }
    found
}

/// How many lines a mail server put above a mail from outside ("CAUTION: This email originated from outside …").
pub fn banner(lines: &[&str]) -> usize {
    const MAX_LINES: usize = 12;
    let Some(first) = lines.iter().take(MAX_LINES).position(|line| !trim(line).is_empty()) else { return 0 };
    let Some(length) = lines[first..].iter().take(MAX_LINES).position(|line| trim(line).is_empty()) else { return 0 };
    let text = paragraph(&lines[first..first + length]);
    let is_opened = words::BANNER_OPENINGS
        .iter()
        .any(|word| text.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(word));
    let hits = words::BANNER.iter().filter(|word| text.contains(**word)).count();
    if is_opened && hits >= 3 { first + length } else { 0 }
}

/// The words of a paragraph, up to a bound.
fn paragraph(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&lower(trim(line)));
        text.push(' ');
        if text.len() > 3_000 {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first line of the signature, or nothing.
    fn check(text: &str, expected: &str) {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(start(&lines, true).map_or("", |at| lines[at]), expected, "{text:?}");
    }

    #[test]
    fn delimiters() {
        check("Hallo\n-- \nAnn", "-- ");
        check("Hallo\n--\nAnn", "--");
        check("Hallo\n__\nlist\nlist@x.nl", "__");
        check("Hallo\n-- \nAnn\n--\nlist", "-- ");
        check(
            "Hallo\n\n_______________________________________________\nusers mailing list\nusers@x.nl\nhttp://x.nl/list",
            "_______________________________________________",
        );
        check("Hallo\n---\nAnn Doe\n+31 20 123 45 67", "---");
        check("Hallo\n====\nAnn Doe\nann@x.nl", "====");
        check("Hallo\n\n***\n~~~~\n\n----\n", "***");
        check("Hallo\n\n\u{1427}", "\u{1427}");
    }

    #[test]
    fn what_looks_like_a_delimiter_stays() {
        check("## Punten\n----\n\n1. Een\n2. Twee\n\n----\n\nDit is opmaak, geen ondertekening.", "");
        check("Eerst dit\n---\nDan dat graag voor 10 uur, zie http://x.nl/pagina\nWat denk je?", "");
        check("Optie A\n-----\nOptie B", "");
        check("Wegens:\n-- eerst dit\n-- dan dat", "");
    }

    #[test]
    fn lines_of_telephones() {
        for line in [
            "Sent from my iPhone",
            "Sent from my Samsung Galaxy smartphone.",
            "Sent from Mail for Windows",
            "Sent from Yahoo Mail on Android",
            "Sent from TypeApp<http://www.x.com/r?b=26>",
            "Sent from [Proton Mail](https://proton.me/mail/home) for iOS",
            "<<sent by galaxy>>",
            "(sent from a phone)",
            "Ann from mobile",
            "From My Iphone 6",
            "Sent with Airmail",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Get [Outlook for Android](https://aka.ms/x)",
            "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
            "Verstuurd vanaf mijn iPhone",
            "Verzonden vanaf mijn Galaxy",
            "Verzonden vanuit Outlook voor iOS",
            "Outlook voor Android downloaden",
            "Von meinem iPhone gesendet",
            "Diese Nachricht wurde von meinem Android-Mobiltelefon mit K-9 Mail gesendet.",
            "Gesendet von Mail für Windows",
            "Envoyé de mon iPhone",
            "Envoyé à partir de Outlook pour iOS<https://aka.ms/o0ukef>",
            "Télécharger Outlook pour Android",
            "Enviado desde mi iPhone",
            "Enviado do meu iPhone",
            "Inviato da iPhone",
            "Sendt fra min iPhone",
            "Hent Outlook til iOS",
            "Skickat från min iPhone",
            "Lähetetty iPhonesta",
            "Wysłano z iPhone'a",
            "Odesláno z iPhonu",
            "Elküldve az iPhone-omról",
            "Trimis de pe iPhone-ul meu",
            "iPhone'umdan gönderildi",
            "Στάλθηκε από το iPhone μου",
            "Отправлено с iPhone",
            "Надіслано з iPhone",
            "从我的 iPhone 发送",
            "從我的 iPhone 傳送",
            "iPhoneから送信",
            "나의 iPhone에서 보냄",
            "Được gửi từ iPhone của tôi",
        ] {
            check(&format!("Hallo\n\n{line}"), line);
        }
        check("Hallo\n\nSent from my iPhone\n-- \nAnn", "Sent from my iPhone");
        for line in [
            "Sent from my desk, which is much easier than the telephone.",
            "Sent from my desk a parcel.",
            "Verzonden met PostNL",
            "Verzonden vanaf ons magazijn in Breda",
            "From my point of view it works",
        ] {
            check(&format!("Hallo\n\n{line}"), "");
        }
    }

    #[test]
    fn legal_notices() {
        let en = "This e-mail and its attachments are confidential and intended solely for the addressee.";
        check(&format!("Fine.\n\n{en}"), en);
        let nl = "De informatie in dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.";
        check(&format!("Prima.\n\nAnn\n\n{nl}\n\nBent u niet de geadresseerde, stuur het dan terug."), nl);
        check("Prima.\n\nDeze mail is vertrouwelijk, graag niet doorsturen.", "");
        check(en, "");
        check(
            "Prima.\n\nP Denk aan het milieu voordat u dit bericht afdrukt",
            "P Denk aan het milieu voordat u dit bericht afdrukt",
        );
    }

    #[test]
    fn banners_of_servers() {
        let height = |text: &str| banner(&text.lines().collect::<Vec<_>>());
        let en =
            "CAUTION: This email originated from outside of the organization. Do not click links.\n\nIt is broken.";
        assert_eq!(height(en), 1);
        let nl = "[LET OP: deze mail komt van buiten de organisatie.\nOpen geen bijlagen als u de afzender niet kent]\n\nHij is stuk.";
        assert_eq!(height(nl), 2);
        assert_eq!(height("Let op: de printer is stuk.\n\nGraag snel."), 0);
        assert_eq!(height("External links are broken on our site.\n\nPlease mend."), 0);
    }
}
