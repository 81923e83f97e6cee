"""A deployer's parameters: each is asked for once and kept in samconfig.local.toml."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from . import templates
from .console import Problem, say
from .stack import ROOT

SHIPPED = ROOT / "samconfig.toml"
KEPT = ROOT / "samconfig.local.toml"


def load(path: Path = KEPT) -> tuple[str, str | None, dict[str, str]]:
    """The stack's name, its region, and the parameters that differ from their defaults."""
    read = tomllib.loads((path if path.exists() else SHIPPED).read_text())["default"]
    of_deploy, shared = read["deploy"]["parameters"], read["global"]["parameters"]
    overrides = of_deploy.get("parameter_overrides", [])
    # `sam deploy --guided` writes one string, with the values in quotation marks.
    pairs = (
        re.findall(r'(\w+)="?([^"]*?)"?(?:\s+(?=\w+=)|$)', overrides)
        if isinstance(overrides, str)
        else [tuple(override.split("=", 1)) for override in overrides]
    )
    name = of_deploy.get("stack_name", shared["stack_name"])
    return name, of_deploy.get("region", shared.get("region")), dict(pairs)


def keep(name: str, region: str, parameters: dict[str, str], path: Path = KEPT) -> None:
    """Writes the parameters in the format that `sam` reads, too."""
    lines = [
        "# The answers that `make deploy` was given; GUIDED=1 make deploy asks again.",
        "version = 0.1",
        "",
        "[default.global.parameters]",
        f"stack_name = {json.dumps(name)}",
        f"region = {json.dumps(region)}",
        "",
        "[default.deploy.parameters]",
        'template_file = "template.yaml"',
        "resolve_s3 = true",
        f"s3_prefix = {json.dumps(name)}",
        'capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"',
        "confirm_changeset = true",
        "fail_on_empty_changeset = false",
        "parameter_overrides = [",
        *(f"  {json.dumps(f'{key}={value}', ensure_ascii=False)}," for key, value in parameters.items()),
        "]",
    ]
    path.write_text("\n".join(lines) + "\n")


def with_defaults(parameters: dict[str, str]) -> dict[str, str]:
    """Every parameter with its effective value."""
    declared = templates.read(ROOT / "template.yaml")["Parameters"]
    return {name: parameters.get(name, str(parameter.get("Default", ""))) for name, parameter in declared.items()}


def ask(name: str, region: str | None, parameters: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    """Asks for every parameter, group by group; Enter takes the value in brackets."""
    template = templates.read(ROOT / "template.yaml")
    say("· Enter takes the value in brackets, which suits a first deployment")
    name = _ask("The stack's name", "", name, {"MaxLength": 38, "AllowedPattern": "[a-zA-Z][-a-zA-Z0-9]*"})
    region = _ask("The region", "", region or "ap-northeast-1", {"AllowedPattern": "[a-z]{2}(-[a-z]+)+-[0-9]"})
    chosen = with_defaults(parameters)
    for group in template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]:
        say(f"\n  {group['Label']['default']}")
        for parameter in group["Parameters"]:
            declared = template["Parameters"][parameter]
            chosen[parameter] = _ask(parameter, declared.get("Description", ""), chosen[parameter], declared)
    return name, region, chosen


def _ask(what: str, description: str, default: str, declared: dict[str, Any]) -> str:
    if description:
        say(f"    {description}")
    while True:
        try:
            given = input(f"  {what} [{default}]: ").strip() or default
        except EOFError:
            raise Problem(
                "make deploy needs a terminal to ask for parameters.",
                f"run make deploy in a terminal, or write {KEPT.name} yourself",
            ) from None
        wrong = refusal(given, declared)
        if not wrong:
            return given
        say(f"    {wrong}")


def refusal(value: str, declared: dict[str, Any]) -> str:
    """Why CloudFormation would reject a value; nothing if it accepts it."""
    values = value.split(",") if declared.get("Type") == "CommaDelimitedList" else [value]
    for one in values:
        allowed = [str(choice) for choice in declared.get("AllowedValues", [])]
        if allowed and one not in allowed:
            return f"must be one of {', '.join(allowed)}"
        pattern = declared.get("AllowedPattern")
        if pattern and not re.fullmatch(pattern, one):
            return declared.get("ConstraintDescription", f"must match {pattern}")
        if declared.get("Type") == "Number":
            least, most = declared.get("MinValue"), declared.get("MaxValue")
            if not re.fullmatch(r"-?[0-9]+", one):
                return "must be a whole number"
            if (least is not None and int(one) < least) or (most is not None and int(one) > most):
                return f"from {least} to {most}"
        if not declared.get("MinLength", 0) <= len(one) <= declared.get("MaxLength", 4096):
            return f"{declared.get('MinLength', 0)} to {declared.get('MaxLength', 4096)} characters"
    return ""
