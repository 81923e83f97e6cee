"""The demo of an admin's day: what waits, a customer on the phone, an ended campaign, a late parcel, and who did what."""

from datetime import UTC, datetime, timedelta

from .. import users
from .narrator import Narrator, timestamp

PHONE = "+886912345678"


def run(narrator: Narrator, order_id: str) -> None:
    """`order_id` is a paid order of the demo customer that is not shipped yet."""
    narrator.chapter("The admin's day begins: what waits, and how the shop does")
    narrator.ask("admin", "GET", "/admin/summary?days=7")

    narrator.chapter("A customer calls: the admin finds the orders by the number, and corrects an address")
    narrator.ask("admin", "GET", f"/admin/orders?phone={PHONE.replace('+', '%2B')}&limit=3")
    address = {"shipping_address": "No. 2, Mill Road, Taipei"}
    narrator.ask("admin", "PATCH", f"/admin/orders/{order_id}/contact", address)

    narrator.chapter("Another one waited for a parcel: the admin finds the account and gives points")
    found = narrator.ask("admin", "GET", f"/admin/customers?email={users.USERS['other'].email}")
    customer = found["items"][0]["customer_id"]
    grant = {"amount_cents": 5_000, "reason": "a late parcel"}
    narrator.ask("admin", "POST", f"/admin/customers/{customer}/points", grant)

    narrator.chapter("A campaign is ended before its time")
    now = datetime.now(UTC)
    campaign = {
        "name": "A week of free tea",
        "discount": {"type": "FIXED", "value": 5_000},
        "total_quantity": 10,
        "issue_starts_at": timestamp(now - timedelta(minutes=1)),
        "issue_ends_at": timestamp(now + timedelta(days=7)),
        "valid_until": timestamp(now + timedelta(days=30)),
    }
    coupon = narrator.ask("admin", "POST", "/admin/coupons", campaign)
    ended = {"issue_ends_at": timestamp(datetime.now(UTC))}
    narrator.ask("admin", "PATCH", f"/admin/coupons/{coupon['coupon_id']}", ended)

    narrator.chapter("Each command has left its entry: who, what, on what")
    narrator.ask("admin", "GET", "/admin/activity?limit=5")
