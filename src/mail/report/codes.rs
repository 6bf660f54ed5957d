//! What a server said in figures: replies of SMTP (RFC 5321 section 4.2) and status codes (RFC 3463), in any text.

/// How much of a text is searched, in bytes.
const MAX_SEARCHED: usize = 32 * 1024;
/// The most figures that are kept of one text.
const MAX_CODES: usize = 64;

/// The figures of a text, in their order.
#[derive(Debug, Default)]
pub struct Codes {
    replies: Vec<u16>,
    statuses: Vec<Status>,
}

#[derive(Debug)]
struct Status {
    code: String,
    /// The reply right before it, of the same class: `550 5.1.1`.
    reply: Option<u16>,
}

/// The figures that count for one recipient.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The status code.
    pub status: Option<String>,
    /// The reply.
    pub reply: Option<u16>,
}

impl Choice {
    /// The first figure: 2, 4 or 5.
    pub fn class(&self) -> Option<char> {
        let of_status = self.status.as_ref().and_then(|code| code.chars().next());
        of_status.or_else(|| self.reply.and_then(|reply| char::from_digit(u32::from(reply / 100), 10)))
    }
}

impl Codes {
    /// Reads the figures of a text.
    pub fn read(text: &str) -> Self {
        let text = super::cut_at(text, MAX_SEARCHED);
        let mut codes = Self::default();
        let mut rest = 0;
        let mut before: Option<(u16, usize)> = None;
        while let Some((start, end)) = next_number(text, rest) {
            rest = end;
            if codes.replies.len() + codes.statuses.len() >= MAX_CODES {
                break;
            }
            let number = text[start..end].trim_end_matches('.');
            if !is_bounded(text, start, start + number.len()) {
                continue;
            }
            if is_status_code(number) {
                let near = before.filter(|(_, at)| is_gap(&text[*at..start]));
                let reply = near.map(|(reply, _)| reply).filter(|reply| number.starts_with(first_figure(*reply)));
                codes.statuses.push(Status { code: number.to_owned(), reply });
            } else if let Some(reply) = reply_in(text, start, number) {
                codes.replies.push(reply);
                before = Some((reply, start + number.len()));
            }
        }
        codes
    }

    /// Whether a server's refusal is quoted. A figure alone may be a room or a version.
    pub fn has_refusal(&self) -> bool {
        self.statuses.iter().any(|status| status.reply.is_some_and(|reply| reply >= 400))
    }
}

/// Picks what tells most. A field `Status` is often filled in from a table (5.0.0, or 4.4.7 when time ran out), while
/// the answer of the server that refused stands behind its reply: so a finer code wins over a coarser one, and among
/// equals the one behind a reply.
pub fn choose(field: Option<&str>, own: &Codes, beside: &Codes) -> Choice {
    let mut best: Option<(u8, &str, Option<u16>)> = field.map(|code| (fineness(code) * 2, code, None));
    for (codes, is_own) in [(own, true), (beside, false)] {
        if !is_own && best.is_some_and(|(_, code, reply)| fineness(code) > 1 || fineness(code) == 1 && reply.is_some())
        {
            // What is said beside it may be about another step or another server.
            break;
        }
        for status in &codes.statuses {
            let weight = fineness(&status.code) * 2 + u8::from(status.reply.is_some());
            // A code of success beside a failure is another step of the talk between the servers.
            let is_success = status.code.starts_with('2') && best.is_some();
            if !is_success && best.is_none_or(|(known, _, _)| weight > known) {
                best = Some((weight, &status.code, status.reply));
            }
        }
    }
    let replies = || own.replies.iter().chain(&beside.replies).copied();
    match best {
        Some((_, code, reply)) => {
            let reply = reply.or_else(|| replies().find(|reply| code.starts_with(first_figure(*reply))));
            Choice { status: Some(code.to_owned()), reply }
        }
        None => Choice { status: None, reply: replies().find(|reply| *reply >= 400).or_else(|| replies().next()) },
    }
}

/// RFC 3463 section 2: `x.0.0` says nothing, `x.y.0` only the field; `x.4.7` only that time ran out.
fn fineness(code: &str) -> u8 {
    let mut numbers = code.split('.').skip(1);
    match (numbers.next(), numbers.next()) {
        (Some("0"), Some("0")) => 0,
        (_, Some("0")) | (Some("4"), Some("7")) => 1,
        _ => 2,
    }
}

/// The first status code of a text, as a field `Status` holds it.
pub fn first_status(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find(|word| is_status_code(word)).map(ToOwned::to_owned)
}

/// The next run of figures and dots.
fn next_number(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text[from..].find(|c: char| c.is_ascii_digit())?;
    let end = text[start..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |at| start + at);
    Some((start, end))
}

/// Whether the number is a word of its own and not a piece of a name, an address or an id.
fn is_bounded(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(|c| c.is_alphanumeric() || "_@/.+%&?".contains(c))
        && !after.is_some_and(|c| c.is_alphanumeric() || "_@/%&".contains(c))
}

/// What may stand between a reply and its status code: `550 5.1.1`, `550-5.1.1`, `550 #5.1.1`, `550-'5.1.1`.
fn is_gap(text: &str) -> bool {
    text.len() <= 4 && text.chars().all(|c| " -#(:;\t'\"[,".contains(c))
}

fn is_status_code(word: &str) -> bool {
    let mut numbers = word.split('.');
    let is_number = |part: Option<&str>| part.is_some_and(|p| (1..=3).contains(&p.len()));
    matches!(numbers.next(), Some("2" | "4" | "5"))
        && is_number(numbers.next())
        && is_number(numbers.next())
        && numbers.next().is_none()
}

/// A reply of RFC 5321 section 4.2.2 and its extensions; "450 minutes" and "port 550" are none.
fn reply_in(text: &str, start: usize, number: &str) -> Option<u16> {
    let reply: u16 = Some(number).filter(|n| n.len() == 3)?.parse().ok()?;
    let is_reply = matches!(reply, 211..=299 | 421 | 422 | 430..=433 | 441 | 442 | 446..=459 | 471 | 500..=559 | 571);
    let before = text[..start].chars().next_back();
    if !is_reply || before == Some('-') {
        return None;
    }
    let word_before = text[..start].trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let behind = text[start + number.len()..].trim_start();
    let word_behind = behind.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_amount = is_one_of(word_behind, &["seconds", "minutes", "hours", "days", "bytes", "kb", "mb", "recipients"])
        || is_one_of(word_before, &["port", "line", "after", "size", "id", "state"]);
    (!is_amount).then_some(reply)
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

fn first_figure(reply: u16) -> char {
    char::from_digit(u32::from(reply / 100), 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: &str, own: &str, beside: &str, status: &str, reply: u16) {
        let field = Some(field).filter(|code| !code.is_empty());
        let found = choose(field, &Codes::read(own), &Codes::read(beside));
        let found = (found.status.as_deref().unwrap_or(""), found.reply.unwrap_or(0));
        assert_eq!(found, (status, reply), "{field:?} {own:?} {beside:?}");
    }

    #[test]
    fn replies_and_codes_in_texts() {
        check("", "550 5.1.1 <bob@x.nl>... User unknown", "", "5.1.1", 550);
        check("", "550-5.1.1 no such user", "", "5.1.1", 550);
        check("", "said: 550 No such user (#5.1.1)", "", "5.1.1", 550);
        check("", "SMTP;450 4.2.2 full", "", "4.2.2", 450);
        check("", "421 (smtp)... Deferred", "", "", 421);
        check("", "host mx.x.nl [5.1.1.25] after 450 minutes at port 550", "", "", 0);
        check("", "mx5.1.1.x.nl said 25x5.1.1", "", "", 0);
        check("", "250 2.1.5 Ok", "", "2.1.5", 250);
    }

    #[test]
    fn the_finer_code_counts() {
        check("5.0.0", "550 5.7.1 refused", "", "5.7.1", 550);
        check("4.4.7", "554 4.4.7 expired <421 4.4.2 timed out>", "", "4.4.2", 421);
        check("5.1.1", "552 5.2.2 over quota", "", "5.2.2", 552);
        check("5.1.0", "5.1.0 - Unknown address error 550-'5.7.1 no' (delivery attempts: 0)", "", "5.7.1", 550);
        check("5.1.1", "", "see rule 5.7.1", "5.1.1", 0);
        check("5.0.0", "", "bob@x.nl: 550 5.7.25 no name", "5.7.25", 550);
        check("4.3.0", "550 no", "", "4.3.0", 0);
        check("5.5.0", "550 5.5.0 no", "550 5.1.1 User unknown", "5.5.0", 550);
    }
}
