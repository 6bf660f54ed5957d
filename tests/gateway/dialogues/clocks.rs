//! How the clocks of a case are counted. Northwick's contract: office hours in Amsterdam (Monday to Friday, 09:00 to
//! 17:00, Dutch holidays), first response 4 h, next response 2 h, resolution 8 h; critical day and night.
//!
//! | what goes wrong in other programs | test |
//! | --- | --- |
//! | hours out of the calendar, holidays and another zone than the client's are counted | `a_deadline_leaves_out_evenings_weekends_and_holidays_of_the_desk` |
//! | a mail out of hours is due at once, or seconds are lost | `a_mail_out_of_hours_starts_at_the_next_opening_and_seconds_count` |
//! | closing time is taken for the next opening | `a_deadline_at_closing_time_is_closing_time` |
//! | a later mail of the client moves the deadline | `later_mails_of_the_client_move_no_deadline` |
//! | an acknowledgement, a note, tags or a supplier count as an answer | `only_words_of_a_person_to_the_client_are_a_response` |
//! | the next response begins before the first one, or is shorter and hides it | `the_next_response_runs_from_the_oldest_unanswered_mail_and_only_after_the_first_answer` |
//! | only the requester's own reply counts | `a_reply_of_anybody_who_is_a_party_counts_and_of_nobody_else` |
//! | who works for the desk and asks for a client counts as one of the two throughout | `an_expert_who_coordinates_asks_and_answers_by_the_letter_that_is_answered` |
//! | a case that the desk opened itself owes an answer | `a_case_that_an_expert_opens_by_phone_owes_no_first_response` |
//! | a case without a person who asked has no clock | `an_incident_of_a_monitor_runs_day_and_night` |
//! | a paused deadline is shown, or comes back as another one | `a_pause_hides_the_deadline_and_an_immediate_return_restores_it` |
//! | waiting time is added to the start as it is, weekend and night with it | `a_pause_is_measured_in_service_time` |
//! | a pause from the first moment, several a day, over midnight, of many days | `pauses_at_the_start_several_a_day_and_over_holidays_add_up` |
//! | a pause over midnight of UTC is cut there, or counted by the wrong day | `a_pause_over_midnight_of_utc_within_the_working_day_is_one_pause` |
//! | two pauses within a minute | `pauses_of_seconds_count_to_the_second` |
//! | a pause over the night in which the clocks change | `a_pause_over_the_change_of_clocks_counts_what_passed` |
//! | an answer and a pause by one mail lose one of the two | `one_mail_answers_and_pauses` |
//! | a case that is closed while it waits | `a_case_may_be_resolved_while_it_waits` |
//! | a pause stops the response too | `a_pause_stops_no_response` |
//! | days as a target are counted in hours over a weekend's wait | `whole_working_days_end_at_closing_time_also_over_a_pause` |
//! | a changed level starts anew, or is never recomputed | `another_priority_counts_from_the_start` |
//! | a reopened case starts anew, or goes on with the night in between | `a_reopened_case_goes_on_with_what_it_had_used` |
//! | a resolution taken back leaves the clock stopped | `a_resolution_that_is_taken_back_never_stopped_the_clock` |
//! | a merged case forgets how long its client waits | `the_case_that_goes_on_keeps_the_earlier_start` |
//! | a mail that waited for its release starts late | `a_released_mail_counts_from_its_receipt` |
//! | a held request runs before it is approved | `the_clock_of_an_approved_request_starts_at_the_approval` |
//! | a parked answer counts although it never went out | `a_parked_answer_counts_at_the_receipt_of_its_mend` |
//! | an update forgets the cases that are open | `an_upgrade_counts_the_cases_that_were_there_before` |
//! | changed calendars or contracts reach new cases only | `a_changed_contract_moves_open_cases_and_a_rehearsal_only_tells` |

use super::opened_by_grace;
use crate::dialogue;
use crate::world::{Letter, World, clock_desk};

const CASE: &str = "NWK-2026-0001";

/// Grace's request at that moment; her acknowledgement and Mira's relay.
async fn asked_at(world: &mut World, moment: &str) -> (Letter, Letter) {
    world.with_clocks().await;
    world.local(moment);
    opened_by_grace(world).await
}

/// Mira writes at that moment, by answering a letter of hers.
async fn mira_at(world: &mut World, moment: &str, relay: &Letter, text: &str) {
    world.local(moment);
    let mail = world.reply_to(relay).text(text);
    world.receive(mail).await.is("joined");
}

/// Grace writes on the case at that moment.
async fn grace_at(world: &mut World, moment: &str, letter: &Letter, text: &str) {
    world.local(moment);
    let mail = world.reply_to(letter).text(text);
    world.receive(mail).await.is("joined");
}

dialogue!(a_deadline_leaves_out_evenings_weekends_and_holidays_of_the_desk, |world| {
    // Friday 16:00; Monday is King's Day. The client's own zone is London's.
    let (acknowledgement, _) = asked_at(&mut world, "2026-04-24T16:00").await;
    acknowledgement.says("Tuesday 28 April before 11:00").says("King's Day");
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-28 16:00", "response 1 due 04-28 12:00"]);
    let case = world.case(CASE).await;
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-28T10:00:00Z");
});

dialogue!(a_mail_out_of_hours_starts_at_the_next_opening_and_seconds_count, |world| {
    asked_at(&mut world, "2026-04-21T22:10:05").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-22 13:00"]);
    world.local("2026-04-22T10:00:17");
    let mail = world.mail_from("grace").subject("Another thing").text("Hello?");
    world.receive(mail).await.is("opened");
    assert_eq!(world.clock("NWK-2026-0002", "response").await, ["1 due 04-22 14:00:17"]);
    world.rest().await;
});

dialogue!(a_deadline_at_closing_time_is_closing_time, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T13:00").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 17:00"]);
    // An answer at the very moment is in time.
    mira_at(&mut world, "2026-04-21T17:00", &relay, "We are on it.").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 17:00, met 04-21 17:00"]);
    world.rest().await;
});

dialogue!(later_mails_of_the_client_move_no_deadline, |world| {
    let (acknowledgement, _) = asked_at(&mut world, "2026-04-21T10:00").await;
    grace_at(&mut world, "2026-04-21T11:00", &acknowledgement, "Any news?").await;
    grace_at(&mut world, "2026-04-21T12:00", &acknowledgement, "Still waiting.").await;
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-22 10:00", "response 1 due 04-21 14:00"]);
    world.rest().await;
});

dialogue!(only_words_of_a_person_to_the_client_are_a_response, |world| {
    let (acknowledgement, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T10:10", &relay, "#note\nI know this one.").await;
    mira_at(&mut world, "2026-04-21T10:20", &relay, "#time 15m").await;
    mira_at(&mut world, "2026-04-21T10:30", &relay, "#wait supplier").await;
    world.local("2026-04-21T10:40");
    let mail = world.mail_from("hostwell").subject(&format!("Re: [LIN {CASE}] Portal login")).text("We look.");
    world.receive(mail).await.is("joined").on(CASE);
    world.local("2026-04-21T10:50");
    let mail = world.reply_to(&relay).text("Ik ben er morgen weer.").automatic();
    world.receive(mail).await.is("noted");
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00"]);
    let mail = world.reply_to(&acknowledgement).text("I am out today.").automatic();
    world.receive(mail).await.is("noted");
    mira_at(&mut world, "2026-04-21T13:00", &relay, "Hello Grace, we are on it.").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, met 04-21 13:00"]);
    assert_eq!(world.clock(CASE, "next-response").await, [""; 0], "nobody of the client wrote since");
    world.rest().await;
});

dialogue!(the_next_response_runs_from_the_oldest_unanswered_mail_and_only_after_the_first_answer, |world| {
    let (acknowledgement, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    grace_at(&mut world, "2026-04-21T10:30", &acknowledgement, "Any news?").await;
    assert_eq!(world.clock(CASE, "next-response").await, [""; 0], "the first response answers this too");
    mira_at(&mut world, "2026-04-21T11:00", &relay, "We are on it.").await;
    grace_at(&mut world, "2026-04-21T11:30", &acknowledgement, "Since when is it?").await;
    grace_at(&mut world, "2026-04-21T12:30", &acknowledgement, "And who did it?").await;
    assert_eq!(world.clock(CASE, "next-response").await, ["1 due 04-21 13:30"]);
    assert_eq!(world.case(CASE).await.response_due.unwrap().to_string(), "2026-04-21T11:30:00Z");
    mira_at(&mut world, "2026-04-21T13:00", &relay, "Since Monday.").await;
    assert_eq!(world.case(CASE).await.response_due, None);
    grace_at(&mut world, "2026-04-21T16:00", &acknowledgement, "Thanks. Will it come back?").await;
    let expected = ["1 due 04-21 13:30, met 04-21 13:00", "2 due 04-22 10:00"];
    assert_eq!(world.clock(CASE, "next-response").await, expected);
    // What is settled wants no answer.
    mira_at(&mut world, "2026-04-21T16:30", &relay, "#resolved").await;
    let expected = ["1 due 04-21 13:30, met 04-21 13:00", "2 due 04-22 10:00, ended 04-21 16:30"];
    assert_eq!(world.clock(CASE, "next-response").await, expected);
    world.rest().await;
});

dialogue!(a_reply_of_anybody_who_is_a_party_counts_and_of_nobody_else, |world| {
    let (acknowledgement, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T10:30", &relay, "We are on it.").await;
    world.local("2026-04-21T11:00");
    let mail = world.reply_to(&acknowledgement).by("tom").text("It happens to me too.");
    world.receive(mail).await.is("contributed").on(CASE);
    assert_eq!(world.clock(CASE, "next-response").await, [""; 0], "Tom is no party of it");
    grace_at(&mut world, "2026-04-21T12:00", &acknowledgement, "Tom has it too.").await;
    assert_eq!(world.clock(CASE, "next-response").await, ["1 due 04-21 14:00"]);
    world.rest().await;
});

dialogue!(an_expert_who_coordinates_asks_and_answers_by_the_letter_that_is_answered, |world| {
    let grace = "holder = \"grace-hall\"\nfrom = 2026-01-01";
    let both = grace.replace("from", "deputies = [\"mira\"]\nfrom");
    world.declare_first(&clock_desk().replace(grace, &both)).await;
    world.local("2026-04-21T10:00");
    let mail = world.mail_from("mira").subject("Portal login").text("Tenants can't log in.\n");
    world.receive(mail).await.is("opened").on(CASE);
    let acknowledgement = world.letter_to("mira").await;
    acknowledgement.is("acknowledgement");
    let relay = world.letter_to("mira").await;
    relay.is("relay");
    // Her words as the client's answer nothing.
    mira_at(&mut world, "2026-04-21T10:30", &acknowledgement, "It is worse now.").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00"]);
    mira_at(&mut world, "2026-04-21T11:00", &relay, "We are on it.").await;
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, met 04-21 11:00"]);
    mira_at(&mut world, "2026-04-21T11:30", &acknowledgement, "And now?").await;
    assert_eq!(world.clock(CASE, "next-response").await, ["1 due 04-21 13:30"]);
    let mail = world.mail_from("mira").subject("Portal colours").text("Too pale.\n");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    world.rest().await;
});

dialogue!(a_case_that_an_expert_opens_by_phone_owes_no_first_response, |world| {
    world.with_clocks().await;
    world.local("2026-04-21T10:00");
    let mail = world.mail_from("mira").subject("Portal is slow").text("#client NWK\n#time 10m\n");
    world.receive(mail).await.is("opened").on(CASE);
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-22 10:00"]);
    assert_eq!(world.case(CASE).await.response_due, None);
    world.rest().await;
});

dialogue!(an_incident_of_a_monitor_runs_day_and_night, |world| {
    world.with_clocks().await;
    world.local("2026-04-25T23:30");
    let mail = world.mail_from("monitor").subject("[DOWN] Northwick tenant portal");
    world.receive(mail).await.is("opened").on(CASE);
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-26 07:30", "response 1 due 04-26 00:30"]);
    // The machine is no client that waits for an answer.
    let relay = world.letter_to("mira").await;
    mira_at(&mut world, "2026-04-25T23:45", &relay, "We look at it now.").await;
    world.local("2026-04-25T23:50");
    let mail = world.mail_from("monitor").subject("[DOWN] Northwick tenant portal");
    world.receive(mail).await.is("joined").on(CASE);
    assert_eq!(world.clock(CASE, "next-response").await, [""; 0]);
    world.rest().await;
});

dialogue!(a_pause_hides_the_deadline_and_an_immediate_return_restores_it, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T18:00", &relay, "Which browser?\n#wait client").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due –"]);
    assert_eq!(world.case(CASE).await.resolution_due, None);
    // Taken back within the evening: nothing was used and nothing is lost.
    mira_at(&mut world, "2026-04-21T20:00", &relay, "#undo").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-22 10:00"]);
    mira_at(&mut world, "2026-04-21T21:00", &relay, "#wait supplier").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due –"]);
    world.local("2026-04-22T09:00");
    let mail = world.mail_from("hostwell").subject(&format!("Re: [LIN {CASE}] Portal login")).text("It was us.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-22 10:00"]);
    world.rest().await;
});

dialogue!(a_pause_is_measured_in_service_time, |world| {
    // Friday 10:00, eight hours: waiting from Friday 16:00 to Monday 10:00 pauses two of them.
    let (_, relay) = asked_at(&mut world, "2026-11-20T10:00").await;
    mira_at(&mut world, "2026-11-20T16:00", &relay, "Which browser?\n#wait client").await;
    let answer = world.letter_to("grace").await;
    grace_at(&mut world, "2026-11-23T10:00", &answer, "Firefox.").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 11-23 12:00"]);
    world.rest().await;
});

dialogue!(pauses_at_the_start_several_a_day_and_over_holidays_add_up, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-23T10:00").await;
    // At the very start, twice on one day, and from before midnight over a weekend and a holiday.
    mira_at(&mut world, "2026-04-23T10:00", &relay, "Which browser?\n#wait client").await;
    let answer = world.letter_to("grace").await;
    grace_at(&mut world, "2026-04-23T11:00", &answer, "Firefox.").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-24 11:00"]);
    mira_at(&mut world, "2026-04-23T12:00", &relay, "Which version?\n#wait client").await;
    grace_at(&mut world, "2026-04-23T13:30", &answer, "The newest.").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-24 12:30"]);
    mira_at(&mut world, "2026-04-23T23:30", &relay, "And the name?\n#wait client").await;
    grace_at(&mut world, "2026-04-28T09:30", &answer, "Grace.").await;
    // Used: 11:00 to 12:00 and 13:30 to 17:00; three and a half hours are left.
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-28 13:00"]);
    world.rest().await;
});

dialogue!(pauses_of_seconds_count_to_the_second, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T11:00:00", &relay, "#wait client").await;
    mira_at(&mut world, "2026-04-21T11:00:07", &relay, "#undo").await;
    mira_at(&mut world, "2026-04-21T11:00:20", &relay, "One question.\n#wait client").await;
    let answer = world.letter_to("mira").await;
    answer.is("command-done");
    let answer = world.letter_to("mira").await;
    answer.is("command-done");
    let question = world.letter_to("grace").await;
    grace_at(&mut world, "2026-04-21T11:00:41", &question, "One answer.").await;
    mira_at(&mut world, "2026-04-21T11:00:50", &relay, "Another.\n#wait client").await;
    grace_at(&mut world, "2026-04-21T11:00:59", &question, "Another answer.").await;
    // 21 and 9 seconds; the one that was taken back never was.
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-22 10:00:30"]);
    world.rest().await;
});

dialogue!(a_pause_over_the_change_of_clocks_counts_what_passed, |world| {
    world.with_clocks().await;
    // Critical, day and night: eight hours from Saturday 20:00. At 03:00 the clocks go back an hour.
    world.local("2026-10-24T20:00");
    let mail = world.mail_from("grace").subject("Down").text("#incident\nAll is down.");
    world.receive(mail).await.is("opened").on(CASE);
    world.letter_to("grace").await.is("acknowledgement");
    let relay = world.letter_to("mira").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 10-25 03:00"]);
    mira_at(&mut world, "2026-10-25T00:00", &relay, "Which server?\n#wait client").await;
    let question = world.letter_to("grace").await;
    world.now = "2026-10-25T02:00:00Z".parse().unwrap();
    let mail = world.reply_to(&question).text("The first.");
    world.receive(mail).await.is("joined");
    // Four hours were used until midnight; after a pause of four real hours it is 03:00, and four are left.
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 10-25 07:00"]);
    world.rest().await;
});

dialogue!(a_pause_over_midnight_of_utc_within_the_working_day_is_one_pause, |world| {
    let office = "key = \"office\"\ntime_zone = \"Europe/Amsterdam\"\nholidays = \"nl\"\n";
    let sydney = "key = \"office\"\ntime_zone = \"Australia/Sydney\"\n";
    world.declare_first(&clock_desk().replace(office, sydney)).await;
    // Tuesday, nine o'clock in Sydney; it is still Monday in UTC.
    world.at("2026-05-04T23:00:00Z");
    let (_, relay) = opened_by_grace(&mut world).await;
    assert_eq!(world.case(CASE).await.resolution_due.unwrap().to_string(), "2026-05-05T07:00:00Z");
    world.at("2026-05-04T23:30:00Z");
    let mail = world.reply_to(&relay).text("Which browser?\n#wait client");
    world.receive(mail).await.is("joined");
    let question = world.letter_to("grace").await;
    world.at("2026-05-05T00:45:00Z");
    let mail = world.reply_to(&question).text("Firefox.");
    world.receive(mail).await.is("joined");
    // An hour and a quarter stood still: so much of Wednesday.
    assert_eq!(world.case(CASE).await.resolution_due.unwrap().to_string(), "2026-05-06T00:15:00Z");
    world.rest().await;
});

dialogue!(one_mail_answers_and_pauses, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T11:00", &relay, "Which browser?\n#wait client").await;
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due –", "response 1 due 04-21 14:00, met 04-21 11:00"]);
    world.rest().await;
});

dialogue!(a_case_may_be_resolved_while_it_waits, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T11:00", &relay, "Which browser?\n#wait client").await;
    mira_at(&mut world, "2026-04-24T11:00", &relay, "Found it myself.\n#resolved").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due –, met 04-24 11:00"]);
    assert_eq!(world.next_look(CASE, "resolution").await, "–");
    world.rest().await;
});

dialogue!(a_pause_stops_no_response, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T11:00", &relay, "#wait client until 2026-04-23").await;
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due –", "response 1 due 04-21 14:00"]);
    // The day comes: it goes on by itself from midnight, which is out of hours.
    world.rest().await;
    world.tick_at("2026-04-23T09:30").await;
    assert_eq!(world.state_of(CASE).await, "open support normal");
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-23 16:00"]);
    world.rest().await;
});

dialogue!(whole_working_days_end_at_closing_time_also_over_a_pause, |world| {
    world.with_clocks().await;
    world.local("2026-04-23T10:00");
    let (_, relay) = opened_by_grace(&mut world).await;
    mira_at(&mut world, "2026-04-23T10:30", &relay, "#prio low").await;
    // Three working days after Thursday: Friday, Tuesday (Monday is King's Day), Wednesday.
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-29 17:00"]);
    mira_at(&mut world, "2026-04-24T16:00", &relay, "Which one?\n#wait client").await;
    let question = world.letter_to("grace").await;
    grace_at(&mut world, "2026-04-28T11:00", &question, "The blue one.").await;
    // Three hours of service time stood still: one on Friday, two on Tuesday.
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-30 12:00"]);
    world.rest().await;
});

dialogue!(another_priority_counts_from_the_start, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T11:00", &relay, "#prio high").await;
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-21 14:00", "response 1 due 04-21 12:00"]);
    mira_at(&mut world, "2026-04-21T11:30", &relay, "#undo").await;
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-22 10:00", "response 1 due 04-21 14:00"]);
    // What is missed only by that is reclassified; another kind promises nothing else.
    mira_at(&mut world, "2026-04-21T12:30", &relay, "#prio high\n#kind change").await;
    let expected = ["resolution 1 due 04-21 14:00", "response 1 due 04-21 12:00, reclassified 04-21 12:30"];
    assert_eq!(world.clocks(CASE).await, expected);
    // What was answered keeps its judgement whatever comes later.
    mira_at(&mut world, "2026-04-21T12:40", &relay, "We are on it.\n#prio normal").await;
    mira_at(&mut world, "2026-04-21T12:50", &relay, "#prio critical").await;
    let first = "1 due 04-21 12:00, met 04-21 12:40, reclassified 04-21 12:30";
    assert_eq!(world.clock(CASE, "response").await, [first]);
    world.rest().await;
});

dialogue!(a_reopened_case_goes_on_with_what_it_had_used, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T12:00", &relay, "Done.\n#resolved").await;
    let answer = world.letter_to("grace").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-22 10:00, met 04-21 12:00"]);
    grace_at(&mut world, "2026-04-22T15:00", &answer, "Not quite.").await;
    // Six of eight hours are left; and she waits for an answer.
    let expected = ["1 due 04-22 10:00, met 04-21 12:00", "2 due 04-23 13:00"];
    assert_eq!(world.clock(CASE, "resolution").await, expected);
    assert_eq!(world.clock(CASE, "next-response").await, ["1 due 04-22 17:00"]);
    world.rest().await;
});

dialogue!(a_resolution_that_is_taken_back_never_stopped_the_clock, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T12:00", &relay, "Done.\n#resolved").await;
    mira_at(&mut world, "2026-04-21T16:00", &relay, "#undo").await;
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-22 10:00"]);
    // Opened again by decision, the time in between is not counted.
    mira_at(&mut world, "2026-04-21T16:00", &relay, "Really done.\n#resolved").await;
    mira_at(&mut world, "2026-04-22T09:30", &relay, "#reopen").await;
    let expected = ["1 due 04-22 10:00, met 04-21 16:00", "2 due 04-22 11:30"];
    assert_eq!(world.clock(CASE, "resolution").await, expected);
    world.rest().await;
});

dialogue!(the_case_that_goes_on_keeps_the_earlier_start, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    world.local("2026-04-21T11:00");
    let mail = world.mail_from("grace").subject("Same again").text("It is down for Tom, too.");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    world.letter_to("grace").await.is("acknowledgement");
    let second = world.letter_to("mira").await;
    assert_eq!(world.clocks("NWK-2026-0002").await, ["resolution 1 due 04-22 11:00", "response 1 due 04-21 15:00"]);
    mira_at(&mut world, "2026-04-21T11:30", &relay, "#merge NWK-2026-0002").await;
    assert_eq!(world.clocks("NWK-2026-0002").await, ["resolution 1 due 04-22 10:00", "response 1 due 04-21 14:00"]);
    let ended = ["resolution 1 due 04-22 10:00, ended 04-21 11:30", "response 1 due 04-21 14:00, ended 04-21 11:30"];
    assert_eq!(world.clocks(CASE).await, ended);
    mira_at(&mut world, "2026-04-21T11:40", &second, "#undo").await;
    assert_eq!(world.clocks("NWK-2026-0002").await, ["resolution 1 due 04-22 11:00", "response 1 due 04-21 15:00"]);
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-22 10:00", "response 1 due 04-21 14:00"]);
    world.rest().await;
});

dialogue!(a_released_mail_counts_from_its_receipt, |world| {
    let (acknowledgement, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T10:10", &relay, "We are on it.").await;
    world.rest().await;
    world.local("2026-04-21T11:00");
    let mail = world.reply_to(&acknowledgement).text("And the app?").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("grace").await;
    // Meanwhile Mira writes, knowing nothing of it: that is no answer to it.
    mira_at(&mut world, "2026-04-21T11:30", &relay, "The portal is up again.").await;
    world.letter_to("grace").await.is("answer");
    world.local("2026-04-21T12:00");
    let mail = world.reply_to(&challenge).text("confirm");
    world.receive(mail).await.is("noted");
    assert_eq!(world.clock(CASE, "next-response").await, ["1 due 04-21 13:00"]);
    world.rest().await;
});

dialogue!(the_clock_of_an_approved_request_starts_at_the_approval, |world| {
    world.with_clocks().await;
    world.local("2026-04-21T10:00");
    let mail = world.mail_from("tom").subject("New colleague").text("An account for Jan, please.");
    world.receive(mail).await.is("held").on_no_case();
    let request = world.letter_to("grace").await;
    request.is("approval-request");
    world.letter_to("tom").await.is("request-held");
    world.local("2026-04-22T11:00");
    let mail = world.reply_to(&request).text("#approve");
    world.receive(mail).await.is("opened").on(CASE);
    assert_eq!(world.clocks(CASE).await, ["resolution 1 due 04-23 11:00", "response 1 due 04-22 15:00"]);
    world.rest().await;
});

dialogue!(a_parked_answer_counts_at_the_receipt_of_its_mend, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    world.local("2026-04-21T11:00");
    let mail = world.reply_to(&relay).text("It is up again.\n#tiem 20m");
    world.receive(mail).await.is("parked");
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00"]);
    let transcript = world.letter_to("mira").await;
    world.local("2026-04-21T12:00");
    let mail = world.reply_to(&transcript).text("#time 20m");
    world.receive(mail).await.is("joined");
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, met 04-21 12:00"]);
    world.rest().await;
});

dialogue!(a_changed_contract_moves_open_cases_and_a_rehearsal_only_tells, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-24T10:00").await;
    mira_at(&mut world, "2026-04-24T10:30", &relay, "We are on it.").await;
    world.rest().await;
    let before = world.clocks(CASE).await;
    assert_eq!(before, ["resolution 1 due 04-28 10:00", "response 1 due 04-24 14:00, met 04-24 10:30"]);
    world.local("2026-04-24T11:00");
    let longer = clock_desk().replace(r#"next_response = "2h", resolution = "8h" }"#, r#"resolution = "12h" }"#);
    let told = world.import(&longer, true).await;
    let lines: Vec<String> =
        told.moved.iter().map(|moved| format!("{} {}", moved.number, moved.run.clock.as_str())).collect();
    assert_eq!(lines, ["NWK-2026-0001 resolution"]);
    assert_eq!(told.moved[0].run.due.unwrap().to_string(), "2026-04-28T12:00:00Z");
    assert_eq!(world.clocks(CASE).await, before, "a rehearsal changes nothing");
    assert_eq!(world.import(&longer, false).await.moved, told.moved);
    let after = ["resolution 1 due 04-28 14:00", "response 1 due 04-24 14:00, met 04-24 10:30"];
    assert_eq!(world.clocks(CASE).await, after);
    let trail = world.trail(CASE).await;
    let line = trail.iter().find(|line| line.action == "move-deadlines").unwrap();
    assert_eq!((line.actor.as_str(), line.reason.as_str()), ("command:tester", "as agreed"));
    // The calendar of the desk: King's Day is worked after all. What was answered stays as it was judged.
    let open = longer.replace(
        "holidays = \"nl\"\n[calendar.hours]",
        "holidays = \"nl\"\nopen = [{ date = \"2026-04-27\", hours = [\"09:00-17:00\"] }]\n[calendar.hours]",
    );
    assert_eq!(world.import(&open, false).await.moved.len(), 1);
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-27 14:00"]);
    // A much shorter promise is missed at once by that alone.
    let shorter = open.replace(r#"resolution = "12h" }"#, r#"resolution = "30m" }"#);
    world.import(&shorter, false).await;
    let after =
        ["resolution 1 due 04-24 10:30, reclassified 04-24 11:00", "response 1 due 04-24 14:00, met 04-24 10:30"];
    assert_eq!(world.clocks(CASE).await, after);
    world.no_letters().await;
});

dialogue!(an_upgrade_counts_the_cases_that_were_there_before, |world| {
    let (_, relay) = asked_at(&mut world, "2026-04-21T10:00").await;
    mira_at(&mut world, "2026-04-21T15:00", &relay, "Which browser?\n#wait client").await;
    let question = world.letter_to("grace").await;
    for (subject, number) in [("Slow", "NWK-2026-0002"), ("Fast", "NWK-2026-0003")] {
        world.local("2026-04-21T15:10");
        let mail = world.mail_from("grace").subject(subject).text("The portal.");
        world.receive(mail).await.is("opened").on(number);
    }
    let mail = world.mail_from("mira").subject("Re: [LIN NWK-2026-0003] Fast").text("Done.\n#resolved");
    world.receive(mail).await.is("joined").on("NWK-2026-0003");
    world.rest().await;
    let number = |no: i64| format!("NWK-2026-000{no}");
    let mut before = Vec::new();
    for no in 1..=3 {
        before.push((world.case(&number(no)).await, world.clocks(&number(no)).await));
    }
    world.upgrade_from_before_clocks().await;
    world.tick_at("2026-04-21T15:20").await;
    assert!(world.rest().await.is_empty(), "what was answered late was told by nobody, and is not told now");
    for no in 1..=3 {
        let (case, clocks) = &before[usize::try_from(no - 1).unwrap()];
        assert_eq!(world.clocks(&number(no)).await, *clocks, "{no}");
        assert_eq!(world.case(&number(no)).await.resolution_due, case.resolution_due);
    }
    // And they go on from there.
    grace_at(&mut world, "2026-04-21T16:00", &question, "Firefox.").await;
    assert_eq!(world.clock(CASE, "next-response").await, ["1 due 04-22 10:00"]);
    assert_eq!(world.clock(CASE, "resolution").await, ["1 due 04-22 11:00"]);
    world.rest().await;
});
