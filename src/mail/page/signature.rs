//! The marks by which mail programs find their writer's signature again in the HTML that they send.
//!
//! Outlook on the web and on telephones, Outlook for Windows (a bookmark), Gmail, Thunderbird, Proton, Samsung, Apple on
//! telephones (a line break that announces it), K-9, Roundcube, Spark, Airmail, Zimbra, Yahoo, Fastmail. Apple Mail on a
//! Mac has none.

use html2text::{Element, Handle};

use super::format::attribute;

/// Ids and names of elements, in small letters.
const IDS: &[&str] = &[
    "signature",
    "ms-outlook-mobile-signature",
    "composer_signature",
    "applemailsignature",
    "_rc_sig",
    "messagesignaturesection",
    "_mailautosig",
];
/// Classes, in small letters.
const CLASSES: &[&str] =
    &["signature", "gmail_signature", "moz-signature", "protonmail_signature_block", "k9mail-signature", "bloop_sign"];

/// Whether the element holds a signature.
pub fn is_marked(node: &Handle) -> bool {
    let Element { attrs, .. } = &node.data else { return false };
    attrs.borrow().iter().any(|own| {
        let value = || own.value.chars().take(400).collect::<String>().to_ascii_lowercase();
        match &*own.name.local {
            "id" | "name" => IDS.contains(&original(&value())),
            "class" => value().split_whitespace().any(|class| CLASSES.contains(&original(class))),
            "style" => value().replace(['"', ' '], "").contains("mso-bookmark:_mailautosig"),
            "data-marker" => value().starts_with("__sig_"),
            _ => false,
        }
    })
}

/// Whether the element behind this one holds a signature.
pub fn announces(node: &Handle) -> bool {
    attribute(node, "id").is_some_and(|id| id == "lineBreakAtBeginningOfSignature")
}

/// A name as the program wrote it: Outlook on the web puts `x_` before those of the mail that it shows, Yahoo `ydp` and
/// a number before all.
fn original(name: &str) -> &str {
    let name = name.trim_start_matches("x_");
    let Some(rest) = name.strip_prefix("ydp") else { return name };
    rest.trim_start_matches(|c: char| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::page_of;

    /// The words of the lines that are marked, with `/` between them.
    fn check(source: &str, expected: &str) {
        let page = page_of(source, &[]).unwrap();
        let marked: Vec<&str> =
            page.lines.iter().filter(|line| line.is_signature).map(|line| line.words.as_str()).collect();
        assert_eq!(marked.join("/"), expected, "{source:?}");
    }

    #[test]
    fn marks_of_programs() {
        for source in [
            "Klaar<div id=\"Signature\"><p>Ann</p><p>06 1</p></div>",
            "Klaar<div id=\"x_Signature\"><p>Ann</p><p>06 1</p></div>",
            "Klaar<div id=\"ms-outlook-mobile-signature\" dir=\"ltr\">Ann<br>06 1</div>",
            "<p>Klaar</p><p class=MsoNormal><a name=\"_MailAutoSig\"><span>Ann<o:p></o:p></span></a></p>\
             <p class=MsoNormal><span style='mso-bookmark:_MailAutoSig'><span>06 1</span></span></p>",
            "Klaar<div class=\"gmail_signature\">Ann<br>06 1</div>",
            "Klaar<pre class=\"moz-signature\">Ann\n06 1</pre>",
            "Klaar<div class=\"protonmail_signature_block\"><div class=\"protonmail_signature_block-user\"><div>Ann</div><div>06 1</div></div></div>",
            "Klaar<div id=\"composer_signature\"><div dir=\"auto\">Ann</div><div>06 1</div></div>",
            "Klaar<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Ann<div>06 1</div></div><div>",
            "Klaar<div class='k9mail-signature'>Ann<br>06 1</div>",
            "Klaar<div data-marker=\"__SIG_POST__\">Ann<br>06 1</div>",
            "Klaar<div class=\"ydp1a2b3csignature\">Ann<br>06 1</div>",
            "Klaar<div name=\"messageSignatureSection\">Ann<br>06 1</div>",
        ] {
            check(source, "Ann/06 1");
        }
    }

    #[test]
    fn what_is_no_mark() {
        check("<p>Ann</p><p id=\"signatures\">06 1</p><p class=\"no-signature\">x</p>", "");
        check("Klaar<br id=\"lineBreakAtBeginningOfMessage\"><div>Ann</div>", "");
        check("Klaar<br id=\"lineBreakAtBeginningOfSignature\"><div>Ann</div><div>Onder</div>", "Ann");
    }
}
