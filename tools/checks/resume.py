"""Results of a long check, kept so that it resumes where it stopped.

Results are valid for the sources they were obtained with: a change of any file discards them.
"""

import hashlib
import json
import subprocess
import threading
from pathlib import Path

from ..local.stack import ROOT

FOLDER = ROOT / ".local" / "prove"


def sources(below: tuple[str, ...] = ()) -> str:
    """A digest of every file that git tracks or would add, or of those below some folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *below],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    digest = hashlib.sha256()
    for name in sorted(set(listed.stdout.decode().split("\0"))):
        path = ROOT / name
        if name and path.is_file():
            digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Done:
    """The items of one check that passed, each with a note."""

    def __init__(self, check: str, of_sources: str):
        self.file, self.sources, self.lock = FOLDER / f"{check}.json", of_sources, threading.Lock()
        known = _read(self.file)
        self.items: dict[str, str] = known.get("items", {}) if known.get("sources") == of_sources else {}

    def __contains__(self, item: str) -> bool:
        return item in self.items

    def add(self, item: str, note: str = "") -> None:
        with self.lock:
            self.items[item] = note
            self.file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self.file.with_suffix(".new")
            unfinished.write_text(json.dumps({"sources": self.sources, "items": self.items}, indent=1))
            unfinished.replace(self.file)


def _read(file: Path) -> dict:
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
