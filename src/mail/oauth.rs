//! Access tokens for mail servers (OAuth 2.0): had from an issuer, renewed in time, kept from others' eyes.
//!
//! How long a token is good is measured on the clock that only counts, from before it was asked for: a wrong date of
//! this machine or of the issuer changes nothing. An access token lives in memory alone; on the disk is only what a
//! person's consent gave us, the refresh token.

mod answer;
mod command;
mod device;
mod grant_file;
mod keeper;
mod post;
mod redirect;
pub(super) mod sasl;

use std::time::Duration;

pub use device::DeviceLogin;
pub use grant_file::GrantFile;
pub use keeper::{AccessToken, Keeper, TokenState, Tokens};
pub use redirect::{RedirectLogin, answer_of_address};

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Asking again helps nothing; the words name the mend.
    #[error("{0}")]
    Stopped(String),
    /// It may work later by itself.
    #[error("{why} (asked again in {} s)", retry_in.as_secs().max(1))]
    Waiting {
        /// What was said or what broke.
        why: String,
        /// When the issuer is asked again at the earliest.
        retry_in: Duration,
    },
}

/// A number from 0 to 255 that nobody foresees; 127 where there are none.
fn draw_byte() -> u8 {
    let mut byte = [127u8];
    // A fixed jitter is no fault worth an error.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}
