"""`make fuzz`: runs libFuzzer on the parsers of untrusted input (the package `fuzz`).

Builds our own crates with coverage instrumentation, searches from the corpus for the given time, and merges inputs that
reach new code into the target's archive in fuzz/corpus, minimised. An input that fails is left in target/fuzz. Added to the
corpus (corpus.py) it makes `cargo test` fail until the parser is corrected.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..local.console import Problem, say
from ..local.stack import ROOT
from . import cargo, corpus

FOUND = ROOT / "target" / "fuzz"
# libFuzzer names an input by its hash.
FOUND_NAME = re.compile("[0-9a-f]{40}")
# Limits for one input: length in bytes, time in seconds, memory in MB.
LIMITS = ["-max_len=4096", "-timeout=30", "-rss_limit_mb=3000"]


def main() -> None:
    targets = corpus.targets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=targets, help="search only this target")
    parser.add_argument("--seconds", type=int, default=180, help="seconds per target (default: %(default)s)")
    parser.add_argument("--keep-corpus", action="store_true", help="leave fuzz/corpus as it is")
    arguments = parser.parse_args()
    try:
        program = _build()
        for target in [arguments.target] if arguments.target else targets:
            known = FOUND / f"{target}.corpus"
            corpus.unpack(target, known)
            _search(program, target, arguments.seconds, known)
            if not arguments.keep_corpus:
                _minimise(program, target, known)
    except Problem as problem:
        problem.show()
        sys.exit(1)


def _build() -> Path:
    """Builds the whole workspace, so that the dependencies are those that `make test` has built."""
    command = ["cargo", "test", *cargo.WORKSPACE, "--features", "fuzz/engine", "--test", "search", "--no-run"]
    env = os.environ | {"RUSTC_WORKSPACE_WRAPPER": str(Path(__file__).with_name("with_coverage"))}
    built = subprocess.run(
        [*command, "--message-format=json-render-diagnostics"], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )
    if built.returncode != 0:
        raise Problem("the fuzz targets do not compile.")
    made = [json.loads(line).get("executable") for line in built.stdout.decode().splitlines()]
    return Path(next(executable for executable in made if executable))


def _search(program: Path, target: str, seconds: int, known: Path) -> None:
    say(f"\n━━ {target}: {seconds} s")
    found = FOUND / target
    found.mkdir(parents=True, exist_ok=True)
    search = [f"-max_total_time={seconds}", f"-artifact_prefix={FOUND}/{target}-", "-print_final_stats=1"]
    if _call(program, target, *LIMITS, *search, found, known) != 0:
        raise Problem(
            f"{target} fails for an input.",
            f"python -m tools.checks.corpus add {target} target/fuzz/<file>, see a test fail, then correct the parser",
        )


def _minimise(program: Path, target: str, known: Path) -> None:
    """Keeps the named inputs, and the smallest set of the others that reaches the same code."""
    small = FOUND / f"{target}.small"
    shutil.rmtree(small, ignore_errors=True)
    small.mkdir()
    for file in known.iterdir():
        if not FOUND_NAME.fullmatch(file.name):
            shutil.copy(file, small)
    if _call(program, target, "-merge=1", *LIMITS, small, known, FOUND / target) != 0:
        raise Problem(f"the corpus of {target} could not be merged.")
    corpus.pack(small, target)
    shutil.rmtree(small)


def _call(program: Path, target: str, *arguments: str | Path) -> int:
    return subprocess.run([program, *arguments], cwd=ROOT, env=os.environ | {"FUZZ_TARGET": target}).returncode


if __name__ == "__main__":
    main()
