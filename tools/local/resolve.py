"""The few CloudFormation functions that the API's definition uses, with the values of a deployed stack."""

import re
from typing import Any

from .stack import REGION, Stack

ACCOUNT = "000000000000"
PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


class Resolver:
    """Turns `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Split` and `Fn::Join` into what they stand for."""

    def __init__(self, stack: Stack, template: dict[str, Any]):
        self.stack, self.template = stack, template
        self.cloudformation = stack.client("cloudformation")
        deployed = self.cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
        self.parameters = {given["ParameterKey"]: given["ParameterValue"] for given in deployed.get("Parameters", [])}
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.name)
        self.physical = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
        }

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            match name:
                case "Ref":
                    return self._ref(argument)
                case "Fn::GetAtt":
                    return self._attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
                case "Fn::Sub":
                    return re.sub(r"\$\{([\w:.]+)}", lambda found: self._name(found[1]), argument)
                case "Fn::Split":
                    return str(self(argument[1])).split(argument[0])
                case "Fn::Join":
                    return argument[0].join(self(argument[1]))
        return {key: self(item) for key, item in value.items()}

    def _name(self, name: str) -> str:
        return self._attribute(*name.split(".", 1)) if "." in name else self._ref(name)

    def _ref(self, name: str) -> Any:
        if name == "AWS::StackName":
            return self.stack.name
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            given = self.parameters[name]
            kind = self.template["Parameters"][name]["Type"]
            return given.split(",") if kind in ("CommaDelimitedList", "List<String>") else given
        return self.physical[name]

    def _attribute(self, resource: str, attribute: str) -> str:
        physical, kind = self.physical[resource], self._type(resource)
        if kind == "AWS::CloudFormation::Stack":
            nested = self.cloudformation.describe_stacks(StackName=physical)["Stacks"][0]
            wanted = attribute.removeprefix("Outputs.")
            return next(found["OutputValue"] for found in nested["Outputs"] if found["OutputKey"] == wanted)
        if kind in ("AWS::Lambda::Function", "AWS::Serverless::Function") and attribute == "Arn":
            return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{physical}"
        raise KeyError(f"{resource}.{attribute} is not known to the local step; add it to {__file__}")

    def _type(self, resource: str) -> str:
        return self.template["Resources"][resource]["Type"]
