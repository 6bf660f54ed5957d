//! Whole letters in, messages out.

use super::*;
use crate::domain::message::DeliveryAction;

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn trust() -> Trust {
    Trust { authserv_ids: vec!["mx.desk.nl".into()], trusted_hosts: vec!["mx.desk.nl".into()] }
}

fn read_at(raw: &str, arrived_at: &str) -> Message {
    parse(raw.as_bytes(), &trust(), at(arrived_at), at("2026-11-23T12:00:00Z"))
}

fn check(raw: &str) -> Message {
    read_at(raw, "2026-11-23T09:00:05Z")
}

fn is_proven(raw: &str) -> bool {
    check(raw).proof.is_proven()
}

const RECEIVED: &str = "Received: from out.client.nl (out.client.nl [192.0.2.1])\r\n by mx.desk.nl (Postfix) with ESMTPS id 1;\r\n Mon, 23 Nov 2026 10:00:00 +0100 (CET)\r\n";
const PASS: &str = "Authentication-Results: mx.desk.nl; dmarc=pass (p=NONE) header.from=client.nl\r\n";

#[test]
fn a_plain_mail_is_read() {
    let message = check(&format!(
        "Return-Path: <ann@client.nl>\r\nDelivered-To: support@desk.nl\r\n{PASS}{RECEIVED}\
         From: =?utf-8?q?Ann_de_Vri=C3=A9s?= <Ann@Client.nl>\r\nTo: Support <support+a.b@desk.nl>, bob@client.nl\r\n\
         Subject: =?utf-8?b?U2l0ZSDigJMgZG93bg==?=\r\nDate: Mon, 23 Nov 2026 09:59:00 +0100\r\nMessage-ID: <1@client.nl>\r\n\
         In-Reply-To: <0@desk.nl>\r\nReferences: <a@desk.nl>\r\n <0@desk.nl>\r\n\r\nHallo,\r\n\r\nDe site is stuk.\r\n-- \r\nAnn\r\n"
    ));
    assert_eq!(
        message.sender().map(|s| (s.name.as_str(), s.address.as_str())),
        Some(("Ann de Vriés", "ann@client.nl"))
    );
    assert_eq!(message.subject, "Site – down");
    assert_eq!(message.message_id, Some(MessageId::new("1@client.nl")));
    assert_eq!(message.in_reply_to, [MessageId::new("0@desk.nl")]);
    assert_eq!(message.references, [MessageId::new("a@desk.nl"), MessageId::new("0@desk.nl")]);
    assert_eq!(message.to.len(), 2);
    assert_eq!(message.delivered_to, [Address::new("support@desk.nl").unwrap()]);
    assert_eq!(message.received_at, at("2026-11-23T09:00:00Z"));
    assert_eq!(message.date, Some(at("2026-11-23T08:59:00Z")));
    assert_eq!(
        (message.reply.fresh.as_str(), message.reply.signature.as_str()),
        ("Hallo,\n\nDe site is stuk.", "-- \nAnn")
    );
    assert_eq!((message.origin, message.may_auto_reply), (Origin::Human, true));
    assert!(message.proof.is_proven(), "{:?}", message.proof);
    assert_eq!(message.defects, []);
}

#[test]
fn outlook_html_only_is_converted_and_cut() {
    let message = check(
        "From: ann@client.nl\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <html><head><style>p {margin:0}</style></head><body><div><p class=3DMsoNormal>Akkoord, caf=E9.</p>\
         <div style=3D\"border-top:solid\"><p><b>Van:</b> Desk &lt;desk@x.nl&gt;<br><b>Verzonden:</b> maandag<br><b>Aan:</b> Ann<br><b>Onderwerp:</b> x</p></div>\
         <p>Zal ik?</p></div></body></html>\r\n",
    );
    assert!(message.has_html);
    assert_eq!(message.reply.fresh, "Akkoord, café.");
    assert!(message.reply.quoted.ends_with("Zal ik?"), "{:?}", message.reply);
}

#[test]
fn of_two_forms_the_text_is_taken() {
    let message = check(
        "From: ann@client.nl\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Ja, graag.\r\n\r\nOp ma 23 nov 2026 om 10:00 schreef Desk <desk@x.nl>:\r\n\r\n> Zal ik?\r\n>\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Ja, graag.</p>\r\n--b--\r\n",
    );
    assert_eq!((message.reply.fresh.as_str(), message.has_html), ("Ja, graag.", true));
    assert_eq!(message.attachments, []);
    let empty = check(
        "From: ann@client.nl\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n \r\n--b\r\n\
         Content-Type: text/html\r\n\r\n<p>Ja<br>graag</p><blockquote>oud</blockquote>\r\n--b--\r\n",
    );
    assert_eq!((empty.reply.fresh.as_str(), empty.reply.quoted.as_str()), ("Ja\ngraag", "> oud"));
}

#[test]
fn attachments_are_decoded_and_told_from_pictures_in_the_text() {
    let message = check(
        "From: ann@client.nl\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
         --r\r\nContent-Type: text/html\r\n\r\nHallo <img src=\"cid:logo@x\">\r\n--r\r\nContent-Type: image/png; name=logo.png\r\n\
         Content-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0=\r\n--r--\r\n--m\r\nContent-Type: application/pdf\r\n\
         Content-Disposition: attachment; filename*=utf-8''..%2Fcaf%C3%A9.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--m--\r\n",
    );
    let seen: Vec<_> =
        message.attachments.iter().map(|a| (a.name.as_str(), a.media_type.as_str(), a.size, a.is_inline)).collect();
    assert_eq!(seen, [("logo.png", "image/png", 5, true), ("café.pdf", "application/pdf", 4, false)]);
    assert_eq!(message.attachments[1].bytes, b"%PDF");
    assert_eq!(message.text.trim(), "Hallo");
}

#[test]
fn attached_mails_are_kept_whole() {
    let inner = "From: b@x.nl\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\nbinnen\r\n--in--\r\n";
    let message = check(&format!(
        "From: ann@client.nl\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\r\nbuiten\r\n--out\r\n\
         Content-Type: message/rfc822\r\n\r\n{inner}\r\n--out--\r\n"
    ));
    assert_eq!(message.text.trim(), "buiten");
    assert_eq!(String::from_utf8_lossy(&message.attachments[0].bytes), inner.trim_end());
    assert_eq!((message.attachments.len(), message.attachments[0].media_type.as_str()), (1, "message/rfc822"));
}

#[test]
fn a_postfix_report_names_recipient_and_letter() {
    let message = check(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.desk.nl (Mail Delivery System)\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.desk.nl\r\n\r\nFinal-Recipient: rfc822; bob@client.nl\r\n\
         Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <letter@desk.nl>\r\nX-Casepost-Id: forged\r\nSubject: x\r\n\r\ntext\r\n--b--\r\n",
    );
    assert_eq!((message.origin, message.may_auto_reply, message.reverse_path_is_null), (Origin::Bounce, false, true));
    let report = &message.reports[0];
    assert_eq!(report.final_recipient.as_ref().map(Address::as_str), Some("bob@client.nl"));
    assert_eq!(
        (report.action, report.status.as_deref(), report.is_temporary),
        (DeliveryAction::Failed, Some("5.1.1"), false)
    );
    assert_eq!(report.diagnostic, "550 5.1.1 no such user");
    assert_eq!(report.original_message_id, Some(MessageId::new("letter@desk.nl")));
    assert!(message.own_marks.is_empty(), "marks count in the header of the mail itself only");
    assert!(message.text.starts_with("I'm sorry."));
}

#[test]
fn exchange_reports_a_delay_with_headers_only() {
    let message = check(
        "From: postmaster@client.nl\r\nSubject: Vertraagd\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nlate\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\n\
         Final-recipient: RFC822;bob@client.nl\r\nAction: delayed\r\nStatus: 4.4.7\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         Message-ID: <letter@desk.nl>\r\n\r\n--b--\r\n",
    );
    assert_eq!((message.origin, message.reports[0].is_temporary), (Origin::DelayNotice, true));
    assert_eq!(message.reports[0].original_message_id, Some(MessageId::new("letter@desk.nl")));
}

#[test]
fn a_persons_words_about_deliveries_are_no_report() {
    let message = check(
        "From: ann@client.nl\r\nX-Failed-Recipients: bob@client.nl\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\n\r\nZie onder\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; bob@client.nl\r\nAction: failed\r\n--b--\r\n",
    );
    assert_eq!((message.origin, message.reports.len()), (Origin::Human, 0));
}

#[test]
fn out_of_office_is_automatic() {
    let message = check(
        "From: ann@client.nl\r\nSubject: Automatisch antwoord: x\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\nIk ben er niet.\r\n",
    );
    assert_eq!((message.origin, message.may_auto_reply), (Origin::AutoReply, false));
}

#[test]
fn only_the_words_of_our_own_host_are_believed() {
    let from = "From: ann@client.nl\r\n\r\nx";
    let other = "Received: from x by evil.nl; Mon, 23 Nov 2026 09:00:00 +0100\r\n";
    let foreign = "Authentication-Results: evil.nl; dmarc=pass header.from=client.nl\r\n";
    let refused = "Authentication-Results: mx.desk.nl; dmarc=none\r\n";
    assert!(is_proven(&format!("{PASS}{RECEIVED}{from}")));
    assert!(is_proven(&format!("{RECEIVED}{PASS}{from}")), "some servers write it below their Received");
    assert!(is_proven(&format!("{PASS}{RECEIVED}{other}{foreign}{from}")));
    assert!(!is_proven(&format!("{RECEIVED}{other}{PASS}{from}")), "below the border");
    assert!(!is_proven(&format!("{RECEIVED}{foreign}{from}")), "another authserv-id");
    assert!(!is_proven(&format!("{refused}{RECEIVED}{PASS}{from}")), "the upper one counts");
    assert!(!is_proven(&format!("{PASS}{from}")), "no line of our host at all");
    assert!(!is_proven(&format!("{other}{PASS}{RECEIVED}{from}")));
    assert!(!is_proven(&format!("{PASS}{RECEIVED}From: ann@other.nl\r\n\r\nx")));
    let untrusting = parse(
        format!("{PASS}{RECEIVED}{from}").as_bytes(),
        &Trust::default(),
        at("2026-11-23T09:00:05Z"),
        at("2026-11-23T12:00:00Z"),
    );
    assert!(!untrusting.proof.is_proven());
}

#[test]
fn a_doubtful_from_is_nobody() {
    let sender = |from: &str| {
        let message = check(&format!("{PASS}{RECEIVED}{from}\r\nSubject: x\r\n\r\nx"));
        assert_eq!(message.sender().is_some() && !from.contains("evil"), message.proof.is_proven(), "{from:?}");
        message.sender().map(|s| s.address.to_string())
    };
    let ann = Some("ann@client.nl".to_owned());
    assert_eq!(sender("From: ann@client.nl"), ann);
    assert_eq!(sender("From: ann@client.nl (Ann)"), ann);
    assert_eq!(sender("From: \"Ann, de Vries\" <ann@client.nl>"), ann);
    assert_eq!(sender("From: =?utf-8?q?Ann=2C_x?=\r\n =?utf-8?q?y?= <ann@client.nl>"), ann);
    assert_eq!(sender("From: ann@client.nl <ann@client.nl>"), ann, "as some programs write it");
    assert_eq!(sender("From: Ann@Client.nl <ann@client.nl>"), ann);
    assert_eq!(sender("From: \"ann@client.nl\" <evil@x.nl>"), Some("evil@x.nl".into()));
    assert_eq!(sender("From: =?utf-8?q?ann=40client.nl=2C?= <evil@x.nl>"), Some("evil@x.nl".into()));
    assert_eq!(sender("From: ann@client.nl <evil@x.nl>"), None);
    assert_eq!(sender("From: ann@client.nl, evil@x.nl"), None);
    assert_eq!(sender("From: ann@client.nl\r\nFrom: evil@x.nl"), None);
    assert_eq!(sender("From: ann@client.nl\r\nfrom : evil@x.nl"), None);
    assert_eq!(sender("From: <ann@client.nl> <evil@x.nl>"), None);
    assert_eq!(sender("From: evil@x.nl:<ann@client.nl>"), None);
    assert_eq!(sender("From: staff: ann@client.nl, bob@client.nl;"), None);
    assert_eq!(sender("From: Ann"), None);
    assert_eq!(sender("From:"), None);
    assert_eq!(sender("X-A: b"), None);
    assert_eq!(sender("From: ann@client.nl\rFrom: evil@x.nl"), None);
}

#[test]
fn encoded_line_ends_make_no_header() {
    let message = check(
        "From: =?utf-8?q?Ann=0D=0ABcc=3A_x=40y.nl?= <ann@client.nl>\r\nSubject: =?utf-8?q?a=0D=0ABcc:_x@y.nl=00?=\r\n\r\nx",
    );
    assert_eq!(message.subject, "a Bcc: x@y.nl");
    assert_eq!(message.from[0].name, "Ann Bcc: x@y.nl");
}

#[test]
fn times_of_receipt() {
    let from = "From: ann@client.nl\r\n\r\nx";
    assert_eq!(read_at(&format!("{RECEIVED}{from}"), "2026-11-23T09:10:00Z").received_at, at("2026-11-23T09:00:00Z"));
    assert_eq!(read_at(&format!("{RECEIVED}{from}"), "2026-11-23T09:10:00Z").defects[0].kind, DefectKind::Time);
    assert_eq!(read_at(&format!("{RECEIVED}{from}"), "2026-11-23T09:05:00Z").defects, []);
    assert_eq!(read_at(&format!("{RECEIVED}{from}"), "2026-11-23T09:05:01Z").defects[0].kind, DefectKind::Time);
    assert_eq!(read_at(from, "2026-11-23T09:10:00Z").received_at, at("2026-11-23T09:10:00Z"));
    assert_eq!(read_at(from, "2026-11-24T09:10:00Z").received_at, at("2026-11-23T12:00:00Z"));
    let forged = "Received: from x by evil.nl; Mon, 02 Nov 2026 09:00:00 +0100\r\n";
    assert_eq!(read_at(&format!("{forged}{from}"), "2026-11-23T09:10:00Z").received_at, at("2026-11-23T09:10:00Z"));
}

#[test]
fn copies_by_other_ways_have_one_fingerprint() {
    let mail =
        "Message-ID: <1@c.nl>\r\nFrom: Ann <ann@client.nl>\r\nDate: Mon, 23 Nov 2026 09:59:00 +0100\r\nSubject: x\r\n";
    let plain = check(&format!("{mail}Content-Type: text/plain; charset=utf-8\r\n\r\ncafé\r\n")).fingerprint;
    let coded = format!(
        "{RECEIVED}{mail}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9\r\n\r\n"
    );
    assert_eq!(check(&coded).fingerprint, plain);
    assert_eq!(check(&coded.replace("\r\n", "\n")).fingerprint, plain);
    assert_ne!(check(&coded.replace("caf=", "cafe=")).fingerprint, plain);
    assert_ne!(check(&coded.replace("<1@", "<2@")).fingerprint, plain);
    assert_ne!(check(&coded.replace("ann@", "bob@")).fingerprint, plain);
}

#[test]
fn odd_charsets_and_broken_forms_are_read_as_far_as_they_go() {
    let message = check("From: ann@client.nl\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nHallo \u{e9}\r\n");
    assert!(message.text.starts_with("Hallo"));
    let raw = b"From: ann@client.nl\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHallo \xe9\xff\r\n";
    assert!(parse(raw, &trust(), at("2026-11-23T09:00:00Z"), at("2026-11-23T12:00:00Z")).text.starts_with("Hallo"));
    let unclosed = check(
        "From: ann@client.nl\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHallo",
    );
    assert_eq!((unclosed.text.as_str(), unclosed.reply.fresh.as_str()), ("Hallo", "Hallo"));
    assert!(unclosed.defects.iter().any(|defect| defect.text.contains("cut off")), "{:?}", unclosed.defects);
    assert_eq!(check("From: ann@client.nl\rSubject: x\r\rHallo\r").text.trim(), "Hallo");
    assert_eq!(check("zonder kop").text, "zonder kop");
    assert_eq!(check("").defects[0].kind, DefectKind::Unreadable);
    assert_ne!(check("\u{1}").fingerprint, check("").fingerprint);
}

/// QUIRK: mail-parser 0.11.9 asserts (in debug builds) on an empty message within a message.
#[test]
fn a_body_that_breaks_the_library_costs_only_the_body() {
    let message = check(
        "From: ann@client.nl\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--\r\n",
    );
    assert_eq!((message.subject.as_str(), message.sender().is_some()), ("x", true));
    let alone = header_alone(
        b"From: ann@client.nl\n\nHallo\n> oud",
        &trust(),
        at("2026-11-23T09:00:00Z"),
        at("2026-11-23T12:00:00Z"),
    );
    assert_eq!((alone.reply.fresh.as_str(), alone.defects[0].kind), ("Hallo", DefectKind::Unreadable));
    assert_eq!(unreadable(b"", at("2026-11-23T09:00:00Z"), "x").sender(), None);
}

#[test]
fn hostile_mails_stay_bounded() {
    let deep: String =
        (0..1_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    let message = check(&format!("From: ann@client.nl\r\n{deep}\r\nx"));
    assert_eq!(message.from.len(), 1);

    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    let message = check(&format!("From: ann@client.nl\r\n{nested}x"));
    assert!(message.defects.iter().any(|d| d.kind == DefectKind::Limit), "{:?}", message.defects);

    let message = check(&format!("From: ann@client.nl\r\n{}\r\nx", "X-A: b\r\n".repeat(100_000)));
    assert!(message.sender().is_none() && message.text == "x", "{:?}", message.defects);

    let message = check(&format!("From: ann@client.nl\r\nTo: {}\r\n\r\nx", "a@b.nl,\r\n ".repeat(500_000)));
    assert_eq!(message.to.len(), MAX_ADDRESSES);

    let message = check(&format!("From: ann@client.nl\r\nSubject: {}\r\n\r\nx", "a".repeat(50_000)));
    assert_eq!(message.subject.len(), MAX_SUBJECT);

    let parts = "--b\r\n\r\nx\r\n".repeat(50_000);
    let message = check(&format!("From: ann@client.nl\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}"));
    assert!(message.defects.iter().any(|d| d.kind == DefectKind::Limit));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_make_a_message(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600)) {
        let message = parse(&bytes, &trust(), at("2026-11-23T09:00:00Z"), at("2026-11-23T12:00:00Z"));
        proptest::prop_assert!(message.received_at <= at("2026-11-23T12:00:00Z"));
    }

    #[test]
    fn any_text_of_mail_signs_makes_a_message(text in "[-A-Za-z:;=<>@\"()., \r\n/?_é]{0,400}") {
        let head = "From: a@b.nl\r\nContent-Type: multipart/mixed; boundary=-\r\nAuthentication-Results: ";
        let message = parse(format!("{head}{text}").as_bytes(), &trust(), at("2026-11-23T09:00:00Z"), at("2026-11-23T12:00:00Z"));
        let cut = crate::domain::reply::cut(&text);
        let words = |text: &str| text.split_whitespace().count();
        proptest::prop_assert_eq!(words(&text), words(&cut.fresh) + words(&cut.quoted) + words(&cut.signature));
        proptest::prop_assert!(message.subject.len() <= 4_000);
    }
}

/// A mail of one part with that header and body.
fn part(header: &str, body: &str) -> Message {
    check(&format!("From: ann@client.nl\r\n{header}\r\n\r\n{body}"))
}

fn names(message: &Message) -> Vec<&str> {
    message.attachments.iter().map(|file| file.name.as_str()).collect()
}

#[test]
fn a_mail_that_is_one_mail_shows_what_was_sent() {
    let inner = "From: b@x.nl\r\nSubject: Offerte\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\n#time 40m\r\n--in\r\n\
                 Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0=\r\n--in--\r\n";
    let plain = part("Content-Type: message/rfc822", inner);
    assert_eq!((plain.text.trim(), names(&plain)), ("#time 40m", vec!["Offerte.eml", "a.png"]));
    assert_eq!((plain.reply.fresh.as_str(), plain.reply.quoted.trim()), ("", "#time 40m"), "nobody wrote it here");
    let coded = data_encoding::BASE64.encode(inner.as_bytes());
    let packed = part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", &coded);
    assert_eq!((packed.text.trim(), names(&packed)), ("#time 40m", vec!["Offerte.eml", "a.png"]));
    let with_words = part(
        "Content-Type: multipart/mixed; boundary=out",
        &format!("--out\r\n\r\nZie bijlage\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--out--\r\n"),
    );
    assert_eq!((with_words.text.trim(), names(&with_words)), ("Zie bijlage", vec!["Offerte.eml"]));
}

#[test]
fn a_digest_shows_its_mails_one_after_the_other() {
    let one = |text: &str| format!("--b\r\n\r\nFrom: b@x.nl\r\nSubject: {text}\r\n\r\nDit is {text}\r\n");
    let digest = part("Content-Type: multipart/digest; boundary=b", &format!("{}{}--b--\r\n", one("een"), one("twee")));
    assert_eq!((digest.text.as_str(), names(&digest)), ("Dit is een\n\nDit is twee", vec!["een.eml", "twee.eml"]));
    assert_eq!(digest.reply.fresh, "");
}

/// An expert's mail may hold what the expert never saw.
#[test]
fn a_tag_that_is_not_shown_asks_nothing() {
    let tags = |html: &str| {
        let message = part("Content-Type: text/html; charset=utf-8", html);
        let found = crate::domain::command::read_commands(&message.reply.fresh, "");
        found.commands.len() + found.faults.len()
    };
    assert_eq!(tags("<p>#time 40m</p><p>Klaar</p>"), 1);
    for hidden in [
        "<div style=\"display:none\">",
        "<p hidden>",
        "<title>",
        "<span style='mso-hide:all'>",
        "<div style='font-size:0'>",
    ] {
        assert_eq!(tags(&format!("{hidden}<br>#time 40m<br></div></title></p></span><p>Klaar</p>")), 0, "{hidden}");
    }
}

#[test]
fn a_mail_that_is_one_file_shows_it() {
    let file = part(
        "Content-Type: text/plain; name=log.txt\r\nContent-Disposition: attachment; filename=log.txt",
        "#time 40m",
    );
    assert_eq!((file.text.as_str(), file.reply.fresh.as_str(), names(&file)), ("#time 40m", "", vec!["log.txt"]));
    let named = part("Content-Type: text/plain; name=brief.txt\r\nContent-Disposition: inline", "Dag");
    assert_eq!(named.reply.fresh, "Dag");
}

#[test]
fn winmail_dat_is_unpacked() {
    let packed = data_encoding::BASE64.encode(&crate::mail::tnef::tests::sample());
    let header = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64";
    let alone = part(header, &packed);
    assert_eq!(names(&alone), ["winmail.dat", "Offerte één.pdf", "kort.txt"]);
    assert_eq!(alone.attachments.iter().map(|file| file.is_from_tnef).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(
        (alone.reply.fresh.as_str(), alone.attachments[1].media_type.as_str()),
        ("Hallo café", "application/pdf")
    );
    let with_text = part(
        "Content-Type: multipart/mixed; boundary=b",
        &format!("--b\r\n\r\nMijn tekst\r\n--b\r\n{header}\r\n\r\n{packed}\r\n--b--\r\n"),
    );
    assert_eq!((with_text.text.trim(), with_text.attachments.len()), ("Mijn tekst", 3));
    let broken = part("Content-Type: application/ms-tnef; name=winmail.dat", "no such stream");
    assert_eq!(names(&broken), ["winmail.dat"]);
}

#[test]
fn calendar_parts_say_what_they_ask() {
    let method = |kind: &str, body: &str| part(&format!("Content-Type: {kind}"), body).calendar_method;
    assert_eq!(method("text/calendar; method=request", "BEGIN:VCALENDAR").as_deref(), Some("REQUEST"));
    assert_eq!(method("text/calendar", "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n").as_deref(), Some("CANCEL"));
    assert_eq!(method("text/calendar", "BEGIN:VCALENDAR\r\n").as_deref(), Some(""));
    assert_eq!(method("text/plain", "METHOD:REPLY"), None);
}

#[test]
fn wrong_labels_cost_no_letters() {
    let read = |raw: &[u8]| parse(raw, &trust(), at("2026-11-23T09:00:00Z"), at("2026-11-23T12:00:00Z"));
    let latin = read(b"From: Ren\xe9 <ann@client.nl>\r\nSubject: Caf\xe9\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCr\xe8me\r\n");
    assert_eq!((latin.subject.as_str(), latin.text.trim(), latin.from[0].name.as_str()), ("Café", "Crème", "René"));
    let cut = check(
        "From: =?utf-8?Q?Ren=C3?= =?utf-8?Q?=A9?= <ann@client.nl>\r\nSubject: =?utf-8?B?w?=\r\n =?utf-8?B?6Q==?=\r\n\r\nx",
    );
    assert_eq!((cut.subject.as_str(), cut.sender().map(|s| s.name.as_str())), ("é", Some("René")));
    assert_eq!(
        part("Content-Type: text/plain; charset=x-own\r\nContent-Transfer-Encoding: quoted-printable", "caf=E9").text,
        "café"
    );
    assert_eq!(part("Content-Transfer-Encoding: quoted-printable;", "caf=C3=A9=\r\n!").text, "café!");
    assert_eq!(part("Subject: =?utf-8?q?=E2=80=AEfdp=2Eexe=E2=80=AC?= x", "x").subject, "fdp.exe x");
}

#[test]
fn parts_end_with_the_part_around_them() {
    let message = part(
        "Content-Type: multipart/mixed; boundary=out",
        "--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nDag\r\n\
         --out\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--out--\r\n",
    );
    assert_eq!((message.text.trim(), names(&message)), ("Dag", vec!["a.pdf"]));
    let cut = part(
        "Content-Type: multipart/mixed; boundary=out",
        "--out\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n",
    );
    assert_eq!((names(&cut), cut.attachments[0].bytes.as_slice()), (vec!["a.pdf"], b"%PDF".as_slice()));
}

#[test]
fn a_boundary_nobody_told_is_found() {
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nDag\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--\r\n";
    for header in ["Content-Type: multipart/mixed", "Content-Type: multipart/mixed; boundary=other"] {
        let message = part(header, body);
        assert_eq!((message.text.trim(), names(&message)), ("Dag", vec!["a.pdf"]), "{header}");
        assert!(message.sender().is_some());
    }
}

/// What somebody sends to break the reader. Debug builds are some ten times slower than what runs at a desk.
#[test]
fn hostile_shapes_take_bounded_time() {
    let lines = |line: &str, count: usize| line.repeat(count);
    let mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
    let html = "Content-Type: text/html\n\n";
    let shapes: Vec<(&str, String)> = vec![
        (
            "nested multiparts",
            (0..10_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect(),
        ),
        ("one boundary for all", lines("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 10_000)),
        ("nested messages", lines("Content-Type: message/rfc822\n\n", 10_000)),
        ("nested digests", lines("Content-Type: multipart/digest; boundary=b\n\n--b\n\n", 10_000)),
        ("header lines", lines("X-A: b\n", 200_000)),
        ("folded lines", format!("Subject: x\n{}\n", lines(" x\n", 200_000))),
        (
            "base64",
            format!(
                "Content-Transfer-Encoding: base64\nContent-Type: application/pdf\n\n{}",
                lines("QUFBQUFBQUFBQUFB\n", 300_000)
            ),
        ),
        ("open tags", format!("{html}{}", lines("<b>", 100_000))),
        ("tables", format!("{html}{}", lines("<table><tr><td>", 5_000))),
        ("open comments in html", format!("{html}{}", lines("<!-- ", 100_000))),
        ("wide rows", format!("{html}<table><tr>{}", lines("<td>x", 40_000))),
        (
            "styles",
            format!(
                "{html}<style>{}</style>{}",
                lines(".a{display:none}", 5_000),
                lines("<i class='b c d'>x</i>", 5_000)
            ),
        ),
        ("formatting", format!("{html}{}", lines("<p><b><i>x", 280))),
        ("encoded words", format!("Subject: {}\n\nx", lines("=?utf-8?q?=C3?= ", 4_000))),
        ("open encoded words", format!("Subject: {}\n\nx", lines("=?utf-8?q?", 6_000))),
        ("open comments", format!("To: {}\n\nx", lines("(", 60_000))),
        ("open quotes", format!("To: {}\n\nx", lines("\"a\\", 20_000))),
        ("addresses", format!("To: {}\n\nx", lines("a@b.nl, ", 100_000))),
        ("references", format!("References: {}\n\nx", lines("<a@b.nl>\n ", 100_000))),
        ("parameters", format!("Content-Type: text/plain; {}\n\nx", lines("a*1=\"x; ", 7_000))),
        (
            "boundaries that begin others",
            format!("{mixed}{}", (1..900).map(|n| format!("--b{}\n\nx\n", "b".repeat(n))).collect::<String>()),
        ),
        ("empty parts", format!("{mixed}{}", lines("--b\n", 100_000))),
        ("boundaries within lines", format!("{mixed}--b\n\n{}\n--b--\n", lines("x--b", 50_000))),
        ("zeros", format!("{mixed}--b\n\n{}\n--b--\n", lines("\0", 500_000))),
        ("quotes", lines(">", 200_000)),
        ("one line", lines("x ", 500_000)),
        ("winmail.dat", format!("Content-Type: application/ms-tnef\n\n{}", lines("\u{78}\u{9f}>\"", 50_000))),
    ];
    for (name, raw) in shapes {
        let began = std::time::Instant::now();
        let message = check(&format!("From: ann@client.nl\n{raw}"));
        let seconds = began.elapsed().as_secs_f64();
        assert!(seconds < 8.0, "{name}: {seconds} s");
        assert!(message.attachments.len() <= 1_100 && message.references.len() <= MAX_REFERENCES, "{name}");
    }
}

#[test]
fn ids_are_found_as_programs_write_them() {
    let ids = |header: &str| {
        let message = check(&format!("From: ann@client.nl\r\nTo: Bob <bob@desk.nl>\r\n{header}\r\n\r\nx"));
        let list = if message.references.is_empty() { message.in_reply_to } else { message.references };
        list.iter().map(MessageId::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids("References: <a@x>\r\n <b@x>\r\n\t<c@x>"), "a@x b@x c@x");
    assert_eq!(ids("References: <a@x><b@x>,<c@x>"), "a@x b@x c@x", "no blanks, or commas");
    assert_eq!(ids("References: <a-long-\r\n id@x> <b@x>"), "a-long-id@x b@x", "folded within an id (Exchange)");
    assert_eq!(ids("References: <a@x> <b@x"), "a@x", "cut off at a length (old gateways)");
    assert_eq!(ids("References: a@x b@x"), "a@x b@x", "no brackets");
    assert_eq!(ids("References: <a@x>\r\nReferences: <b@x>"), "a@x b@x", "two fields");
    assert_eq!(ids("References: =?utf-8?q?=3Ca=40x=3E?="), "a@x", "made an encoded word by a server");
    assert_eq!(ids("In-Reply-To: Your message of \"Mon, 2 Nov 2026 10:00\" <a@x>"), "a@x", "mh, exmh");
    assert_eq!(ids("In-Reply-To: <a@x> from Ann at Nov 2"), "a@x", "elm");
    assert_eq!(ids("In-Reply-To: <a@x> (Bob's message of Monday)"), "a@x", "Gnus, VM");
    assert_eq!(ids("In-Reply-To: Bob <bob@desk.nl> of Monday"), "", "Lotus Notes names the person alone");
    assert_eq!(ids("In-Reply-To: Message from bob@desk.nl of Monday"), "", "and without brackets");
    assert_eq!(ids("In-Reply-To: <a@x>\r\n <b@x>"), "a@x b@x", "an answer to two mails");
    assert_eq!(ids("In-Reply-To:"), "");
    assert_eq!(ids("In-Reply-To: <>"), "");
}
