//! Every notice with each field filled and with each option empty: what templates are tried with.

mod card;
mod reminder;

use super::*;
use jiff::civil::date;

const TEXT: &str = "Goedemorgen,\n\nHet contactformulier op onze website verstuurt sinds gisteren niets meer; bezoekers \
    zien alleen een wit scherm.\n#1 op de homepage doet het wel.\n\nVriendelijke groet,\nAnneke de Vries";
const HISTORY: &str =
    "Op 20 april schreef Joost Bakker:\n> Het formulier werkt weer.\n> Laat het weten als er iets is.";

/// A moment in April 2026, UTC.
fn moment(day: i8, hour: i8, minute: i8) -> Timestamp {
    TimeZone::UTC.to_timestamp(date(2026, 4, day).at(hour, minute, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[expect(clippy::unwrap_used, reason = "constant address")]
fn address() -> Address {
    Address::new("anneke@amersloot.example").unwrap()
}

impl Sample for CaseHead {
    fn full() -> Self {
        Self {
            number: "AMR-2026-0042".into(),
            subject: "Contactformulier verstuurt niet".into(),
            client_name: "Gemeente Amersloot".into(),
            kind: "support".into(),
            priority: "normal".into(),
        }
    }
    fn minimal() -> Self {
        Self {
            number: "AMR-2026-0042".into(),
            subject: "Contactformulier verstuurt niet".into(),
            client_name: "Gemeente Amersloot".into(),
            kind: "support".into(),
            priority: "normal".into(),
        }
    }
}

impl Sample for Balance {
    fn full() -> Self {
        Self { left_minutes: 390, strip_minutes: 15, overdraft_minutes: 30 }
    }
    fn minimal() -> Self {
        Self { left_minutes: 0, strip_minutes: 15, overdraft_minutes: 0 }
    }
}

impl Sample for Writer {
    fn full() -> Self {
        Self { name: "Anneke de Vries".into(), address: address(), role: "coordinator".into() }
    }
    fn minimal() -> Self {
        Self { name: "Anneke de Vries".into(), address: address(), role: "coordinator".into() }
    }
}

impl Sample for AttachmentLine {
    fn full() -> Self {
        Self { name: "schermafdruk.png".into(), size_bytes: 184_320, is_left_out: true }
    }
    fn minimal() -> Self {
        Self { name: "schermafdruk.png".into(), size_bytes: 184_320, is_left_out: false }
    }
}

impl Sample for DaysOff {
    fn full() -> Self {
        Self { first_day: date(2026, 4, 28), last_day: Some(date(2026, 4, 29)), day_off: Some("Verhuizing".into()) }
    }
    fn minimal() -> Self {
        Self { first_day: date(2026, 4, 27), last_day: None, day_off: None }
    }
}

impl Sample for Booked {
    fn full() -> Self {
        Self { real_minutes: 40, charged_minutes: 45, balance: Balance::full() }
    }
    fn minimal() -> Self {
        Self { real_minutes: 40, charged_minutes: 45, balance: Balance::minimal() }
    }
}

impl Sample for Acknowledgement {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            received_at: moment(21, 6, 40),
            coordinator: "Anneke de Vries".into(),
            response_due: Some(moment(28, 10, 0)),
            days_off: vec![DaysOff { first_day: date(2026, 4, 27), last_day: None, day_off: Some("kings-day".into()) }],
            runs_from_at: Some(moment(21, 7, 0)),
            expert: Some("Joost Bakker".into()),
            balance: Some(Balance::full()),
            is_incident: false,
            follows: Some("AMR-2025-0031".into()),
            reference: Some("R-17".into()),
        }
    }
    fn minimal() -> Self {
        Self {
            case: CaseHead { kind: "incident".into(), priority: "critical".into(), ..CaseHead::minimal() },
            received_at: moment(21, 8, 2),
            coordinator: "Anneke de Vries".into(),
            response_due: None,
            days_off: Vec::new(),
            runs_from_at: None,
            expert: None,
            balance: None,
            is_incident: true,
            follows: None,
            reference: None,
        }
    }
}

impl Sample for Relay {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            is_first: true,
            is_handed_over: true,
            stands_in_for: Some("Joost Bakker".into()),
            plan: "SLA".into(),
            response_due: Some(moment(28, 10, 0)),
            resolution_due: Some(moment(30, 15, 0)),
            estimate_minutes: Some(240),
            balance: Some(Balance::full()),
            sender: Writer::full(),
            received_at: moment(21, 8, 2),
            text: TEXT.into(),
            history: Some(HISTORY.into()),
            attachments: vec![AttachmentLine::full()],
            tags: ["time", "note", "resolved", "wait", "assign"].map(str::to_owned).to_vec(),
        }
    }
    fn minimal() -> Self {
        Self {
            case: CaseHead::minimal(),
            is_first: false,
            is_handed_over: false,
            stands_in_for: None,
            plan: "SLA".into(),
            response_due: None,
            resolution_due: None,
            estimate_minutes: None,
            balance: None,
            sender: Writer::minimal(),
            received_at: moment(21, 8, 2),
            text: TEXT.into(),
            history: None,
            attachments: Vec::new(),
            tags: Vec::new(),
        }
    }
}

impl Sample for Answer {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            expert: "Joost Bakker".into(),
            text: TEXT.into(),
            page: Some(TEXT.replace('\n', "<br>\n")),
            left_behind: Vec::new(),
            booked: Some(Booked::full()),
            is_resolved: true,
            reopen_due: Some(moment(28, 15, 0)),
            history: Some(HISTORY.into()),
        }
    }
    fn minimal() -> Self {
        Self {
            case: CaseHead::minimal(),
            expert: "Joost Bakker".into(),
            text: TEXT.into(),
            page: None,
            left_behind: Vec::new(),
            booked: None,
            is_resolved: false,
            reopen_due: None,
            history: None,
        }
    }
}

impl Sample for AnswerCopy {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            expert: "Joost Bakker".into(),
            text: TEXT.into(),
            is_note: true,
            is_resolved: true,
        }
    }
    fn minimal() -> Self {
        Self {
            case: CaseHead::minimal(),
            expert: "Joost Bakker".into(),
            text: TEXT.into(),
            is_note: false,
            is_resolved: false,
        }
    }
}

impl Sample for RequestHead {
    fn full() -> Self {
        Self {
            reference: "R-17".into(),
            subject: "Contactformulier verstuurt niet".into(),
            client_name: "Gemeente Amersloot".into(),
            received_at: moment(21, 8, 2),
        }
    }
    fn minimal() -> Self {
        Self {
            reference: "R-17".into(),
            subject: "Contactformulier verstuurt niet".into(),
            client_name: "Gemeente Amersloot".into(),
            received_at: moment(21, 8, 2),
        }
    }
}

impl Sample for RequestHeld {
    fn full() -> Self {
        Self { request: RequestHead::full(), coordinator: "Anneke de Vries".into() }
    }
    fn minimal() -> Self {
        Self { request: RequestHead::minimal(), coordinator: "Anneke de Vries".into() }
    }
}

impl Sample for ApprovalRequest {
    fn full() -> Self {
        Self {
            request: RequestHead::full(),
            reporter: Writer::full(),
            text: TEXT.into(),
            attachments: vec![AttachmentLine::full()],
            is_reminder: true,
            instead_of: Some("Anneke de Vries".into()),
            decision_due: Some(moment(23, 8, 0)),
        }
    }
    fn minimal() -> Self {
        Self {
            request: RequestHead::minimal(),
            reporter: Writer::minimal(),
            text: TEXT.into(),
            attachments: Vec::new(),
            is_reminder: false,
            instead_of: None,
            decision_due: None,
        }
    }
}

impl Sample for RequestApproved {
    fn full() -> Self {
        Self {
            request: RequestHead::full(),
            coordinator: "Anneke de Vries".into(),
            case_number: Some("AMR-2026-0042".into()),
            is_bundled: true,
        }
    }
    fn minimal() -> Self {
        Self {
            request: RequestHead::minimal(),
            coordinator: "Anneke de Vries".into(),
            case_number: None,
            is_bundled: false,
        }
    }
}

impl Sample for RequestRejected {
    fn full() -> Self {
        Self {
            request: RequestHead::full(),
            coordinator: "Anneke de Vries".into(),
            reason: "Dit staat al op de planning voor mei.".into(),
        }
    }
    fn minimal() -> Self {
        Self {
            request: RequestHead::minimal(),
            coordinator: "Anneke de Vries".into(),
            reason: "Dit staat al op de planning voor mei.".into(),
        }
    }
}

impl Sample for RequestEnded {
    fn full() -> Self {
        Self {
            request: RequestHead::full(),
            coordinator: "Anneke de Vries".into(),
            reporter: "Piet Smit".into(),
            is_reporter: true,
            is_late: true,
        }
    }
    fn minimal() -> Self {
        Self {
            request: RequestHead::minimal(),
            coordinator: "Anneke de Vries".into(),
            reporter: "Piet Smit".into(),
            is_reporter: false,
            is_late: false,
        }
    }
}

impl Sample for Contribution {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            sender: Writer::full(),
            received_at: moment(21, 8, 2),
            text: TEXT.into(),
            attachments: vec![AttachmentLine::full()],
            may_approve: true,
        }
    }
    fn minimal() -> Self {
        Self {
            case: CaseHead::minimal(),
            sender: Writer::minimal(),
            received_at: moment(21, 8, 2),
            text: TEXT.into(),
            attachments: Vec::new(),
            may_approve: false,
        }
    }
}

impl Sample for Refusal {
    fn full() -> Self {
        Self { subject: "Contactformulier verstuurt niet".into(), received_at: moment(21, 8, 2) }
    }
    fn minimal() -> Self {
        Self { subject: "Contactformulier verstuurt niet".into(), received_at: moment(21, 8, 2) }
    }
}

impl Sample for ClientUnclear {
    fn full() -> Self {
        let choice =
            |code: &str, name: &str| ClientCode::new(code).ok().map(|code| ClientChoice { code, name: name.into() });
        let clients = [choice("AMR", "Amersfoorts Museum"), choice("NWK", "Noord-West Kennis")];
        Self {
            subject: "Contactformulier verstuurt niet".into(),
            received_at: Some(moment(21, 8, 2)),
            text: TEXT.into(),
            clients: clients.into_iter().flatten().collect(),
        }
    }
    fn minimal() -> Self {
        Self { received_at: None, text: String::new(), ..Self::full() }
    }
}

impl Sample for Challenge {
    fn full() -> Self {
        Self {
            subject: "Contactformulier verstuurt niet".into(),
            received_at: moment(21, 8, 2),
            text: TEXT.into(),
            word: "BEVESTIG".into(),
        }
    }
    fn minimal() -> Self {
        Self {
            subject: "Contactformulier verstuurt niet".into(),
            received_at: moment(21, 8, 2),
            text: TEXT.into(),
            word: "BEVESTIG".into(),
        }
    }
}

impl Sample for TagLine {
    fn full() -> Self {
        Self { tag: "#tijd 1,5".into(), is_done: true, cause: Some(Cause::BareDecimal), value: "#tijd".into() }
    }
    fn minimal() -> Self {
        Self { tag: "#tijd 1,5".into(), is_done: false, cause: None, value: "#tijd".into() }
    }
}

impl Sample for Transcript {
    fn full() -> Self {
        Self {
            case: Some(CaseHead::full()),
            subject: "Contactformulier verstuurt niet".into(),
            lines: vec![TagLine::full()],
            text: TEXT.into(),
            is_reminder: true,
            needs_text: false,
            is_parked: true,
        }
    }
    fn minimal() -> Self {
        Self {
            case: None,
            subject: "Contactformulier verstuurt niet".into(),
            lines: Vec::new(),
            text: TEXT.into(),
            is_reminder: false,
            needs_text: true,
            is_parked: false,
        }
    }
}

impl Sample for CaseStatus {
    fn full() -> Self {
        Self {
            state: "open".into(),
            expert: Some("Joost Bakker".into()),
            response_due: Some(moment(28, 10, 0)),
            resolution_due: Some(moment(30, 15, 0)),
            booked_minutes: 85,
            estimate_minutes: Some(240),
        }
    }
    fn minimal() -> Self {
        Self {
            state: "open".into(),
            expert: None,
            response_due: None,
            resolution_due: None,
            booked_minutes: 0,
            estimate_minutes: None,
        }
    }
}

impl Sample for CommandDone {
    fn full() -> Self {
        Self {
            case: Some(CaseHead::full()),
            lines: vec![TagLine::full()],
            status: Some(CaseStatus::full()),
            balance: Some(Balance::full()),
            tags: ["time", "note", "resolved", "wait", "assign"].map(str::to_owned).to_vec(),
        }
    }
    fn minimal() -> Self {
        Self { case: None, lines: Vec::new(), status: None, balance: None, tags: Vec::new() }
    }
}

impl Sample for CaseChanged {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            expert: Some("Joost Bakker".into()),
            is_staff: true,
            is_reopened: true,
            is_resolved: true,
            handed_to: Some("Mira Jansen".into()),
            is_handed_back: true,
            taken_back: Some("#prio".into()),
            goes_on_in: Some("AMR-2026-0041".into()),
            took_in: Some("AMR-2026-0043".into()),
            parted_from: Some("AMR-2026-0041".into()),
            formerly: Some("NWK-2026-0007".into()),
            is_mistake: true,
            reason: Some("Ander museum, zelfde naam".into()),
            history: Some(HISTORY.into()),
        }
    }
    fn minimal() -> Self {
        Self { case: CaseHead::minimal(), is_reopened: true, ..Self::default() }
    }
}

impl Sample for AbsenceNoted {
    fn full() -> Self {
        Self {
            back_at: moment(28, 10, 0),
            is_dated: true,
            deputy: Some("Mira Jansen".into()),
            passed_on: vec!["AMR-2026-0042".into(), "AMR-2026-0043".into()],
        }
    }
    fn minimal() -> Self {
        Self { back_at: moment(28, 10, 0), is_dated: false, deputy: None, passed_on: Vec::new() }
    }
}

impl Sample for DeadlineWarning {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            target: "first-response".into(),
            percent: 80,
            is_breach: true,
            deadline_at: moment(21, 8, 2),
            deadline_due: Some(moment(21, 10, 2)),
            met_at: Some(moment(21, 8, 20)),
            expert: Some("Joost Bakker".into()),
            is_reclassified: true,
        }
    }
    fn minimal() -> Self {
        Self {
            case: CaseHead::minimal(),
            target: "first-response".into(),
            percent: 80,
            is_breach: false,
            deadline_at: moment(21, 8, 2),
            deadline_due: None,
            met_at: None,
            expert: None,
            is_reclassified: false,
        }
    }
}

impl Sample for DeadlineList {
    fn full() -> Self {
        let missed = DeadlineWarning { deadline_due: None, is_reclassified: false, ..DeadlineWarning::full() };
        let near = DeadlineWarning {
            target: "resolution".into(),
            is_breach: false,
            deadline_due: Some(moment(21, 10, 2)),
            met_at: None,
            ..missed.clone()
        };
        Self { missed: 1, others: 1, is_after_standstill: true, lines: vec![missed, near], further: 3 }
    }
    fn minimal() -> Self {
        Self { missed: 0, others: 0, is_after_standstill: false, lines: Vec::new(), further: 0 }
    }
}

impl Sample for Alarm {
    fn full() -> Self {
        Self {
            code: "quarantine.parse".into(),
            text: TEXT.into(),
            happened_at: moment(21, 8, 2),
            case_number: Some("AMR-2026-0042".into()),
        }
    }
    fn minimal() -> Self {
        Self { code: "quarantine.parse".into(), text: TEXT.into(), happened_at: moment(21, 8, 2), case_number: None }
    }
}

impl Sample for Undeliverable {
    fn full() -> Self {
        Self {
            case: Some(CaseHead::full()),
            subject: "Contactformulier verstuurt niet".into(),
            recipient: address(),
            response: "550 5.1.1 No such user here".into(),
            written_at: moment(21, 8, 2),
            is_bounce: true,
            text: Some(TEXT.into()),
        }
    }
    fn minimal() -> Self {
        Self {
            case: None,
            subject: "Contactformulier verstuurt niet".into(),
            recipient: address(),
            response: "550 5.1.1 No such user here".into(),
            written_at: moment(21, 8, 2),
            is_bounce: false,
            text: None,
        }
    }
}

impl Sample for TooLarge {
    fn full() -> Self {
        Self {
            subject: "Contactformulier verstuurt niet".into(),
            received_at: moment(21, 8, 2),
            size_bytes: 184_320,
            limit_bytes: 26_214_400,
        }
    }
    fn minimal() -> Self {
        Self {
            subject: "Contactformulier verstuurt niet".into(),
            received_at: moment(21, 8, 2),
            size_bytes: 184_320,
            limit_bytes: 26_214_400,
        }
    }
}

impl Sample for Canary {
    fn full() -> Self {
        Self { mailbox: "support".into(), sent_at: moment(21, 8, 2) }
    }
    fn minimal() -> Self {
        Self::full()
    }
}
