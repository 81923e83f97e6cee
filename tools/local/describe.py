"""Writes one JSON file with what a program needs to use a running stack; the end-to-end tests read it (MILLRUN_STACK)."""

import json
from typing import Any

from . import emulator, sidecars, users
from .stack import REGION, Stack


def write(stack: Stack, enforces_roles: bool = False) -> dict[str, Any]:
    """Writes `stack.json` with fresh tokens, which are valid for an hour."""
    outputs = stack.outputs()
    description = {
        "api_url": stack.api_url,
        "endpoint": stack.endpoint,
        "folder": str(stack.folder),
        "functions_endpoint": emulator.functions_endpoint(stack),
        "messengers": sidecars.MESSENGERS.url(stack),
        "providers": sidecars.PROVIDERS.url(stack),
        "shop_url": stack.web_url,
        "region": REGION,
        "stack_name": stack.name,
        "function_prefix": f"{stack.name}-",
        "event_bus": outputs["EventBusName"],
        "user_pool_id": outputs["UserPoolId"],
        "user_pool_client_id": outputs["UserPoolClientId"],
        "export_bucket": outputs["ExportBucket"],
        "tables": {name.removesuffix("Table").lower(): value for name, value in outputs.items() if name.endswith("Table")},
        "tokens": {who: users.token(stack, who) for who in users.USERS},
        "identity_tokens": {who: users.identity_token(stack, who) for who in users.USERS},
        "emails": {who: person.email for who, person in users.USERS.items()},
        "password": users.PASSWORD,
        "enforces_roles": enforces_roles,
    }
    stack.description.write_text(json.dumps(description, indent=2) + "\n")
    return description
