//! What may be written into the ledger: each rule takes the account as it is and gives the entries to add.

use jiff::ToSpan;
use jiff::civil::Date;

use super::account::{Account, Card, last_valid_day};
use super::charge::Charge;
use super::entry::{BookingKey, Entry, EntryKind};
use super::request::{
    Booking, ChargeTo, CorrectionOfTime, DeskCorrection, NewCard, Refusal, Rounding, Tariff, WORK_DATE_DAYS,
};
use crate::domain::case::CaseNumber;
use crate::domain::duration::MOST_MINUTES;
use crate::domain::names::{CardNumber, PersonKey};

/// A card is bought; it settles the overdraft first, as [`settle`] tells. `today` is the day in the client's time zone.
///
/// # Errors
/// [`Refusal`] when the number is taken or the card holds no time.
pub fn purchase(account: &Account, card: &NewCard, today: Date) -> Result<Vec<Entry>, Refusal> {
    if account.card(&card.number).is_some() {
        return Err(Refusal::CardExists(card.number.clone()));
    }
    if card.minutes <= 0 {
        return Err(Refusal::BadMinutes(card.minutes));
    }
    let bought = Entry {
        valid_through: Some(last_valid_day(card.purchased_on)),
        ..desk_line(EntryKind::Purchase, Some(&card.number), card.minutes, card.purchased_on)
    };
    let mut after = account.clone();
    after.extend([&bought]);
    let mut entries = vec![bought];
    entries.extend(settle(&after, &card.number, today));
    Ok(entries)
}

/// What a card pays of the overdraft; nothing before its first day, on which it is due.
#[must_use]
pub fn settle(account: &Account, number: &CardNumber, today: Date) -> Vec<Entry> {
    let Some(card) = account.card(number).filter(|card| card.purchased_on <= today) else { return Vec::new() };
    let settled = account.overdraft_minutes().min(card.minutes);
    if settled == 0 {
        return Vec::new();
    }
    let line = |pot, minutes| desk_line(EntryKind::Settlement, pot, minutes, card.purchased_on);
    vec![line(Some(number), -settled), line(None, settled)]
}

/// Books an expert's time: from the cards valid on the work date, the one that ends first first; the rest is
/// overdraft. `today` is the day of receipt in the client's time zone.
///
/// # Errors
/// [`Refusal`] for a tag that was booked, and for minutes or a work date that can't be.
pub fn book(account: &Account, booking: &Booking, tariff: Tariff, today: Date) -> Result<Vec<Entry>, Refusal> {
    if account.knows(&booking.key) {
        return Err(Refusal::AlreadyBooked);
    }
    if !(1..=MOST_MINUTES).contains(&booking.minutes) {
        return Err(Refusal::BadMinutes(booking.minutes));
    }
    if booking.work_date > today {
        return Err(Refusal::WorkDateInFuture(booking.work_date));
    }
    if booking.work_date < today.saturating_sub(WORK_DATE_DAYS.days()) {
        return Err(Refusal::WorkDateTooOld(booking.work_date));
    }
    let line = Entry {
        kind: EntryKind::Deduction,
        real_minutes: 0,
        charged_minutes: 0,
        card: None,
        work_date: booking.work_date,
        booking: Some(booking.key.clone()),
        charge: Some(booking.key.clone()),
        case: Some(booking.case.clone()),
        valid_through: None,
        text: booking.text.clone(),
    };
    let mut entries = match booking.charge_to {
        ChargeTo::Contract => vec![Entry { kind: EntryKind::ChargeToContract, ..line }],
        ChargeTo::StripCard => {
            let charged = charge_of(account, &booking.case, booking.minutes, tariff);
            take(account, charged, &line, EntryKind::Deduction, EntryKind::Overdraft, today)
        }
    };
    carry_real_minutes(&mut entries, booking.minutes);
    Ok(entries)
}

/// Lowers an expert's own latest booking on a case, then the one before. What was charged too much goes back to the
/// overdraft first, then to the cards it came from; on a card that has ended it expires again at once.
///
/// # Errors
/// [`Refusal`] for a tag that was booked, and when the expert's bookings on the case hold less.
pub fn correct(
    account: &Account,
    correction: &CorrectionOfTime,
    tariff: Tariff,
    today: Date,
) -> Result<Vec<Entry>, Refusal> {
    if account.knows(&correction.key) {
        return Err(Refusal::AlreadyBooked);
    }
    let line = Entry {
        booking: Some(correction.key.clone()),
        text: correction.text.clone(),
        ..desk_line(EntryKind::Correction, None, 0, today)
    };
    lower_latest(account, Some(&correction.key.expert), &correction.case, correction.minutes, &line, tariff)
}

/// Lowers an expert's bookings on a case as [`correct`] does, or the latest of anybody, by the desk and with its reason.
///
/// # Errors
/// [`Refusal`] when these bookings on the case hold less.
pub fn correct_by_desk(
    account: &Account,
    correction: &DeskCorrection,
    tariff: Tariff,
    today: Date,
) -> Result<Vec<Entry>, Refusal> {
    let line = Entry { text: correction.reason.clone(), ..desk_line(EntryKind::Correction, None, 0, today) };
    lower_latest(account, correction.expert.as_ref(), &correction.case, correction.minutes, &line, tariff)
}

/// Takes off each card that has ended what is left on it.
#[must_use]
pub fn expire(account: &Account, today: Date) -> Vec<Entry> {
    account
        .cards()
        .iter()
        .filter(|card| card.last_valid_day < today && card.minutes > 0)
        .map(|card| desk_line(EntryKind::Expiry, Some(&card.number), -card.minutes, today))
        .collect()
}

/// Moves minutes from card to card, by the desk, with its reason.
///
/// # Errors
/// [`Refusal`] for unknown cards, no minutes, more than the card has, or a card that has ended.
pub fn transfer(
    account: &Account,
    (from, to): (&CardNumber, &CardNumber),
    minutes: i64,
    reason: &str,
    today: Date,
) -> Result<Vec<Entry>, Refusal> {
    let find = |number: &CardNumber| account.card(number).ok_or_else(|| Refusal::NoSuchCard(number.clone()));
    let (source, target) = (find(from)?, find(to)?);
    if minutes <= 0 || source.number == target.number {
        return Err(Refusal::BadMinutes(minutes));
    }
    if let Some(ended) = [source, target].into_iter().find(|card| card.last_valid_day < today) {
        return Err(Refusal::CardEnded { card: ended.number.clone(), last_valid_day: ended.last_valid_day });
    }
    if source.minutes < minutes {
        return Err(Refusal::NotEnough { card: from.clone(), available: source.minutes });
    }
    let line =
        |card, minutes| Entry { text: reason.to_owned(), ..desk_line(EntryKind::Transfer, Some(card), minutes, today) };
    Ok(vec![line(from, -minutes), line(to, minutes)])
}

/// The kind of a case changed: all its time is borne by the other side from now on.
#[must_use]
pub fn move_charges(
    account: &Account,
    case: &CaseNumber,
    charge_to: ChargeTo,
    tariff: Tariff,
    today: Date,
) -> Vec<Entry> {
    let (mut now, mut entries) = (account.clone(), Vec::new());
    // Rounded per case, a booking that was lowered to nothing can still bear the strip that another one uses.
    let is_moved = |charge: &&Charge| {
        charge.case.as_ref() == Some(case)
            && (charge.real_minutes > 0 || charge.charged_minutes() > 0)
            && charge.is_on_contract != (charge_to == ChargeTo::Contract)
    };
    for charge in account.charges().iter().filter(is_moved) {
        let line = Entry { kind: EntryKind::ChargeMoved, ..charge_line(charge) };
        let new = match charge_to {
            ChargeTo::Contract => {
                let charged = now.charges().iter().find(|c| c.key == charge.key).map_or(0, Charge::charged_minutes);
                let given = give_back(&now, &charge.key, charged, &line, today);
                if given.is_empty() { vec![line] } else { given }
            }
            ChargeTo::StripCard => match charge_of(&now, case, charge.real_minutes, tariff) {
                0 => vec![Entry { kind: EntryKind::Deduction, ..line }],
                charged => take(&now, charged, &line, EntryKind::ChargeMoved, EntryKind::ChargeMoved, today),
            },
        };
        now.extend(&new);
        entries.extend(new);
    }
    entries
}

/// What so many more real minutes on a case cost.
fn charge_of(account: &Account, case: &CaseNumber, minutes: i64, tariff: Tariff) -> i64 {
    match tariff.rounding {
        Rounding::PerEntry | Rounding::None => tariff.charged(minutes),
        Rounding::PerCase => {
            let (real, charged) = on_cards(account, case);
            (tariff.charged(real + minutes) - charged).max(0)
        }
    }
}

/// Real and charged minutes of a case that are not borne by the contract.
fn on_cards(account: &Account, case: &CaseNumber) -> (i64, i64) {
    let charges = account.charges().iter().filter(|c| c.case.as_ref() == Some(case) && !c.is_on_contract);
    charges.fold((0, 0), |(real, charged), c| (real + c.real_minutes, charged + c.charged_minutes()))
}

/// Takes charged minutes from the cards valid on the line's work date, and the rest as overdraft.
fn take(
    account: &Account,
    charged: i64,
    line: &Entry,
    from_card: EntryKind,
    from_overdraft: EntryKind,
    today: Date,
) -> Vec<Entry> {
    // A card that ended since that day gives back what is needed of its expired remainder.
    let available = |card: &Card| card.minutes + if card.last_valid_day < today { card.expired_minutes } else { 0 };
    let mut cards: Vec<&Card> = account.cards().iter().filter(|card| card.is_valid_on(line.work_date)).collect();
    cards.sort_by_key(|card| (card.last_valid_day, card.purchased_on, card.number.clone()));
    let (mut left, mut entries) = (charged, Vec::new());
    for card in cards {
        let taken = available(card).min(left);
        if taken <= 0 {
            continue;
        }
        if taken > card.minutes {
            let returned = taken - card.minutes;
            let line = Entry { kind: EntryKind::Return, charge: None, case: None, ..line.clone() };
            entries.push(Entry { card: Some(card.number.clone()), charged_minutes: returned, ..line });
        }
        let card = Some(card.number.clone());
        entries.push(Entry { kind: from_card, card, charged_minutes: -taken, ..line.clone() });
        left -= taken;
    }
    if left > 0 {
        entries.push(Entry { kind: from_overdraft, charged_minutes: -left, ..line.clone() });
    }
    if entries.is_empty() {
        entries.push(Entry { kind: from_card, ..line.clone() });
    }
    entries
}

/// Lowers the latest bookings of an expert on a case. The line says who asked, why, and on which day.
fn lower_latest(
    account: &Account,
    expert: Option<&PersonKey>,
    case: &CaseNumber,
    minutes: i64,
    line: &Entry,
    tariff: Tariff,
) -> Result<Vec<Entry>, Refusal> {
    if minutes <= 0 {
        return Err(Refusal::BadMinutes(minutes));
    }
    let is_meant = |charge: &&Charge| {
        expert.is_none_or(|key| charge.key.expert == *key)
            && charge.case.as_ref() == Some(case)
            && charge.real_minutes > 0
    };
    let meant: Vec<&Charge> = account.charges().iter().rev().filter(is_meant).collect();
    let available = meant.iter().map(|charge| charge.real_minutes).sum();
    if minutes > available {
        return Err(Refusal::NothingToCorrect { available });
    }
    let (mut now, mut left, mut entries) = (account.clone(), minutes, Vec::new());
    for charge in meant {
        let lowered = charge.real_minutes.min(left);
        if lowered == 0 {
            break;
        }
        let new = lower(&now, &charge.key, lowered, line, tariff);
        now.extend(&new);
        entries.extend(new);
        left -= lowered;
    }
    Ok(entries)
}

/// Lowers one charge by real minutes and gives back what that makes too much.
fn lower(account: &Account, key: &BookingKey, lowered: i64, asked: &Entry, tariff: Tariff) -> Vec<Entry> {
    let Some(charge) = account.charges().iter().find(|charge| charge.key == *key) else { return Vec::new() };
    let today = asked.work_date;
    let line = Entry { booking: asked.booking.clone(), text: asked.text.clone(), ..charge_line(charge) };
    let too_much = match tariff.rounding {
        _ if charge.is_on_contract => 0,
        Rounding::PerEntry | Rounding::None => charge.charged_minutes() - tariff.charged(charge.real_minutes - lowered),
        Rounding::PerCase => {
            let (real, charged) = charge.case.as_ref().map_or((0, 0), |case| on_cards(account, case));
            charged - tariff.charged(real - lowered)
        }
    };
    let own = too_much.min(charge.charged_minutes());
    let mut entries = vec![Entry { real_minutes: -lowered, ..line.clone() }];
    let mut now = account.clone();
    now.extend(&entries);
    let given = give_back(&now, key, own, &line, today);
    now.extend(&given);
    entries.extend(given);
    // Rounded per case, the strip that falls free may have been opened by another booking on the case.
    let mut left = too_much - own;
    for other in account.charges().iter().rev().filter(|c| c.case == charge.case && c.key != *key && !c.is_on_contract)
    {
        let part = left.min(other.charged_minutes());
        let given =
            give_back(&now, &other.key, part, &Entry { charge: Some(other.key.clone()), ..line.clone() }, today);
        now.extend(&given);
        entries.extend(given);
        left -= part.max(0);
    }
    join_real_minutes(entries)
}

/// Gives charged minutes of a charge back: to the overdraft first, then to its cards, the last taken first.
fn give_back(account: &Account, key: &BookingKey, minutes: i64, line: &Entry, today: Date) -> Vec<Entry> {
    if minutes <= 0 {
        return Vec::new();
    }
    let mut entries = Vec::new();
    let mut now = account.clone();
    let to_overdraft = account.overdraft_minutes().min(minutes);
    if to_overdraft > 0 {
        entries.push(Entry { card: None, charged_minutes: to_overdraft, ..line.clone() });
        now.extend(&entries);
    }
    let Some(charge) = now.charges().iter().find(|charge| charge.key == *key) else { return entries };
    for part in charge.clone().take_from_cards(minutes - to_overdraft) {
        let has_ended = part.card.as_ref().and_then(|n| now.card(n)).is_some_and(|card| card.last_valid_day < today);
        entries.push(Entry { card: part.card.clone(), charged_minutes: part.minutes, ..line.clone() });
        if has_ended {
            let line = Entry { kind: EntryKind::Expiry, charge: None, case: None, ..line.clone() };
            entries.push(Entry { card: part.card, charged_minutes: -part.minutes, ..line });
        }
    }
    entries
}

/// A line about a charge, without minutes.
fn charge_line(charge: &Charge) -> Entry {
    Entry {
        kind: EntryKind::Correction,
        real_minutes: 0,
        charged_minutes: 0,
        card: None,
        work_date: charge.work_date,
        booking: None,
        charge: Some(charge.key.clone()),
        case: charge.case.clone(),
        valid_through: None,
        text: String::new(),
    }
}

/// A line that no tag made.
fn desk_line(kind: EntryKind, card: Option<&CardNumber>, charged_minutes: i64, work_date: Date) -> Entry {
    Entry {
        kind,
        real_minutes: 0,
        charged_minutes,
        card: card.cloned(),
        work_date,
        booking: None,
        charge: None,
        case: None,
        valid_through: None,
        text: String::new(),
    }
}

/// The first line of the charge itself carries the real minutes.
fn carry_real_minutes(entries: &mut [Entry], minutes: i64) {
    if let Some(first) = entries.iter_mut().find(|entry| entry.charge.is_some()) {
        first.real_minutes = minutes;
    }
}

/// The first line, which only lowers real minutes, is joined with the next one of the same charge.
fn join_real_minutes(mut entries: Vec<Entry>) -> Vec<Entry> {
    if entries.len() > 1 && entries[1].charge == entries[0].charge {
        entries[1].real_minutes += entries[0].real_minutes;
        entries.remove(0);
    }
    entries
}

#[cfg(test)]
mod tests;
