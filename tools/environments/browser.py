"""Brings the Chromium that the tests drive, without a root's rights and in a pinned version.

npm carries one that needs next to nothing of the machine: it is made to run in a Lambda function. Where it cannot run,
a Chromium that is installed will do. Standard library only: bootstrap.py runs it on whatever `python3`
there is.
"""

import glob
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile

PACKAGE = "@sparticuz/chromium@153.0.0"
SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
# The browser itself, and the few libraries that a bare machine does not have.
PARTS = {"package/bin/chromium.br": "chromium", "package/bin/al2023.tar.br": "libraries.tar"}
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Unpacks what Brotli packed. Playwright brings the Node.js that can.
UNPACK = (
    "const [from, to] = process.argv.slice(1), fs = require('fs');"
    "fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)))"
)


class Absent(Exception):
    """There is no browser here: why, and what to do about it."""


def ensure(environment, node):
    """Puts the browser into an environment that has Playwright, unless it is there or another one must do.

    `node` is what brings it: the program Node.js and the command that is npm.
    """
    folder = _folder(environment)
    stamp = os.path.join(folder, "sha256")
    if _read(stamp) == SHA256:
        return
    if not _is_for_this_machine():
        if _installed() is None:
            raise Absent(
                "A browser is needed to go through the checkouts.\n"
                "    One is brought for x86-64 alone. Install Chromium: on Debian or Ubuntu apt install chromium"
            )
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    print("· tools: bringing a browser into %s/ (once, some 70 MB)" % os.path.basename(environment), flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = _fetch(scratch, node)
        with tarfile.open(archive) as packed:
            for member, name in PARTS.items():
                brotli = os.path.join(scratch, "part.br")
                with packed.extractfile(member) as source, open(brotli, "wb") as target:
                    shutil.copyfileobj(source, target)
                subprocess.run([_node(environment), "-e", UNPACK, brotli, os.path.join(folder, name)], check=True)
    with tarfile.open(os.path.join(folder, "libraries.tar")) as libraries:
        for member in libraries.getmembers():
            # Nothing else than plain files in lib/ is expected, and nothing else is taken.
            if member.isfile() and os.path.dirname(member.name) == "lib":
                libraries.extract(member, folder)
    os.remove(os.path.join(folder, "libraries.tar"))
    os.chmod(os.path.join(folder, "chromium"), 0o755)
    with open(stamp, "w") as file:
        file.write(SHA256)


def find(environment):
    """The browser's program, and what its environment needs besides."""
    folder = _folder(environment)
    if _read(os.path.join(folder, "sha256")) == SHA256:
        return os.path.join(folder, "chromium"), {"LD_LIBRARY_PATH": os.path.join(folder, "lib")}
    program = _installed()
    if program is None:
        raise Absent("There is no browser: run make test, which says how to get one.")
    return program, {}


def _fetch(scratch, node):
    if node is None:
        raise Absent("There is no npm to bring the browser with: run make tools.")
    program, npm = node
    command = npm + ["pack", "--silent", "--pack-destination", scratch, PACKAGE]
    env = dict(os.environ, PATH=os.path.dirname(program) + os.pathsep + os.environ.get("PATH", os.defpath))
    done = subprocess.run(
        command, cwd=scratch, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    archives = glob.glob(os.path.join(scratch, "*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        said = done.stdout.decode("utf-8", "replace").strip()[-600:]
        raise Absent("npm did not bring %s:\n      %s\n    Is its registry reachable? Then run it again." % (PACKAGE, said))
    digest = hashlib.sha256()
    with open(archives[0], "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != SHA256:
        raise Absent("%s is not the file it was when it was chosen: it is not used." % PACKAGE)
    return archives[0]


def _node(environment):
    found = glob.glob(os.path.join(environment, "lib", "python*", "site-packages", "playwright", "driver", "node"))
    if not found:
        raise Absent("Playwright is missing in %s." % environment)
    return found[0]


def _installed():
    named = os.environ.get("MILLRUN_BROWSER")
    return named or next((path for path in map(shutil.which, INSTALLED) if path), None)


def _is_for_this_machine():
    return platform.machine() in ("x86_64", "amd64") and not os.environ.get("MILLRUN_BROWSER")


def _folder(environment):
    return os.path.join(environment, "browser")


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None
