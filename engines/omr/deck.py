"""A test deck: marked sheets whose answer is known, for the trial count before an election."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines.omr.layout import Box, Layout, Line, Row
from engines.omr.spec import OmrError, Spec

CHOSEN, REJECTED, BOTH, NONE, DOUBT = "chosen", "rejected", "both", "none", "doubt"
READ, REVIEW = "read", "review"
PLAIN, OVERVOTE, BLANK, NOBODY, ONE_EMPTY, TWO_MARKS, UNCLEAR = (
    "plain", "overvote", "blank", "nobody", "one-empty", "both-boxes", "unclear",
)  # fmt: skip
KINDS = (PLAIN, OVERVOTE, BLANK, NOBODY, ONE_EMPTY, TWO_MARKS, UNCLEAR)
"""What a sheet of the deck is there to show; a style that does not know a kind has no such sheet."""

SIGNS = {
    "vi": "PHIẾU THỬ – KHÔNG DÙNG ĐỂ BẦU", "en": "TEST – NOT A BALLOT", "de": "TEST – KEIN STIMMZETTEL",
    "nl": "TEST – GEEN STEMBILJET", "pl": "TEST – TO NIE KARTA DO GŁOSOWANIA",
}  # fmt: skip
"""What is printed on every sheet where the reader ignores ink: in the batch's place and in the box for the stamp."""
_SIGN_SIZE = 9.5
_STAMP_LINE = 1.3
_PAST = 3.0

Point = tuple[float, float]
Stroke = tuple[Point, ...]


@dataclass(frozen=True)
class Known:
    """A sheet of the deck: what it shows, the state it must be read in, and what each candidate got on it."""

    kind: str
    state: str
    read: dict[str, str]


def deck_of(spec: Spec) -> tuple[Known, ...]:
    """The sheets for a ballot, in the order in which they are printed; always the same for the same spec."""
    return (*_plain(spec), *_special(spec))


def answer(spec: Spec, layout: Layout) -> dict[str, Any]:
    """The known answer as it is written down: all sheets, how many in which state, the sums over the clear ones."""
    sheets = deck_of(spec)
    return {
        "election": spec.election,
        "fingerprint": layout.fingerprint,
        "sheets": [asdict(sheet) for sheet in sheets],
        "totals": {
            "ballots": len(sheets),
            "states": {state: sum(sheet.state == state for sheet in sheets) for state in (READ, REVIEW)},
            "candidates": {person.id: _sums(sheets, person.id) for person in spec.candidates},
        },
    }


def _sums(sheets: Sequence[Known], candidate: str) -> dict[str, int]:
    clear = [sheet.read[candidate] for sheet in sheets if sheet.state == READ]
    return {value: clear.count(value) for value in (CHOSEN, REJECTED, BOTH, NONE)}


# What is marked -----------------------------------------------------------------------------------


def _plain(spec: Spec) -> Iterator[Known]:
    """Sheets on which candidate number n is chosen n times, and on none more candidates than there are seats.

    So no two names have the same sum, and a name read for its neighbour cannot go unseen.
    """
    count = len(spec.candidates)
    votes = range(1, count + 1)
    most = _most(spec)
    sheets = max(count + 1, -(-sum(votes) // most))
    chosen: list[set[str]] = [set() for _ in range(sheets)]
    at = 0
    for person, number in zip(spec.candidates, votes, strict=True):
        for turn in range(number):
            chosen[(at + turn) % sheets].add(person.id)
        at += number
    yield from (_clear(spec, PLAIN, names) for names in chosen)


def _most(spec: Spec) -> int:
    """How many names a voter may choose; a list to strike from leaves at least one struck."""
    count = len(spec.candidates)
    return max(1, min(spec.seats, count - 1)) if spec.style == "strike" else min(spec.seats, count)


def _special(spec: Spec) -> Iterator[Known]:
    """One sheet of each further kind that the style knows."""
    ids = [person.id for person in spec.candidates]
    strike, pair = spec.style == "strike", _has_pair(spec)
    if spec.seats + 1 < len(ids) or (spec.seats < len(ids) and not strike):
        yield _clear(spec, OVERVOTE, set(ids[: spec.seats + 1]))
    yield Known(BLANK, READ, dict.fromkeys(ids, CHOSEN if strike else NONE))
    if strike or (pair and len(ids) > 1):
        yield _clear(spec, NOBODY, set())
    if pair and len(ids) > 1:
        yield _with(spec, ONE_EMPTY, READ, {ids[len(ids) // 2]: NONE})
    if pair:
        yield _with(spec, TWO_MARKS, REVIEW, {ids[0]: BOTH})
    yield _with(spec, UNCLEAR, REVIEW, {ids[-1]: DOUBT})


def _has_pair(spec: Spec) -> bool:
    """Whether a row has two boxes."""
    return spec.style == "boxes" or (spec.style == "single" and len(spec.candidates) == 1)


def _clear(spec: Spec, kind: str, chosen: set[str]) -> Known:
    other = REJECTED if spec.style == "strike" or _has_pair(spec) else NONE
    return Known(kind, READ, {person.id: CHOSEN if person.id in chosen else other for person in spec.candidates})


def _with(spec: Spec, kind: str, state: str, odd: dict[str, str]) -> Known:
    """A sheet that chooses one name, but for the odd one."""
    first = next((person.id for person in spec.candidates if person.id not in odd), "")
    return Known(kind, state, _clear(spec, kind, {first}).read | odd)


# How it is drawn ----------------------------------------------------------------------------------


def print_deck(spec: Spec, layout: Layout) -> bytes:
    """The deck as PDF: the pages of one sheet after the other, each signed as a test."""
    return _printed(spec, layout, [sheet.read for sheet in deck_of(spec)], 1)


def print_practice(spec: Spec, layout: Layout, copies: int) -> bytes:
    """Unmarked sheets, signed as a test too, for whoever wants to mark some by hand."""
    return _printed(spec, layout, [{}], copies)


def _printed(spec: Spec, layout: Layout, sheets: Sequence[dict[str, str]], copies: int) -> bytes:
    # Setting pages takes libraries that whoever only asks for the answer need not load.
    from engines.omr.typeset import compiled, page_data, repeat

    blank = [page_data(spec, layout, page) for page in range(1, layout.pages + 1)]
    pages = [
        {**page, "texts": [*page["texts"], *_signs(layout, number)], "strokes": list(_strokes(layout, number, read))}
        for read in sheets
        for number, page in enumerate(blank, 1)
    ]
    return repeat(compiled(layout, pages), copies)


def write_deck(spec: Spec, layout: Layout, folder: Path) -> int:
    """Write deck.pdf and answer.json into `folder`; returns the number of sheets."""
    known = answer(spec, layout)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "deck.pdf").write_bytes(print_deck(spec, layout))
        text = json.dumps(known, ensure_ascii=False, indent=1) + "\n"
        (folder / "answer.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise OmrError(f"{folder}: cannot be written ({error.strerror})") from error
    return len(known["sheets"])


def _strokes(layout: Layout, page: int, read: dict[str, str]) -> Iterator[Stroke]:
    for row in layout.rows_of(page):
        value = read.get(row.candidate, "")
        if not row.boxes:
            yield from _on_name(row, value)
        elif value in _MARKS:
            yield from _MARKS[value](row)


def _on_name(row: Row, value: str) -> Iterator[Stroke]:
    """Nothing on a name that is kept, a line through one that is struck, half a line where people must ask."""
    if value == REJECTED:
        yield from (_through(line, -_PAST, line.width + _PAST) for line in row.lines)
    elif value == DOUBT:
        yield _through(row.lines[0], 0.05 * row.lines[0].width, 0.45 * row.lines[0].width)


def _through(line: Line, start: float, end: float) -> Stroke:
    y = line.baseline - 0.3 * line.size
    return ((line.x + start, y + 0.4), (line.x + end, y - 0.4))


def _cross(box: Box) -> Iterator[Stroke]:
    x0, y0, x1, y1 = box
    rim = 0.12 * (x1 - x0)
    yield ((x0 + rim, y0 + rim), (x1 - rim, y1 - rim))
    yield ((x1 - rim, y0 + rim), (x0 + rim, y1 - rim))


def _beside(row: Row) -> Iterator[Stroke]:
    """A cross that missed its box: towards the other box, or before the only one."""
    x0, y0, x1, y1 = row.boxes["agree"]
    away = 0.95 * (x1 - x0) * (1 if "disagree" in row.boxes else -1)
    return _cross((x0 + away, y0, x1 + away, y1))


_MARKS: dict[str, Callable[[Row], Iterator[Stroke]]] = {
    CHOSEN: lambda row: _cross(row.boxes["agree"]),
    REJECTED: lambda row: _cross(row.boxes["disagree"]),
    BOTH: lambda row: (stroke for box in row.boxes.values() for stroke in _cross(box)),
    DOUBT: _beside,
}


def _signs(layout: Layout, page: int) -> list[dict[str, Any]]:
    """The words that mark a sheet as a test, fitted into the two places."""
    from engines.omr.metrics import width, wrap

    words = SIGNS[layout.lang]
    left, _top, right, bottom = layout.batch_box
    size = min(_SIGN_SIZE, round(_SIGN_SIZE * (right - left) / width(words, _SIGN_SIZE), 1))
    signs = [_text(words, right - width(words, size), bottom - 3.5, size)]
    if page == 1 and layout.stamp:
        size = (layout.stamp[2] - layout.stamp[0]) / 7
        lines = wrap(words, size, layout.stamp[2] - layout.stamp[0] - 8)
        first = layout.stamp[3] - 8 - (len(lines) - 1) * size * _STAMP_LINE
        signs += [
            _text(line, layout.stamp[0] + 4, first + index * size * _STAMP_LINE, size)
            for index, line in enumerate(lines)
        ]
    return signs


def _text(text: str, x: float, y: float, size: float) -> dict[str, Any]:
    return {"text": text, "x": round(x, 2), "y": round(y, 2), "size": round(size, 2)}
