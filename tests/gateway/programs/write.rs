//! Twelve mail programs: how each writes lines, lists and pictures, quotes the letter it answers, and encodes it all.

use std::fmt::Write as _;

use super::bodies::{Block, Body};
use crate::world::Letter;

/// The mail programs.
pub const PROGRAMS: [Program; 12] = [
    Program::OutlookDesktop,
    Program::OutlookWeb,
    Program::OutlookPhone,
    Program::AppleMail,
    Program::IosMail,
    Program::GmailWeb,
    Program::GmailApp,
    Program::Thunderbird,
    Program::K9,
    Program::Roundcube,
    Program::Proton,
    Program::Samsung,
];

/// A mail program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    OutlookDesktop,
    OutlookWeb,
    OutlookPhone,
    AppleMail,
    IosMail,
    GmailWeb,
    GmailApp,
    Thunderbird,
    K9,
    Roundcube,
    Proton,
    Samsung,
}

use Program as P;

/// The Content-ID of the pasted picture, and of the one in the writer's signature or the quote.
pub const PICTURE: &str = "shot.1@pasted.example";
pub const LOGO: &str = "logo.1@signature.example";

/// Who answers whom, and when.
pub struct Answer<'a> {
    pub letter: &'a Letter,
    pub body: &'a Body,
    pub language: &'a str,
    pub expert: &'a str,
    /// Whether the mail has no text part, as servers leave it out.
    pub is_html_alone: bool,
}

impl Program {
    /// Whether a line `-- ` stands above the writer's signature.
    pub fn has_delimiter(self) -> bool {
        matches!(self, P::GmailWeb | P::GmailApp | P::Thunderbird | P::K9 | P::Roundcube)
    }

    /// Whether the program marks the writer's signature in any way.
    pub fn marks_signature(self) -> bool {
        self != P::AppleMail
    }

    /// The mail from Content-Type on.
    pub fn mail(self, answer: &Answer<'_>) -> String {
        let (text, html) = (self.text(answer), self.html(answer));
        let flowed = matches!(self, P::AppleMail | P::Thunderbird | P::Roundcube);
        let (charset, parameters) = match self {
            P::OutlookDesktop => ("windows-1252", ""),
            _ if flowed => ("utf-8", "; format=flowed"),
            _ => ("utf-8", ""),
        };
        let encoding = match self {
            P::OutlookWeb | P::OutlookPhone | P::Proton | P::Samsung => "base64",
            P::K9 | P::Thunderbird => "8bit",
            _ => "quoted-printable",
        };
        let part = |kind: &str, more: &str, text: &str| {
            let text = encoded(text, charset, encoding);
            format!(
                "Content-Type: {kind}; charset=\"{charset}\"{more}\nContent-Transfer-Encoding: {encoding}\n\n{text}\n"
            )
        };
        let text = if answer.is_html_alone { None } else { Some(part("text/plain", parameters, &text)) };
        let html = part("text/html", "", &html);
        let Some(text) = text else {
            return html;
        };
        let has_picture = answer.body.blocks.iter().any(|block| matches!(block, Block::Picture));
        if !has_picture {
            return format!(
                "Content-Type: multipart/alternative; boundary=\"alt\"\n\n--alt\n{text}\n--alt\n{html}\n--alt--\n"
            );
        }
        let picture = |id: &str, name: &str| {
            format!(
                "Content-Type: image/png; name=\"{name}\"\nContent-Disposition: inline; filename=\"{name}\"\n\
                 Content-ID: <{id}>\nContent-Transfer-Encoding: base64\n\n{PNG}\n"
            )
        };
        let (shot, logo) = (picture(PICTURE, "image001.png"), picture(LOGO, "image002.png"));
        match self {
            // Gmail and Outlook put the alternative into the related part, others the other way round.
            P::GmailWeb | P::GmailApp | P::OutlookDesktop | P::OutlookWeb | P::OutlookPhone => format!(
                "Content-Type: multipart/related; boundary=\"rel\"\n\n--rel\n\
                 Content-Type: multipart/alternative; boundary=\"alt\"\n\n--alt\n{text}\n--alt\n{html}\n--alt--\n\n\
                 --rel\n{shot}\n--rel\n{logo}\n--rel--\n"
            ),
            _ => format!(
                "Content-Type: multipart/alternative; boundary=\"alt\"\n\n--alt\n{text}\n--alt\n\
                 Content-Type: multipart/related; boundary=\"rel\"\n\n--rel\n{html}\n--rel\n{shot}\n--rel\n{logo}\n--rel--\n\
                 --alt--\n"
            ),
        }
    }

    fn attribution(self, answer: &Answer<'_>) -> String {
        let address = answer.letter.reply_to();
        let from = format!("Lindeboom Support <{address}>");
        match (self, answer.language) {
            (P::AppleMail, "nl") => format!("Op 21 apr 2026, om 10:00 heeft {from} het volgende geschreven:"),
            (P::AppleMail, _) => format!("On 21 Apr 2026, at 10:00, {from} wrote:"),
            (P::IosMail, "nl") => format!("Op 21 apr 2026 om 10:00 heeft {from} het volgende geschreven:"),
            (P::IosMail, _) => format!("On 21 Apr 2026, at 10:00, {from} wrote:"),
            (P::Thunderbird, "nl") => "Op 21-04-2026 om 10:00 schreef Lindeboom Support:".into(),
            (P::Thunderbird, _) => "On 21/04/2026 10:00, Lindeboom Support wrote:".into(),
            (P::K9, "nl") => format!("Op 21 april 2026 10:00:00 CEST schreef {from}:"),
            (P::K9, _) => format!("On 21 April 2026 10:00:00 CEST, {from} wrote:"),
            (P::Roundcube, "nl") => "Lindeboom Support schreef op 2026-04-21 10:00:".into(),
            (P::Roundcube, _) => "On 2026-04-21 10:00, Lindeboom Support wrote:".into(),
            (P::Proton, "nl") => format!("Op dinsdag 21 april 2026 om 10:00, {from} schreef:"),
            (P::Proton, _) => format!("On Tuesday, April 21st, 2026 at 10:00, {from} wrote:"),
            (_, "nl") => format!("Op di 21 apr 2026 om 10:00 schreef {from}:"),
            _ => format!("On Tue, 21 Apr 2026 at 10:00, {from} wrote:"),
        }
    }

    /// The header of the answered letter, where programs write one: names and values.
    fn header(self, answer: &Answer<'_>) -> Vec<(&'static str, String)> {
        let subject = answer.letter.stored.subject.clone();
        let from = format!("Lindeboom Support <{}>", answer.letter.reply_to());
        let to = answer.expert.to_owned();
        match (self, answer.language) {
            (P::Samsung, "nl") => vec![
                ("Van", from),
                ("Datum", "21-04-2026  10:00  (GMT+01:00)".into()),
                ("Aan", to),
                ("Onderwerp", subject),
            ],
            (P::Samsung, _) => vec![
                ("From", from),
                ("Date", "21/04/2026  10:00  (GMT+01:00)".into()),
                ("To", to),
                ("Subject", subject),
            ],
            (_, "nl") => vec![
                ("Van", from),
                ("Verzonden", "dinsdag 21 april 2026 10:00".into()),
                ("Aan", to),
                ("Onderwerp", subject),
            ],
            _ => vec![
                ("From", from),
                ("Sent", "Tuesday, April 21, 2026 10:00 AM".into()),
                ("To", to),
                ("Subject", subject),
            ],
        }
    }

    fn footer(self, language: &str) -> Option<&'static str> {
        match (self, language) {
            (P::IosMail, "nl") => Some("Verstuurd vanaf mijn iPhone"),
            (P::IosMail, _) => Some("Sent from my iPhone"),
            (P::Samsung, "nl") => Some("Verzonden vanaf mijn Galaxy"),
            (P::Samsung, _) => Some("Sent from my Galaxy"),
            (P::OutlookPhone, "nl") => Some("Outlook voor iOS downloaden"),
            (P::OutlookPhone, _) => Some("Get Outlook for iOS"),
            _ => None,
        }
    }

    /// The line that the program puts below, unless the writer put a signature of their own in its place.
    fn own_line(self, answer: &Answer<'_>) -> Option<&'static str> {
        self.footer(answer.language).filter(|_| !answer.body.is_signed)
    }

    fn signature(self, answer: &Answer<'_>) -> Vec<String> {
        let tag = if answer.language == "nl" { "#tijd 50m" } else { "#time 50m" };
        let mut lines = vec![answer.expert.to_owned(), "06 12345678".to_owned()];
        if self.has_delimiter() {
            lines.insert(0, "-- ".into());
        }
        // A tag below any other signature is asked about.
        if self.has_delimiter() || answer.body.has_tag_below {
            lines.push(tag.into());
        }
        lines
    }

    fn text(self, answer: &Answer<'_>) -> String {
        let mut text = String::new();
        for block in &answer.body.blocks {
            match block {
                Block::Line(line) => self.wrapped(&self.plain(line), &mut text),
                Block::Gap => text.push('\n'),
                Block::List(items) => {
                    for item in items {
                        let mark = match self {
                            P::OutlookDesktop | P::OutlookWeb | P::OutlookPhone => "  *   ",
                            P::GmailWeb | P::GmailApp => "   - ",
                            P::AppleMail | P::IosMail => "• ",
                            P::Thunderbird | P::Roundcube => " * ",
                            _ => "- ",
                        };
                        self.wrapped(&format!("{mark}{}", self.plain(item)), &mut text);
                    }
                }
                Block::Picture => text.push_str(match self {
                    P::GmailWeb | P::GmailApp => "[image: image001.png]\n",
                    P::OutlookDesktop | P::OutlookWeb | P::OutlookPhone => "[cid:shot.1@pasted.example]\n",
                    P::Proton => "[image001.png]\n",
                    _ => "\n",
                }),
                Block::Table(rows) => {
                    for row in rows {
                        let gap = if matches!(self, P::Proton | P::Samsung | P::K9) { "\n" } else { "\t" };
                        let _ = writeln!(text, "{}{gap}{}", row[0], row[1]);
                    }
                }
            }
        }
        if answer.body.is_signed {
            text.push_str(&format!("\n{}\n", self.signature(answer).join("\n")));
        }
        if let Some(footer) = self.own_line(answer) {
            let link = if self == P::OutlookPhone { "<https://aka.ms/o0ukef>" } else { "" };
            text.push_str(&format!("\n{footer}{link}\n"));
        }
        let letter = answer.letter.text();
        match self {
            P::OutlookDesktop | P::OutlookWeb | P::OutlookPhone | P::Samsung => {
                let bar = match (self, answer.language) {
                    (P::OutlookWeb | P::OutlookPhone, _) => "________________________________\n",
                    (P::Samsung, "nl") => "-------- Oorspronkelijk bericht --------\n",
                    (P::Samsung, _) => "-------- Original message --------\n",
                    _ => "",
                };
                let header: Vec<String> =
                    self.header(answer).iter().map(|(name, value)| format!("{name}: {value}")).collect();
                text.push_str(&format!("\n{bar}{}\n\n{letter}", header.join("\n")));
            }
            _ => {
                let quoted: Vec<String> =
                    letter.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
                let attribution = self.attribution(answer);
                let attribution = match self {
                    P::AppleMail => format!("> {attribution}\n>"),
                    // Gmail wraps it within the address.
                    P::GmailWeb | P::GmailApp => attribution.replacen(" <", " <\n", 1),
                    _ => attribution,
                };
                text.push_str(&format!("\n{attribution}\n{}\n", quoted.join("\n")));
            }
        }
        if self == P::Roundcube
            && answer.body.blocks.iter().any(|block| matches!(block, Block::Line(line) if line.contains("](")))
        {
            text.push_str("\n\nLinks:\n------\n[1] https://handleiding.example/a?b=1&c=2\n");
        }
        text
    }

    /// Marks of words in a text part.
    fn plain(self, line: &str) -> String {
        let bold = match self {
            P::GmailWeb | P::GmailApp | P::Thunderbird => "*",
            P::Proton => "**",
            _ => "",
        };
        let mut plain = String::new();
        for (index, piece) in line.split("**").enumerate() {
            match index % 2 {
                1 if self == P::Roundcube => plain.push_str(&piece.to_uppercase()),
                1 => plain.push_str(&format!("{bold}{piece}{bold}")),
                _ => plain.push_str(piece),
            }
        }
        let Some((before, words, address, behind)) = link(&plain) else { return plain };
        match self {
            P::Roundcube => format!("{before}{words} [1]{behind}"),
            P::Proton => format!("{before}[{words}]({address}){behind}"),
            P::OutlookDesktop | P::OutlookWeb | P::OutlookPhone => format!("{before}{words}<{address}>{behind}"),
            P::Samsung | P::K9 => format!("{before}{words}{behind}"),
            _ => format!("{before}{words} <{address}>{behind}"),
        }
    }

    /// Lines as wide as the program writes them.
    fn wrapped(self, line: &str, text: &mut String) {
        let end = match self {
            P::GmailWeb | P::GmailApp => "\n",
            P::AppleMail | P::Thunderbird | P::Roundcube => " \n",
            _ => return text.push_str(&format!("{line}\n")),
        };
        let mut width = 0;
        for (index, word) in line.split(' ').enumerate() {
            if index > 0 && width + word.chars().count() >= 72 {
                text.push_str(end);
                width = 0;
            } else if index > 0 {
                text.push(' ');
                width += 1;
            }
            text.push_str(word);
            width += word.chars().count();
        }
        text.push('\n');
    }

    fn html(self, answer: &Answer<'_>) -> String {
        let mut html = String::new();
        let (open, close, gap) = match self {
            P::OutlookDesktop => {
                ("<p class=MsoNormal>", "<o:p></o:p></p>\n", "<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n")
            }
            P::OutlookWeb => (
                "<div class=\"elementToProof\" style=\"font-family: Aptos, Calibri; font-size: 12pt; color: rgb(0, 0, 0);\">",
                "</div>",
                "<div class=\"elementToProof\"><br></div>",
            ),
            P::OutlookPhone => (
                "<div dir=\"auto\" style=\"font-family: Aptos; color: rgb(0, 0, 0);\">",
                "</div>",
                "<div dir=\"auto\"><br></div>",
            ),
            P::GmailApp | P::Samsung => ("<div dir=\"auto\">", "</div>", "<div dir=\"auto\"><br></div>"),
            P::K9 => ("", "<br>", "<br>"),
            P::Thunderbird => ("<p>", "</p>\n    ", ""),
            P::Roundcube => ("<p>", "</p>\n", "<p>&nbsp;</p>\n"),
            P::Proton => (
                "<div style=\"font-family: Arial, sans-serif; font-size: 14px;\">",
                "</div>",
                "<div style=\"font-size: 14px;\"><br></div>",
            ),
            _ => ("<div>", "</div>", "<div><br></div>"),
        };
        for block in &answer.body.blocks {
            match block {
                Block::Line(line) => html.push_str(&format!("{open}{}{close}", marked(line))),
                Block::Gap => html.push_str(gap),
                Block::List(items) if self == P::OutlookDesktop => {
                    for item in items {
                        html.push_str(&format!(
                            "<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]>\
                             <span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt \"Times New Roman\"'>\
                             &nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>{}<o:p></o:p></p>\n", marked(item)));
                    }
                }
                Block::List(items) => {
                    let inner = if self == P::OutlookWeb {
                        ("<div role=\"presentation\" class=\"elementToProof\">", "</div>")
                    } else {
                        ("", "")
                    };
                    let items: String =
                        items.iter().map(|item| format!("<li>{}{}{}</li>\n", inner.0, marked(item), inner.1)).collect();
                    html.push_str(&format!("<ul>\n{items}</ul>\n"));
                }
                Block::Picture => html.push_str(&format!(
                    "{open}<img width=\"120\" src=\"cid:{PICTURE}\" alt=\"{}\">{close}",
                    if matches!(self, P::GmailWeb | P::GmailApp | P::Proton) { "image001.png" } else { "" }
                )),
                Block::Table(rows) => {
                    let rows: String = rows
                        .iter()
                        .map(|[a, b]| {
                            format!(
                                "<tr><td style=\"width:10pt\">{open}{a}{close}</td><td>{open}{b}{close}</td></tr>\n"
                            )
                        })
                        .collect();
                    html.push_str(&format!("<table border=1 cellspacing=0><tbody>\n{rows}</tbody></table>\n"));
                }
            }
        }
        if answer.body.is_signed {
            let lines: Vec<String> = self.signature(answer).iter().map(|line| escaped(line)).collect();
            html.push_str(&match self {
                P::OutlookDesktop => format!(
                    "<p class=MsoNormal><a name=\"_MailAutoSig\"><span>{}<o:p></o:p></span></a></p>{}",
                    lines[0],
                    lines[1..].iter().map(|line| format!("<p class=MsoNormal><span style='mso-bookmark:_MailAutoSig'>{line}</span></p>\n")).collect::<String>()
                ),
                P::OutlookWeb => format!("<div id=\"Signature\"><p><img src=\"cid:{LOGO}\"></p><p>{}</p></div>", lines.join("</p><p>")),
                P::OutlookPhone => format!("<div id=\"ms-outlook-mobile-signature\" dir=\"ltr\">{}</div>", lines.join("<br>")),
                P::Proton => format!("<div class=\"protonmail_signature_block\" style=\"font-size: 14px;\"><div class=\"protonmail_signature_block-user\"><div>{}</div></div></div>", lines.join("</div><div>")),
                P::Samsung => format!("<div id=\"composer_signature\"><div dir=\"auto\">{}</div></div>", lines.join("</div><div dir=\"auto\">")),
                P::IosMail => format!("<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">{}</div>", lines.join("<br>")),
                P::GmailWeb | P::GmailApp => format!("<div><br></div><span class=\"gmail_signature_prefix\">-- </span><br><div dir=\"ltr\" class=\"gmail_signature\">{}</div>", lines[1..].join("<br>")),
                P::Thunderbird => format!("<pre class=\"moz-signature\" cols=\"72\">{}</pre>\n", lines.join("\n")),
                P::Roundcube => format!("<div id=\"signature\">{}</div>\n", lines.join("<br />\n")),
                _ => lines.iter().map(|line| format!("{open}{line}{close}")).collect(),
            });
            html.push_str(&format!("<div><img src=\"cid:{LOGO}\"></div>"));
        }
        self.page(answer, &html)
    }

    /// The document around the new part.
    fn page(self, answer: &Answer<'_>, new: &str) -> String {
        let letter = answer.letter.html();
        let quoted = letter
            .split_once("<body")
            .and_then(|(_, rest)| rest.split_once('>'))
            .map_or(letter.as_str(), |(_, body)| body);
        let quoted = quoted.split("</body>").next().unwrap_or_default();
        let attribution = escaped(&self.attribution(answer));
        let header = |mark: (&str, &str), end: &str| -> String {
            self.header(answer)
                .iter()
                .map(|(name, value)| format!("{}{name}:{} {}{end}", mark.0, mark.1, escaped(value)))
                .collect()
        };
        let footer = self.own_line(answer).unwrap_or_default();
        match self {
            P::OutlookDesktop => format!(
                "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!--\n/* Font Definitions */\np.MsoNormal {{margin:0cm;font-size:11.0pt;}}\n--></style></head>\
                 <body lang=NL><div class=WordSection1>{new}<p class=MsoNormal><o:p>&nbsp;</o:p></p>\
                 <div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>{}<o:p></o:p></p></div></div>\
                 <p class=MsoNormal><o:p>&nbsp;</o:p></p>{quoted}</div></body></html>",
                header(("<b>", "</b>"), "<br>")
            ),
            P::OutlookWeb | P::OutlookPhone => {
                let signature = if footer.is_empty() {
                    String::new()
                } else {
                    format!(
                        "<div id=\"ms-outlook-mobile-signature\"><div><br></div><div dir=\"ltr\"><a href=\"https://aka.ms/o0ukef\">{footer}</a></div></div>"
                    )
                };
                format!(
                    "<html><head><style type=\"text/css\" style=\"display:none;\"> P {{margin-top:0;margin-bottom:0;}} </style></head><body dir=\"ltr\">{new}{signature}\
                     <div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
                     <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\">{}</font><div>&nbsp;</div></div><div>{quoted}</div></body></html>",
                    header(("<b>", "</b>"), "<br>\n")
                )
            }
            P::AppleMail => format!(
                "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body style=\"overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;\">\
                 {new}<div><br><blockquote type=\"cite\"><div>{attribution}</div><br class=\"Apple-interchange-newline\"><div>{quoted}</div></blockquote></div><br></body></html>"
            ),
            P::IosMail => format!(
                "<html><head></head><body dir=\"auto\">{new}<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">{footer}</div><div dir=\"ltr\"><br><blockquote type=\"cite\">{attribution}<br><br></blockquote></div>\
                 <blockquote type=\"cite\"><div dir=\"ltr\">{quoted}</div></blockquote></body></html>"
            ),
            P::GmailWeb | P::GmailApp => format!(
                "<div dir=\"{}\">{new}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{attribution}<br></div>\
                 <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">{quoted}</blockquote></div>",
                if self == P::GmailApp { "auto" } else { "ltr" }
            ),
            P::Thunderbird => format!(
                "<!DOCTYPE html>\n<html>\n  <head>\n    <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">\n  </head>\n  <body>\n    {new}\n    <div class=\"moz-cite-prefix\">{attribution}<br>\n    </div>\n    \
                 <blockquote type=\"cite\" cite=\"mid:x@y\">{quoted}</blockquote>\n  </body>\n</html>"
            ),
            P::K9 => format!(
                "<!DOCTYPE html><html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body><div dir=\"auto\">{new}</div><br><br><div class=\"gmail_quote\"><div dir=\"auto\">{attribution}</div>\
                 <blockquote class=\"gmail_quote\" style=\"margin: 0pt 0pt 0pt 0.8ex; border-left: 1px solid rgb(204, 204, 204); padding-left: 1ex;\">{quoted}</blockquote></div></body></html>"
            ),
            P::Roundcube => format!(
                "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" /></head><body style='font-size: 10pt; font-family: Verdana,Geneva,sans-serif'>\n{new}\
                 <p id=\"reply-intro\">{attribution}</p>\n<blockquote type=\"cite\" style=\"padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0\">\n<div id=\"replybody1\">{quoted}</div>\n</blockquote>\n</body></html>"
            ),
            P::Proton => format!(
                "{new}<div style=\"font-size: 14px;\"><br></div><div class=\"protonmail_signature_block protonmail_signature_block-empty\"></div>\
                 <div class=\"protonmail_quote\">{attribution}<br><blockquote class=\"protonmail_quote\" type=\"cite\">{quoted}</blockquote><br></div>"
            ),
            P::Samsung => format!(
                "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head><body dir=\"auto\">{new}<div dir=\"auto\"><br></div>\
                 <div id=\"composer_signature\" dir=\"auto\"><div style=\"font-size:12px;color:#575757\" dir=\"auto\">{footer}</div></div><div dir=\"auto\"><br></div>\
                 <div align=\"left\" dir=\"auto\" style=\"font-size:100%;color:#000000\"><div>{}</div>{}<div><br></div></div>{quoted}</body></html>",
                if answer.language == "nl" {
                    "-------- Oorspronkelijk bericht --------"
                } else {
                    "-------- Original message --------"
                },
                header(("<div>", ""), " </div>")
            ),
        }
    }
}

/// `before [words](address) behind`.
fn link(line: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = line.split_once('[')?;
    let (words, rest) = rest.split_once("](")?;
    let (address, behind) = rest.split_once(')')?;
    Some((before, words, address, behind))
}

/// A line as HTML.
fn marked(line: &str) -> String {
    let mut html = String::new();
    for (index, piece) in line.split("**").enumerate() {
        let piece = match link(piece) {
            Some((before, words, address, behind)) => {
                format!("{}<a href=\"{}\">{}</a>{}", escaped(before), escaped(address), escaped(words), escaped(behind))
            }
            None => escaped(piece),
        };
        html.push_str(&if index % 2 == 1 { format!("<b>{piece}</b>") } else { piece });
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\u{a0}', "&nbsp;")
}

/// The bytes of a text in a charset, written in seven bits where the encoding asks it.
fn encoded(text: &str, charset: &str, encoding: &str) -> String {
    let bytes: Vec<u8> = match charset {
        "windows-1252" => text.chars().map(windows_1252).collect(),
        _ => text.as_bytes().to_vec(),
    };
    match encoding {
        "base64" => {
            let text = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
            let base64 = data_encoding::BASE64.encode(text.as_bytes());
            base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
        }
        "quoted-printable" => quoted_printable(&bytes),
        _ => String::from_utf8(bytes).unwrap(),
    }
}

fn windows_1252(c: char) -> u8 {
    match c {
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '–' => 0x96,
        '…' => 0x85,
        '•' => 0x95,
        c if (c as u32) < 256 => c as u8,
        other => panic!("{other:?} is not in windows-1252"),
    }
}

/// RFC 2045 section 6.7.
fn quoted_printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut width = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let ends_line = bytes.get(at + 1).is_none_or(|next| *next == b'\n');
        let piece = match byte {
            b'\n' => {
                text.push('\n');
                width = 0;
                continue;
            }
            b' ' | b'\t' if ends_line => format!("={byte:02X}"),
            b'\t' | b' '..=b'<' | b'>'..=b'~' => (*byte as char).to_string(),
            _ => format!("={byte:02X}"),
        };
        if width + piece.len() > 75 {
            text.push_str("=\n");
            width = 0;
        }
        text.push_str(&piece);
        width += piece.len();
    }
    text
}

/// One grey point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mM8c+bMfwAGgAMBsGl1VAAAAABJRU5ErkJggg==";
