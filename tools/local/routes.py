"""Gives the API its authorizer, integrations, routes and CORS. This step exists on one machine only.

SAM writes them as an OpenAPI document into the `Body` of the API. AWS imports it; the emulator (ministack 1.5.33) keeps
it and serves no route. So it is read back from the deployed template and applied with the API's own calls.
"""

import json
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from .resolve import Resolver
from .stack import ROOT, Stack

INTEGRATION = "x-amazon-apigateway-integration"
AUTHORIZER = "x-amazon-apigateway-authorizer"
METHODS = ("get", "put", "post", "patch", "delete", "head", "options")


def apply(stack: Stack) -> int:
    """Makes the API's routes those of the deployed template, from nothing or from those of an earlier one."""
    deployed = stack.client("cloudformation").get_template(StackName=stack.name, TemplateStage="Processed")["TemplateBody"]
    template = deployed if isinstance(deployed, dict) else json.loads(deployed)
    logical, api = next(item for item in template["Resources"].items() if item[1]["Type"] == "AWS::ApiGatewayV2::Api")
    resolve = Resolver(stack, template)
    api_id, body = resolve.physical[logical], api["Properties"]["Body"]

    gateway = stack.client("apigatewayv2")
    authorizers = {
        name: _authorizer(gateway, api_id, name, resolve(scheme[AUTHORIZER]))
        for name, scheme in body.get("components", {}).get("securitySchemes", {}).items()
        if AUTHORIZER in scheme
    }
    routes = {
        f"{method.upper()} {path}": operation
        for path, operations in body["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    }
    _routes(gateway, api_id, routes, authorizers, resolve)
    _cors(gateway, api_id, logical, resolve)
    return len(routes)


def _authorizer(gateway: Any, api_id: str, name: str, scheme: dict[str, Any]) -> str:
    token = scheme["jwtConfiguration"]
    wanted = {
        "AuthorizerType": "JWT",
        "IdentitySource": [scheme["identitySource"]],
        "JwtConfiguration": {"Issuer": token["issuer"], "Audience": token["audience"]},
    }
    for found in gateway.get_authorizers(ApiId=api_id)["Items"]:
        if found["Name"] == name:
            gateway.update_authorizer(ApiId=api_id, AuthorizerId=found["AuthorizerId"], **wanted)
            return found["AuthorizerId"]
    return gateway.create_authorizer(ApiId=api_id, Name=name, **wanted)["AuthorizerId"]


def _routes(gateway: Any, api_id: str, wanted: dict[str, Any], authorizers: dict[str, str], resolve: Resolver) -> None:
    pages = gateway.get_paginator("get_integrations").paginate(ApiId=api_id)
    integrations = {found["IntegrationUri"]: found["IntegrationId"] for page in pages for found in page["Items"]}
    pages = gateway.get_paginator("get_routes").paginate(ApiId=api_id)
    present = {found["RouteKey"]: found for page in pages for found in page["Items"]}

    for key, operation in wanted.items():
        uri = resolve(operation[INTEGRATION]["uri"])
        if uri not in integrations:
            integrations[uri] = gateway.create_integration(
                ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion="2.0"
            )["IntegrationId"]
        route = {"Target": f"integrations/{integrations[uri]}", **_authorization(operation, authorizers)}
        if key not in present:
            gateway.create_route(ApiId=api_id, RouteKey=key, **route)
        elif any(present[key].get(name) != value for name, value in route.items()):
            gateway.update_route(ApiId=api_id, RouteId=present[key]["RouteId"], **route)
    for key in present.keys() - wanted.keys():
        gateway.delete_route(ApiId=api_id, RouteId=present[key]["RouteId"])


def _authorization(operation: dict[str, Any], authorizers: dict[str, str]) -> dict[str, str]:
    for requirement in operation.get("security", []):
        for name in requirement:
            if name in authorizers:
                return {"AuthorizationType": "JWT", "AuthorizerId": authorizers[name]}
    return {"AuthorizationType": "NONE"}


def _cors(gateway: Any, api_id: str, logical: str, resolve: Resolver) -> None:
    # From the template as written: the emulator hands a list parameter to SAM as a function, and SAM then takes the
    # origins for the whole configuration.
    written = yaml_parse((ROOT / "template.yaml").read_text())["Resources"].get(logical, {})
    configuration = resolve(written.get("Properties", {}).get("CorsConfiguration") or {})
    if configuration:
        gateway.update_api(ApiId=api_id, CorsConfiguration=configuration)
