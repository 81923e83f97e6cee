"""Checks that AWS accepts what `make deploy` sends: the templates after the SAM transform, under the longest stack name.

python -m tools.checks.sent
"""

import copy
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform

from ..local import templates
from ..local.console import Problem, say
from ..local.preflight import STACK_NAME_CHARS_MAX
from ..local.stack import REGION, ROOT

# AWS allows 500; our own limit leaves room for growth.
RESOURCES_MAX = 250
LONGEST = "n" * STACK_NAME_CHARS_MAX
# The longest allowed name of each kind, in characters.
NAMES = {
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Scheduler::Schedule": ("Name", 64),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::SecretsManager::Secret": ("Name", 512),
}
# CloudFormation reads these attributes before it resolves intrinsic functions, so each must be a plain value.
PLAIN = {"Type", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "TemplateURL", "Handler", "RouteKey"}
CORS = {
    "AllowMethods": ["GET", "PATCH", "POST", "PUT"],
    "AllowHeaders": ["authorization", "content-type", "idempotency-key", "prefer", "x-correlation-id"],
    "ExposeHeaders": ["link", "location", "preference-applied", "retry-after", "x-correlation-id"],
    "MaxAge": 3600,
}


class NoPolicies:
    """No role uses an AWS managed policy."""

    def load(self) -> dict[str, str]:
        return {}


def transformed(path: Path) -> dict[str, Any]:
    """A template after the SAM transform, where it declares the transform; otherwise unchanged."""
    template = templates.read(path)
    if "Transform" not in template:
        return template
    declared = template["Parameters"].items()
    values = {name: parameter["Default"] for name, parameter in declared if "Default" in parameter}
    # The transform requires a region; the result does not depend on it.
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    return transform(copy.deepcopy(template), values, NoPolicies())


def check() -> None:
    """Reports what AWS would reject or ignore."""
    wrong = [f"{path.relative_to(ROOT)}: {what}" for path in templates.PATHS for what in _wrong(path)]
    wrong += _wrong_cors(transformed(ROOT / "template.yaml"))
    if wrong:
        raise Problem("AWS would reject or misread these templates:\n" + "\n".join(f"  - {what}" for what in wrong))


def _wrong(path: Path) -> Iterator[str]:
    template = transformed(path)
    resources = template["Resources"]
    if len(resources) > RESOURCES_MAX:
        yield f"{len(resources)} resources, and {RESOURCES_MAX} are allowed"
    for name, resource in resources.items():
        if resource["Type"].startswith("AWS::Serverless::"):
            yield f"{name} is a {resource['Type']}: only the root is transformed"
        field, most = NAMES.get(resource["Type"], ("", 0))
        chars = len(_named(resource.get("Properties", {}).get(field, "")))
        if chars > most:
            yield f"{name}: {field} has {chars} characters under the longest stack name, and {most} are allowed"
        if resource["Type"] == "AWS::CloudFormation::Stack":
            lists = {key for key, declared in template["Parameters"].items() if "List" in declared["Type"]}
            for key, value in resource["Properties"].get("Parameters", {}).items():
                if isinstance(value, list) or (isinstance(value, dict) and value.get("Ref") in lists):
                    yield f"{name}: {key} is a list, and parameters of a nested stack must be strings"
    yield from (f"{where} is {value}, and must be plain" for where, value in _unresolved(resources, ""))


def _named(value: Any) -> str:
    text = value.get("Fn::Sub", "") if isinstance(value, dict) else str(value)
    return re.sub(r"\$\{(AWS::StackName|ShopName|BusName)\}", LONGEST, text)


def _unresolved(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _unresolved(item, where)
    elif isinstance(value, dict):
        for key, item in value.items():
            # A statement of a policy has a Condition, too, which may be an intrinsic function.
            if key in PLAIN and isinstance(item, dict) and not where.endswith(("Statement", "Fn::If")):
                yield f"{where}.{key}", item
            yield from _unresolved(item, f"{where}.{key}".lstrip("."))


def _wrong_cors(root: dict[str, Any]) -> list[str]:
    """CORS works only if all of these settings survive the transform."""
    found = root["Resources"]["Api"]["Properties"].get("CorsConfiguration", {})
    wrong = [f"CORS: {key} is {found.get(key)}" for key, value in CORS.items() if found.get(key) != value]
    origins = found.get("AllowOrigins")
    is_list = (
        isinstance(origins, dict) and root["Parameters"].get(origins.get("Ref"), {}).get("Type") == "CommaDelimitedList"
    )
    if not is_list and not (isinstance(origins, list) and origins):
        wrong.append(f"CORS: AllowOrigins is {origins}, and no list of origins")
    return wrong


def main() -> int:
    try:
        check()
    except Problem as problem:
        problem.show()
        return 1
    count = sum(len(templates.read(path)["Resources"]) for path in templates.PATHS)
    say(f"accepted: {len(templates.PATHS)} templates with {count} resources")
    return 0


if __name__ == "__main__":
    sys.exit(main())
