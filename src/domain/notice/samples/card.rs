//! The notices about strip cards, full and bare: what templates are tried with.

use super::*;
use jiff::civil::date;

impl Sample for CardLow {
    fn full() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), balance: Balance::full(), run_out_on: Some(date(2026, 4, 27)) }
    }
    fn minimal() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), balance: Balance::minimal(), run_out_on: None }
    }
}

impl Sample for CardUsedUp {
    fn full() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            balance: Balance::full(),
            ended: Some(CardEnded {
                number: "2026-117".into(),
                valid_through_on: date(2026, 4, 20),
                expired_minutes: 90,
            }),
            next: Some(CardToCome { number: "2026-118".into(), left_minutes: 300, begins_on: date(2026, 4, 28) }),
        }
    }
    fn minimal() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), balance: Balance::minimal(), ended: None, next: None }
    }
}

impl Sample for CardPrivate {
    fn full() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), coordinator: Some("Anneke Dekker".into()) }
    }
    fn minimal() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), coordinator: None }
    }
}

impl Sample for CardLine {
    fn full() -> Self {
        Self { number: "2026-117".into(), left_minutes: 390, strip_minutes: 15, valid_through_on: date(2026, 4, 27) }
    }
    fn minimal() -> Self {
        Self { number: "2026-117".into(), left_minutes: 0, strip_minutes: 15, valid_through_on: date(2026, 4, 27) }
    }
}

impl Sample for CardExpiring {
    fn full() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), card: CardLine::full() }
    }
    fn minimal() -> Self {
        Self { client_name: "Gemeente Amersloot".into(), card: CardLine::minimal() }
    }
}

impl Sample for CardBalance {
    fn full() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            has_no_card: false,
            balance: Balance::full(),
            cards: vec![CardLine::full()],
        }
    }
    fn minimal() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            has_no_card: true,
            balance: Balance::minimal(),
            cards: Vec::new(),
        }
    }
}

impl Sample for StatementEntry {
    fn full() -> Self {
        Self {
            date: date(2026, 4, 20),
            entry: "deduction".into(),
            card: Some("2026-117".into()),
            case_number: Some("AMR-2026-0042".into()),
            title: Some("Contactformulier verstuurt niet".into()),
            text: "formulier hersteld, met Anneke getest".into(),
            expert: Some("Joost Bakker".into()),
            real_tally: Some(85),
            charged_tally: -90,
            balance_tally: 210,
        }
    }
    fn minimal() -> Self {
        Self {
            date: date(2026, 4, 20),
            entry: "purchase".into(),
            card: None,
            case_number: None,
            title: None,
            text: String::new(),
            expert: None,
            real_tally: None,
            charged_tally: 300,
            balance_tally: 300,
        }
    }
}

impl Sample for CardStatement {
    fn full() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            card: Some("2026-117".into()),
            from_on: Some(date(2026, 3, 1)),
            through_on: Some(date(2026, 4, 21)),
            is_asked: true,
            is_letter: true,
            opening_tally: 0,
            entries: vec![StatementEntry::minimal(), StatementEntry::full()],
            real_tally: 85,
            charged_tally: 210,
            closing_tally: 210,
            balance: Some(Balance::full()),
        }
    }
    fn minimal() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            card: None,
            from_on: None,
            through_on: None,
            is_asked: false,
            is_letter: false,
            opening_tally: 0,
            entries: Vec::new(),
            real_tally: 0,
            charged_tally: 0,
            closing_tally: 0,
            balance: None,
        }
    }
}

impl Sample for CardChanged {
    fn full() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            corrected: vec![Corrected {
                case_number: "AMR-2026-0042".into(),
                expert: "Joost Bakker".into(),
                real_minutes: 20,
                charged_minutes: 15,
            }],
            moved: Some(Moved { from_card: "2026-117".into(), to_card: "2026-118".into(), moved_minutes: 60 }),
            reason: "dubbel geboekt".into(),
            balance: Some(Balance::full()),
        }
    }
    fn minimal() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            corrected: Vec::new(),
            moved: None,
            reason: "dubbel geboekt".into(),
            balance: None,
        }
    }
}
