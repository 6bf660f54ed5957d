//! `casepost auth`: how a person gives casepost the right to log in without a password.

use std::io::BufRead as _;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tokio::sync::mpsc;

use crate::config::oauth::{GrantKind, Issuer, TokenAccount, TokenSource};
use crate::config::{Config, Secret};
use crate::mail::oauth::{DeviceLogin, GrantFile, Keeper, RedirectLogin, TokenError};

use super::opened::Opened;
use super::{Form, Place, output};

/// How long a browser is waited for.
const BROWSER_PATIENCE: Duration = Duration::from_secs(900);

/// What to do.
#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Let a person agree, and keep the grant: tells what to enter where, and waits.
    Login(LoginArgs),
    /// Ask for a token of each account and tell how things stand.
    Status(Form),
}

/// Whose grant, and how.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The mailbox, or "outlet" where the outlet has an account of its own.
    #[arg(value_name = "MAILBOX")]
    account: String,
    /// By a code that is entered on any machine, or in a browser that comes back; without it, by code where the
    /// provider has that.
    #[arg(long)]
    by: Option<Way>,
    /// The port of this machine on which the browser comes back, such as one that ssh -L carries here.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Why, in words: it stands in the audit trail.
    #[arg(long, value_name = "TEXT", default_value = "a new grant", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
}

/// How a person agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// By a code (RFC 8628).
    Code,
    /// In a browser that comes back to this machine (RFC 8252).
    Browser,
}

/// Runs a command of the group.
pub async fn run(place: &Place, command: AuthCommand) -> anyhow::Result<()> {
    match command {
        AuthCommand::Login(args) => login(place, &args).await,
        AuthCommand::Status(form) => status(place, form).await,
    }
}

async fn login(place: &Place, args: &LoginArgs) -> anyhow::Result<()> {
    let config = Config::load(&place.config)?;
    let account = find(&config, &args.account)?;
    let issuer = match &account.source {
        TokenSource::Issuer(issuer) if issuer.grant == GrantKind::RefreshToken => issuer,
        source => {
            // Nobody has to agree to anything: the token is tried.
            try_token(account).await?;
            let whose = match source {
                TokenSource::Command(_) => "its token_command gives tokens",
                TokenSource::Issuer(_) => "the issuer gives tokens in casepost's own name",
            };
            output::say(&format!("{}: nobody needs to log in: {whose}.", account.name));
            return Ok(());
        }
    };
    let client_secret = issuer.client_secret.as_ref().map(|source| source.read()).transpose()?;
    // What can't be kept is not asked for.
    let file = GrantFile::new(&issuer.token_file);
    file.hold().await.map_err(anyhow::Error::msg)?;
    let granted = match way(args.by, issuer)? {
        Way::Code => by_code(account, issuer, client_secret.as_ref()).await?,
        Way::Browser => by_browser(account, issuer, client_secret.as_ref(), args.port).await?,
    };
    let held = file.hold().await.map_err(anyhow::Error::msg)?;
    file.save(&held, &granted).map_err(anyhow::Error::msg)?;
    drop(held);
    output::say(&format!("The grant of {} is kept in {}.", account.name, file.path().display()));
    note(place, &config, account, &args.reason).await?;
    try_token(account).await?;
    output::say(
        "A token could be had with it. A casepost that runs takes it within a minute; casepost check tries the login.",
    );
    Ok(())
}

fn find<'a>(config: &'a Config, name: &str) -> anyhow::Result<&'a TokenAccount> {
    let accounts = config.token_accounts();
    if let Some(account) = accounts.iter().find(|account| account.name == name) {
        return Ok(account);
    }
    let names: Vec<&str> = accounts.iter().map(|account| account.name.as_str()).collect();
    if names.is_empty() {
        bail!("no account logs in with access tokens: add [mailbox.imap.oauth] to the configuration");
    }
    bail!("\"{name}\" does not log in with access tokens of its own: use {}", names.join(" or "))
}

fn way(asked: Option<Way>, issuer: &Issuer) -> anyhow::Result<Way> {
    match asked {
        Some(Way::Code) if issuer.device_url.is_none() => {
            bail!("this provider lets nobody log in by code for mail: use --by browser, or set device_url")
        }
        Some(Way::Browser) if issuer.authorize_url.is_none() => {
            bail!("there is no address for browsers: use --by code, or set authorize_url")
        }
        Some(way) => Ok(way),
        None if issuer.device_url.is_some() => Ok(Way::Code),
        None => Ok(Way::Browser),
    }
}

async fn by_code(account: &TokenAccount, issuer: &Issuer, client_secret: Option<&Secret>) -> anyhow::Result<Secret> {
    let login = DeviceLogin::begin(issuer).await.map_err(anyhow::Error::msg)?;
    output::say(&format!(
        "In a browser on any machine:\n  1. open   {}\n  2. enter  {}\n  3. log in as {} and agree.\n\
         Waiting, {} minutes at most …",
        login.address,
        login.user_code,
        account.user,
        login.time_left.as_secs().div_ceil(60),
    ));
    login.wait(issuer, client_secret).await.map_err(anyhow::Error::msg)
}

async fn by_browser(
    account: &TokenAccount,
    issuer: &Issuer,
    client_secret: Option<&Secret>,
    port: u16,
) -> anyhow::Result<Secret> {
    let login = RedirectLogin::begin(issuer, &account.user, port).await.map_err(anyhow::Error::msg)?;
    output::say(&format!(
        "1. Open this address in a browser:\n\n   {}\n\n2. Log in as {} and agree.\n\
         3. The browser comes back to this machine by itself. On another machine its last page can't be opened: copy \
         the\n   address of that page (http://127.0.0.1:{}/?…), paste it here and press Enter.\n\
         Waiting, {} minutes at most …",
        login.address,
        account.user,
        login.port,
        BROWSER_PATIENCE.as_secs() / 60,
    ));
    let waiting = login.wait(issuer, client_secret, pasted());
    let granted = tokio::time::timeout(BROWSER_PATIENCE, waiting).await.context("nobody agreed in time: begin anew")?;
    granted.map_err(anyhow::Error::msg)
}

/// The lines of standard input.
fn pasted() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(4);
    // A read of a terminal can't be given up; the thread ends with the process.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

async fn try_token(account: &TokenAccount) -> Result<(), TokenError> {
    Keeper::new(account.clone()).access_token().await.map(|_| ())
}

/// Adds a line to the audit trail of the account's desk.
async fn note(place: &Place, config: &Config, account: &TokenAccount, reason: &str) -> anyhow::Result<()> {
    let mailbox = config.mailboxes.iter().find(|mailbox| mailbox.name.as_str() == account.name);
    let desk = mailbox.map(|mailbox| mailbox.desk.to_string()).or_else(|| place.desk.clone());
    let desk = desk.or_else(|| config.desks.first().map(|desk| desk.code.to_string()));
    let opened = Opened::open(&Place { desk, ..place.clone() }).await?;
    let mut changing = opened.begin(reason).await?;
    changing.note("auth-login", format!("account {}", account.name), None, None).await?;
    changing.commit().await?;
    opened.db.close().await;
    Ok(())
}

async fn status(place: &Place, form: Form) -> anyhow::Result<()> {
    let config = Config::load(&place.config)?;
    let mut rows = Vec::new();
    let mut failed = 0;
    for account in config.token_accounts() {
        let (state, detail) = match try_token(account).await {
            Ok(()) => ("good", String::new()),
            Err(error @ TokenError::Stopped(_)) => ("stopped", error.to_string()),
            Err(TokenError::Waiting { why, .. }) => ("waiting", why),
        };
        failed += usize::from(state != "good");
        rows.push((account, state, detail));
    }
    if form.json {
        let all = rows.iter().map(|(account, state, detail)| {
            json!({ "account": account.name, "user": account.user, "from": source_of(account), "state": state,
                "detail": detail })
        });
        output::say_json(&all.collect::<Vec<_>>())?;
    } else {
        let mut table = output::table(&["account", "user", "from", "state", "what to do"]);
        for (account, state, detail) in &rows {
            let from = source_of(account).to_owned();
            table.add_row(vec![account.name.clone(), account.user.clone(), from, (*state).to_owned(), detail.clone()]);
        }
        output::say_table(&table, "no account logs in with access tokens");
    }
    if failed > 0 {
        bail!("{failed} of {} accounts have no access token", rows.len());
    }
    Ok(())
}

fn source_of(account: &TokenAccount) -> &'static str {
    match &account.source {
        TokenSource::Command(_) => "token_command",
        TokenSource::Issuer(issuer) => match issuer.grant {
            GrantKind::RefreshToken => "refresh-token",
            GrantKind::ClientCredentials => "client-credentials",
        },
    }
}
