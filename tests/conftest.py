"""What every test shares: no network, a folder of its own, compiled translations, and which database runs what."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from conventus.core.translations import compile_stale

TESTS = Path(__file__).resolve().parent
CONNECT = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
LOOK_UP = socket.getaddrinfo
NO_ROWS = ("engines", "house", "packs", "rules")
"""Folders without a test that touches rows."""


class NoNetwork(RuntimeError):
    """A test reached for another machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Set the process up: its own folder, no fixed day from outside, no time limit for examples on a busy machine."""
    config.addinivalue_line("markers", "once: runs on SQLite only, though it lies among the tests of rows or pages")
    config.addinivalue_line("markers", "postgresql: a journey that runs on PostgreSQL, where both databases are tried")
    hypothesis.settings.register_profile("house", deadline=None, database=None, derandomize=bool(os.environ.get("CI")))
    hypothesis.settings.load_profile("house")
    os.environ.pop("CONVENTUS_TODAY", None)
    _own_folder()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Every test client would look through all folders for static files; the journeys' server does it once.
    settings.WHITENOISE_AUTOREFRESH = True
    compile_stale()
    _close_the_network()


def pytest_unconfigure() -> None:
    """Remove the folder and open the network again."""
    shutil.rmtree(settings.VAR, ignore_errors=True)
    socket.getaddrinfo = LOOK_UP
    for name, real in CONNECT.items():
        setattr(socket.socket, name, real)


def _own_folder() -> None:
    settings.VAR = Path(tempfile.mkdtemp(prefix="conventus-test-", dir=os.environ.get("CONVENTUS_VAR") or None))
    settings.MEDIA_ROOT = settings.VAR / "files"
    settings.STATIC_ROOT = settings.VAR / "static"
    settings.STATIC_ROOT.mkdir()


def _close_the_network() -> None:
    """Let no test connect to another machine, or even ask for its address."""

    def guarded(name: str) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _require_local(address[0])
            return CONNECT[name](self, address)

        return connect

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _require_local(host)
        return LOOK_UP(host, *args, **kwargs)

    for name in CONNECT:
        setattr(socket.socket, name, guarded(name))
    socket.getaddrinfo = look_up


def _require_local(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NoNetwork(f"a test must not reach {name}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other half runs (docs/operate/tests.md), and begin with what takes long."""
    runs_here = _runs_on_postgresql if _on_postgresql() else _runs_on_sqlite
    config.hook.pytest_deselected(items=[item for item in items if not runs_here(item)])
    items[:] = sorted(filter(runs_here, items), key=_turn)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """On PostgreSQL do not even read what has nothing to do with it."""
    return True if _on_postgresql() and _part(collection_path) in NO_ROWS else None


def _on_postgresql() -> bool:
    return "postgresql" in settings.DATABASES["default"]["ENGINE"]


def _runs_on_postgresql(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    return _part(item.path) == "rooms" or item.get_closest_marker("postgresql") is not None


def _runs_on_sqlite(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is None or not os.environ.get("CONVENTUS_BOTH_DATABASES")


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    """Journeys and what runs in one group first, so that at the end no process waits for the other."""
    return _part(item.path) != "journeys", item.get_closest_marker("xdist_group") is None


def _part(path: Path) -> str:
    """The folder of `tests` that this lies in."""
    return path.relative_to(TESTS).parts[0] if path != TESTS and path.is_relative_to(TESTS) else ""
