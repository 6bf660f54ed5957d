//! Every way in which a mail server can answer, or not, is told apart.

use crate::scripted_smtp::{Act, CERTIFICATE, Script, ScriptedSmtp, Tls};
use casepost::domain::address::Address;
use casepost::mail::credentials::Credentials;
use casepost::mail::outlet::{Envelope, Sent, Transport, nobody_listens};
use casepost::mail::smtp::{Protection, SmtpOutlet, SmtpSettings};
use std::time::Duration;

const LETTER: &[u8] = b"Subject: x\r\n\r\nDear Ann,\r\n.\r\n..two\r\n\r\nBye\r\n";

fn envelope() -> Envelope {
    Envelope {
        reverse_path: Some(Address::new("support@desk.example").unwrap()),
        recipients: vec![Address::new("ann@client.example").unwrap()],
    }
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        port,
        protection: Protection::None,
        connect_timeout: Duration::from_millis(500),
        send_timeout: Duration::from_millis(500),
        ..SmtpSettings::new("127.0.0.1", "desk.example")
    }
}

fn desk() -> Credentials {
    Credentials::Password { user: "desk".into(), password: "secret".into() }
}

fn outlet(settings: SmtpSettings) -> Transport {
    Transport::Smtp(Box::new(SmtpOutlet::new(settings, nobody_listens).unwrap()))
}

async fn outcome(steps: &[(&'static str, Act)]) -> (Sent, ScriptedSmtp) {
    let server = ScriptedSmtp::start(vec![Script { steps: steps.to_vec(), tls: None }]).await;
    let mut settings = settings(server.port);
    settings.login = steps.iter().any(|(step, _)| *step == "AUTH").then(desk);
    (outlet(settings).send(&envelope(), LETTER, "1").await, server)
}

async fn check(step: &'static str, act: Act, expected: &str) {
    let (sent, _server) = outcome(&[(step, act)]).await;
    let told = format!("{sent:?}");
    assert!(told.starts_with(expected), "{step} {act:?}: {told}");
}

#[tokio::test]
async fn a_letter_arrives_byte_for_byte() {
    let (sent, server) = outcome(&[]).await;
    assert_eq!(sent, Sent::Accepted { response: "250 queued as 1".into() });
    let letters = server.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].bytes, LETTER);
    assert_eq!(letters[0].from, "<support@desk.example>");
    assert_eq!(letters[0].to, ["<ann@client.example>"]);
}

#[tokio::test]
async fn a_letter_of_the_program_itself_has_an_empty_return_path() {
    let server = ScriptedSmtp::start(Vec::new()).await;
    let envelope = Envelope { reverse_path: None, ..envelope() };
    let sent = outlet(settings(server.port)).send(&envelope, LETTER, "1").await;
    assert!(matches!(sent, Sent::Accepted { .. }));
    assert_eq!(server.letters()[0].from, "<>");
}

#[tokio::test]
async fn a_coded_answer_is_clear_at_every_step() {
    for step in ["MAIL", "RCPT", "DATA", "."] {
        check(step, Act::Say("450 4.2.0 busy"), "Transient { why: \"450 4.2.0 busy\"").await;
        check(step, Act::Say("421 4.3.2 closing"), "Transient { why: \"421").await;
        check(step, Act::Say("550 5.1.1 no such user"), "Permanent { why: \"550 5.1.1 no such user\"").await;
    }
}

#[tokio::test]
async fn nothing_is_given_up_for_a_door_that_stays_shut() {
    check("greeting", Act::Say("554 5.7.1 go away"), "Transient").await;
    check("EHLO", Act::Say("550 no"), "Transient").await;
    check("AUTH", Act::Say("535 5.7.8 wrong password"), "Transient").await;
    check("MAIL", Act::Say("530 5.7.0 authentication required"), "Transient").await;
    let closed = outlet(settings(1)).send(&envelope(), LETTER, "1").await;
    assert!(matches!(closed, Sent::Transient { .. }), "{closed:?}");
}

#[tokio::test]
async fn what_breaks_before_the_final_dot_was_surely_not_taken() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA"] {
        check(step, Act::Cut, "Transient").await;
        check(step, Act::Silence, "Transient").await;
    }
}

#[tokio::test]
async fn what_breaks_after_the_final_dot_is_uncertain() {
    check(".", Act::Cut, "Uncertain").await;
    check(".", Act::Silence, "Uncertain").await;
    check(".", Act::Say("garbage"), "Uncertain").await;
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    check("RCPT", Act::Late(Duration::from_millis(150)), "Accepted").await;
    check(".", Act::Late(Duration::from_millis(150)), "Accepted").await;
}

#[tokio::test]
async fn one_connection_carries_many_letters_and_survives_a_refusal() {
    let server = ScriptedSmtp::start(Vec::new()).await;
    let outlet = outlet(settings(server.port));
    for _ in 0..20 {
        assert!(matches!(outlet.send(&envelope(), LETTER, "1").await, Sent::Accepted { .. }));
    }
    assert_eq!((server.letters().len(), server.connections()), (20, 1));
    let refusing = ScriptedSmtp::start(vec![Script { steps: vec![("RCPT", Act::Say("550 no"))], tls: None }]).await;
    let outlet = self::outlet(settings(refusing.port));
    for _ in 0..3 {
        assert!(matches!(outlet.send(&envelope(), LETTER, "1").await, Sent::Permanent { .. }));
    }
    assert_eq!(refusing.connections(), 1);
}

#[tokio::test]
async fn a_kept_connection_that_died_costs_no_attempt() {
    let server = ScriptedSmtp::start(Vec::new()).await;
    let outlet = outlet(settings(server.port));
    assert!(matches!(outlet.send(&envelope(), LETTER, "1").await, Sent::Accepted { .. }));
    server.hang_up();
    assert!(matches!(outlet.send(&envelope(), LETTER, "2").await, Sent::Accepted { .. }));
    assert_eq!((server.letters().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn many_letters_share_few_connections() {
    let server = ScriptedSmtp::start(Vec::new()).await;
    let outlet = std::sync::Arc::new(outlet(settings(server.port)));
    let sendings: Vec<_> = (0..40)
        .map(|_| {
            let outlet = std::sync::Arc::clone(&outlet);
            tokio::spawn(async move { outlet.send(&envelope(), LETTER, "1").await })
        })
        .collect();
    for sending in sendings {
        assert!(matches!(sending.await.unwrap(), Sent::Accepted { .. }));
    }
    assert_eq!(server.letters().len(), 40);
    assert!(server.connections() <= 4, "{}", server.connections());
}

#[tokio::test]
async fn nothing_goes_unencrypted_to_another_machine() {
    let elsewhere = SmtpSettings { protection: Protection::None, ..SmtpSettings::new("mail.example", "desk.example") };
    assert!(SmtpOutlet::new(elsewhere, nobody_listens).is_err());
    // A server without STARTTLS gets no letter.
    let server = ScriptedSmtp::start(Vec::new()).await;
    let secured = SmtpSettings { protection: Protection::StartTls, ..settings(server.port) };
    let sent = outlet(secured).send(&envelope(), LETTER, "1").await;
    assert!(matches!(sent, Sent::Transient { .. }), "{sent:?}");
    assert!(server.letters().is_empty());
}

async fn check_tls(offered: Tls, protection: Protection, root: Option<&[u8]>, expected: &str) {
    let server = ScriptedSmtp::start(vec![Script { steps: Vec::new(), tls: Some(offered) }]).await;
    let settings = SmtpSettings {
        host: "localhost".into(),
        protection,
        login: Some(desk()),
        extra_root_pem: root.map(<[u8]>::to_vec),
        ..settings(server.port)
    };
    let outlet = outlet(settings);
    for _ in 0..2 {
        let sent = format!("{:?}", outlet.send(&envelope(), LETTER, "1").await);
        assert!(sent.starts_with(expected), "{offered:?} {protection:?}: {sent}");
    }
    let taken = server.letters().len();
    assert_eq!(taken, if expected == "Accepted" { 2 } else { 0 });
}

#[tokio::test]
async fn a_letter_travels_encrypted_to_a_server_that_is_known() {
    check_tls(Tls::Implicit, Protection::Implicit, Some(CERTIFICATE), "Accepted").await;
    check_tls(Tls::Offered, Protection::StartTls, Some(CERTIFICATE), "Accepted").await;
    check_tls(Tls::Implicit, Protection::Implicit, None, "Transient").await;
    check_tls(Tls::Offered, Protection::StartTls, None, "Transient").await;
}

static STEPS: std::sync::Mutex<Vec<&'static str>> = std::sync::Mutex::new(Vec::new());

#[tokio::test]
async fn the_steps_at_which_a_test_may_kill_us_are_named() {
    let note = |step| STEPS.lock().unwrap().push(step);
    let server = ScriptedSmtp::start(vec![
        Script { steps: vec![("RCPT", Act::Say("450 busy"))], tls: None },
        Script { steps: vec![(".", Act::Cut)], tls: None },
        Script::default(),
    ])
    .await;
    let outlet = SmtpOutlet::new(settings(server.port), note).unwrap();
    let mut reached = Vec::new();
    for _ in 0..3 {
        outlet.send(&envelope(), LETTER).await;
        reached.push(std::mem::take(&mut *STEPS.lock().unwrap()));
    }
    assert_eq!(reached, [vec![], vec!["before-data"], vec!["before-data", "after-final-dot"]]);
}
