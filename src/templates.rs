//! A notice in, words out: the letters of every language, compiled in and overridable by the desk.
//!
//! Templates are parsed once. A notice becomes plain data, in which [`words`] spells out times, durations
//! and keys by the names of the fields; the templates only arrange it.

mod builtin;
mod files;
mod helpers;
mod inlined;
mod letterhead;
mod lint;
mod samples;
mod subjects;
mod variables;
mod words;

use crate::domain::names::Language;
use crate::domain::notice::{Cause, Notice, Recipient, Words};
use crate::domain::toml_lines::TomlLines;
use files::{PATTERN, Sources};
use handlebars::{Context, Handlebars};
use jiff::Timestamp;
use lint::Lint;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use files::Source;
pub use letterhead::{Letterhead, Logo};
pub use samples::{Preview, sample_letterhead, sample_now, sample_recipient};
pub use variables::Variable;
pub use words::Phrases;

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

/// A fault in a template, and its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The desk's own file by its path, a compiled-in one by its name, such as `nl/relay.txt.hbs (built in)`.
    pub file: String,
    /// Counted from 1; 0 where the whole file is meant.
    pub line: usize,
    /// Counted from 1; 0 where the whole line is meant.
    pub column: usize,
    /// What is wrong.
    pub why: String,
}

impl Fault {
    fn of_file(file: String, why: String) -> Self {
        Self { file, line: 0, column: 0, why }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column, why } = self;
        match (line, column) {
            (0, _) => write!(f, "{file}: {why}"),
            (line, 0) => write!(f, "{file}, line {line}: {why}"),
            (line, column) => write!(f, "{file}, line {line}, column {column}: {why}"),
        }
    }
}

/// Why there are no letters.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file can't be read or used.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Templates can't be parsed or filled, or name what is not there; all that were found.
    #[error("{}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))]
    Broken(Vec<Fault>),
    /// No letter has this name.
    #[error("there is no letter \"{0}\": see \"casepost template list\"")]
    NoLetter(String),
    /// No templates for this language.
    #[error("no letters are written in the language \"{0}\"; there are {1}")]
    NoLanguage(String, String),
}

/// All letters of all languages, ready to be filled.
pub struct Templates {
    text: Handlebars<'static>,
    html: Handlebars<'static>,
    /// The same, with partials in their places: what letters are written with. Faults are told from those above.
    quick_text: Handlebars<'static>,
    quick_html: Handlebars<'static>,
    languages: BTreeMap<Language, Phrases>,
    sources: Sources,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("languages", &self.languages.keys()).finish_non_exhaustive()
    }
}

impl Templates {
    /// The letters that are compiled in; each file of the same name below `overrides` takes the place of one
    /// (`nl/relay.txt.hbs`, `en/words.toml`, `page-top.html.hbs`), and a folder of a further language adds it, if it is
    /// whole. With a folder all letters are tried before this returns; without one a test has done so.
    ///
    /// # Errors
    /// [`TemplateError`] with file, line and column of every fault: a broken override is never passed over in silence,
    /// and neither is a file that no letter is named after.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateError> {
        let sources = files::read(overrides)?;
        let (text, html) = (registry(true), registry(false));
        let (quick_text, quick_html) = (text.clone(), html.clone());
        let mut templates = Self { text, html, quick_text, quick_html, languages: BTreeMap::new(), sources };
        let faults = templates.register_all();
        if !faults.is_empty() {
            return Err(TemplateError::Broken(faults));
        }
        inlined::register(&templates.text, &mut templates.quick_text);
        inlined::register(&templates.html, &mut templates.quick_html);
        if overrides.is_some() {
            templates.check()?;
        }
        Ok(templates)
    }

    fn register_all(&mut self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let sources = std::mem::take(&mut self.sources);
        for (file, source) in &sources {
            let place = files::place(file, &sources);
            let broken = |fault: Option<Fault>| fault.map(|fault| Fault { file: place.clone(), ..fault });
            if let Some(language) = file.strip_suffix("/words.toml") {
                faults.extend(self.add_words(language, &source.text).into_iter().filter_map(|f| broken(Some(f))));
            } else if let Some(name) = file.strip_suffix(".txt.hbs") {
                faults.extend(broken(register(&mut self.text, name, &source.text)));
            } else if let Some(name) = file.strip_suffix(".html.hbs") {
                faults.extend(broken(register(&mut self.html, name, &source.text)));
            }
        }
        self.sources = sources;
        faults
    }

    fn add_words(&mut self, language: &str, source: &str) -> Vec<Fault> {
        let fault = |line, why: String| Fault { file: String::new(), line, column: 0, why };
        let lines = TomlLines::new(source);
        let phrases: Phrases = match toml::from_str(source) {
            Ok(phrases) => phrases,
            Err(error) => {
                let line = error.span().map_or(0, |span| lines.line_at(span.start));
                return vec![fault(line, error.message().to_owned())];
            }
        };
        let mut faults: Vec<Fault> = phrases.missing(Cause::ALL).into_iter().map(|why| fault(0, why)).collect();
        for (kind, subject) in &phrases.subjects {
            let found = register(&mut self.text, &format!("{language}/{kind}.subject"), subject);
            faults.extend(found.map(|found| found.in_subject(kind, source)));
        }
        match Language::new(language) {
            Ok(language) => drop(self.languages.insert(language, phrases)),
            Err(error) => faults.push(fault(0, error.to_string())),
        }
        faults
    }

    /// The letter in the reader's language and time zone, as written at `now`.
    ///
    /// # Errors
    /// [`TemplateError`] when there is no such language, or a key of the notice has no words.
    pub fn render(&self, notice: &Notice, letterhead: &Letterhead, now: Timestamp) -> Result<Rendered, TemplateError> {
        let data = self.data(&notice.words, &notice.to, letterhead, now)?;
        self.fill_all(notice.words.kind_name(), notice.to.language, data)
    }

    fn phrases(&self, language: Language) -> Result<&Phrases, TemplateError> {
        self.languages.get(&language).ok_or_else(|| {
            let known: Vec<&str> = self.languages.keys().map(Language::code).collect();
            TemplateError::NoLanguage(language.to_string(), known.join(", "))
        })
    }

    /// What a template gets.
    fn data(
        &self,
        words: &Words,
        to: &Recipient,
        letterhead: &Letterhead,
        now: Timestamp,
    ) -> Result<Value, TemplateError> {
        let code = to.language.code();
        let phrases = self.phrases(to.language)?;
        let broken = |why: String| {
            let file = files::place(&format!("{code}/words.toml"), &self.sources);
            TemplateError::Broken(vec![Fault::of_file(file, format!("{}: {why}", words.kind_name()))])
        };
        let mut data = serde_json::to_value(words).map_err(|error| broken(error.to_string()))?;
        words::spell_out(&mut data, phrases, &to.time_zone, now).map_err(broken)?;
        if let Value::Object(fields) = &mut data {
            fields.insert("desk".into(), json!(letterhead));
            fields.insert("to_name".into(), json!(to.person.name));
            fields.insert("language".into(), json!(code));
        }
        Ok(data)
    }

    fn fill_all(&self, kind: &str, language: Language, data: Value) -> Result<Rendered, TemplateError> {
        let name = format!("{language}/{kind}");
        let context = Context::from(data);
        let subject = self.fill(false, &format!("{name}.subject"), &context)?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = tidy(&self.fill(false, &name, &context)?);
        let html = self.html.has_template(&name).then(|| self.fill(true, &name, &context)).transpose()?;
        Ok(Rendered { subject, text, html })
    }

    fn fill(&self, is_html: bool, name: &str, context: &Context) -> Result<String, TemplateError> {
        let (quick, whole) = if is_html { (&self.quick_html, &self.html) } else { (&self.quick_text, &self.text) };
        let filled = quick.render_with_context(name, context);
        filled.or_else(|_| whole.render_with_context(name, context)).map_err(|error| {
            let template = error.template_name.clone().unwrap_or_else(|| name.to_owned());
            let (line, column) = (error.line_no.unwrap_or(0), error.column_no.unwrap_or(0));
            let why = error.reason().to_string();
            let ending = if is_html { ".html.hbs" } else { ".txt.hbs" };
            let fault = Fault { file: format!("{template}{ending}"), line, column, why };
            TemplateError::Broken(vec![self.placed(fault)])
        })
    }

    /// The fault with its file named as the desk knows it; that of a subject in its list of words.
    fn placed(&self, fault: Fault) -> Fault {
        let subject = fault.file.strip_suffix(".subject.txt.hbs").and_then(|name| name.split_once('/'));
        let Some((language, kind)) = subject else {
            return Fault { file: files::place(&fault.file, &self.sources), ..fault };
        };
        let words = format!("{language}/words.toml");
        let source = self.sources.get(&words).map_or("", |source| source.text.as_str());
        Fault { file: files::place(&words, &self.sources), ..fault }.in_subject(kind, source)
    }

    /// The languages in which letters are written.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.languages.keys().copied()
    }

    /// Whether letters are written in this language.
    ///
    /// # Errors
    /// [`TemplateError::NoLanguage`], which tells those that there are.
    pub fn check_language(&self, language: Language) -> Result<(), TemplateError> {
        self.phrases(language).map(drop)
    }

    /// Whether everybody can be written to in their language; each comes with whose it is.
    ///
    /// # Errors
    /// Who can't, in words with the mend.
    pub fn check_languages(&self, languages: impl IntoIterator<Item = (String, Language)>) -> Result<(), String> {
        for (whose, language) in languages {
            if let Err(error) = self.check_language(language) {
                return Err(format!(
                    "{whose}: {error}: choose one of these, or add a folder \"{language}\" to the desk's templates \
                     (casepost template begin {language})"
                ));
            }
        }
        Ok(())
    }

    /// The files of a letter in a language, by name: text, and page where it has one.
    pub fn files(&self, kind: &str, language: Language) -> impl Iterator<Item = (&str, &Source)> {
        let names = [".txt.hbs", ".html.hbs"].map(|ending| format!("{language}/{kind}{ending}"));
        self.sources.iter().filter(move |(name, _)| names.contains(name)).map(|(name, source)| (name.as_str(), source))
    }

    /// The files that a further language needs, each as it is in English, by its name without the language.
    pub fn pattern(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources
            .iter()
            .filter_map(|(name, source)| Some((name.strip_prefix(PATTERN)?.strip_prefix('/')?, source.text.as_str())))
    }

    /// To whom a letter goes and why, in English.
    #[must_use]
    pub fn purpose(kind: &str) -> &'static str {
        variables::purpose(kind)
    }

    /// What a letter's templates may print, with the look it has in this language.
    ///
    /// # Errors
    /// [`TemplateError`] when there is no such language.
    pub fn variables(&self, kind: &str, language: Language) -> Result<Vec<Variable>, TemplateError> {
        Ok(variables::list(kind, &self.sample_data(kind, language)?))
    }

    /// All that the templates of a letter can get, filled or not.
    fn sample_data(&self, kind: &str, language: Language) -> Result<Value, TemplateError> {
        let to = sample_recipient(language);
        let mut samples = Vec::new();
        for (full, minimal) in Words::samples().into_iter().filter(|(full, _)| full.kind_name() == kind) {
            for words in [full, minimal] {
                samples.push(self.data(&words, &to, &sample_letterhead(), sample_now())?);
            }
        }
        Ok(lint::union(&samples))
    }

    /// Reads and renders every letter in every language, full and bare.
    ///
    /// # Errors
    /// [`TemplateError`] with file, line and column of every fault.
    pub fn check(&self) -> Result<(), TemplateError> {
        let mut faults = BTreeSet::new();
        for language in self.languages.keys() {
            for kind in Words::KIND_NAMES {
                match self.sample_data(kind, *language) {
                    Ok(data) => faults.extend(self.read(&format!("{language}/{kind}"), &data)),
                    Err(TemplateError::Broken(found)) => faults.extend(found),
                    Err(other) => return Err(other),
                }
            }
        }
        if faults.is_empty() {
            faults = self.rendering_faults();
        }
        if faults.is_empty() { Ok(()) } else { Err(TemplateError::Broken(faults.into_iter().collect())) }
    }

    /// What a letter's templates name that is not there.
    fn read(&self, name: &str, data: &Value) -> BTreeSet<Fault> {
        let of = |registry, ending| Lint { registry, ending, faults: BTreeSet::new() };
        let (mut text, mut page) = (of(&self.text, ".txt.hbs"), of(&self.html, ".html.hbs"));
        text.read(&format!("{name}.subject"), data);
        text.read(name, data);
        page.read(name, data);
        text.faults.into_iter().chain(page.faults).map(|fault| self.placed(fault)).collect()
    }

    fn rendering_faults(&self) -> BTreeSet<Fault> {
        let mut faults = BTreeSet::new();
        for language in self.languages.keys() {
            let to = sample_recipient(*language);
            for words in Words::samples().into_iter().flat_map(|(full, minimal)| [full, minimal]) {
                let rendered = self
                    .data(&words, &to, &sample_letterhead(), sample_now())
                    .and_then(|data| self.fill_all(words.kind_name(), *language, data));
                if let Err(TemplateError::Broken(found)) = rendered {
                    faults.extend(found);
                }
            }
        }
        faults
    }
}

impl Fault {
    /// The place of a subject is that of its line in `words.toml`.
    fn in_subject(self, kind: &str, source: &str) -> Self {
        let line = TomlLines::new(source).line_of(&["subjects".into(), kind.into()]).unwrap_or(0);
        let text = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let begin = text.find(['\'', '"']).map_or(0, |at| at + 1);
        Self { line, column: if self.line <= 1 { begin + self.column } else { 0 }, ..self }
    }
}

/// Of text, or of pages, in which what others wrote is escaped.
fn registry(is_text: bool) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    if is_text {
        registry.register_escape_fn(handlebars::no_escape);
    }
    registry.set_strict_mode(true);
    helpers::register(&mut registry);
    registry
}

fn register(registry: &mut Handlebars<'_>, name: &str, source: &str) -> Option<Fault> {
    let error = registry.register_template_string(name, source).err()?;
    let (line, column) = error.pos().unwrap_or((0, 0));
    Some(Fault { file: String::new(), line, column, why: error.reason().to_string() })
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
            let to = sample_recipient(language);
            let mut all = String::new();
            for (full, minimal) in Words::samples() {
                for (fill, words) in [("full", full), ("minimal", minimal)] {
                    let letter = written(templates, &words, &to);
                    let kind = words.kind_name();
                    writeln!(all, "=== {kind} ({fill})\nSubject: {}\n\n{}", letter.subject, letter.text).unwrap();
                }
            }
            insta::with_settings!({ snapshot_path => "../tests/letters/golden", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(format!("letters-{language}"), all);
            });
        }
    }

    #[test]
    fn letters_say_the_same_with_their_partials_in_their_places() {
        let whole = [&BUILT_IN.text, &BUILT_IN.html];
        for (language, (full, minimal)) in
            BUILT_IN.languages().flat_map(|l| Words::samples().into_iter().map(move |w| (l, w)))
        {
            for words in [full, minimal] {
                let data = BUILT_IN.data(&words, &sample_recipient(language), &sample_letterhead(), sample_now());
                let (name, context) = (format!("{language}/{}", words.kind_name()), Context::from(data.unwrap()));
                for (quick, whole) in [&BUILT_IN.quick_text, &BUILT_IN.quick_html].into_iter().zip(whole) {
                    let written = |registry: &Handlebars<'_>| registry.render_with_context(&name, &context).ok();
                    assert_eq!(written(quick), written(whole), "{name}");
                    assert_eq!(quick.has_template(&name), whole.has_template(&name), "{name}");
                }
            }
        }
    }

    fn written(templates: &Templates, words: &Words, to: &Recipient) -> Rendered {
        let data = templates.data(words, to, &sample_letterhead(), sample_now()).unwrap();
        templates.fill_all(words.kind_name(), to.language, data).unwrap()
    }

    fn letter(language: Language, words: Words) -> Rendered {
        let to = sample_recipient(language);
        written(&BUILT_IN, &words, &to)
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
        let to = sample_recipient(Language::NL);
        let words = Words::Refusal(crate::domain::notice::Sample::full());
        let letter = written(&templates, &words, &to);
        assert_eq!(letter.text, "Helaas: Contactformulier verstuurt niet\n");
    }

    /// What is told of a desk's folder with this one file, without the folder's path.
    fn check_own(file: &str, source: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, source).unwrap();
        let told = Templates::load(Some(folder.path())).map(drop).map_err(|error| error.to_string());
        let told = told.unwrap_err().replace(&format!("{}/", folder.path().display()), "");
        assert!(told.starts_with(expected), "{told}");
    }

    #[test]
    fn a_broken_override_tells_its_place_and_is_never_passed_over() {
        check_own(
            "nl/refusal.txt.hbs",
            "Beste,\n  {{subjekt}}\n",
            "nl/refusal.txt.hbs, line 2, column 3: there is no variable \"subjekt\": did you mean subject?",
        );
        check_own(
            "nl/refusal.txt.hbs",
            "{{#if nothing}}x{{/if}}",
            "nl/refusal.txt.hbs, line 1, column 1: there is no variable \"nothing\"",
        );
        check_own("en/relay.html.hbs", "a\n{{#if text}}\n", "en/relay.html.hbs, line ");
        check_own(
            "nl/foot.txt.hbs",
            "-- \n{{desk.phone}}",
            "nl/foot.txt.hbs, line 2, column 1: there is no variable \"desk.phone\"",
        );
        check_own(
            "nl/refusals.txt.hbs",
            "x",
            "nl/refusals.txt.hbs: no letter is named so; did you mean refusal.txt.hbs?",
        );
        check_own("read.me", "x", "read.me: no letter is named so");
        check_own("nl/words.toml", "weekdays = []", "nl/words.toml, line 1: ");
        let (_, words) = builtin::FILES.iter().find(|(name, _)| *name == "nl/words.toml").unwrap();
        check_own(
            "nl/words.toml",
            &words.replace("card-low =", "card-lo ="),
            "nl/words.toml: [subjects] lacks \"card-low\"",
        );
        let line = words.lines().position(|line| line.starts_with("refusal =")).unwrap() + 1;
        check_own(
            "nl/words.toml",
            &words.replace("refusal = 'Uw bericht: {{subject}}'", "refusal = 'Uw bericht: {{onderwerp}}'"),
            &format!("nl/words.toml, line {line}, column 24: there is no variable \"onderwerp\""),
        );
    }

    #[test]
    fn a_further_language_is_a_folder_and_must_be_whole() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("de")).unwrap();
        for (name, text) in BUILT_IN.pattern() {
            std::fs::write(folder.path().join("de").join(name), text.replace("> en/", "> de/")).unwrap();
        }
        let templates = Templates::load(Some(folder.path())).unwrap();
        let german = Language::new("de").unwrap();
        assert_eq!(templates.languages().map(|l| l.to_string()).collect::<Vec<_>>(), ["de", "en", "nl"]);
        let words = Words::Refusal(crate::domain::notice::Sample::full());
        assert!(written(&templates, &words, &sample_recipient(german)).text.starts_with("Hello"));

        std::fs::remove_file(folder.path().join("de/relay.html.hbs")).unwrap();
        std::fs::remove_file(folder.path().join("de/words.toml")).unwrap();
        let told = Templates::load(Some(folder.path())).unwrap_err().to_string();
        assert!(
            told.contains("the language \"de\" lacks 2 of ") && told.ends_with("files: relay.html.hbs, words.toml"),
            "{told}"
        );
        let french = sample_recipient(Language::new("fr").unwrap());
        let told = BUILT_IN.data(&words, &french, &sample_letterhead(), sample_now()).unwrap_err().to_string();
        assert_eq!(told, "no letters are written in the language \"fr\"; there are en, nl");
    }

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/letters");
        let sources = files::read(Some(&root)).unwrap();
        assert_eq!(sources.len(), builtin::FILES.len());
        assert!(sources.values().all(|source| source.path.is_some()), "a file that is listed but not there");
    }

    #[test]
    fn closed_days_are_told_in_the_desks_own_words() {
        let off = |first, last, name: Option<&str>| crate::domain::notice::DaysOff {
            first_day: jiff::civil::date(2026, 4, first),
            last_day: last,
            day_off: name.map(str::to_owned),
        };
        let mut words = <crate::domain::notice::Acknowledgement as crate::domain::notice::Sample>::full();
        words.runs_from_at = None;
        words.days_off = vec![
            off(21, None, None),
            off(22, Some(jiff::civil::date(2026, 4, 24)), Some("Verhuizing")),
            off(27, None, Some("kings-day")),
        ];
        let told = |language| letter(language, words.clone().into()).text.lines().nth(4).unwrap().to_owned();
        assert_eq!(
            told(Language::NL),
            "U hoort van ons dinsdag 28 april vóór 12:00; vandaag zijn wij gesloten; van morgen t/m vrijdag zijn wij gesloten \
             (Verhuizing); maandag is het Koningsdag."
        );
        assert_eq!(
            told(Language::EN),
            "You will hear from us Tuesday 28 April before 12:00; we are closed today; we are closed from tomorrow through \
             Friday (Verhuizing); Monday is King's Day."
        );
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
