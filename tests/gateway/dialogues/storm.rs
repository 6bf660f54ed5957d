//! Many mails, and programs that answer each other.

use super::opened;
use crate::dialogue;

dialogue!(a_hundred_mails_of_one_sender_become_a_storm, |world| {
    world.is_received_twice = false;
    let mut outcomes = std::collections::BTreeMap::<String, usize>::new();
    for number in 0..100 {
        let mail = world.mail_from("anne").subject(&format!("Melding {number}"));
        let raw = mail.to_bytes();
        let got = world.receive_raw(&raw, false).await;
        *outcomes.entry(got.outcome).or_default() += 1;
    }
    assert_eq!(outcomes, [("opened".to_owned(), 20), ("quarantined".to_owned(), 80)].into());
    let letters = world.rest().await;
    let count = |line: &str| letters.iter().filter(|own| *own == line).count();
    assert_eq!(count("relay to joost"), 20, "what a person wrote always goes on");
    assert_eq!(count("acknowledgement to anne.bakker"), 10);
    assert_eq!(count("alarm to mira"), 2, "one for the capped letters, one for the storm");
    // After the hour it is quiet again.
    world.pass(2);
    let mail = world.mail_from("anne").subject("Morgen");
    world.receive(mail).await.is("opened");
    world.rest().await;
});

dialogue!(a_storm_drops_no_mail_of_a_person_in_a_running_case, |world| {
    world.is_received_twice = false;
    let (acknowledgement, _) = opened(&mut world).await;
    for number in 0..25 {
        let mail = world.mail_from("anne").subject(&format!("Melding {number}"));
        world.receive(mail).await;
    }
    world.rest().await;
    let mail = world.reply_to(&acknowledgement).text("Nog iets over het formulier.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_program_that_answers_every_letter_with_a_new_mail_is_stopped_with_one_alarm, |world| {
    world.is_received_twice = false;
    let mail = world.mail_from("anne").subject("Ticket 0");
    world.receive(mail).await.is("opened");
    let mut rounds = 0;
    loop {
        let unread = world.unread().await;
        world.rest().await;
        let to_answer: Vec<_> = unread.into_iter().filter(|letter| letter.line().ends_with("anne.bakker")).collect();
        if to_answer.is_empty() {
            break;
        }
        rounds += to_answer.len();
        assert!(rounds < 50, "the loop goes on");
        for _ in to_answer {
            let mail = world.mail_from("anne").subject(&format!("Ticket {rounds} received"));
            world.receive(mail).await;
        }
    }
    assert!(rounds <= 12, "{rounds} rounds");
    let alarms = world.all_letters().await.iter().filter(|letter| letter.stored.notice == "alarm").count();
    assert_eq!(alarms, 1);
});

dialogue!(programs_on_both_sides_that_answer_every_letter_are_stopped_with_one_alarm, |world| {
    world.is_received_twice = false;
    let mail = world.mail_from("anne").subject("Vraag");
    world.receive(mail).await.is("opened");
    let mut answers = 0;
    loop {
        let unread = world.unread().await;
        world.rest().await;
        let to_answer: Vec<_> = unread.into_iter().filter(|letter| letter.stored.notice != "alarm").collect();
        if to_answer.is_empty() {
            break;
        }
        for letter in to_answer {
            answers += 1;
            assert!(answers < 120, "the loop goes on");
            let mail = world.reply_to(&letter).text(&format!("Uw bericht is ontvangen onder nummer {answers}."));
            world.receive(mail).await;
        }
    }
    let alarms = world.all_letters().await.iter().filter(|letter| letter.stored.notice == "alarm").count();
    assert_eq!(alarms, 1);
});

dialogue!(a_stranger_s_many_mails_are_refused_once_a_day, |world| {
    world.is_received_twice = false;
    for number in 0..40 {
        let mail = world.mail_from("stranger").subject(&format!("Koop nu {number}"));
        world.receive(mail).await.is("quarantined");
    }
    let letters = world.rest().await;
    assert_eq!(letters.iter().filter(|line| *line == "refusal to sam").count(), 1, "{letters:?}");
});

dialogue!(the_caps_are_a_setting_and_count_by_the_hour, |world| {
    world.configure("[limits]\nautomatic_letters_per_address = 2\n");
    for (hours, letters) in [(0, 1), (0, 1), (0, 0), (2, 1)] {
        world.pass(hours);
        let mail = world.mail_from("anne").subject("Vraag");
        world.receive(mail).await.is("opened");
        let told = world.rest().await;
        assert_eq!(told.iter().filter(|line| *line == "acknowledgement to anne.bakker").count(), letters, "{told:?}");
    }
});
