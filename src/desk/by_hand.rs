//! What a person of the desk does to the strip cards by command: the ledger, the audit trail and the letters to who was
//! told before, in one transaction under the desk's lock.

mod summary;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::case::Case;
use crate::domain::decision::{
    About, Outgoing, StatementFor, balance_in, pays_by_card, statement_file, statement_words, tariff,
};
use crate::domain::directory::{Client, Directory, Human};
use crate::domain::names::{CardNumber, ClientCode, PersonKey};
use crate::domain::notice::{CardChanged, Corrected, Moved};
use crate::domain::strip_card::{
    self, Account, DeskCorrection, Entry, Refusal, Scope, WorkLine, correct_by_desk, statement, work_lines,
};
use crate::mail::parse::{Trust, parse};
use crate::store::audit::AuditLine;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{Db, StoreError, Tx, audit, cards};

use super::import::By;
use super::ledger::{self, Writing};
use super::office::Office;
use super::post::{Again, Posting};
use super::posted::Posted;

pub use summary::SentSummary;

/// Why a command changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// The ledger's rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The directory or configuration lacks something; with the mend.
    #[error("{0}")]
    Lacking(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change under way. What is not committed never happened.
pub struct ByHand<'a> {
    office: &'a Office,
    raw: &'a RawMails,
    by: By,
    tx: Tx,
    numbers: Numbers,
    directory: Arc<Directory>,
}

impl<'a> ByHand<'a> {
    /// Begins under the desk's lock, so that nobody books between reading the account and writing the lines.
    ///
    /// # Errors
    /// When the database is locked or away.
    pub async fn begin(db: &Db, raw: &'a RawMails, office: &'a Office, by: By) -> Result<ByHand<'a>, StoreError> {
        let mut tx = db.begin_for(office.code()).await?;
        let numbers = Numbers::list(&mut tx, office.code()).await?;
        let directory = office.directory(&mut tx).await?;
        Ok(ByHand { office, raw, by, tx, numbers, directory })
    }

    /// The transaction, for what a command asks beside.
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// What the database said.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.numbers.save(&mut self.tx, self.office.code()).await?;
        self.tx.commit().await
    }

    /// Takes booked time back. The coordinator who was told of it and the experts whose time it was get a letter.
    ///
    /// # Errors
    /// [`ByHandError`]; then nothing is to be committed.
    pub async fn correct(&mut self, case: &Case, asked: &DeskCorrection) -> Result<Vec<WorkLine>, ByHandError> {
        let directory = Arc::clone(&self.directory);
        let client = client_of(&directory, &case.client)?;
        let today = self.today(client);
        let agreed = directory.contract_or_last(&client.code, self.by.at).map(tariff).unwrap_or_default();
        let account = self.account(&client.code).await?;
        let entries = correct_by_desk(&account, asked, agreed, today)?;
        let key = format!("correct/{}/{}", client.code, self.numbers.peek("entry"));
        self.record(&client.code, Some(case.case_no), &key, &entries).await?;
        let lowered = work_lines(&client.code, today, entries.iter());
        let told = lowered.iter().map(|line| {
            let who = directory.name_of(&line.expert).unwrap_or(line.expert.as_str());
            format!("{} real and {} charged minutes of {who}", -line.real_minutes, -line.charged_minutes)
        });
        let detail = format!("{} taken back on {}", told.collect::<Vec<_>>().join(", "), case.number);
        self.note("correct-time", detail, Some(case.case_no)).await?;
        let mut after = account.clone();
        after.extend(&entries);
        let mut letters = self.correction_letters(&directory, client, case, &lowered, &account, &after);
        letters.extend(self.card_notices(&directory, &client.code, &after).await?);
        self.post(&letters, &key).await?;
        Ok(lowered)
    }

    fn correction_letters(
        &self,
        directory: &Directory,
        client: &Client,
        case: &Case,
        lowered: &[WorkLine],
        before: &Account,
        after: &Account,
    ) -> Vec<Outgoing> {
        let about = || About::Case { case_no: case.case_no, number: case.number.clone() };
        let lines_of = |expert: Option<&PersonKey>| -> Vec<Corrected> {
            let meant = lowered.iter().filter(|line| expert.is_none_or(|key| line.expert == *key));
            meant
                .map(|line| Corrected {
                    case_number: case.number.to_string(),
                    expert: directory.name_of(&line.expert).unwrap_or(line.expert.as_str()).to_owned(),
                    real_minutes: -line.real_minutes,
                    charged_minutes: -line.charged_minutes,
                })
                .collect()
        };
        let mut letters = Vec::new();
        // The coordinator was told of bookings on cards only.
        let is_told = before.charges().iter().any(|charge| {
            charge.case.as_ref() == Some(&case.number)
                && !charge.is_on_contract
                && lowered.iter().any(|line| line.expert == charge.key.expert)
        });
        if is_told && let Some(coordinator) = self.coordinator(directory, client, case.coordinator.as_ref()) {
            let words = self.changed(directory, client, after, lines_of(None), None);
            letters.extend(self.letter(words, &coordinator, about(), directory, client));
        }
        let mut experts: Vec<&PersonKey> = lowered.iter().map(|line| &line.expert).collect();
        experts.dedup();
        for key in experts {
            let Some(expert) = directory.expert(key).and_then(|expert| directory.human(&expert.key)) else { continue };
            let words =
                CardChanged { balance: None, ..self.changed(directory, client, after, lines_of(Some(key)), None) };
            letters.extend(self.letter(words, &expert, about(), directory, client));
        }
        letters
    }

    /// Moves minutes from card to card; the coordinator gets a letter.
    ///
    /// # Errors
    /// [`ByHandError`]; then nothing is to be committed.
    pub async fn transfer(
        &mut self,
        code: &ClientCode,
        (from, to): (&CardNumber, &CardNumber),
        minutes: i64,
    ) -> Result<(), ByHandError> {
        let directory = Arc::clone(&self.directory);
        let client = client_of(&directory, code)?;
        let account = self.account(code).await?;
        let entries = strip_card::transfer(&account, (from, to), minutes, &self.by.reason, self.today(client))?;
        let key = format!("transfer/{code}/{}", self.numbers.peek("entry"));
        self.record(code, None, &key, &entries).await?;
        let detail = format!("{minutes} minutes from card {from} to card {to} of {code}");
        self.note("transfer-minutes", detail, None).await?;
        let mut after = account;
        after.extend(&entries);
        let moved = Moved { from_card: from.to_string(), to_card: to.to_string(), moved_minutes: minutes };
        let words = self.changed(&directory, client, &after, Vec::new(), Some(moved));
        let coordinator = self.coordinator(&directory, client, None);
        let letter = coordinator.and_then(|human| self.letter(words, &human, About::Nothing, &directory, client));
        let mut letters: Vec<Outgoing> = letter.into_iter().collect();
        letters.extend(self.card_notices(&directory, code, &after).await?);
        self.post(&letters, &key).await?;
        Ok(())
    }

    /// Mails a statement to the coordinators who hold the position, else to the first deputy; gives whom.
    ///
    /// # Errors
    /// [`ByHandError`]; then nothing is to be committed.
    pub async fn send_statement(&mut self, code: &ClientCode, scope: Scope) -> Result<Vec<String>, ByHandError> {
        let directory = Arc::clone(&self.directory);
        let client = client_of(&directory, code)?;
        let lacks = || ByHandError::Lacking(format!("{code} never had a contract: see \"casepost client list\""));
        let contract = directory.contract_or_last(code, self.by.at).ok_or_else(lacks)?;
        let account = self.account(code).await?;
        let lines = ledger::lines_in(&mut self.tx, self.office, &directory, code).await?;
        let made = statement(&lines, scope);
        let balance = pays_by_card(contract, &account).then(|| balance_in(&account, contract, self.today(client)));
        let about = StatementFor { client, contract, balance, is_asked: false, is_letter: true };
        let words = statement_words(&made, &about);
        let holdings = directory.coordinators(code, self.by.at);
        let holders = holdings.iter().filter(|holding| !holding.is_deputy);
        let mut to: Vec<&Human<'_>> = holders.map(|holding| &holding.human).collect();
        if to.is_empty() {
            to.extend(holdings.first().map(|holding| &holding.human));
        }
        let mut letters = Vec::new();
        for human in to {
            let letter = self.letter(words.clone(), human, About::Nothing, &directory, client);
            letters.extend(letter.map(|letter| Outgoing { carried: statement_file(&made, client), ..letter }));
        }
        let addresses: Vec<String> =
            letters.iter().map(|letter| letter.notice.to.person.address.as_str().to_owned()).collect();
        let key = format!("statement/{code}/{}", self.numbers.peek("audit"));
        self.note("send-statement", format!("{code} to {}", addresses.join(", ")), None).await?;
        self.post(&letters, &key).await?;
        Ok(addresses)
    }

    /// The coordinator in whose name the case runs, while they hold the position; else the first who holds it.
    fn coordinator<'d>(
        &self,
        directory: &'d Directory,
        client: &Client,
        of_case: Option<&PersonKey>,
    ) -> Option<Human<'d>> {
        let holdings = directory.coordinators(&client.code, self.by.at);
        let by_case = holdings.iter().find(|holding| Some(holding.human.key) == of_case);
        by_case.or_else(|| holdings.first()).map(|holding| holding.human)
    }

    fn changed(
        &self,
        directory: &Directory,
        client: &Client,
        after: &Account,
        corrected: Vec<Corrected>,
        moved: Option<Moved>,
    ) -> CardChanged {
        let contract = directory.contract_or_last(&client.code, self.by.at);
        CardChanged {
            client_name: client.name.clone(),
            corrected,
            moved,
            reason: self.by.reason.clone(),
            balance: contract.map(|contract| balance_in(after, contract, self.today(client))),
        }
    }

    fn letter(
        &self,
        words: impl Into<crate::domain::notice::Words>,
        human: &Human<'_>,
        about: About,
        directory: &Directory,
        client: &Client,
    ) -> Option<Outgoing> {
        let mut letter = Outgoing::of_desk(words, human, about, directory, &self.office.facts)?;
        letter.client = Some(client.code.clone());
        Some(letter)
    }

    fn today(&self, client: &Client) -> Date {
        client.time_zone.time_zone().to_datetime(self.by.at).date()
    }

    async fn account(&mut self, client: &ClientCode) -> Result<Account, StoreError> {
        let ledger = cards::list_in(&mut self.tx, self.office.code(), client.as_str()).await?;
        Ok(Account::from_entries(ledger.iter().map(|line| &line.entry)))
    }

    async fn record(
        &mut self,
        client: &ClientCode,
        case_no: Option<i64>,
        booking_key: &str,
        entries: &[Entry],
    ) -> Result<(), StoreError> {
        let actor = self.by.actor.clone();
        let writing = Writing { client, case_no, booking_key, position: Some(&actor), booked_at: self.by.at };
        ledger::write(&mut self.tx, self.office.code(), &mut self.numbers, writing, entries).await?;
        Ok(())
    }

    async fn card_notices(
        &mut self,
        directory: &Directory,
        client: &ClientCode,
        after: &Account,
    ) -> Result<Option<Outgoing>, StoreError> {
        ledger::notices(&mut self.tx, self.office, directory, client, after, self.by.at).await
    }

    async fn note(&mut self, action: &str, detail: String, case_no: Option<i64>) -> Result<(), StoreError> {
        let line = AuditLine {
            at: self.by.at,
            actor: self.by.actor.clone(),
            action: action.to_owned(),
            case_no,
            fingerprint: None,
            position: None,
            reason: self.by.reason.clone(),
            detail,
        };
        audit::record(&mut self.tx, self.office.code(), &mut self.numbers, &line).await
    }

    async fn post(&mut self, letters: &[Outgoing], cause: &str) -> Result<(), ByHandError> {
        let no_mailbox = || ByHandError::Lacking(format!("desk {} has no mailbox to write from", self.office.code()));
        let mailbox = self.office.mailboxes.first().ok_or_else(no_mailbox)?;
        post(&mut self.tx, &mut self.numbers, (self.office, mailbox, self.raw), letters, cause, self.by.at).await?;
        Ok(())
    }
}

/// Letters that no mail caused; gives how many may go.
pub(super) async fn post(
    tx: &mut Tx,
    numbers: &mut Numbers,
    place: (&Office, &super::office::OfficeMailbox, &RawMails),
    letters: &[Outgoing],
    cause: &str,
    now: Timestamp,
) -> Result<usize, StoreError> {
    post_again(tx, numbers, place, letters, (cause, Again::default()), now).await
}

/// As [`post`], of letters that may have left before.
pub(super) async fn post_again(
    tx: &mut Tx,
    numbers: &mut Numbers,
    (office, mailbox, raw): (&Office, &super::office::OfficeMailbox, &RawMails),
    letters: &[Outgoing],
    (cause, again): (&str, Again),
    now: Timestamp,
) -> Result<usize, StoreError> {
    let trust = Trust { authserv_ids: Vec::new(), trusted_hosts: Vec::new() };
    // Nothing of a mail goes along.
    let nothing = parse(b"", &trust, now, now);
    let posted = &mut Posted::default();
    let mut posting = Posting { office, mailbox, raw, trust: &trust, tx, numbers, posted, again, now };
    posting.post_all(letters, &nothing, cause).await
}

fn client_of<'d>(directory: &'d Directory, code: &ClientCode) -> Result<&'d Client, ByHandError> {
    let lacks = || ByHandError::Lacking(format!("there is no client {code}: see \"casepost client list\""));
    directory.client(code).ok_or_else(lacks)
}
