"""The whole shop on this machine, for `make up` and the end-to-end tests."""

import json

from ..fakes import messengers
from ..fakes.payment_providers import accounts
from . import deploy, describe, emulator, sidecars, users, web
from .console import say, step
from .stack import Stack


def start(stack: Stack, enforce_roles: bool = False, faults: bool = False) -> None:
    """Starts the emulator and deploys what `build` made; skips what is done already."""
    web.build(stack)
    if faults:
        sidecars.start(stack, [sidecars.FAULTS])
    emulator.start(stack, enforce_roles, sidecars.FAULTS.url(stack) if faults else None)
    sidecars.start(stack)
    deploy.deploy(stack)
    _open_channels(stack)
    with step("sign in the demo customers and the demo admin"):
        users.ensure(stack)
        describe.write(stack, enforce_roles)
    web.publish(stack.outputs(), stack.client, web.settings(stack.outputs(), stack.endpoint))


def stop(stack: Stack) -> bool:
    """Stops what `start` started and nothing else; false if it was not running."""
    sidecars.stop(stack)
    return emulator.stop(stack)


def clean(stack: Stack) -> None:
    """Stops the shop and removes its state."""
    sidecars.stop(stack)
    emulator.clean(stack)


def _open_channels(stack: Stack) -> None:
    """A deployer's manual steps: keys of payment providers and messengers, and the SES sender."""
    keys = {
        "line_channel_access_token": messengers.LINE_TOKEN,
        "slack_webhook_url": sidecars.MESSENGERS.url(stack) + messengers.SLACK_PATH,
    }
    for name, value in {"messengers": keys, **accounts.secrets()}.items():
        text = json.dumps(value)
        stack.client("secretsmanager").put_secret_value(SecretId=f"{stack.name}/{name}", SecretString=text)
    stack.client("ses").verify_domain_identity(Domain=deploy.MAIL_DOMAIN)


def show(stack: Stack) -> None:
    """Prints how to use the running shop."""
    port = "" if stack.port == Stack.port else f" PORT={stack.port}"
    say("The shop is running. Two addresses for a browser:\n")
    say(f"  shop      {stack.web_url}/")
    say(f"  console   {stack.web_url}/console/")
    say("\nSign in there with the password " + users.PASSWORD + " as\n")
    for person in users.USERS.values():
        say(f"  {person.email:<24}{', '.join(person.groups) or 'customer'}")
    say("\nAnd for programs:\n")
    say(f"  API       {stack.api_url}/api/v1")
    say(f"  contract  {stack.api_url}/api/v1/openapi.json")
    for who, name in (("demo", "customer"), ("admin", "admin")):
        say(f"\n  token of the demo {name} (valid for an hour; a fresh one: make token USER={who}{port})\n")
        say(f"  {users.token(stack, who)}")
    say("\nThree things to try:\n")
    say(f"  curl {stack.api_url}/api/v1/products")
    say(f'  curl -H "Authorization: Bearer $(make -s token USER=demo{port})" {stack.api_url}/api/v1/orders')
    say(f'  curl -H "Authorization: Bearer $(make -s token USER=admin{port})" {stack.api_url}/api/v1/admin/audit')
    say(f"\nmake demo{port} plays the demo again, make logs F=place_order{port} shows a log, make down{port} stops it.")
