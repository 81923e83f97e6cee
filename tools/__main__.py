"""The commands behind the Makefile: python -m tools --help."""

import argparse
import shutil
import signal
import sys
import time
from pathlib import Path

from .checks import drills, find, load, prove, tiers
from .local import account, build, demo, describe, emulator, logs, seed, shop, users
from .local.console import Problem, say
from .local.demo import checkout
from .local.stack import PORT_DEFAULT, ROOT, Stack


def main() -> int:
    arguments = _parser().parse_args()
    # SIGTERM is handled like Ctrl-C, so that the stack of the end-to-end tests is stopped, too.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    stack = Stack(arguments.name, arguments.port, arguments.folder or ROOT / ".local" / arguments.name)
    try:
        return arguments.run(stack, arguments) or 0
    except Problem as problem:
        problem.show()
        return 1
    except KeyboardInterrupt:
        say("\nstopped; run the same command again to continue")
        return 130


def _up(stack: Stack, arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    if emulator.pid_of(stack) is None:
        # Refuse a taken port before the build, which may take ten minutes.
        emulator.refuse_taken_port(stack.port)
    (build.build_release if arguments.release else build.build)(stack)
    shop.start(stack, arguments.enforce_roles, arguments.faults)
    seed.catalogue(stack)
    if not arguments.no_demo:
        demo.run(stack)
    shop.show(stack)
    say(f"\nReady after {time.monotonic() - started:.0f} s.")


def _down(stack: Stack, _: argparse.Namespace) -> None:
    if not shop.stop(stack):
        say("the stack is not running")


def _clean(stack: Stack, _: argparse.Namespace) -> None:
    shop.clean(stack)
    # Also remove what failed tests left behind, unless their stack is still running.
    for log in (ROOT / ".local").glob("*/emulator.log"):
        if emulator.pid_of(Stack(log.parent.name, folder=log.parent)) is None:
            shutil.rmtree(log.parent, ignore_errors=True)
    say(f"✓ the state of {stack.name} is removed")


def _demo(stack: Stack, _: argparse.Namespace) -> None:
    _running(stack)
    demo.run(stack)


def _checkout(stack: Stack, arguments: argparse.Namespace) -> None:
    _running(stack)
    checkout.run(stack, arguments.method)


def _logs(stack: Stack, arguments: argparse.Namespace) -> None:
    _running(stack)
    logs.show(stack, arguments.function, arguments.lines, arguments.follow)


def _token(stack: Stack, arguments: argparse.Namespace) -> None:
    _running(stack)
    say(users.identity_token(stack, arguments.user) if arguments.identity else users.token(stack, arguments.user))


def _describe(stack: Stack, _: argparse.Namespace) -> None:
    _running(stack)
    describe.write(stack)
    say(str(stack.description))


def _deploy(stack: Stack, arguments: argparse.Namespace) -> None:
    account.deploy(stack, arguments.guided)


def _drills(_: Stack, __: argparse.Namespace) -> None:
    drills.run()


def _test(_: Stack, arguments: argparse.Namespace) -> int:
    return 0 if tiers.run(arguments.tiers) else 1


def _find(_: Stack, arguments: argparse.Namespace) -> None:
    find.run(arguments.use_case)


def _tier(_: Stack, arguments: argparse.Namespace) -> None:
    tiers.run_one(arguments.tier)


def _prove(_: Stack, arguments: argparse.Namespace) -> int:
    return 0 if prove.run(arguments.parts, arguments.fresh) else 1


def _load(_: Stack, arguments: argparse.Namespace) -> None:
    load.run(arguments.minutes, arguments.seed)


def _running(stack: Stack) -> None:
    if emulator.pid_of(stack) is None:
        raise Problem("The shop is not running.", "make up")


def _minutes(text: str) -> int:
    minutes = int(text)
    if not 1 <= minutes <= load.MINUTES_MAX:
        raise argparse.ArgumentTypeError(f"must be from 1 to {load.MINUTES_MAX}")
    return minutes


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools", description="The shop on one machine.")
    parser.add_argument("--name", default="millrun", help="name of the stack (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT_DEFAULT, help="port of the local AWS (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="where the stack keeps its state (default: .local/<name>)")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="build, start, deploy, fill, play the demo, leave it running")
    up.add_argument("--no-demo", action="store_true", help="leave the demo out")
    up.add_argument("--release", action="store_true", help="run the binaries that are deployed; they compile for minutes")
    up.add_argument("--enforce-roles", action="store_true", help="enforce the IAM roles of the functions")
    up.add_argument(
        "--faults",
        action="store_true",
        help="put a fault-injecting proxy between the functions and AWS (see fakes/fault_proxy.py)",
    )
    up.set_defaults(run=_up)
    commands.add_parser("down", help="stop it and keep its state").set_defaults(run=_down)
    commands.add_parser("clean", help="stop it and remove its state").set_defaults(run=_clean)
    commands.add_parser("demo", help="play the demo: an order, three payments, a preorder").set_defaults(run=_demo)

    pay = commands.add_parser("checkout", help="create an unpaid order and print the address of its checkout")
    pay.add_argument("method", nargs="?", default="ECPAY", help="ECPAY, NEWEBPAY or LINE_PAY (default: %(default)s)")
    pay.set_defaults(run=_checkout)

    log = commands.add_parser("logs", help="show the log of a function")
    log.add_argument("function", nargs="?", help="a use case, such as place_order")
    log.add_argument("--lines", type=int, default=50, help="how many (default: %(default)s)")
    log.add_argument("--follow", action="store_true", help="keep printing new lines")
    log.set_defaults(run=_logs)

    token = commands.add_parser("token", help="print a fresh token and nothing else")
    token.add_argument("user", nargs="?", default="demo", help=f"{', '.join(users.USERS)} (default: %(default)s)")
    token.add_argument("--identity", action="store_true", help="an identity token instead of an access token")
    token.set_defaults(run=_token)

    commands.add_parser("describe", help="write stack.json with fresh tokens, and print its path").set_defaults(
        run=_describe
    )

    deploy = commands.add_parser("deploy", help="deploy to a real AWS account")
    deploy.add_argument("--guided", action="store_true", help="ask for every parameter again")
    deploy.set_defaults(run=_deploy)

    where = commands.add_parser("find", help="list every file of a use case, and the scenarios that run it")
    where.add_argument("use_case", nargs="?", default="", metavar="USE_CASE")
    where.set_defaults(run=_find)

    play = commands.add_parser("drills", help="run every command of docs/runbook.md, on a stack of its own")
    play.set_defaults(run=_drills)

    test = commands.add_parser("test", help="run the tiers of tests")
    test.add_argument("tiers", nargs="*", metavar="TIER", help=f"only these: {', '.join(t.name for t in tiers.TIERS)}")
    test.set_defaults(run=_test)
    tier = commands.add_parser("tier", help="run one tier in this process; its prerequisites must be built")
    tier.add_argument("tier", metavar="TIER")
    tier.set_defaults(run=_tier)
    evening = commands.add_parser("prove", help="the long checks, which take an evening; resumes where it stopped")
    evening.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(p.name for p in prove.PARTS)}")
    evening.add_argument("--fresh", action="store_true", help="ignore earlier results")
    evening.set_defaults(run=_prove)

    loaded = commands.add_parser("load", help="mixed traffic on a stack of its own, with faults and kills")
    loaded.add_argument("--minutes", type=_minutes, default=30, help="how long (default: %(default)s)")
    loaded.add_argument("--seed", type=int, default=1, help="seed of the random choices (default: %(default)s)")
    loaded.set_defaults(run=_load)
    return parser


if __name__ == "__main__":
    sys.exit(main())
