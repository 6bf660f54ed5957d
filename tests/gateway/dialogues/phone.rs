//! Work by phone: an expert opens a case for a client, and mends a mail that could not open one.

use crate::dialogue;

dialogue!(a_mail_that_opens_a_case_is_parked_with_a_bad_tag_and_tags_alone_mend_it, |world| {
    let mail = world
        .mail_from("joost")
        .subject("Telefoon: printer")
        .text("#klant AMR\n#tjid 20m\nAnne belde: hij staat aan.\n");
    world.receive(mail).await.is("parked").because("tag").on_no_case();
    assert_eq!((world.cases().await, world.ledger("AMR").await), (Vec::new(), Vec::new()));
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript").reads(
        r#"
        Subject: Geparkeerd: Telefoon: printer

        Uw mail "Telefoon: printer" staat geparkeerd: er is niets verstuurd, geboekt of veranderd.

            #tjid 20m
              Dit lijkt op #tijd 20m. Schrijf #tijd 20m, of zet er een ander woord voor als het gewone tekst is.

        Antwoord met alleen de verbeterde tags: dan gaat de tekst hieronder alsnog uit. Of antwoord met nieuwe tekst: dan vervangt die deze.

        Geparkeerde tekst:

            #klant AMR
            #tjid 20m
            Anne belde: hij staat aan.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#,
    );
    world.pass(1);
    let mail = world.reply_to(&transcript).text("#tijd 20m");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    assert_eq!(world.ledger("AMR").await, ["deduction -30 on 2026-001, 20 real, joost"]);
    let case = world.case("AMR-2026-0001").await;
    assert_eq!(case.subject, "Telefoon: printer");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
    world
        .letter_to("anne")
        .await
        .is("answer")
        .says("Anne belde: hij staat aan.")
        .does_not_say("#klant")
        .does_not_say("#t");
    // Once mended it is no longer there to be mended.
    world.pass(1);
    let mail = world.reply_to(&transcript).text("#tijd 20m");
    world.receive(mail).await.is("quarantined").because("expert-without-case");
    world.letter_to("joost").await.is("transcript").says("hoort nergens bij");
    assert_eq!(world.ledger("AMR").await.len(), 1);
});

dialogue!(an_unknown_client_and_a_mistyped_one_are_mended_too, |world| {
    for (place, first) in ["#klant AMS", "#klnat AMR", "#klant"].iter().enumerate() {
        world.pass(2);
        let mail =
            world.mail_from("joost").subject("Telefoon").text(&format!("{first}\n#tijd 15m\nGeholpen ({place})."));
        world.receive(mail).await.is("parked").on_no_case();
        let transcript = world.letter_to("joost").await;
        let mail = world.reply_to(transcript.is("transcript").says("Geparkeerde tekst")).text("#klant AMR\n#tijd 15m");
        world.receive(mail).await.is("opened");
        world.letter_to("anne").await.is("answer").says(&format!("Geholpen ({place}).")).does_not_say("#kl");
    }
    assert_eq!(world.ledger("AMR").await.len(), 3);
});

dialogue!(an_answer_with_text_takes_the_place_of_a_mail_that_was_to_open_a_case, |world| {
    let mail = world.mail_from("mira").subject("Telefoon").text("#incident\n#klant NWK\nTypfuot.\n#tijd 1,5");
    world.receive(mail).await.is("parked").on_no_case();
    let transcript = world.letter_to("mira").await;
    transcript.is("transcript");
    // The new text is faulty too, and is parked in the place of the first.
    let mail = world.reply_to(&transcript).text("Grace belde: alles ligt eruit.\n#tijd 1,25");
    world.receive(mail).await.is("parked").on_no_case();
    let again = world.letter_to("mira").await;
    again.is("transcript").says("#client NWK").says("Grace belde").does_not_say("Typfuot");
    let mail = world.reply_to(&again).text("#tijd 1u30");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    world.letter_to("grace").await.is("answer").says("Grace belde: alles ligt eruit.").does_not_say("Typfuot");
    assert_eq!(world.ledger("NWK").await, ["charge-to-contract 0 on no card, 90 real, mira"]);
    assert_eq!(world.case("NWK-2026-0001").await.subject, "Telefoon");
});

dialogue!(a_faulty_mend_of_a_mail_that_was_to_open_a_case_leaves_it_waiting, |world| {
    let mail = world.mail_from("joost").subject("Telefoon").text("#klant AMR\n#tjid 20m\nGeholpen.");
    world.receive(mail).await.is("parked");
    let first = world.letter_to("joost").await;
    let mail = world.reply_to(first.is("transcript")).text("#tidj 20m");
    world.receive(mail).await.is("parked");
    let second = world.letter_to("joost").await;
    second.is("transcript").says("Geholpen.");
    // Nobody else mends it.
    let mail = world.reply_to(&second).by("mira").text("#tijd 20m");
    world.receive(mail).await.is("quarantined");
    world.letter_to("mira").await.is("transcript");
    let mail = world.reply_to(&second).text("#tijd 20m");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.letter_to("anne").await.is("answer").says("Geholpen.");
});

dialogue!(who_leaves_a_mail_that_was_to_open_a_case_is_reminded_once_after_two_service_hours, |world| {
    world.at("2026-04-21T14:30:00Z");
    let mail = world.mail_from("joost").subject("Telefoon").text("#klant AMR\n#tjid 20m\nGeholpen.");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    // Half an hour of service is left that day.
    world.at("2026-04-22T08:00:00Z");
    world.tick().await;
    world.no_letters().await;
    world.at("2026-04-22T08:31:00Z");
    world.tick().await;
    let reminder = world.letter_to("joost").await;
    reminder.is("transcript").says("wacht nog op u").says("Geholpen.");
    world.pass(30);
    world.tick().await;
    world.no_letters().await;
    let mail = world.reply_to(&reminder).text("#tijd 20m");
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("answer").says("Geholpen.");
});

dialogue!(two_service_hours_that_end_late_are_told_in_the_morning, |world| {
    world.at("2026-04-21T12:50:00Z");
    let mail = world.mail_from("joost").subject("Telefoon").text("#klant AMR\n#tjid 20m\nGeholpen.");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    // Nobody looked before the desk closed.
    for moment in ["2026-04-21T15:00:20Z", "2026-04-21T22:00:00Z", "2026-04-22T06:59:59Z"] {
        world.at(moment);
        world.tick().await;
        world.no_letters().await;
    }
    world.at("2026-04-22T07:00:00Z");
    world.tick().await;
    world.letter_to("joost").await.is("transcript").says("wacht nog op u");
});

dialogue!(the_title_is_what_its_writer_wrote_however_the_desk_words_its_transcripts, |world| {
    let words = include_str!("../../../templates/letters/nl/words.toml");
    let own = words.replace("Geparkeerd: {{subject}}", "Onze actie nodig: {{subject}} (wacht)");
    assert_ne!(own, words);
    for (number, words) in [("AMR-2026-0001", words), ("AMR-2026-0002", own.as_str())] {
        world.word_otherwise("nl/words.toml", words);
        world.pass(2);
        let mail = world.mail_from("joost").subject("Telefoon: printer").text("#klant AMR\n#tjid 20m\nEen.");
        world.receive(mail).await.is("parked");
        let first = world.letter_to("joost").await;
        let mail = world.reply_to(first.is("transcript")).text("Twee.\n#tjid 20m");
        world.receive(mail).await.is("parked").on_no_case();
        let second = world.letter_to("joost").await;
        let subject = |letter: &crate::world::Letter| letter.whole().lines().next().unwrap_or_default().to_owned();
        assert_eq!(subject(&second), subject(&first), "the words stand there once");
        let mail = world.reply_to(second.is("transcript")).text("#tijd 20m");
        world.receive(mail).await.is("opened").on(number);
        assert_eq!(world.case(number).await.subject, "Telefoon: printer");
        world.letter_to("anne").await.is("answer").says("Twee.");
    }
    // A title that begins with such words is no answer to a transcript.
    world.word_otherwise("nl/words.toml", words);
    let mail = world.mail_from("joost").subject("Geparkeerd: auto voor de deur").text("#klant AMR\n#tjid 20m\nWeg.");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    let mail = world.reply_to(&transcript).text("#tijd 20m");
    world.receive(mail).await.is("opened");
    assert_eq!(world.case("AMR-2026-0003").await.subject, "Geparkeerd: auto voor de deur");
    world.letter_to("anne").await.is("answer");
});
