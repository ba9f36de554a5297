"""Files that a scanner is still writing are left alone; those that have arrived whole are taken, in their order."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from conventus.elections.scans.folder import Folder, arrived

STILL_SECONDS = 0.8
"""How long a file must not have changed before it is taken."""
PATIENCE_SECONDS = 10.0
"""How long a file that does not look whole may still grow; then it is taken, and the engine says what is wrong."""
_ENDS = {b"\xff\xd8\xff": b"\xff\xd9", b"%PDF-": b"%%EOF", b"\x89PNG": b"IEND"}
_TAIL = 4096


class Arrivals:
    """What arrives in the inbox of a stack and in the folders that scanners fill for it."""

    def __init__(self, folder: Folder, sources: Sequence[Path] = ()) -> None:
        self.folder = folder
        self.sources = (folder.inbox, *sources)
        self.seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def take(self) -> int:
        """Move what has arrived to the files that are read; gives how many are not whole yet.

        Files are taken in the order in which they came, so that the sides of a ballot follow each other.
        """
        return sum(self._take_from(source) for source in self.sources)

    def _take_from(self, source: Path) -> int:
        waiting = in_order(list(arrived(source)))
        for number, path in enumerate(waiting):
            try:
                if not self._has_arrived(path):
                    return len(waiting) - number
                self.folder.take(path)
            except FileNotFoundError:
                continue
            self.seen.pop(path, None)
        return 0

    def _has_arrived(self, path: Path) -> bool:
        """Whether a file has stood still for long enough."""
        found = path.stat()
        now, look = time.monotonic(), (found.st_size, found.st_mtime_ns)
        before, since = self.seen.get(path, (None, now))
        if before != look:
            since = now
        self.seen[path] = look, since
        still = now - since
        return still >= PATIENCE_SECONDS or (still >= STILL_SECONDS and looks_whole(path))


def in_order(paths: list[Path]) -> list[Path]:
    """Files by the time at which they were written, those of one moment by name: scan 2 comes before scan 10."""
    return sorted(paths, key=lambda path: (_written(path), natural(path.name)))


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def natural(name: str) -> list[tuple[int, str]]:
    """A name as people sort it, its numbers by value."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name.casefold())]


def looks_whole(path: Path) -> bool:
    """Whether a JPEG, PNG or PDF has its end; other files are believed."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    return size > 0 and all(end in tail for start, end in _ENDS.items() if head.startswith(start))
