"""A second, independent simulator: other hands, inks and mishaps than simulate.py, seeded like it."""

from collections.abc import Callable

import cv2
import numpy as np

from engines.omr import hands, wear
from engines.omr.blank import blank_pages
from engines.omr.codes import Image
from engines.omr.hands import DOT, Paper, Rng
from engines.omr.layout import Layout, Row
from engines.omr.simulate import Scan
from engines.omr.verdict import CHOSEN, FOREIGN, NONE, READ, REJECTED, REVIEW, UNREADABLE

PENS = tuple(f"pen-{name}" for name in hands.INKS)
SCANS = (
    "dpi-150",
    "dpi-240",
    "dpi-300",
    "stretched",
    "skewed",
    "low-contrast",
    "dark",
    "jpeg-30",
    "yellow",
    "grey-paper",
)
WORN = ("coffee", "folds", "crumpled", "dirt", "holes", "copy", "streaks", "ghost", "framed", "cropped", "phone",
        "motion", "pepper", "line-art", "stamped-row", "worn")  # fmt: skip
ASK = ("odd", "run-in", "tape", "note", "signature")
NOT_ONE = ("mirrored", "two-ballots", "half")
RARE = ("rare-strikes",)
KINDS_OTHER = PENS + SCANS + WORN + RARE + ASK + NOT_ONE
_USUAL = ("blue-ballpoint", "blue-ballpoint", "black-gel", "fountain", "red", "felt")


class OtherSimulator:
    """Simulated scans of one layout; scan number n of a seed and kind is always the same."""

    def __init__(self, layout: Layout, seed: int = 1) -> None:
        self.layout, self.seed = layout, seed
        self.blanks = blank_pages(layout)

    def scan(self, number: int, kind: str) -> Scan:
        """One scan of a kind."""
        rng = np.random.default_rng((self.seed, number, KINDS_OTHER.index(kind)))
        page = int(rng.integers(len(self.blanks)))
        paper, truth = self._voted(page, kind, rng)
        paper = self._worn(paper, page, kind, rng)
        if kind in NOT_ONE and kind != "half":
            truth = dict.fromkeys(truth)
        return Scan(kind, _picture(paper, kind, rng), page + 1, truth, _states(kind))

    def _printed(self, page: int, rng: Rng) -> Paper:
        """A blank at 300 dpi, its toner a little soft, grey and uneven."""
        grey = self.blanks[page].grey
        size = (round(grey.shape[1] * 1.5), round(grey.shape[0] * 1.5))
        sharp = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
        toner = float(rng.uniform(0.85, 1.0))
        return 1 - (1 - np.clip((sharp - 0.5) * float(rng.uniform(1.0, 1.8)) + 0.5, 0, 1)) * toner

    def _voted(self, page: int, kind: str, rng: Rng) -> tuple[Paper, dict[str, str | None]]:
        paper, rows = self._printed(page, rng), self.blanks[page].rows
        name = kind.removeprefix("pen-") if kind in PENS else str(rng.choice(_USUAL))
        pen, habit = hands.ink(name, rng), str(rng.choice(hands.HABITS))
        odd = int(rng.integers(len(rows))) if kind in ("odd", "run-in", "tape") else -1
        truth: dict[str, str | None] = {}
        for index, row in enumerate(rows):
            if index == odd and (kind == "odd" or (kind == "run-in" and len(rows) == 1)):
                _odd(paper, row, pen, rng)
                truth[row.candidate] = None
            else:
                truth[row.candidate] = _vote(paper, row, pen, habit, kind, rng)
        if kind == "run-in" and len(rows) > 1:
            self._run_in(paper, rows, odd, pen, rng, truth)
        if kind == "tape":
            wear.tape(paper, _part(rows[odd], rng), rng)
            truth[rows[odd].candidate] = None
        return paper, truth

    def _run_in(
        self, paper: Paper, rows: tuple[Row, ...], at: int, pen: hands.Ink, rng: Rng, truth: dict[str, str | None]
    ) -> None:
        """A strike whose end runs into the next name; with boxes, a cross that reaches the next row's box."""
        below = rows[at + 1] if at + 1 < len(rows) else rows[at - 1]
        if rows[at].boxes:
            x0, y0, x1, y1 = next(iter(rows[at].boxes.values()))
            middle, end_y = (x0 + x1) / 2, next(iter(below.boxes.values()))[1] + 6
            hands.draw(paper, pen, [(x0, y0), (middle, (y0 + y1) / 2), (middle, end_y)], rng)
        else:
            line, end = rows[at].lines[0], below.lines[0]
            y = line.baseline - 0.32 * line.size
            low = (end.x + end.width * float(rng.uniform(0.6, 1)), end.baseline - 0.3 * end.size)
            hands.draw(paper, pen, [(line.x - 4, y), (line.x + 0.8 * line.width, y + 2), low], rng)
        truth[rows[at].candidate] = truth[below.candidate] = None

    def _worn(self, paper: Paper, page: int, kind: str, rng: Rng) -> Paper:
        wide, high = self.layout.page
        if kind in wear.ON_PAPER:
            wear.ON_PAPER[kind](paper, rng)
        if kind == "worn":
            for name in rng.choice(list(wear.ON_PAPER), 2, replace=False):
                wear.ON_PAPER[str(name)](paper, rng)
        if kind == "ghost":
            back = cv2.GaussianBlur(np.ascontiguousarray(paper[:, ::-1]), (0, 0), float(rng.uniform(2, 5)))
            paper = paper * (1 - (1 - back) * float(rng.uniform(0.03, 0.14)))
        if kind in ("note", "signature"):
            pen = hands.ink(str(rng.choice(_USUAL)), rng)
            note = (float(rng.uniform(0.4, 0.6)) * wide, float(rng.uniform(0.27, 0.9)) * high)
            place = note if kind == "note" else (float(rng.uniform(0.5, 0.7)) * wide, high - float(rng.uniform(64, 80)))
            hands.word(paper, place, pen, rng)
        if kind == "stamped-row":
            row = self.blanks[page].rows[int(rng.integers(len(self.blanks[page].rows)))]
            wear.stamp(paper, (float(rng.uniform(row.zone[0], row.zone[2])), row.zone[1]), rng)
        if self.layout.stamp and page == 0 and rng.random() < 0.5:
            x0, y0, x1, y1 = self.layout.stamp
            wear.stamp(paper, ((x0 + x1) / 2 + rng.normal(0, 6), (y0 + y1) / 2 + rng.normal(0, 6)), rng)
        return paper


def _part(row: Row, rng: Rng) -> tuple[float, float, float, float]:
    """A place for tape: a box, or a part of the name."""
    if row.boxes:
        x0, y0, x1, y1 = row.boxes[str(rng.choice(list(row.boxes)))]
        return x0 - 4, y0 - 4, x1 + 4, y1 + 4
    x0, y0, x1, y1 = row.name_box
    return x0 + float(rng.uniform(0, 0.3)) * (x1 - x0), y0 - 1, x1 + 4, y1 + 1


def _vote(paper: Paper, row: Row, pen: hands.Ink, habit: str, kind: str, rng: Rng) -> str:
    """A vote as the instruction wants it; returns what it means."""
    if row.boxes:
        if rng.random() < 0.08 or (len(row.boxes) == 1 and rng.random() < 0.5):
            return NONE
        key = str(rng.choice(list(row.boxes)))
        hands.box_mark(paper, row.boxes[key], pen, rng, habit)
        return CHOSEN if key == "agree" else REJECTED
    if rng.random() < 0.6:
        return CHOSEN
    shares = np.array([share for _, share in hands.STRIKES])
    usual = hands.STRIKES[int(rng.choice(len(shares), p=shares / shares.sum()))][0]
    rare: Callable[[Paper, Row, hands.Ink, Rng], None] = hands.RARE_STRIKES[int(rng.integers(len(hands.RARE_STRIKES)))]
    (rare if kind == "rare-strikes" and rng.random() < 0.4 else usual)(paper, row, pen, rng)
    return REJECTED


def _odd(paper: Paper, row: Row, pen: hands.Ink, rng: Rng) -> None:
    if row.boxes:
        hands.odd_box_mark(paper, row, pen, rng)
    elif rng.random() < 0.25:
        hands.ring(paper, row.name_box, pen, rng)
    else:
        hands.ODD_STRIKES[int(rng.integers(len(hands.ODD_STRIKES)))](paper, row, pen, rng)


def _states(kind: str) -> tuple[str, ...]:
    if kind in NOT_ONE:
        return (REVIEW, UNREADABLE, FOREIGN)
    return (REVIEW, UNREADABLE) if kind in ASK else (READ, REVIEW, UNREADABLE)


def _picture(paper: Paper, kind: str, rng: Rng) -> Image:
    """From paper to file."""
    tint = {"yellow": 0.82, "grey-paper": 0.72}.get(kind)
    if tint:
        paper = paper * (tint + rng.normal(0, 0.012, paper.shape).astype(np.float32))
    if kind == "phone":
        return wear.sensed(wear.photographed(paper, rng), rng, float(rng.uniform(0.01, 0.03)), quality=80)
    paper = _composed(paper, kind, rng)
    dpi = int(kind.removeprefix("dpi-")) if kind.startswith("dpi-") else 200
    paper = wear.laid(paper, rng, 5.0 if kind == "skewed" else 1.0, 0.03 if kind == "stretched" else 0.008, dpi)
    if kind == "streaks":
        wear.streaked(paper, rng)
    if kind == "motion":
        paper = wear.moved(paper, rng)
    if kind == "low-contrast":
        paper = 0.45 + 0.4 * paper
    gamma = float(rng.uniform(1.3, 2.2)) if kind in ("dark", "copy") else float(rng.uniform(0.8, 1.2))
    quality = 30 if kind == "jpeg-30" else int(rng.integers(75, 95))
    grey = wear.sensed(paper, rng, float(rng.uniform(0.004, 0.03)), gamma, quality)
    if kind == "pepper":
        grey = wear.peppered(grey, rng)
    if kind == "line-art":
        grey = wear.line_art(grey, rng)
    return np.rot90(grey, int(rng.integers(4))).copy() if rng.random() < 0.2 else grey


def _composed(paper: Paper, kind: str, rng: Rng) -> Paper:
    """Sheets that lie wrongly, or beside another one."""
    if kind == "mirrored":
        return np.ascontiguousarray(paper[:, ::-1])
    if kind == "two-ballots":
        axis = int(rng.integers(2))
        return np.concatenate([paper, np.ones_like(paper[:60] if axis == 0 else paper[:, :60]), paper], axis=axis)
    if kind == "half":
        cut = int(float(rng.uniform(0.35, 0.8)) * len(paper))
        return paper[:cut] if rng.random() < 0.5 else paper[-cut:]
    if kind == "framed":
        return wear.framed(paper, rng)
    return wear.cropped(paper, rng) if kind == "cropped" else paper


__all__ = ["DOT", "KINDS_OTHER", "OtherSimulator"]
