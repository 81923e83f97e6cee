"""`make deploy`: the shop in a real AWS account.

The first time it asks for every parameter. The answers stay in samconfig.local.toml, which is not checked in; from then on
they are used as they are. Before anything is sent, preflight.py looks at the account.
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

from . import answers, build, preflight, upgrade, web
from .console import Problem, say, step
from .stack import ROOT, VENV, Stack

PROTECTION = "DeletionProtection"


def deploy(stack: Stack, guided: bool) -> None:
    """Asks, looks, builds for the account's processor, and hands over to `sam deploy`."""
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
        raise Problem(f"The answers say arm64, and this Rust has no {build.ARM_TARGET}.", advice)

    def client(service: str) -> Any:
        return session.client(service, region_name=region)

    _report(preflight.check(client, name, region, parameters))
    build.build(stack, processor=processor)
    has_pages = parameters["Web"] == "true"
    if has_pages:
        web.build(stack)
    Deployment(client, name, region, parameters, os.environ).run()
    if has_pages:
        deployed = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed["Outputs"]}
        web.publish(outputs, client, web.settings(outputs))
        say(f"· the shop page is at https://{outputs['WebDomainName']}/, the console at /console/ there")
    say(f"\n✓ {name} stands in {region}. Next, by docs/deploy.md: the alarms' mail, the first admin, the secrets.")


class Deployment:
    """One deployment of the shop under this name, with these parameters."""

    def __init__(
        self, client: preflight.Client, name: str, region: str, parameters: dict[str, str], env: Mapping[str, str]
    ):
        self.client, self.name, self.region = client, name, region
        self.parameters, self.env = parameters, env
        self.template = "template.yaml"
        # What `sam deploy` is told beside, and where its words go: the local AWS has a bucket of its own.
        self.options: list[str] = ["--config-file", str(answers.KEPT)]
        self.log: Path | None = None

    def run(self) -> None:
        """Creates or updates the stack. A creation that failed keeps no later one from succeeding."""
        found = preflight.status(self.client, self.name)
        if found in preflight.NEVER_LIVED:
            self._bury()
            found = None
        is_first = found in (None, "REVIEW_IN_PROGRESS")
        if not is_first:
            upgrade.prepare(self.client, self.name)
        wanted = self.parameters[PROTECTION]
        # What is protected cannot be taken back when the creation fails.
        self._sam(self.parameters | ({PROTECTION: "false"} if is_first else {}))
        if is_first and wanted == "true":
            say("· the stack stands: now tables and user pool are protected against being deleted")
            self._sam(self.parameters)

    def _bury(self) -> None:
        """The first creation failed: nothing of it has served anybody, and CloudFormation can only delete it."""
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
        # cargo, sam and aws are the developer's own here: their credentials, profile and region are what is wanted.
        env = dict(self.env) | {"SAM_CLI_TELEMETRY": "0"}
        with self.log.open("ab") if self.log else nullcontext() as log:
            code = subprocess.run(command, cwd=ROOT, env=env, stdout=log, stderr=log).returncode
        if code != 0:
            reasons = "".join(f"\n  - {reason}" for reason in failures(self.client, self.name))
            advice = "mend what it names, and make deploy again: your answers are kept"
            found = preflight.status(self.client, self.name)
            if found in preflight.BROKEN:
                advice = preflight.BROKEN[found].format(name=self.name, region=self.region)
            raise Problem(f"sam deploy did not finish; the stack is in {found}.{reasons}", advice)


def failures(client: preflight.Client, name: str) -> list[str]:
    """Why a deployment failed, in the words of the stack that did: a nested one tells more than those above it."""
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
    """Says all of it; what stops the deployment stops it."""
    for finding in findings:
        say(f"{'✗' if finding.stops else '!'} {finding.what}\n  {finding.advice}")
    if any(finding.stops for finding in findings):
        raise Problem("Nothing was deployed.", "mend what is marked with ✗, and make deploy again")


def _who() -> boto3.Session:
    if "AWS_ENDPOINT_URL" in os.environ:
        raise Problem("AWS_ENDPOINT_URL is set: this would not go to AWS.", "unset AWS_ENDPOINT_URL")
    try:
        session = boto3.Session()
        caller = session.client("sts", region_name=session.region_name or "us-east-1").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Problem(
            f"make deploy needs credentials of an AWS account, and found none that work ({error}).",
            "sign in (aws sso login, or AWS_PROFILE=…, or AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=…), then again.\n"
            "  Only to try the shop on this machine: make up",
        ) from error
    say(f"· account {caller['Account']}, as {caller['Arn']}")
    return session
