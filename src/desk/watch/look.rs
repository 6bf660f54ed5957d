//! What is wrong at this moment.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::Watch;
use crate::domain::alarm::{Observation, Trouble};
use crate::store::{StoreError, letters, mailboxes, watch};

use super::super::office::{Office, ago};
use super::super::resume::why_waiting;
use super::Watcher;

/// How long the database may take to answer all of it.
const PATIENCE: Duration = Duration::from_secs(15);
/// What happened within so long still counts as a trouble.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What only the database can tell.
const ASKED: &[Trouble] = &[
    Trouble::MailboxSilent,
    Trouble::OutboxOld,
    Trouble::LettersGivenUp,
    Trouble::Quarantine,
    Trouble::Storm,
    Trouble::StaffBounces,
    Trouble::CanaryLost,
];

/// What was seen, and what nobody could look for.
pub(super) struct Seen {
    pub observations: Vec<Observation>,
    pub unseen: Vec<Trouble>,
}

/// Looks at everything.
pub(super) async fn look(watcher: &Watcher, now: Timestamp) -> Seen {
    let mut observations = Vec::new();
    let mut unseen = Vec::new();
    let away = match tokio::time::timeout(PATIENCE, ask(watcher, now)).await {
        Ok(Ok(found)) => {
            observations.extend(found);
            None
        }
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    if let Some(why) = away {
        unseen.extend(ASKED);
        observations.push(Observation {
            trouble: Trouble::DatabaseAway,
            matter: "database".to_owned(),
            text: format!("The database does not answer ({why}): mail waits in the mailbox until it does."),
        });
    }
    observations.extend(tokens(watcher));
    observations.extend(disk(watcher));
    observations.extend(clocks(watcher, now));
    Seen { observations, unseen }
}

async fn ask(watcher: &Watcher, now: Timestamp) -> Result<Vec<Observation>, StoreError> {
    let rules = &watcher.config.watch;
    let mut found = silent_mailboxes(watcher, now).await?;
    let (waiting, oldest_at) = letters::list_waiting(&watcher.db).await?;
    if let Some(age) = oldest_at.map(|at| now.duration_since(at)).filter(|age| *age > rules.outbox_patience) {
        let text = format!(
            "{waiting} letters wait, the oldest for {}: look at \"casepost outbox list\" and the log.",
            spell(age)
        );
        found.push(Observation { trouble: Trouble::OutboxOld, matter: "outbox".to_owned(), text });
    }
    for office in &watcher.offices {
        found.extend(of_desk(watcher, office, now).await?);
        if rules.canary_pause.is_some() {
            found.extend(canaries(watcher, office, rules, now).await?);
        }
    }
    Ok(found)
}

/// A mailbox is as old as the folder of it that was read to its end longest ago; one that was never read, as this process.
async fn silent_mailboxes(watcher: &Watcher, now: Timestamp) -> Result<Vec<Observation>, StoreError> {
    let patience = watcher.config.watch.mailbox_patience;
    let fetched = mailboxes::list_fetched(&watcher.db).await?;
    let read_by_us = watcher.config.mailboxes.iter();
    let mut waiting = HashMap::new();
    for office in &watcher.offices {
        let why = why_waiting(&watcher.db, office.code()).await?;
        waiting.extend(why.map(|why| (office.code(), why)));
    }
    let silent = read_by_us.filter_map(|mailbox| {
        let main = format!("{}/{}/{}", mailbox.desk, mailbox.name, mailbox.folder);
        let at = fetched.get(&main).copied().flatten();
        let age = now.duration_since(at.unwrap_or(watcher.since));
        // A process that just began had no chance yet.
        let is_silent = age > patience && now.duration_since(watcher.since) > patience;
        let seen = at.map_or("never".to_owned(), |_| format!("{} ago", spell(age)));
        is_silent.then(|| Observation {
            trouble: Trouble::MailboxSilent,
            matter: mailbox.name.to_string(),
            text: match waiting.get(mailbox.desk.as_str()) {
                Some(why) => format!("It was read to its end {seen}: {why}."),
                None => format!("It was read to its end {seen}: \"casepost check\" tells what is wrong."),
            },
        })
    });
    Ok(silent.collect())
}

async fn of_desk(watcher: &Watcher, office: &Office, now: Timestamp) -> Result<Vec<Observation>, StoreError> {
    let (db, desk, since) = (&watcher.db, office.code(), ago(now, DAY));
    let mut found = Vec::new();
    let mut see = |trouble, matter: &str, text: String| {
        found.push(Observation { trouble, matter: matter.to_owned(), text });
    };
    let given_up = watch::find_given_up(db, desk, since).await?;
    if given_up > 0 {
        let text = format!("{given_up} letters were given up within a day: \"casepost outbox list --state given-up\".");
        see(Trouble::LettersGivenUp, desk, text);
    }
    for (cause, count) in watch::list_quarantined(db, desk, since).await? {
        match cause.as_str() {
            "failed" | "deadly" => {
                let text = format!("{count} mails of a day could not be handled: \"casepost quarantine list\".");
                see(Trouble::Quarantine, &format!("{desk} {cause}"), text);
            }
            "storm" => {
                let text =
                    format!("{count} mails of a storm wait: \"casepost quarantine list\", then replay or leave them.");
                see(Trouble::Storm, desk, text);
            }
            _ => {}
        }
    }
    for address in watch::list_bounced_staff(db, desk, since).await? {
        let text = "Mail to this expert came back within a day: what clients write does not reach them.".to_owned();
        see(Trouble::StaffBounces, &address, text);
    }
    Ok(found)
}

async fn canaries(
    watcher: &Watcher,
    office: &Office,
    rules: &Watch,
    now: Timestamp,
) -> Result<Vec<Observation>, StoreError> {
    let mut lost = Vec::new();
    for mailbox in &office.mailboxes {
        let (address, name) = (mailbox.address.as_str(), mailbox.name.as_str());
        let away_since = watch::find_canaries(&watcher.db, office.code(), address, name).await?.away_since;
        let age = away_since.map(|at| now.duration_since(at)).filter(|age| *age > rules.canary_patience);
        lost.extend(age.map(|age| Observation {
            trouble: Trouble::CanaryLost,
            matter: name.to_owned(),
            text: format!(
                "A mail of {} ago from casepost to {address} did not come back: sending, the way here or reading stands still.",
                spell(age)
            ),
        }));
    }
    Ok(lost)
}

/// Accounts that get no access token, and nobody but a person can change that.
fn tokens(watcher: &Watcher) -> Vec<Observation> {
    let states = watcher.tokens.states().into_iter();
    let refused = states.filter_map(|(account, state)| {
        let why = state.trouble(tokio::time::Instant::now())?;
        let text = format!("No access token: {why}");
        Some(Observation { trouble: Trouble::TokenRefused, matter: account, text })
    });
    refused.collect()
}

/// The disk of the data folder.
fn disk(watcher: &Watcher) -> Option<Observation> {
    let folder = &watcher.config.data_dir;
    // Where the file system can't say, the database will.
    let stat = rustix::fs::statvfs(folder).ok()?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let least = watcher.config.watch.least_free_bytes;
    (free < least).then(|| Observation {
        trouble: Trouble::DiskLow,
        matter: folder.display().to_string(),
        text: format!("{} MB are free, less than {}: make room.", free / 1_000_000, least / 1_000_000),
    })
}

/// Clocks of desks that stand still.
fn clocks(watcher: &Watcher, now: Timestamp) -> Vec<Observation> {
    let ticks = match watcher.ticks.lock() {
        Ok(ticks) => ticks.clone(),
        Err(poisoned) => poisoned.into_inner().clone(),
    };
    let patience = watcher.config.watch.clock_patience;
    let standing = watcher.offices.iter().filter_map(|office| {
        let ticked_at = ticks.get(office.code()).copied().unwrap_or(watcher.since);
        let age = now.duration_since(ticked_at);
        (age > patience).then(|| Observation {
            trouble: Trouble::ClockBehind,
            matter: office.code().to_owned(),
            text: format!("Deadlines and reminders were last looked at {} ago: see the log.", spell(age)),
        })
    });
    standing.collect()
}

/// `12 minutes` or `3 hours`.
fn spell(age: SignedDuration) -> String {
    let minutes = age.as_mins();
    if minutes < 120 { format!("{minutes} minutes") } else { format!("{} hours", minutes / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_spelt_in_minutes_or_hours() {
        let check = |seconds, expected| assert_eq!(spell(SignedDuration::from_secs(seconds)), expected);
        check(59, "0 minutes");
        check(719, "11 minutes");
        check(7_199, "119 minutes");
        check(7_200, "2 hours");
    }
}
