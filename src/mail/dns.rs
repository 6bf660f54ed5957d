//! Asking the domain name system for TXT records, with a cache and within bounded time.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;
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
#[derive(Debug)]
pub enum Dns {
    /// Nobody.
    Off,
    /// A fixed table of names (small letters); a name without text fails for the moment. For tests and `--dns`.
    Table(HashMap<String, Option<String>>),
    /// Servers.
    Servers(Box<Servers>),
}

/// The servers of this machine, or those that were configured.
#[derive(Debug)]
pub struct Servers {
    resolver: TokioResolver,
    patience: Duration,
    /// How many lookups in a row nobody answered, and when the last was.
    failures: Mutex<(u32, Option<Instant>)>,
}

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
        Ok(Self::Servers(Box::new(Servers { resolver, patience, failures: Mutex::default() })))
    }

    /// Whether anybody is asked.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(self, Self::Off)
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
