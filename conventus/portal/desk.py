"""My desk: what is due for a reader, gathered from every room, most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from conventus.core import clock
from conventus.core.desk import LATER, OVERDUE, SOON, DeskItem, in_order
from conventus.core.models import User
from conventus.cycle import reads as cycle
from conventus.directives import reads as directives
from conventus.elections import reads as elections

ROOMS: tuple[Callable[[User, date], list[DeskItem]], ...] = (
    directives.desk_items,
    cycle.desk_items,
    elections.desk_items,
)


@dataclass(frozen=True)
class Pile:
    """Items of one urgency: `overdue`, `soon` or `later`."""

    key: str
    items: tuple[DeskItem, ...]


def desk_of(reader: User) -> tuple[Pile, ...]:
    """The reader's piles; empty ones are left out."""
    today = clock.today()
    items = in_order(item for room in ROOMS for item in room(reader, today))
    piles = (Pile(key, tuple(item for item in items if item.urgency == key)) for key in (OVERDUE, SOON, LATER))
    return tuple(pile for pile in piles if pile.items)
