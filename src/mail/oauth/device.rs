//! A person agrees on any other machine, by a code (RFC 8628).

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use crate::config::Secret;
use crate::config::oauth::Issuer;

use super::answer::{Refusal, read};
use super::post::post;
use super::redirect::refresh_token_of;

/// How often is asked when the issuer does not say, and by how much more when it says that it is too often.
const INTERVAL: u64 = 5;
/// The longest pause between two questions.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest time that a person is waited for.
const LONGEST_WAIT: u64 = 3600;

/// A login that waits for a person.
#[derive(Debug)]
pub struct DeviceLogin {
    /// Where the person goes.
    pub address: String,
    /// What they enter there.
    pub user_code: String,
    /// How long they may take.
    pub time_left: Duration,
    device_code: Secret,
    interval: Duration,
    begun: Instant,
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    expires_in: u64,
    interval: Option<u64>,
}

impl DeviceLogin {
    /// Asks for a code.
    ///
    /// # Errors
    /// What the issuer said, or what broke.
    pub async fn begin(issuer: &Issuer) -> Result<Self, String> {
        let url = issuer.device_url.as_deref().ok_or("this issuer has no device_url")?;
        let form = [("client_id", issuer.client_id.as_str()), ("scope", issuer.scope.as_str())];
        let answer = post(url, &form, issuer.ca_file.as_deref()).await?;
        let Ok(begun) = serde_json::from_slice::<Begun>(&answer.body) else {
            return Err(match read(&answer) {
                Err(Refusal::Final { code, words }) => {
                    format!("the issuer refuses ({code}: {words}): mend client_id, tenant or scope")
                }
                Err(Refusal::Passing { why, .. }) => why,
                Ok(_) => "the issuer gave no code".to_owned(),
            });
        };
        Ok(Self {
            address: shown(&begun.verification_uri),
            user_code: shown(&begun.user_code),
            time_left: Duration::from_secs(begun.expires_in.min(LONGEST_WAIT)),
            device_code: Secret::new(begun.device_code),
            interval: Duration::from_secs(begun.interval.unwrap_or(INTERVAL).max(1)),
            begun: Instant::now(),
        })
    }

    /// Waits until the person has agreed, and gives the refresh token.
    ///
    /// # Errors
    /// They refused or took too long; or the issuer gave no refresh token.
    pub async fn wait(mut self, issuer: &Issuer, client_secret: Option<&Secret>) -> Result<Secret, String> {
        loop {
            tokio::time::sleep(self.interval).await;
            if self.begun.elapsed() > self.time_left {
                return Err("nobody agreed in time: begin anew".to_owned());
            }
            let mut form = vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("device_code", self.device_code.expose()),
                ("client_id", issuer.client_id.as_str()),
            ];
            if let Some(secret) = client_secret {
                form.push(("client_secret", secret.expose()));
            }
            let Ok(answer) = post(&issuer.token_url, &form, issuer.ca_file.as_deref()).await else {
                // RFC 8628 section 3.5: after a broken connection the pauses grow.
                self.interval = (self.interval * 2).min(LONGEST_PAUSE);
                continue;
            };
            match read(&answer) {
                Ok(granted) => return refresh_token_of(granted),
                Err(Refusal::Passing { code, .. }) if code.as_deref() == Some("slow_down") => {
                    self.interval += Duration::from_secs(INTERVAL);
                }
                Err(Refusal::Passing { .. }) => {}
                Err(Refusal::Final { code, .. }) if code == "access_denied" => {
                    return Err("the login was refused in the browser".to_owned());
                }
                Err(Refusal::Final { code, .. }) if code == "expired_token" => {
                    return Err("nobody agreed in time: begin anew".to_owned());
                }
                Err(Refusal::Final { code, words }) => return Err(format!("the issuer refuses ({code}: {words})")),
            }
        }
    }
}

/// What is shown on a terminal.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
