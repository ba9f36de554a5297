"""Finds ink that belongs to no mark: writing, circles, stains, second thoughts beside a row."""

import cv2
import numpy as np

from engines.omr.blank import PX, Blank, Span, crop, pixels
from engines.omr.codes import Image
from engines.omr.ink import Inked
from engines.omr.layout import Box
from engines.omr.verdict import Doubt

_LEAST_AREA = 50  # pixels at 200 dpi: 0.8 mm2
_LEAST_LENGTH = 26  # 3.3 mm
_CREASE_LENGTH = 240  # 30 mm
_CREASE_DARKNESS = 0.45
_BOX_RIM = 7.0  # points around a box, and around a name, where ink is judged as a mark
_NAME_RIM = 2.0


def stray_doubts(inked: Inked, blank: Blank) -> list[Doubt]:
    """One doubt per piece of unexplained ink, with the candidate whose row it lies in."""
    taken = set(np.unique(inked.labels[_mark_places(blank)]).tolist())
    found = [label for label in _large(inked.stats) if label not in taken and not _crease(inked, label)]
    return [_doubt(blank, inked.stats[label]) for label in found]


def _mark_places(blank: Blank) -> Image:
    """Where ink is judged as a mark."""
    places = np.zeros(blank.ink.shape, bool)
    for row in blank.rows:
        for box in row.boxes.values():
            crop(places, pixels(box, _BOX_RIM * PX))[:] = True
        if not row.boxes:
            crop(places, pixels(row.name_box, _NAME_RIM * PX))[:] = True
    return places


def _large(stats: Image) -> list[int]:
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _LEAST_LENGTH
    large = (stats[:, cv2.CC_STAT_AREA] >= _LEAST_AREA) | long
    return [int(label) for label in np.flatnonzero(large) if label > 0]


def _crease(inked: Inked, label: int) -> bool:
    """A long, thin, light line is a fold or a streak; what it touches is asked about elsewhere."""
    span = _span(inked.stats[label])
    if max(span[2] - span[0], span[3] - span[1]) < _CREASE_LENGTH:
        return False
    here = crop(inked.labels, span) == label
    thin = here.sum() < 9 * max(here.shape)
    return bool(thin and crop(inked.ink, span)[here].mean() < _CREASE_DARKNESS * 255)


def _span(stats: Image) -> Span:
    left, top, wide, high = (int(value) for value in stats[:4])
    return left, top, left + wide, top + high


def _doubt(blank: Blank, stats: Image) -> Doubt:
    span = _span(stats)
    x, y = (span[0] + span[2]) / 2 / PX, (span[1] + span[3]) / 2 / PX
    inside = [row.candidate for row in blank.rows if _within(row.zone, x, y)]
    return Doubt(inside[0] if inside else None, "ink-beside-row" if inside else "ink-elsewhere", span)


def _within(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
