//! `casepost bench`: how fast a mailbox is drained, held against what fetching and storing alone cost.
//!
//! Everything is real but the mails: a Dovecot of its own behind TLS, the database with its usual durability, the
//! worker that production runs. Each phase is a process of its own, so that processor time and peaks of memory are
//! told apart; the phases of a round follow one another, so that a machine that is busy is so for all of them.

mod dovecot;
mod fill;
mod mails;
mod phase;
mod sink;
mod usage;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::desk::clock::Clock;

use super::output;
use dovecot::Dovecot;
use mails::Mails;
use phase::{Phase, Spec};
use sink::Sink;
use usage::{Cost, median};

/// casepost's own time for a mail, in parts of what fetching and storing alone take.
const MOST_RATIO: f64 = 1.5;
/// Processor time for a mail.
const MOST_CPU_MS: f64 = 1.0;
/// Peak of memory.
const MOST_PEAK_MB: f64 = 100.0;
/// How much dearer a mail may be where very many are stored.
const MOST_GROWTH: f64 = 1.1;
/// With so many stored mails the large store is compared.
const SMALL_STORE: usize = 10_000;

/// What is measured.
#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    command: BenchCommand,
}

#[derive(Debug, Subcommand)]
enum BenchCommand {
    /// Drain a mailbox on a Dovecot of its own, and deliver the acknowledgements. Needs root and Debian's Dovecot.
    Drain(DrainArgs),
    /// One phase, as the measurement calls it itself.
    #[command(hide = true)]
    Phase {
        /// What to do, as JSON.
        spec: String,
    },
}

/// How much is measured, and where.
#[derive(Debug, Args)]
struct DrainArgs {
    /// How many mails are drained in a round.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    mails: u32,
    /// How many rounds; medians are told.
    #[arg(long, value_name = "R", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Compare the cost of a mail at 10000 stored mails with that at so many.
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(20_000..=5_000_000))]
    stored: Option<u32>,
    /// Use this PostgreSQL database, which is left filled, in place of a fresh SQLite file.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Work in a new folder below this one, on a real disk. Default: the folder for temporary files.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Leave the folder where it is, for a look at what was stored.
    #[arg(long)]
    keep: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Measures.
///
/// # Errors
/// What is missing, with the mend; or a phase that failed.
pub async fn run(args: BenchArgs) -> anyhow::Result<()> {
    match args.command {
        BenchCommand::Phase { spec } => {
            let spec: Spec = serde_json::from_str(&spec)?;
            // On a thread of the runtime's, as the loops of the worker run.
            let cost = tokio::spawn(async move { spec.run().await }).await??;
            output::say(&serde_json::to_string(&cost)?);
            Ok(())
        }
        BenchCommand::Drain(args) => {
            let mut ended = signal(SignalKind::terminate())?;
            tokio::select! {
                measured = drain(&args) => measured,
                _ = ended.recv() => bail!("ended; the temporary folder is removed"),
                _ = tokio::signal::ctrl_c() => bail!("stopped; the temporary folder is removed"),
            }
        }
    }
}

async fn drain(args: &DrainArgs) -> anyhow::Result<()> {
    let work = Work::make(args.folder.as_deref(), args.keep)?;
    let bench = Bench {
        server: Dovecot::start(&work.folder).await?,
        sink: Sink::start().await?,
        work,
        count: usize::try_from(args.mails)?,
        postgres: args.postgres.clone(),
    };
    let mut report = Report { mails: bench.count, ..Report::default() };
    match args.stored {
        None => bench.rounds(args.rounds, &mut report).await?,
        Some(stored) => bench.stored(args.rounds, usize::try_from(stored)?, &mut report).await?,
    }
    if args.json { output::say_json(&report) } else { report.say() }
}

/// The temporary folder; it goes with this value.
struct Work {
    folder: PathBuf,
    is_kept: bool,
}

impl Work {
    fn make(below: Option<&Path>, is_kept: bool) -> anyhow::Result<Work> {
        let below = below.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let below = std::path::absolute(&below)?;
        if is_in_memory(&below) {
            bail!(
                "{} lies in memory, where nothing is durable: name a folder on a disk with --folder",
                below.display()
            );
        }
        let folder = below.join(format!("casepost-bench-{}", std::process::id()));
        std::fs::create_dir(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        Ok(Work { folder, is_kept })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.is_kept {
            output::complain(&format!("what was stored lies in {}", self.folder.display()));
        } else if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            output::complain(&format!("{} could not be removed: {error}", self.folder.display()));
        }
    }
}

/// Whether the folder's file system is a tmpfs, by the longest mount point that leads to it.
fn is_in_memory(folder: &Path) -> bool {
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let leads_there = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        folder.starts_with(place).then_some((place.len(), kind))
    });
    leads_there.max_by_key(|(length, _)| *length).is_some_and(|(_, kind)| matches!(kind, "tmpfs" | "ramfs"))
}

/// A measurement under way. The server ends before its folder goes.
struct Bench {
    server: Dovecot,
    sink: Sink,
    work: Work,
    count: usize,
    postgres: Option<String>,
}

impl Bench {
    /// Rounds of all phases. Each round begins with another phase, so that none is always the first.
    async fn rounds(&self, rounds: u32, report: &mut Report) -> anyhow::Result<()> {
        let mut measured = [const { Vec::new() }; 4];
        for round in 0..rounds {
            tell(&format!("round {} of {rounds}", round + 1));
            let files = self.make_mails(round)?;
            let mut order = [Phase::Fetch, Phase::Insert, Phase::Drain];
            let turn = usize::try_from(round)? % order.len();
            order.rotate_left(turn);
            for phase in order {
                let spec = self.spec(phase, &format!("{phase:?}-{round}"), round);
                let cost = self.measure(&spec, &files).await?;
                measured[phase as usize].push(cost);
                if phase == Phase::Drain {
                    let before = self.sink.taken();
                    let released =
                        self.measure(&Spec { phase: Phase::Release, ..spec.clone() }, &files).await?.messages;
                    let delivery = Spec { phase: Phase::Deliver, count: released, ..spec.clone() };
                    let cost = self.measure(&delivery, &files).await?;
                    if self.sink.taken() - before != cost.messages {
                        bail!("the receiver counted other letters than casepost");
                    }
                    measured[Phase::Deliver as usize].push(cost);
                }
                if !self.work.is_kept {
                    std::fs::remove_dir_all(&spec.folder)?;
                }
            }
        }
        report.ratio = Some(ratio(&measured));
        report.phases = measured.into_iter().zip(NAMES).map(|(costs, name)| Line::of(name, costs)).collect();
        Ok(())
    }

    /// The same mails into a store that holds few, and into one that holds many.
    async fn stored(&self, rounds: u32, stored: usize, report: &mut Report) -> anyhow::Result<()> {
        let sizes = [SMALL_STORE, stored];
        for (place, size) in sizes.into_iter().enumerate() {
            tell(&format!("storing {size} small mails"));
            let mut spec = self.spec(Phase::Fill, &format!("stored-{place}"), u32::try_from(place)?);
            spec.count = size;
            self.measure(&spec, &[]).await?;
        }
        let mut measured = [const { Vec::new() }; 2];
        for round in 0..rounds {
            tell(&format!("round {} of {rounds}", round + 1));
            let files = self.make_mails(round)?;
            let mut order = [0, 1];
            let turn = usize::try_from(round)? % order.len();
            order.rotate_left(turn);
            for place in order {
                let mut spec = self.spec(Phase::Drain, &format!("stored-{place}"), u32::try_from(place)?);
                spec.user = format!("stored-{place}-{round}");
                // How far the folder was read belongs to the mailbox of the round before.
                measured[place].push(self.measure(&spec, &files).await?);
            }
        }
        let each = |costs: &Vec<Cost>| median(costs.iter().map(Cost::each_us).collect());
        let cpu = |costs: &Vec<Cost>| median(costs.iter().map(Cost::cpu_each_ms).collect());
        report.growth = Some(each(&measured[1]) / each(&measured[0]));
        report.cpu_growth = Some(cpu(&measured[1]) / cpu(&measured[0]));
        report.phases = measured
            .into_iter()
            .zip(sizes)
            .map(|(costs, size)| Line::of(&format!("casepost, {size} stored"), costs))
            .collect();
        Ok(())
    }

    /// The mails of a round as files. Those of the round before go.
    fn make_mails(&self, round: u32) -> anyhow::Result<Vec<PathBuf>> {
        let folder = self.work.folder.join("mails");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir(&folder)?;
        let mails = Mails { run: round, clients: mails::clients_for(self.count), at: Clock::system().now() };
        let mut files = Vec::with_capacity(self.count);
        for no in 0..self.count {
            let file = folder.join(format!("{no:06}.eml"));
            std::fs::write(&file, mails.mail(no))?;
            files.push(file);
        }
        // What is still to be written must not slow down the first phase. Without it the numbers are only noisier.
        let _ = std::process::Command::new("sync").status();
        Ok(files)
    }

    fn spec(&self, phase: Phase, name: &str, run: u32) -> Spec {
        let letter = |index: u32| char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
        let pid = std::process::id();
        // A database that outlives the measurement must not take one run's mails for another's.
        let desk = ["B".to_owned(), letter(run).into(), letter(pid).into(), letter(pid / 26).into()].concat();
        Spec {
            phase,
            count: self.count,
            clients: mails::clients_for(self.count),
            folder: self.work.folder.join(name.to_lowercase()),
            mails: self.work.folder.join("mails"),
            user: name.to_lowercase(),
            desk,
            imap_port: self.server.port,
            certificate: self.server.certificate(),
            smtp_port: self.sink.port,
            database: self.postgres.clone(),
        }
    }

    async fn measure(&self, spec: &Spec, files: &[PathBuf]) -> anyhow::Result<Cost> {
        let has_mailbox = matches!(spec.phase, Phase::Fetch | Phase::Drain);
        if has_mailbox {
            self.server.fill(&spec.user, files)?;
        }
        let log = self.work.folder.join("log");
        let done = tokio::process::Command::new(std::env::current_exe()?)
            .args(["bench", "phase"])
            .arg(serde_json::to_string(spec)?)
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true)
            .output()
            .await?;
        if has_mailbox {
            self.server.remove(&spec.user);
        }
        if !done.status.success() {
            let told = std::fs::read_to_string(&log).unwrap_or_default();
            let last: Vec<&str> = told.lines().rev().take(5).collect();
            bail!("{:?} failed: {}", spec.phase, last.into_iter().rev().collect::<Vec<_>>().join("\n  "));
        }
        let cost: Cost = serde_json::from_slice(&done.stdout)?;
        tell(&format!(
            "{:<7} {:>7.0}/s {:>6.2} ms CPU {:>5.0} MB {}",
            format!("{:?}", spec.phase).to_lowercase(),
            cost.rate(),
            cost.cpu_each_ms(),
            cost.peak_mb,
            cost.told.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect::<Vec<_>>().join(", ")
        ));
        Ok(cost)
    }
}

const NAMES: [&str; 4] =
    ["a fetch and move alone", "b insert alone", "c casepost, mailbox to outbox", "d acknowledgements delivered"];

/// The middle of the rounds' c : (a + b).
fn ratio(measured: &[Vec<Cost>; 4]) -> f64 {
    let of = |phase: Phase| measured[phase as usize].iter().map(Cost::each_us);
    let rounds = of(Phase::Fetch).zip(of(Phase::Insert)).zip(of(Phase::Drain));
    median(rounds.map(|((fetch, insert), drain)| drain / (fetch + insert)).collect())
}

fn tell(what: &str) {
    use std::io::Write as _;
    // Nobody is left to be told.
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// The medians of one phase.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    messages: usize,
    per_second: f64,
    cpu_ms: f64,
    peak_mb: f64,
    rounds: Vec<Cost>,
}

impl Line {
    fn of(name: &str, costs: Vec<Cost>) -> Line {
        let middle = |value: fn(&Cost) -> f64| median(costs.iter().map(value).collect());
        Line {
            name: name.to_owned(),
            messages: costs.first().map_or(0, |cost| cost.messages),
            per_second: middle(Cost::rate),
            cpu_ms: middle(Cost::cpu_each_ms),
            peak_mb: middle(|cost| cost.peak_mb),
            rounds: costs,
        }
    }
}

#[derive(Debug, Default, Serialize)]
struct Report {
    mails: usize,
    phases: Vec<Line>,
    ratio: Option<f64>,
    growth: Option<f64>,
    cpu_growth: Option<f64>,
}

impl Report {
    fn say(&self) -> anyhow::Result<()> {
        let mut table = output::table(&["phase", "messages", "per second", "CPU ms each", "peak MB"]);
        for line in &self.phases {
            table.add_row(vec![
                line.name.clone(),
                line.messages.to_string(),
                format!("{:.0}", line.per_second),
                format!("{:.2}", line.cpu_ms),
                format!("{:.0}", line.peak_mb),
            ]);
        }
        output::say(&table.to_string());
        let verdict = |is_met: bool| if is_met { "met" } else { "missed" };
        if let Some(ratio) = self.ratio {
            output::say(&format!("c : (a + b) = {ratio:.2} (goal {MOST_RATIO}, {})", verdict(ratio <= MOST_RATIO)));
        }
        if let (Some(growth), Some(cpu)) = (self.growth, self.cpu_growth) {
            output::say(&format!(
                "a mail costs {growth:.2} times as long, {cpu:.2} times the CPU (goal {MOST_GROWTH}, {})",
                verdict(growth <= MOST_GROWTH)
            ));
        }
        for line in self.phases.iter().filter(|line| line.name.contains("casepost")) {
            output::say(&format!(
                "{}: {:.2} ms CPU (goal {MOST_CPU_MS}, {}), {:.0} MB (goal {MOST_PEAK_MB}, {})",
                line.name,
                line.cpu_ms,
                verdict(line.cpu_ms <= MOST_CPU_MS),
                line.peak_mb,
                verdict(line.peak_mb <= MOST_PEAK_MB)
            ));
        }
        Ok(())
    }
}
