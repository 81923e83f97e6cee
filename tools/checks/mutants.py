"""`make mutants`: does a test notice when the product is wrong?

A copy of the sources below target/ is built with all wrong versions of tests/mutants in one program, each behind a switch.
With all switches off every named test must pass; then each mutant is switched on alone, and its named test has to fail.
When all were tried and none survived, the results are written to docs/mutants.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..local.console import CARGO_PROGRESS, Problem, say, step
from ..local.stack import ROOT
from . import cargo, resume

LISTS = ROOT / "tests" / "mutants"
DOCUMENT = ROOT / "docs" / "mutants.md"
COPY = ROOT / "target" / "mutants" / "source"
LOG = ROOT / "target" / "mutants" / "build.log"
TABLE = ("<!-- the table of `make mutants` begins -->", "<!-- and ends -->")
TEST_SECONDS_MAX = 120
COMPILES = "every mutant has to compile: correct its text in tests/mutants"


@dataclass(frozen=True)
class Mutant:
    area: str
    name: str
    wrong: str
    file: str
    find: str
    replace: str
    killed_by: str
    within: str = ""

    @property
    def test(self) -> str:
        return self.killed_by.split(" ", 1)[1]

    @property
    def program(self) -> str:
        """The test binary of the package `tests`, or the package that has the unit test."""
        return self.killed_by.split(" ", 1)[0]


def load() -> list[Mutant]:
    """Every mutant, in the order of the lists."""
    lists = [(path.stem, tomllib.loads(path.read_text())) for path in sorted(LISTS.glob("*.toml"))]
    return [Mutant(area=area, **fields) for area, listed in lists for fields in listed["mutant"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only the mutants whose names have one of these words in them")
    parser.add_argument("--check", action="store_true", help="only see whether each is found once in the sources")
    parser.add_argument("--resume", action="store_true", help="leave out what was killed with these very sources")
    options = parser.parse_args()
    names, everything = options.names, load()
    chosen = [mutant for mutant in everything if not names or any(name in mutant.name for name in names)]
    try:
        if not chosen:
            raise Problem("no mutant's name contains these words.", "tests/mutants lists them")
        if options.check:
            return _check(chosen)
        done = resume.Done("mutants", resume.sources())
        survivors = _try([mutant for mutant in chosen if not (options.resume and mutant.name in done)], done)
        if survivors:
            raise Problem(f"{len(survivors)} of {len(chosen)} survived.", "write the missing test")
        say(f"all {len(chosen)} were killed")
        if chosen == everything:
            _write_document(everything)
    except Problem as problem:
        problem.show()
        sys.exit(1)


def _check(mutants: list[Mutant]) -> None:
    """Checks that the text each mutant replaces is still in the sources; `make mutants` checks that all compile."""
    _changed(mutants)
    say(f"✓ {len(mutants)} wrong versions fit the sources")


def _try(mutants: list[Mutant], done: resume.Done) -> list[Mutant]:
    """Returns the survivors."""
    _copy(_changed(mutants))
    programs = _build()
    _check_that_tests_pass(mutants, programs)
    return [mutant for mutant in mutants if not _is_killed(mutant, programs, done)]


def _changed(mutants: list[Mutant]) -> dict[str, bytes]:
    """The changed files, with every mutant behind its switch."""
    texts: dict[str, str] = {}
    for mutant in mutants:
        text, place = texts.get(mutant.file) or (ROOT / mutant.file).read_text(), mutant.within or mutant.find
        if text.count(place) != 1 or place.count(mutant.find) != 1:
            raise Problem(
                f"{mutant.name}: the text it replaces is not exactly once in {mutant.file}.", "correct tests/mutants"
            )
        texts[mutant.file] = text.replace(place, place.replace(mutant.find, _switched(mutant)))
    return {name: text.encode() for name, text in texts.items()}


def _switched(mutant: Mutant) -> str:
    """The original and the mutated code behind a switch, as an expression or as a statement."""
    on = f'std::env::var_os("MUTANT").is_some_and(|switched_on| switched_on == "{mutant.name}")'
    choice = f"if {on} {{ {mutant.replace} }} else {{ {mutant.find} }}"
    return choice if mutant.find.endswith(";") else f"({choice})"


def _copy(changed: dict[str, bytes]) -> None:
    """Updates the copy. Unchanged files keep their times, so that cargo rebuilds little."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE
    )
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}
    if COPY.exists():
        for old in [path for path in COPY.rglob("*") if path.is_file() and str(path.relative_to(COPY)) not in names]:
            old.unlink()
    for name in names:
        copy, wanted = COPY / name, changed.get(name) or (ROOT / name).read_bytes()
        if not copy.exists() or copy.read_bytes() != wanted:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(wanted)
            shutil.copymode(ROOT / name, copy)


def _build() -> dict[str, Path]:
    """Builds the tests of the copy into the workspace's target folder, which reuses the builds of third-party crates."""
    command = ["cargo", "test", *cargo.WORKSPACE, "--lib", "--test", "scenarios"]
    env = os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target")} | CARGO_PROGRESS
    with step("build the mutants", LOG) as this, LOG.open("wb") as errors:
        built = subprocess.run(
            [*command, "--no-run", "--message-format=json-render-diagnostics"],
            cwd=COPY,
            env=env,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        if built.returncode != 0:
            raise Problem("the copy does not compile.", COMPILES, LOG)
        artifacts = [json.loads(line) for line in built.stdout.decode().splitlines()]
        programs = {made["target"]["name"]: Path(made["executable"]) for made in artifacts if made.get("executable")}
        this.note(f"{len(programs)} test programs")
        return programs


def _run(program: Path, tests: list[str], switch: str = "") -> tuple[int | None, str]:
    """Runs tests with one mutant switched on; returns the exit code (none after a time-out) and the output."""
    try:
        done = subprocess.run(
            [program, "--exact", *tests],
            cwd=COPY,
            env=os.environ | {"MUTANT": switch},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TEST_SECONDS_MAX * len(tests),
        )
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace")


def _check_that_tests_pass(mutants: list[Mutant], programs: dict[str, Path]) -> None:
    """A test that fails without any mutant proves nothing."""
    for name in sorted({mutant.program for mutant in mutants}):
        tests = sorted({mutant.test for mutant in mutants if mutant.program == name})
        code, output = _run(programs[name], tests)
        if code != 0 or f" {len(tests)} passed" not in output:
            say(output)
            raise Problem(f"of {len(tests)} tests of {name} not all pass as things are.", "mend them first")
        say(f"· {name}: {len(tests)} tests pass as things are")


def _is_killed(mutant: Mutant, programs: dict[str, Path], done: resume.Done) -> bool:
    started = time.monotonic()
    code, output = _run(programs[mutant.program], [mutant.test], mutant.name)
    # 101 is the exit code of a test program that ran and had a failure.
    killed = code == 101 and " 0 passed; 1 failed;" in output
    verdict = "killed by" if killed else ("NOT KILLED in time by" if code is None else "NOT KILLED by")
    seconds = time.monotonic() - started
    if killed:
        done.add(mutant.name, mutant.killed_by)
    say(f"{'✓' if killed else '✗'} {mutant.name}: {verdict} {mutant.killed_by} – {seconds:.1f} s")
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
