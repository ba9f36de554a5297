"""The event stream: passes, ticks after a line of the book, and who may listen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.core import signing
from django.db import connections

from conventus.core import live
from conventus.core.actions import give_grant
from conventus.core.models import User
from conventus.org.models import Unit
from tests.rooms.core.conftest import Place

PATIENCE = 10
"""Seconds after which a test gives up; a tick takes less than one."""


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[live.Hub]:
    """A hub of the test's own, with a quick poll."""
    monkeypatch.setattr(live, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(live, "HUB", live.Hub())
    yield live.HUB
    live.HUB.reader.shutdown()


class Listener:
    """A client of the bare ASGI application: what it was sent, and a way to hang up."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.hung_up = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """The request's empty body once, then nothing until the client hangs up."""
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> dict[str, Any]:
        """The next message of the server."""
        return await asyncio.wait_for(self.sent.get(), PATIENCE)

    async def tick(self) -> int:
        """The number in the next tick."""
        event, data = (await self.next())["body"].decode().strip().split("\n")
        assert event == "event: tick"
        return int(json.loads(data.removeprefix("data: "))["seq"])


@asynccontextmanager
async def listening(channel: str, headers: list[tuple[bytes, bytes]] | None = None) -> AsyncIterator[Listener]:
    """Open the stream with a valid pass; hang up afterwards."""
    listener = Listener()
    app = asyncio.create_task(
        live.application(scope(live.sign_pass(channel), headers), listener.receive, listener.sent.put)
    )
    try:
        yield listener
    finally:
        listener.hung_up.set()
        await asyncio.wait_for(app, PATIENCE)


def scope(signed: str, headers: list[tuple[bytes, bytes]] | None = None, path: str = "/live") -> dict[str, Any]:
    """What a server hands to the application for `GET path?pass=signed`."""
    return {"type": "http", "path": path, "query_string": f"pass={signed}".encode(), "headers": headers or []}


def status_of(scope: dict[str, Any]) -> int:
    """The status with which the application answers at once."""

    async def ask() -> int:
        listener = Listener()
        await live.application(scope, listener.receive, listener.sent.put)
        return int((await listener.next())["status"])

    return asyncio.run(ask())


# Passes


def test_a_pass_names_its_channel() -> None:
    assert live.channel_of(live.sign_pass("unit:7")) == "unit:7"


@pytest.mark.parametrize("signed", ["", "unit:7", "x" * 50, "a:b:c"])
def test_a_forged_pass_is_refused(signed: str) -> None:
    assert status_of(scope(signed)) == 403


def test_what_was_signed_for_something_else_is_no_pass() -> None:
    assert status_of(scope(signing.dumps("unit:7", salt="other"))) == 403


def test_a_pass_for_another_channel_cannot_be_made_from_ones_own() -> None:
    body, _, rest = live.sign_pass("unit:7").partition(":")
    other = live.sign_pass("unit:8").partition(":")[0]
    assert body != other
    assert status_of(scope(f"{other}:{rest}")) == 403


def test_an_old_pass_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = live.sign_pass("unit:7")
    monkeypatch.setattr(live, "PASS_SECONDS", -1)
    assert status_of(scope(signed)) == 403


def test_nothing_else_is_served() -> None:
    assert status_of(scope(live.sign_pass("unit:7"), path="/")) == 404


def test_the_server_may_start_and_stop_it() -> None:
    async def life() -> list[str]:
        messages = iter(["lifespan.startup", "lifespan.shutdown"])
        said: list[str] = []

        async def receive() -> dict[str, Any]:
            return {"type": next(messages)}

        async def send(message: dict[str, Any]) -> None:
            said.append(message["type"])

        await live.application({"type": "lifespan"}, receive, send)
        return said

    assert asyncio.run(life()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


# Who may listen


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (b"http://127.0.0.1:8000", True),
        (b"https://127.0.0.1", True),
        (b"http://evil.example", False),
        (b"http://127.0.0.1.evil.example:8001", False),
        (b"http://evil.example/127.0.0.1", False),
        (b"null", False),
        (b"", False),
    ],
)
def test_only_a_page_of_the_same_host_may_read_the_stream(origin: bytes, allowed: bool, db: None) -> None:
    async def ask() -> dict[bytes, bytes]:
        async with listening("unit:7", [(b"origin", origin), (b"host", b"127.0.0.1:8001")]) as listener:
            return dict((await listener.next())["headers"])

    headers = asyncio.run(ask())
    assert headers.get(b"access-control-allow-origin") == (origin if allowed else None)
    assert headers[b"content-type"] == b"text/event-stream"
    assert headers[b"cache-control"] == b"no-store"


# Ticks


@pytest.fixture
def write(place: Place) -> Callable[[Unit], None]:
    """Write a line about a unit into the book."""
    boss, guest = place.person("boss", place.root), place.person("guest")

    def line(unit: Unit) -> None:
        give_grant(User.objects.get(pk=boss.pk), unit, user=guest, role="viewer")

    return line


async def in_thread(do: Callable[..., Any], *arguments: Any) -> None:
    """Do it as a page would: in a thread with a connection of its own."""

    def work() -> None:
        try:
            do(*arguments)
        finally:
            connections.close_all()

    await asyncio.to_thread(work)


async def ready(hub: live.Hub) -> None:
    """Wait until the hub knows where the book stands; lines before that moment are not news."""
    async with asyncio.timeout(PATIENCE):
        while hub.seq < 0:
            await asyncio.sleep(0.01)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("listener_at", ["leaf", "left", "root"])
def test_a_line_about_a_unit_ticks_there_and_all_the_way_up(
    place: Place, write: Callable[[Unit], None], hub: live.Hub, listener_at: str
) -> None:
    async def hear() -> tuple[bytes, int]:
        async with listening(f"unit:{getattr(place, listener_at).pk}") as listener:
            await listener.next()
            greeting = (await listener.next())["body"]
            await ready(hub)
            await in_thread(write, place.leaf)
            return greeting, await listener.tick()

    assert asyncio.run(hear()) == (b"retry: 2000\n\n", 1)


@pytest.mark.django_db(transaction=True)
def test_a_neighbour_hears_nothing(place: Place, write: Callable[[Unit], None], hub: live.Hub) -> None:
    async def hear() -> tuple[int, int]:
        async with listening(f"unit:{place.right.pk}") as neighbour, listening(f"unit:{place.left.pk}") as left:
            for listener in (neighbour, left):
                await listener.next()
                await listener.next()
            await ready(hub)
            await in_thread(write, place.left)
            return await left.tick(), neighbour.sent.qsize()

    assert asyncio.run(hear()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_later_hears_only_what_is_written_from_then_on(
    place: Place, write: Callable[[Unit], None], hub: live.Hub
) -> None:
    async def hear() -> tuple[int, int]:
        async with listening(f"unit:{place.left.pk}") as first:
            await first.next()
            await first.next()
            await ready(hub)
        assert hub.poller is not None
        await asyncio.wait_for(hub.poller, PATIENCE)
        await in_thread(write, place.left)
        async with listening(f"unit:{place.left.pk}") as second:
            await second.next()
            await second.next()
            await ready(hub)
            await in_thread(write, place.left)
            return await second.tick(), second.sent.qsize()

    assert asyncio.run(hear()) == (2, 0)


def test_a_slow_listener_gets_the_newest_number_only() -> None:
    async def hear() -> int:
        hub = live.Hub()
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        hub.listeners["unit:7"].add(queue)
        hub._tell([(1, "unit:7"), (2, "unit:7"), (2, "unit:8"), (3, "unit:7")])
        return queue.get_nowait()

    assert asyncio.run(hear()) == 3


def test_a_quiet_stream_says_now_and_then_that_it_lives(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(live, "SILENCE_SECONDS", 0.05)

    async def hear() -> bytes:
        async with listening("unit:7") as listener:
            await listener.next()
            await listener.next()
            return bytes((await listener.next())["body"])

    assert asyncio.run(hear()) == b": still here\n\n"


def test_nobody_is_kept_after_hanging_up(hub: live.Hub, db: None) -> None:
    async def come_and_go() -> None:
        async with listening("unit:7") as listener:
            await listener.next()

    asyncio.run(come_and_go())
    assert hub.listeners == {}
