//! What leaves: no header that a sender made up, and no token in the hands of anybody but its person.

use super::scene;
use crate::dialogue;
use crate::world::Letter;

/// Every token in the letter's text, HTML, subject and files is its recipient's own.
#[track_caller]
fn holds_no_token(name: &str, letter: &Letter, token: &str) {
    let raw = letter.raw().replace("=\r\n", "");
    assert!(!raw.contains(token), "{name}: {} holds a token of somebody else\n{raw}", letter.line());
    assert!(!letter.contents().contains(token), "{name}: a file of {} holds one", letter.line());
    assert!(!letter.whole().contains(token) && !letter.html().contains(token), "{name}: {}", letter.line());
    assert!(!letter.stored.subject.contains(token) && !letter.stored.text.contains(token), "{name}: {}", letter.line());
}

dialogue!(no_token_reaches_a_third_person, |world| {
    let scene = scene(&mut world).await;
    let anne_address = scene.acknowledgement.reply_to();
    let joost_address = scene.relay.reply_to();
    let token_in = |address: &str| address.split(['.', '@']).rev().nth(2).unwrap_or_default().to_owned();
    let (anne, joost) = (token_in(&anne_address), token_in(&joost_address));
    assert!(anne.len() == 16 && joost.len() == 16 && anne != joost, "{anne} {joost}");
    let attached = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nZie bijlage.\n\n--b\n\
         Content-Type: message/rfc822\n\nFrom: support@lindeboom.example\nReply-To: {anne_address}\nSubject: x\n\nNaar {anne_address}\n\n\
         --b\nContent-Type: text/html; name=a.html\nContent-Disposition: attachment; filename=a.html\n\n<a href=\"mailto:{anne_address}\">x</a>\n--b--\n"
    );
    let html =
        format!("Content-Type: text/html\n\n<p>Mail naar <a href=\"mailto:{anne_address}\">{anne_address}</a></p>\n");
    for (name, mail) in [
        ("in the text", world.reply_to(&scene.acknowledgement).text(&format!("Waarom {anne_address}?"))),
        (
            "in capitals",
            world.reply_to(&scene.acknowledgement).text(&format!("Waarom {}?", anne_address.to_uppercase())),
        ),
        ("in HTML", world.reply_to(&scene.acknowledgement).body(&html)),
        ("in the subject", world.mail_from("anne").subject(&format!("Fwd: Naar {anne_address}"))),
        (
            "in the name",
            world.reply_to(&scene.acknowledgement).written_by(&format!("\"{anne_address}\" <{}>", super::ANNE)),
        ),
        ("in an attached mail", world.reply_to(&scene.acknowledgement).body(&attached)),
        (
            "in a forward below",
            world.mail_from("anne").subject("Fwd: x").text(&format!("Kijk.\n\nVan: {anne_address}\nAan: y\n")),
        ),
    ] {
        let got = world.receive(mail).await;
        assert!(["opened", "joined"].contains(&got.outcome.as_str()), "{name}: {got:?}");
        for letter in world.unread().await.iter().filter(|letter| letter.line() != "acknowledgement to anne.bakker") {
            holds_no_token(name, letter, &anne);
            assert!(name != "in an attached mail" || letter.contents().contains("mailto:support@"), "{name}: no file");
        }
        world.rest().await;
    }
    for (name, mail) in [
        ("an expert's quote", world.reply_to(&scene.relay).text(&format!("Zie {joost_address}\n> {joost_address}"))),
        ("an expert's signature", world.reply_to(&scene.relay).text(&format!("Klaar.\n-- \n{joost_address}"))),
    ] {
        world.receive(mail).await.is("joined");
        for letter in world.unread().await.iter().filter(|letter| letter.line().ends_with("anne.bakker")) {
            holds_no_token(name, letter, &joost);
        }
        world.rest().await;
    }
});

dialogue!(no_sender_writes_our_headers, |world| {
    let scene = scene(&mut world).await;
    let known = [
        "From",
        "Date",
        "Message-ID",
        "Subject",
        "To",
        "Cc",
        "Reply-To",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Casepost-Id",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];
    let (name_q, subject_q) = (
        "=?utf-8?q?Anne=0D=0ABcc=3A_spion=40plain.example?=",
        "=?utf-8?q?x=0D=0ABcc:_spion@plain.example=0D=0A=0D=0A#tijd?=",
    );
    let subject_b = "=?utf-8?b?eA0KQmNjOiBzcGlvbkBwbGFpbi5leGFtcGxlDQo=?=";
    for (name, mail) in [
        ("a stranger's subject", world.mail_from("stranger").subject(subject_q)),
        (
            "a stranger's name",
            world.mail_from("stranger").written_by(&format!("{name_q} <sam@elsewhere.example>")).subject("y"),
        ),
        ("a coordinator's subject", world.mail_from("anne").subject(subject_b)),
        ("a coordinator's name", world.mail_from("anne").written_by(&format!("{name_q} <{}>", super::ANNE))),
        (
            "a reporter's both",
            world
                .mail_from("kees")
                .subject(subject_q)
                .written_by(&format!("{name_q} <kees.groen@amersfoortsmuseum.example>")),
        ),
        ("a forger's subject", world.mail_from("piet").subject(subject_q).unproven()),
        (
            "an id with a line break",
            world.mail_from("anne").message_id("a\u{b}b=0D=0A@amersfoortsmuseum.example").subject("z"),
        ),
        ("a check's name", world.mail_from("monitor").subject("[DOWN] =?utf-8?q?x=0D=0ABcc:_spion@plain.example?=")),
        (
            "an expert's name",
            world.reply_to(&scene.relay).written_by(&format!("{name_q} <joost@dewit-web.example>")).text("Antwoord."),
        ),
    ] {
        world.pass(25);
        world.receive(mail).await;
        let letters = world.unread().await;
        assert!(!letters.is_empty(), "{name}");
        for letter in letters {
            let names = letter.header_names();
            assert!(names.iter().all(|own| known.contains(&own.as_str())), "{name}: {names:?}");
            assert!(!letter.stored.subject.contains(['\r', '\n']), "{name}");
            assert_ne!(letter.stored.recipient, "spion@plain.example", "{name}");
        }
        world.rest().await;
    }
});
