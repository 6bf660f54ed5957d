//! A Dovecot of the measurement's own, on loopback, with Maildirs in the temporary folder.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;

/// The password of every mailbox.
pub const PASSWORD: &str = "secret";

/// The folder into which mails are moved; it is there from the start.
pub const HANDLED: &str = "Handled";

/// A running server; it ends with this value.
pub struct Dovecot {
    folder: PathBuf,
    /// Where it listens with TLS.
    pub port: u16,
    owner: (u32, u32),
    process: std::process::Child,
}

impl Dovecot {
    /// Starts it in a folder of its own below `work`.
    ///
    /// # Errors
    /// It is not installed, this is not root, or it does not come up.
    pub async fn start(work: &Path) -> anyhow::Result<Dovecot> {
        let Some(program) = find("dovecot") else {
            bail!("dovecot is not installed: apt-get install --no-install-recommends dovecot-imapd openssl");
        };
        let owner = account("mail").context("this machine has no user \"mail\", as Debian's have")?;
        let folder = work.join("dovecot");
        std::fs::create_dir_all(folder.join("mail"))?;
        chown(folder.join("mail"), Some(owner.0), Some(owner.1))
            .context("Dovecot must start as root, because it changes to users of its own: use sudo")?;
        make_certificate(&folder)?;
        let port = free_port()?;
        let settings = folder.join("dovecot.conf");
        std::fs::write(&settings, configuration(&folder, port))?;
        let process = Command::new(program)
            .arg("-F")
            .arg("-c")
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("out"))?)
            .spawn()
            .context("dovecot can't be started")?;
        let mut server = Dovecot { folder, port, owner, process };
        server.wait_until_up().await?;
        Ok(server)
    }

    async fn wait_until_up(&mut self) -> anyhow::Result<()> {
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(());
            }
            if self.process.try_wait()?.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let told = |name: &str| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        bail!("dovecot did not start: {}{}", told("out"), told("log"))
    }

    /// The certificate by which it is known.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    /// A new mailbox of that user with these mails, oldest first. The files are only linked.
    ///
    /// # Errors
    /// What the file system said.
    pub fn fill(&self, user: &str, mails: &[PathBuf]) -> anyhow::Result<()> {
        let home = self.folder.join("mail").join(user);
        for folder in [home.clone(), home.join(format!(".{HANDLED}"))] {
            for part in ["cur", "new", "tmp"] {
                let part = folder.join(part);
                std::fs::create_dir_all(&part)?;
                self.give(&part)?;
            }
            self.give(&folder)?;
        }
        for (no, mail) in mails.iter().enumerate() {
            let size = std::fs::metadata(mail)?.len();
            self.give(mail)?;
            // The seconds at the start give the order; the flags let the server leave the file where it is.
            let name = format!("{}.M{no}P1.bench,S={size},W={size}:2,", 1_700_000_000 + no);
            std::fs::hard_link(mail, home.join("cur").join(name))?;
        }
        Ok(())
    }

    fn give(&self, path: &Path) -> std::io::Result<()> {
        chown(path, Some(self.owner.0), Some(self.owner.1))
    }

    /// Removes a mailbox that is done with.
    pub fn remove(&self, user: &str) {
        // The whole folder goes at the end anyway.
        let _ = std::fs::remove_dir_all(self.folder.join("mail").join(user));
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let settings = self.folder.join("dovecot.conf");
        let stopped = find("doveadm").and_then(|doveadm| {
            Command::new(doveadm).arg("-c").arg(settings).arg("stop").stderr(Stdio::null()).status().ok()
        });
        if !stopped.is_some_and(|status| status.success()) {
            // Then at least the master goes, and its children see it.
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// A program in the usual places; cron and service managers leave some of them out of the path.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The numbers of a user and its group.
fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut parts = line.split(':').skip(2);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn make_certificate(folder: &Path) -> anyhow::Result<()> {
    let made = Command::new(find("openssl").context("openssl is not installed: apt-get install openssl")?)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("certificate.pem"))
        .output()
        .context("openssl can't be started")?;
    if !made.status.success() {
        bail!("openssl made no certificate: {}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(())
}

fn configuration(folder: &Path, port: u16) -> String {
    let d = folder.display();
    format!(
        "base_dir = {d}/run
state_dir = {d}/state
instance_name = casepost-bench
log_path = {d}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = dovecot
default_internal_group = dovecot
default_login_user = dovenull
ssl = required
ssl_cert = <{d}/certificate.pem
ssl_key = <{d}/key.pem
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{d}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mail_fsync = never
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={d}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"
    )
}
