//! What does it cost? Time bought in advance, and the ledger that counts it in whole minutes.
//!
//! An [`Account`] is what the entries of one client add up to; each rule takes the account and gives the entries to
//! add. Whoever writes them locks the account first.

mod account;
mod charge;
mod entry;
mod notice;
mod pace;
mod request;
mod rules;
mod statement;
mod work;

pub use account::{Account, Card, InStrips, last_valid_day};
pub use charge::Charge;
pub use entry::{BookingKey, Entry, EntryKind};
pub use notice::{ExpiryNotice, Threshold, cards_begun, expiry_notices, thresholds_reached};
pub use pace::{PACE_DAYS, Pace, pace, run_out_on};
pub use request::{
    Booking, ChargeTo, CorrectionOfTime, DeskCorrection, NewCard, Refusal, Rounding, Tariff, WORK_DATE_DAYS,
};
pub use rules::{book, correct, correct_by_desk, expire, move_charges, purchase, settle, transfer};
pub use statement::{LedgerLine, Scope, Statement, StatementLine, statement};
pub use work::{WorkLine, work_csv, work_lines, work_totals};

#[cfg(test)]
mod tests;
