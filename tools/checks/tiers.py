"""`make test`: everything that must hold, in tiers, the quick ones first. The first that fails ends the run."""

import contextlib
import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..local import build, demo, describe, seed, shop
from ..local.console import Problem, say, step
from ..local.stack import REGION, ROOT, VENV, Stack, free_port
from . import drills, layout
from .roles import DEEDS

CHECKS = ROOT / ".venv-checks" / "bin"
E2E_FOLDER = ROOT / ".local" / "test"
# Always the same ones, and they take three minutes of two cores; `make soak` goes on.
RANDOM_RUNS = 1_000
# What their program is laid out by.
SAMPLED_RUNS = 4


@dataclass(frozen=True)
class Tier:
    name: str
    what: str
    run: Callable[[], None]


@dataclass
class Result:
    tier: Tier
    seconds: float
    passed: bool


def run(only: list[str]) -> bool:
    """Runs the tiers in order, those named or all; true if all passed."""
    chosen = [tier for tier in TIERS if not only or tier.name in only]
    results: list[Result] = []
    try:
        for tier in chosen:
            say(f"\n━━ {tier.name}: {tier.what} " + "━" * max(3, 88 - len(tier.name) - len(tier.what)))
            started, passed = time.monotonic(), False
            try:
                tier.run()
                passed = True
            except Problem as problem:
                problem.show()
            finally:
                results.append(Result(tier, time.monotonic() - started, passed))
            if not passed:
                break
    finally:
        _table(chosen, results)
    return all(result.passed for result in results)


def _table(chosen: list[Tier], results: list[Result]) -> None:
    say("\n━━ tiers " + "━" * 82)
    for result in results:
        mark = "✓" if result.passed else "✗"
        say(f"  {mark} {result.tier.name:<12} {result.seconds:7.1f} s   {result.tier.what}")
    for tier in chosen[len(results) :]:
        say(f"  · {tier.name:<12}     not run   {tier.what}")
    say(f"    {'in all':<12} {sum(result.seconds for result in results):7.1f} s")


def call(*command: str | Path, env: dict[str, str] | None = None, advice: str = "") -> None:
    """Runs a program in full view."""
    line = " ".join(str(part) for part in command)
    say(f"$ {line.replace(str(ROOT) + '/', '')}")
    shown_env = os.environ | {"CARGO_TERM_PROGRESS_WHEN": "never"} | (env or {})
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=shown_env).returncode
    if code != 0:
        name = " ".join(str(part) for part in command[:2]).replace(f"{ROOT}/", "")
        raise Problem(f"{name} failed (exit code {code}).", advice)


def _format() -> None:
    call("cargo", "fmt", "--all", "--check", advice="make fmt")
    call(CHECKS / "ruff", "format", "--quiet", "--check", "tools", "tests/bench", advice="make fmt")


def _lint() -> None:
    call(CHECKS / "ruff", "check", "--quiet", "tools", "tests/bench")
    call("cargo", "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings")
    call(VENV / "bin" / "python", "-m", "tools.checks.mutants", "--check", advice="mend tests/mutants")


def _tests() -> None:
    # MILLRUN_STACK must not be set here: without it the end-to-end tests only say that they were left out.
    env = {"MILLRUN_STACK": ""}
    # The providers' stand-in first: what the shop is proven against has to be right by itself.
    call(VENV / "bin" / "python", "-m", "unittest", "discover", "--quiet", "-s", "tools", "-t", ".")
    # What the scenarios ask for is written down, and then held against the functions' roles.
    DEEDS.parent.mkdir(exist_ok=True)
    DEEDS.unlink(missing_ok=True)
    env["MILLRUN_DEEDS"] = str(DEEDS)
    call("cargo", "test", "--workspace", "--locked", env=env, advice="run the one that failed: cargo test <its name>")
    house = ["cargo", "test", "--locked", "--package", "tests", "--test", "house"]
    call(*house, "--", "--ignored", "every_role", env=env, advice="docs/security.md says what a role is to have")


def _simulation() -> None:
    call("cargo", "build", "--locked", "--profile", "simulation", "--package", "simulation")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    env = {"FROM": "1", "RUNS": str(RANDOM_RUNS), "SEED": "", "SECONDS": ""}
    program = layout.by_how_it_runs(target / "simulation" / "simulation", env | {"RUNS": str(SAMPLED_RUNS)})
    call(program, "cells", advice="run the one that failed: cargo run -p simulation -- cells <its name>")
    call(program, env=env, advice="SEED=… make soak replays the run")


def _infra() -> None:
    env = {"AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}
    call(VENV / "bin" / "sam", "validate", "--lint", "--template-file", "template.yaml", "--region", REGION, env=env)
    call(VENV / "bin" / "cfn-lint")
    call(CHECKS / "checkov", "--config-file", ".checkov.yaml")


def _licences() -> None:
    checks = ["licenses", "bans", "sources"]
    # The advisory database is a git repository; where it cannot be fetched, an earlier copy will do, and else nothing.
    database = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "advisory-dbs"
    if database.is_dir():
        call(CHECKS / "cargo-deny", "check", "--disable-fetch", "advisories")
    else:
        say("advisories are left out: no advisory database on this machine (cargo deny fetch db brings it)")
    advice = "deny.toml says what is allowed, and why"
    call(CHECKS / "cargo-deny", "check", "--hide-inclusion-graph", *checks, advice=advice)


def _build() -> None:
    build.build(Stack())
    build.check()


def _end_to_end() -> None:
    tests = ["cargo", "test", "--locked", "--package", "tests", "--test", "end_to_end"]
    # Compiled first: no stack needs to wait for that, nor its tokens to age.
    call(*tests, "--no-run")
    stack = Stack(name="millrun-test", port=free_port(), folder=E2E_FOLDER)
    failed = True
    try:
        shop.clean(stack)
        # With the functions' roles enforced: what a role leaves out fails here as it would on AWS.
        shop.start(stack, enforce_roles=True, faults=True)
        seed.catalogue(stack)
        with step("play the demo"):
            _quietly(lambda: demo.run(stack), stack.folder / "demo.log")
        describe.write(stack, enforces_roles=True)
        env = {"MILLRUN_STACK": str(stack.description)}
        call(*tests, env=env)
        call(CHECKS / "python", "-m", "tools.checks.checkouts", stack.description)
        drills.play(stack)
        # Last, for what it leaves behind is nobody's idea of a shop.
        call(CHECKS / "python", "-m", "tools.checks.hostile", stack.description)
        failed = False
    finally:
        shop.stop(stack)
        if failed:
            say(f"the logs of the stack are kept in {E2E_FOLDER.relative_to(ROOT)}/")
        else:
            shutil.rmtree(E2E_FOLDER, ignore_errors=True)


def _quietly(action: Callable[[], None], log: Path) -> None:
    """Keeps what it says for the case that it fails."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            action()
    except Problem as problem:
        log.write_text(said.getvalue())
        problem.log = log
        raise


TIERS = [
    Tier("format", "cargo fmt and ruff, without a difference", _format),
    Tier("lint", "clippy on every target, and ruff, without a warning", _lint),
    Tier("tests", "the house, rules, store and scenarios, in process", _tests),
    Tier("simulation", f"the fault matrix, and {RANDOM_RUNS} random runs of the whole shop", _simulation),
    Tier("infra", "sam validate, cfn-lint, checkov", _infra),
    Tier("licences", "cargo deny: licences, bans, sources", _licences),
    Tier("build", "the Lambda binaries, as they are deployed: their sizes, and that they catch panics", _build),
    Tier("end-to-end", "over HTTP on a local stack of its own", _end_to_end),
]
