"""The whole shop on this machine: what `make up` and the end-to-end tests have in common."""

from . import deploy, describe, emulator, people
from .console import say, step
from .stack import Stack


def start(stack: Stack, enforce_roles: bool = False) -> None:
    """Starts the emulator and deploys what `build` made; does only what is not done yet."""
    emulator.start(stack, enforce_roles)
    deploy.deploy(stack)
    with step("sign in the demo customers and the demo admin"):
        people.ensure(stack)
        describe.write(stack, enforce_roles)


def show(stack: Stack) -> None:
    """How to use what is running."""
    port = "" if stack.port == Stack.port else f" PORT={stack.port}"
    say("The shop is running.\n")
    say(f"  API       {stack.api_url}/api/v1")
    say(f"  contract  {stack.api_url}/api/v1/openapi.json")
    for who, name in (("demo", "customer"), ("admin", "admin")):
        say(f"\n  token of the demo {name} (good for an hour; a fresh one: make token USER={who}{port})\n")
        say(f"  {people.token(stack, who)}")
    say("\nThree things to try:\n")
    say(f"  curl {stack.api_url}/api/v1/products")
    say(f'  curl -H "Authorization: Bearer $(make -s token USER=demo{port})" {stack.api_url}/api/v1/orders')
    say(f'  curl -H "Authorization: Bearer $(make -s token USER=admin{port})" {stack.api_url}/api/v1/admin/audit')
    say(f"\nmake demo{port} tells the story again, make logs F=place_order{port} shows a log, make down{port} stops it.")
