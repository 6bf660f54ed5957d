//! What a case is called, what kind it is, and which state follows which event.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use super::address::Address;
use super::names::{BadName, ClientCode, PersonKey};

/// Declares an enum whose values have one fixed word each, as stored and as read.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident, $form:literal, { $($(#[$variant_doc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// All values, in their natural order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word by which it is stored, in kebab-case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The value of that word (exactly as [`Self::as_str`] gives it).
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(word: &str) -> Result<Self, BadName> {
                Self::parse(word).ok_or_else(|| BadName { text: word.to_owned(), form: $form })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(super) use word_enum;

word_enum!(
    /// How urgent a case is; the most urgent comes first.
    Priority, "a priority (critical, high, normal, low)", {
        /// Data or service at risk now; its clock may run day and night.
        Critical => "critical",
        /// Before the ordinary work.
        High => "high",
        /// What a new mail gets.
        Normal => "normal",
        /// When there is time.
        Low => "low",
    }
);

word_enum!(
    /// What sort of work a case is; it decides to what its time is charged.
    Kind, "a kind (incident, support, maintenance, change)", {
        /// Trouble from outside: site down, hacked, data at risk. Charged to the contract.
        Incident => "incident",
        /// Settled by an expert with the requester. Charged to a strip card.
        Support => "support",
        /// Rides along with regular maintenance. Charged to the contract.
        Maintenance => "maintenance",
        /// A new wish. Charged to a strip card.
        Change => "change",
    }
);

word_enum!(
    /// Where a case stands in its life.
    Status, "a status", {
        /// Nobody of the desk has written or taken it yet.
        New => "new",
        /// The desk is at work.
        Open => "open",
        /// The client has to answer first.
        WaitingClient => "waiting-client",
        /// A supplier has to answer first.
        WaitingSupplier => "waiting-supplier",
        /// Settled; an answer of the client within five working days opens it again.
        Resolved => "resolved",
        /// Settled for good; an answer of the client opens a new case.
        Closed => "closed",
        /// Ended in another case.
        Merged => "merged",
    }
);

word_enum!(
    /// In which role somebody takes part in a case.
    PartyRole, "a role on a case (expert, contributor)", {
        /// Works on it for the desk.
        Expert => "expert",
        /// Somebody of the client whose mail the coordinator made part of the case.
        Contributor => "contributor",
    }
);

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its key in the database.
    pub case_no: i64,
    /// Its number, as everybody writes it: `AMR-2026-0042`.
    pub number: CaseNumber,
    /// The client's code.
    pub client: ClientCode,
    /// The subject of the request, without reply prefixes.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// What sort of work it is.
    pub kind: Kind,
    /// How urgent it is.
    pub priority: Priority,
    /// The key of the coordinator in whose name it runs.
    pub coordinator: Option<PersonKey>,
    /// The receipt of the request: where the clocks start.
    pub opened_at: Timestamp,
    /// The last change.
    pub changed_at: Timestamp,
    /// By when the client is to hear from a person of the desk: the first response, or the answer to their oldest
    /// unanswered mail. None for best effort, and none where they wait for no answer.
    pub response_due: Option<Timestamp>,
    /// When a person of the desk first answered.
    pub responded_at: Option<Timestamp>,
    /// The promised end; none for best effort, and none while it waits or is resolved.
    pub resolution_due: Option<Timestamp>,
    /// When it was last called resolved.
    pub resolved_at: Option<Timestamp>,
    /// When a resolved case closes.
    pub close_due: Option<Timestamp>,
    /// When a waiting case is taken up in any event (`#wait … until DATE`).
    pub wait_due: Option<Timestamp>,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
    /// The older case that it goes on from.
    pub refers_to: Option<i64>,
    /// The Message-ID of the client's newest mail: what the next answer replies to.
    pub last_client_message_id: Option<String>,
    /// Whom the client's newest mail went to beside the desk: known persons of the client among them get the answer.
    pub last_client_cc: Vec<Address>,
    /// How much work the expert expects, in real minutes.
    pub estimate_minutes: Option<i64>,
    /// The case in which it ended: mails for it go there.
    pub merged_into: Option<i64>,
    /// The cases that ended in it: what was written there is part of its history.
    pub merged_from: Vec<i64>,
}

/// Somebody who takes part in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The person's key.
    pub person: PersonKey,
    /// In which role.
    pub role: PartyRole,
    /// Since when.
    pub since: Timestamp,
}

impl Kind {
    /// Whether time on it is taken from a strip card; otherwise the contract bears it.
    #[must_use]
    pub fn is_charged_to_card(self) -> bool {
        matches!(self, Self::Support | Self::Change)
    }
}

/// For so long after a tag its expert may take it back with `#reopen` or `#undo`, in real hours.
pub const TAKE_BACK_HOURS: i64 = 24;

/// So many working days after `#resolved` the case closes, at closing time.
pub const REOPEN_WORKING_DAYS: u32 = 5;

/// What can happen to a case's state. Automatic mails are no events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseEvent {
    /// A mail of an expert went to the client. Tags of that mail follow as their own events, after this one.
    ExpertAnswered,
    /// `#assign`.
    Assigned,
    /// `#wait client`.
    WaitsForClient,
    /// `#wait supplier`.
    WaitsForSupplier,
    /// A mail of a party of the client. Whoever receives it applies [`CaseEvent::ReopenPeriodEnded`]
    /// first if the period had ended at its time of receipt.
    ClientWrote,
    /// A mail of the supplier.
    SupplierWrote,
    /// The date of `until` came.
    WaitEnded,
    /// `#resolved`.
    Resolved,
    /// The end of the fifth working day after `#resolved`.
    ReopenPeriodEnded,
    /// `#reopen` in time.
    Reopened,
    /// `#undo` in time: back to the state before the last tag that changed it.
    Undone {
        /// The state before that tag.
        before: Status,
    },
    /// `#merge`: this case ends in another one.
    MergedInto,
}

/// What follows from an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// The case is in this state from now on.
    Becomes(Status),
    /// The event is welcome and changes no state.
    Stays,
    /// The mail opens a new case that refers to this one.
    OpensNewCase,
    /// The event belongs to the case in which this one ended.
    FollowsMerge,
    /// The event can't be carried out in this state: the mail that asked it is parked.
    Refused,
}

impl Status {
    /// Whether it waits for somebody outside the desk.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::WaitingClient | Self::WaitingSupplier)
    }

    /// Whether the desk still has something to do or to wait for.
    #[must_use]
    pub fn is_unsettled(self) -> bool {
        matches!(self, Self::New | Self::Open) || self.is_waiting()
    }

    /// The state machine of a case.
    ///
    /// Two readings of the rules are fixed here: a client's mail ends a wait for the supplier too (it wants to be
    /// read), a supplier's mail does not end a wait for the client; and one wait may follow another.
    #[must_use]
    pub fn after(self, event: CaseEvent) -> Next {
        use CaseEvent as E;
        use Next::{Becomes, FollowsMerge, OpensNewCase, Refused, Stays};
        if self == Self::Merged {
            return match event {
                E::ClientWrote | E::SupplierWrote | E::ExpertAnswered => FollowsMerge,
                E::WaitEnded | E::ReopenPeriodEnded => Stays,
                E::Undone { before } if before != Self::Merged => Becomes(before),
                _ => Refused,
            };
        }
        match (self, event) {
            (Self::New, E::ExpertAnswered | E::Assigned) => Becomes(Self::Open),
            (_, E::ExpertAnswered | E::Assigned) => Stays,

            (Self::Open, E::WaitsForClient) | (Self::WaitingSupplier, E::WaitsForClient) => {
                Becomes(Self::WaitingClient)
            }
            (Self::Open, E::WaitsForSupplier) | (Self::WaitingClient, E::WaitsForSupplier) => {
                Becomes(Self::WaitingSupplier)
            }
            (Self::WaitingClient, E::WaitsForClient) | (Self::WaitingSupplier, E::WaitsForSupplier) => Stays,
            (_, E::WaitsForClient | E::WaitsForSupplier) => Refused,

            (Self::WaitingClient | Self::WaitingSupplier | Self::Resolved, E::ClientWrote) => Becomes(Self::Open),
            (Self::Closed, E::ClientWrote) => OpensNewCase,
            (Self::WaitingSupplier, E::SupplierWrote) => Becomes(Self::Open),
            (Self::WaitingClient | Self::WaitingSupplier, E::WaitEnded) => Becomes(Self::Open),
            (_, E::ClientWrote | E::SupplierWrote | E::WaitEnded) => Stays,

            (Self::Open | Self::WaitingClient | Self::WaitingSupplier, E::Resolved) => Becomes(Self::Resolved),
            (Self::Resolved, E::Resolved) => Stays,
            (_, E::Resolved) => Refused,

            (Self::Resolved, E::ReopenPeriodEnded) => Becomes(Self::Closed),
            (_, E::ReopenPeriodEnded) => Stays,
            (Self::Resolved, E::Reopened) => Becomes(Self::Open),
            (_, E::Reopened) => Refused,
            (now, E::Undone { before }) if before != now => Becomes(before),
            (_, E::Undone { .. }) => Refused,
            (_, E::MergedInto) => Becomes(Self::Merged),
        }
    }
}

/// The number of a case, such as `AMR-2026-0042`: client, year of receipt in the desk's time zone, and a counter per
/// client and year, written with at least four digits. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseNumber {
    /// Whose case it is.
    pub client: ClientCode,
    /// The year of receipt, of four digits.
    pub year: i16,
    /// The place in that client's year, from 1.
    pub counter: u32,
}

impl std::fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:04}-{:04}", self.client, self.year, self.counter)
    }
}

impl FromStr for CaseNumber {
    type Err = BadName;

    /// Reads a number in any letter case, without blanks around it.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName { text: text.to_owned(), form: "a case number (such as AMR-2026-0042)" };
        let mut parts = text.split('-');
        let (Some(client), Some(year), Some(counter), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad());
        };
        let client = ClientCode::new(client.to_ascii_uppercase()).map_err(|_| bad())?;
        let (is_year, is_counter) = (is_digits(year, 4, 4), is_digits(counter, 4, 9));
        let (Ok(year), Ok(counter)) = (year.parse(), counter.parse()) else { return Err(bad()) };
        // One case has one spelling: five digits start where four end.
        let number = Self { client, year, counter };
        let is_canonical = number.to_string().eq_ignore_ascii_case(text);
        if is_year && is_counter && counter > 0 && is_canonical { Ok(number) } else { Err(bad()) }
    }
}

impl TryFrom<String> for CaseNumber {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<CaseNumber> for String {
    fn from(number: CaseNumber) -> String {
        number.to_string()
    }
}

/// The reference of a held request, such as `R-17`: it has no case number and no clock yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestReference(pub u32);

impl std::fmt::Display for RequestReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "R-{}", self.0)
    }
}

impl FromStr for RequestReference {
    type Err = BadName;

    /// Reads a reference in any letter case, without blanks around it.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName { text: text.to_owned(), form: "a request's reference (such as R-17)" };
        let digits = text.strip_prefix("R-").or_else(|| text.strip_prefix("r-")).ok_or_else(bad)?;
        if !is_digits(digits, 1, 9) || digits.starts_with('0') {
            return Err(bad());
        }
        digits.parse().map(Self).map_err(|_| bad())
    }
}

impl TryFrom<String> for RequestReference {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<RequestReference> for String {
    fn from(reference: RequestReference) -> String {
        reference.to_string()
    }
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: Status, event: CaseEvent, expected: Next) {
        assert_eq!(status.after(event), expected, "{status} after {event:?}");
    }

    #[test]
    fn a_case_lives_by_the_table() {
        use CaseEvent as E;
        use Next::{Becomes, FollowsMerge, OpensNewCase, Refused, Stays};
        check(Status::New, E::ExpertAnswered, Becomes(Status::Open));
        check(Status::New, E::Assigned, Becomes(Status::Open));
        check(Status::New, E::ClientWrote, Stays);
        check(Status::New, E::WaitsForClient, Refused);
        check(Status::Open, E::ExpertAnswered, Stays);
        check(Status::Open, E::WaitsForClient, Becomes(Status::WaitingClient));
        check(Status::Open, E::WaitsForSupplier, Becomes(Status::WaitingSupplier));
        check(Status::WaitingClient, E::ClientWrote, Becomes(Status::Open));
        check(Status::WaitingClient, E::SupplierWrote, Stays);
        check(Status::WaitingSupplier, E::SupplierWrote, Becomes(Status::Open));
        check(Status::WaitingSupplier, E::WaitEnded, Becomes(Status::Open));
        check(Status::WaitingClient, E::Resolved, Becomes(Status::Resolved));
        check(Status::Resolved, E::ClientWrote, Becomes(Status::Open));
        check(Status::Resolved, E::ReopenPeriodEnded, Becomes(Status::Closed));
        check(Status::Resolved, E::Reopened, Becomes(Status::Open));
        check(Status::Closed, E::ClientWrote, OpensNewCase);
        check(Status::Closed, E::ExpertAnswered, Stays);
        check(Status::Closed, E::Reopened, Refused);
        check(Status::Closed, E::MergedInto, Becomes(Status::Merged));
        check(Status::Merged, E::ClientWrote, FollowsMerge);
        check(Status::Merged, E::MergedInto, Refused);
        check(Status::Merged, E::Undone { before: Status::Open }, Becomes(Status::Open));
        check(Status::Resolved, E::Undone { before: Status::WaitingClient }, Becomes(Status::WaitingClient));
    }

    #[test]
    fn words_are_read_back() {
        for &status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Kind::parse("external"), None);
        assert_eq!(Priority::parse("High"), None);
        assert!(Priority::Critical < Priority::Low);
    }

    #[test]
    fn numbers_have_one_spelling() {
        let read = |text: &str| text.parse::<CaseNumber>().map(|n| n.to_string()).ok();
        assert_eq!(read("AMR-2026-0042").as_deref(), Some("AMR-2026-0042"));
        assert_eq!(read("amr-2026-0042").as_deref(), Some("AMR-2026-0042"));
        assert_eq!(read("AMR-2026-12345").as_deref(), Some("AMR-2026-12345"));
        for bad in ["AMR-2026-42", "AMR-2026-00042", "AMR-2026-0000", "AMR-26-0042", "A-2026-0042", "AMR-2026-0042-1"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!("r-17".parse::<RequestReference>(), Ok(RequestReference(17)));
        assert_eq!(RequestReference(17).to_string(), "R-17");
        assert!("R-017".parse::<RequestReference>().is_err());
        assert!("R-".parse::<RequestReference>().is_err());
    }
}
