"""Writes pictures and results so that a full disk loses nothing and no file tells when it was scanned."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cv2

from engines.omr.codes import Image
from engines.omr.spec import OmrError

CROPS, PAGES = "crops", "pages"
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 85)


class OutError(OmrError):
    """The folder of the results cannot be written: the run ends, and goes on when it is started again."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a failing disk into an OutError that names the folder of the results."""
    try:
        yield
    except OSError as error:
        raise OutError(f"{folder}: cannot be written ({error.strerror}); free the disk, then run again") from error


def write_whole(path: Path, data: bytes) -> None:
    """Put a file on disk in one step: a reader sees all of it or nothing."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb", buffering=0) as file:
            write_all(file.fileno(), data)
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte; the system may take them in several parts."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def save_picture(picture: Image, out: Path, name: str) -> str:
    """Write a picture to out/name, by its ending as JPEG or PNG without metadata, dated 1970; returns the name."""
    quality = _JPEG if name.endswith(".jpg") else ()
    data = cv2.imencode(Path(name).suffix, picture, quality)[1].tobytes()
    with writing(out):
        _write_timeless(out / name, data)
    return name


def _write_timeless(path: Path, data: bytes) -> None:
    write_whole(path, data)
    os.utime(path, (0, 0))


def forget_order(out: Path) -> None:
    """Remove from a finished run's folder what tells the order in which sheets were scanned.

    That is the journal, the names and page numbers of the scans in results.json, and the order in which the pictures
    were written to disk. A later run into the same folder reads everything anew.
    """
    with writing(out):
        for folder in (CROPS, PAGES):
            for path in sorted((out / folder).glob("*")):
                _write_timeless(path, path.read_bytes())
        _forget_names(out / "results.json")
        (out / "journal.jsonl").unlink(missing_ok=True)


def _forget_names(results: Path) -> None:
    """Refused files (without key) keep their names, since they hold no ballot."""
    data: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    for sheet in data["sheets"]:
        if sheet["key"]:
            sheet.update(file="", page=0, source="")
    write_whole(results, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
