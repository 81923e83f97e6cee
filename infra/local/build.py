"""Builds the functions: one Lambda binary, as it is deployed."""

import hashlib
import struct
import subprocess
import zipfile
from pathlib import Path

from .console import Problem, run, step
from .stack import ROOT, Stack, architecture

ARTEFACT = ROOT / "target" / "lambda" / "millrun" / "bootstrap.zip"
ARM_TARGET = "aarch64-unknown-linux-gnu"

# What is loaded before a function can start, and what is uploaded, with a little room: nothing grows unseen. The gates of
# docs/performance.md, 6.5 and 3 MB, are lower still, and missed: lower these whenever the binary shrinks.
BOOTSTRAP_BYTES_MAX = 8_300_000
ZIP_BYTES_MAX = 3_750_000
# The landing pads of a binary that unwinds; one that aborts has a few kilobytes, of the standard library.
LANDING_PADS_BYTES_MIN = 50_000


def build(stack: Stack, profile: str = "release", processor: str | None = None) -> None:
    """`cargo lambda build`. It links against the old C library of Amazon Linux, wherever it runs.

    The profile `release` is what is deployed. `local` compiles the same code for a short wait: see Cargo.toml.
    """
    command = ["cargo", "lambda", "build", "--profile", profile, "--locked", "--output-format", "zip"]
    command += ["--package", "functions", "--bin", "millrun"]
    if (processor or architecture()) == "arm64":
        command.append("--arm64")
    before = digest() if ARTEFACT.exists() else ""
    name = f"build the functions, profile {profile}" + ("" if before else " (the first time takes minutes)")
    with step(name, stack.build_log) as this:
        # The entropy setting stands in .cargo/config.toml, too; see there.
        env = stack.env() | {"AWS_LC_SYS_NO_JITTER_ENTROPY": "1", "CARGO_TERM_COLOR": "never"}
        advice = "mend what the compiler says above, then run it again"
        run(command, stack.build_log, env, ROOT, "The functions do not build", advice)
        if not ARTEFACT.exists():
            raise Problem(f"The build left no {ARTEFACT.relative_to(ROOT)}.", "see the log", stack.build_log)
        _pack()
        size = ARTEFACT.stat().st_size / 1e6
        this.note("unchanged" if digest() == before else f"{size:.1f} MB zipped")


def _pack() -> None:
    """Packs the binary anew: as tightly as it goes, and the same binary as the same archive."""
    with zipfile.ZipFile(ARTEFACT) as archive:
        binary = archive.read("bootstrap")
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(ARTEFACT, "w") as archive:
        archive.writestr(entry, binary, zipfile.ZIP_DEFLATED, compresslevel=9)


def sizes() -> tuple[int, int]:
    """Bytes of the binary and of its zip."""
    with zipfile.ZipFile(ARTEFACT) as archive:
        return archive.getinfo("bootstrap").file_size, ARTEFACT.stat().st_size


def check() -> None:
    """Whether the artefact is what may be deployed: small, and able to catch a panic."""
    bootstrap, packed = sizes()
    if bootstrap > BOOTSTRAP_BYTES_MAX or packed > ZIP_BYTES_MAX:
        what = f"The bootstrap has {bootstrap / 1e6:.2f} MB and its zip {packed / 1e6:.2f} MB;"
        limits = f"{BOOTSTRAP_BYTES_MAX / 1e6:.1f} and {ZIP_BYTES_MAX / 1e6:.1f} MB are allowed."
        raise Problem(f"{what} {limits}", "see what a new crate brings: cargo tree -p functions")
    if section_bytes(".gcc_except_table") < LANDING_PADS_BYTES_MIN:
        raise Problem("The bootstrap aborts on a panic.", 'profile.release must say panic = "unwind" (docs/decisions/0013)')


def section_bytes(name: str) -> int:
    """Bytes of one section of the binary (64-bit ELF, little-endian)."""
    with zipfile.ZipFile(ARTEFACT) as archive:
        binary = archive.read("bootstrap")
    (table,) = struct.unpack_from("<Q", binary, 0x28)
    entry, count, names = struct.unpack_from("<HHH", binary, 0x3A)
    (strings,) = struct.unpack_from("<Q", binary, table + names * entry + 0x18)
    for index in range(count):
        header = table + index * entry
        (label,) = struct.unpack_from("<I", binary, header)
        if binary.startswith(name.encode() + b"\0", strings + label):
            return struct.unpack_from("<Q", binary, header + 0x20)[0]
    return 0


def digest() -> str:
    """The binary's own digest: a zip made anew differs in its times though nothing was changed."""
    return zip_digest(ARTEFACT)


def zip_digest(artefact: Path) -> str:
    with zipfile.ZipFile(artefact) as archive:
        return hashlib.sha256(archive.read("bootstrap")).hexdigest()


def has_arm_target() -> bool:
    """Whether this Rust can build for arm64; on AWS it is a fifth cheaper per second."""
    found = subprocess.run(["rustc", "--print", "target-libdir", "--target", ARM_TARGET], capture_output=True, text=True)
    return found.returncode == 0 and Path(found.stdout.strip()).is_dir()
