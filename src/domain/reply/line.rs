//! Small questions about one line.

/// The part of a line that is looked at, in bytes.
pub const MAX_LINE: usize = 500;

/// Without blanks and invisible marks at both ends.
pub fn trim(line: &str) -> &str {
    let is_sign = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    if is_sign(line.as_bytes().first()) && is_sign(line.as_bytes().last()) {
        return line;
    }
    line.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// The start of a line in small letters, digits of all scripts as ours.
pub fn lower(line: &str) -> String {
    let end = (0..=MAX_LINE.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let small = line[..end].to_lowercase();
    if small.is_ascii() {
        return small;
    }
    small.chars().filter(|c| !is_invisible(*c)).map(plain_sign).collect()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn plain_sign(c: char) -> char {
    const ASCII_DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    let digit = match c {
        '\u{660}'..='\u{669}' => c as usize - 0x660,
        '\u{6f0}'..='\u{6f9}' => c as usize - 0x6f0,
        '\u{ff10}'..='\u{ff19}' => c as usize - 0xff10,
        '：' => return ':',
        '’' | '‘' => return '\'',
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{3000}' => return ' ',
        '\u{2010}' | '\u{2011}' => return '-',
        _ => return c,
    };
    ASCII_DIGITS[digit]
}

/// A line of underscores, dashes or the like only.
pub fn is_rule(line: &str) -> bool {
    let line = trim(line);
    line.len() >= 5
        && line.chars().all(|c| matches!(c, '_' | '-' | '─' | '—' | '–' | '=' | '*' | ' '))
        && !line.starts_with(' ')
}

/// Where the word stands last, with no letter on either side.
pub fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.rmatch_indices(word)
        .find(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let behind = text[at + word.len()..].chars().next();
            // "d.wrote:" and "name>wrote:" are seen; "unterschrieb" and "beschreef" are other words.
            !is_letter(before) && !is_letter(behind)
        })
        .map(|(at, _)| at)
}

/// Whether a mail address stands in the text.
pub fn has_address(text: &str) -> bool {
    text.match_indices('@').take(5).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '=' | '"' | '\'');
        text[..at].chars().next_back().is_some_and(is_part) && text[at + 1..].chars().next().is_some_and(is_part)
    })
}

/// Whether the text holds a web address.
pub fn has_link(text: &str) -> bool {
    text.contains("http://") || text.contains("https://") || text.contains("www.") || text.contains("mailto:")
}

/// Whether the line tells how to reach somebody: an address, a link or a telephone number.
pub fn is_reachable(line: &str) -> bool {
    let small = lower(line);
    has_address(&small) || has_link(&small) || line.chars().filter(char::is_ascii_digit).count() >= 8
}
