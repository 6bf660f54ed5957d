//! The IMAP inlet against a real Dovecot.

use std::time::{Duration, Instant};

use casepost::mail::inbox::{Inbox, InboxError, Raw, SizeLimit, TlsMode, Uid};

use super::imap_client::ImapClient;
use super::servers::{dovecot, inbox, new_user, port};

const MAIL: &str = "From: anna@client.test\r\nSubject: hello\r\n\r\nThe printer is on fire.\r\n";

async fn uids_in(inbox: &mut Inbox) -> Vec<Uid> {
    inbox.list_new(None, None).await.expect("a list").into_iter().map(|mail| mail.uid).collect()
}

#[tokio::test]
async fn an_empty_mailbox_lists_nothing() {
    let mut inbox = inbox(&new_user());
    let state = inbox.select("INBOX").await.unwrap();
    assert!(state.uid_validity > 0);
    assert_eq!((state.uid_next, state.count), (Some(1), 0));
    assert_eq!(inbox.list_new(None, None).await.unwrap(), []);
    assert_eq!(inbox.fetch(&[]).await.unwrap().mails, []);
    inbox.log_out().await.unwrap();
}

#[tokio::test]
async fn mails_are_listed_and_fetched_byte_for_byte() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    other.append("INBOX", "", MAIL).await;
    other.append("INBOX", "\\Seen \\Flagged", &MAIL.replace("hello", "read by a human")).await;
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();

    let listed = inbox.list_new(None, None).await.unwrap();
    assert_eq!(listed.iter().map(|mail| mail.uid.to_string()).collect::<Vec<_>>(), ["imap:1", "imap:2"]);
    let fetched = inbox.fetch(&[Uid::Imap(2), Uid::Imap(1), Uid::Imap(77)]).await.unwrap();
    assert_eq!(fetched.gone, [Uid::Imap(77)]);
    assert_eq!(fetched.mails[0].uid, Uid::Imap(2));
    assert_eq!(fetched.mails[1].raw, Raw::Whole(MAIL.into()));
    assert_eq!(fetched.mails[1].size, MAIL.len() as u64);
    assert_eq!(fetched.mails[1].arrived_at, listed[0].arrived_at);

    let flags = other.run("SELECT INBOX").await;
    assert!(flags.iter().any(|line| line.contains("UNSEEN 1")), "fetching marks nothing as read: {flags:?}");
}

#[tokio::test]
async fn only_what_came_after_is_listed() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    for _ in 0..3 {
        other.append("INBOX", "", MAIL).await;
    }
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    let uids = |list: Vec<casepost::mail::inbox::Listed>| list.into_iter().map(|mail| mail.uid).collect::<Vec<_>>();
    assert_eq!(uids(inbox.list_new(Some(2), None).await.unwrap()), [Uid::Imap(3)]);
    assert_eq!(uids(inbox.list_new(Some(3), None).await.unwrap()), []);
    assert_eq!(uids(inbox.list_new(Some(u32::MAX), None).await.unwrap()), []);
    other.append("INBOX", "", MAIL).await;
    assert_eq!(uids(inbox.list_new(Some(3), None).await.unwrap()), [Uid::Imap(4)], "without selecting again");

    let last = inbox.list_new(None, None).await.unwrap()[3].arrived_at;
    assert_eq!(inbox.list_new(None, Some(last)).await.unwrap().last().map(|mail| mail.arrived_at), Some(last));
    let later = last + Duration::from_secs(1);
    assert_eq!(inbox.list_new(None, Some(later)).await.unwrap(), []);
}

#[tokio::test]
async fn filing_moves_and_can_be_repeated() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    for _ in 0..3 {
        other.append("INBOX", "", MAIL).await;
    }
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    inbox.file_away(&[Uid::Imap(1), Uid::Imap(3)], "Verwerkt/Geïnd & klaar").await.unwrap();
    inbox.file_away(&[Uid::Imap(1), Uid::Imap(3), Uid::Imap(99)], "Verwerkt/Geïnd & klaar").await.unwrap();
    assert_eq!(uids_in(&mut inbox).await, [Uid::Imap(2)]);
    assert_eq!(other.count("\"Verwerkt/Ge&AO8-nd &- klaar\"").await, 2);
    let report = inbox.check("INBOX").await.unwrap();
    assert!(report.folders.contains(&"Verwerkt/Geïnd & klaar".to_owned()), "{report:?}");
    assert!(report.moves && report.tells_news && report.capabilities.contains("UIDPLUS"));
    assert_eq!(report.folder.count, 1);
}

#[tokio::test]
async fn a_filing_folder_that_was_removed_is_made_again() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    other.append("INBOX", "", MAIL).await;
    other.append("INBOX", "", MAIL).await;
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    inbox.file_away(&[Uid::Imap(1)], "Filed").await.unwrap();
    other.run("DELETE Filed").await;
    inbox.file_away(&[Uid::Imap(2)], "Filed").await.unwrap();
    assert_eq!(other.count("Filed").await, 1);
}

#[tokio::test]
async fn a_mail_that_somebody_else_removed_is_gone_and_not_an_error() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    for _ in 0..3 {
        other.append("INBOX", "", MAIL).await;
    }
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    let uids = uids_in(&mut inbox).await;
    other.run("SELECT INBOX").await;
    other.run("STORE 2 +FLAGS (\\Deleted)").await;
    other.run("EXPUNGE").await;
    let fetched = inbox.fetch(&uids).await.unwrap();
    assert_eq!(fetched.gone, [Uid::Imap(2)]);
    assert_eq!(fetched.mails.len(), 2);
    inbox.file_away(&uids, "Filed").await.unwrap();
    assert_eq!(uids_in(&mut inbox).await, []);
}

#[tokio::test]
async fn only_the_beginning_of_an_enormous_mail_is_fetched() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    let large = format!("{MAIL}{}", "0123456789\r\n".repeat(20_000));
    other.append("INBOX", "", &large).await;
    other.append("INBOX", "", MAIL).await;
    let limit = SizeLimit { whole: 10_000, head: 1_000 };
    let mut inbox = Inbox::imap(dovecot(&user), limit);
    inbox.select("INBOX").await.unwrap();
    let fetched = inbox.fetch(&[Uid::Imap(1), Uid::Imap(2)]).await.unwrap();
    assert_eq!(fetched.mails[0].size, large.len() as u64);
    assert_eq!(fetched.mails[0].raw, Raw::TooLarge { head: large.as_bytes()[..1_000].to_vec() });
    assert_eq!(fetched.mails[1].raw, Raw::Whole(MAIL.into()));
}

#[tokio::test]
async fn many_mails_are_fetched_in_parts() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    for number in 1..=230 {
        other.append("INBOX", "", &MAIL.replace("hello", &format!("mail {number}"))).await;
    }
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    let uids = uids_in(&mut inbox).await;
    let fetched = inbox.fetch(&uids).await.unwrap();
    assert_eq!((fetched.mails.len(), fetched.gone.len()), (230, 0));
    let Raw::Whole(last) = &fetched.mails[229].raw else { panic!("whole") };
    assert!(String::from_utf8_lossy(last).contains("Subject: mail 230"));
    inbox.file_away(&uids, "Filed").await.unwrap();
    assert_eq!(other.count("Filed").await, 230);
}

#[tokio::test]
async fn news_end_the_waiting_at_once() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    let begun = Instant::now();
    let wait = inbox.wait_for_news(Duration::from_secs(30));
    let append = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        other.append("INBOX", "", MAIL).await;
    };
    let (waited, ()) = tokio::join!(wait, append);
    waited.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(uids_in(&mut inbox).await, [Uid::Imap(1)]);
}

#[tokio::test]
async fn waiting_ends_when_it_should_and_the_connection_stays_good() {
    let mut inbox = inbox(&new_user());
    inbox.select("INBOX").await.unwrap();
    let begun = Instant::now();
    inbox.wait_for_news(Duration::from_secs(1)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(uids_in(&mut inbox).await, []);
}

#[tokio::test]
async fn a_folder_that_was_made_anew_has_another_validity() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    other.run("CREATE Support").await;
    other.append("Support", "", MAIL).await;
    let mut inbox = inbox(&user);
    let before = inbox.select("Support").await.unwrap();
    inbox.log_out().await.unwrap();
    other.run("DELETE Support").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    other.run("CREATE Support").await;
    other.append("Support", "", MAIL).await;
    let error = inbox.list_new(Some(1), None).await.unwrap_err();
    assert!(matches!(error, InboxError::Renumbered { .. }), "{error}");
    let after = inbox.select("Support").await.unwrap();
    assert_ne!(after.uid_validity, before.uid_validity);
    assert_eq!(uids_in(&mut inbox).await, [Uid::Imap(1)]);
}

#[tokio::test]
async fn a_call_that_was_dropped_half_way_mixes_up_no_answers() {
    let user = new_user();
    let mut other = ImapClient::log_in(&user).await;
    other.append("INBOX", "", MAIL).await;
    let mut inbox = inbox(&user);
    inbox.select("INBOX").await.unwrap();
    let _ = tokio::time::timeout(Duration::from_micros(200), inbox.list_new(None, None)).await;
    let _ = tokio::time::timeout(Duration::from_millis(50), inbox.wait_for_news(Duration::from_secs(9))).await;
    assert_eq!(uids_in(&mut inbox).await, [Uid::Imap(1)]);
}

#[tokio::test]
async fn starttls_and_plain_reach_the_same_mailbox() {
    let user = new_user();
    ImapClient::log_in(&user).await.append("INBOX", "", MAIL).await;
    for tls in [TlsMode::StartTls, TlsMode::None] {
        let mut server = dovecot(&user);
        server.tls = tls;
        server.port = port("CASEPOST_TEST_IMAP_PORT");
        let mut inbox = Inbox::imap(server, SizeLimit::default());
        assert_eq!(inbox.select("INBOX").await.unwrap().count, 1, "{tls:?}");
    }
}

#[tokio::test]
async fn what_can_never_work_is_no_passing_trouble() {
    let user = new_user();
    let check = async |change: fn(&mut casepost::mail::inbox::ImapServer), expected: &str, is_transient: bool| {
        let mut server = dovecot(&user);
        change(&mut server);
        let mut inbox = Inbox::imap(server, SizeLimit::default());
        let error = inbox.open().await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.is_transient(), is_transient, "{error}");
    };
    let wrong = |server: &mut casepost::mail::inbox::ImapServer| {
        let casepost::mail::inbox::Credentials::Password { password, .. } = &mut server.credentials else {
            panic!("a login by password");
        };
        *password = "wrong".into();
    };
    check(wrong, "refused to log in", false).await;
    check(|server| server.ca_file = None, "UnknownIssuer", true).await;
    check(|server| server.ca_file = Some("/nowhere/ca.pem".into()), "/nowhere/ca.pem", false).await;
    check(|server| server.port = 1, "refused", true).await;
    let far = |server: &mut casepost::mail::inbox::ImapServer| {
        server.tls = TlsMode::None;
        server.host = "192.0.2.1".into();
    };
    check(far, "never sent there without TLS", false).await;
    let mut inbox = inbox(&user);
    let error = inbox.select("No such folder").await.unwrap_err();
    assert!(matches!(error, InboxError::Refused { command: "SELECT", .. }), "{error}");
    inbox.select("INBOX").await.unwrap();
}
