"""Shows the log of a function, newest lines last."""

import sys
import time
from collections import deque
from datetime import datetime
from typing import Any

from .console import Problem, say
from .stack import Stack

# Lines of the Lambda platform, three for every line of the function.
PLATFORM = ("START RequestId", "END RequestId", "REPORT RequestId")


def show(stack: Stack, use_case: str | None, lines: int, follow: bool) -> None:
    group = f"/aws/lambda/{stack.name}-{use_case}"
    prefix = f"/aws/lambda/{stack.name}-"
    pages = stack.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
    groups = [found["logGroupName"] for page in pages for found in page["logGroups"]]
    if group not in groups:
        names = "\n    ".join(sorted(name.removeprefix(prefix) for name in groups)) or "none: is it deployed?"
        wrong = f"There is no function {use_case}." if use_case else "make logs needs a function."
        raise Problem(wrong, f"make logs F=<one of these>\n    {names}")
    last: tuple[int, set[str]] = (0, set())
    for event in deque(_events(stack, group, 0), lines):
        last = _print(event, last)
    while follow:
        time.sleep(1)
        for event in _events(stack, group, last[0]):
            if event["eventId"] not in last[1]:
                last = _print(event, last)


def _events(stack: Stack, group: str, since: int) -> list[dict[str, Any]]:
    pages = stack.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    events = [event for page in pages for event in page["events"]]
    events = [event for event in events if not event["message"].startswith(PLATFORM)]
    # The emulator omits the event id, so time and text identify an event.
    for event in events:
        event.setdefault("eventId", f"{event['timestamp']} {event['message']}")
    return sorted(events, key=lambda event: event["timestamp"])


def _print(event: dict[str, Any], last: tuple[int, set[str]]) -> tuple[int, set[str]]:
    """Prints new events, and remembers those of the newest moment, which may be read again."""
    # The time is for a terminal; piped output has only the JSON.
    moment = datetime.fromtimestamp(event["timestamp"] / 1000)
    say((f"{moment:%H:%M:%S} " if sys.stdout.isatty() else "") + event["message"].rstrip())
    at, seen = event["timestamp"], last[1]
    return (at, seen | {event["eventId"]}) if at == last[0] else (at, {event["eventId"]})
