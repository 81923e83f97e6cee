"""How long each step took the last time, kept below .local/."""

import contextlib
import fcntl
import json
from collections.abc import Iterator

from .stack import ROOT

FILE = ROOT / ".local" / "durations.json"
# The duration of all of `make test`: from a clean checkout, and with earlier builds.
TESTS_FROM_NOTHING, TESTS_AGAIN = "make test from nothing", "make test again"


def last(name: str) -> float | None:
    """Seconds, or `None` when the step has not finished on this machine yet."""
    seconds = _read().get(name)
    return float(seconds) if isinstance(seconds, int | float) else None


def remember(name: str, seconds: float) -> None:
    with _locked():
        known = _read() | {name: round(seconds, 1)}
        unfinished = FILE.with_suffix(".new")
        unfinished.write_text(json.dumps(known, indent=1, sort_keys=True))
        unfinished.replace(FILE)


def spoken(seconds: float) -> str:
    """83 s, 12 min 5 s."""
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"


def _read() -> dict[str, float]:
    try:
        known = json.loads(FILE.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """A lock, because tiers run concurrently in processes of their own."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
