//! The words in which a token is handed over: XOAUTH2 and OAUTHBEARER (RFC 7628).

use serde_json::Value;

use crate::config::oauth::Mechanism;

/// What the client says first.
pub(in crate::mail) fn first_words(mechanism: Mechanism, user: &str, host: &str, port: u16, token: &str) -> String {
    match mechanism {
        Mechanism::Xoauth2 => format!("user={user}\x01auth=Bearer {token}\x01\x01"),
        Mechanism::Oauthbearer => {
            // RFC 5801 section 4: a name in the GS2 header.
            let name = user.replace('=', "=3D").replace(',', "=2C");
            format!("n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")
        }
    }
}

/// What the client answers when the server tells in a challenge why it refuses: then only comes the refusal itself.
/// RFC 7628 section 3.2.3 wants one 0x01, XOAUTH2 an empty line.
pub(in crate::mail) fn answer_to_refusal(mechanism: Mechanism) -> &'static [u8] {
    match mechanism {
        Mechanism::Xoauth2 => b"",
        Mechanism::Oauthbearer => b"\x01",
    }
}

/// What such a challenge says, in one line: its status (RFC 7628 section 3.2.2) and whatever words come with it.
pub(in crate::mail) fn told(challenge: &[u8]) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_slice(challenge) else {
        return "the server refused the token without a readable reason".to_owned();
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let number = fields.get("status").and_then(Value::as_i64).map(|number| number.to_string());
    let status = text("status").map(str::to_owned).or(number).unwrap_or_else(|| "no status".to_owned());
    let mut told = format!("the server refused the token ({status})");
    for name in ["error", "error_description", "scope"] {
        if let Some(text) = text(name) {
            let short: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
            told.push_str(&format!("; {name}: {short}"));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_those_of_the_mechanism() {
        let check = |mechanism, user, expected: &str| {
            assert_eq!(first_words(mechanism, user, "imap.x.example", 993, "T0k"), expected);
        };
        // The example of Google's description of XOAUTH2, with other words.
        check(Mechanism::Xoauth2, "ann@x.example", "user=ann@x.example\x01auth=Bearer T0k\x01\x01");
        let bearer = |name| format!("n,a={name},\x01host=imap.x.example\x01port=993\x01auth=Bearer T0k\x01\x01");
        check(Mechanism::Oauthbearer, "ann@x.example", &bearer("ann@x.example"));
        check(Mechanism::Oauthbearer, "a,b=c", &bearer("a=2Cb=3Dc"));
    }

    #[test]
    fn a_refusal_is_told_in_one_line() {
        let check = |challenge: &str, expected: &str| assert_eq!(told(challenge.as_bytes()), expected);
        check(
            r#"{"status":"invalid_token","scope":"mail"}"#,
            "the server refused the token (invalid_token); scope: mail",
        );
        check(r#"{"status":"401","schemes":"bearer"}"#, "the server refused the token (401)");
        check(r#"{"status":400,"error":"expired"}"#, "the server refused the token (400); error: expired");
        check("{}", "the server refused the token (no status)");
        check("\u{1}", "the server refused the token without a readable reason");
    }
}
