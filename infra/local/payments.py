"""The story of three orders, each paid on the page of a provider's stand-in; a chapter of `story`."""

import time
from typing import TYPE_CHECKING, Any

from . import api, people, shopper
from .console import Problem, say

if TYPE_CHECKING:
    from .story import Story

# By their methods: a provider's name, and the function that its money arrives at.
PROVIDERS = {
    "ECPAY": ("ECPay", "receive_ecpay_callback"),
    "NEWEBPAY": ("NewebPay", "receive_newebpay_callback"),
    "LINE_PAY": ("LINE Pay", "confirm_line_pay"),
}
WAIT_SECONDS_MAX = 60


def tell(story: "Story", variant: dict[str, Any]) -> None:
    """One order for each provider, as a customer's browser would pay it."""
    for method, (name, receiver) in PROVIDERS.items():
        story.tell(f"The customer pays another order with {name}")
        cart = {
            "lines": [{"variant_id": variant["variant_id"], "quantity": 1}],
            "payment_method": method,
            "contact": {
                "name": "Demo Customer",
                "phone": "+886912345678",
                "email": people.PEOPLE["demo"].email,
                "shipping_address": "No. 1, Mill Road, Taipei",
            },
        }
        order = story.ask("demo", "POST", "/orders", cart)
        payment = story.ask("demo", "POST", "/payments", {"order_id": order["order_id"], "method": method})
        _go_through(payment["checkout_url"], name)
        _wait(story, f"/orders/{order['order_id']}", name, receiver)
        story.ask("demo", "GET", f"/payments/{payment['payment_id']}")


def _go_through(url: str, name: str) -> None:
    """What the browser does: from the shop's page to the provider's, and the button there."""
    say("   the browser opens the checkout")
    page = shopper.get(url)
    if not page.buttons:
        say(f"   ⇒ a form of {len(page.fields)} signed fields, which it sends to {page.action}")
        page = shopper.submit(page)
    if "pay" not in page.buttons.get("do", []):
        raise Problem(f"{name} shows no button to pay with, but: {page.title}", "make logs F=open_checkout")
    say(f"   ⇒ {page.title}; the customer presses the button")
    shopper.submit(page, do="pay")


def _wait(story: "Story", path: str, name: str, receiver: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while api.call(story.stack.api_url, "GET", path, story.tokens["demo"]).body["status"] == "RESERVED":
        if time.monotonic() > deadline:
            raise Problem(f"{name}'s money did not arrive.", f"make logs F={receiver}")
        time.sleep(0.3)
