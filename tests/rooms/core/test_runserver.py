"""The real servers: started, asked, listened to, ended; and what is said when they cannot run."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conventus.core.live import sign_pass
from conventus.core.management.commands.runserver import own_addresses
from tests.conftest import CONNECT
from tests.rooms.core.conftest import START, conventus

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("servers")]

END = 5.0
"""Seconds that an end may take there; on a quiet machine it is one and a half, and three are promised."""

LINE = """
import django; django.setup()
from django.db import transaction
from conventus.core import book
from conventus.core.accounts import system_account
from conventus.org.models import Organisation, Unit
house, _ = Organisation.objects.get_or_create(key="x", defaults={"name": "X", "pack": "vn-party-2024"})
facts = {"level": "base", "name": "X", "path": "000007"}
unit, _ = Unit.objects.get_or_create(organisation=house, code="X", defaults=facts)
with transaction.atomic():
    book.write([book.Line(system_account("test").pk, "system", "test.line", "", None, unit.pk, {}, {})])
"""
"""Writes a line about a unit whose path names unit 7."""


SIGN_IN = """
import re, sys
from http.client import HTTPConnection
from urllib.parse import urlencode
host, port = sys.argv[1:]
server = HTTPConnection(host, int(port), timeout=60)
server.request("GET", "/account/login/")
page = server.getresponse()
cookie = page.headers["Set-Cookie"].partition(";")[0]
token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())[1]
body = urlencode({"csrfmiddlewaretoken": token, "login": "nobody", "password": "x"})
kind = "application/x-www-form-urlencoded"
head = {"Cookie": cookie, "Origin": f"http://{host}:{port}", "Content-Type": kind}
server.request("POST", "/account/login/", body, head)
print(page.status, server.getresponse().status)
"""
"""Calls the login page at an address of this machine's network and sends its form; a refused token would be 403."""


@pytest.fixture
def migrated(environment: dict[str, str], tables: Path) -> dict[str, str]:
    """The installation with its tables."""
    shutil.copy(tables, environment["CONVENTUS_DATABASE"])
    return environment


def free_port() -> int:
    """A port that is free, like the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class Servers:
    """`conventus runserver` as a person starts it."""

    def __init__(self, environment: dict[str, str], *options: str) -> None:
        self.port = free_port()
        command = [*conventus("runserver", "--port", str(self.port), "--workers", "1"), *options]
        self.log = ""
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_until_up(self) -> None:
        """Read on until the address is printed."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log += line
            if "Conventus answers on" in line:
                return
        raise AssertionError(self.log)

    def get(self, path: str) -> int:
        """The status of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    def wait_for(self, words: str) -> None:
        """Read on until something is said."""
        assert self.process.stdout is not None
        while words not in self.log:
            line = self.process.stdout.readline()
            assert line, self.log
            self.log += line

    def child(self, word: str) -> int:
        """The process whose command line has the word."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        (found,) = [pid for pid in children if word in Path(f"/proc/{pid}/cmdline").read_text()]
        return int(found)

    def ended(self) -> tuple[int, float]:
        """Wait for the end: the exit status, and how long it took."""
        began = time.monotonic()
        self.log += self.process.communicate(timeout=START)[0]
        return self.process.returncode, time.monotonic() - began


@pytest.fixture
def serve(migrated: dict[str, str]) -> Iterator[Callable[..., Servers]]:
    """Start the servers; whatever is still there after the test is killed."""
    started: list[Servers] = []

    def start(*options: str) -> Servers:
        servers = Servers(migrated, *options)
        started.append(servers)
        servers.wait_until_up()
        return servers

    yield start
    for servers in started:
        if servers.process.poll() is None:
            servers.process.terminate()
            servers.ended()


def nobody_listens(port: int, patience: float = 0.0) -> bool:
    """Whether both ports are free again, at the latest after so many seconds."""
    deadline = time.monotonic() + patience
    while any(_listens(each) for each in (port, port + 1)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_pages_stream_and_jobs_run_and_end_together(serve: Callable[..., Servers], migrated: dict[str, str]) -> None:
    servers = serve()
    assert servers.get("/account/login/") == 200
    address = ("127.0.0.1", servers.port + 1)
    with socket.create_connection(address, timeout=START) as listener, listener.makefile("rb") as stream:
        request = f"GET /live?pass={sign_pass('unit:7')} HTTP/1.1\r\nHost: 127.0.0.1:{servers.port + 1}\r\n"
        listener.sendall(f"{request}Origin: http://127.0.0.1:{servers.port}\r\n\r\n".encode())
        head = b"".join(iter(stream.readline, b"\r\n"))
        assert head.startswith(b"HTTP/1.1 200")
        assert f"access-control-allow-origin: http://127.0.0.1:{servers.port}".encode() in head
        _wait_for_line(stream, b"retry: 2000")
        time.sleep(0.6)  # One poll, after which the stream knows where the book stands.
        subprocess.run([sys.executable, "-c", LINE], env=migrated, check=True, timeout=START)
        _wait_for_line(stream, b"event: tick")
        servers.process.send_signal(signal.SIGTERM)
        status, seconds = servers.ended()
    assert (status, seconds < END) == (0, True), (seconds, servers.log)
    assert nobody_listens(servers.port)
    assert "jobs   | Starting worker" in servers.log
    assert not re.search("Traceback|Warning:", servers.log), servers.log


def _wait_for_line(stream: object, start: bytes) -> None:
    for line in stream:  # type: ignore[attr-defined]
        if line.startswith(start):
            return
    raise AssertionError(f"the stream ended without {start!r}")


def test_ctrl_c_ends_it_too_and_the_jobs_may_be_left_out(serve: Callable[..., Servers]) -> None:
    servers = serve("--no-worker")
    servers.process.send_signal(signal.SIGINT)
    status, seconds = servers.ended()
    assert (status, seconds < END) == (0, True), (seconds, servers.log)
    assert "jobs   |" not in servers.log


def test_the_local_network_is_served_when_that_is_asked_for(
    serve: Callable[..., Servers], migrated: dict[str, str]
) -> None:
    """A laptop without any network behind it: its own address is enough, and others can sign in over plain HTTP."""
    own = own_addresses("0.0.0.0")
    if not own:
        pytest.skip("this machine has no address but its own")
    migrated.pop("CONVENTUS_HOSTS", None)
    servers = serve("--address", "0.0.0.0", "--no-worker")
    servers.wait_for("In the local network")
    assert f"http://{own[0]}:{servers.port}/" in servers.log
    assert servers.get("/account/login/") == 200
    asked = subprocess.run([sys.executable, "-c", SIGN_IN, own[0], str(servers.port)], capture_output=True, check=True)
    assert asked.stdout.decode().split() == ["200", "200"]


def test_this_machine_alone_is_served_otherwise(serve: Callable[..., Servers]) -> None:
    servers = serve("--no-worker")
    assert own_addresses("127.0.0.1") == []
    for address in own_addresses("0.0.0.0"):
        with socket.socket() as probe:
            assert CONNECT["connect_ex"](probe, (address, servers.port)) != 0


def test_when_one_program_dies_all_end_and_it_is_named(serve: Callable[..., Servers]) -> None:
    servers = serve()
    os.kill(servers.child("config.live"), signal.SIGKILL)
    status, _ = servers.ended()
    assert status == 1
    assert "The event stream ended (status -9)." in servers.log
    assert nobody_listens(servers.port)


def test_nothing_stays_behind_when_it_is_killed_itself(serve: Callable[..., Servers]) -> None:
    servers = serve()
    servers.process.kill()
    servers.process.wait()
    assert nobody_listens(servers.port, patience=END + 2)
    servers.ended()


@pytest.mark.parametrize("offset", [0, 1])
def test_a_port_in_use_is_named_before_anything_starts(environment: dict[str, str], offset: int) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + offset))
        taken.listen()
        command = conventus("runserver", "--port", str(port))
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=START)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1, port {port + offset}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_of_another_version_is_not_served(environment: dict[str, str]) -> None:
    command = conventus("runserver", "--port", str(free_port()))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=START)
    assert done.returncode == 1
    assert "conventus migrate" in done.stderr
    assert "Traceback" not in done.stderr
