//! Tries the way out.

use crate::config::{Config, TransportSettings};
use crate::desk::worker::open_transport;
use crate::mail::oauth::Tokens;
use crate::mail::outlet::Transport;

use super::Findings;
use super::mailbox::is_by_token;
use super::place::check_folder;

/// Logs in as for a letter.
pub(super) async fn check(found: &mut Findings, config: &Config, tokens: &Tokens) {
    let transport = match open_transport(config, tokens) {
        Ok(transport) => transport,
        Err(error) => return found.fail("outlet", &error.to_string(), ""),
    };
    match (&transport, &config.outlet.transport) {
        (Transport::Smtp(outlet), TransportSettings::Smtp(server)) => {
            let place = format!("{}:{}", server.host, server.port);
            match outlet.check().await {
                Ok(()) if server.account.is_none() => {
                    found.ok("outlet", &format!("{place} answers (no user, no login); nothing was sent"));
                }
                Ok(()) => found.ok("outlet", &format!("{place} answers and takes our login; nothing was sent")),
                Err(why) => {
                    let mend = match is_by_token(server) {
                        true => "if it is no token, mend host, port, tls or ca_file",
                        false => "mend host, port, tls, ca_file, user or password",
                    };
                    found.fail("outlet", &format!("{place}: {why}"), mend);
                }
            }
        }
        (_, TransportSettings::Folder(folder)) => check_folder(found, "outlet", folder, false),
        (Transport::Folder(_), TransportSettings::Smtp(_)) => {}
    }
}
