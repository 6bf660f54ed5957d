//! One line of the ledger.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::case::CaseNumber;
use crate::domain::names::{CardNumber, PersonKey};

/// Why minutes moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A card was bought: plus on that card.
    Purchase,
    /// Booked time, taken from a card.
    Deduction,
    /// Booked time for which no card sufficed.
    Overdraft,
    /// Overdraft paid by a new card: minus on the card, plus on the overdraft.
    Settlement,
    /// Booked time lowered: plus on a card or on the overdraft.
    Correction,
    /// What was left on a card after its last valid day.
    Expiry,
    /// Minutes given back by the remainder of an expired card, for work done while it was valid.
    Return,
    /// Minutes moved from card to card by the desk.
    Transfer,
    /// Time that the contract bears: nothing on cards, the real minutes kept.
    ChargeToContract,
    /// The kind of the case changed, and with it who bears the time.
    ChargeMoved,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: &[Self] = &[
        Self::Purchase,
        Self::Deduction,
        Self::Overdraft,
        Self::Settlement,
        Self::Correction,
        Self::Expiry,
        Self::Return,
        Self::Transfer,
        Self::ChargeToContract,
        Self::ChargeMoved,
    ];

    /// The word by which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Deduction => "deduction",
            Self::Overdraft => "overdraft",
            Self::Settlement => "settlement",
            Self::Correction => "correction",
            Self::Expiry => "expiry",
            Self::Return => "return",
            Self::Transfer => "transfer",
            Self::ChargeToContract => "charge-to-contract",
            Self::ChargeMoved => "charge-moved",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// What makes a booking unique within a desk: one tag in one mail of one expert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BookingKey {
    /// Who wrote the tag.
    pub expert: PersonKey,
    /// The Message-ID of the mail, without angle brackets.
    pub message_id: String,
    /// The place of the tag among the `#time` tags of the mail, from 1.
    pub ordinal: u32,
}

/// One line of the ledger: minutes that moved in one pot. A pot is a card, or (without a card) the account's
/// overdraft. Lines are added, never changed; a balance is the sum of their `charged_minutes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Why the minutes moved.
    pub kind: EntryKind,
    /// Minutes of real work that this line adds (plus) or takes back (minus). A booking or correction that makes
    /// several lines carries them on the first one only, so that their sum is the real work.
    pub real_minutes: i64,
    /// What this line adds to the balance of its pot: plus or minus, in minutes.
    pub charged_minutes: i64,
    /// The card; without one the overdraft (or, with no charged minutes, the contract).
    pub card: Option<CardNumber>,
    /// The day of the work, or of the purchase, expiry or transfer, in the client's time zone.
    pub work_date: Date,
    /// The tag that made this line; nothing for what the desk or the calendar did.
    pub booking: Option<BookingKey>,
    /// The booking whose charge this line makes or changes: equal to `booking` for fresh bookings.
    pub charge: Option<BookingKey>,
    /// The case on which was worked.
    pub case: Option<CaseNumber>,
    /// Of a purchase: the last day on which the card is valid.
    pub valid_through: Option<Date>,
    /// Words of the expert, or the desk's reason.
    pub text: String,
}
