//! The twenty clients of the simulated desk, and how they are declared.

use super::hours::Hours;
use super::ledger::BOUGHT;

/// What one client agreed on, in seconds of open time; none where nothing is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promises {
    /// Until the first answer.
    pub first: Span,
    /// Until the next answer.
    pub next: Option<Span>,
    /// Until it is resolved.
    pub resolution: Option<Span>,
    /// Whether waiting for the client stops the last one.
    pub pauses: bool,
}

/// How much time a promise allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Hours of open time.
    Hours(i64),
    /// Closing time so many working days later.
    Days(usize),
}

impl Span {
    fn text(self) -> String {
        match self {
            Self::Hours(hours) => format!("{hours}h"),
            Self::Days(days) => format!("{days}d"),
        }
    }
}

/// One client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Two capitals.
    pub code: String,
    /// When the desk works for it.
    pub hours: Hours,
    /// What is promised at priority normal; nothing on a strip card.
    pub promises: Option<Promises>,
    /// The expert who leads.
    pub expert: &'static str,
    /// Whether somebody stands in for its coordinator.
    pub has_deputy: bool,
}

/// Joost or Mira.
pub const EXPERTS: [(&str, &str); 2] = [("joost", "joost@dewit-web.example"), ("mira", "mira@jansen-ict.example")];

impl Client {
    /// All twenty.
    pub fn all() -> Vec<Self> {
        let of = |number: usize| {
            let (hours, promises) = match number % 4 {
                0 => (Hours::Office, None),
                1 => (
                    Hours::Office,
                    Some(Promises {
                        first: Span::Hours(4),
                        next: Some(Span::Hours(8)),
                        resolution: Some(Span::Hours(24)),
                        pauses: true,
                    }),
                ),
                2 => (
                    Hours::Lunch,
                    Some(Promises {
                        first: Span::Hours(2),
                        next: None,
                        resolution: Some(Span::Days(3)),
                        pauses: number % 8 == 2,
                    }),
                ),
                _ => (
                    Hours::Always,
                    Some(Promises {
                        first: Span::Hours(1),
                        next: Some(Span::Hours(12)),
                        resolution: Some(Span::Hours(72)),
                        pauses: true,
                    }),
                ),
            };
            Self {
                code: format!("C{}", char::from(b'A' + u8::try_from(number).unwrap())),
                hours,
                promises,
                expert: EXPERTS[number / 4 % 2].0,
                has_deputy: number.is_multiple_of(3),
            }
        };
        (0..20).map(of).collect()
    }

    /// Its coordinator's address.
    pub fn coordinator(&self) -> String {
        self.address_of("coordinator")
    }

    /// Who hears of a request on which the coordinator does not decide.
    pub fn deputy(&self) -> String {
        self.address_of(if self.has_deputy { "deputy" } else { "coordinator" })
    }

    /// The address of somebody else at the client.
    pub fn reporter(&self) -> String {
        self.address_of("reporter")
    }

    fn address_of(&self, who: &str) -> String {
        format!("{who}@{}.example", self.code.to_lowercase())
    }

    /// Its lines of the directory.
    pub fn declaration(&self, card_from: &str) -> String {
        let Self { code, .. } = self;
        let (low, zone, calendar) = (code.to_lowercase(), self.hours.zone(), self.hours.key());
        let mut text = format!(
            "\n[[client]]\ncode = \"{code}\"\nname = \"Client {code}\"\ndomains = [\"{low}.example\"]\nlanguage = \"nl\"\n\
             time_zone = \"{zone}\"\nlead_expert = \"{}\"\n\n[[person]]\nkey = \"coordinator-{low}\"\nclient = \"{code}\"\n\
             name = \"Coordinator {code}\"\naddresses = [\"{}\"]\n\n[[position]]\nrole = \"coordinator\"\n\
             client = \"{code}\"\nholder = \"coordinator-{low}\"\nfrom = 2025-01-01\n",
            self.expert,
            self.coordinator(),
        );
        if self.has_deputy {
            text.push_str(&format!(
                "deputies = [\"deputy-{low}\"]\n\n[[person]]\nkey = \"deputy-{low}\"\nclient = \"{code}\"\n\
                 name = \"Deputy {code}\"\naddresses = [\"{}\"]\n",
                self.deputy()
            ));
        }
        let plan = if self.promises.is_some() { "sla" } else { "basic" };
        text.push_str(&format!(
            "\n[[contract]]\nclient = \"{code}\"\nplan = \"{plan}\"\nstart = 2025-01-01\ncalendar = \"{calendar}\"\n"
        ));
        if let Some(Promises { first, next, resolution, pauses }) = self.promises {
            let mut targets = format!("first_response = \"{}\"", first.text());
            for (name, span) in [("next_response", next), ("resolution", resolution)] {
                targets.push_str(&span.map(|span| format!(", {name} = \"{}\"", span.text())).unwrap_or_default());
            }
            let pause_on = if pauses { "[\"waiting-client\"]" } else { "[]" };
            text.push_str(&format!(
                "pause_on = {pause_on}\n[contract.targets]\nnormal = {{ {targets} }}\n[contract.charge]\nsupport = \"included\"\n"
            ));
        } else {
            text.push_str(&format!(
                "\n[[card]]\nclient = \"{code}\"\nnumber = \"{code}-1\"\nstrips = {}\npurchased_on = {card_from}\n",
                BOUGHT / 15
            ));
        }
        text
    }
}

/// The whole directory; strip cards are bought on that day.
pub fn directory(clients: &[Client], card_from: &str) -> String {
    let mut text = "desk = \"LIN\"\n".to_owned();
    for ((key, address), deputy) in EXPERTS.iter().zip(["mira", "joost"]) {
        text.push_str(&format!(
            "\n[[expert]]\nkey = \"{key}\"\nname = \"{key}\"\naddresses = [\"{address}\"]\nlanguage = \"nl\"\ndeputy = \"{deputy}\"\n"
        ));
    }
    text.push_str(
        "\n[[expert]]\nkey = \"dora\"\nname = \"Dora Duty\"\naddresses = [\"dora@duty.example\"]\nlanguage = \"nl\"\n",
    );
    text.push_str("\n[[position]]\nrole = \"duty-manager\"\nholder = \"dora\"\nfrom = 2025-01-01\n");
    for hours in Hours::ALL {
        text.push_str(&hours.declaration());
    }
    for client in clients {
        text.push_str(&client.declaration(card_from));
    }
    text
}
