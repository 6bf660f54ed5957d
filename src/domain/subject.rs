//! What a subject says apart from its words: answer, forward, list mark, case number.

/// Words that mail programs put before the subject of an answer, in small letters.
const REPLY_PREFIXES: &[&str] =
    &["re", "antw", "antwoord", "betr", "betreft", "aw", "sv", "vs", "rép", "rif", "ris", "res", "odp", "回复", "答复"];

/// Words that mail programs put before the subject of a forward, in small letters.
const FORWARD_PREFIXES: &[&str] =
    &["fw", "fwd", "wg", "doorst", "doorgestuurd", "tr", "rv", "enc", "vb", "vl", "i", "inoltrato", "转发"];

/// Whether the word (without its colon) marks an answer, such as `Re`, `Antw` or `AW`.
#[must_use]
pub fn is_reply_prefix(word: &str) -> bool {
    REPLY_PREFIXES.contains(&word.to_lowercase().as_str())
}

fn is_forward_prefix(word: &str) -> bool {
    FORWARD_PREFIXES.contains(&word.to_lowercase().as_str())
}

/// Whether the subject says that an existing mail was passed on. `Re: Fwd: x` is an answer; `Fwd: Re: x` a forward.
#[must_use]
pub fn is_forward(subject: &str) -> bool {
    let (rest, _) = skip_marks(subject);
    if let Some((word, _)) = split_prefix(rest) {
        return is_forward_prefix(word);
    }
    rest.to_ascii_lowercase().starts_with("[fwd:") || strip_fwd_tail(rest).is_some()
}

/// Whether the subject says that it answers a mail: `Re: x`, `[list] AW: x`.
#[must_use]
pub fn is_answer(subject: &str) -> bool {
    split_prefix(skip_marks(subject).0).is_some_and(|(word, _)| is_reply_prefix(word))
}

/// The subject without answer and forward words, list marks and `(fwd)` (RFC 5256 section 2.1), with the
/// blanks between words made one. Equal base subjects alone never join mails.
#[must_use]
pub fn base_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let before = rest;
        while let Some(cut) = strip_fwd_tail(rest) {
            rest = cut;
        }
        rest = strip_leaders(rest);
        if let Some(inner) = strip_fwd_frame(rest) {
            rest = inner;
        }
        if rest.len() == before.len() {
            break;
        }
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a letter of ours puts before and behind the subject of a mail that it is about, such as `Parked: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    before: String,
    after: String,
}

impl Frame {
    /// Of a letter's subject in which `mark` stands for the mail's; none where nothing stands around it, or no mark is
    /// in it.
    #[must_use]
    pub fn around(mark: &str, framed: &str) -> Option<Self> {
        let base = base_subject(framed);
        let (before, after) = base.split_once(mark)?;
        let is_bare = before.is_empty() && after.is_empty();
        (!is_bare).then(|| Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// The mail's subject within an answer to such a letter; none where the subject is no answer or lacks the frame.
    #[must_use]
    pub fn within(&self, subject: &str) -> Option<String> {
        let base = is_answer(subject).then(|| base_subject(subject))?;
        let inner = base.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        (!inner.trim().is_empty()).then(|| inner.to_owned())
    }
}

/// The numbers in marks such as `[DESK AMR-2026-0042]` that name this installation, in their order.
/// Whose case that is, and whether the sender may join it, is decided elsewhere.
#[must_use]
pub fn case_tags<'a>(subject: &'a str, installation: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = subject;
    while let Some(open) = rest.find('[') {
        rest = &rest[open + 1..];
        let end = rest.find([']', '[']).unwrap_or(rest.len());
        if !rest[end..].starts_with(']') {
            continue;
        }
        let mut words = rest[..end].split_whitespace();
        if let (Some(name), Some(number), None) = (words.next(), words.next(), words.next())
            && name.to_lowercase() == installation.to_lowercase()
        {
            found.push(number);
        }
    }
    found
}

/// Drops leading answer and forward words and list marks, but never the last words of the subject.
fn strip_leaders(mut rest: &str) -> &str {
    loop {
        rest = rest.trim();
        let (unmarked, had_mark) = skip_marks(rest);
        if let Some((word, behind)) = split_prefix(unmarked)
            && (is_reply_prefix(word) || is_forward_prefix(word))
        {
            rest = behind;
        } else if had_mark && !unmarked.is_empty() {
            rest = unmarked;
        } else {
            return rest;
        }
    }
}

/// Skips `[list]` marks at the start; `[fwd: …]` is no mark.
fn skip_marks(subject: &str) -> (&str, bool) {
    let mut rest = subject.trim_start();
    let mut had_mark = false;
    while let Some(inner) = rest.strip_prefix('[') {
        let Some(end) = inner.find([']', '[']) else { break };
        if !inner[end..].starts_with(']') || inner.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("fwd:")) {
            break;
        }
        rest = inner[end + 1..].trim_start();
        had_mark = true;
    }
    (rest, had_mark)
}

/// Splits `Re[2]: x` or `Re (2): x` into `Re` and `x`; nothing where no known word stands before a colon.
fn split_prefix(text: &str) -> Option<(&str, &str)> {
    let colon = text.find([':', '：'])?;
    let (head, behind) = text.split_at(colon);
    let behind = behind.trim_start_matches([':', '：']);
    let word_end = head.find(|c: char| c == '[' || c == '(' || c.is_whitespace() || c == '^').unwrap_or(head.len());
    let (word, count) = head.split_at(word_end);
    let is_counter = count.chars().all(|c| c.is_ascii_digit() || "[]() ^".contains(c));
    (is_counter && (is_reply_prefix(word) || is_forward_prefix(word))).then(|| (word, behind.trim_start()))
}

fn strip_fwd_tail(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let start = text.len().checked_sub(5)?;
    let is_tail = text.is_char_boundary(start) && text[start..].eq_ignore_ascii_case("(fwd)");
    is_tail.then(|| text[..start].trim_end())
}

fn strip_fwd_frame(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let head = inner.get(..4)?;
    head.eq_ignore_ascii_case("fwd:").then(|| inner[4..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(subject: &str, base: &str, is_a_forward: bool) {
        assert_eq!(base_subject(subject), base, "{subject:?}");
        assert_eq!(is_forward(subject), is_a_forward, "{subject:?}");
    }

    #[test]
    fn base_subjects() {
        check("Site down", "Site down", false);
        check("Re: Site  down", "Site down", false);
        check("RE: AW: Antw: Site down", "Site down", false);
        check("Betr: Site down", "Site down", false);
        check("Re[2]: Site down", "Site down", false);
        check("[list] Re: [list] Site down", "Site down", false);
        check("Fwd: Re: Site down", "Site down", true);
        check("Re: Fwd: Site down", "Site down", false);
        check("WG: Site down", "Site down", true);
        check("Doorst: Site down", "Site down", true);
        check("TR: Site down", "Site down", true);
        check("[Fwd: Site down]", "Site down", true);
        check("Site down (fwd)", "Site down", true);
        check("Storing: site", "Storing: site", false);
        check("Re:", "", false);
        check("[DESK AMR-2026-0042] Re: x", "x", false);
        check("", "", false);
    }

    #[test]
    fn a_long_row_of_answer_words_ends() {
        assert_eq!(base_subject(&format!("{}x", "Re: ".repeat(50_000))), "x");
        assert_eq!(base_subject(&"[".repeat(1_000)), "[".repeat(1_000));
    }

    #[test]
    fn the_words_of_a_letter_around_a_subject_are_taken_off_answers_to_it() {
        let frame = |framed| Frame::around("@", framed);
        let within = |framed, subject| frame(framed).and_then(|frame| frame.within(subject));
        assert_eq!(within("Parked: @", "Re: Parked: Printer").as_deref(), Some("Printer"));
        assert_eq!(within("[DESK] Wait: @  (parked)", "AW: [DESK] Wait: x (parked)").as_deref(), Some("x"));
        assert_eq!(within("Parked: @", "Parked: a car"), None, "no answer");
        assert_eq!(within("Parked: @", "Re: Printer"), None);
        assert_eq!(within("Parked: @", "Re: Parked: "), None);
        assert_eq!((frame("@"), frame("nothing of it")), (None, None));
    }

    #[test]
    fn only_marks_of_this_installation_give_numbers() {
        assert_eq!(case_tags("Re: [Desk AMR-2026-0042] x", "DESK"), ["AMR-2026-0042"]);
        assert_eq!(case_tags("[DESK A-1] [other B-2] [DESK C-3]", "desk"), ["A-1", "C-3"]);
        assert!(case_tags("[OTHERDESK A-1] [DESK] [DESK A B] DESK A-1 [DESK A-1", "desk").is_empty());
        assert_eq!(case_tags("[x [DESK A-1]", "desk"), ["A-1"]);
    }
}
