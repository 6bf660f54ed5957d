//! From the outbox to the next mail server. Delivery is dumb: the letters are finished, it only carries them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tracing::{error, info, warn};

use crate::domain::address::Address;
use crate::mail::outlet::{Envelope, Sent, Transport};
use crate::store::letters::{self, StoredLetter};
use crate::store::raw::RawMails;
use crate::store::{Db, LockKeeper, StoreError, Tx, messages};

use super::boundary;
use super::clock::Clock;

/// When a letter is tried again, and when it is given up.
#[derive(Debug, Clone)]
pub struct RetryPlan {
    /// The pause after each failed attempt; when they are used up the letter is given up.
    pub pauses: Vec<Duration>,
    /// How much of a pause is left to chance, in percent, so that letters of one outage don't come in one rush.
    pub jitter_percent: u32,
}

impl RetryPlan {
    /// When the next attempt is due after `attempts` failed ones; None gives up. The jitter is derived from the
    /// letter, not drawn, so that a rehearsal repeats exactly.
    #[must_use]
    pub fn next_due(&self, now: Timestamp, attempts: i64, letter_no: i64) -> Option<Timestamp> {
        let index = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX);
        let pause = self.pauses.get(index)?;
        let spread = pause.as_millis() * u128::from(self.jitter_percent) / 100;
        let share = u128::from(letter_no.unsigned_abs().wrapping_mul(2_654_435_761) % 1000);
        let pause = *pause + Duration::from_millis(u64::try_from(spread * share / 1000).unwrap_or(0));
        now.checked_add(pause).ok()
    }
}

/// What one round of delivery did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Letters that the next server took over.
    pub sent: usize,
    /// Letters that are tried again later.
    pub later: usize,
    /// Letters that were given up.
    pub given_up: usize,
}

impl Round {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Round::default()
    }
}

/// Carries letters. Several may work at once, in one process or on several machines.
pub struct Delivery {
    /// The outbox.
    pub db: Db,
    /// The letters' bytes.
    pub raw: RawMails,
    /// Where letters leave.
    pub transport: Transport,
    /// When to try again.
    pub retry: RetryPlan,
    /// The name of this worker while it lives; its letters are freed when it dies.
    pub owner: String,
    /// What time it is.
    pub clock: Clock,
    /// How many letters are taken at once; the transport bounds how many are on their way.
    pub at_once: usize,
    /// Counts the leases of this worker.
    pub leases: AtomicU64,
    /// Leases whose end is not known, and whether their letters may have left: a round that broke off left them.
    pub open_leases: Mutex<BTreeMap<String, bool>>,
}

impl Delivery {
    /// Takes the letters that are due, sends them, writes what became of each.
    ///
    /// # Errors
    /// What the database said before anything was sent.
    pub async fn round(&self) -> Result<Round, StoreError> {
        // Looking costs no write lock; only what is due is worth one.
        let now = self.clock.now();
        if letters::find_next_due(&self.db).await?.is_none_or(|due| due > now) {
            return Ok(Round::default());
        }
        boundary::reach("before-lease");
        self.end_open_leases().await?;
        let mut tx = self.db.begin().await?;
        let most = i64::try_from(self.at_once).unwrap_or(1);
        let lease = format!("{}/{}", self.owner, self.leases.fetch_add(1, Ordering::Relaxed));
        self.open_leases().insert(lease.clone(), false);
        let leased = letters::lease(&mut tx, &lease, now, most).await?;
        tx.commit().await?;
        boundary::reach("after-lease");
        let round = if leased.is_empty() {
            Round::default()
        } else {
            self.open_leases().insert(lease.clone(), true);
            let results = futures_util::future::join_all(leased.iter().map(|letter| self.send(letter))).await;
            boundary::reach("before-sent");
            let round = self.save_surely(&leased, &results).await;
            boundary::reach("after-sent");
            round
        };
        self.open_leases().remove(&lease);
        Ok(round)
    }

    fn open_leases(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.open_leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A commit whose answer was lost, or a round that broke off, leaves letters `sending` that nobody sends: while
    /// this worker lives nobody else frees them.
    async fn end_open_leases(&self) -> Result<(), StoreError> {
        let open = self.open_leases().clone();
        for (lease, may_have_left) in open {
            let mut tx = self.db.begin().await?;
            let ended = if may_have_left {
                letters::save_freed(&mut tx, &lease, self.clock.now()).await?
            } else {
                letters::save_unleased(&mut tx, &lease).await?
            };
            tx.commit().await?;
            self.open_leases().remove(&lease);
            if ended > 0 {
                warn!(letters = ended, may_have_left, "took back the letters of a round that broke off");
            }
        }
        Ok(())
    }

    async fn send(&self, letter: &StoredLetter) -> Sent {
        let bytes = match self.raw.find(&self.db, &letter.desk, &letter.raw_digest).await {
            Ok(bytes) => bytes,
            Err(error @ StoreError::Gone(_)) => return Sent::Permanent { why: error.to_string() },
            Err(error) => return Sent::Transient { why: error.to_string() },
        };
        boundary::reach("after-load");
        let Ok(recipient) = Address::new(&letter.recipient) else {
            return Sent::Permanent { why: format!("\"{}\" is not a mail address", letter.recipient) };
        };
        let reverse_path = letter.reverse_path.as_deref().and_then(|path| Address::new(path).ok());
        let envelope = Envelope { reverse_path, recipients: vec![recipient] };
        let name = format!("{}-{:06}-{}", letter.desk, letter.letter_no, letter.notice);
        let sent = self.transport.send(&envelope, &bytes, &name).await;
        boundary::reach("after-send");
        sent
    }

    /// Letters that left must be known to have left: a database that refuses is asked until it takes the results. If
    /// the process ends meanwhile, the letters are found `sending` and are marked uncertain.
    async fn save_surely(&self, leased: &[StoredLetter], results: &[Sent]) -> Round {
        let mut pause = Duration::from_millis(100);
        loop {
            match self.save(leased, results).await {
                Ok(round) => return round,
                Err(error) => {
                    error!(%error, letters = leased.len(), "results of delivery can't be written; tried again")
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Writes all results in one transaction: one sync for many letters.
    async fn save(&self, leased: &[StoredLetter], results: &[Sent]) -> Result<Round, StoreError> {
        let now = self.clock.now();
        let mut round = Round::default();
        let mut tx = self.db.begin().await?;
        for (letter, result) in leased.iter().zip(results) {
            let (why, uncertain_at, is_permanent) = match result {
                Sent::Accepted { response } => {
                    letters::save_sent(&mut tx, letter, now, response).await?;
                    measure(&mut tx, letter, now).await?;
                    round.sent += 1;
                    continue;
                }
                Sent::Transient { why } => (why.clone(), None, false),
                Sent::Uncertain { why } => (why.clone(), Some(now), false),
                Sent::Permanent { why } => (why.clone(), None, true),
            };
            match self.retry.next_due(now, letter.attempts, letter.letter_no).filter(|_| !is_permanent) {
                Some(due) => {
                    warn!(letter = letter.letter_no, desk = %letter.desk, %why, "letter is tried again");
                    letters::save_later(&mut tx, letter, due, &why, uncertain_at).await?;
                    round.later += 1;
                }
                None => {
                    warn!(letter = letter.letter_no, desk = %letter.desk, %why, "letter is given up");
                    letters::save_given_up(&mut tx, letter, &why, uncertain_at).await?;
                    round.given_up += 1;
                }
            }
        }
        tx.commit().await?;
        if round.sent > 0 {
            info!(sent = round.sent, later = round.later, given_up = round.given_up, "letters left");
        }
        metrics::counter!("casepost_letters_sent_total").increment(round.sent as u64);
        Ok(round)
    }
}

/// How long the client waited from the receipt of their mail until its acknowledgement had left.
async fn measure(tx: &mut Tx, letter: &StoredLetter, now: Timestamp) -> Result<(), StoreError> {
    if letter.notice == "acknowledgement"
        && let Some(received_at) = messages::find_received_at(tx, &letter.desk, &letter.cause).await?
    {
        let seconds = now.duration_since(received_at).as_secs_f64();
        metrics::histogram!("casepost_acknowledgement_seconds").record(seconds);
    }
    Ok(())
}

/// Frees the letters of workers that died. A worker holds a lock on its own name while it lives, so whose lock can
/// be taken is dead; its letters may have left, and are marked uncertain before they are tried again.
///
/// # Errors
/// What the database or the locks said.
pub async fn free_the_dead(db: &Db, locks: &LockKeeper, me: &str, now: Timestamp) -> Result<u64, StoreError> {
    let mut freed = 0;
    for lease in letters::list_leases(db).await? {
        let owner = lease.split('/').next().unwrap_or_default();
        if owner == me {
            continue;
        }
        if let Some(_lock) = locks.try_hold(&presence(owner)).await? {
            let mut tx = db.begin().await?;
            let of_lease = letters::save_freed(&mut tx, &lease, now).await?;
            tx.commit().await?;
            warn!(owner, letters = of_lease, "freed the letters of a dead worker; each is marked uncertain");
            freed += of_lease;
        }
    }
    Ok(freed)
}

/// The lock that a worker holds while it lives.
#[must_use]
pub fn presence(owner: &str) -> String {
    format!("worker-{owner}")
}
