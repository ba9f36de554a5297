"""Judges boxes: empty, marked, or a question."""

from dataclasses import dataclass

import numpy as np

from engines.omr.blank import PX, Blank, crop, halved, pixels
from engines.omr.codes import Image
from engines.omr.ink import Inked
from engines.omr.layout import Box
from engines.omr.verdict import BOTH, CHOSEN, DOUBT, NONE, REJECTED, Judged

EMPTY = 0.010  # share of the box's inside
MARKED = 0.055
_NEAR = 0.012  # share of the rim around a box
_AROUND = 0.16
_EXTENT = 0.62  # of the inside, the longer side of the mark
_FAINT = 0.28  # of this sheet's black
_FULL = 0.55
_UNLIKE = 1.9
_SHADE = 0.018  # mean ink of a box above that of the sheet's empty boxes
_INSET = 2.0  # points
_RIM = 5.0


@dataclass(frozen=True)
class Measure:
    """One box: inked share inside and around, longer side of the ink, its darkness, sides it leaves through.

    `outline` is the share of the printed outline found; `shade` the mean ink inside, 0..1, however faint.
    """

    inside: float
    around: float
    extent: float
    darkness: float
    sides: tuple[bool, bool, bool, bool]
    outline: float
    creased: bool
    shade: float


@dataclass(frozen=True)
class Norm:
    """What is usual on this sheet: the inked share of a marked box, the mean ink of an empty one."""

    marked: float
    shade: float


def judge_boxes(inked: Inked, blank: Blank) -> list[Judged]:
    """One judgement per row of the page, in order."""
    owned = _owned(inked, blank)
    measured = [{key: measure_box(inked, blank, box, owned) for key, box in row.boxes.items()} for row in blank.rows]
    clear = [item.inside for row in measured for item in row.values() if item.inside >= MARKED]
    usual = float(np.median(clear)) if clear else 0.0
    paper = [item.shade for row in measured for item in row.values() if item.inside <= EMPTY]
    norm = Norm(usual, float(np.median(paper)) if paper else 0.0)
    return [_judge(boxes, norm) for boxes in measured]


def _owned(inked: Inked, blank: Blank) -> Image:
    """How many marked boxes each piece of ink reaches (to 3 points around them), by its label."""
    count = np.zeros(len(inked.stats), int)
    for row in blank.rows:
        for box in row.boxes.values():
            if crop(inked.new, pixels(box, -_INSET * PX)).mean() >= MARKED:
                count[_labels_near(inked, box)] += 1
    return count


def _labels_near(inked: Inked, box: Box) -> Image:
    labels = np.unique(crop(inked.labels, halved(pixels(box, 3 * PX))))
    return np.asarray(labels[labels > 0])


def _around(inked: Inked, box: Box, owned: Image) -> float:
    """Inked share of the rim; what reaches over from a mark in another box does not count."""
    outer, inner = crop(inked.labels, halved(pixels(box, _RIM * PX))), crop(inked.labels, halved(pixels(box)))
    counts = np.bincount(outer.ravel(), minlength=len(owned)) - np.bincount(inner.ravel(), minlength=len(owned))
    others = owned > 0
    if crop(inked.new, pixels(box, -_INSET * PX)).mean() >= MARKED:
        others[_labels_near(inked, box)] = False
    others[0] = True
    return float(counts[~others].sum() / max(1, outer.size - inner.size))


def measure_box(inked: Inked, blank: Blank, box: Box, owned: Image) -> Measure:
    """Measure one box; all shares are 0..1."""
    inset = -_INSET * PX
    inside = crop(inked.new, pixels(box, inset))
    ink = crop(inked.ink, pixels(box, inset))
    rim = crop(inked.new, pixels(box, _RIM * PX))
    return Measure(
        inside=float(inside.mean()), around=_around(inked, box, owned), extent=_extent(inside),
        darkness=float(ink[inside].mean()) / 255 if inside.any() else 0.0,
        sides=_sides(rim), outline=_outline(inked, blank, box), creased=_creased(inked, box),
        shade=float(ink.mean()) / 255,
    )  # fmt: skip


def _extent(inside: Image) -> float:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return 0.0
    return float(max((rows[-1] - rows[0] + 1) / inside.shape[0], (columns[-1] - columns[0] + 1) / inside.shape[1]))


def _sides(rim: Image) -> tuple[bool, bool, bool, bool]:
    """Whether ink touches the left, right, top and bottom edge of the rim."""
    return bool(rim[:, :3].any()), bool(rim[:, -3:].any()), bool(rim[:3].any()), bool(rim[-3:].any())


def _outline(inked: Inked, blank: Blank, box: Box) -> float:
    """Share of the printed outline that is on the scan."""
    printed = crop(blank.letters, pixels(box, 1))
    scanned = crop(inked.ink, pixels(box, 1))
    return float((scanned[printed] > 0.25 * 255).mean()) if printed.any() else 1.0


def _creased(inked: Inked, box: Box) -> bool:
    place = halved(pixels(box))
    return bool((crop(inked.level_creases, place) | crop(inked.upright_creases, place)).any())


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
    if item.inside <= EMPTY:
        if item.shade - norm.shade > _SHADE:
            return "faint-mark"
        return "empty" if item.around <= _NEAR else "ink-near-box"
    if item.inside < MARKED:
        return "weak-mark"
    return _marked(item, norm.marked)


def _marked(item: Measure, usual: float) -> str:
    if item.extent < _EXTENT:
        return "small-mark"
    if item.darkness < _FAINT:
        return "faint-mark"
    if item.creased or _runs_through(item):
        return "line-through"
    if item.around > _AROUND:
        return "ink-around-box"
    if item.inside > _FULL and usual * _UNLIKE < item.inside:
        return "unlike-other-marks"
    return "marked"


def _runs_through(item: Measure) -> bool:
    """A crease or a streak: thin ink that leaves the box on two opposite sides and on no other."""
    left, right, top, bottom = item.sides
    return item.inside < 0.3 and (left, right, top, bottom) in ((True, True, False, False), (False, False, True, True))
