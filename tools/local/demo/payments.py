"""The demo of three orders, each paid on the page of a fake payment provider."""

import time
from typing import Any

from .. import api, users
from ..console import Problem, say
from . import form_browser
from .narrator import Narrator

# By their methods: a provider's name, and the function that its money arrives at.
PROVIDERS = {
    "ECPAY": ("ECPay", "receive_ecpay_callback"),
    "NEWEBPAY": ("NewebPay", "receive_newebpay_callback"),
    "LINE_PAY": ("LINE Pay", "confirm_line_pay"),
}
WAIT_SECONDS_MAX = 60


def run(narrator: Narrator, variant: dict[str, Any]) -> None:
    """One order for each provider, as a customer's browser would pay it."""
    for method, (name, receiver) in PROVIDERS.items():
        narrator.chapter(f"The customer pays another order with {name}")
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
        order = narrator.ask("demo", "POST", "/orders", cart)
        payment = narrator.ask("demo", "POST", "/payments", {"order_id": order["order_id"], "method": method})
        _go_through(payment["checkout_url"], name)
        _wait(narrator, f"/orders/{order['order_id']}", name, receiver)
        narrator.ask("demo", "GET", f"/payments/{payment['payment_id']}")


def _go_through(url: str, name: str) -> None:
    """What the browser does: from the shop's page to the provider's, and the button there."""
    say("   the browser opens the checkout")
    page = form_browser.get(url)
    if not page.buttons:
        say(f"   ⇒ a form of {len(page.fields)} signed fields, which it sends to {page.action}")
        page = form_browser.submit(page)
    if "pay" not in page.buttons.get("do", []):
        raise Problem(f"{name} shows no button to pay with, but: {page.title}", "make logs F=open_checkout")
    say(f"   ⇒ {page.title}; the customer presses the button")
    form_browser.submit(page, do="pay")


def _wait(narrator: Narrator, path: str, name: str, receiver: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while api.call(narrator.stack.api_url, "GET", path, narrator.tokens["demo"]).body["status"] == "RESERVED":
        if time.monotonic() > deadline:
            raise Problem(f"{name}'s money did not arrive.", f"make logs F={receiver}")
        time.sleep(0.3)
