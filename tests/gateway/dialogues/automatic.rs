//! Programs that answer for people, and servers that report.

use super::opened;
use crate::dialogue;

dialogue!(an_out_of_office_is_noted_and_changes_nothing, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Welke browser?\n#wacht klant");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    let before = world.case("AMR-2026-0001").await;
    for letter in [&acknowledgement, &answer] {
        let mail =
            world.reply_to(letter).subject("Automatisch antwoord: afwezig").automatic().text("Ik ben op vakantie.");
        world.receive(mail).await.is("noted").on("AMR-2026-0001");
    }
    assert_eq!(world.case("AMR-2026-0001").await, before);
    world.no_letters().await;
});

dialogue!(an_out_of_office_opens_and_reopens_no_case, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    let mail = world.reply_to(&answer).automatic();
    world.receive(mail).await.is("noted");
    let mail = world.mail_from("anne").subject("Afwezig").automatic();
    world.receive(mail).await.is("noted").on_no_case();
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support normal");
    assert_eq!(world.cases().await.len(), 1);
});

dialogue!(an_expert_s_out_of_office_answers_no_client, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).automatic().text("Ik ben er niet.\n#tijd 8u");
    world.receive(mail).await.is("noted");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.rest().await, ["relay to mira", "absence-noted to joost"]);
});

dialogue!(an_answer_to_an_invitation_and_a_notice_of_reading_change_nothing, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let before = world.case("AMR-2026-0001").await;
    let mail = world.reply_to(&acknowledgement).body(
        "Content-Type: text/calendar; method=REPLY; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n",
    );
    world.receive(mail).await.is("noted");
    let mail = world.reply_to(&acknowledgement).body(
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=\"b\"\n\n--b\n\
         Content-Type: text/plain\n\nGelezen.\n--b\nContent-Type: message/disposition-notification\n\n\
         Final-Recipient: rfc822;anne.bakker@amersfoortsmuseum.example\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
    );
    world.receive(mail).await.is("noted");
    assert_eq!(world.case("AMR-2026-0001").await, before);
});

dialogue!(a_person_whose_server_adds_odd_headers_is_still_a_person, |world| {
    for (name, value) in [
        ("X-Auto-Response-Suppress", "All"),
        ("Precedence", "normal"),
        ("Auto-Submitted", "no"),
        ("auto-submitted", "No (a person)"),
    ] {
        let mail = world.mail_from("anne").header(name, value);
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "opened", "{name}: {value}: {}", got.why());
        world.letter_to("joost").await.is("relay");
    }
    let letters = world.rest().await;
    assert_eq!(letters.iter().filter(|line| *line == "acknowledgement to anne.bakker").count(), 4, "{letters:?}");
});

dialogue!(a_bounce_is_noted_on_its_letter_and_told_to_the_expert, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let before = world.case("AMR-2026-0001").await;
    let mail = world.bounce_of(&acknowledgement);
    world.receive(mail).await.is("noted").on("AMR-2026-0001");
    let letter = world.all_letters().await.remove(0);
    assert!(letter.stored.bounced_at.is_some());
    assert_eq!(world.case("AMR-2026-0001").await, before);
    world.letter_to("joost").await.is("undeliverable").reads("
        Subject: [LIN AMR-2026-0001] Niet bezorgd aan anne.bakker@amersfoortsmuseum.example: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Een brief aan anne.bakker@amersfoortsmuseum.example is teruggekomen.

        Onderwerp:     [LIN AMR-2026-0001] Contactformulier verstuurt niet
        Geschreven:    dinsdag 21 april om 10:00
        Mailserver:    5.1.1 550 5.1.1 no such user
        Zaak:          AMR-2026-0001 (Amersfoorts Museum)

        Klopt het adres, en is er een andere weg om de ontvanger te bereiken?

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    // For a day no automatic letter goes there; what a person writes does.
    let mail = world.mail_from("anne").subject("Nog een vraag");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    let relay = world.letter_to("joost").await;
    world.no_letters().await;
    let mail = world.reply_to(&relay).text("Antwoord.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.pass(25);
    let mail = world.mail_from("anne").subject("En nog een");
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_bounce_in_plain_words_is_noted_on_its_letter_too, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let head = acknowledgement.raw().split("\r\n\r\n").next().unwrap_or_default().to_owned();
    // qmail pastes the whole letter below its words and knows no delivery-status part.
    let bounce = format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.elsewhere.example\r\nTo: support@lindeboom.example\r\n\
         Message-ID: <q@mx.elsewhere.example>\r\nSubject: failure notice\r\n\r\n\
         Hi. This is the qmail-send program at mx.elsewhere.example.\r\n\r\n\
         <anne.bakker@amersfoortsmuseum.example>:\r\nRemote host said: 550 5.1.1 no such user\r\n\r\n\
         --- Below this line is a copy of the message.\r\n\r\n{head}\r\n\r\ntext\r\n"
    );
    // The same about somebody to whom the letter never went.
    let forged = bounce.replace("<anne.bakker@", "<els.visser@").replace("<q@", "<p@");
    world.receive_raw(forged.as_bytes(), false).await.is("noted").on_no_case();
    world.receive_raw(bounce.as_bytes(), false).await.is("noted").on("AMR-2026-0001");
    assert!(world.all_letters().await.remove(0).stored.bounced_at.is_some());
    assert_eq!(world.rest().await, ["undeliverable to joost"]);
});

dialogue!(a_forged_report_changes_nothing, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    // It names a letter of ours, and somebody to whom that letter never went.
    let raw = String::from_utf8(world.bounce_of(&acknowledgement).to_bytes()).unwrap();
    let forged = raw.replace("Final-Recipient: rfc822; anne.bakker@", "Final-Recipient: rfc822; els.visser@");
    world.receive_raw(forged.as_bytes(), false).await.is("noted").on_no_case();
    // It names nobody at all.
    let lines: Vec<&str> = raw.lines().filter(|line| !line.starts_with("Final-Recipient")).collect();
    let forged = lines.join("\r\n").replace("Message-ID: <m", "Message-ID: <n");
    world.receive_raw(forged.as_bytes(), false).await.is("noted").on_no_case();
    // It names no letter of ours.
    let forged = raw.replace(&acknowledgement.message_id(), "unknown@lindeboom.example");
    world.receive_raw(forged.as_bytes(), false).await.is("noted").on_no_case();
    assert!(world.all_letters().await.iter().all(|letter| letter.stored.bounced_at.is_none()));
    let mail = world.mail_from("anne").subject("Nog een vraag");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(an_expert_whose_mail_comes_back_is_one_alarm, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.bounce_of(&relay);
    world.receive(mail).await.is("noted").on("AMR-2026-0001");
    world.letter_to("mira").await.is("alarm").says("joost@dewit-web.example");
    let mail = world.reply_to(&acknowledgement).text("Nog iets.");
    world.receive(mail).await.is("joined");
    let second = world.letter_to("joost").await;
    let mail = world.bounce_of(&second);
    world.receive(mail).await.is("noted");
    world.no_letters().await;
});
