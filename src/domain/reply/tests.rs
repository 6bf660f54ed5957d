//! Whole texts and where their lines go.

use super::*;

fn check(text: &str, fresh: &str, quoted_has: &str, signature: &str) {
    let reply = cut(text);
    assert_eq!((reply.fresh.as_str(), reply.signature.as_str()), (fresh, signature), "{text:?}\n{reply:?}");
    assert!(reply.quoted.contains(quoted_has), "{quoted_has:?} not in {:?}", reply.quoted);
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let parts = [&reply.fresh, &reply.quoted, &reply.signature];
    let mut kept: Vec<&str> = parts.iter().flat_map(|p| p.lines()).filter(|line| !line.trim().is_empty()).collect();
    lines.sort_unstable();
    kept.sort_unstable();
    assert_eq!(lines, kept, "no line is lost");
}

#[test]
fn a_mail_without_quotes_is_new() {
    check("Hello\n\nThe site is down.\n", "Hello\n\nThe site is down.", "", "");
    check("", "", "", "");
    check("On Monday he wrote:\nsomething", "On Monday he wrote:\nsomething", "", "");
    check("From: me to you\nthanks", "From: me to you\nthanks", "", "");
}

#[test]
fn gmail_and_apple_in_dutch_and_english() {
    check(
        "Ja, graag.\n\nOp ma 23 nov 2026 om 10:00 schreef Desk <desk@x.nl>:\n\n> Zal ik?\n> Groet\n",
        "Ja, graag.",
        "Zal ik?",
        "",
    );
    check(
        "Ja.\n\nOp ma 23 nov 2026 om 10:00 schreef Een Heel Lange Naam\n<desk@x.nl>:\n> Zal ik?\n",
        "Ja.",
        "schreef Een",
        "",
    );
    check("Yes.\n\nOn Mon, Nov 23, 2026 at 10:00 AM Desk <desk@x.nl> wrote:\n> Shall I?\n", "Yes.", "wrote:", "");
    check(
        "Yes.\n\nOn Mon, Nov 23, 2026 at 10:00 AM A Very Long Name\n<desk@x.nl>\nwrote:\n\n> Shall I?\n",
        "Yes.",
        "On Mon",
        "",
    );
    let apple = "Prima\n\nVerstuurd vanaf mijn iPhone\n\n> Op 23 nov 2026 om 10:00 heeft Desk <d@x.nl> het volgende geschreven:\n> \n> Zal ik?";
    check(apple, "Prima", "Zal ik?", "Verstuurd vanaf mijn iPhone");
    check(
        "Goed\n\nOp 23 nov 2026, om 10:00 heeft Desk <d@x.nl> het volgende geschreven:\n\nZal ik?",
        "Goed",
        "Zal ik?",
        "",
    );
    check("OK\n\nOp 23-11-2026 om 10:00 schreef Jan:\n> Zal ik?", "OK", "schreef Jan", "");
}

#[test]
fn outlook_quotes_without_marks() {
    check(
        "Akkoord.\n\nGroet, Ann\n\nVan: Desk <desk@x.nl>\nVerzonden: maandag 23 november 2026 10:00\nAan: Ann\nOnderwerp: RE: x\n\nZal ik?",
        "Akkoord.\n\nGroet, Ann",
        "Zal ik?",
        "",
    );
    check(
        "Fine.\n\n________________________________\nFrom: Desk\nSent: Monday\nTo: Ann\nSubject: x\n\n#time 1h",
        "Fine.",
        "____",
        "",
    );
    check("Fine.\n\n-----Original Message-----\nFrom: Desk\n\nShall I?", "Fine.", "Shall I?", "");
    check("Goed.\n\n-----Oorspronkelijk bericht-----\nVan: Desk\n\nZal ik?", "Goed.", "Zal ik?", "");
    check("Fine.\n\n*From:* Desk\n*Sent:* Monday\n*Subject:* x\n\nold", "Fine.", "old", "");
    check(
        "Get Outlook for iOS\n________________________________\nFrom: D\nSent: M\nTo: A\nSubject: x\nold",
        "",
        "old",
        "Get Outlook for iOS",
    );
}

#[test]
fn other_languages_are_known_by_their_form() {
    check("Ja\n\n29 грудня 2017 р. о 19:09 <d@x.nl> написав:\n> старе", "Ja", "написав", "");
    check("Ja\n\ntir. 18. apr. 2017 kl. 13:09 skrev Desk <d@x.nl\n>:\n\n> gammel", "Ja", "skrev", "");
    check(
        "Ja\n\n-------- Oprindelig besked --------\nFra: D <d@x.nl>\nDato: 4.7.2024\nTil: a@b.dk\n\ngammel",
        "Ja",
        "Fra:",
        "",
    );
    check("Zie:\n---- lijst ----\nAan: 1\nUit: 2\nRust: 3", "Zie:\n---- lijst ----\nAan: 1\nUit: 2\nRust: 3", "", "");
}

#[test]
fn answers_between_quotes_stay_new() {
    check(
        "On Mon, Nov 23, 2026 at 10:00 AM Desk <d@x.nl> wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n-- \nAnn",
        "Yes.\n\n\nNo.",
        "Two?",
        "-- \nAnn",
    );
    check("Op 10:00 schrijf ik dit:\nJa\n> Twee?", "Op 10:00 schrijf ik dit:\nJa", "Twee?", "");
    check("Zie mijn mail van 10:00:\n> Twee?\nJa", "Zie mijn mail van 10:00:\nJa", "Twee?", "");
    check("> Question\n\nAnswer below\n", "Answer below", "Question", "");
}

#[test]
fn signatures() {
    check("Hello\n-- \nAnn\nClient BV\n", "Hello", "", "-- \nAnn\nClient BV");
    check("Hello\n--\nAnn", "Hello", "", "--\nAnn");
    check("Hello\n\nSent from my iPhone", "Hello", "", "Sent from my iPhone");
    check(
        "Hi\n\nSent from my desk, which is much easier than the telephone.",
        "Hi\n\nSent from my desk, which is much easier than the telephone.",
        "",
        "",
    );
    check("Sent from my desk a parcel.\nDid it arrive?", "Sent from my desk a parcel.\nDid it arrive?", "", "");
    check("Hi\n-- \nAnn\n\nOn 23-11-2026 10:00, Desk wrote:\n> old\n> -- \n> Desk", "Hi", "> Desk", "-- \nAnn");
}

#[test]
fn hostile_texts_end() {
    for piece in
        ["On ", "On 2026\n", "From: x\n", "> ", ">\n\n", "-- \n", "--\nx\n", "Op 10:00 schreef\n", "\n", "é", "_"]
    {
        let text = piece.repeat(200_000);
        let _ = cut(&text);
    }
}
