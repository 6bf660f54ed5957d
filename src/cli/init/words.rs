//! The two files that init writes, as a person would have written them.

use std::fmt::Write as _;
use std::path::Path;

use super::answers::{Answers, MailAccount, MailServer, PasswordPlace};

/// casepost.toml.
pub fn config(answers: &Answers, data_dir: &Path) -> String {
    let trusted = trust(answers);
    let reply = if answers.has_plus_addresses { "plus" } else { "none" };
    format!(
        "# casepost's configuration, begun by casepost init. casepost.example.toml explains every setting that there is.\n\n\
         # The folder for everything that casepost keeps.\n\
         data_dir = {data_dir}\n\n\
         # The desk in whose name letters go out.\n\
         [[desk]]\n\
         code = {code}\n\
         name = {name}\n\
         language = {language}\n\
         time_zone = {zone}\n\
         # Lines that stand below the desk's name and address in each letter.\n\
         # footer = \"Telephone 030 123 45 67, on weekdays from 9 to 5\"\n\
         # Who is told when the desk must act: outages, quarantined mail, breaches.\n\
         alarm_to = [{alarm_to}]\n\n\
         # The mailbox to which clients write.\n\
         [[mailbox]]\n\
         name = \"support\"\n\
         desk = {code}\n\
         address = {address}\n\
         # \"plus\": support+anything@… comes into this mailbox, too, so that each case has an address of its own; else \"none\".\n\
         reply_address = \"{reply}\"\n\
         # Handled mail is moved into this folder, which is made where it is not there.\n\
         file_into = \"Handled\"\n\
         {trusted}\n{account}",
        data_dir = quoted(&data_dir.display().to_string()),
        code = quoted(answers.desk.as_str()),
        name = quoted(&answers.desk_name),
        language = quoted(answers.language.code()),
        zone = quoted(answers.time_zone.name()),
        alarm_to = quoted(answers.alarm_to.as_str()),
        address = quoted(answers.address.as_str()),
        account = account(answers),
    )
}

/// Whom the mailbox believes; what is not known yet is left as a comment that says where to get it.
fn trust(answers: &Answers) -> String {
    let list = |items: &[String]| items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ");
    let comment = "# Whose word about senders is believed: casepost check --mail FILE reads both lines from a mail that came in.\n";
    let mark = |items: &[String]| if items.is_empty() { "# " } else { "" };
    format!(
        "{comment}{}trusted_hosts = [{}]\n{}authserv_ids = [{}]\n",
        mark(&answers.trusted_hosts),
        list(&answers.trusted_hosts),
        mark(&answers.authserv_ids),
        list(&answers.authserv_ids)
    )
}

fn account(answers: &Answers) -> String {
    let user = quoted(answers.address.as_str());
    let outlet = format!(
        "# How letters leave. \"hold\": they wait until casepost outbox release; \"shadow\": and read mail stays where it is;\n\
         # \"send\": at once.\n[outlet]\ndelivery = \"{}\"\n",
        answers.delivery
    );
    match &answers.account {
        MailAccount::Microsoft { tenant, client_id, client_secret } => format!(
            "[mailbox.imap]\nhost = \"outlook.office365.com\"\nuser = {user}\n\
             [mailbox.imap.oauth]\nprovider = \"microsoft\"\ntenant = {}\nclient_id = {}\n{}\n\
             {outlet}[outlet.smtp]\nhost = \"smtp.office365.com\"\ntls = \"starttls\"\nuser = {user}\n\
             [outlet.smtp.oauth]\nsame_as = \"support\"\n",
            quoted(tenant),
            quoted(client_id),
            match client_secret {
                Some(place) => format!("grant = \"client-credentials\"\n{}\n", secret("client_secret", place)),
                None => String::new(),
            }
        ),
        MailAccount::Google { client_id, client_secret } => format!(
            "[mailbox.imap]\nhost = \"imap.gmail.com\"\nuser = {user}\n\
             [mailbox.imap.oauth]\nprovider = \"google\"\nclient_id = {}\n{}\n\n\
             {outlet}[outlet.smtp]\nhost = \"smtp.gmail.com\"\nuser = {user}\n\
             [outlet.smtp.oauth]\nsame_as = \"support\"\n",
            quoted(client_id),
            secret("client_secret", client_secret)
        ),
        MailAccount::Other { imap, smtp } => {
            format!("[mailbox.imap]\n{}\n{outlet}[outlet.smtp]\n{}", server(imap), server(smtp))
        }
    }
}

fn server(server: &MailServer) -> String {
    let mut lines = format!("host = {}\n", quoted(&server.host));
    if let Some(port) = server.port {
        let _ = writeln!(lines, "port = {port}");
    }
    let _ = writeln!(lines, "tls = \"{}\"", server.tls);
    if let Some((user, place)) = &server.login {
        let _ = writeln!(lines, "user = {}\n{}", quoted(user), secret("password", place));
    }
    lines
}

fn secret(what: &str, place: &PasswordPlace) -> String {
    match place {
        PasswordPlace::File(file, _) => format!("{what}_file = {}", quoted(&file.display().to_string())),
        PasswordPlace::Variable(name) => format!("{what}_env = {}", quoted(name)),
    }
}

/// The directory file: one expert, one client with its coordinator, what was agreed and bought.
pub fn directory(answers: &Answers) -> String {
    let expert = key_of(&answers.expert.name, "expert");
    let coordinator = key_of(&answers.coordinator.name, "coordinator");
    let coordinator = if coordinator == expert { format!("{coordinator}-2") } else { coordinator };
    let domains = answers.client_domain.as_ref().map(|domain| quoted(domain.as_str())).unwrap_or_default();
    let code = quoted(answers.client.as_str());
    let (start, zone) = (answers.start, quoted(answers.time_zone.name()));
    let day = |name: &str| format!("{name} = [\"09:00-17:00\"]\n");
    let hours: String = ["mon", "tue", "wed", "thu", "fri"].map(day).concat();
    let charge = if answers.strips == 0 {
        "# Nothing is taken from a card: real minutes are kept.\n[contract.charge]\nsupport = \"included\"\nchange = \"included\"\n"
    } else {
        ""
    };
    let card = if answers.strips == 0 {
        String::new()
    } else {
        format!(
            "\n# Time bought in advance: strips of a quarter of an hour.\n[[card]]\nclient = {code}\nnumber = \"{}-001\"\n\
             strips = {}\nminutes_per_strip = 15\npurchased_on = {start}\n",
            start.year(),
            answers.strips
        )
    };
    format!(
        "# Who is who, and what was agreed; begun by casepost init. After each change:\n\
         # casepost import desk.toml --reason \"what changed\"\n\
         desk = {desk}\n\n\
         # Who does the work. A second [[expert]] can stand in: deputy = \"KEY\".\n\
         [[expert]]\nkey = {expert}\nname = {expert_name}\naddresses = [{expert_address}]\nlanguage = {language}\n\n\
         # When the desk is open. holidays = \"nl\" or \"be\" closes it on public holidays.\n\
         [[calendar]]\nkey = \"office\"\ntime_zone = {zone}\n[calendar.hours]\n{hours}\n\
         # The organisations with a contract. Mail of their domains is of their people.\n\
         [[client]]\ncode = {code}\nname = {client_name}\ndomains = [{domains}]\nlanguage = {client_language}\n\
         time_zone = {zone}\nlead_expert = {expert}\n\n\
         # What was agreed: \"basic\" promises no deadlines; the README tells of \"sla\".\n\
         [[contract]]\nclient = {code}\nplan = \"basic\"\nstart = {start}\ncalendar = \"office\"\nrounding = \"per-entry\"\n\
         strip_minutes = 15\n{charge}\n\
         # The people at the clients who are known by name.\n\
         [[person]]\nkey = {coordinator}\nclient = {code}\nname = {coordinator_name}\naddresses = [{coordinator_address}]\n\n\
         # Who may decide what, from when on.\n\
         [[position]]\nrole = \"coordinator\"\nclient = {code}\nholder = {coordinator}\nfrom = {start}\n\n\
         [[position]]\nrole = \"duty-manager\"\nholder = {expert}\nfrom = {start}\n{card}",
        desk = quoted(answers.desk.as_str()),
        expert = quoted(&expert),
        expert_name = quoted(&answers.expert.name),
        expert_address = quoted(answers.expert.address.as_str()),
        language = quoted(answers.language.code()),
        client_name = quoted(&answers.client_name),
        client_language = quoted(answers.client_language.code()),
        coordinator = quoted(&coordinator),
        coordinator_name = quoted(&answers.coordinator.name),
        coordinator_address = quoted(answers.coordinator.address.as_str()),
    )
}

/// A key from a name: its words in small letters with dashes between.
fn key_of(name: &str, instead: &str) -> String {
    let mut key = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            _ if !key.is_empty() && !key.ends_with('-') => key.push('-'),
            _ => {}
        }
    }
    let key: String = key.chars().take(40).collect();
    let key = key.trim_matches('-');
    if key.is_empty() { instead.to_owned() } else { key.to_owned() }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_key() {
        let check = |name: &str, expected: &str| assert_eq!(key_of(name, "expert"), expected, "{name}");
        check("Joost de Wit", "joost-de-wit");
        check("  Anne  Bakker-Smit ", "anne-bakker-smit");
        check("Иван", "expert");
    }

    #[test]
    fn what_is_quoted_stays_one_text() {
        for text in ["a \"b\" c", "back\\slash", "caf\u{e9}", "'single'"] {
            let line = format!("x = {}", quoted(text));
            assert_eq!(line.parse::<toml::Table>().unwrap()["x"].as_str(), Some(text), "{line}");
        }
    }
}
