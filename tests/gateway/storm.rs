//! Storms: programs that answer each other, addresses that bounce, a thousand mails of one sender. Automatic letters
//! stay under the caps, and what people write passes.

use std::collections::BTreeMap;
use std::time::Instant;

use casepost::desk::intake::Arrived;
use casepost::domain::decision::Outcome;

use crate::dialogue;
use crate::dialogues::opened;
use crate::world::{DESK, Letter, World};

/// The directory of a desk whose only partner is the other desk's support address.
fn desk_of(partner: &str) -> String {
    DESK.replace("domains = [\"northwick.example\"]", &format!("domains = [\"{partner}\"]"))
        .replace("grace.hall@northwick.example", &format!("support@{partner}"))
}

/// How much the servers between two desks leave of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Everything.
    Honest,
    /// No header that tells of a program.
    WithoutMarks,
    /// Nor of a thread: every letter is a mail of its own.
    WithoutThread,
}

/// A letter as it lies in the other desk's mailbox.
fn carried(letter: &Letter, way: Way, from: &str, to: &str) -> Vec<u8> {
    let (head, body) = letter.raw().split_once("\r\n\r\n").unwrap();
    let mut fields: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match fields.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(field) => *field = format!("{field}\r\n{line}"),
            None => fields.push(line.to_owned()),
        }
    }
    let marks = ["Auto-Submitted", "X-Auto-Response-Suppress", "X-Casepost-Id", "Precedence"];
    let thread = ["In-Reply-To", "References", "Reply-To"];
    fields.retain(|field| {
        let is_one_of = |names: &[&str]| names.iter().any(|name| field.starts_with(&format!("{name}:")));
        way == Way::Honest || !is_one_of(&marks) && (way == Way::WithoutMarks || !is_one_of(&thread))
    });
    if way == Way::WithoutThread {
        for field in &mut fields {
            if field.starts_with("Subject:") {
                *field = format!("Subject: Ticket {}", letter.stored.letter_no);
            }
        }
    }
    let head = fields.join("\r\n");
    format!(
        "Return-Path: <support@{from}>\r\nReceived: from mail.{from} (mail.{from} [192.0.2.9])\r\n\tby mx.{to} with \
         ESMTPS; Tue, 21 Apr 2026 08:00:00 +0000\r\nAuthentication-Results: mx.{to}; dmarc=pass \
         header.from={from}\r\n{head}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Carries the letters for the other desk there, and gives how many they were.
async fn carry(from: (&mut World, &str), to: (&mut World, &str), way: Way) -> usize {
    let letters = from.0.unread().await;
    from.0.rest().await;
    let address = format!("support@{}", to.1);
    let mut count = 0;
    for letter in letters.iter().filter(|letter| letter.stored.recipient == address) {
        count += 1;
        to.0.now = from.0.now.max(to.0.now);
        let got = to.0.receive_raw(&carried(letter, way, from.1, to.1), false).await;
        assert_ne!(got.outcome, "waits");
    }
    count
}

fn count(letters: &[Letter], is_counted: impl Fn(&Letter) -> bool) -> usize {
    letters.iter().filter(|letter| is_counted(letter)).count()
}

/// Two desks that write to each other until both are silent: how many letters were carried, and how many cases and
/// alarms each has.
async fn talk(way: Way) -> (usize, [usize; 2], [usize; 2]) {
    let (a, b) = ("lindeboom.example", "zuiderdesk.example");
    let mut ours = World::on_sqlite().await;
    ours.declare(&desk_of(b)).await;
    let mut theirs = World::elsewhere(b, &desk_of(a)).await;
    let mail = ours.mail_from(&format!("support@{b}")).subject("Storing").text("Er is een storing.");
    ours.receive_raw(&mail.to_bytes(), false).await.is("opened");
    let mut carried = 0;
    loop {
        let more =
            carry((&mut ours, a), (&mut theirs, b), way).await + carry((&mut theirs, b), (&mut ours, a), way).await;
        carried += more;
        assert!(carried < 100, "the desks never fall silent");
        if more == 0 {
            break;
        }
    }
    let mut alarms = [0, 0];
    let mut cases = [0, 0];
    for (at, world) in [&ours, &theirs].into_iter().enumerate() {
        alarms[at] = count(&world.all_letters().await, |letter| letter.stored.notice == "alarm");
        cases[at] = world.cases().await.len();
    }
    (carried, cases, alarms)
}

#[tokio::test]
async fn two_desks_that_write_to_each_other_fall_silent() {
    // What one desk's program wrote is known by its headers to the other's.
    assert_eq!(talk(Way::Honest).await, (1, [1, 0], [0, 0]));
    // Without these the other desk takes it for a person's; the answer belongs to the first case, and nobody answers.
    assert_eq!(talk(Way::WithoutMarks).await, (2, [1, 1], [0, 0]));
    // With nothing left to know it by, the caps end it, and each desk that was capped is alarmed once.
    let (carried, cases, alarms) = talk(Way::WithoutThread).await;
    assert!(carried <= 20, "{carried} letters");
    assert!(cases.iter().all(|cases| *cases <= 11), "{cases:?}");
    assert!(alarms.iter().sum::<usize>() >= 1 && alarms.iter().all(|alarms| *alarms <= 1), "{alarms:?}");
}

dialogue!(a_vacation_responder_without_any_header_is_stopped_after_a_handful_with_one_alarm, |world| {
    world.is_received_twice = false;
    for answers_in_thread in [false, true] {
        world.pass(25);
        let before = world.all_letters().await.len();
        let mail = world.mail_from("anne").subject("Agenda leeg").text("De agenda is leeg.");
        world.receive_raw(&mail.to_bytes(), false).await.is("opened");
        let mut answered = 0;
        loop {
            let unread = world.unread().await;
            world.rest().await;
            let to_anne: Vec<Letter> = unread.into_iter().filter(|own| own.line().ends_with("anne.bakker")).collect();
            if to_anne.is_empty() {
                break;
            }
            for letter in to_anne {
                answered += 1;
                assert!(answered < 50, "the loop goes on");
                let mail = match answers_in_thread {
                    true => world.reply_to(&letter),
                    false => world.mail_from("anne").subject(&format!("Uw bericht {answered}")),
                };
                let mail = mail.text("Bedankt voor uw bericht. Ik ben er op 4 mei weer.\n\nAnne\n");
                world.receive_raw(&mail.to_bytes(), false).await;
            }
        }
        let letters = world.all_letters().await.split_off(before);
        assert!(answered <= 10, "{answered} letters to a program");
        // In the thread it is silent at once: nobody acknowledges an answer.
        let alarms = if answers_in_thread { 0 } else { 1 };
        assert_eq!(count(&letters, |letter| letter.stored.notice == "alarm"), alarms);
        let of_person = count(&letters, |letter| letter.stored.notice == "relay");
        assert_eq!(of_person, answered + 1, "what came in her name reached the expert");
    }
});

dialogue!(a_staff_address_that_bounces_raises_one_alarm_and_opens_no_case, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mut letters = vec![relay];
    for _ in 0..5 {
        let mail = world.reply_to(&acknowledgement).text("Nog iets.");
        world.receive(mail).await.is("joined");
        letters.push(world.letter_to("joost").await);
    }
    for letter in &letters {
        let bounce = world.bounce_of(letter);
        world.receive(bounce).await.is("noted").on("AMR-2026-0001");
    }
    let alarm = world.letter_to("mira").await;
    alarm.is("alarm").says("joost@dewit-web.example");
    world.no_letters().await;
    assert_eq!(world.cases().await, ["AMR-2026-0001"]);
    // The alarm itself comes back: nobody is left to tell, and nothing loops.
    let bounce = world.bounce_of(&alarm);
    world.receive(bounce).await.is("noted");
    world.no_letters().await;
    // What clients write still goes to the address.
    let mail = world.reply_to(&acknowledgement).text("En dit.");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay");
});

dialogue!(a_thousand_mails_of_one_sender_in_a_minute_starve_nobody, |world| {
    /// The twentieth case of the hour is the one that is open already.
    const FLOOD: usize = 1_000;
    let (acknowledgement, _) = opened(&mut world).await;
    let mut mails: Vec<(&str, Vec<u8>)> = Vec::new();
    for number in 0..FLOOD {
        let mail = world.mail_from("anne").subject(&format!("Melding {number}")).text("Er is iets.");
        mails.push(("flood", mail.to_bytes()));
        if number % 100 == 50 {
            let mail = world.mail_from("grace").subject(&format!("Question {number}"));
            mails.push(("other", mail.to_bytes()));
            let mail = world.reply_to(&acknowledgement).text(&format!("Nog iets over {number}."));
            mails.push(("own case", mail.to_bytes()));
        }
    }
    let mail = world.mail_from("grace").subject("Last question");
    mails.push(("other", mail.to_bytes()));
    let begun = Instant::now();
    let mut became: BTreeMap<(&str, String), Vec<i64>> = BTreeMap::new();
    let mut quarantined = None;
    for set in mails.chunks(200) {
        let arrived: Vec<Arrived> = set
            .iter()
            .map(|(_, raw)| Arrived {
                arrived_at: world.now,
                raw: raw.clone(),
                too_large: None,
                is_junk: false,
                is_deadly: false,
            })
            .collect();
        for ((kind, _), got) in set.iter().zip(world.take(&arrived).await) {
            let kept = got.kept.unwrap();
            became.entry((kind, got.outcome)).or_default().push(kept.message_no);
            if kept.cause.as_deref() == Some("storm") {
                quarantined = Some(kept);
            }
        }
    }
    let took = begun.elapsed();
    let counts: Vec<(&str, &str, usize)> =
        became.iter().map(|((kind, outcome), all)| (*kind, outcome.as_str(), all.len())).collect();
    assert_eq!(
        counts,
        [
            ("flood", "opened", 19),
            ("flood", "quarantined", FLOOD - 19),
            ("other", "opened", 11),
            ("own case", "joined", 10)
        ]
    );
    assert!(took.as_secs() < 60, "{took:?}");
    let letters = world.all_letters().await;
    let to = |notice: &str, local: &str| count(&letters, |own| own.line() == format!("{notice} to {local}"));
    assert_eq!(to("relay", "mira"), 11, "every question of the other client reached its expert");
    assert_eq!(to("relay", "joost"), 1 + 19 + 10, "and every word that opened or joined a case of the flooded one");
    assert!(to("acknowledgement", "anne.bakker") <= 11, "{}", to("acknowledgement", "anne.bakker"));
    assert!(to("acknowledgement", "grace.hall") >= 10);
    assert!(to("alarm", "mira") <= 3, "{} alarms", to("alarm", "mira"));
    world.rest().await;
    // When all is well the rest is replayed, a mail at a time or by and by.
    world.pass(2);
    let kept = quarantined.unwrap();
    assert_eq!(world.decide_again(&kept, false).await, Some(Outcome::Opened));
    let case = world.mails().await.into_iter().find(|mail| mail.message_no == kept.message_no).unwrap();
    assert_eq!((case.outcome.as_str(), case.received_at), ("opened", kept.received_at));
    world.rest().await;
});
