//! What it takes to open a case: kind, priority, number, deadlines, who works on it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::calendar::Closure;
use crate::domain::case::{Case, CaseNumber, Kind, Priority, Status};
use crate::domain::clock::Opener;
use crate::domain::command;
use crate::domain::directory::{Client, Plan};
use crate::domain::message::Message;
use crate::domain::names::PersonKey;
use crate::domain::notice::{Acknowledgement, DaysOff, WhyDue};
use crate::domain::{promise, subject};

use super::client::settle;
use super::outgoing::{Outgoing, alarms, balance_of, head_of};
use super::{Effect, Facts, clocks, routing};

/// From a Friday to a Monday.
const OVER_A_WEEKEND: SignedDuration = SignedDuration::from_hours(72);

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

    /// What the coordinator is told of it: what was understood, by when they hear from us and why, who works on it.
    pub fn acknowledgement(
        &self,
        case: &Case,
        why_due: &[WhyDue],
        coordinator: &str,
        experts: &[PersonKey],
        now: Timestamp,
    ) -> Acknowledgement {
        // Who only says so in From is told no balance.
        let is_proven = self.message.proof.is_proven() || self.facts.is_released;
        Acknowledgement {
            case: head_of(case, self.facts),
            received_at: self.received_at,
            coordinator: coordinator.to_owned(),
            response_due: case.response_due,
            runs_from_at: self.runs_from(case, why_due),
            days_off: days_off(why_due),
            expert: experts.first().and_then(|key| self.facts.directory.name_of(key)).map(str::to_owned),
            balance: balance_of(&case.client, self.facts, now).filter(|_| is_proven),
            is_incident: case.kind == Kind::Incident,
            follows: self.refers_to.and_then(|no| self.closed_number_of(no)),
            reference: None,
        }
    }

    /// When the desk opens, where the mail found it closed. On a day off the day itself says it all.
    fn runs_from(&self, case: &Case, why_due: &[WhyDue]) -> Option<Timestamp> {
        let is_outside = why_due.iter().any(|why| why.day.is_none());
        let calendar = promise::calendar_for(self.facts.directory, &case.client, case.priority, self.received_at)?;
        let today = calendar.date_of(self.received_at);
        let is_day_off = why_due.iter().any(|why| why.day == Some(today));
        calendar.next_opening(self.received_at).filter(|_| is_outside && !is_day_off)
    }

    /// Only of a closed case is it said that the new one goes on with it; a forward merely refers.
    fn closed_number_of(&self, case_no: i64) -> Option<String> {
        let found = self.facts.evidence.iter().find(|found| found.case.case_no == case_no)?;
        let is_closed = settle(&found.case, self.received_at).status == Status::Closed;
        is_closed.then(|| found.case.number.to_string())
    }

    /// An incident of a client without deadlines alarms the desk at once, because no clock will. So does a mail that
    /// waited for its release until its deadline was past; of one that is read again the answer may be read next.
    pub fn alarm(&self, case: &Case, now: Timestamp) -> Vec<Outgoing> {
        if !self.facts.is_read_again && case.response_due.is_some_and(|due| due <= now) {
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

/// Days off in order; those of one name that follow each other, a weekend between them aside, are told as one.
fn days_off(why_due: &[WhyDue]) -> Vec<DaysOff> {
    let mut told: Vec<DaysOff> = Vec::new();
    for (day, name) in why_due.iter().filter_map(|why| Some((why.day?, why.name.as_deref()))) {
        let day_off = name.filter(|name| *name != Closure::Declared.as_str()).map(str::to_owned);
        if let Some(last) = told.last_mut()
            && last.day_off == day_off
            && last.last_day.unwrap_or(last.first_day).duration_until(day) <= OVER_A_WEEKEND
        {
            last.last_day = Some(day);
            continue;
        }
        told.push(DaysOff { first_day: day, last_day: None, day_off });
    }
    told
}

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no subject)");
    line.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of April and May 2026 with what closes them, and how they are told: `27..30 name`.
    fn check(days: &[(i8, i8, &str)], expected: &[&str]) {
        let why_due: Vec<WhyDue> = days
            .iter()
            .map(|&(month, day, name)| WhyDue {
                cause: "holiday".into(),
                day: Some(jiff::civil::date(2026, month, day)),
                name: Some(name.into()),
            })
            .collect();
        let told = days_off(&why_due).into_iter().map(|off| {
            let end = off.last_day.map_or_else(String::new, |last| format!("..{}", last.day()));
            let name = off.day_off.map_or_else(String::new, |name| format!(" {name}"));
            format!("{}{end}{name}", off.first_day.day())
        });
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn days_off_that_follow_each_other_are_told_as_one() {
        check(&[], &[]);
        check(&[(4, 27, "kings-day")], &["27 kings-day"]);
        check(&[(4, 3, "good-friday"), (4, 6, "easter-monday")], &["3 good-friday", "6 easter-monday"]);
        check(&[(4, 20, "Move"), (4, 21, "Move"), (4, 24, "Move"), (4, 27, "Move")], &["20..27 Move"]);
        check(&[(4, 20, "Move"), (4, 24, "Move")], &["20 Move", "24 Move"]);
        check(&[(4, 20, "closed-day"), (4, 21, "closed-day"), (4, 27, "kings-day")], &["20..21", "27 kings-day"]);
    }
}
