"""A plan taken back as a whole: every row stands again as it stood, unless something has come to depend on the plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, ForeignObjectRel, Q
from django.utils.translation import gettext as _

from conventus.core.models import Entry
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.org.imports.bulk import update_rows
from conventus.org.models import (
    Displaced,
    Holding,
    Membership,
    ReorganisationPlan,
    Succession,
    Unit,
    UnitState,
)
from conventus.org.names import fold

refusal_texts(
    "org",
    {
        "undo_changed": N_("“%(unit)s” was changed after the plan took effect. It cannot be taken back any more."),
        "undo_members": N_(
            "%(count)s members of “%(unit)s” and other new units joined, moved or left since. Move them back first."
        ),
        "undo_rows": N_("%(count)s rows (%(what)s) belong to units that the plan founded. Remove them first."),
    },
)


def against(plan: ReorganisationPlan) -> list[Refusal]:
    """Everything that has come to depend on the plan."""
    return [*_changed_units(plan), *_changed_members(plan), *_rows_of_founded(plan)]


def founded_by(plan: ReorganisationPlan) -> list[int]:
    """The keys of the units that the plan founded."""
    codes: list[str] = plan.outcome.get("founded_codes", [])
    return list(Unit.objects.filter(organisation=plan.organisation_id, code__in=codes).values_list("pk", flat=True))


def _changed_units(plan: ReorganisationPlan) -> Iterator[Refusal]:
    states = UnitState.objects.filter(plan=plan).exclude(unit__version=F("unit_version"))
    for code in states.values_list("unit__code", flat=True)[:20]:
        yield Refusal("org.undo_changed", unit=code)


def _changed_members(plan: ReorganisationPlan) -> Iterator[Refusal]:
    """Memberships that the plan began and that were changed since, or that others have begun in its units."""
    begun = Membership.objects.filter(begun_by=plan).filter(Q(version__gt=1) | Q(ended_by__isnull=False))
    kept = plan.displaced.filter(table="membership").values("key")
    others = Membership.objects.filter(unit__in=founded_by(plan)).exclude(begun_by=plan).exclude(pk__in=kept)
    rows = list(begun.values_list("unit__code", flat=True)) + list(others.values_list("unit__code", flat=True))
    if rows:
        yield Refusal("org.undo_members", count=len(rows), unit=rows[0])


def _rows_of_founded(plan: ReorganisationPlan) -> Iterator[Refusal]:
    """Rows of whatever room that refer to a unit which the plan founded."""
    founded = founded_by(plan)
    for relation in Unit._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.related_model in (Membership, UnitState):
            continue
        model: Any = relation.related_model
        rows = model._default_manager.filter(**{f"{relation.field.name}__in": founded})
        if model is Succession:
            rows = rows.exclude(plan=plan)
        elif model is Unit:
            rows = rows.exclude(pk__in=founded).exclude(states__plan=plan)
        if count := rows.count():
            yield Refusal("org.undo_rows", count=count, what=_named(model))


def _named(model: Any) -> str:
    return _("lines of the minute book") if model is Entry else str(model._meta.verbose_name_plural)


# Taking back ----------------------------------------------------------------------------------

RETURN = """
    UPDATE org_membership SET valid_to = NULL, ended_by_id = NULL, version = version + 1 WHERE ended_by_id = %s
"""


def take_back(plan: ReorganisationPlan) -> dict[str, int]:
    """Put everything back; the caller has asked `against` before, and is in a transaction."""
    founded = founded_by(plan)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM org_membership WHERE begun_by_id = %s", [plan.pk])
        cursor.execute(RETURN, [plan.pk])
        members = int(cursor.rowcount)
    _put_back_displaced(plan)
    states = list(UnitState.objects.filter(plan=plan).select_related("unit"))
    update_rows(Unit, [(_as_it_was(state), state.unit_id) for state in states])
    UnitState.objects.filter(plan=plan).delete()
    plan.successions.all().delete()
    plan.placements.filter(by_rule=True).delete()
    _remove(founded)
    return {"units": len(states), "removed": len(founded), "members": members}


def _as_it_was(state: UnitState) -> dict[str, Any]:
    return {
        "level": state.level,
        "kind": state.kind,
        "name": state.name,
        "folded": fold(f"{state.name} {state.unit.code}"),
        "parent_id": state.parent_id,
        "path": state.path,
        "valid_to": state.unit_until,
    }


def _put_back_displaced(plan: ReorganisationPlan) -> None:
    rows = list(plan.displaced.all())
    for table, model in (("membership", Membership), ("holding", Holding)):
        values = [(_kept(row), row.key) for row in rows if row.table == table]
        update_rows(model, values)
    Displaced.objects.filter(plan=plan).delete()


def _kept(row: Displaced) -> dict[str, Any]:
    until = row.before["valid_to"]
    values: dict[str, Any] = {"valid_to": date.fromisoformat(until) if until else None}
    if "unit" in row.before:
        values["unit_id"] = row.before["unit"]
    return values


def _remove(founded: list[int]) -> None:
    """Remove units that nothing refers to any more; among themselves those below first."""
    rows = Unit.objects.filter(pk__in=founded).order_by("-path").values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM org_unit WHERE id = %s", [(pk,) for pk in rows])
