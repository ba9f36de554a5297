"""Finds folds and feeder streaks: straight ink from one edge of the sheet to the other, which no pen draws."""

import cv2
import numpy as np

from engines.omr.codes import Image

_PIECE = 45  # pixels at 200 dpi (5.7 mm): shorter straight pieces are not looked at
_BAND = 20  # a crease may climb so many pixels on its way across
_EDGE = 0.10  # of the sheet: how near to both edges it must come
_COVERED = 0.45  # of the way that must be inked


def creases(new: Image) -> tuple[Image, Image]:
    """Masks of level and of upright creases."""
    return _level(new), _level(new.T).T


def _level(new: Image) -> Image:
    straight = cv2.morphologyEx(np.ascontiguousarray(new).view(np.uint8), cv2.MORPH_OPEN, np.ones((1, _PIECE), np.uint8))
    mask = np.zeros(new.shape, bool)
    counts = straight.sum(axis=1, dtype=np.int64)
    windows = np.convolve(counts, np.ones(_BAND), "same")
    for y in np.flatnonzero(windows > _COVERED * new.shape[1]):
        top, bottom = max(0, y - _BAND // 2), y + _BAND // 2
        if _spans(straight[top:bottom].any(axis=0)):
            mask[top:bottom] |= straight[top:bottom] > 0
    return np.asarray(cv2.dilate(mask.view(np.uint8), np.ones((5, 5), np.uint8)) > 0) if mask.any() else mask


def _spans(columns: Image) -> bool:
    places = np.flatnonzero(columns)
    near = _EDGE * len(columns)
    return bool(
        len(places) > _COVERED * len(columns) and places[0] < near and places[-1] > len(columns) - near
    )  # fmt: skip
