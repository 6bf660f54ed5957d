//! What it takes to open a case: kind, priority, number, deadlines, who works on it.

use jiff::Timestamp;

use crate::domain::case::{Case, CaseNumber, Kind, Priority, Status};
use crate::domain::clock::Opener;
use crate::domain::command;
use crate::domain::directory::{Client, Holding, Plan};
use crate::domain::message::Message;
use crate::domain::names::PersonKey;
use crate::domain::notice::{Acknowledgement, WhyDue};
use crate::domain::{promise, subject};

use super::client::settle;
use super::outgoing::{Outgoing, alarms, balance_of, head_of};
use super::{Effect, Facts, clocks, routing};

/// What it takes to open a case.
pub(super) struct Opening<'a> {
    pub message: &'a Message,
    pub facts: &'a Facts<'a>,
    pub client: &'a Client,
    pub refers_to: Option<i64>,
    /// Where the clocks start.
    pub received_at: Timestamp,
}

impl Opening<'_> {
    /// `#incident` or `#spoed` in the first new line, or the contract's incident address. `X-Priority` never counts.
    pub fn is_incident(&self) -> bool {
        let Some(incident_address) = &self.client.incident_address else {
            return command::opening(&self.message.reply.fresh).incident;
        };
        let message = self.message;
        let mut written_to = message.to.iter().chain(&message.cc).map(|to| &to.address).chain(&message.delivered_to);
        written_to.any(|address| address == incident_address) || command::opening(&message.reply.fresh).incident
    }

    /// The case as it will be recorded, and why its deadline lies where it does.
    pub fn case(&self, coordinator: Option<&PersonKey>, is_incident: bool) -> (Case, Vec<WhyDue>) {
        let (kind, priority) =
            if is_incident { (Kind::Incident, Priority::Critical) } else { (Kind::Support, Priority::Normal) };
        let year = self.facts.desk.time_zone.to_datetime(self.received_at).date().year();
        let counter = self.facts.next.counter(self.client.code.as_str(), year);
        let promise = promise::promise(self.facts.directory, &self.client.code, priority, self.received_at);
        let base = subject::base_subject(&self.message.subject);
        let case = Case {
            case_no: self.facts.next.case_no,
            number: CaseNumber { client: self.client.code.clone(), year, counter },
            client: self.client.code.clone(),
            subject: if base.is_empty() { first_line(&self.message.reply.fresh) } else { base },
            status: Status::New,
            kind,
            priority,
            coordinator: coordinator.cloned(),
            opened_at: self.received_at,
            changed_at: self.received_at,
            response_due: promise.response_due,
            responded_at: None,
            resolution_due: promise.resolution_due,
            resolved_at: None,
            close_due: None,
            wait_due: None,
            closed_at: None,
            refers_to: self.refers_to,
            last_client_message_id: self.message.message_id.as_ref().map(|id| id.as_str().to_owned()),
            last_client_cc: routing::written_beside(self.message),
            estimate_minutes: None,
            merged_into: None,
            merged_from: Vec::new(),
        };
        (case, promise.why_due)
    }

    /// The effects that write the new case and start its clocks.
    pub fn effects(&self, case: Case, experts: Vec<PersonKey>, by: Opener) -> [Effect; 2] {
        let begun = clocks::begin(&case, by, &self.message.fingerprint.to_hex());
        [Effect::OpenCase { case: Box::new(case), experts }, begun]
    }

    /// Who works on it: the first of the lead experts, and who stands in for them if they are away.
    pub fn experts(&self, case: &Case, now: Timestamp) -> Vec<PersonKey> {
        let leads = self.facts.directory.lead_experts(&case.client, case.opened_at);
        let lead = leads.first().map(|expert| (expert.key.clone(), case.opened_at));
        routing::route_of(&case.client, lead.into_iter().collect(), self.facts, now).experts
    }

    pub fn acknowledgement(
        &self,
        case: &Case,
        why_due: Vec<WhyDue>,
        holding: &Holding<'_>,
        experts: &[PersonKey],
        now: Timestamp,
    ) -> Acknowledgement {
        // Who only says so in From is told no balance.
        let is_proven = self.message.proof.is_proven() || self.facts.is_released;
        Acknowledgement {
            case: head_of(case, self.facts),
            received_at: self.received_at,
            coordinator: holding.human.name.to_owned(),
            is_reader: true,
            response_due: case.response_due,
            why_due,
            expert: experts.first().and_then(|key| self.facts.directory.name_of(key)).map(str::to_owned),
            balance: balance_of(&case.client, self.facts, now).filter(|_| is_proven),
            is_incident: case.kind == Kind::Incident,
            follows: self.refers_to.and_then(|no| self.closed_number_of(no)),
            reference: None,
        }
    }

    /// Only of a closed case is it said that the new one goes on with it; a forward merely refers.
    fn closed_number_of(&self, case_no: i64) -> Option<String> {
        let found = self.facts.evidence.iter().find(|found| found.case.case_no == case_no)?;
        let is_closed = settle(&found.case, self.received_at).status == Status::Closed;
        is_closed.then(|| found.case.number.to_string())
    }

    /// An incident of a client without deadlines alarms the desk at once, because no clock will. So does a mail that
    /// waited for its release until its deadline was past.
    pub fn alarm(&self, case: &Case, now: Timestamp) -> Vec<Outgoing> {
        if case.response_due.is_some_and(|due| due <= now) {
            let text =
                format!("{}: {} was received in time and is decided after its deadline", case.number, case.subject);
            return alarms("late", &text, Some(case), self.facts, now);
        }
        let contract = self.facts.directory.contract(&case.client, case.opened_at);
        let is_basic = contract.is_none_or(|c| c.plan == Plan::Basic);
        if case.kind != Kind::Incident || (!is_basic && case.response_due.is_some()) {
            return Vec::new();
        }
        let text = format!("{}: {} ({})", case.number, case.subject, self.client.name);
        alarms("incident", &text, Some(case), self.facts, now)
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no subject)");
    line.chars().take(80).collect()
}
