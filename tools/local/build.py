"""Builds the functions: Lambda binaries, as they are deployed."""

import hashlib
import struct
import subprocess
import zipfile
from pathlib import Path

from . import glibc
from .console import CARGO_PROGRESS, Problem, run, step
from .stack import ROOT, Stack, architecture

# What `functions` is linked to (docs/decisions/0014).
BINARIES = sorted(path.stem for path in (ROOT / "functions" / "src" / "bin").glob("*.rs"))
ARM_TARGET = "aarch64-unknown-linux-gnu"

# What is loaded before a function can start, and what is uploaded: the gates of docs/performance.md.
BOOTSTRAP_BYTES_MAX = 9_000_000
ZIP_BYTES_MAX = 4_000_000
# The landing pads of a binary that unwinds; one that aborts has a few kilobytes, of the standard library.
LANDING_PADS_BYTES_MIN = 50_000


def build(stack: Stack, profile: str = "release", processor: str | None = None) -> None:
    """`cargo lambda build`. It links against the old C library of Amazon Linux, wherever it runs.

    The profile `release` is what is deployed. `local` compiles the same code for a short wait: see Cargo.toml.
    """
    command = ["cargo", "lambda", "build", "--profile", profile, "--locked", "--output-format", "zip"]
    command += ["--package", "functions", *(word for binary in BINARIES for word in ("--bin", binary))]
    if (processor or architecture()) == "arm64":
        command.append("--arm64")
    before = digests()
    name = f"build the functions, profile {profile}"
    with step(name + ("" if before else " (the first time takes minutes)"), stack.build_log, name) as this:
        # The entropy setting stands in .cargo/config.toml, too; see there.
        env = stack.env() | {"AWS_LC_SYS_NO_JITTER_ENTROPY": "1", "CARGO_TERM_COLOR": "never"} | CARGO_PROGRESS
        advice = "mend what the compiler says above, then run it again"
        run(command, stack.build_log, env, ROOT, "The functions do not build", advice)
        missing = [str(artefact(binary).relative_to(ROOT)) for binary in BINARIES if not artefact(binary).exists()]
        if missing:
            raise Problem(f"The build left no {', '.join(missing)}.", "see the log", stack.build_log)
        for binary in BINARIES:
            _pack(artefact(binary))
            _refuse_newer_glibc(binary)
        zipped = sum(packed for _, packed in sizes().values()) / 1e6
        if digests() == before:
            this.nothing_to_do("unchanged")
        else:
            this.note(f"{zipped:.1f} MB zipped")


def _refuse_newer_glibc(binary: str) -> None:
    found, newest = glibc.needed(unpacked(binary)), glibc.NEWEST
    if found > newest:
        raise Problem(
            f"{binary} asks for glibc {found[0]}.{found[1]}, and Lambda has {newest[0]}.{newest[1]}.",
            "build with cargo lambda (through zig), as make does, and look for a crate that links to the system",
        )


def artefact(binary: str) -> Path:
    """What is deployed of a binary."""
    return ROOT / "target" / "lambda" / binary / "bootstrap.zip"


def unpacked(binary: str) -> bytes:
    """The binary as a function runs it."""
    return _read(artefact(binary))


def _read(archive: Path) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return opened.read("bootstrap")


def _pack(archive: Path) -> None:
    """Packs a binary anew: as tightly as it goes, and the same binary as the same archive."""
    binary = _read(archive)
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(entry, binary, zipfile.ZIP_DEFLATED, compresslevel=9)


def sizes() -> dict[str, tuple[int, int]]:
    """Bytes of each binary and of its zip."""
    return {binary: (len(unpacked(binary)), artefact(binary).stat().st_size) for binary in BINARIES}


def check() -> None:
    """Whether each binary is what may be deployed: small, and able to catch a panic."""
    for name, (bootstrap, packed) in sizes().items():
        if bootstrap > BOOTSTRAP_BYTES_MAX or packed > ZIP_BYTES_MAX:
            what = f"The binary `{name}` has {bootstrap / 1e6:.2f} MB and its zip {packed / 1e6:.2f} MB;"
            limits = f"{BOOTSTRAP_BYTES_MAX / 1e6:.1f} and {ZIP_BYTES_MAX / 1e6:.1f} MB are allowed."
            raise Problem(f"{what} {limits}", "see what a new crate brings: cargo tree -p functions")
        if _section_bytes(unpacked(name), ".gcc_except_table") < LANDING_PADS_BYTES_MIN:
            advice = 'profile.release must say panic = "unwind" (docs/decisions/0013)'
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
    """Each binary's own digest, if it was built: a zip made anew differs in its times though nothing was changed."""
    built = [binary for binary in BINARIES if artefact(binary).exists()]
    return {binary: hashlib.sha256(unpacked(binary)).hexdigest() for binary in built}


def has_arm_target() -> bool:
    """Whether this Rust can build for arm64; on AWS it is a fifth cheaper per second."""
    found = subprocess.run(["rustc", "--print", "target-libdir", "--target", ARM_TARGET], capture_output=True, text=True)
    return found.returncode == 0 and Path(found.stdout.strip()).is_dir()
