"""Sends unusual and invalid requests to the running shop, which schemathesis generates from the served contract.

    .venv-checks/bin/python -m tools.checks.hostile .local/millrun/stack.json
    .venv-checks/bin/python -m tools.checks.hostile --examples 500 --seed 7 .local/millrun/stack.json

Sends them as an admin, as a customer and without a token. No response may be a fault, and every response must match the
contract (schemathesis.toml). Afterwards the audit must find no difference.
"""

import argparse
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..local import api

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).with_name("schemathesis.toml")
SETTLED_SECONDS_MAX = 60


@dataclass(frozen=True)
class Caller:
    name: str
    token: str | None
    # Valid requests with edge-case values are tried where the caller reaches the use case.
    options: tuple[str, ...]


CALLERS = (
    Caller("an admin", "admin", ()),
    Caller("a customer", "demo", ("--exclude-path-regex", "^/api/v1/admin/")),
    Caller("a customer on admin routes", "demo", ("--include-path-regex", "^/api/v1/admin/", "--phases", "fuzzing")),
    Caller("nobody", None, ("--phases", "fuzzing")),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.checks.hostile", description=__doc__.splitlines()[0])
    parser.add_argument("stack", type=Path, help="the stack's description, stack.json")
    parser.add_argument("--examples", type=int, help="requests of each kind for an operation, at most")
    parser.add_argument("--seed", type=int, help="generate other requests")
    arguments = parser.parse_args()
    about = json.loads(arguments.stack.read_text())
    limits = [f"--max-examples={arguments.examples}"] if arguments.examples else []
    limits += [f"--seed={arguments.seed}"] if arguments.seed else []
    with ThreadPoolExecutor(len(CALLERS)) as callers:
        passed = list(callers.map(lambda caller: _try(about, caller, limits), CALLERS))
    return 0 if all(passed) and _books_agree(about) else 1


def _try(about: dict[str, Any], caller: Caller, limits: list[str]) -> bool:
    started = time.monotonic()
    command = [SCHEMATHESIS, "--config-file", CONFIG, "run", f"{about['api_url']}/api/v1/openapi.json"]
    command += ["--url", about["api_url"], *caller.options, *limits]
    if caller.token:
        command += ["--header", f"Authorization: Bearer {about['tokens'][caller.token]}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    sent = next((line.strip() for line in reversed(lines) if "generated" in line), "nothing was sent")
    passed = done.returncode == 0 and "generated" in sent
    if not passed:
        print(done.stdout, done.stderr, sep="\n")
    print(f"{'✓' if passed else '✗'} as {caller.name}: {sent} ({time.monotonic() - started:.0f} s)", flush=True)
    return passed


def _books_agree(about: dict[str, Any]) -> bool:
    deadline = time.monotonic() + SETTLED_SECONDS_MAX
    while True:
        audit = api.call(about["api_url"], "GET", "/admin/audit", about["tokens"]["admin"])
        differences = audit.body["differences"] if audit.status == 200 else audit.body
        if differences == [] or time.monotonic() > deadline:
            print(
                "✓ the audit finds no difference" if differences == [] else f"✗ the audit finds {differences}", flush=True
            )
            return differences == []
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
