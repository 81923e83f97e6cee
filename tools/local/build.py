"""Builds the functions: Lambda binaries, for the local stack or as they are deployed."""

import hashlib
import os
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from . import glibc
from .console import CARGO_PROGRESS, Problem, run, step
from .stack import ROOT, Stack, architecture

# The binaries of the package `functions` (docs/decisions/0014).
BINARIES = sorted(path.stem for path in (ROOT / "functions" / "src" / "bin").glob("*.rs"))
ARM_TARGET = "aarch64-unknown-linux-gnu"

# The size limits in force. They are above the gates of P6 in docs/performance.md (9 and 4 MB): docs/decisions/0018 says
# why, and what would bring them down.
BOOTSTRAP_BYTES_MAX = 14_000_000
ZIP_BYTES_MAX = 6_000_000
# Bytes of unwind tables (landing pads) in a binary that unwinds; one that aborts has a few kilobytes from the standard
# library.
LANDING_PADS_BYTES_MIN = 50_000


def build(stack: Stack, compiler: Mapping[str, str] | None = None) -> None:
    """Builds what the local stack runs: the same code in the profile of the tests, linked against this machine's C library.

    With `compiler`, the environment in which the tests are compiled, nothing is compiled twice.
    """
    command = ["cargo", "build", "--workspace", "--locked", *_binaries()]
    _build(stack, command, compiler or {}, "build the functions")
    _pack_all(stack, lambda binary: (ROOT / "target" / "debug" / binary).read_bytes(), zlib.Z_BEST_SPEED)


def build_release(stack: Stack, processor: str | None = None) -> None:
    """Builds what is deployed with `cargo lambda`, which links against the C library of Amazon Linux, and checks it."""
    command = ["cargo", "lambda", "build", "--release", "--locked", "--output-format", "zip", "--package", "functions"]
    if (processor or architecture()) == "arm64":
        command.append("--arm64")
    _build(stack, [*command, *_binaries()], {}, "build the functions for AWS")
    _pack_all(stack, unpacked, zlib.Z_BEST_COMPRESSION)
    for binary in BINARIES:
        _refuse_newer_glibc(binary)
    _check()


def _binaries() -> list[str]:
    return [word for binary in BINARIES for word in ("--bin", binary)]


def _build(stack: Stack, command: list[str], env: Mapping[str, str], name: str) -> None:
    with step(name + ("" if digests() else " (the first time takes minutes)"), stack.build_log, name):
        env = stack.env() | {"CARGO_TERM_COLOR": "never"} | CARGO_PROGRESS | dict(env)
        advice = "correct what the compiler reports above, then run it again"
        run(command, stack.build_log, env, ROOT, "The functions do not build", advice)


def _pack_all(stack: Stack, built: Callable[[str], bytes], level: int) -> None:
    """Puts each binary where the templates expect it."""
    before = digests()
    with step("pack the functions") as this:
        for binary in BINARIES:
            try:
                _pack(artefact(binary), built(binary), level)
            except FileNotFoundError as missing:
                raise Problem(f"The build left no `{binary}`.", "see the log", stack.build_log) from missing
        if digests() == before:
            this.nothing_to_do("unchanged")
        else:
            this.note(f"{sum(packed for _, packed in sizes().values()) / 1e6:.1f} MB")


def _pack(archive: Path, binary: bytes, level: int) -> None:
    """Packs reproducibly: the same binary gives the same bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    unfinished = archive.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w") as opened:
        opened.writestr(entry, binary, zipfile.ZIP_DEFLATED, compresslevel=level)
    unfinished.replace(archive)


def _refuse_newer_glibc(binary: str) -> None:
    found, newest = glibc.needed(unpacked(binary)), glibc.NEWEST
    if found > newest:
        raise Problem(
            f"{binary} needs glibc {found[0]}.{found[1]}, but Lambda has {newest[0]}.{newest[1]}.",
            "build with cargo lambda (which uses zig), as make does, and look for a crate that links to system libraries",
        )


def artefact(binary: str) -> Path:
    """The zip file that is deployed."""
    return ROOT / "target" / "lambda" / binary / "bootstrap.zip"


def unpacked(binary: str) -> bytes:
    """The executable in the zip file."""
    return _read(artefact(binary))


def _read(archive: Path) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return opened.read("bootstrap")


def sizes() -> dict[str, tuple[int, int]]:
    """Bytes of each binary and of its zip file."""
    return {binary: (len(unpacked(binary)), artefact(binary).stat().st_size) for binary in BINARIES}


def _check() -> None:
    """Checks that each binary is within the size limits and unwinds on a panic."""
    for name, (bootstrap, packed) in sizes().items():
        if bootstrap > BOOTSTRAP_BYTES_MAX or packed > ZIP_BYTES_MAX:
            what = f"The binary `{name}` has {bootstrap / 1e6:.2f} MB and its zip {packed / 1e6:.2f} MB;"
            limits = f"{BOOTSTRAP_BYTES_MAX / 1e6:.1f} and {ZIP_BYTES_MAX / 1e6:.1f} MB are allowed."
            raise Problem(f"{what} {limits}", "see what a new crate brings: cargo tree -p functions")
        if _section_bytes(unpacked(name), ".gcc_except_table") < LANDING_PADS_BYTES_MIN:
            advice = 'set panic = "unwind" in profile.release (docs/decisions/0013)'
            raise Problem(f"The binary `{name}` aborts on a panic.", advice)


def _section_bytes(binary: bytes, name: str) -> int:
    """Bytes of one section of a binary (64-bit ELF, little-endian)."""
    (table,) = struct.unpack_from("<Q", binary, 0x28)
    entry, count, names = struct.unpack_from("<HHH", binary, 0x3A)
    (strings,) = struct.unpack_from("<Q", binary, table + names * entry + 0x18)
    for index in range(count):
        header = table + index * entry
        (label,) = struct.unpack_from("<I", binary, header)
        if binary.startswith(name.encode() + b"\0", strings + label):
            return struct.unpack_from("<Q", binary, header + 0x20)[0]
    return 0


def digests() -> dict[str, str]:
    """The digest of each binary, if it was built. That of a zip file would change with its time stamps."""
    built = [binary for binary in BINARIES if artefact(binary).exists()]
    return {binary: hashlib.sha256(unpacked(binary)).hexdigest() for binary in built}


def has_arm_target() -> bool:
    """Whether this Rust can build for arm64, which costs a fifth less per second on AWS."""
    found = subprocess.run(["rustc", "--print", "target-libdir", "--target", ARM_TARGET], capture_output=True, text=True)
    return found.returncode == 0 and Path(found.stdout.strip()).is_dir()
