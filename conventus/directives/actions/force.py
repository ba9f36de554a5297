"""Verbs that put a document in force, extend it to new units, and withdraw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.db.models import F, QuerySet

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.directives import reads
from conventus.directives.actions.checks import check_items, refuse_unless_draft, refuse_withdrawn
from conventus.directives.models import Document, DocumentLink, Obligation, PlanItem
from conventus.org.models import Unit
from conventus.org.rules import clean_text

refusal_texts(
    "directives",
    {
        "not_in_force": N_("%(symbol)s is not in force. Put it in force first."),
    },
)

DAY = timedelta(days=1)


@action("directives.issue")
def put_in_force(actor: User, document: Document) -> reads.Cascade:
    """Put a document in force: each unit that an item covers owes its task; what it replaces ends, with its duties."""
    refuse_unless_draft(document)
    check_items(document)
    cascade = reads.cascade_preview(document)
    lapsed = _lapse(reads.lapsing_under(document))
    _end_replaced(document)
    document.state, document.enforced_on = Document.State.IN_FORCE, clock.today()
    document.save()
    _owe(cascade.covers)
    note(obligations=_counts(cascade), lapsed=lapsed)
    return replace(cascade, lapsing=lapsed)


def _owe(covers: Iterable[reads.Cover]) -> None:
    rows = (_obligation(cover.item, unit) for cover in covers for unit in cover.units)
    Obligation.objects.bulk_create(rows, batch_size=1_000)


def _obligation(item: PlanItem, unit: Unit) -> Obligation:
    return Obligation(item=item, unit=unit, task=item.task, start=item.start, due=item.due)


def _counts(cascade: reads.Cascade) -> dict[str, int]:
    return {str(cover.item.pk): len(cover.units) for cover in cascade.covers if cover.units}


def _lapse(obligations: QuerySet[Obligation]) -> int:
    return obligations.update(state=Obligation.State.LAPSED, version=F("version") + 1)


def _end_replaced(document: Document) -> None:
    """A replaced document is valid until the day before; one that had ended earlier keeps its last day."""
    replaced = Document.objects.filter(linked_from__document=document, linked_from__kind=DocumentLink.Kind.REPLACES)
    for old in replaced.filter(state=Document.State.IN_FORCE):
        last = max(old.valid_from, document.valid_from - DAY)
        old.state, old.valid_to = Document.State.REPLACED, min(old.valid_to or last, last)
        old.version += 1
        old.save()
    note(replaced=list(replaced.values_list("pk", flat=True)))


@action("directives.issue")
def extend(actor: User, document: Document, *, within: Unit | None = None) -> reads.Cascade:
    """Lay the plan's tasks on units founded since it was put in force (`within`: on those there); it may run again."""
    if document.state != Document.State.IN_FORCE:
        raise Refusal("directives.not_in_force", symbol=document.symbol)
    cascade = reads.missing_under(document, within)
    _owe(cascade.covers)
    note(obligations=_counts(cascade))
    return cascade


@action("directives.issue")
def withdraw(actor: User, document: Document, *, reason: str) -> Document:
    """Withdraw a document, or drop a draft: its open duties lapse."""
    refuse_withdrawn(document)
    if not reason.strip():
        raise Refusal("directives.reason_missing", field="reason")
    lapsed = _lapse(Obligation.objects.filter(item__document=document, state=Obligation.State.OPEN))
    document.state, document.withdrawn_on = Document.State.WITHDRAWN, clock.today()
    document.withdrawn_because = clean_text(reason)
    document.save()
    note(lapsed=lapsed)
    return document
