"""Deploys the real template to the local stack, and only what has changed."""

import hashlib
import json
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from . import build, cors, emulator, plain_http, schedules, sidecars, templates
from .console import Problem, run, step
from .stack import REGION, ROOT, Stack, architecture

CONFIG = Path(__file__).with_name("samconfig.toml")
# The address of a shop front end on another origin, which the local stack allows.
OTHER_ORIGIN = "http://localhost:3000"
MAIL_DOMAIN = "shop.example"
ALARM_EMAIL = f"operator@{MAIL_DOMAIN}"


def deploy(stack: Stack) -> None:
    """Updates the stack: the whole template, only the code, or nothing."""
    ensure_bucket(stack)
    wanted = {"template": _template_digest(stack), "code": build.digests()}
    present = _deployed(stack)
    if present.get("template") != wanted["template"]:
        with step("deploy template.yaml (sam deploy)"):
            _sam_deploy(stack)
        with step("apply settings that the emulator does not take from the template") as this:
            plain_http.apply(stack)
            cors.apply(stack)
            this.note(f"CORS, the time of {schedules.apply(stack)} schedules")
    elif present.get("code") != wanted["code"]:
        with step("update the code of the functions") as this:
            this.note(f"{_update_code(stack, present.get('code'))} functions; the template is unchanged")
    _remember(stack, wanted)


def ensure_bucket(stack: Stack) -> None:
    bucket = stack.client("s3")
    try:
        bucket.head_bucket(Bucket=stack.bucket)
    except ClientError:
        bucket.create_bucket(Bucket=stack.bucket)


def parameters(stack: Stack) -> dict[str, str]:
    """The differences from a real deployment: functions run on this machine, and all data may be deleted."""
    return {
        "Architecture": architecture(),
        "DeletionProtection": "false",
        "CorsAllowOrigins": OTHER_ORIGIN,
        "AlarmEmail": ALARM_EMAIL,
        # The emulator shares the processor with the functions: a time-out of a second can be too short here.
        "SdkAttemptTimeoutMs": "15000",
        # Every channel is on: mails and text messages go to the emulator, LINE and Slack to their fakes.
        "ShopLanguage": "en",
        "MailFrom": f"no-reply@{MAIL_DOMAIN}",
        "CustomerLine": "true",
        "CustomerSms": "true",
        # Demo and tests play many orders of few customers.
        "MessagesPerCustomerDay": "1000",
        "OpenOrdersMax": "1000",
        "OpenPreordersMax": "1000",
        "AdminSlack": "true",
        "LineApiUrl": sidecars.MESSENGERS.url(stack),
        **{host: sidecars.PROVIDERS.url(stack) for host in ("EcpayHost", "NewebpayHost", "LinePayHost")},
        "PointsCharging": stack.points_charging,
        "PublicUrl": stack.api_url,
        "ShopUrl": stack.web_url,
        # The API is called by path without TLS. The pages sign users in at the emulator, and upload images to the address
        # at which the functions reach S3: it is part of the signature.
        "WebApiHost": "127.0.0.1",
        "WebApiPort": str(stack.port),
        "WebApiPath": stack.api_url.removeprefix(stack.endpoint),
        "WebBrowserCalls": " ".join(sorted({stack.endpoint, emulator.functions_endpoint(stack)})),
    }


def _sam_deploy(stack: Stack) -> None:
    _remove_failed(stack)
    overrides = [f'{name}="{value}"' if " " in value else f"{name}={value}" for name, value in parameters(stack).items()]
    command = ["sam", "deploy", "--config-file", str(CONFIG), "--stack-name", stack.name]
    command += ["--region", REGION, "--s3-bucket", stack.bucket]
    # The emulator takes the API's id from this tag, so that the address stays the same after `make clean`.
    command += ["--tags", f"ms-custom-id={stack.api_id}"]
    command += ["--parameter-overrides", *overrides]
    try:
        run(command, stack.deploy_log, stack.env(), ROOT, "sam deploy failed", "correct the template, then run make up")
    except Problem as problem:
        reasons = _failures(stack)
        if reasons:
            problem.what += "\n" + "\n".join(f"  - {reason}" for reason in reasons)
        raise


def _remove_failed(stack: Stack) -> None:
    """Deletes a stack whose first deployment failed, which allows no other operation."""
    cloudformation = stack.client("cloudformation")
    try:
        status = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS", "DELETE_FAILED"):
        cloudformation.delete_stack(StackName=stack.name)
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )


def _failures(stack: Stack) -> list[str]:
    try:
        events = stack.client("cloudformation").describe_stack_events(StackName=stack.name)["StackEvents"]
    except ClientError:
        return []
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ][:5]


def _update_code(stack: Stack, deployed: dict[str, str]) -> int:
    """Updates every function whose binary differs from the deployed one, and returns their number."""
    updated = 0
    for binary, digest in build.digests().items():
        if deployed.get(binary) == digest:
            continue
        archive, key = build.artefact(binary), f"code/{digest}.zip"
        stack.client("s3").upload_file(str(archive), stack.bucket, key)
        for use_case in (name for name, holder in templates.binaries().items() if holder == binary):
            name = f"{stack.name}-{use_case}"
            stack.client("lambda").update_function_code(FunctionName=name, S3Bucket=stack.bucket, S3Key=key)
            updated += 1
    return updated


def _template_digest(stack: Stack) -> str:
    digest = hashlib.sha256(json.dumps(parameters(stack)).encode())
    for path in templates.PATHS:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _deployed(stack: Stack) -> dict[str, Any]:
    """What was deployed last. The record is in the emulator, so that it is lost together with the stack."""
    try:
        return json.loads(stack.client("ssm").get_parameter(Name=_note(stack))["Parameter"]["Value"])
    except (ClientError, ValueError):
        return {}


def _remember(stack: Stack, deployed: dict[str, str]) -> None:
    stack.client("ssm").put_parameter(Name=_note(stack), Value=json.dumps(deployed), Type="String", Overwrite=True)


def _note(stack: Stack) -> str:
    return f"/local-stack/{stack.name}/deployed"
