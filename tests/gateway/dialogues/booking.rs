//! Time by mail: what is booked, on which card, and what the coordinator reads of it.

use super::opened;
use crate::dialogue;
use crate::world::DESK;

dialogue!(two_bookings_in_one_mail_are_rounded_each, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 20m formulier\n#tijd 20m overleg");
    world.receive(mail).await.is("joined");
    assert_eq!(
        world.ledger("AMR").await,
        ["deduction -30 on 2026-001, 20 real, joost", "deduction -30 on 2026-001, 20 real, joost"]
    );
    world.letter_to("anne").await.is("answer").says("Geboekt: 40 minuten, in rekening 1 uur.").says("16 strippen");
});

dialogue!(a_booking_spans_the_cards_that_end_first, |world| {
    let two = "number = \"A\"\nstrips = 4\nminutes_per_strip = 15\npurchased_on = 2025-03-02\n\n\
               [[card]]\nclient = \"AMR\"\nnumber = \"B\"\nstrips = 20\nminutes_per_strip = 15\npurchased_on = 2025-09-02\n";
    world.at("2026-02-10T09:00:00Z");
    let (before, _) = DESK.split_once("number = \"2026-001\"").unwrap();
    world.declare_first(&format!("{before}{two}")).await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 1u25");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, ["deduction -60 on A, 85 real, joost", "deduction -30 on B, 0 real, joost"]);
    world.letter_to("anne").await.is("answer").says("1 uur 25 minuten").says("18 strippen");
});

dialogue!(a_correction_lowers_the_expert_s_own_booking, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.reply_to(&relay).text("#tijd -15m te veel");
    world.receive(mail).await.is("joined");
    assert_eq!(
        world.ledger("AMR").await,
        ["deduction -45 on 2026-001, 40 real, joost", "correction 15 on 2026-001, -15 real, joost"]
    );
    assert_eq!(world.cards("AMR").await, "2026-001: 270; overdraft 0");
    world.letter_to("joost").await.is("command-done");
    // Not below what was booked.
    let mail = world.reply_to(&relay).text("#tijd -40m");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
});

dialogue!(time_above_the_card_is_overdraft_and_is_never_refused, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Grote klus.\n#tijd 5u30");
    world.receive(mail).await.is("joined");
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 30");
    world.letter_to("anne").await.is("answer").says("30 minuten wordt met een volgende kaart verrekend");
    world.letter_to("anne").await.is("card-used-up");
    let bought = format!(
        "{DESK}\n[[card]]\nclient = \"AMR\"\nnumber = \"2026-002\"\nstrips = 20\nminutes_per_strip = 15\npurchased_on = 2026-04-21\n"
    );
    world.declare(&bought).await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2026-002: 270; overdraft 0");
});

dialogue!(a_quarter_left_and_used_up_are_each_told_once, |world| {
    let (_, relay) = opened(&mut world).await;
    for (text, letters) in [
        ("Een.\n#tijd 3u30", vec!["answer to anne.bakker"]),
        ("Twee.\n#tijd 15m", vec!["answer to anne.bakker", "card-low to anne.bakker"]),
        ("Drie.\n#tijd 15m", vec!["answer to anne.bakker"]),
        ("Vier.\n#tijd 1u", vec!["answer to anne.bakker", "card-used-up to anne.bakker"]),
        ("Vijf.\n#tijd 15m", vec!["answer to anne.bakker"]),
    ] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("joined");
        assert_eq!(world.rest().await, letters, "{text}");
        world.pass(2);
    }
});

dialogue!(the_kind_of_a_case_decides_who_bears_its_time, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("#soort maintenance");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open maintenance normal");
    assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0");
    assert_eq!(world.rest().await, ["answer to anne.bakker", "command-done to joost"]);
});

dialogue!(the_same_message_id_with_another_text_books_nothing_again, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m");
    world.receive(mail.clone()).await.is("joined");
    world.letter_to("anne").await.is("answer");
    // A list or a gateway put a banner above it.
    let mail = mail.text("[EXTERN] Wees voorzichtig.\n\nKlaar.\n#tijd 40m");
    world.receive(mail).await.is("parked");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("joost").await.is("transcript").reads(r#"
        Subject: [LIN AMR-2026-0001] Geparkeerd: Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Uw mail "Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet" op AMR-2026-0001 (Amersfoorts Museum) staat geparkeerd: er is niets verstuurd, geboekt of veranderd.

              Deze mail kwam eerder binnen met andere tekst. Stuur een nieuw antwoord als ook dit nog uit moet.

        Antwoord met alleen de verbeterde tags: dan gaat de tekst hieronder alsnog uit. Of antwoord met nieuwe tekst: dan vervangt die deze.

        Geparkeerde tekst:

            [EXTERN] Wees voorzichtig.

            Klaar.
            #tijd 40m

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#);
});

dialogue!(a_basic_balance_is_told_to_coordinators_alone, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m\n#toewijzen mira");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("17 strippen");
    world.letter_to("mira").await.is("relay");
    let mail = world.mail_from("els").subject("Re: [LIN AMR-2026-0001] Contactformulier").text("Ik kijk mee.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["command-done to joost", "relay to mira"]);
});
