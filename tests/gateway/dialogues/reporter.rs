//! Somebody else of the client writes: the coordinator decides.

use super::opened;
use crate::dialogue;
use crate::world::{DESK, Letter, World};

/// Kees asks; the coordinator's letter, with his own looked at.
async fn held(world: &mut World) -> Letter {
    let mail = world.mail_from("kees").subject("Nieuwe collega").text("Graag een account voor Jan.\n");
    world.receive(mail).await.is("held").on_no_case();
    let request = world.letter_to("anne").await;
    request.is("approval-request");
    world.letter_to("kees").await.is("request-held");
    request
}

dialogue!(a_reporter_s_request_waits_for_the_coordinator_without_number_and_clock, |world| {
    let mail = world.mail_from("kees").subject("Nieuwe collega").text("Graag een account voor Jan.\n");
    let id = mail.id();
    let got = world.receive(mail).await;
    got.is("held").on_no_case();
    assert_eq!(got.kept.as_ref().unwrap().request_no, Some(1));
    assert_eq!(world.cases().await, [""; 0]);
    let letter = world.letter_to("anne").await;
    letter.is("approval-request").reads("
        Subject: [LIN R-1] Uw akkoord gevraagd: Nieuwe collega

        Beste Anne Bakker,

        Kees Groen (kees.groen@amersfoortsmuseum.example) vraagt ons om het volgende. Wij beginnen er pas aan als u akkoord geeft.

        Aanvraag:      R-1
        Onderwerp:     Nieuwe collega
        Organisatie:   Amersfoorts Museum
        Ontvangen:     dinsdag 21 april om 10:00

        Graag een account voor Jan.

        Beantwoord deze mail en zet op de eerste regel een van deze drie:

            #akkoord                het wordt een zaak op uw naam
            #afwijzen uw reden      de aanvrager krijgt uw reden te lezen
            #bundelen ZAAKNUMMER    het gaat mee met een lopende zaak

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    assert!(letter.reply_to().starts_with("support+r-1."), "{}", letter.reply_to());
    let letter = world.letter_to("kees").await;
    letter.is("request-held").reads(r#"
        Subject: [LIN R-1] Voorgelegd aan Anne Bakker: Nieuwe collega

        Beste Kees Groen,

        Dank voor uw bericht "Nieuwe collega". Bij Amersfoorts Museum lopen aanvragen via Anne Bakker. Wij hebben uw bericht daarom voorgelegd, onder nummer R-1. Na akkoord gaan wij ermee aan de slag; u hoort wat er besloten is.

        U hoeft nu niets te doen. Heeft het haast? Neem dan even contact op met Anne Bakker.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#);
    assert_eq!(letter.in_reply_to(), id);
});

dialogue!(an_approved_request_becomes_a_case_in_the_coordinator_s_name_from_that_moment, |world| {
    let request = held(&mut world).await;
    world.pass(5);
    let approved_at = world.now;
    let mail = world.reply_to(&request).text("#akkoord\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let case = world.case("AMR-2026-0001").await;
    assert_eq!(case.opened_at, approved_at);
    assert_eq!(case.coordinator.unwrap().as_str(), "anne-bakker");
    assert_eq!(case.subject, "Nieuwe collega");
    world.letter_to("anne").await.is("acknowledgement").says("R-1").says("AMR-2026-0001");
    world.letter_to("kees").await.is("request-approved").says("Anne Bakker").does_not_say("AMR-2026-0001");
    let relay = world.letter_to("joost").await;
    relay.is("relay").says("Graag een account voor Jan.").says("Kees Groen").does_not_say("#akkoord");
    // The answer goes to the coordinator, and not to the reporter, whose contract does not say so.
    let mail = world.reply_to(&relay).text("Gedaan.\n#tijd 10m");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    answer.is("answer").says("Graag een account voor Jan.");
    assert_eq!(answer.cc(), "");
    // Said again, nothing more happens.
    let mail = world.reply_to(&request).text("#akkoord\nNog eens.");
    world.receive(mail).await.is("noted");
    assert_eq!(world.cases().await.len(), 1);
});

dialogue!(a_deputy_decides_too_and_the_trail_names_the_position, |world| {
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).by("piet").text("#approve");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let positions: Vec<String> =
        world.trail("AMR-2026-0001").await.into_iter().filter_map(|line| line.position).collect();
    assert!(positions.iter().any(|p| p == "coordinator of AMR from 2026-01-01 (deputy)"), "{positions:?}");
    world.letter_to("piet").await.is("acknowledgement").says("Piet Smit");
    assert_eq!(world.rest().await, ["request-approved to kees.groen", "relay to joost"]);
});

dialogue!(a_rejected_request_ends_with_the_coordinator_s_reason, |world| {
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("#afwijzen Jan begint pas in juni.\n");
    world.receive(mail).await.is("noted").on_no_case();
    world.letter_to("kees").await.is("request-rejected").says("Jan begint pas in juni.").says("Anne Bakker");
    assert_eq!(world.cases().await, [""; 0]);
    let mail = world.reply_to(&request).text("#akkoord");
    world.receive(mail).await.is("noted");
    assert_eq!(world.cases().await, [""; 0]);
});

dialogue!(a_bundled_request_goes_along_with_a_case, |world| {
    opened(&mut world).await;
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("#bundelen AMR-2026-0001");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay").says("Graag een account voor Jan.");
    world.letter_to("kees").await.is("request-approved").says("bij een lopende zaak");
    assert_eq!(world.cases().await.len(), 1);
});

dialogue!(a_decision_is_written_in_english_too, |world| {
    opened(&mut world).await;
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("#Reject Jan only begins in June.\n");
    world.receive(mail).await.is("noted").on_no_case();
    world.letter_to("kees").await.is("request-rejected").says("Jan only begins in June.");
    world.pass(1);
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("#bundle AMR-2026-0001");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay").says("Graag een account voor Jan.");
    world.letter_to("kees").await.is("request-approved");
    assert_eq!(world.cases().await.len(), 1);
    world.rest().await;
});

dialogue!(a_case_of_another_client_takes_no_bundle, |world| {
    super::opened_by_grace(&mut world).await;
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("#bundelen NWK-2026-0001");
    world.receive(mail).await.is("noted").on_no_case();
    world.letter_to("anne").await.is("approval-request").does_not_say("Northwick");
});

dialogue!(an_answer_that_decides_nothing_is_asked_again, |world| {
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("Lijkt me goed, maar ik vraag het even na.");
    world.receive(mail).await.is("noted").on_no_case();
    world.letter_to("anne").await.is("approval-request").says("Graag een account voor Jan.");
    // Not in the first line, or not in words of its own.
    let mail = world.reply_to(&request).text("Beste mensen,\n\n> #akkoord\n");
    world.receive(mail).await.is("noted");
    world.letter_to("anne").await.is("approval-request");
    assert_eq!(world.cases().await, [""; 0]);
});

dialogue!(nobody_but_the_coordinator_approves, |world| {
    let request = held(&mut world).await;
    for (who, outcome) in [("kees", "held"), ("els", "held"), ("grace", "opened"), ("stranger", "quarantined")] {
        let mail = world.reply_to(&request).by(who).text("#akkoord");
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, outcome, "{who}: {}", got.why());
        assert_ne!(got.kept.unwrap().request_no, Some(1), "{who}");
    }
    assert_eq!(world.cases().await, ["NWK-2026-0001"]);
    let letters = world.rest().await;
    assert!(!letters.iter().any(|line| line.starts_with("request-approved")), "{letters:?}");
    let mail = world.reply_to(&request).text("#akkoord").unproven();
    world.receive(mail).await.is("challenged");
    world.letter_to("anne").await.is("challenge");
});

dialogue!(a_position_counts_at_the_moment_of_receipt, |world| {
    let ended = DESK.replace(
        "holder = \"anne-bakker\"\ndeputies = [\"piet-smit\"]\nfrom = 2026-01-01",
        "holder = \"anne-bakker\"\nfrom = 2026-01-01\nuntil = 2026-04-21\n\n[[position]]\nrole = \"coordinator\"\n\
         client = \"AMR\"\nholder = \"piet-smit\"\nfrom = 2026-04-22",
    );
    world.declare(&ended).await;
    // The last day goes to its end in the client's zone.
    world.at("2026-04-21T21:59:00Z");
    let mail = world.mail_from("piet").subject("Van Piet");
    world.receive(mail).await.is("held");
    let mail = world.mail_from("anne").subject("Van Anne");
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("approval-request");
    assert_eq!(world.rest().await, ["request-held to piet.smit", "acknowledgement to anne.bakker", "relay to joost"]);
    world.at("2026-04-21T22:00:00Z");
    let mail = world.mail_from("anne").subject("Van Anne, te laat");
    world.receive(mail).await.is("held");
    let mail = world.mail_from("piet").subject("Van Piet, op tijd");
    world.receive(mail).await.is("opened");
    world.letter_to("piet").await.is("approval-request");
    assert_eq!(world.rest().await, ["request-held to anne.bakker", "acknowledgement to piet.smit", "relay to joost"]);
});

dialogue!(a_reply_to_all_of_somebody_else_is_a_contribution, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let before = world.case("AMR-2026-0001").await;
    let mail = world.reply_to(&acknowledgement).by("kees").text("Bij mij doet het formulier het wel.");
    world.receive(mail).await.is("contributed").on("AMR-2026-0001");
    assert_eq!(world.case("AMR-2026-0001").await, before);
    world.letter_to("anne").await.is("contribution").reads("
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Beste Anne Bakker,

        Kees Groen (kees.groen@amersfoortsmuseum.example) schreef dinsdag 21 april om 10:00 in het gesprek over zaak AMR-2026-0001, Contactformulier verstuurt niet. Wij bewaren het bij de zaak; verder doen wij er zo nog niets mee.

        Bij mij doet het formulier het wel.

        Moet dit deel van de zaak worden? Beantwoord deze mail met op de eerste regel:

            #akkoord                wij nemen het mee in deze zaak

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    world.letter_to("joost").await.is("contribution").says("Bij mij doet het formulier het wel.");
    world.no_letters().await;
    // It opens nothing again after the case was resolved.
    let (_, relay) = (0, world.all_letters().await.remove(1));
    let mail = world.reply_to(&relay).text("Verholpen.\n#opgelost");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    let mail = world.reply_to(&answer).by("kees").text("Bij mij ook.");
    world.receive(mail).await.is("contributed");
    assert_eq!(world.state_of("AMR-2026-0001").await, "resolved support normal");
    assert_eq!(world.rest().await, ["contribution to anne.bakker", "contribution to joost"]);
});

dialogue!(the_functional_administrator_takes_part_in_every_case, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).by("els").text("Dit moet voor vrijdag.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay").says("Els Visser");
});

dialogue!(an_incident_may_be_reported_by_anybody_where_the_contract_says_so, |world| {
    let mail = world.mail_from("tom").subject("Portal down").text("#incident all screens are blank\n");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    assert_eq!(world.state_of("NWK-2026-0001").await, "new incident critical");
    world.letter_to("grace").await.is("acknowledgement");
    world.letter_to("mira").await.is("relay").says("Tom Reed");
    // And not where it does not.
    let mail = world.mail_from("kees").text("#spoed alles plat\n");
    world.receive(mail).await.is("held");
    assert_eq!(world.rest().await, ["approval-request to anne.bakker", "request-held to kees.groen"]);
});

dialogue!(a_list_or_a_program_gets_no_letter_back_but_its_request_is_held, |world| {
    let mail = world.mail_from("kees").header("List-Id", "<ict.amersfoortsmuseum.example>");
    world.receive(mail).await.is("held");
    assert_eq!(world.rest().await, ["approval-request to anne.bakker"]);
});

dialogue!(what_the_coordinator_approves_becomes_part_of_the_case, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).by("kees").text("Bij mij doet het formulier het wel.");
    world.receive(mail).await.is("contributed");
    let contribution = world.letter_to("anne").await;
    world.letter_to("joost").await.is("contribution").does_not_say("#akkoord");
    let mail = world.reply_to(&contribution).text("#akkoord\n\nKijk daar vooral naar.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let taken_in = world.letter_to("joost").await;
    taken_in.is("relay").says("Kees Groen").says("Bij mij doet het formulier het wel.");
    taken_in.says("Anne Bakker:\nKijk daar vooral naar.").does_not_say("#akkoord");
    // Said again it brings nobody the same once more.
    let mail = world.reply_to(&contribution).text("#akkoord\n");
    world.receive(mail).await.is("joined");
    world.no_letters().await;
    let mail = world.reply_to(&relay).text("Dank u beiden.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["answer to anne.bakker"]);
    // Whoever is known takes part from then on; nobody but the coordinator makes them.
    let mail = world.reply_to(&acknowledgement).by("grace").text("Ik ook.");
    assert_ne!(world.receive(mail).await.case.as_deref(), Some("AMR-2026-0001"));
    world.rest().await;
});

dialogue!(a_known_contributor_takes_part_once_the_coordinator_approves, |world| {
    let more = "[[person]]\nkey = \"kees-groen\"\nclient = \"AMR\"\nname = \"Kees Groen\"\n\
                addresses = [\"kees.groen@amersfoortsmuseum.example\"]\n";
    world.declare(&format!("{DESK}\n{more}")).await;
    let (acknowledgement, _) = opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).by("kees").text("Bij mij doet het formulier het wel.");
    world.receive(mail).await.is("contributed");
    let to_anne = world.letter_to("anne").await;
    world.letter_to("joost").await.is("contribution");
    // Their own approval makes nobody a party.
    let mail = world.reply_to(&to_anne).by("kees").text("#akkoord");
    world.receive(mail).await.is("contributed");
    world.rest().await;
    let mail = world.reply_to(&to_anne).text("#akkoord");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay").says("Bij mij doet het formulier het wel.");
    let mail = world.reply_to(&acknowledgement).by("kees").text("En ook in Firefox.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay").says("En ook in Firefox.");
});

dialogue!(an_approved_reporter_reads_along_where_the_contract_says_so, |world| {
    let desk = DESK.replace("rounding = \"per-entry\"", "rounding = \"per-entry\"\nreporter_in_cc = true");
    world.declare(&desk).await;
    let request = held(&mut world).await;
    let mail = world.reply_to(&request).text("#akkoord\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let acknowledgement = world.letter_to("anne").await;
    world.letter_to("kees").await.is("request-approved").says("AMR-2026-0001");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Gedaan.\n#tijd 10m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Nog op de strippenkaart");
    let to_kees = world.letter_to("kees").await;
    to_kees.is("answer").says("Gedaan.").does_not_say("strippen").does_not_say("10 min");
    assert_eq!(to_kees.reply_to(), "support@lindeboom.example", "nobody's token goes to who is not in the directory");
    // Also after the coordinator wrote without naming them.
    let mail = world.reply_to(&acknowledgement).text("Wanneer is het klaar?");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay");
    let mail = world.reply_to(&relay).text("Morgen.");
    world.receive(mail).await.is("joined");
    assert_eq!(world.rest().await, ["answer to anne.bakker", "answer to kees.groen"]);
    // What they answer is a contribution.
    let mail = world.reply_to(&to_kees).text("Dank!");
    world.receive(mail).await.is("contributed").on("AMR-2026-0001");
    world.rest().await;
});
