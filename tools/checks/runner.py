"""Runs tiers concurrently, each after the tiers it needs: at most two that compute, and one that mostly waits.

Every tier is a process of its own (`python -m tools tier <name>`) with its output in a log below .local/test, printed whole
when the tier ends. The first tier that fails ends the run.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..local import durations
from ..local.console import PROGRESS, Problem, newest, say, shown
from ..local.stack import ROOT, VENV

LOGS = ROOT / ".local" / "test"
POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 20
# A tier that is told to stop first stops its stack.
STOP_SECONDS_MAX = 90
# The number of computing tiers at the same time, on any number of cores: while one links or waits, the other computes.
HEAVY_AT_ONCE = 2
LIGHT_AT_ONCE = 1
WIDTH = 92
# The last lines of the test programs of Rust and of Python's unittest.
RUST_RESULT = re.compile(r"test result: \w+\. (\d+) passed; (\d+) failed;")
PYTHON_RESULT = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
PYTHON_FAILED = re.compile(r"\b(?:failures|errors)=(\d+)")


@dataclass(frozen=True)
class Tier:
    name: str
    what: str
    run: Callable[[], None]
    # Tiers whose results this one uses.
    needs: tuple[str, ...] = ()
    # Uses at most one core, and seldom all of it.
    is_light: bool = False
    # Files and folders that alone decide the result: a tier that passed with them is not run again.
    inputs: tuple[str, ...] = ()


@dataclass
class Run:
    """The process of a tier, while it runs and afterwards."""

    tier: Tier
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    code: int | None = None

    @property
    def log(self) -> Path:
        return LOGS / f"{self.tier.name}.log"

    @property
    def key(self) -> str:
        return f"tier {self.tier.name}"

    def poll(self) -> bool:
        """Whether the process has ended."""
        if self.code is None:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                # Popen must not wait for it a second time.
                self.process.returncode = self.code
                self.seconds, self.cpu_seconds = time.monotonic() - self.started, usage.ru_utime + usage.ru_stime
        return self.code is not None

    def progress(self) -> str:
        passed, forecast = time.monotonic() - self.started, durations.last(self.key)
        usual = f" of about {durations.spoken(forecast)}" if forecast else ""
        return f"{self.tier.name} {durations.spoken(passed)}{usual}{newest(self.log)}"


def choose(tiers: Sequence[Tier], only: list[str]) -> list[Tier]:
    """The tiers that are named, or all of them."""
    unknown = [name for name in only if name not in {tier.name for tier in tiers}]
    if unknown:
        raise Problem(f"There is no tier {', '.join(unknown)}.", f"choose from: {', '.join(tier.name for tier in tiers)}")
    return [tier for tier in tiers if not only or tier.name in only]


def run(chosen: list[Tier]) -> bool:
    """Runs tiers, at most `HEAVY_AT_ONCE` and `LIGHT_AT_ONCE` at a time; true if all passed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    for log in LOGS.glob("*.log"):
        log.unlink()
    began, waiting, running, ended = time.monotonic(), list(chosen), [], []
    screen = _Screen(began)
    try:
        while waiting or running:
            for tier in [tier for tier in waiting if _may_start(tier, waiting, running)]:
                if _has_room(tier, running):
                    waiting.remove(tier)
                    running.append(_start(tier))
            for this in [this for this in running if this.poll()]:
                running.remove(this)
                ended.append(this)
                screen.clear()
                _report(this)
            if any(this.code for this in ended):
                break
            screen.show(running)
            time.sleep(POLL_SECONDS)
    finally:
        screen.clear()
        _stop(running)
        _table(ended, running, waiting, time.monotonic() - began)
    return not waiting and not running and all(this.code == 0 for this in ended)


def _may_start(tier: Tier, waiting: list[Tier], running: list[Run]) -> bool:
    unfinished = {other.name for other in waiting} | {this.tier.name for this in running}
    return not unfinished.intersection(tier.needs)


def _has_room(tier: Tier, running: list[Run]) -> bool:
    alike = sum(this.tier.is_light == tier.is_light for this in running)
    return alike < (LIGHT_AT_ONCE if tier.is_light else HEAVY_AT_ONCE)


def _start(tier: Tier) -> Run:
    with (LOGS / f"{tier.name}.log").open("wb") as log:
        process = subprocess.Popen(
            _command(tier),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Run(tier, process)


def _command(tier: Tier) -> list[str | Path]:
    return [VENV / "bin" / "python", "-m", "tools", "tier", tier.name]


def _stop(running: list[Run]) -> None:
    """Stops the other tiers when one has failed: first with SIGTERM, so that each can stop its stack."""
    for this in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(this.process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while not all(this.poll() for this in running) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for this in running:
        if not this.poll():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(this.process.pid, signal.SIGKILL)


def _report(this: Run) -> None:
    """Prints the whole output of a tier."""
    title = f"{this.tier.name}: {this.tier.what} "
    say(f"\n━━ {title}" + "━" * max(3, WIDTH - len(title)))
    # Without cargo's progress bars.
    for line in this.log.read_text(errors="replace").splitlines():
        if not PROGRESS.match(line):
            print(line.rstrip())
    if this.code == 0:
        durations.remember(this.key, this.seconds)
        say(f"✓ {this.tier.name} passed – {this.seconds:.1f} s")
    else:
        say(f"✗ {this.tier.name} failed – {this.seconds:.1f} s; its output is kept in {shown(this.log)}")


def _table(ended: list[Run], stopped: list[Run], waiting: list[Tier], seconds: float) -> None:
    say("\n━━ tiers " + "━" * (WIDTH - 9))
    say(f"    {'':<12} {'took':>9} {'CPU time':>10}")
    for this in ended:
        mark = "✓" if this.code == 0 else "✗"
        say(f"  {mark} {this.tier.name:<12} {this.seconds:7.1f} s {this.cpu_seconds:8.1f} s   {this.tier.what}")
    for this in stopped:
        say(f"  · {this.tier.name:<12} {'stopped':>9} {'':>10}   {this.tier.what}")
    for tier in waiting:
        say(f"  · {tier.name:<12} {'not run':>9} {'':>10}   {tier.what}")
    say(f"    {'in all':<12} {seconds:7.1f} s {sum(this.cpu_seconds for this in ended):8.1f} s   wall clock, all tiers")
    failed = [this for this in ended if this.code]
    passed, wrong = _counted([this.log for this in [*ended, *stopped]])
    say(f"\n{passed} passed, {max(wrong, len(failed))} failed")
    for this in failed:
        say(f"✗ {this.tier.name} failed: see {shown(this.log)}, or run it alone: make test TIERS={this.tier.name}")


def _counted(logs: Sequence[Path]) -> tuple[int, int]:
    """The number of tests that passed and failed, from the output of the test programs."""
    texts = [log.read_text(errors="replace") for log in logs]
    rust = [match for text in texts for match in RUST_RESULT.findall(text)]
    python = sum(int(count) for text in texts for count in PYTHON_RESULT.findall(text))
    python_failed = sum(int(count) for text in texts for count in PYTHON_FAILED.findall(text))
    failed = sum(int(failed) for _, failed in rust) + python_failed
    return sum(int(passed) for passed, _ in rust) + python - python_failed, failed


class _Screen:
    """Prints the progress of each tier: on one line that changes in a terminal, or as log lines elsewhere."""

    def __init__(self, began: float) -> None:
        self.began, self.shown_at = began, began
        self.live = sys.stdout.isatty() and os.environ.get("CI") != "true"

    def show(self, running: list[Run]) -> None:
        if time.monotonic() - self.shown_at < (1 if self.live else HEARTBEAT_SECONDS) or not running:
            return
        self.shown_at = time.monotonic()
        width = shutil.get_terminal_size().columns - 1 if self.live else 2 * WIDTH
        passed = durations.spoken(self.shown_at - self.began)
        room = (width - len(passed) - 6) // len(running) - 3
        line = f"… {passed}: " + " | ".join(this.progress()[:room] for this in running)
        if self.live:
            print(f"\r\033[K{line[:width]}", end="", flush=True)
        else:
            say(f"  {line}")

    def clear(self) -> None:
        if self.live:
            print("\r\033[K", end="", flush=True)
