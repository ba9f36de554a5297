"""Ink on a registered form, in units of this sheet's own paper white and print black."""

from dataclasses import dataclass

import cv2
import numpy as np

from engines.omr.align import align
from engines.omr.blank import Blank, crop, pixels
from engines.omr.codes import Image
from engines.omr.creases import creases
from engines.omr.register import Ticks

LEAST_LEVEL = 0.075
MOST_LEVEL = 0.40
_NOISE_TIMES = 5.0
_SPECK = 4  # pixels at 100 dpi (0.25 mm2): smaller is dust


@dataclass(frozen=True)
class Inked:
    """`ink`: 0..255 of every pixel, row zones moved to their place; `new`: where ink is that the blank has not.

    `labels` and `stats` describe connected new ink and the crease masks folds and streaks, all at half size.
    `rows_seen` and `print_seen` are shares of the print found on the scan, per row and of the page.
    """

    ink: Image
    new: Image
    labels: Image
    stats: Image
    level: float
    contrast: float
    rows_seen: Image
    print_seen: float
    level_creases: Image
    upright_creases: Image


def measure(form: Image, blank: Blank, ticks: Ticks, bold: bool = False) -> Inked:
    """Normalise, align row by row, subtract the blank, drop dust; `bold` for one-bit scans, whose print is fat."""
    bright = _reflectance(form)
    black = _black(bright, blank)
    raw = _to_ink(bright, black)
    aligned = align(raw, blank, ticks)
    soft = cv2.blur(aligned.ink, (3, 3))
    level = _level(soft, blank)
    new = _new(soft, blank, level, bold)
    labels, stats, half = _components(new)
    level_creases, upright = creases(half)
    return Inked(
        aligned.ink, new, labels, stats, level, (255 - black) / 255, aligned.print_seen, _print_share(raw, blank),
        level_creases, upright,
    )  # fmt: skip


def _new(soft: Image, blank: Blank, level: float, bold: bool) -> Image:
    """Ink that the blank does not have."""
    allowed = blank.allowed_bold if bold else blank.allowed
    return np.asarray(cv2.subtract(soft, allowed) > level * 255) & ~blank.ignored


def _reflectance(form: Image) -> Image:
    """Brightness divided by the brightness of the paper around, 255 for paper."""
    small = cv2.resize(form, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((19, 19), np.uint8))
    paper = cv2.blur(paper, (9, 9))
    large = cv2.resize(paper, (form.shape[1], form.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(form, large, scale=255)


def _black(bright: Image, blank: Blank) -> float:
    """Median brightness of the fiducials' and ticks' black on this sheet."""
    marks = [pixels(mark.box) for mark in blank.layout.marks if mark.page == blank.page]
    spans = marks + [pixels(tick, -2) for row in blank.rows for tick in row.ticks]
    darks = [crop(bright, span)[crop(blank.ink, span) > 240] for span in spans]
    return min(200.0, float(np.median([np.median(dark) for dark in darks if dark.size])))


def _to_ink(bright: Image, black: float) -> Image:
    table = np.clip((255 - np.arange(256)) * 255.0 / (255 - black), 0, 255).astype(np.uint8)
    return cv2.LUT(bright, table)


def _print_share(raw: Image, blank: Blank) -> float:
    """Share of all that is printed on the page, fiducials and codes included, that is within 3 pixels of its place."""
    bold = cv2.dilate(raw, np.ones((7, 7), np.uint8))
    return float((bold.ravel()[blank.letter_places] > 0.3 * 255).mean())


def _level(soft: Image, blank: Blank) -> float:
    """The least ink that counts, 0..1: 7.5 % of this sheet's black, or five times its grain."""
    paper = soft[::4, ::4][(blank.allowed[::4, ::4] < 4) & ~blank.ignored[::4, ::4]]
    middle, high = np.percentile(paper, (50, 90))
    return max(LEAST_LEVEL, float(middle + _NOISE_TIMES * (high - middle) / 1.28) / 255)


def _components(new: Image) -> tuple[Image, Image, Image]:
    """Connected ink (8 neighbours) at half size: labels; left, top, width, height, area of each; the half-size ink.

    Dust is taken out of `new` itself.
    """
    high, wide = new.shape[0] // 2 * 2, new.shape[1] // 2 * 2
    even = new[:high, :wide]
    half = even[::2, ::2] | even[1::2, ::2] | even[::2, 1::2] | even[1::2, 1::2]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(half.view(np.uint8), connectivity=8)
    dust = stats[:, cv2.CC_STAT_AREA] < _SPECK
    if dust[1:].any():
        places = np.nonzero(labels)
        specks = dust[labels[places]]
        y, x = places[0][specks], places[1][specks]
        half[y, x], labels[y, x] = False, 0
        for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
            even[2 * y + down, 2 * x + right] = False
    return labels, np.where(dust[:, None], 0, stats), half
