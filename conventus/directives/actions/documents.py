"""Verbs of documents: register, correct, relate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.core.files.base import File

from conventus.core import files
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, each_of, raise_all, refusal_texts
from conventus.directives import reads, rules
from conventus.directives.actions.checks import check_items, refuse_withdrawn
from conventus.directives.models import Document, DocumentLink
from conventus.org.models import Unit
from conventus.org.names import fold
from conventus.org.rules import clean_text

refusal_texts(
    "directives",
    {
        "fixed": N_("%(symbol)s is in force: this part of it is fixed. Register a new document that replaces it."),
        "other_organisation": N_("%(symbol)s belongs to another organisation. Choose a document of this one."),
    },
)

Kind = DocumentLink.Kind
Documents = Iterable[Document]


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
        check_items(document)
    document.save()
    return document


FIXED = ("type", "number", "issuer_code", "issued_on", "valid_from", "valid_to")


def _fixed(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in FIXED}


def _refuse_fixed(document: Document, before: Mapping[str, Any], links: Mapping[str, Collection[Document]]) -> None:
    if document.state == Document.State.DRAFT:
        return
    refuse_withdrawn(document)
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
        **{kind: [one.facts() for one in chosen] for kind, chosen in links.items()},
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
    refuse_withdrawn(document)
    if kind == Kind.REPLACES and document.state != Document.State.DRAFT:
        raise Refusal("directives.fixed", field="kind", symbol=document.symbol)


def _link_refusals(document: Document, target: Document, kind: str) -> Iterator[Refusal]:
    """What the law says of one relation."""
    try:
        rules.check_document(document.law, document.facts(), (), **{kind: [target.facts()]})
    except Refusal as refusal:
        for one in each_of(refusal):
            one.field = "target"
            yield one
