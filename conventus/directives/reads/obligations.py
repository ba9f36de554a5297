"""Queries of obligations, reader first, and what they put on My desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conventus.core.desk import DeskItem, in_order
from conventus.core.models import Entry
from conventus.core.rights import Reader, scopes, visible
from conventus.core.rules import Citation
from conventus.directives.models import Document, Obligation, PlanItem
from conventus.org import reads as org
from conventus.org.models import Unit
from conventus.org.names import fold

FULFIL = "cycle.prepare"
"""The right to record that a unit has done its duty: that of those who prepare its congress."""


def obligations_of(reader: Reader, unit: Unit | None = None) -> QuerySet[Obligation]:
    """The obligations that `reader` may see, of all units or of `unit` and those below it, by due day."""
    rows = Obligation.objects.filter(visible(reader, "directives.view", "unit__path"))
    if unit is not None:
        rows = rows.filter(org.below(unit.path, "unit__path"))
    return rows.select_related("item__document__unit__organisation", "unit__organisation", "done_by")


def obligation_for(reader: Reader, pk: int) -> Obligation:
    """An obligation that `reader` may see; 404 otherwise."""
    return get_object_or_404(obligations_of(reader), pk=pk)


def open_under(document: Document) -> QuerySet[Obligation]:
    """The open obligations of a plan that the reader has already been let see."""
    return Obligation.objects.filter(item__document=document, state=Obligation.State.OPEN)


def of_own_units(obligations: QuerySet[Obligation], reader: Reader) -> QuerySet[Obligation]:
    """Those of the units that `reader` has a grant on, without the units below them."""
    return obligations.filter(unit__path__in=[path for path in scopes(reader, "directives.view") if path])


def units_viewed_by(reader: Reader) -> QuerySet[Unit]:
    """The units whose obligations `reader` may see."""
    return Unit.objects.filter(visible(reader, "directives.view")).select_related("organisation")


def open_obligations(unit_ids: Iterable[int]) -> QuerySet[Obligation]:
    """The open obligations of the units with these keys, by due day; for other rooms, no reader is asked."""
    rows = Obligation.objects.filter(unit__in=list(unit_ids), state=Obligation.State.OPEN)
    return rows.select_related("item__document__unit__organisation", "unit__organisation")


def obligation_history_of(obligation: Obligation) -> QuerySet[Entry]:
    """The minute-book lines about an obligation that the reader has already been let see, newest first."""
    about = Entry.objects.filter(subject_type=Obligation._meta.label_lower, subject_id=obligation.pk)
    return about.select_related("actor").order_by("-seq")


def standing_of(obligations: QuerySet[Obligation], standing: str, day: date) -> QuerySet[Obligation]:
    """Those that are `open`, `due`, `overdue`, `done` or `lapsed` on `day`; an unknown word filters nothing."""
    open_ones = obligations.filter(state=Obligation.State.OPEN)
    choices = {
        "open": open_ones,
        "due": open_ones.filter(due__gte=day),
        "overdue": open_ones.filter(due__lt=day),
        "done": obligations.filter(state=Obligation.State.DONE),
        "lapsed": obligations.filter(state=Obligation.State.LAPSED),
    }
    return choices.get(standing, obligations)


def search_obligations(obligations: QuerySet[Obligation], text: str) -> QuerySet[Obligation]:
    """Those whose unit has every word of `text` in its name or code; marks and case do not matter."""
    for word in fold(text).split():
        obligations = obligations.filter(unit__folded__contains=word)
    return obligations


def item_counts(reader: Reader, document: Document, day: date) -> dict[int, dict[str, int]]:
    """For each item of a plan, how many of the obligations that `reader` sees are done, due and overdue on `day`."""
    rows = obligations_of(reader).filter(item__document=document).exclude(state=Obligation.State.LAPSED)
    late = Count("pk", filter=Q(state=Obligation.State.OPEN, due__lt=day))
    counts: dict[int, dict[str, int]] = {}
    for item, state, all_, overdue in rows.order_by().values_list("item", "state").annotate(all=Count("pk"), late=late):
        found = counts.setdefault(item, {"done": 0, "due": 0, "overdue": 0})
        found["done"] += all_ if state == Obligation.State.DONE else 0
        found["due"] += all_ - overdue if state == Obligation.State.OPEN else 0
        found["overdue"] += overdue
    return counts


def day_counts(obligations: QuerySet[Obligation], day: date) -> list[tuple[date, str, int]]:
    """How many of `obligations` are due on each day, by how they stand on `day`; lapsed ones are left out."""
    rows = obligations.exclude(state=Obligation.State.LAPSED).order_by()
    grouped = rows.values_list("due", "state").annotate(count=Count("pk")).order_by("due", "state")
    return [(due, _standing(state, due, day), count) for due, state, count in grouped]


def _standing(state: str, due: date, day: date) -> str:
    return "done" if state == Obligation.State.DONE else "overdue" if due < day else "due"


def counts_of(obligations: QuerySet[Obligation], day: date) -> dict[str, int]:
    """How many of `obligations` are `done`, `due`, `overdue` or `lapsed` on `day`; `total` is without the lapsed."""
    late = Count("pk", filter=Q(state=Obligation.State.OPEN, due__lt=day))
    rows = obligations.order_by().values("state").annotate(count=Count("pk"), late=late)
    by_state = {row["state"]: row["count"] for row in rows}
    overdue = sum(row["late"] for row in rows)
    counts = {"done": by_state.get("done", 0), "due": by_state.get("open", 0) - overdue, "overdue": overdue}
    return counts | {"total": sum(counts.values()), "lapsed": by_state.get("lapsed", 0)}


def desk_items(reader: Reader, today: date) -> list[DeskItem]:
    """What `reader` has to see to, for My desk: each duty of the units that the reader answers for, by due day.

    Duties of the units below them are theirs: one item per task says how many still owe it. Congresses themselves
    are left out, because the room `cycle` puts them on the desk.
    """
    roots = [path for path in scopes(reader, FULFIL) if path]
    open_ones = obligations_of(reader).filter(state=Obligation.State.OPEN)
    own = [_desk_item(row, today) for row in open_ones.filter(unit__path__in=roots) if not row.item.by_itself]
    return in_order([*own, *(item for path in roots for item in _desk_items_below(path, today))])


def _desk_item(row: Obligation, today: date) -> DeskItem:
    return DeskItem(
        title=row.item.text,
        unit=row.unit,
        due=row.due,
        why=Citation(row.item.document.key, row.item.provision),
        url=reverse("directives:obligation", args=[row.pk]),
        verb=_("Record as done"),
        kind="directives.obligation",
        today=today,
    )


def _desk_items_below(path: str, today: date) -> list[DeskItem]:
    open_ones = Obligation.objects.filter(org.below(path, "unit__path"), state=Obligation.State.OPEN)
    below = open_ones.exclude(unit__path=path).order_by()
    counts = dict(below.values_list("item").annotate(count=Count("pk")))
    items = PlanItem.objects.filter(pk__in=counts).select_related("document__unit__organisation")
    return [_desk_item_below(item, path, counts[item.pk], today) for item in items if not item.by_itself]


def _desk_item_below(item: PlanItem, path: str, count: int, today: date) -> DeskItem:
    query = urlencode({"item": item.pk, "state": "open", "unit": Unit(path=path).ancestor_ids[-1]})
    words = ngettext("%(count)s unit below still owes it.", "%(count)s units below still owe it.", count)
    return DeskItem(
        title=item.text,
        unit=None,
        due=item.due,
        why=Citation(item.document.key, item.provision),
        url=f"{reverse('directives:obligations')}?{query}",
        verb=_("See who"),
        kind="directives.obligations_below",
        today=today,
        detail=words % {"count": count},
    )
