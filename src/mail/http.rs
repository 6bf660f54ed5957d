//! A post over HTTP, for what no mail can do: tokens of an issuer, alarms.

use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{HOST, RETRY_AFTER};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::tls::client_config;

/// From the first look-up to the last byte of an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// A longer answer is not read.
const LONGEST_ANSWER: usize = 256 << 10;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long it wants to be left alone.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// Posts a body and reads the answer, within bounded time and size. A redirection is not followed: what is posted may be
/// secret and is for that address alone. Without TLS only this machine is asked.
///
/// # Errors
/// What broke, in words that hold nothing of what was posted, nor of the address's query.
pub async fn post(
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
    ca_file: Option<&Path>,
) -> Result<Answer, String> {
    match tokio::time::timeout(PATIENCE, exchange(url, headers, body, ca_file)).await {
        Ok(done) => done,
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

async fn exchange(
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
    ca_file: Option<&Path>,
) -> Result<Answer, String> {
    let uri: Uri = url.parse().map_err(|_| "this is no address".to_owned())?;
    let host = uri.host().ok_or("this address names no host")?;
    let bare = host.trim_matches(['[', ']']);
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let stream = TcpStream::connect((bare, port)).await.map_err(|e| e.to_string())?;
    let request = request(&uri, headers, body)?;
    if !is_tls {
        if !stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()) {
            return Err("without TLS only this machine is asked: use https://".to_owned());
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

fn request(uri: &Uri, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Request<Full<Bytes>>, String> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    // User and password of an address are no part of the host.
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let host = host.rsplit('@').next().unwrap_or(host);
    let mut request = Request::post(path).header(HOST, host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(Bytes::from(body))).map_err(|e| e.to_string())
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
