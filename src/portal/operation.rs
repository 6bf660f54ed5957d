//! `/healthz` and `/metrics`, for this machine: they ask nobody who they are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::desk::clock::Clock;
use crate::store::{Db, StoreError, letters, mailboxes, messages};

/// How long the database may take before it counts as away.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often counted values are folded, so that nobody's asking makes memory grow.
const UPKEEP: Duration = Duration::from_secs(30);

/// Upper bounds for times from receipt to acknowledgement, in seconds.
const LATENCY_BUCKETS: &[f64] = &[0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0];

/// What the two pages are made of.
pub struct Operation {
    db: Db,
    clock: Clock,
    metrics: PrometheusHandle,
}

/// What the store says of casepost's work.
#[derive(Debug)]
struct Work {
    waiting: i64,
    oldest_at: Option<Timestamp>,
    /// By `desk/mailbox/folder`.
    fetched: Vec<(String, Option<Timestamp>)>,
}

impl Operation {
    /// Begins to count: to be called once, before anything is counted.
    ///
    /// # Errors
    /// When something counts already.
    pub fn begin(db: Db, clock: Clock) -> Result<Self, metrics_exporter_prometheus::BuildError> {
        let latency = Matcher::Suffix("_seconds".to_owned());
        let metrics = PrometheusBuilder::new().set_buckets_for_metric(latency, LATENCY_BUCKETS)?.install_recorder()?;
        describe();
        Ok(Self { db, clock, metrics })
    }

    /// Listens for requests; to be called before the work begins, so that a port that is taken is told at once.
    ///
    /// # Errors
    /// When the port can't be had.
    pub async fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
        TcpListener::bind(listen).await
    }

    /// Answers requests until `stop`.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let place = listener.local_addr().map_or_else(|_| String::new(), |place| place.to_string());
        info!(place, "answering /healthz and /metrics");
        let metrics = self.metrics.clone();
        let serving = axum::serve(listener, router(self)).with_graceful_shutdown(stop.clone().cancelled_owned());
        let upkeep = async {
            loop {
                tokio::time::sleep(UPKEEP).await;
                metrics.run_upkeep();
            }
        };
        tokio::select! {
            served = serving => if let Err(error) = served {
                warn!(%error, "/healthz and /metrics ended");
            },
            () = upkeep => {}
        }
    }

    async fn ask(&self) -> Result<Work, StoreError> {
        let (waiting, oldest_at) = letters::list_waiting(&self.db).await?;
        let mut fetched: Vec<_> = mailboxes::list_fetched(&self.db).await?.into_iter().collect();
        fetched.sort();
        Ok(Work { waiting, oldest_at, fetched })
    }

    /// Writes what the store knows into gauges; what happened is counted where it happens.
    async fn refresh(&self) -> Result<(), StoreError> {
        let work = self.ask().await?;
        let now = self.clock.now();
        metrics::gauge!("casepost_outbox_letters").set(small(work.waiting));
        metrics::gauge!("casepost_outbox_oldest_seconds").set(work.oldest_at.map_or(0.0, |at| seconds(at, now)));
        for (mailbox, at) in work.fetched {
            if let Some(at) = at {
                metrics::gauge!("casepost_last_fetch_seconds", "mailbox" => mailbox).set(seconds(at, now));
            }
        }
        for (outcome, count) in messages::list_counts(&self.db).await? {
            metrics::gauge!("casepost_messages", "outcome" => outcome).set(small(count));
        }
        Ok(())
    }
}

/// What each number means, for who reads /metrics. Numbers that go up and down:
const GAUGES: [(&str, &str); 6] = [
    ("casepost_database_up", "1 when the database answered, else 0"),
    ("casepost_outbox_letters", "Letters that wait or are on their way"),
    ("casepost_outbox_oldest_seconds", "How long the oldest of them waits"),
    ("casepost_last_fetch_seconds", "How long ago the folder was read to its end"),
    ("casepost_messages", "Mails in the database, by outcome"),
    (
        "casepost_token_state",
        "Tokens of an account: 0 good, 1 none at the moment, 2 none until somebody does something",
    ),
];

/// Numbers that only go up.
const COUNTERS: [(&str, &str); 5] = [
    ("casepost_messages_total", "Mails taken since the start, by outcome"),
    ("casepost_letters_sent_total", "Letters that the next server took since the start"),
    ("casepost_mailbox_failures_total", "Failed attempts to read a mailbox since the start"),
    ("casepost_token_requests_total", "Access tokens asked for since the start, by outcome"),
    ("casepost_panics_total", "Loops that broke off by a fault of casepost and were begun again"),
];

/// Times.
const HISTOGRAMS: [(&str, &str); 1] =
    [("casepost_acknowledgement_seconds", "From the receipt of a mail to the sending of its acknowledgement")];

fn describe() {
    for (name, what) in GAUGES {
        metrics::describe_gauge!(name, what);
    }
    for (name, what) in COUNTERS {
        metrics::describe_counter!(name, what);
    }
    for (name, what) in HISTOGRAMS {
        metrics::describe_histogram!(name, what);
    }
}

/// The two pages.
pub fn router(operation: Operation) -> Router {
    Router::new().route("/healthz", get(healthz)).route("/metrics", get(show_metrics)).with_state(Arc::new(operation))
}

async fn healthz(State(operation): State<Arc<Operation>>) -> Response {
    let (code, state) = match tokio::time::timeout(PATIENCE, operation.ask()).await {
        Ok(Ok(work)) => {
            let fetched: serde_json::Map<_, _> = work.fetched.into_iter().map(|(name, at)| (name, json!(at))).collect();
            let state = json!({ "database": "ok", "outbox": { "letters": work.waiting, "oldest_at": work.oldest_at },
                "last_fetch": fetched });
            (StatusCode::OK, state)
        }
        Ok(Err(error)) => {
            warn!(%error, "the database is away");
            (StatusCode::SERVICE_UNAVAILABLE, json!({ "database": "away" }))
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, json!({ "database": "silent" })),
    };
    (code, [(header::CONTENT_TYPE, "application/json")], format!("{state}\n")).into_response()
}

async fn show_metrics(State(operation): State<Arc<Operation>>) -> Response {
    match tokio::time::timeout(PATIENCE, operation.refresh()).await {
        Ok(Ok(())) => metrics::gauge!("casepost_database_up").set(1.0),
        Ok(Err(_)) | Err(_) => metrics::gauge!("casepost_database_up").set(0.0),
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], operation.metrics.render()).into_response()
}

/// How long ago that was, in seconds.
fn seconds(at: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(at).as_secs_f64().max(0.0)
}

/// A count as metrics have it. Counts beyond 2^32 would be no news.
fn small(count: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_never_below_zero() {
        let now: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let check =
            |at: &str, expected: f64| assert!((seconds(at.parse().unwrap(), now) - expected).abs() < 1e-6, "{at}");
        check("2026-03-02T08:59:30Z", 30.0);
        check("2026-03-02T09:00:30Z", 0.0);
        assert!((small(7) - 7.0).abs() < 1e-6);
    }

    #[test]
    fn the_dashboard_asks_only_for_what_is_told() {
        let dashboard = include_str!("../../templates/operation/grafana.json");
        let dashboard: serde_json::Value = serde_json::from_str(dashboard).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
        let told = GAUGES.iter().chain(&COUNTERS).chain(&HISTOGRAMS).map(|(name, _)| *name).collect::<Vec<_>>();
        let mut asked = 0;
        for target in targets {
            let expression = target["expr"].as_str().unwrap();
            for word in expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                if word.starts_with("casepost_") {
                    let name = word.strip_suffix("_bucket").unwrap_or(word);
                    assert!(told.contains(&name), "nobody tells {name}");
                    asked += 1;
                }
            }
        }
        assert!(asked >= panels.len());
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_no_health() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("x.db").display())).await.unwrap();
        let operation = Arc::new(Operation::begin(db.clone(), Clock::system()).unwrap());
        assert_eq!(healthz(State(Arc::clone(&operation))).await.status(), StatusCode::OK);
        db.close().await;
        assert_eq!(healthz(State(Arc::clone(&operation))).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(show_metrics(State(Arc::clone(&operation))).await.status(), StatusCode::OK);
        assert!(operation.metrics.render().contains("casepost_database_up 0"));
    }
}
