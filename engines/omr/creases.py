"""Finds folds and feeder streaks: straight ink from one edge of the sheet to the other, which no pen draws."""

import cv2
import numpy as np

from engines.omr.codes import Image

_PIECE = 15  # pixels at 100 dpi (3.8 mm): shorter straight pieces are not looked at
_BAND = 10  # a crease may climb so many pixels on its way across
_THICK = 5  # pixels of the line that is then taken for the crease
_EDGE = 0.10  # of the sheet: how near to both edges it must come
_COVERED = 0.3  # of the way that must be inked


def creases(new: Image) -> tuple[Image, Image]:
    """Masks of level and of upright creases in new ink at 100 dpi."""
    return _level(new), _level(new.T).T


def _level(new: Image) -> Image:
    straight = cv2.morphologyEx(
        np.ascontiguousarray(new).view(np.uint8), cv2.MORPH_OPEN, np.ones((1, _PIECE), np.uint8)
    )
    mask = np.zeros(new.shape, np.uint8)
    windows = np.convolve(straight.sum(axis=1, dtype=np.int64), np.ones(_BAND), "same")
    while windows.max() > _COVERED * new.shape[1]:
        y = int(windows.argmax())
        top, bottom = max(0, y - _BAND), y + _BAND
        if _spans(np.asarray(straight[top:bottom].any(axis=0))):
            _draw(mask, straight, top, bottom)
        windows[top:bottom] = 0
    return mask > 0


def _draw(mask: Image, straight: Image, top: int, bottom: int) -> None:
    """The whole line through the pieces in a band, from edge to edge."""
    y, x = np.nonzero(straight[top:bottom])
    slope, height = np.polyfit(x, y + top, 1)
    near = np.abs(y + top - (slope * x + height)) < _THICK
    slope, height = np.polyfit(x[near], y[near] + top, 1) if near.sum() > 2 else (slope, height)
    ends = [(0, round(height)), (mask.shape[1], round(height + slope * mask.shape[1]))]
    cv2.line(mask, ends[0], ends[1], (1,), _THICK)


def _spans(columns: Image) -> bool:
    places = np.flatnonzero(columns)
    near = _EDGE * len(columns)
    return bool(
        len(places) > _COVERED * len(columns) and places[0] < near and places[-1] > len(columns) - near
    )  # fmt: skip
