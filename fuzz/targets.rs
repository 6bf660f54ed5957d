//! What must hold for any bytes. The fuzzer and the mutation test (tests/gateway/mutation.rs) share it.

use casepost::domain::address::Address;
use casepost::domain::authentication_results;
use casepost::domain::command::{Command, read_commands};
use casepost::domain::reply;
use casepost::mail::page;
use casepost::mail::parse::{Trust, parse as parse_mail};

/// A mail of any bytes is read to its end, the same each time, within its limits.
pub fn parse(data: &[u8]) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let trust = Trust { authserv_ids: vec!["mx.desk.example".into()], trusted_hosts: vec!["mx.desk.example".into()] };
    let message = parse_mail(data, &trust, now, now);
    assert!(message.received_at <= now);
    assert!(message.subject.chars().count() <= 1_000 && !message.subject.chars().any(char::is_control));
    assert!(message.references.len() <= 100 && message.from.len() <= 1_000);
    if let Some(sender) = message.sender() {
        assert_eq!(message.from.len(), 1);
        assert_eq!(message.from[0].address, sender.address);
    }
    assert!(message.attachments.iter().all(|file| file.bytes.len() as u64 == file.size));
    assert_eq!(parse_mail(data, &trust, now, now).fingerprint, message.fingerprint);
}

/// No word of a text is lost by cutting it.
pub fn reply(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let cut = reply::cut(&text);
    let letters = |text: &str| {
        let mut all: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(letters(&text), letters(&format!("{}\n{}\n{}", cut.fresh, cut.quoted, cut.signature)));
}

/// Tags book only what a duration may be, and what is left of the text holds no tag that counts.
pub fn tags(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let found = read_commands(&text, "");
    for command in &found.commands {
        if let Command::Time { minutes, .. } = command {
            assert!(*minutes != 0 && minutes.abs() <= 24 * 60, "{minutes}");
        }
    }
    assert!(found.faults.iter().all(|fault| (1..=text.lines().count()).contains(&fault.line)));
    assert_eq!(read_commands(&found.text, "").commands, []);
}

/// Nothing is proven by a header that says no pass.
pub fn authentication_results(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let header = authentication_results::parse(&text);
    let Ok(from) = Address::new("ann@client.example") else { return };
    let proof = authentication_results::prove(&from, &[header]);
    assert!(!proof.is_proven() || text.to_lowercase().contains("pass"), "{proof:?}");
}

/// The formatted form of any mail holds no tag but those that letters may have, and closes what it opens.
pub fn page(data: &[u8]) {
    const TAGS: &[&str] = &[
        "p", "br", "strong", "em", "u", "s", "code", "sub", "sup", "a", "ul", "ol", "li", "table", "tr", "td", "th",
        "h3", "div", "img",
    ];
    let now = jiff::Timestamp::UNIX_EPOCH;
    let fresh = parse_mail(data, &Trust::default(), now, now).reply.fresh;
    let Some(excerpt) = page::read(data).excerpt(&fresh, &fresh) else { return };
    let mut open = Vec::new();
    for piece in excerpt.html.split('<').skip(1) {
        let (is_end, piece) = piece.strip_prefix('/').map_or((false, piece), |rest| (true, rest));
        let name = piece.split([' ', '>']).next().unwrap_or_default();
        assert!(TAGS.contains(&name), "<{piece}");
        match (name, is_end) {
            ("br" | "img", _) => {}
            (_, true) => assert_eq!(open.pop(), Some(name), "{}", excerpt.html),
            (_, false) => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?} stay open: {}", excerpt.html);
}
