//! A use case's queues with the rules that feed them, their dead-letter queue, and the mappings to its function.

use crate::area::built_in;
use crate::text::{comment, folded, plain, remark};
use functions::UseCase;
use functions::manifest::{Alarm, Manifest, Queue, Rule, Stream, pascal_case};

/// A use case's rules, queues, mappings and the alarms on them.
pub(crate) fn resources(use_case: &UseCase) -> String {
    let (id, manifest) = (pascal_case(use_case.name), use_case.manifest);
    let mut text = String::new();
    for queue in manifest.queues {
        let name = format!("{id}{}Queue", queue.word);
        text.extend(queue.rules.iter().map(|rule| self::rule(&id, &name, rule)));
        text += &self::queue(&id, &name, queue, manifest);
        text += &policy(&id, &name, queue.rules);
        text += &mapping(&id, &name, queue);
        if let Some(alarm) = queue.is_old {
            text += &age_alarm(&name, &alarm);
        }
    }
    text += &manifest.stream.map(|stream| stream_mapping(&id, &stream)).unwrap_or_default();
    if !manifest.queues.is_empty() || manifest.stream.is_some() {
        text += &dead_letter_queue(&id, manifest);
    }
    text
}

fn rule(id: &str, queue: &str, rule: &Rule) -> String {
    let name = format!("{id}{}", rule.suffix);
    let state = rule.only_built_in.map(|mode| format!("      State: !If [{}, ENABLED, DISABLED]\n", built_in(mode).0));
    let source = match (rule.from, rule.not_from) {
        (Some(source), _) => format!("        source: [{source}]\n"),
        (_, Some(source)) => format!("        source: [{{ anything-but: {source} }}]\n"),
        (None, None) => String::new(),
    };
    let detail = match (rule.with, rule.with_field) {
        (Some((field, value)), _) => format!("        detail: {{ data: {{ {field}: [{value}] }} }}\n"),
        (None, Some(field)) => format!("        detail: {{ data: {{ {field}: [{{ exists: true }}] }} }}\n"),
        (None, None) => String::new(),
    };
    let types = rule.types.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    format!(
        "
{}  {name}:
    Type: AWS::Events::Rule
    Properties:
      Name: {name}
      Description: {}
      EventBusName: !Ref BusName
{}      EventPattern:
{source}{}{}      Targets:
        - Id: queue
          Arn: !GetAtt {queue}.Arn
          DeadLetterConfig: {{ Arn: !Ref RulesDlqArn }}
",
        comment(2, rule.why),
        plain(rule.description),
        state.unwrap_or_default(),
        crate::text::list(8, "detail-type", &types),
        detail,
    )
}

fn queue(id: &str, name: &str, queue: &Queue, manifest: &Manifest) -> String {
    let delay = queue.delay.map(|delay| format!("      DelaySeconds: {}{}\n", delay.value, remark(delay.why)));
    let visibility = match queue.window_seconds {
        0 => "six times the function's timeout",
        _ => "six times the function's timeout, and the time for which a batch is gathered",
    };
    format!(
        "
{}  {name}:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${{ShopName}}-{name}
{}      VisibilityTimeout: {} # {visibility}
      RedrivePolicy: {{ deadLetterTargetArn: !GetAtt {id}Dlq.Arn, maxReceiveCount: {} }}
      SqsManagedSseEnabled: true
",
        comment(2, queue.why),
        delay.unwrap_or_default(),
        queue.visibility_seconds(manifest),
        queue.receives_max(),
    )
}

fn policy(id: &str, queue: &str, rules: &[Rule]) -> String {
    let sources: Vec<String> = rules.iter().map(|rule| format!("!GetAtt {id}{}.Arn", rule.suffix)).collect();
    let condition = match sources.as_slice() {
        // A use case sends to this queue directly; its role allows it.
        [] => return String::new(),
        [one] => format!("            Condition: {{ ArnEquals: {{ aws:SourceArn: {one} }} }}\n"),
        several => format!(
            "            Condition:\n              ArnEquals:\n{}",
            crate::text::list(16, "aws:SourceArn", several)
        ),
    };
    format!(
        "
  {queue}Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref {queue}]
      PolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Effect: Allow
            Principal: {{ Service: events.amazonaws.com }}
            Action: sqs:SendMessage
            Resource: !GetAtt {queue}.Arn
{condition}"
    )
}

fn mapping(id: &str, name: &str, queue: &Queue) -> String {
    let window = match queue.window_seconds {
        0 => String::new(),
        seconds => format!("      MaximumBatchingWindowInSeconds: {seconds}\n"),
    };
    let concurrency = queue
        .concurrency
        .map(|most| format!("      ScalingConfig: {{ MaximumConcurrency: {} }}{}\n", most.value, remark(most.why)));
    format!(
        "
  {id}From{}Queue:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref {id}
      EventSourceArn: !GetAtt {name}.Arn
      BatchSize: {}{}
{window}{}      FunctionResponseTypes: [ReportBatchItemFailures]
",
        queue.word,
        queue.batch.value,
        remark(queue.batch.why),
        concurrency.unwrap_or_default(),
    )
}

fn stream_mapping(id: &str, stream: &Stream) -> String {
    let Stream { table } = stream;
    format!(
        "
  # What the relay misses stays NEW and the sweep sends it: so few retries, and no record may hold up its shard for long.
  {id}FromStream:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref {id}
      EventSourceArn: !Ref {table:?}StreamArn
      StartingPosition: TRIM_HORIZON
      # New events, and neither the mark that one was sent nor the table's own bookkeeping.
      FilterCriteria:
        Filters:
          - Pattern: '{{\"eventName\":[\"INSERT\"],\"dynamodb\":{{\"NewImage\":{{\"status\":{{\"S\":[\"NEW\"]}}}}}}}}'
      BatchSize: 100
      MaximumBatchingWindowInSeconds: 0 # an event waits for nobody
      ParallelizationFactor: 4 # as many as the partitions an outbox minute is spread over
      MaximumRetryAttempts: 2
      MaximumRecordAgeInSeconds: 300
      BisectBatchOnFunctionError: true
      FunctionResponseTypes: [ReportBatchItemFailures]
      DestinationConfig:
        OnFailure: {{ Destination: !GetAtt {id}Dlq.Arn }}
"
    )
}

fn dead_letter_queue(id: &str, manifest: &Manifest) -> String {
    let what = match manifest.stream {
        Some(_) => comment(2, "Positions of failed batches in the stream. The events themselves are in the table."),
        None => String::new(),
    };
    let queue = format!(
        "
{what}  {id}Dlq:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub ${{ShopName}}-{id}Dlq
      MessageRetentionPeriod: 1209600 # 14 days
      SqsManagedSseEnabled: true
"
    );
    let alarm = manifest.dead_letters.map(|found| {
        alarm(
            &format!("{id}DlqHasMessages"),
            found.name,
            found.text,
            &of_queue(&format!("{id}Dlq")),
            &[
                "Namespace: AWS/SQS",
                "MetricName: ApproximateNumberOfMessagesVisible",
                "Statistic: Maximum",
                "Period: 60",
                "EvaluationPeriods: 1",
                "Threshold: 0",
            ],
        )
    });
    queue + &alarm.unwrap_or_default()
}

fn age_alarm(queue: &str, found: &Alarm) -> String {
    alarm(
        &format!("{queue}IsOld"),
        found.name,
        found.text,
        &of_queue(queue),
        &[
            "Namespace: AWS/SQS",
            "MetricName: ApproximateAgeOfOldestMessage",
            "Statistic: Maximum",
            "Period: 60",
            "EvaluationPeriods: 3",
            "Threshold: 600",
        ],
    )
}

fn of_queue(name: &str) -> String {
    format!("QueueName, Value: !Sub \"${{ShopName}}-{name}\"")
}

/// An alarm above a threshold; missing data does not breach it.
pub(crate) fn alarm(id: &str, name: &str, text: &str, dimension: &str, metric: &[&str]) -> String {
    let metric: String = metric.iter().map(|line| format!("      {line}\n")).collect();
    format!(
        "
  {id}:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Sub \"${{ShopName}}: {name}\"
{}{metric}      Dimensions:
        - {{ Name: {dimension} }}
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: [!Ref TopicArn]
      OKActions: [!Ref TopicArn]
",
        folded(6, "AlarmDescription", text),
    )
}
