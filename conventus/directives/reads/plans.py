"""Queries of plan items: whom they cover, what binds them, which congress windows they set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from conventus.core import clock
from conventus.core.rights import Reader, visible
from conventus.directives import rules
from conventus.directives.models import Document, DocumentLink, Obligation, PlanItem
from conventus.org import reads as org
from conventus.org.models import Unit

BATCH = 5_000
"""Keys that one query may name; SQLite takes 32,766."""


def items_of(document: Document) -> QuerySet[PlanItem]:
    """The plan items of a document that the reader has already been let see."""
    named = Prefetch("units", Unit.objects.order_by("path"))
    return document.items.select_related("document__unit__organisation").prefetch_related(named)


def item_for(reader: Reader, pk: int) -> PlanItem:
    """A plan item of a document for which `reader` may register; 404 otherwise."""
    items = PlanItem.objects.filter(visible(reader, "directives.register", "document__unit__path"))
    return get_object_or_404(items.select_related("document__unit__organisation"), pk=pk)


def facts_of(units: Iterable[Unit], *, members: bool = True, day: date | None = None) -> dict[int, rules.UnitFacts]:
    """The units as plans and calendars see them, by key; without `members` their numbers are not counted."""
    listed = list(units)
    codes = _codes_above(listed)
    counts = org.official_members(listed, day) if members else {}
    return {unit.pk: _facts(unit, codes, counts.get(unit.pk)) for unit in listed}


def _codes_above(units: Iterable[Unit]) -> dict[int, str]:
    wanted = sorted({pk for unit in units for pk in unit.ancestor_ids[:-1]})
    codes: dict[int, str] = {}
    for start in range(0, len(wanted), BATCH):
        rows = Unit.objects.filter(pk__in=wanted[start : start + BATCH]).order_by()
        codes |= dict(rows.values_list("pk", "code"))
    return codes


def _facts(unit: Unit, codes: Mapping[int, str], members: int | None) -> rules.UnitFacts:
    above = tuple(codes[pk] for pk in unit.ancestor_ids[:-1])
    return rules.UnitFacts(unit.code, unit.level, unit.kind, above, members)


@dataclass(frozen=True)
class Cover:
    """A plan item and the units that owe its task, in the order of the tree."""

    item: PlanItem
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Cascade:
    """What putting a plan in force does: who owes what under each item, and how many older duties lapse."""

    covers: tuple[Cover, ...]
    lapsing: int = 0

    @property
    def obligations(self) -> int:
        """How many duties there are in all."""
        return sum(len(cover.units) for cover in self.covers)

    @property
    def units(self) -> int:
        """How many units owe at least one of them."""
        return len({unit.pk for cover in self.covers for unit in cover.units})


def cascade_preview(document: Document) -> Cascade:
    """Whom each item of the plan covers among today's units below the issuer; for actions, no reader is asked."""
    lapsing = lapsing_under(document).count() if document.state == Document.State.DRAFT else 0
    return Cascade(_covers(document, document.unit), lapsing)


def missing_under(document: Document, within: Unit | None = None) -> Cascade:
    """As the preview, of units that are covered and do not owe the task yet; for actions, no reader is asked."""
    return without_owed(document, Cascade(_covers(document, within or document.unit)))


def without_owed(document: Document, cascade: Cascade) -> Cascade:
    """The part of a plan's cascade that its units do not owe yet."""
    owed = set(Obligation.objects.filter(item__document=document).values_list("item", "unit"))
    return Cascade(tuple(Cover(one.item, _without(one, owed)) for one in cascade.covers))


def _without(cover: Cover, owed: set[tuple[int, int]]) -> tuple[Unit, ...]:
    return tuple(unit for unit in cover.units if (cover.item.pk, unit.pk) not in owed)


def _covers(document: Document, within: Unit) -> tuple[Cover, ...]:
    items = [(item, item.facts()) for item in items_of(document)]
    if not items:
        return ()
    units = list(org.subtree(within).exclude(pk=document.unit_id))
    facts = facts_of(units, members=False)
    return tuple(Cover(row, tuple(unit for unit in units if rules.covers(item, facts[unit.pk]))) for row, item in items)


def lapsing_under(document: Document) -> QuerySet[Obligation]:
    """The open duties of what `document` replaces; if it is not valid yet, those due before it is are left alone."""
    replaced = document.links.filter(kind=DocumentLink.Kind.REPLACES).values("target")
    duties = Obligation.objects.filter(item__document__in=replaced, state=Obligation.State.OPEN)
    return duties.filter(due__gte=document.valid_from) if document.valid_from > clock.today() else duties


def superior_items(document: Document) -> list[rules.PlanItem]:
    """The items that bind this plan: of plans in force of the units above the issuer, and of what it implements.

    An item that names units is cut to those below the issuer, and left out when none of them is.
    """
    links = document.links.all() if document.pk else DocumentLink.objects.none()
    implemented = links.filter(kind=DocumentLink.Kind.IMPLEMENTS).values("target")
    above = Q(document__unit__in=document.unit.ancestor_ids[:-1]) | Q(document__in=implemented)
    items = PlanItem.objects.filter(above, document__state=Document.State.IN_FORCE)
    current = Q(document__valid_to__isnull=True) | Q(document__valid_to__gte=document.valid_from)
    named = Prefetch("units", Unit.objects.filter(org.below(document.unit.path)))
    rows = items.filter(current).select_related("document__unit__organisation").prefetch_related(named)
    return [fact for row in rows if (fact := row.facts()).mode != "named" or fact.units]


def plans_above(unit: Unit) -> QuerySet[Document]:
    """The plans in force today that lay tasks on units below any unit above `unit`; for jobs, no reader is asked."""
    current = Q(valid_to__isnull=True) | Q(valid_to__gte=clock.today())
    rows = Document.objects.filter(current, state=Document.State.IN_FORCE, unit__in=unit.ancestor_ids)
    return rows.filter(items__isnull=False).distinct().select_related("unit__organisation")


def plan_windows(units: Iterable[Unit], day: date | None = None) -> tuple[rules.Obligation, ...]:
    """The congress windows that plans in force on `day` set for `units`, made out to each unit's code, by due day.

    They have the shape of `cycle.rules.congress_plan`; the units are of one organisation.
    """
    listed = list(units)
    if not listed:
        return ()
    law: rules.Law = listed[0].rules.laws["directives"]
    tasks = [key for key, task in law.tasks.items() if task.congress]
    items = _items_in_force(listed, day or clock.today()).filter(task__in=tasks)
    facts = [item.facts() for item in items]
    return rules.obligations_due(facts, facts_of(listed, members=False).values()) if facts else ()


def _items_in_force(units: Iterable[Unit], day: date) -> QuerySet[PlanItem]:
    """The items of plans in force of any unit above one of `units`."""
    issuers = {pk for unit in units for pk in unit.ancestor_ids[:-1]}
    current = Q(document__valid_to__isnull=True) | Q(document__valid_to__gte=day)
    items = PlanItem.objects.filter(current, document__state=Document.State.IN_FORCE)
    plans = items.order_by().values_list("document__unit", flat=True).distinct()
    binding = items.filter(document__unit__in=issuers & set(plans))
    return binding.select_related("document__unit__organisation").prefetch_related("units")
