//! Which lines of a page say what a text says.

use super::*;

/// A page of lines: `> ` for quoted ones, `| ` for those of a marked signature, `IMG` for a picture.
fn page(lines: &str) -> Page {
    let line = |line: &str| {
        let (is_quoted, words) = line.strip_prefix("> ").map_or((false, line), |rest| (true, rest));
        let (is_signature, words) = words.strip_prefix("| ").map_or((false, words), |rest| (true, rest));
        let is_picture = words.contains("IMG");
        let words = words.replace("IMG", "");
        PageLine {
            told: words.clone(),
            html: format!("<b>{words}</b>"),
            words,
            pictures: if is_picture {
                vec![Picture { content_id: "pic".into(), html: "<img>".into() }]
            } else {
                vec![]
            },
            is_quoted,
            is_signature,
            ..PageLine::default()
        }
    };
    Page { lines: lines.lines().map(line).collect() }
}

/// The words that are left of a page, with `/` between lines; `-` for none.
fn check(lines: &str, fresh: &str, text: &str, expected: &str) {
    let found = page(lines).excerpt(fresh, text).map_or("-".to_owned(), |excerpt| {
        let html = excerpt.html.replace("</p>\n", "").replace(PARAGRAPH, "").replace("<br>\n", "/");
        html.replace("<b>", "").replace("</b>", "")
    });
    assert_eq!(found, expected, "{lines:?}");
}

#[test]
fn the_page_takes_the_cut_of_the_text() {
    check(
        "Dag Ann\nKlaar.\n#tijd 40m\nOp ma schreef Ann:\n> Hallo",
        "Dag Ann\nKlaar.\n#tijd 40m",
        "Dag Ann\nKlaar.",
        "Dag Ann/Klaar.",
    );
    check(
        "Dag Ann, het\nis klaar.\nJoost\n06 1",
        "Dag Ann,\nhet is *klaar*.",
        "Dag Ann,\nhet is *klaar*.",
        "Dag Ann, het/is klaar.",
    );
    check("> Wie?\nIk.\n> Waar?\nHier.", "Ik.\nHier.", "Ik.\nHier.", "Ik./Hier.");
    check("Zie hier", "Zie hier <https://x.nl/a>", "Zie hier <https://x.nl/a>", "Zie hier");
    check("Zie hier", "Zie [hier](https://x.nl/a)", "Zie [hier](https://x.nl/a)", "Zie hier");
    let numbered = "ZIE hier [1].\n\nLinks:\n------\n[1] https://x.nl/a\n";
    check("Zie hier.", numbered, numbered, "Zie hier.");
    check("> Ingesprongen", "Ingesprongen", "Ingesprongen", "Ingesprongen");
}

#[test]
fn a_wrapped_tag_is_whole_again() {
    let own = page("Dag\n#tijd 40m heel lang verhaal\nKlaar\n#opgelost\n> #tijd 5m");
    let unwrapped = |fresh: &str| own.unwrapped(fresh).replace('\n', "/");
    assert_eq!(
        unwrapped("Dag\n#tijd 40m heel\nlang verhaal\nKlaar\n\n#opgelost"),
        "Dag/#tijd 40m heel lang verhaal/Klaar//#opgelost"
    );
    assert_eq!(unwrapped("* #tijd 40m\nheel lang \nverhaal"), "* #tijd 40m heel lang  verhaal");
    assert_eq!(unwrapped("#tijd 40m\nheel andere woorden"), "#tijd 40m/heel andere woorden");
    assert_eq!(unwrapped("#tijd 40m\n\nheel"), "#tijd 40m//heel");
    assert_eq!(Page::default().unwrapped("#a\nb"), "#a\nb");
}

#[test]
fn in_doubt_there_is_no_page() {
    check("Dag Ann", "Dag Bob", "Dag Bob", "-");
    check("Dag", "Dag Ann", "Dag Ann", "-");
    check("Dag Ann en Bob", "Dag Ann", "Dag Ann", "-");
    check("", "Dag", "Dag", "-");
    check("👍", "👍", "👍", "-");
}

#[test]
fn signs_and_pictures_stay_where_they_stand_beside_new_lines() {
    check("Dag\n***\nKlaar", "Dag\n***\nKlaar", "Dag\n***\nKlaar", "Dag/***/Klaar");
    check("Klaar\n-- \nIMG\nJoost", "Klaar", "Klaar", "Klaar");
    check("Klaar\nIMG\nOp ma schreef\n> oud", "Klaar", "Klaar", "Klaar/");
    assert_eq!(page("Klaar\nOp ma schreef\n> IMG").excerpt("Klaar", "Klaar").unwrap().left_behind, ["pic"]);
    let beside_tag = page("Zie foto\n#tijd 40m IMG").excerpt("Zie foto\n#tijd 40m", "Zie foto").unwrap();
    assert!(beside_tag.html.contains("<img>") && beside_tag.left_behind.is_empty(), "{beside_tag:?}");
    assert!(!beside_tag.html.contains("#tijd") && !beside_tag.text.contains("#tijd"));
    let below_tag = page("Zie foto\n#tijd 40m\nIMG").excerpt("Zie foto\n#tijd 40m", "Zie foto").unwrap();
    assert!(below_tag.left_behind.is_empty(), "{below_tag:?}");
}

#[test]
fn a_logo_above_the_name_in_a_signature_stays_behind_with_it() {
    let left = |lines: &str, fresh: &str| page(lines).excerpt(fresh, fresh).unwrap().left_behind;
    assert_eq!(left("Klaar\n| IMG\n| Ann\n| 06 1", "Klaar"), ["pic"]);
    // What was written into that part is the letter's, and so are its pictures; so are those that have no words by them.
    assert_eq!(left("Klaar\n| Zie foto\n| IMG", "Klaar\nZie foto"), [""; 0]);
    assert_eq!(left("Klaar\n| IMG", "Klaar"), [""; 0]);
    assert_eq!(left("Klaar\nIMG\n| Ann", "Klaar"), [""; 0]);
}
