"""LINE Pay's online API v3, from its documentation (developers-pay.line.me). It sends no callbacks: the shop queries it."""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from . import pages
from .accounts import LINE_PAY_CHANNEL, LINE_PAY_SECRET
from .books import Books, Trade
from .messages import Ask, Reply, answer_json, redirect
from .signatures import line_authorization, same

NAME = "LINE_PAY"
BUTTONS = {"pay": "Agree to pay", "fail": "Let the card be declined", "cancel": "Cancel"}
CURRENCIES = ("TWD", "THB", "USD")
PAGE = "/line-pay/"
CALLS = {
    "request": "POST /v3/payments/request()",
    "check": r"GET /v3/payments/requests/(\d{1,19})/check",
    "confirm": r"POST /v3/payments/(\d{1,19})/confirm",
    "refund": r"POST /v3/payments/(\d{1,19})/refund",
    "details": "GET /v3/payments()",
}


class Refusal(Exception):
    def __init__(self, code: str, words: str):
        super().__init__(code)
        self.code, self.words = code, words


def reply(code: str, words: str = "", info: Any = None) -> Reply:
    """Always status 200, and without `info` for a refusal. The transaction id is a JSON number of 19 digits."""
    body = {"returnCode": code, "returnMessage": words or ("Success." if code == "0000" else "Refused.")}
    return answer_json(body if info is None else {**body, "info": info})


def kind_of(ask: Ask) -> tuple[str, str]:
    """The kind of call, and the transaction id in its path."""
    for name, pattern in CALLS.items():
        if found := re.fullmatch(pattern, f"{ask.method} {ask.path}"):
            return name, found[1]
    return "", ""


def trade_of(books: Books, ask: Ask) -> Trade | None:
    kind, number = kind_of(ask)
    if kind == "details":
        number = parse_qs(ask.query).get("transactionId", [""])[0]
    return books.by_provider_no(NAME, number) if number else None


def call(books: Books, ask: Ask, base: str) -> Reply:
    """Executes one call."""
    kind, number = kind_of(ask)
    try:
        _check_signature(ask)
        body = _body(ask) if ask.method == "POST" else {}
        with books.lock:
            match kind:
                case "request":
                    return _request(books, body, base)
                case "details":
                    return _details(books, ask)
                case "check" | "confirm" | "refund":
                    trade = books.by_provider_no(NAME, number)
                    if trade is None:
                        raise Refusal("1150", "Transaction record not found.")
                    return {"check": _check, "confirm": _confirm, "refund": _refund}[kind](books, trade, body)
        raise Refusal("2102", "No such call.")
    except Refusal as refusal:
        return reply(refusal.code, refusal.words)


def page(books: Books, key: str) -> Reply:
    """The page of `paymentUrl.web`."""
    trade = books.by_key(key)
    if trade is None or trade.provider != NAME or trade.state != "OPEN":
        return pages.page("LINE Pay: nothing to pay here", "", status=404)
    return pages.checkout(trade, BUTTONS)


def decide(books: Books, trade: Trade, do: str) -> Reply:
    """The customer pressed a button; the browser is redirected to the shop."""
    with books.lock:
        if trade.state != "OPEN":
            return pages.ended(trade, "this was finished before")
        if do == "cancel":
            trade.state = "CANCELED"
            return redirect(_with_numbers(trade.asked["redirectUrls"]["cancelUrl"], trade))
        # A card that will be declined is approved first: the shop learns of it when it confirms.
        trade.state, trade.way = "APPROVED", "DECLINED" if do == "fail" else "CREDIT_CARD"
        return redirect(_with_numbers(trade.asked["redirectUrls"]["confirmUrl"], trade))


def _request(books: Books, body: Mapping[str, Any], base: str) -> Reply:
    amount, currency, order = body.get("amount"), body.get("currency"), body.get("orderId")
    if not isinstance(amount, int) or amount < 1 or not isinstance(order, str) or not 1 <= len(order) <= 100:
        raise Refusal("2102", "amount, currency and orderId are required.")
    if currency not in CURRENCIES:
        raise Refusal("2101", "The currency is not supported.")
    urls = body.get("redirectUrls", {})
    for name in ("confirmUrl", "cancelUrl"):
        if not re.match(r"https?://", str(urls.get(name, ""))) or len(urls[name]) > 500:
            raise Refusal("2101", f"redirectUrls.{name} is wrong.")
    if _sum(body.get("packages")) != amount:
        raise Refusal("1124", "The sum of the packages is not the amount.")
    item = body["packages"][0]["products"][0]["name"]
    trade = books.open(NAME, order, amount=amount, currency=currency, item=item, asked=dict(body))
    if trade is None:
        raise Refusal("1172", "There is a transaction of this order already.")
    url = f"{base}{PAGE}{trade.key}"
    info = {
        "paymentUrl": {"web": url, "app": f"line://pay/payment/{trade.key}"},
        "transactionId": int(trade.provider_no),
        "paymentAccessToken": str(uuid.uuid4().int)[:12],
    }
    return reply("0000", info=info)


def _sum(packages: Any) -> int | None:
    """The sum of the packages, or `None` where they are malformed."""
    try:
        total = 0
        for package in packages:
            cost = sum(product["price"] * product["quantity"] for product in package["products"])
            names_fit = all(1 <= len(product["name"]) <= 4000 for product in package["products"])
            if not names_fit or not 1 <= len(package["id"]) <= 50 or package["amount"] != cost + package.get("userFee", 0):
                return None
            total += package["amount"]
        return total if isinstance(total, int) else None
    except (TypeError, KeyError):
        return None


def _check(_: Books, trade: Trade, __: Mapping[str, Any]) -> Reply:
    code = {"OPEN": "0000", "APPROVED": "0110", "CANCELED": "0121", "FAILED": "0122", "PAID": "0123"}[trade.state]
    return reply(code, {"0110": "Authorization completed.", "0123": "Payment completed."}.get(code, "See the code."))


def _confirm(books: Books, trade: Trade, body: Mapping[str, Any]) -> Reply:
    if trade.state == "PAID":
        raise Refusal("1172", "There is a transaction of this order already.")
    if trade.state == "OPEN":
        raise Refusal("1169", "The customer has to choose a way to pay first.")
    if trade.state != "APPROVED":
        raise Refusal("1180", "The time to pay is over.")
    if not isinstance(body.get("amount"), int):
        raise Refusal("2102", "amount must be a number.")
    if body["amount"] != trade.amount:
        raise Refusal("1124", "The amount differs.")
    if body.get("currency") != trade.currency:
        raise Refusal("2101", "The currency differs.")
    if trade.way == "DECLINED":
        trade.state = "FAILED"
        raise Refusal("1284", "The card was declined.")
    books.pay(trade, trade.way)
    trade.money = "CAPTURED"
    return reply("0000", info=_paid_info(trade))


def _refund(books: Books, trade: Trade, body: Mapping[str, Any]) -> Reply:
    rest = trade.amount - trade.refunded
    amount = body.get("refundAmount", rest)
    if trade.state != "PAID":
        raise Refusal("1155", "This transaction cannot be refunded.")
    if not isinstance(amount, int) or (amount < 1 and rest > 0):
        raise Refusal("2101", "refundAmount is wrong.")
    if rest == 0:
        raise Refusal("1165", "It was refunded already.")
    if amount > rest:
        raise Refusal("1164", "The amount is more than can be refunded.")
    number = books.give_back(trade, amount)
    return reply("0000", info={"refundTransactionId": int(number), "refundTransactionDate": _now(trade)})


def _details(books: Books, ask: Ask) -> Reply:
    query = parse_qs(ask.query)
    numbers, orders = query.get("transactionId", []), query.get("orderId", [])
    if not numbers and not orders:
        raise Refusal("2101", "transactionId or orderId is required.")
    if len(numbers) + len(orders) > 100:
        raise Refusal("1177", "At most 100 are allowed.")
    found = [
        trade
        for (provider, _), trade in books.trades.items()
        if provider == NAME and trade.state == "PAID" and (trade.provider_no in numbers or trade.trade_no in orders)
    ]
    if not found:
        raise Refusal("1150", "Transaction record not found.")
    return reply("0000", info=[_books_of(trade) for trade in found])


def _books_of(trade: Trade) -> dict[str, Any]:
    refunds = [
        {"refundTransactionId": int(refund["number"]), "transactionType": "PARTIAL_REFUND"}
        | {"refundAmount": -refund["amount"], "refundTransactionDate": _now(trade)}
        for refund in trade.refunds
    ]
    return {
        **_paid_info(trade),
        "transactionDate": _now(trade),
        "transactionType": "PAYMENT",
        "payStatus": "CAPTURE",
        "productName": trade.item,
        "merchantName": "Millrun",
        "currency": trade.currency,
        **({"refundList": refunds} if refunds else {}),
    }


def _paid_info(trade: Trade) -> dict[str, Any]:
    return {
        "orderId": trade.trade_no,
        "transactionId": int(trade.provider_no),
        "payInfo": [{"method": "CREDIT_CARD", "amount": trade.amount, "maskedCreditCardNumber": "************1111"}],
    }


def _now(trade: Trade) -> str:
    return trade.paid_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if trade.paid_at else ""


def _body(ask: Ask) -> Mapping[str, Any]:
    if ask.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise Refusal("2102", "The content type must be JSON.")
    try:
        body = json.loads(ask.body)
    except ValueError as wrong:
        raise Refusal("2102", "The JSON cannot be read.") from wrong
    if not isinstance(body, dict):
        raise Refusal("2102", "The body must be a JSON object.")
    return body


def _check_signature(ask: Ask) -> None:
    if ask.headers.get("x-line-channelid") != LINE_PAY_CHANNEL:
        raise Refusal("1104", "There is no such merchant.")
    nonce = ask.headers.get("x-line-authorization-nonce", "")
    tail = ask.body if ask.method == "POST" else ask.query.encode()
    wanted = line_authorization(LINE_PAY_SECRET, ask.path, tail, nonce)
    if not nonce or not same(ask.headers.get("x-line-authorization", ""), wanted):
        raise Refusal("1106", "The header information is wrong.")


def _with_numbers(url: str, trade: Trade) -> str:
    more = urlencode({"transactionId": trade.provider_no, "orderId": trade.trade_no})
    return f"{url}{'&' if urlsplit(url).query else '?'}{more}"
