//! The same mail again, in all the ways in which that happens. (Every mail of every dialogue comes twice.)

use super::opened;
use crate::dialogue;

dialogue!(a_mail_to_two_of_our_addresses_is_one_mail, |world| {
    let mail = world.mail_from("anne").to(&["support@lindeboom.example", "info@lindeboom.example"]);
    world.receive(mail.clone()).await.is("opened");
    // The second copy took another way: other trace fields, other time.
    world.pass(1);
    let copy = mail.top_header("Received", "from a by mx.lindeboom.example; Tue, 21 Apr 2026 09:00:00 +0000");
    let copy = copy.top_header("Delivered-To", "info@lindeboom.example");
    world.receive(copy).await.is("seen-before");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(a_letter_of_ours_that_comes_back_is_known, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    for letter in [&acknowledgement, &relay] {
        world.receive_raw(letter.raw().as_bytes(), false).await.is("own").on_no_case();
    }
    // Without our mark, by its Message-ID.
    let lines: Vec<&str> =
        acknowledgement.raw().split("\r\n").filter(|line| !line.starts_with("X-Casepost-Id")).collect();
    let bare = lines.join("\r\n").replace("Dank voor", "Bedankt voor");
    world.receive_raw(bare.as_bytes(), false).await.is("own");
    world.no_letters().await;
});

dialogue!(a_copy_with_a_footer_joins_the_case_of_the_first_and_opens_no_second, |world| {
    let mail = world.mail_from("anne").subject("Agenda leeg").text("De agenda is leeg.");
    world.receive(mail.clone()).await.is("opened").on("AMR-2026-0001");
    world.rest().await;
    let copy = mail.text("De agenda is leeg.\n\n____\nLijst ict@amersfoortsmuseum.example");
    world.receive(copy).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay");
    assert_eq!(world.cases().await.len(), 1);
});

dialogue!(an_old_message_id_that_is_used_again_swallows_nothing, |world| {
    let mail = world.mail_from("anne").message_id("1@localhost").subject("Eerste");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let mail = world.mail_from("grace").message_id("1@localhost").subject("Second");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.mail_from("stranger").message_id("1@localhost").subject("Derde");
    world.receive(mail).await.is("quarantined");
    assert_eq!(world.rest().await.len(), 5);
});

dialogue!(a_set_is_decided_in_its_order_in_one_transaction, |world| {
    let first = world.mail_from("anne").subject("Een");
    let answer = world.mail_from("anne").subject("Re: Een").in_reply_to(&first.id());
    let other = world.mail_from("grace").subject("Two");
    let arrived = |mail: &crate::world::Mail| casepost::desk::intake::Arrived {
        arrived_at: crate::world::start(),
        raw: mail.to_bytes(),
        too_large: None,
        is_junk: false,
        is_deadly: false,
    };
    let set = [arrived(&first), arrived(&answer), arrived(&other), arrived(&first)];
    let got = world.take(&set).await;
    let outcomes: Vec<&str> = got.iter().map(|got| got.outcome.as_str()).collect();
    assert_eq!(outcomes, ["opened", "joined", "opened", "seen-before"]);
    assert_eq!(world.cases().await, ["AMR-2026-0001", "NWK-2026-0001"]);
    assert_eq!(world.rest().await.len(), 5);
});

dialogue!(a_mail_that_killed_the_process_twice_is_kept_unread, |world| {
    let mail = world.mail_from("anne").subject("Kapot").text("Dit leest niemand.");
    let deadly = casepost::desk::intake::Arrived {
        arrived_at: world.now,
        raw: mail.to_bytes(),
        too_large: None,
        is_junk: false,
        is_deadly: true,
    };
    world.take(&[deadly]).await[0].is("quarantined").because("deadly");
    let kept = &world.mails().await[0];
    assert_eq!((kept.subject.as_str(), kept.fresh.as_str()), ("Kapot", ""));
    assert!(kept.why.ends_with("defect: its handling ended the process"), "{}", kept.why);
    world.no_letters().await;
});

dialogue!(a_mail_that_is_too_large_is_answered_with_a_letter, |world| {
    let mail = world.mail_from("anne").subject("Foto's");
    let large = |mail: &crate::world::Mail| casepost::desk::intake::Arrived {
        arrived_at: crate::world::start(),
        raw: mail.to_bytes(),
        too_large: Some(90 * 1024 * 1024),
        is_junk: false,
        is_deadly: false,
    };
    world.take(&[large(&mail)]).await[0].is("quarantined").because("too-large");
    world.letter_to("anne").await.is("too-large").says("Foto's");
    let mail = world.mail_from("stranger");
    world.take(&[large(&mail)]).await[0].is("quarantined").because("too-large");
    world.no_letters().await;
});

dialogue!(bytes_that_are_no_mail_end_in_quarantine, |world| {
    for raw in [&b""[..], b"\0\0\0", b"no header at all", b"From: \xff\xfe\r\n\r\n\x80", b"Subject: only\r\n\r\n"] {
        let got = world.receive_raw(raw, false).await;
        assert_eq!(got.outcome, "quarantined", "{raw:?}");
        let again = world.receive_raw(raw, false).await;
        assert_eq!(again.outcome, "seen-before", "{raw:?}");
    }
    world.no_letters().await;
});
