//! What can be taken back: by `#undo` and `#reopen` within a day, by the desk's commands with a reason.

use casepost::domain::decision::DeskChange;

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::{Letter, World};

/// Anne opens a second case of AMR; her acknowledgement and Joost's relay.
async fn second(world: &mut World) -> (Letter, Letter) {
    let mail = world.mail_from("anne").subject("Formulier weer stuk").text("Nu is het weer mis.");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    let acknowledgement = world.letter_to("anne").await;
    acknowledgement.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    relay.is("relay");
    (acknowledgement, relay)
}

dialogue!(reopen_takes_resolved_back_within_a_day_and_tells_who_was_told, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.pass(23);
    let mail = world.reply_to(&relay).text("#heropen");
    world.receive(mail).await.is("joined");
    let case = world.case("AMR-2026-0001").await;
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    assert_eq!((case.resolved_at, case.close_due), (None, None));
    world.letter_to("joost").await.is("command-done").says("#reopen");
    let told = world.letter_to("anne").await;
    told.is("case-changed").reads(
        "
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Zaak AMR-2026-0001 staat weer open: Joost de Wit heeft de afmelding teruggenomen.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    let mail = world.reply_to(&told).text("Fijn.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
});

dialogue!(after_a_day_nothing_is_taken_back_by_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.pass(25);
    for text in ["#heropen", "#ongedaan"] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("parked");
        world.letter_to("joost").await.is("transcript").says("Terugnemen kan tot 24 uur");
    }
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support normal");
});

dialogue!(a_resolution_that_told_the_client_nothing_is_taken_back_without_a_word_to_them, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#opgelost");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("#ongedaan");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["command-done to joost", "command-done to joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
});

dialogue!(undo_takes_the_last_tag_back_and_then_the_one_before, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let before = world.case("NWK-2026-0001").await;
    let mail = world.reply_to(&relay).text("Which browser?\n#prio critical\n#wait client until 2026-05-01");
    world.receive(mail).await.is("joined");
    world.letter_to("grace").await.is("answer");
    assert_eq!(world.state_of("NWK-2026-0001").await, "waiting-client support critical");
    let mail = world.reply_to(&relay).text("#undo");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("NWK-2026-0001").await, "open support critical");
    assert_eq!(world.case("NWK-2026-0001").await.wait_due, None);
    let mail = world.reply_to(&relay).text("#undo");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("NWK-2026-0001").await, "open support normal");
    let after = world.case("NWK-2026-0001").await;
    assert_eq!((after.response_due, after.resolution_due), (None, before.resolution_due), "the client has its answer");
    assert_eq!(world.rest().await, ["command-done to mira", "command-done to mira"]);
    let mail = world.reply_to(&relay).text("#undo");
    world.receive(mail).await.is("parked");
    world.letter_to("mira").await.is("transcript").says("niets om terug te nemen");
});

dialogue!(two_undos_in_one_mail_take_two_tags_back, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#prio hoog\n#soort wijziging");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("#ongedaan\n#ongedaan");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    world.rest().await;
});

dialogue!(nobody_takes_back_and_changes_in_one_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#prio hoog");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("#ongedaan\n#prio laag");
    world.receive(mail).await.is("parked");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support high");
    world.letter_to("joost").await.is("command-done");
    world.letter_to("joost").await.is("transcript").says("Deze tag spreekt #prio tegen.");
});

dialogue!(an_undone_kind_moves_its_charges_back_by_entries, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tijd 40m");
    world.receive(mail).await.is("joined");
    let mail = world.reply_to(&relay).text("#soort onderhoud");
    world.receive(mail).await.is("joined");
    assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0");
    let mail = world.reply_to(&relay).text("#ongedaan");
    world.receive(mail).await.is("joined");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    assert_eq!(world.cards("AMR").await, "2026-001: 255; overdraft 0");
    assert_eq!(
        world.ledger("AMR").await,
        [
            "deduction -45 on 2026-001, 40 real, joost",
            "charge-moved 45 on 2026-001, 0 real, the desk",
            "charge-moved -45 on 2026-001, 0 real, the desk"
        ]
    );
    world.rest().await;
});

dialogue!(what_the_client_changed_since_is_not_undone, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Welke browser?\n#wacht klant");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    let mail = world.reply_to(&relay).text("Of toch klaar.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.reply_to(&answer).text("Firefox.");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay");
    let mail = world.reply_to(&relay).text("#ongedaan");
    world.receive(mail).await.is("parked");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("joost").await.is("transcript").says("niets om terug te nemen");
});

dialogue!(an_undone_assign_brings_the_case_back_and_tells_both, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#toewijzen mira");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    let to_mira = world.letter_to("mira").await;
    // Whoever left may take just that back; with any word beside it they are not on the case.
    let mail = world.reply_to(&relay).text("Dag Anne.\n#ongedaan");
    world.receive(mail).await.is("quarantined").because("not-on-case");
    world.letter_to("joost").await.is("transcript");
    let mail = world.reply_to(&relay).text("#ongedaan");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    world.letter_to("joost").await.is("command-done").says("#undo");
    world.letter_to("mira").await.is("case-changed").says("ligt nu bij Joost de Wit").says("Door: Joost de Wit");
    let mail = world.reply_to(&to_mira).text("Ik kijk.");
    world.receive(mail).await.is("quarantined").because("not-on-case");
    world.letter_to("mira").await.is("transcript");
});

dialogue!(who_got_a_case_may_give_it_back_by_undo, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#toewijzen mira");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    let to_mira = world.letter_to("mira").await;
    let mail = world.reply_to(&to_mira).text("#ongedaan");
    world.receive(mail).await.is("joined");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);
    world.letter_to("mira").await.is("command-done");
    world.letter_to("joost").await.is("case-changed").says("ligt weer bij u");
});

dialogue!(a_case_ends_in_another_of_the_same_client_which_keeps_the_earlier_start, |world| {
    let (first_ack, first) = opened(&mut world).await;
    world.pass(2);
    let (second_ack, relay) = second(&mut world).await;
    let started = world.case("AMR-2026-0001").await.opened_at;
    let mail = world.reply_to(&first).text("#tijd 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    // The older one ends in the newer one.
    let mail = world.reply_to(&first).text("#samenvoegen AMR-2026-0002");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    assert_eq!(world.state_of("AMR-2026-0001").await, "merged support normal");
    assert_eq!(world.case("AMR-2026-0002").await.opened_at, started);
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"], "charges stay as booked");
    world.letter_to("joost").await.is("command-done").says("AMR-2026-0002");
    world.letter_to("anne").await.is("case-changed").says("Zaak AMR-2026-0001 gaat verder als AMR-2026-0002.");
    // By reply address, by thread and by number: the old one leads to the other.
    let mail = world.reply_to(&first_ack).text("Via het oude adres.");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    let both = world.letter_to("joost").await;
    both.is("relay").says("Via het oude adres.").says("Nu is het weer mis.").says("Het formulier doet niets meer.");
    let mail = world.mail_from("anne").subject("Re: vraag").in_reply_to(&first_ack.message_id()).text("Via de draad.");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    let mail = world.mail_from("anne").subject("Re: [LIN AMR-2026-0001] x").text("Via het nummer.");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    let mail = world.reply_to(&first).text("Antwoord op de oude relay.");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    let mail = world.reply_to(&second_ack).text("En de nieuwe.");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    let mail = world.reply_to(&relay).text("#status");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    world.rest().await;
});

dialogue!(a_merge_brings_both_cases_people_and_each_what_the_other_wrote, |world| {
    let (_, first) = opened(&mut world).await;
    let mail = world.reply_to(&first).text("#toewijzen mira");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    let to_mira = world.letter_to("mira").await;
    let (_, _) = second(&mut world).await;
    let mail = world.reply_to(&to_mira).text("Dit hoort bij de andere zaak.\n#merge AMR-2026-0002\n#tijd 20m");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    assert_eq!(world.experts_on("AMR-2026-0002").await, ["joost", "mira"]);
    assert_eq!(world.state_of("AMR-2026-0002").await, "open support normal");
    world.letter_to("anne").await.is("answer").says("AMR-2026-0002").says("Dit hoort bij de andere zaak.");
    world.letter_to("anne").await.is("case-changed").says("gaat verder als AMR-2026-0002");
    world.letter_to("mira").await.is("command-done");
    world.letter_to("mira").await.is("case-changed").says("Nu is het weer mis.").does_not_say("Reden");
    let to_joost = world.letter_to("joost").await;
    to_joost
        .is("case-changed")
        .says("Zaak AMR-2026-0001 gaat verder in AMR-2026-0002.")
        .says("Het formulier doet niets meer.");
    let mail = world.reply_to(&to_joost).text("Ik kijk mee.");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    assert_eq!(world.rest().await, ["answer to anne.bakker", "answer-copy to mira"]);
});

dialogue!(no_case_ends_in_one_of_another_client_in_itself_or_in_a_closed_one, |world| {
    let (_, relay) = opened(&mut world).await;
    let (_, _) = opened_by_grace(&mut world).await;
    for number in ["NWK-2026-0001", "AMR-2026-0099", "AMR-2026-0001"] {
        let mail = world.reply_to(&relay).text(&format!("Hierbij.\n#merge {number}"));
        world.receive(mail).await.is("parked");
        world.letter_to("joost").await.is("transcript").says("Die zaak is er niet bij deze klant.");
        world.pass(1);
    }
    let (_, to_close) = second(&mut world).await;
    let mail = world.reply_to(&to_close).text("#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    world.at("2026-05-20T08:00:00Z");
    world.tick().await;
    for who in ["mira", "joost"] {
        world.letter_to(who).await.is("deadline-list").says("NWK-2026-0001");
    }
    assert_eq!(world.rest().await, ["reminder to joost"], "the parked mails are told again, in one letter");
    let mail = world.reply_to(&relay).text("#merge AMR-2026-0002");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript").says("gesloten");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
});

dialogue!(an_undone_merge_parts_the_cases_again, |world| {
    let (first_ack, first) = opened(&mut world).await;
    let mail = world.reply_to(&first).text("#toewijzen mira");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done");
    let to_mira = world.letter_to("mira").await;
    world.pass(1);
    let (_, _) = second(&mut world).await;
    let before = (world.case("AMR-2026-0001").await, world.case("AMR-2026-0002").await);
    let mail = world.reply_to(&to_mira).text("#merge AMR-2026-0002");
    world.receive(mail).await.is("joined");
    world.rest().await;
    let mail = world.reply_to(&to_mira).text("#undo");
    world.receive(mail).await.is("joined");
    let after = (world.case("AMR-2026-0001").await, world.case("AMR-2026-0002").await);
    assert_eq!(after.0, before.0);
    assert_eq!((after.1.opened_at, after.1.status), (before.1.opened_at, before.1.status));
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["mira"]);
    assert_eq!(world.experts_on("AMR-2026-0002").await, ["joost"]);
    world.letter_to("mira").await.is("command-done");
    world.letter_to("joost").await.is("case-changed").says("weer twee zaken");
    world
        .letter_to("anne")
        .await
        .is("case-changed")
        .says("De zaken AMR-2026-0002 en AMR-2026-0001 zijn weer twee zaken");
    let mail = world.reply_to(&first_ack).text("Over de eerste.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("mira").await.is("relay").does_not_say("Nu is het weer mis.");
});

dialogue!(the_desk_opens_a_closed_case_again_with_a_reason, |world| {
    let (_, relay) = opened(&mut world).await;
    let refused = world.change("AMR-2026-0001", DeskChange::Reopen).await.unwrap_err();
    assert_eq!(refused, "AMR-2026-0001 is new: only a resolved or closed case can be opened again");
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    world.at("2026-05-20T08:00:00Z");
    world.tick().await;
    assert_eq!(world.state_of("AMR-2026-0001").await, "closed support normal");
    assert_eq!(world.change("AMR-2026-0001", DeskChange::Reopen).await.unwrap(), "AMR-2026-0001 is open again");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.letter_to("joost").await.is("case-changed").says("staat weer open").says("Reden: because the desk says so");
    world.letter_to("anne").await.is("case-changed").says("staat weer open").does_not_say("because the desk");
    let trail = world.trail("AMR-2026-0001").await;
    let line = trail.last().unwrap();
    assert_eq!((line.actor.as_str(), line.action.as_str()), ("command:tester", "reopen-case"));
    assert_eq!(line.reason, "because the desk says so");
});

dialogue!(the_desk_hands_a_case_over_with_a_reason, |world| {
    let (_, relay) = opened(&mut world).await;
    let refused = world.change("AMR-2026-0001", DeskChange::Assign("Piet".into())).await.unwrap_err();
    assert_eq!(refused, "\"Piet\" does not point to one expert: there are Joost de Wit (joost), Mira Jansen (mira)");
    let refused = world.change("AMR-2026-0001", DeskChange::Assign("joost".into())).await.unwrap_err();
    assert_eq!(refused, "AMR-2026-0001 is with Joost de Wit already");
    world.no_letters().await;
    let done = world.change("AMR-2026-0001", DeskChange::Assign("Mira".into())).await.unwrap();
    assert_eq!(done, "AMR-2026-0001 is with Mira Jansen");
    world.letter_to("joost").await.is("case-changed").says("ligt nu bij Mira Jansen").says("because the desk says so");
    let to_mira = world.letter_to("mira").await;
    to_mira.is("relay").says("overgedragen").says("Het formulier doet niets meer.");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["mira"]);
    let mail = world.reply_to(&relay).text("Nog iets.");
    world.receive(mail).await.is("quarantined").because("not-on-case");
    // What the desk decided is not an expert's to take back.
    let mail = world.reply_to(&to_mira).text("#ongedaan");
    world.receive(mail).await.is("parked");
    world.rest().await;
});

dialogue!(a_case_of_the_wrong_client_goes_on_under_a_number_of_the_right_one, |world| {
    let (first_ack, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Wij kijken ernaar.\n#tijd 40m herstel");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    assert_eq!(world.cards("AMR").await, "2026-001: 255; overdraft 0");
    let to = |code: &str| DeskChange::SetClient(code.parse_code());
    assert_eq!(world.change("AMR-2026-0001", to("XYZ")).await.unwrap_err(), "there is no client XYZ");
    assert_eq!(world.change("AMR-2026-0001", to("AMR")).await.unwrap_err(), "AMR-2026-0001 is a case of AMR already");
    let done = world.change("AMR-2026-0001", to("NWK")).await.unwrap();
    assert_eq!(done, "AMR-2026-0001 goes on as NWK-2026-0001 of Northwick Housing");
    // The time moves by entries.
    assert_eq!(world.cards("AMR").await, "2026-001: 300; overdraft 0");
    assert_eq!(
        world.ledger("AMR").await,
        ["deduction -45 on 2026-001, 40 real, joost", "correction 45 on 2026-001, -40 real, the desk"]
    );
    assert_eq!(world.ledger("NWK").await, ["charge-to-contract 0 on no card, 40 real, joost"]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "merged support normal");
    assert_eq!(world.state_of("NWK-2026-0001").await, "open support normal");
    assert!(world.case("NWK-2026-0001").await.resolution_due.is_some(), "the right client's contract promises");
    let to_joost = world.letter_to("joost").await;
    to_joost.is("case-changed").says("het nummer AMR-2026-0001").says("Reden: because the desk says so");
    let to_grace = world.letter_to("grace").await;
    to_grace
        .is("case-changed")
        .says("NWK-2026-0001")
        .does_not_say("AMR")
        .does_not_say("Amersfoort")
        .does_not_say("because");
    let to_anne = world.letter_to("anne").await;
    to_anne
        .is("case-changed")
        .says("bij vergissing")
        .does_not_say("NWK")
        .does_not_say("Northwick")
        .does_not_say("because");
    // The old client's people are no parties, by whatever way they come.
    let mail = world.reply_to(&first_ack).text("En nu?");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.letter_to("anne").await.is("acknowledgement").does_not_say("NWK");
    let mail = world.reply_to(&answer).text("Hallo?");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    let mail = world.mail_from("anne").subject("[LIN AMR-2026-0001] x").text("Bij het oude nummer.");
    world.receive(mail).await.is("opened").on("AMR-2026-0003");
    world.letter_to("anne").await.is("acknowledgement").does_not_say("NWK");
    for _ in 0..3 {
        world.letter_to("joost").await.is("relay").does_not_say("NWK");
    }
    // The expert's old relay leads to where the case goes on; nothing of the old client stands below the answer.
    let mail = world.reply_to(&relay).text("Dag Grace, het werkt.");
    world.receive(mail).await.is("joined").on("NWK-2026-0001");
    world.letter_to("grace").await.is("answer").does_not_say("Het formulier doet niets").does_not_say("Anne");
    let mail = world.reply_to(&to_grace).text("Thanks.");
    world.receive(mail).await.is("joined").on("NWK-2026-0001");
    world.letter_to("joost").await.is("relay").says("Wij kijken ernaar.");
    let refused = world.change("AMR-2026-0001", to("NWK")).await.unwrap_err();
    assert_eq!(refused, "AMR-2026-0001 ended in another case: move that one");
    let refused = world.change("AMR-2026-0001", DeskChange::Unmerge).await.unwrap_err();
    assert!(refused.contains("did not end in another case by #merge"), "{refused}");
    let trail = world.trail("AMR-2026-0001").await;
    assert!(trail.iter().any(|line| line.action == "set-client" && line.reason == "because the desk says so"));
});

dialogue!(time_that_moves_to_a_client_with_a_card_is_taken_from_the_card, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).text("#time 40m\n#time 20m on 2026-04-20");
    world.receive(mail).await.is("joined");
    let client = DeskChange::SetClient("AMR".parse_code());
    let done = world.change("NWK-2026-0001", client).await.unwrap();
    assert_eq!(done, "NWK-2026-0001 goes on as AMR-2026-0001 of Amersfoorts Museum");
    assert_eq!(world.cards("AMR").await, "2026-001: 225; overdraft 0");
    let real = |lines: Vec<String>| -> i64 {
        let read = |line: &String| line.split(", ").nth(1).and_then(|real| real.strip_suffix(" real")?.parse().ok());
        lines.iter().map(|line| read(line).unwrap_or(0)).sum()
    };
    assert_eq!((real(world.ledger("NWK").await), real(world.ledger("AMR").await)), (0, 60));
    let mut rest = world.rest().await;
    rest.sort();
    assert_eq!(
        rest,
        ["case-changed to anne.bakker", "case-changed to grace.hall", "case-changed to mira", "command-done to mira"]
    );
});

dialogue!(the_desk_parts_merged_cases_however_long_ago, |world| {
    let (first_ack, first) = opened(&mut world).await;
    let refused = world.change("AMR-2026-0001", DeskChange::Unmerge).await.unwrap_err();
    assert!(refused.contains("did not end in another case"), "{refused}");
    world.pass(1);
    let (_, _) = second(&mut world).await;
    let before = (world.case("AMR-2026-0001").await, world.case("AMR-2026-0002").await);
    let mail = world.reply_to(&first).text("#merge AMR-2026-0002");
    world.receive(mail).await.is("joined");
    world.rest().await;
    world.pass(100);
    let done = world.change("AMR-2026-0001", DeskChange::Unmerge).await.unwrap();
    assert_eq!(done, "AMR-2026-0001 and AMR-2026-0002 are two cases");
    let after = (world.case("AMR-2026-0001").await, world.case("AMR-2026-0002").await);
    assert_eq!((after.0.status, after.0.merged_into), (before.0.status, None));
    assert_eq!((after.1.opened_at, after.1.merged_from), (before.1.opened_at, Vec::new()));
    world.letter_to("joost").await.is("case-changed").says("weer twee zaken").says("because the desk says so");
    world.letter_to("anne").await.is("case-changed").says("weer twee zaken").does_not_say("because the desk");
    let mail = world.reply_to(&first_ack).text("Over de eerste.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
});

/// A client's code in a test.
trait Code {
    fn parse_code(&self) -> casepost::domain::names::ClientCode;
}

impl Code for str {
    fn parse_code(&self) -> casepost::domain::names::ClientCode {
        casepost::domain::names::ClientCode::new(self).unwrap()
    }
}

dialogue!(a_case_that_was_moved_by_mistake_is_moved_back_by_the_same_command, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Wij kijken ernaar.\n#tijd 40m herstel");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let to = |code: &str| DeskChange::SetClient(code.parse_code());
    world.change("AMR-2026-0001", to("NWK")).await.unwrap();
    world.rest().await;
    world.pass(2);
    let done = world.change("NWK-2026-0001", to("AMR")).await.unwrap();
    assert_eq!(done, "NWK-2026-0001 goes on as AMR-2026-0002 of Amersfoorts Museum");
    assert_eq!(world.cards("AMR").await, "2026-001: 255; overdraft 0");
    assert_eq!(world.state_of("AMR-2026-0002").await, "open support normal");
    let mut rest = world.rest().await;
    rest.sort();
    assert_eq!(rest, ["case-changed to anne.bakker", "case-changed to grace.hall", "case-changed to joost"]);
    // The old thread leads to where the case is now, with all that was written.
    let mail = world.reply_to(&acknowledgement).text("En nu?");
    world.receive(mail).await.is("joined").on("AMR-2026-0002");
    world
        .letter_to("joost")
        .await
        .is("relay")
        .says("> > Het formulier doet niets meer.")
        .says("> > Wij kijken ernaar.");
    // Cases that ended in it by a merge are parted first.
    let mail = world.mail_from("anne").subject("Tweede");
    world.receive(mail).await.is("opened").on("AMR-2026-0003");
    world.letter_to("anne").await.is("acknowledgement");
    let second = world.letter_to("joost").await;
    let mail = world.reply_to(&second).text("#merge AMR-2026-0002");
    world.receive(mail).await.is("joined");
    world.rest().await;
    let refused = world.change("AMR-2026-0002", to("NWK")).await.unwrap_err();
    assert!(refused.contains("part them first"), "{refused}");
});
