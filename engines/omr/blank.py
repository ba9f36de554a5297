"""The unmarked page as the reader needs it: what is printed where, at 200 dpi."""

import io
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from PIL import Image as Pictures

from engines.omr.codes import Image
from engines.omr.layout import BLANK_DPI, Box, Layout, Row
from engines.omr.spec import OmrError

PX = BLANK_DPI / 72  # pixels in a point
_STAMP_RIM = 24.0
EDGE = 14.0  # points from the paper's edge within which ink has no meaning
TONE = (7, 7)  # pixels at 100 dpi over which the tone of the paper is taken

Span = tuple[int, int, int, int]


@lru_cache(maxsize=2**15)
def pixels(box: Box, rim: float = 0) -> Span:
    """A box in points as whole pixels (x0, y0, x1, y1), widened by `rim` pixels."""
    x0, y0, x1, y1 = box
    return round(x0 * PX - rim), round(y0 * PX - rim), round(x1 * PX + rim), round(y1 * PX + rim)


def halved(span: Span) -> Span:
    """The same place in a picture of half the size."""
    return span[0] // 2, span[1] // 2, (span[2] + 1) // 2, (span[3] + 1) // 2


def half_size(picture: Image) -> Image:
    """Half the size, each pixel the mean of four; a last odd row or column is left out, which is many times faster."""
    high, wide = picture.shape[0] // 2, picture.shape[1] // 2
    return np.asarray(cv2.resize(picture[: 2 * high, : 2 * wide], (wide, high), interpolation=cv2.INTER_AREA))


def crop(picture: Image, span: Span) -> Image:
    """A part of a picture as a view; a span that leaves the picture is cut off at its edge."""
    x0, y0, x1, y1 = span
    return picture[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]


@dataclass(frozen=True, eq=False)
class Blank:
    """One unmarked page: `grey` (uint8), and its rows, box and text places."""

    layout: Layout
    page: int
    grey: Image

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The page's rows in the order of the list."""
        return self.layout.rows_of(self.page)

    @cached_property
    def ink(self) -> Image:
        """0 for paper, 255 for black."""
        return 255 - self.grey

    @cached_property
    def tick_columns(self) -> list[Image]:
        """Indices into `rows` of each printed column, from top to bottom."""
        lefts = np.array([row.ticks[0][0] for row in self.rows])
        return [np.flatnonzero(lefts == left) for left in sorted(set(lefts))]

    @cached_property
    def allowed(self) -> Image:
        """How dark a pixel may be because of print near it: tight in the rows, wide elsewhere."""
        soft = cv2.GaussianBlur(self.ink, (0, 0), 0.9)
        return self._allowed(cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))))

    @cached_property
    def allowed_bold(self) -> Image:
        """The same for sheets whose print came out bold, as in one-bit scans: black near any print."""
        return self._allowed(cv2.dilate(self._printed, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))))

    def _allowed(self, tight: Image) -> Image:
        wide = np.array(cv2.dilate(self._printed, np.ones((17, 17), np.uint8)))
        for row in self.rows:
            x0, y0, x1, y1 = pixels(row.zone)
            wide[y0:y1, x0:x1] = tight[y0:y1, x0:x1]
        return wide

    @cached_property
    def _printed(self) -> Image:
        return np.where(self.ink > 50, 255, 0).astype(np.uint8)

    @cached_property
    def letters(self) -> Image:
        """True in the middle of printed strokes."""
        return self.ink > 150

    @cached_property
    def letter_places(self) -> Image:
        """Flat indices at half size of every eighth pixel in `letters`."""
        high, wide = self.grey.shape[0] // 2, self.grey.shape[1] // 2
        y, x = (place[::8] // 2 for place in np.nonzero(self.letters))
        return np.asarray(np.minimum(y, high - 1) * wide + np.minimum(x, wide - 1))

    @cached_property
    def row_letters(self) -> tuple[Image, Image, Image]:
        """Flat indices of every second pixel in `letters` of all rows, where each row begins among them, its count."""
        return self._letters_in([pixels(row.zone) for row in self.rows])

    @cached_property
    def outlines(self) -> tuple[Image, Image, Image]:
        """The same for the outlines of all boxes, in the order of rows and boxes."""
        return self._letters_in([pixels(box, 1) for row in self.rows for box in row.boxes.values()])

    def _letters_in(self, spans: list[Span]) -> tuple[Image, Image, Image]:
        high, wide = self.grey.shape
        numbers = np.arange(high * wide).reshape(high, wide)
        each = [crop(numbers, span)[crop(self.letters, span)][::2] for span in spans]
        counts = np.array([len(places) for places in each])
        starts = np.minimum(np.concatenate(([0], np.cumsum(counts)[:-1])), max(0, counts.sum() - 1))
        return np.concatenate(each), starts, counts

    @cached_property
    def black_places(self) -> Image:
        """Flat indices of equally many pixels in the black of every fiducial and tick, one line for each."""
        wide = self.grey.shape[1]
        spans = [pixels(mark.box) for mark in self.layout.marks if mark.page == self.page]
        spans += [pixels(tick, -2) for row in self.rows for tick in row.ticks]
        lines = []
        for span in spans:
            y, x = np.nonzero(crop(self.ink, span) > 240)
            if len(y):
                pick = np.linspace(0, len(y) - 1, 25).astype(int)
                lines.append((y[pick] + span[1]) * wide + x[pick] + span[0])
        return np.array(lines)

    @cached_property
    def paper_places(self) -> Image:
        """Flat indices of some 25,000 pixels where nothing is printed and ink has a meaning."""
        free = np.flatnonzero((self.allowed < 4) & ~self.ignored)
        return free[:: max(1, len(free) // 25_000)]

    @cached_property
    def open_half(self) -> tuple[Image, Image]:
        """At half size: 255 where nothing is printed and ink has a meaning, and the mean of that around each pixel."""
        free = np.where((self.allowed < 4) & ~self.ignored, 255, 0).astype(np.uint8)
        mask = np.where(half_size(free) == 255, 255, 0).astype(np.uint8)
        return mask, np.maximum(cv2.blur(mask, TONE), 1)

    @cached_property
    def meant(self) -> Image:
        """255 where ink has a meaning."""
        return np.where(self.ignored, 0, 255).astype(np.uint8)

    @cached_property
    def ignored(self) -> Image:
        """True where ink has no meaning: paper edge, fiducials, codes, ticks, stamp, batch label; never in a row."""
        mask = np.ones(self.grey.shape, bool)
        rim = round(EDGE * PX)
        mask[rim:-rim, rim:-rim] = False
        for box, wider in self._quiet():
            crop(mask, pixels(box, wider * PX))[:] = True
        for row in self.rows:
            crop(mask, pixels(row.zone))[:] = False
        return mask

    def _quiet(self) -> list[tuple[Box, float]]:
        marks: list[tuple[Box, float]] = [(mark.box, 8.0) for mark in self.layout.marks if mark.page == self.page]
        codes: list[tuple[Box, float]] = [(code.box, 5.0) for code in self.layout.codes if code.page == self.page]
        ticks: list[tuple[Box, float]] = [(tick, 4.0) for row in self.rows for tick in row.ticks]
        stamp = [(self.layout.stamp, _STAMP_RIM)] if self.layout.stamp and self.page == 1 else []
        return [*marks, *codes, *ticks, *stamp, (self.layout.batch_box, 3.0)]


def blank_pages(layout: Layout) -> tuple[Blank, ...]:
    """Decode the blank pages of a layout; raises OmrError when one is damaged or has another size than its page."""
    return tuple(Blank(layout, number, _decode(layout, png)) for number, png in enumerate(layout.blank, 1))


def _decode(layout: Layout, png: bytes) -> Image:
    try:
        grey = np.array(Pictures.open(io.BytesIO(png)).convert("L"))
    except (OSError, ValueError) as error:
        raise OmrError(f"layout: a blank page is damaged ({error})") from error
    wide, high = (round(side * PX) for side in layout.page)
    if abs(grey.shape[0] - high) > 2 or abs(grey.shape[1] - wide) > 2:
        raise OmrError("layout: a blank page has another size than the layout says")
    return grey
