"""What a journey stands on: prepared databases, a server in threads of this process, people in browsers."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from conventus.core.models import User
from conventus.portal.sample import city
from tests import world

PATIENCE = 20_000
"""Milliseconds that a page may take before a journey gives up; machines of a CI are slow at times."""
KEPT = os.environ.get("CONVENTUS_PICTURES")
"""A folder for a picture of each window as a journey left it; for looking into a journey that fails."""
Build = Callable[[], object]


def city_and_association() -> None:
    """Both samples as `conventus demo` builds them, small."""
    world.small_city()
    world.small_association()


def units_and_people() -> None:
    """The small city before its first document: units, people and log-ins only."""
    city.peopled(world.PASSWORD, small=True)


# Databases ----------------------------------------------------------------------------------------


class Files:
    """SQLite: a prepared database is a file, starting from it is copying it. Processes of one run share the files."""

    def __init__(self, own: Path, shared: Path) -> None:
        self.shared = shared
        self.current = str(own / "current.sqlite3")

    def start_from(self, name: str, build: Build) -> None:
        """Put the database `name` in place, built if no process has done so yet."""
        source = self.shared / f"{name}.sqlite3"
        with (self.shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not source.exists():
                self._clear(self.current)
                build()
                with connections["default"].cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(source)])
        self._clear(self.current)
        shutil.copyfile(source, self.current)

    def _clear(self, path: str) -> None:
        connections["default"].close()
        for ending in ("", "-wal", "-shm"):
            Path(path + ending).unlink(missing_ok=True)

    def remove(self) -> None:
        """Leave nothing behind."""
        self._clear(self.current)


class Templates:
    """PostgreSQL: a prepared database is a template of the one in use."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.current = f"journey_{worker}"
        self.made: list[str] = []

    def start_from(self, name: str, build: Build) -> None:
        """Put the database `name` in place, built if this process has not done so yet."""
        source = f"journey_{self.worker}_{name}"
        self._drop(self.current)
        if source not in self.made:
            self._do(f'CREATE DATABASE "{self.current}"')
            build()
            connections["default"].close()
            self._do(f'ALTER DATABASE "{self.current}" RENAME TO "{source}"')
            self.made.append(source)
        self._do(f'CREATE DATABASE "{self.current}" TEMPLATE "{source}"')

    def _drop(self, name: str) -> None:
        connections["default"].close()
        self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _do(self, statement: str) -> None:
        with connections["default"]._nodb_cursor() as cursor:
            cursor.execute(statement)

    def remove(self) -> None:
        """Leave nothing behind."""
        for name in (self.current, *self.made):
            self._drop(name)


@contextmanager
def instead_of_the_tests_database(name: str) -> Iterator[None]:
    """All threads work on the database `name`; afterwards the tests' own is back as it was."""
    own, own_settings = connections["default"], connections.settings["default"]
    connections.settings["default"] = {**own_settings, "NAME": name}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = own_settings
        connections["default"] = own


# Server -------------------------------------------------------------------------------------------


class Quiet(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadedWSGIServer):
    """Django's own server; a browser that hangs up is no error."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing; what a view raises is seen as its answer."""


@contextmanager
def serving() -> Iterator[str]:
    """The site on a free port of this machine."""
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(get_internal_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# People -------------------------------------------------------------------------------------------


class Window:
    """A browser window with cookies of its own. It goes from hand to hand, for a new one costs a second."""

    def __init__(self, browser: Browser, url: str, how: dict[str, Any]) -> None:
        self.url, self.how = url, how
        self.context = browser.new_context(base_url=url, locale="en-GB", reduced_motion="reduce", **how)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.size = self.page.viewport_size
        self.faults: list[str] = []
        self.page.on("pageerror", lambda fault: self.faults.append(f"{self.page.url}: {fault}"))
        self.page.on("console", self._said)
        self.page.on("response", self._answered)

    def sign_in(self, name: str) -> None:
        """Let the window be that of the person with this user name."""
        client = Client()
        client.force_login(User.objects.get(username=name))
        self.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.url}])

    def hand_back(self) -> list[str]:
        """Be as new for the next person; what went wrong meanwhile."""
        self.page.goto("about:blank")
        self.context.clear_cookies()
        if self.size:
            self.page.set_viewport_size(self.size)
        self.page.emulate_media(color_scheme="light")
        faults, self.faults = self.faults, []
        return faults

    def _said(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text and "/live?" not in message.text:
            self.faults.append(f"{message.location.get('url')}: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url} answers {response.status}")


@dataclass
class Site:
    """The running site with its database, its clock, and the people who look at it."""

    url: str
    databases: Files | Templates
    browser: Browser
    idle: list[Window] = field(default_factory=list)
    used: list[Window] = field(default_factory=list)
    people: dict[str, Page] = field(default_factory=dict)

    def start_from(self, *builds: Build) -> None:
        """Begin with what these make one after the other, fresh; what was made once is kept for the next journey."""
        *before, last = builds

        def whole() -> None:
            if before:
                self.start_from(*before)
            else:
                call_command("migrate", verbosity=0)
            last()

        self.databases.start_from("-".join(build.__name__ for build in builds), whole)
        ContentType.objects.clear_cache()

    def today(self, day: str) -> None:
        """Let it be `day` for everybody."""
        os.environ["CONVENTUS_TODAY"] = day

    def person(self, name: str = "", **how: Any) -> Page:
        """The window of the person with this user name, signed in; a new one of nobody in particular without one."""
        if name in self.people and not how:
            return self.people[name]
        window = self._window(how)
        if name:
            window.sign_in(name)
            self.people[name] = window.page
        return window.page

    def _window(self, how: dict[str, Any]) -> Window:
        fitting = [one for one in self.idle if one.how == how]
        window = fitting[0] if fitting else Window(self.browser, self.url, how)
        if fitting:
            self.idle.remove(window)
        self.used.append(window)
        return window

    def leave(self) -> None:
        """Hand all windows back; no page may have had an error in a script, broken its own policy or failed."""
        for number, window in enumerate(self.used):
            if KEPT:
                window.page.screenshot(path=f"{KEPT}/last-{number}.png", full_page=True)
        faults = [fault for window in self.used for fault in window.hand_back()]
        self.idle += self.used
        self.used, self.people = [], {}
        assert not faults, "\n".join(faults)


def press(page: Page, name: str, *, exact: bool = True, sure: bool | str = False, nth: int = 0) -> None:
    """Press the button `name`; `sure` is what is then pressed in the question."""
    page.get_by_role("button", name=name, exact=exact).nth(nth).click()
    if sure:
        question = page.get_by_role("dialog")
        question.get_by_role("button", name=sure if isinstance(sure, str) else "Yes, do it", exact=True).click()
        expect(question).to_be_hidden()


def follow(page: Page, name: str, *, exact: bool = True) -> None:
    """Follow the link `name` in the content of the page."""
    page.get_by_role("main").get_by_role("link", name=name, exact=exact).first.click()


def fill(page: Page, **values: Any) -> None:
    """Fill fields by their labels; an underscore stands for a blank."""
    for label, value in values.items():
        page.get_by_label(label.replace("_", " "), exact=False).first.fill(str(value))


def told(page: Page, words: str) -> None:
    """The page says these words in its content."""
    expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()


def refused(page: Page, words: str) -> None:
    """The page refuses, in these words."""
    expect(page.get_by_role("main").get_by_role("alert").filter(has_text=words).first).to_be_visible()


def on_postgresql() -> bool:
    """Whether this run is on PostgreSQL."""
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]
