//! Mails that are taken together end as they would one by one, whatever was asked of the store for all of them at once.

use casepost::desk::intake::Arrived;

use super::opened;
use crate::world::{Mail, World};

/// Mails of one set. Each of them changes what a later one finds: who writes on a case, its state, its newest letters.
async fn written(world: &mut World) -> Vec<Mail> {
    let (acknowledgement, relay) = opened(world).await;
    let first = world.mail_from("piet").subject("Nieuwsbrief");
    let first_id = first.id();
    world.receive(first).await.is("opened").on("AMR-2026-0002");
    world.rest().await;
    let fresh = world.mail_from("anne").subject("Agenda leeg");
    let fresh_id = fresh.id();
    // A booking comes last: behind it nothing holds that was asked for all.
    vec![
        fresh,
        world.mail_from("anne").in_reply_to(&fresh_id).text("Alleen die van mei."),
        world.reply_to(&acknowledgement).text("Nog iets: ook op de telefoon."),
        world.reply_to(&acknowledgement).text("Met foto, zie hieronder."),
        world.mail_from("piet").in_reply_to(&first_id).text("En de archiefpagina."),
        world.mail_from("anne").subject("Re: [LIN AMR-2026-0002] Nieuwsbrief").text("Ik lees mee."),
        world.mail_from("piet").in_reply_to(&first_id).references(&[&fresh_id]).text("Dank."),
        world.reply_to(&relay).text("Wij zoeken het uit.\n#tijd 30m\n#wacht klant"),
        world.reply_to(&acknowledgement).text("Het werkt toch nog niet."),
        world.reply_to(&relay).text("Gevonden.\n#tijd 15m\n#opgelost"),
    ]
}

fn arrived(world: &World, mails: &[Mail]) -> Vec<Arrived> {
    let arrived = |mail: &Mail| Arrived {
        arrived_at: world.now,
        raw: mail.to_bytes(),
        too_large: None,
        is_junk: false,
        is_deadly: false,
    };
    mails.iter().map(arrived).collect()
}

async fn check(mut together: World, mut singly: World) {
    let mails = written(&mut together).await;
    let set = arrived(&together, &mails);
    let outcomes: Vec<String> = together.take(&set).await.iter().map(|got| got.outcome.clone()).collect();
    assert!(outcomes.iter().filter(|outcome| *outcome == "joined").count() > 6, "{outcomes:?}");

    let mails = written(&mut singly).await;
    let set = arrived(&singly, &mails);
    for (mail, outcome) in set.iter().zip(&outcomes) {
        singly.take(std::slice::from_ref(mail)).await[0].is(outcome);
    }
    let (one, other) = (together.state().await, singly.state().await);
    for (what, lines) in &other {
        assert_eq!(one.get(what), Some(lines), "{what}");
    }
    assert_eq!(one.len(), other.len());
    let whole = |letters: Vec<crate::world::Letter>| letters.iter().map(|l| l.raw().to_owned()).collect::<Vec<_>>();
    assert_eq!(whole(together.all_letters().await), whole(singly.all_letters().await));
}

#[tokio::test]
async fn a_set_ends_as_its_mails_would_one_by_one_on_sqlite() {
    check(World::on_sqlite().await, World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_set_ends_as_its_mails_would_one_by_one_on_postgres() {
    check(World::on_postgres().await, World::on_postgres().await).await;
}
