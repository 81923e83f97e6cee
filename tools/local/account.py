"""`make deploy`: the shop in a real AWS account.

The first time it asks for every parameter. The answers stay in samconfig.local.toml, which is not checked in, and are
reused from then on. Before anything is sent, preflight.py checks the account.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from . import answers, build, preflight, templates, upgrade, web
from .console import Problem, say, step
from .stack import ROOT, VENV, Stack

PROTECTION = "DeletionProtection"


def deploy(stack: Stack, guided: bool) -> None:
    """Asks for the parameters, checks the account, builds for its processor, and runs `sam deploy`."""
    session = _who()
    name, region, given = answers.load()
    region = region or session.region_name
    if guided or not answers.KEPT.exists():
        given.setdefault("Architecture", "arm64" if build.has_arm_target() else "x86_64")
        name, region, given = answers.ask(name, region, given)
        answers.keep(name, region, given)
    parameters = answers.with_defaults(given)
    available = set.intersection(*(set(session.get_available_regions(service)) for service in preflight.SERVICES))
    _report(preflight.region_of(sorted(available), region))
    processor = parameters["Architecture"]
    if processor == "arm64" and not build.has_arm_target():
        advice = f"rustup target add {build.ARM_TARGET}, or GUIDED=1 make deploy and answer x86_64"
        raise Problem(f"Architecture is arm64, but this Rust installation lacks the target {build.ARM_TARGET}.", advice)

    def client(service: str) -> Any:
        return session.client(service, region_name=region)

    _report(preflight.check(client, name, region, parameters))
    build.build_release(stack, processor)
    has_pages = parameters["Web"] == "true"
    if has_pages:
        web.build(stack)
    Deployment(client, name, region, parameters, os.environ).run()
    if has_pages:
        deployed = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed["Outputs"]}
        web.publish(outputs, client, web.settings(outputs))
        say(f"· the shop page is at https://{outputs['WebDomainName']}/, the console at /console/ there")
    say(
        f"\n✓ {name} is deployed in {region}. Next, as docs/deploy.md says: the alarms' mail, the first admin, the secrets."
    )


class Deployment:
    """One deployment: a stack name with its parameters."""

    def __init__(
        self, client: preflight.Client, name: str, region: str, parameters: dict[str, str], env: Mapping[str, str]
    ):
        self.client, self.name, self.region = client, name, region
        self.parameters, self.env = parameters, env
        self.template = "template.yaml"
        # Further options for `sam deploy`, and its log file: the local AWS has a bucket of its own.
        self.options: list[str] = ["--config-file", str(answers.KEPT)]
        self.log: Path | None = None

    def run(self) -> None:
        """Creates or updates the stack. A failed creation does not block the next attempt."""
        found = preflight.status(self.client, self.name)
        if found in preflight.NEVER_LIVED:
            self._bury()
            found = None
        is_first = found in (None, "REVIEW_IN_PROGRESS")
        if not is_first:
            upgrade.prepare(self.client, self.name)
            upgrade.add_indexes(self.client, self.name, templates.read(ROOT / "infra" / "tables.yaml"))
        wanted = self.parameters[PROTECTION]
        # Protected resources could not be rolled back if the creation failed.
        self._sam(self.parameters | ({PROTECTION: "false"} if is_first else {}))
        if is_first and wanted == "true":
            say("· the stack is complete: now deletion protection of tables and user pool is switched on")
            self._sam(self.parameters)

    def _bury(self) -> None:
        """Deletes a stack whose first creation failed: it never served a request, and CloudFormation can only delete it."""
        with step(f"delete what an earlier creation of {self.name} left"):
            cloudformation = self.client("cloudformation")
            cloudformation.delete_stack(StackName=self.name)
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name)

    def _sam(self, parameters: dict[str, str]) -> None:
        command = [str(VENV / "bin" / "sam"), "deploy", "--template-file", self.template, "--no-fail-on-empty-changeset"]
        command += ["--stack-name", self.name, "--region", self.region, "--s3-prefix", self.name, *self.options]
        command += ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
        command += [
            "--parameter-overrides",
            *(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in parameters.items()),
        ]
        # cargo, sam and aws run in the developer's own environment, with their credentials, profile and region.
        env = dict(self.env) | {"SAM_CLI_TELEMETRY": "0"}
        with self.log.open("ab") if self.log else nullcontext() as log:
            code = subprocess.run(command, cwd=ROOT, env=env, stdout=log, stderr=log).returncode
        if code != 0:
            reasons = "".join(f"\n  - {reason}" for reason in failures(self.client, self.name))
            advice = "correct what it names, then run make deploy again: your answers are kept"
            found = preflight.status(self.client, self.name)
            if found in preflight.BROKEN:
                advice = preflight.BROKEN[found].format(name=self.name, region=self.region)
            raise Problem(f"sam deploy did not finish; the stack is in {found}.{reasons}", advice)


def failures(client: preflight.Client, name: str) -> list[str]:
    """The reasons of a failed deployment. A nested stack's own events say more than its parent's."""
    cloudformation, reasons, stacks = client("cloudformation"), [], [name]
    while stacks and len(reasons) < 5:
        try:
            events = cloudformation.describe_stack_events(StackName=stacks.pop())["StackEvents"]
        except ClientError:
            continue
        for event in (event for event in events if event["ResourceStatus"].endswith("_FAILED")):
            is_own = event["PhysicalResourceId"] == event["StackId"]
            if event["ResourceType"] == "AWS::CloudFormation::Stack" and not is_own and event["PhysicalResourceId"]:
                stacks.append(event["PhysicalResourceId"])
            elif "cancelled" not in (reason := event.get("ResourceStatusReason", "no reason given")):
                reasons.append(f"{event['LogicalResourceId']}: {reason}")
    return reasons[:5]


def _report(findings: list[preflight.Finding]) -> None:
    """Prints all findings, and stops if one of them prevents the deployment."""
    for finding in findings:
        say(f"{'✗' if finding.stops else '!'} {finding.what}\n  {finding.advice}")
    if any(finding.stops for finding in findings):
        raise Problem("Nothing was deployed.", "correct what is marked with ✗, then run make deploy again")


def _who() -> boto3.Session:
    if "AWS_ENDPOINT_URL" in os.environ:
        raise Problem("AWS_ENDPOINT_URL is set: the deployment would not go to AWS.", "unset AWS_ENDPOINT_URL")
    try:
        session = boto3.Session()
        caller = session.client("sts", region_name=session.region_name or "us-east-1").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Problem(
            f"make deploy needs credentials of an AWS account, and found none that work ({error}).",
            "sign in (aws sso login, or AWS_PROFILE=…, or AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=…), then retry.\n"
            "  Only to try the shop on this machine: make up",
        ) from error
    say(f"· account {caller['Account']}, as {caller['Arn']}")
    return session
