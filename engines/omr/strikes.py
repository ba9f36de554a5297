"""Judges names: untouched, struck out, or a question."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from engines.omr.blank import PX, Blank, Span, crop, halved
from engines.omr.codes import Image
from engines.omr.ink import Inked
from engines.omr.layout import Line, Row
from engines.omr.verdict import CHOSEN, DOUBT, REJECTED, Judged

_STRUCK_PATH = 0.74  # 1 - gaps on the scan / gaps on the blank, along the best way through the name
_UNTOUCHED_PATH = 0.60
_UNTOUCHED_PIXELS = 20  # new ink near the name, in pixels at 200 dpi (0.32 mm2)
_LEAST_PIXELS = 0.5  # new ink of a stroke, in pixels per point of name
_REACH = 0.10  # share of the name that may be left out at either end, besides one letter
_TRACE = 0.035  # of this sheet's black
_TRACE_PIXELS = 60
_FAINT = 0.24
_UNLIKE = 0.45  # of the usual darkness on this sheet
_PAST_BOTH = 34.0  # points a stroke may go past the name on both sides
_PAST_ONE = 90.0


@dataclass(frozen=True)
class Stroke:
    """New ink on one line of a name: pixels, path score, share left out, darkness, share in letters' height."""

    pixels: int
    path: float
    left_out: float
    darkness: float
    core: float
    beyond: int
    past: tuple[float, float]
    creased: bool
    trace: float


def judge_strikes(inked: Inked, blank: Blank) -> list[Judged]:
    """One judgement per row of the page, in order."""
    lines = [(index, line) for index, row in enumerate(blank.rows) for line in row.lines]
    before = blank_gaps(blank)
    after = gaps([crop(inked.ink, path_band(line)) for _, line in lines], max(64, inked.level * 255))
    scores = 1 - after / np.maximum(before, 1)
    strokes: list[list[Stroke]] = [[] for _ in blank.rows]
    for (index, line), score in zip(lines, scores, strict=True):
        strokes[index].append(_measure(inked, blank, line, float(score)))
    usual = _usual(strokes)
    return [_judge(row, found, usual) for row, found in zip(blank.rows, strokes, strict=True)]


@lru_cache(maxsize=2 * 99)
def blank_gaps(blank: Blank) -> Image:
    """The gaps in every unmarked name of a page."""
    return gaps([crop(blank.ink, path_band(line)) for row in blank.rows for line in row.lines], 90)


def _span(line: Line, above: float, below: float, rim: float = 0.0) -> Span:
    """The part of the page around a line, from `above` to `below` its baseline, in font sizes."""
    y0, y1 = line.baseline - above * line.size, line.baseline + below * line.size
    return (
        round((line.x - rim) * PX), round(y0 * PX), round((line.x + line.width + rim) * PX), round(y1 * PX)
    )  # fmt: skip


def path_band(line: Line) -> Span:
    """Where a strike-out must run: from above the capitals to just below the baseline."""
    return _span(line, 0.95, 0.12)


def gaps(bands: list[Image], level: float) -> Image:
    """For each picture, the fewest blank pixels on any way from left to right (one step up or down per column).

    Source: shortest path by columns (dynamic programming), as for seams in pictures.
    """
    high, wide = max(band.shape[0] for band in bands), max(band.shape[1] for band in bands)
    cost = np.zeros((wide, len(bands), high + 2), np.float32)
    cost[:, :, 0] = cost[:, :, -1] = 1e6
    for index, band in enumerate(bands):
        rows, columns = band.shape
        cost[:columns, index, 1 : rows + 1] = (band < level).T
        cost[:columns, index, rows + 1 :] = 1e6
    total = cost[0]
    for column in cost[1:]:
        best = np.minimum(total[:, :-2], np.minimum(total[:, 1:-1], total[:, 2:]))
        total = column.copy()
        total[:, 1:-1] += best
    return np.asarray(total[:, 1:-1].min(axis=1))


def _measure(inked: Inked, blank: Blank, line: Line, path: float) -> Stroke:
    near = crop(inked.new, _span(line, 1.0, 0.5, 4))
    y, x = np.nonzero(near)
    height = 1.0 - y / (line.size * PX)  # font sizes above the baseline
    core = (height > 0.03) & (height < 0.80)
    ink = crop(inked.ink, _span(line, 1.0, 0.5, 4))[near]
    return Stroke(
        pixels=len(x), path=path, left_out=_left_out(x[core], near.shape[1]),
        darkness=float(np.median(ink)) / 255 if len(ink) else 0.0,
        core=float(core.mean()) if len(x) else 0.0,
        beyond=_beyond(inked, line), past=_past(inked, line),
        trace=_trace(inked, blank, line),
        creased=bool(crop(inked.level_creases, halved(path_band(line))).any()),
    )  # fmt: skip


def _trace(inked: Inked, blank: Blank, line: Line) -> float:
    """The inkiest level of the band above the rest of it, 0..1, seen only where nothing is printed: a faint line."""
    span = path_band(line)
    free = crop(blank.allowed, span) < 3
    counts = free.sum(axis=1)
    sums = np.where(free, crop(inked.ink, span), 0).sum(axis=1, dtype=np.int64)
    window = np.ones(3)
    counts, sums = np.convolve(counts, window, "same"), np.convolve(sums, window, "same")
    levels = sums[counts >= _TRACE_PIXELS] / counts[counts >= _TRACE_PIXELS]
    return float(levels.max() - np.median(levels)) / 255 if len(levels) else 0.0


def _left_out(x: Image, wide: int) -> float:
    """How much of a name is left out at its worse end, as a share of the name (1 when there is no ink)."""
    return float(max(x.min(), wide - 1 - x.max()) / wide) if len(x) else 1.0


def _beyond(inked: Inked, line: Line) -> int:
    """New ink just below or above the letters: dots that restore a name, an underline, a scribble."""
    below, above = _span(line, -0.18, 0.62), _span(line, 1.30, -0.88)
    return int(max(crop(inked.new, below).sum(), crop(inked.new, above).sum()))


def _past(inked: Inked, line: Line) -> tuple[float, float]:
    """How far the ink that runs through the name goes past it on the left and right, in points."""
    x0, y0, x1, y1 = path_band(line)
    labels = np.unique(crop(inked.labels, halved((x0, y0, x1, y1))))
    stats = inked.stats[labels[labels > 0]]
    if not len(stats):
        return 0.0, 0.0
    left = 2 * stats[:, cv2.CC_STAT_LEFT].min()
    right = 2 * (stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH]).max()
    return float(x0 - left) / PX, float(right - x1) / PX


def _usual(strokes: list[list[Stroke]]) -> float:
    dark = [stroke.darkness for row in strokes for stroke in row if stroke.path >= _STRUCK_PATH]
    return float(np.median(dark)) if dark else 0.0


def _judge(row: Row, strokes: list[Stroke], usual: float) -> Judged:
    """All printed lines of a name must agree."""
    states = {_state(stroke, line, usual) for stroke, line in zip(strokes, row.lines, strict=True)}
    if states == {"untouched"}:
        return Judged(CHOSEN)
    if states == {"struck"}:
        return Judged(REJECTED)
    reasons = sorted(states - {"untouched", "struck"})
    return Judged(DOUBT, reasons[0] if reasons else "part-of-name")


def _state(stroke: Stroke, line: Line, usual: float) -> str:
    """Untouched, struck, or the reason to ask."""
    if stroke.pixels <= _UNTOUCHED_PIXELS:
        return "untouched" if stroke.path <= _UNTOUCHED_PATH and stroke.trace < _TRACE else "faint-mark"
    if stroke.path < _STRUCK_PATH or stroke.pixels < _LEAST_PIXELS * line.width:
        return "unclear-ink"
    return _struck(stroke, line, usual)


def _struck(stroke: Stroke, line: Line, usual: float) -> str:
    if stroke.creased:
        return "line-through"
    if stroke.left_out > _REACH + 0.85 * line.size / line.width:
        return "part-of-name"
    if stroke.core < 0.6:
        return "not-through-the-middle"
    if stroke.beyond > 12 + 0.08 * stroke.pixels:
        return "ink-above-or-below-name"
    if stroke.darkness < max(_FAINT, _UNLIKE * usual):
        return "faint-mark"
    if min(stroke.past) > _PAST_BOTH or max(stroke.past) > _PAST_ONE:
        return "line-through"
    return "struck"
