"""Reading one stack while it is scanned: takes what arrives, keeps the engine going, says how far it is."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conventus.elections.scans.arrivals import Arrivals
from conventus.elections.scans.engine import Engine, EngineFault, Journal, Tally
from conventus.elections.scans.folder import Folder, write

LOOK_SECONDS = 0.4
SILENCE_SECONDS = 20.0
"""When all expected pages are read and nothing came for so long, the stack is complete."""
STARTS = 3
"""How often an engine that was killed is started again before the reading gives up."""

Report = Callable[[Tally], None]


class Busy(Exception):
    """Somebody reads this stack already."""


class Paused(Exception):
    """Somebody asked the reading to stop; what was read is kept, and it can go on."""


@dataclass(frozen=True)
class Ends:
    """When a stack is complete without anybody saying so: after so many pages, or after so long a silence."""

    pages: int | None = None
    idle: float | None = None


@dataclass(frozen=True)
class Watched:
    """What is read: the stack's folder, other folders that scanners fill for it, and when it ends by itself."""

    folder: Folder
    sources: Sequence[Path] = ()
    ends: Ends = Ends()


def read_stack(watched: Watched, report: Report, done: Callable[[], None]) -> None:
    """Read a stack until it is complete, then call `done` while nobody else can read it.

    Raises Busy, Paused, EngineFault, and whatever `report` and `done` raise; each time the same call goes on later.
    """
    with _holding(watched.folder):
        pause(watched.folder).unlink(missing_ok=True)
        reading = _Reading(watched, report)
        try:
            reading.watch()
            reading.finish()
        finally:
            reading.engine.kill()
        done()


def end_reading(folder: Folder, seconds: float = 5.0) -> None:
    """Ask whoever reads the stack to stop, and wait for it."""
    deadline = time.monotonic() + seconds
    while is_read(folder) and time.monotonic() < deadline:
        pause(folder).touch()
        time.sleep(0.1)


def pause(folder: Folder) -> Path:
    """The file that asks the reading to stop for now."""
    return folder.path / "pause"


def is_read(folder: Folder) -> bool:
    """Whether somebody reads this stack now."""
    try:
        with folder.lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def progress_of(folder: Folder) -> dict[str, Any]:
    """How far the reading is: `pages`, `states`, `refused`, `waiting` (files that are not read yet)."""
    try:
        found: dict[str, Any] = json.loads((folder.path / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"pages": 0, "states": {}, "refused": [], "waiting": 0}
    return found


@contextmanager
def _holding(folder: Folder) -> Iterator[None]:
    """Keep others out; whoever only looks holds the lock for a moment, so one refusal is not the last word."""
    with folder.lock.open("w") as file:
        for attempt in range(5):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as fault:
                if attempt == 4:
                    raise Busy from fault
                time.sleep(0.1)
        yield


class _Reading:
    """The state of one call of `read_stack`."""

    def __init__(self, watched: Watched, report: Report) -> None:
        self.folder, self.report, self.ends = watched.folder, report, watched.ends
        folder = self.folder
        self.arrivals = Arrivals(folder, watched.sources)
        self.engine, self.journal = Engine(folder), Journal(folder.journal)
        self.tally = self.journal.tally()
        self.last = time.monotonic()
        self.starts = 0

    def watch(self) -> None:
        """Look again and again until the stack is complete."""
        while True:
            growing = self.arrivals.take()
            self._keep_going()
            self._tell(growing)
            if pause(self.folder).exists():
                raise Paused
            if not growing and self._complete():
                return
            time.sleep(LOOK_SECONDS)

    def _complete(self) -> bool:
        if self.folder.complete.exists():
            return True
        if self._unread():
            return False
        silence = time.monotonic() - self.last
        if self.ends.pages and self.tally.sides >= self.ends.pages and silence >= SILENCE_SECONDS:
            return True
        return self.ends.idle is not None and silence >= self.ends.idle

    def _keep_going(self) -> None:
        """Start the engine, and again when it was killed; its journal knows where it was."""
        if self.engine.process is not None and self.engine.status is None:
            return
        if self.engine.process is not None and (self.starts >= STARTS or (self.engine.status or 0) > 0):
            self.engine.check()
        self.starts += 1
        self.engine.start(watch=True)

    def _tell(self, growing: int) -> None:
        before, self.tally = self.tally, self.journal.tally()
        if self.tally != before:
            self.last = time.monotonic()
            self.starts = 1
        waiting = growing + len(self._unread())
        if waiting:
            self.last = time.monotonic()
        _keep_progress(self.folder, self.tally, waiting)
        self.report(self.tally)

    def _unread(self) -> list[Path]:
        return [path for path in self.folder.waiting() if path.name not in self.tally.files]

    def finish(self) -> None:
        """Let the engine write its results; read what it has not seen until nothing is left."""
        self.engine.stop()
        left = self._left()
        while left is not None:
            self.engine.start(watch=False)
            self.engine.wait()
            self.engine.check()
            before, left = left, self._left()
            left = None if left == before else left  # What was tried and gave no page is named as such.
        self._tell(0)

    def _left(self) -> list[Path] | None:
        """What the results do not hold; None when they hold everything."""
        self._take_last()
        unread = self._unread()
        return unread if unread or not self.folder.results.exists() else None

    def _take_last(self) -> None:
        """Take what came while the engine ended; whatever arrives later belongs to another stack."""
        self.arrivals.take()
        self.tally = self.journal.tally()


def _keep_progress(folder: Folder, tally: Tally, waiting: int) -> None:
    state = {"pages": tally.pages, "states": tally.states, "refused": tally.refused, "waiting": waiting}
    data = json.dumps(state, ensure_ascii=False).encode()
    path = folder.path / "progress.json"
    try:
        if not path.exists() or path.read_bytes() != data:
            write(path, data)
    except OSError as fault:
        raise EngineFault(str(fault.strerror), disk=True) from fault
