//! A realm of the token server that `tests/run` started: an issuer that one test has for itself.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use casepost::config::SecretSource;
use casepost::config::oauth::{GrantKind, Issuer, TokenAccount, TokenSource};
use casepost::mail::oauth::Keeper;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::imap_client::ImapClient;
use crate::servers::{new_user, port, variable};

/// An issuer, its one user, and a folder for what is kept of it.
pub struct Realm {
    name: String,
    /// The user whose tokens it gives out, with an empty mailbox on Dovecot.
    pub user: String,
    folder: TempDir,
}

impl Realm {
    pub async fn new() -> Self {
        let user = new_user();
        ImapClient::log_in(&user).await.run("STATUS INBOX (MESSAGES)").await;
        let name = user.split('@').next().unwrap().to_owned();
        let realm = Self { name, user, folder: tempfile::tempdir().unwrap() };
        std::fs::write(realm.secret_file(), "client secret\n").unwrap();
        std::fs::set_permissions(realm.secret_file(), std::fs::Permissions::from_mode(0o600)).unwrap();
        realm.control(&[("user", &realm.user)]).await;
        realm
    }

    pub fn url(&self, what: &str) -> String {
        format!("http://127.0.0.1:{}/{}/{what}", port("CASEPOST_TEST_TOKEN_PORT"), self.name)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn token_file(&self) -> PathBuf {
        self.path("support.json")
    }

    pub fn secret_file(&self) -> PathBuf {
        self.path("client.secret")
    }

    pub fn issuer(&self, grant: GrantKind) -> Issuer {
        Issuer {
            grant,
            client_id: "casepost".into(),
            client_secret: Some(SecretSource::File(self.secret_file())),
            scope: "mail".into(),
            token_url: self.url("token"),
            device_url: Some(self.url("device")),
            authorize_url: Some(self.url("authorize")),
            token_file: self.token_file(),
            ca_file: None,
        }
    }

    fn keeper_from(&self, source: TokenSource) -> Keeper {
        Keeper::new(TokenAccount { name: "support".into(), user: self.user.clone(), source })
    }

    pub fn keeper(&self, grant: GrantKind) -> Keeper {
        self.keeper_at(self.issuer(grant))
    }

    pub fn keeper_at(&self, issuer: Issuer) -> Keeper {
        self.keeper_from(TokenSource::Issuer(Box::new(issuer)))
    }

    pub fn keeper_of_program(&self, program: &Path) -> Keeper {
        self.keeper_from(TokenSource::Command(vec!["sh".into(), program.display().to_string()]))
    }

    pub fn program(&self, script: &str) -> PathBuf {
        let path = self.path("program.sh");
        std::fs::write(&path, script).unwrap();
        path
    }

    /// Tells the issuer what to do, and gives what it tells.
    pub async fn control(&self, settings: &[(&str, &str)]) -> serde_json::Value {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(settings).finish();
        let head = format!(
            "POST /{}/control HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.name,
            body.len()
        );
        let answer = talk(&format!("{head}{body}")).await;
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Puts a fresh refresh token into the token file, as a login does.
    pub async fn give_grant(&self) {
        let token = self.control(&[("grant", "1")]).await["refresh_token"].as_str().unwrap().to_owned();
        std::fs::write(self.token_file(), format!("{{\"refresh_token\":\"{token}\"}}")).unwrap();
        self.set_mode(0o600);
    }

    pub fn set_mode(&self, mode: u32) {
        std::fs::set_permissions(self.token_file(), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The refresh token in the file.
    pub fn kept_grant(&self) -> String {
        let text = std::fs::read_to_string(self.token_file()).unwrap();
        let content: serde_json::Value = serde_json::from_str(&text).unwrap();
        content["refresh_token"].as_str().unwrap().to_owned()
    }

    /// The refresh tokens that count.
    pub async fn refresh_tokens(&self) -> Vec<String> {
        texts(&self.control(&[]).await["refresh_tokens"])
    }

    /// All tokens that count.
    pub async fn secrets(&self) -> Vec<String> {
        let told = self.control(&[]).await;
        [texts(&told["refresh_tokens"]), texts(&told["access_tokens"])].concat()
    }

    /// An access token, without a keeper.
    pub async fn access_token(&self) -> String {
        let body = "grant_type=client_credentials&client_id=casepost&client_secret=client+secret";
        let head = format!(
            "POST /{}/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.name,
            body.len()
        );
        let answer = talk(&format!("{head}{body}")).await;
        let answer: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// What was asked so far, and with what outcome.
    pub async fn asked(&self) -> Vec<(&'static str, &'static str)> {
        let known = ["refresh_token", "client_credentials", "ok", "down", "invalid_grant", "invalid_client", "device"];
        let told = self.control(&[]).await;
        let word = |value: &serde_json::Value| {
            let text = value.as_str().unwrap();
            known.into_iter().find(|known| *known == text).unwrap_or("another")
        };
        told["asked"].as_array().unwrap().iter().map(|pair| (word(&pair[0]), word(&pair[1]))).collect()
    }
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// One request to the token server, or to whoever listens there.
async fn talk(request: &str) -> String {
    talk_to(port("CASEPOST_TEST_TOKEN_PORT"), request).await
}

/// One request to a port of this machine; gives the whole answer.
pub async fn talk_to(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// What a browser does with an address: it follows where it is sent, once, and gives the page at the end.
pub async fn browse(address: &str) -> String {
    let answer = get(address).await;
    let to = answer.lines().find_map(|line| line.strip_prefix("Location: ")).expect("somewhere to go").to_owned();
    get(&to).await
}

/// Where a browser would be sent.
pub async fn redirection_of(address: &str) -> String {
    let answer = get(address).await;
    answer.lines().find_map(|line| line.strip_prefix("Location: ")).expect("somewhere to go").to_owned()
}

/// One page.
pub async fn get(address: &str) -> String {
    let rest = address.strip_prefix("http://127.0.0.1:").unwrap();
    let (port, path) = rest.split_once('/').unwrap();
    talk_to(port.parse().unwrap(), &format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await
}

/// Dovecot ends all sessions of a user.
pub async fn kick(user: &str) {
    let mut command = tokio::process::Command::new("doveadm");
    command.args(["-c", &variable("CASEPOST_TEST_DOVECOT_CONF"), "kick", user]);
    let done = command.output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A door to the token server behind which one speaks TLS; gives its port.
pub async fn tls_door() -> u16 {
    let folder = PathBuf::from(variable("CASEPOST_TEST_DIR")).join("tls");
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own_port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not like the certificate hangs up.
            let Ok(mut outside) = acceptor.accept(stream).await else { continue };
            let mut inside = TcpStream::connect(("127.0.0.1", port("CASEPOST_TEST_TOKEN_PORT"))).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut outside, &mut inside).await });
        }
    });
    own_port
}
