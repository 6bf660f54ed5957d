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

dialogue!(every_entry_names_all_that_it_rests_on, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m op 2026-04-20 formulier\n#tijd -15m");
    let id = mail.id();
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let entries = world.entries("AMR").await;
    for (ordinal, line) in (1..).zip(&entries[1..]) {
        let entry = &line.entry;
        let booking = entry.booking.as_ref().unwrap();
        assert_eq!(
            (booking.message_id.as_str(), booking.expert.as_str(), booking.ordinal),
            (id.as_str(), "joost", ordinal)
        );
        assert_eq!(entry.case.as_ref().unwrap().to_string(), "AMR-2026-0001");
        assert_eq!(line.position.as_deref(), Some("expert on AMR-2026-0001 from 2026-04-21"));
        assert_eq!(entry.card.as_ref().unwrap().as_str(), "2026-001");
        assert_eq!(entry.work_date.to_string(), "2026-04-20");
    }
    let minutes: Vec<_> = entries.iter().map(|line| (line.entry.real_minutes, line.entry.charged_minutes)).collect();
    assert_eq!(minutes, [(0, 300), (40, -45), (-15, 15)]);
    assert_eq!(entries[1].entry.text, "formulier");
});

dialogue!(per_case_a_strip_that_is_open_is_used_up_first, |world| {
    world.declare(&DESK.replace("rounding = \"per-entry\"", "rounding = \"per-case\"")).await;
    let (_, relay) = opened(&mut world).await;
    for (text, told) in [
        ("Een.\n#tijd 20m", "Geboekt: 20 minuten, in rekening 30 minuten."),
        ("Twee.\n#tijd 5m", "Geboekt: 5 minuten, in rekening 0 minuten."),
        ("Drie.\n#tijd 20m", "Geboekt: 20 minuten, in rekening 15 minuten."),
    ] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("joined");
        world.letter_to("anne").await.is("answer").says(told);
    }
    assert_eq!(world.cards("AMR").await, "2026-001: 255; overdraft 0");
});

dialogue!(without_rounding_real_minutes_are_charged, |world| {
    world.declare(&DESK.replace("rounding = \"per-entry\"", "rounding = \"none\"")).await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 20m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("18 strippen (4 uur 40 minuten)");
});

dialogue!(a_contract_that_tells_no_length_has_strips_of_a_quarter_of_an_hour_rounded_each, |world| {
    let untold =
        DESK.replace("rounding = \"per-entry\"\nstrip_minutes = 15\n", "").replace("minutes_per_strip = 15\n", "");
    assert!(!untold.contains("_strip") && !untold.contains("strip_") && !untold.contains("rounding"));
    world.declare_first(&untold).await;
    let (_, relay) = opened(&mut world).await;
    assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0");
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 20m\n#tijd 20m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("in rekening 1 uur").says("16 strippen (4 uur)");
    assert_eq!(
        world.ledger("AMR").await,
        ["deduction -30 on 2026-001, 20 real, joost", "deduction -30 on 2026-001, 20 real, joost"]
    );
});

dialogue!(work_is_booked_at_most_sixty_days_later_and_never_ahead, |world| {
    world.at("2026-06-30T09:00:00Z");
    let (_, relay) = opened(&mut world).await;
    // Sixty days before 30 June is 1 May.
    for (on, outcome) in
        [("2026-07-01", "parked"), ("2026-04-30", "parked"), ("2026-05-01", "joined"), ("2026-06-30", "joined")]
    {
        let mail = world.reply_to(&relay).text(&format!("#tijd 15m op {on}"));
        world.receive(mail).await.is(outcome);
    }
    assert_eq!(world.ledger("AMR").await.len(), 2);
    assert_eq!(
        world.rest().await,
        ["transcript to joost", "transcript to joost", "command-done to joost", "command-done to joost"]
    );
});

dialogue!(a_changed_kind_moves_open_charges_by_entries_and_back, |world| {
    let (_, relay) = opened(&mut world).await;
    for text in ["Klaar.\n#tijd 5u30", "#soort onderhoud", "#tijd 15m", "#soort ondersteuning"] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("joined");
    }
    assert_eq!(
        world.ledger("AMR").await,
        [
            "deduction -300 on 2026-001, 330 real, joost",
            "overdraft -30 on no card, 0 real, joost",
            "charge-moved 30 on no card, 0 real, the desk",
            "charge-moved 300 on 2026-001, 0 real, the desk",
            "charge-to-contract 0 on no card, 15 real, joost",
            "charge-moved -300 on 2026-001, 0 real, the desk",
            "charge-moved -30 on no card, 0 real, the desk",
            "charge-moved -15 on no card, 0 real, the desk"
        ]
    );
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 45");
    world.rest().await;
});

dialogue!(time_still_books_on_a_closed_case, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.at("2026-05-20T09:00:00Z");
    world.tick().await;
    assert_eq!(world.state_of("AMR-2026-0001").await, "closed support normal");
    let mail = world.reply_to(&relay).text("#tijd 15m nazorg");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.ledger("AMR").await, ["deduction -15 on 2026-001, 15 real, joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "closed support normal");
    world.letter_to("joost").await.is("command-done");
});

dialogue!(a_mail_books_once_however_often_and_by_whatever_way_it_arrives, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m");
    let got = world.receive(mail.clone()).await;
    got.is("joined");
    world.letter_to("anne").await.is("answer");
    let once = ["deduction -45 on 2026-001, 40 real, joost"];
    // Later, over another server, delivered to another address, through a list, by the junk folder.
    let by_list = mail.clone().top_header("List-Id", "<support.lindeboom.example>").top_header("Precedence", "list");
    let by_server = mail
        .clone()
        .top_header("Received", "from relay.example by mx.lindeboom.example; Tue, 21 Apr 2026 10:00:00 +0000");
    let by_address = mail.clone().top_header("Delivered-To", "info@lindeboom.example");
    for copy in [mail.clone(), by_list, by_server, by_address, mail.clone().in_junk()] {
        world.pass(3);
        world.receive(copy).await.is("seen-before");
        assert_eq!(world.ledger("AMR").await, once);
    }
    // A server gave the copy another Message-ID, or took it away.
    world.receive(mail.clone().message_id("rewritten.1@outlook.example")).await.is("seen-before");
    assert_eq!(world.ledger("AMR").await, once);
    // With other text, before or after: parked, and a mend of it books nothing twice.
    world.receive(mail.clone().text("Klaar.\n#tijd 40m\n\nDisclaimer van de lijst.")).await.is("parked");
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript");
    let mend = world.reply_to(&transcript).text("#tijd 40m");
    world.receive(mend).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    assert_eq!(world.replay(&got).await, None, "it is decided");
    assert_eq!(world.ledger("AMR").await, once);
});

dialogue!(the_last_strip_is_booked_by_two_in_one_instant, |world| {
    let (relay, to_mira) = super::hub::both_on(&mut world).await;
    let mail = world.reply_to(&relay).text("Bijna op.\n#tijd 4u45");
    world.receive(mail).await.is("joined");
    world.rest().await;
    assert_eq!(world.cards("AMR").await, "2026-001: 15; overdraft 0");
    let arrived = |mail: &crate::world::Mail, at| casepost::desk::intake::Arrived {
        arrived_at: at,
        raw: mail.to_bytes(),
        too_large: None,
        is_junk: false,
        is_deadly: false,
    };
    let one = world.reply_to(&relay).text("#tijd 15m");
    let two = world.reply_to(&to_mira).text("#tijd 15m");
    let at = world.now;
    for received in world.take(&[arrived(&one, at), arrived(&two, at)]).await {
        received.is("joined");
    }
    assert_eq!(
        world.ledger("AMR").await[1..],
        ["deduction -15 on 2026-001, 15 real, joost", "overdraft -15 on no card, 15 real, mira"]
    );
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 15");
    assert_eq!(world.rest().await, ["command-done to joost", "card-used-up to anne.bakker", "command-done to mira"]);
});

dialogue!(work_by_phone_is_booked_once_under_any_message_id, |world| {
    let mail = world.mail_from("joost").subject("Telefoon").text("#klant AMR\nAgenda hersteld.\n#tijd 15m");
    world.receive(mail.clone()).await.is("opened").on("AMR-2026-0001");
    world.receive(mail.clone().message_id("rewritten.2@outlook.example")).await.is("seen-before");
    assert_eq!(world.cases().await.len(), 1);
    assert_eq!(world.ledger("AMR").await, ["deduction -15 on 2026-001, 15 real, joost"]);
    // The same words at another time are other work.
    world.pass(1);
    let again = world.mail_from("joost").subject("Telefoon").text("#klant AMR\nAgenda hersteld.\n#tijd 15m");
    world.receive(again).await.is("opened").on("AMR-2026-0002");
    world.rest().await;
});

/// The small desk's AMR with these cards of its own: number, strips, first day.
fn with_cards(cards: &[(&str, u32, &str)]) -> String {
    let (before, _) = DESK.split_once("\n[[card]]").unwrap();
    let card = |(number, strips, purchased_on): &(&str, u32, &str)| {
        format!(
            "\n[[card]]\nclient = \"AMR\"\nnumber = \"{number}\"\nstrips = {strips}\nminutes_per_strip = 15\n\
             purchased_on = {purchased_on}\n"
        )
    };
    format!("{before}{}", cards.iter().map(card).collect::<String>())
}

dialogue!(of_cards_that_end_on_one_day_the_lower_number_is_taken_first, |world| {
    world.declare_first(&with_cards(&[("9", 2, "2026-03-01"), ("10", 2, "2026-03-01"), ("8", 2, "2026-03-02")])).await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#tijd 1u15");
    world.receive(mail).await.is("joined");
    world.rest().await;
    assert_eq!(world.cards("AMR").await, "9: 0, 10: 0, 8: 15; overdraft 0");
});

dialogue!(a_quarter_is_counted_over_all_valid_cards_and_told_anew_after_a_purchase, |world| {
    world.declare_first(&with_cards(&[("A", 20, "2026-03-01"), ("B", 20, "2026-04-01")])).await;
    let (_, relay) = opened(&mut world).await;
    // All of A and a half of B is three quarters of both together.
    for (text, told) in [
        ("#tijd 5u", vec!["command-done to joost"]),
        ("#tijd 2u15", vec!["command-done to joost"]),
        ("#tijd 15m", vec!["command-done to joost", "card-low to anne.bakker"]),
        ("#tijd 2u30", vec!["command-done to joost", "card-used-up to anne.bakker"]),
        ("#tijd 15m", vec!["command-done to joost"]),
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("joined");
        assert_eq!(world.rest().await, told, "{text}");
    }
    world.buy("C", 20, "2026-04-21").await;
    assert_eq!(world.cards("AMR").await, "A: 0, B: 0, C: 285; overdraft 0");
    for (text, told) in [
        // What is left is a quarter of A, B and C together, which are all valid.
        ("#tijd 1u", vec!["command-done to joost", "card-low to anne.bakker"]),
        ("#tijd 2u45", vec!["command-done to joost"]),
        ("#tijd 1u", vec!["command-done to joost", "card-used-up to anne.bakker"]),
        ("#tijd 1u", vec!["command-done to joost"]),
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("joined");
        assert_eq!(world.rest().await, told, "{text}");
    }
});

dialogue!(a_correction_lowers_what_is_one_s_own_the_latest_first, |world| {
    let (relay, to_mira) = super::hub::both_on(&mut world).await;
    for (letter, text) in [(&relay, "#tijd 40m"), (&relay, "#tijd 10m"), (&to_mira, "#tijd 1u")] {
        let mail = world.reply_to(letter).text(text);
        world.receive(mail).await.is("joined");
        world.pass(1);
    }
    world.rest().await;
    // All of the latest and a part of the one before; nothing of Mira's, who booked last.
    let mail = world.reply_to(&relay).text("#tijd -25m te veel");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    assert_eq!(
        world.ledger("AMR").await[3..],
        ["correction 15 on 2026-001, -10 real, joost", "correction 15 on 2026-001, -15 real, joost"]
    );
    // There are 25 minutes of Joost's left, and an hour of Mira's.
    for (letter, who, text, outcome) in [
        (&relay, "joost", "#tijd -26m", "parked"),
        (&to_mira, "mira", "#tijd -61m", "parked"),
        (&relay, "joost", "#tijd -25m", "joined"),
    ] {
        world.pass(1);
        let mail = world.reply_to(letter).text(text);
        world.receive(mail).await.is(outcome);
        let told = world.letter_to(who).await;
        told.is(if outcome == "parked" { "transcript" } else { "command-done" });
    }
    assert_eq!(world.cards("AMR").await, "2026-001: 240; overdraft 0");
});

dialogue!(a_correction_pays_the_overdraft_first, |world| {
    let (relay, to_mira) = super::hub::both_on(&mut world).await;
    for (letter, text) in [(&relay, "#tijd 5u"), (&to_mira, "#tijd 20m"), (&relay, "#tijd -45m")] {
        let mail = world.reply_to(letter).text(text);
        world.receive(mail).await.is("joined");
        world.pass(1);
    }
    assert_eq!(
        world.ledger("AMR").await,
        [
            "deduction -300 on 2026-001, 300 real, joost",
            "overdraft -30 on no card, 20 real, mira",
            "correction 30 on no card, -45 real, joost",
            "correction 15 on 2026-001, 0 real, joost"
        ]
    );
    assert_eq!(world.cards("AMR").await, "2026-001: 15; overdraft 0");
    world.rest().await;
});

dialogue!(the_day_of_work_is_the_client_s_own, |world| {
    let london = with_cards(&[("A", 20, "2025-04-22"), ("B", 20, "2026-04-01")]).replacen(
        "time_zone = \"Europe/Amsterdam\"\nlead_expert",
        "time_zone = \"Europe/London\"\nlead_expert",
        1,
    );
    world.declare_first(&london).await;
    let (_, relay) = opened(&mut world).await;
    // 00:30 on the 22nd at the desk, still the 21st, the last day of card A, in London.
    world.at("2026-04-21T22:29:00Z");
    let mail = world.reply_to(&relay).text("#tijd 15m");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("#tijd 15m op 2026-04-22");
    world.receive(mail).await.is("parked");
    world.at("2026-04-21T23:01:00Z");
    let mail = world.reply_to(&relay).text("#tijd 30m op 2026-04-22");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, ["deduction -15 on A, 15 real, joost", "deduction -30 on B, 30 real, joost"]);
    world.rest().await;
});

dialogue!(time_that_comes_after_the_contract_ended_is_booked_by_what_was_agreed, |world| {
    let (before, after) = DESK.split_once("plan = \"basic\"\nstart = 2026-01-01\n").unwrap();
    let ended = format!("{before}plan = \"basic\"\nstart = 2026-01-01\nend = 2026-04-30\n{after}");
    world.declare_first(&ended).await;
    let (_, relay) = opened(&mut world).await;
    world.at("2026-05-04T09:00:00Z");
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m op 2026-04-30\n#tijd -20m");
    world.receive(mail).await.is("joined");
    assert_eq!(
        world.ledger("AMR").await,
        ["deduction -45 on 2026-001, 40 real, joost", "correction 15 on 2026-001, -20 real, joost"]
    );
    world.letter_to("anne").await.is("answer").says("18 strippen");
    world.correct_by_desk("AMR-2026-0001", None, 20, "kosteloos").await.unwrap();
    assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0");
    let mail = world.mail_from("anne").text("#saldo");
    world.receive(mail).await.is("noted");
    assert_eq!(
        world.rest().await,
        ["card-changed to anne.bakker", "card-changed to joost", "card-balance to anne.bakker"]
    );
    world.send_statement("AMR", casepost::domain::strip_card::Scope::default()).await;
    world.letter_to("anne").await.is("card-statement");
});
