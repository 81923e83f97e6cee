"""`make checkout`: an order that waits to be paid, and the address at which a browser can pay it."""

from typing import Any

from .. import api, seed, users
from ..console import Problem, say
from ..stack import Stack
from .payments import PROVIDERS


def run(stack: Stack, method: str) -> None:
    """Orders one piece of the first product for the demo customer and asks for a checkout."""
    if method not in PROVIDERS:
        raise Problem(f"There is no payment method {method} with a page.", f"METHOD= one of {', '.join(PROVIDERS)}")
    token = {who: users.token(stack, who) for who in ("demo", "admin")}

    def ask(who: str, path: str, body: Any) -> Any:
        reply = api.call(stack.api_url, "POST", path, token[who], body)
        if not 200 <= reply.status < 300:
            raise Problem(f"POST {path} was answered with {reply.status}: {reply.body}", "make logs")
        return reply.body

    product = seed.products(stack)[0]["product_id"]
    variant = api.call(stack.api_url, "GET", f"/products/{product}").body["variants"][0]
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
