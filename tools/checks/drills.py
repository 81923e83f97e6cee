"""Runbook drills: a fault is injected into the shop, and an operator repairs it with the commands of docs/runbook.md alone.

Every command of the page runs, with the AWS CLI and curl, in a shell that has only what the page sets. `CANNOT` lists the
commands that the local AWS does not support, each with the error that it gives. A command of the page that neither runs nor
is listed there fails the test, and so does a listed one that succeeds.
"""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from ..fakes.messengers import LINE_TOKEN, SLACK_PATH
from ..local import api, build, emulator, seed, shop, users
from ..local.console import Problem, step
from ..local.sidecars import MESSENGERS
from ..local.stack import Stack
from . import alarm_checks, runbook
from .own_stack import own_stack
from .runbook import Operator

# Commands that the local AWS does not support, with a part of the error message.
CANNOT = {"aws sqs start-message-move-task": "InvalidAction"}
# Fields that Logs Insights adds to every line.
OF_INSIGHTS = {"@timestamp", "@message"}
INSIGHTS_WORDS = {"fields", "filter", "stats", "sort", "count", "as", "by", "in", "or", "and", "like", "asc", "desc"}

SIGN_IN, LOG, REDRIVE = "Sign in", "Read a function's log", "Look into a dead-letter queue, and redrive it"
OLD, LOCAL = "Find out why a queue grows old", "Practise on one machine"

WAIT_SECONDS_MAX = 60
# A sweep sends events that are older than half a minute, and marks one as FAILED after this many attempts.
MISSED_AFTER = timedelta(seconds=40)
SWEEPS = 5


class Drill:
    """The running shop and the operator."""

    def __init__(self, stack: Stack):
        self.stack, self.page = stack, runbook.read()
        self.operator = Operator(stack, self.page)
        self.began_ms = int(time.time() * 1000)

    # ── what the operator does repeatedly ─────────────────────────────────────────────────────────────────────────────

    def sign_in(self) -> None:
        for command in self.page.sections[LOCAL].commands[:-1]:
            self.operator.run(command)
        admin = {"email": users.USERS["admin"].email, "password": users.PASSWORD}
        for command in self.page.sections[SIGN_IN].commands:
            self.operator.run(command, stack=self.stack.name, **admin)
        self.operator.run(self.page.sections[LOCAL].commands[-1])

    def ringing(self) -> str:
        return self.operator.run_from("First", "describe-alarms")

    def differences(self) -> list[str]:
        """The invariants that the audit reports as broken, as the operator sees them."""
        return [found["invariant"] for found in json.loads(self.operator.run_from("First", "admin/audit"))["differences"]]

    def log(self, use_case: str) -> list[dict[str, Any]]:
        """The lines that the page's command shows of a log. The local AWS ignores filter patterns, so this applies it."""
        command = self.page.command(LOG, "filter-log-events")
        wanted = re.findall(r'\$\.(\w+) = "(\w+)"', command)
        if not wanted:
            raise Problem("docs/runbook.md: the command that reads a log has no filter pattern.")
        lines = _lines(self.operator.run(command, use_case=use_case))
        return [line for line in lines if any(line.get(name) == value for name, value in wanted)]

    def get(self, path: str) -> Any:
        """Sends a GET request with the page's command for the audit."""
        command = self.page.command("First", "admin/audit").replace("/api/v1/admin/audit", f"'{path}'")
        return json.loads(self.operator.run(command))

    # ── what happens in the shop ──────────────────────────────────────────────────────────────────────────────────────

    def sell(self) -> None:
        """A customer orders one piece and pays with points."""
        token = {who: users.token(self.stack, who) for who in ("demo", "admin")}

        def ask(who: str, path: str, body: Any) -> Any:
            reply = api.call(self.stack.api_url, "POST", path, token[who], body)
            return seed.expect(reply, reply.status if reply.status in (200, 201) else 201, f"POST {path}")

        variant = seed.products(self.stack)[0]["product_id"]
        variant = api.call(self.stack.api_url, "GET", f"/products/{variant}").body["variants"][0]
        ask("admin", f"/admin/variants/{variant['variant_id']}/stock", {"delta": 1, "reason": "delivery"})
        ask("demo", "/points/charge", {"amount_cents": 1_000_000})
        contact = {"name": "Demo Customer", "phone": "+886912345678", "email": users.USERS["demo"].email}
        cart = {
            "lines": [{"variant_id": variant["variant_id"], "quantity": 1}],
            "payment_method": "POINTS",
            "contact": contact | {"shipping_address": "No. 1, Mill Road, Taipei"},
        }
        order = ask("demo", "/orders", cart)
        ask("demo", "/payments", {"order_id": order["order_id"], "method": "POINTS"})

    def invoke(self, use_case: str, event: Any) -> None:
        self.stack.client("lambda").invoke(FunctionName=f"{self.stack.name}-{use_case}", Payload=json.dumps(event).encode())

    def queue(self, name: str) -> str:
        return self.stack.client("sqs").get_queue_url(QueueName=f"{self.stack.name}-{name}")["QueueUrl"]

    def in_queue(self, name: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.stack.client("sqs").get_queue_attributes(QueueUrl=self.queue(name), AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def set_faults(self, faults: dict[str, Any]) -> None:
        url = f"{emulator.functions_endpoint(self.stack)}/_faults"
        with api.OPENER.open(urllib.request.Request(url, json.dumps(faults).encode()), timeout=5):
            pass


def alarms_and_dashboard(drill: Drill) -> None:
    """Alarms and dashboard equal the templates, and the topic has a subscriber."""
    alarm_checks.check(drill.stack)


# ── the drills ────────────────────────────────────────────────────────────────────────────────────────────────────────


def messages_in_a_dead_letter_queue(drill: Drill) -> None:
    """CountSalesDlqHasMessages: a wrong setting makes the function fail, and one message is not an event."""
    sqs, function = drill.stack.client("sqs"), f"{drill.stack.name}-count_sales"
    queue = drill.queue("CountSalesQueue")
    kept = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout", "RedrivePolicy"])["Attributes"]
    # As deployed, five attempts take a quarter of an hour. The architecture tests check that there are five.
    once = json.dumps(json.loads(kept["RedrivePolicy"]) | {"maxReceiveCount": 1})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1", "RedrivePolicy": once})
    settings = drill.stack.client("lambda").get_function_configuration(FunctionName=function)["Environment"]
    wrong = {"Variables": settings["Variables"] | {"COUNTERS_TABLE": "gone"}}
    drill.stack.client("lambda").update_function_configuration(FunctionName=function, Environment=wrong)
    try:
        drill.sell()
        sqs.send_message(QueueUrl=queue, MessageBody="not an event")
        _wait_until("both messages are in the dead-letter queue", lambda: drill.in_queue("CountSalesDlq") >= 2)
        alarm_checks.ring(drill.stack, "CountSalesDlqHasMessages", "ALARM")

        _expect("the alarm is listed", "sales were not counted" in drill.ringing())
        _expect("the audit says what is missing", "I12" in drill.differences())
        blanks = {"use_case": "count_sales", "Name": "CountSales"}
        drill.operator.run_from(REDRIVE, "DLQ=", **blanks)
        messages = {
            message_id: (body, handle)
            for message_id, body, handle in json.loads(drill.operator.run_from(REDRIVE, "receive-message"))
        }
        _expect("one message is not an event", [body for body, _ in messages.values()].count("not an event") == 1)
        _expect("there is another message", len(messages) > 1)
        for message_id, (body, handle) in messages.items():
            lines = _lines(drill.operator.run_from(REDRIVE, "<message_id>", message_id=message_id, **blanks))
            why = {line["failures"][message_id] for line in lines if message_id in line.get("failures", {})}
            if body == "not an event":
                _expect(f"the log gives a parse error: {why}", any("expected" in reason for reason in why))
                drill.operator.run_from(REDRIVE, "delete-message", receipt_handle=f"'{handle}'")
            else:
                _expect("the message is an event", json.loads(body)["detail"]["type"].startswith("order."))
                # With enforced roles the function is denied the request for a table that is not its own.
                denied = any(re.search("AccessDenied|ResourceNotFound", reason) for reason in why)
                _expect(f"the log gives the error: {why}", denied)
    finally:
        drill.stack.client("lambda").update_function_configuration(FunctionName=function, Environment=settings)
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=kept)
    _redrive(drill, len(messages) - 1)
    _wait_until("the queues are empty", lambda: drill.in_queue("CountSalesQueue") + drill.in_queue("CountSalesDlq") == 0)
    _wait_until("the sale is counted", lambda: drill.differences() == [])
    alarm_checks.ring(drill.stack, "CountSalesDlqHasMessages", "OK")
    _expect("nothing rings", "sales were not counted" not in drill.ringing())


def _redrive(drill: Drill, messages: int) -> None:
    """Tries the page's command, which the local AWS does not support, then moves the messages as AWS would."""
    _attempt(drill, drill.page.command(REDRIVE, "start-message-move-task"))
    sqs, dead = drill.stack.client("sqs"), drill.queue("CountSalesDlq")
    moved = 0

    def move() -> bool:
        nonlocal moved
        for message in sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            sqs.send_message(QueueUrl=drill.queue("CountSalesQueue"), MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
        return moved >= messages

    # Received messages stay hidden for the visibility time-out in the page's command.
    _wait_until("the messages are redriven", move)


def events_that_cannot_be_sent(drill: Drill) -> None:
    """OutboxHasFailed: the bus refuses an event permanently until the sweep marks it as FAILED."""
    drill.set_faults({"refuse_entries": "MalformedDetail"})
    try:
        drill.sell()
        for _ in range(SWEEPS):
            drill.invoke("sweep_outbox", {"time": _time(datetime.now(UTC) + MISSED_AFTER)})
        title = "OutboxHasFailed"
        (request,) = drill.page.sections[title].requests
        failed = [item["event_id"] for item in drill.get(request[1])["items"]]
        _expect("the event is set aside", len(failed) > 0)
        answers = [line.get("error", "") for line in drill.log("sweep_outbox")]
        _expect(f"the sweep's log has the bus's answer: {answers}", any("MalformedDetail" in answer for answer in answers))
    finally:
        drill.set_faults({})
    for event in failed:
        drill.operator.run_from(title, "/replay", event_id=event)
    drill.invoke("sweep_outbox", {"time": _time(datetime.now(UTC))})
    _wait_until("nothing is set aside", lambda: drill.get(request[1])["items"] == [])
    _wait_until("its sale is counted", lambda: drill.differences() == [])


def a_queue_that_nobody_reads(drill: Drill) -> None:
    """CountSalesQueueIsOld: the event source mapping was disabled."""
    blanks = {"use_case": "count_sales", "Name": "CountSales"}
    function = f"{drill.stack.name}-count_sales"
    mappings = drill.stack.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    drill.stack.client("lambda").update_event_source_mapping(UUID=mappings[0]["UUID"], Enabled=False)
    try:
        drill.sell()
        _wait_until("its event waits", lambda: drill.in_queue("CountSalesQueue") == 1)
        counts = json.loads(drill.operator.run_from(OLD, "get-queue-attributes", **blanks))["Attributes"]
        _expect("messages, and none in flight", list(counts.values()) == ["1", "0"])
        ((uuid, state, _),) = json.loads(drill.operator.run_from(OLD, "list-event-source-mappings", **blanks))
        _expect("the mapping is disabled", state == "Disabled")
        drill.operator.run_from(OLD, "update-event-source-mapping", uuid=uuid)
    finally:
        drill.stack.client("lambda").update_event_source_mapping(UUID=mappings[0]["UUID"], Enabled=True)
    _wait_until("the queue is empty", lambda: drill.in_queue("CountSalesQueue") == 0)
    _wait_until("the sale is counted", lambda: drill.differences() == [])


def a_function_that_fails(drill: Drill) -> None:
    """SchedulesDlqHasMessages: a function is invoked with input that is not a tick."""
    drill.invoke("sweep_outbox", {"time": "midnight"})
    _wait_until(
        "its log has the error", lambda: any(line["outcome"] == "broken" and line["error"] for line in _calls(drill))
    )


def _calls(drill: Drill) -> list[dict[str, Any]]:
    return [line for line in drill.log("sweep_outbox") if "outcome" in line]


# ── the rest of the page ──────────────────────────────────────────────────────────────────────────────────────────────


def every_other_command(drill: Drill) -> None:
    """Runs the commands that no drill used; afterwards every command of the page has run."""
    channels = {"line_channel_access_token": LINE_TOKEN, "slack_webhook_url": MESSENGERS.url(drill.stack) + SLACK_PATH}
    (drill.stack.folder / "messengers.json").write_text(json.dumps(channels))
    unused = [command for command in drill.page.commands if command not in drill.operator.used]
    with ThreadPoolExecutor(3) as pool:
        for command, output in zip(unused, pool.map(drill.operator.run, unused), strict=True):
            _expect(f"{command} prints a result", output.strip() not in ("", "[]", "null"))
    for kind in CANNOT:
        _expect(f"{kind} is on the page", any(kind in command for command in drill.page.commands))


def _attempt(drill: Drill, command: str) -> None:
    """Runs a command that the local AWS does not support, and checks that it fails as listed."""
    reason = next((reason for kind, reason in CANNOT.items() if kind in command), None)
    answer = drill.operator.attempt(command)
    _expect(f"{command} fails (if it works now, remove it from CANNOT)", answer.returncode != 0)
    _expect(
        f"{command} fails with the error listed in CANNOT: {answer.stderr}", reason is not None and reason in answer.stderr
    )


def every_page_names_its_function(drill: Drill) -> None:
    """Each queue's page names, for `<use_case>` and `<Name>`, the function that reads that queue."""
    pages = drill.stack.client("lambda").get_paginator("list_event_source_mappings").paginate()
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    readers = {
        mapping["EventSourceArn"].rpartition("-")[2]: mapping["FunctionArn"].rpartition("-")[2] for mapping in mappings
    }
    looked_at = 0
    for title, section in drill.page.sections.items():
        name = re.fullmatch(r"(\w+)(?:QueueIsOld|DlqHasMessages)", title)
        if name and (reader := readers.get(f"{name[1]}Queue")):
            _expect(f"docs/runbook.md, {title}: names {reader}, which reads the queue", f"`{reader}`" in section.text)
            looked_at += 1
    _expect("queues have pages", looked_at > 0)


def every_request(drill: Drill) -> None:
    """The page's GET requests succeed; its other requests are routes of the contract."""
    requests = {request for section in drill.page.sections.values() for request in section.requests}
    routes = api.call(drill.stack.api_url, "GET", "/openapi.json").body["paths"]
    known = {(method.upper(), _shape(path)) for path, methods in routes.items() for method in methods}
    for method, path in sorted(requests):
        if method == "GET":
            drill.get(path)
        _expect(f"{method} {path} is a route", (method, _shape(path.partition("?")[0])) in known)


def every_query(drill: Drill) -> None:
    """Every field that a query names occurs in the log lines written during the drills. The queries themselves do not run:
    the local AWS ignores a filter that it does not understand.
    """
    written = {name for line in alarm_checks.written(drill.stack, drill.began_ms) for name in line} | OF_INSIGHTS
    for section in drill.page.sections.values():
        for query in section.queries:
            words = set(re.findall(r"@?[A-Za-z_]\w*", re.sub(r'"[^"]*"', "", query))) - INSIGHTS_WORDS
            unknown = words - set(re.findall(r"\bas (\w+)", query)) - written
            _expect(f"docs/runbook.md, {section.title}: no log line has {unknown} of {query}", not unknown)


# ── running the drills ────────────────────────────────────────────────────────────────────────────────────────────────

DRILLS: list[Callable[[Drill], None]] = [
    messages_in_a_dead_letter_queue,
    events_that_cannot_be_sent,
    a_queue_that_nobody_reads,
    a_function_that_fails,
    every_other_command,
    every_page_names_its_function,
    every_request,
    every_query,
    alarms_and_dashboard,
]


def run() -> None:
    """`make drills`: runs on a stack of its own."""
    build.build(Stack())
    with own_stack("drills") as stack:
        shop.start(stack, enforce_roles=True, faults=True)
        seed.catalogue(stack)
        play(stack)


def play(stack: Stack) -> None:
    """All drills, on a running stack with faults; a `Problem` describes a failure."""
    drill = Drill(stack)
    with step("sign in as docs/runbook.md says"):
        drill.sign_in()
        _wait_until("the audit finds no difference", lambda: drill.differences() == [])
    for part in DRILLS:
        with step(part.__name__.replace("_", " ")):
            part(drill)


def _lines(text: str) -> list[dict[str, Any]]:
    """The lines of a log that are ours."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def _shape(path: str) -> str:
    return re.sub(r"<\w+>|\{\w+\}", "{}", path)


def _expect(what: str, is_so: bool) -> None:
    if not is_so:
        raise Problem(f"Not so: {what}.", "docs/runbook.md says what an operator can rely on")


def _wait_until(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not is_so():
        _expect(f"{what} (waited {WAIT_SECONDS_MAX} s)", time.monotonic() < deadline)
        time.sleep(0.3)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
