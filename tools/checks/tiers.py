"""The tiers of `make test`, which `runner` runs."""

import contextlib
import io
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from ..local import build, demo, describe, durations, node, seed, shop
from ..local.console import CARGO_PROGRESS, Problem, say, step
from ..local.stack import REGION, ROOT, VENV, Stack
from . import cargo, deployments, drills, resume, runner
from .own_stack import own_stack
from .roles import DEEDS
from .runner import Tier

CHECKS = ROOT / ".venv-checks" / "bin"
# The same seeds each time, as many as two cores run in ninety seconds; `make prove` runs more.
RANDOM_RUNS = 100
# Set when a tier was named on the command line, so that it runs although nothing has changed.
AGAIN = "MILLRUN_TIER_AGAIN"
# Inputs of every tier: the installed tools with their versions, and this file.
ALWAYS_INPUTS = ("tools/environments", "tools/checks/tiers.py", "tools/local/node.py")
INFRA_INPUTS = (
    *("template.yaml", "infra", ".cfnlintrc.yaml", ".checkov.yaml", "samconfig.toml"),
    *("tools/checks/sent.py", "tools/local/templates.py", "tools/local/preflight.py"),
)
PYTHON_FOLDERS = ("tools", "tests/bench")


def run(only: list[str]) -> bool:
    """Runs the tiers that are named, or all; true if all passed."""
    chosen, started = runner.choose(TIERS, only), time.monotonic()
    key = durations.TESTS_AGAIN if (ROOT / "target" / "debug").exists() else durations.TESTS_FROM_NOTHING
    last = durations.last(key)
    usual = f"; last time {durations.spoken(last)}" if last and not only else ""
    say(f"{len(chosen)} tiers, run concurrently where possible{usual}")
    if only:
        os.environ[AGAIN] = "1"
    passed = runner.run(chosen)
    if passed and not only:
        durations.remember(key, time.monotonic() - started)
    return passed


def run_one(name: str) -> None:
    """Runs one tier in this process, unless it has passed with the same input files."""
    (tier,) = runner.choose(TIERS, [name])
    if not tier.inputs:
        return tier.run()
    passed = resume.Done(f"tier-{name}", resume.sources((*tier.inputs, *ALWAYS_INPUTS)))
    if name in passed and not os.environ.get(AGAIN):
        say(f"passed before with the same files (make test TIERS={name} runs it again): {', '.join(tier.inputs)}")
        return
    tier.run()
    passed.add(name)


def call(*command: str | Path, env: dict[str, str] | None = None, advice: str = "") -> None:
    """Runs a program with its output shown."""
    line = " ".join(str(part) for part in command)
    say(f"$ {line.replace(str(ROOT) + '/', '')}")
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=os.environ | (env or {})).returncode
    if code != 0:
        name = " ".join(str(part) for part in command[:2]).replace(f"{ROOT}/", "")
        raise Problem(f"{name} failed (exit code {code}).", advice)


def _format() -> None:
    call("cargo", "fmt", "--all", "--check", advice="make fmt")
    call(CHECKS / "ruff", "format", "--quiet", "--check", *PYTHON_FOLDERS, advice="make fmt")


def _lint() -> None:
    call(CHECKS / "ruff", "check", "--quiet", *PYTHON_FOLDERS)
    # The same build as the tests', with clippy as the compiler of our crates, so that third-party crates are compiled
    # once.
    env = cargo.checked() | CARGO_PROGRESS
    call("cargo", "test", *cargo.WORKSPACE, "--no-run", env=env)
    call("cargo", "build", *cargo.WORKSPACE, "--bins", env=env)


def _tools() -> None:
    # Includes the fakes: the end-to-end tests rely on them.
    call(VENV / "bin" / "python", "-m", "unittest", "discover", "--quiet", "-s", "tools", "-t", ".")
    call(VENV / "bin" / "python", "-m", "tools.checks.mutants", "--check", advice="update tests/mutants")


def _tests() -> None:
    # MILLRUN_STACK must be unset here: without it the end-to-end tests skip themselves.
    env = cargo.checked() | {"MILLRUN_STACK": ""}
    # Record the AWS actions of the scenarios, then compare them with the functions' roles.
    DEEDS.parent.mkdir(exist_ok=True)
    DEEDS.unlink(missing_ok=True)
    env["MILLRUN_DEEDS"] = str(DEEDS)
    call("cargo", "test", *cargo.WORKSPACE, env=env, advice="run the one that failed: cargo test <its name>")
    roles = ["cargo", "test", *cargo.WORKSPACE, "--test", "architecture", "--", "--ignored", "every_role"]
    call(*roles, env=env, advice="docs/security.md says what a role is to have")


def _simulation() -> None:
    program = cargo.program("simulation")
    env = {"FROM": "1", "RUNS": str(RANDOM_RUNS), "SEED": "", "SECONDS": ""}
    call(program, "cells", advice="run the one that failed: target/debug/simulation cells <its name>")
    call(program, env=env, advice="make soak SEED=… replays the run")


def _infra() -> None:
    env = {"AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}
    call(VENV / "bin" / "sam", "validate", "--lint", "--template-file", "template.yaml", "--region", REGION, env=env)
    call(VENV / "bin" / "cfn-lint")
    call(VENV / "bin" / "python", "-m", "tools.checks.sent", env=env)
    call(CHECKS / "checkov", "--config-file", ".checkov.yaml")


def _web() -> None:
    node.install()
    for script in ("lint", "check", "test"):
        node.npm("run", "--silent", script)


def _licences() -> None:
    checks = ["licenses", "bans", "sources"]
    # The advisory database is a git repository. Where it cannot be fetched, an earlier copy is used, if there is one.
    database = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "advisory-dbs"
    if database.is_dir():
        call(CHECKS / "cargo-deny", "check", "--disable-fetch", "advisories")
    else:
        say("advisories are skipped: no advisory database on this machine (cargo deny fetch db downloads it)")
    advice = "deny.toml says what is allowed, and why"
    call(CHECKS / "cargo-deny", "check", "--hide-inclusion-graph", *checks, advice=advice)


def _deployments() -> None:
    build.build(Stack(), cargo.checked())
    deployments.run()


def _end_to_end() -> None:
    build.build(Stack(), cargo.checked())
    end_to_end()


def end_to_end(settings: dict[str, str] | None = None) -> None:
    """Plays everything on a stack of its own, with the functions that were built last; `settings` are for the tests."""
    tests = ["cargo", "test", *cargo.WORKSPACE, "--test", "end_to_end"]
    # Compile before the stack starts: its tokens are valid for an hour.
    call(*tests, "--no-run", env=cargo.checked())
    with own_stack("e2e") as stack:
        # With enforced roles, so that a permission that is missing on AWS fails here, too.
        shop.start(stack, enforce_roles=True, faults=True)
        seed.catalogue(stack)
        with step("play the demo"):
            _quietly(lambda: demo.run(stack), stack.folder / "demo.log")
        describe.write(stack, enforces_roles=True)
        env = cargo.checked() | {"MILLRUN_STACK": str(stack.description)} | (settings or {})
        call(*tests, env=env)
        call(CHECKS / "python", "-m", "tools.checks.checkouts", stack.description)
        call(VENV / "bin" / "python", "-m", "tools.checks.pages", stack.description, "flows")
        drills.play(stack)
        # Last, because it leaves data behind that no real shop has.
        call(CHECKS / "python", "-m", "tools.checks.hostile", stack.description)


def _quietly(action: Callable[[], None], log: Path) -> None:
    """Hides the output, and writes it to a log if the action fails."""
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            action()
    except Problem as problem:
        log.write_text(output.getvalue())
        problem.log = log
        raise


# In the order in which they start when there is room: the quick ones first, then those that others need.
TIERS = [
    Tier("format", "cargo fmt and ruff, without a difference", _format, is_light=True),
    Tier("lint", "clippy and the tests' build in one, and ruff, without a warning", _lint),
    Tier("licences", "cargo deny: licences, bans, sources", _licences, is_light=True),
    Tier("tools", "the fakes and the tools, by their own tests", _tools, is_light=True),
    Tier(
        "web",
        "the pages: eslint, types and units",
        _web,
        is_light=True,
        inputs=("web", "docs/screens", "infra/openapi.json"),
    ),
    Tier("infra", "sam validate, cfn-lint, checkov, and what AWS would take", _infra, is_light=True, inputs=INFRA_INPUTS),
    Tier("tests", "architecture, rules, store and scenarios, in process", _tests, needs=("lint",)),
    Tier("end-to-end", "over HTTP on a local stack of its own", _end_to_end, needs=("lint",)),
    Tier(
        "deployments",
        "a failed creation is repeated, and a stack of the earlier layout is updated",
        _deployments,
        needs=("lint",),
    ),
    Tier("simulation", f"the fault matrix, and {RANDOM_RUNS} random runs of the whole shop", _simulation, needs=("lint",)),
]
