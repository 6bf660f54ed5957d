//! Mails in the name of machines: reports, monitors, suppliers, and headers that only our own may set.

use super::{ANNE, SAM, harmless, is_a_stranger, scene};
use crate::dialogue;
use crate::world::{Letter, Mail, World};

/// A report that claims this of a letter of ours.
fn report(world: &mut World, letter: &Letter, id: &str, recipient: &str, status: &str) -> Mail {
    let action = if status.starts_with('5') { "failed" } else { "delayed" };
    world.bounce_of(letter).body(&format!(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.elsewhere.example\n\n\
         Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{id}>\nSubject: x\n\n--b--\n"
    ))
}

dialogue!(a_forged_report_changes_nothing, |world| {
    let scene = scene(&mut world).await;
    let (ack, id) = (&scene.acknowledgement, scene.acknowledgement.message_id());
    for (name, mail) in [
        ("another recipient", report(&mut world, ack, &id, "piet.smit@amersfoortsmuseum.example", "5.1.1")),
        ("the expert as recipient", report(&mut world, ack, &id, "joost@dewit-web.example", "5.1.1")),
        ("a longer recipient", report(&mut world, ack, &id, &format!("{ANNE}.elsewhere.example"), "5.1.1")),
        ("no letter of ours", report(&mut world, ack, "x@lindeboom.example", ANNE, "5.1.1")),
        (
            "an id of the client's own",
            report(&mut world, ack, "m1.anne.bakker@amersfoortsmuseum.example", ANNE, "5.1.1"),
        ),
        ("the mark as id", report(&mut world, ack, &ack.header("X-Casepost-Id"), ANNE, "5.1.1")),
    ] {
        harmless(&mut world, name, mail, "noted -", &[]).await;
    }
    let abuse = |id: &str| {
        format!(
            "Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n\
             --b\nContent-Type: text/plain\n\nThis is an abuse report.\n\n\
             --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\
             Original-Rcpt-To: {ANNE}\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <{id}>\nFrom: support@lindeboom.example\n\nx\n--b--\n"
        )
    };
    for (name, id) in [("an abuse report", id.as_str()), ("an abuse report on nothing", "x@lindeboom.example")] {
        let mail = world.mail_from("stranger").body(&abuse(id));
        harmless(&mut world, name, mail, "noted -", &[]).await;
    }
    // Anne's standing is what it was: she gets her acknowledgement.
    let mail = world.mail_from("anne").subject("Nog iets");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(even_a_report_that_names_the_right_recipient_only_hushes_programs_for_a_day, |world| {
    let scene = scene(&mut world).await;
    let mail = world.bounce_of(&scene.acknowledgement);
    world.receive(mail).await.is("noted").on("AMR-2026-0001");
    assert_eq!(world.rest().await, ["undeliverable to joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    // What a person writes goes, whatever a report says.
    let mail = world.reply_to(&scene.relay).text("Het is verholpen.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.pass(25);
    let mail = world.mail_from("anne").subject("Nog iets");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(no_forged_machine_is_believed, |world| {
    let scene = scene(&mut world).await;
    let mail = world.mail_from("monitor").subject("[DOWN] portal");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    let mail = world.reply_to(&scene.relay).text("De hoster kijkt.\n#wacht leverancier");
    world.receive(mail).await.is("joined");
    world.rest().await;
    let alarm: &[&str] = &["alarm to mira"];
    for (name, mail, expected, told) in [
        ("DOWN", world.mail_from("monitor").subject("[DOWN] site").unproven(), "quarantined monitor-unproven", alarm),
        (
            "DOWN of a known check",
            world.mail_from("monitor").subject("[DOWN] portal").unjudged(),
            "quarantined monitor-unproven",
            alarm,
        ),
        ("UP", world.mail_from("monitor").subject("[UP] portal").unproven(), "quarantined monitor-unproven", alarm),
        (
            "UP by a program",
            world.mail_from("monitor").subject("[UP] portal").automatic().unproven(),
            "quarantined monitor-unproven",
            alarm,
        ),
        (
            "UP that its domain disowns",
            world.mail_from("monitor").subject("[UP] portal").disowned(),
            "quarantined sender-contradicted",
            &[],
        ),
        (
            "a supplier on a case",
            world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] x").unproven(),
            "quarantined supplier-unproven",
            alarm,
        ),
        (
            "a supplier in the thread",
            world.reply_to(&scene.relay).by("hostwell").unproven(),
            "quarantined supplier-unproven",
            alarm,
        ),
        (
            "a supplier's tags",
            world
                .mail_from("noc@hostwell.example")
                .subject("Re: [LIN AMR-2026-0001] x")
                .text("#opgelost\n#tijd 2u")
                .unjudged(),
            "quarantined supplier-unproven",
            alarm,
        ),
        (
            "a supplier that its domain disowns",
            world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] x").disowned(),
            "quarantined sender-contradicted",
            &[],
        ),
        (
            "a supplier's absence",
            world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] x").automatic().unproven(),
            "quarantined supplier-unproven",
            alarm,
        ),
    ] {
        harmless(&mut world, name, mail, expected, told).await;
    }
    assert_eq!(world.state_of("AMR-2026-0001").await, "waiting-supplier support normal");
    for address in ["monitor@uptime.example.elsewhere.example", "amonitor@uptime.example", "monitor@xuptime.example"] {
        let mail = world.mail_from(address).subject("[DOWN] site");
        is_a_stranger(&mut world, address, mail, address).await;
    }
    let mail = world
        .mail_from("stranger")
        .written_by(&format!("monitor@uptime.example (Uptime) <{SAM}>"))
        .subject("[UP] portal");
    harmless(&mut world, "a monitor's address as name", mail, "quarantined no-single-sender", &[]).await;
});

dialogue!(control_headers_from_outside_say_nothing, |world| {
    scene(&mut world).await;
    for (name, value) in [
        ("X-Casepost-Case", "AMR-2026-0001"),
        ("x-casepost-case-id", "1"),
        ("X-Casepost-Verified", "yes"),
        ("X-CASEPOST-ROLE", "expert"),
        ("X-Casepost-Person", "\n joost"),
        ("X-Casepost-Proof", "proven"),
        ("X-Casepost-Id", "a@lindeboom.example"),
        ("X-Casepost-Command", "#tijd 2u"),
        ("X-Casepost-Release", "1"),
    ] {
        let mail = world.mail_from("stranger").header(name, value).text("#tijd 2u");
        is_a_stranger(&mut world, name, mail, SAM).await;
        let mail = world.mail_from("anne").header(name, value).top_header(name, value).text("#tijd 2u").unproven();
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
    }
    // Urgency is a matter of words, not of headers.
    let mail =
        world.mail_from("anne").header("X-Priority", "1").header("Importance", "high").header("Priority", "urgent");
    world
        .receive(mail.header("X-Casepost-Priority", "critical").subject("Gewoon"))
        .await
        .is("opened")
        .on("AMR-2026-0002");
    assert_eq!(world.state_of("AMR-2026-0002").await, "new support normal");
    world.rest().await;
    // Nor does a mark within an attached mail say anything of the mail around it.
    let mail = world
        .mail_from("anne")
        .unproven()
        .body("Content-Type: message/rfc822\n\nX-Casepost-Role: expert\nFrom: joost@dewit-web.example\n\n#tijd 2u\n");
    harmless(&mut world, "within an attached mail", mail, "challenged sender-unproven", &["challenge to anne.bakker"])
        .await;
});

dialogue!(a_forged_automatic_mail_is_shown_on_nobody_s_case, |world| {
    let scene = scene(&mut world).await;
    for (name, mail) in [
        ("disowned", world.reply_to(&scene.acknowledgement).automatic().disowned()),
        ("a stranger's", world.reply_to(&scene.acknowledgement).by("stranger").automatic()),
        ("another client's", world.reply_to(&scene.acknowledgement).by("grace").automatic()),
    ] {
        harmless(&mut world, name, mail, "noted -", &[]).await;
    }
});

dialogue!(forged_mails_neither_silence_an_address_nor_the_alarms, |world| {
    world.is_received_twice = false;
    for number in 0..30 {
        for who in ["anne".to_owned(), format!("x{number}@amersfoortsmuseum.example")] {
            let mail = world.mail_from(&who).subject(&format!("Bericht {number}")).unproven();
            world.receive_raw(&mail.to_bytes(), false).await.is("challenged");
        }
    }
    let letters = world.rest().await;
    assert_eq!(letters.iter().filter(|line| *line == "challenge to anne.bakker").count(), 5);
    assert_eq!(letters.iter().filter(|line| *line == "alarm to mira").count(), 1);
    // She herself still gets what she is owed, and the desk its alarm.
    let mail = world.mail_from("anne").subject("Echt").text("#spoed\nAlles ligt plat.");
    world.receive_raw(&mail.to_bytes(), false).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost", "alarm to mira"]);
});

dialogue!(a_forged_copy_does_not_take_the_true_mail_s_place, |world| {
    let scene = scene(&mut world).await;
    let mark = scene.acknowledgement.header("X-Casepost-Id");
    for (name, spoilt) in [
        ("as an automatic mail", world.reply_to(&scene.acknowledgement).automatic().unproven()),
        ("disowned", world.reply_to(&scene.acknowledgement).disowned()),
        ("in the junk folder", world.reply_to(&scene.acknowledgement).unproven().in_junk()),
        ("with a mark", world.reply_to(&scene.acknowledgement).header("X-Casepost-Id", &mark).unproven()),
    ] {
        world.pass(25);
        let text = format!("Nog iets: {name}.");
        let got = world.receive(spoilt.clone().text(&text)).await;
        assert!(["noted", "challenged"].contains(&got.outcome.as_str()), "{name}: {got:?}");
        let mail = spoilt.text(&text).proven().without_headers();
        world.receive(mail).await.is("joined").on("AMR-2026-0001");
        world.rest().await;
    }
});
