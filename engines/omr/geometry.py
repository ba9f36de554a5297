"""Places every part of a ballot on its pages: fiducials, codes, rows, boxes, ticks."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from engines.omr.layout import CORNERS, MARKER_CYCLE, Box, Code, Layout, Line, Mark, Row
from engines.omr.metrics import check_letters, fit, width, wrap
from engines.omr.spec import PAPERS, Candidate, OmrError, Spec
from engines.omr.words import instruction

EDGE = 24.0  # from the paper's edge to the fiducials, 8.5 mm: outside what a laser printer cannot reach
MARKER = 22.0  # 7.8 mm
CODE = 34.0  # 12 mm
INSET = 56.0  # from the paper's edge to the content
TICK = 4.6  # 1.6 mm
GUTTER = 14.0
STAMP = {"A4": 113.4, "A5": 93.5}  # 40 mm and 33 mm
MOST_PAGES = 99


@dataclass(frozen=True)
class Sizes:
    """Type sizes and distances in points; one set for normal and one for large print."""

    name: float
    least: float
    pitch: float
    stretch: float
    box: float
    box_pitch: float
    number: float
    title: float
    text: float


NORMAL = Sizes(name=12, least=9, pitch=20.0, stretch=8, box=14, box_pitch=34, number=24, title=15, text=10)
LARGE = Sizes(name=18, least=15, pitch=32, stretch=10, box=19, box_pitch=50, number=36, title=20, text=14)


@dataclass(frozen=True)
class Header:
    """The head of page 1: its lines, and where the rows may begin."""

    title: tuple[Line, ...]
    text: tuple[Line, ...]
    stamp: Box | None
    bottom: float


@dataclass(frozen=True)
class _Entry:
    person: Candidate
    number: int
    lines: tuple[str, ...]
    size: float
    height: float


def sizes(spec: Spec) -> Sizes:
    """The sizes of normal or large print."""
    return LARGE if spec.large_print else NORMAL


def place(spec: Spec) -> Layout:
    """The layout of a spec, without its blank pictures. Raises OmrError when it would take more than 99 pages."""
    for text in (spec.title, spec.unit, spec.batch, *(person.name for person in spec.candidates)):
        check_letters(text)
    wide, high = PAPERS[spec.paper]
    rows = _rows(spec)
    pages = max(row.page for row in rows)
    if pages > MOST_PAGES:
        raise OmrError(f"the list would take {pages} pages; at most {MOST_PAGES} are possible")
    return Layout(
        election=spec.election, style=spec.style, lang=spec.lang, seats=spec.seats, page=(wide, high), pages=pages,
        marks=tuple(mark for page in range(1, pages + 1) for mark in _marks(page, wide, high)),
        codes=tuple(code for page in range(1, pages + 1) for code in _codes(page, wide, high)),
        rows=rows, stamp=header(spec).stamp, batch_box=(wide / 2, high - 36, wide - INSET, high - 22),
        wording="\n".join((spec.title, spec.unit, instruction(spec), *(person.name for person in spec.candidates))),
    )  # fmt: skip


def _marks(page: int, wide: float, high: float) -> list[Mark]:
    left, right, top, low = EDGE, wide - EDGE - MARKER, EDGE, high - EDGE - MARKER
    middle = (high - MARKER) / 2
    spots = ((left, top), (right, top), (right, low), (left, low), (left, middle), (right, middle))
    first = (page - 1) % MARKER_CYCLE * len(CORNERS)
    return [
        Mark(first + index, page, corner, (x, y, x + MARKER, y + MARKER))
        for index, (corner, (x, y)) in enumerate(zip(CORNERS, spots, strict=True))
    ]


def _codes(page: int, wide: float, high: float) -> tuple[Code, Code]:
    upper = (wide - INSET - CODE, EDGE, wide - INSET, EDGE + CODE)
    lower = (INSET, high - EDGE - CODE, INSET + CODE, high - EDGE)
    return Code(page, upper), Code(page, lower)


@lru_cache(maxsize=64)
def header(spec: Spec) -> Header:
    """Title, unit and instruction beside the stamp box and left of the upper code."""
    size, wide = sizes(spec), PAPERS[spec.paper][0]
    side = STAMP[spec.paper] if spec.stamp_box else 0.0
    stamp = (INSET, EDGE, INSET + side, EDGE + side) if side else None
    left = INSET + (side + 10 if side else 0)
    room = wide - INSET - CODE - 10 - left
    title = _paragraph(spec.title, left, EDGE + size.title * 0.8, size.title, room)
    unit = _paragraph(spec.unit, left, title[-1].baseline + size.text * 1.6, size.text + 1, room)
    below = (unit or title)[-1].baseline + size.text * 1.7
    text = _paragraph(instruction(spec), left, below, size.text, room)
    bottom = max(text[-1].baseline + 6, EDGE + CODE + 6, EDGE + side + 6 if side else 0.0)
    return Header(title, unit + text, stamp, bottom)


def _paragraph(text: str, left: float, baseline: float, size: float, room: float) -> tuple[Line, ...]:
    lines = wrap(text, size, room)
    leading = size * 1.25
    return tuple(
        Line(line, left, round(baseline + index * leading, 2), size, round(width(line, size), 2))
        for index, line in enumerate(lines)
    )


def column_head(spec: Spec) -> float:
    """Height of the words above the boxes, in points."""
    return 0.0 if spec.style == "strike" else sizes(spec).text * 2.2


def has_disagree(spec: Spec) -> bool:
    """Whether a row has a second box; one of several names has none."""
    return spec.style == "boxes" or (spec.style == "single" and len(spec.candidates) == 1)


def box_count(spec: Spec) -> int:
    """Boxes in a row: 0, 1 or 2."""
    return 0 if spec.style == "strike" else 1 + has_disagree(spec)


def _room(spec: Spec, page: int) -> tuple[float, float]:
    """Top and bottom of the rows on a page, in points."""
    top = header(spec).bottom if page == 1 else EDGE + CODE + 8
    return top + column_head(spec), PAPERS[spec.paper][1] - EDGE - CODE - 10


def _columns(spec: Spec, count: int) -> list[tuple[float, float]]:
    """Left and right edge of each column."""
    left, right = INSET, PAPERS[spec.paper][0] - INSET
    each = (right - left - GUTTER * (count - 1)) / count
    return [(left + index * (each + GUTTER), left + index * (each + GUTTER) + each) for index in range(count)]


def _name_room(spec: Spec, column: tuple[float, float]) -> tuple[float, float]:
    """Left edge and width of the names in a column."""
    size = sizes(spec)
    left = column[0] + TICK + 5 + size.number
    return left, column[1] - TICK - 8 - box_count(spec) * size.box_pitch - left


def _entries(spec: Spec, columns: int) -> list[_Entry]:
    size = sizes(spec)
    room = _name_room(spec, _columns(spec, columns)[0])[1]
    entries = []
    for number, person in enumerate(spec.candidates, 1):
        lines, points = fit(person.name, room, size.name, size.least)
        high = size.pitch + (len(lines) - 1) * points * 1.8
        entries.append(_Entry(person, number, tuple(lines), points, high))
    return entries


def _flow(spec: Spec, columns: int) -> list[list[list[_Entry]]]:
    """Pages of columns of entries, filled from the top left; raises OmrError for a name taller than a page."""
    pages: list[list[list[_Entry]]] = []
    for entry in _entries(spec, columns):
        if not pages or not _fits(spec, pages, entry):
            _open(spec, pages, columns, entry)
        pages[-1][-1].append(entry)
    return pages


def _fits(spec: Spec, pages: list[list[list[_Entry]]], entry: _Entry) -> bool:
    top, bottom = _room(spec, len(pages))
    return sum(item.height for item in pages[-1][-1]) + entry.height <= bottom - top


def _open(spec: Spec, pages: list[list[list[_Entry]]], columns: int, entry: _Entry) -> None:
    if pages and len(pages[-1]) < columns:
        pages[-1].append([])
    else:
        pages.append([[]])
    if not _fits(spec, pages, entry):
        raise OmrError(f"the name of candidate {entry.number} does not fit on a page")


def _rows(spec: Spec) -> tuple[Row, ...]:
    """One column when the list fits on one page that way, else two where the paper is wide enough."""
    pages, columns = _flow(spec, 1), 1
    if len(pages) > 1 and _name_room(spec, _columns(spec, 2)[0])[1] >= sizes(spec).name * 8:
        pages, columns = _flow(spec, 2), 2
    return tuple(row for number, page in enumerate(pages, 1) for row in _page_rows(spec, number, page, columns))


def _page_rows(spec: Spec, page: int, filled: list[list[_Entry]], columns: int) -> list[Row]:
    top, bottom = _room(spec, page)
    filled = _balanced(filled, columns)
    spare = min((bottom - top - sum(item.height for item in column)) / len(column) for column in filled)
    extra = max(0.0, min(sizes(spec).stretch, spare))
    rows = []
    for entries, edges in zip(filled, _columns(spec, columns), strict=False):
        tops = [top]
        for entry in entries:
            tops.append(tops[-1] + entry.height + extra)
        rows += [_row(spec, page, entry, edges, y) for entry, y in zip(entries, pairwise(tops), strict=True)]
    return rows


def _balanced(filled: list[list[_Entry]], columns: int) -> list[list[_Entry]]:
    """Give two columns of equally tall rows the same number of names."""
    entries = [entry for column in filled for entry in column]
    if columns == 1 or len({entry.height for entry in entries}) > 1 or len(entries) < columns:
        return filled
    half = (len(entries) + 1) // 2
    return [entries[:half], entries[half:]]


def _row(spec: Spec, page: int, entry: _Entry, edges: tuple[float, float], span: tuple[float, float]) -> Row:
    top, bottom = span
    middle = (top + bottom) / 2
    lines = _name_lines(entry, _name_room(spec, edges)[0], middle)
    return Row(
        candidate=entry.person.id, page=page, number=entry.number,
        zone=_rounded((edges[0] + TICK + 2, top, edges[1] - TICK - 2, bottom)),
        name_box=_rounded(_around(lines)), boxes=_boxes(spec, edges[1], middle), lines=lines,
        ticks=(
            _rounded((edges[0], middle - TICK / 2, edges[0] + TICK, middle + TICK / 2)),
            _rounded((edges[1] - TICK, middle - TICK / 2, edges[1], middle + TICK / 2)),
        ),
    )  # fmt: skip


def _name_lines(entry: _Entry, left: float, middle: float) -> tuple[Line, ...]:
    leading = entry.size * 1.8
    first = middle + 0.3 * entry.size - leading * (len(entry.lines) - 1) / 2
    return tuple(
        Line(text, round(left, 2), round(first + leading * index, 2), entry.size, round(width(text, entry.size), 2))
        for index, text in enumerate(entry.lines)
    )


def _around(lines: tuple[Line, ...]) -> Box:
    size = lines[0].size
    right = max(line.x + line.width for line in lines)
    return (lines[0].x, lines[0].baseline - 0.86 * size, right, lines[-1].baseline + 0.26 * size)


def _boxes(spec: Spec, right: float, middle: float) -> dict[str, Box]:
    size = sizes(spec)
    keys = ("agree", "disagree")[: box_count(spec)]
    edge = right - TICK - 4 - len(keys) * size.box_pitch
    centres = {key: edge + (index + 0.5) * size.box_pitch for index, key in enumerate(keys)}
    half = size.box / 2
    return {key: _rounded((x - half, middle - half, x + half, middle + half)) for key, x in centres.items()}


def _rounded(box: Box) -> Box:
    x0, y0, x1, y1 = (round(value, 2) for value in box)
    return (x0, y0, x1, y1)
