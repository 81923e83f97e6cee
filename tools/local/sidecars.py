"""Sidecars of the emulator: fakes of third parties that are not AWS, and the fault proxy.

Each listens on a port of its own at a fixed distance from the stack's, and runs as long as the emulator.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import emulator
from .console import Problem, step
from .stack import ROOT, VENV, Stack

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 5


@dataclass(frozen=True)
class Program:
    name: str
    module: str
    ports_above: int
    # The path that responds with 200 when the program is ready.
    ready_path: str
    python: Path = VENV / "bin" / "python"
    # Whether it gets the address of the local AWS.
    is_before_aws: bool = False

    def port(self, stack: Stack) -> int:
        return stack.port + self.ports_above

    def url(self, stack: Stack) -> str:
        return f"http://127.0.0.1:{self.port(stack)}"

    def arguments(self, stack: Stack) -> list[str]:
        upstream = ["--upstream", stack.endpoint] if self.is_before_aws else []
        return ["-m", self.module, "--port", str(self.port(stack)), *upstream]

    def pid_file(self, stack: Stack) -> Path:
        return stack.folder / f"{self.name}.pid"

    def log(self, stack: Stack) -> Path:
        return stack.folder / f"{self.name}.log"


MESSENGERS = Program("messengers", "tools.fakes.messengers", 1_000, "/_sent")
PROVIDERS = Program("providers", "tools.fakes.payment_providers", 1_500, "/_trades")
PROGRAMS = [MESSENGERS, PROVIDERS]
# Only on request: it needs packages that `make test` installs.
CHECKS_PYTHON = ROOT / ".venv-checks" / "bin" / "python"
FAULTS = Program("faults", "tools.fakes.fault_proxy", 3_000, "/_faults", CHECKS_PYTHON, is_before_aws=True)


# Ports from 4,000 on that browsers refuse to connect to (WHATWG Fetch, "port blocking").
BLOCKED_PORTS = frozenset({4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080})


def refuse_blocked_ports(stack: Stack) -> None:
    """Refuses a port that no browser would open the pages at, or the page of a payment provider."""
    for port in (stack.port, PROVIDERS.port(stack)):
        if port in BLOCKED_PORTS:
            raise Problem(f"Browsers refuse to open port {port}.", "choose another one: make up PORT=4600")


def start(stack: Stack, programs: Sequence[Program] = PROGRAMS) -> None:
    """Starts the sidecars that are not running yet."""
    refuse_blocked_ports(stack)
    for program in programs:
        if _pid_of(stack, program) is None:
            emulator.refuse_taken_port(program.port(stack))
            with step(f"start {program.name} on port {program.port(stack)}", key=f"start {program.name}"):
                _spawn(stack, program)


def stop(stack: Stack) -> None:
    """Stops what `start` started and nothing else."""
    for program in [*PROGRAMS, FAULTS]:
        pid = _pid_of(stack, program)
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS_MAX
            while _pid_of(stack, program) is not None and time.monotonic() < deadline:
                time.sleep(0.1)
            if _pid_of(stack, program) is not None:
                os.kill(pid, signal.SIGKILL)
        program.pid_file(stack).unlink(missing_ok=True)


def _spawn(stack: Stack, program: Program) -> None:
    stack.folder.mkdir(parents=True, exist_ok=True)
    with program.log(stack).open("wb") as log:
        process = subprocess.Popen(
            [program.python, *program.arguments(stack)],
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    program.pid_file(stack).write_text(json.dumps({"pid": process.pid}))
    deadline = time.monotonic() + START_SECONDS_MAX
    while not _answers(stack, program):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(stack)
            raise Problem(f"{program.name} did not start.", "see its log", program.log(stack))
        time.sleep(0.1)


def _answers(stack: Stack, program: Program) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(program.url(stack) + program.ready_path, timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _pid_of(stack: Stack, program: Program) -> int | None:
    """Its process id, if it is alive and ours: the system may have reused the number."""
    try:
        pid = json.loads(program.pid_file(stack).read_text())["pid"]
    except (OSError, ValueError, KeyError):
        return None
    found = subprocess.run(["ps", "-p", str(pid), "-o", "stat=,command="], capture_output=True, text=True).stdout
    # A process that ended and was not waited for is listed as a zombie.
    return pid if " ".join(program.arguments(stack)) in found and not found.startswith("Z") else None
