//! The files of letters: those that are compiled in, and a desk's own folder over them.

use super::{Fault, TemplateError, builtin};
use crate::domain::names::Language;
use crate::domain::near::nearest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The language whose files tell what a language consists of.
pub(super) const PATTERN: &str = "en";

/// A file of letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What is in it.
    pub text: String,
    /// Where the desk keeps its own; none for one that is compiled in.
    pub path: Option<PathBuf>,
}

/// Name below the folder (`nl/relay.txt.hbs`), and content.
pub(super) type Sources = BTreeMap<String, Source>;

/// The compiled-in files, each replaced by the desk's own file of the same name. A folder of a further language is taken
/// whole.
///
/// # Errors
/// [`TemplateError`] for a file that can't be read or that no letter is named after, and for a language that lacks files.
pub(super) fn read(folder: Option<&Path>) -> Result<Sources, TemplateError> {
    let built_in = |&(name, text): &(&str, &str)| (name.to_owned(), Source { text: text.to_owned(), path: None });
    let mut sources: Sources = builtin::FILES.iter().map(built_in).collect();
    if let Some(folder) = folder {
        read_own(folder, &mut sources)?;
    }
    Ok(sources)
}

fn read_own(folder: &Path, sources: &mut Sources) -> Result<(), TemplateError> {
    let unreadable =
        |path: &Path, error: &std::io::Error| TemplateError::Unreadable { path: path.into(), why: error.to_string() };
    let mut faults = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).map_err(|error| unreadable(&next, &error))? {
            let path = entry.map_err(|error| unreadable(&next, &error))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if !is_known(&name) {
                faults.push(Fault::of_file(path.display().to_string(), unknown(&name)));
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            sources.insert(name, Source { text, path: Some(path) });
        }
    }
    faults.extend(incomplete(folder, sources));
    faults.sort_by(|a, b| a.file.cmp(&b.file));
    if faults.is_empty() { Ok(()) } else { Err(TemplateError::Broken(faults)) }
}

fn is_built_in(name: &str) -> bool {
    builtin::FILES.iter().any(|(known, _)| *known == name)
}

/// Whether a letter is named so, in a language of ours or in a further one.
fn is_known(name: &str) -> bool {
    let of_a_language =
        |(language, file): (&str, &str)| Language::new(language).is_ok() && is_built_in(&format!("{PATTERN}/{file}"));
    is_built_in(name) || name.split_once('/').is_some_and(of_a_language)
}

fn unknown(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    let files = builtin::FILES.iter().map(|(known, _)| known.rsplit('/').next().unwrap_or(known));
    let near = nearest(file, files).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    format!("no letter is named so{near} Rename the file or take it out of the folder")
}

/// What a further language has not: every letter needs its files, for nothing is said in another language silently.
fn incomplete(folder: &Path, sources: &Sources) -> Vec<Fault> {
    let languages: std::collections::BTreeSet<&str> =
        sources.keys().filter_map(|name| name.split_once('/')).map(|(language, _)| language).collect();
    let needed = || builtin::FILES.iter().filter_map(|(name, _)| name.strip_prefix(PATTERN)?.strip_prefix('/'));
    let lacking = |language: &str| -> Vec<&str> {
        needed().filter(|file| !sources.contains_key(&format!("{language}/{file}"))).collect()
    };
    let fault = |language: &str| {
        let lacking = lacking(language);
        let why = || {
            format!(
                "the language \"{language}\" lacks {} of {} files: {}",
                lacking.len(),
                needed().count(),
                lacking.join(", ")
            )
        };
        (!lacking.is_empty()).then(|| Fault::of_file(folder.join(language).display().to_string(), why()))
    };
    languages.into_iter().filter_map(fault).collect()
}

/// How a fault names the file: the desk's own by its path, ours by its name.
pub(super) fn place(name: &str, sources: &Sources) -> String {
    match sources.get(name).and_then(|source| source.path.as_ref()) {
        Some(path) => path.display().to_string(),
        None => format!("{name} (built in)"),
    }
}
