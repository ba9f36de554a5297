"""Queries of documents, reader first; what a reader may not see is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from conventus.core.models import Entry
from conventus.core.rights import Reader, allowing, scopes, visible, within
from conventus.directives import rules
from conventus.directives.models import Document, DocumentLink, PlanItem
from conventus.org import reads as org
from conventus.org.models import STEP, Unit
from conventus.org.names import fold


def documents_of(reader: Reader) -> QuerySet[Document]:
    """The documents that `reader` may see: all of the units seen by right, and what was put in force above them."""
    paths = scopes(reader, "directives.view")
    binding = Q(enforced_on__isnull=False, unit__path__in=_paths_above(paths))
    return Document.objects.filter(within(paths, "unit__path") | binding).select_related("unit__organisation", "file")


def _paths_above(paths: Iterable[str]) -> set[str]:
    return {path[:end] for path in paths for end in range(STEP, len(path), STEP)}


def document_for(reader: Reader, pk: int) -> Document:
    """A document that `reader` may see; 404 otherwise."""
    return get_object_or_404(documents_of(reader), pk=pk)


def own_document_for(reader: Reader, pk: int, permission: str = "directives.register") -> Document:
    """A document that `reader` sees and on whose issuer `reader` has `permission`; 404 otherwise, also from below."""
    return get_object_or_404(documents_of(reader).filter(visible(reader, permission, "unit__path")), pk=pk)


def search_documents(reader: Reader, text: str, documents: QuerySet[Document] | None = None) -> QuerySet[Document]:
    """The reader's documents with every word of `text` in symbol, title or issuing body, marks and case aside."""
    found = documents_of(reader) if documents is None else documents
    for word in fold(text).split():
        found = found.filter(folded__contains=word)
    return found


def in_force_on(documents: QuerySet[Document], day: date) -> QuerySet[Document]:
    """Those of `documents` that are in force on `day`: put in force at some time, valid then, not withdrawn."""
    valid = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    kept = documents.exclude(state=Document.State.WITHDRAWN)
    return kept.filter(valid, enforced_on__isnull=False, valid_from__lte=day)


def standing_as(documents: QuerySet[Document], standing: str, day: date) -> QuerySet[Document]:
    """Those of `documents` whose `Document.standing` on `day` is `standing`; an unknown word filters nothing."""
    states = Document.State
    bound = documents.exclude(state__in=[states.DRAFT, states.WITHDRAWN])
    over = bound.filter(valid_from__lte=day, valid_to__lt=day)
    choices = {
        "draft": documents.filter(state=states.DRAFT),
        "withdrawn": documents.filter(state=states.WITHDRAWN),
        "coming": bound.filter(valid_from__gt=day),
        "in_force": in_force_on(documents, day),
        "replaced": over.filter(state=states.REPLACED),
        "expired": over.exclude(state=states.REPLACED),
    }
    return choices.get(standing, documents)


def seen_numbers(documents: QuerySet[Document]) -> QuerySet[Document]:
    """`documents` with `number_seen`: whether the issuer has another one with the same symbol (rulebook T1)."""
    others = Document.objects.filter(unit=OuterRef("unit"), symbol=OuterRef("symbol")).exclude(pk=OuterRef("pk"))
    return documents.annotate(number_seen=Exists(others))


def issuers_of(reader: Reader, permission: str = "directives.register") -> QuerySet[Unit]:
    """The units for which `reader` may register documents, in the order of the tree."""
    return org.existing(Unit.objects.filter(visible(reader, permission))).select_related("organisation")


def issuer_for(reader: Reader, pk: int) -> Unit:
    """A unit for which `reader` may register documents; 404 otherwise."""
    return org.unit_for(reader, pk, "directives.register")


def keys_of(unit: Unit, apart_from: Document | None = None) -> tuple[rules.DocumentKey, ...]:
    """The keys of the unit's documents; for actions, no reader is asked."""
    rows = unit.documents.exclude(pk=(apart_from and apart_from.pk) or 0)
    named = rows.values_list("number", "type", "issuer_code", "issued_on")
    return tuple(rules.DocumentKey(*row, unit.code) for row in named)


def same_symbol(document: Document) -> QuerySet[Document]:
    """The other documents of the issuer with the same symbol: a number alone is not unique (rulebook T1)."""
    rows = Document.objects.filter(unit=document.unit_id, symbol=document.symbol)
    return rows.exclude(pk=document.pk).select_related("unit__organisation")


def history_of(reader: Reader, document: Document) -> QuerySet[Entry]:
    """The minute-book lines about a document and its items, newest first, for those who see its issuer by right."""
    if allowing(reader, "directives.view", document.unit) is None:
        return Entry.objects.none()
    items = document.items.order_by().values("pk")
    about = Q(subject_type=Document._meta.label_lower, subject_id=document.pk)
    about |= Q(subject_type=PlanItem._meta.label_lower, subject_id__in=items)
    return Entry.objects.filter(about).select_related("actor").order_by("-seq")


def links_of(reader: Reader, document: Document) -> dict[str, list[DocumentLink]]:
    """What the document does (`implements`) and what is done to it (`implements_by`), as far as `reader` sees it."""
    seen = documents_of(reader).order_by().values("pk")
    rows = DocumentLink.objects.filter(
        Q(document=document, target__in=seen) | Q(target=document, document__in=seen)
    ).select_related("document__unit__organisation", "target__unit__organisation")
    found: dict[str, list[DocumentLink]] = defaultdict(list)
    for link in rows:
        found[link.kind if link.document_id == document.pk else f"{link.kind}_by"].append(link)
    return found
