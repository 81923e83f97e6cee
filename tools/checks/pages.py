"""Runs the browser flows of the pages: `make pages`, and `make screens` for a picture of each screen.

    .venv/bin/python -m tools.checks.pages .local/millrun/stack.json [flows|screens|visits]

`visits` opens every screen as `screens` does, checks it for accessibility, and leaves no picture.

The flows are Playwright tests in web/e2e, in TypeScript; this module supplies the browser and the stack.
"""

import os
import sys
from pathlib import Path

from ..environments import browser
from ..local import node
from ..local.stack import ROOT

CHECKS = ROOT / ".venv-checks"


def run(description: Path, part: str = "flows") -> None:
    program, libraries = browser.find(str(CHECKS))
    node.install()
    os.environ.update(libraries)
    os.environ["MILLRUN_CHROMIUM"] = program
    os.environ["MILLRUN_STACK"] = str(description.resolve())
    if part == "screens":
        os.environ["MILLRUN_SCREENS"] = str(ROOT / "docs" / "screens")
    node.npm("run", "--silent", "flows" if part == "flows" else "screens")


if __name__ == "__main__":
    run(Path(sys.argv[1]), *sys.argv[2:])
