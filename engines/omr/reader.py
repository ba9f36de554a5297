"""Reads one picture: registers it, judges every row, and decides what state the sheet is in."""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from engines.omr.blank import Blank, blank_pages, pixels
from engines.omr.boxes import judge_boxes
from engines.omr.codes import Image, election_hash, parse_code, read_codes
from engines.omr.ink import MOST_LEVEL, Inked, measure
from engines.omr.layout import Layout
from engines.omr.register import Pose, codes_on, find_markers, pose, strangers, warp
from engines.omr.stray import joined_doubts, stray_doubts
from engines.omr.strikes import judge_strikes
from engines.omr.ticks import Ticks, find_ticks
from engines.omr.verdict import BLANK, BOTH, DOUBT, FOREIGN, READ, REVIEW, UNREADABLE, Doubt, Judged

_LEAST_TICKS = 0.7
_MOST_ERROR = 4.0  # pixels at 200 dpi between fiducials and the plane through them
_LEAST_PRINT = 0.85
_LEAST_SHEET = 0.92
_LEAST_CONTRAST = 0.25
_UNFIT = ("does-not-register", "print-missing", "too-grainy", "too-pale")
_BLANK_INK = 0.0015


@dataclass(frozen=True)
class Reading:
    """What one picture says. `form` is the upright form at 200 dpi for crops, or None."""

    state: str
    rotation: int | None = None
    quality: float = 0.0
    election: str | None = None
    form_page: int | None = None
    read: tuple[tuple[str, str], ...] = ()
    doubts: tuple[Doubt, ...] = ()
    form: Image | None = None


class Reader:
    """A layout made ready for reading; one per process."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        cv2.setNumThreads(1)

    @cached_property
    def blanks(self) -> tuple[Blank, ...]:
        """The layout's unmarked pages."""
        return blank_pages(self.layout)

    def read(self, picture: Image) -> Reading:
        """Read a grey picture (height x width, uint8) of any orientation and resolution."""
        found = find_markers(picture)
        if found.twice:
            return Reading(REVIEW, doubts=(Doubt(None, "two-sheets-at-once"),))
        where = pose(found, self.layout)
        if where is None:
            return self._without_fiducials(picture, len(found.corners))
        return self._registered(picture, where, strangers(found, where, self.layout))

    def _without_fiducials(self, picture: Image, markers: int) -> Reading:
        """A blank back, a foreign sheet, or a ballot too damaged to register."""
        if not markers and _is_blank(picture):
            return Reading(BLANK)
        texts = read_codes(picture)
        if any(self._is_ours(text) for text in texts):
            return Reading(UNREADABLE, election=self.layout.election, doubts=(Doubt(None, "does-not-register"),))
        if texts:
            return Reading(FOREIGN, election=_named(texts), doubts=(Doubt(None, "other-code"),))
        return Reading(UNREADABLE, doubts=(Doubt(None, "no-fiducials"),))

    def _is_ours(self, text: str) -> bool:
        code = parse_code(text)
        return code is not None and (code.election, code.fingerprint) == (
            election_hash(self.layout.election), self.layout.fingerprint
        )  # fmt: skip

    def _registered(self, picture: Image, where: Pose, two: bool) -> Reading:
        form = warp(picture, where, self.blanks[0])
        texts = codes_on(form, picture, self.layout)
        if any(not self._is_ours(text) for text in texts):
            return Reading(FOREIGN, where.rotation, election=_named(texts), doubts=(Doubt(None, "other-code"),))
        if two:
            return Reading(REVIEW, where.rotation, doubts=(Doubt(None, "two-sheets-at-once"),), form=form)
        pages = {int(text[-2:]) for text in texts}
        if len(pages) != 1 or not self._fits(pages, where):
            reason = "code-unreadable" if not pages else "codes-disagree"
            return Reading(REVIEW, where.rotation, doubts=(Doubt(None, reason),), form=form)
        return self._judged(form, where, self.blanks[pages.pop() - 1], _is_one_bit(picture))

    def _fits(self, pages: set[int], where: Pose) -> bool:
        """The fiducials name the page too (up to a multiple of eight)."""
        return all(page <= self.layout.pages and (page - 1) % 8 == where.cycle for page in pages)

    def _judged(self, form: Image, where: Pose, blank: Blank, one_bit: bool) -> Reading:
        ticks = find_ticks(form, blank)
        inked = measure(form, blank, ticks, where.matrix[:2, :2], one_bit)
        judged = judge_boxes(inked, blank) if blank.rows[0].boxes else judge_strikes(inked, blank)
        judged = _with_place(judged, inked, ticks)
        doubts = _sheet_doubts(where, ticks, inked) + _row_doubts(judged, blank)
        doubts += stray_doubts(inked, blank, judged) + joined_doubts(inked, blank)
        return Reading(
            REVIEW if doubts else READ, where.rotation, round(ticks.share, 3), self.layout.election, blank.page,
            _claims(judged, blank, doubts), tuple(doubts), form,
        )  # fmt: skip


def _claims(judged: list[Judged], blank: Blank, doubts: list[Doubt]) -> tuple[tuple[str, str], ...]:
    """What may be said of each candidate: nothing on a sheet that is unfit as a whole, nothing where a doubt lies."""
    asked = {doubt.candidate for doubt in doubts}
    unfit = any(doubt.reason in _UNFIT for doubt in doubts if doubt.candidate is None)
    return tuple(
        (row.candidate, DOUBT if unfit or (row.candidate in asked and item.value != BOTH) else item.value)
        for row, item in zip(blank.rows, judged, strict=True)
    )


def _named(texts: list[str] | tuple[str, ...]) -> str:
    """The election's short hash of one of our codes, or the foreign text itself, shortened."""
    code = parse_code(texts[0])
    return code.election if code else texts[0][:40]


def _is_one_bit(picture: Image) -> bool:
    """Whether hardly any pixel is neither black nor white."""
    some = picture[::7, ::7]
    return float(((some > 12) & (some < 243)).mean()) < 0.004


def _is_blank(picture: Image) -> bool:
    """Hardly any ink on the paper, seen at a coarse scale and away from the picture's edge."""
    scale = min(1.0, 800 / max(picture.shape))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8)), (9, 9))
    edge = max(small.shape) // 25
    dark = (cv2.divide(small, paper, scale=255) < 205)[edge:-edge, edge:-edge]
    light = paper[edge:-edge, edge:-edge]
    return bool(dark.size and dark.mean() < _BLANK_INK and float(light.min()) > 0.6 * float(light.max()))


def _with_place(judged: list[Judged], inked: Inked, ticks: Ticks) -> list[Judged]:
    """Rows whose print is not where it should be are in doubt, whatever was read."""
    out = []
    for item, seen, sure in zip(judged, inked.rows_seen, ticks.sure, strict=True):
        if not sure or seen < _LEAST_PRINT:
            item = replace(item, value=DOUBT, reason="print-missing" if sure else "does-not-register")
        out.append(item)
    return out


def _row_doubts(judged: list[Judged], blank: Blank) -> list[Doubt]:
    return [
        Doubt(row.candidate, item.reason, pixels(row.zone))
        for row, item in zip(blank.rows, judged, strict=True)
        if item.reason
    ]


def _sheet_doubts(where: Pose, ticks: Ticks, inked: Inked) -> list[Doubt]:
    """Reasons to send the whole sheet to people."""
    checks = (
        (where.error > _MOST_ERROR or ticks.share < _LEAST_TICKS, "does-not-register"),
        (inked.print_seen < _LEAST_SHEET, "print-missing"),
        (inked.level > MOST_LEVEL, "too-grainy"),
        (inked.contrast < _LEAST_CONTRAST, "too-pale"),
    )
    return [Doubt(None, reason) for wrong, reason in checks if wrong]
