"""Deployments that need recovery, on the local stack: a creation that fails and is repeated, and an update from the earlier
layout with one stack. This runs what `make deploy` does after its questions.
"""

import copy
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..local import account, answers, deploy, emulator, preflight, templates, upgrade
from ..local.console import Problem, step
from ..local.stack import REGION, ROOT, Stack
from .own_stack import own_stack

LASTING_OUTPUT = "WalletsTable"


def run() -> None:
    """Runs on an emulator of its own, with the functions that were built last."""
    with own_stack("deployments") as stack:
        emulator.start(stack)
        deploy.ensure_bucket(stack)
        with _cleaned(stack), step("a deployment that fails at its creation is repeated"):
            a_creation_that_fails_is_repeated(stack, stack.bucket)
        with _cleaned(stack), step("a stack of the layout before keeps its data"):
            a_stack_of_the_layout_before_keeps_its_data(stack, stack.bucket)


def a_creation_that_fails_is_repeated(stack: Stack, bucket: str) -> None:
    secrets, name = stack.client("secretsmanager"), f"{stack.name}/line-pay"
    # Another resource already has a name that the stack needs.
    secrets.create_secret(Name=name, SecretString="{}")
    settings = f"/{stack.name}/settings"
    stack.client("ssm").put_parameter(Name=settings, Value="taken", Type="String", Overwrite=True)
    found = preflight.check(stack.client, stack.name, REGION, _parameters(stack))
    _expect("the preflight reports the taken name", any(name in finding.what and finding.stops for finding in found))
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    deployment = _deployment(stack, bucket)
    try:
        deployment.run()
    except Problem as problem:
        _expect(f"the error names the resource that failed: {problem.what}", "Settings: " in problem.what)
    else:
        raise Problem("The deployment succeeded although the parameter name was taken.")
    _expect("the next deployment can start", preflight.status(stack.client, stack.name) not in preflight.BROKEN)
    stack.client("ssm").delete_parameter(Name=settings)
    deployment.run()
    _expect("the stack is complete", preflight.status(stack.client, stack.name).endswith("_COMPLETE"))
    described = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}
    _expect("deletion protection is on", given[account.PROTECTION] == "true")


def a_stack_of_the_layout_before_keeps_its_data(stack: Stack, bucket: str) -> None:
    before = _layout_before()
    path = ROOT / ".layout-before.json"
    deployment = _deployment(stack, bucket)
    try:
        path.write_text(json.dumps(before))
        deployment.template = path.name
        deployment.run()
    finally:
        path.unlink()
    table = stack.outputs()[LASTING_OUTPUT]
    item = {"pk": {"S": "CUSTOMER#layout"}, "sk": {"S": "BALANCE"}, "balance_cents": {"N": "7"}}
    stack.client("dynamodb").put_item(TableName=table, Item=item)
    upgrade.PAUSE_SECONDS = 0.2
    deployment.template = "template.yaml"
    deployment.run()
    _expect("the table was kept", stack.outputs()[LASTING_OUTPUT] == table)
    key = {name: item[name] for name in ("pk", "sk")}
    _expect("the table has its item", stack.client("dynamodb").get_item(TableName=table, Key=key).get("Item") == item)
    functions = stack.client("lambda")
    for use_case in templates.binaries():
        functions.get_function(FunctionName=f"{stack.name}-{use_case}")
    queue = stack.client("sqs").get_queue_url(QueueName=f"{stack.name}-CountSalesQueue")["QueueUrl"]
    _expect("the queue exists", bool(queue))


def _layout_before() -> dict[str, Any]:
    """A template of the earlier layout: the lasting resources, one function, its queue and the API in the root stack."""
    root = copy.deepcopy(templates.read(ROOT / "template.yaml"))
    area = copy.deepcopy(templates.read(ROOT / "infra" / "functions" / "rankings.yaml"))["Resources"]
    moved = ["CountSales", "CountSalesRole", "CountSalesLogs", "CountSalesQueue", "CountSalesDlq", "CountSalesFromQueue"]
    resources = {name: root["Resources"][name] for name in (*sorted(upgrade.LASTING), "Api", "ApiLogs", "Settings")}
    text = json.dumps({name: area[name] for name in moved})
    text = text.replace("${ShopName}", "${AWS::StackName}").replace("../../target", "target")
    for parameter, value in root["Resources"]["Functions"]["Properties"]["Parameters"].items():
        text = text.replace(json.dumps({"Ref": parameter}), json.dumps(value))
    root["Resources"] = resources | json.loads(text)
    root["Outputs"] = {LASTING_OUTPUT: root["Outputs"][LASTING_OUTPUT]}
    return root


def _deployment(stack: Stack, bucket: str) -> account.Deployment:
    deployment = account.Deployment(stack.client, stack.name, REGION, _parameters(stack), stack.env())
    deployment.options = ["--config-file", str(deploy.CONFIG), "--s3-bucket", bucket]
    deployment.log = stack.deploy_log
    return deployment


def _parameters(stack: Stack) -> dict[str, str]:
    return answers.with_defaults(deploy.parameters(stack) | {account.PROTECTION: "true"})


@contextmanager
def _cleaned(stack: Stack) -> Iterator[None]:
    """Deletes the stack afterwards, also after a failure."""
    try:
        yield
    finally:
        cloudformation, secrets = stack.client("cloudformation"), stack.client("secretsmanager")
        for secret in secrets.list_secrets()["SecretList"]:
            if secret["Name"].startswith(f"{stack.name}/"):
                secrets.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)
        cloudformation.delete_stack(StackName=stack.name)
        until = time.monotonic() + 60
        while preflight.status(stack.client, stack.name) and time.monotonic() < until:
            time.sleep(0.5)


def _expect(what: str, is_so: bool) -> None:
    if not is_so:
        raise Problem(f"Expected, but not so: {what}.")
