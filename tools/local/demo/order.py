"""The demo: an order from stock to best seller, three payments at providers, a preorder, and an admin's day.

Every request is shown with its answer, for a reader who meets the shop for the first time.
It can be played any number of times on the same stack.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import api, seed, users
from ..bus import Listener
from ..console import Problem, say
from ..stack import Stack
from . import admins_day, payments, preorder
from .narrator import Narrator, show, timestamp

PRODUCT = "Competition oolong"
QUANTITY = 2
CHARGE_CENTS = 1_000_000
# A balance is limited to 200,000,000 cents; a demo that is played very often must stay below.
BALANCE_ENOUGH_CENTS = 150_000_000
WAIT_SECONDS_MAX = 60


def run(stack: Stack) -> None:
    """Plays the demo; a failed step ends it with a `Problem`."""
    narrator, now = Narrator(stack), datetime.now(UTC)
    sold_before = _sold(stack)
    with Listener(stack, "order.paid.v1") as listener:
        variant = _stock(narrator)
        price = variant["price_cents"]

        narrator.chapter("The customer buys points, on the page of a payment provider")
        if narrator.balance("demo") < BALANCE_ENOUGH_CENTS:
            payments.top_up(narrator, "demo", CHARGE_CENTS)

        narrator.chapter("A campaign gives out coupons, and the customer takes one")
        campaign = {
            "name": "A tenth off",
            "discount": {"type": "PERCENT", "value": 10},
            "max_discount_cents": 150_000,
            "total_quantity": 100,
            "issue_starts_at": timestamp(now - timedelta(minutes=1)),
            "issue_ends_at": timestamp(now + timedelta(days=1)),
            "valid_until": timestamp(now + timedelta(days=30)),
        }
        coupon = narrator.ask("admin", "POST", "/admin/coupons", campaign)
        narrator.ask("demo", "POST", f"/coupons/{coupon['coupon_id']}/issue")

        narrator.chapter("The customer orders: stock and coupon are held for 15 minutes")
        items_total = QUANTITY * price
        cart = {
            "lines": [{"variant_id": variant["variant_id"], "quantity": QUANTITY}],
            "coupon_id": coupon["coupon_id"],
            "payment_method": "POINTS",
            "contact": {
                "name": "Demo Customer",
                "phone": "+886912345678",
                "email": users.USERS["demo"].email,
                "shipping_address": "No. 1, Mill Road, Taipei",
            },
            "expected_total_cents": items_total - min(items_total // 10 // 100 * 100, 150_000),
        }
        order = narrator.ask("demo", "POST", "/orders", cart)

        narrator.chapter("The customer pays with points: stock, coupon and points in one transaction")
        narrator.ask("demo", "POST", "/payments", {"order_id": order["order_id"], "method": "POINTS"})
        narrator.ask("demo", "GET", f"/orders/{order['order_id']}")

        narrator.chapter("The order's event leaves the outbox and is seen on the bus")
        say(f"   listening on the event bus {listener.bus} as any other system could")
        event = listener.wait(lambda detail: detail["data"].get("order_id") == order["order_id"], WAIT_SECONDS_MAX)
        say(f"   ⇒ {event['detail-type']} from {event['source']}")
        show(event["detail"])
    payments.run(narrator, variant)
    _count(narrator, variant["product_id"], sold_before)
    preorder.run(narrator)
    admins_day.run(narrator, order["order_id"])
    _audit(narrator)
    say("\n── The end: the orders are paid, their events are out, and every sum agrees.\n")


def _stock(narrator: Narrator) -> dict[str, Any]:
    """The product of the demo, created on the first run and restocked on every run."""
    narrator.chapter("The admin puts a product on sale")
    present = next((product for product in seed.products(narrator.stack) if product["name"] == PRODUCT), None)
    if present is None:
        fields = {"name": PRODUCT, "description": "The lot that won the spring contest.", "status": "ACTIVE"}
        made = narrator.ask("admin", "POST", "/admin/products", fields)
        variant = {"sku": "OOLONG-CONTEST", "variant_name": "Tin of 300 g", "price_cents": 520_000}
        narrator.ask("admin", "POST", f"/admin/products/{made['product_id']}/variants", variant)
        product_id = made["product_id"]
    else:
        say("   it exists from an earlier run")
        product_id = present["product_id"]
    product = narrator.ask(None, "GET", f"/products/{product_id}")
    narrator.upload_images(product)
    variant = product["variants"][0]

    narrator.chapter("The admin counts a delivery in")
    narrator.ask("admin", "POST", f"/admin/variants/{variant['variant_id']}/stock", {"delta": 10, "reason": "delivery"})
    return variant


def _count(narrator: Narrator, product_id: str, sold_before: dict[str, int]) -> None:
    narrator.chapter("The sale is counted, and the best sellers are refreshed, as every hour")
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        narrator.tick("refresh_best_sellers", datetime.now(UTC))
        if _sold(narrator.stack).get(product_id, 0) >= sold_before.get(product_id, 0) + QUANTITY:
            break
        if time.monotonic() > deadline:
            raise Problem("The sale did not reach the best sellers.", "make logs F=count_sales")
        time.sleep(1)
    narrator.ask(None, "GET", "/products/best-sellers")


def _audit(narrator: Narrator) -> None:
    narrator.chapter("The audit recomputes every sum from its parts")
    audit = narrator.ask("admin", "GET", "/admin/audit")
    if audit["differences"]:
        raise Problem("The audit found differences.", "this is a bug of the shop: see the response above")


def _sold(stack: Stack) -> dict[str, int]:
    ranking = seed.expect(api.call(stack.api_url, "GET", "/products/best-sellers"), 200, "read the best sellers")
    return {item["product_id"]: item["sold_qty"] for item in ranking["items"]}
