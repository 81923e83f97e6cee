"""`make prove`: the long checks, one after the other, which take hours.

It can be stopped and run again: parts that passed are skipped, and long ones resume, until a source file changes. `FRESH=1`
ignores earlier results. The run continues after a part that failed, and ends with a table of all parts.
"""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..local import build, demo, describe, durations, seed, shop
from ..local.console import Problem, say
from ..local.stack import VENV, Stack
from . import cargo, corpus, load, resume
from .own_stack import own_stack
from .tiers import CHECKS, RANDOM_RUNS, call, end_to_end

RANDOM_RUNS_LONG = 1_000
# Runs per step: an interrupted step is repeated.
RANDOM_RUNS_AT_ONCE = 100
FRESH_SECONDS = 600
FUZZ_TARGETS = corpus.targets()
FUZZ_SECONDS = 180
LOAD_MINUTES = 30
AUDITED_ORDERS = 1_000_000
HOSTILE_EXAMPLES = 200
WIDTH = 92


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    run: Callable[[str], None]


def run(only: list[str], fresh: bool) -> bool:
    """Runs the named parts, or all; true if all have passed, now or earlier."""
    unknown = [name for name in only if name not in {part.name for part in PARTS}]
    if unknown:
        raise Problem(f"There is no part {', '.join(unknown)}.", f"choose from: {', '.join(part.name for part in PARTS)}")
    if fresh:
        shutil.rmtree(resume.FOLDER, ignore_errors=True)
    of_sources = resume.sources()
    done, chosen = resume.Done("parts", of_sources), [part for part in PARTS if not only or part.name in only]
    failed: dict[str, str] = {}
    try:
        for number, part in enumerate(chosen, 1):
            if part.name not in done:
                _run_part(part, f"{number} of {len(chosen)}", of_sources, done, failed)
    finally:
        _table(chosen, done, failed)
    return not failed


def _run_part(part: Part, place: str, of_sources: str, done: resume.Done, failed: dict[str, str]) -> None:
    key = f"prove {part.name}"
    last = durations.last(key)
    usual = f" (last time {durations.spoken(last)})" if last else ""
    title = f"{place}: {part.name}, {part.what}{usual} "
    say(f"\n━━ {title}" + "━" * max(3, WIDTH - len(title)))
    started = time.monotonic()
    try:
        part.run(of_sources)
    except Problem as problem:
        problem.show()
        failed[part.name] = problem.what
        return
    seconds = time.monotonic() - started
    durations.remember(key, seconds)
    done.add(part.name, durations.spoken(seconds))


def _table(chosen: list[Part], done: resume.Done, failed: dict[str, str]) -> None:
    say("\n━━ parts " + "━" * (WIDTH - 9))
    for part in chosen:
        if part.name in failed:
            say(f"  ✗ {part.name:<15} {'failed':>12}   {part.what}: {failed[part.name]}")
        elif part.name in done:
            say(f"  ✓ {part.name:<15} {done.items[part.name]:>12}   {part.what}")
        else:
            say(f"  · {part.name:<15} {'not run':>12}   {part.what}")
    passed = sum(part.name in done for part in chosen)
    say(f"\n{passed} passed, {len(failed)} failed")
    if passed + len(failed) < len(chosen):
        say("make prove resumes here")


# ── the parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _random_runs(of_sources: str) -> None:
    """Seeds from 1; `make test` runs the first of them."""
    program, done = cargo.program("simulation"), resume.Done("random-runs", of_sources)
    for first in range(1, RANDOM_RUNS_LONG + 1, RANDOM_RUNS_AT_ONCE):
        seeds = f"{first} to {first + RANDOM_RUNS_AT_ONCE - 1}"
        if seeds not in done:
            env = {"FROM": str(first), "RUNS": str(RANDOM_RUNS_AT_ONCE), "SEED": "", "SECONDS": ""}
            call(program, env=env, advice="make soak SEED=… replays the run")
            done.add(seeds)


def _fresh_seeds(_: str) -> None:
    env = {"FROM": str(int(time.time())), "RUNS": "", "SEED": "", "SECONDS": str(FRESH_SECONDS)}
    call(cargo.program("simulation"), env=env, advice="make soak SEED=… replays the run")


def _audit(_: str) -> None:
    env = {"ORDERS": str(AUDITED_ORDERS)}
    call(cargo.test_program("audit_memory"), "--nocapture", env=env, advice="docs/performance.md says what it may take")


def _long_tests(_: str) -> None:
    call(cargo.test_program("scenarios"), "--ignored", env={"MILLRUN_STACK": ""})


def _mutants(_: str) -> None:
    call(sys.executable, "-m", "tools.checks.mutants", "--resume", advice="write the test that is missing")


def _mutants_of_domain(_: str) -> None:
    call("make", "--no-print-directory", "mutants-domain", "RESUME=1", advice="target/mutants says what was not noticed")


def _roles(_: str) -> None:
    call(sys.executable, "-m", "tools.checks.roles", "--resume", advice="write the scenario that is missing")


def _load(_: str) -> None:
    load.run(LOAD_MINUTES, seed_of_chance=int(time.time()) % 1_000_000)


def _hostile(_: str) -> None:
    """On a stack of its own, because it leaves data behind that no real shop has."""
    build.build(Stack())
    with own_stack("hostile") as stack:
        shop.start(stack, enforce_roles=True)
        seed.catalogue(stack)
        describe.write(stack, enforces_roles=True)
        command = [CHECKS / "python", "-m", "tools.checks.hostile", "--examples", str(HOSTILE_EXAMPLES)]
        call(*command, "--seed", str(int(time.time())), stack.description)


def _screens(_: str) -> None:
    """On a stack of its own, because it fills every screen."""
    build.build(Stack())
    with own_stack("screens") as stack:
        shop.start(stack, enforce_roles=True)
        seed.catalogue(stack)
        # The console shows what the demo leaves: orders, a batch, payments.
        demo.run(stack)
        describe.write(stack, enforces_roles=True)
        call(VENV / "bin" / "python", "-m", "tools.checks.pages", stack.description, "visits")


def _release(_: str) -> None:
    build.build_release(Stack())
    end_to_end({"MILLRUN_BATCH_ORDERS": "200"})


def _fuzz(of_sources: str) -> None:
    done = resume.Done("fuzz", of_sources)
    for target in FUZZ_TARGETS:
        if target not in done:
            command = [VENV / "bin" / "python", "-m", "tools.checks.fuzz", "--target", target]
            call(*command, "--seconds", str(FUZZ_SECONDS), "--keep-corpus")
            done.add(target)


PARTS = [
    Part(
        "release",
        "the binaries that are deployed: size, C library, panics; then end to end",
        _release,
    ),
    Part("random-runs", f"seeds 1 to {RANDOM_RUNS_LONG:,}; `make test` runs the first {RANDOM_RUNS}", _random_runs),
    Part("fresh-seeds", f"random runs with new seeds, for {durations.spoken(FRESH_SECONDS)}", _fresh_seeds),
    Part("audit", f"the audit of {AUDITED_ORDERS:,} orders within a gigabyte", _audit),
    Part("long-tests", "scenarios that take minutes: a backlog of 100,000 events, a batch of 10,000 orders", _long_tests),
    Part("roles", "each action removed from its role: a scenario must fail", _roles),
    Part("mutants", "wrong versions of the product: a test must fail", _mutants),
    Part("hostile", f"{HOSTILE_EXAMPLES} requests of each kind for each operation, with a fresh seed", _hostile),
    Part("screens", "every screen of the pages in a browser, in both languages, checked for accessibility", _screens),
    Part("fuzz", f"{len(FUZZ_TARGETS)} parsers, {FUZZ_SECONDS} s each", _fuzz),
    Part("load", f"{LOAD_MINUTES} minutes of traffic with faults, kills and an outage of the bus, then the audit", _load),
    Part("mutants-domain", "cargo-mutants on the domain rules", _mutants_of_domain),
]
