"""A small client of the shop's HTTP API, for the catalogue and the demo."""

import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

BUSY_TRIES = 5
# No proxy: the shop is on this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]


def call(
    base: str,
    method: str,
    path: str,
    token: str | None = None,
    body: Any = None,
    key: str | None = None,
    accept: str = "application/json",
) -> Reply:
    """Sends one request below /api/v1. A POST gets an Idempotency-Key, so that a retry is safe."""
    headers = {"Accept": accept}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    if method == "POST":
        headers["Idempotency-Key"] = key or str(uuid.uuid4())
    request = urllib.request.Request(f"{base}/api/v1{path}", data=data, headers=headers, method=method)
    for _ in range(BUSY_TRIES):
        reply = _send(request)
        if reply.status != 503:
            break
    return reply


def _send(request: urllib.request.Request) -> Reply:
    try:
        with OPENER.open(request, timeout=60) as answer:
            return Reply(answer.status, _parsed(answer.read()), dict(answer.headers))
    except urllib.error.HTTPError as refusal:
        return Reply(refusal.code, _parsed(refusal.read()), dict(refusal.headers))


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")
