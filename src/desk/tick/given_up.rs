//! Letters that were given up are told to those who can do something about it.

use tracing::error;

use crate::domain::address::{Address, NamedAddress};
use crate::domain::case::{Case, PartyRole};
use crate::domain::decision::{About, Carried, Outgoing, alarms_of_desk};
use crate::domain::directory::Directory;
use crate::domain::notice::{CaseHead, Notice, Recipient, Undeliverable, Words};
use crate::store::letters::StoredLetter;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cases, letters, marks};

use super::Tick;

impl Tick<'_> {
    /// A letter that was given up is told to the experts on its case, else to the desk, once.
    pub(super) async fn tell_given_up(
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
                    carried: Carried::Nothing,
                    once: None,
                    mended: None,
                })
            })
            .collect();
        Ok(if letters.is_empty() { alarms() } else { letters })
    }
}
