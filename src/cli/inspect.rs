//! `casepost inspect`: what casepost reads in a mail, explained. Nothing is stored, and nobody is asked unless told so.

mod content;
mod json;
mod proof;

pub use proof::verdict;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::time::Instant;

use crate::config::Config;
use crate::desk::clock::Clock;
use crate::desk::office::OfficeMailbox;
use crate::domain::address::Address;
use crate::domain::message::Message;
use crate::mail::authenticity::{examine, prove_by_signature};
use crate::mail::dns::Dns;
use crate::mail::page;
use crate::mail::parse::{Trust, parse};

use super::output::{self, or_dash, plain};
use super::{Form, Place};

/// Which mail.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The mail as a file; "-" is standard input.
    file: PathBuf,
    #[command(flatten)]
    form: Form,
    /// Ask this file instead of the domain name system: a JSON object of names and their TXT records.
    #[arg(long, value_name = "FILE")]
    dns: Option<PathBuf>,
    /// Ask the domain name system for the keys of signatures.
    #[arg(long, conflicts_with = "dns")]
    ask_dns: bool,
}

/// Explains a mail. The trusted servers are those of the first mailbox, where there is a configuration.
pub async fn inspect(place: &Place, args: &InspectArgs) -> anyhow::Result<()> {
    let raw = if args.file.as_os_str() == "-" {
        let mut raw = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut raw).context("standard input can't be read")?;
        raw
    } else {
        std::fs::read(&args.file).with_context(|| format!("{} can't be read", args.file.display()))?
    };
    let config = Config::load(&place.config).ok();
    let mailbox = config.as_ref().and_then(|config| config.mailboxes.first());
    let trust = mailbox.map_or_else(Trust::default, |mailbox| Trust {
        authserv_ids: mailbox.authserv_ids.clone(),
        trusted_hosts: mailbox.trusted_hosts.clone(),
    });
    let now = Clock::system().now();
    let dns = dns(args, config.as_ref())?;
    let mut message = parse(&raw, &trust, now, now);
    // As the mail of an expert would be read; of others the marks of their programs are not asked.
    let writer = message.sender().map_or("", |sender| sender.display()).to_owned();
    if let Some(reply) = message.reply.cut_as_marked(&page::read(&raw), &writer) {
        message.reply = reply;
    }
    let addresses: Vec<_> = config.iter().flat_map(|config| &config.mailboxes).map(OfficeMailbox::of).collect();
    let is_ours = |address: &Address| addresses.iter().any(|own| own.receives(address));
    message.proof = prove_by_signature(&raw, &message, &is_ours, &dns, Instant::now() + PATIENCE).await;
    let evidence = examine(&raw, &trust, &dns, now).await;
    if args.form.json {
        let mut facts = json::facts(&message);
        facts["auth"] = proof::facts(&evidence);
        return output::say_json(&facts);
    }
    output::say(&explained(&message, proof::lines(&message.proof, &evidence, config.is_some())));
    Ok(())
}

/// How long the lookups for one mail may take in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who is asked for keys: the file, the name servers, or nobody.
fn dns(args: &InspectArgs, config: Option<&Config>) -> anyhow::Result<Dns> {
    if let Some(file) = &args.dns {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
        let table: BTreeMap<String, Option<String>> = serde_json::from_str(&text)
            .with_context(|| format!("{} is no JSON object of names and texts", file.display()))?;
        return Ok(Dns::table(table.iter().map(|(name, text)| (name.as_str(), text.as_deref()))));
    }
    if !args.ask_dns {
        return Ok(Dns::Off);
    }
    let (servers, patience) = config.map_or((&[][..], PATIENCE), |c| (&c.dns.servers, c.dns.patience));
    Dns::servers(servers, patience).map_err(anyhow::Error::msg)
}

fn explained(message: &Message, proof: Vec<String>) -> String {
    let people = |list: &[crate::domain::address::NamedAddress]| {
        list.iter().map(|one| one.address.to_string()).collect::<Vec<_>>().join(", ")
    };
    let word = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let sender = message.sender().map(|sender| format!("{} <{}>", sender.name, sender.address).trim().to_owned());
    let mut lines = vec![
        format!("Fingerprint  {}", message.fingerprint),
        format!("Message-ID   {}", or_dash(message.message_id.as_ref())),
        format!("Sender       {}", sender.unwrap_or_else(|| "nobody: From does not name exactly one".to_owned())),
        format!("To           {}", people(&message.to)),
        format!("Cc           {}", people(&message.cc)),
        format!("Subject      {}", message.subject),
        format!("Received     {}", message.received_at),
        format!("Kind         {}", word(serde_json::json!(message.origin))),
        format!(
            "Answer it    {}",
            if message.may_auto_reply { "an automatic letter may go back" } else { "no automatic letter may go back" }
        ),
        format!("Answers to   {}", or_dash(message.in_reply_to.first())),
    ];
    lines.extend(proof);
    lines.extend(message.evidence.iter().map(|why| format!("  because    {why}")));
    lines.extend(message.reports.iter().map(|report| {
        let why = word(serde_json::json!(report.reason));
        let done = word(serde_json::json!(report.action));
        let status = or_dash(report.status.as_ref());
        let last = if report.is_temporary { "may pass" } else { "for good" };
        format!("Delivery     {}: {done}, {status}, {why}, {last}", or_dash(report.final_recipient.as_ref()))
    }));
    lines.extend(content::lines(message));
    plain(&lines.join("\n"))
}
