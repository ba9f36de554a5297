"""Which congresses are to be dated, and a first proposal for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from conventus.core import clock
from conventus.core.rights import Reader, allowing, visible
from conventus.core.rules import N_, Refusal, each_of, refusal_texts
from conventus.cycle.facts import Neighbours, Wish, judge, neighbours_of, schedule_of
from conventus.cycle.models import Congress, Cycle
from conventus.cycle.reads.congresses import PREPARING, congresses_of
from conventus.org.models import Unit

refusal_texts(
    "cycle",
    {
        "no_day_left": N_(
            "No day is left from %(opens)s to %(closes)s: they have passed, or those below and above leave no room."
        )
    },
)

DAY = timedelta(days=1)


def may_date_below(reader: Reader, unit: Unit) -> bool:
    """Whether `reader` may date the congresses below `unit`."""
    return allowing(reader, "cycle.schedule", unit, "preparation") is not None


def to_date_below(reader: Reader, cycle: Cycle, unit: Unit) -> QuerySet[Congress]:
    """The congresses directly below `unit` that are still in preparation and that `reader` may date."""
    rows = congresses_of(reader, cycle, unit).filter(state__in=PREPARING)
    return rows.filter(visible(reader, "cycle.schedule", "unit__path"))


@dataclass(frozen=True)
class Proposal:
    """A first plan: a day for each congress that found one, and why the others found none."""

    wishes: dict[int, Wish]
    without: dict[int, tuple[Refusal, ...]]


def propose_dates(congresses: Sequence[Congress]) -> Proposal:
    """The first day that the law allows for each of these sister congresses without a date, pilots first.

    They are spread over their window as evenly as it goes. Nothing is written; the solver of the calendar engine
    takes over where bodies, leaders and halls count.
    """
    undated = sorted((row for row in congresses if row.starts_on is None), key=lambda row: row.window_to)
    if not undated:
        return Proposal({}, {})
    near, load, today = neighbours_of(undated), Counter(_days_taken(congresses)), clock.today()
    wishes: dict[int, Wish] = {}
    without: dict[int, tuple[Refusal, ...]] = {}
    for wave in ([row for row in undated if row.pilot], [row for row in undated if not row.pilot]):
        share = _share(wave, len(congresses), today) if wave else 0
        for row in wave:
            wish = _first_fit(row, _candidates(row, near, load, share, today), near, today)
            if isinstance(wish, Refusal):
                without[row.pk] = each_of(wish)
            else:
                wishes[row.pk] = wish
                load[wish.starts_on] += 1
                near.move(row, wish.starts_on, schedule_of(row, wish, near).end)
    return Proposal(wishes, without)


def _days_taken(congresses: Iterable[Congress]) -> Iterable[date]:
    return (row.starts_on for row in congresses if row.starts_on)


def _share(wave: Sequence[Congress], count: int, today: date) -> int:
    """How many of `count` congresses may start on one day if they are spread over the days that the wave has."""
    opens = max(max(row.window_from for row in wave), today + DAY)
    days = max((min(row.window_to for row in wave) - opens).days, 1)
    return -(-count // max(days * 5 // 7, 1))


def _candidates(row: Congress, near: Neighbours, load: Counter[date], share: int, today: date) -> list[date]:
    """The days to try: working days with room first, then weekends with room, then any day."""
    days = _days(row, near, today)
    roomy = [day for day in days if load[day] < share]
    weekdays = [day for day in roomy if day.isoweekday() < 6]
    return list(dict.fromkeys([*weekdays, *roomy, *days]))


def _days(row: Congress, near: Neighbours, today: date) -> list[date]:
    """The days of the window between the congresses that go before and the one that comes after."""
    facts = near.facts(row, Wish(row.window_from))
    before = [other.end for other in (*facts.children, *(() if row.pilot else facts.pilots)) if other.end]
    first = max([row.window_from, today + DAY, *(end + DAY for end in before)])
    after = facts.parent.start - DAY if facts.parent and facts.parent.start else row.window_to
    last = min(row.window_to, after)
    return [first + DAY * index for index in range((last - first).days + 1)]


def _first_fit(row: Congress, days: Iterable[date], near: Neighbours, today: date) -> Wish | Refusal:
    """The first of `days` that the law allows, or what it has against the first one."""
    found: Refusal | None = None
    for day in days:
        wish = Wish(day, venue=row.venue or row.unit.name)
        try:
            judge(row, wish, near, today)
        except Refusal as refusal:
            found = found or refusal
        else:
            return wish
    return found or Refusal("cycle.no_day_left", opens=row.window_from, closes=row.window_to)
