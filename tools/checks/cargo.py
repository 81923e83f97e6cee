"""How the checks call cargo: always for the whole workspace and with one compiler, so that nothing is compiled twice.

With `--package`, dependencies may be built with other features, and so a second time. Clippy is the compiler of our own
crates here: it emits the same programs as rustc, and lints the code at the same time.
"""

import json
import os
import subprocess
from pathlib import Path

from ..local.console import Problem, say
from ..local.stack import ROOT

WORKSPACE = ("--workspace", "--locked")


def checked() -> dict[str, str]:
    """The environment in which clippy compiles our crates and every warning is an error."""
    return {"RUSTC_WORKSPACE_WRAPPER": "clippy-driver", "CLIPPY_ARGS": "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__"}


def program(binary: str) -> Path:
    """Builds one of our binaries, and returns its path."""
    return _executable(["build", *WORKSPACE, "--bin", binary], checked())


def test_program(test: str, env: dict[str, str] | None = None) -> Path:
    """Builds one test program, and returns its path."""
    return _executable(["test", *WORKSPACE, "--test", test, "--no-run"], checked() | (env or {}))


def _executable(arguments: list[str], env: dict[str, str]) -> Path:
    say(f"$ cargo {' '.join(arguments)}")
    built = subprocess.run(
        ["cargo", *arguments, "--message-format=json-render-diagnostics"],
        cwd=ROOT,
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    if built.returncode != 0:
        raise Problem(
            f"cargo {arguments[0]} failed (exit code {built.returncode}).", "correct what the compiler reports above"
        )
    made = [json.loads(line) for line in built.stdout.decode().splitlines()]
    return Path(next(artifact["executable"] for artifact in reversed(made) if artifact.get("executable")))
