"""P9: what a million paid orders cost at list prices, from the counted units and calls, beside the conventional way."""

from dataclasses import dataclass

# us-east-1, dollars.
WRITE_UNIT = 0.625e-6
READ_UNIT = 0.125e-6
HTTP_REQUEST = 1.00e-6
INVOCATION = 0.20e-6
GB_SECOND_X86 = 0.0000166667
SQS_REQUEST = 0.40e-6
EVENT = 1.00e-6

GB = 0.25
# A call in a row, as DynamoDB answers within a region; and the share of a processor at 256 MB.
CALL_MS = 5.0
CPU_SHARE = 256 / 1769
# Records that a busy queue hands over at once.
QUEUE_BATCH = 10
# Queues that take an order's events: sales and the export.
QUEUES = 2
# order.reserved, order.paid, payment.succeeded, points.used.
EVENTS = 4

ORDERS = 1_000_000


@dataclass(frozen=True)
class Shop:
    """What one paid order takes."""

    write_units: float
    read_units: float
    calls_in_a_row: float
    invocations: float
    http_requests: float = 2
    events: float = EVENTS
    queue_requests: float = QUEUES * (1 + 2 / QUEUE_BATCH)

    def bill(self, compute_ms: float) -> dict[str, float]:
        """Dollars for a million orders, by what they pay for."""
        seconds = (self.calls_in_a_row * CALL_MS + self.invocations * compute_ms / CPU_SHARE) / 1000
        one = {
            "writes": self.write_units * WRITE_UNIT,
            "reads": self.read_units * READ_UNIT,
            "HTTP API": self.http_requests * HTTP_REQUEST,
            "Lambda": self.invocations * INVOCATION + seconds * GB * GB_SECOND_X86,
            "EventBridge": self.events * EVENT,
            "SQS": self.queue_requests * SQS_REQUEST,
        }
        return {name: round(dollars * ORDERS, 2) for name, dollars in one.items()}


def millrun(costs: dict[str, dict[str, float]]) -> Shop:
    """Ours, from the counted table."""
    chain = ["`place_order`, one line", "`pay_order` with points"]
    relays = ["`relay_outbox`, one placed order", "`relay_outbox`, one paid order"]
    once = [costs[name] for name in chain + relays]
    # A batch's sum is one write of 2 units; each of its events has a consumed record of 2.
    sales_writes = 2 + (costs["`count_sales`, one event"]["write"] - 2) / QUEUE_BATCH
    return Shop(
        write_units=sum(row["write"] for row in once) + sales_writes,
        read_units=sum(row["read"] for row in once),
        calls_in_a_row=sum(row["calls"] for row in once) + 1 / QUEUE_BATCH,
        invocations=len(once) + QUEUES / QUEUE_BATCH,
    )


def conventional(ours: Shop) -> Shop:
    """The same order and events, written the usual way. Units are those of transactions, as ours are.

    - An idempotency record in two steps (in progress, done) outside the transaction: as many units as ours in one
      step, but two calls more for each of the two requests.
    - A record for each order line: 2 units.
    - An outbox record for each of four events instead of one for each of two transactions: 2 more puts of 2 units and
      2 more updates of 1.
    - An index by the outbox record's status: each put writes it (1), each update moves it (a delete and a put: 2).
    """
    lines = 2
    outbox = 2 * (2 + 1) + EVENTS * (1 + 2)
    return Shop(
        write_units=ours.write_units + lines + outbox,
        read_units=ours.read_units,
        calls_in_a_row=ours.calls_in_a_row + 4 + 2,
        invocations=ours.invocations,
    )
