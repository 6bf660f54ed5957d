//! What somebody tries who means harm: each try ends as if it had not been made, or before a person's eyes.

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::DESK;

dialogue!(an_own_mark_or_id_that_was_copied_swallows_no_mail_of_a_client, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let mark = acknowledgement.header("X-Casepost-Id");
    assert!(!mark.is_empty());
    let mail = world.mail_from("grace").subject("Portal down").header("X-Casepost-Id", &mark);
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.mail_from("grace").subject("Another").message_id(&acknowledgement.message_id());
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    let letters = world.rest().await;
    assert_eq!(letters.len(), 4, "{letters:?}");
});

dialogue!(a_copied_message_id_joins_nothing_of_another_client, |world| {
    let first = world.mail_from("anne").subject("Vraag");
    let id = first.id();
    world.receive(first).await.is("opened").on("AMR-2026-0001");
    let mail = world.mail_from("grace").subject("Vraag").message_id(&id).text("Other words.");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.mail_from("grace").subject("Re: Vraag").in_reply_to(&id);
    world.receive(mail).await.is("joined").on("NWK-2026-0001");
    let mail = world.mail_from("anne").subject("Re: Vraag").in_reply_to(&id);
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.rest().await;
});

dialogue!(one_s_own_request_is_approved_by_nobody_of_the_same_client, |world| {
    let mail = world.mail_from("kees").subject("Account").text("Graag een account.");
    world.receive(mail).await.is("held");
    let request = world.letter_to("anne").await;
    world.letter_to("kees").await.is("request-held");
    for who in ["kees", "els", "grace", "stranger"] {
        let mail = world.reply_to(&request).by(who).text("#akkoord");
        let got = world.receive(mail).await;
        assert_ne!(got.case.as_deref(), Some("AMR-2026-0001"), "{who}: {got:?}");
        let cases = world.cases().await;
        assert!(!cases.contains(&"AMR-2026-0001".to_owned()), "{who}: {cases:?}");
    }
    let mail = world.reply_to(&request).text("#akkoord").unproven();
    world.receive(mail).await.is("challenged");
    world.declare(&DESK.replace("holder = \"anne-bakker\"", "holder = \"anne-bakker\"\nuntil = 2026-04-20")).await;
    let mail = world.reply_to(&request).text("#akkoord");
    let got = world.receive(mail).await;
    assert_ne!(got.outcome, "opened", "{got:?}");
    world.rest().await;
});

dialogue!(a_balance_is_told_to_no_unproven_name, |world| {
    let text = DESK.replace("plan = \"basic\"", "plan = \"basic\"\naccept = \"from-header\"");
    world.declare(&text).await;
    for mail in [world.mail_from("anne").unproven(), world.mail_from("kees"), world.mail_from("grace")] {
        world.receive(mail.subject("x").text("#saldo")).await;
    }
    for letter in world.unread().await {
        // Grace coordinates another client, which has no card, and is told just that.
        let is_grace = letter.line() == "card-balance to grace.hall";
        assert!(is_grace || letter.stored.notice != "card-balance", "{}", letter.whole());
        if letter.line().ends_with("kees.groen") || letter.line().ends_with("grace.hall") {
            letter.does_not_say("20 strippen").does_not_say("2026-001");
        }
    }
    world.rest().await;
});

dialogue!(tags_in_comments_quotes_styles_and_attached_mails_book_nothing, |world| {
    let (_, relay) = opened(&mut world).await;
    for hidden in [
        "<p>Antwoord.</p><!-- <p>#tijd 8u</p> -->",
        "<p>Antwoord.</p><blockquote>#tijd 8u</blockquote>",
        "<p>Antwoord.</p><style>\n#tijd 8u\n</style>",
    ] {
        let body = format!("Content-Type: text/html; charset=utf-8\n\n<html><body>{hidden}</body></html>\n");
        let mail = world.reply_to(&relay).body(&body);
        world.receive(mail).await;
        assert_eq!(world.ledger("AMR").await, [""; 0], "{hidden}");
    }
    let mail = world.reply_to(&relay).body(
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nAntwoord.\n\n--b\n\
         Content-Type: message/rfc822\n\nFrom: joost@dewit-web.example\nSubject: x\n\n#tijd 8u\n\n--b\n\
         Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\n#tijd 8u\n--b--\n",
    );
    world.receive(mail).await;
    assert_eq!(world.ledger("AMR").await, [""; 0], "attached");
    world.rest().await;
});

dialogue!(a_coordinator_s_tags_and_copies_change_nothing, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).cc(&["spion@elsewhere.example"]);
    let mail = mail.text("Nog iets.\n#tijd -8u\n#toewijzen mira\n#opgelost");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
    world.letter_to("joost").await.is("relay");
    let mail = world.reply_to(&relay).text("Antwoord.");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    assert_eq!(answer.cc(), "");
    assert!(!answer.raw().contains("spion@"));
});

dialogue!(file_names_and_subjects_end_no_header, |world| {
    let body = "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nHallo.\n\n--b\n\
         Content-Type: application/octet-stream\n\
         Content-Disposition: attachment; filename*=utf-8''a%0D%0ABcc%3A%20x%40elsewhere.example%00%E2%80%AEgpj.exe\n\nx\n\
         --b--\n";
    let mail = world.mail_from("anne").body(body).subject("=?utf-8?q?Hoi=0D=0ABcc:_x@elsewhere.example=E2=80=AEx?=");
    world.receive(mail).await.is("opened");
    for letter in world.unread().await {
        assert_eq!(letter.header("Bcc"), "");
        assert!(!letter.raw().lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{}", letter.raw());
        let files = letter.files().join(" ");
        assert!(!files.contains(['\r', '\n', '\0', '\u{202e}', '/']), "{files:?}");
        assert!(!letter.stored.subject.contains(['\r', '\n']), "{:?}", letter.stored.subject);
    }
    world.rest().await;
});

dialogue!(an_auto_responder_releases_no_forged_mail, |world| {
    let mail = world.mail_from("anne").subject("Wachtwoord").text("bevestig\nGraag het wachtwoord.").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    for mail in [
        world.reply_to(&challenge).subject("Automatisch antwoord: bericht").text("bevestig").automatic(),
        world.reply_to(&challenge).text(&format!("Ik ben afwezig.\n\n{}", challenge.text())),
        world.reply_to(&challenge).text(&challenge.text()),
        world.reply_to(&challenge).text("").unproven(),
    ] {
        world.receive(mail).await;
        assert_eq!(world.cases().await, [""; 0]);
    }
    world.rest().await;
});

dialogue!(look_alikes_and_groups_are_nobody, |world| {
    for from in [
        "Anne <anne.bakker@amersfoortsmuseum.ex\u{430}mple>",
        "Anne <anne.bakker@xn--amersfoortsmuseum-x.example>",
        "undisclosed: anne.bakker@amersfoortsmuseum.example, grace.hall@northwick.example;",
        "\"anne.bakker@amersfoortsmuseum.example\" <sam@elsewhere.example>",
        "<anne.bakker@amersfoortsmuseum.example.>",
    ] {
        let mail =
            world.mail_from("stranger").written_by(from).header("Sender", "anne.bakker@amersfoortsmuseum.example");
        let mail = mail.header("Resent-From", "anne.bakker@amersfoortsmuseum.example");
        let got = world.receive(mail).await;
        assert!(!["opened", "joined", "held"].contains(&got.outcome.as_str()), "{from}: {got:?}");
    }
    world.rest().await;
});

dialogue!(a_supplier_s_subaddress_without_proof_joins_nothing, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Even.\n#wacht leverancier");
    world.receive(mail).await.is("joined");
    world.rest().await;
    let mail = world.mail_from("x@evil.hostwell.example.elsewhere.example").subject("Re: [LIN AMR-2026-0001] y");
    world.receive(mail).await.is("quarantined");
    let mail = world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] y").disowned();
    world.receive(mail).await.is("quarantined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "waiting-supplier support normal");
    world.rest().await;
});

dialogue!(a_monstrous_head_is_kept_for_a_person, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let ids: Vec<String> = (0..10_000).map(|n| format!("{n}@elsewhere.example")).collect();
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let own = acknowledgement.message_id();
    ids.push(&own);
    let mail = world.mail_from("anne").subject(&"x".repeat(1_000_000)).references(&ids);
    let mail = mail.written_by(&format!("{} <anne.bakker@amersfoortsmuseum.example>", "N".repeat(100_000)));
    let got = world.receive(mail).await;
    got.is("quarantined").because("no-single-sender");
    for letter in world.unread().await {
        assert!(letter.raw().len() < 100_000, "{} bytes", letter.raw().len());
    }
    world.rest().await;
});

dialogue!(a_letter_of_another_client_s_coordinator_gives_no_way_in, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    opened_by_grace(&mut world).await;
    let before = world.case("AMR-2026-0001").await;
    let root = acknowledgement.references()[0].clone();
    for to in [acknowledgement.reply_to(), relay.reply_to()] {
        let mail = world.mail_from("grace").to(&[&to]).in_reply_to(&root).references(&[&root, &relay.message_id()]);
        let got = world.receive(mail.text("#saldo\n#bundelen AMR-2026-0001\nHallo")).await;
        assert!(got.case.as_deref().is_none_or(|case| case.starts_with("NWK")), "{got:?}");
    }
    assert_eq!(world.case("AMR-2026-0001").await, before);
    for letter in world.unread().await {
        letter.does_not_say("formulier").does_not_say("Anne");
    }
    world.rest().await;
});
