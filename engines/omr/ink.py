"""Ink on a registered form, in units of this sheet's own paper white and print black."""

from dataclasses import dataclass

import cv2
import numpy as np

from engines.omr.align import align
from engines.omr.blank import TONE, Blank, half_size
from engines.omr.codes import Image
from engines.omr.creases import Creases, find_creases
from engines.omr.ticks import Ticks

LEAST_LEVEL = 0.075
MOST_LEVEL = 0.40
_NOISE_TIMES = 5.0
_SPECK = 4  # pixels at 100 dpi (0.25 mm2): smaller is dust
_STRONG = 0.45  # darker than any stain
_MOST_LABELS = 60_000
_PEPPER = 0.0003  # of the pixels are quite unlike all around them
_SAMPLE = 240  # rows of the page in which these are counted


@dataclass(frozen=True)
class Inked:
    """`ink`: 0..255 of every pixel, row zones moved to their place; `new`: where ink is that the blank has not.

    `lines` is the part of `new` that a pen can have drawn: darker than the tone of the paper around it, and not on a
    crease. `labels` and `stats` describe its connected pieces at half size. `rows_seen` and `print_seen` are shares of
    the print found on the scan, per row and of the page.
    """

    ink: Image
    new: Image
    lines: Image
    labels: Image
    stats: Image
    level: float
    contrast: float
    rows_seen: Image
    print_seen: float
    creases: Creases
    bold: bool = False
    """Whether the scan is a one-bit one."""


def measure(form: Image, blank: Blank, ticks: Ticks, axes: Image, bold: bool = False) -> Inked:
    """Normalise, align row by row, subtract the blank, drop dust; `bold` for one-bit scans, whose print is fat.

    `axes` takes directions on the form to directions on the scanned picture.
    """
    form = _without_specks(form, blank)
    bright = _reflectance(form)
    black = _black(bright, blank)
    raw = cv2.convertScaleAbs(cv2.bitwise_not(bright), alpha=255.0 / (255 - black))
    aligned = align(raw, blank, ticks)
    soft = cv2.blur(aligned.ink, (3, 3))
    level = _level(soft, blank)
    extra = cv2.bitwise_and(cv2.subtract(soft, blank.allowed_bold if bold else blank.allowed), blank.meant)
    lines = _lines(extra, blank, level)
    half = half_size(lines)
    creases = find_creases(half, extra, blank, axes)
    if creases.mask is not None:
        lines[creases.mask] = 0
        half = half_size(lines)
    labels, stats = _components(lines, half)
    return Inked(
        aligned.ink, _over(extra, level).view(bool), lines.view(bool), labels, stats, level, (255 - black) / 255,
        aligned.print_seen, _print_share(raw, blank), creases, bold,
    )  # fmt: skip


def _over(picture: Image, level: float) -> Image:
    """1 where a picture is over a level (0..1 of 255), 0 elsewhere."""
    return np.asarray(cv2.threshold(picture, level * 255, 1, cv2.THRESH_BINARY)[1])


def _lines(extra: Image, blank: Blank, level: float) -> Image:
    """1 where ink is darker than what is around it, as drawn lines and their edges are and stains are not."""
    free, share = blank.open_half
    tone = cv2.divide(cv2.blur(cv2.bitwise_and(half_size(extra), free), TONE), share, scale=255)
    sharp = cv2.subtract(extra, cv2.resize(tone, (extra.shape[1], extra.shape[0]), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.bitwise_or(_over(sharp, level), _over(extra, _STRONG)))


def _without_specks(form: Image, blank: Blank) -> Image:
    """A sheet peppered with single dark pixels, by a bad sensor or a dusty glass, is seen through their neighbours."""
    middle = slice(form.shape[0] // 3, form.shape[0] // 3 + _SAMPLE)
    part = form[middle]
    alone = (cv2.absdiff(cv2.medianBlur(part, 3), part) > 50) & (blank.allowed[middle] < 4)
    return np.asarray(cv2.medianBlur(form, 3)) if float(alone.mean()) > _PEPPER else form


def _reflectance(form: Image) -> Image:
    """Brightness divided by the brightness of the paper around, 255 for paper."""
    small = half_size(half_size(form))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8))
    paper = cv2.blur(paper, (9, 9))
    large = cv2.resize(paper, (form.shape[1], form.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(form, large, scale=255)


def _black(bright: Image, blank: Blank) -> float:
    """Median brightness of the fiducials' and ticks' black on this sheet."""
    each = np.median(np.take(bright, blank.black_places), axis=1)
    return min(200.0, float(np.median(each)))


def _print_share(raw: Image, blank: Blank) -> float:
    """Share of all that is printed on the page, fiducials and codes included, that is within 5 pixels of its place."""
    bold = cv2.dilate(half_size(raw), np.ones((5, 5), np.uint8))
    return float((np.take(bold, blank.letter_places) > 0.3 * 255).mean())


def _level(soft: Image, blank: Blank) -> float:
    """The least ink that counts, 0..1: 7.5 % of this sheet's black, or five times its grain."""
    paper = np.take(soft, blank.paper_places)
    shares = np.cumsum(np.bincount(paper, minlength=256)) / max(1, len(paper))
    middle, high = (int(np.searchsorted(shares, share)) for share in (0.5, 0.9))
    return max(LEAST_LEVEL, float(middle + _NOISE_TIMES * (high - middle) / 1.28) / 255)


def _components(lines: Image, half: Image) -> tuple[Image, Image]:
    """Connected ink (8 neighbours) at half size: labels; left, top, width, height, area of each.

    Dust is taken out of `lines` itself.
    """
    few = cv2.countNonZero(half) < _MOST_LABELS
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        half, connectivity=8, ltype=cv2.CV_16U if few else cv2.CV_32S
    )  # fmt: skip
    dust = stats[:, cv2.CC_STAT_AREA] < _SPECK
    for left, top, wide, high, _ in stats[dust].tolist():
        labels[top : top + high, left : left + wide][dust[labels[top : top + high, left : left + wide]]] = 0
        lines[2 * top : 2 * (top + high), 2 * left : 2 * (left + wide)] = 0
    return labels, np.where(dust[:, None], 0, stats)
