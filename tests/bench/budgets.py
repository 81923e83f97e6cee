"""P1 to P12: the values of each budget, and whether they are within its limits."""

import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from tools.local import durations
from tools.local.console import Problem, step
from tools.local.stack import ROOT, VENV, Stack, free_port

from . import idle, pages, prices
from .clock import INVOCATIONS, LOG, call, rush

DOCUMENT = ROOT / "docs" / "performance.md"

# A rush of a twentieth; `make rush` is the whole one.
RUSH_SCALE = 20

# Measured separately, because it takes too long for a benchmark: from a clean checkout to the running shop.
CLEAN_CHECKOUT_MINUTES, CLEAN_CHECKOUT_MEASURED = 4, "manually, with 76 use cases"


@dataclass
class Row:
    """A value with its gate and its goal."""

    budget: str
    what: str
    figure: str
    gate: str
    goal: str
    passed: bool | None
    reached: bool | None

    @property
    def mark(self) -> str:
        """The name of the result."""
        if self.passed is None:
            return "–"
        return "goal" if self.reached else "gate" if self.passed else "missed"


def row(budget: str, what: str, figure: float, gate: float, goal: float, unit: str = "", most: bool = True) -> Row:
    """A value that must be at most its gate, or at least its gate."""
    ok = (lambda limit: figure <= limit) if most else (lambda limit: figure >= limit)
    sign = "≤" if most else "≥"
    shown = lambda number: f"{number:.2f}".rstrip("0").rstrip(".") + unit  # noqa: E731
    return Row(budget, what, shown(figure), f"{sign} {shown(gate)}", f"{sign} {shown(goal)}", ok(gate), ok(goal))


def costs() -> dict[str, dict[str, float]]:
    """The table of counts in docs/performance.md, which a test compares with the code."""
    rows = {}
    for line in DOCUMENT.read_text().split("<!-- costs: begin")[1].split("<!-- costs: end")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            rows[cells[0]] = dict(zip(("calls", "all", "read", "write"), map(float, cells[1:]), strict=True))
    return rows


def p1(figures: dict) -> list[Row]:
    limits = [
        ("`place_order`, one line", 2, 1),
        ("`issue_coupon`", 1, 1),
        ("`charge_points`", 1, 1),
        ("`pay_order` with points", 2, 1),
        ("`get_best_sellers`", 1, 1),
    ]
    counted, steps = costs(), figures["steps"]
    rows = [row("P1", f"calls in a row, {name}", counted[name]["calls"], gate, goal) for name, gate, goal in limits]
    late = max(step["late_connections"] for step in steps.values())
    return [*rows, row("P1", f"connections opened in a first invocation, of {len(steps)} use cases", late, 0, 0)]


def p2(_: dict) -> list[Row]:
    counted = [costs()[name] for name in prices.CHAIN]
    write, read = (sum(one[kind] for one in counted) for kind in ("write", "read"))
    return [row("P2", "write units of a paid order", write, 30, 20), row("P2", "read units of it", read, 3, 3)]


def p3(figures: dict) -> list[Row]:
    report = rush(RUSH_SCALE)
    figures["rush"] = report
    coupons = 10_000 // RUSH_SCALE
    what = f"coupon rush (1/{RUSH_SCALE}; `make rush` is the whole)"
    return [
        row("P3", f"{what}: coupons too many or too few", abs(report["holders"] - coupons), 0, 0),
        row("P3", f"{what}: write units a coupon", report["write_units"] / coupons, 5, 1.3),
        row("P3", f"{what}: hottest key, units a second", report["hottest_key_units_per_second"], 1000, 1000),
    ]


def p4(figures: dict) -> list[Row]:
    warm = {name: one["median_us"] for name, one in figures["warm"].items()}
    rows = [row("P4", "handler tax", warm["millrun"] / warm["bare"], 1.2, 1.08)]
    for peer, name in (("node", "Node.js"), ("python", "Python")):
        what = f"warm `place_order` ({warm['millrun'] / 1000:.2f} ms, {name} {warm[peer] / 1000:.2f}): times faster"
        rows.append(row("P4", what, warm[peer] / warm["millrun"], 2, 3, most=False))
    return rows


def p5(figures: dict) -> list[Row]:
    cold, rows = figures["cold"], []
    kinds = [("next", "first `next`", 10, 15), ("answer_full", "first answer", 8, 20)]
    refused = cold["share_refused"]
    if not refused:
        kinds.append(("answer_256_mb", "first answer, 256 MB", 8, 20))
    for kind, what, gate, goal in kinds:
        ours = cold["millrun"][kind]
        for peer, name in (("node", "Node.js"), ("python", "Python")):
            times = f"{ours / 1000:.1f} ms, {name} {cold[peer][kind] / 1000:.0f}"
            rows.append(row("P5", f"{what} ({times}): times faster", cold[peer][kind] / ours, gate, goal, most=False))
    if refused:
        what = f"first answer, 256 MB: not measured, this machine permits no control group ({refused})"
        rows.append(Row("P5", what, "–", "≥ 8", "≥ 20", None, None))
    return rows


def p6(figures: dict) -> list[Row]:
    rows = []
    for name, size in figures["sizes"].items():
        rows.append(row("P6", f"binary `{name}`", size["bootstrap"] / 1e6, 9, 7, " MB"))
        rows.append(row("P6", f"binary `{name}`, zipped", size["zip"] / 1e6, 4, 3.2, " MB"))
    return rows


def p7(figures: dict) -> list[Row]:
    resident = {name: figures["warm"][name]["resident_kb"] / 1024 for name in ("millrun", "bare")}
    what = f"resident memory after {INVOCATIONS:,} invocations (bare: {resident['bare']:.1f})"
    return [row("P7", what, resident["millrun"], 15, 8, " MB")]


def p8(figures: dict) -> list[Row]:
    shards = {one["shards"]: one["orders_per_second"] for one in figures["growth"]["shards"]}
    rows = []
    for count in (4, 16):
        share = shards[count] / (count * shards[1])
        rows.append(row("P8", f"{count} shards: throughput, share of linear", share, 0.8, 0.8, most=False))
    batches = figures["growth"]["batches"]
    for one in batches:
        one["write_per_order"] = one["write_milliunits"] / one["orders"] / 1000
    growth = batches[-1]["write_per_order"] / batches[-2]["write_per_order"]
    return [*rows, row("P8", "cost per order, batch of 10,000 over 1,000", growth, 1.05, 1.05)]


def p9(figures: dict) -> list[Row]:
    ours, processor_ms = prices.millrun(costs()), prices.processor_ms(figures["steps"])
    theirs = prices.conventional(ours)
    figures["bills"] = {"Millrun": ours.bill(processor_ms), "conventional": theirs.bill(processor_ms)}
    total = {name: sum(bill.values()) for name, bill in figures["bills"].items()}
    what = f"dollars for a million paid orders (the conventional way: {total['conventional']:.2f})"
    return [row("P9", what, total["Millrun"], 30, 20)]


def p10(figures: dict) -> list[Row]:
    figures["changed_seconds"] = round(_change(), 1)
    manual = f"everything from a clean checkout to the shop running ({CLEAN_CHECKOUT_MEASURED})"
    return [
        row("P10", manual, CLEAN_CHECKOUT_MINUTES, 8, 5, " min"),
        row("P10", "one use case changed to its new answer", figures["changed_seconds"], 60, 30, " s"),
        *_tests(figures),
    ]


def _tests(figures: dict) -> list[Row]:
    """The durations that `make test` has recorded on this machine, if it has run."""
    rows = []
    for key, what, gate, goal in (
        (durations.TESTS_FROM_NOTHING, "`make test` from a clean checkout, when it last ran here", 20, 12),
        (durations.TESTS_AGAIN, "`make test` where all was compiled but what had changed, when it last ran here", 7, 4),
    ):
        if seconds := durations.last(key):
            figures[key] = seconds
            rows.append(row("P10", what, round(seconds / 60, 1), gate, goal, " min"))
    return rows


def _change() -> float:
    """Seconds of `make up` in a running shop, from the change of one use case to its new response over HTTP."""
    stack = Stack("millrun-bench", free_port(), ROOT / ".local" / "bench")
    local = [VENV / "bin" / "python", "-m", "tools", "--name", stack.name, "--port", str(stack.port)]
    local += ["--folder", stack.folder]
    source = ROOT / "functions" / "src" / "rankings" / "get_best_sellers.rs"
    before = source.read_text()
    try:
        with step("run a shop", LOG):
            call([*local, "up", "--no-demo"])
        with step("change a use case", LOG):
            began = time.monotonic()
            source.write_text(before.replace("max-age=60", "max-age=61"))
            call([*local, "up", "--no-demo"])
            with urllib.request.urlopen(f"{stack.api_url}/api/v1/products/best-sellers", timeout=30) as answer:
                if "max-age=61" not in answer.headers["cache-control"]:
                    raise Problem("The shop still runs the use case as it was.", "see the log", LOG)
            return time.monotonic() - began
    finally:
        source.write_text(before)
        call([*local, "clean"])


def p11(figures: dict) -> list[Row]:
    figures["idle"] = idle.measure(costs())
    return [row("P11", "dollars a month of a stack that nobody visits", sum(figures["idle"].values()), 8, 5)]


def p12(figures: dict) -> list[Row]:
    figures["pages"] = pages.measure()
    weights, times = figures["pages"]["bytes"], figures["pages"]["interactive_ms"]
    rows = []
    for name, gate, goal in (("shop", 130, 90), ("console", 600, 400)):
        what = f"script and style of the first load, gzip: {name}"
        rows.append(row("P12", what, weights[name] / 1000, gate, goal, " KB"))
    for name in ("shop", "console"):
        what = f"time to interactive on a processor slowed 4 times, {name} ({times[name]:.0f} ms, bare {times['bare']:.0f})"
        rows.append(row("P12", f"{what}: times a bare React page", times[name] / times["bare"], 3, 2))
    return rows


MEASURES: dict[str, Callable[[dict], list[Row]]] = {
    "P1": p1, "P2": p2, "P3": p3, "P4": p4, "P5": p5, "P6": p6, "P7": p7, "P8": p8, "P9": p9, "P10": p10, "P11": p11,
    "P12": p12,
}  # fmt: skip
