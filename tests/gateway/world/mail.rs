//! Mails as programs of other people write them.

use jiff::Timestamp;

use super::Letter;
use super::signature::Signature;

/// Name and address of everybody who writes in dialogues; an address stands for itself.
pub fn address_of(who: &str) -> (&str, String) {
    let (name, address) = match who {
        "anne" => ("Anne Bakker", "anne.bakker@amersfoortsmuseum.example"),
        "piet" => ("Piet Smit", "piet.smit@amersfoortsmuseum.example"),
        "els" => ("Els Visser", "els.visser@amersfoortsmuseum.example"),
        "kees" => ("Kees Groen", "kees.groen@amersfoortsmuseum.example"),
        "grace" => ("Grace Hall", "grace.hall@northwick.example"),
        "tom" => ("Tom Reed", "tom.reed@northwick.example"),
        "joost" => ("Joost de Wit", "joost@dewit-web.example"),
        "mira" => ("Mira Jansen", "mira@jansen-ict.example"),
        "sanne" => ("Sanne Vos", "sanne@vos-web.example"),
        "hostwell" => ("Hostwell Support", "support@hostwell.example"),
        "monitor" => ("Uptime", "monitor@uptime.example"),
        "stranger" => ("Sam Lee", "sam@elsewhere.example"),
        address if address.contains('@') => ("", address),
        other => panic!("nobody knows {other}"),
    };
    (name, address.to_owned())
}

/// What the desk's receiving host says about the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pass,
    None,
    Nothing,
    Reject,
    TemporaryError,
}

/// A mail before it is sent. It is proven until the test says otherwise.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Whether it lies in the junk folder.
    pub is_junk: bool,
    number: u32,
    from: String,
    sender: String,
    to: Vec<String>,
    cc: Vec<String>,
    subject: String,
    message_id: Option<String>,
    in_reply_to: Option<String>,
    references: Vec<String>,
    text: String,
    quote: String,
    further: Vec<String>,
    top: Vec<String>,
    body: Option<String>,
    verdict: Verdict,
    return_path: Option<String>,
    signature: Option<Signature>,
    changes: Vec<(String, String)>,
    at: Timestamp,
}

impl Mail {
    pub(super) fn new(number: u32, (name, address): (&str, String), at: Timestamp) -> Self {
        let domain = address.rsplit('@').next().unwrap_or_default().to_owned();
        let local = address.split('@').next().unwrap_or_default().to_owned();
        Self {
            is_junk: false,
            number,
            from: if name.is_empty() { address.clone() } else { format!("{name} <{address}>") },
            return_path: Some(address.clone()),
            sender: address,
            to: vec!["support@lindeboom.example".into()],
            cc: Vec::new(),
            subject: "Vraag".into(),
            message_id: Some(format!("m{number}.{local}@{domain}")),
            in_reply_to: None,
            references: Vec::new(),
            text: "Goedemorgen,\n\nKunnen jullie even kijken?\n".into(),
            quote: String::new(),
            further: Vec::new(),
            top: Vec::new(),
            body: None,
            verdict: Verdict::Pass,
            signature: None,
            changes: Vec::new(),
            at,
        }
    }

    pub(super) fn answering(mut self, letter: &Letter) -> Self {
        self.to = vec![letter.reply_to()];
        let subject = &letter.stored.subject;
        self.subject = if subject.starts_with("Re: ") { subject.clone() } else { format!("Re: {subject}") };
        self.in_reply_to = Some(letter.message_id());
        self.references = letter.references();
        self.references.push(letter.message_id());
        let quoted: Vec<String> = letter.text().lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
        self.quote = format!("\n\nOp di 21 apr 2026 om 10:00 schreef {}:\n{}\n", letter.reply_to(), quoted.join("\n"));
        self
    }

    pub(super) fn bounce(number: u32, letter: &Letter, recipient: &str, at: Timestamp) -> Self {
        let head: Vec<&str> = letter.raw().split("\r\n\r\n").take(1).collect();
        let body = format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
             --b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n\n\
             --b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.amersfoortsmuseum.example\n\n\
             Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n\
             --b\nContent-Type: text/rfc822-headers\n\n{}\n\n--b--\n",
            head[0].replace("\r\n", "\n")
        );
        let server = ("Mail Delivery System", "mailer-daemon@mx.elsewhere.example".to_owned());
        Self {
            subject: "Undelivered Mail Returned to Sender".into(),
            body: Some(body),
            return_path: None,
            to: vec![letter.stored.reverse_path.clone().unwrap_or_default()],
            verdict: Verdict::Nothing,
            ..Self::new(number, server, at)
        }
    }

    /// Nothing proves who sent it: the sender's domain publishes nothing.
    pub fn unproven(mut self) -> Self {
        self.verdict = Verdict::None;
        self
    }

    /// The receiving host did not look at who sent it.
    pub fn unjudged(mut self) -> Self {
        self.verdict = Verdict::Nothing;
        self
    }

    /// The owner of the From domain disowns it.
    pub fn disowned(mut self) -> Self {
        self.verdict = Verdict::Reject;
        self
    }

    /// DNS did not answer.
    pub fn undecided(mut self) -> Self {
        self.verdict = Verdict::TemporaryError;
        self
    }

    /// As above, said out loud.
    pub fn proven(mut self) -> Self {
        self.verdict = Verdict::Pass;
        self
    }

    /// Signed by the server of the sender's domain, and not judged by the receiving host.
    pub fn signed(self) -> Self {
        let domain = self.sender.rsplit('@').next().unwrap_or_default().to_owned();
        let names = "from:to:cc:subject:date:message-id".to_owned();
        Self { signature: Some(Signature { domain, names, tags: String::new() }), ..self.unjudged() }
    }

    /// Signed by the server of this domain.
    pub fn signed_by(self, domain: &str) -> Self {
        let mut mail = self.signed();
        mail.signature.as_mut().unwrap().domain = domain.into();
        mail
    }

    /// Signed, but only these fields.
    pub fn signing(mut self, names: &str) -> Self {
        self.signature.as_mut().unwrap().names = names.into();
        self
    }

    /// With further tags in the signature, such as `x=1; `.
    pub fn signature_tags(mut self, tags: &str) -> Self {
        self.signature.as_mut().unwrap().tags = tags.into();
        self
    }

    /// Somebody on the way changes it, after it was signed.
    pub fn changed(mut self, from: &str, to: &str) -> Self {
        self.changes.push((from.into(), to.into()));
        self
    }

    /// In the junk folder.
    pub fn in_junk(mut self) -> Self {
        self.is_junk = true;
        self
    }

    /// The subject, as it stands in the header.
    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = subject.into();
        self
    }

    /// The newly written text.
    pub fn text(mut self, text: &str) -> Self {
        self.text = text.into();
        self
    }

    /// Without what a mail program quotes of the answered letter.
    pub fn without_quote(mut self) -> Self {
        self.quote.clear();
        self
    }

    /// The From header whole.
    pub fn written_by(mut self, from: &str) -> Self {
        self.from = from.into();
        self
    }

    /// Somebody else writes it, in the same thread.
    pub fn by(mut self, who: &str) -> Self {
        let other = Self::new(self.number, address_of(who), self.at);
        (self.from, self.sender, self.return_path) = (other.from, other.sender, other.return_path);
        self.message_id = other.message_id;
        self
    }

    /// To these addresses instead.
    pub fn to(mut self, to: &[&str]) -> Self {
        self.to = to.iter().map(|to| (*to).to_owned()).collect();
        self
    }

    /// These addresses too.
    pub fn cc(mut self, cc: &[&str]) -> Self {
        self.cc = cc.iter().map(|to| (*to).to_owned()).collect();
        self
    }

    /// A header of its own, below those of the receiving host.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.further.push(format!("{name}: {value}"));
        self
    }

    /// Without the headers that [`Mail::header`] gave it, and not in the junk folder.
    pub fn without_headers(mut self) -> Self {
        self.further.clear();
        self.is_junk = false;
        self
    }

    /// A header above those of the receiving host, as only its own later hosts can write.
    pub fn top_header(mut self, name: &str, value: &str) -> Self {
        self.top.push(format!("{name}: {value}"));
        self
    }

    /// In-Reply-To; empty takes it away.
    pub fn in_reply_to(mut self, id: &str) -> Self {
        self.in_reply_to = (!id.is_empty()).then(|| id.to_owned());
        self
    }

    /// References.
    pub fn references(mut self, ids: &[&str]) -> Self {
        self.references = ids.iter().map(|id| (*id).to_owned()).collect();
        self
    }

    /// The Message-ID.
    pub fn message_id(mut self, id: &str) -> Self {
        self.message_id = Some(id.to_owned());
        self
    }

    /// Its Message-ID, for answers to it.
    pub fn id(&self) -> String {
        self.message_id.clone().unwrap_or_default()
    }

    /// The body whole, with its own Content-Type and further MIME headers before an empty line.
    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.into());
        self
    }

    /// An automatic answer.
    pub fn automatic(self) -> Self {
        self.header("Auto-Submitted", "auto-replied")
    }

    /// Sent at this moment.
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    /// Its subject and new text in this mail of somebody else.
    pub fn words_in(&self, other: Self) -> Self {
        other.subject(&self.subject).text(&self.text)
    }

    /// The bytes as they lie in the mailbox.
    pub fn to_bytes(&self) -> Vec<u8> {
        let date = jiff::fmt::rfc2822::to_string(&self.at.in_tz("UTC").unwrap()).unwrap();
        let domain = self.sender.rsplit('@').next().unwrap_or_default();
        let mut lines = vec![format!("Return-Path: <{}>", self.return_path.as_deref().unwrap_or_default())];
        lines.extend(self.top.iter().cloned());
        lines.push(format!(
            "Received: from mail.{domain} (mail.{domain} [192.0.2.7])\n\
             \tby mx.lindeboom.example (Postfix) with ESMTPS id {:08X}; {date}",
            self.number
        ));
        let judged = match self.verdict {
            Verdict::Pass => Some(format!("dmarc=pass header.from={domain}")),
            Verdict::None => Some("spf=none; dkim=none; dmarc=none".to_owned()),
            Verdict::Nothing => None,
            Verdict::Reject => Some(format!("dmarc=fail (p=REJECT) header.from={domain}")),
            Verdict::TemporaryError => Some(format!("dmarc=temperror header.from={domain}")),
        };
        lines.extend(judged.map(|judged| format!("Authentication-Results: mx.lindeboom.example; {judged}")));
        let by_us = lines.len();
        lines.push(format!("From: {}", self.from));
        lines.push(format!("To: {}", self.to.join(", ")));
        if !self.cc.is_empty() {
            lines.push(format!("Cc: {}", self.cc.join(", ")));
        }
        lines.push(format!("Subject: {}", self.subject));
        lines.push(format!("Date: {date}"));
        lines.extend(self.message_id.as_ref().map(|id| format!("Message-ID: <{id}>")));
        lines.extend(self.in_reply_to.as_ref().map(|id| format!("In-Reply-To: <{id}>")));
        if !self.references.is_empty() {
            let ids: Vec<String> = self.references.iter().map(|id| format!("<{id}>")).collect();
            lines.push(format!("References: {}", ids.join("\n ")));
        }
        lines.push("MIME-Version: 1.0".into());
        lines.extend(self.further.iter().cloned());
        match &self.body {
            Some(body) => lines.push(body.clone()),
            None => lines.push(format!(
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{}{}",
                self.text, self.quote
            )),
        }
        let by_sender = lines.split_off(by_us).join("\n").replace('\n', "\r\n");
        if let Some(signature) = &self.signature {
            let (header, body) = by_sender.split_once("\r\n\r\n").unwrap();
            lines.push(signature.field(header, body));
        }
        lines.push(by_sender);
        let mut text = lines.join("\n").replace("\r\n", "\n").replace('\n', "\r\n");
        for (from, to) in &self.changes {
            assert!(text.contains(from.as_str()), "{from:?} is not in the mail");
            text = text.replacen(from.as_str(), to, 1);
        }
        text.into_bytes()
    }
}
