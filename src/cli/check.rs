//! `casepost check`: tries everything that is configured and changes nothing.

mod alarms;
mod clock;
mod database;
mod findings;
mod mail;
mod mailbox;
mod outlet;
mod place;
mod trial;
mod trust;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::config::{Config, Desk};
use crate::desk::clock::Clock;
use crate::desk::office::read_directory;
use crate::desk::resume::why_waiting;
use crate::mail::dns::{Dns, TxtAnswer};
use crate::mail::oauth::Tokens;
use crate::store::Db;
use crate::templates::{Logo, Templates};

use self::database::Looked;
use self::findings::Findings;
use self::trial::Sending;
use super::{Place, output, owner};

/// What to try.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Show on this mail, as the mailbox keeps it, which hosts and names to trust, and try nothing else.
    #[arg(long, value_name = "FILE")]
    mail: Option<PathBuf>,
    /// Send a trial over each way to tell troubles.
    #[arg(long, conflicts_with = "mail")]
    alarms: bool,
    /// Send a mail of casepost's own to each mailbox's address and to a reply address of it, and see that they come back.
    #[arg(long, conflicts_with = "mail")]
    send: bool,
    /// How long such a mail may be on its way.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, requires = "send")]
    wait: u64,
    /// Print JSON: the worst state, and of each thing its name, state (ok, warn, fail), what was seen and how to mend it.
    #[arg(long, conflicts_with = "mail")]
    json: bool,
}

/// Tries everything; exit code 1 when anything is to be mended.
pub async fn check(place: &Place, args: CheckArgs) -> ExitCode {
    if let Some(file) = &args.mail {
        return match mail::check(file) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                output::complain(&format!("{error:#}"));
                ExitCode::FAILURE
            }
        };
    }
    let mut found = Findings::new(args.json);
    look(&mut found, place, &args, Clock::system()).await;
    found.end()
}

/// Everything in turn, as far as it can be tried.
async fn look(found: &mut Findings, place: &Place, args: &CheckArgs, clock: Clock) {
    let config = match Config::read(&place.config) {
        Ok(config) => config,
        Err(error) => return found.fail("configuration", &error.to_string(), ""),
    };
    found.ok("configuration", &place.config.display().to_string());
    for warning in &config.warnings {
        found.warn("configuration", &warning.to_string(), "");
    }
    if let Err(stranger) = owner::must_be_ours(&config) {
        // Looking further would make files that the other user can't write.
        return found.fail("data_dir", &stranger.to_string(), "");
    }
    place::check_folder(found, "data_dir", &config.data_dir, true);
    if !place::check_secrets(found, &config, &place.config) {
        return;
    }
    let db = database::check(found, &config).await;
    for desk in &config.desks {
        check_desk(found, &db, desk, clock).await;
    }
    let tokens = Tokens::new(&config);
    let db = if let Looked::Open(db) = db { Some(db) } else { None };
    for mailbox in &config.mailboxes {
        mailbox::check(found, db.as_ref(), mailbox, &tokens, clock).await;
    }
    outlet::check(found, &config, &tokens).await;
    if args.send {
        let patience = Duration::from_secs(args.wait);
        Sending { config: &config, tokens: &tokens, clock, patience }.check(found).await;
    }
    check_dns(found, &config).await;
    alarms::check(found, &config, args.alarms).await;
    if let Some(db) = db {
        db.close().await;
    }
}

async fn check_desk(found: &mut Findings, db: &Looked, desk: &Desk, clock: Clock) {
    let templates = check_templates(found, desk);
    match db {
        Looked::Open(db) => {
            check_directory(found, db, desk, templates.as_ref(), clock).await;
            // A database that is away was told of already.
            if let Ok(Some(why)) = why_waiting(db, desk.code.as_str()).await {
                found.fail("restore", &why, "");
            }
        }
        Looked::New => nobody(found, desk),
        Looked::Closed => {}
    }
}

fn nobody(found: &mut Findings, desk: &Desk) {
    found.fail(&format!("directory of {}", desk.code), "nobody is declared", "casepost import FILE --reason TEXT");
}

fn check_templates(found: &mut Findings, desk: &Desk) -> Option<Templates> {
    let what = format!("letters of {}", desk.code);
    let tried = Templates::load(desk.templates.as_deref()).and_then(|templates| {
        templates.check()?;
        templates.check_language(desk.language)?;
        desk.logo.as_deref().map(Logo::read).transpose()?;
        Ok(templates)
    });
    match tried {
        Ok(templates) => {
            let languages: Vec<String> = templates.languages().map(|language| language.to_string()).collect();
            found.ok(&what, &format!("every letter can be written in {}", languages.join(", ")));
            Some(templates)
        }
        Err(error) => {
            found.fail(&what, &error.to_string(), "");
            None
        }
    }
}

async fn check_directory(found: &mut Findings, db: &Db, desk: &Desk, templates: Option<&Templates>, clock: Clock) {
    let what = format!("directory of {}", desk.code);
    let directory = match read_directory(db, desk.code.as_str(), desk.time_zone.clone()).await {
        Ok(directory) => directory,
        Err(error) => return found.fail(&what, &error.to_string(), ""),
    };
    let clients = directory.clients();
    if clients.is_empty() {
        return nobody(found, desk);
    }
    let now = clock.now();
    let languages = templates.map(|templates| templates.check_languages(directory.languages()));
    let mut missing: Vec<(String, &str)> =
        languages.and_then(Result::err).into_iter().map(|fault| (fault, "")).collect();
    for client in &clients {
        let code = &client.code;
        if directory.contract(code, now).is_none() {
            missing.push((format!("client {code} has no contract now"), "add [[contract]]"));
        }
        if directory.coordinators(code, now).is_empty() {
            missing.push((format!("client {code} has no coordinator now"), "add [[position]] role = \"coordinator\""));
        }
        if directory.lead_experts(code, now).is_empty() {
            missing.push((format!("client {code} has no lead expert now"), "add lead_expert to [[client]]"));
        }
    }
    if missing.is_empty() {
        found.ok(
            &what,
            &format!(
                "{}, {}",
                output::counted(clients.len(), "client"),
                output::counted(directory.experts().len(), "expert")
            ),
        );
    }
    for (missing, mend) in missing {
        found.fail(&what, &missing, mend);
    }
}

/// Any answer will do, also that there is no such record.
async fn check_dns(found: &mut Findings, config: &Config) {
    if !config.dns.verifies_signatures {
        return;
    }
    let mend = "mend [dns] servers, or set verify_signatures = false";
    let Some(desk) = config.desks.first() else { return };
    match Dns::servers(&config.dns.servers, config.dns.patience) {
        Err(why) => found.warn("dns", &format!("{why}: signatures are not verified"), mend),
        Ok(dns) => match dns.txt(&desk.host).await {
            TxtAnswer::Failed(why) => {
                let waits = "signed mails that nothing else proves would wait a day";
                found.warn("dns", &format!("{why}: {waits}"), mend);
            }
            _ => found.ok("dns", "name servers answer, so signatures can be verified"),
        },
    }
}
