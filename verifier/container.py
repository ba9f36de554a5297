"""The outside of a bundle: a ZIP without any room for something else, and a manifest that names every file."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

from verifier.faults import Faults, Unreadable

MANIFEST = "manifest.json"
FORMAT, VERSION = "conventus-evidence", 1
DAY = 33
"""1 January 1980 as a ZIP writes it: the only date that a file of a bundle bears."""
PIECE = 1 << 20


@dataclass
class Bundle:
    """A bundle that was read: its small files as text, the hash and size of every file."""

    texts: dict[str, bytes] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def json(self, name: str) -> Any:
        """A file's JSON; a key that stands twice is refused, since readers disagree on which of them holds."""
        return json.loads(self.texts[name], object_pairs_hook=_once)

    def lines(self, name: str) -> list[Any]:
        """A file with one JSON value a line."""
        return [json.loads(line, object_pairs_hook=_once) for line in self.texts[name].splitlines()]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read(file: IO[bytes]) -> Bundle:
    """Read every file of the ZIP; one that cannot be read is a fault of the bundle."""
    bundle = Bundle()
    try:
        packed = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as fault:
        raise Unreadable(f"This is no ZIP that can be opened: {fault}.") from fault
    with packed:
        entries = packed.infolist()
        for entry in entries:
            _read_one(packed, entry, bundle)
        bundle.faults += _faults_of_zip(file, entries)
    return bundle


def _read_one(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, bundle: Bundle) -> None:
    name = entry.filename
    if name in bundle.hashes:
        bundle.faults.append(f"{name} is in the bundle twice.")
        return
    bundle.hashes[name], bundle.sizes[name] = "", entry.file_size
    try:
        with packed.open(entry) as file:
            _take_in(file, name, bundle)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error) as fault:
        bundle.faults.append(f"{name} is damaged: {fault}.")


def _take_in(file: IO[bytes], name: str, bundle: Bundle) -> None:
    digest, kept = hashlib.sha256(), b""
    while piece := file.read(PIECE):
        digest.update(piece)
        kept += b"" if name.startswith("pages/") else piece
    bundle.hashes[name] = digest.hexdigest()
    if not name.startswith("pages/"):
        bundle.texts[name] = kept


# Nothing between the files -----------------------------------------------------------------------


def _faults_of_zip(file: IO[bytes], entries: list[zipfile.ZipInfo]) -> Faults:
    """Headers that say more than a bundle's do, files out of order, bytes that belong to no file."""
    if [one.filename for one in entries] != sorted({one.filename for one in entries}):
        yield "The files of the bundle are not in their order."
    end = 0
    for entry in entries:
        head = _local_head(entry)
        if entry.header_offset != end or _bytes_at(file, end, len(head)) != head:
            yield f"The ZIP's entry for {entry.filename} was changed."
            return
        end += len(head) + entry.compress_size
    tail = _directory(entries, end)
    if _bytes_at(file, end, len(tail) + 1) != tail:
        yield "The ZIP's directory was changed, or something was added to the bundle's end."


def _bytes_at(file: IO[bytes], place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def _sizes(entry: zipfile.ZipInfo) -> tuple[int, int, int]:
    return entry.CRC, entry.file_size, entry.file_size


def _local_head(entry: zipfile.ZipInfo) -> bytes:
    name = entry.filename.encode()
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, DAY, *_sizes(entry), len(name), 0) + name


def _directory(entries: list[zipfile.ZipInfo], start: int) -> bytes:
    rows = b"".join(_directory_row(entry) for entry in entries)
    count = len(entries)
    return rows + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(rows), start, 0)


def _directory_row(entry: zipfile.ZipInfo) -> bytes:
    name = entry.filename.encode()
    head = struct.pack("<4s4B4H3L", b"PK\1\2", 20, 3, 20, 0, 0, 0, 0, DAY, *_sizes(entry))
    rest = struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0o600 << 16, entry.header_offset)
    return head + rest + name


# The manifest ------------------------------------------------------------------------------------


def faults_of_manifest(bundle: Bundle, sealed: str) -> Faults:
    """Files that are missing, added or changed, and a manifest that is not the one that was sealed."""
    manifest = bundle.json(MANIFEST)
    if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
        yield f"{MANIFEST} is of format {manifest['format']} {manifest['version']}, not {FORMAT} {VERSION}."
    if sealed and bundle.hashes[MANIFEST] != sealed:
        yield f"{MANIFEST} is not the one that was sealed: its SHA-256 is {bundle.hashes[MANIFEST]}, not {sealed}."
    yield from _faults_of_files(bundle, manifest["files"])
    layouts = sorted(PurePosixPath(name).stem for name in bundle.hashes if name.startswith("layouts/"))
    if layouts != manifest["layouts"]:
        yield f"{MANIFEST} names the layouts {manifest['layouts']}, but the bundle has {layouts}."


def _faults_of_files(bundle: Bundle, told: dict[str, Any]) -> Iterator[str]:
    for name in sorted(told.keys() - bundle.hashes.keys()):
        yield f"{name} is missing."
    for name in sorted(bundle.hashes.keys() - told.keys() - {MANIFEST}):
        yield f"{name} was added: {MANIFEST} does not name it."
    for name in sorted(told.keys() & bundle.hashes.keys()):
        if (bundle.hashes[name], bundle.sizes[name]) != (told[name]["sha256"], told[name]["size"]):
            yield f"{name} was changed: its size or SHA-256 is not the one in {MANIFEST}."
