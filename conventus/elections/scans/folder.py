"""The folder of one stack: where scans arrive, where they wait to be read, what the engine makes of them.

    inbox/      whatever a scanner or a person puts there
    scans/      files that have arrived whole, under names that keep their order and their content's hash
    out/        the engine's: journal, results, pages, crops
    layout.json the form that they are read by

Once the stack is taken in, only pictures and results without names stay (`forget`).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_OURS = re.compile(r"^\d{6}\.[0-9a-f]{16}\.")
_PASSING = ("complete", "pause", "stop", "progress.json", "engine.log", "reading.lock", "layout.json")
"""Files that nobody needs once a stack is taken in; some name the scans."""
_UNFINISHED = (".part", ".tmp", ".temp", ".crdownload", ".filepart", ".partial")


@dataclass(frozen=True)
class Folder:
    """The folder of a stack of scans."""

    path: Path

    @property
    def inbox(self) -> Path:
        """Where scans arrive."""
        return self.path / "inbox"

    @property
    def scans(self) -> Path:
        """Where files wait for the engine, and stay until the stack is taken in."""
        return self.path / "scans"

    @property
    def out(self) -> Path:
        """Where the engine writes."""
        return self.path / "out"

    @property
    def layout(self) -> Path:
        """The form that the scans are read by."""
        return self.path / "layout.json"

    @property
    def results(self) -> Path:
        """What the engine made of the scans."""
        return self.out / "results.json"

    @property
    def journal(self) -> Path:
        """The engine's line for each finished page."""
        return self.out / "journal.jsonl"

    @property
    def complete(self) -> Path:
        """Is there once somebody has said that the stack is complete."""
        return self.path / "complete"

    @property
    def lock(self) -> Path:
        """Held by whoever reads, so that no two do."""
        return self.path / "reading.lock"

    def prepare(self, layout: str) -> None:
        """Make the folders and lay the form beside them; nobody but this account of the machine looks in."""
        for each in (self.path, self.inbox, self.scans, self.out):
            each.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        if not self.layout.exists():
            write(self.layout, layout.encode())

    def take(self, path: Path, name: str = "") -> Path | None:
        """Move a file that has arrived to those that are read; None when the same content is there already."""
        digest = digest_of(path)
        if any(digest_of(known) == digest for known in self.scans.glob(f"*.{digest[:16]}.*")):
            path.unlink()
            return None
        target = self.scans / f"{self._next():06d}.{digest[:16]}.{name or path.name}"
        try:
            path.rename(target)
        except OSError:
            _copy_over(path, target)
        return target

    def _next(self) -> int:
        numbers = [int(one.name[:6]) for one in self.scans.iterdir() if _OURS.match(one.name)]
        return max(numbers, default=0) + 1

    def waiting(self) -> list[Path]:
        """Files that have been taken to be read."""
        return sorted(one for one in self.scans.iterdir() if _OURS.match(one.name)) if self.scans.is_dir() else []

    def late(self) -> list[Path]:
        """Files in the inbox that nobody has taken yet; after the stack was taken in they are in no count."""
        return sorted(arrived(self.inbox))

    def forget(self) -> None:
        """Remove what tells in which order the ballots were scanned; can be done again after a kill.

        Files that came after the stack was complete stay in the inbox, to be put into another stack.
        """
        if not self.forgotten:
            _forget_order(self.out)
        shutil.rmtree(self.scans, ignore_errors=True)
        for name in _PASSING:
            (self.path / name).unlink(missing_ok=True)
        with suppress(OSError):
            self.inbox.rmdir()
        for path in (self.results, *self.path.glob("*/*/"), *self.path.glob("*/"), self.path):
            if path.exists() and path != self.inbox:
                os.utime(path, (0, 0))

    @property
    def forgotten(self) -> bool:
        """Whether nothing is left that tells the order."""
        return not (self.journal.exists() or self.scans.exists())

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    def picture(self, relative: str) -> bytes:
        """A picture of the stack; OSError when it is gone or would lie elsewhere."""
        path = (self.path / relative).resolve()
        if not path.is_relative_to(self.path.resolve()):
            raise FileNotFoundError(relative)
        return path.read_bytes()


def _forget_order(out: Path) -> None:
    from engines.omr.keeping import forget_order
    from engines.omr.spec import OmrError

    try:
        forget_order(out)
    except OmrError as error:
        raise OSError(str(error)) from error


def arrived(folder: Path) -> Iterator[Path]:
    """Files in a folder that a scanner fills, without hidden ones and those that a program is still writing."""
    if not folder.is_dir():
        return
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        shown = not any(part.startswith(".") for part in parts)
        if shown and path.is_file() and path.suffix.lower() not in _UNFINISHED:
            yield path


def shown_name(name: str) -> str:
    """A file's name as its owner knows it."""
    return _OURS.sub("", Path(name).name)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _copy_over(path: Path, target: Path) -> None:
    """Move to another disk: the copy gets its name when it is whole, the original goes last."""
    draft = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(path, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    path.unlink()
