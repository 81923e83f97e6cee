"""HTTP messages: requests as received, responses, and forms in which no name occurs twice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

BODY_BYTES_MAX = 64 * 1024


@dataclass(frozen=True)
class Ask:
    method: str
    path: str
    query: str
    # Names in lower case.
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_form(self) -> bool:
        return self.headers.get("content-type", "").split(";")[0].strip() == "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    text: str
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    # The faults "lose" and "late".
    lost: bool = False
    late_seconds: float = 0


class BadForm(Exception):
    """Not a form, or a name that occurs twice."""


def form(body: bytes) -> dict[str, str]:
    """The fields of a form: UTF-8, every name once."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except (UnicodeDecodeError, ValueError) as wrong:
        raise BadForm("not a form") from wrong
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadForm("a name twice")
    return fields


def answer_json(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False), status, "application/json; charset=utf-8")


def redirect(url: str) -> Reply:
    return Reply("", 302, headers={"Location": url})
