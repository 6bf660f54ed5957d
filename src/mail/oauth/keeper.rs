//! Who has the access token of an account: asks for it, renews it in time, and knows how things stand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as Shelf, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::config::oauth::{GrantKind, Issuer, TokenAccount, TokenSource};
use crate::config::{Config, Secret};

use super::answer::{Granted, Refusal, mend, read};
use super::grant_file::{GrantFile, Held};
use super::post::post;
use super::{TokenError, command, draw_byte};

/// The pause after a failure, doubled each time, and how long it gets.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The pause between two renewals that a mail server's refusals ask for; the first one is at once.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_REFUSED_PAUSE: Duration = Duration::from_secs(1800);
/// A trouble that may pass by itself is told when it has lasted so long.
const PATIENCE: Duration = Duration::from_secs(900);

/// A token, for one login.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token.
    pub secret: Secret,
    /// From when on another one is better; none where nobody knows.
    pub renew_at: Option<Instant>,
    good_until: Option<Instant>,
    serial: u64,
}

/// How things stand with the token of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenState {
    /// Nobody asked for a token yet.
    Unused,
    /// The last token was had, and no mail server has refused it.
    Good,
    /// There is none at the moment, or the mail server refuses those that there are.
    Waiting {
        /// Since when.
        since: Instant,
        /// What was said or what broke.
        why: String,
    },
    /// There will be none until a person does something; the words name the mend.
    Stopped {
        /// What it is, and the mend.
        why: String,
    },
}

impl TokenState {
    /// What the desk must be told: at once where a person must do something, after a while where it may pass.
    #[must_use]
    pub fn trouble(&self, now: Instant) -> Option<&str> {
        match self {
            TokenState::Stopped { why } => Some(why),
            TokenState::Waiting { since, why } if now.duration_since(*since) >= PATIENCE => Some(why),
            TokenState::Waiting { .. } | TokenState::Unused | TokenState::Good => None,
        }
    }
}

/// The keepers of all accounts, each once.
#[derive(Debug, Clone, Default)]
pub struct Tokens(BTreeMap<String, Keeper>);

impl Tokens {
    /// Asks nobody anything yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let accounts = config.token_accounts().into_iter();
        Self(accounts.map(|account| (account.name.clone(), Keeper::new(account.clone()))).collect())
    }

    /// The keeper of an account; one of its own where the account is not of the configuration.
    #[must_use]
    pub fn keeper(&self, account: &TokenAccount) -> Keeper {
        self.0.get(&account.name).cloned().unwrap_or_else(|| Keeper::new(account.clone()))
    }

    /// How things stand with each account, by name.
    #[must_use]
    pub fn states(&self) -> Vec<(String, TokenState)> {
        self.0.iter().map(|(name, keeper)| (name.clone(), keeper.state())).collect()
    }
}

/// Keeps the token of one account. Copies share it.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    account: TokenAccount,
    kept: Mutex<Kept>,
    state: Shelf<TokenState>,
}

#[derive(Default)]
struct Kept {
    token: Option<AccessToken>,
    serial: u64,
    /// What was refused for good: only another one is shown to the issuer again.
    refused_for_good: Option<(Secret, String)>,
    /// A refresh token that is not on the disk yet.
    unsaved: Option<Secret>,
    /// Whether the last attempt to have a token failed.
    is_wanting: bool,
    failures: u32,
    not_before: Option<Instant>,
    last_failure: String,
    /// How many tokens in a row the mail server refused, and when one was last renewed for it.
    refusals: u32,
    renewed_for_refusal_at: Option<Instant>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("account", &self.0.account.name).finish_non_exhaustive()
    }
}

impl Keeper {
    /// A keeper without a token.
    #[must_use]
    pub fn new(account: TokenAccount) -> Self {
        let (kept, state) = (Mutex::default(), Shelf::new(TokenState::Unused));
        Self(Arc::new(Inner { account, kept, state }))
    }

    /// The account's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.account.name
    }

    /// How things stand.
    #[must_use]
    pub fn state(&self) -> TokenState {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token that is good for a while. It is renewed ahead of its end; as long as the old one is good, a failure to
    /// renew it disturbs nobody.
    ///
    /// # Errors
    /// [`TokenError`] where there is none.
    pub async fn access_token(&self) -> Result<AccessToken, TokenError> {
        let inner = Arc::clone(&self.0);
        aside(async move {
            let mut kept = inner.kept.lock().await;
            inner.current(&mut kept).await
        })
        .await
    }

    /// Another token after the mail server refused this one: at once for the first refusal, then with growing pauses.
    ///
    /// # Errors
    /// [`TokenError`] where there is none, or it is too early to ask for one.
    pub async fn after_refusal(&self, refused: &AccessToken, why: &str) -> Result<AccessToken, TokenError> {
        let (inner, serial, why) = (Arc::clone(&self.0), refused.serial, why.to_owned());
        aside(async move {
            let mut kept = inner.kept.lock().await;
            inner.instead_of(serial, &why, &mut kept).await
        })
        .await
    }

    /// The mail server took the token.
    pub async fn note_accepted(&self) {
        let mut kept = self.0.kept.lock().await;
        kept.refusals = 0;
        // A token may still serve though the next one can't be had: that stays a trouble.
        if !kept.is_wanting {
            self.0.turn_good();
        }
    }
}

/// Does it in a task of its own, so that an answer with a new refresh token is read and saved though nobody waits for it
/// any more.
async fn aside<F>(work: F) -> Result<AccessToken, TokenError>
where
    F: Future<Output = Result<AccessToken, TokenError>> + Send + 'static,
{
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|stop| Err(TokenError::Waiting { why: stop.to_string(), retry_in: FIRST_PAUSE }))
}

/// Why an attempt failed.
enum Failure {
    /// A person must do something.
    Stopped(String),
    /// The pause is at least so long.
    Passing(String, Option<Duration>),
}

impl Inner {
    async fn current(&self, kept: &mut Kept) -> Result<AccessToken, TokenError> {
        let now = Instant::now();
        match kept.token.clone() {
            Some(token) if token.renew_at.is_some_and(|at| now < at) => Ok(token),
            Some(old) if old.good_until.is_some_and(|at| now < at) => {
                // Who logs in with the old one keeps the connection to its end.
                self.renew(kept).await.or(Ok(AccessToken { renew_at: old.good_until, ..old }))
            }
            _ => self.renew(kept).await,
        }
    }

    /// Another token than the one of this serial, which the mail server refused.
    async fn instead_of(&self, serial: u64, why: &str, kept: &mut Kept) -> Result<AccessToken, TokenError> {
        if let Some(other) = kept.token.clone().filter(|token| token.serial != serial) {
            return Ok(other);
        }
        let pause = doubled(REFUSED_PAUSE, kept.refusals.saturating_sub(1), LONGEST_REFUSED_PAUSE);
        let due = kept.renewed_for_refusal_at.filter(|_| kept.refusals > 0).map(|at| at + pause);
        if let Some(retry_in) = due.and_then(|due| due.checked_duration_since(Instant::now())) {
            let why = format!("the mail server refuses every token: {why}");
            self.turn_waiting(&why);
            return Err(TokenError::Waiting { why, retry_in });
        }
        kept.refusals += 1;
        kept.renewed_for_refusal_at = Some(Instant::now());
        kept.token = None;
        self.renew(kept).await
    }

    async fn renew(&self, kept: &mut Kept) -> Result<AccessToken, TokenError> {
        if let Some(retry_in) = kept.not_before.and_then(|at| at.checked_duration_since(Instant::now())) {
            return Err(TokenError::Waiting { why: kept.last_failure.clone(), retry_in });
        }
        let asked_at = Instant::now();
        let asked = match &self.account.source {
            TokenSource::Command(words) => match command::run(words).await {
                Ok(secret) => Ok((secret, None)),
                Err(why) => Err(Failure::Passing(why, None)),
            },
            TokenSource::Issuer(issuer) => self.ask(issuer, kept).await.map(|granted| {
                let lifetime = granted.lifetime;
                (granted.access_token, Some(lifetime))
            }),
        };
        let outcome = match &asked {
            Ok(_) => "renewed",
            Err(Failure::Stopped(_)) => "refused",
            Err(Failure::Passing(..)) => "failed",
        };
        let name = self.account.name.clone();
        metrics::counter!("casepost_token_requests_total", "account" => name, "outcome" => outcome).increment(1);
        kept.is_wanting = asked.is_err();
        match asked {
            Ok((secret, lifetime)) => {
                kept.serial += 1;
                kept.failures = 0;
                kept.not_before = None;
                let token = AccessToken {
                    secret,
                    renew_at: lifetime.map(|lifetime| asked_at + renew_after(lifetime, draw_byte())),
                    good_until: lifetime.map(|lifetime| asked_at + lifetime),
                    serial: kept.serial,
                };
                kept.token = Some(token.clone());
                if kept.refusals == 0 {
                    self.turn_good();
                }
                Ok(token)
            }
            Err(Failure::Stopped(why)) => {
                self.turn_stopped(&why);
                Err(TokenError::Stopped(why))
            }
            Err(Failure::Passing(why, at_least)) => {
                let pause = doubled(FIRST_PAUSE, kept.failures, LONGEST_PAUSE);
                let retry_in = jittered(pause, draw_byte()).max(at_least.unwrap_or_default());
                kept.failures += 1;
                kept.not_before = Some(Instant::now() + retry_in);
                kept.last_failure.clone_from(&why);
                self.turn_waiting(&why);
                Err(TokenError::Waiting { why, retry_in })
            }
        }
    }

    async fn ask(&self, issuer: &Issuer, kept: &mut Kept) -> Result<Granted, Failure> {
        let client_secret = match &issuer.client_secret {
            Some(source) => Some(source.read().map_err(|e| Failure::Stopped(e.to_string()))?),
            None => None,
        };
        match issuer.grant {
            GrantKind::ClientCredentials => {
                let shown = client_secret.clone().unwrap_or_else(|| Secret::new(""));
                self.show(issuer, &[("grant_type", "client_credentials")], client_secret.as_ref(), &shown, kept).await
            }
            GrantKind::RefreshToken => {
                let file = GrantFile::new(&issuer.token_file);
                let held = file.hold().await.map_err(|why| Failure::Passing(why, None))?;
                self.refresh(issuer, &file, &held, client_secret.as_ref(), kept).await
            }
        }
    }

    /// The refresh token is read from the file each time: another process may have renewed it, or a person.
    async fn refresh(
        &self,
        issuer: &Issuer,
        file: &GrantFile,
        held: &Held,
        client_secret: Option<&Secret>,
        kept: &mut Kept,
    ) -> Result<Granted, Failure> {
        save_now(file, held, kept)?;
        let name = &self.account.name;
        let shown = file.read().map_err(Failure::Stopped)?.ok_or_else(|| {
            Failure::Stopped(format!(
                "nobody logged in yet: run casepost auth login {name} ({} is missing)",
                file.path().display()
            ))
        })?;
        let form = [("grant_type", "refresh_token"), ("refresh_token", shown.expose())];
        let granted = self.show(issuer, &form, client_secret, &shown, kept).await?;
        if let Some(new) = granted.refresh_token.as_ref().filter(|new| **new != shown) {
            kept.unsaved = Some(new.clone());
            save_now(file, held, kept)?;
        }
        Ok(granted)
    }

    /// Shows the issuer `shown`, unless it refused exactly that for good.
    async fn show(
        &self,
        issuer: &Issuer,
        form: &[(&str, &str)],
        client_secret: Option<&Secret>,
        shown: &Secret,
        kept: &mut Kept,
    ) -> Result<Granted, Failure> {
        if let Some((_, why)) = kept.refused_for_good.as_ref().filter(|(refused, _)| refused == shown) {
            return Err(Failure::Stopped(why.clone()));
        }
        let mut form = form.to_vec();
        form.push(("client_id", &issuer.client_id));
        if let Some(secret) = client_secret {
            form.push(("client_secret", secret.expose()));
        }
        if !issuer.scope.is_empty() {
            form.push(("scope", &issuer.scope));
        }
        let answer = post(&issuer.token_url, &form, issuer.ca_file.as_deref()).await;
        match read(&answer.map_err(|why| Failure::Passing(why, None))?) {
            Ok(granted) => {
                kept.refused_for_good = None;
                Ok(granted)
            }
            Err(Refusal::Passing { why, retry_after, .. }) => Err(Failure::Passing(why, retry_after)),
            Err(Refusal::Final { code, words }) => {
                let is_personal = issuer.grant == GrantKind::RefreshToken;
                let why = mend(&code, &words, &self.account.name, is_personal);
                kept.refused_for_good = Some((shown.clone(), why.clone()));
                Err(Failure::Stopped(why))
            }
        }
    }

    fn turn_good(&self) {
        let before = self.turn(TokenState::Good, 0.0);
        if matches!(before, TokenState::Waiting { .. } | TokenState::Stopped { .. }) {
            info!(account = self.account.name, "there is an access token again");
        }
    }

    fn turn_waiting(&self, why: &str) {
        let since = match self.state.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            TokenState::Waiting { since, .. } => since,
            _ => Instant::now(),
        };
        self.turn(TokenState::Waiting { since, why: why.to_owned() }, 1.0);
        warn!(account = self.account.name, why, "no access token at the moment");
    }

    fn turn_stopped(&self, why: &str) {
        let new = TokenState::Stopped { why: why.to_owned() };
        if self.turn(new.clone(), 2.0) != new {
            error!(account = self.account.name, why, "no access token until somebody does something");
        }
    }

    /// Sets the state and its gauge, and gives the state before.
    fn turn(&self, new: TokenState, number: f64) -> TokenState {
        metrics::gauge!("casepost_token_state", "account" => self.account.name.clone()).set(number);
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), new)
    }
}

/// A refresh token that was given is on the disk before anything else happens: the issuer may know no other one.
fn save_now(file: &GrantFile, held: &Held, kept: &mut Kept) -> Result<(), Failure> {
    let Some(new) = &kept.unsaved else { return Ok(()) };
    file.save(held, new).map_err(|why| Failure::Passing(why, None))?;
    kept.unsaved = None;
    Ok(())
}

/// A token is renewed when 75 to 85 percent of its life are over, so that many don't come at once.
fn renew_after(lifetime: Duration, jitter: u8) -> Duration {
    lifetime.mul_f64(0.75 + 0.1 * f64::from(jitter) / 255.0)
}

/// A pause made up to a quarter longer.
fn jittered(pause: Duration, jitter: u8) -> Duration {
    pause.mul_f64(1.0 + 0.25 * f64::from(jitter) / 255.0)
}

fn doubled(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(2u32.saturating_pow(times.min(16))).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_ahead_of_its_end() {
        let check = |seconds, jitter, expected: u64| {
            assert_eq!(renew_after(Duration::from_secs(seconds), jitter).as_secs(), expected);
        };
        check(3600, 0, 2700);
        check(3600, 255, 3060);
        check(0, 200, 0);
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let pauses: Vec<u64> = (0..11).map(|n| doubled(FIRST_PAUSE, n, LONGEST_PAUSE).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(doubled(FIRST_PAUSE, u32::MAX, LONGEST_PAUSE), LONGEST_PAUSE);
        assert_eq!(jittered(Duration::from_secs(4), 255), Duration::from_secs(5));
    }

    #[test]
    fn trouble_is_told_at_once_or_after_a_while() {
        let since = Instant::now();
        let waiting = TokenState::Waiting { since, why: "away".into() };
        assert_eq!(waiting.trouble(since + PATIENCE - Duration::from_secs(1)), None);
        assert_eq!(waiting.trouble(since + PATIENCE), Some("away"));
        assert_eq!(TokenState::Stopped { why: "revoked".into() }.trouble(since), Some("revoked"));
        assert_eq!(TokenState::Good.trouble(since + PATIENCE), None);
        assert_eq!(TokenState::Unused.trouble(since + PATIENCE), None);
    }
}
