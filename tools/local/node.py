"""npm for the pages: the machine's own, or the one that `make tools` installs."""

import hashlib
import os
import subprocess
from pathlib import Path

from ..environments import node
from .console import Problem, run, step
from .stack import ROOT

WEB = ROOT / "web"


def npm(*arguments: str, folder: Path = WEB, log: Path | None = None) -> None:
    """Runs npm in a folder, with its output shown, or written to a log."""
    command, env = _command(), environment()
    shown = f"npm {' '.join(arguments)}"
    if log is not None:
        run([*command, *arguments], log, env, folder, f"{shown} failed", "correct what it says above, then run it again")
        return
    code = subprocess.run([*command, *arguments], cwd=folder, env=env, stdin=subprocess.DEVNULL).returncode
    if code != 0:
        raise Problem(f"{shown} failed (exit code {code}).", "correct what it says above, then run it again")


def install() -> None:
    """Installs the packages of the lock file, unless they are installed."""
    digest, stamp = hashlib.sha256(), WEB / "node_modules" / ".installed-sha256"
    for path in [WEB / "package-lock.json", WEB / "package.json", *sorted(WEB.glob("*/package.json"))]:
        digest.update(path.read_bytes())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    log = ROOT / ".local" / "npm.log"
    with step("install the packages of the pages (npm install)", log):
        # It follows the lock file and does not change it. `npm ci` would reject a lock file that lacks an optional package
        # of another platform, even where the registry has no such package.
        npm("install", "--no-save", "--no-audit", log=log)
    stamp.write_text(digest.hexdigest())


def environment() -> dict[str, str]:
    """An environment in which npm and its child processes use the same Node.js."""
    program, _ = _found()
    path = f"{Path(program).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ | {"PATH": path, "NPM_CONFIG_FUND": "false", "NPM_CONFIG_UPDATE_NOTIFIER": "false"}


def _command() -> list[str]:
    return _found()[1]


def _found() -> tuple[str, list[str]]:
    found = node.find()
    if found is None:
        raise Problem("There is no Node.js.", "run make tools, which installs it")
    return found
