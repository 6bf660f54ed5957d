//! Answers of experts, written by the rules of twelve mail programs in two languages: every tag is found and none
//! invented, and the letter to the client shows what was written, formatted, and nothing that is the desk's own.

mod bodies;
mod judge;
mod write;

use std::fs;
use std::path::PathBuf;

use jiff::SignedDuration;

use crate::world::{Letter, World};
use bodies::{Body, bodies};
use write::{Answer, PROGRAMS, Program};

/// Where the HTML letters are left for whoever wants to look at them; nowhere unless asked.
fn gallery() -> Option<PathBuf> {
    std::env::var_os("CASEPOST_GALLERY").map(PathBuf::from)
}

/// The client's first mail has a line that reads as a tag; it comes back in every quote.
async fn open(world: &mut World, language: &str) -> Letter {
    let (client, expert, tag) =
        if language == "nl" { ("anne", "joost", "#tijd 45m") } else { ("grace", "mira", "#time 45m") };
    let text = format!("Goedemorgen,\n\nOp de factuur staat:\n{tag}\nWat is dat?\n\nHet formulier doet niets meer.\n");
    let mail = world.mail_from(client).subject("Formulier").text(&text);
    world.receive(mail).await.is("opened");
    world.letter_to(client).await.is("acknowledgement");
    let relay = world.letter_to(expert).await;
    relay.is("relay");
    relay
}

async fn answers_of(mut world: World, program: Program, language: &'static str, is_html_alone: bool) {
    let relay = open(&mut world, language).await;
    let (client, expert, code) = if language == "nl" { ("anne", "joost", "AMR") } else { ("grace", "mira", "NWK") };
    let name = if language == "nl" { "Joost de Wit" } else { "Mira Jansen" };
    for (number, body) in bodies(language).iter().enumerate() {
        if is_html_alone && body.blocks.iter().any(|block| matches!(block, bodies::Block::Picture)) {
            continue;
        }
        // Far apart, or it would look like programs that answer each other.
        world.now += SignedDuration::from_hours(2);
        let booked_before = world.ledger(code).await.len();
        let answer = Answer { letter: &relay, body, language, expert: name, is_html_alone };
        let mail = world.reply_to(&relay).body(&program.mail(&answer));
        let what = format!("{program:?}, {language}, {}, HTML alone: {is_html_alone}", body.name);
        let got = world.receive(mail).await;
        assert_eq!(got.outcome, body.outcome, "{what}: {:?}", got.kept);
        let ledger = world.ledger(code).await;
        judge::booked(&what, &ledger[booked_before..], &body.booked);
        let state = world.state_of(&format!("{code}-2026-0001")).await;
        if let Some(word) = body.state {
            assert!(state.contains(word), "{what}: {state}");
        }
        let letters = world.unread().await;
        world.rest().await;
        let of = |notice: &str, who: &str| {
            letters
                .iter()
                .find(|letter| letter.stored.notice == notice && letter.recipient_address().contains(who))
                .cloned()
        };
        let to_client = of("answer", client);
        assert_eq!(
            to_client.is_some(),
            !body.says.is_empty(),
            "{what}: {:?}",
            letters.iter().map(Letter::line).collect::<Vec<_>>()
        );
        assert_eq!(of("transcript", expert).is_some(), body.outcome == "parked", "{what}");
        if let Some(letter) = to_client {
            judge::letter(&what, &letter, &relay, body, program);
            if let Some(folder) = gallery() {
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(format!("{program:?}-{language}-{number}.html")), letter.html()).unwrap();
            }
        }
    }
    world.done().await;
}

macro_rules! programs {
    ($($name:ident: $program:ident,)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                answers_of(World::on_sqlite().await, Program::$program, "nl", false).await;
                answers_of(World::on_sqlite().await, Program::$program, "en", false).await;
                answers_of(World::on_sqlite().await, Program::$program, "nl", true).await;
            }
        )*
        #[test]
        fn none_is_forgotten() {
            assert_eq!([$(Program::$program),*], PROGRAMS);
            for language in ["nl", "en"] {
                assert_eq!(bodies(language).len(), 15);
            }
        }
    };
}

programs! {
    outlook_desktop: OutlookDesktop,
    outlook_web: OutlookWeb,
    outlook_phone: OutlookPhone,
    apple_mail: AppleMail,
    ios_mail: IosMail,
    gmail_web: GmailWeb,
    gmail_app: GmailApp,
    thunderbird: Thunderbird,
    k9: K9,
    roundcube: Roundcube,
    proton: Proton,
    samsung: Samsung,
}

/// A body of one line that is parked: the expert mends it with the tag alone, and the client gets it formatted.
#[tokio::test]
async fn a_mended_answer_keeps_its_form() {
    let mut world = World::on_sqlite().await;
    let relay = open(&mut world, "nl").await;
    let all = bodies("nl");
    let body = all.iter().find(|body| body.outcome == "parked").unwrap();
    let mut bold = Body { says: vec!["Het formulier werkt weer.".into()], ..body.clone() };
    bold.blocks.insert(0, bodies::Block::Line("Zie **hier**:".into()));
    bold.blocks.insert(1, bodies::Block::Picture);
    let answer = Answer { letter: &relay, body: &bold, language: "nl", expert: "Joost de Wit", is_html_alone: false };
    let mail = world.reply_to(&relay).body(&Program::OutlookDesktop.mail(&answer));
    world.receive(mail).await.is("parked");
    let transcript = world.letter_to("joost").await;
    let mail = world.reply_to(&transcript).text("#tijd 40m\n");
    world.receive(mail).await.is("joined");
    let letter = world.letter_to("anne").await;
    judge::letter("mended", &letter, &relay, &bold, Program::OutlookDesktop);
    world.done().await;
}

/// A tag below a loose `--` books nothing, and its writer learns that.
#[tokio::test]
async fn a_tag_below_a_guessed_signature_is_told() {
    let mut world = World::on_sqlite().await;
    let relay = open(&mut world, "nl").await;
    let mail = world.reply_to(&relay).text("Klaar.\n\n--\nJoost\n#tijd 40m\n");
    world.receive(mail).await.is("parked");
    assert_eq!(world.ledger("AMR").await, [""; 0]);
    let transcript = world.letter_to("joost").await;
    transcript.is("transcript").says("#tijd 40m").says("ondertekening");
    let mail = world.reply_to(&transcript).text("#tijd 40m\n");
    world.receive(mail).await.is("joined");
    world.letter_to("anne").await.is("answer").says("Klaar.").does_not_say("#tijd 40m");
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    world.done().await;
}

/// Below a signature that the program marked in its HTML, or that shows how to reach its writer, a tag books nothing; the
/// writer is told, and mends it with the tag alone. What the program marked does not go to the client.
#[tokio::test]
async fn a_tag_below_any_other_signature_is_told() {
    for program in PROGRAMS.into_iter().filter(|program| !program.has_delimiter()) {
        let mut world = World::on_sqlite().await;
        let relay = open(&mut world, "nl").await;
        let signed = bodies("nl").into_iter().find(|body| body.is_signed).unwrap();
        let body = Body { has_tag_below: true, blocks: signed.blocks[..3].to_vec(), ..signed };
        for is_html_alone in [false, true] {
            let answer = Answer { letter: &relay, body: &body, language: "nl", expert: "Joost de Wit", is_html_alone };
            let mail = world.reply_to(&relay).body(&program.mail(&answer));
            world.receive(mail).await.is("parked");
            let booked = world.ledger("AMR").await.len();
            let transcript = world.letter_to("joost").await;
            transcript.is("transcript").says("#tijd 50m").says("ondertekening");
            let mail = world.reply_to(&transcript).text("#tijd 40m\n");
            world.receive(mail).await.is("joined");
            let letter = world.letter_to("anne").await;
            judge::letter(&format!("{program:?}"), &letter, &relay, &body, program);
            assert_eq!(world.ledger("AMR").await.len(), booked + 1, "{program:?}");
            world.now += SignedDuration::from_hours(2);
        }
        world.done().await;
    }
}

/// Of two parts that say different things the text counts, and nothing of the other is shown.
#[tokio::test]
async fn html_that_says_more_than_the_text_is_not_shown() {
    let mut world = World::on_sqlite().await;
    let relay = open(&mut world, "nl").await;
    let parts = |text: &str, html: &str| {
        format!(
            "Content-Type: multipart/alternative; boundary=\"alt\"\n\n--alt\nContent-Type: text/plain\n\n{text}\n\
             --alt\nContent-Type: text/html\n\n{html}\n--alt--\n"
        )
    };
    let html = "<p>Klaar.</p><p>Het saldo van de buren is 12 strippen.</p><script>alert(1)</script>";
    let mail = world.reply_to(&relay).body(&parts("Klaar.\n\n#tijd 40m\n", html));
    world.receive(mail).await.is("joined");
    let letter = world.letter_to("anne").await;
    letter.is("answer").says("Klaar.").does_not_say("buren");
    assert!(!letter.html().contains("<div class=\"said\"") && !letter.html().contains("alert"), "{}", letter.html());
    // Without the sentence both say the same; what is no word of the letter does not travel.
    let html =
        "<p onclick='x()'>Klaar<img src='https://spy.example/p.gif'>.</p><script>alert(1)</script><p>#tijd 5m</p>";
    let mail = world.reply_to(&relay).body(&parts("Klaar.\n\n#tijd 5m\n", html));
    world.receive(mail).await.is("joined");
    let html = world.letter_to("anne").await.html();
    assert!(
        html.contains("<div class=\"said\" style=\"margin:0 0 20px\"><p style=\"margin:0 0 16px\">Klaar.</p>"),
        "{html}"
    );
    assert!(
        !html.contains("onclick") && !html.contains("spy") && !html.contains("alert") && !html.contains("#tijd 5m")
    );
    world.done().await;
}
