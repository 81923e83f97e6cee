"""The images of the demo's products: files in pictures/, uploaded as the console uploads them."""

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import api
from .console import Problem
from .stack import Stack

FOLDER = Path(__file__).parent / "pictures"
CONTENT_TYPE = "image/webp"
WAIT_SECONDS_MAX = 60

# By product: the name of the file, and what it shows. The first image is the one that lists show.
IMAGES: dict[str, list[tuple[str, str]]] = {
    "Pineapple cakes": [("pineapple-cakes", "Pineapple cakes on a plate, one of them cut open, beside a pineapple")],
    "Sun cakes": [("sun-cakes", "Three round sun cakes on a blue plate")],
    "High-mountain oolong": [("oolong", "A clay teapot and a steaming cup of oolong in front of misty mountains")],
    "Canvas tote bag": [
        ("tote-natural", "A natural canvas tote bag with the mill's wheel in blue"),
        ("tote-indigo", "The tote bag in indigo, with the wheel in white"),
    ],
    "Competition oolong": [("competition-oolong", "A green tin of oolong with a seal, and a dish of rolled leaves")],
    "Hand-sewn wool coat": [("wool-coat", "A rust-red wool coat with three buttons on a hanger")],
}


def upload(stack: Stack, token: str, product: dict[str, Any]) -> int:
    """Uploads the images that a product does not have yet, and returns how many. Safe to repeat."""
    missing = IMAGES.get(product["name"], [])[len(product.get("images", [])) :]
    for name, alt in missing:
        _upload_one(stack, token, product["product_id"], (FOLDER / f"{name}.webp").read_bytes(), alt)
    return len(missing)


def _upload_one(stack: Stack, token: str, product_id: str, file: bytes, alt: str) -> None:
    path = f"/admin/products/{product_id}/images"
    declared = {"content_type": CONTENT_TYPE, "bytes": len(file), "alt": alt}
    begun = api.call(stack.api_url, "POST", path, token, declared)
    if begun.status != 201:
        raise Problem(f"Could not begin an upload: {begun.body}", "make logs F=upload_image")
    signed = begun.body["upload"]
    request = urllib.request.Request(signed["url"], data=file, headers=signed["headers"], method=signed["method"])
    try:
        api.OPENER.open(request, timeout=WAIT_SECONDS_MAX).close()
    except urllib.error.HTTPError as refusal:
        raise Problem(f"Could not upload an image: {refusal.read().decode(errors='replace')}") from refusal
    listed = api.call(stack.api_url, "POST", f"{path}/{begun.body['image_id']}/complete", token)
    if listed.status != 200:
        raise Problem(f"Could not list an image: {listed.body}", "make logs F=complete_image")
