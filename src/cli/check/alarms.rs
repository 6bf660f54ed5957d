//! Tries who is told of troubles.

use crate::config::Config;
use crate::desk::clock::Clock;
use crate::desk::watch::try_channel;
use crate::domain::alarm::{Alarm, Trouble, Turn};

use super::Findings;

/// Sends a trial over each channel, if that is asked for; else only tells who is told.
pub(super) async fn check(found: &mut Findings, config: &Config, is_tried: bool) {
    let channels = &config.watch.channels;
    if channels.is_empty() {
        found.ok("alarms", "by mail only: add [[alarm]], or nobody hears of it when mail stands still");
    }
    for channel in channels {
        let what = format!("alarm {}", channel.name);
        if !is_tried {
            found.ok(&what, "not tried: check --alarms sends a trial");
            continue;
        }
        let now = Clock::system().now();
        let trial = Alarm {
            trouble: Trouble::MailboxSilent,
            state: Turn::Resolved,
            matter: "a trial".to_owned(),
            text: "casepost check tries this alarm: nothing is wrong.".to_owned(),
            since: now,
            at: now,
        };
        match try_channel(channel, &trial).await {
            Ok(()) => found.ok(&what, "the trial was taken: see that it arrived"),
            Err(why) => found.fail(&what, &why, ""),
        }
    }
}
