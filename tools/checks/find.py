"""`make find F=place_order`: every file of a use case, and the scenarios that run it.

The scenarios record which AWS actions each use case takes while they run (`make test TIERS="lint tests"` or `make roles`);
without that record they are not listed.
"""

import difflib
import subprocess
from collections import Counter

from ..local.console import Problem, say
from ..local.stack import ROOT
from .roles import DEEDS

SCENARIOS_MAX = 12
PLACES = (
    ("use case", "functions/src"),
    ("route or queue", "shared/contracts/src"),
    ("AWS resources", "template.yaml infra/*.yaml"),
    ("sample invocation", "events"),
    ("fault matrix", "tests/src/fault_matrix.rs"),
    ("end-to-end tests", "tests/tests/end_to_end"),
    ("runbook", "docs/runbook.md"),
)


def use_cases() -> list[str]:
    return sorted(path.stem for path in (ROOT / "events").glob("*.json"))


def run(use_case: str) -> None:
    known = use_cases()
    if use_case not in known:
        near = difflib.get_close_matches(use_case, known, 3) or known
        raise Problem(f"There is no use case {use_case or '(none)'}.", f"F= one of {', '.join(near)}")
    for what, where in PLACES:
        command = ["git", "grep", "-nwF", "--max-count=3", use_case, "--", *where.split()]
        found = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        own = [str(path.relative_to(ROOT)) for path in (ROOT / where).rglob(f"{use_case}.*")] if "*" not in where else []
        lines = own + [":".join(line.split(":")[:2]) for line in found if line.split(":")[0] not in own]
        say(f"{what}:" + "".join(f"\n  {line}" for line in dict.fromkeys(lines)))
    _scenarios(use_case)


def _scenarios(use_case: str) -> None:
    """Prints the scenarios that run it most often first."""
    if not DEEDS.exists():
        say('scenarios: not recorded yet; make test TIERS="lint tests" records them')
        return
    runs: Counter[str] = Counter()
    for line in DEEDS.read_text().splitlines():
        name, _, test = line.rpartition(" ")
        if name.split(" ", 1)[0] == use_case and "::" in test:
            runs[test] += 1
    say(f"scenarios (cargo test --test scenarios <name>), {len(runs)} in all:")
    for test, _ in runs.most_common(SCENARIOS_MAX):
        say(f"  {test}")
