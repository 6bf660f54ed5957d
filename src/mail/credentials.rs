//! How casepost shows a mail server who it is.

use std::fmt;

use crate::config::oauth::Mechanism;

use super::oauth::Keeper;

/// How casepost shows who it is.
#[derive(Clone)]
pub enum Credentials {
    /// A user's name and password.
    Password {
        /// The name.
        user: String,
        /// The password. It is shown in no log.
        password: String,
    },
    /// A user's name and an access token (OAuth 2.0).
    Token {
        /// The name.
        user: String,
        /// How the token is handed over.
        mechanism: Mechanism,
        /// Who has the token.
        keeper: Keeper,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, user) = match self {
            Credentials::Password { user, .. } => ("Password", user),
            Credentials::Token { user, .. } => ("Token", user),
        };
        f.debug_struct(kind).field("user", user).finish_non_exhaustive()
    }
}
