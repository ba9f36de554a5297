"""What stands on My desk: each room makes its items, the portal lays them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from conventus.core.rules import Citation

if TYPE_CHECKING:
    from conventus.org.models import Unit

OVERDUE, SOON, LATER = "overdue", "soon", "later"
SOON_DAYS = 7
"""Days ahead within which something counts as due soon."""


@dataclass(frozen=True)
class DeskItem:
    """One thing that somebody has to do: what, on which unit, by when, why, and where the button leads.

    `kind` is `<room>.<thing>` (`directives.obligation`); `today` is the day on which the desk was made.
    """

    title: str
    unit: Unit | None
    due: date | None
    why: Citation | str
    url: str
    verb: str
    kind: str
    today: date
    state: str = ""
    """A state that the row shows as a badge, "" = none."""
    detail: str = ""
    optional: bool = False
    """Whether it may be left undone: such items never become overdue."""

    @property
    def urgency(self) -> str:
        """`overdue`, `soon` (within a week) or `later` (also when there is no due day)."""
        if self.due is None:
            return LATER
        if self.due < self.today and not self.optional:
            return OVERDUE
        return SOON if self.due <= self.today + timedelta(days=SOON_DAYS) else LATER

    @property
    def cite(self) -> Citation | None:
        """The clause, when `why` is one."""
        return self.why if isinstance(self.why, Citation) else None

    @property
    def words(self) -> str:
        """The reason in words, when `why` is no clause."""
        return self.why if isinstance(self.why, str) else ""


def in_order(items: Iterable[DeskItem]) -> list[DeskItem]:
    """The items by due day, those without one last; equal ones by unit and title."""
    return sorted(items, key=lambda item: (item.due or date.max, item.unit.path if item.unit else "", item.title))
