use super::*;
use crate::domain::address::Address;
use crate::domain::names::{ClientCode, PersonKey};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const DEMO: &str = include_str!("../../cli/demo/desk.toml");
const FILE: &str = "desk.toml";

/// The faults of the demo's world with one text in it replaced.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(DEMO.contains(from), "{from:?} is not in the demo");
    let faults = parse_directory(&DEMO.replacen(from, to, 1), FILE).map(|_| ()).unwrap_err();
    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.contains(expected), "{told:?} does not contain {expected:?}");
    }
}

fn with(more: &str) -> String {
    format!("{DEMO}\n{more}\n")
}

fn stored(declared: &Declarations, source: &str) -> Vec<StoredItem> {
    let keep = |item| StoredItem { item, source: source.to_owned(), ended_at: None };
    declared.items().into_iter().map(keep).collect()
}

fn demo() -> Declarations {
    parse_directory(DEMO, FILE).unwrap()
}

fn directory() -> Directory {
    Directory::from_items(&stored(&demo(), FILE), TimeZone::get("Europe/Amsterdam").unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn client(code: &str) -> ClientCode {
    ClientCode::new(code).unwrap()
}

fn address(text: &str) -> Address {
    Address::new(text).unwrap()
}

#[test]
fn the_demo_stands_without_faults_or_warnings() {
    let demo = demo();
    assert_eq!(demo.warnings, []);
    assert_eq!(demo.items().len(), 19);
}

#[test]
fn faults_name_line_setting_and_mend() {
    check(
        "deputy = \"mira\"",
        "deputy = \"mina\"",
        &[
            "desk.toml line 11: expert \"joost\": deputy: expert \"mina\" is not declared (did you mean \"mira\"?): add [[expert]]",
        ],
    );
    check("deputy = \"mira\"", "deputy = \"joost\"", &["deputies run in a circle (joost, joost)"]);
    check("deputy = \"mira\"", "deputty = \"mira\"", &["line 11: expert[0].deputty: unknown field"]);
    check("key = \"mira\"", "key = \"Mira\"", &["\"Mira\" is not a key"]);
    check(
        "mira@lindeboom",
        "joost@lindeboom",
        &["expert \"mira\": joost@lindeboom.example is the address of expert \"joost\" too"],
    );
    check("[\"piet.smit@", "[\"anne.bakker@", &["is the address of person \"anne-bakker\" too"]);
    check("[\"piet.smit@amersfoortsmuseum.example\"]", "[]", &["person \"piet-smit\" has no address"]);
    check(
        "key = \"els-visser\"",
        "key = \"joost\"",
        &["has the key of an expert", "summary_to: person \"els-visser\"", "person \"els-visser\" is not declared"],
    );
    check(
        "domains = [\"amersfoortsmuseum.example\"]",
        "domains = [\"Gmail.com\"]",
        &["anybody can have an address at gmail.com: drop it"],
    );
    check(
        "domains = [\"hostwell.example\"]",
        "domains = [\"northwick.example\"]",
        &["northwick.example is the domain of client NWK"],
    );
    check(
        "client = \"NWK\"\nplan",
        "client = \"NWC\"\nplan",
        &["client \"NWC\" is not declared (did you mean \"NWK\"?)"],
    );
    check(
        "calendar = \"24x7\"",
        "calendar = \"24x8\"",
        &["calendar \"24x8\" is not declared (did you mean \"24x7\"?)"],
    );
    check(
        "start = 2026-01-01",
        "start = 2026-01-01\nend = 2025-01-01",
        &["it ends before it starts: mend start or end"],
    );
    check("plan = \"sla\"", "plan = \"basic\"", &["a basic plan has no targets but critical"]);
    check("plan = \"basic\"", "plan = \"sla\"", &["an sla plan needs targets"]);
    check("first_response = \"1h\"", "first_response = \"1 hour\"", &["\"1 hour\" is not a service time"]);
    check("strip_minutes = 15", "strip_minutes = 0", &["strip_minutes = 0 must be 1 to 480"]);
    check("strips = 20", "strips = 0", &["strips = 0 must be 1 to 10000"]);
    check("purchased_on = 2026-03-01", "purchased_on = \"1 March\"", &["\"1 March\" is not a day such as 2026-03-01"]);
    check("deputies = [\"piet-smit\"]", "deputies = [\"anne-bakker\"]", &["can't be their own deputy"]);
    check("deputies = [\"piet-smit\"]", "until = 2025-12-31", &["it ends before it starts: mend from or until"]);
    check(
        "holder = \"grace-hall\"",
        "holder = \"anne-bakker\"",
        &["\"anne-bakker\" belongs to client AMR, not to NWK"],
    );
    check("holder = \"mira\"", "client = \"AMR\"\nholder = \"mira\"", &["a duty manager is the desk's: drop client"]);
    check("client = \"NWK\"\nholder", "holder", &["a coordinator is a client's: add client"]);
    check(
        "address = \"monitor@uptime.example\"",
        "address = \"monitor@uptime.example\"\naccept = \"header\"",
        &["monitor[0].accept: unknown variant `header`, expected `proven` or `from-header`"],
    );
    check("domains = [\"hostwell.example\"]", "accept = true", &["supplier[0].accept"]);
    check("holder = \"mira\"", "holder = \"grace-hall\"", &["expert \"grace-hall\" is not declared"]);
}

#[test]
fn what_is_declared_twice_or_overlaps_is_refused() {
    let told = |more: &str| parse_directory(&with(more), FILE).map(|_| ()).unwrap_err()[0].to_string();
    let card = "[[card]]\nclient = \"AMR\"\nnumber = \"2026-001\"\nstrips = 9\npurchased_on = 2026-09-01";
    assert!(told(card).contains("card \"AMR/2026-001\" is declared twice"));
    let contract = "[[contract]]\nclient = \"AMR\"\nplan = \"basic\"\nstart = 2026-09-01\ncalendar = \"office\"";
    assert!(told(contract).contains("contract \"AMR/2026-09-01\" overlaps the one of 2026-01-01: end that one"));
    let never = "[[calendar]]\nkey = \"never\"\ntime_zone = \"Europe/Amsterdam\"\nhours = {}";
    assert!(told(never).contains("calendar \"never\", hours: it never opens"));
}

#[test]
fn a_client_nobody_coordinates_is_a_warning() {
    let more = "[[client]]\ncode = \"ZZZ\"\nname = \"Z\"\nlanguage = \"nl\"\ntime_zone = \"Europe/Amsterdam\"\n";
    let warnings = parse_directory(&with(more), FILE).unwrap().warnings;
    assert!(warnings[0].what.contains("client \"ZZZ\" has no coordinator"), "{warnings:?}");
    assert!(warnings[1].what.contains("client \"ZZZ\" has no contract"), "{warnings:?}");
}

#[test]
fn an_address_has_one_owner() {
    let directory = directory();
    let kind = |text: &str| match directory.owner_of(&address(text)) {
        AddressOwner::Expert(expert) => format!("expert {}", expert.key),
        AddressOwner::Person(person) => format!("person {}", person.key),
        AddressOwner::AtClients(clients) => format!("at {}", clients[0].code),
        AddressOwner::Supplier(supplier) => format!("supplier {}", supplier.key),
        AddressOwner::Monitor(monitor) => format!("monitor {}", monitor.key),
        AddressOwner::Stranger => "stranger".to_owned(),
    };
    assert_eq!(kind("Joost@Lindeboom.example"), "expert joost");
    assert_eq!(kind("anne.bakker@amersfoortsmuseum.example"), "person anne-bakker");
    assert_eq!(kind("guard@amersfoortsmuseum.example"), "at AMR");
    assert_eq!(kind("guard@shop.amersfoortsmuseum.example"), "at AMR");
    assert_eq!(kind("guard@notamersfoortsmuseum.example"), "stranger");
    assert_eq!(kind("noc@hostwell.example"), "supplier hostwell");
    assert_eq!(kind("monitor@uptime.example"), "monitor uptime-nwk");
    assert_eq!(directory.clients_by_domain(&address("x@northwick.example"))[0].code, client("NWK"));
    assert_eq!(directory.persons_of(&client("AMR")).len(), 3);
}

#[test]
fn a_machine_s_mail_needs_proof_unless_the_file_says_otherwise() {
    let accepted = |text: &str| {
        let directory =
            Directory::from_items(&stored(&parse_directory(text, FILE).unwrap(), FILE), TimeZone::UTC).unwrap();
        let monitor = directory.monitor_by_address(&address("monitor@uptime.example")).unwrap().accept;
        (monitor, directory.supplier_by_address(&address("noc@hostwell.example")).unwrap().accept)
    };
    assert_eq!(accepted(DEMO), (Proof::Proven, Proof::Proven));
    let text = DEMO.replacen("client = \"NWK\"\n\n# Time", "client = \"NWK\"\naccept = \"from-header\"\n\n# Time", 1);
    assert_eq!(accepted(&text), (Proof::FromHeader, Proof::Proven));
    let text = DEMO.replacen("key = \"hostwell\"", "key = \"hostwell\"\naccept = \"from-header\"", 1);
    assert_eq!(accepted(&text), (Proof::Proven, Proof::FromHeader));
    // What is as usual is not written, so a file of an older release changes nothing.
    let item = parse_directory(DEMO, FILE).unwrap().items().into_iter().find(|item| item.key == "uptime-nwk").unwrap();
    assert_eq!(item.body.get("accept"), None);
}

#[test]
fn a_position_holds_from_its_first_to_its_last_day_in_the_clients_zone() {
    let text = DEMO.replacen("deputies = [\"piet-smit\"]", "deputies = [\"piet-smit\"]\nuntil = 2026-06-30", 1);
    let items = stored(&parse_directory(&text, FILE).unwrap(), FILE);
    let directory = Directory::from_items(&items, TimeZone::UTC).unwrap();
    let who = |moment: &str| {
        let all = directory.coordinators(&client("AMR"), at(moment));
        all.iter().map(|h| (h.human.key.to_string(), h.is_deputy)).collect::<Vec<_>>()
    };
    // The other way round it is the same.
    let by = |person: &str, moment: &str| {
        let all = directory.coordinated_by(&PersonKey::new(person).unwrap(), at(moment));
        all.iter().map(|client| client.code.to_string()).collect::<Vec<_>>()
    };
    for moment in ["2025-12-31T22:59:59Z", "2025-12-31T23:00:00Z", "2026-06-30T21:59:59Z", "2026-06-30T22:00:00Z"] {
        for person in ["anne-bakker", "piet-smit", "els-visser", "grace-hall"] {
            let holds = |code: &ClientCode| {
                directory.coordinators(code, at(moment)).iter().any(|holding| holding.human.key.as_str() == person)
            };
            let codes = directory.clients().into_iter().map(|client| &client.code).filter(|code| holds(code));
            assert_eq!(by(person, moment), codes.map(ToString::to_string).collect::<Vec<_>>(), "{person}, {moment}");
        }
    }
    assert_eq!(by("piet-smit", "2026-06-30T21:59:59Z"), ["AMR"]);
    let both = vec![("anne-bakker".to_owned(), false), ("piet-smit".to_owned(), true)];
    assert_eq!(who("2025-12-31T22:59:59Z"), []);
    assert_eq!(who("2025-12-31T23:00:00Z"), both);
    assert_eq!(who("2026-06-30T21:59:59Z"), both);
    assert_eq!(who("2026-06-30T22:00:00Z"), []);
}

#[test]
fn what_was_ended_counts_for_mail_received_before() {
    let mut items = stored(&demo(), FILE);
    let ended_at = Some(at("2026-05-01T12:00:00Z"));
    items
        .iter_mut()
        .filter(|s| s.item.key.starts_with("coordinator/AMR") || s.item.key == "els-visser")
        .for_each(|s| s.ended_at = ended_at);
    let directory = Directory::from_items(&items, TimeZone::UTC).unwrap();
    assert_eq!(directory.coordinators(&client("AMR"), at("2026-05-01T11:59:59Z")).len(), 2);
    assert_eq!(directory.coordinators(&client("AMR"), at("2026-05-01T12:00:00Z")).len(), 0);
    let els = PersonKey::new("els-visser").unwrap();
    assert!(directory.person(&els).is_none());
    assert_eq!(directory.name_of(&els), Some("Els Visser"));
}

#[test]
fn lead_experts_come_in_the_order_in_which_they_are_asked() {
    let now = at("2026-05-01T12:00:00Z");
    let keys = |directory: &Directory, code: &str| {
        directory.lead_experts(&client(code), now).iter().map(|e| e.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&directory(), "AMR"), ["joost", "mira"]);
    let text = with("[[position]]\nrole = \"lead-expert\"\nclient = \"AMR\"\nholder = \"mira\"\nfrom = 2026-02-01");
    let items = stored(&parse_directory(&text, FILE).unwrap(), FILE);
    assert_eq!(keys(&Directory::from_items(&items, TimeZone::UTC).unwrap(), "AMR"), ["mira", "joost"]);
    assert_eq!(directory().duty_manager(now).map(|human| human.name), Some("Mira Jansen"));
    assert!(directory().contract(&client("AMR"), at("2025-12-01T12:00:00Z")).is_none());
    assert!(directory().contract(&client("AMR"), now).is_some());
    assert!(directory().contract_or_last(&client("AMR"), at("2025-12-01T12:00:00Z")).is_none());
}

#[test]
fn a_difference_is_told_line_by_line() {
    let before = stored(&demo(), FILE);
    assert!(diff(&before, &demo(), FILE).unwrap().is_empty());
    let text = DEMO.replacen("deputies = [\"piet-smit\"]", "until = 2026-12-31", 1).replacen(
        "key = \"uptime-nwk\"",
        "key = \"pulse\"",
        1,
    );
    let difference = diff(&before, &parse_directory(&text, FILE).unwrap(), FILE).unwrap();
    assert_eq!(
        difference.to_string(),
        "+ monitor pulse Uptime monitor\n\
         ~ position coordinator/AMR/anne-bakker/2026-01-01 deputies: piet-smit → –; until: – → 2026-12-31\n\
         - monitor uptime-nwk\n"
    );
}

#[test]
fn a_file_ends_only_its_own_and_takes_over_what_a_command_added() {
    let mut before = stored(&demo(), COMMAND_SOURCE);
    let all = diff(&before, &demo(), FILE).unwrap();
    assert_eq!((all.taken_over.len(), all.added.len(), all.ended.len()), (19, 0, 0));
    let nothing = Declarations::empty(demo().desk);
    assert!(diff(&before, &nothing, FILE).unwrap().is_empty());
    before.iter_mut().for_each(|stored| stored.source = "other.toml".to_owned());
    let faults = diff(&before, &demo(), FILE).unwrap_err();
    assert_eq!(faults[0].what, "expert \"joost\" is declared in other.toml too: keep it in one file");
    before.iter_mut().for_each(|stored| stored.ended_at = Some(at("2026-05-01T12:00:00Z")));
    assert_eq!(diff(&before, &demo(), FILE).unwrap().added.len(), 19);
}

#[test]
fn a_file_never_changes_or_withdraws_a_card() {
    let before = stored(&demo(), FILE);
    let fewer = parse_directory(&DEMO.replacen("strips = 20", "strips = 10", 1), FILE).unwrap();
    let faults = diff(&before, &fewer, FILE).unwrap_err();
    assert_eq!(
        faults[0].what,
        "card \"AMR/2026-001\": strips can't be changed by a file: use \"casepost card correct\""
    );
    let without = DEMO.split("[[card]]").next().unwrap();
    let faults = diff(&before, &parse_directory(without, FILE).unwrap(), FILE).unwrap_err();
    assert!(faults[0].what.contains("can't be withdrawn by a file"));
}

#[test]
fn a_file_may_name_what_a_command_added() {
    let added = "desk = \"LIN\"\n[[position]]\nrole = \"coordinator\"\nclient = \"AMR\"\nholder = \"piet-smit\"\nfrom = 2027-01-01\n";
    assert!(parse_directory(added, "more.toml").is_err());
    assert!(
        parse_directory_beside(&DirectoryFile::alone("more.toml", added), &stored(&demo(), COMMAND_SOURCE)).is_ok()
    );
}

const CLOSURES: &str = r#"
[[closure]]
name = "Zomersluiting"
from = 2026-08-03
until = 2026-08-14
[[closure]]
client = "NWK"
name = "Staff day"
from = 2026-08-17
[[closure]]
name = "Verhuizing"
from = 2026-09-01
calendars = ["24x7"]
"#;

#[test]
fn closures_close_the_calendars_of_the_desk_or_of_one_client() {
    let declared = parse_directory(&with(CLOSURES), FILE).unwrap();
    let world = Directory::from_items(&stored(&declared, FILE), TimeZone::UTC).unwrap();
    let opening = |code: &str, key: &str, from: &str| {
        let calendar =
            world.calendar_for(&client(code), &crate::domain::names::CalendarKey::new(key).unwrap()).unwrap();
        calendar.next_opening(at(from)).unwrap().to_string()
    };
    assert_eq!(opening("AMR", "office", "2026-08-03T10:00:00Z"), "2026-08-17T07:00:00Z");
    assert_eq!(opening("NWK", "office", "2026-08-03T10:00:00Z"), "2026-08-18T07:00:00Z");
    // Day and night goes on, unless a closure names it.
    assert_eq!(opening("NWK", "24x7", "2026-08-03T10:00:00Z"), "2026-08-03T10:00:00Z");
    assert_eq!(opening("NWK", "24x7", "2026-09-01T10:00:00Z"), "2026-09-01T22:00:00Z");
    assert_eq!(opening("NWK", "office", "2026-09-01T10:00:00Z"), "2026-09-01T10:00:00Z");
    let text = export(&declared).unwrap();
    assert_eq!(parse_directory(&text, FILE), Ok(declared), "{text}");
}

#[test]
fn a_closure_that_leaves_no_open_day_is_refused() {
    let refused = |closure: &str, expected: &str| {
        let faults = parse_directory(&with(closure), FILE).unwrap_err();
        assert!(faults[0].what.contains(expected), "{closure}: {faults:#?}");
    };
    let whole_year = "[[closure]]\nname = \"Verbouwing\"\nfrom = 2026-01-01\nuntil = 2026-12-31";
    refused(whole_year, "closure \"2026-01-01\": calendar \"office\" would never open in 2026: shorten it");
    // Half of it is the desk's, half a client's.
    let halves = "[[closure]]\nclient = \"AMR\"\nname = \"Dicht\"\nfrom = 2026-01-01\nuntil = 2026-06-30\n\
                  [[closure]]\nname = \"Dicht\"\nfrom = 2026-07-01\nuntil = 2026-12-31";
    refused(halves, "closure \"AMR/2026-01-01\": calendar \"office\" would never open in 2026");
    refused("[[closure]]\nname = \"x\"\nfrom = 2026-02-02\nuntil = 2026-01-01", "ends before it starts");
    refused("[[closure]]\nclient = \"NWC\"\nname = \"x\"\nfrom = 2026-02-02", "client \"NWC\" is not declared");
    refused("[[closure]]\ncalendars = [\"ofice\"]\nname = \"x\"\nfrom = 2026-02-02", "did you mean \"office\"?");
}

#[test]
fn a_holiday_file_is_taken_over_into_its_calendar() {
    let text = DEMO.replacen("holidays = \"nl\"", "holidays_file = \"de.ics\"", 1);
    assert_eq!(holidays_files(&text), ["de.ics"]);
    let event = "BEGIN:VEVENT\nSUMMARY:Karfreitag\nDTSTART;VALUE=DATE:20260403\nEND:VEVENT\n";
    let parsed = |ics: &str| {
        let holidays = [("de.ics".to_owned(), ics.to_owned())].into();
        parse_directory_beside(&DirectoryFile { name: FILE, text: &text, holidays }, &[])
    };
    let declared = parsed(&format!("BEGIN:VCALENDAR\n{event}END:VCALENDAR\n")).unwrap();
    assert_eq!(declared.calendars[0].holidays_file, None);
    assert_eq!(declared.calendars[0].day_off[0].name, "Karfreitag");
    // What was exported needs the file no more.
    assert_eq!(parse_directory(&export(&declared).unwrap(), FILE), Ok(declared));
    let told = |faults: Vec<DirectoryFault>| faults[0].to_string();
    assert_eq!(
        told(parsed("BEGIN:VCALENDAR\nBEGIN:VEVENT\n").unwrap_err()),
        "desk.toml line 24: calendar \"office\", holidays_file: de.ics line 2: the file ends within VEVENT: END:VEVENT is missing"
    );
    let unread = parse_directory(&text, FILE).unwrap_err();
    assert!(told(unread).contains("holidays_file: de.ics the file was not read"));
}

#[test]
fn an_export_declares_the_same() {
    let text = export(&demo()).unwrap();
    assert_eq!(parse_directory(&text, FILE), Ok(demo()), "{text}");
    let items = demo().items();
    assert_eq!(Declarations::from_items(demo().desk, &items).map(|all| all.items()), Ok(items));
}
