//! The world around the desk: the writers' mail programs, which answer the letters in the outbox, and the receiving
//! host, which judges the sender and puts the mail into the Maildir.

use std::path::Path;

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::play::{Answered, Judged, Scripted};
use crate::domain::message::Message;
use crate::mail::parse::{Trust, parse};

/// The host that receives the desk's mail.
pub const RECEIVING_HOST: &str = "mx.lindeboom.example";

/// A letter of casepost that lies in the outbox folder.
struct Lying {
    raw: String,
    message: Message,
}

/// Puts the mail into the Maildir, with the time of its receipt; false when it lies there already. `at` gives the
/// moment for a time of the script.
///
/// # Errors
/// A folder that can't be written, or a letter to be answered that casepost has not written.
pub fn deliver(
    scripted: &Scripted,
    at: impl Fn(&str) -> anyhow::Result<Timestamp>,
    zone: &TimeZone,
    maildir: &Path,
    outbox: &Path,
) -> anyhow::Result<bool> {
    let name = file_name(scripted);
    let new = maildir.join("new").join(&name);
    if lies(scripted, maildir) {
        return Ok(false);
    }
    let received_at = at(scripted.received)?;
    let sent_at = at(scripted.sent.unwrap_or(scripted.received))? - jiff::SignedDuration::from_secs(4);
    let mail = write(scripted, sent_at, zone, outbox)?;
    let whole = format!("{}{mail}", trace(scripted, &mail, received_at, zone)?);
    let draft = maildir.join("tmp").join(&name);
    std::fs::write(&draft, whole.replace('\n', "\r\n")).with_context(|| format!("writing {}", draft.display()))?;
    std::fs::File::options().write(true).open(&draft)?.set_modified(received_at.try_into()?)?;
    std::fs::rename(&draft, &new)?;
    Ok(true)
}

/// Whether the mail was delivered, read or not.
#[must_use]
pub fn lies(scripted: &Scripted, maildir: &Path) -> bool {
    maildir.join("new").join(file_name(scripted)).exists() || is_read(scripted, maildir)
}

/// Whether casepost has read the mail.
#[must_use]
pub fn is_read(scripted: &Scripted, maildir: &Path) -> bool {
    maildir.join("cur").join(format!("{}:2,S", file_name(scripted))).exists()
}

fn file_name(scripted: &Scripted) -> String {
    format!("{}.{RECEIVING_HOST}", scripted.name)
}

/// The mail as the writer's program sends it.
fn write(scripted: &Scripted, sent_at: Timestamp, zone: &TimeZone, outbox: &Path) -> anyhow::Result<String> {
    let mut text = scripted.text.replace("@DATE@", &date(sent_at, zone)?);
    if let Some(answered) = &scripted.answers {
        let letter = find(answered, outbox)?;
        for (place, words) in places(&letter, zone)? {
            text = text.replace(place, &words);
        }
    }
    Ok(text)
}

/// What an answering program takes over from the letter.
fn places(letter: &Lying, zone: &TimeZone) -> anyhow::Result<Vec<(&'static str, String)>> {
    let message = &letter.message;
    let id = message.message_id.as_ref().context("a letter without Message-ID")?;
    let from = message.sender().context("a letter without sender")?;
    let to = message.to.first().context("a letter without recipient")?;
    let reply_to = message.reply_to.first().unwrap_or(from);
    let references: Vec<String> = message.references.iter().chain([id]).map(|id| format!("<{id}>")).collect();
    let sent_at = message.date.unwrap_or(message.received_at).to_zoned_datetime(zone.clone());
    let quote: Vec<String> = message.text.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    let (headers, _) = letter.raw.split_once("\r\n\r\n").context("a letter without text")?;
    let tag = message.subject.find(']').map_or("", |end| &message.subject[..=end]);
    Ok(vec![
        ("@REPLY-TO@", reply_to.address.to_string()),
        ("@RECIPIENT@", to.address.to_string()),
        ("@MESSAGE-ID@", id.to_string()),
        ("@REFERENCES@", references.join("\n ")),
        ("@LETTER-SUBJECT@", message.subject.clone()),
        ("@CASE-TAG@", tag.to_owned()),
        ("@SUBJECT@", encoded(&format!("Re: {}", message.subject))),
        ("@FROM@", from.display().to_owned()),
        ("@SENT@", sent_at.strftime("%d-%m-%Y %H:%M").to_string()),
        ("@QUOTE@", quote.join("\n")),
        ("@HEADERS@", headers.replace("\r\n", "\n")),
    ])
}

/// The first letter in the outbox folder that fits.
fn find(wanted: &Answered, outbox: &Path) -> anyhow::Result<Lying> {
    let mut paths: Vec<_> = std::fs::read_dir(outbox)?.collect::<Result<Vec<_>, _>>()?;
    paths.sort_by_key(std::fs::DirEntry::file_name);
    let kind = format!("-{}.eml", wanted.notice);
    for path in paths.iter().filter(|entry| entry.file_name().to_string_lossy().ends_with(&kind)) {
        let raw = std::fs::read(path.path())?;
        let message = parse(&raw, &Trust::default(), Timestamp::MAX, Timestamp::MAX);
        let is_to = message.to.iter().any(|to| to.address.as_str() == wanted.recipient);
        if is_to && message.subject.contains(wanted.subject) {
            return Ok(Lying { raw: String::from_utf8_lossy(&raw).into_owned(), message });
        }
    }
    Err(anyhow!("casepost wrote no {} about \"{}\" to {}", wanted.notice, wanted.subject, wanted.recipient))
}

/// What the receiving host writes above the mail (RFC 5321 section 4.4, RFC 8601).
fn trace(scripted: &Scripted, mail: &str, received_at: Timestamp, zone: &TimeZone) -> anyhow::Result<String> {
    let header = |name: &str| mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let sender = address(header("From:"));
    let domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain);
    let to = address(header("To:"));
    let delivered_to = scripted.delivered_to.unwrap_or(to);
    let (host, results) = match scripted.judged {
        Judged::Forged => (
            "vps3391.cheaphost.example",
            format!("dkim=none;\n\tspf=fail smtp.mailfrom={domain};\n\tdmarc=fail (p=reject) header.from={domain}"),
        ),
        Judged::Passed | Judged::ByServer => (
            domain,
            format!(
                "dkim=pass (2048-bit key) header.d={domain} header.s=mail;\n\tspf=pass smtp.mailfrom={domain};\n\t\
                 dmarc=pass (p=quarantine) header.from={domain}"
            ),
        ),
    };
    let reverse_path = if scripted.judged == Judged::ByServer { "" } else { sender };
    Ok(format!(
        "Return-Path: <{reverse_path}>\nDelivered-To: {delivered_to}\n\
         Authentication-Results: {RECEIVING_HOST};\n\t{results}\n\
         Received: from {host} ({host} [192.0.2.25])\n\tby {RECEIVING_HOST} (Postfix) with ESMTPS id {:X}\n\t\
         for <{delivered_to}>; {}\n",
        received_at.as_second(),
        date(received_at, zone)?
    ))
}

/// The address in a header of one mailbox.
fn address(value: &str) -> &str {
    let value = value.trim();
    value.rsplit_once('<').map_or(value, |(_, rest)| rest.trim_end_matches('>'))
}

fn date(at: Timestamp, zone: &TimeZone) -> anyhow::Result<String> {
    Ok(jiff::fmt::rfc2822::to_string(&at.to_zoned_datetime(zone.clone()))?)
}

/// A header's text as encoded words (RFC 2047), where it is not plain ASCII.
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        // 42 bytes make 56 signs, within the 75 of RFC 2047 section 2.
        if words.last().is_none_or(|word| word.len() + c.len_utf8() > 42) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let encode = |word: &String| format!("=?UTF-8?B?{}?=", data_encoding::BASE64.encode(word.as_bytes()));
    words.iter().map(encode).collect::<Vec<_>>().join("\n ")
}
