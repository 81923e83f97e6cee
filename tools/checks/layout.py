"""Lays a program out anew by how it runs: what is called together comes to lie together, what hardly ever is, aside.

Random runs go through so much code that most of the time the processor waits for the next piece of it. LLVM's BOLT takes a
quarter of their time away (docs/decisions/0015). It comes from Debian's archive, in a pinned version and without a root's
rights; where it cannot be had, the program stays as it was linked.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..local.console import say, shown, step
from ..local.stack import ROOT

TOOLS = ROOT / ".local" / "tools"
# BOLT, what counts inside a program, and the library that a bare machine does not have; each with the hash of its file.
PACKAGES = {
    "bolt-19=1:19.1.7-3~deb12u1": "10b9a257645aa510059b3280ac3f049a7291bc5230593789f61160106fab81b3",
    "libbolt-19-dev=1:19.1.7-3~deb12u1": "d6072da6104812b9d8b52042addf699ccd12c7361358f94f47a93f310deb6fa3",
    "libz3-4=4.8.12-3.1": "6221ca25ad5abcfbe1965801029d85a88b4775320384b4b716de8fab7a4d2f7a",
}
LLVM = Path("usr", "lib", "llvm-19")
ORDER = ("-reorder-blocks=ext-tsp", "-reorder-functions=hfsort", "-split-functions", "-split-all-cold", "-split-eh")


class Impossible(Exception):
    """The program stays as it was linked: why."""


def by_how_it_runs(program: Path, sample: dict[str, str]) -> Path:
    """The program laid out by what a run with this environment goes through; itself, where that is impossible."""
    folder = program.with_name(f"{program.name}-laid-out")
    laid_out = folder / program.name
    if laid_out.exists() and laid_out.stat().st_mtime > program.stat().st_mtime:
        return laid_out
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log, counting, counts, unfinished = (folder / name for name in ("log", "counting", "counts", "unfinished"))
    try:
        bolt = _bolt()
        with step("laying the program out by how it runs", watch=log):
            _run(log, bolt, program, "-instrument", f"--instrumentation-file={counts}", "-o", counting)
            _run(log, counting, env=sample)
            _run(log, bolt, program, f"-data={counts}", *ORDER, "-o", unfinished)
    except Impossible as impossible:
        say(f"  {program.name} stays as it was linked, and takes longer: {impossible}")
        return program
    counting.unlink()
    counts.unlink()
    return unfinished.rename(laid_out)


def _run(log: Path, *command: str | Path, env: dict[str, str] | None = None) -> None:
    with log.open("a") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=os.environ | (env or {}))
    if done.returncode != 0:
        raise Impossible(f"{Path(command[0]).name} ended with {done.returncode}, see {shown(log)}")


def _bolt() -> Path:
    """Where BOLT is, brought if it was not there yet."""
    folder = TOOLS / "bolt"
    if not folder.exists():
        if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
            raise Impossible("BOLT is brought for Linux on x86-64 only")
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise Impossible("BOLT is brought from Debian's archive only")
        TOOLS.mkdir(parents=True, exist_ok=True)
        with step("bringing BOLT (once, some 45 MB)"), tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
            for package, digest in PACKAGES.items():
                _unpack(_fetch(package, digest, Path(scratch)), Path(scratch, "root"))
            for library in Path(scratch, "root", "usr", "lib", "x86_64-linux-gnu").glob("libz3*"):
                library.rename(Path(scratch, "root", LLVM, "lib", library.name))
            Path(scratch, "root").rename(folder)
    return folder / LLVM / "bin" / "llvm-bolt"


def _fetch(package: str, digest: str, scratch: Path) -> Path:
    folder = scratch / package.split("=")[0]
    folder.mkdir()
    done = subprocess.run(["apt-get", "download", "--quiet", package], cwd=folder, capture_output=True, text=True)
    archives = list(folder.glob("*.deb"))
    if done.returncode != 0 or len(archives) != 1:
        raise Impossible(f"apt-get did not bring {package}: {done.stderr.strip()[-300:]}")
    if hashlib.sha256(archives[0].read_bytes()).hexdigest() != digest:
        raise Impossible(f"{package} is not the file that it was when it was chosen")
    return archives[0]


def _unpack(archive: Path, folder: Path) -> None:
    done = subprocess.run(["dpkg-deb", "--extract", archive, folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise Impossible(f"{archive.name} could not be unpacked: {done.stderr.strip()[-300:]}")
