"""Builds the functions: one Lambda binary, as it is deployed."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

from .console import Problem, run, step
from .stack import ROOT, Stack, architecture

ARTEFACT = ROOT / "target" / "lambda" / "millrun" / "bootstrap.zip"
ARM_TARGET = "aarch64-unknown-linux-gnu"


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
        size = ARTEFACT.stat().st_size / 1e6
        this.note("unchanged" if digest() == before else f"{size:.1f} MB zipped")


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
