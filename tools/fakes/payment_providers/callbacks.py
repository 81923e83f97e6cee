"""Sends results to the merchant as a provider does: until they are acknowledged, or as the fault settings say."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

from . import fault_settings
from .books import Books, Trade

# The providers wait for minutes before a retry; the fakes wait less.
PAUSE_SECONDS = 5
ANSWER_SECONDS_MAX = 10
ANSWER_BYTES_MAX = 4096
# No proxy, and no redirects: the providers do not follow them.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Post:
    """How one provider sends results."""

    # Builds the form for a result (paid, failed or number_taken) and the number of earlier attempts.
    form: Callable[[Trade, str, int], Mapping[str, str]]
    is_acknowledged: Callable[[int, str], bool]
    tries_max: int


def send(books: Books, trade: Trade, post: Post, result: str) -> None:
    """Sends a result in the background; with the setting `before_redirect` it waits for the acknowledgement."""
    faults = fault_settings.callback(trade)
    if faults.get("never") or not trade.notify_url:
        return
    thread = threading.Thread(target=_all, args=(books, trade, post, result, dict(faults)), daemon=True)
    thread.start()
    if faults.get("before_redirect"):
        thread.join(ANSWER_SECONDS_MAX)


def _all(books: Books, trade: Trade, post: Post, result: str, faults: Mapping[str, Any]) -> None:
    time.sleep(faults.get("delay_seconds", 0))
    for earlier in faults.get("before", []):
        _one(books, trade, post, earlier, 0)
    copies = faults.get("copies", 1)
    if faults.get("at_once"):
        threads = [
            threading.Thread(target=_one, args=(books, trade, post, result, number), daemon=True)
            for number in range(copies)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        for number in range(copies):
            _until_acknowledged(books, trade, post, result, number)
    for later in faults.get("after", []):
        _one(books, trade, post, later, 0)


def _until_acknowledged(books: Books, trade: Trade, post: Post, result: str, number: int) -> None:
    for attempt in range(post.tries_max):
        if attempt > 0:
            time.sleep(PAUSE_SECONDS)
        if books.find(trade.provider, trade.trade_no) is not trade or _one(books, trade, post, result, number + attempt):
            return


def _one(books: Books, trade: Trade, post: Post, result: str, number: int) -> bool:
    """Sends once; whether it was acknowledged."""
    with books.lock:
        form = post.form(trade, result, number)
    data = urlencode(form).encode()
    request = urllib.request.Request(trade.notify_url, data=data, method="POST")
    request.add_header("Content-Type", "application/x-www-form-urlencoded")
    note: dict[str, Any] = {"result": result, "form": dict(form), "at": time.time()}
    try:
        with OPENER.open(request, timeout=ANSWER_SECONDS_MAX) as answer:
            note["status"], note["answer"] = answer.status, answer.read(ANSWER_BYTES_MAX).decode(errors="replace")
    except urllib.error.HTTPError as refusal:
        note["status"], note["answer"] = refusal.code, refusal.read(ANSWER_BYTES_MAX).decode(errors="replace")
    except (OSError, HTTPException) as broken:
        note["status"], note["answer"] = 0, str(broken)
    note["acknowledged"] = post.is_acknowledged(note["status"], note["answer"])
    with books.lock:
        trade.callbacks.append(note)
    return note["acknowledged"]
