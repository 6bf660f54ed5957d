//! What time alone brings: cases close, cards expire, letters that were given up are told.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tracing::error;

use crate::domain::address::{Address, NamedAddress};
use crate::domain::case::{Case, CaseEvent, Next, PartyRole};
use crate::domain::decision::{
    About, DeskFacts, Facts, Once, Outgoing, ParkedWords, alarms_of_desk, card_lines, parked_reminder,
};
use crate::domain::directory::{Client, Directory};
use crate::domain::notice::{CardExpiring, CaseHead, Notice, Recipient, Undeliverable, Words};
use crate::domain::promise;
use crate::domain::strip_card::{self, Account, ExpiryNotice};
use crate::store::audit::AuditLine;
use crate::store::cards::StoredEntry;
use crate::store::letters::StoredLetter;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{Db, StoreError, Tx, audit, cards, cases, letters, mailboxes, marks, messages, requests};

use super::by_hand;
use super::office::{Office, OfficeMailbox, ago};
use super::worker::known_until;

/// So much service time a parked mail may wait until its expert hears of it once more.
const PARKED_PATIENCE: Duration = Duration::from_secs(2 * 60 * 60);

/// One tick of one desk.
pub struct Tick<'a> {
    /// The store.
    pub db: &'a Db,
    /// The bytes of mails and letters.
    pub raw: &'a RawMails,
    /// The desk.
    pub office: &'a Office,
    /// The mailbox for which its letters leave.
    pub mailbox: &'a OfficeMailbox,
    /// The present moment.
    pub now: Timestamp,
}

impl Tick<'_> {
    /// Does what is due; gives how many letters that made.
    ///
    /// # Errors
    /// What the database said; then nothing was changed.
    pub async fn run(&self) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let fetched = mailboxes::list_fetched(self.db).await?;
        let prefix = format!("{desk}/");
        let of_desk: Vec<_> = fetched.iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(_, at)| *at).collect();
        let until = known_until(&of_desk, self.now);
        let mut tx = self.db.begin_for(desk).await?;
        let mut numbers = Numbers::list(&mut tx, desk).await?;
        let directory = self.office.directory(&mut tx).await?;
        self.close_cases(&mut tx, &mut numbers, until).await?;
        self.wake_cases(&mut tx, &mut numbers, until).await?;
        let mut told = self.expire_cards(&mut tx, &mut numbers, &directory, until).await?;
        told += self.remind_of_parked(&mut tx, &mut numbers, &directory, until).await?;
        told += self.tell_given_up(&mut tx, &mut numbers, &directory).await?;
        numbers.save(&mut tx, desk).await?;
        tx.commit().await?;
        Ok(told)
    }

    async fn close_cases(&self, tx: &mut Tx, numbers: &mut Numbers, until: Timestamp) -> Result<(), StoreError> {
        let desk = self.office.code();
        for mut case in cases::list_to_close(tx, desk, until).await? {
            let Next::Becomes(status) = case.status.after(CaseEvent::ReopenPeriodEnded) else { continue };
            case.status = status;
            case.closed_at = case.close_due;
            case.changed_at = case.close_due.unwrap_or(until);
            cases::save(tx, desk, &case).await?;
            let reason = "nobody wrote within the days in which an answer opens it again";
            self.audit(tx, numbers, "close-case", Some(&case), reason).await?;
        }
        Ok(())
    }

    async fn wake_cases(&self, tx: &mut Tx, numbers: &mut Numbers, until: Timestamp) -> Result<(), StoreError> {
        let desk = self.office.code();
        for mut case in cases::list_to_wake(tx, desk, until).await? {
            if let Next::Becomes(status) = case.status.after(CaseEvent::WaitEnded) {
                case.status = status;
            }
            case.changed_at = case.wait_due.unwrap_or(until);
            case.wait_due = None;
            cases::save(tx, desk, &case).await?;
            self.audit(tx, numbers, "wake-case", Some(&case), "the date until which it waited has come").await?;
        }
        Ok(())
    }

    /// Once a day for each client, on the client's own day: cards that near their end are told, each notice once a card
    /// and in this transaction, and what is left on ended cards expires.
    async fn expire_cards(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut told = 0;
        for client in directory.clients() {
            let today = client.time_zone.time_zone().to_datetime(until).date();
            let mark = format!("expiry/{}/{today}", client.code);
            if !marks::claim(tx, desk, &mark, self.now).await? {
                continue;
            }
            let stored = cards::list_in(tx, desk, client.code.as_str()).await?;
            let account = Account::from_entries(stored.iter().map(|line| &line.entry));
            let near = card_endings(&account, client, directory, &self.office.facts, today, until);
            told += near.len();
            self.post(tx, numbers, &near, &mark).await?;
            for entry in strip_card::expire(&account, today) {
                let card = entry.card.as_ref().map_or_else(String::new, ToString::to_string);
                let line = StoredEntry {
                    entry_no: numbers.draw("entry"),
                    entry,
                    booked_at: until,
                    booking_key: format!("{desk}/expiry/{}/{card}/{today}", client.code),
                    position: None,
                };
                cards::record(tx, desk, client.code.as_str(), 0, None, &line).await?;
            }
        }
        Ok(told)
    }

    /// An expert whose mail is parked hears of it once more, after two hours of the client's service time.
    async fn remind_of_parked(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mut count = 0;
        for parked in requests::list_parked(tx, desk, ago(until, SignedDuration::from_hours(2))).await? {
            let Some(case) = cases::find(tx, desk, parked.case_no).await? else { continue };
            let calendar = promise::calendar_of(directory, &case.client, parked.parked_at);
            let due = calendar.map_or(until, |calendar| calendar.due(parked.parked_at, PARKED_PATIENCE));
            if due > until || !requests::save_reminded(tx, desk, &parked.fingerprint, self.now).await? {
                continue;
            }
            let Some(mail) = messages::find(tx, desk, &parked.fingerprint).await? else { continue };
            let words = ParkedWords { subject: mail.subject, text: mail.fresh, lines: parked.lines };
            let mailbox = self.mailbox.facts(false);
            let facts = Facts::of_desk(directory, &self.office.facts, &mailbox);
            let parties = cases::list_parties_in(tx, desk, case.case_no).await?;
            let letter = parked_reminder(&case, &parties, &parked.person, &parked.fingerprint, words, &facts);
            let cause = format!("parked/{}", parked.fingerprint);
            count += letter.iter().count();
            self.post(tx, numbers, letter.as_slice(), &cause).await?;
        }
        Ok(count)
    }

    /// A letter that was given up is told to the experts on its case, else to the desk, once.
    async fn tell_given_up(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let lost = letters::list_given_up(tx, desk).await?;
        let mut told = 0;
        for letter in lost {
            // A letter that can't be told holds up nothing else of this tick, and is told once it can be.
            tx.savepoint().await?;
            let before = numbers.clone();
            let done = match self.tell_given_up_letter(tx, numbers, directory, &letter).await {
                Ok(count) => tx.release().await.map(|()| count),
                Err(error) => Err(error),
            };
            match done {
                Ok(count) => told += count,
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    error!(letter = letter.letter_no, %error, "a letter that was given up can't be told");
                    tx.undo().await?;
                    *numbers = before;
                }
            }
        }
        Ok(told)
    }

    async fn tell_given_up_letter(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        letter: &StoredLetter,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let cause = format!("given-up/{}", letter.letter_no);
        if !marks::claim(tx, desk, &cause, self.now).await? {
            return Ok(0);
        }
        let case = match letter.case_no {
            Some(case_no) => cases::find(tx, desk, case_no).await?,
            None => None,
        };
        let reason = letter.answer.clone().unwrap_or_default();
        self.audit(tx, numbers, "give-up-letter", case.as_ref(), &format!("to {}: {reason}", letter.recipient)).await?;
        let outgoing = self.undeliverable(tx, directory, letter, case.as_ref()).await?;
        self.post(tx, numbers, &outgoing, &cause).await?;
        Ok(outgoing.len())
    }

    async fn undeliverable(
        &self,
        tx: &mut Tx,
        directory: &Directory,
        letter: &StoredLetter,
        case: Option<&Case>,
    ) -> Result<Vec<Outgoing>, StoreError> {
        let Ok(recipient) = Address::new(&letter.recipient) else { return Ok(Vec::new()) };
        let text = format!("letter {} \"{}\" to {recipient} was given up", letter.letter_no, letter.subject);
        let alarms =
            || alarms_of_desk("given-up", &text, directory, &self.office.facts, Some(recipient.as_str()), self.now);
        let Some(case) = case else { return Ok(alarms()) };
        let words = Undeliverable {
            case: Some(CaseHead {
                number: case.number.to_string(),
                subject: case.subject.clone(),
                client_name: directory.client(&case.client).map_or_else(String::new, |client| client.name.clone()),
                kind: case.kind.as_str().to_owned(),
                priority: case.priority.as_str().to_owned(),
            }),
            subject: letter.subject.clone(),
            recipient: recipient.clone(),
            response: letter.answer.clone().unwrap_or_default(),
            written_at: letter.enqueued_at,
            is_bounce: false,
            text: Some(letter.text.clone()),
        };
        let parties = cases::list_parties_in(tx, self.office.code(), case.case_no).await?;
        let experts = parties.iter().filter(|party| party.role == PartyRole::Expert);
        let experts = experts.filter_map(|party| directory.expert(&party.person));
        let letters: Vec<Outgoing> = experts
            .filter(|expert| expert.addresses.first() != Some(&recipient))
            .filter_map(|expert| {
                let to = NamedAddress::new(&expert.name, expert.addresses.first()?.clone());
                Some(Outgoing {
                    notice: Notice {
                        words: Words::from(words.clone()),
                        to: Recipient {
                            person: to,
                            language: expert.language,
                            time_zone: self.office.facts.time_zone.clone(),
                        },
                        cc: Vec::new(),
                    },
                    person: Some(expert.key.clone()),
                    about: About::Case { case_no: case.case_no, number: case.number.clone() },
                    client: Some(case.client.clone()),
                    writer: None,
                    in_reply_to: None,
                    carried: crate::domain::decision::Carried::Nothing,
                    once: None,
                    mended: None,
                })
            })
            .collect();
        Ok(if letters.is_empty() { alarms() } else { letters })
    }

    async fn post(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        outgoing: &[Outgoing],
        cause: &str,
    ) -> Result<(), StoreError> {
        by_hand::post(tx, numbers, (self.office, self.mailbox, self.raw), outgoing, cause, self.now).await
    }

    async fn audit(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        action: &str,
        case: Option<&Case>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let line = AuditLine {
            at: self.now,
            actor: "casepost".into(),
            action: action.to_owned(),
            case_no: case.map(|case| case.case_no),
            fingerprint: None,
            position: None,
            reason: reason.to_owned(),
            detail: String::new(),
        };
        audit::record(tx, self.office.code(), numbers, &line).await
    }
}

/// The letters to a client's coordinator about cards that end soon with minutes on them.
fn card_endings(
    account: &Account,
    client: &Client,
    directory: &Directory,
    desk: &DeskFacts,
    today: Date,
    at: Timestamp,
) -> Vec<Outgoing> {
    let coordinators = directory.coordinators(&client.code, at);
    let (Some(holding), Some(contract)) = (coordinators.first(), directory.contract(&client.code, at)) else {
        return Vec::new();
    };
    let lines = card_lines(account, contract, today);
    let near = strip_card::expiry_notices(account, today).into_iter();
    near.filter_map(|(number, notice)| {
        let card = lines.iter().find(|line| line.number == number.as_str())?.clone();
        let words = CardExpiring { client_name: client.name.clone(), card };
        let mut letter = Outgoing::of_desk(words, &holding.human, About::Nothing, directory, desk)?;
        let days = match notice {
            ExpiryNotice::ThirtyDays => 30,
            ExpiryNotice::SevenDays => 7,
        };
        letter.client = Some(client.code.clone());
        letter.once = Some(Once { mark: format!("card/{}/{number}/ends-in-{days}", client.code), until: None });
        Some(letter)
    })
    .collect()
}
