//! What letters are written with and on. Writing one takes longer than deciding it, and needs nothing of the database:
//! so it happens on another core, while the transaction that decided it goes on.

use crate::domain::identity::{scrub_tokens, without_tokens};
use crate::domain::notice::{Notice, Words};
use crate::mail::compose::{Attachment, Draft};
use crate::store::StoreError;
use crate::store::letters::Finished;
use crate::store::raw::RawMails;
use crate::templates::{Letterhead, Logo, Templates};

use super::boundary;

/// A desk's words and looks.
#[derive(Debug)]
pub struct Stationery {
    /// Its words.
    pub templates: Templates,
    /// What every letter shows of the desk.
    pub letterhead: Letterhead,
    /// The picture that its letters carry.
    pub logo: Option<Logo>,
}

/// A letter that is decided and addressed, but not yet written.
#[derive(Debug)]
pub struct Sheet {
    /// What it says.
    pub notice: Notice,
    /// All else that it consists of; subject, text, page and logo are still empty.
    pub draft: Draft,
}

impl Sheet {
    /// How many bytes the letter will have, about.
    #[must_use]
    pub fn size(&self) -> usize {
        /// Words, page and header of most letters.
        const WORDS: usize = 16 * 1024;
        WORDS + self.draft.attachments.iter().map(|file| file.bytes.len()).sum::<usize>()
    }
}

impl Stationery {
    /// Renders and composes the letter, as written at the date of its draft, and packs its bytes.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a letter that can't be written; it names which, and why.
    pub fn write(&self, sheet: Sheet) -> Result<Finished, StoreError> {
        let Sheet { notice, mut draft } = sheet;
        let words = &notice.words;
        let rendered = self
            .templates
            .render(&notice, &self.letterhead, draft.date)
            .map_err(|e| StoreError::Inconsistent(format!("letter \"{}\" can't be written: {e}", words.kind_name())))?;
        boundary::reach("after-render");
        draft.attachments.extend(rendered.html.as_deref().and_then(|page| self.logo_for(page)));
        // Tokens travel in quotes and don't go on, but for those that a letter itself gives its reader.
        let scrubbed = |part: String| match words {
            Words::Reminder(_) => part,
            _ => without_tokens(part),
        };
        draft.subject = scrub_tokens(&rendered.subject);
        draft.text = scrubbed(rendered.text);
        draft.html = rendered.html.map(scrubbed);
        let bytes =
            draft.to_bytes().map_err(|e| StoreError::Inconsistent(format!("letter \"{}\": {e}", words.kind_name())))?;
        // Most were scrubbed above.
        let text = if matches!(words, Words::Reminder(_)) { without_tokens(draft.text) } else { draft.text };
        Ok(Finished { subject: draft.subject, text, raw: RawMails::pack(&bytes) })
    }

    /// The desk's logo, where the letter's page shows it.
    fn logo_for(&self, page: &str) -> Option<Attachment> {
        let logo = self.logo.as_ref().filter(|logo| logo.is_shown_by(page))?;
        Some(Attachment {
            name: logo.name.to_owned(),
            media_type: logo.media_type.to_owned(),
            bytes: logo.bytes.clone(),
            content_id: Some(logo.content_id.clone()),
            is_inline: true,
        })
    }
}
