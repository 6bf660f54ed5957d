//! What a desk puts on every letter: name, colour, last lines, logo.

use super::TemplateError;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Every letter with a page carries the logo along, so it must be small.
const LARGEST_LOGO: usize = 64 * 1024;

/// What a desk puts on every letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letterhead {
    /// The desk's name.
    pub desk_name: String,
    /// Its support address.
    pub desk_address: String,
    /// Stands in every subject on a case: `[TAG AMR-2026-0042]`.
    pub subject_tag: String,
    /// Colour of the line above the letter, `#rrggbb`.
    pub colour: String,
    /// Last lines, such as telephone number and opening hours; may be empty.
    pub footer: String,
    /// Content-ID of the logo, for `cid:`, where the desk has one.
    pub logo: Option<String>,
}

/// A picture at the head of a letter's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its Content-ID, made from its content.
    pub content_id: String,
    /// `image/png` and the like.
    pub media_type: &'static str,
    /// File name in the letter.
    pub name: &'static str,
    /// The picture.
    pub bytes: Vec<u8>,
}

impl Logo {
    /// Reads the picture: PNG, JPEG or GIF, which every mail program shows.
    ///
    /// # Errors
    /// [`TemplateError::Unreadable`] for a file that can't be read, another kind of file, or one above 64 KiB.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let unfit = |why: String| TemplateError::Unreadable { path: path.to_owned(), why };
        let bytes = std::fs::read(path).map_err(|error| unfit(format!("the logo can't be read: {error}")))?;
        if bytes.len() > LARGEST_LOGO {
            let size = bytes.len().div_ceil(1024);
            return Err(unfit(format!("the logo has {size} KiB, and every letter carries it: make it 64 KiB at most")));
        }
        let (media_type, name) = kind_of(&bytes)
            .ok_or_else(|| unfit("the logo is no PNG, JPEG or GIF, and mail programs show no other".to_owned()))?;
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)[..12]);
        Ok(Self { content_id: format!("logo-{digest}@casepost"), media_type, name, bytes })
    }

    /// The picture inside a page that stands alone, outside of any letter.
    #[must_use]
    pub fn embed(&self, page: &str) -> String {
        let data = data_encoding::BASE64.encode(&self.bytes);
        page.replace(&format!("cid:{}", self.content_id), &format!("data:{};base64,{data}", self.media_type))
    }

    /// Whether a page shows it.
    #[must_use]
    pub fn is_shown_by(&self, page: &str) -> bool {
        page.contains(&format!("cid:{}", self.content_id))
    }
}

/// Media type and file name, by the first bytes.
fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some(("image/png", "logo.png")),
        [0xff, 0xd8, 0xff, ..] => Some(("image/jpeg", "logo.jpg")),
        [b'G', b'I', b'F', b'8', ..] => Some(("image/gif", "logo.gif")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo");
        std::fs::write(&path, bytes).unwrap();
        match (Logo::read(&path), expected) {
            (Ok(logo), Ok(media_type)) => assert_eq!(logo.media_type, media_type),
            (Err(error), Err(why)) => assert!(error.to_string().contains(why), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn a_logo_is_a_small_picture_that_mail_programs_show() {
        check(b"\x89PNG\r\n\x1a\n", Ok("image/png"));
        check(b"\xff\xd8\xff\xe0", Ok("image/jpeg"));
        check(b"GIF89a", Ok("image/gif"));
        check(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", Err("no PNG, JPEG or GIF"));
        check(&[0x89, b'P', b'N', b'G'].repeat(20_000), Err("79 KiB"));
        let missing = Logo::read(Path::new("/nowhere/logo.png")).unwrap_err().to_string();
        assert!(missing.starts_with("/nowhere/logo.png: the logo can't be read"), "{missing}");
    }

    #[test]
    fn a_page_alone_carries_its_logo() {
        let logo =
            Logo { content_id: "logo-1@casepost".into(), media_type: "image/png", name: "logo.png", bytes: vec![1] };
        let page = "<img src=\"cid:logo-1@casepost\">";
        assert!(logo.is_shown_by(page));
        assert_eq!(logo.embed(page), "<img src=\"data:image/png;base64,AQ==\">");
    }
}
