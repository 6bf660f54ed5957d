//! An answer below which the whole answered letter stands without a mark: nothing of the letter leaves the desk.

use super::{opened, opened_by_grace};
use crate::dialogue;
use crate::world::Letter;

/// Nothing that only the desk may read.
#[track_caller]
fn says_nothing_internal(letter: &Letter) {
    for words in
        ["Strippenkaart", "contract Basic", "zonder tags naar de klant", "#tijd", "#notitie", "Prioriteit", "support+"]
    {
        letter.does_not_say(words);
    }
}

dialogue!(a_letter_left_below_an_answer_without_marks_stays_inside, |world| {
    let (_, relay) = opened(&mut world).await;
    let letter = relay.text();
    let trimmed: Vec<&str> = letter.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let words: Vec<&str> = letter.split_whitespace().collect();
    let wrapped: Vec<String> = words.chunks(7).map(|row| row.join(" ")).collect();
    let spaced = letter.replace('\n', "\n\n");
    for (place, paste) in [letter.clone(), trimmed.join("\n"), wrapped.join("\n"), spaced].iter().enumerate() {
        world.pass(2);
        let mail = world.reply_to(&relay).without_quote();
        world
            .receive(mail.text(&format!("Dag Anne,\n\nHet werkt weer ({place}).\n#tijd 5m\n\n{paste}")))
            .await
            .is("joined");
        let answer = world.letter_to("anne").await;
        answer.is("answer").says(&format!("Het werkt weer ({place}).\n\nJoost de Wit"));
        says_nothing_internal(&answer);
    }
    assert_eq!(world.ledger("AMR").await.len(), 4, "only what was written anew books");
});

dialogue!(an_answer_below_the_letter_goes_out_alone, |world| {
    let (_, relay) = opened(&mut world).await;
    let (letter, _) = relay.text().split_once("\n--").map(|(body, _)| (body.to_owned(), ())).unwrap();
    let mail = world.reply_to(&relay).without_quote().text(&format!("{letter}\n\nHet werkt weer.\n#tijd 40m\n"));
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    says_nothing_internal(answer.is("answer").says("Het werkt weer.\n\nJoost de Wit"));
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
});

dialogue!(the_letter_s_page_left_below_an_answer_without_marks_stays_inside, |world| {
    let (_, relay) = opened(&mut world).await;
    let page = relay.html();
    let inner = page.split_once("<body").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest).unwrap();
    let inner = inner.split("</body>").next().unwrap();
    let body = format!(
        "Content-Type: text/html; charset=utf-8\n\n<html><body><div>Dag Anne,</div><div>Het <b>werkt</b> weer.</div>\
         <div>#tijd 40m</div><br>{inner}</body></html>"
    );
    let mail = world.reply_to(&relay).body(&body);
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    says_nothing_internal(answer.is("answer").says("Het werkt weer."));
    assert!(answer.html().contains("<strong>werkt</strong>"), "{}", answer.html());
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
});

dialogue!(notes_in_the_history_of_the_letter_stay_inside, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let note = world.reply_to(&relay).text("#notitie\nDeze klant betaalt altijd te laat, dus eerst de rekening.");
    world.receive(note).await.is("joined").because("note");
    let mail = world.reply_to(&acknowledgement).text("Is er al nieuws?");
    world.receive(mail).await.is("joined");
    let relay = world.letter_to("joost").await;
    relay.is("relay").says("betaalt altijd te laat");
    let bare: Vec<&str> = relay.text().leak().lines().map(|line| line.trim_start_matches("> ")).collect();
    let mail = world.reply_to(&relay).without_quote().text(&format!("Ja, morgen.\n\n{}", bare.join("\n")));
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    says_nothing_internal(answer.is("answer").says("Ja, morgen.\n\nJoost de Wit").does_not_say("te laat"));
    // Nor does the case keep it: the next relay shows what was said.
    let mail = world.reply_to(&acknowledgement).text("Fijn!");
    world.receive(mail).await.is("joined");
    let relay = world.letter_to("joost").await;
    relay.is("relay").says("> > Ja, morgen.\n>\n> Anne Bakker");
});

dialogue!(an_internal_line_that_is_left_parks_the_mail, |world| {
    let (_, relay) = opened(&mut world).await;
    let line = relay.text().lines().find(|line| line.starts_with("Strippenkaart")).unwrap().to_owned();
    let mail = world.reply_to(&relay).text(&format!("Dag Anne,\n\n{line}\n\nDus het kan.\n#tijd 40m"));
    world.receive(mail).await.is("parked").because("tag");
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript").says("alleen voor de desk: Strippenkaart").says("Antwoord met de hele tekst opnieuw");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    // A letter with nothing new above it is no answer.
    world.pass(1);
    let (body, _) = relay.text().split_once("\n--").map(|(body, _)| (body.to_owned(), ())).unwrap();
    let mail = world.reply_to(&relay).without_quote().text(&body);
    world.receive(mail).await.is("parked");
    world.letter_to("joost").await.is("transcript").says("alleen voor de desk");
    world.pass(1);
    let mail = world.reply_to(&transcript).text("Dag Anne,\n\nHet kan.\n#tijd 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Het kan.");
});

dialogue!(what_an_expert_repeats_of_the_client_s_words_on_purpose_goes_out, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail =
        world.reply_to(&relay).text("U schreef:\nHet formulier doet niets meer.\n\nDat klopt, en het is verholpen.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("U schreef:\nHet formulier doet niets meer.\n\nDat klopt");
});

dialogue!(a_mended_text_goes_out_without_the_letter_that_stood_below_it, |world| {
    let (_, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).without_quote().text(&format!("Klaar.\n#tjid 40m\n\n{}", relay.text()));
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    says_nothing_internal_but_tags(transcript.is("transcript"));
    // The mend has the whole transcript below it, without marks too.
    let mail = world.reply_to(&transcript).without_quote().text(&format!("#tijd 40m\n\n{}", transcript.text()));
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    says_nothing_internal(answer.is("answer").says("Klaar.\n\nJoost de Wit").does_not_say("geparkeerd"));
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
});

#[track_caller]
fn says_nothing_internal_but_tags(letter: &Letter) {
    letter.does_not_say("Strippenkaart").does_not_say("contract Basic");
}

dialogue!(an_english_letter_left_below_an_answer_stays_inside, |world| {
    let (_, relay) = opened_by_grace(&mut world).await;
    let mail = world.reply_to(&relay).without_quote().text(&format!("Fixed, Grace.\n#time 20m\n\n{}", relay.text()));
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("grace").await;
    answer
        .is("answer")
        .says("Fixed, Grace.\n\nMira Jansen")
        .does_not_say("Priority")
        .does_not_say("#time")
        .does_not_say("contract");
});

dialogue!(the_history_shows_of_a_mended_mail_what_went_out, |world| {
    let (acknowledgement, relay) = opened(&mut world).await;
    let mail = world.reply_to(&relay).text("Het is verholpen.\n#tjid 40m");
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript");
    let mail = world.reply_to(&acknowledgement).text("Is er nieuws?");
    world.receive(mail).await.is("joined");
    world.letter_to("joost").await.is("relay").says("Joost de Wit (parked)");
    world.pass(1);
    let mail = world.reply_to(&transcript).text("#tijd 40m");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Het is verholpen.");
    let mail = world.reply_to(&acknowledgement).text("Dank!");
    world.receive(mail).await.is("joined");
    let relay = world.letter_to("joost").await;
    relay.is("relay").says("> Joost de Wit, 2026-04-21 11:01\n> > Het is verholpen.\n>\n> Anne Bakker");
    relay.does_not_say("(parked)").does_not_say("(note)").does_not_say("#tjid");
});

dialogue!(who_reads_along_is_quoted_the_mail_that_they_had_and_no_other, |world| {
    let mail = world.mail_from("anne").cc(&["els.visser@amersfoortsmuseum.example"]).subject("Agenda");
    world.receive(mail.text("De agenda is leeg.")).await.is("opened");
    let acknowledgement = world.letter_to("anne").await;
    let relay = world.letter_to("joost").await;
    relay.is("relay");
    // A colleague adds something in the thread, to the desk alone.
    let mail = world.reply_to(&acknowledgement).by("kees").text("Zeg niets tegen Els, maar zij wiste de agenda.");
    world.receive(mail).await.is("contributed");
    world.rest().await;
    let mail = world.reply_to(&relay).text("Hij staat er weer.");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Hij staat er weer.");
    let to_els = world.letter_to("els").await;
    to_els.is("answer").says("> De agenda is leeg.").does_not_say("wiste");
});

dialogue!(an_expert_with_a_pile_of_faults_gets_a_transcript_for_each, |world| {
    let (_, relay) = opened(&mut world).await;
    world.is_received_twice = false;
    for number in 1..=25 {
        let mail = world.reply_to(&relay).text(&format!("Stap {number}.\n#tjid 5m"));
        world.receive(mail).await.is("parked");
        world.letter_to("joost").await.is("transcript").says(&format!("Stap {number}."));
    }
});
