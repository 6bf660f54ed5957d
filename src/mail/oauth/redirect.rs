//! A person agrees in a browser, which then brings the answer to this machine (RFC 8252, with PKCE of RFC 7636).

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::config::Secret;
use crate::config::oauth::Issuer;

use super::answer::{Granted, Refusal, read};
use super::post::post;

/// How long one visit of a browser may take.
const VISIT: Duration = Duration::from_secs(10);

/// A login that waits for a person's browser.
#[derive(Debug)]
pub struct RedirectLogin {
    /// Where the person goes.
    pub address: String,
    /// The port on which their browser comes back.
    pub port: u16,
    listener: TcpListener,
    state: String,
    verifier: Secret,
}

impl RedirectLogin {
    /// Listens on this machine alone, on the given port or on any (0).
    ///
    /// # Errors
    /// A port that can't be had, or an issuer without an address for browsers.
    pub async fn begin(issuer: &Issuer, user: &str, port: u16) -> Result<Self, String> {
        let url = issuer.authorize_url.as_deref().ok_or("this issuer has no authorize_url")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|e| format!("port {port} of this machine can't be had: {e}"))?;
        let port = listener.local_addr().map_err(|e| e.to_string())?.port();
        let (state, verifier) = (draw()?, draw()?);
        let challenge = data_encoding::BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &issuer.client_id)
            .append_pair("redirect_uri", &redirect_uri(port))
            .append_pair("scope", &issuer.scope)
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("login_hint", user)
            .finish();
        let sign = if url.contains('?') { '&' } else { '?' };
        Ok(Self { address: format!("{url}{sign}{query}"), port, listener, state, verifier: Secret::new(verifier) })
    }

    /// Waits for the browser, or for the address at which it ended (from `pasted`), and gives the refresh token.
    ///
    /// # Errors
    /// The person refused; the issuer gave no refresh token.
    pub async fn wait(
        self,
        issuer: &Issuer,
        client_secret: Option<&Secret>,
        mut pasted: mpsc::Receiver<String>,
    ) -> Result<Secret, String> {
        let mut is_pasting = true;
        let code = loop {
            let query = tokio::select! {
                query = self.visit() => query,
                line = pasted.recv(), if is_pasting => match line {
                    Some(line) => answer_of_address(&line),
                    None => { is_pasting = false; None }
                },
            };
            match query.map(|query| code_of(&query, &self.state)) {
                Some(Ok(code)) => break code,
                Some(Err(Some(refusal))) => return Err(refusal),
                // Somebody else's answer, or none: the right one may still come.
                Some(Err(None)) | None => {}
            }
        };
        let uri = redirect_uri(self.port);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", uri.as_str()),
            ("client_id", issuer.client_id.as_str()),
            ("code_verifier", self.verifier.expose()),
        ];
        if let Some(secret) = client_secret {
            form.push(("client_secret", secret.expose()));
        }
        match read(&post(&issuer.token_url, &form, issuer.ca_file.as_deref()).await?) {
            Ok(granted) => refresh_token_of(granted),
            Err(Refusal::Passing { why, .. }) => Err(format!("{why}: begin anew")),
            Err(Refusal::Final { code, words }) => Err(format!("the issuer refuses ({code}: {words})")),
        }
    }

    /// One visit; gives the query of the address, if there was one.
    async fn visit(&self) -> Option<String> {
        let (stream, _) = self.listener.accept().await.ok()?;
        let seen = Arc::new(std::sync::Mutex::new(None));
        let shared = Arc::clone(&seen);
        let state = self.state.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let query = request.uri().query().map(str::to_owned);
            let (status, text) = match query.as_deref().map(|query| code_of(query, &state)) {
                Some(Ok(_)) => (StatusCode::OK, "casepost has what it needs. You may close this page.\n"),
                Some(Err(Some(_))) => (StatusCode::OK, "The login was refused. casepost tells more.\n"),
                Some(Err(None)) | None => (StatusCode::NOT_FOUND, "This is not the answer that casepost waits for.\n"),
            };
            if let (Ok(mut seen), true) = (shared.lock(), status == StatusCode::OK) {
                *seen = query;
            }
            let response = Response::builder()
                .status(status)
                .header(CONTENT_TYPE, "text/plain; charset=utf-8")
                .header(CONNECTION, "close")
                .body(Full::new(Bytes::from_static(text.as_bytes())));
            async move { response }
        });
        let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A browser that says nothing, or hangs up, was no answer.
        let _ = tokio::time::timeout(VISIT, serving).await;
        seen.lock().ok()?.take()
    }
}

fn redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}/")
}

/// 32 bytes that nobody guesses, in the letters of RFC 7636 section 4.1.
fn draw() -> Result<String, String> {
    let mut random = [0u8; 32];
    getrandom::fill(&mut random).map_err(|e| format!("no random numbers: {e}"))?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&random))
}

/// The query of an address that a person pasted.
#[must_use]
pub fn answer_of_address(address: &str) -> Option<String> {
    let (_, query) = address.trim().split_once('?')?;
    Some(query.split('#').next().unwrap_or_default().to_owned())
}

/// The code of an answer that belongs to our question; else what was refused, if it was.
fn code_of(query: &str, state: &str) -> Result<Secret, Option<String>> {
    let find = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
    };
    if find("state").as_deref() != Some(state) {
        return Err(None);
    }
    if let Some(error) = find("error") {
        let words = find("error_description").unwrap_or_default();
        let told: String = format!("{error} {words}").chars().filter(|c| !c.is_control()).take(300).collect();
        return Err(Some(format!("the login was refused in the browser ({})", told.trim())));
    }
    find("code").map(Secret::new).ok_or(None)
}

/// Without a refresh token the login would end with the first access token.
pub(super) fn refresh_token_of(granted: Granted) -> Result<Secret, String> {
    let why = "the issuer gave no refresh token: let the scope ask for it (offline_access), or log in anew";
    granted.refresh_token.ok_or_else(|| why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_our_question_counts() {
        let check = |query: &str, expected: Result<&str, Option<&str>>| {
            let code = code_of(query, "s1");
            let code = code.as_ref().map(Secret::expose).map_err(Option::as_deref);
            assert_eq!(code, expected, "{query}");
        };
        check("code=a%2Fb&state=s1", Ok("a/b"));
        check("state=s1&code=abc&scope=x", Ok("abc"));
        check("code=abc&state=s2", Err(None));
        check("code=abc", Err(None));
        check("state=s1", Err(None));
        let refused = "the login was refused in the browser (access_denied No, thanks)";
        check("error=access_denied&error_description=No%2C+thanks&state=s1", Err(Some(refused)));
        check("error=access_denied&state=s2", Err(None));
    }

    #[test]
    fn a_pasted_address_gives_its_query() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(answer_of_address(line).as_deref(), expected);
        };
        check(" http://127.0.0.1:4711/?code=a&state=b#top \n", Some("code=a&state=b"));
        check("http://127.0.0.1:4711/", None);
        check("", None);
    }
}
