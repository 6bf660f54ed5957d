use super::*;

const EXAMPLE: &str = include_str!("../../casepost.example.toml");

fn parse(text: &str) -> Result<Config, Vec<ConfigFault>> {
    Config::parse(text, Path::new("/etc/casepost"))
}

/// The faults of the example with one text in it replaced.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(EXAMPLE.contains(from), "{from:?} is not in the example");
    let faults = parse(&EXAMPLE.replacen(from, to, 1)).map(|_| ()).unwrap_err();
    let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.contains(expected), "{told:?} does not contain {expected:?}");
    }
}

#[test]
fn the_example_is_a_configuration() {
    let config = parse(EXAMPLE).unwrap();
    assert_eq!(config.warnings, []);
    assert_eq!(config.data_dir, Path::new("/etc/casepost/data"));
    assert_eq!(config.database.expose(), "sqlite:/etc/casepost/data/casepost.db");
    assert_eq!(config.key_file, Path::new("/etc/casepost/data/secret.key"));
    assert_eq!(config.limits, Limits::default());
    let desk = &config.desks[0];
    assert_eq!(desk.host, "lindeboom.example");
    let mailbox = config.mailboxes_of(&desk.code).next().unwrap();
    assert_eq!(mailbox.bounce_address(desk).as_str(), "support+bounce@lindeboom.example");
    let InboxSettings::Imap(server) = &mailbox.inbox else { panic!("no imap") };
    let password = Login::Password(SecretSource::File("/etc/casepost/imap.password".into()));
    assert_eq!(server.account.as_ref().map(|account| &account.login), Some(&password));
    let five_days = Duration::from_secs(5 * 86_400);
    assert_eq!(config.outlet.retry_pauses.iter().sum::<Duration>(), five_days);
}

#[test]
fn every_setting_stands_in_the_example() {
    let structs = [include_str!("file.rs"), include_str!("../config.rs").split("pub struct Limits").nth(1).unwrap()];
    let field = regex::Regex::new(r"(?m)^    pub ([a-z_]+): ").unwrap();
    let limits_end = structs[1].find("\n}").unwrap();
    let mut count = 0;
    let alarms = include_str!("alarms.rs").split_once("struct WatchFile").unwrap().1;
    for source in [structs[0], &structs[1][..limits_end], alarms] {
        for name in field.captures_iter(source).map(|found| found.get(1).unwrap().as_str()) {
            let is_named = [format!("{name} = "), format!("[{name}]"), format!(".{name}]")].iter().any(|form| {
                EXAMPLE.lines().any(|line| {
                    let line = line.trim_start_matches("# ");
                    if form.starts_with('.') {
                        line.starts_with('[') && line.contains(form)
                    } else {
                        line.contains(form)
                    }
                })
            });
            assert!(is_named, "{name} is missing in casepost.example.toml");
            count += 1;
        }
    }
    assert!(count > 50, "only {count} settings found");
}

#[test]
fn alarms_that_would_tell_nobody_are_refused() {
    check("mailbox_minutes = 10", "mailbox_minutes = 0", &["watch.mailbox_minutes = 0 would always be a trouble"]);
    check("most_alarms_per_hour = 12", "most_alarms_per_hour = 0", &["would tell nobody anything"]);
    check("canary_minutes = 30", "canary_minutes = 5", &["use 10 or more, or 0 for none"]);
    check("\"/usr/local/bin/page-the-desk\"", "\"page-the-desk\"", &["name the program by its whole path"]);
    check("https://ntfy.example", "http://ntfy.example", &["webhook must begin with https://"]);
    check("webhook = ", "# webhook = ", &["alarm \"ntfy\" needs either command"]);
    check("name = \"ntfy\"", "name = \"telephone\"", &["alarm \"telephone\" is declared twice"]);
    check("form = \"ntfy\"", "form = \"carrier-pigeon\"", &["unknown variant `carrier-pigeon`"]);
}

#[test]
fn raw_mail_is_kept_for_a_time_that_can_be_meant() {
    let kept =
        |line: &str| parse(&EXAMPLE.replacen("# keep_raw_for = \"2 years\"", line, 1)).unwrap().desks[0].keep_raw_for;
    assert_eq!(kept("").to_string(), "for ever");
    assert_eq!(kept("keep_raw_for = \"18 months\"").to_string(), "18 months");
    check("# keep_raw_for = \"2 years\"", "keep_raw_for = \"7 days\"", &["keep raw mail for 30 days or more"]);
}

#[test]
fn faults_name_the_setting_and_the_mend() {
    check("data_dir = ", "data_dri = ", &["line 5: data_dri: unknown field `data_dri`"]);
    check("code = \"LIN\"", "code = \"lin\"", &["desk[0].code: \"lin\" is not a desk's code"]);
    check(
        "desk = \"LIN\"",
        "desk = \"LYN\"",
        &[
            "mailbox \"support\": desk \"LYN\" is not declared (did you mean \"LIN\"?): add [[desk]] code = \"LYN\" or mend the name",
        ],
    );
    check(
        "tls = \"implicit\"\n#",
        "tls = \"none\"\n#",
        &["tls = \"none\" is only for this machine, not for imap.lindeboom.example"],
    );
    check(
        "password_file = \"imap.password\"\n# ",
        "password_file = \"x\"\n",
        &["both of password_file and password_env"],
    );
    check("password_file = \"smtp.password\"", "", &["outlet.smtp has neither of password_file and password_env"]);
    check(
        "# [mailbox.maildir]\n# path",
        "[mailbox.maildir]\npath",
        &["mailbox \"support\" has both of imap and maildir"],
    );
    check("# [outlet.folder]\n# path", "[outlet.folder]\npath", &["outlet has both of smtp and folder"]);
    check("reply_address = \"plus\"", "reply_address = \"catch-all\"", &["needs reply_domain"]);
    check("poll_seconds = 60", "poll_seconds = 0", &["poll_seconds = 0 must be 1 to 86400"]);
    check(
        "# adopt_since = \"2026-03-01T00:00:00Z\"",
        "adopt_since = \"yesterday\"",
        &["adopt_since \"yesterday\" must be \"all\" or a time"],
    );
    check("alarm_to = [\"joost@", "alarm_to = [\"support@", &["is a mailbox that casepost reads itself"]);
    check("file_into = \"Handled\"", "file_into = \"INBOX\"", &["INBOX is the folder that is read"]);
    check("# database = \"sqlite:", "database = \"mysql:", &["is neither sqlite:PATH nor postgres://"]);
    check("jitter_percent = 20", "jitter_percent = 90", &["must be 0 to 50"]);
    check(
        "time_zone = \"Europe/Amsterdam\"",
        "time_zone = \"Amsterdam\"",
        &["desk[0].time_zone: \"Amsterdam\" is not a time zone"],
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let text = EXAMPLE.replace("poll_seconds = 60", "poll_seconds = 0").replace("batch = 50", "batch = 0");
    let faults = parse(&text.replace("connections = 4", "connections = 99")).map(|_| ()).unwrap_err();
    assert_eq!(faults.len(), 3);
    assert!(faults.iter().all(|fault| fault.line.is_some()));
}

#[test]
fn a_second_desk_needs_its_own_code_and_a_mailbox() {
    let second = "\n[[desk]]\ncode = \"LIN\"\nname = \"Two\"\nlanguage = \"en\"\ntime_zone = \"Europe/London\"\n";
    let faults = parse(&format!("{EXAMPLE}{second}")).map(|_| ()).unwrap_err();
    assert!(faults[0].what.contains("desk \"LIN\" is declared twice"), "{faults:?}");
    let other = second.replace("LIN", "TWO");
    let faults = parse(&format!("{EXAMPLE}{other}")).map(|_| ()).unwrap_err();
    assert!(faults[0].what.contains("desk \"TWO\" has no mailbox"), "{faults:?}");
}

/// The example with these lines instead of the passwords.
fn with_tokens(imap: &str, smtp: &str) -> String {
    let imap = format!("connect_seconds = 10\ncommand_seconds = 60\n[mailbox.imap.oauth]\n{imap}");
    let smtp = format!("command_seconds = 120\n[outlet.smtp.oauth]\n{smtp}");
    EXAMPLE
        .replacen("password_file = \"imap.password\"", "", 1)
        .replacen("password_file = \"smtp.password\"", "", 1)
        .replacen("connect_seconds = 10\ncommand_seconds = 60", &imap, 1)
        .replacen("command_seconds = 120", &smtp, 1)
}

fn issuer_of(text: &str) -> oauth::Issuer {
    let config = parse(text).unwrap();
    let [account] = config.token_accounts()[..] else { panic!("one account: {:?}", config.token_accounts()) };
    let TokenSource::Issuer(issuer) = &account.source else { panic!("an issuer") };
    assert_eq!((account.name.as_str(), account.user.as_str()), ("support", "support@lindeboom.example"));
    (**issuer).clone()
}

const SAME: &str = "same_as = \"support\"";

#[test]
fn a_provider_fills_in_what_is_known_of_it() {
    let issuer = issuer_of(&with_tokens("provider = \"microsoft\"\nclient_id = \"7\"", SAME));
    assert_eq!(issuer.grant, oauth::GrantKind::RefreshToken);
    assert_eq!(issuer.token_url, "https://login.microsoftonline.com/organizations/oauth2/v2.0/token");
    let device = "https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode";
    assert_eq!(issuer.device_url.as_deref(), Some(device));
    assert!(issuer.scope.ends_with("offline_access"), "{}", issuer.scope);
    assert_eq!(issuer.token_file, Path::new("/etc/casepost/data/tokens/support.json"));
    let own = "provider = \"microsoft\"\ntenant = \"lindeboom.example\"\ngrant = \"client-credentials\"\n\
               client_id = \"7\"\nclient_secret_env = \"SECRET\"";
    let issuer = issuer_of(&with_tokens(own, SAME));
    assert_eq!(issuer.token_url, "https://login.microsoftonline.com/lindeboom.example/oauth2/v2.0/token");
    assert_eq!(issuer.scope, "https://outlook.office365.com/.default");
    let google = "provider = \"google\"\nclient_id = \"7\"\nclient_secret_file = \"client.secret\"";
    let issuer = issuer_of(&with_tokens(google, SAME));
    assert_eq!((issuer.device_url, issuer.scope.as_str()), (None, "https://mail.google.com/"));
}

#[test]
fn faults_in_tokens_name_the_setting_and_the_mend() {
    let check = |imap: &str, smtp: &str, expected: &str| {
        let faults = parse(&with_tokens(imap, smtp)).map(|_| ()).unwrap_err();
        assert!(faults[0].what.contains(expected), "{faults:?} does not contain {expected:?}");
    };
    let good = "provider = \"microsoft\"\nclient_id = \"7\"";
    check("client_id = \"7\"", SAME, "say who gives out tokens");
    check("provider = \"google\"", SAME, "client_id is missing");
    check("client_id = \"7\"\ntoken_url = \"https://x.example/t\"", SAME, "needs device_url or authorize_url");
    let plain = "client_id = \"7\"\ntoken_url = \"http://x.example/t\"\ndevice_url = \"http://127.0.0.1:7/d\"";
    check(plain, SAME, "token_url = \"http://x.example/t\" must begin with https://");
    check(&format!("{good}\ngrant = \"client-credentials\""), SAME, "needs tenant");
    let google = "provider = \"google\"\nclient_id = \"7\"\nclient_secret_env = \"S\"\ngrant = \"client-credentials\"";
    check(google, SAME, "Google lets no program read mail in its own name");
    check(&format!("{good}\ntoken_command = [\"x\"]"), SAME, "token_command stands for all of it");
    check("token_command = []", SAME, "token_command is empty");
    check(&format!("{good}\n{SAME}"), SAME, "same_as is only for [outlet.smtp.oauth]");
    check(&format!("{good}\ntenant = \"a/b\""), SAME, "is a number or domain");
    check(good, "same_as = \"sales\"", "must name a mailbox that has [mailbox.imap.oauth]");
    check(good, &format!("{SAME}\nclient_id = \"7\""), "beside same_as only mechanism may stand");
    let both =
        with_tokens(good, SAME).replacen("[mailbox.imap.oauth]", "password_env = \"P\"\n[mailbox.imap.oauth]", 1);
    let faults = parse(&both).map(|_| ()).unwrap_err();
    assert!(faults[0].what.contains("has both a password and oauth"), "{faults:?}");
}
