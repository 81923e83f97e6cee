"""npm for the pages: the machine's own, or the one that `make tools` has brought."""

import hashlib
import os
import subprocess
from pathlib import Path

from ..environments import node
from .console import Problem, run, step
from .stack import ROOT

WEB = ROOT / "web"


def npm(*arguments: str, folder: Path = WEB, log: Path | None = None) -> None:
    """Calls npm in a folder: in full view, or with its output in a log that a failure shows the end of."""
    command, env = _command(), environment()
    shown = f"npm {' '.join(arguments)}"
    if log is not None:
        run([*command, *arguments], log, env, folder, f"{shown} failed", "correct what it says above, then run it again")
        return
    code = subprocess.run([*command, *arguments], cwd=folder, env=env, stdin=subprocess.DEVNULL).returncode
    if code != 0:
        raise Problem(f"{shown} failed (exit code {code}).", "correct what it says above, then run it again")


def install() -> None:
    """Brings what the lock file of the pages names, unless it is there."""
    digest, stamp = hashlib.sha256(), WEB / "node_modules" / ".installed-sha256"
    for path in [WEB / "package-lock.json", WEB / "package.json", *sorted(WEB.glob("*/package.json"))]:
        digest.update(path.read_bytes())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    log = ROOT / ".local" / "npm.log"
    with step("bring the packages of the pages (npm install)", log):
        # It takes what the lock file says and leaves the file alone. `npm ci` refuses a lock file that lacks an optional
        # package of another system, also where the registry has no such package.
        npm("install", "--no-save", "--no-audit", log=log)
    stamp.write_text(digest.hexdigest())


def environment() -> dict[str, str]:
    """The environment in which npm and what it starts find the same Node.js."""
    program, _ = _found()
    path = f"{Path(program).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ | {"PATH": path, "NPM_CONFIG_FUND": "false", "NPM_CONFIG_UPDATE_NOTIFIER": "false"}


def _command() -> list[str]:
    return _found()[1]


def _found() -> tuple[str, list[str]]:
    found = node.find()
    if found is None:
        raise Problem("There is no Node.js.", "make tools brings it")
    return found
