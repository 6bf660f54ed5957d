//! Accounts without a password: where their access tokens come from (OAuth 2.0, RFC 6749).

use std::path::PathBuf;

use serde::Deserialize;

use super::SecretSource;

/// How an account logs in with access tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth {
    /// How the token is handed to the mail server.
    pub mechanism: Mechanism,
    /// Where the token comes from.
    pub account: TokenAccount,
}

/// How a token is handed to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// XOAUTH2, as Google and Microsoft made it.
    #[default]
    Xoauth2,
    /// OAUTHBEARER (RFC 7628).
    Oauthbearer,
}

impl Mechanism {
    /// Its SASL name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Mechanism::Xoauth2 => "XOAUTH2",
            Mechanism::Oauthbearer => "OAUTHBEARER",
        }
    }
}

/// One account at an issuer of tokens. A mailbox and the outlet may share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAccount {
    /// Its name in `casepost auth`: the mailbox's, or `outlet`.
    pub name: String,
    /// The login name for which the tokens are meant.
    pub user: String,
    /// Where its tokens come from.
    pub source: TokenSource,
}

/// Where tokens come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// A program and its arguments; the first line that it prints is a token.
    Command(Vec<String>),
    /// An issuer that is asked.
    Issuer(Box<Issuer>),
}

/// An issuer of tokens and what it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// By which right tokens are asked for.
    pub grant: GrantKind,
    /// Who we are to the issuer (`client_id`).
    pub client_id: String,
    /// What proves it; none for a public client.
    pub client_secret: Option<SecretSource>,
    /// The scopes that are asked for, with blanks between; empty for the issuer's default.
    pub scope: String,
    /// Where tokens are given out: `https://…`, or `http://` on this machine.
    pub token_url: String,
    /// Where a device begins to ask (RFC 8628), if the issuer has that.
    pub device_url: Option<String>,
    /// Where a person's browser is sent (RFC 6749 section 4.1), if the issuer has that.
    pub authorize_url: Option<String>,
    /// The file in which the refresh token is kept.
    pub token_file: PathBuf,
    /// Certificates to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// By which right tokens are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantKind {
    /// A person agreed once, by `casepost auth login` (RFC 6749 section 6).
    #[default]
    RefreshToken,
    /// casepost asks in its own name (RFC 6749 section 4.4).
    ClientCredentials,
}

/// An issuer that is known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Microsoft 365 (Entra ID).
    Microsoft,
    /// Google Workspace and Gmail.
    Google,
}

/// What is known of a [`Provider`].
pub(super) struct Preset {
    pub token_url: String,
    pub device_url: Option<String>,
    pub authorize_url: Option<String>,
    pub scope: &'static str,
}

impl Provider {
    /// The addresses of the provider. Google lets no device ask for mail; a browser gets a refresh token there only
    /// with these two parameters.
    pub(super) fn preset(self, tenant: Option<&str>, grant: GrantKind) -> Preset {
        match self {
            Provider::Microsoft => {
                let at = |what: &str| {
                    let tenant = tenant.unwrap_or("organizations");
                    format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/{what}")
                };
                Preset {
                    token_url: at("token"),
                    device_url: Some(at("devicecode")),
                    authorize_url: Some(at("authorize")),
                    scope: match grant {
                        GrantKind::RefreshToken => {
                            "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send \
                             offline_access"
                        }
                        GrantKind::ClientCredentials => "https://outlook.office365.com/.default",
                    },
                }
            }
            Provider::Google => Preset {
                token_url: "https://oauth2.googleapis.com/token".to_owned(),
                device_url: None,
                authorize_url: Some(
                    "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent".to_owned(),
                ),
                scope: "https://mail.google.com/",
            },
        }
    }
}
