//! `casepost demo`: a small desk in a folder, three days of its mail, and what became of it.
//!
//! Only the world around the desk is played (writers, receiving host, time); what is shown was done by the same
//! worker that `casepost run` drives, with a Maildir as mailbox and a folder as outlet.

mod folder;
mod mailroom;
mod play;
mod show;

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::Config;
use crate::desk::clock::Clock;
use crate::desk::import::{By, World};
use crate::desk::worker::Worker;
use crate::domain::directory::DirectoryFile;
use crate::store::letters;

use super::{logging, output};
use folder::Folder;

/// What the demonstration may be asked.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the desk, its mail and its letters are put.
    #[arg(long, default_value = "casepost-demo", value_name = "FOLDER")]
    folder: PathBuf,
    /// The moment at which the play ends, such as 2026-11-23T10:00+01:00. The mails come in the four days before.
    #[arg(long, default_value = "2026-11-23T10:00+01:00", value_name = "TIME")]
    now: Timestamp,
}

/// Plays three days of a desk's mail and shows what became of it. On a folder of an earlier run it shows the same and
/// delivers nothing anew.
///
/// # Errors
/// A folder that can't be used, with the mend.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let folder = folder::prepare(&args.folder)?;
    let config = Config::load(&folder.config)?;
    logging::begin(&config.operation, Some("error"))?;
    let stage = Stage::new(folder, config, args.now)?;
    show::beginning(&stage.folder);
    if !stage.is_over().await? {
        stage.take_over_desk().await?;
        stage.play().await?;
    }
    let worker = stage.worker(args.now).await?;
    show::everything(&worker, &stage.folder, args.now).await?;
    worker.db.close().await;
    show::end(&stage.folder);
    Ok(())
}

/// The play in its folder, at its time.
struct Stage {
    folder: Folder,
    config: Config,
    zone: TimeZone,
    shift: SignedDuration,
}

impl Stage {
    fn new(folder: Folder, config: Config, ends_at: Timestamp) -> anyhow::Result<Stage> {
        let zone = config.desks.first().context("the demonstration has no desk")?.time_zone.clone();
        let shift = ends_at.duration_since(moment(play::ENDS, &zone)?);
        Ok(Stage { folder, config, zone, shift })
    }

    /// A moment of the script in the rehearsal's world.
    fn at(&self, civil: &str) -> anyhow::Result<Timestamp> {
        Ok(moment(civil, &self.zone)?.checked_add(self.shift)?)
    }

    async fn worker(&self, now: Timestamp) -> anyhow::Result<Worker> {
        Ok(Worker::open(self.config.clone(), Clock::rehearsal(now)).await?)
    }

    /// Whether an earlier run came to its end: every mail was read, and every letter has left.
    async fn is_over(&self) -> anyhow::Result<bool> {
        let mut mails = play::ACTS.iter().flat_map(|act| act.mails);
        if !mails.all(|mail| mailroom::is_read(mail, &self.folder.maildir)) {
            return Ok(false);
        }
        let worker = self.worker(self.at(play::ENDS)?).await?;
        let (waiting, _) = letters::list_waiting(&worker.db).await?;
        worker.db.close().await;
        Ok(waiting == 0)
    }

    /// What `casepost import desk.toml` does.
    async fn take_over_desk(&self) -> anyhow::Result<()> {
        let Some(first) = play::ACTS.first() else { return Ok(()) };
        let worker = self.worker(self.at(first.worked)?).await?;
        let desk = self.config.desks.first().context("the demonstration has no desk")?;
        let text = std::fs::read_to_string(&self.folder.desk)?;
        let by = By {
            actor: "command:demo".to_owned(),
            reason: "the demonstration's desk".to_owned(),
            at: worker.clock.now(),
        };
        let world = World { db: &worker.db, desk: &desk.code, zone: &self.zone };
        world.import(&DirectoryFile::alone("desk.toml", &text), &by, false).await?;
        worker.db.close().await;
        Ok(())
    }

    /// Act by act: the mails come in, then the worker reads, decides and delivers. A play that was ended in the midst
    /// goes on with the act that had begun, a little later on its clock: what it left behind is due by then.
    async fn play(&self) -> anyhow::Result<()> {
        let has_begun = |act: &play::Act| act.mails.iter().any(|mail| mailroom::lies(mail, &self.folder.maildir));
        let begun = play::ACTS.iter().rposition(has_begun);
        for act in &play::ACTS[begun.unwrap_or(0)..] {
            for mail in act.mails {
                let at = |civil: &str| self.at(civil);
                mailroom::deliver(mail, at, &self.zone, &self.folder.maildir, &self.folder.outbox)?;
            }
            let late = if begun.is_some() { SignedDuration::from_secs(30) } else { SignedDuration::ZERO };
            let worker = self.worker(self.at(act.worked)? + late).await?;
            let drained = worker.run_once(None, &|_| {}).await?;
            worker.db.close().await;
            for (mailbox, why) in drained.unread {
                output::complain(&format!("mailbox {mailbox} was not read: {why}"));
            }
        }
        Ok(())
    }
}

fn moment(civil: &str, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    let civil: DateTime = civil.parse()?;
    Ok(zone.to_timestamp(civil)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_runs_forward_and_names_each_mail_once() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let at = |civil: &str| moment(civil, &zone).unwrap();
        let mut names = std::collections::HashSet::new();
        let mut before = Timestamp::MIN;
        for act in play::ACTS {
            for mail in act.mails {
                assert!(names.insert(mail.name), "{} twice", mail.name);
                assert!(at(mail.received) > before && at(mail.received) < at(act.worked), "{}", mail.name);
                assert_eq!(mail.answers.is_some(), mail.text.contains("@MESSAGE-ID@") || is_report(mail.text));
            }
            before = act.mails.last().map_or(before, |mail| at(mail.received));
        }
        assert_eq!(play::ACTS.last().unwrap().worked, play::ENDS);
    }

    fn is_report(text: &str) -> bool {
        text.contains("@HEADERS@") || text.contains("@CASE-TAG@")
    }
}
