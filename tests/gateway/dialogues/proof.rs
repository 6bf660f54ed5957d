//! Who says so: nobody acts in a name that nothing proves.

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::DESK;

dialogue!(a_forged_coordinator_is_asked_for_one_word, |world| {
    let mail = world.mail_from("anne").subject("Wachtwoord").text("Graag het wachtwoord naar mij.").unproven();
    world.receive(mail).await.is("challenged").because("sender-unproven").on_no_case();
    let letter = world.letter_to("anne").await;
    letter.is("challenge").reads("
        Subject: Is dit bericht van u? Wachtwoord

        Beste Anne Bakker,

        Wij ontvingen dinsdag 21 april om 10:00 onderstaand bericht op naam van dit adres, maar kunnen niet vaststellen dat het echt van u komt. Daarom doen wij er nog niets mee.

        Is het van u? Beantwoord deze mail dan met dit ene woord op de eerste regel:

            bevestig

        Wij nemen het bericht daarna in behandeling, met het oorspronkelijke tijdstip van ontvangst. Is het niet van u? Dan hoeft u niets te doen.

        Onderwerp: Wachtwoord

            Graag het wachtwoord naar mij.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    assert_eq!(letter.stored.reverse_path, None);
    assert_eq!(letter.header("Auto-Submitted"), "auto-replied");
    assert_eq!(world.cases().await, [""; 0]);
});

dialogue!(the_word_releases_the_one_mail_with_its_time_of_receipt, |world| {
    let mail = world.mail_from("anne").subject("Agenda leeg").text("De agenda is leeg.").unproven();
    world.receive(mail).await.is("challenged");
    let other = world.mail_from("anne").subject("Nog iets").unproven();
    world.receive(other).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    world.letter_to("anne").await.is("challenge");
    world.pass(5);
    let mail = world.reply_to(&challenge).text("Bevestig\n\nGroet, Anne").unproven();
    world.receive(mail).await.is("noted").on_no_case();
    let case = world.case("AMR-2026-0001").await;
    assert_eq!(case.opened_at.to_string(), "2026-04-21T08:00:00Z");
    assert_eq!(world.cases().await.len(), 1);
    world.letter_to("anne").await.is("acknowledgement").says("Agenda leeg").says("om 10:00");
    world.letter_to("joost").await.is("relay").says("De agenda is leeg.");
    // Said twice, it is done once.
    let mail = world.reply_to(&challenge).text("bevestig").unproven();
    world.receive(mail).await.is("noted");
});

dialogue!(an_out_of_office_releases_nothing, |world| {
    let mail = world.mail_from("anne").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    let mail = world.reply_to(&challenge).text("bevestig").automatic();
    world.receive(mail).await.is("noted");
    let mail = world.reply_to(&challenge).subject("Afwezig: bericht").text("bevestig\nIk ben er maandag weer.");
    world.receive(mail.header("X-Auto-Response-Suppress", "All")).await.is("noted");
    assert_eq!(world.cases().await, [""; 0]);
});

dialogue!(another_word_or_another_sender_releases_nothing, |world| {
    let mail = world.mail_from("anne").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    let mail = world.reply_to(&challenge).text("Nee, dit is niet van mij. Niet bevestigen!");
    world.receive(mail).await.is("quarantined").because("word-missing");
    // Of anybody else it is a mail like any other.
    let mail = world.reply_to(&challenge).by("stranger").text("bevestig");
    world.receive(mail).await.is("quarantined").because("unknown-sender");
    world.letter_to("stranger").await.is("refusal");
    let mail = world.reply_to(&challenge).by("kees").text("bevestig").without_quote();
    world.receive(mail).await.is("held");
    assert_eq!(world.rest().await, ["approval-request to anne.bakker", "request-held to kees.groen"]);
    let mail = world.mail_from("anne").subject("Re: iets").in_reply_to("x@lindeboom.example").text("bevestig");
    world.receive(mail.unproven()).await.is("challenged");
    assert_eq!(world.cases().await, [""; 0]);
    assert_eq!(world.rest().await, ["challenge to anne.bakker"]);
});

dialogue!(a_mail_released_after_its_deadline_is_taken_up_at_once_and_the_desk_is_alarmed, |world| {
    let mail = world.mail_from("grace").subject("Portal login").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("grace").await;
    world.pass(48);
    let mail = world.reply_to(&challenge).text("confirm");
    world.receive(mail).await.is("noted");
    let case = world.case("NWK-2026-0001").await;
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-21T12:00:00Z");
    world.letter_to("grace").await.is("acknowledgement").says("at once").does_not_say("before");
    world.letter_to("mira").await.is("relay");
    world.letter_to("mira").await.is("alarm").says("NWK-2026-0001");
});

dialogue!(a_mail_that_leaves_quarantine_keeps_its_receipt_and_is_taken_up_at_once_after_its_deadline, |world| {
    let role = "role = \"coordinator\"\nclient = \"NWK\"";
    world.declare(&DESK.replace(role, "role = \"functional-administrator\"\nclient = \"NWK\"")).await;
    let mail = world.mail_from("grace").subject("Portal login");
    let kept = world.receive(mail).await;
    kept.is("quarantined").because("no-coordinator");
    world.rest().await;
    world.pass(48);
    world.declare(DESK).await;
    world.decide_again(kept.kept.as_ref().unwrap(), false).await;
    let case = world.case("NWK-2026-0001").await;
    assert_eq!(case.opened_at.to_string(), "2026-04-21T08:00:00Z");
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-21T12:00:00Z");
    world.letter_to("grace").await.is("acknowledgement").says("at once").does_not_say("before");
    world.letter_to("mira").await.is("relay");
    world.letter_to("mira").await.is("alarm").says("NWK-2026-0001");
});

dialogue!(a_mail_that_its_domain_disowns_opens_nothing, |world| {
    let mail = world.mail_from("anne").disowned();
    world.receive(mail).await.is("challenged").because("sender-contradicted").on_no_case();
    world.letter_to("anne").await.is("challenge");
});

dialogue!(words_of_the_sender_about_itself_are_not_believed, |world| {
    let pass = "mx.lindeboom.example; dmarc=pass header.from=amersfoortsmuseum.example";
    // Below our host's lines, where anybody may have written.
    let mail = world.mail_from("anne").unproven().header("Authentication-Results", pass);
    let mail = mail.header("Received", "from a by b; Tue, 21 Apr 2026 08:00:00 +0000");
    world.receive(mail.header("Authentication-Results", pass)).await.is("challenged");
    // By a server that is not ours.
    let other = "mx.elsewhere.example; dmarc=pass header.from=amersfoortsmuseum.example";
    let mail = world.mail_from("anne").unjudged().top_header("Authentication-Results", other);
    world.receive(mail).await.is("challenged");
    // By nobody at all.
    let mail = world.mail_from("anne").unjudged();
    world.receive(mail).await.is("challenged");
    // About another domain.
    let other = "mx.lindeboom.example; dmarc=pass header.from=elsewhere.example; spf=pass";
    let mail = world.mail_from("anne").unjudged().top_header("Authentication-Results", other);
    world.receive(mail).await.is("challenged");
    assert_eq!(world.cases().await, [""; 0]);
    assert_eq!(world.rest().await.len(), 4);
});

dialogue!(where_an_answer_should_go_never_tells_who_wrote, |world| {
    let mail = world.mail_from("stranger").header("Reply-To", "anne.bakker@amersfoortsmuseum.example");
    world.receive(mail).await.is("quarantined").because("unknown-sender");
    let mail = world.mail_from("stranger").header("Sender", "anne.bakker@amersfoortsmuseum.example");
    world.receive(mail).await.is("quarantined").because("unknown-sender");
    assert_eq!(world.rest().await, ["refusal to sam"]);
});

dialogue!(a_from_that_names_two_or_hides_one_is_nobody, |world| {
    let both = "Anne Bakker <anne.bakker@amersfoortsmuseum.example>, Sam <sam@elsewhere.example>";
    let mail = world.mail_from("anne").written_by(both);
    world.receive(mail).await.is("quarantined").because("no-single-sender");
    let mail = world.mail_from("anne").header("From", "Sam <sam@elsewhere.example>");
    world.receive(mail).await.is("quarantined").because("no-single-sender");
    let hidden = "\"anne.bakker@amersfoortsmuseum.example\" <sam@elsewhere.example>";
    let mail = world.mail_from("stranger").written_by(hidden);
    world.receive(mail).await.is("quarantined").because("unknown-sender");
    world.letter_to("stranger").await.is("refusal");
});

dialogue!(addresses_are_compared_whole, |world| {
    for address in [
        "joanne.bakker@amersfoortsmuseum.example.elsewhere.example",
        "anne.bakker@notamersfoortsmuseum.example",
        "anne.bakker%amersfoortsmuseum.example@elsewhere.example",
        "a$(id)'\"_@elsewhere.example",
    ] {
        let mail = world.mail_from(address);
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "quarantined", "{address}: {got:?}");
    }
    // Capitals are no other person.
    let mail = world.mail_from("Anne.Bakker@AmersfoortsMuseum.example");
    world.receive(mail).await.is("opened");
    assert!(world.rest().await.iter().any(|line| line == "acknowledgement to anne.bakker"));
});

dialogue!(an_unproven_expert_books_nothing_and_speaks_to_nobody, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Gedaan.\n#tijd 40m\n#opgelost").unproven();
    world.receive(mail).await.is("challenged").on_no_case();
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    let challenge = world.letter_to("joost").await;
    challenge.is("challenge").says("#tijd 40m");
    // The expert's own word lets it through, once, tags and all.
    let mail = world.reply_to(&challenge).text("bevestig");
    world.receive(mail).await.is("noted");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.letter_to("anne").await.is("answer").says("Gedaan.").does_not_say("#tijd");
});

dialogue!(forged_ids_and_tokens_never_make_somebody_an_expert, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    opened_by_grace(&mut world).await;
    let text = "Onze nieuwe bankrekening is NL00.\n#tijd 2u";
    let ids = ["x@lindeboom.example".to_owned(), "case-1-joost@lindeboom.example".into(), relay.message_id()];
    for (id, who) in ids.iter().flat_map(|id| [(id, "stranger"), (id, "tom")]) {
        let mail = world.mail_from(who).in_reply_to(id).references(&[id]).to(&[&relay.reply_to()]).text(text);
        let got = world.receive(mail).await;
        assert!(["quarantined", "held"].contains(&got.outcome.as_str()), "{who} {id}: {got:?}");
        got.on_no_case();
    }
    // A coordinator is no expert either, whatever tags they write.
    let mail = world.reply_to(&acknowledgement).text("#tijd 2u\nKlaar toch?");
    world.receive(mail).await.is("joined");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    let letters = world.rest().await;
    assert!(letters.iter().all(|line| line != "answer to anne.bakker"), "{letters:?}");
});

dialogue!(a_contract_may_accept_the_from_header_for_requests_and_for_nothing_else, |world| {
    let text = DESK.replace("rounding = \"per-entry\"", "rounding = \"per-entry\"\naccept = \"from-header\"");
    world.declare(&text).await;
    let mail = world.mail_from("anne").unproven();
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    // Not where the domain's owner disowns it.
    let mail = world.mail_from("anne").disowned();
    world.receive(mail).await.is("challenged");
    // Not for experts.
    let mail = world.reply_to(&relay).text("#tijd 40m").unproven();
    world.receive(mail).await.is("challenged");
    // Not for approvals.
    let mail = world.mail_from("kees").unproven();
    world.receive(mail).await.is("held");
    world.letter_to("anne").await.is("challenge");
    world.letter_to("joost").await.is("challenge");
    let request = world.letter_to("anne").await;
    request.is("approval-request");
    let mail = world.reply_to(&request).text("#akkoord").unproven();
    world.receive(mail).await.is("challenged");
    assert_eq!(world.cases().await, ["AMR-2026-0001"]);
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    assert_eq!(world.rest().await, ["request-held to kees.groen", "challenge to anne.bakker"]);
});

dialogue!(a_failure_of_dns_lets_a_mail_wait_with_its_time_and_not_for_ever, |world| {
    let mail = world.mail_from("anne").undecided();
    world.receive(mail.clone()).await.is("waits");
    assert!(world.state().await["messages"].is_empty());
    world.pass(25);
    world.receive(mail).await.is("challenged");
    world.letter_to("anne").await.is("challenge");
});

dialogue!(a_later_copy_with_a_better_proof_is_decided_anew, |world| {
    let mail = world.mail_from("anne").unproven();
    world.receive(mail.clone()).await.is("challenged");
    world.letter_to("anne").await.is("challenge");
    world.receive(mail.proven()).await.is("opened").on("AMR-2026-0001");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
    // The bytes that are kept are those that were believed, and no others lie about.
    let [kept] = &world.mails().await[..] else { panic!("one mail") };
    assert!(String::from_utf8(world.kept_bytes(kept).await).unwrap().contains("dmarc=pass"));
    let sql = "SELECT COUNT(*) FROM raw_mails WHERE digest NOT IN
        (SELECT raw_digest FROM messages UNION SELECT raw_digest FROM letters)";
    assert_eq!(world.db.fetch(sql, &[]).await.unwrap()[0].int(0).unwrap(), 0);
});

dialogue!(in_the_junk_folder_only_proven_people_count, |world| {
    let mail = world.mail_from("anne").unproven().in_junk();
    world.receive(mail).await.is("noted").on_no_case();
    let mail = world.mail_from("stranger").in_junk();
    world.receive(mail).await.is("noted").on_no_case();
    let mail = world.mail_from("anne").in_junk();
    world.receive(mail).await.is("opened");
    assert_eq!(world.rest().await.len(), 2);
});
