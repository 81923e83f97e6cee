"""`make bench`: the budgets P1 to P12, each with its current value, gate and goal. Fails if a gate is missed.

Times are reported as ratios of two values measured alternately, because machines differ and are busy.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

from tools.local.console import Problem, say
from tools.local.stack import ROOT

from . import charts, clock, idle, prices
from .budgets import DOCUMENT, MEASURES, Row

FIGURES = ROOT / "docs" / "performance" / "figures.json"
BEGIN, END = "<!-- budgets: begin (written by `make bench`) -->\n", "<!-- budgets: end -->"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="BUDGET", help="only these, such as P5 (default: all)")
    parser.add_argument("--runs", type=int, default=50, help="cold starts of each function (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave docs/performance.md and its charts as they are")
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(MEASURES):
        parser.error(f"no budget is called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    clock.WORK.mkdir(parents=True, exist_ok=True)
    clock.LOG.unlink(missing_ok=True)
    try:
        return 0 if run(arguments.only or list(MEASURES), arguments.runs, arguments.keep) else 1
    except Problem as problem:
        problem.show()
        return 1


def run(only: list[str], runs: int, keep: bool) -> bool:
    """Measures, prints, and unless `keep` is set writes table, figures and charts. Returns whether every gate was met."""
    started = time.monotonic()
    figures = {"machine": f"{os.cpu_count()} × {_processor()}, Linux {platform.release()}", "runs": runs}
    figures |= clock.measure(only, runs)
    rows = [row for name in only for row in MEASURES[name](figures)]
    table = _table(rows) + ("\n" + prices.tables(figures["bills"]) if "bills" in figures else "")
    table += "\n" + idle.table(figures["idle"]) if "idle" in figures else ""
    say(f"\n{figures['machine']}\n\n{table}")
    missed = [row for row in rows if row.passed is False]
    # A table of some budgets and charts of others would mix different runs.
    if not keep and set(only) == set(MEASURES):
        _write(figures, rows, table)
        say(f"written to {DOCUMENT.relative_to(ROOT)} and {FIGURES.parent.relative_to(ROOT)}/")
    say(f"{time.monotonic() - started:.0f} s; {len(missed)} of {len(rows)} gates missed")
    return not missed


def _write(figures: dict, rows: list[Row], table: str) -> None:
    figures["rows"] = [vars(row) for row in rows]
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    drawn = charts.draw(figures, FIGURES.parent)
    images = "".join(f"![{title}]({FIGURES.parent.name}/{name})\n" for name, title in drawn.items())
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    measured = f"Measured on {figures['machine']}.\n\n{table}\n{images}"
    DOCUMENT.write_text(f"{before}{BEGIN}{measured}{END}{rest.split(END)[1]}")


def _table(rows: list[Row]) -> str:
    lines = ["| | what | today | gate | goal | |", "|---|---|---:|---:|---:|---|"]
    cells = "| {0.budget} | {0.what} | {0.figure} | {0.gate} | {0.goal} | {0.mark} |"
    return "\n".join([*lines, *map(cells.format, rows)]) + "\n"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
