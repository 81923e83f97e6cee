"""The HTTP server of the fake payment providers: paths, fault settings, buttons."""

import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import ecpay, fault_settings, line_pay, newebpay, pages
from .books import Books, Trade
from .messages import BODY_BYTES_MAX, Ask, BadForm, Reply, answer_json, form

PROVIDERS = {ecpay.NAME: ecpay, newebpay.NAME: newebpay, line_pay.NAME: line_pay}
BROKEN = Reply("<html><body>Bad gateway</body></html>", 502)


class Handler(BaseHTTPRequestHandler):
    books: Books
    base: str
    protocol_version = "HTTP/1.1"
    # With Nagle's algorithm the second of two small writes waits for an acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_BYTES_MAX:
            self.close_connection = True
            return self._send(Reply("too large", 413))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        ask = Ask(method, url.path, url.query, headers, self.rfile.read(length))
        reply = self._reply(ask)
        time.sleep(reply.late_seconds)
        if reply.lost:
            # The connection breaks after the call was executed: the client does not know the outcome.
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(reply)

    def _reply(self, ask: Ask) -> Reply:
        books = self.books
        match f"{ask.method} {ask.path}":
            case "POST /Cashier/AioCheckOut/V5":
                return ecpay.checkout(books, ask)
            case "POST /Cashier/QueryTradeInfo/V5":
                return _ecpay(books, ask, "query")
            case "POST /CreditDetail/DoAction":
                return _ecpay(books, ask, "refund")
            case "POST /CreditDetail/QueryTrade/V2":
                return _ecpay(books, ask, "card")
            case "POST /MPG/mpg_gateway":
                return newebpay.checkout(books, ask)
            case "POST /API/QueryTradeInfo":
                return _newebpay(books, ask, "query")
            case "POST /API/CreditCard/Close":
                return _newebpay(books, ask, "refund")
            case "POST /API/CreditCard/Cancel":
                return _newebpay(books, ask, "cancel")
            case "POST /decide":
                return _decide(books, ask)
            case "GET /_trades":
                return _trades(books, ask)
            case "POST /_faults" | "POST /_settle":
                return _control(books, ask)
            case "POST /_forget":
                books.forget()
                return answer_json({})
        if ask.path.startswith("/v3/payments"):
            return _line_pay(books, ask, self.base)
        if ask.method == "GET" and ask.path.startswith(line_pay.PAGE):
            return line_pay.page(books, ask.path.removeprefix(line_pay.PAGE))
        return pages.page("There is nothing here", "", status=404)

    def _send(self, reply: Reply) -> None:
        content = reply.text.encode()
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The client gave up, which is what "late" is for.

    def log_message(self, format: str, *arguments: Any) -> None:
        """No access log: /_trades has the calls."""


Call = Callable[[str], tuple[Trade | None, Reply]]


def _ecpay(books: Books, ask: Ask, call: str) -> Reply:
    trade = books.find(ecpay.NAME, _field(ask, "MerchantTradeNo"))
    if call == "card":
        trade = next((t for t in list(books.trades.values()) if t.authorization == _field(ask, "CreditRefundId")), None)
    do: dict[str, Call] = {
        "query": lambda _: ecpay.query(books, ask),
        "card": lambda _: ecpay.card(books, ask),
        "refund": lambda code: ecpay.act(books, ask, code),
    }
    return _staged(books, trade, call, do[call])


def _newebpay(books: Books, ask: Ask, call: str) -> Reply:
    trade = newebpay.trade_of(books, ask)
    do: dict[str, Call] = {
        "query": lambda _: newebpay.query(books, ask),
        "refund": lambda code: newebpay.close(books, ask, code),
        "cancel": lambda code: newebpay.cancel(books, ask, code),
    }
    return _staged(books, trade, call, do[call])


def _line_pay(books: Books, ask: Ask, base: str) -> Reply:
    trade, (call, _) = line_pay.trade_of(books, ask), line_pay.kind_of(ask)
    return _staged(
        books, trade, call, lambda code: (trade, line_pay.reply(code) if code else line_pay.call(books, ask, base))
    )


def _staged(books: Books, trade: Trade | None, call: str, do: Call) -> Reply:
    """Executes a call unless the fault settings prevent it, and records it."""
    stage = fault_settings.next_answer(books, trade, call)
    if stage["do"] == "down":
        reply = BROKEN
    else:
        _, reply = do(stage.get("code", "") if stage["do"] == "refuse" else "")
    if trade is not None:
        with books.lock:
            trade.calls.append({"call": call, "at": time.time(), "stage": stage["do"], "answer": reply.text})
    if stage["do"] == "late":
        return Reply(reply.text, reply.status, reply.kind, reply.headers, late_seconds=stage["seconds"])
    if stage["do"] == "lose":
        return Reply("", lost=True)
    return reply


def _decide(books: Books, ask: Ask) -> Reply:
    try:
        fields = form(ask.body)
    except BadForm:
        return pages.page("Not a form", "", status=400)
    trade = books.by_key(fields.get("trade", ""))
    if trade is None:
        return pages.page("There is no such trade", "", status=404)
    provider, do = PROVIDERS[trade.provider], fields.get("do", "")
    if do not in provider.BUTTONS:
        return pages.page("There is no such button", "", status=400)
    return provider.decide(books, trade, do)


def _trades(books: Books, ask: Ask) -> Reply:
    wanted = parse_qs(ask.query).get("trade_no", [])
    with books.lock:
        shown = [trade.shown() for trade in books.trades.values() if not wanted or trade.trade_no in wanted]
        return answer_json(shown)


def _control(books: Books, ask: Ask) -> Reply:
    try:
        wanted = json.loads(ask.body)
        if ask.path == "/_faults":
            fault_settings.apply(books, wanted)
            return answer_json({})
        trade = books.find(wanted["provider"], wanted["trade_no"])
    except (ValueError, KeyError, TypeError, AttributeError, fault_settings.Wrong) as wrong:
        return answer_json({"message": str(wrong)}, 400)
    if trade is None:
        return answer_json({"message": "There is no such trade."}, 404)
    books.settle(trade)
    return answer_json(trade.shown())


def _field(ask: Ask, name: str) -> str:
    try:
        return form(ask.body).get(name, "")
    except BadForm:
        return ""


def server(port: int) -> ThreadingHTTPServer:
    """Listens; port 0 takes a free port."""
    handler = type("Served", (Handler,), {"books": Books()})
    listening = ThreadingHTTPServer(("127.0.0.1", port), handler)
    listening.daemon_threads = True
    handler.base = f"http://127.0.0.1:{listening.server_address[1]}"
    return listening


def serve(port: int) -> None:
    """Serves until it is stopped. Its first line prints the address."""
    listening = server(port)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=listening.shutdown).start())
    print(f"http://127.0.0.1:{listening.server_address[1]}", flush=True)
    listening.serve_forever()
