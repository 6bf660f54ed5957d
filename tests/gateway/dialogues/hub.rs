//! The desk as the hub: who gets a client's mail, who stands in, who hands over, who reads along.

use casepost::desk::intake::Arrived;

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::{DESK, World};

/// A third expert, who has no deputy.
const SANNE: &str =
    "\n[[expert]]\nkey = \"sanne\"\nname = \"Sanne Vos\"\naddresses = [\"sanne@vos-web.example\"]\nlanguage = \"nl\"\n";

/// The small desk with a third expert and further lines.
async fn declare(world: &mut World, further: &str) {
    world.declare(&format!("{DESK}{SANNE}{further}")).await;
}

dialogue!(a_case_goes_to_whoever_leads_by_position_on_that_day, |world| {
    let lead = "\n[[position]]\nrole = \"lead-expert\"\nclient = \"AMR\"\nholder = \"sanne\"\nfrom = 2026-01-01\nuntil = 2026-04-30\n";
    declare(&mut world, lead).await;
    let mail = world.mail_from("anne").subject("Eerste");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to sanne"]);
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["sanne"]);
    world.at("2026-05-04T08:00:00Z");
    let mail = world.mail_from("anne").subject("Tweede");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(without_a_lead_the_deputy_gets_the_case_and_at_last_the_duty_manager, |world| {
    // The holder of the position left the desk: its deputy is asked.
    let text = DESK.replace("lead_expert = \"joost\"\n", "");
    world.declare(&format!("{text}{SANNE}\n[[position]]\nrole = \"lead-expert\"\nclient = \"AMR\"\nholder = \"joost\"\ndeputies = [\"sanne\"]\nfrom = 2026-05-01\n")).await;
    let mail = world.mail_from("anne");
    world.receive(mail).await.is("opened");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["mira"], "the duty manager: the position holds from May on");
    world.rest().await;
});

dialogue!(when_a_position_ends_its_successor_gets_the_client_s_mail_on_the_case_too, |world| {
    let positions = "\n[[position]]\nrole = \"lead-expert\"\nclient = \"AMR\"\nholder = \"sanne\"\nfrom = 2026-01-01\nuntil = 2026-04-30\n\n[[position]]\nrole = \"lead-expert\"\nclient = \"AMR\"\nholder = \"mira\"\nfrom = 2026-05-01\n";
    declare(&mut world, positions).await;
    let mail = world.mail_from("anne").subject("Agenda");
    world.receive(mail.text("De agenda is leeg.")).await.is("opened");
    let acknowledgement = world.letter_to("anne").await;
    world.letter_to("sanne").await.is("relay");
    world.at("2026-05-04T08:00:00Z");
    let mail = world.reply_to(&acknowledgement).text("Nog steeds leeg.");
    world.receive(mail).await.is("joined");
    world.letter_to("sanne").await.is("relay").says("Nog steeds leeg.");
    world.letter_to("mira").await.is("relay").says("Nog steeds leeg.").says("De agenda is leeg.");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["sanne", "mira"]);
});

dialogue!(when_an_expert_left_the_desk_the_client_s_mail_reaches_who_leads_now, |world| {
    declare(&mut world, "").await;
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#toewijzen sanne");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    world.letter_to("sanne").await.is("relay");
    world.declare(DESK).await;
    let mail = world.reply_to(&acknowledgement).text("Is er al nieuws?");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay").says("Is er al nieuws?");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["sanne", "joost"]);
});

dialogue!(who_handed_a_case_over_cannot_write_into_it_with_the_old_reply_address, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#toewijzen mira");
    world.receive(mail).await.is("joined");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["mira"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("joost").await.is("command-done").says("#assign");
    world.letter_to("mira").await.is("relay").says("overgedragen").says("Het formulier doet niets meer.");
    let before = world.ledger("AMR").await;
    let mail = world.reply_to(&relay).text("Nog een ding, Anne.\n#tijd 2u");
    world.receive(mail).await.is("quarantined").because("not-on-case").on_no_case();
    world.letter_to("joost").await.is("transcript").says("U staat niet op deze zaak").says("Nog een ding");
    assert_eq!(world.ledger("AMR").await, before);
});

dialogue!(who_takes_a_case_over_gets_all_of_it_with_its_files, |world| {
    let body = "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nZie de schermafdruk.\n\n\
        --b\nContent-Type: image/png; name=\"scherm.png\"\nContent-Disposition: attachment; filename=\"scherm.png\"\n\
        Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n\n--b--\n";
    let mail = world.mail_from("anne").subject("Scherm").body(body);
    world.receive(mail).await.is("opened");
    let acknowledgement = world.letter_to("anne").await;
    let relay = world.letter_to("joost").await;
    world.is_received_twice = false;
    for number in 1..=24 {
        world.pass(1);
        let mail = world.reply_to(&acknowledgement).without_quote().text(&format!("Bericht {number} hierover."));
        world.receive(mail).await.is("joined");
        world.letter_to("joost").await.is("relay");
    }
    let mail = world.reply_to(&relay).text("Mira weet hier meer van.\n#notitie\n#toewijzen Mira Jansen");
    world.receive(mail).await.is("joined");
    let handed = world.letter_to("mira").await;
    handed.is("relay").says("Mira weet hier meer van.").says("Zie de schermafdruk.").says("Bericht 1 hierover.");
    handed.says("Bericht 24 hierover.");
    assert!(handed.raw().contains("scherm.png"), "the client's file goes along");
    world.letter_to("joost").await.is("command-done");
});

dialogue!(a_name_that_nobody_or_several_have_is_refused_with_those_who_could_be_meant, |world| {
    let joost = "\n[[expert]]\nkey = \"joost-b\"\nname = \"Joost Bakker\"\naddresses = [\"bakker@desk.example\"]\nlanguage = \"nl\"\n";
    declare(&mut world, joost).await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#toewijzen Piet");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript").says("Die naam heeft niemand").says("Mira Jansen (mira)").says("Sanne Vos (sanne)");
    world.pass(1);
    let mail = world.reply_to(&relay).text("#toewijzen JOOST BAKKER\n#assign bakker");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript").says("#assign");
    world.pass(1);
    let text = format!("{DESK}{SANNE}{joost}").replace("name = \"Mira Jansen\"", "name = \"Joost Jansen\"");
    world.declare(&text.replace("key = \"joost\"\nname = \"Joost de Wit\"", "key = \"joost\"\nname = \"Wit\"")).await;
    let mail = world.reply_to(&relay).text("#toewijzen Joost B");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    world.pass(1);
    declare(&mut world, &joost.replace("Joost Bakker", "Mira Bakker")).await;
    let mail = world.reply_to(&relay).text("#toewijzen mira bakker");
    world.receive(mail).await.is("joined");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost-b"]);
    world.rest().await;
});

dialogue!(a_first_name_that_two_have_points_to_neither, |world| {
    declare(
        &mut world,
        "\n[[expert]]\nkey = \"sb\"\nname = \"Sanne Bos\"\naddresses = [\"bos@desk.example\"]\nlanguage = \"nl\"\n",
    )
    .await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Hierbij.\n#assign sb\n#tijd 5m");
    let two = world.reply_to(&relay).text("#toewijzen Sanne B.");
    world.receive(two).await.is("parked");
    world.letter_to("joost").await.is("transcript").says("Die naam heeft niemand");
    world.receive(mail).await.is("joined");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["sb"]);
    world.rest().await;
    let mail = world.mail_from("anne").subject("Nieuw");
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("#toewijzen Sanne");
    world.receive(mail).await.is("joined");
    assert_eq!(world.experts_on("AMR-2026-0002").await, ["sanne"], "the key is one expert's");
    world.rest().await;
});

dialogue!(several_of_one_first_name_are_all_named, |world| {
    declare(
        &mut world,
        "\n[[expert]]\nkey = \"m2\"\nname = \"Sanne Bos\"\naddresses = [\"bos@desk.example\"]\nlanguage = \"nl\"\n",
    )
    .await;
    let text = format!(
        "{DESK}{SANNE}\n[[expert]]\nkey = \"m2\"\nname = \"Sanne Bos\"\naddresses = [\"bos@desk.example\"]\nlanguage = \"nl\"\n"
    );
    world.declare(&text.replace("key = \"sanne\"", "key = \"m1\"")).await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#toewijzen Sanne");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript").says("Meer mensen heten zo: Sanne Vos (m1), Sanne Bos (m2).");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
});

dialogue!(the_duty_manager_hands_any_case_over_without_speaking_to_the_client, |world| {
    declare(&mut world, "").await;
    let (_, _) = opened(&mut world).await;
    let mail = world
        .mail_from("mira")
        .subject("[LIN AMR-2026-0001] Contactformulier")
        .text("Joost is ziek.\n#toewijzen sanne");
    world.receive(mail).await.is("joined").on("AMR-2026-0001").because("note");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["sanne"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world
        .letter_to("sanne")
        .await
        .is("relay")
        .says("overgedragen")
        .says("Joost is ziek.")
        .says("Het formulier doet niets");
    world.letter_to("joost").await.is("answer-copy").says("Joost is ziek.");
    world.letter_to("joost").await.is("case-changed").reads("
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Zaak AMR-2026-0001 (Amersfoorts Museum) ligt nu bij Sanne Vos. U staat er niet meer op: wat u erop schrijft, gaat nergens heen.

        Door: Mira Jansen

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    world.letter_to("mira").await.is("command-done");
    let trail = world.trail("AMR-2026-0001").await;
    let by = trail.iter().find(|line| line.actor == "mira").unwrap();
    assert_eq!(by.position.as_deref(), Some("duty manager from 2026-01-01"));
    // Whoever is neither on the case nor the duty manager does not.
    let mail = world.mail_from("sanne").subject("[LIN AMR-2026-0001] x").text("#toewijzen sanne\n#tijd 1u");
    world.receive(mail).await.is("joined");
    world.rest().await;
    let mail = world.mail_from("mira").subject("[LIN AMR-2026-0001] x").text("#toewijzen joost\n#tijd 1u");
    world.receive(mail).await.is("parked").on("AMR-2026-0001");
    world.letter_to("mira").await.is("transcript").says("U staat niet op deze zaak");
});

dialogue!(another_expert_assigns_nothing_on_a_case_they_are_not_on, |world| {
    declare(&mut world, "").await;
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).by("sanne").text("#toewijzen sanne");
    world.receive(mail).await.is("quarantined").because("not-on-case");
    world.letter_to("sanne").await.is("transcript");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
});

dialogue!(an_expert_s_out_of_office_takes_their_clients_mail_to_the_deputy_too_until_its_date, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Ik kijk ernaar.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.at("2026-04-23T08:00:00Z");
    let away =
        world.reply_to(&relay).automatic().subject("Afwezig tot 5 mei").text("Ik ben er weer op 5 mei 2026.\nJoost");
    world.receive(away).await.is("noted").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("joost").await.is("absence-noted").reads("
        Subject: [LIN] Afwezig tot dinsdag 5 mei om 00:00

        Uw automatische antwoord is binnengekomen. Tot dinsdag 5 mei om 00:00 gaan nieuwe zaken, en berichten van uw klanten op uw zaken, ook naar Mira Jansen.

        Uw zaken blijven van u. Elk bericht van u aan de desk beëindigt dit.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    // A mail on their case: the case keeps its expert, the deputy joins.
    let mail = world.reply_to(&acknowledgement).text("Hoe staat het ermee?");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay").says("Hoe staat het ermee?").does_not_say("afwezig");
    let to_mira = world.letter_to("mira").await;
    to_mira.is("relay").says("omdat Joost de Wit afwezig is").says("Hoe staat het ermee?").says("Ik kijk ernaar.");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost", "mira"]);
    // A new case.
    let mail = world.mail_from("anne").subject("Nog iets");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.letter_to("anne").await.is("acknowledgement").says("Joost de Wit");
    world.letter_to("joost").await.is("relay");
    world.letter_to("mira").await.is("relay").says("omdat Joost de Wit afwezig is");
    assert_eq!(world.experts_on("AMR-2026-0002").await, ["joost", "mira"]);
    // The deputy answers, and the client gets it.
    let mail = world.reply_to(&to_mira).text("Ik neem het over, Anne.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Mira Jansen");
    world.letter_to("joost").await.is("answer-copy");
    // On that day they are back.
    world.at("2026-05-05T06:00:00Z");
    let mail = world.mail_from("anne").subject("En nog iets");
    world.receive(mail).await.is("opened").on("AMR-2026-0003");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(an_absence_is_told_once_and_any_mail_of_the_expert_ends_it, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Ik kijk ernaar.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.pass(26);
    for _ in 0..3 {
        world.pass(1);
        let away = world.reply_to(&relay).automatic().subject("Automatisch antwoord").text("Ik ben er even niet.");
        world.receive(away).await.is("noted");
    }
    world.letter_to("joost").await.is("absence-noted").says("noemt geen leesbare dag").says("woensdag 29 april");
    let mail = world.mail_from("anne").subject("Twee");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost", "relay to mira"]);
    let mail = world.reply_to(&relay).text("#status");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    let mail = world.mail_from("anne").subject("Drie");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(an_absence_without_a_date_ends_after_a_week, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Ik kijk ernaar.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let away = world.reply_to(&relay).automatic().subject("Automatisch antwoord").text("Ik ben er even niet.");
    world.receive(away).await.is("noted");
    world.letter_to("joost").await.is("absence-noted");
    world.pass(7 * 24 + 1);
    let mail = world.mail_from("anne").subject("Twee");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(an_out_of_office_that_is_not_proven_or_answers_none_of_our_letters_changes_nothing, |world| {
    let (_, relay) = opened(&mut world).await;
    let away = || "Ik ben er weer op 5 mei 2026.";
    let mail = world.reply_to(&relay).automatic().subject("Afwezig tot 5 mei").text(away()).unproven();
    world.receive(mail).await.is("noted");
    let mail = world.reply_to(&relay).automatic().subject("Afwezig tot 5 mei").text(away()).disowned();
    world.receive(mail).await.is("noted");
    // To no letter of ours, and to one that somebody else got.
    let mail = world.mail_from("joost").automatic().subject("Afwezig tot 5 mei").text(away());
    world.receive(mail).await.is("noted");
    let mail = world.reply_to(&relay).by("mira").automatic().subject("Afwezig tot 5 mei").text(away());
    world.receive(mail).await.is("noted");
    world.no_letters().await;
    let mail = world.mail_from("anne").subject("Twee");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(what_was_relayed_within_the_day_and_not_answered_goes_to_the_deputy_at_once, |world| {
    let mail = world.mail_from("anne").subject("Oud");
    world.receive(mail.text("Dit is van eergisteren.")).await.is("opened");
    world.rest().await;
    world.pass(30);
    let mail = world.mail_from("anne").subject("Beantwoord");
    world.receive(mail.text("Hier is een antwoord op.")).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let answered = world.letter_to("joost").await;
    let mail = world.reply_to(&answered).text("Het antwoord.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.mail_from("anne").subject("Open");
    world.receive(mail.text("Dit ligt er nog.")).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("#tijd 5m");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    let away = world.reply_to(&relay).automatic().subject("Afwezig t/m 4 mei").text("Tot dan!");
    world.receive(away).await.is("noted");
    let passed = world.letter_to("mira").await;
    passed.is("relay").says("AMR-2026-0003").says("Dit ligt er nog.").says("omdat Joost de Wit afwezig is");
    world
        .letter_to("joost")
        .await
        .is("absence-noted")
        .says("- AMR-2026-0003")
        .does_not_say("AMR-2026-0001")
        .does_not_say("AMR-2026-0002");
    assert_eq!(world.experts_on("AMR-2026-0003").await, ["joost", "mira"]);
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
    assert_eq!(world.state_of("AMR-2026-0003").await, "new support normal");
    let mail = world.reply_to(&passed).text("Ik pak het op.");
    world.receive(mail).await.is("joined").on("AMR-2026-0003");
    world.rest().await;
});

dialogue!(with_the_deputy_away_too_the_next_one_stands_in_and_the_desk_hears_when_nobody_does, |world| {
    let text = format!("{DESK}{SANNE}").replace("deputy = \"joost\"", "deputy = \"sanne\"");
    world.declare(&text).await;
    let (_, to_joost) = opened(&mut world).await;
    let (_, to_mira) = opened_by_grace(&mut world).await;
    let away = world.reply_to(&to_mira).automatic().subject("Afwezig").text("Terug op 5 mei.");
    world.receive(away).await.is("noted");
    assert_eq!(world.rest().await, ["relay to sanne", "absence-noted to mira"]);
    let away = world.reply_to(&to_joost).automatic().subject("Afwezig").text("Terug op 5 mei.");
    world.receive(away).await.is("noted");
    assert_eq!(world.rest().await, ["relay to sanne", "absence-noted to joost"]);
    let mail = world.mail_from("anne").subject("Twee");
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost", "relay to sanne"]);
});

dialogue!(automatic_mails_never_change_a_state, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Welke browser?\n#wacht klant");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.reply_to(&acknowledgement).automatic().subject("Automatisch antwoord").text("Ik ben er niet.");
    world.receive(mail).await.is("noted").on("AMR-2026-0001");
    let mail = world.reply_to(&relay).automatic().subject("Afwezig").text("#opgelost\nTerug op 5 mei.");
    world.receive(mail).await.is("noted").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "waiting-client support normal");
    world.letter_to("joost").await.is("absence-noted");
});

dialogue!(an_estimate_is_kept_and_shown_to_experts_alone, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Wij kijken ernaar.\n#schatting 4u");
    world.receive(mail).await.is("joined");
    assert_eq!(world.case("AMR-2026-0001").await.estimate_minutes, Some(240));
    world.letter_to("anne").await.is("answer").does_not_say("4 uur").does_not_say("chatting");
    let mail = world.reply_to(&acknowledgement).text("Graag.");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay").says("Schatting:     4 uur");
    let mail = world.reply_to(&relay).text("#status");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done").says("4 uur");
});

/// Both experts are on AMR-2026-0001; their relays.
pub async fn both_on(world: &mut World) -> (crate::world::Letter, crate::world::Letter) {
    let (acknowledgement, relay) = opened(world).await;
    let away = world.reply_to(&relay).automatic().subject("Afwezig").text("Terug op 5 mei.");
    world.receive(away).await.is("noted");
    let to_mira = world.letter_to("mira").await;
    world.letter_to("joost").await.is("absence-noted");
    let mail = world.reply_to(&relay).text("#status");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    drop(acknowledgement);
    (relay, to_mira)
}

fn arrived(world: &World, mail: &crate::world::Mail) -> Arrived {
    Arrived { arrived_at: world.now, raw: mail.to_bytes(), too_large: None, is_junk: false, is_deadly: false }
}

dialogue!(two_experts_who_answer_at_once_both_reach_the_client_and_see_each_other, |world| {
    let (to_joost, to_mira) = both_on(&mut world).await;
    let one = world.reply_to(&to_joost).text("Antwoord van Joost.\n#tijd 20m");
    let two = world.reply_to(&to_mira).text("Antwoord van Mira.\n#tijd 20m");
    let set = [arrived(&world, &one), arrived(&world, &two)];
    for got in world.take(&set).await {
        got.is("joined").on("AMR-2026-0001");
    }
    world.letter_to("anne").await.is("answer").says("Antwoord van Joost.");
    world.letter_to("anne").await.is("answer").says("Antwoord van Mira.");
    world.letter_to("mira").await.is("answer-copy").says("Antwoord van Joost.");
    world.letter_to("joost").await.is("answer-copy").says("Antwoord van Mira.");
    assert_eq!(world.ledger("AMR").await.len(), 2);
});

dialogue!(the_order_in_which_two_answers_come_changes_nothing_of_it, |world| {
    let (to_joost, to_mira) = both_on(&mut world).await;
    let one = world.reply_to(&to_joost).text("Antwoord van Joost.\n#tijd 20m");
    let two = world.reply_to(&to_mira).text("Antwoord van Mira.\n#tijd 20m");
    world.receive(two).await.is("joined");
    world.receive(one).await.is("joined");
    let mut rest = world.rest().await;
    rest.sort();
    assert_eq!(rest, ["answer to anne.bakker", "answer to anne.bakker", "answer-copy to joost", "answer-copy to mira"]);
    assert_eq!(world.cards("AMR").await, "2026-001: 240; overdraft 0");
});

dialogue!(only_known_persons_of_the_client_whom_it_put_into_cc_get_the_answer, |world| {
    let mail = world.mail_from("anne").subject("Formulier").cc(&[
        "Piet Smit <piet.smit@amersfoortsmuseum.example>",
        "kees.groen@amersfoortsmuseum.example",
        "grace.hall@northwick.example",
        "sam@elsewhere.example",
        "mira@jansen-ict.example",
        "support@hostwell.example",
        "support+x@lindeboom.example",
    ]);
    world.receive(mail.text("Het formulier doet niets.")).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Het werkt weer.\n#tijd 40m");
    world.receive(mail).await.is("joined");
    let to_anne = world.letter_to("anne").await;
    to_anne.is("answer").says("Nog op de strippenkaart");
    let to_piet = world.letter_to("piet").await;
    to_piet.is("answer").says("Het werkt weer.").does_not_say("strippen").does_not_say("40 min");
    assert_eq!((to_anne.cc(), to_piet.cc()), (String::new(), String::new()));
    assert_ne!(to_anne.reply_to(), to_piet.reply_to(), "a reply address is one person's");
    world.no_letters().await;
    // The next mail of the client tells who reads along from now on.
    let mail = world.reply_to(&to_anne).text("Dank.");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay");
    let mail = world.reply_to(&relay).text("Graag gedaan.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["answer to anne.bakker"]);
});

dialogue!(whoever_writes_into_a_thread_without_being_a_party_adds_nobody_to_it, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).by("kees").cc(&["piet.smit@amersfoortsmuseum.example"]).text("Ik ook.");
    world.receive(mail).await.is("contributed");
    world.rest().await;
    let mail = world.reply_to(&relay).text("Het werkt weer.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["answer to anne.bakker"]);
});

dialogue!(a_parked_mail_is_told_again_after_two_service_hours_and_only_once, |world| {
    let (_, relay) = opened(&mut world).await;
    world.at("2026-04-21T14:00:00Z");
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nKlaar.\n\n#toewijzen Piet\n#tijd 40m\n");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    // Closing time is 17:00 in Amsterdam: an hour today, an hour tomorrow.
    for moment in ["2026-04-21T15:30:00Z", "2026-04-21T20:00:00Z", "2026-04-22T07:59:00Z"] {
        world.at(moment);
        world.tick().await;
        world.no_letters().await;
    }
    world.at("2026-04-22T08:02:00Z");
    world.tick().await;
    let again = world.letter_to("joost").await;
    again.is("transcript").says("wacht nog op u").says("Die naam heeft niemand").says("Klaar.").says("#toewijzen Piet");
    world.tick().await;
    world.pass(5);
    world.tick().await;
    world.no_letters().await;
    // The answer to the reminder mends as one to the transcript does.
    let mail = world.reply_to(&again).text("#tijd 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Klaar.");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
});

dialogue!(a_mended_or_replaced_mail_is_not_told_again, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tjid 40m\n");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    let mail = world.reply_to(&transcript).text("Klaar dan.\n#tijd 40m\n");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    // Nobody is reminded of a case that they left.
    let mail = world.reply_to(&relay).text("Nog iets.\n#tjid 40m\n");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    let mail = world.reply_to(&relay).text("#toewijzen mira\n");
    world.receive(mail).await.is("joined");
    world.rest().await;
    world.pass(30);
    world.tick().await;
    world.no_letters().await;
});

dialogue!(files_without_words_are_an_answer, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = |file: &str, words: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n--b\n\
             {file}\nContent-Transfer-Encoding: base64\n\nQUJDRA==\n\n--b--\n"
        )
    };
    let report = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"rapport.pdf\"";
    let seal = "Content-Type: application/pgp-signature\nContent-Disposition: attachment; filename=\"signature.asc\"";
    let answer = world.reply_to(&relay).body(&mail(report, ""));
    world.receive(answer).await.is("joined").on("AMR-2026-0001");
    let letter = world.letter_to("anne").await;
    letter.is("answer").says("Zie de bijlagen.");
    assert_eq!(letter.files(), ["rapport.pdf"]);
    world.no_letters().await;
    // Beside tags, too; but inside the desk stays inside, and what signs a mail is no file.
    let answer = world.reply_to(&relay).body(&mail(report, "#tijd 20m"));
    world.receive(answer).await.is("joined");
    assert_eq!(world.letter_to("anne").await.is("answer").files(), ["rapport.pdf"]);
    world.letter_to("joost").await.is("command-done");
    for (file, words) in [(report, "#notitie"), (seal, "#tijd 20m"), (seal, "")] {
        let answer = world.reply_to(&relay).body(&mail(file, words));
        world.receive(answer).await.is("joined");
        assert_eq!(world.rest().await, ["command-done to joost"], "{words}");
    }
});

dialogue!(an_answer_that_could_not_be_read_whole_or_says_two_things_at_once_is_parked, |world| {
    let (_, relay) = opened(&mut world).await;
    let long = format!("Geheim.\n{}#notitie\n#tijd 20m", "nog een regel\n".repeat(170_000));
    for text in [
        long.as_str(),
        "Klaar.\n# notitie\nGeheim.",
        "#toewijzen mira\n#toewijzen joost",
        "#prio hoog\n#prio laag",
        "#schatting 2u\n#schatting 3u",
    ] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("parked");
        world.letter_to("joost").await.is("transcript");
        world.no_letters().await;
    }
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    // The same twice is no contradiction.
    let mail = world.reply_to(&relay).text("Klaar.\n#prio hoog\n#prio hoog");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
});

dialogue!(the_same_tag_counts_in_each_round, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mut relay = relay;
    for round in 1..=3 {
        let mail = world.reply_to(&relay).text("Weer een stap.\n#tijd 15m");
        world.receive(mail).await.is("joined");
        world.letter_to("anne").await.is("answer").does_not_say("#tijd");
        let mail = world.reply_to(&relay).text("#notitie\nINTERN: dit blijft hier.");
        world.receive(mail).await.is("joined").because("note");
        world.no_letters().await;
        assert_eq!(world.ledger("AMR").await.len(), round);
        world.pass(1);
        let mail = world.reply_to(&acknowledgement).text(&format!("Nog een vraag, de {round}e."));
        world.receive(mail).await.is("joined");
        relay = world.letter_to("joost").await;
        relay.is("relay").says("> > Weer een stap.").says("> > INTERN: dit blijft hier.");
        world.rest().await;
    }
});

dialogue!(what_tags_alone_can_t_mend_is_written_anew, |world| {
    let (_, relay) = opened(&mut world).await;
    let long = format!("Geheim.\n{}#notitie", "nog een regel\n".repeat(170_000));
    let in_mid_line = "Dag Anne,\n\nDe agenda staat goed, dat kostte #tijd 40m en alles werkt weer.";
    for text in [long.as_str(), in_mid_line] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("parked");
        let transcript = world.letter_to("joost").await;
        transcript
            .is("transcript")
            .says("Antwoord met de hele tekst opnieuw")
            .does_not_say("alleen de verbeterde tags");
        let mail = world.reply_to(&transcript).text("#tijd 40m").without_quote();
        world.receive(mail).await.is("parked");
        world.letter_to("joost").await.is("transcript").says("niet met tags alleen te verbeteren");
        world.no_letters().await;
        assert_eq!(world.ledger("AMR").await, [""; 0]);
    }
    let parked = world.reply_to(&relay).text(in_mid_line);
    world.receive(parked).await.is("parked");
    let transcript = world.letter_to("joost").await;
    let mail = world.reply_to(&transcript).text("De agenda staat goed en alles werkt weer.\n#tijd 40m").without_quote();
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("De agenda staat goed en alles werkt weer.");
    assert_eq!(world.ledger("AMR").await.len(), 1);
});

/// A mail in HTML with a picture above the signature, one in it, and these words.
fn with_pictures(words: &str) -> String {
    format!(
        "Content-Type: multipart/related; boundary=\"r\"\n\n--r\nContent-Type: text/html; charset=utf-8\n\n\
         <div><img src=\"cid:scherm@x\"></div>{words}<div>--&nbsp;<br>Joost de Wit<br>06-12345678<br>\
         <img src=\"cid:logo@x\"></div>\n\
         --r\nContent-Type: image/png; name=\"scherm.png\"\nContent-ID: <scherm@x>\n\
         Content-Disposition: inline; filename=\"scherm.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n\
         --r\nContent-Type: image/png; name=\"logo.png\"\nContent-ID: <logo@x>\n\
         Content-Disposition: inline; filename=\"logo.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgp=\n--r--\n"
    )
}

dialogue!(a_pasted_picture_alone_reaches_the_client_and_the_logo_of_a_signature_does_not, |world| {
    let (_, relay) = opened(&mut world).await;
    for words in ["", "<div>#tijd 15m</div>"] {
        world.pass(1);
        let mail = world.reply_to(&relay).body(&with_pictures(words));
        world.receive(mail).await.is("joined");
        let answer = world.letter_to("anne").await;
        answer.is("answer").says("Zie de bijlagen.");
        assert_eq!(answer.files(), ["scherm.png"], "{words}");
        world.rest().await;
    }
    assert_eq!(world.ledger("AMR").await.len(), 1);
    // A logo below tags is no answer.
    let logo = with_pictures("<div>#tijd 15m</div>").replace("<div><img src=\"cid:scherm@x\"></div>", "");
    world.pass(1);
    let mail = world.reply_to(&relay).body(&logo);
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["command-done to joost"]);
});

dialogue!(a_note_may_say_again_what_an_earlier_note_said, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let note = "#notitie\nVoor ons: de oorzaak is bekend.\n#tijd 15m";
    let mail = world.reply_to(&relay).text(note);
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&acknowledgement).text("Nog iets: het gaat ook op maandag mis.");
    world.receive(mail).await.is("joined");
    world.pass(1);
    let again = world.all_letters().await.into_iter().rfind(|letter| letter.stored.notice == "relay").unwrap();
    again.says("Voor ons: de oorzaak is bekend.");
    let mail = world.reply_to(&again).text(&note.replace("15m", "25m"));
    world.receive(mail).await.is("joined");
    // Said to the client it would wait for a mend.
    let mail = world.reply_to(&again).text("Voor ons: de oorzaak is bekend.");
    world.receive(mail).await.is("parked");
    world.rest().await;
});
