"""`conventus runserver`: the pages, the event stream and the job worker, started and ended together."""

from __future__ import annotations

import fcntl
import http.client
import os
import socket
import struct
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conventus.core.processes import Crew, Died
from conventus.core.translations import compile_stale

START_SECONDS = 90
_LOCAL, _ANY = ("127.0.0.1", "localhost", "::1"), ("0.0.0.0", "::")  # noqa: S104
GRANIAN = (sys.executable, "-m", "granian", "--no-ws", "--workers-kill-timeout", "1", "--log-level", "warning")


class Command(BaseCommand):
    """Serve the pages, the event stream and the jobs."""

    help = "Serve the pages (--port), the event stream (the next port) and the jobs, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen, and with how many page processes."""
        where = "address to listen on (default: 127.0.0.1, this machine only; 0.0.0.0: the local network as well)"
        parser.add_argument("--host", "--address", default="127.0.0.1", help=where)
        parser.add_argument("--port", type=int, default=8000, help="port of the pages; the event stream takes the next")
        parser.add_argument("--workers", type=int, default=2, help="processes that serve pages (default: 2)")
        parser.add_argument("--no-worker", action="store_true", help="leave the jobs to `conventus worker` elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start all, say where the pages are, and keep watch."""
        host, port = options["host"], options["port"]
        for wanted in (port, port + 1):
            _require_free(host, wanted)
        _require_migrated()
        own = own_addresses(host)
        _answer_to(own)
        compile_stale()
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        with Crew(self.stdout) as crew:
            self._start(crew, host, port, options)
            try:
                if _until_answered(crew, host, port):
                    self._welcome(host, port, own)
                while not crew.wait(0.25):
                    crew.check()
            except Died as fault:
                raise CommandError(str(fault)) from fault

    def _start(self, crew: Crew, host: str, port: int, options: dict[str, Any]) -> None:
        where, workers = ("--host", host, "--port"), ("--workers", str(options["workers"]), "--blocking-threads", "4")
        pages = (*GRANIAN, "--interface", "wsgi", *where, str(port), *workers, "config.wsgi:application")
        crew.start("pages", "The server of the pages", pages)
        # granian would choose rloop or uvloop where somebody has installed one; asyncio is there on every machine.
        stream = (
            *GRANIAN,
            "--interface",
            "asgi",
            "--loop",
            "asyncio",
            *where,
            str(port + 1),
            "config.live:application",
        )
        crew.start("live", "The event stream", stream)
        if not options["no_worker"]:
            crew.start("jobs", "The job worker", (sys.executable, "-m", "conventus.cli", "worker"))
        crew.listen()

    def _welcome(self, host: str, port: int, own: list[str]) -> None:
        self.stdout.write(f"Conventus answers on http://{_shown(host)}:{port}/ – stop it with Ctrl-C.")
        for address in own:
            self.stdout.write(
                f"In the local network: http://{address}:{port}/ – unencrypted, so on a network of your own."
            )
        if own:
            self._show_code(f"http://{own[0]}:{port}/")
        self.stdout.flush()

    def _show_code(self, address: str) -> None:
        """The address as a QR code for phones and tablets, where somebody looks at it."""
        if not self.stdout.isatty():
            return
        from qrcode.main import QRCode  # type: ignore[import-untyped]

        code = QRCode(border=2)
        code.add_data(address)
        code.print_ascii(out=self.stdout, invert=True)


def _require_free(host: str, port: int) -> None:
    """Refuse a port that somebody uses, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as fault:
            raise CommandError(f"cannot listen on {host}, port {port}: {fault}. Choose another with --port.") from fault


def own_addresses(host: str) -> list[str]:
    """The addresses in the local network under which others reach a server that listens on `host`."""
    if host in _LOCAL:
        return []
    if host not in _ANY:
        return [host]
    found = list(_interfaces()) or socket.gethostbyname_ex(socket.gethostname())[2]
    return [address for address in found if not address.startswith("127.")]


def _interfaces() -> Iterator[str]:
    """The address of each network interface, asked of Linux; it needs no network that leads anywhere."""
    ask_for_address = 0x8915
    for _number, name in socket.if_nameindex():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            told = fcntl.ioctl(probe.fileno(), ask_for_address, struct.pack("256s", name.encode()[:15]))
            yield socket.inet_ntoa(told[20:24])


def _answer_to(own: list[str]) -> None:
    """Let the servers answer to these addresses, unless the installation says itself to which names."""
    if own and "CONVENTUS_HOSTS" not in os.environ:
        os.environ["CONVENTUS_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, *own])


def _require_migrated() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("the database is not at this version. Run “conventus migrate” first.")
    connection.close()


def _until_answered(crew: Crew, host: str, port: int) -> bool:
    """Wait until both servers answer. False when somebody ended the wait."""
    deadline = time.monotonic() + START_SECONDS
    while not (_answers(host, port, "/account/login/") and _answers(host, port + 1, "/live")):
        crew.check()
        if time.monotonic() > deadline:
            raise CommandError(f"the servers did not answer within {START_SECONDS} seconds; see what they said above.")
        if crew.wait(0.1):
            return False
    return True


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(_shown(host).strip("[]"), port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _shown(host: str) -> str:
    """The address to call: a server that listens on all addresses is called on this machine's own."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{own}]" if ":" in own else own
