"""The faults of one trade, for tests. They are not part of the protocols.

    {
      "provider": "ECPAY", "trade_no": "…",
      "callback": {                      how the result is sent; ECPay and NewebPay only
        "never": true,                   not at all
        "before_redirect": true,         and answered before the browser learns of it
        "delay_seconds": 3,
        "copies": 5,                     as often, as if nobody had answered
        "at_once": true,                 all copies together
        "before": ["failed", "number_taken", "pending"], "after": ["failed"],     other results before and after it
        "signature": "wrong",
        "amount": 1, "merchant": "…", "trade_no": "…",                 well signed, but not what was agreed
        "shape": "text" | "string"       NewebPay: the result as a text of JSON, or all of it as a form
      },
      "answers": {                       what becomes of the calls about this trade, each entry once
        "query": [ … ], "refund": [ … ], "confirm": [ … ], "check": [ … ], "details": [ … ], "cancel": [ … ], "card": [ … ]
      }
    }

An entry of `answers` is one of:

    {"do": "late", "seconds": 3}         done, with a delayed response
    {"do": "lose"}                       done, and the connection breaks before the response
    {"do": "refuse", "code": "…"}        not done, with an error of the provider
    {"do": "down"}                       not done: HTTP 502 with an HTML page
    {"do": "usual"}                      no fault, so that the next entry applies to the next call
"""

from typing import Any

from .books import Books, Trade

PROVIDERS = ("ECPAY", "NEWEBPAY", "LINE_PAY")
CALLBACK = {
    "never": bool,
    "before_redirect": bool,
    "delay_seconds": (int, float),
    "copies": int,
    "at_once": bool,
    "before": list,
    "after": list,
    "signature": str,
    "amount": int,
    "merchant": str,
    "trade_no": str,
    "shape": str,
}
CALLS = ("query", "refund", "confirm", "check", "details", "cancel", "card")
DO = ("late", "lose", "refuse", "down", "usual")
RESULTS = ("failed", "number_taken", "pending")
COPIES_MAX = 50


class Wrong(Exception):
    """An unknown fault setting: a test with it would test nothing."""


def apply(books: Books, wanted: dict[str, Any]) -> None:
    """Replaces the fault settings of one trade."""
    unknown = wanted.keys() - {"provider", "trade_no", "callback", "answers"}
    if unknown or wanted.get("provider") not in PROVIDERS or not isinstance(wanted.get("trade_no"), str):
        raise Wrong(f"provider, trade_no, callback and answers are required: {wanted}")
    callback, answers = wanted.get("callback", {}), wanted.get("answers", {})
    for name, value in callback.items():
        if name not in CALLBACK or not isinstance(value, CALLBACK[name]):
            raise Wrong(f"callback: {name} = {value!r}")
    if any(result not in RESULTS for name in ("before", "after") for result in callback.get(name, [])):
        raise Wrong(f"before and after take {', '.join(RESULTS)}: {callback}")
    if not 1 <= callback.get("copies", 1) <= COPIES_MAX:
        raise Wrong(f"copies: 1 to {COPIES_MAX}")
    for call, entries in answers.items():
        if call not in CALLS or any(entry.get("do") not in DO for entry in entries):
            raise Wrong(f"answers: {call} = {entries!r}")
    books.set_faults(
        wanted["provider"],
        wanted["trade_no"],
        {"callback": callback, "answers": {call: list(entries) for call, entries in answers.items()}},
    )


def next_answer(books: Books, trade: Trade | None, call: str) -> dict[str, Any]:
    """The fault for the next call of a kind."""
    if trade is None:
        return {"do": "usual"}
    with books.lock:
        entries = trade.faults.get("answers", {}).get(call, [])
        return entries.pop(0) if entries else {"do": "usual"}


def callback(trade: Trade) -> dict[str, Any]:
    return trade.faults.get("callback", {})
