"""Finds folds and feeder streaks: straight ink from one edge of the sheet to the other, which no pen draws."""

from dataclasses import dataclass

import cv2
import numpy as np

from engines.omr.blank import Blank
from engines.omr.codes import Image

_PIECE = 11  # pixels at 100 dpi (2.8 mm): shorter straight pieces are not looked at
_SLOPES = np.linspace(-0.09, 0.09, 37)  # up to 5 degrees
_BAND = 3  # pixels at 100 dpi a crease may wander from its straight line
_COVERED = 0.35  # of the way over unprinted paper that must be inked
_COVERED_INSIDE = 0.7  # the same where both ends of the way are printed
_LEAST = 0.2  # of the way in straight pieces, else nothing is sought
_MARGIN = 0.085  # of the sheet at both ends: a crease is seen there too, where no mark is made
_MOST = 6
_EXCESS = 0.13  # of this sheet's black: what is so much darker than the crease elsewhere lies on top of it
_FOLD = 0.45  # of this sheet's black: no fold is darker
_PARALLEL = 0.0015  # 0.1 degrees
_HALF_WIDTH = 6  # pixels at 200 dpi on either side that belong to a crease


@dataclass(frozen=True)
class Crease:
    """From edge to edge at 200 dpi: `at` one end's place, `slope` per pixel, whether level, its usual darkness 0..1."""

    at: float
    slope: float
    level: bool
    darkness: float

    def near(self, along: tuple[int, int], across: tuple[int, int]) -> bool:
        """Whether it runs through a place, given as from-to along the crease and across it."""
        places = [self.at + self.slope * way for way in along]
        return min(places) < across[1] + _HALF_WIDTH and max(places) > across[0] - _HALF_WIDTH


@dataclass(frozen=True)
class Creases:
    """All creases of a sheet, and the pixels at 200 dpi that are theirs alone (None when there are none)."""

    found: tuple[Crease, ...]
    mask: Image | None


def find_creases(half: Image, extra: Image, blank: Blank, axes: Image) -> Creases:
    """Creases among the drawn lines (at half size), and what of the ink is no darker than the crease is elsewhere.

    `axes` takes directions on the form to directions on the picture. A line as dark as a pen's is a crease only where
    it runs along the picture's edge, as dirt in a scanner does: a voter may have drawn it with a ruler.
    """
    found: list[Crease] = []
    for level in (True, False):
        flat = half if level else cv2.transpose(half)
        for at, slope, ended in _search(flat, blank, level):
            crease = Crease(2 * at, slope, level, _darkness(extra, blank, 2 * at, slope, level))
            if (ended and crease.darkness < _FOLD) or _along_picture(crease, axes):
                found.append(crease)
    if not found:
        return Creases((), None)
    mask = np.zeros(extra.shape, bool)
    for crease in found:
        mask |= band(extra.shape, crease, _HALF_WIDTH) & (extra <= (crease.darkness + _EXCESS) * 255)
    return Creases(tuple(found), mask)


def _along_picture(crease: Crease, axes: Image) -> bool:
    x, y = np.abs(axes @ ((1.0, crease.slope) if crease.level else (crease.slope, 1.0)))
    return bool(min(x, y) < _PARALLEL * max(x, y))


def band(shape: tuple[int, ...], crease: Crease, reach: int) -> Image:
    """True within `reach` pixels of a crease."""
    mask = np.zeros(shape, np.uint8)
    long = shape[1] if crease.level else shape[0]
    ends = [(0, round(crease.at)), (long, round(crease.at + crease.slope * long))]
    ends = ends if crease.level else [(y, x) for x, y in ends]
    cv2.line(mask, ends[0], ends[1], (1,), 2 * reach + 1)
    return mask > 0


def _search(flat: Image, blank: Blank, level: bool) -> list[tuple[float, float, bool]]:
    """Lines (height at the left end, slope, seen at an end) in a picture turned so that they run left to right."""
    rim = round(_MARGIN * flat.shape[1])
    if level and cv2.countNonZero(flat[:, :rim]) + cv2.countNonZero(flat[:, -rim:]) < rim // 3:
        return []
    straight = cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((1, _PIECE), np.uint8))
    if cv2.countNonZero(straight) < _LEAST * flat.shape[1]:
        return []
    y, x = np.nonzero(straight)
    free = _free(blank, level)
    found: list[tuple[float, float, bool]] = []
    for _ in range(_MOST):
        line = _best(x, y, flat.shape)
        if line is None:
            break
        near = np.abs(y - line[0] - line[1] * x) <= _BAND
        crosses, ended = _crosses(flat, free, line)
        if crosses:
            found.append((*line, ended))
        elif near.sum() < 0.25 * flat.shape[1]:
            break
        x, y = x[~near], y[~near]
    return found


def _best(x: Image, y: Image, shape: tuple[int, ...]) -> tuple[float, float] | None:
    """The line with most ink within a band of 4 pixels."""
    if len(x) < _LEAST * shape[1]:
        return None
    offset = shape[0] // 2
    best, line = 0, (0.0, 0.0)
    for slope in _SLOPES:
        bins = np.bincount(((y - slope * x + offset) / 4).astype(np.int64))
        top = int(bins.argmax())
        if bins[top] > best:
            best, line = int(bins[top]), (top * 4 + 2 - offset, float(slope))
    near = np.abs(y - line[0] - line[1] * x) <= 2 * _BAND
    slope, at = np.polyfit(x[near], y[near], 1) if near.sum() > 50 else (line[1], line[0])
    return (float(at), float(slope)) if best >= _LEAST * shape[1] else None


def _free(blank: Blank, level: bool) -> Image:
    mask = blank.open_half[0]
    return mask if level else mask.T


def _crosses(flat: Image, free: Image, line: tuple[float, float]) -> tuple[bool, bool]:
    """Whether ink covers much of the unprinted way, both outermost parts included; whether one of these is free."""
    long = free.shape[1]
    way = np.arange(long)
    heights = np.clip(np.round(line[0] + line[1] * way).astype(int), _BAND, free.shape[0] - 1 - _BAND)
    white = free[heights, way] > 0
    inked = np.any([flat[heights + off, way] for off in range(-_BAND, _BAND + 1)], axis=0)
    rim = round(_MARGIN * long)
    ends = ((white[:rim], inked[:rim]), (white[-rim:], inked[-rim:]))
    sure = [part[open_].mean() > _COVERED for open_, part in ends if open_.sum() > 5]
    needed = _COVERED if sure else _COVERED_INSIDE
    return bool(white.sum() > 0.2 * long and inked[white].mean() > needed and all(sure)), bool(sure)


def _darkness(extra: Image, blank: Blank, at: float, slope: float, level: bool) -> float:
    """How dark the line is in most places where nothing is printed."""
    sheet, free = (extra, blank.open_half[0]) if level else (extra.T, blank.open_half[0].T)
    way = np.arange(0, sheet.shape[1] - 1, 3)
    heights = np.clip(np.round(at + slope * way).astype(int), _BAND, sheet.shape[0] - _BAND - 1)
    darkest = np.max([sheet[heights + off, way] for off in range(-_BAND, _BAND + 1)], axis=0)
    white = free[np.minimum(heights // 2, free.shape[0] - 1), np.minimum(way // 2, free.shape[1] - 1)] > 0
    return float(np.percentile(darkest[white], 75)) / 255 if white.any() else 0.0
