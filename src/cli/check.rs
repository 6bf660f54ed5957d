//! `casepost check`: tries everything that is configured and changes nothing but the database's schema.

mod alarms;
mod mail;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::config::{AdoptSince, Config, Desk, InboxSettings, Login, Mailbox, Server, TransportSettings};
use crate::desk::backup::refuse_half;
use crate::desk::clock::Clock;
use crate::desk::office::read_directory;
use crate::desk::resume::why_waiting;
use crate::desk::secrets;
use crate::desk::worker::{open_inbox, open_transport};
use crate::mail::dns::{Dns, TxtAnswer};
use crate::mail::inbox::{Inbox, InboxError};
use crate::mail::oauth::Tokens;
use crate::mail::outlet::Transport;
use crate::store::mailboxes::{self, FolderKey};
use crate::store::{Db, StoreError};
use crate::templates::{Logo, Templates};

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
}

/// The lines so far.
#[derive(Default)]
struct Findings {
    failed: usize,
}

impl Findings {
    fn ok(&mut self, what: &str, detail: &str) {
        output::say(&format!("ok   {what}: {detail}"));
    }

    fn fail(&mut self, what: &str, why: &str) {
        self.failed += 1;
        output::say(&format!("FAIL {what}: {why}"));
    }
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
    let mut found = Findings::default();
    let config = match Config::load(&place.config) {
        Ok(config) => config,
        Err(error) => {
            found.fail("configuration", &error.to_string());
            return ExitCode::FAILURE;
        }
    };
    found.ok("configuration", &place.config.display().to_string());
    for warning in &config.warnings {
        output::say(&format!("note configuration: {warning}"));
    }
    if let Err(stranger) = owner::must_be_ours(&config) {
        // Looking further would make files that the other user can't write.
        found.fail("data_dir", &stranger.to_string());
        return ExitCode::FAILURE;
    }
    check_folder(&mut found, "data_dir", &config.data_dir);
    check_keys(&mut found, &config.key_file);
    let db = check_database(&mut found, &config).await;
    for desk in &config.desks {
        let templates = check_templates(&mut found, desk);
        if let Some(db) = &db {
            check_directory(&mut found, db, desk, templates.as_ref()).await;
            // A database that is away was told of already.
            if let Ok(Some(why)) = why_waiting(db, desk.code.as_str()).await {
                found.fail("restore", &why);
            }
        }
    }
    let tokens = Tokens::new(&config);
    for mailbox in &config.mailboxes {
        check_mailbox(&mut found, db.as_ref(), mailbox, &tokens).await;
    }
    check_outlet(&mut found, &config, &tokens).await;
    check_dns(&mut found, &config).await;
    alarms::check(&mut found, &config, args.alarms).await;
    if let Some(db) = db {
        db.close().await;
    }
    if found.failed == 0 {
        let notes = if config.warnings.is_empty() { "" } else { " But read the notes." };
        output::say(&format!("Everything works.{notes}"));
        return ExitCode::SUCCESS;
    }
    let things = if found.failed == 1 { "thing" } else { "things" };
    output::say(&format!("{} {things} to mend.", found.failed));
    ExitCode::FAILURE
}

/// A folder that is not there yet is made by the first start, if its parent lets it.
fn check_folder(found: &mut Findings, what: &str, folder: &Path) {
    let place = folder.display();
    match std::fs::create_dir_all(folder).and_then(|()| try_write(folder)) {
        Ok(()) => found.ok(what, &format!("{place} can be written")),
        Err(error) => found.fail(what, &format!("{place} can't be written ({error}): give it to casepost's user")),
    }
}

fn try_write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".casepost-check-{}", std::process::id()));
    std::fs::write(&path, b"x")?;
    std::fs::remove_file(&path)
}

fn check_keys(found: &mut Findings, file: &Path) {
    if !file.exists() {
        found.ok("keys", &format!("{} will be made by the first start", file.display()));
        return;
    }
    match secrets::load_or_make(file) {
        Ok(_) => found.ok("keys", &format!("{}: keep a copy with the database's", file.display())),
        Err(error) => found.fail("keys", &error.to_string()),
    }
}

async fn check_database(found: &mut Findings, config: &Config) -> Option<Db> {
    if let Err(error) = refuse_half(config) {
        found.fail("restore", &error.to_string());
        return None;
    }
    match Db::open(config.database.expose()).await {
        Ok(db) => {
            let kind = if db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
            found.ok("database", &format!("{kind}, schema up to date"));
            Some(db)
        }
        // The words name their own mend.
        Err(error @ StoreError::Newer { .. }) => {
            found.fail("database", &error.to_string());
            None
        }
        Err(error) => {
            found.fail("database", &format!("{error}: mend database = in the configuration, or start the server"));
            None
        }
    }
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
            found.fail(&what, &error.to_string());
            None
        }
    }
}

async fn check_directory(found: &mut Findings, db: &Db, desk: &Desk, templates: Option<&Templates>) {
    let what = format!("directory of {}", desk.code);
    let directory = match read_directory(db, desk.code.as_str(), desk.time_zone.clone()).await {
        Ok(directory) => directory,
        Err(error) => return found.fail(&what, &error.to_string()),
    };
    let clients = directory.clients();
    if clients.is_empty() {
        return found.fail(&what, "nobody is declared: casepost import FILE --reason TEXT");
    }
    let now = Clock::system().now();
    let languages = templates.map(|templates| templates.check_languages(directory.languages()));
    let mut missing: Vec<String> = languages.and_then(Result::err).into_iter().collect();
    for client in &clients {
        let code = &client.code;
        if directory.contract(code, now).is_none() {
            missing.push(format!("client {code} has no contract now: add [[contract]]"));
        }
        if directory.coordinators(code, now).is_empty() {
            missing.push(format!("client {code} has no coordinator now: add [[position]] role = \"coordinator\""));
        }
        if directory.lead_experts(code, now).is_empty() {
            missing.push(format!("client {code} has no lead expert now: add lead_expert to [[client]]"));
        }
    }
    if missing.is_empty() {
        found.ok(&what, &format!("{} clients, {} experts", clients.len(), directory.experts().len()));
    }
    for missing in missing {
        found.fail(&what, &missing);
    }
}

async fn check_mailbox(found: &mut Findings, db: Option<&Db>, mailbox: &Mailbox, tokens: &Tokens) {
    let what = format!("mailbox {}", mailbox.name);
    let mut inbox = match open_inbox(mailbox, tokens) {
        Ok(inbox) => inbox,
        Err(error) => return found.fail(&what, &error.to_string()),
    };
    match look_into(&mut inbox, db, mailbox).await {
        Ok((detail, faults)) => {
            found.ok(&what, &detail);
            for fault in faults {
                found.fail(&what, &fault);
            }
        }
        // The words about a token name their own mend.
        Err(error @ InboxError::Token(_)) => found.fail(&what, &error.to_string()),
        Err(error) => found.fail(&what, &format!("{error}: {}", mend(&error, mailbox))),
    }
    // What was said at the end changes nothing about what was found.
    let _ = inbox.log_out().await;
}

async fn look_into(inbox: &mut Inbox, db: Option<&Db>, mailbox: &Mailbox) -> Result<(String, Vec<String>), InboxError> {
    let report = inbox.check(&mailbox.folder).await?;
    let mut faults = Vec::new();
    for folder in &mailbox.junk_folders {
        if !report.folders.contains(folder) {
            let known = report.folders.join(", ");
            faults.push(format!("junk_folders: there is no folder \"{folder}\"; there are {known}"));
        }
    }
    let adopted = adopted(inbox, db, mailbox).await?;
    let speed = match &mailbox.inbox {
        InboxSettings::Imap(_) => {
            let yes = |is: bool| if is { "yes" } else { "no" };
            format!("; IDLE {}, MOVE {}", yes(report.tells_news), yes(report.moves))
        }
        InboxSettings::Maildir(_) => String::new(),
    };
    Ok((format!("{} mails in {}, {adopted}{speed}", report.folder.count, mailbox.folder), faults))
}

/// How many mails the next start would take over.
async fn adopted(inbox: &mut Inbox, db: Option<&Db>, mailbox: &Mailbox) -> Result<String, InboxError> {
    let key = FolderKey {
        desk: mailbox.desk.as_str().to_owned(),
        mailbox: mailbox.name.as_str().to_owned(),
        folder: mailbox.folder.clone(),
    };
    let mark = match db {
        // A database that is away was told of already.
        Some(db) => mailboxes::find_folder(db, &key).await.ok().flatten(),
        None => None,
    };
    let state = inbox.select(&mailbox.folder).await?;
    if let Some(mark) = mark {
        let after = u32::try_from(mark.last_uid).ok().filter(|_| mark.uid_validity == i64::from(state.uid_validity));
        let new = inbox.list_new(after, Some(mark.adopted_since)).await?.len();
        return Ok(format!("{new} of them new"));
    }
    let count = match mailbox.adopt_since {
        AdoptSince::Activation => 0,
        AdoptSince::Moment(at) => inbox.list_new(None, Some(at)).await?.len(),
        AdoptSince::All => inbox.list_new(None, None).await?.len(),
    };
    Ok(format!("{count} would be adopted by the first start (adopt_since, or run --since)"))
}

fn is_by_token(server: &Server) -> bool {
    server.account.as_ref().is_some_and(|account| matches!(account.login, Login::OAuth(_)))
}

fn mend(error: &InboxError, mailbox: &Mailbox) -> String {
    match (error, &mailbox.inbox) {
        (InboxError::Credentials(_), InboxSettings::Imap(server)) if is_by_token(server) => {
            format!(
                "mend user, scope or mechanism, let the mail server allow the application, or run casepost auth login {}",
                mailbox.name
            )
        }
        (InboxError::Credentials(_), _) => "mend user and password".to_owned(),
        (InboxError::Refused { .. } | InboxError::Renumbered { .. }, _) => {
            format!("mend folder = \"{}\"", mailbox.folder)
        }
        (InboxError::Configuration(_), _) => "mend the configuration".to_owned(),
        (_, InboxSettings::Imap(server)) => {
            format!("mend host, port, tls or ca_file ({}:{})", server.host, server.port)
        }
        (_, InboxSettings::Maildir(path)) => format!("make the Maildir {} for casepost's user", path.display()),
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
        Err(why) => output::say(&format!("note dns: {why}: signatures are not verified: {mend}")),
        Ok(dns) => match dns.txt(&desk.host).await {
            TxtAnswer::Failed(why) => {
                let waits = "signed mails that nothing else proves would wait a day";
                output::say(&format!("note dns: {why}: {waits}: {mend}"));
            }
            _ => found.ok("dns", "name servers answer, so signatures can be verified"),
        },
    }
}

async fn check_outlet(found: &mut Findings, config: &Config, tokens: &Tokens) {
    let transport = match open_transport(config, tokens) {
        Ok(transport) => transport,
        Err(error) => return found.fail("outlet", &error.to_string()),
    };
    match (&transport, &config.outlet.transport) {
        (Transport::Smtp(outlet), TransportSettings::Smtp(server)) => {
            let place = format!("{}:{}", server.host, server.port);
            match outlet.check().await {
                Ok(()) if server.account.is_none() => {
                    found.ok("outlet", &format!("{place} answers (no user, no login); nothing was sent"));
                }
                Ok(()) => found.ok("outlet", &format!("{place} answers and takes our login; nothing was sent")),
                Err(why) if is_by_token(server) => {
                    found
                        .fail("outlet", &format!("{place}: {why}: if it is no token, mend host, port, tls or ca_file"));
                }
                Err(why) => {
                    found.fail("outlet", &format!("{place}: {why}: mend host, port, tls, ca_file, user or password"));
                }
            }
        }
        (_, TransportSettings::Folder(folder)) => check_folder(found, "outlet", folder),
        (Transport::Folder(_), TransportSettings::Smtp(_)) => {}
    }
}
