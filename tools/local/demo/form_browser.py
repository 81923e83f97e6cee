"""A browser without JavaScript, for the demo: it parses a page's form and submits it. The tests use a real browser."""

import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPMessage

PAGE_BYTES_MAX = 1024 * 1024
WAIT_SECONDS_MAX = 60
# No proxy: shop and providers are on this machine. It follows redirects, as browsers do.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Page:
    url: str
    headers: HTTPMessage
    title: str = ""
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    # The values of the buttons by name.
    buttons: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: Page):
        super().__init__()
        self.page, self.in_title = page, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.in_title = tag == "title"
        if tag == "form":
            self.page.action = urllib.parse.urljoin(self.page.url, said.get("action", ""))
        elif tag == "input" and "name" in said:
            self.page.fields[said["name"]] = said.get("value", "")
        elif tag == "button" and "name" in said:
            self.page.buttons.setdefault(said["name"], []).append(said.get("value", ""))
        elif tag == "a" and "id" in said:
            self.page.links[said["id"]] = said.get("href", "")

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.page.title, self.in_title = data, False


def get(url: str) -> Page:
    return _read(urllib.request.Request(url))


def submit(page: Page, **pressed: str) -> Page:
    """Submits a page's form with one of its buttons."""
    data = urllib.parse.urlencode(page.fields | pressed).encode()
    return _read(urllib.request.Request(page.action, data=data, method="POST"))


def _read(request: urllib.request.Request) -> Page:
    with OPENER.open(request, timeout=WAIT_SECONDS_MAX) as answer:
        page = Page(answer.url, answer.headers)
        _Reader(page).feed(answer.read(PAGE_BYTES_MAX).decode())
    return page
