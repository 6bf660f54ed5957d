//! What counts as trouble, and who is told of it without any mail.

use std::collections::HashSet;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

use super::Secret;
use crate::domain::alarm::Caps;

/// How casepost watches itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// A mailbox that was not read to its end for so long is a trouble.
    pub mailbox_patience: SignedDuration,
    /// A letter that waits for so long is one.
    pub outbox_patience: SignedDuration,
    /// A desk's clock that has not ticked for so long is one.
    pub clock_patience: SignedDuration,
    /// Less free space than this, in bytes, on the disk of the data folder is one.
    pub least_free_bytes: u64,
    /// How often each mailbox gets a mail of casepost's own, which must come back; nothing where it gets none.
    pub canary_pause: Option<SignedDuration>,
    /// A canary that did not come back within so long is a trouble.
    pub canary_patience: SignedDuration,
    /// How much is said at most.
    pub caps: Caps,
    /// Who is told.
    pub channels: Vec<Channel>,
}

/// A way to tell somebody that needs no mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the log.
    pub name: String,
    /// How it tells.
    pub way: Way,
}

/// How an alarm is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A program and its arguments, started without a shell. It reads the alarm as JSON from standard input.
    Command(Vec<String>),
    /// An address to which the alarm is posted. It may hold a token, so it is never told.
    Webhook {
        /// The address.
        url: Secret,
        /// How the alarm is written.
        form: AlarmForm,
    },
}

/// How a webhook reads an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmForm {
    /// All of it as a JSON object.
    #[default]
    Json,
    /// A line of text with title, priority and tags in the header, as ntfy takes it.
    Ntfy,
    /// A JSON object with `text`, as Slack and Mattermost take it.
    Chat,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WatchFile {
    pub mailbox_minutes: Option<u32>,
    pub outbox_minutes: Option<u32>,
    pub clock_minutes: Option<u32>,
    pub disk_free_mb: Option<u64>,
    pub canary_minutes: Option<u32>,
    pub canary_lost_minutes: Option<u32>,
    pub most_alarms_per_hour: Option<u32>,
    pub repeat_hours: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelFile {
    pub name: String,
    #[serde(default)]
    pub command: Vec<String>,
    pub webhook: Option<String>,
    pub form: Option<AlarmForm>,
}

/// Fills in defaults; tells each fault as the path to it and what to mend.
pub(super) fn settle(watch: &WatchFile, channels: Vec<ChannelFile>) -> (Watch, Vec<(AlarmPlace, String)>) {
    let mut faults = Vec::new();
    let mut minutes = |given: Option<u32>, usual: u32, name: &'static str| {
        if given == Some(0) {
            faults
                .push((AlarmPlace::Watch(name), format!("watch.{name} = 0 would always be a trouble: use 1 or more")));
        }
        SignedDuration::from_mins(i64::from(given.unwrap_or(usual)))
    };
    let mailbox_patience = minutes(watch.mailbox_minutes, 10, "mailbox_minutes");
    let outbox_patience = minutes(watch.outbox_minutes, 15, "outbox_minutes");
    let clock_patience = minutes(watch.clock_minutes, 5, "clock_minutes");
    let canary_patience = minutes(watch.canary_lost_minutes, 15, "canary_lost_minutes");
    let repeat_after = minutes(watch.repeat_hours.map(|hours| hours.saturating_mul(60)), 240, "repeat_hours");
    let most_per_hour = watch.most_alarms_per_hour.unwrap_or(12);
    if most_per_hour == 0 {
        let what = "watch.most_alarms_per_hour = 0 would tell nobody anything: use 1 or more";
        faults.push((AlarmPlace::Watch("most_alarms_per_hour"), what.to_owned()));
    }
    if watch.canary_minutes.is_some_and(|minutes| (1..10).contains(&minutes)) {
        let what = "watch.canary_minutes: more than one canary in ten minutes would be held back as too many letters: use 10 or more, or 0 for none";
        faults.push((AlarmPlace::Watch("canary_minutes"), what.to_owned()));
    }
    let mut names = HashSet::new();
    let channels: Vec<Channel> = channels
        .into_iter()
        .enumerate()
        .filter_map(|(index, file)| {
            if !names.insert(file.name.clone()) {
                let what = format!("alarm \"{}\" is declared twice: give one of them another name", file.name);
                faults.push((AlarmPlace::Channel(index), what));
            }
            channel(file).map_err(|what| faults.push((AlarmPlace::Channel(index), what))).ok()
        })
        .collect();
    let watch = Watch {
        mailbox_patience,
        outbox_patience,
        clock_patience,
        least_free_bytes: watch.disk_free_mb.unwrap_or(500).saturating_mul(1_000_000),
        canary_pause: watch
            .canary_minutes
            .filter(|minutes| *minutes > 0)
            .map(|minutes| SignedDuration::from_mins(i64::from(minutes))),
        canary_patience,
        caps: Caps { most_per_hour: usize::try_from(most_per_hour).unwrap_or(usize::MAX), repeat_after },
        channels,
    };
    (watch, faults)
}

/// Where a fault stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AlarmPlace {
    /// A setting of `[watch]`.
    Watch(&'static str),
    /// The how-manieth `[[alarm]]`.
    Channel(usize),
}

fn channel(file: ChannelFile) -> Result<Channel, String> {
    let ChannelFile { name, command, webhook, form } = file;
    let way = match (command.first().map(String::as_str), webhook) {
        (Some(program), None) => {
            if !program.starts_with('/') {
                return Err(format!("alarm \"{name}\": command \"{program}\": name the program by its whole path"));
            }
            if form.is_some() {
                return Err(format!("alarm \"{name}\": form is for a webhook; a command always reads JSON"));
            }
            Way::Command(command)
        }
        (None, Some(url)) => {
            // The address may hold a token: it is not repeated.
            let is_near = url.starts_with("http://127.")
                || url.starts_with("http://localhost")
                || url.starts_with("http://[::1]");
            if !url.starts_with("https://") && !is_near {
                return Err(format!(
                    "alarm \"{name}\": webhook must begin with https:// (http:// only for an address on this machine)"
                ));
            }
            Way::Webhook { url: Secret::new(url), form: form.unwrap_or_default() }
        }
        _ => {
            return Err(format!(
                "alarm \"{name}\" needs either command = [\"/path/to/program\"] or webhook = \"https://…\""
            ));
        }
    };
    Ok(Channel { name, way })
}

impl Watch {
    /// How often it is looked.
    pub const PAUSE: Duration = Duration::from_secs(20);
}
