//! `casepost deliver`: one mail from a mail server's pipe. The server keeps the mail until it is told 0.

use std::process::ExitCode;

use clap::Args;
use tokio::io::AsyncReadExt as _;

use crate::config::Config;
use crate::desk::clock::Clock;
use crate::desk::intake::Taken;
use crate::desk::worker::{Worker, WorkerError};
use crate::domain::names::MailboxName;

use super::{Place, logging, output};

/// EX_TEMPFAIL of sysexits.h: the server keeps the mail and tries again.
pub const TRY_AGAIN: u8 = 75;
/// EX_DATAERR: that is no mail.
const NO_MAIL: u8 = 65;

/// Where the mail was delivered.
#[derive(Debug, Args)]
pub struct DeliverArgs {
    /// The mailbox by whose settings the mail is read; needed only where there are several.
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
}

/// Why a mail was not taken, with the exit code.
struct Refused(u8, String);

/// Takes one mail. Whatever is unclear is answered with "try again", so that no mail is lost.
pub async fn deliver(place: &Place, args: DeliverArgs) -> ExitCode {
    let place = place.clone();
    // A panic must read as "try again", too: servers bounce a mail at exit codes that they don't know.
    match tokio::spawn(async move { take(&place, &args).await }).await {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(Refused(code, why))) => {
            output::complain(&why);
            ExitCode::from(code)
        }
        Err(error) => {
            output::complain(&format!("the mail could not be handled: {error}"));
            ExitCode::from(TRY_AGAIN)
        }
    }
}

async fn take(place: &Place, args: &DeliverArgs) -> Result<(), Refused> {
    let mut raw = Vec::new();
    let read = tokio::io::stdin().read_to_end(&mut raw).await;
    read.map_err(|e| Refused(TRY_AGAIN, format!("the mail can't be read from standard input: {e}")))?;
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Refused(NO_MAIL, "there is no mail on standard input".to_owned()));
    }
    // EX_CONFIG (78) would be the word, but mail servers bounce a mail at it: a client's mail must not come back because
    // somebody mistyped a setting. The server tells its log what is wrong and tries again until it is mended.
    let bad = |what: String| Refused(TRY_AGAIN, what);
    let config = Config::load(&place.config).map_err(|error| bad(error.to_string()))?;
    logging::begin(&config.operation, Some("warn")).map_err(|e| bad(e.to_string()))?;
    let mailbox = match &args.mailbox {
        Some(name) => Some(MailboxName::new(name.as_str()).map_err(|e| bad(format!("--mailbox: {e}")))?),
        None => None,
    };
    let worker = Worker::open(config, Clock::system()).await.map_err(again)?;
    let taken = worker.deliver_one(mailbox.as_ref(), raw).await;
    worker.db.close().await;
    match taken.map_err(again)? {
        Taken::Done { .. } | Taken::SeenBefore { .. } => Ok(()),
        Taken::Waits { why } => Err(Refused(TRY_AGAIN, why)),
    }
}

/// No fault of casepost's is a fault of the mail.
fn again(error: WorkerError) -> Refused {
    Refused(TRY_AGAIN, error.to_string())
}
