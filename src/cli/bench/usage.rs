//! What this process costs, as Linux tells it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Linux counts time in hundredths of a second here, on every machine that casepost runs on.
const TICK_MS: u64 = 10;

/// What one phase cost.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cost {
    /// How many mails or letters.
    pub messages: usize,
    /// How long it took.
    pub seconds: f64,
    /// How much of the processors this process took, in milliseconds.
    pub cpu_ms: f64,
    /// The most memory that the process ever held, in megabytes (2^20 bytes).
    pub peak_mb: f64,
    /// What became of the mails, by outcome.
    pub told: std::collections::BTreeMap<String, usize>,
}

impl Cost {
    /// Messages in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        share(self.messages) / self.seconds.max(f64::MIN_POSITIVE)
    }

    /// Milliseconds of a processor for one message.
    #[must_use]
    pub fn cpu_each_ms(&self) -> f64 {
        self.cpu_ms / share(self.messages.max(1))
    }

    /// Microseconds for one message.
    #[must_use]
    pub fn each_us(&self) -> f64 {
        self.seconds * 1e6 / share(self.messages.max(1))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of mails are far below 2^52")]
fn share(count: usize) -> f64 {
    count as f64
}

/// Measures from its making on.
pub struct Meter {
    since: Instant,
    cpu_before: u64,
    paused: Duration,
}

impl Meter {
    /// Begins.
    ///
    /// # Errors
    /// When this is no Linux.
    pub fn begin() -> anyhow::Result<Meter> {
        Ok(Meter { cpu_before: cpu_ticks()?, since: Instant::now(), paused: Duration::ZERO })
    }

    /// Takes time out of the measurement that the caller used for itself.
    pub fn leave_out(&mut self, time: Duration) {
        self.paused += time;
    }

    /// What it cost until now.
    ///
    /// # Errors
    /// When this is no Linux.
    pub fn end(&self, messages: usize) -> anyhow::Result<Cost> {
        let seconds = self.since.elapsed().saturating_sub(self.paused).as_secs_f64();
        let ticks = u32::try_from((cpu_ticks()? - self.cpu_before) * TICK_MS)?;
        Ok(Cost { messages, seconds, cpu_ms: f64::from(ticks), peak_mb: peak_mb()?, ..Cost::default() })
    }
}

/// User and system time of all threads: fields 14 and 15 of `stat`, counted behind the name in brackets.
fn cpu_ticks() -> anyhow::Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let behind = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: Vec<u64> = behind.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(ticks.iter().sum())
}

fn peak_mb() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let kilobytes: u32 = line.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(f64::from(kilobytes) / 1024.0)
}

/// The middle of the values, or the mean of the two middle ones; 0 of none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => 0.0,
        all if all.len() % 2 == 1 => all[middle],
        all => f64::midpoint(all[middle - 1], all[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], expected: f64) {
        assert!((median(values.to_vec()) - expected).abs() < 1e-9, "{values:?}");
    }

    #[test]
    fn the_median_is_the_middle() {
        check(&[], 0.0);
        check(&[3.0], 3.0);
        check(&[9.0, 1.0, 2.0], 2.0);
        check(&[4.0, 1.0, 2.0, 9.0], 3.0);
    }

    #[test]
    fn this_process_costs_something() {
        let meter = Meter::begin().unwrap();
        let cost = meter.end(1).unwrap();
        assert!(cost.peak_mb > 1.0 && cost.seconds >= 0.0);
    }
}
