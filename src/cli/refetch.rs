//! `casepost refetch` and `casepost resume`: what came in since a backup, or a backlog, and then on.

use std::io::IsTerminal as _;

use anyhow::bail;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::{Config, DeliveryMode, Mailbox};
use crate::desk::backup::By;
use crate::desk::clock::Clock;
use crate::desk::intake::ReadingAgain;
use crate::desk::refetch::{Refetch, Refetched};
use crate::desk::resume::{self, Aside, Resumed, Resuming};
use crate::desk::worker::Worker;

use super::opened::{Opened, actor};
use super::output::{self, time};
use super::{Form, Place, Reason, logging};

/// What to read again.
#[derive(Debug, Args)]
pub struct RefetchArgs {
    /// The folder, such as the one into which mails are filed. Nothing in it is moved.
    #[arg(long, value_name = "NAME")]
    folder: String,
    /// Only mails that the server took in since then: a time, or a day (UTC).
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Timestamp,
    /// The mailbox; needed only where there are several.
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// Let the mails count as received now: for a backlog to which no deadline was promised.
    #[arg(long)]
    as_new: bool,
    /// Count what is known and what is not, and decide nothing.
    #[arg(long)]
    dry_run: bool,
    /// Why, in words: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run",
        value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
    #[command(flatten)]
    form: Form,
}

/// How to go on.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// What becomes of the letters that were set aside: by default they go, or stay held where delivery = "hold".
    #[arg(long, value_enum)]
    letters: Option<Letters>,
    /// Leave out so many case numbers of each client: where not all mail since the backup could be read again, an answer to
    /// a case that is lost must not find another one.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    skip_numbers: u32,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    form: Form,
}

/// What becomes of letters that were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Letters {
    /// They go; those that may have gone before have the same Message-ID.
    Release,
    /// They never go.
    Drop,
    /// They stay held, to be looked at one by one.
    Keep,
}

/// A moment, or the beginning of a day.
fn parse_moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok());
    let day = day.ok_or("use a day such as 2026-03-01 or a time such as 2026-03-01T09:00:00Z")?;
    Ok(day.timestamp())
}

/// Reads a folder again.
pub async fn refetch(place: &Place, args: RefetchArgs) -> anyhow::Result<()> {
    let config = Config::load(&place.config)?;
    logging::begin(&config.operation, Some("warn"))?;
    let what = Refetch {
        mailbox: choose_mailbox(&config, place.desk.as_deref(), args.mailbox.as_deref())?.clone(),
        folder: args.folder,
        since: args.since,
        is_dry: args.dry_run,
        reading: ReadingAgain { is_received_now: args.as_new },
    };
    let zone = config.desk(&what.mailbox.desk).map_or(TimeZone::UTC, |desk| desk.time_zone.clone());
    let by = By { actor: actor(), reason: args.reason.unwrap_or_default() };
    let worker = Worker::open(config, Clock::system()).await?;
    let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(0));
    let progress = |past: usize, all: usize| {
        if let Some(bar) = &bar {
            bar.set_length(all as u64);
            bar.set_position(past as u64);
        }
    };
    let done = worker.refetch(&what, &by, &progress).await;
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    worker.db.close().await;
    let done = done?;
    if args.form.json {
        output::say_json(&done)?;
    } else {
        output::say(&told(&done, &what, &zone));
    }
    if done.waiting + done.unreadable > 0 {
        bail!("not everything was decided: the same command again goes on from here");
    }
    Ok(())
}

fn choose_mailbox<'a>(config: &'a Config, desk: Option<&str>, name: Option<&str>) -> anyhow::Result<&'a Mailbox> {
    let known = config.mailboxes.iter().filter(|mailbox| desk.is_none_or(|code| mailbox.desk.as_str() == code));
    let known: Vec<&Mailbox> = known.collect();
    let names = || known.iter().map(|mailbox| mailbox.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, known.as_slice()) {
        (Some(name), known) => match known.iter().find(|mailbox| mailbox.name.as_str() == name) {
            Some(mailbox) => Ok(mailbox),
            None => bail!("mailbox \"{name}\" is not in the configuration: it has {}", names()),
        },
        (None, [only]) => Ok(only),
        (None, _) => bail!("there are several mailboxes ({}): say which with --mailbox", names()),
    }
}

fn told(done: &Refetched, what: &Refetch, zone: &TimeZone) -> String {
    let mut lines = vec![format!(
        "{} since {}: {} mails, {} known, {} not known",
        what.folder,
        time(what.since, zone),
        done.found,
        done.known,
        done.new
    )];
    if let (Some(oldest), Some(newest)) = (done.oldest_new, done.newest_new) {
        lines.push(format!("not known: from {} to {}", time(oldest, zone), time(newest, zone)));
    }
    if what.is_dry {
        lines.push("nothing was decided (--dry-run)".to_owned());
        return lines.join("\n");
    }
    let taken: Vec<String> = done.outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    lines.push(format!("taken: {}", if taken.is_empty() { "none".to_owned() } else { taken.join(", ") }));
    if done.waiting > 0 {
        lines.push(format!("{} wait for a lookup that failed for a moment", done.waiting));
    }
    if done.unreadable > 0 {
        lines.push(format!("{} could not be read from the server", done.unreadable));
    }
    if done.set_aside > 0 {
        lines.push(format!(
            "{} letters are set aside: look at them with casepost outbox list --state held, then casepost resume",
            done.set_aside
        ));
    }
    lines.join("\n")
}

/// Lets a desk go on.
pub async fn resume(opened: &Opened, args: ResumeArgs) -> anyhow::Result<()> {
    let aside = match (args.letters, opened.config.outlet.delivery) {
        (Some(Letters::Release), _) | (None, DeliveryMode::Send) => Aside::Release,
        (Some(Letters::Drop), _) => Aside::Drop,
        (Some(Letters::Keep), _) | (None, DeliveryMode::Hold | DeliveryMode::Shadow) => Aside::Keep,
    };
    let by = By { actor: actor(), reason: args.reason.reason };
    let year = opened.zone().to_datetime(opened.now()).date().year();
    let how = Resuming { aside, skipped_numbers: args.skip_numbers, year };
    let done = resume::resume(&opened.db, opened.code(), how, &by, opened.now()).await?;
    if args.form.json {
        return output::say_json(&done);
    }
    output::say(&resumed(opened.code(), done));
    Ok(())
}

fn resumed(desk: &str, done: Resumed) -> String {
    let goes_on = if done.was_waiting { "reads its mail again" } else { "did not wait" };
    let letters = match (done.released, done.dropped, done.kept) {
        (0, 0, 0) => "no letter was set aside".to_owned(),
        (0, 0, kept) => format!("{kept} letters stay held"),
        (0, dropped, _) => format!("{dropped} letters are dropped"),
        (released, ..) => format!("{released} letters go"),
    };
    format!("Desk {desk} {goes_on}; {letters}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(released: u64, dropped: u64, kept: i64, expected: &str) {
        assert_eq!(resumed("LIN", Resumed { was_waiting: true, released, dropped, kept }), expected);
    }

    #[test]
    fn what_goes_on_is_told_in_one_line() {
        check(0, 0, 0, "Desk LIN reads its mail again; no letter was set aside.");
        check(3, 0, 0, "Desk LIN reads its mail again; 3 letters go.");
        check(0, 2, 0, "Desk LIN reads its mail again; 2 letters are dropped.");
        check(0, 0, 4, "Desk LIN reads its mail again; 4 letters stay held.");
    }
}
