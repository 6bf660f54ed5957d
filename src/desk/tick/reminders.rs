//! People are reminded of what waits for them: held requests, parked mails, cases that wait for the client.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _};
use tracing::error;

use crate::desk::facts::find_request;
use crate::domain::case::{Case, Status};
use crate::domain::change::ChangeKind;
use crate::domain::command;
use crate::domain::decision::{
    CaseMatter, Facts, Matter, Outgoing, ParkedMatter, ParkedWords, Silence, Step, Telling, Waited, ended_request,
    reminder_letter,
};
use crate::domain::directory::Directory;
use crate::domain::names::PersonKey;
use crate::store::numbers::Numbers;
use crate::store::silences::StoredSilence;
use crate::store::{StoreError, Tx, cases, changes, marks, messages, requests, silences};

use super::Tick;

/// What is due to be told, and the row that it stands in.
type Due = (StoredSilence, Telling);

/// How a letter about all that is due for somebody fared.
enum Attempt {
    /// It is written.
    Written(usize),
    /// Nothing before this moment: the desk is closed, the reader got their letter of the day, or may get none.
    NotBefore(Timestamp),
}

impl Tick<'_> {
    /// Reminds everybody for whom something is due: one letter a person and day, in the client's service hours. Each
    /// reminder is noted in this transaction, so it is told once however many workers tick. Gives how many letters.
    pub(super) async fn remind(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        directory: &Directory,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        let mailbox = self.mailbox.facts(false);
        let facts = Facts::of_desk(directory, &self.office.facts, &mailbox);
        let mut due: BTreeMap<PersonKey, Vec<Due>> = BTreeMap::new();
        let mut count = 0;
        for stored in silences::list_due(tx, desk, until).await? {
            let silence = match self.read_silence(tx, &stored, directory).await {
                Ok(Some(silence)) => silence,
                Ok(None) => {
                    silences::end(tx, desk, &stored.kind, &stored.item).await?;
                    continue;
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    error!(kind = stored.kind, item = stored.item, %error, "what waits can't be read");
                    silences::save(tx, desk, &stored, Silence::look_due(Timestamp::MAX, until)).await?;
                    continue;
                }
            };
            let stored = StoredSilence { since: silence.waited.since, ..stored };
            match silence.step(directory, until, self.now) {
                Step::NotBefore(at) => silences::save(tx, desk, &stored, Silence::look_due(at, until)).await?,
                Step::End => count += self.end_silence(tx, numbers, &stored, &silence, &facts).await?,
                Step::Remind(stage) => match silence.reader(stage, &facts, self.now) {
                    Some(reader) => {
                        let telling = Telling { reader: reader.clone(), stage, silence };
                        due.entry(reader).or_default().push((stored, telling));
                    }
                    None => silences::save(tx, desk, &stored, Silence::look_due(Timestamp::MAX, until)).await?,
                },
            }
        }
        for (reader, due) in due {
            count += self.remind_person(tx, numbers, (&reader, &due), &facts, until).await?;
        }
        Ok(count)
    }

    /// One letter to one person. A letter that can't be written holds up nothing else of this tick.
    async fn remind_person(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        (reader, due): (&PersonKey, &[Due]),
        facts: &Facts<'_>,
        until: Timestamp,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        tx.savepoint().await?;
        let before = numbers.clone();
        let told = match self.write_reminder(tx, numbers, (reader, due), facts).await {
            Ok(told) => tx.release().await.map(|()| told),
            Err(error) => Err(error),
        };
        let told = match told {
            Ok(told) => told,
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                error!(%reader, %error, "a reminder can't be written");
                tx.undo().await?;
                *numbers = before;
                Attempt::NotBefore(Timestamp::MAX)
            }
        };
        for (stored, telling) in due {
            match told {
                Attempt::NotBefore(at) => silences::save(tx, desk, stored, Silence::look_due(at, until)).await?,
                Attempt::Written(_) => self.note_told(tx, numbers, (stored, telling), facts, until).await?,
            }
        }
        Ok(if let Attempt::Written(count) = told { count } else { 0 })
    }

    async fn write_reminder(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        (reader, due): (&PersonKey, &[Due]),
        facts: &Facts<'_>,
    ) -> Result<Attempt, StoreError> {
        let tellings: Vec<Telling> = due.iter().map(|(_, telling)| telling.clone()).collect();
        let Some(letter) = reminder_letter(&tellings, facts, self.now) else {
            return Ok(Attempt::NotBefore(Timestamp::MAX));
        };
        let directory = facts.directory;
        if !tellings.iter().any(|telling| telling.silence.is_open(directory, self.now)) {
            let openings = tellings.iter().map(|telling| telling.silence.next_opening(directory, self.now));
            return Ok(Attempt::NotBefore(openings.min().unwrap_or(Timestamp::MAX)));
        }
        let today = letter.notice.to.time_zone.to_datetime(self.now).date();
        let cause = format!("reminder/{reader}/{today}");
        if marks::claim(tx, self.office.code(), &cause, self.now).await? {
            let written = self.post(tx, numbers, std::slice::from_ref(&letter), &cause).await?;
            if written > 0 {
                return Ok(Attempt::Written(written));
            }
        }
        let from = start_of_next_day(&letter, self.now);
        let openings = tellings.iter().map(|telling| telling.silence.next_opening(directory, from));
        Ok(Attempt::NotBefore(openings.min().unwrap_or(from)))
    }

    /// Notes what was told, and when to look next.
    async fn note_told(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        (stored, telling): (&StoredSilence, &Telling),
        facts: &Facts<'_>,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        let reason = format!("{} was reminded of {}", telling.reader, name_of(&telling.silence));
        self.audit(tx, numbers, "remind", case_of(&telling.silence), &reason).await?;
        if matches!(telling.silence.matter, Matter::Parked(_)) {
            return silences::end(tx, desk, &stored.kind, &stored.item).await;
        }
        let waited = Waited { stage: telling.stage, told_at: Some(self.now), ..telling.silence.waited };
        let next = Silence { waited, ..telling.silence.clone() };
        let look_due = match next.step(facts.directory, until, self.now) {
            Step::NotBefore(at) => Silence::look_due(at, until),
            Step::Remind(_) | Step::End => until,
        };
        let stored = StoredSilence { stage: waited.stage, told_at: waited.told_at, ..stored.clone() };
        silences::save(tx, desk, &stored, look_due).await
    }

    /// Nobody decided on a request: reporter and coordinator are told so.
    async fn end_silence(
        &self,
        tx: &mut Tx,
        numbers: &mut Numbers,
        stored: &StoredSilence,
        silence: &Silence,
        facts: &Facts<'_>,
    ) -> Result<usize, StoreError> {
        let desk = self.office.code();
        silences::end(tx, desk, &stored.kind, &stored.item).await?;
        let Matter::Request(request) = &silence.matter else { return Ok(0) };
        if !requests::save_decision(tx, desk, request.request_no, "ended", "casepost", self.now, None).await? {
            return Ok(0);
        }
        let reason = format!("R-{} ended: nobody decided within the days that a request waits", request.request_no);
        self.audit(tx, numbers, "end-request", None, &reason).await?;
        let letters = ended_request(request, facts, self.now);
        self.post(tx, numbers, &letters, &format!("ended/R-{}", request.request_no)).await
    }

    /// What waits, as it stands now; nothing where it waits no longer.
    async fn read_silence(
        &self,
        tx: &mut Tx,
        stored: &StoredSilence,
        directory: &Directory,
    ) -> Result<Option<Silence>, StoreError> {
        let waited = Waited { since: stored.since, stage: stored.stage, told_at: stored.told_at };
        let number = || stored.item.parse().map_err(|_| StoreError::Inconsistent(format!("silence {}", stored.item)));
        match stored.kind.as_str() {
            "request" => {
                let request = find_request(tx, self.office.code(), number()?).await?.filter(|found| found.is_held);
                Ok(request.map(|request| Silence {
                    client: request.client.clone(),
                    waited,
                    matter: Matter::Request(Box::new(request)),
                }))
            }
            "parked" => self.read_parked(tx, &stored.item, waited).await,
            "case" => self.read_waiting(tx, number()?, waited, directory).await,
            other => Err(StoreError::Inconsistent(format!("a silence of the kind {other}"))),
        }
    }

    async fn read_parked(&self, tx: &mut Tx, fingerprint: &str, waited: Waited) -> Result<Option<Silence>, StoreError> {
        let desk = self.office.code();
        let Some(parked) = requests::find_parked(tx, desk, fingerprint).await? else { return Ok(None) };
        let Some(case) = cases::find(tx, desk, parked.case_no).await? else { return Ok(None) };
        let Some(mail) = messages::find(tx, desk, fingerprint).await? else { return Ok(None) };
        let matter = ParkedMatter {
            message_no: mail.message_no,
            fingerprint: parked.fingerprint,
            person: parked.person,
            parties: cases::list_parties_in(tx, desk, case.case_no).await?,
            words: ParkedWords { text: mail.words().to_owned(), subject: mail.subject, lines: parked.lines },
            case,
        };
        Ok(Some(Silence { client: matter.case.client.clone(), waited, matter: Matter::Parked(Box::new(matter)) }))
    }

    /// A case that waits for its client, with what the desk wrote last. It waits since the tag that made it wait: the row
    /// may stem from an earlier wait.
    async fn read_waiting(
        &self,
        tx: &mut Tx,
        case_no: i64,
        waited: Waited,
        directory: &Directory,
    ) -> Result<Option<Silence>, StoreError> {
        let desk = self.office.code();
        let found = cases::find(tx, desk, case_no).await?;
        let waits = |case: &Case| case.status == Status::WaitingClient && case.wait_due.is_none();
        let Some(case) = found.filter(waits) else { return Ok(None) };
        let changes = changes::list_kept(tx, desk, case_no).await?;
        let began = changes
            .iter()
            .find(|change| change.kind == ChangeKind::Waits && change.status_after == Status::WaitingClient);
        let waited = Waited { since: began.map_or(waited.since, |change| change.at), ..waited };
        let mails = messages::list_of_case_in(tx, desk, case_no).await?;
        let asked = mails.iter().rev().find_map(|mail| {
            let is_said = matches!(mail.outcome.as_str(), "joined" | "opened") && mail.cause.as_deref() != Some("note");
            let text = command::read_commands(mail.words(), "").text;
            let is_asked = is_said && mail.role.as_deref() == Some("expert") && !text.trim().is_empty();
            is_asked.then_some((mail, text))
        });
        let expert = asked.as_ref().and_then(|(mail, _)| {
            let person = mail.person.as_deref().and_then(|key| PersonKey::new(key).ok());
            let name = person.and_then(|key| directory.name_of(&key).map(str::to_owned));
            name.or_else(|| mail.sender_name.clone())
        });
        let matter = CaseMatter { case, expert, asked: asked.map(|(_, text)| text) };
        Ok(Some(Silence { client: matter.case.client.clone(), waited, matter: Matter::Case(Box::new(matter)) }))
    }
}

/// The first moment of the reader's next day.
fn start_of_next_day(letter: &Outgoing, now: Timestamp) -> Timestamp {
    let zone = &letter.notice.to.time_zone;
    let tomorrow = zone.to_datetime(now).date().checked_add(1.day());
    tomorrow.ok().and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)).ok()).unwrap_or(Timestamp::MAX)
}

fn case_of(silence: &Silence) -> Option<&Case> {
    match &silence.matter {
        Matter::Request(_) => None,
        Matter::Parked(parked) => Some(&parked.case),
        Matter::Case(waiting) => Some(&waiting.case),
    }
}

fn name_of(silence: &Silence) -> String {
    match &silence.matter {
        Matter::Request(request) => format!("R-{}", request.request_no),
        Matter::Parked(_) => "a parked mail".to_owned(),
        Matter::Case(_) => "the wait for the client".to_owned(),
    }
}
