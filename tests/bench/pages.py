"""P12: the size of the pages, and the time until they can be used, by web/bench/pages.js."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tools.environments import browser
from tools.local import node, web
from tools.local.console import Problem, step
from tools.local.stack import ROOT, Stack

from .clock import LOG, WORK

CHECKS = ROOT / ".venv-checks"
ROUNDS = 5


def measure() -> dict[str, Any]:
    """Bytes of the first load, and milliseconds until each page and a minimal React page can be used."""
    web.build(Stack())
    bare = WORK / "bare-page"
    with step("build the bare page", LOG):
        node.npm("exec", "--", "vite", "build", "--config", "bench/vite.config.ts", "--outDir", str(bare), log=LOG)
    program, libraries = browser.find(str(CHECKS))
    env = node.environment() | libraries | {"MILLRUN_CHROMIUM": program}
    with step("open the pages on a slowed processor", LOG):
        command = [_node(env), "bench/pages.js", str(bare), str(ROUNDS)]
        done = subprocess.run(command, cwd=node.WEB, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Problem(f"The pages could not be measured: {done.stderr.strip()[-600:]}")
    return json.loads(done.stdout)


def _node(env: dict[str, str]) -> str:
    found = shutil.which("node", path=env.get("PATH", os.defpath))
    if found is None:
        raise Problem("There is no Node.js.", "run make tools, which installs it")
    return str(Path(found))
