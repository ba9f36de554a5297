"""Judges names: untouched, struck out, or a question."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from engines.omr.blank import PX, Blank, Span, crop, halved, pixels
from engines.omr.boxes import faintest
from engines.omr.codes import Image
from engines.omr.ink import Inked
from engines.omr.layout import Line, Row
from engines.omr.verdict import CHOSEN, DOUBT, REJECTED, Judged

_STRUCK_PATH = 0.74  # 1 - gaps on the scan / gaps on the blank, along the best way through the name
_UNTOUCHED_PIXELS = 20  # new ink near the name, in pixels at 200 dpi (0.32 mm2)
_SEEN_PIXELS = 1  # new ink within the small letters of a one-bit scan, whose fat print hides most of a line
_LEAST_PIXELS = 0.5  # new ink of a stroke, in pixels per point of name
_REACH = 0.10  # share of the name that may be left out at either end, besides one letter
_TRACE = 0.035  # of this sheet's black
_TRACE_PIXELS = 60
_WALL = 20_000  # a way never leaves its band; a band is at most half as many pixels wide
_VEIL = 0.025
_BESIDE_CREASE = 2.0  # times as much tone may lie on a name beside a fold, which casts a shadow
_MOST_PAPER = 0.015
_MOST_UNEVEN = 0.02  # of tone that goes on between the rows is the paper's; more may be a broad marker's
_MOST_EIGHTHS = 4
_OWN_SHARE = 0.4  # of a piece of ink within the letters makes it a part of the strike
_CORE = 0.6  # share of the ink that must be in the height of small letters
_CORE_THICK = 0.4  # or this much, when what is there
_THICK = 4.0  # is so thick, in pixels, along the whole name: a scribble
_OVER_CREASE = 0.15  # of this sheet's black: strikes so much darker than a fold cannot hide in it
_FAINT = 0.24
_UNLIKE = 0.45  # of the usual darkness on this sheet
_PAST_BOTH = 34.0  # points a stroke may go past the name on both sides
_PAST_ONE = 90.0
_TAIL = 0.65  # font sizes
_TAIL_FROM, _TAIL_TO = 7.0, 45.0  # points after a name


@dataclass(frozen=True)
class Stroke:
    """New ink on one line of a name: pixels, path score, share left out, darkness, share in letters' height.

    `creased` is the darkness of a level crease through the line; `trace` and `veil` are tones, however faint, that run
    through the name like a line, or lie on it like a marker. `hidden` is ink between the letters of a one-bit scan.
    """

    pixels: int
    path: float
    left_out: float
    darkness: float
    core: float
    thick: float
    beyond: int
    past: tuple[float, float]
    tail: float
    creased: float
    trace: float
    veil: float
    hidden: int = 0


_NO_INK = Stroke(0, 0.0, 1.0, 0.0, 0.0, 0.0, 0, (0.0, 0.0), 0.0, 0.0, 0.0, 0.0)


def judge_strikes(inked: Inked, blank: Blank) -> list[Judged]:
    """One judgement per row of the page, in order."""
    lines = [(row, line) for row in blank.rows for line in row.lines]
    counts = [cv2.countNonZero(crop(inked.lines, _near(line)).view(np.uint8)) for _, line in lines]
    scores = _scores(inked, blank, [index for index, count in enumerate(counts) if count > _UNTOUCHED_PIXELS])
    found = [
        _measure(inked, line, scores[index]) if index in scores else _faint(inked, blank, row, line, counts[index])
        for index, (row, line) in enumerate(lines)
    ]
    paper = _paper([stroke.veil for index, stroke in enumerate(found) if index not in scores])
    each = iter(found)
    strokes = [[next(each) for _ in row.lines] for row in blank.rows]
    usual = _usual(strokes, paper, inked.level)
    return [_judge(row, some, usual) for row, some in zip(blank.rows, strokes, strict=True)]


def _paper(tones: list[float]) -> float:
    """The tone of names on which nothing lies: their lower quartile, but no more than print gives to paper near it.

    Else a sheet on which nearly all names are covered by a light marker would pass for one of that tone.
    """
    return min(sorted(tones)[len(tones) // 4], _MOST_PAPER) if tones else 0.0


def _scores(inked: Inked, blank: Blank, places: list[int]) -> dict[int, float]:
    """1 - gaps on the scan / gaps on the blank, for some of the page's lines."""
    lines = [line for row in blank.rows for line in row.lines]
    if not places:
        return {}
    after = gaps([crop(inked.ink, path_band(lines[index])) for index in places], max(64, inked.level * 255))
    before = np.maximum(blank_gaps(blank)[places], 1)
    return {index: float(score) for index, score in zip(places, 1 - after / before, strict=True)}


def _near(line: Line) -> Span:
    """The part of the page in which ink is held to be on a name."""
    return _span(line, 1.0, 0.5, 4)


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
    cost = np.zeros((wide, len(bands), high + 2), np.int16)
    cost[:, :, 0] = cost[:, :, -1] = _WALL
    for index, band in enumerate(bands):
        rows, columns = band.shape
        cost[:columns, index, 1 : rows + 1] = (band < level).T
        cost[:columns, index, rows + 1 :] = _WALL
    total = cost[0]
    for column in cost[1:]:
        best = np.minimum(total[:, :-2], total[:, 1:-1])
        np.minimum(best, total[:, 2:], out=best)
        column[:, 1:-1] += best
        total = column
    return np.asarray(total[:, 1:-1].min(axis=1))


def _measure(inked: Inked, line: Line, path: float) -> Stroke:
    near = crop(inked.lines, _near(line))
    levels = cv2.reduce(near.view(np.uint8), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel()
    top, bottom = round(0.20 * line.size * PX), round(0.97 * line.size * PX)  # 0.80 to 0.03 above the baseline
    count = int(levels.sum())
    return Stroke(
        pixels=count, path=path, left_out=_left_out(near[top:bottom]),
        darkness=float(np.median(crop(inked.ink, _near(line))[::2][near[::2]])) / 255,
        core=float(levels[top:bottom].sum() / count),
        thick=float(levels[top:bottom].sum()) / near.shape[1], beyond=_beyond(inked, line),
        past=_past(inked, line), tail=_tail(inked, line), creased=_creased(inked, line), trace=0.0, veil=0.0,
    )  # fmt: skip


def _faint(inked: Inked, blank: Blank, row: Row, line: Line, count: int) -> Stroke:
    """A name on which nothing seems to be drawn."""
    trace, tone = _tones(inked, blank, line)
    veil = tone - min(_between_rows(inked, row), _MOST_UNEVEN)
    hidden = _hidden(inked, line) if inked.bold else 0
    return replace(_NO_INK, pixels=count, trace=trace, veil=veil, creased=_creased(inked, line), hidden=hidden)


def _hidden(inked: Inked, line: Line) -> int:
    """Pixels of new ink in the height of small letters, however small the pieces are."""
    part = crop(inked.new, _span(line, 0.62, -0.02))
    return cv2.countNonZero(np.ascontiguousarray(part).view(np.uint8))


def _tones(inked: Inked, blank: Blank, line: Line) -> tuple[float, float]:
    """The inkiest level of a name above the rest of it, and the tone of the whole name; 0..1."""
    free, counts, counted = _open_levels(blank, line)
    if inked.creases.mask is not None:
        free = cv2.bitwise_and(free, cv2.bitwise_not(crop(inked.creases.mask, path_band(line)).view(np.uint8) * 255))
        counts, counted = _levels_of(free)
    sums = cv2.reduce(
        cv2.bitwise_and(crop(inked.ink, path_band(line)), free), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S
    ).ravel()
    levels = ((sums[:-2] + sums[1:-1] + sums[2:]) / counts)[counted]
    if not len(levels):
        return 0.0, 0.0
    middle = _middle(levels)
    return (float(levels.max()) - middle) / 255, middle / 255


def _between_rows(inked: Inked, row: Row) -> float:
    """The tone of the paper above or below a row, where there is less."""
    x0, y0, x1, y1 = row.name_box[0], row.zone[1], row.name_box[2], row.zone[3]
    spans = [pixels((x0, y - 1, x1, y + 1)) for y in (y0, y1)]
    return min(cv2.mean(crop(inked.ink, span))[0] for span in spans) / 255


def _middle(values: Image) -> float:
    """The median, fast for few values."""
    return float(np.sort(values)[len(values) // 2])


@lru_cache(maxsize=2**13)
def _open_levels(blank: Blank, line: Line) -> tuple[Image, Image, Image]:
    """Where nothing is printed on a name (255), how much of that every three levels have, whether it is enough."""
    free = np.where(crop(blank.allowed, path_band(line)) < 3, 255, 0).astype(np.uint8)
    return free, *_levels_of(free)


def _levels_of(free: Image) -> tuple[Image, Image]:
    each = np.count_nonzero(free, axis=1)
    counts = each[:-2] + each[1:-1] + each[2:]
    return np.maximum(counts, 1), counts >= _TRACE_PIXELS


def _creased(inked: Inked, line: Line) -> float:
    """The darkness of a fold along a name, 0 where there is none."""
    x0, y0, x1, y1 = path_band(line)
    along = [c.darkness for c in inked.creases.found if c.level and c.near((x0, x1), (y0, y1))]
    return max(along, default=0.0)


def _left_out(core: Image) -> float:
    """How much of a name is left out at its worse end, as a share of the name (1 when there is no ink)."""
    left, _, inked, _ = cv2.boundingRect(core.view(np.uint8))
    wide = core.shape[1]
    return max(left, wide - left - inked) / wide if inked else 1.0


def _beyond(inked: Inked, line: Line) -> int:
    """New ink just below or above the letters: dots that restore a name, an underline, a word written over it.

    Ink of the strike itself does not count where it is so high all along the name, as a scribble is.
    """
    core = crop(inked.labels, halved(_span(line, 0.75, -0.05)))
    sizes = np.bincount(core.ravel(), minlength=len(inked.stats))
    through = sizes > _OWN_SHARE * np.maximum(inked.stats[:, cv2.CC_STAT_AREA], 1)
    through[0] = True
    parts = [crop(inked.labels, halved(_span(line, *edges))) for edges in ((-0.18, 0.62), (1.30, -0.88))]
    foreign = [int(np.count_nonzero(~through[part])) for part in parts]
    own = [np.asarray((part > 0).any(axis=0)) for part in parts]
    lonely = [int(np.count_nonzero(part)) for part, columns in zip(parts, own, strict=True) if not _spread(columns)]
    return 4 * max(*foreign, *lonely, 0)


def _spread(columns: Image) -> bool:
    """Whether ink is in most eighths of the columns."""
    return sum(bool(part.any()) for part in np.array_split(columns, 8)) > _MOST_EIGHTHS


def _tail(inked: Inked, line: Line) -> float:
    """How tall the ink is just beyond the name's end, in points: a line goes on there, a written word stands up."""
    _, y0, x1, y1 = _span(line, 1.0, 0.5)
    part = crop(inked.lines, (x1 + round(_TAIL_FROM * PX), y0, x1 + round(_TAIL_TO * PX), y1))
    return float(cv2.boundingRect(part.view(np.uint8))[3]) / PX


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


@dataclass(frozen=True)
class Usual:
    """What is usual on this sheet: darkness and number of strikes, tone of names without any, least ink that counts."""

    darkness: float
    count: int
    paper: float
    level: float


def _usual(strokes: list[list[Stroke]], paper: float, level: float) -> Usual:
    dark = [stroke.darkness for row in strokes for stroke in row if stroke.path >= _STRUCK_PATH]
    return Usual(float(np.median(dark)) if dark else 0.0, len(dark), paper, level)


def _judge(row: Row, strokes: list[Stroke], usual: Usual) -> Judged:
    """All printed lines of a name must agree."""
    states = {_state(stroke, line, usual) for stroke, line in zip(strokes, row.lines, strict=True)}
    if states == {"untouched"}:
        return Judged(CHOSEN)
    if states == {"struck"}:
        return Judged(REJECTED)
    reasons = sorted(states - {"untouched", "struck"})
    return Judged(DOUBT, reasons[0] if reasons else "part-of-name")


def _state(stroke: Stroke, line: Line, usual: Usual) -> str:
    """Untouched, struck, or the reason to ask."""
    if stroke.pixels <= _UNTOUCHED_PIXELS:
        return _untouched(stroke, usual)
    if stroke.path < _STRUCK_PATH or stroke.pixels < _LEAST_PIXELS * line.width:
        return "unclear-ink"
    return _struck(stroke, line, usual)


def _untouched(stroke: Stroke, usual: Usual) -> str:
    """What lies on a fold alone is no strike, if strikes on this sheet are darker than it."""
    if stroke.hidden > _SEEN_PIXELS:
        return "unclear-ink"
    if stroke.creased and usual.darkness <= stroke.creased + _OVER_CREASE:
        return "line-through"
    times = _BESIDE_CREASE if stroke.creased else 1.0
    trace, veil = times * max(_TRACE, 0.3 * usual.level), times * max(_VEIL, 0.25 * usual.level)
    return "untouched" if stroke.trace < trace and stroke.veil - usual.paper < veil else "faint-mark"


def _struck(stroke: Stroke, line: Line, usual: Usual) -> str:
    if stroke.creased and stroke.darkness < stroke.creased + _OVER_CREASE:
        return "line-through"
    if stroke.left_out > _REACH + 0.85 * line.size / line.width:
        return "part-of-name"
    if stroke.core < _CORE and not (stroke.core > _CORE_THICK and stroke.thick > _THICK):
        return "not-through-the-middle"
    if stroke.beyond > 12 + 0.08 * stroke.pixels:
        return "ink-above-or-below-name"
    if stroke.darkness < max(faintest(usual.darkness, usual.count, _FAINT), _UNLIKE * usual.darkness):
        return "faint-mark"
    if stroke.tail > _TAIL * line.size:
        return "ink-beside-row"
    if min(stroke.past) > _PAST_BOTH or max(stroke.past) > _PAST_ONE:
        return "line-through"
    return "struck"
