//! Alarms, and the page that shows their numbers: on something that is counted, about something that is deployed, for
//! everything that could fail in silence. Whether each one rings is proven in scenarios/alarms.rs.

use crate::environment::sources;
use crate::{read, root};
use functions::{USE_CASES, UseCase};
use runtime::telemetry::Metric;
use serde_json::Value;
use std::collections::BTreeSet;
use tests::template::{all, resources};

/// Numbers of AWS' own: namespace, name, the statistic that says something, and the dimension that an alarm gives it.
const OF_AWS: &[(&str, &str, &str, Option<&str>)] = &[
    ("AWS/Lambda", "Throttles", "Sum", None),
    ("AWS/Lambda", "IteratorAge", "Maximum", Some("FunctionName")),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", Some("QueueName")),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", Some("QueueName")),
    ("AWS/ApiGateway", "5xx", "Sum", Some("ApiId")),
];
/// Further metrics that the dashboard shows.
const SHOWN: &[(&str, &str)] = &[
    ("AWS/ApiGateway", "Count"),
    ("AWS/ApiGateway", "4xx"),
    ("AWS/ApiGateway", "Latency"),
    ("AWS/Lambda", "Duration"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "ConcurrentExecutions"),
    ("AWS/DynamoDB", "WriteThrottleEvents"),
];
/// Metrics of ours whose newest value counts, not their sum.
const GAUGES: [Metric; 2] = [Metric::OutboxAge, Metric::AuditDifferences];
/// Longer than that, an alarm would come when everybody knows.
const SECONDS_TO_ALARM_MAX: i64 = 900;

/// The alarms of all templates, each by its name.
fn alarms() -> Vec<(String, Value)> {
    let all = all().iter().flat_map(|(_, template)| resources(template, "AWS::CloudWatch::Alarm"));
    all.map(|(name, alarm)| (name.to_owned(), alarm.clone())).collect()
}

fn is_ours(namespace: &Value) -> bool {
    namespace["!Ref"] == "MetricsNamespace"
}

#[test]
fn every_metric_is_counted_somewhere() {
    let code: String = sources(&root().join("functions/src")).into_iter().map(|(_, source)| source).collect();
    for metric in Metric::ALL {
        assert!(code.contains(&format!("Metric::{}", metric.name())), "no use case counts {}", metric.name());
    }
}

#[test]
fn every_alarm_looks_at_a_number_that_there_is() {
    for (name, alarm) in alarms() {
        let (metric, statistic) = (alarm["MetricName"].as_str().unwrap(), alarm["Statistic"].as_str().unwrap());
        if is_ours(&alarm["Namespace"]) {
            let counted = Metric::ALL.iter().find(|counted| counted.name() == metric);
            let counted = counted.unwrap_or_else(|| panic!("{name}: nobody counts {metric}"));
            assert!(alarm.get("Dimensions").is_none(), "{name}: over all use cases, that is without a dimension");
            let wanted = if GAUGES.contains(counted) { "Maximum" } else { "Sum" };
            assert_eq!(statistic, wanted, "{name}: {metric}");
        } else {
            let namespace = alarm["Namespace"].as_str().unwrap();
            let dimensions = alarm["Dimensions"].as_array().map_or(0, Vec::len);
            let dimension = alarm["Dimensions"][0]["Name"].as_str();
            let wanted = (namespace, metric, statistic, dimension);
            assert!(
                OF_AWS.contains(&wanted) && dimensions <= 1,
                "{name}: {wanted:?} is not in OF_AWS (architecture/alarms.rs)"
            );
        }
    }
}

#[test]
fn every_alarm_comes_within_a_quarter_of_an_hour_and_says_what_missing_numbers_mean() {
    for (name, alarm) in alarms() {
        let period = alarm["Period"].as_i64().unwrap();
        assert!(period % 60 == 0, "{name}: Period is whole minutes");
        let periods = alarm["EvaluationPeriods"].as_i64().unwrap();
        assert!(period * periods <= SECONDS_TO_ALARM_MAX, "{name}: it would come too late");
        let missing = alarm["TreatMissingData"].as_str().unwrap_or_default();
        assert!(["breaching", "notBreaching", "ignore"].contains(&missing), "{name}: TreatMissingData");
        assert!(alarm["Threshold"].as_i64().is_some_and(|threshold| threshold >= 0), "{name}: Threshold");
        for actions in ["AlarmActions", "OKActions"] {
            assert!(alarm[actions].as_array().is_some_and(|actions| !actions.is_empty()), "{name}: {actions}");
        }
    }
}

#[test]
fn every_alarm_says_where_to_look() {
    for (name, alarm) in alarms() {
        assert!(alarm["AlarmDescription"].as_str().is_some_and(|text| text.len() > 40), "{name}: AlarmDescription");
    }
}

#[test]
fn nothing_that_nobody_waits_for_fails_in_silence() {
    for UseCase { name, manifest, .. } in USE_CASES {
        for queue in manifest.queues {
            // Messages that are held back on purpose grow old on purpose.
            assert_eq!(queue.is_old.is_some(), queue.delay.is_none(), "{name}: alarm_on_age, unless it delays");
        }
        let has_dead_letters = !manifest.queues.is_empty() || manifest.stream.is_some();
        assert_eq!(manifest.dead_letters.is_some(), has_dead_letters, "{name}: alarm_on_dead_letters");
    }
}

/// The dashboard as CloudWatch gets it.
fn dashboard() -> Value {
    let template = tests::template::read("infra/dashboard.yaml");
    let text = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["!Sub"][0].as_str().unwrap();
    serde_json::from_str(text).unwrap_or_else(|error| panic!("the dashboard's body is not JSON: {error}"))
}

/// The namespaces and names of what a widget shows.
fn shown_by(widget: &Value) -> Vec<(String, String)> {
    let metrics = widget["properties"]["metrics"].as_array().unwrap();
    let shown = metrics.iter().map(|metric| match metric[0]["expression"].as_str() {
        Some(search) => {
            let (namespace, rest) = search.split_once('{').unwrap().1.split_once(',').unwrap();
            let name = rest.split_once("MetricName=\"").unwrap().1.split_once('"').unwrap().0;
            (namespace.to_owned(), name.to_owned())
        }
        None => (metric[0].as_str().unwrap().to_owned(), metric[1].as_str().unwrap().to_owned()),
    });
    shown.collect()
}

#[test]
fn the_dashboard_shows_every_number_of_ours_and_none_that_there_is_not() {
    let mut shown = BTreeSet::new();
    for widget in dashboard()["widgets"].as_array().unwrap() {
        for (namespace, metric) in shown_by(widget) {
            if namespace == "${MetricsNamespace}" {
                shown.insert(metric);
                continue;
            }
            let named = (namespace.as_str(), metric.as_str());
            let is_known = OF_AWS.iter().any(|known| (known.0, known.1) == named) || SHOWN.contains(&named);
            assert!(is_known, "{}: {named:?} is not in SHOWN (architecture/alarms.rs)", widget["properties"]["title"]);
        }
    }
    let counted: BTreeSet<String> = Metric::ALL.iter().map(|metric| metric.name().to_owned()).collect();
    assert_eq!(shown, counted, "the dashboard (left) and what is counted (right)");
}

#[test]
fn the_widgets_of_the_dashboard_fill_its_rows_and_do_not_overlap() {
    let dashboard = dashboard();
    let mut taken = BTreeSet::new();
    for widget in dashboard["widgets"].as_array().unwrap() {
        let number = |field: &str| widget[field].as_u64().unwrap();
        assert!(number("x") + number("width") <= 24, "{}: 24 columns", widget["properties"]["title"]);
        for (x, y) in (0..number("width")).flat_map(|x| (0..number("height")).map(move |y| (x, y))) {
            let is_free = taken.insert((number("x") + x, number("y") + y));
            assert!(is_free, "{} lies over another widget", widget["properties"]["title"]);
        }
    }
}

#[test]
fn every_alarm_has_its_page_in_the_runbook_and_every_page_its_alarm() {
    let runbook = read("docs/runbook.md");
    // The sections before the first alarm describe actions that several alarms share.
    let (_, pages) = runbook.split_once("\n## The outbox\n").expect("the first alarms");
    let mut described = Vec::new();
    for page in pages.split("\n### ").skip(1) {
        let (name, text) = page.split_once('\n').unwrap();
        for part in ["- **Means:** ", "- **Look:** ", "- **Do:** "] {
            assert!(text.contains(&format!("\n{part}")), "docs/runbook.md: {name} without {part}");
        }
        described.push(name.to_owned());
    }
    let names: Vec<String> = alarms().into_iter().map(|(name, _)| name).collect();
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(set(&described), set(&names), "docs/runbook.md describes the first, the templates have the second");
    assert_eq!(described.len(), names.len(), "docs/runbook.md describes one twice");
}
