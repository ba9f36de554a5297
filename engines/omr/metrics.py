"""Widths of text in the ballot's font, and the breaking of names and sentences into lines."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

from engines.omr.spec import OmrError

FONTS = Path(__file__).parent / "fonts"
REGULAR = FONTS / "LiberationSerif-Regular.ttf"
_UNIT = 1000


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(REGULAR, _UNIT, layout_engine=ImageFont.Layout.BASIC)


@cache
def _missing() -> bytes:
    return bytes(_font().getmask("\U0010fffe"))


@cache
def _has_glyph(letter: str) -> bool:
    return letter.isspace() or bytes(_font().getmask(letter)) != _missing()


def check_letters(text: str) -> None:
    """Raise OmrError when the ballot's font has no glyph for a letter of `text`."""
    for letter in text:
        if not _has_glyph(letter):
            raise OmrError(f"the font has no letter {letter!r} (U+{ord(letter):04X}), needed for {text!r}")


def width(text: str, size: float) -> float:
    """Printed width in points of `text` at `size` points."""
    return float(_font().getlength(text)) * size / _UNIT


def wrap(text: str, size: float, room: float) -> list[str]:
    """Greedy lines no wider than `room` points; a word wider than that is cut between letters."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.extend(_pieces(word, size, room))
    return lines


def _pieces(word: str, size: float, room: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def fit(text: str, room: float, size: float, least: float) -> tuple[list[str], float]:
    """Lines and font size: one line if it fits at `least` points or more, else several lines at a middling size."""
    full = width(text, size)
    if full <= room:
        return [text], size
    shrunk = round(size * room / full - 0.05, 1)
    if shrunk >= least:
        return [text], shrunk
    middling = round((size + least) / 2, 1)
    return wrap(text, middling, room), middling
