//! Each tag in both languages, who may use it, and where it does not count.

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::DESK;

dialogue!(every_tag_of_an_expert_is_carried_out_in_dutch_and_in_english, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Wij kijken ernaar.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    for (text, state) in [
        ("#prio kritiek", "open support critical"),
        ("#PRIO hoog", "open support high"),
        ("#prio laag", "open support low"),
        ("#prio normaal", "open support normal"),
        ("#prio critical", "open support critical"),
        ("#prio high", "open support high"),
        ("#Prio low", "open support low"),
        ("#prio normal", "open support normal"),
        ("#soort incident", "open incident normal"),
        ("#soort onderhoud", "open maintenance normal"),
        ("#soort wijziging", "open change normal"),
        ("#soort ondersteuning", "open support normal"),
        ("#kind incident", "open incident normal"),
        ("#kind maintenance", "open maintenance normal"),
        ("#kind change", "open change normal"),
        ("#kind support", "open support normal"),
        ("#wacht klant", "waiting-client support normal"),
        ("#wacht leverancier", "waiting-supplier support normal"),
        ("#wait client", "waiting-client support normal"),
        ("#wait supplier", "waiting-supplier support normal"),
        ("#opgelost", "resolved support normal"),
        ("#heropen", "open support normal"),
        ("#resolved", "resolved support normal"),
        ("#reopen", "open support normal"),
        ("#prio hoog", "open support high"),
        ("#ongedaan", "open support normal"),
        ("#prio high", "open support high"),
        ("#undo", "open support normal"),
        ("#schatting 2u", "open support normal"),
        ("#estimate 3h", "open support normal"),
        ("#status", "open support normal"),
        ("#help", "open support normal"),
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).text(text);
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "joined", "{text}: {}", got.why());
        assert_eq!(world.state_of("AMR-2026-0001").await, state, "{text}");
        assert_eq!(world.rest().await, ["command-done to joost"], "{text}");
    }
    assert_eq!(world.case("AMR-2026-0001").await.estimate_minutes, Some(180));
    for (text, told) in [
        ("#notitie\nAlleen voor ons.", vec!["command-done to joost"; 0]),
        ("#note\nAlleen voor ons, nogmaals.", vec![]),
        ("#tijd 20m op 2026-04-20 nazorg", vec!["command-done to joost"]),
        ("#time 20m on 2026-04-20 aftercare", vec!["command-done to joost"]),
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).text(text);
        world.receive(mail).await.is("joined");
        assert_eq!(world.rest().await, told, "{text}");
    }
    let entries = world.entries("AMR").await;
    let booked: Vec<_> = entries[1..].iter().map(|line| (line.entry.text.as_str(), line.entry.work_date)).collect();
    let day = "2026-04-20".parse().unwrap();
    assert_eq!(booked, [("nazorg", day), ("aftercare", day)]);
});

dialogue!(help_and_status_tell_the_tags_and_where_the_case_stands, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("#tijd 40m\n#help");
    world.receive(mail).await.is("joined");
    let told = world.letter_to("joost").await;
    told.is("command-done").says("#tijd").says("#notitie").says("#opgelost").says("#toewijzen").says("#samenvoegen");
    let mail = world.reply_to(&relay).text("#status");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("command-done").says("Joost de Wit").says("40 minuten");
});

dialogue!(a_wait_ends_on_its_day_or_with_the_supplier_s_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    for (text, wakes) in [
        ("#wacht leverancier tot 30-04-2026", "2026-04-29T22:00:00Z"),
        ("#wait client until 2026-05-06", "2026-05-05T22:00:00Z"),
    ] {
        let mail = world.reply_to(&relay).text(&format!("Even geduld.\n{text}"));
        world.receive(mail).await.is("joined");
        world.letter_to("anne").await.is("answer").does_not_say("#w");
        assert_eq!(world.case("AMR-2026-0001").await.wait_due.unwrap().to_string(), wakes);
        let wakes: jiff::Timestamp = wakes.parse().unwrap();
        world.now = wakes - jiff::SignedDuration::from_secs(60);
        world.tick().await;
        assert!(world.state_of("AMR-2026-0001").await.starts_with("waiting-"), "{text}");
        world.now = wakes;
        world.tick().await;
        assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal", "{text}");
        world.rest().await;
    }
    world.at("2026-05-06T08:00:00Z");
    let mail = world.reply_to(&relay).text("Wij vragen het na.\n#wacht leverancier");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer");
    let mail = world.mail_from("hostwell").subject("Re: [LIN AMR-2026-0001] Formulier").text("Dat is verholpen.");
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal");
    world.rest().await;
    let mail = world.reply_to(&relay).text("#wacht klant tot 2026-05-05");
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript").says("#wait");
});

dialogue!(in_another_person_s_mail_an_expert_s_tag_is_plain_text, |world| {
    let (acknowledgement, _) = opened(&mut world).await;
    let tags = "#tijd 2u\n#notitie\n#opgelost\n#wacht klant\n#prio kritiek\n#soort wijziging\n#schatting 4u\n\
                #toewijzen mira\n#samenvoegen AMR-2026-0001\n#heropen\n#ongedaan\n#status\n#help\n#tjid 40m";
    for who in ["anne", "piet", "els"] {
        let mail = world.reply_to(&acknowledgement).by(who).without_quote().text(&format!("Van {who}.\n{tags}\n"));
        world.receive(mail).await.is("joined").on("AMR-2026-0001");
        let relay = world.letter_to("joost").await;
        relay.is("relay").says(&format!("Van {who}.")).says("#tjid 40m").says("#samenvoegen AMR-2026-0001");
        assert_eq!(world.state_of("AMR-2026-0001").await, "new support normal", "{who}");
        assert_eq!(world.experts_on("AMR-2026-0001").await, ["joost"], "{who}");
        assert_eq!(world.case("AMR-2026-0001").await.estimate_minutes, None, "{who}");
        assert_eq!(world.ledger("AMR").await, [""; 0], "{who}");
        world.no_letters().await;
    }
});

dialogue!(a_coordinator_s_tag_in_an_expert_s_mail_parks_it, |world| {
    let (_, relay) = opened(&mut world).await;
    for tag in [
        "#saldo",
        "#balance",
        "#overzicht",
        "#statement",
        "#akkoord",
        "#approve",
        "#afwijzen te duur",
        "#reject no",
        "#bundelen AMR-2026-0001",
        "#bundle AMR-2026-0001",
        "#leverancier",
        "#supplier",
        "#klant NWK",
        "#client NWK",
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).text(&format!("Dag Anne,\n{tag}\nKlaar."));
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "parked", "{tag}: {got:?}");
        assert_eq!(world.rest().await, ["transcript to joost"], "{tag}");
    }
    assert_eq!(world.cases().await.len(), 1);
});

dialogue!(work_by_phone_is_written_in_english_too_and_for_no_client_that_is_not, |world| {
    let mail =
        world.mail_from("joost").subject("Phone: printer").text("#CLIENT amr\n#time 20m\nAnne called: it prints.");
    world.receive(mail).await.is("opened").on("AMR-2026-0001");
    world.letter_to("anne").await.is("answer").says("it prints").does_not_say("#client").does_not_say("#time");
    let mail = world.mail_from("joost").subject("Phone: printer").text("Anne called.\n#client AMR\n#time 20m");
    world.receive(mail).await.is("quarantined").because("expert-without-case");
    world.letter_to("joost").await.is("transcript");
    assert_eq!(world.ledger("AMR").await, ["deduction -30 on 2026-001, 20 real, joost"]);
});

dialogue!(who_coordinates_several_clients_says_for_which_and_is_never_guessed, |world| {
    let anne = "addresses = [\"anne.bakker@amersfoortsmuseum.example\"]\n";
    let both = DESK.replace(anne, &format!("{anne}further_clients = [\"NWK\"]\n"))
        + "\n[[position]]\nrole = \"coordinator\"\nclient = \"NWK\"\nholder = \"anne-bakker\"\nfrom = 2026-02-01\n";
    assert_ne!(both.len(), DESK.len());
    world.declare(&both).await;
    for (text, number) in
        [("#klant NWK\nDe portal is leeg.", "NWK-2026-0001"), ("#client AMR\nDe agenda is leeg.", "AMR-2026-0001")]
    {
        let mail = world.mail_from("anne").subject("Leeg").text(text);
        world.receive(mail).await.is("opened").on(number);
        world.letter_to("anne").await.is("acknowledgement").says(number);
        world.rest().await;
    }
    let mail = world.mail_from("anne").subject("Leeg").text("Alles is leeg.");
    world.receive(mail).await.is("challenged").because("client-unclear").on_no_case();
    let question = world.letter_to("anne").await;
    question.is("client-unclear").says("    #klant AMR").says("    #klant NWK").says("Alles is leeg.");
    world.rest().await;

    let vague = world.reply_to(&question).text("Voor allebei.");
    world.receive(vague).await.is("quarantined").because("client-unclear").on_no_case();
    let again = world.letter_to("anne").await;
    again.is("client-unclear").says("In uw antwoord zien wij niet");
    world.rest().await;

    world.pass(2);
    let foreign = world.reply_to(&again).text("#klant XYZ");
    world.receive(foreign).await.is("quarantined").because("client-unclear").on_no_case();
    let again = world.letter_to("anne").await;
    again.is("client-unclear");
    world.rest().await;
    let answer = world.reply_to(&again).text("#klant NWK");
    world.receive(answer).await.is("noted");
    world.letter_to("anne").await.is("acknowledgement").says("NWK-2026-0002");
    assert_eq!(world.cases().await.len(), 3);
    world.rest().await;
});

dialogue!(tags_below_a_signature_or_in_what_is_forwarded_never_book, |world| {
    let (_, relay) = opened(&mut world).await;
    for (name, text) in [
        ("signature", "Klaar.\n\n-- \nJoost de Wit\n#tijd 8u\n#opgelost"),
        (
            "forwarded, Gmail",
            "Zie onder.\n\n---------- Forwarded message ---------\nVan: Piet <piet@x.example>\nDate: di 21 apr. 2026\nSubject: x\nTo: joost@dewit-web.example\n\n#tijd 8u\n#opgelost",
        ),
        (
            "forwarded, Apple",
            "Zie onder.\n\nBegin doorgestuurd bericht:\n\nVan: Piet <piet@x.example>\nOnderwerp: x\nDatum: 21 april 2026 om 10:00\nAan: joost@dewit-web.example\n\n#tijd 8u\n#opgelost",
        ),
        (
            "forwarded, Outlook",
            "Zie onder.\n\n-----Oorspronkelijk bericht-----\nVan: Piet <piet@x.example>\nVerzonden: dinsdag 21 april 2026 10:00\nAan: joost@dewit-web.example\nOnderwerp: x\n\n#tijd 8u\n#opgelost",
        ),
        (
            "forwarded, Thunderbird",
            "Zie onder.\n\n-------- Doorgestuurd bericht --------\nOnderwerp: x\nDatum: Tue, 21 Apr 2026 10:00:00 +0200\nVan: Piet <piet@x.example>\nAan: joost@dewit-web.example\n\n#tijd 8u\n#opgelost",
        ),
        (
            "quoted, Outlook",
            "Klaar.\n\nVan: Anne Bakker <anne.bakker@amersfoortsmuseum.example>\nVerzonden: dinsdag 21 april 2026 10:00\nAan: joost@dewit-web.example\nOnderwerp: x\n\n#tijd 8u\n#opgelost",
        ),
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).without_quote().text(text);
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, "joined", "{name}: {got:?}");
        assert_eq!(world.ledger("AMR").await, [""; 0], "{name}");
        assert_eq!(world.state_of("AMR-2026-0001").await, "open support normal", "{name}");
        world.letter_to("anne").await.is("answer").does_not_say("#tijd").does_not_say("#opgelost");
    }
});

dialogue!(words_that_look_like_mistyped_tags_park_and_others_do_not, |world| {
    let (_, relay) = opened(&mut world).await;
    for (text, outcome) in [
        // One slip; two from six letters on; any word before a duration.
        ("#tjd 40m", "parked"),
        ("#notr", "parked"),
        ("#opglst", "parked"),
        ("#resloevd", "parked"),
        ("#werk 40m", "parked"),
        ("#tijd 40m gedaan #opgelost", "parked"),
        ("#tijd40m", "parked"),
        ("#tijd-15m", "parked"),
        ("\u{201c}#notitie\u{201d}", "parked"),
        ("#tijd 1:30 1h", "parked"),
        ("#tijd 0", "parked"),
        ("#tijd 24u01", "parked"),
        ("#tijd -25u", "parked"),
        ("#nieuws van vandaag", "joined"),
        ("#1 op de lijst", "joined"),
        ("#tijd 24u", "joined"),
    ] {
        world.pass(1);
        let mail = world.reply_to(&relay).text(&format!("Dag Anne,\n\nKlaar.\n{text}\n"));
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, outcome, "{text}: {got:?}");
        let told = world.rest().await;
        assert_eq!(
            told[0],
            if outcome == "parked" { "transcript to joost" } else { "answer to anne.bakker" },
            "{text}"
        );
    }
    assert_eq!(world.ledger("AMR").await[..1], ["deduction -300 on 2026-001, 1440 real, joost"]);
});

dialogue!(a_quoted_kind_of_case_keeps_the_real_minutes_alone, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).text("#kind change\n#time 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("mira").await.is("command-done");
    assert_eq!(world.ledger("NWK").await, ["charge-to-contract 0 on no card, 40 real, mira"]);
});
