"""`make checkout`: creates an unpaid order, and prints the address at which a browser can pay it."""

from typing import Any

from .. import api, seed, users
from ..console import Problem, say
from ..stack import Stack
from .payments import PROVIDERS


def run(stack: Stack, method: str) -> None:
    """Orders one piece of a product in stock for the demo customer and opens a checkout."""
    if method not in PROVIDERS:
        raise Problem(f"{method} is not a payment method with a checkout page.", f"METHOD= one of {', '.join(PROVIDERS)}")
    token = {who: users.token(stack, who) for who in ("demo", "admin")}

    def ask(who: str, path: str, body: Any) -> Any:
        reply = api.call(stack.api_url, "POST", path, token[who], body)
        if not 200 <= reply.status < 300:
            raise Problem(f"POST {path} failed with {reply.status}: {reply.body}", "make logs F=<use case> shows why")
        return reply.body

    variants = [variant for product in seed.products(stack) for variant in product["variants"]]
    # A product that is made to order has no stock.
    variant = next((variant for variant in variants if variant["available_qty"] > 0), variants[0])
    ask("admin", f"/admin/variants/{variant['variant_id']}/stock", {"delta": 1, "reason": "delivery"})
    cart = {
        "lines": [{"variant_id": variant["variant_id"], "quantity": 1}],
        "payment_method": method,
        "contact": {
            "name": "Demo Customer",
            "phone": "+886912345678",
            "email": users.USERS["demo"].email,
            "shipping_address": "No. 1, Mill Road, Taipei",
        },
    }
    order = ask("demo", "/orders", cart)
    payment = ask("demo", "/payments", {"order_id": order["order_id"], "method": method})
    total = f"{order['total_cents'] // 100} {order['currency']}"
    say(f"order {order['order_no']}, {total}, waits to be paid at {PROVIDERS[method][0]}:\n")
    say(f"  {payment['checkout_url']}\n")
