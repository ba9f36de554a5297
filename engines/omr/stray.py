"""Finds ink that belongs to no mark: writing, circles, stains, second thoughts beside a row."""

import cv2
import numpy as np

from engines.omr.blank import EDGE, PX, Blank, Span, crop, halved, pixels
from engines.omr.codes import Image
from engines.omr.ink import Inked
from engines.omr.layout import Box, Row
from engines.omr.verdict import REJECTED, Doubt, Judged

_NOWHERE = np.zeros((2, 0), int)
_LEAST_AREA = 15  # pixels at 100 dpi: 1 mm2
_LEAST_LENGTH = 13  # 3.3 mm
_BOX_RIM = 7.0  # points around a box where ink is judged as a mark
_BOX_REACH = 17.0  # points a mark may reach out of its box
_TOUCH = 3  # pixels at 100 dpi that a piece of ink must have in a name to touch it
_NAME_RIM = 2.0
_CORNER = 80.0  # points from a corner of the sheet
_NAME_PAST = 45.0  # points a stroke may go past a name at its ends
_NAME_OVER = 3.0  # and above or below it


def stray_doubts(inked: Inked, blank: Blank, judged: list[Judged]) -> list[Doubt]:
    """One doubt per piece of unexplained ink, with the candidate whose row it lies in."""
    core, reach = _places(blank, judged, inked.labels.shape)
    inky = cv2.findNonZero((inked.labels > 0).view(np.uint8))
    x, y = inky.reshape(-1, 2).T if inky is not None else _NOWHERE
    labels = inked.labels[y, x]
    touching = np.bincount(labels[core[y, x]], minlength=len(inked.stats))
    outside = np.bincount(labels[~reach[y, x]], minlength=len(inked.stats))
    wide = _widest_mark(blank)
    return [
        _doubt(blank, inked.stats[label])
        for label in _large(inked.stats)
        if (not touching[label] or outside[label] >= _LEAST_AREA or max(inked.stats[label][2:4]) > wide)
        and not _at_corner(blank, inked.stats[label])
    ]


def _widest_mark(blank: Blank) -> float:
    """The longest side, in pixels at 100 dpi, of a mark in a box; names have no such limit."""
    sides = [box[2] - box[0] for row in blank.rows for box in row.boxes.values()]
    return (max(sides) + 2 * _BOX_REACH) * PX / 2 if sides else float("inf")


def joined_doubts(inked: Inked, blank: Blank) -> list[Doubt]:
    """Names that one piece of ink runs through together: which of them it strikes people say."""
    seen: dict[int, list[Row]] = {}
    for row in blank.rows:
        if not row.boxes:
            counts = np.bincount(crop(inked.labels, halved(pixels(row.name_box))).ravel(), minlength=1)
            for label in np.flatnonzero(counts[1:] >= _TOUCH).tolist():
                seen.setdefault(label + 1, []).append(row)
    rows = [row for together in seen.values() if len(together) > 1 for row in together]
    return [
        Doubt(row.candidate, "ink-beside-row", pixels(row.zone))
        for row in {row.candidate: row for row in rows}.values()
    ]


def _places(blank: Blank, judged: list[Judged], shape: tuple[int, ...]) -> tuple[Image, Image]:
    """Where ink is judged as a mark, and how far such ink may reach, at half size."""
    core, reach = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, item in zip(blank.rows, judged, strict=True):
        for box in row.boxes.values():
            crop(core, halved(pixels(box, _BOX_RIM * PX)))[:] = True
            crop(reach, halved(pixels(box, _BOX_REACH * PX)))[:] = True
        if not row.boxes:
            past = halved(pixels(_stretched(row)))
            crop(core, past if item.value == REJECTED else halved(pixels(row.name_box, _NAME_RIM * PX)))[:] = True
            crop(reach, past)[:] = True
    return core, reach


def _stretched(row: Row) -> Box:
    x0, y0, x1, y1 = row.name_box
    return x0 - _NAME_PAST, y0 - _NAME_OVER, x1 + _NAME_PAST, y1 + _NAME_OVER


def _large(stats: Image) -> list[int]:
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _LEAST_LENGTH
    large = (stats[:, cv2.CC_STAT_AREA] >= _LEAST_AREA) | long
    return [int(label) for label in np.flatnonzero(large) if label > 0]


def _doubt(blank: Blank, stats: Image) -> Doubt:
    left, top, wide, high = (2 * int(value) for value in stats[:4])
    span: Span = (left, top, left + wide, top + high)
    x, y = (span[0] + span[2]) / 2 / PX, (span[1] + span[3]) / 2 / PX
    inside = [row.candidate for row in blank.rows if _within(row.zone, x, y)]
    return Doubt(inside[0] if inside else None, "ink-beside-row" if inside else "ink-elsewhere", span)


def _at_corner(blank: Blank, stats: Image) -> bool:
    """Whether ink comes in over the sheet's edge near a corner, as a torn or folded corner's edge does."""
    high, wide = blank.grey.shape
    left, top, right, bottom = (2 * int(value) for value in (*stats[:2], stats[0] + stats[2], stats[1] + stats[3]))
    rim, reach = EDGE * PX + 4, _CORNER * PX
    at_edge = left < rim or top < rim or right > wide - rim or bottom > high - rim
    return at_edge and (right < reach or left > wide - reach) and (bottom < reach or top > high - reach)


def _within(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
