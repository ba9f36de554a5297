"""Cycles and congresses that a reader may see."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from conventus.core import clock
from conventus.core.rights import Reader, scopes, visible
from conventus.cycle import generation
from conventus.cycle.models import Congress, Cycle, Milestone, Paper, Review
from conventus.directives import reads as directives
from conventus.directives.models import Document
from conventus.org import reads as org
from conventus.org.models import STEP, Unit

VIEW = "cycle.view"
AROUND = ("cycle__organisation", "unit__organisation", "unit__parent__organisation")
State = Congress.State


# Cycles -------------------------------------------------------------------------------------------


def cycles_of(reader: Reader) -> QuerySet[Cycle]:
    """The cycles of units that `reader` may see, or that hold units which `reader` may see, the latest first."""
    paths = scopes(reader, VIEW)
    above = {path[:end] for path in paths for end in range(STEP, len(path) + 1, STEP)}
    cycles = Cycle.objects.filter(visible(reader, VIEW, "unit__path") | Q(unit__path__in=above))
    return cycles.select_related("organisation", "unit__organisation", "directive__unit__organisation")


def cycle_for(reader: Reader, pk: int) -> Cycle:
    """A cycle that `reader` may see; 404 otherwise."""
    return get_object_or_404(cycles_of(reader), pk=pk)


def places_to_open(reader: Reader) -> QuerySet[Unit]:
    """The units for which `reader` may open a cycle, in the order of the tree."""
    units = org.existing(Unit.objects.filter(visible(reader, "cycle.generate")))
    return units.select_related("organisation").order_by("path")


def directives_for_cycle(reader: Reader, unit: Unit) -> QuerySet[Document]:
    """The documents on which a cycle of `unit` may rest: in force today, issued by it or above, seen by `reader`."""
    rows = directives.in_force_on(directives.documents_of(reader), clock.today())
    return rows.filter(unit__in=unit.ancestor_ids).order_by("unit__path", "-issued_on")


def top_units(reader: Reader, cycle: Cycle) -> list[Unit]:
    """The highest units of the cycle that `reader` may see."""
    if allowed_at(reader, cycle.unit):
        return [cycle.unit]
    paths = [path for path in scopes(reader, VIEW) if path.startswith(cycle.unit.path)]
    return list(Unit.objects.filter(path__in=paths).select_related("organisation").order_by("path"))


def allowed_at(reader: Reader, unit: Unit, permission: str = VIEW) -> bool:
    """Whether `reader` has `permission` at `unit` in some phase."""
    return any(unit.path.startswith(path) for path in scopes(reader, permission))


def unit_in(reader: Reader, cycle: Cycle, pk: int | None) -> Unit:
    """The unit with this key, or the highest one that the reader may see; 404 when it is outside the cycle."""
    if pk is None:
        tops = top_units(reader, cycle)
        if not tops:
            raise Http404
        return tops[0]
    unit = org.unit_for(reader, pk, VIEW)
    if not unit.path.startswith(cycle.unit.path):
        raise Http404
    return unit


def units_below(unit: Unit) -> int:
    """How many units there are at `unit` and below, today."""
    return org.subtree(unit).count()


def way_upwards(reader: Reader, cycle: Cycle, unit: Unit) -> list[Unit]:
    """The units above `unit` inside the cycle, from the top, as far as `reader` may see them."""
    inside = [pk for pk in unit.ancestor_ids[:-1] if pk in set(unit.ancestor_ids[len(cycle.unit.ancestor_ids) - 1 :])]
    above = Unit.objects.filter(visible(reader, VIEW), pk__in=inside)
    return list(above.order_by("path"))


def generation_preview(cycle: Cycle, unit: Unit | None = None) -> generation.Generation:
    """What generating the cycle (below `unit`) would do, with counts and problems; for those who may generate it."""
    return generation.planned(cycle, unit)


# Congresses ---------------------------------------------------------------------------------------


def all_congresses_of(reader: Reader) -> QuerySet[Congress]:
    """Every congress that `reader` may see, in the order of the tree."""
    return Congress.objects.filter(visible(reader, VIEW, "unit__path")).select_related(*AROUND).order_by("unit__path")


def congresses_of(reader: Reader, cycle: Cycle, unit: Unit, *, below: bool = False) -> QuerySet[Congress]:
    """The congresses directly below `unit`, or with `below` of its whole subtree, as far as `reader` may see them."""
    rows = all_congresses_of(reader).filter(cycle=cycle)
    if below:
        return rows.filter(org.below(unit.path, "unit__path")).exclude(unit=unit)
    return rows.filter(unit__parent=unit)


def congress_for(reader: Reader, pk: int) -> Congress:
    """A congress that `reader` may see; 404 otherwise."""
    return get_object_or_404(all_congresses_of(reader), pk=pk)


def congress_of_unit(reader: Reader, cycle: Cycle, unit: Unit) -> Congress | None:
    """The unit's own congress in the cycle, if it has one and `reader` may see it."""
    return all_congresses_of(reader).filter(cycle=cycle, unit=unit).first()


def milestone_for(reader: Reader, pk: int) -> Milestone:
    """A milestone of a congress that `reader` may see; 404 otherwise."""
    rows = Milestone.objects.filter(visible(reader, VIEW, "congress__unit__path"))
    return get_object_or_404(rows.select_related("congress__cycle", "congress__unit__organisation"), pk=pk)


def paper_for(reader: Reader, pk: int) -> Paper:
    """A paper of a congress that `reader` may see; 404 otherwise."""
    rows = Paper.objects.filter(visible(reader, VIEW, "congress__unit__path"))
    return get_object_or_404(rows.select_related("congress__cycle", "congress__unit__organisation", "file"), pk=pk)


def review_for(reader: Reader, pk: int) -> Review:
    """A decision about a congress that `reader` may see; 404 otherwise."""
    rows = Review.objects.filter(visible(reader, VIEW, "congress__unit__path"))
    around = [f"congress__{name}" for name in AROUND]
    return get_object_or_404(rows.select_related(*around, "by"), pk=pk)


# What waits, what is late -------------------------------------------------------------------------

PREPARING = (State.PLANNED, State.DATED, State.SUBMITTED, State.RETURNED, State.APPROVED)


def to_appraise(reader: Reader) -> QuerySet[Congress]:
    """The submitted congresses of units whose superior is one on which `reader` may appraise."""
    rows = all_congresses_of(reader).filter(state=State.SUBMITTED)
    return rows.filter(visible(reader, "cycle.appraise", "unit__parent__path"))


def to_recognise(reader: Reader) -> QuerySet[Congress]:
    """The congresses with a filed result whose superior is a unit on which `reader` may recognise."""
    rows = all_congresses_of(reader).filter(state=State.FILED)
    return rows.filter(visible(reader, "cycle.recognise", "unit__parent__path"))


def late(today: date) -> Q:
    """A filter for congresses that are behind: a milestone overdue, no date at the end of the window, or not opened."""
    open_steps = Milestone.objects.filter(congress=OuterRef("pk"), reported_on=None, required=True, due__lt=today)
    missed = Q(state__in=PREPARING) & Q(Exists(open_steps))
    undated = Q(state=State.PLANNED, window_to__lt=today)
    unopened = Q(state__in=PREPARING, starts_on__lt=today)
    return missed | undated | unopened | Q(state=State.OPEN, ends_on__lt=today)


def outside_window() -> Q:
    """A filter for dated congresses in preparation whose date does not fit the window any more."""
    outside = Q(starts_on__lt=F("window_from")) | Q(ends_on__gt=F("window_to"))
    return Q(state__in=PREPARING, starts_on__isnull=False) & outside
