//! `casepost person`, `position` and `client`: who there is, and who may decide what.

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::desk::import::{By, World};
use crate::domain::address::Address;
use crate::domain::directory::{
    Declarations, Directory, Holding, ItemKind, Person, Position, PositionRole, StoredItem,
};
use crate::domain::names::{ClientCode, Language, PersonKey};
use crate::templates::Templates;

use super::opened::{Opened, actor};
use super::output::{self, or_dash, short};
use super::{Form, Reason};

/// What to do with people.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Add somebody at a client.
    Add {
        /// Their key: 1 to 40 of a-z, 0-9 and -.
        #[arg(value_parser = |text: &str| PersonKey::new(text))]
        key: PersonKey,
        /// The client they belong to.
        #[arg(long, value_parser = |text: &str| ClientCode::new(text))]
        client: ClientCode,
        /// The name as letters print it.
        #[arg(long)]
        name: String,
        /// An address they write from; may be given several times, letters go to the first.
        #[arg(long = "address", value_name = "ADDRESS", required = true, value_parser = |text: &str| Address::new(text))]
        addresses: Vec<Address>,
        /// The language of letters to them; default: the client's.
        #[arg(long, value_parser = Language::new)]
        language: Option<Language>,
        #[command(flatten)]
        reason: Reason,
    },
    /// The people at the clients.
    List {
        /// Only this client's.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        #[command(flatten)]
        form: Form,
    },
}

/// What to do with positions.
#[derive(Debug, Subcommand)]
pub enum PositionCommand {
    /// Who may decide what, from when to when.
    List {
        /// Only this client's.
        #[arg(value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        #[command(flatten)]
        form: Form,
    },
    /// Another person takes a position over: the old holder's ends the day before.
    HandOver {
        /// Which position.
        role: RoleArg,
        /// The client; a duty manager has none.
        #[arg(long, value_parser = |text: &str| ClientCode::new(text))]
        client: Option<ClientCode>,
        /// The present holder; needed only where several hold it.
        #[arg(long = "from-person", value_name = "KEY", value_parser = |text: &str| PersonKey::new(text))]
        from_person: Option<PersonKey>,
        /// Who takes over.
        #[arg(long, value_name = "KEY", value_parser = |text: &str| PersonKey::new(text))]
        to: PersonKey,
        /// The new holder's first day, such as 2026-03-01.
        #[arg(long, value_name = "DAY")]
        on: Date,
        /// A deputy of the new holder; may be given several times.
        #[arg(long = "deputy", value_name = "KEY", value_parser = |text: &str| PersonKey::new(text))]
        deputies: Vec<PersonKey>,
        #[command(flatten)]
        reason: Reason,
    },
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// The organisations with a contract.
    List {
        #[command(flatten)]
        form: Form,
    },
}

/// A position by the word of the directory file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleArg {
    /// The client's single point of definition.
    Coordinator,
    /// Decides on major changes.
    FunctionalAdministrator,
    /// Gets the client's new cases.
    LeadExpert,
    /// Is alarmed when nobody else is.
    DutyManager,
}

impl From<RoleArg> for PositionRole {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Coordinator => PositionRole::Coordinator,
            RoleArg::FunctionalAdministrator => PositionRole::FunctionalAdministrator,
            RoleArg::LeadExpert => PositionRole::LeadExpert,
            RoleArg::DutyManager => PositionRole::DutyManager,
        }
    }
}

/// Does what the command says.
pub async fn person(opened: &Opened, command: PersonCommand) -> anyhow::Result<()> {
    match command {
        PersonCommand::Add { key, client, name, addresses, language, reason } => {
            let person = Person { key: key.clone(), client, further_clients: Vec::new(), name, addresses, language };
            let taken = opened.items().await?;
            if taken
                .iter()
                .any(|s| s.ended_at.is_none() && s.item.kind == ItemKind::Person && s.item.key == key.as_str())
            {
                bail!("person \"{key}\" is there already: choose another key, or change the directory file");
            }
            if let Some(language) = language {
                let templates = Templates::load(opened.desk.templates.as_deref())?;
                templates.check_languages([(format!("person \"{key}\""), language)]).map_err(anyhow::Error::msg)?;
            }
            let mut declared = Declarations::empty(opened.desk.code.clone());
            declared.persons.push(person);
            declare(opened, &declared, reason, &format!("person \"{key}\" is not added")).await
        }
        PersonCommand::List { client, form } => list_persons(opened, client.as_ref(), form).await,
    }
}

/// Does what the command says.
pub async fn position(opened: &Opened, command: PositionCommand) -> anyhow::Result<()> {
    match command {
        PositionCommand::List { client, form } => list_positions(opened, client.as_ref(), form).await,
        PositionCommand::HandOver { role, client, from_person, to, on, deputies, reason } => {
            let wanted = Wanted { role: role.into(), client, holder: from_person, on };
            hand_over(opened, &wanted, to, deputies, reason).await
        }
    }
}

/// Does what the command says.
pub async fn client(opened: &Opened, command: ClientCommand) -> anyhow::Result<()> {
    let ClientCommand::List { form } = command;
    let directory = opened.directory().await?;
    if form.json {
        return output::say_json(&directory.clients());
    }
    let now = opened.now();
    let names = |holdings: Vec<Holding<'_>>| {
        let own = holdings.iter().filter(|holding| !holding.is_deputy).map(|holding| holding.human.name);
        own.collect::<Vec<_>>().join(", ")
    };
    let mut table = output::table(&["code", "name", "plan", "language", "coordinator", "lead expert"]);
    for client in directory.clients() {
        let plan = directory.contract(&client.code, now).map(|contract| word(&contract.plan));
        let experts: Vec<_> = directory.lead_experts(&client.code, now).iter().map(|e| e.name.clone()).collect();
        table.add_row(vec![
            client.code.to_string(),
            client.name.clone(),
            or_dash(plan),
            client.language.to_string(),
            names(directory.coordinators(&client.code, now)),
            experts.join(", "),
        ]);
    }
    output::say_table(&table, "No clients: import a directory file.");
    Ok(())
}

async fn list_persons(opened: &Opened, client: Option<&ClientCode>, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    let mut persons: Vec<&Person> = match client {
        Some(client) => directory.persons_of(client),
        None => directory.clients().iter().flat_map(|client| directory.persons_of(&client.code)).collect(),
    };
    persons.sort_by(|one, other| (&one.client, &one.key).cmp(&(&other.client, &other.key)));
    persons.dedup_by(|one, other| one.key == other.key);
    if form.json {
        return output::say_json(&persons);
    }
    let mut table = output::table(&["key", "client", "name", "addresses", "language"]);
    for person in persons {
        let addresses: Vec<&str> = person.addresses.iter().map(Address::as_str).collect();
        table.add_row(vec![
            person.key.to_string(),
            person.client.to_string(),
            person.name.clone(),
            addresses.join("\n"),
            directory.language_of(&person.key).to_string(),
        ]);
    }
    output::say_table(&table, "Nobody.");
    Ok(())
}

async fn list_positions(opened: &Opened, client: Option<&ClientCode>, form: Form) -> anyhow::Result<()> {
    let directory = opened.directory().await?;
    let items = opened.items().await?;
    let positions: Vec<Position> = living_positions(&items)?
        .into_iter()
        .filter(|position| client.is_none_or(|client| position.client.as_ref() == Some(client)))
        .collect();
    if form.json {
        return output::say_json(&positions);
    }
    let mut table = output::table(&["role", "client", "holder", "from", "until", "deputies", "now"]);
    for position in &positions {
        let today = today(opened, &directory, position.client.as_ref());
        let now = match (position.from > today, position.until.is_some_and(|until| until < today)) {
            (true, _) => "to come",
            (_, true) => "ended",
            _ => "holds",
        };
        let deputies: Vec<&str> = position.deputies.iter().map(PersonKey::as_str).collect();
        table.add_row(vec![
            position.role.to_string(),
            or_dash(position.client.as_ref()),
            short(directory.name_of(&position.holder).unwrap_or(position.holder.as_str()), 30),
            position.from.to_string(),
            or_dash(position.until),
            deputies.join(", "),
            now.to_owned(),
        ]);
    }
    output::say_table(&table, "No positions.");
    Ok(())
}

/// The position that is to be handed over.
struct Wanted {
    role: PositionRole,
    client: Option<ClientCode>,
    holder: Option<PersonKey>,
    on: Date,
}

async fn hand_over(
    opened: &Opened,
    wanted: &Wanted,
    to: PersonKey,
    deputies: Vec<PersonKey>,
    reason: Reason,
) -> anyhow::Result<()> {
    let items = opened.items().await?;
    let old = held(&living_positions(&items)?, wanted)?;
    let Ok(last_day) = wanted.on.yesterday() else { bail!("{} has no day before it", wanted.on) };
    if last_day < old.from {
        bail!("{} holds it from {} on: the hand-over must be later", old.holder, old.from);
    }
    if old.holder == to {
        bail!("{to} holds it already");
    }
    let from_file = items.iter().find(|stored| stored.item.kind == ItemKind::Position && stored.item.key == old.key());
    let file = from_file.map(|stored| stored.source.clone()).filter(|source| source.contains('.'));
    let new = Position { holder: to, from: wanted.on, until: old.until, deputies, ..old.clone() };
    let ended = Position { until: Some(last_day), ..old };
    let mut declared = Declarations::empty(opened.desk.code.clone());
    declared.positions = vec![ended, new];
    declare(opened, &declared, reason, "the position is not handed over").await?;
    if let Some(file) = file {
        output::complain(&format!(
            "note: {file} declares the old position: write the same there, or the next import takes this back"
        ));
    }
    Ok(())
}

/// The one position that is meant: of that role and client, held on the day of the hand-over.
fn held(positions: &[Position], wanted: &Wanted) -> anyhow::Result<Position> {
    let is_meant = |position: &&Position| {
        position.role == wanted.role
            && position.client == wanted.client
            && position.until.is_none_or(|until| until >= wanted.on)
            && wanted.holder.as_ref().is_none_or(|holder| position.holder == *holder)
    };
    let meant: Vec<&Position> = positions.iter().filter(is_meant).collect();
    let of = wanted.client.as_ref().map_or_else(String::new, |client| format!(" of {client}"));
    match meant.as_slice() {
        [only] => Ok((*only).clone()),
        [] => bail!("nobody holds {}{of} on {}: see \"casepost position list\"", wanted.role, wanted.on),
        several => {
            let holders: Vec<&str> = several.iter().map(|position| position.holder.as_str()).collect();
            bail!("{}{of} is held by {}: say which with --from-person", wanted.role, holders.join(", "))
        }
    }
}

fn living_positions(items: &[StoredItem]) -> anyhow::Result<Vec<Position>> {
    items
        .iter()
        .filter(|stored| stored.ended_at.is_none() && stored.item.kind == ItemKind::Position)
        .map(|stored| {
            serde_json::from_value(stored.item.body.clone())
                .with_context(|| format!("position {} in the store can't be read", stored.item.key))
        })
        .collect()
}

async fn declare(opened: &Opened, declared: &Declarations, reason: Reason, failed: &str) -> anyhow::Result<()> {
    let by = By { actor: actor(), reason: reason.reason, at: opened.now() };
    let world = World { db: &opened.db, desk: &opened.desk.code, zone: opened.zone() };
    let done = world.declare(declared, &by).await.with_context(|| failed.to_owned())?;
    let difference = done.difference.to_string();
    output::say(if difference.is_empty() { "Nothing to do." } else { &difference });
    Ok(())
}

fn today(opened: &Opened, directory: &Directory, client: Option<&ClientCode>) -> Date {
    let zone = client.and_then(|client| directory.client(client)).map(|client| client.time_zone.time_zone().clone());
    opened.now().to_zoned_datetime(zone.unwrap_or_else(|| opened.zone().clone())).date()
}

/// The word by which a value is written in files.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
