//! `casepost template`: what letters say, what they may print, and what they look like.

mod preview;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde::Serialize;

use crate::config::{Config, Desk};
use crate::domain::names::Language;
use crate::domain::near::nearest;
use crate::domain::notice::Words;
use crate::templates::{Templates, Variable};

use super::opened::choose_desk;
use super::{Form, Place, output};

pub use preview::PreviewArgs;

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Every letter: whom it goes to and why, its parts, and the desk's own files for it.
    List(Form),
    /// A letter's templates in a language, and every variable that they may print, with its meaning.
    Show {
        /// The letter, such as acknowledgement.
        notice: String,
        /// The language; default: the desk's.
        #[arg(long, value_parser = Language::new)]
        language: Option<Language>,
        #[command(flatten)]
        form: Form,
    },
    /// Read and render every letter in every language, with all data and with as little as can be; exit code 1 on faults.
    Check {
        /// A folder of own templates; default: the desk's.
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// A letter with sample data.
    Preview(PreviewArgs),
    /// Write the files of a further language, as they are in English, to be translated.
    Begin {
        /// The language: two small letters, such as de.
        #[arg(value_parser = Language::new)]
        language: Language,
        /// The desk's folder of templates; default: that of the configuration.
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// Does what the command says. Only `preview --client` asks the store; without a configuration the built-in letters
/// are meant.
///
/// # Errors
/// Faults of the templates; a letter or language that is not there.
pub async fn run(place: &Place, command: TemplateCommand) -> anyhow::Result<()> {
    match command {
        TemplateCommand::List(form) => list(&configured(place)?.templates(None)?, form),
        TemplateCommand::Show { notice, language, form } => {
            let configured = configured(place)?;
            let language = language.unwrap_or_else(|| configured.language());
            show(&configured.templates(None)?, known(&notice)?, language, form)
        }
        TemplateCommand::Check { folder } => check(&configured(place)?.templates(folder)?),
        TemplateCommand::Preview(args) => preview::preview(place, &args).await,
        TemplateCommand::Begin { language, folder } => begin(&configured(place)?, language, folder),
    }
}

/// The desk, where there is a configuration.
struct Configured(Option<(Config, Desk)>);

fn configured(place: &Place) -> anyhow::Result<Configured> {
    if !place.config.exists() {
        return Ok(Configured(None));
    }
    let config = Config::load(&place.config)?;
    let desk = choose_desk(&config, place.desk.as_deref())?.clone();
    Ok(Configured(Some((config, desk))))
}

impl Configured {
    fn folder(&self) -> Option<PathBuf> {
        self.0.as_ref().and_then(|(_, desk)| desk.templates.clone())
    }

    fn language(&self) -> Language {
        self.0.as_ref().map_or(Language::EN, |(_, desk)| desk.language)
    }

    fn templates(&self, folder: Option<PathBuf>) -> anyhow::Result<Templates> {
        Ok(Templates::load(folder.or_else(|| self.folder()).as_deref())?)
    }
}

/// The name of a letter as it is known.
fn known(notice: &str) -> anyhow::Result<&'static str> {
    let all = || Words::KIND_NAMES.iter().copied();
    all().find(|kind| *kind == notice).with_context(|| {
        let near = nearest(notice, all()).map(|near| format!(": did you mean {near}?"));
        format!("there is no letter \"{notice}\"{}", near.unwrap_or_else(|| ": see \"casepost template list\"".into()))
    })
}

#[derive(Serialize)]
struct LetterRow {
    notice: &'static str,
    purpose: &'static str,
    has_page: bool,
    own_files: Vec<String>,
}

fn list(templates: &Templates, form: Form) -> anyhow::Result<()> {
    let row = |kind: &&'static str| {
        let languages = || templates.languages().flat_map(|language| templates.files(kind, language));
        let own = languages().filter(|(_, source)| source.path.is_some()).map(|(name, _)| name.to_owned());
        LetterRow {
            notice: kind,
            purpose: Templates::purpose(kind),
            has_page: languages().any(|(name, _)| name.ends_with(".html.hbs")),
            own_files: own.collect(),
        }
    };
    let rows: Vec<LetterRow> = Words::KIND_NAMES.iter().map(row).collect();
    if form.json {
        return output::say_json(&rows);
    }
    let mut table = output::table(&["letter", "parts", "to whom and why", "the desk's own files"]);
    for row in &rows {
        let parts = if row.has_page { "text, page" } else { "text" };
        table.add_row([row.notice, parts, row.purpose, &row.own_files.join(", ")]);
    }
    output::say_table(&table, "");
    Ok(())
}

#[derive(Serialize)]
struct FileRow<'a> {
    name: &'a str,
    /// None: compiled in.
    own: Option<String>,
    source: &'a str,
}

#[derive(Serialize)]
struct LetterShown<'a> {
    notice: &'a str,
    purpose: &'a str,
    language: Language,
    files: Vec<FileRow<'a>>,
    variables: Vec<Variable>,
}

fn show(templates: &Templates, kind: &str, language: Language, form: Form) -> anyhow::Result<()> {
    let files = templates.files(kind, language).map(|(name, source)| FileRow {
        name,
        own: source.path.as_ref().map(|path| path.display().to_string()),
        source: &source.text,
    });
    let shown = LetterShown {
        notice: kind,
        purpose: Templates::purpose(kind),
        language,
        files: files.collect(),
        variables: templates.variables(kind, language)?,
    };
    if form.json {
        return output::say_json(&shown);
    }
    output::say(&format!("{}: {}\n\n", shown.notice, shown.purpose));
    for file in &shown.files {
        let place = file.own.as_deref().unwrap_or("built in");
        output::say(&format!("── {} ({place})\n\n{}\n\n", file.name, file.source.trim_end()));
    }
    output::say(&format!("── its subject stands in {language}/words.toml, [subjects] {kind}\n\n"));
    let mut table = output::table(&["variable", "meaning", "such as"]);
    for variable in &shown.variables {
        table.add_row([variable.name.clone(), variable.meaning.clone(), output::short(&variable.example, 30)]);
    }
    output::say_table(&table, "");
    output::say(
        "\nx[].y is {{y}} within {{#each x}}. {{lines x}} prints a text of several lines on a page, {{indent x}} four blanks \
         in,\n{{quote x}} behind \">\". {{> page-top}} and {{> page-end}} frame a page; {{> nl/greeting}} and {{> nl/foot}} \
         begin and end a letter.",
    );
    Ok(())
}

fn check(templates: &Templates) -> anyhow::Result<()> {
    templates.check()?;
    let languages: Vec<String> = templates.languages().map(|language| language.to_string()).collect();
    let count = Words::KIND_NAMES.len();
    output::say(&format!(
        "{count} letters in {}: each can be written, with all data and with little.",
        languages.join(", ")
    ));
    Ok(())
}

/// Nothing that is there is written over.
fn begin(configured: &Configured, language: Language, folder: Option<PathBuf>) -> anyhow::Result<()> {
    let folder = folder.or_else(|| configured.folder()).context(
        "there is no folder for them: set templates = \"templates\" in the desk's configuration, or give --folder DIR",
    )?;
    let built_in = Templates::load(None)?;
    if built_in.check_language(language).is_ok() {
        bail!("letters in \"{language}\" are built in: copy the one to change from \"casepost template show NOTICE\"");
    }
    let folder = folder.join(language.code());
    std::fs::create_dir_all(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
    let (mut written, mut kept) = (0, 0);
    for (name, text) in built_in.pattern() {
        let path = folder.join(name);
        if path.exists() {
            kept += 1;
            continue;
        }
        let text = text.replace("{{> en/", &format!("{{{{> {language}/"));
        std::fs::write(&path, text).with_context(|| format!("{} can't be written", path.display()))?;
        written += 1;
    }
    let kept = if kept > 0 { format!(", {kept} were there already") } else { String::new() };
    output::say(&format!(
        "{written} files in {}{kept}. Translate them, then try \"casepost template check\" and \"casepost template preview\".",
        folder.display()
    ));
    Ok(())
}
