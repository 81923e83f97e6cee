"""`make load`: mixed traffic on a stack of its own, with faults on, functions killed and an outage of the bus in the
middle, and an audit at the end."""

from ..local import build, describe, seed, shop
from ..local.console import say
from ..local.stack import Stack
from . import cargo, tiers
from .own_stack import own_stack

# Tokens are valid for an hour, and the audit at the end needs them, too.
MINUTES_MAX = 40


def run(minutes: int, seed_of_chance: int) -> None:
    """Runs the load test; its output is the report."""
    build.build_release(Stack())
    tests = ["cargo", "test", *cargo.WORKSPACE, "--test", "end_to_end"]
    tiers.call(*tests, "--no-run", env=cargo.checked())
    with own_stack("load") as stack:
        shop.start(stack, enforce_roles=True, faults=True)
        seed.catalogue(stack)
        describe.write(stack, enforces_roles=True)
        say(f"\n{minutes} minutes of traffic, seed {seed_of_chance}:")
        env = cargo.checked() | {"MILLRUN_LOAD_MINUTES": str(minutes), "MILLRUN_SEED": str(seed_of_chance)}
        tiers.call(*tests, env=env | {"MILLRUN_STACK": str(stack.description)})
