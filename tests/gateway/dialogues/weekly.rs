//! The weekly summaries: when they come, to whom, how often, and that their figures are those of the books.

use jiff::Timestamp;

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::{DESK, Letter, World};
use casepost::domain::case::CaseNumber;
use casepost::domain::clock::Clock;
use casepost::domain::strip_card::work_lines;
use casepost::domain::summary::ClientWeek;
use casepost::store::mailboxes::{self, FolderKey, FolderMark};
use casepost::store::{audit, letters};

/// Monday after the week in which dialogues begin, 07:00 in Amsterdam.
const MONDAY: &str = "2026-04-27T05:00:00Z";

/// The letters of a summary, by their lines; all others were looked at before.
async fn summaries(world: &mut World) -> Vec<String> {
    world.tick().await;
    world.rest().await
}

async fn booked(world: &mut World, relay: &Letter, text: &str) {
    let mail = world.reply_to(relay).text(text);
    world.receive(mail).await.is("joined");
    world.rest().await;
}

dialogue!(the_week_is_told_on_monday_at_seven_and_not_before, |world| {
    world.send_summaries();
    let (_, relay) = opened(&mut world).await;
    booked(&mut world, &relay, "Het werkt weer.\n\n#tijd 40m op 2026-04-20 formulier hersteld\n#opgelost").await;
    let mail = world.mail_from("anne").subject("Foto's bij de tentoonstelling").text("Kan dat?");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    let mail = world.mail_from("kees").subject("Agenda op de homepage").text("Graag een agenda.");
    world.receive(mail).await.is("held");
    world.rest().await;
    world.at("2026-04-27T04:59:59Z");
    assert_eq!(summaries(&mut world).await, [""; 0]);
    world.at(MONDAY);
    world.tick().await;
    let letter = world.letter_to("anne").await;
    letter.is("weekly-summary").reads(
        r#"
        Subject: Week 17: Amersfoorts Museum

        Beste Anne Bakker,

        Week 17 van Amersfoorts Museum
        maandag 20 april t/m zondag 26 april
        Stand van maandag 27 april om 07:00.

        Nieuw: 2
        Opgelost: 1
        Open: 1
        Gewerkt: 0:40

        Wacht op uw besluit

        - R-1 Agenda op de homepage
          van Kees Groen · 6 dagen

        U besluit met een antwoord op onze mail over de aanvraag.

        Strippenkaart

        Nog 17 strippen van 20 (4 uur 15 minuten)

        - Kaart 2026-001: nog 17 strippen van 20, geldig t/m zondag 28 februari 2027

        In het tempo van de afgelopen acht weken is op de laatste dag, zondag 28 februari 2027, nog iets over.

        Open zaken

        - AMR-2026-0002 Foto's bij de tentoonstelling
          bij ons (Joost de Wit) · 6 dagen

        Gewerkt per zaak
        Geboekt in deze week, met de dag van het werk; in uren en minuten.

        - AMR-2026-0001 Contactformulier verstuurt niet: 0:40, van de kaart 0:45
          2026-04-20 0:40 (van de kaart 0:45) Joost de Wit, formulier hersteld

        Totaal: 0:40, van de kaart 0:45

        Nieuwe zaken

        - AMR-2026-0001 Contactformulier verstuurt niet
          dinsdag 21 april om 10:00
        - AMR-2026-0002 Foto's bij de tentoonstelling
          dinsdag 21 april om 10:01

        Opgeloste zaken

        - AMR-2026-0001 Contactformulier verstuurt niet
          dinsdag 21 april om 10:00

        De laatste twaalf weken

        Week       6   7   8   9  10  11  12  13  14  15  16  17
        Nieuw      0   0   0   0   0   0   0   0   0   0   0   2
        Opgelost   0   0   0   0   0   0   0   0   0   0   0   1

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#,
    );
    world.letter_to("mira").await.is("desk-summary").reads(
        r#"
        Subject: [LIN] Week 17: 0 gemist, 1 open

        Beste Mira Jansen,

        Week 17 van Lindeboom Support
        maandag 20 april t/m zondag 26 april
        Stand van maandag 27 april om 07:00.

        Te laat: 0
        Nieuw: 2
        Opgelost: 1
        Open: 1

        Klanten

        - Amersfoorts Museum
          Te laat 0, op tijd –, nieuw 2, opgelost 1, open 1, gewerkt 0:40

        Rustig gebleven: 1

        Wacht op een coördinator

        - R-1 Agenda op de homepage
          Amersfoorts Museum · Kees Groen · 6 dagen

        Uren per expert
        Geboekt in deze week, met de dag van het werk; in uren en minuten.

        - Joost de Wit: 0:40 (afgeschreven 0:45, zaken 1)

        Postbussen en brieven

        - Te verzenden: 8, sinds dinsdag 21 april om 10:00
        - Vastgehouden tot iemand ze vrijgeeft: 0

        De laatste twaalf weken

        Week       6   7   8   9  10  11  12  13  14  15  16  17
        Nieuw      0   0   0   0   0   0   0   0   0   0   0   2
        Opgelost   0   0   0   0   0   0   0   0   0   0   0   1

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#,
    );
});

dialogue!(however_often_the_clock_ticks_a_week_is_told_once, |world| {
    world.send_summaries();
    opened(&mut world).await;
    world.at(MONDAY);
    // Two workers at the same moment, and again.
    tokio::join!(world.tick(), world.tick());
    world.tick().await;
    world.at("2026-04-30T09:00:00Z");
    let told = summaries(&mut world).await;
    assert_eq!(
        told,
        ["weekly-summary to anne.bakker", "desk-summary to mira", "weekly-summary to grace.hall"],
        "London is an hour later"
    );
    assert_eq!(summaries(&mut world).await, [""; 0]);
});

dialogue!(a_summary_that_was_due_in_an_outage_comes_later_and_of_several_weeks_the_newest, |world| {
    world.send_summaries();
    opened(&mut world).await;
    world.at("2026-04-29T15:00:00Z");
    world.tick().await;
    world.letter_to("anne").await.is("weekly-summary").says("Week 17 van").says("woensdag 29 april om 17:00");
    world.rest().await;
    // Three weeks later: weeks 18 and 19 are never told.
    world.at("2026-05-20T08:00:00Z");
    world.tick().await;
    world.letter_to("anne").await.is("weekly-summary").says("Week 20 van");
    assert_eq!(world.rest().await, ["weekly-summary to grace.hall", "desk-summary to mira"]);
});

dialogue!(time_stands_still_while_a_mailbox_can_not_be_read, |world| {
    world.send_summaries();
    opened(&mut world).await;
    let key = FolderKey { desk: "LIN".into(), mailbox: "support".into(), folder: "INBOX".into() };
    let fetched = |at: &str| FolderMark {
        uid_validity: 1,
        last_uid: 1,
        adopted_since: Timestamp::UNIX_EPOCH,
        fetched_at: Some(at.parse().unwrap()),
    };
    let save = async |at: &str| {
        let mut tx = world.db.begin_for("LIN").await.unwrap();
        mailboxes::save_folder(&mut tx, &key, &fetched(at)).await.unwrap();
        tx.commit().await.unwrap();
    };
    save("2026-04-26T20:00:00Z").await;
    world.at("2026-04-28T09:00:00Z");
    world.tick().await;
    world.no_letters().await;
    // The mail that waited on the server is of Sunday.
    world.at("2026-04-26T20:30:00Z");
    let mail = world.mail_from("anne").subject("Nieuwsbrief").text("Hij komt niet aan.");
    world.at("2026-04-28T09:00:00Z");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.rest().await;
    let mut tx = world.db.begin_for("LIN").await.unwrap();
    mailboxes::save_folder(&mut tx, &key, &fetched("2026-04-28T09:00:00Z")).await.unwrap();
    tx.commit().await.unwrap();
    world.tick().await;
    world.letter_to("anne").await.is("weekly-summary").says("Nieuw: 2").says("Nieuwsbrief");
    world.rest().await;
});

dialogue!(a_week_ends_at_midnight_of_the_clients_clock, |world| {
    world.send_summaries();
    world.at("2026-04-26T21:59:59Z");
    let mail = world.mail_from("anne").subject("Zondag").text("Nog net.");
    world.receive(mail).await.is("opened");
    world.at("2026-04-26T22:00:00Z");
    let mail = world.mail_from("anne").subject("Maandag").text("Net niet.");
    world.receive(mail).await.is("opened");
    // In London it is still Sunday.
    let mail = world.mail_from("grace").subject("Sunday").text("Still.");
    world.receive(mail).await.is("opened");
    world.rest().await;
    world.at("2026-04-27T06:00:00Z");
    world.tick().await;
    let letter = world.letter_to("anne").await;
    letter.is("weekly-summary").says("Nieuw: 1").says("Nieuwe zaken\n\n- AMR-2026-0001 Zondag");
    let subjects = |week: &ClientWeek| week.opened.iter().map(|line| line.subject.clone()).collect::<Vec<_>>();
    assert_eq!(subjects(&world.week("NWK", "2026-W17").await), ["Sunday"]);
    assert_eq!(subjects(&world.week("AMR", "2026-W18").await), ["Maandag"]);
    world.rest().await;
});

dialogue!(the_hour_is_that_of_the_wall_also_after_the_clocks_changed, |world| {
    world.send_summaries();
    world.at("2026-10-20T09:00:00Z");
    summaries(&mut world).await;
    world.at("2026-10-26T05:59:59Z");
    assert_eq!(summaries(&mut world).await, [""; 0]);
    world.at("2026-10-26T06:00:00Z");
    assert_eq!(summaries(&mut world).await, ["weekly-summary to anne.bakker", "desk-summary to mira"]);
});

dialogue!(the_last_week_of_2026_is_the_53rd_and_spans_two_years, |world| {
    world.send_summaries();
    world.at("2026-12-29T09:00:00Z");
    summaries(&mut world).await;
    let (_, relay) = {
        let mail = world.mail_from("anne").subject("Jaarverslag").text("Het jaarverslag mist.");
        world.receive(mail).await.is("opened").on("AMR-2026-0001");
        (world.letter_to("anne").await, world.letter_to("joost").await)
    };
    world.at("2027-01-02T12:00:00Z");
    booked(&mut world, &relay, "Klaar.\n#tijd 30m").await;
    world.at("2027-01-04T06:00:00Z");
    world.tick().await;
    let letter = world.letter_to("anne").await;
    letter.is("weekly-summary").says("Week 53").says("maandag 28 december 2026 t/m zondag 3 januari").says("0:30");
    world.rest().await;
    world.at("2027-01-11T06:00:00Z");
    world.tick().await;
    world.letter_to("anne").await.says("Week 1 van");
    world.rest().await;
});

dialogue!(a_quiet_week_gets_a_short_letter_or_none, |world| {
    world.send_summaries();
    world.at(MONDAY);
    world.tick().await;
    let letter = world.letter_to("anne").await;
    letter.is("weekly-summary").says("Een rustige week").does_not_say("Nieuw:").does_not_say("twaalf weken");
    letter.says("Nog 20 strippen van 20");
    world.rest().await;
    let silent = DESK.replace("rounding = \"per-entry\"\n", "rounding = \"per-entry\"\nquiet_weeks = \"none\"\n");
    world.declare(&silent).await;
    world.at("2026-05-04T05:00:00Z");
    // Northwick's week before was still to be told.
    assert_eq!(summaries(&mut world).await, ["weekly-summary to grace.hall", "desk-summary to mira"]);
    // A week in which something happened is told.
    opened(&mut world).await;
    world.at("2026-05-11T05:00:00Z");
    world.tick().await;
    world.letter_to("anne").await.is("weekly-summary").says("Nieuw: 1");
    world.rest().await;
});

dialogue!(whom_the_contract_names_reads_it_too_and_nobody_twice, |world| {
    world.send_summaries();
    let readers = "summary_to = [\"els-visser\", \"bestuur@museumvrienden.example\", \"anne-bakker\"]\n";
    let named = DESK.replace("rounding = \"per-entry\"\n", &format!("rounding = \"per-entry\"\n{readers}"));
    world.declare(&named).await;
    opened(&mut world).await;
    world.at(MONDAY);
    world.tick().await;
    let mut texts = Vec::new();
    for (who, greeting) in
        [("anne", "Beste Anne Bakker,"), ("els", "Beste Els Visser,"), ("bestuur@museumvrienden.example", "Goedendag,")]
    {
        let letter = world.letter_to(who).await;
        letter.is("weekly-summary").says(greeting);
        texts.push(letter.text().replace(greeting, ""));
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(world.rest().await, ["desk-summary to mira"]);
});

/// The small desk with further clients that Anne coordinates, too.
fn many_clients(count: usize) -> String {
    let codes: Vec<String> =
        (0..count).map(|no| format!("MU{}", char::from(b'A' + u8::try_from(no).unwrap()))).collect();
    let further = codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ");
    let anne = "addresses = [\"anne.bakker@amersfoortsmuseum.example\"]\n";
    let mut text = DESK.replace(anne, &format!("{anne}further_clients = [{further}]\n"));
    for code in codes {
        text.push_str(&format!(
            "\n[[client]]\ncode = \"{code}\"\nname = \"Museum {code}\"\ndomains = [\"{}.example\"]\nlanguage = \"nl\"\n\
             time_zone = \"Europe/Amsterdam\"\nlead_expert = \"joost\"\n\n[[contract]]\nclient = \"{code}\"\nplan = \
             \"basic\"\nstart = 2026-01-01\ncalendar = \"office\"\n\n[[position]]\nrole = \"coordinator\"\nclient = \
             \"{code}\"\nholder = \"anne-bakker\"\nfrom = 2026-01-01\n",
            code.to_lowercase()
        ));
    }
    text
}

dialogue!(who_coordinates_many_clients_gets_a_letter_for_each_and_other_letters_beside, |world| {
    world.send_summaries();
    world.declare(&many_clients(24)).await;
    world.at(MONDAY);
    world.tick().await;
    let all = world.unread().await;
    let to_anne = all.iter().filter(|letter| letter.stored.notice == "weekly-summary").count();
    assert_eq!(to_anne, 25, "her own and 24 more, over the cap on automatic letters");
    let mut subjects: Vec<&str> = all.iter().map(|letter| letter.stored.subject.as_str()).collect();
    subjects.dedup();
    assert_eq!(subjects.len(), 26);
    world.rest().await;
    // What else she gets is not capped by it.
    let mail = world.mail_from("anne").subject("Vraag").text("#klant AMR\n\nEen vraag.");
    world.receive(mail).await;
    assert!(!world.rest().await.is_empty());
});

dialogue!(promises_are_told_to_who_has_them_and_to_the_desk, |world| {
    world.send_summaries();
    // Four hours for the first answer, five working days for the end; Monday is King's Day.
    opened_by_grace(&mut world).await;
    opened(&mut world).await;
    world.at("2026-04-27T06:00:00Z");
    world.tick().await;
    let all = world.unread().await;
    let of = |notice: &str| all.iter().filter(|letter| letter.stored.notice == notice).cloned().collect::<Vec<_>>();
    let summaries = of("weekly-summary");
    let [anne, grace] = summaries.as_slice() else { panic!("{:?}", all.iter().map(Letter::line).collect::<Vec<_>>()) };
    grace.says("the first response: 0 of 1 in time").says("late: the first response, Tuesday 21 April at 13:00");
    grace.says("the resolution Wednesday 29 April before 16:00");
    anne.says("AMR-2026-0001").does_not_say("op tijd").does_not_say("te laat").does_not_say("vóór");
    let desk = of("desk-summary");
    desk[0].says("Te laat: 1").says("- NWK-2026-0001 Portal login\n  Northwick Housing · Mira Jansen");
    desk[0].says("het eerste antwoord, dinsdag 21 april om 14:00\n  nog niet gedaan");
    let clients = desk[0].text();
    let place = |name: &str| clients.find(&format!("- {name}")).unwrap();
    assert!(place("Northwick Housing") < place("Amersfoorts Museum"), "the worst stands first");
    world.rest().await;
});

dialogue!(targets_are_those_of_the_clocks, |world| {
    opened_by_grace(&mut world).await;
    let relay = world.unread().await;
    assert!(relay.is_empty());
    world.at("2026-04-22T09:00:00Z");
    world.tick().await;
    world.rest().await;
    let mail = world.mail_from("grace").subject("Second").text("In time.");
    world.receive(mail).await.is("opened").on("NWK-2026-0002");
    world.letter_to("grace").await;
    let relay = world.letter_to("mira").await;
    booked(&mut world, &relay, "Solved.\n#time 20m\n#resolved").await;
    let week = world.week("NWK", "2026-W17").await;
    let told: Vec<(Clock, i64, i64)> =
        week.targets.unwrap().iter().map(|count| (count.clock, count.met, count.missed)).collect();
    assert_eq!(told, [(Clock::FirstResponse, 1, 1), (Clock::Resolution, 1, 0)]);
    assert_eq!(week.booked.real_minutes, 20);
    assert_eq!(week.booked.charged_minutes, 0, "the contract bears it");
    assert!(week.card.is_none());
});

dialogue!(the_figures_are_those_of_the_ledger, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.mail_from("anne").subject("Foto's").text("Kan dat?");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.letter_to("anne").await;
    let other = world.letter_to("joost").await;
    for (day, relay, text) in [
        ("2026-04-21T12:00:00Z", &relay, "Bezig.\n#tijd 40m op 2026-04-18"),
        ("2026-04-22T12:00:00Z", &other, "Bezig.\n#tijd 1u25\n#tijd 10m nog wat"),
        ("2026-04-24T12:00:00Z", &relay, "Toch minder.\n#tijd -15m"),
        ("2026-04-26T21:59:00Z", &relay, "Zondag laat.\n#tijd 20m"),
        ("2026-04-27T10:00:00Z", &other, "Maandag.\n#tijd 3u op 2026-04-26"),
        ("2026-05-06T10:00:00Z", &other, "Later.\n#tijd 50m\n#soort onderhoud"),
    ] {
        world.at(day);
        booked(&mut world, relay, text).await;
    }
    world.at("2026-05-11T05:00:00Z");
    let entries = world.entries("AMR").await;
    let of_ledger: (i64, i64) = entries
        .iter()
        .filter(|line| line.entry.charge.is_some())
        .fold((0, 0), |(real, charged), line| (real + line.entry.real_minutes, charged - line.entry.charged_minutes));
    let mut of_weeks = (0, 0);
    for week in ["2026-W17", "2026-W18", "2026-W19"] {
        let week = world.week("AMR", week).await;
        let (from, to): (Timestamp, Timestamp) = (
            week.from.at(0, 0, 0, 0).in_tz("Europe/Amsterdam").unwrap().timestamp(),
            week.through.tomorrow().unwrap().at(0, 0, 0, 0).in_tz("Europe/Amsterdam").unwrap().timestamp(),
        );
        // Summed once more from the ledger, by case.
        let in_week = entries.iter().filter(|line| from <= line.booked_at && line.booked_at < to);
        let lines = work_lines(&week.client, week.from, in_week.map(|line| &line.entry));
        for case in &week.booked.by_case {
            let of_case = |number: &Option<CaseNumber>| *number == case.case;
            let real: i64 = lines.iter().filter(|line| of_case(&line.case)).map(|line| line.real_minutes).sum();
            let charged: i64 = lines.iter().filter(|line| of_case(&line.case)).map(|line| line.charged_minutes).sum();
            assert_eq!((case.real_minutes, case.charged_minutes), (real, charged), "{:?}", case.case);
            assert_eq!(case.lines.iter().map(|line| line.real_minutes).sum::<i64>(), real);
        }
        of_weeks.0 += week.booked.real_minutes;
        of_weeks.1 += week.booked.charged_minutes;
        let card = week.card.unwrap();
        let left: i64 = entries.iter().map(|line| line.entry.charged_minutes).sum();
        assert_eq!(card.left_minutes - card.overdraft_minutes, left);
    }
    assert_eq!(of_weeks, of_ledger);
});

dialogue!(what_comes_to_the_books_late_is_told_in_the_next_week, |world| {
    world.send_summaries();
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).unproven().text("Klaar.\n#tijd 40m formulier hersteld");
    let kept = world.receive(mail).await;
    kept.is("challenged");
    world.rest().await;
    world.at(MONDAY);
    world.tick().await;
    world.letter_to("anne").await.says("Gewerkt: 0:00");
    world.letter_to("mira").await.is("desk-summary").says("om bewijs gevraagd");
    // The desk releases it on Tuesday; it keeps its receipt of the week before.
    world.at("2026-04-28T09:00:00Z");
    world.decide_again(kept.kept.as_ref().unwrap(), true).await;
    world.rest().await;
    world.at("2026-05-04T05:00:00Z");
    world.tick().await;
    let letter = world.letter_to("anne").await;
    letter.says(
        "Nageboekt uit eerdere weken\n\n- 2026-04-21 AMR-2026-0001 0:40 (van de kaart 0:45) Joost de Wit, formulier",
    );
    world.rest().await;
    world.at("2026-05-11T05:00:00Z");
    world.tick().await;
    world.letter_to("anne").await.does_not_say("Nageboekt");
    world.rest().await;
});

dialogue!(mails_of_experts_that_wait_for_a_mend_are_told_to_the_desk, |world| {
    world.send_summaries();
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Klaar.\n#tjid 40m");
    world.receive(mail).await.is("parked").on("AMR-2026-0001");
    world.pass(1);
    // One was to open a case: there is no number yet.
    let mail = world.mail_from("mira").subject("Telefoon: printer").text("#klant AMR\n#tjid 20m\nHij staat aan.");
    world.receive(mail).await.is("parked").on_no_case();
    world.rest().await;
    world.at(MONDAY);
    world.tick().await;
    let all = world.unread().await;
    let desk = all.iter().find(|letter| letter.stored.notice == "desk-summary").unwrap();
    desk.says(
        "Geparkeerde mail van experts\n\n- AMR-2026-0001 Contactformulier verstuurt niet\n  Joost de Wit, sinds \
         dinsdag 21 april om 10:01\n- Telefoon: printer\n  Mira Jansen, sinds dinsdag 21 april om 11:01\n\n",
    );
    world.rest().await;
});

dialogue!(by_command_a_week_is_sent_at_once_and_not_again_by_the_clock, |world| {
    world.send_summaries();
    opened(&mut world).await;
    let refused = world.send_summary("AMR", "2026-W17").await.unwrap_err().to_string();
    assert_eq!(refused, "2026-W17 is not over yet: send 2026-W16, or look at it with --preview");
    // Monday, five in the morning.
    world.at("2026-04-27T03:00:00Z");
    let sent = world.send_summary("AMR", "2026-W17").await.unwrap();
    assert_eq!((sent.readers.len(), sent.is_again), (1, false));
    let first = world.letter_to("anne").await;
    first.is("weekly-summary").says("Week 17");
    world.at(MONDAY);
    assert_eq!(summaries(&mut world).await, ["desk-summary to mira"]);
    let sent = world.send_summary("AMR", "2026-W17").await.unwrap();
    assert!(sent.is_again);
    let second = world.letter_to("anne").await;
    assert_ne!(first.message_id(), second.message_id());
    let trail = audit::list(&world.db, "LIN", 2).await.unwrap();
    assert_eq!(trail[0].reason, "the coordinator lost it");
    assert_eq!(trail[0].detail, "2026-W17 of AMR to anne.bakker@amersfoortsmuseum.example");
});

dialogue!(a_client_that_came_later_is_told_of_its_first_week, |world| {
    world.send_summaries();
    world.at("2026-04-28T09:00:00Z");
    world.declare(&many_clients(1)).await;
    world.tick().await;
    let told = world.rest().await;
    assert_eq!(told, ["weekly-summary to anne.bakker", "weekly-summary to grace.hall", "desk-summary to mira"]);
    world.at("2026-05-04T05:00:00Z");
    world.tick().await;
    let all = world.unread().await;
    assert!(all.iter().any(|letter| letter.stored.subject == "Week 18: Museum MUA"));
    world.rest().await;
});

dialogue!(the_letter_of_a_week_has_one_name_and_may_be_answered, |world| {
    world.send_summaries();
    opened(&mut world).await;
    world.at(MONDAY);
    world.tick().await;
    let letter = world.letter_to("anne").await;
    assert_eq!(letter.stored.cause, "summary/AMR/2026-W17");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    assert!(letter.html().contains("bgcolor"), "pictures are made of cells");
    assert!(!letter.html().contains("<img"), "and of nothing that must be loaded");
    world.rest().await;
    let mail = world.reply_to(&letter).text("Graag een nieuwe kaart.");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.rest().await;
    let all = letters::list(&world.db, "LIN", None, 100).await.unwrap();
    assert!(all.iter().all(|letter| letter.notice != "weekly-summary" || !letter.is_automatic));
});
