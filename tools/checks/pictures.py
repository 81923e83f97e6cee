"""Renders the drawings in tools/local/pictures as WebP images, because the shop takes no SVG.

    .venv-checks/bin/python -m tools.checks.pictures

Run it after a drawing was changed. A test holds that each drawing has its image.
"""

import base64
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ..environments import browser
from ..local.images import FOLDER
from ..local.stack import ROOT

WIDTH, HEIGHT = 1200, 900
QUALITY = 0.86
BYTES_MAX = 60_000
# Draws an SVG to a canvas, and returns the canvas as a data URL.
RENDER = """async ([svg, width, height, quality]) => {
    const image = new Image();
    image.src = "data:image/svg+xml;base64," + svg;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(image, 0, 0, width, height);
    return canvas.toDataURL("image/webp", quality);
}"""


def render(page: Page, drawing: Path) -> int:
    svg = base64.b64encode(drawing.read_bytes()).decode()
    url: str = page.evaluate(RENDER, [svg, WIDTH, HEIGHT, QUALITY])
    file = base64.b64decode(url.removeprefix("data:image/webp;base64,"), validate=True)
    assert len(file) <= BYTES_MAX, f"{drawing.name} has {len(file)} bytes as an image: make it simpler"
    drawing.with_suffix(".webp").write_bytes(file)
    return len(file)


def main() -> None:
    program, environment = browser.find(str(ROOT / ".venv-checks"))
    with sync_playwright() as playwright:
        # No sandbox: only our own drawings are opened, and Chromium does not start as root with one.
        chromium = playwright.chromium.launch(
            executable_path=program,
            env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", **environment},
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = chromium.new_page()
        for drawing in sorted(FOLDER.glob("*.svg")):
            print(f"{drawing.stem}.webp: {render(page, drawing)} bytes", flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
