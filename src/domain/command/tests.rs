//! Tags as people write them.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// Reads a text that answers nothing: the commands, and for each fault its line, problem and mend.
fn check(fresh: &str, commands: &[Command], faults: &[(usize, TagProblem, &str)]) {
    let found = read_commands(fresh, "");
    let shown: Vec<_> = found.faults.iter().map(|f| (f.line, f.problem, f.mend.as_str())).collect();
    assert_eq!(found.commands, commands, "{fresh:?}");
    assert_eq!(shown, faults, "{fresh:?}");
}

fn time(minutes: i64, ordinal: u32) -> Command {
    Command::Time { minutes, on: None, text: String::new(), ordinal }
}

#[test]
fn every_tag_in_both_languages() {
    let case: CaseNumber = "AMR-2026-0042".parse().unwrap();
    let until = Some(date(2026, 11, 30));
    check("#time 40m", &[time(40, 1)], &[]);
    check("#TIJD 1u30", &[time(90, 1)], &[]);
    check("#time: -15m", &[time(-15, 1)], &[]);
    check("#note", &[Command::Note], &[]);
    check("#notitie", &[Command::Note], &[]);
    check("#opgelost", &[Command::Resolved], &[]);
    check("#wait client", &[Command::Wait { on: WaitFor::Client, until: None }], &[]);
    check("#wacht leverancier tot 30-11-2026", &[Command::Wait { on: WaitFor::Supplier, until }], &[]);
    check("#wait supplier until 2026-11-30", &[Command::Wait { on: WaitFor::Supplier, until }], &[]);
    check("#prio hoog", &[Command::Priority(Priority::High)], &[]);
    check("#kind change", &[Command::Kind(Kind::Change)], &[]);
    check("#soort onderhoud", &[Command::Kind(Kind::Maintenance)], &[]);
    check("#schatting 1,5 uur", &[Command::Estimate(90)], &[]);
    check("#assign Bob de Wit", &[Command::Assign("Bob de Wit".to_owned())], &[]);
    check("#klant amr", &[Command::Client(ClientCode::new("AMR").unwrap())], &[]);
    check("#merge amr-2026-0042", &[Command::Merge(case.clone())], &[]);
    check("#bundle AMR-2026-0042", &[Command::Bundle(case)], &[]);
    check("#heropen", &[Command::Reopen], &[]);
    check("#undo", &[Command::Undo], &[]);
    check("#status\n#help", &[Command::Status, Command::Help], &[]);
    check("#akkoord", &[Command::Approve], &[]);
    check("#reject no money", &[Command::Reject("no money".to_owned())], &[]);
    check("#saldo\n#overzicht", &[Command::Balance, Command::Statement], &[]);
}

#[test]
fn a_booking_has_its_day_and_its_words() {
    let check_time = |line: &str, minutes: i64, on: Option<Date>, text: &str| {
        check(line, &[Command::Time { minutes, on, text: text.to_owned(), ordinal: 1 }], &[]);
    };
    check_time("#time 40m on 2026-11-20 disk replaced", 40, Some(date(2026, 11, 20)), "disk replaced");
    check_time("#tijd 1,5 uur op 20-11-2026: schijf", 90, Some(date(2026, 11, 20)), "schijf");
    check_time("#time 40m on the phone", 40, None, "on the phone");
    check_time("#time 40 disk", 40, None, "disk");
    check_time("#tijd 40m — ‘schijf’ vervangen…", 40, None, "‘schijf’ vervangen…");
    check_time("#time\u{a0}1\u{a0}h\u{202f}30\u{a0}min\u{a0}disk", 90, None, "disk");
    check("#time −15m", &[time(-15, 1)], &[]);
    check("#time –15m", &[time(-15, 1)], &[]);
    check("#time 20m\n#time 20m", &[time(20, 1), time(20, 2)], &[]);
}

#[test]
fn a_tag_stands_behind_blanks_and_bullets() {
    check("\u{a0} #time 40m", &[time(40, 1)], &[]);
    check("- #time 40m", &[time(40, 1)], &[]);
    check("  • #time\u{a0}40m\u{a0}", &[time(40, 1)], &[]);
    check("\u{feff}#note\r\n", &[Command::Note], &[]);
    check("\u{200e}#note\u{200f}", &[Command::Note], &[]);
    for bullet in [
        "*   ",
        "·\u{a0}\u{a0}",
        "o\u{a0}\u{a0} ",
        "§  ",
        "\u{f0b7}\t",
        "1. ",
        " 12)\t",
        "(2) ",
        "b) ",
        "– ",
        "→",
        "✓ ",
    ] {
        check(&format!("{bullet}#time 40m"), &[time(40, 1)], &[]);
    }
    check("o #1 is done", &[], &[]);
    check("so #time 40m", &[], &[(1, TagProblem::InMidLine, "#time 40m")]);
    check("> #time 40m", &[], &[]);
}

#[test]
fn faults_park_the_mail_with_a_mend() {
    use TagProblem as P;
    check("#tiem 40m", &[], &[(1, P::Mistyped, "#time 40m")]);
    check("Hi\n#reslvd", &[], &[(2, P::Mistyped, "#resolved")]);
    check("#work 40m disk", &[], &[(1, P::Mistyped, "#time 40m disk")]);
    check("I did it #time 40m", &[], &[(1, P::InMidLine, "#time 40m")]);
    check("#time 40m #resolved", &[], &[(1, P::InMidLine, "#resolved")]);
    check("#time", &[], &[(1, P::Duration(DurationFault::Nonsense), "#time 40m")]);
    check("#time 1,5", &[], &[(1, P::Duration(DurationFault::BareDecimal), "#time 40m")]);
    check("#time 0", &[], &[(1, P::Duration(DurationFault::Zero), "#time 40m")]);
    check("#time 40m on 2026-13-01", &[], &[(1, P::Date, "#time 40m on 2026-11-20")]);
    check("#wait Bob", &[], &[(1, P::Argument, "#wait client|supplier until 2026-11-20")]);
    check("#prio", &[], &[(1, P::Argument, "#prio critical|high|normal|low")]);
    check("#resolved yesterday", &[], &[(1, P::TooMuch, "#resolved")]);
    check("#supplier", &[], &[(1, P::NotAvailable, "")]);
    check("#tijd40m schijf", &[], &[(1, P::Mistyped, "#tijd 40m schijf")]);
    check("#time-15m", &[], &[(1, P::Mistyped, "#time -15m")]);
    check("#estimate2h", &[], &[(1, P::Mistyped, "#estimate 2h")]);
    for enclosed in ["\"#time 40m\"", "“#time 40m”", "_#time 40m_", "`#time 40m`", "\\#time 40m", "##time 40m"] {
        let found = read_commands(enclosed, "");
        assert_eq!(found.faults.iter().map(|fault| fault.problem).collect::<Vec<_>>(), [P::InMidLine], "{enclosed}");
    }
    check("#estimate -2h", &[], &[(1, P::Duration(DurationFault::Nonsense), "#estimate 4h")]);
}

#[test]
fn a_word_that_looks_like_no_tag_is_text() {
    check("#holiday pictures", &[], &[]);
    check("#release 1.5 is out", &[], &[]);
    check("#ticket 123456 is closed", &[], &[]);
    check("#1 is done", &[], &[]);
    check("# Heading", &[], &[]);
    check("# time-out reached", &[], &[]);
    check("#time-out reached", &[], &[]);
    check("see https://client.nl/page#help and C#note", &[], &[]);
    check("we use #hashtags", &[], &[]);
}

#[test]
fn the_client_sees_no_tags() {
    let found = read_commands("Hi Ann,\n\nIt works again.\n\n#time 40m\n#resolved\n\nRegards,\nBob\n", "");
    assert_eq!(found.text, "Hi Ann,\n\nIt works again.\n\nRegards,\nBob");
    assert_eq!(read_commands("#time 40m\n \n", "").text, "");
}

#[test]
fn tags_below_a_loose_signature_are_told_and_nothing_else_of_it() {
    let told = |signature: &str| -> Vec<String> {
        tags_in_signature(signature, "#tijd 5m").into_iter().map(|fault| fault.read).collect()
    };
    assert_eq!(told("--\nJoost\n#tijd 40m\n* #opgelost"), ["#tijd 40m", "#opgelost"]);
    assert_eq!(told("__\n#tijd 1,5\n#tiem 40m"), ["#tijd 1,5", "#tiem 40m"]);
    assert_eq!(told("--\nJoost\n\n#1 in hosting, #help #samen\nVolg #status\n#statu\n#tijd 5m"), [""; 0]);
}

#[test]
fn a_line_of_the_answered_letter_never_counts() {
    let answered = "Ann wrote:\n  #time   40m\n> #time 20m\nbye";
    let found = read_commands("- #time 40m\n#time 20m", answered);
    assert_eq!(found.commands, [time(20, 1)]);
    assert_eq!(found.text, "- #time 40m");
    assert!(read_commands("I did #time 40m", "I  did #time 40m").faults.is_empty());
}

proptest! {
    #[test]
    fn any_text_is_answered(fresh in "(#?(time|tijd|wait|prio|x)?[ -~\n\u{a0}é]{0,12}){0,6}", answered in "[ -~\n]{0,40}") {
        let found = read_commands(&fresh, &answered);
        prop_assert!(found.text.lines().count() <= fresh.lines().count());
        let _ = (decision(&fresh), opening(&fresh));
    }

    #[test]
    fn a_text_that_answers_itself_asks_nothing(fresh in "(#(time 40m|note|resolvd|x 3h)|[a-z ]{0,9})(\n#time 2h)?") {
        let found = read_commands(&fresh, &fresh);
        prop_assert!(found.commands.is_empty() && found.faults.is_empty());
    }
}
