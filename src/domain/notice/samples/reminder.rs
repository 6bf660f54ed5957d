//! The reminders, full and bare: what templates are tried with.

use super::*;
use jiff::civil::date;

const TEXT: &str = "Goedemorgen,\n\nKunt u ons het nieuwe logo sturen?\n#1 op de homepage staat al klaar.";

/// A moment in April 2026, UTC.
fn moment(day: i8, hour: i8) -> Timestamp {
    TimeZone::UTC.to_timestamp(date(2026, 4, day).at(hour, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Sample for AnswerWay {
    fn full() -> Self {
        Self {
            about: "R-17".into(),
            number: "R-17".into(),
            subject: "Contactformulier verstuurt niet".into(),
            address: Some("support+r-17.abcdefghijklmnop@zuidplein.example".into()),
            link: Some("mailto:support+r-17.abcdefghijklmnop@zuidplein.example?subject=%5BZUID%20R-17%5D".into()),
        }
    }
    fn minimal() -> Self {
        Self { address: None, link: None, ..Self::full() }
    }
}

impl Sample for RequestReminder {
    fn full() -> Self {
        Self {
            request: RequestHead::full(),
            reporter: "Piet Smit".into(),
            text: TEXT.into(),
            instead_of: Some("Anneke de Vries".into()),
            undecided_by: None,
            decision_due: Some(moment(28, 15)),
            answer: Some(AnswerWay::full()),
        }
    }
    fn minimal() -> Self {
        Self {
            request: RequestHead::minimal(),
            reporter: "Piet Smit".into(),
            text: TEXT.into(),
            instead_of: None,
            undecided_by: Some("Anneke de Vries".into()),
            decision_due: None,
            answer: None,
        }
    }
}

impl Sample for ParkedReminder {
    fn full() -> Self {
        Self {
            case: CaseHead::full(),
            subject: "Re: Contactformulier verstuurt niet".into(),
            lines: vec![TagLine { is_done: false, ..TagLine::full() }],
            text: TEXT.into(),
            needs_text: true,
            answer: Some(AnswerWay {
                about: "P-31".into(),
                number: "AMR-2026-0042".into(),
                address: Some("support+p-31.abcdefghijklmnop@zuidplein.example".into()),
                link: Some("mailto:support+p-31.abcdefghijklmnop@zuidplein.example?subject=%5BZUID%5D".into()),
                ..AnswerWay::full()
            }),
        }
    }
    fn minimal() -> Self {
        Self { case: CaseHead::minimal(), lines: Vec::new(), needs_text: false, answer: None, ..Self::full() }
    }
}

impl Sample for CaseReminder {
    fn full() -> Self {
        let number = CaseHead::full().number;
        Self {
            case: CaseHead::full(),
            waiting_at: moment(14, 9),
            expert: Some("Joost Bakker".into()),
            asked: Some(TEXT.into()),
            answer: Some(AnswerWay { about: number.clone(), number, ..AnswerWay::minimal() }),
        }
    }
    fn minimal() -> Self {
        Self { case: CaseHead::minimal(), waiting_at: moment(14, 9), expert: None, asked: None, answer: None }
    }
}

impl Sample for Reminder {
    fn full() -> Self {
        Self {
            case: None,
            count: 4,
            is_bundle: true,
            may_decide: true,
            requests: vec![RequestReminder::full(), RequestReminder::minimal()],
            parked: vec![ParkedReminder::full()],
            cases: vec![CaseReminder::full()],
        }
    }
    fn minimal() -> Self {
        Self {
            case: Some(CaseHead::minimal()),
            count: 1,
            is_bundle: false,
            may_decide: false,
            requests: Vec::new(),
            parked: Vec::new(),
            cases: vec![CaseReminder::minimal()],
        }
    }
}

impl Sample for ReminderUnclear {
    fn full() -> Self {
        Self { text: TEXT.into() }
    }
    fn minimal() -> Self {
        Self { text: String::new() }
    }
}
