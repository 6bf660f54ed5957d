//! Hostile bytes against the readers: every input that a fuzzer ever found, and seeded mutations of honest ones. The
//! fuzzer itself (`fuzz/`) needs the nightly toolchain; this runs wherever the tests do.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

#[path = "../../fuzz/targets.rs"]
mod targets;

/// How long each target is tried.
const LENGTH: Duration = Duration::from_secs(20);
/// No input may take longer, on the slowest machine; what hangs would hang for ever.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer inputs are left to the fuzzer: a test build is slow.
const MAX_LEN: usize = 16 * 1024;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn read(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// splitmix64: the same numbers in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

/// Pieces on which readers stumble.
const PIECES: &[&str] = &[
    "\r\n\r\n",
    "\n",
    "\r",
    "\0",
    "--",
    "-- \n",
    ">",
    "<",
    "<<",
    ">>",
    "\"",
    "\\",
    "(",
    ")",
    "((((",
    ";",
    ":",
    "=?utf-8?b?",
    "?=",
    "=?iso-8859-1?q?=E9?=",
    "=?x?q?",
    "=",
    "=\r\n",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
    "--a--\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "From: a@b.nl\r\n",
    "#time 40m\n",
    "#tijd ",
    "\n#",
    "On Mon, Ann wrote:\n",
    "Van: a@b.nl\nVerzonden: x\nAan: y\nOnderwerp: z\n",
    "\u{a0}",
    "\u{202e}",
    "\u{feff}",
    "\u{ff03}",
    "é",
    "😀",
    "\u{300}",
    "<div>",
    "<table><tr><td>",
    "</",
    "<!--",
    "&#x110000;",
    "&nbsp;",
    "dkim=pass header.d=client.example",
    "; dmarc=pass",
    "begin 644 a\n",
    "99999999999999999999",
    "-1",
    "1e9",
];

fn mutate(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(200)).min(bytes.len());
        match chance.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = PIECES[chance.below(PIECES.len())].as_bytes();
                let many = if chance.below(20) == 0 { 200 } else { 1 };
                bytes.splice(at..at, piece.repeat(many));
            }
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = chance.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                bytes.splice(at..end, other[from..].iter().copied().take(2_000));
            }
            4 if at < bytes.len() => bytes[at] = u8::try_from(chance.next() % 256).unwrap(),
            _ if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            _ => {}
        }
    }
    bytes.truncate(MAX_LEN);
    bytes
}

/// Runs the inputs on another thread, so that one that hangs or breaks is named.
fn try_all(target: &str, run: fn(&[u8]), mut next: impl FnMut() -> Option<Vec<u8>>) -> usize {
    let (give, take) = mpsc::channel::<Vec<u8>>();
    let (say, hear) = mpsc::channel::<()>();
    let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
        for input in take {
            run(&input);
            if say.send(()).is_err() {
                return;
            }
        }
    });
    let worker = worker.unwrap();
    let mut count = 0;
    while let Some(input) = next() {
        give.send(input.clone()).unwrap();
        if hear.recv_timeout(PATIENCE).is_err() {
            let place = std::env::temp_dir().join(format!("casepost-{target}-{count}"));
            std::fs::write(&place, &input).unwrap();
            panic!(
                "{target} breaks or hangs on {}: mend it and keep the input in fuzz/found/{target}",
                place.display()
            );
        }
        count += 1;
    }
    drop(give);
    worker.join().unwrap();
    count
}

fn check(target: &str, run: fn(&[u8]), seeds: &[Vec<u8>]) {
    let mut found = read(&files(&format!("fuzz/found/{target}"))).into_iter();
    try_all(target, run, || found.next());
    let mut chance = Chance(7);
    let begun = Instant::now();
    let tried = try_all(target, run, || (begun.elapsed() < LENGTH).then(|| mutate(&mut chance, seeds)));
    assert!(tried > 0);
}

fn mails() -> Vec<Vec<u8>> {
    read(&files("src/cli/demo/mails"))
}

fn texts() -> Vec<Vec<u8>> {
    let own = [
        "Hallo Joost,\n\nDat werkt niet.\n\nGroet,\nAnn\n\nOp ma 2 mrt 2026 om 09:00 schreef Joost <j@desk.example>:\n> Probeer dit.\n> \n>> Eerder\n",
        "Works now.\n\nFrom: Joost <j@desk.example>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Ann\nSubject: RE: x\n\nTry this.\n",
        "Danke!\n-- \nAnn Bauer\n\nAm 02.03.2026 um 09:00 schrieb Joost:\n> Bitte testen.\n",
        "Merci\n\nEnvoyé de mon iPhone\n\nLe 2 mars 2026 à 09:00, Joost <j@desk.example> a écrit :\n> Essayez.\n",
        "#tijd 40m op 2026-03-02 uitgezocht\n#notitie\nDat kan.\n- #opgelost\n#wacht klant tot 2026-04-01\n",
        "* #time 1h30 looked into it\n#prio high\n#kind change\n#assign joost\nText #time 20m in mid line\n> #time 3h\n",
    ];
    own.iter().map(|text| text.as_bytes().to_vec()).chain(mails()).collect()
}

#[test]
fn any_bytes_are_a_mail() {
    check("parse", targets::parse, &mails());
}

#[test]
fn no_word_is_lost_by_cutting() {
    check("reply", targets::reply, &texts());
}

#[test]
fn the_formatted_form_of_any_mail_is_harmless() {
    let pages = [
        "<p>Dag <b>Ann</b>,</p><ul><li>een<ul><li>twee</li></ul></li></ul><table><tr><td>a<td>b</table><h1>x</h1>",
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>een</p><pre>a\nb</pre>",
        "<div>a<br><i>b<u>c</i>d</u><img src='cid:x' alt='y'><a href='https://x.nl/'>z</a><blockquote>q</blockquote></div>",
    ];
    let mail = |html: &&str| {
        let head = "From: joost@desk.example\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n";
        let picture = "\n--b\nContent-Type: image/png\nContent-ID: <x>\n\nx\n--b--\n";
        format!("{head}{html}{picture}").into_bytes()
    };
    let seeds: Vec<Vec<u8>> = pages.iter().map(mail).chain(mails()).collect();
    check("page", targets::page, &seeds);
}

#[test]
fn tags_of_any_text_stay_within_their_bounds() {
    check("tags", targets::tags, &texts());
}

#[test]
fn no_header_without_a_pass_proves_anybody() {
    let own = [
        "mx.desk.example; dkim=pass header.d=client.example; spf=pass smtp.mailfrom=x@client.example; dmarc=pass header.from=client.example",
        "mx.desk.example (a; b) ; dkim=fail (bad \"sig\") header.i=@client.example; dmarc=none",
        "i=1; mx.google.com; dkim=neutral; arc=none",
        ";; dmarc = pass header . from = client.example",
    ];
    let seeds: Vec<Vec<u8>> = own.iter().map(|text| text.as_bytes().to_vec()).collect();
    check("authentication_results", targets::authentication_results, &seeds);
}
