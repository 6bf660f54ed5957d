//! `winmail.dat`: what Exchange and Outlook pack a mail and its attachments in (MS-OXTNEF, MS-OXCDATA section 2.11).
//!
//! A stream of attributes; the newer ones hold lists of properties. Nothing is packed tighter than it is told, so the
//! result is never longer than the input; a length beyond the end ends the reading, and what came before is kept.

use super::{charset, rtf};

/// MS-OXTNEF section 2.1.3.1.
const SIGNATURE: u32 = 0x223E_9F78;
/// The deepest messages within messages.
const MAX_DEPTH: usize = 4;
/// The most attachments of one stream, and of all within it.
const MAX_FILES: usize = 500;
/// The most properties of one list.
const MAX_PROPERTIES: u32 = 5_000;

// Attributes (MS-OXTNEF section 2.1.3.3).
const ATT_BODY: u32 = 0x0002_800C;
const ATT_MESSAGE_PROPERTIES: u32 = 0x0006_9003;
const ATT_CODE_PAGE: u32 = 0x0006_9007;
const ATT_FILE_BEGINS: u32 = 0x0006_9002;
const ATT_FILE_TITLE: u32 = 0x0001_8010;
const ATT_FILE_DATA: u32 = 0x0006_800F;
const ATT_FILE_PROPERTIES: u32 = 0x0006_9005;

// Properties (MS-OXPROPS).
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const DISPLAY_NAME: u16 = 0x3001;
const FILE_DATA: u16 = 0x3701;
const FILE_NAME: u16 = 0x3704;
const FILE_LONG_NAME: u16 = 0x3707;
const FILE_MEDIA_TYPE: u16 = 0x370E;
const FILE_CONTENT_ID: u16 = 0x3712;

/// What a stream holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The plain text of the mail; empty where there is none.
    pub text: String,
    /// The HTML text of the mail; empty where there is none.
    pub html: String,
    /// Everything that hangs on it, and on the messages within it.
    pub files: Vec<File>,
    /// Whether it ended before its end, or held more than is read.
    pub is_cut: bool,
}

/// One attachment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The name; the long one where there are two.
    pub name: String,
    /// The type, where it is told.
    pub media_type: Option<String>,
    /// The id by which an HTML text shows it.
    pub content_id: Option<String>,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Reads a stream; nothing where it is none.
#[must_use]
pub fn unpack(stream: &[u8]) -> Option<Unpacked> {
    unpack_at(stream, 0)
}

fn unpack_at(stream: &[u8], depth: usize) -> Option<Unpacked> {
    let mut input = Input(stream);
    if input.u32()? != SIGNATURE {
        return None;
    }
    input.u16()?;
    let mut reader = Reader { depth, code_page: None, found: Unpacked::default(), has_file: false, title: None };
    let is_whole = reader.attributes(&mut input).is_some();
    reader.end_file();
    reader.found.is_cut |= !is_whole;
    reader.found.files.retain(|file| !file.bytes.is_empty() || !file.name.is_empty());
    Some(reader.found)
}

struct Reader {
    depth: usize,
    code_page: Option<String>,
    found: Unpacked,
    has_file: bool,
    title: Option<String>,
}

impl Reader {
    fn attributes(&mut self, input: &mut Input<'_>) -> Option<()> {
        while !input.0.is_empty() {
            // Some writers fill the end with zeros.
            if input.0.iter().take(64).all(|b| *b == 0) {
                break;
            }
            let _level = input.u8()?;
            let attribute = input.u32()?;
            let length = input.u32()?;
            let data = input.take(usize::try_from(length).ok()?)?;
            let _checksum = input.u16();
            self.attribute(attribute, data);
            if self.found.files.len() > MAX_FILES {
                self.found.files.truncate(MAX_FILES);
                return None;
            }
        }
        Some(())
    }

    fn attribute(&mut self, attribute: u32, data: &[u8]) {
        match attribute {
            ATT_CODE_PAGE => self.code_page = Input(data).u32().map(|number| format!("cp{number}")),
            ATT_BODY => self.found.text = self.narrow(data),
            ATT_MESSAGE_PROPERTIES => {
                let is_whole = self.properties(data, Reader::message_property).is_some();
                self.found.is_cut |= !is_whole;
            }
            ATT_FILE_BEGINS => {
                self.end_file();
                self.found.files.push(File::default());
                self.has_file = true;
            }
            ATT_FILE_TITLE => self.title = Some(self.narrow(data)),
            ATT_FILE_DATA => {
                if let Some(file) = self.file() {
                    file.bytes = data.to_vec();
                }
            }
            ATT_FILE_PROPERTIES => {
                let is_whole = self.properties(data, Reader::file_property).is_some();
                self.found.is_cut |= !is_whole;
            }
            _ => {}
        }
    }

    /// The attachment that is being read.
    fn file(&mut self) -> Option<&mut File> {
        if self.has_file { self.found.files.last_mut() } else { None }
    }

    /// The title of old stands in where no property names the file.
    fn end_file(&mut self) {
        let title = self.title.take();
        if let (Some(file), Some(title)) = (self.file(), title)
            && file.name.is_empty()
        {
            file.name = title;
        }
        self.has_file = false;
    }

    fn message_property(&mut self, id: u16, value: &Value<'_>) {
        match id {
            BODY => self.found.text = self.words(value),
            HTML => self.found.html = self.words(value),
            RTF if self.found.text.is_empty() => {
                self.found.text = rtf::unpacked(value.bytes).map(|text| rtf::to_text(&text)).unwrap_or_default();
            }
            _ => {}
        }
    }

    fn file_property(&mut self, id: u16, value: &Value<'_>) {
        let words = if value.is_object { String::new() } else { self.words(value) };
        if id == FILE_DATA && value.is_object {
            self.object(value.bytes);
            return;
        }
        let Some(file) = self.file() else { return };
        match id {
            FILE_LONG_NAME => file.name = words,
            FILE_NAME | DISPLAY_NAME if file.name.is_empty() => file.name = words,
            FILE_MEDIA_TYPE => file.media_type = Some(words).filter(|kind| kind.contains('/')),
            FILE_CONTENT_ID => file.content_id = Some(words).filter(|id| !id.is_empty()),
            FILE_DATA => file.bytes = value.bytes.to_vec(),
            _ => {}
        }
    }

    /// A message or a document as an attachment: 16 bytes that say what it is, then its bytes.
    fn object(&mut self, bytes: &[u8]) {
        let inner = bytes.get(16..).unwrap_or_default();
        let unpacked = if self.depth < MAX_DEPTH { unpack_at(inner, self.depth + 1) } else { None };
        match (unpacked, self.file()) {
            (Some(unpacked), _) => {
                self.found.is_cut |= unpacked.is_cut;
                let at = self.found.files.len().saturating_sub(1);
                // The message itself stays the last one, so that its later properties find it.
                self.found.files.splice(at..at, unpacked.files);
                if let Some(file) = self.file() {
                    file.bytes = if unpacked.text.is_empty() { unpacked.html } else { unpacked.text }.into_bytes();
                    file.media_type.get_or_insert_with(|| "text/plain".to_owned());
                }
            }
            (None, Some(file)) => file.bytes = inner.to_vec(),
            (None, None) => {}
        }
    }

    fn properties(&mut self, data: &[u8], each: fn(&mut Self, u16, &Value<'_>)) -> Option<()> {
        let mut input = Input(data);
        let count = input.u32()?.min(MAX_PROPERTIES);
        for _ in 0..count {
            let kind = input.u16()?;
            let id = input.u16()?;
            if id >= 0x8000 {
                input.take(16)?;
                if input.u32()? == 0 {
                    input.u32()?;
                } else {
                    let length = input.u32()?;
                    input.padded(length)?;
                }
            }
            for value in input.values(kind)? {
                each(self, id, &value);
            }
        }
        Some(())
    }

    /// A text of one or two bytes a sign.
    fn words(&self, value: &Value<'_>) -> String {
        let text = match value.kind {
            0x1F => charset::decode(value.bytes, Some("utf-16le")),
            _ => self.narrow(value.bytes),
        };
        text.trim_end_matches('\0').to_owned()
    }

    fn narrow(&self, bytes: &[u8]) -> String {
        charset::decode(bytes, self.code_page.as_deref()).trim_end_matches('\0').to_owned()
    }
}

/// One value of a property.
struct Value<'a> {
    kind: u16,
    is_object: bool,
    bytes: &'a [u8],
}

/// What is still to be read. Numbers have their low byte first.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    /// Values of no fixed length are filled up to a multiple of four; the last one of a list may lack that.
    fn padded(&mut self, length: u32) -> Option<&'a [u8]> {
        let length = usize::try_from(length).ok()?;
        let taken = self.take(length)?;
        let padding = (4 - length % 4) % 4;
        self.take(padding.min(self.0.len()))?;
        Some(taken)
    }

    /// MS-OXTNEF section 2.1.3.4: by the kind of the property.
    fn values(&mut self, kind: u16) -> Option<Vec<Value<'a>>> {
        let is_many = kind & 0x1000 != 0;
        let single = kind & 0x0FFF;
        let fixed = match single {
            0x01 => 0,
            0x02 | 0x03 | 0x04 | 0x0A | 0x0B => 4,
            0x05 | 0x06 | 0x07 | 0x14 | 0x40 => 8,
            0x48 => 16,
            0x0D | 0x1E | 0x1F | 0x102 => {
                let count = self.u32()?.min(MAX_PROPERTIES);
                let mut all = Vec::new();
                for _ in 0..count {
                    let length = self.u32()?;
                    let bytes = self.padded(length)?;
                    all.push(Value { kind: single, is_object: single == 0x0D, bytes });
                }
                return Some(all);
            }
            _ => return None,
        };
        let count = if is_many { self.u32()?.min(MAX_PROPERTIES) } else { 1 };
        for _ in 0..count {
            self.take(fixed)?;
        }
        Some(Vec::new())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let sum = data.iter().fold(0_u16, |sum, b| sum.wrapping_add(u16::from(*b)));
        let length = u32::try_from(data.len()).unwrap();
        let mut all = vec![level];
        all.extend(id.to_le_bytes());
        all.extend(length.to_le_bytes());
        all.extend(data);
        all.extend(sum.to_le_bytes());
        all
    }

    fn property(kind: u16, id: u16, data: &[u8]) -> Vec<u8> {
        let mut all = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        all.extend(1_u32.to_le_bytes());
        all.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        all.extend(data);
        all.resize(all.len().next_multiple_of(4), 0);
        all
    }

    fn list(properties: &[Vec<u8>]) -> Vec<u8> {
        let mut all = u32::try_from(properties.len()).unwrap().to_le_bytes().to_vec();
        all.extend(properties.concat());
        all
    }

    fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
        let mut all = SIGNATURE.to_le_bytes().to_vec();
        all.extend([1, 0]);
        all.extend(attributes.concat());
        all
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    /// A `winmail.dat` with a text and one file of each kind of name.
    pub fn sample() -> Vec<u8> {
        stream(&[
            attribute(1, 0x0008_9006, &[0, 0, 1, 0]),
            attribute(1, ATT_CODE_PAGE, &[0xE4, 4, 0, 0, 0, 0, 0, 0]),
            attribute(1, ATT_BODY, b"Hallo caf\xe9\0"),
            attribute(2, ATT_FILE_BEGINS, &[1; 14]),
            attribute(2, ATT_FILE_TITLE, b"OFFERT~1.PDF\0"),
            attribute(2, ATT_FILE_DATA, b"%PDF"),
            attribute(
                2,
                ATT_FILE_PROPERTIES,
                &list(&[
                    [[0x03, 0x00, 0x05, 0x37].as_slice(), &[1, 0, 0, 0]].concat(),
                    property(0x1F, FILE_LONG_NAME, &wide("Offerte één.pdf\0")),
                    property(0x1E, FILE_MEDIA_TYPE, b"application/pdf\0"),
                ]),
            ),
            attribute(2, ATT_FILE_BEGINS, &[1; 14]),
            attribute(2, ATT_FILE_TITLE, b"kort.txt\0"),
            attribute(2, ATT_FILE_DATA, b"kort"),
        ])
    }

    fn check(raw: &[u8], text: &str, files: &[(&str, &[u8])]) -> Unpacked {
        let found = unpack(raw).unwrap();
        assert_eq!(found.text, text);
        assert_eq!(found.files.iter().map(|f| (f.name.as_str(), f.bytes.as_slice())).collect::<Vec<_>>(), files);
        found
    }

    #[test]
    fn texts_and_files_are_unpacked_under_their_long_names() {
        let found = check(&sample(), "Hallo café", &[("Offerte één.pdf", b"%PDF"), ("kort.txt", b"kort")]);
        assert_eq!((found.files[0].media_type.as_deref(), found.is_cut), (Some("application/pdf"), false));
        assert_eq!(unpack(b"no such thing"), None);
        assert_eq!(unpack(b""), None);
    }

    #[test]
    fn bodies_stand_in_properties_too() {
        let named = [
            &[0x1F, 0, 0, 0x80][..],
            &[9; 16],
            &[1, 0, 0, 0, 4, 0, 0, 0, b'a', 0, 0, 0],
            &[1, 0, 0, 0, 2, 0, 0, 0, b'x', 0, 0, 0],
        ]
        .concat();
        let raw = stream(&[attribute(
            1,
            ATT_MESSAGE_PROPERTIES,
            &list(&[named, property(0x1F, BODY, &wide("Dag\0")), property(0x102, HTML, b"<p>Dag")]),
        )]);
        assert_eq!(check(&raw, "Dag", &[]).html, "<p>Dag");
    }

    #[test]
    fn a_message_within_gives_its_files_and_its_text() {
        let mut object = vec![7; 16];
        object.extend(sample());
        let raw = stream(&[
            attribute(2, ATT_FILE_BEGINS, &[1; 14]),
            attribute(
                2,
                ATT_FILE_PROPERTIES,
                &list(&[property(0x0D, FILE_DATA, &object), property(0x1E, DISPLAY_NAME, b"Oude mail\0")]),
            ),
        ]);
        check(&raw, "", &[("Offerte één.pdf", b"%PDF"), ("kort.txt", b"kort"), ("Oude mail", "Hallo café".as_bytes())]);
    }

    #[test]
    fn broken_streams_give_what_came_before_the_break() {
        let whole = sample();
        for length in 0..whole.len() {
            if let Some(found) = unpack(&whole[..length]) {
                assert!(found.files.len() <= 2);
            }
        }
        assert!(unpack(&whole[..whole.len() - 20]).unwrap().is_cut);
        let mut lying = stream(&[attribute(1, ATT_MESSAGE_PROPERTIES, &[0xFF; 64])]);
        lying.extend([1, 2, 3, 4, 5, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert!(unpack(&lying).unwrap().is_cut);
        let nest = |inner: Vec<u8>| {
            let object = [vec![7; 16], inner].concat();
            stream(&[
                attribute(2, ATT_FILE_BEGINS, &[1]),
                attribute(2, ATT_FILE_PROPERTIES, &list(&[property(0x0D, FILE_DATA, &object)])),
            ])
        };
        let deep = (0..50).fold(sample(), |inner, _| nest(inner));
        assert!(unpack(&deep).is_some());
        let many = stream(&vec![attribute(2, ATT_FILE_BEGINS, &[1]); 5_000]);
        assert!(unpack(&many).unwrap().is_cut);
    }
}
