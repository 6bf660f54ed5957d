//! Who wants to be forgotten is: their words, names and addresses are nowhere left; the ledger and the facts are.

use super::{opened, opened_by_grace};
use crate::world::{DESK, World};

const ANNE: &str = "anne.bakker@amersfoortsmuseum.example";

/// What must not be left of Anne, in small letters.
const TRACES: &[&str] = &["anne", "bakker", "contactformulier", "doet niets meer", "zonder onderwerp", "vergeten"];

/// The directory after Anne left: Piet decides.
fn without_anne() -> String {
    let person = "[[person]]\nkey = \"anne-bakker\"\nclient = \"AMR\"\nname = \"Anne Bakker\"\n\
        addresses = [\"anne.bakker@amersfoortsmuseum.example\"]\n";
    let left = DESK.replace(person, "");
    let left = left.replace("holder = \"anne-bakker\"\ndeputies = [\"piet-smit\"]", "holder = \"piet-smit\"");
    assert!(!left.contains("anne"), "{left}");
    left
}

/// Anne asks, Joost answers, books and resolves; she thanks, and sends something that belongs nowhere. Grace has a case
/// of her own. Piet, too, in which Anne is in Cc.
async fn filled(world: &mut World) -> Vec<u8> {
    let (_, relay) = opened(world).await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nIk kijk ernaar.\n\n#tijd 40m voor Anne Bakker gezocht\n");
    world.receive(mail).await.is("joined");
    let answer = world.letter_to("anne").await;
    let mail = world.reply_to(&answer).text("Ik was nog iets vergeten.\n");
    let kept = mail.to_bytes();
    world.receive(mail).await.is("joined").on("AMR-2026-0001");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Dag Anne,\n\nHet werkt weer.\n\n#opgelost\n");
    world.receive(mail).await.is("joined");
    let mail = world.mail_from("anne").subject("Zonder onderwerp").text("Tot ziens.\n").automatic();
    world.receive(mail).await.is("noted");
    opened_by_grace(world).await;
    world.deliver_all().await;
    kept
}

async fn nobody_is_forgotten_while_something_is_open(mut world: World) {
    opened(&mut world).await;
    let before = world.all_texts().await;
    let told = world.forget(ANNE, false).await.unwrap_err().to_string();
    for expected in [
        "person anne-bakker stands in desk.toml, whose next import would declare them again",
        "position coordinator/AMR/anne-bakker/2026-01-01 names them: end it or hand it over first",
        "open cases, AMR-2026-0001 (new)",
        "letters 1, 2 are still to go",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    assert_eq!(world.all_texts().await, before);
    let told = world.forget("joost@dewit-web.example", false).await.unwrap_err().to_string();
    assert!(told.contains("that of expert joost: their name tells in the ledger whose work it is"), "{told}");
    let told = world.forget("support@lindeboom.example", false).await.unwrap_err().to_string();
    assert!(told.contains("the desk's own address"), "{told}");
    assert!(world.forget("nobody@elsewhere.example", false).await.unwrap().is_empty());
    assert_eq!(world.all_texts().await, before);
}

async fn a_forgotten_person_leaves_no_trace_but_the_ledger(mut world: World) {
    let kept = filled(&mut world).await;
    world.declare(&without_anne()).await;
    world.at("2026-06-02T08:00:00Z");
    world.tick().await;
    world.deliver_all().await;
    let (cards, state) = (world.cards("AMR").await, world.state_of("AMR-2026-0001").await);
    let graces = world.trail("NWK-2026-0001").await;
    let before = world.all_texts().await;
    for trace in TRACES {
        assert!(before.iter().any(|(_, text)| text.to_lowercase().contains(trace)), "{trace} is no trace");
    }

    let rehearsed = world.forget(ANNE, true).await.unwrap();
    assert_eq!(world.all_texts().await, before, "a rehearsal changes nothing");
    let report = world.forget(ANNE, false).await.unwrap();
    assert_eq!(report, rehearsed);
    assert_eq!((report.counts.mails, report.counts.cases), (3, 1));

    for (place, text) in world.all_texts().await {
        let low = text.to_lowercase();
        let left: Vec<&&str> = TRACES.iter().filter(|trace| low.contains(**trace)).collect();
        assert!(left.is_empty(), "{left:?} in {place}: {text}");
    }
    let bytes = world.all_bytes().await;
    assert!(!bytes.to_lowercase().contains("anne"), "bytes name her");
    assert!(bytes.contains("Tenants can't log in."), "others' mail is there");
    // What the law lets one keep, and what others did.
    assert_eq!((world.cards("AMR").await, world.state_of("AMR-2026-0001").await), (cards, state));
    assert_eq!(world.ledger("AMR").await, ["deduction -45 on 2026-001, 40 real, joost"]);
    let texts = world.all_texts().await;
    let has = |place: &str, text: &str| texts.iter().any(|(at, own)| at.starts_with(place) && own.contains(text));
    let pseudonym = report.pseudonym.as_str();
    assert!(has("messages.fresh", &format!("Dag {pseudonym},\n\nHet werkt weer.")));
    assert!(has("entries.description", &format!("voor {pseudonym} gezocht")));
    assert!(has("audit.action", "forget-person"));
    assert!(has("audit.reason", &format!("{pseudonym} asked for it")));
    assert!(has("audit.detail", &format!("{pseudonym}: 3 mails")));
    assert_eq!(world.trail("NWK-2026-0001").await, graces);
    // A mail of hers that is fetched again is known; the desk works on.
    let again = world.receive_raw(&kept, false).await;
    again.is("seen-before");
    assert_eq!(world.mails().await.len(), 6);
    let mail = world.mail_from("piet").subject("Agenda").text("De agenda is leeg.\n");
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    assert!(world.forget(ANNE, false).await.unwrap().is_empty(), "nothing is left to forget");
}

async fn a_stranger_s_mail_that_waited_is_known_and_never_decided_again(mut world: World) {
    let mail = world.mail_from("stranger").subject("Offerte").text("Wat kost het?\n");
    let bytes = mail.to_bytes();
    world.receive(mail).await.is("quarantined");
    world.deliver_all().await;
    let report = world.forget("sam@elsewhere.example", false).await.unwrap();
    assert_eq!(report.counts.mails, 1);
    let kept = world.mails().await.remove(0);
    assert_eq!(
        (kept.outcome.as_str(), kept.cause.as_deref(), kept.subject.as_str()),
        ("noted", Some("forgotten"), "(forgotten)")
    );
    world.receive_raw(&bytes, false).await.is("seen-before");
    assert_eq!(world.decide_again(&kept, true).await, None);
    for (place, text) in world.all_texts().await {
        assert!(!text.contains("sam@") && !text.contains("Sam Lee") && !text.contains("Wat kost"), "{place}: {text}");
    }
}

#[tokio::test]
async fn every_column_of_every_table_was_decided() {
    let world = World::on_sqlite().await;
    assert_eq!(world.undecided_columns().await, [""; 0], "decide in store/forgetting.rs what becomes of them");
}

macro_rules! on_both {
    ($($name:ident),+) => {
        mod sqlite { use super::World; $(#[tokio::test] async fn $name() { super::$name(World::on_sqlite().await).await; })+ }
        mod postgres { use super::World; $(#[tokio::test] async fn $name() { super::$name(World::on_postgres().await).await; })+ }
    };
}

on_both!(
    nobody_is_forgotten_while_something_is_open,
    a_forgotten_person_leaves_no_trace_but_the_ledger,
    a_stranger_s_mail_that_waited_is_known_and_never_decided_again
);
