"""The demo of three orders, each paid on the page of a fake payment provider."""

import time
from typing import Any

from .. import api, users
from ..console import Problem, say
from . import form_browser
from .narrator import Narrator

# By payment method: the provider's name, and the function that receives its result.
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
        _wait(narrator, "demo", f"/orders/{order['order_id']}", "RESERVED", (name, receiver))
        narrator.ask("demo", "GET", f"/payments/{payment['payment_id']}")


def top_up(narrator: Narrator, who: str, amount_cents: int) -> None:
    """Buys points at ECPay; a stack that credits them at once leads to no provider."""
    name, receiver = PROVIDERS["ECPAY"]
    payment = narrator.ask(who, "POST", "/points/charge", {"amount_cents": amount_cents, "method": "ECPAY"})
    if "checkout_url" not in payment:
        return
    _go_through(payment["checkout_url"], name)
    path = f"/payments/{payment['payment_id']}"
    _wait(narrator, who, path, "INIT", (name, receiver))
    narrator.ask(who, "GET", "/points")


def _go_through(url: str, name: str) -> None:
    """The browser's part: submit the form of the shop's page, and press a button on the provider's page."""
    say("   the browser opens the checkout; the customer presses its button")
    page = form_browser.submit(form_browser.get(url))
    if not page.buttons:
        say(f"   ⇒ a form of {len(page.fields)} signed fields, which it sends to {page.action}")
        page = form_browser.submit(page)
    if "pay" not in page.buttons.get("do", []):
        raise Problem(f"{name} shows no button to pay with, but: {page.title}", "make logs F=open_checkout")
    say(f"   ⇒ {page.title}; the customer presses the button")
    form_browser.submit(page, do="pay")


def _wait(narrator: Narrator, who: str, path: str, status: str, provider: tuple[str, str]) -> None:
    """Waits until what the path shows has left the status; a provider's money takes a moment."""
    name, receiver = provider
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while api.call(narrator.stack.api_url, "GET", path, narrator.tokens[who]).body["status"] == status:
        if time.monotonic() > deadline:
            raise Problem(f"The payment at {name} did not succeed in time.", f"make logs F={receiver}")
        time.sleep(0.3)
