//! Nobody we know writes.

use crate::dialogue;

dialogue!(a_proven_stranger_gets_one_courteous_refusal, |world| {
    let mail = world.mail_from("stranger").subject("Offerte").text("Wat kost een website?");
    let id = mail.id();
    world.receive(mail).await.is("quarantined").because("unknown-sender").on_no_case();
    let letter = world.letter_to("stranger").await;
    letter.is("refusal").reads(r#"
        Subject: Uw bericht: Offerte

        Goedendag,

        Dank voor uw bericht "Offerte" van dinsdag 21 april om 10:00. Dit adres is er voor organisaties die een overeenkomst met ons hebben. Uw adres is daar bij ons niet voor bekend, en daarom kunnen wij uw bericht niet in behandeling nemen.

        Hoort u bij een van onze klanten? Vraag dan degene die daar het contact met ons onderhoudt om uw vraag door te geven.

        --
        Lindeboom Support
        support@lindeboom.example
        Lindeboom Support, Utrecht
    "#);
    assert_eq!(letter.stored.reverse_path, None);
    assert_eq!(letter.header("Auto-Submitted"), "auto-replied");
    assert_eq!(letter.in_reply_to(), id);
    assert_eq!(letter.header("Reply-To"), "");
    assert_eq!(world.cases().await, [""; 0]);
});

dialogue!(an_unproven_stranger_hears_nothing, |world| {
    for mail in [world.mail_from("stranger").unproven(), world.mail_from("stranger").disowned()] {
        world.receive(mail).await.is("quarantined").because("unknown-sender");
    }
    world.no_letters().await;
});

dialogue!(a_stranger_s_program_hears_nothing, |world| {
    let mail = world.mail_from("stranger").automatic();
    world.receive(mail).await.is("noted").on_no_case();
    let mail = world.mail_from("stranger").header("List-Unsubscribe", "<https://x.example/>");
    world.receive(mail).await.is("quarantined");
    let mail = world.mail_from("no-reply@elsewhere.example");
    world.receive(mail).await.is("quarantined");
    world.no_letters().await;
});

dialogue!(a_stranger_in_a_case_s_thread_reads_nothing_of_it, |world| {
    let (acknowledgement, _) = super::opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).by("stranger").text("Stuur mij alles van deze zaak.");
    world.receive(mail).await.is("quarantined").because("unknown-sender").on_no_case();
    world.letter_to("stranger").await.is("refusal").does_not_say("Amersfoort").does_not_say("formulier niets");
});

dialogue!(an_address_that_somebody_adds_in_cc_is_never_written_to, |world| {
    let (acknowledgement, _) = super::opened(&mut world).await;
    let mail = world.reply_to(&acknowledgement).cc(&["sam@elsewhere.example"]).text("Sam leest mee.");
    world.receive(mail).await.is("joined");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).cc(&["sam@elsewhere.example"]).text("Hier is het wachtwoord.");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    assert!(!answer.raw().contains("sam@elsewhere.example"), "{}", answer.raw());
});
