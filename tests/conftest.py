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


class NoNetwork(RuntimeError):
    """A test reached for another machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Set the process up: its own folder, no fixed day from outside, no time limit for examples on a busy machine."""
    config.addinivalue_line("markers", "once: runs on SQLite only, though it lies among the tests of rows or pages")
    config.addinivalue_line("markers", "postgresql: a journey that runs on PostgreSQL as well")
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
    settings.VAR = Path(tempfile.mkdtemp(prefix="conventus-test-", dir=os.environ.get("CONVENTUS_VAR")))
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
    """On PostgreSQL leave out what cannot turn out differently there (docs/operate/tests.md)."""
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        return
    left_out = [item for item in items if not _runs_on_postgresql(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _runs_on_postgresql(item)]


def _runs_on_postgresql(item: pytest.Item) -> bool:
    if item.get_closest_marker("once"):
        return False
    part = item.path.relative_to(TESTS).parts[0]
    return part == "rooms" or item.get_closest_marker("postgresql") is not None
