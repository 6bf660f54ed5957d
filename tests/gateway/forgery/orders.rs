//! Orders in a name that nothing proves: tags, approvals, the word that releases, copies to others.

use super::{SAM, harmless, is_a_stranger, scene};
use crate::dialogue;

dialogue!(no_forged_expert_is_obeyed, |world| {
    let scene = scene(&mut world).await;
    for (name, text) in [
        ("time", "Gedaan.\n#tijd 2u"),
        ("tags alone", "#tijd 2u\n#opgelost"),
        ("settled", "Klaar.\n#opgelost"),
        ("handed over", "#toewijzen mira"),
        ("a note", "#notitie\nGeheim."),
        ("priority", "#prio kritiek"),
        ("a wait", "#wacht klant"),
        ("a plain answer", "Onze nieuwe bankrekening is NL00."),
    ] {
        let mail = world.reply_to(&scene.relay).text(text).unproven();
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to joost"]).await;
        let mail = world.reply_to(&scene.relay).text(text).disowned();
        harmless(&mut world, name, mail, "challenged sender-contradicted", &["challenge to joost"]).await;
    }
    let mail = world.mail_from("mira").text("#klant AMR\n#tijd 2u\nTelefoon.").subject("Telefoon").unproven();
    harmless(&mut world, "a case by phone", mail, "challenged sender-unproven", &["challenge to mira"]).await;
    let mail = world.reply_to(&scene.relay).by("stranger").text("#tijd 2u\n#klant AMR");
    is_a_stranger(&mut world, "an expert's name alone", mail.written_by(&format!("Joost de Wit <{SAM}>")), SAM).await;
});

dialogue!(no_forged_coordinator_decides, |world| {
    let scene = scene(&mut world).await;
    for (name, text) in [
        ("approved", "#akkoord"),
        ("rejected", "#afwijzen te duur"),
        ("bundled", "#bundelen AMR-2026-0001"),
        ("a balance", "#saldo"),
        ("a statement", "#overzicht"),
        ("an incident", "#spoed\nAlles ligt plat."),
    ] {
        let mail = world.reply_to(&scene.approval).text(text).unproven();
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
        let mail = world.reply_to(&scene.approval).by("stranger").text(text);
        is_a_stranger(&mut world, name, mail, SAM).await;
    }
    for (who, told) in
        [("piet", "challenge to piet.smit"), ("els", "challenge to els.visser"), ("kees", "challenge to kees.groen")]
    {
        let mail = world.reply_to(&scene.approval).by(who).text("#akkoord").unproven();
        harmless(&mut world, who, mail, "challenged sender-unproven", &[told]).await;
    }
    // The request still waits for its coordinator.
    let mail = world.reply_to(&scene.approval).text("#akkoord");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.rest().await;
});

dialogue!(tags_count_only_where_an_expert_wrote_them, |world| {
    let scene = scene(&mut world).await;
    let html = |inner: &str| format!("Content-Type: text/html; charset=utf-8\n\n<html><body>{inner}</body></html>\n");
    let attached = "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nAntwoord.\n\n--b\n\
         Content-Type: message/rfc822\n\nFrom: joost@dewit-web.example\nSubject: x\n\n#tijd 8u\n\n--b--\n";
    for (name, mail) in [
        (
            "in the client's mail",
            world.reply_to(&scene.acknowledgement).text("Hallo.\n#tijd 8u\n#toewijzen mira\n#opgelost"),
        ),
        ("in a quote", world.reply_to(&scene.relay).text("Antwoord.\n\n> #tijd 8u\n> #opgelost")),
        ("in a comment", world.reply_to(&scene.relay).body(&html("<p>Antwoord.</p><!--\n#tijd 8u\n-->"))),
        (
            "in a quote in HTML",
            world.reply_to(&scene.relay).body(&html("<p>Antwoord.</p><blockquote><p>#tijd 8u</p></blockquote>")),
        ),
        ("in a script", world.reply_to(&scene.relay).body(&html("<p>Antwoord.</p><script>\n#tijd 8u\n</script>"))),
        ("in an attached mail", world.reply_to(&scene.relay).body(attached)),
        ("in the subject", world.reply_to(&scene.relay).subject("#tijd 8u #opgelost").text("Antwoord.")),
        ("in a header", world.reply_to(&scene.relay).header("X-Casepost-Command", "#tijd 8u").text("Antwoord.")),
        (
            "in a file's name",
            world.reply_to(&scene.relay).body("Content-Type: text/plain; name=\"#tijd 8u\"\n\nAntwoord.\n"),
        ),
    ] {
        world.receive(mail).await.is("joined").on("AMR-2026-0001");
        assert_eq!(world.ledger("AMR").await, [""; 0], "{name}");
        assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"], "{name}");
        let state = world.state_of("AMR-2026-0001").await;
        assert!(["new support normal", "open support normal"].contains(&state.as_str()), "{name}: {state}");
        world.rest().await;
    }
});

dialogue!(no_word_of_anybody_else_releases_a_mail, |world| {
    let scene = scene(&mut world).await;
    let word = || scene.challenge.clone();
    let quoted = format!("Op di schreef Lindeboom:\n{}", word().text().replace('\n', "\n> "));
    for (name, mail, expected) in [
        ("by an auto-responder", world.reply_to(&word()).text("bevestig").automatic(), "noted -"),
        (
            "by an absent person's program",
            world.reply_to(&word()).subject("Automatisch antwoord: afwezig").text("bevestig").automatic(),
            "noted -",
        ),
        ("in the quote alone", world.reply_to(&word()).text(&quoted), "quarantined word-missing"),
        ("in the letter sent back as text", world.reply_to(&word()).text(&word().text()), "quarantined word-missing"),
        (
            "in the subject alone",
            world.reply_to(&word()).subject("bevestig").text("Wat is dit?"),
            "quarantined word-missing",
        ),
        ("in the second line", world.reply_to(&word()).text("Nee!\nbevestig"), "quarantined word-missing"),
        ("within a sentence", world.reply_to(&word()).text("bevestig ik niet"), "quarantined word-missing"),
        (
            "in a comment",
            world.reply_to(&word()).body("Content-Type: text/html\n\n<p>Nee</p><!--\nbevestig\n-->"),
            "quarantined word-missing",
        ),
        ("in nothing", world.reply_to(&word()).text("").without_quote(), "quarantined word-missing"),
    ] {
        harmless(&mut world, name, mail, expected, &[]).await;
    }
    let anne = "challenge to anne.bakker";
    for (name, mail, expected, told) in [
        ("disowned", world.reply_to(&word()).text("bevestig").disowned(), "challenged sender-contradicted", anne),
        (
            "without the challenge's id",
            world.mail_from("anne").subject("Re: Is dit bericht van u?").text("bevestig").unproven(),
            "challenged sender-unproven",
            anne,
        ),
        (
            "with a guessed id",
            world.mail_from("anne").in_reply_to("aaaaaaaa@lindeboom.example").text("bevestig").unproven(),
            "challenged sender-unproven",
            anne,
        ),
        (
            "by an expert",
            world.reply_to(&word()).by("joost").text("bevestig").unproven(),
            "challenged sender-unproven",
            "challenge to joost",
        ),
        (
            "by a colleague",
            world.reply_to(&word()).by("kees").text("bevestig").unproven(),
            "challenged sender-unproven",
            "challenge to kees.groen",
        ),
    ] {
        harmless(&mut world, name, mail, expected, &[told]).await;
    }
    let mail = world.reply_to(&word()).by("stranger").text("bevestig").without_quote();
    is_a_stranger(&mut world, "by a stranger", mail, SAM).await;
    let mail = world.reply_to(&word()).by("stranger").header("Reply-To", super::ANNE).text("bevestig").without_quote();
    is_a_stranger(&mut world, "by a stranger in her Reply-To", mail, SAM).await;
    // Two proven people of other roles: their mail is their own, and the kept one goes on waiting.
    for who in ["grace", "kees"] {
        let mail = world.reply_to(&word()).by(who).text("bevestig").without_quote();
        world.receive(mail).await;
    }
    let kept = world.mails().await.into_iter().find(|mail| mail.subject == "Wachtwoord").unwrap();
    assert_eq!(kept.outcome, "challenged");
    world.rest().await;
});

dialogue!(no_copy_opens_a_case_to_another_reader, |world| {
    let scene = scene(&mut world).await;
    for (name, mail) in [
        ("a stranger adds one", world.reply_to(&scene.acknowledgement).by("stranger").cc(&["spion@plain.example"])),
        (
            "a stranger as copy of a known mail",
            world.mail_from("stranger").cc(&[super::ANNE]).subject("Re: [LIN AMR-2026-0001] x"),
        ),
    ] {
        is_a_stranger(&mut world, name, mail.without_quote().text("Graag alles."), SAM).await;
    }
    for (name, mail) in [
        ("a forger adds one", world.reply_to(&scene.acknowledgement).cc(&["spion@plain.example"])),
        (
            "a forger writes to one",
            world.reply_to(&scene.acknowledgement).to(&["support@lindeboom.example", "spion@plain.example"]),
        ),
        (
            "a forger asks for answers elsewhere",
            world.reply_to(&scene.acknowledgement).header("Reply-To", "spion@plain.example"),
        ),
        (
            "a forger asks for receipts",
            world.mail_from("anne").header("Disposition-Notification-To", "spion@plain.example"),
        ),
        (
            "a forger's errors",
            world
                .mail_from("anne")
                .header("Errors-To", "spion@plain.example")
                .header("Return-Receipt-To", "spion@plain.example"),
        ),
    ] {
        let mail = mail.without_quote().text("Graag alles.").unproven();
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
    }
    // Even the coordinator's own copies get nothing of what follows.
    let mail =
        world.reply_to(&scene.acknowledgement).cc(&["spion@plain.example"]).header("Reply-To", "spion@plain.example");
    world.receive(mail.text("Zie ook.")).await.is("joined");
    let mail = world.reply_to(&scene.relay).cc(&["spion@plain.example"]).text("Het wachtwoord is x.");
    world.receive(mail).await.is("joined");
    for letter in world.all_letters().await {
        assert!(!letter.raw().contains("spion@"), "{}", letter.raw());
        assert_ne!(letter.stored.recipient, "spion@plain.example");
    }
    world.rest().await;
});
