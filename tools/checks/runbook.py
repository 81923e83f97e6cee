"""Parses docs/runbook.md, and runs its commands in a shell as an operator would."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..local.console import Problem
from ..local.stack import ROOT, Stack

PAGE = ROOT / "docs" / "runbook.md"
# The folder of the operator's AWS CLI, which `make test` installs.
CLI = ROOT / ".venv-checks" / "bin"
SECONDS_MAX = 60

FENCE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
BLANK = re.compile(r"<(\w+)>")
QUERY = re.compile(r"fields |filter ")
REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/api/v1/\S+)")


@dataclass(frozen=True)
class Section:
    """The text below one heading."""

    title: str
    text: str

    @property
    def _blocks(self) -> list[str]:
        return FENCE.findall(self.text)

    @property
    def _codes(self) -> list[str]:
        """Inline code, each on one line."""
        return [" ".join(code.split()) for code in CODE.findall(FENCE.sub("", self.text))]

    @property
    def commands(self) -> list[str]:
        """The commands: the lines of code blocks, and inline code that starts with `aws` or `curl`."""
        lines = [line for block in self._blocks if not QUERY.match(block) for line in _joined(block)]
        return lines + [code for code in self._codes if code.startswith(("aws ", "curl "))]

    @property
    def queries(self) -> list[str]:
        """Complete queries for Logs Insights, and parts of queries."""
        return [text for text in [*self._blocks, *self._codes] if QUERY.match(text)]

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of API requests that are named without a command."""
        found = (REQUEST.fullmatch(code) for code in self._codes)
        return [(match[1], match[2]) for match in found if match]


def _joined(block: str) -> Iterator[str]:
    """Lines, each joined with its continuation after a backslash."""
    yield from (re.sub(r"\s*\\\n\s*", " ", block)).splitlines()


class Page:
    def __init__(self, text: str):
        parts = re.split(r"^##+ (.+)\n", text, flags=re.MULTILINE)[1:]
        self.sections = {title: Section(title, body) for title, body in zip(parts[::2], parts[1::2], strict=True)}

    @property
    def commands(self) -> list[str]:
        return [command for section in self.sections.values() for command in section.commands]

    def command(self, title: str, words: str) -> str:
        """The one command below a heading that contains these words."""
        found = [command for command in self.sections[title].commands if words in command]
        if len(found) != 1:
            raise Problem(f"docs/runbook.md, {title}: {len(found)} commands with “{words}”, not one.")
        return found[0]


@dataclass
class Operator:
    """The operator's shell, which has only what the page sets. A variable stays set between commands."""

    stack: Stack
    page: Page
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.memory = self.stack.folder / "operator.sh"
        self.memory.write_text("")

    def run_from(self, title: str, words: str, **blanks: str) -> str:
        """Runs the one command below a heading that contains these words, and returns its output."""
        return self.run(self.page.command(title, words), **blanks)

    def run(self, command: str, **blanks: str) -> str:
        """Runs a command of the page with its placeholders filled in; it must succeed."""
        answer = self.attempt(command, **blanks)
        if answer.returncode != 0:
            errors = answer.stderr.strip().splitlines()[-3:]
            raise Problem(
                f"docs/runbook.md: this does not work (exit code {answer.returncode}):\n  {command}", "\n".join(errors)
            )
        return answer.stdout

    def attempt(self, command: str, **blanks: str) -> subprocess.CompletedProcess[str]:
        """Runs a command that may fail."""
        self.used.add(command)
        if unknown := set(BLANK.findall(command)) - blanks.keys():
            raise Problem(
                f"docs/runbook.md: no value for the placeholder {unknown} in\n  {command}",
                "add a drill that supplies it to tools/checks/drills.py",
            )
        # The only address on the page that depends on this machine.
        filled = command.replace("http://127.0.0.1:4566", self.stack.endpoint)
        filled = BLANK.sub(lambda blank: blanks[blank[1]], filled)
        # Commands may run concurrently: the file is replaced as a whole, so that no other shell reads half of it.
        remember = '{ export -p; declare -f; } > "$MEMORY.$$"; mv "$MEMORY.$$" "$MEMORY"'
        script = f'source "$MEMORY"; set -eu -o pipefail -o allexport\n{filled}\n{remember}\n'
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.stack.folder,
            # Nothing of the developer's environment: keys and addresses are those that the page sets.
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
