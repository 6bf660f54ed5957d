//! An expert answers by mail: the client reads the answer, the tags are carried out, nothing internal leaves.

use super::{opened, opened_by_grace};
use crate::dialogue;

dialogue!(an_expert_s_answer_reaches_the_client_in_the_desk_s_name_and_books_its_time, |world| {
    let first = world.mail_from("anne").subject("Contactformulier verstuurt niet");
    let client_id = first.id();
    world.receive(first.text("Goedemorgen,\n\nHet formulier doet niets meer.\n")).await.is("opened");
    let acknowledgement = world.letter_to("anne").await;
    let relay = world.letter_to("joost").await;
    let mail =
        world.reply_to(&relay).text("Dag Anne,\n\nHet formulier werkt weer.\n\n#tijd 40m certificaat vernieuwd\n");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");

    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    assert_eq!(world.cards("AMR").await, "2026-001: 255; overdraft 0");
    let letter = world.letter_to("anne").await;
    letter.is("answer").reads(
        "
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Dag Anne,

        Het formulier werkt weer.

        Joost de Wit
        Lindeboom Support

        Geboekt: 40 minuten, in rekening 45 minuten. Nog op de strippenkaart: 17 strippen (4 uur 15 minuten).

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht

        > Goedemorgen,
        >
        > Het formulier doet niets meer.
    ",
    );
    assert_eq!(letter.from(), "Joost de Wit via Lindeboom Support <support@lindeboom.example>");
    assert_eq!(letter.header("Auto-Submitted"), "");
    assert_eq!(letter.in_reply_to(), client_id);
    assert_eq!(letter.references()[0], acknowledgement.references()[0]);
    assert!(letter.references().contains(&client_id));
    assert!(!letter.raw().contains("joost@dewit-web.example"), "the expert's own address stays inside");
    letter.does_not_say("#tijd").does_not_say(&relay.reply_to()).does_not_say("Wat nu past");
    assert_eq!(letter.reply_to(), acknowledgement.reply_to());
});

dialogue!(the_client_s_next_mail_goes_on_in_the_expert_s_thread, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nWelke browser?\n");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    let mail = world.reply_to(&answer).text("Firefox.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let second = world.letter_to("joost").await;
    second.is("relay").says("Firefox.").says("Welke browser?");
    assert_eq!(second.in_reply_to(), relay.message_id());
});

dialogue!(an_answer_to_an_sla_client_is_english_and_tells_no_balance, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).text("Hello Grace,\n\nFixed.\n\n#time 40m\n");
    world.receive(mail).await.is("joined");
    world.letter_to("grace").await.is("answer").reads(
        "
        Subject: [LIN NWK-2026-0001] Portal login

        Hello Grace,

        Fixed.

        Mira Jansen
        Lindeboom Support

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht

        > Hello,
        >
        > Tenants can't log in.
        >
        > Grace
    ",
    );
    assert_eq!(world.ledger("NWK").await, ["charge-to-contract 0 on no card, 40 real, mira"]);
    assert!(world.case("NWK-2026-0001").await.responded_at.is_some());
});

dialogue!(a_note_stays_inside_the_desk, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#notitie\nDit is de derde keer; voorzichtig antwoorden.\n#tijd 10m");
    world.receive(mail).await.is("joined").because("note");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    assert_eq!(world.case("AMR-2026-0001").await.responded_at, None);
    assert_eq!(world.ledger("AMR").await, ["deduction -15 on 2026-001, 10 real, joost"]);
    // A later answer quotes the client, never the note.
    let mail = world.reply_to(&relay).text("Het werkt weer.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").does_not_say("derde keer");
});

dialogue!(tags_alone_reach_no_client_and_answer_no_clock, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#tijd 20m\n#prio hoog");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support high");
    assert_eq!(world.case("AMR-2026-0001").await.responded_at, None);
    world.letter_to("joost").await.is("command-done").says("#time").says("#prio");
});

dialogue!(quotes_and_signature_and_tokens_do_not_travel_on, |world| {
    let (_, relay) = opened(&mut world).await;
    let token = relay.reply_to();
    let text = format!("Antwoord.\n\nMail mij op {token} als het niet lukt.\n\n-- \nJoost de Wit\n06 12345678");
    let mail = world.reply_to(&relay).text(&text);
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    answer.is("answer").says("Antwoord.").does_not_say(&token).does_not_say("06 12345678").does_not_say("Nieuwe zaak");
    let secret = token.split(['.', '@']).nth(1).unwrap();
    let lines: Vec<&str> = answer.raw().lines().filter(|line| line.contains(secret)).collect();
    assert_eq!(lines, [""; 0], "the expert's token left the desk");
});

dialogue!(a_token_in_a_forwarded_mail_is_scrubbed_too, |world| {
    let (_, relay) = opened(&mut world).await;
    let secret = relay.reply_to();
    let body = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nZie bijgaande mail.\n\n\
         --b\nContent-Type: message/rfc822\n\nFrom: support@lindeboom.example\nReply-To: {secret}\nTo: x@y.example\n\
         Subject: relay\n\nMail {secret}\n\n--b--\n"
    );
    let mail = world.reply_to(&relay).body(&body);
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    answer.is("answer").says("Zie bijgaande mail.");
    let token = secret.split(['.', '@']).nth(1).unwrap();
    assert!(!answer.raw().contains(token), "{}", answer.raw());
});

dialogue!(resolved_is_told_with_the_last_day_to_come_back, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n\n#opgelost");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support normal");
    let close_due = world.case("AMR-2026-0001").await.close_due.unwrap();
    // Monday the 27th is King's Day.
    assert_eq!(close_due.to_string(), "2026-04-29T15:00:00Z");
    world.letter_to("anne").await.is("answer").reads("
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Verholpen.

        Joost de Wit
        Lindeboom Support

        Wij beschouwen zaak AMR-2026-0001 hiermee als opgelost. Klopt er iets niet? Beantwoord deze mail woensdag 29 april vóór 17:00; dan gaat de zaak weer open.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht

        > Goedemorgen,
        >
        > Het formulier doet niets meer.
        >
        > Groet, Anne
    ");
});

dialogue!(a_client_s_answer_within_five_working_days_opens_it_again, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    world.at("2026-04-29T14:58:00Z");
    let mail = world.reply_to(&answer).text("Toch niet.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    let case = world.case("AMR-2026-0001").await;
    assert_eq!((case.resolved_at, case.close_due), (None, None));
    world.letter_to("joost").await.is("relay").says("Toch niet.");
});

dialogue!(waiting_ends_with_the_client_s_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Welke browser?\n#wacht klant");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "waiting-client support normal");
    let answer = world.letter_to("anne").await;
    let mail = world.reply_to(&answer).text("Firefox.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_mend_may_repeat_the_tags_that_were_right, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nWe wachten op u.\n\n#tijd 40m\n#wahct klant\n");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    let mail = world.reply_to(transcript.is("transcript")).text("#tijd 40m\n#wacht klant\n");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "waiting-client support normal");
    world.letter_to("anne").await.is("answer").says("We wachten op u.").does_not_say("#tijd");
});

dialogue!(a_mend_with_a_fault_of_its_own_leaves_the_parked_mail_to_be_mended, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nKlaar.\n\n#tjid 40m\n");
    world.receive(mail).await.is("parked");
    let first = world.letter_to("joost").await;
    let mail = world.reply_to(first.is("transcript")).text("#tidj 40m\n");
    world.receive(mail).await.is("parked");
    let second = world.letter_to("joost").await;
    let mail = world.reply_to(second.is("transcript").says("Klaar.")).text("#tijd 40m\n");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("anne").await.is("answer").says("Klaar.").does_not_say("#t");
});

dialogue!(a_mistyped_tag_parks_the_mail_and_tags_alone_mend_it, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nKlaar.\n\n#tjid 40m\n");
    world.receive(mail).await.is("parked").because("tag").on("AMR-2026-0001");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript").reads(r#"
        Subject: [LIN AMR-2026-0001] Geparkeerd: Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Uw mail "Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet" op AMR-2026-0001 (Amersfoorts Museum) staat geparkeerd: er is niets verstuurd, geboekt of veranderd.

            #tjid 40m
              Dit lijkt op #tijd 40m. Schrijf #tijd 40m, of zet er een ander woord voor als het gewone tekst is.

        Antwoord met alleen de verbeterde tags: dan gaat de tekst hieronder alsnog uit. Of antwoord met nieuwe tekst: dan vervangt die deze.

        Geparkeerde tekst:

            Dag Anne,

            Klaar.

            #tjid 40m

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#);
    assert_eq!(world.unread().await.len(), 0, "nothing was sent on");
    let parked_at = world.now;
    world.pass(1);
    let mail = world.reply_to(&transcript).text("#tijd 40m");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("anne").await.is("answer").says("Klaar.").does_not_say("#tjid").says("45 minuten");
    // The first response counts when the mended mail is received.
    assert!(world.case("AMR-2026-0001").await.responded_at.unwrap() > parked_at);
});

dialogue!(an_answer_with_text_replaces_a_parked_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Kalr.\n#tjid 40m\n");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    let mail = world.reply_to(&transcript).text("Klaar.\n#tijd 40m\n");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Klaar.").does_not_say("Kalr");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
});

dialogue!(a_mended_mail_is_mended_once, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tjid 40m\n");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    for _ in 0..2 {
        let mail = world.reply_to(&transcript).text("#tijd 40m");
        world.receive(mail).await;
    }
    let answers = world.rest().await.iter().filter(|line| *line == "answer to anne.bakker").count();
    assert_eq!(answers, 1);
});

dialogue!(a_tag_in_mid_line_and_a_tag_that_nobody_can_carry_out_park_the_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    for text in [
        "Ik boek #tijd 40m hiervoor.",
        "Klaar.\n#tijd 1,5",
        "Klaar.\n#tijd 25u",
        "Klaar.\n#tijd 40m op 2026-04-22",
        "Klaar.\n#tijd 40m op 2026-01-01",
        "Klaar.\n#toewijzen niemand",
        "Klaar.\n#leverancier",
        "Klaar.\n#heropen",
    ] {
        let mail = world.reply_to(&relay).text(text);
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "parked", "{text}");
        world.letter_to("joost").await.is("transcript");
        world.pass(1);
    }
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
});

dialogue!(several_tags_apply_all_or_none, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m\n#opgelost\n#toewijzen niemand");
    world.receive(mail).await.is("parked");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    world.letter_to("joost").await.is("transcript").says("#assign");
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m\n#opgelost\n#prio laag");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support low");
    world.letter_to("anne").await.is("answer").says("45 minuten");
});

dialogue!(a_word_with_a_hash_that_looks_like_no_tag_is_plain_text, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Zie issue #1 en\n#homepage op de site.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("#homepage op de site.");
});

dialogue!(a_tag_in_a_quoted_line_or_in_the_letter_answered_never_counts, |world| {
    let first = world.mail_from("anne").text("Wij willen dit:\n#tijd 8u\n#opgelost\n");
    world.receive(first).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    // With > before it, and copied without.
    let mail = world.reply_to(&relay).text("> #tijd 8u\nDat kan niet.\n\n#tijd 8u\n#opgelost\n");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("anne").await.is("answer");
});

dialogue!(our_own_help_is_not_read_as_tags, |world| {
    let (_, relay) = opened(&mut world).await;
    let help: Vec<String> = relay.text().lines().map(|line| format!("> {line}")).collect();
    let mail = world.reply_to(&relay).without_quote().text(&format!("Klaar.\n\n{}", help.join("\n")));
    world.receive(mail).await.is("joined");
    // A program that quotes without marks.
    let mail = world.reply_to(&relay).without_quote().text(&format!("Klaar hoor.\n\n{}", relay.text()));
    let got = world.receive(mail).await;
    assert_eq!(got.outcome, "joined", "{}", got.why());
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.rest().await, ["answer to anne.bakker", "answer to anne.bakker"]);
});

dialogue!(an_expert_who_is_not_on_the_case_speaks_to_nobody, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).by("mira").text("Ik weet het: herstarten.\n#tijd 1u");
    world.receive(mail).await.is("quarantined").because("not-on-case").on_no_case();
    world.letter_to("mira").await.is("transcript").reads(r#"
        Subject: Geparkeerd: Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Uw mail "Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet" hoort nergens bij: er is niets verstuurd, geboekt of veranderd.

              U staat niet op deze zaak. Laat haar eerst aan u toewijzen.

        Stuur uw mail opnieuw zodra dit is verholpen. Uw tekst:

            Ik weet het: herstarten.
            #tijd 1u

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#);
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    let mail = world.mail_from("mira").subject("Hallo").text("Wat is dit?");
    world.receive(mail).await.is("quarantined").because("expert-without-case");
    world.letter_to("mira").await.is("transcript");
});

dialogue!(an_expert_who_left_the_desk_is_nobody, |world| {
    let (_, relay) = opened(&mut world).await;
    let text = crate::world::DESK
        .replace("[[expert]]\nkey = \"joost\"\nname = \"Joost de Wit\"\naddresses = [\"joost@dewit-web.example\"]\nlanguage = \"nl\"\ndeputy = \"mira\"\n", "")
        .replace("deputy = \"joost\"\n", "").replace("lead_expert = \"joost\"", "lead_expert = \"mira\"")
        .replace("deputies = [\"joost\"]\n", "");
    world.declare(&text).await;
    let mail = world.reply_to(&relay).text("Nieuw rekeningnummer: NL00\n#tijd 2u");
    world.receive(mail).await.is("quarantined").because("unknown-sender").on_no_case();
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.rest().await, ["refusal to joost"]);
});

dialogue!(assign_hands_the_case_over_with_its_history, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Mira kijkt verder.\n#toewijzen Mira\n#tijd 20m");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["mira"]);
    world.letter_to("anne").await.is("answer").says("Mira kijkt verder.").does_not_say("#toewijzen");
    world.letter_to("joost").await.is("command-done").says("Mira Jansen").says("#assign");
    let relay = world.letter_to("mira").await;
    relay.is("relay").says("overgedragen").says("Het formulier doet niets meer.");
    let mail = world.reply_to(&relay).text("Verholpen.\n#tijd 30m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Mira Jansen");
});

dialogue!(work_by_phone_opens_a_case_and_books_on_it, |world| {
    let mail = world
        .mail_from("joost")
        .subject("Telefoon: printer")
        .text("#klant AMR\n#tijd 20m\nAnne belde: de printer staat nu aan.\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    assert_eq!(world.ledger("AMR").await, ["deduction -30 on 2026-001, 20 real, joost"]);
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
    assert_eq!(world.case("AMR-2026-0001").await.subject, "Telefoon: printer");
    world.letter_to("anne").await.is("answer").says("de printer staat nu aan").does_not_say("#klant");
});

dialogue!(an_expert_s_forward_opens_no_case, |world| {
    let mail = world.mail_from("joost").subject("Fwd: printer").text("#klant AMR\nZie onder.\n");
    world.receive(mail).await.is("quarantined").because("expert-without-case");
    world.letter_to("joost").await.is("transcript");
    assert_eq!(world.cases().await, [""; 0]);
});

dialogue!(an_expert_s_time_books_on_a_closed_case_too, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.at("2026-05-20T08:00:00Z");
    let mail = world.reply_to(&relay).text("#tijd 40m op 2026-04-21");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("joost").await.is("command-done");
});

dialogue!(an_answer_in_html_reaches_the_client_without_its_tags, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).body(
        "Content-Type: text/html; charset=utf-8\n\n<div dir=\"ltr\"><p>Dag Anne,</p><p>Het werkt weer.</p>\
         <p>#tijd 40m</p></div><div class=\"gmail_quote\"><div class=\"gmail_attr\">Op di 21 apr schreef x:<br></div>\
         <blockquote>#tijd 8u</blockquote></div>",
    );
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("anne").await.is("answer").says("Het werkt weer.").does_not_say("#tijd");
});
