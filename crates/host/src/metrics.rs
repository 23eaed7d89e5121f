//! What the host counts, in the text format of Prometheus.

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt::Write;
use std::time::Duration;

/// All metrics of one application.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    chained: Family<ComponentLabel, Counter>,
    created: Family<ComponentLabel, Counter>,
    live: Family<ComponentLabel, Gauge>,
    traps: Family<ComponentLabel, Counter>,
    timeouts: Family<ComponentLabel, Counter>,
    statements: Family<ComponentLabel, Counter>,
    statement_seconds: Family<ComponentLabel, Histogram, fn() -> Histogram>,
    log_lines_lost: Counter,
    /// Requests from outside that were turned away because too many were served.
    pub(crate) refused: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    component: String,
    route: String,
    class: Class,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    component: String,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ComponentLabel {
    component: String,
}

/// The first digit of a status.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
struct Class(u8);

impl EncodeLabelValue for Class {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        write!(encoder, "{}xx", self.0)
    }
}

/// The metrics of one component, looked up once.
#[derive(Clone, Debug)]
pub(crate) struct ComponentMetrics {
    pub(crate) chained: Counter,
    pub(crate) created: Counter,
    pub(crate) live: Gauge,
    pub(crate) traps: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) statements: Counter,
    pub(crate) statement_seconds: Histogram,
}

/// The metrics of one route, looked up once.
#[derive(Clone, Debug)]
pub(crate) struct RouteMetrics {
    classes: [Counter; 5],
    duration: Histogram,
}

impl RouteMetrics {
    pub(crate) fn record(&self, status: u16, duration: Duration) {
        let class = (usize::from(status) / 100).clamp(1, 5) - 1;
        self.classes[class].inc();
        self.duration.observe(duration.as_secs_f64());
    }
}

/// From a tenth of a millisecond to half a minute.
fn seconds() -> Histogram {
    Histogram::new([
        0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
        2.5, 5.0, 10.0, 30.0,
    ])
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("host"),
            requests: Family::default(),
            durations: Family::new_with_constructor(seconds),
            chained: Family::default(),
            created: Family::default(),
            live: Family::default(),
            traps: Family::default(),
            timeouts: Family::default(),
            statements: Family::default(),
            statement_seconds: Family::new_with_constructor(seconds),
            log_lines_lost: Counter::default(),
            refused: Counter::default(),
        };
        let registry = &mut metrics.registry;
        registry.register(
            "http_requests",
            "Requests by component, route and class of status",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "From request to head of response",
            metrics.durations.clone(),
        );
        registry.register(
            "http_refused",
            "Requests turned away because too many were served",
            metrics.refused.clone(),
        );
        registry.register(
            "chained_calls",
            "Calls of other components by component",
            metrics.chained.clone(),
        );
        registry.register(
            "instances_created",
            "Instances made",
            metrics.created.clone(),
        );
        registry.register(
            "instances_live",
            "Instances that exist",
            metrics.live.clone(),
        );
        registry.register(
            "traps",
            "Instances that ended with a trap",
            metrics.traps.clone(),
        );
        registry.register(
            "timeouts",
            "Requests without answer in time",
            metrics.timeouts.clone(),
        );
        registry.register(
            "sql_statements",
            "SQL statements run",
            metrics.statements.clone(),
        );
        registry.register(
            "sql_statement_seconds",
            "Time of an SQL statement, waiting included",
            metrics.statement_seconds.clone(),
        );
        registry.register(
            "log_lines_lost",
            "Lines of guests that could not be written",
            metrics.log_lines_lost.clone(),
        );
        metrics
    }

    pub(crate) fn component(&self, id: &str) -> ComponentMetrics {
        let label = ComponentLabel {
            component: id.to_owned(),
        };
        ComponentMetrics {
            chained: self.chained.get_or_create(&label).clone(),
            created: self.created.get_or_create(&label).clone(),
            live: self.live.get_or_create(&label).clone(),
            traps: self.traps.get_or_create(&label).clone(),
            timeouts: self.timeouts.get_or_create(&label).clone(),
            statements: self.statements.get_or_create(&label).clone(),
            statement_seconds: self.statement_seconds.get_or_create(&label).clone(),
        }
    }

    pub(crate) fn route(&self, component: &str, route: &str) -> RouteMetrics {
        let of = |class| {
            let labels = RequestLabels {
                component: component.to_owned(),
                route: route.to_owned(),
                class,
            };
            self.requests.get_or_create(&labels).clone()
        };
        let labels = RouteLabels {
            component: component.to_owned(),
            route: route.to_owned(),
        };
        RouteMetrics {
            classes: [1, 2, 3, 4, 5].map(|digit| of(Class(digit))),
            duration: self.durations.get_or_create(&labels).clone(),
        }
    }

    /// The counter of lines that the log could not take.
    pub(crate) fn log_lines_lost(&self) -> Counter {
        self.log_lines_lost.clone()
    }

    /// Everything, as a scraper wants it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_holds_what_was_counted() {
        let metrics = Metrics::new();
        metrics
            .route("intake", "/api/cases/:number")
            .record(503, Duration::from_millis(3));
        metrics.component("intake").live.inc();
        let text = metrics.text();
        let line = "host_http_requests_total{component=\"intake\",route=\"/api/cases/:number\",class=\"5xx\"} 1";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("host_instances_live{component=\"intake\"} 1"),
            "{text}"
        );
        assert!(
            text.contains("host_http_request_seconds_bucket{le=\"0.005\""),
            "{text}"
        );
    }
}
