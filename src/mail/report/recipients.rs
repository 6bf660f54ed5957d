//! Who did not get the letter, in the plain words of a server.
//!
//! Servers have few shapes for it, strongest first: the address begins a line (`<bob@x.nl>:` of qmail and Yahoo,
//! `  bob@x.nl` of Exim and Gmail, `bob@x.nl: 550 ...` of OpenSMTPD, `"bob@x.nl":` of GMX); it stands behind words or
//! an SMTP command that name a recipient (`RCPT TO:<bob@x.nl>`, `Unknown user: bob@x.nl`, `554 <bob@x.nl>...` of old
//! sendmails); it stands anywhere. What is said about the recipient stands from there to the next one.

use super::MAX_REPORTS;
use super::notice::Notice;
use crate::domain::address::Address;
use crate::mail::fields::cut_at;

/// The longest line that is looked at, in bytes.
const MAX_LINE: usize = 2_000;
/// The most lines that are looked at.
const MAX_LINES: usize = 2_000;
/// The longest text that is kept about one recipient, in bytes.
const MAX_SAID: usize = 4_000;

/// One recipient, and what the server says about them.
#[derive(Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub address: Address,
    /// What is said, the line of the address included.
    pub said: String,
}

/// How clearly a line names a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clarity {
    Anywhere,
    Behind,
    First,
}

struct Mention {
    clarity: Clarity,
    line: usize,
    address: Address,
}

/// The recipients; those of `X-Failed-Recipients` where the header names them.
pub fn of(notice: &Notice, named: &[Address]) -> Vec<Recipient> {
    let lines: Vec<&str> = notice.text.lines().take(MAX_LINES).map(|line| cut_at(line, MAX_LINE)).collect();
    let mut mentions = mentions(&lines);
    if named.is_empty() {
        mentions.retain(|mention| !is_service(&mention.address));
        let others: bool = mentions.iter().any(|mention| !notice.own.contains(&mention.address));
        // Who writes to oneself and gets it back is both.
        mentions.retain(|mention| !others || !notice.own.contains(&mention.address));
        let best = mentions.iter().map(|mention| mention.clarity).max();
        mentions.retain(|mention| Some(mention.clarity) == best);
    } else {
        mentions.retain(|mention| named.contains(&mention.address));
    }
    let mut addresses: Vec<Address> = named.to_vec();
    addresses.extend(mentions.iter().map(|mention| mention.address.clone()));
    if addresses.is_empty() {
        addresses.extend(notice.original_to.first().filter(|_| notice.original_to.len() == 1).cloned());
    }
    let mut found: Vec<Recipient> = Vec::new();
    for address in addresses {
        if found.len() < MAX_REPORTS && !found.iter().any(|known| known.address == address) {
            let said = said_about(&address, &mentions, &lines);
            found.push(Recipient { address, said });
        }
    }
    found
}

/// Whether the words name anybody besides the server itself and the letter's sender.
pub fn names_any(notice: &Notice) -> bool {
    let lines: Vec<&str> = notice.text.lines().take(MAX_LINES).map(|line| cut_at(line, MAX_LINE)).collect();
    mentions(&lines).iter().any(|mention| !notice.own.contains(&mention.address) && !is_service(&mention.address))
}

/// What is said about one recipient; empty where they are not named.
pub fn section_about(notice: &Notice, recipient: &Address) -> String {
    let lines: Vec<&str> = notice.text.lines().take(MAX_LINES).map(|line| cut_at(line, MAX_LINE)).collect();
    let mut mentions = mentions(&lines);
    mentions.retain(|mention| !notice.own.contains(&mention.address) || mention.address == *recipient);
    said_about(recipient, &mentions, &lines)
}

/// The lines from each mention of the recipient to the next mention of another one.
fn said_about(address: &Address, mentions: &[Mention], lines: &[&str]) -> String {
    let mut said = String::new();
    for (index, mention) in mentions.iter().enumerate().filter(|(_, mention)| mention.address == *address) {
        let later = mentions[index + 1..].iter().find(|other| other.line > mention.line);
        let end = later.map_or(lines.len(), |other| other.line);
        for line in &lines[mention.line..end] {
            if said.len() > MAX_SAID {
                return said;
            }
            said.push_str(line);
            said.push('\n');
        }
    }
    said
}

fn mentions(lines: &[&str]) -> Vec<Mention> {
    let mut all = Vec::new();
    for (line, text) in lines.iter().enumerate() {
        for (start, address) in addresses_in(text) {
            let before = &text[..start];
            if let Some(clarity) = clarity(before)
                && all.len() < 4 * MAX_REPORTS
            {
                all.push(Mention { clarity, line, address });
            }
        }
    }
    all
}

/// How clearly the words before an address name it as a recipient; None where they name somebody else.
fn clarity(before: &str) -> Option<Clarity> {
    let words = before.trim_matches(|c: char| c.is_whitespace() || "<>\"'*-=•·[(".contains(c)).to_lowercase();
    if words.is_empty() && !before.contains('(') {
        return Some(Clarity::First);
    }
    let is_other = ["from", "sender", "message-id", "reply-to", "contact", "mailto", "http", "report to", "mail to "]
        .iter()
        .any(|word| words.contains(word));
    if is_other {
        return None;
    }
    let is_code = words.len() >= 3 && words.as_bytes()[..3].iter().all(u8::is_ascii_digit);
    let is_recipient =
        ["rcpt", "recipient", "deliver", "unknown", "invalid", "no such", "addressed to", "failed", "unable"]
            .iter()
            .any(|word| words.contains(word));
    Some(if is_code || is_recipient { Clarity::Behind } else { Clarity::Anywhere })
}

/// Addresses of the service itself, as they stand in its advice.
fn is_service(address: &Address) -> bool {
    let plain: String = address.local().chars().filter(char::is_ascii_alphanumeric).collect();
    ["postmaster", "mailerdaemon", "abuse", "noreply", "donotreply"].iter().any(|name| plain.starts_with(name))
}

/// Every address in a line, with the place where it begins.
fn addresses_in(line: &str) -> Vec<(usize, Address)> {
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let is_domain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let mut found = Vec::new();
    for (at, _) in line.match_indices('@').take(20) {
        let (head, tail) = (&line[..at], &line[at + 1..]);
        let start =
            head.rfind(|c: char| !is_local(c)).map_or(0, |i| i + head[i..].chars().next().map_or(1, char::len_utf8));
        let quotes = head[start..].len() - head[start..].trim_start_matches(['\'', '*', '`', '=', '.', '/', '-']).len();
        let start = start + quotes;
        let end = tail.find(|c: char| !is_domain(c)).unwrap_or(tail.len());
        let domain = tail[..end].trim_end_matches(['.', '-']);
        if domain.contains('.')
            && let Ok(address) = Address::new(&format!("{}@{domain}", &head[start..]))
        {
            found.push((start, address));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, named: &str, expected: &[&str]) {
        let notice = Notice {
            text: text.into(),
            own: vec![Address::new("ann@desk.nl").unwrap()],
            original_to: vec![Address::new("to@x.nl").unwrap()],
            ..Notice::default()
        };
        let named: Vec<Address> = Address::new(named).into_iter().collect();
        let found: Vec<String> = of(&notice, &named).into_iter().map(|one| one.address.to_string()).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn an_address_at_the_beginning_of_a_line() {
        check("sorry\n\n<bob@x.nl>:\n550 no\n<eve@x.nl>:\n550 no", "", &["bob@x.nl", "eve@x.nl"]);
        check("  bob@x.nl\n    (generated from info@x.nl)\n    SMTP error: host mx", "", &["bob@x.nl"]);
        check("\"bob@x.nl\":\nSMTP error", "", &["bob@x.nl"]);
        check("   * bob@x.nl", "", &["bob@x.nl"]);
        check("ann@desk.nl wrote\nbob@x.nl: 550 5.1.1 no", "", &["bob@x.nl"]);
        check("<bob@x.nl>... no\n<BOB@x.nl>", "", &["bob@x.nl"]);
    }

    #[test]
    fn an_address_behind_words_for_a_recipient() {
        check("MAIL FROM: ann@sub.desk.nl\nRCPT TO: bob@x.nl", "", &["bob@x.nl"]);
        check("Unknown user: bob@x.nl", "", &["bob@x.nl"]);
        check("550 mx.x.nl no\n554 <bob@x.nl>... no", "", &["bob@x.nl"]);
        check("could not be delivered to bob@x.nl; contact help@x.nl", "", &["bob@x.nl"]);
    }

    #[test]
    fn the_header_or_the_letter_tells_else() {
        check("no word about anybody", "", &["to@x.nl"]);
        check("please contact postmaster@x.nl", "", &["to@x.nl"]);
        check("  eve@x.nl\n  bob@x.nl\n", "bob@x.nl", &["bob@x.nl"]);
        check("nothing", "bob@x.nl", &["bob@x.nl"]);
    }
}
