//! The people, organisations and things that a directory declares. A declared thing and the value that
//! the rules use are the same type: what was read is what is known.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::contract::{Proof, is_default};
use super::values::{MailDomain, Zone, day, optional_day};
use crate::domain::address::Address;
use crate::domain::calendar::{DayOff, ServiceCalendar};
use crate::domain::names::{CalendarKey, CardNumber, ClientCode, Language, MonitorKey, PersonKey, SupplierKey};
use crate::domain::retention::KeepFor;

/// Somebody of the desk who does the work and answers by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expert {
    /// Their key, shared with a `[[person]]` never: a human who is also a coordinator holds a position as expert.
    pub key: PersonKey,
    /// The name as letters print it.
    pub name: String,
    /// All addresses they write from; letters go to the first.
    pub addresses: Vec<Address>,
    /// The language of letters to them.
    pub language: Language,
    /// The expert who stands in for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<PersonKey>,
}

/// Days in a row on which the whole desk is shut, or on which a client's time stands still: a summer break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedPeriod {
    /// The client whose time stands still; left out: it is the desk's, for all clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientCode>,
    /// The name as letters print it.
    pub name: String,
    /// The first day.
    #[serde(with = "day")]
    pub from: Date,
    /// The last day; left out: the first day alone.
    #[serde(default, with = "optional_day", skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The calendars that it closes; left out: all but those that are open day and night.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<CalendarKey>,
}

impl ClosedPeriod {
    /// Its days as a calendar takes them.
    #[must_use]
    pub fn day_off(&self) -> DayOff {
        DayOff { name: self.name.clone(), from: self.from, until: self.until, repeats: None, last_year: None }
    }

    /// Whether it closes that calendar.
    #[must_use]
    pub fn closes(&self, calendar: &ServiceCalendar) -> bool {
        match self.calendars.as_slice() {
            [] => !calendar.is_around_the_clock(),
            named => named.contains(calendar.key()),
        }
    }
}

/// An organisation with a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its code, which stands in every number of its cases.
    pub code: ClientCode,
    /// The name as letters print it.
    pub name: String,
    /// Its mail domains, domains below them included. Never one where anybody can get an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<MailDomain>,
    /// Single addresses elsewhere (at a public mail service) that count as the client's too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// The language of letters to it, where a person has none of their own.
    pub language: Language,
    /// The zone in which its days and weeks begin and end.
    pub time_zone: Zone,
    /// The expert who gets its new cases when no lead-expert position says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_expert: Option<PersonKey>,
    /// A support address for this client alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_address: Option<Address>,
    /// Mail to this address is a critical incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_address: Option<Address>,
    /// For how long the bytes of its mails are kept; left out: as the desk's configuration says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_raw_for: Option<KeepFor>,
}

/// A human at a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their key, one for all persons and experts of the desk.
    pub key: PersonKey,
    /// The client they belong to.
    pub client: ClientCode,
    /// Further clients for which they may hold positions (one person who coordinates several).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_clients: Vec<ClientCode>,
    /// The name as letters print it.
    pub name: String,
    /// All addresses they write from; letters go to the first.
    pub addresses: Vec<Address>,
    /// The language of letters to them; default the client's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Person {
    /// Whether they belong to that client, or may hold positions for it.
    #[must_use]
    pub fn is_of(&self, client: &ClientCode) -> bool {
        self.client == *client || self.further_clients.contains(client)
    }
}

/// What a position lets its holder decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PositionRole {
    /// The client's single point of definition: filters and bundles requests.
    Coordinator,
    /// Decides on a client's major changes.
    FunctionalAdministrator,
    /// The expert who gets a client's new cases.
    LeadExpert,
    /// The expert who is alarmed when nobody else is, for the whole desk.
    DutyManager,
}

/// A role held by somebody from a day to a day (nl positiecontract). Every authority that casepost
/// checks is one of these, valid at the moment of receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// What it lets the holder decide.
    pub role: PositionRole,
    /// The person or expert who holds it.
    pub holder: PersonKey,
    /// The client it is for; a duty manager's is for the desk and has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientCode>,
    /// The first day, from its start in the client's time zone (a duty manager's: the desk's).
    #[serde(with = "day")]
    pub from: Date,
    /// The last day, to its end in the same zone; left out: until further notice.
    #[serde(default, with = "optional_day", skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Who may act in the holder's stead, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<PersonKey>,
    /// The guideline that the holder follows: its title or address, for the audit trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guideline: Option<String>,
}

/// A third party, mostly the hosting firm that a client chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    /// Its key.
    pub key: SupplierKey,
    /// The name as letters print it.
    pub name: String,
    /// The addresses it writes from; letters go to the first.
    pub addresses: Vec<Address>,
    /// Domains from which any address counts as the supplier's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<MailDomain>,
    /// The clients it works for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<ClientCode>,
    /// How sure casepost must be that a mail in its name is its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accept: Proof,
}

/// A machine address that reports outages of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// Its key.
    pub key: MonitorKey,
    /// The name as letters print it.
    pub name: String,
    /// The address it writes from.
    pub address: Address,
    /// The client whose systems it watches.
    pub client: ClientCode,
    /// How sure casepost must be that a mail in its name is its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accept: Proof,
}

/// A strip card: time that a client bought in advance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The client that bought it.
    pub client: ClientCode,
    /// Its number, unique for the client.
    pub number: CardNumber,
    /// How many strips were bought.
    pub strips: u32,
    /// How many minutes a strip of it has; default the contract's `strip_minutes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_per_strip: Option<u32>,
    /// The day of purchase; the card is valid through the day before the same day a year later.
    #[serde(with = "day")]
    pub purchased_on: Date,
}
