"""Checks that the deployed alarms and the dashboard equal those of the templates, and that an alarm reaches its subscriber.

The conditions under which each alarm fires are tested in process (tests/src/alarm_checks.rs), because the local AWS derives
no metrics from log lines, and its alarms support neither dimensions nor missing data.
"""

import json
import re
import time
from typing import Any

from ..local import templates
from ..local.bus import open_queue
from ..local.console import Problem
from ..local.deploy import ALARM_EMAIL
from ..local.stack import Stack

# The properties that define when an alarm fires; the others define whom it notifies.
MEANING = (
    *("AlarmDescription", "Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "DatapointsToAlarm"),
    *("ComparisonOperator", "Threshold", "TreatMissingData"),
)


def alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    """The alarms of the templates by their logical ids, with the values of this stack filled in."""
    values = {"ShopName": stack.name, "MetricsNamespace": f"Millrun/{stack.name}", "ApiId": stack.api_id}

    def resolved(value: Any) -> Any:
        if isinstance(value, list):
            return [resolved(item) for item in value]
        if isinstance(value, dict):
            if "Ref" in value:
                return values.get(value["Ref"], value)
            if "Fn::Sub" in value:
                return re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], value["Fn::Sub"])
            return {name: resolved(item) for name, item in value.items()}
        return value

    return {name: resolved(alarm) for name, alarm in templates.of_type("AWS::CloudWatch::Alarm").items()}


def check(stack: Stack) -> int:
    """Compares alarms, topic and dashboard, and returns the number of alarms."""
    wanted = alarms(stack)
    pages = stack.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{stack.name}: ")
    deployed = {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}
    _same("the names of the alarms", set(deployed), {alarm["AlarmName"] for alarm in wanted.values()})
    topic = _topic(stack)
    for name, alarm in wanted.items():
        there = deployed[alarm["AlarmName"]]
        for field in MEANING:
            _same(f"{name}: {field}", there.get(field), alarm.get(field))
        _same(f"{name}: Dimensions", there.get("Dimensions", []), alarm.get("Dimensions", []))
        for field in ("AlarmActions", "OKActions"):
            _same(f"{name}: {field}", there[field], [topic])
    _dashboard(stack)
    return len(wanted)


def _topic(stack: Stack) -> str:
    """The ARN of the alarm topic. Its one subscriber must be the address that the deployment was given."""
    topics = stack.client("sns").get_paginator("list_topics").paginate()
    arns = [topic["TopicArn"] for page in topics for topic in page["Topics"]]
    (topic,) = [arn for arn in arns if arn.endswith(f":{stack.name}-alarms")]
    subscriptions = stack.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    _same(
        "subscribers of the alarm topic",
        [(one["Protocol"], one["Endpoint"]) for one in subscriptions],
        [("email", ALARM_EMAIL)],
    )
    return topic


def _dashboard(stack: Stack) -> None:
    """Every metric of the dashboard must exist in this stack. The architecture tests check which metrics it shows."""
    body = stack.client("cloudwatch").get_dashboard(DashboardName=stack.name)["DashboardBody"]
    widgets = json.loads(body)["widgets"]
    _same("unresolved placeholders in the dashboard", re.findall(r"\$\{[^}]*\}", body), [])
    functions = {f"{stack.name}-{use_case}" for use_case in templates.binaries()}
    namespaces = {
        one["Namespace"] for line in written(stack, 0) for one in line.get("_aws", {}).get("CloudWatchMetrics", [])
    }
    for widget in widgets:
        for metric in widget["properties"]["metrics"]:
            if isinstance(metric[0], dict):
                _same(
                    f"{metric[0]['expression']} finds the stack", stack.name.split("-")[-1] in metric[0]["expression"], True
                )
                continue
            namespace, _, *dimensions = [part for part in metric if isinstance(part, str)]
            if not namespace.startswith("AWS/"):
                _same(f"{metric}: functions write to {namespaces}", namespace in namespaces, True)
            named = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
            _same(
                f"{metric}: its function is deployed", named.get("FunctionName", next(iter(functions))) in functions, True
            )
            _same(f"{metric}: its API", named.get("ApiId", stack.api_id), stack.api_id)


def ring(stack: Stack, name: str, state: str) -> None:
    """Sets the state of an alarm, and waits for the notification on its topic."""
    alarm = alarms(stack)[name]["AlarmName"]
    sqs, cloudwatch = stack.client("sqs"), stack.client("cloudwatch")
    # Only a change of state sends a notification, and an earlier run may have stopped half-way.
    before = {"ALARM": "OK", "OK": "ALARM"}[state]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=before, StateReason="preparation of the alarm check")
    queue, arn = open_queue(stack, f"{stack.name}-alarms-heard", "sns.amazonaws.com")
    subscription = stack.client("sns").subscribe(TopicArn=_topic(stack), Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    try:
        reason = f"check of {name}"
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason=reason)
        deadline = time.monotonic() + 10
        heard: list[Any] = []
        while not heard and time.monotonic() < deadline:
            messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
            heard = [json.loads(json.loads(message["Body"])["Message"]) for message in messages]
        _same(f"{name}: notification", [(one["AlarmName"], one["NewStateValue"]) for one in heard], [(alarm, state)])
    finally:
        stack.client("sns").unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=queue)


def written(stack: Stack, since_ms: int) -> list[dict[str, Any]]:
    """The log lines of all functions since a moment, the first thousand of each."""
    logs, prefix = stack.client("logs"), f"/aws/lambda/{stack.name}-"
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    events = [
        event
        for group in groups
        for event in logs.filter_log_events(logGroupName=group, startTime=since_ms, limit=1000)["events"]
    ]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


def _same(what: str, there: Any, wanted: Any) -> None:
    if there != wanted:
        raise Problem(
            f"{what}: deployed is {there}, expected {wanted}.",
            "compare with infra/alarms.yaml and infra/dashboard.yaml, then deploy again",
        )
