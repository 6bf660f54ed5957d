//! `casepost run`: all loops until somebody stops them, or once.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::{AdoptSince, Config, TransportSettings};
use crate::desk::clock::Clock;
use crate::desk::worker::{Drained, Worker};
use crate::portal::operation::Operation;

use super::{Place, logging, output, owner};

/// How long what is in flight may take when casepost is asked to stop.
const GRACE: Duration = Duration::from_secs(9);

/// How to run.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Read every mailbox to its end, deliver what is due, and end.
    #[arg(long)]
    once: bool,
    /// At the first start, adopt also mail received from this moment or day (UTC) on, or "all".
    #[arg(long, value_name = "TIME|all", value_parser = parse_since)]
    since: Option<AdoptSince>,
    /// Rehearse as if it were this moment; only where letters stay on this machine.
    #[arg(long, value_name = "TIME", requires = "once")]
    now: Option<Timestamp>,
}

/// A moment, a day, or everything.
fn parse_since(text: &str) -> Result<AdoptSince, String> {
    if text == "all" {
        return Ok(AdoptSince::All);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(AdoptSince::Moment(moment));
    }
    let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok());
    let day = day.ok_or("use \"all\", a day such as 2026-03-01 or a time such as 2026-03-01T09:00:00Z")?;
    Ok(AdoptSince::Moment(day.timestamp()))
}

/// Runs as the arguments say.
pub async fn run(place: &Place, args: RunArgs) -> anyhow::Result<()> {
    let mut config = Config::load(&place.config)?;
    owner::must_be_ours(&config)?;
    logging::begin(&config.operation, None)?;
    for warning in &config.warnings {
        warn!("{}: {warning}", place.config.display());
    }
    let clock = match args.now {
        Some(start) => {
            stays_here(&config)?;
            Clock::rehearsal(start)
        }
        None => Clock::system(),
    };
    if args.once {
        return once(config, clock, args.since).await;
    }
    if let Some(since) = args.since {
        for mailbox in &mut config.mailboxes {
            mailbox.adopt_since = since;
        }
    }
    for_ever(config, clock).await
}

/// A rehearsal must not write to real people.
fn stays_here(config: &Config) -> anyhow::Result<()> {
    let TransportSettings::Smtp(server) = &config.outlet.transport else { return Ok(()) };
    let is_loopback =
        server.host == "localhost" || server.host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !is_loopback {
        bail!(
            "--now is for rehearsals, but letters would leave by {}: use [outlet.folder], or an SMTP server on 127.0.0.1",
            server.host
        );
    }
    Ok(())
}

async fn once(config: Config, clock: Clock, since: Option<AdoptSince>) -> anyhow::Result<()> {
    let worker = Worker::open(config, clock).await?;
    let bar = std::io::stderr().is_terminal().then(ProgressBar::new_spinner);
    if let Some(bar) = &bar {
        bar.enable_steady_tick(Duration::from_millis(120));
    }
    let progress = |text: &str| {
        if let Some(bar) = &bar {
            bar.set_message(text.to_owned());
        }
    };
    let drained = worker.run_once(since, &progress).await;
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    worker.db.close().await;
    let drained = drained?;
    output::say(&told(&drained));
    match drained.unread.as_slice() {
        [] => Ok(()),
        unread => {
            let unread: Vec<String> = unread.iter().map(|(name, why)| format!("mailbox \"{name}\": {why}")).collect();
            bail!("not everything was read: {}: see \"casepost check\"", unread.join("; "))
        }
    }
}

fn told(drained: &Drained) -> String {
    let mails: Vec<String> = drained.outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    let mails = if mails.is_empty() { "none".to_owned() } else { mails.join(", ") };
    let letters = &drained.letters;
    format!(
        "mails: {mails}\nletters: {} sent, {} to be tried again, {} given up",
        letters.sent, letters.later, letters.given_up
    )
}

async fn for_ever(config: Config, clock: Clock) -> anyhow::Result<()> {
    let listen = config.operation.listen;
    let listener = Operation::bind(listen)
        .await
        .with_context(|| format!("operation.listen = \"{listen}\" can't be had: is another casepost running?"))?;
    let stop = CancellationToken::new();
    watch_signals(stop.clone())?;
    let worker = Arc::new(Worker::open(config, clock).await?);
    let operation = Operation::begin(worker.db.clone(), clock)?;
    let serving = tokio::spawn(operation.serve(listener, stop.clone()));
    let db = worker.db.clone();
    let running = worker.run(stop.clone());
    tokio::pin!(running);
    let done = tokio::select! {
        done = &mut running => done,
        () = stop.cancelled() => match tokio::time::timeout(GRACE, running).await {
            Ok(done) => done,
            Err(_) => {
                warn!("what was in flight did not end in time; it is taken up at the next start");
                return Ok(());
            }
        },
    };
    stop.cancel();
    // A client that keeps its connection open must not keep casepost.
    let _ = tokio::time::timeout(Duration::from_millis(300), serving).await;
    let _ = tokio::time::timeout(Duration::from_millis(500), db.close()).await;
    Ok(done?)
}

/// The first SIGTERM or SIGINT asks to stop, the second one ends the process at once: both are safe, because
/// nothing counts before it is committed.
fn watch_signals(stop: CancellationToken) -> anyhow::Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            if stop.is_cancelled() {
                warn!("ending at once");
                std::process::exit(130);
            }
            info!("stopping; a second signal ends at once");
            stop.cancel();
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<AdoptSince>) {
        assert_eq!(parse_since(text).ok(), expected, "{text}");
    }

    #[test]
    fn since_is_a_moment_a_day_or_all() {
        let moment = |text: &str| Some(AdoptSince::Moment(text.parse().unwrap()));
        check("all", Some(AdoptSince::All));
        check("2026-03-01", moment("2026-03-01T00:00:00Z"));
        check("2026-03-01T09:00:00+01:00", moment("2026-03-01T08:00:00Z"));
        check("yesterday", None);
        check("", None);
    }

    #[test]
    fn a_drained_run_is_told_in_two_lines() {
        let drained = Drained { outcomes: [("opened", 2), ("noted", 1)].into(), ..Drained::default() };
        assert_eq!(told(&drained), "mails: 1 noted, 2 opened\nletters: 0 sent, 0 to be tried again, 0 given up");
        assert!(told(&Drained::default()).starts_with("mails: none"));
    }
}
