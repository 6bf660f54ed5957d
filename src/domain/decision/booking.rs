//! `#time`: what a mail books, and what is told of it.

use crate::domain::case::{Kind, PartyRole};
use crate::domain::command::Command;
use crate::domain::directory::{Charge, Contract, PositionRole, Rounding};
use crate::domain::identity::Keys;
use crate::domain::message::Message;
use crate::domain::notice::{Balance, Booked, CaseStatus, Cause};
use crate::domain::strip_card::{
    self, Account, Booking, BookingKey, ChargeTo, CorrectionOfTime, Entry, EntryKind, Refusal, Tariff,
};

use super::Effect;
use super::expert::{Wish, Work};
use super::outgoing::{balance_in, today};

/// What one mail books.
#[derive(Default)]
pub(super) struct Bookings {
    /// The account as it is with what was booked so far.
    after: Option<Account>,
    /// Each booking's key and lines.
    lines: Vec<(String, Vec<Entry>)>,
    real_minutes: i64,
    charged_minutes: i64,
}

impl Bookings {
    /// What is left after the mail, where cards pay.
    pub fn balance(&self, work: &Work<'_>) -> Option<Balance> {
        let contract = work.facts.directory.contract_or_last(&work.case.client, work.now)?;
        let is_by_card = contract.charge.support == Charge::Card;
        let day = today(&work.case.client, work.facts, work.now);
        self.after.as_ref().filter(|_| is_by_card).map(|account| balance_in(account, contract, day))
    }

    /// What the mail booked and what is left, for a letter to coordinators alone.
    pub fn booked(&self, work: &Work<'_>) -> Option<Booked> {
        // Time that the contract bears is no matter of the card; a strip that was open already is.
        let is_on_card = |entry: &Entry| entry.charged_minutes != 0 || entry.kind == EntryKind::Deduction;
        if self.real_minutes == 0 || !self.lines.iter().flat_map(|(_, entries)| entries).any(is_on_card) {
            return None;
        }
        let balance = self.balance(work)?;
        Some(Booked { real_minutes: self.real_minutes, charged_minutes: self.charged_minutes, balance })
    }
}

/// Who bears the time of a kind of case.
pub(super) fn charge_to(contract: &Contract, kind: Kind) -> ChargeTo {
    match contract.charge.of(kind) {
        Charge::Card => ChargeTo::StripCard,
        Charge::Included | Charge::Quoted => ChargeTo::Contract,
    }
}

/// How a contract charges time to cards.
#[must_use]
pub fn tariff(contract: &Contract) -> Tariff {
    let rounding = match contract.rounding {
        Rounding::PerEntry => strip_card::Rounding::PerEntry,
        Rounding::PerCase => strip_card::Rounding::PerCase,
        Rounding::None => strip_card::Rounding::None,
    };
    Tariff { rounding, strip_minutes: contract.strip_minutes }
}

/// Books or corrects; tells what can't be booked, with the mend.
pub(super) fn book(work: &mut Work<'_>, command: &Command, wish: &Wish) -> Result<String, (Cause, String)> {
    let Command::Time { minutes, on, text, ordinal } = command else {
        return Err((Cause::BadArgument, String::new()));
    };
    let client = work.case.client.clone();
    let Some(contract) = work.facts.directory.contract_or_last(&client, work.message.received_at) else {
        return Err((Cause::NoSuchClient, client.to_string()));
    };
    let message_id = booking_id(work.message, wish);
    let key = BookingKey { expert: work.expert.key.clone(), message_id: message_id.clone(), ordinal: *ordinal };
    let day = today(&client, work.facts, work.message.received_at);
    let known = work.facts.accounts.get(&client).cloned().unwrap_or_default();
    let account = work.bookings.after.clone().unwrap_or_else(|| (*known).clone());
    let case = work.case.number.clone();
    let written = if *minutes < 0 {
        let asked = CorrectionOfTime { key, case, minutes: -minutes, text: text.clone() };
        strip_card::correct(&account, &asked, tariff(contract), day)
    } else {
        let charge_to = charge_to(contract, work.case.kind);
        let work_date = on.unwrap_or(day);
        let asked = Booking { key, case, work_date, minutes: *minutes, text: text.clone(), charge_to };
        strip_card::book(&account, &asked, tariff(contract), day)
    };
    let entries = written.map_err(|refusal| cause_of(&refusal))?;
    let mut after = account;
    after.extend(&entries);
    work.bookings.after = Some(after);
    work.bookings.real_minutes += entries.iter().map(|entry| entry.real_minutes).sum::<i64>();
    let charged = -entries.iter().map(|entry| entry.charged_minutes).sum::<i64>();
    work.bookings.charged_minutes += charged;
    let key = Keys::booking_key(&work.facts.desk.code, &work.expert.key, &message_id, *ordinal);
    work.bookings.lines.push((key, entries));
    Ok(format!("{minutes} → {charged}"))
}

/// Bookings of a mended mail are those of the parked one, so that both together book once.
fn booking_id(message: &Message, wish: &Wish) -> String {
    match &wish.mends {
        Some((_, id)) if !id.is_empty() => id.clone(),
        _ => message
            .message_id
            .clone()
            .unwrap_or_else(|| crate::domain::identity::stand_in_id(&message.fingerprint))
            .to_string(),
    }
}

fn cause_of(refusal: &Refusal) -> (Cause, String) {
    match refusal {
        Refusal::AlreadyBooked => (Cause::ChangedCopy, String::new()),
        Refusal::BadMinutes(minutes) if *minutes == 0 => (Cause::Zero, String::new()),
        Refusal::BadMinutes(_) => (Cause::OverADay, String::new()),
        Refusal::WorkDateInFuture(day) => (Cause::DateInFuture, day.to_string()),
        Refusal::WorkDateTooOld(day) => (Cause::DateTooOld, day.to_string()),
        Refusal::NothingToCorrect { available } => (Cause::NothingToCorrect, available.to_string()),
        Refusal::CardExists(_) | Refusal::NoSuchCard(_) | Refusal::CardEnded { .. } | Refusal::NotEnough { .. } => {
            (Cause::BadArgument, refusal.to_string())
        }
    }
}

/// Another kind of case may be paid by the other side: its open charges move by entries, never by edits.
pub(super) fn move_charges(work: &mut Work<'_>, kind: Kind) {
    let client = work.case.client.clone();
    let Some(contract) = work.facts.directory.contract_or_last(&client, work.message.received_at) else { return };
    let day = today(&client, work.facts, work.message.received_at);
    let known = work.facts.accounts.get(&client).cloned().unwrap_or_default();
    let account = work.bookings.after.clone().unwrap_or_else(|| (*known).clone());
    let side = charge_to(contract, kind);
    let entries = strip_card::move_charges(&account, &work.case.number, side, tariff(contract), day);
    if entries.is_empty() {
        return;
    }
    let mut after = account;
    after.extend(&entries);
    work.bookings.after = Some(after);
    // A mail may move charges there and back: each time is its own.
    let place = work.bookings.lines.len();
    let key = format!("{}/moved/{}/{kind}/{place}", work.facts.desk.code, work.message.fingerprint);
    work.bookings.lines.push((key, entries));
}

/// The position by which an expert books, as ledger and audit trail name it: as lead expert of the client, else as an
/// expert on the case.
pub(super) fn position(work: &Work<'_>) -> String {
    let held = work.facts.directory.positions_of(&work.expert.key, work.message.received_at);
    let lead = held.iter().find(|holding| {
        holding.position.role == PositionRole::LeadExpert && holding.position.client.as_ref() == Some(&work.case.client)
    });
    if let Some(holding) = lead {
        let deputy = if holding.is_deputy { " (deputy)" } else { "" };
        return format!("lead-expert of {} from {}{deputy}", work.case.client, holding.position.from);
    }
    let party = work.found.parties.iter().find(|p| p.role == PartyRole::Expert && p.person == work.expert.key);
    let since = party.map(|party| work.facts.desk.time_zone.to_datetime(party.since).date());
    let from = since.map_or_else(String::new, |day| format!(" from {day}"));
    format!("expert on {}{from}", work.case.number)
}

/// The ledger's lines.
pub(super) fn effects(work: &Work<'_>) -> Vec<Effect> {
    let lines = work.bookings.lines.iter();
    lines
        .map(|(key, entries)| Effect::Book {
            client: work.case.client.clone(),
            // What was booked before a #merge of the same mail stays with the case that ended by it.
            case_no: match entries.first().and_then(|entry| entry.case.as_ref()) {
                Some(number) if *number == work.found.case.number => work.found.case.case_no,
                _ => work.case.case_no,
            },
            key: key.clone(),
            entries: entries.clone(),
        })
        .collect()
}

/// Where the case stands, for a transcript.
pub(super) fn status_of(work: &Work<'_>) -> CaseStatus {
    let known = work.facts.accounts.get(&work.case.client);
    let account = work.bookings.after.as_ref().or(known.map(|account| &**account));
    CaseStatus {
        state: work.case.status.as_str().to_owned(),
        expert: work.experts().next().and_then(|key| work.facts.directory.name_of(key)).map(str::to_owned),
        response_due: work.case.response_due,
        resolution_due: work.case.resolution_due,
        booked_minutes: account.map_or(0, |account| account.real_minutes_of(&work.case.number)),
        estimate_minutes: work.case.estimate_minutes,
    }
}
