"""The demo of one preorder, from a sell window to a shipped batch."""

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .. import api, seed, users
from ..console import Problem, say
from . import payments
from .narrator import Narrator, timestamp

PRODUCT = "Hand-sewn wool coat"
CUSTOMERS = ("demo", "other")
CHARGE_CENTS = 1_000_000
WAIT_SECONDS_MAX = 60


def run(narrator: Narrator) -> None:
    """Two customers reserve, the batch is confirmed, paid, made and shipped."""
    variant = _coat(narrator)
    now = datetime.now(UTC)
    narrator.chapter("The admin opens a sell window and offers a coat that is made once two people have reserved")
    window = narrator.ask(
        "admin",
        "POST",
        "/admin/sell-windows",
        {
            "name": now.strftime("Winter %Y-%m-%d %H:%M"),
            "start_at": timestamp(now - timedelta(minutes=1)),
            "end_at": timestamp(now + timedelta(days=14)),
            "timezone": "Asia/Taipei",
        },
    )
    offer = f"/admin/sell-windows/{window['sell_window_id']}/offers/{variant['product_id']}"
    rules = {"threshold_qty": 2, "max_total_qty": 20, "lead_days": 7, "ship_days": 14, "enabled": True}
    narrator.ask("admin", "PUT", offer, rules | {"production_steps": ["CUT", "SEW"]})

    narrator.chapter("Two customers reserve, without paying")
    orders = {who: _reserve(narrator, who, window["sell_window_id"], variant["variant_id"]) for who in CUSTOMERS}
    batch_id = f"{window['sell_window_id']}.{variant['product_id']}"
    _wait(narrator, "the batch", "admin", f"/admin/batches/{batch_id}", lambda batch: batch["status"] == "CREATED")

    narrator.chapter("The admin confirms the batch, and everyone is asked to pay")
    batch = narrator.ask("admin", "POST", f"/admin/batches/{batch_id}/confirm", {})
    for who, order_id in orders.items():
        _wait(narrator, "the request", who, f"/orders/{order_id}", lambda order: order["status"] == "PENDING_PAYMENT")
        if narrator.balance(who) < CHARGE_CENTS:
            payments.top_up(narrator, who, CHARGE_CENTS)
        narrator.ask(who, "POST", "/payments", {"order_id": order_id, "method": "POINTS"})
    _wait(narrator, "the payments", "admin", f"/admin/batches/{batch_id}", lambda batch: batch["paid_qty"] == len(orders))

    narrator.chapter("The payment window closes, and the coats are made")
    end = datetime.fromisoformat(batch["pay_before"].replace("Z", "+00:00")) + timedelta(seconds=1)
    narrator.tick("finalize_batches", end)
    work_order = f"/admin/work-orders/{batch_id}"
    narrator.ask("admin", "POST", f"{work_order}/start", {"operator": "Wei"})
    for n in (1, 2):
        narrator.ask("admin", "PATCH", f"{work_order}/steps/{n}", {"status": "DONE"})
    narrator.ask("admin", "POST", f"{work_order}/complete")

    narrator.chapter("The coats are shipped from the batch's CSV, and their customers are told")
    for who, order_id in orders.items():
        is_ready = lambda order: order["status"] == "SHIPPING_SCHEDULED"  # noqa: E731
        _wait(narrator, "the shipping", who, f"/orders/{order_id}", is_ready)
    table = narrator.ask("admin", "GET", f"/admin/batches/{batch_id}/orders?status=SHIPPING_SCHEDULED", accept="text/csv")
    parcels = [
        {"order_no": row["order_no"], "carrier": "Black Cat", "tracking_no": f"905-123-{n:03}"}
        for n, row in enumerate(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))), start=456)
    ]
    narrator.ask("admin", "POST", "/admin/shipments", {"items": parcels})
    for who, order_id in orders.items():
        _wait(narrator, "the end", who, f"/orders/{order_id}", lambda order: order["status"] == "COMPLETED")


def _coat(narrator: Narrator) -> dict[str, Any]:
    """The product of the demo, created on the first run. It has no stock, because it is made to order."""
    present = next((product for product in seed.products(narrator.stack) if product["name"] == PRODUCT), None)
    if present:
        narrator.upload_images(present)
        return present["variants"][0]
    narrator.chapter("The admin describes something that is made to order")
    fields = {"name": PRODUCT, "description": "Cut and sewn when enough people want it.", "status": "ACTIVE"}
    made = narrator.ask("admin", "POST", "/admin/products", fields)
    narrator.upload_images(made)
    variant = {"sku": "COAT-WOOL", "variant_name": "Medium", "price_cents": 480_000}
    return narrator.ask("admin", "POST", f"/admin/products/{made['product_id']}/variants", variant)


def _reserve(narrator: Narrator, who: str, window: str, variant: str) -> str:
    cart = {
        "lines": [{"variant_id": variant, "quantity": 1}],
        "sell_window_id": window,
        "contact": {
            "name": "Demo Customer",
            "phone": "+886912345678",
            "email": users.USERS[who].email,
            "shipping_address": "No. 1, Mill Road, Taipei",
        },
    }
    return narrator.ask(who, "POST", "/orders", cart)["order_id"]


def _wait(narrator: Narrator, what: str, who: str, path: str, is_there: Callable[[Any], bool]) -> None:
    """Waits for a change that arrives by queues and events."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        reply = api.call(narrator.stack.api_url, "GET", path, narrator.tokens[who])
        if reply.status == 200 and is_there(reply.body):
            narrator.ask(who, "GET", path)
            return
        if time.monotonic() > deadline:
            say(f"   GET /api/v1{path} ⇒ {reply.status} {json.dumps(reply.body)}")
            raise Problem(f"{path}: {what} did not arrive within {WAIT_SECONDS_MAX} s.", "make logs")
        time.sleep(0.5)
