"""`make deploy`: the shop in a real AWS account.

The first time `sam deploy --guided` asks for every parameter. Its answers stay in samconfig.local.toml, which is not
checked in; from then on they are used as they are.
"""

import os
import re
import shutil
import subprocess
import tomllib

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from . import build
from .console import Problem, say
from .stack import ROOT, VENV, Stack

SHIPPED = ROOT / "samconfig.toml"
ANSWERS = ROOT / "samconfig.local.toml"


def deploy(stack: Stack, guided: bool) -> None:
    """Builds for the account's processor and hands over to `sam deploy`."""
    _who()
    first = not ANSWERS.exists()
    if first:
        shutil.copyfile(SHIPPED, ANSWERS)
        _choose_architecture()
    processor = _architecture()
    if processor == "arm64" and not build.has_arm_target():
        raise Problem(
            f"The answers in {ANSWERS.name} say arm64, and this Rust has no {build.ARM_TARGET}.",
            f"rustup target add {build.ARM_TARGET}, or set Architecture=x86_64 in {ANSWERS.name}",
        )
    say(f"· the functions are for {processor}")
    build.build(stack, processor=processor)
    # cargo, sam and aws are the developer's own here: their credentials, profile and region are what is wanted.
    command = [str(VENV / "bin" / "sam"), "deploy", "--config-file", str(ANSWERS)]
    if first or guided:
        say("· sam asks for every parameter; Enter takes what stands in brackets, which is good for a first try")
        command.append("--guided")
    code = subprocess.run(command, cwd=ROOT, env=os.environ | {"SAM_CLI_TELEMETRY": "0"}).returncode
    if code != 0:
        if first:
            ANSWERS.unlink(missing_ok=True)
        raise Problem("sam deploy did not finish.", "see what it says above; make deploy goes on where it stopped")
    if _architecture() != processor:
        raise Problem(
            f"The answer was {_architecture()}, but what was deployed is built for {processor}.",
            "run make deploy once more: it now builds for the answer",
        )
    say("\n✓ sam is done. A new shop has no admin yet: README.md says how to make one.")


def _who() -> None:
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
    say(f"· account {caller['Account']}, as {caller['Arn']}, region {session.region_name or 'asked for below'}")


def _choose_architecture() -> None:
    """arm64 where it can be built: a fifth cheaper per second."""
    choice = "arm64" if build.has_arm_target() else "x86_64"
    ANSWERS.write_text(re.sub(r"Architecture=\w+", f"Architecture={choice}", ANSWERS.read_text()))


def _architecture() -> str:
    overrides = tomllib.loads(ANSWERS.read_text())["default"]["deploy"]["parameters"].get("parameter_overrides", "")
    text = overrides if isinstance(overrides, str) else " ".join(overrides)
    found = re.search(r'Architecture="?(\w+)', text)
    return found[1] if found else "arm64"
