//! `casepost template`, and what a desk's own templates and logo do to the other commands.

use std::os::unix::fs::PermissionsExt as _;

use super::{CONFIG, DIRECTORY, House, mail};

/// A PNG of one dot.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

fn own(house: &House, file: &str, text: &str) {
    let path = house.path().join("own").join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    house.write("casepost.toml", &CONFIG.replace("code = \"LIN\"", "code = \"LIN\"\ntemplates = \"own\""));
}

#[test]
fn a_broken_template_of_the_desk_is_refused_before_anything_begins() {
    let house = House::furnished();
    own(&house, "nl/acknowledgement.txt.hbs", "Beste {{to_name}},\n{{#if is_reader}}u{{/if}}\n");
    let place = ["own/nl/acknowledgement.txt.hbs, line 2, column 1", "there is no variable \"is_reader\""];
    house.refused(&["run", "--once"], &place);
    house.refused(&["import", "desk.toml", "--dry-run"], &place);
    house.refused(&["template", "check"], &place);
    house.refused(&["template", "check", "--folder", "own"], &place);
    let said = house.run(&["check"]);
    assert!(said.code == 1 && said.out.contains("FAIL letters of LIN") && said.out.contains(place[0]), "{}", said.out);

    own(&house, "nl/acknowledgement.txt.hbs", "Dag {{to_name}}\n");
    own(&house, "nl/aknowledgement.txt.hbs", "Dag\n");
    house.refused(&["run", "--once"], &["own/nl/aknowledgement.txt.hbs", "did you mean acknowledgement.txt.hbs?"]);
    std::fs::remove_file(house.path().join("own/nl/aknowledgement.txt.hbs")).unwrap();
    house.write("the mail/new/1.a.host", &mail("one", "pass"));
    house.ok(&["run", "--once"]);
    let shown = house.json(&["outbox", "list", "--json"]).to_string();
    assert!(shown.contains("acknowledgement"), "{shown}");
    assert!(house.ok(&["template", "preview", "acknowledgement"]).ends_with("\nDag Anneke de Vries\n"));
    let list = house.ok(&["template", "list"]);
    assert!(list.lines().any(|l| l.contains("acknowledgement ") && l.contains("nl/acknowledgement.txt.hbs")), "{list}");
}

#[test]
fn a_language_is_begun_and_used_once_it_is_whole() {
    let house = House::new();
    let german = DIRECTORY.replacen("language = \"nl\"", "language = \"de\"", 1);
    house.write("desk.toml", &german);
    let why = ["no letters are written in the language \"de\"", "there are en, nl", "casepost template begin de"];
    house.refused(&["import", "desk.toml", "--reason", "x"], &why);
    house.refused(&["template", "begin", "de"], &["there is no folder for them"]);
    house.refused(&["template", "begin", "nl", "--folder", "own"], &["letters in \"nl\" are built in"]);

    assert!(house.ok(&["template", "begin", "de", "--folder", "own"]).contains("Translate them"));
    own(&house, "de/refusal.txt.hbs", "Guten Tag,\n\n{{> de/foot}}\n");
    assert!(house.ok(&["template", "check"]).contains(" letters in de, en, nl: "));
    assert!(house.ok(&["template", "preview", "refusal", "--language", "de"]).contains("\nGuten Tag,\n"));
    house.ok(&["import", "desk.toml", "--reason", "x"]);

    std::fs::remove_file(house.path().join("own/de/relay.html.hbs")).unwrap();
    house.refused(&["template", "check"], &["own/de: the language \"de\" lacks 1 of ", "relay.html.hbs"]);
    std::fs::remove_dir_all(house.path().join("own/de")).unwrap();
    house.refused(&["run", "--once"], &["no letters are written in the language \"de\""]);
}

#[test]
fn a_letter_is_looked_at_as_a_client_gets_it() {
    let house = House::furnished();
    let said = house.ok(&["template", "preview", "acknowledgement", "--client", "AMR"]);
    for words in
        ["Subject: [LIN AMR-2026-0042]", "Beste Anne Bakker,", "Amersfoorts Museum", "support@lindeboom.example"]
    {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    let shown = house.json(&["template", "show", "acknowledgement", "--json"]);
    let variables = shown["variables"].as_array().unwrap();
    let due = variables.iter().find(|variable| variable["name"] == "response_due").unwrap();
    assert_eq!(due["meaning"], "First response is promised before this moment; none for best effort.");
    assert_eq!(due["example"], "dinsdag 28 april vóór 12:00");
    house.ok(&["template", "preview", "relay", "--minimal", "--format", "html", "--out", "relay.html"]);
    assert!(std::fs::read_to_string(house.path().join("relay.html")).unwrap().starts_with("<!DOCTYPE html>"));
    // What shows a file on this machine gets the page of the letter.
    let shows = house.path().join("xdg-open");
    std::fs::write(&shows, "#!/bin/sh\ncp \"$1\" shown.html\n").unwrap();
    std::fs::set_permissions(&shows, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = house.command(&["template", "preview", "acknowledgement", "--client", "AMR", "--open"]);
    let search = format!("{}:{}", house.path().display(), std::env::var("PATH").unwrap());
    assert!(command.env("PATH", search).status().unwrap().success());
    let shown = std::fs::read_to_string(house.path().join("shown.html")).unwrap();
    assert!(shown.starts_with("<!DOCTYPE html>") && shown.contains("Amersfoorts Museum"), "{shown}");
    house.refused(&["template", "preview", "alarm", "--format", "html"], &["alarm has no page"]);
    house.refused(&["template", "show", "relais"], &["there is no letter \"relais\": did you mean relay?"]);
    house.refused(&["template", "preview", "relay", "--client", "AMX"], &["there is no client AMX"]);
}

#[test]
fn the_logo_goes_along_and_is_no_file_of_the_mail_that_quotes_it() {
    let house = House::furnished();
    let bytes = data_encoding::BASE64.decode(LOGO.as_bytes()).unwrap();
    std::fs::write(house.path().join("logo.png"), bytes).unwrap();
    house.write("casepost.toml", &CONFIG.replace("code = \"LIN\"", "code = \"LIN\"\nlogo = \"logo.png\""));
    let quoting = mail("one", "pass")
        .replace("text/plain; charset=utf-8\r\n\r\n", "multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n");
    let file = |name: &str, content: &str| {
        format!(
            "--b\r\nContent-Type: image/png; name={name}\r\nContent-Disposition: attachment; filename={name}\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{content}\r\n"
        )
    };
    let files = format!("{}{}--b--\r\n", file("image001.png", LOGO), file("shot.png", "iVBORw0KGgo="));
    house.write("the mail/new/1.a.host", &format!("{quoting}{files}"));
    house.ok(&["run", "--once"]);
    let letters = std::fs::read_dir(house.path().join("letters")).unwrap().flatten();
    let letters: Vec<String> = letters
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "eml"))
        .filter_map(|file| std::fs::read_to_string(file.path()).ok())
        .collect();
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert!(
            letter.contains("\r\nContent-ID: <logo-") && letter.contains("inline; filename=\"logo.png\""),
            "{letter}"
        );
        assert!(!letter.contains("image001.png"), "{letter}");
    }
    assert_eq!(letters.iter().filter(|letter| letter.contains("shot.png")).count(), 1);
    let mail = house.ok(&["template", "preview", "answer", "--format", "eml"]);
    assert!(mail.contains("Content-ID: <logo-"), "{mail}");
    let page = house.ok(&["template", "preview", "answer", "--format", "html"]);
    assert!(page.contains("src=\"data:image/png;base64,"), "{page}");

    house.write("logo.png", "<svg/>");
    house.refused(&["run", "--once"], &["logo.png: the logo is no PNG, JPEG or GIF"]);
}
