"""Units that a reader may see: the tree, its parts, today's and former ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from conventus.core import clock
from conventus.core.rights import Reader, scopes, visible
from conventus.org.models import Organisation, Succession, Unit
from conventus.org.names import fold

M = TypeVar("M", bound=Model)


def in_force(rows: QuerySet[M], day: date | None = None) -> QuerySet[M]:
    """The rows whose period holds `day` (default today); an open side is always fine."""
    on = day or clock.today()
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    return rows.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gte=on))


def existing(units: QuerySet[Unit], day: date | None = None) -> QuerySet[Unit]:
    """Those of `units` that exist on `day` (default today)."""
    return in_force(units, day)


def below(path: str, field: str = "path") -> Q:
    """A filter for what lies at `path` or below it."""
    return Q(**{f"{field}__gte": path, f"{field}__lt": path + "~"})


def all_units_of(reader: Reader) -> QuerySet[Unit]:
    """The units that `reader` may see, also those that are no more, in the order of the tree."""
    return Unit.objects.filter(visible(reader, "org.view")).select_related("organisation")


def units_of(reader: Reader, day: date | None = None) -> QuerySet[Unit]:
    """The units that `reader` may see and that exist on `day` (default today), in the order of the tree."""
    return existing(all_units_of(reader), day)


def unit_for(reader: Reader, pk: int, permission: str = "org.view") -> Unit:
    """The unit, today's or a former one, if `reader` has `permission` there; 404 otherwise.

    A former unit may also be looked at by those who see a unit that follows it.
    """
    units = Unit.objects.select_related("organisation", "parent")
    found = units.filter(visible(reader, permission), pk=pk).first()
    if found is None and permission == "org.view":
        found = _former(reader, get_object_or_404(units, pk=pk))
    if found is None:
        raise Http404
    return found


def _former(reader: Reader, unit: Unit) -> Unit | None:
    """The unit, if it is no more and one that follows it lies where `reader` may see units."""
    paths, waiting, seen = tuple(scopes(reader, "org.view")), [unit.pk], {unit.pk}
    if unit.valid_to is None or unit.valid_to >= clock.today() or not paths:
        return None
    while waiting:
        ways = Succession.objects.filter(old=waiting.pop(), new__isnull=False).exclude(new__in=seen)
        for pk, path in ways.values_list("new_id", "new__path"):
            if path.startswith(paths):
                return unit
            seen.add(pk)
            waiting.append(pk)
    return None


def unit_coded(organisation: Organisation, code: str) -> Unit | None:
    """The unit with `code`, for actions and commands; no reader is asked."""
    return organisation.units.filter(code=code).select_related("organisation").first()


def managed_units(reader: Reader, organisation: Organisation) -> QuerySet[Unit]:
    """The organisation's units of today in which `reader` may enrol members."""
    mine = Unit.objects.filter(visible(reader, "org.manage"), organisation=organisation)
    return existing(mine).select_related("organisation")


def children_of(reader: Reader, unit: Unit, day: date | None = None) -> QuerySet[Unit]:
    """The units directly below `unit`, as far as `reader` may see them, by code."""
    return units_of(reader, day).filter(parent=unit).order_by("code")


def roots_of(reader: Reader, day: date | None = None) -> list[Unit]:
    """Where the tree of `reader` begins: the highest units that the reader may see."""
    outer = [path for path in scopes(reader, "org.view") if path]
    units = units_of(reader, day)
    everything = "" in scopes(reader, "org.view")
    return list(units.filter(parent=None) if everything else units.filter(path__in=outer))


def ancestors_of(reader: Reader, unit: Unit) -> list[Unit]:
    """The units above `unit`, from the top, as far as `reader` may see them, without the unit itself."""
    above = unit.ancestor_ids[:-1]
    return list(all_units_of(reader).filter(pk__in=above).order_by("path")) if above else []


def search_units(reader: Reader, text: str, units: QuerySet[Unit] | None = None) -> QuerySet[Unit]:
    """The reader's units that have every word of `text` in their name or code; marks and case do not matter."""
    found = units_of(reader) if units is None else units
    for word in fold(text).split():
        found = found.filter(folded__contains=word)
    return found


def child_counts(units: Iterable[Unit], day: date | None = None) -> dict[int, int]:
    """How many units stand directly below each of `units`; those without any are left out."""
    rows = existing(Unit.objects.filter(parent__in=[unit.pk for unit in units]), day)
    counted = rows.order_by().values_list("parent_id").annotate(count=Count("pk"))
    return {parent: count for parent, count in counted if parent is not None}


def level_counts(unit: Unit, day: date | None = None) -> dict[str, int]:
    """How many units stand below `unit`, by level; the unit itself does not count."""
    rows = existing(Unit.objects.filter(below(unit.path)).exclude(pk=unit.pk), day)
    return dict(rows.order_by().values_list("level").annotate(count=Count("pk")))


def kinds_of(reader: Reader) -> list[str]:
    """The kinds of the reader's units, as a filter offers them."""
    kinds = units_of(reader).exclude(kind="").order_by("kind").values_list("kind", flat=True).distinct()
    return list(kinds)


def organisations_of(reader: Reader) -> QuerySet[Organisation]:
    """The organisations of which `reader` may see a unit."""
    return Organisation.objects.filter(pk__in=all_units_of(reader).order_by().values("organisation"))
