//! What an issuer's answer means (RFC 6749 section 5). Words of it are told, tokens never.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::Secret;

use super::super::http::Answer;

/// How long a token is thought good when the issuer does not say.
const UNTOLD_LIFETIME: Duration = Duration::from_secs(600);
/// No token is thought good for longer.
const LONGEST_LIFETIME: f64 = 7.0 * 86_400.0;
/// No issuer is left alone for longer.
const LONGEST_REST: Duration = Duration::from_secs(3600);

/// What was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Granted {
    pub access_token: Secret,
    /// How long it is good, from before it was asked for.
    pub lifetime: Duration,
    /// The refresh token that counts from now on, if it is another.
    pub refresh_token: Option<Secret>,
}

/// Why nothing was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Asking the same again helps nothing.
    Final {
        /// The issuer's code, such as `invalid_grant`.
        code: String,
        /// Its words.
        words: String,
    },
    /// Later, perhaps.
    Passing {
        /// The issuer's code, if it gave one.
        code: Option<String>,
        /// What is told.
        why: String,
        /// How long the issuer wants to be left alone.
        retry_after: Option<Duration>,
    },
}

/// Reads an answer of the token endpoint.
pub(super) fn read(answer: &Answer) -> Result<Granted, Refusal> {
    let fields = match serde_json::from_slice(&answer.body) {
        Ok(Value::Object(fields)) => fields,
        _ => return Err(passing(answer, None, "an answer that is no JSON object")),
    };
    if let Some(code) = text(&fields, "error") {
        return Err(refusal(answer, &fields, code));
    }
    let token = text(&fields, "access_token").filter(|_| answer.status == 200);
    let Some(token) = token else { return Err(passing(answer, None, "an answer without a token")) };
    // Whatever can't stand in a line of a mail server's dialogue is no token (RFC 6750 section 2.1).
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(passing(answer, None, "a token with strange characters"));
    }
    Ok(Granted {
        access_token: Secret::new(token),
        lifetime: lifetime(fields.get("expires_in")),
        refresh_token: text(&fields, "refresh_token").map(Secret::new),
    })
}

/// `expires_in` is a number of seconds; some issuers write it as text. One that is none or below 1 comes from a clock
/// that is wrong, and tells nothing.
fn lifetime(given: Option<&Value>) -> Duration {
    let seconds = match given {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let seconds = seconds.filter(|seconds: &f64| *seconds >= 1.0);
    seconds.map_or(UNTOLD_LIFETIME, |seconds| Duration::from_secs_f64(seconds.min(LONGEST_LIFETIME)))
}

fn refusal(answer: &Answer, fields: &Map<String, Value>, code: &str) -> Refusal {
    let words: String = text(fields, "error_description").unwrap_or_default().to_owned();
    let words: String =
        words.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(300).collect();
    // RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5; whatever is unknown with 4xx is thought final.
    let is_passing = matches!(
        code,
        "temporarily_unavailable" | "server_error" | "slow_down" | "authorization_pending" | "too_many_requests"
    );
    if is_passing || answer.status == 429 || answer.status >= 500 {
        return passing(answer, Some(code), &format!("{code} {words}"));
    }
    let code: String = code.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
    Refusal::Final { code, words }
}

fn passing(answer: &Answer, code: Option<&str>, what: &str) -> Refusal {
    Refusal::Passing {
        code: code.map(str::to_owned),
        why: format!("the issuer of tokens gave {} (HTTP {})", what.trim(), answer.status),
        retry_after: answer.retry_after.map(|rest| rest.min(LONGEST_REST)),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// What a person must do about a final refusal, in the words of `check`, alarms and the log.
pub(super) fn mend(code: &str, words: &str, name: &str, is_personal: bool) -> String {
    let told = if words.is_empty() { code.to_owned() } else { format!("{code}: {words}") };
    match code {
        "invalid_grant" | "interaction_required" | "consent_required" | "login_required" if is_personal => {
            format!("the grant was revoked: run casepost auth login {name} ({told})")
        }
        "invalid_client" => {
            format!("the issuer does not know the application: mend client_id and client_secret of {name} ({told})")
        }
        _ if is_personal => {
            format!("the issuer refuses: mend oauth of {name}, then run casepost auth login {name} ({told})")
        }
        _ => format!("the issuer refuses: mend oauth of {name} or the application's rights ({told})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, body: body.into() }
    }

    #[test]
    fn a_token_is_read_with_its_lifetime() {
        let check = |body: &str, seconds: u64, refresh: Option<&str>| {
            let granted = read(&answer(200, body)).unwrap();
            assert_eq!(granted.access_token.expose(), "abc");
            assert_eq!(granted.lifetime, Duration::from_secs(seconds), "{body}");
            assert_eq!(granted.refresh_token.as_ref().map(Secret::expose), refresh);
        };
        check(r#"{"access_token":"abc","token_type":"Bearer","expires_in":3599}"#, 3599, None);
        check(r#"{"access_token":"abc","expires_in":"3599","refresh_token":"r"}"#, 3599, Some("r"));
        check(r#"{"access_token":"abc"}"#, 600, None);
        check(r#"{"access_token":"abc","expires_in":null}"#, 600, None);
        check(r#"{"access_token":"abc","expires_in":-5,"refresh_token":""}"#, 600, None);
        check(r#"{"access_token":"abc","expires_in":1e300}"#, 7 * 86_400, None);
    }

    #[test]
    fn a_refusal_is_final_or_passes() {
        let check = |status, body: &str, expected: Option<&str>| {
            let code = match read(&answer(status, body)).unwrap_err() {
                Refusal::Final { code, .. } => Some(code),
                Refusal::Passing { .. } => None,
            };
            assert_eq!(code.as_deref(), expected, "{status} {body}");
        };
        check(400, r#"{"error":"invalid_grant","error_description":"AADSTS70000"}"#, Some("invalid_grant"));
        check(401, r#"{"error":"invalid_client"}"#, Some("invalid_client"));
        check(400, r#"{"error":"something_new"}"#, Some("something_new"));
        check(400, r#"{"error":"temporarily_unavailable"}"#, None);
        check(429, r#"{"error":"invalid_grant"}"#, None);
        check(503, r#"{"error":"invalid_grant"}"#, None);
        check(502, "<html>Bad Gateway</html>", None);
        check(200, "{}", None);
        check(200, r#"{"access_token":"a\nb"}"#, None);
        check(302, r#"{"access_token":"abc"}"#, None);
    }

    #[test]
    fn no_answer_shows_a_token() {
        let shown = format!("{:?}", read(&answer(200, r#"{"access_token":"hush","refresh_token":"hush"}"#)));
        assert!(!shown.contains("hush"), "{shown}");
        let shown = format!("{:?}", read(&answer(500, r#"{"access_token":"hush"}"#)));
        assert!(!shown.contains("hush"), "{shown}");
    }

    #[test]
    fn the_mend_names_the_command() {
        let told = mend("invalid_grant", "expired", "support", true);
        assert_eq!(told, "the grant was revoked: run casepost auth login support (invalid_grant: expired)");
        assert!(mend("invalid_client", "", "support", false).contains("client_secret of support (invalid_client)"));
    }
}
