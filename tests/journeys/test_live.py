"""Two browsers at one ballot: what one saves the other sees, without loading the page again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.journeys.stage import Site, press
from tests.journeys.test_count import issued

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def stream(database: str) -> Iterator[str]:
    """The event stream as a program of its own, as it runs beside the site."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secrets = {"CONVENTUS_DATABASE": database, "CONVENTUS_SECRET_KEY": settings.SECRET_KEY}
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "asyncio", "--no-ws", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--workers-kill-timeout", "1", "--log-level", "warning",
        "config.live:application",
    ]  # fmt: skip
    program = subprocess.Popen(command, cwd=ROOT, env=os.environ | secrets, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        program.terminate()
        program.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the event stream does not answer")


def test_an_entry_shows_on_the_other_page_by_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ballot = issued(site)
    with stream(site.databases.current) as url:
        monkeypatch.setattr(settings, "LIVE_URL", url)
        head, counter = site.person("dongson.head"), site.person("dongson.counter1")
        with head.expect_response(lambda answer: "/live?" in answer.url):
            head.goto(f"/elections/ballots/{ballot.pk}")
        expect(head.get_by_role("main")).to_contain_text("Nobody yet.")
        head.evaluate("window.neverLoadedAgain = true")
        counter.goto(f"/elections/ballots/{ballot.pk}/count")
        boxes = counter.get_by_role("main").get_by_role("textbox").all()
        for box, figure in zip(boxes, (19, 19, 0, 18, 17, 16, 6), strict=True):
            box.fill(str(figure))
        press(counter, "Check the figures")
        press(counter, "Save as my entry")
        expect(head.get_by_role("main")).to_contain_text("1 of 2 counts is in.")
        expect(head.get_by_role("main")).to_contain_text("Hoàng Thị Yến")
        assert head.evaluate("window.neverLoadedAgain"), "the page was loaded again"
        head.goto("about:blank")
