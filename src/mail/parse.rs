//! From raw bytes to a [`Message`]: total, bounded, and the same for the same bytes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{HeaderName, HeaderValue, Message as Parsed, MessageParser, MimeHeaders};
use sha2::{Digest, Sha256};

use super::fields::{Fields, cut_at};
use super::trace::{self, timestamp, without_comments};
use super::{authenticity, body, bounds, parts, report, words};
use crate::domain::address::{Address, NamedAddress};
use crate::domain::message::{
    Defect, DefectKind, Fingerprint, Message, MessageId, Origin, SenderProof, is_bidi_control,
};
use crate::domain::origin::{self, HeaderFacts, classify};
use crate::domain::reply::{self, Reply};

/// The most addresses of one field.
const MAX_ADDRESSES: usize = 1_000;
/// The most ids of `References`; the newest are kept.
const MAX_REFERENCES: usize = 100;
/// The longest subject, in characters.
const MAX_SUBJECT: usize = 1_000;
/// How much of a text that could not be decoded is kept, in bytes.
const MAX_UNDECODED_BYTES: usize = 64 * 1024;
/// Times of receipt further apart than this are a defect, in seconds.
const MAX_TIME_APART: i64 = 5 * 60;

/// Which servers the desk receives its mail through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// The authserv-ids that these servers write. The empty text stands for the missing one of Exchange Online.
    pub authserv_ids: Vec<String>,
    /// The names that these servers write behind `by` in `Received`. `.hosting.nl` means every host below
    /// hosting.nl, `2002:a00::/24` every address of that network.
    pub trusted_hosts: Vec<String>,
}

impl Trust {
    /// Whether the host (small letters) is one of the trusted ones.
    #[must_use]
    pub fn is_host(&self, host: &str) -> bool {
        self.trusted_hosts.iter().map(|own| own.to_lowercase()).any(|own| {
            let is_below = own.starts_with('.') && host.len() > own.len() && host.ends_with(&own);
            !own.is_empty() && host == own || is_below || trace::is_within(host, &own)
        })
    }

    /// Whether the authserv-id (small letters) is one of the trusted ones.
    #[must_use]
    pub fn is_authserv_id(&self, id: &str) -> bool {
        self.authserv_ids.iter().any(|own| own.to_lowercase() == id)
    }
}

/// Reads a mail. `arrived_at` is what the mailbox says (IMAP INTERNALDATE, time of the file).
///
/// Never fails and never panics: of a mail that breaks the reader the header is read alone and the body kept
/// as text; whatever breaks even then keeps the raw bytes' fingerprint only. Both have a defect of kind
/// [`DefectKind::Unreadable`].
#[must_use]
pub fn parse(raw: &[u8], trust: &Trust, arrived_at: jiff::Timestamp, now: jiff::Timestamp) -> Message {
    catch_unwind(AssertUnwindSafe(|| read(raw, trust, arrived_at, now)))
        .or_else(|_| catch_unwind(AssertUnwindSafe(|| header_alone(raw, trust, arrived_at, now))))
        .unwrap_or_else(|_| unreadable(raw, arrived_at.min(now), "the reader broke on this mail"))
}

/// Reads the header of a mail and nothing else: for one whose handling has ended the process, which no library can be
/// kept from doing (a stack that overflows, memory that runs out).
#[must_use]
pub fn parse_header(raw: &[u8], trust: &Trust, arrived_at: jiff::Timestamp, now: jiff::Timestamp) -> Message {
    let header = &raw[..bounds::body_start(raw).min(MAX_UNDECODED_BYTES)];
    let why = "its handling ended the process";
    let mut message = catch_unwind(AssertUnwindSafe(|| read(header, trust, arrived_at, now)))
        .unwrap_or_else(|_| unreadable(raw, arrived_at.min(now), why));
    message.fingerprint = Fingerprint::new(Sha256::digest(raw).into());
    message.defects.push(Defect { kind: DefectKind::Unreadable, text: why.to_owned() });
    message
}

fn read(raw: &[u8], trust: &Trust, arrived_at: jiff::Timestamp, now: jiff::Timestamp) -> Message {
    let (bounded, mut defects) = bounds::bounded(raw);
    let fields = Fields::read(&bounded);
    let has_header = fields.iter().any(|(name, _)| !name.is_empty());
    let Some(parsed) = MessageParser::default().parse(bounded.as_ref()).filter(|_| has_header) else {
        let text = String::from_utf8_lossy(&raw[..raw.len().min(MAX_UNDECODED_BYTES)]).into_owned();
        return Message { reply: reply::cut(&text), text, ..unreadable(raw, arrived_at.min(now), "no header") };
    };
    let trace = trace::read(&fields, trust);
    let received_at = received_at(trace.received_at, arrived_at, now, &mut defects);

    let from = addresses(&parsed, HeaderName::From, &mut defects);
    check_from(&fields, &from, &mut defects);
    let body = body::body_of(&parsed, &mut defects);
    let attachments = parts::attachments_of(&parsed, &mut defects);
    let message_id = first_id(&id_text(&fields, "message-id"));
    let mut message = Message {
        fingerprint: fingerprint(&parsed, message_id.as_ref(), &from, &fields),
        in_reply_to: message_ids(&id_text(&fields, "in-reply-to"), MAX_REFERENCES),
        references: message_ids(&id_text(&fields, "references"), MAX_REFERENCES),
        reply_to: addresses(&parsed, HeaderName::ReplyTo, &mut defects),
        to: addresses(&parsed, HeaderName::To, &mut defects),
        cc: addresses(&parsed, HeaderName::Cc, &mut defects),
        delivered_to: delivered_to(&fields, trace.trusted_fields),
        subject: subject(&fields),
        date: parsed.date().and_then(timestamp),
        // Nobody wrote here what stands in an attachment.
        reply: match body.is_attached {
            true => Reply { quoted: body.text.clone(), ..Reply::default() },
            false => reply::cut(&body.text),
        },
        reverse_path_is_null: fields.first("return-path").is_some_and(is_null_path),
        own_marks: fields.values("x-casepost-id", 20),
        message_id,
        from,
        received_at,
        text: body.text,
        has_html: body.has_html,
        attachments,
        calendar_method: parts::calendar_method(&parsed),
        origin: Origin::Human,
        may_auto_reply: false,
        evidence: Vec::new(),
        proof: SenderProof::Unproven { why: String::new() },
        reports: Vec::new(),
        feedback: Vec::new(),
        defects,
    };
    without_people(&mut message);
    message.proof = authenticity::judge(message.sender().map(|sender| &sender.address), &fields, &trace, trust);
    let facts = facts(&message, &parsed, &fields);
    let reports = report::reports_of(&parsed, &fields, &bounded, origin::speaker(&facts));
    (message.reports, message.feedback) = (reports.deliveries, reports.feedback);
    let found = classify(&facts, &message.reports, &message.feedback);
    if !matches!(found.origin, Origin::Bounce | Origin::DelayNotice | Origin::DeliveryNotice) {
        // What a person says about deliveries is no report.
        message.reports.clear();
    }
    Message { origin: found.origin, may_auto_reply: found.may_auto_reply, evidence: found.evidence, ..message }
}

/// Reads the header of a mail whose body breaks the library; the body is its text, undecoded.
fn header_alone(raw: &[u8], trust: &Trust, arrived_at: jiff::Timestamp, now: jiff::Timestamp) -> Message {
    let (header, body) = raw.split_at(bounds::body_start(raw));
    let mut message = read(header, trust, arrived_at, now);
    let mut digest = Sha256::new();
    digest.update(message.fingerprint.as_bytes());
    digest.update(body);
    message.fingerprint = Fingerprint::new(digest.finalize().into());
    message.text = String::from_utf8_lossy(&body[..body.len().min(MAX_UNDECODED_BYTES)]).into_owned();
    message.reply = reply::cut(&message.text);
    let text = "the reader broke on the body; it is kept undecoded".to_owned();
    message.defects.push(Defect { kind: DefectKind::Unreadable, text });
    message
}

/// What is left when nothing can be read.
fn unreadable(raw: &[u8], received_at: jiff::Timestamp, why: &str) -> Message {
    Message {
        fingerprint: Fingerprint::new(Sha256::digest(raw).into()),
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        from: Vec::new(),
        reply_to: Vec::new(),
        to: Vec::new(),
        cc: Vec::new(),
        delivered_to: Vec::new(),
        subject: String::new(),
        date: None,
        received_at,
        text: String::new(),
        has_html: false,
        reply: Reply::default(),
        attachments: Vec::new(),
        calendar_method: None,
        origin: Origin::Human,
        may_auto_reply: false,
        evidence: Vec::new(),
        reverse_path_is_null: false,
        own_marks: Vec::new(),
        proof: SenderProof::Unproven { why: why.to_owned() },
        reports: Vec::new(),
        feedback: Vec::new(),
        defects: vec![Defect { kind: DefectKind::Unreadable, text: why.to_owned() }],
    }
}

/// The trusted host's time, else the mailbox's; never after `now`.
fn received_at(
    traced: Option<jiff::Timestamp>,
    arrived_at: jiff::Timestamp,
    now: jiff::Timestamp,
    defects: &mut Vec<Defect>,
) -> jiff::Timestamp {
    let received_at = traced.unwrap_or(arrived_at);
    let seconds_apart = (received_at.as_second() - arrived_at.as_second()).abs();
    if seconds_apart > MAX_TIME_APART {
        let text = format!("received at {received_at} by its trace, at {arrived_at} by the mailbox");
        defects.push(Defect { kind: DefectKind::Time, text });
    }
    if received_at > now {
        defects.push(Defect { kind: DefectKind::Time, text: format!("received in the future, at {received_at}") });
    }
    received_at.min(now)
}

/// The well-formed addresses of all fields of that name; broken ones are passed over.
fn addresses(parsed: &Parsed<'_>, name: HeaderName<'static>, defects: &mut Vec<Defect>) -> Vec<NamedAddress> {
    let label = name.as_static_str();
    let listed = parsed.header_values(name).filter_map(HeaderValue::as_address).flat_map(|list| list.iter());
    let mut all = Vec::new();
    let mut broken = 0;
    for entry in listed {
        if all.len() >= MAX_ADDRESSES {
            let text = format!("more than {MAX_ADDRESSES} addresses in {label}; the rest was left out");
            defects.push(Defect { kind: DefectKind::Limit, text });
            break;
        }
        match entry.address().map(Address::new) {
            Some(Ok(address)) => all.push(NamedAddress::new(entry.name().unwrap_or_default(), address)),
            _ => broken += 1,
        }
    }
    if broken > 0 {
        let kind = if label == "From" { DefectKind::From } else { DefectKind::Form };
        defects.push(Defect { kind, text: format!("{broken} addresses in {label} are broken") });
    }
    all
}

/// Notes whatever leaves it open who sent the mail. Two readers must agree: the library's and the strict one.
fn check_from(fields: &Fields, from: &[NamedAddress], defects: &mut Vec<Defect>) {
    let values: Vec<&str> = fields.all("from").take(2).collect();
    let fault = match (values.as_slice(), from) {
        ([], _) => "there is no From",
        ([_, _, ..], _) => "there are several From fields",
        ([_], [_, _, ..]) => "From names several senders",
        ([value], [only]) if strict_mailbox(value).as_ref() == Some(&only.address) => return,
        _ => "From is not one well-formed mailbox",
    };
    defects.push(Defect { kind: DefectKind::From, text: fault.to_owned() });
}

/// The address of a field that holds one mailbox (RFC 5322 section 3.4) and nothing that could be read as
/// another: `ann@client.nl <evil@x>` is refused, `"ann@client.nl" <evil@x>` is evil@x.
fn strict_mailbox(value: &str) -> Option<Address> {
    let plain = without_comments(value);
    let plain = plain.trim();
    let Some((phrase, rest)) = plain.split_once('<') else {
        return Address::new(plain).ok();
    };
    let address = rest.strip_suffix('>')?;
    let address = Address::new(address).ok()?;
    // QUIRK: some programs write the address itself, unquoted, where the name belongs (not allowed by RFC 5322 section
    // 3.2.5). Both readings name the same one, so nobody can be meant but them.
    let is_itself = phrase.trim().trim_matches('\'').eq_ignore_ascii_case(address.as_str());
    let is_phrase = is_itself || !phrase.contains(['@', ',', ';', ':', '>']);
    is_phrase.then_some(address)
}

/// The last of several, as the mail library and DKIM count them (RFC 6376 section 5.4.2).
fn subject(fields: &Fields) -> String {
    let raw = fields.all("subject").last().unwrap_or_default();
    let plain: String = words::decode(cut_at(raw, 16 * MAX_SUBJECT))
        .chars()
        .filter(|c| !is_bidi_control(*c))
        .take(4 * MAX_SUBJECT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_SUBJECT).collect()
}

/// What stands in the fields of that name (small letters): some programs write several `References`, and servers have
/// been seen to make encoded words of the ids in them.
fn id_text(fields: &Fields, name: &str) -> String {
    words::decode(&fields.all(name).take(10).collect::<Vec<_>>().join(" "))
}

/// QUIRK: Eudora, Lotus Notes and others (RFC 822 section 4.6.2 let them) write phrases such as `Your message of
/// Monday from Ann <ann@client.nl>` in In-Reply-To. An address of somebody in this mail is no id of another.
fn without_people(message: &mut Message) {
    let people = [&message.from, &message.to, &message.cc, &message.reply_to];
    let is_person = |id: &MessageId| {
        people.iter().flat_map(|list| list.iter()).any(|one| id.as_str().eq_ignore_ascii_case(one.address.as_str()))
    };
    let is_id: Vec<MessageId> = message.in_reply_to.iter().filter(|id| !is_person(id)).cloned().collect();
    message.in_reply_to = is_id;
}

/// The one id of `Message-ID`; some programs write it without brackets.
fn first_id(value: &str) -> Option<MessageId> {
    message_ids(value, usize::MAX).into_iter().next()
}

/// The ids between angle brackets, the last `max` of them; where there are no brackets, the words with an `@`.
pub fn message_ids(value: &str, max: usize) -> Vec<MessageId> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some((_, behind)) = rest.split_once('<') {
        let Some((inner, after)) = behind.split_once('>') else { break };
        // A folded id has blanks in it that never belonged there; a second `<` begins it anew.
        let inner = inner.rsplit('<').next().unwrap_or_default();
        if inner.bytes().all(|b| b.is_ascii_graphic()) {
            ids.extend(Some(MessageId::new(inner)).filter(|_| !inner.is_empty()));
        } else {
            let id: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
            ids.extend(Some(MessageId::new(&id)).filter(|_| !id.is_empty()));
        }
        rest = after;
    }
    if ids.is_empty() && !value.contains('<') {
        ids = value.split_whitespace().filter(|word| word.contains('@')).map(MessageId::new).collect();
    }
    let surplus = ids.len().saturating_sub(max);
    ids.split_off(surplus)
}

/// The addresses of delivery; above the border of trust where there is one.
fn delivered_to(fields: &Fields, trusted_fields: usize) -> Vec<Address> {
    const NAMES: &[&str] = &["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to"];
    let believed = if trusted_fields == 0 { usize::MAX } else { trusted_fields };
    let mut all: Vec<Address> = Vec::new();
    let values = fields.iter().take(believed).filter(|(name, _)| NAMES.contains(name)).map(|(_, value)| value);
    for text in values.take(50).flat_map(|value| cut_at(value, 4_000).split(',')) {
        if let Ok(address) = Address::new(text.trim().trim_matches(['<', '>']))
            && !all.contains(&address)
            && all.len() < 50
        {
            all.push(address);
        }
    }
    all
}

/// QUIRK: some servers write `<MAILER-DAEMON>` where the path was empty (Sendmail for local mail, Microsoft IIS).
fn is_null_path(value: &str) -> bool {
    let path = cut_at(value, 400).split_whitespace().collect::<String>().to_lowercase();
    path == "<>" || path == "<mailer-daemon>" || path.starts_with("<mailer-daemon@")
}

/// See [`Fingerprint`]. Each piece goes in with its length, so that none can run into the next.
fn fingerprint(
    parsed: &Parsed<'_>,
    message_id: Option<&MessageId>,
    from: &[NamedAddress],
    fields: &Fields,
) -> Fingerprint {
    let mut digest = Sha256::new();
    let mut add = |piece: &str| {
        digest.update((piece.len() as u64).to_be_bytes());
        digest.update(piece.as_bytes());
    };
    add("casepost fingerprint 1");
    add(message_id.map_or("", MessageId::as_str));
    for one in from {
        add(one.address.as_str());
    }
    add("");
    let date = parsed.date().and_then(timestamp).map(|at| at.to_string());
    add(date.as_deref().or_else(|| fields.first("date")).unwrap_or_default().trim());
    parts::digest_parts(parsed, &mut digest);
    Fingerprint::new(digest.finalize().into())
}

fn facts(message: &Message, parsed: &Parsed<'_>, fields: &Fields) -> HeaderFacts {
    const LISTS: &[&str] = &["list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-owner"];
    let root = parsed.parts.first();
    let content_type = root.and_then(MimeHeaders::content_type);
    let is_mark = |(name, _): &(&str, &str)| origin::MARKS.contains(name);
    HeaderFacts {
        from: message.sender().map(|sender| sender.address.clone()),
        from_text: fields.first("from").map(|value| cut_at(value, 200).to_owned()).unwrap_or_default(),
        subject: message.subject.clone(),
        auto_submitted: fields.values("auto-submitted", 10),
        // cPanel writes all three, the last by a slip of its own.
        precedence: ["precedence", "x-precedence", "preference"]
            .into_iter()
            .flat_map(|name| fields.values(name, 10))
            .collect(),
        auto_response_suppress: fields.values("x-auto-response-suppress", 10),
        autoreply_marks: fields
            .iter()
            .filter(is_mark)
            .take(10)
            .map(|(n, v)| (n.to_owned(), cut_at(v, 200).to_owned()))
            .collect(),
        list_headers: LISTS.iter().filter(|name| fields.first(name).is_some()).map(|name| (*name).to_owned()).collect(),
        reverse_path_is_null: message.reverse_path_is_null,
        media_type: root.map(parts::media_type).unwrap_or_default(),
        report_type: content_type.and_then(|kind| kind.attribute("report-type")).unwrap_or_default().to_lowercase(),
        is_calendar_reply: message.calendar_method.as_deref() == Some("REPLY"),
        has_failed_recipients: fields.first("x-failed-recipients").is_some(),
        is_list_program: fields.first("x-mlserver").is_some_and(|value| value.contains("fml")),
        answers_a_mail: !message.in_reply_to.is_empty() || !message.references.is_empty(),
    }
}

#[cfg(test)]
mod origins;
#[cfg(test)]
mod tests;
