"""Checks an account before anything is deployed: each finding says what is missing and how to get it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from . import templates

# A longer stack name would make function names longer than the 64 characters that Lambda allows.
STACK_NAME_CHARS_MAX = 38
# Lambda's quota of concurrent executions.
CONCURRENCY_QUOTA = "L-B99A9384"
# Concurrent executions for API requests, in addition to those for queues, in a small shop.
HTTP_CONCURRENCY_MIN = 20
SERVICES = (
    "apigatewayv2",
    "cognito-idp",
    "dynamodb",
    "events",
    "lambda",
    "scheduler",
    "secretsmanager",
    "sesv2",
    "sns",
    "sqs",
)
# States in which a stack cannot be updated, and what to do.
BROKEN = {
    "ROLLBACK_FAILED": "its creation failed and the rollback failed, too. Delete what its events call DELETE_FAILED, then\n"
    "  aws cloudformation delete-stack --stack-name {name} --region {region}, then run make deploy again",
    "DELETE_FAILED": "its deletion failed. Delete what its events call DELETE_FAILED (protected tables\n"
    "  and pools: turn that off), then aws cloudformation delete-stack --stack-name {name} --region {region}",
    "UPDATE_ROLLBACK_FAILED": "the rollback of an update failed. Correct what its events name, then\n"
    "  aws cloudformation continue-update-rollback --stack-name {name} --region {region}, then run make deploy again",
}
# The first creation failed and was rolled back: the stack never served a request.
NEVER_LIVED = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_COMPLETE")

Client = Callable[[str], Any]


@dataclass(frozen=True)
class Finding:
    """One thing to correct before the shop can take orders."""

    what: str
    advice: str
    # Whether the deployment would fail or be useless.
    stops: bool = False


def check(client: Client, name: str, region: str, parameters: dict[str, str]) -> list[Finding]:
    """All findings, those that prevent a deployment first."""
    findings = [
        *stack_name(name),
        *points(parameters),
        *stack_status(client, name, region),
        *buried_secrets(client, name, region),
        *concurrency(client, region),
        *mail(client, region, parameters["MailFrom"]),
        *text_messages(client, region, parameters["CustomerSms"]),
        *empty_secrets(client, name, region),
    ]
    return sorted(findings, key=lambda finding: not finding.stops)


def stack_name(name: str) -> list[Finding]:
    """Functions, queues and roles are named after the stack."""
    if len(name) > STACK_NAME_CHARS_MAX:
        most = f"at most {STACK_NAME_CHARS_MAX} leave room for the names of its functions"
        what = f"The stack's name has {len(name)} characters, and {most}."
        return [Finding(what, "choose a shorter one", stops=True)]
    if not re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]*", name):
        return [
            Finding(
                f"{name!r} is not a valid stack name.",
                "choose a letter followed by letters, digits and hyphens",
                stops=True,
            )
        ]
    return []


def points(parameters: dict[str, str]) -> list[Finding]:
    """Where real money is taken, points are never credited without a payment."""
    if parameters["Stage"] == "production" and parameters["PointsCharging"] != "payment":
        what = "Stage is production and PointsCharging is trusted: every customer could credit points without paying."
        return [Finding(what, "GUIDED=1 make deploy, and answer payment", stops=True)]
    return []


def region_of(available: list[str], region: str | None) -> list[Finding]:
    """The region must have every service that the shop uses."""
    if not region:
        return [Finding("No region is chosen.", "AWS_REGION=ap-northeast-1 make deploy, or aws configure", stops=True)]
    if region not in available:
        return [Finding(f"{region} lacks a service that the shop needs.", "choose another region", stops=True)]
    return []


def status(client: Client, name: str) -> str | None:
    """The stack's status; an empty string if there is no such stack."""
    try:
        return client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return None


def stack_status(client: Client, name: str, region: str) -> list[Finding]:
    """A stack that an earlier deployment left in a state from which it cannot be updated."""
    found = status(client, name)
    if found in BROKEN:
        return [Finding(f"The stack {name} is in {found}: ", BROKEN[found].format(name=name, region=region), stops=True)]
    if found and found.endswith("_IN_PROGRESS") and found != "REVIEW_IN_PROGRESS":
        return [Finding(f"The stack {name} is in {found}.", "wait until it is done", stops=True)]
    return []


def concurrency(client: Client, region: str) -> list[Finding]:
    """A new account may run 10 functions concurrently; the queues' mappings alone may need several times that."""
    limit = client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    mappings = templates.of_type("AWS::Lambda::EventSourceMapping").values()
    queues = sum(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) for mapping in mappings)
    wanted = queues + HTTP_CONCURRENCY_MIN
    if limit >= wanted:
        return []
    return [
        Finding(
            f"This account may run {limit} functions concurrently; queues use up to {queues}, and API requests need more. "
            "Nothing is lost when Lambda throttles: queues wait and requests get 503, but a flash sale will be slow.",
            "request a quota of 1000, which is free and takes from minutes to two days:\n"
            "  aws service-quotas request-service-quota-increase --service-code lambda \\\n"
            f"    --quota-code {CONCURRENCY_QUOTA} --desired-value 1000 --region {region}",
        )
    ]


def mail(client: Client, region: str, sender: str) -> list[Finding]:
    """SES starts in a sandbox, and sends only from verified identities."""
    ses, findings = client("sesv2"), []
    if not _is_verified(ses, sender):
        findings.append(
            Finding(
                f"SES may not send from {sender} yet: mails to customers fail, and nothing else does.",
                f"aws sesv2 create-email-identity --email-identity {sender} --region {region}\n"
                "  and follow the link in the mail; or verify its domain by DKIM, and set MailFrom (GUIDED=1 make deploy)",
            )
        )
    account = ses.get_account()
    if not account.get("ProductionAccessEnabled"):
        findings.append(
            Finding(
                "SES is in its sandbox: it sends to verified addresses only, 200 mails a day.",
                "aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL \\\n"
                f"    --website-url https://… --use-case-description '…' --region {region}   (AWS answers within a day)",
            )
        )
    return findings


def _is_verified(ses: Any, sender: str) -> bool:
    for identity in (sender, sender.partition("@")[2]):
        try:
            if ses.get_email_identity(EmailIdentity=identity).get("VerifiedForSendingStatus"):
                return True
        except ClientError:
            continue
    return False


def text_messages(client: Client, region: str, wanted: str) -> list[Finding]:
    """SNS starts in a sandbox, too."""
    if wanted != "true":
        return []
    try:
        is_in_sandbox = client("sns").get_sms_sandbox_account_status()["IsInSandbox"]
    except (ClientError, BotoCoreError):
        return [Finding(f"SNS does not send text messages in {region}.", "set CustomerSms=false, or choose another region")]
    if not is_in_sandbox:
        return []
    advice = f"https://{region}.console.aws.amazon.com/sns/v3/home#/mobile/text-messaging: Exit SMS sandbox (a day or two)"
    return [Finding("Text messages are in SNS's sandbox: only verified numbers get any.", advice)]


def _secrets(name: str) -> list[str]:
    secrets = templates.of_type("AWS::SecretsManager::Secret").values()
    return [secret["Name"]["Fn::Sub"].replace("${AWS::StackName}", name) for secret in secrets]


def buried_secrets(client: Client, name: str, region: str) -> list[Finding]:
    """A deleted secret reserves its name for at least a week, and a new stack cannot use it."""
    findings = []
    for secret in _secrets(name) if status(client, name) in (None, *NEVER_LIVED) else []:
        found = _described(client, secret)
        if not found:
            continue
        if "DeletedDate" in found:
            what, verb = f"The secret {secret} of an earlier stack is scheduled for deletion.", "delete it at once"
        else:
            what, verb = (
                f"The secret {secret} exists already, and does not belong to this stack.",
                "give the stack another name, or delete it",
            )
        command = "aws secretsmanager delete-secret --force-delete-without-recovery"
        advice = f"{verb}:\n  {command} --secret-id {secret} --region {region}"
        findings.append(Finding(what, advice, stops=True))
    return findings


def empty_secrets(client: Client, name: str, region: str) -> list[Finding]:
    """Secrets are created empty and filled in manually; an empty one switches its provider off."""
    findings = []
    for secret in _secrets(name):
        try:
            value = client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        except ClientError:
            continue
        if value.strip() == "{}":
            advice = f"aws secretsmanager put-secret-value --secret-id {secret} --region {region} --secret-string file://…"
            findings.append(Finding(f"The secret {secret} is empty: its provider is switched off.", advice))
    return findings


def _described(client: Client, secret: str) -> dict[str, Any] | None:
    try:
        return client("secretsmanager").describe_secret(SecretId=secret)
    except ClientError:
        return None
