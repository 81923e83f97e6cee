"""Pays an order through every provider's checkout in a real browser, and returns to the shop.

    .venv-checks/bin/python -m tools.checks.checkouts .local/millrun/stack.json

It covers what only a browser shows: that the shop's page submits its form by itself, that it works without JavaScript, that
the content security policy allows it, and that the customer returns to a page of the shop.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from ..environments import browser
from ..local import api

CHECKS = Path(__file__).resolve().parents[2] / ".venv-checks"
PAID = ("PAID", "SHIPPING_SCHEDULED")
WAIT_SECONDS_MAX = 60
PAGE_MS_MAX = 30_000


class Shop:
    """Requests to the running shop, as its demo customer and its admin."""

    def __init__(self, about: dict[str, Any]):
        self.base, self.tokens, self.front_end = about["api_url"], about["tokens"], about["shop_url"]

    def ask(self, who: str | None, method: str, path: str, body: Any = None) -> Any:
        reply = api.call(self.base, method, path, self.tokens[who] if who else None, body)
        assert 200 <= reply.status < 300, f"{method} {path}: {reply.status} {reply.body}"
        return reply.body

    def variant(self) -> dict[str, Any]:
        """A variant to order, with enough stock."""
        product = self.ask(None, "GET", "/products")["items"][0]
        variant = self.ask(None, "GET", f"/products/{product['product_id']}")["variants"][0]
        stock = f"/admin/variants/{variant['variant_id']}/stock"
        self.ask("admin", "POST", stock, {"delta": 10, "reason": "delivery"})
        return variant

    def order(self, variant: dict[str, Any], method: str) -> dict[str, Any]:
        cart = {
            "lines": [{"variant_id": variant["variant_id"], "quantity": 1}],
            "payment_method": method,
            "contact": {
                "name": 'Ada "the first" <Lovelace>',
                "phone": "+886912345678",
                "email": "demo@shop.example",
                "shipping_address": "No. 1, Mill Road, Taipei",
            },
        }
        return self.ask("demo", "POST", "/orders", cart)

    def pay(self, order: dict[str, Any], method: str) -> dict[str, Any]:
        return self.ask("demo", "POST", "/payments", {"order_id": order["order_id"], "method": method})

    def wait_for(self, path: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while True:
            found = self.ask("demo", "GET", path)
            if is_so(found):
                return found
            assert time.monotonic() < deadline, f"{path}: not as expected after {WAIT_SECONDS_MAX} s: {found}"
            time.sleep(0.3)


def buy(shop: Shop, page: Page, method: str, with_script: bool) -> None:
    """Orders, pays in the browser, and waits until the order is PAID."""
    order = shop.order(shop.variant(), method)
    payment = shop.pay(order, method)
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    page.goto(payment["checkout_url"])
    page.click("button[type=submit]")
    if not with_script and method != "LINE_PAY":
        page.click("button, input[type=submit]")
    page.wait_for_selector("button[value=pay]", timeout=PAGE_MS_MAX)
    dollars = order["total_cents"] // 100
    assert page.inner_text("#amount") == f"{order['currency']} {dollars}", page.inner_text("#amount")
    page.click("button[value=pay]")
    if method == "LINE_PAY":
        # LINE Pay redirects straight to the shop, whose page polls until the payment is captured.
        page.wait_for_selector("body[data-status=SUCCEEDED]", timeout=PAGE_MS_MAX)
    else:
        # ECPay and NewebPay post the browser to the shop, which redirects to the order's page.
        if not with_script:
            page.click("button, input[type=submit]")
        back = f"{shop.front_end}/orders/{order['order_id']}?payment={payment['payment_id']}"
        # The shop page then leads to its sign-in, since this browser has no session.
        page.wait_for_url(f"{shop.front_end}/**", timeout=PAGE_MS_MAX)
        assert back in visited, f"the way back was {visited}"
        if with_script:
            page.wait_for_selector("main h1", timeout=PAGE_MS_MAX)
    shop.wait_for(f"/orders/{order['order_id']}", lambda found: found["status"] in PAID)
    shop.wait_for(f"/payments/{payment['payment_id']}", lambda found: found["status"] == "SUCCEEDED")


def try_each(shop: Shop, chromium: Browser) -> int:
    """Tries every provider with and without JavaScript; returns the number of failures and prints each."""
    failed = 0
    for method in ("ECPAY", "NEWEBPAY", "LINE_PAY"):
        for with_script in (True, False):
            name = f"{method} {'with' if with_script else 'without'} script"
            began, errors = time.monotonic(), []
            context = chromium.new_context(java_script_enabled=with_script)
            page = context.new_page()
            page.on("console", lambda message, to=errors: to.append(message.text) if message.type == "error" else None)
            try:
                buy(shop, page, method, with_script)
                errors = [text for text in errors if "favicon" not in text]
                assert not errors, f"the browser logged errors: {errors}"
                print(f"✓ {name} ({time.monotonic() - began:.1f} s)", flush=True)
            except (AssertionError, BrowserError) as error:
                failed += 1
                print(f"✗ {name}: {error}\n  at {page.url}\n{page.content()}\n  {errors}", flush=True)
            finally:
                context.close()
    return failed


def main() -> int:
    shop = Shop(json.loads(Path(sys.argv[1]).read_text()))
    program, environment = browser.find(str(CHECKS))
    with sync_playwright() as playwright:
        # No sandbox: only our own pages are opened, and Chromium does not start as root with one.
        chromium = playwright.chromium.launch(
            executable_path=program,
            env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", **environment},
            args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"],
        )
        try:
            return 1 if try_each(shop, chromium) else 0
        finally:
            chromium.close()


if __name__ == "__main__":
    sys.exit(main())
