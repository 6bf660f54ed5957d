//! Letters that a decision asks for: the words, whom they go to, what they hang on.

use jiff::Timestamp;

use crate::domain::address::{Address, NamedAddress};
use crate::domain::case::{Case, CaseNumber, RequestReference};
use crate::domain::change::Told;
use crate::domain::directory::{Client, Contract, Directory, Expert, Holding, Human, Plan};
use crate::domain::message::{Message, MessageId};
use crate::domain::names::{ClientCode, Language, PersonKey};
use crate::domain::notice::{Alarm, AttachmentLine, Balance, CaseHead, Notice, Recipient, Relay, Words, Writer};

use super::{CaseFacts, DeskFacts, Facts, HistoryLine, Role, handing_over, routing};

/// Which attachments go along.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Carried {
    /// None.
    #[default]
    Nothing,
    /// Those of the mail that is decided.
    OfThisMail,
    /// Those of an earlier mail, by its fingerprint.
    OfMail(String),
    /// Those of several mails, by their fingerprints, as far as there is room; the first comes first.
    OfMails(Vec<String>),
    /// A text file that was made for the letter.
    Made {
        /// Its name, such as `statement.csv`.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// What stands in it.
        text: String,
    },
}

/// What a letter belongs to; answers to it come back there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A case.
    Case {
        /// Its key.
        case_no: i64,
        /// Its number.
        number: CaseNumber,
    },
    /// A reporter's request.
    Request(RequestReference),
    /// Nothing that could be answered.
    Nothing,
}

/// A letter that a decision asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Words and recipient.
    pub notice: Notice,
    /// Whose reply token the letter's reply address carries.
    pub person: Option<PersonKey>,
    /// What it belongs to.
    pub about: About,
    /// The client it belongs to.
    pub client: Option<ClientCode>,
    /// The name before the desk's in From, for what a person wrote.
    pub writer: Option<String>,
    /// The newest mail of the recipient that it answers, for the thread in their mail program.
    pub in_reply_to: Option<MessageId>,
    /// What hangs on it.
    pub carried: Carried,
    /// The mark that lets it go only once.
    pub once: Option<Once>,
    /// Of a transcript after a faulty mend: the fingerprint of the parked mail that its answer mends.
    pub mended: Option<String>,
}

/// A letter that may go only once, for ever or until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// What it is about.
    pub mark: String,
    /// From when on it may go again; never where this is empty.
    pub until: Option<Timestamp>,
}

impl Outgoing {
    /// A letter to a human of the directory.
    #[must_use]
    pub fn to_human(words: impl Into<Words>, human: &Human<'_>, about: About, facts: &Facts<'_>) -> Option<Self> {
        Self::of_desk(words, human, about, facts.directory, facts.desk)
    }

    /// As [`Outgoing::to_human`], where there is no mail that caused it.
    #[must_use]
    pub fn of_desk(
        words: impl Into<Words>,
        human: &Human<'_>,
        about: About,
        directory: &Directory,
        desk: &DeskFacts,
    ) -> Option<Self> {
        let address = human.addresses.first()?.clone();
        let person = NamedAddress::new(human.name, address);
        let client = directory.person(human.key).and_then(|p| directory.client(&p.client));
        let time_zone = client.map_or_else(|| desk.time_zone.clone(), |c| c.time_zone.time_zone().clone());
        Some(Self {
            notice: Notice {
                words: words.into(),
                to: Recipient { person, language: human.language, time_zone },
                cc: Vec::new(),
            },
            person: Some(human.key.clone()),
            about,
            client: client.map(|c| c.code.clone()),
            writer: None,
            in_reply_to: None,
            carried: Carried::Nothing,
            once: None,
            mended: None,
        })
    }

    /// A letter to an address that the directory may not know.
    #[must_use]
    pub fn to_address(words: impl Into<Words>, to: &NamedAddress, client: Option<&Client>, facts: &Facts<'_>) -> Self {
        let language = client.map_or(facts.desk.language, |c| c.language);
        Self {
            notice: Notice {
                words: words.into(),
                to: Recipient { person: to.clone(), language, time_zone: zone_of(client, facts) },
                cc: Vec::new(),
            },
            person: None,
            about: About::Nothing,
            client: client.map(|c| c.code.clone()),
            writer: None,
            in_reply_to: None,
            carried: Carried::Nothing,
            once: None,
            mended: None,
        }
    }

    /// As an answer to this mail, in the thread of the sender's mail program.
    #[must_use]
    pub fn answering(mut self, message: &Message) -> Self {
        self.in_reply_to = message.message_id.clone();
        self
    }
}

fn zone_of(client: Option<&Client>, facts: &Facts<'_>) -> jiff::tz::TimeZone {
    client.map_or_else(|| facts.desk.time_zone.clone(), |c| c.time_zone.time_zone().clone())
}

/// A human by key.
#[must_use]
pub fn human_of<'a>(expert: &'a Expert) -> Human<'a> {
    Human { key: &expert.key, name: &expert.name, addresses: &expert.addresses, language: expert.language }
}

/// What every letter on a case shows.
#[must_use]
pub fn head_of(case: &Case, facts: &Facts<'_>) -> CaseHead {
    let name = facts.directory.client(&case.client).map_or(case.client.as_str(), |c| c.name.as_str());
    CaseHead {
        number: case.number.to_string(),
        subject: case.subject.clone(),
        client_name: name.to_owned(),
        kind: case.kind.as_str().to_owned(),
        priority: case.priority.as_str().to_owned(),
    }
}

/// The case as that to which letters belong.
#[must_use]
pub fn about(case: &Case) -> About {
    About::Case { case_no: case.case_no, number: case.number.clone() }
}

/// The files of a mail, as letters list them. Pictures that belong to the text go along unlisted.
#[must_use]
pub fn attachment_lines(message: &Message) -> Vec<AttachmentLine> {
    let listed = message.attachments.iter().filter(|a| !a.is_inline);
    listed
        .map(|a| {
            let name = if a.name.is_empty() { a.media_type.clone() } else { a.name.clone() };
            AttachmentLine { name, size_bytes: a.size, is_left_out: false }
        })
        .collect()
}

/// What is left on a client's cards; nothing where support is not charged to cards.
#[must_use]
pub fn balance_of(client: &ClientCode, facts: &Facts<'_>, now: Timestamp) -> Option<Balance> {
    let contract = facts.directory.contract_or_last(client, now)?;
    if contract.charge.support != crate::domain::directory::Charge::Card {
        return None;
    }
    Some(balance_in(facts.accounts.get(client)?, contract, today(client, facts, now)))
}

/// What is left in an account on a day.
#[must_use]
pub fn balance_in(
    account: &crate::domain::strip_card::Account,
    contract: &Contract,
    today: jiff::civil::Date,
) -> Balance {
    Balance {
        left_minutes: account.valid_minutes(today),
        strip_minutes: i64::from(contract.strip_minutes),
        overdraft_minutes: account.overdraft_minutes(),
    }
}

/// The day of a moment in a client's time zone.
#[must_use]
pub fn today(client: &ClientCode, facts: &Facts<'_>, at: Timestamp) -> jiff::civil::Date {
    zone_of(facts.directory.client(client), facts).to_datetime(at).date()
}

/// The client's mail for each expert on the case.
#[must_use]
pub fn relays(
    case: &Case,
    known: Option<&CaseFacts>,
    experts: &[PersonKey],
    message: &Message,
    role: Role,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Vec<Outgoing> {
    let plan = plan_of(case, facts);
    let words = Relay {
        case: head_of(case, facts),
        is_first: known.is_none(),
        is_handed_over: false,
        stands_in_for: None,
        plan: plan.to_owned(),
        response_due: case.response_due,
        resolution_due: case.resolution_due,
        estimate_minutes: case.estimate_minutes,
        balance: balance_of(&case.client, facts, now),
        sender: writer_of(message, role),
        received_at: message.received_at,
        text: message.reply.fresh.clone(),
        history: known.map(|known| history_text(&known.history, &facts.desk.time_zone)).filter(|text| !text.is_empty()),
        attachments: attachment_lines(message),
        tags: fitting_tags(case),
    };
    let to = experts.iter().filter_map(|key| facts.directory.expert(key));
    to.filter_map(|expert| {
        let stands_in_for = routing::stands_in_for(&case.client, &expert.key, experts, facts, now);
        let words = Relay { stands_in_for, ..words.clone() };
        let mut letter = Outgoing::to_human(words, &human_of(expert), about(case), facts)?;
        letter.writer = message.sender().map(|sender| sender.display().to_owned());
        letter.carried = Carried::OfThisMail;
        letter.client = Some(case.client.clone());
        Some(letter)
    })
    .collect()
}

/// The tags that fit the state of a case, in the order in which an expert needs them.
#[must_use]
pub fn fitting_tags(case: &Case) -> Vec<String> {
    use crate::domain::case::Status;
    let tags: &[&str] = match case.status {
        Status::New | Status::Open | Status::WaitingClient | Status::WaitingSupplier => {
            &["time", "note", "resolved", "wait", "prio", "assign"]
        }
        Status::Resolved => &["time", "note", "reopen"],
        Status::Closed | Status::Merged => &["time", "note"],
    };
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

/// All tags that an expert may write, for `#help`.
#[must_use]
pub fn all_tags(case: &Case) -> Vec<String> {
    let mut tags = fitting_tags(case);
    for tag in ["kind", "estimate", "merge", "undo", "status", "client"] {
        tags.push(tag.to_owned());
    }
    tags
}

/// The coordinator to whom letters on a case go: the one in whose name it runs, while they hold the position, else who
/// holds it now.
#[must_use]
pub fn client_holding<'a>(case: &Case, facts: &'a Facts<'_>, now: Timestamp) -> Option<Holding<'a>> {
    let coordinators = facts.directory.coordinators(&case.client, now);
    let by_case = |holding: &&Holding<'_>| Some(holding.human.key) == case.coordinator.as_ref();
    coordinators.iter().find(by_case).or_else(|| coordinators.first()).copied()
}

/// The people of the client who were told of a change by these letters, as far as they are of the client still; where
/// none is left, whoever gets letters on the case now.
#[must_use]
pub fn told_of_client<'a>(case: &Case, told: &[Told], facts: &'a Facts<'_>, now: Timestamp) -> Vec<Human<'a>> {
    let is_said = |told: &&Told| matches!(told.notice.as_str(), "answer" | "case-changed");
    let keys: Vec<&PersonKey> = told.iter().filter(is_said).map(|told| &told.person).collect();
    let keys: Vec<&PersonKey> = keys.into_iter().filter(|key| facts.directory.expert(key).is_none()).collect();
    let mut people: Vec<Human<'_>> = Vec::new();
    for key in &keys {
        let is_of_client = facts.directory.person(key).is_some_and(|person| person.is_of(&case.client));
        let human = facts.directory.human(key).filter(|_| is_of_client);
        people.extend(human.filter(|human| people.iter().all(|known| known.key != human.key)));
    }
    if people.is_empty() && !keys.is_empty() {
        people.extend(client_holding(case, facts, now).map(|holding| holding.human));
    }
    people
}

/// The known persons of the client to whom its newest mail went beside the desk: they read the answer too. Nobody else
/// whom somebody put into Cc does.
#[must_use]
pub fn readers_beside<'a>(case: &Case, facts: &'a Facts<'_>) -> Vec<Human<'a>> {
    let mut people: Vec<Human<'_>> = Vec::new();
    for address in &case.last_client_cc {
        let person = facts.directory.person_by_address(address).filter(|person| person.is_of(&case.client));
        let human = person.and_then(|person| facts.directory.human(&person.key));
        people.extend(human.filter(|human| people.iter().all(|known| known.key != human.key)));
    }
    people
}

/// Who wrote a mail.
#[must_use]
pub fn writer_of(message: &Message, role: Role) -> Writer {
    let sender = message.sender();
    Writer {
        name: sender.map_or_else(String::new, |s| s.display().to_owned()),
        address: sender.map_or_else(nobody, |s| s.address.clone()),
        role: role.as_str().to_owned(),
    }
}

fn nobody() -> Address {
    #[expect(clippy::unwrap_used, reason = "constant address")]
    Address::new("unknown@invalid").unwrap()
}

/// The newest mail of a case and all before it, for experts who come to it later. It stands first, in the name of who
/// wrote it and with its files, and the whole history below.
#[must_use]
pub fn passed_on(found: &CaseFacts, to: &[PersonKey], facts: &Facts<'_>, now: Timestamp) -> Vec<Outgoing> {
    let newest = found.history.iter().rposition(|line| !line.is_internal);
    let (Some(place), case) = (newest, &found.case) else { return Vec::new() };
    let line = &found.history[place];
    let before: Vec<HistoryLine> =
        found.history.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, line)| line.clone()).collect();
    let words = Relay {
        case: head_of(case, facts),
        is_first: false,
        is_handed_over: true,
        stands_in_for: None,
        plan: plan_of(case, facts).to_owned(),
        response_due: case.response_due,
        resolution_due: case.resolution_due,
        estimate_minutes: case.estimate_minutes,
        balance: balance_of(&case.client, facts, now),
        sender: Writer {
            name: line.author.clone(),
            address: line.address.clone().unwrap_or_else(nobody),
            role: if line.role.is_empty() || line.role == "stranger" { "reporter".into() } else { line.role.clone() },
        },
        received_at: line.at,
        text: line.text.clone(),
        history: Some(whole_history(&before, &facts.desk.time_zone)).filter(|text| !text.is_empty()),
        attachments: Vec::new(),
        tags: fitting_tags(case),
    };
    let experts = to.iter().filter_map(|key| facts.directory.expert(key));
    let letter = |expert: &Expert| {
        let mut letter = Outgoing::to_human(words.clone(), &human_of(expert), about(case), facts)?;
        letter.writer = Some(line.author.clone());
        letter.carried = Carried::OfMails(handing_over::files_of(found, None));
        letter.client = Some(case.client.clone());
        Some(letter)
    };
    experts.filter_map(letter).collect()
}

fn plan_of(case: &Case, facts: &Facts<'_>) -> &'static str {
    facts.directory.contract(&case.client, case.opened_at).map_or("–", |contract| match contract.plan {
        Plan::Basic => "Basic",
        Plan::Sla => "SLA",
    })
}

/// How much of a case stands below a mail on it, counted in mails: the reader knows the rest.
const MOST_HISTORY: usize = 20;

/// What was written before on a case, newest first, as it stands below a letter of the desk's own.
#[must_use]
pub fn history_text(history: &[HistoryLine], zone: &jiff::tz::TimeZone) -> String {
    whole_history(&history[history.len().saturating_sub(MOST_HISTORY)..], zone)
}

/// As [`history_text`], however long it is: for who takes a case over.
#[must_use]
pub fn whole_history(history: &[HistoryLine], zone: &jiff::tz::TimeZone) -> String {
    let mut text = String::new();
    for line in history.iter().rev() {
        let mark = match (line.is_parked, line.is_internal) {
            (true, _) => " (parked)",
            (_, true) => " (note)",
            _ => "",
        };
        let at = zone.to_datetime(line.at).strftime("%Y-%m-%d %H:%M");
        text.push_str(&format!("{}{mark}, {at}\n", line.author));
        for row in line.text.lines() {
            text.push_str("> ");
            text.push_str(row);
            text.push('\n');
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// The same alarm is told once in so long.
const ALARM_REST: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// An alarm for the duty manager and the addresses that the desk named, once an hour for each matter.
#[must_use]
pub fn alarms(code: &str, text: &str, case: Option<&Case>, facts: &Facts<'_>, now: Timestamp) -> Vec<Outgoing> {
    let matter = case.map(|c| c.number.to_string());
    let mut letters = alarms_of_desk(code, text, facts.directory, facts.desk, matter.as_deref(), now);
    for letter in &mut letters {
        if let Words::Alarm(words) = &mut letter.notice.words {
            words.case_number.clone_from(&matter);
        }
    }
    letters
}

/// As [`alarms`], where there is no mail that caused it. `matter` tells apart what the alarm is about.
#[must_use]
pub fn alarms_of_desk(
    code: &str,
    text: &str,
    directory: &Directory,
    desk: &DeskFacts,
    matter: Option<&str>,
    now: Timestamp,
) -> Vec<Outgoing> {
    let words = Alarm { code: code.to_owned(), text: text.to_owned(), happened_at: now, case_number: None };
    alarm_readers(directory, desk, now)
        .into_iter()
        .map(|(person, language)| {
            let mark = format!("alarm/{code}/{}/{}", matter.unwrap_or("-"), person.address);
            Outgoing {
                notice: Notice {
                    words: words.clone().into(),
                    to: Recipient { person, language, time_zone: desk.time_zone.clone() },
                    cc: Vec::new(),
                },
                person: None,
                about: About::Nothing,
                client: None,
                writer: None,
                in_reply_to: None,
                carried: Carried::Nothing,
                once: Some(Once { mark, until: now.checked_add(ALARM_REST).ok() }),
                mended: None,
            }
        })
        .collect()
}

/// Who is written to when the desk must know or act: the duty manager and the addresses that the desk named.
#[must_use]
pub fn alarm_readers(directory: &Directory, desk: &DeskFacts, now: Timestamp) -> Vec<(NamedAddress, Language)> {
    let duty = directory.duty_manager(now);
    let duty = duty.and_then(|human| Some((NamedAddress::new(human.name, human.addresses.first()?.clone()), human)));
    let mut to: Vec<(NamedAddress, Language)> =
        duty.into_iter().map(|(address, human)| (address, human.language)).collect();
    for address in &desk.alarm_to {
        if to.iter().all(|(known, _)| known.address != *address) {
            to.push((NamedAddress::new("", address.clone()), desk.language));
        }
    }
    to
}
