//! What init has to know, asked in the order in which a person knows it.

use std::path::{Path, PathBuf};

use anyhow::bail;
use jiff::civil::Date;

use super::super::output;
use super::InitArgs;
use super::ask::{Asking, secret_from_stdin};
use crate::config::{Secret, SecretSource};
use crate::domain::address::{Address, NamedAddress};
use crate::domain::directory::{MailDomain, Zone};
use crate::domain::names::{ClientCode, DeskCode, Language};
use crate::mail::advice::{Advice, advise};

/// Domains whose addresses are anybody's: nobody belongs to a client because of one.
const EVERYBODYS_DOMAINS: [&str; 9] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.nl",
    "icloud.com",
    "yahoo.com",
    "ziggo.nl",
    "kpnmail.nl",
];

/// Every answer.
pub struct Answers {
    pub desk: DeskCode,
    pub desk_name: String,
    pub language: Language,
    pub time_zone: Zone,
    pub address: Address,
    pub expert: NamedAddress,
    pub alarm_to: Address,
    pub account: MailAccount,
    pub has_plus_addresses: bool,
    pub trusted_hosts: Vec<String>,
    pub authserv_ids: Vec<String>,
    pub delivery: &'static str,
    pub client: ClientCode,
    pub client_name: String,
    pub client_language: Language,
    pub coordinator: NamedAddress,
    pub client_domain: Option<MailDomain>,
    pub strips: u32,
    pub start: Date,
}

/// Where the mail is, and how it is reached.
pub enum MailAccount {
    /// At Microsoft 365, with access tokens.
    Microsoft {
        tenant: String,
        client_id: String,
        /// What proves casepost to be itself, where it asks in its own name; else a person agrees once.
        client_secret: Option<PasswordPlace>,
    },
    /// At Google, with access tokens.
    Google { client_id: String, client_secret: PasswordPlace },
    /// At a server that takes a password.
    Other { imap: MailServer, smtp: MailServer },
}

/// A mail server and the account on it.
pub struct MailServer {
    pub host: String,
    pub port: Option<u16>,
    pub tls: &'static str,
    /// None where the server wants no login.
    pub login: Option<(String, PasswordPlace)>,
}

/// Where a password stands.
#[derive(Clone)]
pub enum PasswordPlace {
    /// In a file, which is there or is to be written.
    File(PathBuf, Option<NewSecret>),
    /// In an environment variable.
    Variable(String),
}

/// A secret that is to be written.
#[derive(Clone)]
pub struct NewSecret {
    pub file: PathBuf,
    pub text: Secret,
}

impl Answers {
    /// The secrets that are to be written, each once.
    pub fn new_secrets(&self) -> impl Iterator<Item = &NewSecret> {
        let places: Vec<&PasswordPlace> = match &self.account {
            MailAccount::Microsoft { client_secret, .. } => client_secret.iter().collect(),
            MailAccount::Google { client_secret, .. } => vec![client_secret],
            MailAccount::Other { imap, smtp } => {
                [imap, smtp].into_iter().filter_map(|server| Some(&server.login.as_ref()?.1)).collect()
            }
        };
        let mut found: Vec<&NewSecret> = Vec::new();
        for place in places {
            if let PasswordPlace::File(file, Some(secret)) = place
                && found.iter().all(|known| known.file != *file)
            {
                found.push(secret);
            }
        }
        found.into_iter()
    }

    /// Whether a person has to agree at the provider first.
    pub fn needs_login(&self) -> bool {
        matches!(self.account, MailAccount::Microsoft { client_secret: None, .. } | MailAccount::Google { .. })
    }

    /// The environment variable that must hold the password, if it is one.
    pub fn password_variable(&self) -> Option<&str> {
        match &self.account {
            MailAccount::Other { imap: MailServer { login: Some((_, PasswordPlace::Variable(name))), .. }, .. } => {
                Some(name)
            }
            _ => None,
        }
    }
}

/// Takes the flags and asks for the rest.
///
/// # Errors
/// A flag that is missing where nobody can be asked, or an answer that won't do.
pub fn gather(args: &InitArgs, desk: Option<&str>, config: &Path, today: Date) -> anyhow::Result<Answers> {
    let asking = Asking::new();
    must_be_whole(&asking, args, desk)?;
    let name =
        asking.answer(("desk-name", args.desk_name.as_deref()), "The desk's name, as letters show it", None, words)?;
    let code = code_of(&name);
    let desk = asking.answer(("desk", desk), "A short code for it, 2 to 5 capitals", Some(&code), |text| {
        DeskCode::new(text).map_err(|e| e.to_string())
    })?;
    let language =
        asking.answer(("language", args.language.as_deref()), "Language of letters, nl or en", Some("nl"), tongue)?;
    let zone = home_zone(language);
    let time_zone = asking.answer(("time-zone", args.time_zone.as_deref()), "Time zone", Some(&zone), |text| {
        Zone::new(text).map_err(|e| e.to_string())
    })?;
    let address = asking.answer(("address", args.address.as_deref()), "Support address", None, address)?;
    let expert =
        asking.answer(("expert", args.expert.as_deref()), "The expert who answers, Name <address>", None, person)?;
    let alarm_to = asking.answer(
        ("alarm-to", args.alarm_to.as_deref()),
        "Who is told of troubles",
        Some(expert.address.as_str()),
        self::address,
    )?;
    let account = account(&asking, args, &address, config)?;
    let plus =
        format!("Does {}+anything@{} come into the mailbox? plus (yes) or none", address.local(), address.domain());
    let reply = asking.answer(("reply-address", args.reply_address.as_deref()), &plus, Some("plus"), |text| {
        one_of(text, &["plus", "none"])
    })?;
    let (trusted_hosts, authserv_ids) = trust(&asking, args)?;
    let delivery = one_of(args.delivery.as_deref().unwrap_or("hold"), &["hold", "shadow", "send"])
        .map_err(|why| anyhow::anyhow!("--delivery: {why}"))?;
    let client_name =
        asking.answer(("client-name", args.client_name.as_deref()), "The first client's name", None, words)?;
    let code = code_of(&client_name);
    let client = asking.answer(
        ("client", args.client.as_deref()),
        "A code for its case numbers, 2 to 5 capitals",
        Some(&code),
        |text| ClientCode::new(text).map_err(|e| e.to_string()),
    )?;
    let client_language = asking.answer(
        ("client-language", args.client_language.as_deref()),
        "Language of its letters, nl or en",
        Some(&language.to_string()),
        tongue,
    )?;
    let coordinator = asking.answer(
        ("coordinator", args.coordinator.as_deref()),
        "Its coordinator, who asks and decides, Name <address>",
        None,
        person,
    )?;
    let domain = coordinator.address.domain();
    let domain = if EVERYBODYS_DOMAINS.contains(&domain) { "none" } else { domain };
    let client_domain = asking.answer(
        ("client-domain", args.client_domain.as_deref()),
        "Mail domain of its people, or none",
        Some(domain),
        |text| match text {
            "none" => Ok(None),
            text => MailDomain::new(text).map(Some).map_err(|e| e.to_string()),
        },
    )?;
    let strips = asking.answer(
        ("strips", args.strips.as_deref()),
        "Strips of 15 minutes that it bought, 0 to book on the contract",
        Some("20"),
        |text| text.parse().map_err(|_| "a number such as 20".to_owned()),
    )?;
    let day = today.to_string();
    let start = asking.answer(("start", args.start.as_deref()), "First day of the contract", Some(&day), |text| {
        text.parse().map_err(|_| "a day such as 2026-03-01".to_owned())
    })?;
    Ok(Answers {
        desk,
        desk_name: name,
        language,
        time_zone,
        address,
        expert,
        alarm_to,
        account,
        has_plus_addresses: reply == "plus",
        trusted_hosts,
        authserv_ids,
        delivery,
        client,
        client_name,
        client_language,
        coordinator,
        client_domain,
        strips,
        start,
    })
}

/// Where nobody can be asked, all that is missing is told at once.
fn must_be_whole(asking: &Asking, args: &InitArgs, desk: Option<&str>) -> anyhow::Result<()> {
    if asking.is_possible() {
        return Ok(());
    }
    let is_other = args.provider.as_deref().is_none_or(|provider| provider == "other");
    let needs_secret = match args.provider.as_deref() {
        Some("google") => true,
        Some("microsoft") => args.grant.as_deref() == Some("client-credentials"),
        _ => false,
    };
    let has_password = args.password_file.is_some() || args.password_stdin || args.password_env.is_some();
    let needed = [
        ("--desk-name", args.desk_name.is_none()),
        ("--desk", desk.is_none()),
        ("--address", args.address.is_none()),
        ("--expert", args.expert.is_none()),
        ("--imap", is_other && args.imap.is_none()),
        ("--smtp", is_other && args.smtp.is_none()),
        ("--password-file, --password-stdin or --password-env", is_other && !has_password),
        ("--tenant", args.provider.as_deref() == Some("microsoft") && args.tenant.is_none()),
        ("--client-id", !is_other && args.client_id.is_none()),
        ("--client-secret-file", needs_secret && args.client_secret_file.is_none()),
        ("--client-name", args.client_name.is_none()),
        ("--client", args.client.is_none()),
        ("--coordinator", args.coordinator.is_none()),
    ];
    let missing: Vec<&str> = needed.iter().filter(|(_, is_missing)| *is_missing).map(|(flag, _)| *flag).collect();
    if !missing.is_empty() {
        bail!("give {}; or run casepost init on a terminal, where it asks", missing.join(", "));
    }
    Ok(())
}

fn account(asking: &Asking, args: &InitArgs, address: &Address, config: &Path) -> anyhow::Result<MailAccount> {
    let question = "Who keeps the mailbox: microsoft, google or other";
    let provider = asking.answer(("provider", args.provider.as_deref()), question, Some("other"), |text| {
        one_of(text, &["microsoft", "google", "other"])
    })?;
    let beside = config.parent().unwrap_or(Path::new("/"));
    let client_id = |asking: &Asking| {
        asking.answer(("client-id", args.client_id.as_deref()), "Application (client) ID", None, words)
    };
    let client_secret = || {
        let file = args.client_secret_file.clone().unwrap_or_else(|| beside.join("client.secret"));
        password(asking, args, "client-secret-file", file, "Client secret", false)
    };
    match provider {
        "microsoft" => {
            let tenant = asking.answer(("tenant", args.tenant.as_deref()), "Directory (tenant) ID", None, words)?;
            let client_id = client_id(asking)?;
            let question =
                "Who agrees: a person once, by a code (refresh-token), or the application (client-credentials)";
            let grants = ["refresh-token", "client-credentials"];
            let grant = asking
                .answer(("grant", args.grant.as_deref()), question, Some(grants[0]), |text| one_of(text, &grants))?;
            let client_secret = match grant {
                "client-credentials" => Some(client_secret()?),
                _ => None,
            };
            Ok(MailAccount::Microsoft { tenant, client_id, client_secret })
        }
        "google" => Ok(MailAccount::Google { client_id: client_id(asking)?, client_secret: client_secret()? }),
        _ => {
            let domain = address.domain();
            let asked = ("imap", args.imap.as_deref(), "imap-tls", args.imap_tls.as_deref());
            let (host, port, tls) = server(asking, asked, "IMAP server", &format!("imap.{domain}"))?;
            let own = address.as_str();
            let user = asking.answer(("imap-user", args.imap_user.as_deref()), "Its login name", Some(own), words)?;
            let place = match &args.password_env {
                Some(name) => PasswordPlace::Variable(name.clone()),
                None => {
                    let file = args.password_file.clone().unwrap_or_else(|| beside.join("mail.password"));
                    password(asking, args, "password-file", file, &format!("Password of {user}"), args.password_stdin)?
                }
            };
            let imap = MailServer { host, port, tls, login: Some((user.clone(), place.clone())) };
            let asked = ("smtp", args.smtp.as_deref(), "smtp-tls", args.smtp_tls.as_deref());
            let (host, port, tls) = server(asking, asked, "SMTP server", &format!("smtp.{domain}"))?;
            let name = args.smtp_user.as_deref();
            let name = asking.answer(("smtp-user", name), "Its login name, or none", Some(&user), words)?;
            let login = match name.as_str() {
                "none" => None,
                name if name == user => Some((name.to_owned(), place)),
                name => {
                    let file = args.smtp_password_file.clone().unwrap_or_else(|| beside.join("smtp.password"));
                    let question = format!("Password of {name}");
                    Some((name.to_owned(), password(asking, args, "smtp-password-file", file, &question, false)?))
                }
            };
            Ok(MailAccount::Other { imap, smtp: MailServer { host, port, tls, login } })
        }
    }
}

/// Whom the mailbox believes: what flags say, else what a mail that came in tells. Nobody, where there is no such mail yet.
fn trust(asking: &Asking, args: &InitArgs) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    if !args.trusted_host.is_empty() || !args.authserv_id.is_empty() {
        return Ok((args.trusted_host.clone(), args.authserv_id.clone()));
    }
    let given = args.mail.as_deref().map(|file| file.to_string_lossy().into_owned());
    let question = "A mail that came in from outside, saved as a file, to read off whom to trust, or none";
    let advice = asking.answer(("mail", given.as_deref()), question, Some("none"), |text| match text {
        "none" => Ok(None),
        file => advice_of(Path::new(file)).map(Some),
    })?;
    Ok(advice.map(|advice| (advice.trusted_hosts, advice.authserv_ids)).unwrap_or_default())
}

/// What a mail tells, with its warnings said; refused where it tells nothing.
fn advice_of(file: &Path) -> Result<Advice, String> {
    let raw = std::fs::read(file).map_err(|error| format!("{} can't be read: {error}", file.display()))?;
    let advice = advise(&raw);
    if advice.trusted_hosts.is_empty() {
        return Err(advice.warnings.join("; "));
    }
    for warning in &advice.warnings {
        output::complain(&format!("note: {warning}"));
    }
    Ok(advice)
}

/// The file of a secret: one that is there and good, or one that is to be written.
fn password(
    asking: &Asking,
    args: &InitArgs,
    flag: &str,
    file: PathBuf,
    question: &str,
    is_stdin: bool,
) -> anyhow::Result<PasswordPlace> {
    let file = std::path::absolute(file)?;
    if file.exists() {
        SecretSource::File(file.clone()).read()?;
        return Ok(PasswordPlace::File(file, None));
    }
    if args.dry_run {
        return Ok(PasswordPlace::File(file, None));
    }
    let text = if is_stdin {
        secret_from_stdin()?
    } else if asking.is_possible() {
        asking.secret(flag, question)?
    } else {
        bail!("--{flag}: {} is not there: write the secret in it and chmod 600 it", file.display());
    };
    Ok(PasswordPlace::File(file.clone(), Some(NewSecret { file, text })))
}

fn server(
    asking: &Asking,
    (flag, given, tls_flag, tls): (&str, Option<&str>, &str, Option<&str>),
    what: &str,
    default: &str,
) -> anyhow::Result<(String, Option<u16>, &'static str)> {
    let (host, port) =
        asking.answer((flag, given), &format!("{what}, host or host:port"), Some(default), host_and_port)?;
    let question = format!("Encryption of the {what}: implicit, starttls, or none for this machine");
    let default = if host == "localhost" || host.starts_with("127.") { "none" } else { "implicit" };
    let tls = asking
        .answer((tls_flag, tls), &question, Some(default), |text| one_of(text, &["implicit", "starttls", "none"]))?;
    Ok((host, port, tls))
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port.parse().map_err(|_| format!("\"{port}\" is no port"))?)),
        None => (text, None),
    };
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if is_host { Ok((host.to_owned(), port)) } else { Err("a name such as imap.example.nl".to_owned()) }
}

fn one_of(text: &str, words: &[&'static str]) -> Result<&'static str, String> {
    let found = words.iter().find(|word| **word == text).copied();
    found.ok_or_else(|| format!("use {}", words.join(" or ")))
}

fn words(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("some words on one line".to_owned());
    }
    Ok(text.to_owned())
}

fn tongue(text: &str) -> Result<Language, String> {
    one_of(text, &["nl", "en"]).and_then(|code| Language::new(code).map_err(|e| e.to_string()))
}

fn address(text: &str) -> Result<Address, String> {
    Address::new(text.trim()).map_err(|e| e.to_string())
}

/// `Name <address>`; a person without a name would be nobody in letters.
fn person(text: &str) -> Result<NamedAddress, String> {
    let form = || "write it as Name <address>".to_owned();
    let (name, rest) = text.split_once('<').ok_or_else(form)?;
    let inner = rest.trim().strip_suffix('>').ok_or_else(form)?;
    let named = NamedAddress::new(name.trim().trim_matches('"'), address(inner)?);
    if named.name.is_empty() { Err(form()) } else { Ok(named) }
}

/// The first letters of a name, as a proposal.
fn code_of(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).take(3).collect::<String>().to_ascii_uppercase()
}

/// This machine's zone; a server on UTC does not tell where its people are.
fn home_zone(language: Language) -> String {
    let own = jiff::tz::TimeZone::system().iana_name().map(str::to_owned);
    let default = if language.code() == "nl" { "Europe/Amsterdam" } else { "Europe/London" };
    own.filter(|name| !name.starts_with("Etc/") && name != "UTC").unwrap_or_else(|| default.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_people_write_them() {
        let named = person("\"Joost de Wit\" <joost@dewit.example>").unwrap();
        assert_eq!((named.name.as_str(), named.address.as_str()), ("Joost de Wit", "joost@dewit.example"));
        assert!(person("joost@dewit.example").is_err() && person("<joost@dewit.example>").is_err());
        assert_eq!(host_and_port("imap.x.example:1143").unwrap(), ("imap.x.example".to_owned(), Some(1143)));
        assert_eq!(host_and_port("imap.x.example").unwrap().1, None);
        assert!(host_and_port("imap:x").is_err() && host_and_port("a b").is_err());
        assert_eq!(code_of("'t Lindeboom"), "TLI");
        assert!(words("a\nb").is_err() && words(" ").is_err());
    }
}
