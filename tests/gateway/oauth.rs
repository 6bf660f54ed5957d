//! Logins by access token, against Dovecot and Postfix, which ask an issuer of our own about each token.

mod issuer;
mod login;
mod worker;

use std::task::Poll;
use std::time::Duration;

use casepost::config::oauth::{GrantKind, Mechanism};
use casepost::domain::address::Address;
use casepost::mail::credentials::Credentials;
use casepost::mail::inbox::{ImapServer, Inbox, InboxError, SizeLimit};
use casepost::mail::oauth::{Keeper, TokenError, TokenState};
use casepost::mail::outlet::{Envelope, Sent, Transport, nobody_listens};
use casepost::mail::smtp::{Protection, SmtpOutlet, SmtpSettings};

use super::imap_client::ImapClient;
use super::servers::{dovecot, port, variable};
use issuer::Realm;

const MAIL: &str = "From: anna@client.test\r\nSubject: hello\r\n\r\nThe printer is on fire.\r\n";
const MECHANISMS: [Mechanism; 2] = [Mechanism::Xoauth2, Mechanism::Oauthbearer];

fn inbox(realm: &Realm, mechanism: Mechanism, keeper: &Keeper) -> Inbox {
    let credentials = Credentials::Token { user: realm.user.clone(), mechanism, keeper: keeper.clone() };
    Inbox::imap(ImapServer { credentials, ..dovecot(&realm.user) }, SizeLimit::default())
}

fn outlet(realm: &Realm, mechanism: Mechanism, keeper: &Keeper, protection: Protection) -> Transport {
    let login = Credentials::Token { user: realm.user.clone(), mechanism, keeper: keeper.clone() };
    let name = if protection == Protection::Implicit { "CASEPOST_TEST_SMTPS_PORT" } else { "CASEPOST_TEST_SMTP_PORT" };
    let settings = SmtpSettings {
        port: port(name),
        protection,
        login: Some(login),
        extra_root_pem: Some(std::fs::read(variable("CASEPOST_TEST_CA")).unwrap()),
        ..SmtpSettings::new("localhost", "desk.example")
    };
    Transport::Smtp(Box::new(SmtpOutlet::new(settings, nobody_listens).unwrap()))
}

async fn send(outlet: &Transport) -> Sent {
    let envelope = Envelope { reverse_path: None, recipients: vec![Address::new("ann@client.example").unwrap()] };
    outlet.send(&envelope, MAIL.as_bytes(), "1").await
}

async fn refused(inbox: &mut Inbox) -> InboxError {
    inbox.open().await.expect_err("a refusal")
}

// ------------------------------------------------------------------------------------ each grant, each server

async fn check_both_servers(realm: &Realm, keeper: &Keeper) {
    for mechanism in MECHANISMS {
        let mut inbox = inbox(realm, mechanism, keeper);
        assert_eq!(inbox.select("INBOX").await.unwrap().count, 0, "{mechanism:?}");
        inbox.log_out().await.unwrap();
        for protection in [Protection::Implicit, Protection::StartTls] {
            let sent = send(&outlet(realm, mechanism, keeper, protection)).await;
            assert!(matches!(sent, Sent::Accepted { .. }), "{mechanism:?} {protection:?}: {sent:?}");
        }
    }
    assert_eq!(keeper.state(), TokenState::Good);
}

#[tokio::test]
async fn a_refresh_token_opens_imap_and_smtp() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    check_both_servers(&realm, &realm.keeper(GrantKind::RefreshToken)).await;
    assert_eq!(realm.asked().await, [("refresh_token", "ok")], "one token serves for all logins");
}

#[tokio::test]
async fn client_credentials_open_imap_and_smtp() {
    let realm = Realm::new().await;
    check_both_servers(&realm, &realm.keeper(GrantKind::ClientCredentials)).await;
    assert_eq!(realm.asked().await, [("client_credentials", "ok")]);
}

#[tokio::test]
async fn the_token_of_a_program_opens_imap_and_smtp() {
    let realm = Realm::new().await;
    let token = realm.access_token().await;
    let program = realm.program(&format!("echo {token}"));
    check_both_servers(&realm, &realm.keeper_of_program(&program)).await;
}

#[tokio::test]
async fn a_token_longer_than_a_command_of_smtp_is_shown_too() {
    let realm = Realm::new().await;
    realm.control(&[("pad", "1200")]).await;
    check_both_servers(&realm, &realm.keeper(GrantKind::ClientCredentials)).await;
}

#[tokio::test]
async fn an_issuer_is_asked_over_tls_and_only_if_its_certificate_holds() {
    let realm = Realm::new().await;
    let port = issuer::tls_door().await;
    let mut issuer = realm.issuer(GrantKind::ClientCredentials);
    issuer.token_url = realm.url("token").replacen("http://127.0.0.1", "https://localhost", 1);
    issuer.token_url = issuer.token_url.replacen(&variable("CASEPOST_TEST_TOKEN_PORT"), &port.to_string(), 1);
    let told = realm.keeper_at(issuer.clone()).access_token().await.unwrap_err().to_string();
    assert!(told.contains("/token: TLS: ") && told.contains("UnknownIssuer"), "{told}");
    issuer.ca_file = Some(variable("CASEPOST_TEST_CA").into());
    check_both_servers(&realm, &realm.keeper_at(issuer.clone())).await;
    issuer.token_url = issuer.token_url.replacen("https://", "http://", 1);
    let told = realm.keeper_at(issuer).access_token().await.unwrap_err();
    assert!(matches!(told, TokenError::Waiting { .. }), "plain words to a TLS port: {told:?}");
}

// ------------------------------------------------------------------------------------ refusals

#[tokio::test]
async fn a_token_that_the_server_refuses_early_is_renewed_once_and_then_after_a_pause() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    for mechanism in MECHANISMS {
        inbox(&realm, mechanism, &keeper).open().await.unwrap();
        realm.control(&[("refuse", "1")]).await;
        inbox(&realm, mechanism, &keeper).open().await.unwrap();
        realm.control(&[("refuse", "1")]).await;
        let sent = send(&outlet(&realm, mechanism, &keeper, Protection::Implicit)).await;
        assert!(matches!(sent, Sent::Accepted { .. }), "{sent:?}");
    }
    assert_eq!(realm.asked().await.len(), 5, "the first one, and one for each refusal");
    // From now on the tokens are another user's: the mail server refuses whatever is given out.
    realm.control(&[("refuse", "1"), ("user", "another@example.test")]).await;
    let mut inbox = inbox(&realm, Mechanism::Xoauth2, &keeper);
    let told = refused(&mut inbox).await.to_string();
    assert!(told.contains("refused to log in") && told.contains("refused the token"), "{told}");
    let asked = realm.asked().await.len();
    for _ in 0..5 {
        let error = refused(&mut inbox).await;
        assert!(matches!(error, InboxError::Token(TokenError::Waiting { .. })), "{error:?}");
        assert!(error.to_string().contains("the mail server refuses every token"), "{error}");
    }
    assert_eq!(realm.asked().await.len(), asked, "the issuer is left alone meanwhile");
    assert!(matches!(keeper.state(), TokenState::Waiting { .. }));
    let sent = send(&outlet(&realm, Mechanism::Oauthbearer, &keeper, Protection::Implicit)).await;
    assert!(matches!(&sent, Sent::Transient { why } if why.contains("refuses every token")), "{sent:?}");
}

#[tokio::test]
async fn a_grant_that_was_taken_back_is_told_with_its_mend_and_not_asked_for_again() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    realm.control(&[("revoke_all", "1")]).await;
    let mut inbox = inbox(&realm, Mechanism::Xoauth2, &keeper);
    let outlet = outlet(&realm, Mechanism::Xoauth2, &keeper, Protection::Implicit);
    for _ in 0..3 {
        let told = refused(&mut inbox).await.to_string();
        assert!(told.contains("the grant was revoked: run casepost auth login support"), "{told}");
        let sent = send(&outlet).await;
        assert!(matches!(&sent, Sent::Transient { why } if why.contains("auth login support")), "{sent:?}");
    }
    assert_eq!(realm.asked().await, [("refresh_token", "invalid_grant")]);
    assert!(matches!(keeper.state(), TokenState::Stopped { .. }));
    // A person logs in again: the file is another, and nothing needs to be started anew.
    realm.give_grant().await;
    inbox.open().await.unwrap();
    assert_eq!(keeper.state(), TokenState::Good);
    assert!(matches!(send(&outlet).await, Sent::Accepted { .. }));
}

#[tokio::test]
async fn a_token_file_that_others_may_read_is_refused_with_the_mend() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    realm.set_mode(0o644);
    let keeper = realm.keeper(GrantKind::RefreshToken);
    let told = refused(&mut inbox(&realm, Mechanism::Xoauth2, &keeper)).await.to_string();
    assert!(told.contains("others may read it (mode 644): chmod 600"), "{told}");
    assert_eq!(realm.asked().await, [], "nothing of it was used");
    realm.set_mode(0o600);
    inbox(&realm, Mechanism::Xoauth2, &keeper).open().await.unwrap();
}

#[tokio::test]
async fn nothing_that_is_told_shows_a_secret() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    let mut inbox = inbox(&realm, Mechanism::Xoauth2, &keeper);
    inbox.open().await.unwrap();
    let outlet = outlet(&realm, Mechanism::Xoauth2, &keeper, Protection::Implicit);
    let mut secrets = realm.secrets().await;
    assert!(secrets.len() >= 2, "{secrets:?}");
    secrets.push("client secret".to_owned());
    let token = keeper.access_token().await.unwrap();
    let shown = format!("{inbox:?} {outlet:?} {keeper:?} {token:?} {:?}", keeper.state());
    realm.control(&[("refuse", "1"), ("user", "another@example.test")]).await;
    inbox.log_out().await.unwrap();
    let shown = format!("{shown} {:?}", refused(&mut inbox).await);
    for secret in secrets {
        assert!(!shown.contains(&secret), "{shown} shows {secret}");
    }
}

// ------------------------------------------------------------------------------------ time

#[tokio::test]
async fn an_idle_ends_when_its_token_does_and_goes_on_with_a_new_one() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    realm.control(&[("lifetime", "4")]).await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    let mut inbox = inbox(&realm, Mechanism::Xoauth2, &keeper);
    inbox.select("INBOX").await.unwrap();
    let begun = tokio::time::Instant::now();
    inbox.wait_for_news(Duration::from_secs(60)).await.unwrap();
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(2) && waited < Duration::from_secs(4), "ahead of the end: {waited:?}");
    ImapClient::log_in(&realm.user).await.append("INBOX", "", MAIL).await;
    assert_eq!(inbox.list_new(None, None).await.unwrap().len(), 1);
    assert_eq!(realm.asked().await, [("refresh_token", "ok"), ("refresh_token", "ok")]);
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_middle_of_an_idle_is_met_with_a_new_token() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    let mut inbox = inbox(&realm, Mechanism::Oauthbearer, &keeper);
    inbox.select("INBOX").await.unwrap();
    let user = realm.user.clone();
    let kicking = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        issuer::kick(&user).await;
    });
    realm.control(&[("refuse", "1")]).await;
    let error = inbox.wait_for_news(Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(error, InboxError::Connection(_)), "{error:?}");
    kicking.await.unwrap();
    ImapClient::log_in(&realm.user).await.append("INBOX", "", MAIL).await;
    assert_eq!(inbox.list_new(None, None).await.unwrap().len(), 1);
    assert_eq!(realm.asked().await.len(), 2);
}

#[tokio::test]
async fn a_wrong_date_of_the_issuer_changes_nothing() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 2125 00:00:00 GMT", "yesterday"] {
        realm.control(&[("date", date)]).await;
        let keeper = realm.keeper(GrantKind::RefreshToken);
        inbox(&realm, Mechanism::Xoauth2, &keeper).open().await.unwrap();
        let token = keeper.access_token().await.unwrap();
        let left = token.renew_at.unwrap().duration_since(tokio::time::Instant::now()).as_secs();
        assert!((2600..3061).contains(&left), "{date}: {left}");
    }
    // An issuer whose clock makes it count below zero, and one that tells nothing.
    for (setting, value) in [("lifetime", "-90"), ("untold", "1")] {
        realm.control(&[(setting, value)]).await;
        let token = realm.keeper(GrantKind::RefreshToken).access_token().await.unwrap();
        let left = token.renew_at.unwrap().duration_since(tokio::time::Instant::now()).as_secs();
        assert!((440..511).contains(&left), "{setting}: {left}");
    }
}

#[tokio::test]
async fn an_issuer_that_is_away_for_a_while_disturbs_nobody_whose_token_is_good() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    realm.control(&[("lifetime", "6")]).await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    let mut inbox = inbox(&realm, Mechanism::Xoauth2, &keeper);
    inbox.select("INBOX").await.unwrap();
    realm.control(&[("down", "1")]).await;
    // From 5.1 s on another token is wanted; until 6 s the old one serves.
    tokio::time::sleep(Duration::from_millis(5250)).await;
    inbox.list_new(None, None).await.unwrap();
    assert!(matches!(keeper.state(), TokenState::Waiting { .. }));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let error = inbox.list_new(None, None).await.unwrap_err();
    assert!(matches!(error, InboxError::Token(TokenError::Waiting { .. })) && error.is_transient(), "{error:?}");
    for _ in 0..20 {
        inbox.list_new(None, None).await.unwrap_err();
    }
    let downs = realm.asked().await.iter().filter(|(_, outcome)| *outcome == "down").count();
    assert!((1..=3).contains(&downs), "{downs} tries: the pauses grow");
    realm.control(&[("down", "0"), ("lifetime", "3600")]).await;
    let begun = tokio::time::Instant::now();
    while inbox.list_new(None, None).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(15), "it comes back by itself");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(keeper.state(), TokenState::Good);
}

#[tokio::test]
async fn a_grant_that_was_taken_back_is_told_while_the_last_token_still_serves() {
    let realm = Realm::new().await;
    realm.give_grant().await;
    realm.control(&[("lifetime", "6")]).await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    keeper.access_token().await.unwrap();
    realm.control(&[("revoke_grant", "1")]).await;
    tokio::time::sleep(Duration::from_millis(5150)).await;
    for _ in 0..2 {
        inbox(&realm, Mechanism::Xoauth2, &keeper).open().await.unwrap();
        let state = keeper.state();
        let told = state.trouble(tokio::time::Instant::now()).expect("trouble, at once");
        assert!(told.contains("run casepost auth login support"), "{told}");
    }
    assert_eq!(realm.asked().await, [("refresh_token", "ok"), ("refresh_token", "invalid_grant")]);
    tokio::time::sleep(Duration::from_millis(1000)).await;
    let error = refused(&mut inbox(&realm, Mechanism::Xoauth2, &keeper)).await;
    assert!(matches!(error, InboxError::Token(TokenError::Stopped(_))), "{error:?}");
}

// ------------------------------------------------------------------------------------ refresh tokens that change

#[tokio::test]
async fn a_refresh_token_that_is_replaced_each_time_is_on_the_disk_before_it_is_used() {
    let realm = Realm::new().await;
    realm.control(&[("rotate", "1"), ("lifetime", "3600")]).await;
    realm.give_grant().await;
    for _ in 0..4 {
        let before = realm.kept_grant();
        let keeper = realm.keeper(GrantKind::RefreshToken);
        inbox(&realm, Mechanism::Xoauth2, &keeper).open().await.unwrap();
        let after = realm.kept_grant();
        assert_ne!(before, after);
        assert_eq!(realm.refresh_tokens().await, [after], "the one that the issuer knows");
    }
}

#[tokio::test]
async fn a_new_refresh_token_that_can_not_be_saved_is_not_lost() {
    let realm = Realm::new().await;
    realm.control(&[("rotate", "1")]).await;
    realm.give_grant().await;
    let keeper = realm.keeper(GrantKind::RefreshToken);
    // A folder in the place of the draft: writing fails, whoever writes.
    let draft = realm.token_file().with_extension("json.new");
    std::fs::create_dir(&draft).unwrap();
    let error = keeper.access_token().await.unwrap_err();
    assert!(error.to_string().contains("can't be written"), "{error}");
    std::fs::remove_dir(&draft).unwrap();
    let begun = tokio::time::Instant::now();
    while keeper.access_token().await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is saved and used after a pause");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(realm.refresh_tokens().await, [realm.kept_grant()]);
}

#[tokio::test]
async fn many_processes_that_share_a_grant_lose_none_of_its_changes() {
    let realm = Realm::new().await;
    realm.control(&[("rotate", "1")]).await;
    realm.give_grant().await;
    // Keepers share nothing but the file and its lock, as processes do. A refresh token that is shown twice would
    // take the whole grant back.
    let renewing = (0..12).map(|_| {
        let keeper = realm.keeper(GrantKind::RefreshToken);
        tokio::spawn(async move { keeper.access_token().await.map(|_| ()) })
    });
    for done in renewing.collect::<Vec<_>>() {
        done.await.unwrap().unwrap();
    }
    assert_eq!(realm.asked().await, [("refresh_token", "ok"); 12]);
    assert_eq!(realm.refresh_tokens().await, [realm.kept_grant()]);
}

#[tokio::test]
async fn an_answer_is_saved_though_nobody_waits_for_it_any_more() {
    let realm = Realm::new().await;
    realm.control(&[("rotate", "1")]).await;
    realm.give_grant().await;
    let before = realm.kept_grant();
    let keeper = realm.keeper(GrantKind::RefreshToken);
    let mut asking = Box::pin(keeper.access_token());
    let is_waiting = std::future::poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx).is_pending())).await;
    assert!(is_waiting);
    drop(asking);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(realm.kept_grant(), before);
    assert_eq!(realm.refresh_tokens().await, [realm.kept_grant()]);
}
