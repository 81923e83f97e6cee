"""One local stack: its name, port, folder and clients.

Several stacks can run at the same time: `make up` has one, the end-to-end tests start their own with another port and
folder.
"""

import hashlib
import os
import platform
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"

REGION = "us-east-1"
# The emulator treats every caller with this access key as the account's owner, also where it enforces roles.
KEY = "test"
PORT_DEFAULT = 4566
# The id that launcher.py gives the one distribution.
WEB_HOST = "shop.cloudfront.localhost"


@dataclass(frozen=True)
class Stack:
    name: str = "millrun"
    port: int = PORT_DEFAULT
    folder: Path = ROOT / ".local" / "millrun"
    # The template's PointsCharging: tests that need points quickly have them credited without a payment.
    points_charging: str = "payment"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid_file(self) -> Path:
        return self.folder / "emulator.pid"

    @property
    def log(self) -> Path:
        return self.folder / "emulator.log"

    @property
    def deploy_log(self) -> Path:
        return self.folder / "deploy.log"

    @property
    def build_log(self) -> Path:
        return self.folder / "build.log"

    @property
    def description(self) -> Path:
        """The file with what a program needs to use the stack; see describe.py."""
        return self.folder / "stack.json"

    @property
    def bucket(self) -> str:
        return f"{self.name}-artifacts"

    @property
    def api_id(self) -> str:
        """The API's id, which is derived from the name so that addresses stay valid."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:8]

    @property
    def api_url(self) -> str:
        """The API's address without /api/v1. By path, because not every program resolves *.localhost."""
        return f"{self.endpoint}/_aws/execute-api/{self.api_id}"

    @property
    def web_url(self) -> str:
        """The shop page; the console is below /console/. Browsers resolve names that end in .localhost to this machine."""
        return f"http://{WEB_HOST}:{self.port}"

    def env(self) -> dict[str, str]:
        """The environment for AWS tools: this stack and no other.

        A developer may be signed in to a real account. Nothing of that is passed on, so that no mistake can reach it.
        """
        env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        env |= aws_env(self.endpoint)
        env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
        env["SAM_CLI_TELEMETRY"] = "0"
        return env

    def client(self, service: str) -> Any:
        if service not in self._clients:
            # The service name is a parameter, so the return type cannot be one of boto3's typed clients.
            make: Callable[..., Any] = boto3.client
            self._clients[service] = make(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id=KEY,
                aws_secret_access_key=KEY,
                config=Config(retries={"max_attempts": 2}, connect_timeout=3, read_timeout=120, proxies={}),
            )
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def outputs(self) -> dict[str, str]:
        """The deployed stack's outputs, as `sam deploy` would print them."""
        stack = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def aws_env(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def architecture() -> str:
    """This machine's processor in Lambda's terms: local functions run as ordinary processes on it."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
