"""The journal of read pages, the results made of it, and their totals."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engines.omr.keeping import write_all, write_whole, writing
from engines.omr.layout import Layout
from engines.omr.spec import OmrError
from engines.omr.verdict import BLANK, FOREIGN, READ, REVIEW, STATES, UNREADABLE

VALUES = ("chosen", "rejected", "both", "none")


@dataclass(frozen=True)
class Question:
    """A doubt as it is written down; `crop` is a file beside results.json."""

    candidate: str | None
    reason: str
    crop: str | None


@dataclass(frozen=True)
class Sheet:
    """One scanned page. `source` is the file's SHA-256, `key` that of its pixels: two pages of one key are one scan.

    `picture` is the whole page beside results.json; `ballot` is shared by the pages of one paper ballot.
    """

    file: str
    page: int
    source: str
    key: str
    state: str
    rotation: int | None
    quality: float
    election: str | None
    form_page: int | None
    read: Mapping[str, str]
    doubts: tuple[Question, ...]
    picture: str | None = None
    ballot: str | None = None


class Journal:
    """One line per finished page, on disk before the page counts as read, so that a killed run goes on."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder, self.path = folder, folder / "journal.jsonl"
        self.fingerprint = layout.fingerprint
        self.sheets: dict[tuple[str, int], Sheet] = {}
        with writing(folder):
            self._load()
            self._file = self.path.open("ab", buffering=0)
        if not self.path.stat().st_size:
            self._write({"layout": self.fingerprint})

    def _load(self) -> None:
        """Read what is there; what follows a line torn by a crash is dropped, another layout's journal is refused."""
        if not self.path.exists():
            return
        whole = self.path.read_bytes()
        kept, lines = _whole_lines(whole)
        if lines and lines[0].get("layout") != self.fingerprint:
            raise OmrError(f"{self.path}: belongs to another layout; choose another --out")
        for line in lines[1:]:
            self._keep(_sheet(line))
        if kept < len(whole):
            os.truncate(self.path, kept)

    def add(self, sheet: Sheet) -> None:
        """Put a sheet on disk, then into memory; the same page read again replaces its line."""
        self._write(asdict(sheet))
        self._keep(sheet)

    def _keep(self, sheet: Sheet) -> None:
        self.sheets[(f"{sheet.file}\0{sheet.source}", sheet.page)] = sheet

    def has(self, file: str, source: str, page: int) -> bool:
        """Whether a page of a file with this content has been read."""
        return (f"{file}\0{source}", page) in self.sheets

    def _write(self, line: dict[str, Any]) -> None:
        with writing(self.folder):
            write_all(self._file.fileno(), (json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n").encode())
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _whole_lines(data: bytes) -> tuple[int, list[dict[str, Any]]]:
    """The lines up to the first that is torn, and how many bytes they take."""
    lines, kept = [], 0
    for line in data.splitlines(keepends=True):
        try:
            read = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n") or not isinstance(read, dict):
            break
        lines.append(read)
        kept += len(line)
    return kept, lines


def _sheet(line: dict[str, Any]) -> Sheet:
    return Sheet(**{**line, "doubts": tuple(Question(**doubt) for doubt in line["doubts"])})


def settle(sheets: Iterable[Sheet], layout: Layout) -> list[Sheet]:
    """Final sheets, ordered by content (a shuffled order): duplicates and unpaired pages go to review."""
    ordered = sorted(sheets, key=lambda sheet: (sheet.file, sheet.page, sheet.source))
    checked = _unpaired(_duplicates(ordered), layout.pages)
    return sorted(checked, key=lambda sheet: (sheet.key, sheet.file, sheet.page))


def _duplicates(ordered: list[Sheet]) -> list[Sheet]:
    """The same pixels under a second name may be a file copied twice: people say, not we."""
    seen: set[str] = set()
    out = []
    for sheet in ordered:
        twice = sheet.key in seen and sheet.state == READ
        out.append(_ask(sheet, "same-picture-twice") if twice else sheet)
        seen.add(sheet.key)
    return out


def _ask(sheet: Sheet, reason: str) -> Sheet:
    return replace(sheet, state=REVIEW, doubts=(*sheet.doubts, Question(None, reason, None)))


def _unpaired(ordered: list[Sheet], pages: int) -> list[Sheet]:
    """Pages of one ballot must follow each other in the scans; any other page 1..n is asked about."""
    out: list[Sheet] = []
    seen: Counter[str] = Counter()
    for group in _groups(ordered, pages):
        complete = _complete(group, pages)
        for part in [group] if complete else [[sheet] for sheet in group]:
            out += _bound(part if complete else [_lonely(part[0])], seen)
    return out


def _groups(ordered: list[Sheet], pages: int) -> Iterator[list[Sheet]]:
    """Neighbours that may be one ballot; blank sides stand alone and part nothing."""
    group: list[Sheet] = []
    for sheet in ordered:
        if sheet.state == BLANK:
            yield [sheet]
            continue
        group.append(sheet)
        if len(group) == pages or not _may_grow(group):
            yield group
            group = []
    yield group


def _may_grow(group: list[Sheet]) -> bool:
    numbers = [sheet.form_page for sheet in group]
    return None not in numbers and len(set(numbers)) == len(numbers)


def _complete(group: list[Sheet], pages: int) -> bool:
    return pages == 1 or {sheet.form_page for sheet in group} == set(range(1, pages + 1))


def _lonely(sheet: Sheet) -> Sheet:
    return _ask(sheet, "other-page-missing") if sheet.state == READ else sheet


def _bound(part: list[Sheet], seen: Counter[str]) -> list[Sheet]:
    """Give the pages of one paper ballot the same identifier; the same pixels scanned again are another ballot."""
    if any(sheet.state in (BLANK, FOREIGN, UNREADABLE) for sheet in part):
        return part
    keys = " ".join(sheet.key for sheet in sorted(part, key=lambda sheet: sheet.form_page or 0))
    seen[keys] += 1
    ballot = hashlib.sha256(f"ballot {seen[keys]} {keys}".encode()).hexdigest()[:32]
    return [replace(sheet, ballot=ballot) for sheet in part]


def totals(sheets: Iterable[Sheet], layout: Layout) -> dict[str, Any]:
    """Sums over the sheets in state "read" alone: per candidate and value, and sheets per state."""
    listed = list(sheets)
    states = Counter(sheet.state for sheet in listed)
    counts = {row.candidate: dict.fromkeys(VALUES, 0) for row in layout.rows}
    for sheet in listed:
        if sheet.state == READ:
            for candidate, value in sheet.read.items():
                counts[candidate][value] += 1
    pages = Counter(sheet.form_page for sheet in listed if sheet.state == READ)
    return {
        "pages": len(listed),
        "states": {state: states[state] for state in STATES},
        "read_by_form_page": {str(page): pages[page] for page in range(1, layout.pages + 1)},
        "candidates": counts,
    }


def write_results(path: Path, sheets: list[Sheet], layout: Layout, timing: dict[str, float]) -> None:
    """Write results.json in one step, so that a reader never sees half of it."""
    data = {
        "election": layout.election,
        "fingerprint": layout.fingerprint,
        "sheets": [asdict(sheet) for sheet in sheets],
        "totals": totals(sheets, layout),
        "timing": timing,
    }
    with writing(path.parent):
        write_whole(path, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
