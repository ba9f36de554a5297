"""Makes docs/screenshots: builds the sample city, starts it, and takes each page as its user sees it.

`make screenshots` (Chromium is found or installed as for the tests); `python -m tools.screenshots desk` takes one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tools import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "screenshots-only"
DAY = "2025-02-25"
GAP = 16
"""Pixels around the pages of a paper."""
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@dataclass(frozen=True)
class Shot:
    """One picture: its name, who looks, the page (a path, or `kind:code`), the size, theme and language."""

    name: str
    user: str
    path: str
    width: int = 1280
    height: int = 900
    dark: bool = False
    language: str = "en"


SHOTS = (
    Shot("desk", "dongson.organiser", "/"),
    Shot("unit", "city.organiser", "unit:W14785"),
    Shot("congress", "dongson.organiser", "congress:W14785"),
    Shot("progress", "city.organiser", "progress:D380", height=1400),
    Shot("plan", "city.organiser", "document:268-KH/TU", height=1200),
    Shot("count", "dongson.counter1", "count:W14785"),
    Shot("record", "city.organiser", "record:W15859", width=1302, height=912),
    Shot("progress-vi-dark", "city.organiser", "progress:D380", dark=True, language="vi"),
    Shot("desk-phone", "dongson.organiser", "/", width=390, height=844),
)


def main() -> None:
    """Build, serve, take every picture, or only those that are named."""
    target = ROOT / "docs" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "CONVENTUS_VAR": folder,
            "CONVENTUS_TODAY": DAY,
            "CONVENTUS_DATABASE": f"{folder}/sample.sqlite3",
        }
        paths = _sample()
        with _served() as address:
            _take_all(address, paths, target)


def _sample() -> dict[str, str]:
    """Build the sample, bring the fifth pilot to its count, and look up where each picture's page is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("demo", no_serve=True, password=PASSWORD)
    from conventus.portal.sample.views_of import open_count, paths_of

    open_count()
    return paths_of([shot.path for shot in SHOTS])


@contextmanager
def _served() -> Iterator[str]:
    program, port = str(Path(sys.executable).parent / "conventus"), _free_port()
    server = subprocess.Popen([program, "runserver", "--port", str(port), "--workers", "1"])
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(120):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise SystemExit("the server did not start")


def _take_all(address: str, paths: dict[str, str], target: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find_or_install(), args=ARGUMENTS)
        for shot in (one for one in SHOTS if one.name in sys.argv[1:] or not sys.argv[1:]):
            _take(browser, address, paths[shot.path], shot, target / f"{shot.name}.png")
            print(f"docs/screenshots/{shot.name}.png")
        browser.close()


def _take(browser: Browser, home: str, address: str, shot: Shot, path: Path) -> None:
    size: ViewportSize = {"width": shot.width, "height": shot.height}
    scheme: Literal["dark", "light"] = "dark" if shot.dark else "light"
    context = browser.new_context(base_url=home, viewport=size, color_scheme=scheme, locale=shot.language)
    page = context.new_page()
    is_paper = address.endswith(".pdf")
    page.goto("/" if is_paper else address)
    _sign_in(page, shot.user)
    if is_paper:
        path.write_bytes(_pages(context.request.get(address).body(), size))
    else:
        page.reload()
        page.wait_for_timeout(500)
        page.screenshot(path=str(path))
    context.close()


def _pages(pdf: bytes, size: ViewportSize) -> bytes:
    """The first pages of a paper side by side, as many as fit."""
    import pypdfium2  # type: ignore[import-untyped]
    from PIL import Image

    sheet, left, file = Image.new("RGB", (size["width"], size["height"]), "#dfe5e7"), GAP, BytesIO()
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=(size["height"] - 2 * GAP) / page.get_height()).to_pil()
        if left + picture.width + GAP > size["width"]:
            break
        sheet.paste(picture, (left, GAP))
        left += picture.width + GAP
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _sign_in(page: Page, user: str) -> None:
    """Sign in where the page has sent us; it leads back to the page."""
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/account/login" not in url, timeout=60_000)


if __name__ == "__main__":
    main()
