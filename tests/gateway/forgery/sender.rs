//! Who From does not name: other fields, two senders, hidden ones, look-alikes.

use super::{ANNE, SAM, harmless, is_a_stranger, scene};
use crate::dialogue;

dialogue!(no_other_field_names_the_sender, |world| {
    scene(&mut world).await;
    for (field, value) in [
        ("Reply-To", ANNE),
        ("Sender", ANNE),
        ("Resent-From", ANNE),
        ("Resent-Sender", "joost@dewit-web.example"),
        ("X-Original-From", "Joost de Wit <joost@dewit-web.example>"),
        ("X-Original-Sender", ANNE),
        ("X-Sender", ANNE),
        ("X-Google-Original-From", ANNE),
        ("Errors-To", ANNE),
        ("Disposition-Notification-To", ANNE),
        ("X-Envelope-From", ANNE),
        ("Original-From", "Joost de Wit <joost@dewit-web.example>"),
    ] {
        let mail = world.mail_from("stranger").header(field, value).subject("Re: [LIN AMR-2026-0001] x");
        is_a_stranger(&mut world, field, mail.text("#tijd 2u\nGraag alles."), SAM).await;
    }
});

dialogue!(a_from_that_leaves_it_open_is_nobody, |world| {
    scene(&mut world).await;
    let anne = format!("Anne Bakker <{ANNE}>");
    for (name, from) in [
        ("two addresses", format!("{anne}, Sam <{SAM}>")),
        ("two addresses, the forger's first", format!("Sam <{SAM}>, {anne}")),
        ("two fields", format!("{anne}\nFrom: Sam <{SAM}>")),
        ("two fields, the forger's first", format!("Sam <{SAM}>\nFrom: {anne}")),
        ("two fields, one in capitals", format!("{anne}\nFROM: {anne}")),
        ("two fields, one with a blank before its colon", format!("Sam <{SAM}>\nFrom : {anne}")),
        ("a group", format!("Museum: {anne}, Grace <grace.hall@northwick.example>;")),
        ("an address as name of another", format!("{ANNE} <{SAM}>")),
        ("two pairs of brackets", format!("<{SAM}> <{ANNE}>")),
        ("brackets in brackets", format!("<<{ANNE}>")),
        ("an open quote", format!("\"Anne <{ANNE}> <{SAM}>")),
        ("a folded list", format!("Sam <{SAM}>,\n\t{anne}")),
        ("a null byte within", "Anne <anne.bakker@amersfoorts\0museum.example>".to_owned()),
        ("a source route", format!("<@elsewhere.example:{ANNE}>")),
        ("nothing", String::new()),
        ("empty brackets", "Anne <>".to_owned()),
        ("a name alone", "Anne Bakker".to_owned()),
        ("an encoded word alone", "=?utf-8?q?anne.bakker=40amersfoortsmuseum.example?=".to_owned()),
    ] {
        let mail = world.mail_from("stranger").written_by(&from).text("#tijd 2u\nGraag alles.");
        harmless(&mut world, name, mail, "quarantined no-single-sender", &[]).await;
    }
});

dialogue!(a_name_that_looks_like_an_address_is_a_name, |world| {
    scene(&mut world).await;
    for (name, from) in [
        ("a quoted address", format!("\"{ANNE}\" <{SAM}>")),
        ("her own name", format!("Anne Bakker <{SAM}>")),
        ("an expert's name", format!("\"Joost de Wit (Lindeboom Support)\" <{SAM}>")),
        ("an encoded address", format!("=?utf-8?q?anne.bakker=40amersfoortsmuseum.example?= <{SAM}>")),
        (
            "encoded brackets",
            format!("=?utf-8?b?QW5uZSA8YW5uZS5iYWtrZXJAYW1lcnNmb29ydHNtdXNldW0uZXhhbXBsZT4=?= <{SAM}>"),
        ),
        ("a comment", format!("{SAM} ({ANNE})")),
        ("a comment with brackets", format!("(<{ANNE}>) {SAM}")),
        ("a long folded name", format!("\"{ANNE}\n {}\" <{SAM}>", ".".repeat(200))),
    ] {
        let mail = world.mail_from("stranger").written_by(&from).text("#tijd 2u\nGraag alles.");
        is_a_stranger(&mut world, name, mail, SAM).await;
    }
});

dialogue!(her_address_in_other_spellings_is_still_to_be_proven, |world| {
    scene(&mut world).await;
    for (name, from) in [
        ("plain", ANNE.to_owned()),
        ("capitals", "ANNE.BAKKER@AmersfoortsMuseum.EXAMPLE".to_owned()),
        ("folded", format!("Anne\n Bakker\n\t<{ANNE}>")),
        ("a comment behind", format!("{ANNE} (thuis)")),
        ("a group of one", format!("Museum: {ANNE};")),
    ] {
        // The receiving host has judged the domain that really sent it.
        let mail = world.mail_from("stranger").written_by(&from).text("#tijd 2u\nGraag alles.");
        let expected =
            if name == "a group of one" { "quarantined no-single-sender" } else { "challenged sender-unproven" };
        let told: &[&str] = if name == "a group of one" { &[] } else { &["challenge to anne.bakker"] };
        harmless(&mut world, name, mail, expected, told).await;
    }
});

dialogue!(domains_and_names_are_compared_whole, |world| {
    scene(&mut world).await;
    for address in [
        "anne.bakker@amersfoortsmuseum.example.elsewhere.example",
        "anne.bakker@notamersfoortsmuseum.example",
        "anne.bakker@amersfoortsmuseum.example.nl",
        "anne.bakker@example",
        "anne.bakker%amersfoortsmuseum.example@elsewhere.example",
        "amersfoortsmuseum.example!anne.bakker@elsewhere.example",
        "amersfoortsmuseum.example@elsewhere.example",
        "joost@dewit-web.example.elsewhere.example",
        "joost@xdewit-web.example",
        "oost@dewit-web.example",
        "ajoost@dewit-web.example",
        "joost+x@dewit-web.example",
        "xmonitor@uptime.example",
        "support@nothostwell.example",
        // A homograph as it travels: Cyrillic а within.
        "anne.bakker@xn--mersfoortsmuseum-hzk.example",
    ] {
        let mail = world.mail_from(address).subject("Re: [LIN AMR-2026-0001] x").text("#tijd 2u\nGraag alles.");
        is_a_stranger(&mut world, address, mail, address).await;
    }
    // As nobody registers them: the sender is nobody, and nobody is written to.
    for (name, from, cause) in [
        ("a homograph", "Anne <anne.bakker@\u{430}mersfoortsmuseum.example>", "unknown-sender"),
        ("a sign of no width", "Anne <anne.bakker@amersfoorts\u{200b}museum.example>", "unknown-sender"),
        ("a dot at the end", "Anne <anne.bakker@amersfoortsmuseum.example.>", "no-single-sender"),
    ] {
        let mail = world.mail_from("stranger").written_by(from).text("#tijd 2u\nGraag alles.");
        harmless(&mut world, name, mail, &format!("quarantined {cause}"), &[]).await;
    }
});
