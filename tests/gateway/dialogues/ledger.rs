//! The strip cards as the coordinator sees them: balance and statement by mail, notices, what the desk takes back.

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::DESK;
use casepost::domain::decision::DeskChange;
use casepost::domain::names::ClientCode;
use casepost::domain::strip_card::Scope;

dialogue!(the_coordinator_asks_for_the_balance_and_opens_no_case, |world| {
    let mail =
        world.mail_from("anne").subject("Kaart").text("Goedemorgen,\n\n#saldo\n\nMet vriendelijke groet,\nAnne\n");
    world.receive(mail).await.is("noted").on_no_case();
    let letter = world.letter_to("anne").await;
    letter.is("card-balance").reads(
        r#"
        Subject: Saldo strippenkaart Amersfoorts Museum: 20 strippen

        Beste Anne Bakker,

        Amersfoorts Museum heeft nog 20 strippen over (5 uur).

        Kaart 2026-001: 20 strippen (5 uur), geldig t/m zondag 28 februari 2027

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#,
    );
    assert!(letter.html().contains("20 strippen"));
});

dialogue!(the_deputy_asks_in_english_and_only_the_deputy_is_answered, |world| {
    let mail = world.mail_from("piet").cc(&["anne.bakker@amersfoortsmuseum.example"]).text("#balance");
    world.receive(mail).await.is("noted");
    assert_eq!(world.rest().await, ["card-balance to piet.smit"]);
});

dialogue!(a_question_beside_a_request_is_answered_too, |world| {
    let mail = world.mail_from("anne").subject("Formulier").text("Het formulier is stuk.\n#saldo\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.letter_to("anne").await.is("acknowledgement");
    world.letter_to("anne").await.is("card-balance").says("20 strippen");
    world.letter_to("joost").await.is("relay").says("Het formulier is stuk.").does_not_say("#saldo");
    let trail = world.trail("AMR-2026-0001").await;
    assert!(trail.iter().any(|line| line.action == "tell-cards" && line.detail == "balance of AMR"), "{trail:?}");
});

dialogue!(in_a_thread_the_question_changes_no_case, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m\n#opgelost");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    answer.is("answer");
    let mail = world.reply_to(&answer).text("#saldo");
    world.receive(mail).await.is("noted");
    world.letter_to("anne").await.is("card-balance").says("17 strippen");
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support normal");
});

dialogue!(the_statement_tells_this_month_and_the_last, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m op 2026-04-20 formulier hersteld");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.mail_from("anne").text("#overzicht");
    world.receive(mail).await.is("noted").on_no_case();
    let letter = world.letter_to("anne").await;
    letter.is("card-statement").reads(
        r#"
        Subject: Overzicht strippenkaart Amersfoorts Museum

        Beste Anne Bakker,

        Overzicht van de strippenkaarten van Amersfoorts Museum
        Van zondag 1 maart tot en met dinsdag 21 april, naar de dag van boeken. Tijd in uren en minuten. U vroeg hierom: de vorige maand en deze tot en met vandaag.

        Saldo vooraf: 0:00

        2026-03-01 Kaart gekocht
        kaart 2026-001
        af of bij 5:00, saldo 5:00

        2026-04-20 Gewerkt
        AMR-2026-0001 Contactformulier verstuurt niet
        formulier hersteld
        kaart 2026-001, Joost de Wit
        gewerkt 0:40, af of bij −0:45, saldo 4:15

        Totaal: gewerkt 0:40, af of bij 4:15
        Saldo na afloop: 4:15

        Nu over: 17 strippen (4 uur 15 minuten).

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#,
    );
    assert_eq!(letter.files(), ["statement-AMR-2026-04-21.csv"]);
    assert!(letter.contents().contains("-45,255"), "{}", letter.contents());
    assert!(letter.html().contains("formulier hersteld"));
});

dialogue!(nobody_else_is_told_of_the_cards_and_no_request_waits_for_it, |world| {
    // A functional administrator, a reporter, a stranger.
    for who in ["els", "kees"] {
        let mail = world.mail_from(who).subject("Vraag").text("#saldo\n#overzicht");
        world.receive(mail).await.is("noted").on_no_case();
    }
    let mail = world.mail_from("stranger").text("#saldo");
    world.receive(mail).await.is("quarantined");
    let letters = world.unread().await;
    for letter in &letters {
        letter.does_not_say("strippen ").does_not_say("5 uur");
    }
    world.letter_to("kees").await.is("card-private").reads(
        "
        Subject: Strippenkaart Amersfoorts Museum: alleen voor de coördinator

        Beste Kees Groen,

        Wat er over is van de strippenkaart van Amersfoorts Museum vertellen wij alleen aan de coördinator, Anne Bakker. Vraag het daar gerust.

        Er is met uw mail verder niets gedaan. Stond er ook een vraag in? Stuur ons die dan opnieuw, zonder de regel met #saldo of #overzicht.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    assert_eq!(world.rest().await, ["card-private to els.visser", "refusal to sam"]);
    // Beside other words it is plain text.
    let mail = world.mail_from("kees").subject("Agenda").text("De agenda is leeg.\n#saldo");
    world.receive(mail).await.is("held");
    assert_eq!(world.rest().await, ["approval-request to anne.bakker", "request-held to kees.groen"]);
});

dialogue!(nobody_is_told_a_balance_by_a_from_header, |world| {
    let accepting = DESK
        .replace("strip_minutes = 15\n\n[[contract]]", "strip_minutes = 15\naccept = \"from-header\"\n\n[[contract]]");
    assert_ne!(accepting, DESK);
    world.declare(&accepting).await;
    let mail = world.mail_from("anne").subject("Kaart").text("#saldo").unproven();
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement").does_not_say("strippen").does_not_say("5 uur");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_mail_without_proof_is_told_nothing_until_its_sender_says_the_word, |world| {
    let mail = world.mail_from("anne").subject("Kaart").text("#saldo").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    challenge.is("challenge").does_not_say("20 strippen");
    let mail = world.reply_to(&challenge).text("bevestig");
    world.receive(mail).await.is("noted");
    world.letter_to("anne").await.is("card-balance");
});

dialogue!(a_client_without_cards_is_told_so, |world| {
    let mail = world.mail_from("grace").subject("Card").text("#statement");
    world.receive(mail).await.is("noted").on_no_case();
    world.letter_to("grace").await.is("card-balance").says("has no strip card").does_not_say("0 strips");
});

dialogue!(a_tag_in_the_quoted_letter_asks_nothing, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).text("Dank!\n\n> #saldo");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["relay to joost"]);
});

dialogue!(the_end_of_a_card_is_told_twice_and_what_is_left_expires, |world| {
    world.at("2027-01-28T09:00:00Z");
    world.tick().await;
    world.no_letters().await;
    // 30 days before 28 February, then seven, each once however often the clock ticks.
    for (moment, letters) in [
        ("2027-01-29T09:00:00Z", vec!["card-expiring to anne.bakker"]),
        ("2027-01-29T12:00:00Z", vec![]),
        ("2027-02-03T09:00:00Z", vec![]),
        ("2027-02-21T09:00:00Z", vec!["card-expiring to anne.bakker"]),
        ("2027-02-22T09:00:00Z", vec![]),
        ("2027-02-28T22:59:00Z", vec![]),
    ] {
        world.at(moment);
        world.tick().await;
        world.tick().await;
        assert_eq!(world.rest().await, letters, "{moment}");
        assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0", "{moment}");
    }
    // In Amersfoort it is March.
    world.at("2027-02-28T23:01:00Z");
    world.tick().await;
    world.tick().await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 0");
    let kinds: Vec<&str> = world.entries("AMR").await.iter().map(|line| line.entry.kind.as_str()).collect();
    assert_eq!(kinds, ["purchase", "expiry"]);
    world.letter_to("anne").await.is("card-used-up");
});

// A peer kept one mark for both letters, so that the first kept the second from being written.
dialogue!(a_low_card_and_its_end_are_told_apart_and_a_correction_tells_neither_again, |world| {
    world.at("2027-01-20T09:00:00Z");
    let mail = world.mail_from("anne").subject("Agenda").text("De agenda is leeg.");
    world.receive(mail).await.is("opened").on("AMR-2027-0001");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    relay.is("relay");
    for (moment, text, letters) in [
        ("2027-01-21T09:00:00Z", "#tijd 3u45", vec!["command-done to joost", "card-low to anne.bakker"]),
        ("2027-01-29T09:00:00Z", "", vec!["card-expiring to anne.bakker"]),
        // Above the quarter again, and below it once more.
        ("2027-02-01T09:00:00Z", "#tijd -1u", vec!["command-done to joost"]),
        ("2027-02-02T09:00:00Z", "#tijd 1u", vec!["command-done to joost"]),
        ("2027-02-21T09:00:00Z", "", vec!["card-expiring to anne.bakker"]),
    ] {
        world.at(moment);
        world.tick().await;
        if !text.is_empty() {
            let mail = world.reply_to(&relay).text(text);
            world.receive(mail).await.is("joined");
        }
        assert_eq!(world.rest().await, letters, "{moment}");
    }
    // A new card begins both anew.
    world.buy("2027-001", 4, "2027-02-22").await;
    for (moment, text, letters) in [
        ("2027-02-22T09:00:00Z", "#tijd 1u45", vec!["command-done to joost", "card-low to anne.bakker"]),
        ("2028-01-23T09:00:00Z", "", vec!["card-expiring to anne.bakker"]),
        ("2028-02-15T09:00:00Z", "", vec!["card-expiring to anne.bakker"]),
    ] {
        world.at(moment);
        world.tick().await;
        if !text.is_empty() {
            let mail = world.reply_to(&relay).text(text);
            world.receive(mail).await.is("joined");
        }
        let got = world.rest().await;
        let of_card = |line: &&String| line.starts_with("card-") || line.starts_with("command-");
        assert_eq!(got.iter().filter(of_card).collect::<Vec<_>>(), letters.iter().collect::<Vec<_>>(), "{moment}");
    }
});

dialogue!(work_done_before_a_card_ended_still_finds_its_remainder, |world| {
    world.at("2027-02-26T09:00:00Z");
    let mail = world.mail_from("anne").subject("Agenda").text("De agenda is leeg.");
    world.receive(mail).await.is("opened").on("AMR-2027-0001");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    relay.is("relay");
    world.at("2027-03-02T09:00:00Z");
    world.tick().await;
    world.letter_to("anne").await.is("card-used-up");
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 0");
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m op 2027-02-26\n#tijd 20m");
    world.receive(mail).await.is("joined");
    assert_eq!(
        world.ledger("AMR").await,
        [
            "expiry -300 on 2026-001, 0 real, the desk",
            "return 45 on 2026-001, 0 real, joost",
            "deduction -45 on 2026-001, 40 real, joost",
            "overdraft -30 on no card, 20 real, joost"
        ]
    );
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 30");
    world.letter_to("anne").await.is("answer");
    // A correction of it is returned and expires again in one step.
    let mail = world.reply_to(&relay).text("#tijd -20m\n#tijd -40m");
    world.receive(mail).await.is("joined");
    let ledger = world.ledger("AMR").await;
    assert_eq!(
        ledger[4..],
        [
            "correction 30 on no card, -20 real, joost",
            "correction 45 on 2026-001, -40 real, joost",
            "expiry -45 on 2026-001, 0 real, joost"
        ]
    );
    world.letter_to("joost").await.is("command-done");
});

dialogue!(the_desk_takes_time_back_and_tells_who_was_told, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.correct_by_desk("AMR-2026-0001", Some("joost"), 20, "dubbel geboekt").await.unwrap();
    assert_eq!(world.ledger("AMR").await[1], "correction 15 on 2026-001, -20 real, the desk");
    world.letter_to("anne").await.is("card-changed").reads(
        r#"
        Subject: Strippenkaart Amersfoorts Museum: door ons gecorrigeerd

        Beste Anne Bakker,

        Wij hebben de boekingen voor Amersfoorts Museum gecorrigeerd.

        AMR-2026-0001: 20 minuten van Joost de Wit teruggenomen, 15 minuten teruggegeven.
        Reden: dubbel geboekt

        Nu over: 18 strippen (4 uur 30 minuten).

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#,
    );
    world.letter_to("joost").await.is("card-changed").says("20 minuten").does_not_say("18 strippen");
    let trail = world.trail("AMR-2026-0001").await;
    let line = trail.iter().find(|line| line.action == "correct-time").unwrap();
    assert_eq!((line.actor.as_str(), line.reason.as_str()), ("command:tester", "dubbel geboekt"));
    // Never below zero, whoever asks, and then nothing is written.
    let refused = world.correct_by_desk("AMR-2026-0001", None, 21, "x").await.unwrap_err();
    assert_eq!(refused.to_string(), "only 20 minutes are booked that can be taken back");
    world.correct_by_desk("AMR-2026-0001", None, 20, "kosteloos").await.unwrap();
    assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0");
    assert_eq!(world.rest().await, ["card-changed to anne.bakker", "card-changed to joost"]);
});

dialogue!(the_desk_moves_minutes_between_cards, |world| {
    let bought = format!(
        "{DESK}\n[[card]]\nclient = \"AMR\"\nnumber = \"2026-002\"\nstrips = 20\nminutes_per_strip = 15\npurchased_on = 2026-04-21\n"
    );
    world.declare(&bought).await;
    world.transfer("2026-001", "2026-002", 60, "op verzoek").await.unwrap();
    assert_eq!(world.cards("AMR").await, "2026-001: 240, 2026-002: 360; overdraft 0");
    world
        .letter_to("anne")
        .await
        .is("card-changed")
        .says("Van kaart 2026-001 naar kaart 2026-002: 1 uur.")
        .says("40 strippen");
    let refused = world.transfer("2026-001", "2026-002", 241, "x").await.unwrap_err();
    assert_eq!(refused.to_string(), "card 2026-001 has 240 minutes left");
    world.at("2027-03-01T09:00:00Z");
    let refused = world.transfer("2026-001", "2026-002", 60, "x").await.unwrap_err();
    assert!(refused.to_string().contains("ended after 2027-02-28"), "{refused}");
    let refused = world.transfer("2026-002", "2026-009", 60, "x").await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no card 2026-009");
});

dialogue!(a_statement_is_mailed_to_who_holds_the_position, |world| {
    let sent = world.send_statement("AMR", Scope::default()).await;
    assert_eq!(sent, ["anne.bakker@amersfoortsmuseum.example"]);
    let letter = world.letter_to("anne").await;
    letter.is("card-statement").says("Kaart gekocht").says("Saldo na afloop: 5:00");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    assert_eq!(letter.files(), ["statement-AMR.csv"]);
});

dialogue!(a_contract_without_cards_keeps_the_real_minutes, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).text("Done.\n#time 40m");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("NWK").await, ["charge-to-contract 0 on no card, 40 real, mira"]);
    world.letter_to("grace").await.is("answer").does_not_say("Booked").does_not_say("strip");
});

/// A card of AMR with so many strips of 15 minutes.
fn card(number: &str, strips: u32, purchased_on: &str) -> String {
    format!(
        "\n[[card]]\nclient = \"AMR\"\nnumber = \"{number}\"\nstrips = {strips}\nminutes_per_strip = 15\npurchased_on = {purchased_on}\n"
    )
}

dialogue!(limits_that_a_command_crosses_are_told_too, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).text("#time 4h15");
    world.receive(mail).await.is("joined");
    world.letter_to("mira").await.is("command-done");
    let client = DeskChange::SetClient(ClientCode::new("AMR").unwrap());
    world.change("NWK-2026-0001", client).await.unwrap();
    assert_eq!(world.cards("AMR").await, "2026-001: 45; overdraft 0");
    assert_eq!(
        world.rest().await,
        [
            "case-changed to mira",
            "case-changed to anne.bakker",
            "case-changed to grace.hall",
            "card-low to anne.bakker"
        ]
    );
    // A correction that leaves less than a quarter says nothing new.
    world.correct_by_desk("AMR-2026-0001", None, 15, "te veel").await.unwrap();
    assert_eq!(world.rest().await, ["card-changed to anne.bakker", "card-changed to mira"]);
});

dialogue!(limits_that_an_expiry_crosses_are_told_once_and_the_stronger_alone, |world| {
    world.at("2027-02-28T20:00:00Z");
    world.tick().await;
    assert_eq!(world.rest().await, ["card-expiring to anne.bakker"]);
    world.at("2027-03-01T08:00:00Z");
    world.tick().await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0; overdraft 0");
    world.letter_to("anne").await.is("card-used-up").reads(
        "
        Subject: Strippenkaart Amersfoorts Museum is verlopen

        Beste Anne Bakker,

        De strippenkaart van Amersfoorts Museum is verlopen: kaart 2026-001 was geldig t/m zondag 28 februari, en wat er nog op stond (5 uur) is vervallen.

        Een nieuwe kaart bestelt u door deze mail te beantwoorden. Lopende zaken laten wij niet liggen.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    for _ in 0..3 {
        world.pass(24);
        world.tick().await;
    }
    world.no_letters().await;
    // Both count as told: less than a quarter is no news until the next card.
    world.declare(&format!("{DESK}{}", card("2027-001", 20, "2027-03-04"))).await;
    let mail = world.mail_from("anne").subject("Vraag");
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 5u");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let told = world.letter_to("anne").await;
    told.is("card-used-up").says("is op.").does_not_say("verlopen").says("Een nieuwe kaart bestelt u");
    let mail = world.reply_to(&relay).text("#tijd -15m");
    world.receive(mail).await.is("joined");
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2027-001: 15; overdraft 0");
    assert_eq!(world.rest().await, ["command-done to joost"], "a quarter was crossed together with the end");
});

dialogue!(a_transfer_to_a_card_to_come_tells_that_nothing_is_left_now, |world| {
    world.declare(&format!("{DESK}{}", card("2026-002", 20, "2026-06-01"))).await;
    world.transfer("2026-001", "2026-002", 300, "samengevoegd op verzoek").await.unwrap();
    world.letter_to("anne").await.is("card-changed");
    let told = world.letter_to("anne").await;
    told.is("card-used-up").says("De volgende kaart, 2026-002 (10 uur), geldt vanaf maandag 1 juni.");
    told.says("is op.").does_not_say("Een nieuwe kaart");
    // The next card begins: its limits are told anew.
    world.at("2026-06-01T08:00:00Z");
    world.tick().await;
    world.no_letters().await;
    world.transfer("2026-002", "2026-001", 100, "terug").await.unwrap();
    assert_eq!(world.rest().await, ["card-changed to anne.bakker"]);
});

dialogue!(a_card_that_the_overdraft_eats_is_told_as_used_up, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Grote klus.\n#tijd 10u");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.letter_to("anne").await.is("card-used-up").says("5 uur meer gewerkt");
    world.pass(3);
    world.buy("2026-002", 20, "2026-04-21").await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2026-002: 0; overdraft 0");
    world.no_letters().await;
    world.tick().await;
    world.letter_to("anne").await.is("card-used-up").does_not_say("meer gewerkt");
    world.pass(1);
    world.tick().await;
    world.no_letters().await;
});

dialogue!(a_card_counts_and_settles_from_its_first_day_on_in_the_client_s_time_zone, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Grote klus.\n#tijd 5u30");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.letter_to("anne").await.is("card-used-up");
    world.buy("2026-002", 20, "2026-05-01").await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2026-002: 300; overdraft 30");
    let mail = world.mail_from("anne").subject("Saldo").text("#saldo");
    world.receive(mail).await.is("noted");
    world.letter_to("anne").await.is("card-balance").does_not_say("2026-002").does_not_say("20 strippen");
    // 23:30 in Amsterdam; half an hour later it is May there, and April still in UTC.
    world.at("2026-04-30T21:30:00Z");
    world.tick().await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2026-002: 300; overdraft 30");
    world.at("2026-04-30T22:00:00Z");
    world.tick().await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2026-002: 270; overdraft 0");
    let settled = ["settlement -30 on 2026-002, 0 real, the desk", "settlement 30 on no card, 0 real, the desk"];
    assert_eq!(world.ledger("AMR").await[2..], settled);
    // Overdraft of later days waits for the next card: work before the first day of this one.
    let mail = world.reply_to(&relay).text("#tijd 15m op 2026-04-30");
    world.at("2026-05-02T08:00:00Z");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    world.pass(24);
    world.tick().await;
    assert_eq!(world.cards("AMR").await, "2026-001: 0, 2026-002: 270; overdraft 15");
});

dialogue!(the_end_of_a_card_on_which_nothing_is_left_is_not_told, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#tijd 5u");
    world.receive(mail).await.is("joined");
    world.rest().await;
    for moment in ["2027-01-29T09:00:00Z", "2027-02-21T09:00:00Z", "2027-03-01T09:00:00Z"] {
        world.at(moment);
        world.tick().await;
        let told = world.rest().await;
        assert!(!told.iter().any(|line| line.starts_with("card-")), "{moment}: {told:?}");
    }
    let kinds: Vec<&str> = world.entries("AMR").await.iter().map(|line| line.entry.kind.as_str()).collect();
    assert_eq!(kinds, ["purchase", "deduction"]);
});
