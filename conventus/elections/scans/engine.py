"""The engine as a process of its own: started, watched by its journal, stopped; it ends with whoever started it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engines
from conventus.core.processes import ending_with_us
from conventus.elections.scans.folder import Folder, shown_name

DISK = 2
"""The engine's exit status when its folder cannot be written."""
STOP_SECONDS = 120.0
_HOME = Path(engines.__path__[0]).parent


class EngineFault(Exception):
    """The engine could not do its work; `disk` when that is because nothing can be written."""

    def __init__(self, words: str, *, disk: bool = False) -> None:
        super().__init__(words)
        self.disk = disk


@dataclass(frozen=True)
class Tally:
    """How far the reading is: pages by state, files that were refused with the reason, files with a page read."""

    states: dict[str, int]
    refused: tuple[tuple[str, str], ...]
    files: frozenset[str]

    @property
    def pages(self) -> int:
        """Pages read."""
        return sum(self.states.values())

    @property
    def sides(self) -> int:
        """Pages with something on them."""
        return self.pages - self.states.get("blank", 0)


class Journal:
    """The engine's journal as it grows."""

    def __init__(self, path: Path) -> None:
        self.path, self.offset = path, 0
        self.pages: dict[tuple[str, str, int], tuple[str, str]] = {}

    def tally(self) -> Tally:
        """What is in it by now."""
        for line in self._new_lines():
            if "file" in line:
                why = line["doubts"][0]["reason"] if not line["key"] else ""
                self.pages[line["file"], line["source"], line["page"]] = (line["state"], why)
        states = Counter(state for state, why in self.pages.values() if not why)
        refused = {(shown_name(file), why) for (file, _, _), (_, why) in self.pages.items() if why}
        files = frozenset(Path(file).name for file, _, _ in self.pages)
        return Tally(dict(states), tuple(sorted(refused)), files)

    def _new_lines(self) -> Iterator[dict[str, Any]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self.offset += len(whole)
        yield from (json.loads(line) for line in whole.splitlines())


class Engine:
    """One run of the engine over the files of a stack."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.stop_file = folder.path / "stop"
        self.log = folder.path / "engine.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, watch: bool) -> None:
        """Begin to read: what is there, or, watching, also what comes until `stop`."""
        self.stop_file.unlink(missing_ok=True)
        self.folder.results.unlink(missing_ok=True)
        command = [sys.executable, "-m", "engines.omr", "read", str(self.folder.scans)]
        command += ["--layout", str(self.folder.layout), "--out", str(self.folder.out), "--keep"]
        command += ["--watch", "--stop-file", str(self.stop_file)] if watch else []
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=_HOME, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=ending_with_us()
            )

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        """Let it finish the files that it knows and write its results."""
        assert self.process is not None
        self.stop_file.touch()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.stop_file.unlink(missing_ok=True)

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        assert self.process is not None
        self.process.wait()

    def kill(self) -> None:
        """End it at once; its journal keeps what it has read."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def check(self) -> None:
        """Raise what it could not do, once it has ended."""
        if self.status is None or self.folder.results.exists():
            return
        said = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        words = said[-1].removeprefix("omr: ") if said else f"status {self.status}"
        raise EngineFault(words, disk=self.status == DISK)
