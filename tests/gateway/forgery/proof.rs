//! Verdicts that prove nothing: those of others, about others, and words that only look like one.

use super::{ANNE, harmless, scene};
use crate::dialogue;

const OWN: &str = "mx.lindeboom.example";
const PASS: &str = "dmarc=pass header.from=amersfoortsmuseum.example";

dialogue!(what_our_host_did_not_find_proves_nobody, |world| {
    scene(&mut world).await;
    for (name, verdict) in [
        ("SPF alone", format!("spf=pass smtp.mailfrom={ANNE}")),
        ("SPF that half fails", "spf=softfail smtp.mailfrom=amersfoortsmuseum.example; dmarc=none".into()),
        (
            "all fails, without a policy",
            "spf=fail; dkim=fail; dmarc=fail (p=NONE) header.from=amersfoortsmuseum.example".into(),
        ),
        ("a signature of another domain", "dkim=pass header.d=elsewhere.example; dmarc=none".into()),
        ("a signature of a longer domain", "dkim=pass header.d=amersfoortsmuseum.example.elsewhere.example".into()),
        ("a signature of a registry", "dkim=pass header.d=example".into()),
        ("DMARC of another From", "dmarc=pass header.from=elsewhere.example".into()),
        ("DMARC of a look-alike", "dmarc=pass header.from=notamersfoortsmuseum.example".into()),
        ("DMARC of nobody named", "dmarc=pass".into()),
        ("pass in a comment", format!("dmarc=none ({PASS})")),
        ("pass in a nested comment", format!("spf=pass (a (b); {PASS}) smtp.mailfrom=x; dmarc=none")),
        ("pass in a reason", format!("dmarc=none reason=\"{PASS}\"")),
        ("pass in a property", format!("spf=pass smtp.mailfrom=\"x; {PASS}\"")),
        ("pass of another method", "x-dmarc=pass header.from=amersfoortsmuseum.example; xdkim=pass".into()),
        (
            "a word that begins with pass",
            "dmarc=passed header.from=amersfoortsmuseum.example; dmarc=bestguesspass".into(),
        ),
        ("ARC", "arc=pass (i=1 dmarc=pass header.from=amersfoortsmuseum.example)".into()),
        ("a name as signer", "dkim=pass header.i=amersfoortsmuseum.example@elsewhere.example".into()),
    ] {
        let mail = world.mail_from("anne").unjudged();
        let mail = mail.top_header("Authentication-Results", &format!("{OWN}; {verdict}")).text("Graag alles.");
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
    }
});

dialogue!(what_others_wrote_proves_nobody, |world| {
    scene(&mut world).await;
    let elsewhere = "from a by mx.elsewhere.example; Tue, 21 Apr 2026 08:00:00 +0000";
    let ours = "from a by mx.lindeboom.example; Tue, 21 Apr 2026 08:00:00 +0000";
    for (name, field, value) in [
        ("another server's", "Authentication-Results", format!("mx.elsewhere.example; {PASS}")),
        ("a longer name", "Authentication-Results", format!("mx.lindeboom.example.elsewhere.example; {PASS}")),
        ("a longer name in front", "Authentication-Results", format!("xmx.lindeboom.example; {PASS}")),
        ("our name in a comment", "Authentication-Results", format!("({OWN}) mx.elsewhere.example; {PASS}")),
        ("our name behind a semicolon", "Authentication-Results", format!("mx.elsewhere.example; {OWN}; {PASS}")),
        ("our name with another letter", "Authentication-Results", format!("mx.lindeb\u{43e}om.example; {PASS}")),
        ("our name folded", "Authentication-Results", format!("mx.elsewhere.example;\n\t{OWN}; {PASS}")),
        ("no name", "Authentication-Results", PASS.to_owned()),
        ("the ARC header", "ARC-Authentication-Results", format!("i=1; {OWN}; {PASS}")),
        ("the older header", "X-Authentication-Results", format!("{OWN}; {PASS}")),
        ("SPF's header", "Received-SPF", format!("pass ({OWN}) {PASS}")),
    ] {
        let mail = world.mail_from("anne").unjudged().top_header(field, &value).text("Graag alles.");
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
    }
    // The sender's own lines: our host's stand above them.
    for (name, received) in [("below another server", elsewhere), ("below a line in our host's name", ours)] {
        let mail = world.mail_from("anne").unproven().header("Received", received);
        let mail = mail.header("Authentication-Results", &format!("{OWN}; {PASS}")).text("Graag alles.");
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
    }
    for (name, body) in [
        (
            "in an attached mail",
            format!("Content-Type: message/rfc822\n\nAuthentication-Results: {OWN}; {PASS}\nFrom: {ANNE}\n\nx\n"),
        ),
        ("in the text", format!("Content-Type: text/plain\n\nAuthentication-Results: {OWN}; {PASS}\n\nGraag alles.\n")),
        (
            "in a part's header",
            format!("Content-Type: text/plain\nX-Y: z\nAuthentication-Results: {OWN}; {PASS}\n\nGraag.\n"),
        ),
    ] {
        let mail = world.mail_from("anne").unproven().body(&body);
        harmless(&mut world, name, mail, "challenged sender-unproven", &["challenge to anne.bakker"]).await;
    }
});

dialogue!(what_its_domain_disowns_is_nobody_s, |world| {
    let scene = scene(&mut world).await;
    for (name, verdict) in [
        ("reject", "dmarc=fail (p=REJECT) header.from=amersfoortsmuseum.example".to_owned()),
        ("quarantine", "dmarc=fail (p=quarantine dis=none) header.from=amersfoortsmuseum.example".into()),
        ("reject beside another pass", "dkim=pass header.d=amersfoortsmuseum.example; dmarc=fail (p=reject)".into()),
        ("reject above a forged pass", "dmarc=fail (p=reject) header.from=amersfoortsmuseum.example".into()),
    ] {
        let mail = world.reply_to(&scene.acknowledgement).unjudged();
        let mail = mail.top_header("Authentication-Results", &format!("{OWN}; {verdict}"));
        let mail = mail.header("Authentication-Results", &format!("{OWN}; {PASS}")).text("Sluit de zaak maar.");
        harmless(&mut world, name, mail, "challenged sender-contradicted", &["challenge to anne.bakker"]).await;
    }
});
