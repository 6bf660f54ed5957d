//! What was an expert's once: their reply address in other hands, their signed words meant for somebody else, or made longer
//! on the way. It books nothing and reaches no client.

use super::{harmless, scene};
use crate::dialogue;

const EXPERTS: &str = "dewit-web.example";
const TAGS: &str = "Klaar.\n#tijd 2u\n#opgelost";

dialogue!(an_expert_s_reply_address_serves_nobody_else, |world| {
    let scene = scene(&mut world).await;
    // Proven, each of them, but not Joost.
    for (who, outcome, told) in [
        ("anne", "joined", vec!["relay to joost"]),
        ("mira", "quarantined", vec!["transcript to mira"]),
        ("grace", "opened", vec!["acknowledgement to grace.hall", "relay to mira"]),
        ("kees", "contributed", vec!["contribution to anne.bakker", "contribution to joost"]),
    ] {
        let mail = world.reply_to(&scene.relay).by(who).text(TAGS).proven();
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, outcome, "{who}: {got:#?}");
        assert_eq!(world.rest().await, told, "{who}");
        assert_eq!(world.ledger("AMR").await, [""; 0], "{who}");
        assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"], "{who}");
        assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal", "{who}");
    }
    // Nor does another case's address make Joost one of its experts.
    let mail = world.reply_to(&scene.other_relay).by("joost").text(TAGS).proven();
    world.receive(mail).await.is("quarantined").because("not-on-case").on_no_case();
    assert_eq!(world.rest().await, ["transcript to joost"]);
    assert_eq!(world.state_of("NWK-2026-0001").await, "new support normal");
});

dialogue!(an_expert_s_signed_words_count_as_they_were_written_and_to_whom, |world| {
    let scene = scene(&mut world).await;
    world.publish_key(EXPERTS);
    let told = &["challenge to joost"];
    let mail = world.reply_to(&scene.relay).to(&["info@elsewhere.example"]).text(TAGS).signed();
    harmless(&mut world, "to somebody else, sent on", mail, "challenged sender-unproven", told).await;
    let mail = world.reply_to(&scene.relay).text("Klaar.").signed().changed("Klaar.", "Klaar.\r\n#tijd 8u");
    harmless(&mut world, "tags put in", mail, "challenged sender-unproven", told).await;
    let mail = world.reply_to(&scene.relay).text(TAGS).signed().signature_tags("l=6; ");
    harmless(&mut world, "a signature over the first line alone", mail, "challenged sender-unproven", told).await;
    let mail = world.reply_to(&scene.relay).text(TAGS).signed().signing("from:to:date:message-id");
    harmless(&mut world, "another subject would do", mail, "challenged sender-unproven", told).await;
    let mail = world.reply_to(&scene.relay).text(TAGS).signed_by("elsewhere.example");
    harmless(&mut world, "somebody else's signature", mail, "challenged sender-unproven", told).await;
    let mail = world.reply_to(&scene.relay).text(TAGS).signed().at(world.now);
    world.receive(mail.clone()).await.is("joined").on("AMR-2026-0001");
    let booked = world.ledger("AMR").await;
    assert_eq!(booked.len(), 1, "{booked:#?}");
    world.rest().await;
    // The true mail again, by another way: once is once.
    let again = mail.top_header("Received", "from x.example by mx.desk.example; Tue, 21 Apr 2026 10:00:00 +0200");
    world.receive(again).await.is("seen-before");
    assert_eq!(world.ledger("AMR").await, booked);
    world.no_letters().await;
});
