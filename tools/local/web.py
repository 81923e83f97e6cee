"""The pages: builds them with npm, and puts them into the bucket that CloudFront serves them from."""

import hashlib
import json
import mimetypes
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .console import Problem, run, step
from .stack import ROOT, Stack

WEB = ROOT / "web"
NODE_MIN = (20, 19)
# Node.js from Python's registry, where the machine has none; see tools/environments/bootstrap.py.
NODE_ENVIRONMENT = ROOT / ".venv-node" / "bin"
PAGES = {"": WEB / "shop" / "dist", "console/": WEB / "console" / "dist"}
NOT_SOURCES = {"node_modules", "dist", "test-results"}
# A file whose name has the hash of its content never changes; any other is asked for anew each time.
HASHED, NAMED = "public, max-age=31536000, immutable", "no-cache"
CONFIG = "config.json"
MARK = "content"


def build(stack: Stack) -> None:
    """Builds both pages, unless they are as their sources say."""
    wanted, stamp = _digest(_sources()), WEB / "shop" / "dist" / ".sources"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    install(stack)
    with step("build the pages", stack.build_log):
        _npm(stack, "run", "bundle")
        stamp.write_text(wanted)


def install(stack: Stack) -> None:
    """Brings what the lock file names."""
    stamp = WEB / "node_modules" / ".lock-sha256"
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with step("install what the pages are made with (npm ci; once)", stack.build_log):
        _npm(stack, "ci", "--no-audit", "--no-fund")
        stamp.write_text(wanted)


def publish(stack: Stack, outputs: dict[str, str], s3: Any, cloudfront: Any, config: dict[str, str]) -> None:
    """Uploads the pages and their settings; does nothing where that very content is there."""
    bucket, content = outputs["WebBucket"], _content(config)
    mark = hashlib.sha256(repr([(name, hashlib.sha256(data).hexdigest()) for name, data in content]).encode()).hexdigest()
    if _present(s3, bucket) == mark:
        return
    with step("publish the pages") as this:
        for name, data in content:
            s3.put_object(
                Bucket=bucket,
                Key=name,
                Body=data,
                ContentType=_type(name),
                CacheControl=HASHED if "assets/" in name else NAMED,
                Metadata={MARK: mark} if name == CONFIG else {},
            )
        cloudfront.create_invalidation(
            DistributionId=outputs["WebDistributionId"],
            InvalidationBatch={"CallerReference": mark, "Paths": {"Quantity": 1, "Items": ["/*"]}},
        )
        this.note(f"{len(content)} files")


def settings(outputs: dict[str, str], user_pool_endpoint: str | None = None) -> dict[str, str]:
    """What the pages are told about the shop they belong to: `config.json`."""
    config = {
        "region": outputs["UserPoolId"].split("_")[0],
        "userPoolId": outputs["UserPoolId"],
        "userPoolClientId": outputs["UserPoolClientId"],
        "shopName": outputs["ShopTitle"],
        "currency": outputs["ShopCurrency"],
        "language": outputs["ShopLanguage"],
        "timeZone": outputs["ShopTimezone"],
    }
    return config | ({"userPoolEndpoint": user_pool_endpoint} if user_pool_endpoint else {})


def npm_command() -> list[str]:
    """npm with a Node.js that is new enough."""
    node = node_path()
    return [str(node.with_name("npm"))]


def node_path() -> Path:
    for candidate in (shutil.which("node"), str(NODE_ENVIRONMENT / "node")):
        if candidate and Path(candidate).exists() and _version(candidate) >= NODE_MIN:
            return Path(candidate)
    least = ".".join(map(str, NODE_MIN))
    raise Problem(f"Node.js {least} or newer is needed to build the pages.", "make up brings it; run that first")


def env(stack: Stack) -> dict[str, str]:
    """The environment of npm: its own Node.js comes first."""
    path = f"{node_path().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return stack.env() | {"PATH": path, "CI": "1", "NO_COLOR": "1"}


def _npm(stack: Stack, *arguments: str) -> None:
    command = [*npm_command(), *arguments]
    advice = "see the log; npm's registry must be reachable the first time"
    run(command, stack.build_log, env(stack), WEB, f"npm {' '.join(arguments)} failed", advice)


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def _sources() -> Iterator[tuple[str, bytes]]:
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(files):
            path = Path(folder, name)
            yield str(path.relative_to(WEB)), path.read_bytes()


def _content(config: dict[str, str]) -> list[tuple[str, bytes]]:
    """Every file by its name in the bucket: hashed ones first, so that no page names a file that is not there yet."""
    files = [
        (prefix + str(path.relative_to(folder)), path.read_bytes())
        for prefix, folder in PAGES.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    files.sort(key=lambda file: ("assets/" not in file[0], file[0]))
    return [*files, (CONFIG, json.dumps(config, indent=2).encode())]


def _digest(files: Iterator[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, data in files:
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _present(s3: Any, bucket: str) -> str | None:
    try:
        return s3.head_object(Bucket=bucket, Key=CONFIG)["Metadata"].get(MARK)
    except ClientError:
        return None


def _type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("javascript", "json")) else kind
