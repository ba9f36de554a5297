"""How far the congresses below a unit are: by state, by unit, by level, by week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core import clock
from conventus.core.rights import Reader
from conventus.cycle import rules
from conventus.cycle.models import Congress, Cycle
from conventus.cycle.reads.congresses import all_congresses_of, congresses_of, late
from conventus.org import reads as org
from conventus.org.models import STEP, Unit

WEEK = timedelta(days=7)
MOST_COLUMNS = 40
AFTER = rules.PHASES["after"]


@dataclass(frozen=True)
class Standing:
    """The sum over some congresses: by state, and how many are held, finished, late, pilots."""

    sums: rules.Progress
    late: int
    pilots: int
    undated: int


def progress(reader: Reader, cycle: Cycle, unit: Unit, *, below: bool = False) -> Standing:
    """How the congresses directly below `unit` stand, or with `below` those of its whole subtree; two queries."""
    rows = congresses_of(reader, cycle, unit, below=below)
    return standing(rows, cycle)


def progress_of_all(reader: Reader, cycle: Cycle) -> Standing:
    """How all congresses of the cycle stand that `reader` may see."""
    return standing(all_congresses_of(reader).filter(cycle=cycle), cycle)


def standing(rows: QuerySet[Congress], cycle: Cycle) -> Standing:
    """The sum over `rows`."""
    groups = rows.order_by().values_list("state", "pilot").annotate(count=Count("pk"))
    counts: Counter[str] = Counter()
    pilots = 0
    for state, pilot, count in groups:
        counts[state] += count
        pilots += count if pilot else 0
    behind = rows.filter(late(clock.today())).order_by().count()
    sums = rules.progress(counts.elements(), _last_states(cycle))
    return Standing(sums, behind, pilots, counts[rules.PLANNED])


def _last_states(cycle: Cycle) -> tuple[str, ...]:
    law: rules.Law = cycle.organisation.rules.laws["cycle"]
    return tuple(state for state in AFTER if rules.is_finished(law, state, clock.today()))


def by_level(reader: Reader, cycle: Cycle, unit: Unit) -> list[dict[str, Any]]:
    """For each level of the subtree, the counts by state; one query."""
    rows = congresses_of(reader, cycle, unit, below=True).order_by()
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for level, state, count in rows.values_list("unit__level", "state").annotate(count=Count("pk")):
        counts[level][state] = count
    levels = cycle.organisation.rules.core.levels
    known = sorted(counts, key=lambda level: levels[level].order if level in levels else 99)
    return [{"level": level, "counts": counts[level]} for level in known]


# The map ------------------------------------------------------------------------------------------


def tiles(reader: Reader, cycle: Cycle, unit: Unit) -> list[dict[str, Any]]:
    """The congresses directly below `unit` as tiles, each with what is held below it; two queries."""
    rows = congresses_of(reader, cycle, unit).values_list("pk", "unit__path", "unit__name", "state", "pilot", "unit_id")
    below = _held_below(reader, cycle, unit)
    return [_tile(cycle, row, below.get(row[1], (0, 0))) for row in rows]


def _held_below(reader: Reader, cycle: Cycle, unit: Unit) -> Mapping[str, tuple[int, int]]:
    """For each unit directly below: how many congresses under it are held, and how many there are."""
    length = len(unit.path) + STEP
    deeper = all_congresses_of(reader).filter(org.below(unit.path, "unit__path"), cycle=cycle).order_by()
    grouped = deeper.annotate(child=Substr("unit__path", 1, length)).values_list("child", "state", "unit__path")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for child, state, path in grouped:
        if len(path) > length:
            sums[child][0] += state in AFTER
            sums[child][1] += 1
    return {child: (held, total) for child, (held, total) in sums.items()}


def _tile(cycle: Cycle, row: tuple[Any, ...], below: tuple[int, int]) -> dict[str, Any]:
    pk, _path, name, state, pilot, unit = row
    held, total = below
    notes = [_("pilot")] if pilot else []
    if total:
        notes.append(_("%(held)s of %(total)s below held") % {"held": held, "total": total})
        url = f"{reverse('cycle:cycle', args=[cycle.pk])}?unit={unit}"
    else:
        url = reverse("cycle:congress", args=[pk])
    return {"label": name, "state": state, "url": url, "note": ", ".join(notes), "pilot": pilot}


# Over time ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """One column of the chart: the last day of the step, how many stood where by then, how many were to be held."""

    until: date
    counts: Mapping[str, int]
    planned: int


def weeks(rows: QuerySet[Congress]) -> tuple[list[Week], int | None]:
    """The congresses over time, and which column holds today; columns after today show the plan only.

    A column is a week, or as many weeks as keep the chart readable.
    """
    facts = list(rows.order_by().values_list("trail", "ends_on"))
    days = [end for _, end in facts if end] + [date.fromisoformat(day) for trail, _ in facts for state, day in trail]
    if not days:
        return [], None
    ends, today = _columns(min(days), max(days)), clock.today()
    now = next((index for index, end in enumerate(ends) if today <= end), None)
    last = len(ends) - 1 if now is None else now
    return [_week(facts, end, index <= last) for index, end in enumerate(ends)], now


def _columns(first: date, last: date) -> list[date]:
    """Sundays from the week of `first` to that of `last`, every n-th so that there are at most `MOST_COLUMNS`."""
    start = first + timedelta(days=7 - first.isoweekday())
    count = (last - start).days // 7 + 2 if last > start else 1
    step = -(-count // MOST_COLUMNS)
    return [start + WEEK * index for index in range(0, count + step - 1, step)]


def _week(facts: Iterable[tuple[Any, date | None]], until: date, known: bool) -> Week:
    day = until.isoformat()
    states = (_state_on(trail, day) for trail, _ in facts) if known else ()
    counts = Counter(state for state in states if state in AFTER or state == rules.OPEN)
    return Week(until, counts, sum(1 for _, end in facts if end and end <= until))


def _state_on(trail: Iterable[tuple[str, str]], day: str) -> str:
    reached = [state for state, on in trail if on <= day]
    return reached[-1] if reached else ""
