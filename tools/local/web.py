"""Builds the pages, and uploads them to the bucket behind CloudFront."""

import hashlib
import json
import mimetypes
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from . import node
from .console import step
from .node import WEB
from .stack import Stack

PAGES = {"": WEB / "shop" / "dist", "console/": WEB / "console" / "dist"}
NOT_SOURCES = {"node_modules", "dist", "test-results"}
# A file with the hash of its content in its name never changes; any other is revalidated on each request.
HASHED, NAMED = "public, max-age=31536000, immutable", "no-cache"
CONFIG = "config.json"
MARK = "content"


def build(stack: Stack) -> None:
    """Builds both pages, unless their sources are unchanged."""
    wanted, stamp = _digest(_sources()), WEB / "shop" / "dist" / ".sources"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    node.install()
    with step("build the pages"):
        node.npm("run", "bundle", log=stack.folder / "web.log")
    stamp.write_text(wanted)


def publish(outputs: dict[str, str], client: Callable[[str], Any], config: dict[str, str]) -> None:
    """Uploads the pages and their settings, unless the same content is there."""
    bucket, content, s3 = outputs["WebBucket"], _content(config), client("s3")
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
        client("cloudfront").create_invalidation(
            DistributionId=outputs["WebDistributionId"],
            InvalidationBatch={"CallerReference": mark, "Paths": {"Quantity": 1, "Items": ["/*"]}},
        )
        this.note(f"{len(content)} files")


def settings(outputs: dict[str, str], user_pool_endpoint: str | None = None) -> dict[str, str]:
    """`config.json`: the settings of the pages."""
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


def _sources() -> Iterator[tuple[str, bytes]]:
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(files):
            path = Path(folder, name)
            yield str(path.relative_to(WEB)), path.read_bytes()


def _content(config: dict[str, str]) -> list[tuple[str, bytes]]:
    """Every file by its name in the bucket: hashed ones first, so that no page refers to a file that is not there yet."""
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


def develop(port: str, page: str) -> None:
    """Vite's development server with hot reload, which forwards API requests to the running shop."""
    node.install()
    os.environ["MILLRUN_URL"] = f"http://127.0.0.1:{port}"
    node.npm("run", "dev", "--workspace", page)


if __name__ == "__main__":
    develop(*sys.argv[1:3])
