"""A seeded simulator of marked, damaged and scanned ballots, with the truth of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from engines.omr import damage, pens
from engines.omr.blank import blank_pages
from engines.omr.codes import Image
from engines.omr.layout import Layout, Row
from engines.omr.verdict import BLANK, CHOSEN, DOUBT, FOREIGN, NONE, READ, REJECTED, REVIEW, UNREADABLE

Rng = np.random.Generator

CLEAN = ("clean-150", "clean-200", "clean-300", "upside-down", "sideways", "stamped")
DAMAGED = (
    "pencil", "noise", "blur", "jpeg", "fold", "crumple", "shadow", "stain", "corner", "streak", "dust",
    "show-through", "bilevel", "phone", "pale", "skew", "mixed",
)  # fmt: skip
UNCLEAR = ("ambiguous", "stray-writing")
OTHER = ("blank-back", "foreign-layout", "foreign-picture", "half-printed", "double-feed")
KINDS = CLEAN + DAMAGED + UNCLEAR + OTHER


@dataclass(frozen=True)
class Scan:
    """A simulated scan. `truth` has a candidate's value, or None where only people can say; `states` are right ones."""

    kind: str
    picture: Image
    page: int
    truth: Mapping[str, str | None]
    states: tuple[str, ...]


class Simulator:
    """Simulated scans of one layout; scan number n of a seed is always the same."""

    def __init__(self, layout: Layout, other: Layout | None = None, seed: int = 1) -> None:
        self.layout, self.seed = layout, seed
        self.blanks = blank_pages(layout)
        self.foreign = blank_pages(other)[0].grey if other else None

    def scan(self, number: int, kind: str | None = None) -> Scan:
        """Scan `number`; its kind is drawn by chance when not given."""
        rng = np.random.default_rng((self.seed, number))
        kind = kind or str(rng.choice(KINDS))
        if kind in OTHER:
            return self._other(kind, rng)
        page = int(rng.integers(len(self.blanks)))
        form = self.blanks[page].grey.copy()
        truth = self._vote(form, page, kind, rng)
        states = (REVIEW,) if kind in UNCLEAR else (READ, REVIEW) if kind in CLEAN else (READ, REVIEW, UNREADABLE)
        return Scan(kind, _digitised(self._damaged(form, page, kind, rng), kind, rng), page + 1, truth, states)

    def _vote(self, form: Image, page: int, kind: str, rng: Rng) -> dict[str, str | None]:
        pen = pens.pencil(rng) if kind == "pencil" else pens.ballpoint(rng)
        rows = self.blanks[page].rows
        odd = int(rng.integers(len(rows))) if kind == "ambiguous" else -1
        habit = pens.BOX_MARKS[int(rng.integers(len(pens.BOX_MARKS)))]
        truth: dict[str, str | None] = {}
        for index, row in enumerate(rows):
            if index == odd:
                unclear(form, row, pen, rng)
                truth[row.candidate] = None
            else:
                truth[row.candidate] = _clear(form, row, pen, habit, rng)
        if kind == "stray-writing":
            place = (rng.uniform(70, self.layout.page[0] - 220), rng.uniform(160, self.layout.page[1] - 110))
            pens.writing(form, place, pen, rng)
            truth = {row.candidate: _unless_near(row, place[1], truth[row.candidate]) for row in rows}
        return truth

    def _damaged(self, form: Image, page: int, kind: str, rng: Rng) -> Image:
        if kind == "stamped" and self.layout.stamp and page == 0:
            damage.stamped(form, self.layout.stamp, rng)
        if kind == "show-through":
            damage.show_through(form, form.copy(), rng)
        if kind in ("crumple", "mixed"):
            form = damage.crumple(form, rng)
        several = rng.choice(list(_IN_PLACE), 2, replace=False) if kind == "mixed" else [kind]
        for name in several:
            if name in _IN_PLACE:
                _IN_PLACE[str(name)](form, rng)
        return form

    def _other(self, kind: str, rng: Rng) -> Scan:
        form = self.blanks[0].grey
        picture, states = _OTHERS[kind](form, self.foreign, rng)
        unknown: dict[str, str | None] = {row.candidate: None for row in self.layout.rows}
        return Scan(kind, picture, 0, unknown, states)


_IN_PLACE: dict[str, Callable[[Image, Rng], None]] = {
    "fold": damage.fold, "shadow": damage.shadow, "stain": damage.stain, "corner": damage.missing_corner,
    "dust": damage.dust,
}  # fmt: skip


def _unless_near(row: Row, y: float, value: str | None) -> str | None:
    """Writing across a row makes the row itself unclear."""
    return None if row.zone[1] - 20 < y < row.zone[3] + 20 else value


def _clear(form: Image, row: Row, pen: pens.Pen, habit: Callable[..., None], rng: Rng) -> str:
    """Mark a row as people do who follow the instruction; returns what it means."""
    if not row.boxes:
        if rng.random() < 0.55:
            return CHOSEN
        (pens.zigzag if rng.random() < 0.08 else pens.strike)(form, row, pen, rng)
        return REJECTED
    if rng.random() < 0.06 or (len(row.boxes) == 1 and rng.random() < 0.6):
        return NONE
    key = str(rng.choice(list(row.boxes)))
    habit(form, row.boxes[key], pen, rng)
    return CHOSEN if key == "agree" else REJECTED


def unclear(form: Image, row: Row, pen: pens.Pen, rng: Rng) -> None:
    """Mark a row so that only people can say what is meant."""
    if not row.boxes:
        kind = int(rng.integers(4))
        (pens.half_strike, pens.underline, pens.restored)[kind % 3](form, row, pen, rng) if kind < 3 else pens.circle(
            form, row.name_box, pen, rng
        )
        return
    box = row.boxes[str(rng.choice(list(row.boxes)))]
    kind = int(rng.integers(5 if len(row.boxes) == 2 else 3))
    if kind == 3:
        pens.corrected(form, row, pen, rng)
    elif kind == 4:
        for each in row.boxes.values():
            pens.cross(form, each, pen, rng)
    else:
        (pens.circle, pens.dot, pens.beside)[kind](form, box, pen, rng)


def _digitised(form: Image, kind: str, rng: Rng) -> Image:
    """From paper to file."""
    if kind == "phone":
        return damage.finished(damage.photographed(form, rng), rng, rng.uniform(2, 6), rng.uniform(0.4, 1.0), 85)
    dpi = {"clean-150": 150, "clean-300": 300}.get(
        kind, 200 if kind in CLEAN else int(rng.choice([150, 200, 200, 300]))
    )
    turn = {"upside-down": 2, "sideways": int(rng.choice([1, 3])), "mixed": int(rng.integers(4))}.get(kind, 0)
    picture = damage.scanned(form, rng, dpi, turn, 1.8 if kind == "skew" else 0.5, 0.03 if kind == "skew" else 0.01)
    if kind == "streak":
        picture = np.ascontiguousarray(picture)
        damage.streak(picture, rng)
    if kind == "pale":
        picture = (255 - (255 - picture) * rng.uniform(0.35, 0.6)).astype(np.uint8)
    noise = rng.uniform(8, 22) if kind == "noise" else rng.uniform(1, 6)
    blur = rng.uniform(1.0, 1.8) * dpi / 200 if kind == "blur" else rng.uniform(0.3, 0.8)
    quality = int(rng.integers(20, 50)) if kind == "jpeg" else int(rng.integers(70, 95))
    done = damage.finished(picture, rng, noise, blur, quality)
    return damage.bilevel(done) if kind == "bilevel" else done


def _blank_back(form: Image, _: Image | None, rng: Rng) -> tuple[Image, tuple[str, ...]]:
    back = np.full_like(form, 255)
    if rng.random() < 0.5:
        damage.show_through(back, form, rng)
    return damage.finished(damage.scanned(back, rng, 200), rng), (BLANK, UNREADABLE)


def _foreign_layout(form: Image, other: Image | None, rng: Rng) -> tuple[Image, tuple[str, ...]]:
    sheet = other if other is not None else np.rot90(form)[:, ::-1]
    return damage.finished(damage.scanned(sheet.copy(), rng, 200), rng), (FOREIGN, UNREADABLE)


def _foreign_picture(form: Image, _: Image | None, rng: Rng) -> tuple[Image, tuple[str, ...]]:
    """Something with shapes of all sizes, like a photograph."""
    coarse = rng.integers(0, 256, (12, 9)).astype(np.uint8)
    picture = cv2.resize(coarse, form.shape[::-1], interpolation=cv2.INTER_CUBIC)
    for _number in range(40):
        centre = (int(rng.integers(form.shape[1])), int(rng.integers(form.shape[0])))
        cv2.circle(picture, centre, int(rng.integers(5, 200)), (int(rng.integers(256)),), -1)
    return damage.finished(picture, rng), (FOREIGN, UNREADABLE)


def _half_printed(form: Image, _: Image | None, rng: Rng) -> tuple[Image, tuple[str, ...]]:
    sheet = form.copy()
    cut = int(rng.uniform(0.25, 0.8) * len(sheet))
    sheet[cut:] = 255
    return damage.finished(damage.scanned(sheet, rng, 200), rng), (REVIEW, UNREADABLE)


def _double_feed(form: Image, _: Image | None, rng: Rng) -> tuple[Image, tuple[str, ...]]:
    """The second sheet lies over the first one, further down or up."""
    off = int(rng.uniform(0.12, 0.8) * len(form))
    long = np.full((len(form) + off, form.shape[1]), 255, np.uint8)
    long[: len(form)] = form
    long[off:] = form
    cv2.line(long, (0, off), (form.shape[1], off), (170,), 2)
    sheet = long if rng.random() < 0.5 else long[: len(form)]
    return damage.finished(damage.scanned(sheet, rng, 200), rng), (REVIEW, UNREADABLE)


_OTHERS: dict[str, Callable[[Image, Image | None, Rng], tuple[Image, tuple[str, ...]]]] = {
    "blank-back": _blank_back, "foreign-layout": _foreign_layout, "foreign-picture": _foreign_picture,
    "half-printed": _half_printed, "double-feed": _double_feed,
}  # fmt: skip


@dataclass(frozen=True)
class Marked:
    """A reading against the truth: silently wrong rows, unclear rows taken without asking, wrong state."""

    wrong: tuple[str, ...]
    taken: tuple[str, ...]
    state_wrong: bool


def mark(scan: Scan, state: str, read: Mapping[str, str]) -> Marked:
    """Every value that is not a doubt is held to be a claim, in sheets under review too."""
    claims = {candidate: value for candidate, value in read.items() if value != DOUBT}
    if scan.kind in OTHER:
        return Marked((), (), state not in scan.states)
    wrong = tuple(key for key, value in claims.items() if scan.truth[key] not in (None, value))
    taken = tuple(key for key, value in claims.items() if scan.truth[key] is None and state == READ)
    return Marked(wrong, taken, state not in scan.states)
