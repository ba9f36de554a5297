"""The organisation as of a day: how units stood then, which lay below which, and who were members.

A unit is read from its row, or from the state that a reorganisation kept of it when that state held on the day. Rights
are those of today: a reader sees what lay below the reader's units, or below those that they follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from conventus.core import clock
from conventus.core.packs import Pack
from conventus.core.rights import Reader, scopes
from conventus.org.models import STEP, Membership, Organisation, Succession, Unit, UnitState
from conventus.org.reads.units import below, existing, in_force


@dataclass(frozen=True)
class UnitThen:
    """A unit as it stood on a day; `path` is its way from the root on that day."""

    pk: int
    code: str
    level: str
    kind: str
    name: str
    parent: int | None
    path: str
    valid_from: date | None
    valid_to: date | None


def covering(day: date) -> QuerySet[UnitState]:
    """The kept states that held on `day`."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return UnitState.objects.filter(begun, valid_to__gte=day).order_by()


def has_past(day: date) -> bool:
    """Whether any unit stood otherwise on `day` than it does now; nothing after today has been kept."""
    return day < clock.today() and UnitState.objects.filter(valid_to__gte=day).exists()


def path_on(unit: Unit, day: date) -> str:
    """The unit's path on `day`."""
    if day >= clock.today():
        return unit.path
    kept = covering(day).filter(unit=unit).values_list("path", flat=True).first()
    return kept or unit.path


def lying_below(unit: Unit, day: date | None, field: str = "") -> Q:
    """A filter for units (or, by `field`, for what belongs to them) that lay at `unit` or below it on `day`."""
    prefix = f"{field}__" if field else ""
    if day is None or not has_past(day):
        return below(unit.path, f"{prefix}path")
    path, kept, key = path_on(unit, day), covering(day), f"{prefix}pk__in"
    stood = Q(**{key: kept.filter(below(path)).values("unit")})
    elsewhere = Q(**{key: kept.values("unit")})
    return (below(path, f"{prefix}path") & ~elsewhere) | stood


def subtree(unit: Unit, day: date | None = None) -> QuerySet[Unit]:
    """The unit and all that exist below it on `day` (default today); for actions, no reader is asked."""
    return existing(Unit.objects.filter(lying_below(unit, day)).select_related("organisation"), day)


# The tree -------------------------------------------------------------------------------------


def units_on(day: date, paths: Sequence[str] = ("",)) -> list[UnitThen]:
    """The units of `day` at or below the paths of that day, in the order of the tree."""
    kept = covering(day) if has_past(day) else UnitState.objects.none()
    here = kept.filter(_anywhere(paths))
    states = {row.unit_id: row for row in here}
    moved = set(kept.values_list("unit_id", flat=True)) - states.keys()
    inside = _anywhere(paths)
    units = existing(Unit.objects.filter(inside | Q(pk__in=here.values("unit")) if inside else inside), day)
    found = (_then(unit, states.get(unit.pk)) for unit in units.order_by() if unit.pk not in moved)
    return sorted(found, key=lambda one: one.path)


def _anywhere(paths: Sequence[str]) -> Q:
    if "" in paths:
        return Q()
    found = Q(pk__in=[])
    for path in paths:
        found |= below(path)
    return found


def _then(unit: Unit, state: UnitState | None) -> UnitThen:
    if state is None:
        values = (unit.level, unit.kind, unit.name, unit.parent_id, unit.path, unit.valid_from, unit.valid_to)
    else:
        at = (state.level, state.kind, state.name, state.parent_id, state.path)
        values = (*at, unit.valid_from, state.unit_until)
    return UnitThen(unit.pk, unit.code, *values)


def paths_on(reader: Reader, day: date, permission: str = "org.view") -> list[str]:
    """Where the tree of `reader` began on `day`: the reader's units of today as they stood, or those they follow."""
    own = scopes(reader, permission)
    if "" in own or day >= clock.today():
        return own
    units = list(Unit.objects.filter(path__in=own))
    there = [root for unit in units for root in _standing_on(unit, day)]
    paths = sorted({path_on(unit, day) for unit in there})
    return [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]


def _standing_on(unit: Unit, day: date) -> list[Unit]:
    """The unit, or the units that it follows, which existed on `day`."""
    waiting, seen, found = [unit], set(), []
    while waiting:
        here = waiting.pop()
        if here.pk in seen:
            continue
        seen.add(here.pk)
        if here.valid_from is None or here.valid_from <= day:
            found.append(here)
        ways = Succession.objects.filter(new=here, day__gt=day).select_related("old")
        waiting += [way.old for way in ways if way.old_id != here.pk]
    return found


def tree_on(reader: Reader, day: date, under: Unit | None = None) -> list[UnitThen]:
    """The units of `day` that `reader` may see, or those of them that lay at or below `under`."""
    paths = paths_on(reader, day)
    if under is None:
        return units_on(day, paths)
    top = path_on(under, day)
    if not any(top.startswith(path) for path in paths):
        raise Http404
    return units_on(day, [top])


def above_on(reader: Reader, day: date, unit: UnitThen) -> list[UnitThen]:
    """The units that stood above `unit` on `day`, from the top, as far as `reader` may see them."""
    keys = [int(unit.path[start : start + STEP], 36) for start in range(0, len(unit.path) - STEP, STEP)]
    states = {row.unit_id: row for row in covering(day).filter(unit__in=keys)} if has_past(day) else {}
    paths = tuple(paths_on(reader, day))
    found = [_then(one, states.get(one.pk)) for one in Unit.objects.filter(pk__in=keys)]
    return sorted((one for one in found if one.path.startswith(paths)), key=lambda one: one.path)


def existed(pk: int) -> Unit:
    """A unit of today or a former one, 404 if there never was one; `tree_on` judges who may look at it."""
    return get_object_or_404(Unit.objects.select_related("organisation", "parent"), pk=pk)


def packs_of(units: Iterable[UnitThen]) -> list[Pack]:
    """The rule packs of the organisations of `units`, for their words."""
    rows = Organisation.objects.filter(units__in=[one.pk for one in units]).distinct()
    return [row.rules for row in rows]


def members_on(day: date, units: Iterable[UnitThen]) -> dict[int, int]:
    """How many members each of `units` had on `day`, with all below it; `units` in the order of the tree."""
    listed = list(units)
    own = _own_members(day, listed)
    totals: dict[str, int] = defaultdict(int)
    for one in listed:
        if count := own.get(one.pk, 0):
            for end in range(STEP, len(one.path) + 1, STEP):
                totals[one.path[:end]] += count
    return {one.pk: totals[one.path] for one in listed}


FEW = 500


def _own_members(day: date, units: Sequence[UnitThen]) -> dict[int, int]:
    rows = in_force(Membership.objects.all(), day)
    if len(units) <= FEW:
        rows = rows.filter(unit__in=[one.pk for one in units])
    return dict(rows.order_by().values_list("unit_id").annotate(count=Count("pk")))


# Who followed whom ----------------------------------------------------------------------------


def successions_of(unit: Unit) -> QuerySet[Succession]:
    """What became of the unit: those that follow it, and from when; its page has been checked before."""
    rows = Succession.objects.filter(old=unit).exclude(new=unit)
    return rows.select_related("new__organisation", "plan").order_by("day", "pk")


def predecessions_of(unit: Unit) -> QuerySet[Succession]:
    """What the unit is made of: those that it follows, itself among them where it took others in."""
    return Succession.objects.filter(new=unit).select_related("old__organisation", "plan").order_by("day", "old__path")


def successors_on(unit: Unit, day: date | None = None) -> list[Unit]:
    """The units of `day` that hold what once was `unit`: its followers, and theirs, until one still stands."""
    on = day or clock.today()
    waiting, seen, found = [unit], set(), []
    while waiting:
        here = waiting.pop(0)
        if here.pk in seen:
            continue
        seen.add(here.pk)
        stands = here.valid_to is None or here.valid_to >= on
        if stands:
            found.append(here)
        ways = Succession.objects.filter(old=here, day__lte=on, new__isnull=False).select_related("new__organisation")
        waiting += [way.new for way in ways if way.new is not None and (not stands or way.new_id != here.pk)]
    return sorted(found, key=lambda one: one.path)


def reformed_on(unit: Unit, day: date | None = None) -> date | None:
    """The last day until `day` on which a plan merged or divided the unit, or made it of others (T6); None: never."""
    on = day or clock.today()
    rows = Succession.objects.filter(Q(new=unit) | Q(old=unit, whole=False), day__lte=on)
    return rows.order_by("-day").values_list("day", flat=True).first()
