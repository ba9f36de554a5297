"""Names folded for search: without marks, in lower case; đ, ł and their kind too, which Unicode does not decompose."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})


def fold(text: str) -> str:
    """`Đảng bộ phường Đông Sơn` → `dang bo phuong dong son`."""
    plain = unicodedata.normalize("NFD", text.casefold()).translate(_LETTERS)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def step(pk: int, digits: int = 6) -> str:
    """The path step of a unit's key: `digits` base-36 digits."""
    figures = "0123456789abcdefghijklmnopqrstuvwxyz"
    word = ""
    while pk:
        pk, rest = divmod(pk, 36)
        word = figures[rest] + word
    return word.rjust(digits, "0")
