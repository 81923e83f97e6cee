"""Starts and stops the emulator, ministack: a local AWS on one port.

Its quirks that matter here:

- It saves its state when it is asked to stop, and only then: `stop` gives it time, and what happened since the start is
  lost when it is killed.
- It keeps how far a function has read a table's stream, and not the stream: after a restart nothing would be delivered
  until as much has been written again. `start` rewinds it; what had not been read by then the outbox's sweep sends.
- Functions run as its child processes and inherit its environment: it gets a small one of its own, so that nothing of
  the developer's shell reaches them, and `AWS_ENDPOINT_URL`, without which they would look for the real AWS.
- It would look for Docker, for devices (port 8883) and for file transfer (port 2222): all off.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from .console import Problem, step
from .stack import VENV, Stack, aws_env

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
LAUNCHER = Path(__file__).with_name("launcher.py")


def start(stack: Stack, enforce_roles: bool = False, functions_reach_it_at: str | None = None) -> None:
    """Starts the emulator unless this stack's is running already."""
    functions_reach_it_at = functions_reach_it_at or stack.endpoint
    if running := pid_of(stack):
        at = _recorded(stack).get("port")
        if at != stack.port:
            raise Problem(
                f"The stack {stack.name} is already running, on port {at}.",
                f"use it with PORT={at}, or stop it first: make down",
            )
        if functions_endpoint(stack) != functions_reach_it_at:
            raise Problem(f"The stack {stack.name} is running, with or without its faults.", "stop it first: make down")
        if not _answers(stack):
            raise Problem(
                f"The emulator (process {running}) runs but does not answer.", "make down, then make up", stack.log
            )
        return
    refuse_taken_port(stack.port)
    with step(f"start the local AWS on port {stack.port}", stack.log, "start the local AWS"):
        process = _spawn(stack, enforce_roles, functions_reach_it_at)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not _answers(stack):
            if process.poll() is not None:
                stack.pid_file.unlink(missing_ok=True)
                raise Problem("The emulator stopped while starting.", "see the log below its last line", stack.log)
            if time.monotonic() > deadline:
                stop(stack)
                raise Problem(
                    f"The emulator did not answer within {START_SECONDS_MAX} s.", "make clean, then make up", stack.log
                )
            time.sleep(0.2)


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise Problem(
                f"Port {port} is taken by another program.",
                f"stop that program, or choose another port: make up PORT={port + 1}",
            ) from taken


def stop(stack: Stack) -> bool:
    """Stops what `start` started and nothing else; false if there was nothing to stop."""
    pid = pid_of(stack)
    if pid is None:
        stack.pid_file.unlink(missing_ok=True)
        return False
    with step(f"stop the local AWS of {stack.name}, keeping its state", key="stop the local AWS") as this:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if _alive(pid):
            this.note("it had to be killed: what happened since its start is lost")
        # The process leads a group of its own, in which only the functions it started are left.
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        stack.pid_file.unlink(missing_ok=True)
    return True


def clean(stack: Stack) -> None:
    """Stops the stack and removes all it knew."""
    stop(stack)
    shutil.rmtree(stack.folder, ignore_errors=True)


def pid_of(stack: Stack) -> int | None:
    """The emulator's process, if it is alive and really ours: a number may since belong to someone else."""
    pid = _recorded(stack).get("pid")
    if not isinstance(pid, int) or not _alive(pid):
        return None
    command = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True).stdout
    return pid if str(LAUNCHER) in command else None


def functions_endpoint(stack: Stack) -> str:
    """Where the functions of the running stack look for AWS."""
    return _recorded(stack).get("functions_endpoint", stack.endpoint)


def _spawn(stack: Stack, enforce_roles: bool, functions_reach_it_at: str) -> subprocess.Popen[bytes]:
    state, scratch = stack.folder / "state", stack.folder / "tmp"
    # Unpacked functions and sockets of an earlier run are of no use to this one.
    shutil.rmtree(scratch, ignore_errors=True)
    for folder in (state, scratch):
        folder.mkdir(parents=True, exist_ok=True)
    _rewind_streams(state / "lambda.json")
    env = {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
        "TMPDIR": str(scratch),
        # The functions inherit it.
        **aws_env(functions_reach_it_at),
        "GATEWAY_PORT": str(stack.port),
        # The emulator's default is every network interface; the shop on one machine is nobody else's business.
        "BIND_HOST": "127.0.0.1",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "AUTH": "true" if enforce_roles else "false",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{scratch}/no-docker.sock",
        "LAMBDA_EXECUTOR": "local",
    }
    if stack.log.exists():
        stack.log.replace(stack.log.with_suffix(".log.1"))
    with stack.log.open("wb") as log:
        process = subprocess.Popen(
            [VENV / "bin" / "python", LAUNCHER],
            env=env,
            cwd=stack.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    recorded = {"pid": process.pid, "port": stack.port, "functions_endpoint": functions_reach_it_at}
    stack.pid_file.write_text(json.dumps(recorded))
    return process


def _rewind_streams(saved: Path) -> None:
    if saved.exists():
        state = json.loads(saved.read_text())
        positions = state["payload"]["dynamodb_stream_positions"]["data"]
        for stream in positions:
            positions[stream] = 0
        saved.write_text(json.dumps(state))


def _recorded(stack: Stack) -> dict[str, Any]:
    try:
        return json.loads(stack.pid_file.read_text())
    except (OSError, ValueError):
        return {}


def _alive(pid: int) -> bool:
    try:
        # A child of ours that has ended stays in the table until somebody asks.
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(stack: Stack) -> bool:
    try:
        with urllib.request.urlopen(f"{stack.endpoint}/_ministack/ready", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
