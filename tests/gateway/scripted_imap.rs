//! The IMAP inlet against a server that does what real ones do only on a bad day.
//!
//! Whatever goes wrong: the answer is an error, never "no mail".

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use casepost::mail::inbox::{Credentials, ImapServer, Inbox, InboxError, SizeLimit, TlsMode, Uid};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::servers::short_timeouts;

/// A command that starts with the first text gets the second one as its answer, where `TAG` stands
/// for the command's tag. `HANGUP` at the end closes the connection, an empty answer is silence.
type Rule = (&'static str, &'static str);

/// What the server says unless a rule of the test says otherwise: one message, uid 5.
const USUAL: &[Rule] = &[
    ("CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\nTAG OK\r\n"),
    ("LOGIN", "TAG OK\r\n"),
    ("SELECT", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 6] ok\r\nTAG OK [READ-WRITE] ok\r\n"),
    ("NOOP", "TAG OK\r\n"),
    ("UID SEARCH", "* SEARCH 5\r\nTAG OK\r\n"),
    (
        "UID FETCH 5 (UID INTERNALDATE RFC822.SIZE)",
        "* 1 FETCH (UID 5 INTERNALDATE \"17-Jul-1996 02:44:25 +0000\" RFC822.SIZE 10)\r\nTAG OK\r\n",
    ),
    ("UID FETCH 5 (UID BODY.PEEK[])", "* 1 FETCH (UID 5 BODY[] {10}\r\n0123456789)\r\nTAG OK\r\n"),
    ("LIST", "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Filed\r\nTAG OK\r\n"),
    ("UID MOVE", "TAG OK\r\n"),
    ("UID COPY", "TAG OK\r\n"),
    ("UID STORE", "TAG OK\r\n"),
    ("UID EXPUNGE", "TAG OK\r\n"),
    ("EXPUNGE", "TAG OK\r\n"),
    ("CREATE", "TAG OK\r\n"),
    ("IDLE", "+ idling\r\n"),
    ("DONE", "IDLETAG OK\r\n"),
    ("LOGOUT", "* BYE\r\nTAG OK\r\nHANGUP"),
];

const NO_MOVE: Rule = ("CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS\r\nTAG OK\r\n");
const OLD: Rule = ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n");

/// A server for one test, and what it was asked.
struct Script {
    inbox: Inbox,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// Starts the server and selects INBOX.
    async fn with(rules: &[Rule]) -> Self {
        let mut script = Self::unselected(rules).await;
        script.inbox.select("INBOX").await.expect("INBOX");
        script
    }

    async fn unselected(rules: &[Rule]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let rules: Vec<Rule> = rules.iter().chain(USUAL).copied().collect();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, rules.clone(), Arc::clone(&log)));
            }
        });
        let server = ImapServer {
            host: "127.0.0.1".into(),
            port,
            tls: TlsMode::None,
            ca_file: None,
            credentials: Credentials::Password { user: "desk".into(), password: "secret".into() },
            timeouts: short_timeouts(),
        };
        Self { inbox: Inbox::imap(server, SizeLimit::default()), asked }
    }

    /// How often a command was asked that starts like this.
    fn count(&self, command: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|line| line.starts_with(command)).count()
    }
}

async fn serve(stream: TcpStream, rules: Vec<Rule>, log: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let greeting = rules.iter().find(|rule| rule.0 == "GREETING").map_or("* OK hello\r\n", |rule| rule.1);
    let mut idle_tag = String::new();
    let mut answer = greeting.to_owned();
    loop {
        let is_last = answer.ends_with("HANGUP");
        if stream.get_mut().write_all(answer.trim_end_matches("HANGUP").as_bytes()).await.is_err() || is_last {
            return;
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end();
        let (tag, command) = if line == "DONE" { ("", line) } else { line.split_once(' ').unwrap_or(("", line)) };
        if command == "IDLE" {
            idle_tag = tag.to_owned();
        }
        log.lock().unwrap().push(command.to_owned());
        let found = rules.iter().find(|rule| command.starts_with(rule.0)).map_or("TAG BAD unknown\r\n", |rule| rule.1);
        answer = found.replace("IDLETAG", &idle_tag).replace("TAG", tag);
    }
}

fn five() -> [Uid; 1] {
    [Uid::Imap(5)]
}

#[tokio::test]
async fn the_usual_script_works() {
    let mut script = Script::with(&[]).await;
    assert_eq!(script.inbox.list_new(None, None).await.unwrap()[0].uid, Uid::Imap(5));
    assert_eq!(script.inbox.list_new(Some(5), None).await.unwrap(), [], "`6:*` names message 5 too");
    assert_eq!(script.inbox.fetch(&five()).await.unwrap().mails[0].size, 10);
    script.inbox.file_away(&five(), "Filed").await.unwrap();
    assert_eq!(script.count("UID MOVE 5 \"Filed\""), 1);
    script.inbox.wait_for_news(Duration::from_millis(100)).await.unwrap();
    script.inbox.log_out().await.unwrap();
}

#[tokio::test]
async fn whatever_goes_wrong_with_a_list_is_an_error() {
    let check = async |rule: Rule, expected: &str| {
        let error = Script::with(&[rule]).await.inbox.list_new(None, None).await.expect_err(rule.1);
        assert!(error.to_string().contains(expected), "{rule:?}: {error}");
        assert!(error.is_transient());
    };
    check(("UID SEARCH", "TAG NO later\r\n"), "refused SEARCH: later").await;
    check(("UID SEARCH", "* SEARCH\r\nTAG BAD what\r\n"), "refused SEARCH: what").await;
    check(("UID SEARCH", "* SEARCH 5\r\nHANGUP"), "hung up").await;
    check(("UID SEARCH", "* BYE overloaded\r\nHANGUP"), "goodbye: overloaded").await;
    check(("UID SEARCH", "HANGUP"), "hung up").await;
    check(("UID SEARCH", ""), "did not answer SEARCH").await;
    check(("UID SEARCH", "* SEARCH 5\r\n"), "did not answer SEARCH").await;
    check(("UID SEARCH", "%&!\r\n"), "broke the protocol").await;
    check(("UID FETCH", "TAG NO\r\n"), "refused FETCH").await;
    check(("UID FETCH", "* 1 FETCH (UID 5 INTERNALDATE \"x\" RFC822.SIZE 1)\r\nTAG OK\r\n"), "INTERNALDATE").await;
    check(("NOOP", "HANGUP"), "hung up").await;
}

#[tokio::test]
async fn whatever_goes_wrong_with_a_fetch_is_an_error() {
    let check = async |answer: &'static str, expected: &str| {
        let mut script = Script::with(&[("UID FETCH 5 (UID BODY", answer)]).await;
        let error = script.inbox.fetch(&five()).await.expect_err(answer);
        assert!(error.to_string().contains(expected), "{answer:?}: {error}");
    };
    check("TAG NO cannot read\r\n", "refused FETCH: cannot read").await;
    check("TAG BAD\r\n", "refused FETCH").await;
    check("* 1 FETCH (UID 5 BODY[] {10}\r\n01234HANGUP", "connection").await;
    check("* 1 FETCH (UID 5 BODY[] {10}\r\n0123456789)\r\nHANGUP", "hung up").await;
    check("* 1 FETCH (UID 5 BODY[] {10}\r\n0123456789)\r\n* BYE\r\nHANGUP", "goodbye").await;
    check("* 1 FETCH (UID 5 BODY[] {10}\r\n01234", "did not answer FETCH").await;
    check("* 1 FETCH (UID 5 BODY[] {4000000000}\r\n01234", "").await;
    check("* 1 FETCH (UID 5 BODY[] NIL)\r\nTAG OK\r\n", "has no bytes").await;
    check("TAG OK without a word of it\r\n", "has no bytes").await;
    check("TAG NO [EXPUNGEISSUED] some are gone\r\n", "EXPUNGEISSUED").await;
}

#[tokio::test]
async fn a_message_is_gone_only_if_the_server_confirms_it() {
    let mut script = Script::with(&[("UID FETCH", "TAG OK\r\n")]).await;
    assert_eq!(script.inbox.fetch(&five()).await.unwrap().gone, five());
    let unasked = "* 1 FETCH (UID 9 BODY[] {1}\r\nx)\r\n* 1 FETCH (FLAGS (\\Seen) UID 5)\r\nTAG OK\r\n";
    let mut script = Script::with(&[("UID FETCH 5 (UID INTERNALDATE", unasked)]).await;
    assert_eq!(script.inbox.fetch(&five()).await.unwrap().gone, five());
}

#[tokio::test]
async fn a_server_that_only_says_still_here_gets_no_more_time() {
    let mut script = Script::with(&[("UID SEARCH", "* OK still here\r\n* OK still here\r\n")]).await;
    let begun = Instant::now();
    let error = script.inbox.list_new(None, None).await.unwrap_err();
    assert!(matches!(error, InboxError::TimedOut { step: "SEARCH", .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn after_a_broken_connection_the_next_call_connects_anew() {
    let mut script = Script::with(&[("UID FETCH 5 (UID BODY", "HANGUP")]).await;
    assert!(script.inbox.fetch(&five()).await.is_err());
    assert_eq!(script.inbox.list_new(None, None).await.unwrap().len(), 1);
    assert_eq!((script.count("LOGIN"), script.count("SELECT")), (2, 2));
}

#[tokio::test]
async fn after_a_refusal_the_connection_stays() {
    let mut script = Script::with(&[("UID FETCH 5 (UID BODY", "TAG NO\r\n")]).await;
    assert!(script.inbox.fetch(&five()).await.is_err());
    assert_eq!(script.inbox.list_new(None, None).await.unwrap().len(), 1);
    assert_eq!(script.count("LOGIN"), 1);
}

#[tokio::test]
async fn a_refused_filing_is_an_error() {
    let check = async |rules: &[Rule], expected: &str| {
        let mut script = Script::with(rules).await;
        let error = script.inbox.file_away(&five(), "Filed").await.expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(&[("UID MOVE", "TAG NO over quota\r\n")], "refused MOVE: over quota").await;
    check(&[("UID MOVE", "* 1 EXPUNGE\r\nHANGUP")], "hung up").await;
    check(&[("UID MOVE", "")], "did not answer MOVE").await;
    check(&[NO_MOVE, ("UID COPY", "TAG NO over quota\r\n")], "refused COPY").await;
    check(&[NO_MOVE, ("UID STORE", "TAG NO\r\n")], "refused STORE").await;
    check(&[NO_MOVE, ("UID EXPUNGE", "TAG NO\r\n")], "refused EXPUNGE").await;
    check(&[("LIST", "TAG NO\r\n")], "refused LIST").await;
    let nowhere = ("LIST", "* LIST () \"/\" INBOX\r\nTAG OK\r\n");
    check(&[nowhere, ("CREATE", "TAG NO never\r\n")], "refused CREATE: never").await;
}

#[tokio::test]
async fn without_move_a_message_is_copied_marked_and_removed() {
    let mut script = Script::with(&[NO_MOVE]).await;
    script.inbox.file_away(&five(), "Filed").await.unwrap();
    let asked = script.asked.lock().unwrap().clone();
    let last: Vec<&str> = asked[asked.len() - 4..].iter().map(String::as_str).collect();
    assert_eq!(
        last,
        ["UID SEARCH UID 5", "UID COPY 5 \"Filed\"", "UID STORE 5 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 5"]
    );
}

#[tokio::test]
async fn a_filing_that_fails_again_and_again_piles_up_no_copies() {
    let mut script = Script::with(&[NO_MOVE, ("UID STORE", "TAG NO\r\n")]).await;
    for _ in 0..5 {
        assert!(script.inbox.file_away(&five(), "Filed").await.is_err());
    }
    assert_eq!((script.count("UID COPY"), script.count("UID STORE")), (1, 5));
}

#[tokio::test]
async fn a_message_that_is_gone_is_not_copied() {
    let mut script = Script::with(&[NO_MOVE, ("UID SEARCH", "* SEARCH\r\nTAG OK\r\n")]).await;
    script.inbox.file_away(&five(), "Filed").await.unwrap();
    assert_eq!((script.count("UID COPY"), script.count("UID STORE")), (0, 0));
}

#[tokio::test]
async fn without_uidplus_nobody_elses_message_is_removed() {
    let mut script = Script::with(&[OLD]).await;
    script.inbox.file_away(&five(), "Filed").await.unwrap();
    assert_eq!(script.count("EXPUNGE"), 1, "only ours carries the flag");

    let mut script = Script::with(&[OLD, ("UID SEARCH DELETED", "* SEARCH 3 5\r\nTAG OK\r\n")]).await;
    script.inbox.file_away(&five(), "Filed").await.unwrap();
    assert_eq!(script.count("EXPUNGE"), 0, "message 3 is somebody else's");
    assert_eq!(script.count("UID STORE"), 1);
}

#[tokio::test]
async fn folders_below_inbox_with_another_delimiter_are_found_and_made() {
    let below = ("LIST", "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Filed\r\nTAG OK\r\n");
    let mut script = Script::with(&[below]).await;
    script.inbox.file_away(&five(), "Filed").await.unwrap();
    assert_eq!(script.count("UID MOVE 5 \"INBOX.Filed\""), 1);

    let refused = ("CREATE \"Done.2026\"", "TAG NO invalid name\r\n");
    let mut script = Script::with(&[below, refused]).await;
    script.inbox.file_away(&five(), "Done/2026").await.unwrap();
    assert_eq!(script.count("CREATE \"INBOX.Done.2026\""), 1);
    assert_eq!(script.count("UID MOVE 5 \"INBOX.Done.2026\""), 1);
}

#[tokio::test]
async fn whatever_goes_wrong_with_idle_is_an_error_and_no_busy_loop() {
    let check = async |rules: &[Rule], expected: &str| {
        let mut script = Script::with(rules).await;
        let error = script.inbox.wait_for_news(Duration::from_millis(300)).await.expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(&[("IDLE", "TAG NO not now\r\n")], "refused IDLE").await;
    check(&[("IDLE", "TAG BAD\r\n")], "refused IDLE").await;
    check(&[("IDLE", "")], "did not answer IDLE").await;
    check(&[("IDLE", "+ idling\r\nHANGUP")], "hung up").await;
    check(&[("IDLE", "+ idling\r\n* BYE too long\r\nHANGUP")], "goodbye: too long").await;
    check(&[("DONE", "")], "did not answer DONE").await;
    check(&[("DONE", "IDLETAG NO\r\n")], "refused IDLE").await;
}

#[tokio::test]
async fn a_server_that_refuses_idle_is_polled_from_then_on() {
    let mut script = Script::with(&[("IDLE", "TAG NO not now\r\n")]).await;
    assert!(script.inbox.wait_for_news(Duration::from_millis(100)).await.is_err());
    let begun = Instant::now();
    script.inbox.wait_for_news(Duration::from_millis(300)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(script.count("IDLE"), 1);
}

#[tokio::test]
async fn news_that_come_before_idle_begins_are_not_lost() {
    let mut script = Script::with(&[("IDLE", "* 2 EXISTS\r\n+ idling\r\n")]).await;
    let begun = Instant::now();
    script.inbox.wait_for_news(Duration::from_secs(4)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_server_that_never_shakes_hands_is_found_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = ImapServer {
        host: "localhost".into(),
        port: listener.local_addr().unwrap().port(),
        tls: TlsMode::Implicit,
        ca_file: None,
        credentials: Credentials::Password { user: "desk".into(), password: "secret".into() },
        timeouts: short_timeouts(),
    };
    assert!(!format!("{server:?}").contains("secret"));
    let error = Inbox::imap(server, SizeLimit::default()).open().await.unwrap_err();
    assert!(error.to_string().contains("did not answer the TLS handshake"), "{error}");
}

#[tokio::test]
async fn trouble_at_the_door_is_told_apart() {
    let check = async |rules: &[Rule], expected: &str, is_transient: bool| {
        let error = Script::unselected(rules).await.inbox.select("INBOX").await.expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.is_transient(), is_transient, "{error}");
    };
    check(&[("GREETING", "* BYE too many connections\r\nHANGUP")], "too many connections", true).await;
    check(&[("GREETING", "HANGUP")], "hung up", true).await;
    check(&[("GREETING", "")], "did not answer the greeting", true).await;
    check(&[("GREETING", "220 an SMTP server\r\n")], "broke the protocol", true).await;
    check(&[("LOGIN", "TAG NO wrong password\r\n")], "refused to log in", false).await;
    check(&[("LOGIN", "TAG NO [UNAVAILABLE] later\r\n")], "refused LOGIN", true).await;
    check(&[("LOGIN", "")], "did not answer LOGIN", true).await;
    check(&[("LOGIN", "HANGUP")], "connection", true).await;
    check(&[("SELECT", "TAG NO no such folder\r\n")], "refused SELECT", true).await;
    check(&[("SELECT", "* 1 EXISTS\r\nTAG OK\r\n")], "no UIDVALIDITY", true).await;
    check(&[("SELECT", "* OK [UIDVALIDITY 7] ok\r\nTAG OK [READ-ONLY] ok\r\n")], "may only be read", false).await;
}
