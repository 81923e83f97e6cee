"""docs/runbook.md as an operator uses it: its commands are taken out of the page and typed into a shell."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..local.console import Problem
from ..local.stack import ROOT, Stack

PAGE = ROOT / "docs" / "runbook.md"
# The AWS CLI of the operator, which `make test` installs.
CLI = ROOT / ".venv-checks" / "bin"
SECONDS_MAX = 60

FENCE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
BLANK = re.compile(r"<(\w+)>")
QUERY = re.compile(r"fields |filter ")
REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/api/v1/\S+)")


@dataclass(frozen=True)
class Section:
    """What stands below one heading."""

    title: str
    text: str

    @property
    def _blocks(self) -> list[str]:
        return FENCE.findall(self.text)

    @property
    def _codes(self) -> list[str]:
        """Words in a line that are set as code, on one line each."""
        return [" ".join(code.split()) for code in CODE.findall(FENCE.sub("", self.text))]

    @property
    def commands(self) -> list[str]:
        """What is typed: the lines of its blocks, and what is named in passing."""
        lines = [line for block in self._blocks if not QUERY.match(block) for line in _joined(block)]
        return lines + [code for code in self._codes if code.startswith(("aws ", "curl "))]

    @property
    def queries(self) -> list[str]:
        """Whole queries for Logs Insights, and parts of such."""
        return [text for text in [*self._blocks, *self._codes] if QUERY.match(text)]

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of what is asked of the API without a command of its own."""
        found = (REQUEST.fullmatch(code) for code in self._codes)
        return [(match[1], match[2]) for match in found if match]


def _joined(block: str) -> Iterator[str]:
    """Lines with those that go on after a backslash."""
    yield from (re.sub(r"\s*\\\n\s*", " ", block)).splitlines()


class Page:
    def __init__(self, text: str):
        parts = re.split(r"^##+ (.+)\n", text, flags=re.MULTILINE)[1:]
        self.sections = {title: Section(title, body) for title, body in zip(parts[::2], parts[1::2], strict=True)}

    @property
    def commands(self) -> list[str]:
        return [command for section in self.sections.values() for command in section.commands]

    def command(self, title: str, words: str) -> str:
        """The one command below a heading that has these words."""
        found = [command for command in self.sections[title].commands if words in command]
        if len(found) != 1:
            raise Problem(f"docs/runbook.md, {title}: {len(found)} commands with “{words}”, not one.")
        return found[0]


@dataclass
class Operator:
    """The operator at the shell, who knows the page and nothing else. A variable stays set, as in a shell."""

    stack: Stack
    page: Page
    typed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.memory = self.stack.folder / "operator.sh"
        self.memory.write_text("")

    def follow(self, title: str, words: str, **blanks: str) -> str:
        """Types the one command below a heading that has these words, and returns what it prints."""
        return self.type(self.page.command(title, words), **blanks)

    def type(self, command: str, **blanks: str) -> str:
        """Types a command of the page with its blanks filled in."""
        answer = self.attempt(command, **blanks)
        if answer.returncode != 0:
            said = answer.stderr.strip().splitlines()[-3:]
            raise Problem(
                f"docs/runbook.md: this does not work (exit code {answer.returncode}):\n  {command}", "\n".join(said)
            )
        return answer.stdout

    def attempt(self, command: str, **blanks: str) -> subprocess.CompletedProcess[str]:
        """The same for a command that may fail."""
        self.typed.add(command)
        if unknown := set(BLANK.findall(command)) - blanks.keys():
            raise Problem(f"docs/runbook.md: nobody knows what {unknown} is in\n  {command}", "give it a drill: drills.py")
        # The one thing on the page that is this machine's.
        filled = command.replace("http://127.0.0.1:4566", self.stack.endpoint)
        filled = BLANK.sub(lambda blank: blanks[blank[1]], filled)
        # Commands may run concurrently: the file is replaced as a whole, so that no other shell reads half of it.
        remember = '{ export -p; declare -f; } > "$MEMORY.$$"; mv "$MEMORY.$$" "$MEMORY"'
        script = f'source "$MEMORY"; set -eu -o pipefail -o allexport\n{filled}\n{remember}\n'
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.stack.folder,
            # Nothing of the developer's: keys and addresses are those that the page sets.
            env={
                "PATH": f"{CLI}{os.pathsep}{os.defpath}",
                "HOME": str(self.stack.folder),
                "LANG": "C.UTF-8",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "NO_PROXY": "127.0.0.1",
                "MEMORY": str(self.memory),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )


def read() -> Page:
    return Page(PAGE.read_text())
