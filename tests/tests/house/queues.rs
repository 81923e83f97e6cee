//! Nothing that was announced gets lost: queues, dead letters, alarms.

use crate::alarms::alarms;
use crate::template::{Template, each, target};
use serde_json::Value;
use std::collections::BTreeSet;

/// Tries before a message is set aside.
const RECEIVES_MAX: i64 = 5;
/// How many times its function's time-out a message is hidden: fewer, and it is delivered twice at the same time.
const VISIBILITY_FACTOR: i64 = 6;

fn queues() -> Vec<(String, Value)> {
    let templates = Template::all();
    let all = templates.iter().flat_map(|(_, template)| template.of_type("AWS::SQS::Queue"));
    all.map(|(name, queue)| (name.to_owned(), queue["Properties"].clone())).collect()
}

#[test]
fn every_queue_sets_aside_what_fails_five_times() {
    for (name, queue) in queues().iter().filter(|(name, _)| !name.ends_with("Dlq")) {
        let redrive = &queue["RedrivePolicy"];
        let dlq = target(&redrive["deadLetterTargetArn"]).unwrap_or_default();
        assert!(dlq.ends_with("Dlq"), "{name}: give it a RedrivePolicy to a queue named …Dlq");
        assert!(queues().iter().any(|(other, _)| other == dlq), "{name}: there is no queue {dlq}");
        let receives = redrive["maxReceiveCount"].as_i64().unwrap_or(i64::MAX);
        assert!((1..=RECEIVES_MAX).contains(&receives), "{name}: maxReceiveCount is at most {RECEIVES_MAX}");
    }
}

#[test]
fn every_queue_is_encrypted() {
    for (name, queue) in queues() {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}: SqsManagedSseEnabled: true");
    }
}

#[test]
fn every_mapping_reports_the_records_that_failed_and_hides_the_others_long_enough() {
    let template = Template::main();
    for (name, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
        let properties = &mapping["Properties"];
        let reports = each(&properties["FunctionResponseTypes"]).iter().any(|kind| *kind == "ReportBatchItemFailures");
        assert!(
            reports,
            "{name}: FunctionResponseTypes: [ReportBatchItemFailures], or one bad record takes its neighbours along"
        );
        let function = target(&properties["FunctionName"]).expect("a function");
        let source = target(&properties["EventSourceArn"]).expect("a source");
        let queue = &template.value["Resources"][source];
        if queue["Type"] == "AWS::SQS::Queue" {
            let wanted = VISIBILITY_FACTOR * template.timeout(function);
            let visible = queue["Properties"]["VisibilityTimeout"].as_i64().unwrap_or(30);
            assert!(
                visible >= wanted,
                "{source}: VisibilityTimeout at least {wanted}, six times the time-out of {function}"
            );
        } else {
            let dlq = target(&properties["DestinationConfig"]["OnFailure"]["Destination"]);
            assert!(dlq.is_some_and(|dlq| dlq.ends_with("Dlq")), "{name}: a stream needs an OnFailure destination");
        }
    }
}

#[test]
fn every_queue_that_is_no_dead_letter_queue_is_read() {
    let template = Template::main();
    let read: BTreeSet<&str> = template
        .of_type("AWS::Lambda::EventSourceMapping")
        .filter_map(|(_, mapping)| target(&mapping["Properties"]["EventSourceArn"]))
        .collect();
    for (name, _) in queues().iter().filter(|(name, _)| !name.ends_with("Dlq")) {
        assert!(read.contains(name.as_str()), "{name}: no event source mapping reads it");
    }
}

#[test]
fn every_rule_targets_a_queue_and_never_a_function() {
    let template = Template::main();
    for (name, rule) in template.of_type("AWS::Events::Rule") {
        for destination in each(&rule["Properties"]["Targets"]) {
            let queue = target(&destination["Arn"]).unwrap_or_default();
            let kind = &template.value["Resources"][queue]["Type"];
            assert_eq!(
                *kind, "AWS::SQS::Queue",
                "{name}: target a queue, which keeps what its function cannot take now"
            );
            let dead = &destination["DeadLetterConfig"]["Arn"];
            assert!(dead.is_object(), "{name}: its target needs a DeadLetterConfig");
            let may_send = template.of_type("AWS::SQS::QueuePolicy").any(|(_, policy)| {
                each(&policy["Properties"]["Queues"]).iter().any(|open| target(open) == Some(queue))
            });
            assert!(may_send, "{queue}: without a QueuePolicy the rule may not send to it");
        }
    }
}

#[test]
fn every_dead_letter_queue_has_an_alarm_and_every_alarm_a_queue() {
    let alarms = Template::load("infra/dead_letters.yaml");
    let mut watched = BTreeSet::new();
    for (name, alarm) in alarms.of_type("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        if properties["MetricName"] == "ApproximateNumberOfMessagesVisible" {
            let queue = properties["Dimensions"][0]["Value"]["Fn::Sub"].as_str().unwrap_or_default();
            watched.insert(queue.trim_start_matches("${ShopName}-").to_owned());
            assert_eq!(properties["Threshold"], 0, "{name}: one dead letter is enough");
        }
    }
    let dead: BTreeSet<String> =
        queues().into_iter().map(|(name, _)| name).filter(|name| name.ends_with("Dlq")).collect();
    assert_eq!(watched, dead, "infra/dead_letters.yaml watches the first, the templates have the second");
}

#[test]
fn every_alarm_tells_somebody_and_says_where_to_look() {
    for (name, alarm) in alarms() {
        assert!(!each(&alarm["AlarmActions"]).is_empty() && alarm["AlarmActions"].is_array(), "{name}: AlarmActions");
        assert!(alarm["AlarmDescription"].as_str().is_some_and(|text| text.len() > 40), "{name}: AlarmDescription");
    }
}
