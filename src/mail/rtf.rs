//! Rich text of Outlook (RTF 1.9.1), packed by MS-OXRTFCP, to plain text. Found in `winmail.dat` alone.

use super::charset;

/// The most bytes of unpacked rich text.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The deepest groups; what is deeper is passed over.
const MAX_GROUPS: usize = 200;

/// What stands in the dictionary at the start (MS-OXRTFCP section 2.1.3.1.2).
const FIRST_WORDS: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// Unpacks rich text; nothing where it is none. What is broken ends it.
#[must_use]
pub fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let (header, data) = packed.split_at_checked(16)?;
    let word = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let length = usize::try_from(word(4)?).ok()?.min(MAX_BYTES);
    match &header[8..12] {
        b"MELA" => Some(data[..data.len().min(length)].to_vec()),
        b"LZFu" => Some(unfolded(data, length)),
        _ => None,
    }
}

/// MS-OXRTFCP section 2.2: a byte tells for eight pieces whether each is a sign or a place in the dictionary of 4,096.
fn unfolded(data: &[u8], length: usize) -> Vec<u8> {
    let mut dictionary = [b' '; 4096];
    dictionary[..FIRST_WORDS.len()].copy_from_slice(FIRST_WORDS);
    let mut write = FIRST_WORDS.len();
    let mut text = Vec::with_capacity(length.min(64 * 1024));
    let mut rest = data;
    while let Some((&control, behind)) = rest.split_first() {
        rest = behind;
        for bit in 0..8 {
            if text.len() >= length {
                return text;
            }
            if control & (1 << bit) == 0 {
                let Some((&sign, behind)) = rest.split_first() else { return text };
                rest = behind;
                text.push(sign);
                dictionary[write] = sign;
                write = (write + 1) % 4096;
                continue;
            }
            let [high, low, behind @ ..] = rest else { return text };
            rest = behind;
            let place = usize::from(*high) << 4 | usize::from(*low) >> 4;
            if place == write {
                return text;
            }
            for step in 0..usize::from(*low & 0x0F) + 2 {
                let sign = dictionary[(place + step) % 4096];
                text.push(sign);
                dictionary[write] = sign;
                write = (write + 1) % 4096;
            }
        }
    }
    text
}

/// The text that rich text shows.
#[must_use]
pub fn to_text(rich: &[u8]) -> String {
    let mut reader = Reader { text: String::new(), hidden: vec![false], code_page: "cp1252".to_owned(), skip: 0 };
    let mut rest = rich;
    while let Some((&sign, behind)) = rest.split_first() {
        rest = behind;
        match sign {
            b'{' => reader.open(behind),
            b'}' => _ = reader.hidden.len() > 1 && reader.hidden.pop().is_some(),
            b'\\' => rest = reader.control(behind),
            b'\r' | b'\n' => {}
            _ => reader.say(&[sign]),
        }
    }
    reader.text.trim().to_owned()
}

struct Reader {
    text: String,
    /// For each open group whether it shows nothing; deeper ones inherit it.
    hidden: Vec<bool>,
    code_page: String,
    /// Signs that stand in for a Unicode sign and are passed over.
    skip: usize,
}

impl Reader {
    /// Groups that hold no text: tables of fonts and colours, pictures, and all that is marked as such (`\*`).
    fn open(&mut self, behind: &[u8]) {
        const SILENT: &[&[u8]] = &[
            b"\\*",
            b"\\fonttbl",
            b"\\colortbl",
            b"\\stylesheet",
            b"\\info",
            b"\\pict",
            b"\\object",
            b"\\header",
            b"\\footer",
        ];
        let is_silent = SILENT.iter().any(|word| behind.starts_with(word)) || self.hidden.len() >= MAX_GROUPS;
        let is_hidden = self.is_hidden() || is_silent;
        if self.hidden.len() < 10 * MAX_GROUPS {
            self.hidden.push(is_hidden);
        }
    }

    fn is_hidden(&self) -> bool {
        self.hidden.last().copied().unwrap_or(false)
    }

    fn say(&mut self, bytes: &[u8]) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.is_hidden() {
            self.text.push_str(&charset::decode(bytes, Some(&self.code_page)));
        }
    }

    /// One control word or sign; gives back what stands behind it.
    fn control<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let letters = text.iter().take(32).take_while(|b| b.is_ascii_alphabetic()).count();
        if letters == 0 {
            return self.control_sign(text);
        }
        let (word, behind) = text.split_at(letters);
        let digits = behind
            .iter()
            .enumerate()
            .take(12)
            .take_while(|(at, b)| b.is_ascii_digit() || *at == 0 && **b == b'-')
            .count();
        let number = std::str::from_utf8(&behind[..digits]).ok().and_then(|digits| digits.parse::<i32>().ok());
        let behind = &behind[digits..];
        match word {
            b"par" | b"line" | b"sect" | b"page" | b"row" => self.mark('\n'),
            b"tab" | b"cell" => self.mark('\t'),
            b"ansicpg" => self.code_page = format!("cp{}", number.unwrap_or(1252)),
            b"v" if number != Some(0) => {
                if let Some(hidden) = self.hidden.last_mut() {
                    *hidden = true;
                }
            }
            b"u" => {
                // Numbers above 32,767 are written below zero.
                let code = number.map(|number| if number < 0 { number + 65_536 } else { number });
                let sign = code.and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32);
                self.mark(sign.unwrap_or('\u{fffd}'));
                self.skip = 1;
            }
            b"bullet" => self.mark('*'),
            b"lquote" | b"rquote" => self.mark('\''),
            b"ldblquote" | b"rdblquote" => self.mark('"'),
            b"endash" | b"emdash" => self.mark('–'),
            _ => {}
        }
        behind.strip_prefix(b" ").unwrap_or(behind)
    }

    fn control_sign<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let Some((&sign, behind)) = text.split_first() else { return text };
        match sign {
            b'\'' => {
                let code = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(code) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    self.say(&[code]);
                }
                return behind.get(2..).unwrap_or_default();
            }
            b'~' => self.mark(' '),
            b'_' => self.mark('-'),
            b'\\' | b'{' | b'}' => self.mark(char::from(sign)),
            b'\r' | b'\n' => self.mark('\n'),
            _ => {}
        }
        behind
    }

    fn mark(&mut self, sign: char) {
        if !self.is_hidden() {
            self.text.push(sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rich: &str, expected: &str) {
        assert_eq!(to_text(rich.as_bytes()), expected, "{rich:?}");
    }

    #[test]
    fn rich_text_reads_plain() {
        check(
            "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\pard Hallo caf\\'e9\\par tot \\b ziens\\b0 .}",
            "Hallo café\ntot ziens.",
        );
        check("{\\rtf1 a\\u8364 ?b \\{x\\}{\\*\\generator Riched20;}{\\pict 0102}}", "a€b {x}");
        check("{\\rtf1 zichtbaar {\\v verborgen} weer}", "zichtbaar  weer");
        check("{{{", "");
        check("}}}\\", "");
        check("\\'zz\\u", "\u{fffd}");
    }

    #[test]
    fn packed_text_is_unpacked() {
        let packed = |kind: &[u8], length: u32, data: &[u8]| {
            [&u32::try_from(data.len() + 12).unwrap().to_le_bytes()[..], &length.to_le_bytes(), kind, &[0; 4], data]
                .concat()
        };
        assert_eq!(unpacked(&packed(b"MELA", 3, b"abc")).unwrap(), b"abc");
        // Six signs from the dictionary's start, then three of its own.
        let words = packed(b"LZFu", 9, &[0b0000_0001, 0x00, 0x04, b'x', b'y', b'z']);
        assert_eq!(unpacked(&words).unwrap(), b"{\\rtf1xyz");
        assert_eq!(unpacked(b"short"), None);
        assert_eq!(unpacked(&packed(b"what", 3, b"abc")), None);
        // Each step gives at most 17 signs for two bytes, and never more than it tells.
        assert!(unpacked(&packed(b"LZFu", u32::MAX, &[0xFF; 10_000])).unwrap().len() < 200_000);
    }
}
