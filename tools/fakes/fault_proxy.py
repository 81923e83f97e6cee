"""Stands between the functions and the local AWS and lets go wrong what goes wrong on a network and in a busy cloud.

The emulator never throttles, never meets a conflict and never loses an answer: what is likeliest in production would never
be seen. At first everything passes; `POST /_faults {"share": 0.1, "seed": 7}` lets a tenth of the requests fail, chosen by
a seed; `{"refuse": {"PutEvents": "AccessDeniedException"}}` lets every request of a kind be refused; and `{}` ends it.
`GET /_faults` says how often each fault has struck.
"""

import argparse
import json
import random
from collections import Counter

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from yarl import URL

BODY_BYTES_MAX = 64 * 1024 * 1024
CONTROL = "/_faults"
# Of the connection alone; the rest belongs to the message.
HOP_HEADERS = ("Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length")

# Where the request did not arrive, where its answer did not, and what the service says instead of doing it.
ANYWHERE = ["cut", "lost", "throttled"]
IN_TRANSACTIONS = [*ANYWHERE, "conflict", "in_progress"]
# The relay sends many events at once, so that it sends seldom.
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
        self.random = random.Random(0)
        self.struck: Counter[str] = Counter()

    async def open(self, app: web.Application) -> None:
        # A connection for each request: one that is kept may be closed under a request, a fault that nobody asked for.
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
        self.random = random.Random(wanted.get("seed", 0))
        return await self.show(request)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        service, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
        if kind := self.refuse.get(operation):
            self.struck["refused"] += 1
            return _refusal({"__type": kind, "message": "Refused by the faults"})
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
                # It is done all the same, as by a first try that a second one met.
                await self._forward(request, body)
                kind = "com.amazonaws.dynamodb.v20120810#TransactionInProgressException"
                return _refusal({"__type": kind, "Message": "The transaction with the given request token is in progress"})
            case "partly":
                return await self._partly(request, body)
        return await self._forward(request, body) or _hang_up(request)

    def _choose(self, operation: str) -> str | None:
        if self.random.random() >= self.share:
            return None
        kinds = {"TransactWriteItems": IN_TRANSACTIONS, "PutEvents": IN_EVENTS}.get(operation, ANYWHERE)
        return self.random.choice(kinds)

    async def _forward(self, request: web.Request, body: bytes) -> web.Response | None:
        """The answer, or nothing if there was none. Host and path stay byte for byte what was signed."""
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
        """Some entries reach the bus, and the others, at least one, are refused."""
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
        said = {"FailedEntryCount": sum("ErrorCode" in entry for entry in entries), "Entries": entries}
        return web.Response(text=json.dumps(said), content_type="application/x-amz-json-1.1")


def _hang_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=502)


def _refusal(said: dict[str, object]) -> web.Response:
    return web.Response(status=400, text=json.dumps(said), content_type="application/x-amz-json-1.0")


def _conflict(body: bytes, chance: random.Random) -> dict[str, object]:
    """Another transaction holds some of the items, at least one."""
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
    parser.add_argument("--upstream", required=True, help="where the local AWS is")
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
