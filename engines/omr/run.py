"""Reads many files: in order, with several processes, continuing where an earlier run was killed."""

import hashlib
import resource
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from engines.omr.blank import crop
from engines.omr.codes import Image
from engines.omr.intake import Source, files_of, load_page, open_source
from engines.omr.keeping import CROPS, PAGES, save_picture, writing
from engines.omr.layout import load_layout
from engines.omr.reader import Reader, Reading
from engines.omr.results import Journal, Question, Sheet, settle, write_results
from engines.omr.spec import OmrError
from engines.omr.verdict import UNREADABLE, Doubt

_CROP_RIM = 8
_CROP_SIDE = 880  # pixels: A4 at 75 dpi
_PAGE_SIDE = 2339  # A4 at 200 dpi
_reader: Reader | None = None


@dataclass(frozen=True)
class Watch:
    """When to stop watching: after `pages` pages, after `idle` seconds without a new file, or once `stop` exists."""

    pages: int | None = None
    idle: float | None = None
    stop: Path | None = None


@dataclass(frozen=True)
class Target:
    """The folder of the results, and whether whole pages are kept there."""

    out: Path
    keep: bool


@dataclass(frozen=True)
class Outcome:
    """What a run did: pages now in the results, and files it had to refuse with the reason."""

    pages: int
    refused: tuple[tuple[str, str], ...]


def read_scans(
    given: list[Path],
    layout_path: Path,
    out: Path,
    workers: int = 1,
    progress: bool = False,
    watch: Watch | None = None,
    keep: bool = False,
) -> Outcome:
    """Read all scans into out/results.json and out/crops, with `keep` also whole pages into out/pages.

    Raises OmrError for what makes the whole run impossible, and OutError when `out` cannot be written; the same call
    goes on where it stopped. The scans are never changed or removed.
    """
    started, used = time.monotonic(), _cpu()
    layout = load_layout(layout_path)
    _check_given(given, out)
    journal = Journal(out, layout)
    refused: list[tuple[str, str]] = []
    jobs = _jobs(_arrivals(given, watch, journal), journal, refused)
    count = 0
    for sheet in _work(jobs, layout_path, Target(out, keep), workers):
        journal.add(sheet)
        count += 1
        if progress:
            sys.stderr.write(f"{len(journal.sheets)} pages, last {sheet.file} page {sheet.page}: {sheet.state}\n")
    journal.close()
    sheets = settle(journal.sheets.values(), layout)
    write_results(out / "results.json", sheets, layout, _timing(count, started, used))
    return Outcome(len(sheets), tuple(sorted(set(refused).union(*map(_refusals, sheets)))))


def _refusals(sheet: Sheet) -> set[tuple[str, str]]:
    """What is said of a page that is damaged or shows no ballot."""
    reasons = [doubt.reason for doubt in sheet.doubts]
    if sheet.key == "":
        return {(sheet.file, reasons[0])}
    return {(sheet.file, f"page {sheet.page} shows no ballot")} if "no-fiducials" in reasons else set()


def _check_given(given: list[Path], out: Path) -> None:
    for path in given:
        if not path.exists():
            raise OmrError(f"{path}: does not exist")
    with writing(out):
        for folder in (CROPS, PAGES):
            (out / folder).mkdir(parents=True, exist_ok=True)


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _timing(count: int, started: float, used: float) -> dict[str, float]:
    seconds = time.monotonic() - started
    return {
        "pages": count, "seconds": round(seconds, 3), "cpu_seconds": round(_cpu() - used, 3),
        "pages_per_second": round(count / seconds, 2) if seconds else 0.0,
    }  # fmt: skip


def _arrivals(given: list[Path], watch: Watch | None, journal: Journal) -> Iterator[tuple[Path, str]]:
    """Files as they are there, or, when watching, as each has stopped growing."""
    if watch is None:
        yield from files_of(given)
        return
    sizes: dict[Path, tuple[int, int]] = {}
    done: set[Path] = set()
    last = time.monotonic()
    while not _over(watch, last, journal):
        for path, name in files_of(given):
            if path not in done and _settled(path, sizes):
                done.add(path)
                last = time.monotonic()
                yield path, name
        time.sleep(0.2)


def _settled(path: Path, sizes: dict[Path, tuple[int, int]]) -> bool:
    """Whether size and time of change are what they were at the last look, and the file is not empty."""
    try:
        now = path.stat()
    except OSError:
        return False
    before, sizes[path] = sizes.get(path), (now.st_size, now.st_mtime_ns)
    return now.st_size > 0 and before == sizes[path]


def _over(watch: Watch, last: float, journal: Journal) -> bool:
    if watch.stop is not None and watch.stop.exists():
        return True
    if watch.pages is not None and len(journal.sheets) >= watch.pages:
        return True
    return watch.idle is not None and time.monotonic() - last >= watch.idle


def _jobs(
    files: Iterable[tuple[Path, str]], journal: Journal, refused: list[tuple[str, str]]
) -> Iterator[tuple[Source, int]]:
    """Pages not yet in the journal. A file that cannot be opened becomes an unreadable sheet and a refusal."""
    for path, name in files:
        try:
            source = open_source(path, name)
        except OmrError as error:
            refused.append((name, str(error)))
            journal.add(_unreadable(name, 0, str(path), str(error)))
            continue
        for page in range(1, source.pages + 1):
            if not journal.has(name, source.digest, page):
                yield source, page


def _unreadable(name: str, page: int, source: str, reason: str) -> Sheet:
    return Sheet(name, page, source, "", UNREADABLE, None, 0.0, None, None, {}, (Question(None, reason, None),))


def _work(jobs: Iterable[tuple[Source, int]], layout: Path, target: Target, workers: int) -> Iterator[Sheet]:
    """Sheets in the order of their jobs; a few jobs ahead of the workers are kept waiting."""
    if workers == 1:
        _prepare(layout)
        yield from (read_page(source, page, target) for source, page in jobs)
        return
    waiting: deque[Future[Sheet]] = deque()
    with ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (layout,)) as pool:
        for source, page in jobs:
            waiting.append(pool.submit(read_page, source, page, target))
            if len(waiting) > 3 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _prepare(layout: Path) -> None:
    global _reader
    _reader = Reader(load_layout(layout))


def read_page(source: Source, page: int, target: Target) -> Sheet:
    """Read one page of a file and save pictures of its doubts, and of the whole page where these are kept."""
    assert _reader is not None
    try:
        picture = load_page(source, page)
    except OmrError as error:
        return _unreadable(source.name, page, source.digest, str(error))
    key = _key(picture)
    reading = _careful(_reader, picture)
    kept = save_picture(_whole(reading, picture), target.out, f"{PAGES}/{key}.jpg") if target.keep else None
    return _sheet(source, page, key, reading, _questions(reading, picture, key, target.out), kept)


def _key(picture: Image) -> str:
    """SHA-256 over size and pixels."""
    digest = hashlib.sha256(repr(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


def _careful(reader: Reader, picture: Image) -> Reading:
    """A picture on which the arithmetic fails is unreadable; it must not stop the others."""
    try:
        return reader.read(picture)
    except (cv2.error, ValueError, IndexError, ArithmeticError, np.linalg.LinAlgError) as error:
        reason = f"reading-failed ({type(error).__name__})"
        return Reading(UNREADABLE, doubts=(Doubt(None, reason),))


def _sheet(
    source: Source, page: int, key: str, reading: Reading, questions: tuple[Question, ...], kept: str | None
) -> Sheet:
    return Sheet(
        source.name, page, source.digest, key, reading.state, reading.rotation, reading.quality, reading.election,
        reading.form_page, dict(reading.read), questions, kept,
    )  # fmt: skip


def _questions(reading: Reading, picture: Image, key: str, out: Path) -> tuple[Question, ...]:
    """Doubts with their pictures; the whole sheet, at 75 dpi, where a doubt has no place of its own."""
    asked = [
        Question(
            doubt.candidate, doubt.reason,
            save_picture(_cut(reading, picture, doubt), out, f"{CROPS}/{key[:24]}-{index}.png"),
        )
        for index, doubt in enumerate(reading.doubts)
    ]  # fmt: skip
    return tuple(asked)


def _cut(reading: Reading, picture: Image, doubt: Doubt) -> Image:
    if doubt.span is not None and reading.form is not None:
        x0, y0, x1, y1 = doubt.span
        return crop(reading.form, (x0 - _CROP_RIM, y0 - _CROP_RIM, x1 + _CROP_RIM, y1 + _CROP_RIM))
    return _scaled(reading.form if reading.form is not None else picture, _CROP_SIDE)


def _whole(reading: Reading, picture: Image) -> Image:
    """The upright form where it was found, the picture as it came elsewhere."""
    return reading.form if reading.form is not None else _scaled(picture, _PAGE_SIDE)


def _scaled(picture: Image, longest: int) -> Image:
    scale = min(1.0, longest / max(picture.shape))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
