"""Finds the small black squares beside every row: how far each row lies from where the fiducials say."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from engines.omr.blank import PX, Blank
from engines.omr.codes import Image

_SIDE = 13  # pixels at 200 dpi of a tick (1.6 mm)
_RIM = 5
_REACH = 9  # pixels (1.1 mm) a tick may be away from where the fiducials say
_OUTER = _SIDE + 2 * _RIM
_TILE = _OUTER + 2 * _REACH
_MATCH = 0.7
_OUTLIER = 2.5
_NEIGHBOURS = 2


@dataclass(frozen=True)
class Ticks:
    """Local shifts (rows x 2 ticks x 2 axes, pixels at 200 dpi), whether each row has ticks near it, share seen."""

    shifts: Image
    sure: Image
    share: float


def find_ticks(form: Image, blank: Blank) -> Ticks:
    """Where the ticks beside each row really are, compared with the blank; gaps are filled from their neighbours."""
    places, scores = _squares(form, blank)
    shifts = places - _printed(blank)
    seen = scores >= _MATCH
    for group in blank.tick_columns:
        for side in (0, 1):
            shifts[group, side], seen[group, side] = _smooth(shifts[group, side], seen[group, side])
    return Ticks(shifts, _sure(seen, blank), float(seen.mean()))


@lru_cache(maxsize=99)
def _printed(blank: Blank) -> Image:
    return _squares(blank.grey, blank)[0]


@lru_cache(maxsize=99)
def _tiles(blank: Blank) -> Image:
    """Flat indices of the pixels around every tick, one tile below the other."""
    high, wide = blank.grey.shape
    boxes = np.array([tick for row in blank.rows for tick in row.ticks])
    middle = np.round((boxes[:, :2] + boxes[:, 2:]) / 2 * PX - 0.5).astype(int)
    steps = np.arange(_TILE) - _TILE // 2
    x = np.clip(middle[:, 0, None] + steps, 0, wide - 1)
    y = np.clip(middle[:, 1, None] + steps, 0, high - 1)
    return np.asarray((y[:, :, None] * wide + x[:, None, :]).reshape(-1, _TILE))


def _squares(form: Image, blank: Blank) -> tuple[Image, Image]:
    """Place (rows x 2 x 2, in its tile) and normalised correlation of the best black square near each tick."""
    tiles = np.take(form, _tiles(blank))
    match = _correlation(tiles).reshape(-1, _TILE, _TILE)[:, _OUTER // 2 : -(_OUTER // 2), _OUTER // 2 : -(_OUTER // 2)]
    count, size = len(match), match.shape[1]
    best = match.reshape(count, -1).argmax(axis=1)
    y, x = best // size, best % size
    each = np.arange(count)
    fine_x = x + _bend(
        match[each, y, np.maximum(x - 1, 0)], match[each, y, x], match[each, y, np.minimum(x + 1, size - 1)]
    )
    fine_y = y + _bend(
        match[each, np.maximum(y - 1, 0), x], match[each, y, x], match[each, np.minimum(y + 1, size - 1), x]
    )
    return np.stack([fine_x, fine_y], axis=1).reshape(-1, 2, 2), match[each, y, x].reshape(-1, 2)


def _correlation(tiles: Image) -> Image:
    """With a black square in a white rim, from sums over squares of two sizes."""
    inner = cv2.boxFilter(tiles, cv2.CV_32F, (_SIDE, _SIDE), normalize=False)
    outer = cv2.boxFilter(tiles, cv2.CV_32F, (_OUTER, _OUTER), normalize=False)
    squares = cv2.sqrBoxFilter(tiles, cv2.CV_32F, (_OUTER, _OUTER), normalize=False)
    share = _SIDE**2 / _OUTER**2
    spread = np.sqrt(np.maximum(squares - outer * outer / _OUTER**2, 1.0) * (_SIDE**2 * (1 - share)))
    return np.asarray((outer * share - inner) / spread)


def _bend(before: Image, here: Image, after: Image) -> Image:
    """Top of the parabola through a maximum and its neighbours, as a part of a pixel."""
    curve = before - 2 * here + after
    return np.where(curve < 0, 0.5 * (before - after) / np.where(curve < 0, curve, 1), 0.0)


def _smooth(shifts: Image, seen: Image) -> tuple[Image, Image]:
    """Throw out ticks that contradict their neighbours, and fill the gaps by interpolation."""
    places = np.arange(len(shifts))
    near = np.pad(np.where(seen[:, None], shifts, np.nan), ((_NEIGHBOURS, _NEIGHBOURS), (0, 0)), constant_values=np.nan)
    windows = np.sort([near[n : n + len(shifts)] for n in range(2 * _NEIGHBOURS + 1)], axis=0)
    counts = np.sum(~np.isnan(windows), axis=0)
    low, high = (np.take_along_axis(windows, np.maximum(at, 0)[None], 0)[0] for at in ((counts - 1) // 2, counts // 2))
    middle = (low + np.where(np.isnan(high), low, high)) / 2
    good = seen & (np.abs(shifts - middle).max(axis=1) <= _OUTLIER)
    if not good.any():
        return np.zeros_like(shifts), good
    filled = [np.interp(places, places[good], shifts[good, axis]) for axis in (0, 1)]
    return np.stack(filled, axis=1), good


def _sure(seen: Image, blank: Blank) -> Image:
    """A row is sure of its place when on both sides a tick was seen within two rows."""
    sure = np.zeros(len(seen), bool)
    for group in blank.tick_columns:
        padded = np.pad(seen[group], ((_NEIGHBOURS, _NEIGHBOURS), (0, 0)))
        windows = [padded[n : n + len(group)] for n in range(2 * _NEIGHBOURS + 1)]
        sure[group] = np.any(windows, axis=0).all(axis=1)
    return sure
