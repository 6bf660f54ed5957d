//! One form, posted to an issuer over HTTPS.

use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::super::tls::client_config;

/// From the first look-up to the last byte of an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// A longer answer is none of an issuer.
const LONGEST_ANSWER: usize = 256 << 10;

/// What an issuer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long it wants to be left alone.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// Posts the form and reads the answer, within bounded time and size. A redirection is not followed: an issuer's
/// address doesn't wander, and what we say is secret.
///
/// # Errors
/// What broke, in words that hold nothing of the form.
pub(super) async fn post(url: &str, form: &[(&str, &str)], ca_file: Option<&Path>) -> Result<Answer, String> {
    match tokio::time::timeout(PATIENCE, exchange(url, form, ca_file)).await {
        Ok(done) => done.map_err(|why| format!("{}: {why}", place(url))),
        Err(_) => Err(format!("{}: no answer within {} s", place(url), PATIENCE.as_secs())),
    }
}

/// The address without its query.
fn place(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

async fn exchange(url: &str, form: &[(&str, &str)], ca_file: Option<&Path>) -> Result<Answer, String> {
    let uri: Uri = url.parse().map_err(|_| "this is no address".to_owned())?;
    let host = uri.host().ok_or("this address names no host")?;
    let bare = host.trim_matches(['[', ']']);
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let stream = TcpStream::connect((bare, port)).await.map_err(|e| e.to_string())?;
    let request = request(&uri, form)?;
    if !is_tls {
        if !stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()) {
            return Err("without TLS an issuer is asked on this machine only: use https://".to_owned());
        }
        return talk(TokioIo::new(stream), request).await;
    }
    let file = ca_file.map(Path::to_owned);
    let config = tokio::task::spawn_blocking(move || client_config(file.as_deref()));
    let config = config.await.map_err(|e| e.to_string())??;
    let name = ServerName::try_from(bare.to_owned()).map_err(|e| e.to_string())?;
    let connector = tokio_rustls::TlsConnector::from(config);
    let stream = connector.connect(name, stream).await.map_err(|e| format!("TLS: {e}"))?;
    talk(TokioIo::new(stream), request).await
}

fn request(uri: &Uri, form: &[(&str, &str)]) -> Result<Request<Full<Bytes>>, String> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    Request::post(path)
        .header(HOST, host)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|e| e.to_string())
}

async fn talk<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, String>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(stream).await;
    let (mut sender, connection) = handshake.map_err(|e| e.to_string())?;
    // It ends with the sender; what broke on it is told by the sender, too.
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
    let body = body.map_err(|e| format!("the answer broke off or is too long ({e})"))?.to_bytes().to_vec();
    Ok(Answer { status, retry_after: retry_after.map(Duration::from_secs), body })
}
