"""Output for a person: steps with progress and time, and failures that say what to do."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import durations

TAIL_LINES = 25
# The part of a log, in bytes from its end, that is searched for its newest lines.
TAIL_BYTES = 64 * 1024
HEARTBEAT_SECONDS = 20
# A shorter step needs no forecast.
FORECAST_SECONDS_MIN = 3
# Cargo's progress bar, which `CARGO_PROGRESS` switches on: useful while a build runs, and noise afterwards.
PROGRESS = re.compile(r"^\s*Building \[.*\] (\d+/\d+)(: .*)?$")
CARGO_PROGRESS = {"CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "100"}


class Problem(Exception):
    """An error that the user must act on: what happened, what to do, and the end of a log."""

    def __init__(self, what: str, advice: str = "", log: Path | None = None):
        super().__init__(what)
        self.what, self.advice, self.log = what, advice, log

    def show(self) -> None:
        out = [f"\n✗ {self.what}"]
        if self.log and self.log.exists():
            out.append(f"\n  The end of {shown(self.log)}:")
            out += [f"    │ {line}" for line in tail(self.log)]
        if self.advice:
            out.append("\n  What to do: " + self.advice)
        print("\n".join(out) + "\n", file=sys.stderr, flush=True)


def shown(path: Path) -> str:
    """A path relative to the current folder, if it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def tail(log: Path, lines: int = TAIL_LINES, progress: bool = False) -> list[str]:
    """The last lines of a log, without cargo's progress bars unless they are requested."""
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - TAIL_BYTES))
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", opened.read().decode(errors="replace"))
    kept = [line for line in text.splitlines() if line.strip() and (progress or not PROGRESS.match(line))]
    return kept[-lines:]


def say(line: str = "") -> None:
    print(line, flush=True)


class Step:
    """A step in progress; `note` adds text to its last line."""

    def __init__(self) -> None:
        self.noted, self.did_nothing = "", False

    def note(self, text: str) -> None:
        self.noted = text

    def nothing_to_do(self, text: str) -> None:
        """Marks the step as already done, so that its duration is not remembered."""
        self.noted, self.did_nothing = text, True


@contextmanager
def step(name: str, watch: Path | None = None, key: str = "") -> Iterator[Step]:
    """Prints what is being done, its progress, how long it took the last time, and how long it took now.

    `watch` is a log whose newest line shows the progress; `key` identifies the step where `name` varies between runs.
    """
    this, started, done = Step(), time.monotonic(), threading.Event()
    live = sys.stdout.isatty() and os.environ.get("CI") != "true"
    forecast = durations.last(key or name) or 0.0
    usual = f" of about {durations.spoken(forecast)}" if forecast >= FORECAST_SECONDS_MIN else ""

    def tick() -> None:
        while not done.wait(1 if live else HEARTBEAT_SECONDS):
            passed = durations.spoken(time.monotonic() - started) + usual
            if live:
                line = f"· {name} … {passed}{newest(watch)}"
                print("\r\033[K" + line[: shutil.get_terminal_size().columns - 1], end="", flush=True)
            else:
                say(f"  … {passed}{newest(watch)}")

    last_time = f" (last time {durations.spoken(forecast)})" if usual else ""
    print(f"· {name} …{last_time}", end="" if live else "\n", flush=True)
    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    mark = "✗"
    try:
        yield this
        mark = "✓"
    finally:
        done.set()
        clock.join()
        seconds = time.monotonic() - started
        if mark == "✓" and not this.did_nothing:
            durations.remember(key or name, seconds)
        note = f" ({this.noted})" if this.noted else ""
        print(("\r\033[K" if live else "") + f"{mark} {name}{note} – {seconds:.1f} s", flush=True)


def newest(log: Path | None) -> str:
    """The progress of a step, from the newest line of its log."""
    lines = tail(log, 1, progress=True) if log and log.exists() else []
    if not lines:
        return ""
    built = PROGRESS.match(lines[0])
    return f" – {built[1]} crates{built[2] or ''}" if built else f" – {lines[0].strip()}"


def run(command: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path, failed: str, advice: str) -> None:
    """Runs a program with its output in `log`; a failure shows the end of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        try:
            code = subprocess.run(
                command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=dict(env), cwd=cwd
            ).returncode
        except FileNotFoundError as missing:
            raise Problem(f"{failed}: {command[0]} is not there", advice) from missing
    if code != 0:
        raise Problem(f"{failed} (exit code {code}).", advice, log)
