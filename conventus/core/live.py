"""Live updates: signed passes for channels, and a bare ASGI application that streams ticks (docs/adr/0004-live.md).

A channel is `unit:<id>`: it ticks whenever the minute book gains a line about that unit or one below. A tick carries
the line's number only; the page then fetches what its reader may see.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

from django.core import signing
from django.db import close_old_connections, connections

PASS_SECONDS = 300
POLL_SECONDS = 0.4
SILENCE_SECONDS = 15.0
Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def sign_pass(channel: str) -> str:
    """A pass for `channel`, good for five minutes: enough to connect, of no use to whoever finds it later."""
    return signing.dumps(channel, salt="live")


def channel_of(signed: str) -> str | None:
    """The channel of a pass, or None when it is forged or too old."""
    try:
        channel: str = signing.loads(signed, salt="live", max_age=PASS_SECONDS)
    except signing.BadSignature:
        return None
    return channel


def address(scheme: str, host: str) -> str:
    """Where browsers reach the stream of a site at `host`: CONVENTUS_LIVE_URL, else the same host's next port."""
    from django.conf import settings

    if settings.LIVE_URL:
        return str(settings.LIVE_URL).rstrip("/")
    name, _colon, port = host.rpartition(":")
    return f"{scheme}://{name}:{int(port) + 1}" if name and port.isdigit() else f"{scheme}://{host}"


class Hub:
    """Who listens to what; one background poll of the book's head serves all of them."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[asyncio.Queue[int]]] = defaultdict(set)
        self.seq = -1
        self.poller: asyncio.Task[None] | None = None
        self.reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
        """One thread, and so one connection to the database, for all listeners."""

    def join(self, channel: str) -> asyncio.Queue[int]:
        """A queue on which the numbers of the channel's lines arrive; only the newest matters."""
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        self.listeners[channel].add(queue)
        if self.poller is None or self.poller.done():
            self.poller = asyncio.create_task(self._poll())
        return queue

    def leave(self, channel: str, queue: asyncio.Queue[int]) -> None:
        """Stop listening."""
        self.listeners[channel].discard(queue)
        if not self.listeners[channel]:
            del self.listeners[channel]

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self.listeners:
                try:
                    self.seq, news = await loop.run_in_executor(self.reader, _news, self.seq)
                except Exception:  # The database may be restarting; listeners stay, the next poll tries again.
                    news = []
                self._tell(news)
                await asyncio.sleep(POLL_SECONDS)
        finally:
            # Whoever comes next hears what is written from then on, not all that nobody heard.
            self.seq = -1
            self.reader.submit(connections.close_all)

    def _tell(self, news: Iterable[tuple[int, str]]) -> None:
        for seq, channel in news:
            for queue in self.listeners.get(channel, ()):
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(seq)


def _news(since: int) -> tuple[int, list[tuple[int, str]]]:
    """The newest line's number, and (number, channel) for each line after `since`; nothing on the first call."""
    from conventus.core.models import BookHead, Entry

    close_old_connections()
    head = BookHead.objects.values_list("seq", flat=True).first() or 0
    if since < 0 or head <= since:
        return max(head, since) if since >= 0 else head, []
    lines = Entry.objects.filter(seq__gt=since, seq__lte=head, unit__isnull=False).select_related("unit")
    return head, [(entry.seq, f"unit:{key}") for entry in lines if entry.unit for key in entry.unit.ancestor_ids]


HUB = Hub()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: `GET /live?pass=…` answers with server-sent events; everything else is refused."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        query = parse_qs(scope["query_string"].decode("latin-1"))
        channel = channel_of(query.get("pass", [""])[0])
        if scope["path"] != "/live" or channel is None:
            await _plain(send, 403 if scope["path"] == "/live" else 404)
        else:
            await _stream(channel, scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _plain(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b""})


async def _stream(channel: str, scope: Scope, receive: Receive, send: Send) -> None:
    queue = HUB.join(channel)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(scope)})
        await _body(send, b"retry: 2000\n\n")
        while not gone.done():
            await _next_tick(queue, gone, send)
    finally:
        gone.cancel()
        HUB.leave(channel, queue)


async def _next_tick(queue: asyncio.Queue[int], gone: asyncio.Future[None], send: Send) -> None:
    waiting = asyncio.ensure_future(queue.get())
    either: set[asyncio.Future[Any]] = {waiting, gone}
    done, _ = await asyncio.wait(either, timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if waiting in done:
        await _body(send, f"event: tick\ndata: {json.dumps({'seq': waiting.result()})}\n\n".encode())
        return
    waiting.cancel()
    if gone not in done:
        await _body(send, b": still here\n\n")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Event-stream headers. A page of the same host on another port may listen; a foreign origin may not."""
    headers = dict(scope["headers"])
    origin, host = headers.get(b"origin", b""), headers.get(b"host", b"").split(b":")[0]
    own = bool(host) and origin.split(b"://")[-1].split(b":")[0] == host
    allow = [(b"access-control-allow-origin", origin), (b"vary", b"origin")] if own else []
    return [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), *allow]
