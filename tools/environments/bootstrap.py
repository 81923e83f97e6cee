"""Checks the prerequisites of the machine and creates the Python environments.

Runs on the machine's `python3` before anything is installed: standard library only, in a syntax that an old Python can
parse, so that it can report that it is too old.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time

import browser
import node

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOCKS = os.path.join(ROOT, "tools", "environments")
PYTHON_MIN = (3, 11)

# The environments: `run` starts and deploys the shop, `checks` is for `make test`, `bench` for `make bench`.
ENVIRONMENTS = {
    "run": (".venv", "local.txt"),
    "checks": (".venv-checks", "checks.txt"),
    "bench": (".venv-bench", "bench.txt"),
    "node": (".venv-node", "node.txt"),
}


class Missing(Exception):
    """A prerequisite is missing or failed: what, and how to get it."""


def check_tools():
    """Reports all missing prerequisites at once, before a build that takes ten minutes."""
    wrong = []
    if not sys.platform.startswith("linux"):
        wrong.append(
            "The functions are programs for Linux and run here as they are.\n"
            "    On Windows use WSL 2; on macOS a virtual machine, such as Lima or a dev container."
        )
    if sys.version_info < PYTHON_MIN:
        wrong.append(
            "Python %d.%d or newer is needed, and %s is %s.\n"
            "    Install one and name it: make up PYTHON=python3.12"
            % (PYTHON_MIN[0], PYTHON_MIN[1], sys.executable, sys.version.split()[0])
        )
    else:
        try:
            import ensurepip  # noqa: F401  (Debian ships Python without it)
            import venv  # noqa: F401
        except ImportError:
            wrong.append(
                "This Python cannot make virtual environments (no venv or ensurepip).\n"
                "    On Debian or Ubuntu: apt install python3-venv"
            )
    if not shutil.which("cargo") or not shutil.which("rustc"):
        wrong.append("Rust is needed (cargo and rustc).\n    Install it with rustup, then open a new shell.")
    if not (shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")):
        wrong.append("A C compiler is needed (cc).\n    On Debian or Ubuntu: apt install build-essential")
    if wrong:
        raise Missing("\n".join("  - " + line for line in wrong))


def ensure(name):
    """Creates an environment, or recreates it when its lock file has changed."""
    folder, lock = ENVIRONMENTS[name]
    folder, lock = os.path.join(ROOT, folder), os.path.join(LOCKS, lock)
    stamp = os.path.join(folder, ".lock-sha256")
    wanted = _digest([lock, os.path.join(LOCKS, "installer.txt")]) + " " + sys.version.split()[0]
    if _read(stamp) == wanted and os.path.exists(_python(folder)):
        return
    started = time.monotonic()
    print("· tools: installing %s into %s/ (once, about 30 s)" % (os.path.basename(lock), os.path.relpath(folder, ROOT)))
    sys.stdout.flush()
    # Recreate it from scratch: an environment that is incomplete, or from another Python, cannot be repaired. A link
    # belongs to another clone, and only the link is removed.
    if os.path.islink(folder):
        os.remove(folder)
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", folder], "creating a virtual environment")
    _install(folder, lock)
    with open(stamp, "w") as file:
        file.write(wanted)
    print("· tools: %s ready after %.0f s" % (os.path.relpath(folder, ROOT), time.monotonic() - started))
    sys.stdout.flush()


def _install(folder, lock):
    # The lock file is complete, so nothing is resolved (--no-deps), and every file is checked against its hash.
    checked = ["--quiet", "--require-hashes", "--no-deps"]
    pip = [_python(folder), "-m", "pip", "install", "--disable-pip-version-check"] + checked
    installer = os.path.join(LOCKS, "installer.txt")
    uv = os.path.join(os.path.dirname(_python(folder)), "uv")
    fast = [uv, "pip", "install", "--python", _python(folder), "-r", lock] + checked
    try:
        _run(pip + ["-r", installer], "installing uv")
        _run(fast, "installing with uv")
    except Missing:
        # uv does not read pip's configuration: behind a company's mirror only pip may reach the index.
        print("· tools: uv could not reach the package index, using pip (one or two minutes)")
        sys.stdout.flush()
        _run(pip + ["--no-compile", "-r", lock], "installing with pip")


def _run(command, what):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        tail = done.stdout.decode("utf-8", "replace").strip().splitlines()[-12:]
        raise Missing(
            "  - %s failed:\n      %s\n    Is the package index reachable (proxy, mirror)? Then run the same command again."
            % (what, "\n      ".join(tail))
        )


def _python(folder):
    return os.path.join(folder, "bin", "python")


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None


def _digest(paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", nargs="+", choices=sorted(ENVIRONMENTS))
    parser.add_argument("--no-tools", action="store_true", help="do not look for Rust and a C compiler")
    arguments = parser.parse_args()
    try:
        if not arguments.no_tools:
            check_tools()
        for name in arguments.environments:
            if name != "node" or not node.installed():
                ensure(name)
        if "checks" in arguments.environments:
            browser.ensure(os.path.join(ROOT, ENVIRONMENTS["checks"][0]), node.find())
    except browser.Absent as absent:
        sys.exit("\nThis machine is not ready yet:\n  - %s\n" % absent)
    except Missing as missing:
        sys.exit("\nThis machine is not ready yet:\n%s\n" % missing)


if __name__ == "__main__":
    main()
