//! What waits for a person who says nothing: reminders, one letter a person and day, and what answers to them do.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::{DESK, Letter, World};

/// Kees asks on Tuesday at 10:00; Anne's letter about it, with his own looked at.
async fn held(world: &mut World, subject: &str) -> Letter {
    let mail = world.mail_from("kees").subject(subject).text("Graag een account voor Jan.\n");
    world.receive(mail).await.is("held");
    let request = world.letter_to("anne").await;
    request.is("approval-request");
    world.letter_to("kees").await.is("request-held");
    request
}

/// Joost asks Anne something and waits for her answer.
async fn waiting(world: &mut World) {
    let (_, relay) = opened(world).await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nWelke browser gebruik je?\n\n#wacht klant\n");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
}

/// At each of these moments the clock ticks, and nobody is written to.
async fn silent(world: &mut World, moments: &[&str]) {
    for moment in moments {
        world.at(moment);
        world.tick().await;
        world.tick().await;
        world.no_letters().await;
    }
}

/// The clock ticks at that moment.
async fn tick_at(world: &mut World, moment: &str) {
    world.at(moment);
    world.tick().await;
}

/// The reply address that stands in a letter for one of its matters.
fn address_of(letter: &Letter, about: &str) -> String {
    let start = format!("support+{about}.");
    let text = letter.text();
    let found = text.split_whitespace().find(|word| word.starts_with(&start));
    found.unwrap_or_else(|| panic!("no address of {about} in\n{text}")).to_owned()
}

dialogue!(a_held_request_is_told_again_to_the_deputy_then_and_ends, |world| {
    held(&mut world, "Nieuwe collega").await;
    // Tuesday 21 April. Two working days end on Thursday at 17:00; on Friday at 9:00 the desk opens.
    silent(
        &mut world,
        &["2026-04-22T08:00:00Z", "2026-04-23T14:59:00Z", "2026-04-23T15:00:00Z", "2026-04-24T06:59:00Z"],
    )
    .await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let again = world.letter_to("anne").await;
    again.is("approval-request").reads("
        Subject: [LIN R-1] Wacht op uw besluit: Nieuwe collega

        Beste Anne Bakker,

        Deze aanvraag wacht nog op uw besluit.

        Kees Groen (kees.groen@amersfoortsmuseum.example) vraagt ons om het volgende. Wij beginnen er pas aan als u akkoord geeft.

        Aanvraag:      R-1
        Onderwerp:     Nieuwe collega
        Organisatie:   Amersfoorts Museum
        Ontvangen:     dinsdag 21 april om 10:00
        Besluit graag: donderdag 21 mei vóór 17:00

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
    // Five end on Wednesday the 29th, for Monday is King's Day.
    silent(
        &mut world,
        &["2026-04-24T07:01:00Z", "2026-04-27T08:00:00Z", "2026-04-29T14:59:00Z", "2026-04-29T20:00:00Z"],
    )
    .await;
    tick_at(&mut world, "2026-04-30T07:00:00Z").await;
    let deputy = world.letter_to("piet").await;
    deputy.is("approval-request").says("als vervanger van Anne Bakker").says("Graag een account voor Jan.");
    assert_eq!(deputy.stored.request_no, Some(1));
    // Twenty end on Thursday 21 May, without King's Day and Ascension Day.
    silent(
        &mut world,
        &["2026-05-05T08:00:00Z", "2026-05-20T08:00:00Z", "2026-05-21T14:59:00Z", "2026-05-21T16:00:00Z"],
    )
    .await;
    tick_at(&mut world, "2026-05-22T07:00:00Z").await;
    world.letter_to("anne").await.is("request-ended").says("(R-1) van Kees Groen heeft twintig werkdagen");
    let to_kees = world.letter_to("kees").await;
    to_kees.is("request-ended").says("Overleg dan met Anne Bakker");
    assert_eq!(to_kees.in_reply_to(), to_kees.references().pop().unwrap());
    silent(&mut world, &["2026-05-22T07:05:00Z", "2026-06-22T08:00:00Z"]).await;
    // Whoever decides now reads that it is too late, and what to do.
    let mail = world.reply_to(&deputy).text("#akkoord");
    world.receive(mail).await.is("noted").on_no_case();
    world.letter_to("piet").await.is("request-ended").reads(r#"
        Subject: [LIN R-1] Afgesloten zonder besluit: Nieuwe collega

        Beste Piet Smit,

        Dank voor uw antwoord. De aanvraag "Nieuwe collega" (R-1) van Kees Groen was toen al afgesloten, omdat er binnen twintig werkdagen geen besluit was; uw antwoord heeft er niets meer aan veranderd. Is het nog nodig? Stuur ons dan een nieuwe mail waarin staat wat er moet gebeuren: die wordt meteen een zaak op uw naam.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#);
    assert_eq!(world.cases().await, [""; 0]);
    // An answer to that letter is a new mail.
    let mail = world.reply_to(&again).by("anne").text("#afwijzen hoeft niet meer");
    world.receive(mail).await.is("noted");
    let late = world.letter_to("anne").await;
    let mail = world.reply_to(&late).text("Graag toch een account voor Jan.");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(a_plain_answer_to_the_reminder_of_one_request_decides_on_it, |world| {
    held(&mut world, "Nieuwe collega").await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let again = world.letter_to("anne").await;
    let mail = world.reply_to(&again).text("#akkoord\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay").says("Graag een account voor Jan.");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "request-approved to kees.groen"]);
    silent(&mut world, &["2026-04-30T07:00:00Z", "2026-05-22T07:00:00Z"]).await;
});

dialogue!(without_a_deputy_the_coordinator_and_the_duty_manager_are_reminded, |world| {
    world.declare(&DESK.replace("deputies = [\"piet-smit\"]\n", "")).await;
    held(&mut world, "Nieuwe collega").await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    world.letter_to("anne").await.is("approval-request");
    tick_at(&mut world, "2026-04-30T07:00:00Z").await;
    world.letter_to("anne").await.is("approval-request").does_not_say("vervanger");
    tick_at(&mut world, "2026-04-30T07:01:00Z").await;
    let manager = world.letter_to("mira").await;
    manager.is("reminder").reads("
        Subject: [LIN] Er wacht iets op u

        Beste Mira Jansen,

        De volgende aanvraag wacht nog op een besluit.

        R-1: Nieuwe collega
        Kees Groen vroeg dit dinsdag 21 april om 10:00 voor Amersfoorts Museum.
        Anne Bakker besloot er nog niet over en heeft nu geen vervanger. Wilt u contact opnemen? Alleen de coördinator kan akkoord geven.

            Graag een account voor Jan.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    silent(&mut world, &["2026-05-01T07:00:00Z", "2026-05-21T16:00:00Z"]).await;
    tick_at(&mut world, "2026-05-22T07:00:00Z").await;
    assert_eq!(world.rest().await, ["request-ended to anne.bakker", "request-ended to kees.groen"]);
});

dialogue!(whoever_is_deputy_at_that_moment_is_reminded, |world| {
    held(&mut world, "Nieuwe collega").await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    world.letter_to("anne").await.is("approval-request");
    world.declare(&DESK.replace("deputies = [\"piet-smit\"]", "deputies = [\"els-visser\"]")).await;
    tick_at(&mut world, "2026-04-30T07:00:00Z").await;
    let again = world.letter_to("els").await;
    again.is("approval-request").says("als vervanger van Anne Bakker");
    let mail = world.reply_to(&again).text("#akkoord");
    world.receive(mail).await.is("opened");
    world.rest().await;
});

dialogue!(after_a_standstill_nobody_finds_reminder_and_end_on_one_morning, |world| {
    held(&mut world, "Nieuwe collega").await;
    // On a Sunday, weeks later, casepost is back.
    silent(&mut world, &["2026-06-07T08:00:00Z", "2026-06-08T06:59:00Z"]).await;
    tick_at(&mut world, "2026-06-08T07:00:00Z").await;
    world.letter_to("anne").await.is("approval-request").says("Besluit graag: morgen vóór 17:00");
    tick_at(&mut world, "2026-06-08T07:01:00Z").await;
    world.letter_to("piet").await.is("approval-request").says("Besluit graag: morgen vóór 17:00");
    silent(&mut world, &["2026-06-08T12:00:00Z", "2026-06-09T14:59:00Z"]).await;
    tick_at(&mut world, "2026-06-10T07:00:00Z").await;
    assert_eq!(world.rest().await, ["request-ended to anne.bakker", "request-ended to kees.groen"]);
});

dialogue!(time_goes_on_only_as_far_as_the_mail_was_fetched, |world| {
    held(&mut world, "Nieuwe collega").await;
    world.fetched_until("2026-04-23T12:00:00Z").await;
    silent(&mut world, &["2026-04-24T07:00:00Z", "2026-04-28T08:00:00Z"]).await;
    world.fetched_until("2026-04-28T08:00:00Z").await;
    tick_at(&mut world, "2026-04-28T08:00:00Z").await;
    world.letter_to("anne").await.is("approval-request");
});

dialogue!(a_case_that_waits_for_its_client_is_told_every_five_working_days, |world| {
    waiting(&mut world).await;
    silent(&mut world, &["2026-04-22T08:00:00Z", "2026-04-29T15:00:00Z"]).await;
    tick_at(&mut world, "2026-04-30T07:00:00Z").await;
    let first = world.letter_to("anne").await;
    first.is("reminder").reads("
        Subject: [LIN AMR-2026-0001] Wij wachten op uw antwoord: Contactformulier verstuurt niet

        Beste Anne Bakker,

        Wij wachten in zaak AMR-2026-0001, Contactformulier verstuurt niet, sinds dinsdag 21 april om 10:00 op uw antwoord. Joost de Wit schreef:

            Dag Anne,

            Welke browser gebruik je?

        Beantwoord deze mail om verder te gaan. Is het niet meer nodig? Ook dan horen wij het graag.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    // Five more from that day end on Thursday 7 May: Liberation Day is no holiday this year.
    silent(&mut world, &["2026-05-01T08:00:00Z", "2026-05-06T15:00:00Z", "2026-05-07T14:59:00Z"]).await;
    tick_at(&mut world, "2026-05-08T07:00:00Z").await;
    world.letter_to("anne").await.is("reminder").says("sinds dinsdag 21 april");
    // A plain answer goes to the case, and it waits no longer.
    let mail = world.reply_to(&first).text("Firefox.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let relay = world.letter_to("joost").await;
    silent(&mut world, &["2026-05-19T07:00:00Z", "2026-06-19T07:00:00Z"]).await;
    // When it waits again the days are counted from then.
    let mail = world.reply_to(&relay).text("Doet het nu?\n#wacht klant");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    silent(&mut world, &["2026-06-22T07:00:00Z", "2026-06-26T15:00:00Z"]).await;
    tick_at(&mut world, "2026-06-29T07:00:00Z").await;
    world.letter_to("anne").await.is("reminder").says("sinds vrijdag 19 juni").says("Doet het nu?");
});

dialogue!(a_case_that_waits_until_a_date_is_not_told, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Laat het weten.\n#wacht klant tot 2026-06-01");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    silent(&mut world, &["2026-04-30T07:00:00Z", "2026-05-29T08:00:00Z", "2026-06-02T08:00:00Z"]).await;
});

dialogue!(all_that_falls_due_goes_into_one_letter_and_each_has_its_own_answer, |world| {
    world.at("2026-04-16T08:00:00Z");
    waiting(&mut world).await;
    world.at("2026-04-21T08:00:00Z");
    held(&mut world, "Nieuwe collega").await;
    held(&mut world, "Nieuwe printer").await;
    // Both requests fall due on Friday, as does the case that waits since the Thursday before.
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let bundle = world.letter_to("anne").await;
    let (first, second, case) =
        (address_of(&bundle, "r-1"), address_of(&bundle, "r-2"), address_of(&bundle, "amr-2026-0001"));
    let expected = format!("
        Subject: [LIN] Er wachten 3 dingen op u

        Beste Anne Bakker,

        Er wachten 3 dingen op u. Beantwoord ze elk apart, zoals erbij staat: een antwoord op deze mail zelf hoort bij geen ervan.

        Aanvragen die op een besluit wachten:

        R-1: Nieuwe collega
        Kees Groen vroeg dit dinsdag 21 april om 10:00 voor Amersfoorts Museum.
        Beslis graag donderdag 21 mei vóór 17:00; daarna sluiten wij de aanvraag af.

            Graag een account voor Jan.

        Antwoord hierop: {first}

        R-2: Nieuwe printer
        Kees Groen vroeg dit dinsdag 21 april om 10:00 voor Amersfoorts Museum.
        Beslis graag donderdag 21 mei vóór 17:00; daarna sluiten wij de aanvraag af.

            Graag een account voor Jan.

        Antwoord hierop: {second}

        Zet bij een aanvraag op de eerste regel van uw antwoord een van deze drie:

            #akkoord                het wordt een zaak op uw naam
            #afwijzen uw reden      de aanvrager krijgt uw reden te lezen
            #bundelen ZAAKNUMMER    het gaat mee met een lopende zaak

        Zaken waarin wij op uw antwoord wachten:

        AMR-2026-0001: Contactformulier verstuurt niet
        Wij wachten hierin sinds donderdag 16 april om 10:00 op uw antwoord. Joost de Wit schreef:

            Dag Anne,

            Welke browser gebruik je?

        Antwoord hierop: {case}

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ");
    bundle.is("reminder").reads(&expected);
    let html = bundle.html();
    assert!(html.contains(&format!("mailto:{first}?subject")), "{html}");
    assert!(!bundle.stored.text.contains(&first), "a kept letter tells no token");
    silent(&mut world, &["2026-04-24T12:00:00Z", "2026-04-28T08:00:00Z"]).await;
    // Each address leads to its matter, whoever else is named in the letter.
    let mail = world.mail_from("anne").to(&[&second]).subject("[LIN R-2] Nieuwe printer").text("#afwijzen Te duur.");
    world.receive(mail).await.is("noted");
    world.letter_to("kees").await.is("request-rejected").says("Nieuwe printer").says("Te duur.");
    let mail = world.mail_from("anne").to(&[&case]).subject("Browser").text("Firefox.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("joost").await.is("relay").says("Firefox.");
    let mail = world.mail_from("anne").to(&[&first]).subject("Akkoord").text("#akkoord");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    assert_eq!(
        world.rest().await,
        ["acknowledgement to anne.bakker", "request-approved to kees.groen", "relay to joost"]
    );
});

dialogue!(an_answer_to_the_bundle_itself_belongs_to_nothing_and_its_sender_reads_so, |world| {
    held(&mut world, "Nieuwe collega").await;
    held(&mut world, "Nieuwe printer").await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let bundle = world.letter_to("anne").await;
    assert_eq!(bundle.reply_to(), "support@lindeboom.example");
    for text in ["#akkoord", "Dat is goed hoor."] {
        let mail = world.reply_to(&bundle).text(text);
        world.receive(mail).await.is("quarantined").because("matter-unclear").on_no_case();
        world.letter_to("anne").await.is("reminder-unclear").says(text).says("bij welk ervan");
    }
    assert_eq!(world.cases().await, [""; 0]);
    // With the address of one of them the same mail is clear.
    let mail = world.reply_to(&bundle).to(&[&address_of(&bundle, "r-2")]).text("#akkoord");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    assert_eq!(world.case("AMR-2026-0001").await.subject, "Nieuwe printer");
    world.rest().await;
});

dialogue!(a_reminder_that_came_first_holds_the_rest_to_the_next_day, |world| {
    let (_, relay) = opened(&mut world).await;
    world.at("2026-04-21T08:10:00Z");
    let mail = world.reply_to(&relay).text("Klaar.\n#tjid 40m\n");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    world.pass(1);
    let mail = world.reply_to(&relay).text("Nog iets.\n#tjid 20m\n");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript");
    tick_at(&mut world, "2026-04-21T10:15:00Z").await;
    world.letter_to("joost").await.is("transcript").says("wacht nog op u").says("Klaar.");
    silent(&mut world, &["2026-04-21T11:30:00Z", "2026-04-21T14:00:00Z", "2026-04-22T06:59:00Z"]).await;
    tick_at(&mut world, "2026-04-22T07:00:00Z").await;
    world.letter_to("joost").await.is("transcript").says("wacht nog op u").says("Nog iets.");
    silent(&mut world, &["2026-04-23T08:00:00Z"]).await;
});

dialogue!(parked_mails_of_one_expert_go_together_and_are_mended_apart, |world| {
    let (_, relay) = opened(&mut world).await;
    for text in ["Het formulier werkt.\n#tjid 40m\n", "De agenda ook.\n#tjid 20m\n"] {
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("parked");
        world.letter_to("joost").await.is("transcript");
    }
    tick_at(&mut world, "2026-04-21T12:00:00Z").await;
    let bundle = world.letter_to("joost").await;
    bundle.is("reminder").says("Er wachten 2 dingen op u").says("Het formulier werkt.").says("De agenda ook.");
    let numbers: Vec<i64> =
        world.mails().await.iter().filter(|m| m.outcome == "parked").map(|m| m.message_no).collect();
    let first = address_of(&bundle, &format!("p-{}", numbers[0]));
    let mail = world.mail_from("joost").to(&[&first]).subject("Tags").text("#tijd 40m");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("anne").await.is("answer").says("Het formulier werkt.").does_not_say("agenda");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    // Once more to the same address: that mail waits no longer, and the case gets what is new.
    let mail = world.mail_from("joost").to(&[&first]).subject("Nog iets").text("En nog iets.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    world.letter_to("anne").await.is("answer").says("En nog iets.");
    // An answer to the letter itself mends nothing.
    let mail = world.reply_to(&bundle).text("#tijd 20m");
    world.receive(mail).await.is("quarantined").because("expert-without-case");
    world.letter_to("joost").await.is("transcript");
    // Nobody else can use his address.
    let mail = world.mail_from("mira").to(&[&first]).subject("Tags").text("#tijd 5m");
    world.receive(mail).await.is("quarantined");
    world.letter_to("mira").await.is("transcript");
});

dialogue!(an_expert_who_coordinates_too_gets_one_letter, |world| {
    let desk = DESK.replace("deputies = [\"piet-smit\"]", "deputies = [\"mira\"]");
    world.declare(&desk).await;
    held(&mut world, "Nieuwe collega").await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    world.letter_to("anne").await.is("approval-request");
    // Mira's own mail on a case of another client is parked when she is reminded as Anne's deputy.
    world.at("2026-04-29T13:30:00Z");
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).text("Done.\n#tmie 40m\n");
    world.receive(mail).await.is("parked");
    world.letter_to("mira").await.is("transcript");
    tick_at(&mut world, "2026-04-30T09:00:00Z").await;
    world.letter_to("mira").await.is("deadline-warning").says("NWK-2026-0001");
    let bundle = world.letter_to("mira").await;
    bundle.is("reminder").says("Er wachten 2 dingen op u").says("als vervanger van Anne Bakker").says("#tmie 40m");
    world.no_letters().await;
    // As an expert who coordinates she decides by the address of the request.
    let mail = world.mail_from("mira").to(&[&address_of(&bundle, "r-1")]).subject("Akkoord").text("#akkoord");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.rest().await;
});

dialogue!(workers_that_tick_at_once_tell_once, |world| {
    held(&mut world, "Nieuwe collega").await;
    waiting(&mut world).await;
    world.at("2026-04-30T07:00:00Z");
    tokio::join!(world.tick(), world.tick(), world.tick());
    let mut rest = world.rest().await;
    rest.sort();
    // The request's first reminder and the case for Anne, the second one for Piet.
    assert_eq!(rest, ["approval-request to piet.smit", "reminder to anne.bakker"]);
    silent(&mut world, &["2026-04-30T07:10:00Z"]).await;
});

dialogue!(a_mailbox_without_reply_addresses_names_the_letter_to_answer, |world| {
    world.configure_otherwise("reply_address = \"plus\"", "reply_address = \"none\"");
    held(&mut world, "Nieuwe collega").await;
    let request = held(&mut world, "Nieuwe printer").await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let bundle = world.letter_to("anne").await;
    bundle.is("reminder").says("beantwoord onze eerdere mail over R-2").does_not_say("support+");
    let mail = world.reply_to(&request).text("#akkoord");
    world.receive(mail).await.is("opened");
    world.rest().await;
});

dialogue!(a_coordinator_of_two_clients_gets_one_letter_and_answers_each, |world| {
    let anne = "addresses = [\"anne.bakker@amersfoortsmuseum.example\"]";
    let desk = DESK.replace(anne, &format!("{anne}\nfurther_clients = [\"NWK\"]"));
    world.declare(&desk.replace("holder = \"grace-hall\"", "holder = \"anne-bakker\"")).await;
    let request = held(&mut world, "Nieuwe collega").await;
    let mail = world.mail_from("tom").subject("New portal page").text("A page for our tenants, please.");
    world.receive(mail).await.is("held");
    world.letter_to("anne").await.is("approval-request");
    world.letter_to("tom").await.is("request-held");
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let bundle = world.letter_to("anne").await;
    bundle.is("reminder").says("Amersfoorts Museum").says("Northwick Housing");
    let mail = world.reply_to(&bundle).text("#akkoord");
    world.receive(mail).await.is("quarantined").because("matter-unclear");
    world.letter_to("anne").await.is("reminder-unclear");
    let mail = world.mail_from("anne").to(&[&address_of(&bundle, "r-2")]).text("#akkoord");
    world.receive(mail).await.is("opened").on("NWK-2026-0001");
    let mail = world.reply_to(&request).text("#akkoord");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.rest().await;
});

dialogue!(a_reminder_that_may_not_go_today_is_not_forgotten, |world| {
    let request = held(&mut world, "Nieuwe collega").await;
    // For a day after a bounce an address gets no letter of a program.
    world.at("2026-04-23T12:00:00Z");
    let mail = world.bounce_of(&request);
    world.receive(mail).await.is("noted");
    world.rest().await;
    silent(&mut world, &["2026-04-24T07:00:00Z", "2026-04-24T13:00:00Z", "2026-04-27T08:00:00Z"]).await;
    tick_at(&mut world, "2026-04-28T07:00:00Z").await;
    world.letter_to("anne").await.is("approval-request").says("wacht nog op uw besluit");
});

dialogue!(a_token_in_what_somebody_wrote_goes_no_further_by_a_reminder, |world| {
    let first = held(&mut world, "Nieuwe collega").await;
    let token = first.reply_to();
    let mail = world.mail_from("kees").subject(&format!("Over {token}")).text(&format!("Schrijf aan {token} svp."));
    world.receive(mail).await.is("held");
    world.rest().await;
    tick_at(&mut world, "2026-04-24T07:00:00Z").await;
    let bundle = world.letter_to("anne").await;
    bundle.is("reminder").says("Schrijf aan support@lindeboom.example svp.");
    // Her own address of the first request stands there once, and nowhere else.
    assert_eq!(bundle.text().matches(&token).count(), 1, "{}", bundle.whole());
    assert_eq!(bundle.html().matches(&token).count(), 2, "in the link and as its words");
});

dialogue!(through_six_weeks_of_hourly_ticks_each_letter_comes_on_its_day, |world| {
    world.at("2026-04-17T12:00:00Z");
    waiting(&mut world).await;
    let asked = [
        "2026-04-20T08:10:00Z",
        "2026-04-20T13:50:00Z",
        "2026-04-22T06:00:00Z",
        "2026-04-24T15:30:00Z",
        "2026-04-25T10:00:00Z",
    ];
    let mut asked = asked.iter().map(|moment| moment.parse::<Timestamp>().unwrap()).peekable();
    let (mut hour, end): (Timestamp, Timestamp) =
        ("2026-04-20T00:00:00Z".parse().unwrap(), "2026-06-05T00:00:00Z".parse().unwrap());
    while hour < end {
        while let Some(moment) = asked.next_if(|moment| *moment <= hour) {
            world.now = moment;
            let mail = world.mail_from("kees").subject("Nieuwe collega");
            world.receive(mail).await.is("held");
        }
        world.now = hour;
        world.tick().await;
        hour += SignedDuration::from_hours(1);
    }
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let mut told = Vec::new();
    for letter in world.unread().await {
        let (whole, notice) = (letter.whole(), letter.stored.notice.as_str());
        let is_reminder = notice == "reminder" || whole.contains("Deze aanvraag wacht nog");
        if !is_reminder && notice != "request-ended" {
            continue;
        }
        let matters = ["R-1", "R-2", "R-3", "R-4", "R-5", "AMR/2026-0001"];
        let apart = whole.replace("AMR-2026", "AMR/2026");
        let named: Vec<&str> = matters.into_iter().filter(|matter| apart.contains(matter)).collect();
        let at = zone.to_datetime(letter.stored.enqueued_at).strftime("%m-%d %H:%M");
        let who = letter.stored.recipient.split('.').next().unwrap_or_default();
        let what = if is_reminder { "" } else { " ended" };
        told.push(format!("{at} {who} {}{what}", named.join(" ")));
    }
    // King's Day is 27 April, Ascension Day 14 May, Whit Monday 25 May.
    let expected = [
        "04-23 09:00 anne R-1 R-2",
        "04-28 09:00 anne R-3 AMR/2026-0001",
        "04-29 09:00 piet R-1 R-2",
        "04-30 09:00 anne R-4 R-5",
        "05-01 09:00 piet R-3",
        "05-05 09:00 piet R-4 R-5",
        "05-06 09:00 anne AMR/2026-0001",
        "05-15 09:00 anne AMR/2026-0001",
        "05-21 09:00 anne R-1 ended",
        "05-21 09:00 kees R-1 ended",
        "05-21 09:00 anne R-2 ended",
        "05-21 09:00 kees R-2 ended",
        "05-26 09:00 anne R-3 ended",
        "05-26 09:00 kees R-3 ended",
        "05-26 09:00 anne AMR/2026-0001",
        "05-28 09:00 anne R-4 ended",
        "05-28 09:00 kees R-4 ended",
        "05-28 09:00 anne R-5 ended",
        "05-28 09:00 kees R-5 ended",
        "06-03 09:00 anne AMR/2026-0001",
    ];
    assert_eq!(told, expected, "{told:#?}");
    world.rest().await;
});

dialogue!(a_decision_that_was_received_in_time_counts_when_it_is_released_after_the_end, |world| {
    let request = held(&mut world, "Nieuwe collega").await;
    world.at("2026-05-20T08:00:00Z");
    let mail = world.reply_to(&request).text("#akkoord").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    for moment in ["2026-05-20T08:01:00Z", "2026-05-20T08:02:00Z", "2026-05-22T07:00:00Z"] {
        tick_at(&mut world, moment).await;
    }
    let before = ["approval-request to anne.bakker", "approval-request to piet.smit"];
    assert_eq!(
        world.rest().await,
        [&before[..], &["request-ended to anne.bakker", "request-ended to kees.groen"]].concat()
    );
    let mail = world.reply_to(&challenge).text("bevestig");
    world.receive(mail).await.is("noted");
    assert_eq!(world.cases().await, ["AMR-2026-0001"]);
    let approved = ["acknowledgement to anne.bakker", "request-approved to kees.groen", "relay to joost"];
    assert_eq!(world.rest().await, approved);
});
