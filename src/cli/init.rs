//! `casepost init`: from a few answers to a configuration and a directory that `casepost check` finds good.

mod answers;
mod ask;
mod words;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::config::{Config, Secret, SecretSource};
use crate::desk::clock::Clock;
use crate::domain::directory::parse_directory;

use self::answers::{Answers, NewSecret};
use super::{INSTALLED, Place, output, owner};

/// Where the service's unit stands when the package, or somebody by hand, installed it.
const UNITS: [&str; 2] = ["/usr/lib/systemd/system/casepost.service", "/etc/systemd/system/casepost.service"];

/// The answers that are known already. On a terminal the others are asked for.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Print the two files and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The directory file. Default: desk.toml beside the configuration.
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// The folder for everything that casepost keeps. Default: /var/lib/casepost for /etc/casepost, else "data".
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The name in whose name letters go out.
    #[arg(long, value_name = "NAME")]
    desk_name: Option<String>,
    /// The language of letters: nl or en.
    #[arg(long, value_name = "nl|en")]
    language: Option<String>,
    /// The zone of the desk's days.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The support address to which clients write.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Who is told of troubles. Default: the expert.
    #[arg(long, value_name = "ADDRESS")]
    alarm_to: Option<String>,
    /// Who keeps the mailbox: microsoft, google, or other for any mail server.
    #[arg(long, value_name = "microsoft|google|other")]
    provider: Option<String>,
    /// The IMAP server.
    #[arg(long, value_name = "HOST[:PORT]")]
    imap: Option<String>,
    /// How IMAP is protected: implicit, starttls, or none for this machine.
    #[arg(long, value_name = "TLS")]
    imap_tls: Option<String>,
    /// The login name. Default: the support address.
    #[arg(long, value_name = "NAME")]
    imap_user: Option<String>,
    /// The SMTP server that takes letters.
    #[arg(long, value_name = "HOST[:PORT]")]
    smtp: Option<String>,
    /// How SMTP is protected: implicit, starttls, or none for this machine.
    #[arg(long, value_name = "TLS")]
    smtp_tls: Option<String>,
    /// Its login name, or none where the server wants no login. Default: that of IMAP.
    #[arg(long, value_name = "NAME|none")]
    smtp_user: Option<String>,
    /// The file of the password; where it is not there, the password is asked for and written.
    #[arg(long, value_name = "FILE", conflicts_with = "password_env")]
    password_file: Option<PathBuf>,
    /// Read the password from standard input and write its file.
    #[arg(long, conflicts_with_all = ["password_env", "dry_run"])]
    password_stdin: bool,
    /// The password stands in this environment variable, and no file is written.
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,
    /// The file of the SMTP password, where the login is another.
    #[arg(long, value_name = "FILE")]
    smtp_password_file: Option<PathBuf>,
    /// Microsoft: by whose right: refresh-token (a person agrees once, with a code) or client-credentials (casepost in its
    /// own name).
    #[arg(long, value_name = "refresh-token|client-credentials")]
    grant: Option<String>,
    /// Microsoft: the Directory (tenant) ID or domain.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Microsoft and Google: the Application (client) ID.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The file of the client secret: for Google, and for Microsoft with client-credentials.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// Whether support+anything@… comes into the mailbox: plus or none.
    #[arg(long, value_name = "plus|none")]
    reply_address: Option<String>,
    /// A mail that came in from outside, saved as a file as the mailbox keeps it: whom to trust is read off it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["trusted_host", "authserv_id"])]
    mail: Option<PathBuf>,
    /// A host of your mail provider, as it stands behind "by" in Received; may be repeated.
    #[arg(long, value_name = "HOST")]
    trusted_host: Vec<String>,
    /// A name with which it signs Authentication-Results; may be repeated.
    #[arg(long, value_name = "NAME")]
    authserv_id: Vec<String>,
    /// What becomes of letters: hold (they wait for your release), shadow (and read mail stays where it is) or send.
    #[arg(long, value_name = "hold|shadow|send")]
    delivery: Option<String>,
    /// The expert who answers.
    #[arg(long, value_name = "NAME <ADDRESS>")]
    expert: Option<String>,
    /// The first client's code, 2 to 5 capitals: it begins the numbers of its cases.
    #[arg(long, value_name = "CODE")]
    client: Option<String>,
    /// Its name.
    #[arg(long, value_name = "NAME")]
    client_name: Option<String>,
    /// The language of its letters. Default: the desk's.
    #[arg(long, value_name = "nl|en")]
    client_language: Option<String>,
    /// The coordinator: who may ask and decide for the client.
    #[arg(long, value_name = "NAME <ADDRESS>")]
    coordinator: Option<String>,
    /// The mail domain of the client's people, or none. Default: that of the coordinator.
    #[arg(long, value_name = "DOMAIN|none")]
    client_domain: Option<String>,
    /// The strips of a quarter of an hour that the client bought, or 0: then time is booked on the contract.
    #[arg(long, value_name = "COUNT")]
    strips: Option<String>,
    /// The first day of contract and strip card. Default: today.
    #[arg(long, value_name = "DAY")]
    start: Option<String>,
}

/// Where the files go, and to whom.
struct Folder {
    config: PathBuf,
    directory: PathBuf,
    data_dir: PathBuf,
    owner: Option<owner::Owner>,
}

/// Asks, shows or writes.
pub fn init(place: &Place, args: &InitArgs) -> anyhow::Result<()> {
    let folder = Folder::of(place, args)?;
    if !args.dry_run {
        folder.must_be_new()?;
    }
    let today = Clock::system().now().to_zoned_datetime(jiff::tz::TimeZone::system()).date();
    let answers = answers::gather(args, place.desk.as_deref(), &folder.config, today)?;
    let config = words::config(&answers, &folder.data_dir);
    let directory = words::directory(&answers);
    hold_together(&folder, &config, &directory)?;
    if args.dry_run {
        let (one, two) = (folder.config.display(), folder.directory.display());
        output::say(&format!("# ---- {one}\n{config}\n# ---- {two}\n{directory}"));
        return Ok(());
    }
    write_all(&folder, &answers, &config, &directory)?;
    output::say(&farewell(&folder, &answers));
    Ok(())
}

impl Folder {
    fn of(place: &Place, args: &InitArgs) -> anyhow::Result<Self> {
        let config = std::path::absolute(&place.config).context("the configuration's place")?;
        let beside = config.parent().unwrap_or(Path::new("/")).to_owned();
        let directory = args.directory.clone().unwrap_or_else(|| beside.join("desk.toml"));
        let default = if beside == Path::new("/etc/casepost") { "/var/lib/casepost" } else { "data" };
        let data_dir = args.data_dir.clone().unwrap_or_else(|| PathBuf::from(default));
        let owner = owner::stranger_of(&beside.join(&data_dir));
        Ok(Self { config, directory: std::path::absolute(directory)?, data_dir, owner })
    }

    /// What somebody wrote is never written over.
    fn must_be_new(&self) -> anyhow::Result<()> {
        for (file, option) in [(&self.config, "--config"), (&self.directory, "--directory")] {
            if file.symlink_metadata().is_ok() {
                bail!(
                    "{} is there already, and init writes only new files: edit it, move it away, or give {option} another \
                     name",
                    file.display()
                );
            }
        }
        Ok(())
    }
}

/// What is written passes the same checks as what people write.
fn hold_together(folder: &Folder, config: &str, directory: &str) -> anyhow::Result<()> {
    let beside = folder.config.parent().unwrap_or(Path::new("/"));
    let mut faults = Vec::new();
    if let Err(found) = Config::parse(config, beside) {
        faults.extend(found.into_iter().map(|fault| fault.what));
    }
    let name = folder.directory.file_name().unwrap_or_default().to_string_lossy();
    if let Err(found) = parse_directory(directory, &name) {
        faults.extend(found.into_iter().map(|fault| fault.what));
    }
    if !faults.is_empty() {
        bail!("the answers don't go together, and nothing was written:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// All of the files, or none: what was made is taken away again when a later one fails.
fn write_all(folder: &Folder, answers: &Answers, config: &str, directory: &str) -> anyhow::Result<()> {
    let beside = folder.config.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(beside).with_context(|| format!("the folder {} can't be made", beside.display()))?;
    let mut made = Vec::new();
    let result = (|| {
        for secret in answers.new_secrets() {
            write_secret(secret, folder.owner.as_ref())?;
            made.push(secret.file.clone());
        }
        for (file, text) in [(&folder.directory, directory), (&folder.config, config)] {
            let group = folder.owner.as_ref().map(|owner| (None, Some(owner.gid)));
            write_new(file, text, 0o640, group)?;
            made.push(file.clone());
        }
        anyhow::Ok(())
    })();
    if result.is_err() {
        for file in made {
            // The first fault is the one to tell.
            let _ = std::fs::remove_file(file);
        }
    }
    result
}

fn write_secret(secret: &NewSecret, owner: Option<&owner::Owner>) -> anyhow::Result<()> {
    let text = format!("{}\n", Secret::expose(&secret.text));
    write_new(&secret.file, &text, 0o600, owner.map(|owner| (Some(owner.uid), Some(owner.gid))))?;
    SecretSource::File(secret.file.clone()).read()?;
    Ok(())
}

/// Makes a file that was not there, never readable by more than its mode says.
fn write_new(file: &Path, text: &str, mode: u32, owner: Option<(Option<u32>, Option<u32>)>) -> anyhow::Result<()> {
    let cannot = || format!("{} can't be written", file.display());
    let mut open = OpenOptions::new().write(true).create_new(true).mode(mode).open(file).with_context(cannot)?;
    open.write_all(text.as_bytes()).and_then(|()| open.sync_all()).with_context(cannot)?;
    if let Some((uid, gid)) = owner {
        std::os::unix::fs::fchown(&open, uid, gid).with_context(cannot)?;
    }
    Ok(())
}

fn farewell(folder: &Folder, answers: &Answers) -> String {
    let mut files = vec![
        (folder.config.clone(), "the configuration"),
        (folder.directory.clone(), "who is who, and what was agreed"),
    ];
    files.extend(answers.new_secrets().map(|secret| (secret.file.clone(), "for casepost alone (mode 600)")));
    let width = files.iter().map(|(file, _)| file.display().to_string().len()).max().unwrap_or_default();
    let files: Vec<String> =
        files.iter().map(|(file, what)| format!("  {:<width$}  {what}", file.display().to_string())).collect();
    let casepost = match &folder.owner {
        Some(owner) => format!("runuser -u {} -- casepost", owner.name),
        None => "casepost".to_owned(),
    };
    let is_usual = Path::new(INSTALLED).join("casepost.toml") == folder.config;
    let casepost = if is_usual { casepost } else { format!("{casepost} --config {}", folder.config.display()) };
    let import = format!("{casepost} import {} --reason \"the beginning\"", folder.directory.display());
    let check = format!("{casepost} check");
    let last = match is_usual && UNITS.iter().any(|unit| Path::new(unit).exists()) {
        true => "systemctl enable --now casepost".to_owned(),
        false => format!("{casepost} run"),
    };
    let commands = match answers.needs_login() {
        true => [format!("{casepost} auth login support"), import, check],
        false => [import, check, last],
    };
    let commands: Vec<String> = commands.iter().enumerate().map(|(no, line)| format!("  {}. {line}", no + 1)).collect();
    let trust = match answers.trusted_hosts.is_empty() {
        true => {
            "\n\nWhose word about senders is believed is not set yet: until then only a signature (DKIM) proves a sender. Save \
             a mail\nthat came into the mailbox as a file; casepost check --mail FILE reads two lines for the configuration \
             off it."
        }
        false => "",
    };
    let variable = answers.password_variable();
    let variable = variable.map(|name| format!("\n{name} must be set for each of them.")).unwrap_or_default();
    format!("Written:\n{}\n\nNext:\n{}{variable}{trust}", files.join("\n"), commands.join("\n"))
}
