//! What can be wrong in a desk's declared world, checked as a whole.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::contract::{Contract, Plan};
use super::declarations::Declarations;
use super::item::{ItemKind, Noun};
use super::lookup::closed_during;
use super::nouns::{ClosedPeriod, Position, PositionRole};
use super::values::Reader;
use crate::domain::address::Address;
use crate::domain::calendar::ServiceCalendar;
use crate::domain::near::nearest;

/// One fault or warning, at a thing of the declarations.
#[derive(Debug)]
pub(super) struct Finding {
    pub kind: ItemKind,
    /// Its place among the declarations of its kind.
    pub index: usize,
    /// The setting, where one alone is at fault.
    pub field: Option<&'static str>,
    pub what: String,
    pub is_warning: bool,
}

/// Checks everything that the types alone can't.
pub(super) fn check(all: &Declarations) -> Vec<Finding> {
    let mut check = Check { all, findings: vec![] };
    check.keys();
    check.addresses();
    check.domains();
    check.calendars();
    check.closures();
    check.references();
    check.deputies();
    check.contracts();
    check.positions();
    check.cards();
    check.coordinators();
    check.findings
}

struct Check<'a> {
    all: &'a Declarations,
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    fn fault(&mut self, kind: ItemKind, index: usize, field: impl Into<Option<&'static str>>, what: String) {
        self.findings.push(Finding { kind, index, field: field.into(), what, is_warning: false });
    }

    fn warn(&mut self, kind: ItemKind, index: usize, what: String) {
        self.findings.push(Finding { kind, index, field: None, what, is_warning: true });
    }

    /// A key names one thing of its kind, and one human among experts and persons.
    fn keys(&mut self) {
        let all = self.all;
        self.unique_keys(&all.experts);
        self.unique_keys(&all.calendars);
        self.unique_keys(&all.closures);
        self.unique_keys(&all.clients);
        self.unique_keys(&all.contracts);
        self.unique_keys(&all.persons);
        self.unique_keys(&all.positions);
        self.unique_keys(&all.suppliers);
        self.unique_keys(&all.monitors);
        self.unique_keys(&all.cards);
        for (index, person) in all.persons.iter().enumerate() {
            if all.experts.iter().any(|expert| expert.key == person.key) {
                let what = format!("person \"{}\" has the key of an expert: give the person another key", person.key);
                self.fault(ItemKind::Person, index, "key", what);
            }
        }
    }

    fn unique_keys<T: Noun>(&mut self, nouns: &[T]) {
        let mut seen = HashSet::new();
        for (index, noun) in nouns.iter().enumerate() {
            let key = noun.item_key();
            if seen.contains(&key) {
                let what = format!("{} \"{key}\" is declared twice: drop one, or give it another key", T::KIND);
                self.fault(T::KIND, index, None, what);
            }
            seen.insert(key);
        }
    }

    /// An address is one party's alone: it tells who writes.
    fn addresses(&mut self) {
        let all = self.all;
        let mut owners: HashMap<&'a Address, String> = HashMap::new();
        for (index, expert) in all.experts.iter().enumerate() {
            self.needs_address(ItemKind::Expert, index, expert.key.as_str(), &expert.addresses);
            self.claim(&mut owners, ItemKind::Expert, index, expert.key.as_str(), &expert.addresses);
        }
        for (index, person) in all.persons.iter().enumerate() {
            self.needs_address(ItemKind::Person, index, person.key.as_str(), &person.addresses);
            self.claim(&mut owners, ItemKind::Person, index, person.key.as_str(), &person.addresses);
        }
        for (index, supplier) in all.suppliers.iter().enumerate() {
            self.needs_address(ItemKind::Supplier, index, supplier.key.as_str(), &supplier.addresses);
            self.claim(&mut owners, ItemKind::Supplier, index, supplier.key.as_str(), &supplier.addresses);
        }
        for (index, monitor) in all.monitors.iter().enumerate() {
            self.claim(&mut owners, ItemKind::Monitor, index, monitor.key.as_str(), [&monitor.address]);
        }
        for (index, client) in all.clients.iter().enumerate() {
            let own = client.addresses.iter().chain(&client.support_address).chain(&client.incident_address);
            self.claim(&mut owners, ItemKind::Client, index, client.code.as_str(), own);
        }
    }

    fn needs_address(&mut self, kind: ItemKind, index: usize, key: &str, addresses: &[Address]) {
        if addresses.is_empty() {
            self.fault(kind, index, "addresses", format!("{kind} \"{key}\" has no address: name at least one"));
        }
    }

    fn claim(
        &mut self,
        owners: &mut HashMap<&'a Address, String>,
        kind: ItemKind,
        index: usize,
        key: &str,
        addresses: impl IntoIterator<Item = &'a Address>,
    ) {
        for address in addresses {
            let owner = format!("{kind} \"{key}\"");
            if let Some(other) = owners.get(address) {
                let what = format!(
                    "{owner}: {address} is the address of {other} too: an address tells who writes, keep it in one"
                );
                self.fault(kind, index, "addresses", what);
            } else {
                owners.insert(address, owner);
            }
        }
    }

    fn domains(&mut self) {
        let all = self.all;
        let mut owners = HashMap::new();
        for (index, client) in all.clients.iter().enumerate() {
            for domain in &client.domains {
                let code = &client.code;
                if domain.is_public() {
                    let what = format!(
                        "client \"{code}\": anybody can have an address at {domain}: drop it, and name single addresses under addresses"
                    );
                    self.fault(ItemKind::Client, index, "domains", what);
                } else if let Some(other) = owners.insert(domain, code) {
                    self.warn(ItemKind::Client, index, format!("client \"{code}\": {domain} is the domain of {other} too: mail of nobody known by name is asked for its client"));
                }
            }
        }
        for (index, supplier) in all.suppliers.iter().enumerate() {
            for domain in &supplier.domains {
                let key = &supplier.key;
                if domain.is_public() {
                    let what = format!(
                        "supplier \"{key}\": anybody can have an address at {domain}: drop it, and name single addresses under addresses"
                    );
                    self.fault(ItemKind::Supplier, index, "domains", what);
                } else if let Some(client) = owners.get(domain) {
                    let what = format!("supplier \"{key}\": {domain} is the domain of client {client}: keep it in one");
                    self.fault(ItemKind::Supplier, index, "domains", what);
                }
            }
        }
    }

    fn calendars(&mut self) {
        for (index, calendar) in self.all.calendars.iter().enumerate() {
            if let Err(fault) = ServiceCalendar::try_from(calendar.clone()) {
                self.fault(ItemKind::Calendar, index, None, fault.to_string());
            }
        }
    }

    /// Closures are sound, name what is declared, and leave each calendar some open days of each year.
    fn closures(&mut self) {
        let all = self.all;
        let calendars: Vec<&str> = all.calendars.iter().map(|calendar| calendar.key.as_str()).collect();
        for (index, closure) in all.closures.iter().enumerate() {
            let place = format!("closure \"{}\"", closure.item_key());
            if let Some((problem, mend)) = closure.day_off().fault() {
                self.fault(ItemKind::Closure, index, None, format!("{place}: {problem}: {mend}"));
                return;
            }
            if let Some(client) = &closure.client {
                self.client(ItemKind::Closure, index, &place, client.as_str());
            }
            for key in &closure.calendars {
                let used = Used { place: &place, what: "calendar", table: "calendar", name: key.as_str() };
                self.known(ItemKind::Closure, index, "calendars", &used, &calendars);
            }
        }
        let services = all.calendars.iter().filter_map(|calendar| ServiceCalendar::try_from(calendar.clone()).ok());
        let services: Vec<ServiceCalendar> = services.collect();
        for (index, closure) in all.closures.iter().enumerate() {
            // A closure of the desk shortens all years, one of a client that client's.
            let counts = |other: &&ClosedPeriod| other.client.is_none() || other.client == closure.client;
            for service in services.iter().filter(|service| closure.closes(service)) {
                let closed = closed_during(service, all.closures.iter().filter(counts));
                if let Some(year) = closed.and_then(|closed| closed.first_year_without_opening()) {
                    let what = format!(
                        "closure \"{}\": calendar \"{}\" would never open in {year}: shorten it",
                        closure.item_key(),
                        service.key()
                    );
                    self.fault(ItemKind::Closure, index, None, what);
                    return;
                }
            }
        }
    }

    /// Every name that is used is declared.
    fn references(&mut self) {
        let all = self.all;
        for (index, expert) in all.experts.iter().enumerate() {
            let place = format!("expert \"{}\": deputy", expert.key);
            self.expert(ItemKind::Expert, index, "deputy", &place, expert.deputy.iter().map(|key| key.as_str()));
        }
        for (index, client) in all.clients.iter().enumerate() {
            let place = format!("client \"{}\": lead_expert", client.code);
            self.expert(
                ItemKind::Client,
                index,
                "lead_expert",
                &place,
                client.lead_expert.iter().map(|key| key.as_str()),
            );
        }
        for (index, person) in all.persons.iter().enumerate() {
            let place = format!("person \"{}\"", person.key);
            self.client(ItemKind::Person, index, &place, person.client.as_str());
            person.further_clients.iter().for_each(|code| self.client(ItemKind::Person, index, &place, code.as_str()));
        }
        for (index, supplier) in all.suppliers.iter().enumerate() {
            let place = format!("supplier \"{}\"", supplier.key);
            supplier.clients.iter().for_each(|code| self.client(ItemKind::Supplier, index, &place, code.as_str()));
        }
        for (index, monitor) in all.monitors.iter().enumerate() {
            self.client(ItemKind::Monitor, index, &format!("monitor \"{}\"", monitor.key), monitor.client.as_str());
        }
        for (index, card) in all.cards.iter().enumerate() {
            self.client(ItemKind::Card, index, &format!("card \"{}\"", card.item_key()), card.client.as_str());
        }
        for (index, contract) in all.contracts.iter().enumerate() {
            let place = format!("contract \"{}\"", contract.item_key());
            self.client(ItemKind::Contract, index, &place, contract.client.as_str());
            let own = contract.targets.each().filter_map(|(_, target)| target.calendar.as_ref());
            let calendars: Vec<&str> = all.calendars.iter().map(|calendar| calendar.key.as_str()).collect();
            for key in std::iter::once(&contract.calendar).chain(own) {
                let used = Used { place: &place, what: "calendar", table: "calendar", name: key.as_str() };
                self.known(ItemKind::Contract, index, "calendar", &used, &calendars);
            }
            self.readers(index, &place, contract);
        }
    }

    /// Who gets the weekly summary beside the coordinators.
    fn readers(&mut self, index: usize, place: &str, contract: &Contract) {
        let all = self.all;
        let humans: Vec<&str> =
            all.persons.iter().map(|p| p.key.as_str()).chain(all.experts.iter().map(|e| e.key.as_str())).collect();
        for reader in &contract.summary_to {
            if let Reader::Person(key) = reader {
                let used = Used { place, what: "summary_to: person", table: "person", name: key.as_str() };
                self.known(ItemKind::Contract, index, "summary_to", &used, &humans);
            }
        }
    }

    fn expert(
        &mut self,
        kind: ItemKind,
        index: usize,
        field: &'static str,
        place: &str,
        keys: impl Iterator<Item = &'a str>,
    ) {
        let experts: Vec<&str> = self.all.experts.iter().map(|expert| expert.key.as_str()).collect();
        for name in keys {
            self.known(kind, index, field, &Used { place, what: "expert", table: "expert", name }, &experts);
        }
    }

    fn client(&mut self, kind: ItemKind, index: usize, place: &str, name: &str) {
        let clients: Vec<&str> = self.all.clients.iter().map(|client| client.code.as_str()).collect();
        self.known(kind, index, "client", &Used { place, what: "client", table: "client", name }, &clients);
    }

    fn known(&mut self, kind: ItemKind, index: usize, field: &'static str, used: &Used<'_>, declared: &[&str]) {
        let Used { place, what, table, name } = used;
        if !declared.contains(name) {
            let near = nearest(name, declared.iter().copied());
            let near = near.map(|near| format!(" (did you mean \"{near}\"?)")).unwrap_or_default();
            let what = format!("{place}: {what} \"{name}\" is not declared{near}: add [[{table}]] or mend the name");
            self.fault(kind, index, field, what);
        }
    }

    /// Two experts may stand in for each other; nobody stands in for themselves, and no longer ring closes.
    fn deputies(&mut self) {
        let next: BTreeMap<_, _> = self.all.experts.iter().filter_map(|e| Some((&e.key, e.deputy.as_ref()?))).collect();
        for (index, expert) in self.all.experts.iter().enumerate() {
            let mut ring = vec![&expert.key];
            let mut at = &expert.key;
            while let Some(deputy) = next.get(at) {
                if *deputy == &expert.key {
                    let is_first = ring.iter().min() == Some(&&expert.key);
                    if ring.len() != 2 && is_first {
                        ring.push(deputy);
                        let names: Vec<_> = ring.iter().map(|key| key.as_str()).collect();
                        let what = format!(
                            "expert \"{}\": deputies run in a circle ({}): let one have another deputy",
                            expert.key,
                            names.join(", ")
                        );
                        self.fault(ItemKind::Expert, index, "deputy", what);
                    }
                    break;
                }
                if ring.contains(deputy) {
                    break;
                }
                ring.push(deputy);
                at = deputy;
            }
        }
    }

    fn contracts(&mut self) {
        for (index, contract) in self.all.contracts.iter().enumerate() {
            let key = contract.item_key();
            if contract.end.is_some_and(|end| end < contract.start) {
                let what = format!("contract \"{key}\": it ends before it starts: mend start or end");
                self.fault(ItemKind::Contract, index, "end", what);
            }
            if !(1..=480).contains(&contract.strip_minutes) {
                let what = format!("contract \"{key}\": strip_minutes = {} must be 1 to 480", contract.strip_minutes);
                self.fault(ItemKind::Contract, index, "strip_minutes", what);
            }
            self.contract_targets(index, &key, contract);
            let overlaps = |other: &&Contract| {
                other.client == contract.client
                    && other.start < contract.start
                    && other.end.is_none_or(|end| end >= contract.start)
            };
            if let Some(other) = self.all.contracts.iter().find(overlaps) {
                let what = format!(
                    "contract \"{key}\" overlaps the one of {}: end that one the day before {}",
                    other.start, contract.start
                );
                self.fault(ItemKind::Contract, index, "start", what);
            }
        }
    }

    fn contract_targets(&mut self, index: usize, key: &str, contract: &Contract) {
        let names: Vec<&str> = contract.targets.each().map(|(name, _)| name).collect();
        match contract.plan {
            Plan::Basic if names.iter().any(|name| *name != "critical") => {
                let what = format!(
                    "contract \"{key}\": a basic plan has no targets but critical: drop them, or use plan = \"sla\""
                );
                self.fault(ItemKind::Contract, index, "targets", what);
            }
            Plan::Sla if names.is_empty() => {
                let what = format!(
                    "contract \"{key}\": an sla plan needs targets: add targets.normal = {{ first_response = \"4h\" }}"
                );
                self.fault(ItemKind::Contract, index, "plan", what);
            }
            _ => {}
        }
        for (name, target) in contract.targets.each() {
            if target.first_response.or(target.next_response).or(target.resolution).is_none() {
                let what = format!(
                    "contract \"{key}\": targets.{name} promises nothing: add first_response, next_response or resolution, or drop it"
                );
                self.fault(ItemKind::Contract, index, "targets", what);
            }
        }
    }

    fn positions(&mut self) {
        for (index, position) in self.all.positions.iter().enumerate() {
            let key = position.key();
            if position.until.is_some_and(|until| until < position.from) {
                let what = format!("position \"{key}\": it ends before it starts: mend from or until");
                self.fault(ItemKind::Position, index, "until", what);
            }
            match (&position.client, position.role) {
                (Some(_), PositionRole::DutyManager) => {
                    let what = format!("position \"{key}\": a duty manager is the desk's: drop client");
                    self.fault(ItemKind::Position, index, "client", what);
                }
                (None, PositionRole::DutyManager) => {}
                (None, role) => {
                    let what = format!("position \"{key}\": a {role} is a client's: add client = \"…\"");
                    self.fault(ItemKind::Position, index, None, what);
                }
                (Some(client), _) => {
                    self.client(ItemKind::Position, index, &format!("position \"{key}\""), client.as_str());
                }
            }
            self.holders(index, &key, position);
        }
    }

    /// Holder and deputies are declared, and may hold such a position.
    fn holders(&mut self, index: usize, key: &str, position: &Position) {
        let all = self.all;
        let is_for_experts = matches!(position.role, PositionRole::LeadExpert | PositionRole::DutyManager);
        let mut humans: Vec<&str> = all.experts.iter().map(|expert| expert.key.as_str()).collect();
        if !is_for_experts {
            humans.extend(all.persons.iter().map(|person| person.key.as_str()));
        }
        let table = if is_for_experts { "expert" } else { "person" };
        let place = format!("position \"{key}\"");
        let deputies = position.deputies.iter().map(|deputy| ("deputies", deputy));
        for (field, human) in std::iter::once(("holder", &position.holder)).chain(deputies) {
            let used = Used { place: &place, what: table, table, name: human.as_str() };
            self.known(ItemKind::Position, index, field, &used, &humans);
            let person = all.persons.iter().find(|person| person.key == *human);
            if let (Some(person), Some(client), false) = (person, &position.client, is_for_experts)
                && person.client != *client
                && !person.further_clients.contains(client)
            {
                let what = format!(
                    "{place}: \"{human}\" belongs to client {}, not to {client}: mend the client, or add further_clients = [\"{client}\"] to the person",
                    person.client
                );
                self.fault(ItemKind::Position, index, field, what);
            }
        }
        if position.deputies.contains(&position.holder) {
            let what = format!("{place}: \"{}\" can't be their own deputy: drop it from deputies", position.holder);
            self.fault(ItemKind::Position, index, "deputies", what);
        }
    }

    fn cards(&mut self) {
        for (index, card) in self.all.cards.iter().enumerate() {
            let key = card.item_key();
            if !(1..=10_000).contains(&card.strips) {
                let what = format!("card \"{key}\": strips = {} must be 1 to 10000", card.strips);
                self.fault(ItemKind::Card, index, "strips", what);
            }
            if card.minutes_per_strip.is_some_and(|minutes| !(1..=480).contains(&minutes)) {
                let what = format!("card \"{key}\": minutes_per_strip must be 1 to 480");
                self.fault(ItemKind::Card, index, "minutes_per_strip", what);
            }
        }
    }

    /// Without a coordinator, a contract or an expert a client's mail can only be held.
    fn coordinators(&mut self) {
        let all = self.all;
        let holds =
            |code, role| all.positions.iter().any(|p: &Position| p.client.as_ref() == Some(code) && p.role == role);
        let has_duty_manager = all.positions.iter().any(|position| position.role == PositionRole::DutyManager);
        for (index, client) in all.clients.iter().enumerate() {
            let code = &client.code;
            if !holds(code, PositionRole::Coordinator) {
                self.warn(ItemKind::Client, index, format!("client \"{code}\" has no coordinator: its requests would wait for ever; add [[position]] role = \"coordinator\""));
            }
            if !all.contracts.iter().any(|contract| contract.client == *code) {
                self.warn(ItemKind::Client, index, format!("client \"{code}\" has no contract: add [[contract]]"));
            }
            if client.lead_expert.is_none() && !holds(code, PositionRole::LeadExpert) && !has_duty_manager {
                self.warn(
                    ItemKind::Client,
                    index,
                    format!("client \"{code}\": nobody gets its cases: set lead_expert, or declare a duty-manager"),
                );
            }
        }
    }
}

/// A name that is used somewhere.
struct Used<'a> {
    place: &'a str,
    what: &'a str,
    table: &'a str,
    name: &'a str,
}
