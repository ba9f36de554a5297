"""What is wrong with a bundle: sentences, each naming the file, sheet, line or figure it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Faults = Iterator[str]
SHAPE = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading data of the wrong shape raises."""


class Unreadable(Exception):
    """The bundle cannot be opened at all; the text says why."""


def shaped(name: str, check: Callable[[], Faults]) -> Faults:
    """The faults that `check` finds; data of another shape is a fault itself, not a crash."""
    try:
        yield from check()
    except SHAPE as fault:
        yield f"{name} does not have the shape of this format ({type(fault).__name__}: {fault})."


def differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The figures in which two counts differ: `valid`, `votes of 12`."""
    told, found = dict(figures(first)), dict(figures(second))
    return [key for key in {**told, **found} if told.get(key) != found.get(key)]


def figures(count: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The single figures of a count by their names."""
    for key in ("collected", "valid", "invalid"):
        yield key, count[key]
    for kind in ("votes", "against"):
        for candidate, number in count[kind].items():
            yield f"{kind} of {candidate}", number
