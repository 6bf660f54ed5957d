//! `#balance` and `#statement`: what a proven coordinator is told of the strip cards, and nobody else.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::domain::command::{self, LedgerQuestion};
use crate::domain::directory::{Charge, Client, Contract, Directory, Holding};
use crate::domain::message::Message;
use crate::domain::notice::{
    Balance, CardBalance, CardEnded, CardLine, CardLow, CardPrivate, CardStatement, CardToCome, CardUsedUp,
    StatementEntry, Words,
};
use crate::domain::strip_card::{self, Account, Scope, Statement, StatementLine, Threshold, statement};

use super::outgoing::{About, Carried, Outgoing, balance_in, today};
use super::{Decision, DeskFacts, Effect, Facts, Outcome};

/// What the mail asks of the strip cards; nothing where its sender may not ask. Then the tag is plain text.
pub(super) fn question(message: &Message, facts: &Facts<'_>, holding: Option<&Holding<'_>>) -> Option<LedgerQuestion> {
    holding?;
    if !message.may_auto_reply || !(message.proof.is_proven() || facts.is_released) {
        return None;
    }
    let answered = facts.answered.as_ref().map_or("", |letter| letter.text.as_str());
    let writer = message.sender().map_or("", |sender| sender.display());
    command::ledger_question(&message.reply.fresh, answered, writer)
}

/// A mail that asks and says nothing else opens no case.
pub(super) fn asked_alone(client: &Client) -> Decision {
    Decision::new(Outcome::Noted, format!("the coordinator of {} asked for the strip cards", client.code))
}

/// Somebody of the client who is not its coordinator asks for the cards and nothing else: they hear who is told. No
/// request waits for that.
pub(super) fn told_to_others(
    message: &Message,
    facts: &Facts<'_>,
    client: &Client,
    now: Timestamp,
) -> Option<Decision> {
    let sender = message.sender().filter(|_| message.may_auto_reply)?;
    let answered = facts.answered.as_ref().map_or("", |letter| letter.text.as_str());
    command::ledger_question(&message.reply.fresh, answered, sender.display()).filter(|asked| asked.is_alone)?;
    let mut decision = Decision::new(
        Outcome::Noted,
        format!("somebody else than the coordinator of {} asked for the cards", client.code),
    );
    let coordinators = facts.directory.coordinators(&client.code, now);
    let coordinator = coordinators.first().map(|holding| holding.human.name.to_owned());
    let words = CardPrivate { client_name: client.name.clone(), coordinator };
    decision.letters.push(Outgoing::to_address(words, sender, Some(client), facts).answering(message));
    Some(decision)
}

/// What was asked, for the audit trail.
pub(super) fn audit(question: &LedgerQuestion, client: &Client) -> Effect {
    let what = match (question.balance, question.statement) {
        (true, true) => "balance and statement",
        (true, false) => "balance",
        _ => "statement",
    };
    Effect::Audit { action: "tell-cards", detail: format!("{what} of {}", client.code) }
}

/// The letters that answer, to the address from which the coordinator wrote.
pub(super) fn answers(
    question: &LedgerQuestion,
    message: &Message,
    facts: &Facts<'_>,
    client: &Client,
    holding: &Holding<'_>,
    now: Timestamp,
) -> Vec<Outgoing> {
    let Some(contract) = facts.directory.contract_or_last(&client.code, now) else { return Vec::new() };
    let day = today(&client.code, facts, now);
    let account = facts.accounts.get(&client.code).cloned().unwrap_or_default();
    let has_cards = pays_by_card(contract, &account);
    let mut letters = Vec::new();
    if question.balance || !has_cards {
        let words = CardBalance {
            client_name: client.name.clone(),
            has_no_card: !has_cards,
            balance: balance_in(&account, contract, day),
            cards: card_lines(&account, contract, day),
        };
        letters.extend(Outgoing::to_human(words, &holding.human, About::Nothing, facts));
    }
    if question.statement && has_cards {
        let ledger = facts.ledgers.get(&client.code).map_or(&[][..], Vec::as_slice);
        let scope = Scope { card: None, from: Some(first_of_last_month(day)), through: Some(day) };
        let made = statement(ledger, scope);
        let balance = balance_in(&account, contract, day);
        let about = StatementFor { client, contract, balance: Some(balance), is_asked: true, is_letter: true };
        let letter = Outgoing::to_human(statement_words(&made, &about), &holding.human, About::Nothing, facts)
            .map(|letter| Outgoing { carried: statement_file(&made, client), ..letter });
        letters.extend(letter);
    }
    for letter in &mut letters {
        if let Some(sender) = message.sender() {
            letter.notice.to.person.address = sender.address.clone();
        }
        letter.client = Some(client.code.clone());
        letter.in_reply_to.clone_from(&message.message_id);
    }
    letters
}

/// That a client's cards are nearly or wholly used up: a letter to its coordinator, once until the next card begins.
#[derive(Debug, Clone)]
pub struct CardNotice {
    /// The letter, about the more urgent limit.
    pub letter: Outgoing,
    /// What counts as told by it, that limit first: where its mark is there already the letter does not go.
    pub marks: Vec<String>,
}

/// What the coordinator is to hear of an account as it is now, whoever wrote into it.
#[must_use]
pub fn card_notice(
    account: &Account,
    client: &Client,
    directory: &Directory,
    desk: &DeskFacts,
    at: Timestamp,
) -> Option<CardNotice> {
    let contract = directory.contract(&client.code, at).filter(|contract| contract.charge.support == Charge::Card)?;
    let holding = directory.coordinators(&client.code, at).into_iter().next()?;
    let day = client.time_zone.time_zone().to_datetime(at).date();
    let reached = strip_card::thresholds_reached(account, day);
    let (client_name, balance) = (client.name.clone(), balance_in(account, contract, day));
    let words: Words = match reached.first()? {
        Threshold::UsedUp => {
            CardUsedUp { client_name, balance, ended: card_ended(account, day), next: card_to_come(account, day) }
                .into()
        }
        Threshold::QuarterLeft => {
            CardLow { client_name, balance, run_out_on: strip_card::run_out_on(account, day) }.into()
        }
    };
    let begun = strip_card::cards_begun(account, day);
    let mark = |threshold: &Threshold| match threshold {
        Threshold::UsedUp => format!("card/{}/used-up/{begun}", client.code),
        Threshold::QuarterLeft => format!("card/{}/quarter/{begun}", client.code),
    };
    let mut letter = Outgoing::of_desk(words, &holding.human, About::Nothing, directory, desk)?;
    letter.client = Some(client.code.clone());
    Some(CardNotice { letter, marks: reached.iter().map(mark).collect() })
}

/// The card that ended last, where minutes expired with it and none is valid any more: then the client did not use up
/// what it bought.
fn card_ended(account: &Account, day: Date) -> Option<CardEnded> {
    let has_valid = account.cards().iter().any(|card| card.is_valid_on(day));
    let ended = account.cards().iter().filter(|card| card.last_valid_day < day).max_by_key(|card| card.last_valid_day);
    let card = ended.filter(|card| !has_valid && card.expired_minutes > 0)?;
    Some(CardEnded {
        number: card.number.to_string(),
        valid_through_on: card.last_valid_day,
        expired_minutes: card.expired_minutes,
    })
}

/// The card with minutes that begins next.
fn card_to_come(account: &Account, day: Date) -> Option<CardToCome> {
    let to_come = account.cards().iter().filter(|card| card.purchased_on > day && card.minutes > 0);
    let card = to_come.min_by_key(|card| card.purchased_on)?;
    Some(CardToCome { number: card.number.to_string(), left_minutes: card.minutes, begins_on: card.purchased_on })
}

/// Whether strip cards matter to a client: support is charged to them, or there are some.
#[must_use]
pub fn pays_by_card(contract: &Contract, account: &Account) -> bool {
    contract.charge.support == Charge::Card || !account.cards().is_empty() || account.overdraft_minutes() > 0
}

/// The cards valid on a day, the one that ends first standing first.
#[must_use]
pub fn card_lines(account: &Account, contract: &Contract, day: Date) -> Vec<CardLine> {
    let valid = account.cards().iter().filter(|card| card.is_valid_on(day));
    let mut cards: Vec<CardLine> = valid
        .map(|card| CardLine {
            number: card.number.to_string(),
            left_minutes: card.minutes,
            strip_minutes: i64::from(contract.strip_minutes),
            valid_through_on: card.last_valid_day,
        })
        .collect();
    cards.sort_by_key(|card| card.valid_through_on);
    cards
}

/// For whom a statement is written down.
#[derive(Debug, Clone, Copy)]
pub struct StatementFor<'a> {
    /// The client.
    pub client: &'a Client,
    /// The contract, for the length of a strip.
    pub contract: &'a Contract,
    /// What is left now, where the letter tells it.
    pub balance: Option<Balance>,
    /// Whether the coordinator asked by mail.
    pub is_asked: bool,
    /// Whether it is a letter, with a salutation; else a page or text for the desk.
    pub is_letter: bool,
}

/// The words of a statement.
#[must_use]
pub fn statement_words(made: &Statement, about: &StatementFor<'_>) -> CardStatement {
    CardStatement {
        client_name: about.client.name.clone(),
        card: made.scope.card.as_ref().map(ToString::to_string),
        from_on: made.scope.from,
        through_on: made.scope.through,
        is_asked: about.is_asked,
        is_letter: about.is_letter,
        opening_tally: made.opening_minutes,
        entries: made.lines.iter().map(entry_of).collect(),
        real_tally: made.real_minutes,
        charged_tally: made.charged_minutes,
        closing_tally: made.closing_minutes,
        balance: about.balance,
    }
}

fn entry_of(line: &StatementLine) -> StatementEntry {
    let StatementLine { line, balance_minutes } = line;
    let entry = &line.entry;
    StatementEntry {
        date: entry.work_date,
        entry: entry.kind.as_str().to_owned(),
        card: entry.card.as_ref().map(ToString::to_string),
        case_number: entry.case.as_ref().map(ToString::to_string),
        title: line.subject.clone().filter(|_| entry.case.is_some()),
        text: line.description().to_owned(),
        expert: line.expert.clone(),
        real_tally: Some(entry.real_minutes).filter(|minutes| *minutes != 0),
        charged_tally: entry.charged_minutes,
        balance_tally: *balance_minutes,
    }
}

/// The statement as a file beside the letter: `statement-AMR-2026-04-21.csv`.
#[must_use]
pub fn statement_file(made: &Statement, client: &Client) -> Carried {
    let through = made.scope.through.map_or_else(String::new, |day| format!("-{day}"));
    Carried::Made {
        name: format!("statement-{}{through}.csv", client.code),
        media_type: "text/csv",
        text: made.to_csv(),
    }
}

/// The first day of the month before that of a day.
#[must_use]
pub fn first_of_last_month(day: Date) -> Date {
    day.first_of_month().saturating_sub(1.month())
}
