//! Who says so, by signature: a mail that nobody judged on its way proves its sender by itself, or not at all.

use crate::dialogue;
use crate::world::{DESK, key_name, key_record};

const MUSEUM: &str = "amersfoortsmuseum.example";

dialogue!(a_signed_mail_of_a_coordinator_opens_a_case, |world| {
    world.publish_key(MUSEUM);
    let mail = world.mail_from("anne").subject("Agenda leeg").signed();
    let got = world.receive(mail).await;
    got.is("opened").on("AMR-2026-0001");
    let proof = got.kept.as_ref().map(|kept| kept.proof.clone()).unwrap();
    assert_eq!(proof, "proven: dkim signature of amersfoortsmuseum.example (s1)");
    world.letter_to("anne").await.is("acknowledgement");
    world.letter_to("joost").await.is("relay");
    // A mail server of theirs below the domain signs as well for it.
    let below = "mail.amersfoortsmuseum.example";
    world.publish_key(below);
    let mail = world.mail_from("anne").subject("Nog iets").signed_by(below);
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    assert_eq!(world.rest().await.len(), 2);
});

dialogue!(an_answer_to_a_case_is_proven_by_its_signature_at_the_case_s_own_address, |world| {
    world.publish_key(MUSEUM);
    let mail = world.mail_from("anne").subject("Agenda leeg").signed();
    world.receive(mail).await.is("opened");
    let acknowledgement = world.letter_to("anne").await;
    let mail = world.reply_to(&acknowledgement).text("Het is al over.").signed();
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.rest().await, ["relay to joost", "relay to joost"]);
});

dialogue!(a_signature_that_leaves_anything_open_proves_nobody, |world| {
    world.publish_key(MUSEUM);
    let mail = |world: &mut crate::world::World, subject: &str| world.mail_from("anne").subject(subject).signed();
    let tampered = [
        mail(&mut world, "Tekst").changed("even kijken", "even betalen"),
        mail(&mut world, "Onderwerp").changed("Subject: Onderwerp", "Subject: Spoed"),
        mail(&mut world, "Bijgeschreven").signature_tags("l=20; ").text("Goedemorgen,\n\nKijk.\n\nEn betaal.\n"),
        mail(&mut world, "Verlopen").signature_tags("x=1776000000; "),
        mail(&mut world, "Zonder onderwerp").signing("from:to:date:message-id"),
        mail(&mut world, "Zonder aan").signing("from:subject:date:message-id"),
        mail(&mut world, "Erbij").changed("To: support@", "Cc: eve@elsewhere.example\r\nTo: support@"),
        mail(&mut world, "Dubbel").changed("Subject: Dubbel", "Subject: Spoed\r\nSubject: Dubbel"),
        mail(&mut world, "Regel").changed("To: support@", "Betaal nu\r\nTo: support@"),
        mail(&mut world, "Andere sleutel").changed("s=s1", "s=s2"),
        mail(&mut world, "Ander domein").signed_by("elsewhere.example"),
    ];
    for mail in tampered {
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "challenged", "{got:#?}");
        got.because("sender-unproven").on_no_case();
    }
    assert_eq!(world.cases().await, [""; 0]);
    world.rest().await;
});

dialogue!(a_signed_mail_to_somebody_else_is_no_word_to_the_desk, |world| {
    world.publish_key(MUSEUM);
    let mail = world.mail_from("anne").to(&["info@elsewhere.example"]).signed();
    world.receive(mail).await.is("challenged").because("sender-unproven").on_no_case();
    world.letter_to("anne").await.is("challenge");
    let mail = world.mail_from("anne").to(&["support@elsewhere.example"]).cc(&["xsupport@lindeboom.example"]).signed();
    world.receive(mail).await.is("challenged");
    world.letter_to("anne").await.is("challenge");
    // To the desk in copy, it is.
    let mail = world.mail_from("anne").to(&["info@elsewhere.example"]).cc(&["support@lindeboom.example"]).signed();
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await.len(), 2);
});

dialogue!(a_neighbour_below_a_public_suffix_is_another_owner, |world| {
    world.declare_first(&DESK.replace(MUSEUM, "museum.co.uk")).await;
    for domain in ["evil.co.uk", "co.uk"] {
        world.publish_key(domain);
        let mail = world.mail_from("anne.bakker@museum.co.uk").signed_by(domain);
        world.receive(mail).await.is("challenged").because("sender-unproven").on_no_case();
    }
    world.publish_key("museum.co.uk");
    let mail = world.mail_from("anne.bakker@museum.co.uk").signed();
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await.len(), 4);
});

dialogue!(a_key_that_was_withdrawn_or_is_tried_out_proves_nobody, |world| {
    let name = key_name(MUSEUM);
    for record in ["v=DKIM1; k=ed25519; p=".to_owned(), key_record().replace("k=", "t=y; k=")] {
        world.names(&[(&name, Some(&record))]);
        let mail = world.mail_from("anne").signed();
        world.receive(mail).await.is("challenged").because("sender-unproven");
        world.letter_to("anne").await.is("challenge");
    }
    world.names(&[]);
    let mail = world.mail_from("anne").signed();
    world.receive(mail).await.is("challenged").because("sender-unproven");
    world.letter_to("anne").await.is("challenge");
});

dialogue!(a_key_that_can_t_be_had_now_lets_a_mail_wait_with_its_time, |world| {
    let name = key_name(MUSEUM);
    world.names(&[(&name, None)]);
    let mail = world.mail_from("anne").subject("Agenda leeg").signed();
    world.receive(mail.clone()).await.is("waits");
    assert!(world.state().await["messages"].is_empty());
    world.pass(3);
    world.publish_key(MUSEUM);
    world.receive(mail).await.is("opened");
    assert_eq!(world.case("AMR-2026-0001").await.opened_at.to_string(), "2026-04-21T08:00:00Z");
    assert_eq!(world.rest().await.len(), 2);
    // Not for ever.
    world.names(&[(&name, None)]);
    let mail = world.mail_from("anne").subject("Nog iets").signed();
    world.receive(mail.clone()).await.is("waits");
    world.pass(25);
    world.receive(mail).await.is("challenged");
    world.letter_to("anne").await.is("challenge");
    // And not where it would prove nothing, or the receiving host has spoken.
    let mail = world.mail_from("anne").signed().changed("even kijken", "even betalen");
    world.receive(mail).await.is("challenged");
    let mail = world.mail_from("anne").signed().signing("from:to");
    world.receive(mail).await.is("challenged");
    let mail = world.mail_from("anne").signed().disowned();
    world.receive(mail).await.is("challenged").because("sender-contradicted");
    let mail = world.mail_from("grace").signed().proven();
    world.receive(mail).await.is("opened");
    world.rest().await;
});

dialogue!(a_stranger_whose_name_servers_are_silent_makes_nobody_wait, |world| {
    world.names(&[(&key_name("elsewhere.example"), None)]);
    let mail = world.mail_from("zoe@elsewhere.example").signed();
    world.receive(mail).await.is("quarantined").because("unknown-sender");
});

dialogue!(what_a_signature_proved_when_the_mail_came_stays_proven, |world| {
    world.publish_key("nieuw.example");
    let mail = world.mail_from("zoe@nieuw.example").subject("Agenda leeg").signed();
    let got = world.receive(mail).await;
    got.is("quarantined").because("unknown-sender");
    let mail = world.mail_from("zoe@nieuw.example").subject("Geheim").signed_by("elsewhere.example");
    let forged = world.receive(mail).await;
    forged.is("quarantined").because("unknown-sender");
    world.declare(&DESK.replace("anne.bakker@amersfoortsmuseum.example", "zoe@nieuw.example")).await;
    // In the meantime the key was withdrawn.
    world.names(&[]);
    world.rest().await;
    assert_eq!(world.replay(&got).await, Some("opened"));
    assert_eq!(world.replay(&forged).await, Some("challenged"));
    assert_eq!(world.cases().await, ["AMR-2026-0001"]);
    world.rest().await;
});

dialogue!(a_signed_answer_of_an_expert_books_time, |world| {
    world.publish_key("dewit-web.example");
    let (_, relay) = super::opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Gedaan.\n#tijd 40m").signed();
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("anne").await.is("answer").says("Gedaan.");
    // Forged in the same thread by a server of somebody else.
    let mail = world.reply_to(&relay).text("Nog iets.\n#tijd 40m").signed_by("elsewhere.example");
    world.receive(mail).await.is("challenged");
    assert_eq!(world.ledger("AMR").await.len(), 1);
    world.rest().await;
});
