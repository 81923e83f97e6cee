"""`make mutants`: does a test notice when the product is wrong?

Applies each wrong version of tests/mutants, one after the other, in a copy below target/, builds it, runs the one test that
must notice, and demands that it fails: by its own word, not because the wrong version does not compile. Writes what was
killed by what into docs/mutants.md when all of them were tried and none survived.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass

from .console import Problem, say
from .stack import ROOT

LISTS = ROOT / "tests" / "mutants"
DOCUMENT = ROOT / "docs" / "mutants.md"
COPY = ROOT / "target" / "mutants" / "source"
BUILT = ROOT / "target" / "mutants" / "build"
TABLE = ("<!-- the table of `make mutants` begins -->", "<!-- and ends -->")
TEST_SECONDS_MAX = 300
# Test binaries of the package `tests`; any other word before a test's path is a package with unit tests.
BINARIES = {"scenarios", "parsers", "house"}


@dataclass(frozen=True)
class Mutant:
    area: str
    name: str
    wrong: str
    file: str
    find: str
    replace: str
    killed_by: str

    @property
    def test(self) -> str:
        return self.killed_by.split(" ", 1)[1]

    @property
    def target(self) -> list[str]:
        """What to build and run, in cargo's words."""
        where = self.killed_by.split(" ", 1)[0]
        return ["--package", "tests", "--test", where] if where in BINARIES else ["--package", where, "--lib"]


def load() -> list[Mutant]:
    """Every mutant, those that need the same things built next to each other."""
    lists = [(path.stem, tomllib.loads(path.read_text())) for path in sorted(LISTS.glob("*.toml"))]
    mutants = [Mutant(area=area, **fields) for area, listed in lists for fields in listed["mutant"]]
    return sorted(mutants, key=lambda mutant: (mutant.target, mutant.file, mutant.area))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only the mutants whose names have one of these words in them")
    names = parser.parse_args().names
    everything = load()
    chosen = [mutant for mutant in everything if not names or any(name in mutant.name for name in names)]
    try:
        if not chosen:
            raise Problem("no mutant has such a name.", "tests/mutants lists them")
        _copy()
        _check_that_tests_pass(chosen)
        survivors = [mutant for number, mutant in enumerate(chosen, 1) if not _is_killed(number, len(chosen), mutant)]
        if survivors:
            raise Problem(f"{len(survivors)} of {len(chosen)} survived.", "write the test that is missing")
        say(f"all {len(chosen)} were killed")
        if chosen == everything:
            _write_document(everything)
    except Problem as problem:
        problem.show()
        sys.exit(1)


def _copy() -> None:
    """Brings the copy up to date; what did not change keeps its time, so that little is built anew."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE
    )
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}
    if COPY.exists():
        for old in [path for path in COPY.rglob("*") if path.is_file() and str(path.relative_to(COPY)) not in names]:
            old.unlink()
    for name in names:
        source, copy = ROOT / name, COPY / name
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)


def _cargo(*arguments: str, seconds: int | None = None) -> tuple[int | None, str]:
    """Runs cargo on the copy: its exit code, none if it took too long, and what it said."""
    env = os.environ | {"CARGO_TARGET_DIR": str(BUILT), "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_TERM_COLOR": "never"}
    env["MILLRUN_STACK"] = ""
    process = subprocess.Popen(
        ["cargo", *arguments],
        cwd=COPY,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=seconds)
        return process.returncode, said.decode(errors="replace")
    except subprocess.TimeoutExpired:
        # The test is a child of cargo's: both have to go.
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        return None, said.decode(errors="replace")


def _check_that_tests_pass(mutants: list[Mutant]) -> None:
    """A test that fails anyway has noticed nothing."""
    for target in sorted({tuple(mutant.target) for mutant in mutants}):
        tests = sorted({mutant.test for mutant in mutants if tuple(mutant.target) == target})
        started = time.monotonic()
        code, said = _cargo("test", "--locked", *target, "--", "--exact", *tests)
        if code != 0 or f" {len(tests)} passed" not in said:
            say(said)
            raise Problem(f"of {len(tests)} tests of {target[-1]} not all pass as things are.", "mend them first")
        name = target[1] if target[-1] == "--lib" else target[-1]
        say(f"· {name}: {len(tests)} tests pass as things are – {time.monotonic() - started:.0f} s")


def _is_killed(number: int, count: int, mutant: Mutant) -> bool:
    file, started = COPY / mutant.file, time.monotonic()
    right = file.read_text()
    if right.count(mutant.find) != 1:
        raise Problem(f"{mutant.name}: what it changes is not exactly once in {mutant.file}.", "mend tests/mutants")
    file.write_text(right.replace(mutant.find, mutant.replace))
    try:
        code, said = _cargo("test", "--locked", *mutant.target, "--no-run")
        if code != 0:
            say(said)
            raise Problem(f"{mutant.name} does not compile.", "a wrong version is one that could have been released")
        code, said = _cargo("test", "--locked", *mutant.target, "--", "--exact", mutant.test, seconds=TEST_SECONDS_MAX)
    finally:
        file.write_text(right)
    killed = code == 101 and " 0 passed; 1 failed;" in said
    verdict = "killed by" if killed else ("NOT KILLED in time by" if code is None else "NOT KILLED by")
    mark, seconds = "✓" if killed else "✗", time.monotonic() - started
    say(f"{mark} {number}/{count} {mutant.name}: {verdict} {mutant.killed_by} – {seconds:.0f} s")
    return killed


def _write_document(mutants: list[Mutant]) -> None:
    begins, ends = TABLE
    before, rest = DOCUMENT.read_text().split(begins)
    after = rest.split(ends)[1]
    lines = ["| wrong version | what is wrong | killed by |", "|---|---|---|"]
    for mutant in sorted(mutants, key=lambda mutant: (mutant.area, mutant.name)):
        lines.append(f"| `{mutant.name}` | {mutant.wrong} | `{mutant.killed_by}` |")
    DOCUMENT.write_text(before + begins + "\n" + "\n".join(lines) + "\n" + ends + after)


if __name__ == "__main__":
    main()
