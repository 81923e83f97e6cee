"""Upgrades a stack of the earlier layout, in which the root stack has all functions and queues, to one stack per area.

Functions and queues have fixed names, and CloudFormation creates before it deletes, so a nested stack cannot create what
the root stack still has. Therefore two updates reduce the deployed template to the lasting resources, and the new template
is deployed on top:

1. The API and the schedules are removed. Nothing writes any more, while relay and consumers process what is in flight.
2. Once every queue is empty the rest is removed. Tables, bus, bucket, user pool and secrets stay; an unpublished event
waits in the outbox for the new sweep.

A table that lacks several indexes gets them in several updates, because DynamoDB creates one index in an update of a table.

docs/upgrade.md describes the effects on a running shop.
"""

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from .console import Problem, say, step

# The lasting resources, which have the same logical ids in both layouts.
LASTING = {
    *("Tables", "Bus", "Data", "Auth"),
    *("EcpaySecret", "NewebpaySecret", "LinePaySecret", "MessengerSecret", "ContactKeysSecret"),
}
# The nested stack of the tables.
TABLES = "Tables"
# Resources by which requests and ticks enter.
DOORS = ("AWS::ApiGatewayV2::", "AWS::Lambda::Permission", "AWS::Scheduler::Schedule")
DRAINED_SECONDS_MAX = 1800
PAUSE_SECONDS = 10.0
UNDER_WAY = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")

Client = Callable[[str], Any]
Template = dict[str, Any]


def prepare(client: Client, name: str) -> None:
    """Reduces a stack of the earlier layout to its lasting resources; leaves any other unchanged."""
    template = _deployed(client, name)
    if not any(resource["Type"] == "AWS::Lambda::Function" for resource in template["Resources"].values()):
        return
    say(f"· {name} has its functions in the root stack. They move into a stack per area; the shop is down meanwhile.")
    queues = _queues(client, name)
    _refuse_dead_letters(client, queues)
    with step("close the API and stop the schedules"):
        _update(client, name, without(template, lambda _, kind: kind.startswith(DOORS)))
    with step("wait until every queue is empty"):
        _drain(client, [url for url in queues if not url.endswith("Dlq")])
    _refuse_dead_letters(client, queues)
    with step("remove the old functions"):
        _update(client, name, without(template, lambda logical, _: logical not in LASTING))


def add_indexes(client: Client, name: str, wanted: Template) -> None:
    """Creates the missing indexes of each table but the last one, which the deployment of the template `wanted` creates."""
    try:
        found = client("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId=TABLES)
    except ClientError as error:
        # A stack without tables has nothing to add to; any other refusal has to be seen.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return
    tables = found["StackResourceDetail"]["PhysicalResourceId"]
    template = _deployed(client, tables)
    while later := with_next_indexes(template, wanted):
        template, added = later
        with step(f"create the index {', '.join(added)} (on a large table this takes hours)"):
            _update(client, tables, template)


def with_next_indexes(deployed: Template, wanted: Template) -> tuple[Template, list[str]] | None:
    """The deployed template with one index more for each table that lacks several, and their names; `None` if none does."""
    template, added = copy.deepcopy(deployed), []
    for name, resource in template["Resources"].items():
        future = wanted["Resources"].get(name, {}).get("Properties", {})
        table = resource["Properties"]
        present = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
        missing = [index for index in future.get("GlobalSecondaryIndexes", []) if index["IndexName"] not in present]
        if len(missing) < 2:
            continue
        index = missing[0]
        table.setdefault("GlobalSecondaryIndexes", []).append(index)
        keys = {key["AttributeName"] for key in index["KeySchema"]}
        keys -= {attribute["AttributeName"] for attribute in table["AttributeDefinitions"]}
        table["AttributeDefinitions"] += [one for one in future["AttributeDefinitions"] if one["AttributeName"] in keys]
        added.append(f"{name}/{index['IndexName']}")
    return (template, added) if added else None


def without(template: Template, is_dropped: Callable[[str, str], bool]) -> Template:
    """The template without some resources, and without everything that refers to one of them."""
    resources = {
        logical: resource
        for logical, resource in template["Resources"].items()
        if not is_dropped(logical, resource["Type"])
    }
    while True:
        gone = template["Resources"].keys() - resources.keys()
        orphans = [logical for logical, resource in resources.items() if references(resource) & gone]
        if not orphans:
            break
        for logical in orphans:
            del resources[logical]
    return {key: value for key, value in template.items() if key not in ("Outputs", "Transform")} | {"Resources": resources}


def references(value: Any) -> set[str]:
    """The names that a part of a template refers to."""
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, item in value.items():
        if key == "Ref":
            found.add(item)
        elif key == "DependsOn":
            found |= {item} if isinstance(item, str) else set(item)
        elif key == "Fn::GetAtt":
            found.add(item[0] if isinstance(item, list) else item.split(".")[0])
        elif key == "Fn::Sub":
            text = item if isinstance(item, str) else item[0]
            found |= set(re.findall(r"\$\{(\w+)", text))
        if key != "Ref":
            found |= references(item)
    return found


def _deployed(client: Client, name: str) -> Template:
    body = client("cloudformation").get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    return body if isinstance(body, dict) else yaml_parse(body)


def _queues(client: Client, name: str) -> list[str]:
    pages = client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix=f"{name}-")
    return [url for page in pages for url in page.get("QueueUrls", [])]


def _waiting(client: Client, url: str) -> int:
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(UNDER_WAY))["Attributes"]
    return sum(int(found.get(attribute, 0)) for attribute in UNDER_WAY)


def _refuse_dead_letters(client: Client, queues: list[str]) -> None:
    left = [url.rsplit("/", 1)[-1] for url in queues if url.endswith("Dlq") and _waiting(client, url)]
    if left:
        advice = "docs/runbook.md says what to do about each; redrive or purge them, then run make deploy again"
        raise Problem(f"Dead-letter queues that would be deleted have messages: {', '.join(left)}.", advice)


def _drain(client: Client, queues: list[str]) -> None:
    """Waits until every queue was empty twice: the counts are approximate."""
    until, empty = time.monotonic() + DRAINED_SECONDS_MAX, 0
    while empty < 2:
        if time.monotonic() > until:
            left = ", ".join(url.rsplit("/", 1)[-1] for url in queues if _waiting(client, url))
            raise Problem(f"Messages still wait in {left}.", "see their functions' logs; make deploy resumes here")
        empty = empty + 1 if not any(_waiting(client, url) for url in queues) else 0
        time.sleep(PAUSE_SECONDS)


def _update(client: Client, name: str, template: Template) -> None:
    cloudformation = client("cloudformation")
    declared = cloudformation.describe_stacks(StackName=name)["Stacks"][0].get("Parameters", [])
    cloudformation.update_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": one["ParameterKey"], "UsePreviousValue": True} for one in declared],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 5, "MaxAttempts": 720})
