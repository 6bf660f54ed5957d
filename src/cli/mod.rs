//! The commands, one file a group. Results go to standard output, everything else to standard error.
//!
//! Exit codes: 0 done, 1 refused or failed (one line tells what and how to mend it), 2 the command itself was
//! written wrongly. `deliver` answers as mail servers expect (sysexits). Every change asks for a reason and is in
//! the audit trail under the name of the user of this machine.

mod audit;
mod auth;
mod backup;
mod bench;
mod calendar;
mod card;
mod case;
mod check;
mod deliver;
mod demo;
mod directory;
mod forget;
mod init;
mod inspect;
mod lab;
mod logging;
mod message;
mod opened;
mod outbox;
mod output;
mod owner;
mod papers;
mod people;
mod quarantine;
mod refetch;
mod run;
mod summary;
mod template;
mod time;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use opened::Opened;

/// With the commit, so that a report of a fault names what was run.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("CASEPOST_COMMIT"), ")");

/// The folder that the Debian package makes for the configuration.
const INSTALLED: &str = "/etc/casepost";

/// The configuration where none is named: the one that is here, else that of the installed service, which may not be
/// written yet.
fn usual_config(here: &Path, installed: &Path) -> PathBuf {
    if here.exists() || !installed.is_dir() { here.to_owned() } else { installed.join("casepost.toml") }
}

/// An email-driven ticket gateway: reads the support mailbox, makes cases, books time, answers.
#[derive(Debug, Parser)]
#[command(name = "casepost", version = VERSION, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which installation and desk a command is about.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The configuration. Default: casepost.toml in this folder, or else /etc/casepost/casepost.toml.
    #[arg(
        long,
        value_name = "FILE",
        env = "CASEPOST_CONFIG",
        default_value_os_t = usual_config(Path::new("casepost.toml"), Path::new(INSTALLED)),
        hide_default_value = true,
        global = true
    )]
    config: PathBuf,
    /// The desk; needed only where the configuration has several.
    #[arg(long, value_name = "CODE", global = true)]
    desk: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask a few things and write a configuration and a directory that work.
    Init(Box<init::InitArgs>),
    /// Read the mailboxes, decide, deliver: until it is stopped.
    Run(run::RunArgs),
    /// Take one mail from standard input, for a mail server's pipe; answers with sysexits codes.
    Deliver(deliver::DeliverArgs),
    /// Try everything that is configured and tell what to mend.
    Check(check::CheckArgs),
    /// Take over a directory file: show the difference, apply it as a whole.
    Import(directory::ImportArgs),
    /// Write the directory as a file.
    Export,
    /// Strip cards.
    #[command(subcommand)]
    Card(card::CardCommand),
    /// What experts booked.
    #[command(subcommand)]
    Time(time::TimeCommand),
    /// The week of each client or of the desk: all figures, the letter, or send it.
    Summary(summary::SummaryArgs),
    /// The people at the clients.
    #[command(subcommand)]
    Person(people::PersonCommand),
    /// Who may decide what, from when to when.
    #[command(subcommand)]
    Position(people::PositionCommand),
    /// When the desk is open, and which days are off.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// The organisations with a contract.
    #[command(subcommand)]
    Client(people::ClientCommand),
    /// Cases.
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// Mails that came in.
    #[command(subcommand)]
    Message(message::MessageCommand),
    /// Letters that go out.
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// The letters' templates: what they say, what they may print, what they look like.
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Mails that wait for a decision of the desk.
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Who changed what, and why.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The access tokens with which casepost logs in at Microsoft, Google and others.
    #[command(subcommand)]
    Auth(auth::AuthCommand),
    /// Write everything that only casepost has into one file, also while it works.
    Backup(backup::BackupArgs),
    /// Go back to a backup, in an empty place.
    Restore(backup::RestoreArgs),
    /// Read a folder again: what came in since a backup, or a backlog.
    Refetch(refetch::RefetchArgs),
    /// Let a desk go on after a restore or a second reading, and its letters that were set aside.
    Resume(refetch::ResumeArgs),
    /// Forget a person: their words, names and addresses go; the ledger and the facts stay.
    Forget(forget::ForgetArgs),
    /// Explain what casepost reads in a mail.
    Inspect(inspect::InspectArgs),
    /// Try single rules on examples: threads, durations.
    #[command(subcommand)]
    Lab(lab::LabCommand),
    /// Try casepost without any mail server: a desk, its mail, its letters in one folder.
    Demo(demo::DemoArgs),
    /// Measure how fast a mailbox is drained.
    Bench(bench::BenchArgs),
    /// Print the script with which a shell completes these commands.
    Completions(papers::CompletionsArgs),
    /// Write a manual page for each command.
    Man(papers::ManArgs),
}

/// What a change asks for.
#[derive(Debug, Clone, Args)]
pub struct Reason {
    /// Why, in words: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
}

/// How a result is shown.
#[derive(Debug, Clone, Copy, Args)]
pub struct Form {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Reads the arguments, does what they ask, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let is_delivery = matches!(cli.command, Command::Deliver(_));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&format!("the runtime can't start: {error}"));
            return if is_delivery { ExitCode::from(deliver::TRY_AGAIN) } else { ExitCode::FAILURE };
        }
    };
    let code = runtime.block_on(dispatch(cli));
    // A read of standard input that never ends must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    code
}

async fn dispatch(cli: Cli) -> ExitCode {
    let Cli { place, command } = cli;
    let done = match command {
        Command::Deliver(args) => return deliver::deliver(&place, args).await,
        Command::Init(args) => init::init(&place, &args),
        Command::Run(args) => run::run(&place, args).await,
        Command::Check(args) => return check::check(&place, args).await,
        Command::Auth(command) => auth::run(&place, command).await,
        Command::Backup(args) => backup::back_up(&place, args).await,
        Command::Restore(args) => backup::restore(&place, args).await,
        Command::Refetch(args) => refetch::refetch(&place, args).await,
        Command::Inspect(args) => inspect::inspect(&place, &args).await,
        Command::Template(command) => template::run(&place, command).await,
        Command::Lab(command) => lab::run(&command),
        Command::Demo(args) => demo::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Completions(args) => papers::say_completions(&args),
        Command::Man(args) => papers::write_man(&args),
        other => on_opened(&place, other).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The commands that look at or change what is stored.
async fn on_opened(place: &Place, command: Command) -> anyhow::Result<()> {
    let opened = Opened::open(place).await?;
    let done = match command {
        Command::Import(args) => directory::import(&opened, &args).await,
        Command::Export => directory::export(&opened).await,
        Command::Card(command) => card::run(&opened, command).await,
        Command::Time(command) => time::run(&opened, command).await,
        Command::Summary(args) => summary::run(&opened, args).await,
        Command::Person(command) => people::person(&opened, command).await,
        Command::Position(command) => people::position(&opened, command).await,
        Command::Calendar(command) => calendar::run(&opened, command).await,
        Command::Client(command) => people::client(&opened, command).await,
        Command::Case(command) => case::run(&opened, command).await,
        Command::Message(command) => message::run(&opened, command).await,
        Command::Outbox(command) => outbox::run(&opened, command).await,
        Command::Quarantine(command) => quarantine::run(&opened, command).await,
        Command::Audit(command) => audit::run(&opened, command).await,
        Command::Resume(args) => refetch::resume(&opened, args).await,
        Command::Forget(args) => forget::forget(&opened, &args).await,
        Command::Init(_)
        | Command::Run(_)
        | Command::Deliver(_)
        | Command::Check(_)
        | Command::Auth(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Refetch(_)
        | Command::Inspect(_)
        | Command::Lab(_)
        | Command::Template(_)
        | Command::Demo(_)
        | Command::Bench(_)
        | Command::Completions(_)
        | Command::Man(_) => Ok(()),
    };
    opened.db.close().await;
    done
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser, error::ErrorKind};

    use super::{Cli, usual_config};

    fn check(line: &str, expected: Result<(), ErrorKind>) {
        let args = std::iter::once("casepost").chain(line.split_whitespace());
        assert_eq!(Cli::try_parse_from(args).map(|_| ()).map_err(|e| e.kind()), expected, "{line}");
    }

    #[test]
    fn a_configuration_here_goes_before_that_of_the_service() {
        let folder = tempfile::tempdir().unwrap();
        let (here, installed) = (folder.path().join("casepost.toml"), folder.path().join("etc"));
        assert_eq!(usual_config(&here, &installed), here);
        std::fs::create_dir(&installed).unwrap();
        assert_eq!(usual_config(&here, &installed), installed.join("casepost.toml"));
        std::fs::write(&here, "").unwrap();
        assert_eq!(usual_config(&here, &installed), here);
    }

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_change_without_a_reason_is_refused() {
        check("import desk.toml", Err(ErrorKind::MissingRequiredArgument));
        check("import desk.toml --dry-run", Ok(()));
        check("import desk.toml --reason x", Ok(()));
        check("card add AMR 7 --strips 20 --purchased-on 2026-03-01", Err(ErrorKind::MissingRequiredArgument));
        check("card add AMR 7 --strips 20 --purchased-on 2026-03-01 --reason x", Ok(()));
        check("outbox retry 4", Err(ErrorKind::MissingRequiredArgument));
        check("outbox release --all --reason x", Ok(()));
        check("outbox release --reason x", Err(ErrorKind::MissingRequiredArgument));
        check("quarantine release 4", Err(ErrorKind::MissingRequiredArgument));
        check("quarantine replay 4 --reason x", Ok(()));
        check("forget anne@x.example", Err(ErrorKind::MissingRequiredArgument));
        check("forget anne@x.example --dry-run", Ok(()));
        check("forget anne --reason x", Err(ErrorKind::ValueValidation));
        check("case reopen AMR-2026-0001", Err(ErrorKind::MissingRequiredArgument));
        check("case assign AMR-2026-0001 mira", Err(ErrorKind::MissingRequiredArgument));
        check("case set-client AMR-2026-0001 NWK", Err(ErrorKind::MissingRequiredArgument));
        check("case unmerge AMR-2026-0001", Err(ErrorKind::MissingRequiredArgument));
        check("case set-client AMR-2026-0001 NWK --reason x", Ok(()));
        check(
            "person add piet --client AMR --name Piet --address p@x.example",
            Err(ErrorKind::MissingRequiredArgument),
        );
    }

    #[test]
    fn a_summary_is_shown_in_one_form_or_sent_with_a_reason() {
        check("summary", Ok(()));
        check("summary --week 2026-W47 --client AMR --preview --format html", Ok(()));
        check("summary --week 2026-W47 --desk-summary --json", Ok(()));
        check("summary --week 2026-W54", Err(ErrorKind::ValueValidation));
        check("summary --client AMR --send", Err(ErrorKind::MissingRequiredArgument));
        check("summary --client AMR --send --reason x", Ok(()));
        check("summary --client AMR --desk-summary", Err(ErrorKind::ArgumentConflict));
        check("summary --send --reason x --json", Err(ErrorKind::ArgumentConflict));
    }

    #[test]
    fn a_rehearsal_is_for_one_run_only() {
        check("run", Ok(()));
        check("run --once --since all", Ok(()));
        check("run --since yesterday", Err(ErrorKind::ValueValidation));
        check("run --once --now 2026-03-02T09:00:00Z", Ok(()));
        check("run --now 2026-03-02T09:00:00Z", Err(ErrorKind::MissingRequiredArgument));
    }

    #[test]
    fn a_mail_is_inspected_with_one_table_of_names() {
        check("inspect x.eml --json --dns keys.json", Ok(()));
        check("inspect x.eml --ask-dns", Ok(()));
        check("inspect x.eml --ask-dns --dns keys.json", Err(ErrorKind::ArgumentConflict));
        check("check --mail x.eml", Ok(()));
    }

    #[test]
    fn a_letter_is_looked_at_in_a_language_or_as_a_client() {
        check("template list", Ok(()));
        check("template show relay --language nl --json", Ok(()));
        check("template preview acknowledgement --client AMR --open", Ok(()));
        check("template preview acknowledgement --language nl --minimal --format eml --out x.eml", Ok(()));
        check("template preview acknowledgement --client AMR --language nl", Err(ErrorKind::ArgumentConflict));
        check("template preview", Err(ErrorKind::MissingRequiredArgument));
        check("template begin de --folder templates", Ok(()));
    }

    #[test]
    fn a_backup_goes_to_a_file_and_comes_back_with_a_reason() {
        check("backup x.tar", Ok(()));
        check("backup - --json", Ok(()));
        check("restore x.tar", Err(ErrorKind::MissingRequiredArgument));
        check("restore x.tar --dry-run", Ok(()));
        check("restore x.tar --reason x", Ok(()));
        check("refetch --folder Done --since 2026-03-01", Err(ErrorKind::MissingRequiredArgument));
        check("refetch --folder Done --since 2026-03-01 --dry-run --json", Ok(()));
        check("refetch --folder Done --since 2026-03-01T09:00:00Z --as-new --reason x", Ok(()));
        check("refetch --folder Done --since yesterday --reason x", Err(ErrorKind::ValueValidation));
        check("resume", Err(ErrorKind::MissingRequiredArgument));
        check("resume --letters drop --reason x", Ok(()));
        check("outbox drop --all --reason x", Ok(()));
    }

    #[test]
    fn a_login_goes_one_way() {
        check("auth login support", Ok(()));
        check("auth login support --by browser --port 4711 --reason x", Ok(()));
        check("auth login support --by letter", Err(ErrorKind::InvalidValue));
        check("auth status --json", Ok(()));
        check("auth login", Err(ErrorKind::MissingRequiredArgument));
    }

    #[test]
    fn a_message_is_shown_in_one_form() {
        check("message show 3 --raw", Ok(()));
        check("message show 3 --json", Ok(()));
        check("message show 3 --raw --json", Err(ErrorKind::ArgumentConflict));
        check("message show three", Err(ErrorKind::ValueValidation));
        check("case list --json --desk LIN --config elsewhere.toml", Ok(()));
    }
}
