"""What rooms above hang in: this room asks them without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from conventus.core.rights import Reader


@dataclass(frozen=True)
class Affected:
    """Something that belongs to units which a plan ends or divides: what, how much, and where it can be looked at."""

    what: str
    count: int
    url: str = ""
    note: str = ""
    """What becomes of it, or what a person should do about it."""


AFFECTED: list[Callable[[Reader, Sequence[int]], Iterable[Affected]]] = []
"""Each is given the reader and the keys of units that end or are divided, some thousands at a time."""

PART = 5000
"""How many keys are asked about at once."""


def affected_in(reader: Reader, units: Sequence[int]) -> list[Affected]:
    """What the rooms above know of `units`, summed over their parts; what is not there is left out."""
    sums: dict[tuple[str, str, str], int] = {}
    for start in range(0, len(units), PART):
        for tell in AFFECTED:
            for one in tell(reader, units[start : start + PART]):
                key = (one.what, one.url, one.note)
                sums[key] = sums.get(key, 0) + one.count
    return [Affected(what, count, url, note) for (what, url, note), count in sums.items() if count]
