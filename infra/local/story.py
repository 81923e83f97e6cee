"""The story of an order, from stock to best seller, and of a preorder: every request with its answer, for whoever meets
the shop first.

It can be told any number of times on the same stack.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from . import api, payments, people, preorder, seed
from .bus import Listener
from .console import Problem, say
from .stack import Stack

PRODUCT = "Competition oolong"
QUANTITY = 2
CHARGE_CENTS = 1_000_000
# A balance has a limit of 200,000,000; a story told very often must not run into it.
BALANCE_ENOUGH_CENTS = 150_000_000
WIDTH = 116
WAIT_SECONDS_MAX = 60


class Story:
    """Who asks, what was asked, what came back."""

    def __init__(self, stack: Stack):
        self.stack = stack
        self.tokens = {who: people.token(stack, who) for who in people.PEOPLE}
        self.chapter = 0

    def tell(self, title: str) -> None:
        self.chapter += 1
        say(f"\n── {self.chapter}. {title} " + "─" * max(3, 90 - len(title)))

    def ask(self, who: str | None, method: str, path: str, body: Any = None) -> Any:
        callers = {"demo": "the demo customer", "other": "another customer", "admin": "the demo admin", None: "anybody"}
        caller = callers[who]
        say(f"   {method} /api/v1{path}   as {caller}")
        if body is not None:
            show(body)
        started = time.monotonic()
        reply = api.call(self.stack.api_url, method, path, self.tokens.get(who) if who else None, body)
        say(f"   ⇒ {reply.status} in {(time.monotonic() - started) * 1000:.0f} ms")
        show(reply.body)
        if not 200 <= reply.status < 300:
            use_case = f"; its log: make logs F={hint}" if (hint := _use_case(method, path)) else ""
            raise Problem(f"{method} {path} should have been answered with 2xx.", f"see the answer above{use_case}")
        return reply.body

    def balance(self, who: str) -> int:
        return self.ask(who, "GET", "/points")["balance_cents"]

    def tick(self, use_case: str, at: datetime) -> None:
        """Invokes a function as its schedule will at that time."""
        function, tick = f"{self.stack.name}-{use_case}", {"time": _time(at)}
        answer = self.stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(tick).encode())
        if "FunctionError" in answer:
            raise Problem(f"{function} failed: {answer['Payload'].read().decode()}", f"make logs F={use_case}")
        say(f"   invoked {function} with {json.dumps(tick)}")


def tell(stack: Stack) -> None:
    """Tells it all; a step that goes wrong ends it with a `Problem`."""
    story, now = Story(stack), datetime.now(UTC)
    sold_before = _sold(stack)
    with Listener(stack, "order.paid.v1") as listener:
        variant = _stock(story)
        price = variant["price_cents"]

        story.tell("The customer charges points")
        if story.balance("demo") < BALANCE_ENOUGH_CENTS:
            story.ask("demo", "POST", "/points/charge", {"amount_cents": CHARGE_CENTS})

        story.tell("A campaign gives out coupons, and the customer takes one")
        campaign = {
            "name": "A tenth off",
            "discount": {"type": "PERCENT", "value": 10},
            "max_discount_cents": 150_000,
            "total_quantity": 100,
            "issue_starts_at": _time(now - timedelta(minutes=1)),
            "issue_ends_at": _time(now + timedelta(days=1)),
            "valid_until": _time(now + timedelta(days=30)),
        }
        coupon = story.ask("admin", "POST", "/admin/coupons", campaign)
        story.ask("demo", "POST", f"/coupons/{coupon['coupon_id']}/issue")

        story.tell("The customer orders: stock and coupon are held for 15 minutes")
        items_total = QUANTITY * price
        cart = {
            "lines": [{"variant_id": variant["variant_id"], "quantity": QUANTITY}],
            "coupon_id": coupon["coupon_id"],
            "payment_method": "POINTS",
            "contact": {
                "name": "Demo Customer",
                "phone": "+886912345678",
                "email": people.PEOPLE["demo"].email,
                "shipping_address": "No. 1, Mill Road, Taipei",
            },
            "expected_total_cents": items_total - min(items_total // 10 // 100 * 100, 150_000),
        }
        order = story.ask("demo", "POST", "/orders", cart)

        story.tell("The customer pays with points: stock, coupon and points in one transaction")
        story.ask("demo", "POST", "/payments", {"order_id": order["order_id"], "method": "POINTS"})
        story.ask("demo", "GET", f"/orders/{order['order_id']}")

        story.tell("The order's event leaves the outbox and is seen on the bus")
        say(f"   listening on the event bus {listener.bus} as any other system could")
        event = listener.wait(lambda detail: detail["data"].get("order_id") == order["order_id"], WAIT_SECONDS_MAX)
        say(f"   ⇒ {event['detail-type']} from {event['source']}")
        show(event["detail"])
    payments.tell(story, variant)
    _count(story, variant["product_id"], sold_before)
    preorder.tell(story)
    _audit(story)
    say("\n── The end: the orders are paid, their events are out, and every sum agrees.\n")


def _stock(story: Story) -> dict[str, Any]:
    """The product of the story: made the first time, given more stock every time."""
    story.tell("The admin puts a product on sale")
    present = next((product for product in seed.products(story.stack) if product["name"] == PRODUCT), None)
    if present is None:
        fields = {"name": PRODUCT, "description": "The lot that won the spring contest.", "status": "ACTIVE"}
        made = story.ask("admin", "POST", "/admin/products", fields)
        variant = {"sku": "OOLONG-CONTEST", "variant_name": "Tin of 300 g", "price_cents": 520_000}
        story.ask("admin", "POST", f"/admin/products/{made['product_id']}/variants", variant)
        product_id = made["product_id"]
    else:
        say("   it is there from an earlier telling")
        product_id = present["product_id"]
    product = story.ask(None, "GET", f"/products/{product_id}")
    variant = product["variants"][0]

    story.tell("The admin counts a delivery in")
    story.ask("admin", "POST", f"/admin/variants/{variant['variant_id']}/stock", {"delta": 10, "reason": "delivery"})
    return variant


def _count(story: Story, product_id: str, sold_before: dict[str, int]) -> None:
    story.tell("The sale is counted, and the best sellers are refreshed, as every hour")
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        story.tick("refresh_best_sellers", datetime.now(UTC))
        if _sold(story.stack).get(product_id, 0) >= sold_before.get(product_id, 0) + QUANTITY:
            break
        if time.monotonic() > deadline:
            raise Problem("The sale did not reach the best sellers.", "make logs F=count_sales")
        time.sleep(1)
    story.ask(None, "GET", "/products/best-sellers")


def _audit(story: Story) -> None:
    story.tell("The books are checked: every sum is made anew from its parts")
    audit = story.ask("admin", "GET", "/admin/audit")
    if audit["differences"]:
        raise Problem("The audit found differences.", "that is a bug of the shop: see the answer above")


def _sold(stack: Stack) -> dict[str, int]:
    ranking = seed.expect(api.call(stack.api_url, "GET", "/products/best-sellers"), 200, "read the best sellers")
    return {item["product_id"]: item["sold_qty"] for item in ranking["items"]}


def show(body: Any) -> None:
    """One line for each field, cut where a screen ends: enough to follow, short enough to read."""
    if body is None:
        return
    if not isinstance(body, dict):
        say("     │ " + _cut(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)))
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


def _time(moment: datetime) -> str:
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
