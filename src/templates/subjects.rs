//! What the subjects of letters put around the words of a mail.

use super::{Letterhead, TemplateError, Templates, sample_now, sample_recipient};
use crate::domain::notice::{Transcript, Words};
use crate::domain::subject::Frame;
use handlebars::Context;

/// Stands for the subject of the mail: a character for private use, which no mail's subject has.
const MARK: &str = "\u{e000}";

impl Templates {
    /// What the subjects of transcripts put around the subject of the parked mail, in every language and as the desk
    /// words it.
    ///
    /// # Errors
    /// [`TemplateError`] when such a subject can't be filled.
    pub fn transcript_frames(&self, letterhead: &Letterhead) -> Result<Vec<Frame>, TemplateError> {
        let mut frames = Vec::new();
        for (language, is_reminder) in self.languages().flat_map(|language| [(language, false), (language, true)]) {
            let words = Words::from(Transcript {
                case: None,
                subject: MARK.into(),
                lines: Vec::new(),
                text: String::new(),
                is_reminder,
                needs_text: false,
                is_parked: true,
            });
            let data = self.data(&words, &sample_recipient(language), letterhead, sample_now())?;
            let name = format!("{}/{}.subject", language.code(), words.kind_name());
            frames.extend(Frame::around(MARK, &self.fill(false, &name, &Context::from(data))?));
        }
        frames.dedup();
        Ok(frames)
    }
}
