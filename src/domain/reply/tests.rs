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

#[test]
fn a_header_below_words_is_history_in_any_language() {
    check(
        "Tak.\n\nFra: Ann <ann@x.dk>\nSendt: 23. november 2026 09:30\nTil: Bob\nEmne: x\n\ngammel",
        "Tak.",
        "gammel",
        "",
    );
    check(
        "Merci\n\nDe : Ann [mailto:ann@x.fr]\nEnvoyé : lundi 23 novembre 2026\nÀ : Bob\nObjet : x\n\nvieux",
        "Merci",
        "vieux",
        "",
    );
    check("好\n\n------------------ 原始邮件 ------------------\n发件人: Ann\n\n旧", "好", "旧", "");
    check("Ok\n\nSubject: x\nFrom: ann@x.nl\nTo: bob@x.nl\nDate: Mon, 23 Nov 2026 10:00\n\nold", "Ok", "old", "");
}

#[test]
fn a_header_above_all_words_needs_to_be_whole() {
    let form = "From: Ann <ann@x.nl>\nSubject: printer\nDate: 23 Nov 2026\n\nThe printer is broken.";
    check(form, form, "", "");
    check("From: Ann <ann@x.nl>\nSent: Monday\nTo: Bob\nSubject: x\n\n#time 8h", "", "#time 8h", "");
}

#[test]
fn rest_of_a_quoted_line_without_its_mark() {
    let long = "> Kunnen jullie de openingstijden op de pagina van de vestiging in Breda";
    check(
        &format!("Ja.\n\nOp 23-11-2026 10:00 schreef Ann:\n{long}\nwel aanpassen?\n> Groet"),
        "Ja.",
        "wel aanpassen?",
        "",
    );
    check(&format!("{long} aanpassen?\nja hoor\n> Groet"), "ja hoor", "Groet", "");
    check("> Mag dit\nja hoor\n> Groet", "ja hoor", "Groet", "");
}

#[test]
fn wrapped_address_before_the_verb() {
    check("Ja\n\nOn Mon, Nov 23, 2026 at 10:00 AM Ann Doe <ann@x.nl\n> wrote:\n\n> old", "Ja", "> wrote:", "");
}

#[test]
fn footers_below_a_quote() {
    let list = "_______________________________________________\nusers mailing list\nhttp://x.nl/list";
    check(&format!("Ok\n\nOn 23-11-2026 10:00, Ann wrote:\n> old\n\n{list}"), "Ok", "old", list);
    check("Ok\n\nOn 23-11-2026 10:00, Ann wrote:\n> old\n\nEn dit ook nog.", "Ok\n\n\nEn dit ook nog.", "old", "");
}

#[test]
fn a_farewell_is_told_apart_but_stays_new() {
    let told = |text: &str| {
        let reply = cut(text);
        (reply.message().to_owned(), reply.signed())
    };
    let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        told("Ja.\n\nGroet,\nAnn\n\nVerstuurd vanaf mijn iPhone"),
        both("Ja.", "Groet,\nAnn\nVerstuurd vanaf mijn iPhone")
    );
    assert_eq!(cut("Ja.\n\nGroet,\nAnn").fresh, "Ja.\n\nGroet,\nAnn");
    // Who draws a line above the signature says where it begins.
    assert_eq!(told("Ja.\n\nGroet,\nAnn\n-- \nAnn de Vries"), both("Ja.\n\nGroet,\nAnn", "-- \nAnn de Vries"));
    assert_eq!(told("Ja.\n\nGroet,\nAnn\n#tijd 1u"), both("Ja.\n\nGroet,\nAnn\n#tijd 1u", ""));
}

#[test]
fn what_a_server_puts_above_is_not_new() {
    let banner = "CAUTION: This email originated from outside of the organization. Do not click links.";
    check(&format!("{banner}\n\nIt is broken."), "It is broken.", "", banner);
}
