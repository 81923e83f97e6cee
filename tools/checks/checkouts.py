"""Goes through every provider's checkout in a real browser, from the order to the money and back to the shop.

    .venv-checks/bin/python -m tools.checks.checkouts .local/millrun/stack.json

What only a browser shows is looked at here: that the shop's page sends its form by itself, that it can do without a script,
that its own policy lets it, and that the way back ends at a page.
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
    """The running shop, as its customer and its admin reach it."""

    def __init__(self, about: dict[str, Any]):
        self.base, self.tokens, self.front_end = about["api_url"], about["tokens"], about["shop_url"]

    def ask(self, who: str | None, method: str, path: str, body: Any = None) -> Any:
        reply = api.call(self.base, method, path, self.tokens[who] if who else None, body)
        assert 200 <= reply.status < 300, f"{method} {path}: {reply.status} {reply.body}"
        return reply.body

    def variant(self) -> dict[str, Any]:
        """Something to buy, with enough of it."""
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
            assert time.monotonic() < deadline, f"waited {WAIT_SECONDS_MAX} s in vain: {found}"
            time.sleep(0.3)


def buy(shop: Shop, page: Page, method: str, with_script: bool) -> None:
    """From the order to PAID, and back."""
    order = shop.order(shop.variant(), method)
    payment = shop.pay(order, method)
    page.goto(payment["checkout_url"])
    if not with_script and method != "LINE_PAY":
        page.click("button, input[type=submit]")
    page.wait_for_selector("button[value=pay]", timeout=PAGE_MS_MAX)
    dollars = order["total_cents"] // 100
    assert page.inner_text("#amount") == f"{order['currency']} {dollars}", page.inner_text("#amount")
    page.click("button[value=pay]")
    if method == "LINE_PAY":
        # The provider's page leads straight back, and the shop's page asks again until the money is taken.
        page.wait_for_selector("body[data-status=SUCCEEDED]", timeout=PAGE_MS_MAX)
    else:
        page.wait_for_selector("#state", timeout=PAGE_MS_MAX)
        assert page.inner_text("#state") == "PAID"
        page.click("#back")
        page.wait_for_url(f"{shop.front_end}/**", timeout=PAGE_MS_MAX)
    shop.wait_for(f"/orders/{order['order_id']}", lambda found: found["status"] in PAID)
    shop.wait_for(f"/payments/{payment['payment_id']}", lambda found: found["status"] == "SUCCEEDED")


def try_each(shop: Shop, chromium: Browser) -> int:
    """How many went wrong; says each by its name."""
    failed = 0
    for method in ("ECPAY", "NEWEBPAY", "LINE_PAY"):
        for with_script in (True, False):
            name = f"{method} {'with' if with_script else 'without'} script"
            began, complaints = time.monotonic(), []
            context = chromium.new_context(java_script_enabled=with_script)
            # The shop's front end is somebody else's: here an empty page stands at its address.
            context.route(f"{shop.front_end}/**", lambda route: route.fulfill(body="the shop"))
            page = context.new_page()
            page.on("console", lambda said, to=complaints: to.append(said.text) if said.type == "error" else None)
            try:
                buy(shop, page, method, with_script)
                complaints = [text for text in complaints if "favicon" not in text]
                assert not complaints, f"the browser complains: {complaints}"
                print(f"✓ {name} ({time.monotonic() - began:.1f} s)", flush=True)
            except (AssertionError, BrowserError) as error:
                failed += 1
                print(f"✗ {name}: {error}\n  at {page.url}\n{page.content()}\n  {complaints}", flush=True)
            finally:
                context.close()
    return failed


def main() -> int:
    shop = Shop(json.loads(Path(sys.argv[1]).read_text()))
    program, environment = browser.find(str(CHECKS))
    with sync_playwright() as playwright:
        # Without a sandbox of its own: it opens our own pages only, and a root's browser starts in no other way.
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
