//! A request arrives, and everybody concerned is told.

use super::{opened, opened_by_grace};
use crate::dialogue;

dialogue!(a_coordinator_s_request_opens_a_case_and_both_sides_are_told, |world| {
    let mail = world.mail_from("anne").subject("Contactformulier verstuurt niet").proven();
    let id = mail.id();
    let got = world.receive(mail.text("Goedemorgen,\n\nHet formulier doet niets meer.\n\nGroet, Anne\n")).await;
    got.is("opened").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"]);

    let letter = world.letter_to("anne").await;
    letter.is("acknowledgement").reads(
        "
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Beste Anne Bakker,

        Dank voor uw bericht. Het is bij ons in behandeling als zaak AMR-2026-0001.

        Wij kijken ernaar zodra er ruimte is en houden u op de hoogte.

        Zaak:          AMR-2026-0001
        Onderwerp:     Contactformulier verstuurt niet
        Organisatie:   Amersfoorts Museum
        Soort:         ondersteuning
        Prioriteit:    normaal
        Ontvangen:     dinsdag 21 april om 10:00
        Coördinator:   Anne Bakker
        Behandelaar:   Joost de Wit
        Strippenkaart: nog 20 strippen (5 uur)

        Aanvullen kan altijd: beantwoord deze mail.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    assert_eq!(letter.from(), "Lindeboom Support <support@lindeboom.example>");
    assert_eq!(letter.header("To"), "\"Anne Bakker\" <anne.bakker@amersfoortsmuseum.example>");
    assert_eq!(letter.header("Auto-Submitted"), "auto-replied");
    assert_eq!(letter.in_reply_to(), id);
    assert!(letter.references()[0].starts_with("amr-2026-0001."), "{:?}", letter.references());
    assert_eq!(letter.references()[1..], [id]);
    assert!(letter.reply_to().starts_with("support+amr-2026-0001."), "{}", letter.reply_to());
    assert!(letter.html().contains("Beste Anne Bakker"), "{}", letter.html());

    let letter = world.letter_to("joost").await;
    letter.is("relay").reads(
        "
        Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

        Nieuwe zaak van Amersfoorts Museum.

        Zaak:          AMR-2026-0001
        Onderwerp:     Contactformulier verstuurt niet
        Klant:         Amersfoorts Museum (contract Basic)
        Soort:         ondersteuning
        Prioriteit:    normaal
        Strippenkaart: nog 20 strippen (5 uur)

        Anne Bakker (coördinator, anne.bakker@amersfoortsmuseum.example) schreef dinsdag 21 april om 10:00:

        Goedemorgen,

        Het formulier doet niets meer.

        Groet, Anne

        ________________________________________

        Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

            #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
            #notitie               blijft binnen de desk
            #opgelost              antwoord en klaar
            #wacht klant           klok stil (ook leverancier; tot DATUM)
            #prio hoog             kritiek, hoog, normaal of laag
            #toewijzen NAAM        draagt over, met alles erbij

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    assert_eq!(letter.from(), "Anne Bakker via Lindeboom Support <support@lindeboom.example>");
    assert_eq!(letter.header("Auto-Submitted"), "");
    assert!(letter.reply_to().starts_with("support+amr-2026-0001."), "{}", letter.reply_to());
    assert!(letter.references()[0].starts_with("amr-2026-0001."), "{:?}", letter.references());
});

dialogue!(an_english_client_with_deadlines_reads_theirs_in_words_of_their_own_time_zone, |world| {
    let mail = world.mail_from("grace").subject("Portal login");
    world.receive(mail.text("Hello,\n\nTenants can't log in.\n\nGrace\n")).await.is("opened").on("NWK-2026-0001");
    world.letter_to("grace").await.is("acknowledgement").reads(
        "
        Subject: [LIN NWK-2026-0001] Portal login

        Dear Grace Hall,

        Thank you for your message. We have registered it as case NWK-2026-0001.

        You will hear from us today before 13:00.

        Case:          NWK-2026-0001
        Subject:       Portal login
        Organisation:  Northwick Housing
        Kind:          support
        Priority:      normal
        Received:      Tuesday 21 April at 09:00
        Coordinator:   Grace Hall
        Handled by:    Mira Jansen

        Anything to add? Just reply to this mail.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
    world.letter_to("mira").await.is("relay").reads(
        "
        Subject: [LIN NWK-2026-0001] Portal login

        Nieuwe zaak van Northwick Housing.

        Zaak:          NWK-2026-0001
        Onderwerp:     Portal login
        Klant:         Northwick Housing (contract SLA)
        Soort:         ondersteuning
        Prioriteit:    normaal
        Antwoord:      vandaag vóór 14:00
        Oplossing:     woensdag 29 april vóór 17:00

        Grace Hall (coördinator, grace.hall@northwick.example) schreef dinsdag 21 april om 10:00:

        Hello,

        Tenants can't log in.

        Grace

        ________________________________________

        Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

            #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
            #notitie               blijft binnen de desk
            #opgelost              antwoord en klaar
            #wacht klant           klok stil (ook leverancier; tot DATUM)
            #prio hoog             kritiek, hoog, normaal of laag
            #toewijzen NAAM        draagt over, met alles erbij

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    ",
    );
});

dialogue!(a_free_day_in_between_is_told_with_the_deadline, |world| {
    world.at("2026-04-24T14:00:00Z");
    opened_by_grace(&mut world).await;
    let case = world.case("NWK-2026-0001").await;
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-28T10:00:00Z");
    let all = world.all_letters().await;
    all[0].says("You will hear from us Tuesday 28 April before 11:00; Monday is King's Day.");
});

dialogue!(who_writes_at_night_reads_from_when_the_time_runs, |world| {
    world.at("2026-04-24T20:00:00Z");
    opened_by_grace(&mut world).await;
    let all = world.all_letters().await;
    all[0].says(
        "You will hear from us Tuesday 28 April before 12:00; Monday is King's Day. Your message arrived outside our",
    );
    all[0].says("opening hours; the time runs from Tuesday 28 April at 08:00.");
});

dialogue!(who_writes_on_a_day_off_reads_of_that_day_alone, |world| {
    world.at("2026-04-27T08:00:00Z");
    opened_by_grace(&mut world).await;
    let all = world.all_letters().await;
    all[0].says("You will hear from us tomorrow before 12:00; today is King's Day.").does_not_say("opening hours");
});

dialogue!(a_basic_client_is_promised_no_time, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    acknowledgement.says("zodra er ruimte is").does_not_say("vóór").does_not_say("uiterlijk");
    let case = world.case("AMR-2026-0001").await;
    assert_eq!((case.response_due, case.resolution_due), (None, None));
});

dialogue!(an_incident_of_a_basic_client_alarms_the_desk_at_once_and_promises_nothing, |world| {
    let mail = world.mail_from("anne").subject("Site plat").text("#spoed\nDe hele site ligt eruit.\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new incident critical");
    world.letter_to("anne").await.is("acknowledgement").says("als incident").does_not_say("vóór");
    world.letter_to("joost").await.is("relay").says("De hele site ligt eruit.");
    world.letter_to("mira").await.is("alarm").says("AMR-2026-0001");
});

dialogue!(a_basic_contract_with_a_critical_target_promises_that_and_nothing_else, |world| {
    let targets = "[contract.targets]\ncritical = { first_response = \"1h\", calendar = \"24x7\" }\n";
    let basic = "rounding = \"per-entry\"\nstrip_minutes = 15\n";
    world.declare(&crate::world::DESK.replace(basic, &format!("{basic}{targets}"))).await;
    let mail = world.mail_from("anne").subject("Site plat").text("#spoed\nDe hele site ligt eruit.\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    let case = world.case("AMR-2026-0001").await;
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-21T09:00:00Z");
    assert_eq!(case.resolution_due, None);
    world.letter_to("anne").await.is("acknowledgement").says("U hoort van ons vandaag vóór 11:00");
    world.letter_to("joost").await.is("relay").says("vandaag vóór 11:00");
    assert_eq!(world.rest().await, ["alarm to mira"]);
    let mail = world.mail_from("anne").subject("Agenda").text("Graag een agenda.\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.letter_to("anne").await.is("acknowledgement").says("zodra er ruimte is").does_not_say("vóór");
    assert_eq!(world.case("AMR-2026-0002").await.response_due, None);
    world.rest().await;
});

dialogue!(an_incident_of_an_sla_client_runs_around_the_clock, |world| {
    world.at("2026-04-25T20:00:00Z");
    let mail = world.mail_from("grace").subject("Portal down").text("#incident everything is down\n");
    world.receive(mail).await.is("opened");
    let case = world.case("NWK-2026-0001").await;
    assert_eq!(case.response_due.unwrap().to_string(), "2026-04-25T21:00:00Z");
    world.letter_to("grace").await.says("before 22:00");
    world.letter_to("mira").await.is("relay").says("everything is down");
});

dialogue!(an_urgent_looking_header_is_no_incident, |world| {
    let mail = world.mail_from("anne").header("X-Priority", "1").header("Importance", "high");
    world.receive(mail.text("Wat kost #spoed eigenlijk?\n")).await.is("opened");
    assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal");
    assert_eq!(world.rest().await, ["acknowledgement to anne.bakker", "relay to joost"]);
});

dialogue!(numbers_count_per_client_and_year_of_the_desk_s_zone, |world| {
    for (who, moment, number) in [
        ("anne", "2026-12-31T22:00:00Z", "AMR-2026-0001"),
        ("grace", "2026-12-31T22:10:00Z", "NWK-2026-0001"),
        ("anne", "2026-12-31T22:20:00Z", "AMR-2026-0002"),
        ("anne", "2026-12-31T23:20:00Z", "AMR-2027-0001"),
    ] {
        world.at(moment);
        let mail = world.mail_from(who).subject(moment);
        world.receive(mail).await.is("opened").on(number);
    }
    assert_eq!(world.rest().await.len(), 8);
});

dialogue!(a_mail_without_subject_is_named_by_its_first_line, |world| {
    let mail = world.mail_from("anne").subject("").text("\nDe agenda toont verkeerde data.\nZie vandaag.\n");
    world.receive(mail).await.is("opened");
    assert_eq!(world.case("AMR-2026-0001").await.subject, "De agenda toont verkeerde data.");
    assert_eq!(world.rest().await.len(), 2);
});

dialogue!(files_go_along_to_the_expert, |world| {
    let mail = world.mail_from("anne").body(
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         Zie bijlage: café.\n\n--b\nContent-Type: image/png; name=\"scherm.png\"\n\
         Content-Disposition: attachment; filename=\"scherm.png\"\nContent-Transfer-Encoding: base64\n\n\
         iVBORw0KGgo=\n--b--\n",
    );
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    let relay = world.letter_to("joost").await;
    relay.says("Zie bijlage: café.").says("scherm.png");
    assert_eq!(relay.files(), ["scherm.png"]);
});

dialogue!(a_mail_of_outlook_in_html_alone_is_read, |world| {
    let mail = world.mail_from("anne").subject("Agenda").body(
        "Content-Type: text/html; charset=utf-8\n\n<html><body><div class=\"WordSection1\">\
         <p class=\"MsoNormal\">Beste mensen,</p><p>De agenda toont <b>niets</b>.</p></div>\
         <script>alert(1)</script></body></html>",
    );
    world.receive(mail).await.is("opened");
    world.letter_to("anne").await.is("acknowledgement");
    world.letter_to("joost").await.says("De agenda toont").does_not_say("alert").does_not_say("MsoNormal");
});

dialogue!(without_a_coordinator_a_request_waits_and_the_desk_is_told, |world| {
    let text = crate::world::DESK
        .replace("role = \"coordinator\"\nclient = \"AMR\"", "role = \"functional-administrator\"\nclient = \"AMR\"");
    world.declare(&text.replace("deputies = [\"piet-smit\"]\n", "")).await;
    let mail = world.mail_from("kees");
    world.receive(mail).await.is("quarantined").because("no-coordinator").on_no_case();
    world.letter_to("mira").await.is("alarm").says("Amersfoorts Museum");
});
