//! The line itself over real servers: Postfix delivers into Dovecot, casepost reads it there by IMAP over TLS, its
//! letters leave by SMTP through Postfix, and whoever gets one finds it in a mailbox of Dovecot's.

use std::path::PathBuf;
use std::time::Duration;

use casepost::config::{AdoptSince, Config};
use casepost::desk::clock::Clock;
use casepost::desk::import::{By, World as Importing};
use casepost::desk::worker::{Drained, Worker};
use casepost::domain::address::Address;
use casepost::domain::directory::DirectoryFile;
use casepost::mail::outlet::{Envelope, Sent, Transport, nobody_listens};
use casepost::mail::smtp::{Protection, SmtpOutlet, SmtpSettings};
use casepost::store::{cards, cases, letters, messages};
use tempfile::TempDir;

use crate::imap_client::ImapClient;
use crate::servers::{new_user, port, variable};
use crate::world::{DESK, Letter, new_postgres, start};

/// A desk between real servers, and two people with mailboxes of their own.
struct Line {
    worker: Worker,
    support: String,
    anne: String,
    joost: String,
    _folder: TempDir,
}

fn config(support: &str, database: &str) -> String {
    let (imap, smtp) = (port("CASEPOST_TEST_IMAPS_PORT"), port("CASEPOST_TEST_SMTP_PORT"));
    let ca = variable("CASEPOST_TEST_CA");
    format!(
        r#"
        database = "{database}"
        [[desk]]
        code = "LIN"
        name = "Lindeboom Support"
        language = "nl"
        time_zone = "Europe/Amsterdam"
        footer = "Lindeboom Support, Utrecht"
        host = "lindeboom.example"
        alarm_to = []
        [[mailbox]]
        name = "support"
        desk = "LIN"
        address = "{support}"
        reply_address = "plus"
        file_into = "Handled"
        authserv_ids = ["mx.example.test"]
        trusted_hosts = ["mx.example.test"]
        [mailbox.imap]
        host = "localhost"
        port = {imap}
        ca_file = "{ca}"
        user = "{support}"
        password_file = "password"
        [outlet.smtp]
        host = "127.0.0.1"
        port = {smtp}
        tls = "none"
        "#
    )
}

impl Line {
    async fn open(database: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, "secret\n").unwrap();
        std::fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let (support, anne, joost) = (new_user(), new_user(), new_user());
        // Dovecot makes a mailbox at its first login.
        for user in [&support, &anne, &joost] {
            ImapClient::log_in(user).await.run("STATUS INBOX (MESSAGES)").await;
        }
        let database = database.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("casepost.db").display()));
        let config = Config::parse(&config(&support, &database), folder.path()).unwrap();
        let worker = Worker::open(config, Clock::standing(start())).await.unwrap();
        let directory =
            DESK.replace("anne.bakker@amersfoortsmuseum.example", &anne).replace("joost@dewit-web.example", &joost);
        let desk = &worker.config.desks[0];
        let importing = Importing { db: &worker.db, desk: &desk.code, zone: &desk.time_zone };
        let by = By { actor: "command:test".into(), reason: "test".into(), at: start() };
        importing.import(&DirectoryFile::alone("desk.toml", &directory), &by, false).await.unwrap();
        Self { worker, support, anne, joost, _folder: folder }
    }

    /// Somebody's mail program hands a mail to Postfix, which delivers it into the desk's mailbox.
    async fn send(&self, from: &str, to: &str, head: &str, text: &str) {
        let settings = SmtpSettings {
            port: port("CASEPOST_TEST_SMTP_PORT"),
            protection: Protection::None,
            ..SmtpSettings::new("127.0.0.1", "client.example")
        };
        let transport = Transport::Smtp(Box::new(SmtpOutlet::new(settings, nobody_listens).unwrap()));
        let domain = from.rsplit('@').next().unwrap();
        let raw = format!(
            "Authentication-Results: mx.example.test; dmarc=pass header.from={domain}\r\nFrom: <{from}>\r\n\
             To: <{to}>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n{head}\r\n{}\r\n",
            text.replace('\n', "\r\n")
        );
        let envelope = Envelope { reverse_path: Address::new(from).ok(), recipients: vec![Address::new(to).unwrap()] };
        let before = self.waiting().await;
        let sent = transport.send(&envelope, raw.as_bytes(), "test").await;
        assert!(matches!(sent, Sent::Accepted { .. }), "{sent:?}");
        for _ in 0..100 {
            if self.waiting().await > before {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the mail did not reach {to}");
    }

    async fn waiting(&self) -> u32 {
        ImapClient::log_in(&self.support).await.count("INBOX").await
    }

    /// One run of the worker: everything is read, decided, filed away and sent.
    async fn run(&self, outcome: &str, letters: usize) -> Drained {
        let drained = self.worker.run_once(Some(AdoptSince::All), &|_| {}).await.unwrap();
        assert_eq!(drained.unread, []);
        assert_eq!(drained.outcomes, [(outcome, 1)].into(), "{drained:?}");
        assert_eq!(drained.letters.sent, letters, "{drained:?}");
        assert_eq!(self.waiting().await, 0, "the mail is filed away");
        drained
    }

    /// The mail that arrived last in somebody's mailbox, of so many.
    async fn arrived(&self, user: &str, count: usize) -> Letter {
        let place = PathBuf::from(variable("CASEPOST_TEST_DIR")).join("dovecot/mail").join(user);
        for _ in 0..100 {
            let folders = [place.join("new"), place.join("cur")];
            let listed = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
            let files: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
            if files.len() == count {
                // File names of one second stand in no order; the outbox knows which letter came last.
                let mut letters = Vec::new();
                for file in &files {
                    let raw = std::fs::read_to_string(file).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
                    letters.push(self.known(raw).await);
                }
                return letters.into_iter().max_by_key(|letter| letter.stored.letter_no).unwrap();
            }
            assert!(files.len() < count, "{user} got {} mails and not {count}", files.len());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{user} got less than {count} mails");
    }

    /// What arrived, beside its row in the outbox.
    async fn known(&self, raw: String) -> Letter {
        let all = letters::list(&self.worker.db, "LIN", None, 100).await.unwrap();
        let stored = all.into_iter().find(|letter| raw.contains(&letter.message_id)).expect("a letter of the outbox");
        assert_eq!(stored.state, "sent");
        Letter::new(stored, raw.into_bytes())
    }

    async fn card(&self) -> i64 {
        let entries = cards::list(&self.worker.db, "LIN", "AMR").await.unwrap();
        entries.iter().map(|stored| stored.entry.charged_minutes).sum()
    }
}

/// The head and quoted text with which a mail program answers a letter.
fn answer(letter: &Letter, id: &str) -> String {
    let mut thread = letter.references();
    thread.push(letter.message_id());
    let references: Vec<String> = thread.iter().map(|id| format!("<{id}>")).collect();
    format!(
        "Subject: Re: {}\r\nMessage-ID: <{id}>\r\nIn-Reply-To: <{}>\r\nReferences: {}\r\n",
        letter.stored.subject,
        letter.message_id(),
        references.join("\r\n ")
    )
}

fn quoted(letter: &Letter) -> String {
    let lines: Vec<String> = letter.text().lines().map(|line| format!("> {line}")).collect();
    format!("\n\nOp di 21 apr 2026 om 10:00 schreef {}:\n{}\n", letter.reply_to(), lines.join("\n"))
}

async fn a_request_goes_all_the_way_and_back(database: Option<String>) {
    let line = Line::open(database).await;
    assert_eq!(line.card().await, 300);

    let head = "Subject: Contactformulier verstuurt niet\r\nMessage-ID: <vraag@client.example>\r\n";
    line.send(&line.anne, &line.support, head, "Goedemorgen,\n\nHet formulier doet niets meer.\n").await;
    line.run("opened", 2).await;
    let acknowledgement = line.arrived(&line.anne, 1).await;
    acknowledgement.is("acknowledgement").reads(&ACKNOWLEDGEMENT.replace("SUPPORT", &line.support));
    assert_eq!(acknowledgement.in_reply_to(), "vraag@client.example");
    let bounces = line.support.replace('@', "+bounce@");
    assert_eq!(acknowledgement.header("Return-Path"), format!("<{bounces}>"));
    let relay = line.arrived(&line.joost, 1).await;
    relay.is("relay").reads(&RELAY.replace("SUPPORT", &line.support).replace("ANNE", &line.anne));

    let text = format!("Dag Anne,\n\nHet formulier werkt weer.\n\n#tijd 40m certificaat vernieuwd\n{}", quoted(&relay));
    line.send(&line.joost, &relay.reply_to(), &answer(&relay, "antwoord@dewit-web.example"), &text).await;
    line.run("joined", 1).await;
    assert_eq!(line.card().await, 255);
    let reply = line.arrived(&line.anne, 2).await;
    reply.is("answer").reads(&ANSWER.replace("SUPPORT", &line.support));
    assert_eq!(reply.in_reply_to(), "vraag@client.example");
    assert_eq!(reply.references()[0], acknowledgement.references()[0]);
    assert!(!reply.raw().contains(&line.joost), "the expert's own address stays inside");

    let text = format!("Dank, het werkt!{}", quoted(&reply));
    line.send(&line.anne, &reply.reply_to(), &answer(&reply, "dank@client.example"), &text).await;
    line.run("joined", 1).await;
    line.arrived(&line.joost, 2).await.is("relay").says("Dank, het werkt!");

    let case = cases::find_by_number(&line.worker.db, "LIN", "AMR-2026-0001").await.unwrap().unwrap();
    assert_eq!(case.status.as_str(), "open");
    assert_eq!(messages::list_of_case(&line.worker.db, "LIN", case.case_no).await.unwrap().len(), 3);
    let handled = ImapClient::log_in(&line.support).await.count("Handled").await;
    assert_eq!(handled, 3);
    // Another run finds nothing to do.
    let drained = line.worker.run_once(None, &|_| {}).await.unwrap();
    assert!(drained.outcomes.is_empty() && drained.letters.is_empty(), "{drained:?}");
}

#[tokio::test]
async fn a_request_goes_all_the_way_and_back_on_sqlite() {
    a_request_goes_all_the_way_and_back(None).await;
}

#[tokio::test]
async fn a_request_goes_all_the_way_and_back_on_postgres() {
    a_request_goes_all_the_way_and_back(Some(new_postgres().await)).await;
}

const ACKNOWLEDGEMENT: &str = "
    Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

    Beste Anne Bakker,

    Dank voor uw bericht. Het is bij ons in behandeling als zaak AMR-2026-0001.

    Wij kijken ernaar zodra er ruimte is en houden u op de hoogte.

    Zaak:          AMR-2026-0001
    Onderwerp:     Contactformulier verstuurt niet
    Organisatie:   Amersfoorts Museum
    Soort:         ondersteuning
    Prioriteit:    normaal
    Ontvangen:     dinsdag 21 april om 10:00
    Coördinator:   Anne Bakker
    Behandelaar:   Joost de Wit
    Strippenkaart: nog 20 strippen (5 uur)

    Aanvullen kan altijd: beantwoord deze mail.

    --
    Lindeboom Support
    SUPPORT
    Lindeboom Support, Utrecht";

const RELAY: &str = "
    Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

    Nieuwe zaak van Amersfoorts Museum.

    Zaak:          AMR-2026-0001
    Onderwerp:     Contactformulier verstuurt niet
    Klant:         Amersfoorts Museum (contract Basic)
    Soort:         ondersteuning
    Prioriteit:    normaal
    Strippenkaart: nog 20 strippen (5 uur)

    ANNE (coördinator, ANNE) schreef dinsdag 21 april om 10:00:

    Goedemorgen,

    Het formulier doet niets meer.

    ________________________________________

    Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

        #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
        #notitie               blijft binnen de desk
        #opgelost              antwoord en klaar
        #wacht klant           klok stil (ook leverancier; tot DATUM)
        #prio hoog             kritiek, hoog, normaal of laag
        #toewijzen NAAM        draagt over, met alles erbij

    --
    Lindeboom Support
    SUPPORT
    Lindeboom Support, Utrecht";

const ANSWER: &str = "
    Subject: [LIN AMR-2026-0001] Contactformulier verstuurt niet

    Dag Anne,

    Het formulier werkt weer.

    Joost de Wit
    Lindeboom Support

    Geboekt: 40 minuten, in rekening 45 minuten. Nog op de strippenkaart: 17 strippen (4 uur 15 minuten).

    --
    Lindeboom Support
    SUPPORT
    Lindeboom Support, Utrecht

    > Goedemorgen,
    >
    > Het formulier doet niets meer.";
