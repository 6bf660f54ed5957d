//! What a mail holds, line by line, for a person: text, quote, signature, tags, attachments, defects.

use crate::domain::command::{Command, read_commands};
use crate::domain::message::{Attachment, Message};

use super::super::output::minutes;

/// The most lines of a passage that are shown; the rest is counted.
const MAX_LINES: usize = 60;

/// All of it, ready to be printed.
pub fn lines(message: &Message) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(method) = &message.calendar_method {
        let asks = if method.is_empty() { "an invitation that does not say what it asks" } else { method.as_str() };
        all.push(format!("Calendar     {asks}"));
    }
    all.extend(message.attachments.iter().enumerate().map(|(index, file)| attachment(index + 1, file)));
    all.push(match message.defects.len() {
        0 => "Defects      none".to_owned(),
        count => format!("Defects      {count}"),
    });
    all.extend(message.defects.iter().map(|defect| format!("  {:<10} {}", kind_of(defect), defect.text)));
    all.extend(tags(&message.reply.fresh));
    all.extend(passages(message));
    all
}

fn attachment(number: usize, file: &Attachment) -> String {
    let name = if file.name.is_empty() { "(no name)" } else { file.name.as_str() };
    let digest = data_encoding::HEXLOWER.encode(&file.sha256[..6]);
    let mut facts = vec![file.media_type.clone(), format!("{} bytes", file.size), format!("sha256 {digest}…")];
    facts.extend(file.content_id.as_ref().map(|id| format!("cid {id}")));
    facts.extend(file.is_inline.then(|| "part of the text".to_owned()));
    facts.extend(file.is_from_tnef.then(|| "from winmail.dat".to_owned()));
    format!("Attachment {number} {name} ({})", facts.join(", "))
}

fn kind_of(defect: &crate::domain::message::Defect) -> String {
    serde_json::json!(defect.kind).as_str().unwrap_or_default().to_owned()
}

/// The tags as an expert's mail would have them: those that count, and those that were passed over with the reason.
fn tags(fresh: &str) -> Vec<String> {
    let found = read_commands(fresh, "");
    let told = |command: &Command| {
        let length = match command {
            Command::Time { minutes: spent, .. } | Command::Estimate(spent) => format!(" {}", minutes(*spent)),
            _ => String::new(),
        };
        let argument = command.argument().map(|argument| format!(" {argument}")).unwrap_or_default();
        format!("Tag          #{}{length}{argument}", command.tag().as_str())
    };
    let mut all: Vec<String> = found.commands.iter().map(told).collect();
    all.extend(found.faults.iter().map(|fault| format!("Passed over  {}: {}", fault.read, fault.problem.as_str())));
    if !found.faults.is_empty() && !found.commands.is_empty() {
        all.push("             with a tag passed over, none of the mail is carried out".to_owned());
    }
    if all.is_empty() {
        all.push("Tags         none".to_owned());
    }
    all
}

/// The three parts of the text, each with the line of the whole text where it begins.
fn passages(message: &Message) -> Vec<String> {
    let reply = &message.reply;
    let source = if message.has_html { "there is an HTML form" } else { "plain text" };
    let mut all = vec![format!("Text         {} lines, {source}", message.text.lines().count())];
    for (title, passage) in [
        ("What is new in it", &reply.fresh),
        ("What it quotes (hidden from the case's view, never lost)", &reply.quoted),
        ("Signature", &reply.signature),
    ] {
        let passage = passage.trim_end();
        if passage.trim().is_empty() {
            if title.starts_with("What is new") {
                all.push(format!("\n{title}\n  nothing"));
            }
            continue;
        }
        let place = line_of(&message.text, passage, title == "Signature")
            .map(|line| format!(", from line {line}"))
            .unwrap_or_default();
        all.push(format!("\n{title}{place}"));
        let count = passage.lines().count();
        all.extend(passage.lines().take(MAX_LINES).map(str::to_owned));
        if count > MAX_LINES {
            all.push(format!("… and {} lines more", count - MAX_LINES));
        }
    }
    all
}

/// The line of the text, from 1, that is the first one of the passage; a signature is looked for from the end.
fn line_of(text: &str, passage: &str, is_last: bool) -> Option<usize> {
    let first = passage.lines().map(str::trim).find(|line| !line.is_empty())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_first = |line: &&str| *line == first;
    let index = if is_last { lines.iter().rposition(is_first) } else { lines.iter().position(is_first) };
    index.map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse::{Trust, parse};

    fn check(raw: &str, expected: &[&str]) {
        let now: jiff::Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let said = lines(&parse(raw.as_bytes(), &Trust::default(), now, now)).join("\n");
        for words in expected {
            assert!(said.contains(words), "{words:?} is not in {said}");
        }
    }

    #[test]
    fn a_person_reads_what_was_found() {
        check(
            "From: bob@desk.nl\r\n\r\n#time 40m kabel\r\n#time veel\r\nKlaar.\r\n\r\nOp ma 2 nov 2026 schreef Ann <ann@client.nl>:\r\n> Stuk\r\n",
            &[
                "Tag          #time",
                "Passed over  ",
                "What is new in it, from line 1",
                "What it quotes",
                "from line 5",
                "> Stuk",
            ],
        );
        check(
            "From: bob@desk.nl\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n",
            &[
                "Attachment 1 a.pdf (application/pdf, 3 bytes, sha256 ",
                "Defects      1",
                "cut off",
                "Tags         none",
                "nothing",
            ],
        );
        check("From: bob@desk.nl\r\n\r\nDag\r\n-- \r\nBob\r\n", &["Signature, from line 2", "Defects      none"]);
    }
}
