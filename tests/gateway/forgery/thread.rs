//! Evidence for a case in hands that it was not made for: ids, marks, tokens, numbers.

use casepost::domain::identity::Keys;
use casepost::domain::message::MessageId;
use casepost::domain::names::{DeskCode, PersonKey};

use super::{SAM, harmless, is_a_stranger, scene};
use crate::dialogue;
use crate::world::{Letter, keys};

fn desk() -> DeskCode {
    DeskCode::new("LIN").unwrap()
}

dialogue!(ids_and_marks_of_ours_make_nobody_of_a_stranger, |world| {
    let scene = scene(&mut world).await;
    let id = scene.relay.message_id();
    let root = scene.relay.references()[0].clone();
    let other_keys = Keys { identity: [1; 32], tokens: vec![[2; 32].into()] };
    let mark = scene.relay.header("X-Casepost-Id");
    let foreign = other_keys.own_mark(&desk(), &MessageId::new(&id));
    let moved = format!("{} {}", scene.other_relay.message_id(), mark.rsplit(' ').next().unwrap());
    for (name, mail) in [
        ("an answer to the expert's letter", world.reply_to(&scene.relay).by("stranger")),
        ("its id as our own", world.mail_from("stranger").message_id(&id)),
        ("its mark", world.mail_from("stranger").header("X-Casepost-Id", &mark)),
        (
            "its mark and its id",
            world.mail_from("stranger").header("X-Casepost-Id", &mark).message_id(&format!("2{id}")),
        ),
        ("the case's keyed id", world.mail_from("stranger").references(&[&root])),
        ("an id without key", world.mail_from("stranger").in_reply_to("amr-2026-0001@lindeboom.example")),
        ("an id of an older form", world.mail_from("stranger").in_reply_to("case-1-joost@lindeboom.example")),
        (
            "an id with a made-up key",
            world.mail_from("stranger").references(&["amr-2026-0001.aaaaaaaaaaaaaaaa@lindeboom.example"]),
        ),
        ("a mark of another installation", world.mail_from("stranger").header("x-casepost-id", &foreign)),
        ("a mark moved to another id", world.mail_from("stranger").header("X-CASEPOST-ID", &moved)),
        ("a case number", world.mail_from("stranger").subject("Re: [LIN AMR-2026-0001] x")),
        ("a case number that is not given out", world.mail_from("stranger").subject("Re: [LIN AMR-2026-0777] x")),
        ("a request's number", world.mail_from("stranger").subject("Re: [LIN R-1] x")),
        ("the coordinator's token", world.mail_from("stranger").to(&[&scene.acknowledgement.reply_to()])),
        ("the expert's token", world.mail_from("stranger").to(&[&scene.relay.reply_to()])),
        ("the token of the request", world.mail_from("stranger").to(&[&scene.approval.reply_to()])),
    ] {
        let mail = mail.text("#tijd 2u\n#akkoord\nOnze nieuwe bankrekening is NL00.");
        is_a_stranger(&mut world, name, mail, SAM).await;
    }
});

dialogue!(ids_and_marks_of_ours_prove_nobody, |world| {
    let scene = scene(&mut world).await;
    let mark = scene.acknowledgement.header("X-Casepost-Id");
    let expert_mark = scene.relay.header("X-Casepost-Id");
    let (anne, joost) = ("challenge to anne.bakker", "challenge to joost");
    for (name, mail, told) in [
        ("her token and thread", world.reply_to(&scene.acknowledgement), anne),
        ("her mark", world.mail_from("anne").header("X-Casepost-Id", &mark), anne),
        ("her id as her own", world.mail_from("anne").message_id(&scene.acknowledgement.message_id()), anne),
        ("the expert's token and thread", world.reply_to(&scene.relay), joost),
        ("the expert's mark", world.reply_to(&scene.relay).header("X-Casepost-Id", &expert_mark), joost),
        (
            "somebody unlisted",
            world.mail_from("bode@amersfoortsmuseum.example").header("X-Casepost-Id", &mark),
            "challenge to bode",
        ),
        (
            "a subaddress",
            world.mail_from("anne.bakker+x@amersfoortsmuseum.example").to(&[&scene.acknowledgement.reply_to()]),
            "challenge to anne.bakker+x",
        ),
    ] {
        let mail = mail.text("#tijd 2u\nOnze nieuwe bankrekening is NL00.").unproven();
        harmless(&mut world, name, mail, "challenged sender-unproven", &[told]).await;
    }
    for (name, from) in
        [("the desk's own address", "support@lindeboom.example"), ("one beside it", "x@lindeboom.example")]
    {
        let mail = world.mail_from(from).header("X-Casepost-Id", "forged@lindeboom.example aaaa").unproven();
        harmless(&mut world, name, mail, "quarantined unknown-sender", &[]).await;
    }
});

dialogue!(a_known_person_gains_nothing_by_what_was_made_for_another, |world| {
    let scene = scene(&mut world).await;
    let tokens = keys();
    let of_mira = tokens.reply_token(&desk(), "AMR-2026-0001", &PersonKey::new("mira").unwrap());
    let mark = scene.relay.header("X-Casepost-Id");
    let before = world.case("AMR-2026-0001").await;
    let plain = world.mail_from("tom").subject("Iets").text("Hello.\n#tijd 2u");
    world.receive(plain).await.is("held").on_no_case();
    let plain: Vec<String> = world.unread().await.iter().map(|letter| letter.whole()).collect();
    world.rest().await;
    for (name, mail) in [
        ("a number", world.mail_from("tom").subject("Re: [LIN AMR-2026-0001] Iets")),
        ("the coordinator's letter", world.reply_to(&scene.acknowledgement).by("tom").without_quote()),
        ("the expert's letter", world.reply_to(&scene.relay).by("tom").without_quote()),
        ("the request", world.reply_to(&scene.approval).by("tom").without_quote()),
        ("a token", world.mail_from("tom").to(&[&scene.acknowledgement.reply_to(), &scene.relay.reply_to()])),
        (
            "a token of somebody else's",
            world.mail_from("tom").to(&[&format!("support+amr-2026-0001.{of_mira}@lindeboom.example")]),
        ),
        ("a mark", world.mail_from("tom").header("X-Casepost-Id", &mark)),
    ] {
        world.pass(25);
        let got = world.receive(mail.subject("Iets").text("Hello.\n#tijd 2u")).await;
        assert_eq!((got.outcome.as_str(), got.case.as_deref()), ("held", None), "{name}");
        let letters = world.unread().await;
        assert_eq!(letters.len(), plain.len(), "{name}");
        for letter in &letters {
            letter.does_not_say("AMR").does_not_say("formulier").does_not_say("Anne");
        }
        world.rest().await;
    }
    assert_eq!(world.case("AMR-2026-0001").await, before);
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    // An expert who is not on the case is told so and does nothing there.
    for (name, mail) in [
        ("the colleague's letter", world.reply_to(&scene.relay).by("mira")),
        ("the coordinator's token", world.mail_from("mira").to(&[&scene.acknowledgement.reply_to()])),
        (
            "an own token from before",
            world.mail_from("mira").to(&[&format!("support+amr-2026-0001.{of_mira}@lindeboom.example")]),
        ),
        ("the number", world.mail_from("mira").subject("Re: [LIN AMR-2026-0001] x")),
    ] {
        let cause = if name == "the coordinator's token" { "expert-without-case" } else { "not-on-case" };
        let mail = mail.text("#tijd 2u\n#opgelost\nKlaar.");
        harmless(&mut world, name, mail, &format!("quarantined {cause}"), &["transcript to mira"]).await;
    }
});

dialogue!(a_copied_mark_swallows_no_mail_and_a_letter_of_ours_that_comes_back_goes_nowhere, |world| {
    let scene = scene(&mut world).await;
    let letter = scene.acknowledgement.clone();
    let mark = letter.header("X-Casepost-Id");
    // People and programs that copy headers into what they write.
    let mail = world.mail_from("bode@amersfoortsmuseum.example").header("X-Casepost-Id", &mark);
    world.receive(mail.text("Mag ik een account?")).await.is("held");
    let mail = world.mail_from("hostwell").header("X-Casepost-Id", &mark).subject("Re: [LIN AMR-2026-0001] x");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let mail = world.mail_from("monitor").header("X-Casepost-Id", &mark).subject("[DOWN] site");
    world.receive(mail).await.is("opened");
    world.rest().await;
    // What we wrote, sent back by whomever: as it was, by a list with a footer, by a server that lost the mark.
    let trace = "Received: from a by mx.lindeboom.example; Tue, 21 Apr 2026 08:00:00 +0000\r\n";
    let by = |letter: &Letter, from: &str| {
        let own = letter.raw().lines().find(|line| line.starts_with("From:")).unwrap().to_owned();
        letter.raw().replace(&own, &format!("From: {from}"))
    };
    for (name, back) in [
        ("redirected", letter.raw().to_owned()),
        ("by a list", by(&letter, "Lindeboom via lijst <lijst@elsewhere.example>")),
        ("by a list of the client", by(&letter, "Lindeboom via lijst <it@amersfoortsmuseum.example>")),
        ("without its mark", scene.relay.raw().replace("X-Casepost-Id:", "X-Lost:")),
        ("under another id", scene.other_relay.raw().replace("Message-ID: <", "Message-ID: <2")),
        ("by a supplier", by(&scene.approval, "Hostwell <support@hostwell.example>")),
    ] {
        let before = (world.cases().await, world.ledger("AMR").await);
        let got = world.receive_raw(format!("{trace}{back}").as_bytes(), false).await;
        assert_eq!(got.outcome, "own", "{name}: {got:?}");
        assert_eq!((world.cases().await, world.ledger("AMR").await), before, "{name}");
        world.no_letters().await;
    }
});
