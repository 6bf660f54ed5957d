//! What a sender writes into headers never becomes a header of ours, nor a word that we believe.

use crate::dialogue;

dialogue!(a_line_break_in_a_subject_or_a_name_ends_no_header, |world| {
    let nasty = "=?utf-8?q?Hallo=0D=0ABcc:_sam@elsewhere.example=0D=0A?= x";
    let mail = world.mail_from("anne").subject(nasty);
    let mail = mail.written_by("=?utf-8?q?Anne=0D=0ABcc=3A_sam?= <anne.bakker@amersfoortsmuseum.example>");
    world.receive(mail).await.is("opened");
    let relay = world.letter_to("joost").await;
    let mail = world.reply_to(&relay).text("Antwoord.");
    let mail = mail.written_by("=?utf-8?q?Joost=0ABcc=3A_sam?= <joost@dewit-web.example>");
    world.receive(mail).await.is("joined");
    world.rest().await;
    for letter in world.all_letters().await {
        assert_eq!(letter.header("Bcc"), "", "{}", letter.raw());
        let names = letter.header_names();
        let known = [
            "From",
            "Date",
            "Message-ID",
            "Subject",
            "To",
            "Cc",
            "Reply-To",
            "In-Reply-To",
            "References",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
            "X-Casepost-Id",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        assert!(names.iter().all(|name| known.contains(&name.as_str())), "{names:?}");
    }
});

dialogue!(our_own_control_headers_from_outside_are_not_believed, |world| {
    super::opened(&mut world).await;
    let letter = world.all_letters().await.remove(0);
    for (name, value) in [
        ("X-Casepost-Id", "forged.mark@lindeboom.example"),
        ("x-casepost-id", &format!("{}x", letter.header("X-Casepost-Id"))),
        ("X-Casepost-Case", "AMR-2026-0001"),
        ("X-Casepost-Verified", "yes"),
        ("X-Casepost-Role", "expert"),
    ] {
        let mail = world.mail_from("stranger").header(name, value).text("#tijd 2u");
        world.receive(mail).await.is("quarantined").because("unknown-sender").on_no_case();
        let mail = world.mail_from("anne").header(name, value).unproven();
        world.receive(mail).await.is("challenged");
    }
    // Within an attached mail our mark says nothing about the mail around it.
    let mail = world.mail_from("anne").body(&format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n\nZie bijlage.\n\n--b\n\
         Content-Type: message/rfc822\n\nX-Casepost-Id: {}\nFrom: a@b.example\n\nx\n--b--\n",
        letter.header("X-Casepost-Id")
    ));
    world.receive(mail).await.is("opened").on("AMR-2026-0002");
    world.rest().await;
});

dialogue!(words_of_templates_and_of_html_stay_words, |world| {
    let mail = world.mail_from("anne").subject("{{#each cases}} <script>alert(1)</script>");
    let mail = mail.written_by("\"<img src=x onerror=alert(1)>\" <anne.bakker@amersfoortsmuseum.example>");
    world.receive(mail.text("{{case.number}} <b onclick=alert(1)>vet</b> <scr<script>ipt>")).await.is("opened");
    let relay = world.letter_to("joost").await;
    relay.says("{{case.number}} <b onclick=alert(1)>vet</b>");
    for letter in world.all_letters().await {
        let html = letter.html();
        assert!(!html.contains("<script") && !html.contains("<img src=x") && !html.contains("<b onclick"), "{html}");
    }
    world.rest().await;
});

dialogue!(odd_local_parts_are_only_addresses, |world| {
    world.is_received_twice = false;
    for local in ["a$(id)", "100%", "a_b", "o'brien", "a`b`", "a;drop"] {
        let mail = world.mail_from(&format!("{local}@amersfoortsmuseum.example"));
        let got = world.receive(mail).await;
        assert!(["held", "quarantined"].contains(&got.outcome.as_str()), "{local}: {got:?}");
    }
    world.rest().await;
});
