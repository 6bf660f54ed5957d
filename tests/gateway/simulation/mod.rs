//! A simulated desk: twenty clients, weeks of mails, a clock that is moved; and all that came of it held against what the
//! rules say, computed another way.
//!
//! Two windows are looked at: from late March to King's Day (summer time begins, Easter, clients in three zones), and from
//! mid-December to mid-January (free days, a closed week, the year changes). `--long` plays half a year.

mod clients;
mod expected;
mod hours;
mod ledger;
mod lines;
mod play;
mod reminders;
mod script;
mod weeks;

use jiff::Timestamp;
use jiff::civil::Date;

use clients::Client;
use expected::Expected;
use hours::{Hours, OpenTime, later};
use play::play;
use script::Script;

/// What is played, and at what desk.
struct Desk<'a> {
    script: &'a Script,
    clients: &'a [Client],
    times: &'a [OpenTime],
    /// When the strip cards were bought.
    cards_from: Date,
}

impl Desk<'_> {
    /// Whose a matter is.
    fn client_of(&self, case: usize) -> &Client {
        &self.clients[self.script.cases[case]]
    }

    /// The hours in which the desk works for a client.
    fn time_of(&self, client: &Client) -> &OpenTime {
        &self.times[client.hours as usize]
    }
}

/// Weeks in which something is played.
struct Window {
    seed: u64,
    from: &'static str,
    to: &'static str,
    /// When the strip cards were bought.
    cards_from: &'static str,
}

const SPRING: Window =
    Window { seed: 20_260_320, from: "2026-03-20T06:00:00Z", to: "2026-04-28T18:00:00Z", cards_from: "2026-01-05" };
const TURN_OF_THE_YEAR: Window =
    Window { seed: 20_261_214, from: "2026-12-14T06:00:00Z", to: "2027-01-19T18:00:00Z", cards_from: "2026-01-18" };

const HALF_A_YEAR: Window =
    Window { seed: 20_260_105, from: "2026-01-05T06:00:00Z", to: "2026-07-05T18:00:00Z", cards_from: "2025-06-20" };

impl Window {
    async fn is_as_expected(&self, restarts: &[u64]) {
        let (from, to): (Timestamp, Timestamp) = (self.from.parse().unwrap(), self.to.parse().unwrap());
        let clients = Client::all();
        // Promises reach beyond the end of the window.
        let times: Vec<OpenTime> = Hours::ALL
            .iter()
            .map(|hours| OpenTime::between(*hours, later(from, -86_400), later(to, 60 * 86_400)))
            .collect();
        let script = Script::generate(self.seed, &clients, &times, from, to);
        let expected = Expected::of(&script, &clients, &times, to);
        let directory = clients::directory(&clients, self.cards_from);
        let once = play(&directory, &script, &clients, &expected, (from, to), None).await;
        let desk =
            Desk { script: &script, clients: &clients, times: &times, cards_from: self.cards_from.parse().unwrap() };
        once.is(&expected, &desk);
        for seed in restarts {
            let again = play(&directory, &script, &clients, &expected, (from, to), Some(*seed)).await;
            assert!(again.state == once.state, "a restart changed something (seed {seed})");
        }
    }
}

#[tokio::test]
async fn a_spring_at_a_desk_with_twenty_clients() {
    SPRING.is_as_expected(&[1]).await;
}

#[tokio::test]
async fn a_turn_of_the_year_at_a_desk_with_twenty_clients() {
    TURN_OF_THE_YEAR.is_as_expected(&[2]).await;
}

#[tokio::test]
async fn half_a_year_at_a_desk_with_twenty_clients() {
    if std::env::var_os("CASEPOST_TEST_LONG").is_some() {
        HALF_A_YEAR.is_as_expected(&[3]).await;
    }
}
