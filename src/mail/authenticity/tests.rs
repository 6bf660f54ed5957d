use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::canon::Canon;
use super::*;

/// The mail and keys of RFC 8463 appendix A.
const RFC_8463: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
    d=football.example.com; i=@football.example.com;\r\n \
    q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n \
    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n \
    b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n\
    From: Joe SixPack <joe@football.example.com>\r\n\
    To: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\n\
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n\
    Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

const BRISBANE: (&str, Option<&str>) = (
    "brisbane._domainkey.football.example.com",
    Some("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
);

fn now() -> Timestamp {
    "2026-04-21T08:00:00Z".parse().unwrap()
}

async fn verified(raw: &str, dns: &Dns) -> Vec<DkimSignature> {
    examine(raw.as_bytes(), &Trust::default(), dns, now()).await.signatures
}

#[tokio::test]
async fn the_example_of_the_standard_passes() {
    let found = verified(RFC_8463, &Dns::table([BRISBANE])).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].result, SignatureResult::Pass);
    assert_eq!((found[0].domain.as_str(), found[0].selector.as_str()), ("football.example.com", "brisbane"));
    assert_eq!(found[0].recipients, [Address::new("suzie@shopping.example.net").unwrap()]);
    assert_eq!((found[0].uncovered.len(), found[0].has_length), (0, false));
    // As it lies in a Maildir.
    let found = verified(&RFC_8463.replace("\r\n", "\n"), &Dns::table([BRISBANE])).await;
    assert_eq!(found[0].result, SignatureResult::Pass);
}

/// Signs a mail with a key of the test's own.
fn sign(tags: &str, names: &str, mail: &str) -> (String, String) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let cut = RawMail::read(mail.as_bytes());
    let (header_canon, body_canon) = Canon::read(Some("relaxed/relaxed")).unwrap();
    let length = tags.split("l=").nth(1).and_then(|l| l.split(';').next()).and_then(|l| l.parse().ok());
    let hash = canon::body_hash(body_canon, cut.body, length).unwrap();
    let hash = data_encoding::BASE64.encode(&hash);
    let own = format!(
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=client.nl; s=s1; {tags}h={names}; bh={hash}; b="
    );
    let mut signed = Vec::new();
    for field in cut.select(&names.split(':').map(str::to_owned).collect::<Vec<_>>()) {
        canon::write_field(header_canon, field.bytes, &mut signed);
    }
    canon::write_field(header_canon, own.as_bytes(), &mut signed);
    signed.truncate(signed.len() - 2);
    let digest = ring::digest::digest(&ring::digest::SHA256, &signed);
    let signature = data_encoding::BASE64.encode(pair.sign(digest.as_ref()).as_ref());
    let key = format!("v=DKIM1; k=ed25519; p={}", data_encoding::BASE64.encode(pair.public_key().as_ref()));
    (format!("{own}{signature}\r\n{mail}"), key)
}

const MAIL: &str = "From: Ann <ann@client.nl>\r\nTo: support@desk.nl\r\nSubject: Help\r\nDate: Tue, 21 Apr 2026 10:00:00 +0200\r\n\
     Message-ID: <1@client.nl>\r\n\r\nPlease help.\r\n";

async fn check(tags: &str, names: &str, change: (&str, &str), key: Option<Option<&str>>, expected: &str) {
    let (mail, record) = sign(tags, names, MAIL);
    assert!(mail.contains(change.0), "{change:?}");
    let mail = mail.replacen(change.0, change.1, 1);
    let dns = match key {
        None => Dns::table([("s1._domainkey.client.nl", Some(record.as_str()))]),
        Some(text) => Dns::table([("s1._domainkey.client.nl", text)]),
    };
    let message = crate::mail::parse::parse(mail.as_bytes(), &Trust::default(), now(), now());
    let is_ours = |address: &Address| address.as_str() == "support@desk.nl";
    let deadline = Instant::now() + PATIENCE;
    let said = match prove_by_signature(mail.as_bytes(), &message, &is_ours, &dns, deadline).await {
        SenderProof::Proven { by } => format!("proven {by}"),
        SenderProof::Unproven { why } => format!("unproven {why}"),
        SenderProof::Contradicted { by } => format!("contradicted {by}"),
        SenderProof::UnknownForNow { why } => format!("unknown {why}"),
    };
    assert!(said.contains(expected), "{tags} {names} {change:?}: {said}");
}

const ALL: &str = "from:to:cc:subject:date:message-id";

#[tokio::test]
async fn a_mail_proves_its_sender() {
    check("", ALL, ("", ""), None, "proven dkim signature of client.nl (s1)").await;
    check("", "from:to:subject", ("", ""), None, "proven").await;
    // What servers change on the way.
    check("", ALL, ("Subject: Help", "SUBJECT:  Help "), None, "proven").await;
    check("", ALL, ("Please help.\r\n", "Please help.  \r\n\r\n \r\n"), None, "proven").await;
    check("", ALL, ("From: Ann", "Received: by mx\r\nFrom: Ann"), None, "proven").await;
    check("x=1900000000; ", ALL, ("", ""), None, "proven").await;
}

#[tokio::test]
async fn a_changed_or_careless_mail_proves_nothing() {
    check("", ALL, ("Please help", "Please pay"), None, "unproven no receiving host").await;
    check("", ALL, ("Please help", "Please pay"), None, "body was changed").await;
    check("", ALL, ("Subject: Help", "Subject: Pay"), None, "header was changed").await;
    check("", ALL, ("ann@client.nl", "eve@client.nl"), None, "header was changed").await;
    check("", ALL, ("From: Ann", "To: eve@x.nl\r\nFrom: Ann"), None, "more of to than it signs").await;
    check("", ALL, ("From: Ann", "Subject: Pay\r\nFrom: Ann"), None, "more of subject than it signs").await;
    check("", "from:to:subject", ("From: Ann", "Cc: eve@x.nl\r\nFrom: Ann"), None, "more of cc than it signs").await;
    check("", ALL, ("From: Ann", "From: Eve <eve@client.nl>\r\nFrom: Ann"), None, "unproven From does not name").await;
    check("l=14; ", ALL, ("Please help.\r\n", "Please help.\r\nAnd pay.\r\n"), None, "(l=)").await;
    check("", "from:to:date", ("", ""), None, "does not sign subject").await;
    check("", "from:subject", ("", ""), None, "does not sign to").await;
    check("x=1500000000; ", ALL, ("", ""), None, "expired").await;
    check("", ALL, ("d=client.nl", "d=elsewhere.nl"), None, "another domain").await;
    check("", ALL, ("a=ed25519-sha256", "a=rsa-sha256"), None, "another kind").await;
    check("", ALL, ("v=1", "v=1; v=1"), None, "unproven").await;
}

#[tokio::test]
async fn a_key_decides() {
    let key = "k=ed25519; p=7UkoxijR0Nxq6LgaR4QhzuZWz+YmlkMgtm2Tz0b7Q7g=";
    check("", ALL, ("", ""), Some(Some("v=DKIM1; p=")), "withdrawn").await;
    check("", ALL, ("", ""), Some(Some("v=spf1 -all")), "another version").await;
    check("", ALL, ("", ""), Some(Some(key)), "not of this key").await;
    check("", ALL, ("s=s1", "s=s2"), None, "no key of that name").await;
    check("", ALL, ("", ""), Some(None), "unknown no receiving host").await;
    let (_, record) = sign("", ALL, MAIL);
    check("", ALL, ("", ""), Some(Some(&record.replace("DKIM1;", "DKIM1; t=y;"))), "(t=y)").await;
    check("i=@mail.client.nl; ", ALL, ("", ""), Some(Some(&record)), "proven").await;
    check("i=@mail.client.nl; ", ALL, ("", ""), Some(Some(&record.replace("DKIM1;", "DKIM1; t=s;"))), "forbids").await;
}

#[tokio::test]
async fn nobody_is_asked_where_the_receiving_hosts_have_spoken() {
    let (mail, _) = sign("", ALL, MAIL);
    let mut message = crate::mail::parse::parse(mail.as_bytes(), &Trust::default(), now(), now());
    message.proof = SenderProof::Contradicted { by: "dmarc=fail".into() };
    let dns = Dns::table([]);
    let deadline = Instant::now() + PATIENCE;
    let said = prove_by_signature(mail.as_bytes(), &message, &|_| true, &dns, deadline).await;
    assert_eq!(said, message.proof);
}

#[tokio::test]
async fn an_old_mail_is_looked_at_as_of_its_time() {
    let (mail, record) = sign("x=1776800000; ", ALL, MAIL);
    let dns = Dns::table([("s1._domainkey.client.nl", Some(record.as_str()))]);
    let later = "2027-01-01T00:00:00Z".parse().unwrap();
    let of_its_time = examine(mail.as_bytes(), &Trust::default(), &dns, later).await;
    assert_eq!(of_its_time.signatures[0].result, SignatureResult::Pass);
}

#[tokio::test]
async fn no_bytes_break_the_examination() {
    let odd = [
        "",
        "\r\n",
        ":",
        "DKIM-Signature:",
        "DKIM-Signature: ;;;=;b",
        "ARC-Seal: i=1",
        "DKIM-Signature: v=1; b",
        "\n\n\n",
        "DKIM-Signature: v=1; a=rsa-sha256; d=x.nl; s=s; h=from; bh=aGk=; b=aGk=; l=18446744073709551615",
    ];
    for raw in odd {
        examine(raw.as_bytes(), &Trust::default(), &Dns::table([]), now()).await;
        examine(&[raw.as_bytes(), &[0xff, 0, 0xfe]].concat(), &Trust::default(), &Dns::Off, now()).await;
    }
}
