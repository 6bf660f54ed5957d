//! From what is to be said to finished letters in the outbox.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tracing::warn;

use crate::domain::decision::{About, Carried, Outgoing};
use crate::domain::identity::{LetterCause, ReplyLocal, scrub_tokens_in_file};
use crate::domain::message::{Attachment, Message, MessageId};
use crate::domain::names::PersonKey;
use crate::domain::notice::Words;
use crate::mail::compose::{self, Draft};
use crate::mail::parse::{Trust, parse};
use crate::store::letters::StoredLetter;
use crate::store::numbers::Numbers;
use crate::store::raw::RawMails;
use crate::store::{StoreError, Tx, letters, marks, messages};

use super::answer_ways;
use super::boundary;
use super::intake::hush_mark;
use super::office::{Office, OfficeMailbox, ago};
use super::posted::Posted;
use super::stationery::Sheet;

/// Files above this size together are kept on the case and not sent along: mail servers refuse such letters.
const MOST_CARRIED: u64 = 20 * 1024 * 1024;

/// What a tag came to is told to proven experts alone, and who works through a pile of cases gets many of these: so many
/// times as many as of other automatic letters. Two programs that answer each other still end there.
const OF_EXPERTS: i64 = 10;

/// What is known of whether a letter left before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Again {
    /// What causes it came before the desk was restored, so the casepost that was lost may have sent it.
    pub may_repeat: bool,
    /// A person looks at it before it goes, because its cause was read again.
    pub is_set_aside: bool,
}

/// Makes letters within one transaction.
pub struct Posting<'a> {
    pub office: &'a Office,
    pub mailbox: &'a OfficeMailbox,
    pub raw: &'a RawMails,
    pub trust: &'a Trust,
    pub tx: &'a mut Tx,
    pub numbers: &'a mut Numbers,
    pub posted: &'a mut Posted,
    pub again: Again,
    pub now: Timestamp,
}

impl Posting<'_> {
    /// Renders, composes and enqueues each letter that may go. `cause` is the fingerprint of the mail, or what else
    /// caused them. Gives how many that were.
    pub async fn post_all(
        &mut self,
        outgoing: &[Outgoing],
        message: &Message,
        cause: &str,
    ) -> Result<usize, StoreError> {
        let mut written = 0;
        let mut ordinals: HashMap<(&str, String), u32> = HashMap::new();
        for letter in outgoing {
            let kind = letter.notice.words.kind_name();
            let recipient = letter.notice.to.person.address.as_str().to_owned();
            let ordinal = ordinals.entry((kind, recipient)).or_default();
            let this_ordinal = *ordinal;
            *ordinal += 1;
            if self.may_go(letter).await? {
                let files = self.files(letter, message).await?;
                self.post(letter, cause, this_ordinal, files).await?;
                written += 1;
            }
        }
        Ok(written)
    }

    /// The one gate for every letter that a rule wrote: once-only letters, addresses that just bounced, addresses
    /// that answer no mail, caps. What a person wrote always goes.
    async fn may_go(&mut self, letter: &Outgoing) -> Result<bool, StoreError> {
        if let Some(once) = &letter.once
            && !self.claim_once(once).await?
        {
            return Ok(false);
        }
        if letter.notice.words.is_person_words() {
            return Ok(true);
        }
        let address = &letter.notice.to.person.address;
        if is_no_reply(address.local()) {
            warn!(notice = letter.notice.words.kind_name(), "no automatic letter to a no-reply address");
            return Ok(false);
        }
        let case_no = case_no(&letter.about);
        let gate = self.gate(address.as_str(), case_no).await?;
        if gate.is_hushed {
            warn!(notice = letter.notice.words.kind_name(), "no automatic letter: the address has just bounced");
            return Ok(false);
        }
        if letter.notice.words.is_weekly() {
            return Ok(true);
        }
        let letters::Gate { to_address, on_case, .. } = gate;
        let caps = self.office.caps;
        // Anybody can cause a challenge to an address by forging it: that must not use up what its owner may get.
        let is_challenge = matches!(letter.notice.words, Words::Challenge(_));
        let share = |cap: i64| match &letter.notice.words {
            _ if is_challenge => (cap + 1) / 2,
            Words::Transcript(_) | Words::CommandDone(_) => cap.saturating_mul(OF_EXPERTS),
            _ => cap,
        };
        let per_case = if is_challenge { caps.per_case } else { share(caps.per_case) };
        // Whom a person lets go is no loop.
        let is_free = self.again.is_set_aside;
        let is_capped = !is_free && (to_address >= share(caps.per_address) || on_case >= per_case);
        if is_capped && !matches!(letter.notice.words, Words::Alarm(_)) {
            warn!(notice = letter.notice.words.kind_name(), to_address, on_case, "automatic letter capped");
            self.alarm_cap(letter).await?;
        }
        Ok(!is_capped)
    }

    async fn gate(&mut self, address: &str, case_no: Option<i64>) -> Result<letters::Gate, StoreError> {
        if let Some(known) = self.posted.gate(address, case_no) {
            return Ok(known);
        }
        let times = (ago(self.now, self.office.caps.window), self.now);
        let gate =
            letters::find_gate(self.tx, self.office.code(), address, times, case_no, &hush_mark(address)).await?;
        self.posted.note_gate(address, case_no, gate);
        Ok(gate)
    }

    async fn claim_once(&mut self, once: &crate::domain::decision::Once) -> Result<bool, StoreError> {
        let desk = self.office.code();
        match once.until {
            None => marks::claim(self.tx, desk, &once.mark, self.now).await,
            Some(until) => {
                if marks::find(self.tx, desk, &once.mark, self.now).await? {
                    return Ok(false);
                }
                marks::save(self.tx, desk, &once.mark, self.now, until).await?;
                Ok(true)
            }
        }
    }

    /// One alarm for an address that gets no more automatic letters in this window, and for others of its domain: who
    /// forges many addresses must not fill the desk's own share with alarms, or no further one would reach it.
    async fn alarm_cap(&mut self, letter: &Outgoing) -> Result<(), StoreError> {
        let address = &letter.notice.to.person.address;
        let directory = self.office.directory(self.tx).await?;
        let text = format!("{address} got as many automatic letters as one address may; the rest is not written");
        let alarms = crate::domain::decision::alarms_of_desk(
            "letters-capped",
            &text,
            &directory,
            &self.office.facts,
            Some(address.domain()),
            self.now,
        );
        for alarm in alarms {
            let is_new = match &alarm.once {
                Some(once) => self.claim_once(once).await?,
                None => true,
            };
            if is_new && alarm.notice.to.person.address != *address {
                self.post(&alarm, &format!("capped/{address}/{}", self.now.as_second()), 0, Vec::new()).await?;
            }
        }
        Ok(())
    }

    async fn files(&mut self, letter: &Outgoing, message: &Message) -> Result<Vec<compose::Attachment>, StoreError> {
        let attachments: Vec<Attachment> = match &letter.carried {
            Carried::Nothing => Vec::new(),
            Carried::Made { name, media_type, text } => return Ok(vec![made(name, media_type, text)]),
            Carried::OfThisMail => message.attachments.clone(),
            Carried::OfMail(fingerprint) => self.files_of(fingerprint).await?,
            Carried::OfMails(fingerprints) => {
                let mut all: Vec<Attachment> = Vec::new();
                for fingerprint in fingerprints {
                    all.extend(self.files_of(fingerprint).await?);
                    if all.iter().map(|file| file.size).sum::<u64>() > MOST_CARRIED {
                        break;
                    }
                }
                all
            }
        };
        let mut room = MOST_CARRIED;
        let mut files = Vec::new();
        for attachment in attachments {
            if stays_behind(&attachment, &letter.notice.words) {
                continue;
            }
            let Some(left) = room.checked_sub(attachment.size) else { continue };
            room = left;
            files.push(carried(attachment, &letter.notice.words));
        }
        Ok(files)
    }

    /// The files of an earlier mail.
    async fn files_of(&mut self, fingerprint: &str) -> Result<Vec<Attachment>, StoreError> {
        let desk = self.office.code();
        let Some(mail) = messages::find(self.tx, desk, fingerprint).await? else { return Ok(Vec::new()) };
        let raw = match self.raw.find_in(self.tx, desk, &mail.raw_digest).await {
            Ok(raw) => raw,
            // What is kept no longer can't go along.
            Err(StoreError::Gone(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(self.office.without_logo(parse(&raw, self.trust, mail.received_at, self.now)).attachments)
    }

    async fn post(
        &mut self,
        letter: &Outgoing,
        cause: &str,
        ordinal: u32,
        attachments: Vec<compose::Attachment>,
    ) -> Result<(), StoreError> {
        let office = self.office;
        let desk = &office.facts.code;
        let notice = answer_ways::fill(&letter.notice, letter.person.as_ref(), office, self.mailbox);
        let to = &notice.to.person;
        let about = about_text(&letter.about);
        // A mail that is decided again may alarm of something else than the first time.
        let of_alarm = match &notice.words {
            Words::Alarm(words) => Some(format!("{cause}/{}", words.code)),
            _ => None,
        };
        let id = office.keys.letter_id(
            &office.host,
            LetterCause {
                desk,
                about: &about,
                cause: of_alarm.as_deref().unwrap_or(cause),
                notice: notice.words.kind_name(),
                ordinal,
                recipient: to.address.as_str(),
            },
        );
        let (in_reply_to, references) = self.thread(letter).await?;
        let draft = Draft {
            from: office.from(self.mailbox, letter.writer.as_deref()),
            to: vec![to.clone()],
            cc: notice.cc.clone(),
            reply_to: self.reply_to(letter.person.as_ref(), &about),
            message_id: id.as_str().to_owned(),
            in_reply_to: in_reply_to.map(|id| id.as_str().to_owned()),
            references,
            subject: String::new(),
            date: self.now,
            auto_submitted: notice.words.auto_submitted(),
            casepost_id: office.keys.own_mark(desk, &id),
            html: None,
            text: String::new(),
            attachments,
        };
        self.enqueue(letter, &id, cause, Sheet { notice: notice.into_owned(), draft }).await
    }

    /// Answers to the letter come back to the case. The name stays the desk's, so that no mail program shows a token.
    fn reply_to(&self, person: Option<&PersonKey>, about: &str) -> Option<crate::domain::address::NamedAddress> {
        let person = person.filter(|_| !about.is_empty())?;
        let token = self.office.keys.reply_token(&self.office.facts.code, about, person);
        let address = self.mailbox.reply_to(Some(&ReplyLocal { about: about.to_owned(), token }));
        Some(crate::domain::address::NamedAddress::new(&self.office.facts.name, address))
    }

    /// In-Reply-To and References, so that the letter stands in its thread in the recipient's mail program. The
    /// case's own id comes first: providers that replace Message-IDs leave it alone.
    async fn thread(&mut self, letter: &Outgoing) -> Result<(Option<MessageId>, Vec<String>), StoreError> {
        let mut references = Vec::new();
        let mut in_reply_to = letter.in_reply_to.clone();
        if let About::Case { case_no, number } = &letter.about {
            let office = self.office;
            let root = office.keys.case_id(&office.host, &office.facts.code, number);
            references.push(root.as_str().to_owned());
            let recipient = letter.notice.to.person.address.as_str();
            let earlier = match self.posted.newest(*case_no, recipient) {
                Some(newest) => newest,
                None => letters::find_last_to(self.tx, office.code(), *case_no, recipient).await?,
            };
            if let Some(earlier) = earlier {
                references.push(earlier.clone());
                in_reply_to = in_reply_to.or_else(|| Some(MessageId::new(&earlier)));
            }
        }
        if let Some(id) = &in_reply_to
            && references.iter().all(|known| known != id.as_str())
        {
            references.push(id.as_str().to_owned());
        }
        Ok((in_reply_to, references))
    }

    async fn enqueue(
        &mut self,
        letter: &Outgoing,
        id: &MessageId,
        cause: &str,
        sheet: Sheet,
    ) -> Result<(), StoreError> {
        let office = self.office;
        let words = &letter.notice.words;
        // Refusals and challenges go out with the empty reverse path (RFC 3834 section 3.3), all else with the
        // desk's own, so that a bounce comes back to us and never to a person.
        let is_silent = matches!(words, Words::Refusal(_) | Words::Challenge(_));
        let stored = StoredLetter {
            desk: office.code().to_owned(),
            letter_no: self.numbers.draw("letter"),
            message_id: id.as_str().to_owned(),
            notice: words.kind_name().to_owned(),
            cause: letter.mended.clone().unwrap_or_else(|| cause.to_owned()),
            case_no: case_no(&letter.about),
            request_no: match &letter.about {
                About::Request(reference) => Some(i64::from(reference.0)),
                _ => None,
            },
            client: letter.client.as_ref().map(|client| client.as_str().to_owned()),
            person: letter.person.as_ref().map(|person| person.as_str().to_owned()),
            recipient: letter.notice.to.person.address.as_str().to_owned(),
            reverse_path: (!is_silent).then(|| self.mailbox.bounce_address.as_str().to_owned()),
            subject: String::new(),
            text: String::new(),
            raw_digest: String::new(),
            is_automatic: !words.is_person_words() && !words.is_weekly(),
            state: if office.holds_letters || self.again.is_set_aside { "held" } else { "queued" }.to_owned(),
            enqueued_at: self.now,
            attempt_due: self.now,
            attempts: 0,
            uncertain_at: self.again.may_repeat.then_some(self.now),
            sent_at: None,
            bounced_at: None,
            answer: None,
            set_aside_at: self.again.is_set_aside.then_some(self.now),
        };
        self.posted.note_letter(&stored.recipient, stored.case_no, &stored.message_id, stored.is_automatic);
        let (stationery, size) = (Arc::clone(&office.stationery), sheet.size());
        let writing = tokio::spawn(async move { stationery.write(sheet) });
        letters::enqueue_when_written(self.tx, stored, self.raw, size, writing).await?;
        boundary::reach("after-enqueue");
        Ok(())
    }
}

/// A file of our own. Spreadsheets take a text for UTF-8 only behind the mark U+FEFF.
fn made(name: &str, media_type: &str, text: &str) -> compose::Attachment {
    compose::Attachment {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: scrub_tokens_in_file(format!("\u{feff}{text}").into_bytes()),
        content_id: None,
        is_inline: false,
    }
}

/// Pictures of a quote or a signature that is cut off an answer.
fn stays_behind(attachment: &Attachment, words: &Words) -> bool {
    let Words::Answer(answer) = words else { return false };
    attachment.content_id.as_ref().is_some_and(|id| answer.left_behind.contains(id))
}

/// Whether the letter's page shows it; a picture that it does not show goes as a file, or nobody would see it.
fn is_shown(attachment: &Attachment, words: &Words) -> bool {
    let Words::Answer(answer) = words else { return attachment.is_inline };
    let shows = |page: &str, id: &str| page.contains(&format!("\"cid:{id}\""));
    match (&answer.page, &attachment.content_id) {
        (Some(page), Some(id)) => shows(page, id),
        _ => false,
    }
}

fn carried(attachment: Attachment, words: &Words) -> compose::Attachment {
    let is_inline = is_shown(&attachment, words);
    // A token travels in forwarded mails and saved pages too: it must not leave with them.
    let name = attachment.name.to_lowercase();
    let is_text = attachment.media_type.starts_with("text/")
        || attachment.media_type == "message/rfc822"
        || [".eml", ".txt", ".htm", ".html", ".mht"].iter().any(|end| name.ends_with(end));
    let bytes = if is_text { scrub_tokens_in_file(attachment.bytes) } else { attachment.bytes };
    compose::Attachment {
        name: attachment.name,
        media_type: attachment.media_type,
        bytes,
        content_id: attachment.content_id,
        is_inline,
    }
}

fn case_no(about: &About) -> Option<i64> {
    match about {
        About::Case { case_no, .. } => Some(*case_no),
        _ => None,
    }
}

fn about_text(about: &About) -> String {
    match about {
        About::Case { number, .. } => number.to_string(),
        About::Request(reference) => reference.to_string(),
        About::Nothing => String::new(),
    }
}

/// Addresses behind which nobody reads.
fn is_no_reply(local: &str) -> bool {
    let bare: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    ["noreply", "donotreply", "nepasrepondre", "nietbeantwoorden", "mailerdaemon", "postmaster"]
        .iter()
        .any(|word| bare.starts_with(word) || bare.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::is_no_reply;

    #[test]
    fn nobody_reads_behind_a_no_reply_address() {
        for local in ["noreply", "no-reply", "do_not_reply", "postmaster", "MAILER-DAEMON", "bounce-no-reply"] {
            assert!(is_no_reply(&local.to_lowercase()), "{local}");
        }
        assert!(!is_no_reply("norbert"));
        assert!(!is_no_reply("support"));
    }
}
