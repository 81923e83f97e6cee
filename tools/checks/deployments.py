"""Deployments that do not go as planned, on the local stack: one that fails at its creation and is repeated, and one over
the layout before there was a stack per area. What `make deploy` does after its questions is what runs here.
"""

import copy
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..local import account, deploy, preflight, templates, upgrade
from ..local.console import Problem, step
from ..local.stack import REGION, ROOT, Stack

LASTING_OUTPUT = "WalletsTable"


def run(stack: Stack) -> None:
    """On an emulator that runs, beside the stack that it has."""
    deploy.ensure_bucket(stack)
    other = Stack(name=f"{stack.name}-again", port=stack.port, folder=stack.folder)
    with _cleaned(other), step("a deployment that fails at its creation is repeated"):
        a_creation_that_fails_is_repeated(other, stack.bucket)
    with _cleaned(other), step("a stack of the layout before keeps its data"):
        a_stack_of_the_layout_before_keeps_its_data(other, stack.bucket)


def a_creation_that_fails_is_repeated(stack: Stack, bucket: str) -> None:
    secrets, name = stack.client("secretsmanager"), f"{stack.name}/line-pay"
    # Somebody has a name that the stack wants.
    secrets.create_secret(Name=name, SecretString="{}")
    settings = f"/{stack.name}/settings"
    stack.client("ssm").put_parameter(Name=settings, Value="taken", Type="String", Overwrite=True)
    found = preflight.check(stack.client, stack.name, REGION, _parameters(stack))
    _expect("it is said before anything is sent", any(name in finding.what and finding.stops for finding in found))
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    deployment = _deployment(stack, bucket)
    try:
        deployment.run()
    except Problem as problem:
        _expect(f"the reason is shown: {problem.what}", "Settings: " in problem.what)
    else:
        raise Problem("A deployment went well that could not.")
    _expect("nothing stands in the way of the next", preflight.status(stack.client, stack.name) not in preflight.BROKEN)
    stack.client("ssm").delete_parameter(Name=settings)
    deployment.run()
    _expect("the stack stands", preflight.status(stack.client, stack.name).endswith("_COMPLETE"))
    described = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}
    _expect("and is protected now", given[account.PROTECTION] == "true")


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
    _expect("the table is the same", stack.outputs()[LASTING_OUTPUT] == table)
    key = {name: item[name] for name in ("pk", "sk")}
    _expect("and has what it had", stack.client("dynamodb").get_item(TableName=table, Key=key).get("Item") == item)
    functions = stack.client("lambda")
    for use_case in templates.binaries():
        functions.get_function(FunctionName=f"{stack.name}-{use_case}")
    queue = stack.client("sqs").get_queue_url(QueueName=f"{stack.name}-CountSalesQueue")["QueueUrl"]
    _expect("the queue is there", bool(queue))


def _layout_before() -> dict[str, Any]:
    """What lasts, with a function, its queue and the API in the root stack, as all of them once were."""
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
    return deploy.parameters(stack) | {account.PROTECTION: "true"}


@contextmanager
def _cleaned(stack: Stack) -> Iterator[None]:
    """Deletes the stack, however it went."""
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
        raise Problem(f"It is not so that {what}.")
