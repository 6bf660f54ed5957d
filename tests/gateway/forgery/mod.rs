//! Forged mails, each by its name through the whole gateway. None opens a case, books, approves, releases or reveals
//! anything; none is lost.

mod expert;
mod letters;
mod machine;
mod orders;
mod proof;
mod sender;
mod thread;

use std::collections::BTreeMap;

use crate::dialogues::{opened, opened_by_grace};
use crate::world::{Letter, Mail, World};

const ANNE: &str = "anne.bakker@amersfoortsmuseum.example";
const SAM: &str = "sam@elsewhere.example";

/// A desk at work, with something of everything that a forger would like to touch.
struct Scene {
    /// To Anne, on her case AMR-2026-0001.
    acknowledgement: Letter,
    /// To Joost, on the same.
    relay: Letter,
    /// To Mira, on Grace's case NWK-2026-0001.
    other_relay: Letter,
    /// To Anne, about R-1 of Kees.
    approval: Letter,
    /// To Anne, about an unproven mail of hers.
    challenge: Letter,
}

async fn scene(world: &mut World) -> Scene {
    let (acknowledgement, relay) = opened(world).await;
    let (_, other_relay) = opened_by_grace(world).await;
    let mail = world.mail_from("kees").subject("Account").text("Graag een account.");
    world.receive(mail).await.is("held");
    let approval = world.letter_to("anne").await;
    approval.is("approval-request");
    let mail = world.mail_from("anne").subject("Wachtwoord").text("Graag het wachtwoord.").unproven();
    world.receive(mail).await.is("challenged");
    let challenge = world.letter_to("anne").await;
    challenge.is("challenge");
    world.rest().await;
    Scene { acknowledgement, relay, other_relay, approval, challenge }
}

/// All that no forged mail may change: cases, who takes part, ledgers, and what became of every mail before.
async fn grip(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut state = world.state().await;
    state.remove("letters");
    state
}

/// A forged mail ends so (outcome and cause), changes nothing, writes to nobody but these (`alarm to mira`), is kept
/// to the byte, and a person of the desk can release it after a look.
async fn harmless(world: &mut World, name: &str, mail: Mail, expected: &str, letters: &[&str]) {
    world.pass(25);
    let mail = mail.at(world.now);
    let before = grip(world).await;
    let received = world.receive(mail.clone()).await;
    let kept = received.kept.clone().unwrap_or_else(|| panic!("{name}: not kept"));
    let ended = format!("{} {}", received.outcome, kept.cause.as_deref().unwrap_or("-"));
    assert_eq!(ended, expected, "{name}: {kept:#?}");
    assert_eq!(received.case, None, "{name}: {kept:#?}");
    assert_eq!(world.rest().await, letters, "{name}");
    let mut after = grip(world).await;
    let mails = after.get_mut("messages").unwrap();
    let recorded = mails.len();
    mails.retain(|line| !line.contains(&kept.fingerprint));
    assert_eq!(mails.len(), recorded - 1, "{name}: one record of it");
    assert_eq!(before, after, "{name}: it changed something");
    assert!(world.kept_bytes(&kept).await == mail.to_bytes(), "{name}: its bytes are lost");
    if received.outcome != "noted" && received.outcome != "own" {
        assert!(world.would_release(&kept).await.is_some(), "{name}: nobody can release it");
    }
}

/// As [`harmless`] for somebody whom nothing ties to the desk: they read just what a plain stranger reads.
async fn is_a_stranger(world: &mut World, name: &str, mail: Mail, who: &str) {
    let local = who.split('@').next().unwrap();
    let at = world.now;
    harmless(world, name, mail.clone(), "quarantined unknown-sender", &[&format!("refusal to {local}")]).await;
    let forger = world.all_letters().await.pop().unwrap();
    let behind = world.now;
    world.now = at;
    let plain = mail.words_in(world.mail_from(&format!("{local}@plain.example")));
    harmless(world, name, plain, "quarantined unknown-sender", &[&format!("refusal to {local}")]).await;
    let stranger = world.all_letters().await.pop().unwrap();
    assert_eq!(forger.whole(), stranger.whole(), "{name}");
    assert_eq!(forger.header_names(), stranger.header_names(), "{name}");
    assert_eq!(forger.files(), stranger.files(), "{name}");
    world.now = behind;
}
