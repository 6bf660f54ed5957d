//! Which case a mail belongs to: evidence, and who may use it.

use super::{opened, opened_by_grace};
use crate::dialogue;

dialogue!(an_answer_to_our_letter_joins_its_case_and_reaches_the_expert, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).text("Nog iets: ook op de telefoon.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let letter = world.letter_to("joost").await;
    letter.is("relay").reads(
        "
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Nieuw bericht op deze zaak van Amersfoorts Museum.

        Zaak:          AMR-2026-0001
        Onderwerp:     Contactformulier verstuurt niet
        Klant:         Amersfoorts Museum (contract Basic)
        Soort:         ondersteuning
        Prioriteit:    normaal
        Strippenkaart: nog 20 strippen (5 uur)

        Anne Bakker (coördinator, anne.bakker@amersfoortsmuseum.example) schreef dinsdag 21 april om 10:00:

        Nog iets: ook op de telefoon.

        Eerder:

        > Anne Bakker, 2026-04-21 10:00
        > > Goedemorgen,
        > >
        > > Het formulier doet niets meer.
        > >
        > > Groet, Anne

        ________________________________________

        Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

            #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
            #notitie               blijft binnen de desk
            #opgelost              antwoord en klaar
            #wacht klant           klok stil (ook leverancier; tot DATUM)
            #prio hoog             kritiek, hoog, normaal of laag
            #toewijzen NAAM        draagt over, met alles erbij

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    assert_eq!(letter.in_reply_to(), relay.message_id());
    assert_eq!(letter.references()[0], relay.references()[0]);
});

dialogue!(an_answer_to_one_s_own_mail_joins_before_our_letter_was_read, |world| {
    let first = world.mail_from("anne").subject("Agenda leeg");
    let id = first.id();
    world.receive(first).await.is("opened");
    let mail = world.mail_from("anne").subject("Re: Agenda leeg").references(&[&id]).text("Ook zondag.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost", "relay to joost"]);
});

dialogue!(the_reply_address_alone_joins, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let mail = world.mail_from("anne").subject("iets anders").to(&[&acknowledgement.reply_to()]);
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
});

dialogue!(the_reply_address_of_somebody_else_proves_nothing, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let address = acknowledgement.reply_to();
    let mail = world.mail_from("grace").to(&[&address]);
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.mail_from("stranger").to(&[&relay.reply_to()]).text("#tijd 2u\nHallo");
    world.receive(mail).await.is("quarantined").because("unknown-sender").on_no_case();
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.rest().await, ["acknowledgement to grace.hall", "relay to mira", "refusal to sam"]);
});

dialogue!(the_subject_tag_of_this_installation_joins_and_another_s_does_not, |world| {
    opened(&mut world).await;
    let mail = world.mail_from("anne").subject("Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
    let mail = world.mail_from("anne").subject("Re: [ZUID AMR-2026-0001] Contactformulier verstuurt niet");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    let mail = world.mail_from("anne").subject("Zaak AMR-2026-0001");
    world.receive(mail).await.is("opened").on("AMR-2026-0003");
    assert_eq!(world.rest().await.len(), 4);
});

dialogue!(equal_subjects_alone_join_nothing, |world| {
    for number in ["AMR-2026-0001", "AMR-2026-0002"] {
        let mail = world.mail_from("anne").subject("Re: Vraag");
        world.receive(mail).await.is("opened").on(number);
    }
    assert_eq!(world.rest().await.len(), 4);
});

dialogue!(another_client_s_number_or_id_joins_nothing_and_is_answered_as_if_it_were_not_there, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let first = world.case("AMR-2026-0001").await;
    let mut letters = Vec::new();
    let plain = world.mail_from("grace").subject("Question");
    let tagged = world.mail_from("grace").subject("Re: [LIN AMR-2026-0001] Question");
    let missing = world.mail_from("grace").subject("Re: [LIN AMR-2026-0777] Question");
    let threaded = world.mail_from("grace").subject("Re: Question");
    let threaded = threaded
        .in_reply_to(&acknowledgement.message_id())
        .references(&acknowledgement.references().iter().map(String::as_str).collect::<Vec<_>>());
    for mail in [plain, tagged, missing, threaded] {
        world.at("2026-04-21T08:00:00Z");
        world.receive(mail.text("Hello")).await.is("opened");
        let letter = world.letter_to("grace").await;
        let number = letter.stored.subject[5..18].to_owned();
        letters.push(letter.whole().replace(&number, "NWK"));
        world.letter_to("mira").await.is("relay").does_not_say("AMR").does_not_say("formulier");
    }
    assert!(letters.windows(2).all(|two| two[0] == two[1]), "{letters:#?}");
    assert_eq!(world.cases().await.len(), 5);
    assert_eq!(world.case("AMR-2026-0001").await, first);
});

dialogue!(a_number_of_another_client_opens_nothing_after_that_case_was_settled_either, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.at("2026-06-01T08:00:00Z");
    let mail = world.mail_from("grace").subject("Re: [LIN AMR-2026-0001] Question");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    assert_eq!(world.case("NWK-2026-0001").await.refers_to, None);
    world.letter_to("anne").await.is("answer");
    world.letter_to("grace").await.is("acknowledgement").does_not_say("AMR");
    world.letter_to("mira").await.is("relay").does_not_say("AMR");
});

dialogue!(a_forward_opens_a_case_that_refers_to_the_old_one, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let mail = world.mail_from("anne").subject("Fwd: Contactformulier verstuurt niet");
    let mail = mail.references(&[&acknowledgement.message_id()]).text("Dit is iets nieuws.");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    let (old, new) = (world.case("AMR-2026-0001").await, world.case("AMR-2026-0002").await);
    assert_eq!(new.refers_to, Some(old.case_no));
    // The old case is not closed, so nothing may say so.
    world.letter_to("anne").await.is("acknowledgement").does_not_say("gesloten");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_forward_to_the_reply_address_of_a_case_joins_it, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let mail = world.mail_from("anne").subject("Doorst: Factuur").to(&[&acknowledgement.reply_to()]);
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
});

dialogue!(an_answer_after_a_case_was_closed_opens_one_that_refers_to_it, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n\n#opgelost");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    answer.is("answer").says("woensdag 29 april vóór 17:00");
    world.at("2026-04-29T15:00:00Z");
    let mail = world.reply_to(&answer).text("Het gaat weer mis.");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    let old = world.case("AMR-2026-0001").await;
    assert_eq!(world.case("AMR-2026-0002").await.refers_to, Some(old.case_no));
    world.letter_to("anne").await.is("acknowledgement").says("AMR-2026-0001").says("AMR-2026-0002").says("gesloten");
    world.letter_to("joost").await.is("relay").says("Het gaat weer mis.");
});

dialogue!(a_provider_that_replaces_our_message_ids_does_not_break_the_thread, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let root = acknowledgement.references()[0].clone();
    let mail = world.mail_from("anne").subject("Re: iets").in_reply_to("0102@eu-west-1.amazonses.example");
    let mail = mail.references(&[&root, "0102@eu-west-1.amazonses.example"]);
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_made_up_case_id_joins_nothing, |world| {
    opened(&mut world).await;
    let mail = world.mail_from("anne").references(&["amr-2026-0001.aaaaaaaaaaaaaaaa@lindeboom.example"]);
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    assert_eq!(world.rest().await.len(), 2);
});

dialogue!(mails_that_answer_the_same_unseen_mail_belong_together_within_one_client, |world| {
    let mail = world.mail_from("anne").in_reply_to("intern.1@amersfoortsmuseum.example");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let mail = world.mail_from("piet").in_reply_to("intern.1@amersfoortsmuseum.example");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let mail = world.mail_from("grace").in_reply_to("intern.1@amersfoortsmuseum.example");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    assert_eq!(world.rest().await.len(), 5);
});

dialogue!(two_clients_never_meet_on_one_case, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    opened_by_grace(&mut world).await;
    let mail = world.reply_to(&acknowledgement).by("grace").text("Answering somebody else's letter.");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    world.letter_to("grace").await.is("acknowledgement").does_not_say("AMR");
    world.letter_to("mira").await.is("relay");
});
