//! Asking the domain name system for TXT records, with a cache and within bounded time.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData};
use hickory_resolver::system_conf::read_system_conf;

/// How many answers are remembered.
const CACHE_SIZE: u64 = 1_000;
/// How long an answer is remembered at most: a key that is withdrawn must not be believed for days.
const LONGEST_MEMORY: Duration = Duration::from_secs(3_600);
/// Servers that don't answer are left alone so long, so that an outage does not slow every mail down.
const PAUSE: Duration = Duration::from_secs(20);
/// After so many lookups in a row that nobody answered, there is such a pause. It takes more than a few, as anybody can
/// send mails signed by a domain whose own servers are slow.
const MANY_FAILURES: u32 = 8;

/// What came back for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxtAnswer {
    /// Its records, each put together from its pieces.
    Found(Vec<String>),
    /// There are none.
    Absent,
    /// No answer at the moment.
    Failed(String),
    /// Nobody is asked.
    NotAsked,
}

/// Who is asked.
#[derive(Debug, Clone)]
pub enum Dns {
    /// Nobody.
    Off,
    /// A fixed table of names (small letters); a name without text fails for the moment. For tests and `--dns`.
    Table(HashMap<String, Option<String>>),
    /// Servers.
    Servers(Box<Servers>),
}

/// The servers of this machine, or those that were configured. Clones share what they remember.
#[derive(Debug, Clone)]
pub struct Servers {
    resolver: TokioResolver,
    patience: Duration,
    failures: Arc<Failures>,
    /// Those of lookups for strangers, who choose the domains themselves: their slow servers pause nobody else's.
    failures_of_strangers: Arc<Failures>,
}

/// How many lookups in a row nobody answered, and when the last was.
type Failures = Mutex<(u32, Option<Instant>)>;

impl Dns {
    /// A fixed table; capitals don't count.
    #[must_use]
    pub fn table<'a>(entries: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let entries = entries.into_iter();
        Self::Table(entries.map(|(name, text)| (plain(name), text.map(str::to_owned))).collect())
    }

    /// These servers, or those of this machine (`/etc/resolv.conf`) where none are given.
    ///
    /// # Errors
    /// When the settings of this machine can't be read.
    pub fn servers(given: &[SocketAddr], patience: Duration) -> Result<Self, String> {
        let (config, mut options) = if given.is_empty() {
            read_system_conf().map_err(|e| format!("the resolver of this machine: {e}"))?
        } else {
            let servers = given.iter().map(|server| {
                let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
                for connection in &mut connections {
                    connection.port = server.port();
                }
                NameServerConfig::new(server.ip(), true, connections)
            });
            (ResolverConfig::from_parts(None, Vec::new(), servers.collect()), ResolverOpts::default())
        };
        if config.name_servers().is_empty() {
            return Err("no name server is configured on this machine".to_owned());
        }
        options.timeout = (patience / 2).max(Duration::from_millis(200));
        options.attempts = 1;
        options.cache_size = CACHE_SIZE;
        options.use_hosts_file = ResolveHosts::Never;
        options.positive_max_ttl = Some(LONGEST_MEMORY);
        options.negative_max_ttl = Some(LONGEST_MEMORY / 6);
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let resolver = resolver.with_options(options).build().map_err(|e| format!("the resolver: {e}"))?;
        Ok(Self::Servers(Box::new(Servers {
            resolver,
            patience,
            failures: Arc::default(),
            failures_of_strangers: Arc::default(),
        })))
    }

    /// Whether anybody is asked.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// The same for lookups that strangers cause.
    #[must_use]
    pub fn for_strangers(&self) -> Self {
        match self {
            Self::Servers(servers) => {
                let failures = Arc::clone(&servers.failures_of_strangers);
                Self::Servers(Box::new(Servers { failures, ..servers.as_ref().clone() }))
            }
            other => other.clone(),
        }
    }

    /// The TXT records of a name.
    pub async fn txt(&self, name: &str) -> TxtAnswer {
        match self {
            Self::Off => TxtAnswer::NotAsked,
            Self::Table(table) => match table.get(&plain(name)) {
                Some(Some(text)) => TxtAnswer::Found(vec![text.clone()]),
                Some(None) => TxtAnswer::Failed("no answer in time".to_owned()),
                None => TxtAnswer::Absent,
            },
            Self::Servers(servers) => servers.txt(name).await,
        }
    }
}

impl Servers {
    async fn txt(&self, name: &str) -> TxtAnswer {
        // A name that can't be asked for has no record.
        let Ok(name) = Name::from_str_relaxed(format!("{}.", plain(name))) else { return TxtAnswer::Absent };
        if self.is_paused() {
            return TxtAnswer::Failed("the name servers did not answer a moment ago".to_owned());
        }
        let mut is_silence = false;
        let answer = match tokio::time::timeout(self.patience, self.resolver.txt_lookup(name)).await {
            Ok(Ok(found)) => {
                let texts = found.answers().iter().filter_map(|record| match &record.data {
                    RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
                    _ => None,
                });
                match texts.collect::<Vec<_>>() {
                    none if none.is_empty() => TxtAnswer::Absent,
                    texts => TxtAnswer::Found(texts),
                }
            }
            Ok(Err(error)) if is_absence(&error) => TxtAnswer::Absent,
            Ok(Err(error)) => {
                is_silence = !matches!(error, NetError::Dns(_));
                TxtAnswer::Failed(error.to_string())
            }
            Err(_) => {
                is_silence = true;
                TxtAnswer::Failed(format!("no answer within {} s", self.patience.as_secs_f32()))
            }
        };
        self.note(is_silence);
        answer
    }

    fn is_paused(&self) -> bool {
        let Ok(failures) = self.failures.lock() else { return false };
        matches!(*failures, (count, Some(last)) if count >= MANY_FAILURES && last.elapsed() < PAUSE)
    }

    fn note(&self, is_silence: bool) {
        if let Ok(mut failures) = self.failures.lock() {
            *failures = if is_silence { (failures.0 + 1, Some(Instant::now())) } else { (0, None) };
        }
    }
}

/// Whether the answer is that there is nothing; every other error may be over soon (RFC 2308 section 2).
fn is_absence(error: &NetError) -> bool {
    let NetError::Dns(DnsError::NoRecordsFound(none)) = error else { return false };
    matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError)
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use tokio::net::UdpSocket;

    use super::*;

    /// A name server on this machine: answers names that begin with `a`, has none for `n`, fails for `s`, is silent
    /// for the rest. Counts what it was asked.
    async fn server() -> (SocketAddr, std::sync::Arc<std::sync::atomic::AtomicU32>) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let count = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counting = std::sync::Arc::clone(&count);
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((size, from)) = socket.recv_from(&mut buffer).await {
                counting.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                // Header, then the question: labels, type, class (RFC 1035 section 4.1).
                let end = 12 + buffer[12..size].iter().position(|&b| b == 0).unwrap() + 5;
                let mut answer = buffer[..end].to_vec();
                answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
                match buffer[13] {
                    b'a' => {
                        answer[7] = 1;
                        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 6, 2, b'h', b'i', 2, b'y', b'o']);
                    }
                    b'n' => answer[3] |= 3,
                    b's' => answer[3] |= 2,
                    _ => continue,
                }
                let _ = socket.send_to(&answer, from).await;
            }
        });
        (address, count)
    }

    #[tokio::test]
    async fn servers_answer_or_have_nothing_or_fail() {
        let (address, count) = server().await;
        let dns = Dns::servers(&[address], Duration::from_secs(2)).unwrap();
        assert_eq!(dns.txt("a._domainkey.client.nl").await, TxtAnswer::Found(vec!["hiyo".into()]));
        assert_eq!(dns.txt("A._domainkey.client.nl.").await, TxtAnswer::Found(vec!["hiyo".into()]));
        assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 1, "the second time it is remembered");
        assert_eq!(dns.txt("n._domainkey.client.nl").await, TxtAnswer::Absent);
        assert!(matches!(dns.txt("s._domainkey.client.nl").await, TxtAnswer::Failed(_)));
        assert_eq!(dns.txt("a..client.nl").await, TxtAnswer::Absent);
        assert_eq!(dns.txt(&"a".repeat(300)).await, TxtAnswer::Absent);
    }

    #[tokio::test]
    async fn silence_is_borne_for_a_while_and_then_nobody_is_asked() {
        let (address, _) = server().await;
        let dns = Dns::servers(&[address], Duration::from_millis(300)).unwrap();
        for n in 0..MANY_FAILURES {
            assert!(matches!(dns.txt(&format!("x{n}.client.nl")).await, TxtAnswer::Failed(_)));
        }
        let paused = TxtAnswer::Failed("the name servers did not answer a moment ago".into());
        assert_eq!(dns.txt("y.client.nl").await, paused);
        let strangers = dns.for_strangers();
        assert_eq!(strangers.txt("a.elsewhere.nl").await, TxtAnswer::Found(vec!["hiyo".into()]));
    }

    #[tokio::test]
    async fn the_silence_of_strangers_servers_pauses_nobody_else_s() {
        let (address, _) = server().await;
        let dns = Dns::servers(&[address], Duration::from_millis(300)).unwrap();
        for n in 0..MANY_FAILURES {
            assert!(matches!(dns.for_strangers().txt(&format!("x{n}.elsewhere.nl")).await, TxtAnswer::Failed(_)));
        }
        let paused = TxtAnswer::Failed("the name servers did not answer a moment ago".into());
        assert_eq!(dns.for_strangers().txt("a.elsewhere.nl").await, paused);
        assert_eq!(dns.txt("a.client.nl").await, TxtAnswer::Found(vec!["hiyo".into()]));
    }

    #[tokio::test]
    async fn a_table_and_nobody() {
        let dns = Dns::table([("A.client.nl", Some("x")), ("b.client.nl", None)]);
        assert_eq!(dns.txt("a.CLIENT.nl.").await, TxtAnswer::Found(vec!["x".into()]));
        assert!(matches!(dns.txt("b.client.nl").await, TxtAnswer::Failed(_)));
        assert_eq!(dns.txt("c.client.nl").await, TxtAnswer::Absent);
        assert_eq!(Dns::Off.txt("a.client.nl").await, TxtAnswer::NotAsked);
    }
}
