"""Verbs of plan items: the tasks that a plan lays on units below its issuer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.directives import reads, rules
from conventus.directives.actions.checks import refuse_unless_draft
from conventus.directives.models import Document, PlanItem
from conventus.org.models import Unit
from conventus.org.rules import clean_text

refusal_texts(
    "directives",
    {
        "unit_not_below": N_("“%(unit)s” does not lie below the issuer. Choose units below it."),
        "level_unknown": N_("The rule pack has no level “%(level)s” below the issuer. Choose another one."),
    },
)


@action("directives.register")
def add_item(
    actor: User,
    document: Document,
    *,
    task: str,
    due: date,
    text: str = "",
    level: str = "",
    kinds: Sequence[str] = (),
    mode: str = "all",
    units: Iterable[Unit] = (),
    provision: str = "",
    start: date | None = None,
) -> PlanItem:
    """Lay a task on units below the issuer; it binds them when the plan is put in force."""
    refuse_unless_draft(document)
    last = document.items.order_by("-order").values_list("order", flat=True).first() or 0
    item = PlanItem(document=document, order=last + 1)
    named = _fill(item, task, text, level, kinds, mode, units, provision, start, due)
    item.save()
    item.units.set(named)
    _touch(document)
    return item


@action("directives.register")
def change_item(
    actor: User,
    item: PlanItem,
    *,
    task: str,
    due: date,
    text: str = "",
    level: str = "",
    kinds: Sequence[str] = (),
    mode: str = "all",
    units: Iterable[Unit] = (),
    provision: str = "",
    start: date | None = None,
) -> PlanItem:
    """Change a task of a plan that is still a draft."""
    refuse_unless_draft(item.document)
    named = _fill(item, task, text, level, kinds, mode, units, provision, start, due)
    item.save()
    item.units.set(named)
    note(units=[unit.pk for unit in named])
    _touch(item.document)
    return item


@action("directives.register")
def remove_item(actor: User, document: Document, *, item: PlanItem) -> Document:
    """Take a task out of a plan that is still a draft."""
    refuse_unless_draft(document)
    note(removed=item.minutes())
    document.items.filter(pk=item.pk).delete()
    _touch(document)
    return document


def _touch(document: Document) -> None:
    """Raise the document's version: who puts it in force must have seen its items as they are."""
    document.version += 1
    document.save(update_fields=["version"])


def _fill(
    item: PlanItem,
    task: str,
    text: str,
    level: str,
    kinds: Sequence[str],
    mode: str,
    units: Iterable[Unit],
    provision: str,
    start: date | None,
    due: date,
) -> list[Unit]:
    document, named = item.document, list(units)
    item.task, item.level, item.kinds, item.mode, item.start, item.due = task, level, list(kinds), mode, start, due
    item.text, item.provision = clean_text(text) or _task_name(document, task), clean_text(provision)
    outside = [unit for unit in named if not _is_below(unit, document.unit)]
    problems = [Refusal("directives.unit_not_below", field="units", unit=unit.name) for unit in outside]
    levels = document.unit.rules.core.levels
    if level and (level not in levels or levels[level].order <= levels[document.unit.level].order):
        problems.append(Refusal("directives.level_unknown", field="level", level=level))
    raise_all(problems)
    _check_item(item, item.facts(tuple(unit.code for unit in named)))
    return named


def _task_name(document: Document, task: str) -> str:
    known = document.law.tasks.get(task)
    return known.name if known else task


def _is_below(unit: Unit, issuer: Unit) -> bool:
    return unit.path.startswith(issuer.path) and unit.pk != issuer.pk


def _check_item(item: PlanItem, facts: rules.PlanItem) -> None:
    rules.check_item(item.document.law, facts, item.document.facts(), reads.superior_items(item.document))
