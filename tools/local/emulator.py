"""Starts and stops the emulator, ministack: a local AWS on one port.

Its quirks that matter here:

- It saves its state only when it is asked to stop: `stop` gives it time, and a kill loses all changes since the start.
- It saves the position of a stream's reader, but not the stream: after a restart nothing would be delivered until as much
has been written again. `start` resets the position; the outbox sweep sends the events that had not been read.
- Functions run as its child processes and inherit its environment. It gets a small one without the developer's variables,
and with `AWS_ENDPOINT_URL`, without which the functions would call the real AWS.
- It would start Docker, a device broker (port 8883) and file transfer (port 2222): all are switched off.
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
    """Starts the emulator unless it is running already."""
    functions_reach_it_at = functions_reach_it_at or stack.endpoint
    if running := pid_of(stack):
        at = _recorded(stack).get("port")
        if at != stack.port:
            raise Problem(
                f"The stack {stack.name} is already running, on port {at}.",
                f"use it with PORT={at}, or stop it first: make down",
            )
        if functions_endpoint(stack) != functions_reach_it_at:
            raise Problem(
                f"The stack {stack.name} is running with another setting of --faults.", "stop it first: make down"
            )
        if not _answers(stack):
            raise Problem(
                f"The emulator (process {running}) runs but does not answer.", "run make down, then make up", stack.log
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
    """Stops what `start` started and nothing else; false if it was not running."""
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
            this.note("it had to be killed: changes since its start are lost")
        # The process leads a process group, which now contains only functions that it started.
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        stack.pid_file.unlink(missing_ok=True)
    return True


def clean(stack: Stack) -> None:
    """Stops the stack and removes its state."""
    stop(stack)
    shutil.rmtree(stack.folder, ignore_errors=True)


def pid_of(stack: Stack) -> int | None:
    """The emulator's process id, if it is alive and ours: the system may have reused the number."""
    pid = _recorded(stack).get("pid")
    if not isinstance(pid, int) or not _alive(pid):
        return None
    command = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True).stdout
    return pid if str(LAUNCHER) in command else None


def functions_endpoint(stack: Stack) -> str:
    """The address of AWS for the functions of the running stack: the emulator, or the fault proxy."""
    return _recorded(stack).get("functions_endpoint", stack.endpoint)


def _spawn(stack: Stack, enforce_roles: bool, functions_reach_it_at: str) -> subprocess.Popen[bytes]:
    state, scratch = stack.folder / "state", stack.folder / "tmp"
    # Unpacked functions and sockets of an earlier run are useless.
    shutil.rmtree(scratch, ignore_errors=True)
    for folder in (state, scratch):
        folder.mkdir(parents=True, exist_ok=True)
    _rewind_streams(state / "lambda.json")
    env = {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
        "TMPDIR": str(scratch),
        # Inherited by the functions.
        **aws_env(functions_reach_it_at),
        "GATEWAY_PORT": str(stack.port),
        # The emulator would listen on every network interface; the shop must be reachable from this machine only.
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
        # A child process that has ended stays in the process table until it is waited for.
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
