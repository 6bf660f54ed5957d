//! Who hears of a deadline, when, and how often. Mira leads at Northwick and manages; Joost is her deputy.
//!
//! | what goes wrong in other programs | test |
//! | --- | --- |
//! | no warning before a breach, or one at every tick | `warnings_at_half_and_four_fifths_and_a_breach_each_once` |
//! | warnings at night | `what_comes_due_at_closing_time_is_told_in_the_morning` |
//! | critical cases wait for office hours | `a_critical_case_is_told_at_night` |
//! | a warning for what was answered meanwhile | `who_has_answered_is_not_warned` |
//! | each of several workers tells | `two_workers_tell_once` |
//! | a night of standstill becomes fifty letters | `after_a_standstill_everybody_gets_one_letter` |
//! | an outage of the mailbox becomes breaches | `time_stands_still_where_the_mailbox_was_not_read` |
//! | a new level tells its breach again and again | `a_reclassified_target_is_told_once_and_apart` |
//! | a reopened case is silent, or repeats everything | `a_reopened_clock_warns_anew` |
//! | a breach that a mistake in the calendar made stays | `a_breach_that_the_calendar_made_is_taken_back_with_it` |
//! | a deadline that has passed stands in a letter | `no_letter_promises_what_has_passed` |

use super::opened_by_grace;
use crate::dialogue;
use crate::world::clock_desk;

const CASE: &str = "NWK-2026-0001";

dialogue!(warnings_at_half_and_four_fifths_and_a_breach_each_once, |world| {
    world.with_clocks().await;
    opened_by_grace(&mut world).await;
    world.tick_at("2026-04-21T11:59:59").await;
    world.no_letters().await;
    world.tick_at("2026-04-21T12:00").await;
    world.tick_at("2026-04-21T12:01").await;
    let letter = world.letter_to("mira").await;
    letter.is("deadline-warning").reads(
        "
        Subject: [LIN NWK-2026-0001] 50% van de termijn verbruikt: Portal login

        Van de termijn voor het eerste antwoord op NWK-2026-0001 is 50% verbruikt. Te doen: vandaag vóór 14:00.

        Zaak:          NWK-2026-0001
        Onderwerp:     Portal login
        Klant:         Northwick Housing
        Prioriteit:    normaal
        Behandelaar:   Mira Jansen

        -- 
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
        ",
    );
    world.tick_at("2026-04-21T13:12").await;
    world.letter_to("mira").await.is("deadline-warning").says("80%");
    // The promised moment itself is in time.
    world.tick_at("2026-04-21T14:00").await;
    world.letter_to("mira").await.is("deadline-warning").says("de oplossing").says("50%");
    world.no_letters().await;
    world.tick_at("2026-04-21T14:00:01").await;
    world.tick_at("2026-04-21T14:20").await;
    for who in ["joost", "mira"] {
        let letter = world.letter_to(who).await;
        letter.is("deadline-warning").says("verstreken (dinsdag 21 april om 14:00)").says("Mira Jansen");
    }
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, missed 04-21 14:00"]);
});

dialogue!(what_comes_due_at_closing_time_is_told_in_the_morning, |world| {
    world.with_clocks().await;
    world.local("2026-04-24T13:00");
    opened_by_grace(&mut world).await;
    world.tick_at("2026-04-24T16:59").await;
    assert_eq!(world.rest().await, ["deadline-warning to mira"], "four fifths; half was no longer worth a letter");
    // Missed at closing time: written down at once, told on the next working day (Monday is King's Day).
    world.tick_at("2026-04-24T17:00:20").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-24 17:00, missed 04-24 17:00"]);
    for moment in ["2026-04-25T12:00", "2026-04-27T12:00", "2026-04-28T08:59:59"] {
        world.tick_at(moment).await;
    }
    world.no_letters().await;
    assert_eq!(world.next_look(CASE, "response").await, "04-28 09:00");
    world.tick_at("2026-04-28T09:00").await;
    let mut told = world.rest().await;
    told.sort();
    assert_eq!(told.len(), 2, "{told:?}");
});

dialogue!(a_critical_case_is_told_at_night, |world| {
    world.with_clocks().await;
    world.local("2026-04-25T23:00");
    let mail = world.mail_from("grace").subject("Down").text("#incident\nAll is down.");
    world.receive(mail).await.is("opened").on(CASE);
    world.rest().await;
    world.tick_at("2026-04-25T23:30").await;
    assert_eq!(world.rest().await, ["deadline-warning to mira"]);
    world.tick_at("2026-04-26T00:00:01").await;
    let mut told = world.rest().await;
    told.sort();
    assert_eq!(told, ["deadline-warning to joost", "deadline-warning to mira"]);
});

dialogue!(who_has_answered_is_not_warned, |world| {
    world.with_clocks().await;
    let (_, relay) = opened_by_grace(&mut world).await;
    world.local("2026-04-21T10:30");
    let mail = world.reply_to(&relay).text("Which browser?\n#wait client");
    world.receive(mail).await.is("joined");
    world.rest().await;
    world.tick_at("2026-04-24T16:00").await;
    world.no_letters().await;
    assert_eq!(world.next_look(CASE, "response").await, "–");
    assert_eq!(world.next_look(CASE, "resolution").await, "–");
});

dialogue!(two_workers_tell_once, |world| {
    world.with_clocks().await;
    opened_by_grace(&mut world).await;
    world.local("2026-04-21T14:30");
    tokio::join!(world.tick(), world.tick(), world.tick());
    let mut told = world.rest().await;
    told.sort();
    assert_eq!(told, ["deadline-list to mira", "deadline-warning to joost"]);
});

dialogue!(after_a_standstill_everybody_gets_one_letter, |world| {
    world.with_clocks().await;
    world.is_received_twice = false;
    let (_, relay) = opened_by_grace(&mut world).await;
    for number in 2..=8 {
        world.local(&format!("2026-04-21T10:{number:02}"));
        let mail = world.mail_from("grace").subject(&format!("Thing {number}")).text("It is broken.");
        world.receive(mail).await.is("opened");
    }
    world.rest().await;
    // The first one was answered in time, before casepost stood still.
    world.local("2026-04-21T10:30");
    let mail = world.reply_to(&relay).text("We are on it.");
    world.receive(mail).await.is("joined");
    world.rest().await;
    world.tick_at("2026-04-23T09:30").await;
    let letter = world.letter_to("joost").await;
    letter.is("deadline-list").says("[LIN] 15 termijnen verstreken").says("stilgestaan").says("NWK-2026-0008 Thing 8");
    letter.does_not_say("% van de termijn").does_not_say("80%");
    assert_eq!(letter.text().matches("het eerste antwoord is verstreken").count(), 7);
    assert_eq!(letter.text().matches("de oplossing is verstreken").count(), 8);
    world.letter_to("mira").await.is("deadline-list").says("15 termijnen verstreken");
    world.tick_at("2026-04-23T09:31").await;
});

dialogue!(time_stands_still_where_the_mailbox_was_not_read, |world| {
    world.with_clocks().await;
    let (_, relay) = opened_by_grace(&mut world).await;
    world.local("2026-04-21T11:30");
    world.read_to_here().await;
    // The mailbox can't be reached; Mira answered at noon.
    world.tick_at("2026-04-21T15:00").await;
    world.no_letters().await;
    world.local("2026-04-21T12:00");
    let answer = world.reply_to(&relay).text("We are on it.");
    world.local("2026-04-21T15:30");
    world.receive(answer).await.is("joined");
    world.read_to_here().await;
    world.tick().await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, met 04-21 12:00"]);
    assert_eq!(world.rest().await, ["answer to grace.hall", "deadline-warning to mira"], "half of the resolution");
});

dialogue!(a_reclassified_target_is_told_once_and_apart, |world| {
    world.with_clocks().await;
    let (_, relay) = opened_by_grace(&mut world).await;
    world.local("2026-04-21T12:30");
    let mail = world.reply_to(&relay).text("#prio high");
    world.receive(mail).await.is("joined");
    world.letter_to("mira").await.is("command-done").does_not_say("12:00");
    world.tick_at("2026-04-21T12:31").await;
    let letter = world.letter_to("joost").await;
    letter.is("deadline-warning").says("het eerste antwoord").says("wordt apart geteld");
    // Mira hears of that and of the resolution, of which half is used by the new promise, in one letter.
    world.letter_to("mira").await.is("deadline-list").says("apart geteld").says("50%");
    world.tick_at("2026-04-21T12:40").await;
    world.tick_at("2026-04-21T13:00").await;
    world.no_letters().await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 12:00, reclassified 04-21 12:30"]);
});

dialogue!(a_reopened_clock_warns_anew, |world| {
    world.with_clocks().await;
    let (_, relay) = opened_by_grace(&mut world).await;
    world.local("2026-04-21T15:00");
    let mail = world.reply_to(&relay).text("Done.\n#resolved");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("grace").await;
    world.tick().await;
    // The response came an hour late, and everybody hears of it.
    for who in ["mira", "joost"] {
        world.letter_to(who).await.is("deadline-warning").says("Het is gedaan dinsdag 21 april om 15:00.");
    }
    world.local("2026-04-22T09:00");
    let mail = world.reply_to(&answer).text("Not quite.");
    world.receive(mail).await.is("joined");
    world.letter_to("mira").await.is("relay").says("Antwoord:").says("vandaag vóór 11:00").says("vandaag vóór 12:00");
    world.tick_at("2026-04-22T09:10").await;
    world.letter_to("mira").await.is("deadline-warning").says("de oplossing").says("50%");
    world.tick_at("2026-04-22T12:00:01").await;
    for who in ["mira", "joost"] {
        world.letter_to(who).await.is("deadline-list").says("de oplossing is verstreken");
    }
});

dialogue!(a_breach_that_the_calendar_made_is_taken_back_with_it, |world| {
    world.declare_first(&clock_desk().replace("holidays = \"nl\"\n", "")).await;
    world.local("2026-04-24T16:00");
    opened_by_grace(&mut world).await;
    world.tick_at("2026-04-27T12:30").await;
    world.rest().await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-27 12:00, missed 04-27 12:00"]);
    // Somebody declares King's Day after all.
    assert_eq!(world.import(&clock_desk(), false).await.moved.len(), 2);
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-28 12:00"]);
    world.tick_at("2026-04-28T09:00").await;
    world.tick_at("2026-04-28T11:59").await;
    world.rest().await;
    world.tick_at("2026-04-28T12:00:01").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-28 12:00, missed 04-28 12:00"]);
    assert!(world.rest().await.iter().any(|line| line.ends_with("joost")), "the true one is told");
});

dialogue!(no_letter_promises_what_has_passed, |world| {
    world.with_clocks().await;
    let (acknowledgement, relay) = opened_by_grace(&mut world).await;
    world.local("2026-04-21T16:00");
    let mail = world.reply_to(&acknowledgement).text("Anybody there?");
    world.receive(mail).await.is("joined");
    world.letter_to("mira").await.is("relay").does_not_say("14:00");
    let mail = world.reply_to(&relay).text("#status");
    world.receive(mail).await.is("joined");
    world.letter_to("mira").await.is("command-done").does_not_say("14:00").says("morgen vóór 10:00");
});
