//! Dialogues: who writes what to the desk, and what everybody gets to read. A file a subject.

mod attack;
mod automatic;
mod booking;
mod clocks;
mod deadlines;
mod expert;
mod forgotten;
mod hub;
mod injection;
mod ledger;
mod monitor;
mod opening;
mod phone;
mod proof;
mod reminders;
mod repeated;
mod reporter;
mod restored;
mod seen_before;
mod sets;
mod signature;
mod storm;
mod stranger;
mod tags;
mod taken_back;
mod threading;
mod weekly;

use crate::world::{Letter, World};

/// Anne opens AMR-2026-0001; her acknowledgement and Joost's relay, both looked at.
pub async fn opened(world: &mut World) -> (Letter, Letter) {
    let mail = world.mail_from("anne").subject("Contactformulier verstuurt niet");
    let got = world.receive(mail.text("Goedemorgen,\n\nHet formulier doet niets meer.\n\nGroet, Anne\n")).await;
    got.is("opened").on("AMR-2026-0001");
    let acknowledgement = world.letter_to("anne").await;
    acknowledgement.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    relay.is("relay");
    (acknowledgement, relay)
}

/// Grace opens NWK-2026-0001; her acknowledgement and Mira's relay, both looked at.
pub async fn opened_by_grace(world: &mut World) -> (Letter, Letter) {
    let mail = world.mail_from("grace").subject("Portal login");
    let got = world.receive(mail.text("Hello,\n\nTenants can't log in.\n\nGrace\n")).await;
    got.is("opened").on("NWK-2026-0001");
    let acknowledgement = world.letter_to("grace").await;
    acknowledgement.is("acknowledgement");
    let relay = world.letter_to("mira").await;
    relay.is("relay");
    (acknowledgement, relay)
}
