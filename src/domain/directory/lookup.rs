//! The directory in memory, and the questions that the rules ask of it.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::contract::Contract;
use super::item::{BadItem, ItemKind, Noun, StoredItem};
use super::nouns::{Card, Client, ClosedPeriod, Expert, Monitor, Person, Position, PositionRole, Supplier};
use crate::domain::address::Address;
use crate::domain::calendar::{CalendarDeclaration, ServiceCalendar};
use crate::domain::names::{CalendarKey, ClientCode, Language, PersonKey, SupplierKey};

/// A thing that held until a moment. What was ended is kept, since a mail is judged by its receipt.
#[derive(Debug, Clone)]
struct Dated<T> {
    value: T,
    ended_at: Option<Timestamp>,
}

/// The declared world of one desk. Made whole from the store and never changed: a changed world is a new value.
#[derive(Debug, Clone)]
pub struct Directory {
    desk_zone: TimeZone,
    experts: HashMap<PersonKey, Expert>,
    persons: HashMap<PersonKey, Person>,
    clients: HashMap<ClientCode, Client>,
    calendars: HashMap<CalendarKey, CalendarDeclaration>,
    /// With the closures of the desk.
    service_calendars: HashMap<CalendarKey, ServiceCalendar>,
    closures: Vec<ClosedPeriod>,
    /// The calendars of the clients that have closures of their own, with all closures.
    client_calendars: HashMap<ClientCode, HashMap<CalendarKey, ServiceCalendar>>,
    suppliers: HashMap<SupplierKey, Supplier>,
    monitors: Vec<Monitor>,
    cards: HashMap<ClientCode, Vec<Card>>,
    contracts: HashMap<ClientCode, Vec<Dated<Contract>>>,
    positions: Vec<Dated<Position>>,
    /// Places in `positions` by client; of the desk's own under none.
    positions_by_client: HashMap<Option<ClientCode>, Vec<usize>>,
    /// Places in `positions` by holder and deputy.
    positions_by_person: HashMap<PersonKey, Vec<usize>>,
    support_addresses: HashMap<Address, ClientCode>,
    former_names: HashMap<PersonKey, String>,
    owners: HashMap<Address, Owner>,
    client_domains: HashMap<String, Vec<ClientCode>>,
    supplier_domains: HashMap<String, SupplierKey>,
}

/// Whose an address is, by key.
#[derive(Debug, Clone)]
enum Owner {
    Expert(PersonKey),
    Person(PersonKey),
    Client(ClientCode),
    Supplier(SupplierKey),
    Monitor(usize),
}

/// Whose an address is. It says nothing of proof: a From header is not yet a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressOwner<'a> {
    /// An expert of the desk.
    Expert(&'a Expert),
    /// A person of a client, by name.
    Person(&'a Person),
    /// Nobody known by name, at these clients' domain or single addresses. More than one: they share the domain.
    AtClients(Vec<&'a Client>),
    /// A supplier.
    Supplier(&'a Supplier),
    /// A monitor.
    Monitor(&'a Monitor),
    /// None of the directory.
    Stranger,
}

/// A person or an expert, where it does not matter which: the holder of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Human<'a> {
    /// Their key.
    pub key: &'a PersonKey,
    /// Their name.
    pub name: &'a str,
    /// Their addresses, the first is written to.
    pub addresses: &'a [Address],
    /// The language of letters to them.
    pub language: Language,
}

/// Somebody who may act by a position at the moment asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding<'a> {
    /// Who.
    pub human: Human<'a>,
    /// By which position.
    pub position: &'a Position,
    /// Whether as the holder's deputy.
    pub is_deputy: bool,
}

impl Directory {
    /// Makes the directory of one desk from all its items, ended ones too: a position or contract that was ended
    /// still counts for mail received before. `desk_zone` is the desk's own, for positions without a client.
    ///
    /// # Errors
    /// [`BadItem`] for a body that can't be read. References are not checked here, but when a file is read.
    pub fn from_items(items: &[StoredItem], desk_zone: TimeZone) -> Result<Self, BadItem> {
        let mut directory = Self::empty(desk_zone);
        for stored in items {
            directory.add(stored)?;
        }
        directory.close();
        directory.index();
        Ok(directory)
    }

    /// A directory without anybody.
    #[must_use]
    pub fn empty(desk_zone: TimeZone) -> Self {
        Self {
            desk_zone,
            experts: HashMap::new(),
            persons: HashMap::new(),
            clients: HashMap::new(),
            calendars: HashMap::new(),
            service_calendars: HashMap::new(),
            closures: Vec::new(),
            client_calendars: HashMap::new(),
            suppliers: HashMap::new(),
            monitors: Vec::new(),
            cards: HashMap::new(),
            contracts: HashMap::new(),
            positions: Vec::new(),
            positions_by_client: HashMap::new(),
            positions_by_person: HashMap::new(),
            support_addresses: HashMap::new(),
            former_names: HashMap::new(),
            owners: HashMap::new(),
            client_domains: HashMap::new(),
            supplier_domains: HashMap::new(),
        }
    }

    /// The client of that code.
    #[must_use]
    pub fn client(&self, code: &ClientCode) -> Option<&Client> {
        self.clients.get(code)
    }

    /// All clients, by code.
    #[must_use]
    pub fn clients(&self) -> Vec<&Client> {
        sorted(self.clients.values(), |client| client.code.as_str())
    }

    /// The expert of that key.
    #[must_use]
    pub fn expert(&self, key: &PersonKey) -> Option<&Expert> {
        self.experts.get(key)
    }

    /// All experts, by key.
    #[must_use]
    pub fn experts(&self) -> Vec<&Expert> {
        sorted(self.experts.values(), |expert| expert.key.as_str())
    }

    /// The person of that key.
    #[must_use]
    pub fn person(&self, key: &PersonKey) -> Option<&Person> {
        self.persons.get(key)
    }

    /// All persons who belong to a client, by key.
    #[must_use]
    pub fn persons_of(&self, client: &ClientCode) -> Vec<&Person> {
        sorted(self.persons.values().filter(|person| person.client == *client), |person| person.key.as_str())
    }

    /// The person or expert of that key.
    #[must_use]
    pub fn human(&self, key: &PersonKey) -> Option<Human<'_>> {
        if let Some(Expert { key, name, addresses, language, .. }) = self.experts.get(key) {
            return Some(Human { key, name, addresses, language: *language });
        }
        let Person { key, name, addresses, .. } = self.persons.get(key)?;
        Some(Human { key, name, addresses, language: self.language_of(key) })
    }

    /// The name of a person or expert, also of one who was ended since: old cases still print it.
    #[must_use]
    pub fn name_of(&self, key: &PersonKey) -> Option<&str> {
        self.human(key).map(|human| human.name).or_else(|| self.former_names.get(key).map(String::as_str))
    }

    /// The language of letters to a person or expert: their own, else their client's, else English.
    #[must_use]
    pub fn language_of(&self, key: &PersonKey) -> Language {
        if let Some(expert) = self.experts.get(key) {
            return expert.language;
        }
        let person = self.persons.get(key);
        person
            .and_then(|p| p.language.or_else(|| self.clients.get(&p.client).map(|c| c.language)))
            .unwrap_or(Language::EN)
    }

    /// The languages in which people are to be written to, each with whose it is, such as `client "AMR"`.
    #[must_use]
    pub fn languages(&self) -> Vec<(String, Language)> {
        let clients = self.clients.values().map(|client| (format!("client \"{}\"", client.code), client.language));
        let experts = self.experts.values().map(|expert| (format!("expert \"{}\"", expert.key), expert.language));
        let persons = self.persons.values();
        let persons = persons.filter_map(|person| Some((format!("person \"{}\"", person.key), person.language?)));
        let mut all: Vec<_> = clients.chain(experts).chain(persons).collect();
        all.sort();
        all
    }

    /// The supplier of that key.
    #[must_use]
    pub fn supplier(&self, key: &SupplierKey) -> Option<&Supplier> {
        self.suppliers.get(key)
    }

    /// The declaration of a service calendar.
    #[must_use]
    pub fn calendar(&self, key: &CalendarKey) -> Option<&CalendarDeclaration> {
        self.calendars.get(key)
    }

    /// The closures of the desk and of its clients, by first day.
    #[must_use]
    pub fn closures(&self) -> &[ClosedPeriod] {
        &self.closures
    }

    /// A service calendar as it holds for a client: with the closures of the desk and the client's own.
    #[must_use]
    pub fn calendar_for(&self, client: &ClientCode, key: &CalendarKey) -> Option<&ServiceCalendar> {
        let own = self.client_calendars.get(client).and_then(|calendars| calendars.get(key));
        own.or_else(|| self.service_calendars.get(key))
    }

    /// A service calendar with the closures of the desk, ready to be asked.
    #[must_use]
    pub fn service_calendar(&self, key: &CalendarKey) -> Option<&ServiceCalendar> {
        self.service_calendars.get(key)
    }

    /// All service calendars, by key.
    #[must_use]
    pub fn calendars(&self) -> Vec<&CalendarDeclaration> {
        sorted(self.calendars.values(), |calendar| calendar.key.as_str())
    }

    /// The strip cards of a client, as declared.
    #[must_use]
    pub fn cards_of(&self, client: &ClientCode) -> Vec<&Card> {
        self.cards.get(client).map_or_else(Vec::new, |cards| cards.iter().collect())
    }

    /// Whose an address is. Single addresses come before domains, clients' domains before suppliers'.
    #[must_use]
    pub fn owner_of(&self, address: &Address) -> AddressOwner<'_> {
        let found = self.owners.get(address).and_then(|owner| match owner {
            Owner::Expert(key) => self.experts.get(key).map(AddressOwner::Expert),
            Owner::Person(key) => self.persons.get(key).map(AddressOwner::Person),
            Owner::Client(code) => self.clients.get(code).map(|client| AddressOwner::AtClients(vec![client])),
            Owner::Supplier(key) => self.suppliers.get(key).map(AddressOwner::Supplier),
            Owner::Monitor(index) => self.monitors.get(*index).map(AddressOwner::Monitor),
        });
        if let Some(owner) = found {
            return owner;
        }
        if let Some(codes) = by_domain(&self.client_domains, address) {
            return AddressOwner::AtClients(codes.iter().filter_map(|code| self.clients.get(code)).collect());
        }
        let supplier = by_domain(&self.supplier_domains, address).and_then(|key| self.suppliers.get(key));
        supplier.map_or(AddressOwner::Stranger, AddressOwner::Supplier)
    }

    /// The person with that address.
    #[must_use]
    pub fn person_by_address(&self, address: &Address) -> Option<&Person> {
        if let AddressOwner::Person(person) = self.owner_of(address) { Some(person) } else { None }
    }

    /// The expert with that address.
    #[must_use]
    pub fn expert_by_address(&self, address: &Address) -> Option<&Expert> {
        if let AddressOwner::Expert(expert) = self.owner_of(address) { Some(expert) } else { None }
    }

    /// The supplier with that address or domain.
    #[must_use]
    pub fn supplier_by_address(&self, address: &Address) -> Option<&Supplier> {
        if let AddressOwner::Supplier(supplier) = self.owner_of(address) { Some(supplier) } else { None }
    }

    /// The monitor with that address.
    #[must_use]
    pub fn monitor_by_address(&self, address: &Address) -> Option<&Monitor> {
        if let AddressOwner::Monitor(monitor) = self.owner_of(address) { Some(monitor) } else { None }
    }

    /// The clients whose domain (or a domain above it) or single address this is, whoever writes from it.
    #[must_use]
    pub fn clients_by_domain(&self, address: &Address) -> Vec<&Client> {
        if let Some(Owner::Client(code)) = self.owners.get(address) {
            return self.clients.get(code).into_iter().collect();
        }
        let codes = by_domain(&self.client_domains, address).map_or(&[][..], Vec::as_slice);
        codes.iter().filter_map(|code| self.clients.get(code)).collect()
    }

    /// The client to whose own support or incident address a mail was sent.
    #[must_use]
    pub fn client_by_support_address(&self, address: &Address) -> Option<&Client> {
        self.clients.get(self.support_addresses.get(address)?)
    }

    /// The contract of a client that holds at a moment.
    #[must_use]
    pub fn contract(&self, client: &ClientCode, at: Timestamp) -> Option<&Contract> {
        let zone = self.zone_of(Some(client));
        let is_valid =
            |dated: &&Dated<Contract>| dated.is_held_at(at) && is_within(dated.value.start, dated.value.end, at, zone);
        self.contracts.get(client)?.iter().rev().find(is_valid).map(|dated| &dated.value)
    }

    /// The contract of a client that holds at a moment, else the one that ended last before it: what was agreed on time
    /// and strips holds for what is booked and told afterwards, too.
    #[must_use]
    pub fn contract_or_last(&self, client: &ClientCode, at: Timestamp) -> Option<&Contract> {
        let day = self.zone_of(Some(client)).to_datetime(at).date();
        let last = || {
            let begun = self.contracts.get(client)?.iter().filter(|dated| dated.value.start <= day);
            // Of several declarations of one contract the newest stands last.
            begun.max_by_key(|dated| dated.value.start).map(|dated| &dated.value)
        };
        self.contract(client, at).or_else(last)
    }

    /// What a human may do at a moment: every position they hold or are a deputy in.
    #[must_use]
    pub fn positions_of(&self, key: &PersonKey, at: Timestamp) -> Vec<Holding<'_>> {
        let valid = self.valid_positions(at, self.positions_by_person.get(key), |_| true);
        self.holdings(valid).into_iter().filter(|holding| holding.human.key == key).collect()
    }

    /// Who may act as coordinator of a client at a moment: holders first, then deputies in their order.
    #[must_use]
    pub fn coordinators(&self, client: &ClientCode, at: Timestamp) -> Vec<Holding<'_>> {
        self.holders(PositionRole::Coordinator, Some(client), at)
    }

    /// The clients for which a human may act as coordinator at a moment, by code.
    #[must_use]
    pub fn coordinated_by(&self, key: &PersonKey, at: Timestamp) -> Vec<&Client> {
        let places = self.positions_by_person.get(key);
        let valid = self.valid_positions(at, places, |position| position.role == PositionRole::Coordinator);
        let own = self.holdings(valid).into_iter().filter(|holding| holding.human.key == key);
        let clients = own.filter_map(|holding| self.clients.get(holding.position.client.as_ref()?));
        let mut clients = sorted(clients, |client| client.code.as_str());
        clients.dedup_by_key(|client| client.code.as_str());
        clients
    }

    /// Who may decide on a client's major changes at a moment: holders first, then deputies.
    #[must_use]
    pub fn functional_administrators(&self, client: &ClientCode, at: Timestamp) -> Vec<Holding<'_>> {
        self.holders(PositionRole::FunctionalAdministrator, Some(client), at)
    }

    /// The desk's duty managers at a moment: holders first, then deputies.
    #[must_use]
    pub fn duty_managers(&self, at: Timestamp) -> Vec<Holding<'_>> {
        self.holders(PositionRole::DutyManager, None, at)
    }

    /// The desk's duty manager at a moment.
    #[must_use]
    pub fn duty_manager(&self, at: Timestamp) -> Option<Human<'_>> {
        self.duty_managers(at).first().map(|holding| holding.human)
    }

    /// Whether an expert has a client's cases by a lead-expert position, their own or as a deputy in it.
    #[must_use]
    pub fn leads_by_position(&self, client: &ClientCode, expert: &PersonKey, at: Timestamp) -> bool {
        self.holders(PositionRole::LeadExpert, Some(client), at).iter().any(|holding| holding.human.key == expert)
    }

    /// The experts for a client's new cases, in the order in which they are asked: by a lead-expert position, the
    /// client's `lead_expert`, the deputies of these, the duty managers. Each is named once.
    #[must_use]
    pub fn lead_experts(&self, client: &ClientCode, at: Timestamp) -> Vec<&Expert> {
        let leads = self.holders(PositionRole::LeadExpert, Some(client), at);
        let keys = |is_deputy: bool| leads.iter().filter(move |h| h.is_deputy == is_deputy).map(|h| h.human.key);
        let mut chain: Vec<&PersonKey> = keys(false).collect();
        chain.extend(self.clients.get(client).and_then(|c| c.lead_expert.as_ref()));
        let first_choice = chain.len();
        chain.extend(keys(true));
        let deputies: Vec<_> = chain[..first_choice]
            .iter()
            .filter_map(|key| self.experts.get(*key).and_then(|expert| expert.deputy.as_ref()))
            .collect();
        chain.extend(deputies);
        let duty = self.duty_managers(at);
        chain.extend(duty.iter().map(|holding| holding.human.key));
        let mut experts: Vec<&Expert> = Vec::new();
        for key in chain {
            if let Some(expert) = self.experts.get(key)
                && !experts.contains(&expert)
            {
                experts.push(expert);
            }
        }
        experts
    }

    fn holders(&self, role: PositionRole, client: Option<&ClientCode>, at: Timestamp) -> Vec<Holding<'_>> {
        let of_client = self.positions_by_client.get(&client.cloned());
        self.holdings(self.valid_positions(at, of_client, |position| position.role == role))
    }

    /// The positions at these places which hold. Days in the client's zone are dear, so they are asked last.
    fn valid_positions(
        &self,
        at: Timestamp,
        places: Option<&Vec<usize>>,
        is_asked: impl Fn(&Position) -> bool,
    ) -> Vec<&Position> {
        let is_valid = |dated: &&Dated<Position>| {
            let Position { from, until, client, .. } = &dated.value;
            is_asked(&dated.value)
                && dated.is_held_at(at)
                && is_within(*from, *until, at, self.zone_of(client.as_ref()))
        };
        let asked = places.into_iter().flatten().filter_map(|place| self.positions.get(*place));
        asked.filter(is_valid).map(|dated| &dated.value).collect()
    }

    /// Holders first, then deputies; nobody twice by the same position.
    fn holdings<'a>(&'a self, positions: Vec<&'a Position>) -> Vec<Holding<'a>> {
        let holder =
            |position: &'a Position| Some(Holding { human: self.human(&position.holder)?, position, is_deputy: false });
        let mut all: Vec<_> = positions.iter().filter_map(|position| holder(position)).collect();
        for position in positions {
            let deputies = position.deputies.iter().filter(|key| **key != position.holder);
            all.extend(deputies.filter_map(|key| Some(Holding { human: self.human(key)?, position, is_deputy: true })));
        }
        all
    }

    fn zone_of(&self, client: Option<&ClientCode>) -> &TimeZone {
        client.and_then(|code| self.clients.get(code)).map_or(&self.desk_zone, |client| client.time_zone.time_zone())
    }

    fn add(&mut self, stored: &StoredItem) -> Result<(), BadItem> {
        let StoredItem { item, ended_at, .. } = stored;
        let ended_at = *ended_at;
        match item.kind {
            ItemKind::Contract => {
                let value = Contract::from_item(item)?;
                self.contracts.entry(value.client.clone()).or_default().push(Dated { value, ended_at });
            }
            ItemKind::Position => self.positions.push(Dated { value: Noun::from_item(item)?, ended_at }),
            ItemKind::Expert => {
                let value = Expert::from_item(item)?;
                self.former_names.insert(value.key.clone(), value.name.clone());
                if ended_at.is_none() {
                    self.experts.insert(value.key.clone(), value);
                }
            }
            ItemKind::Person => {
                let value = Person::from_item(item)?;
                self.former_names.insert(value.key.clone(), value.name.clone());
                if ended_at.is_none() {
                    self.persons.insert(value.key.clone(), value);
                }
            }
            _ if ended_at.is_some() => {}
            ItemKind::Calendar => {
                let value = CalendarDeclaration::from_item(item)?;
                let service = ServiceCalendar::try_from(value.clone()).map_err(|fault| BadItem {
                    kind: item.kind,
                    key: item.key.clone(),
                    why: fault.to_string(),
                })?;
                self.service_calendars.insert(value.key.clone(), service);
                self.calendars.insert(value.key.clone(), value);
            }
            ItemKind::Closure => self.closures.push(Noun::from_item(item)?),
            ItemKind::Client => {
                let value = Client::from_item(item)?;
                self.clients.insert(value.code.clone(), value);
            }
            ItemKind::Supplier => {
                let value = Supplier::from_item(item)?;
                self.suppliers.insert(value.key.clone(), value);
            }
            ItemKind::Monitor => self.monitors.push(Noun::from_item(item)?),
            ItemKind::Card => {
                let value: Card = Noun::from_item(item)?;
                self.cards.entry(value.client.clone()).or_default().push(value);
            }
        }
        Ok(())
    }

    /// Closes the calendars on the days of the closures, once for all questions.
    fn close(&mut self) {
        self.closures.sort_by(|a, b| a.from.cmp(&b.from).then_with(|| a.client.cmp(&b.client)));
        for calendar in self.service_calendars.values_mut() {
            let of_desk = self.closures.iter().filter(|closure| closure.client.is_none());
            if let Some(closed) = closed_during(calendar, of_desk) {
                *calendar = closed;
            }
        }
        let clients: HashSet<&ClientCode> =
            self.closures.iter().filter_map(|closure| closure.client.as_ref()).collect();
        for client in clients {
            let own = || self.closures.iter().filter(|closure| closure.client.as_ref() == Some(client));
            let closed = self
                .service_calendars
                .iter()
                .filter_map(|(key, calendar)| Some((key.clone(), closed_during(calendar, own())?)));
            self.client_calendars.insert(client.clone(), closed.collect());
        }
    }

    /// Fills the address tables: the least telling first, so that a named person stands above their client's list.
    fn index(&mut self) {
        for client in self.clients.values() {
            for domain in &client.domains {
                self.client_domains.entry(domain.as_str().to_owned()).or_default().push(client.code.clone());
            }
            let owner = Owner::Client(client.code.clone());
            self.owners.extend(client.addresses.iter().map(|address| (address.clone(), owner.clone())));
        }
        for client in sorted(self.clients.values(), |client| client.code.as_str()).into_iter().rev() {
            let own = client.support_address.iter().chain(&client.incident_address);
            self.support_addresses.extend(own.map(|address| (address.clone(), client.code.clone())));
        }
        self.client_domains.values_mut().for_each(|codes| codes.sort());
        for supplier in self.suppliers.values() {
            let domains = supplier.domains.iter().map(|domain| (domain.as_str().to_owned(), supplier.key.clone()));
            self.supplier_domains.extend(domains);
            let owner = Owner::Supplier(supplier.key.clone());
            self.owners.extend(supplier.addresses.iter().map(|address| (address.clone(), owner.clone())));
        }
        for person in self.persons.values() {
            let owner = Owner::Person(person.key.clone());
            self.owners.extend(person.addresses.iter().map(|address| (address.clone(), owner.clone())));
        }
        for expert in self.experts.values() {
            let owner = Owner::Expert(expert.key.clone());
            self.owners.extend(expert.addresses.iter().map(|address| (address.clone(), owner.clone())));
        }
        for (index, monitor) in self.monitors.iter().enumerate() {
            self.owners.insert(monitor.address.clone(), Owner::Monitor(index));
        }
        self.positions
            .sort_by(|a, b| a.value.from.cmp(&b.value.from).then_with(|| a.value.holder.cmp(&b.value.holder)));
        for (place, Dated { value, .. }) in self.positions.iter().enumerate() {
            self.positions_by_client.entry(value.client.clone()).or_default().push(place);
            let people: HashSet<&PersonKey> = std::iter::once(&value.holder).chain(&value.deputies).collect();
            for person in people {
                self.positions_by_person.entry(person.clone()).or_default().push(place);
            }
        }
        self.contracts.values_mut().for_each(|list| list.sort_by_key(|dated| dated.value.start));
    }
}

impl<T> Dated<T> {
    fn is_held_at(&self, at: Timestamp) -> bool {
        self.ended_at.is_none_or(|ended_at| at < ended_at)
    }
}

/// The calendar closed on the days of those closures that close it; nothing where none does.
pub(super) fn closed_during<'a>(
    calendar: &ServiceCalendar,
    closures: impl Iterator<Item = &'a ClosedPeriod>,
) -> Option<ServiceCalendar> {
    let days_off: Vec<_> = closures.filter(|it| it.closes(calendar)).map(ClosedPeriod::day_off).collect();
    (!days_off.is_empty()).then(|| calendar.closed_during(&days_off))
}

/// Whether a moment lies between the start of the first day and the end of the last one in a zone.
fn is_within(first: Date, last: Option<Date>, at: Timestamp, zone: &TimeZone) -> bool {
    let day = zone.to_datetime(at).date();
    first <= day && last.is_none_or(|last| day <= last)
}

/// What is known for the address's domain, else for the nearest domain above it.
fn by_domain<'a, T>(domains: &'a HashMap<String, T>, address: &Address) -> Option<&'a T> {
    let mut domain = address.domain();
    loop {
        if let Some(found) = domains.get(domain) {
            return Some(found);
        }
        domain = domain.split_once('.')?.1;
    }
}

fn sorted<'a, T>(all: impl Iterator<Item = &'a T>, key: impl Fn(&'a T) -> &'a str) -> Vec<&'a T> {
    let mut all: Vec<&T> = all.collect();
    all.sort_by_key(|one| key(one));
    all
}
