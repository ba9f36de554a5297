"""The layout: where everything on a ballot is, in PDF points from the top left, and its fingerprint."""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engines.omr.spec import OmrError

FORMAT = 1
CORNERS = ("top-left", "top-right", "bottom-right", "bottom-left", "middle-left", "middle-right")
MARKER_CYCLE = 8
BLANK_DPI = 200

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A fiducial: one ArUco marker (dictionary 4x4_50, number `id`) that fills `box`."""

    id: int
    page: int
    corner: str
    box: Box


@dataclass(frozen=True)
class Code:
    """A Data Matrix that fills `box`; its text is the same on every copy."""

    page: int
    box: Box


@dataclass(frozen=True)
class Line:
    """One printed line of a name: left end and baseline, font size, and printed width."""

    text: str
    x: float
    baseline: float
    size: float
    width: float


@dataclass(frozen=True)
class Row:
    """One candidate's row; `boxes` has agree and disagree, agree alone (one of several), or nothing (strike)."""

    candidate: str
    page: int
    number: int
    zone: Box
    name_box: Box
    boxes: dict[str, Box]
    lines: tuple[Line, ...]
    ticks: tuple[Box, Box]


@dataclass(frozen=True)
class Layout:
    """All geometry of one form. `blank` holds one grey PNG per page at 200 dpi: what an unmarked page looks like."""

    election: str
    style: str
    lang: str
    seats: int
    page: tuple[float, float]
    pages: int
    marks: tuple[Mark, ...]
    codes: tuple[Code, ...]
    rows: tuple[Row, ...]
    stamp: Box | None
    batch_box: Box
    wording: str
    blank: tuple[bytes, ...] = field(default=(), repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """Ten letters or digits (50 bits of SHA-256) over everything but the blank pictures."""
        text = json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return short_hash(f"layout {FORMAT} {text}", 10)

    def code_text(self, page: int) -> str:
        """What the codes of a page say: election, layout and page, and nothing else. 22 capital letters and digits."""
        return f"C{FORMAT}{short_hash('election ' + self.election, 8)}{self.fingerprint}{page:02d}"

    def rows_of(self, page: int) -> tuple[Row, ...]:
        """The rows of a page (from 1)."""
        return tuple(row for row in self.rows if row.page == page)


def short_hash(text: str, letters: int) -> str:
    """The first `letters` base-32 digits of a SHA-256; 5 bits each."""
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:letters]


def _plain(layout: Layout) -> dict[str, Any]:
    return {key: value for key, value in asdict(layout).items() if key != "blank"}


def save_layout(layout: Layout, path: Path) -> None:
    """Write layout.json as the issue has it, with the blank pages inside (base64 PNG), so that one file is enough."""
    data = {"format": FORMAT, "fingerprint": layout.fingerprint, **_plain(layout)}
    data["codes"] = [{**asdict(code), "text": layout.code_text(code.page)} for code in layout.codes]
    data["blank_dpi"] = BLANK_DPI
    data["blank"] = [base64.b64encode(png).decode() for png in layout.blank]
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load_layout(path: Path) -> Layout:
    """Read layout.json; raises OmrError when it is missing, not ours, incomplete or changed since printing."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OmrError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise OmrError(f"{path}: is not a layout, because it is not JSON ({error})") from error
    try:
        layout = _layout(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OmrError(f"{path}: is not a layout, or parts of it are missing ({error!r})") from error
    if data.get("fingerprint") != layout.fingerprint or len(layout.blank) != layout.pages:
        raise OmrError(f"{path}: was changed after printing (its fingerprint does not fit its content)")
    return layout


def _layout(data: dict[str, Any]) -> Layout:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']} is unknown")
    return Layout(
        election=str(data["election"]), style=str(data["style"]), lang=str(data["lang"]), seats=int(data["seats"]),
        page=(float(data["page"][0]), float(data["page"][1])), pages=int(data["pages"]),
        marks=tuple(Mark(item["id"], item["page"], item["corner"], _box(item["box"])) for item in data["marks"]),
        codes=tuple(Code(item["page"], _box(item["box"])) for item in data["codes"]),
        rows=tuple(_row(item) for item in data["rows"]),
        stamp=_box(data["stamp"]) if data["stamp"] else None,
        batch_box=_box(data["batch_box"]), wording=str(data["wording"]),
        blank=tuple(base64.b64decode(text, validate=True) for text in data["blank"]),
    )  # fmt: skip


def _row(item: dict[str, Any]) -> Row:
    return Row(
        candidate=item["candidate"], page=item["page"], number=item["number"], zone=_box(item["zone"]),
        name_box=_box(item["name_box"]), boxes={key: _box(box) for key, box in item["boxes"].items()},
        lines=tuple(Line(**line) for line in item["lines"]),
        ticks=(_box(item["ticks"][0]), _box(item["ticks"][1])),
    )  # fmt: skip


def _box(values: Any) -> Box:
    x0, y0, x1, y1 = (float(value) for value in values)
    return (x0, y0, x1, y1)
