//! `casepost template preview`: a letter with sample data, as text, page or mail.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use crate::desk::office::letterhead;
use crate::domain::address::{Address, NamedAddress};
use crate::domain::directory::{Client, Directory};
use crate::domain::names::{ClientCode, Language};
use crate::domain::notice::{Recipient, Words};
use crate::mail::compose::{Attachment, Draft};
use crate::templates::{Logo, Preview, Rendered, sample_letterhead, sample_now, sample_recipient};

use super::super::opened::Opened;
use super::super::{Place, output};
use super::{configured, known};

/// What to look at, and how.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The letter, such as acknowledgement.
    notice: String,
    /// As this client gets it: its language and time zone, its people's names.
    #[arg(long, value_name = "CODE", value_parser = |text: &str| ClientCode::new(text))]
    client: Option<ClientCode>,
    /// In this language; default: the desk's.
    #[arg(long, value_parser = Language::new, conflicts_with = "client")]
    language: Option<Language>,
    /// With as little data as can be, instead of all.
    #[arg(long)]
    minimal: bool,
    /// What to write; default: the text, or with --open the page.
    #[arg(long, value_enum)]
    format: Option<PreviewFormat>,
    /// Open it in the program that this desktop has for it.
    #[arg(long)]
    open: bool,
    /// Write it into this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What a preview is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PreviewFormat {
    /// Subject and text part.
    Text,
    /// The page alone.
    Html,
    /// A whole mail.
    Eml,
}

impl PreviewFormat {
    fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Html => "html",
            Self::Eml => "eml",
        }
    }
}

/// Writes or opens a letter with sample data.
///
/// # Errors
/// No such letter, client or language; faults of the templates; a file that can't be written or opened.
pub async fn preview(place: &Place, args: &PreviewArgs) -> anyhow::Result<()> {
    let kind = known(&args.notice)?;
    let configured = configured(place)?;
    let templates = configured.templates(None)?;
    let (mut to, mut names) = (sample_recipient(args.language.unwrap_or_else(|| configured.language())), Vec::new());
    if let Some(code) = &args.client {
        (to, names) = as_client(place, code).await?;
    }
    let (mut head, mut logo) = (sample_letterhead(), None);
    if let Some((config, desk)) = &configured.0 {
        logo = desk.logo.as_deref().map(Logo::read).transpose()?;
        head = letterhead(config, desk, logo.as_ref());
    }
    let letter = Preview { kind, is_minimal: args.minimal, to: &to, letterhead: &head, names: &names };
    let rendered = templates.preview(&letter)?;
    let usual = match &rendered.html {
        Some(_) if args.open => PreviewFormat::Html,
        _ => PreviewFormat::Text,
    };
    let format = args.format.unwrap_or(usual);
    let bytes = match format {
        PreviewFormat::Text => format!("Subject: {}\n\n{}", rendered.subject, rendered.text).into_bytes(),
        PreviewFormat::Html => page(&rendered, logo.as_ref(), kind)?.into_bytes(),
        PreviewFormat::Eml => mail(kind, &letter, rendered, logo)?,
    };
    deliver(args, kind, format, &bytes)
}

/// The coordinator of that client, and what stands in place of the sample's names.
async fn as_client(place: &Place, code: &ClientCode) -> anyhow::Result<(Recipient, Vec<(&'static str, String)>)> {
    let opened = Opened::open(place).await?;
    let directory = opened.directory().await;
    let now = opened.now();
    opened.db.close().await;
    let directory: Directory = directory?;
    let client: &Client =
        directory.client(code).with_context(|| format!("there is no client {code}: see \"casepost client list\""))?;
    let zone = client.time_zone.time_zone().clone();
    let mut to = Recipient { language: client.language, time_zone: zone, ..sample_recipient(client.language) };
    let mut names = vec![("Gemeente Amersloot", client.name.clone()), ("AMR-", format!("{code}-"))];
    if let Some(holding) = directory.coordinators(code, now).first() {
        let address = holding.human.addresses.first().cloned().unwrap_or_else(|| to.person.address.clone());
        names.push(("Anneke de Vries", holding.human.name.to_owned()));
        names.push(("anneke@amersloot.example", address.to_string()));
        to.language = holding.human.language;
        to.person = NamedAddress::new(holding.human.name, address);
    }
    if let Some(expert) = directory.lead_experts(code, now).first() {
        names.push(("Joost Bakker", expert.name.clone()));
    }
    Ok((to, names))
}

fn page(rendered: &Rendered, logo: Option<&Logo>, kind: &str) -> anyhow::Result<String> {
    let page = rendered.html.as_deref().with_context(|| format!("{kind} has no page: it goes out as text alone"))?;
    Ok(logo.map_or_else(|| page.to_owned(), |logo| logo.embed(page)))
}

/// The mail as it would be sent, but for its keyed ids.
fn mail(kind: &str, letter: &Preview<'_>, rendered: Rendered, logo: Option<Logo>) -> anyhow::Result<Vec<u8>> {
    let sender = Address::new(&letter.letterhead.desk_address)?;
    let host = sender.domain().to_owned();
    let words = Words::samples().into_iter().find(|(full, _)| full.kind_name() == kind);
    let logo = logo.filter(|logo| rendered.html.as_deref().is_some_and(|page| logo.is_shown_by(page)));
    let draft = Draft {
        from: NamedAddress::new(&letter.letterhead.desk_name, sender),
        to: vec![letter.to.person.clone()],
        cc: Vec::new(),
        reply_to: None,
        message_id: format!("preview-{kind}@{host}"),
        in_reply_to: None,
        references: Vec::new(),
        subject: rendered.subject,
        date: sample_now(),
        auto_submitted: words.and_then(|(full, _)| full.auto_submitted()),
        casepost_id: String::new(),
        text: rendered.text,
        html: rendered.html,
        attachments: logo.into_iter().map(attached).collect(),
    };
    Ok(draft.to_bytes()?)
}

fn attached(logo: Logo) -> Attachment {
    Attachment {
        name: logo.name.to_owned(),
        media_type: logo.media_type.to_owned(),
        bytes: logo.bytes,
        content_id: Some(logo.content_id),
        is_inline: true,
    }
}

fn deliver(args: &PreviewArgs, kind: &str, format: PreviewFormat, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = || std::env::temp_dir().join(format!("casepost-{kind}.{}", format.ending()));
    let file = args.out.clone().or_else(|| args.open.then(temporary));
    let Some(file) = file else { return Ok(output::say_bytes(bytes)?) };
    std::fs::write(&file, bytes).with_context(|| format!("{} can't be written", file.display()))?;
    if args.open { open(&file) } else { Ok(()) }
}

fn open(file: &Path) -> anyhow::Result<()> {
    let status = std::process::Command::new("xdg-open").arg(file).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!("xdg-open can't show {} ({status}): open it by hand", file.display()),
        Err(error) => bail!("there is no xdg-open on this machine ({error}): open {} by hand", file.display()),
    }
}
