//! What an expert learns of their mail: what became of its tags, and where things stand.

use super::{Balance, CaseHead};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a tag was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Looks like a known tag, mistyped; the value is the known one.
    Mistyped,
    /// A known tag in the middle of a line.
    MidLine,
    /// A tag below what was taken for a signature.
    InSignature,
    /// No duration could be read.
    BadDuration,
    /// A duration of nothing.
    Zero,
    /// More than a day in one entry.
    OverADay,
    /// `1,5` without a unit.
    BareDecimal,
    /// It can be read in two ways; the value shows them.
    TwoReadings,
    /// No date could be read.
    BadDate,
    /// A work date that is still to come.
    DateInFuture,
    /// A work date more than 60 days back.
    DateTooOld,
    /// A `#wait … until` in the past.
    DateIsPast,
    /// The correction asks back more than this expert booked on the case.
    NothingToCorrect,
    /// The word behind the tag is missing or unknown; the value tells what may stand there.
    BadArgument,
    /// No such case (or none of this client; the two are told alike).
    NoSuchCase,
    /// No such person at the desk; the value names who there is.
    NoSuchPerson,
    /// Several people of the desk have that name; the value names them.
    SeveralPersons,
    /// No such client.
    NoSuchClient,
    /// The mail belongs to no case.
    NoCase,
    /// The writer is not on this case.
    NotOnCase,
    /// The case is in a state that does not allow it; the value is the state.
    WrongState,
    /// Later than 24 hours.
    TooLate,
    /// Nothing that could be taken back.
    NothingToUndo,
    /// Two tags contradict each other.
    Contradiction,
    /// Planned, not there yet.
    NotYet,
    /// The tag is for another role.
    NotAllowed,
    /// The same Message-ID arrived before with other text.
    ChangedCopy,
    /// The mail could not be read to its end, so that a tag may stand in the rest.
    NotReadWhole,
    /// Tags alone were sent to mend what tags alone can't.
    NeedsText,
    /// A line of the letter that is answered, for the desk alone, stands in the text; the value is the line.
    RepeatsLetter,
}

impl Cause {
    /// All of them, for the check of the words.
    pub const ALL: &'static [Cause] = &[
        Self::Mistyped,
        Self::MidLine,
        Self::InSignature,
        Self::BadDuration,
        Self::Zero,
        Self::OverADay,
        Self::BareDecimal,
        Self::TwoReadings,
        Self::BadDate,
        Self::DateInFuture,
        Self::DateTooOld,
        Self::DateIsPast,
        Self::NothingToCorrect,
        Self::BadArgument,
        Self::NoSuchCase,
        Self::NoSuchPerson,
        Self::SeveralPersons,
        Self::NoSuchClient,
        Self::NoCase,
        Self::NotOnCase,
        Self::WrongState,
        Self::TooLate,
        Self::NothingToUndo,
        Self::Contradiction,
        Self::NotYet,
        Self::NotAllowed,
        Self::ChangedCopy,
        Self::NotReadWhole,
        Self::NeedsText,
        Self::RepeatsLetter,
    ];

    /// Whether tags alone can't mend it: words stand around the tag, or are missing.
    #[must_use]
    pub fn needs_text(self) -> bool {
        matches!(self, Self::MidLine | Self::NotReadWhole | Self::NeedsText | Self::RepeatsLetter)
    }
}

/// What became of one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagLine {
    /// The tag as it was written, with its argument.
    pub tag: String,
    /// It was carried out (in a transcript of a parked mail: it could have been).
    pub is_done: bool,
    /// Why it was not.
    pub cause: Option<Cause>,
    /// What belongs to cause or result: the nearest known tag, the two readings, the state; may be empty.
    pub value: String,
}

/// See [`super::Words::Transcript`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transcript {
    /// The case, when the mail belongs to one.
    pub case: Option<CaseHead>,
    /// The subject of the parked mail.
    pub subject: String,
    /// A line per tag.
    pub lines: Vec<TagLine>,
    /// The parked text; printed indented.
    pub text: String,
    /// It was asked before.
    pub is_reminder: bool,
    /// Tags alone can't mend it: the whole answer has to be written anew.
    pub needs_text: bool,
    /// An answer mends it; else it belongs nowhere and has to be sent again.
    pub is_parked: bool,
}

/// Where a case stands, for `#status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseStatus {
    /// A key: `new`, `open`, `waiting-client`, `waiting-supplier`, `resolved`, `closed`, `merged`, ….
    pub state: String,
    /// The expert who leads it.
    pub expert: Option<String>,
    /// A response is due before this moment.
    pub response_due: Option<Timestamp>,
    /// It is to be resolved before this moment.
    pub resolution_due: Option<Timestamp>,
    /// Real minutes booked so far.
    pub booked_minutes: i64,
    /// Estimate, when there is one.
    pub estimate_minutes: Option<i64>,
}

/// See [`super::Words::CommandDone`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommandDone {
    /// The case, when the mail belongs to one.
    pub case: Option<CaseHead>,
    /// A line per tag.
    pub lines: Vec<TagLine>,
    /// Where the case stands now.
    pub status: Option<CaseStatus>,
    /// What is left on the strip card.
    pub balance: Option<Balance>,
    /// Keys of tags to explain (`#help`).
    pub tags: Vec<String>,
}

/// See [`super::Words::AbsenceNoted`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AbsenceNoted {
    /// The expert counts as away until this moment.
    pub back_at: Timestamp,
    /// Their mail named the day.
    pub is_dated: bool,
    /// Who stands in; nobody could be found where this is empty.
    pub deputy: Option<String>,
    /// The numbers of the cases that went to the deputy at once.
    pub passed_on: Vec<String>,
}
