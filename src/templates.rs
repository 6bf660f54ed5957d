//! A notice in, words out: the letters of every language, compiled in and overridable by the desk.
//!
//! Templates are parsed once. A notice becomes plain data, in which [`words`] spells out times, durations
//! and keys by the names of the fields; the templates only arrange it.

mod builtin;
mod helpers;
mod words;

use crate::domain::names::Language;
use crate::domain::notice::{Cause, Notice, Recipient, Words};
use handlebars::{Context, Handlebars};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use words::Phrases;

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
    /// Content-ID of the logo, when the letter carries one.
    pub logo: Option<String>,
}

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// On one line, with the tag of the installation where it is about a case.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part that says the same; letters to experts and of the machine have none.
    pub html: Option<String>,
}

/// What is wrong with a template, and where.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file can't be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A template can't be parsed, or names what is not there.
    #[error("{file}, line {line}, column {column}: {why}")]
    Broken {
        /// The template's name below the folder, such as `nl/relay.txt.hbs`.
        file: String,
        /// Counted from 1; 0 where it is not known.
        line: usize,
        /// Counted from 1; 0 where it is not known.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// No templates for this language.
    #[error("no letters are written in the language \"{0}\"")]
    NoLanguage(String),
}

/// All letters of all languages, ready to be filled.
pub struct Templates {
    text: Handlebars<'static>,
    html: Handlebars<'static>,
    languages: BTreeMap<Language, Phrases>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("languages", &self.languages.keys()).finish_non_exhaustive()
    }
}

impl Templates {
    /// The letters that are compiled in; each file of the same name below `overrides` takes the place of one
    /// (`nl/relay.txt.hbs`, `en/words.toml`, `page.html.hbs`). All of them are tried before this returns.
    ///
    /// # Errors
    /// [`TemplateError`] with file, line and column: a broken override is never passed over in silence, and
    /// neither is a file that no letter is named after.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateError> {
        let mut files: BTreeMap<String, String> =
            builtin::FILES.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        if let Some(folder) = overrides {
            read_overrides(folder, &mut files)?;
        }
        let mut templates = Self { text: Handlebars::new(), html: Handlebars::new(), languages: BTreeMap::new() };
        templates.text.register_escape_fn(handlebars::no_escape);
        for registry in [&mut templates.text, &mut templates.html] {
            registry.set_strict_mode(true);
            helpers::register(registry);
        }
        for (file, source) in &files {
            templates.add(file, source)?;
        }
        templates.check()?;
        Ok(templates)
    }

    fn add(&mut self, file: &str, source: &str) -> Result<(), TemplateError> {
        if let Some(language) = file.strip_suffix("/words.toml") {
            let broken = |why: String| TemplateError::Broken { file: file.into(), line: 0, column: 0, why };
            let phrases: Phrases = toml::from_str(source).map_err(|error| broken(error.to_string()))?;
            phrases.check(Cause::ALL).map_err(broken)?;
            for (kind, subject) in &phrases.subjects {
                register(&mut self.text, &format!("{language}/{kind}.subject"), subject, file)?;
            }
            let language = Language::new(language).map_err(|error| broken(error.to_string()))?;
            self.languages.insert(language, phrases);
        } else if let Some(name) = file.strip_suffix(".txt.hbs") {
            register(&mut self.text, name, source, file)?;
        } else if let Some(name) = file.strip_suffix(".html.hbs") {
            register(&mut self.html, name, source, file)?;
        }
        Ok(())
    }

    /// The letter in the reader's language and time zone, as written at `now`.
    ///
    /// # Errors
    /// [`TemplateError`] when there is no such language, or a key of the notice has no words.
    pub fn render(&self, notice: &Notice, letterhead: &Letterhead, now: Timestamp) -> Result<Rendered, TemplateError> {
        self.render_words(&notice.words, &notice.to, letterhead, now)
    }

    fn render_words(
        &self,
        words: &Words,
        to: &Recipient,
        letterhead: &Letterhead,
        now: Timestamp,
    ) -> Result<Rendered, TemplateError> {
        let code = to.language.code();
        let phrases = self.languages.get(&to.language).ok_or_else(|| TemplateError::NoLanguage(code.into()))?;
        let name = format!("{code}/{}", words.kind_name());
        let broken = |why: String| TemplateError::Broken { file: name.clone(), line: 0, column: 0, why };
        let mut data = serde_json::to_value(words).map_err(|error| broken(error.to_string()))?;
        words::spell_out(&mut data, phrases, &to.time_zone, now).map_err(broken)?;
        if let Value::Object(fields) = &mut data {
            fields.insert("desk".into(), json!(letterhead));
            fields.insert("to_name".into(), json!(to.person.name));
            fields.insert("language".into(), json!(code));
        }
        let context = Context::from(data);
        let subject = fill(&self.text, &format!("{name}.subject"), &context)?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = tidy(&fill(&self.text, &name, &context)?);
        let html = self.html.has_template(&name).then(|| fill(&self.html, &name, &context)).transpose()?;
        Ok(Rendered { subject, text, html })
    }

    /// The languages in which letters are written.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.languages.keys().copied()
    }

    /// Renders every letter in every language, full and bare. `load` has done so.
    ///
    /// # Errors
    /// [`TemplateError`] with file, line and column of the first fault.
    pub fn check(&self) -> Result<(), TemplateError> {
        for language in self.languages.keys() {
            for (full, minimal) in Words::samples() {
                for words in [full, minimal] {
                    let to = words::sample_recipient(*language);
                    self.render_words(&words, &to, &words::sample_letterhead(), words::sample_now())?;
                }
            }
        }
        Ok(())
    }
}

fn register(registry: &mut Handlebars<'_>, name: &str, source: &str, file: &str) -> Result<(), TemplateError> {
    registry.register_template_string(name, source).map_err(|error| {
        let (line, column) = error.pos().unwrap_or((0, 0));
        TemplateError::Broken { file: file.into(), line, column, why: error.reason().to_string() }
    })
}

fn fill(registry: &Handlebars<'_>, name: &str, context: &Context) -> Result<String, TemplateError> {
    registry.render_with_context(name, context).map_err(|error| TemplateError::Broken {
        file: error.template_name.clone().unwrap_or_else(|| name.to_owned()),
        line: error.line_no.unwrap_or(0),
        column: error.column_no.unwrap_or(0),
        why: error.reason().to_string(),
    })
}

/// No blanks at the end of a line but in the mark of a signature, never two empty lines, one line end last.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty_lines = 1;
    for line in text.lines() {
        let line = if line == "-- " { line } else { line.trim_end() };
        empty_lines = if line.is_empty() { empty_lines + 1 } else { 0 };
        if empty_lines < 2 {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    let end = tidied.trim_end().len();
    tidied.truncate(end);
    tidied.push('\n');
    tidied
}

/// Every file of the folder must be one that a letter is named after.
fn read_overrides(folder: &Path, files: &mut BTreeMap<String, String>) -> Result<(), TemplateError> {
    let unreadable =
        |path: &Path, error: &std::io::Error| TemplateError::Unreadable { path: path.into(), why: error.to_string() };
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).map_err(|error| unreadable(&next, &error))? {
            let path = entry.map_err(|error| unreadable(&next, &error))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let Some(file) = files.get_mut(&name) else {
                return Err(TemplateError::Unreadable { path, why: "no letter is named so".into() });
            };
            *file = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    static BUILT_IN: std::sync::LazyLock<Templates> =
        std::sync::LazyLock::new(|| Templates::load(None).unwrap_or_else(|error| panic!("{error}")));

    #[test]
    fn every_letter_can_be_written() {
        BUILT_IN.check().unwrap();
    }

    #[test]
    fn all_letters_read_well() {
        let templates = &*BUILT_IN;
        for language in templates.languages() {
            let to = words::sample_recipient(language);
            let mut all = String::new();
            for (full, minimal) in Words::samples() {
                for (fill, words) in [("full", full), ("minimal", minimal)] {
                    let letterhead = words::sample_letterhead();
                    let letter = templates.render_words(&words, &to, &letterhead, words::sample_now()).unwrap();
                    let kind = words.kind_name();
                    writeln!(all, "=== {kind} ({fill})\nSubject: {}\n\n{}", letter.subject, letter.text).unwrap();
                }
            }
            insta::with_settings!({ snapshot_path => "../tests/letters/golden", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(format!("letters-{language}"), all);
            });
        }
    }

    fn letter(language: Language, words: Words) -> Rendered {
        let to = words::sample_recipient(language);
        BUILT_IN.render_words(&words, &to, &words::sample_letterhead(), words::sample_now()).unwrap()
    }

    fn overridden(file: &str, source: &str) -> Result<Templates, TemplateError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, source).unwrap();
        Templates::load(Some(folder.path()))
    }

    #[test]
    fn a_desk_says_it_in_its_own_words() {
        let templates = overridden("nl/refusal.txt.hbs", "Helaas: {{subject}}\n").unwrap();
        let to = words::sample_recipient(Language::NL);
        let words = Words::Refusal(crate::domain::notice::Sample::full());
        let letter = templates.render_words(&words, &to, &words::sample_letterhead(), words::sample_now()).unwrap();
        assert_eq!(letter.text, "Helaas: Contactformulier verstuurt niet\n");
    }

    #[test]
    fn a_broken_override_tells_its_place_and_is_never_passed_over() {
        let told = |file: &str, source: &str| overridden(file, source).unwrap_err().to_string();
        let misspelt = told("nl/refusal.txt.hbs", "Beste,\n  {{subjekt}}\n");
        assert!(misspelt.starts_with("nl/refusal, line 2, column 3"), "{misspelt}");
        let unclosed = told("en/relay.html.hbs", "a\n{{#if text}}\n");
        assert!(unclosed.starts_with("en/relay.html.hbs, line "), "{unclosed}");
        let unknown = told("nl/refusals.txt.hbs", "x");
        assert!(unknown.ends_with("no letter is named so"), "{unknown}");
        let lacking = told("nl/words.toml", "weekdays = []");
        assert!(lacking.starts_with("nl/words.toml"), "{lacking}");
    }

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/letters");
        let mut files = builtin::FILES.iter().map(|&(name, _)| (name.to_owned(), String::new())).collect();
        read_overrides(&root, &mut files).unwrap();
        assert!(files.values().all(|source| !source.is_empty()));
    }

    #[test]
    fn what_others_wrote_stays_text() {
        let mut relay = <crate::domain::notice::Relay as crate::domain::notice::Sample>::full();
        relay.text = "<script>alert(1)</script>\n{{desk.footer}} & co".into();
        relay.case.subject = "<b>x</b>\r\nBcc: y".into();
        relay.sender.name = "\"><img src=x>".into();
        let letter = letter(Language::EN, relay.into());
        let html = letter.html.unwrap();
        assert!(!html.contains("<script>") && !html.contains("<b>x") && !html.contains("<img src=x"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("{{desk.footer}} &amp; co"));
        assert!(letter.text.contains("<script>alert(1)</script>\n{{desk.footer}} & co"));
        assert_eq!(letter.subject, "[ZUID AMR-2026-0042] <b>x</b> Bcc: y");
    }

    /// Whether each line of the text part stands on the page too.
    fn check_parts(kind: &str, letter: &Rendered, markup: &regex::Regex) {
        let Some(html) = &letter.html else { return };
        let flat = |text: &str| text.replace("&nbsp;", " ").split_whitespace().collect::<String>();
        let seen = flat(&markup.replace_all(html, "").replace("&quot;", "\"").replace("&#x27;", "'"));
        for line in letter.text.lines().take_while(|line| *line != "-- ") {
            let line = flat(line.trim_start_matches(['>', ' ', '-', '_']));
            let word: String = line.split(':').next_back().unwrap_or_default().chars().take(30).collect();
            assert!(seen.contains(&word.replace('>', "&gt;")), "{kind}: {line}");
        }
    }

    #[test]
    fn both_parts_say_the_same_and_our_help_is_never_a_tag() {
        let markup = regex::Regex::new("<[^>]*>").unwrap();
        let samples = || Words::samples().into_iter().flat_map(|(full, minimal)| [full, minimal]);
        for (language, words) in BUILT_IN.languages().flat_map(|l| samples().map(move |words| (l, words))) {
            let kind = words.kind_name();
            let letter = letter(language, words);
            for line in letter.text.lines().filter(|line| line.starts_with('#')) {
                assert_eq!(line, "#1 op de homepage doet het wel.", "{kind}");
            }
            check_parts(kind, &letter, &markup);
        }
    }
}
