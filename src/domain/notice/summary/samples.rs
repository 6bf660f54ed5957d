//! The weekly letters, full and bare: what templates are tried with.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn case(number: &str, subject: &str) -> SummaryCase {
    SummaryCase {
        number: number.into(),
        subject: subject.into(),
        state: "open".into(),
        open_age: 6,
        is_with_client: false,
        is_with_supplier: false,
        wait_on: None,
        expert: Some("Joost Bakker".into()),
        deadline: None,
        late: None,
        opened_at: at("2026-04-14T08:05:00Z"),
        resolved_at: None,
    }
}

fn open_cases() -> Vec<SummaryCase> {
    let late = SummaryLate { target: "first-response".into(), missed_at: at("2026-04-17T15:00:00Z") };
    let deadline = SummaryDeadline { target: "resolution".into(), promised_due: at("2026-04-23T10:00:00Z") };
    vec![
        SummaryCase { late: Some(late), ..case("AMR-2026-0046", "Nieuwsbrief komt niet aan") },
        SummaryCase { deadline: Some(deadline), ..case("AMR-2026-0042", "Contactformulier verstuurt niet") },
        SummaryCase {
            is_with_client: true,
            state: "waiting-client".into(),
            wait_on: Some(date(2026, 4, 24)),
            open_age: 1,
            ..case("AMR-2026-0044", "Foto's bij de tentoonstelling")
        },
        SummaryCase {
            is_with_supplier: true,
            state: "waiting-supplier".into(),
            expert: None,
            open_age: 0,
            ..case("AMR-2026-0045", "Certificaat verloopt")
        },
    ]
}

fn targets() -> Vec<SummaryTarget> {
    let line = |target: &str, met: i64, judged: i64, reclassified: i64| SummaryTarget {
        target: target.into(),
        met,
        judged,
        reclassified,
        met_percent: met * 100 / judged,
        missed_percent: 100 - met * 100 / judged,
    };
    vec![line("first-response", 4, 5, 0), line("next-response", 3, 3, 0), line("resolution", 2, 2, 1)]
}

fn trend() -> Vec<SummaryWeek> {
    let counts = [(3, 2), (1, 2), (0, 1), (4, 2), (2, 3), (5, 4), (2, 3), (1, 1), (3, 2), (2, 2), (6, 4), (3, 4)];
    let week = |(number, (opened, resolved)): (i8, (i64, i64))| SummaryWeek {
        number,
        opened,
        resolved,
        opened_pixels: opened * 9,
        resolved_pixels: resolved * 9,
    };
    (5..).zip(counts).map(week).collect()
}

impl Sample for SummaryRequest {
    fn full() -> Self {
        Self {
            reference: "R-17".into(),
            subject: "Agenda op de homepage".into(),
            reporter: "Kees Jansen".into(),
            client_name: Some("Gemeente Amersloot".into()),
            waiting_age: 3,
        }
    }
    fn minimal() -> Self {
        Self { client_name: None, waiting_age: 0, ..Self::full() }
    }
}

impl Sample for SummaryBooking {
    fn full() -> Self {
        Self {
            date: date(2026, 4, 14),
            case_number: Some("AMR-2026-0042".into()),
            expert: "Joost Bakker".into(),
            text: "formulier hersteld, met Anneke getest".into(),
            real_tally: 85,
            charged_tally: 90,
        }
    }
    fn minimal() -> Self {
        Self { case_number: None, text: String::new(), real_tally: -15, charged_tally: -15, ..Self::full() }
    }
}

fn work() -> SummaryWork {
    let booking = SummaryBooking { case_number: None, ..SummaryBooking::full() };
    SummaryWork {
        is_charged: true,
        real_tally: 190,
        charged_tally: 210,
        cases: vec![
            SummaryCaseWork {
                case_number: Some("AMR-2026-0042".into()),
                title: Some("Contactformulier verstuurt niet".into()),
                real_tally: 105,
                charged_tally: 120,
                bar_percent: 100,
                rest_percent: 0,
                bookings: vec![
                    booking.clone(),
                    SummaryBooking { date: date(2026, 4, 16), real_tally: 20, charged_tally: 30, ..booking.clone() },
                ],
                more_bookings: 0,
            },
            SummaryCaseWork {
                case_number: Some("AMR-2026-0044".into()),
                title: Some("Foto's bij de tentoonstelling".into()),
                real_tally: 85,
                charged_tally: 90,
                bar_percent: 75,
                rest_percent: 25,
                bookings: vec![SummaryBooking { text: "galerij gebouwd".into(), ..booking }],
                more_bookings: 2,
            },
        ],
        more_cases: 1,
        late: vec![SummaryBooking::full()],
    }
}

fn cards() -> SummaryCards {
    SummaryCards {
        balance: Balance { left_minutes: 390, strip_minutes: 15, overdraft_minutes: 0 },
        is_used_up: false,
        bought_strips: 40,
        cards: vec![
            SummaryCard {
                number: "2025-081".into(),
                left_minutes: 90,
                strip_minutes: 15,
                bought_strips: 20,
                left_percent: 30,
                used_percent: 70,
                valid_through_on: date(2026, 6, 14),
            },
            SummaryCard {
                number: "2026-117".into(),
                left_minutes: 300,
                strip_minutes: 15,
                bought_strips: 20,
                left_percent: 100,
                used_percent: 0,
                valid_through_on: date(2027, 2, 28),
            },
        ],
        run_out_on: Some(date(2026, 7, 3)),
        outlasts_on: None,
        since_tally: Some(30),
    }
}

impl Sample for WeeklySummary {
    fn full() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            is_best_effort: false,
            is_quiet: false,
            week_number: 16,
            from_on: date(2026, 4, 13),
            through_on: date(2026, 4, 19),
            stated_at: at("2026-04-20T05:00:00Z"),
            opened_count: 3,
            resolved_count: 4,
            open_count: 5,
            held_count: 2,
            worked_tally: 190,
            held: vec![
                SummaryRequest { client_name: None, ..SummaryRequest::full() },
                SummaryRequest { reference: "R-18".into(), ..SummaryRequest::minimal() },
            ],
            more_held: 1,
            open: open_cases(),
            more_open: 1,
            opened: open_cases().into_iter().skip(1).collect(),
            more_opened: 1,
            resolved: vec![SummaryCase {
                state: "resolved".into(),
                resolved_at: Some(at("2026-04-16T12:40:00Z")),
                ..case("AMR-2026-0041", "Zoekfunctie vindt niets")
            }],
            more_resolved: 3,
            targets: targets(),
            work: Some(work()),
            card: Some(cards()),
            trend: trend(),
        }
    }
    fn minimal() -> Self {
        Self {
            client_name: "Gemeente Amersloot".into(),
            is_best_effort: true,
            is_quiet: true,
            week_number: 16,
            from_on: date(2026, 4, 13),
            through_on: date(2026, 4, 19),
            stated_at: at("2026-04-20T05:00:00Z"),
            opened_count: 0,
            resolved_count: 0,
            open_count: 0,
            held_count: 0,
            worked_tally: 0,
            held: Vec::new(),
            more_held: 0,
            open: Vec::new(),
            more_open: 0,
            opened: Vec::new(),
            more_opened: 0,
            resolved: Vec::new(),
            more_resolved: 0,
            targets: Vec::new(),
            work: None,
            card: None,
            trend: Vec::new(),
        }
    }
}

fn breaches() -> Vec<SummaryBreach> {
    let breach = SummaryBreach {
        number: "AMR-2026-0046".into(),
        subject: "Nieuwsbrief komt niet aan".into(),
        client_name: "Gemeente Amersloot".into(),
        target: "first-response".into(),
        missed_at: at("2026-04-17T15:00:00Z"),
        done_at: None,
        expert: Some("Joost Bakker".into()),
    };
    let done = SummaryBreach {
        number: "NWK-2026-0007".into(),
        subject: "Login page is slow".into(),
        client_name: "Northwick Housing".into(),
        target: "resolution".into(),
        done_at: Some(at("2026-04-17T15:20:00Z")),
        expert: None,
        ..breach.clone()
    };
    vec![breach, done]
}

fn clients() -> Vec<SummaryClient> {
    let client = SummaryClient {
        client_name: "Gemeente Amersloot".into(),
        opened: 3,
        resolved: 4,
        open: 5,
        overdue: 1,
        met: 9,
        judged: 10,
        reclassified: 1,
        real_tally: 190,
    };
    let other = SummaryClient {
        client_name: "Northwick Housing".into(),
        overdue: 0,
        judged: 0,
        reclassified: 0,
        real_tally: 45,
        ..client.clone()
    };
    vec![client, other]
}

impl Sample for DeskSummary {
    fn full() -> Self {
        let balance = Balance { left_minutes: 45, strip_minutes: 15, overdraft_minutes: 0 };
        Self {
            opened_count: 6,
            resolved_count: 8,
            open_count: 10,
            breach_count: 3,
            held_count: 2,
            breaches: breaches(),
            more_breaches: 1,
            clients: clients(),
            more_clients: 1,
            quiet_count: 4,
            targets: targets(),
            held: vec![SummaryRequest::full()],
            more_held: 1,
            cards: vec![
                SummaryShortCard {
                    client_name: "Gemeente Amersloot".into(),
                    balance,
                    run_out_on: Some(date(2026, 4, 27)),
                    ends_on: Some(date(2026, 5, 3)),
                },
                SummaryShortCard {
                    client_name: "Stadsbad".into(),
                    balance: Balance { left_minutes: 0, overdraft_minutes: 30, ..balance },
                    run_out_on: None,
                    ends_on: None,
                },
            ],
            experts: vec![SummaryExpert {
                expert: "Joost Bakker".into(),
                real_tally: 1150,
                charged_tally: 1230,
                cases: 9,
                bar_percent: 100,
                rest_percent: 0,
            }],
            parked: vec![SummaryParked {
                number: Some("AMR-2026-0042".into()),
                subject: "Contactformulier verstuurt niet".into(),
                expert: "Joost Bakker".into(),
                parked_at: at("2026-04-17T09:12:00Z"),
            }],
            more_parked: 1,
            waiting: vec![
                SummaryMail {
                    message_no: 812,
                    is_challenged: true,
                    sender: "anneke@amersloot.example".into(),
                    subject: "Spoed: nieuw account".into(),
                    received_at: at("2026-04-16T07:55:00Z"),
                },
                SummaryMail {
                    message_no: 815,
                    is_challenged: false,
                    sender: "verkoop@aanbieding.example".into(),
                    subject: "Lagere energielasten".into(),
                    received_at: at("2026-04-17T10:31:00Z"),
                },
            ],
            more_waiting: 3,
            undelivered: vec![SummaryUndelivered {
                address: "oud@amersloot.example".into(),
                letters: 2,
                answer: Some("550 5.1.1 user unknown".into()),
            }],
            mailboxes: vec![
                SummaryMailbox { folder: "support/INBOX".into(), fetched_at: Some(at("2026-04-20T05:00:00Z")) },
                SummaryMailbox { folder: "support/Junk".into(), fetched_at: None },
            ],
            letters_queued: 2,
            letters_oldest_at: Some(at("2026-04-20T04:58:00Z")),
            letters_held: 1,
            trend: trend(),
            ..Self::minimal()
        }
    }
    fn minimal() -> Self {
        Self {
            week_number: 16,
            from_on: date(2026, 4, 13),
            through_on: date(2026, 4, 19),
            stated_at: at("2026-04-20T05:00:00Z"),
            opened_count: 0,
            resolved_count: 0,
            open_count: 0,
            breach_count: 0,
            held_count: 0,
            breaches: Vec::new(),
            more_breaches: 0,
            clients: Vec::new(),
            more_clients: 0,
            quiet_count: 0,
            targets: Vec::new(),
            held: Vec::new(),
            more_held: 0,
            cards: Vec::new(),
            experts: Vec::new(),
            parked: Vec::new(),
            more_parked: 0,
            waiting: Vec::new(),
            more_waiting: 0,
            undelivered: Vec::new(),
            mailboxes: Vec::new(),
            letters_queued: 0,
            letters_oldest_at: None,
            letters_held: 0,
            trend: Vec::new(),
        }
    }
}
