//! Machines that report outages, and suppliers.

use casepost::domain::decision::Outcome;

use super::{opened, opened_by_grace};
use crate::dialogue;

dialogue!(a_monitor_s_down_opens_one_incident_and_its_up_is_noted_on_it, |world| {
    let mail = world.mail_from("monitor").subject("[DOWN] Northwick tenant portal");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    assert_eq!(world.state_of("NWK-2026-0001").await, "new incident critical");
    let case = world.case("NWK-2026-0001").await;
    assert_eq!(case.subject, "Northwick tenant portal");
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-21T09:00:00Z");
    world.letter_to("grace").await.is("acknowledgement").says("Northwick tenant portal");
    let relay = world.letter_to("mira").await;
    relay.is("relay");
    // Down again, and up: the same one.
    let mail = world.mail_from("monitor").subject("[DOWN] Northwick tenant portal");
    world.receive(mail).await.is("joined").on("NWK-2026-0001");
    world.pass(1);
    let mail = world.mail_from("monitor").subject("[UP] Northwick tenant portal");
    world.receive(mail).await.is("joined").on("NWK-2026-0001");
    assert_eq!(world.state_of("NWK-2026-0001").await, "new incident critical");
    // Another check is another incident.
    let mail = world.mail_from("monitor").subject("[DOWN] Northwick website");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    let letters = world.rest().await;
    assert!(!letters.iter().any(|line| line.ends_with("monitor")), "{letters:?}");
});

dialogue!(flapping_within_the_hour_reopens_and_later_begins_anew, |world| {
    let mail = world.mail_from("monitor").subject("[DOWN] portal");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    world.letter_to("grace").await.is("acknowledgement");
    let relay = world.letter_to("mira").await;
    let mail = world.reply_to(&relay).text("Restarted.\n#resolved");
    world.receive(mail).await.is("joined");
    world.pass(0);
    let mail = world.mail_from("monitor").subject("[UP] portal");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("NWK-2026-0001").await, "resolved incident critical");
    let mail = world.mail_from("monitor").subject("[DOWN] portal");
    world.receive(mail).await.is("joined").on("NWK-2026-0001");
    assert_eq!(world.state_of("NWK-2026-0001").await, "open incident critical");
    let mail = world.reply_to(&relay).text("Restarted again.\n#resolved");
    world.receive(mail).await.is("joined");
    world.pass(2);
    let mail = world.mail_from("monitor").subject("[DOWN] portal");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    world.rest().await;
});

dialogue!(an_up_without_an_incident_opens_nothing, |world| {
    let mail = world.mail_from("monitor").subject("[UP] Northwick tenant portal");
    world.receive(mail).await.is("noted").on_no_case();
});

dialogue!(a_monitor_that_its_domain_disowns_opens_nothing, |world| {
    let mail = world.mail_from("monitor").subject("[DOWN] portal").disowned();
    world.receive(mail).await.is("quarantined").because("sender-contradicted");
});

dialogue!(a_monitor_s_mail_is_an_incident_although_a_program_wrote_it, |world| {
    let mail = world.mail_from("monitor").subject("[DOWN] portal").header("Auto-Submitted", "auto-generated");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to grace.hall", "relay to mira"]);
});

dialogue!(a_supplier_s_mail_joins_a_case_of_a_client_it_serves_and_ends_the_wait, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Wij vragen het de hoster.\n#wacht leverancier");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] ticket 77").text("Done.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("joost").await.is("relay").says("Done.");
    world.no_letters().await;
    let mail = world.mail_from("hostwell").subject("Maintenance").text("Tonight.");
    world.receive(mail).await.is("quarantined").because("supplier-without-case");
    world.letter_to("mira").await.is("alarm");
});

dialogue!(a_supplier_s_program_joins_nothing_of_a_client_it_does_not_serve, |world| {
    opened_by_grace(&mut world).await;
    let text = crate::world::DESK.replace("clients = [\"AMR\", \"NWK\"]", "clients = [\"AMR\"]");
    world.declare(&text).await;
    let mail = world.mail_from("hostwell").subject("Re: [LIN NWK-2026-0001] ticket");
    world.receive(mail).await.is("quarantined").because("supplier-without-case").on_no_case();
    world.letter_to("mira").await.is("alarm");
});

dialogue!(what_nothing_proves_to_be_a_monitor_s_waits_and_the_desk_hears_of_it_once_an_hour, |world| {
    for _ in 0..3 {
        let mail = world.mail_from("monitor").subject("[DOWN] portal").unproven();
        world.receive(mail).await.is("quarantined").because("monitor-unproven").on_no_case();
    }
    let alarm = world.letter_to("mira").await;
    alarm.is("alarm").says("[DOWN] portal").says("Uptime monitor").says("accept = \"from-header\"");
    world.no_letters().await;
    world.pass(2);
    let mail = world.mail_from("monitor").subject("[DOWN] portal").unjudged();
    let waits = world.receive(mail).await;
    waits.is("quarantined").because("monitor-unproven");
    world.letter_to("mira").await.is("alarm");
    // An UP that nobody proves ends nothing either.
    let mail = world.mail_from("monitor").subject("[DOWN] portal");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.mail_from("monitor").subject("[UP] portal").unproven();
    world.receive(mail).await.is("quarantined").on_no_case();
    // After a look it counts, with its time of receipt.
    assert_eq!(world.decide_again(&waits.kept.unwrap(), true).await, Some(Outcome::Joined));
    world.rest().await;
});

dialogue!(an_unproven_supplier_waits_beside_an_unproven_monitor, |world| {
    opened(&mut world).await;
    for who in ["hostwell", "noc@hostwell.example", "monitor"] {
        let mail = world.mail_from(who).subject("Re: [LIN AMR-2026-0001] DOWN").text("Done.").unproven();
        let got = world.receive(mail).await;
        got.is("quarantined").because(if who == "monitor" { "monitor-unproven" } else { "supplier-unproven" });
    }
    // One of each: the second address is the same supplier.
    assert_eq!(world.rest().await, ["alarm to mira", "alarm to mira"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
});

dialogue!(the_directory_may_take_a_machine_at_its_word, |world| {
    let text = crate::world::DESK
        .replace(
            "address = \"monitor@uptime.example\"",
            "address = \"monitor@uptime.example\"\naccept = \"from-header\"",
        )
        .replace("key = \"hostwell\"", "key = \"hostwell\"\naccept = \"from-header\"");
    world.declare(&text).await;
    opened(&mut world).await;
    let mail = world.mail_from("monitor").subject("[DOWN] portal").unproven();
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] x").unjudged();
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    // Not what their own domain disowns, nor what lay in junk.
    let mail = world.mail_from("monitor").subject("[DOWN] site").disowned();
    world.receive(mail).await.is("quarantined").because("sender-contradicted");
    let mail = world.mail_from("monitor").subject("[DOWN] site").unproven().in_junk();
    world.receive(mail).await.is("noted").on_no_case();
    world.rest().await;
});

dialogue!(a_true_mail_of_a_monitor_is_decided_although_an_unproven_copy_came_first, |world| {
    let mail = world.mail_from("monitor").subject("[DOWN] portal");
    world.receive(mail.clone().unproven()).await.is("quarantined");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    assert_eq!(world.rest().await, ["alarm to mira", "acknowledgement to grace.hall", "relay to mira"]);
});
