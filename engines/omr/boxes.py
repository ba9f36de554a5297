"""Judges boxes: empty, marked, or a question."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engines.omr.blank import PX, Blank, Span, crop, halved, pixels
from engines.omr.codes import Image
from engines.omr.ink import Inked
from engines.omr.layout import Box
from engines.omr.verdict import BOTH, CHOSEN, DOUBT, NONE, REJECTED, Judged

EMPTY = 0.010  # share of the box's inside
MARKED = 0.055
_NEAR = 0.012  # share of the rim around a box
_AROUND = 0.16
_MOST_AROUND = 0.5
_LIKE_OTHERS = 1.7  # times as much ink around a mark as is usual on this sheet, when marks are large throughout
_EXTENT = 0.62  # of the inside, the longer side of the mark
_FAINT = 0.28  # of this sheet's black
_FULL = 0.55
_SEVERAL = 3
_LIGHT = 0.75
_LEAST_DRAWN = 0.35  # of the ink in a marked box, the share a pen can have drawn
_UNLIKE = 1.9
_SHADE = 0.018  # mean ink of a box above that of the sheet's empty boxes
_MOST_PAPER = 0.02  # mean ink of an empty box, however many boxes have more
_UNEVEN = 0.2  # the same on sheets whose paper is uneven, as a part of the least ink that counts
_INSET = 2.0  # points
_RIM = 5.0
_FAR = 19  # pixels from a box to paper that no mark in it covers, however thick the pen
_OVER_CREASE = 0.15  # of this sheet's black: marks so much darker than a crease cannot hide in it


@dataclass(frozen=True)
class Measure:
    """One box: inked share inside and around, longer side of the ink, its darkness, sides it leaves through.

    `inside` counts all ink, `drawn` what a pen can have drawn; `outline` is the share of the printed outline found;
    `shade` the mean ink inside, however faint, and `beside` that of the paper around the box; all 0..1.
    """

    inside: float
    drawn: float
    around: float
    extent: float
    darkness: float
    sides: tuple[bool, bool, bool, bool]
    outline: float
    creased: float
    shade: float
    beside: float


_CLEAN = Measure(0.0, 0.0, 0.0, 0.0, 0.0, (False, False, False, False), 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Norm:
    """What is usual on this sheet: share, darkness, number, overshoot of marks; ink of empty boxes; least ink."""

    marked: float
    darkness: float
    shade: float
    level: float
    count: int
    around: float


def judge_boxes(inked: Inked, blank: Blank) -> list[Judged]:
    """One judgement per row of the page, in order."""
    owned = _owned(inked, blank)
    outlines = iter(_outlines(inked, blank))
    measured = [
        {key: measure_box(inked, box, owned, next(outlines)) for key, box in row.boxes.items()} for row in blank.rows
    ]
    norm = _norm([item for row in measured for item in row.values()], inked.level)
    return [_judge(boxes, norm) for boxes in measured]


def _norm(items: list[Measure], level: float) -> Norm:
    clear = [item for item in items if item.drawn >= MARKED]
    paper = [item.shade for item in items if item.inside <= EMPTY]
    return Norm(
        float(np.median([item.inside for item in clear])) if clear else 0.0,
        float(np.median([item.darkness for item in clear])) if clear else 0.0,
        min(float(np.median(paper)), _MOST_PAPER) if paper else 0.0,
        level,
        len(clear),
        float(np.median([item.around for item in clear])) if len(clear) >= _SEVERAL else 0.0,
    )


def _owned(inked: Inked, blank: Blank) -> Image:
    """How many marked boxes each piece of ink reaches (to 3 points around them), by its label."""
    count = np.zeros(len(inked.stats), int)
    for row in blank.rows:
        for box in row.boxes.values():
            if _share(inked.new, pixels(box, -_INSET * PX)) >= MARKED:
                count[_labels_near(inked, box)] += 1
    return count


def _share(mask: Image, span: Span) -> float:
    part = crop(mask, span)
    return cv2.countNonZero(part.view(np.uint8)) / max(1, part.size)


def _labels_near(inked: Inked, box: Box) -> Image:
    labels = np.unique(crop(inked.labels, halved(pixels(box, 3 * PX))))
    return np.asarray(labels[labels > 0])


def _around(inked: Inked, box: Box, owned: Image) -> float:
    """Inked share of the rim; what reaches over from a mark in another box does not count."""
    outer, inner = crop(inked.labels, halved(pixels(box, _RIM * PX))), crop(inked.labels, halved(pixels(box)))
    if not cv2.countNonZero(outer):
        return 0.0
    counts = np.bincount(outer.ravel(), minlength=len(owned)) - np.bincount(inner.ravel(), minlength=len(owned))
    others = owned > 0
    if _share(inked.new, pixels(box, -_INSET * PX)) >= MARKED:
        others[_labels_near(inked, box)] = False
    others[0] = True
    return float(counts[~others].sum() / max(1, outer.size - inner.size))


def _outlines(inked: Inked, blank: Blank) -> Image:
    """The share of every box's printed outline that is on the scan, in the order of rows and boxes."""
    places, starts, counts = blank.outlines
    if not len(places):
        return np.ones(len(starts))
    hits = np.take(inked.ink, places) > 0.25 * 255
    return np.asarray(np.add.reduceat(hits, starts, dtype=np.int64) / np.maximum(counts, 1))


def measure_box(inked: Inked, box: Box, owned: Image, outline: float) -> Measure:
    """Measure one box; all shares are 0..1."""
    span = pixels(box, -_INSET * PX)
    ink, inside = crop(inked.ink, span), crop(inked.new, span)
    share, shade = _share(inked.new, span), cv2.mean(ink)[0] / 255
    if not share and shade <= _SHADE and not _share(inked.lines, pixels(box, _RIM * PX)):
        return replace(_CLEAN, outline=outline, shade=shade)
    drawn = _share(inked.lines, span)
    return Measure(
        inside=share, drawn=drawn, around=_around(inked, box, owned), extent=_extent(inside) if share else 0.0,
        darkness=cv2.mean(ink, inside.view(np.uint8))[0] / 255 if share else 0.0,
        sides=_sides(crop(inked.lines, pixels(box, _RIM * PX))), outline=outline,
        creased=_creased(inked, box) if inked.creases.found else 0.0, shade=shade, beside=_beside(inked, box),
    )  # fmt: skip


def _beside(inked: Inked, box: Box) -> float:
    """Ink of the paper left and right of a box, where there is less of it."""
    x0, y0, x1, y1 = pixels(box)
    sides = (x0 - _FAR - 8, y0, x0 - _FAR, y1), (x1 + _FAR, y0, x1 + _FAR + 8, y1)
    return min(cv2.mean(crop(inked.ink, side))[0] for side in sides) / 255


def _extent(inside: Image) -> float:
    _, _, wide, high = cv2.boundingRect(inside.view(np.uint8))
    return float(max(high / inside.shape[0], wide / inside.shape[1]))


def _sides(rim: Image) -> tuple[bool, bool, bool, bool]:
    """Whether ink touches the left, right, top and bottom edge of the rim."""
    return bool(rim[:, :3].any()), bool(rim[:, -3:].any()), bool(rim[:3].any()), bool(rim[-3:].any())


def _creased(inked: Inked, box: Box) -> float:
    """The darkness of the darkest crease through a box, 0 where there is none."""
    x0, y0, x1, y1 = pixels(box, 3)
    through = [
        crease.darkness
        for crease in inked.creases.found
        if crease.near((x0, x1) if crease.level else (y0, y1), (y0, y1) if crease.level else (x0, x1))
    ]
    return max(through, default=0.0)


def _judge(boxes: dict[str, Measure], norm: Norm) -> Judged:
    states = {key: _state(item, norm) for key, item in boxes.items()}
    for state in states.values():
        if state not in ("empty", "marked"):
            return Judged(DOUBT, state)
    marked = [key for key, state in states.items() if state == "marked"]
    if len(marked) == 2:
        return Judged(BOTH if _alike(*boxes.values()) else DOUBT, "both-boxes")
    if not marked:
        return Judged(NONE)
    return Judged(CHOSEN if marked[0] == "agree" else REJECTED)


def _alike(first: Measure, second: Measure) -> bool:
    """Two marks of one kind; a blackened and a crossed box are rather a correction."""
    low, high = sorted((first.inside, second.inside))
    return high < 0.6 and high < 2 * low


def _state(item: Measure, norm: Norm) -> str:
    """Empty, marked, or the reason to ask."""
    if item.outline < 0.7:
        return "print-missing"
    if item.creased and item.inside > EMPTY:
        return _creased_state(item, norm)
    if item.inside <= EMPTY:
        return _empty(item, norm)
    if item.inside < MARKED or item.drawn < _LEAST_DRAWN * item.inside:
        return "weak-mark"
    return _marked(item, norm)


def _empty(item: Measure, norm: Norm) -> str:
    if item.shade - max(norm.shade, min(item.beside, _MOST_PAPER)) > max(_SHADE, _UNEVEN * norm.level):
        return "faint-mark"
    return "empty" if item.around <= _NEAR else "ink-near-box"


def _creased_state(item: Measure, norm: Norm) -> str:
    """What is on a crease alone is not a mark, if marks on this sheet are darker than it."""
    if item.drawn <= EMPTY and item.around <= _NEAR and norm.darkness > item.creased + _OVER_CREASE:
        return "empty"
    return _marked(item, norm) if item.drawn >= 2 * MARKED else "line-through"


def _marked(item: Measure, norm: Norm) -> str:
    if item.extent < _EXTENT:
        return "small-mark"
    if item.darkness < faintest(norm.darkness, norm.count, _FAINT):
        return "faint-mark"
    if _runs_through(item):
        return "line-through"
    if item.around > max(_AROUND, min(_MOST_AROUND, _LIKE_OTHERS * norm.around)):
        return "ink-around-box"
    if item.inside > _FULL and norm.marked * _UNLIKE < item.inside:
        return "unlike-other-marks"
    return "marked"


def faintest(usual: float, count: int, faint: float) -> float:
    """How dark a mark must be: a little less on a sheet marked throughout with a light pen."""
    return max(_LIGHT * faint, 0.6 * usual) if count >= _SEVERAL and usual < faint / 0.7 else faint


def _runs_through(item: Measure) -> bool:
    """A crease or a streak: thin ink that leaves the box on two opposite sides and on no other."""
    left, right, top, bottom = item.sides
    return item.inside < 0.3 and (left, right, top, bottom) in ((True, True, False, False), (False, False, True, True))
