"""A proxy between the functions and the local AWS that injects the faults of a network and of a busy cloud.

The emulator never throttles, never reports a transaction conflict and never loses a response. At first every request
passes. `POST /_faults {"share": 0.1, "seed": 7}` makes a tenth of the requests fail, chosen by the seed; `{"refuse":
{"PutEvents": "AccessDeniedException"}}` refuses every request of an action; `{"refuse_entries": "MalformedDetail"}` refuses
every entry of `PutEvents`; `{"away": ["PutEvents"]}` closes the connection of every request of an action, as in an outage;
`{}` clears the faults. `GET /_faults` returns how often each fault was injected.
"""

import argparse
import json
import random
from collections import Counter

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from yarl import URL

BODY_BYTES_MAX = 64 * 1024 * 1024
CONTROL = "/_faults"
# Headers of one connection only; the others belong to the message.
HOP_HEADERS = ("Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length")

# The request does not arrive, the response does not arrive, or the service refuses the request.
ANYWHERE = ["cut", "lost", "throttled"]
IN_TRANSACTIONS = [*ANYWHERE, "conflict", "in_progress"]
# The relay sends many events per request, and so few requests.
IN_EVENTS = [*ANYWHERE, *["partly"] * 3]

THROTTLED = {
    "DynamoDB_20120810": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "AmazonSQS": "com.amazonaws.sqs#RequestThrottled",
}


class Proxy:
    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.share = 0.0
        self.refuse: dict[str, str] = {}
        self.away: set[str] = set()
        self.refuse_entries: str | None = None
        self.random = random.Random(0)
        self.is_first_of_events = False
        self.struck: Counter[str] = Counter()

    async def open(self, app: web.Application) -> None:
        # A connection per request: the server may close a kept connection under a request, a fault that was not asked for.
        connector = TCPConnector(limit=0, force_close=True)
        app["aws"] = ClientSession(connector=connector, timeout=ClientTimeout(total=None), auto_decompress=False)

    async def close(self, app: web.Application) -> None:
        await app["aws"].close()

    async def show(self, _: web.Request) -> web.Response:
        return web.json_response({"share": self.share, "struck": self.struck})

    async def change(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self.share = float(wanted.get("share", 0))
        self.refuse = dict(wanted.get("refuse", {}))
        self.away = set(wanted.get("away", []))
        self.refuse_entries = wanted.get("refuse_entries")
        self.random = random.Random(wanted.get("seed", 0))
        self.is_first_of_events = self.share > 0
        return await self.show(request)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        service, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
        if kind := self.refuse.get(operation):
            self.struck["refused"] += 1
            return _refusal({"__type": kind, "message": "Refused by the fault proxy"})
        if operation in self.away:
            self.struck["away"] += 1
            return _hang_up(request)
        if operation == "PutEvents" and self.refuse_entries:
            self.struck["refused"] += 1
            no = {"ErrorCode": self.refuse_entries, "ErrorMessage": "Refused by the faults"}
            entries = [no for _ in json.loads(body)["Entries"]]
            return _json({"FailedEntryCount": len(entries), "Entries": entries})
        fault = self._choose(operation)
        if fault:
            self.struck[fault] += 1
        match fault:
            case "cut":
                return _hang_up(request)
            case "lost":
                await self._forward(request, body)
                return _hang_up(request)
            case "throttled":
                kind = THROTTLED.get(service, "ThrottlingException")
                return _refusal({"__type": kind, "message": "Rate exceeded"})
            case "conflict":
                return _refusal(_conflict(body, self.random))
            case "in_progress":
                # The transaction is executed all the same, like a first attempt that a retry overlaps with.
                await self._forward(request, body)
                kind = "com.amazonaws.dynamodb.v20120810#TransactionInProgressException"
                return _refusal({"__type": kind, "Message": "The transaction with the given request token is in progress"})
            case "partly":
                return await self._partly(request, body)
        return await self._forward(request, body) or _hang_up(request)

    def _choose(self, operation: str) -> str | None:
        # There may be so few of these requests that chance would choose none.
        if operation == "PutEvents" and self.is_first_of_events:
            self.is_first_of_events = False
            return "partly"
        if self.random.random() >= self.share:
            return None
        kinds = {"TransactWriteItems": IN_TRANSACTIONS, "PutEvents": IN_EVENTS}.get(operation, ANYWHERE)
        return self.random.choice(kinds)

    async def _forward(self, request: web.Request, body: bytes) -> web.Response | None:
        """The response, or nothing if there was none. Host and path stay byte for byte what was signed."""
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP_HEADERS]
        aws: ClientSession = request.app["aws"]
        try:
            url = URL(self.upstream + request.raw_path, encoded=True)
            async with aws.request(request.method, url, headers=headers, data=body, allow_redirects=False) as answer:
                content = await answer.read()
        except (ClientError, TimeoutError):
            return None
        kept = [(name, value) for name, value in answer.headers.items() if name not in HOP_HEADERS]
        return web.Response(status=answer.status, headers=kept, body=content)

    async def _partly(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """At least one entry is refused; the others reach the bus."""
        asked = json.loads(body)
        refused = [self.random.random() < 0.5 for _ in asked["Entries"]]
        refused[self.random.randrange(len(refused))] = True
        taken = [entry for entry, is_refused in zip(asked["Entries"], refused, strict=True) if not is_refused]
        results = []
        if taken:
            answer = await self._forward(request, json.dumps(asked | {"Entries": taken}).encode())
            if answer is None or answer.status != 200:
                return answer or _hang_up(request)
            results = json.loads(answer.body)["Entries"]
        no = {"ErrorCode": "InternalFailure", "ErrorMessage": "Try again"}
        entries = [no if is_refused else results.pop(0) for is_refused in refused]
        return _json({"FailedEntryCount": sum("ErrorCode" in entry for entry in entries), "Entries": entries})


def _json(body: dict[str, object]) -> web.Response:
    return web.Response(text=json.dumps(body), content_type="application/x-amz-json-1.1")


def _hang_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=502)


def _refusal(body: dict[str, object]) -> web.Response:
    return web.Response(status=400, text=json.dumps(body), content_type="application/x-amz-json-1.0")


def _conflict(body: bytes, chance: random.Random) -> dict[str, object]:
    """A transaction conflict on at least one item."""
    codes = [chance.choice(["None", "TransactionConflict"]) for _ in json.loads(body)["TransactItems"]]
    codes[chance.randrange(len(codes))] = "TransactionConflict"
    return {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]",
        "CancellationReasons": [{"Code": code} for code in codes],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True, help="URL of the local AWS")
    arguments = parser.parse_args()
    proxy = Proxy(arguments.upstream)
    app = web.Application(client_max_size=BODY_BYTES_MAX)
    app.on_startup.append(proxy.open)
    app.on_cleanup.append(proxy.close)
    app.router.add_get(CONTROL, proxy.show)
    app.router.add_post(CONTROL, proxy.change)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    web.run_app(app, host="127.0.0.1", port=arguments.port, print=None)


if __name__ == "__main__":
    main()
