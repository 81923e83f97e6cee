"""A small catalogue, created through the API as an admin would."""

from typing import Any

from . import api, images, users
from .console import Problem, step
from .stack import Stack

# Prices in cents of TWD; they are multiples of what providers can charge (ChargeUnitCents).
CATALOGUE: list[dict[str, Any]] = [
    {
        "name": "Pineapple cakes",
        "category": "Pastry",
        "description": "Butter pastry with a filling of native pineapple, baked in Taichung.",
        "variants": [
            {"sku": "PINEAPPLE-06", "variant_name": "Box of 6", "price_cents": 28_000, "stock_qty": 120},
            {"sku": "PINEAPPLE-12", "variant_name": "Box of 12", "price_cents": 52_000, "stock_qty": 80},
        ],
    },
    {
        "name": "Sun cakes",
        "category": "Pastry",
        "description": "Flaky pastry filled with maltose.",
        "variants": [{"sku": "SUN-10", "variant_name": "Box of 10", "price_cents": 36_000, "stock_qty": 60}],
    },
    {
        "name": "High-mountain oolong",
        "category": "Tea",
        "description": "Picked by hand at 1,600 metres in Alishan.",
        "variants": [
            {"sku": "OOLONG-150", "variant_name": "150 g", "price_cents": 120_000, "stock_qty": 40},
            {"sku": "OOLONG-600", "variant_name": "600 g", "price_cents": 420_000, "stock_qty": 10},
        ],
    },
    {
        "name": "Canvas tote bag",
        "category": "Bags",
        "description": "Printed with the mill's wheel.",
        "variants": [
            {"sku": "TOTE-NATURAL", "variant_name": "Natural", "price_cents": 39_000, "stock_qty": 200},
            {"sku": "TOTE-INDIGO", "variant_name": "Indigo", "price_cents": 39_000, "stock_qty": 1},
        ],
    },
]


def catalogue(stack: Stack) -> None:
    """Adds the products and images that do not exist yet; safe to repeat."""
    with step("fill the catalogue") as this:
        present = {product["name"]: product for product in products(stack)}
        token, added, uploaded = users.token(stack, "admin"), 0, 0
        for product in CATALOGUE:
            listed = present.get(product["name"])
            if listed is None:
                listed = _add(stack, token, product)
                added += 1
            uploaded += images.upload(stack, token, listed)
        this.note(f"{added} products and {uploaded} images added" if added or uploaded else "it exists")


def products(stack: Stack) -> list[dict[str, Any]]:
    """Every product on sale."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        reply = api.call(stack.api_url, "GET", f"/products?limit=100{cursor}")
        page = expect(reply, 200, "list the products")
        found += page["items"]
        if not page.get("next_cursor"):
            return found
        cursor = f"&cursor={page['next_cursor']}"


def expect(reply: api.Reply, status: int, what: str) -> Any:
    if reply.status != status:
        raise Problem(
            f"Could not {what}: the response was {reply.status}: {reply.body}",
            "look at the function's log: make logs F=<use case>",
        )
    return reply.body


def _add(stack: Stack, token: str, product: dict[str, Any]) -> Any:
    # Created as a draft and published when its variants exist, so that an interrupted run leaves nothing incomplete on
    # sale. With constant idempotency keys the next run continues where this one stopped.
    fields = {name: product[name] for name in ("name", "description", "category")} | {"status": "DRAFT"}
    key = "seed-" + product["name"].lower().replace(" ", "-")
    made = expect(api.call(stack.api_url, "POST", "/admin/products", token, fields, key), 201, "add a product")
    for variant in product["variants"]:
        path = f"/admin/products/{made['product_id']}/variants"
        expect(api.call(stack.api_url, "POST", path, token, variant, "seed-" + variant["sku"]), 201, "add a variant")
    path = f"/admin/products/{made['product_id']}"
    return expect(api.call(stack.api_url, "PATCH", path, token, {"status": "ACTIVE"}), 200, "publish a product")
