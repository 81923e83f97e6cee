"""P9: the cost of a million paid orders at list prices, from counted units and calls, also of the conventional design."""

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
# The duration of one sequential call within a region, and the share of a processor at 256 MB.
CALL_MS = 5.0
CPU_SHARE = 256 / 1769
# The batch size of a busy queue.
QUEUE_BATCH = 10
# Queues that receive an order's events: sales and the export.
QUEUES = 2
# order.reserved, order.paid, payment.succeeded, points.used.
EVENTS = 4
# Calls to the bus: one of each relay.
BUS_CALLS = 2

ORDERS = 1_000_000

# The steps of one paid order, by their names in docs/performance.md, and their functions.
CHAIN = [
    "`place_order`, one line",
    "`pay_order` with points",
    "`relay_outbox`, one placed order",
    "`relay_outbox`, one paid order",
]
FUNCTIONS = ["place_order", "pay_order", "relay_outbox", "relay_outbox"]


@dataclass(frozen=True)
class Shop:
    """The resources of one paid order."""

    write_units: float
    read_units: float
    calls_in_a_row: float
    invocations: float
    http_requests: float = 2
    events: float = EVENTS
    queue_requests: float = QUEUES * (1 + 2 / QUEUE_BATCH)

    def bill(self, processor_ms: float) -> dict[str, float]:
        """Dollars for a million orders by item, with this processor time per invocation."""
        seconds = (self.calls_in_a_row * CALL_MS + self.invocations * processor_ms / CPU_SHARE) / 1000
        one = {
            "writes": self.write_units * WRITE_UNIT,
            "reads": self.read_units * READ_UNIT,
            "HTTP API": self.http_requests * HTTP_REQUEST,
            "Lambda": self.invocations * INVOCATION + seconds * GB * GB_SECOND_X86,
            "EventBridge": self.events * EVENT,
            "SQS": self.queue_requests * SQS_REQUEST,
        }
        return {name: round(dollars * ORDERS, 2) for name, dollars in one.items()}


def processor_ms(steps: dict[str, dict]) -> float:
    """Processor time of an invocation: the mean over the steps of an order."""
    return sum(steps[name]["processor_us"] for name in FUNCTIONS) / len(FUNCTIONS) / 1000


def millrun(costs: dict[str, dict[str, float]]) -> Shop:
    """Our design, from the table of counts."""
    once = [costs[name] for name in CHAIN]
    # A batch's sum is one write of 2 units; each of its events has a consumed record of 2.
    sales_writes = 2 + (costs["`count_sales`, one event"]["write"] - 2) / QUEUE_BATCH
    return Shop(
        write_units=sum(row["write"] for row in once) + sales_writes,
        read_units=sum(row["read"] for row in once),
        calls_in_a_row=sum(row["calls"] for row in once) + BUS_CALLS + 1 / QUEUE_BATCH,
        invocations=len(once) + QUEUES / QUEUE_BATCH,
    )


def conventional(ours: Shop) -> Shop:
    """The same order and events in the conventional design, also with transactional units.

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


def tables(bills: dict[str, dict[str, float]]) -> str:
    """The cost of a million paid orders by item, and the prices used."""
    names = list(bills)
    lines = [f"| dollars for a million paid orders | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for part in bills[names[0]]:
        lines.append(f"| {part} | " + " | ".join(f"{bills[name][part]:.2f}" for name in names) + " |")
    lines.append("| together | " + " | ".join(f"{sum(bills[name].values()):.2f}" for name in names) + " |")
    prices = {
        "write units": WRITE_UNIT,
        "read units": READ_UNIT,
        "HTTP API requests": HTTP_REQUEST,
        "Lambda invocations": INVOCATION,
        "Lambda GB-seconds (x86-64)": GB_SECOND_X86,
        "SQS requests": SQS_REQUEST,
        "EventBridge events": EVENT,
    }
    lines += ["", "| list price, us-east-1 | dollars a million |", "|---|---:|"]
    lines += [f"| {name} | {dollars * 1e6:.3f} |" for name, dollars in prices.items()]
    return "\n".join(lines) + "\n"
