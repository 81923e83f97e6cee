"""Fakes of LINE and Slack that speak their protocols and keep the messages they receive.

They check what the services check (token, retry key, structure, lengths) and give the same responses. They run in a process
of their own beside the emulator, which has SES and SNS:

    GET  /_sent                                     what was sent, by channel, oldest first
    POST /_next   {"channel", "do", "times"?, …}    what happens to the next messages of a channel:
                  do "answer" with "status", "body"?, "headers"?: refused in these words
                  do "late" with "seconds": taken, and answered so much later
    POST /_forget                                   as if it had just been started

Only the standard library: the tests start this file by itself.
"""

import argparse
import json
import re
import signal
import threading
import time
import uuid
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Valid on this machine only, so not secret.
LINE_TOKEN = "local-line-token"
SLACK_PATH = "/services/T00000000/B00000000/local"
TEXT_UNITS_MAX = 5_000
BODY_BYTES_MAX = 2 * 1024 * 1024


class State:
    """Messages received, accepted retry keys, and the faults for the next messages."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {"LINE": [], "SLACK": []}
        self.keys: dict[str, str] = {}
        self.next: dict[str, deque[dict[str, Any]]] = {"LINE": deque(), "SLACK": deque()}

    def take_next(self, channel: str) -> dict[str, Any]:
        with self.lock:
            return self.next[channel].popleft() if self.next[channel] else {}

    def keep(self, channel: str, message: dict[str, Any]) -> None:
        with self.lock:
            self.sent[channel].append({"at": time.time(), **message})


class Handler(BaseHTTPRequestHandler):
    state: State
    protocol_version = "HTTP/1.1"
    # With Nagle's algorithm the second of two small writes waits for an acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/_sent":
            with self.state.lock:
                return self._json(200, self.state.sent)
        self._json(404, {"message": "Not found"})

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), BODY_BYTES_MAX))
        if self.path == "/_forget":
            with self.state.lock:
                self.state.forget()
            return self._json(200, {})
        if self.path == "/_next":
            wanted = json.loads(body)
            with self.state.lock:
                self.state.next[wanted["channel"]].extend([wanted] * wanted.get("times", 1))
            return self._json(200, {})
        if self.path == "/v2/bot/message/push":
            return self._staged("LINE", self._line, body)
        if self.path.startswith("/services/"):
            return self._staged("SLACK", self._slack, body)
        self._json(404, {"message": "Not found"})

    def _staged(self, channel: str, handle: Any, body: bytes) -> None:
        stage = self.state.take_next(channel)
        if stage.get("do") == "answer":
            return self._answer(stage["status"], stage.get("body", ""), stage.get("headers", {}))
        status, text, headers = handle(body)
        if stage.get("do") == "late":
            time.sleep(stage["seconds"])
        self._answer(status, text, headers)

    def _line(self, body: bytes) -> tuple[int, str, dict[str, str]]:
        if self.headers.get("Authorization") != f"Bearer {LINE_TOKEN}":
            return _reply(401, {"message": "Authentication failed due to the following reason: invalid token"})
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            return _reply(415, {"message": "Unsupported Media Type"})
        key = self.headers.get("X-Line-Retry-Key")
        if key is not None:
            try:
                uuid.UUID(key)
            except ValueError:
                return _reply(400, {"message": "Invalid retry key"})
            with self.state.lock:
                accepted = self.state.keys.get(key)
            if accepted:
                refusal = {"message": "The retry key is already accepted"}
                return _reply(409, refusal, {"X-Line-Accepted-Request-Id": accepted})
        try:
            push = json.loads(body)
            to, messages = push["to"], push["messages"]
        except (ValueError, KeyError, TypeError):
            return _reply(400, {"message": "The request body could not be parsed as JSON"})
        if not re.fullmatch("U[0-9a-f]{32}", str(to)):
            return _reply(400, {"message": "The property, 'to', in the request body is invalid"})
        fits = isinstance(messages, list) and 1 <= len(messages) <= 5
        for message in messages if fits else []:
            text = message.get("text")
            fits = fits and message.get("type") == "text" and isinstance(text, str) and text != ""
            fits = fits and len(text.encode("utf-16-le")) // 2 <= TEXT_UNITS_MAX
        if not fits:
            return _reply(400, {"message": "The request body has errors", "details": [{"property": "messages"}]})
        request = str(uuid.uuid4())
        with self.state.lock:
            if key is not None:
                self.state.keys[key] = request
        self.state.keep("LINE", {"to": to, "texts": [message["text"] for message in messages], "key": key})
        sent = [{"id": str(uuid.uuid4().int)[:18], "quoteToken": uuid.uuid4().hex} for _ in messages]
        return _reply(200, {"sentMessages": sent}, {"X-Line-Request-Id": request})

    def _slack(self, body: bytes) -> tuple[int, str, dict[str, str]]:
        if self.path != SLACK_PATH:
            return 404, "no_service", {}
        try:
            text = json.loads(body).get("text")
        except (ValueError, AttributeError):
            return 400, "invalid_payload", {}
        if not isinstance(text, str) or not text:
            return 400, "no_text", {}
        self.state.keep("SLACK", {"text": text})
        return 200, "ok", {}

    def _json(self, status: int, value: Any) -> None:
        self._answer(status, json.dumps(value), {"Content-Type": "application/json"})

    def _answer(self, status: int, text: str, headers: dict[str, str]) -> None:
        content = text.encode()
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The client gave up, which is what "late" is for.

    def log_message(self, format: str, *arguments: Any) -> None:
        """No access log: /_sent has the messages, and the log would show addresses."""


def _reply(status: int, value: Any, headers: dict[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
    return status, json.dumps(value), {"Content-Type": "application/json", **(headers or {})}


def serve(port: int) -> None:
    """Serves until it is stopped; port 0 takes a free port. Its first line prints the address."""
    Handler.state = State()
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fakes of LINE and Slack.")
    parser.add_argument("--port", type=int, default=0)
    serve(parser.parse_args().port)
