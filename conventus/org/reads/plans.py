"""Reorganisation plans that a reader may see: those who manage the unit at whose head a plan stands."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from conventus.core.rights import Reader, visible
from conventus.org.models import Membership, Placement, ReorganisationPlan, Unit
from conventus.org.reads.past import lying_below
from conventus.org.reads.units import existing


def plans_of(reader: Reader) -> QuerySet[ReorganisationPlan]:
    """The plans of units that `reader` manages, the latest first."""
    plans = ReorganisationPlan.objects.filter(visible(reader, "org.manage", "unit__path"))
    return plans.select_related("organisation", "unit__organisation", "unit__parent")


def plan_for(reader: Reader, pk: int) -> ReorganisationPlan:
    """A plan of a unit that `reader` manages; 404 otherwise."""
    return get_object_or_404(plans_of(reader), pk=pk)


def units_in_reach(plan: ReorganisationPlan) -> QuerySet[Unit]:
    """The units that a plan may speak of, as of today; the plan has been checked before."""
    units = Unit.objects.filter(organisation=plan.organisation_id)
    if plan.unit is not None:
        units = units.filter(lying_below(plan.unit, None)).exclude(pk=plan.unit.pk)
    return existing(units).select_related("organisation", "parent").order_by("path")


def members_to_place(plan: ReorganisationPlan, unit: Unit) -> QuerySet[Membership]:
    """The memberships in a divided unit that live on at the day of the plan, by name; the plan was checked before."""
    rows = Membership.objects.filter(unit=unit).exclude(valid_to__lt=plan.effective)
    return rows.select_related("person").order_by("person__folded", "pk")


def places_in(plan: ReorganisationPlan, unit: Unit) -> QuerySet[Placement]:
    """Where people and units of a divided unit are to go, as far as somebody has said so."""
    return plan.placements.filter(step__old_code=unit.code, by_rule=False).select_related("step")
