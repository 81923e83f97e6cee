"""The output of the demo: chapters, and every request with its response. It also invokes scheduled functions."""

import json
import time
from datetime import datetime
from typing import Any

from .. import api, images, users
from ..console import Problem, say
from ..stack import Stack

WIDTH = 116


class Narrator:
    """Prints each request with its caller and its response."""

    def __init__(self, stack: Stack):
        self.stack = stack
        self.tokens = {who: users.token(stack, who) for who in users.USERS}
        self.chapters = 0

    def chapter(self, title: str) -> None:
        self.chapters += 1
        say(f"\n── {self.chapters}. {title} " + "─" * max(3, 90 - len(title)))

    def ask(self, who: str | None, method: str, path: str, body: Any = None, accept: str = "application/json") -> Any:
        callers = {"demo": "the demo customer", "other": "another customer", "admin": "the demo admin", None: "anybody"}
        caller = callers[who]
        say(f"   {method} /api/v1{path}   as {caller}")
        if body is not None:
            show(body)
        started = time.monotonic()
        reply = api.call(self.stack.api_url, method, path, self.tokens.get(who) if who else None, body, accept=accept)
        say(f"   ⇒ {reply.status} in {(time.monotonic() - started) * 1000:.0f} ms")
        show(reply.body)
        if not 200 <= reply.status < 300:
            use_case = f"; its log: make logs F={hint}" if (hint := _use_case(method, path)) else ""
            raise Problem(f"{method} {path} failed: expected a 2xx response.", f"see the answer above{use_case}")
        return reply.body

    def balance(self, who: str) -> int:
        return self.ask(who, "GET", "/points")["balance_cents"]

    def upload_images(self, product: dict[str, Any]) -> None:
        """Uploads the images that a product does not have yet, by signed requests, as the console does."""
        if count := images.upload(self.stack, self.tokens["admin"], product):
            say(f"   uploaded to the bucket by signed requests: {count} of the product's images")

    def tick(self, use_case: str, at: datetime) -> None:
        """Invokes a function as its schedule does at that time."""
        function, tick = f"{self.stack.name}-{use_case}", {"time": timestamp(at)}
        answer = self.stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(tick).encode())
        if "FunctionError" in answer:
            raise Problem(f"{function} failed: {answer['Payload'].read().decode()}", f"make logs F={use_case}")
        say(f"   invoked {function} with {json.dumps(tick)}")


def show(body: Any) -> None:
    """One line per field, cut to the width of a screen."""
    if body is None:
        return
    if not isinstance(body, dict):
        lines = body.splitlines() if isinstance(body, str) else [json.dumps(body, ensure_ascii=False)]
        for line in lines[:6]:
            say("     │ " + _cut(line))
        return
    for name, value in body.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            say(f"     │ {name}:")
            for item in value[:6]:
                say("     │   - " + _cut(json.dumps(item, ensure_ascii=False)))
            if len(value) > 6:
                say(f"     │   … and {len(value) - 6} more")
        else:
            say("     │ " + _cut(f"{name}: {json.dumps(value, ensure_ascii=False)}"))


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _use_case(method: str, path: str) -> str | None:
    known = {
        ("POST", "/points/charge"): "charge_points",
        ("POST", "/admin/coupons"): "create_coupon",
        ("POST", "/orders"): "place_order",
        ("POST", "/payments"): "pay_order",
        ("POST", "/admin/sell-windows"): "create_sell_window",
        ("GET", "/admin/audit"): "audit_ledgers",
    }
    return known.get((method, path))
