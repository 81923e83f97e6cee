"""What a person sees: steps with their time, and failures that say what to do."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TAIL_LINES = 25
HEARTBEAT_SECONDS = 20


class Problem(Exception):
    """Something a person must act on: what happened, what to do, and the end of the log that tells more."""

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
    """A path as a person types it: relative to where they are, if it is below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def tail(log: Path, lines: int = TAIL_LINES) -> list[str]:
    return log.read_text(errors="replace").rstrip().splitlines()[-lines:]


def say(line: str = "") -> None:
    print(line, flush=True)


class Step:
    """One step under way; `note` adds to the line that closes it."""

    def __init__(self) -> None:
        self.noted = ""

    def note(self, text: str) -> None:
        self.noted = text


@contextmanager
def step(name: str, watch: Path | None = None) -> Iterator[Step]:
    """Says what is being done, that it is still being done, and how long it took.

    `watch` is a log whose newest line tells how far it is.
    """
    this, started, done = Step(), time.monotonic(), threading.Event()
    live = sys.stdout.isatty() and os.environ.get("CI") != "true"

    def tick() -> None:
        while not done.wait(1 if live else HEARTBEAT_SECONDS):
            seconds = time.monotonic() - started
            newest = _newest(watch)
            if live:
                line = f"· {name} … {seconds:.0f} s{newest}"
                print("\r\033[K" + line[: shutil.get_terminal_size().columns - 1], end="", flush=True)
            else:
                say(f"  … {seconds:.0f} s{newest}")

    if live:
        print(f"· {name} …", end="", flush=True)
    else:
        say(f"· {name} …")
    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    mark = "✗"
    try:
        yield this
        mark = "✓"
    finally:
        done.set()
        clock.join()
        note = f" ({this.noted})" if this.noted else ""
        print(("\r\033[K" if live else "") + f"{mark} {name}{note} – {time.monotonic() - started:.1f} s", flush=True)


def _newest(log: Path | None) -> str:
    lines = tail(log, 1) if log and log.exists() else []
    return f" – {lines[0].strip()}" if lines else ""


def run(command: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path, failed: str, advice: str) -> None:
    """Runs a program with its output in `log`; a failure shows the end of it."""
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
