"""P11: the monthly cost of an idle stack, from the deployed templates and the list prices.

Always-free tiers are subtracted; the free tier of a new account's first twelve months is not. us-east-1, 730 hours.

The templates are read by the tools of the local stack, which has the SAM transform: `measure` runs this file there.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.local.stack import ROOT, VENV

from .prices import GB, GB_SECOND_X86, INVOCATION, READ_UNIT, SQS_REQUEST

MINUTES = 730 * 60
# A metric of an alarm: an expression over three metrics costs as much as three alarms.
ALARM_METRIC, ALARM_METRICS_FREE = 0.10, 10
CUSTOM_METRIC, CUSTOM_METRICS_FREE = 0.30, 10
SECRET = 0.40
TRACE, TRACES_FREE = 5.00e-6, 100_000
SQS_REQUESTS_FREE = 1_000_000
INVOCATIONS_FREE, GB_SECONDS_FREE = 1_000_000, 400_000
LOG_GB, LOG_GB_FREE = 0.50, 5
# Lambda polls an empty queue with five concurrent long polls of 20 seconds, but at most its maximum concurrency.
POLLS_AT_ONCE, POLLS_A_MINUTE = 5, 3
# A tick that finds nothing to do: its duration with waiting, and its log lines with those of the platform.
TICK_SECONDS, TICK_LOG_BYTES = 0.05, 2_000
# The metrics of an idle stack, each with and without the use case as dimension: OutboxAge and AuditDifferences.
IDLE_METRICS = 4
# The rows of docs/performance.md's table for ticks that find nothing to do.
IDLE = ("nothing due", "nothing waits")


@dataclass(frozen=True)
class Tick:
    """A schedule: the use case, its ticks in a month, and whether they are traced."""

    use_case: str
    times: float
    is_traced: bool


def measure(costs: dict[str, dict[str, float]]) -> dict[str, float]:
    """The bill, computed by the tools that can read the templates."""
    program = [VENV / "bin" / "python", "-m", "tests.bench.idle"]
    done = subprocess.run(program, cwd=ROOT, input=json.dumps(costs).encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def bill(costs: dict[str, dict[str, float]]) -> dict[str, float]:
    """Dollars per month by item. `costs` is the table of counts in docs/performance.md."""
    all_ticks = list(ticks())
    count = sum(tick.times for tick in all_ticks)
    units = {row.split("`")[1]: cost["read"] for row, cost in costs.items() if row.endswith(IDLE)}
    seconds = count * TICK_SECONDS * GB
    return {
        "alarms": over(alarm_metrics(), ALARM_METRICS_FREE, ALARM_METRIC),
        "empty receives": over(empty_receives(), SQS_REQUESTS_FREE, SQS_REQUEST),
        "secrets": len(_of_type("AWS::SecretsManager::Secret")) * SECRET,
        "reads of idle ticks": sum(tick.times * units.get(tick.use_case, 0) for tick in all_ticks) * READ_UNIT,
        "traces": over(sum(tick.times for tick in all_ticks if tick.is_traced), TRACES_FREE, TRACE),
        "invocations": over(count, INVOCATIONS_FREE, INVOCATION) + over(seconds, GB_SECONDS_FREE, GB_SECOND_X86),
        "logs": over(count * TICK_LOG_BYTES / 1e9, LOG_GB_FREE, LOG_GB),
        "metrics of our own": over(IDLE_METRICS, CUSTOM_METRICS_FREE, CUSTOM_METRIC),
    }


def over(used: float, free: float, price: float) -> float:
    """The price of the usage beyond the free tier."""
    return max(0.0, used - free) * price


def alarm_metrics() -> int:
    """The metrics of alarms, also of conditional ones, because most shops have them."""
    return sum(max(1, len([one for one in alarm.get("Metrics", []) if "MetricStat" in one])) for alarm in _alarms())


def empty_receives() -> float:
    """Empty receives per month, over all queues that functions consume."""
    total = 0.0
    for mapping in _of_type("AWS::Lambda::EventSourceMapping"):
        if "StartingPosition" not in mapping:
            most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency", POLLS_AT_ONCE)
            total += min(POLLS_AT_ONCE, most) * POLLS_A_MINUTE * MINUTES
    return total


def ticks() -> Iterator[Tick]:
    """Every schedule."""
    functions = {function["Handler"]: function for function in _of_type("AWS::Lambda::Function")}
    for schedule in _of_type("AWS::Scheduler::Schedule"):
        use_case = schedule["Name"]["Fn::Sub"].split("-")[-1]
        is_traced = functions[use_case].get("TracingConfig", {}).get("Mode") == "Active"
        yield Tick(use_case, MINUTES / _minutes(schedule["ScheduleExpression"]), is_traced)


def _minutes(expression: str) -> float:
    if expression.startswith("cron("):
        return 24 * 60
    number, unit = expression.removeprefix("rate(").rstrip(")").split()
    return int(number) * {"minute": 1, "hour": 60, "day": 24 * 60}[unit.rstrip("s")]


def _alarms() -> list[dict[str, Any]]:
    return _of_type("AWS::CloudWatch::Alarm")


def _of_type(kind: str) -> list[dict[str, Any]]:
    from tools.checks.sent import transformed
    from tools.local import templates

    resources = (resource for path in templates.PATHS for resource in transformed(path)["Resources"].values())
    return [resource["Properties"] for resource in resources if resource["Type"] == kind]


def table(bill: dict[str, float]) -> str:
    """The bill, line by line."""
    lines = ["| an idle month, us-east-1 | dollars |", "|---|---:|"]
    lines += [f"| {name} | {dollars:.2f} |" for name, dollars in bill.items()]
    return "\n".join([*lines, f"| together | {sum(bill.values()):.2f} |"]) + "\n"


if __name__ == "__main__":
    print(json.dumps(bill(json.load(sys.stdin))))
