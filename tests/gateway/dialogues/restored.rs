//! A desk that was restored, and a folder that is read again: what is told of it, and what is not.
//!
//! | what goes wrong in other programs | test |
//! | --- | --- |
//! | what was answered between backup and loss becomes a breach | `a_case_that_was_answered_before_the_loss_is_not_late` |
//! | the clock goes on before anybody read what came in | `a_desk_that_waits_tells_nothing_of_time` |
//! | a letter of the lost days is sent again unmarked | `a_case_that_was_answered_before_the_loss_is_not_late` |
//! | a day's mail of one person, read at once, is a storm, and fills their share of letters | `a_days_mail_of_one_person_is_no_storm` |
//! | a storm of then is taken for cases now | `a_storm_of_then_is_a_storm_when_it_is_read_again` |
//! | a backlog begins with breaches | `a_backlog_counts_from_now_where_it_is_told_so` |

use casepost::desk::resume::Aside;
use jiff::SignedDuration;

use super::opened_by_grace;
use crate::dialogue;

const CASE: &str = "NWK-2026-0001";

dialogue!(a_case_that_was_answered_before_the_loss_is_not_late, |world| {
    world.with_clocks().await;
    let (_, relay) = opened_by_grace(&mut world).await;
    let taken_at = world.now;
    // Mira answers in time, an hour later Grace asks another thing; at noon of the next day the disk is lost.
    let answer = world.reply_to(&relay).text("Solved it.\n\n#time 15m\n").at(taken_at + SignedDuration::from_hours(1));
    let other = world.mail_from("grace").subject("Rent").text("How much?").at(taken_at + SignedDuration::from_hours(2));
    world.local("2026-04-22T12:00");
    world.restored_from(taken_at).await;
    assert_eq!(world.states().await, Vec::<String>::new());

    world.reads_again(false);
    world.receive(answer).await.is("joined");
    world.receive(other).await.is("opened").on("NWK-2026-0002");
    let read = world.states().await;
    let expected = [
        "answer to grace.hall held uncertain",
        "acknowledgement to grace.hall held uncertain",
        "relay to mira held uncertain",
    ];
    assert_eq!(read, expected);
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, met 04-21 11:00:30"]);

    world.local("2026-04-22T12:30");
    world.resumed(Aside::Release).await;
    world.read_to_here().await;
    world.tick().await;
    // What the lost casepost may have told is marked: that the other mail waits too long. The first one is not late.
    let told = world.states().await;
    assert!(!told.is_empty() && told.iter().all(|line| line.ends_with("queued uncertain")), "{told:?}");
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-21 14:00, met 04-21 11:00:30"]);
    let late = world.clock("NWK-2026-0002", "response").await;
    assert!(late[0].contains("missed"), "{late:?}");

    // From then on everything is new.
    let mail = world.mail_from("grace").subject("Keys").text("Where are they?");
    world.receive(mail).await.is("opened");
    assert_eq!(world.states().await, ["acknowledgement to grace.hall queued", "relay to mira queued"]);
    world.local("2026-04-22T15:00");
    world.read_to_here().await;
    world.tick().await;
    let told = world.states().await;
    assert!(!told.is_empty() && told.iter().all(|line| line.ends_with(" queued")), "{told:?}");
});

dialogue!(a_desk_that_waits_tells_nothing_of_time, |world| {
    world.with_clocks().await;
    opened_by_grace(&mut world).await;
    world.restored_from(world.now).await;
    for letter in world.outbox().await {
        assert_eq!((letter.state.as_str(), letter.uncertain_at.is_some()), ("held", true), "{}", letter.notice);
    }
    world.tick_at("2026-04-23T12:00").await;
    world.no_letters().await;
    world.resumed(Aside::Drop).await;
    assert!(world.outbox().await.iter().all(|letter| letter.state == "dropped"));
    world.tick().await;
    assert!(!world.rest().await.is_empty(), "time goes on, and tells what it should");
});

dialogue!(a_days_mail_of_one_person_is_no_storm, |world| {
    let began = world.now;
    world.pass(48);
    world.reads_again(false);
    for hour in 0..25 {
        let at = began + SignedDuration::from_mins(hour * 50);
        let mail = world.mail_from("grace").subject(&format!("Question {hour}")).text("Please look.").at(at);
        world.receive(mail).await.is("opened");
    }
    let letters = world.states().await;
    assert_eq!(letters.iter().filter(|line| *line == "acknowledgement to grace.hall held").count(), 25, "{letters:?}");
    assert_eq!(letters.len(), 50, "and a relay each, but no alarm: {letters:?}");
    // What was set aside takes nothing of her share.
    world.reads_what_comes_in();
    let mail = world.mail_from("grace").subject("Now").text("And this?");
    world.receive(mail).await.is("opened");
    assert_eq!(world.states().await, ["acknowledgement to grace.hall queued", "relay to mira queued"]);
});

dialogue!(a_storm_of_then_is_a_storm_when_it_is_read_again, |world| {
    let began = world.now;
    world.pass(48);
    world.reads_again(false);
    for count in 0..22 {
        let at = began + SignedDuration::from_secs(count * 60);
        let mail = world.mail_from("grace").subject(&format!("Again {count}")).text("Please look.").at(at);
        world.receive(mail).await.is(if count < 20 { "opened" } else { "quarantined" });
    }
    world.rest().await;
});

dialogue!(a_backlog_counts_from_now_where_it_is_told_so, |world| {
    world.with_clocks().await;
    let asked_at = world.now;
    world.local("2026-04-23T10:00");
    world.reads_again(true);
    let mail = world.mail_from("grace").subject("Portal login").text("Hello?").at(asked_at);
    world.receive(mail).await.is("opened").on(CASE);
    let acknowledgement = world.letter_to("grace").await;
    acknowledgement.is("acknowledgement").says("today before 13:00");
    assert_eq!(acknowledgement.stored.state, "held");
    assert_eq!(acknowledgement.stored.uncertain_at, None, "nobody sent it before");
    assert_eq!(world.clock(CASE, "response").await, ["1 due 04-23 14:00:30"]);
    world.rest().await;
    world.resumed(Aside::Release).await;
    world.tick_at("2026-04-23T10:05").await;
    world.no_letters().await;
});
