//! Alarms, and the page that shows their numbers: on something that is counted, about something that is deployed, for
//! everything that could fail in silence. Whether each one rings is proven in scenarios/alarms.rs.

use crate::environment::sources;
use crate::template::{Template, each, read, root};
use runtime::telemetry::Metric;
use serde_json::Value;
use std::collections::BTreeSet;

const TEMPLATES: [&str; 3] = ["infra/alarms.yaml", "infra/background.yaml", "infra/dead_letters.yaml"];
/// Numbers of AWS' own: namespace, name, the statistic that says something, and the dimension that an alarm gives it.
const OF_AWS: &[(&str, &str, &str, Option<&str>)] = &[
    ("AWS/Lambda", "Errors", "Sum", Some("FunctionName")),
    ("AWS/Lambda", "Throttles", "Sum", None),
    ("AWS/Lambda", "IteratorAge", "Maximum", Some("FunctionName")),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", Some("QueueName")),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", Some("QueueName")),
    ("AWS/ApiGateway", "5xx", "Sum", Some("ApiId")),
];
/// What the dashboard shows beside.
const SHOWN: &[(&str, &str)] = &[
    ("AWS/ApiGateway", "Count"),
    ("AWS/ApiGateway", "4xx"),
    ("AWS/ApiGateway", "Latency"),
    ("AWS/Lambda", "Duration"),
    ("AWS/Lambda", "ConcurrentExecutions"),
    ("AWS/DynamoDB", "WriteThrottleEvents"),
];
/// Metrics of ours whose newest value counts, not their sum.
const GAUGES: [Metric; 2] = [Metric::OutboxAge, Metric::AuditDifferences];
/// Longer than that, an alarm would come when everybody knows.
const SECONDS_TO_ALARM_MAX: i64 = 900;

/// The alarms of all templates, each by its name.
pub(crate) fn alarms() -> Vec<(String, Value)> {
    let templates = TEMPLATES.map(Template::load);
    let all = templates.iter().flat_map(|template| template.of_type("AWS::CloudWatch::Alarm"));
    all.map(|(name, alarm)| (name.to_owned(), alarm["Properties"].clone())).collect()
}

/// What follows the stack's name in the one dimension of an alarm.
fn about(alarm: &Value) -> &str {
    alarm["Dimensions"][0]["Value"]["Fn::Sub"].as_str().unwrap_or_default().trim_start_matches("${ShopName}-")
}

fn is_ours(namespace: &Value) -> bool {
    namespace["Ref"] == "MetricsNamespace"
}

#[test]
fn every_alarm_is_in_a_template_that_is_looked_at() {
    for (path, template) in Template::all() {
        let has_alarms = template.of_type("AWS::CloudWatch::Alarm").next().is_some();
        assert!(!has_alarms || TEMPLATES.contains(&path.as_str()), "{path}: its alarms are looked at by no test");
    }
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
                "{name}: {wanted:?} is not in OF_AWS (house/alarms.rs)"
            );
        }
    }
}

#[test]
fn every_alarm_is_about_something_that_is_deployed() {
    let templates = Template::all();
    let named = |kind: &'static str, field: &'static str| -> BTreeSet<String> {
        let all = templates.iter().flat_map(|(_, template)| template.of_type(kind));
        // Each template has its own word for the stack's name.
        let names = all.filter_map(|(_, one)| one["Properties"][field]["Fn::Sub"].as_str()?.split_once("}-"));
        names.map(|(_, name)| name.to_owned()).collect()
    };
    let functions = named("AWS::Serverless::Function", "FunctionName");
    let queues = named("AWS::SQS::Queue", "QueueName");
    for (name, alarm) in alarms() {
        match alarm["Dimensions"][0]["Name"].as_str() {
            Some("FunctionName") => assert!(functions.contains(about(&alarm)), "{name}: no function {}", about(&alarm)),
            Some("QueueName") => assert!(queues.contains(about(&alarm)), "{name}: no queue {}", about(&alarm)),
            Some("ApiId") => assert_eq!(alarm["Dimensions"][0]["Value"]["Ref"], "ApiId", "{name}"),
            other => assert_eq!(other, None, "{name}"),
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
            assert!(!each(&alarm[actions]).is_empty() && alarm[actions].is_array(), "{name}: {actions}");
        }
    }
}

/// What an alarm on this metric is about.
fn watched(metric: &str) -> BTreeSet<String> {
    alarms()
        .iter()
        .filter(|(_, alarm)| alarm["MetricName"] == metric)
        .map(|(_, alarm)| about(alarm).to_owned())
        .collect()
}

#[test]
fn every_queue_that_should_be_short_has_an_alarm_on_its_age() {
    let template = Template::main();
    let queues = template.of_type("AWS::SQS::Queue").filter(|(name, queue)| {
        // Messages that are held back on purpose grow old on purpose.
        !name.ends_with("Dlq") && queue["Properties"].get("DelaySeconds").is_none()
    });
    let queues: BTreeSet<String> = queues.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(watched("ApproximateAgeOfOldestMessage"), queues, "alarms …QueueIsOld (left), queues (right)");
}

#[test]
fn every_function_on_a_schedule_or_a_stream_has_an_alarm_on_its_errors() {
    let watched = watched("Errors");
    let silent = functions::USE_CASES.iter().filter(|use_case| {
        use functions::Trigger::{HttpAndSchedule, Schedule, Stream};
        matches!(use_case.trigger, Schedule(_) | Stream(_) | HttpAndSchedule(..))
    });
    for use_case in silent {
        assert!(watched.contains(use_case.name), "{}: nobody would notice: add an alarm …Fails", use_case.name);
    }
}

/// The dashboard as CloudWatch gets it.
fn dashboard() -> Value {
    let template = Template::load("infra/dashboard.yaml");
    let (_, dashboard) = template.of_type("AWS::CloudWatch::Dashboard").next().unwrap();
    let text = dashboard["Properties"]["DashboardBody"]["Fn::Sub"][0].as_str().unwrap();
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
            assert!(is_known, "{}: {named:?} is not in SHOWN (house/alarms.rs)", widget["properties"]["title"]);
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
    // What is done about several alarms is described once, before the first of them.
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
