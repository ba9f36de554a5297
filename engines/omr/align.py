"""Moves every row of a form onto the blank: by its ticks, and piece by piece where the paper was uneven."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from engines.omr.blank import Blank, Span, crop, pixels
from engines.omr.codes import Image
from engines.omr.layout import Row
from engines.omr.ticks import Ticks

_GOOD_PRINT = 0.97
_SEEN = round(0.3 * 255)  # ink that shows print to be there
_STILL = 0.8  # pixels a row may be off after it was moved by whole pixels
_PIECE = 110  # pixels of a name that are moved together
_REACH = 9  # pixels a piece may be away from where the ticks say
_MATCH = 0.55
_INVERSE = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True)
class Aligned:
    """`ink` with all row zones in place, and the share of each row's print that was found there."""

    ink: Image
    print_seen: Image


def align(ink: Image, blank: Blank, ticks: Ticks) -> Aligned:
    """Rows whose print is then not yet where it should be are moved once more, in pieces."""
    moved = ink.copy()
    for index, row in enumerate(blank.rows):
        _move(moved, ink, pixels(row.zone), ticks.shifts[index])
    seen = _print_seen(moved, blank)
    for index in np.flatnonzero(seen < _GOOD_PRINT).tolist():
        row = blank.rows[index]
        patch = _by_pieces(ink, pixels(row.zone), ticks.shifts[index], blank, row)
        better = _patch_seen(patch, crop(blank.letters, pixels(row.zone)))
        if better >= seen[index]:
            crop(moved, pixels(row.zone))[:] = patch
            seen[index] = better
    return Aligned(moved, seen)


def _move(page: Image, ink: Image, span: Span, shift: Image) -> None:
    """By whole pixels where that is near enough, else along a line from the left tick's shift to the right one's."""
    x0, y0, x1, y1 = span
    whole = np.round((shift[0] + shift[1]) / 2).astype(int)
    if np.abs(shift - whole).max() > _STILL:
        crop(page, span)[:] = _by_ticks(ink, span, shift)
    elif whole.any():
        crop(page, span)[:] = ink[y0 + whole[1] : y1 + whole[1], x0 + whole[0] : x1 + whole[0]]


def _print_seen(page: Image, blank: Blank) -> Image:
    """The share of each row's printed letters that have ink on or beside them."""
    near = cv2.dilate(page, np.ones((3, 3), np.uint8))
    places, starts, counts = blank.row_letters
    hits = np.take(near, places) > _SEEN
    sums = np.add.reduceat(hits, starts, dtype=np.int64) if len(places) else np.zeros(len(starts))
    return np.where(counts > 0, sums / np.maximum(counts, 1), 1.0)


def _patch_seen(patch: Image, letters: Image) -> float:
    return float((cv2.dilate(patch, np.ones((3, 3), np.uint8))[letters] > _SEEN).mean()) if letters.any() else 1.0


def _by_ticks(ink: Image, span: Span, shift: Image) -> Image:
    x0, y0, x1, y1 = span
    slope = (shift[1] - shift[0]) / max(1, x1 - x0)
    matrix = np.array([[1 + slope[0], 0, x0 + shift[0][0]], [slope[1], 1, y0 + shift[0][1]]])
    return np.asarray(cv2.warpAffine(ink, matrix, (x1 - x0, y1 - y0), flags=_INVERSE))


def _by_pieces(ink: Image, span: Span, shift: Image, blank: Blank, row: Row) -> Image:
    """Shifts measured at boxes and pieces of the name, joined by straight lines."""
    x0, y0, x1, y1 = span
    at, measured = [float(x0), float(x1)], [shift[0], shift[1]]
    for piece in _pieces(row):
        middle = (piece[0] + piece[2]) / 2
        guess = shift[0] + (shift[1] - shift[0]) * (middle - x0) / max(1, x1 - x0)
        found = _match(ink, blank, piece, guess)
        if found is not None:
            at.append(middle)
            measured.append(found)
    order = np.argsort(at)
    places, shifts = np.array(at)[order], np.array(measured)[order]
    x = np.arange(x0, x1, dtype=np.float32)
    dx, dy = (np.interp(x, places, shifts[:, axis]).astype(np.float32) for axis in (0, 1))
    map_x = np.tile(x + dx, (y1 - y0, 1))
    map_y = np.arange(y0, y1, dtype=np.float32)[:, None] + dy[None, :]
    return np.asarray(cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR))


def _pieces(row: Row) -> list[Span]:
    """The boxes with their outline, and the name cut into pieces."""
    spans = [pixels(box, 5) for box in row.boxes.values()]
    x0, y0, x1, y1 = pixels(row.name_box, 3)
    count = max(1, round((x1 - x0) / _PIECE))
    edges = np.linspace(x0, x1, count + 1).astype(int)
    return spans + [(int(a), y0, int(b), y1) for a, b in pairwise(edges)]


def _match(ink: Image, blank: Blank, piece: Span, guess: Image) -> Image | None:
    """Shift of one piece, in whole pixels, or None when it is not like the blank anywhere near."""
    x0, y0, x1, y1 = piece
    near = np.round(guess).astype(int)
    region = crop(ink, (x0 + near[0] - _REACH, y0 + near[1] - _REACH, x1 + near[0] + _REACH, y1 + near[1] + _REACH))
    pattern = crop(blank.ink, piece)
    if region.shape[0] != pattern.shape[0] + 2 * _REACH or region.shape[1] != pattern.shape[1] + 2 * _REACH:
        return None
    _, best, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(region, pattern, cv2.TM_CCOEFF_NORMED))
    return near + np.array([dx, dy]) - _REACH if best >= _MATCH else None
