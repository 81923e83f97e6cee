"""`make fuzz`: libFuzzer at the parsers of what outsiders send (the package `fuzz`).

Compiles our own crates so that it is counted what an input reaches, searches on from the corpus for so many seconds, and
merges what reached new code into fuzz/corpus, as small as it can be. An input that does not hold is left in target/fuzz; in
the corpus it makes `cargo test` fail: a test before its repair.
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

CORPUS = ROOT / "fuzz" / "corpus"
FOUND = ROOT / "target" / "fuzz"
# What libFuzzer calls an input: by its hash.
FOUND_NAME = re.compile("[0-9a-f]{40}")
# What libFuzzer may ask of one input.
LIMITS = ["-max_len=4096", "-timeout=30", "-rss_limit_mb=3000"]


def main() -> None:
    targets = sorted(folder.name for folder in CORPUS.iterdir())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=targets, help="only this one of them")
    parser.add_argument("--seconds", type=int, default=180, help="how long each is searched (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        program = _build()
        for target in [arguments.target] if arguments.target else targets:
            _search(program, target, arguments.seconds)
            _minimise(program, target)
    except Problem as problem:
        problem.show()
        sys.exit(1)


def _build() -> Path:
    """Selects the whole workspace, so that what we depend on is as `cargo test` has built it."""
    command = ["cargo", "test", "--locked", "--workspace", "--features", "fuzz/engine", "--test", "search", "--no-run"]
    env = os.environ | {"RUSTC_WORKSPACE_WRAPPER": str(Path(__file__).with_name("with_coverage"))}
    built = subprocess.run(
        [*command, "--message-format=json-render-diagnostics"], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )
    if built.returncode != 0:
        raise Problem("the targets do not compile.")
    made = [json.loads(line).get("executable") for line in built.stdout.decode().splitlines()]
    return Path(next(executable for executable in made if executable))


def _search(program: Path, target: str, seconds: int) -> None:
    say(f"\n━━ {target}: {seconds} s")
    found = FOUND / target
    found.mkdir(parents=True, exist_ok=True)
    search = [f"-max_total_time={seconds}", f"-artifact_prefix={FOUND}/{target}-", "-print_final_stats=1"]
    if _call(program, target, *LIMITS, *search, found, CORPUS / target) != 0:
        raise Problem(
            f"{target} does not hold for an input.",
            f"put it from {FOUND.relative_to(ROOT)}/ into fuzz/corpus/{target}, see a test fail, mend the parser",
        )


def _minimise(program: Path, target: str) -> None:
    """Beside the inputs that somebody named, keeps the fewest and smallest that reach as much as all that were found."""
    small = FOUND / f"{target}.small"
    shutil.rmtree(small, ignore_errors=True)
    small.mkdir()
    for file in (CORPUS / target).iterdir():
        if not FOUND_NAME.fullmatch(file.name):
            shutil.copy(file, small)
    if _call(program, target, "-merge=1", *LIMITS, small, CORPUS / target, FOUND / target) != 0:
        raise Problem(f"the corpus of {target} could not be merged.")
    shutil.rmtree(CORPUS / target)
    small.rename(CORPUS / target)


def _call(program: Path, target: str, *arguments: str | Path) -> int:
    return subprocess.run([program, *arguments], cwd=ROOT, env=os.environ | {"FUZZ_TARGET": target}).returncode


if __name__ == "__main__":
    main()
