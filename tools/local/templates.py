"""Reads the templates that are deployed, and the facts about functions in the generated ones."""

from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from .stack import ROOT

PATHS = [
    ROOT / "template.yaml",
    *sorted((ROOT / "infra").glob("*.yaml")),
    *sorted((ROOT / "infra" / "functions").glob("*.yaml")),
]


@cache
def read(path: Path) -> dict[str, Any]:
    """A template; `!Ref X` is `{"Ref": "X"}`."""
    return yaml_parse(path.read_text())


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type by logical id."""
    found = {}
    for path in PATHS:
        for name, resource in read(path)["Resources"].items():
            if resource["Type"] == kind:
                found[name] = resource["Properties"]
    return found


def binaries() -> dict[str, str]:
    """The binary of each use case."""
    functions = of_type("AWS::Lambda::Function").values()
    return {function["Handler"]: Path(function["Code"]).parent.name for function in functions}
