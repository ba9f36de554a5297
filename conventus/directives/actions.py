"""Verbs of the register: documents and what they do to each other, plan items, obligations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.files.base import File
from django.db.models import F, QuerySet

from conventus.core import clock, files
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.directives import reads, rules
from conventus.directives.models import Document, DocumentLink, Obligation, PlanItem
from conventus.org.models import Unit
from conventus.org.names import fold
from conventus.org.rules import clean_text, each_of, raise_all

refusal_texts(
    "directives",
    {
        "not_draft": N_("%(symbol)s was put in force on %(day)s. Register a new document that replaces it."),
        "fixed": N_("%(symbol)s is in force: this part of it is fixed. Register a new document that replaces it."),
        "not_in_force": N_("%(symbol)s is not in force. Put it in force first."),
        "withdrawn_already": N_("%(symbol)s was withdrawn on %(day)s already."),
        "reason_missing": N_("Say why. The reason is shown to everybody who sees it."),
        "other_organisation": N_("%(symbol)s belongs to another organisation. Choose a document of this one."),
        "unit_not_below": N_("“%(unit)s” does not lie below the issuer. Choose units below it."),
        "level_unknown": N_("The rule pack has no level “%(level)s” below the issuer. Choose another one."),
        "fulfilled_elsewhere": N_("This is reported done by itself when the congress has been held."),
        "evidence_missing": N_("Say what shows that it is done: a document's symbol, a date, where it is kept."),
        "done_in_future": N_("%(day)s is still to come. Enter the day on which it was done."),
        "done_before_plan": N_("%(day)s lies before the plan was issued (%(issued)s). Enter the day it was done."),
        "not_open": N_("This duty is not open any more. Look at its new state."),
        "not_done": N_("This duty has not been reported done."),
    },
)

DAY = timedelta(days=1)
Kind = DocumentLink.Kind
Documents = Iterable[Document]


# Documents --------------------------------------------------------------------------------------------------------


@action("directives.register")
def register_document(
    actor: User,
    unit: Unit,
    *,
    type: str,
    number: str,
    issuer_code: str,
    title: str,
    issued_on: date,
    issuing_body: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    summary: str = "",
    implements: Documents = (),
    replaces: Documents = (),
    file: File[Any] | None = None,
    sample: bool = False,
) -> Document:
    """Enter a document that `unit` issues into the register, as a draft."""
    document = Document(unit=unit, type=type, sample=sample)
    document.number, document.issuer_code = clean_text(number), clean_text(issuer_code)
    document.issued_on, document.valid_from, document.valid_to = issued_on, valid_from or issued_on, valid_to
    _describe(document, title, issuing_body or unit.name, summary)
    links = {Kind.IMPLEMENTS.value: tuple(implements), Kind.REPLACES.value: tuple(replaces)}
    _check(document, links)
    document.file = files.store(actor, file) if file else None
    document.save()
    _link(document, links)
    return document


@action("directives.register")
def change_document(
    actor: User,
    document: Document,
    *,
    type: str,
    number: str,
    issuer_code: str,
    title: str,
    issued_on: date,
    issuing_body: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    summary: str = "",
    implements: Documents = (),
    replaces: Documents = (),
    file: File[Any] | None = None,
    remove_file: bool = False,
) -> Document:
    """Correct a document; once it was put in force, only title, issuing body, summary and file."""
    before = _fixed(document)
    document.type, document.number, document.issuer_code = type, clean_text(number), clean_text(issuer_code)
    document.issued_on, document.valid_from, document.valid_to = issued_on, valid_from or issued_on, valid_to
    links = {Kind.IMPLEMENTS.value: tuple(implements), Kind.REPLACES.value: tuple(replaces)}
    _refuse_fixed(document, before, links)
    _describe(document, title, issuing_body or document.unit.name, summary)
    _change_file(actor, document, file, remove_file)
    if document.state == Document.State.DRAFT:
        _check(document, links)
        document.links.filter(kind__in=links).delete()
        _link(document, links)
        _check_items(document)
    document.save()
    return document


FIXED = ("type", "number", "issuer_code", "issued_on", "valid_from", "valid_to")


def _fixed(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in FIXED}


def _refuse_fixed(document: Document, before: Mapping[str, Any], links: Mapping[str, Collection[Document]]) -> None:
    if document.state == Document.State.DRAFT:
        return
    if document.state == Document.State.WITHDRAWN:
        raise Refusal("directives.withdrawn_already", symbol=document.symbol, day=document.withdrawn_on)
    after = _fixed(document)
    changed = [name for name in FIXED if before[name] != after[name]]
    held = {kind: set(document.links.filter(kind=kind).values_list("target", flat=True)) for kind in links}
    changed += [kind for kind, chosen in links.items() if held[kind] != {one.pk for one in chosen}]
    raise_all(Refusal("directives.fixed", field=name, symbol=document.symbol) for name in changed)


def _describe(document: Document, title: str, issuing_body: str, summary: str) -> None:
    document.symbol = rules.symbol(document.number, document.type, document.issuer_code)
    document.title, document.issuing_body = clean_text(title), clean_text(issuing_body)
    document.summary = summary.strip()
    document.folded = fold(f"{document.symbol} {document.title} {document.issuing_body}")


def _change_file(actor: User, document: Document, file: File[Any] | None, remove: bool) -> None:
    if file:
        document.file = files.store(actor, file)
    elif remove:
        document.file = None


def _check(document: Document, links: Mapping[str, Collection[Document]]) -> None:
    """Ask the law about the document and its links; what it only warns about goes into the minute book."""
    needed = {"issuer_code": document.issuer_code, "title": document.title}
    raise_all(Refusal("core.required", field=name, name=name) for name, value in needed.items() if not value)
    _check_organisation(document, (one for chosen in links.values() for one in chosen))
    warnings = rules.check_document(
        document.law,
        document.facts(),
        reads.keys_of(document.unit, apart_from=document),
        [one.facts() for one in links.get(Kind.IMPLEMENTS, ())],
        [one.facts() for one in links.get(Kind.REPLACES, ())],
    )
    if warnings:
        note(warnings=[[finding.code, dict(finding.params)] for finding in warnings])


def _check_organisation(document: Document, others: Documents) -> None:
    home = document.unit.organisation_id
    strangers = [one.symbol for one in others if one.unit.organisation_id != home]
    raise_all(Refusal("directives.other_organisation", symbol=symbol) for symbol in strangers)


def _link(document: Document, links: Mapping[str, Collection[Document]]) -> None:
    rows = [DocumentLink(document=document, target=one, kind=kind) for kind, chosen in links.items() for one in chosen]
    DocumentLink.objects.bulk_create(rows)
    note(**{kind: [one.pk for one in chosen] for kind, chosen in links.items() if chosen})


@action("directives.register")
def link_document(actor: User, document: Document, *, target: Document, kind: str) -> Document:
    """Say that the document implements, guides or amends another one; what it replaces is fixed once it is in force."""
    _refuse_link(document, kind)
    _check_organisation(document, [target])
    raise_all(_link_refusals(document, target, kind))
    DocumentLink.objects.get_or_create(document=document, target=target, kind=kind)
    note(linked=[kind, target.pk])
    return document


@action("directives.register")
def unlink_document(actor: User, document: Document, *, target: Document, kind: str) -> Document:
    """Take back a relation that was entered by mistake."""
    _refuse_link(document, kind)
    document.links.filter(target=target, kind=kind).delete()
    note(unlinked=[kind, target.pk])
    return document


def _refuse_link(document: Document, kind: str) -> None:
    if document.state == Document.State.WITHDRAWN:
        raise Refusal("directives.withdrawn_already", symbol=document.symbol, day=document.withdrawn_on)
    if kind == Kind.REPLACES and document.state != Document.State.DRAFT:
        raise Refusal("directives.fixed", field="kind", symbol=document.symbol)


def _link_refusals(document: Document, target: Document, kind: str) -> Iterator[Refusal]:
    """What the law says of one relation: guiding is judged as implementing, amending as replacing across types."""
    this, other = document.facts(), target.facts()
    upward = kind in (Kind.IMPLEMENTS, Kind.GUIDES)
    try:
        rules.check_document(document.law, this, (), [other] if upward else (), () if upward else [other])
    except Refusal as refusal:
        for one in each_of(refusal):
            if not (kind == Kind.AMENDS and one.code == "directives.replaces_other_type"):
                one.field = "target"
                yield one


# Plan items -------------------------------------------------------------------------------------------------------


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
    _refuse_unless_draft(document)
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
    _refuse_unless_draft(item.document)
    named = _fill(item, task, text, level, kinds, mode, units, provision, start, due)
    item.save()
    item.units.set(named)
    note(units=[unit.pk for unit in named])
    _touch(item.document)
    return item


@action("directives.register")
def remove_item(actor: User, document: Document, *, item: PlanItem) -> Document:
    """Take a task out of a plan that is still a draft."""
    _refuse_unless_draft(document)
    note(removed=item.minutes())
    document.items.filter(pk=item.pk).delete()
    _touch(document)
    return document


def _refuse_unless_draft(document: Document) -> None:
    if document.state != Document.State.DRAFT:
        raise Refusal("directives.not_draft", symbol=document.symbol, day=document.enforced_on or document.withdrawn_on)


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


def _check_items(document: Document) -> None:
    """Check every item against the document as it is about to be, telling all that is wrong at once."""
    superior, found = reads.superior_items(document), []
    for item in reads.items_of(document):
        item.document = document
        try:
            rules.check_item(document.law, item.facts(), document.facts(), superior)
        except Refusal as refusal:
            found += [_of_item(one, item) for one in each_of(refusal)]
    raise_all(found)


def _of_item(refusal: Refusal, item: PlanItem) -> Refusal:
    refusal.field = f"item-{item.pk}"
    return refusal


# In force ---------------------------------------------------------------------------------------------------------


@action("directives.issue")
def put_in_force(actor: User, document: Document) -> reads.Cascade:
    """Put a document in force: each unit that an item covers owes its task; what it replaces ends, with its duties."""
    _refuse_unless_draft(document)
    _check_items(document)
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
    replaced = Document.objects.filter(linked_from__document=document, linked_from__kind=Kind.REPLACES)
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
    if document.state == Document.State.WITHDRAWN:
        raise Refusal("directives.withdrawn_already", symbol=document.symbol, day=document.withdrawn_on)
    if not reason.strip():
        raise Refusal("directives.reason_missing", field="reason")
    lapsed = _lapse(Obligation.objects.filter(item__document=document, state=Obligation.State.OPEN))
    document.state, document.withdrawn_on = Document.State.WITHDRAWN, clock.today()
    document.withdrawn_because = clean_text(reason)
    document.save()
    note(lapsed=lapsed)
    return document


# Obligations ------------------------------------------------------------------------------------------------------


@action(reads.FULFIL)
def fulfil(actor: User, obligation: Obligation, *, evidence: str, on: date | None = None) -> Obligation:
    """Report a duty done, with what shows it; a congress is reported by the room that holds it."""
    day = on or clock.today()
    if obligation.state != Obligation.State.OPEN:
        raise Refusal("directives.not_open")
    if obligation.item.congress and not actor.is_system:
        raise Refusal("directives.fulfilled_elsewhere")
    raise_all(_fulfil_refusals(obligation, evidence, day))
    obligation.state, obligation.done_on, obligation.done_by = Obligation.State.DONE, day, actor
    obligation.evidence = clean_text(evidence)
    obligation.save()
    return obligation


def _fulfil_refusals(obligation: Obligation, evidence: str, day: date) -> Iterator[Refusal]:
    issued = obligation.item.document.issued_on
    if not evidence.strip():
        yield Refusal("directives.evidence_missing", field="evidence")
    if day > clock.today():
        yield Refusal("directives.done_in_future", field="on", day=day)
    elif day < issued:
        yield Refusal("directives.done_before_plan", field="on", day=day, issued=issued)


@action(reads.FULFIL)
def reopen(actor: User, obligation: Obligation, *, reason: str) -> Obligation:
    """Open a duty again that was reported done by mistake."""
    if obligation.state != Obligation.State.DONE:
        raise Refusal("directives.not_done")
    if obligation.item.congress and not actor.is_system:
        raise Refusal("directives.fulfilled_elsewhere")
    if not reason.strip():
        raise Refusal("directives.reason_missing", field="reason")
    obligation.state, obligation.done_on, obligation.done_by = Obligation.State.OPEN, None, None
    obligation.evidence, obligation.reopened_because = "", clean_text(reason)
    obligation.save()
    return obligation
