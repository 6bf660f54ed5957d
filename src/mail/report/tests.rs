//! The shapes of real servers' reports, each in a small mail of our own.

use crate::domain::address::Address;
use crate::domain::message::{DeliveryAction, Message, Origin};
use crate::mail::parse::{Trust, parse};

fn read(raw: &str) -> Message {
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    parse(raw.replace('\n', "\r\n").as_bytes(), &Trust::default(), now, now)
}

/// The reports as `recipient status reply`, a `~` behind what is temporary; `-` for what is missing.
fn found(message: &Message) -> Vec<String> {
    let report = |report: &crate::domain::message::DeliveryReport| {
        format!(
            "{} {} {}{}",
            report.final_recipient.as_ref().map_or("-", Address::as_str),
            report.status.as_deref().unwrap_or("-"),
            report.reply_code.map_or("-".to_owned(), |code| code.to_string()),
            if report.is_temporary { " ~" } else { "" }
        )
    };
    message.reports.iter().map(report).collect()
}

const SERVER: &str = "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.x.nl>\nTo: support@desk.nl\n";
const LETTER: &str = "Return-Path: <support@desk.nl>\nReceived: from desk.nl by mx.x.nl; id 550 5.9.9\nMessage-ID: <letter@desk.nl>\nFrom: support@desk.nl\nTo: eve@x.nl\nSubject: y\n\n450 4.9.9 text of bob@y.nl\n";

/// Checks a mail of a server in plain words; the letter hangs on below them.
fn check(server: &str, words: &str, expected: &[&str]) {
    let message = read(&format!("{SERVER}Subject: Undelivered\n\n{words}\n{LETTER}"));
    assert_eq!(found(&message), expected, "{server}: {:?}", message.reports);
    let id = message.reports.first().and_then(|report| report.original_message_id.as_ref());
    assert_eq!(id.map(|id| id.as_str()), Some("letter@desk.nl"), "{server}");
    assert!(matches!(message.origin, Origin::Bounce | Origin::DelayNotice), "{server}: {:?}", message.origin);
}

#[test]
fn the_address_begins_a_line() {
    check(
        "qmail",
        "Hi. This is the qmail-send program at x.nl.\n\n<bob@x.nl>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 no\nGiving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "qmail, its own words",
        "Hi. This is the qmail-send program at x.nl.\n\n<bob@x.nl>:\nSorry, I couldn't find any host named x.nl. (#5.1.2)\n\n--- Below this line is a copy of the message.\n",
        &["bob@x.nl 5.1.2 -"],
    );
    check(
        "qmail, given up",
        "<bob@x.nl>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n\n--- Below this line is a copy of the message.\n",
        &["bob@x.nl 4.4.1 - ~"],
    );
    check(
        "Exim",
        "This message was created automatically by mail delivery software.\nA message could not be delivered. This is a permanent error. The following address(es) failed:\n\n  bob@x.nl\n    (generated from info@x.nl)\n    host mx.x.nl [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<bob@x.nl>:\n    550 no such user\n\n------ This is a copy of the message, including all the headers. ------\n",
        &["bob@x.nl - 550"],
    );
    check(
        "Exim, two",
        "The following address(es) failed:\n\n  bob@x.nl\n    Unrouteable address\n  eva@z.nl\n    mailbox is full: retry timeout exceeded\n\n------ This is a copy of your message ------\n",
        &["bob@x.nl - -", "eva@z.nl - -"],
    );
    check(
        "Gmail",
        "Delivery to the following recipient failed permanently:\n\n     bob@x.nl\n\nThe error that the other server returned was: 550 550 5.7.1 blocked (state 13).\n\n----- Original message -----\n",
        &["bob@x.nl 5.7.1 550"],
    );
    check(
        "GMX and 1&1",
        "This is a permanent error. The following address\nfailed:\n\n\"bob@x.nl\":\nSMTP error from remote server after RCPT command:\nhost: mx.x.nl\n5.1.1 no\n\n--- The header of the original message is following. ---\n",
        &["bob@x.nl 5.1.1 -"],
    );
    check(
        "OpenSMTPD",
        "    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nbob@x.nl: 550 5.2.2 full\neva@x.nl: 550 5.1.1 no\n\n    Below is a copy of the original message:\n",
        &["bob@x.nl 5.2.2 550", "eva@x.nl 5.1.1 550"],
    );
    check(
        "Yahoo",
        "Sorry, we were unable to deliver your message to the following address.\n\n<bob@x.nl>:\nRemote host said: 554 5.7.9 no [BODY]\n\n--- Below this line is a copy of the message.\n",
        &["bob@x.nl 5.7.9 554"],
    );
    check(
        "Notes",
        "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nbob@x.nl\n\n------- Returned Message --------\n",
        &["bob@x.nl - -"],
    );
    check(
        "Active!hunter",
        "  ----- The following addresses had permanent fatal errors -----\n\n  >>> bob@x.nl\n\n  ----- error messages -----\n    550 no mailbox here (#5.1.1)\n\n  ----- Original message follows -----\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "Exchange 5.5 and 2003",
        "Your message\n\n  To:      info@x.nl\n  Subject: y\n\ndid not reach the following recipient(s):\n\nbob@x.nl on Mon, 23 Nov 2026 10:00:00 +0100\n    The recipient name is not recognized\n",
        &["bob@x.nl - -"],
    );
    check(
        "MailMarshal",
        "Your message:\n   From:    support@desk.nl\n   Subject: y\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected:\n    bob@x.nl\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "McAfee",
        "    --- The following addresses had delivery problems ---\n\n<bob@x.nl>   (bob@x.nl... No such user)\n",
        &["bob@x.nl - -"],
    );
    check(
        "a list of many",
        "undeliverable\n<bob@x.nl>\n<Bob@X.nl>\n<eva@x.nl>\n550 5.1.1 no\n",
        &["bob@x.nl 5.1.1 550", "eva@x.nl 5.1.1 550"],
    );
}

#[test]
fn the_address_stands_behind_words_or_commands() {
    check(
        "Sendmail 5",
        "   ----- Transcript of session follows -----\nWhile talking to mx.x.nl:\n>>> RCPT To:<bob@x.nl>\n<<< 550 <bob@x.nl>, no\n550 <bob@x.nl>... User unknown\n\n   ----- Unsent message follows -----\n",
        &["bob@x.nl - 550"],
    );
    check(
        "DragonFly",
        "There was an error delivering your mail to <bob@x.nl>.\n\nmx.x.nl [192.0.2.1] did not like our RCPT TO:\n550 5.1.1 no\n\nMessage headers follow.\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check("IMail", "Unknown user: bob@x.nl\n\nOriginal message follows.\n", &["bob@x.nl - -"]);
    check(
        "InterScan",
        "Sent <<< RCPT TO:<bob@x.nl>\nReceived >>> 550 5.1.1 <bob@x.nl>... no\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "James",
        "Error message below:\n550 - Requested action not taken: no such user here\n\nMessage details:\n  MAIL FROM: support@desk.nl\n  RCPT TO: bob@x.nl\n  From: Support <helpdesk@desk.nl>\n",
        &["bob@x.nl - 550"],
    );
    check(
        "XMail",
        "[<00>] XMail bounce: Rcpt=[bob@x.nl];Error=[550 5.1.1 no]\n\n[<01>] Error sending message [1.nl] from [x.nl].\n\nMail From: <support@desk.nl>\nRcpt To:   <bob@x.nl>\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "Zoho",
        "A message that you sent could not be delivered.\n\n[Status: Error, Address: <bob@x.nl>, ResponseCode 550, 5.1.1 no]\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "smtpd of Postfix",
        "Transcript of session follows.\n\n Out: 220 mx.x.nl ESMTP\n In:  MAIL FROM:<support@desk.nl>\n Out: 250 2.1.0 Ok\n In:  RCPT TO:<bob@x.nl>\n Out: 550 5.1.1 no\n",
        &["bob@x.nl 5.1.1 550"],
    );
    check(
        "a phone company",
        "Your mail sent on: Mon, 23 Nov 2026\n     Could not be delivered to: <bob@x.nl>\n     As their mailbox is full.\n",
        &["bob@x.nl - -"],
    );
    check("nobody is named", "421 (smtp)... Deferred: this is undeliverable\n", &["eve@x.nl - 421 ~"]);
    check(
        "the fields stand in the text",
        "An error occurred.\n\nReporting-MTA: dns; x\n\nAction: failed\nFinal-Recipient: rfc822; bob@x.nl\nDiagnostic-Code: smtp; 554 4.4.7 expired.<421 4.4.2 timed out>\nStatus: 4.4.7\n\n",
        &["bob@x.nl 4.4.2 421 ~"],
    );
}

#[test]
fn a_delay_is_no_failure() {
    let check = |server: &str, words: &str, expected: &[&str]| {
        let message = read(&format!("{SERVER}Subject: Warning\n\n{words}\n{LETTER}"));
        assert_eq!(
            (message.origin, found(&message).as_slice()),
            (Origin::DelayNotice, &*expected.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()),
            "{server}"
        );
        assert!(message.reports.iter().all(|report| report.action == DeliveryAction::Delayed), "{server}");
    };
    check(
        "Exim",
        "A message that you sent has not yet been delivered to one or more of its recipients.\n\n  bob@x.nl\n    Delay reason: 450 greylisted\n",
        &["bob@x.nl - 450 ~"],
    );
    check(
        "Gmail",
        "THIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n     bob@x.nl\n\nMessage will be retried for 2 more day(s)\n",
        &["bob@x.nl - - ~"],
    );
}

#[test]
fn who_reports_nothing() {
    let check = |header: &str, text: &str, origin: Origin| {
        let message = read(&format!("{header}To: support@desk.nl\n\n{text}\n"));
        assert_eq!((message.origin, found(&message)), (origin, Vec::new()), "{header:?}");
    };
    let refusal = "<bob@x.nl>:\n550 5.1.1 no such user\n";
    check("From: Ann <ann@x.nl>\nSubject: Undelivered Mail\n", refusal, Origin::Human);
    check("From: Ann <postmaster@x.nl>\nSubject: Vraag\n", refusal, Origin::Human);
    check("From: Ann <postmaster@x.nl>\nSubject: Re: failure notice\nIn-Reply-To: <1@x.nl>\n", refusal, Origin::Human);
    check("Return-Path: <>\nFrom: Ann <ann@x.nl>\nSubject: Out of office\n", refusal, Origin::AutoReply);
    check(
        "Return-Path: <>\nFrom: Ann <ann@x.nl>\nSubject: weg\n",
        "Ik ben er niet, kamer 501. Mail bob@x.nl.\n",
        Origin::AutoReply,
    );
    check("Return-Path: <>\nFrom: Ann <ann@x.nl>\nSubject: x\nX-Autoreply: yes\n", refusal, Origin::AutoReply);
}

#[test]
fn a_report_within_a_report_counts() {
    let inner = "From: MAILER-DAEMON@in.x.nl\nSubject: Returned mail\nContent-Type: multipart/report; report-type=delivery-status; boundary=i\n\n--i\n\nsorry\n--i\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; in.x.nl\n\nFinal-Recipient: rfc822; bob@x.nl\nAction: failed\nStatus: 5.1.1\n\n--i\nContent-Type: text/rfc822-headers\n\nMessage-ID: <letter@desk.nl>\n\n--i--\n";
    let message = read(&format!(
        "{SERVER}Subject: Returned mail\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nThese addresses had errors\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n"
    ));
    assert_eq!(found(&message), ["bob@x.nl 5.1.1 -"]);
    assert_eq!(message.reports[0].original_message_id.as_ref().map(|id| id.as_str()), Some("letter@desk.nl"));
}

#[test]
fn a_forwarded_letter_is_reported_under_both_addresses() {
    let message = read(&format!(
        "{SERVER}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n\
         Original-Recipient: rfc822; info@x.nl\nFinal-Recipient: rfc822; bob@y.nl\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    ));
    assert_eq!(found(&message), ["bob@y.nl 5.1.1 -"]);
    assert_eq!(message.reports[0].original_recipient.as_ref().map(Address::as_str), Some("info@x.nl"));
}

#[test]
fn an_enormous_report_is_read_in_bounded_time() {
    let began = std::time::Instant::now();
    let lines = "<bob@x.nl>: 550 5.1.1 no\nReceived\n".repeat(60_000);
    assert_eq!(read(&format!("{SERVER}Subject: failure notice\n\n{lines}")).reports.len(), 1);
    let many: String = (0..20_000).map(|i| format!("<bob{i}@x.nl>: 550 5.1.1 no\n")).collect();
    assert_eq!(read(&format!("{SERVER}Subject: failure notice\n\n{many}")).reports.len(), super::MAX_REPORTS);
    let ats = format!("a{}", "@a.b".repeat(300_000));
    read(&format!("{SERVER}Subject: failure notice\n\n{ats}"));
    let digits = "550 5.1.1 ".repeat(100_000);
    read(&format!("{SERVER}Subject: failure notice\n\n{digits}"));
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}
