//! Asking the store what it knows about a mail, before anything is decided.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::address::{Address, NamedAddress};
use crate::domain::case::{Case, CaseNumber};
use crate::domain::change::KnownChange;
use crate::domain::command::{self, Command};
use crate::domain::decision::{
    AnsweredLetter, CaseFacts, EvidenceKind, HistoryLine, NextNumbers, ParkedFacts, ReportedLetter, RequestFacts,
};
use crate::domain::directory::{AddressOwner, Directory};
use crate::domain::identity::{ReplyLocal, content_digest};
use crate::domain::message::{Message, MessageId, Origin};
use crate::domain::monitor;
use crate::domain::names::{ClientCode, PersonKey};
use crate::domain::notice::{Canary, Cause};
use crate::domain::strip_card::{Account, LedgerLine};
use crate::domain::subject;
use crate::store::letters::StoredLetter;
use crate::store::messages::StoredMessage;
use crate::store::numbers::Numbers;
use crate::store::{StoreError, Tx, cards, cases, changes, clocks, letters, marks, messages, requests};

use super::ahead::Ahead;
use super::intake::ReadingAgain;
use super::ledger;
use super::office::{Office, OfficeMailbox, ago};

/// How many ids of a mail are looked up: a thread that is longer than this has its case among the newest.
const MOST_IDS: usize = 20;

/// New cases of one sender are counted over so long.
pub const STORM_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// What the store knows about one mail.
#[derive(Default)]
pub struct Known {
    pub is_own: bool,
    pub is_canary: bool,
    pub evidence: Vec<CaseFacts>,
    pub answered: Option<AnsweredLetter>,
    pub request: Option<RequestFacts>,
    pub parked: Option<ParkedFacts>,
    pub reported: Vec<ReportedLetter>,
    pub has_twin: bool,
    pub has_booked: bool,
    pub recent_openings: i64,
    pub accounts: HashMap<ClientCode, Arc<Account>>,
    pub ledgers: HashMap<ClientCode, Vec<LedgerLine>>,
    pub next: NextNumbers,
    pub named: Vec<(CaseNumber, CaseFacts)>,
    pub changes: Vec<(i64, KnownChange)>,
    pub relayed: Vec<CaseFacts>,
}

/// Asks for one mail at a time, within one transaction that holds the desk's lock.
pub struct Asking<'a> {
    pub office: &'a Office,
    pub mailbox: &'a OfficeMailbox,
    pub directory: &'a Directory,
    pub tx: &'a mut Tx,
    pub numbers: &'a mut Numbers,
    /// Accounts that were read in this transaction; a booking takes its client's out.
    pub accounts: &'a mut HashMap<ClientCode, Arc<Account>>,
    /// What was asked for the whole set.
    pub ahead: Option<&'a Ahead>,
    /// The number that the next entry of the ledger had when the transaction began.
    pub ledger_before: i64,
    /// That the mail is read again.
    pub reading: Option<ReadingAgain>,
}

impl Asking<'_> {
    /// Everything that the rules ask about this mail.
    pub async fn ask(&mut self, message: &Message, now: Timestamp) -> Result<Known, StoreError> {
        let mut known = Known::default();
        if let Some(id) = self.read_own(message).await? {
            known.is_own = true;
            let letter = letters::find_by_message_id(self.tx, self.office.code(), id.as_str()).await?;
            known.is_canary = letter.is_some_and(|letter| letter.notice == Canary::KIND);
            return Ok(known);
        }
        let sender = message.sender().map(|sender| sender.address.clone());
        let mut pointers = Pointers::default();
        self.read_tokens(message, sender.as_ref(), &mut pointers).await?;
        self.read_ids(message, &mut pointers).await?;
        self.read_subject(message, &mut pointers).await?;
        self.read_reports(message, &mut known, &mut pointers).await?;
        if let Some(letter) = pointers.answered.take() {
            self.read_answered(letter, &mut known, &mut pointers.cases).await?;
        }
        if known.request.is_none()
            && let Some(request_no) = pointers.request_no
        {
            known.request = find_request(self.tx, self.office.code(), request_no).await?;
        }
        if let Some(message_no) = pointers.parked_no
            && known.parked.is_none()
        {
            known.parked = self.read_parked_by_number(message_no, &mut pointers.cases).await?;
        }
        self.read_twin(message, &mut known, &mut pointers).await?;
        known.has_booked = self.has_booked(message, sender.as_ref(), now).await?;
        pointers.cases.sort_by_key(|(kind, _)| *kind);
        for (kind, case) in pointers.cases {
            let case = self.follow(case).await?;
            if known.evidence.iter().all(|found| found.case.case_no != case.case_no) {
                known.evidence.push(self.read_case(kind, case).await?);
            }
        }
        if let Some(sender) = &sender
            && known.evidence.is_empty()
        {
            known.recent_openings = match self.ahead.and_then(|ahead| ahead.recent(sender.as_str())) {
                Some(count) => count,
                None => self.count_openings(sender, message, now).await?,
            };
        }
        if let Some(expert) = sender.as_ref().and_then(|sender| self.directory.expert_by_address(sender)) {
            self.read_for_expert(&expert.key, message, &mut known, now).await?;
        }
        self.read_accounts(sender.as_ref(), &mut known, message).await?;
        Ok(known)
    }

    /// How many cases and requests this sender opened in the storm window. Mails that are read again came when they came.
    async fn count_openings(&mut self, sender: &Address, message: &Message, now: Timestamp) -> Result<i64, StoreError> {
        let (desk, sender) = (self.office.code(), sender.as_str());
        match self.reading {
            None => messages::find_recent_count(self.tx, desk, sender, ago(now, STORM_WINDOW)).await,
            Some(reading) if reading.is_received_now => Ok(0),
            Some(_) => {
                let at = message.received_at;
                messages::find_received_count(self.tx, desk, sender, (ago(at, STORM_WINDOW), at)).await
            }
        }
    }

    /// The Message-ID of a letter of ours that came back. Its keyed mark or Message-ID tells which one it may be; anybody who got the
    /// letter can copy both, so it is ours only if it still stands in the desk's name or says nothing but what the
    /// letter said. What somebody wrote under a copied mark is a mail like any other: loops end at the caps.
    async fn read_own(&mut self, message: &Message) -> Result<Option<MessageId>, StoreError> {
        let (desk, keys) = (&self.office.facts.code, &self.office.keys);
        let marked = message.own_marks.iter().find_map(|mark| keys.read_own_mark(desk, mark));
        let own_id = message.message_id.as_ref().filter(|id| id.as_str().ends_with(&self.office.host));
        let Some(id) = marked.clone().or_else(|| own_id.cloned()) else { return Ok(None) };
        let sender = message.sender().map(|sender| &sender.address);
        let is_in_our_name =
            sender.is_some_and(|sender| self.office.mailboxes.iter().any(|own| own.address == *sender));
        if marked.is_some() && is_in_our_name {
            return Ok(Some(id));
        }
        let Some(letter) = letters::find_by_message_id(self.tx, self.office.code(), id.as_str()).await? else {
            return Ok(None);
        };
        // Lists put their own words below, and a name of theirs into From; nobody of the directory is a list.
        let is_stranger = sender.is_none_or(|s| self.directory.owner_of(s) == AddressOwner::Stranger);
        let (said, sent) = (bare(&message.text), bare(&letter.text));
        let is_own = is_in_our_name || said == sent || is_stranger && !sent.is_empty() && said.starts_with(&sent);
        Ok(is_own.then_some(id))
    }

    async fn read_tokens(
        &mut self,
        message: &Message,
        sender: Option<&Address>,
        pointers: &mut Pointers,
    ) -> Result<(), StoreError> {
        let Some(person) = sender.and_then(|sender| self.key_of(sender)) else { return Ok(()) };
        let written_to = message.to.iter().chain(&message.cc).map(|to| &to.address).chain(&message.delivered_to);
        let mut locals: Vec<ReplyLocal> =
            written_to.filter_map(|address| self.mailbox.read_reply_address(address)).collect();
        locals.dedup();
        for local in locals.into_iter().take(MOST_IDS) {
            let desk = &self.office.facts.code;
            if !self.office.keys.is_reply_token(&local.token, desk, &local.about, &person, message.received_at) {
                continue;
            }
            if let Some(request_no) = local.about.strip_prefix("R-").and_then(|no| no.parse().ok()) {
                pointers.request_no = Some(request_no);
            } else if let Some(message_no) = local.about.strip_prefix("P-").and_then(|no| no.parse().ok()) {
                pointers.parked_no = Some(message_no);
            } else if let Some(case) = cases::find_by_number_in(self.tx, self.office.code(), &local.about).await? {
                pointers.cases.push((EvidenceKind::Token, case));
            }
        }
        Ok(())
    }

    fn key_of(&self, sender: &Address) -> Option<PersonKey> {
        match self.directory.owner_of(sender) {
            AddressOwner::Expert(expert) => Some(expert.key.clone()),
            AddressOwner::Person(person) => Some(person.key.clone()),
            _ => None,
        }
    }

    /// What only an expert's mail may ask: the case that `#merge` names, what `#undo` and `#reopen` may take back, and
    /// behind an automatic answer the cases on which they were lately written to.
    async fn read_for_expert(
        &mut self,
        expert: &PersonKey,
        message: &Message,
        known: &mut Known,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        if message.origin == Origin::AutoReply {
            let is_answer = known.answered.as_ref().is_some_and(|letter| letter.person.as_ref() == Some(expert));
            let since = ago(now, SignedDuration::from_hours(24));
            let lately = match is_answer {
                true => letters::list_relayed(self.tx, desk, expert.as_str(), since).await?,
                false => Vec::new(),
            };
            for case_no in lately {
                let Some(case) = cases::find(self.tx, desk, case_no).await? else { continue };
                let case = self.follow(case).await?;
                if known.relayed.iter().all(|found| found.case.case_no != case.case_no) {
                    known.relayed.push(self.read_case(EvidenceKind::References, case).await?);
                }
            }
            return Ok(());
        }
        let asked = command::read_commands(&message.reply.fresh, "").commands;
        for asked in &asked {
            let Command::Merge(number) = asked else { continue };
            if let Some(case) = cases::find_by_number_in(self.tx, desk, &number.to_string()).await? {
                let case = self.follow(case).await?;
                known.named.push((number.clone(), self.read_case(EvidenceKind::SubjectTag, case).await?));
            }
        }
        if asked.iter().any(|asked| matches!(asked, Command::Undo | Command::Reopen)) {
            for case_no in known.evidence.iter().map(|found| found.case.case_no).collect::<Vec<_>>() {
                let changes = changes::list(self.tx, desk, case_no).await?;
                known.changes.extend(changes.into_iter().map(|change| (case_no, change)));
            }
        }
        Ok(())
    }

    /// In-Reply-To first, then References from the newest, against every Message-ID in and out.
    async fn read_ids(&mut self, message: &Message, pointers: &mut Pointers) -> Result<(), StoreError> {
        for id in answered_ids(message) {
            if pointers.answered.is_none() && id.as_str().ends_with(&self.office.host) {
                pointers.answered = letters::find_by_message_id(self.tx, self.office.code(), id.as_str()).await?;
            }
            for found in messages::find_id(self.tx, self.office.code(), id.as_str()).await? {
                let kind = if found.way == "mention" { EvidenceKind::Mention } else { EvidenceKind::References };
                if pointers.cases.iter().any(|(known, case)| *known <= kind && case.case_no == found.case_no) {
                    continue;
                }
                if let Some(case) = cases::find(self.tx, self.office.code(), found.case_no).await? {
                    pointers.cases.push((kind, case));
                }
            }
        }
        Ok(())
    }

    /// The subject tag of this installation; a monitor's check; the case that a request is bundled with.
    async fn read_subject(&mut self, message: &Message, pointers: &mut Pointers) -> Result<(), StoreError> {
        let tagged = subject::case_tags(&message.subject, &self.office.subject_tag);
        let mut numbers: Vec<String> = tagged.into_iter().map(str::to_owned).collect();
        if let Some(command::Decision::Bundle { case }) = command::decision(&message.reply.fresh) {
            numbers.push(case.to_string());
        }
        for number in numbers.iter().take(MOST_IDS).filter_map(|n| n.parse::<CaseNumber>().ok()) {
            let found = cases::find_by_number_in(self.tx, self.office.code(), &number.to_string()).await?;
            pointers.cases.extend(found.map(|case| (EvidenceKind::SubjectTag, case)));
        }
        let sender = message.sender().map(|sender| &sender.address);
        if let Some(monitor) = sender.and_then(|sender| self.directory.monitor_by_address(sender)) {
            let check = monitor::read(&message.subject).check;
            let found = cases::find_incident(self.tx, self.office.code(), monitor.client.as_str(), &check).await?;
            pointers.cases.extend(found.map(|case| (EvidenceKind::SubjectTag, case)));
        }
        Ok(())
    }

    /// A mail of the same Message-ID that has an outcome. Under the same subject by the same sender it is this mail
    /// with a banner or footer that a list or gateway added, and belongs to the same case.
    async fn read_twin(
        &mut self,
        message: &Message,
        known: &mut Known,
        pointers: &mut Pointers,
    ) -> Result<(), StoreError> {
        let desk = self.office.code();
        let Some(id) = &message.message_id else { return Ok(()) };
        if self.ahead.is_some_and(|ahead| !ahead.may_know_id(id.as_str())) {
            return Ok(());
        }
        let twin = messages::find_by_message_id(self.tx, desk, id.as_str()).await?;
        let Some(twin) = twin.filter(|twin| twin.fingerprint != message.fingerprint.to_hex()) else { return Ok(()) };
        known.has_twin = true;
        let sender = message.sender().map(|sender| sender.address.as_str());
        let is_same = twin.sender.as_deref() == sender
            && subject::base_subject(&twin.subject) == subject::base_subject(&message.subject);
        if let Some(case_no) = twin.case_no.filter(|_| is_same)
            && let Some(case) = cases::find(self.tx, desk, case_no).await?
        {
            pointers.cases.push((EvidenceKind::References, case));
        }
        Ok(())
    }

    /// Only an expert's mail books.
    async fn has_booked(
        &mut self,
        message: &Message,
        sender: Option<&Address>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_expert = sender.is_some_and(|sender| self.directory.expert_by_address(sender).is_some());
        match is_expert.then(|| booked_mark(message)).flatten() {
            Some(mark) => marks::find(self.tx, self.office.code(), &mark, now).await,
            None => Ok(false),
        }
    }

    async fn read_reports(
        &mut self,
        message: &Message,
        known: &mut Known,
        pointers: &mut Pointers,
    ) -> Result<(), StoreError> {
        for (index, report) in message.reports.iter().enumerate().take(MOST_IDS) {
            let Some(id) = &report.original_message_id else { continue };
            let found = letters::find_by_message_id(self.tx, self.office.code(), id.as_str()).await?;
            let Some(letter) = found else { continue };
            if let Some(case_no) = letter.case_no
                && let Some(case) = cases::find(self.tx, self.office.code(), case_no).await?
            {
                pointers.cases.push((EvidenceKind::References, case));
            }
            let Ok(recipient) = Address::new(&letter.recipient) else { continue };
            known.reported.push(ReportedLetter {
                letter_no: letter.letter_no,
                recipient,
                person: person_of(&letter),
                case_no: letter.case_no,
                subject: letter.subject,
                report: index,
            });
        }
        Ok(())
    }

    async fn read_answered(
        &mut self,
        letter: StoredLetter,
        known: &mut Known,
        found_cases: &mut Vec<(EvidenceKind, Case)>,
    ) -> Result<(), StoreError> {
        if let Some(request_no) = letter.request_no {
            known.request = find_request(self.tx, self.office.code(), request_no).await?;
        }
        if letter.notice == "transcript" {
            known.parked = self.read_parked(&letter.cause, found_cases).await?;
        }
        let Ok(recipient) = Address::new(&letter.recipient) else { return Ok(()) };
        known.answered = Some(AnsweredLetter {
            letter_no: letter.letter_no,
            person: person_of(&letter),
            notice: letter.notice,
            recipient,
            cause: letter.cause,
            case_no: letter.case_no,
            request_no: letter.request_no,
            text: letter.text,
        });
        Ok(())
    }

    async fn read_parked(
        &mut self,
        fingerprint: &str,
        found_cases: &mut Vec<(EvidenceKind, Case)>,
    ) -> Result<Option<ParkedFacts>, StoreError> {
        let desk = self.office.code();
        let Some(parked) = requests::find_parked(self.tx, desk, fingerprint).await? else { return Ok(None) };
        let Some(mail) = messages::find(self.tx, desk, fingerprint).await? else { return Ok(None) };
        if let Some(case) = cases::find(self.tx, desk, parked.case_no).await? {
            found_cases.push((EvidenceKind::References, case));
        }
        Ok(Some(ParkedFacts {
            is_opening: parked.case_no == requests::NO_CASE,
            person: parked.person,
            subject: mail.subject.clone(),
            fingerprint: fingerprint.to_owned(),
            fresh: mail.words().to_owned(),
            message_id: mail.message_id.map(|id| MessageId::new(&id)),
            received_at: mail.received_at,
            needs_text: parked.lines.iter().filter_map(|line| line.cause).any(Cause::needs_text),
        }))
    }

    /// The parked mail of which a reply address tells. One that was mended since still tells its case.
    async fn read_parked_by_number(
        &mut self,
        message_no: i64,
        found_cases: &mut Vec<(EvidenceKind, Case)>,
    ) -> Result<Option<ParkedFacts>, StoreError> {
        let desk = self.office.code();
        let Some(mail) = messages::find_by_number_in(self.tx, desk, message_no).await? else { return Ok(None) };
        if let Some(case_no) = mail.case_no
            && let Some(case) = cases::find(self.tx, desk, case_no).await?
        {
            found_cases.push((EvidenceKind::Token, case));
        }
        self.read_parked(&mail.fingerprint, found_cases).await
    }

    /// The case in which a case goes on that ended in another; itself where it did not.
    async fn follow(&mut self, mut case: Case) -> Result<Case, StoreError> {
        // A chain is as long as the mergers that made it, and none leads back: a case ends in one that lives.
        while let Some(next) = case.merged_into {
            let found = cases::find(self.tx, self.office.code(), next).await?;
            case = found.ok_or_else(|| StoreError::Inconsistent(format!("{} ended in no case", case.number)))?;
        }
        Ok(case)
    }

    /// A case with its people and all that was written, also on the cases that ended in it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn read_case(&mut self, kind: EvidenceKind, case: Case) -> Result<CaseFacts, StoreError> {
        let desk = self.office.code();
        let parties = cases::list_parties_in(self.tx, desk, case.case_no).await?;
        let mut mails = messages::list_of_case_in(self.tx, desk, case.case_no).await?;
        let mut ended = case.merged_from.clone();
        while let Some(case_no) = ended.pop() {
            mails.extend(messages::list_of_case_in(self.tx, desk, case_no).await?);
            ended.extend(cases::find(self.tx, desk, case_no).await?.map(|case| case.merged_from).unwrap_or_default());
            mails.sort_by_key(|mail| (mail.received_at, mail.message_no));
        }
        // Automatic answers and reports are noted on the case; nobody said anything by them.
        let said = mails.iter().filter(|mail| mail.outcome != "noted");
        let history = said.map(history_line).filter(|line| !line.text.trim().is_empty()).collect();
        let reporters = self.reporters(&case).await?;
        let events = clocks::list_events(self.tx, desk, case.case_no).await?;
        Ok(CaseFacts { kind, case, parties, history, reporters, events })
    }

    /// The reporters whose approved request the case is, where the contract says that they read along.
    async fn reporters(&mut self, case: &Case) -> Result<Vec<NamedAddress>, StoreError> {
        let contract = self.directory.contract(&case.client, case.opened_at);
        if !contract.is_some_and(|contract| contract.reporter_in_cc) {
            return Ok(Vec::new());
        }
        let found = requests::list_reporters(self.tx, self.office.code(), case.case_no).await?;
        let named = |(address, name): &(String, String)| Some(NamedAddress::new(name, Address::new(address).ok()?));
        Ok(found.iter().filter_map(named).collect())
    }

    /// The accounts and counters of every client that the mail may concern.
    async fn read_accounts(
        &mut self,
        sender: Option<&Address>,
        known: &mut Known,
        message: &Message,
    ) -> Result<(), StoreError> {
        let mut clients: Vec<ClientCode> = known.evidence.iter().map(|found| found.case.client.clone()).collect();
        match sender.map(|sender| self.directory.owner_of(sender)) {
            Some(AddressOwner::Person(person)) => {
                clients.extend(std::iter::once(&person.client).chain(&person.further_clients).cloned());
                let coordinated = self.directory.positions_of(&person.key, message.received_at);
                clients.extend(coordinated.iter().filter_map(|holding| holding.position.client.clone()));
            }
            Some(AddressOwner::AtClients(at)) => clients.extend(at.iter().map(|client| client.code.clone())),
            Some(AddressOwner::Monitor(monitor)) => clients.push(monitor.client.clone()),
            Some(AddressOwner::Expert(expert)) => {
                // An expert may coordinate, too.
                let coordinated = self.directory.positions_of(&expert.key, message.received_at);
                clients.extend(coordinated.iter().filter_map(|holding| holding.position.client.clone()));
                let parked = known.parked.as_ref().filter(|parked| parked.is_opening);
                clients.extend(parked.and_then(|parked| command::opening(&parked.fresh).client));
                clients.extend(command::opening(&message.reply.fresh).client);
                let asked = command::read_commands(&message.reply.fresh, "").commands;
                clients.extend(asked.into_iter().filter_map(|asked| match asked {
                    Command::Client(code) => Some(code),
                    _ => None,
                }));
            }
            _ => {}
        }
        clients.extend(known.request.as_ref().map(|request| request.client.clone()));
        clients.sort();
        clients.dedup();
        let year = self.office.facts.time_zone.to_datetime(message.received_at).date().year();
        known.next.case_no = self.numbers.peek("case");
        known.next.request_no = self.numbers.peek("request");
        let counters: Vec<(&str, i16)> = clients.iter().map(|client| (client.as_str(), year)).collect();
        self.numbers.ask_cases(self.tx, self.office.code(), &counters).await?;
        for client in clients {
            let next = self.numbers.peek_case(client.as_str(), year)?;
            let last = u32::try_from(next - 1).unwrap_or(u32::MAX - 1);
            known.next.counters.insert((client.as_str().to_owned(), year), last);
            let account = self.account(&client).await?;
            known.accounts.insert(client, account);
        }
        if command::ledger_question(&message.reply.fresh, "", "").is_some_and(|question| question.statement) {
            for client in known.accounts.keys() {
                let lines = ledger::lines_in(self.tx, self.office, self.directory, client).await?;
                known.ledgers.insert(client.clone(), lines);
            }
        }
        Ok(())
    }

    /// A client's account.
    ///
    /// # Errors
    /// What the database said.
    pub async fn account(&mut self, client: &ClientCode) -> Result<Arc<Account>, StoreError> {
        if let Some(account) = self.accounts.get(client) {
            return Ok(Arc::clone(account));
        }
        let ledger = self.numbers.peek("entry");
        let account = match self.office.account(ledger, client) {
            Some(known) => known,
            None => {
                let entries = cards::list_in(self.tx, self.office.code(), client.as_str()).await?;
                let read = Arc::new(Account::from_entries(entries.iter().map(|stored| &stored.entry)));
                // What this transaction booked may be undone, and its numbers given to other entries.
                if ledger == self.ledger_before {
                    self.office.keep_account(ledger, client, &read);
                }
                read
            }
        };
        self.accounts.insert(client.clone(), Arc::clone(&account));
        Ok(account)
    }
}

/// The ids that lead to what a mail answers: In-Reply-To first, then References from the newest.
pub fn answered_ids(message: &Message) -> impl Iterator<Item = &MessageId> {
    let mut ids: Vec<&MessageId> = message.in_reply_to.iter().chain(message.references.iter().rev()).collect();
    ids.dedup();
    ids.into_iter().take(MOST_IDS)
}

/// What is known of a request.
///
/// # Errors
/// What the database said.
pub async fn find_request(tx: &mut Tx, desk: &str, request_no: i64) -> Result<Option<RequestFacts>, StoreError> {
    let Some(request) = requests::find(tx, desk, request_no).await? else { return Ok(None) };
    let asked = messages::find(tx, desk, &request.fingerprint).await?;
    let (Ok(reporter), Ok(client)) = (Address::new(&request.reporter), ClientCode::new(request.client.clone())) else {
        return Err(StoreError::Inconsistent(format!("request R-{request_no}")));
    };
    Ok(Some(RequestFacts {
        request_no,
        client,
        fingerprint: request.fingerprint,
        reporter: NamedAddress::new(&request.reporter_name, reporter),
        subject: request.subject,
        text: asked.as_ref().map_or_else(String::new, |m| m.fresh.clone()),
        message_id: asked.and_then(|m| m.message_id).map(|id| MessageId::new(&id)),
        received_at: request.received_at,
        is_held: request.state == "held",
        ended_at: request.decided_at.filter(|_| request.state == "ended"),
    }))
}

/// The mark that a mail's content has booked.
pub fn booked_mark(message: &Message) -> Option<String> {
    content_digest(message).map(|digest| format!("booked/{digest}"))
}

/// What a mail points to, before the cases are read whole.
#[derive(Default)]
struct Pointers {
    cases: Vec<(EvidenceKind, Case)>,
    answered: Option<StoredLetter>,
    request_no: Option<i64>,
    parked_no: Option<i64>,
}

/// A text by its letters and digits: servers wrap and convert what they pass on.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn person_of(letter: &StoredLetter) -> Option<PersonKey> {
    letter.person.as_deref().and_then(|key| PersonKey::new(key).ok())
}

fn history_line(mail: &StoredMessage) -> HistoryLine {
    let author = mail.sender_name.as_deref().filter(|name| !name.is_empty()).or(mail.sender.as_deref());
    // Of a coordinator's decision only the words beside it belong to what was written on the case.
    let is_decision =
        mail.request_no.is_some() && mail.outcome != "held" || mail.role.as_deref() == Some("coordinator");
    let text = if is_decision { command::beside_decision(&mail.fresh) } else { mail.words().to_owned() };
    let role = mail.role.clone().unwrap_or_default();
    HistoryLine {
        is_of_expert: role == "expert",
        role,
        address: mail.sender.as_deref().and_then(|sender| Address::new(sender).ok()),
        fingerprint: mail.fingerprint.clone(),
        message_id: mail.message_id.clone(),
        at: mail.received_at,
        author: author.unwrap_or("?").to_owned(),
        text,
        is_internal: mail.cause.as_deref() == Some("note") || mail.outcome == "parked",
        is_parked: mail.outcome == "parked",
        is_of_client: matches!(mail.role.as_deref(), Some("coordinator" | "functional-administrator" | "reporter")),
    }
}
