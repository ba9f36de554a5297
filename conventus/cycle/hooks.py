"""What rooms above hang in: this room asks them without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conventus.core.rules import Refusal
from conventus.cycle.models import Congress
from conventus.cycle.papers import Body

READY_CHECKS: list[Callable[[Congress], Iterable[Refusal]]] = []
"""What still stands in the way of filing a result; the elections name contests that are not decided."""

ELECTED: list[Callable[[Congress], Iterable[Body]]] = []
"""Who was elected to what, for the decision on the result."""


def open_points(congress: Congress) -> list[Refusal]:
    """Everything that the rooms above still want settled before the result is filed."""
    return [refusal for check in READY_CHECKS for refusal in check(congress)]


def bodies_of(congress: Congress) -> tuple[Body, ...]:
    """The bodies that the congress elected, as far as the rooms above tell."""
    return tuple(body for tell in ELECTED for body in tell(congress))
