"""`make roles`: does a test notice when a role lacks an action?

The scenarios write down what each use case asks for, and in which test. Then each action is taken out of its role alone,
and one of the tests in which it was asked for has to fail, the smallest first.
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
# A test may bear the lack of something: what was not marked as sent is marked by the sweep. So many are asked before it
# is said that nobody notices.
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
            raise Problem("no role has such an action.", f"{DEEDS.relative_to(ROOT)} lists them")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            left = [grant for grant in grants if not (options.resume and grant.name in done)]
            verdicts = list(pool.map(lambda grant: _is_missed(program, grant, done), left))
        unnoticed = verdicts.count(False)
        if unnoticed:
            raise Problem(f"{unnoticed} of {len(grants)} can be taken away and no test notices.", "write the scenario")
        say(f"each of {len(grants)} actions, taken out of its role, makes a test fail")
    except Problem as problem:
        problem.show()
        sys.exit(1)


def _record(program: Path) -> None:
    DEEDS.unlink(missing_ok=True)
    with step("play every scenario"):
        code, said = _run([program], {"MILLRUN_DEEDS": str(DEEDS)}, None)
        if code != 0:
            say(said[-4000:])
            raise Problem("the scenarios do not all pass as things are.", "mend them first")


def _read() -> list[Grant]:
    """What was asked for, each with its tests, those that ask for little first."""
    tests: dict[str, set[str]] = defaultdict(set)
    for line in DEEDS.read_text().splitlines():
        name, test = line.rsplit(" ", 1)
        # A thread that a test has started has a name of its own.
        tests[name].update([test] if "::" in test else [])
    asked = defaultdict(int)
    for known in tests.values():
        for test in known:
            asked[test] += 1
    return [Grant(name, sorted(known, key=lambda test: (asked[test], test))) for name, known in sorted(tests.items())]


def _is_missed(program: Path, grant: Grant, done: resume.Done) -> bool:
    for test in grant.tests[:TESTS_MAX]:
        code, said = _run([program, "--exact", test], {"MILLRUN_WITHOUT": grant.name}, TEST_SECONDS_MAX)
        # 101 is what a test program that ran and found a failure ends with; a test that hangs is no better.
        if code is None or (code == 101 and " 0 passed; 1 failed;" in said):
            say(f"✓ {grant.name}: {test} fails without it")
            done.add(grant.name, test)
            return True
        if " 1 passed; 0 failed;" not in said:
            raise Problem(f"{test} did not run.", said[-1000:])
    say(f"✗ {grant.name}: nobody misses it; asked: {', '.join(grant.tests[:TESTS_MAX])}")
    return False


def _run(command: list[str | Path], env: dict[str, str], seconds: int | None) -> tuple[int | None, str]:
    """The exit code, none if it took too long, and what was said."""
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
