"""Receives events from the shop's bus as an external system would, by a rule and a queue of its own."""

import json
import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from .console import Problem
from .stack import Stack


def open_queue(stack: Stack, name: str, service: str) -> tuple[str, str]:
    """URL and ARN of a new queue to which an AWS service may send messages."""
    sqs = stack.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return url, arn


class Listener:
    """Receives every event of one type from entry to exit of the `with` block."""

    def __init__(self, stack: Stack, event_type: str):
        self.stack, self.event_type = stack, event_type
        self.name = f"{stack.name}-listener-{uuid.uuid4().hex[:8]}"
        self.bus = stack.name

    def __enter__(self) -> Self:
        self.queue_url, arn = open_queue(self.stack, self.name, "events.amazonaws.com")
        pattern = json.dumps({"detail-type": [self.event_type]})
        self.stack.client("events").put_rule(Name=self.name, EventBusName=self.bus, EventPattern=pattern)
        self.stack.client("events").put_targets(
            Rule=self.name, EventBusName=self.bus, Targets=[{"Id": "listener", "Arn": arn}]
        )
        return self

    def wait(self, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """Waits for the first event whose detail matches."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.stack.client("sqs").receive_message(
                QueueUrl=self.queue_url, WaitTimeSeconds=1, MaxNumberOfMessages=10
            )
            for message in answer.get("Messages", []):
                self.stack.client("sqs").delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                event = json.loads(message["Body"])
                if wanted(event["detail"]):
                    return event
        raise Problem(
            f"No {self.event_type} was published within {seconds:.0f} s.",
            "see what the relay could not send: make logs F=relay_outbox",
        )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stack.client("events").remove_targets(Rule=self.name, EventBusName=self.bus, Ids=["listener"])
        self.stack.client("events").delete_rule(Name=self.name, EventBusName=self.bus)
        self.stack.client("sqs").delete_queue(QueueUrl=self.queue_url)
