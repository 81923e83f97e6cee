"""Listens on the shop's event bus as another system would: with a rule and a queue of its own, gone afterwards."""

import json
import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from .console import Problem
from .stack import Stack


class Listener:
    """Hears every event of one type from the moment it is entered."""

    def __init__(self, stack: Stack, event_type: str):
        self.stack, self.event_type = stack, event_type
        self.name = f"{stack.name}-listener-{uuid.uuid4().hex[:8]}"
        self.bus = stack.name

    def __enter__(self) -> Self:
        self.queue_url = self.stack.client("sqs").create_queue(QueueName=self.name)["QueueUrl"]
        attributes = self.stack.client("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                }
            ],
        }
        self.stack.client("sqs").set_queue_attributes(QueueUrl=self.queue_url, Attributes={"Policy": json.dumps(policy)})
        pattern = json.dumps({"detail-type": [self.event_type]})
        self.stack.client("events").put_rule(Name=self.name, EventBusName=self.bus, EventPattern=pattern)
        self.stack.client("events").put_targets(
            Rule=self.name, EventBusName=self.bus, Targets=[{"Id": "listener", "Arn": arn}]
        )
        return self

    def wait(self, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """The first event whose detail is wanted."""
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
            f"No {self.event_type} came out of the outbox within {seconds:.0f} s.",
            "look at the relay, and at what it could not send: make logs F=relay_outbox",
        )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stack.client("events").remove_targets(Rule=self.name, EventBusName=self.bus, Ids=["listener"])
        self.stack.client("events").delete_rule(Name=self.name, EventBusName=self.bus)
        self.stack.client("sqs").delete_queue(QueueUrl=self.queue_url)
