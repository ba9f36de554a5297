"""A bundle written: a plain ZIP, the same bytes for the same facts, with the hash of every file in its manifest."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from .cvr import cast_vote_records
from .facts import EvidenceFacts, Line
from .readme import README

FORMAT, VERSION = "conventus-evidence", 1
MANIFEST = "manifest.json"
START = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can say: no file tells when it was made."""
PIECE = 1 << 20


class BundleError(ValueError):
    """A bundle cannot be made or is not what it should be; the text names the file."""


class Progress(Protocol):
    """How the maker of a bundle says where it is."""

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Report."""


class Silent:
    """Progress that nobody watches."""

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Packed:
    """A bundle that was written: the hash of its manifest and how many pictures it has."""

    manifest: str
    pictures: int


def write_bundle(facts: EvidenceFacts, target: Path, progress: Progress | None = None) -> Packed:
    """Write the bundle to `target`; refuses a picture that is missing or was changed since it was scanned."""
    report = progress or Silent()
    small = texts_of(facts)
    sizes = dict(_checked_pictures(facts.pictures, report))
    small[MANIFEST] = _manifest(facts, small, sizes)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    total = 2 * len(facts.pictures)
    with _private(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as out:
        for at, name in enumerate(sorted({*small, *facts.pictures})):
            report(min(len(facts.pictures) + at, total), total)
            _add(out, name, small[name] if name in small else facts.pictures[name][0].read_bytes())
    return Packed(hashlib.sha256(small[MANIFEST]).hexdigest(), len(facts.pictures))


def texts_of(facts: EvidenceFacts) -> dict[str, bytes]:
    """Every file but the pictures and the manifest."""
    texts = {
        "README.txt": README.encode(),
        "audits.json": as_json({"audits": [asdict(one) for one in facts.audits]}),
        "cvr.json": as_json(cast_vote_records(facts)),
        "decisions.json": as_json({"sheets": [asdict(one) for one in facts.sheets]}),
        "log.jsonl": b"".join(_log_line(one) for one in facts.log),
        "people.json": as_json({"people": [asdict(one) for one in facts.people]}),
        "stock.json": as_json(asdict(facts.stock)),
        "totals.json": as_json(asdict(facts.totals)),
    }
    return texts | {f"layouts/{short}.json": text.encode() for short, text in facts.layouts.items()}


def as_json(data: Any) -> bytes:
    """JSON as it stands in a bundle: keys in order, one blank of indentation, UTF-8, a line feed at the end."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _log_line(line: Line) -> bytes:
    place = {"seq": line.seq, "prev": line.prev, "hash": line.hash}
    text = json.dumps(place | dict(line.body or {}), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _manifest(facts: EvidenceFacts, small: Mapping[str, bytes], sizes: Mapping[str, int]) -> bytes:
    files = {name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in small.items()}
    files |= {name: {"sha256": facts.pictures[name][1], "size": size} for name, size in sizes.items()}
    head = {"format": FORMAT, "version": VERSION, "election": asdict(facts.election), "layouts": sorted(facts.layouts)}
    return as_json(head | {"log": _log_end(facts.log), "files": files})


def _log_end(log: Sequence[Line]) -> dict[str, Any]:
    return {"lines": len(log), "last": log[-1].seq, "hash": log[-1].hash} if log else {}


def _checked_pictures(pictures: Mapping[str, tuple[Path, str]], report: Progress) -> Iterator[tuple[str, int]]:
    for at, (name, (path, wanted)) in enumerate(sorted(pictures.items())):
        report(at, 2 * len(pictures))
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise BundleError(name) from fault
        if hashlib.sha256(data).hexdigest() != wanted:
            raise BundleError(name)
        yield name, len(data)


def _private(path: Path) -> IO[bytes]:
    """A new file that only this account can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    return path.open("wb")


def _add(out: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, START)
    info.create_system, info.external_attr = 3, 0o600 << 16
    out.writestr(info, data)


def check_bundle(source: Path | IO[bytes], manifest: str) -> int:
    """Open a bundle again and compare every file with its manifest, and that with its hash; gives the files' number."""
    try:
        with zipfile.ZipFile(source) as packed:
            text = packed.read(MANIFEST)
            files = json.loads(text)["files"]
            if hashlib.sha256(text).hexdigest() != manifest or {*files, MANIFEST} != set(packed.namelist()):
                raise BundleError(MANIFEST)
            for name, told in files.items():
                if _hash_in(packed, name) != told["sha256"]:
                    raise BundleError(name)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        raise fault if isinstance(fault, BundleError) else BundleError(str(fault)) from fault
    return len(files)


def _hash_in(packed: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with packed.open(name) as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
