//! The mails of a measurement, and the desk's world that they belong to. The same number and moment always give the
//! same mail.

use std::fmt::Write as _;

use jiff::Timestamp;

/// The host that receives the desk's mail and is trusted.
pub const HOST: &str = "mx.bench.example";
/// The desk's support address.
pub const SUPPORT: &str = "support@bench.example";
/// At least so many clients write, each by one coordinator.
const FEWEST_CLIENTS: usize = 40;
/// Nobody writes more than about so many mails at a time.
const MAILS_OF_A_CLIENT: usize = 50;
/// How many experts share the clients.
const EXPERTS: usize = 8;
/// Of so many mails of a client one answers the mail before it.
const REPLY_EVERY: usize = 5;
/// Of so many mails one carries a file.
const FILE_EVERY: usize = 20;
/// The smallest and the largest file, in bytes; sizes between them are spread evenly on a logarithmic scale.
const FILE_BYTES: (f64, f64) = (10_000.0, 1_000_000.0);
/// The smallest and the largest mail without its file, in bytes: 9 KB on average.
const MAIL_BYTES: (u64, u64) = (3_500, 14_500);

const WORDS: &[&str] = &[
    "the",
    "page",
    "with",
    "our",
    "opening",
    "hours",
    "shows",
    "an",
    "old",
    "price",
    "since",
    "yesterday",
    "please",
    "look",
    "at",
    "it",
    "when",
    "we",
    "save",
    "form",
    "nothing",
    "happens",
    "and",
    "visitors",
    "call",
    "us",
    "de",
    "nieuwsbrief",
    "komt",
    "niet",
    "aan",
    "bij",
    "leden",
    "zodra",
    "iemand",
    "inlogt",
    "verschijnt",
    "één",
    "foutmelding",
    "graag",
    "vóór",
    "vrijdag",
    "alvast",
    "dank",
    "server",
    "certificate",
    "calendar",
    "banner",
    "photograph",
    "agenda",
];

/// The code of a client by its place.
#[must_use]
pub fn client_code(place: usize) -> String {
    let letter = |index: usize| char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    format!("B{}{}{}", letter(place / 676), letter(place / 26), letter(place))
}

/// How many clients write so many mails.
#[must_use]
pub fn clients_for(mails: usize) -> usize {
    (mails / MAILS_OF_A_CLIENT).max(FEWEST_CLIENTS)
}

/// The directory file of a desk: clients with a coordinator each, half of them with an SLA, and the experts.
#[must_use]
pub fn directory(desk: &str, clients: usize) -> String {
    let mut text = format!("desk = \"{desk}\"\n\n[[calendar]]\nkey = \"office\"\ntime_zone = \"Europe/Amsterdam\"\n");
    text.push_str("holidays = \"nl\"\n[calendar.hours]\n");
    for day in ["mon", "tue", "wed", "thu", "fri"] {
        let _ = writeln!(text, "{day} = [\"09:00-17:00\"]");
    }
    for place in 0..EXPERTS {
        let _ = write!(
            text,
            "\n[[expert]]\nkey = \"expert-{place}\"\nname = \"Expert {place}\"\nlanguage = \"nl\"\n\
             addresses = [\"expert-{place}@bench.example\"]\n"
        );
    }
    for place in 0..clients {
        let code = client_code(place);
        let domain = format!("client-{place}.example");
        let (language, zone) = if place % 2 == 0 { ("nl", "Europe/Amsterdam") } else { ("en", "Europe/London") };
        let expert = place % EXPERTS;
        let _ = write!(
            text,
            "\n[[client]]\ncode = \"{code}\"\nname = \"Client {place}\"\ndomains = [\"{domain}\"]\n\
             language = \"{language}\"\ntime_zone = \"{zone}\"\nlead_expert = \"expert-{expert}\"\n\
             \n[[person]]\nkey = \"coordinator-{place}\"\nclient = \"{code}\"\nname = \"Coordinator {place}\"\n\
             addresses = [\"coordinator@{domain}\"]\n\
             \n[[position]]\nrole = \"coordinator\"\nclient = \"{code}\"\nholder = \"coordinator-{place}\"\n\
             from = 2020-01-01\n\
             \n[[contract]]\nclient = \"{code}\"\nstart = 2020-01-01\ncalendar = \"office\"\n"
        );
        if place % 4 < 2 {
            text.push_str(BASIC);
        } else {
            text.push_str(SLA);
        }
    }
    text
}

const BASIC: &str = "plan = \"basic\"\nrounding = \"per-entry\"\nstrip_minutes = 15\n";

const SLA: &str = r#"plan = "sla"
pause_on = ["waiting-client", "waiting-supplier"]
incidents_from = "anyone"
[contract.targets]
critical = { first_response = "1h", next_response = "2h", resolution = "8h" }
high = { first_response = "2h", next_response = "4h", resolution = "2d" }
normal = { first_response = "4h", next_response = "8h", resolution = "5d" }
low = { first_response = "8h", next_response = "2d", resolution = "20d" }
[contract.charge]
support = "included"
change = "quoted"
"#;

/// Makes the mails of one run. `run` tells runs apart, so that no mail of one is the same as one of another.
#[derive(Debug, Clone, Copy)]
pub struct Mails {
    /// Which run.
    pub run: u32,
    /// How many clients write, in turn.
    pub clients: usize,
    /// When all of them were received.
    pub at: Timestamp,
}

impl Mails {
    /// The mail of that number, from 0, with CRLF line ends.
    #[must_use]
    pub fn mail(self, no: usize) -> Vec<u8> {
        let mut chance = Chance::new(((u64::from(self.run) + 1) << 32) + no as u64);
        let answers = self.is_reply(no).then(|| no - self.clients);
        let mut mail = self.head(no, answers, &mut chance);
        let size = MAIL_BYTES.0 + chance.next() % (MAIL_BYTES.1 - MAIL_BYTES.0);
        let room = usize::try_from(size).unwrap_or(0).saturating_sub(mail.len() + 400);
        let file = (no % FILE_EVERY == FILE_EVERY / 2).then(|| chance.file());
        if file.is_some() {
            mail.push_str("Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n--outer\r\n");
        }
        body(&mut mail, room, no % 5 < 3, &mut chance);
        if let Some(file) = file {
            let _ = write!(
                mail,
                "\r\n--outer\r\nContent-Type: application/pdf; name=\"report-{no}.pdf\"\r\nContent-Transfer-Encoding: \
                 base64\r\nContent-Disposition: attachment; filename=\"report-{no}.pdf\"\r\n\r\n"
            );
            let encoded = data_encoding::BASE64.encode(&file);
            for line in encoded.as_bytes().chunks(76) {
                mail.push_str(std::str::from_utf8(line).unwrap_or_default());
                mail.push_str("\r\n");
            }
            mail.push_str("--outer--\r\n");
        }
        mail.into_bytes()
    }

    fn is_reply(self, no: usize) -> bool {
        (no / self.clients) % REPLY_EVERY == REPLY_EVERY - 1
    }

    fn id(self, no: usize) -> String {
        format!("m{no}.{}.{}@client-{}.example", self.run, self.at.as_second(), no % self.clients)
    }

    fn head(self, no: usize, answers: Option<usize>, chance: &mut Chance) -> String {
        let (id, client) = (self.id(no), no % self.clients);
        let date = self.at.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let mut subject = Chance::new(answers.unwrap_or(no) as u64).words(6);
        if answers.is_some() {
            subject.insert_str(0, "Re: ");
        }
        let subject = data_encoding::BASE64.encode(subject.as_bytes());
        let signature = data_encoding::BASE64.encode(&chance.bytes(256));
        let mut head = format!(
            "Return-Path: <coordinator@client-{client}.example>\r\n\
             Delivered-To: {SUPPORT}\r\n\
             Received: from mail.client-{client}.example (mail.client-{client}.example [192.0.2.7])\r\n\
             \tby {HOST} (Postfix) with ESMTPS id 4{no:08X}\r\n\tfor <{SUPPORT}>; {date}\r\n\
             Authentication-Results: {HOST};\r\n\tdkim=pass header.d=client-{client}.example header.s=s1;\r\n\
             \tspf=pass smtp.mailfrom=client-{client}.example;\r\n\tdmarc=pass header.from=client-{client}.example\r\n\
             Received: from desktop.client-{client}.example ([10.0.0.5])\r\n\
             \tby mail.client-{client}.example with ESMTPSA id {no:X}; {date}\r\n\
             DKIM-Signature: v=1; a=rsa-sha256; d=client-{client}.example; s=s1; c=relaxed/relaxed;\r\n\
             \th=From:To:Subject:Date:Message-ID; b={signature}\r\n\
             From: Coordinator {client} <coordinator@client-{client}.example>\r\n\
             To: Bench Support <{SUPPORT}>\r\n\
             Subject: =?UTF-8?B?{subject}?=\r\nDate: {date}\r\nMessage-ID: <{id}>\r\nMIME-Version: 1.0\r\n\
             X-Mailer: Measuring Mail 1.0\r\nThread-Index: {}\r\n",
            data_encoding::BASE64.encode(&chance.bytes(22))
        );
        if let Some(earlier) = answers {
            let earlier = self.id(earlier);
            let _ = write!(head, "In-Reply-To: <{earlier}>\r\nReferences: <{earlier}>\r\n");
        }
        head
    }
}

/// Text alone, or text with an HTML form of it such as mail programs write.
fn body(mail: &mut String, room: usize, has_html: bool, chance: &mut Chance) {
    let plain = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let lines = chance.lines(if has_html { room / 4 } else { room });
    if !has_html {
        mail.push_str(plain);
        mail.push_str(&lines.join("\r\n"));
        mail.push_str("\r\n");
        return;
    }
    mail.push_str("Content-Type: multipart/alternative; boundary=\"words\"\r\n\r\n--words\r\n");
    mail.push_str(plain);
    mail.push_str(&lines.join("\r\n"));
    mail.push_str(
        "\r\n--words\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         <html><head><style>p.MsoNormal {margin:0cm;font-size:11.0pt;font-family:\"Calibri\",sans-serif;}</style>\
         </head><body lang=\"NL\">\r\n",
    );
    let mut left = (room * 3 / 4).saturating_sub(200);
    for line in lines.iter().cycle() {
        let row = format!("<p class=\"MsoNormal\"><span style=\"color:#1F497D\">{line}</span></p>\r\n");
        if row.len() > left {
            break;
        }
        left -= row.len();
        mail.push_str(&row);
    }
    mail.push_str("</body></html>\r\n--words--\r\n");
}

/// Numbers that look like chance and are always the same (splitmix64).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }

    fn words(&mut self, count: usize) -> String {
        let places = WORDS.len() as u64;
        let words = (0..count).map(|_| usize::try_from(self.next() % places).ok().map_or("", |place| WORDS[place]));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Lines of a few words, so many bytes in all.
    fn lines(&mut self, bytes: usize) -> Vec<String> {
        let (mut lines, mut length) = (Vec::new(), 0);
        while length < bytes || lines.is_empty() {
            let line = self.words(11);
            length += line.len() + 2;
            lines.push(line);
        }
        lines
    }

    /// A file that can't be packed, as pictures and documents mostly are.
    fn file(&mut self) -> Vec<u8> {
        #[expect(clippy::cast_precision_loss, reason = "a share of one needs no more")]
        let share = (self.next() >> 32) as f64 / f64::from(u32::MAX);
        let size = FILE_BYTES.0 * (FILE_BYTES.1 / FILE_BYTES.0).powf(share);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between the two bounds")]
        let size = size as usize;
        self.bytes(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::parse_directory;
    use crate::mail::parse::{Trust, parse};

    fn mails() -> Mails {
        Mails { run: 1, clients: 40, at: "2026-03-02T09:00:00Z".parse().unwrap() }
    }

    #[test]
    fn the_world_can_be_imported() {
        assert!(
            parse_directory(&directory("BBB", 40), "bench.toml").is_ok_and(|declared| declared.warnings.is_empty())
        );
    }

    #[test]
    fn mails_are_as_large_as_told_and_proven() {
        let trust = Trust { authserv_ids: vec![HOST.into()], trusted_hosts: vec![HOST.into()] };
        let (mut plain, mut files) = (Vec::new(), 0);
        for no in 0..400 {
            let raw = mails().mail(no);
            let read = parse(&raw, &trust, mails().at, mails().at);
            assert!(read.proof.is_proven() && read.defects.is_empty(), "{no}: {:?}", read.defects);
            assert!(read.message_id.is_some() && read.may_auto_reply);
            assert_eq!(read.in_reply_to.is_empty(), !mails().is_reply(no));
            match read.attachments.as_slice() {
                [] => plain.push(raw.len()),
                files_of_mail => files += files_of_mail.len(),
            }
        }
        let average = plain.iter().sum::<usize>() / plain.len();
        assert!((8_000..10_000).contains(&average), "{average}");
        assert_eq!(files, 20);
    }

    #[test]
    fn a_mail_is_the_same_each_time_and_another_in_another_run() {
        assert_eq!(mails().mail(7), mails().mail(7));
        assert_ne!(mails().mail(7), Mails { run: 2, ..mails() }.mail(7));
    }
}
