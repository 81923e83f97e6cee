"""Gives the API its CORS configuration; needed for the emulator only.

The emulator (ministack 1.5.33) ignores the template's CORS configuration and answers every preflight with 403, but its
UpdateApi works. The values come from the template as CloudFormation processed it, so that they include the effects of
transforms.
"""

from typing import Any

from .stack import Stack


def apply(stack: Stack) -> None:
    """Sets the API's CORS configuration to that of the deployed template."""
    cloudformation = stack.client("cloudformation")
    template = cloudformation.get_template(StackName=stack.name, TemplateStage="Processed")["TemplateBody"]
    deployed = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
    values = {given["ParameterKey"]: given["ParameterValue"] for given in deployed["Parameters"]}
    kinds = {name: parameter["Type"] for name, parameter in template["Parameters"].items()}

    def resolved(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"Ref"}:
            given = values[value["Ref"]]
            return given.split(",") if kinds[value["Ref"]] == "CommaDelimitedList" else given
        return value

    configuration = template["Resources"]["Api"]["Properties"]["CorsConfiguration"]
    wanted = {name: resolved(value) for name, value in configuration.items()}
    stack.client("apigatewayv2").update_api(ApiId=stack.api_id, CorsConfiguration=wanted)
