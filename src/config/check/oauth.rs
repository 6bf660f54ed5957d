//! What is written about tokens, settled.

use std::net::IpAddr;
use std::path::PathBuf;

use super::super::file::OAuthFile;
use super::super::oauth::{GrantKind, Issuer, OAuth, Preset, Provider, TokenAccount, TokenSource};
use super::super::{InboxSettings, Login, Mailbox};
use super::Settling;
use crate::domain::toml_lines::Step;

/// Whose tokens they are.
pub(super) struct Owner<'a> {
    /// Where it stands in the file.
    pub path: &'a [Step],
    /// The same for people.
    pub place: &'a str,
    /// The name in `casepost auth`.
    pub name: &'a str,
    /// The login name.
    pub user: &'a str,
}

impl Settling<'_> {
    /// The outlet's tokens: those of a mailbox, or its own.
    pub(super) fn outlet_oauth(&mut self, owner: &Owner<'_>, file: OAuthFile, mailboxes: &[Mailbox]) -> Option<OAuth> {
        let Some(name) = &file.same_as else {
            if mailboxes.iter().any(|mailbox| mailbox.name.as_str() == owner.name) {
                let what = format!(
                    "{}: a mailbox is named \"{}\", so casepost auth can't tell the two apart: name it otherwise",
                    owner.place, owner.name
                );
                self.fault(owner.path, what);
            }
            return self.oauth(owner, file);
        };
        let found = mailboxes.iter().find(|mailbox| mailbox.name == *name).and_then(|mailbox| match &mailbox.inbox {
            InboxSettings::Imap(server) => server.account.as_ref(),
            InboxSettings::Maildir(_) => None,
        });
        let Some(Login::OAuth(theirs)) = found.map(|account| &account.login) else {
            let what =
                format!("{}: same_as = \"{name}\" must name a mailbox that has [mailbox.imap.oauth]", owner.place);
            self.fault(owner.path, what);
            return None;
        };
        if file.has_source() {
            let what = format!("{}: beside same_as only mechanism may stand: drop the others", owner.place);
            self.fault(owner.path, what);
        }
        Some(OAuth { mechanism: file.mechanism.unwrap_or(theirs.mechanism), account: theirs.account.clone() })
    }

    /// An account's own tokens.
    pub(super) fn oauth(&mut self, owner: &Owner<'_>, file: OAuthFile) -> Option<OAuth> {
        let mechanism = file.mechanism.unwrap_or_default();
        if file.same_as.is_some() {
            self.fault(owner.path, format!("{}: same_as is only for [outlet.smtp.oauth]: drop it", owner.place));
        }
        let source = match file.token_command.clone() {
            Some(words) if words.is_empty() => {
                let what = format!("{}: token_command is empty: write the program and its arguments", owner.place);
                self.fault(owner.path, what);
                None
            }
            Some(_) if file.names_issuer() => {
                let what = format!(
                    "{}: token_command stands for all of it: drop provider, grant, client_id and the URLs, or the command",
                    owner.place
                );
                self.fault(owner.path, what);
                None
            }
            Some(words) => Some(TokenSource::Command(words)),
            None => self.issuer(owner, file).map(|issuer| TokenSource::Issuer(Box::new(issuer))),
        };
        let account = TokenAccount { name: owner.name.to_owned(), user: owner.user.to_owned(), source: source? };
        Some(OAuth { mechanism, account })
    }

    fn issuer(&mut self, owner: &Owner<'_>, file: OAuthFile) -> Option<Issuer> {
        let place = owner.place;
        let grant = file.grant.unwrap_or_default();
        self.check_provider(owner, &file, grant);
        let preset = file.provider.map(|provider| provider.preset(file.tenant.as_deref(), grant));
        let (preset_token, preset_device, preset_authorize, preset_scope) = match preset {
            Some(Preset { token_url, device_url, authorize_url, scope }) => {
                (Some(token_url), device_url, authorize_url, scope)
            }
            None => (None, None, None, ""),
        };
        let token_url = file.token_url.or(preset_token);
        let device_url = file.device_url.or(preset_device);
        let authorize_url = file.authorize_url.or(preset_authorize);
        let urls = [("token_url", &token_url), ("device_url", &device_url), ("authorize_url", &authorize_url)];
        for (setting, url) in urls {
            if let Some(url) = url.as_ref().filter(|url| !is_private(url)) {
                let what =
                    format!("{place}: {setting} = \"{url}\" must begin with https:// (http:// only to this machine)");
                self.fault(owner.path, what);
            }
        }
        if file.client_id.is_none() {
            let what = format!("{place}: client_id is missing: it is the application's number at the provider");
            self.fault(owner.path, what);
        }
        if token_url.is_none() {
            let what = format!(
                "{place}: say who gives out tokens: provider = \"microsoft\" or \"google\", token_url, or token_command"
            );
            self.fault(owner.path, what);
        } else if grant == GrantKind::RefreshToken && device_url.is_none() && authorize_url.is_none() {
            let what =
                format!("{place}: casepost auth login needs device_url or authorize_url: add one, or token_command");
            self.fault(owner.path, what);
        }
        let client_secret = match (file.client_secret_file, file.client_secret_env) {
            (None, None) if grant == GrantKind::ClientCredentials => {
                let what = format!("{place}: client-credentials needs client_secret_file or client_secret_env");
                self.fault(owner.path, what);
                None
            }
            (None, None) => None,
            (file, variable) => self.secret(owner.path, place, "client_secret", file, variable),
        };
        let token_file = match file.token_file {
            Some(path) => self.path(path),
            None => self.data_dir.join("tokens").join(format!("{}.json", owner.name)),
        };
        Some(Issuer {
            grant,
            client_id: file.client_id?,
            client_secret,
            scope: file.scope.unwrap_or_else(|| preset_scope.to_owned()),
            token_url: token_url?,
            device_url,
            authorize_url,
            token_file,
            ca_file: file.ca_file.map(|path: PathBuf| self.path(path)),
        })
    }

    fn check_provider(&mut self, owner: &Owner<'_>, file: &OAuthFile, grant: GrantKind) {
        let place = owner.place;
        let has_tenant = file.tenant.is_some();
        match (file.provider, grant) {
            (Some(Provider::Microsoft), GrantKind::ClientCredentials) if !has_tenant => {
                let what = format!("{place}: client-credentials needs tenant = \"…\", the number of your organisation");
                self.fault(owner.path, what);
            }
            (Some(Provider::Google), GrantKind::ClientCredentials) => {
                let what = format!(
                    "{place}: Google lets no program read mail in its own name this way: use grant = \"refresh-token\", \
                     or token_command for a service account"
                );
                self.fault(owner.path, what);
            }
            _ => {}
        }
        let is_tenant = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        if let Some(tenant) = &file.tenant
            && (file.provider != Some(Provider::Microsoft) || !is_tenant(tenant))
        {
            let what = format!("{place}: tenant = \"{tenant}\" is a number or domain, and only for Microsoft");
            self.fault(owner.path, what);
        }
    }
}

/// Tokens and secrets travel encrypted, or not at all off this machine.
fn is_private(url: &str) -> bool {
    if url.starts_with("https://") {
        return true;
    }
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
