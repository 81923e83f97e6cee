"""A merchant for the tests of the fakes: it calls them over HTTP, and receives their callbacks."""

import json
import threading
import time
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import callbacks
from .server import server

WAIT_SECONDS_MAX = 10


class Merchant(BaseHTTPRequestHandler):
    """Keeps the callbacks that it receives, and acknowledges them unless told otherwise."""

    heard: list[dict[str, str]]
    answers: list[tuple[int, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append(dict(parse_qsl(body, keep_blank_values=True)))
        status, text = self.answers.pop(0) if self.answers else (200, "1|OK")
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


class StandIn(unittest.TestCase):
    def setUp(self) -> None:
        self.merchant = type("Heard", (Merchant,), {"heard": [], "answers": []})
        shop = ThreadingHTTPServer(("127.0.0.1", 0), self.merchant)
        self.provider = server(0)
        for listening in (shop, self.provider):
            thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
            thread.start()
            self.addCleanup(listening.server_close)
            self.addCleanup(listening.shutdown)
        self.shop_url = f"http://127.0.0.1:{shop.server_address[1]}"
        self.url = f"http://127.0.0.1:{self.provider.server_address[1]}"
        pause, callbacks.PAUSE_SECONDS = callbacks.PAUSE_SECONDS, 0.01
        self.addCleanup(setattr, callbacks, "PAUSE_SECONDS", pause)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        request = urllib.request.Request(self.url + path, data=body or None, headers=headers, method=method)
        try:
            with OPENER.open(request, timeout=WAIT_SECONDS_MAX) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode(), dict(refusal.headers)

    def post(self, path: str, fields: dict[str, str]) -> str:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(fields).encode(), kind)[1]

    def control(self, path: str, **wanted: Any) -> None:
        status, text, _ = self.send("POST", path, json.dumps(wanted).encode(), {"Content-Type": "application/json"})
        self.assertEqual(status, 200, text)

    def trade(self, trade_no: str) -> dict[str, Any]:
        return json.loads(self.send("GET", f"/_trades?trade_no={trade_no}", b"", {})[1])[0]

    def decide(self, trade_no: str, do: str) -> tuple[int, str, dict[str, str]]:
        fields = urlencode({"trade": self.trade(trade_no)["key"], "do": do}).encode()
        return self.send("POST", "/decide", fields, {"Content-Type": "application/x-www-form-urlencoded"})

    def hear(self, count: int) -> list[dict[str, str]]:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while len(self.merchant.heard) < count:
            self.assertLess(time.monotonic(), deadline, f"{len(self.merchant.heard)} of {count} results")
            time.sleep(0.01)
        return self.merchant.heard
