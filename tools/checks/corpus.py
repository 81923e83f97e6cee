"""The inputs of one fuzz target, in one archive: fuzz/corpus/<target>.tar.

    python -m tools.checks.corpus add requests an-input-that-does-not-hold
    python -m tools.checks.corpus list requests
    python -m tools.checks.corpus unpack requests target/fuzz/requests.inputs

The same inputs give the same archive, byte for byte: entries are sorted by name, without times and owners.
"""

import argparse
import io
import shutil
import sys
import tarfile
from pathlib import Path

from ..local.console import Problem, say
from ..local.stack import ROOT

FOLDER = ROOT / "fuzz" / "corpus"


def targets() -> list[str]:
    return sorted(archive.stem for archive in FOLDER.glob("*.tar"))


def archive(target: str) -> Path:
    return FOLDER / f"{target}.tar"


def read(target: str) -> dict[str, bytes]:
    """The inputs of a target by name."""
    inputs: dict[str, bytes] = {}
    with tarfile.open(archive(target)) as opened:
        for member in opened:
            content = opened.extractfile(member)
            if content is not None:
                inputs[member.name] = content.read()
    return inputs


def write(target: str, inputs: dict[str, bytes]) -> None:
    with tarfile.open(archive(target), "w", format=tarfile.USTAR_FORMAT) as opened:
        for name, content in sorted(inputs.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))


def unpack(target: str, folder: Path) -> None:
    """Writes every input to a file of its own in a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in read(target).items():
        (folder / name).write_bytes(content)


def pack(folder: Path, target: str) -> None:
    write(target, {file.name: file.read_bytes() for file in folder.iterdir()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["add", "list", "unpack"])
    parser.add_argument("target", choices=targets())
    parser.add_argument("path", nargs="?", type=Path, help="the input to add, or the folder to unpack to")
    arguments = parser.parse_args()
    try:
        if arguments.do == "list":
            for name, content in read(arguments.target).items():
                say(f"{len(content):6} {name}")
        elif arguments.path is None:
            raise Problem(f"{arguments.do} needs a path.", "python -m tools.checks.corpus --help")
        elif arguments.do == "unpack":
            unpack(arguments.target, arguments.path)
        else:
            write(arguments.target, read(arguments.target) | {arguments.path.name: arguments.path.read_bytes()})
    except (Problem, OSError) as problem:
        sys.exit(f"✗ {problem}")


if __name__ == "__main__":
    main()
