//! Where quoted history begins without a mark on each line: bars such as "-----Original Message-----" and the header
//! fields that Outlook and others put above the mail they answer.

use super::line::{has_address, is_rule, lower, trim};
use super::words::{self, Field};

/// Within how many lines the fields of a quoted header stand.
const MAX_LINES: usize = 14;
/// How many lines may go on a field (long lists of addressees).
const MAX_CONTINUED: usize = 4;

/// Whether everything from this line on is history. `is_first`: no words stand above it.
pub fn is_history_start(lines: &[&str], at: usize, is_first: bool) -> bool {
    let line = trim(lines[at]);
    // All of them begin with an ornament or have a colon; most lines do neither.
    let has_colon = memchr::memchr2(b':', WIDE_COLON_LEAD, line.as_bytes()).is_some();
    if !has_colon && !line.starts_with(is_ornament) {
        return false;
    }
    is_bar(line) || is_titled(lines, at) || is_block(lines, at, is_first) || is_one_line(line)
}

/// The first byte of `：`, among others.
const WIDE_COLON_LEAD: u8 = 0xef;

fn is_ornament(c: char) -> bool {
    matches!(c, '-' | '_' | '=' | '*' | '#' | '~' | '—' | '–' | '─' | '[' | ']' | ' ' | '>' | '|')
}

/// "-----Original Message-----" and its kin in all languages.
pub fn is_bar(line: &str) -> bool {
    if line.len() > 160 {
        return false;
    }
    let inner =
        line.trim_matches(is_ornament).trim_end_matches([':', '：', ' ', '\u{a0}']).trim_end_matches(is_ornament);
    let start = line.len() - line.trim_start_matches(is_ornament).len();
    let is_ornate = line[..start].chars().filter(|c| *c != ' ').count() >= 1;
    if !is_ornate && !line.ends_with([':', '：']) {
        return false;
    }
    let words = lower(inner);
    if words.is_empty() || words.len() > 100 {
        return false;
    }
    if is_ornate {
        let is_marked = words.contains("above this line")
            || words.contains("boven deze lijn")
            || words.contains("boven deze regel")
            || words.contains("über dieser zeile")
            || words.contains("oberhalb dieser")
            || words.contains("au-dessus de cette ligne");
        // One dash could be the bullet of a list.
        let is_heavy = line.starts_with("--")
            || line.starts_with("__")
            || line.starts_with("==")
            || line.starts_with("**")
            || line.starts_with(['—', '–', '─', '[', '#', '~'])
            || line.ends_with(['-', '_', '=', '*', '—', '–', '─']);
        return is_heavy
            && (is_marked
                || words::BARS.contains(&words.as_str())
                || words.starts_with("forwarded by ")
                || words.starts_with("original message processed by ")
                || words.starts_with("original message from "));
    }
    // Apple Mail draws no line, but says "begin".
    const BEGIN: &[&str] = &[
        "begin ",
        "début ",
        "anfang ",
        "inizio ",
        "inicio ",
        "início ",
        "comienzo ",
        "start på ",
        "begynn ",
        "börja ",
        "początek ",
        "začátek ",
        "начало ",
        "välitetty viesti alkaa",
    ];
    line.ends_with([':', '：'])
        && BEGIN.iter().any(|word| words.starts_with(word))
        && words::BARS.contains(&words.as_str())
}

/// A title between dashes right above three fields, one with an address: the form that programs share in
/// all languages.
fn is_titled(lines: &[&str], at: usize) -> bool {
    let line = trim(lines[at]);
    let is_title = line.starts_with("----") && line.ends_with("----") && !is_rule(line) && line.len() <= 100;
    let next = || lines[at + 1..].iter().filter(|line| !trim(line).is_empty()).take(3);
    let is_field = |line: &&&str| trim(line).find([':', '：']).is_some_and(|at| at <= 30);
    is_title && next().filter(is_field).count() == 3 && next().any(|line| has_address(&lower(line)))
}

/// What was seen of a quoted header.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one observed sign")]
struct Seen {
    from: bool,
    date: bool,
    to: bool,
    subject: bool,
    has_address: bool,
    /// The date has a year or a time of day.
    is_dated: bool,
}

/// Header fields in a row, in any order, with few other lines between them.
fn is_block(lines: &[&str], at: usize, is_first: bool) -> bool {
    let Some((first, _)) = field_of(lines[at]) else { return false };
    if first == Field::Other {
        return false;
    }
    let seen = read_block(lines, at);
    let kinds = [seen.from, seen.date, seen.to, seen.subject].into_iter().filter(|is| *is).count();
    if !seen.from {
        return false;
    }
    if is_first {
        // Nothing new above: a forwarded mail has them all; in doubt what a person pasted or a form sent is kept.
        return seen.to && kinds >= 3 && (seen.has_address || seen.is_dated || kinds == 4);
    }
    // Programs leave a blank line or draw a rule above it; within a person's list it has to be whole.
    let ends_above = |line: &str| line.is_empty() || is_rule(line) || is_bar(line);
    let is_apart = at.checked_sub(1).is_none_or(|above| ends_above(trim(lines[above])));
    let is_whole = seen.is_dated && (kinds == 4 || kinds == 3 && seen.has_address);
    if !is_apart && !is_whole {
        return false;
    }
    let is_ruled =
        lines[..at].iter().rev().take(3).find(|line| !trim(line).is_empty()).is_some_and(|line| is_rule(line));
    match kinds {
        4 => true,
        3 if first == Field::From => seen.subject || seen.has_address || seen.is_dated,
        3 => seen.has_address || seen.is_dated,
        2 => (seen.has_address && seen.date && seen.is_dated) || is_ruled && seen.has_address,
        _ => false,
    }
}

fn read_block(lines: &[&str], at: usize) -> Seen {
    let mut seen = Seen::default();
    let mut continued = 0;
    for (index, line) in lines[at..].iter().enumerate().take(MAX_LINES) {
        if trim(line).is_empty() {
            // Paragraphs of HTML leave blanks between the fields; the text behind the header ends it.
            let next = lines.get(at + index + 1).and_then(|line| field_of(line));
            if next.is_none() {
                break;
            }
            continue;
        }
        let names_address = || line.contains('@') && has_address(&lower(line));
        let Some((kind, value)) = field_of(line) else {
            continued += 1;
            if continued > MAX_CONTINUED || trim(line).len() > 200 {
                break;
            }
            seen.has_address |= names_address();
            continue;
        };
        match kind {
            // A second From begins the next quoted mail.
            Field::From if seen.from => break,
            Field::From => seen.from = true,
            Field::Date => {
                seen.date = true;
                let digits = value.chars().take(100).filter(|c| c.is_numeric()).count();
                seen.is_dated |= digits >= 4;
            }
            Field::To => seen.to = true,
            Field::Subject => seen.subject = true,
            Field::Other => {}
        }
        seen.has_address |= names_address();
    }
    seen
}

/// The kind and the value of a header field, whose name may be bold (`*From:* x`, `*From*: x`).
fn field_of(line: &str) -> Option<(Field, &str)> {
    let line = trim(line).trim_start_matches(['*', '_', '|', ' ']);
    let at = line.char_indices().take(32).find(|(_, c)| matches!(c, ':' | '：'))?.0;
    let name = lower(&line[..at]);
    let field = words::field(name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_')))?;
    Some((field, line[at..].trim_start_matches([':', '：', '*', '_', ' '])))
}

/// All fields run together in one line: "From: Ann Sent: Monday To: Bob Subject: x".
fn is_one_line(line: &str) -> bool {
    if line.len() > 400
        || line.matches([':', '：']).count() < 4
        || field_of(line).map(|(kind, _)| kind) != Some(Field::From)
    {
        return false;
    }
    let small = lower(line);
    let kinds: Vec<Field> = small
        .split_whitespace()
        .filter_map(|word| words::field(word.trim_matches(['*', '_']).strip_suffix(':')?))
        .collect();
    kinds.first() == Some(&Field::From)
        && [Field::Date, Field::To, Field::Subject].iter().all(|kind| kinds.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: bool) {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(is_history_start(&lines, 0, false), expected, "{text:?}");
    }

    #[test]
    fn bars() {
        for line in [
            "-----Original Message-----",
            "----- Original Message -----",
            "*----- Original Message -----*",
            "----- Reply message -----",
            "---------- Forwarded message ---------",
            "-------- Oorspronkelijk bericht --------",
            "---------- Doorgestuurd bericht ---------",
            "-----Ursprüngliche Nachricht-----",
            "-------- Weitergeleitete Nachricht --------",
            "-----Message d'origine-----",
            "-----Message d’origine-----",
            "-------- Message transféré --------",
            "-----Mensaje original-----",
            "-----Messaggio originale-----",
            "-----Mensagem original-----",
            "-----Oprindelig meddelelse-----",
            "-------- Opprinnelig melding --------",
            "-----Ursprungligt meddelande-----",
            "-----Alkuperäinen viesti-----",
            "-------- Treść oryginalnej wiadomości --------",
            "-------- Původní zpráva --------",
            "-------- Eredeti üzenet --------",
            "-------- Исходное сообщение --------",
            "------------------ 原始邮件 ------------------",
            "--------- 원본 메일 ---------",
            "Begin forwarded message:",
            "Begin doorgestuurd bericht:",
            "Début du message transféré :",
            "Anfang der weitergeleiteten Nachricht:",
            "[Original Message processed by david(R)]",
            "##- Please type your reply above this line -##",
            "----- Forwarded by Ann/Client on 23-11-2026 10:00 -----",
        ] {
            check(line, true);
        }
        for line in [
            "----",
            "- original message",
            "Original message: see below",
            "---- lijst ----",
            "## Key Points",
            "Forwarded by Ann",
        ] {
            check(line, false);
        }
    }

    #[test]
    fn header_blocks_in_many_languages() {
        for text in [
            "From: Ann <ann@x.nl>\nSent: Monday, 23 November 2026 10:00\nTo: Bob\nSubject: RE: x",
            "*From:* Ann\n*Sent:* Monday\n*Subject:* x",
            "*From*: Ann\n*Date*: Monday\n*Subject*: x",
            "Van: Ann\nVerzonden: maandag 23 november 2026 10:00\nAan: Bob\nOnderwerp: RE: x",
            "Von: Ann <ann@x.de>\nGesendet: Montag, 23. November 2026\nAn: Bob\nBetreff: AW: x",
            "De : Ann <ann@x.fr>\nEnvoyé : lundi 23 novembre 2026 10:00\nÀ : Bob\nObjet : x",
            "De: Ann\nEnviado el: lunes, 23 de noviembre de 2026\nPara: Bob\nAsunto: x",
            "De: Ann\nEnviada em: segunda-feira, 23 de novembro de 2026\nPara: Bob\nAssunto: x",
            "Da: Ann\nInviato: lunedì 23 novembre 2026\nA: Bob\nOggetto: x",
            "Fra: Ann <ann@x.dk>\nSendt: 23. november 2026 09:30\nTil: Bob\nEmne: x",
            "Från: Ann\nSkickat: den 23 november 2026\nTill: Bob\nÄmne: x",
            "Lähettäjä: Ann\nLähetetty: 23. marraskuuta 2026\nVastaanottaja: Bob\nAihe: x",
            "Od: Ann <ann@x.pl>\nWysłano: 23 listopada 2026\nDo: Bob\nTemat: x",
            "Od: Ann\nOdesláno: 23. listopadu 2026\nKomu: Bob\nPředmět: x",
            "От: Ann\nОтправлено: 23 ноября 2026 г. 15:05\nКому: Bob",
            "Від: Ann\nНадіслано: 23 листопада 2026 р.\nКому: Bob\nТема: x",
            "Kimden: Ann\nGönderildi: 23 Kasım 2026\nKime: Bob\nKonu: x",
            "Από: Ann\nΣτάλθηκε: 23 Νοεμβρίου 2026\nΠρος: Bob\nΘέμα: x",
            "Feladó: Ann\nElküldve: 2026. november 23.\nCímzett: Bob\nTárgy: x",
            "发件人: Ann\n发送时间: 2026年11月23日 10:00\n收件人: Bob\n主题: x",
            "差出人: Ann\n送信日時: 2026年11月23日\n宛先: Bob\n件名: x",
            "보낸 사람: Ann\n보낸 날짜: 2026년 11월 23일\n받는 사람: Bob\n제목: x",
            "Subject: Test\nFrom: ann@x.nl\nTo: bob@x.nl\nDate: Mon, 23 Nov 2026 17:44:22 +0400",
            "From: Human Resources \n<a-long-address@x.nl> \nSent: Monday, November 23, 2026 4:37 PM\nTo: Ann <ann@x.nl>\nSubject: A",
            "From: ann@x.nl\nDate: 23 November 2026 10:00",
            "*Van:* Ann\n\n*Verzonden:* 23 november 2026\n\n*Aan:* Bob\n\n*Onderwerp:* x",
            "From: Ann Sent: Monday To: Bob Subject: x",
            "-------- Oprindelig besked --------\nFra: D <d@x.nl>\nDato: 4.7.2024\nTil: a@b.dk",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn what_a_person_lists_is_no_header() {
        for text in [
            "From: me to you\nthanks",
            "Van: Amsterdam\nNaar: Utrecht",
            "Onderwerp: printer\nDatum: morgen",
            "To: do\nDate: today",
            "Aan: 1\nUit: 2",
            "De: prijs is goed\nA: ja",
            "Onderwerp: printer\nVan: Ann\nDatum: morgen",
        ] {
            check(text, false);
        }
        let form = ["From: Ann <ann@x.nl>", "Subject: printer", "", "It is broken."];
        assert!(!is_history_start(&form, 0, true), "a form that a web site sent");
        let list = ["Naam: Ann", "Van: Ann <ann@x.nl>", "Aan: desk@x.nl", "Onderwerp: printer", "Datum: vandaag"];
        assert!(!is_history_start(&list, 1, false), "a part of a list");
    }
}
