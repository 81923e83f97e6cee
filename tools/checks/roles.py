"""`make roles`: does a test notice when a role lacks an action?

The scenarios record which AWS actions each use case needs, and in which test. Then each action is removed from its role
alone, and one of the tests that recorded it has to fail, the smallest first.
"""

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..local.console import Problem, say, step
from ..local.stack import ROOT
from . import cargo, resume

DEEDS = ROOT / "target" / "deeds.txt"
TEST_SECONDS_MAX = 180
# A test may tolerate a missing action: an event that was not marked as sent is marked by the sweep. After so many tests
# that pass, the action counts as unnoticed.
TESTS_MAX = 8


@dataclass
class Grant:
    """What a role allows: `place_order dynamodb:PutItem Orders`."""

    name: str
    tests: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only the grants that have one of these words in them")
    parser.add_argument("--recorded", action="store_true", help="take the record of the last `make test` or `make roles`")
    parser.add_argument("--resume", action="store_true", help="leave out what has passed with these very sources")
    options = parser.parse_args()
    try:
        with step("build the scenarios"):
            program = cargo.test_program("scenarios")
        done = resume.Done("roles", resume.sources())
        if not options.recorded and not (options.resume and done.items and DEEDS.exists()):
            _record(program)
        grants = [grant for grant in _read() if not options.words or any(word in grant.name for word in options.words)]
        if not grants:
            raise Problem("no recorded action contains these words.", f"{DEEDS.relative_to(ROOT)} lists them")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            remaining = [grant for grant in grants if not (options.resume and grant.name in done)]
            verdicts = list(pool.map(lambda grant: _is_missed(program, grant, done), remaining))
        unnoticed = verdicts.count(False)
        if unnoticed:
            raise Problem(
                f"{unnoticed} of {len(grants)} actions can be removed without a failing test.", "write the scenario"
            )
        say(f"each of {len(grants)} actions, taken out of its role, makes a test fail")
    except Problem as problem:
        problem.show()
        sys.exit(1)


def _record(program: Path) -> None:
    DEEDS.unlink(missing_ok=True)
    with step("play every scenario"):
        code, output = _run([program], {"MILLRUN_DEEDS": str(DEEDS)}, None)
        if code != 0:
            say(output[-4000:])
            raise Problem("the scenarios do not all pass without a removed action.", "correct them first")


def _read() -> list[Grant]:
    """The recorded actions with their tests, those with the fewest actions first."""
    tests: dict[str, set[str]] = defaultdict(set)
    for line in DEEDS.read_text().splitlines():
        name, test = line.rsplit(" ", 1)
        # A thread that a test starts is recorded under its own name, which is not a test.
        tests[name].update([test] if "::" in test else [])
    asked = defaultdict(int)
    for known in tests.values():
        for test in known:
            asked[test] += 1
    return [Grant(name, sorted(known, key=lambda test: (asked[test], test))) for name, known in sorted(tests.items())]


def _is_missed(program: Path, grant: Grant, done: resume.Done) -> bool:
    for test in grant.tests[:TESTS_MAX]:
        code, output = _run([program, "--exact", test], {"MILLRUN_WITHOUT": grant.name}, TEST_SECONDS_MAX)
        # 101 is the exit code of a test program that ran and had a failure. A test that hangs counts as failed, too.
        if code is None or (code == 101 and " 0 passed; 1 failed;" in output):
            say(f"✓ {grant.name}: {test} fails without it")
            done.add(grant.name, test)
            return True
        if " 1 passed; 0 failed;" not in output:
            raise Problem(f"{test} did not run exactly once.", output[-1000:])
    say(f"✗ {grant.name}: no test fails without it; tried: {', '.join(grant.tests[:TESTS_MAX])}")
    return False


def _run(command: list[str | Path], env: dict[str, str], seconds: int | None) -> tuple[int | None, str]:
    """The exit code (none after a time-out) and the output."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT / "tests",
            env=os.environ | {"MILLRUN_STACK": "", "RUST_BACKTRACE": "0"} | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
        )
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")


if __name__ == "__main__":
    main()
