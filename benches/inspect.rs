//! How fast a mail is understood on one core, beside the bare parser of the library, in turns in one run.
//!
//! `cargo bench --bench inspect [-- FOLDER]`: generated mails of 9 KB, and every `.eml` below FOLDER.

#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use casepost::mail::parse::{Trust, parse};

/// How often each set is read by each; medians are told.
const ROUNDS: usize = 15;
/// Goal for mails without signatures: at most so many times the bare parser's time.
const GOAL: f64 = 2.5;

fn main() {
    println!("{:<34} {:>6} {:>12} {:>12} {:>8}", "mails", "count", "bare /s", "casepost /s", "times");
    let plain: Vec<Vec<u8>> = (0..200).map(|no| generated(no, false)).collect();
    let html: Vec<Vec<u8>> = (0..200).map(|no| generated(no, true)).collect();
    show("generated, 9 KB of text", &plain);
    show("generated, 9 KB, text and HTML", &html);
    // cargo bench adds an argument of its own.
    for folder in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let mut files = Vec::new();
        collect(Path::new(&folder), &mut files);
        let mails: Vec<Vec<u8>> = files.iter().filter_map(|file| std::fs::read(file).ok()).collect();
        show(&format!("below {folder}"), &mails);
    }
    println!("\ngoal for a mail without signatures: at most {GOAL} times");
}

fn show(name: &str, mails: &[Vec<u8>]) {
    if mails.is_empty() {
        println!("{name:<34} no mails");
        return;
    }
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Who comes first changes, so that neither always finds a warm cache.
        if round % 2 == 0 {
            bare.push(timed(mails, read_barely));
            whole.push(timed(mails, read_wholly));
        } else {
            whole.push(timed(mails, read_wholly));
            bare.push(timed(mails, read_barely));
        }
    }
    let (bare, whole) = (median(bare), median(whole));
    let rate = |time: Duration| mails.len() as f64 / time.as_secs_f64();
    let times = whole.as_secs_f64() / bare.as_secs_f64();
    println!("{name:<34} {:>6} {:>12.0} {:>12.0} {times:>8.2}", mails.len(), rate(bare), rate(whole));
}

fn timed(mails: &[Vec<u8>], read: fn(&[u8])) -> Duration {
    let begun = Instant::now();
    mails.iter().for_each(|raw| read(raw));
    begun.elapsed()
}

/// What the library alone does: the parts, and the text and HTML of the body.
fn read_barely(raw: &[u8]) {
    let parsed = mail_parser::MessageParser::default().parse(raw);
    let bodies = parsed.as_ref().map(|mail| (mail.body_text(0), mail.body_html(0)));
    black_box(&bodies);
}

fn read_wholly(raw: &[u8]) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    black_box(parse(raw, &Trust::default(), now, now));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A mail of about 9 KB: an answer with a quote and a signature, as people write.
fn generated(no: usize, has_html: bool) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "the", "calendar", "does", "not", "show", "what", "we", "entered", "on", "monday", "de", "agenda", "is", "leeg",
    ];
    let word = |place: usize| WORDS[(place * 7 + no * 3 + place / 5) % WORDS.len()];
    let paragraph = |from: usize, words: usize| (from..from + words).map(word).collect::<Vec<_>>().join(" ");
    let lines = |from: usize, count: usize, mark: &str| {
        (0..count).map(|line| format!("{mark}{}\r\n", paragraph(from + line * 11, 11))).collect::<String>()
    };
    let size = if has_html { 30 } else { 66 };
    let text = format!(
        "Dear desk,\r\n\r\n{}\r\nRegards,\r\nAnn\r\n-- \r\nAnn Bakker, client {no}\r\n\r\nOn Mon, 2 Mar 2026 at 09:00, Joost \
         <joost@desk.example> wrote:\r\n{}",
        lines(0, size, ""),
        lines(500, size, "> ")
    );
    let mut head = String::new();
    for hop in 0..4 {
        head.push_str(&format!(
            "Received: from mx{hop}.client.example (mx{hop}.client.example [192.0.2.{hop}])\r\n\tby mx.desk.example with ESMTPS id \
             {no}.{hop}; Mon, 2 Mar 2026 09:0{hop}:00 +0100\r\n"
        ));
    }
    head.push_str(&format!(
        "From: Ann Bakker <ann@client.example>\r\nTo: support@desk.example\r\nSubject: Re: [LIN AMR-2026-{no:04}] The \
         =?utf-8?q?caf=C3=A9?= calendar\r\nDate: Mon, 2 Mar 2026 09:05:00 +0100\r\nMessage-ID: <{no}.a@client.example>\r\n\
         In-Reply-To: <{no}.b@desk.example>\r\nReferences: <{no}.c@desk.example> <{no}.b@desk.example>\r\nMIME-Version: 1.0\r\n"
    ));
    if !has_html {
        return format!("{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}").into_bytes();
    }
    let html: String = text.split("\r\n").map(|line| format!("<div>{}</div>\r\n", line.replace('>', "&gt;"))).collect();
    format!(
        "{head}Content-Type: multipart/alternative; boundary=\"b{no}\"\r\n\r\n--b{no}\r\nContent-Type: text/plain; \
         charset=utf-8\r\n\r\n{text}\r\n--b{no}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{html}</body></html>\r\n\
         --b{no}--\r\n"
    )
    .into_bytes()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            files.push(path);
        }
    }
}
