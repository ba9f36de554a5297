"""Fixtures of the journeys: one Chromium and one server for all of them, a fresh copy of a prepared world for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys import stage
from tools import chromium

OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay",
    "MediaRouter", "OptimizationHints", "PaintHolding", "DestroyProfileOnBrowserClose", "ThirdPartyStoragePartitioning",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "AvoidCorsURLLoaderRestartOnRedirect", "PreconnectToSearch", "AimEnabled",
)  # fmt: skip
"""What Playwright turns off, since the last switch of a name counts, and the address bar's popups: they are pages of
their own, loaded for every window, and cost a second each, though nobody sees the bar."""
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join(OFF)}",
]  # fmt: skip
OUTSIDE_LIVE = "http://127.0.0.1:9"
"""Where nobody streams: only the journey about live pages has a stream."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium without a window. Playwright ends with the package: other tests want the event loop for themselves."""
    path = chromium.find()
    assert path, "No Chromium was found: `make test` installs one, CONVENTUS_CHROMIUM names one."
    expect.set_options(timeout=stage.PATIENCE)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share, and no other run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "worlds"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="package")
def served(browser: Browser, shared: Path, worker_id: str, django_db_blocker: Any) -> Iterator[stage.Site]:
    """The site, its database and its browser, for all journeys of this process."""
    databases = stage.Templates(worker_id) if stage.on_postgresql() else stage.Files(settings.VAR, shared)
    patch = pytest.MonkeyPatch()
    # Playwright's loop runs in this thread, so Django would take the tests' own queries for asynchronous ones.
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    patch.setattr(settings, "LIVE_URL", OUTSIDE_LIVE)
    patch.setattr(settings, "WHITENOISE_AUTOREFRESH", False)
    with django_db_blocker.unblock(), stage.instead_of_the_tests_database(databases.current), stage.serving() as url:
        yield stage.Site(url, databases, browser)
        databases.remove()
    patch.undo()


@pytest.fixture
def empty_site(served: stage.Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[stage.Site]:
    """The site before its first document: units, people, log-ins; in June 2024."""
    yield from _visit(served, monkeypatch, stage.units_and_people, "2024-06-17")


@pytest.fixture
def site(served: stage.Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[stage.Site]:
    """The site with both samples, on the day when the fifth pilot opens."""
    yield from _visit(served, monkeypatch, stage.city_and_association, "2025-02-25")


def _visit(site: stage.Site, patch: pytest.MonkeyPatch, build: stage.Build, day: str) -> Iterator[stage.Site]:
    patch.setenv("CONVENTUS_TODAY", day)
    site.start_from(build)
    yield site
    site.leave()
