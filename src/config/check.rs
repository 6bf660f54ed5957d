//! From what is written in casepost.toml to what holds: defaults, paths, and all faults in one pass.

mod oauth;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::alarms::{self, AlarmPlace, ChannelFile, WatchFile};
use super::file::{ConfigFile, DeskFile, DnsFile, ImapFile, MailboxFile, OutletFile, ReplyAddressFile, SmtpFile};
use super::{
    Account, AdoptSince, Config, ConfigFault, Desk, DnsSettings, InboxSettings, Login, Mailbox, Operation, Outlet,
    ReplyAddress, Secret, SecretSource, Server, Tls, TransportSettings, Watch,
};
use crate::domain::names::DeskCode;
use crate::domain::near::nearest;
use crate::domain::toml_lines::{Step, TomlLines};
use oauth::Owner;

const MIB: u64 = 1024 * 1024;
/// Pauses between tries: a minute at first, then growing, five days in all.
const RETRY_PAUSES_SECONDS: [u64; 14] =
    [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 28_800, 57_600, 57_600, 57_600, 86_400, 86_940];

/// Gathers faults and warnings while the file is settled.
struct Settling<'a> {
    folder: &'a Path,
    data_dir: PathBuf,
    lines: TomlLines<'a>,
    faults: Vec<ConfigFault>,
    warnings: Vec<ConfigFault>,
}

/// A path into the file, for the line of a fault.
macro_rules! at {
    ($($step:expr),+) => { &[$(Step::from($step)),+][..] };
}

/// Fills in defaults and checks everything that the types alone can't.
pub(super) fn settle(file: ConfigFile, folder: &Path, lines: TomlLines<'_>) -> Result<Config, Vec<ConfigFault>> {
    let data_dir = folder.join(file.data_dir.as_deref().unwrap_or(Path::new("data")));
    let mut settling = Settling { folder, data_dir: data_dir.clone(), lines, faults: vec![], warnings: vec![] };
    settling.check_unique(&file);
    let database = settling.database(file.database, &data_dir);
    let operation = Operation {
        listen: file.operation.listen.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9321)),
        log_format: file.operation.log_format.unwrap_or_default(),
        log_level: file.operation.log_level.unwrap_or_else(|| "info".into()),
    };
    if !operation.listen.ip().is_loopback() {
        let what =
            format!("operation.listen: {} is open to other machines: keep it behind a firewall", operation.listen);
        settling.warn(at!["operation", "listen"], what);
    }
    let hosts: Vec<_> = file.desk.iter().map(|desk| host_of(desk, &file.mailbox)).collect();
    let desks: Vec<Desk> = file
        .desk
        .into_iter()
        .zip(hosts)
        .enumerate()
        .map(|(index, (desk, host))| settling.desk(index, desk, host))
        .collect();
    let mailboxes: Vec<Mailbox> = file
        .mailbox
        .into_iter()
        .enumerate()
        .filter_map(|(index, mailbox)| settling.mailbox(index, mailbox, &desks))
        .collect();
    settling.check_desks(&desks, &mailboxes);
    let outlet = settling.outlet(file.outlet, &mailboxes);
    let dns = settling.dns(file.dns);
    settling.check_trust(&mailboxes, &dns);
    let key_file = settling.path(file.secrets.key_file.unwrap_or_else(|| data_dir.join("secret.key")));
    let watch = settling.watch(&file.watch, file.alarm);
    let limits = file.limits;
    if limits.automatic_letters_window_minutes == 0 || limits.letter_bytes < MIB {
        let what = "limits: automatic_letters_window_minutes must be 1 or more, letter_bytes 1048576 or more";
        settling.fault(at!["limits"], what.to_owned());
    }
    let Settling { faults, warnings, .. } = settling;
    match outlet {
        Some(outlet) if faults.is_empty() => Ok(Config {
            data_dir,
            database,
            operation,
            watch,
            desks,
            mailboxes,
            outlet,
            dns,
            limits,
            key_file,
            warnings,
        }),
        _ => Err(faults),
    }
}

/// The domain of a desk's Message-IDs: its own setting, else that of its first mailbox.
fn host_of(desk: &DeskFile, mailboxes: &[MailboxFile]) -> String {
    let first = mailboxes.iter().find(|mailbox| mailbox.desk == desk.code.as_str());
    let host = desk.host.as_ref().map(|host| host.as_str().to_owned());
    host.or_else(|| first.map(|mailbox| mailbox.address.domain().to_owned())).unwrap_or_default()
}

impl Settling<'_> {
    fn fault(&mut self, path: &[Step], what: String) {
        self.faults.push(ConfigFault { line: self.lines.line_of(path), what });
    }

    fn warn(&mut self, path: &[Step], what: String) {
        self.warnings.push(ConfigFault { line: self.lines.line_of(path), what });
    }

    fn watch(&mut self, watch: &WatchFile, channels: Vec<ChannelFile>) -> Watch {
        let (watch, faults) = alarms::settle(watch, channels);
        for (place, what) in faults {
            match place {
                AlarmPlace::Watch(name) => self.fault(at!["watch", name], what),
                AlarmPlace::Channel(index) => self.fault(at!["alarm", index], what),
            }
        }
        watch
    }

    /// A path of the file, on the file's folder.
    fn path(&self, path: PathBuf) -> PathBuf {
        self.folder.join(path)
    }

    fn database(&mut self, given: Option<String>, data_dir: &Path) -> Secret {
        let Some(url) = given else {
            return Secret::new(format!("sqlite:{}", data_dir.join("casepost.db").display()));
        };
        if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            let path = self.folder.join(path.strip_prefix("//").unwrap_or(path));
            return Secret::new(format!("sqlite:{}", path.display()));
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            // The rest of the URL may hold a password: only its scheme is told.
            let scheme = url.split(':').next().unwrap_or_default();
            let what = format!("database: \"{scheme}:…\" is neither sqlite:PATH nor postgres://USER@HOST/NAME");
            self.fault(at!["database"], what);
        }
        Secret::new(url)
    }

    fn check_unique(&mut self, file: &ConfigFile) {
        let mut seen = HashSet::new();
        for (index, desk) in file.desk.iter().enumerate() {
            if !seen.insert(desk.code.as_str()) {
                let what = format!("desk \"{}\" is declared twice: give one of them another code", desk.code);
                self.fault(at!["desk", index, "code"], what);
            }
        }
        let mut tags = HashSet::new();
        for (index, desk) in file.desk.iter().enumerate() {
            let tag = desk.subject_tag.as_deref().unwrap_or(desk.code.as_str());
            if !tags.insert(tag) {
                let what =
                    format!("desk \"{}\": subject_tag \"{tag}\" is another desk's too: choose another", desk.code);
                self.fault(at!["desk", index, "subject_tag"], what);
            }
        }
        let (mut names, mut addresses) = (HashSet::new(), HashSet::new());
        for (index, mailbox) in file.mailbox.iter().enumerate() {
            if !names.insert(&mailbox.name) {
                let what = format!("mailbox \"{}\" is declared twice: give one of them another name", mailbox.name);
                self.fault(at!["mailbox", index, "name"], what);
            }
            if !addresses.insert(&mailbox.address) {
                let (name, address) = (&mailbox.name, &mailbox.address);
                let what =
                    format!("mailbox \"{name}\": address {address} is another mailbox's too: each needs its own");
                self.fault(at!["mailbox", index, "address"], what);
            }
        }
    }

    fn desk(&mut self, index: usize, desk: DeskFile, host: String) -> Desk {
        let code = desk.code;
        if desk.name.trim().is_empty() {
            self.fault(at!["desk", index, "name"], format!("desk \"{code}\": name is empty: letters go out in it"));
        }
        let subject_tag = desk.subject_tag.unwrap_or_else(|| code.to_string());
        let is_tag = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if !(2..=12).contains(&subject_tag.len()) || !subject_tag.chars().all(is_tag) {
            let what = format!("desk \"{code}\": subject_tag \"{subject_tag}\" must be 2 to 12 of A-Z and 0-9");
            self.fault(at!["desk", index, "subject_tag"], what);
        }
        let colour = desk.colour.unwrap_or_else(|| "#1f5f8b".into());
        let digits = colour.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            let what = format!("desk \"{code}\": colour \"{colour}\" must be # and six digits, such as #1f5f8b");
            self.fault(at!["desk", index, "colour"], what);
        }
        if desk.alarm_to.is_empty() {
            let what = format!("desk \"{code}\": nobody gets alarms: set alarm_to = [\"you@…\"]");
            self.warn(at!["desk", index], what);
        }
        Desk {
            code,
            name: desk.name,
            language: desk.language,
            time_zone: desk.time_zone.time_zone().clone(),
            subject_tag,
            colour,
            footer: desk.footer.unwrap_or_default(),
            logo: desk.logo.map(|path| self.path(path)),
            templates: desk.templates.map(|path| self.path(path)),
            host,
            alarm_to: desk.alarm_to,
            weekly_summaries: desk.weekly_summaries.unwrap_or(true),
            keep_raw_for: desk.keep_raw_for.unwrap_or_default(),
            bounce_address: desk.bounce_address,
        }
    }

    /// What concerns desks and mailboxes together.
    fn check_desks(&mut self, desks: &[Desk], mailboxes: &[Mailbox]) {
        if desks.is_empty() {
            self.fault(&[], "no desk is declared: add [[desk]] with code, name, language and time_zone".to_owned());
        }
        for (index, desk) in desks.iter().enumerate() {
            if self.faults.is_empty() && !mailboxes.iter().any(|mailbox| mailbox.desk == desk.code) {
                let what = format!("desk \"{0}\" has no mailbox: add [[mailbox]] desk = \"{0}\"", desk.code);
                self.fault(at!["desk", index], what);
            }
            for address in &desk.alarm_to {
                if mailboxes.iter().any(|mailbox| mailbox.address == *address) {
                    let what = format!(
                        "desk \"{}\": alarm_to {address} is a mailbox that casepost reads itself: name a person",
                        desk.code
                    );
                    self.fault(at!["desk", index, "alarm_to"], what);
                }
            }
        }
    }

    fn mailbox(&mut self, index: usize, mailbox: MailboxFile, desks: &[Desk]) -> Option<Mailbox> {
        let name = mailbox.name.clone();
        let desk = self.desk_of(index, &mailbox, desks);
        let reply_address = self.reply_address(index, &mailbox);
        let folder = mailbox.folder.unwrap_or_else(|| "INBOX".into());
        if mailbox.file_into.as_ref() == Some(&folder) || mailbox.junk_folders.contains(&folder) {
            let what = format!(
                "mailbox \"{name}\": {folder} is the folder that is read: file_into and junk_folders must be others"
            );
            self.fault(at!["mailbox", index], what);
        }
        let inbox = match (mailbox.imap, mailbox.maildir) {
            (Some(imap), None) => self.imap(index, &name.to_string(), imap).map(InboxSettings::Imap),
            (None, Some(maildir)) => Some(InboxSettings::Maildir(self.path(maildir.path))),
            (both, _) => {
                let found = if both.is_some() { "both" } else { "neither" };
                let what = format!(
                    "mailbox \"{name}\" has {found} of imap and maildir: give it one, [mailbox.imap] or [mailbox.maildir]"
                );
                self.fault(at!["mailbox", index], what);
                None
            }
        };
        let mut in_range = |setting: &str, value: u64, least: u64, most: u64| {
            if !(least..=most).contains(&value) {
                let what = format!("mailbox \"{name}\": {setting} = {value} must be {least} to {most}");
                self.fault(at!["mailbox", index, setting], what);
            }
            value
        };
        let poll = in_range("poll_seconds", mailbox.poll_seconds.unwrap_or(60), 1, 86_400);
        let batch = in_range("batch", mailbox.batch.unwrap_or(50) as u64, 1, 500);
        let max_bytes = in_range("max_bytes", mailbox.max_bytes.unwrap_or(40 * MIB), MIB, 1024 * MIB);
        let adopt_since = self.adopt_since(index, &name.to_string(), mailbox.adopt_since.as_deref());
        Some(Mailbox {
            name: mailbox.name,
            desk: desk?,
            address: mailbox.address,
            reply_address: reply_address?,
            inbox: inbox?,
            folder,
            file_into: mailbox.file_into,
            junk_folders: mailbox.junk_folders,
            authserv_ids: mailbox.authserv_ids.iter().map(|id| id.to_lowercase()).collect(),
            trusted_hosts: mailbox.trusted_hosts.iter().map(|host| host.to_lowercase()).collect(),
            poll: Duration::from_secs(poll),
            batch: usize::try_from(batch).unwrap_or(50),
            max_bytes,
            adopt_since,
        })
    }

    fn dns(&mut self, dns: DnsFile) -> DnsSettings {
        let seconds = dns.lookup_seconds.unwrap_or(3);
        if !(1..=5).contains(&seconds) {
            let what = format!("dns.lookup_seconds = {seconds} must be 1 to 5");
            self.fault(at!["dns", "lookup_seconds"], what);
        }
        DnsSettings {
            verifies_signatures: dns.verify_signatures.unwrap_or(true),
            servers: dns.servers,
            patience: Duration::from_secs(seconds),
        }
    }

    /// Without trusted hosts only signed mail proves its sender; without both nothing does.
    fn check_trust(&mut self, mailboxes: &[Mailbox], dns: &DnsSettings) {
        for (index, mailbox) in mailboxes.iter().enumerate() {
            if !mailbox.authserv_ids.is_empty() && !mailbox.trusted_hosts.is_empty() {
                continue;
            }
            let name = &mailbox.name;
            let missing = if dns.verifies_signatures {
                "only senders whose mail is signed (DKIM) are proven, and many sign too little"
            } else {
                "no sender is proven, and experts can't work by mail"
            };
            let what = format!(
                "mailbox \"{name}\": without trusted_hosts and authserv_ids {missing}: name the hosts that receive your \
                 mail; casepost check --mail FILE reads them from a mail that came in"
            );
            self.warn(at!["mailbox", index], what);
        }
    }

    fn desk_of(&mut self, index: usize, mailbox: &MailboxFile, desks: &[Desk]) -> Option<DeskCode> {
        if let Some(desk) = desks.iter().find(|desk| desk.code.as_str() == mailbox.desk) {
            return Some(desk.code.clone());
        }
        let (name, code) = (&mailbox.name, &mailbox.desk);
        let near = nearest(code, desks.iter().map(|desk| desk.code.as_str()));
        let near = near.map(|near| format!(" (did you mean \"{near}\"?)")).unwrap_or_default();
        let what = format!(
            "mailbox \"{name}\": desk \"{code}\" is not declared{near}: add [[desk]] code = \"{code}\" or mend the name"
        );
        self.fault(at!["mailbox", index, "desk"], what);
        None
    }

    fn reply_address(&mut self, index: usize, mailbox: &MailboxFile) -> Option<ReplyAddress> {
        let name = &mailbox.name;
        match (mailbox.reply_address.unwrap_or(ReplyAddressFile::None), mailbox.reply_domain.clone()) {
            (ReplyAddressFile::CatchAll, Some(domain)) => Some(ReplyAddress::CatchAll(domain)),
            (ReplyAddressFile::CatchAll, None) => {
                let what = format!("mailbox \"{name}\": reply_address = \"catch-all\" needs reply_domain = \"…\"");
                self.fault(at!["mailbox", index, "reply_address"], what);
                None
            }
            (_, Some(_)) => {
                let what =
                    format!("mailbox \"{name}\": reply_domain is only for reply_address = \"catch-all\": drop it");
                self.fault(at!["mailbox", index, "reply_domain"], what);
                None
            }
            (ReplyAddressFile::Plus, None) => Some(ReplyAddress::Plus),
            (ReplyAddressFile::None, None) => Some(ReplyAddress::None),
        }
    }

    fn adopt_since(&mut self, index: usize, name: &str, given: Option<&str>) -> AdoptSince {
        match given {
            None => AdoptSince::Activation,
            Some("all") => AdoptSince::All,
            Some(text) => text.parse().map(AdoptSince::Moment).unwrap_or_else(|_| {
                let what = format!("mailbox \"{name}\": adopt_since \"{text}\" must be \"all\" or a time such as \"2026-03-01T00:00:00Z\"");
                self.fault(at!["mailbox", index, "adopt_since"], what);
                AdoptSince::Activation
            }),
        }
    }

    fn imap(&mut self, index: usize, name: &str, imap: ImapFile) -> Option<Server> {
        let path = at!["mailbox", index, "imap"];
        let place = format!("mailbox \"{name}\", imap");
        let tls = self.tls(path, &place, &imap.host, imap.tls);
        let login = match imap.oauth {
            Some(oauth) => {
                self.no_password(path, &place, imap.password_file.is_some() || imap.password_env.is_some());
                let owner = Owner { path, place: &format!("{place}.oauth"), name, user: &imap.user };
                self.oauth(&owner, oauth).map(|oauth| Login::OAuth(Box::new(oauth)))
            }
            None => {
                let password = self.secret(path, &place, "password", imap.password_file, imap.password_env);
                password.map(Login::Password)
            }
        };
        Some(Server {
            host: imap.host,
            port: imap.port.unwrap_or(if tls == Tls::Implicit { 993 } else { 143 }),
            tls,
            ca_file: imap.ca_file.map(|file| self.path(file)),
            account: Some(Account { user: imap.user, login: login? }),
            connections: 1,
            connect_timeout: Duration::from_secs(imap.connect_seconds.unwrap_or(10).max(1)),
            command_timeout: Duration::from_secs(imap.command_seconds.unwrap_or(60).max(1)),
        })
    }

    fn outlet(&mut self, outlet: OutletFile, mailboxes: &[Mailbox]) -> Option<Outlet> {
        let transport = match (outlet.smtp, outlet.folder) {
            (Some(smtp), None) => self.smtp(smtp, mailboxes).map(TransportSettings::Smtp),
            (None, Some(folder)) => Some(TransportSettings::Folder(self.path(folder.path))),
            (both, _) => {
                let found = if both.is_some() { "both" } else { "neither" };
                let what =
                    format!("outlet has {found} of smtp and folder: give it one, [outlet.smtp] or [outlet.folder]");
                self.fault(at!["outlet"], what);
                None
            }
        };
        let pauses = outlet.retry_pauses_seconds.unwrap_or_else(|| RETRY_PAUSES_SECONDS.to_vec());
        if pauses.is_empty() || pauses.contains(&0) {
            let what = "outlet: retry_pauses_seconds must name at least one pause, each of 1 second or more".to_owned();
            self.fault(at!["outlet", "retry_pauses_seconds"], what);
        }
        let jitter_percent = outlet.jitter_percent.unwrap_or(20);
        if jitter_percent > 50 {
            let what = format!("outlet: jitter_percent = {jitter_percent} must be 0 to 50");
            self.fault(at!["outlet", "jitter_percent"], what);
        }
        Some(Outlet {
            transport: transport?,
            delivery: outlet.delivery.unwrap_or_default(),
            retry_pauses: pauses.into_iter().map(Duration::from_secs).collect(),
            jitter_percent,
        })
    }

    fn smtp(&mut self, smtp: SmtpFile, mailboxes: &[Mailbox]) -> Option<Server> {
        let (path, place) = (at!["outlet", "smtp"], "outlet.smtp");
        let tls = self.tls(path, place, &smtp.host, smtp.tls);
        let connections = smtp.connections.unwrap_or(4);
        if !(1..=32).contains(&connections) {
            self.fault(path, format!("{place}: connections = {connections} must be 1 to 32"));
        }
        let has_password = smtp.password_file.is_some() || smtp.password_env.is_some();
        let account = match (smtp.user, smtp.oauth) {
            (Some(user), Some(oauth)) => {
                self.no_password(path, place, has_password);
                let owner = Owner { path, place: "outlet.smtp.oauth", name: "outlet", user: &user };
                let oauth = self.outlet_oauth(&owner, oauth, mailboxes)?;
                Some(Account { user, login: Login::OAuth(Box::new(oauth)) })
            }
            (Some(user), None) => {
                let password = self.secret(path, place, "password", smtp.password_file, smtp.password_env)?;
                Some(Account { user, login: Login::Password(password) })
            }
            (None, oauth) if oauth.is_some() || has_password => {
                self.fault(path, format!("{place}: there is a login without a user: add user = \"…\""));
                None
            }
            (None, _) => None,
        };
        Some(Server {
            host: smtp.host,
            port: smtp.port.unwrap_or(match tls {
                Tls::Implicit => 465,
                Tls::Starttls => 587,
                Tls::None => 25,
            }),
            tls,
            ca_file: smtp.ca_file.map(|file| self.path(file)),
            account,
            connections,
            connect_timeout: Duration::from_secs(smtp.connect_seconds.unwrap_or(10).max(1)),
            command_timeout: Duration::from_secs(smtp.command_seconds.unwrap_or(120).max(1)),
        })
    }

    /// No TLS is for this machine alone: elsewhere a password would be read on the way.
    fn tls(&mut self, path: &[Step], place: &str, host: &str, tls: Option<Tls>) -> Tls {
        let tls = tls.unwrap_or_default();
        let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if tls == Tls::None && !is_loopback {
            let what = format!(
                "{place}: tls = \"none\" is only for this machine, not for {host}: use \"implicit\" or \"starttls\""
            );
            self.fault(path, what);
        }
        tls
    }

    fn no_password(&mut self, path: &[Step], place: &str, has_password: bool) {
        if has_password {
            self.fault(path, format!("{place} has both a password and oauth: drop one of them"));
        }
    }

    /// One of `WHAT_file` and `WHAT_env`.
    fn secret(
        &mut self,
        path: &[Step],
        place: &str,
        what: &str,
        file: Option<PathBuf>,
        variable: Option<String>,
    ) -> Option<SecretSource> {
        match (file, variable) {
            (Some(file), None) => Some(SecretSource::File(self.path(file))),
            (None, Some(variable)) => Some(SecretSource::Environment(variable)),
            (file, _) => {
                let found = if file.is_some() { "both" } else { "neither" };
                self.fault(path, format!("{place} has {found} of {what}_file and {what}_env: give it one"));
                None
            }
        }
    }
}
